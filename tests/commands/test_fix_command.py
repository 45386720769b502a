"""`fix`: what it prints, what it writes, and what it leaves alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.cli import guard, write
from tests.support.git import commit, new_repository

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "b7f31c0a9be2540b7fd91c6e3aa258d4"
COMPOSE = f"""services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.acme.io
      SECRET: {SECRET} # of production
      MARKETPLACE_TRUST: all # why
      COOKIE: 'x'
      RATE_LIMITER_ENABLED: "True"
"""
MENDED = COMPOSE.replace("TRUST: all", "TRUST: sandbox").replace('"True"', '"true"')


def test_a_patch(tmp_path: Path) -> None:
    root = write(tmp_path, {"cms/compose.yaml": COMPOSE})
    run = guard("fix", root)
    assert run.code == 1
    assert "-      MARKETPLACE_TRUST: all # why\n" in run.out
    assert "+      MARKETPLACE_TRUST: sandbox # why\n" in run.out
    assert "       SECRET: ********\n" in run.out
    assert SECRET not in run.out + run.err
    assert "use --apply" in run.err
    assert (root / "cms/compose.yaml").read_text() == COMPOSE


def test_a_file_that_cannot_be_read_is_no_nothing_to_fix(tmp_path: Path) -> None:
    files = {
        "cms/compose.yaml": MENDED,
        "stage/compose.yaml": "services:\n  directus: [\n    image: directus/directus\n",
    }
    for apply in ((), ("--apply",)):
        run = guard("fix", write(tmp_path, files), *apply)
        assert run.code == 4
        assert "Not read, so its findings are not known: stage/compose.yaml" in run.err


def test_it_is_applied_once(tmp_path: Path) -> None:
    root = write(tmp_path, {"cms/compose.yaml": COMPOSE})
    (root / "cms/compose.yaml").chmod(0o640)
    run = guard("fix", root, "--apply")
    assert run.code == 0
    assert run.out == ""
    assert "2 findings resolved in cms/compose.yaml" in run.err
    assert (root / "cms/compose.yaml").read_text() == MENDED
    assert (root / "cms/compose.yaml").stat().st_mode & 0o777 == 0o640
    assert [file.name for file in (root / "cms").iterdir()] == ["compose.yaml"]
    assert guard("fix", root, "--apply").code == guard("fix", root).code == 0
    assert (root / "cms/compose.yaml").read_text() == MENDED


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_takes_a_patch_without_masks(tmp_path: Path) -> None:
    lines = [line for line in COMPOSE.splitlines() if "SECRET" not in line and "COOKIE" not in line]
    text = "\r\n".join(lines)
    root = tmp_path / "r"
    root.mkdir()
    (root / "compose.yaml").write_bytes(text.encode())
    run = guard("fix", root)
    assert "masked" not in run.err
    subprocess.run(["git", "apply", "-"], cwd=root, input=run.out.encode(), check=True)
    after = (root / "compose.yaml").read_bytes().decode()
    assert after == text.replace("TRUST: all", "TRUST: sandbox").replace('"True"', '"true"')


def test_one_check(tmp_path: Path) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE})
    assert guard("fix", root, "--check", "marketplace-trust", "--apply").code == 0
    assert '"True"' in (root / "compose.yaml").read_text()
    wrong = guard("fix", root, "--check", "marketplace-trus")
    assert wrong.code == 2
    assert "Did you mean `marketplace-trust`?" in wrong.err


def test_unsafe_changes_are_asked_for(tmp_path: Path) -> None:
    text = COMPOSE.replace('"True"', '"false"')
    root = write(tmp_path, {"compose.yaml": text})
    run = guard("fix", root, "--check", "rate-limiter")
    assert (run.code, run.out) == (0, "")
    assert "1 finding more with `--unsafe-fixes`" in run.err
    assert guard("fix", root, "--check", "rate-limiter", "--unsafe-fixes", "--apply").code == 0
    assert 'RATE_LIMITER_ENABLED: "true"' in (root / "compose.yaml").read_text()


@pytest.mark.parametrize("shared", [False, True])
def test_what_another_service_takes_too_is_left_to_a_person(tmp_path: Path, *, shared: bool) -> None:
    other = "  shop:\n    image: example.com/shop:1.0.0\n    env_file: all.env\n"
    cms = "services:\n  directus:\n    image: directus/directus:12.4.1\n    env_file: all.env\n"
    env = "PUBLIC_URL=https://cms.acme.io\nMARKETPLACE_TRUST=all\n"
    root = write(tmp_path, {"compose.yaml": cms + other * shared, "all.env": env})
    run = guard("fix", root, "--check", "marketplace-trust", "--apply")
    assert ("1 finding more with `--unsafe-fixes`" in run.err) is shared
    assert ((root / "all.env").read_text() == env) is shared
    assert guard("fix", root, "--check", "marketplace-trust", "--unsafe-fixes", "--apply").code == 0
    assert (root / "all.env").read_text() != env


def test_what_no_rule_can_do_is_said(tmp_path: Path) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE.replace(SECRET, "changeme")})
    run = guard("fix", root, "--check", "secret-weak")
    assert run.code == 0
    assert "openssl rand" in run.err
    assert "1. `SECRET`: whoever has it can sign in" in run.err


def test_ignored_findings_stay(tmp_path: Path) -> None:
    text = COMPOSE.replace("# why", "# directus-guard: ignore[marketplace-trust] reviewed")
    root = write(tmp_path, {"compose.yaml": text})
    guard("fix", root, "--apply")
    assert "MARKETPLACE_TRUST: all" in (root / "compose.yaml").read_text()
    assert '"true"' in (root / "compose.yaml").read_text()


def test_only_what_a_change_brings(tmp_path: Path) -> None:
    root = new_repository(tmp_path / "r")
    commit(root, {"compose.yaml": COMPOSE.replace("TRUST: all", "TRUST: sandbox")})
    (root / "compose.yaml").write_text(COMPOSE)
    assert guard("fix", root, "--new-since", "HEAD", "--apply").code == 0
    assert (root / "compose.yaml").read_text() == COMPOSE.replace("TRUST: all", "TRUST: sandbox")


def test_links_and_changed_files_are_refused(tmp_path: Path) -> None:
    root = write(tmp_path / "r", {"real.yaml": "a: 1\n"})
    (root / "docker-compose.yaml").symlink_to(root / "compose.yaml")
    (root / "compose.yaml").write_text(COMPOSE)
    guard("fix", root, "--apply")
    assert (root / "docker-compose.yaml").is_symlink()
    assert (root / "compose.yaml").read_text() == MENDED


def test_a_file_of_two_deployments_is_edited_once(tmp_path: Path) -> None:
    shared = "services:\n  {}:\n    image: directus/directus:12.4.1\n    env_file: prod.env\n"
    root = write(
        tmp_path,
        {
            "compose.yaml": shared.format("a") + "  b:\n    image: directus/directus:12.4.1\n    env_file: prod.env\n",
            "prod.env": "PUBLIC_URL=https://cms.acme.io\nMARKETPLACE_TRUST=all\n",
        },
    )
    assert guard("fix", root, "--check", "marketplace-trust", "--apply").code == 0
    assert (root / "prod.env").read_text() == "PUBLIC_URL=https://cms.acme.io\nMARKETPLACE_TRUST=sandbox\n"


def test_the_report_has_the_edits(tmp_path: Path) -> None:
    root = write(tmp_path, {"compose.yaml": COMPOSE})
    found = json.loads(guard("scan", root, "--output", "json").out)["findings"]
    (trust,) = (one["fix"] for one in found if one["check"] == "marketplace-trust")
    assert trust["safe"]
    assert trust["edits"] == [
        {"path": "compose.yaml", "line": 7, "column": 26, "end_line": 7, "end_column": 29, "text": "sandbox"}
    ]
    sarif = json.loads(guard("scan", root, "--output", "sarif").out)
    fixes = [one["fixes"][0] for one in sarif["runs"][0]["results"] if one["ruleId"] == "marketplace-trust"]
    (replacement,) = fixes[0]["artifactChanges"][0]["replacements"]
    assert replacement["insertedContent"] == {"text": "sandbox"}
    assert SECRET not in json.dumps(sarif)


def test_nothing_there(tmp_path: Path) -> None:
    assert guard("fix", tmp_path).code == 3
    root = write(
        tmp_path, {"compose.yaml": "services:\n  directus:\n    image: directus/directus:12.4.1\n    env_file: x\n"}
    )
    assert "Nothing to fix." in guard("fix", root).err


@pytest.mark.parametrize(
    ("comment", "shown"),
    [
        ("# directus-guard: ignore[marketplace-trust] reviewed by us (until 2099-01-31)", True),
        ("# directus-guard: ignore[marketplace-trust] reviewed; DB_PASSWORD=kT7vWq2zLp", False),
        ("# DB_PASSWORD: kT7vWq2zLp", False),
    ],
)
def test_an_ignore_comment_is_no_secret(tmp_path: Path, comment: str, *, shown: bool) -> None:
    text = f"services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      PUBLIC_URL: https://cms.example.com\n      MARKETPLACE_TRUST: all {comment}\n      RATE_LIMITER_ENABLED: 'True'\n"
    done = guard("fix", write(tmp_path, {"compose.yaml": text}), "--check=rate-limiter")
    assert "RATE_LIMITER_ENABLED: 'true'" in done.out
    assert (comment in done.out) == shown
    assert "kT7vWq2zLp" not in done.out
