"""Platform.sh and Upsun: where an app's variables come from, and which files hold apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.deployments import platform_sh
from tests.support.each import each_case
from tests.support.repositories import cut, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

APP = """\
name: cms
type: 'nodejs:20'
relationships:
  db: 'postgres:postgresql'
variables:
  env:
    DB_CLIENT: pg
    CORS_ENABLED: true
    CACHE_TTL: 30
    NOTHING: null
    NESTED: {a: b}
  'env:SECRET': written-down
  d8config: {SECRET: other}
web:
  commands:
    start: 'npx directus start'
"""


def test_everything_in_its_place(tmp_path: Path) -> None:
    (found,) = platform_sh.read(repository(tmp_path, {"cms/.platform.app.yaml": APP, "cms/.env": "KEY=own\n"}))
    assert (found.name, found.platform.name) == ("cms/.platform.app.yaml#cms", "PLATFORM_SH")
    assert texts(found.variables) == [
        ("DB_CLIENT", "pg"), ("CORS_ENABLED", "true"), ("CACHE_TTL", "30"), ("NESTED", None), ("SECRET", "written-down"),
    ]  # fmt: skip
    assert cut(tmp_path, found.variables[0].location) == "pg"
    assert cut(tmp_path, found.variables[-1].location) == "written-down"
    assert isinstance(found.config_file, tuple)
    assert texts(found.config_file) == [("KEY", "own")]
    assert reasons(found) == ("variables set in the Platform.sh console are not in the repository",)


def test_the_script_beats_the_file(tmp_path: Path) -> None:
    script = (
        "export DB_HOST=$(echo $PLATFORM_RELATIONSHIPS | jq -r .db[0].host)\n"
        "export DB_CLIENT='mysql'\n"
        'if [ "$PLATFORM_BRANCH" = main ]; then\n  export PUBLIC_URL=https://cms.example.com\nfi\n'
    )
    (found,) = platform_sh.read(repository(tmp_path, {".platform.app.yaml": APP, ".environment": script}))
    own = [item for item in found.variables if item.origin == ".environment"]
    assert texts(own) == [("DB_HOST", None), ("DB_CLIENT", "mysql"), ("PUBLIC_URL", None)]
    assert cut(tmp_path, own[1].location) == "mysql"
    reasons = [item.value.reason for item in own if isinstance(item.value, Unknown)]
    assert reasons == ["a script works it out", "it is set under a condition"]
    assert found.variables[-3:] == tuple(own)
    assert ".environment" in found.consumed


@each_case(
    ("path", "text"),
    [
        (".upsun/config.yaml", "applications:\n  cms:\n    type: nodejs:20\n    source: {root: /cms}\n    variables: {env: {SECRET: x}}\n    web: {commands: {start: npm start}}\n"),
        (".platform/applications.yaml", "- name: cms\n  type: nodejs:20\n  source: {root: cms}\n  variables: {env: {SECRET: x}}\n  web: {commands: {start: npm start}}\n"),
        (".platform/applications.yaml", "cms:\n  type: nodejs:20\n  source: {root: cms}\n  variables: {env: {SECRET: x}}\n  web: {commands: {start: npm start}}\n"),
        ("cms/.platform.app.yaml", "name: cms\ntype: nodejs:20\nvariables: {env: {SECRET: x}}\nhooks: {deploy: npx directus bootstrap}\n"),
        ("cms/.platform.app.yaml", "name: cms\ntype: nodejs:20\nvariables: {env: {SECRET: x}}\nworkers: {w: {commands: {start: npx directus start}}}\n"),
    ],
)  # fmt: skip
def test_where_apps_are_described(tmp_path: Path, path: str, text: str) -> None:
    files = {path: text, "cms/package.json": '{"scripts": {"start": "directus start"}}'}
    (found,) = platform_sh.read(repository(tmp_path, files))
    assert found.name in (f"{path}#cms", f"{path}#cms/w")
    assert texts(found.variables) == [("SECRET", "x")]


def test_what_commands_are_given(tmp_path: Path) -> None:
    """A hook's variables are gone when the server starts; those of the first administrator have done their work by then."""
    text = """\
name: cms
type: nodejs:22
hooks:
  deploy: |
    set -e
    if [ ! -f var/installed ]; then
        export ADMIN_EMAIL='admin@example.com'
        export ADMIN_PASSWORD='d1r3ctu5' SECRET=only-here
        npx directus bootstrap
    fi
web:
  commands:
    start: LOG_LEVEL=warn npx directus start
"""
    (found,) = platform_sh.read(repository(tmp_path, {".platform.app.yaml": text}))
    assert texts(found.variables) == [
        ("ADMIN_EMAIL", "admin@example.com"), ("ADMIN_PASSWORD", "d1r3ctu5"), ("LOG_LEVEL", "warn"),
    ]  # fmt: skip
    assert [cut(tmp_path, item.location) for item in found.variables] == ["admin@example.com", "d1r3ctu5", "warn"]


@each_case("path", ["applications.yaml", ".platform/services.yaml", "config.yaml"])
def test_other_files(tmp_path: Path, path: str) -> None:
    assert platform_sh.read(repository(tmp_path, {path: APP})) == ()


def test_another_app(tmp_path: Path) -> None:
    text = "name: web\ntype: php:8.3\nvariables: {env: {SECRET: x}}\nweb: {commands: {start: php-fpm}}\n"
    assert platform_sh.read(repository(tmp_path, {".platform.app.yaml": text})) == ()


def test_a_broken_file_is_a_problem(tmp_path: Path) -> None:
    root = repository(tmp_path, {".platform.app.yaml": "name: directus\nvariables: {env: [\n"})
    assert platform_sh.read(root) == ()
    assert [problem.incomplete for problem in root.problems] == [True]
