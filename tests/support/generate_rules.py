"""Random typed rules and items: every operator of docs/model/access.md#item-rules on a field it is valid for, nested,
with relations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from directus_guard.directus.access.evaluation import QueryContext
from directus_guard.directus.access.filters import EVERYTHING
from directus_guard.directus.access.item_rules import parse

if TYPE_CHECKING:
    from random import Random

    from directus_guard.directus.access.filters import Filter

USERS = ("u1", "u2", "u3")
ROLES = ("r1", "r2")
TEXTS = ("", "a", "b", "ab", "abc", "A", "draft", "x%y", "a_b")
NUMBERS = (0, 1, 2, 3, 5, 2.5, -1)
DATES = ("2024-01-01", "2024-06-01T10:00:00", "2025-01-01", "2034-12-31T12:00:00", "2036-01-01")
NOWS = ("$NOW", "$NOW(-1 day)", "$NOW(+2 weeks)", "$NOW(-1 year)")
FIELDS = {"title": TEXTS, "status": TEXTS, "score": NUMBERS, "flag": (True, False), "date": DATES, "owner": USERS}
STATE = ("_null", "_nnull")
TEXT_OPERATORS = (
    "_contains", "_ncontains", "_icontains", "_starts_with", "_nstarts_with", "_istarts_with",
    "_nistarts_with", "_ends_with", "_nends_with", "_iends_with", "_niends_with", "_eq", "_neq", "_in", "_nin",
    "_empty", "_nempty", "_null", "_nnull",
)  # fmt: skip
ORDER_OPERATORS = (
    "_eq", "_neq", "_lt", "_lte", "_gt", "_gte", "_between", "_nbetween", "_in", "_nin", "_null", "_nnull"
)  # fmt: skip
BY_FIELD = {
    "title": TEXT_OPERATORS,
    "status": TEXT_OPERATORS,
    "score": ORDER_OPERATORS,
    "date": ORDER_OPERATORS,
    "flag": ("_eq", "_neq", "_null", "_nnull"),
    "owner": ("_eq", "_neq", "_in", "_nin", "_null", "_nnull"),
}


def value(random: Random, field: str, operator: str) -> Any:
    """A constant (or variable) a field can be compared with."""
    if operator in ("_contains", "_icontains", "_ncontains", "_nicontains") or "with" in operator:
        return random.choice(("", "a", "b", "ab", "A", "aft", "%", "_"))
    if field == "owner" and random.random() < 0.5:
        return random.choice(("$CURRENT_USER", "$CURRENT_USER", "$CURRENT_USER.boss"))
    if field == "date" and random.random() < 0.3:
        return random.choice(NOWS)
    return random.choice(FIELDS[field])


def operation(random: Random, field: str) -> dict[str, Any]:
    operator = random.choice(BY_FIELD[field])
    if operator in ("_null", "_nnull", "_empty", "_nempty"):
        return {operator: random.random() < 0.8}
    if operator in ("_in", "_nin"):
        return {operator: [value(random, field, operator) for _ in range(random.choice((0, 1, 2, 2, 3)))]}
    if operator in ("_between", "_nbetween"):
        return {operator: [value(random, field, operator) for _ in range(random.choice((1, 2, 2, 2, 2, 3)))]}
    return {operator: value(random, field, operator)}


def leaf(random: Random) -> dict[str, Any]:
    kind = random.random()
    if kind < 0.70:
        field = random.choice(tuple(FIELDS))
        return {field: operation(random, field)}
    if kind < 0.80:
        field = random.choice(("title", "score"))
        return {"author": {field: operation(random, field)}}
    if kind < 0.84:
        return {"author": {"id": random.choice(({"_eq": "$CURRENT_USER"}, {"_eq": "u1"}, {"_nnull": True}))}}
    if kind < 0.88:
        return {"role": random.choice(({"_in": "$CURRENT_ROLES"}, {"_eq": "$CURRENT_ROLE"}, {"_eq": "r1"}))}
    if kind < 0.96:
        field = random.choice(("title", "score"))
        return {"tags": {random.choice(("_some", "_none")): {field: operation(random, field)}}}
    if kind < 0.98:
        return {"year(date)": operation(random, "score")}
    return {random.choice(("_and", "_or")): random.choice(([], [{}]))}


def rule(random: Random, depth: int = 0) -> dict[str, Any]:
    kind = random.random()
    if depth < 3 and kind < 0.45 - 0.1 * depth:
        branches = [rule(random, depth + 1) for _ in range(random.choice((1, 2, 2, 3)))]
        return {random.choice(("_and", "_or")): branches}
    if kind > 0.95:
        field = random.choice(tuple(FIELDS))
        return {field: {**operation(random, field), **operation(random, field)}}
    if kind > 0.9:
        return {**leaf(random), **leaf(random)}
    return leaf(random)


def variation(random: Random, original: dict[str, Any]) -> dict[str, Any]:
    """A rule near another one, so that implications hold often enough to be tested."""
    kind = random.random()
    if kind < 0.2:
        return {"_or": [rule(random, 2), original]}
    if kind < 0.4:
        return {"_and": [original, rule(random, 2)]}
    if kind < 0.5:
        return {"_and": [original]}
    changed = dict(original)
    for key, branch in changed.items():
        if isinstance(branch, list) and branch and isinstance(branch[0], dict):
            position = random.randrange(len(branch))
            changed[key] = [variation(random, one) if index == position else one for index, one in enumerate(branch)]
            return changed
        if key in FIELDS:
            changed[key] = operation(random, key)
    return changed


def flat(random: Random) -> dict[str, Any]:
    return {
        "title": random.choice((None, *TEXTS, "xaby", "DRAFT")),
        "score": random.choice((None, *NUMBERS, 4)),
    }


def item(random: Random) -> dict[str, Any]:
    """An item of the collection the rules speak of."""
    return {
        "id": 1,
        **flat(random),
        "status": random.choice((None, *TEXTS, "other")),
        "flag": random.choice((None, True, False)),
        "date": random.choice((None, *DATES, "2035-01-01T00:00:00", "1999-01-01")),
        "owner": random.choice((None, *USERS)),
        "role": random.choice((None, *ROLES)),
        "author": random.choice((None, {"id": random.choice(USERS), **flat(random)})),
        "tags": [{"id": index, **flat(random)} for index in range(random.choice((0, 1, 2, 3)))],
    }


def context(random: Random) -> QueryContext:
    """Somebody who asks."""
    role = random.choice((None, *ROLES))
    return QueryContext(
        user=random.choice(USERS),
        role=role,
        roles=() if role is None else random.choice(((role,), ROLES)),
        now=datetime(random.choice((2023, 2024, 2025, 2035)), random.choice((1, 6)), 1, tzinfo=UTC),
        variables={"$CURRENT_USER.boss": random.choice((None, *USERS))},
        ignore_case=random.random() < 0.5,
    )


def effective(rule: Any, major: int = 12) -> Filter:
    """What a rule matches when it stands alone."""
    parsed = parse(rule, major=major)
    return EVERYTHING if parsed is None else parsed
