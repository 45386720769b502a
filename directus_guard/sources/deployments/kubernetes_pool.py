"""Kubernetes objects that are applied together: which of them a workload means, and what they publish of it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.directus.environment.deployment import PublishedPort
from directus_guard.sources.deployments import application, kubernetes_values
from directus_guard.sources.deployments.kubernetes_nodes import at, mappings, text_at
from directus_guard.sources.files.paths import distance
from directus_guard.sources.formats.yaml_document import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.deployments.kubernetes_manifests import Manifests
    from directus_guard.sources.deployments.kubernetes_objects import ConfigStore, Resource


class ObjectPool(Struct, frozen=True, dict=True):
    """Objects that are applied together."""

    manifests: Manifests
    overlay: str | None
    resources: tuple[Resource, ...]
    generated: tuple[ConfigStore, ...]

    @cached_property
    def _stores(self) -> dict[tuple[str, str, str | None], list[tuple[Resource | None, ConfigStore]]]:
        """By kind, name and folder; and, with None for the folder, wherever they stand."""
        found: dict[tuple[str, str, str | None], list[tuple[Resource | None, ConfigStore]]] = {}
        for store in self.generated:
            found.setdefault((store.kind, store.name, None), []).append((None, store))
        for resource in self.resources:
            store_ = self.manifests.store(resource)
            if store_ is not None:
                for name in resource.names:
                    for folder in (application.folder(resource.path), None):
                        found.setdefault((store_.kind, name, folder), []).append((resource, store_))
        return found

    def store(self, kind: str, name: str, seeker: Resource) -> ConfigStore | None:
        """The ConfigMap or Secret of this name that is nearest to the workload that asks for it."""
        folder = application.folder(seeker.path)
        near = self._stores.get((kind, name, folder)) or self._stores.get((kind, name, None), [])
        candidates = [
            (_distance(resource.path if resource else seeker.path, seeker.path), resource.path if resource else "", store)
            for resource, store in near
            if resource is None or not (resource.namespace and seeker.namespace) or resource.namespace == seeker.namespace
        ]  # fmt: skip
        return min(candidates, key=lambda found: found[:2])[2] if candidates else None

    def may_be_here(self, kind: str, name: str) -> bool:
        """Whether a name that no object has may become that of one here, once names are filled in."""
        names = {held for sort, held, _ in self._stores if sort == kind}
        return bool(names) if kubernetes_values.external(name) else any(map(kubernetes_values.external, names))

    @cached_property
    def _publishing(self) -> tuple[tuple[Resource, frozenset[tuple[str, str]]], ...]:
        """The Services that publish ports beyond the cluster, and the labels they select."""
        found = (
            (resource, frozenset(_texts(at(resource.node, "spec", "selector"))))
            for resource in self.resources
            if resource.kind == "Service" and text_at(resource.node, "spec", "type") in ("NodePort", "LoadBalancer")
        )
        return tuple((resource, selector) for resource, selector in found if selector)

    def ports(self, workload: Resource, labels: Mapping | None) -> Iterator[PublishedPort]:
        """What the nearest Services of the kinds NodePort and LoadBalancer publish of the workload's pods, which have `labels`."""
        wanted, namespace, place = _texts(labels), workload.namespace, workload.path
        fitting = [
            resource
            for resource, selector in self._publishing
            if selector <= wanted and not (resource.namespace and namespace and resource.namespace != namespace)
        ]
        nearest = min((_distance(resource.path, place) for resource in fitting), default=0)
        for resource in fitting:
            if _distance(resource.path, place) > nearest:
                continue
            kind = text_at(resource.node, "spec", "type")
            for port in mappings(at(resource.node, "spec", "ports")):
                number = port.text("port") or ""
                published = port.text("nodePort") or "" if kind == "NodePort" else number
                yield PublishedPort(port.text("targetPort") or number, published, "", port.location)


def _texts(node: object) -> set[tuple[str, str]]:
    entries = node.entries if isinstance(node, Mapping) else ()
    return {(entry.key.text, entry.value.text) for entry in entries if isinstance(entry.value, Scalar)}


def _distance(first: str, other: str) -> int:
    """How far two files lie apart; 0 = the same file."""
    return 0 if first == other else 1 + distance(application.folder(first), application.folder(other))
