"""Records of an exported configuration, read strictly: a value of another type is not "unset", a missing member no silence.

`RecordReader` accepts what Directus, its databases and the exporters really write, with its meaning: booleans also as 0 and
1 (SQLite, MySQL) and as the texts of those (dumps of MySQL), lists as one text with commas (the column's own form) or as
JSON text, objects as JSON text, keys as texts, numbers or the object they point at (`?fields=*.*`). Whatever else it finds
becomes a problem of the file, once per member, and a gap: nothing that rests on that part of the export is passed.

Which members are always there was read from what the exporters write (Environment Sync of `@directus/cli` 12.2.1,
directus-sync 3.4.1, schema-sync 4.0.0, directus-template-cli, GET answers; docs/model/exports.md) and from their real
output in `tests/lab/test_exporters.py`: all of them write every column of a row, so that a missing one was taken away.
What they strip on purpose is not required here: secrets of users, settings that a version of Directus does not have; and
what one of them may leave out is in `export_formats`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.access.nesting import is_too_deep
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.flows.data import texts_in
from directus_guard.directus.gaps import Gaps
from directus_guard.directus.placeholders import is_filled_in
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.gaps import ExportPart
    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository

KINDS: Final = ("permissions", "policies", "access", "roles", "users", "flows", "operations", "settings")

_ABSENT: Final = object()
_PLACEHOLDER: Final = lazy_pattern(r"\$\{|\{\{|\{%|<%|#\{|\$\(|@@|\A\$[A-Z_]+\Z|\A(?:null|undefined|None|NULL)\Z")
"""What something else fills in before Directus sees it, in a place where Directus has names and ids; and a null as text."""
_FLAGS: Final[Mapping[object, bool]] = {True: True, False: False, "1": True, "0": False}
_WORDS: Final = {
    "true": True,
    "t": True,
    "yes": True,
    "on": True,
    "false": False,
    "f": False,
    "no": False,
    "off": False,
}
UNREADABLE: Final[Json] = {"_unreadable": True}
"""What a rule is that cannot be read: no rule that Directus has, so that nothing is concluded from it."""

_REFERENCE: Final = lazy_pattern(r"\s*\$\{[^{}]*\}\s*")
_HOLDS: Final = "contains a placeholder for a later value"
_LATER: Final = "is a placeholder for a later value"
_NOTHING: Final = "is the text `null` instead of null"
_NULLS: Final = frozenset({"null", "undefined", "None", "NULL"})
_FLAG: Final = "true or false"
_KEY: Final = "an id"
_TEXT: Final = "a text"
_LIST: Final = "a list of texts"
_OBJECT: Final = "an object"


class ExportRecord(Struct, frozen=True):
    """One row of a table, and where it is."""

    @property
    def kind(self) -> str:
        """The table."""
        raise NotImplementedError

    @property
    def values(self) -> Mapping[str, Json]:
        """Its members."""
        raise NotImplementedError

    @property
    def location(self) -> Location:
        """Where it is."""
        raise NotImplementedError

    @property
    def places(self) -> Mapping[str, Location]:
        """Where its members are, for the few records of which each member is a matter of its own."""
        return {}

    def has(self, name: str) -> bool:
        """Whether it has a member."""
        return name in self.values

    def text(self, key: str) -> str | None:
        """The value as a key or name, where it has a usable form: numbers too are keys."""
        return key_of(self.values.get(key))

    @property
    def id(self) -> str | None:
        return self.text("id") or self.text("_syncId")

    @property
    def of_framework(self) -> bool:
        """`is_of_framework` of its members."""
        return is_of_framework(self.values)


class DecodedRecord(ExportRecord, frozen=True):
    """A row whose members are decoded."""

    kind: str
    values: Mapping[str, Json]
    location: Location
    places: Mapping[str, Location] = MappingProxyType({})


class _Trouble(Struct):
    """The same fault in the records of one file."""

    path: str
    line: int
    message: str
    count: int = 1


class RecordReader:
    """Reads members of records. What it could not use is kept until `report`."""

    def __init__(self) -> None:
        self._troubles: dict[tuple[str, str, str, ExportPart, str], _Trouble] = {}
        self._plain: set[str] = set()
        self.gaps = Gaps()
        """Parts of the export that are not wholly known, and why."""

    @property
    def is_troubled(self) -> bool:
        """Whether something could not be used: then the run is incomplete."""
        return bool(self._troubles)

    def report(self, repository: Repository) -> None:
        """Make every trouble a problem of its file; the run is incomplete without it."""
        for trouble in self._troubles.values():
            more = f" (so do {trouble.count - 1} more records)" if trouble.count > 1 else ""
            repository.problem(trouble.path, trouble.message + more, trouble.line, incomplete=True)

    # --- members ---

    def flag(self, record: ExportRecord, key: str, part: ExportPart) -> bool:
        """A boolean. A word that means one is taken as that, and noted all the same: no exporter writes it."""
        value = record.values.get(key, _ABSENT)
        if value is True or value is False:
            return value
        if isinstance(value, str | int) and value in _FLAGS:
            return _FLAGS[value]
        self.note(record, key, value, _FLAG, part)
        return _WORDS.get(value.strip().lower(), False) if isinstance(value, str) else False

    def key(self, record: ExportRecord, key: str, part: ExportPart, *, required: bool = True) -> str:
        """The id of another record."""
        found = self.key_or_null(record, key, part, required=required)
        if found is None and record.values.get(key, _ABSENT) is None:
            self.note(record, key, None, _KEY, part)
        return found or ""

    def key_or_null(self, record: ExportRecord, key: str, part: ExportPart, *, required: bool = True) -> str | None:
        value = record.values.get(key, _ABSENT)
        if type(value) is str and value in self._plain:
            return value
        found = key_of(value)
        if found is not None and self.is_placeholder(found):
            self.note_record(record, f"`{key}` {_LATER}", part)
            return found
        if found is None and value is not None and (required or value is not _ABSENT):
            self.note(record, key, value, _KEY, part)
        return found

    def text(self, record: ExportRecord, key: str, part: ExportPart) -> str:
        value = record.values.get(key, _ABSENT)
        if isinstance(value, str):
            return value
        self.note(record, key, value, _TEXT, part)
        return ""

    def word(self, record: ExportRecord, key: str, part: ExportPart, *, required: bool = True) -> str | None:
        """A text that is one of Directus' own words, or null."""
        value = record.values.get(key, _ABSENT)
        if value is None or (isinstance(value, str) and not self.is_placeholder(value)):
            return value
        if required or value is not _ABSENT:
            self.note(record, key, value, "a word of Directus", part)
        return None

    def name(self, record: ExportRecord, key: str, part: ExportPart) -> str:
        """The name of a collection or an operation: never empty."""
        value = record.values.get(key, _ABSENT)
        if isinstance(value, str) and value:
            if self.is_placeholder(value):
                self.note_record(record, f"`{key}` {_LATER}", part)
            return value
        self.note(record, key, value, "a name", part)
        return ""

    def one_of(self, record: ExportRecord, key: str, names: tuple[str, ...], part: ExportPart) -> str:
        """A text that must be one of a few."""
        value = record.values.get(key, _ABSENT)
        if isinstance(value, str) and value in names:
            return value
        self.note(record, key, value, f"one of {', '.join(names)}", part)
        return value if isinstance(value, str) else ""

    def one_of_or_null(self, record: ExportRecord, key: str, names: tuple[str, ...], part: ExportPart) -> str | None:
        """A text that is one of a few, or null; null too for any other, which databases may still take for one of them:
        some compare texts without regard to case."""
        if record.values.get(key, _ABSENT) is None:
            return None
        found = self.one_of(record, key, names, part)
        return found if found in names else None

    def texts(self, record: ExportRecord, key: str, part: ExportPart) -> tuple[str, ...] | None:
        """A list of texts, also written as one with commas or as JSON text; None stays None."""
        value = record.values.get(key, _ABSENT)
        if value is None:
            return None
        listed = _listed(value) if isinstance(value, str) else value
        if isinstance(listed, list) and all(type(item) is str for item in listed):
            if any(map(self.is_placeholder, listed)):
                self.note_record(record, f"`{key}` {_LATER}", part)
            return tuple(listed)
        self.note(record, key, value, _LIST, part)
        return tuple(item for item in listed if isinstance(item, str)) if isinstance(listed, list) else None

    def json_object(self, record: ExportRecord, key: str, part: ExportPart) -> Json:
        """An object or null, also as JSON text; `UNREADABLE` for anything else."""
        value = record.values.get(key, _ABSENT)
        if isinstance(value, str):
            try:
                decoded: Json = json.loads(value)
            except (ValueError, RecursionError):
                decoded = value
            if decoded is None or (isinstance(decoded, dict) and not is_too_deep(decoded)):
                value = decoded
        if value is None or (isinstance(value, dict) and "$ref" not in value):
            return value
        self.note(record, key, value, _OBJECT, part)
        return UNREADABLE

    def check_unique(self, records: Iterable[ExportRecord], part: ExportPart) -> None:
        """Note rows that have the key of another one: a table has none, so one of them is not what is stored."""
        seen: dict[str | None, ExportRecord] = {}
        for record in records:
            other = seen.setdefault(record.id, record)
            if record.id is not None and other is not record and other.values != record.values:
                self.note_record(record, "`id` is the id of another record, too", part)

    def check_rule(self, record: ExportRecord, key: str, rule: Json, part: ExportPart) -> None:
        """Note a rule of another shape than Directus reads."""
        odd = odd_in(rule) if rule is not UNREADABLE else ""
        if odd:
            self.note_record(record, f"`{key}` {odd}", part)

    def check_decisive(
        self,
        record: ExportRecord,
        options: Mapping[str, Json],
        names: Iterable[str],
        part: ExportPart,
        *,
        templates: bool,
    ) -> None:
        """Note options, of those with these names, that something fills in later: what the flow does rests on them.

        `templates`: Directus reads `{{ … }}` in them."""
        for name in names:
            if any(is_filled_in(text, templates=templates) for text in texts_in(options.get(name), keys=True)):
                self.note_record(record, f"`options.{name}` {_HOLDS}", part)

    def check_filled_in(self, record: ExportRecord, key: str, value: Json, part: ExportPart) -> None:
        """Leave a part of the export open where a value, or one below it, is nothing but a reference that something fills in
        later, or a filter of another shape. Templates of flows (`{{ … }}`) and texts with more in them, such as scripts, are what Directus itself reads."""
        left: list[Json] = [value]
        while left:
            one = left.pop()
            if isinstance(one, Mapping):
                left += one.values()
            elif isinstance(one, list):
                left += one
            if odd := _open_in(one):
                self.gaps.note(part, f"`{key}` of a record of directus_{record.kind} {odd}")
                return

    def is_placeholder(self, text: str) -> bool:
        """Whether something fills a name or an id in later. Exports repeat few of them."""
        if text in self._plain:
            return False
        if is_placeholder(text):
            return True
        self._plain.add(text)
        return False

    def note(
        self, record: ExportRecord, key: str, value: object, expected: str, part: ExportPart, subject: str = ""
    ) -> None:
        """Note that a member cannot be used: its type, never its value."""
        self.note_record(record, f"`{key}` {_trouble_with(value, expected)}", part, subject)

    def note_record(self, record: ExportRecord, what: str, part: ExportPart, subject: str = "") -> None:
        """Note that something is wrong with a record."""
        place = record.location
        found = self._troubles.get((place.path, record.kind, what, part, subject))
        if found is not None:
            found.count += 1
            return
        message = shorten(f"directus_{record.kind}: {what} in the record{_named(record)}")
        self._troubles[place.path, record.kind, what, part, subject] = _Trouble(place.path, place.line, message)

        reason = f"not every record of directus_{record.kind} in the export can be used: {what}"
        self.gaps.overrule(part, min(reason, self.gaps.reason(part, subject) or reason), subject)


