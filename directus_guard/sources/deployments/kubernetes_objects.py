"""Kubernetes objects as files write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.sources.deployments.kubernetes_values import HeldValue, external, shown
from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.gaps import Gap
    from directus_guard.sources.formats.yaml_document import Node


_MAX_OBJECTS: Final = 20_000


class Resource(Struct, frozen=True, eq=False):
    """One object. `names` are all it has had, the present one last: references may use any of them."""

    node: Mapping
    kind: str
    names: tuple[str, ...]
    namespace: str
    path: str
    gaps: tuple[Gap, ...] = ()
    consumed: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The name it has in the cluster."""
        return self.names[-1]

    @property
    def group(self) -> str:
        """The API group, "" for the core one."""
        return (self.node.text("apiVersion") or "").rpartition("/")[0]


class ConfigStore(Struct, frozen=True):
    """A ConfigMap or Secret: what it gives by key, and why there may be further keys."""

    kind: str
    name: str
    entries: dict[str, HeldValue]
    gaps: tuple[Gap, ...]
    consumed: frozenset[str] = frozenset()

    @property
    def origin(self) -> str:
        return f"{self.kind} {shown(self.name)}"


MAKES_SECRETS: Final = {
    "SealedSecret": (),
    "ExternalSecret": ("target", "name"),
    "VaultStaticSecret": ("destination", "name"),
    "VaultDynamicSecret": ("destination", "name"),
    "OnePasswordItem": (),
    "InfisicalSecret": ("managedSecretReference", "secretName"),
    "DopplerSecret": ("managedSecret", "name"),
    "BitwardenSecret": ("secretName",),
    "SopsSecret": (),
}
"""Kinds of operators that make a Secret, and where below `spec` its name is (else it is the object's own)."""


def what_is_odd(node: Node) -> str:
    """Why a document is no object of Kubernetes; "" if it is one, or a file of something else."""
    if not isinstance(node, Mapping):
        return "is not a mapping"
    if node.get("apiVersion") is None:
        return ""
    if node.text("kind") is None:
        return "has no `kind`"
    if external(node.text("kind") or "") is not None:
        return "has a `kind` that something fills in later"
    metadata = node.get("metadata")
    if node.get("items") is not None or metadata is None:
        return ""
    if not isinstance(metadata, Mapping):
        return "has `metadata` that is not a mapping"
    name = metadata.get("name")
    return "has a `name` that is not a text" if name is not None and not isinstance(name, Scalar) else ""


def resources(path: str, nodes: tuple[Node, ...]) -> Iterator[Resource]:
    """The objects in documents; a `List` is what it lists."""
    waiting = list(reversed(nodes))
    count = 0
    while waiting and count < _MAX_OBJECTS:
        node = waiting.pop()
        count += 1
        kind = node.text("kind") if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping) or kind is None:
            continue
        items = node.sequence("items")
        if kind.endswith("List") and items is not None:
            waiting.extend(reversed(items.items))
            continue
        metadata = node.mapping("metadata")
        name = (metadata.text("name") or metadata.text("generateName") if metadata else None) or ""
        spec = node.mapping("spec")
        for step in MAKES_SECRETS.get(kind, ()):
            inner = spec.get(step) if spec else None
            if isinstance(inner, Mapping):
                spec = inner
            elif isinstance(inner, Scalar) and not yaml_document.is_null(inner):
                name = inner.text
        namespace = metadata.text("namespace") or "" if metadata else ""
        yield Resource(node, kind, (name,), _plain_namespace(namespace), path)


def _plain_namespace(text: str) -> str:
    """A namespace that something fills in later is as good as none."""
    return "" if external(text) is not None else text
