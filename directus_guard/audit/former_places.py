"""Where the files of a change were on the base: a move takes nothing out of the config that counted before.

A config speaks of folders and paths. A change that moves a deployment into a folder where a check is off would silence
itself. So what moved is judged by both places, the stricter counts, until the base has the move. What is new, while
something of the base is gone, may be that under another name. What is just new is judged by its folder, and the report
says what that hides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.audit.judge import judge
from directus_guard.audit.renames import renames
from directus_guard.checks import catalogue
from directus_guard.checks.result import Failure
from directus_guard.sources.files.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.audit.options import Options
    from directus_guard.audit.purposes import BaseProject
    from directus_guard.directus.project import Project
    from directus_guard.sources.files.repository import Repository


class FormerPlaces(Struct, frozen=True):
    """Where what a change brings was on the base."""

    places: Mapping[str, tuple[str, ...]] = {}
    """Deployments, exports and files of code, by name, and their paths on the base; of those that may replace what is gone
    the paths of all that is."""
    new: frozenset[str] = frozenset()
    """Those that the base does not have under any name."""


def former_places(project: Project, base: BaseProject | None, repository: Repository, options: Options) -> FormerPlaces:
    """What a change moved or added, as far as the config speaks of places."""
    if base is None or not (options.local or options.largest_uploads):
        return FormerPlaces()
    before, after = frozenset(_names(base.project)), frozenset(_names(project))
    if after <= before:
        return FormerPlaces()
    here = (options.store or Folder(options.root), project, ())
    moved = renames((base.store, base.project, ()), here, frozenset(repository.files))
    came = {name: moved.name_on_base(name) for name in after - before if moved.name_on_base(name) in before}
    gone = before - after - frozenset(came.values())
    new = after - before - came.keys()
    places = {name: (_path(old),) for name, old in came.items()}
    return FormerPlaces(places | (dict.fromkeys(new, tuple(sorted(set(map(_path, gone))))) if gone else {}), new)


def _names(project: Project) -> Iterator[str]:
    """What a config may speak of: deployments, exports, and files of code."""
    yield from (env.name for env in project.environments)
    yield from (export.name for export in project.exports if not export.live)
    for package in project.packages:
        yield from (token.location.path for token in package.tokens)
        yield from (address.location.path for address in package.addresses)
    yield from (held.location.path for held in project.manifest_tokens)


def _path(name: str) -> str:
    return name.partition("#")[0]


def with_former_places(options: Options, former: FormerPlaces) -> Options:
    """The options by which the change is judged: with what they say of places on the base, and a notice of it."""
    strict = replace(options, came_from=former.places)
    changed = sorted(name for name in former.places if _differ(name, options, strict))
    notices = tuple(_notice(name, former, options.base.name if options.base else "the base") for name in changed)
    return replace(strict, notices=(*options.notices, *notices))


def _differ(name: str, options: Options, strict: Options) -> bool:
    """Whether it matters where something was."""
    path = _path(name)
    return options.severities_at(path) != strict.severities_at(path, name) or options.largest_upload_at(
        name
    ) != strict.largest_upload_at(name)


def _notice(name: str, former: FormerPlaces, base: str) -> str:
    was = ", ".join(f"`{path}`" for path in former.places[name][:_MOST])
    what = f"may replace {was}, which is gone" if name in former.new else f"was {was} on {base}"
    return f"`{name}` {what}: where the config is stricter there, it counts until {base} has the change"


_MOST: Final = 3
"""Paths that a notice names."""


def as_judged(project: Project, options: Options) -> Project:
    """The project, each deployment with the threshold that counts for it."""
    if not options.came_from or not options.largest_uploads:
        return project
    environments = (replace(env, largest_upload=options.largest_upload_at(env.name)) for env in project.environments)
    return replace(project, environments=tuple(environments))


def hidden(project: Project, options: Options, former: FormerPlaces) -> tuple[str, ...]:
    """What the config of a folder hides in deployments, exports and code that are new: a notice for each."""
    off = {one.check for one in options.local if one.severity is None}
    if not former.new or not off:
        return ()
    others = tuple((check, None) for check in catalogue() if check not in off)
    shown: dict[str, dict[str, None]] = {}
    for item in judge(project, replace(options, local=(), severities=others)):
        if not isinstance(item.answer, Failure) or item.name not in former.new or not item.context.gates:
            continue
        if options.severities_at(item.place, item.name).get(item.check.id, True) is None:
            shown.setdefault(item.name, {})[item.check.id] = None
    return tuple(
        f"`{name}` is new, and the config switches off what is wrong in it: {', '.join(f'`{check}`' for check in checks)}"
        for name, checks in shown.items()
    )
