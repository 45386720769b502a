"""Zerops: setups, what they extend, what an import file adds, and references between variables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from directus_guard.directus.environment.deployment import Unknown
from directus_guard.sources.deployments import zerops
from tests.support.each import each_case
from tests.support.repositories import cut, reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

SETUP = """\
zerops:
  - setup: directus
    build:
      envVariables: {SECRET: not-at-run-time}
    run:
      base: nodejs@20
      start: npx directus start
      envVariables:
        DB_CLIENT: pg
        DB_PASSWORD: ${db_password}
        DB_USER: ${db_user}
        PUBLIC_URL: ${zeropsSubdomain}
        KEY: ${SHARED}
        SHARED: written-down
        DB_CONNECTION_STRING: postgres://cms:${db_user}@db
        LOOP: ${LOOP}
"""
IMPORT = """\
#yamlPreprocessor=on
project:
  name: cms
  envVariables: {LOG_LEVEL: warn}
services:
  - hostname: directus
    type: nodejs@20
    minContainers: 2
    envSecrets:
      SECRET: <@generateRandomString(<32>)>
      DB_CLIENT: mysql
    dotEnvSecrets: |
      ADMIN_EMAIL=admin@example.com
      ADMIN_PASSWORD="d1r3ctu5"
  - hostname: db
    type: postgresql@16
    envSecrets: {user: weak}
"""


def test_a_setup_alone(tmp_path: Path) -> None:
    (found,) = zerops.read(repository(tmp_path, {"zerops.yml": SETUP}))
    assert (found.name, found.platform.name) == ("zerops.yml#directus", "ZEROPS")
    assert texts(found.variables) == [
        ("DB_CLIENT", "pg"), ("DB_PASSWORD", None), ("DB_USER", None), ("PUBLIC_URL", None), ("KEY", "written-down"),
        ("SHARED", "written-down"), ("DB_CONNECTION_STRING", None), ("LOOP", None),
    ]  # fmt: skip
    key = found.variables[4]
    assert cut(tmp_path, key.location) == "written-down"
    assert [cut(tmp_path, place) for place in key.via] == ["${SHARED}"]
    assert found.variables[1].value == Unknown("`${db_password}` is filled in by Zerops")
    assert reasons(found) == ("secret variables set in Zerops are not in the repository",)


def test_an_import_file_adds_its_variables_beneath(tmp_path: Path) -> None:
    (found,) = zerops.read(repository(tmp_path, {"zerops.yaml": SETUP, "zerops-import.yml": IMPORT}))
    assert texts(found.variables)[:6] == [
        ("LOG_LEVEL", "warn"), ("SECRET", None), ("DB_CLIENT", "mysql"), ("ADMIN_EMAIL", "admin@example.com"),
        ("ADMIN_PASSWORD", "d1r3ctu5"), ("DB_CLIENT", "pg"),
    ]  # fmt: skip
    by_name = {item.name: item for item in found.variables}
    assert by_name["SECRET"].value == Unknown("Zerops generates it")
    assert cut(tmp_path, by_name["ADMIN_PASSWORD"].location) == "d1r3ctu5"
    assert cut(tmp_path, by_name["DB_USER"].location) == "weak"
    connection = by_name["DB_CONNECTION_STRING"]
    assert dict(texts([connection])) == {"DB_CONNECTION_STRING": "postgres://cms:weak@db"}
    assert [part.text.reveal() for part in connection.parts] == ["weak"]
    assert found.replicas == 2
    assert found.consumed == {"zerops.yaml", "zerops-import.yml"}


@each_case("base", ["base", "[base]", "[other, base]"])
def test_a_setup_that_extends_another(tmp_path: Path, base: str) -> None:
    text = f"""\
zerops:
  - setup: base
    build: {{base: nodejs@20}}
    run: {{start: npx directus start, envVariables: {{DB_CLIENT: pg, LOG_LEVEL: warn}}}}
  - setup: prod
    extends: {base}
    run: {{envVariables: {{LOG_LEVEL: error}}}}
"""
    found = zerops.read(repository(tmp_path, {"zerops.yml": text}))
    assert [item.name for item in found] == ["zerops.yml#base", "zerops.yml#prod"]
    assert texts(found[1].variables) == [("DB_CLIENT", "pg"), ("LOG_LEVEL", "warn"), ("LOG_LEVEL", "error")]


def test_what_setups_have_in_common_is_no_service(tmp_path: Path) -> None:
    text = """\
