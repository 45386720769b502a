"""The Directus version that package.json and the lock files of npm, Yarn, pnpm and Bun name; a lock beats a range.

Lock files are searched, not parsed: their writers put the name and the version of a package next to each other, and
files of many megabytes must stay cheap.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import VersionEvidence, VersionOrigin
from directus_guard.directus.versions import Version
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments.application import folder as folder_of
from directus_guard.sources.files import registry, signs
from directus_guard.sources.files.file_set import LOCK_FILES
from directus_guard.sources.formats import json_document
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.json_document import JsonError
from directus_guard.sources.formats.values import ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.sources.files.repository import Repository

_DEPENDENCIES: Final = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_NAMES_DIRECTUS: Final = signs.says('"directus"', '"@directus/api"')
_MAX_WORKSPACES: Final = 100
"""Copies of Directus that one lock file is searched for."""
_EXACT: Final = r"([0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}(?:-[0-9A-Za-z.]{1,40})?)"
_NPM: Final = lazy_pattern(
    rf'"([^"\n]{{0,200}}?)node_modules/directus":\s{{0,20}}\{{\s{{0,40}}"version":\s{{0,4}}"{_EXACT}"'
)
_NPM_1: Final = lazy_pattern(rf'"directus":\s{{0,20}}\{{\s{{0,40}}"version":\s{{0,4}}"{_EXACT}"')
_YARN: Final = lazy_pattern(
    rf'^"?directus@[^\n]{{0,300}}:\r?\n(?:[ \t][^\n]{{0,300}}\n){{0,2}}?[ \t]+version:?[ \t]"?{_EXACT}', re.MULTILINE
)
_PNPM: Final = lazy_pattern(rf"^  '?/?directus[@/]{_EXACT}", re.MULTILINE)
_BUN: Final = lazy_pattern(rf'"directus":[ \t]?\["directus@{_EXACT}"')


def versions(repository: Repository) -> Mapping[str, VersionEvidence]:
    """Folder ("" = the root) to the version of Directus that its package.json asks for, or its lock file has pinned."""
    found: dict[str, VersionEvidence] = {}
    locks = _Locks(repository)
    for path in registry.VERSIONS.paths(repository):
        asked = _asked(repository, path)
        if asked is not None:
            folder = folder_of(path)
            found[folder] = locks.pinned(folder) or asked
    return found


def nearest(versions: Mapping[str, VersionEvidence], path: str) -> VersionEvidence | None:
    """What counts for a file: the package of its folder or the next one above; else the only one below its folder."""
    folder = start = folder_of(path)
    while True:
        if folder in versions:
            return versions[folder]
        if not folder:
            break
        folder = folder_of(folder)
    below = [found for other, found in versions.items() if not start or other.startswith(f"{start}/")]
    return below[0] if len(below) == 1 else None


def _asked(repository: Repository, path: str) -> VersionEvidence | None:
    """The range in a package.json. `@directus/api` counts its own versions, so it only tells that there is a Directus."""
    text = repository.text(path)
    if text is None or not _NAMES_DIRECTUS(text):
        return None
    try:
        root = json_document.parse(path, text)
    except JsonError as error:
        repository.problem(path, f"not valid JSON: {error}", error.line, broken=True)
        return None
    for name in ("directus", "@directus/api"):
        for section in _DEPENDENCIES:
            wanted = root.object(section) if isinstance(root, ObjectValue) else None
            range_ = wanted.get(name) if wanted else None
            if isinstance(range_, Text):
                version = Version.parse(range_.text.removeprefix("=")) if name == "directus" else None
                shown = range_.text if name == "directus" else f"{name} {range_.text}"
                return VersionEvidence(version, shown[:100], range_.location, VersionOrigin.PACKAGE)
    return None


class _Locks:
    """The lock files, each searched once."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._found: dict[str, dict[str, VersionEvidence]] = {}

    def pinned(self, folder: str) -> VersionEvidence | None:
        """What the lock file of a folder, or of the workspace above it, has pinned for the package there."""
        root = folder
        while True:
            for name in LOCK_FILES:
                path = f"{root}/{name}".lstrip("/")
                if path in self._repository:
                    inside = folder[len(root) :].strip("/")
                    return self._of(path, inside)
            if not root:
                return None
            root = folder_of(root)

    def _of(self, path: str, inside: str) -> VersionEvidence | None:
        if path not in self._found:
            text = self._repository.text(path)
            self._found[path] = dict(_search(path, text)) if text else {}
        pinned = self._found[path]
        while inside not in pinned and inside:
            inside = folder_of(inside)
        return pinned.get(inside)


def _search(path: str, text: str) -> Iterator[tuple[str, VersionEvidence]]:
    """Workspace folder ("" = wherever nothing closer is said) and version, the strongest last."""
    name = path.rsplit("/", 1)[-1]
    if name == "pnpm-lock.yaml":
        yield from _pnpm(path, text)
        return
    pattern = {"yarn.lock": _YARN, "bun.lock": _BUN}.get(name)
    if pattern is not None:
        match = pattern.search(text)
        if match is not None:
            yield "", _evidence(path, text, match, 1)
        return
    matches = list(islice(_NPM.finditer(text), _MAX_WORKSPACES))
    for match in matches:
        yield match[1].strip("/"), _evidence(path, text, match, 2)
    old = None if matches else _NPM_1.search(text)
    if old is not None:
        yield "", _evidence(path, text, old, 1)


_IMPORTER: Final = lazy_pattern(r"^  '?([^\s':]{1,200})'?:\s*$")
_KEY: Final = lazy_pattern(r"^ {0,6}'?([^\s':]{1,200})'?:")
_VERSION: Final = lazy_pattern(rf"^ {{4,8}}(?:version|directus): '?{_EXACT}")


def _pnpm(path: str, text: str) -> Iterator[tuple[str, VersionEvidence]]:
    """pnpm writes what each workspace uses under `importers` (lock file 5 without a workspace: at the top)."""
    any_package = _PNPM.search(text)
    if any_package is not None:
        yield "", _evidence(path, text, any_package, 1)
    start = text.find("\nimporters:")
    if start < 0:
        return
    places = Positions(path, text)
    importer, inside = "", False
    offset = text.find("\n", start + 1) + 1
    for line in text[offset:].splitlines(keepends=True):
        if not line[:1].isspace():
            return
        head = _IMPORTER.match(line)
        if head is not None:
            importer, inside = head[1].removeprefix("."), False
        elif line.startswith("      "):
            key = _KEY.match(line)
            inside = key[1] == "directus" if key is not None else inside
            found = _VERSION.match(line) if inside or line.lstrip().startswith("directus:") else None
            if found is not None:
                place = places.region(offset + found.start(1), offset + found.end(1))
                yield importer.strip("/"), VersionEvidence(Version.parse(found[1]), found[1], place, VersionOrigin.LOCK)
        offset += len(line)


def _evidence(path: str, text: str, match: re.Match[str], group: int) -> VersionEvidence:
    place = Positions(path, text).region(*match.span(group))
    return VersionEvidence(Version.parse(match[group]), match[group], place, VersionOrigin.LOCK)
