"""Real output of every format, kept beside this file. `make snapshots` takes today's as expected: read the diff."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from directus_guard.report.writers import DIFF_WRITERS, REPORT_WRITERS, Format
from tests.support.cli import guard, write
from tests.support.examples import ENDINGS, EXAMPLES, EXPORT, HOSTILE, ROLE, change

FOLDER = Path(__file__).parent / "snapshots"


def without_help_pages(text: str) -> str:
    """A SARIF log whose rules have no help pages: a change of one page is a change of one snapshot."""
    log = json.loads(text)
    for run in log["runs"]:
        for rule in run["tool"]["driver"]["rules"]:
            del rule["help"]
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def without_assets(text: str) -> str:
    """A page without its style and script, which are files of the package, and without their hashes."""
    text = re.sub(r"(<style>).*?(</style>)", r"\1\2", text, flags=re.DOTALL)
    text = re.sub(r"(<script>).*?(</script>)", r"\1\2", text, flags=re.DOTALL)
    return re.sub(r"sha256-[A-Za-z0-9+/]+=*", "sha256-…", text)


@pytest.mark.parametrize("format_", REPORT_WRITERS)
@pytest.mark.parametrize("project", ["flawed", "hardened", "hostile"])
def test_output_is_as_kept(project: str, format_: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    # A copy outside of git: what git tracks would change the answers while files are being edited.
    if project == "hostile":
        write(tmp_path, HOSTILE)
    else:
        shutil.copytree(EXAMPLES / project, tmp_path, dirs_exist_ok=True)
    run = guard("scan", tmp_path, "--output", format_, "--debug", "--color", "never")
    assert run.code == (0 if project == "hardened" else 1)
    assert str(tmp_path) not in run.out
    # The SARIF of the hardened project is kept to the letter, with the help pages of all rules.
    out = without_help_pages(run.out) if format_ is Format.SARIF and project != "hardened" else run.out
    out = without_assets(out) if format_ is Format.HTML else out
    kept = FOLDER / f"{project}.{ENDINGS[format_]}"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(out, encoding="utf-8", newline="")
    assert out == kept.read_bytes().decode()


def test_a_second_run_says_the_same(tmp_path: Path) -> None:
    write(tmp_path, HOSTILE)
    runs = {guard("scan", tmp_path, "--output", "json").out for _ in range(3)}
    assert len(runs) == 1


def test_color_only_adds_escapes(tmp_path: Path) -> None:
    write(tmp_path, HOSTILE)
    plain = guard("scan", tmp_path, "--color", "never").out
    colored = guard("scan", tmp_path, "--color", "always").out
    assert "\x1b[" not in plain
    assert "\x1b[1;31m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


# --- diff: the export under examples/ and one row or a few changed ---


@pytest.mark.parametrize("format_", DIFF_WRITERS)
def test_a_diff_is_as_kept(format_: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("base", "head"):
        shutil.copytree(EXPORT, tmp_path / name)
    change(tmp_path / "head", 5, **ROLE)
    change(tmp_path / "head", 1, permissions={"status": {"_in": ["published", "review"]}})
    change(tmp_path / "head", 4, validation=None)
    run = guard("diff", "base", "head", "--output", format_, "--color", "never", "--debug")
    assert run.code == 1
    out = without_help_pages(run.out) if format_ is Format.SARIF else run.out
    kept = FOLDER / f"diff.{ENDINGS[format_]}"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        kept.write_text(out, encoding="utf-8", newline="")
    assert out == kept.read_bytes().decode()
    if format_ == "text":
        assert all(len(line) <= 80 for line in run.out.splitlines())


# --- a pull request's step summary -----------------------------------------------------------------------------------


def test_the_summary_of_a_pull_request_is_as_kept(tmp_path: Path) -> None:
    from tests.github.runner import step
    from tests.github.site import site

    made = site(tmp_path / "repository")
    ran = step(
        made.folder, tmp_path / "runner", event="pull_request", data=made.pull(), sha=made.merge,
        ref="refs/pull/2/merge", new_only="true",
    )  # fmt: skip
    assert ran.code == 1
    page = re.sub(r"\b[0-9a-f]{10}\b", "0123456789", ran.summary)
    annotations = [f"{item.name} {dict(item.properties)}\n{item.message}\n" for item in ran.commands if item.properties]
    kept = {"pull-request.md": page, "pull-request-annotations.txt": "\n".join(annotations)}
    for name, text in kept.items():
        if os.environ.get("UPDATE_SNAPSHOTS"):
            (FOLDER / name).write_text(text, encoding="utf-8", newline="")
        assert text == (FOLDER / name).read_bytes().decode()
