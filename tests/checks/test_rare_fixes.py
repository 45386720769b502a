"""What fixes say in cases that no example of a check has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from directus_guard.audit.judge import ask_environment
from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import EnvironmentCheck
from directus_guard.checks.result import Failure
from tests.support.each import each_case
from tests.support.environments import environment, variable
from tests.support.rows import permission, write as write_rows

if TYPE_CHECKING:
    from pathlib import Path


def fix_of(root: Path, check: str, row: dict[str, Any]) -> str:
    (root / "directus").mkdir()
    write_rows(root / "directus", [row])
    (found,) = [one for one in audit(Options(root=root)).findings if one.check == check]
    assert found.fix is not None
    return found.fix.description


def test_visitors_who_create_users_may_register_instead(tmp_path: Path) -> None:
    public = permission("public", "directus_users", "create", fields=["email", "password"])
    assert "public_registration" in fix_of(tmp_path, "public-write", public)


@each_case(
    ("rule", "related"),
    [
        ({"author": {"department": {"_eq": 1}}}, True),
        ({"_and": [{"author": {"department": {"_eq": 1}}}]}, True),
        ({"author": {"_eq": "$CURRENT_USER"}}, False),
        ({"_and": ["x"]}, False),
    ],
)
def test_a_rule_of_create_about_a_related_item(tmp_path: Path, rule: Any, related: bool) -> None:
    fix = fix_of(tmp_path, "rule-without-effect", permission("editor", "posts", "create", rule))
    assert ("A condition on a related item has no effect there" in fix) is related


def test_an_example_host_over_http_is_removed() -> None:
    name = "USER_INVITE_URL_ALLOW_LIST"
    check = catalogue()["url-allow-list"]
    assert isinstance(check, EnvironmentCheck)
    (failure,) = ask_environment(check, environment(variable(name, "http://www.example.com/a")))
    assert isinstance(failure, Failure)
    assert failure.fix is not None
    assert failure.fix.description == f"Remove `http://www.example.com/a` from `{name}`."
