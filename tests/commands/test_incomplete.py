"""A part of a Directus project that cannot be read: the verdict is incomplete, in every report; unrelated files never."""

from __future__ import annotations

import importlib
import json
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.checks import catalogue
from tests.support.cli import Run, guard, write
from tests.support.git import commit, new_repository

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
      KEY: ${KEY:?}
      MARKETPLACE_TRUST: sandbox
"""
TRUST: Final = COMPOSE.replace("sandbox", "all")
EXPORT: Final = {
    "directus/policies.json": json.dumps(
        [
            {
                "id": "p",
                "name": "Editor",
                "admin_access": False,
                "app_access": True,
                "enforce_tfa": False,
                "ip_access": None,
            }
        ]
    ),
    "directus/roles.json": json.dumps([{"id": "r", "name": "Editor", "parent": None, "icon": "x"}]),
    "directus/access.json": json.dumps([{"policy": "p", "role": "r", "user": None}]),
    "directus/permissions.json": json.dumps(
        [
            {
                "collection": "posts",
                "action": "read",
                "fields": ["*"],
                "policy": "p",
                "permissions": {},
                "validation": None,
                "presets": None,
            }
        ],
        indent=1,
    ),
}
BROKEN_YAML: Final = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment: [\n"


def scan(root: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report."""
    run = guard("scan", root, "--output=json", *options)
    return run.code, json.loads(run.out)


def incomplete(report: dict[str, Any]) -> list[str]:
    return [problem["path"] for problem in report["problems"] if problem["incomplete"]]


