"""Tokens of Directus that clients are given in manifests, pipelines, Dockerfiles and scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.code import HeldToken, Holds
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.code import request_tokens
from directus_guard.sources.deployments import manifest
from directus_guard.sources.files import registry, signs
from directus_guard.sources.formats import json_document, traced, values, yaml_document
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.values import List, ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.traced import Traced
    from directus_guard.sources.formats.values import Value

_NAME: Final = lazy_pattern(r"[A-Z][A-Z0-9_]*(?:TOKEN|API_?KEY|ACCESS_?KEY)(?:_[A-Z0-9_]+)?")
"""Variables that may hold a token."""
_WRITTEN: Final = lazy_pattern(
    r"(?:(?<![A-Za-z0-9_$])([A-Z0-9_]{0,60}DIRECTUS_[A-Z0-9_]{0,60}(?:TOKEN|API_?KEY|ACCESS_?KEY)(?:_[A-Z0-9_]{1,60})?)(?:[ \t]*[:?]{0,3}=[ \t]*|[ \t]+)"
    r"|(--directus-?(?:[a-z]{1,20}-?)?[tT]oken)[= \t][ \t]*)[\"']?([^\s\"'$`\\<>{}();|&]{6,400})"
)
"""A token in a command, a recipe or a Dockerfile: `NAME=text`, `ARG NAME text`, `--directus-token text`."""
_IS: Final = r"(?:[ \t]*:?[ \t]*(?:&(?:'static )?)?(?:str(?:ing)?\??)?[ \t]*:?=|[ \t]*:|[\"']\]?[ \t]*(?:=>?|:|,(?:[ \t]*[a-z]{1,20}:)?))[ \t]*"
"""What may be between a name and its text."""
_CONSTANT: Final = lazy_pattern(
    r"(?<![A-Za-z0-9_])([A-Za-z0-9_]{0,60}directus[A-Za-z0-9_]{0,60}?(?:token|api_?key|access_?key))(?![A-Za-z0-9_])"
    rf"{_IS}()"
    r"@?[\"']([^\s\"'$`\\<>{}();|&]{6,400})[\"'](?![ \t]*[+%.])",
    re.IGNORECASE,
)
"""A text of another language than JavaScript: `NAME: str = "…"`, `NAME string = "…"`, `'NAME' => "…"`, `getenv("NAME", "…")`."""
_NEUTRAL: Final = lazy_pattern(
    r"(?<![A-Za-z0-9_])(?!\w{0,60}directus)([A-Za-z0-9_]{0,60}token)(?![A-Za-z0-9_])"
    rf"{_IS}()"
    r"@?[\"'](?!gh[a-z]_|github_|glpat-|xox[a-z]-|hf_|[sr]k[_-]|npm_|ntn_|shp[a-z]{2}_|pypi-|dckr_)([A-Za-z0-9_-]{16,400})[\"'](?![ \t]*[+%.])",
    re.IGNORECASE,
)
"""A text of such a language whose name does not say whose it is; no token of a program that marks its tokens."""
_NAMES_ADDRESS: Final = lazy_pattern(
    r"directus(?:_?(?:base|api|cms|server|instance|host))?_?(?:url|uri|host|endpoint|address|domain)"
    r"|\b\w{0,60}directus\w{0,60}[\"'\])]{0,3}[ \t]*(?:=>?|:)[ \t]*[\"']https?://"
    r"|//(?:[\w.-]{1,60}[.-])?directus(?!\.(?:io|com)\b)[.:-]",
    re.IGNORECASE,
)
_NAMES_TOKEN: Final = lazy_pattern(r"directus\w{0,60}?(?:token|(?:api|access)_?key)", re.IGNORECASE)
_GENERATED: Final = lazy_pattern(r"(?=.*[0-9])(?=.*[A-Za-z]).{16,}")
"""What a name that is no constant's must hold: `directusToken = "directus_token"` is the name of a cookie."""
_KEY: Final = lazy_pattern(r"(?:(?:static|access|api)[_-]?)?token|(?:api|access)[_-]?key", re.IGNORECASE)
_CLIENT: Final = lazy_pattern(r"(?!directus_)[a-z]*directus[a-z]*", re.IGNORECASE)
_CONFIGURED: Final = lazy_pattern(
    r"(?!directus_(?!\w*token))[a-z_]*directus[a-z_]*?(?:token|(?:api|access)_?key)", re.IGNORECASE
)
"""Names of a program's own configuration that say whose token it is, and that of an object which holds it."""
_DEFAULT: Final = lazy_pattern(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?-([^${}]*)\}")
_LANGUAGES: Final = tuple(pattern[1:] for pattern in registry.CODE_CONSTANTS)
_ADDRESS: Final = lazy_pattern(r"://[^\s/]*directus|://[^\s/]*:8055", re.IGNORECASE)
_COMMENT: Final = ("#", "//", "*", "/*")
_Pair = tuple[str, Text]


