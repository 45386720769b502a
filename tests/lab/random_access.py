"""Random access configurations, applied to a server and to the model, and asked the same questions.

A configuration is plain JSON: the roles of a user from the root of the tree down, each with policies, policies of the
user's own, and what is asked. It names the user `u1` and its role `r1`. On 10 all rows are the role's, on 12 Core rows
have no rules and name no fields.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from directus_guard.directus.access.evaluation import evaluate
from directus_guard.directus.access.grants import Grant
from directus_guard.directus.access.principals import PUBLIC
from tests.lab.pull import pulled
from tests.support import generate_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.directus.access.evaluation import QueryContext
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from tests.lab.server import Server

Item = dict[str, Any]
Config = dict[str, Any]
Request = list[Any]

COLUMNS: Final = ("id", "title", "status", "score", "flag", "date", "owner", "role", "author")
_WRITABLE: Final = ("title", "status", "score", "flag", "date", "owner", "role")
ITEMS: Final = 7


# --- the collections -------------------------------------------------------------------------------------------------


def make_collections(server: Server) -> None:
    """`docs` with a field of every kind, `people` (its authors, many-to-one) and `tags` (one-to-many)."""
    plain = [_field("title", "string"), _field("score", "float")]
    key = {
        "field": "id",
        "type": "uuid",
        "schema": {"is_primary_key": True, "length": 36, "has_auto_increment": False},
        "meta": {},
    }
    number = {
        "field": "id",
        "type": "integer",
        "schema": {"is_primary_key": True, "has_auto_increment": True},
        "meta": {},
    }
    docs = [_field("status", "string"), _field("flag", "boolean"), _field("date", "dateTime"), _field("owner", "uuid"),
            _field("role", "uuid"), _field("author", "uuid", special=["m2o"]), _alias("tags")]  # fmt: skip
    server.admin.post("/collections", {"collection": "people", "schema": {}, "meta": {}, "fields": [key, *plain]})
    server.admin.post(
        "/collections", {"collection": "docs", "schema": {}, "meta": {}, "fields": [number, *plain, *docs]}
    )
    server.admin.post(
        "/collections",
        {"collection": "tags", "schema": {}, "meta": {}, "fields": [number, *plain, _field("doc", "integer")]},
    )
    server.admin.post(
        "/relations",
        {"collection": "docs", "field": "author", "related_collection": "people", "schema": {"on_delete": "SET NULL"}},
    )
    server.admin.post(
        "/relations",
        {
            "collection": "tags",
            "field": "doc",
            "related_collection": "docs",
            "meta": {"one_field": "tags"},
            "schema": {"on_delete": "SET NULL"},
        },
    )


def _field(name: str, kind: str, **meta: Any) -> dict[str, Any]:
    return {"field": name, "type": kind, "schema": {"is_nullable": True}, "meta": meta}


def _alias(name: str) -> dict[str, Any]:
    return {"field": name, "type": "alias", "schema": None, "meta": {"special": ["o2m"]}}


# --- configurations --------------------------------------------------------------------------------------------------


def configuration(seed: str, major: int) -> Config:
    """A configuration with its items and requests, the same for the same seed."""
    random = Random(seed)
    depth = random.choice((0, 1, 1, 1, 2, 3)) if major >= 11 else 1
    roles = [[_policy(random, major) for _ in range(random.choice((0, 1, 1, 2)))] for _ in range(depth)]
    own = [_policy(random, major) for _ in range(random.choice((0, 0, 1, 2)))] if major >= 11 else []
    if major < 11:
        # Of rows of the same action the first one in the database counts, and the API shows them merged into one.
        roles = [[_unique(_policy(random, major))]]
    items = [{**generate_rules.item(random), "id": number} for number in range(1, ITEMS + 1)]
    for item in items:
        item["author"] = random.choice((None, 0, 1))
        item["tags"] = [{"title": tag["title"], "score": tag["score"]} for tag in item["tags"][:2]]
    people = [generate_rules.flat(random) for _ in range(2)]
    return _json(
        {
            "seed": seed,
            "roles": roles,
            "own": own,
            "items": items,
            "people": people,
            "requests": list(_requests(random)),
        }
    )


def _json(value: Any) -> Config:
    """Only variables that exist without fields of one's own."""
    made: Config = json.loads(json.dumps(value).replace("$CURRENT_USER.boss", "$CURRENT_USER"))
    return made


def _policy(random: Random, major: int) -> list[dict[str, Any]]:
    rows = [
        _row(random, action, major)
        for action in ("read", "read", "create", "update", "delete")
        if random.random() < 0.6
    ]
    return rows if major < 12 else _unique(rows)


