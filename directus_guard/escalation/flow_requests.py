"""Requests of a flow that carry a secret of their own: to Directus itself, or to an address that the caller chooses.

What a token may do is not known: an administrator's makes administrators, and whoever receives one is one. What is sent to
the webhook of another flow may pass its guard.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.flows.data import ABSENT, CallerInput, carries
from directus_guard.directus.tri import Tri, any_of
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.flows.records import Operation
    from directus_guard.directus.flows.steps import FlowStep

_DIRECTUS: Final = lazy_pattern(
    r"\s*(?:https?://(?:[\w.-]*directus[\w.-]*|[^/:?#]+:8055)(?:[:/?#]|\Z)|\{\{\s*\$env\.(?:PUBLIC_URL|\w*DIRECTUS\w*)\b)",
    re.IGNORECASE,
)
"""Addresses of Directus itself: with its name or its port, or from a variable with one of its names."""
_PERHAPS: Final = lazy_pattern(
    r"\s*(?:https?://(?:[^/:?#.{]+|\d+\.\d+\.\d+\.\d+|\[::1\]|[\w.-]+\.(?:local|internal|svc)|(?:[\w-]+\.)*cms[.-][\w.-]+)(?::\d+)?(?=[/?#]|\Z)|\{\{\s*\$env\b[^}]*\}\})",
    re.IGNORECASE,
)
"""Addresses of a neighbour: of the same machine, of a container by its name, of a CMS, or from any variable. It may be Directus."""
_ROUTES: Final = frozenset({
    "access", "activity", "ai", "auth", "collections", "comments", "dashboards", "deployments", "extensions", "fields", "files", "flows",
    "folders", "graphql", "items", "mcp", "notifications", "operations", "panels", "permissions", "policies", "presets", "relations",
    "revisions", "roles", "schema", "settings", "shares", "translations", "users", "utils", "versions", "webhooks",
})  # fmt: skip
"""The first parts of the paths of Directus' API that change anything: `api/src/app.ts` of 10.13.4, 11.17.4 and 12.4.1."""
_WEBHOOK: Final = lazy_pattern(r"/flows/trigger/[^?#]+(?P<query>\?.+)?")
"""The address of a flow. What guards it is often a secret in a header, or in the query."""
_NO_SECRETS: Final = frozenset({"accept", "content-type", "user-agent"})
_BY_ADDRESS: Final = lazy_pattern(r"[?&]access_token=")
_OF_CALLER: Final = lazy_pattern(r"\s*(?:bearer\s+)?\{\{\s*\$(?:trigger|accountability|last)\b", re.IGNORECASE)


def has_token(operation: Operation) -> bool:
    """Whether an operation sends a request with a token, or to a webhook with a secret, that is not the caller's."""
    if operation.type != "request":
        return False
    return any(text and not _OF_CALLER.match(text) for text in _tokens(operation))


def holds_token(operation: Operation) -> bool:
    """Whether an operation has a token for Directus written in it, or a secret for the webhook of another flow."""
    url = operation.options.get("url")
    if operation.type != "request" or not isinstance(url, str):
        return False
    asks = _is_of_directus(url, Tri.NO) or _WEBHOOK.search(url) is not None
    return asks and any(text and "{{" not in text for text in _tokens(operation))


def _tokens(operation: Operation) -> Iterator[str]:
    url, headers = operation.options.get("url"), operation.options.get("headers")
    if isinstance(url, str) and (found := _BY_ADDRESS.search(url)):
        yield url[found.end() :]
    webhook = _WEBHOOK.search(url) if isinstance(url, str) else None
    if webhook is not None and webhook["query"] is not None:
        yield from (part.partition("=")[2] for part in webhook["query"].split("&"))
    for one in headers if isinstance(headers, (list, tuple)) else ():
        name, value = (one.get("header"), one.get("value")) if isinstance(one, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            continue
        what = name.strip().lower()
        if what == "authorization" or (webhook is not None and what not in _NO_SECRETS):
            yield value.strip()


def lends_token(step: FlowStep) -> Tri:
    """Whether the caller of a flow makes use of a token in a request: by what is sent to Directus, or by where it is sent."""
    if not has_token(step.operation):
        return Tri.NO
    url = step.operation.options.get("url")
    given = step.inputs.get("url", ABSENT)
    to, body = carries(given), carries(step.inputs.get("body", ABSENT))
    itself = isinstance(url, str) and (_is_of_directus(url, to) or _WEBHOOK.search(url) is not None)
    asks = isinstance(given, CallerInput) or (itself and any_of((to, body)) is not Tri.NO)
    return Tri.UNKNOWN if asks else Tri.NO


def _is_of_directus(url: str, chosen: Tri) -> bool:
    """Whether an address may be one of Directus' API. Of a neighbour the path says so, as other services are asked with tokens,
    too: unless a part of the address is `chosen` by the caller, who can leave a path by `..`."""
    if _DIRECTUS.match(url):
        return True
    neighbour = _PERHAPS.match(url)
    if neighbour is None:
        return False
    path = url[neighbour.end() :].strip().partition("?")[0].partition("#")[0]
    # Directus takes capitals in a path, too.
    parts = [part for part in path.lower().split("/") if part]
    unseen = not parts or "{{" in parts[0] or any("$env" in part for part in parts)
    return chosen is not Tri.NO or unseen or not _ROUTES.isdisjoint(parts)
