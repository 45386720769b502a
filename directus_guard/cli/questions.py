"""What `can` and `who-can` share: the question, and what is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from directus_guard.cli.arguments import add_appearance, add_instance, add_outputs, add_reading
from directus_guard.cli.errors import UsageError, complain, did_you_mean
from directus_guard.cli.output import appearance_for, opened, output_specs
from directus_guard.cli.progress_line import shown_progress
from directus_guard.cli.revisions import git_errors, resolved, text_of, tree_of
from directus_guard.exit_code import ExitCode
from directus_guard.report.writers import ANSWER_WRITERS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from directus_guard.access_answers import Answers
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.question import Question
    from directus_guard.directus.export import Export

ACTIONS = ("create", "read", "update", "delete", "share")


def add_question(parser: argparse.ArgumentParser) -> None:
    """The action, the collection, and what narrows the question."""
    parser.add_argument("action", metavar="ACTION", help=", ".join(ACTIONS))
    parser.add_argument("what", metavar="COLLECTION[.FIELD]", help="a collection; with a field of it, or `.*`")
    parser.add_argument("--item", metavar="JSON|@FILE", help='what is known of the item: {"status": "draft"}')
    parser.add_argument("--payload", metavar="JSON|@FILE", help='what is sent: {"status": "published"}')
    parser.add_argument("--path", metavar="PATH", default=".", help="the folder to read (default: the current one)")
    parser.add_argument("--at", metavar="REF", help="read the files as this git revision has them")
    add_reading(parser, paths=False)
    add_outputs(parser, formats=ANSWER_WRITERS)
    add_appearance(parser, quiet="only the answer")
    add_instance(parser)


def asked(args: argparse.Namespace, principal: str | None) -> int:
    """Answer the question of a parsed command line, and print it. Returns the exit code."""
    specs = output_specs(args.output, ANSWER_WRITERS)
    question = _question(args)
    with shown_progress(quiet=args.quiet):
        exports, unread = _exports(args)
    if not exports and args.url:
        why = "" if unread else " Permissions can only be read with a token: set DIRECTUS_TOKEN."
        return complain(f"no permissions of the instance could be read.{why}", ExitCode.INCOMPLETE)
    if not exports and unread:
        return complain("no exported permissions could be read.", ExitCode.INCOMPLETE)
    if not exports:
        return complain("no exported permissions were found.", ExitCode.NOTHING_FOUND)
    _refuse_unknown(exports, question, principal)
    from directus_guard.audit.answers import answers

    with shown_progress(quiet=args.quiet):
        given = answers(exports, question, principal)
    for spec in specs:
        with opened(spec.path) as stream:
            ANSWER_WRITERS[spec.format](given, stream, appearance_for(args, stream))
    return ExitCode.OK if principal is None else _exit_code(given)


def _exit_code(given: Answers) -> ExitCode:
    """0: yes, everywhere; 4: an export somewhere does not decide it; 1: anything else."""
    if given.count("cannot tell"):
        return ExitCode.INCOMPLETE
    return ExitCode.OK if given.count("yes") == len(given.listed) else ExitCode.FINDINGS


def _question(args: argparse.Namespace) -> Question:
    from directus_guard.directus.access.question import Question

    if args.action not in ACTIONS:
        raise UsageError(
            f"`{args.action}` is no action; known are {', '.join(ACTIONS)}.{did_you_mean(args.action, ACTIONS)}"
        )
    collection, _, field = args.what.partition(".")
    if field and args.action in ("delete", "share"):
        raise UsageError(f"{args.action} is about whole items: ask without `.{field}`.")
    if "." in field:
        raise UsageError(f"`{field}` leads to another collection: ask for that collection and its field.")
    item, payload = _json(args.item, "--item"), _json(args.payload, "--payload")
    if item is not None and args.action == "create":
        raise UsageError("--item: what is created has no item yet; give --payload.")
    if payload is not None and args.action not in ("create", "update"):
        raise UsageError(f"--payload: {args.action} sends none.")
    return Question(args.action, collection, field or None, item, payload)


def _json(text: str | None, option: str) -> Mapping[str, Json] | None:
    """The object that an option gives, itself or in a file. Raises `UsageError`."""
    if text is None:
        return None
    source = text_of(Path(text[1:])) if text.startswith("@") else text
    try:
        value = json.loads(source)
    except ValueError as error:
        raise UsageError(f'{option}: no JSON: {error}. Write an object: {option} \'{{"status": "draft"}}\'') from None
    except RecursionError:
        raise UsageError(f"{option}: nested too deeply") from None
    if not isinstance(value, dict):
        raise UsageError(f'{option}: no object. Write {option} \'{{"status": "draft"}}\'')
    return value


def _exports(args: argparse.Namespace) -> tuple[tuple[Export, ...], bool]:
    """The exports of the folder, as a revision has it if one is named; with `--url` that of the instance alone. And whether a
    part could not be read."""
    from msgspec.structs import replace

    from directus_guard.audit.completeness import is_incomplete
    from directus_guard.cli.options import options_of
    from directus_guard.cli.request import requested
    from directus_guard.sources import collect
    from directus_guard.sources.files.repository import Repository

    options = options_of(replace(requested(args), paths=(args.path,)))
    revision = resolved(options.root, args.at) if args.at else None
    store = tree_of(revision, options.root) if revision else options.root
    repository = Repository(store, options.paths, options.exclude)
    if options.target is not None:
        from directus_guard.audit.project import ask_instance
        from directus_guard.directus.project import Project

        live = ask_instance(options.target, repository, Project(()), options).export
        found: tuple[Export, ...] = (live,) if live else ()
    else:
        with git_errors():
            found = collect.exports(repository, options.directus_version, options.edition)
    for problem in repository.problems:
        complain(f"{problem.path}: {problem.message}", ExitCode.OK)
    return found, is_incomplete(repository.problems)


def _refuse_unknown(exports: Sequence[Export], question: Question, principal: str | None) -> None:
    """A name that no export has is a typing error: raises `UsageError` with the nearest one."""
    from directus_guard.audit import answers
    from directus_guard.audit.access_table import collections_of

    known = answers.names_of_principals(exports)
    if principal is not None and not any(answers.principals_named(export, principal) for export in exports):
        raise UsageError(f"there is no role or user `{principal}`.{did_you_mean(principal, known)}")
    collections = collections_of(exports)
    if question.collection not in collections:
        raise UsageError(
            f"there is no collection `{question.collection}`.{did_you_mean(question.collection, collections)}"
        )
    fields = answers.fields_of(exports, question.collection)
    for name in question.names if fields is not None else ():
        if fields is not None and name not in fields and name != "*":
            raise UsageError(f"`{question.collection}` has no field `{name}`.{did_you_mean(name, fields)}")
