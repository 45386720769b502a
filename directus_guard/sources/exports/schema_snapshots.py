"""The data model where a repository keeps it: `directus schema snapshot` (YAML and JSON), Environment Sync, directus-sync
(one file or split), schema-sync (one file or split), templates, and answers of /collections, /fields and /relations.

All of them hold the same records (facts §6.1), told apart by their keys. A file, or the files of one folder where the
model is split, are one `Snapshot`; `by_export` says which belongs to which export.
"""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard.directus.access.schema import Collection, Field, Relation, Schema
from directus_guard.directus.versions import Version
from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_records, yaml_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository

_FOLDERS: Final = frozenset({"snapshot", "snapshots", "schema", "schemas", "collections", "fields", "relations"})
"""Folders of split snapshots, where files have names of collections and fields."""
_SPLIT: Final = ("collections", "fields", "relations")
_SIGNS: Final = (b'"collection"', b'"directus"', b'"snapshot"')


class Snapshot(Struct, frozen=True):
    """A data model, or what is left of one: only its version, where the records lie elsewhere."""

    folder: str
    schema: Schema
    version: Version | None


class _Parts(Struct):
    """What was found of one snapshot so far."""

    folder: str
    source: str
    collections: list[Collection] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    version: Version | None = None
    partial: bool = False
    listed: set[str] = field(default_factory=set)
    """File names that Environment Sync's metadata promises."""
    read: set[str] = field(default_factory=set)
    odd: dict[str, Location] = field(default_factory=dict)
    """What of it has another form than Directus writes, and where first."""

    def note(self, what: str, location: Location) -> None:
        """Note something that cannot be used: the snapshot is not whole."""
        self.odd.setdefault(what, location)
        self.partial = True

    def snapshot(self) -> Snapshot:
        whole = not self.partial and self.listed <= self.read
        complete = whole and bool(self.collections) and bool(self.fields)
        schema = Schema(tuple(self.collections), tuple(self.fields), tuple(self.relations), self.source, complete)
        return Snapshot(self.folder, schema, self.version)


def read(repository: Repository, folders: Iterable[str]) -> tuple[Snapshot, ...]:
    """Every snapshot that lies in, above or beside one of the folders; those of exports."""
    near = tuple(dict.fromkeys(folders))
    found: dict[str, _Parts] = {}
    for path in _candidates(repository, near):
        before = repository.troubles
        if path.lower().endswith(".json"):
            _read_json(repository, path, found)
        else:
            _read_yaml(repository, path, found)
        if repository.troubles > before:
            for parts in found.values():
                parts.partial = parts.partial or path.startswith(f"{parts.folder}/") or path == parts.source
    _add_versions(found)
    for parts in found.values():
        for what, place in parts.odd.items():
            repository.problem(place.path, f"the schema snapshot {what}", place.line, incomplete=True)
    return tuple(found[key].snapshot() for key in sorted(found))


def by_export(snapshots: Sequence[Snapshot], exports: Sequence[str]) -> Mapping[str, Snapshot]:
    """The snapshot that tells the data model of each export, by the export's folder; those that have none are left out.

    A snapshot belongs to the exports that it lies nearest to. Of several the one that tells most counts, then one in the
    export's own folder, then the nearest; the others are named in its schema.
    """
    own: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        steps = {one: _distance(snapshot.folder, one) for one in exports if _is_near(snapshot.folder, one)}
        fewest = min(steps.values(), default=0)
        for one in (one for one, count in steps.items() if count == fewest):
            own.setdefault(one, []).append(snapshot)
    return {one: _best(found, one) for one, found in own.items()}


def _best(found: list[Snapshot], export: str) -> Snapshot:
    def rank(snapshot: Snapshot) -> tuple[bool, int, bool, int, str]:
        schema, folder = snapshot.schema, snapshot.folder
        kinds = sum(map(bool, (schema.collections, schema.fields, schema.relations)))
        return not schema.complete, -kinds, not _below(folder, export), _distance(folder, export), schema.source

    best, *others = sorted(found, key=rank)
    told = tuple(other.schema.source for other in others if other.schema.fields or other.schema.collections)
    versions = (snapshot.version for snapshot in (best, *others) if snapshot.version is not None)
    return replace(best, schema=replace(best.schema, others=told), version=next(versions, None))


