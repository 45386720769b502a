"""The table of advisories: its form, its ranges, and what attacks need."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from directus_guard.audit import Options, audit
from directus_guard.directus.advisories import ADVISORIES, LAST_REVIEWED, affecting
from directus_guard.directus.versions import NEWEST, Version, floating
from tests.cli_tools import write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("advisory", ADVISORIES, ids=lambda advisory: advisory.id)
def test_form(advisory: object) -> None:
    from directus_guard.directus.advisories import Advisory

    assert isinstance(advisory, Advisory)
    assert re.fullmatch(r"GHSA(-[23456789cfghjmpqrvwx]{4}){3}", advisory.id)
    assert advisory.cve == "" or re.fullmatch(r"CVE-20\d\d-\d{4,6}", advisory.cve)
    for part in advisory.affected.split(" || "):
        assert re.fullmatch(r"(>=\d+\.\d+\.\d+ )?<\d+\.\d+\.\d+", part)
    assert bool(advisory.precondition) == bool(advisory.needs)
    assert not advisory.gist.endswith(".")


def test_ids_are_unique() -> None:
    assert len({advisory.id for advisory in ADVISORIES}) == len(ADVISORIES)
    cves = [advisory.cve for advisory in ADVISORIES if advisory.cve]
    assert len(set(cves)) == len(cves)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", LAST_REVIEWED)


def test_the_newest_version_is_not_affected() -> None:
    assert affecting(NEWEST) == ()


@pytest.mark.parametrize(
    ("version", "id_", "affected"),
    [
        ("11.9.2", "GHSA-mv33-9f6j-pfmc", True),
        ("11.9.3", "GHSA-mv33-9f6j-pfmc", False),
        ("10.7.9", "GHSA-mv33-9f6j-pfmc", False),
        ("10.8.0", "GHSA-mv33-9f6j-pfmc", True),
        ("10.13.3", "GHSA-68g8-c275-xf2m", False),
        ("11.0.2", "GHSA-68g8-c275-xf2m", True),
        ("12.0.9", "GHSA-97xr-jchp-xm3c", True),
        ("12.1.0", "GHSA-97xr-jchp-xm3c", False),
    ],
)
def test_ranges(version: str, id_: str, affected: bool) -> None:
    parsed = Version.parse(version)
    assert parsed is not None
    assert (id_ in {advisory.id for advisory in affecting(parsed)}) is affected


def test_fixed_version_is_the_end_of_the_range_it_lies_in() -> None:
    advisory = next(item for item in ADVISORIES if item.id == "GHSA-68g8-c275-xf2m")
    assert str(advisory.fixed(Version(10, 13, 0))) == "10.13.3"
    assert str(advisory.fixed(Version(11, 0, 0))) == "11.1.0"


COMPOSE = "services:\n  directus:\n    image: directus/directus:{version}\n    environment:\n      PUBLIC_URL: https://cms.example.com\n{more}"


def severity_of(root: Path, id_: str, version: str, more: str = "") -> str:
    """The severity of the finding that names the advisory, "" if none does."""
    write(root, {"compose.yaml": COMPOSE.format(version=version, more=more)})
    report = audit(Options(root=root))
    found = [
        finding.severity.value
        for finding in report.findings
        if id_ in finding.message and finding.check.startswith("vulnerable-version-")
    ]
    assert len(found) <= 1
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ("", "low"),
        ("      WEBSOCKETS_ENABLED: 'true'\n", "low"),
        ("      WEBSOCKETS_ENABLED: 'true'\n      WEBSOCKETS_REST_AUTH: public\n", "critical"),
        ("      WEBSOCKETS_ENABLED: 'true'\n      WEBSOCKETS_REST_AUTH: ${MODE}\n", "critical"),
        ("      WEBSOCKETS_ENABLED: ${WS}\n      WEBSOCKETS_GRAPHQL_AUTH: public\n", "critical"),
        ("    env_file: production.env\n", "critical"),
    ],
)
def test_what_an_attack_needs(tmp_path: Path, more: str, severity: str) -> None:
    assert severity_of(tmp_path, "GHSA-97xr-jchp-xm3c", "12.0.0", more) == severity


def test_a_major_tag_is_judged_by_its_newest_version(tmp_path: Path) -> None:
    assert severity_of(tmp_path, "GHSA-j5h6-vqc3-phqh", "11") == "high"
    assert severity_of(tmp_path, "GHSA-wv3h-5fx7-966h", "11") == ""
    assert severity_of(tmp_path, "GHSA-j5h6-vqc3-phqh", "latest") == ""


@pytest.mark.parametrize(
    ("text", "major"),
    [
        ("11", 11),
        ("v10", 10),
        ("^11.2.0", 11),
        ("~10.13", 10),
        ("11.x", 11),
        ("10-slim", 10),
        ("latest", None),
        ("", None),
        ("main", None),
        (">=10", None),
    ],
)
def test_floating(text: str, major: int | None) -> None:
    assert floating(text) == major