PARTS: Final[dict[str, dict[str, str | bytes]]] = {
    "a conflict in the permissions": {
        "directus/permissions.json": EXPORT["directus/permissions.json"].replace(
            '"fields"', '\n<<<<<<< HEAD\n"role": 1,\n=======\n>>>>>>> x\n"fields"'
        )
    },
    "permissions cut off": {"directus/permissions.json": EXPORT["directus/permissions.json"][:-20]},
    "policies that are no UTF-8": {"directus/policies.json": b'[{"id": "\xff", "admin_access": true}]'},
    "an access file nested too deeply": {"directus/access.json": "[" * 100_000 + '"policy"'},
    "a Compose file beside": {"stage/compose.yaml": BROKEN_YAML},
    "an override": {"compose.override.yaml": BROKEN_YAML},
    "any YAML with services": {"deploy/cms.yml": BROKEN_YAML},
    "a workload": {"k8s/cms.yaml": "apiVersion: apps/v1\nkind: Deployment\nspec: {image: directus/directus, [\n"},
    "an env_file": {
        "compose.yaml": COMPOSE.replace("    environment", "    env_file: cms.vars\n    environment"),
        "cms.vars": b"MARKETPLACE_TRUST=\xff\n",
    },
    "an env_file that Compose refuses": {
        "compose.yaml": COMPOSE.replace("    environment", "    env_file: cms.vars\n    environment"),
        "cms.vars": "MARKETPLACE_TRUST='x\n",
    },
    "what a service extends": {
        "compose.yaml": COMPOSE.replace("    image", "    extends: {file: base.yaml, service: web}\n    image"),
        "base.yaml": "services:\n  web:\n    environment: [\n",
    },
    "what is included": {
        "compose.yaml": "include: [other/base.yaml]\n" + COMPOSE,
        "other/base.yaml": "services:\n  web:\n    environment: [\n",
    },
    "the .env of a Compose file": {
        "compose.yaml": COMPOSE.replace("sandbox", "${TRUST:-sandbox}"),
        ".env": b"TRUST=\xff\n",
    },
    "a conflict in an environment file": {
        "prod.env": "DB_CLIENT=pg\nSECRET=${X}\n<<<<<<< HEAD\nMARKETPLACE_TRUST=all\n=======\nMARKETPLACE_TRUST=sandbox\n>>>>>>> theirs\n"
    },
    "an environment file": {"prod.env": b"SECRET=\xff\nDB_CLIENT=pg\n"},
    "a Compose file in UTF-8 that is none": {"stage/compose.yaml": b"services:\n  directus: {image: '\xff'}\n"},
    "fly.toml": {"fly.toml": "app = 'directus'\n[env\n"},
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_the_project_that_cannot_be_read(tmp_path: Path, part: str) -> None:
    files: dict[str, str | bytes] = {"compose.yaml": COMPOSE, **EXPORT, **PARTS[part]}
    root = write(tmp_path, files)
    code, report = scan(root)
    broken = [path for path in PARTS[part] if path != "compose.yaml"]
    assert (code, incomplete(report)) == (4, broken)
    assert report["incomplete"]
    assert report["summary"]["exit_code"] == 4
    # The rest is judged all the same, and a finding that gates still decides.
    write(tmp_path, {"live/compose.yaml": TRUST})
    assert scan(root)[0] == 1
    assert scan(root, "--fail-on=none")[0] == 4
    assert scan(root, "--fail-on=none", "--incomplete=warn")[0] == 0


UNRELATED: Final[dict[str, dict[str, str | bytes]]] = {
    "a workload of something else": {"k8s/web.yaml": "apiVersion: v1\nkind: Pod\nspec: [\n"},
    "a Compose file of something else": {"web/compose.yaml": "services:\n  web: [\n"},
    "a package.json": {"web/package.json": '{"dependencies": {'},
    "an example": {"examples/compose.yaml": BROKEN_YAML},
    "a file for development": {"docker-compose.dev.yml": BROKEN_YAML},
    "a template of a chart": {
        "chart/Chart.yaml": "apiVersion: v2\nname: directus\nversion: 1.0.0\n",
        "chart/templates/d.yaml": "apiVersion: v1\nkind: Pod\nspec:\n{{- if .Values.directus }}\n  a: [\n{{ end }}\n",
    },
    "an encrypted environment file": {"prod.env": b"\x00GITCRYPT\x00\xff\xfeSECRET DIRECTUS"},
    "an env_file that is not there": {
        "compose.yaml": COMPOSE.replace("    environment", "    env_file: gone.env\n    environment")
    },
    "a database that was not fetched": {
        "data.db": "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n",
    },
    "an environment file of something else": {"web.env": b"TITLE=\xff\n"},
}


@pytest.mark.parametrize("kind", UNRELATED)
def test_what_is_no_part_of_the_project_is_a_notice(tmp_path: Path, kind: str) -> None:
    code, report = scan(write(tmp_path, {"compose.yaml": COMPOSE, **EXPORT, **UNRELATED[kind]}))
    assert (code, incomplete(report)) == (0, [])
    assert not report["incomplete"]


def test_a_project_of_which_nothing_can_be_read_is_not_nothing(tmp_path: Path) -> None:
    root = write(tmp_path, {"compose.yaml": BROKEN_YAML})
    assert scan(root)[0] == 4
    assert scan(root, "--incomplete=warn")[0] == 3
    assert scan(write(tmp_path / "other", {"web/compose.yaml": "services:\n  web: [\n"}))[0] == 3


def test_what_is_read_in_part_is_not_evaluated_for_the_rest(tmp_path: Path) -> None:
    """The variables that are seen are judged; those that are not may stand in what was not read."""
    text = "module.exports = {apps: [make('other'), {name: 'directus', script: 'node_modules/.bin/directus', env: {KEY: process.env.KEY, DB_CLIENT: 'pg', PUBLIC_URL: 'https://a.example.com', MARKETPLACE_TRUST: 'sandbox'}}]}\n"
    root = write(tmp_path, {"ecosystem.config.js": text})
    code, report = scan(root)
    assert [problem["path"] for problem in report["problems"]] == ["ecosystem.config.js"]
    assert code == 0
    states = {item["check"]: (item["status"], item["reason"]) for item in report["checks"]}
    assert "`ecosystem.config.js` was read in part only" in states["query-limit"][1]
    assert states["marketplace-trust"][0] == "pass"
    assert scan(root, "--strict")[0] == 4


# --- option and config -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("config", "option", "code"), [
    ("", "", 4), ("fail", "", 4), ("warn", "", 0), ("fail", "warn", 0), ("warn", "fail", 4), ("", "warn", 0),
])  # fmt: skip
def test_the_option_counts_before_the_config(tmp_path: Path, config: str, option: str, code: int) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE, "stage/compose.yaml": BROKEN_YAML})
    if config:
        write(root, {"directus-guard.yaml": f"incomplete: {config}\n"})
    run = guard("scan", root, *([f"--incomplete={option}"] if option else []))
    assert run.code == code
    assert "stage/compose.yaml" in run.out


