"""`directus-guard diff`, as a new user would try it: the export under examples/, and one row changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from directus_guard.report.writers import DIFF_WRITERS
from tests.support import rows
from tests.support.cli import guard, write
from tests.support.examples import EXPORT, PERMISSIONS, ROLE, change
from tests.support.git import commit, git, new_repository
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = new_repository(tmp_path / "r")
    shutil.copytree(EXPORT, folder, dirs_exist_ok=True)
    commit(folder)
    return folder


@pytest.fixture
def inside(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(root)
    return root


def test_the_example_passes_and_is_no_change_of_itself(inside: Path) -> None:
    assert guard("scan").code == 0
    run = guard("diff", "main", ".")
    assert run.code == 0
    assert run.out.endswith("New access: none.\ndirectus-guard: passed\n")


def test_one_changed_row_end_to_end(inside: Path) -> None:
    change(inside, 5, **ROLE)
    command = [sys.executable, str(ROOT / "entrypoint.py"), "diff", "main", ".", "--output=json", "--debug"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=inside)
    assert (run.returncode, run.stderr) == (1, "")
    report = json.loads(run.stdout)
    assert report["schema"] == "diff-v1"
    path, items = report["new_access"]
    assert (path["kind"], path["severity"], path["principals"]) == ("escalation", "critical", ["Editor"])
    assert path["steps"][0]["location"]["path"] == PERMISSIONS
    assert (items["check"], items["severity"]) == ("users-update", "high")
    assert (items["collection"], items["action"], items["fields"], items["before"]) == (
        "directus_users", "update", ["role"], None
    )  # fmt: skip
    line = (inside / PERMISSIONS).read_text().split("\n")[items["location"]["line"] - 1]
    assert line.strip() == "{"
    assert report["summary"] == {"critical": 1, "high": 1, "medium": 0, "low": 0, "exit_code": 1}
    # And the gate of a pull request agrees.
    assert guard("scan", "--new-since=main").code == 1


def test_ways_to_name_the_sides(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(inside, 5, **ROLE)
    commit(inside)
    assert guard("diff", "HEAD~1", "HEAD").code == 1
    assert guard("diff", "HEAD", "HEAD~1").code == 0
    assert guard("diff", "HEAD", ".").code == 0
    assert guard("diff", "HEAD~1", PERMISSIONS.rpartition("/")[0]).code == 1
    assert guard("diff", "HEAD~1:directus/default", "HEAD:directus/default").code == 1
    assert guard("diff", EXPORT, inside).code == 1
    monkeypatch.chdir(inside / "directus")
    assert guard("diff", "HEAD~1", "HEAD").code == 1


@pytest.mark.parametrize(
    ("base", "head", "says"),
    [
        ("nowhere", ".", "nowhere: no such file or folder, and the git revision `nowhere` is not in this clone"),
        ("main:nowhere", ".", "has no folder `nowhere`"),
        ("--upload-pack=x", ".", "--help"),
        ("live", ".", "give --url"),
        ("main", ".", "is a path and a git revision"),
    ],
)
def test_sides_that_cannot_be_read(inside: Path, base: str, head: str, says: str) -> None:
    if says.startswith("is a path"):
        (inside / "main").mkdir()
    run = guard("diff", base, head)
    assert run.code == 2
    assert says in run.err
    assert "Traceback" not in run.err


def test_a_shallow_clone(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(root, 5, **ROLE)
    commit(root)
    for depth in ("1", "2"):
        git(tmp_path, "clone", "-q", "--depth", depth, f"file://{root}", depth)
    monkeypatch.chdir(tmp_path / "2")
    assert guard("diff", "HEAD~1", "HEAD").code == 1
    monkeypatch.chdir(tmp_path / "1")
    run = guard("diff", "HEAD~1", "HEAD")
    assert run.code == 2
    assert "fetch-depth: 2" in run.err


def test_nothing_on_either_side(tmp_path: Path) -> None:
    write(tmp_path, {"a/README": "x", "b/README": "x"})
    run = guard("diff", tmp_path / "a", tmp_path / "b")
    assert run.code == 3
    assert "neither in BASE nor in HEAD" in run.err


def test_the_config_is_the_bases(inside: Path) -> None:
    change(inside, 1, fields=["id", "title", "body", "status", "date_published", "user_created"])
    assert guard("diff", "main", ".").code == 0
    assert guard("diff", "main", ".", "--fail-on=medium").code == 1
    (inside / "directus-guard.yaml").write_text("fail-on: none\nexclude: ['*']\n")
    change(inside, 5, **ROLE)
    assert guard("diff", "main", ".").code == 1
    git(inside, "add", "directus-guard.yaml")
    git(inside, "commit", "-q", "-m", "config")
    assert guard("diff", "main", ".").code == 3  # everything is excluded


def test_what_cannot_be_read_is_said(inside: Path) -> None:
    text = (inside / PERMISSIONS).read_text()
    (inside / PERMISSIONS).write_text(text[: len(text) // 2])
    run = guard("diff", "main", ".")
    assert "Not read:" in run.out
    assert "cannot be compared" in run.out


def test_names_of_the_repository_stay_text(tmp_path: Path) -> None:
    """No name of a role, policy, field or collection becomes a command, a column, a link or an escape."""
    hostile = "x\x1b[31m ::error::no ##[error]no | <img src=x> `a` [l](http://e.x) @all \u202e\n::error::no"
    for side, fields in (("base", ["a"]), ("head", ["a", hostile])):
        files = {
            "roles.json": [{"id": "r", "name": hostile, "icon": "x", "parent": None}],
            "policies.json": [{"id": "p", "name": hostile, "admin_access": False, "app_access": False}],
            "access.json": [{"policy": "p", "role": "r", "user": None}],
            "permissions.json": [
                {"collection": hostile, "action": "read", "fields": fields, "permissions": {}, "policy": "p"}
            ],
        }
        write(tmp_path / side, {name: json.dumps(data) for name, data in files.items()})
    for format_ in DIFF_WRITERS:
        run = guard("diff", tmp_path / "base", tmp_path / "head", "--output", format_, "--fail-on=low", "--color=never")
        assert run.code == 1
        assert "##[" not in run.out
        for line in run.out.splitlines():
            assert not line.lstrip().startswith("::")
        if format_ != "json":
            assert not {"\x1b", "\u202e"} & set(run.out)
        if format_ == "markdown":
            assert "<img" not in run.out
            assert "](http://e.x" not in run.out
            (row,) = [line for line in run.out.splitlines() if line.startswith("| medium")]
            assert row.count("|") == 5


# --- what HEAD does not have any more ---------------------------------------------------------------------------


def test_an_export_that_head_lost(inside: Path) -> None:
    """No new access is seen, and none could be."""
    shutil.rmtree(inside / "directus")
    run = guard("diff", "main", ".")
    assert run.code == 4
    assert "incomplete: HEAD does not have what BASE has: the export `directus/default`" in run.out
    assert guard("diff", "main", ".", "--incomplete", "warn").code == 0
    report = json.loads(guard("diff", "main", ".", "--output", "json").out)
    assert report["summary"]["exit_code"] == 4
    assert [(one["side"], one["model"]) for one in report["not_told"]] == [("HEAD", "directus/default")]
    assert "directus/default" in guard("diff", "main", ".", "--output", "markdown").out


def test_the_gate_says_that_an_export_is_gone(inside: Path) -> None:
    """What is left is judged."""
    compose = "services:\n  cms:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: ${SECRET:?}\n"
    write(inside, {"compose.yaml": compose})
    shutil.rmtree(inside / "directus")
    gate = guard("scan", "--new-since", "main")
    assert gate.code == 0
    assert "the base has the export `directus/default`, and it is gone" in " ".join(gate.out.split())


def test_an_export_of_a_test_that_head_lost(inside: Path) -> None:
    (inside / "directus").rename(inside / "real")
    shutil.copytree(inside / "real" / "default", inside / "tests" / "fixtures" / "cms")
    write(inside, {"tests/fixtures/cms/data/x": ""})
    commit(inside)
    shutil.rmtree(inside / "tests")
    assert guard("diff", "HEAD", ".").code == 0
    assert guard("scan", "--new-since", "HEAD").code == 0


def test_an_export_of_several_that_head_lost(inside: Path) -> None:
    other = inside / "shop" / "data"
    shutil.copytree(inside / "directus" / "default" / "data", other)
    for path in other.glob("*polic*.json"):
        path.write_text(path.read_text().replace("b", "c"))
    commit(inside)
    shutil.rmtree(inside / "directus")
    run = guard("diff", "main", ".")
    assert run.code == 4
    assert "the export `directus/default`" in run.out


@pytest.mark.parametrize("flawed", [False, True])
@pytest.mark.parametrize("folder", ["backup", "directus/staging", "tests/fixtures/cms"])
def test_a_copy_of_an_export_grants_nothing_new(inside: Path, folder: str, flawed: bool) -> None:
    if flawed:
        change(inside, 5, **ROLE)
        commit(inside)
    shutil.copytree(inside / "directus" / "default", inside / folder)
    report = json.loads(guard("diff", "HEAD", ".", "--output=json").out)
    assert (report["new_access"], report["summary"]["exit_code"]) == ([], 0)
    assert any(f"`{folder}` is a copy of `directus/default` of BASE" in notice for notice in report["notices"])


def test_what_a_copy_changes_is_no_copy(inside: Path) -> None:
    shutil.copytree(inside / "directus" / "default", inside / "backup")
    (path,) = (inside / "backup").glob("data/*permissions*.json")
    path.write_text(path.read_text().replace('"action": "read"', '"action": "delete"', 1))
    run = guard("diff", "HEAD", ".")
    assert "BASE has no export `backup`" in run.out


def test_a_copy_of_a_test_that_is_used_is_new(inside: Path) -> None:
    """On BASE nothing of it counted."""
    (inside / "tests").mkdir()
    (inside / "directus").rename(inside / "tests" / "cms")
    commit(inside)
    shutil.copytree(inside / "tests" / "cms" / "default", inside / "directus" / "default")
    run = guard("diff", "HEAD", ".")
    assert "BASE has no export `directus/default`" in run.out


def test_an_export_that_moved(inside: Path) -> None:
    (inside / "directus").rename(inside / "cms")
    run = guard("diff", "main", ".")
    assert run.code == 0
    assert "compared with" in run.out


@pytest.mark.parametrize("table", ["flows", "operations", "settings", "users"])
def test_a_table_that_head_lost(tmp_path: Path, table: str) -> None:
    """Exporters can be set to leave it out: BASE had it all the same."""
    settings = {"id": 1, "project_name": "x", "auth_login_attempts": 10, "public_registration": False}
    tables = {
        "flows": rows.flow(),
        "operations": rows.operations(rows.create("$trigger")),
        "settings": [settings],
        "users": [],
    }
    for side in ("base", "head"):
        (tmp_path / side).mkdir()
        rows.write(tmp_path / side, [rows.permission("editor", "posts", "read", id=1)], **tables)
    assert guard("diff", tmp_path / "base", tmp_path / "head").code == 0
    (tmp_path / "head" / f"{table}.json").unlink()
    run = guard("diff", tmp_path / "base", tmp_path / "head")
    assert run.code == 4
    assert f"HEAD does not have what BASE has: `directus_{table}` of the export" in " ".join(run.out.split())
    assert guard("diff", tmp_path / "head", tmp_path / "base").code == 0


def test_steps_have_what_those_of_a_scan_have(inside: Path) -> None:
    change(inside, 5, **ROLE)
    scanned = json.loads(guard("scan", "--output=json").out)["findings"]
    (of_scan,) = (finding["steps"] for finding in scanned if finding["steps"])
    compared = json.loads(guard("diff", "main", ".", "--output=json").out)["new_access"]
    of_diff = [entry["steps"] for entry in compared if entry["kind"] == "escalation"]
    assert of_diff == [of_scan]
    assert of_scan[0]["request"]["method"] == "PATCH"


def test_an_export_of_tests_gates_if_that_is_asked_for(root: Path) -> None:
    for side in ("before", "after"):
        shutil.copytree(root / "directus", root / side / "tests" / "directus")
    change(root / "after" / "tests", 1, fields=["*"])
    sides = (root / "before", root / "after")
    plain = guard("diff", *sides, "--fail-on=low")
    assert (plain.code, "not gating" in plain.out) == (0, True)
    asked = guard("diff", *sides, "--fail-on=low", "--include-nonproduction")
    assert (asked.code, "not gating" in asked.out) == (1, False)
    assert guard("diff", *sides, "--include-nonproduction", "--fail-on=low", "--min-severity=critical").code == 0
