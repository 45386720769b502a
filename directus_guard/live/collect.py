"""One audit of an instance: what is asked for, in which order, and what becomes of the answers.

Everything comes by GET. What the token may not see is told apart from what failed; both leave the checks that rest on it
*not evaluated*. The endpoints and who is served what: facts §5.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import quote, urlsplit

from msgspec import Struct, field

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Edition
from directus_guard.directus.access.schema import Schema
from directus_guard.directus.context import is_local_host
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.environment import loading
from directus_guard.directus.environment.deployment import Deployment, Known, Platform, VersionEvidence
from directus_guard.directus.environment.setting import Setting
from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.export import Export, Settings
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.instance import FOREIGN, Extension, Instance, Page, Probe, Share
from directus_guard.directus.settings import typed
from directus_guard.directus.versions import NEWEST, Version
from directus_guard.finding import Context
from directus_guard.live.answers import Items, Model, Object, One, Rows, ServerAnswer, checked
from directus_guard.live.caller_answers import AccessOf, Globals, Me, OwnAccess, OwnRole
from directus_guard.live.client import Client, Reply, Unanswered
from directus_guard.live.extension_rows import ExtensionRow
from directus_guard.live.schema_rows import CollectionRow, FieldRow, RelationRow
from directus_guard.live.server_answers import Info, OpenApi, Websocket, Websockets
from directus_guard.live.system_rows import (
    AccessRow,
    FlowRow,
    OldRoleRow,
    OperationRow,
    PermissionRow,
    PolicyRow,
    RoleRow,
    ShareRow,
    UserRow,
)
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

    from directus_guard.directus.access.filters import Json
    from directus_guard.finding import Location
    from directus_guard.live.target import Target

PAGE: Final = 5_000
"""Rows to ask for at once where the server sets no limit of its own."""
_CLOSED: Final = "the environment of a running instance cannot be seen from outside"
_ACTIONS: Final = {"get": "read", "post": "create", "patch": "update", "delete": "delete"}
_LISTED_APART: Final = frozenset({
    "access", "activity", "collections", "comments", "dashboards", "fields", "files", "flows", "folders", "notifications",
    "operations", "panels", "permissions", "policies", "presets", "relations", "revisions", "roles", "settings", "shares",
    "translations", "users", "versions",
})  # fmt: skip
"""System collections by the first part of their endpoint; /items/ refuses them all."""
_FLAGS: Final = "id,name,admin_access,app_access,enforce_tfa,ip_access"
_UNSAFE: Final = re.compile(r"[/\\%?#;\x00-\x1f\x7f]|\A\.+\Z")
"""Names that a proxy on the way may take for another path: not probed, so that no name can make us call something else."""

Record = TypeVar("Record", bound=ServerAnswer)
Found = TypeVar("Found")


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
    audit = _Audit(target, location, version, edition, frozenset(declared))
    try:
        return asyncio.run(audit.run())
    except Unanswered as error:
        silent = Instance(target.origin, location, audit.environment(), silent=str(error))
        return Collected(silent, (f"nothing of it was audited: {error}",))


class _Refused(Exception):  # noqa: N818 - what the server answered
    """The server says that this caller may not have it. The message is the reason, for people."""


class _Audit(Struct, dict=True):
    target: Target
    location: Location
    version: Version | None
    edition: Edition | None
    declared: frozenset[str]
    unseen: dict[str, str] = field(default_factory=dict)
    """What is missing of the instance or of its access model, by its name there."""
    trouble: list[str] = field(default_factory=list)
    info: Info | None = None
    sight: Mapping[str, AccessOf] | None = None
    """What the token may read, by collection; None = everything."""
    total: int | None = None
    """Permission rows that are stored, also those that 12 Core does not show; None: the answer does not tell."""

    async def run(self) -> Collected:
        async with Client(self.target) as client:
            self.client = client
            first, reply = await self._public_info()
            if self.target.token is not None:
                self.info = await self._own_info()
                self.version = self.version or (Version.parse(self.info.version) if self.info.version else None)
                await self._look_around()
            page, cors, listed, shares, extensions, export = await asyncio.gather(
                self._page(reply), self._cors(), self._listed(), self._shares(), self._extensions(), self._export()
            )
            probes = await self._probes(export, listed)
        instance = Instance(
            origin=self.target.origin,
            location=self.location,
            environment=self.environment(),
            version=self.version,
            set_up=_set_up(first),
            page=page,
            cors=cors,
            listed=listed,
            probes=probes,
            shares=shares,
            extensions=extensions,
            export=export,
            custom_css=bool(first.project.get("custom_css")),
            unseen=self.unseen,
        )
        return Collected(instance, tuple(dict.fromkeys(self.trouble)))

    # --- the server ---

    async def _public_info(self) -> tuple[Info, Reply]:
        reply = await self.client.get("/server/info", anonymous=True)
        if reply.status >= 500 or reply.status == 429:
            raise Unanswered(f"/server/info {_reason(reply.status)}")
        no = f"/server/info {_reason(reply.status)}: this is not the address of a Directus API, or a proxy keeps it to itself"
        return _read(One[Info], reply, no).data, reply

    async def _own_info(self) -> Info:
        reply = await self.client.get("/server/info")
        if reply.status in (401, 403):
            raise Unanswered(f"the token is refused ({reply.status}); nothing was audited with it")
        return _read(One[Info], reply, _reason(reply.status)).data

    async def _look_around(self) -> None:
        """Find out how much the token sees: rows that a rule hides from it are not told by any answer."""
        try:
            if self.old:
                await self._look_around_before_policies()
                return
            globals_ = await self.asked(One[Globals], "/policies/me/globals")
            if not globals_.data.admin_access:
                own = await self.asked(OwnAccess, "/permissions/me")
                self.sight = {name: actions.get("read", AccessOf()) for name, actions in own.data.items()}
        except (Unanswered, _Refused) as error:
            self.sight = {}
            self.unseen["sight"] = f"how much the token sees is not known: {error}"
            if isinstance(error, Unanswered):
                self.trouble.append(str(error))

    async def _look_around_before_policies(self) -> None:
        """10 has no /permissions/me: the token's own rows are among the permissions."""
        me = await self.asked(One[Me], "/users/me", {"fields": "id,role.id,role.admin_access"})
        role = me.data.role
        if isinstance(role, OwnRole) and role.admin_access:
            return
        key = role.id if isinstance(role, OwnRole) else role
        rows = await self.asked(Rows[PermissionRow], "/permissions", {"limit": "-1"})
        self.sight = {
            row.collection: AccessOf(access="partial" if row.permissions else "full", fields=row.fields or ())
            for row in rows.data
            if row.action == "read" and row.role == key and not row.system
        }

    @property
    def old(self) -> bool:
        """Whether it is of the time before policies."""
        return self.version is not None and self.version < (11,)

    # --- asking ---

    async def asked(self, model: Callable[..., Model], path: str, query: Mapping[str, str] | None = None) -> Model:
        """The answer. Raises `Unanswered`, or `_Refused` where the token may not have it; both name the path."""
        try:
            reply = await self.client.get(path, query)
            if reply.status in (401, 403):
                raise _Refused(f"the token may not read {path} ({reply.status})")
            return _read(model, reply)
        except Unanswered as error:
            raise Unanswered(f"{path} {error}") from None

    async def attempt(self, name: str, path: str, asking: Awaitable[Found], otherwise: Found) -> Found:
        """What was asked for; where it cannot be had, the reason is noted under `name`."""
        try:
            return await asking
        except _Refused as error:
            self.unseen[name] = str(error)
        except Unanswered as error:
            reason = str(error) if str(error).startswith(path) else f"{path} {error}"
            self.unseen[name] = reason
            self.trouble.append(reason)
        return otherwise

    def fields(self, collection: str, wanted: str, optional: str = "") -> str:
        """The fields to ask for: all that are wanted, and of the optional ones those that the token may read.

        Raises `_Refused` where the token sees only some rows, or not all that is wanted: what is left would look whole.
        """
        if self.sight is None:
            return f"{wanted},{optional}".rstrip(",")
        own = self.sight.get(collection)
        if own is None or own.access == "none":
            raise _Refused(self.unseen.get("sight") or f"the token may not read `{collection}`")
        if own.access != "full":
            raise _Refused(f"a rule lets the token see only some rows of `{collection}`")
        may = None if "*" in own.fields else set(own.fields)
        lacking = [name for name in wanted.split(",") if may is not None and name not in may]
        if lacking:
            raise _Refused(f"the token may not read {', '.join(f'`{name}`' for name in lacking)} of `{collection}`")
        return ",".join([wanted, *(name for name in optional.split(",") if name and (may is None or name in may))])

    async def rows(
        self, path: str, model: type[Record], wanted: str, optional: str = "", *, sort: str = "id"
    ) -> tuple[Record, ...]:
        """All rows of a system collection, page by page until its own count is reached."""
        fields = self.fields(f"directus_{path[1:]}", wanted, optional)
        size = self.info.query_limit.max if self.info and self.info.query_limit else -1
        size = min(PAGE, size) if size > 0 else PAGE
        rows: list[Record] = []
        for page in range(1, 100_000):
            query = {"fields": fields, "limit": str(size), "page": str(page), "sort": sort, "meta": "filter_count"}
            found = await self.asked(Rows[model], path, query)  # type: ignore[valid-type]  # mypy has no values as types
            rows += found.data
            count = found.meta.filter_count
            if len(rows) >= (count if count is not None else len(rows) + (len(found.data) >= size)):
                break
            if not found.data:
                raise Unanswered(f"{path} ended after {len(rows)} of {count} rows")
            size = min(size, len(found.data)) if page == 1 else size
        return tuple(rows)

    # --- what the token sees ---

    async def _export(self) -> Export | None:
        if self.target.token is None:
            return None
        return await _Model(self).run()

    async def _shares(self) -> tuple[Share, ...]:
        if self.target.token is None:
            self.unseen["shares"] = _NO_TOKEN
            return ()
        asking = self.rows("/shares", ShareRow, "collection,password,date_end,max_uses", sort="date_created")
        rows = await self.attempt("shares", "/shares", asking, ())
        return tuple(row.record() for row in rows)

    async def _extensions(self) -> tuple[Extension, ...]:
        if self.target.token is None:
            self.unseen["extensions"] = _NO_TOKEN
            return ()

        async def ask() -> tuple[ExtensionRow, ...]:
            self.fields("directus_extensions", "id")
            return (await self.asked(Rows[ExtensionRow], "/extensions")).data

        rows = await self.attempt("extensions", "/extensions", ask(), ())
        return tuple(row.record() for row in rows if row.bundle is None)

    def environment(self) -> Environment:
        """What the instance tells of its own environment."""
        told = self.version
        evidence = VersionEvidence(told, str(told), self.location, "/server/info") if told else None
        version = loading.judged_version(evidence)
        deployment = Deployment(self.target.origin, Platform.INSTANCE, self.location, version=evidence)
        settings = {
            name: Setting(name, Known(Secret(text)), version, self.location, "/server/info")
            for name, text in self._told()
        }
        purpose, reason = self.purpose
        return Environment(deployment, settings, version, evidence, purpose, reason, closed=_CLOSED)

    @property
    def purpose(self) -> tuple[Context, str]:
        """Whoever names an instance wants to know: it always gates."""
        host = urlsplit(self.target.origin).hostname or ""
        if self.target.origin.startswith("https:") and not is_local_host(host):
            return Context.PRODUCTION, "its address is an https address"
        return Context.UNKNOWN, "nothing tells what it is for"

    def _told(self) -> Iterator[tuple[str, str]]:
        """Variables whose values /server/info gives away to whoever has a token."""
        sockets = self.info.websocket if self.info else None
        if sockets is False:
            yield "WEBSOCKETS_ENABLED", "false"
        if not isinstance(sockets, Websockets):
            return
        yield "WEBSOCKETS_ENABLED", "true"
        for kind, socket in (("REST", sockets.rest), ("GRAPHQL", sockets.graphql)):
            yield f"WEBSOCKETS_{kind}_ENABLED", "true" if isinstance(socket, Websocket) else "false"
            if isinstance(socket, Websocket):
                yield f"WEBSOCKETS_{kind}_AUTH", socket.authentication

    # --- what anonymous visitors get ---

    async def _page(self, info: Reply) -> Page:
        """The headers that reach a browser with the Data Studio; where it is not served, those of the API."""
        try:
            reply = await self.client.get("/admin", anonymous=True)
            if reply.status == 200:
                return Page("/admin", reply.headers)
        except Unanswered:
            pass  # a Data Studio behind a sign-in of its own is no fault; the API has answered
        return Page("/server/info", info.headers)

    async def _cors(self) -> Page | None:
        async def ask() -> Page:
            reply = await self.client.get("/server/info", anonymous=True, headers={"origin": FOREIGN})
            if reply.status != 200:
                raise Unanswered(f"/server/info {_reason(reply.status)}")
            return Page("/server/info", reply.headers)

        return await self.attempt("cors", "/server/info", ask(), None)

    async def _listed(self) -> Mapping[str, tuple[str, ...]]:
        """Which collections the OpenAPI document shows to anonymous visitors, and what they may do (facts §5)."""

        async def ask() -> Mapping[str, tuple[str, ...]]:
            reply = await self.client.get("/server/specs/oas", anonymous=True)
            if reply.status in (401, 403, 404):
                return {}  # OPENAPI_ENABLED=false, or a proxy: nothing is shown
            document = _read(OpenApi, reply, f"/server/specs/oas {_reason(reply.status)}")
            found: dict[str, tuple[str, ...]] = {}
            for path, methods in document.paths.items():
                collection = _collection_of(path)
                actions = tuple(action for method, action in _ACTIONS.items() if method in methods)
                if collection is not None and actions:
                    found[collection] = actions
            return found

        return await self.attempt("listed", "/server/specs/oas", ask(), {})

    async def _probes(self, export: Export | None, listed: Mapping[str, tuple[str, ...]]) -> tuple[Probe, ...]:
        """Ask for one item of every collection that something calls public, or of all that are known."""
        names = self.declared | {name for name, actions in listed.items() if "read" in actions}
        if export is not None:
            names |= export.public_reads
            if self.target.probe_all:
                names |= {row.collection for row in export.model.permissions}
                names |= set(export.schema.by_collection) if export.schema else set()
        return tuple(await asyncio.gather(*(self._probe(name) for name in sorted(names))))

    async def _probe(self, name: str) -> Probe:
        own = name.removeprefix("directus_")
        if _UNSAFE.search(name) or (own != name and own not in _LISTED_APART):
            return Probe(name, unknown="it is not asked for: its name or kind has no address of its own")
        path = f"/{own}" if own != name else f"/items/{quote(name, safe='')}"
        try:
            reply = await self.client.get(path, {"limit": "1", "meta": "filter_count"}, anonymous=True)
            if reply.status in (401, 403, 404):
                return Probe(name, refused=True)
            items = _read(Items, reply, _reason(reply.status))
        except Unanswered as error:
            self.trouble.append(f"{shorten(path)} {error}")
            return Probe(name, unknown=str(error))
        rows = items.data if isinstance(items.data, list) else [items.data] if items.data else []
        count = items.meta.filter_count
        fields = sorted(rows[0]) if rows else ()
        return Probe(
            name, len(rows) if count is None and own in ("collections", "fields", "relations") else count, tuple(fields)
        )


