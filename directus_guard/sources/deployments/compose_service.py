"""One Compose service as one file writes it, and how two writings of it merge (compose-go's override rules)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard.directus.environment.deployment import (
    HOW_MANY,
    Known,
    Mount,
    Part,
    PublishedPort,
    Unknown,
    Variable,
)
from directus_guard.finding import Location
from directus_guard.secret import Secret, Unprinted
from directus_guard.sources.deployments.compose_interpolation import Result, interpolate
from directus_guard.sources.formats import yaml_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directus_guard.directus.environment.deployment import Value


class Given(Unprinted, frozen=True):
    """A variable of the project's `.env` or of an `env_file`.

    `text` is None when it refers to something outside; `fallback` is what it then is in an empty environment.
    """

    text: str | None
    location: Location
    fallback: str = ""
    unknown: Unknown | None = None
    """Why the text is not known."""


class Scope(Struct, frozen=True):
    """What a file's texts are read against: where relative paths begin, and the project's `.env`."""

    path: str
    folder: str
    variables: Mapping[str, Given]

    def lookup(self, name: str) -> str | None:
        """For the interpolation: the text of a variable, None if the repository does not tell it."""
        given = self.variables.get(name)
        return given.text if given else None

    def resolve(self, text: str) -> Result:
        """A text of the file with its references replaced."""
        return interpolate(text, self.lookup)


class EnvFile(Struct, frozen=True):
    """An entry of `env_file`. `path` is relative to the repository, None if unknown or outside."""

    path: str | None
    written: str
    required: bool
    raw: bool
    """`format: raw`: no quotes, no interpolation."""
    location: Location
    scope: Scope


class FileReference(Struct, frozen=True):
    """An entry of a service's `secrets` or `configs`."""

    kind: str
    source: str
    target: str
    location: Location


