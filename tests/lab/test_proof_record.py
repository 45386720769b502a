"""The record of the proof is complete and of today's cases, and the catalogue claims what it shows. Starts no server."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from directus_guard.escalation import steps
from directus_guard.escalation.reach.facts import AUTHORITY
from tests.lab.all_cases import CASES
from tests.lab.channels import proofs, reason
from tests.lab.install import RELEASES
from tests.lab.proof import RECORD, of, tried

RECORDED: Final[list[dict[str, Any]]] = json.loads(RECORD.read_text(encoding="utf-8"))
STALE: Final = "carry it out again: make proof"


@pytest.mark.parametrize("major", sorted(RELEASES))
def test_every_case_was_carried_out_as_it_is_today(major: int) -> None:
    recorded = {one["case"]: one["digest"] for one in RECORDED if one["version"] == RELEASES[major].version}
    assert recorded == {case.id: case.digest for case in of(major)}, STALE


def test_what_is_carried_out_again_is_of_every_step_and_every_version() -> None:
    """Whatever share of the cases a run of the tests takes."""
    again = {major: {case.step for case in tried(major)} for major in RELEASES}
    assert set[str]().union(*again.values()) == {case.step for case in CASES}
    for major, steps_of_it in again.items():
        assert len(steps_of_it) >= len({case.step for case in of(major)}) / 3, major


def test_every_outcome_is_a_proof() -> None:
    for one in RECORDED:
        assert one["granted"]["administrator"], one["case"]
        assert not one["refused"]["administrator"], one["case"]
        assert one["granted"]["requests"], one["case"]


def test_a_step_claims_the_versions_on_which_it_was_carried_out() -> None:
    claimed = {kind.id: set(kind.measured) for kind in steps()}
    assert claimed == {name: {one["version"] for one in RECORDED if one["step"] == name} for name in claimed}, STALE


def test_a_case_says_why_it_is_not_tried_somewhere() -> None:
    assert [case.id for case in CASES if bool(case.absent) != (set(case.majors) != set(RELEASES))] == []


def test_a_step_is_tried_where_it_applies() -> None:
    """Every step has a case on every version that has the step, or its cases say why not."""
    for kind in steps():
        cases = [case for case in CASES if case.step == kind.id]
        assert cases, kind.id
        for release in RELEASES.values():
            version = tuple(map(int, release.version.split(".")))
            tried = any(release.major in case.majors for case in cases)
            assert tried or not kind.applies(version) or all(case.absent for case in cases), (kind.id, release)


@pytest.mark.parametrize("write", AUTHORITY, ids=" ".join)
def test_every_write_is_proven_on_every_version_that_has_it(write: tuple[str, str]) -> None:
    """Or it says why it gives nothing there."""
    found = proofs(RECORDED)
    for release in RELEASES.values():
        version = tuple(map(int, release.version.split(".")))
        assert bool(found[release.version, write]) != bool(reason(write, version)), (write, release.version)
