"""Members of a Compose service that are of another type than Compose takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.deployments.compose_scalars import BOOLEANS, is_number_or_boolean
from directus_guard.sources.deployments.compose_scope import REFERENCE
from directus_guard.sources.formats import yaml_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.finding import Location


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


def mistakes(node: yaml_document.Mapping) -> Iterator[tuple[Location, str]]:
    """Members of another type, a reference to something outside (`environment: ${X}`) too: what they set is not known."""
    for key, (kinds, items, expected) in _TYPES.items():
        value = node.get(key)
        if yaml_document.is_null(value) or value is None:
            continue
        if not isinstance(value, kinds):
            yield value.location, f"`{key}` is not {expected}: what it sets is not known"
            continue
        if key == "image" and isinstance(value, yaml_document.Scalar) and is_number_or_boolean(value):
            yield value.location, "`image` is a number or a boolean, not a text: what runs is not known"
        if not items:
            continue
        held = value.items if isinstance(value, yaml_document.Sequence) else _values(value)
        wrong = next((item for item in held if not isinstance(item, items) or _is_no_item(key, item)), None)
        if wrong is not None:
            yield wrong.location, f"`{key}` holds something else than {expected}: what it sets is not known"


def _values(node: yaml_document.Node) -> tuple[yaml_document.Node, ...]:
    return tuple(entry.value for entry in node.entries) if isinstance(node, yaml_document.Mapping) else ()


def _is_no_item(key: str, item: yaml_document.Node) -> bool:
    """Whether an item cannot be one of its list: ports may be numbers, nothing may be a boolean. A whole port may come from
    outside (`${PORT}`), but not a whole volume: it says where in the container something else is seen.
    """
    if isinstance(item, yaml_document.Mapping):
        wanted = {"ports": "target", "volumes": "target", "env_file": "path"}.get(key, "source")
        return item.get(wanted) is None
    if not isinstance(item, yaml_document.Scalar) or key not in ("ports", "volumes", "env_file"):
        return False
    if yaml_document.is_null(item) or item.text in BOOLEANS:
        return True
    return key == "volumes" and (is_number_or_boolean(item) or REFERENCE.fullmatch(item.text) is not None)
