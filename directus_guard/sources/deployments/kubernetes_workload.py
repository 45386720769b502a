"""Kubernetes objects with pods in them, and their containers as deployments."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import (
    Deployment,
    FileContent,
    Known,
    Mount,
    Platform,
    Service,
    Unknown,
    Variable,
)
from directus_guard.directus.environment.recognise import is_directus_environment, is_directus_image
from directus_guard.directus.gaps import not_readable
from directus_guard.finding import Location
from directus_guard.sources import command_line
from directus_guard.sources.deployments import (
    application,
    config_file,
    helm_values,
    image_reference,
    kubernetes_nodes,
    kubernetes_values,
)
from directus_guard.sources.deployments.kubernetes_environment import ContainerEnvironment
from directus_guard.sources.deployments.kubernetes_nodes import at, mappings
from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from directus_guard.directus.environment.deployment import Image
    from directus_guard.sources.deployments.kubernetes_objects import Resource
    from directus_guard.sources.deployments.kubernetes_pool import ObjectPool
    from directus_guard.sources.deployments.kubernetes_values import HeldValue


_CONFIG_FILE: Final = "/directus/.env"


def _command(container: Mapping) -> tuple[str, ...]:
    return tuple(
        item.text
        for key in ("command", "args")
        for item in (container.sequence(key) or _NOTHING).items
        if isinstance(item, Scalar)
    )


def pod_template(resource: Resource) -> tuple[Mapping, Mapping | None] | None:
    """The pod specification in an object of any kind (also custom ones), and the pods' labels."""
    for path in (("spec", "template"), ("spec", "jobTemplate", "spec", "template"), ()):
        template = at(resource.node, *path)
        spec = at(template, "spec")
        if isinstance(spec, Mapping) and spec.sequence("containers") is not None:
            labels = at(template, "metadata", "labels")
            return spec, labels if isinstance(labels, Mapping) else None
    return None


