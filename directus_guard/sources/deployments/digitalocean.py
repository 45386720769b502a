"""DigitalOcean App Platform: app specs (`.do/app.yaml`, `deploy.template.yaml`, or any other name).

After the app spec reference: variables of the app reach every component, the component's own beat them, and those with
the scope `BUILD_TIME` are gone when the container starts. `${…}` is filled in when the app is deployed.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import (
    Deployment,
    Image,
    Known,
    Platform,
    Service,
    Unknown,
    Variable,
)
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.gaps import unseen
from directus_guard.sources.deployments import application, dockerfile, image_reference, manifest
from directus_guard.sources.files import registry
from directus_guard.sources.formats import references, values
from directus_guard.sources.formats.values import List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import VersionEvidence
    from directus_guard.sources.files.repository import Repository

_GAP: Final = unseen("variables set in DigitalOcean's control panel are not in the repository")
_WHO: Final = "DigitalOcean"
_MAX_SERVICES: Final = 100
"""Components of an app that are looked at as what is around Directus."""
_COMPONENTS: Final = ("services", "workers", "jobs")
_REGISTRIES: Final = {"DOCKER_HUB": "", "GHCR": "ghcr.io/", "DOCR": "registry.digitalocean.com/"}
_SIGNATURES: Final = frozenset({
    "envs", "instance_size_slug", "environment_slug", "dockerfile_path", "http_port", "source_dir", "run_command", "instance_count",
})  # fmt: skip
"""Keys of a component that tell an app spec from other files with a list of services."""


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus components of all app specs, in the order of paths and components."""
    found: list[Deployment] = []
    for path in registry.DIGITALOCEAN.paths(repository):
        manifest.belonging(repository, path)
        root = manifest.root(repository, path)
        spec = (root.object("spec") or root) if root else None
        if spec is not None and _is_app_spec(spec):
            found += _App(repository, path, spec).deployments()
    return tuple(found)


def _is_app_spec(spec: ObjectValue) -> bool:
    components = [
        component for kind in _COMPONENTS if isinstance(spec.get(kind), List) for component in spec.objects(kind)
    ]
    return any(
        entry.key.text in _SIGNATURES or (entry.key.text == "image" and _described(component) is not None)
        for component in components
        for entry in component.entries
    )


def _described(component: ObjectValue) -> ObjectValue | None:
    image = component.object("image")
    return image if image is not None and image.get("repository") is not None else None


class _App:
    def __init__(self, repository: Repository, path: str, spec: ObjectValue) -> None:
        self._repository, self._path, self._spec = repository, path, spec
        self._components = [(kind, item) for kind in _COMPONENTS for item in spec.objects(kind)]

    def deployments(self) -> Iterator[Deployment]:
        """The components that serve; a job with Directus (a migration) only counts where nothing else has it."""
        made = [
            (kind, self._deployment(component, component.text("name") or f"{kind}-{index + 1}"))
            for index, (kind, component) in enumerate(self._components)
        ]
        found = [(kind, item) for kind, item in made if item is not None]
        serving = [item for kind, item in found if kind != "jobs"]
        yield from serving or [item for _, item in found]

    def _deployment(self, component: ObjectValue, name: str) -> Deployment | None:
        image = _image(component)
        variables = self._variables(component)
        folder = self._repository.resolve("", (component.text("source_dir") or "").lstrip("/")) or ""
        built = self._dockerfile(component, folder) if image is None else None
        command = component.text("run_command") or ""
        if not (
            (image is not None and is_directus_image(image.repository))
            or dockerfile.builds_directus(self._repository, built)
            or application.configures_directus(variables)
            or application.runs_directus(self._repository, folder, command)
        ):
            return None
        config, consumed = None, frozenset[str]()
        if image is None and built is None:
            config, consumed = application.own_environment(self._repository, folder, variables)
        return Deployment(
            name=f"{self._path}#{name}",
            platform=Platform.DIGITALOCEAN,
            location=component.locate("name"),
            variables=variables,
            config_file=config,
            gaps=(_GAP,),
            image=image,
            version=_version(component, image),
            hints=tuple(filter(None, (name, self._spec.text("name")))),
            build_context=folder if built else None,
            dockerfile=built,
            build_args=tuple(
                made for holder in (self._spec, component) for made in _given(holder, "envs of the build", build=True)
            ),
            services=tuple(self._neighbours(component)),
            replicas=values.count(component.text("instance_count")),
            consumed=consumed | {self._path},
        )

    def _variables(self, component: ObjectValue) -> tuple[Variable, ...]:
        given = (*_given(self._spec, "envs of the app"), *_given(component, "envs"))
        return references.unknown(given, _WHO)

    def _dockerfile(self, component: ObjectValue, folder: str) -> str | None:
        """`dockerfile_path` counts from the repository's root; without it, and without a buildpack, it is the folder's."""
        named = component.text("dockerfile_path")
        if named is None and component.text("environment_slug"):
            return None
        path = self._repository.resolve("" if named else folder, (named or "Dockerfile").lstrip("/"))
        return path if path is not None and path in self._repository else None

    def _neighbours(self, component: ObjectValue) -> Iterator[Service]:
        """The other components of the app."""
        return (service for other, service in self._services if other is not component)

    @cached_property
    def _services(self) -> list[tuple[ObjectValue, Service]]:
        return [
            (item, Service(item.text("name") or "", _image(item), self._variables(item), (), item.locate("name")))
            for _, item in self._components[:_MAX_SERVICES]
        ]


def _given(holder: ObjectValue, origin: str, *, build: bool = False) -> Iterator[Variable]:
    """The variables of the app or of a component when it runs; `build`: those that only its build is given."""
    for item in holder.objects("envs"):
        key = item.text("key")
        if key is None or ((item.text("scope") or "").upper() == "BUILD_TIME") is not build:
            continue
        value = item.get("value")
        if value is None or (isinstance(value, Text) and value.kind is TextKind.NULL):
            yield Variable(key, Unknown("it is set in DigitalOcean's control panel"), item.locate("key"), origin)
            continue
        made = values.variable(key, value, origin)
        if made is not None:
            text = made.value.text.reveal() if isinstance(made.value, Known) else ""
            sealed = text.startswith("EV[")
            held = Unknown("DigitalOcean has encrypted it") if sealed else made.value
            yield Variable(key, held, made.location, origin)


def _image(component: ObjectValue) -> Image | None:
    described = _described(component)
    if described is None:
        return None
    registry, repository = described.text("registry") or "", described.scalar("repository")
    tag, digest = described.scalar("tag"), described.text("digest") or ""
    if repository is None:
        return image_reference.parse("", described.location, "its repository is not written as a text")
    kind = (described.text("registry_type") or "DOCKER_HUB").upper()
    name = f"{_REGISTRIES.get(kind, '')}{registry}/{repository.text}" if registry else repository.text
    if not registry and kind != "DOCKER_HUB":
        name = f"{_REGISTRIES.get(kind, '')}{repository.text}"
    place = repository.location
    written = name + (f":{tag.text}" if tag else "") + (f"@{digest}" if digest else "")
    if "$" in written or "{{" in written:
        known = "" if "$" in name else name
        return Image(known, "", "", place, "its reference is filled in when the app is deployed")
    return image_reference.parse(written, place)


def _version(component: ObjectValue, image: Image | None) -> VersionEvidence | None:
    """The version, which is in the tag and not beside the name."""
    evidence = image_reference.version(image)
    described = _described(component)
    tag = described.scalar("tag") if described else None
    return replace(evidence, location=tag.location) if evidence and tag else evidence
