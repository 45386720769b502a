"""Code that asks a Directus: which packages do, and what their files say about tokens. Formats only; nothing is judged.

A package is read when its manifest depends on Directus, or when a variable, a configuration file or its code names it.
In a monorepo most files belong to packages that do not, and are never opened.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final

from directus_guard.directus import context
from directus_guard.directus.code import HeldToken, Holds, Package, Place, TokenInAddress
from directus_guard.finding import Context, Location
from directus_guard.secret import Secret
from directus_guard.sources import code_markup, dotenv
from directus_guard.sources.code_javascript import (
    NEEDLE,
    PUBLIC_NAME,
    Found,
    Hole,
    Script,
    Text,
    address_of,
    host_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.sources.code_javascript import Piece
    from directus_guard.sources.repository import Repository
    from directus_guard.sources.syntax_tree import Grammar

MAX_CHARACTERS: Final = 1024 * 1024
"""A longer file is not written by people."""
_MINIFIED: Final = 1500
"""Characters of the average line from which a file counts as minified."""
MOST_UNDECLARED: Final = 3000
"""Files of packages that do not depend on Directus which are searched for its address; of more none is."""

_GRAMMARS: Final[dict[str, Grammar]] = {
    "js": "javascript", "jsx": "javascript", "mjs": "javascript", "cjs": "javascript",
    "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx",
}  # fmt: skip
_COMPONENTS: Final = frozenset({"vue", "svelte", "astro"})
_TEMPLATES: Final = frozenset(
    {"html", "htm", "twig", "liquid", "hbs", "handlebars", "ejs", "erb", "njk", "mustache", "php"}
)
_PLAIN: Final = frozenset({"php", "py"})
MANIFESTS: Final = ("package.json", "composer.json", "pyproject.toml", "requirements*.txt", "deno.json", "pubspec.yaml")
"""Files that say what a package depends on."""
_BUILT: Final = frozenset(
    {"dist", "build", "out", ".output", "coverage", "storybook-static", "vendor", ".vercel", ".netlify"}
)
"""Folders right below a package that hold what was built from its sources."""
_DIRECTUS: Final = re.compile(r"directus", re.IGNORECASE)
_DEPENDS: Final = re.compile(r'["\']?(?:@directus/[\w.-]+|[\w@/.-]*directus[\w.-]*)["\']?\s*(?:[:=><~^]|\Z)', re.IGNORECASE | re.MULTILINE)  # fmt: skip


def read(repository: Repository, files: Sequence[str]) -> tuple[tuple[Package, ...], tuple[str, ...]]:
    """The packages that ask a Directus, by their folders, of the repository's `files` of code; and what was left out."""
    reader = _Reader(repository)
    members: dict[str, list[str]] = {}
    folders = _folders(repository)
    known: dict[str, str] = {}
    for path in files:
        members.setdefault(_package_of(path.rpartition("/")[0], folders, known), []).append(path)
    for path in repository.named(".env*"):
        members.setdefault(_package_of(path.rpartition("/")[0], folders, known), [])
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
            package = reader.package(folder, said, sources)
            if sources or package.tokens:
                packages.append(package)
    return tuple(packages), tuple(reader.notices(skipped))


def _folders(repository: Repository) -> frozenset[str]:
    return frozenset(path.rpartition("/")[0] for path in repository.named(*MANIFESTS)) | {""}


def _package_of(folder: str, folders: frozenset[str], known: dict[str, str]) -> str:
    """The nearest folder upwards with a manifest."""
    passed: list[str] = []
    while folder not in known and folder not in folders:
        passed.append(folder)
        folder = folder.rpartition("/")[0]
    found = known.get(folder, folder)
    known.update((item, found) for item in passed)
    return found


def _is_built(path: str, folder: str) -> bool:
    inside = path[len(folder) + 1 :] if folder else path
    head = inside.split("/", 1)[0]
    return (head in _BUILT and "/" in inside) or ".min." in path.rpartition("/")[2]


