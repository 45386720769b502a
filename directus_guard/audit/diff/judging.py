"""The checks of exports, asked about what is new alone: which of them a gain fails, and how grave that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from msgspec.structs import replace

from directus_guard.checks import catalogue
from directus_guard.checks.declaration import ExportCheck
from directus_guard.checks.result import Failure
from directus_guard.directus.access.filters import to_json
from directus_guard.directus.access.principals import PrincipalKind
from directus_guard.directus.access.records import Access, Permission, Policy
from directus_guard.finding import Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.audit.diff.principals import PrincipalPair
    from directus_guard.checks.declaration import Check
    from directus_guard.directus.access.change import Gain
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export


ESCALATION_CHECKS: Final = ("escalation-path", "escalation-path-public")
"""Ways to administrator are compared themselves."""


class _PlaceOfGain(Location):
    """The place of a gain: in no file, with a line of its own for each gain."""

    __slots__ = ()

    @classmethod
    def numbered(cls, number: int) -> Self:
        """The place of the gain with this number, from 0."""
        return cls("", number + 1)

    @property
    def number(self) -> int:
        """The number of the gain."""
        return self.line - 1


class CheckJudge:
    """The checks, with the severities of the config."""

    def __init__(self, severities: Mapping[str, Severity | None]) -> None:
        self._severities = severities

    def severity(self, check: str) -> Severity | None:
        """None: the check is off."""
        return self._severities.get(check, catalogue()[check].severity)

    def failures(self, export: Export) -> Iterator[tuple[Check, Failure]]:
        """What the checks of exports find. Ways to administrator are compared themselves."""
        for check in catalogue().values():
            if (
                check.id in ESCALATION_CHECKS
                or not isinstance(check, ExportCheck)
                or not check.feature.of(export.model.version)
                or self.severity(check.id) is None
            ):
                continue
            yield from ((check, answer) for answer in check.judge(export) if isinstance(answer, Failure))

    def worst(self, checks: Iterable[str]) -> tuple[Severity, str]:
        """The gravest of the checks and its severity; without any it is medium."""
        rated = [(severity, check) for check in checks if (severity := self.severity(check)) is not None]
        return min(rated, key=lambda one: (-one[0].rank, one[1]), default=(Severity.MEDIUM, ""))


def checks_of_gains(
    head: Export, gains: Sequence[tuple[PrincipalPair, Gain]], judge: CheckJudge
) -> Mapping[int, Sequence[str]]:
    """The checks that each gain fails by itself: they are asked about an export that grants the gains and nothing else,
    to the same principals."""
    if not gains:
        return {}
    model = head.model
    admin = [policy for policy in model.policies if policy.admin_access]
    kept = {policy.id for policy in admin}
    held: dict[Principal, str] = {}
    rows: list[Permission] = []
    for number, (pair, gain) in enumerate(gains):
        policy = held.setdefault(pair.principal, f"new access {len(held)}")
        grant = pair.access.grant(gain.collection, gain.action)
        rows.append(
            Permission(
                gain.collection,
                gain.action,
                permissions=to_json(gain.rule),
                validation={"_and": list(grant.validations)} if grant.validations else None,
                fields=gain.fields or grant.fields or ("*",),
                policy=policy if model.has_policies else None,
                role=None if model.has_policies or pair.principal.kind is PrincipalKind.PUBLIC else pair.principal.id,
                location=_PlaceOfGain.numbered(number),
            )
        )
    attached = [
        Access(
            policy,
            role=principal.id if principal.kind is PrincipalKind.ROLE else None,
            user=principal.id if principal.kind is PrincipalKind.USER else None,
        )
        for principal, policy in held.items()
    ]
    only = replace(
        model,
        policies=(*admin, *(Policy(policy, policy) for policy in held.values())) if model.has_policies else (),
        access=(*(row for row in model.access if row.policy in kept), *attached) if model.has_policies else (),
        permissions=tuple(rows),
    )
    found: dict[int, list[str]] = {}
    for check, failure in judge.failures(replace(head, model=only)):
        if isinstance(failure.location, _PlaceOfGain):
            found.setdefault(failure.location.number, []).append(check.id)
    return found
