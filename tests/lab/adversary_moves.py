"""What an adversary tries: every write of a system collection, and what starts a flow, with each fact to its advantage.

The keys come from the database, so that nothing has to be learnt first; which of these requests are allowed is the
server's to say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.lab.adversary_payloads import (
    ACCESS,
    AUTHORITY,
    FLOWS,
    MARK,
    OPERATIONS,
    PASSWORD,
    PERMISSIONS,
    SETTINGS,
    USERS,
    changes,
    facts,
    news,
    path_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from tests.lab.adversary_payloads import Known, Payload
_NESTED: Final = 60
"""How many of the nested writes are tried in one pass."""


@dataclass(frozen=True, slots=True)
class Move:
    """A request. `pair`: the collection and action whose permission it asks for first, if any; `hurts`: whether the
    adversary may lose by it."""

    method: str
    path: str
    body: object = None
    params: Mapping[str, str] = field(default_factory=dict)
    pair: tuple[str, str] | None = None
    hurts: bool = False

    def __str__(self) -> str:
        more = "" if self.body is None else " " + json.dumps(self.body)
        return f"{self.method} {self.path}{more}" + (f" ? {json.dumps(self.params)}" if self.params else "")


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of the data model: the field `many.field` names rows of `ones`; `reverse` lists it there."""

    many: str
    field: str
    ones: tuple[str, ...]
    reverse: str | None

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Relation:
        """From an entry of `GET /relations`."""
        meta = answer.get("meta") or {}
        ones = meta.get("one_allowed_collections") or [answer["related_collection"]]
        names = tuple(one for one in ones if one)
        return cls(answer["collection"], answer["field"], names, meta.get("one_field"))


# --- requests --------------------------------------------------------------------------------------------------------

_CALM: Final = (
    "token",
    "password",
    "email",
    "first_name",
    "admin_access",
    "name",
    "data",
    "title",
    "status",
    "public_registration",
)


def _hurts(known: Known, collection: str, key: str, payload: Payload) -> bool:
    """Whether the adversary may lose by a change: a role, a parent, an attachment or a permission that it has."""
    if collection in (ACCESS, PERMISSIONS, FLOWS, OPERATIONS):
        return True
    mine = key in (*known.mine, *known.my_roles)
    return mine and not set(payload) <= set(_CALM) and known.admin_role not in payload.values()


def direct(known: Known, random: Random, collection: str) -> Iterator[Move]:
    """Every write of one collection: by key, by query, in lists, deletions."""
    path = path_of(collection)
    update, create, delete = ((collection, action) for action in ("update", "create", "delete"))
    for key in known.keys(collection):
        for payload in changes(known, collection, key):
            hurts = _hurts(known, collection, key, payload)
            where = path if collection == SETTINGS else f"{path}/{key}"
            yield Move("PATCH", where, payload, pair=update, hurts=hurts)
            if random.random() < 0.08 and collection != SETTINGS:
                query = {"query": {"filter": {"id": {"_eq": key}}}, "data": payload}
                yield Move("PATCH", path, query, pair=update, hurts=hurts)
                yield Move("PATCH", path, [{"id": key, **payload}], pair=update, hurts=hurts)
                yield Move("PATCH", path, {"keys": [key], "data": payload}, pair=update, hurts=hurts)
        if _may_go(known, collection, key):
            yield Move("DELETE", f"{path}/{key}", pair=delete, hurts=True)
            if random.random() < 0.1:
                yield Move("DELETE", path, {"query": {"filter": {"id": {"_eq": key}}}}, pair=delete, hurts=True)
    for payload in news(known, collection):
        yield Move("POST", path, payload, pair=create)
        if random.random() < 0.05:
            yield Move("POST", path, [payload], pair=create)
    if collection == USERS:
        for role in (known.admin_role, *known.my_roles[:2]):
            yield Move("POST", "/users/invite", {"email": known.email(), "role": role}, pair=create)
        for name, value in (("first_name", "x"), ("role", known.admin_role)):
            yield Move("PATCH", "/users/me", {name: value}, pair=update)


def _may_go(known: Known, collection: str, key: str) -> bool:
    """Whether a row may be deleted: what the administrators rest on is left alone."""
    if collection in (USERS, SETTINGS) or key in (known.admin_role, known.admin_policy):
        return False
    return collection != ACCESS or dict(known.access)[key] != known.admin_policy


def nested(known: Known, random: Random, relations: Sequence[Relation]) -> Iterator[Move]:
    """Writes of one collection by way of another one that is related to it."""
    for relation in relations:
        for one in relation.ones:
            several = len(relation.ones) > 1
            if one in AUTHORITY:
                for key, payload in _some(known, random, one):
                    item = payload if key is None else {"id": key, **payload}
                    value: Payload = {relation.field: item, "collection": one} if several else {relation.field: item}
                    yield from _through(known, random, relation.many, value)
            if relation.reverse and (relation.many in AUTHORITY or any(name in AUTHORITY for name in relation.ones)):
                for key, payload in _some(known, random, relation.many):
                    item = payload if key is None else {"id": key, **payload}
                    kind = "create" if key is None else "update"
                    yield from _through(known, random, one, {relation.reverse: [item]})
                    yield from _through(
                        known, random, one, {relation.reverse: {"create": [], "update": [], "delete": [], kind: [item]}}
                    )


def _some(known: Known, random: Random, collection: str) -> Iterator[tuple[str | None, Payload]]:
    for key in known.keys(collection)[:3]:
        given = changes(known, collection, key)
        for payload in random.sample(given, min(3, len(given))):
            yield key, payload
    made = news(known, collection)
    for payload in random.sample(made, min(3, len(made))):
        yield None, payload