def public_rows(random: Random, major: int) -> list[dict[str, Any]]:
    """Rows for the public."""
    return _json({"rows": _policy(random, major)})["rows"] or [_row(random, "read", major)]


def _unique(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row for each action."""
    return list({row["action"]: row for row in rows}.values())


def _row(random: Random, action: str, major: int) -> dict[str, Any]:
    if major >= 12:
        return {"action": action, "fields": ["*"], "permissions": None, "validation": None, "presets": None}
    writes = action in ("create", "update")
    kind = random.random()
    rule = None if kind < 0.15 else {} if kind < 0.25 else generate_rules.rule(random, 1)
    return {
        "action": action,
        "fields": ["*"] if random.random() < 0.3 else sorted(random.sample(COLUMNS, random.choice((0, 2, 4, 6)))),
        "permissions": None if action == "create" and random.random() < 0.5 else rule,
        "validation": _validation(random) if writes and random.random() < 0.5 else None,
        "presets": {random.choice(("title", "status")): random.choice(("a", "draft"))} if writes and random.random() < 0.4 else None,
    }  # fmt: skip


def _validation(random: Random) -> dict[str, Any]:
    fields = ("title", "status", "score", "flag", "owner")
    leaves = [
        {name: generate_rules.operation(random, name)} for name in random.sample(fields, random.choice((1, 1, 2)))
    ]
    return random.choice((leaves[0], {"_and": leaves}, {"_or": leaves}))


def _requests(random: Random) -> Iterator[Request]:
    yield ["read", ["*"]]
    for _ in range(6):
        yield ["read", random.sample(COLUMNS, random.choice((1, 1, 2, 3)))]
    for _ in range(2):
        yield ["sorted", random.choice(COLUMNS), [random.choice(COLUMNS)]]
    for _ in range(4):
        yield ["item", random.randint(1, ITEMS), random.sample(COLUMNS, random.choice((1, 2)))]
    for _ in range(6):
        yield ["update", random.randint(1, ITEMS), _payload(random, random.choice((1, 1, 2)))]
    for _ in range(5):
        yield ["create", _payload(random, random.choice((0, 1, 2, 3)))]
    for key in random.sample(range(1, ITEMS + 1), 3):
        yield ["delete", key]


def _payload(random: Random, fields: int) -> dict[str, Any]:
    return {
        name: random.choice((None, *generate_rules.FIELDS.get(name, generate_rules.ROLES)))
        for name in random.sample(_WRITABLE, fields)
    }


# --- on the server ---------------------------------------------------------------------------------------------------


def _key(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"directus-guard/{name}"))


@dataclass(frozen=True, slots=True)
class Applied:
    """A configuration with the keys it got on the server."""

    config: Config
    user: str
    token: str
    roles: tuple[str, ...]

    def put(self, value: Any) -> Any:
        """The keys in the place of their names."""
        text = json.dumps(value)
        names = {
            "u1": self.user,
            "u2": _key("u2"),
            "u3": _key("u3"),
            "r1": self.roles[-1] if self.roles else _key("r1"),
            "r2": _key("r2"),
        }
        for name, key in names.items():
            text = text.replace(f'"{name}"', f'"{key}"')
        return json.loads(text)


def apply(server: Server, configs: Sequence[Config], public: Sequence[dict[str, Any]] = ()) -> list[Applied]:
    """Store configurations, all of a kind in one request."""
    kinds: dict[str, list[dict[str, Any]]] = {
        kind: [] for kind in ("roles", "policies", "permissions", "users", "access")
    }
    applied = []
    for config in configs:
        made = Applied(
            config,
            _key(f"{config['seed']} user"),
            f"token-{_key(config['seed'])}",
            tuple(_key(f"{config['seed']} role {index}") for index in range(len(config["roles"]))),
        )
        _records(server.major, made, kinds)
        applied.append(made)
    if public:
        if server.major >= 11:
            kinds["policies"].append({"id": _key("public"), "name": "public"})
            kinds["access"].append({"policy": _key("public")})
        holder = {"policy": _key("public")} if server.major >= 11 else {"role": None}
        kinds["permissions"] += [{"collection": "docs", **row, **holder} for row in public]
    for kind, records in kinds.items():
        if records:
            server.admin.post(f"/{kind}", records)
    return applied


def _records(major: int, made: Applied, kinds: dict[str, list[dict[str, Any]]]) -> None:
    seed, policies = made.config["seed"], []
    for index, role in enumerate(made.roles):
        tree = (
            {"parent": made.roles[index - 1] if index else None}
            if major >= 11
            else {"app_access": False, "admin_access": False}
        )
        kinds["roles"].append({"id": role, "name": f"{seed} {index}", **tree})
        policies += [(rows, {"role": role}) for rows in made.config["roles"][index]]
    policies += [(rows, {"user": made.user}) for rows in made.config["own"]]
    for index, (rows, holder) in enumerate(policies):
        policy = _key(f"{seed} policy {index}")
        if major >= 11:
            kinds["policies"].append({"id": policy, "name": f"{seed} {index}"})
            kinds["access"].append({"policy": policy, **holder})
        held = {"policy": policy} if major >= 11 else {"role": holder["role"]}
        kinds["permissions"] += [{"collection": "docs", **made.put(row), **held} for row in rows]
    kinds["users"].append({
        "id": made.user, "token": made.token, "status": "active", "email": f"{_key(seed)}@example.com",
        "role": made.roles[-1] if made.roles else None,
    })  # fmt: skip


def put_items(server: Server, made: Applied) -> list[Item]:
    """The items as this configuration has them, anew; as the model sees them, with related items nested."""
    config = made.put(made.config)
    people = [{"id": _key(f"person {index}"), **person} for index, person in enumerate(config["people"])]
    for collection in ("tags", "docs", "people"):
        server.admin.delete(f"/items/{collection}", {"query": {"limit": -1}})
    server.admin.post("/items/people", people)
    items = [{**item, "author": None if item["author"] is None else people[item["author"]]} for item in config["items"]]
    server.admin.post("/items/docs", [{**item, "author": item["author"] and item["author"]["id"]} for item in items])
    return items


def _put_back(server: Server, made: Applied, request: Request, items: Mapping[int, Item]) -> None:
    """Undo a write that was let through."""
    match request:
        case ["update", key, payload]:
            # Presets wrote too, whatever was sent.
            server.admin.patch(f"/items/docs/{key}", {name: items[key][name] for name in (*payload, "title", "status")})
        case ["create", _]:
            server.admin.delete("/items/docs", {"query": {"filter": {"id": {"_gt": ITEMS}}, "limit": -1}})
        case ["delete", _]:
            put_items(server, made)


def ask(server: Server, token: str | None, request: Request) -> tuple[bool, list[Item] | None]:
    """What the server answers: whether it lets the request through, and what it shows."""
    match request:
        case ["read", fields]:
            answer = server.ask("GET", "/items/docs", token=token, params={"fields": ",".join(fields), "limit": -1})
        case ["sorted", by, fields]:
            answer = server.ask(
                "GET", "/items/docs", token=token, params={"fields": ",".join(fields), "sort": by, "limit": -1}
            )
        case ["item", key, fields]:
            answer = server.ask("GET", f"/items/docs/{key}", token=token, params={"fields": ",".join(fields)})
        case ["update", key, payload]:
            answer = server.ask("PATCH", f"/items/docs/{key}", token=token, json=payload)
        case ["create", payload]:
            answer = server.ask("POST", "/items/docs", token=token, json=payload)
        case ["delete", key]:
            answer = server.ask("DELETE", f"/items/docs/{key}", token=token)
        case _:
            raise ValueError(request)
    # 500: a rule that Directus fails on.
    assert answer.status_code in (200, 204, 400, 403, 500), (request, answer.status_code, answer.text[:500])
    if request[0] in ("update", "create", "delete") or not answer.is_success:
        return answer.is_success, None
    data = answer.json()["data"]
    return True, _shown(data if isinstance(data, list) else [data])


def _shown(rows: Sequence[Mapping[str, Any] | int]) -> list[Item]:
    """In an order that does not depend on keys, without the alias; a bare key as an item."""
    whole = [{"id": row} if isinstance(row, int) else dict(row) for row in rows]
    cut = [{name: value for name, value in row.items() if name != "tags"} for row in whole]
    return sorted(cut, key=lambda row: json.dumps(row, sort_keys=True))


# --- in the model ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Prediction:
    """What the model says for one user; items change with what was let through."""

    access: PrincipalAccess
    context: QueryContext
    major: int
    items: dict[int, Item]
    values: dict[int, Item]
    """The items as the server writes them."""

    def answer(self, request: Request) -> tuple[bool, list[Item] | None]:
        """The predicted answer, as `ask` gives it."""
        match request:
            case ["read", fields]:
                return self._read(fields, self.items)
            case ["sorted", by, fields]:
                if self.major >= 11 and not self._grant("read").reaches(by):
                    return False, None
                return self._read(fields, self.items)
            case ["item", key, fields]:
                # An item is found by its key: which must be readable then.
                if not self._grant("read").reaches("id"):
                    return False, None
                done, shown = self._read(fields, {key: self.items[key]})
                return (True, shown) if done and shown else (False, None)
            case ["update", key, payload]:
                return self._update(key, payload), None
            case ["create", payload]:
                return self._grant("create").accepts(payload, self.context), None
            case ["delete", key]:
                return evaluate(self._grant("delete").items(), self.items[key], self.context), None
            case _:
                raise ValueError(request)

    def _grant(self, action: str) -> Grant:
        return self.access.grant("docs", action)

    def _read(self, fields: Sequence[str], items: Mapping[int, Item]) -> tuple[bool, list[Item] | None]:
        grant = self._grant("read")
        if not grant.rows:
            return False, None
        if not grant.fields:
            # Where no row names a field, the answer is bare keys, whatever is asked for.
            return True, _shown(
                [{"id": key} for key, item in items.items() if evaluate(grant.items(), item, self.context)]
            )
        asked = [name for name in COLUMNS if grant.reaches(name)] if "*" in fields else list(fields)
        if not asked or not all(grant.reaches(name) for name in asked):
            return False, None
        rows = tuple(row for row in grant.rows if any(row.reaches(name) for name in asked))
        whole = Grant(grant.collection, "read", rows, self.major).items() if "*" not in fields else grant.items()
        shown = []
        for key, item in items.items():
            if evaluate(whole, item, self.context):
                own = {name: self._value(grant, key, item, name) for name in asked}
                shown.append(own)
        return True, _shown(shown)

    def _value(self, grant: Grant, key: int, item: Item, name: str) -> Any:
        visible = self.major < 11 or evaluate(grant.items(name), item, self.context)
        return self.values[key][name] if visible else None

    def _update(self, key: int, payload: Item) -> bool:
        grant = self._grant("update")
        reached = all(self.access.may("update", "docs", name, self.items[key], self.context) for name in payload)
        return grant.accepts(payload, self.context) and reached


@dataclass(frozen=True, slots=True)
class Difference:
    """A request for which model and server do not agree."""

    config: Config
    request: Request
    anonymous: bool
    server: tuple[bool, list[Item] | None]
    model: tuple[bool, list[Item] | None]


def compare(
    server: Server, configs: Sequence[Config], public: Sequence[dict[str, Any]] = (), *, ignore_case: bool = True
) -> tuple[int, list[Difference]]:
    """Apply configurations, ask everything of everybody; how many requests, and where the answers differ.

    With rows for the public, everything is asked anonymously as well. `ignore_case`: whether LIKE does, on this database.
    """
    applied = apply(server, configs, public)
    model = pulled(server).model
    count, differences = 0, []
    for made in applied:
        access = model.of_user(made.user)
        who = [(access, access.context(made.user), made.token)]
        if public:
            who.append((model.of(PUBLIC), model.of(PUBLIC).context(None), ""))
        for asked, context, token in who:
            items = {item["id"]: item for item in put_items(server, made)}
            values = {one["id"]: one for one in server.admin.get("/items/docs", limit=-1)}
            prediction = Prediction(asked, replace(context, ignore_case=ignore_case), server.major, items, values)
            for request in made.config["requests"]:
                concrete = made.put(request)
                expected = prediction.answer(concrete)
                answer = ask(server, token or None, concrete)
                count += 1
                if answer != expected:
                    differences.append(Difference(made.config, request, not token, answer, expected))
                if answer[0]:
                    _put_back(server, made, concrete, items)
    return count, differences


# --- a difference made small -----------------------------------------------------------------------------------------


def minimised(server: Server, found: Difference) -> Config:
    """The smallest configuration, by leaving out one thing after the other, whose request is still answered otherwise."""
    smallest, number, tried = {**found.config, "requests": [found.request]}, 0, True
    while tried:
        tried = False
        for smaller in _smaller(smallest):
            number += 1
            candidate = {**smaller, "seed": f"{found.config['seed']}/{number}"}
            if compare(server, [candidate])[1]:
                smallest, tried = candidate, True
                break
    return smallest


def _smaller(config: Config) -> Iterator[Config]:
    """The configuration with one row, or one part of a row, less."""
    for place in ("roles", "own"):
        for policies in config["roles"] if place == "roles" else [config["own"]]:
            for policy in policies:
                for index, held in enumerate(list(policy)):
                    policy.pop(index)
                    yield json.loads(json.dumps(config))
                    policy.insert(index, held)
                    for part in ("permissions", "validation", "presets"):
                        for less in _less(held[part]):
                            policy[index] = {**held, part: less}
                            yield json.loads(json.dumps(config))
                        policy[index] = held


def _less(rule: Any) -> Iterator[Any]:
    """A rule with one part less."""
    if rule is None:
        return
    yield None
    if not isinstance(rule, dict):
        return
    for key, value in rule.items():
        if len(rule) > 1:
            yield {name: one for name, one in rule.items() if name != key}
        if key in ("_and", "_or") and isinstance(value, list):
            yield from value
            for index in range(len(value)):
                yield {**rule, key: value[:index] + value[index + 1 :]}
