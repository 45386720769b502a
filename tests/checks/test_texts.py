"""The rules for texts say what is wrong with a bad finding, and nothing about a good one."""

from __future__ import annotations

from msgspec.structs import replace

from directus_guard.finding import Confidence, Context, Finding, Fix, Location, Severity, Subject
from tests.support.texts import faults, faults_of_reason

GOOD = Finding(
    check="roles-write",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    context=Context.PRODUCTION,
    title="Policy `Editor` can change roles",
    message="Users with this policy can make themselves administrators. Directus checks nothing but the permission.",
    expected="administrators only",
    actual="update directus_roles: *; all items",
    subject=Subject("permission", "directus Editor update directus_roles"),
    location=Location("directus/permissions.json", 3),
    fix=Fix("Delete this permission."),
)


def test_a_good_finding() -> None:
    assert faults(GOOD) == []


def test_bad_findings() -> None:
    long = " ".join(["word"] * 26)
    bad = {
        replace(GOOD, title="Policy " + "x" * 60): "a title of 67 characters",
        replace(GOOD, message=f"Short. {long}."): "a sentence of 26 words",
        replace(GOOD, message="Nobody checks this."): "a word of ours, `Nobody`",
        replace(GOOD, message="Delete this row, or that one."): "`one` as a pronoun",
        replace(GOOD, message="Directus ignores it (measured on 11.17.4)."): "`(measured)`",
        replace(GOOD, fix=None): "no fix",
        replace(GOOD, fix=Fix("Administrators only.")): "does not begin with a verb",
        replace(GOOD, fix=Fix("Delete it; or narrow it.")): "lets the reader choose",
        replace(GOOD, fix=Fix("Delete this permission")): "is no sentence",
        replace(GOOD, fix=Fix("Delete 3f2b8a52-9d4c-4c1e-8f0a-1b2c3d4e5f60.")): "an id",
    }
    assert {finding: [expected in fault for fault in faults(finding)] for finding, expected in bad.items()} == {
        finding: [True] for finding in bad
    }


def test_a_reason() -> None:
    assert faults_of_reason("`PUBLIC_URL` is not set") == ()
    assert len(faults_of_reason("nobody set it")) == 1
