"""The records that the files of one folder hold, sorted by table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Raw, Struct, field

from directus_guard.directus.access.nesting import TooDeepError, is_too_deep, may_be_too_deep
from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from directus_guard.sources.exports.pages import AnswerPage, is_grouped, pages_of
from directus_guard.sources.exports.plain_rows import PlainRows
from directus_guard.sources.exports.records import DecodedRecord
from directus_guard.sources.exports.tables import ENOUGH, WRAPPERS, count_columns, hinted_kind, kind_of, listed_below
from directus_guard.sources.formats import json_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.sources.exports.records import ExportRecord


class FoundRecords(Struct):
    """What the files of one folder hold."""

    plain: PlainRows = field(default_factory=PlainRows)
    """Rows that are read by their text, each distinct text once."""
    records: dict[str, list[ExportRecord]] = field(default_factory=dict)
    """Rows by kind."""
    doubtful: list[tuple[ExportRecord, object]] = field(default_factory=list)
    """What does not look like a row in a file that is for one kind, and the value itself."""
    present: set[str] = field(default_factory=set)
    """Kinds that some file is for, also one without rows."""
    passed_over: list[str] = field(default_factory=list)
    """Files named after a kind that hold no sign of one."""
    metadata: str = ""
    """The file about the export itself, "" if there is none."""
    promised: set[str] = field(default_factory=set)
    """Files that Environment Sync's metadata lists."""
    incomplete: bool = False
    pages: dict[str, list[AnswerPage]] = field(default_factory=dict)
    """What answers tell about the number of rows, by kind."""
    unread: dict[str, str] = field(default_factory=dict)
    """Names of files that could not be read to their end, and the kind they are named after."""
    version: Version | None = None

    def of(self, kind: str) -> list[ExportRecord]:
        return self.records.get(kind, [])

    def all_records(self) -> Iterator[ExportRecord]:
        return (record for rows in self.records.values() for record in rows)

    def has(self, kind: str) -> bool:
        """Whether some file tells about a kind, be it that there is none, or would if it could be read."""
        return bool(self.of(kind)) or kind in self.present or kind in self.unread.values()

    @property
    def is_export(self) -> bool:
        if any(map(self.of, ("permissions", "policies", "flows", "operations"))):
            return True
        if any(
            record.kind in _ACCESS and count_columns(value, record.kind) >= ENOUGH for record, value in self.doubtful
        ):
            return True
        return any(self.records.values()) and not _ACCESS.isdisjoint(self.unread.values())


_ACCESS: Final = frozenset({"permissions", "policies"})


_OF_METADATA: Final = frozenset({"files", "source", "incomplete", "directus", "snapshot"})


def read_metadata(path: str, data: object, records: FoundRecords) -> str:
    """Take what the metadata tell, and say what of it is odd. `incomplete` names tables of which 12 Core hides rows, `files`
    what was written, `snapshot.directus` the version (docs/model/exports.md#environment-sync)."""
    if not isinstance(data, Mapping) or _OF_METADATA.isdisjoint(data):
        return ""
    records.metadata = path
    hides = data.get("incomplete", [])
    records.incomplete = records.incomplete or bool(hides)
    files = data.get("files")
    if "source" in data and isinstance(files, list):
        records.promised |= {str(name).rpartition("/")[2] for name in files}
    snapshot = data.get("snapshot")
    named = data.get("directus") or (snapshot.get("directus") if isinstance(snapshot, Mapping) else None)
    if isinstance(named, str):
        records.version = Version.parse(named) or records.version
    listed = isinstance(hides, list) and all(isinstance(name, str) for name in hides)
    if "source" in data and not isinstance(files, list):
        return "`files` is missing or not a list: whether all of the export is there is not known"
    return "" if listed else "`incomplete` is not a list of tables: whether rows are hidden is not known"


