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
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path as Folder
from random import Random
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.escalation import Path, Paths, Unplanned
from directus_guard.escalation.evidence import rank
from directus_guard.finding import Confidence
from tests.lab import random_escalation
from tests.lab.adversary import ENVIRONMENT, Adversary, Attack
from tests.lab.adversary_moves import Relation
from tests.lab.carried_out import CarriedOut, Run
from tests.lab.offline import offline
from tests.lab.pull import pulled
from tests.lab.server import Lab, RefusedError, started
from tests.lab.stored_rows import Database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.directus.export import Export
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
    carried_out: CarriedOut | None = None
    """What came of the plan on the server."""
    answers: tuple[str, ...] = ()
    """What is said of each principal: `way`, `not evaluated` or `nothing`."""
    unplanned: str = ""
    """What may be reached, where no plan is found for the adversary's start."""

    @property
    def missed(self) -> bool:
        """The adversary became administrator, and nothing is reported."""
        return self.attack.way is not None and self.path is None and not self.unplanned

    @property
    def refuted(self) -> bool:
        """A way is reported for sure, and its plan does not make an administrator."""
        sent = self.carried_out
        return self.sure and sent is not None and not sent.won and not sent.unknown

    @property
    def sure(self) -> bool:
        """Whether a way is reported for sure."""
        return self.path is not None and self.path.confidence.value == "high"

    @property
    def unconfirmed(self) -> bool:
        """A way is reported for sure, and the adversary found none."""
        return self.attack.way is None and self.path is not None and self.path.confidence.value == "high"


@dataclass(frozen=True, slots=True)
class Judged:
    """What directus-guard says of one configuration."""

    path: Path | None
    gaps: tuple[str, ...]
    answers: tuple[str, ...]
    unplanned: str


def judge(export: Export, applied: random_escalation.Applied) -> Judged:
    """What directus-guard says of an export, and what it cannot evaluate."""
    paths = Paths(export)
    answers = tuple(_word(paths.answer(one)) for one, _ in export.actors)
    found = [paths.answer(one) for one in starts(export.model.version.major, applied)]
    plans = [one for one in found if isinstance(one, Path)]
    unplanned = next((one.last for one in found if isinstance(one, Unplanned)), "")
    path = min(plans, key=lambda one: rank(one.confidence), default=None)
    return Judged(path, tuple(gap.reason for gap in export.gaps), answers, unplanned)


def starts(major: int, applied: random_escalation.Applied) -> list[Principal]:
    """Whom the adversary begins as."""
    if applied.config["anonymous"]:
        return [PUBLIC]
    own = bool(applied.config["own"]) and major >= 11
    me = [Principal(PrincipalKind.USER, applied.user, "me")] if own else []
    return [Principal(PrincipalKind.ROLE, applied.role, "Editor"), *me, PUBLIC]


def _word(answer: Path | Unplanned | None) -> str:
    return "nothing" if answer is None else "way" if isinstance(answer, Path) else "not evaluated"


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

    def carry_out(self, applied: random_escalation.Applied, path: Path) -> CarriedOut:
        """Send the requests of a plan, and put everything back."""
        before = self._database.take()
        token = None if applied.config["anonymous"] else applied.token
        try:
            return Run(self.server, self._database, token, applied.user).carry_out(path)
        finally:
            self._database.put(before)
            self.server.mail.clear()

    def trial(
        self,
        config: random_escalation.Config,
        requests: float = REQUESTS,
        *,
        attacked: bool = True,
        quick: bool = False,
    ) -> Trial:
        """Apply a configuration, judge it, carry its plan out, attack it, and put everything back.

        `quick`: it is stored without the API and judged as it was stored, plans are carried out only where a way is reported
        for sure, and the attack takes as long whatever is reported.
        """
        try:
            if quick:
                stored, applied = offline(config, self.server.major, like=self.server)
                stored.put_on(self._database)
                judged = judge(stored.export(), applied)
            else:
                applied = random_escalation.apply(self.server, config)
                judged = judge(pulled(self.server), applied)
            path = judged.path
            asked = path is not None and (not quick or path.confidence is Confidence.HIGH)
            sent = self.carry_out(applied, path) if asked and path is not None else None
            none = Attack(None, 0, 0.0, exhausted=False)
            trial = Trial(config, path, none, judged.gaps, sent, judged.answers, judged.unplanned)
            if not attacked:
                return trial
            start = None if config["anonymous"] else applied.token
            adversary = Adversary(
                self.server, self._database, start, Random(f"attack {config['seed']}"), self._relations
            )
            attack = adversary.attack(requests if path is not None or quick else requests + _PATIENT)
            trial = replace(trial, attack=attack)
            if trial.unconfirmed and not quick:
                again = Random(f"attack again {config['seed']}")
                adversary = Adversary(self.server, self._database, start, again, self._relations)
                trial = replace(trial, attack=adversary.attack(_STUBBORN * requests))
            return trial
        finally:
            self._database.put(self._empty)
            self.server.mail.clear()

    def minimised(self, found: Trial) -> Trial:
        """The smallest configuration, by leaving out one thing after the other, that is still missed, or refuted."""
        again, refuted = True, found.refuted
        while again:
            again = False
            for less in random_escalation.smaller(found.config):
                trial = self.trial(less, attacked=not refuted)
                if trial.refuted if refuted else trial.missed:
                    found, again = trial, True
                    break
        return found


