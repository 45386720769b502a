"""What the checks on headers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.finding import Subject

if TYPE_CHECKING:
    from directus_guard.directus.instance import Instance


def subject(instance: Instance, name: str) -> Subject:
    """A header of an instance's answers."""
    return Subject("header", f"{instance.origin} {name}", (("model", instance.origin), ("name", name)))
