"""Whether an answer holds the whole table: what it says about the number of rows, and about pages.

Directus answers a page of 100 rows unless it is asked otherwise, and with `?meta=*` says how many there are
(docs/model/live.md#pages). Scripts that write dumps keep such numbers under names of their own, so they are distinguished
by the word alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.sources.exports.records import is_of_framework
from directus_guard.sources.exports.tables import WRAPPERS, hinted_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.sources.exports.records import ExportRecord

PAGE: Final = 100
"""Rows that the API answers where no `limit` is asked for."""


class AnswerPage(Struct, frozen=True):
    """What an answer tells about the table of its rows."""

    path: str
    hint: str
    """The key that the rows are below, "" at the top."""
    total: int
    """Rows there are at least; 0 = nothing tells."""
    matching: int
    """Of those, the ones that the filter of the request lets through."""
    more: bool = False
    """Whether more follow: it says so, or it is as long as its own limit."""


def pages_of(path: str, whole: object, hint: str = "") -> Iterator[AnswerPage]:
    """What an answer, or each of the answers in it, tells about its rows; nothing where it tells nothing."""
    if not isinstance(whole, dict):
        return
    for key, value in whole.items():
        below = hint or (key if hinted_kind(key) else "")
        if isinstance(value, list) and (key in WRAPPERS or below):
            found = _page(path, whole, value, below, key)
            if found.total or found.more:
                yield found
        elif isinstance(value, dict) and (key in WRAPPERS or hinted_kind(key)):
            yield from pages_of(path, value, below)
    if is_grouped(whole):
        total = _number(whole, frozenset({"count"}))
        yield AnswerPage(path, hint, total, total)


def is_grouped(value: object) -> bool:
    """Whether it has the place of the rows of a table that schema-sync keeps in files of their own (`data/TABLE/__GROUP.json`)."""
    return isinstance(value, dict) and value.get("partial") is True and "groupedBy" in value


def _page(path: str, whole: Mapping[str, object], rows: Sequence[object], hint: str, key: str) -> AnswerPage:
    sources: list[Mapping[str, object]] = [whole] if key in WRAPPERS else []
    for name in ("meta", "pagination", "page_info", "pageInfo", "links"):
        beside = whole.get(name)
        if isinstance(beside, dict):
            sources.append(beside)
            sources.extend(inner for inner in (beside.get(key), beside.get("links")) if isinstance(inner, dict))
    aggregated = whole.get(f"{key}_aggregated")
    if isinstance(aggregated, list):
        sources.extend(_counts(aggregated))
    total, matching, more = 0, 0, False
    shown = sum(not (isinstance(row, dict) and is_of_framework(row)) for row in rows)
    for source in sources:
        first = _first(source)
        total = max(total, _number(source, _TOTALS), first + shown if first else 0)
        matching = max(matching, _number(source, _MATCHING), first + shown if first else 0)
        more = more or _goes_on(source, shown)
    return AnswerPage(path, hint, max(total, matching), matching or total, more and not total)


def _counts(aggregated: Sequence[object]) -> Iterator[Mapping[str, object]]:
    """`[{"count": {"id": 240}}]`, as GraphQL answers how many rows there are."""
    for one in aggregated:
        if isinstance(one, dict):
            yield one
            count = one.get("count")
            if isinstance(count, dict):
                yield {"count": max(map(_whole, count.values()), default=0)}


_MATCHING: Final = frozenset({"filtercount", "filteredcount"})
_TOTALS: Final = frozenset(
    {"totalcount", "total", "count", "countall", "totalitems", "totalrecords", "totalrows", "itemcount", "rowcount", "recordcount"}
)  # fmt: skip
_NEXT: Final = frozenset({"next", "nextpage", "nextcursor", "hasmore", "hasnext", "hasnextpage", "more", "truncated"})


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _whole(value: object) -> int:
    """A number of rows, also as the text that a database gives for one; 0 for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:18])
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _number(source: Mapping[str, object], names: frozenset[str]) -> int:
    return max((_whole(value) for name, value in source.items() if _plain(name) in names), default=0)


_LIMITS: Final = frozenset({"limit", "perpage", "pagesize"})
_PAGES: Final = frozenset({"pagecount", "totalpages", "pages", "lastpage"})
_THIS_PAGE: Final = frozenset({"page", "currentpage"})


def _first(source: Mapping[str, object]) -> int:
    """How many rows come before this page, at least."""
    earlier = max(_number(source, _THIS_PAGE) - 1, 0)
    return _number(source, frozenset({"offset", "skip"})) or earlier * (_number(source, _LIMITS) or 1)


def _goes_on(source: Mapping[str, object], shown: int) -> bool:
    """Whether more rows follow, or may: a page is full, or one after it is named."""
    limit = _number(source, _LIMITS)
    if (limit and shown >= limit) or _number(source, _PAGES) > max(_number(source, _THIS_PAGE), 1):
        return True
    return any(bool(value) for name, value in source.items() if _plain(name) in _NEXT)


# --- all pages of a table ---------------------------------------------------------------------------------------------


class Shortfall(Struct, frozen=True):
    """A table of which rows are missing, or may be."""

    kind: str
    path: str
    message: str
    cut: bool
    """Whether rows that were asked for are missing; else a filter left them out, or only may have."""


def shortfalls(
    pages: Mapping[str, Sequence[AnswerPage]], rows: Mapping[str, Sequence[ExportRecord]]
) -> Iterator[Shortfall]:
    """The tables of which the answers tell more rows than there are. Pages of one table count together."""
    for kind, numbers in pages.items():
        held = [row for row in rows.get(kind, ()) if not row.of_framework]
        known = len({row.id for row in held} - {None}) + sum(row.id is None for row in held)
        largest = max(numbers, key=lambda page: (page.matching, page.total))
        total = max(page.total for page in numbers)
        if largest.matching > known or total > known:
            # 10 answers rows of one role, collection and action as one row without `id`.
            merged = kind == "permissions" and any(row.id is None for row in held)
            message = f"it counts {max(total, largest.matching)} rows of directus_{kind}, and {known} are there"
            yield Shortfall(kind, largest.path, message, largest.matching > known and not merged)
        elif not total and all(page.more for page in numbers):
            yield Shortfall(kind, largest.path, f"it is a page of directus_{kind}: more rows follow, or may", cut=True)
