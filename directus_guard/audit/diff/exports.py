"""What one export of HEAD grants that BASE's does not: administrators, ways to become one, items, payloads, addresses, flows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.audit.diff.addresses import covers
from directus_guard.audit.diff.judging import ESCALATION_CHECKS, checks_of_gains
from directus_guard.audit.diff.names import short_name
from directus_guard.audit.diff.principals import principal_pairs
from directus_guard.directus.access.change import Comparison, Gain
from directus_guard.directus.access.filters import NOTHING, variables
from directus_guard.directus.access.implication import Implication, example
from directus_guard.directus.access.principals import PUBLIC, PrincipalKind
from directus_guard.directus.content import content_key
from directus_guard.directus.gaps import ExportPart
from directus_guard.directus.masks import Mask, addresses, keys_of, rule_in_words
from directus_guard.directus.tri import Tri
from directus_guard.escalation import Paths
from directus_guard.escalation.work import TooMuchWorkError
from directus_guard.finding import Confidence, Severity
from directus_guard.new_access import AccessKind, NewAccess
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from directus_guard.audit.diff.judging import CheckJudge
    from directus_guard.audit.diff.principals import PrincipalPair
    from directus_guard.directus.access.filters import Filter, Json
    from directus_guard.directus.access.records import Policy
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow
    from directus_guard.escalation import Path
    from directus_guard.finding import Location, Step


class ExportComparison:
    """One export of HEAD beside that of BASE (None: there was none). `copied`: HEAD has BASE's in its own place, too."""

    def __init__(self, base: Export | None, head: Export, judge: CheckJudge, *, copied: bool = False) -> None:
        self.base, self.head, self.judge, self.copied = base, head, judge, copied
        self.comparison = Comparison(self._sure_of)
        self.pairs = tuple(principal_pairs(base, head))
        self.confidence = Confidence.LOW if self._base_gaps() else Confidence.HIGH
        self.triggered: set[tuple[str, Location]] = set()
        self.widened: set[str] = set()
        """The names of policies (10: roles) of HEAD whose rows give something new."""
        keys = keys_of(head.model) | (keys_of(base.model) if base else frozenset())
        self.mask = Mask(keys, numbered=True)

    def _sure_of(self, collection: str) -> frozenset[str] | None:
        known = self.head.schema.by_collection.get(collection) if self.head.schema else None
        if known is None:
            return None
        return frozenset(field.name for field in known.values() if field.primary_key or field.nullable is False)

    def _base_gaps(self) -> set[str]:
        """What HEAD tells and BASE does not: then what looks new may be old."""
        return _gap_names(self.base) - _gap_names(self.head)

    def new(self) -> Iterator[NewAccess]:
        """Everything, in no order yet."""
        yield from self._escalations()
        if self.base is None:
            yield self._entry(
                AccessKind.UNKNOWN,
                (),
                f"BASE has no export `{escape_controls(self.head.name)}`: what it grants cannot be compared. `scan` judges it.",
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
        yield from self._addresses(self.base)
        yield from self._gaps(self.base)
        yield from self._wider_variables(self.base)

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
            f"`{escape_controls(self.head.name)}`: BASE is Directus {old}, HEAD is Directus {new}; each is judged as its own version"
        ]

    def _entry(
        self,
        kind: AccessKind,
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
            try:
                path = paths.of(pair.principal)
                if path is None or _was_dangerous(pair, path, before):
                    continue
            except TooMuchWorkError:
                # The checks say so; what is new row by row is listed all the same.
                return
            check = ESCALATION_CHECKS[pair.principal.kind is PrincipalKind.PUBLIC]
            yield self._entry(
                AccessKind.ESCALATION,
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
                    AccessKind.ADMINISTRATOR,
                    (pair.name,),
                    f"{who} an administrator{' and was not on BASE' if pair.old is None else ' now'}.",
                    severity=self.judge.severity(ESCALATION_CHECKS[0]) or Severity.MEDIUM,
                    location=self._of_flag(pair, "admin_access"),
                    confidence=self.confidence,
                )

    def _of_flag(self, pair: PrincipalPair, flag: str) -> Location | None:
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

    def _stored(self, gains: Sequence[tuple[PrincipalPair, Gain]]) -> Iterator[NewAccess]:
        triggered = checks_of_gains(self.head, gains, self.judge)
        shown = _ShownRules(self.mask)
        for number, (pair, gain) in enumerate(gains):
            checks = triggered.get(number, ())
            severity, check = self.judge.worst(checks)
            sources = [source for row in gain.rows for source in row.sources]
            places = {source.location for source in sources if source.location}
            self.widened |= {escape_controls(self.head.holder(source)) for source in sources}
            self.triggered.update((one, place) for one in checks for place in places)
            row = next((row for row in gain.rows if not row.permission.system), gain.rows[0])
            location = next((source.location for source in row.sources if source.location), None)
            yield replace(
                self._entry(
                    AccessKind.PAYLOADS if gain.payload else AccessKind.ITEMS,
                    (pair.name,),
                    _wording(pair, gain),
                    severity=severity,
                    check=check,
                    location=location,
                    confidence=self.confidence if gain.certain else Confidence.LOW,
                    granted_by=tuple(dict.fromkeys(short_name(row.granted_by) for row in gain.rows)),
                ),
                collection=gain.collection,
                action=gain.action,
                fields=gain.fields,
                excluded=gain.excluded,
                rule=shown.masked(gain.rule),
                rule_words=shown.in_words(gain.rule),
                before_words=shown.in_words(gain.before),
                before=None if gain.before == NOTHING else shown.masked(gain.before),
                example=self._example(gain),
            )

    def _example(self, gain: Gain) -> Mapping[str, Json] | None:
        found = example(Implication(Tri.NO, gain.example, gain.context))
        return {name: self.mask.literal(name, value) for name, value in found.items()} if found is not None else None

    def _app_access(self, gains: Sequence[tuple[PrincipalPair, Gain]]) -> Iterator[NewAccess]:
        """Rows that Directus adds itself are one entry: app access, or another version of it."""
        rows = Counter(pair.name for pair, _ in gains)
        for pair in self.pairs:
            if pair.access.admin or pair.name not in rows:
                continue
            fresh = pair.old is None or not pair.old.app
            version = self.head.model.version
            yield self._entry(
                AccessKind.APP_ACCESS,
                (pair.name,),
                f"Has app access: Directus adds rows of its own ({rows[pair.name]} of them allow something new)."
                if fresh
                else f"Directus {version} adds rows with app access that the version of BASE does not"
                f" ({rows[pair.name]} allow something new).",
                severity=Severity.MEDIUM if fresh else Severity.LOW,
                location=self._of_flag(pair, "app_access"),
                confidence=self.confidence,
            )

    def _addresses(self, base: Export) -> Iterator[NewAccess]:
        """Policies that count from more addresses than before."""
        known: dict[str, list[Policy]] = {}
        for policy in base.model.policies:
            known.setdefault(f"id {policy.id}", []).append(policy)
            known.setdefault(f"name {policy.name}", []).append(policy)
        for policy in self.head.model.policies:
            before = known.get(f"id {policy.id}") or known.get(f"name {policy.name}") or []
            held = tuple(pair.name for pair in self.pairs if policy.id in pair.access.policies)
            if not before or not held or any(covers(old.ip_access, policy.ip_access) for old in before):
                continue
            old = before[0]
            now = ", ".join(addresses(policy.ip_access)) or "every address"
            yield self._entry(
                AccessKind.ADDRESSES,
                held,
                f"The policy `{short_name(policy.name)}` counts from {escape_controls(now)}; on BASE from {escape_controls(', '.join(addresses(old.ip_access)))}.",
                location=policy.location,
                granted_by=(short_name(policy.name),),
            )

    def flows(self, reported: Container[Location]) -> Iterator[NewAccess]:
        """Flows that a request from outside starts, and that no finding is about (`reported`: what findings are about)."""
        for flow in self._started_from_outside(self.base) if self.base else ():
            if flow.location not in reported:
                yield self._entry(
                    AccessKind.FLOW,
                    ("public",),
                    f"The flow `{short_name(flow.name)}` can be started by anyone who knows its address.",
                    location=flow.location,
                )

    def _started_from_outside(self, base: Export) -> Iterator[Flow]:
        before = {key for flow in base.flows if _is_open(flow) for key in (flow.id, f"name {flow.name}")}
        for flow in self.head.flows:
            if _is_open(flow) and not {flow.id, f"name {flow.name}"} & before:
                yield flow

    def _gaps(self, base: Export) -> Iterator[NewAccess]:
        """What BASE shows and HEAD does not: it may hide new access."""
        known = {gap.name for gap in base.gaps}
        for gap in self.head.gaps:
            if gap.name not in known and gap.part not in _HARMLESS:
                yield self._entry(
                    AccessKind.UNKNOWN,
                    (),
                    f"HEAD no longer has what BASE had: {escape_controls(gap.reason)}.",
                    confidence=Confidence.LOW,
                )

    def _wider_variables(self, base: Export) -> Iterator[NewAccess]:
        """Rules about the roles or policies of the current user, where these are others now."""
        old_names = {policy.id: policy.name for policy in base.model.policies}
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

    def _with_variable(self, pair: PrincipalPair, variable: str) -> Iterator[NewAccess]:
        for grant in pair.access.grants():
            rows = [row for row in grant.rows if not row.permission.system]
            row = next((row for row in rows if row.rule is not None and _names(row.rule, variable)), None)
            if row is not None:
                yield replace(
                    self._entry(
                        AccessKind.UNKNOWN,
                        (pair.name,),
                        f"The rule uses `{variable}`, which has another value than on BASE: it may reach more items.",
                        location=next((source.location for source in row.sources if source.location), None),
                        confidence=Confidence.LOW,
                        granted_by=(short_name(row.granted_by),),
                    ),
                    collection=grant.collection,
                    action=grant.action,
                )


class _ShownRules:
    """Rules without their literals. Most rows repeat the rules of others, so each is masked and put into words once.

    Keys are texts of the content: `1` and `true` are equal, and are not shown alike.
    """

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._masked: dict[str, Json] = {}
        self._words: dict[str, str] = {}

    def masked(self, rule: Filter) -> Json:
        key = content_key(rule)
        if key not in self._masked:
            self._masked[key] = self._mask.filter(rule)
        return self._masked[key]

    def in_words(self, rule: Filter) -> str:
        key = content_key(rule)
        if key not in self._words:
            self._words[key] = rule_in_words(rule, self._mask)
        return self._words[key]


def _names(rule: Filter, variable: str) -> bool:
    """Whether a rule names a variable, or what lies below it."""
    return any(one.name == variable or one.name.startswith(f"{variable}.") for one in variables(rule))


_HARMLESS: Final = frozenset({ExportPart.VERSION, ExportPart.EDITION})


def _gap_names(export: Export | None) -> set[str]:
    """What an export does not tell although it should, without what only its judgement rests on."""
    gaps = export.gaps if export else ()
    return {gap.name for gap in gaps if not gap.optional and gap.part not in _HARMLESS}


_CONFIDENCES: Final = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


def _was_dangerous(pair: PrincipalPair, path: Path, before: Paths | None) -> bool:
    """Whether it was an administrator, or could become one as surely, be it as any visitor could."""
    if before is None or pair.old is None or pair.other is None:
        return False
    known = (before.of(pair.other), before.of(PUBLIC))
    sure = _CONFIDENCES.index(path.confidence)
    return pair.old.admin or any(one is not None and _CONFIDENCES.index(one.confidence) >= sure for one in known)


def _wording(pair: PrincipalPair, gain: Gain) -> str:
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
    return tuple(dict.fromkeys(short_name(export.holders.get(key, key or "public")) for key in keys))
