"""A Compose project as the real program and as directus-guard resolve it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.sources.deployments import compose
from directus_guard.sources.files.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Deployment


def real(program: Path, folder: Path) -> dict[str, Any] | None:
    """The service as the real one resolves it in an empty environment, None where it refuses the project or has no such service."""
    command = [str(program), "--project-directory", str(folder), "config", "--format", "json"]
    run = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder)},
        timeout=60,
    )
    if run.returncode:
        return None
    service: dict[str, Any] | None = json.loads(run.stdout)["services"].get("directus")
    return service


def ours(folder: Path) -> Deployment:
    """The project that starts without naming files: the base with its override."""
    found = [item for item in compose.read(Repository(folder)) if item.name == "compose.yaml#directus"]
    if not found:
        found = [item for item in compose.read(Repository(folder)) if item.name.endswith("#directus")]
    with_override = [item for item in found if "compose.override.yaml" in item.consumed]
    return (with_override or found)[0]


def environment(deployment: Deployment) -> dict[str, str]:
    """What an empty process environment would leave."""
    values: dict[str, str] = {}
    for variable in deployment.variables:
        if isinstance(variable.value, Known):
            values[variable.name] = variable.value.text.reveal()
        else:
            assert isinstance(variable.value, Unknown)
            fallback = variable.value.fallback
            values[variable.name] = fallback.reveal() if fallback is not None else ""
    return values
