"""Container definitions as ECS, CloudFormation and Terraform providers write them: an image beside an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Deployment, Known, Unknown, Variable
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.gaps import Gap, filled_in_later, unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, image_reference
from directus_guard.sources.formats import values
from directus_guard.sources.formats.values import ComputedValue, List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.environment.deployment import Image, Platform, VersionEvidence
    from directus_guard.sources.formats.values import Value

_ENVIRONMENTS: Final = frozenset({
    "environment", "env", "environment_variables", "environmentvariables", "env_vars", "envvars", "config_vars",
    "app_settings", "runtime_environment_variables", "variables", "environmentfiles", "secrets",
    "sensitive_config_vars", "secure_environment_variables", "envs", "secret_environment_variables",
    "env_from", "envfrom", "runtime_environment_secrets",
})  # fmt: skip
_SHARING: Final = "digitalocean_app/"
"""Resources whose environment is for all the containers in them."""
_SHARERS: Final = ("service", "worker", "job")
_FROM: Final = ("env_from", "envfrom")
_COMMANDS: Final = frozenset({"command", "entrypoint", "entry_point", "args"})
_ASSIGNED: Final = lazy_pattern(r'"?([A-Za-z_][A-Za-z0-9_]*)=')
_IMAGES: Final = frozenset({
    "image", "docker_image_name", "image_name", "container_image",
    "source_image",  # of Railway
    "registry_image",  # of Scaleway
    "image_identifier",  # of App Runner
})  # fmt: skip
_AROUND_IMAGE: Final = frozenset({"docker", "runtime_source"})
"""Blocks beside an environment that hold the image: of Koyeb and Render."""
_AROUND_ENVIRONMENT: Final = "image_configuration"
"""The block of App Runner beside its image."""


def deployments(
    root: Value, platform: Platform, path: str, label: str, resolve: Callable[[Value], Value] = lambda value: value
) -> Iterator[Deployment]:
    """The Directus containers anywhere below `root`. `resolve` follows references to values written elsewhere."""
    stack: list[tuple[Value, str, _Shared]] = [(root, label, _Shared())]
    while stack:
        node, name, shared = stack.pop()
        node = resolve(node)
        if isinstance(node, List):
            stack.extend((item, name, shared) for item in reversed(node.items))
        if not isinstance(node, ObjectValue):
            continue
        shares = label.startswith(_SHARING) and any(map(node.get, _SHARERS))
        made = None if shares else _deployment(node, platform, path, name, resolve)
        if made is not None:
            variables, gaps = (*shared.variables, *made.variables), (*shared.gaps, *made.gaps)
            yield replace(made, variables=variables, gaps=tuple(dict.fromkeys(gaps)))
            continue
        if shares:
            shared = shared.with_(*_environment(node, resolve))
        stack.extend((entry.value, name, shared) for entry in reversed(node.entries))


class _Shared(Struct, frozen=True):
    """The environment that a block gives to every container in it."""

    variables: tuple[Variable, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def with_(self, variables: list[Variable], gaps: list[Gap]) -> _Shared:
        """The same with what an inner block adds."""
        return _Shared((*self.variables, *variables), (*self.gaps, *gaps))


def _deployment(
    node: ObjectValue, platform: Platform, path: str, label: str, resolve: Callable[[Value], Value]
) -> Deployment | None:
    image = _image(node, resolve)
    variables, gaps = _environment(node, resolve)
    is_image = image is not None and is_directus_image(image.repository)
    if not is_image and not application.configures_directus(variables):
        return None
    if image is not None and not is_image and not image.unknown and "directus" not in image.repository:
        return None
    named = resolve(node.get("name") or node.get("Name") or node)
    own = named.text if isinstance(named, Text) else ""
    runs_once = application.runs_once(_words(node, resolve))
    name = "/".join(dict.fromkeys(part for part in (label, own) if part))
    return Deployment(
        name=f"{path}#{name}" if name else path,
        platform=platform,
        location=node.location,
        variables=tuple(variables),
        gaps=tuple(dict.fromkeys((*gaps, *runs_once))),
        image=image,
        version=_version(node, image, resolve),
        hints=(application.plain(name),),
        replicas=values.count(node.text("desired_count")),
        partial=bool(runs_once),
        consumed=frozenset({path}),
    )


def _words(node: ObjectValue, resolve: Callable[[Value], Value]) -> Iterator[str]:
    """The words of the container's entry point and command."""
    given = (entry.value for entry in node.entries if entry.key.text.lower() in _COMMANDS)
    yield from (part.text for one in given for part in values.walk(resolve(one)) if isinstance(part, Text))


