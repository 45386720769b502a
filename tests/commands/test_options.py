"""Every option of every command has an effect; what cannot have one is refused."""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import entrypoint
from directus_guard import cli
from directus_guard.report.writers import DIFF_WRITERS
from tests.support.cli import Run, guard, write
from tests.support.examples import EXPORT, change
from tests.support.git import commit, new_repository

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
      MARKETPLACE_TRUST: all # directus-guard: ignore[marketplace-trust] reviewed
      CORS_ENABLED: 'true'
      CORS_ORIGIN: 'true'
      RATE_LIMITER_ENABLED: 'True'
"""
DEVELOPMENT: Final = COMPOSE.replace("https://cms.example.com", "http://localhost:8055")
SHARED: Final = frozenset({"help", "debug"})
"""Options that every command has on purpose: a bug has a traceback, everything has a help."""
NAMED: Final = frozenset({"base", "head", "action", "file", "check", "fingerprint", "who", "what", "files"})
"""What a command cannot do without."""
ELSEWHERE: Final = frozenset(
    {("ignore", name) for name in ("paths", "quiet", "directus_version", "edition", "exclude")}
    | {("baseline", "quiet"), ("fix", "quiet"), ("projects", "quiet"), ("diff", "include_nonproduction")}
    | {
        ("prove", name)
        for name in (
            "paths", "config", "directus_version", "edition", "exclude", "output", "color", "quiet", "verbose", "incomplete",
            "fail_on", "baseline", "no_ignores", "destroy", "max_time",
        )
    }
)  # fmt: skip
"""Options with tests of their own: `test_ignore.py`, `test_terminal.py`, `test_progress.py`, `test_diff_command.py`,
`tests/prove/test_command.py`."""
LIVE: Final = frozenset({"url", "token_env", "header_env", "timeout", "ca_file", "proxy", "allow_http", "probe"})
"""Options about an instance: `tests/live` has their effects, and without --url they are refused, see below."""

EFFECTS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "scan": {
        "paths": ("web",),
        "config": ("--config=other.yaml",),
        "directus_version": ("--directus-version=11.0.0",),
        "edition": ("--edition=core",),
        "exclude": ("--exclude=compose.yaml",),
        "output": ("--output=json",),
        "color": ("--color=always",),
        "quiet": ("--quiet",),
        "verbose": ("--verbose",),
        "incomplete": ("--incomplete=warn",),
        "fail_on": ("--fail-on=none",),
        "new_access": ("--new-access=low", "--new-since=HEAD"),
        "min_severity": ("--min-severity=critical",),
        "min_confidence": ("--min-confidence=high",),
        "baseline": ("--baseline=accepted",),
        "new_since": ("--new-since=HEAD",),
        "show": ("--show=known", "--new-since=HEAD"),
        "strict": ("--strict", "--incomplete=warn", "--fail-on=none"),
        "include_nonproduction": ("--include-nonproduction",),
        "no_ignores": ("--no-ignores",),
    },
    "init": {"path": ("web",), "uses": ("--uses=a/b@c",), "baseline": ("--baseline",), "quiet": ("--quiet",)},
    "baseline": {
        "paths": ("web",),
        "config": ("--config=other.yaml",),
        "directus_version": ("--directus-version=11.0.0",),
        "edition": ("--edition=core",),
        "exclude": ("--exclude=compose.yaml",),
        "include_nonproduction": ("--include-nonproduction",),
    },
    "ignore": {
        "config": ("--config=named.yaml",),
        "reason": ("--reason=other",),
        "until": ("--until=2099-01-01",),
        "comment": ("--comment",),
    },
    "access": {
        "paths": ("web",),
        "config": ("--config=other.yaml",),
        "directus_version": ("--directus-version=11.0.0",),
        "edition": ("--edition=core",),
        "exclude": ("--exclude=directus",),
        "output": ("--output=json",),
        "incomplete": ("--incomplete=warn",),
        "color": ("--color=always",),
        "quiet": ("--quiet",),
        "principal": ("--principal=public",),
        "collection": ("--collection=posts",),
    },
    "can": {
        "item": ('--item={"user_created": "$CURRENT_USER"}',),
        "payload": ('--payload={"status": "published"}',),
        "path": ("--path=before",),
        "at": ("--at=HEAD",),
        "config": ("--config=other.yaml",),
        "directus_version": ("--directus-version=11.0.0",),
        "edition": ("--edition=core",),
        "exclude": ("--exclude=after",),
        "color": ("--color=always",),
        "quiet": ("--quiet",),
        "output": ("--output=json",),
    },
    "who-can": {
        "item": ('--item={"user_created": "$CURRENT_USER"}',),
        "payload": ('--payload={"status": "published"}',),
        "path": ("--path=before",),
        "at": ("--at=HEAD",),
        "config": ("--config=other.yaml",),
        "directus_version": ("--directus-version=11.0.0",),
        "edition": ("--edition=core",),
        "exclude": ("--exclude=after",),
        "color": ("--color=always",),
        "quiet": ("--quiet",),
        "output": ("--output=json",),
    },
    "diff": {
        "config": ("--config=other.yaml",),
        "directus_version": ("--directus-version=10.13.4",),
        "edition": ("--edition=core",),
        "exclude": ("--exclude=directus",),
        "output": ("--output=json",),
        "color": ("--color=always",),
        "quiet": ("--quiet",),
        "incomplete": ("--incomplete=warn", "--fail-on=none"),
        "fail_on": ("--fail-on=none",),
        "new_access": ("--new-access=none",),
        "min_severity": ("--min-severity=critical",),
    },
    "auditor-policy": {"directus_version": ("--directus-version=10.13.4",), "edition": ("--edition=licensed",)},
    "explain": {},
    "checks": {"json": ("--json",)},
    "merge": {"output": ("--output=json",), "color": ("--color=always",), "quiet": ("--quiet",)},
    "projects": {"paths": ("web",), "config": ("--config=other.yaml",), "exclude": ("--exclude=compose.yaml",)},
    "advisories": {"json": ("--json",)},
    "fix": {
        "paths": ("web",),
        "config": ("--config=other.yaml",),
        "directus_version": ("--directus-version=10.13.4", "--unsafe-fixes"),
        "edition": ("--edition=core", "--unsafe-fixes"),
        "exclude": ("--exclude=compose.yaml",),
        "min_severity": ("--min-severity=critical", "--unsafe-fixes"),
        "no_ignores": ("--no-ignores",),
        "incomplete": ("--incomplete=warn", "--check=secret-weak"),
        "unsafe_fixes": ("--unsafe-fixes",),
        "baseline": ("--baseline=accepted",),
        "new_since": ("--new-since=HEAD",),
        "include_nonproduction": ("--include-nonproduction",),
        "apply": ("--apply",),
        "color": ("--color=always",),
    },
}
for _command in ("scan", "init", "fix", "baseline", "ignore", "access", "can", "who-can", "diff", "projects"):
    EFFECTS[_command]["max_time"] = ("--max-time=0.00001",)
CORS: Final = "cors-any-origin|compose.yaml#directus CORS_ORIGIN"
POSITIONAL: Final = {
    "baseline": ("write", "written"),
    "can": ("Editor", "update", "posts"),
    "who-can": ("update", "posts"),
    "diff": ("before", "after"), "merge": ("result.json",), "explain": ("marketplace-trust",)
}  # fmt: skip
WITHOUT: Final = {
    ("scan", "strict"): ("--incomplete=warn", "--fail-on=none"),
    ("scan", "incomplete"): ("--fail-on=none",),
    ("scan", "new_access"): ("--new-since=HEAD",),
    ("scan", "show"): ("--new-since=HEAD",),
    ("diff", "incomplete"): ("--fail-on=none",),
    ("fix", "directus_version"): ("--unsafe-fixes",),
    ("fix", "edition"): ("--unsafe-fixes",),
    ("fix", "min_severity"): ("--unsafe-fixes",),
    ("fix", "incomplete"): ("--check=secret-weak",),
}
"""What else is said in the run that is compared, so that the option alone makes the difference."""


def parsers() -> dict[str, argparse.ArgumentParser]:
    (commands,) = (action for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(commands.choices)


def options() -> Iterator[tuple[str, str]]:
    for command, parser in parsers().items():
        for action in parser._actions:
            if action.dest not in SHARED | LIVE | NAMED and (command, action.dest) not in ELSEWHERE:
                yield command, action.dest


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which every option can make a difference."""
    root = new_repository(tmp_path_factory.mktemp("options"))
    shutil.copytree(EXPORT, root, dirs_exist_ok=True)
    write(root, {"compose.yaml": COMPOSE, "web/compose.yaml": DEVELOPMENT})
    for side in ("before", "after"):
        shutil.copytree(EXPORT / "directus", root / side / "directus")
    commit(root)
    change(root / "after", 5, fields=["*"])
    write(root, {
        "result.json": guard("scan", root / "web", "--output=json").out,
        "other.yaml": "checks: {cors-any-origin: {severity: off, reason: x}, rate-limiter: {severity: off, reason: x}}\nexclude: [web, directus, default, before, after]\n",
        "named.yaml": "ignore: []\n",
        "accepted": "cors-any-origin|compose.yaml#directus CORS_ORIGIN\nrate-limiter|compose.yaml#directus RATE_LIMITER_ENABLED\n",
        "stage/compose.yaml": "services:\n  directus: [\n",
        "after/directus/default/data/directus-flows_3353475ea0a3148b.json": '[{"trigger": ',
    })  # fmt: skip
    return root


