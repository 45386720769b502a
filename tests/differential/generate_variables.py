"""Makes `directus_guard/directus/environment/variables_data.py` from the published packages of Directus.

Names, types and defaults of variables are facts; nothing else is taken. Run `python -m tests.differential.generate_variables`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.support.programs import ROOT, npm_tarball

Version = tuple[int, int, int]
Table = dict[str, str]

ENV_PACKAGES: dict[Version, str] = {
    (10, 0, 0): "1.0.2",
    (10, 10, 0): "1.1.6",
    (10, 13, 0): "1.3.2",
    (11, 0, 0): "3.0.0",
    (11, 1, 0): "3.1.0",
    (11, 2, 2): "4.0.0",
    (11, 3, 0): "4.1.0",
    (11, 4, 0): "5.0.0",
    (11, 6, 0): "5.0.3",
    (11, 8, 0): "5.0.5",
    (11, 9, 0): "5.1.0",
    (11, 11, 0): "5.1.2",
    (11, 13, 0): "5.3.0",
    (11, 14, 0): "5.4.0",
    (11, 16, 0): "5.6.1",
    (11, 17, 0): "5.8.0",
    (12, 0, 0): "6.0.0",
    (12, 1, 0): "6.1.0",
    (12, 2, 0): "6.2.0",
    (12, 3, 0): "6.2.2",
    (12, 4, 0): "6.3.0",
}
"""The first Directus version (to its minor) that ships each release of @directus/env (dependency of @directus/api on the
registry); before 10.9 the same tables stood inside the API itself."""

API_PACKAGES = ("21.0.2", "35.2.0", "39.2.1")
"""@directus/api of Directus 10.13.4, 11.17.4 and 12.4.1: what their code reads besides."""

_EXTRACT = r"""
import { readFileSync } from "node:fs";
const text = readFileSync(process.argv[2], "utf8");
const literal = (name, open, close) => {
  const start = text.search(new RegExp(`(?:const|var) ${name} = \\${open}`));
  const from = text.indexOf(open, start);
  let depth = 0, quote = "", i = from;
  for (; i < text.length; i++) {
    const c = text[i];
    if (quote) { if (c === "\\") i++; else if (c === quote) quote = ""; continue; }
    if (c === '"' || c === "'" || c === "`") quote = c;
    else if (c === "/" && text[i + 1] === "/") i = text.indexOf("\n", i);
    else if (c === open) depth++;
    else if (c === close && --depth === 0) break;
  }
  const DEFAULT_CHUNK_SIZE = 8388608, cwd = () => "", resolve = () => "./.env", resolve2 = resolve;
  return eval(`(${text.slice(from, i + 1)})`);
};
const shown = (v) => Array.isArray(v) ? v.join(",") : String(v);
const defaults = Object.fromEntries(Object.entries(literal("DEFAULTS", "{", "}")).map(([k, v]) => [k, shown(v)]));
console.log(JSON.stringify({ defaults, types: literal("TYPE_MAP", "{", "}"), names: literal("DIRECTUS_VARIABLES", "[", "]") }));
"""


def tables(package: str) -> tuple[Table, Table, frozenset[str]]:
    """Defaults, types and name patterns of one release of @directus/env."""
    source = npm_tarball(f"@directus/env@{package}") / "dist" / "index.js"
    run = subprocess.run(
        ["node", "--input-type=module", "-", str(source)], input=_EXTRACT, capture_output=True, text=True, check=True
    )
    found = json.loads(run.stdout)
    return found["defaults"], found["types"], frozenset(found["names"])


_READ = re.compile(r"env\d*(?:\[['\"]|\.)([A-Z][A-Z0-9_]+)\b")


def names_read_by_the_api() -> frozenset[str]:
    """Plain names that the API's code looks up."""
    found: set[str] = set()
    for version in API_PACKAGES:
        for path in sorted(npm_tarball(f"@directus/api@{version}").rglob("*.js")):
            found.update(_READ.findall(path.read_text(encoding="utf-8", errors="replace")))
    return frozenset(found)


def _history(by_version: dict[Version, Table]) -> dict[str, list[tuple[Version, str | None]]]:
    """name -> [(since, value)], None where it went away."""
    history: dict[str, list[tuple[Version, str | None]]] = {}
    for version, table in by_version.items():
        for name in sorted({*history, *table}):
            value = table.get(name)
            steps = history.setdefault(name, [])
            if (steps[-1][1] if steps else None) != value:
                steps.append((version, value))
    return {name: history[name] for name in sorted(history) if history[name]}


def generate() -> str:
    """The module's text."""
    defaults: dict[Version, Table] = {}
    types: dict[Version, Table] = {}
    names: dict[Version, Table] = {}
    for version, package in ENV_PACKAGES.items():
        defaults[version], types[version], patterns = tables(package)
        names[version] = dict.fromkeys(patterns, "")
    read = sorted(names_read_by_the_api())
    lines = [
        '"""Names, types and defaults of Directus\' variables per version: generated, do not edit.',
        "",
        f"From the packages @directus/env {', '.join(ENV_PACKAGES.values())}",
        f"and @directus/api {', '.join(API_PACKAGES)}: `python -m tests.differential.generate_variables`.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import Final",
        "",
        "Step = tuple[tuple[int, int, int], str | None]",
        "",
    ]
    for title, doc, table in (
        ("DEFAULTS", "name -> steps (since, text of the default; None: it has none)", _history(defaults)),
        ("TYPES", "name or pattern -> steps (since, type; None: guessed)", _history(types)),
        (
            "FILE_NAMES",
            'pattern of names that X_FILE works for -> steps (since, ""; None: it does not)',
            _history(names),
        ),
    ):
        lines.append(f"{title}: Final[dict[str, tuple[Step, ...]]] = {{")
        lines += [
            f"    {json.dumps(name)}: ({', '.join(_step(step) for step in steps)},)," for name, steps in table.items()
        ]
        lines += ["}", f'"""{doc}."""', ""]
    lines.append("READ_BY_THE_API: Final = frozenset({")
    lines += [f"    {json.dumps(name)}," for name in read]
    lines += ["})", '"""Names that the code of the API looks up one by one."""', ""]
    return _formatted("\n".join(lines))


def _step(step: tuple[Version, str | None]) -> str:
    version, value = step
    return f"({version}, {'None' if value is None else json.dumps(value)})"


def _formatted(text: str) -> str:
    ruff = Path(sys.executable).parent / "ruff"
    command = [str(ruff), "format", "--stdin-filename", "directus_guard/directus/environment/variables_data.py", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout


if __name__ == "__main__":
    (ROOT / "directus_guard" / "directus" / "environment" / "variables_data.py").write_text(
        generate(), encoding="utf-8"
    )