def test_other_words_are_refused(tmp_path: Path) -> None:
    assert guard("scan", tmp_path, "--incomplete=ignore").code == 2
    write(tmp_path, {"directus-guard.yaml": "incomplete: ignore\n"})
    run = guard("scan", tmp_path)
    assert run.code == 2
    assert "incomplete" in run.err


# --- reports ---------------------------------------------------------------------------------------------------------


def report_of(root: Path, format_: str, *options: str) -> Run:
    return guard("scan", root, "--output", format_, *options)


def test_every_report_names_the_file_and_what_to_do(tmp_path: Path) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE, "stage/compose.yaml": BROKEN_YAML})
    for options in ((), ("--quiet",)):
        text = report_of(root, "text", *options).out
        assert "incomplete: 1 part of the Directus project could not be read" in text
        assert "- stage/compose.yaml:5: not valid YAML" in text
        assert "--incomplete warn" in text
        assert text.splitlines()[-1] == "directus-guard: incomplete: a part of the Directus project could not be read"
    page = report_of(root, "markdown").out
    assert page.startswith("## ⚠️ directus-guard: incomplete")
    assert "**Incomplete:** 1 part of the Directus project" in page
    (run,) = json.loads(report_of(root, "sarif").out)["runs"]
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    assert [item["level"] for item in notifications if "Not read" in item["message"]["text"]] == ["error"]
    assert run["properties"]["incomplete"] is True
    assert run["invocations"][0]["executionSuccessful"] is True


def test_a_warning_is_still_said(tmp_path: Path) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE, "stage/compose.yaml": BROKEN_YAML})
    run = report_of(root, "text", "--incomplete=warn")
    assert run.code == 0
    assert "incomplete: 1 part of the Directus project could not be read" in run.out
    (sarif,) = json.loads(report_of(root, "sarif", "--incomplete=warn").out)["runs"]
    levels = [item["level"] for item in sarif["invocations"][0]["toolExecutionNotifications"]]
    assert "error" not in levels
    assert scan(root, "--incomplete=warn")[1]["incomplete"]


# --- with a base -----------------------------------------------------------------------------------------------------


def since(root: Path, *options: str) -> tuple[int, list[str]]:
    code, report = scan(root, "--new-since=HEAD", *options)
    return code, incomplete(report)