class Service(Struct, frozen=True):
    """What is known of a service; a field that is None or empty is not written."""

    location: Location
    image: Result | None = None
    image_location: Location | None = None
    build_context: str | None = None
    dockerfile: str | None = None
    target: str = ""
    """The stage that is built."""
    inline: yaml_document.Scalar | None = None
    """`dockerfile_inline`."""
    environment: Mapping[str, Variable] = field(default_factory=dict)
    env_files: tuple[EnvFile, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    mounts: Mapping[str, Mount] = field(default_factory=dict)
    references: tuple[FileReference, ...] = ()
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    working_dir: str = ""
    profiles: tuple[str, ...] = ()
    replicas: int | None = None
    open: tuple[str, ...] = ()
    consumed: frozenset[str] = frozenset()
    reset: frozenset[str] = frozenset()
    """Keys tagged `!reset` or `!override`: nothing of what is merged beneath them remains."""
    odd: tuple[tuple[Location, str], ...] = ()
    """Members of another type than Compose takes, and what is wrong with each."""
    startable: bool = False
    """Whether an image or a build is written, of whatever form."""
    extends: tuple[str, str, Location] | None = None
    """File ("" = this one), service and place of an `extends`."""


_KEYS: Final = {
    "image": "image", "environment": "environment", "env_file": "env_files", "ports": "ports", "volumes": "mounts",
    "secrets": "references", "configs": "references", "command": "command", "entrypoint": "entrypoint", "profiles": "profiles", "build": "build_context",
}  # fmt: skip


def merge(base: Service, over: Service) -> Service:
    """`over` on top of `base`: single values are replaced, mappings merged by key, lists of ports and files appended."""
    base = _without(base, over.reset)
    same = {port.location for port in base.ports}
    return replace(
        base,
        location=base.location,
        image=over.image or base.image,
        image_location=over.image_location if over.image else base.image_location,
        build_context=base.build_context if over.build_context is None else over.build_context,
        dockerfile=base.dockerfile if over.dockerfile is None else over.dockerfile,
        target=over.target or base.target,
        inline=base.inline if over.inline is None else over.inline,
        environment={**base.environment, **over.environment},
        env_files=_unique((*base.env_files, *over.env_files)),
        ports=(*base.ports, *(port for port in over.ports if port.location not in same)),
        mounts={**base.mounts, **over.mounts},
        references=(*base.references, *over.references),
        command=over.command or base.command,
        entrypoint=over.entrypoint or base.entrypoint,
        working_dir=over.working_dir or base.working_dir,
        profiles=tuple(dict.fromkeys((*base.profiles, *over.profiles))),
        replicas=base.replicas if over.replicas is None else over.replicas,
        open=tuple(dict.fromkeys((*base.open, *over.open))),
        odd=tuple(dict.fromkeys((*base.odd, *over.odd))),
        startable=base.startable or over.startable,
        consumed=base.consumed | over.consumed,
        extends=None,
    )


def _unique(entries: tuple[EnvFile, ...]) -> tuple[EnvFile, ...]:
    """Each file once, at its first place, as the last entry has it; `x.env` and `./x.env` are two to Compose
    (compose-go, override/uncity.go).
    """
    return tuple({(entry.scope.folder, entry.written): entry for entry in entries}.values())


def _without(service: Service, keys: frozenset[str]) -> Service:
    empty = Service(service.location)
    for key in keys:
        name = _KEYS.get(key)
        if name == "references":
            service = replace(service, references=tuple(item for item in service.references if item.kind != key))
        elif name:
            service = replace(service, **{name: getattr(empty, name)})
    return service


def read(
    node: yaml_document.Mapping, location: Location, scope: Scope, resolve: Callable[[str, str], str | None]
) -> Service:
    """The service as one file writes it. `resolve(folder, relative)` gives a path of the repository, None outside of it."""
    context, dockerfile = _build(node, scope, resolve)
    image = node.scalar("image")
    reset = frozenset(entry.key.text for entry in node.entries if entry.value.tag in {"!reset", "!override"})
    node = yaml_document.Mapping(tuple(entry for entry in node.entries if entry.value.tag != "!reset"), node.location)
    odd = tuple(_odd(node))
    return Service(
        location=location,
        odd=odd,
        open=(*(message for _, message in odd), *_unseen_replicas(node)),
        startable=not (yaml_document.is_null(node.get("image")) and yaml_document.is_null(node.get("build"))),
        image=scope.resolve(image.text) if image else None,
        image_location=image.location if image else None,
        build_context=context,
        dockerfile=dockerfile,
        target=_target(node, scope),
        inline=_inline(node),
        environment={variable.name: variable for variable in _environment(node.get("environment"), scope)},
        env_files=tuple(_env_files(node.get("env_file"), scope, resolve)),
        ports=tuple(_ports(node.get("ports"), scope)),
        mounts={mount.target: mount for mount in _mounts(node.get("volumes"), scope)},
        references=(*_references(node.get("secrets"), "secrets"), *_references(node.get("configs"), "configs")),
        command=tuple(_texts(node.get("command"))),
        entrypoint=tuple(_texts(node.get("entrypoint"))),
        working_dir=scope.resolve(node.text("working_dir") or "").unattended or "",
        profiles=tuple(_texts(node.get("profiles"))),
        replicas=_replicas(node),
        reset=reset,
        extends=_extends(node, location),
    )


# --- types -----------------------------------------------------------------------------------------------------------

_MAPPING_OR_LIST: Final = (yaml_document.Mapping, yaml_document.Sequence)
_TEXT_OR_LIST: Final = (yaml_document.Scalar, yaml_document.Sequence)
_TEXT_OR_MAPPING: Final = (yaml_document.Scalar, yaml_document.Mapping)
_TYPES: Final[Mapping[str, tuple[tuple[type, ...], tuple[type, ...], str]]] = {
    "image": ((yaml_document.Scalar,), (), "a text"),
    "build": (_TEXT_OR_MAPPING, (), "a text or a mapping"),
    "environment": (_MAPPING_OR_LIST, (yaml_document.Scalar,), "a mapping or a list of texts"),
    "env_file": (_TEXT_OR_LIST, _TEXT_OR_MAPPING, "a text or a list"),
    "ports": ((yaml_document.Sequence,), _TEXT_OR_MAPPING, "a list"),
    "volumes": ((yaml_document.Sequence,), _TEXT_OR_MAPPING, "a list"),
    "secrets": ((yaml_document.Sequence,), _TEXT_OR_MAPPING, "a list"),
    "configs": ((yaml_document.Sequence,), _TEXT_OR_MAPPING, "a list"),
    "deploy": ((yaml_document.Mapping,), (), "a mapping"),
    "command": (_TEXT_OR_LIST, (yaml_document.Scalar,), "a text or a list"),
}
"""What a member of a service may be, and what its items may be (compose-spec.json). Null is nothing written."""


def _odd(node: yaml_document.Mapping) -> Iterator[tuple[Location, str]]:
    """Members of another type, a reference to something outside (`environment: ${X}`) too: what they set is not known."""
    for key, (kinds, items, expected) in _TYPES.items():
        value = node.get(key)
        if yaml_document.is_null(value) or value is None:
            continue
        if not isinstance(value, kinds):
            yield value.location, f"`{key}` is not {expected}: what it sets is not known"
            continue
        if key == "image" and isinstance(value, yaml_document.Scalar) and _is_no_text(value):
            yield value.location, "`image` is a number or a boolean, not a text: what runs is not known"
        if not items:
            continue
        held = value.items if isinstance(value, yaml_document.Sequence) else _values(value)
        wrong = next((item for item in held if not isinstance(item, items) or _is_no_item(key, item)), None)
        if wrong is not None:
            yield wrong.location, f"`{key}` holds something else than {expected}: what it sets is not known"


def _values(node: yaml_document.Node) -> tuple[yaml_document.Node, ...]:
    return tuple(entry.value for entry in node.entries) if isinstance(node, yaml_document.Mapping) else ()


def _is_no_text(scalar: yaml_document.Scalar) -> bool:
    """Whether YAML reads a scalar as a number or a boolean."""
    if not scalar.plain or scalar.tag:
        return False
    return scalar.text in _BOOLEANS or bool(_INTEGER.fullmatch(scalar.text) or _FLOAT.fullmatch(scalar.text))


def _is_no_item(key: str, item: yaml_document.Node) -> bool:
    """Whether an item cannot be one of its list: ports may be numbers, nothing may be a boolean or a mere reference."""
    if isinstance(item, yaml_document.Mapping):
        wanted = {"ports": "target", "volumes": "target", "env_file": "path"}.get(key, "source")
        return item.get(wanted) is None
    if not isinstance(item, yaml_document.Scalar) or key not in ("ports", "volumes", "env_file"):
        return False
    if yaml_document.is_null(item) or item.text in _BOOLEANS:
        return True
    if key == "ports":
        return _REFERENCE.fullmatch(item.text) is not None
    return key == "volumes" and (_is_no_text(item) or _REFERENCE.fullmatch(item.text) is not None)


# --- environment -----------------------------------------------------------------------------------------------------


def _environment(node: yaml_document.Node | None, scope: Scope) -> Iterator[Variable]:
    if isinstance(node, yaml_document.Mapping):
        for entry in node.entries:
            if isinstance(entry.value, yaml_document.Scalar):
                yield _variable(
                    entry.key.text, scalar_text(entry.value), entry.value.location, entry.key.location, scope
                )
    elif isinstance(node, yaml_document.Sequence):
        for item in node.items:
            if isinstance(item, yaml_document.Scalar) and item.text:
                name, equals, text = item.text.partition("=")
                place = item.location
                region = Location(
                    place.path, place.line, place.column + len(name) + 1, place.end_line, place.end_column
                )
                yield _variable(name, text if equals else None, region if equals else place, place, scope)


def _variable(name: str, text: str | None, location: Location, key: Location, scope: Scope) -> Variable:
    """A variable of `environment`; without a text it is handed on from the project's environment."""
    if text is None:
        given = scope.variables.get(name)
        if given is not None and given.text is not None:
            return Variable(name, Known(Secret(given.text)), given.location, "environment", (key,))
        return Variable(name, Unknown(f"`{name}` is handed on from outside the repository"), key, "environment")
    result = scope.resolve(text)
    single = scope.variables.get(result.single) if result.single else None
    if single is not None:
        return Variable(name, value(result, text), single.location, "environment", (location,))
    given = _handed_on(text, scope)
    if given is not None and given.unknown is not None:
        return Variable(name, given.unknown, given.location, "environment", (location,))
    parts = taken(result, scope.variables.get)
    return Variable(
        name,
        value(result, text),
        location,
        "environment",
        parts=parts,
        literal=Secret(result.literal) if parts else None,
    )


def taken(result: Result, find: Callable[[str], Given | None]) -> tuple[Part, ...]:
    """The texts that an interpolation put in."""
    given = (find(name) for name in result.names)
    return tuple(Part(one.location, Secret(one.text)) for one in given if one is not None and one.text is not None)


def value(result: Result, template: str) -> Value:
    """What the interpolation of a template gave, as a variable's value."""
    if result.text is not None:
        return Known(Secret(result.text))
    if result.template:
        return Unknown(result.reason, written=Secret(template))
    return Unknown(
        result.reason,
        Secret(result.fallback) if result.fallback else None,
        result.defaulted,
        Secret(template),
        result.accident,
    )


_WHOLE: Final = re.compile(r"\$\{([_A-Za-z][_A-Za-z0-9]*)(?::?\?[^{}]*)?\}|\$([_A-Za-z][_A-Za-z0-9]*)")


def _handed_on(template: str, scope: Scope) -> Given | None:
    """The variable of the project that is known in part, where the template is nothing but a reference to it."""
    whole = _WHOLE.fullmatch(template)
    given = scope.variables.get(whole[1] or whole[2]) if whole else None
    held = given.unknown if given is not None else None
    return given if held is not None and held.written and _WHOLE.fullmatch(held.written.reveal()) is None else None


_INTEGER: Final = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]*|0[bB][01_]+|[1-9][0-9_]*)")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BOOLEANS: Final = {
    "true": "true",
    "True": "true",
    "TRUE": "true",
    "false": "false",
    "False": "false",
    "FALSE": "false",
}
_EXACT: Final = 2**63


