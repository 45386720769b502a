"""Programs beside a Directus that get its variables: an `env_file` or a ConfigMap is often for a whole stack."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from directus_guard.directus.context import of_name
from directus_guard.directus.environment.deployment import Platform, VersionOrigin
from directus_guard.directus.environment.recognise import is_directus_environment, is_directus_image, is_official_image
from directus_guard.directus.environment.variables import is_known_variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from directus_guard.directus.environment.deployment import Deployment, Variable
    from directus_guard.finding import Context, Location

_BUILT: Final = frozenset({
    VersionOrigin.IMAGE_TAG, VersionOrigin.BUILD_ARGUMENT, VersionOrigin.INSTALLED, VersionOrigin.CHART,
})  # fmt: skip


_COMMON: Final = frozenset({"PORT", "HOST", "LOG_LEVEL", "NODE_ENV", "TZ"})
"""Names that many programs read."""
_TAKING_IN: Final = frozenset({Platform.COMPOSE, Platform.KUBERNETES})
"""Where a service takes in the variables of a file or an object as a whole."""


def servers(deployments: Sequence[Deployment]) -> list[Deployment]:
    """The same without those that are no Directus: all that made them look like one comes from the very places that a
    Directus of the same stack takes it from, and neither their image nor their name says so. Or only their image says so, as
    `acme/directus-pdf-service` does, and what they are given is for another program.
    """
    shared: dict[tuple[str, Context], set[tuple[Location, ...]]] = {}
    for one in filter(_is_surely_directus, deployments):
        shared.setdefault(_stack(one), set()).update(_places(one))
    certain = {one.name.partition("#")[0] for one in deployments if _is_configured(one)}
    return [
        one
        for one in deployments
        if _is_directus(one, shared.get(_stack(one), set()))
        and not (one.name.partition("#")[0] in certain and _is_for_another_program(one))
    ]


def _is_configured(deployment: Deployment) -> bool:
    """Whether its image is the official one, or its variables are those of a server."""
    image = deployment.image
    official = image is not None and is_official_image(image.repository)
    return official or is_directus_environment(_names(deployment.variables))


def _is_for_another_program(deployment: Deployment) -> bool:
    """Whether only the name of an image of one's own speaks of Directus. All its variables are seen, and Directus reads none."""
    image, names = deployment.image, _names(deployment.variables)
    own = image is not None and is_directus_image(image.repository) and not is_official_image(image.repository)
    others = bool(names) and not deployment.gaps and not any(map(is_known_variable, names - _COMMON))
    return own and others and "directus" not in _service(deployment)


def _service(deployment: Deployment) -> str:
    return deployment.name.rpartition("#")[2].lower()


def _is_directus(deployment: Deployment, shared: set[tuple[Location, ...]]) -> bool:
    if not shared or deployment.platform not in _TAKING_IN or _is_surely_directus(deployment):
        return True
    if "directus" in _service(deployment):
        return True
    places = zip(deployment.variables, _places(deployment), strict=True)
    own = _names(one for one, place in places if place not in shared)
    # An address of its own may make it production where the other is development.
    if is_directus_environment(own) or "PUBLIC_URL" in own:
        return True
    # What has nothing in common with it was taken for a Directus for another reason.
    return len(own) == len(_names(deployment.variables))


def _is_surely_directus(deployment: Deployment) -> bool:
    image, version = deployment.image, deployment.version
    official = image is not None and is_directus_image(image.repository)
    return official or (version is not None and version.origin in _BUILT)


def _stack(deployment: Deployment) -> tuple[str, Context]:
    """The file of a deployment, and what its names say that it is for: a Directus for development says nothing of others.
    Objects of a cluster may lie in several files of a folder."""
    path = deployment.name.partition("#")[0]
    purpose = of_name(" ".join(deployment.hints).replace("/", " "))
    return (path.rpartition("/")[0] if deployment.platform is Platform.KUBERNETES else path), purpose


def _places(deployment: Deployment) -> list[tuple[Location, ...]]:
    """Where each variable comes from: what is listed one by one counts with its line, what is taken in as a whole
    (`envFrom`) without."""
    taken_in = Counter(one.via for one in deployment.variables)
    return [
        (one.location, *one.via) if one.via and taken_in[one.via] == 1 else (one.location,)
        for one in deployment.variables
    ]


def _names(variables: Iterable[Variable]) -> frozenset[str]:
    return frozenset(one.name for one in variables)
