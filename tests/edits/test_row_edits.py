"""Edits of exported rows: what a fix says as data is carried out in the file, and nothing else changes."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.audit.mending import Mender, Mending, mend, with_edits
from directus_guard.audit.options import Options
from directus_guard.audit.run import audit, run
from directus_guard.checks import catalogue
from directus_guard.edits import row_editor
from directus_guard.edits.row_editor import RowEditor
from directus_guard.edits.row_values import NotEditableError
from directus_guard.edits.text import after
from directus_guard.finding import (
    DeleteRow,
    Location,
    MoveRuleToValidation,
    NameFields,
    NarrowRule,
    PinFields,
    RemoveFields,
    ReplaceFields,
    ReplaceRule,
    RowPatch,
    SetMember,
)
from directus_guard.sources.formats import json_document
from directus_guard.sources.formats.values import List, ObjectValue
from tests.support.check_examples import EXAMPLES, first_of_each, from_config
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.exports import EXPORTERS, about_access, files_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SAFE: Final = {"login-attempts", "stale-permission"}
"""Those of which the change cannot break a working project; the others say what a project may rest on."""
FAILING: Final = [
    path
    for path in EXAMPLES
    if path.name.startswith("fail") and catalogue()[path.parent.name].chapter in ("access", "flows")
]
REASONS: Final = ("it changes with the others", "the edit would cause another finding: public-read")


def mended(example: Path, root: Path) -> Mending:
    """What `fix --unsafe-fixes` does about the example's own findings, written to a copy."""
    shutil.copytree(example, root, dirs_exist_ok=True)
    (root / "expect.txt").unlink(missing_ok=True)
    made = mend(Options(root=root, **from_config(root)), [example.parent.name], unsafe=True)
    for file in made.files:
        assert (root / file.path).read_bytes().decode() == file.before
        (root / file.path).write_bytes(file.after.encode())
    return made


@pytest.mark.parametrize("example", first_of_each(FAILING))
def test_edits_of_rows_resolve_the_finding_and_nothing_else_changes(example: Path, tmp_path: Path) -> None:
    made = mended(example, tmp_path)
    for finding, why in made.left:
        assert why.startswith(REASONS), (finding.title, why)
    for finding in made.mended:
        assert finding.fix is not None
        assert finding.fix.safe is (finding.check in SAFE)
        assert finding.location.line == finding.location.end_line
    rows = {patch.row for finding in made.mended for patch in (finding.fix.rows if finding.fix else ())}
    for file in made.files:
        json.loads(file.after)
        assert "Zp3vK8qLw2RtYx91" not in file.after or "Zp3vK8qLw2RtYx91" in file.before
        kept = unnamed_rows(file.path, file.before, rows)
        assert all(text in file.after for text in kept)
    for patch in made.patches():
        assert "Zp3vK8qLw2RtYx91" not in patch.text
    found = {one.fingerprint for one in audit(Options(root=tmp_path, **from_config(tmp_path))).findings}
    assert not found & {finding.fingerprint for finding in made.mended}
    again = mend(Options(root=tmp_path, **from_config(tmp_path)), [example.parent.name], unsafe=True)
    assert not {one.fingerprint for one in again.mended} & {one.fingerprint for one in made.mended}


@pytest.mark.parametrize("example", first_of_each(FAILING))
def test_edits_of_rows_are_in_the_report(example: Path) -> None:
    """Unless they repeat what may be secret."""
    options = Options(root=example, **from_config(example))
    audited = run(options)
    mender = Mender(audited, options)
    for finding, shown in zip(audited.report.findings, with_edits(audited, options).findings, strict=True):
        fix = mender.edited(finding).fix
        if finding.check == example.parent.name and fix is not None and fix.rows:
            assert shown.fix is not None
            assert bool(shown.fix.edits) is (bool(fix.edits) and finding.check not in REPEATS), finding.title


REPEATS: Final = {"ai-endpoint"}
"""Those that keep an address of the project."""


def unnamed_rows(path: str, text: str, rows: set[Location]) -> list[str]:
    """The texts of the rows that no fix names."""
    document = json_document.parse(path, text)
    items = document.items if isinstance(document, List) else ()
    lines = text.split("\n")
    kept = []
    for item in items:
        place = item.location
        if isinstance(item, ObjectValue) and place not in rows and place.line == place.end_line:
            kept.append(lines[place.line - 1][place.column - 1 : place.end_column - 1])
        elif isinstance(item, ObjectValue) and place not in rows:
            kept.append("\n".join(lines[place.line : place.end_line - 1]))
    return kept


