"""The Content-Security-Policy header that Directus really sends for a set of variables
(docs/model/environment.md#content-security-policy).

Three steps, each as the code does it: variables to an object (api/src/utils/get-config-from-env.ts), lodash `merge` with
the policy in api/src/app.ts (arrays merge index by index!), and helmet's normalisation, with the errors it throws.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard

from msgspec import Struct

from directus_guard.directus.environment.casting import UNDEFINED, Regex, Undefined, cast
from directus_guard.directus.features import (
    ALLOWS_GITHUB_IMAGES,
    ALLOWS_WEBSOCKETS,
    LEAVES_OUT_THE_CDN,
    QUOTES_NONE,
    THROWS_AT_UNQUOTED_KEYWORDS,
)
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.environment.casting import JsValue
    from directus_guard.directus.versions import Version

STUDIO_SOURCES: Final = {
    "img-src": "'self' data: blob:", "connect-src": "'self'", "font-src": "'self' data:", "style-src": "'self' 'unsafe-inline'"
}  # fmt: skip
"""Sources with which the Data Studio works, for each directive through which data can leave."""
MAIN: Final = "CONTENT_SECURITY_POLICY"
ASSETS: Final = "ASSETS_CONTENT_SECURITY_POLICY"

Tree: TypeAlias = "JsValue | list[Tree] | dict[str, Tree]"


class Csp(Struct, frozen=True):
    """One policy. `directives`: name -> sources, in the order of the header."""

    directives: Mapping[str, tuple[str, ...]]
    header: str
    report_only: bool

    def sources(self, name: str) -> tuple[str, ...] | None:
        """What a browser applies for a directive, after the fallbacks of CSP Level 3; None = nothing restricts it."""
        return next((self.directives[found] for found in chain(name) if found in self.directives), None)


class CspError(Struct, frozen=True):
    """Directus cannot build the policy: the main one keeps the server from starting, the assets one fails each request."""

    message: str


ANY_HOST: Final = frozenset({"*", "http:", "https:", "ws:", "wss:", "http://*", "https://*", "ws://*", "wss://*"})
"""Sources that admit every host. `data:` and `blob:` name none."""

FETCH: Final = (
    "default-src", "child-src", "connect-src", "fenced-frame-src", "font-src", "frame-src", "img-src", "manifest-src", "media-src",
    "object-src", "prefetch-src", "script-src", "script-src-attr", "script-src-elem", "style-src", "style-src-attr", "style-src-elem",
    "worker-src",
)  # fmt: skip
"""Directives about what a page loads: without them `default-src` counts."""
OTHER: Final = (
    "base-uri", "block-all-mixed-content", "form-action", "frame-ancestors", "navigate-to", "plugin-types", "referrer", "reflected-xss",
    "report-to", "report-uri", "require-sri-for", "require-trusted-types-for", "sandbox", "trusted-types", "upgrade-insecure-requests",
    "webrtc",
)  # fmt: skip
"""Directives without a fallback: left out, they restrict nothing. Some are of older levels of the specification."""

_FALLBACKS: Final[dict[str, tuple[str, ...]]] = {
    "script-src-elem": ("script-src", "default-src"),
    "script-src-attr": ("script-src", "default-src"),
    "style-src-elem": ("style-src", "default-src"),
    "style-src-attr": ("style-src", "default-src"),
    "worker-src": ("child-src", "script-src", "default-src"),
    "frame-src": ("child-src", "default-src"),
    "default-src": (),
}


def chain(name: str) -> tuple[str, ...]:
    """The directives that a browser looks for in turn to restrict what `name` restricts."""
    return (name, *_FALLBACKS.get(name, ("default-src",) if name in FETCH else ()))


def effective_csp(variables: Mapping[str, str], version: Version, *, prefix: str) -> Csp | CspError:
    """The policy of Directus `version`. `variables`: raw texts by name, in the order of the environment.

    `prefix` is `MAIN` or `ASSETS`.
    """
    values = {name: cast(name, text, version) for name, text in variables.items()}
    config = config_from_env(values, f"{prefix}_" if prefix == MAIN else prefix)
    merged = _merge(_own(version, prefix), config)
    try:
        return _helmet(merged if isinstance(merged, dict) else {}, strict=THROWS_AT_UNQUOTED_KEYWORDS.of(version))
    except _RefusedError as error:
        return CspError(str(error))


# --- Directus' own policies ------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def default_csp(version: Version, *, prefix: str) -> Csp:
    """The policy of Directus `version` without any variable. `prefix` is `MAIN` or `ASSETS`."""
    return _helmet(_own(version, prefix), strict=THROWS_AT_UNQUOTED_KEYWORDS.of(version))


def _own(version: Version, prefix: str) -> dict[str, Tree]:
    return _main(version) if prefix == MAIN else _assets(version)


def _main(version: Version) -> dict[str, Tree]:
    images: list[Tree] = []
    media: list[Tree] = ["'self'"]
    if not LEAVES_OUT_THE_CDN.of(version):
        images = ["https://cdn.directus.io"]
        media = ["'self'", "https://cdn.directus.io"]
    elif ALLOWS_GITHUB_IMAGES.of(version):
        images = ["https://raw.githubusercontent.com", "https://avatars.githubusercontent.com"]
    connect: list[Tree] = ["'self'", "https://*"]
    if ALLOWS_WEBSOCKETS.of(version):
        connect.append("wss://*")
    directives: dict[str, Tree] = {
        "scriptSrc": ["'self'", "'unsafe-eval'"],
        "upgradeInsecureRequests": None,
        "workerSrc": ["'self'", "blob:"],
        "childSrc": ["'self'", "blob:"],
        "imgSrc": ["'self'", "data:", "blob:", *images],
        "mediaSrc": media,
        "connectSrc": connect,
    }
    return {"useDefaults": True, "directives": directives}


def _assets(version: Version) -> dict[str, Tree]:
    directives: dict[str, Tree] = {"defaultSrc": ["'none'" if QUOTES_NONE.of(version) else "none"]}
    return {"useDefaults": False, "directives": directives}


# --- variables to an object ------------------------------------------------------------------------------------------


def config_from_env(values: Mapping[str, JsValue], prefix: str) -> dict[str, Tree]:
    """getConfigFromEnv: the rest of the name in camelCase, `__` nests."""
    config: dict[str, Tree] = {}
    for name, value in values.items():
        if not name.lower().startswith(prefix.lower()):
            continue
        if "__" not in name:
            config[camelcase(name[len(prefix) :])] = _tree(value)
            continue
        first, *rest = name.split("__")
        keys = [camelcase(camelcase(first[len(prefix) :])), *map(camelcase, rest)]
        _set(config, ".".join(keys).split("."), _tree(value))
    return config


def _tree(value: JsValue) -> Tree:
    if isinstance(value, dict):
        return {key: _tree(item) for key, item in value.items()}
    return _Array(_tree(item) for item in value) if isinstance(value, tuple) else value


class _Array(list["Tree"]):
    """A JavaScript array: it may have properties beside its elements."""

    def __init__(self, elements: Iterable[Tree] = ()) -> None:
        super().__init__(elements)
        self.properties: dict[str, Tree] = {}

    def put(self, key: str, value: Tree) -> None:
        """`array[key] = value`: what lies between the last element and a new one is `undefined`."""
        if not _is_index(key) or int(key) > len(self) + _MOST_HOLES:
            self.properties[key] = value
            return
        self += [UNDEFINED] * (int(key) + 1 - len(self))
        self[int(key)] = value

    def find(self, key: str) -> Tree:
        """`array[key]`."""
        if not _is_index(key):
            return self.properties.get(key, UNDEFINED)
        return self[int(key)] if int(key) < len(self) else UNDEFINED


_MOST_HOLES: Final = 1000
"""Places that one variable may leave empty: no header has room for more."""


def _is_index(key: str) -> bool:
    """Whether JavaScript takes a key for the place of an element."""
    return key.isascii() and key.isdigit() and str(int(key[:9])) == key


def _is_object(node: Tree) -> TypeGuard[dict[str, Tree]]:
    return isinstance(node, dict)


def _set(config: dict[str, Tree], path: list[str], value: Tree) -> None:
    """lodash `set`: what is no object on the way is replaced by one, or by an array where an index follows."""
    node: dict[str, Tree] | _Array = config
    for key, following in pairwise(path):
        below = node.find(key) if isinstance(node, _Array) else node.get(key)
        if isinstance(below, Regex):
            below = _Array()  # an object without elements: only what is put into it is seen
            _put(node, key, below)
        elif not isinstance(below, _Array) and not _is_object(below):
            below = _Array() if _is_index(following) else {}
            _put(node, key, below)
        node = below
    _put(node, path[-1], value)


def _put(node: dict[str, Tree] | _Array, key: str, value: Tree) -> None:
    if isinstance(node, _Array):
        node.put(key, value)
    else:
        node[key] = value


_SEPARATORS: Final = lazy_pattern(r"[_.\- ]+([^\W_]|_|$)")


@lru_cache(maxsize=4096)
def camelcase(text: str) -> str:
    """npm camelcase 8 for the names of environment variables."""
    text = text.strip()
    if len(text) <= 1:
        return "" if text in "_.- " else text.lower()
    if text != text.lower():
        text = _separated(text)
    text = re.sub(r"\A[_.\- ]+", "", text).lower()
    text = re.sub(
        r"[0-9]+([^\W_]|_|$)",
        lambda match: match[0] if text[match.end() : match.end() + 1] in {"_", "-"} else match[0].upper(),
        text,
    )
    return _SEPARATORS.sub(lambda match: match[1].upper(), text)


def _separated(text: str) -> str:
    """A dash where a capital follows a small letter, and before the last of several capitals (preserveCamelCase)."""
    out: list[str] = []
    lower = upper = before_upper = False
    for character in text:
        kept = out[-3] == "-" if len(out) > 2 else True
        if lower and character.isupper():
            out += ["-", character]
            lower, before_upper, upper = False, upper, True
        elif upper and before_upper and character.islower() and not kept:
            out.insert(len(out) - 1, "-")
            out.append(character)
            before_upper, upper, lower = upper, False, True
        else:
            out.append(character)
            lower = character.islower()
            before_upper, upper = upper, character.isupper()
    return "".join(out)


# --- lodash merge ----------------------------------------------------------------------------------------------------


def _merge(base: Tree, over: Tree) -> Tree:
    """Objects by key, lists by index, `undefined` is skipped; anything else replaces."""
    if isinstance(over, Undefined):
        return base
    if _is_object(over):
        if isinstance(base, list):
            return _with_elements(base, over.items())
        below = base if _is_object(base) else {}
        merged: dict[str, Tree] = dict(below)
        for key, value in over.items():
            merged[key] = _merge(below.get(key, UNDEFINED), value)
        return merged
    if isinstance(over, list):
        return _with_elements(base if isinstance(base, list) else [], _members(over))
    return over


def _with_elements(base: list[Tree], members: Iterable[tuple[str, Tree]]) -> _Array:
    """Elements and properties merged into a list."""
    merged = _Array(base)
    for key, value in members:
        merged.put(key, _merge(merged.find(key), value))
    return merged


# --- helmet ----------------------------------------------------------------------------------------------------------


class _RefusedError(Exception):
    """helmet throws."""


_KEYWORDS: Final = frozenset(
    {"none", "self", "strict-dynamic", "report-sample", "inline-speculation-rules", "unsafe-inline", "unsafe-eval",
     "unsafe-hashes", "wasm-unsafe-eval"}
)  # fmt: skip
_PREFIXES: Final = ("nonce-", "sha256-", "sha384-", "sha512-")
_DEFAULTS: Final[dict[str, list[Tree]]] = {
    "default-src": ["'self'"],
    "base-uri": ["'self'"],
    "font-src": ["'self'", "https:", "data:"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
    "img-src": ["'self'", "data:"],
    "object-src": ["'none'"],
    "script-src": ["'self'"],
    "script-src-attr": ["'none'"],
    "style-src": ["'self'", "https:", "'unsafe-inline'"],
    "upgrade-insecure-requests": [],
}


def _dashed(name: str) -> str:
    return re.sub(r"[A-Z]", lambda match: f"-{match[0].lower()}", name)


def _helmet(options: Mapping[str, Tree], *, strict: bool) -> Csp:
    """helmet.contentSecurityPolicy(options); `strict`: version 8, which refuses unquoted keywords."""
    found: dict[str, list[Tree]] = {}
    disabled: set[str] = set()
    for name, value in _members(options.get("directives")):
        if not name or re.search(r"[^a-zA-Z0-9-]", name):
            raise _RefusedError("an invalid directive name")
        directive = _dashed(name)
        if directive in found or directive in disabled:
            raise _RefusedError(f"a duplicate directive `{directive}`")
        if value is None:
            if directive == "default-src":
                raise _RefusedError("`default-src` was set to `null`")
            disabled.add(directive)
            continue
        found[directive] = _entries(directive, value, strict=strict)
    if _truthy(options.get("useDefaults", True)):
        for directive, entries in _DEFAULTS.items():
            if directive not in disabled:
                found.setdefault(directive, entries)
    if "default-src" not in found:
        raise _RefusedError("no `default-src`")
    parts = {directive: _joined(directive, entries) for directive, entries in found.items()}
    header = ";".join(f"{directive}{text}" for directive, text in parts.items())
    sources = {directive: tuple(text.split()) for directive, text in parts.items()}
    return Csp(sources, header, _truthy(options.get("reportOnly")))


def _members(node: Tree) -> Iterable[tuple[str, Tree]]:
    """`for (name in node)`: places first, and of a text its characters; what is no object has none."""
    if isinstance(node, (str, list)):
        elements = [(str(place), element) for place, element in enumerate(node)]
        return [*elements, *(node.properties.items() if isinstance(node, _Array) else ())]
    return sorted(node.items(), key=_place) if isinstance(node, dict) else ()


def _place(member: tuple[str, Tree]) -> tuple[bool, int]:
    named = not _is_index(member[0])
    return named, 0 if named else int(member[0])


def _entries(directive: str, value: Tree, *, strict: bool) -> list[Tree]:
    if isinstance(value, str):
        entries: list[Tree] = [value]
    elif isinstance(value, list):
        entries = value
    else:
        # `false` and 0 are refused; `true`, numbers and objects cannot be looped over.
        raise _RefusedError(f"an invalid value for `{directive}`")
    for entry in entries:
        if isinstance(entry, str):
            if ";" in entry or "," in entry:
                raise _RefusedError(f"an invalid value for `{directive}`")
            if strict and (entry in _KEYWORDS or entry.startswith(_PREFIXES)):
                raise _RefusedError(f"an unquoted keyword in `{directive}`")
    return entries


def _joined(directive: str, entries: list[Tree]) -> str:
    text = "".join(f" {_js(entry)}" for entry in entries)
    if ";" in text or "," in text:
        raise _RefusedError(f"an invalid value for `{directive}`")
    return text


def _truthy(value: Tree) -> bool:
    if isinstance(value, (list, dict, Regex)):
        return True
    return bool(value) and not isinstance(value, Undefined) and value == value  # noqa: PLR0124 - NaN is false


def _js(value: Tree) -> str:
    """String(value)."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case float():
            return "Infinity" if value == float("inf") else repr(value)
        case Regex():
            return f"/{value.source}/"
        case list():
            return ",".join("" if item is None else _js(item) for item in value)
        case Undefined():
            return "undefined"
        case _:
            return "[object Object]"


def directive_names(variables: Iterable[str], prefix: str) -> Iterator[tuple[str, str]]:
    """(variable, directive) for the names that set one: `…_DIRECTIVES__IMG_SRC` sets `img-src`."""
    for name in variables:
        head, nested, rest = name.partition("__")
        if nested and "__" not in rest and camelcase(head[len(prefix) :]) == "directives":
            yield name, _dashed(camelcase(rest))


KEYWORDS: Final = _KEYWORDS
"""Sources that count only in single quotes; without them they are host names."""


def is_loose(sources: tuple[str, ...] | None) -> bool:
    """Whether a directive admits every host; without any (None) nothing restricts it."""
    return sources is None or bool(ANY_HOST.intersection(sources))


def parse_header(text: str) -> tuple[Csp, ...]:
    """The policies of one header that arrived: commas separate policies; of one directive twice the first counts (CSP 3)."""
    found = []
    for policy in text.split(","):
        directives: dict[str, tuple[str, ...]] = {}
        for part in policy.split(";"):
            name, *sources = part.split()[:500] or [""]
            if name:
                directives.setdefault(name.lower(), tuple(source.lower() for source in sources))
        if directives:
            found.append(Csp(directives, policy.strip(), report_only=False))
    return tuple(found)
