"""The script that compares the table of advisories with an OSV export."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from directus_guard.directus.advisories import TABLE, table
from scripts.advisories import Record, affected, main
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.advisories import Table

KNOWN = "GHSA-mv33-9f6j-pfmc"


def record(id_: str, *events: dict[str, str], package: str = "directus", **more: object) -> dict[str, object]:
    ranges = [{"type": "SEMVER", "events": list(events)}]
    return {
        "schema_version": "1.4.0",
        "id": id_,
        "summary": "What the advisory says",
        "aliases": [],
        "affected": [{"package": {"ecosystem": "npm", "name": package}, "ranges": ranges}],
        "database_specific": {"severity": "HIGH"},
    } | more


def as_in_table(whole: Table) -> list[dict[str, object]]:
    """An export that says what the table says."""
    names = {"critical": "CRITICAL", "high": "HIGH", "medium": "MODERATE", "low": "LOW"}
    made = []
    for row in whole["advisories"]:
        item = record(row["id"], database_specific={"severity": names[row["severity"]]})
        item["aliases"] = [row["cve"]] if row["cve"] else []
        events: list[dict[str, str]] = []
        for part in row["affected"].split(" || "):
            *first, end = part.split(" ")
            events += [{"introduced": first[0].removeprefix(">=") if first else "0"}, {"fixed": end.removeprefix("<")}]
        item["affected"] = [
            {"package": {"ecosystem": "npm", "name": "directus"}, "ranges": [{"type": "SEMVER", "events": events}]}
        ]
        made.append(item)
    return made


def export(folder: Path, records: list[dict[str, object]]) -> Path:
    for item in records:
        (folder / f"{item['id']}.json").write_text(json.dumps(item), encoding="utf-8")
    return folder


def test_an_export_that_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(export(tmp_path, as_in_table(table())))]) == 0
    assert capsys.readouterr().out == "The table agrees with the export.\n"


def test_differences_are_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = [item for item in as_in_table(table()) if item["id"] != KNOWN]
    changed = record(KNOWN, {"introduced": "10.8.0"}, {"fixed": "11.9.4"}, aliases=["CVE-2025-55746"])
    new = record("GHSA-2222-3333-4444", {"introduced": "0"}, {"fixed": "12.5.0"}, aliases=["CVE-2099-12345"])
    other = record("GHSA-5555-6666-7777", {"introduced": "0"}, {"fixed": "1.0.0"}, package="directus-extension")
    gone = record("GHSA-8888-9999-cccc", {"introduced": "0"}, {"fixed": "12.5.0"}, withdrawn="2026-01-01T00:00:00Z")
    (tmp_path / "export").mkdir()
    folder = export(tmp_path / "export", [*records, changed, new, other, gone])
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for path in folder.iterdir():
            made.write(path, path.name)
    copy = tmp_path / "table.json"
    copy.write_bytes(TABLE.read_bytes())

    assert main([str(archive), "--table", str(copy)]) == 1
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(
        [
            "GHSA-2222-3333-4444: new; write its gist and what the attack needs",
            "GHSA-2222-3333-4444: affected: '' -> '<12.5.0'",
            "GHSA-2222-3333-4444: cve: '' -> 'CVE-2099-12345'",
            "GHSA-2222-3333-4444: severity: '' -> 'high'",
            f"{KNOWN}: affected: '>=10.8.0 <11.9.3' -> '>=10.8.0 <11.9.4'",
            f"{KNOWN}: severity: 'critical' -> 'high'",
        ]
    )
    assert copy.read_bytes() == TABLE.read_bytes()

    assert main([str(archive), "--table", str(copy), "--write", "--reviewed", "2099-01-31"]) == 0
    written = table(copy)
    assert written["last_reviewed"] == "2099-01-31"
    assert written["advisories"][0]["id"] == "GHSA-2222-3333-4444"
    row = next(item for item in written["advisories"] if item["id"] == KNOWN)
    assert (row["affected"], row["severity"]) == (">=10.8.0 <11.9.4", "high")
    assert row["gist"] == next(item for item in table()["advisories"] if item["id"] == KNOWN)["gist"]


@each_case(
    ("events", "expected"),
    [
        ([{"introduced": "0"}, {"fixed": "9.7.0"}], "<9.7.0"),
        ([{"introduced": "9.0.0-alpha.4"}, {"fixed": "11.5.0"}], ">=9.0.0 <11.5.0"),
        ([{"introduced": "10.0.0"}, {"last_affected": "10.13.0"}], ">=10.0.0 <10.13.1"),
        (
            [{"introduced": "0"}, {"fixed": "10.13.3"}, {"introduced": "11.0.0"}, {"fixed": "11.1.0"}],
            "<10.13.3 || >=11.0.0 <11.1.0",
        ),
        ([{"introduced": "11.0.0"}], ""),
    ],
)
def test_ranges_of_events(events: list[dict[str, str]], expected: str) -> None:
    assert affected(Record.model_validate(record("GHSA-2222-3333-4444", *events))) == expected


def test_what_is_no_record_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text('{"package": "directus"}', encoding="utf-8")
    with pytest.raises(SystemExit, match=r"broken\.json is not an OSV record: Field required"):
        main([str(path)])


def test_writing_needs_the_date_of_the_export(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--write"])
