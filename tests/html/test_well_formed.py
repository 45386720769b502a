"""Every page closes what it opens, names nothing twice, and links lead somewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

import pytest

from tests.github.weakened import weakened
from tests.support.cli import guard, write
from tests.support.examples import ESCALATION, EXAMPLES, HOSTILE
from tests.support.page_projects import blog
from tests.support.programs import ROOT
from tests.support.sampling import one_in

if TYPE_CHECKING:
    from pathlib import Path

VOID: Final = frozenset({"meta", "br", "input", "link", "img", "hr"})
EXAMPLES_OF_CHECKS: Final = sorted(path for path in (ROOT / "tests" / "checks").glob("*/*-*") if path.is_dir())


class Outline(HTMLParser):
    """What is open, what has a name, where links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: list[str] = []
        self.links: list[str] = []
        self.wrong: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if tag == "a" else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def outline(*arguments: str | Path) -> Outline:
    run = guard(*arguments, "--output", "html", "--debug")
    assert run.out.startswith("<!doctype html>"), run.err
    found = Outline(run.out)
    assert not found.open
    assert not found.wrong
    assert len(set(found.names)) == len(found.names)
    assert all(link[1:] in found.names for link in found.links if link.startswith("#"))
    assert all(link.startswith(("#", "https://")) for link in found.links)
    return found


def test_pages_are_well_formed(tmp_path: Path) -> None:
    assert {"findings", "environment", "unjudged"} <= set(outline("scan", EXAMPLES / "flawed").names)
    assert {"ways", "way-1", "access", "administrators"} <= set(outline("scan", ESCALATION).names)
    outline("scan", write(tmp_path / "hostile", HOSTILE), "--include-nonproduction")
    outline("scan", write(tmp_path / "empty", {"readme.txt": ""}))
    outline("access", blog(tmp_path / "blog"), "--principal", "Author", "--collection", "articles")


def test_the_page_of_a_change(tmp_path: Path) -> None:
    """New access is on the page, and a finding that both lists have has one plan."""
    weakened(tmp_path)
    found = outline("scan", tmp_path, "--new-since", "HEAD^1", "--new-access", "low")
    assert sum(name.startswith("way-") for name in found.names) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("start", range(8))
def test_pages_of_all_examples(start: int) -> None:
    """A quarter of them, the same in every run; `make every` takes all."""
    for example in one_in(4, EXAMPLES_OF_CHECKS[start::8], f"pages {start}"):
        outline("scan", example)
