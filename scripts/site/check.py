"""Reads the built pages as a browser does: each link leads to a file and an anchor of the site, and nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOADING: Final = {
    ("img", "src"), ("img", "srcset"), ("script", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"),
    ("source", "srcset"), ("video", "src"), ("video", "poster"), ("audio", "src"), ("embed", "src"), ("object", "data"),
    ("image", "href"), ("use", "href"), ("track", "src"), ("form", "action"), ("input", "src"), ("base", "href"),
}  # fmt: skip
"""Attributes that a browser loads or sends something for, without a click."""

NAMING: Final = {"canonical", "prev", "next", "alternate", "describedby"}
"""Links of the head that only name another page."""

CSS_LOAD: Final = re.compile(r"""url\(\s*["']?([^"')\s]+)|@import\s+["']([^"']+)""")
POLICY: Final = "Content-Security-Policy"


class Reference(Struct, frozen=True):
    """What an attribute points to, and whether it is loaded without a click."""

    target: str
    loaded: bool


class Document(Struct, frozen=True):
    """What a page points to, the anchors it has, and its policy for what may be loaded."""

    references: tuple[Reference, ...]
    anchors: frozenset[str]
    policy: str


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.references: list[Reference] = []
        self.anchors: set[str] = set()
        self.policy = ""
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name.removeprefix("xlink:"): value or "" for name, value in attrs}
        self._style = tag == "style"
        self.anchors |= {given[name] for name in ("id", "name") if given.get(name) and (name == "id" or tag == "a")}
        if tag == "meta" and given.get("http-equiv") == POLICY and not self.references:
            self.policy = given.get("content", "")
        if tag == "a" and "href" in given:
            self.references.append(Reference(given["href"], loaded=False))
        naming = tag == "link" and bool(NAMING & {*given.get("rel", "").split()})
        for name, value in given.items():
            if (tag, name) in LOADING:
                targets = (
                    [part.split()[0] for part in value.split(",") if part.strip()] if name == "srcset" else [value]
                )
                self.references += [Reference(target, loaded=not naming) for target in targets]
        self.references += [Reference(target, loaded=True) for target in css_loads(given.get("style", ""))]

    def handle_data(self, data: str) -> None:
        if self._style:
            self.references += [Reference(target, loaded=True) for target in css_loads(data)]


def read(html: str) -> Document:
    """A page as its links see it."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Document(tuple(reader.references), frozenset(reader.anchors), reader.policy)


def css_loads(text: str) -> list[str]:
    """What a style sheet loads."""
    return [url or imported for url, imported in CSS_LOAD.findall(text)]


def problems(site: Path, top: str = "/") -> list[str]:
    """What is wrong with a built site, a line each: broken links and anchors, loads from other hosts, pages without a policy.

    `top`: the path of the address that the site is published at.
    """
    document = cache(lambda path: read(path.read_text(encoding="utf-8")))
    found: list[str] = []
    for page in sorted(site.rglob("*.html")):
        content = document(page)
        name = page.relative_to(site).as_posix()
        if not content.policy:
            found.append(f"{name}: no {POLICY} before the first load")
        found += [
            f"{name}: {reference.target}: {trouble}"
            for reference in dict.fromkeys(content.references)
            if (trouble := _trouble(reference, page, site, top, document))
        ]
    found += [
        f"{sheet.relative_to(site).as_posix()}: {target}: loaded from another host"
        for pattern in ("*.css", "*.svg")
        for sheet in sorted(site.rglob(pattern))
        for target in _sheet_loads(sheet)
        if _external(target)
    ]
    return found


def _sheet_loads(sheet: Path) -> Iterator[str]:
    text = sheet.read_text(encoding="utf-8")
    yield from css_loads(text)
    if sheet.suffix == ".svg":
        yield from (reference.target for reference in read(text).references if reference.loaded)


def _external(target: str) -> bool:
    address = urlsplit(target)
    return bool(address.netloc) or address.scheme not in ("", "data")


def _trouble(reference: Reference, page: Path, site: Path, top: str, document: Callable[[Path], Document]) -> str:
    """What is wrong with a reference; "" = nothing."""
    if _external(reference.target):
        return "loaded from another host" if reference.loaded else ""
    address = urlsplit(reference.target)
    if address.scheme == "data":
        return ""
    path = unquote(address.path)
    if path.startswith("/") and not path.startswith(top):
        return "no such page"
    file = (site / path.removeprefix(top) if path.startswith("/") else page.parent / path) if path else page
    file = file / "index.html" if file.is_dir() else file
    if not file.is_file() or not file.resolve().is_relative_to(site.resolve()):
        return "no such page"
    anchor = unquote(address.fragment)
    if anchor and file.suffix == ".html" and anchor not in document(file.resolve()).anchors:
        return "no such heading"
    return ""
