"""The data model where a repository keeps it: `directus schema snapshot` (YAML and JSON), Environment Sync, directus-sync
(one file or split), schema-sync (one file or split), templates, and answers of /collections, /fields and /relations.

All of them hold the same records (docs/model/exports.md#schema-snapshots), distinguished by their keys. A file, or the
files of one folder where the model is split, are one `Snapshot`; `by_export` says which belongs to which export.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.sources.exports.snapshot_files import read_json, read_yaml, resembles
from directus_guard.sources.exports.snapshot_parts import Snapshot, SnapshotParts, parts_of, root_of
from directus_guard.sources.files import registry
from directus_guard.sources.files.paths import distance
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.sources.files.repository import Repository


_FOLDERS: Final = frozenset({"snapshot", "snapshots", "schema", "schemas", "collections", "fields", "relations"})
"""Folders of split snapshots, where files have names of collections and fields."""


def read(repository: Repository, folders: Iterable[str]) -> tuple[Snapshot, ...]:
    """Every snapshot that lies in, above or beside one of the folders; those of exports.

    A whole snapshot that lies anywhere else tells nothing of an export; that it is damaged is noted all the same.
    """
    near = tuple(dict.fromkeys(folders))
    paths = tuple(_candidates(repository, near))
    others = _far_from(repository, near)
    if others:
        _read(repository, _with_parts(repository, others), ())
    return _read(repository, paths, near)


def _read(repository: Repository, paths: Iterable[str], near: Sequence[str]) -> tuple[Snapshot, ...]:
    """The snapshots that some files are, each file that cannot be read noted. `near`: folders of exports, whose files are
    no parts of a snapshot by their place."""
    found: dict[str, SnapshotParts] = {}
    unread: list[str] = []
    empty: list[str] = []
    for path in paths:
        before = repository.troubles
        if not path.lower().endswith(".json"):
            read_yaml(repository, path, found)
        elif not read_json(repository, path, found):
            empty.append(path)
        if repository.troubles > before:
            unread.append(path)
    for path in (*unread, *_empty_parts(repository, empty, found, near)):
        _note_unread(repository, path, found, near)
    _add_versions(found)
    for parts in found.values():
        _note_lost(repository, parts)
        for what, place in parts.odd.items():
            repository.problem(place.path, f"the schema snapshot {what}", place.line, incomplete=True)
    return tuple(found[key].snapshot() for key in sorted(found))


def _is_part(path: str, parts: Mapping[str, SnapshotParts], near: Sequence[str]) -> bool:
    """Whether a file is part of a split snapshot by its place: one that has a folder of its own."""
    root = root_of(posixpath.dirname(path))
    return f"{root}/" in parts and root not in near


def _empty_parts(
    repository: Repository, paths: Iterable[str], parts: dict[str, SnapshotParts], near: Sequence[str]
) -> Iterator[str]:
    """The files in the folders of a split snapshot that cannot be read or hold nothing of it, each noted: no exporter
    writes such a file."""
    for path in filter(lambda one: _is_part(one, parts, near), paths):
        before = repository.troubles
        read_json(repository, path, parts, surely=True)
        folder, name = posixpath.split(path)
        ours = root_of(folder) != folder or name.lower() in ("metadata.json", "info.json")
        if ours and repository.troubles == before:
            repository.problem(path, "it is among the parts of a schema snapshot, but contains no part")
        if repository.troubles > before:
            yield path


def _note_unread(repository: Repository, path: str, parts: dict[str, SnapshotParts], near: Sequence[str]) -> None:
    """Note that a file could not be read: one that is part of a snapshot by its place or by its text leaves that broken."""
    if not _is_part(path, parts, near) and not repository.holds(path, resembles):
        return
    repository.belongs(path)
    root = root_of(posixpath.dirname(path))
    parts_of(parts, path, alone=f"{root}/" not in parts).broken = True


def _note_lost(repository: Repository, parts: SnapshotParts) -> None:
    """Note what a snapshot itself says that it must have, and what it has not."""
    for name in sorted(parts.listed - parts.read):
        parts.broken = True
        path = posixpath.join(parts.folder, name)
        if all(problem.path != path for problem in repository.problems):
            what = "holds nothing of it" if path in repository else "is not there"
            message = f"the schema snapshot lists `{escape_controls(name)}`, which {what}"
            repository.problem(parts.source, message, incomplete=True)
    if parts.lost:
        parts.broken = True
        repository.problem(parts.source, f"the schema snapshot {parts.lost}", incomplete=True)


def by_export(snapshots: Sequence[Snapshot], exports: Sequence[str]) -> Mapping[str, Snapshot]:
    """The snapshot that tells the data model of each export, by the export's folder; those that have none are left out.

    A snapshot belongs to the exports that it lies nearest to. Of several the one that tells most counts, then one in the
    export's own folder, then the nearest; the others are named in its schema.
    """
    own: dict[str, list[Snapshot]] = {}
    for snapshot in snapshots:
        steps = {one: distance(snapshot.folder, one) for one in exports if _is_near(snapshot.folder, one)}
        fewest = min(steps.values(), default=0)
        for one in (one for one, count in steps.items() if count == fewest):
            own.setdefault(one, []).append(snapshot)
    return {one: _best(found, one) for one, found in own.items()}


def _best(snapshots: list[Snapshot], export: str) -> Snapshot:
    def rank(snapshot: Snapshot) -> tuple[bool, int, bool, int, str]:
        schema, folder = snapshot.schema, snapshot.folder
        kinds = sum(map(bool, (schema.collections, schema.fields, schema.relations)))
        return not schema.complete, -kinds, not _below(folder, export), distance(folder, export), schema.source

    best, *others = sorted(snapshots, key=rank)
    left_out = tuple(other.schema.source for other in others if other.schema.fields or other.schema.collections)
    versions = (snapshot.version for snapshot in (best, *others) if snapshot.version is not None)
    vendors = (snapshot.schema.vendor for snapshot in (best, *others) if snapshot.schema.vendor)
    schema = replace(best.schema, others=left_out, vendor=next(vendors, ""))
    return replace(best, schema=schema, version=next(versions, None))


def _candidates(repository: Repository, near: Sequence[str]) -> Iterator[str]:
    """Files that may be part of a snapshot near an export, by their names and folders alone."""
    named = set(registry.SNAPSHOTS.paths(repository))
    for path in repository.files:
        folder = posixpath.dirname(path)
        split = path.lower().endswith(".json") and folder not in near and _FOLDERS.intersection(folder.split("/")[-3:])
        if (path in named or split) and any(_is_near(root_of(folder), one) for one in near):
            yield path


def _far_from(repository: Repository, near: Sequence[str]) -> tuple[str, ...]:
    """The files that say they begin a whole snapshot and that no export is near."""
    return tuple(
        path
        for path in registry.WHOLE_SNAPSHOTS.paths(repository)
        if not any(_is_near(root_of(posixpath.dirname(path)), one) for one in near)
    )


def _with_parts(repository: Repository, heads: Sequence[str]) -> Iterator[str]:
    """The files of whole snapshots, and of those that are split the parts: they lie below the folder of the file that says
    which Directus wrote them."""
    folders = {posixpath.dirname(path) for path in heads if posixpath.basename(path).lower() in _OF_SPLIT}
    for path in repository.files:
        folder = posixpath.dirname(path)
        root = root_of(folder)
        part = root in folders and (root != folder or posixpath.basename(folder) in _FOLDERS)
        below = posixpath.basename(folder) == "schema" and posixpath.dirname(folder) in folders
        if path in heads or (path.lower().endswith(".json") and (part or below)):
            yield path


_OF_SPLIT: Final = ("metadata.json", "info.json", "schema.json")
"""Files that tell the version of a split snapshot."""


def _is_near(folder: str, export: str) -> bool:
    """In the export's folder, in the one above it (`../schema`), or on the way up (`./snapshot.yaml`, `./snapshots/x.yaml`)."""
    above = posixpath.dirname(export)
    if _below(folder, above):
        return True
    up = posixpath.dirname(folder) if posixpath.basename(folder) in _FOLDERS else folder
    return _below(export, up)


def _below(folder: str, above: str) -> bool:
    return not above or folder == above or folder.startswith(f"{above}/")


def _add_versions(by_place: Mapping[str, SnapshotParts]) -> None:
    """`metadata.json` and `schema.json` of a split snapshot tell its version and database; they may lie one folder above."""
    for parts in by_place.values():
        above = by_place.get(posixpath.join(posixpath.dirname(parts.folder), "schema.json"))
        if above is not None:
            parts.version = parts.version or above.version
            parts.vendor = parts.vendor or above.vendor
