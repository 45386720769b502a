"""What a host means, and what a deployment is for by its name and its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from directus_guard.directus.context import classify, is_local_host, is_remote_address, is_remote_host, of_code, of_name
from directus_guard.directus.environment.deployment import Deployment, Platform, Unknown
from directus_guard.directus.environment.loading import load
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Context, Location
from directus_guard.secret import Secret
from tests.support.environments import variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.environment.deployment import Value


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "cms.localhost", "cms.test", "printer.local", "cms.ddev.site", "localtest.me",
        "cms.lvh.me", "127.0.0.1.nip.io", "cms-127-0-0-1.sslip.io", "7f000001.nip.io", "cms.--1.sslip.io", "host.docker.internal",
    ],
)  # fmt: skip
def test_hosts_of_this_machine(host: str) -> None:
    assert is_local_host(host)
    assert not is_remote_host(host)


@pytest.mark.parametrize("host", ["cms.example.com", "8.8.8.8", "2606:4700::1111", "db.internal.example.com"])
def test_hosts_of_other_machines(host: str) -> None:
    assert not is_local_host(host)
    assert is_remote_host(host)


@pytest.mark.parametrize("host", ["database", "10.0.0.5", "192.168.1.4", "fc00::1", "", "a:b"])
def test_hosts_that_may_be_of_the_same_stack(host: str) -> None:
    assert not is_remote_host(host)


def test_addresses_of_other_machines() -> None:
    assert is_remote_address("postgres://u:p@db.example.com/d")
    assert not is_remote_address("postgres://u:p@database/d")
    assert not is_remote_address("db.example.com")
    assert not is_remote_address("https://[broken")


def told(name: str, values: Mapping[str, str | Value], platform: Platform = Platform.COMPOSE) -> Context:
    deployment = Deployment(name, platform, Location(name), tuple(variable(key, text) for key, text in values.items()))
    return classify(deployment, load(deployment, NEWEST))[0]


HTTPS = "https://cms.example.com"


@pytest.mark.parametrize(
    ("name", "values", "context"),
    [
        ("compose.yaml", {}, Context.UNKNOWN),
        ("compose.yaml", {"PUBLIC_URL": HTTPS}, Context.PRODUCTION),
        ("compose.yaml", {"PUBLIC_URL": "http://localhost:8055"}, Context.DEVELOPMENT),
        ("compose.prod.yaml", {"PUBLIC_URL": "http://localhost:8055"}, Context.PRODUCTION),
        ("compose.yaml", {"PUBLIC_URL": "http://localhost:8055", "DB_HOST": "db.example.com"}, Context.UNKNOWN),
        ("compose.yaml", {"NODE_ENV": "production"}, Context.PRODUCTION),
        ("compose.production.yaml", {}, Context.PRODUCTION),
        ("compose.dev.yaml", {"PUBLIC_URL": HTTPS}, Context.DEVELOPMENT),
        ("compose.override.yaml", {}, Context.DEVELOPMENT),
        ("compose.override.yaml", {"DB_CONNECTION_STRING": "postgres://u@db.example.com/d"}, Context.UNKNOWN),
        ("compose.override.yaml", {"PUBLIC_URL": Unknown("given outside")}, Context.UNKNOWN),
        (
            "compose.override.yaml",
            {"PUBLIC_URL": Unknown("given outside", Secret("http://localhost:8055"))},
            Context.DEVELOPMENT,
        ),
        ("compose.override.yaml", {"PUBLIC_URL": Unknown("given outside", Secret(HTTPS))}, Context.UNKNOWN),
        ("examples/compose.yaml", {"PUBLIC_URL": HTTPS}, Context.EXAMPLE),
        (".env.example", {"PUBLIC_URL": HTTPS}, Context.EXAMPLE),
    ],
)
def test_what_a_deployment_is_for(name: str, values: dict[str, str | Value], context: Context) -> None:
    assert told(name, values) is context


def test_what_a_platform_tells() -> None:
    assert told("ci.yml", {}, Platform.WORKFLOW) is Context.DEVELOPMENT
    assert told("ci.yml", {"PUBLIC_URL": HTTPS}, Platform.WORKFLOW) is Context.PRODUCTION
    assert told("ci.yml", {"DB_HOST": "db.example.com"}, Platform.WORKFLOW) is Context.UNKNOWN
    assert told("fly.toml", {}, Platform.FLY) is Context.PRODUCTION


@pytest.mark.parametrize(
    ("path", "context"),
    [
        ("examples/a.yaml", Context.EXAMPLE), ("a.example.yaml", Context.EXAMPLE), ("compose.dev.yaml", Context.DEVELOPMENT),
        ("compose.override.yaml", Context.UNKNOWN), ("compose.yaml", Context.UNKNOWN),
    ],
)  # fmt: skip
def test_what_the_name_of_an_unreadable_file_tells(path: str, context: Context) -> None:
    assert of_name(path) is context


def test_what_the_name_of_a_file_of_code_tells() -> None:
    assert of_code("src/__mocks__/client.ts") is Context.EXAMPLE
    assert of_code("src/client.spec.ts") is Context.EXAMPLE
    assert of_code("src/client.ts") is Context.UNKNOWN


@pytest.mark.parametrize("name", [".gitlab-ci.yml#run", ".gitlab/deploy.gitlab-ci.yml#run", "ops/gitlab-ci.yaml#run"])
def test_the_name_that_gitlab_gives_to_pipelines_says_nothing(name: str) -> None:
    assert told(name, {}, Platform.DOCKER_RUN) is Context.UNKNOWN
    assert told(name.replace("gitlab-ci", "ci"), {}, Platform.DOCKER_RUN) is Context.DEVELOPMENT
