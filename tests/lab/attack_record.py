"""What the adversary reached in many random configurations, recorded, so that every later model is judged by it without a server.

`python -m tests.lab.attack_record MAJOR NUMBER` carries out what the record does not have yet, up to that number. What the
server did does not depend on directus-guard: a record stays true until the generator of configurations changes.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path as Folder
from typing import TYPE_CHECKING, Final

import msgspec

from tests.lab import random_escalation
from tests.lab.escalation_trial import arena, show
from tests.lab.server import RefusedError
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from tests.lab.escalation_trial import Arena, Trial
    from tests.lab.random_escalation import Config

RECORDS: Final = Folder(os.environ.get("LAB_RECORDS", ROOT / "tests" / "truth"))
WON: Final = "administrator"
_SHOWN: Final = 8
"""How many of the last requests of a way are kept."""
_WIDTH: Final = 240


@dataclass(frozen=True, slots=True)
class Attacked:
    """One configuration that was attacked. `digest`: of the configuration that the seed made then."""

    seed: str
    version: str
    digest: str
    requests: int
    outcome: str
    """`administrator`, `exhausted` (nothing was left to try) or `stopped`."""
    plan: str = ""
    """What came of the plan of that day: its confidence, and `carried out`, `not filled in` or `refuted`."""
    way: tuple[str, ...] = ()
    """The last requests that changed something, where the adversary became administrator."""


def record(major: int) -> Folder:
    """The file of a major version."""
    return RECORDS / f"attacked-{major}.jsonl"


def recorded(major: int) -> list[Attacked]:
    """What was attacked on a major version so far."""
    path = record(major)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [msgspec.json.decode(line, type=Attacked) for line in lines]


def seed_of(major: int, number: int) -> str:
    """The seeds of the record: every fifth configuration has several flows."""
    return f"{'flows-' if number % 5 == 4 else ''}attacked-{major}-{number}"


def digest(config: Config) -> str:
    """What tells a configuration from another one."""
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:12]


def attacked(ground: Arena, config: Config) -> tuple[Attacked, Trial]:
    """Judge a configuration, carry its plan out, and let the adversary attack it."""
    trial = ground.trial(config, math.inf, quick=True)
    won = trial.attack.way is not None
    outcome = WON if won else "exhausted" if trial.attack.exhausted else "stopped"
    plan, sent = "", trial.carried_out
    if trial.path is not None and sent is not None:
        done = "carried out" if sent.won else "not filled in" if sent.unknown else "refuted"
        plan = f"{trial.path.confidence.value}: {done}"
    way = tuple(line[:_WIDTH] for line in (trial.attack.way or ())[-_SHOWN:])
    version = ground.server.version
    return Attacked(config["seed"], version, digest(config), trial.attack.requests, outcome, plan, way), trial


def _ends(process: subprocess.Popen[bytes]) -> bool:
    """Whether a server that refuses requests ends: it closes its port before it does."""
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return False
    return True


def main() -> int:
    """Complete the record of a major version up to a number of configurations."""
    major, number = int(sys.argv[1]), int(sys.argv[2])
    known = {one.seed for one in recorded(major)}
    waiting = [seed for seed in (seed_of(major, index) for index in range(number)) if seed not in known]
    problems, began = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="directus-guard-", dir=os.environ.get("LAB_FOLDER")) as folder:
        for server in count():
            if not waiting:
                break
            with (
                arena(Folder(folder) / f"server-{server}", major) as ground,
                record(major).open("a", encoding="utf-8") as out,
            ):
                while waiting:
                    config = random_escalation.configuration(waiting.pop(0), major)
                    try:
                        found, trial = attacked(ground, config)
                    except RefusedError as error:
                        if not _ends(ground.server.process):
                            raise
                        print("the server ended", config["seed"], str(error)[-300:], flush=True)
                        break
                    out.write(json.dumps(asdict(found), ensure_ascii=False) + "\n")
                    out.flush()
                    if trial.missed or trial.refuted:
                        problems += 1
                        print("MISSED" if trial.missed else "REFUTED", config["seed"], show(trial), flush=True)
                    elif "refuted" in found.plan:
                        print("not worked", config["seed"], show(trial), flush=True)
                    print(f"{found.seed} {found.outcome} {found.plan} {time.monotonic() - began:.0f} s", flush=True)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
