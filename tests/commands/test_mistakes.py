"""Typical mistakes: each message says what to do instead, and none shows a secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.support.cli import action_in, guard, write
from tests.support.each import failing

COMPOSE: Final = "services:\n  directus:\n    image: directus/directus:12.4.1\n"
SECRET: Final = "kT7vWq2zLp9xR4nB8mYc"
IGNORE: Final = "{check: secret-weak, object: compose.yaml#directus SECRET, reason: reviewed}"

ON_THE_COMMAND_LINE: Final = {
    "": "no command. `directus-guard scan` reads the current folder.",
    "scna": "unknown command `scna`. Did you mean `scan`?",
    "Scan": "unknown command `Scan`. Did you mean `scan`?",
    "compose.yaml": "`compose.yaml` is not a command. Did you mean `directus-guard scan compose.yaml`?",
    "--quiet scan": "the command comes first, then its options: directus-guard scan --quiet",
    "scan --fail_on high": "unknown option `--fail_on`. Did you mean `--fail-on`?\nRun `directus-guard scan --help` for the options.",
    "scan --fail-on HIGH": "--fail-on: unknown value; known are critical, high, medium, low, none. Did you mean `high`?",
    "scan --output JSON": "unknown output format `JSON`; known are text, json, sarif, markdown, junit, gitlab-codequality, gitlab-sast, github, html. Did you mean `json`?",
    "scan --timeout soon": "--timeout: expected a number of seconds, like 30",
    "explain SECRET_WEAK": "unknown check `SECRET_WEAK`. Did you mean `secret-weak`?",
    "explain secret-weak cors": "one argument too many\nRun `directus-guard explain --help` for the options.",
    f"scan --token={SECRET}": "--token: a token cannot be an argument",
    f"scan --url https://cms.example.com --token {SECRET}": "--token: a token cannot be an argument",
    f"--token {SECRET} scan": "variable DIRECTUS_TOKEN, or name another variable with --token-env NAME.",
    f"scan DIRECTUS_TOKEN={SECRET}": "A variable comes first: DIRECTUS_TOKEN=… directus-guard scan",
    f"DIRECTUS_TOKEN={SECRET} scan": "A variable comes first: DIRECTUS_TOKEN=… directus-guard scan",
    f"scan --url https://cms.example.com --token-env {SECRET}": "--token-env takes the name of an environment variable, like DIRECTUS_TOKEN, not its value",
    f"scan --url https://cms.example.com --header-env X-Gate={SECRET}": "--header-env takes the name of an environment variable",
    f"scan --tokn={SECRET}": "unknown option `--tokn`.",
    f"scan -t{SECRET}": "unknown option `-t`.",
    "scan --check x": "unknown option `--check`. It is an option of fix.",
    "scan --fix": "unknown option `--fix`. Use the command: directus-guard fix",
    "scan --json": "unknown option `--json`. Use --output json.",
    "fix --dry-run": "unknown option `--dry-run`. Without --apply, fix prints a patch and writes nothing.",
    "scan --severity=low": "unknown option `--severity`. Use --fail-on, or --min-severity.",
    "scan --yes": "unknown option `--yes`.\nRun",
    "scan --hlp": "unknown option `--hlp`. Did you mean `--help`?",
}  # fmt: skip
IN_THE_CONFIG: Final = {
    "fail-on: hihg\n": "1: `fail-on` must be one of `critical`, `high`, `medium`, `low`, `none`. Did you mean `high`?",
    "\nfail_on: high\n": "2: unknown key `fail_on`. Did you mean `fail-on`?",
    "exclude: dist\n": '1: `exclude` must be a list; for example `exclude: ["legacy/**"]`.',
    "exclude: [{a: b}]\n": '1: `exclude.0` must be a text; for example `exclude: ["legacy/**"]`.',
    "context: production\n": '1: `context` must hold `key: value` lines; for example `context: {"staging/**": development}`.',
    "checks:\n  secret-weak: off\n": "2: `checks.secret-weak` must hold `key: value` lines; for example `secret-weak: {severity: low, reason: reviewed}`.",
    "checks:\n  secret-weak: {severity: off}\n": "2: `checks.secret-weak.reason` is missing; for example `reason: reviewed in May`.",
    "checks:\n  secret-weak: {severity: off, reason: ''}\n": "2: `checks.secret-weak.reason` must not be empty; for example",
    "checks:\n  Secret_Weak: {severity: off, reason: x}\n": "2: unknown check `Secret_Weak`. Did you mean `secret-weak`?",
    "ignore:\n  - secret-weak\n": f"2: `ignore.0` must hold `key: value` lines; for example `{IGNORE}`.",
    "ignore:\n  - {check: secret-weak, object: x, reason: x, until: soon}\n": "2: `ignore.0.until` must be a date; for example `until: 2027-01-31`.",
    "thresholds: {files-max-upload-size: big}\n": "1: `thresholds.files-max-upload-size`: expected a size such as `500mb`.",
}  # fmt: skip


def test_typical_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE})
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIRECTUS_TOKEN", raising=False)
    assert failing(sorted(ON_THE_COMMAND_LINE), is_refused) == []
    assert failing(sorted(IN_THE_CONFIG), is_explained) == []


def is_refused(command: str) -> None:
    run = guard(*command.split())
    assert (run.code, run.out) == (2, "")
    assert ON_THE_COMMAND_LINE[command] in run.err
    assert SECRET not in run.err


def is_explained(config: str) -> None:
    Path("directus-guard.yaml").write_text(config, encoding="utf-8")
    run = guard("scan")
    assert (run.code, run.out) == (2, "")
    assert f"directus-guard.yaml:{IN_THE_CONFIG[config]}" in run.err


def test_the_action_names_its_input(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE})
    for name, value, says in (
        ("config", "other.yaml", "input `config`: other.yaml: no such file"),
        ("baseline", "accepted", "input `baseline`: accepted: no such file"),
        ("directus-version", "latest", "input `directus-version`: `latest` is no Directus version"),
    ):
        code, out, _ = action_in(
            tmp_path, {"GITHUB_WORKSPACE": str(tmp_path), f"INPUT_{name.upper()}": value, "PATH": "/usr/bin:/bin"}
        )
        assert code == 2
        assert says in out


def test_paths_may_be_between_options(tmp_path: Path) -> None:
    write(tmp_path, {"a/compose.yaml": COMPOSE, "b/compose.yaml": COMPOSE})
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    expected = guard("scan", a, b, "--output=json")
    assert json.loads(expected.out)["scanned"]["deployments"]
    for arguments in (("-q", a, "--output=json", b), (a, "--output=json", b), ("--output=json", a, b)):
        assert json.loads(guard("scan", *arguments).out)["scanned"] == json.loads(expected.out)["scanned"]
    assert guard("baseline", "write", "--exclude=x", tmp_path / "accepted", a, "-q", b).code == 0
    assert guard("scan", a, "--frobnicate", b).err.startswith("directus-guard: unknown option `--frobnicate`")


@pytest.mark.parametrize(
    "option", ["--url", "--new-since", "--baseline", "--config", "--fail-on", "--token-env", "--edition"]
)
def test_a_variable_that_is_not_set_switches_nothing_off(tmp_path: Path, option: str) -> None:
    """`scan --url "$URL"` without URL must not be a scan of the files alone."""
    write(tmp_path, {"compose.yaml": COMPOSE})
    for arguments in ((f"{option}=",), (option, "")):
        done = guard("scan", tmp_path, *arguments)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"directus-guard: {option}: it is empty: leave the option out, or give it a value")


@pytest.mark.parametrize(
    "command", [("scan", ""), ("fix", "a", ""), ("diff", "", "a"), ("can", "x", "read", "y", "--path", "")]
)
def test_an_empty_path_is_not_the_current_folder(command: tuple[str, ...]) -> None:
    done = guard(*command)
    assert done.code == 2
    assert "it is empty" in done.err