# --- single edits, in every layout -----------------------------------------------------------------------------------

ROWS: Final[list[dict[str, Any]]] = [
    {"id": 1, "action": "update", "permissions": {"a": {"_eq": 1}}, "validation": None, "fields": ["x", "ß", "z"]},
    {"id": 2, "action": "read", "permissions": {}, "validation": {"_and": [{"b": {"_eq": True}}]}, "fields": ["*"]},
    {"id": 3, "options": {"headers": [{"header": "A", "value": "1"}, {"header": "B", "value": "2"}]}, "n": 1.50},
]
LAYOUTS: Final[dict[str, Callable[[Any], str]]] = {
    "two spaces": lambda data: json.dumps(data, indent=2, ensure_ascii=False),
    "tabs": lambda data: json.dumps(data, indent="\t", ensure_ascii=False) + "\n",
    "CRLF and BOM": lambda data: "\ufeff" + json.dumps(data, indent=4, ensure_ascii=False).replace("\n", "\r\n"),
    "one line": lambda data: json.dumps(data, ensure_ascii=False),
    "compact": lambda data: json.dumps(data, ensure_ascii=False, separators=(",", ":")),
    "escaped": lambda data: json.dumps(data, indent=2),
    "a row a line": lambda data: (
        "[\n" + ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in data) + "\n]\n"
    ),
}
CHANGES: Final[list[tuple[int, Any, Any]]] = [
    (0, RemoveFields(("ß",)), {"fields": ["x", "z"]}),
    (0, RemoveFields(("x", "ß")), {"fields": ["z"]}),
    (0, RemoveFields(("z",)), {"fields": ["x", "ß"]}),
    (0, ReplaceFields(("q",)), {"fields": ["q"]}),
    (0, NarrowRule('{"c": {"_in": [1, 2]}}'), {"permissions": {"_and": [{"a": {"_eq": 1}}, {"c": {"_in": [1, 2]}}]}}),
    (1, NarrowRule('{"c": {"_eq": "ü"}}'), {"permissions": {"c": {"_eq": "ü"}}}),
    (1, PinFields(("r",), "$CURRENT_ROLE"), {"validation": {"_and": [{"b": {"_eq": True}}, {"r": {"_eq": "$CURRENT_ROLE"}}]}}),
    (0, MoveRuleToValidation(), {"permissions": {}, "validation": {"a": {"_eq": 1}}}),
    (2, SetMember(("options", "headers", "B", "value"), '"3"'), {"options": {"headers": [{"header": "A", "value": "1"}, {"header": "B", "value": "3"}]}}),
    (2, SetMember(("enforce_tfa",), "true"), {"enforce_tfa": True}),
    (2, SetMember(("n",), "2"), {"n": 2}),
]  # fmt: skip


def rows_of(text: str) -> list[Location]:
    """The places of the rows in a list."""
    document = json_document.parse("f.json", text)
    assert isinstance(document, List)
    return [item.location for item in document.items]


@each_case("layout", LAYOUTS)
@each_case(("number", "change", "members"), CHANGES)
def test_one_member_changes(layout: str, number: int, change: Any, members: dict[str, Any]) -> None:
    text = LAYOUTS[layout](ROWS)
    edits = RowEditor("f.json", text).edits([RowPatch(rows_of(text)[number], (change,))])
    expected = [{**row, **members} if index == number else row for index, row in enumerate(ROWS)]
    assert after("f.json", text, edits) == LAYOUTS[layout](expected)


@each_case("layout", LAYOUTS)
@each_case("gone", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 2)])
def test_rows_are_deleted(layout: str, gone: tuple[int, ...]) -> None:
    text = LAYOUTS[layout](ROWS)
    places = rows_of(text)
    edits = RowEditor("f.json", text).edits([RowPatch(places[number], (DeleteRow(),)) for number in gone])
    left = [row for number, row in enumerate(ROWS) if number not in gone]
    assert after("f.json", text, edits) == LAYOUTS[layout](left)


def test_all_rows_are_deleted() -> None:
    text = LAYOUTS["two spaces"](ROWS)
    edits = RowEditor("f.json", text).edits([RowPatch(place, (DeleteRow(),)) for place in rows_of(text)])
    assert after("f.json", text, edits) == "[]"


