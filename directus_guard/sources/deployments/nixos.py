"""NixOS: containers of `virtualisation.oci-containers`, and services of systemd that start Directus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Platform
from directus_guard.directus.gaps import unseen
from directus_guard.sources.deployments import containers
from directus_guard.sources.files import registry
from directus_guard.sources.formats import nix_document, values
from directus_guard.sources.formats.values import ComputedValue, List, ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_GAP: Final = unseen("`serviceConfig` or `extraOptions` may set more variables")


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus servers of all modules, in the order of paths and places."""
    return tuple(
        found
        for path in registry.NIX.paths(repository)
        if (root := nix_document.document(repository, path)) is not None
        for found in _found(path, root)
    )


def _found(path: str, root: Value) -> Iterator[Deployment]:
    stack: list[tuple[Value, str]] = [(root, "")]
    while stack:
        value, name = stack.pop()
        if isinstance(value, List):
            stack.extend((item, name) for item in reversed(value.items))
        if not isinstance(value, ObjectValue):
            continue
        if value.get("image") is None and value.get("environment") is None:
            stack.extend((entry.value, entry.key.text) for entry in reversed(value.entries))
            continue
        for made in containers.deployments(value, Platform.NIXOS, path, name, _resolved):
            yield replace(made, gaps=(*made.gaps, _GAP)) if _has_others(value) else made


def _has_others(value: ObjectValue) -> bool:
    """Whether a unit or a container is given variables in another way, too, which is not read."""
    unit, options = value.object("serviceConfig"), value.get("extraOptions")
    texts = [one.text for one in values.walk(options) if isinstance(one, Text)] if options is not None else []
    known = options is None or (isinstance(options, List) and len(texts) == len(options.items) and not options.computed)
    by_unit = unit is not None and (unit.get("Environment") or unit.get("EnvironmentFile")) is not None
    return by_unit or not known or any(text.startswith(("-e", "--env")) for text in texts)


def _resolved(value: Value) -> Value:
    return values.joined(value, lambda part: part) if isinstance(value, ComputedValue) else value
