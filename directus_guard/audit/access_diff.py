"""What one export, or instance, grants that another does not: `directus-guard diff`, and the step summary of a change.

Pure: two readings of the access go in (BASE and HEAD), what is new comes out, judged by the checks that the new part alone
fails. Narrowed access is only counted. What is not known is an entry of its own and never left out.
"""

from __future__ import annotations

import ipaddress
import json
from collections import Counter
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Never

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.checks import catalogue
from directus_guard.checks.answers import Failure
from directus_guard.checks.flows._flows import flow_name
from directus_guard.directus.access.change import Comparison, Gain
from directus_guard.directus.access.filters import NOTHING, to_json
from directus_guard.directus.access.implication import Implication, example
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import Access, Permission, Policy
from directus_guard.directus.disclosure import visible
from directus_guard.directus.masks import Mask, addresses, keys_of
from directus_guard.directus.tri import Tri
from directus_guard.escalation import Paths
from directus_guard.finding import Confidence, Context, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from directus_guard.checks.answers import Check
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow
    from directus_guard.escalation import Path
    from directus_guard.finding import Finding, Step, Subject


class Kind(StrEnum):
    """What is new, the gravest first."""

    ESCALATION = "escalation"
    ADMINISTRATOR = "administrator"
    ITEMS = "items"
    PAYLOADS = "payloads"
    APP_ACCESS = "app-access"
    ADDRESSES = "addresses"
    FLOW = "flow"
    FINDING = "finding"
    UNKNOWN = "unknown"


class NewAccess(Struct, frozen=True):
    """One thing that HEAD grants and BASE did not. All of it is safe to show: literals of `rule`, `before` and `example` that
    may be secret are masked, equal ones alike."""

    kind: Kind
    model: str
    principals: tuple[str, ...]
    severity: Severity
    message: str
    """A whole sentence."""
    location: Location
    check: str = ""
    """The check that this triggers; "" = none."""
    confidence: Confidence = Confidence.HIGH
    """LOW: it is not known whether BASE granted it."""
    context: Context = Context.UNKNOWN
    collection: str = ""
    action: str = ""
    fields: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    """Fields that `*` does not stand for here."""
    rule: Json = None
    """The items reached now, as a Directus filter; `{}` = every item."""
    before: Json = None
    """The items reached before; null = none."""
    example: Mapping[str, Json] | None = None
    """An item, or with the kind `payloads` what may be written, that only HEAD lets through. Values that are those of
    whoever asks are written as the variable."""
    granted_by: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    title: str = ""
    """Of a finding, its own."""
    subject: Subject | None = None
    """Of a finding, what it is about."""

    @property
    def gates(self) -> bool:
        """Whether it can fail a run: not in development and example files."""
        return self.context.gates


class AccessDiff(Struct, frozen=True):
    """The answer, in order: escalations, new administrators, then by severity."""

    new: tuple[NewAccess, ...]
    narrowed: int = 0
    """How much is allowed on BASE only: counted as `new` is."""
    notices: tuple[str, ...] = ()
    """What the comparison rests on: other versions, models that are compared under another name …"""
    unknown: tuple[tuple[str, str, str], ...] = ()
    """Side (`BASE`, `HEAD`), model and what it does not show."""
    triggered: frozenset[tuple[str, Location]] = frozenset()
    """Checks that the new access alone fails, with the places of the permissions on HEAD that grant it."""


class Found(Struct, frozen=True):
    """What the checks find on both sides, as `scan` reports it."""

    base: Sequence[Finding] = ()
    head: Sequence[Finding] = ()
    base_deployments: Sequence[str] = ()
    """The names of all deployments, also of those without findings."""
    head_deployments: Sequence[str] = ()


