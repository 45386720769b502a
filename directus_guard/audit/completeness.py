"""Which of the files that could not be read make a run incomplete: those of a Directus project that gates.

With a base, what the base could not read either does not count, and what belonged to the project there counts whatever
it looks like now.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus import context
from directus_guard.directus.project import Project
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.finding import Location, Problem


def is_incomplete(problems: Iterable[Problem]) -> bool:
    """Whether a part of an export could not be read, where nothing but exports was looked at."""
    return any(problem.incomplete for problem in settled(problems, Project(())))


def settled(
    problems: Iterable[Problem],
    project: Project,
    base: tuple[Sequence[Problem], Project] | None = None,
    *,
    nonproduction: bool = False,
) -> tuple[Problem, ...]:
    """The problems in their order, each marked as incomplete or not.

    `base`: what could not be read of the same folder before, and what it was, if that is no fault of the change.
    `nonproduction`: files of examples and tests count too.
    """
    there = {(problem.path, kind(problem)) for problem in base[0]} if base else set()
    belonged = _with_folders(files(base[1])) if base else frozenset()
    owners = _owners(project)

    def counts(problem: Problem) -> bool:
        if problem.out_of_time:
            return True
        if (problem.path, kind(problem)) in there:
            return False
        if not (problem.incomplete or problem.path in belonged):
            return False
        known = () if problem.others else owners.get(problem.path, ())
        return nonproduction or _gates(problem.path, known, project.named_folders)

    found = (replace(problem, incomplete=counts(problem)) for problem in problems)
    return tuple(sorted(found, key=lambda problem: (problem.path, problem.line, problem.message)))


def _with_folders(paths: Iterable[str]) -> frozenset[str]:
    """The paths and every folder that holds one: a folder that is not there any more hides what was in it."""
    found: set[str] = set()
    for path in paths:
        parts = path.split("/")
        found.update("/".join(parts[:length]) for length in range(1, len(parts) + 1))
    return frozenset(found)


_DETAIL: Final = lazy_pattern(r"[:(;].*|\d+", re.DOTALL)


def kind(problem: Problem) -> str:
    """What went wrong, without the details that change when lines move."""
    return _DETAIL.sub("", problem.message).strip()


def _gates(path: str, owners: Sequence[Environment], named: Sequence[str]) -> bool:
    """Whether findings in a file would gate: as its deployments say, else as its name says."""
    if owners and not _is_override(path):
        return any(env.context.gates for env in owners)
    return context.of_name(context.below(path, named)).gates


def _is_override(path: str) -> bool:
    """Whether a Compose file is put on top of another one without being asked for, in production too."""
    return path.rpartition("/")[2].lower().endswith((".override.yml", ".override.yaml"))


def _owners(project: Project) -> dict[str, list[Environment]]:
    found: dict[str, list[Environment]] = {}
    for env in project.environments:
        for path in _of_environment(env):
            found.setdefault(path, []).append(env)
    return found


def files(project: Project) -> frozenset[str]:
    """Every file that the project was read from."""
    found = {path for env in project.environments for path in _of_environment(env)}
    for export in project.exports:
        found |= set(_of_export(export))
    return frozenset(found)


def _of_environment(env: Environment) -> set[str]:
    deployment = env.deployment
    found = {deployment.location.path, *deployment.consumed, *(content.location.path for content in deployment.files)}
    for setting in env.settings.values():
        found |= {place.path for place in (setting.location, *setting.via) if place is not None}
        found |= {part.location.path for part in setting.parts}
    return found


def _of_export(export: Export) -> Iterator[str]:
    model = export.model
    yield export.location.path
    yield from (flow.location.path for flow in export.flows)
    yield from (operation.location.path for operation in export.operations)
    places: list[Location | None] = [
        *(role.location for role in model.roles),
        *(policy.location for policy in model.policies),
        *(row.location for row in model.access),
        *(row.location for row in model.permissions),
        *(user.location for user in model.users),
        export.settings.location if export.settings else None,
    ]
    if export.schema is not None:
        places += (collection.location for collection in export.schema.collections)
        places += (field.location for field in export.schema.fields)
        places += (relation.location for relation in export.schema.relations)
    yield from (place.path for place in places if place is not None)
