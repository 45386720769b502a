"""Random flows around administrator: what a caller sends is written somewhere, with somebody's rights, behind some guard.

Keys stand in them by name, as in `random_escalation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.lab.adversary_payloads import ACCESS, PERMISSIONS, POLICIES, ROLES, SETTINGS, USERS

if TYPE_CHECKING:
    from random import Random

Config = dict[str, Any]

_SENT: Final = {
    "webhook": ("$trigger.body", "$trigger.query"),
    "manual": ("$trigger.body",),
    "event": ("$trigger.payload", "$trigger.payload.data"),
    "operation": ("$trigger",),
}
_NAMED: Final = (
    "role",
    "user",
    "key",
    "keys",
    "token",
    "email",
    "password",
    "policy",
    "title",
    "note",
    "collection",
    "status",
)


def flow(random: Random) -> Config:
    trigger = random.choice(("webhook", "webhook", "manual", "manual", "event", "event", "event"))
    options: Config = {}
    if trigger == "webhook":
        options = {"method": random.choice(("POST", "POST", "GET"))}
    elif trigger == "manual":
        options = {
            "collections": [random.choice(("articles", "articles", USERS, ROLES))],
            "requireSelection": random.random() < 0.7,
        }
    else:
        kind = random.choice(("filter", "action"))
        scope = ["items.create", "items.update", "items.delete"] + (
            ["items.query", "items.read"] if kind == "filter" else ["items.read"]
        )
        options = {
            "type": kind,
            "scope": random.sample(scope, random.choice((1, 1, 2))),
            "collections": [random.choice(("articles", "articles", "articles", USERS))],
        }
        if random.random() < 0.1:
            options = {"type": kind, "scope": ["auth.login"]}
    operations = [_operation(random, trigger)]
    if random.random() < 0.25:
        operations.insert(0, {"key": "guard", "type": "condition", "options": {"filter": _guard(random)}})
    if random.random() < 0.15:
        operations.insert(0, {"key": "turned", "type": "transform", "options": {"json": _payload(random, trigger)}})
        if random.random() < 0.7:
            operations[-1]["options"]["payload"] = "{{turned}}"
    elif random.random() < 0.15:
        read = {
            "collection": random.choice(("articles", USERS)),
            "key": [_key(random, trigger)],
            "permissions": random.choice(("$full", "$trigger")),
        }
        operations.insert(0, {"key": "found", "type": "item-read", "options": read})
        if random.random() < 0.7:
            operations[-1]["options"]["payload"] = random.choice(
                ({"role": "{{found.title}}"}, "{{found.data}}", {"title": "{{found.title}}"})
            )
    return {"trigger": trigger, "options": options, "status": random.choice(("active", "active", "active", "inactive")),
            "operations": operations}  # fmt: skip


def _template(random: Random, trigger: str) -> str:
    sent = random.choice(_SENT[trigger])
    return f"{{{{{sent}.{random.choice(_NAMED)}}}}}"


def _key(random: Random, trigger: str) -> str:
    own = ["{{$accountability.user}}"] * 2
    more = {
        "event": ["{{$trigger.keys}}", "{{$trigger.keys[0]}}", "{{$trigger.key}}"],
        "manual": ["{{$trigger.body.keys}}", "{{$trigger.body.keys[0]}}"],
    }
    return random.choice(
        [*own, _template(random, trigger), _template(random, trigger), "$victim", *more.get(trigger, [])]
    )


def _payload(random: Random, trigger: str) -> Any:
    if random.random() < 0.3:
        return f"{{{{{random.choice(_SENT[trigger])}}}}}"
    names = (
        "role",
        "role",
        "token",
        "email",
        "status",
        "first_name",
        "policies",
        "password",
        "policy",
        "user",
        "name",
        "parent",
        "admin_access",
        "title",
    )
    made: dict[str, Any] = {}
    for name in random.sample(names, random.choice((1, 1, 2, 3))):
        made[name] = random.choice(
            (
                _template(random, trigger),
                _template(random, trigger),
                f"{{{{{random.choice(_SENT[trigger])}.{name}}}}}",
                "x",
            )
        )
    if random.random() < 0.3:
        made["role"] = random.choice(("$cust", "$cust", "$adm")) if random.random() < 0.5 else made.get("role", "$cust")
    return made


def _operation(random: Random, trigger: str) -> Config:
    """What is written. Of a flow that events start without events of its own: it would start itself, without an end."""
    collection = random.choices(
        (USERS, ROLES, ACCESS, POLICIES, PERMISSIONS, SETTINGS, "articles"), (7, 1, 2, 1, 1, 1, 2)
    )[0]
    kind = "item-update" if collection == SETTINGS else random.choice(("item-create", "item-update", "item-update"))
    options: Config = {
        "collection": collection, "payload": _payload(random, trigger), "emitEvents": random.random() < 0.3 and trigger != "event",
        "permissions": random.choices(("$full", "$trigger", "$public", "$cust"), (6, 2, 1, 1))[0],
    }  # fmt: skip
    if kind == "item-update":
        options["key"] = [_key(random, trigger)] if collection != SETTINGS else ["1"]
        if random.random() < 0.2:
            options["key"] = _key(random, trigger)
    return {"key": "write", "type": kind, "options": options}


def _guard(random: Random) -> Config:
    return random.choice((
        {"$accountability": {"user": {"_nnull": True}}}, {"$accountability": {"role": {"_eq": "$role"}}}, {"$accountability": {"role": {"_eq": "$adm"}}},
        {"$trigger": {"body": {"secret": {"_eq": "Zp3vK8qLw2RtYx91"}}}}, {"$trigger": {"payload": {"title": {"_neq": "$adm"}}}},
        {"$trigger": {"body": {"role": {"_neq": "$adm"}}}}, {"$accountability": {"role": {"_neq": "$cust"}}},
    ))  # fmt: skip
