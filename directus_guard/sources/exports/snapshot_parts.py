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
RELATIONAL: Final = frozenset(
    {"m2o", "o2m", "m2m", "m2a", "file", "files", "translations", "user-created", "user-updated"}
)
"""Marks of fields that the Data Studio makes together with a relation."""
_WITHOUT_COLUMN: Final = frozenset({"o2m", "m2m", "m2a", "files", "translations"})
"""Those of them that have no column, so that a relation must be there. A program can make the others without one."""


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
    vendor: str = ""
    partial: bool = False
    """Whether it was written as a part on purpose, or says less than Directus writes."""
    broken: bool = False
    """Whether some of it is lost or cannot be read."""
    says_special: bool = False
    """Whether some field tells what is special of it."""
    lacks_special: bool = False
    """Whether some field that Directus manages does not."""
    says_no_relations: bool = False
    """Whether a file says that there are none: an empty list, which no folder can have."""
    listed: set[str] = field(default_factory=set)
    """File names that Environment Sync's metadata promises."""
    read: set[str] = field(default_factory=set)
    odd: dict[str, Location] = field(default_factory=dict)
    """What of it has another form than Directus writes, and where first."""

    def note(self, what: str, location: Location) -> None:
        """Note something that cannot be used: the snapshot is not whole."""
        self.odd.setdefault(what, location)
        self.broken = True

    @property
    def lost(self) -> str:
        """Why the relations cannot be all, for a sentence; "" if they can: git keeps no folder that lost all its files."""
        if self.relations or self.partial:
            return ""
        kinds = _WITHOUT_COLUMN if self.says_no_relations else RELATIONAL
        field = next((one for one in self.fields if not kinds.isdisjoint(one.special)), None)
        return (
            f"has no relation, and the field `{field.collection}.{field.name}` that Directus makes with one"
            if field
            else ""
        )

    def snapshot(self) -> Snapshot:
        open_ = self.partial or self.broken or (self.lacks_special and not self.says_special)
        complete = not open_ and bool(self.collections) and bool(self.fields)
        schema = Schema(
            tuple(self.collections),
            tuple(self.fields),
            tuple(self.relations),
            self.source,
            complete,
            broken=self.broken,
            vendor=self.vendor,
        )
        return Snapshot(self.folder, schema, self.version)


def root_of(folder: str) -> str:
    """The folder of a whole snapshot that a file in `folder` is part of: above `collections`, `fields/NAME`, …"""
    parts = folder.split("/")
    for index in (-1, -2):
        if len(parts) >= -index and parts[index] in SNAPSHOT_LISTS:
            return "/".join(parts[:index])
    return folder


def parts_of(parts: dict[str, SnapshotParts], path: str, *, alone: bool = False) -> SnapshotParts:
    """The snapshot that a file belongs to; `alone`: it is one of its own."""
    folder = posixpath.dirname(path)
    root = root_of(folder)
    key = path if alone else f"{root}/"
    return parts.setdefault(key, SnapshotParts(folder if alone else root, path if alone else root or "."))
