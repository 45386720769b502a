"""No value makes a check of an environment raise, and no missing answer makes a check of an instance pass."""

from __future__ import annotations

from typing import Final

import pytest

from directus_guard.checks import catalogue
from directus_guard.checks.declaration import EnvironmentCheck, InstanceCheck
from directus_guard.checks.result import Failure, NotEvaluated
from directus_guard.directus.environment.variables import known_variables
from directus_guard.directus.instance import Instance, Probe
from directus_guard.directus.project import Project
from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from tests.support.environments import environment, variable

pytestmark = pytest.mark.thorough

VALUES: Final = (
    "", " ", "http://[", "https://[::1", "ldap://[", "0", "-1", "1e400", "true", "True", "x", ",", "{", '{"a":[1]}', "json:[", "regex:(", "*", "\x00", "é\u202e",
    "http://a:b@c.example:99999/", "a" * 5000, "10.0.0.0/99", "trace", "'self' *",
)  # fmt: skip
FAMILIES: Final = (
    "AUTH_X_DRIVER",
    "AUTH_X_URL",
    "AUTH_X_CLIENT_URL",
    "AUTH_X_BIND_PASSWORD",
    "STORAGE_X_SECRET",
    "STORAGE_X_ENDPOINT",
)
VERSIONS: Final = (Version(10, 8, 0), Version(10, 13, 4), Version(11, 17, 4), Version(12, 4, 1))
ENVIRONMENT_CHECKS: Final = [check for check in catalogue().values() if isinstance(check, EnvironmentCheck)]
INSTANCE_CHECKS: Final = [check for check in catalogue().values() if isinstance(check, InstanceCheck)]


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_no_value_makes_a_check_raise(version: Version) -> None:
    names = (*sorted(known_variables()), *FAMILIES)
    for value in VALUES:
        env = environment(
            *(variable(name, value) for name in names), variable("AUTH_PROVIDERS", "x"), variable("STORAGE_LOCATIONS", "x"), version=version
        )  # fmt: skip
        for check in ENVIRONMENT_CHECKS:
            for answer in check.judge(env):
                assert not isinstance(answer, Failure) or answer.message, (check.id, value)


SILENT: Final = Instance(origin="https://cms.example.com", location=Location("compose.yaml"), environment=environment())
EMPTY: Final = Project(environments=())


@pytest.mark.parametrize(
    "check", [check for check in INSTANCE_CHECKS if check.id.startswith("response-")], ids=lambda check: check.id
)
def test_headers_that_did_not_come_are_not_judged(check: InstanceCheck) -> None:
    answers = list(check.judge(SILENT, EMPTY))
    assert answers
    assert all(isinstance(answer, NotEvaluated) for answer in answers)


def test_a_collection_that_could_not_be_asked_for_is_not_judged() -> None:
    check = catalogue()["anonymous-read"]
    assert isinstance(check, InstanceCheck)
    asked = Instance(SILENT.origin, SILENT.location, SILENT.environment, probes=(Probe("posts", unknown="status 500"),))
    assert [answer.reason for answer in check.judge(asked, EMPTY) if isinstance(answer, NotEvaluated)] == [
        "`posts`: status 500"
    ]
