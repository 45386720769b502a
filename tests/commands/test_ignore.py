"""`ignore`: one finding accepted, in the config or in a comment. What else is in the file stays as it is."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard import config as config_
from directus_guard.cli import config_edit
from tests.live.servers import replay
from tests.support.cli import Run, guard, write
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
      MARKETPLACE_TRUST: all
      CORS_ENABLED: 'true'
      CORS_ORIGIN: 'true'
"""
TRUST: Final = "marketplace-trust|compose.yaml#directus MARKETPLACE_TRUST"


def ignore(root: Path, *arguments: str) -> Run:
    return guard("ignore", TRUST, root, "--reason=reviewed by us", "--debug", *arguments)


def states(root: Path) -> dict[str, str]:
    return {one["check"]: one["state"] for one in json.loads(guard("scan", root, "--output=json").out)["findings"]}


CONFIGS: Final = {
    "none": None,
    "empty": "",
    "comments only": "# fail-on: high\n",
    "other keys": "# who\nfail-on: low # all\n\nexclude: [a]\n",
    "no end": "fail-on: low",
    "nothing in it": "ignore:\nfail-on: low\n",
    "an empty list": "ignore: [] # none\nfail-on: low\n",
    "null": "ignore: ~\nfail-on: low\n",
    "block": "ignore:\n  # first\n  - check: secret-weak # why\n    object: x\n    reason: y\n\n# then\nfail-on: low\n",
    "block without indent": "ignore:\n- check: secret-weak\n  object: x\n  reason: y\nfail-on: low\n",
    "deeper": "ignore:\n      - {check: secret-weak, object: x, reason: y} # z\nfail-on: low\n",
    "flow": "ignore: [{check: secret-weak, object: x, reason: y}] # z\nfail-on: low\n",
    "flow on lines": "ignore: [\n  {check: secret-weak, object: x, reason: y}\n]\nfail-on: low\n",
    "a long text": "ignore:\n  - check: secret-weak\n    object: x\n    reason: >-\n      one\n      two\n\nfail-on: low\n",
    "windows": "fail-on: low\r\nignore:\r\n  - check: secret-weak\r\n    object: x\r\n    reason: y\r\n",
    "at the end": "fail-on: low\nignore:\n  - check: secret-weak\n    object: x\n    reason: y",
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGS)
def test_the_config_gets_one_entry_more(tmp_path: Path, name: str) -> None:
    text = CONFIGS[name]
    root = write(tmp_path, {"compose.yaml": COMPOSE} | ({} if text is None else {"directus-guard.yaml": text}))
    before = config_.load("x", text or "")
    done = ignore(root, "--until=2099-01-31")
    assert done.code == 0, done.err
    after = (root / "directus-guard.yaml").read_bytes().decode()
    made = config_.load("x", after)
    entry = {"check": "marketplace-trust", "object": TRUST.partition("|")[2], "reason": "reviewed by us"}
    assert made.ignore == (*before.ignore, config_.IgnoreConfig.model_validate(entry | {"until": "2099-01-31"}))
    assert made.model_copy(update={"ignore": before.ignore}) == before
    # Comments and order stay, and no line end changes.
    assert [line for line in re.findall(r"#[^\r\n]*", text or "") if line not in after] == []
    assert ("\r\n" in after) == ("\r\n" in (text or ""))
    assert not re.search(r"(?<!\r)\n", after) or "\r\n" not in after
    assert states(root)["marketplace-trust"] == "suppressed"
    again = ignore(root)
    assert again.code == 0
    assert "it is ignored already (reviewed by us)" in again.err
    renewed = ignore(root, "--until=2099-12-31")
    assert renewed.code == 2
    assert "To change reason or date, edit that ignore." in renewed.err
    assert (root / "directus-guard.yaml").read_bytes().decode() == after


@pytest.mark.parametrize("text", ["{fail-on: low}\n", "ignore: &a\n  - {check: secret-weak, object: x, reason: y}\n"])
def test_what_cannot_be_edited_is_shown(tmp_path: Path, text: str) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE, "directus-guard.yaml": text})
    done = ignore(root)
    if done.code == 0:
        assert states(root)["marketplace-trust"] == "suppressed"
        return
    assert done.code == 2
    assert "Write this below `ignore:`" in done.err
    assert (root / "directus-guard.yaml").read_text() == text


