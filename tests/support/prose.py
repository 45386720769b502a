"""Markdown as its readers see it: headings, links, sentences."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FENCE: Final = re.compile(r"^( *)(```|~~~).*?^\1\2[ \t]*$", re.MULTILINE | re.DOTALL)
COMMENT: Final = re.compile(r"<!--.*?-->", re.DOTALL)
CODE: Final = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
LINK: Final = re.compile(r"!?\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
HEADING: Final = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
NEW_BLOCK: Final = re.compile(r" *(?:[-*] |\d+\. )")
NO_PROSE: Final = re.compile(r" *(?:\||#|!\[|Sources: )")
END: Final = re.compile(r"(?<=[.!?])[)\"*]*(?:\s+|$)")
WORD: Final = re.compile(r"[^\W_]")


def without_code_blocks(text: str) -> str:
    """Without fenced blocks and comments."""
    return COMMENT.sub("", FENCE.sub("", text))


def anchor(heading: str) -> str:
    """The fragment that GitHub gives to a heading."""
    plain = LINK.sub(r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


@cache
def anchors(path: Path) -> frozenset[str]:
    """The fragments of a page; a second heading of the same words has `-1` at its end."""
    found: list[str] = []
    for heading in HEADING.findall(without_code_blocks(path.read_text(encoding="utf-8"))):
        name = anchor(heading)
        count = sum(one == name for one in found)
        found += [name] if not count else [name, f"{name}-{count}"]
    return frozenset(found)


def links(text: str) -> list[str]:
    """The targets of links and pictures."""
    return [target for _, target in LINK.findall(CODE.sub("", without_code_blocks(text)))]


def sentences(text: str) -> Iterator[str]:
    """The sentences of paragraphs and list items; code counts as one word, tables, headings and sources not at all."""
    for block in _blocks(without_code_blocks(text)):
        plain = LINK.sub(r"\1", CODE.sub("code", block))
        yield from (sentence.strip() for sentence in END.split(plain) if sentence.strip())


def words(sentence: str) -> int:
    """How many words a sentence has."""
    return sum(bool(WORD.search(part)) for part in sentence.split())


def _blocks(text: str) -> Iterator[str]:
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        mark = NEW_BLOCK.match(line)
        if not line.strip() or mark:
            if block and not NO_PROSE.match(block[0]):
                yield " ".join(block)
            block = []
        if line.strip():
            block.append(line[mark.end() if mark else 0 :].strip())
