"""Where findings about a running instance are shown: reports and code scanning want a line of the repository.

The profile of directus.config.json that names the instance, else a deployment manifest, else the workflow that calls this
program, else the instance's own address.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from directus_guard.directus.instance import same_address
from directus_guard.finding import Location
from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_document
from directus_guard.sources.formats.values import ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.sources.files.repository import Repository


def anchor(repository: Repository, environments: Sequence[Environment], origin: str) -> Location:
    """One place for all findings of the instance at `origin`."""
    profiles = tuple(_profiles(repository))
    for named, place in profiles:
        if same_address(named, origin):
            return place
    gating = [env for env in environments if env.context.gates]
    for env in gating:
        url = env["PUBLIC_URL"]
        if url.known and same_address(url.text, origin):
            return url.location or env.deployment.location
    places = [place for _, place in profiles] + [env.deployment.location for env in gating]
    if places:
        return places[0]
    for path in registry.WORKFLOW.paths(repository):
        if posixpath.dirname(path) == ".github/workflows" and "directus-guard" in (repository.text(path) or ""):
            return Location(path)
    return Location(origin)


def _profiles(repository: Repository) -> Iterator[tuple[str, Location]]:
    """The address of every profile, and its place (docs/model/exports.md#environment-sync)."""
    for path in registry.PROFILES.named(repository):
        root = json_document.document(repository, path)
        profiles = root.get("profiles") if isinstance(root, ObjectValue) else None
        for entry in profiles.entries if isinstance(profiles, ObjectValue) else ():
            url = entry.value.get("url") if isinstance(entry.value, ObjectValue) else None
            if isinstance(url, Text):
                yield url.text, url.location
