"""A plain Node project that is a Directus server, with or without an environment file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit, run
from directus_guard.finding import Severity
from directus_guard.sources.deployments import loaded_files, node_server
from tests.support.cli import write
from tests.support.each import each_case
from tests.support.repositories import repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.audit.audited import Audited

LOCKS = {
    "package-lock.json": '{"packages": {"node_modules/directus": {"version": "11.5.2"}}}',
    "npm-shrinkwrap.json": '{"packages": {"node_modules/directus": {"version": "11.5.2"}}}',
    "yarn.lock": 'directus@^11.5.1:\n  version "11.5.2"\n',
    "pnpm-lock.yaml": "lockfileVersion: '9.0'\n\npackages:\n\n  directus@11.5.2:\n    resolution: {integrity: x}\n",
    "bun.lock": '{"packages": {"directus": ["directus@11.5.2", {}]}}',
}


def package(start: str = "directus start", version: str | None = "^11.5.1", name: str = "start") -> str:
    held: dict[str, object] = {"name": "cms", "private": True, "scripts": {name: start}}
    if version is not None:
        held["dependencies"] = {"directus": version, "pg": "^8.12.0"}
    return json.dumps(held)


def scan(root: Path, files: dict[str, str]) -> Audited:
    return run(Options(root=write(root, files)))


def deployments(audited: Audited) -> tuple[str, ...]:
    return audited.report.scanned.deployments


@each_case(
    ("start", "version", "name"),
    [
        ("directus start", "11.5.1", "start"),
        ("npx directus start", None, "start"),
        ("npx directus bootstrap && npx directus start", "^11", "production"),
        ("node server.js", "11.5.1", "start"),
        ("pm2-runtime start x.js", "11.5.1", "start:prod"),
        ("NODE_ENV=production directus start", "11.5.1", "up"),
    ],
)
def test_what_is_a_server(tmp_path: Path, start: str, version: str | None, name: str) -> None:
    assert deployments(scan(tmp_path, {"cms/package.json": package(start, version, name)})) == ("cms/package.json",)


@each_case(
    "text",
    [
        package("next start", None),
        package("directus-extension build", name="build"),
        json.dumps({"scripts": {"start": "x"}, "devDependencies": {"directus": "11.5.1"}}),
        json.dumps({"scripts": {"start": "x"}, "dependencies": {"@directus/sdk": "20"}}),
        json.dumps({"dependencies": {"directus": "11.5.1"}}),
        json.dumps({"scripts": ["directus start"], "dependencies": 1}),
        "{",
    ],
)
def test_what_is_no_server(tmp_path: Path, text: str) -> None:
    assert deployments(scan(tmp_path, {"package.json": text})) == ()


@each_case("lock", LOCKS)
def test_the_lock_file_tells_the_version(tmp_path: Path, lock: str) -> None:
    audited = scan(tmp_path, {"package.json": package(), lock: LOCKS[lock]})
    (environment,) = audited.project.environments
    assert environment.version_evidence is not None
    assert (str(environment.version_evidence.version), environment.version_evidence.location.path) == ("11.5.2", lock)
    assert any(finding.check.startswith("vulnerable-version") for finding in audited.report.findings)


@each_case(
    ("path", "text"),
    [
        ("compose.yaml", "services:\n  cms:\n    build: .\n    environment: {SECRET: x, KEY: y}\n"),
        ("Dockerfile", "FROM node:22\nCOPY . .\nCMD npx directus start\n"),
        ("ecosystem.config.json", '{"apps": [{"name": "cms", "script": "npx directus start"}]}'),
        ("Procfile", "web: npm start\n"),
        ("deploy/cms.service", "[Service]\nExecStart=npx directus start\n"),
        (".env", "SECRET=abc\nDB_CLIENT=pg\n"),
        ("prod.env", "SECRET=abc\nDB_CLIENT=pg\n"),
    ],
)
def test_a_deployment_that_starts_it_is_the_only_one(tmp_path: Path, path: str, text: str) -> None:
    found = deployments(scan(tmp_path, {"package.json": package(), path: text}))
    assert len(found) == 1
    assert found[0].partition("#")[0] == path


def test_an_example_beside_it_is_another(tmp_path: Path) -> None:
    found = deployments(scan(tmp_path, {"package.json": package(), ".env.example": "SECRET=abc\nDB_CLIENT=pg\n"}))
    assert found == (".env.example", "package.json")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("SECRET=abc\nLOG_LEVEL=info\n", True), ("SECRET=abc\nAPI=x\n", False), ("LOG_LEVEL=a\nCORS_ORIGIN=b\n", False)],
)
def test_one_core_variable_is_enough_beside_a_dependency(tmp_path: Path, text: str, *, is_one: bool) -> None:
    depends = json.dumps({"dependencies": {"directus": "11.5.1"}})
    assert deployments(scan(tmp_path / "a", {"package.json": depends, "prod.env": text})) == (
        ("prod.env",) if is_one else ()
    )
    assert deployments(scan(tmp_path / "b", {"package.json": "{}", "prod.env": text})) == ()


def test_an_env_file_with_few_names_is_the_servers_own(tmp_path: Path) -> None:
    audited = scan(tmp_path, {"package.json": package(version=None), ".env": "MARKETPLACE_TRUST=all\n"})
    assert deployments(audited) == ("package.json",)
    assert [finding.location.path for finding in audited.report.findings if finding.check == "marketplace-trust"] == [
        ".env"
    ]


def test_without_a_file_the_rest_is_not_evaluated(tmp_path: Path) -> None:
    report = audit(Options(root=write(tmp_path, {"package.json": package()})))
    assert not [finding for finding in report.findings if finding.check == "secret-missing"]


LOADING = [
    "node --env-file=conf/live node_modules/directus/cli.js start",
    "node --env-file-if-exists ./conf/live node_modules/directus/cli.js start",
    "dotenv -e conf/live -- directus start",
    "npx dotenv -e conf/other -e=conf/live -- directus start",
    "dotenvx run -f conf/live -- npx directus start",
    "env-cmd -f ./conf/live directus start",
    "node -r dotenv/config node_modules/directus/cli.js start dotenv_config_path=conf/live",
    "DOTENV_CONFIG_PATH=conf/live node -r dotenv/config node_modules/directus/cli.js start",
    "npm run migrate && exec dotenv -e conf/live -- npm run cms",
]


@each_case("start", LOADING)
def test_a_file_that_the_command_loads(tmp_path: Path, start: str) -> None:
    scripts = {"start": start, "cms": "directus start", "test": "dotenv -e conf/test -- vitest"}
    held = json.dumps({"name": "cms", "scripts": scripts, "dependencies": {"directus": "12.4.1"}})
    files = {
        "cms/package.json": held,
        "cms/conf/live": "MARKETPLACE_TRUST=all\n",
        "cms/conf/other": "TZ=UTC\n",
        "cms/conf/test": "CORS_ENABLED=true\nCORS_ORIGIN=true\n",
    }
    found = scan(tmp_path, files)
    [finding] = [one for one in found.findings if one.severity.rank > Severity.MEDIUM.rank]
    assert (finding.check, finding.location.path, finding.location.line) == ("marketplace-trust", "cms/conf/live", 1)


@pytest.mark.parametrize("file", [None, b"MARKETPLACE_TRUST=\xff\n"])
def test_a_file_that_the_command_loads_and_that_is_not_here(tmp_path: Path, file: bytes | None) -> None:
    write(tmp_path, {"package.json": package("dotenv -e conf/$STAGE -e conf/live -- directus start", "12.4.1")})
    if file is not None:
        write(tmp_path, {"conf/live": file})
    report = run(Options(root=tmp_path)).report
    reasons = {one.reason for one in report.outcomes if one.check == "marketplace-trust"}
    assert any("environment file that is not in the repository" in reason for reason in reasons)
    assert [one.path for one in report.problems if one.incomplete] == ([] if file is None else ["conf/live"])


def test_what_a_script_sets_that_runs_another(tmp_path: Path) -> None:
    scripts = {"start": "MARKETPLACE_TRUST=all yarn cms", "cms": "directus start"}
    write(tmp_path, {"package.json": json.dumps({"scripts": scripts, "dependencies": {"directus": "12.4.1"}})})
    assert "marketplace-trust" in {one.check for one in audit(Options(root=tmp_path)).findings}


@each_case(
    ("script", "found"),
    [
        ("node --env-file=a.env directus/cli.js start", ["a"]), ("node --env-file a.env --env-file=b.env directus/cli.js", ["a", "b"]), ("node --env-file-if-exists=a.env directus/cli.js", ["a"]), ("dotenv -e a.env -- directus start", ["a"]), ("dotenv -p a.env -- directus start", ["a"]), ("dotenv --path=a.env -- directus start", ["a"]),
        ("npx dotenvx run -f a.env -- directus start", ["a"]), ("dotenvx run --file a.env -- directus start", ["a"]), ("env-cmd -f a.env directus start", ["a"]), ("./node_modules/.bin/env-cmd --file=a.env directus start", ["a"]), ("dotenv-flow -p a.env -- directus start", ["a"]), ("dotenv-flow --path a.env -- directus start", ["a"]),
        ("node -r dotenv/config directus/cli.js dotenv_config_path=a.env", ["a"]), ("DOTENV_CONFIG_PATH=a.env node -r dotenv/config directus/cli.js", ["a"]), ("dotenv -f a.env -- directus start", []), ("env-cmd -e a.env directus start", []), ("x -e a.env directus start", []), ("npx directus start", []), ("node --env-file=a.env --env-file=a.env directus/cli.js", ["a"]),
        ("dotenv -e conf/c.env -- directus start", ["c"]), ("dotenv -e", []),
    ],
)  # fmt: skip
def test_environment_files_that_a_script_loads(tmp_path: Path, script: str, found: list[str]) -> None:
    files = {f"cms/{name}.env": f"{name.rpartition('/')[2].upper()}=1\n" for name in ("a", "b", "conf/c")}
    made = loaded_files.variables(repository(tmp_path, files), "cms", (script,))
    assert ([one.name.lower() for one in made[0]], made[1]) == (found, ())


@each_case("script", ["node --env-file=gone.env x", "node --env-file=$X x", "node --env-file=../../x x"])
def test_environment_files_that_are_not_here(tmp_path: Path, script: str) -> None:
    found, gaps = loaded_files.variables(repository(tmp_path, {}), "cms", (script, script))
    assert found == ()
    assert [gap.reason for gap in gaps] == ["its command loads an environment file that is not in the repository"]


@each_case(
    ("package", "server"),
    [
        ({"scripts": {"start": "npx directus start"}}, True), ({"scripts": {"x": "npx directus start"}}, True), ({"scripts": {"start": "npm run x", "x": "directus start"}}, True), ({"scripts": {"start": "node x.js"}}, False), ({"dependencies": {"directus": "1"}, "scripts": {"start": "node x.js"}}, True),
        ({"optionalDependencies": {"directus": "1"}, "scripts": {"serve": "x"}}, True), ({"devDependencies": {"directus": "1"}, "scripts": {"start": "x"}}, False), ({"dependencies": {"@directus/sdk": "1"}, "scripts": {"start": "x"}}, False), ({"dependencies": {"directus": "1"}}, False), ({"dependencies": ["directus"], "scripts": {"start": "x"}}, False),
        *(({"dependencies": {"directus": "1"}, "scripts": {name: "x"}}, True) for name in ("start", "serve", "production", "prod", "start:prod", "start-x", "serve.y", "prod_z")),
        *(({"dependencies": {"directus": "1"}, "scripts": {name: "x"}}, False) for name in ("restart", "starting", "build", "dev", "prestart", "start" + ":" + "x" * 61)), ({"scripts": ["npx directus start"]}, False), ({"scripts": {"start": 5}, "x": "directus"}, False),
    ],
)  # fmt: skip
def test_a_package_that_is_a_server(tmp_path: Path, package: dict[str, object], *, server: bool) -> None:
    made = node_server.read(repository(tmp_path, {"cms/package.json": json.dumps(package)}), ())
    assert [one.name for one in made] == (["cms/package.json"] if server else [])