def compare(
    base: Sequence[Export],
    head: Sequence[Export],
    severities: Mapping[str, Severity | None] | None = None,
    found: Found | None = None,
) -> AccessDiff:
    """What `head` grants that `base` does not. `severities`: of checks, as the config has them; None = off.

    `found`: findings of `head` that `base` does not have are new too, but for those that new access already names.
    """
    judge = _Judge(severities or {})
    pairs, notices = _pairs(base, head)
    new: list[NewAccess] = []
    narrowed = 0
    unknown: list[tuple[str, str, str]] = []
    triggered: set[tuple[str, Location]] = set()
    compared: list[_Models] = []
    for old, export in pairs:
        models = _Models(old, export, judge)
        compared.append(models)
        new += models.new()
        triggered |= models.triggered
        narrowed += models.narrowed()
        notices += models.notices()
        for side, known in (("BASE", old), ("HEAD", export)):
            unknown += [(side, known.name, reason) for reason in known.missing.values()] if known else []
    findings = _NewFindings(found or Found(), compared, triggered).entries()
    new += findings
    reported = {entry.location for entry in findings}
    new += [entry for models in compared for entry in models.flows(reported)]
    return AccessDiff(
        tuple(sorted(_grouped(new), key=_order)), narrowed, tuple(notices), tuple(unknown), frozenset(triggered)
    )


def _pairs(base: Sequence[Export], head: Sequence[Export]) -> tuple[list[tuple[Export | None, Export]], list[str]]:
    """Exports of the same name; those left over by the roles and policies they share, or because there is one each."""
    names = {export.name for export in head}
    left = {export.name: export for export in base}
    notices: list[str] = []
    found: dict[str, Export | None] = {export.name: left.pop(export.name, None) for export in head}
    lost = [export for export in base if export.name not in names]
    for export in head:
        if found[export.name] is None and lost:
            closest = max(lost, key=lambda one: len(_ids(one) & _ids(export)))
            alone = len(lost) == 1 and sum(old is None for old in found.values()) == 1
            if alone or _ids(closest) & _ids(export):
                lost.remove(closest)
                found[export.name] = closest
                notices.append(f"`{visible(export.name)}` is compared with `{visible(closest.name)}` of BASE")
    notices += [f"`{visible(export.name)}` is on BASE only" for export in lost]
    return [(found[export.name], export) for export in head], notices


def _ids(export: Export) -> set[str]:
    ids = {*(role.id for role in export.model.roles), *(policy.id for policy in export.model.policies)}
    return {key for key in ids if not key.startswith("_sync_default")}


class _Judge:
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
                check.id in _ESCALATION
                or check.judge_export is None
                or export.model.version < check.since
                or self.severity(check.id) is None
            ):
                continue
            yield from ((check, answer) for answer in check.judge_export(export) if isinstance(answer, Failure))

    def worst(self, checks: Iterable[str]) -> tuple[Severity, str]:
        """The gravest of the checks and its severity; without any it is medium."""
        rated = [(severity, check) for check in checks if (severity := self.severity(check)) is not None]
        return min(rated, key=lambda one: (-one[0].rank, one[1]), default=(Severity.MEDIUM, ""))


class _Pair(Struct, frozen=True):
    """A principal of HEAD, what it may do there, and what it could on BASE (None: it was not there)."""

    principal: Principal
    name: str
    access: PrincipalAccess
    other: Principal | None
    old: PrincipalAccess | None


