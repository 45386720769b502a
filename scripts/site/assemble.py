"""Copies the pages into one folder, as the generator of the site reads them."""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.checks import catalogue
from directus_guard.documentation import is_address
from scripts.checklist import section_of
from scripts.site.pages import ROOT, Page, Section, navigation, pages
from tests.support.prose import FENCE, anchor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HERE: Final = Path(__file__).resolve().parent
LINK: Final = re.compile(r"(!?)\[((?:`[^`]*`|[^\[\]`])*)\]\(([^()\s]+)\)|(`+)(?!`).+?(?<!`)\4(?!`)", re.DOTALL)
"""A link or picture; code that only shows a link is passed over."""

HEADING: Final = re.compile(r"^(#{1,6} +)(.+?) *$", re.MULTILINE)
SHALLOW: Final = re.compile(r"^ {2,3}(?=- )", re.MULTILINE)
"""A list in a list as GitHub takes it; the generator wants four spaces."""

TABLE_ROW: Final = re.compile(r"^\|.*$", re.MULTILINE)
PIPE_IN_CODE: Final = re.compile(r"`[^`\n]*`")
"""In a table GitHub takes a backslash before `|` away in code, too. The generator leaves it, and needs none."""

COMMENT: Final = re.compile(r"<!--.*?-->\n?", re.DOTALL)
PICTURES: Final = (".svg", ".png")


def assemble(target: Path, root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Write the pages, the pictures and the generator's config below `target`; returns which pages do not exist."""
    shutil.rmtree(target / "docs", ignore_errors=True)
    listed, base = pages(root), repository(environ)
    missing = [page.source for page in listed.values() if not (root / page.source).is_file()]
    for page in listed.values():
        if page.source in missing:
            continue
        text = _with_severity((root / page.source).read_text(encoding="utf-8"), page)
        _write(target / "docs" / page.target, _head(page) + rendered(text, page, listed, base, root))
    for path in sorted((root / "docs").rglob("*")):
        if path.suffix in {*PICTURES, ".json"}:
            copy = target / "docs" / path.relative_to(root / "docs")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    shutil.copyfile(HERE / "site.css", target / "docs" / "site.css")
    settings = (HERE / "zensical.toml").read_text(encoding="utf-8")
    theme = json.dumps(str(HERE / "theme"))
    nav = f"nav = {_nav(navigation(root))}\n"
    if address := published_at(environ):
        nav += f"site_url = {json.dumps(address)}\n"
    _write(target / "zensical.toml", settings.replace("# nav\n", nav).replace('"theme"', theme))
    return [f"{source}: no such page" for source in missing]


def _with_severity(text: str, page: Page) -> str:
    """The page of a check, with its severity, its chapter and its bullets of the checklist below the title."""
    check = catalogue().get(Path(page.source).stem) if page.source.startswith("directus_guard/checks/") else None
    if check is None:
        return text
    title, _, rest = text.partition("\n")
    says = [
        f"Severity: **{check.severity.value}**",
        f"[{check.chapter.capitalize()}](../../../docs/checks.md#{check.chapter})",
    ]
    if check.checklist:
        bullets = (f"[{number}](../../../docs/checklist.md#{section_of(number)})" for number in check.checklist)
        says.append(f"Checklist: {', '.join(bullets)}")
    return f"{title}\n\n{' · '.join(says)}\n{rest}"


def repository(environ: Mapping[str, str]) -> str:
    """The address of the files of this commit, as GitHub's runner names it; "" elsewhere: no address is made up."""
    server, name, commit = (environ.get(f"GITHUB_{key}", "") for key in ("SERVER_URL", "REPOSITORY", "SHA"))
    address = f"{server}/{name}/blob/{commit}"
    return address if name and commit and is_address(address) else ""


def published_at(environ: Mapping[str, str]) -> str:
    """The address that the site is published at, with a slash at the end; "" if the variable SITE_URL names none."""
    address = environ.get("SITE_URL", "")
    return f"{address.rstrip('/')}/" if is_address(address) else ""


def rendered(text: str, page: Page, listed: Mapping[str, Page], base: str, root: Path = ROOT) -> str:
    """The text of a page for the site: its links lead to pages of the site, its headings keep GitHub's anchors."""
    parts: list[str] = []
    end = 0
    counts: dict[str, int] = {}
    for fence in FENCE.finditer(text):
        parts += [_prose(text[end : fence.start()], page, listed, base, root, counts), fence[0]]
        end = fence.end()
    parts.append(_prose(text[end:], page, listed, base, root, counts))
    return "".join(parts)


def _prose(text: str, page: Page, listed: Mapping[str, Page], base: str, root: Path, counts: dict[str, int]) -> str:
    """Text between code blocks."""

    def heading(match: re.Match[str]) -> str:
        name = anchor(match[2])
        count = counts[name] = counts.get(name, -1) + 1
        return f"{match[1]}{match[2]} {{ #{name}{f'-{count}' if count else ''} }}"

    def link(match: re.Match[str]) -> str:
        mark, words, target = match[1], match[2], match[3]
        if target is None or target.startswith(("https://", "mailto:", "#")):
            return match[0]
        address = resolved(target, page, listed, base, root)
        return f"{mark}[{words}]({address})" if address else words

    text = TABLE_ROW.sub(lambda row: PIPE_IN_CODE.sub(lambda code: code[0].replace("\\|", "|"), row[0]), text)
    return LINK.sub(link, HEADING.sub(heading, SHALLOW.sub("    ", COMMENT.sub("", text))))


def resolved(target: str, page: Page, listed: Mapping[str, Page], base: str, root: Path) -> str:
    """Where a link of a page leads in the site or, for other files, in the repository; "" = to no known address."""
    name, _, fragment = target.partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page.source), name))
    end = f"#{fragment}" if fragment else ""
    folder = posixpath.dirname(page.target)
    if path in listed:
        return posixpath.relpath(listed[path].target, folder or ".") + end
    if path.startswith("docs/") and Path(path).suffix in {*PICTURES, ".json"}:
        return posixpath.relpath(path.removeprefix("docs/"), folder or ".")
    if not (root / path).exists():
        return target  # the check of the built pages reports it
    return f"{base}/{path}{end}" if base else ""


def _head(page: Page) -> str:
    """What the generator reads before a page."""
    lines = ["---", f"title: {json.dumps(page.title)}", f"description: {json.dumps(page.description)}", "---", "", ""]
    return "\n".join(lines)


def _nav(entries: Iterable[Page | Section]) -> str:
    """The navigation in TOML, which takes JSON's strings."""
    return f"[{', '.join(_entry(entry) for entry in entries)}]"


def _entry(entry: Page | Section) -> str:
    below = _nav(entry.entries) if isinstance(entry, Section) else json.dumps(entry.target)
    return f"{{ {json.dumps(entry.title)} = {below} }}"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
