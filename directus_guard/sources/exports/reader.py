"""Exported configuration of Directus, recognised by its records: Environment Sync, directus-sync, schema-sync, templates
of directus-template-cli, and plain answers of the REST API (docs/model/exports.md).

Files are read with the standard library's decoder, record by record, so that each has its place and a hundred thousand
of them cost little; a record is recognised by its keys, and by the file's name only where the keys fit two kinds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.nesting import TOO_DEEP, TooDeepError
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.export_formats import format_of
from directus_guard.sources.exports import schema_snapshots
from directus_guard.sources.exports.assembly import export_of
from directus_guard.sources.exports.found_records import FoundRecords, read_metadata, sort_records
from directus_guard.sources.exports.tables import count_columns, named_kind, resembles
from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.records import Edition
    from directus_guard.directus.export import Export
    from directus_guard.directus.versions import Version
    from directus_guard.sources.files.repository import Repository


_FULL_NAME: Final = lazy_pattern(r"directus[_-](?:permissions|policies|access|roles)(?:_|\.)")

_OF_FRAMEWORK: Final = lazy_pattern(r"(?:\A|[^a-z])directus[_-]|\A(?:metadata|info)\.")


def read(repository: Repository, version: Version | None = None, edition: Edition | None = None) -> tuple[Export, ...]:
    """Every export, in the order of its folder. `version` and `edition`: what the user says, if they do."""
    held: dict[str, FoundRecords] = {}
    for path in _files(repository):
        read_file(repository, path, held, _SIGNS)
    folders = [folder for folder in sorted(held) if held[folder].is_export]
    for folder in folders:
        _look_again(repository, folder, held)
    snapshots = schema_snapshots.by_export(schema_snapshots.read(repository, folders), folders)
    return tuple(
        export_of(repository, folder, held[folder], snapshots.get(folder), version, edition) for folder in folders
    )


def _files(repository: Repository) -> Iterator[str]:
    """The files that may hold records. Where one is called `directus_permissions.json` or alike, files are named after
    collections, with a prefix or without, and `users.json` beside it belongs to the project's own collection of that name.
    """
    paths = registry.EXPORTS.paths(repository)
    named = {path.rpartition("/")[0] for path in paths if _FULL_NAME.match(path.rpartition("/")[2].lower())}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if folder not in named or _OF_FRAMEWORK.search(name.lower()):
            yield path


def read_file(repository: Repository, path: str, folders: dict[str, FoundRecords], signs: tuple[bytes, ...]) -> None:
    """Sort the records of one file into `folders`. `signs`: a text with none of them is passed over."""
    folder, _, name = path.rpartition("/")
    named = named_kind(name)
    above, _, table = folder.rpartition("/")
    if name.startswith("__") and named_kind(f"{table}.json"):  # one group of rows of a table (schema-sync)
        folder, named = above, named_kind(f"{table}.json")
    before = repository.troubles
    text = json_records.text(repository, path, signs)
    if text is not None:
        held = folders.setdefault(folder, FoundRecords())
        try:
            sort_records(path, text, name.lower(), named, held)
            if name.lower() in ("metadata.json", "info.json"):
                odd = read_metadata(path, json.loads(text), held)
                if odd:
                    repository.problem(path, odd)
        except json.JSONDecodeError as error:
            repository.problem(path, f"not valid JSON: {error.msg}", error.lineno, broken=True)
        except ValueError:  # the interpreter refuses to read integers of more than 4,300 digits
            repository.problem(path, "not read: a number has too many digits", broken=True)
        except (RecursionError, TooDeepError):
            repository.problem(path, TOO_DEEP, broken=True)
    if repository.troubles > before:
        held = folders.setdefault(folder, FoundRecords())
        held.unread[name] = named
        held.metadata = held.metadata or (path if name.lower() == "metadata.json" else "")
        if name.lower().startswith(("directus_", "directus-")) or resembles(text or ""):
            repository.belongs(path)
    elif text is None and (named or name.lower() == "metadata.json"):
        folders.setdefault(folder, FoundRecords()).passed_over.append(path)


def _look_again(repository: Repository, folder: str, folders: dict[str, FoundRecords]) -> None:
    """Settle what is only known once the folder is known to be an export: its files belong to it, whatever they hold."""
    held = folders[folder]
    passed_over, held.passed_over = held.passed_over, []
    for path in passed_over:
        about = path.rpartition("/")[2].lower() == "metadata.json"
        if about and not format_of(folder, held.all_records()).metadata:
            continue
        read_file(repository, path, folders, ())
    for name in held.unread:
        repository.belongs(f"{folder}/{name}".removeprefix("/"))
    for record, value in held.doubtful:
        if count_columns(value, record.kind):
            held.records.setdefault(record.kind, []).append(record)
        else:
            message = f"it is named after directus_{record.kind}, but contains something else"
            repository.problem(record.location.path, message, record.location.line, incomplete=True)
            held.unread.setdefault(record.location.path.rpartition("/")[2], record.kind)


_SIGNS: Final = (
    b'"action"', b'"admin_access"', b'"policy"', b'"role"', b'"trigger"', b'"resolve"', b'"project_name"', b'"public_registration',
    b'"parent"', b'"icon"', b'"directus"', b'"incomplete"', b'"source"', b'"snapshot"', b'"auth_login_attempts"',
)  # fmt: skip
