"""What a rule of the public that names the current user means, read from the rule and not from its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from tests.support.each import each_case
from tests.support.rows import ACCESS, POLICIES, permission, write

if TYPE_CHECKING:
    from pathlib import Path

ME: Final = "$CURRENT_USER"
RULES: Final[dict[str, tuple[Any, str]]] = {
    "the own items": ({"author": {"_eq": ME}}, "`_eq` null"),
    "without an operator": ({"author": ME}, "`_eq` null"),
    "by the key of the relation": ({"author": {"id": {"_eq": ME}}}, "`_eq` null"),
    "a field of the user": ({"team": {"_eq": "$CURRENT_USER.team"}}, "`_eq` null"),
    "the role, and the roles": ({"_or": [{"a": {"_in": "$CURRENT_ROLES"}}, {"a": {"_eq": "$CURRENT_ROLE"}}]}, "`_eq` null"),
    "of related items": ({"members": {"_some": {"user": {"_eq": ME}}}}, "`_eq` null"),
    "the items of others": ({"author": {"_neq": ME}}, "`_neq` null"),
    "a part of a text": ({"title": {"_ncontains": ME}}, "the text `null`"),
    "beside something unknown": ({"_or": [{"author": {"_eq": ME}}, {"x": {"_odd": 1}}]}, "`_eq` null"),
    "a list matches nothing": ({"author": {"_in": [ME, "x"]}}, ""),
    "roles are an empty list": ({"role": {"_in": "$CURRENT_ROLES"}}, ""),
    "no item is both": ({"_and": [{"author": {"_eq": ME}}, {"author": {"_nnull": True}}]}, ""),
    "a text that speaks of it": ({"title": {"_contains": "about $CURRENT_USER"}}, ""),
    "a field of that name": ({"$CURRENT_USER": {"_eq": 1}}, ""),
    "another variable": ({"date": {"_lt": "$NOW"}}, ""),
    "the roles in a comparison": ({"role": {"_eq": "$CURRENT_ROLES"}}, ""),
}  # fmt: skip


@each_case("name", RULES)
def test_what_is_served_without_a_user(tmp_path: Path, name: str) -> None:
    rule, served = RULES[name]
    write(tmp_path, [{**permission("public", "posts", "read", rule), "id": 1}], policies=POLICIES, access=ACCESS)
    found = [one for one in audit(Options(root=tmp_path)).findings if one.check == "public-current-user"]
    assert [served in one.message for one in found] == [True] * bool(served)