class _Model:
    """The access model, flows and settings, as an `Export` named by the origin."""

    def __init__(self, audit: _Audit) -> None:
        self.audit = audit
        self.missing: dict[str, str] = {}

    async def run(self) -> Export:
        audit = self.audit
        old = audit.old
        roles, policies, access, permissions, users = await asyncio.gather(
            self._roles(old=old),
            self._of("policies", "/policies", PolicyRow, _FLAGS, skip=old),
            self._of("attachments", "/access", AccessRow, "id,role,user,policy", "sort", skip=old),
            self._permissions(),
            self._of("users", "/users", UserRow, "id,role,status", "provider,last_access,token,tfa_secret"),
        )
        flows, operations, settings, schema = await asyncio.gather(
            self._of("flows", "/flows", FlowRow, "id,name,status,trigger,options,operation", "accountability"),
            self._of("operations", "/operations", OperationRow, "id,key,type,flow,options,resolve,reject"),
            self._settings(),
            self._schema(),
        )
        version = audit.version or NEWEST
        if audit.version is None:
            self.missing["version"] = "the instance does not tell its version"
        rules: dict[str, Json] = {}
        rows = tuple(row.record(rules) for row in permissions)
        edition = self._edition(version)
        self._note_hidden(len(rows), version)
        model = AccessModel(
            source=audit.target.origin,
            version=version,
            edition=edition,
            roles=tuple(row.record() for row in roles),
            policies=tuple(row.record() for row in policies),
            access=tuple(row.record() for row in access),
            permissions=rows,
            users=tuple(row.record() for row in users),
            fields={name: frozenset(fields) for name, fields in schema.by_collection.items()} if schema else {},
        )
        place = audit.location
        return Export(
            name=audit.target.origin,
            location=place,
            model=model,
            flows=tuple(_flow(row, place) for row in flows),
            operations=tuple(_operation(row, place) for row in operations),
            settings=Settings(settings, place) if settings is not None else None,
            schema=schema,
            missing=self.missing,
            context=audit.purpose[0],
            live=True,
        )

    async def _of(
        self, name: str, path: str, model: type[Record], wanted: str, optional: str = "", *, skip: bool = False
    ) -> tuple[Record, ...]:
        if skip:
            return ()
        rows = await self.audit.attempt(name, path, self.audit.rows(path, model, wanted, optional), ())
        self._pass_on(name)
        return rows

    def _pass_on(self, name: str) -> None:
        if name in self.audit.unseen:
            self.missing[name] = self.audit.unseen.pop(name)

    async def _roles(self, *, old: bool) -> tuple[RoleRow | OldRoleRow, ...]:
        rows: tuple[RoleRow | OldRoleRow, ...] = (
            await self._of("parents", "/roles", OldRoleRow, _FLAGS)
            if old
            else await self._of("parents", "/roles", RoleRow, "id,name,parent")
        )
        if old and "parents" in self.missing:  # 10 keeps there who is an administrator
            self.missing["policies"] = self.missing["parents"]
        return rows

    async def _permissions(self) -> tuple[PermissionRow, ...]:
        """All of them at once: the endpoint knows no limit (facts §5). Rows that only the framework adds are dropped."""
        audit = self.audit

        async def ask() -> tuple[PermissionRow, ...]:
            holder = "role" if audit.old else "policy"
            audit.fields("directus_permissions", f"id,collection,action,permissions,validation,presets,fields,{holder}")
            query = {"limit": "-1", "meta": "total_count"}
            found = await audit.asked(Rows[PermissionRow], "/permissions", query)
            audit.total = found.meta.total_count
            rows = tuple(row for row in found.data if not row.system and (row.id is not None or audit.old))
            if any(holder not in row.model_fields_set or (row.policy is None and not audit.old) for row in rows):
                raise Unanswered(f"/permissions answered a row without `{holder}`")
            return rows

        rows = await audit.attempt("permissions", "/permissions", ask(), ())
        self._pass_on("permissions")
        return rows

    async def _settings(self) -> Mapping[str, Json] | None:
        async def ask() -> Mapping[str, Json]:
            self.audit.fields("directus_settings", "id")
            found = await self.audit.asked(Object, "/settings")
            values, odd = typed(found.data)  # type: ignore[arg-type]  # what the decoder gives is JSON
            for name, expected in odd.items():
                self.missing[f"settings {name}"] = f"/settings answered `{name}` that is not {expected}"
            return values

        values = await self.audit.attempt("settings", "/settings", ask(), None)
        self._pass_on("settings")
        return values

    async def _schema(self) -> Schema | None:
        """The data model; whole for administrators, for others what they can read."""
        audit = self.audit
        if audit.sight is not None and "directus_fields" not in audit.sight:
            self.missing["data model"] = "the data model is told to administrators only"
            return None

        async def ask(path: str, model: type[Record]) -> tuple[Record, ...]:
            return (await audit.asked(Rows[model], path)).data  # type: ignore[valid-type]  # as above

        collections, fields, relations = await asyncio.gather(
            audit.attempt("data model", "/collections", ask("/collections", CollectionRow), ()),
            audit.attempt("data model", "/fields", ask("/fields", FieldRow), ()),
            audit.attempt("data model", "/relations", ask("/relations", RelationRow), ()),
        )
        whole = audit.sight is None and "data model" not in audit.unseen
        self._pass_on("data model")
        if not fields:
            return None
        return Schema(
            tuple(row.record() for row in collections if row.schema_ is not None),
            tuple(row.record() for row in fields),
            tuple(row.record() for row in relations),
            audit.target.origin,
            whole,
        )

    def _edition(self, version: Version) -> Edition:
        """12 tells whether it has a licence; before 12 there were none."""
        told = self.audit.info.license if self.audit.info else None
        if self.audit.edition is not None or version < (12,):
            return self.audit.edition or Edition.LICENSED
        if told is None:
            self.missing["edition"] = (
                "whether Directus 12 runs with a licence is not known, judged as licensed; `--edition core` says otherwise"
            )
            return Edition.LICENSED
        return Edition.LICENSED if told.source else Edition.CORE

    def _note_hidden(self, shown: int, version: Version) -> None:
        """12 Core leaves rows with rules out of its answer, but counts them (facts §3.7)."""
        if version < (12,) or "permissions" in self.missing:
            return
        if self.audit.total is None:
            self.missing["hidden rows"] = "/permissions does not tell how many rows are stored: Core may hide some"
            return
        hidden = self.audit.total - shown
        if hidden > 0:
            self.missing["hidden rows"] = (
                f"{hidden} permission row{'s are' if hidden > 1 else ' is'} stored that Directus 12 Core neither honours nor shows"
            )


