"""The findings of HEAD that BASE does not have, by what they are about."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Never

from directus_guard.audit.diff.judging import ESCALATION_CHECKS
from directus_guard.audit.diff.names import moved_deployments, renamed_flows, renamed_holders
from directus_guard.finding import Confidence
from directus_guard.new_access import AccessKind, NewAccess

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from directus_guard.audit.diff.exports import ExportComparison
    from directus_guard.finding import Finding, Location


class NewFindings:
    """The findings of HEAD that BASE does not have, by what they are about.

    Exports, policies, roles, flows and deployments are compared by their names on BASE, so that a renamed one is no new finding.
    Where a finding names several things (collections, fields, users, variables), it is new if BASE's did not name one of
    them.
    """

    def __init__(
        self,
        base: Sequence[Finding],
        head: Sequence[Finding],
        deployments: tuple[Sequence[str], Sequence[str]],
        compared: Sequence[ExportComparison],
        triggered: Container[tuple[str, Location]],
    ) -> None:
        self._head = head
        self._triggered = triggered
        self._models = {models.head.name: models for models in compared}
        self._renamed = {name: renamed_holders(models.base, models.head) for name, models in self._models.items()}
        self._flows = {name: renamed_flows(models.base, models.head) for name, models in self._models.items()}
        self._deployments = moved_deployments(*deployments)
        self._known: Counter[_About] = Counter()
        self._somewhere: set[tuple[object, ...]] = set()
        self._named: dict[_About, set[str]] = {}
        self.rows: set[Location] = set()
        """What the new findings are about."""
        for finding in base:
            about = _about(finding)
            self._known[about] += 1
            self._somewhere.add(_of_any_policy(finding))
            self._named.setdefault(about, set()).update(_listed(finding))

    def entries(self, placed: Callable[[Sequence[Finding]], Sequence[Finding]]) -> list[NewAccess]:
        """One entry for each, in no order. `placed`: findings with the places of what matters."""
        found = placed([finding for finding in self._head if self._is_new(finding)])
        self.rows.update(finding.row for finding in found)
        return [self._entry(finding) for finding in found]

    def _is_new(self, finding: Finding) -> bool:
        models = self._models.get(_detail(finding, "model"))
        if finding.check in ESCALATION_CHECKS or (models is not None and (models.base is None or models.copied)):
            return False  # compared as ways, or there is nothing to compare with, or the original is
        places = (finding.row, *(related.location for related in finding.related))
        if any((finding.check, place) in self._triggered for place in places):
            return False
        base = models.base.name if models is not None and models.base is not None else ""
        holders = self._renamed.get(models.head.name, {}) if models is not None else {}
        flows = self._flows.get(models.head.name, {}) if models is not None else {}
        about = _about(
            finding,
            holders,
            {
                "model": {_detail(finding, "model"): base} if base else {},
                "flow": flows,
                "deployment": self._deployments,
            },
        )
        if finding.subject.kind == "permission" and _detail(finding, "action"):
            if holders.get(_detail(finding, "policy"), "") is None:
                return _of_any_policy(finding) not in self._somewhere
            return self._known[about] == 0
        if finding.check in _ABOUT_ROWS and models is not None and _policy(finding) not in models.widened:
            return False
        self._known[about] -= 1
        return self._known[about] < 0 or not _listed(finding) <= self._named.get(about, set())

    def _entry(self, finding: Finding) -> NewAccess:
        models = self._models.get(_detail(finding, "model"))
        unsure = models is not None and models.confidence is Confidence.LOW
        return NewAccess(
            AccessKind.FINDING,
            _detail(finding, "model") or _detail(finding, "deployment") or finding.location.path,
            (),
            finding.severity,
            f"{finding.title}: {finding.message}",
            finding.location,
            finding.check,
            Confidence.LOW if unsure else finding.confidence,
            finding.context,
            steps=finding.steps,
            title=finding.title,
            subject=finding.subject,
        )


_NONE: Final[Mapping[str, Never]] = MappingProxyType({})
_About = tuple[object, ...]
"""What a finding is about, whatever its place and its words."""


def _about(
    finding: Finding, holders: Mapping[str, str | None] = _NONE, others: Mapping[str, Mapping[str, str]] = _NONE
) -> _About:
    """`holders`, `others`: names on BASE, of policies and roles, and of other things by their kind."""
    names = {
        # What roles carry on 10, policies carry since.
        _HOLDERS.get(name, name): (holders.get(value) or value)
        if name in _HOLDERS
        else others.get(name, _NONE).get(value, value)
        for name, value in finding.subject.details
        if isinstance(value, str)
    }
    kind = finding.subject.kind
    return finding.check, finding.context.gates, _HOLDERS.get(kind, kind), *sorted(names.items())


_ABOUT_ROWS: Final = frozenset({"recommended-app-access"})
"""Checks that count rows of a policy: these are compared as what they give, whichever policy holds them."""
_HOLDERS: Final = {"policy": "policy", "role": "policy"}


def _of_any_policy(finding: Finding) -> _About:
    return finding.check, finding.context.gates, _detail(finding, "collection"), _detail(finding, "action")


def _policy(finding: Finding) -> str:
    """The name of the policy (10: role) that a finding is about; its controls are escaped."""
    return _detail(finding, "policy") or _detail(finding, "role")


def _listed(finding: Finding) -> frozenset[str]:
    """The things of which a finding names several; who has the access is compared by itself."""
    lists = (value for name, value in finding.subject.details if name != "principals" and not isinstance(value, str))
    return frozenset(str(item) for value in lists for item in value)


def _detail(finding: Finding, name: str) -> str:
    value = dict(finding.subject.details).get(name)
    return value if isinstance(value, str) else ""