def _environment(node: ObjectValue, resolve: Callable[[Value], Value]) -> tuple[list[Variable], list[Gap]]:
    """What an object sets by its own members, and why there may be more."""
    variables: list[Variable] = []
    commanded: list[Variable] = []
    gaps: list[Gap] = [unseen(node.computed)] if node.computed else []
    for entry in node.entries:
        if entry.key.text.lower() in _ENVIRONMENTS:
            _read(entry.key.text, resolve(entry.value), variables, gaps, resolve)
        elif entry.key.text == _AROUND_ENVIRONMENT and isinstance(inner := resolve(entry.value), ObjectValue):
            more, unread = _environment(inner, resolve)
            variables += more
            gaps += unread
        elif isinstance(entry.value, ComputedValue) and entry.key.text == "dynamic":
            if entry.value.source.lower() in _ENVIRONMENTS:
                gaps.append(unseen(f"`{application.plain(entry.value.source)}`: {entry.value.reason}"))
        elif entry.key.text.lower() in _COMMANDS:
            words = [part.text for part in values.walk(resolve(entry.value)) if isinstance(part, Text)]
            by_command, taken_in = command_line.environment(words, entry.key.location)
            commanded += by_command
            gaps += taken_in
    variables += commanded
    return variables, gaps


def _image(node: ObjectValue, resolve: Callable[[Value], Value]) -> Image | None:
    written = _written_image(node, resolve)
    held = None if written is None else resolve(written)
    if isinstance(held, ObjectValue):
        parts = filter(None, (held.text("registry"), held.text("repository") or held.text("image_url")))
        return image_reference.parse(f"{'/'.join(parts)}:{held.text('tag') or ''}".rstrip(":"), held.location)
    if isinstance(held, Text):
        return image_reference.parse(held.text, held.location)
    if isinstance(held, ComputedValue):
        first = held.parts[0] if held.parts else None
        known = first.text.rstrip(":@") if isinstance(first, Text) else ""  # `directus/directus:${…}`
        given = held.fallback is not None
        return image_reference.parse(held.fallback or known, held.location, held.reason, from_fallback=given)
    return None


def _written_image(node: ObjectValue, resolve: Callable[[Value], Value]) -> Value | None:
    """Where the image is written: a text, or an object with its parts, as DigitalOcean and Render have it."""
    for entry in node.entries:
        if entry.key.text.lower() in _IMAGES:
            held = resolve(entry.value)
            if isinstance(held, Text | ComputedValue):
                return entry.value
            if isinstance(held, ObjectValue) and (held.text("repository") or held.text("image_url")):
                return entry.value
    if not any(entry.key.text.lower() in _ENVIRONMENTS for entry in node.entries):
        return None
    around = (resolve(entry.value) for entry in node.entries if entry.key.text.lower() in _AROUND_IMAGE)
    return next(
        (found for one in around if isinstance(one, ObjectValue) and (found := _written_image(one, resolve))), None
    )


def _version(node: ObjectValue, image: Image | None, resolve: Callable[[Value], Value]) -> VersionEvidence | None:
    return image_reference.version_of_value(image, _written_image(node, resolve), resolve)


def _read(
    key: str, container: Value, variables: list[Variable], gaps: list[Gap], resolve: Callable[[Value], Value]
) -> None:
    origin = f"`{application.plain(key)}`"
    if key.lower() in _FROM:
        gaps.append(unseen(f"{origin}: a ConfigMap or Secret of the cluster gives variables"))
    elif key.lower() == "runtime_environment_secrets" and isinstance(container, ObjectValue):
        secret = Unknown("it is read from a secret store")
        variables += (Variable(one.key.text, secret, one.value.location, origin) for one in container.entries)
    elif key.lower() == "environmentfiles":
        gaps.append(unseen("its environment files are not in the repository"))
    elif isinstance(container, ComputedValue):
        gaps.append(unseen(f"{origin}: {container.reason}"))
    elif isinstance(container, ObjectValue):
        _read_object(container, origin, variables, gaps, resolve)
    elif isinstance(container, List):
        if container.computed:
            gaps.append(unseen(container.computed))
        for written in container.items:
            assigned = _handed_on(written)
            if assigned is not None:
                _append(assigned[0], resolve(assigned[1]), origin, variables)
                continue
            item = resolve(written)
            if isinstance(item, Text):
                _read_assignment(item, origin, variables)
                if "=" not in item.text:
                    gaps.append(unseen(f"{origin} holds a text that sets nothing: what is meant is not known"))
            elif isinstance(item, ObjectValue):
                _read_object(item, origin, variables, gaps, resolve)
            elif isinstance(item, ComputedValue) and (name := _assigned(item)):
                variables.append(_from_text(name, item, origin))
            else:
                gaps.append(unseen(f"{origin} is put together when it is deployed"))
    elif container.kind is not TextKind.NULL:
        gaps.append(unseen(f"{origin} is a text, not a list or a mapping: what it sets is not known"))


