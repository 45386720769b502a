"""The data model where a repository keeps it: `directus schema snapshot` (YAML and JSON), Environment Sync, directus-sync
(one file or split), schema-sync (one file or split), templates, and answers of /collections, /fields and /relations.

All of them hold the same records (facts §6.1), told apart by their keys. A file, or the files of one folder where the
model is split, are one `Snapshot`; `by_export` says which belongs to which export.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.sources.exports.snapshot_files import read_json, read_yaml
from directus_guard.sources.exports.snapshot_parts import Snapshot, SnapshotParts, root_of
from directus_guard.sources.files import registry
from directus_guard.sources.files.paths import distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.sources.files.repository import Repository


_FOLDERS: Final = frozenset({"snapshot", "snapshots", "schema", "schemas", "collections", "fields", "relations"})
"""Folders of split snapshots, where files have names of collections and fields."""


def read(repository: Repository, folders: Iterable[str]) -> tuple[Snapshot, ...]:
    """Every snapshot that lies in, above or beside one of the folders; those of exports."""
    near = tuple(dict.fromkeys(folders))
    found: dict[str, SnapshotParts] = {}
    for path in _candidates(repository, near):
        before = repository.troubles
        if path.lower().endswith(".json"):
            read_json(repository, path, found)
        else:
            read_yaml(repository, path, found)
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
        steps = {one: distance(snapshot.folder, one) for one in exports if _is_near(snapshot.folder, one)}
        fewest = min(steps.values(), default=0)
        for one in (one for one, count in steps.items() if count == fewest):
            own.setdefault(one, []).append(snapshot)
    return {one: _best(found, one) for one, found in own.items()}


def _best(found: list[Snapshot], export: str) -> Snapshot:
    def rank(snapshot: Snapshot) -> tuple[bool, int, bool, int, str]:
        schema, folder = snapshot.schema, snapshot.folder
        kinds = sum(map(bool, (schema.collections, schema.fields, schema.relations)))
        return not schema.complete, -kinds, not _below(folder, export), distance(folder, export), schema.source

    best, *others = sorted(found, key=rank)
    told = tuple(other.schema.source for other in others if other.schema.fields or other.schema.collections)
    versions = (snapshot.version for snapshot in (best, *others) if snapshot.version is not None)
    return replace(best, schema=replace(best.schema, others=told), version=next(versions, None))


def _candidates(repository: Repository, near: Sequence[str]) -> Iterator[str]:
    """Files that may be part of a snapshot near an export, by their names and folders alone."""
    named = set(registry.SNAPSHOTS.paths(repository))
    for path in repository.files:
        folder = posixpath.dirname(path)
        split = path.lower().endswith(".json") and folder not in near and _FOLDERS.intersection(folder.split("/")[-3:])
        if (path in named or split) and any(_is_near(root_of(folder), one) for one in near):
            yield path


def _is_near(folder: str, export: str) -> bool:
    """In the export's folder, in the one above it (`../schema`), or on the way up (`./snapshot.yaml`, `./snapshots/x.yaml`)."""
    above = posixpath.dirname(export)
    if _below(folder, above):
        return True
    up = posixpath.dirname(folder) if posixpath.basename(folder) in _FOLDERS else folder
    return _below(export, up)


def _below(folder: str, above: str) -> bool:
    return not above or folder == above or folder.startswith(f"{above}/")


def _add_versions(found: Mapping[str, SnapshotParts]) -> None:
    """`metadata.json` and `schema.json` of a split snapshot tell its version; they may lie one folder above."""
    for parts in found.values():
        above = found.get(posixpath.join(posixpath.dirname(parts.folder), "schema.json"))
        if parts.version is None and above is not None:
            parts.version = above.version