def test_a_config_in_github_and_one_that_is_named(tmp_path: Path) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE, ".github/directus-guard.yml": "fail-on: low\n"})
    assert ignore(root).code == 0
    assert "marketplace-trust" in (root / ".github/directus-guard.yml").read_text()
    write(root, {"other.yaml": ""})
    assert ignore(root, f"--config={root / 'other.yaml'}").code == 0
    assert "marketplace-trust" in (root / "other.yaml").read_text()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_comment_above_the_line(tmp_path: Path, end: str, mark: str) -> None:
    before = mark + COMPOSE.replace("\n", end)
    root = write(tmp_path, {"compose.yaml": before})
    done = ignore(root, "--comment", "--until=2099-01-31")
    assert done.code == 0, done.err
    after = (root / "compose.yaml").read_bytes().decode()
    added = f"      # directus-guard: ignore[marketplace-trust] reviewed by us (until 2099-01-31){end}"
    assert added in after
    assert after.replace(added, "") == before
    assert states(root)["marketplace-trust"] == "suppressed"
    assert not (root / "directus-guard.yaml").exists()


def test_a_comment_where_there_is_no_place(tmp_path: Path) -> None:
    text = "services:\n  directus: {image: directus/directus:12.4.1, environment: [\n  PUBLIC_URL=https://cms.example.com, 'SECRET=${SECRET:?}', \"A=1\n   2\", MARKETPLACE_TRUST=all]}\n"
    root = write(tmp_path, {"compose.yaml": text})
    done = ignore(root, "--comment")
    assert done.code == 2
    assert "Leave out --comment" in done.err
    assert (root / "compose.yaml").read_text() == text


def test_the_hash_and_its_beginning(tmp_path: Path) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE})
    digits = hashlib.sha256(TRUST.encode()).hexdigest()
    for length in (6, 12, 32):
        assert guard("ignore", digits[:length], root, "--reason=x").code == 0
    assert guard("ignore", digits[:5], root, "--reason=x").code == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["marketplace-trust|compose.yaml#directus MARKETPLACE_TRUS", "--reason=x"], "Did you mean"),
        ([TRUST, "--reason= "], "--reason"),
        ([TRUST, "--reason=a\x1b[2Jb"], "--reason"),
        ([TRUST], "--reason"),
        ([TRUST, "--reason=x", "--until=soon"], "write it as 2027-01-31"),
        ([TRUST, "--reason=x", "--until=2020-01-01"], "is past"),
    ],
)
def test_what_is_refused(tmp_path: Path, arguments: list[str], says: str) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE})
    done = guard("ignore", arguments[0], str(root), *arguments[1:])
    assert done.code == 2
    assert says in done.err
    assert sorted(path.name for path in root.iterdir()) == ["compose.yaml"]


def test_the_text_shows_what_to_paste(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strange = "services:\n  'a$(id)':\n" + COMPOSE.split("directus:\n", 1)[1]
    root = write(
        tmp_path,
        {"compose.yaml": COMPOSE, "b'c/compose.yaml": COMPOSE, "d\nf/compose.yaml": COMPOSE, "e/compose.yaml": strange},
    )
    monkeypatch.chdir(root)
    shown = [line.partition("Accept: ")[2] for line in guard("scan").out.splitlines() if "Accept: " in line]
    assert len(shown) >= 8
    for line in shown:
        program, *arguments = shlex.split(line)
        assert program == "directus-guard"
        assert guard(*arguments).code == 0
    assert set(states(root).values()) == {"suppressed"}


def test_it_ends_soon(tmp_path: Path) -> None:
    from datetime import UTC, datetime, timedelta

    today = datetime.now(UTC).date()
    for days, said in ((0, "ends today"), (1, "ends tomorrow"), (14, "ends in 14 days"), (15, "")):
        root = write(tmp_path / str(days), {"compose.yaml": COMPOSE})
        assert ignore(root, f"--until={today + timedelta(days=days)}").code == 0
        notices = [one for one in json.loads(guard("scan", root, "--output=json").out)["notices"] if "ends" in one]
        assert len(notices) == bool(said)
        assert all(said in one for one in notices)


def test_what_would_match(tmp_path: Path) -> None:
    config = "ignore:\n  - {check: marketplace-trust, object: compose.yaml#directos MARKETPLACE_TRUST, reason: x}\n  - {check: flow-secret, object: x, reason: x}\n"
    text = "# directus-guard: ignore[marketplace-trust] far away\n\n" + COMPOSE.replace(
        "    environment", "    # directus-guard: ignore[cors-wildcard] x\n    environment"
    ).replace("'true'\n", "'true' # directus-guard: ignore[cors-wildcard] x\n")
    root = write(tmp_path, {"compose.yaml": text, "directus-guard.yaml": config})
    notices = json.loads(guard("scan", root, "--output=json").out)["notices"]
    assert (
        "the config file: the ignore of `marketplace-trust` matches no finding; remove it, or correct it: `object: compose.yaml#directus MARKETPLACE_TRUST` would match."
        in notices
    )
    assert (
        "the config file: the ignore of `flow-secret` matches no finding; remove it, unless a later change needs it."
        in notices
    )
    assert (
        "compose.yaml:1: the ignore of `marketplace-trust` matches no finding; remove it, or correct it: line 10 would match."
        in notices
    )
    assert any(
        one.startswith("compose.yaml:12: ") and "`ignore[cors-any-origin]` would match" in one for one in notices
    )
    # A run of one folder does not see what an ignore is about.
    write(root, {"sub/compose.yaml": COMPOSE, ".git/HEAD": "ref: x"})
    assert not [
        one for one in json.loads(guard("scan", root / "sub", "--output=json").out)["notices"] if "config file" in one
    ]


def test_a_baseline_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    root = write(tmp_path, {"compose.yaml": COMPOSE})
    for arguments in (("scan", root, "--baseline"), ("baseline", "write"), ("baseline", "prune")):
        done = guard(*arguments, root / "compose.yaml")
        assert done.code == 2
        assert "compose.yaml:1: no line of a baseline; expected `check|object`" in done.err
    assert (root / "compose.yaml").read_text() == COMPOSE


def test_lines_of_a_baseline_that_match_nothing(tmp_path: Path) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE})
    file = root / "directus-guard.baseline"
    guard("baseline", "write", file, root)
    assert "of the baseline match" not in guard("scan", root).out
    write(root, {"compose.yaml": COMPOSE.replace("MARKETPLACE_TRUST: all", "MARKETPLACE_TRUST: sandbox")})
    assert f"1 line of the baseline matches no finding: `{TRUST}`" in guard("scan", root).out
    done = guard("baseline", "prune", file, root)
    assert f"  {TRUST}\n" in done.err
    assert "of the baseline match" not in guard("scan", root).out