def _through(known: Known, random: Random, parent: str, value: Payload) -> Iterator[Move]:
    keys = known.keys(parent)
    for key in random.sample(keys, min(1, len(keys))):
        where = path_of(parent) if parent == SETTINGS else f"{path_of(parent)}/{key}"
        yield Move("PATCH", where, value, pair=(parent, "update"), hurts=parent in AUTHORITY)
    made = [{}] if not parent.startswith("directus_") else news(known, parent)[:1]
    for one in made:
        yield Move("POST", path_of(parent), {**one, **value}, pair=(parent, "create"))


# --- flows -----------------------------------------------------------------------------------------------------------


def starts(known: Known, random: Random) -> Iterator[Move]:
    """What starts the flows there are, with each fact in body, query, headers and keys."""
    everything = facts(known)
    for key, trigger, options in known.flows:
        path = f"/flows/trigger/{key}"
        if trigger == "webhook":
            yield from _webhook(known, random, path, everything)
        elif trigger == "manual":
            for collection in options.get("collections") or [USERS]:
                for keys in _choices(known, collection):
                    for body in ({}, everything, {**everything, "user": random.choice(known.users or [""])}):
                        yield Move("POST", path, {**body, "collection": collection, "keys": keys})
        elif trigger == "event":
            for collection in options.get("collections") or []:
                yield from _events(known, collection)
            yield from _by_the_server(known)


def _choices(known: Known, collection: str) -> list[list[str]]:
    keys = known.keys(collection)
    return [[key] for key in keys[:4]] + [keys[:2], [], list(known.mine)]


def _bodies(known: Known, random: Random, everything: Payload) -> Iterator[Payload]:
    others = {
        **everything,
        "user": random.choice(known.users or [""]),
        "key": random.choice([*known.users, *known.my_roles, ""]),
    }
    yield everything
    yield others
    yield {"data": everything, "payload": everything, "item": everything, **everything}
    for collection in AUTHORITY:
        if known.old and collection in (ACCESS, "directus_policies"):
            continue
        keys = known.keys(collection)
        made = news(known, collection)
        for payload in random.sample(made, min(2, len(made))):
            yield payload
        for key in keys[:1]:
            for payload in random.sample(given := changes(known, collection, key), min(2, len(given))):
                yield {**payload, "key": key, "user": known.me}


def _webhook(known: Known, random: Random, path: str, everything: Payload) -> Iterator[Move]:
    texts = {name: value for name, value in everything.items() if isinstance(value, str)}
    for body in _bodies(known, random, everything):
        yield Move("POST", path, body)
        yield Move("POST", path, [body]) if random.random() < 0.2 else Move("POST", path, body, params=texts)
    yield Move("GET", path, params=texts)
    yield Move("GET", path, params={name: json.dumps(value) for name, value in everything.items()})
    yield Move("POST", path, params=texts)


def _events(known: Known, collection: str) -> Iterator[Move]:
    """Requests that fire events of a collection, allowed or not."""
    path = path_of(collection)
    # A flow that blocks sees them before anybody asks whether there are such fields.
    several = [facts(known), *news(known, USERS)[:3], {"role": known.admin_role}]
    for key in known.keys(collection)[:2]:
        yield Move("GET", f"{path}/{key}")
        for payload in several:
            yield Move("PATCH", path if collection == SETTINGS else f"{path}/{key}", payload)
        for payload in changes(known, collection, key):
            yield Move("PATCH", path if collection == SETTINGS else f"{path}/{key}", payload)
        if not collection.startswith("directus_"):
            yield Move("DELETE", f"{path}/{key}", hurts=True)
    for payload in news(known, collection):
        yield Move("POST", path, payload)
    yield Move(
        "GET", path, params={"search": known.admin_role, "filter": json.dumps({"title": {"_eq": known.admin_role}})}
    )
    yield Move("GET", path, params={"sort": "id"})


def _by_the_server(known: Known) -> Iterator[Move]:
    """Requests in which the server itself writes."""
    for value in (known.admin_role, known.me, "/x"):
        yield Move("PATCH", "/users/me/track/page", {"last_page": value})
    yield Move("POST", "/auth/login", {"email": "admin@example.com", "password": PASSWORD, **{
        name: value for name, value in facts(known).items() if name not in ("email", "password")}})  # fmt: skip
    for name in (known.admin_role, known.me):
        yield Move(
            "POST",
            "/users/register",
            {"email": known.email(), "password": PASSWORD, "first_name": name, "last_name": name},
        )


def moves(
    known: Known, random: Random, relations: Sequence[Relation], wanted: frozenset[tuple[str, str]], stray: float
) -> list[Move]:
    """All requests of one pass. `wanted`: the pairs of collection and action to try; of others only a share (`stray`)."""

    def tried(one: Move) -> bool:
        return one.pair is None or one.pair in wanted or random.random() < stray

    names = [name for name in (*AUTHORITY, *known.items) if not known.old or name not in (ACCESS, "directus_policies")]
    first = [one for name in names for one in direct(known, random, name) if tried(one)]
    second = [one for one in nested(known, random, relations) if tried(one)]
    found = [*first, *random.sample(second, min(_NESTED, len(second))), *starts(known, random)]
    # What would do at once comes first, mostly.
    return sorted(found, key=lambda one: random.random() + (0.0 if _decides(known, one) else 0.6))


def _decides(known: Known, one: Move) -> bool:
    """Whether a move names what makes an administrator, or a secret of the adversary."""
    text = json.dumps(one.body) if one.body is not None else ""
    return any(word and word in text for word in (known.admin_role, known.admin_policy, "admin_access", MARK, PASSWORD))
