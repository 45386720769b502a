"""Render: blueprints (`render.yaml`). Values may be written, generated, asked for in the dashboard, or taken from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import Deployment, Mount, Platform, Unknown, Variable
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.sources.deployments import application, dockerfile, image_reference
from directus_guard.sources.files import registry
from directus_guard.sources.formats import values, yaml_document
from directus_guard.sources.formats.values import ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.environment.deployment import Image
    from directus_guard.sources.files.repository import Repository

_GAP: Final = unseen("variables set in Render's dashboard are not in the repository")
_RUNS_NOTHING: Final = frozenset({"static", "keyvalue", "redis"})


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus services of all blueprints, in the order of paths and services."""
    found: list[Deployment] = []
    for path in registry.RENDER.paths(repository):
        documents = yaml_document.documents(repository, path)
        root = values.from_yaml(documents[0]) if documents else None
        if isinstance(root, ObjectValue):
            found += _Blueprint(repository, path, root).deployments()
    return tuple(found)


class _Given(Struct, frozen=True):
    """The variables of a service or group. `open` tells why there may be others."""

    variables: tuple[Variable, ...]
    gaps: tuple[Gap, ...]


class _Blueprint:
    def __init__(self, repository: Repository, path: str, root: ObjectValue) -> None:
        self._repository, self._path = repository, path
        environments = [
            environment for project in root.objects("projects") for environment in project.objects("environments")
        ]
        scopes = [(root, ""), *((environment, environment.text("name") or "") for environment in environments)]
        self._services = [(service, hint) for scope, hint in scopes for service in scope.objects("services")]
        self._groups: Mapping[str, ObjectValue] = {
            group.text("name") or "": group for scope, _ in scopes for group in scope.objects("envVarGroups")
        }

    def deployments(self) -> Iterator[Deployment]:
        for index, (service, hint) in enumerate(self._services):
            found = self._deployment(service, index, hint)
            if found is not None:
                yield found

    def _deployment(self, service: ObjectValue, index: int, hint: str) -> Deployment | None:
        runtime = service.text("runtime") or service.text("env") or ""
        if runtime in _RUNS_NOTHING or service.text("type") in _RUNS_NOTHING:
            return None
        given = self._given(service)
        image = _image(service)
        folder = self._folder(service)
        built = self._dockerfile(service, folder) if image is None and runtime in ("docker", "") else None
        commands = [
            service.text(key) or "" for key in ("startCommand", "dockerCommand", "buildCommand", "preDeployCommand")
        ]
        if not (
            (image is not None and is_directus_image(image.repository))
            or dockerfile.builds_directus(self._repository, built)
            or application.configures_directus(given.variables)
            or application.runs_directus(self._repository, folder, *commands)
        ):
            return None
        name = service.text("name") or f"services-{index + 1}"
        context = service.text("dockerContext")
        config, consumed = None, frozenset[str]()
        if image is None and runtime != "docker":
            config, consumed = application.own_environment(self._repository, folder, given.variables)
        return Deployment(
            name=f"{self._path}#{name}",
            platform=Platform.RENDER,
            location=service.locate("name"),
            variables=given.variables,
            config_file=config,
            gaps=(_GAP, *given.gaps),
            image=image,
            version=image_reference.version(image),
            hints=tuple(filter(None, (name, hint))),
            build_context=None if built is None else self._repository.resolve("", context or folder or "."),
            dockerfile=built,
            mounts=tuple(_mounts(service)),
            replicas=values.count(service.text("numInstances")),
            consumed=consumed | {self._path},
        )

    def _folder(self, service: ObjectValue) -> str:
        """Where the service's commands run: `rootDir` of the repository, or of the folder that the blueprint lies in."""
        root = service.text("rootDir") or "."
        beside = self._repository.resolve(application.folder(self._path), root)
        return beside if beside is not None else application.folder(self._path)

    def _dockerfile(self, service: ObjectValue, folder: str) -> str | None:
        """`dockerfilePath` counts from the repository's root, or from `rootDir`; the default is its Dockerfile."""
        named = service.text("dockerfilePath") or "Dockerfile"
        for start in (folder, "", application.folder(self._path)):
            path = self._repository.resolve(start, named)
            if path is not None and path in self._repository:
                return path
        return None

    def _given(self, service: ObjectValue) -> _Given:
        """Groups first: what a service sets itself beats its groups."""
        own: list[Variable] = []
        grouped: list[Variable] = []
        gaps: list[Gap] = []
        for item in service.objects("envVars"):
            group = item.text("fromGroup")
            if group is None:
                own += self._variables(item, "envVars", follow=True)
            elif group in self._groups:
                for member in self._groups[group].objects("envVars"):
                    grouped += self._variables(member, f"envVarGroup {application.plain(group)}", follow=True)
            else:
                gaps.append(unseen(f"group `{application.plain(group)}` is not in the blueprint"))
        return _Given((*grouped, *own), tuple(gaps))

    def _variables(self, item: ObjectValue, origin: str, *, follow: bool) -> Iterator[Variable]:
        key, value = item.text("key"), item.get("value")
        if key is None:
            return
        if value is not None and not (isinstance(value, Text) and value.kind is TextKind.NULL):
            made = values.variable(key, value, origin)
            if made is not None:
                yield made
            return
        place = item.locate("key")
        held = self._from_service(item) if follow else None
        if held is not None:
            yield Variable(key, held.value, held.location, origin, (place, *held.via))
        else:
            yield Variable(key, _outside(item), place, origin)

    def _from_service(self, item: ObjectValue) -> Variable | None:
        """A variable taken from another service of the blueprint, if that one writes it down."""
        source = item.object("fromService")
        wanted = source.text("envVarKey") if source else None
        if source is None or wanted is None:
            return None
        for service, _ in self._services:
            if service.text("name") == source.text("name"):
                for other in service.objects("envVars"):
                    if other.text("key") == wanted:
                        return next(self._variables(other, "envVars", follow=False), None)
        return None


def _outside(item: ObjectValue) -> Unknown:
    """Why a variable without a value is not known."""
    if item.text("generateValue") == "true":
        return Unknown("Render generates it")
    if item.object("fromDatabase") is not None:
        return Unknown("Render takes it from a database")
    if item.object("fromService") is not None:
        return Unknown("Render takes it from another service")
    if item.text("sync") == "false":
        return Unknown("it is given in Render's dashboard")
    return Unknown("the blueprint gives it no value")


def _image(service: ObjectValue) -> Image | None:
    image = service.object("image")
    written = image.scalar("url") if image else service.scalar("image")
    return image_reference.parse(written.text, written.location) if written else None


def _mounts(service: ObjectValue) -> Iterator[Mount]:
    for disk in service.objects("disk"):
        target = disk.scalar("mountPath")
        if target is not None:
            yield Mount(disk.text("name") or "", target.text, read_only=False, location=target.location)
