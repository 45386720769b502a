"""Finds the files that are written inside of others, also inside of each other, before the sources are read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from directus_guard.sources.files import registry
from directus_guard.sources.inner import naming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from directus_guard.sources.files.inner_file import InnerFile
    from directus_guard.sources.files.repository import Repository

_MAX_DEPTH: Final = 3
"""Files inside of files inside of files."""
_MAX_FILES: Final = 500
"""Inner files of one repository."""


def hold_all(repository: Repository) -> None:
    """Let the repository hold every inner file."""
    read: set[str] = set()
    if registry.TERRAFORM.is_present(repository) or registry.TERRAFORM_TEMPLATES.is_present(repository):
        repository.hold(repository.attempt("inner files", partial(_of_modules, repository), ()))
    for _ in range(_MAX_DEPTH):
        found = [file for file in _round(repository, read) if file.path not in repository]
        room = max(_MAX_FILES - len(repository.inner), 0)
        repository.hold(found[:room])
        if len(found) > room:
            naming.too_many(repository, repository.holder(found[room].holder))
        if not found or len(found) > room:
            return


def _round(repository: Repository, read: set[str]) -> Iterator[InnerFile]:
    """The inner files of what was not read before."""
    for source, files in (
        (registry.DIALECTS, _of_dialect),
        (registry.INNER_OF_SCRIPTS, _of_script),
        (registry.INNER_OF_OBJECTS, _of_objects),
    ):
        for path in source.paths(repository):
            key = f"{source.module}:{path}"
            if key not in read and not repository.ignored(path):
                read.add(key)
                yield from _taken(repository, path, files)


def _taken(
    repository: Repository, path: str, files: Callable[[Repository, str], Iterable[InnerFile]]
) -> tuple[InnerFile, ...]:
    found: tuple[InnerFile, ...] = repository.attempt("inner files", partial(_all, repository, path, files), ())
    return found


def _all(
    repository: Repository, path: str, files: Callable[[Repository, str], Iterable[InnerFile]]
) -> tuple[InnerFile, ...]:
    return tuple(files(repository, path))


def _of_modules(repository: Repository) -> tuple[InnerFile, ...]:
    from directus_guard.sources.inner import terraform  # noqa: PLC0415 - few repositories have modules

    return tuple(terraform.files(repository))


def _of_dialect(repository: Repository, path: str) -> Iterable[InnerFile]:
    from directus_guard.sources.inner import dialects  # noqa: PLC0415 - few repositories have such scripts

    return dialects.files(repository, path)


def _of_script(repository: Repository, path: str) -> Iterable[InnerFile]:
    from directus_guard.sources.inner import shell  # noqa: PLC0415 - few repositories have such scripts

    return shell.files(repository, path)


def _of_objects(repository: Repository, path: str) -> Iterable[InnerFile]:
    from directus_guard.sources.inner import objects  # noqa: PLC0415 - few repositories have such files

    return objects.files(repository, path)
