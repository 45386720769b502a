"""Answers of checks on deployments and on code that few projects get."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.judge import ask_environment
from directus_guard.checks.result import NotEvaluated, Pass
from directus_guard.checks.server._csp import MAIN, default, is_certain
from directus_guard.checks.server._groups import is_in_use
from directus_guard.checks.server.secret_committed import secret_committed
from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.gaps import Gap, filled_in_later, not_readable, unseen
from directus_guard.finding import Context, Status
from tests.support.deployment_findings import HEX, answered, named, scanned
from tests.support.each import each_case
from tests.support.environments import environment, variable
from tests.support.rows import ACCESS, POLICIES, ROLES, flow, operations, permission

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.checks.result import CheckResult
    from directus_guard.finding import Finding, Report

TOKEN: Final = "PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr"
PACKAGE: Final = '{"dependencies": {"@directus/sdk": "^17.0.0"}}'


def of(report: Report, check: str) -> list[Finding]:
    return [finding for finding in (*report.findings, *report.nonproduction) if finding.check == check]


def compose(*lines: str, service: str = "") -> str:
    """A Compose file with variables, `NAME: value`."""
    listed = "".join(f"      {line}\n" for line in lines)
    return f"services:\n  directus:\n    image: directus/directus:12.4.1\n{service}    environment:\n{listed}"


# --- images ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "found"), [("12.4.1", set()), ("latest", {"Dockerfile:2 high"})])
def test_a_version_that_a_dockerfile_installs(tmp_path: Path, version: str, found: set[str]) -> None:
    report = scanned(
        tmp_path, {"Dockerfile": f"FROM node:22.1.0\nRUN npm install directus@{version}\nCMD npx directus start\n"}
    )
    assert named(report, "unpinned-image") == found


def test_replicas_that_come_from_outside(tmp_path: Path) -> None:
    service = "    deploy:\n      replicas: ${REPLICAS}\n"
    report = scanned(tmp_path, {"compose.yaml": compose("RATE_LIMITER_ENABLED: 'true'", service=service)})
    assert answered(report, "rate-limiter-store") == {Status.NOT_EVALUATED}


# --- content security policy -------------------------------------------------------------------------------------------


def test_a_directive_is_certain_where_no_unknown_variable_has_a_say() -> None:
    outside = Unknown("`${X}` comes from outside the repository")
    prefix = "CONTENT_SECURITY_POLICY_DIRECTIVES__"
    policy = default(environment(), MAIN)
    fallback = environment(variable(f"{prefix}DEFAULT_SRC", outside))
    assert is_certain(environment(), MAIN, policy, "img-src")
    assert is_certain(fallback, MAIN, policy, "img-src")
    assert not is_certain(environment(variable(f"{prefix}IMG_SRC", outside)), MAIN, policy, "img-src")
    # What has no value of its own falls back.
    assert is_certain(environment(), MAIN, policy, "manifest-src")
    assert not is_certain(fallback, MAIN, policy, "manifest-src")
    # Without any value there is nothing to fall back to.
    assert is_certain(fallback, MAIN, policy, "sandbox")


def test_variables_of_no_list_are_in_use() -> None:
    env = environment(variable("AUTH_PROVIDERS", "google"))
    assert is_in_use(env, "AUTH_GOOGLE_CLIENT_SECRET")
    assert not is_in_use(env, "AUTH_GITHUB_CLIENT_SECRET")
    assert is_in_use(env, "EMAIL_SMTP_PASSWORD")


# --- imports by URL ----------------------------------------------------------------------------------------------------


def importing(root: Path, text: str) -> Report:
    tables = {
        "permissions": [permission("editor", "directus_files", "create")],
        "policies": POLICIES, "roles": ROLES, "access": ACCESS,
    }  # fmt: skip
    files = {f"directus/{name}.json": json.dumps(rows) for name, rows in tables.items()}
    return scanned(root, {**files, "compose.yaml": text})


def test_what_is_advised_against_imports_of_private_addresses(tmp_path: Path) -> None:
    old = compose("IMPORT_IP_DENY_LIST: 1.2.3.4").replace("12.4.1", "10.9.2")
    (found,) = of(importing(tmp_path, old), "file-import-ssrf")
    assert found.expected == "Directus 12: no list closes this on an older version"


def test_what_the_default_list_refuses_where_the_version_is_hidden(tmp_path: Path) -> None:
    hidden = compose("PUBLIC_URL: https://cms.acme.com").replace("12.4.1", "${TAG}")
    assert answered(importing(tmp_path, hidden), "file-import-ssrf") == {Status.NOT_EVALUATED}


# --- flows and their environment ---------------------------------------------------------------------------------------


def test_secrets_for_flows_of_an_export_that_is_not_whole(tmp_path: Path) -> None:
    tables = {
        "permissions": [permission("editor", "posts", "read")],
        "policies": POLICIES,
        "roles": ROLES,
        "access": ACCESS,
    }
    files = {f"directus/{name}.json": json.dumps(rows) for name, rows in tables.items()}
    text = compose("FLOWS_ENV_ALLOW_LIST: CRM_TOKEN")
    report = scanned(tmp_path, {**files, "compose.yaml": text})
    assert answered(report, "flows-env-allow-list") == {Status.NOT_EVALUATED}


@each_case(
    ("line", "found"),
    [("REDIS: redis://:kT7vWq2z@cache", 1), ("DB_CONNECTION_STRING: postgres://cms:kT7vWq2z@db/cms", 1), ("DB_HOST: db", 0)],
)  # fmt: skip
def test_addresses_hold_passwords_that_flows_could_read(tmp_path: Path, line: str, found: int) -> None:
    text = compose(f"FLOWS_ENV_ALLOW_LIST: {line.partition(':')[0]}", line)
    assert len(of(scanned(tmp_path, {"compose.yaml": text}), "flows-env-allow-list")) == found


def test_the_first_five_flows_that_return_secrets_are_named(tmp_path: Path) -> None:
    flows = [{**flow(**{"return": "$all"})[0], "id": f"f{number}", "name": f"Flow {number}"} for number in range(7)]
    steps = [
        {**operations(("log", {"message": "x"}))[0], "id": f"o{number}", "flow": f"f{number}"} for number in range(7)
    ]
    flows = [{**one, "operation": f"o{number}"} for number, one in enumerate(flows)]
    tables = {
        "permissions": [permission("editor", "posts", "read")], "policies": POLICIES, "roles": ROLES, "access": ACCESS, "flows": flows,
        "operations": steps,
    }  # fmt: skip
    files = {f"directus/{name}.json": json.dumps(rows) for name, rows in tables.items()}
    (found,) = of(
        scanned(tmp_path, {**files, "compose.yaml": compose("FLOWS_ENV_ALLOW_LIST: CRM_TOKEN")}), "flows-env-allow-list"
    )
    assert len([one for one in found.related if one.message == "returns `$env`"]) == 5
    assert "`Flow 4` gets" in found.message
    assert "Flow 5" not in found.message


def test_secrets_of_providers_that_may_be_in_use(tmp_path: Path) -> None:
    text = compose("FLOWS_ENV_ALLOW_LIST: AUTH_GOOGLE_CLIENT_SECRET", "AUTH_PROVIDERS: ${PROVIDERS}")
    report = scanned(tmp_path, {"compose.yaml": text})
    assert answered(report, "flows-env-allow-list") == {Status.NOT_EVALUATED}
    off = compose("FLOWS_ENV_ALLOW_LIST: AUTH_GOOGLE_CLIENT_SECRET", "AUTH_PROVIDERS: github")
    assert named(scanned(tmp_path, {"compose.yaml": off}), "flows-env-allow-list") == set()


# --- secrets -----------------------------------------------------------------------------------------------------------

DEFAULT: Final = """\
resource "docker_container" "cms" {
  image = "directus/directus:12.4.1"
  env   = ["SECRET=${var.secret}"]
}