class _Reader:
    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._left: list[str] = []

    # --- which packages ---

    def declared(self, folder: str) -> Location | None:
        """Where a package says that it depends on Directus, or names its address; None if it does not."""
        prefix = f"{folder}/" if folder else ""
        for path in self._beside(folder):
            name = path[len(prefix) :]
            text = self._repository.peek(path)
            if text is None:
                continue
            pattern = _DEPENDS if name in ("package.json", "composer.json") else _DIRECTUS
            match = pattern.search(text)
            if match:
                return _Lines(path, text).location(match.start(), match.end())
        return None

    def _beside(self, folder: str) -> Iterator[str]:
        """Manifests, environment files and configuration files right in the folder."""
        yield from self._described.get(folder, ())

    @property
    def _described(self) -> dict[str, list[str]]:
        if self._by_folder is None:
            self._by_folder = {}
            names = self._repository.named(*MANIFESTS, ".env*", "*.env", "*.config.js", "*.config.ts", "*.config.mjs", "*.config.mts", "*.config.cjs")  # fmt: skip
            for path in sorted(names, key=lambda path: (not path.endswith("package.json"), path)):
                self._by_folder.setdefault(path.rpartition("/")[0], []).append(path)
        return self._by_folder

    _by_folder: dict[str, list[str]] | None = None

    def named(self, paths: Sequence[str]) -> Location | None:
        """Where code of a package that does not depend on Directus names it together with a token or an address."""
        for path in paths:
            text = self._repository.peek(path)
            if text is None or not NEEDLE.search(text):
                continue
            match = re.search(r"[\w.-]*directus[\w.-]*(?:url|host|api|endpoint|token|base)|@directus/sdk|createDirectus", text, re.IGNORECASE)  # fmt: skip
            if match:
                return _Lines(path, text).location(match.start(), match.end())
        return None

    # --- one package ---

    def package(self, folder: str, said: Location, paths: Sequence[str]) -> Package:
        """Everything its files tell."""
        found = Found.nothing()
        for path in self._beside(folder):
            if ".env" in path.rpartition("/")[2]:
                self._environment(path, found)
        for path in paths:
            text = self._repository.peek(path)
            if text is None or not NEEDLE.search(text):
                continue
            if len(text) > MAX_CHARACTERS or len(text) > _MINIFIED * (text.count("\n") + 1):
                self._left.append(path)
                continue
            # What is reported is shown with its line, and may carry an ignore: from here on the text is kept.
            before = len(found.addresses) + len(found.tokens)
            _search(path, text, found)
            if len(found.addresses) + len(found.tokens) > before or "directus-guard: ignore[" in text:
                self._repository.text(path)
        return Package(
            name=folder or ".",
            location=said,
            files=len(paths),
            addresses=tuple(sorted(found.addresses, key=lambda item: item.location)),
            tokens=tuple(sorted(found.tokens, key=lambda item: (item.location, item.name))),
            hosts=frozenset(found.hosts),
            unread=tuple(sorted(found.unread)),
            context=context.of_path(folder) if folder else Context.UNKNOWN,
        )

    def _environment(self, path: str, found: Found) -> None:
        text = self._repository.text(path)
        for statement in dotenv.parse(text or "", dotenv.Dialect.NODE):
            value = statement.text.reveal()
            location = Location(path, statement.line, statement.column, statement.end_line, statement.end_column)
            if _DIRECTUS.search(statement.name) and (host := host_of(value)):
                found.hosts.add(host)
            if PUBLIC_NAME.fullmatch(statement.name) and "TOKEN" in statement.name.upper():
                held = statement.text if value else None
                found.tokens.append(HeldToken(location, Holds.VARIABLE, statement.name, held or Secret("")))

    def notices(self, skipped: int) -> Iterator[str]:
        """What was not read, once each."""
        if self._left:
            shown = ", ".join(self._left[:3]) + (f" and {len(self._left) - 3} more" if len(self._left) > 3 else "")
            yield f"code not read, because it is minified or larger than {MAX_CHARACTERS // 2**20} MiB: {shown}"
        if skipped:
            yield (
                f"{skipped} files of code were not searched for Directus: their packages do not depend on it, and there are too "
                "many to open each"
            )