def scalar_text(scalar: yaml_document.Scalar) -> str | None:
    """The text Compose makes of a scalar, None for null: yaml.v3 resolves plain ones, fmt.Sprint writes them."""
    if yaml_document.is_null(scalar) and not scalar.tag:
        return None
    if not scalar.plain or scalar.tag:
        return scalar.text
    text = scalar.text
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text[:1] not in "+-.0123456789" or len(text) > 100:
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    return _float(text) if _FLOAT.fullmatch(text) else text


def _integer(text: str) -> str:
    sign = "-" if text.startswith("-") else ""
    digits = text.lstrip("+-").replace("_", "").lower()
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2])
    if base is not None:
        number = int(digits[2:] or "0", base)
    elif digits.startswith("0") and len(digits) > 1:
        number = int(digits, 8)
    else:
        number = int(digits)
    if number >= 2 * _EXACT or (sign and number > _EXACT):
        return _float(text.replace("_", ""))
    return f"{sign}{number}" if number else "0"


def _float(text: str) -> str:
    """Go's %v of a float64: the shortest digits that read back, an exponent from 1e21 on and below 1e-4."""
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        return text
    mantissa, _, exponent = repr(number).partition("e")
    if number and (abs(number) < 1e-4 or abs(number) >= 1e21):
        if not exponent:
            mantissa, _, exponent = f"{number:e}".partition("e")
        power = int(exponent)
        return f"{mantissa.removesuffix('.0')}e{'-' if power < 0 else '+'}{abs(power):02}"
    if number.is_integer():
        return ("-0" if repr(number).startswith("-0") else str(int(number))) if not number else str(int(number))
    return repr(number)


