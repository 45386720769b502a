"""Railway, Heroku, PM2, workflows and committed databases."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.deployments import heroku, pm2, railway, workflow
from directus_guard.sources.files import databases
from directus_guard.sources.files.repository import Repository
from tests.support.cli import write
from tests.support.each import each_case
from tests.support.repositories import cut, repository, texts

if TYPE_CHECKING:
    from pathlib import Path


@each_case(
    "script",
    [
        "module.exports = {apps: [{name: 'cms', script: 'npx', args: 'directus start', env: {SECRET: 'abc', PORT: 8055}}]}\n",
        "export default {apps: [{name: 'cms', script: 'node_modules/directus/cli.js', args: ['start'], env: {SECRET: 'abc', PORT: 8055}}]}\n",
        "const env = {SECRET: 'abc', PORT: 8055};\nmodule.exports = {apps: [{name: 'cms', script: 'npx directus start', env}]}\n",
    ],
)
def test_pm2(tmp_path: Path, script: str) -> None:
    (found,) = pm2.read(repository(tmp_path, {"ecosystem.config.js": script}))
    assert found.name == "ecosystem.config.js#cms"
    assert texts(found.variables) == [("SECRET", "abc"), ("PORT", "8055")]
    assert cut(tmp_path, found.variables[0].location) == "abc"


def test_pm2_has_one_deployment_for_each_environment(tmp_path: Path) -> None:
    script = (
        '{"apps": [{"name": "cms", "script": "npx directus start", "instances": 4, "env": {"LOG_LEVEL": "info"},'
        ' "env_production": {"LOG_LEVEL": "warn", "DB_CLIENT": "pg"}}]}'
    )
    base, production = pm2.read(repository(tmp_path, {"ecosystem.config.json": script, ".env": "SECRET=own\n"}))
    assert texts(base.variables) == [("LOG_LEVEL", "info")]
    assert texts(production.variables) == [("LOG_LEVEL", "info"), ("LOG_LEVEL", "warn"), ("DB_CLIENT", "pg")]
    assert isinstance(production.config_file, tuple)
    assert texts(production.config_file) == [("SECRET", "own")]
    assert production.replicas == 4


def test_pm2_values_from_the_shell_are_unknown(tmp_path: Path) -> None:
    script = "module.exports = {apps: [{name: 'cms', script: 'npx directus start', env: {SECRET: process.env.SECRET || 'weak'}}]}\n"
    (found,) = pm2.read(repository(tmp_path, {"ecosystem.config.js": script}))
    assert texts(found.variables) == [("SECRET", None)]


def test_other_apps_of_pm2_are_nobodys(tmp_path: Path) -> None:
    script = "module.exports = {apps: [{name: 'web', script: 'server.js', env: {SECRET: 'abc'}}]} // beside directus\n"
    assert pm2.read(repository(tmp_path, {"ecosystem.config.js": script})) == ()


def test_heroku(tmp_path: Path) -> None:
    app = '{"name": "cms", "env": {"DB_CLIENT": "pg", "SECRET": {"generator": "secret"}, "PUBLIC_URL": {"value": "https://x.example.com"}, "NEEDED": {"required": true}}}'
    (found,) = heroku.read(repository(tmp_path, {"app.json": app, "Procfile": "web: npx directus start\n"}))
    values = dict(texts(found.variables))
    assert values["DB_CLIENT"] == "pg"
    assert values["PUBLIC_URL"] == "https://x.example.com"
    assert values["SECRET"] is None
    assert found.gaps


def test_a_procfile_of_something_else(tmp_path: Path) -> None:
    assert heroku.read(repository(tmp_path, {"Procfile": "web: node server.js\n"})) == ()


def test_railway(tmp_path: Path) -> None:
    found = railway.read(
        repository(
            tmp_path, {"cms/railway.json": '{"deploy": {"startCommand": "npx directus start", "numReplicas": 2}}'}
        )
    )
    assert [item.name for item in found] == ["cms/railway.json"]
    assert found[0].gaps
    assert found[0].replicas == 2


def test_services_of_a_workflow(tmp_path: Path) -> None:
    text = """on: push
jobs:
  e2e:
    runs-on: ubuntu-latest
    services:
      directus:
        image: directus/directus:11.5.0
        env:
          SECRET: abc
          ADMIN_PASSWORD: ${{ secrets.PASSWORD }}
      postgres:
        image: postgres:17
        env: {POSTGRES_PASSWORD: x}
    steps:
      - run: npm test
