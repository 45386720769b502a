"""The formats for other programs: valid, complete, and no text of a repository means anything in them."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from directus_guard.audit.rules import rules
from directus_guard.finding import Confidence, Context, Finding, Location, Report, Scanned, Severity, Subject
from directus_guard.report import access_csv
from directus_guard.report.writers import REPORT_WRITERS, Appearance, Format, PrintedReport
from tests.github.runner import commands
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.examples import ESCALATION, EXAMPLES, EXPORT, HOSTILE
from tests.support.git import commit, new_repository
from tests.support.hostile import EVERYTHING, PAYLOADS, hostile, is_annotation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Json = dict[str, Any]

SCHEMAS: Final = Path(__file__).parent / "schemas"
FORMATS: Final = (Format.JSON, Format.SARIF, Format.JUNIT, Format.GITLAB_CODEQUALITY, Format.GITLAB_SAST, Format.GITHUB)
BROKEN: Final = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment: [\n"


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Each report of projects that differ in what a report says."""
    root = tmp_path_factory.mktemp("projects")
    for name in ("flawed", "hardened"):
        shutil.copytree(EXAMPLES / name, root / name)
    shutil.copytree(ESCALATION, root / "escalation")
    write(root / "hostile", HOSTILE)
    write(root / "incomplete", {"compose.yaml": BROKEN, "other/.env": HOSTILE["legacy.env"]})
    write(root / "accepted", HOSTILE)
    guard("baseline", "write", root / "accepted" / "directus-guard.baseline", root / "accepted")
    change = new_repository(root / "change")
    commit(change, {"compose.yaml": HOSTILE["compose.yaml"]})
    write(change, HOSTILE)
    return {name: _written(root, name) for name in (*sorted(path.name for path in root.iterdir()), "lenient")}


def _written(root: Path, name: str) -> dict[str, str]:
    folder = "incomplete" if name == "lenient" else name
    more = {"change": ("--new-since=HEAD",), "lenient": ("--incomplete=warn",)}.get(name, ())
    outputs = [f"--output={form}={root / f'{name}.{form}'}" for form in FORMATS]
    guard("scan", root / folder, *outputs, *more)
    return {form: (root / f"{name}.{form}").read_text(encoding="utf-8") for form in FORMATS}


def made(report: Report, form: Format) -> str:
    stream = io.StringIO()
    REPORT_WRITERS[form](PrintedReport(report, rules()), stream, Appearance())
    return stream.getvalue()