@contextmanager
def arena(folder: Folder, major: int) -> Iterator[Arena]:
    """A server of its own for trials."""
    with started(folder, major, env=ENVIRONMENT) as server, closing(Arena(server)) as made:
        yield made


def show(trial: Trial) -> str:
    """A trial for people: what is not empty in the configuration, what is reported, and what the adversary did."""
    held = {key: value for key, value in trial.config.items() if value not in ([], None)}
    reported = f"{trial.path.name} ({trial.path.confidence.value})" if trial.path else "nothing"
    sent = trial.carried_out.lines if trial.carried_out is not None and not trial.carried_out.won else ()
    return "\n    ".join([f"reported: {reported}", json.dumps(held), *sent, *(trial.attack.way or ())[-14:]])


def trials(
    lab: Lab, major: int, seeds: Iterable[str], requests: int = REQUESTS, *, attacked: bool = True
) -> Iterator[Trial | None]:
    """A trial for each seed; None where the server ended, after which another one is started."""
    waiting = list(seeds)
    while waiting:
        with lab.server(major) as server, closing(Arena(server)) as ground:
            while waiting:
                config = random_escalation.configuration(waiting.pop(0), major)
                try:
                    trial = ground.trial(config, requests, attacked=attacked)
                except RefusedError:
                    if ground.server.process.poll() is None:
                        raise
                    yield None
                    break
                yield ground.minimised(trial) if trial.missed or trial.refuted else trial


def count_of(trial: Trial) -> Counter[str]:
    """What a trial adds to the figures."""
    won, reported = trial.attack.way is not None, trial.path is not None
    found: Counter[str] = Counter()
    found["both" if won and reported else "missed" if trial.missed else "only reported" if reported else "neither"] += 1
    found["exhausted"] += trial.attack.exhausted
    found["with gaps"] += bool(trial.gaps)
    found["principals"] += len(trial.answers)
    found["reached"] += len(trial.answers) - trial.answers.count("nothing")
    found["not evaluated"] += trial.answers.count("not evaluated")
    sent = trial.carried_out
    if sent is not None:
        what = "high" if trial.sure else "less sure"
        done = "carried out" if sent.won else "not filled in" if sent.unknown else "refuted"
        found[f"{what}: {done}"] += 1
    return found


def main() -> int:
    """Run trials; print what does not agree, and the figures. Without requests, plans are carried out and nothing is attacked."""
    major, number = int(sys.argv[1]), int(sys.argv[2])
    seed = sys.argv[3] if len(sys.argv) > 3 else "steady"
    requests = int(sys.argv[4]) if len(sys.argv) > 4 else REQUESTS
    counts: Counter[str] = Counter()
    spent, asked, began = 0.0, 0, time.monotonic()
    seeds = [f"{seed}-{major}-{index}" for index in range(number)]
    where = tempfile.TemporaryDirectory(prefix="directus-guard-", dir=os.environ.get("LAB_FOLDER"))
    with where as folder, Lab(Folder(folder)) as lab:
        for index, trial in enumerate(trials(lab, major, seeds, requests, attacked=requests > 0)):
            if trial is None:
                counts["ended"] += 1
                print("the server ended", seeds[index], flush=True)
                continue
            spent, asked = spent + trial.attack.seconds, asked + trial.attack.requests
            counts += count_of(trial)
            _tell(seeds[index], trial)
            if index % 20 == 19:
                speed = f"{time.monotonic() - began:.0f} s, {asked / max(spent, 0.01):.0f} requests/s"
                print(f"... {index + 1} {dict(counts)} {speed}", flush=True)
    print(f"{major}: {dict(counts)}, {time.monotonic() - began:.0f} s")
    return int(bool(counts["missed"] or counts["high: refuted"]))


def _tell(seed: str, trial: Trial) -> None:
    """What does not agree."""
    sent = trial.carried_out
    if trial.missed or trial.refuted:
        print("MISSED" if trial.missed else "REFUTED", seed, show(trial), flush=True)
    elif sent is not None and not sent.won:
        print("not filled in" if sent.unknown else "not worked", sent.unknown, seed, show(trial), flush=True)
    elif "not evaluated" in trial.answers:
        print("not evaluated", seed, trial.unplanned, show(trial), flush=True)


if __name__ == "__main__":
    sys.exit(main())
