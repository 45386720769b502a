"""What the docs say can be found: links, headings, citations of the model; and their sentences are short."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from directus_guard.directus.versions import NEWEST, NEWEST_OF, OLDEST
from tests.support.each import each_case
from tests.support.programs import ROOT
from tests.support.prose import anchors, links, sentences, words
from tests.support.texts import PRONOUN

PAGES: Final = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", ".github/**/*.md", "directus_guard/**/*.md", "examples/**/*.md")
    for path in ROOT.glob(pattern)
)
PROSE: Final = [
    path for path in PAGES if (path.parent == ROOT or path.is_relative_to(ROOT / "docs")) and path.name != "proof.md"
]
MOST_WORDS: Final = 25
CITING: Final = sorted(
    path
    for pattern in ("directus_guard/**/*.py", "tests/**/*.py", "scripts/*", "*.py", "*.toml", "Makefile", "action.yml")
    for path in ROOT.glob(pattern)
    if path.is_file()
    if ROOT / "tests" / "checks" not in path.parents[1:]
)
CITATION: Final = re.compile(r"\bdocs/(?:(?:model|decisions)/[\w-]+|contract)\.md(?:#[\w-]+)?")
RECIPE: Final = re.compile(r"`([^`\n]+)`")
FILE_NAME: Final = re.compile(r"[\w./-]+\.(?:py|md|json|yml)")
PLACEHOLDER: Final = re.compile(r"NAME|CHAPTER|_N\b|log[-_]level")
WORD: Final = re.compile(r"\w+")
IDENTIFIER: Final = re.compile(r"_?[A-Z][A-Za-z_]+|[a-z]+_[a-z_]+")
UNWRITTEN: Final = re.compile(r"\bfacts (?:§|C\d)|§ ?\d")
"""Citations of notes that are not in the repository."""

DIALECT: Final = re.compile(r"\b(?:told|stands|earnest|nobody|somebody|blanks|as good as none)\b", re.IGNORECASE)
"""Words that readers stumble over: see CONTRIBUTING.md."""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def missing(target: str, folder: Path, page: Path | None = None) -> str:
    """What of a target does not exist: the file, or the heading; empty if both do."""
    name, _, fragment = target.partition("#")
    path = (folder / name).resolve() if name else page
    assert path is not None
    if not path.exists():
        return "no such file"
    if fragment and path.suffix == ".md" and fragment not in anchors(path):
        return "no such heading"
    return ""


def test_links_lead_somewhere() -> None:
    found = {
        f"{named(page)}: {target}": problem
        for page in PAGES
        for target in links(page.read_text(encoding="utf-8"))
        if not target.startswith(("https://", "mailto:"))
        if (problem := missing(target, page.parent, page))
    }
    assert not found


def test_citations_lead_to_a_heading() -> None:
    found = {
        f"{named(path)}: {target}": problem
        for path in CITING
        for target in CITATION.findall(path.read_text(encoding="utf-8"))
        if (problem := missing(target, ROOT))
    }
    assert not found


def test_the_model_is_cited() -> None:
    cited = {target for path in CITING for target in CITATION.findall(path.read_text(encoding="utf-8"))}
    assert sum(target.startswith("docs/model/") and "#" in target for target in cited) > 25


def test_what_the_recipes_name_exists() -> None:
    """Files by their path or name, and classes and constants, of CONTRIBUTING.md."""
    named_there = set(RECIPE.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    files = [
        path
        for folder in ("directus_guard", "tests", "scripts", "docs", ".github")
        for path in (ROOT / folder).rglob("*.*")
    ]
    files += [path for path in ROOT.iterdir() if path.is_file()]
    used = {word for path in files if path.suffix == ".py" for word in WORD.findall(path.read_text(encoding="utf-8"))}
    ends = tuple(f"/{named(path)}" for path in files)
    missing_files = {
        name
        for name in named_there
        if FILE_NAME.fullmatch(name) and not PLACEHOLDER.search(name)
        if not any(end.endswith(f"/{name}") for end in ends)
    }
    unknown = {name for name in named_there if IDENTIFIER.fullmatch(name) and name not in used}
    assert not missing_files
    assert not unknown - {"KIND", "CHAPTER", "VERSION", "CI"}


def test_citations_are_of_this_repository() -> None:
    found = {
        f"{named(path)}: {line.strip()}"
        for path in (*CITING, *PAGES)
        if path != Path(__file__)
        for line in path.read_text(encoding="utf-8").splitlines()
        if UNWRITTEN.search(line)
    }
    assert not found


@each_case("name", ["README.md", "docs/model/README.md", "docs/what-is-read.md"])
def test_the_versions_that_are_modelled(name: str) -> None:
    oldest = f"{OLDEST.major}.{OLDEST.minor}"
    assert f" {oldest} to {NEWEST}" in (ROOT / name).read_text(encoding="utf-8")


def test_the_versions_that_servers_have() -> None:
    first, *others = map(str, NEWEST_OF.values())
    listed = f"Directus {', '.join([first, *others[:-1]])} and {others[-1]} from npm"
    assert listed in (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"\nVERSION ?= {NEWEST}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_sentences_are_short() -> None:
    found = {
        f"{named(page)}: {sentence}": count
        for page in PROSE
        for sentence in sentences(page.read_text(encoding="utf-8"))
        if (count := words(sentence)) > MOST_WORDS
    }
    assert not found


def test_words_are_plain() -> None:
    found = [
        f"{named(page)}: {sentence}"
        for page in PAGES
        if page.name != "proof.md"
        for sentence in sentences(page.read_text(encoding="utf-8"))
        if DIALECT.search(sentence) or PRONOUN.search(sentence)
    ]
    assert not found


def test_what_a_sentence_is() -> None:
    """The rules above on a text that has one of each."""
    text = (
        "# A heading\n\nFirst `one two` here, as\nin [a link](x.md). With 4. Second (3.5 is no end)! Third\n\n- an item\n  goes on."
        "\n- another\n\n| a | table |\n|---|---|\n\n```sh\nno sentence here\n```\n\nSources: a, b, c.\n"
    )
    assert [(one, words(one)) for one in sentences(text)] == [
        ("First code here, as in a link.", 7),
        ("With 4.", 2),
        ("Second (3.5 is no end)!", 5),
        ("Third", 1),
        ("an item goes on.", 4),
        ("another", 1),
    ]
    assert links(text + "`[no](y.md)`\n") == ["x.md"]
