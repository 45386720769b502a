"""Kubernetes: the containers that run Directus, in workloads of every kind."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Final

from directus_guard import limits
from directus_guard.directus.environment.deployment import Deployment, Platform, Variable
from directus_guard.directus.environment.recognise import CORE, ITS_OWN, is_directus_environment, is_directus_image
from directus_guard.directus.gaps import unseen
from directus_guard.sources.deployments import application, kubernetes_manifests, kubernetes_values
from directus_guard.sources.deployments.kubernetes_nodes import text_at
from directus_guard.sources.deployments.kubernetes_pool import ObjectPool
from directus_guard.sources.deployments.kubernetes_workload import Workload, pod_template
from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.yaml_document import Mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Service
    from directus_guard.sources.deployments import kustomize
    from directus_guard.sources.deployments.kubernetes_manifests import Manifests
    from directus_guard.sources.deployments.kubernetes_objects import ConfigStore, Resource
    from directus_guard.sources.files.repository import Repository


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus containers of all manifests: through every outermost kustomization, and of files that none names."""
    manifests = kubernetes_manifests.of(repository)
    if not manifests.marked:
        return ()
    overlays = _overlays(manifests)
    taken = frozenset[str]().union(*(overlay.files for overlay in overlays))
    pools = [ObjectPool(manifests, overlay.path, overlay.resources, overlay.stores) for overlay in overlays]
    loose = tuple(resource for path in manifests.paths if path not in taken for resource in manifests.resources(path))
    pools.append(ObjectPool(manifests, None, loose, ()))
    found = [deployment for pool in pools for deployment in _deployments(pool)]
    return (*found, *_alone(manifests, pools, found))


def _alone(manifests: Manifests, pools: list[ObjectPool], deployments: list[Deployment]) -> Iterator[Deployment]:
    """ConfigMaps and Secrets with the environment of a Directus that no workload of the repository is given."""
    taken = {variable.location for deployment in deployments for variable in deployment.variables}
    taken |= {content.location for deployment in deployments for content in deployment.files}
    marked = frozenset(manifests.marked)
    named = frozenset(name for pool in pools for resource in pool.resources for name in _referenced(resource))
    for pool in pools:
        for resource in pool.resources:
            store = manifests.store(resource) if resource.path in marked else None
            if store is None or (store.kind, store.name) in named or not _is_environment(manifests, resource, store):
                continue
            if taken.isdisjoint(held.location for held in store.entries.values()):
                yield _of_store(manifests, resource, store)


def _referenced(resource: Resource) -> Iterator[tuple[str, str]]:
    """Kind and name of the ConfigMaps and Secrets that a workload names: they are that workload's, whatever it runs."""
    found = pod_template(resource)
    for node in yaml_document.walk(found[0]) if found is not None else ():
        for entry in node.entries if isinstance(node, Mapping) else ():
            kind = _REFERENCES.get(entry.key.text)
            name = (text_at(entry.value, "name") or text_at(entry.value, "secretName")) if kind else ""
            if kind and name and not kubernetes_values.external(name):
                yield kind, name


_REFERENCES: Final = {
    "configMapRef": "ConfigMap", "configMapKeyRef": "ConfigMap", "configMap": "ConfigMap",
    "secretRef": "Secret", "secretKeyRef": "Secret", "secret": "Secret",
}  # fmt: skip


def _is_environment(manifests: Manifests, resource: Resource, store: ConfigStore) -> bool:
    """Whether a ConfigMap or Secret holds a Directus' environment: by its name and one key, or by its keys.

    Names that other programs have too (`SECRET`, `KEY`, `PUBLIC_URL`) are only enough in a file that speaks of Directus.
    """
    if is_directus_image(store.name) and not CORE.isdisjoint(store.entries):
        return True
    if not is_directus_environment(store.entries):
        return False
    text = manifests.repository.text(resource.path) or ""
    return not _TELLING.isdisjoint(store.entries) or "directus" in f"{resource.path}\n{text}".lower()


_TELLING: Final = ITS_OWN | {"DB_CLIENT", "ADMIN_EMAIL", "ADMIN_PASSWORD"}


def _of_store(manifests: Manifests, resource: Resource, store: ConfigStore) -> Deployment:
    """What a ConfigMap or Secret gives to a Directus whose workload is elsewhere."""
    return Deployment(
        name=f"{resource.path}#{resource.kind}/{resource.name}",
        platform=Platform.KUBERNETES,
        location=resource.node.location,
        variables=tuple(
            Variable(name, held.value, held.location, store.origin) for name, held in store.entries.items()
        ),
        gaps=tuple(
            dict.fromkeys(
                (
                    *store.gaps,
                    unseen("the workload that takes it is not in the repository"),
                    *manifests.unrendered(resource.path),
                )
            )
        ),
        hints=tuple(filter(None, (resource.namespace,))),
        consumed=store.consumed | {resource.path},
    )


def _deployments(pool: ObjectPool) -> Iterator[Deployment]:
    """The Directus containers of objects that are applied together. Other containers of the same folder are services."""
    made = ((resource, pod_template(resource)) for resource in pool.resources)
    workloads = [Workload(pool, resource, *found) for resource, found in made if found is not None]
    by_folder: dict[str, _Folder] = {}
    for workload in workloads:
        by_folder.setdefault(application.folder(workload.resource.path), _Folder()).workloads.append(workload)
    made_of: Counter[str] = Counter()
    for workload in workloads:
        near, path = by_folder[application.folder(workload.resource.path)], workload.resource.path
        for container in workload.containers:
            # One more than the limit of a file: then the others are said to be left out.
            found = None if made_of[path] > limits.DEPLOYMENTS.number else workload.deployment(container, near.beside)
            if found is not None:
                made_of[path] += 1
                yield found


class _Folder:
    """The workloads of a folder."""

    def __init__(self) -> None:
        self.workloads: list[Workload] = []

    @cached_property
    def _services(self) -> tuple[tuple[Mapping, Service], ...]:
        """Each container as a service beside the others: made once, or the work grows with the square of their number."""
        return tuple((one, other.service(one)) for other in self.workloads for one in other.containers)

    def beside(self, own: Mapping) -> Iterator[Service]:
        """The containers without `own`."""
        return (service for container, service in self._services if container is not own)


def _overlays(manifests: Manifests) -> tuple[kustomize.Overlay, ...]:
    if not manifests.kustomizations:
        return ()
    from directus_guard.sources.deployments import kustomize  # noqa: PLC0415 - few repositories use it

    return kustomize.overlays(manifests)
