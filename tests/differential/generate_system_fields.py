"""Makes `directus_guard/directus/access/system_fields_data.py` from the published packages @directus/system-data (MIT).

Names of collections, fields and foreign keys are facts; nothing else is taken. Run
`python -m tests.differential.generate_system_fields`.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.support.programs import ROOT, npm

PACKAGES = {
    "10.13": "1.1.1",
    "11.0": "2.0.0",
    "11.1": "2.1.0",
    "11.14": "4.0.0",
    "11.17": "4.4.0",
    "12.0": "4.5.0",
    "12.2": "4.6.0",
    "12.4": "4.7.0",
}
"""A Directus release (to its minor) and the @directus/system-data it ships."""

OUTPUT = ROOT / "directus_guard" / "directus" / "access" / "system_fields_data.py"

_EXTRACT = """
const found = {};
for (const name of process.argv.slice(1)) {
  const data = await import(name);
  const keys = new Set(data.systemRelationRows.map((row) => `${row.many_collection}.${row.many_field}`));
  const fields = {};
  for (const row of data.systemCollectionRows) fields[row.collection] = {};
  for (const row of data.systemFieldRows) {
    (fields[row.collection] ??= {})[row.field] = keys.has(`${row.collection}.${row.field}`);
  }
  const relations = data.systemRelationRows.filter((row) => row.one_collection).map((row) =>
    [row.many_collection, row.many_field, row.one_collection, row.one_field].filter(Boolean).join(' '));
  found[name] = { fields, relations };
}
console.log(JSON.stringify(found));
"""

Table = dict[str, dict[str, str]]


def _read() -> dict[str, dict[str, Any]]:
    """What each release has: `fields`, whether they are foreign keys, by collection; `relations` as texts."""
    modules = npm(
        *(f"v{release.replace('.', '-')}@npm:@directus/system-data@{PACKAGES[release]}" for release in PACKAGES)
    )
    names = {f"v{release.replace('.', '-')}": release for release in PACKAGES}
    run = subprocess.run(
        ["node", "--input-type=module", "-e", _EXTRACT, *names], cwd=modules, capture_output=True, text=True, check=True
    )
    return {names[name]: one for name, one in json.loads(run.stdout).items()}


def relations() -> dict[str, str]:
    """By relation (collection, field, related collection, the field there if it has one): since and until when, as in `table`."""
    found = {release: set(one["relations"]) for release, one in _read().items()}
    return {name: _since([name in found[one] for one in PACKAGES]) for name in sorted(set().union(*found.values()))}


def _since(has: list[bool]) -> str:
    releases = list(PACKAGES)
    first, last = has.index(True), len(has) - 1 - has[::-1].index(True)
    assert all(has[first : last + 1]), has
    return (f">{releases[first - 1]}" if first else "") + (f"<{releases[last + 1]}" if last + 1 < len(has) else "")


def table() -> Table:
    """By collection and field: `*` for a foreign key, `>V` where V is the last release seen without it, `<V` where V is
    the first without it again. The collection itself is the field ``."""
    found: dict[str, dict[str, dict[str, bool]]] = {release: one["fields"] for release, one in _read().items()}
    result: Table = {}
    releases = list(PACKAGES)
    for collection in sorted({name for fields in found.values() for name in fields}):
        named = {field for fields in found.values() for field in fields.get(collection, {})}
        for field in ["", *sorted(named)]:
            has = [collection in found[one] and (not field or field in found[one][collection]) for one in releases]
            key = any(found[one].get(collection, {}).get(field) for one in releases)
            result.setdefault(collection, {})[field] = "*" * key + _since(has)
    return result


def module(found: Table, related: dict[str, str]) -> str:
    """The text of the data module."""
    lines = [
        '"""System collections and their fields per version of Directus: generated, do not edit.',
        "",
        f"From the packages @directus/system-data {', '.join(PACKAGES.values())} (MIT):",
        "`python -m tests.differential.generate_system_fields`. After a name: `*` = it points at another collection, `>V` =",
        "not yet there in V, `<V` = no longer there from V on. What is before the colon is the collection's own.",
        "A relation is its collection and field, the collection that it points at, and the field there, if it has one.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import Final",
        "",
        "SYSTEM_FIELDS: Final = (",
    ]
    for collection, fields in found.items():
        names = " ".join(f"{field}{mark}" for field, mark in fields.items() if field)
        lines.append(f'    "{collection}{fields[""]}: {names}",')
    lines += [")", "", "SYSTEM_RELATIONS: Final = ("]
    lines += [f'    "{name}{mark}",' for name, mark in related.items()]
    return "\n".join([*lines, ")"]) + "\n"


if __name__ == "__main__":
    OUTPUT.write_text(module(table(), relations()), encoding="utf-8")