def is_of_framework(values: Mapping[str, object]) -> bool:
    """Whether a row of permissions is one that `GET /permissions` adds to those that are stored: it is marked and has neither
    an identity nor a holder. The mark alone says nothing: whatever imports a row does not look at it."""
    return values.get("system") is True and all(values.get(key) is None for key in _STORED)


_STORED: Final = ("id", "_syncId", "policy", "role")


def is_placeholder(text: str) -> bool:
    """Whether something fills a name or an id in later, or a null is written as a text."""
    return _PLACEHOLDER.search(text) is not None


def _open_in(value: Json) -> str:
    """Why a value of a flow's options cannot be judged, itself and not what is below it; "" = it can."""
    if isinstance(value, str):
        return _HOLDS if _REFERENCE.fullmatch(value) else ""
    if not isinstance(value, Mapping):
        return ""
    if "$ref" in value:
        return _HOLDS
    joins = (name for name in ("_and", "_or") if name in value and not isinstance(value[name], list))
    return next((f"has {_type(value[name])} in `{name}`, not a list" for name in joins), "")


def odd_in(rule: Json, *, filled_in: bool = True) -> str:
    """What in a rule has another shape than Directus reads, or is not written here; a phrase, "" if nothing is.

    `filled_in`: whether a placeholder may be in it; False where its text has no sign of any."""
    left: list[Json] = [rule]
    while left:
        value = left.pop()
        if type(value) is not dict and not isinstance(value, Mapping):
            return "contains something that is not a rule"
        for name, inner in value.items():
            if name in ("_and", "_or"):
                if not isinstance(inner, list):
                    return f"has {_type(inner)} in `{name}`, not a list"
                left += inner
            elif name == "$ref" or (filled_in and (_is_filled_in(name) or any(map(_is_filled_in, _literals(inner))))):
                return _HOLDS
            elif type(inner) in _PLAIN and name not in ("_some", "_none"):
                continue
            elif name in ("_some", "_none") or (not name.startswith("_") and isinstance(inner, Mapping)):
                left.append(inner)
            elif not name.startswith("_") and isinstance(inner, list):
                return "has a list instead of a comparison"
            elif name.startswith("_") and any(isinstance(literal, Mapping) for literal in _literals(inner)):
                return "compares with an object"
    return ""


