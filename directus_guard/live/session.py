"""One caller's session with an instance: how it asks, and how much it sees.

What the token may not see is kept apart from what failed. The endpoints and who is served what:
docs/model/live.md#endpoints-for-the-auditor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from directus_guard import limits
from directus_guard.directus.features import HAS_POLICIES
from directus_guard.directus.gaps import Gaps, InstancePart
from directus_guard.live.answers import Model, ServerAnswer, checked, one_of, rows_of
from directus_guard.live.caller_answers import AccessOf, Globals, Me, OwnAccess, OwnRole
from directus_guard.live.client import Client, Reply, Unanswered
from directus_guard.live.server_answers import Info
from directus_guard.live.system_rows import (
    PermissionRow,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from directus_guard.directus.gaps import Part
    from directus_guard.directus.versions import Version
    from directus_guard.finding import Location
    from directus_guard.live.requested_rows import RequestedRows
    from directus_guard.live.target import Target

PAGE: Final = 5_000
"""Rows to ask for at once where the server sets no limit of its own."""

Record = TypeVar("Record", bound=ServerAnswer)
Found = TypeVar("Found")


class TokenRefusedError(Exception):
    """The server says that this caller may not have it. The message is the reason, for people."""


class LiveSession:
    """One caller at one instance: what it learnt about its own sight, and what it could not have."""

    client: Client
    """Set while the session is open."""

    def __init__(self, target: Target, location: Location, version: Version | None) -> None:
        self.target: Final = target
        self.location: Final = location
        self.version = version
        self.gaps: Final = Gaps()
        """What is not known of the instance or of its access model."""
        self.trouble: Final[list[str]] = []
        self.info: Info | None = None
        self.sight: Mapping[str, AccessOf] | None = None
        """What the token may read, by collection; None = everything."""

    async def own_info(self) -> Info:
        """What the server tells whoever has the token."""
        reply = await self.client.get("/server/info")
        if reply.status in (401, 403):
            raise Unanswered(f"the token is refused ({reply.status}), so nothing was audited with it")
        return read(one_of(Info), reply, status_reason(reply.status)).data

    async def look_around(self) -> None:
        """Find out how much the token sees: no answer shows which rows a rule hides from it."""
        try:
            if self.old:
                await self._look_around_before_policies()
                return
            globals_ = await self.asked(one_of(Globals), "/policies/me/globals")
            if not globals_.data.admin_access:
                own = await self.asked(OwnAccess, "/permissions/me")
                self.sight = {name: actions.get("read", AccessOf()) for name, actions in own.data.items()}
        except (Unanswered, TokenRefusedError) as error:
            self.sight = {}
            self.gaps.overrule(InstancePart.SIGHT, f"it is not known what the token can read: {error}")
            if isinstance(error, Unanswered):
                self.trouble.append(str(error))

    async def _look_around_before_policies(self) -> None:
        """10 has no /permissions/me: the token's own rows are among the permissions."""
        me = await self.asked(one_of(Me), "/users/me", {"fields": "id,role.id,role.admin_access"})
        role = me.data.role
        if isinstance(role, OwnRole) and role.admin_access:
            return
        key = role.id if isinstance(role, OwnRole) else role
        rows = await self.asked(rows_of(PermissionRow), "/permissions", {"limit": "-1"})
        self.sight = {
            row.collection: AccessOf(access="partial" if row.permissions else "full", fields=row.fields or ())
            for row in rows.data
            if row.action == "read" and row.role == key and not row.system
        }

    @property
    def old(self) -> bool:
        """Whether it is of the time before policies."""
        return self.version is not None and not HAS_POLICIES.of(self.version)

    async def asked(self, model: Callable[..., Model], path: str, query: Mapping[str, str] | None = None) -> Model:
        """The answer. Raises `Unanswered`, or `TokenRefusedError` where the token may not have it; both name the path."""
        try:
            reply = await self.client.get(path, query)
            if reply.status in (401, 403):
                raise TokenRefusedError(f"the token may not read {path} ({reply.status})")
            return read(model, reply)
        except Unanswered as error:
            raise Unanswered(f"{path} {error}") from None

    async def attempt(self, part: Part, path: str, asking: Awaitable[Found], otherwise: Found) -> Found:
        """What was asked for; where it cannot be had, the gap is noted."""
        try:
            return await asking
        except TokenRefusedError as error:
            self.gaps.overrule(part, str(error))
        except Unanswered as error:
            reason = str(error) if str(error).startswith(path) else f"{path} {error}"
            self.gaps.overrule(part, reason)
            self.trouble.append(reason)
        return otherwise

    def fields(self, requested: RequestedRows) -> str:
        """The fields to ask for: all that are wanted, and of the optional ones those that the token may read.

        Raises `TokenRefusedError` where the token sees only some rows, or not all that is wanted: what is left would look whole.
        """
        if self.sight is None:
            return ",".join((*requested.fields, *requested.optional))
        collection = requested.collection
        own = self.sight.get(collection)
        if own is None or own.access == "none":
            raise TokenRefusedError(self.gaps.reason(InstancePart.SIGHT) or f"the token may not read `{collection}`")
        if own.access != "full":
            raise TokenRefusedError(f"a rule limits the token to some rows of `{collection}`")
        may = None if "*" in own.fields else set(own.fields)
        lacking = [name for name in requested.fields if may is not None and name not in may]
        if lacking:
            raise TokenRefusedError(
                f"the token may not read {', '.join(f'`{name}`' for name in lacking)} of `{collection}`"
            )
        return ",".join((*requested.fields, *(name for name in requested.optional if may is None or name in may)))

    async def rows(self, requested: RequestedRows, model: type[Record]) -> tuple[Record, ...]:
        """All rows of a system collection, page by page until its own count is reached."""
        fields, path = self.fields(requested), requested.path
        size = self.info.query_limit.max if self.info and self.info.query_limit else -1
        size = min(PAGE, size) if size > 0 else PAGE
        rows: list[Record] = []
        for page in range(1, limits.PAGES.number + 1):
            query = {
                "fields": fields,
                "limit": str(size),
                "page": str(page),
                "sort": requested.sort,
                "meta": "filter_count",
            }
            found = await self.asked(rows_of(model), path, query)
            rows += found.data
            count = found.meta.filter_count
            if len(rows) >= (count if count is not None else len(rows) + (len(found.data) >= size)):
                return tuple(rows)
            if len(rows) > limits.ROWS.number:
                raise Unanswered(f"{path} answered {limits.over(limits.ROWS)}")
            if not found.data:
                raise Unanswered(f"{path} ended after {len(rows)} of {count} rows")
            size = min(size, len(found.data)) if page == 1 else size
        raise Unanswered(f"{path} answered {limits.over(limits.PAGES)}")


def status_reason(status: int) -> str:
    """What a status means, as the end of a sentence about a path."""
    again = ", also when asked again" if status >= 500 or status == 429 else ""
    return f"answered with status {status}{again}"


def read(model: Callable[..., Model], reply: Reply, otherwise: str = "") -> Model:
    """The answer as `model`. Raises `Unanswered`: with what went wrong, or `otherwise` where it is no success."""
    if reply.status != 200:
        raise Unanswered(otherwise or status_reason(reply.status))
    return checked(model, reply.json())