@each_case(
    ("row", "change", "members"),
    [
        ({"fields": "a,b"}, RemoveFields(("a",)), {"fields": "b"}),
        ({"fields": '["a","b"]'}, RemoveFields(("a",)), {"fields": '["b"]'}),
        ({"permissions": '{"a":1}'}, NarrowRule('{"b": 2}'), {"permissions": '{"_and":[{"a":1},{"b":2}]}'}),
        ({"permissions": None}, NarrowRule('{"b": 2}'), {"permissions": {"b": 2}}),
    ],
)
def test_a_column_keeps_its_form(row: dict[str, Any], change: Any, members: dict[str, Any]) -> None:
    text = json.dumps([row], indent=1)
    edits = RowEditor("f.json", text).edits([RowPatch(rows_of(text)[0], (change,))])
    assert json.loads(after("f.json", text, edits)) == [{**row, **members}]


@each_case(
    ("text", "change"),
    [
        ('[{"fields": ["*"]}]', NameFields(("a",))),
        ('[{"permissions": {}}]', ReplaceRule("{}")),
        ('[{"permissions": {}}]', NarrowRule("{}", example=True)),
        ('[{"validation": null}]', PinFields(("a",))),
        ('[{"permissions": "{"}]', NarrowRule("{}")),
        ('[{"permissions": [1]}]', NarrowRule("{}")),
        ('[{"fields": null}]', RemoveFields(("a",))),
        ('[{"fields": ["a"], "fields": ["a", "b"]}]', RemoveFields(("a",))),
        ('[{"options": {"headers": []}}]', SetMember(("options", "headers", "A", "value"), "1")),
        ('[{"fields": [NaN, "a"]}]', RemoveFields(("a",))),
        ("[{}]", SetMember(("a",), "1")),
    ],
)
def test_what_is_not_understood_is_not_edited(text: str, change: Any) -> None:
    with pytest.raises(NotEditableError):
        RowEditor("f.json", text).edits([RowPatch(Location("f.json", 1, 2, 1, len(text)), (change,))])


def test_a_row_that_is_a_file_of_its_own_is_not_deleted() -> None:
    with pytest.raises(NotEditableError):
        RowEditor("f.json", "{}").edits([RowPatch(Location("f.json", 1, 1, 1, 3), (DeleteRow(),))])


def test_a_place_without_a_row_is_not_edited() -> None:
    for text in ("[1]", '[{"a": }]'):
        with pytest.raises(NotEditableError):
            RowEditor("f.json", text).edits([RowPatch(Location("f.json", 1, 2, 1, len(text)), (DeleteRow(),))])


# --- the command -----------------------------------------------------------------------------------------------------


@each_case("exporter", EXPORTERS)
def test_the_command_says_how_the_change_comes_to_a_server(tmp_path: Path, exporter: str) -> None:
    tables = about_access()
    own = {"id": {"_eq": "$CURRENT_USER"}}
    tables["permissions"][0] |= {
        "collection": "directus_users", "action": "update", "permissions": own, "fields": ["email", "role"],
    }  # fmt: skip
    texts = {path: json.dumps(content, indent=2) for path, content in files_of(exporter, tables).items()}
    ran = guard("fix", write(tmp_path, texts), "--unsafe-fixes", "--check", "users-update", "--apply")
    assert ran.code == 0, ran.err
    push = EXPORTERS[exporter][2].push
    assert (f"to the server: `{push}`" if push else "in the Data Studio, too") in ran.err
    assert "scan --url URL" in ran.err
    changed = [path for path, text in texts.items() if (tmp_path / path).read_text(encoding="utf-8") != text]
    (path,) = changed
    assert (tmp_path / path).read_text(encoding="utf-8") == texts[path].replace(
        '"email",\n' + _indent_of(texts[path], '"role"') + '"role"', '"email"'
    )
    assert "Nothing to fix." in guard("fix", tmp_path, "--unsafe-fixes", "--check", "users-update").err


def _indent_of(text: str, word: str) -> str:
    (line,) = (line for line in text.split("\n") if line.strip() == word)
    return line[: len(line) - len(line.lstrip())]


def test_each_item_of_a_list_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list may keep one item, which is as large as the list was."""
    written = 0
    real = json.dumps

    def count(*values: Any, **options: Any) -> str:
        nonlocal written
        written += 1
        return real(*values, **options)

    monkeypatch.setattr(json, "dumps", count)
    rule: list[Any] = [{"role": {"_neq": number}} for number in range(50)]
    assert row_editor._kept(rule, [{"_and": rule}]) is None
    assert row_editor._kept(rule, rule[3:7]) == frozenset({3, 4, 5, 6})
    assert written < 3 * len(rule)