# --- places ----------------------------------------------------------------------------------------------------------


def _candidates(repository: Repository, near: Sequence[str]) -> Iterator[str]:
    """Files that may be part of a snapshot near an export, by their names and folders alone."""
    named = set(registry.SNAPSHOTS.paths(repository))
    for path in repository.files:
        folder = posixpath.dirname(path)
        split = path.lower().endswith(".json") and folder not in near and _FOLDERS.intersection(folder.split("/")[-3:])
        if (path in named or split) and any(_is_near(_root_of(folder), one) for one in near):
            yield path


def _root_of(folder: str) -> str:
    """The folder of a whole snapshot that a file in `folder` is part of: above `collections`, `fields/NAME`, …"""
    parts = folder.split("/")
    for index in (-1, -2):
        if len(parts) >= -index and parts[index] in _SPLIT:
            return "/".join(parts[:index])
    return folder


def _is_near(folder: str, export: str) -> bool:
    """In the export's folder, in the one above it (`../schema`), or on the way up (`./snapshot.yaml`, `./snapshots/x.yaml`)."""
    above = posixpath.dirname(export)
    if _below(folder, above):
        return True
    up = posixpath.dirname(folder) if posixpath.basename(folder) in _FOLDERS else folder
    return _below(export, up)


def _below(folder: str, above: str) -> bool:
    return not above or folder == above or folder.startswith(f"{above}/")


def _distance(folder: str, export: str) -> int:
    """Steps from one folder to the other."""
    one, other = ([part for part in path.split("/") if part] for path in (folder, export))
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] == other[shared]:
        shared += 1
    return len(one) + len(other) - 2 * shared


def _add_versions(found: Mapping[str, _Parts]) -> None:
    """`metadata.json` and `schema.json` of a split snapshot tell its version; they may lie one folder above."""
    for parts in found.values():
        above = found.get(posixpath.join(posixpath.dirname(parts.folder), "schema.json"))
        if parts.version is None and above is not None:
            parts.version = above.version


# --- files -----------------------------------------------------------------------------------------------------------


def _read_json(repository: Repository, path: str, found: dict[str, _Parts]) -> None:
    text = json_records.text(repository, path, _SIGNS)
    if text is None:
        return
    try:
        _scan_json(path, text, found)
    except json.JSONDecodeError as error:
        repository.problem(path, f"not valid JSON: {error.msg}", error.lineno)
    except RecursionError:
        repository.problem(path, "nested too deeply to be read")


def _scan_json(path: str, text: str, found: dict[str, _Parts]) -> None:
    decoder = json.JSONDecoder()
    places = json_records.Places(path, text)
    start = json_records.skip(text, 0)
    if text.startswith("[", start):
        for value, offset, end in json_records.listed(decoder, text, start):
            _add(_parts(found, path), value, places.region(offset, end))
        return
    whole, end = decoder.raw_decode(text, start)
    json_records.end_of(text, end)
    if isinstance(whole, dict):
        _scan_object(path, text, (whole, start, end), found, places)


def _scan_object(
    path: str,
    text: str,
    value: tuple[dict[str, object], int, int],
    found: dict[str, _Parts],
    places: json_records.Places,
) -> None:
    """One record, or an object with records below: a whole snapshot, a collection with everything of it, an answer."""
    whole, start, end = value
    if not _is_container(whole):
        _add(_parts(found, path), whole, places.region(start, end))
        return
    parts = _container(whole, found, path)
    complete = _check_lists(parts, whole, places, start)
    decoder = json.JSONDecoder()
    for key, inner, offset, after in json_records.members(decoder, text, start):
        if isinstance(inner, dict) and key in ("data", "snapshot"):
            _scan_object(path, text, (inner, offset, after), found, places)
        elif key == "definition":
            _add(parts, inner, places.region(offset, after))
        elif isinstance(inner, list) and key in (*_SPLIT, "data"):
            for item, begin, stop in json_records.items(decoder, text, offset):
                place = places.region(begin, stop)
                if complete:
                    taken = _add_to(parts, key, item, place)
                else:
                    taken = _add(parts, item, place, _text(whole.get("collection")) or "")
                if complete and not taken:
                    parts.note(f"has something in `{key}` that is no record of it", place)
    if isinstance(whole.get("meta"), dict) or isinstance(whole.get("schema"), dict):
        _add_collection(_Record(parts, whole, json_records.Places(path, text).region(start, end)))