# --- env_file --------------------------------------------------------------------------------------------------------


def _env_files(
    node: yaml_document.Node | None, scope: Scope, resolve: Callable[[str, str], str | None]
) -> Iterator[EnvFile]:
    items = node.items if isinstance(node, yaml_document.Sequence) else (node,)
    for item in items:
        written, required, raw = item, True, False
        if isinstance(item, yaml_document.Mapping):
            written = item.scalar("path")
            required = item.text("required") not in {"false", "False", "FALSE"}
            raw = item.text("format") == "raw"
        if isinstance(written, yaml_document.Scalar) and written.text:
            result = scope.resolve(written.text)
            path = None if result.text is None else resolve(scope.folder, result.text)
            yield EnvFile(path, written.text, required, raw, written.location, scope)


# --- the rest --------------------------------------------------------------------------------------------------------


def _build(
    node: yaml_document.Mapping, scope: Scope, resolve: Callable[[str, str], str | None]
) -> tuple[str | None, str | None]:
    """Build context and Dockerfile as paths of the repository."""
    build = node.get("build")
    if isinstance(build, yaml_document.Scalar) and not yaml_document.is_null(build):
        context, dockerfile = scope.resolve(build.text).text, "Dockerfile"
    elif isinstance(build, yaml_document.Mapping):
        context = scope.resolve(build.text("context") or ".").text
        dockerfile = "" if _inline(node) else scope.resolve(build.text("dockerfile") or "Dockerfile").text or ""
    else:
        return None, None
    folder = None if context is None or "://" in context else resolve(scope.folder, context)
    if folder is None:
        return None, None
    return folder, resolve(folder, dockerfile) if dockerfile else None


def _target(node: yaml_document.Mapping, scope: Scope) -> str:
    build = node.mapping("build")
    return scope.resolve(build.text("target") or "").unattended or "" if build is not None else ""


