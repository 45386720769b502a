"""The parts of a schema snapshot as files are read, and to which snapshot a file belongs."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.directus.access.schema import Collection, Field, Relation, Schema

if TYPE_CHECKING:
    from directus_guard.directus.versions import Version
    from directus_guard.finding import Location


SNAPSHOT_LISTS: Final = ("collections", "fields", "relations")


class Snapshot(Struct, frozen=True):
    """A data model, or what is left of one: only its version, where the records lie elsewhere."""

    folder: str
    schema: Schema
    version: Version | None


class SnapshotParts(Struct):
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


def root_of(folder: str) -> str:
    """The folder of a whole snapshot that a file in `folder` is part of: above `collections`, `fields/NAME`, …"""
    parts = folder.split("/")
    for index in (-1, -2):
        if len(parts) >= -index and parts[index] in SNAPSHOT_LISTS:
            return "/".join(parts[:index])
    return folder


def parts_of(found: dict[str, SnapshotParts], path: str, *, alone: bool = False) -> SnapshotParts:
    """The snapshot that a file belongs to; `alone`: it is one of its own."""
    folder = posixpath.dirname(path)
    root = root_of(folder)
    key = path if alone else f"{root}/"
    return found.setdefault(key, SnapshotParts(folder if alone else root, path if alone else root or "."))