class _Models:
    """One export of HEAD beside that of BASE (None: there was none)."""

    def __init__(self, base: Export | None, head: Export, judge: _Judge) -> None:
        self.base, self.head, self.judge = base, head, judge
        known = base.model.principals() if base else ()
        self._base_roles = {one.id for one in known if one.kind is PrincipalKind.ROLE}
        self.comparison = Comparison(self._sure_of)
        self.pairs = tuple(self._principals())
        self.confidence = Confidence.LOW if self._base_gaps() else Confidence.HIGH
        self.triggered: set[tuple[str, Location]] = set()
        keys = keys_of(head.model) | (keys_of(base.model) if base else frozenset())
        self.mask = Mask(keys, numbered=True)

    def _sure_of(self, collection: str) -> frozenset[str] | None:
        known = self.head.schema.by_collection.get(collection) if self.head.schema else None
        if known is None:
            return None
        return frozenset(field.name for field in known.values() if field.primary_key or field.nullable is False)

    def _base_gaps(self) -> set[str]:
        """What HEAD tells and BASE does not: then what looks new may be old."""
        missing = set(self.base.missing) if self.base else set()
        return missing - set(self.head.missing) - _HARMLESS

    # --- principals --------------------------------------------------------------------------------------------------

    def _principals(self) -> Iterator[_Pair]:
        head = self.head
        by_name = self._base_roles_by_name()
        for principal in head.model.principals():
            other = self._counterpart(principal, by_name)
            old = self.base.model.of(other) if self.base and other else None
            name = _shown(head.names.get(principal, principal.name))
            yield _Pair(principal, name, head.model.of(principal), other, old)
        yield from self._moved_users()

    def _base_roles_by_name(self) -> Mapping[str, Principal]:
        """Roles of BASE whose ids HEAD does not have, by names that occur once on either side."""
        if self.base is None:
            return {}
        here = {principal.id for principal in self.head.model.principals()}
        roles = [one for one in self.base.model.principals() if one.kind is PrincipalKind.ROLE]
        count = Counter(one.name for one in roles)
        count_here = Counter(one.name for one in self.head.model.principals())
        return {
            one.name: one for one in roles if one.id not in here and count[one.name] == 1 and count_here[one.name] == 1
        }

    def _counterpart(self, principal: Principal, by_name: Mapping[str, Principal]) -> Principal | None:
        """Who this was on BASE: by id, else by name. Users are matched by their ids alone; without records they are public."""
        if principal.kind is not PrincipalKind.ROLE or self.base is None:
            return principal
        return principal if principal.id in self._base_roles else by_name.get(principal.name)

    def _moved_users(self) -> Iterator[_Pair]:
        """Users without policies of their own whose role is another one now, and new ones who are administrators."""
        if self.base is None or not self.base.model.users:
            return
        old = {user.id: user for user in self.base.model.users}
        listed = {principal.id for principal in self.head.model.principals()}
        for user in self.head.model.users:
            before = old.get(user.id)
            if user.id in listed or (before is not None and before.role == user.role):
                continue
            access = self.head.model.of_user(user.id)
            name = _shown(user.name or user.id)
            if before is not None:
                was = self.base.model.of_user(user.id)
                yield _Pair(access.principal, name, access, was.principal, was)
            elif access.admin:
                yield _Pair(access.principal, name, access, None, None)

    # --- what is new -------------------------------------------------------------------------------------------------

    def new(self) -> Iterator[NewAccess]:
        """Everything, in no order yet."""
        yield from self._escalations()
        if self.base is None:
            yield self._entry(
                Kind.UNKNOWN,
                (),
                f"BASE has no export `{visible(self.head.name)}`: what it grants cannot be compared. `scan` judges it.",
                confidence=Confidence.LOW,
            )
            return
        gains = [
            (pair, gain)
            for pair in self.pairs
            if not pair.access.admin and not (pair.old and pair.old.admin)
            for gain in self.comparison.gains(pair.old, pair.access)
        ]
        yield from self._administrators()
        yield from self._stored([(pair, gain) for pair, gain in gains if not gain.framework])
        yield from self._app_access([(pair, gain) for pair, gain in gains if gain.framework])
        yield from self._addresses()
        yield from self._gaps()
        yield from self._wider_variables()

    def narrowed(self) -> int:
        """How much BASE allows and HEAD does not, counted the same way."""
        lost = 0
        for pair in self.pairs:
            if pair.old is None or pair.access.admin:
                continue
            lost += 1 if pair.old.admin else len(self.comparison.gains(pair.access, pair.old, backwards=True))
        return lost

    def notices(self) -> list[str]:
        """What the comparison of these two rests on."""
        if self.base is None:
            return []
        old, new = self.base.model.version, self.head.model.version
        if old.major == new.major:
            return []
        return [
            f"`{visible(self.head.name)}`: BASE is Directus {old}, HEAD is Directus {new}; each is merged as its version does"
        ]

    def _entry(
        self,
        kind: Kind,
        principals: tuple[str, ...],
        message: str,
        *,
        severity: Severity = Severity.MEDIUM,
        check: str = "",
        location: Location | None = None,
        confidence: Confidence = Confidence.HIGH,
        granted_by: tuple[str, ...] = (),
        steps: tuple[Step, ...] = (),
    ) -> NewAccess:
        return NewAccess(
            kind,
            self.head.name,
            principals,
            severity,
            message,
            location or self.head.location,
            check,
            confidence,
            self.head.context,
            granted_by=granted_by,
            steps=steps,
        )

    def _escalations(self) -> Iterator[NewAccess]:
        paths, before = Paths(self.head), Paths(self.base) if self.base else None
        for pair in self.pairs:
            path = paths.of(pair.principal)
            if path is None or _was_dangerous(pair, path, before):
                continue
            check = _ESCALATION[pair.principal.kind is PrincipalKind.PUBLIC]
            yield self._entry(
                Kind.ESCALATION,
                (pair.name,),
                "Can become administrator.",
                severity=self.judge.severity(check) or Severity.MEDIUM,
                check=check,
                location=_first(path),
                confidence=min(path.confidence, self.confidence, key=_CONFIDENCES.index),
                granted_by=_holders(self.head, path),
                steps=path.steps,
            )

    def _administrators(self) -> Iterator[NewAccess]:
        for pair in self.pairs:
            if pair.access.admin and not (pair.old and pair.old.admin):
                who = "The role is" if pair.principal.kind is PrincipalKind.ROLE else "The user is"
                yield self._entry(
                    Kind.ADMINISTRATOR,
                    (pair.name,),
                    f"{who} an administrator{' and was not on BASE' if pair.old is None else ' now'}.",
                    severity=self.judge.severity(_ESCALATION[0]) or Severity.MEDIUM,
                    location=self._of_flag(pair, "admin_access"),
                    confidence=self.confidence,
                )

    def _of_flag(self, pair: _Pair, flag: str) -> Location | None:
        """Where a flag comes from: the policy, or the attachment if the policy had it before; on 10 the role."""
        model = self.head.model
        if not model.has_policies:
            return next((role.location for role in model.roles if role.id in pair.access.roles), None)
        had = {policy.id for policy in self.base.model.policies if getattr(policy, flag)} if self.base else set()
        for policy in model.policies:
            if getattr(policy, flag) and policy.id in pair.access.policies:
                attached = (
                    row.location
                    for row in model.access
                    if row.policy == policy.id
                    and (row.role in pair.access.roles or row.user == pair.principal.id)
                    and row.location
                )
                return next(attached, policy.location) if policy.id in had else policy.location
        return None

    def _stored(self, gains: Sequence[tuple[_Pair, Gain]]) -> Iterator[NewAccess]:
        triggered = _triggered(self.head, gains, self.judge)
        for number, (pair, gain) in enumerate(gains):
            checks = triggered.get(number, ())
            severity, check = self.judge.worst(checks)
            places = {source.location for row in gain.rows for source in row.sources if source.location}
            self.triggered.update((one, place) for one in checks for place in places)
            row = next((row for row in gain.rows if not row.permission.system), gain.rows[0])
            location = next((source.location for source in row.sources if source.location), None)
            yield replace(
                self._entry(
                    Kind.PAYLOADS if gain.payload else Kind.ITEMS,
                    (pair.name,),
                    _wording(pair, gain),
                    severity=severity,
                    check=check,
                    location=location,
                    confidence=self.confidence if gain.certain else Confidence.LOW,
                    granted_by=tuple(dict.fromkeys(_shown(row.granted_by) for row in gain.rows)),
                ),
                collection=gain.collection,
                action=gain.action,
                fields=gain.fields,
                excluded=gain.excluded,
                rule=self.mask.filter(gain.rule),
                before=None if gain.before == NOTHING else self.mask.filter(gain.before),
                example=self._example(gain),
            )

    def _example(self, gain: Gain) -> Mapping[str, Json] | None:
        found = example(Implication(Tri.NO, gain.example, gain.context))
        return {name: self.mask.literal(name, value) for name, value in found.items()} if found is not None else None

    def _app_access(self, gains: Sequence[tuple[_Pair, Gain]]) -> Iterator[NewAccess]:
        """Rows that Directus adds itself are one entry: app access, or another version of it."""
        rows = Counter(pair.name for pair, _ in gains)
        for pair in self.pairs:
            if pair.access.admin or pair.name not in rows:
                continue
            fresh = pair.old is None or not pair.old.app
            version = self.head.model.version
            yield self._entry(
                Kind.APP_ACCESS,
                (pair.name,),
                f"Has app access: Directus adds rows of its own ({rows[pair.name]} of them allow something new)."
                if fresh
                else f"Directus {version} adds rows with app access that the version of BASE does not"
                f" ({rows[pair.name]} allow something new).",
                severity=Severity.MEDIUM if fresh else Severity.LOW,
                location=self._of_flag(pair, "app_access"),
                confidence=self.confidence,
            )

    def _addresses(self) -> Iterator[NewAccess]:
        """Policies that count from more addresses than before."""
        assert self.base is not None  # noqa: S101 - the caller has one
        known: dict[str, list[Policy]] = {}
        for policy in self.base.model.policies:
            known.setdefault(f"id {policy.id}", []).append(policy)
            known.setdefault(f"name {policy.name}", []).append(policy)
        for policy in self.head.model.policies:
            before = known.get(f"id {policy.id}") or known.get(f"name {policy.name}") or []
            held = tuple(pair.name for pair in self.pairs if policy.id in pair.access.policies)
            if not before or not held or any(_covers(old.ip_access, policy.ip_access) for old in before):
                continue
            old = before[0]
            now = ", ".join(addresses(policy.ip_access)) or "every address"
            yield self._entry(
                Kind.ADDRESSES,
                held,
                f"The policy `{_shown(policy.name)}` counts from {visible(now)}; on BASE from {visible(', '.join(addresses(old.ip_access)))}.",
                location=policy.location,
                granted_by=(_shown(policy.name),),
            )

    def flows(self, reported: Container[Location]) -> Iterator[NewAccess]:
        """Flows that a request from outside starts, and that no finding is about (`reported`: the places of findings)."""
        for flow in self._started_from_outside() if self.base else ():
            if flow.location not in reported:
                yield self._entry(
                    Kind.FLOW,
                    ("public",),
                    f"The flow `{_shown(flow.name)}` can be started by everybody who knows its address.",
                    location=flow.location,
                )

    def _started_from_outside(self) -> Iterator[Flow]:
        assert self.base is not None  # noqa: S101 - the caller has one
        before = {key for flow in self.base.flows if _is_open(flow) for key in (flow.id, f"name {flow.name}")}
        for flow in self.head.flows:
            if _is_open(flow) and not {flow.id, f"name {flow.name}"} & before:
                yield flow

    def _gaps(self) -> Iterator[NewAccess]:
        """What BASE shows and HEAD does not: it may hide new access."""
        assert self.base is not None  # noqa: S101 - the caller has one
        known = {*self.base.missing, *self.base.absent, *_HARMLESS}
        for what, reason in (*self.head.missing.items(), *self.head.absent.items()):
            if what not in known:
                yield self._entry(
                    Kind.UNKNOWN,
                    (),
                    f"HEAD does not tell what BASE did: {visible(reason)}.",
                    confidence=Confidence.LOW,
                )

    def _wider_variables(self) -> Iterator[NewAccess]:
        """Rules about the roles or policies of the current user, where these are others now."""
        assert self.base is not None  # noqa: S101 - the caller has one
        old_names = {policy.id: policy.name for policy in self.base.model.policies}
        new_names = {policy.id: policy.name for policy in self.head.model.policies}
        for pair in self.pairs:
            if pair.old is None or pair.access.admin:
                continue
            names = {old_names.get(policy) for policy in pair.old.policies}
            more = {
                "$CURRENT_ROLES": bool(set(pair.access.roles[:-1]) - set(pair.old.roles)),
                "$CURRENT_POLICIES": any(
                    policy not in pair.old.policies and new_names.get(policy) not in names
                    for policy in pair.access.policies
                ),
            }
            for variable in (variable for variable, wider in more.items() if wider):
                yield from self._with_variable(pair, variable)

    def _with_variable(self, pair: _Pair, variable: str) -> Iterator[NewAccess]:
        for grant in pair.access.grants():
            rows = [row for row in grant.rows if not row.permission.system]
            row = next((row for row in rows if variable in json.dumps(row.permission.permissions, default=str)), None)
            if row is not None:
                yield replace(
                    self._entry(
                        Kind.UNKNOWN,
                        (pair.name,),
                        f"The rule uses `{variable}`, which stands for more than on BASE: whether it reaches more items is not known.",
                        location=next((source.location for source in row.sources if source.location), None),
                        confidence=Confidence.LOW,
                        granted_by=(_shown(row.granted_by),),
                    ),
                    collection=grant.collection,
                    action=grant.action,
                )


