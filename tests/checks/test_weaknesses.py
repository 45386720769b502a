"""Every check says what it finds in the words of the CWE list and of OWASP, and every format that can carries it on."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.audit.rules import rules
from directus_guard.checks import catalogue
from directus_guard.report.sarif import MAX_TAGS
from directus_guard.weaknesses import Cwe, OwaspRisk
from tests.support.cli import guard
from tests.support.each import each_case
from tests.support.examples import EXAMPLES
from tests.support.programs import python_tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.declaration import Check

LIST: Final = """
import glob, json, os, xml.etree.ElementTree as tree, cwe2
(path,) = glob.glob(os.path.join(os.path.dirname(cwe2.__file__), "database_v*", "cwec_v4.14.xml"))
space = "{http://cwe.mitre.org/cwe-7}"
listed = tree.parse(path).getroot().iter(space + "Weakness")
print(json.dumps({one.get("ID"): [one.get("Name"), one.findtext(f"{space}Mapping_Notes/{space}Usage")] for one in listed}))
"""
PROTECTION_FAILURE: Final = "693"
"""Its use is discouraged because it is wide. What tests policies of content finds nothing nearer in the list."""


@each_case("check", catalogue().values(), ids=lambda check: check.id)
def test_every_check_names_weaknesses_and_risks(check: Check) -> None:
    assert 1 <= len(check.cwe) == len(set(check.cwe)) <= 3
    if isinstance(check.owasp, str):
        assert check.owasp.endswith(".")
        assert check.risks == ()
    else:
        assert 1 <= len(check.owasp) == len(set(check.owasp)) <= 3


def test_each_weakness_is_found_by_a_check() -> None:
    assert {weakness for check in catalogue().values() for weakness in check.cwe} == set(Cwe)
    assert [risk.id for risk in OwaspRisk] == [f"API{number}:2023" for number in range(1, 11)]
    assert {risk for check in catalogue().values() for risk in check.risks} == set(OwaspRisk)


@pytest.mark.real
def test_names_are_those_of_the_list() -> None:
    python = python_tool("cwe2==3.0.0") / "python"
    done = subprocess.run([str(python), "-c", LIST], capture_output=True, text=True, check=True)
    listed = json.loads(done.stdout)
    assert {one.id: one.title for one in Cwe} == {one.id: listed[str(one.number)][0] for one in Cwe}
    usage = {number: listed[number][1] for number in (str(one.number) for one in Cwe)}
    assert {number for number, word in usage.items() if word not in ("Allowed", "Allowed-with-Review")} == {
        PROTECTION_FAILURE
    }


def named(tags: list[str], kind: str) -> list[str]:
    return [tag.removeprefix(f"external/{kind}/") for tag in tags if tag.startswith(f"external/{kind}/")]


def test_sarif_has_them_as_tags() -> None:
    report = json.loads(guard("scan", EXAMPLES / "flawed", "--output=sarif").out)
    for rule in report["runs"][0]["tool"]["driver"]["rules"]:
        check, tags = catalogue()[rule["id"]], rule["properties"]["tags"]
        assert len(tags) == len(set(tags)) <= MAX_TAGS
        assert named(tags, "cwe") == [f"cwe-{weakness.number:03}" for weakness in check.cwe]
        assert named(tags, "owasp") == [f"api{risk.number}-2023" for risk in check.risks]
        assert all(re.fullmatch(r"cwe-\d{3,4}", tag) for tag in named(tags, "cwe"))


def findings(report: dict[str, Any]) -> Iterator[tuple[str, list[str], list[str]]]:
    for one in report["findings"]:
        yield one["check"], one["cwe"], one["owasp"]


def test_json_and_gitlab_have_them() -> None:
    by_id = {rule.id: rule for rule in rules()}
    report = json.loads(guard("scan", EXAMPLES / "flawed", "--output=json").out)
    shown = list(findings(report))
    assert len(shown) > 10
    for check, cwe, owasp in shown:
        assert cwe == [weakness.id for weakness in by_id[check].cwe]
        assert owasp == [risk.id for risk in by_id[check].owasp]
    for one in json.loads(guard("scan", EXAMPLES / "flawed", "--output=gitlab-sast").out)["vulnerabilities"]:
        first, *rest = one["identifiers"]
        rule = by_id[first["value"]]
        assert [(item["type"], item["value"]) for item in rest] == [
            *(("cwe", str(weakness.number)) for weakness in rule.cwe),
            *(("owasp", risk.id) for risk in rule.owasp),
        ]


def test_explain_and_the_list_name_them() -> None:
    page = guard("explain", "rate-limiter").out
    assert "CWE-770: Allocation of Resources Without Limits or Throttling." in page
    assert "OWASP API4:2023: Unrestricted Resource Consumption." in page
    listed = {one["id"]: one for one in json.loads(guard("checks", "--json").out)}
    assert listed["rate-limiter"]["cwe"] == ["CWE-770", "CWE-307"]
    assert listed["rate-limiter"]["owasp"] == ["API4:2023", "API2:2023"]
    assert listed["script-operation"]["owasp"] == []
