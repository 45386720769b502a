"""One audit of an instance: what is asked for, in which order, and what becomes of the answers.

Everything comes by GET. What the token may not see is kept apart from what failed; both leave the checks that rest on it
*not evaluated*. The endpoints and who is served what: docs/model/live.md#endpoints-for-the-auditor.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.gaps import Gap, InstancePart
from directus_guard.directus.instance import Extension, Instance, Share
from directus_guard.directus.versions import Version
from directus_guard.live.answers import rows_of
from directus_guard.live.client import Client, Unanswered
from directus_guard.live.extension_rows import ExtensionRow
from directus_guard.live.instance_environment import environment_of
from directus_guard.live.live_export import LiveExport
from directus_guard.live.requested_rows import EXTENSIONS, SHARES
from directus_guard.live.session import LiveSession
from directus_guard.live.system_rows import (
    ShareRow,
)
from directus_guard.live.visitor import cors, listed, page, probes, public_info

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.access.records import Edition
    from directus_guard.directus.export import Export
    from directus_guard.finding import Location
    from directus_guard.live.server_answers import Info
    from directus_guard.live.target import Target


class Collected(Struct, frozen=True):
    """The instance, and what went wrong on the way (sentences for the report)."""

    instance: Instance
    trouble: tuple[str, ...]


def collect(
    target: Target,
    *,
    location: Location,
    version: Version | None = None,
    edition: Edition | None = None,
    declared: Iterable[str] = (),
) -> Collected:
    """Ask the instance for everything the checks need. `location` anchors its findings; `declared` are collections that the
    repository calls public. Where nothing can be said (no Directus there, the token is refused) the instance is `silent`."""
    session = LiveSession(target, location, version)
    try:
        return asyncio.run(_run(session, edition, frozenset(declared)))
    except Unanswered as error:
        silent = Instance(
            target.origin, location, environment_of(session), gaps=(Gap(InstancePart.EVERYTHING, str(error)),)
        )
        return Collected(silent, (f"the instance was not audited: {error}",))


async def _run(session: LiveSession, edition: Edition | None, declared: frozenset[str]) -> Collected:
    async with Client(session.target) as client:
        session.client = client
        first, reply = await public_info(session)
        if session.target.token is not None:
            session.info = await session.own_info()
            session.version = session.version or (Version.parse(session.info.version) if session.info.version else None)
            await session.look_around()
        # All at once; in two groups, because mypy keeps the types of six at most.
        (studio, foreign, collections), (shares, extensions, export) = await asyncio.gather(
            asyncio.gather(page(session, reply), cors(session), listed(session)),
            asyncio.gather(_shares(session), _extensions(session), _export(session, edition)),
        )
        probed = await probes(session, declared, export, collections)
    instance = Instance(
        origin=session.target.origin,
        location=session.location,
        environment=environment_of(session),
        version=session.version,
        set_up=_set_up(first),
        page=studio,
        cors=foreign,
        listed=collections,
        probes=probed,
        shares=shares,
        extensions=extensions,
        export=export,
        custom_css=bool(first.project.get("custom_css")),
        gaps=tuple(session.gaps),
    )
    return Collected(instance, tuple(dict.fromkeys(session.trouble)))


async def _export(session: LiveSession, edition: Edition | None) -> Export | None:
    return None if session.target.token is None else await LiveExport(session, edition).run()


async def _shares(session: LiveSession) -> tuple[Share, ...]:
    if session.target.token is None:
        session.gaps.note(InstancePart.SHARES, _NO_TOKEN)
        return ()
    asking = session.rows(SHARES, ShareRow)
    rows = await session.attempt(InstancePart.SHARES, SHARES.path, asking, ())
    return tuple(row.record() for row in rows)


async def _extensions(session: LiveSession) -> tuple[Extension, ...]:
    if session.target.token is None:
        session.gaps.note(InstancePart.EXTENSIONS, _NO_TOKEN)
        return ()

    async def ask() -> tuple[ExtensionRow, ...]:
        session.fields(EXTENSIONS)
        return (await session.asked(rows_of(ExtensionRow), "/extensions")).data

    rows = await session.attempt(InstancePart.EXTENSIONS, "/extensions", ask(), ())
    return tuple(row.record() for row in rows if row.bundle is None)


_NO_TOKEN: Final = "no token was given"


def _set_up(info: Info) -> bool | None:
    if info.setup is not None:
        return False
    return info.setup_completed if info.setup_completed is not None else None
