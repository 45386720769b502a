"""Templates that Ansible fills in: what is read of them, with the values that files of the repository give.

A template is read by the source of what it makes (Compose, Kubernetes, an environment file), to which `{{ x }}` is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Known, Platform, Unknown
from directus_guard.sources.deployments import ansible_variables, application, image_reference
from directus_guard.sources.files import registry
from directus_guard.sources.formats.yaml_document import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.directus.environment.deployment import Deployment, Image, Variable
    from directus_guard.finding import Location
    from directus_guard.sources.deployments.ansible_variables import Resolved
    from directus_guard.sources.files.repository import Repository


_MAX_VARIANTS: Final = 20
"""Hosts and groups with values of their own that are followed for one template."""
_MAX_DEPLOYMENTS: Final = 200
"""And for all templates together."""


def filled(repository: Repository, deployments: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """The deployments with what Ansible puts into the templates they were read from, as far as its variables are known.

    Where files of hosts or groups give different values, each is a deployment of its own. Of too many of them the values
    that differ stay unknown.
    """
    variables = ansible_variables.Variables(repository)
    made: list[Deployment] = []
    left = _MAX_DEPLOYMENTS
    for deployment in deployments:
        found = tuple(_variants(repository, variables, deployment, min(left, _MAX_VARIANTS)))
        left -= len(found) - 1
        made += found
    return tuple(made)


def _variants(
    repository: Repository, variables: ansible_variables.Variables, deployment: Deployment, most: int
) -> Iterator[Deployment]:
    path = _template(deployment)
    scope = variables.of(path, (), rendered=True)
    found = _Filler(repository, scope).fill(deployment)
    names = tuple(dict.fromkeys(map(ansible_variables.variant, scope.disagreeing)))
    if not names or len(names) > most:
        yield found
    for name in names[:most]:
        own = _Filler(repository, variables.of(path, (), rendered=True, preferred=name)).fill(deployment)
        label = application.plain(name)
        yield replace(own, name=f"{own.name}@{label}", hints=(*own.hints, label))


def _template(deployment: Deployment) -> str:
    """The template that a deployment was read from, or the file of its task."""
    paths = (deployment.location.path, *sorted(deployment.consumed))
    return next((path for path in paths if path.endswith(registry.JINJA)), paths[0])


class _Filler:
    def __init__(self, repository: Repository, scope: ansible_variables.AnsibleScope) -> None:
        self._repository, self._scope = repository, scope
        self._lines: dict[str, list[str]] = {}

    def fill(self, deployment: Deployment) -> Deployment:
        """One deployment."""
        dollars = deployment.platform is not Platform.COMPOSE
        config = deployment.config_file
        made = replace(
            deployment,
            variables=tuple(self._variable(one, dollars=dollars) for one in deployment.variables),
            config_file=tuple(self._variable(one) for one in config) if isinstance(config, tuple) else config,
        )
        held = self._resolved(deployment.image.location) if deployment.image and deployment.image.unknown else None
        image = None if held is None or deployment.image is None else _image(deployment.image, held)
        if image is None or held is None:
            return made
        version = image_reference.version(image) if deployment.build_context is None else deployment.version
        place = next((part.location for part in held.parts if version and part.text.reveal() == version.text), None)
        return replace(made, image=image, version=replace(version, location=place) if version and place else version)

    def _variable(self, variable: Variable, *, dollars: bool = True) -> Variable:
        """`dollars`: whether a `$` in the value is one; Compose would read on in it."""
        held = self._resolved(variable.location) if isinstance(variable.value, Unknown) else None
        if held is None or (isinstance(held.value, Unknown) and held.value.fallback is None):
            return variable
        if held.text is not None and "$" in held.text and not dollars:
            return variable
        made = held.variable(variable.name, variable.origin)
        return replace(made, via=(*made.via, *variable.via))

    def _resolved(self, place: Location) -> Resolved | None:
        """What a text on one line of a template becomes; None where nothing is filled in."""
        text = self._text(place)
        if "{{" not in text or "\\" in text:
            return None
        return self._scope.resolve(Scalar(text, False, "", place))

    def _text(self, place: Location) -> str:
        if place.line != place.end_line:
            return ""
        if place.path not in self._lines:
            text = self._repository.text(place.path) if place.path in self._repository else None
            self._lines[place.path] = (text or "").removeprefix("\ufeff").split("\n")
        lines = self._lines[place.path]
        return lines[place.line - 1][place.column - 1 : place.end_column - 1] if place.line <= len(lines) else ""


def _image(image: Image, resolved: Resolved) -> Image | None:
    """The image with its reference filled in; None where it is not known."""
    if isinstance(resolved.value, Known):
        return image_reference.parse(resolved.value.text.reveal(), image.location)
    fallback = resolved.value.fallback
    if fallback is None:
        return None
    return image_reference.parse(fallback.reveal(), image.location, resolved.value.reason, from_fallback=True)
