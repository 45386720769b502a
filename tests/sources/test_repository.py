from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from directus_guard.sources.files.repository import MAX_BYTES, Repository
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def messages(repository: Repository) -> list[tuple[str, str]]:
    return [(problem.path, problem.message) for problem in repository.problems]


def test_files_come_in_order_and_skipped_folders_stay_out(tmp_path: Path) -> None:
    write(tmp_path, b="", a__z="", node_modules__x="", a__y="")
    assert Repository(tmp_path).files == ("a/y", "a/z", "b")


def test_names_match_without_case(tmp_path: Path) -> None:
    write(tmp_path, sub__Dockerfile="", dockerfile="")
    assert Repository(tmp_path).named("dockerfile*") == ("dockerfile", "sub/Dockerfile")


def test_globs_exclude(tmp_path: Path) -> None:
    write(tmp_path, legacy__a__b="", keep="")
    assert Repository(tmp_path, exclude=("legacy/**",)).files == ("keep",)
    assert Repository(tmp_path, exclude=("legacy",)).files == ("keep",)


def test_single_files(tmp_path: Path) -> None:
    write(tmp_path, a="", b__c="")
    assert Repository(tmp_path, only=(tmp_path / "b" / "c",)).files == ("b/c",)


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"\xff\xfa", "not valid UTF-8"), (b"x" * (MAX_BYTES + 1), "larger than")],
)
def test_unreadable_text_is_a_problem(tmp_path: Path, data: bytes, says: str) -> None:
    (tmp_path / "a").write_bytes(data)
    repository = Repository(tmp_path)
    assert repository.text("a") is None
    assert says in messages(repository)[0][1]


def test_utf_16_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes("A=ä".encode("utf-16"))
    assert Repository(tmp_path).text("a") == "A=ä"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, a="x")
    (tmp_path / "a").chmod(0)
    repository = Repository(tmp_path)
    assert repository.text("a") is None
    assert "Permission denied" in messages(repository)[0][1]


def test_a_folder_named_like_an_environment_file(tmp_path: Path) -> None:
    write(tmp_path, **{".env__x": ""})
    assert messages(Repository(tmp_path)) == [(".env", "a folder is where an environment file is expected")]


def test_links_out_of_the_folder_are_not_read(tmp_path: Path) -> None:
    write(tmp_path, outside="SECRET=x", inside__own="A=b")
    (tmp_path / "inside" / ".env").symlink_to(tmp_path / "outside")
    (tmp_path / "inside" / "copy.env").symlink_to(tmp_path / "inside" / "own")
    repository = Repository(tmp_path / "inside")
    assert repository.files == ("copy.env", "own")
    assert messages(repository) == [(".env", "symbolic link leads out of the scanned folder; it was not read")]


def test_a_link_in_a_circle_and_a_pipe_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "loop.yml").symlink_to(tmp_path / "loop.yml")
    os.mkfifo(tmp_path / "pipe.env")
    repository = Repository(tmp_path)
    assert repository.text("pipe.env") is None
    assert ("pipe.env", "not a regular file; it was not read") in messages(repository)


@each_case(
    ("base", "relative", "path"),
    [
        ("", "a", "a"),
        ("x/y", "./a", "x/y/a"),
        ("x/y", "../a", "x/a"),
        ("x", "../../a", None),
        ("x", "/etc/passwd", None),
        ("x", ".", "x"),
    ],
)
def test_relative_paths_stay_inside(tmp_path: Path, base: str, relative: str, path: str | None) -> None:
    assert Repository(tmp_path).resolve(base, relative) == path


def test_git_tells_what_is_committed(tmp_path: Path) -> None:
    write(tmp_path, sub__a="", sub__b="")
    assert Repository(tmp_path).tracked("sub/a")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "sub/a"], cwd=tmp_path, check=True)
    assert Repository(tmp_path).tracked("sub/a")
    assert not Repository(tmp_path).tracked("sub/b")
    assert Repository(tmp_path / "sub").tracked("a")


@pytest.mark.parametrize(("lines", "text"), [((3,), "a line of a template is"), ((3, 5), "2 lines of a template are")])
def test_lines_of_a_template(tmp_path: Path, lines: tuple[int, ...], text: str) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n", encoding="utf-8")
    found = Repository(tmp_path)
    found.templated("a.yaml", lines)
    assert not found.problems
    found.note_template("a.yaml")
    assert found.problems[0].message == f"{text} not evaluated; the plain part was read"
