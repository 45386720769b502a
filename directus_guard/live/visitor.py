"""What anonymous visitors of an instance get."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from directus_guard.directus.disclosure import shorten
from directus_guard.directus.gaps import InstancePart
from directus_guard.directus.instance import FOREIGN, Page, Probe
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.live.answers import Items, one_of
from directus_guard.live.client import Reply, Unanswered
from directus_guard.live.server_answers import Info, OpenApi
from directus_guard.live.session import LiveSession, read, status_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.export import Export

_ACTIONS: Final = {"get": "read", "post": "create", "patch": "update", "delete": "delete"}
_LISTED_APART: Final = frozenset({
    "access", "activity", "collections", "comments", "dashboards", "fields", "files", "flows", "folders", "notifications",
    "operations", "panels", "permissions", "policies", "presets", "relations", "revisions", "roles", "settings", "shares",
    "translations", "users", "versions",
})  # fmt: skip
"""System collections by the first part of their endpoint; /items/ refuses them all."""
_UNSAFE: Final = lazy_pattern(r"[/\\%?#;\x00-\x1f\x7f]|\A\.+\Z")
"""Names that a proxy on the way may take for another path: not probed, so that no name can make us call something else."""


async def public_info(session: LiveSession) -> tuple[Info, Reply]:
    """/server/info as a visitor gets it. Raises `Unanswered` where no Directus answers."""
    reply = await session.client.get("/server/info", anonymous=True)
    if reply.status >= 500 or reply.status == 429:
        raise Unanswered(f"/server/info {status_reason(reply.status)}")
    no = f"/server/info {status_reason(reply.status)}: this is not the address of a Directus API, or a proxy blocks it"
    return read(one_of(Info), reply, no).data, reply


async def page(session: LiveSession, info: Reply) -> Page:
    """The headers that reach a browser with the Data Studio; where it is not served, those of the API."""
    try:
        reply = await session.client.get("/admin", anonymous=True)
        if reply.status == 200:
            return Page("/admin", reply.headers)
    except Unanswered:
        pass  # a Data Studio behind a sign-in of its own is no fault; the API has answered
    return Page("/server/info", info.headers)


async def cors(session: LiveSession) -> Page | None:
    """How the API answers a request from a foreign page."""

    async def ask() -> Page:
        reply = await session.client.get("/server/info", anonymous=True, headers={"origin": FOREIGN})
        if reply.status != 200:
            raise Unanswered(f"/server/info {status_reason(reply.status)}")
        return Page("/server/info", reply.headers)

    return await session.attempt(InstancePart.CORS, "/server/info", ask(), None)


async def listed(session: LiveSession) -> Mapping[str, tuple[str, ...]]:
    """Which collections the OpenAPI document shows to anonymous visitors, and what they may do.

    See docs/model/live.md#endpoints-for-visitors.
    """

    async def ask() -> Mapping[str, tuple[str, ...]]:
        reply = await session.client.get("/server/specs/oas", anonymous=True)
        if reply.status in (401, 403, 404):
            return {}  # OPENAPI_ENABLED=false, or a proxy: nothing is shown
        document = read(OpenApi, reply, f"/server/specs/oas {status_reason(reply.status)}")
        found: dict[str, tuple[str, ...]] = {}
        for path, methods in document.paths.items():
            collection = _collection_of(path)
            actions = tuple(action for method, action in _ACTIONS.items() if method in methods)
            if collection is not None and actions:
                found[collection] = actions
        return found

    return await session.attempt(InstancePart.LISTED, "/server/specs/oas", ask(), {})


async def probes(
    session: LiveSession, declared: frozenset[str], export: Export | None, listed: Mapping[str, tuple[str, ...]]
) -> tuple[Probe, ...]:
    """Ask for one item of every collection that something calls public, or of all that are known."""
    names = declared | {name for name, actions in listed.items() if "read" in actions}
    if export is not None:
        names |= export.public_reads
        if session.target.probe_all:
            names |= {row.collection for row in export.model.permissions}
            names |= set(export.schema.by_collection) if export.schema else set()
    return tuple(await asyncio.gather(*(_probe(session, name) for name in sorted(names))))


async def _probe(session: LiveSession, name: str) -> Probe:
    own = name.removeprefix("directus_")
    if _UNSAFE.search(name) or (own != name and own not in _LISTED_APART):
        return Probe(name, unknown="not requested: it has no endpoint of its own")
    path = f"/{own}" if own != name else f"/items/{quote(name, safe='')}"
    try:
        reply = await session.client.get(path, {"limit": "1", "meta": "filter_count"}, anonymous=True)
        if reply.status in (401, 403, 404):
            return Probe(name, refused=True)
        items = read(Items, reply, status_reason(reply.status))
    except Unanswered as error:
        session.trouble.append(f"{shorten(path)} {error}")
        return Probe(name, unknown=str(error))
    rows = items.data if isinstance(items.data, list) else [items.data] if items.data else []
    count = items.meta.filter_count
    fields = sorted(rows[0]) if rows else ()
    return Probe(
        name, len(rows) if count is None and own in ("collections", "fields", "relations") else count, tuple(fields)
    )


def _collection_of(path: str) -> str | None:
    """The collection of a path of the OpenAPI document that lists it, else None."""
    first, _, rest = path.removeprefix("/").partition("/")
    if first == "items":
        return rest if rest and "{" not in rest else None
    return f"directus_{first}" if not rest and first in _LISTED_APART else None