"""
    (found,) = workflow.read(repository(tmp_path, {".github/workflows/e2e.yml": text}))
    assert texts(found.variables) == [("SECRET", "abc"), ("ADMIN_PASSWORD", None)]
    assert cut(tmp_path, found.variables[0].location) == "abc"


def test_a_workflow_that_only_speaks_of_directus(tmp_path: Path) -> None:
    text = "on: push\njobs:\n  x:\n    runs-on: ubuntu-latest\n    env: {DIRECTUS_URL: x}\n    steps: [{run: npx directus-sync pull}]\n"
    assert workflow.read(repository(tmp_path, {".github/workflows/x.yml": text})) == ()


USERS = b"CREATE TABLE directus_users (id uuid, password text);\n"
INSERT = b"INSERT INTO directus_users VALUES ('x', '$argon2id$v=19$m=65536');\n"


@each_case(
    ("name", "content", "holds"),
    [
        ("dump.sql", USERS + INSERT, ("password hashes", "user accounts")),
        ("dump.sql", USERS + b"COPY public.directus_sessions (token) FROM stdin;\nabc\n\\.\n", ("sessions",)),
        ("dump.sql.gz", gzip.compress(USERS + INSERT, mtime=0), ("password hashes", "user accounts")),
        (
            "data.db",
            b"SQLite format 3\0" + bytes(5000) + b"directus_users" + bytes(100) + b"$argon2id$v=19$x",
            ("password hashes",),
        ),
        ("cms.dump", b"PGDMP" + bytes(20) + b"directus_users\x00\x00TABLE DATA", ("user accounts",)),
    ],
)
def test_committed_databases(tmp_path: Path, name: str, content: bytes, holds: tuple[str, ...]) -> None:
    write(tmp_path, {name: content})
    (found,) = databases.read(Repository(tmp_path))
    assert set(found.holds) == set(holds) | set(found.holds) & {"user accounts"}
    assert found.location.path == name


@each_case(
    ("name", "content"),
    [
        ("schema.sql", USERS),
        ("shop.sql", b"INSERT INTO users VALUES ('$argon2id$v=19$x');\n"),
        ("data.db", b"SQLite format 3\0" + bytes(5000)),
        ("photo.db", b"not a database directus_users $argon2id$v=19$"),
        ("empty.sql", b""),
        ("copy.sql", USERS + b"COPY public.directus_users (id) FROM stdin;\n\\.\n"),
    ],
)
def test_files_without_accounts(tmp_path: Path, name: str, content: bytes) -> None:
    write(tmp_path, {name: content})
    assert databases.read(Repository(tmp_path)) == ()


def test_a_statement_on_the_border_of_two_pieces(tmp_path: Path) -> None:
    filler = b"-- filler\n" * ((1024 * 1024) // 10)
    write(tmp_path, {"dump.sql": filler[: 1024 * 1024 - 20] + b"\n" + USERS + INSERT})
    (found,) = databases.read(Repository(tmp_path))
    assert "user accounts" in found.holds


@each_case("section", ["deploy", "build", "start"])
def test_where_railway_is_told_what_to_start(tmp_path: Path, section: str) -> None:
    key = {"deploy": "startCommand", "build": "buildCommand", "start": "cmd"}[section]
    files = {"railway.json": json.dumps({section: {key: "npx directus start"}})}
    assert [one.name for one in railway.read(repository(tmp_path, files))] == ["railway.json"]


@each_case(
    ("image", "known"),
    [
        ("directus/directus:${{ matrix.version }}", "directus/directus"),
        ("directus/directus:$VERSION", "directus/directus"),
        ("directus/directus:12.4.1", ""),
    ],
)
def test_an_image_of_a_workflow_that_is_put_together(tmp_path: Path, image: str, known: str) -> None:
    services = {"cms": {"image": image, "env": {"SECRET": "a", "DB_CLIENT": "pg"}}}
    text = json.dumps({"on": "push", "jobs": {"a": {"runs-on": "x", "services": services, "steps": []}}})
    (found,) = workflow.read(repository(tmp_path, {".github/workflows/a.yml": text}))
    assert found.image is not None
    assert (found.image.repository, bool(found.image.unknown)) == ("directus/directus", bool(known))


@each_case(
    ("written", "fallback"),
    [
        ('process.env.A || (process.env.B || "x")', "x"),
        ('process.env.A || (process.env.B ?? "x")', "x"),
        ("process.env.A || process.env.B", None),
    ],
)
def test_a_value_with_two_variables_and_a_fallback(tmp_path: Path, written: str, fallback: str | None) -> None:
    text = (
        f"module.exports = {{ apps: [{{ name: 'cms', script: 'npx directus start', env: {{ SECRET: {written} }} }}] }}"
    )
    (found,) = pm2.read(repository(tmp_path, {"ecosystem.config.js": text}))
    (secret,) = (one for one in found.variables if one.name == "SECRET")
    assert isinstance(secret.value, Unknown)
    assert (secret.value.fallback.reveal() if secret.value.fallback else None) == fallback
