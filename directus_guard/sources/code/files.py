"""One file of code, by what it is written in: scripts, components, templates, and texts of PHP and Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.code import HeldToken, Holds, Place, TokenInAddress
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.code import (
    graphql_sign_ins,
    markup as code_markup,
    plain_headers,
    plain_sign_ins,
    plain_texts,
)
from directus_guard.sources.code.expressions import Surroundings
from directus_guard.sources.code.javascript import Script
from directus_guard.sources.code.modules import GRAMMARS, Modules
from directus_guard.sources.code.pieces import PUBLIC_NAME, Hole, Lines, WrittenText, address_of, host_of, may_tell
from directus_guard.sources.code.plain_texts import pieces_of

if TYPE_CHECKING:
    from directus_guard.sources.code.pieces import CodeEvidence, Piece
    from directus_guard.sources.code.traces import ModuleReader
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.syntax_tree import Grammar

COMPONENTS: Final = frozenset({"vue", "svelte", "astro"})
TEMPLATES: Final = frozenset(
    {"html", "htm", "twig", "liquid", "hbs", "handlebars", "ejs", "erb", "njk", "mustache", "php"}
)
PLAIN: Final = frozenset({"php", "py"})


def modules_of(repository: Repository) -> Modules:
    """What the files of a repository export."""
    return Modules(repository)


def search(path: str, text: str, evidence: CodeEvidence, modules: ModuleReader | None = None) -> None:
    """Add what a file of code tells to `evidence`. `modules`: the other files of the repository, for what it imports."""
    ending = path.rpartition(".")[2].lower()
    evidence.hosts.update(filter(None, map(host_of, _DIRECTUS_IS.findall(text))))
    lines = Lines(path, text)
    graphql_sign_ins.read(text, lines, evidence)
    if ending in GRAMMARS:
        Script(text, GRAMMARS[ending], lines.location, around=Surroundings(modules=modules)).search(evidence)
    if ending in COMPONENTS or ending in TEMPLATES:
        _template(text, ending, lines, evidence, modules)
    if ending in PLAIN:
        _plain(text, ending, lines, evidence)


def _template(text: str, ending: str, lines: Lines, evidence: CodeEvidence, modules: ModuleReader | None) -> None:
    start = 0
    script: Script | None = None
    if ending == "astro":
        front = re.match(r"\s*---[^\n]*\n", text)
        close = re.compile(r"^---", re.MULTILINE).search(text, front.end()) if front else None
        if front and close:
            script = Script(
                text[front.end() : close.start()],
                "typescript",
                lines.location,
                base=front.end(),
                around=Surroundings(modules=modules),
            )
            script.search(evidence)
            start = close.end()
    attributes: list[code_markup.Attribute] = []
    for item in code_markup.scan(text, start):
        if isinstance(item, code_markup.Attribute):
            attributes.append(item)
        elif item.tag == "script":
            languages = {text[one.start : one.end] for one in item.attributes if one.name == "lang"}
            typed: Grammar = "tsx" if "tsx" in languages else "typescript"
            grammar: Grammar = typed if languages & {"ts", "tsx", "typescript"} else "javascript"
            inner = Script(
                text[item.start : item.end],
                grammar,
                lines.location,
                base=item.start,
                around=Surroundings(script, modules=modules),
            )
            inner.search(evidence)
            script = script or inner
        else:
            for match in re.finditer(r"url\([\s\"']{0,8}([^)\n\"']{0,2000})", text[item.start : item.end]):
                if "access_token=" in match[1]:
                    _text(text, item.start + match.start(1), item.start + match.end(1), lines, evidence, Place.MARKUP)
    for attribute in attributes:
        value = text[attribute.start : attribute.end]
        if not may_tell(value):
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
                around=Surroundings(script, name or "src", modules),
            ).search(evidence)
        elif "access_token=" in value:
            _text(text, attribute.start, attribute.end, lines, evidence, Place.MARKUP, script)


def _is_bound(name: str, ending: str) -> bool:
    """Whether the value of an attribute is an expression: Vue's `:src`, Angular's `[src]`."""
    return name.startswith((":", "v-bind:", "v-", "@")) if ending == "vue" else name.startswith("[")


_DIRECTUS_IS: Final = lazy_pattern(
    r"\b\w{0,60}directus\w{0,60}[\"'\])!]{0,3}(?:\s+as\s+string\)?)?\s*(?:\|\||\?\?|[:=])\s*[\"'`](https?://[^\"'`\s]{1,200})",
    re.IGNORECASE,
)
"""`const DIRECTUS_URL = "https://…"`, `process.env.DIRECTUS_URL || "https://…"`: a name says whose host it is."""


def _text(
    text: str, start: int, end: int, lines: Lines, evidence: CodeEvidence, place: Place, script: Script | None = None
) -> None:
    """An address in a text with holes."""
    pieces: list[Piece] = [
        Hole((*piece.names, *script.outer_names(piece.names[0])))
        if script is not None and isinstance(piece, Hole)
        else piece
        for piece in pieces_of(text, start, end)
    ]
    address = address_of(pieces)
    evidence.addresses.append(TokenInAddress(lines.location(start, end), address, place))
    literal = re.search(r"access_token=([A-Za-z0-9_.~-]{8,})(?![\w{$<#])", text[start:end])
    if literal:
        location = lines.location(start + literal.start(1), start + literal.end(1))
        evidence.tokens.append(HeldToken(location, Holds.LITERAL, "access_token", Secret(literal[1]), address=address))
    for piece in pieces:
        if isinstance(piece, Hole):
            for name in piece.names:
                evidence.tokens.extend(
                    HeldToken(lines.location(start, end), Holds.VARIABLE, public, address=address)
                    for public in PUBLIC_NAME.findall(name)
                    if "TOKEN" in public
                )


def _plain(text: str, ending: str, lines: Lines, evidence: CodeEvidence) -> None:
    """Addresses that stand in one text of Python or PHP; what is put together from several is not followed."""
    for value, first, last in plain_texts.texts(text, ending):
        if "access_token=" not in value or re.search(r"\s", value.strip()):
            continue
        if value.lstrip().startswith(("?", "&", "access_token=")):
            pieces = [*plain_texts.before(text, first), WrittenText(value)]
            evidence.addresses.append(TokenInAddress(lines.location(first, last), address_of(pieces), Place.CALL))
        else:
            _text(text, first, last, lines, evidence, Place.CALL)
    plain_headers.read(text, ending, lines, evidence)
    plain_sign_ins.read(text, ending, lines, evidence)
