"""Which pages the site has, where they are in it, and how readers get to them."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Final

from msgspec import Struct

from directus_guard.checks import catalogue
from directus_guard.checks.modules import CHAPTERS
from tests.support.prose import HEADING, without_code_blocks

ROOT: Final = Path(__file__).resolve().parents[2]
HOME: Final = "docs/README.md"
CHECKS: Final = "docs/checks.md"
ROW: Final = re.compile(r"^\| \[([^\]]+)\]\(([^)]+\.md)\) \| (.*?) \|$", re.MULTILINE)
"""A page in a table: its name, its file and what it is about."""

_MOVED: Final = {
    HOME: "index.md",
    CHECKS: "checks/index.md",
    "docs/model/README.md": "model/index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
}


class Page(Struct, frozen=True):
    """A page: its file in the repository, its name in the navigation, what it is about."""

    source: str
    title: str
    description: str

    @property
    def target(self) -> str:
        """Where it is in the site."""
        if self.source.startswith("directus_guard/checks/"):
            return f"checks/{posixpath.basename(self.source)}"
        return _MOVED.get(self.source, self.source.removeprefix("docs/"))


class Section(Struct, frozen=True):
    """A heading of the navigation and what is below it."""

    title: str
    entries: tuple[Page | Section, ...]


def pages(root: Path = ROOT) -> dict[str, Page]:
    """All pages by their file."""
    return {page.source: page for page in (_home(root), *_flat(navigation(root)))}


def navigation(root: Path = ROOT) -> tuple[Section, ...]:
    """The sections of docs/README.md with the pages of their tables."""
    text = (root / HOME).read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    sections = ((title, _listed(root, HOME, part)) for title, part in zip(parts[::2], parts[1::2], strict=True))
    return tuple(Section(title, entries) for title, entries in sections if entries)


def _home(root: Path) -> Page:
    """The first page, whose description is its first sentence."""
    text = without_code_blocks((root / HOME).read_text(encoding="utf-8"))
    title = HEADING.findall(text)[0]
    return Page(HOME, title, " ".join(text.split("\n\n")[1].split()).partition(". ")[0])


def _listed(root: Path, page: str, text: str) -> tuple[Page | Section, ...]:
    """The pages of a table; a page that lists others is a section with them."""
    entries: list[Page | Section] = []
    for title, target, about in ROW.findall(text):
        source = posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
        listed = Page(source, title, _plain(about))
        if source == CHECKS:
            entries.append(Section(title, (listed, *_chapters())))
        elif posixpath.basename(source) == "README.md":
            below = _listed(root, source, (root / source).read_text(encoding="utf-8"))
            entries.append(Section(title, (listed, *below)))
        else:
            entries.append(listed)
    return tuple(entries)


def _chapters() -> tuple[Section, ...]:
    """The pages of the checks, by chapter."""
    chapters = (
        (chapter, [check for check in catalogue().values() if check.chapter == chapter]) for chapter in CHAPTERS
    )
    return tuple(
        Section(
            chapter.capitalize(),
            tuple(
                Page(f"directus_guard/checks/{chapter}/{check.id}.md", check.id, _plain(check.summary))
                for check in checks
            ),
        )
        for chapter, checks in chapters
        if checks
    )


def _flat(sections: tuple[Page | Section, ...]) -> tuple[Page, ...]:
    pages: list[Page] = []
    for entry in sections:
        pages += _flat(entry.entries) if isinstance(entry, Section) else (entry,)
    return tuple(pages)


def _plain(text: str) -> str:
    """Markdown of a table's cell as plain text."""
    return re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text).replace("`", "").replace("\\|", "|")