def _check_lists(parts: _Parts, whole: Mapping[str, object], places: json_records.Places, start: int) -> bool:
    """Whether an object is a whole snapshot; then it has the three lists, as `get-snapshot.js` of Directus writes them."""
    if "directus" not in whole or not any(key in whole for key in _SPLIT):
        return False
    for key in _SPLIT:
        if not isinstance(whole.get(key), list):
            parts.note(f"has no list `{key}`", places.region(start, start + 1))
    return True


def _is_container(value: Mapping[str, object]) -> bool:
    """A whole snapshot, one collection with everything of it, or an answer of the API."""
    listed = any(isinstance(value.get(key), list) for key in (*_SPLIT, "data"))
    listed = listed or ("directus" in value and any(key in value for key in _SPLIT))
    return listed or isinstance(value.get("data"), dict) or "snapshot" in value or "directus" in value


def _container(value: Mapping[str, object], found: dict[str, _Parts], path: str) -> _Parts:
    """Where the records of an object belong: a whole snapshot is one of its own."""
    whole = (
        isinstance(value.get("collections"), list)
        or ("fields" in value and "directus" in value)
        or ("partial" in value and "directus" in value)
    )
    parts = _parts(found, path, alone=whole)
    told = value.get("snapshot")
    _read_head(parts, told if isinstance(told, dict) else value)
    parts.read.add(posixpath.basename(path))
    files = value.get("files")
    if isinstance(told, dict) and isinstance(files, list):
        parts.listed |= {posixpath.basename(str(name)) for name in files}
    return parts


def _read_head(parts: _Parts, head: Mapping[str, object]) -> None:
    """The version, and whether it is all: 2 is a partial snapshot (facts §6.1); what schema-sync calls partial is split."""
    named = head.get("directus")
    if isinstance(named, str):
        parts.version = Version.parse(named) or parts.version
    if str(head.get("version")) == "2":
        parts.partial = True


def _parts(found: dict[str, _Parts], path: str, *, alone: bool = False) -> _Parts:
    folder = posixpath.dirname(path)
    root = _root_of(folder)
    key = path if alone else f"{root}/"
    return found.setdefault(key, _Parts(folder if alone else root, path if alone else root or "."))


def _read_yaml(repository: Repository, path: str, found: dict[str, _Parts]) -> None:
    text = json_records.text(repository, path, (b"collections:",))
    if text is None or not all(f"\n{key}:" in f"\n{text}" for key in ("collections", "fields")):
        return
    try:
        documents = yaml_document.parse(path, text)
    except yaml_document.YamlError as error:
        repository.problem(path, f"not valid YAML: {error}", error.line)
        return
    for document in documents:
        if not isinstance(document, yaml_document.Mapping):
            continue
        lists = {key: document.sequence(key) for key in _SPLIT}
        if lists["collections"] is None or lists["fields"] is None:
            continue
        parts = _parts(found, path, alone=True)
        _read_head(parts, {key: _plain(document.get(key)) for key in ("version", "directus")})
        for key, nodes in lists.items():
            if nodes is not None:
                for node in nodes.items:
                    if not _add_to(parts, key, _plain(node), node.location):
                        parts.note("has something in its lists that is no record of them", node.location)
        if lists["relations"] is None:
            parts.note("has no list `relations`", document.location)


_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


def _plain(node: yaml_document.Node | None) -> object:
    """What a node means, as js-yaml reads it; numbers stay texts, nobody counts with them here."""
    if isinstance(node, yaml_document.Mapping):
        return {entry.key.text: _plain(entry.value) for entry in node.entries}
    if isinstance(node, yaml_document.Sequence):
        return [_plain(item) for item in node.items]
    if node is None:
        return None
    return _WORDS.get(node.text.lower(), node.text) if node.plain else node.text


# --- records ---------------------------------------------------------------------------------------------------------


def _add_to(parts: _Parts, key: str, value: object, location: Location) -> bool:
    """Take one record of a list of a whole snapshot; False for what is no record. Each has `meta`, be it null."""
    if not isinstance(value, dict):
        return False
    record = _Record(parts, value, location)
    if "meta" not in value:
        parts.note(f"has a record in `{key}` without `meta`", location)
    if key == "relations":
        _add_relation(record, "")
    elif key == "fields":
        _add_field(record, "")
    else:
        _add_collection(record)
    return True


