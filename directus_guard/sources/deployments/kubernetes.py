"""Kubernetes: the containers that run Directus, in workloads of every kind, with what ConfigMaps and Secrets give them.

After the API's own rules (kubernetes.io, "Define Environment Variables"): `env` beats `envFrom`, of two sources the later
wins, `$(NAME)` is replaced by what was set before it, and `$$` writes one `$`.
"""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import (
    Deployment,
    FileContent,
    Known,
    Mount,
    Platform,
    PublishedPort,
    Service,
    Unknown,
    Variable,
)
from directus_guard.directus.environment.recognise import is_directus_environment, is_directus_image
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, config_file, image_reference, kubernetes_objects as objects
from directus_guard.sources.deployments.kubernetes_objects import Held, Resource, Store, at, mappings, shown, text_at
from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, Scalar, Sequence, is_null

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.directus.environment.deployment import Image, Value
    from directus_guard.sources.deployments import kustomize
    from directus_guard.sources.deployments.kubernetes_objects import Manifests
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.yaml_document import Node

_CONFIG_FILE: Final = "/directus/.env"
_REFERENCE: Final = re.compile(r"\$\$|\$\(([^()\s]{1,200})\)")
_NAME: Final = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*\Z")


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus containers of all manifests: through every outermost kustomization, and of files that none names."""
    manifests = objects.of(repository)
    if not manifests.marked:
        return ()
    overlays = _overlays(manifests)
    taken = frozenset[str]().union(*(overlay.files for overlay in overlays))
    pools = [_Pool(manifests, overlay.path, overlay.resources, overlay.stores) for overlay in overlays]
    loose = tuple(resource for path in manifests.paths if path not in taken for resource in manifests.resources(path))
    pools.append(_Pool(manifests, None, loose, ()))
    return tuple(deployment for pool in pools for deployment in pool.deployments())


def _overlays(manifests: Manifests) -> tuple[kustomize.Overlay, ...]:
    if not manifests.kustomizations:
        return ()
    from directus_guard.sources.deployments import kustomize  # noqa: PLC0415 - few repositories use it

    return kustomize.overlays(manifests)


class _Pool(Struct, frozen=True, dict=True):
    """Objects that are applied together."""

    manifests: Manifests
    overlay: str | None
    resources: tuple[Resource, ...]
    generated: tuple[Store, ...]

    @cached_property
    def _stores(self) -> dict[tuple[str, str, str | None], list[tuple[Resource | None, Store]]]:
        """By kind, name and folder; and, with None for the folder, wherever they stand."""
        found: dict[tuple[str, str, str | None], list[tuple[Resource | None, Store]]] = {}
        for store in self.generated:
            found.setdefault((store.kind, store.name, None), []).append((None, store))
        for resource in self.resources:
            store_ = self.manifests.store(resource)
            if store_ is not None:
                for name in resource.names:
                    for folder in (application.folder(resource.path), None):
                        found.setdefault((store_.kind, name, folder), []).append((resource, store_))
        return found

    @cached_property
    def _workloads(self) -> tuple[_Workload, ...]:
        made = ((resource, pod_template(resource)) for resource in self.resources)
        return tuple(_Workload(self, resource, *found) for resource, found in made if found is not None)

    def deployments(self) -> Iterator[Deployment]:
        for workload in self._workloads:
            for container in workload.containers:
                found = workload.deployment(container)
                if found is not None:
                    yield found

    def store(self, kind: str, name: str, seeker: Resource) -> Store | None:
        """The ConfigMap or Secret of this name that stands nearest to the workload that asks for it."""
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
        return bool(names) if objects.external(name) else any(map(objects.external, names))

    def neighbours(self, workload: _Workload, own: Mapping) -> Iterator[Service]:
        """The other containers that stand in the same folder."""
        for other in self._by_folder[application.folder(workload.resource.path)]:
            for container in other.containers:
                if container is not own:
                    yield other.service(container)

    @cached_property
    def _by_folder(self) -> dict[str, list[_Workload]]:
        found: dict[str, list[_Workload]] = {}
        for workload in self._workloads:
            found.setdefault(application.folder(workload.resource.path), []).append(workload)
        return found

    @cached_property
    def _publishing(self) -> tuple[tuple[Resource, frozenset[tuple[str, str]]], ...]:
        """The Services that publish ports beyond the cluster, and the labels they select."""
        found = (
            (resource, frozenset(_texts(at(resource.node, "spec", "selector"))))
            for resource in self.resources
            if resource.kind == "Service" and text_at(resource.node, "spec", "type") in ("NodePort", "LoadBalancer")
        )
        return tuple((resource, selector) for resource, selector in found if selector)

    def ports(self, workload: _Workload) -> Iterator[PublishedPort]:
        """What the nearest Services of the kinds NodePort and LoadBalancer publish of the workload's pods."""
        labels, namespace, place = _texts(workload.labels), workload.resource.namespace, workload.resource.path
        fitting = [
            resource
            for resource, selector in self._publishing
            if selector <= labels and not (resource.namespace and namespace and resource.namespace != namespace)
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


def _command(container: Mapping) -> tuple[str, ...]:
    return tuple(
        item.text
        for key in ("command", "args")
        for item in (container.sequence(key) or _NOTHING).items
        if isinstance(item, Scalar)
    )


def _distance(one: str, other: str) -> int:
    """How many folders lie between two files; 0 = the same file."""
    if one == other:
        return 0
    first, second = one.split("/")[:-1], other.split("/")[:-1]
    common = 0
    while common < min(len(first), len(second)) and first[common] == second[common]:
        common += 1
    return 1 + len(first) + len(second) - 2 * common


def pod_template(resource: Resource) -> tuple[Mapping, Mapping | None] | None:
    """The pod specification in an object of any kind (also custom ones), and the pods' labels."""
    for path in (("spec", "template"), ("spec", "jobTemplate", "spec", "template"), ()):
        template = at(resource.node, *path)
        spec = at(template, "spec")
        if isinstance(spec, Mapping) and spec.sequence("containers") is not None:
            labels = at(template, "metadata", "labels")
            return spec, labels if isinstance(labels, Mapping) else None
    return None


class _Workload(Struct, frozen=True):
    """One object with a pod in it."""

    pool: _Pool
    resource: Resource
    spec: Mapping
    labels: Mapping | None

    @property
    def containers(self) -> tuple[Mapping, ...]:
        return tuple(mappings(self.spec.get("containers")))

    def deployment(self, container: Mapping) -> Deployment | None:
        """The container as a deployment, None if it does not run Directus."""
        image = _image(container)
        environment = _Environment(self, container)
        if not (image is not None and is_directus_image(image.repository)) and not is_directus_environment(
            variable.name for variable in environment.variables
        ):
            return None
        files = tuple(self._files(container))
        by_command, taken_in = command_line.environment(
            _command(container), container.location, self.pool.manifests.repository
        )
        variables = (*environment.variables, *by_command)
        resource, overlay = self.resource, self.pool.overlay
        consumed = environment.consumed | resource.consumed | {resource.path} | ({overlay} if overlay else set())
        return Deployment(
            name=self._name(container),
            platform=Platform.KUBERNETES,
            location=container.location,
            variables=variables,
            config_file=self._config_file(container, files, variables),
            open=tuple(dict.fromkeys((*resource.open, *environment.open, *taken_in))),
            image=image,
            version=image_reference.version(image),
            hints=tuple(filter(None, (resource.namespace, application.folder(overlay or "")))),
            services=tuple(self.pool.neighbours(self, container)),
            ports=tuple(self.pool.ports(self)),
            mounts=tuple(self._mounts(container)),
            files=files,
            replicas=objects.number(at(resource.node, "spec", "replicas")),
            consumed=frozenset(consumed),
        )

    def _name(self, container: Mapping) -> str:
        """An object that a kustomization of another folder changes is named after that kustomization."""
        path, overlay = self.resource.path, self.pool.overlay
        if overlay is not None and application.folder(overlay) != application.folder(path):
            path = overlay
        return f"{path}#{self.resource.kind}/{self.resource.name}/{container.text('name') or ''}".rstrip("/")

    def service(self, container: Mapping) -> Service:
        return Service(
            container.text("name") or self.resource.name,
            _image(container),
            tuple(_Environment(self, container).variables),
            tuple(self.pool.ports(self)),
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

    def _volume_files(self, volume: Mapping) -> Iterator[tuple[str, Held]]:
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
            return Unknown(f"`{path}` is not readable here")
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
    """Where a line of a text inside a manifest stands in the manifest; the whole text where that is not exact."""
    if inner is None:
        return block
    line, indent = inner
    return Location(
        block.path, line + item.line - 1, indent + item.column, line + item.end_line - 1, indent + item.end_column
    )


def _image(container: Mapping) -> Image | None:
    written = container.scalar("image")
    if written is None:
        return None
    return image_reference.parse(written.text, written.location, objects.external(written.text) or "")


class _Environment:
    """What one container is given, in the order of rising precedence."""

    def __init__(self, workload: _Workload, container: Mapping) -> None:
        self._workload = workload
        self.variables: list[Variable] = []
        self.open: list[str] = []
        self.consumed: set[str] = set()
        for source in self._listed(container, "envFrom"):
            self._take_all(source)
        for entry in self._listed(container, "env"):
            self._take(entry)

    def _listed(self, container: Mapping, key: str) -> Iterator[Mapping]:
        """The mappings of a list. What is of another type hides variables."""
        node = container.get(key)
        if node is not None and not isinstance(node, Sequence) and not is_null(node):
            self._odd(f"`{key}` is not a list", node)
        for item in node.items if isinstance(node, Sequence) else ():
            if isinstance(item, Mapping):
                yield item
            else:
                self._odd(f"`{key}` holds something that is not a mapping", item)

    def _odd(self, message: str, node: Node) -> None:
        """Note a value of another type than Kubernetes takes: the run is incomplete without it."""
        self.open.append(f"{message}: what it sets is not known")
        place = node.location
        repository = self._workload.pool.manifests.repository
        repository.problem(place.path, f"{message}: what it sets is not known", place.line, incomplete=True)

    def _store(self, kind: str, name: str) -> Store | None:
        reason = objects.external(name)
        store = None if reason else self._workload.pool.store(kind, name, self._workload.resource)
        if store is not None:
            self.consumed |= store.consumed | {held.location.path for held in store.entries.values()}
        return store

    def _unseen(self, kind: str, name: str) -> str:
        """Why what an object holds is not known: it is elsewhere, or something fills a name in by which it may be one here."""
        if self._workload.pool.may_be_here(kind, name):
            return f"which {kind} `{shown(name)}` is, is not known: a name is filled in later"
        return f"{kind} `{shown(name)}` is not in the repository"

    def _take_all(self, source: Mapping) -> None:
        prefix = source.text("prefix") or ""
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            written = source.get(key)
            reference = source.mapping(key)
            if written is not None and reference is None:
                self._odd(f"`{key}` is not a mapping", written)
            if reference is None:
                continue
            name = reference.text("name") or ""
            if not name:
                self._odd(f"`{key}` has no `name`", reference)
                continue
            store = self._store(kind, name)
            if store is None:
                self.open.append(self._unseen(kind, name))
                continue
            self.open.extend(store.open)
            for item, held in store.entries.items():
                if _NAME.match(prefix + item):
                    self.variables.append(
                        Variable(prefix + item, held.value, held.location, store.origin, (source.location,))
                    )

    def _take(self, entry: Mapping) -> None:
        name = entry.text("name")
        if not name or not _NAME.match(name):
            self._odd("a variable has no usable `name`", entry)
            return
        source = entry.mapping("valueFrom")
        if source is not None:
            held, origin = self._referenced(source)
            via = () if held.location == source.location else (entry.locate("valueFrom"),)
            self.variables.append(Variable(name, held.value, held.location, origin, via))
            return
        written = entry.get("value")
        if isinstance(written, Scalar) and not (yaml_document.is_null(written) and not written.text.strip("~")):
            held = self._workload.pool.manifests.held(written)
            self.variables.append(Variable(name, self._expanded(held.value), held.location, "env"))
        elif written is None or isinstance(written, Scalar):
            self.variables.append(Variable(name, Known(Secret("")), entry.locate("value"), "env"))
        else:
            self._odd(f"the `value` of `{shown(name)}` is not a text", written)
            unknown = Unknown("its `value` is not a text")
            self.variables.append(Variable(name, unknown, entry.locate("value"), "env"))

    def _referenced(self, source: Mapping) -> tuple[Held, str]:
        for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            reference = source.mapping(key)
            if reference is None:
                continue
            name, item = reference.text("name") or "", reference.text("key") or ""
            store = self._store(kind, name)
            if store is None:
                return Held(Unknown(self._unseen(kind, name)), reference.location), kind
            held = store.entries.get(item)
            if held is None:
                reason = store.open[0] if store.open else f"{store.origin} has no key `{shown(item)}`"
                return Held(Unknown(reason), reference.location), store.origin
            return held, store.origin
        return Held(Unknown("Kubernetes sets it when the container starts"), source.location), "valueFrom"

    def _expanded(self, value: Value) -> Value:
        """`$(NAME)` replaced by what is set so far; a name that nothing sets stays as it is written."""
        if not isinstance(value, Known) or "$" not in value.text.reveal():
            return value
        known = {variable.name: variable.value for variable in self.variables}
        text = value.text.reveal()
        for name in _REFERENCE.findall(text):
            referenced = known.get(name)
            if isinstance(referenced, Unknown):
                return Unknown(f"`$({name})` in it is not known: {referenced.reason}")
            if name and referenced is None and self.open:
                return Unknown(f"`$({name})` in it may come from outside the repository")

        def replacement(match: re.Match[str]) -> str:
            if match[0] == "$$":
                return "$"
            given = known.get(match[1])
            return given.text.reveal() if isinstance(given, Known) else match[0]

        return Known(Secret(_REFERENCE.sub(replacement, text)))
