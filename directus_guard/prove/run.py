"""A whole run: each access model is applied to the fresh server, its ways are carried out, and everything is put back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard import deadline, progress
from directus_guard.checks.shared.rows import names
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.escalation import Path, Paths
from directus_guard.escalation.work import TooMuchWorkError
from directus_guard.proof import Attempt, Proof, ProofStatus
from directus_guard.prove.apply import apply, misfit, seat
from directus_guard.prove.carry_out import CarriedPlan
from directus_guard.prove.cleanup import reset, restoring
from directus_guard.prove.client import ProveError
from directus_guard.prove.needed import needed
from directus_guard.prove.state import take

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export
    from directus_guard.finding import Finding
    from directus_guard.prove.applied import Applied
    from directus_guard.prove.client import WriteClient
    from directus_guard.prove.state import ServerState


class ModelAttempts(Struct, frozen=True):
    """What came of the ways of one access model."""

    export: Export
    attempts: Mapping[str, Attempt]
    """By the name of the principal."""
    notices: tuple[str, ...] = ()


class Proven(Struct, frozen=True):
    """What came of all of them."""

    directus: str
    database: str
    ways: tuple[ModelAttempts, ...]
    left: tuple[str, ...] = ()
    """What could not be put back, phrases."""
    trouble: str = ""
    """Why the run ended early."""


def prove(client: WriteClient, exports: Sequence[Export]) -> Proven:
    """Carry the ways of every model out. The instance is put back, whatever happens. Raises `ProveError` before anything is
    written."""
    directus, database = str(client.version), client.database_vendor
    before = take(client)
    found: list[ModelAttempts] = []
    left: tuple[str, ...] = ()
    trouble = ""
    for export in exports:
        plans = plans_of(export)
        reason = trouble or misfit(client.version, export)
        if reason or not plans:
            found.append(ModelAttempts(export, {one.principal: one for one in _none(export, plans, reason)}))
            continue
        done: dict[str, Attempt] = {}
        notices: list[str] = []
        with restoring(client, before) as cleaning:
            try:
                _of_model(client, export, before, plans, done, notices)
            except ProveError as error:
                trouble = str(error)
                rest = {principal: path for principal, path in plans.items() if _name(export, principal) not in done}
                done |= {one.principal: one for one in _none(export, rest, trouble)}
        left = (*left, *cleaning.left)
        found.append(ModelAttempts(export, done, tuple(notices)))
    return Proven(directus, database, tuple(found), left, trouble)


def plans_of(export: Export) -> Mapping[Principal, Path]:
    """The surest way of each principal that is no administrator, as the checks find it."""
    paths = Paths(export)
    found: dict[Principal, Path] = {}
    # As the checks do: the public by itself, then the others together.
    for public in (True, False):
        try:
            for principal, _ in export.actors:
                if (principal == PUBLIC) is public and isinstance(path := paths.answer(principal), Path):
                    found[principal] = path
        except TooMuchWorkError:
            continue
    return found


def _of_model(
    client: WriteClient,
    export: Export,
    before: ServerState,
    plans: Mapping[Principal, Path],
    done: dict[str, Attempt],
    notices: list[str],
) -> None:
    _in_time()
    named = needed(export, plans)
    applied = apply(client, export, before, named)
    if applied.left_out:
        notices.append(f"{export.name}: {len(applied.left_out)} rows of the access model could not be stored")
    state = take(client)
    for principal, path in plans.items():
        progress.step(progress.Stage.PROVING)
        _in_time()
        if applied.core and not principal.anonymous:
            applied = seat(client, applied, export, principal, named)
            state = take(client)
        plan = CarriedPlan(client, export, applied, state, principal, path)
        attempt = plan.carry_out()
        done[attempt.principal] = attempt
        if attempt.requests or attempt.replaced:
            _again(client, applied, state, plan.users)


def _in_time() -> None:
    """Raises `ProveError` once the time of the run is over: between two ways, so that each is put back."""
    if deadline.left(deadline.TimeShare.ALL) <= 0:
        raise ProveError(deadline.NO_TIME)


def _again(client: WriteClient, applied: Applied, state: ServerState, users: frozenset[str]) -> None:
    """What the access model says is on the server again. Raises `ProveError` where it is not."""
    made = (*applied.members.values(), *applied.named.values(), *((applied.victim,) if applied.victim else ()))
    left = reset(client, state, {one.user: one.token for one in made if one.user in users})
    if left:
        raise ProveError(f"the server could not be put back for the next way: {'; '.join(left)}")


def _none(export: Export, plans: Iterable[Principal], reason: str) -> tuple[Attempt, ...]:
    return tuple(Attempt(_name(export, one), ProofStatus.NOT_RUN, reason) for one in plans)


def _name(export: Export, principal: Principal) -> str:
    return names(export, (principal,))[0]


def marked(finding: Finding, proven: Proven) -> Proof | None:
    """What came of the ways of a finding; None where it is about none."""
    if not finding.steps or finding.subject.kind != "principal":
        return None
    about = dict(finding.subject.details)
    for ways in proven.ways:
        if ways.export.name == about.get("model"):
            principals = about.get("principals", ())
            attempts = tuple(ways.attempts[one] for one in principals if one in ways.attempts)
            return Proof(proven.directus, proven.database, attempts) if attempts else None
    return None