def in_copy(command: str, *arguments: str) -> Run:
    """What a command says, and writes into files, in a copy."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(Path(), folder, dirs_exist_ok=True)
        with contextlib.chdir(folder):
            done = guard(command, *arguments)
            new = [path.read_text(encoding="utf-8") for path in sorted(Path().rglob("*.y*ml"))]
    return Run(done.code, "\n".join((done.out, *new)), done.err)


def run(command: str, *arguments: str) -> Run:
    if command == "init":
        return in_copy(command, *arguments)
    if command == "ignore":
        return in_copy(command, CORS, "--reason=x", *arguments)
    done = guard(command, *POSITIONAL.get(command, ()), *arguments)
    if command == "baseline":
        return Run(done.code, Path("written").read_text(encoding="utf-8"), done.err)
    return done


@cache
def without(command: str, base: tuple[str, ...]) -> Run:
    """The run with which others are compared: the same for most options of a command."""
    return run(command, *base)


def test_every_option_is_listed_here() -> None:
    listed = {(command, option) for command, effects in EFFECTS.items() for option in effects}
    assert set(options()) == listed


@pytest.mark.parametrize(("command", "option"), [(c, o) for c, effects in EFFECTS.items() for o in effects])
def test_every_option_has_an_effect(project: Path, command: str, option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    given = EFFECTS[command][option]
    base = WITHOUT.get((command, option), ())
    plain, with_it = without(command, base), run(command, *base, *given)
    assert (plain.code, plain.out) != (with_it.code, with_it.out)
    assert with_it.code not in (2, 70), with_it.err


@pytest.mark.parametrize(
    "option",
    [
        "--token-env=X",
        "--header-env=A=B",
        "--timeout=5",
        "--ca-file=x",
        "--proxy=http://p",
        "--allow-http",
        "--probe=all",
    ],
)
@pytest.mark.parametrize("command", ["scan", "access", "can", "who-can", "diff", "baseline", "ignore"])
def test_an_option_about_an_instance_needs_one(tmp_path: Path, command: str, option: str) -> None:
    if option.startswith("--probe") and command not in ("scan", "baseline", "ignore"):
        pytest.skip("it asks for nothing without a token")
    others: dict[str, tuple[str | Path, ...]] = {
        "baseline": ("write", tmp_path / "x"),
        "ignore": (CORS, "--reason=x"),
        "can": (*POSITIONAL["can"], "--path", tmp_path),
        "who-can": (*POSITIONAL["who-can"], "--path", tmp_path),
        "diff": ("live", tmp_path),
    }
    done = guard(command, *others.get(command, (tmp_path,)), option)
    assert done.code == 2
    assert " needs --url" in done.err


def test_diff_takes_an_address_for_live_only(tmp_path: Path) -> None:
    done = guard("diff", tmp_path, tmp_path, "--url=https://cms.example.com")
    assert done.code == 2
    assert "`live`" in done.err


@pytest.mark.parametrize("command", ["scan", "access", "diff"])
def test_one_report_on_stdout(command: str) -> None:
    arguments = (EXPORT, EXPORT) if command == "diff" else (EXPORT,)
    done = guard(command, *arguments, "--output=text", "--output=json")
    assert done.code == 2
    assert "only one --output can go to stdout" in done.err
    assert done.out == ""


def test_access_has_no_sarif(tmp_path: Path) -> None:
    assert guard("access", EXPORT, f"--output=sarif={tmp_path / 'x'}").code == 2
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--principal=Editer", "there is no principal `Editer`. Did you mean `Editor`?"),
        ("--principal=publik", "Did you mean `public`?"),
        ("--collection=post", "there is no collection `post`. Did you mean `posts`?"),
        ("--collection=directus_user", "Did you mean `directus_users`?"),
        ("--collection=zzzzzzzz", "there is no collection `zzzzzzzz`."),
    ],
)
def test_a_name_that_nothing_has(option: str, says: str) -> None:
    done = guard("access", EXPORT, option)
    assert done.code == 2
    assert says in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    "option", ["--principal=Editor", "--principal=role", "--collection=posts", "--collection=directus_users"]
)
def test_a_name_that_something_has(option: str) -> None:
    assert guard("access", EXPORT, option).code == 0


def test_access_and_diff_say_what_they_could_not_read(project: Path, tmp_path: Path) -> None:
    done = guard("diff", project / "before", project / "after", "--fail-on=none")
    assert done.code == 4
    assert done.out.splitlines()[-1] == "directus-guard: incomplete: a part of the export on HEAD could not be read"
    assert guard("access", project / "after").code == 4
    assert guard("access", project / "after", "--incomplete=warn").code == 0
    write(tmp_path, {"directus-guard.yaml": "incomplete: warn\n"})
    assert guard("access", project / "after", "--config", tmp_path / "directus-guard.yaml").code == 0


def test_diff_of_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a/x": "", "b/x": ""})
    for format_ in DIFF_WRITERS:
        done = guard("diff", tmp_path / "a", tmp_path / "b", "--output", format_)
        assert done.code == 3
        assert done.out == ""
        assert "no exported permissions were found, neither in BASE nor in HEAD" in done.err


@pytest.mark.parametrize(
    ("config", "line", "says"),
    [
        ("checks:\n  token-lifetime: {severity: off, reason: x}\n  cors-any-orign: {severity: off, reason: x}\n", 3, "Did you mean `cors-any-origin`?"),
        ("ignore:\n  - check: secret-week\n    object: x\n    reason: x\n", 2, "Did you mean `secret-weak`?"),
        ("ignore:\n  - check: secret-weak\n    object: x\n    reason: x\n    until: soon\n", 5, "until"),
    ],
)  # fmt: skip
def test_a_mistyped_check_in_the_config(tmp_path: Path, config: str, line: int, says: str) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE, "directus-guard.yaml": config})
    done = guard("scan", tmp_path)
    assert done.code == 2
    assert f"directus-guard.yaml:{line}: " in done.err
    assert says in done.err


def test_a_malformed_ignore_is_in_the_report(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE.replace("ignore[marketplace-trust]", "ignore marketplace-trust")})
    notices = json.loads(guard("scan", tmp_path, "--output=json").out)["notices"]
    assert any("compose.yaml:7: an ignore comment cannot be parsed" in notice for notice in notices)
    write(tmp_path, {"compose.yaml": COMPOSE.replace("ignore[marketplace-trust]", "ignore[marketplace-thrust]")})
    assert "did you mean `marketplace-trust`?" in guard("scan", tmp_path).out


def test_nothing_is_mounted_into_the_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work, other = tmp_path / "work", tmp_path / "other"
    work.mkdir()
    other.mkdir()
    monkeypatch.chdir(work)
    for arguments in (["scan"], ["scan", "."], ["scan", str(work)], ["access", "--output", "json"]):
        assert entrypoint.nothing_is_mounted(arguments, work)
    assert not entrypoint.nothing_is_mounted(["scan", str(other)], work)
    (work / "x").touch()
    assert not entrypoint.nothing_is_mounted(["scan"], work)
    monkeypatch.chdir(other)
    assert not entrypoint.nothing_is_mounted(["scan"], work)