_PLAIN: Final = frozenset({str, int, float, bool})
_FILLED_IN: Final = lazy_pattern(r"\$\{|\{\{|<%|#\{")


def _literals(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _is_filled_in(value: Json) -> bool:
    return isinstance(value, str) and _FILLED_IN.search(value) is not None


def _named(record: ExportRecord) -> str:
    name = record.id or record.text("name")
    return f" `{escape_controls(name)[:60]}`" if name else ""


_UUID: Final = lazy_pattern(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def key_of(value: object) -> str | None:
    """A key: a text, a number, or the object it points at. A UUID is the same in letters of either case."""
    if isinstance(value, Mapping):
        value = value.get("id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    key = str(value)
    return (key if key.islower() or not _UUID.fullmatch(key) else key.lower()) or None


def _listed(text: str) -> object:
    """What a text with a list means: JSON where it begins as such, else its parts between commas."""
    if text.lstrip().startswith(("[", "{")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return [part.strip() for part in text.split(",") if part.strip()]


def _trouble_with(value: object, expected: str) -> str:
    """Why a value cannot be used where something else is `expected`."""
    if value is _ABSENT:
        return "is missing"
    if isinstance(value, str) and (_PLACEHOLDER.search(value) or is_filled_in(value)):
        return _NOTHING if value in _NULLS else _LATER
    return f"is {_type(value)}, not {expected}"


def _type(value: object) -> str:
    """What a value is, for people."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "a text" if value else "an empty text"
    return "a list" if isinstance(value, list) else "an object"