class _Lines:
    """Regions from offsets in a text."""

    def __init__(self, path: str, text: str) -> None:
        self._path, self._text = path, text
        self._starts: list[int] | None = None

    def location(self, start: int, end: int) -> Location:
        """The region; one that leaves its line ends with the line."""
        if self._starts is None:
            self._starts = [0, *(match.end() for match in re.finditer(r"\n", self._text))]
        start, end = max(0, min(start, len(self._text))), max(0, min(end, len(self._text)))
        row = bisect_right(self._starts, start) - 1
        line_end = self._starts[row + 1] - 1 if row + 1 < len(self._starts) else len(self._text)
        if self._text[line_end - 1 : line_end] == "\r":
            line_end -= 1
        first = self._starts[row]
        return Location(self._path, row + 1, start - first + 1, row + 1, max(min(end, line_end), start) - first + 1)


# --- one file --------------------------------------------------------------------------------------------------------


def _search(path: str, text: str, found: Found) -> None:
    ending = path.rpartition(".")[2].lower()
    lines = _Lines(path, text)
    if ending in _GRAMMARS:
        Script(text, _GRAMMARS[ending], lines.location).search(found)
        return
    if ending in _COMPONENTS or ending in _TEMPLATES:
        _template(text, ending, lines, found)
    if ending in _PLAIN:
        _plain(text, ending, lines, found)


def _template(text: str, ending: str, lines: _Lines, found: Found) -> None:
    start = 0
    script: Script | None = None
    if ending == "astro":
        front = re.match(r"\s*---[^\n]*\n", text)
        close = re.compile(r"^---", re.MULTILINE).search(text, front.end()) if front else None
        if front and close:
            script = Script(text[front.end() : close.start()], "typescript", lines.location, base=front.end())
            script.search(found)
            start = close.end()
    attributes: list[code_markup.Attribute] = []
    for item in code_markup.scan(text, start):
        if isinstance(item, code_markup.Attribute):
            attributes.append(item)
        elif item.tag == "script":
            languages = {text[one.start : one.end] for one in item.attributes if one.name == "lang"}
            grammar: Grammar = "typescript" if languages & {"ts", "typescript"} else "javascript"
            inner = Script(text[item.start : item.end], grammar, lines.location, base=item.start, outer=script)
            inner.search(found)
            script = script or inner
        elif "access_token=" in text[item.start : item.end]:
            for match in re.finditer(r"url\(([^)\n]{0,2000})\)", text[item.start : item.end]):
                if "access_token=" in match[1]:
                    _text(text, item.start + match.start(1), item.start + match.end(1), lines, found, Place.MARKUP)
    for attribute in attributes:
        value = text[attribute.start : attribute.end]
        if not NEEDLE.search(value):
            continue
        if (
            attribute.quote == "{"
            or (attribute.quote == "`" and ending == "astro")
            or _is_bound(attribute.name, ending)
        ):
            inset = 1 if attribute.quote == "`" else 0
            fragment = text[attribute.start - inset : attribute.end + inset]
            name = re.sub(r"^(?:v-bind:|:|\[(?:attr\.)?|bind:)", "", attribute.name).rstrip("]")
            Script(
                f"({fragment})",
                "typescript",
                lines.location,
                base=attribute.start - inset - 1,
                outer=script,
                attribute=name or "src",
            ).search(found)
        elif "access_token=" in value:
            _text(text, attribute.start, attribute.end, lines, found, Place.MARKUP, script)


def _is_bound(name: str, ending: str) -> bool:
    """Whether the value of an attribute is an expression: Vue's `:src`, Angular's `[src]`."""
    return name.startswith((":", "v-bind:", "v-", "@")) if ending == "vue" else name.startswith("[")


