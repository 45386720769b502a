"""Which of the files that could not be read are part of a Directus project.

A file that is broken tells little. It belongs if a deployment names it, if it lies among the records of an export, or if
it is a manifest by its name or its keys and speaks of Directus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.files import registry
from directus_guard.sources.files.command_files import YAML
from directus_guard.sources.formats import json_document, yaml_document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.sources.collect import Evidence
    from directus_guard.sources.files.file_set import Source
    from directus_guard.sources.files.repository import Repository

_GENERIC: Final = frozenset({*YAML, "*.json"})
"""Names that say nothing: such a file is a manifest by its keys."""
_KEYS: Final = lazy_pattern(rb"(?m)^[ \t\"'-]{0,8}(?:apiVersion|services|image|env_file)[\"']?[ \t]*:")
_CORE: Final = lazy_pattern(rb"(?m)^[ \t]*(?:export[ \t]+)?(SECRET|KEY|DB_CLIENT|PUBLIC_URL|ADMIN_EMAIL)[ \t]*[=:]")
_RECORD_KEYS: Final = (b'"admin_access"', b'"app_access"', b'"policy"', b'"permissions"', b'"validation"', b'"presets"')
_ENCRYPTED: Final = (
    b"\0GITCRYPT\0",
    b"$ANSIBLE_VAULT;",
    b"age-encryption.org/",
    b"-----BEGIN AGE ",
    b"-----BEGIN PGP MESSAGE",
)
_SEARCHED: Final = 64 * 1024 * 1024
"""Bytes of a broken file that are searched for signs of Directus."""
_WORKFLOWS: Final = ".github/workflows/"


def mark(repository: Repository, evidence: Evidence) -> None:
    """Tell the repository which of its problems are about files of a Directus project."""
    broken = {problem.path for problem in repository.problems if problem.broken}
    read = {deployment.location.path for deployment in evidence.deployments}
    kinds = _Kinds(repository) if broken else None
    named = {path for deployment in evidence.deployments for path in deployment.consumed} - read
    folders = {export.location.path.rpartition("/")[0] for export in evidence.exports}
    for path in {problem.path for problem in repository.problems} - read:
        if path not in repository or path.startswith(_WORKFLOWS):
            continue
        ours = path in named or (kinds is not None and path in broken and kinds.belongs(path, folders))
        if ours and not _is_encrypted(_beginning(repository, path, 4096)):
            repository.belongs(path)


def recheck(repository: Repository, paths: Iterable[str]) -> None:
    """Note a problem for each of the files that cannot be read any more, whatever it says of Directus now."""
    noted = {problem.path for problem in repository.problems}
    for path in sorted(paths):
        if path not in repository or path in noted or "/templates/" in f"/{path}":
            continue
        ending = path.rpartition(".")[2].lower()
        if ending in ("yml", "yaml"):
            _recheck_includes(repository, path, yaml_document.documents(repository, path))
        elif ending == "json":
            json_document.document(repository, path, comments=True)
        elif ending == "toml":
            _recheck_toml(repository, path)
        elif ending in ("tf", "tofu", "hcl"):
            _recheck_hcl(repository, path)
        else:
            repository.text(path)


def _recheck_includes(repository: Repository, path: str, documents: Iterable[yaml_document.Node]) -> None:
    """A Compose file of which only includes are left that are elsewhere: what it runs is not known."""
    from directus_guard.sources.deployments import compose_project  # noqa: PLC0415 - only for files that Compose may read

    place = compose_project.unread_include(repository, path, documents)
    if place is not None:
        repository.problem(
            path, "a file that is included is not in the repository: what it runs is not known", place.line
        )


def _recheck_toml(repository: Repository, path: str) -> None:
    from directus_guard.sources.formats import toml_document  # noqa: PLC0415 - needs a grammar that few repositories need

    toml_document.document(repository, path)


def _recheck_hcl(repository: Repository, path: str) -> None:
    from directus_guard.sources.formats import hcl_document  # noqa: PLC0415 - needs a grammar that few repositories need

    hcl_document.document(repository, path)


class _Kinds:
    """What the files of a repository are by their names."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._environments = frozenset(registry.DOTENV.paths(repository))
        self._records = _named(repository, registry.EXPORTS)
        self._manifests = frozenset[str]().union(
            *(_named(repository, source) for source in (*registry.MANIFESTS, registry.DOCKERFILE))
        )

    def belongs(self, path: str, folders: set[str]) -> bool:
        """Whether a broken file is part of a Directus project. `folders`: those with an export."""
        record = path in self._records
        if record and path.rpartition("/")[0] in folders:
            return True
        data = _beginning(self._repository, path, _SEARCHED)
        if b"directus" in data.lower() and (path in self._manifests or _is_manifest(path, data)):
            return True
        if path in self._environments:
            return len(set(_CORE.findall(data))) > 1 or b"DIRECTUS" in data
        return record and sum(key in data for key in _RECORD_KEYS) > 1


def _named(repository: Repository, source: Source) -> frozenset[str]:
    """The files of a source whose names say that they are its own."""
    return frozenset(
        path for files in source.files if not _GENERIC.intersection(files.names) for path in files.named(repository)
    )


def _is_manifest(path: str, data: bytes) -> bool:
    return path.lower().endswith((".yml", ".yaml", ".json")) and _KEYS.search(data) is not None


def _is_encrypted(data: bytes) -> bool:
    return any(sign in data for sign in _ENCRYPTED)


def _beginning(repository: Repository, path: str, most: int) -> bytes:
    with repository.binary(path) as file:
        return file.read(most) if file is not None else b""