def test_what_the_base_could_not_read_either_does_not_count(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    commit(root, {"compose.yaml": COMPOSE, "stage/compose.yaml": BROKEN_YAML})
    write(root, {"README": "x"})
    assert since(root) == (0, [])
    write(root, {"stage/compose.yaml": "# moved\n\n" + BROKEN_YAML})
    assert since(root) == (0, [])
    # Another file, or the same file for another reason, is the change's.
    write(root, {"stage/compose.yaml": b"services: {directus: '\xff'}\n"})
    assert since(root) == (4, ["stage/compose.yaml"])
    write(root, {"stage/compose.yaml": BROKEN_YAML, "live/compose.yaml": BROKEN_YAML})
    assert since(root) == (4, ["live/compose.yaml"])


def test_what_belonged_to_the_project_on_the_base_counts(tmp_path: Path) -> None:
    """The file that is broken now says nothing of Directus any more."""
    root = new_repository(tmp_path)
    start = {"compose.yaml": COMPOSE, "k8s/cms.yaml": WORKLOAD, **EXPORT}
    commit(root, start)
    assert since(root) == (0, [])
    for path, content in (
        ("k8s/cms.yaml", "apiVersion: v1\nkind: [\n"),
        ("directus/permissions.json", '[{"action": '),
        ("directus/roles.json", '[{"parent": '),
    ):
        write(root, {**start, path: content})
        assert since(root) == (4, [path])
        assert since(root, "--incomplete=warn")[0] == 0
    shutil.rmtree(root / "directus")
    write(root, {"k8s/cms.yaml": WORKLOAD})
    assert since(root) == (0, [])


WORKLOAD: Final = """apiVersion: apps/v1
kind: Deployment
metadata: {name: cms}
spec:
  template:
    spec:
      containers:
        - name: cms
          image: directus/directus:12.4.1
          env:
            - {name: PUBLIC_URL, value: "https://cms.example.com"}
            - {name: SECRET, valueFrom: {secretKeyRef: {name: a, key: b}}}
"""


def test_a_change_cannot_make_it_a_warning(tmp_path: Path) -> None:
    root = new_repository(tmp_path)
    commit(root, {"compose.yaml": COMPOSE})
    write(root, {"directus-guard.yaml": "incomplete: warn\n", "stage/compose.yaml": BROKEN_YAML})
    assert since(root)[0] == 4
    assert scan(root)[0] == 0


# --- what was judged -------------------------------------------------------------------------------------------------


def judged(root: Path) -> list[str]:
    return [part for part, one in scan(root)[1]["judged"].items() if one["judged"]]


def test_a_repository_with_a_compose_file_only(tmp_path: Path) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE})
    assert judged(root) == ["environment"]
    line = "Not judged: permissions, flows, settings and users (no export of them found). How to export them: "
    (said,) = [text for text in guard("scan", root).out.splitlines() if text.startswith(line)]
    assert said.endswith("directus-guard explain export")
    assert "How to export them" in guard("scan", root, "--output=markdown").out


def test_an_empty_table_is_evidence(tmp_path: Path) -> None:
    root = write(tmp_path, {**EXPORT, "directus/flows.json": "[]", "directus/operations.json": "[]"})
    assert judged(root) == ["permissions", "flows"]


def test_parts_are_judged_where_there_is_evidence(tmp_path: Path) -> None:
    root = write(tmp_path, EXPORT)
    assert judged(root) == ["permissions"]
    settings = [{"project_name": "x", "auth_login_attempts": 5, "public_registration": False}]
    users = [{"id": "u", "role": "r", "status": "active", "email": "a@example.org"}]
    flows = [{"id": "f", "name": "f", "trigger": "event", "accountability": "all", "status": "active", "options": {}}]
    write(root, {"directus/settings.json": json.dumps(settings), "directus/users.json": json.dumps(users)})
    write(root, {"directus/flows.json": json.dumps(flows), "compose.yaml": COMPOSE})
    code = (
        "import { createDirectus } from '@directus/sdk';\nexport const c = createDirectus('https://cms.example.com');\n"
    )
    write(root, {"web/package.json": '{"dependencies": {"@directus/sdk": "20"}}', "web/src/a.ts": code})
    assert judged(root) == ["environment", "permissions", "flows", "settings", "users", "code"]


def test_a_check_that_is_switched_off_is_listed(tmp_path: Path) -> None:
    config = "checks: {marketplace-trust: {severity: off, reason: reviewed in May}}\n"
    root = write(tmp_path, {"compose.yaml": TRUST, "directus-guard.yaml": config})
    assert "switched off by the config: marketplace-trust (reviewed in May)" in guard("scan", root).out
    assert "Switched off by the config: <code>marketplace" in guard("scan", root, "--output=markdown").out
    assert scan(root)[1]["switched_off"] == [{"check": "marketplace-trust", "reason": "reviewed in May"}]
    (run,) = json.loads(guard("scan", root, "--output=sarif").out)["runs"]
    assert run["properties"]["switched_off"] == {"marketplace-trust": "reviewed in May"}