def read(repository: Repository) -> tuple[HeldToken, ...]:
    """The tokens in files that git tracks, in the order of their places. `used`: a name beside it is about Directus."""
    found: list[HeldToken] = []
    for path in registry.CLIENT_TOKENS.paths(repository):
        text = repository.text(path)
        if text is None or not repository.tracked(path) or repository.is_second_name(path):
            continue
        positions = Positions(path, text)
        if path.lower().endswith((".yml", ".yaml", ".toml", ".json")):
            for root in _roots(repository, path):
                found += _of_value(path, text, positions, root)
                found += request_tokens.of_value(path, text, positions, root)
        elif path.lower().endswith((".http", ".rest")):
            found += request_tokens.of_http(traced.part(positions, text, 0, len(text)))
        else:
            whole = traced.part(positions, text, 0, len(text))
            is_code = path.lower().endswith(_LANGUAGES)
            found += _of_text(whole, _CONSTANT if is_code else _WRITTEN)
            # Where a name says which token is Directus', another name is that of another program's.
            if is_code and _NAMES_ADDRESS.search(text) and not _NAMES_TOKEN.search(text):
                found += _of_text(whole, _NEUTRAL)
    return tuple(dict.fromkeys(sorted(found, key=lambda token: (token.location, token.name))))


def _roots(repository: Repository, path: str) -> Iterator[Value]:
    """What a file holds: each document of YAML."""
    if path.lower().endswith((".yml", ".yaml")):
        yield from map(values.from_yaml, yaml_document.documents(repository, path))
        return
    is_json = path.lower().endswith(".json")
    root = json_document.document(repository, path, comments=True) if is_json else manifest.value(repository, path)
    if root is not None:
        yield root


def _of_value(path: str, text: str, positions: Positions, root: Value) -> Iterator[HeldToken]:
    for value in values.walk(root):
        if isinstance(value, Text):
            if signs.may_hold_token(value.text):
                yield from _of_text(traced.scalar(path, text, value.text, value.location, positions))
            continue
        if isinstance(value, ObjectValue):
            yield from _of_configuration(value)
        pairs = tuple(_pairs(value))
        named = [pair for pair in pairs if _NAME.fullmatch(pair[0])]
        if not named:
            continue
        beside = any("DIRECTUS" in name or _ADDRESS.search(held.text) for name, held in pairs)
        for name, held in named:
            default = _DEFAULT.fullmatch(held.text)
            written = default[1] if default is not None else held.text
            if written and "$" not in written and "{{" not in written:
                yield HeldToken(held.location, Holds.FILE, name, Secret(written), used=beside)


def _of_configuration(value: ObjectValue) -> Iterator[HeldToken]:
    """`"directusToken": "…"` and `"directus": {"token": "…"}` of a program's own configuration."""
    for entry in value.entries:
        name, held = entry.key.text, entry.value
        if isinstance(held, ObjectValue) and _CLIENT.fullmatch(name):
            inner = [(f"{name}.{one.key.text}", one.value) for one in held.entries if _KEY.fullmatch(one.key.text)]
        elif _CONFIGURED.fullmatch(name) and not name.isupper():
            inner = [(name, held)]
        else:
            continue
        for whole, text in inner:
            if isinstance(text, Text) and _GENERATED.fullmatch(text.text) and not re.search(r"[\s$%{}<>]", text.text):
                yield HeldToken(text.location, Holds.FILE, whole, Secret(text.text), used=True)


def _pairs(value: Value) -> Iterator[_Pair]:
    """Names and texts of a mapping, of a list of `NAME=text`, and of a list of `name:` and `value:`."""
    if isinstance(value, ObjectValue):
        yield from ((entry.key.text, entry.value) for entry in value.entries if isinstance(entry.value, Text))
    elif isinstance(value, List):
        for item in value.items:
            if isinstance(item, Text):
                name, equals, text = item.text.partition("=")
                if equals:
                    yield name.strip(), Text(text, item.kind, item.location)
            elif isinstance(item, ObjectValue):
                named, held = item.scalar("name") or item.scalar("key"), item.scalar("value")
                if named is not None and held is not None:
                    yield named.text, held


def _of_text(text: Traced, written: re.Pattern[str] = _WRITTEN) -> Iterator[HeldToken]:
    """The tokens in a shell text, a recipe or a Dockerfile, or in code; comments are left out."""
    for match in written.finditer(text.text):
        line = text.text[text.text.rfind("\n", max(match.start() - _MAX_LINE, 0), match.start()) + 1 : match.start()]
        loose = match[1] and not match[1].isupper() and _GENERATED.fullmatch(match[3]) is None
        if not loose and not line.lstrip().startswith(_COMMENT):
            place = text.cut(*match.span(3))
            yield HeldToken(place.location, Holds.FILE, match[1] or match[2], Secret(match[3]), used=True)


_MAX_LINE: Final = 2_000
"""Characters before a token in which its line is looked for."""
