"""What a running instance tells of its own environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from directus_guard.directus.context import is_local_host
from directus_guard.directus.environment import loading
from directus_guard.directus.environment.deployment import Deployment, Known, Platform, VersionEvidence, VersionOrigin
from directus_guard.directus.environment.setting import Setting
from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.gaps import unseen
from directus_guard.finding import Context
from directus_guard.live.server_answers import Websocket, Websockets
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.live.session import LiveSession

_UNSEEN: Final = unseen("the environment of a running instance cannot be seen from outside")


def environment_of(session: LiveSession) -> Environment:
    """What the instance tells of its own environment."""
    version = session.version
    evidence = VersionEvidence(version, str(version), session.location, VersionOrigin.INSTANCE) if version else None
    version = loading.judged_version(evidence)
    deployment = Deployment(session.target.origin, Platform.INSTANCE, session.location, version=evidence)
    settings = {
        name: Setting(name, Known(Secret(text)), version, session.location, "/server/info")
        for name, text in _told(session)
    }
    context, reason = purpose(session)
    return Environment(deployment, settings, version, evidence, context, reason, gaps=(_UNSEEN,))


def purpose(session: LiveSession) -> tuple[Context, str]:
    """Whoever names an instance wants to know: it always gates."""
    host = urlsplit(session.target.origin).hostname or ""
    if session.target.origin.startswith("https:") and not is_local_host(host):
        return Context.PRODUCTION, "its address is an https address"
    return Context.UNKNOWN, "its purpose is not known"


def _told(session: LiveSession) -> Iterator[tuple[str, str]]:
    """Variables whose values /server/info gives away to whoever has a token."""
    sockets = session.info.websocket if session.info else None
    if sockets is False:
        yield "WEBSOCKETS_ENABLED", "false"
    if not isinstance(sockets, Websockets):
        return
    yield "WEBSOCKETS_ENABLED", "true"
    for kind, socket in (("REST", sockets.rest), ("GRAPHQL", sockets.graphql)):
        yield f"WEBSOCKETS_{kind}_ENABLED", "true" if isinstance(socket, Websocket) else "false"
        if isinstance(socket, Websocket):
            yield f"WEBSOCKETS_{kind}_AUTH", socket.authentication
