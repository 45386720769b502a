"""The website of the documentation: every page is in it, its links lead somewhere, and it loads nothing from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from scripts.site import __main__ as program
from scripts.site.__main__ import build
from scripts.site.assemble import assemble, published_at, rendered, repository, resolved
from scripts.site.check import POLICY, problems, read
from scripts.site.pages import HOME, Page, Section, navigation, pages
from tests.support.cli import write
from tests.support.each import each_case
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

POLICIES: Final = f"<meta http-equiv='{POLICY}' content=\"default-src 'self'\">"
BASE: Final = "https://github.com/octo/directus-guard/blob/0123456789abcdef0123456789abcdef01234567"
A_PAGE: Final = Page("docs/a/x.md", "X", "")
SMALL: Final = {
    HOME: "# Small\n\nA small site. It has two pages.\n\n## All\n\n| page | about |\n|---|---|\n| [Other](other.md) | a page |\n",
    "docs/other.md": "# Other\n\n## A heading\n\nA [link](README.md#small).\n",
}
PLANTED: Final = {
    "[gone](gone.md)": "other/index.html: ../gone/: no such page",
    "[gone](README.md#gone)": "other/index.html: ../#gone: no such heading",
    "[gone](#gone)": "other/index.html: #gone: no such heading",
    "![gone](gone.svg)": "other/index.html: ../gone.svg: no such page",
    "![far](https://far.example/x.png)": "other/index.html: https://far.example/x.png: loaded from another host",
}


def flat(entries: tuple[Page | Section, ...]) -> list[str]:
    return [
        source
        for entry in entries
        for source in (flat(entry.entries) if isinstance(entry, Section) else [entry.source])
    ]


def test_every_page_is_in_the_navigation_once() -> None:
    listed = flat(navigation())
    written = {
        path.relative_to(ROOT).as_posix()
        for pattern in ("docs/**/*.md", "directus_guard/checks/*/*.md", "C*.md", "SECURITY.md")
        for path in ROOT.glob(pattern)
    }
    assert sorted(listed) == sorted(written - {HOME})
    assert len({page.target for page in pages().values()}) == len(listed) + 1


def test_every_page_says_what_it_is_about() -> None:
    for page in pages().values():
        assert page.title[0].isupper() or page.source.startswith("directus_guard/checks/"), page.source
        assert 10 < len(page.description) < 200, page.source
        assert not re.search(r"[`|\\]", page.description), page.source


def test_links_of_a_page() -> None:
    listed = {page.source: page for page in (A_PAGE, Page("docs/y.md", "Y", ""), Page(HOME, "", ""))}

    def leads(target: str, base: str = "") -> str:
        return resolved(target, A_PAGE, listed, base, ROOT)

    assert leads("../y.md#z") == "../y.md#z"
    assert leads("../README.md") == "../index.md"
    assert leads("../summary.png") == "../summary.png"
    assert leads("../../Makefile") == ""
    assert leads("../../Makefile", BASE) == f"{BASE}/Makefile"
    assert leads("gone.md", BASE) == "gone.md"


def test_the_text_of_a_page() -> None:
    text = "# A `b`\n\n## C\n\n## C\n\n[m](../../Makefile) `[n](o.md)` [`p`](../y.md)\n\n```sh\n# no heading\n```\n\n1. a\n   - b\n| `c\\|d` \\| |\n"
    listed = {page.source: page for page in (A_PAGE, Page("docs/y.md", "Y", ""))}
    assert rendered(text, A_PAGE, listed, "") == (
        "# A `b` { #a-b }\n\n## C { #c }\n\n## C { #c-1 }\n\nm `[n](o.md)` [`p`](../y.md)\n\n```sh\n# no heading\n```\n\n"
        "1. a\n    - b\n| `c|d` \\| |\n"
    )


def test_the_address_of_the_repository_is_not_made_up() -> None:
    runner = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "octo/directus-guard"}
    assert repository({}) == ""
    assert repository(runner) == ""
    assert repository(runner | {"GITHUB_SHA": BASE.rpartition("/")[2]}) == BASE


@each_case(
    ("html", "problem"),
    [
        ("<a href='b.html#here'>", ""),
        ("<a href='b.html'>", ""),
        ("<a href='https://elsewhere.example/'>", ""),
        ("<a href='mailto:a@b.example'>", ""),
        ("<img src='data:image/png;base64,AA'>", ""),
        ("<link rel='canonical' href='https://elsewhere.example/'>", ""),
        ("<a href='c.html'>", "no such page"),
        ("<a href='../a.html'>", "no such page"),
        ("<a href='b.html#gone'>", "no such heading"),
        ("<a href='#gone'>", "no such heading"),
        ("<img src='c.png'>", "no such page"),
        ("<img src='//e.example/c.png'>", "loaded from another host"),
        ("<img srcset='https://e.example/c.png 2x'>", "loaded from another host"),
        ("<script src='https://e.example/c.js'></script>", "loaded from another host"),
        ("<link rel='stylesheet' href='https://e.example/c.css'>", "loaded from another host"),
        ("<link rel='preconnect' href='https://e.example'>", "loaded from another host"),
        ("<style>@import 'https://e.example/c.css'</style>", "loaded from another host"),
        ("<p style='background: url(https://e.example/c.png)'>", "loaded from another host"),
        ("<iframe src='https://e.example/'></iframe>", "loaded from another host"),
    ],
)
def test_what_a_built_page_may_point_to(html: str, problem: str, tmp_path: Path) -> None:
    write(tmp_path, {"a.html": POLICIES + html, "b.html": f"{POLICIES}<h2 id=here></h2>"})
    assert [text.rpartition(": ")[2] for text in problems(tmp_path)] == [problem] * bool(problem)


def test_what_a_style_sheet_and_a_picture_may_load(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"a.css": "a{b:url(//e.example/f.woff2)}c{d:url(g.svg)}", "h.svg": "<svg><image href='https://e.example/'/>"},
    )
    assert problems(tmp_path) == [
        "a.css: //e.example/f.woff2: loaded from another host",
        "h.svg: https://e.example/: loaded from another host",
    ]


def test_the_policy_comes_before_the_first_load() -> None:
    assert read(f"<meta charset=utf-8>{POLICIES}<script src=a.js></script>").policy
    assert not read(f"<script src=a.js></script>{POLICIES}").policy


def test_a_site_without_mistakes(tmp_path: Path) -> None:
    write(tmp_path / "root", SMALL)
    assert build(tmp_path / "built", tmp_path / "root") == []
    page = (tmp_path / "built" / "html" / "other" / "index.html").read_text(encoding="utf-8")
    assert '<h2 id="a-heading">' in page
    assert "<title>Other - directus-guard</title>" in page
    assert '<meta name="description" content="a page">' in page
    assert (tmp_path / "built" / "html" / "search.json").is_file()
    sources = read(page).policy.replace(";", " ").split()
    assert sources[:2] == ["default-src", "'self'"]
    assert not [source for source in sources if "*" in source or "http" in source]


def test_a_site_below_a_path(tmp_path: Path) -> None:
    """As GitHub publishes it: only the page for what is not found has links from the top."""
    write(tmp_path / "root", SMALL)
    published = {"SITE_URL": "https://octo.github.io/directus-guard"}
    assert build(tmp_path / "built", tmp_path / "root", published) == []
    page = (tmp_path / "built" / "html" / "404.html").read_text(encoding="utf-8")
    assert 'href="/directus-guard/site.css"' in page
    assert [problem for problem in problems(tmp_path / "built" / "html") if problem.startswith("404.html: ")]
    assert published_at({"SITE_URL": "x"}) == published_at({}) == ""


def test_planted_mistakes_are_reported(tmp_path: Path) -> None:
    """Each of them, by the checker of the built pages, whatever the generator says."""
    write(tmp_path / "root", SMALL | {"docs/other.md": SMALL["docs/other.md"] + "\n" + " ".join(PLANTED) + "\n"})
    assert build(tmp_path / "built", tmp_path / "root") == list(PLANTED.values())


@pytest.mark.parametrize("found", [[], ["a/index.html: #gone: no such heading"]])
def test_a_mistake_fails_the_run(
    found: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(program, "build", lambda _: found)
    monkeypatch.setattr("sys.argv", ["site"])
    assert program.main() == len(found)
    assert capsys.readouterr().out.splitlines() == found


def test_make_check_builds_the_site() -> None:
    check = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\ncheck: ")[2].partition("\n\n")[0]
    assert "-m scripts.site" in check


def test_a_page_that_is_listed_exists(tmp_path: Path) -> None:
    write(tmp_path / "root", {HOME: SMALL[HOME]})
    assert assemble(tmp_path / "built", tmp_path / "root") == ["docs/other.md: no such page"]
