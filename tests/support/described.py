"""A deployment as lines of text, with all that is read of it: a test of a whole manifest says what it expects in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.directus.gaps import DeploymentPart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.directus.environment.deployment import Deployment, Image, PublishedPort, Value, Variable
    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository


def described(deployments: Iterable[Deployment], *, beside: bool = True) -> str:
    """The deployments, each with what is not as in an empty one. Places are `line:columns`, with a path where it is another.

    `beside`: with the services around each.
    """
    return "\n".join(line for one in deployments for line in (*_lines(one), *(_beside(one) if beside else ())))


def problems(repository: Repository) -> list[str]:
    """What the reader noted, in the order of places; `!` where the run is incomplete."""
    return [
        f"{one.path}:{one.line}: {one.message}{'!' if one.incomplete else ''}"
        for one in sorted(repository.problems, key=lambda one: (one.path, one.line, one.message))
    ]


def _lines(one: Deployment) -> Iterator[str]:
    path = one.location.path
    yield f"{one.name} ({one.platform.name}) at {_place(one.location, '')}"
    yield from (f"  {_variable(item, path)}" for item in one.variables)
    if isinstance(one.config_file, tuple):
        yield from (f"  config {_variable(item, path)}" for item in one.config_file)
    elif one.config_file is not None:
        yield f"  config{_value(one.config_file)}"
    for gap in one.gaps:
        yield f"  {'unread' if gap.part is DeploymentPart.UNREAD else 'open'}: {gap.reason}"
    if one.image is not None:
        yield f"  image {_image(one.image, path)}"
    if one.version is not None:
        held = one.version
        assumed = f", {held.assumed}" if held.assumed else ""
        yield f"  version {held.version} of {held.text!r} ({held.origin.name}{assumed}) at {_place(held.location, path)}"
    built = (one.build_context, one.dockerfile, one.build_target)
    if built != (None, None, ""):
        yield f"  built from {' '.join(map(repr, built))}"
    yield from (f"  argument {_variable(item, path)}" for item in one.build_args)
    yield from (f"  port {_port(port, path)}" for port in one.ports)
    for mount in one.mounts:
        only = ", read only" if mount.read_only else ""
        yield f"  mount {mount.source!r} on {mount.target!r}{only} at {_place(mount.location, path)}"
    yield from (f"  file {file.path}{_value(file.value)} at {_place(file.location, path)}" for file in one.files)
    if one.replicas is not None:
        yield f"  replicas {one.replicas.reason if isinstance(one.replicas, Unknown) else one.replicas}"
    if one.hints:
        yield f"  hints {', '.join(one.hints)}"
    if one.partial:
        yield "  partial"
    yield f"  consumed {', '.join(sorted(one.consumed))}"


def _beside(one: Deployment) -> Iterator[str]:
    path = one.location.path
    for service in one.services:
        command = f", {' '.join(service.command)}" if service.command else ""
        image = f" {_image(service.image, path)}" if service.image is not None else ""
        yield f"  beside {service.name}{image}{command} at {_place(service.location, path)}"
        yield from (f"    {_variable(item, path)}" for item in service.variables)
        yield from (f"    port {_port(port, path)}" for port in service.ports)


def _variable(one: Variable, path: str) -> str:
    via = "".join(f", via {_place(place, path)}" for place in one.via)
    parts = "".join(f", with {part.text.reveal()!r} of {_place(part.location, path)}" for part in one.parts)
    literal = f" in {one.literal.reveal()!r}" if one.literal is not None else ""
    return f"{one.name}{_value(one.value)} at {_place(one.location, path)} ({one.origin}{via}{parts}{literal})"


def _value(value: Value) -> str:
    if isinstance(value, Known):
        return f"={value.text.reveal()!r}"
    unread = " unread" if value.unread else ""
    fallback = ""
    if value.fallback is not None:
        fallback = f", {'else' if value.defaulted else 'at least'} {value.fallback.reveal()!r}"
    marks = (", replaceable" if value.replaceable else "") + (f", dropped {value.dropped}" if value.dropped else "")
    return f"?{unread} {value.reason}{fallback}{marks}"


def _image(image: Image, path: str) -> str:
    unknown = f" ({image.unknown}{', by default' if image.from_fallback else ''})" if image.unknown else ""
    return f"{image.reference}{unknown} at {_place(image.location, path)}"


def _port(port: PublishedPort, path: str) -> str:
    unknown = f" ({port.unknown})" if port.unknown else ""
    return f"{port.host}:{port.published}:{port.target}{unknown} at {_place(port.location, path)}"


def _place(place: Location, path: str) -> str:
    end = "" if place.end_line == place.line else f"{place.end_line}:"
    return f"{'' if place.path == path else f'{place.path}:'}{place.line}:{place.column}-{end}{place.end_column}"
