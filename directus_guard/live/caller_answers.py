"""What the server tells a caller about their own rights, as far as it is used."""

from __future__ import annotations

from directus_guard.live.answers import Key, RequiredFlag, ServerAnswer, Texts


class AccessOf(ServerAnswer):
    """How much of one action: `none`, `partial` (a rule hides rows) or `full`."""

    access: str = "none"
    fields: Texts = ()


class OwnAccess(ServerAnswer):
    """/permissions/me, from 11 on: collection → action → how much."""

    data: dict[str, dict[str, AccessOf]]


class Globals(ServerAnswer):
    """/policies/me/globals, from 11 on."""

    admin_access: RequiredFlag


class OwnRole(ServerAnswer):
    """The caller's role on 10."""

    id: Key
    admin_access: RequiredFlag


class Me(ServerAnswer):
    """/users/me on 10, where there is no /permissions/me."""

    id: Key
    role: OwnRole | Key | None = None
