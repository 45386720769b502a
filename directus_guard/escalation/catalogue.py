"""Every step an attacker can take, by name: what it needs, what it gives, where it holds, and how well that is known.

`reach` says what an account can bring about, `plans` puts steps together. The ids are stable: findings, SARIF, the
proof on real servers and its report use them.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from directus_guard.directus.features import (
    ALWAYS,
    HAS_EDITIONS,
    HAS_POLICIES,
    KEEPS_PERMISSIONS_IN_ROLES,
    NEVER,
    Feature,
)
from directus_guard.directus.versions import NEWEST_OF
from directus_guard.finding import Confidence


class StepKind(Struct, frozen=True):
    """One named step.

    `measured`: the versions on which it was carried out (`docs/proof.md`); without any it rests on Directus' code
    (docs/model/escalation.md#writes-of-an-account), and a path that uses it is less sure. `reason`: not a step of its own, but why one works although
    the row looks locked.
    """

    id: str
    title: str
    needs: str
    """The precondition on effective access."""
    gives: str
    """What the attacker has afterwards."""
    measured: tuple[str, ...]
    feature: Feature = ALWAYS
    """The versions of Directus that have it."""
    reason: bool = False

    @property
    def confidence(self) -> Confidence:
        """How sure it is that the step works where its precondition holds."""
        return Confidence.HIGH if self.measured else Confidence.MEDIUM

    def applies(self, version: tuple[int, ...]) -> bool:
        """Whether a version of Directus has it."""
        return self.feature.of(version)


def _measured(*, having: Feature = ALWAYS, lacking: Feature = NEVER) -> tuple[str, ...]:
    """The versions of the lab that have the one and lack the other."""
    return tuple(str(version) for version in NEWEST_OF.values() if having.of(version) and not lacking.of(version))


_ALL: Final = _measured()
_POLICIES: Final = _measured(having=HAS_POLICIES)
_RULES: Final = _measured(lacking=HAS_EDITIONS)
"""12 Core refuses to store rows with rules or named fields, so the case could not be set up there."""

_KINDS: Final = (
    StepKind(
        "own-role", "Own role",
        "`update` on directus_users with `role`, reaching their own record; no validation that refuses the role",
        "their own account has the role",
        _ALL,
    ),
    StepKind(
        "new-user", "User with a chosen role",
        "`create` on directus_users with `email` or `token`, and `role` (or none is needed); no validation that refuses the role",
        "a new account with the role, whose password the attacker knows",
        _ALL,
    ),
    StepKind(
        "own-policies", "Own policies",
        "`update` on directus_users with `policies`, reaching their own record, and `create` on directus_access with `policy` and `user` (12: also `read` there)",
        "their own account has the policy",
        _POLICIES, feature=HAS_POLICIES,
    ),
    StepKind(
        "attach-policy", "Attach a policy",
        "`create` on directus_access with `policy` and with `user` or `role`; no validation that refuses the policy",
        "their own account (or its role) has the policy",
        _POLICIES, feature=HAS_POLICIES,
    ),
    StepKind(
        "reattach-policy", "Change an attachment",
        "`update` on directus_access with `policy`, reaching an attachment of their own account or role; or with `user` or `role`, reaching that of the policy",
        "their own account (or its role) has the policy",
        _POLICIES, feature=HAS_POLICIES,
    ),
    StepKind(
        "policy-admin-access", "Administrator access of their own policy",
        "`update` on directus_policies with `admin_access`, reaching a policy that their own account has by its role or itself (not by the public)",
        "their own account is an administrator",
        _POLICIES, feature=HAS_POLICIES,
    ),
    StepKind(
        "new-admin-policy", "A new policy with administrator access",
        "`create` on directus_policies with `admin_access`, and a way to attach a policy whose id is new",
        "their own account (or its role) has the new policy",
        _POLICIES, feature=HAS_POLICIES,
    ),
    StepKind(
        "permission-create", "Grant a permission",
        "`create` on directus_permissions with `collection`, `action`, `fields` and `policy` (10: `role`), with a value for it that their own account has",
        "any permission, the update of their own role among them",
        _ALL,
    ),
    StepKind(
        "permission-update", "Widen a permission",
        "`update` on directus_permissions, reaching their own permission and with enough of its fields to turn it into a row that escalates",
        "a permission that escalates",
        _ALL,
    ),
    StepKind(
        "public-permission", "Grant a permission to the public",
        "as permission-create or permission-update, but with the public policy (10: no role), whose id is a constant",
        "any permission as an anonymous visitor",
        _ALL,
    ),
    StepKind(
        "role-parent", "Parent of their own role",
        "`update` on directus_roles with `parent`, reaching their own role or one it inherits from; no validation that refuses the parent",
        "their own role inherits the parent's policies",
        _POLICIES, feature=HAS_POLICIES,
    ),
    StepKind(
        "role-admin-access", "Administrator access of their own role",
        "`update` on directus_roles with `admin_access`, reaching their own role",
        "their own account is an administrator",
        _measured(lacking=HAS_POLICIES), feature=KEEPS_PERMISSIONS_IN_ROLES,
    ),
    StepKind(
        "child-role", "A child of the administrator role",
        "`create` on directus_roles with `parent`, and a way into a role whose id is new (own-role, new-user, invite, registration-role)",
        "their own account has a role that inherits administrator access",
        _POLICIES, feature=HAS_POLICIES,
    ),
    StepKind(
        "new-admin-role", "A new role with administrator access",
        "`create` on directus_roles with `admin_access`, and a way into a role whose id is new",
        "their own account has a role with administrator access",
        _measured(lacking=HAS_POLICIES), feature=KEEPS_PERMISSIONS_IN_ROLES,
    ),
    StepKind(
        "promote-user", "Role of another account",
        "`update` on directus_users with `role`, reaching the row of another account that the attacker can get",
        "that account has the role",
        _ALL,
    ),
    StepKind(
        "take-over-token", "Take over an account by its token",
        "`update` on directus_users with `token`, reaching the account",
        "the account, by a static token of the attacker's choice",
        _ALL,
    ),
    StepKind(
        "take-over-password", "Take over an account by its password",
        "`update` on directus_users with `password`, reaching the account",
        "the account, by a new password",
        _ALL,
    ),
    StepKind(
        "take-over-email", "Take over an account by its e-mail address",
        "`update` on directus_users with `email`, reaching the account",
        "the account, by a password reset that is sent to the attacker",
        _ALL,
    ),
    StepKind(
        "invite", "Invite with a role",
        "`create` on directus_users with `email`, `role` and `status`; no validation that refuses the role: POST /users/invite takes the role from the request",
        "a new account with the role, by the mail that the attacker receives",
        _ALL,
    ),
    StepKind(
        "public-registration", "Public registration",
        "public registration is on: anyone can make an account",
        "an account with the role of public registration, or without a role",
        _ALL,
    ),
    StepKind(
        "registration-role", "Role of public registration",
        "`update` on directus_settings with `public_registration_role`, and with `public_registration` unless it is on; or `delete` on directus_roles, reaching the role of registration",
        "anyone who registers has the role, or none and the permissions of the public",
        _ALL,
    ),
    StepKind(
        "operation-rewrite", "Rewrite an operation",
        "`update` on directus_operations with `options` (and `type`, unless the operation already writes items), reaching an operation of a flow that can be triggered",
        "any request as administrator: an operation with the permissions `$full` acts as one, whoever made it",
        _ALL,
    ),
    StepKind(
        "flow-build", "Build a flow",
        "`create` on directus_flows with `name`, `trigger` and `operation`, and on directus_operations with `key`, `type`, `options`, `flow`, `position_x` and `position_y`; their keys chosen (`id`) or read",
        "any request as administrator, by an operation with the permissions `$full`",
        _ALL,
    ),
    StepKind(
        "flow-trigger", "Change a flow's trigger",
        "`update` on directus_flows with `trigger` or `status`, reaching a flow that writes with full access what its trigger sends",
        "the flow, driven with values of the attacker's choice",
        _ALL,
    ),
    StepKind(
        "flow-drive", "Drive a flow",
        "an active flow with a webhook or a manual trigger that writes with full access what the request sends",
        "writes as administrator, as far as the request decides them",
        _ALL,
    ),
    StepKind(
        "delete-lock", "Delete what locks",
        "`delete` on directus_permissions, directus_policies or directus_access, reaching the row with a validation, its policy, or what attaches the policy",
        "writes that the validation refused",
        _measured(having=HAS_POLICIES, lacking=HAS_EDITIONS), feature=HAS_POLICIES,
    ),
    StepKind(
        "change-mentioned", "Change what a rule mentions",
        "`update` on a field that an item rule compares (the name of a role)",
        "the items that the rule kept away",
        _RULES,
    ),
    StepKind(
        "foreign-key-deny-list", "A deny list on a foreign key",
        "a validation refuses the key (`_neq`, `_nin`), but not the same key sent as an object",
        'the step works in spite of the validation: Directus sets the foreign key from `{"id": …}`',
        _RULES, reason=True,
    ),
    StepKind(
        "preset-not-locked", "A preset that does not lock",
        "a preset gives the field a value, but the field may be sent",
        "the step works in spite of the preset: what is sent wins",
        _RULES, reason=True,
    ),
)  # fmt: skip

KINDS: Final = {kind.id: kind for kind in _KINDS}
"""By id, in the order in which equally short paths are preferred."""


def steps() -> tuple[StepKind, ...]:
    """All steps, in their fixed order."""
    return _KINDS
