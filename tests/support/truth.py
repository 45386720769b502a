"""What real servers answered: configurations, and what each principal was let do (`tests/truth/access-*.jsonl`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Access, Edition, Permission, Policy, Role, User
from directus_guard.directus.features import HAS_EDITIONS
from directus_guard.directus.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TRUTH = Path(__file__).parent.parent / "truth"
KEY = "id"


def model_of(record: Mapping[str, Any]) -> AccessModel:
    """A recorded export as an access model."""
    export = record["export"]
    version = Version.parse(record["directus"])
    assert version is not None
    return AccessModel(
        source="truth",
        version=version,
        edition=Edition.CORE if HAS_EDITIONS.of(version) else Edition.LICENSED,
        roles=tuple(
            Role(
                row["id"],
                row["name"],
                row.get("parent"),
                admin_access=row.get("admin_access", False),
                app_access=row.get("app_access", False),
            )
            for row in export["roles"]
        ),
        policies=tuple(
            Policy(row["id"], row["name"], row["admin_access"], row["app_access"]) for row in export.get("policies", ())
        ),
        access=tuple(
            Access(row["policy"], row["role"], row["user"], row["sort"], row["id"]) for row in export.get("access", ())
        ),
        permissions=tuple(
            Permission(
                row["collection"],
                row["action"],
                row["permissions"],
                row["validation"],
                row["presets"],
                None if row["fields"] is None else tuple(row["fields"]),
                policy=row.get("policy"),
                role=row.get("role"),
                id=row.get("id"),
                system=row.get("system", False),
            )
            for row in export["permissions"]
        ),
        users=tuple(User(row["id"], row["role"], row["status"]) for row in export["users"]),
    )


def records() -> Iterator[Any]:
    for path in sorted(TRUTH.glob("access-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            yield pytest.param(record, id=f"{record['directus']}-{record['n']}")