# --- a check that fails inside ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", ["marketplace-trust", "escalation-path", "secret-reused", "flow-secret"])
def test_a_check_that_fails_inside(tmp_path: Path, check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the report is there, and says what happened without the value that made it happen."""

    def broken(*_: object) -> object:
        raise RecursionError("hunter2")

    asked = catalogue()[check]
    changed = {**catalogue(), check: replace(asked, judge=broken)}
    monkeypatch.setattr("directus_guard.audit.judge.catalogue", lambda: changed)
    root = write(tmp_path, {"compose.yaml": COMPOSE, **EXPORT})
    # Without a permission on a collection of Directus no way to administrator is looked for.
    write(root, {"directus/permissions.json": EXPORT["directus/permissions.json"].replace("posts", "directus_folders")})
    run = guard("scan", root)
    assert run.code == 4
    assert f"- {check} on " in run.out
    assert "this is a bug in directus-guard (RecursionError)" in run.out
    assert "hunter2" not in run.out + run.err
    assert "Traceback" not in run.err
    _, report = scan(root)
    (said,) = [item for item in report["checks"] if item.get("bug")]
    assert (said["check"], said["status"]) == (check, "not-evaluated")
    assert len({item["check"] for item in report["checks"]}) > 50
    write(root, {"compose.yaml": COMPOSE + "      CORS_ENABLED: 'true'\n      CORS_ORIGIN: 'true'\n"})
    assert scan(root)[0] == 1
    with pytest.raises(RecursionError):
        guard("scan", root, "--debug")


@pytest.mark.parametrize(
    "broken",
    [
        "sources.deployments.kubernetes.read", "sources.exports.reader.read", "sources.deployments.dotenv_files.read", "sources.code.packages.read",
        "sources.collect._with_dockerfile", "directus.environment.loading.load", "audit.verdict.administrators", "audit.diff.compare.compare",
    ],
)  # fmt: skip
def test_a_bug_outside_of_the_checks(tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One source, one deployment or one list is lost; the rest of the report is there and says so."""
    root = new_repository(tmp_path)
    code = "import { createDirectus } from '@directus/sdk';\n"
    files = {"compose.yaml": COMPOSE, "k8s/cms.yaml": WORKLOAD, "prod.env": "SECRET=${A}\nDB_CLIENT=pg\n", **EXPORT}
    commit(root, files | {"web/package.json": '{"dependencies": {"@directus/sdk": "20"}}', "web/a.ts": code})

    def fail(*_: object, **__: object) -> object:
        raise KeyError("hunter2")

    importlib.import_module(f"directus_guard.{broken.rpartition('.')[0]}")
    monkeypatch.setattr(f"directus_guard.{broken}", fail)
    options = ("--new-since=HEAD",) if "diff.compare" in broken else ()
    run = guard("scan", root, "--fail-on=none", *options)
    assert run.code == 4
    assert "this is a bug in directus-guard (KeyError)" in run.out
    assert "hunter2" not in run.out + run.err
    assert len(scan(root, "--fail-on=none", *options)[1]["checks"]) > 50
    with pytest.raises(KeyError):
        guard("scan", root, "--debug", *options)


def test_rows_of_the_framework_belong_to_no_policy(tmp_path: Path) -> None:
    """`GET /permissions` lists them too; only they may come without one."""
    rows = json.loads(EXPORT["directus/permissions.json"])
    system = rows[0] | {"collection": "directus_fields", "policy": None, "system": True}
    root = write(tmp_path, EXPORT | {"directus/permissions.json": json.dumps({"data": [*rows, system]})})
    assert scan(root)[0] == 0
    write(root, {"directus/permissions.json": json.dumps({"data": [*rows, system | {"system": False}]})})
    code, report = scan(root)
    assert (code, incomplete(report)) == (4, ["directus/permissions.json"])