_HOLES: Final = re.compile(
    r"\{\{-?(.{0,300}?)-?\}\}|<\?(?:php|=)(.{0,300}?)\?>|<%[=-]?(.{0,300}?)%>|\$\{([^{}]{0,300})\}|#\{([^{}]{0,300})\}|\{([^{}]{0,300})\}"
    r"|(\$\w+(?:->\w+|\[[^\]]{0,60}\])*)",
    re.DOTALL,
)  # fmt: skip
"""What templates put values into: Vue, Twig, Liquid, Handlebars; PHP; EJS and ERB; template literals; Ruby; Svelte and Python;
PHP's variables in texts."""


def _text(
    text: str, start: int, end: int, lines: _Lines, found: Found, place: Place, script: Script | None = None
) -> None:
    """An address that stands in a text with holes."""
    pieces: list[Piece] = []
    at = start
    for match in _HOLES.finditer(text, start, end):
        pieces.append(Text(text[at : match.start()]))
        name = next((group for group in match.groups() if group is not None), "").strip()[:200]
        pieces.append(Hole((name, *(script.outer_names(name) if script is not None else ()))))
        at = match.end()
    pieces.append(Text(text[at:end]))
    address = address_of(pieces)
    found.addresses.append(TokenInAddress(lines.location(start, end), address, place))
    literal = re.search(r"access_token=([A-Za-z0-9_.~-]{8,})(?![\w{$<#])", text[start:end])
    if literal:
        location = lines.location(start + literal.start(1), start + literal.end(1))
        found.tokens.append(HeldToken(location, Holds.LITERAL, "access_token", Secret(literal[1]), address=address))
    for piece in pieces:
        if isinstance(piece, Hole):
            for name in piece.names:
                found.tokens.extend(
                    HeldToken(lines.location(start, end), Holds.VARIABLE, public, address=address)
                    for public in PUBLIC_NAME.findall(name)
                    if "TOKEN" in public
                )


_STRINGS: Final = {
    "py": re.compile(
        r"(?P<comment>\#[^\n]*)|[rRbBuUfF]{0,2}(?:\"\"\"(?P<doc>.*?)\"\"\"|'''(?P<doc2>.*?)'''|\"(?P<double>(?:[^\"\\\n]|\\.)*)\""
        r"|'(?P<single>(?:[^'\\\n]|\\.)*)')",
        re.DOTALL,
    ),
    "php": re.compile(
        r"(?P<comment>\#(?!\[)[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|\?>.*?(?:<\?(?:php|=)|\Z))|\"(?P<double>(?:[^\"\\]|\\.)*)\"|'(?P<single>(?:[^'\\]|\\.)*)'",
        re.DOTALL,
    ),
}  # fmt: skip


def _plain(text: str, ending: str, lines: _Lines, found: Found) -> None:
    """Addresses that stand in one text of Python or PHP; what is put together from several is not followed."""
    start = 0
    if ending == "php":
        opening = text.find("<?")
        if opening < 0:
            return
        start = opening
    for match in _STRINGS[ending].finditer(text, start):
        kind = match.lastgroup
        if kind is None or kind == "comment":
            continue
        value = match[kind]
        if "access_token=" not in value or re.search(r"\s", value.strip()):
            continue
        first, last = match.span(kind)
        if value.lstrip().startswith(("?", "&", "access_token=")):
            pieces = [*_before(text[text.rfind("\n", 0, first) + 1 : first]), Text(value)]
            found.addresses.append(TokenInAddress(lines.location(first, last), address_of(pieces), Place.CALL))
        else:
            _text(text, first, last, lines, found, Place.CALL)


_OPERANDS: Final = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"|(\$\w+(?:->\w+)*|[A-Za-z_][\w.]*)")


def _before(head: str) -> Iterator[Piece]:
    """What stands on the line before a query: `$url = $directusUrl . '/assets/' . $id . `."""
    for match in _OPERANDS.finditer(re.split(r"(?<![=!<>])=(?!=)|\breturn\b|\(", head[-1000:])[-1]):
        yield Hole((match[3],)) if match[3] else Text(match[1] or match[2] or "")