def test_an_entry_is_valid_whatever_its_texts() -> None:
    for text in ("a: b", "x #y", "- a", "'", '"', "a\nb", "yes", "é", "12", "{a}", "a`b", "*x", "%a", "@a", "a  b"):
        entry = {"check": "secret-weak", "object": text, "reason": text}
        for before in ("", "ignore: [{check: secret-weak, object: x, reason: y}]\n"):
            made = config_.load("x", config_edit.with_ignore("x", before, entry))
            assert (made.ignore[-1].object, made.ignore[-1].reason) == (text, text)


def test_a_finding_of_an_instance_is_one_paste(tmp_path: Path) -> None:
    example = ROOT / "tests" / "checks" / "anonymous-read" / "fail-1"
    shutil.copytree(example, tmp_path / "r", ignore=shutil.ignore_patterns("live", "expect.txt"))
    with replay(example / "live" / "answers.json") as server:
        shown = guard("scan", tmp_path / "r", "--url", server.url).out
        commands = re.findall(r"Accept: directus-guard (ignore 'anonymous-read.*)", shown)
        assert commands
        for command in commands:
            done = guard(*shlex.split(command.replace("\u2026", "reviewed")), tmp_path / "r")
            assert done.code == 0, done.err
        after = json.loads(guard("scan", tmp_path / "r", "--url", server.url, "--output=json").out)
        (tmp_path / "r" / "directus-guard.yaml").unlink()
        assert guard("baseline", "write", tmp_path / "accepted", tmp_path / "r", "--url", server.url).code == 0
    assert {one["state"] for one in after["findings"] if one["check"] == "anonymous-read"} == {"suppressed"}
    assert "anonymous-read|" in (tmp_path / "accepted").read_text(encoding="utf-8")


def test_a_finding_that_only_a_version_shows(tmp_path: Path) -> None:
    """What `scan` was asked with, `ignore` takes too."""
    write(tmp_path, {"compose.yaml": COMPOSE.replace(":12.4.1", ":${TAG:?}")})
    named = "vulnerable-version-high|compose.yaml#directus"
    listed = json.loads(guard("scan", tmp_path, "--directus-version=11.0.0", "--output=json").out)["findings"]
    found = [one["fingerprint"] for one in listed if one["check"] == "vulnerable-version-high"]
    assert [name for name in found if name.startswith(named)]
    assert guard("ignore", found[0], tmp_path, "--reason=x").code == 2
    assert guard("ignore", found[0], tmp_path, "--reason=x", "--directus-version=11.0.0").code == 0


def test_a_check_alone_names_no_finding(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE})
    done = guard("ignore", "marketplace-trust", tmp_path, "--reason=x")
    assert done.code == 2
    assert f"`marketplace-trust` is a check; name one of its findings:\n  {shlex.quote(TRUST)}" in done.err


def test_there_is_one_comment(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE})
    assert ignore(tmp_path, "--comment").code == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    again = ignore(tmp_path, "--comment")
    assert again.code == 0
    assert "it is ignored already (reviewed by us)" in again.err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
