"""A server that the repository of an extension starts to try it in: it is there for development."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Known, Platform
from directus_guard.sources.deployments.application import folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.directus.instance import Extension

_EXTENSIONS: Final = "/directus/extensions"


def with_purpose(deployments: Iterable[Deployment], extensions: Iterable[Extension]) -> tuple[Deployment, ...]:
    """The deployments; one beside an extension's own package.json that takes the extension in from there is for development.

    A server with a public address is not: it may be the one that is used.
    """
    folders = {folder(one.location.path) for one in extensions if one.location is not None}
    return tuple(
        replace(found, hints=(*found.hints, "development")) if _is_trial(found, folders) else found
        for found in deployments
    )


def _is_trial(deployment: Deployment, folders: set[str]) -> bool:
    if deployment.platform is not Platform.COMPOSE or folder(deployment.location.path) not in folders:
        return False
    takes_in = any(
        one.target.startswith(_EXTENSIONS) and one.source.startswith(".") and not one.source.startswith("..")
        for one in deployment.mounts
    )
    return takes_in and not any(
        one.name == "PUBLIC_URL" and isinstance(one.value, Known) and one.value.text.reveal().startswith("https://")
        for one in deployment.variables
    )
