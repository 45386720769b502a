"""The closure of each principal, run to its end."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.escalation.account import ANONYMOUS
from directus_guard.escalation.reach import (
    altered_administrators,
    assembled,
    by_mail,
    cascades,
    changed_flows,
    changed_operations,
    changed_permissions,
    completed,
    dormant,
    emptied_users,
    flows,
    held_back,
    mentioned,
    new_attachments,
    other_operations,
    permissions,
    read_secrets,
    registration_flows,
    rights,
    through_flows,
    users,
)
from directus_guard.escalation.reach.closure import Cause, Closure, UsableAccount
from directus_guard.escalation.reach.facts import ADMINISTRATOR, Granted
from directus_guard.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.escalation.account import Account
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.telling import PlanStep

_CHANNELS: Final[tuple[Callable[[Closure, UsableAccount], Gains], ...]] = (
    users.set_roles,
    users.take_over,
    users.new_users,
    dormant.dormant_users,
    dormant.wake,
    users.registers,
    users.without_registration_role,
    users.settings_of_registration,
    rights.role_flags,
    rights.new_roles,
    permissions.delete_locks,
    held_back.change_locks,
    completed.incomplete_permissions,
    mentioned.renames,
    flows.of_flows,
    other_operations.run_other_operations,
    read_secrets.read_secrets,
    emptied_users.empty_users,
    changed_flows.give_webhooks,
    changed_flows.change_flows,
    changed_operations.alter_operations,
    changed_flows.drive_changed_flows,
    registration_flows.switch_on,
    registration_flows.drive,
    assembled.operations,
    assembled.flows,
    assembled.run,
    users.give_away,
)

_OF_POLICIES: Final[tuple[Callable[[Closure, UsableAccount], Gains], ...]] = (
    rights.policy_flags,
    rights.new_policies,
    rights.attach,
    rights.own_policies,
    rights.change_attachments,
    new_attachments.harmless_attachments,
    new_attachments.change_new_attachments,
    rights.role_parents,
)
"""Those of versions with policies."""

_WITHOUT_PLANS: Final[tuple[Callable[[Closure, UsableAccount], Gains], ...]] = (
    by_mail.registers_unverified,
    by_mail.new_inactive_users,
    by_mail.addresses,
    by_mail.open_link,
    cascades.delete_with_cascade,
    altered_administrators.take_over_altered,
)
"""Those that no request is known for: asked once the others bring about nothing more, so that they hide no plan."""


class Closures:
    """What the principals of one export can bring about. What is the same for several is worked out once."""

    def __init__(self, state: AccessState) -> None:
        self._state = state
        self._public: dict[Confidence, Cause | None] = {}

    def of(self, start: Account) -> tuple[PlanStep, ...] | None:
        """The writes by which an account, which is no administrator's, becomes one; the surest. None: there are none."""
        cause = self._at(start, Confidence.LOW)
        if cause is None:
            return None
        surer = (self._at(start, level) for level in (Confidence.HIGH, Confidence.MEDIUM))
        return next((one for one in surer if one is not None), cause).steps()

    def of_any(self, start: Account) -> tuple[PlanStep, ...] | None:
        """The writes by which an account becomes an administrator's, however sure; None: there are none."""
        cause = self._at(start, Confidence.LOW)
        return None if cause is None else cause.steps()

    def _at(self, start: Account, level: Confidence) -> Cause | None:
        return self._anonymous(level) if start.public else self._closed(start, level)

    def _anonymous(self, level: Confidence) -> Cause | None:
        if level not in self._public:
            self._public[level] = self._closed(ANONYMOUS, level)
        return self._public[level]

    def _closed(self, start: Account, level: Confidence) -> Cause | None:
        return self.closed(start, level).goal

    def public_is_reached(self) -> bool:
        """Whether visitors may become administrators."""
        return self._anonymous(Confidence.LOW) is not None

    def closed(
        self,
        start: Account,
        level: Confidence,
        excluded: frozenset[object] = frozenset(),
        *,
        with_visitors: bool = False,
    ) -> Closure:
        """The closure of an account without some writes. `with_visitors`: also with what anyone can do without an account, where
        that may make an administrator by itself: it is reported for the public only."""
        visitor = not start.public and (with_visitors or not self.public_is_reached())
        closure = Closure(self._state, start, level, visitor=visitor)
        closure.excluded = excluded
        while closure.goal is None and (_round(closure) or _round_without_plans(closure)):
            pass
        return closure


def _round(closure: Closure) -> bool:
    """Ask every channel of every account once. Whether something new was brought about."""
    grown = False
    channels = (*_CHANNELS, *(_OF_POLICIES if closure.state.model.has_policies else ()))
    closure.begin_round()
    for acting in closure.current:
        admin = closure.is_administrator(acting) or closure.has_goal(acting)
        if admin and closure.add(ADMINISTRATOR, _last(admin)):
            return True
        if not closure.may_write(acting):
            continue
        for channel in channels:
            for fact, cause in channel(closure, acting):
                grown |= closure.add(fact, cause)
                if closure.goal is not None:
                    return True
        if closure.goal is not None:
            return True
        for carries, usable in chain(
            through_flows.start_flows(closure, acting),
            changed_flows.start_changed_flows(closure, acting),
            registration_flows.writes(closure, acting),
        ):
            grown |= closure.carry_out(carries, usable)
        for granted, row, cause in permissions.new_permissions(closure, acting):
            grown |= closure.grant(granted, row, cause)
        # One after the other: what was granted before is not asked for again.
        changes = chain(
            changed_permissions.change_permissions(closure, acting),
            changed_permissions.change_new_permissions(closure, acting),
        )
        for gained, changed, cause in changes:
            if isinstance(gained, Granted) and changed is not None:
                grown |= closure.grant(gained, changed, cause)
            else:
                grown |= closure.add(gained, cause)
    return grown


def _round_without_plans(closure: Closure) -> bool:
    """Ask the channels without plans, of the accounts of the last round. Whether something new was brought about."""
    grown = False
    accounts = closure.current if closure.goal is None else ()
    for acting in (one for one in accounts if closure.may_write(one)):
        for channel in _WITHOUT_PLANS:
            for fact, cause in channel(closure, acting):
                grown |= closure.add(fact, cause)
                if closure.goal is not None:
                    return True
    return grown


def _last(causes: tuple[Cause, ...]) -> Cause:
    """The last of several causes, after the others."""
    *others, last = causes
    return replace(last, before=(*last.before, *others)) if others else last
