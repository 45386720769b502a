"""docs/contract.md says what is true: exit codes, formats, members of the JSON reports, kinds of subjects.

Its tables of commands, options and keys of the config are made from the code (`make generate`), like those of inputs and
outputs in docs/github.md.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.exit_code import ExitCode
from directus_guard.report.writers import Format
from scripts.contract_tables import TABLES
from tests.support.cli import guard
from tests.support.each import each_case
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    Json = dict[str, Any]

PAGE: Final = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
CODE: Final = re.compile(r"`([^`]+)`")
SUBJECT: Final = re.compile(r'\bSubject\(\s*"([^"]+)"')


def rows(text: str, heading: str, number: int = 0) -> list[list[str]]:
    """The cells of a table below a heading, its own headings left out; `number` counts its tables from 0."""
    section = re.split(r"^#+ ", text.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("| "))] for line in tables[number].splitlines()[2:]
    ]


def first_words(heading: str, number: int = 0) -> set[str]:
    """The words in code of the first column."""
    return {word for row in rows(PAGE, heading, number) for word in CODE.findall(row[0])}


@pytest.fixture(scope="module")
def report() -> Json:
    done = guard("scan", str(ROOT / "examples" / "flawed"), "--output=json")
    return json.loads(done.out)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def access() -> Json:
    done = guard("access", str(ROOT / "examples" / "access"), "--output=json")
    return json.loads(done.out)  # type: ignore[no-any-return]


def test_exit_codes() -> None:
    assert [int(code) for code, _ in rows(PAGE, "Exit codes")] == [int(code) for code in ExitCode]


@each_case("name", TABLES)
def test_tables_are_those_of_the_code(name: str) -> None:
    begin = f"<!-- {name}: made from the code by `make generate` -->\n"
    assert PAGE.split(begin)[1].split("<!-- end -->")[0] == TABLES[name]()


def test_formats() -> None:
    written = {(command, row[0].strip("`")) for row in rows(PAGE, "Output formats") for command in CODE.findall(row[1])}
    assert {form for _, form in written} == set(Format)
    for command in ("scan", "access", "diff"):
        text = re.sub(r"\s+", " ", guard(command, "--help").out)
        (formats,) = re.findall(r"--output FORMAT\[=PATH\] ([\w, -]+);", text)
        assert set(formats.replace("- ", "-").split(", ")) == {form for of, form in written if of == command}


def test_members_of_json_v1(report: Json) -> None:
    assert first_words("json-v1") == report.keys()
    written = {word for row in rows(PAGE, "json-v1") if row[0] == "`scanned`" for word in CODE.findall(row[1])}
    assert written == report["scanned"].keys() | {"base"}


def test_members_of_findings(report: Json) -> None:
    written = first_words("json-v1", 1)
    found = {member for finding in report["findings"] for member in finding}
    assert written == found


def test_members_of_access_v1(access: Json) -> None:
    written = first_words("access-v1") | {word for row in rows(PAGE, "access-v1") for word in CODE.findall(row[1])}
    model = access["models"][0]
    members = {*access, *model, *(member for principal in model["principals"] for member in principal)}
    assert members <= written
    entries = [entry for principal in model["principals"] for entry in principal["access"]]
    assert first_words("access-v1", 1) == {member for entry in entries for member in entry}


def subject_kinds() -> Iterator[str]:
    """The first argument of each `Subject(…)` in the checks, where it is written out."""
    for path in (ROOT / "directus_guard").rglob("*.py"):
        yield from SUBJECT.findall(path.read_text(encoding="utf-8"))


def test_kinds_of_subjects() -> None:
    (sentence,) = re.findall(r"`subject\.kind` is (.*?)\.\n", PAGE, re.DOTALL)
    assert set(CODE.findall(sentence)) == set(subject_kinds())
