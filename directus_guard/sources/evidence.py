"""All sources over one repository, in the order that decides whose a file is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from directus_guard.sources import dotenv_files

if TYPE_CHECKING:
    from directus_guard.directus.deployment import Deployment
    from directus_guard.sources.repository import Repository


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found in the repository."""

    deployments: tuple[Deployment, ...]
    looked_for: tuple[str, ...]
    """What was looked for, for the message when nothing was found."""
