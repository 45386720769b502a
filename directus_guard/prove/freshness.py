"""Whether an instance may be written to: only one that is as its first start left it.

What counts is that it is empty, not where it is: behind an address of loopback there may be a tunnel to anywhere. What an
empty instance has was counted on real ones (`fresh.json`); whatever is more refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - msgspec needs the class at run time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from directus_guard.directus.versions import Version
from directus_guard.live.target import is_loopback
from directus_guard.prove import runner
from directus_guard.prove.client import RequestRefusedError
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.prove.client import WriteClient

TABLE: Final = Path(__file__).with_name("fresh.json")
"""Written by `python -m tests.lab.generate_fresh`."""
COUNTED: Final = (
    "users", "roles", "policies", "access", "permissions", "flows", "operations", "files", "folders", "shares", "presets",
    "dashboards", "panels", "notifications", "comments", "webhooks", "translations", "versions", "revisions", "extensions",
    "deployments",
)  # fmt: skip
"""The endpoints whose rows are counted, where a version has them."""
_OWN: Final = frozenset({"id", "project_id"})
"""Settings that are another's on each instance: its keys."""
_MOST_COUNTED: Final = 100
"""Rows of an instance in use may be millions."""
_ACTIVITY: Final = 20
"""So many rows of activity are what signing in once or twice, and an upgrade, leave behind."""


class Contents(Struct, frozen=True, forbid_unknown_fields=True):
    """What an instance has."""

    counts: Mapping[str, int]
    """Rows by endpoint. Those of the framework, which some endpoints add to the answer, are none."""
    collections: tuple[str, ...]
    fields: tuple[str, ...]
    """Columns that are not Directus' own, as `collection.field`."""
    settings: Mapping[str, object]


class InstanceRefusal(Struct, frozen=True):
    """Why nothing is written. `found`: phrases; `remedy`: what to do, in a sentence."""

    found: tuple[str, ...]
    remedy: str

    @property
    def message(self) -> str:
        """All of it, in sentences."""
        return f"{'; '.join(self.found)}. {self.remedy}"


_FRESH: Final = "Start a new one with an empty database: `prove` never uses one twice."


def unsafe(origin: str, destroy: str | None, environ: Mapping[str, str]) -> InstanceRefusal | None:
    """Why not even a question is sent; None where it may be. `destroy`: what was typed; `environ`: that of the process."""
    event = runner.unsafe_event(environ)
    if event is not None:
        return InstanceRefusal(
            (event,), "Let it run on `push`, `pull_request`, `merge_group`, `schedule` or `workflow_dispatch`."
        )
    service = runner.is_service(origin, environ)
    if origin.startswith("http:") and not is_loopback(origin) and not service:
        found = "the administrator's token would leave this machine unencrypted"
        return InstanceRefusal((found,), "Use https, an address of loopback, or a container of the job's `services:`.")
    if not destroy and not service:
        return InstanceRefusal(("the instance is not named",), _NAME)
    return None


_NAME: Final = "Type the e-mail address of its only user: `--destroy ADDRESS`. Everything that is in it may be lost."


def refusal(client: WriteClient, destroy: str | None, environ: Mapping[str, str]) -> InstanceRefusal | None:
    """Why nothing may be written; None for a fresh instance that was named. Raises `ProveError` where it does not answer."""
    refused = unsafe(client.origin, destroy, environ)
    if refused is not None:
        return refused
    expected = fresh(client.version)
    if expected is None:
        known = ", ".join(sorted({str(version.major) for version, _ in _measured()}, key=int))
        found = f"what a fresh Directus {client.version} has is not known"
        return InstanceRefusal((found,), f"Use one of Directus {known}.")
    more = tuple(differences(expected, contents(client)))
    if more:
        return InstanceRefusal(more, f"This instance is in use. {_FRESH}")
    return _misnamed(client, destroy)


def _misnamed(client: WriteClient, destroy: str | None) -> InstanceRefusal | None:
    """The address of the only user, whose token must be the one that is used."""
    me = client.admin("GET", "/users/me", query={"fields": "id,email"})
    only = _rows(client, "users", fields="id,email")
    if not isinstance(me, dict) or [me.get("id")] != [one.get("id") for one in only]:
        return InstanceRefusal(
            ("the token is not that of its only user",), "Use the static token of its administrator."
        )
    address = me.get("email")
    if destroy and (not isinstance(address, str) or address.casefold() != destroy.strip().casefold()):
        return InstanceRefusal(("its only user has another e-mail address than the one that was typed",), _NAME)
    return None


