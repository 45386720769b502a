"""Random configurations, attacked on real servers: where the adversary becomes administrator, a way is reported; and the
plan of a way that is reported for sure makes an administrator.

`LAB_ATTACKS`, `LAB_SEED` and `LAB_MAJORS` choose how many, which and where (`all`: on every server; `make fuzz` takes many new ones). What is missed
is made small and printed; it belongs into `derived_cases.py` or `tests/escalation` then.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest

from tests.lab.escalation_trial import Arena, count_of, judge, show, trials
from tests.lab.install import MAJORS
from tests.lab.offline import offline
from tests.lab.random_escalation import configuration

if TYPE_CHECKING:
    from tests.lab.escalation_trial import Trial
    from tests.lab.server import Lab

SEED: Final = os.environ.get("LAB_SEED", "steady")
MANY: Final = int(os.environ.get("LAB_ATTACKS", "5"))
CHOSEN: Final = os.environ.get("LAB_MAJORS", "11").replace("all", " ".join(map(str, MAJORS)))


@pytest.mark.parametrize("major", [int(one) for one in CHOSEN.split()])
def test_no_way_is_missed(lab: Lab, major: int) -> None:
    seeds = [f"{SEED}-{major}-{index}" for index in range(MANY)]
    tried: list[Trial] = []
    for trial in trials(lab, major, seeds):
        if trial is not None and (trial.missed or trial.refuted):
            what = "missed" if trial.missed else "the plan does not work"
            pytest.fail(f"{what}: {trial.config['seed']}: {show(trial)}")
        tried += [] if trial is None else [trial]
    won = sum(trial.attack.way is not None for trial in tried)
    reported = sum(trial.path is not None for trial in tried)
    unseen = sum(bool(trial.gaps) for trial in tried)
    unconfirmed = [trial for trial in tried if trial.unconfirmed]
    print(
        f"\n{major}, seed {SEED}: {len(tried)} configurations, {reported} reported, {won} attacked with success, none missed, {unseen} not evaluated;"
        f" {len(unconfirmed)} reported for sure that the adversary did not find"
    )
    counts = sum(map(count_of, tried), Counter[str]())
    print(f"  {dict(counts)}")
    for trial in unconfirmed:
        print(f"  {trial.config['seed']} {show(trial)}")


@pytest.mark.parametrize("major", [int(one) for one in CHOSEN.split()])
def test_a_configuration_is_judged_alike_without_a_server(lab: Lab, major: int) -> None:
    """What stands for a server in the record of attacks says what a server says, whichever way it got the configuration."""
    with lab.server(major) as server, closing(Arena(server)) as ground:
        for index in range(MANY):
            config = configuration(f"{SEED}-{major}-{index}", major)
            alone, applied = offline(config, major)
            expected = judge(alone.export(), applied).answers
            for quick in (True, False):
                assert ground.trial(config, attacked=False, quick=quick).answers == expected, (config["seed"], quick)
