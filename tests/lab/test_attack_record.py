"""Where the adversary became administrator on a real server, a way is reported, or that it could not be evaluated. Starts no server."""

from __future__ import annotations

from typing import Final

import pytest

from tests.lab import attack_record
from tests.lab.escalation_trial import judge
from tests.lab.install import MAJORS as ALL
from tests.lab.offline import offline
from tests.lab.random_escalation import configuration
from tests.support.sampling import one_in

FEW: Final = 6
MAJORS: Final = [major for major in ALL if attack_record.record(major).exists()]
STALE: Final = "the generator of configurations has changed: attack them again, make attacks"


def missed(one: attack_record.Attacked, major: int) -> bool:
    """Whether nothing is said of a configuration in which the adversary became administrator."""
    server, applied = offline(configuration(one.seed, major), major)
    judged = judge(server.export(), applied)
    return judged.path is None and not judged.unplanned


def attacked(major: int) -> list[attack_record.Attacked]:
    return [one for one in attack_record.recorded(major) if one.outcome == attack_record.WON]


def test_there_is_a_record() -> None:
    assert 11 in MAJORS


@pytest.mark.parametrize("major", MAJORS)
def test_the_record_is_of_the_configurations_of_today(major: int) -> None:
    recorded = attack_record.recorded(major)
    assert recorded
    assert len({one.seed for one in recorded}) == len(recorded)
    for one in recorded:
        assert one.digest == attack_record.digest(configuration(one.seed, major)), (one.seed, STALE)


@pytest.mark.parametrize("major", MAJORS)
def test_no_way_that_was_found_is_missed(major: int) -> None:
    assert [one.seed for one in attacked(major)[:FEW] if missed(one, major)] == []


@pytest.mark.thorough
@pytest.mark.parametrize("major", MAJORS)
def test_no_way_of_more_that_were_found_is_missed(major: int) -> None:
    """A quarter of the others; `make every` takes all of them."""
    assert [one.seed for one in one_in(4, attacked(major)[FEW:], str(major)) if missed(one, major)] == []