def sort_records(path: str, text: str, name: str, named: str, found_records: FoundRecords) -> None:
    """Every record of a file with its place, by its kind.

    A row that lost a member, or whose value is of another type, is still one in a file of such rows.
    """
    places = json_records.Places(Location(path), text)
    found: set[str] = set()
    others: list[tuple[str, object, Location]] = []
    whole = _whole(text)
    flow = _flow_of(whole)
    for hint, items in _groups(places, text, whole):
        named_kind = hinted_kind(hint) or named
        may_be_plain = named_kind in ("", "permissions")
        for item, offset, end, place in items:
            value = item
            if isinstance(item, Raw):
                plain = found_records.plain.read(item, place) if may_be_plain else None
                if plain is not None:
                    found.add("permissions")
                    found_records.records.setdefault("permissions", []).append(plain)
                    continue
                value, _ = _DECODER.raw_decode(text, offset)
            if is_grouped(value):
                continue
            if may_be_too_deep(text, offset, end) and is_too_deep(value):
                raise TooDeepError
            if flow and hint == "operations" and isinstance(value, dict):
                value.setdefault("flow", flow)
            kind = kind_of(value, hint or name) if isinstance(value, dict) else ""
            if kind and kind == (named_kind or kind):
                found.add(kind)
                members = json_records.places_of_members(path, text, offset) if kind == "settings" else {}
                found_records.records.setdefault(kind, []).append(DecodedRecord(kind, value, place, members))  # type: ignore[arg-type]  # a kind is given for objects only
            elif named_kind or found:
                others.append((named_kind, value, place))
    if named and not others:
        found_records.present.add(named)
    if found:
        found_records.present.update(_without_rows(whole))
    only = next(iter(found)) if len(found) == 1 else ""
    for page in pages_of(path, whole):
        kind = hinted_kind(page.hint) or named or only
        if kind:
            found_records.pages.setdefault(kind, []).append(page)
    for named_kind, value, place in others:
        kind = named_kind or only
        if kind and (named_kind or count_columns(value, kind) >= ENOUGH // 2):
            found_records.doubtful.append((DecodedRecord(kind, value if isinstance(value, dict) else {}, place), value))


def _whole(text: str) -> object:
    """The value that is the text; None for a list, whose items are read one by one."""
    start = json_records.skip(text, 0)
    if text.startswith("[", start):
        return None
    whole, end = json.JSONDecoder().raw_decode(text, start)
    json_records.end_of(text, end)
    return whole


def _flow_of(whole: object) -> str:
    """The id of the flow in a dump of one flow, `{"flow": {…}, "operations": […]}`; "" in any other file."""
    flow = whole.get("flow") if isinstance(whole, dict) and isinstance(whole.get("operations"), list) else None
    known = flow.get("id") if isinstance(flow, dict) else None
    return known if isinstance(known, str) else ""


_Item: TypeAlias = tuple[object, int, int, Location]
"""A value, which may come undecoded, where its text begins and ends, and its region."""


def _groups(places: json_records.Places, text: str, whole: object) -> Iterator[tuple[str, Iterator[_Item]]]:
    """The objects at the top of a file: of a list its items, of `{data: …}`, `{records: …}` and `{permissions: […], …}`
    what is below; else the object itself. Those of each list together, with the key they are below."""
    start = json_records.skip(text, 0)
    if text.startswith("[", start):
        raws = json_records.raw_items(text, start)
        listed = json_records.listed(_DECODER, text, start)
        yield "", places.items(raws, start) if raws else _placed(places, listed)
        return
    yield from _of_object(places, text, whole, (start, len(text.rstrip())), "")


def _placed(places: json_records.Places, items: Iterable[tuple[object, int, int]]) -> Iterator[_Item]:
    return ((value, begin, end, places.region(begin, end)) for value, begin, end in items)


_DECODER: Final = json.JSONDecoder()


def _without_rows(whole: object) -> Iterator[str]:
    """The tables that a file of several has, and that are empty there."""
    if not isinstance(whole, dict) or "id" in whole or "admin_access" in whole:
        return  # a row of its own, with lists of others
    for key in listed_below(whole):
        below = whole[key]
        if key in WRAPPERS:
            yield from _without_rows(below)
        elif below == [] or (isinstance(below, dict) and below.get("data") == []):
            yield hinted_kind(key)


def _holds_tables(value: object) -> bool:
    """Whether what an answer wraps are tables, as GraphQL answers them; a role of its own lists its policies, too."""
    return isinstance(value, dict) and "id" not in value and bool(listed_below(value))


def _of_object(
    places: json_records.Places, text: str, whole: object, place: tuple[int, int], hint: str
) -> Iterator[tuple[str, Iterator[_Item]]]:
    """The objects of `whole`, whose text begins and ends at `place`; it is below the key `hint`, "" at the top."""
    listed = listed_below(whole)
    if not isinstance(whole, dict) or not listed or "admin_access" in whole or "action" in whole:
        yield hint, _placed(places, [(whole, *place)])
        return
    hint = hint or str(whole.get("collection") or "")
    for key, value, position, after in json_records.members(_DECODER, text, place[0]):
        if key == "flow" and _flow_of(whole):
            yield "flows", _placed(places, [(value, position, after)])
        if key not in listed:
            continue
        below = hint or (key if hinted_kind(key) else "")
        if isinstance(value, list):
            raws = json_records.raw_items(text, position, after)
            items = json_records.items(_DECODER, text, position)
            yield below, places.items(raws, position) if raws else _placed(places, items)
        elif key in WRAPPERS and not _holds_tables(value):
            yield below, _placed(places, [(value, position, after)])
        else:
            yield from _of_object(places, text, value, (position, after), below)
