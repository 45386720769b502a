"""Carries out the cases on a server and compares with the model; `python -m tests.lab.proof` records the outcomes.

The record (`tests/truth/proof.json`) is what `docs/proof.md` is made from; tests say when it is stale.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.escalation import Paths
from tests.lab.all_cases import CASES
from tests.lab.attack import Attempt
from tests.lab.install import RELEASES
from tests.lab.pull import pulled
from tests.lab.server import Lab, row
from tests.support.programs import ROOT
from tests.support.sampling import EVERY_CASE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.export import Export
    from tests.lab.cases import Case
    from tests.lab.server import Server

RECORD: Final = ROOT / "tests" / "truth" / "proof.json"


@dataclass(frozen=True, slots=True)
class Half:
    """An attack: the rows granted, the requests made, whether it made an administrator, and what the model said before."""

    rows: tuple[str, ...]
    requests: tuple[str, ...]
    administrator: bool
    modelled: str
    """The steps of the model's path; "" for none."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case on one version, with the precondition and without it."""

    case: str
    step: str
    version: str
    digest: str
    granted: Half
    refused: Half

    @property
    def proven(self) -> bool:
        return self.granted.administrator and not self.refused.administrator


def prove(server: Server, case: Case) -> Outcome:
    """Both halves, each from a clean server. The refused one comes first: it leaves no schedule that may fire once more while it
    is being deleted."""
    refused = _attack(server, case, granted=False)
    server.clean()
    granted = _attack(server, case, granted=True)
    return Outcome(case.id, case.step, server.version, case.digest, granted, refused)


def rows(case: Case, at: Attempt, *, granted: bool) -> list[dict[str, Any]]:
    """The rows of a half. On 12 Core, which has no rows with limits: everything, or only reading."""
    wanted = case.granted(at) if granted else case.refused(at)
    if not at.core:
        return wanted
    return [row(one["collection"], one["action"] if granted else "read") for one in case.granted(at)]


def attempt(server: Server, case: Case) -> Attempt:
    """A fresh attacker without any permission, and somebody else."""
    # A new 10 has no row of settings, and whoever may only update them cannot make one: an instance in use has it.
    server.admin.patch("/settings", {"project_name": "Directus"})
    admin_policy = server.admin_policy if server.major >= 11 else None
    victim = server.member(server.admin_role) if case.victim_is_admin else server.actor()
    return Attempt(server, server.actor(), server.admin_role, admin_policy, victim, case.anonymous)


def _attack(server: Server, case: Case, *, granted: bool) -> Half:
    at = attempt(server, case)
    at.patience = 20.0 if granted else 1.5
    (case.prepare if granted else case.prepare_refused)(at)
    given = rows(case, at, granted=granted)
    if case.anonymous:
        server.grant_public(given)
    else:
        server.permissions(given, **at.holder)
    export = pulled(server)
    before, path = administrators(export), modelled(export, at)
    token = case.attack(at)
    administrator = token is not None and server.is_admin(token)
    if token is not None:
        at.trace.append(f"GET /schema/snapshot → {200 if administrator else 'refused'}")
    # The model, asked again, sees the new administrator, or none.
    now = administrators(pulled(server)) - before
    taken = case.takes_over or case.step.startswith("take-over")
    assert bool(now) == (administrator and not taken), (case.id, granted, now, at.told())
    return Half(tuple(at.named(describe(one)) for one in given), at.told(), administrator, path)


def modelled(export: Export, at: Attempt) -> str:
    """The steps of the path that the model sees for the attacker."""
    # The role stands for a user who has nothing of its own.
    who = PUBLIC if at.anonymous else Principal(PrincipalKind.ROLE, at.actor.role, at.actor.role)
    path = Paths(export).of(who)
    return path.name if path else ""


def administrators(export: Export) -> set[str]:
    """Users that the model calls administrators."""
    return {user.id for user in export.model.users if export.model.of_user(user.id).admin}


def describe(given: dict[str, Any]) -> str:
    """A permission row in one line."""
    fields = ", ".join(given["fields"])
    more = "".join(
        f"; {name} {json.dumps(given[name])}" for name in ("permissions", "validation", "presets") if given[name]
    )
    return f"{given['action']} {given['collection']} ({fields}){more}"