_ESCALATION: Final = ("escalation-path", "escalation-path-public")
_HARMLESS: Final = frozenset({"version", "edition"})
_CONFIDENCES: Final = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


# --- findings ----------------------------------------------------------------------------------------------------------


class _NewFindings:
    """The findings of HEAD that BASE does not have, by what they are about.

    Exports, policies, roles, flows and deployments go by the names that they have on BASE: a new name is no new finding.
    Where a finding names several things (collections, fields, users, variables), it is new if BASE's did not name one of
    them.
    """

    def __init__(self, found: Found, compared: Sequence[_Models], triggered: Container[tuple[str, Location]]) -> None:
        self._head = found.head
        self._triggered = triggered
        self._models = {models.head.name: models for models in compared}
        self._renamed = {name: _renamed_holders(models) for name, models in self._models.items()}
        self._flows = {name: _renamed_flows(models) for name, models in self._models.items()}
        self._deployments = _moved_deployments(found.base_deployments, found.head_deployments)
        self._known: Counter[_About] = Counter()
        self._somewhere: set[tuple[object, ...]] = set()
        self._named: dict[_About, set[str]] = {}
        for finding in found.base:
            about = _about(finding)
            self._known[about] += 1
            self._somewhere.add(_of_any_policy(finding))
            self._named.setdefault(about, set()).update(_listed(finding))

    def entries(self) -> list[NewAccess]:
        """One entry for each, in no order."""
        return [self._entry(finding) for finding in self._head if self._is_new(finding)]

    def _is_new(self, finding: Finding) -> bool:
        models = self._models.get(_detail(finding, "model"))
        if finding.check in _ESCALATION or (models is not None and models.base is None):
            return False  # compared as ways, or there is nothing to compare with
        places = (finding.location, *(related.location for related in finding.related))
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
        self._known[about] -= 1
        return self._known[about] < 0 or not _listed(finding) <= self._named.get(about, set())

    def _entry(self, finding: Finding) -> NewAccess:
        models = self._models.get(_detail(finding, "model"))
        unsure = models is not None and models.confidence is Confidence.LOW
        return NewAccess(
            Kind.FINDING,
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


_HOLDERS: Final = {"policy": "policy", "role": "policy"}


def _of_any_policy(finding: Finding) -> _About:
    return finding.check, finding.context.gates, _detail(finding, "collection"), _detail(finding, "action")


def _listed(finding: Finding) -> frozenset[str]:
    """The things of which a finding names several; who has the access is compared by itself."""
    lists = (value for name, value in finding.subject.details if name != "principals" and not isinstance(value, str))
    return frozenset(str(item) for value in lists for item in value)


def _detail(finding: Finding, name: str) -> str:
    value = dict(finding.subject.details).get(name)
    return value if isinstance(value, str) else ""


def _renamed_holders(models: _Models) -> dict[str, str | None]:
    """How the policies and roles of HEAD, by their shown names, are called on BASE; None: they are not there."""
    if models.base is None:
        return {}
    found: dict[str, str | None] = {}
    for here, there in (
        (models.head.model.policies, models.base.model.policies),
        (models.head.model.roles, models.base.model.roles),
    ):
        names = {one.id: visible(one.name or one.id) for one in there}
        known = set(names.values())
        for one in here:
            name = visible(one.name or one.id)
            found.setdefault(name, names.get(one.id) or (name if name in known else None))
    return found


def _renamed_flows(models: _Models) -> dict[str, str]:
    """How the flows of HEAD, by their shown names, are called on BASE, where that differs."""
    if models.base is None:
        return {}
    there = {flow.id: flow_name(models.base, flow) for flow in models.base.flows}
    kept = {there[flow.id] for flow in models.head.flows if flow.id in there}
    found: dict[str, str] = {}
    for flow in models.head.flows:
        name = flow_name(models.head, flow)
        # The name of a flow that goes on under another name stands for that one on BASE.
        found[name] = there.get(flow.id) or (f"{name} of HEAD" if name in kept else name)
    return found


def _moved_deployments(base: Sequence[str], head: Sequence[str]) -> dict[str, str]:
    """The deployments of HEAD that BASE has under another name, in another folder or file, with that name.

    Those of the same file name and service belong together, then those of one service, of one file name, and at last the only
    one on each side.
    """
    gone = [name for name in base if name not in head]
    come = [name for name in head if name not in base]
    found: dict[str, str] = {}
    for key in (_file_and_service, _service, _file_name, _any):
        for name in tuple(come):
            alike = [other for other in gone if key(other) and key(other) == key(name)]
            if len(alike) == 1 and sum(key(other) == key(name) for other in come) == 1:
                found[name] = alike[0]
                gone.remove(alike[0])
                come.remove(name)
    return found


def _file_and_service(name: str) -> tuple[str, str]:
    return _file_name(name), _service(name)


def _service(name: str) -> str:
    return name.partition("#")[2]


def _file_name(name: str) -> str:
    return name.partition("#")[0].rpartition("/")[2]


def _any(_name: str) -> str:
    return "any"


def _triggered(head: Export, gains: Sequence[tuple[_Pair, Gain]], judge: _Judge) -> Mapping[int, Sequence[str]]:
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
                location=Location(_HERE, number + 1),
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
        if failure.location.path == _HERE:
            found.setdefault(failure.location.line - 1, []).append(check.id)
    return found


_HERE: Final = "\0"
"""A path that no file has: the line is the number of the gain."""


def _was_dangerous(pair: _Pair, path: Path, before: Paths | None) -> bool:
    """Whether it was an administrator, or could become one as surely, be it as any visitor could."""
    if before is None or pair.old is None or pair.other is None:
        return False
    known = (before.of(pair.other), before.of(PUBLIC))
    sure = _CONFIDENCES.index(path.confidence)
    return pair.old.admin or any(one is not None and _CONFIDENCES.index(one.confidence) >= sure for one in known)


def _wording(pair: _Pair, gain: Gain) -> str:
    if not gain.certain:
        return "It is not known whether BASE allowed it too."
    if gain.payload:
        return "May write what a validation refused on BASE."
    if pair.old is None:
        return "Was not on BASE."
    if gain.before == NOTHING:
        return "Was not allowed on BASE."
    return "Reaches more items than on BASE."


def _is_open(flow: Flow) -> bool:
    return flow.status == "active" and flow.trigger == "webhook"


def _first(path: Path) -> Location | None:
    return next((row.location for row in path.rows if row.location), None)


def _holders(export: Export, path: Path) -> tuple[str, ...]:
    keys = (row.policy if export.model.has_policies else row.role for row in path.rows)
    return tuple(dict.fromkeys(_shown(export.holders.get(key, key or "public")) for key in keys))


def _covers(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    """Whether a list of addresses (empty: every address) admits all that another one does."""
    if not old:
        return True
    if not new:
        return False
    known = [network for entry in old for network in _networks(entry)]
    for entry in new:
        networks = _networks(entry)
        inside = bool(networks) and all(any(_inside(one, other) for other in known) for one in networks)
        if entry not in old and not inside:
            return False
    return True


def _inside(one: _Network, other: _Network) -> bool:
    return one.network_address in other and one.broadcast_address in other


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(entry: str) -> tuple[_Network, ...]:
    """The networks an entry names: an address, a prefix, or `first-last`; none if it cannot be read."""
    first, dash, last = entry.partition("-")
    try:
        if dash:
            ends = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            return tuple(ipaddress.summarize_address_range(*ends))
        return (ipaddress.ip_network(entry.strip(), strict=False),)
    except (ValueError, TypeError):
        return ()


def _shown(name: str) -> str:
    return visible(name)[:80]


def _grouped(entries: Iterable[NewAccess]) -> list[NewAccess]:
    """Principals for whom the same is new stand together."""
    found: dict[str, NewAccess] = {}
    for entry in entries:
        key = repr(replace(entry, principals=()))
        known = found.get(key)
        principals = entry.principals if known is None else (*known.principals, *entry.principals)
        found[key] = replace(entry, principals=tuple(dict.fromkeys(principals)))
    return list(found.values())


def _order(entry: NewAccess) -> tuple[int, int, str, str, str, str, int, str]:
    kinds = list(Kind)
    first = kinds.index(entry.kind) if entry.kind in (Kind.ESCALATION, Kind.ADMINISTRATOR) else len(kinds)
    return (
        first,
        -entry.severity.rank,
        entry.model,
        ", ".join(entry.principals),
        entry.collection,
        entry.action,
        kinds.index(entry.kind),
        repr(entry),
    )
