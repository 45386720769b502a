"""What a host means, and what a deployment is for by its name and its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from directus_guard.directus.context import (
    classify,
    is_local_address,
    is_local_host,
    is_remote_address,
    is_remote_host,
    of_code,
    of_name,
)
from directus_guard.directus.environment.deployment import Deployment, Platform, Unknown
from directus_guard.directus.environment.loading import load
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Context, Location
from directus_guard.secret import Secret
from tests.support.each import each_case
from tests.support.environments import variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.environment.deployment import Value


@each_case(
    "host",
    [
        "localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]", "0.0.0.0", "cms.localhost", "cms.test", "printer.local", "cms.ddev.site", "localtest.me",
        "cms.lvh.me", "127.0.0.1.nip.io", "cms-127-0-0-1.sslip.io", "7f000001.nip.io", "cms.--1.sslip.io", "host.docker.internal",
    ],
)  # fmt: skip
def test_hosts_of_this_machine(host: str) -> None:
    assert is_local_host(host)
    assert not is_remote_host(host)


@each_case(
    "host",
    [
        "cms.example.com",
        "8.8.8.8",
        "2606:4700::1111",
        "db.internal.example.com",
        "cms.example.com.",
        " [2606:4700::1111] ",
        "CMS.EXAMPLE.COM",
    ],
)
def test_hosts_of_other_machines(host: str) -> None:
    assert not is_local_host(host)
    assert is_remote_host(host)


@each_case(
    "host", ["database", "10.0.0.5", "192.168.1.4", "fc00::1", "", "a:b", "database.", "[fc00::1]", " DATABASE "]
)
def test_hosts_that_may_be_of_the_same_stack(host: str) -> None:
    assert not is_remote_host(host)


def test_addresses_of_other_machines() -> None:
    assert is_remote_address("postgres://u:p@db.example.com/d")
    assert not is_remote_address("postgres://u:p@database/d")
    assert not is_remote_address("db.example.com")
    assert not is_remote_address("https://[broken")
    assert not is_remote_address("//db.example.com/d")


def test_addresses_of_this_machine() -> None:
    assert is_local_address("http://localhost:8055")
    assert not is_local_address("http://cms.example.com")
    assert not is_local_address("//localhost/admin")
    assert not is_local_address("localhost")
    assert not is_local_address("/")
    assert not is_local_address("http://[broken")


def context_of(name: str, values: Mapping[str, str | Value], platform: Platform = Platform.COMPOSE) -> Context:
    deployment = Deployment(name, platform, Location(name), tuple(variable(key, text) for key, text in values.items()))
    return classify(deployment, load(deployment, NEWEST))[0]


HTTPS = "https://cms.example.com"


@each_case(
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
    assert context_of(name, values) is context


def test_what_a_platform_tells() -> None:
    assert context_of("ci.yml", {}, Platform.WORKFLOW) is Context.DEVELOPMENT
    assert context_of("ci.yml", {"PUBLIC_URL": HTTPS}, Platform.WORKFLOW) is Context.PRODUCTION
    assert context_of("ci.yml", {"DB_HOST": "db.example.com"}, Platform.WORKFLOW) is Context.UNKNOWN
    assert context_of("fly.toml", {}, Platform.FLY) is Context.PRODUCTION


@each_case(
    ("path", "context"),
    [
        ("examples/a.yaml", Context.EXAMPLE), ("a.example.yaml", Context.EXAMPLE), ("compose.dev.yaml", Context.DEVELOPMENT),
        ("compose.override.yaml", Context.UNKNOWN), ("compose.yaml", Context.UNKNOWN),
    ],
)  # fmt: skip
def test_what_the_name_of_an_unreadable_file_tells(path: str, context: Context) -> None:
    assert of_name(path) is context


@each_case("name", [".env.bak", ".env.old", ".env copy", ".env copy.local", ".ENV.BAK", "Compose.OLD.yml", ".env-backup", "compose.yml~", "compose copy.yml", "compose.old.yml", "a.yml.save", ".env.bak.20240101", ".env.old2", "main.tf.old", "deploy.sh~", "compose-old.yml", "old.env.bak"])  # fmt: skip
def test_the_name_of_a_copy(name: str) -> None:
    assert of_name(f"deploy/{name}") is Context.EXAMPLE
    assert context_of(name, {"PUBLIC_URL": HTTPS}) is Context.EXAMPLE


@each_case(
    "name",
    [
        ".env-2",
        ".env.prod",
        "compose.backup.yml",
        "copyright.yml",
        "compose.yml",
        "goldcms.yml",
        "old/compose.yml",
        "copy-env.yml",
        "deploy-old.yml",
        "directus-copy.yaml",
        "main_old.tf",
        "old-server.yml",
    ],
)
def test_a_name_that_is_not_that_of_a_copy(name: str) -> None:
    assert of_name(f"deploy/{name}") is Context.UNKNOWN
    assert context_of(name, {"PUBLIC_URL": HTTPS}) is Context.PRODUCTION


def test_what_the_name_of_a_file_of_code_tells() -> None:
    assert of_code("src/__mocks__/client.ts") is Context.EXAMPLE
    assert of_code("src/client.spec.ts") is Context.EXAMPLE
    assert of_code("src/client.ts") is Context.UNKNOWN


@each_case("name", [".gitlab-ci.yml#run", ".gitlab/deploy.gitlab-ci.yml#run", "ops/gitlab-ci.yaml#run"])
def test_the_name_that_gitlab_gives_to_pipelines_says_nothing(name: str) -> None:
    assert context_of(name, {}, Platform.DOCKER_RUN) is Context.UNKNOWN
    assert context_of(name.replace("gitlab-ci", "ci"), {}, Platform.DOCKER_RUN) is Context.DEVELOPMENT


@pytest.mark.parametrize(
    ("name", "values", "platform", "reason"),
    [
        ("compose.example.yaml", {}, Platform.COMPOSE, "its name says it is an example or a test"),
        ("compose.yaml.bak", {"PUBLIC_URL": HTTPS}, Platform.COMPOSE, "its name says it is a copy, which nothing reads"),
        ("compose.yaml", {}, Platform.WORKFLOW, "it is started in a workflow"),
        ("compose.dev.yaml", {}, Platform.COMPOSE, "its name says it is for development"),
        ("compose.override.yaml", {}, Platform.COMPOSE, "its name says it is for development"),
        ("compose.prod.yaml", {"PUBLIC_URL": "http://localhost"}, Platform.COMPOSE, "its name says it is for production"),
        ("compose.prod.yaml", {}, Platform.COMPOSE, "its name says it is for production"),
        ("compose.yaml", {"PUBLIC_URL": "http://localhost", "DB_HOST": "db.example.com"}, Platform.COMPOSE, "PUBLIC_URL names this very machine, but the database is on another"),
        ("compose.yaml", {"PUBLIC_URL": "http://localhost"}, Platform.COMPOSE, "PUBLIC_URL names this very machine"),
        ("cms.yaml", {"PUBLIC_URL": "http://localhost"}, Platform.KUBERNETES, "PUBLIC_URL names this very machine, but it runs on Kubernetes"),
        ("compose.yaml", {"PUBLIC_URL": HTTPS}, Platform.COMPOSE, "PUBLIC_URL is an https address"),
        ("compose.yaml", {"NODE_ENV": "production"}, Platform.COMPOSE, "NODE_ENV is production"),
        ("fly.toml", {}, Platform.FLY, "it runs on Fly.io"),
        ("x.yaml", {}, Platform.KUBERNETES, "it runs on Kubernetes"),
        ("x.yaml", {}, Platform.RENDER, "it runs on Render"),
        ("x.yaml", {}, Platform.ECS, "it runs on Amazon ECS"),
        ("x.yaml", {}, Platform.DIGITALOCEAN, "it runs on DigitalOcean"),
        ("x.yaml", {}, Platform.PLATFORM_SH, "it runs on Platform.sh"),
        ("x.yaml", {}, Platform.ZEROPS, "it runs on Zerops"),
        ("x.yaml", {}, Platform.NOMAD, "it runs on Nomad"),
        ("x.yaml", {}, Platform.CLOUD_RUN, "it runs on Cloud Run"),
        ("x.yaml", {}, Platform.AZURE, "it runs on Azure"),
        ("x.yaml", {}, Platform.APP_RUNNER, "it runs on App Runner"),
        ("x.yaml", {}, Platform.COPILOT, "it runs on AWS Copilot"),
        ("x.yaml", {}, Platform.APP_ENGINE, "it runs on App Engine"),
        ("x.yaml", {}, Platform.HEROKU, "its purpose is not known"),
        ("compose.yaml", {}, Platform.COMPOSE, "its purpose is not known"),
    ],
)  # fmt: skip
def test_why_it_is_for_that(name: str, values: dict[str, str], platform: Platform, reason: str) -> None:
    deployment = Deployment(name, platform, Location(name), tuple(variable(key, text) for key, text in values.items()))
    assert classify(deployment, load(deployment, NEWEST))[1] == reason


@pytest.mark.parametrize(
    ("word", "context"),
    [
        *((word, Context.EXAMPLE) for word in ("example", "examples", "sample", "samples", "dist", "e2e", "fixture", "fixtures", "test", "tests", "testing")),
        *((word, Context.DEVELOPMENT) for word in ("dev", "devel", "development", "local", "localhost", "ci", "devcontainer", "override")),
        *((word, Context.PRODUCTION) for word in ("prod", "production", "live")),
        *((word, Context.UNKNOWN) for word in ("staging", "base", "develops", "mytest", "contest", "products")),
    ],
)  # fmt: skip
def test_words_in_names_of_files(word: str, context: Context) -> None:
    assert context_of(f"compose.{word}.yaml", {}) is context
    assert context_of(f"Compose-{word.upper()}_1.yaml", {}) is context


@pytest.mark.parametrize(
    ("folder", "context"),
    [
        *((name, Context.EXAMPLE) for name in ("test", "tests", "__tests__", "fixtures", "__fixtures__", "examples", "example", "samples", "e2e", "testdata")),
        *((name, Context.PRODUCTION) for name in ("prod", "production", "live", "my-production")),
        *((name, Context.UNKNOWN) for name in ("dev", "sample", "testing", "my-tests", "apps")),
    ],
)  # fmt: skip
def test_names_of_folders(folder: str, context: Context) -> None:
    assert context_of(f"{folder}/compose.yaml", {}) is context
    assert context_of(f"a/{folder}/b/compose.yaml", {}) is context


@pytest.mark.parametrize("ending", [".template", ".tmpl", ".tpl"])
def test_templates_are_examples(ending: str) -> None:
    assert context_of(f"compose.yaml{ending}", {"PUBLIC_URL": HTTPS}) is Context.EXAMPLE
    assert of_name(f"a/compose.yaml{ending}") is Context.EXAMPLE


@pytest.mark.parametrize(
    ("platform", "context"),
    [
        *((platform, Context.PRODUCTION) for platform in (
            Platform.KUBERNETES, Platform.FLY, Platform.RENDER, Platform.ECS, Platform.DIGITALOCEAN, Platform.PLATFORM_SH, Platform.ZEROPS, Platform.NOMAD,
            Platform.CLOUD_RUN, Platform.AZURE, Platform.APP_RUNNER, Platform.COPILOT, Platform.APP_ENGINE)),
        (Platform.COMPOSE, Context.UNKNOWN), (Platform.DOCKER_RUN, Context.UNKNOWN), (Platform.WORKFLOW, Context.DEVELOPMENT),
    ],
)  # fmt: skip
def test_platforms_of_production(platform: Platform, context: Context) -> None:
    assert context_of("x.yaml", {}, platform) is context


@pytest.mark.parametrize("platform", [Platform.FLY, Platform.HEROKU, Platform.RAILWAY, Platform.CLOUD_RUN])
def test_a_pipeline_that_sets_variables_at_a_host(platform: Platform) -> None:
    for name in (".gitlab-ci.yml", "ci.yml", "ci.yaml"):
        assert context_of(name, {"PUBLIC_URL": HTTPS}, platform) is Context.PRODUCTION
    assert context_of("ci.dev.yml", {"PUBLIC_URL": HTTPS}, platform) is Context.DEVELOPMENT
    if platform is not Platform.CLOUD_RUN:
        assert context_of("ci.toml", {"PUBLIC_URL": HTTPS}, platform) is Context.DEVELOPMENT


def test_a_workflow_with_what_is_not_its_own() -> None:
    for values in (
        {"PUBLIC_URL": HTTPS},
        {"DB_HOST": "db.example.com"},
        {"DB_CONNECTION_STRING": "postgres://u:p@db.example.com/d"},
    ):
        assert context_of(".github/workflows/ci.yml", values, Platform.WORKFLOW) is not Context.DEVELOPMENT
    for values in (
        {"PUBLIC_URL": "http://cms.example.com"},
        {"DB_HOST": "database"},
        {"DB_CONNECTION_STRING": "postgres://u:p@database/d"},
    ):
        assert context_of(".github/workflows/ci.yml", values, Platform.WORKFLOW) is Context.DEVELOPMENT


@pytest.mark.parametrize(
    "word",
    [
        "test",
        "tests",
        "spec",
        "stories",
        "story",
        "cy",
        "e2e",
        "mock",
        "mocks",
        "example",
        "sample",
        "template",
        "dist",
    ],
)
def test_code_that_is_tried_only(word: str) -> None:
    assert of_code(f"src/client.{word}.ts") is Context.EXAMPLE
    assert of_code(f"src/Client-{word.upper()}.ts") is Context.EXAMPLE
    assert of_code(f".env.{word}") is Context.EXAMPLE
    assert of_code(f"src/{word}.ts") is Context.UNKNOWN
    assert of_code(f"src/client.{word}x.ts") is Context.UNKNOWN


@pytest.mark.parametrize(
    "folder", ["__mocks__", "mocks", "cypress", "playwright", "stories", ".storybook", "tests", "Examples"]
)
def test_folders_of_code_that_is_tried_only(folder: str) -> None:
    assert of_code(f"a/{folder}/client.ts") is Context.EXAMPLE
    assert of_code(f"a/my{folder}/client.ts") is Context.UNKNOWN


@pytest.mark.parametrize(
    "host",
    [
        "::", "a.lndo.site", "x.vcap.me", "vcap.me", "a.localhost.direct", "lvh.me", "10.127.0.0.1.nip.io", "127.0.0.1.xip.io", "x-127-1-2-3.nip.io", "0-0-0-0-0-0-0-1.sslip.io",
    ],
)  # fmt: skip
def test_more_hosts_of_this_machine(host: str) -> None:
    assert is_local_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1.nip.io",
        "0a000001.nip.io",
        "127.0.0.1.example.io",
        "localhost.example.com",
        "mytest",
        "lndo.site.example.com",
    ],
)
def test_hosts_that_only_look_like_it(host: str) -> None:
    assert not is_local_host(host)


@each_case(
    "host", [" cms.example.com", "cms.example.com\n", "[2606:4700::1111]", "CMS.Example.COM", "cms.example.com."]
)
def test_a_host_is_read_without_what_is_around_it(host: str) -> None:
    assert is_remote_host(host)


@each_case(
    ("name", "hints", "platform", "context"),
    [
        # GitLab gives its pipelines that name; a hint says as much as a name.
        (".gitlab-ci.yml", (), Platform.COMPOSE, Context.UNKNOWN),
        ("ci.yml", (), Platform.COMPOSE, Context.DEVELOPMENT),
        ("ci.yml", (), Platform.FLY, Context.PRODUCTION),
        ("ci.toml", (), Platform.FLY, Context.DEVELOPMENT),
        ("compose.yaml", ("dev",), Platform.COMPOSE, Context.DEVELOPMENT),
        ("compose.yaml", ("my-production",), Platform.COMPOSE, Context.PRODUCTION),
        ("compose.yaml", ("shop", "Staging"), Platform.COMPOSE, Context.UNKNOWN),
        ("compose.yaml", ("example",), Platform.COMPOSE, Context.EXAMPLE),
        ("prod/compose.yaml", (), Platform.COMPOSE, Context.PRODUCTION),
    ],
)
def test_what_names_and_hints_tell(name: str, hints: tuple[str, ...], platform: Platform, context: Context) -> None:
    deployment = Deployment(name, platform, Location(name), hints=hints)
    assert classify(deployment, load(deployment, NEWEST))[0] is context


@each_case(
    ("value", "context"),
    [
        (Unknown("given outside"), Context.UNKNOWN), (Unknown("given outside", Secret("/")), Context.UNKNOWN), (Unknown("given outside", Secret("http://127.0.0.1")), Context.DEVELOPMENT),
        ("/", Context.DEVELOPMENT), ("http://cms.acme.com", Context.DEVELOPMENT), (None, Context.DEVELOPMENT),
    ],
)  # fmt: skip
def test_an_override_with_an_address_from_outside(value: str | Value | None, context: Context) -> None:
    """It says a server of the base, too, where the address may be that of one."""
    assert context_of("compose.override.yaml", {} if value is None else {"PUBLIC_URL": value}) is context
