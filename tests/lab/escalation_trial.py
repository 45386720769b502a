"""Random configurations, attacked by the adversary and judged by directus-guard from what the server's API says.

`python -m tests.lab.escalation_trial MAJOR NUMBER [SEED] [REQUESTS]` prints what does not agree.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path as Folder
from random import Random
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.escalation import Paths
from tests.lab import random_escalation
from tests.lab.adversary import ENVIRONMENT, Adversary
from tests.lab.adversary_moves import Relation
from tests.lab.pull import pulled
from tests.lab.server import RefusedError, started
from tests.lab.stored_rows import Database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.escalation import Path
    from tests.lab.adversary import Attack
    from tests.lab.server import Server
    from tests.lab.stored_rows import Snapshot

REQUESTS: Final = 250
_PATIENT: Final = 150
"""How many requests more an attack may take where nothing is reported."""
_STUBBORN: Final = 3
"""How many times more where a way is reported for sure, and the first attack did not find one."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one configuration."""

    config: random_escalation.Config
    path: Path | None
    """The way that directus-guard reports, for the adversary's start."""
    attack: Attack
    gaps: tuple[str, ...] = ()
    """Why directus-guard evaluates it in part only."""

    @property
    def missed(self) -> bool:
        """The adversary became administrator, and nothing is reported."""
        return self.attack.way is not None and self.path is None

    @property
    def unconfirmed(self) -> bool:
        """A way is reported for sure, and the adversary found none."""
        return self.attack.way is None and self.path is not None and self.path.confidence.value == "high"


class Arena:
    """A server with the collections of `random_escalation`, put back to that after each trial."""

    def __init__(self, server: Server) -> None:
        self.server = server
        random_escalation.make_collections(server)
        self._relations = [Relation.of(one) for one in server.admin.get("/relations")]
        self._database = Database(server)
        self._empty: Snapshot = self._database.take()

    def close(self) -> None:
        self._database.close()

    def judge(self, applied: random_escalation.Applied) -> tuple[Path | None, tuple[str, ...]]:
        """What directus-guard says of the server as it is, and what it cannot evaluate."""
        export = pulled(self.server)
        paths = Paths(export)
        own = bool(applied.config["own"]) and self.server.major >= 11
        role = Principal(PrincipalKind.ROLE, applied.role, "Editor")
        me = Principal(PrincipalKind.USER, applied.user, "me")
        who = [PUBLIC] if applied.config["anonymous"] else [role, *([me] if own else []), PUBLIC]
        found = next((path for one in who if (path := paths.of(one)) is not None), None)
        return found, tuple(gap.reason for gap in export.gaps)

    def trial(self, config: random_escalation.Config, requests: int = REQUESTS) -> Trial:
        """Apply a configuration, judge it, attack it, and put everything back."""
        try:
            applied = random_escalation.apply(self.server, config)
            path, gaps = self.judge(applied)
            start = None if config["anonymous"] else applied.token
            adversary = Adversary(
                self.server, self._database, start, Random(f"attack {config['seed']}"), self._relations
            )
            attack = adversary.attack(requests if path is not None else requests + _PATIENT)
            trial = Trial(config, path, attack, gaps)
            if trial.unconfirmed:
                again = Random(f"attack again {config['seed']}")
                adversary = Adversary(self.server, self._database, start, again, self._relations)
                trial = Trial(config, path, adversary.attack(_STUBBORN * requests), gaps)
            return trial
        finally:
            self._database.put(self._empty)
            self.server.mail.clear()

    def minimised(self, found: Trial) -> Trial:
        """The smallest configuration, by leaving out one thing after the other, that is still missed."""
        again = True
        while again:
            again = False
            for less in random_escalation.smaller(found.config):
                trial = self.trial(less)
                if trial.missed:
                    found, again = trial, True
                    break
        return found


@contextmanager
def arena(folder: Folder, major: int) -> Iterator[Arena]:
    """A server for trials."""
    with started(folder, major, env=ENVIRONMENT) as server:
        made = Arena(server)
        try:
            yield made
        finally:
            made.close()


def show(trial: Trial) -> str:
    """A trial for people: what is not empty in the configuration, what is reported, and what the adversary did."""
    held = {key: value for key, value in trial.config.items() if value not in ([], None)}
    reported = f"{trial.path.name} ({trial.path.confidence.value})" if trial.path else "nothing"
    return "\n    ".join([f"reported: {reported}", json.dumps(held), *(trial.attack.way or ())[-14:]])


def trials(folder: Folder, major: int, seeds: Iterable[str], requests: int = REQUESTS) -> Iterator[Trial | None]:
    """A trial for each seed; None where the server ended, after which another one is started."""
    waiting = list(seeds)
    for number in count():
        if not waiting:
            return
        with arena(folder / f"server-{number}", major) as ground:
            while waiting:
                config = random_escalation.configuration(waiting.pop(0), major)
                try:
                    trial = ground.trial(config, requests)
                except RefusedError:
                    if ground.server.process.poll() is None:
                        raise
                    yield None
                    break
                yield ground.minimised(trial) if trial.missed else trial


def main() -> int:
    """Run trials; print what does not agree, and the figures."""
    major, number = int(sys.argv[1]), int(sys.argv[2])
    seed = sys.argv[3] if len(sys.argv) > 3 else "steady"
    requests = int(sys.argv[4]) if len(sys.argv) > 4 else REQUESTS
    counts: Counter[str] = Counter()
    spent, asked, began = 0.0, 0, time.monotonic()
    seeds = [f"{seed}-{major}-{index}" for index in range(number)]
    with tempfile.TemporaryDirectory(prefix="directus-guard-", dir=os.environ.get("LAB_FOLDER")) as folder:
        for index, trial in enumerate(trials(Folder(folder), major, seeds, requests)):
            if trial is None:
                counts["ended"] += 1
                print("the server ended", seeds[index], flush=True)
                continue
            spent, asked = spent + trial.attack.seconds, asked + trial.attack.requests
            won, told = trial.attack.way is not None, trial.path is not None
            counts["both" if won and told else "missed" if won else "only reported" if told else "neither"] += 1
            counts["exhausted"] += trial.attack.exhausted
            counts["not evaluated"] += bool(trial.gaps)
            if trial.missed or (told and not won):
                print("MISSED" if trial.missed else "only reported", seeds[index], show(trial), flush=True)
            if index % 20 == 19:
                speed = f"{time.monotonic() - began:.0f} s, {asked / max(spent, 0.01):.0f} requests/s"
                print(f"... {index + 1} {dict(counts)} {speed}", flush=True)
    print(f"{major}: {dict(counts)}, {time.monotonic() - began:.0f} s")
    return int(bool(counts["missed"]))


if __name__ == "__main__":
    sys.exit(main())
