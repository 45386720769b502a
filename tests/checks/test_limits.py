"""Where a check draws its line: the last value that passes, and the first that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.audit.judge import ask_environment
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import EnvironmentCheck, ExportCheck, InstanceCheck
from directus_guard.checks.result import Failure
from directus_guard.directus.access.system_data import recommended_app_rows
from directus_guard.directus.export import Settings
from directus_guard.directus.instance import Instance, Page
from directus_guard.directus.project import Project
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Location
from directus_guard.sources.exports import reader as exports
from directus_guard.sources.files.repository import Repository
from tests.support.each import each_case
from tests.support.environments import environment, variable
from tests.support.rows import permission, write

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.export import Export

RANDOM: Final = "kT7vWq2zLp9xR4mN8bY3cF6hJ5gD1sA0"


def failure_of(check: str, **variables: str) -> Failure | None:
    found = catalogue()[check]
    assert isinstance(found, EnvironmentCheck)
    env = environment(*(variable(name, value) for name, value in variables.items()))
    answers = ask_environment(found, replace(env, untracked=frozenset({"f"})))
    return next((answer for answer in answers if isinstance(answer, Failure)), None)


@each_case(
    ("check", "name", "passes", "fails"),
    [
        ("bootstrap-credentials", "ADMIN_PASSWORD", RANDOM[:8], RANDOM[:7]),
        ("metrics-open", "METRICS_TOKENS", RANDOM[:16], RANDOM[:15]),
        ("secret-weak", "SECRET", RANDOM[:32], RANDOM[:31]),
    ],
)
def test_how_long_a_secret_has_to_be(check: str, name: str, passes: str, fails: str) -> None:
    beside = {"METRICS_ENABLED": "true", "PUBLIC_URL": "https://cms.acme.com"}
    assert failure_of(check, **beside, **{name: passes}) is None
    assert failure_of(check, **beside, **{name: fails}) is not None


TOGETHER: Final[tuple[tuple[str, dict[str, str], dict[str, str]], ...]] = (
    (
        "cookie-same-site",
        {
            "SESSION_COOKIE_SAME_SITE": "none", "SESSION_COOKIE_SECURE": "true", "CORS_ENABLED": "true", "CORS_ORIGIN": "true",
            "CORS_CREDENTIALS": "true",
        },
        {
            "SESSION_COOKIE_SAME_SITE": "lax", "CORS_ENABLED": "false", "CORS_ORIGIN": "https://www.acme.com", "CORS_CREDENTIALS": "false",
        },
    ),
    (
        "cors-any-origin",
        {"CORS_ENABLED": "true", "CORS_ORIGIN": "true", "CORS_CREDENTIALS": "true"},
        {"CORS_ENABLED": "false", "CORS_ORIGIN": "https://www.acme.com", "CORS_CREDENTIALS": "false"},
    ),
    (
        "tls-verification",
        {"EMAIL_TRANSPORT": "smtp", "EMAIL_SMTP_IGNORE_TLS": "true"},
        {"EMAIL_TRANSPORT": "sendmail", "EMAIL_SMTP_IGNORE_TLS": "", "EMAIL_SMTP_SECURE": "true", "EMAIL_SMTP_PORT": "465"},
    ),
    (
        "metrics-open",
        {"METRICS_ENABLED": "true", "METRICS_TOKENS": "short"},
        {"METRICS_ENABLED": "false", "METRICS_TOKENS": RANDOM},
    ),
)  # fmt: skip
"""Checks, variables that are wrong together, and values of which each alone makes them right."""


@each_case(("check", "together", "right"), TOGETHER)
def test_what_is_wrong_only_together(check: str, together: dict[str, str], right: dict[str, str]) -> None:
    assert failure_of(check, **together) is not None
    for name, value in right.items():
        assert failure_of(check, **{**together, name: value}) is None, name


@pytest.mark.parametrize("around", ["", " "])
@pytest.mark.parametrize(
    ("address", "foreign"),
    [("https://www.acme.com", False), ("https://www.acme.org", True), ("https://[x", False)],
)
def test_spaces_around_an_address_are_not_part_of_its_host(address: str, foreign: bool, around: str) -> None:
    own = f"https://cms.acme.com{around}"
    failure = failure_of("url-allow-list", PUBLIC_URL=own, USER_INVITE_URL_ALLOW_LIST=f"{address}{around}")
    assert ("foreign" in failure.title if failure else False) is foreign


def settings_fail(folder: Path, check: str, values: dict[str, Any]) -> bool:
    return fails(check, replace(only(folder), settings=Settings(values, Location("settings.json"))))


def only(folder: Path, *rows: Any) -> Export:
    (export,) = exports.read(Repository(write(folder, [permission("editor", "posts", "read"), *rows])))
    return export


def fails(check: str, export: Export) -> bool:
    found = catalogue()[check]
    assert isinstance(found, ExportCheck)
    return any(isinstance(answer, Failure) for answer in found.judge(export))


@pytest.mark.parametrize(
    ("check", "name", "passes", "fails"),
    [
        ("login-attempts", "auth_login_attempts", 25, 26),
        ("login-attempts", "auth_login_attempts", 1, 0),
        ("password-policy", "auth_password_policy", "/^.{12,}$/", "/^.{11,}$/"),
        ("password-policy", "auth_password_policy", "^(?=.*[A-Z]).{8,}$", "^(?=.*[A-Z]).{7,}$"),
    ],
)
def test_how_much_a_setting_may_allow(tmp_path: Path, check: str, name: str, passes: Any, fails: Any) -> None:
    assert not settings_fail(tmp_path, check, {name: passes})
    assert settings_fail(tmp_path, check, {name: fails})


@pytest.mark.parametrize(("seconds", "failed"), [(86_400, False), (86_399, True)])
def test_how_long_a_browser_keeps_to_https(seconds: int, failed: bool) -> None:
    check = catalogue()["response-hsts"]
    assert isinstance(check, InstanceCheck)
    page = Page("/admin", {"strict-transport-security": (f"max-age={seconds}",)})
    instance = Instance("https://cms.acme.com", Location("compose.yaml"), environment(), page=page)
    answers = list(check.judge(instance, Project(environments=())))
    assert any(isinstance(answer, Failure) for answer in answers) is failed


@pytest.mark.parametrize(("many", "failed"), [(7, False), (8, True)])
def test_how_many_recommended_permissions_are_a_bundle(tmp_path: Path, many: int, failed: bool) -> None:
    recommended = [row for row in recommended_app_rows(NEWEST) if row.collection != "directus_users"]
    rows = [
        permission("editor", row.collection, row.action, row.permissions, fields=row.fields and list(row.fields))
        for row in recommended[:many]
    ]
    assert fails("recommended-app-access", only(tmp_path, *rows)) is failed