class Workload(Struct, frozen=True):
    """One object with a pod in it."""

    pool: ObjectPool
    resource: Resource
    spec: Mapping
    labels: Mapping | None

    @property
    def containers(self) -> tuple[Mapping, ...]:
        return tuple(mappings(self.spec.get("containers")))

    def deployment(self, container: Mapping, neighbours: Callable[[Mapping], Iterable[Service]]) -> Deployment | None:
        """The container as a deployment, None if it does not run Directus. `neighbours` gives the containers beside it."""
        image = self._image(container)
        environment = ContainerEnvironment(self.pool, self.resource, container)
        manifests = self.pool.manifests
        if not (
            (image is not None and is_directus_image(image.repository))
            or is_directus_environment(variable.name for variable in environment.variables)
            or helm_values.runs_directus(manifests, container)
        ):
            return None
        files = tuple(self._files(container))
        command = _command(container)
        by_command, taken_in = command_line.environment(command, container.location, manifests.repository)
        runs_once = application.runs_once(command)
        variables = (*environment.variables, *by_command)
        resource, overlay = self.resource, self.pool.overlay
        consumed = environment.consumed | resource.consumed | {resource.path} | ({overlay} if overlay else set())
        return Deployment(
            name=self._name(container),
            platform=Platform.KUBERNETES,
            location=container.location,
            variables=variables,
            config_file=self._config_file(container, files, variables),
            gaps=tuple(
                dict.fromkeys(
                    (
                        *resource.gaps,
                        *environment.gaps,
                        *taken_in,
                        *manifests.unrendered(resource.path),
                        *runs_once,
                    )
                )
            ),
            image=image,
            version=image_reference.version(image),
            hints=tuple(filter(None, (resource.namespace, application.folder(overlay or "")))),
            services=tuple(neighbours(container)),
            ports=tuple(self.pool.ports(self.resource, self.labels)),
            mounts=tuple(self._mounts(container)),
            files=files,
            replicas=kubernetes_nodes.number(at(resource.node, "spec", "replicas")),
            partial=bool(runs_once),
            consumed=frozenset(consumed),
        )

    def _image(self, container: Mapping) -> Image | None:
        written = container.scalar("image")
        if written is None:
            return None
        return helm_values.image(self.pool.manifests, written) or kubernetes_values.image(written)

    def _name(self, container: Mapping) -> str:
        """An object that a kustomization of another folder changes is named after that kustomization."""
        path, overlay = self.resource.path, self.pool.overlay
        if overlay is not None and application.folder(overlay) != application.folder(path):
            path = overlay
        return f"{path}#{self.resource.kind}/{self.resource.name}/{container.text('name') or ''}".rstrip("/")

    def service(self, container: Mapping) -> Service:
        return Service(
            container.text("name") or self.resource.name,
            self._image(container),
            tuple(ContainerEnvironment(self.pool, self.resource, container).variables),
            tuple(self.pool.ports(self.resource, self.labels)),
            container.location,
            _command(container),
        )

    @property
    def _volumes(self) -> dict[str, Mapping]:
        return {volume.text("name") or "": volume for volume in mappings(self.spec.get("volumes"))}

    def _mounts(self, container: Mapping) -> Iterator[Mount]:
        for mount in mappings(container.get("volumeMounts")):
            target = mount.scalar("mountPath")
            volume = self._volumes.get(mount.text("name") or "")
            if target is None or (volume is not None and any(volume.get(kind) for kind in _READ_ONLY_VOLUMES)):
                continue
            yield Mount(mount.text("name") or "", target.text, mount.text("readOnly") == "true", target.location)

    def _files(self, container: Mapping) -> Iterator[FileContent]:
        """The files that ConfigMaps and Secrets put into the container."""
        for mount in mappings(container.get("volumeMounts")):
            volume, target = self._volumes.get(mount.text("name") or ""), mount.scalar("mountPath")
            if volume is None or target is None:
                continue
            only = mount.text("subPath")
            for path, held in self._volume_files(volume):
                if only is None:
                    yield FileContent(f"{target.text.rstrip('/')}/{path}", held.value, held.location)
                elif path == only:
                    yield FileContent(target.text, held.value, held.location)

    def _volume_files(self, volume: Mapping) -> Iterator[tuple[str, HeldValue]]:
        sources = [volume, *mappings(at(volume, "projected", "sources"))]
        for source in sources:
            for key, kind, name_key in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
                node = source.mapping(key)
                name = (node.text(name_key) or node.text("name")) if node else None
                store = self.pool.store(kind, name, self.resource) if name else None
                if node is None or store is None:
                    continue
                items = [(item.text("key") or "", item.text("path") or "") for item in mappings(node.get("items"))]
                for entry, path in items or [(entry, entry) for entry in store.entries]:
                    if entry in store.entries:
                        yield path, store.entries[entry]

    def _config_file(
        self, container: Mapping, files: tuple[FileContent, ...], variables: Iterable[Variable]
    ) -> tuple[Variable, ...] | Unknown | None:
        path = _CONFIG_FILE
        for variable in variables:
            if variable.name == "CONFIG_PATH":
                if not isinstance(variable.value, Known):
                    return Unknown("CONFIG_PATH comes from outside the repository")
                path = posixpath.normpath(posixpath.join(posixpath.dirname(_CONFIG_FILE), variable.value.text.reveal()))
        content = next((item for item in files if item.path == path), None)
        if content is None and any(
            mount.text("mountPath") == path for mount in mappings(container.get("volumeMounts"))
        ):
            return Unknown(f"what is mounted at `{application.plain(path)}` is not in the manifests")
        if content is None:
            return None if path == _CONFIG_FILE else Unknown("the file that CONFIG_PATH names is not in the manifests")
        if isinstance(content.value, Unknown):
            return Unknown.of(not_readable(f"`{path}`"))
        inner = self._inner(content.location)
        held = content.location
        found = config_file.parse(held.path, content.value.text.reveal(), path, f"{path} of the container")
        if isinstance(found, Unknown):
            return found
        return tuple(application.at(item, _place(item.location, held, inner)) for item in found)

    def _inner(self, location: Location) -> tuple[int, int] | None:
        for resource in self.pool.resources:
            if resource.path == location.path:
                store = self.pool.manifests.store(resource)
                for held in store.entries.values() if store else ():
                    if held.location == location:
                        return held.inner
        return None


_READ_ONLY_VOLUMES: Final = ("configMap", "secret", "projected", "downwardAPI")
_NOTHING: Final = yaml_document.Sequence((), Location(""))


def _place(item: Location, block: Location, inner: tuple[int, int] | None) -> Location:
    """The place in the manifest of a line of a text inside of it; the whole text where that is not exact."""
    if inner is None:
        return block
    line, indent = inner
    return Location(
        block.path, line + item.line - 1, indent + item.column, line + item.end_line - 1, indent + item.end_column
    )