_NO_TOKEN: Final = "no token was given"


def _set_up(info: Info) -> bool | None:
    if info.setup is not None:
        return False
    return info.setup_completed if info.setup_completed is not None else None


def _reason(status: int) -> str:
    again = ", also when asked again" if status >= 500 or status == 429 else ""
    return f"answered with status {status}{again}"


def _read(model: Callable[..., Model], reply: Reply, otherwise: str = "") -> Model:
    """The answer as `model`. Raises `Unanswered`: with what went wrong, or `otherwise` where it is no success."""
    if reply.status != 200:
        raise Unanswered(otherwise or _reason(reply.status))
    return checked(model, reply.json())


def _collection_of(path: str) -> str | None:
    """The collection of a path of the OpenAPI document that lists it, else None."""
    first, _, rest = path.removeprefix("/").partition("/")
    if first == "items":
        return rest if rest and "{" not in rest else None
    return f"directus_{first}" if not rest and first in _LISTED_APART else None


def _flow(row: FlowRow, place: Location) -> Flow:
    return Flow(row.id, row.name or "", row.status, row.trigger or "", _options(row.options), row.operation, place)


def _operation(row: OperationRow, place: Location) -> Operation:
    return Operation(row.id, row.key, row.type, row.flow, _options(row.options), row.resolve, row.reject, place)


def _options(value: dict[str, object] | None) -> Mapping[str, Json]:
    return value or {}  # type: ignore[return-value]  # what the decoder gives is JSON