def agrees(case: Case, outcome: Outcome) -> str:
    """What the model gets wrong; "" where it says what the server did."""
    problems = []
    told = {case.step, *case.told, *(case.core_told if outcome.version.startswith("12.") else ())}
    if not outcome.granted.administrator:
        problems.append("the attack failed with the precondition")
    if outcome.refused.administrator:
        problems.append("the attack worked without the precondition")
    if not told & set(outcome.granted.modelled.split("+")):
        problems.append(
            f"with the precondition the model says {outcome.granted.modelled or 'nothing'}, not {sorted(told)}"
        )
    if outcome.refused.modelled:
        problems.append(f"without the precondition the model says {outcome.refused.modelled}")
    return "; ".join(problems)


def of(major: int) -> list[Case]:
    """The cases that a version can be tried on."""
    return [case for case in CASES if major in case.majors]


def tried(major: int) -> list[Case]:
    """The cases that tests carry out on a version: each on one of its versions, where its step is still to be tried; of those whose
    step is tried on all of them, half.

    `make every` carries out all of them; the record has all, too.
    """
    return of(major) if EVERY_CASE else [case for case in of(major) if (major, case.id) in _share()]


@cache
def _share() -> frozenset[tuple[int, str]]:
    """Versions and cases."""
    steps: set[tuple[int, str]] = set()
    share: set[tuple[int, str]] = set()
    for number, case in enumerate(CASES):
        left = [major for major in case.majors if (major, case.step) not in steps]
        if not left and number % 2:
            continue
        major = (left or case.majors)[number % len(left or case.majors)]
        steps.add((major, case.step))
        share.add((major, case.id))
    return frozenset(share)


def as_json(outcomes: list[Outcome]) -> str:
    """The record: by version and case."""
    return json.dumps([asdict(one) for one in outcomes], indent=1, ensure_ascii=False) + "\n"


def _recorded() -> list[Outcome]:
    found = json.loads(RECORD.read_text(encoding="utf-8"))
    return [msgspec.convert(one, Outcome) for one in found]


def main() -> int:
    """Carry out every case on every version, and write the record.

    Arguments narrow it down, and then nothing is written: majors, and parts of the cases' names. With `stale` only the cases
    are carried out that the record does not have as they are today, and the record is completed.
    """
    majors = [int(one) for one in sys.argv[1:] if one.isdigit()]
    stale = "stale" in sys.argv[1:]
    names = [one for one in sys.argv[1:] if not one.isdigit() and one != "stale"]
    recorded = {(one.version, one.case): one for one in _recorded()}
    problems = 0
    with tempfile.TemporaryDirectory(prefix="directus-guard-lab-") as folder, Lab(Path(folder)) as lab:
        for major in majors or sorted(RELEASES):
            for case in of(major):
                if names and not any(name in case.id for name in names):
                    continue
                kept = recorded.get((RELEASES[major].version, case.id))
                if stale and kept is not None and kept.digest == case.digest:
                    continue
                with lab.server(major) as server:
                    outcome = prove(server, case)
                recorded[outcome.version, outcome.case] = outcome
                problems += _tell(case, outcome)
                if not majors and not names:
                    _write(recorded)  # one after the other: a long run that breaks off goes on with `stale`
    return int(bool(problems))


def _write(recorded: Mapping[tuple[str, str], Outcome]) -> None:
    """The record, in the order of the cases, without cases that are gone."""
    keys = ((RELEASES[major].version, case.id) for major in sorted(RELEASES) for case in of(major))
    RECORD.write_text(as_json([recorded[key] for key in keys if key in recorded]), encoding="utf-8")


def _tell(case: Case, outcome: Outcome) -> bool:
    problem = agrees(case, outcome)
    print(f"{outcome.version}  {'proven' if outcome.proven else 'NOT PROVEN'}  {case.id}", flush=True)
    if problem:
        halves = (
            *outcome.granted.rows,
            *outcome.granted.requests,
            "--",
            *outcome.refused.rows,
            *outcome.refused.requests,
        )
        print(f"  {problem}", *halves, sep="\n    ")
    return bool(problem)


if __name__ == "__main__":
    sys.exit(main())
