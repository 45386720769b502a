"""What the server tells about itself, as far as it is used."""

from __future__ import annotations

from pydantic import Field

from directus_guard.live.answers import ServerAnswer


class QueryLimit(ServerAnswer):
    """QUERY_LIMIT_MAX, -1 for none."""

    max: int = -1


class Websocket(ServerAnswer):
    """How one kind of WebSocket asks who is there."""

    authentication: str = ""


class Websockets(ServerAnswer):
    """Both kinds; false where one is off."""

    rest: Websocket | bool | None = None
    graphql: Websocket | bool | None = None


class License(ServerAnswer):
    """12: where the licence comes from, null without one."""

    source: str | None = None


class Info(ServerAnswer):
    """/server/info. `setup` is there while the instance has no user (12); 11.13 to 11.17 say `setupCompleted`."""

    project: dict[str, object]
    version: str | None = None
    query_limit: QueryLimit | None = Field(None, alias="queryLimit")
    websocket: Websockets | bool | None = None
    license: License | None = None
    setup: dict[str, object] | None = None
    setup_completed: bool | None = Field(None, alias="setupCompleted")


class OpenApi(ServerAnswer):
    """/server/specs/oas: path → method → anything."""

    openapi: str
    paths: dict[str, dict[str, object]]