def _inline(node: yaml_document.Mapping) -> yaml_document.Scalar | None:
    build = node.mapping("build")
    held = build.scalar("dockerfile_inline") if build is not None else None
    return None if held is None or yaml_document.is_null(held) else held


def _extends(node: yaml_document.Mapping, location: Location) -> tuple[str, str, Location] | None:
    extends = node.get("extends")
    if isinstance(extends, yaml_document.Scalar) and extends.text:
        return "", extends.text, extends.location
    if isinstance(extends, yaml_document.Mapping) and extends.text("service"):
        return extends.text("file") or "", extends.text("service") or "", node.locate("extends")
    return None if yaml_document.is_null(extends) else ("", "", location)


_PORT: Final = re.compile(
    r"(?:(?P<host>\[[^\]]*\]|[0-9.]+|[A-Za-z][\w.-]*)?:)?(?:(?P<published>[0-9-]*):)?(?P<target>[0-9-]+)(?:/\w+)?"
)


_REFERENCE: Final = re.compile(r"\$\{[^{}]*\}|\$\w+")


def _ports(node: yaml_document.Node | None, scope: Scope) -> Iterator[PublishedPort]:
    for item in node.items if isinstance(node, yaml_document.Sequence) else ():
        if isinstance(item, yaml_document.Mapping):
            target = item.scalar("target")
            if target:
                published = scope.resolve(item.text("published") or "").unattended or ""
                host = scope.resolve(item.text("host_ip") or "").unattended or ""
                yield PublishedPort(target.text, published, host, target.location)
        elif isinstance(item, yaml_document.Scalar):
            written = scalar_text(item) or ""
            result = scope.resolve(written)
            text = result.unattended if result.text is not None or result.defaulted else None
            match = _PORT.fullmatch(_REFERENCE.sub("0", written) if text is None else text)
            if match and text is None and (written.startswith("$") or not match["host"]):
                # The first part comes from outside: it may be a port, or an address and a port.
                yield PublishedPort(match["target"], "", "", item.location, "where it is published comes from outside")
            elif match:
                host, published = match["host"] or "", match["published"] or ""
                if not match["published"] and host and host.replace("-", "").isdigit():
                    host, published = "", host
                yield PublishedPort(match["target"], published, host.strip("[]"), item.location)


def _mounts(node: yaml_document.Node | None, scope: Scope) -> Iterator[Mount]:
    for item in node.items if isinstance(node, yaml_document.Sequence) else ():
        if isinstance(item, yaml_document.Mapping):
            target = item.text("target")
            if target:
                source = scope.resolve(item.text("source") or "").unattended or ""
                yield Mount(source, target, item.text("read_only") in {"true", "True", "TRUE"}, item.location)
        elif isinstance(item, yaml_document.Scalar):
            parts = (scope.resolve(item.text).unattended or "").split(":")
            if len(parts) == 1:
                yield Mount("", parts[0], False, item.location)
            elif len(parts) in {2, 3}:
                yield Mount(
                    parts[0], parts[1], "ro" in parts[2].split(",") if len(parts) == 3 else False, item.location
                )


def _references(node: yaml_document.Node | None, kind: str) -> Iterator[FileReference]:
    root = "/run/secrets/" if kind == "secrets" else "/"
    for item in node.items if isinstance(node, yaml_document.Sequence) else ():
        if isinstance(item, yaml_document.Scalar) and item.text:
            yield FileReference(kind, item.text, root + item.text, item.location)
        elif isinstance(item, yaml_document.Mapping) and item.text("source"):
            source = item.text("source") or ""
            target = item.text("target") or source
            yield FileReference(kind, source, target if target.startswith("/") else root + target, item.location)


def _texts(node: yaml_document.Node | None) -> Iterator[str]:
    for item in node.items if isinstance(node, yaml_document.Sequence) else (node,):
        if isinstance(item, yaml_document.Scalar) and not yaml_document.is_null(item):
            yield item.text


def _unseen_replicas(node: yaml_document.Mapping) -> Iterator[str]:
    deploy = node.mapping("deploy")
    written = deploy.get("replicas") if deploy else node.get("scale")
    if not yaml_document.is_null(written) and _replicas(node) is None:
        yield f"{HOW_MANY}: `replicas` is not a number here"


def _replicas(node: yaml_document.Mapping) -> int | None:
    deploy = node.mapping("deploy")
    text = (deploy.text("replicas") if deploy else None) or node.text("scale")
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else None