zerops:
  - setup: common
    run: {envVariables: {DB_CLIENT: pg, SECRET: x}}
  - setup: live
    extends: common
    run: {start: npx directus start}
  - setup: alias
    extends: live
"""
    found = zerops.read(repository(tmp_path, {"zerops.yml": text}))
    assert [item.name for item in found] == ["zerops.yml#alias", "zerops.yml#live"]
    assert texts(found[0].variables) == texts(found[1].variables) == [("DB_CLIENT", "pg"), ("SECRET", "x")]


@each_case(
    ("written", "shown"),
    [
        ("${db_password}", "${db_password}"),
        ("${SECRET:-kept-secret}", "${SECRET…}"),
        ("${SECRET-kept}", "${SECRET…}"),
        ("${-x}", "${…}"),
    ],
)
def test_a_reason_holds_no_value(tmp_path: Path, written: str, shown: str) -> None:
    text = f"zerops:\n- setup: a\n  run: {{start: npx directus start, envVariables: {{KEY: '{written}'}}}}\n"
    (found,) = zerops.read(repository(tmp_path, {"zerops.yml": text}))
    assert found.variables[0].value == Unknown(f"`{shown}` is filled in by Zerops")


def test_several_services_of_one_setup(tmp_path: Path) -> None:
    text = "services:\n" + "".join(
        f"  - {{hostname: {name}, zeropsSetup: directus, envSecrets: {{KEY: {name}}}}}\n" for name in ("live", "stage")
    )
    found = zerops.read(repository(tmp_path, {"zerops.yml": SETUP, "import.yaml": text}))
    assert [item.name for item in found] == ["zerops.yml#directus/live", "zerops.yml#directus/stage"]
    assert [item.hints for item in found] == [("directus", "live"), ("directus", "stage")]


def test_a_service_whose_code_is_elsewhere(tmp_path: Path) -> None:
    text = "services:\n  - hostname: cms\n    buildFromGit: https://example.com/x\n    envSecrets: {SECRET: a, ADMIN_EMAIL: b}\n"
    (found,) = zerops.read(repository(tmp_path, {"zerops-project-import.yml": text}))
    assert found.name == "zerops-project-import.yml#cms"
    assert len(found.gaps) == 2


@pytest.mark.parametrize("last", ["x", "${A0}"])
def test_variables_that_multiply_each_other_end(tmp_path: Path, last: str) -> None:
    chain = "".join(f"        A{level}: " + f"${{A{level + 1}}}" * 10 + "\n" for level in range(30))
    (found,) = zerops.read(repository(tmp_path, {"zerops.yml": SETUP + chain + f"        A30: {last}\n"}))
    values = dict(texts(found.variables))
    assert values["A0"] is None
    assert values["A28"] == ("x" * 100 if last == "x" else None)


def test_a_setup_inside_of_an_import_file(tmp_path: Path) -> None:
    text = "services:\n- hostname: cms\n  envSecrets: {SECRET: a}\n  zeropsYaml:\n    zerops:\n    - setup: cms\n      run: {start: npx directus start}\n"
    (found,) = zerops.read(repository(tmp_path, {"zerops-import.yml": text}))
    assert found.name == "zerops-import.yml#cms"
    assert texts(found.variables) == [("SECRET", "a")]


@each_case(
    "text",
    [
        "zerops:\n  - setup: web\n    run: {start: node server.js}\n",
        "zerops: directus\n",
        "services:\n- hostname: redis\n",
    ],
)
def test_other_files(tmp_path: Path, text: str) -> None:
    root = repository(tmp_path, {"zerops.yml": text})
    assert zerops.read(root) == ()
    assert not root.problems


def test_a_broken_file_is_a_problem(tmp_path: Path) -> None:
    root = repository(tmp_path, {"zerops.yml": "zerops:\n  - setup: directus\n    run: {\n"})
    assert zerops.read(root) == ()
    assert [problem.incomplete for problem in root.problems] == [True]


def test_a_setup_that_others_extend_and_that_is_started_is_a_service(tmp_path: Path) -> None:
    for key, value in (("start", "npx directus start"), ("startCommands", [{"command": "npx directus start"}])):
        root = tmp_path / key
        setups = [
            {"setup": "cms", "run": {key: value, "envVariables": {"SECRET": "a", "DB_CLIENT": "pg"}}},
            {"setup": "other", "extends": "cms"},
        ]
        found = zerops.read(repository(root, {"zerops.yml": json.dumps({"zerops": setups})}))
        assert {one.name for one in found} >= {"zerops.yml#cms"}, key
