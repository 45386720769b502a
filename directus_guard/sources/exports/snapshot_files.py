"""The files of a schema snapshot: JSON as a whole, in parts or in an answer of the API, and YAML."""

from __future__ import annotations

import json
import posixpath
import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.versions import Version
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.exports.snapshot_parts import SNAPSHOT_LISTS, SnapshotParts, parts_of
from directus_guard.sources.exports.snapshot_records import (
    SnapshotRecord,
    add_collection,
    add_listed_record,
    add_record,
)
from directus_guard.sources.files import signs
from directus_guard.sources.formats import json_records, yaml_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.sources.files.repository import Repository


_SIGNS: Final = (b'"collection"', b'"directus"', b'"snapshot"')
_COLUMNS: Final = lazy_pattern(
    rb"""(?:^|[\s{,-])["']?(special|related_collection|junction_field|many_collection|is_nullable|is_primary_key"""
    rb"""|has_auto_increment|foreign_key_table|one_field|singleton|accountability|collection|meta|schema)["']?[ \t]*:""",
    re.MULTILINE,
)
"""Members of a snapshot's records, in JSON and in YAML."""
_ENOUGH: Final = 4
_LONGEST: Final = 40
"""Characters of the name of a database."""


def resembles(data: bytes) -> bool:
    """Whether a text that cannot be parsed begins as a snapshot does, or has enough members of a snapshot's records to have
    been one."""
    return signs.begins_snapshot(data) or (b"collection" in data and len(set(_COLUMNS.findall(data))) >= _ENOUGH)


def read_json(repository: Repository, path: str, parts: dict[str, SnapshotParts], *, surely: bool = False) -> bool:
    """Take the records of a JSON file; False if it holds none. `surely`: it is known to be part of a snapshot."""
    text = json_records.text(repository, path, () if surely else _SIGNS)
    if text is None:
        return False
    try:
        return _scan_json(path, text, parts)
    except json.JSONDecodeError as error:
        repository.problem(path, f"not valid JSON: {error.msg}", error.lineno, broken=True)
    except RecursionError:
        repository.problem(path, "nested too deeply to be read", broken=True)
    return False


def _scan_json(path: str, text: str, parts: dict[str, SnapshotParts]) -> bool:
    decoder = json.JSONDecoder()
    places = json_records.Places(Location(path), text)
    start = json_records.skip(text, 0)
    if text.startswith("[", start):
        items = json_records.listed(decoder, text, start)
        taken = [add_record(parts_of(parts, path), item, places.region(offset, end)) for item, offset, end in items]
        return True in taken
    whole, end = decoder.raw_decode(text, start)
    json_records.end_of(text, end)
    return isinstance(whole, dict) and _scan_object(path, text, (whole, start, end), parts, places)


def _scan_object(
    path: str,
    text: str,
    value: tuple[dict[str, object], int, int],
    by_place: dict[str, SnapshotParts],
    places: json_records.Places,
) -> bool:
    """One record, or an object with records below: a whole snapshot, a collection with everything of it, an answer; False
    for anything else."""
    whole, start, end = value
    if not _is_container(whole):
        return add_record(parts_of(by_place, path), whole, places.region(start, end))
    parts = _container(whole, by_place, path)
    complete = _check_lists(parts, whole, places, start)
    decoder = json.JSONDecoder()
    for key, inner, offset, after in json_records.members(decoder, text, start):
        if isinstance(inner, dict) and key in ("data", "snapshot"):
            _scan_object(path, text, (inner, offset, after), by_place, places)
        elif key == "definition":
            add_record(parts, inner, places.region(offset, after))
        elif isinstance(inner, list) and key in (*SNAPSHOT_LISTS, "data"):
            for item, begin, stop in json_records.items(decoder, text, offset):
                place = places.region(begin, stop)
                if complete:
                    taken = add_listed_record(parts, key, item, place)
                else:
                    taken = add_record(parts, item, place, _text(whole.get("collection")) or "")
                if complete and not taken:
                    parts.note(f"has something in `{key}` that is not a record of it", place)
    if isinstance(whole.get("meta"), dict) or isinstance(whole.get("schema"), dict):
        add_collection(SnapshotRecord(parts, whole, json_records.Places(Location(path), text).region(start, end)))
    return True