variable "secret" {
  default = "%s"
}
"""


def test_a_default_of_a_variable_is_a_literal(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"main.tf": DEFAULT % HEX})
    (found,) = of(report, "secret-committed")
    assert "It is a default, which counts where no other value is given" in found.message
    assert found.confidence.value == "medium"
    assert of(report, "insecure-fallback") == of(report, "secret-weak") == []


def test_a_weak_default_of_a_variable(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"main.tf": DEFAULT % "hello"})
    (found,) = of(report, "secret-weak")
    assert "It is a default, which counts where no other value is given" in found.message
    assert of(report, "secret-committed") == of(report, "insecure-fallback") == []


def test_a_secret_of_which_a_dollar_takes_a_part(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"compose.yaml": compose("SECRET: abc$defghijklmnopqrstuvwxyz0123456789")})
    (found,) = of(report, "secret-weak")
    assert "Without the part after `$`" in found.message


def test_a_secret_of_a_file_of_which_a_dollar_takes_a_part(tmp_path: Path) -> None:
    text = "PUBLIC_URL=https://cms.acme.com\nDB_CLIENT=pg\nSECRET=abc$defghijklmnopqrstuvwxyz0123456789\n"
    (found,) = of(scanned(tmp_path, {".env": text}), "secret-weak")
    assert "Without the part after `$`" in found.message


CONTEXTS: Final = [
    # A database of the same machine is worth what the deployment is worth; a generator's value counts.
    ("docker-compose.dev.yml", "DB_PASSWORD: harbour-lantern-7", "DB_HOST: database", Context.DEVELOPMENT),
    ("docker-compose.dev.yml", "DB_PASSWORD: harbour-lantern-7", "DB_HOST: db.acme.com", Context.UNKNOWN),
    ("docker-compose.dev.yml", f"DB_PASSWORD: {HEX}", "DB_HOST: database", Context.UNKNOWN),
    (
        "docker-compose.dev.yml",
        "REDIS: redis://:harbour-lantern-7@redis:6379",
        "DB_HOST: database",
        Context.DEVELOPMENT,
    ),
    ("docker-compose.dev.yml", "REDIS: redis://:harbour-lantern-7@redis.acme.com:6379", "DB_HOST: x", Context.UNKNOWN),
    ("docker-compose.dev.yml", "REDIS_PASSWORD: harbour-lantern-7", "DB_HOST: database", Context.DEVELOPMENT),
    ("docker-compose.dev.yml", "EMAIL_SMTP_PASSWORD: harbour-lantern-7", "DB_HOST: database", Context.UNKNOWN),
    ("docker-compose.example.yml", f"SECRET: {HEX}", "DB_HOST: database", Context.UNKNOWN),
    ("docker-compose.template.yml", f"DB_PASSWORD: {HEX}", "DB_HOST: database", Context.UNKNOWN),
    ("docker-compose.example.yml", "DB_PASSWORD: harbour-lantern-7", "DB_HOST: database", Context.EXAMPLE),
    ("tests/docker-compose.yml", f"SECRET: {HEX}", "DB_HOST: database", Context.EXAMPLE),
]


@each_case(("path", "line", "beside", "context"), CONTEXTS)
def test_what_a_committed_secret_is_worth(tmp_path: Path, path: str, line: str, beside: str, context: Context) -> None:
    report = scanned(tmp_path, {path: compose(line, beside)})
    assert [finding.context for finding in of(report, "secret-committed")] == [context]


def sharing(root: Path, *environments: tuple[str, str]) -> set[str]:
    files = {
        f"{name}/compose.yaml": compose(f"SECRET: {HEX}", *filter(None, lines.split("; ")))
        for name, lines in environments
    }
    return {place.split(" ")[0] for place in named(scanned(root, files), "secret-reused")}


@each_case(
    ("one", "other", "reused"),
    [
        ("PUBLIC_URL: https://a.acme.com", "PUBLIC_URL: https://b.acme.com", True),
        ("PUBLIC_URL: https://a.acme.com", "PUBLIC_URL: https://a.acme.com", False),
        ("PUBLIC_URL: http://localhost:8055; DB_HOST: db; DB_DATABASE: x", "PUBLIC_URL: http://localhost:8055; DB_HOST: db; DB_DATABASE: x", False),
        ("PUBLIC_URL: http://localhost:8055; DB_HOST: db; DB_DATABASE: x", "PUBLIC_URL: http://localhost:8055; DB_HOST: db; DB_DATABASE: y", True),
        ("PUBLIC_URL: https://a.acme.com; DB_HOST: a.db.com", "PUBLIC_URL: https://a.acme.com; DB_HOST: b.db.com", True),
        ("PUBLIC_URL: https://a.acme.com; DB_HOST: a", "PUBLIC_URL: https://a.acme.com; DB_HOST: b", False),
    ],
)  # fmt: skip
def test_two_deployments_with_one_secret(tmp_path: Path, one: str, other: str, reused: bool) -> None:
    assert bool(sharing(tmp_path, ("one", one), ("other", other))) is reused


@each_case(
    ("name", "what"),
    [
        ("ADMIN_PASSWORD", "sign in as the first administrator"),
        ("ADMIN_TOKEN", "act as the first administrator"),
        ("DB_PASSWORD", "read and write the database"),
        ("REDIS_PASSWORD", "read and write the cache"),
        ("EMAIL_SMTP_PASSWORD", "send e-mail in the name of the server"),
        ("STORAGE_S3_SECRET", "read and write the stored files"),
        ("AUTH_GOOGLE_CLIENT_SECRET", "act as this application at the identity provider"),
        ("METRICS_TOKENS", "read the metrics"),
        ("LICENSE_KEY", "use the licence"),
    ],
)
def test_what_each_variable_with_one_value_opens(tmp_path: Path, name: str, what: str) -> None:
    beside = ("STORAGE_LOCATIONS: s3", "AUTH_PROVIDERS: google", "METRICS_ENABLED: 'true'")
    report = scanned(tmp_path, {"compose.yaml": compose(f"SECRET: {HEX}", f"{name}: {HEX}", *beside)})
    (found,) = of(report, "secret-reused")
    assert "`SECRET` lets them create access tokens for any user." in found.message
    assert f"`{name}` lets them {what}." in found.message


# --- tokens of clients -------------------------------------------------------------------------------------------------


def test_tokens_that_a_manifest_gives_to_clients(tmp_path: Path) -> None:
    """What the server itself is given is secret-committed's, and other names are others' tokens."""
    text = """\
