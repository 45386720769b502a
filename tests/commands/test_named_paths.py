"""Files that are read and written by name: nothing that a repository has put in their place leads out of it, or into git's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.cli.config_file import CONFIG_FILES
from directus_guard.cli.named_paths import open_new
from tests.support.cli import action, guard, write
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from collections.abc import Mapping

WEAK: Final = (
    "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      MARKETPLACE_TRUST: all\n"
)
OFF: Final = "checks: {marketplace-trust: {severity: off, reason: hidden}}\n"
LONG: Final = "x" * 300


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = new_repository(tmp_path / "repository")
    commit(made, {"compose.yaml": WEAK, "reports/.keep": ""})
    return made


def checks(root: Path, *options: str | Path) -> set[str]:
    run = guard("scan", root, "--output", "json", *options)
    return {finding["check"] for finding in json.loads(run.out)["findings"]}


# What is read.


@pytest.mark.parametrize("name", CONFIG_FILES)
@pytest.mark.parametrize("lead", ["../outside.yaml", "{absolute}", "reports/../../outside.yaml", ".git/guard.yaml"])
def test_the_config_is_not_followed_out_of_the_folder(root: Path, name: str, lead: str) -> None:
    for place in (root.parent / "outside.yaml", root / ".git" / "guard.yaml"):
        place.write_text(OFF)
    place = root / name
    place.parent.mkdir(exist_ok=True)
    target = lead.format(absolute=root.parent / "outside.yaml")
    place.symlink_to(target if target.startswith("/") else os.path.relpath(root / target, place.parent))
    commands: tuple[list[str | Path], ...] = (
        ["scan", root], ["scan", root, "--config", place], ["access", root], ["fix", root],
    )  # fmt: skip
    for arguments in commands:
        run = guard(*arguments)
        assert run.code == 2
        assert "is a link that leads out of" in run.err
        assert "hidden" not in run.err


def test_a_folder_on_the_way_to_the_config_is_not_followed(root: Path) -> None:
    write(root.parent / "github", {"directus-guard.yaml": OFF})
    (root / ".github").symlink_to(root.parent / "github")
    assert guard("scan", root).code == 2


def test_a_link_to_nothing_is_no_config(root: Path) -> None:
    """To pass over it would judge by another config than the folder seems to have."""
    (root / "directus-guard.yaml").symlink_to("nowhere.yaml")
    assert "is not a file that can be read" in guard("scan", root).err


def test_a_link_inside_the_folder_is_followed(root: Path) -> None:
    write(root, {"config/guard.yaml": OFF})
    (root / "directus-guard.yaml").symlink_to("config/guard.yaml")
    assert "marketplace-trust" not in checks(root)


def test_a_config_elsewhere_may_be_named(root: Path) -> None:
    write(root.parent, {"shared.yaml": OFF})
    (root.parent / "link.yaml").symlink_to("shared.yaml")
    for name in ("shared.yaml", "link.yaml"):
        assert "marketplace-trust" not in checks(root, "--config", root.parent / name)


def test_a_change_cannot_lead_to_a_config_of_its_own(root: Path) -> None:
    """The base has no config. The change puts a link to nowhere where it is looked for first, and weakens another name."""
    write(root, {"directus-guard.yml": OFF})
    (root / "directus-guard.yaml").symlink_to("../nowhere.yaml")
    run = guard("scan", root, "--new-since", "HEAD")
    assert run.code == 2
    (root / "directus-guard.yaml").unlink()
    assert "marketplace-trust" in checks(root, "--new-since", "HEAD")


def test_the_links_of_the_base_count_for_the_config_of_the_base(root: Path) -> None:
    write(root, {"strict.yaml": "fail-on: low\n", "config/guard.yaml": OFF})
    (root / "directus-guard.yaml").symlink_to("strict.yaml")
    commit(root)
    (root / "directus-guard.yaml").unlink()
    (root / "directus-guard.yaml").symlink_to("config/guard.yaml")
    assert "marketplace-trust" in checks(root, "--new-since", "HEAD")


@pytest.mark.parametrize("named", [True, False])
def test_the_baseline_is_not_followed_out_of_the_folder(root: Path, named: bool) -> None:
    accepted = root.parent / "accepted"
    assert guard("baseline", "write", accepted, root).code == 0
    (root / "directus-guard.baseline").symlink_to(accepted)
    options = ("--baseline", str(root / "directus-guard.baseline")) if named else ()
    run = guard("scan", root, *options)
    assert run.code == 2
    assert "is a link that leads out of" in run.err


@pytest.mark.parametrize("name", ["compose.yaml", ".env", "directus-guard.yaml"])
@pytest.mark.parametrize("lead", ["../outside", ".git/config"])
def test_a_file_of_a_project_is_not_followed_out_of_the_folder(root: Path, name: str, lead: str) -> None:
    (root.parent / "outside").write_text(WEAK.replace("directus:", "OUTSIDE:", 1))
    (root / ".git" / "config").write_text(WEAK.replace("directus:", "OUTSIDE:", 1))
    (root / "apps").mkdir()
    (root / "apps" / name).symlink_to(f"../{lead}")
    run = guard("scan", root, "--output", "json", "--verbose")
    assert "OUTSIDE" not in run.out + run.err
    assert f'"apps/{name}"' in run.out


# What is written.


def _plain(root: Path) -> str:
    return f"{root}/.git/hooks/pre-commit"


def _dots(root: Path) -> str:
    return f"{root}/reports/../.git/config"


def _back(root: Path) -> str:
    return f"{root}/.git/../.git/config"


def _upper(root: Path) -> str:
    return f"{root}/.GIT/config"


def _invisible(root: Path) -> str:
    return f"{root}/.g\u200cit/config"


def _itself(root: Path) -> str:
    return f"{root}/apps/.git"


def _folder_link(root: Path) -> str:
    (root / "out").symlink_to(".git")
    return f"{root}/out/config"


def _deep_link(root: Path) -> str:
    (root / "out").symlink_to(".git/hooks")
    return f"{root}/out/pre-commit"


def _file_link(root: Path) -> str:
    (root / "report.sarif").symlink_to(".git/config")
    return f"{root}/report.sarif"


def _linked_work_tree(root: Path) -> str:
    git(root, "worktree", "add", "-q", str(root.parent / "other"))
    return str(next((root / ".git" / "worktrees").iterdir()) / "config.worktree")


def _folder_elsewhere(root: Path) -> str:
    (root / ".git").rename(root.parent / "store")
    (root / ".git").write_text(f"gitdir: {root.parent}/store\n")
    return f"{root.parent}/store/hooks/pre-commit"


def _bare(root: Path) -> str:
    git(root.parent, "init", "-q", "--bare", "bare")
    return f"{root.parent}/bare/config"


def _outside_link(root: Path) -> str:
    (root / "report.sarif").symlink_to(root.parent / "victim")
    return f"{root}/report.sarif"


def _outside_folder(root: Path) -> str:
    (root / "out").symlink_to(root.parent)
    return f"{root}/out/victim"


REFUSED: Final = (
    _plain, _dots, _back, _upper, _invisible, _itself, _folder_link, _deep_link, _file_link, _linked_work_tree, _folder_elsewhere,
    _bare, _outside_link, _outside_folder,
)  # fmt: skip


def _state(folder: Path) -> Mapping[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("place", REFUSED, ids=lambda place: place.__name__.lstrip("_"))
def test_no_report_is_written_into_gits_folder_or_through_a_link(root: Path, place: object) -> None:
    assert callable(place)
    path = place(root)
    (root.parent / "victim").write_text("as before")
    before = _state(root.parent)
    for arguments in (
        ["scan", root, "--output", f"sarif={path}"],
        ["access", root, "--output", f"json={path}"],
        ["diff", root, root, "--output", f"json={path}"],
        ["baseline", "write", path, root],
    ):
        run = guard(*arguments)
        assert run.code == 2, arguments
        assert "name another" in run.err or "is a link" in run.err or "a link leads out of" in run.err
    assert _state(root.parent) == before
    assert not (root / ".GIT").exists()


@pytest.mark.parametrize("place", REFUSED, ids=lambda place: place.__name__.lstrip("_"))
@pytest.mark.parametrize("name", ["SARIF-FILE", "JSON-FILE"])
def test_the_action_writes_neither(root: Path, place: object, name: str) -> None:
    assert callable(place)
    path = place(root)
    (root.parent / "victim").write_text("as before")
    before = _state(root.parent)
    run = action({"GITHUB_WORKSPACE": str(root), f"INPUT_{name}": path})
    after = _state(root.parent)
    assert {key: text for key, text in after.items() if key in before and not key.startswith(f"{root}/report")} == {
        key: text for key, text in before.items() if not key.startswith(f"{root}/report")
    }
    # A link in the place of the file is replaced; into git's folder and out of the workspace nothing is written.
    assert set(after) - set(before) <= {f"{root}/directus-guard.sarif", f"{root}/report.sarif"}
    if place != _outside_link:
        assert "name another" in run.out or "lies outside of the workspace" in run.out
        assert run.code == 2


def test_reports_in_places_of_ones_own(root: Path, tmp_path: Path) -> None:
    bare = tmp_path / "cms.git"
    git(root, "clone", "-q", "--bare", str(root), str(bare))
    git(bare, "worktree", "add", "-q", str(bare / "main"))
    (tmp_path / "link").symlink_to(root)
    for place in (root / "reports/new/a.sarif", tmp_path / "link/b.sarif", bare / "main/c.sarif", tmp_path / "d.sarif"):
        assert guard("scan", root, "--output", f"sarif={place}").code == 1
        assert place.is_file()


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="no folder in memory")
def test_a_folder_in_memory_is_not_a_device() -> None:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        root = write(new_repository(Path(folder)), {"compose.yaml": WEAK})
        hook = root / ".git" / "hooks" / "pre-commit"
        assert guard("scan", root, "--output", f"sarif={hook}").code == 2
        assert not hook.exists()
        (root / "link").symlink_to(hook)
        with pytest.raises(OSError, match="symbolic links"):
            open_new(str(root / "link"), os.O_WRONLY | os.O_CREAT)


def test_a_report_may_go_to_a_device(root: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "directus_guard", "scan", str(root), "--output", "json=/dev/stdout"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert json.loads(ran.stdout)["findings"]


# Names that no file can have.


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", LONG],
        ["scan", ".", "--config", LONG],
        ["scan", ".", "--baseline", LONG],
        ["scan", ".", "--output", f"sarif={LONG}"],
        ["scan", ".", "--output", f"sarif={LONG}/a.sarif"],
        ["scan", ".", "--url", "https://127.0.0.1:1", "--ca-file", LONG],
        ["baseline", "write", LONG],
        ["init", LONG],
        ["merge", LONG],
        ["diff", LONG, "."],
        ["can", "public", "read", "posts", "--path", LONG],
        ["can", "public", "create", "posts", "--payload", f"@{LONG}"],
    ],
    ids=lambda arguments: " ".join(part[:12] for part in arguments),
)
def test_a_name_that_is_too_long_ends_in_a_sentence(
    root: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    run = guard(*arguments, "--debug")
    assert run.code == 2, run.err
    assert run.err.startswith("directus-guard: ")
    assert "bug" not in run.err
    assert len(run.err) < 800


@pytest.mark.parametrize("name", ["PATH", "CONFIG", "BASELINE", "SARIF-FILE", "JSON-FILE"])
@pytest.mark.parametrize("value", [LONG, f"{LONG}/x", "x" * 250])
def test_an_input_that_is_too_long_ends_in_a_sentence(root: Path, name: str, value: str) -> None:
    run = action({"GITHUB_WORKSPACE": str(root), f"INPUT_{name}": value, "RUNNER_DEBUG": "1"})
    assert run.code in (1, 2)
    assert "bug" not in run.out
    assert (run.code == 2) is (len(value) > 255 or name in ("PATH", "CONFIG", "BASELINE"))


@pytest.mark.parametrize("name", [LONG, f"{LONG}/{LONG}", "x" * 5000, "a\\0b", "..", "/", "\\uFFFF", "~/x", "\\ud800"])
def test_a_repository_may_name_any_file(root: Path, name: str) -> None:
    """In every place where a file names another one."""
    write(
        root,
        {
            "a/compose.yaml": f'include: ["{name}"]\nservices:\n  directus:\n    image: directus/directus:12.4.1\n'
            f'    build: {{context: ".", dockerfile: "{name}"}}\n    env_file: ["{name}"]\n'
            f'    extends: {{file: "{name}", service: x}}\n    volumes: ["{name}:/directus/.env"]\n'
            f'    environment: {{CONFIG_PATH: "{name}", SECRET_FILE: "{name}"}}\n    secrets: [s]\nsecrets: {{s: {{file: "{name}"}}}}\n',
            "k/kustomization.yaml": f'resources: ["{name}"]\nsecretGenerator: [{{name: a, envs: ["{name}"]}}]\npatches: [{{path: "{name}"}}]\n',
            "d/Dockerfile": f"FROM directus/directus:12.4.1\nCOPY {name} .env\n",
            "e/fly.toml": f'app = "directus"\n[build]\ndockerfile = "{name}"\n[env]\nDB_CLIENT = "pg"\n',
            "f/ecosystem.config.js": f"module.exports = {{apps: [{{script: 'npx directus start', env_file: '{name}', cwd: '{name}'}}]}}\n",
        },
    )
    run = guard("scan", root, "--output", "json", "--debug")
    assert run.code in (1, 4)
    assert "marketplace-trust" in run.out


# What the process is started with.


def test_modules_are_not_taken_from_the_scanned_folder(root: Path) -> None:
    for module in (
        "argparse",
        "msgspec",
        "yaml",
        "runpy",
        "pydantic",
        "httpx",
        "sarif_om",
        "tomllib",
        "directus_guard_plugin",
    ):
        write(root, {f"{module}.py": f"open({str(root.parent / 'met')!r}, 'w')\n"})
    environ = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    command = [sys.executable, "-m", "directus_guard", "scan", ".", "--output", "sarif"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root, env=environ)
    assert ran.returncode == 1, ran.stderr
    assert not (root.parent / "met").exists()


def test_no_keys_of_connections_are_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is made as soon as TLS is set up, and would decrypt the token."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(root.parent / "keys"))
    guard("scan", root, "--url", "https://127.0.0.1:1", "--timeout", "1")
    assert not (root.parent / "keys").exists()
