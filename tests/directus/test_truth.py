"""What real servers answered, request by request, is what the model predicts.

`tests/truth/access-*.jsonl` holds configurations of fresh servers (10.13.4, 11.17.4, 12.4.1): the rows as the REST API
gave them, the items, and what each principal was let do.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from directus_guard.directus.access.evaluation import QueryContext, evaluate
from directus_guard.directus.access.principals import PUBLIC
from tests.support.each import each_case
from tests.support.truth import KEY, model_of, records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.grants import Grant
    from directus_guard.directus.access.principal_access import PrincipalAccess


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


@each_case("record", list(records()))
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
