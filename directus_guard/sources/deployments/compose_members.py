"""The members of a Compose service: environment, files, build, ports, mounts, secrets and configs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.disclosure import shown_name
from directus_guard.directus.environment.deployment import Known, Mount, PublishedPort, Unknown, Variable
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.deployments.compose_scalars import scalar_text
from directus_guard.sources.deployments.compose_scope import REFERENCE, ComposeScope, ComposeVariable, taken, value
from directus_guard.sources.formats import yaml_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.sources.deployments.compose_interpolation import Result


class EnvFile(Struct, frozen=True):
    """An entry of `env_file`. `path` is relative to the repository, None if unknown or outside."""

    path: str | None
    written: str
    required: bool
    raw: bool
    """`format: raw`: no quotes, no interpolation."""
    location: Location
    scope: ComposeScope
    outside: str
    """Why it may be another file that is read: `path` is then what its default says."""


class FileReference(Struct, frozen=True):
    """An entry of a service's `secrets` or `configs`."""

    kind: str
    source: str
    target: str
    location: Location


def environment(
    node: yaml_document.Node | None, scope: ComposeScope, origin: str = "environment"
) -> Iterator[Variable]:
    """The variables of `environment`, or of another member (`origin`) of its form: a mapping or a list."""
    if isinstance(node, yaml_document.Mapping):
        for entry in node.entries:
            if isinstance(entry.value, yaml_document.Scalar):
                yield _variable(
                    entry.key.text, scalar_text(entry.value), entry.value.location, entry.key.location, scope, origin
                )
    elif isinstance(node, yaml_document.Sequence):
        for item in node.items:
            written = _entry(item, scope)
            if isinstance(written, str):
                name, equals, text = written.partition("=")
                place = item.location
                region = Location(
                    place.path, place.line, place.column + len(name) + 1, place.end_line, place.end_column
                )
                yield _variable(name, text if equals else None, region if equals else place, place, scope, origin)


def unseen_entries(node: yaml_document.Node | None, scope: ComposeScope, member: str = "environment") -> Iterator[Gap]:
    """Entries of the list form of `environment`, or of another `member`, whose variable only a value from outside names."""
    for item in node.items if isinstance(node, yaml_document.Sequence) else ():
        found = _entry(item, scope)
        if found is not None and not isinstance(found, str):
            yield unseen(f"an entry of `{member}` is not known: {found.reason}")


def _entry(item: yaml_document.Node, scope: ComposeScope) -> str | Result | None:
    """An entry of a list as `NAME=value` or `NAME`, `Result` where the name comes from outside, None if it is none.

    Compose puts values in before it looks for the first `=`.
    """
    if not isinstance(item, yaml_document.Scalar) or not item.text:
        return None
    if "$" not in item.text.partition("=")[0]:
        return item.text
    found = scope.resolve(item.text)
    return found if found.text is None else found.text.replace("$", "$$")


def _variable(
    name: str, text: str | None, location: Location, key: Location, scope: ComposeScope, origin: str
) -> Variable:
    """A variable of `environment`; without a text it is handed on from the project's environment."""
    if text is None:
        given = scope.variables.get(name)
        if given is not None and given.text is not None:
            return Variable(name, Known(Secret(given.text)), given.location, origin, (key,))
        return Variable(name, Unknown(f"`{shown_name(name)}` is handed on from outside the repository"), key, origin)
    result = scope.resolve(text)
    single = scope.variables.get(result.single) if result.single else None
    if single is not None:
        return Variable(name, value(result, text), single.location, origin, (location,))
    given = _handed_on(text, scope)
    if given is not None and given.unknown is not None:
        return Variable(name, given.unknown, given.location, origin, (location,))
    parts = taken(result, scope.variables.get)
    return Variable(
        name,
        value(result, text),
        location,
        origin,
        parts=parts,
        literal=Secret(result.literal) if parts else None,
    )


_WHOLE: Final = lazy_pattern(r"\$\{([_A-Za-z][_A-Za-z0-9]*)(?::?\?[^{}]*)?\}|\$([_A-Za-z][_A-Za-z0-9]*)")


def _handed_on(template: str, scope: ComposeScope) -> ComposeVariable | None:
    """The variable of the project that is known in part, where the template is nothing but a reference to it."""
    whole = _WHOLE.fullmatch(template)
    given = scope.variables.get(whole[1] or whole[2]) if whole else None
    held = given.unknown if given is not None else None
    return given if held is not None and held.written and _WHOLE.fullmatch(held.written.reveal()) is None else None


def env_files(
    node: yaml_document.Node | None, scope: ComposeScope, resolve: Callable[[str, str], str | None]
) -> Iterator[EnvFile]:
    """The entries of `env_file`, a text or a list."""
    items = node.items if isinstance(node, yaml_document.Sequence) else (node,)
    for item in items:
        written, required, raw = item, True, False
        if isinstance(item, yaml_document.Mapping):
            written = item.scalar("path")
            required = item.text("required") not in {"false", "False", "FALSE"}
            raw = item.text("format") == "raw"
        if isinstance(written, yaml_document.Scalar) and written.text:
            result = scope.resolve(written.text)
            text = result.text if result.text is not None else (result.fallback if result.defaulted else None)
            path = None if not text else resolve(scope.folder, text)
            outside = result.reason if result.text is None else ""
            yield EnvFile(path, written.text, required, raw, written.location, scope, outside)


