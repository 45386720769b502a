"""`baseline`: what it writes, and what it refuses to overwrite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.support.cli import guard, write

if TYPE_CHECKING:
    from pathlib import Path

COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      PUBLIC_URL: https://cms.example.com
      SECRET: ${SECRET:?}
      MARKETPLACE_TRUST: all
"""
TRUST: Final = "marketplace-trust|compose.yaml#directus MARKETPLACE_TRUST"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a finding; the tests run in it."""
    write(tmp_path, {"compose.yaml": COMPOSE})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "text",
    ["# fail-on: high\n", "fail-on: high\n", "\n# a config with comments only\n\n", "checks: {}\n", "PUBLIC_URL=x\n"],
)
def test_a_file_of_another_kind_is_not_overwritten(root: Path, text: str) -> None:
    write(root, {"directus-guard.yaml": text})
    done = guard("baseline", "write", "directus-guard.yaml")
    assert done.code == 2
    assert (root / "directus-guard.yaml").read_text(encoding="utf-8") == text


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("write", "."), "baseline: . is a folder; name a file in it, like directus-guard.baseline"),
        (("prune", "nope"), "baseline: nope: no such file. `directus-guard baseline write nope` makes it."),
        (("write", "link"), "baseline: link is a link; name the file that it leads to"),
    ],
)
def test_what_cannot_be_a_baseline(root: Path, arguments: tuple[str, ...], says: str) -> None:
    (root / "link").symlink_to(root / "elsewhere")
    done = guard("baseline", *arguments)
    assert done.code == 2
    assert says in done.err
    assert not (root / "elsewhere").exists()


@pytest.mark.usefixtures("root")
def test_a_baseline_that_is_named_and_not_there() -> None:
    done = guard("scan", "--baseline=nope")
    assert (done.code, done.out) == (2, "")
    assert "--baseline: nope: no such file. `directus-guard baseline write nope` makes it." in done.err


@pytest.mark.parametrize("text", ["", "\n", "# directus-guard baseline: accepted findings, one `check|object` a line. Written by `directus-guard baseline write`.\n", f"{TRUST}\r\ngone|x\r\n"])  # fmt: skip
def test_a_baseline_is_written_again(root: Path, text: str) -> None:
    write(root, {"sub/accepted": text})
    assert "2 findings accepted in sub/accepted" in guard("baseline", "write", "sub/accepted").err
    assert TRUST in (root / "sub" / "accepted").read_text(encoding="utf-8")


def test_folders_are_created_and_gone_lines_counted(root: Path) -> None:
    assert guard("baseline", "write", "a/b/accepted").code == 0
    path = root / "a" / "b" / "accepted"
    path.write_text(path.read_text(encoding="utf-8") + "gone|x\n", encoding="utf-8")
    assert (
        "1 line that matches no finding removed from a/b/accepted\n  gone|x"
        in guard("baseline", "prune", "a/b/accepted").err
    )
    assert guard("scan", "--baseline=a/b/accepted").code == 0