def _check_lists(parts: SnapshotParts, whole: Mapping[str, object], places: json_records.Places, start: int) -> bool:
    """Whether an object is a whole snapshot; then it has the three lists, as `get-snapshot.js` of Directus writes them."""
    if "directus" not in whole or not any(key in whole for key in SNAPSHOT_LISTS):
        return False
    for key in SNAPSHOT_LISTS:
        if not isinstance(whole.get(key), list):
            parts.note(f"has no list `{key}`", places.region(start, start + 1))
    parts.says_no_relations = whole.get("relations") == []
    return True


def _is_container(value: Mapping[str, object]) -> bool:
    """A whole snapshot, one collection with everything of it, or an answer of the API."""
    listed = any(isinstance(value.get(key), list) for key in (*SNAPSHOT_LISTS, "data"))
    listed = listed or ("directus" in value and any(key in value for key in SNAPSHOT_LISTS))
    return listed or isinstance(value.get("data"), dict) or "snapshot" in value or "directus" in value


def _container(value: Mapping[str, object], by_place: dict[str, SnapshotParts], path: str) -> SnapshotParts:
    """Where the records of an object belong: a whole snapshot is one of its own."""
    whole = (
        isinstance(value.get("collections"), list)
        or ("fields" in value and "directus" in value)
        or ("partial" in value and "directus" in value)
    )
    parts = parts_of(by_place, path, alone=whole)
    head = value.get("snapshot")
    _read_head(parts, head if isinstance(head, dict) else value)
    parts.read.add(posixpath.basename(path))
    files = value.get("files")
    if isinstance(head, dict) and isinstance(files, list):
        parts.listed |= {posixpath.basename(str(name)) for name in files}
    return parts


def _read_head(parts: SnapshotParts, head: Mapping[str, object]) -> None:
    """The version, the database, and whether it is all: 2 is a partial snapshot (docs/model/exports.md#schema-snapshots); what
    schema-sync calls partial is split."""
    named = head.get("directus")
    if isinstance(named, str):
        parts.version = Version.parse(named) or parts.version
    vendor = head.get("vendor")
    if isinstance(vendor, str) and vendor.isalnum() and len(vendor) <= _LONGEST:
        parts.vendor = vendor
    if str(head.get("version")) == "2":
        parts.partial = True


def read_yaml(repository: Repository, path: str, by_place: dict[str, SnapshotParts]) -> None:
    """Take the records of a whole snapshot in YAML."""
    begins = repository.holds(path, signs.begins_snapshot)
    text = json_records.text(repository, path, () if begins else (b"collections:",))
    if text is None or not (begins or all(f"\n{key}:" in f"\n{text}" for key in ("collections", "fields"))):
        return
    try:
        documents = yaml_document.parse(path, text)
    except yaml_document.YamlError as error:
        repository.problem(path, f"not valid YAML: {error}", error.line, broken=True)
        return
    for document in documents:
        if not isinstance(document, yaml_document.Mapping):
            continue
        lists = {key: document.sequence(key) for key in SNAPSHOT_LISTS}
        if not begins and (lists["collections"] is None or lists["fields"] is None):
            continue
        parts = parts_of(by_place, path, alone=True)
        _read_head(parts, {key: _plain(document.get(key)) for key in ("version", "directus", "vendor")})
        for key, nodes in lists.items():
            if nodes is not None:
                for node in nodes.items:
                    if not add_listed_record(parts, key, _plain(node), node.location):
                        parts.note("has something in its lists that is not a record of them", node.location)
            else:
                parts.note(f"has no list `{key}`", document.location)
        relations = lists["relations"]
        parts.says_no_relations = relations is not None and not relations.items


_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


def _plain(node: yaml_document.Node | None) -> object:
    """What a node means, as js-yaml reads it; numbers stay texts."""
    if isinstance(node, yaml_document.Mapping):
        return {entry.key.text: _plain(entry.value) for entry in node.entries}
    if isinstance(node, yaml_document.Sequence):
        return [_plain(item) for item in node.items]
    if node is None:
        return None
    return _WORDS.get(node.text.lower(), node.text) if node.plain else node.text


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
