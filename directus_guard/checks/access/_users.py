"""What the checks on single users share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.checks.shared import studio
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Confidence, Fix, Subject
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.records import User
    from directus_guard.directus.export import Export

NO_USERS: Final = "the export has no users"
NEEDS = (ExportPart.ATTACHMENTS, ExportPart.POLICIES, ExportPart.PARENTS, ExportPart.USERS)


def active(export: Export, *, admin: bool) -> Iterator[User]:
    """Users who can sign in (nothing says otherwise), administrators or the others."""
    for user in export.model.users:
        if user.status in (None, "active") and export.model.of_user(user.id).admin is admin:
            yield user


def absent(export: Export) -> Iterator[CheckResult]:
    """The answer where an export has no users; nothing where it has."""
    if not export.model.users:
        yield NotApplicable(NO_USERS)


def unknown(export: Export, users: list[User], key: str) -> Iterator[CheckResult]:
    """The answer where the export leaves a key of users out."""
    if users:
        yield NotEvaluated(f"the export leaves out `{key}` of its users", users[0].location or export.location)


def named(export: Export, user: User) -> str:
    """A user in a sentence, by id and role: an export may be public, and e-mail addresses are personal data."""
    roles = {role.id: role.name for role in export.model.roles}
    role = escape_controls(roles.get(user.role or "", ""))
    return f"`{escape_controls(user.id)}`" + (f" with role `{role}`" if role else "")


def by_policy(export: Export, user: User) -> str:
    """By which policy of their own a user is an administrator, a phrase with a space before it; "" where the role tells."""
    admin = {policy.id: policy for policy in export.model.policies if policy.admin_access}
    held = next((admin[row.policy] for row in export.model.access if row.user == user.id and row.policy in admin), None)
    return f" by policy `{escape_controls(held.name or held.id)}`, attached to this user" if held else ""


def without_enforcement(export: Export, user: User) -> str:
    """The administrator policy of a user's own role that does not ask for a second factor; "" where there is none."""
    of_role = {row.policy for row in export.model.access if row.role and row.role == user.role}
    names = (
        policy.name or policy.id
        for policy in export.model.policies
        if policy.admin_access and policy.id in of_role and policy.enforce_tfa is False
    )
    return escape_controls(next(names, ""))


def failure(
    export: Export,
    user: User,
    *,
    title: str,
    message: str,
    expected: str,
    actual: str,
    fix: str,
    member: str,
    confidence: Confidence = Confidence.HIGH,
) -> Failure:
    """A failure at one member of a user."""
    shown = escape_controls(user.id)
    return Failure(
        subject=Subject("user", f"{export.name} {shown}", (("model", export.name), ("user", shown))),
        location=user.location or export.location,
        members=((member,), ("status",), ("email",)),
        studio=studio.of_user(user.id),
        title=title,
        message=message,
        expected=expected,
        actual=actual,
        framed=False,
        fix=Fix(fix),
        confidence=confidence,
    )
