"""Static tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.access import _users
from directus_guard.checks.declaration import ExportMember, export_check
from directus_guard.checks.result import CheckResult, Failure
from directus_guard.checks.shared import studio
from directus_guard.checks.shared.enumerations import first_of
from directus_guard.checks.shared.rows import places
from directus_guard.checks.shared.titles import titled
from directus_guard.finding import Fix, Severity, Subject
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export


@export_check(
    "user-static-token",
    severity=Severity.LOW,
    title="Users with static tokens",
    summary="Static tokens of users who are not administrators, in one list for review.",
    cwe=(Cwe.SESSION_EXPIRATION,),
    owasp=(OwaspRisk.API2,),
    needs=_users.NEEDS,
    evidence=(ExportMember.USERS,),
    without=_users.NO_USERS,
)
def user_static_token(export: Export) -> Iterator[CheckResult]:
    yield from _users.absent(export)
    others = list(_users.active(export, admin=False))
    held = [user for user in others if user.has_token]
    if held:
        names = tuple(escape_controls(user.id) for user in held)
        listed = first_of([f"`{name}`" for name in names], 5)
        yield Failure(
            subject=Subject(
                "user", f"{export.name} tokens {' '.join(sorted(names))}", (("model", export.name), ("users", names))
            ),
            location=held[0].location or export.location,
            members=(("token",),),
            studio=studio.of_user(held[0].id) if len(held) == 1 else "users",
            title=titled("User {} has a static token", names[0])
            if len(names) == 1
            else f"{len(names)} users have static tokens",
            message=f"Whoever has such a token acts as its user: {listed}. Static tokens never expire, and the database holds them in plain text.",
            expected="only tokens that a program uses, on users with the few permissions it needs",
            actual=f"{len(held)} user{'s' if len(held) > 1 else ''} with a token",
            framed=False,
            fix=Fix(
                f"Remove {'the token if no program uses it' if len(names) == 1 else 'each token that no program uses'}: "
                "search your programs and the access log of your server for it. "
                "The activity log does not show programs that only read. Accept this finding for tokens in use."
            ),
            related=places((user.location, f"token of `{escape_controls(user.id)}`") for user in held),
        )
    yield from _users.unknown(export, [user for user in others if user.has_token is None], "token")