services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://content.acme.example
      ADMIN_TOKEN: h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Aj
  web:
    image: acme/web
    environment:
      DIRECTUS_URL: http://directus:8055
      DIRECTUS_TOKEN: h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ak
      CMS_ADMIN: h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Aj
      DIRECTUS_TOKEN_URL: https://content.acme.example/auth
      GITHUB_TOKEN: h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Al
  jobs:
    image: acme/jobs
    environment:
      DIRECTUS_TOKEN: h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Aj
"""
    assert named(scanned(tmp_path, {"compose.yaml": text}), "public-token") == {"compose.yaml:11 high"}


def test_tokens_that_commands_send(tmp_path: Path) -> None:
    text = """\
#!/bin/sh
curl -H 'Authorization: Bearer h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Am' https://content.acme.example/users/me
curl -H 'Authorization: Bearer h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6An' https://api.orders.example/users/me
curl -H 'Authorization: Bearer h0nPq7sVb2LxT9dRk4WzYcUe8JmGf6Ao' https://data.orders.example/items/orders
"""
    server = compose("PUBLIC_URL: https://content.acme.example")
    report = scanned(tmp_path, {"pull.sh": text, "compose.yaml": server})
    assert named(report, "public-token") == {"pull.sh:2 high", "pull.sh:4 high"}


@pytest.mark.parametrize(
    ("image", "line", "fix"),
    [
        (
            "redis:7",
            "REDIS_PASSWORD: changeme",
            "Set `REDIS_PASSWORD` to the output of `openssl rand -hex 32`, and give Directus",
        ),
        ("mysql:8", "MYSQL_PASSWORD: changeme", "change the password first with `ALTER USER`"),
    ],
)
def test_a_password_that_a_database_has_is_changed_there_first(tmp_path: Path, image: str, line: str, fix: str) -> None:
    store = f"  store:\n    image: {image}\n    environment:\n      {line}\n"
    text = f"services:\n  directus:\n    image: directus/directus:12.4.1\n{store}"
    (found,) = of(scanned(tmp_path, {"compose.yaml": text}), "datastore-credentials")
    assert found.fix is not None
    assert fix in found.fix.description
    assert ("ALTER" in found.fix.description) is image.startswith("mysql")


@each_case("line", ["REDIS_PASSWORD: changeme", "DB_PASSWORD: changeme", "REDIS: redis://:changeme@cache"])
def test_a_weak_password_of_a_store_is_named(tmp_path: Path, line: str) -> None:
    (found,) = of(scanned(tmp_path, {"compose.yaml": compose("REDIS_HOST: cache", line)}), "datastore-credentials")
    assert f"`{line.partition(':')[0]}`" in found.title


@pytest.mark.parametrize(
    ("image", "line", "last"),
    [
        ("postgres:16", "POSTGRES_HOST_AUTH_METHOD: trust", "Last, replace `POSTGRES_HOST_AUTH_METHOD` in `store` by `POSTGRES_PASSWORD`"),
        ("mysql:8", 'MYSQL_ALLOW_EMPTY_PASSWORD: "yes"', "Then remove `MYSQL_ALLOW_EMPTY_PASSWORD` from `store`."),
    ],
)  # fmt: skip
def test_users_get_passwords_before_a_database_asks_for_them(tmp_path: Path, image: str, line: str, last: str) -> None:
    store = f'  store:\n    image: {image}\n    ports: ["3306:3306", "5432:5432"]\n    environment:\n      {line}\n'
    text = f"services:\n  directus:\n    image: directus/directus:12.4.1\n{store}"
    (found,) = of(scanned(tmp_path, {"compose.yaml": text}), "datastore-credentials")
    assert found.fix is not None
    assert found.fix.description.startswith("Give the database users of `store` random passwords with `ALTER ")
    assert last in found.fix.description


@each_case(
    ("image", "lines", "findings"),
    [
        ("mysql:8", ("MYSQL_ALLOW_EMPTY_PASSWORD: no",), 1),
        ("mysql:8", ("MYSQL_ALLOW_EMPTY_PASSWORD: yes", "MYSQL_ROOT_PASSWORD: Zp3vK8qLw2RtYx91"), 0),
        ("mysql:8", ("MYSQL_ALLOW_EMPTY_PASSWORD: yes", "MARIADB_ROOT_PASSWORD: Zp3vK8qLw2RtYx91"), 1),
        ("mariadb:11", ("MYSQL_ALLOW_EMPTY_PASSWORD: yes", "MARIADB_ROOT_PASSWORD: Zp3vK8qLw2RtYx91"), 0),
        ("library/mysql:8", ("MYSQL_ALLOW_EMPTY_PASSWORD: yes", "MYSQL_RANDOM_ROOT_PASSWORD: yes"), 0),
        ("bitnami/mysql:8", ("ALLOW_EMPTY_PASSWORD: no",), 0),
        ("bitnami/mysql:8", ("ALLOW_EMPTY_PASSWORD: yes",), 1),
    ],
)
def test_an_empty_password_counts_where_root_has_no_other(
    tmp_path: Path, image: str, lines: tuple[str, ...], findings: int
) -> None:
    quoted = (line.replace(": ", ': "') + '"' for line in lines)
    service = {"image": image, "ports": '["3306:3306"]', "environment": "{" + ", ".join(quoted) + "}"}
    store = "".join(f"    {key}: {value}\n" for key, value in service.items())
    text = f"services:\n  directus:\n    image: directus/directus:12.4.1\n  store:\n{store}"
    assert len(of(scanned(tmp_path, {"compose.yaml": text}), "datastore-credentials")) == findings


@each_case(
    ("gap", "answer"),
    [
        (not_readable("`prod.env`"), NotEvaluated("`prod.env` is not readable")),
        (filled_in_later("a name"), NotEvaluated("a name is filled in later")),
        (unseen("the page at the host, which is not readable and filled in later, is elsewhere"), Pass()),
    ],
)
def test_a_secret_may_be_in_what_could_not_be_read(gap: Gap, answer: CheckResult) -> None:
    """It is the part of a gap that counts, not its words: what is elsewhere is not committed."""
    assert ask_environment(secret_committed, environment(gaps=(gap,)))[0] == answer


def test_an_environment_file_that_cannot_be_read_may_hold_a_secret(tmp_path: Path) -> None:
    compose = "services:\n  directus:\n    image: directus/directus:12.4.1\n    env_file: prod.env\n"
    report = scanned(tmp_path, {"compose.yaml": compose, "prod.env": b"SECRET=\xff\xfe\xfa"})
    assert Status.NOT_EVALUATED in answered(report, "secret-committed")