def build(
    node: yaml_document.Mapping, scope: ComposeScope, resolve: Callable[[str, str], str | None]
) -> tuple[str | None, str | None]:
    """Build context and Dockerfile as paths of the repository."""
    build = node.get("build")
    if isinstance(build, yaml_document.Scalar) and not yaml_document.is_null(build):
        context, dockerfile = scope.resolve(build.text).text, "Dockerfile"
    elif isinstance(build, yaml_document.Mapping):
        context = scope.resolve(build.text("context") or ".").text
        dockerfile = "" if inline(node) else scope.resolve(build.text("dockerfile") or "Dockerfile").text or ""
    else:
        return None, None
    folder = None if context is None or "://" in context else resolve(scope.folder, context)
    if folder is None:
        return None, None
    return folder, resolve(folder, dockerfile) if dockerfile else None


def unseen_build(node: yaml_document.Mapping, scope: ComposeScope) -> Iterator[Gap]:
    """Why it is not known what the image holds: where it is built from is elsewhere, or only known outside."""
    build = node.get("build")
    parts: dict[str, yaml_document.Node | None] = {"build": build} if isinstance(build, yaml_document.Scalar) else {}
    if isinstance(build, yaml_document.Mapping):
        parts = {key: build.get(key) for key in ("context", "dockerfile", "target")}
        yield from unseen_entries(build.get("args"), scope, "build.args")
    for key, written in parts.items():
        if not isinstance(written, yaml_document.Scalar):
            if not yaml_document.is_null(written):
                yield unseen(f"what it is built from is not known: `{key}` is not a text")
            continue
        found = scope.resolve(written.text)
        if found.text is None:
            yield unseen(f"what it is built from is not known: {found.reason}")
        elif "://" in found.text:
            yield unseen("it is built from another repository")


def target(node: yaml_document.Mapping, scope: ComposeScope) -> str:
    """The stage that is built, "" for the last."""
    build = node.mapping("build")
    return scope.resolve(build.text("target") or "").unattended or "" if build is not None else ""


def build_arguments(node: yaml_document.Mapping, scope: ComposeScope) -> Iterator[Variable]:
    """What `build.args` gives for the arguments of the Dockerfile."""
    build = node.mapping("build")
    return environment(build.get("args") if build is not None else None, scope, "build.args")


def inline(node: yaml_document.Mapping) -> yaml_document.Scalar | None:
    """The text of `dockerfile_inline`."""
    build = node.mapping("build")
    held = build.scalar("dockerfile_inline") if build is not None else None
    return None if held is None or yaml_document.is_null(held) else held


def extends(node: yaml_document.Mapping, location: Location) -> tuple[str, str, Location] | None:
    """File ("" = this one), service and place of what the service extends."""
    extends = node.get("extends")
    if isinstance(extends, yaml_document.Scalar) and extends.text:
        return "", extends.text, extends.location
    if isinstance(extends, yaml_document.Mapping) and extends.text("service"):
        return extends.text("file") or "", extends.text("service") or "", node.locate("extends")
    return None if yaml_document.is_null(extends) else ("", "", location)


_PORT: Final = lazy_pattern(
    r"(?:(?P<host>\[[^\]]*\]|[0-9.]+|[A-Za-z][\w.-]*)?:)?(?:(?P<published>[0-9-]*):)?(?P<target>[0-9-]+)(?:/\w+)?"
)


def ports(node: yaml_document.Node | None, scope: ComposeScope) -> Iterator[PublishedPort]:
    """The ports that are published, in the short and the long form."""
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
            if text is None and REFERENCE.fullmatch(written):
                yield PublishedPort("", "", "", item.location, "which port it publishes comes from outside")
                continue
            match = _PORT.fullmatch(REFERENCE.sub("0", written) if text is None else text)
            if match and text is None and (written.startswith("$") or not match["host"]):
                # The first part comes from outside: it may be a port, or an address and a port.
                yield PublishedPort(match["target"], "", "", item.location, "where it is published comes from outside")
            elif match:
                host, published = match["host"] or "", match["published"] or ""
                if not match["published"] and host and host.replace("-", "").isdigit():
                    host, published = "", host
                yield PublishedPort(match["target"], published, host.strip("[]"), item.location)


def mounts(node: yaml_document.Node | None, scope: ComposeScope) -> Iterator[Mount]:
    """The volumes, in the short and the long form."""
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


def references(node: yaml_document.Node | None, kind: str) -> Iterator[FileReference]:
    """The secrets or configs that are put into the container; `kind` says which."""
    root = "/run/secrets/" if kind == "secrets" else "/"
    for item in node.items if isinstance(node, yaml_document.Sequence) else ():
        if isinstance(item, yaml_document.Scalar) and item.text:
            yield FileReference(kind, item.text, root + item.text, item.location)
        elif isinstance(item, yaml_document.Mapping) and item.text("source"):
            source = item.text("source") or ""
            target = item.text("target") or source
            yield FileReference(kind, source, target if target.startswith("/") else root + target, item.location)


def texts(node: yaml_document.Node | None) -> Iterator[str]:
    """The texts of a member that is one text or a list of texts."""
    for item in node.items if isinstance(node, yaml_document.Sequence) else (node,):
        if isinstance(item, yaml_document.Scalar) and not yaml_document.is_null(item):
            yield item.text


def replicas(node: yaml_document.Mapping) -> int | Unknown | None:
    """The number of containers: None where it is not written, unknown where it is no number here."""
    deploy = node.mapping("deploy")
    text = (deploy.text("replicas") if deploy else None) or node.text("scale")
    if text and text.isascii() and text.isdigit() and len(text) < 6:
        return int(text)
    written = deploy.get("replicas") if deploy else node.get("scale")
    return (
        None
        if yaml_document.is_null(written)
        else Unknown("how many of it run is not known: `replicas` is not a number here")
    )
