"""Code that asks a Directus: which packages do, and what their files say about tokens. Formats only; nothing is judged.

A package is read when its manifest depends on Directus, or when a variable, a configuration file or its code names it.
In a monorepo most files belong to packages that do not, and are never opened.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus import context
from directus_guard.directus.code import HeldToken, Holds, Package
from directus_guard.finding import Context, Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.code.pieces import PUBLIC_NAME, SECRET_NAME, CodeEvidence, Lines, host_of, may_tell
from directus_guard.sources.files import registry
from directus_guard.sources.formats import dotenv

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.sources.code.modules import Modules
    from directus_guard.sources.files.repository import Repository

MAX_CHARACTERS: Final = 1024 * 1024
"""A longer file is not searched."""
_MINIFIED: Final = 1500
"""Characters of the average line from which a file counts as minified."""
_MOST_MINIFIED: Final = 128 * 1024
"""Characters up to which a minified file is searched: a page may hold a long line."""
MOST_UNDECLARED: Final = 10_000
"""Files of packages that do not depend on Directus which are searched for its address; of more none is."""

_BUILT: Final = frozenset(
    {"dist", "build", "out", ".output", "coverage", "storybook-static", "vendor", ".vercel", ".netlify"}
)
"""Folders right below a package that hold what was built from its sources."""
_DIRECTUS: Final = lazy_pattern(r"directus", re.IGNORECASE)
_NAMED: Final = lazy_pattern(r"directus|access_token=", re.IGNORECASE)
"""What a file that is not searched must say for that to matter: the other words of `may_tell` are in many libraries."""
_DEPENDS: Final = lazy_pattern(r'["\']?(?:@directus/[\w.-]{1,80}|(?<![\w@/.-])[\w@/.-]{0,80}directus[\w.-]{0,80})["\']?\s*(?:[:=><~^]|\Z)', re.IGNORECASE | re.MULTILINE)  # fmt: skip


def read(repository: Repository) -> tuple[tuple[Package, ...], tuple[str, ...]]:
    """The packages that ask a Directus, by their folders, and what was left out.

    One whose manifest names a client of Directus is one without code, too, where commands beside it send tokens.
    """
    reader = _Reader(repository)
    members: dict[str, list[str]] = {}
    folders = _folders(repository)
    known: dict[str, str] = {}
    for path in registry.CODE_FILES.named(repository):
        if repository.is_second_name(path):
            continue
        members.setdefault(_package_of(path.rpartition("/")[0], folders, known), []).append(path)
    for path in registry.CODE_ENVIRONMENT.named(repository):
        members.setdefault(_package_of(path.rpartition("/")[0], folders, known), [])
    clients = _asking(repository)
    for folder in clients:
        members.setdefault(folder, [])
    packages: list[Package] = []
    budget = MOST_UNDECLARED
    skipped = 0
    for folder in sorted(members):
        sources = [path for path in members[folder] if not _is_built(path, folder)]
        said = reader.declared(folder)
        if said is None:
            if len(sources) > budget:
                skipped += len(sources)
                continue
            budget -= len(sources)
            said = reader.named(sources)
        if said is not None:
            reader.built += sorted(set(members[folder]) - set(sources))
            package = reader.package(folder, said, sources)
            if sources or package.tokens or folder in clients:
                packages.append(package)
    return tuple(packages), tuple(reader.notices(skipped))


def _asking(repository: Repository) -> frozenset[str]:
    """The folders whose manifest names a client of Directus, in a repository with commands that send tokens."""
    if not registry.COMMAND_TOKENS.is_present(repository):
        return frozenset()
    return frozenset(path.rpartition("/")[0] for path in registry.CODE_CLIENTS.read(repository))


def _folders(repository: Repository) -> frozenset[str]:
    return frozenset(path.rpartition("/")[0] for path in registry.CODE_MANIFESTS.named(repository)) | {""}


def _package_of(folder: str, folders: frozenset[str], packages: dict[str, str]) -> str:
    """The nearest folder upwards with a manifest."""
    passed: list[str] = []
    while folder not in packages and folder not in folders:
        passed.append(folder)
        folder = folder.rpartition("/")[0]
    found = packages.get(folder, folder)
    packages.update((item, found) for item in passed)
    return found


def _is_built(path: str, folder: str) -> bool:
    inside = path[len(folder) + 1 :] if folder else path
    head = inside.split("/", 1)[0]
    return (head in _BUILT and "/" in inside) or ".min." in path.rpartition("/")[2]


_CONFLICT: Final = lazy_pattern(r"^<{7} ", re.MULTILINE)


class _Reader:
    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._left: list[str] = []
        self.built: list[str] = []
        """Files that were built from others, and are not searched."""
        self._modules: Modules | None = None

    # --- which packages ---

    def declared(self, folder: str) -> Location | None:
        """Where a package says that it depends on Directus, or names its address; None if it does not."""
        prefix = f"{folder}/" if folder else ""
        for path in self._beside(folder):
            name = path[len(prefix) :].lower()
            text = self._repository.peek(path)
            if text is None:
                continue
            pattern = _DEPENDS if name in ("package.json", "composer.json") else _DIRECTUS
            match = pattern.search(text)
            if match:
                return Lines(path, text).location(match.start(), match.end())
        return None

    def _beside(self, folder: str) -> Iterator[str]:
        """Manifests, environment files and configuration files right in the folder."""
        yield from self._described.get(folder, ())

    @property
    def _described(self) -> dict[str, list[str]]:
        if self._by_folder is None:
            self._by_folder = {}
            names = self._repository.named(*registry.CODE_MANIFESTS.names, *registry.CODE_SETTINGS.names)
            for path in sorted(names, key=lambda path: (not path.lower().endswith("package.json"), path)):
                self._by_folder.setdefault(path.rpartition("/")[0], []).append(path)
        return self._by_folder

    _by_folder: dict[str, list[str]] | None = None

    def named(self, paths: Sequence[str]) -> Location | None:
        """Where code of a package that does not depend on Directus names it together with a token or an address."""
        for path in paths:
            text = self._repository.peek(path)
            if text is None or not may_tell(text):
                continue
            match = re.search(r"\w{0,60}directus[\w.-]{0,60}?(?:url|host|api|endpoint|token|base)|@directus/sdk|createDirectus|//(?:[\w.-]{1,60}[.-])?directus(?!\.(?:io|com)\b)[.:-]|//[\w.-]{1,60}:8055\b", text, re.IGNORECASE)  # fmt: skip
            if match:
                return Lines(path, text).location(match.start(), match.end())
        return None

    # --- one package ---

    def _note_conflict(self, path: str, text: str) -> None:
        """A merge that was not finished: what of the file counts is not known."""
        marker = _CONFLICT.search(text)
        if marker is not None:
            line = text.count("\n", 0, marker.start()) + 1
            self._repository.problem(path, "contains markers of a merge conflict", line)

    def package(self, folder: str, said: Location, paths: Sequence[str]) -> Package:
        """Everything its files tell."""
        found = CodeEvidence.nothing()
        for path in paths:
            text = self._repository.peek(path)
            if text is None:
                found.unread.append(Location(path))
                continue
            if not may_tell(text):
                continue
            if not self._is_searched(path, text, found):
                continue
            from directus_guard.sources.code import files as code_files  # noqa: PLC0415 - most projects have no such file

            # What is reported is shown with its line, and may carry an ignore: from here on the text is kept.
            self._note_conflict(path, text)
            before = len(found.addresses) + len(found.tokens)
            self._modules = self._modules or code_files.modules_of(self._repository)
            code_files.search(path, text, found, self._modules)
            if len(found.addresses) + len(found.tokens) > before or "directus-guard: ignore[" in text:
                self._repository.keep(path, text)
        for path in self._beside(folder):
            if ".env" in path.rpartition("/")[2].lower():
                self._environment(path, found)
        for path in {token.location.path for token in found.tokens}:
            self._repository.keep(path, self._repository.peek(path) or "")
        return Package(
            name=folder or ".",
            location=said,
            files=len(paths),
            addresses=tuple(sorted(found.addresses, key=lambda item: item.location)),
            tokens=tuple(sorted(found.tokens, key=lambda item: (item.location, item.name))),
            hosts=frozenset(found.hosts),
            unread=tuple(sorted(found.unread)),
            depends=said.path.rpartition("/")[2].lower()
            in ("package.json", "composer.json", "deno.json", "pubspec.yaml", "pyproject.toml"),
            context=context.of_path(context.below(folder, self._repository.named_folders))
            if folder
            else Context.UNKNOWN,
        )

    def _is_searched(self, path: str, text: str, evidence: CodeEvidence) -> bool:
        """Whether a file is searched. Of a file that is too large or minified, that it may hold something is noted."""
        minified = len(text) > _MINIFIED * (text.count("\n") + 1)
        if len(text) <= (_MOST_MINIFIED if minified else MAX_CHARACTERS):
            return True
        named = _NAMED.search(text)
        if named is None:
            self._left.append(path)
        else:
            what = "minified" if minified else f"larger than {MAX_CHARACTERS // 2**20} MiB"
            self._repository.problem(path, f"{what}; it was not searched for tokens of Directus")
            evidence.unread.append(Lines(path, text).location(named.start(), named.end()))
        return False

    def _environment(self, path: str, evidence: CodeEvidence) -> None:
        text = self._repository.text(path)
        handed = {token.name for token in evidence.tokens if token.holds is Holds.SERVER}
        for statement in dotenv.parse(text or "", dotenv.Dialect.NODE):
            value = statement.text.reveal()
            location = Location(path, statement.line, statement.column, statement.end_line, statement.end_column)
            if _DIRECTUS.search(statement.name) and (host := host_of(value)):
                evidence.hosts.add(host)
            if not SECRET_NAME.search(statement.name) and statement.name not in handed:
                continue
            if PUBLIC_NAME.fullmatch(statement.name):
                evidence.tokens.append(HeldToken(location, Holds.VARIABLE, statement.name, statement.text))
            elif value and self._repository.tracked(path):
                evidence.tokens.append(HeldToken(location, Holds.FILE, statement.name, statement.text))

    def notices(self, skipped: int) -> Iterator[str]:
        """What was not read, once each."""
        if self._left:
            yield f"code not read, because it is minified or larger than {MAX_CHARACTERS // 2**20} MiB: {_few(self._left)}"
        if self.built:
            yield f"code not read, because it was built from other files: {_few(self.built)}"
        if skipped:
            yield (
                f"{skipped} files of code were not searched for Directus: their packages do not depend on it, and there are too "
                "many to open each"
            )


def _few(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
