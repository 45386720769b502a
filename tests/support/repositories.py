"""Small repositories, and what stands at a region of one of their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known, Unknown, Variable
from directus_guard.sources.files.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.finding import Location
    from directus_guard.sources.deployments.gcloud import Container

SMALL_COMPOSE: Final = """\
services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET}
      RATE_LIMITER_ENABLED: "true"
"""
"""A project with one deployment that says little."""


def repository(root: Path, files: Mapping[str, str]) -> Repository:
    """A repository of these files, written as they are given."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.encode("utf-8", "replace").decode(), encoding="utf-8", newline="")
    return Repository(root)


def cut(root: Path, region: Location) -> str:
    """The text of a region that lies on one line."""
    assert region.line == region.end_line
    line = (root / region.path).read_bytes().decode().removeprefix("\ufeff").split("\n")[region.line - 1]
    return line[region.column - 1 : region.end_column - 1]


def texts(variables: Iterable[Variable]) -> list[tuple[str, str | None]]:
    """Names and texts, None for what is not known."""
    return [(item.name, item.value.text.reveal() if isinstance(item.value, Known) else None) for item in variables]


def fallback(variable: Variable) -> str | None:
    """What is used when nothing comes from outside; the reason must not give it away."""
    assert isinstance(variable.value, Unknown)
    held = variable.value.fallback
    assert held is None or not held.reveal() or held.reveal() not in variable.value.reason
    return held.reveal() if held else None


def reasons(described: Deployment | Container) -> tuple[str, ...]:
    """Why it is not wholly known what a deployment is given."""
    return tuple(gap.reason for gap in described.gaps)
