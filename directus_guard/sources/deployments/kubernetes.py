"""Kubernetes: the containers that run Directus, in workloads of every kind."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from directus_guard.sources.deployments import application, kubernetes_manifests
from directus_guard.sources.deployments.kubernetes_pool import ObjectPool
from directus_guard.sources.deployments.kubernetes_workload import Workload, pod_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Deployment, Service
    from directus_guard.sources.deployments import kustomize
    from directus_guard.sources.deployments.kubernetes_manifests import Manifests
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.yaml_document import Mapping


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
    return tuple(deployment for pool in pools for deployment in _deployments(pool))


def _deployments(pool: ObjectPool) -> Iterator[Deployment]:
    """The Directus containers of objects that are applied together. Other containers of the same folder are services."""
    made = ((resource, pod_template(resource)) for resource in pool.resources)
    workloads = [Workload(pool, resource, *found) for resource, found in made if found is not None]
    by_folder: dict[str, list[Workload]] = {}
    for workload in workloads:
        by_folder.setdefault(application.folder(workload.resource.path), []).append(workload)
    for workload in workloads:
        near = by_folder[application.folder(workload.resource.path)]
        for container in workload.containers:
            found = workload.deployment(container, partial(_neighbours, near))
            if found is not None:
                yield found


def _neighbours(near: list[Workload], own: Mapping) -> Iterator[Service]:
    """The containers of the workloads `near`, without `own`."""
    for other in near:
        for container in other.containers:
            if container is not own:
                yield other.service(container)


def _overlays(manifests: Manifests) -> tuple[kustomize.Overlay, ...]:
    if not manifests.kustomizations:
        return ()
    from directus_guard.sources.deployments import kustomize  # noqa: PLC0415 - few repositories use it

    return kustomize.overlays(manifests)
