"""What real servers answered, request by request, is what the model predicts.

`tests/truth/access-*.jsonl` holds configurations of fresh servers (10.13.4, 11.17.4, 12.4.1): the rows as the REST API
gave them, the items, and what each principal was let do.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directus_guard.directus.access.evaluation import QueryContext, evaluate
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.records import Access, Edition, Permission, Policy, Role, User
from directus_guard.directus.features import HAS_EDITIONS
from directus_guard.directus.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.grants import Grant
    from directus_guard.directus.access.principal_access import PrincipalAccess

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


def asking(access: PrincipalAccess, user: str | None) -> QueryContext:
    return access.context(user)


def predicted_read(
    grant: Grant, field: str, items: list[dict[str, Any]], context: QueryContext, major: int
) -> tuple[int, list[Any] | None]:
    """The answer to GET /items/docs?fields=FIELD&sort=id."""
    if not grant.rows:
        return 403, None
    columns = list(items[0])
    allowed = [name for name in columns if grant.reaches(name)]
    if major < 11 and not grant.fields:
        # 10 answers with bare keys where no field is named, whatever is asked for.
        return 200, [item[KEY] for item in items if evaluate(grant.items(), item, context)]
    if major >= 11 and not grant.reaches(KEY):
        return 403, None  # the request sorts by id
    asked = allowed if field == "*" else [field]
    if not asked or any(name not in allowed for name in asked):
        return 403, None
    shown: list[Any] = []
    whole = grant.items() if field == "*" or major < 11 else grant.items(field)
    for item in items:
        if evaluate(whole, item, context):
            row = {
                name: item[name] if major < 11 or evaluate(grant.items(name), item, context) else None for name in asked
            }
            shown.append(row)
    return 200, shown


@pytest.mark.parametrize("record", list(records()))
def test_every_recorded_request_is_predicted(record: Mapping[str, Any]) -> None:
    model = model_of(record)
    items = {item[KEY]: item for item in record["items"]}
    compared: Counter[str] = Counter()
    for principal in record["principals"]:
        user = principal["user"]
        access = model.of(PUBLIC) if user is None else model.of_user(user)
        assert not access.admin
        context = asking(access, user)
        read = access.grant("docs", "read")
        for field, (status, data) in principal["read"].items():
            answer = predicted_read(read, field, record["items"], context, model.version.major)
            assert answer == (status, data), (user, "read", field)
            compared["read"] += 1
        update = access.grant("docs", "update")
        for key, field, value, done in principal["update"]:
            answer_update = update.accepts({field: value}, context) and access.may(
                "update", "docs", field, items[key], context
            )
            assert answer_update == done, (user, "update", key, field, value)
            compared["update"] += 1
        create = access.grant("docs", "create")
        for payload, done in principal["create"]:
            assert create.accepts(payload, context) == done, (user, "create", payload)
            compared["create"] += 1
        for key, gone in principal["delete"]:
            assert access.may("delete", "docs", item=items[key], context=context) == gone, (user, "delete", key)
            compared["delete"] += 1
    assert compared["read"]
    assert compared["update"]
    assert compared["create"]
    assert compared["delete"]