def validator(name: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8")))


def faults(name: str, data: object) -> list[str]:
    return [str(error)[:400] for error in validator(name).iter_errors(data)]


def as_data(element: ET.Element) -> Json:
    text = (element.text or "").strip()
    children = [as_data(child) for child in element]
    return {"tag": element.tag, "attributes": dict(element.attrib), "text": text, "children": children}


def cases(text: str) -> Iterator[tuple[str, str, str]]:
    """What a test is called, its answer, and the headline."""
    for case in ET.fromstring(text).iter("testcase"):
        answer = next(iter(case), None)
        name = f"{case.attrib['classname'].rpartition('.')[2]}|{case.attrib['name']}"
        yield name, "passed" if answer is None else answer.tag, "" if answer is None else answer.attrib["message"]


def test_the_projects_differ(reports: Mapping[str, Mapping[str, str]]) -> None:
    """Else the tests below test nothing."""
    data = {name: json.loads(made["json"]) for name, made in reports.items()}
    states = {name: {finding["state"] for finding in one["findings"]} for name, one in data.items()}
    assert states["flawed"] == {"new"}
    assert states["accepted"] == {"existing", "suppressed"}
    assert states["change"] == {"existing", "new", "suppressed"}
    assert {one["incomplete"] for one in data.values()} == {False, True}
    assert any(one["summary"]["not_evaluated"] for one in data.values())


# --- JUnit ---


def test_junit_is_valid(reports: Mapping[str, Mapping[str, str]]) -> None:
    for name, written in reports.items():
        root = ET.fromstring(written["junit"])
        assert faults("junit", as_data(root)) == [], name
        for suite in (root, *root.iter("testsuite")):
            answers = Counter(child.tag for case in suite.iter("testcase") for child in case)
            numbers = {word: int(suite.attrib[f"{word}s"]) for word in ("failure", "error")}
            assert numbers | {"skipped": int(suite.attrib["skipped"])} == {
                word: answers[word] for word in ("failure", "error", "skipped")
            }
            assert int(suite.attrib["tests"]) == len(list(suite.iter("testcase")))


def test_junit_has_every_answer(reports: Mapping[str, Mapping[str, str]]) -> None:
    for name, written in reports.items():
        data = json.loads(written["json"])
        tests = list(cases(written["junit"]))
        failed = Counter(one["fingerprint"] for one in data["findings"] if one["state"] == "new")
        assert Counter(test for test, answer, _ in tests if answer == "failure") == failed, name
        skipped = Counter(one["state"] for one in data["findings"] if one["state"] != "new")
        for state, number in skipped.items():
            assert sum(answer == "skipped" and text.startswith(state) for _, answer, text in tests) == number, name
        of = {status: {f"{one['check']}|{one['subject']}" for one in data["checks"] if one["status"] == status}
              for status in ("pass", "fail", "not-evaluated")}  # fmt: skip
        unknown = [test for test, answer, text in tests if text.startswith("not evaluated: ")]
        assert sorted(unknown) == sorted(of["not-evaluated"]), name
        passed = [test for test, answer, _ in tests if answer == "passed"]
        assert sorted(passed) == sorted(of["pass"] - of["fail"] - of["not-evaluated"]), name
        unread = [answer for _, answer, text in tests if text.startswith("not read: ")]
        assert len(unread) == len(data["problems"]), name
        assert ("error" in unread) == (data["incomplete"] and name != "lenient")


def test_junit_tests_of_development_are_skipped(tmp_path: Path) -> None:
    compose = HOSTILE["compose.yaml"].replace("https://cms.example.com", "http://localhost:8055")
    run = guard("scan", write(tmp_path, {"compose.yaml": compose}), "--output=junit")
    assert {text.partition(":")[0] for _, answer, text in cases(run.out) if answer == "skipped"} >= {
        "development, fails no run"
    }
    assert "failure" not in {answer for _, answer, _ in cases(run.out)}


@each_case("text", [*PAYLOADS, EVERYTHING, "\ufffe\uffff", "\x00\x08\x1f", "\ud800", "a\nb"], ids=ascii)
def test_hostile_junit(text: str) -> None:
    root = ET.fromstring(made(hostile(text), Format.JUNIT).encode("utf-8"))
    assert faults("junit", as_data(root)) == []
    assert {element.tag for element in root.iter()} == {"testsuites", "testsuite", "testcase", "failure", "skipped"}


# --- GitLab ---


def test_codequality_is_valid(reports: Mapping[str, Mapping[str, str]]) -> None:
    for name, written in reports.items():
        issues = json.loads(written["gitlab-codequality"])
        assert faults("gitlab-codequality", issues) == [], name
        assert len({issue["fingerprint"] for issue in issues}) == len(issues), name
        results = json.loads(written["sarif"])["runs"][0]["results"]
        found = [issue["fingerprint"] for issue in issues if issue["check_name"] != "incomplete"]
        assert found == [result["partialFingerprints"]["directusGuard/v1"] for result in results], name
        unread = [issue for issue in issues if issue["check_name"] == "incomplete"]
        assert bool(unread) == json.loads(written["json"])["incomplete"]
        assert {issue["severity"] for issue in unread} <= {"blocker"}
        assert issues[: len(unread)] == unread


def test_sast_is_valid(reports: Mapping[str, Mapping[str, str]]) -> None:
    for name, written in reports.items():
        report = json.loads(written["gitlab-sast"])
        assert faults("gitlab-sast", report) == [], name
        vulnerabilities = report["vulnerabilities"]
        assert len({one["id"] for one in vulnerabilities}) == len(vulnerabilities), name
        results = json.loads(written["sarif"])["runs"][0]["results"]
        assert [one["identifiers"][0]["value"] for one in vulnerabilities] == [one["ruleId"] for one in results], name
        data = json.loads(written["json"])
        assert (report["scan"]["status"] == "failure") == (data["incomplete"] and name != "lenient")
        texts = [message["value"] for message in report["scan"]["messages"]]
        assert sum(" was not evaluated for " in text for text in texts) == data["summary"]["not_evaluated"]
        assert sum(": not read: " in text for text in texts) == len(data["problems"])


def test_sast_is_valid_by_gitlabs_own_schema(reports: Mapping[str, Mapping[str, str]]) -> None:
    """`dist/sast-report-format.json` of GitLab's security-report-schemas, which no package registry has."""
    path = os.environ.get("GITLAB_SAST_SCHEMA")
    if not path:
        pytest.skip("GITLAB_SAST_SCHEMA names no file")
    schema = json.loads(Path(path).read_text(encoding="utf-8"))
    assert schema["self"]["version"] == "15.0.4"
    for text in (
        *(written["gitlab-sast"] for written in reports.values()),
        made(hostile(EVERYTHING), Format.GITLAB_SAST),
    ):
        assert [str(error)[:400] for error in jsonschema_rs.validator_for(schema).iter_errors(json.loads(text))] == []


def test_the_time_of_a_sast_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    run = guard("scan", EXAMPLES / "hardened", "--output=gitlab-sast")
    assert json.loads(run.out)["scan"]["end_time"] == "2027-01-15T08:00:00"
    for unusable in ("", "x", "-1", "9" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", unusable)
        run = guard("scan", EXAMPLES / "hardened", "--output=gitlab-sast")
        assert faults("gitlab-sast", json.loads(run.out)) == []


@each_case("text", [*PAYLOADS, EVERYTHING, "x" * 20_000, "`@`" * 3_000], ids=lambda text: ascii(text)[:40])
def test_hostile_gitlab_reports(text: str) -> None:
    report = json.loads(made(hostile(text), Format.GITLAB_SAST))
    assert faults("gitlab-sast", report) == []
    for one in report["vulnerabilities"]:
        assert not any(mark in one["description"] + one["solution"] for mark in ("<img", "<script", "](http", "\n#"))
    issues = json.loads(made(hostile(text), Format.GITLAB_CODEQUALITY))
    # The path is the text itself: a file of such a name may be there.
    assert [fault for fault in faults("gitlab-codequality", issues) if "path" not in fault] == []


# --- GitHub ---


def test_annotations_alone(reports: Mapping[str, Mapping[str, str]]) -> None:
    for name, written in reports.items():
        lines = written["github"].splitlines()
        shown = commands(lines)
        assert len(shown) == len(lines), name
        assert all(map(is_annotation, shown)), name
        assert max(Counter(command.name for command in shown).values(), default=0) <= 10
        data = json.loads(written["json"])
        new = [one for one in data["findings"] if one["state"] == "new"]
        listed = [
            command
            for command in shown
            if command.properties["title"] not in ("directus-guard", "directus-guard: incomplete")
        ]
        assert len(listed) == len(new) or f"{len(new) - len(listed)} more finding" in shown[-1].message, name
        unread = [command.name for command in shown if command.properties["title"] == "directus-guard: incomplete"]
        assert unread == ["warning" if name == "lenient" else "error"] * data["incomplete"], name


# --- CSV ---


def table(text: str) -> list[dict[str, str]]:
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert all(len(row) == len(rows[0]) for row in rows)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_access_as_csv() -> None:
    rows = table(guard("access", EXPORT, "--output=csv").out)
    (model,) = json.loads(guard("access", EXPORT, "--output=json").out)["models"]
    assert {row["principal"] for row in rows} == {principal["name"] for principal in model["principals"]}
    for principal in model["principals"]:
        mine = [row for row in rows if row["principal"] == principal["name"]]
        if principal["admin"]:
            assert [(row["collection"], row["action"], row["level"]) for row in mine] == [("*", "*", "full")]
            continue
        assert len(mine) == len(principal["access"])
        for row, entry in zip(mine, principal["access"], strict=True):
            assert (row["collection"], row["action"], row["level"]) == (
                entry["collection"],
                entry["action"],
                entry["level"],
            )
            assert row["fields"] == ", ".join(entry["fields"])
            assert json.loads(row["rule"]) == entry["rule"]


def test_csv_is_as_rfc_4180_has_it() -> None:
    text = guard("access", EXPORT, "--output=csv").out
    assert text.endswith('"\r\n')
    assert text.count("\n") == text.count("\r\n") == len(table(text)) + 1
    assert all(line.startswith('"') and line.endswith('"') for line in text.split("\r\n")[:-1])


def principal(name: str, *, admin: bool = False, known: bool = True) -> Json:
    return {"kind": "role", "id": "1", "name": name, "admin": admin, "app": False, "access_known": known, "access": [],
            "escalates": True, "escalates_known": known}  # fmt: skip


def listed(*principals: Json, source: str = "directus") -> list[dict[str, str]]:
    stream = io.StringIO(newline="")
    model = {"source": source, "directus": "12.4.1", "edition": "core", "principals": list(principals)}
    access_csv.write({"models": [model]}, stream)
    return table(stream.getvalue())


def test_a_principal_without_rows_is_in_the_csv() -> None:
    rows = listed(principal("A"), principal("B", known=False), principal("C", admin=True))
    assert [(row["level"], row["escalates"]) for row in rows] == [
        ("none", "yes"),
        ("unknown", "perhaps"),
        ("full", "yes"),
    ]


@each_case(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "|x", "%x", "＝1", "＋1", "－1", "＠1"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    (row,) = listed(principal(text), source=text)
    for cell in (row["principal"], row["source"]):
        assert cell[0] not in "=+-@|%\t\r\n ＝＋－＠"
        assert cell.endswith(text.strip())


@each_case("text", [*PAYLOADS, EVERYTHING], ids=ascii)
def test_hostile_csv(text: str) -> None:
    stream = io.StringIO(newline="")
    model = {"source": text, "directus": "12.4.1", "edition": "core", "principals": [principal(text)]}
    access_csv.write({"models": [model]}, stream)
    assert commands(stream.getvalue().replace("\r", "\n").split("\n")) == []
    assert len(table(stream.getvalue())) == 1
    assert not any(mark in stream.getvalue().replace("\r\n", "") for mark in "\x00\x1b\r\n\u202e\x9b")


# --- new access ---


def test_new_access_is_in_each_format() -> None:
    entry = Finding(
        check="new-access", severity=Severity.HIGH, confidence=Confidence.HIGH, context=Context.PRODUCTION,
        title="New access. Editor: read posts", message="m", expected="what the base grants", actual="a",
        subject=Subject("permission", "key"), location=Location("a.json", 3),
    )  # fmt: skip
    report = Report(Scanned(".", 1), (), (), (), (), new_access=(entry,))
    assert [answer for _, answer, _ in cases(made(report, Format.JUNIT))] == ["failure"]
    assert len(json.loads(made(report, Format.GITLAB_CODEQUALITY))) == 1
    assert faults("gitlab-sast", json.loads(made(report, Format.GITLAB_SAST))) == []
    assert len(made(report, Format.GITHUB).splitlines()) == 1