def _handed_on(item: Value) -> tuple[str, Value] | None:
    """Name and value of `"NAME=${value}"`."""
    if not isinstance(item, ComputedValue) or len(item.parts) != 2 or not isinstance(item.parts[0], Text):
        return None
    found = _ASSIGNED.fullmatch(item.parts[0].text)
    return (found[1], item.parts[1]) if found else None


def _from_text(name: str, item: ComputedValue, origin: str) -> Variable:
    """The variable of a text `NAME=…` that is put together; its default is what is behind the sign."""
    default = None if item.fallback is None else item.fallback.partition("=")[2]
    return Variable(name, values.unknown(replace(item, fallback=default)), item.location, origin)


def _assigned(item: ComputedValue) -> str:
    """The name in `"NAME=${…}"`, "" where an expression gives that too."""
    first = item.parts[0] if item.parts else None
    found = _ASSIGNED.match(first.text if isinstance(first, Text) else item.source)
    return found[1] if found else ""


def _read_object(
    container: ObjectValue, origin: str, variables: list[Variable], gaps: list[Gap], resolve: Callable[[Value], Value]
) -> None:
    """`{name = …, value = …}`, or names and values directly; `variables` may stand between."""
    by_key = {entry.key.text.lower(): entry.value for entry in container.entries}
    if "name" not in by_key and "key" in by_key and {"value", "scope", "type"} & set(by_key):
        by_key["name"] = by_key.pop("key")  # `env { key = "A"  value = "b" }` of DigitalOcean
        if (container.text("scope") or "").upper() == "BUILD_TIME":
            return
    name = resolve(by_key["name"]) if "name" in by_key else None
    if isinstance(name, Text) and "${" in name.text:
        gaps.append(filled_in_later(f"{origin} holds a variable whose name"))
    if isinstance(name, Text) and (
        len(by_key) == 1
        or {"value", "value_from", "valuefrom", "value_source", "secret_name", "secretref", "scope", "type"}
        & set(by_key)
    ):
        if "value" in by_key:
            _append(name.text, resolve(by_key["value"]), origin, variables)
        else:
            place = next((value.location for key, value in by_key.items() if key != "name"), name.location)
            variables.append(Variable(name.text, Unknown("it is read from a secret store"), place, origin))
        return
    if isinstance(name, ComputedValue) and "value" in by_key:
        gaps.append(unseen(f"{origin}: {name.reason}"))
        return
    if isinstance(name, List | ObjectValue):
        gaps.append(unseen(f"{origin} holds something that names no variable: what it sets is not known"))
    for entry in container.entries:
        value = resolve(entry.value)
        if entry.key.text.isdigit() and isinstance(value, ObjectValue):
            _read_object(value, origin, variables, gaps, resolve)
            continue
        if entry.key.text == "variables" and isinstance(value, ObjectValue):
            _read_object(value, origin, variables, gaps, resolve)
        elif entry.key.text == "dynamic" and isinstance(value, ComputedValue):
            gaps.append(unseen(value.reason))
        elif isinstance(value, ObjectValue) and (inner := value.get("value")) is not None:
            _append(entry.key.text, resolve(inner), origin, variables)  # `SECRET = { value = "…" }` of Render
        else:
            _append(entry.key.text, value, origin, variables)
    if container.computed:
        gaps.append(unseen(container.computed))


def _append(name: str, value: Value, origin: str, variables: list[Variable]) -> None:
    made = values.variable(name, value, origin, lambda text: None if text.kind is TextKind.NULL else text.text)
    if made is not None:
        variables.append(made)


def _read_assignment(item: Text, origin: str, variables: list[Variable]) -> None:
    """`"NAME=value"`, as docker writes an environment."""
    name, sign, text = item.text.partition("=")
    if not sign:
        return
    place = item.location
    if place.line == place.end_line and place.end_column - place.column == len(item.text):
        place = Location(place.path, place.line, place.column + len(name) + 1, place.end_line, place.end_column)
    if "${" in text:
        variables.append(Variable(name, Unknown("it is worked out when it is deployed"), place, origin))
    else:
        variables.append(Variable(name, Known(Secret(text)), place, origin))