def _add(parts: _Parts, value: object, location: Location, collection: str = "") -> bool:
    """Sort one record by its keys; False for anything else, which is not ours."""
    if not isinstance(value, dict):
        return False
    record = _Record(parts, value, location)
    meta = value.get("meta")
    if "field" in value and ("related_collection" in value or (isinstance(meta, dict) and "many_field" in meta)):
        _add_relation(record, collection)
    elif "field" in value and "type" in value:
        _add_field(record, collection)
    elif "collection" in value and "field" not in value and ("meta" in value or "schema" in value):
        _add_collection(record)
    else:
        return False
    return True


class _Record(Struct, frozen=True):
    """One record, whose members are read as the types Directus writes; another type is noted."""

    parts: _Parts
    values: Mapping[str, object]
    location: Location

    def below(self, key: str) -> _Record:
        """The object of a member; null is an empty one."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, dict):
            self._note(key, "an object")
        if isinstance(value, dict) and "$ref" in value:
            self._note(key, "an object")
        return _Record(self.parts, value if isinstance(value, dict) else {}, self.location)

    def name(self, key: str, otherwise: str = "") -> str:
        value = self.values.get(key, otherwise)
        if not isinstance(value, str) or not value or "${" in value:
            self._note(key, "a name")
        return value if isinstance(value, str) else otherwise

    def name_or_null(self, key: str) -> str | None:
        return None if self.values.get(key) is None else self.name(key)

    def names(self, key: str) -> tuple[str, ...]:
        """A list of texts, also written as one with commas."""
        value = self.values.get(key)
        if isinstance(value, str) and "${" not in value:
            return tuple(part.strip() for part in value.split(",") if part.strip())
        if isinstance(value, list) and all(isinstance(part, str) and "${" not in part for part in value):
            return tuple(value)
        if value is not None:
            self._note(key, "a list of names")
        return ()

    def flag(self, key: str) -> bool | None:
        value = self.values.get(key)
        if value in (True, False, None):
            return None if value is None else bool(value)
        self._note(key, "true or false")
        return None

    def _note(self, key: str, expected: str) -> None:
        self.parts.note(f"has a record whose `{key}` is not {expected}", self.location)


def _add_collection(record: _Record) -> None:
    meta = record.below("meta")
    record.below("schema")
    record.parts.collections.append(
        Collection(
            name=record.name("collection"),
            hidden=meta.flag("hidden") is True,
            singleton=meta.flag("singleton") is True,
            accountability=meta.name_or_null("accountability") if "accountability" in meta.values else "all",
            location=record.location,
        )
    )


def _add_field(record: _Record, collection: str) -> None:
    """Take a field. Where Directus manages it, `meta` tells what is special of it; only an alias has no column."""
    meta, column = record.below("meta"), record.below("schema")
    managed = isinstance(record.values.get("meta"), dict)
    if managed and "special" not in meta.values:
        record.parts.note("has a field without `special`", record.location)
    if managed and "schema" not in record.values and record.values.get("type") != "alias":
        record.parts.note("has a field without `schema`", record.location)
    record.parts.fields.append(
        Field(
            collection=record.name("collection", collection),
            name=record.name("field"),
            type=record.name("type"),
            special=meta.names("special"),
            nullable=column.flag("is_nullable"),
            primary_key=column.flag("is_primary_key") is True,
            location=record.location,
        )
    )


def _add_relation(record: _Record, collection: str) -> None:
    meta = record.below("meta")
    if "related_collection" not in record.values:
        record.name("related_collection")
    if "many_field" in meta.values and "junction_field" not in meta.values:
        record.parts.note("has a relation without `junction_field`", record.location)
    record.parts.relations.append(
        Relation(
            collection=record.name("collection", collection),
            field=record.name("field"),
            related_collection=record.name_or_null("related_collection"),
            one_field=meta.name_or_null("one_field"),
            junction_field=meta.name_or_null("junction_field"),
            one_collection_field=meta.name_or_null("one_collection_field"),
            allowed_collections=meta.names("one_allowed_collections"),
            location=record.location,
        )
    )


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
