"""Where the Data Studio shows what a finding is about. The routes are the same in 10, 11 and 12 (12 redirects those of flows)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow, Operation


def of_row(export: Export, row: Permission) -> str:
    """The page of the policy (10: role) that a permission belongs to."""
    return of_holder(export, (row.policy or "") if export.model.has_policies else (row.role or "public"))


def of_holder(export: Export, key: str) -> str:
    """The page of a policy (10: role) by its id."""
    return _page("settings", "policies" if export.model.has_policies else "roles", key)


def of_role(key: str) -> str:
    """The page of a role."""
    return _page("settings", "roles", key)


def of_user(key: str) -> str:
    """The page of a user."""
    return _page("users", key)


def of_flow(flow: Flow) -> str:
    """The page of a flow."""
    return _page("settings", "flows", flow.id)


def of_operation(operation: Operation) -> str:
    """The page of an operation, in its flow."""
    return _page("settings", "flows", operation.flow or "", operation.id)


SETTINGS = "settings/project"
"""The page of the project's settings."""


@lru_cache(maxsize=1024)
def _page(*parts: str) -> str:
    """A path below `/admin/`; "" where an id is not known."""
    return "/".join(quote(part, safe="") for part in parts) if all(parts) else ""
