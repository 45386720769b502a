"""Variables that providers of Terraform keep in resources of their own, put into the service that they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.formats.values import ComputedValue, List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.sources.formats.hcl_document import HclBlock

_LISTED: Final = {"variables": "variables", "vars": "config_vars", "sensitive_vars": "sensitive_config_vars"}
"""What holds variables in such a resource, and what the service itself calls it."""
_HOLDERS: Final = {
    "railway_variable": "service_id",
    "railway_variable_collection": "service_id",
    "heroku_app_config_association": "app_id",
}
"""Which attribute says what the variables are for."""
_SERVICE: Final = lazy_pattern(r"((?:railway_service|heroku_app)\.[A-Za-z_][\w-]{0,200})\.(?:id|name)\Z")


def linked(blocks: Iterable[HclBlock]) -> Mapping[HclBlock, HclBlock | None]:
    """The services with the variables that other resources give them; None for those resources, which are no containers."""
    resources = {".".join(block.labels): block for block in blocks if block.kind == "resource"}
    given: dict[str, list[ObjectEntry]] = {}
    found: dict[HclBlock, HclBlock | None] = {}
    for block in resources.values():
        reference = block.body.get(_HOLDERS.get(block.labels[0], ""))
        service = _SERVICE.match(reference.source) if isinstance(reference, ComputedValue) else None
        if service is not None and service[1] in resources:
            given.setdefault(service[1], []).extend(_entries(block.body))
            found[block] = None
    for address, entries in given.items():
        service_block = resources[address]
        body = replace(service_block.body, entries=(*service_block.body.entries, *entries))
        found[service_block] = replace(service_block, body=body)
    return found


def _entries(body: ObjectValue) -> Iterable[ObjectEntry]:
    """The variables of a resource as the service would write them."""
    for entry in body.entries:
        if entry.key.text in _LISTED:
            yield ObjectEntry(replace(entry.key, text=_LISTED[entry.key.text]), entry.value)
    if body.get("name") is not None and body.get("value") is not None:
        pair = replace(body, entries=tuple(one for one in body.entries if one.key.text in ("name", "value")))
        yield ObjectEntry(Text("variables", TextKind.STRING, body.location), List((pair,), body.location))