# --- what is there ---------------------------------------------------------------------------------------------------


def contents(client: WriteClient) -> Contents:
    """What an instance has. Raises `ProveError`."""
    counts = {endpoint: count for endpoint in (*COUNTED, "activity") if (count := _count(client, endpoint)) is not None}
    names = {name for one in _rows(client, "collections") if isinstance(name := one.get("collection"), str)}
    settings = client.admin("GET", "/settings")
    if not isinstance(settings, dict):
        raise RequestRefusedError("GET /settings: the answer holds no settings")
    kept = {name: value for name, value in settings.items() if name not in _OWN}
    return Contents(counts, tuple(sorted(names)), tuple(sorted(_own_fields(client))), kept)


def _count(client: WriteClient, endpoint: str) -> int | None:
    """The rows of an endpoint; None where this version does not have it."""
    # Without its other members 10 merges all permissions into one.
    query = {"limit": str(_MOST_COUNTED), **({} if endpoint == "permissions" else {"fields": "id"})}
    answer = client.send("GET", f"/{endpoint}", query=query, token=client.administrator)
    if answer.status == 404:
        return None
    rows = answer.data
    if not answer.ok or not isinstance(rows, list):
        raise RequestRefusedError(f"GET /{endpoint}: the server answered {answer.status}, and no list")
    return sum(1 for one in rows if not (isinstance(one, dict) and one.get("system")))


def _rows(client: WriteClient, endpoint: str, **query: str) -> list[dict[str, object]]:
    found = client.admin("GET", f"/{endpoint}", query={"limit": "-1", **query})
    if not isinstance(found, list):
        raise RequestRefusedError(f"GET /{endpoint}: the answer is no list")
    return [one for one in found if isinstance(one, dict)]


def _own_fields(client: WriteClient) -> Iterator[str]:
    for one in _rows(client, "fields"):
        meta = one.get("meta")
        if not (isinstance(meta, dict) and meta.get("system")):
            yield f"{one.get('collection')}.{one.get('field')}"


# --- what a fresh one has --------------------------------------------------------------------------------------------


@cache
def _measured() -> tuple[tuple[Version, Contents], ...]:
    found = msgspec.json.decode(TABLE.read_bytes(), type=dict[str, Contents])
    versions = ((Version.parse(name), one) for name, one in found.items())
    return tuple((version, one) for version, one in versions if version is not None)


def fresh(version: Version) -> Contents | None:
    """What a fresh instance has: as measured on this version, else on another of the same major."""
    same = [(known, one) for known, one in _measured() if known.major == version.major]
    return next((one for known, one in same if known == version), same[0][1] if same else None)


def differences(expected: Contents, contents: Contents) -> Iterator[str]:
    """What an instance has beyond a fresh one, in phrases. It may have less: versions of one major differ."""
    for endpoint, count in contents.counts.items():
        most = _ACTIVITY if endpoint == "activity" else expected.counts.get(endpoint, 0)
        if count > most:
            yield f"it has {count} rows of {endpoint}, a fresh one has {f'up to {most}' if endpoint == 'activity' else most}"
    yield from _foreign("table", contents.collections, expected.collections)
    yield from _foreign("field", contents.fields, expected.fields)
    changed = [name for name, value in contents.settings.items() if not _is_default(expected, name, value)]
    if changed:
        yield f"settings were changed: {_listed(changed)}"


def _foreign(what: str, names: tuple[str, ...], expected: tuple[str, ...]) -> Iterator[str]:
    known = frozenset(expected)
    more = [name for name in names if name not in known]
    if more:
        yield f"it has {len(more)} {what}{'s' if len(more) > 1 else ''} of its own: {_listed(more)}"


def _is_default(expected: Contents, name: str, value: object) -> bool:
    """A setting that the measured version does not have counts as changed unless it is empty."""
    return value == expected.settings[name] if name in expected.settings else not value


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{escape_controls(name)[:60]}`" for name in sorted(names)[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
