"""Compares the table of advisories with an export of the OSV database, and brings it up to date.

    python -m scripts.advisories EXPORT [--write --reviewed YYYY-MM-DD]

EXPORT is the OSV project's archive of the npm ecosystem (`all.zip`), a folder of its JSON files, or one such file. Without
`--write` it only prints what differs. Severity, CVE and range of a known advisory are taken from the export. A new one is
added with the export's summary as its gist: rewrite that in our own words, and add what the attack needs.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from directus_guard.directus.advisories import TABLE, AdvisoryRow, Table, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PACKAGE: Final = "directus"
_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_SEVERITIES: Final = {"CRITICAL": "critical", "HIGH": "high", "MODERATE": "medium", "MEDIUM": "medium", "LOW": "low"}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(_Model):
    """Where a range begins or ends."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None


class Range(_Model):
    """One range of versions."""

    type: str
    events: tuple[Event, ...]


class Package(_Model):
    """The package that is affected."""

    ecosystem: str
    name: str


class Affected(_Model):
    """One affected package."""

    package: Package
    ranges: tuple[Range, ...] = ()


class DatabaseSpecific(_Model):
    """What GitHub adds."""

    severity: str = ""


class Record(_Model):
    """One record in the OSV format, as far as it is used."""

    id: str
    summary: str = ""
    aliases: tuple[str, ...] = ()
    withdrawn: str | None = None
    affected: tuple[Affected, ...] = ()
    database_specific: DatabaseSpecific = Field(default_factory=DatabaseSpecific)


def records(export: Path) -> Iterator[Record]:
    """The records about Directus in an export. Raises `SystemExit` with the file's name where one is not in the format."""
    for name, data in _files(export):
        if f'"{PACKAGE}"'.encode() not in data:
            continue
        try:
            record = Record.model_validate_json(data)
        except ValidationError as error:
            sys.exit(f"{name} is not an OSV record: {error.errors()[0]['msg']}")
        mine = any(item.package == Package(ecosystem="npm", name=PACKAGE) for item in record.affected)
        if mine and record.withdrawn is None and record.id.startswith("GHSA-"):
            yield record


def _files(export: Path) -> Iterator[tuple[str, bytes]]:
    if export.is_dir():
        yield from ((str(path), path.read_bytes()) for path in sorted(export.rglob("*.json")))
    elif zipfile.is_zipfile(export):
        with zipfile.ZipFile(export) as archive:
            yield from ((name, archive.read(name)) for name in sorted(archive.namelist()) if name.endswith(".json"))
    else:
        yield str(export), export.read_bytes()


def affected(record: Record) -> str:
    """The affected versions as the table writes them, "" where the record gives no range with an end."""
    parts = []
    for item in record.affected:
        if item.package != Package(ecosystem="npm", name=PACKAGE):
            continue
        for given in item.ranges:
            parts += list(_ranges(given.events))
    return " || ".join(parts)


def _ranges(events: Sequence[Event]) -> Iterator[str]:
    start = ""
    for event in events:
        if event.introduced is not None:
            begin = _VERSION.match(event.introduced)
            start = f">={begin[0]} " if begin and begin[0] != "0.0.0" else ""
        elif (end := event.fixed or _following(event.last_affected)) and (match := _VERSION.match(end)):
            yield f"{start}<{match[0]}"


def _following(version: str | None) -> str | None:
    """The patch behind the last affected version."""
    match = _VERSION.match(version or "")
    return f"{match[1]}.{match[2]}.{int(match[3]) + 1}" if match else None


def merged(old: Table, found: Sequence[Record], reviewed: str) -> tuple[Table, list[str]]:
    """The table with what the export says, and the differences, a line each."""
    rows = {row["id"]: row for row in old["advisories"]}
    changes: list[str] = []
    for record in found:
        told = affected(record)
        if not told:
            changes.append(f"{record.id}: no range with an end; left as it is")
            continue
        row = rows.get(record.id) or AdvisoryRow(
            id=record.id, cve="", severity="", affected="", gist=record.summary, needs=""
        )
        if record.id not in rows:
            changes.append(f"{record.id}: new; write its gist and what the attack needs")
        cve = next((alias for alias in record.aliases if alias.startswith("CVE-")), row["cve"])
        severity = _SEVERITIES.get(record.database_specific.severity.upper(), row["severity"] or "medium")
        rows[record.id] = _with(row, cve, severity, told, changes)
    known = {record.id for record in found}
    changes += [f"{id_}: not in the export" for id_ in sorted(rows.keys() - known)]
    unknown = [item for item in old["range_unknown"] if item["id"] not in rows]
    ordered = sorted(rows.values(), key=_order)
    return Table(last_reviewed=reviewed, range_unknown=unknown, advisories=ordered), changes


def _with(row: AdvisoryRow, cve: str, severity: str, told: str, changes: list[str]) -> AdvisoryRow:
    new = AdvisoryRow(id=row["id"], cve=cve, severity=severity, affected=told, gist=row["gist"], needs=row["needs"])
    fields: tuple[Literal["cve", "severity", "affected"], ...] = ("cve", "severity", "affected")
    changes += [f"{row['id']}: {key}: {row[key]!r} -> {new[key]!r}" for key in fields if row[key] != new[key]]
    return new


def _order(row: AdvisoryRow) -> tuple[list[int], int, str]:
    """The latest fix first, then the severity."""
    end = [-int(number) for number in _VERSION.findall(row["affected"])[-1]]
    return end, ["critical", "high", "medium", "low"].index(row["severity"]), row["id"]


def text(whole: Table) -> str:
    """The table as it is written: one row a line."""

    def lines(items: Sequence[object]) -> str:
        return ",\n".join(f"    {json.dumps(item)}" for item in items)

    return (
        f'{{\n  "last_reviewed": {json.dumps(whole["last_reviewed"])},\n'
        f'  "range_unknown": [\n{lines(whole["range_unknown"])}\n  ],\n'
        f'  "advisories": [\n{lines(whole["advisories"])}\n  ]\n}}\n'
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what differs; with `--write` change the table. Exit code 1 if something differs and nothing was written."""
    parser = argparse.ArgumentParser(prog="python -m scripts.advisories", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("export", type=Path, metavar="EXPORT")
    parser.add_argument("--write", action="store_true", help="change the table")
    parser.add_argument("--reviewed", type=date.fromisoformat, default=None, help="the export's date, with --write")
    parser.add_argument("--table", type=Path, default=TABLE, help="another table than the program's")
    given = parser.parse_args(arguments)
    if given.write and given.reviewed is None:
        parser.error("--write needs --reviewed: the date of the export")
    old = table(given.table)
    new, changes = merged(old, list(records(given.export)), str(given.reviewed or old["last_reviewed"]))
    print("\n".join(changes) or "The table agrees with the export.")
    if given.write:
        given.table.write_text(text(new), encoding="utf-8")
    return 1 if changes and not given.write else 0


if __name__ == "__main__":
    sys.exit(main())
