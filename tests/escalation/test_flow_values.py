"""What a caller sends to a flow that writes rows, so that it makes them an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.access.records import Access, User
from directus_guard.directus.flows.data import ABSENT, CallerIdentity, CallerInput, Computed, KnownValue, RecordValue
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.flows.steps import FlowStep
from directus_guard.directus.tri import Tri
from directus_guard.escalation.account import ANONYMOUS, Account
from directus_guard.escalation.plans.flow_values import inputs_for
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests.accounts import EMAIL, PASSWORD, TOKEN
from directus_guard.escalation.requests.request import Chosen, SomeAdministrator
from directus_guard.escalation.requests.rights import NAME
from directus_guard.escalation.state import AccessState
from directus_guard.escalation.tables import ME as MYSELF
from directus_guard.escalation.work import Work
from tests.support.each import each_case
from tests.support.worlds import ADMIN, ADMIN_POLICY, CUSTOMER, EDITOR, EDITOR_POLICY, World, flow, operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.flows.data import Value

STATE: Final = AccessState(World().export(), Work(1_000_000))
OWN: Final = Account(role=EDITOR)
ME: Final = Person(OWN, MYSELF)
NEW_POLICY: Final = {"name": NAME, "admin_access": True}
NEW_ROLE: Final = {"name": NAME, "policies": [{"policy": NEW_POLICY}]}
NEW_ACCOUNT: Final = {"email": EMAIL, "password": PASSWORD}
SENT: Final = object()
"""In place of a value: the caller chooses it."""


def sent_to(path: str, *, text: bool = False) -> CallerInput:
    return CallerInput(("$trigger", "body", *path.split(".")), text=text)


def chosen(
    table: str, type_: str, given: Mapping[str, Any], key: Value | None = None, *, account: Account = OWN, state: AccessState = STATE, text: bool = False,
) -> list[tuple[dict[str, Any], Tri, str]]:  # fmt: skip
    """What may be sent, by field, how sure it is, and what has to be used afterwards."""
    payload = {
        name: sent_to(name, text=text) if value is SENT else value if isinstance(value, Computed) else KnownValue(value)
        for name, value in given.items()
    }
    inputs: dict[str, Value] = {"collection": KnownValue(f"directus_{table}"), "payload": RecordValue(payload, ABSENT)}
    inputs |= {} if key is None else {"key": key}
    step = FlowStep(flow(), operation(type_), Tri.YES, Rights.FULL, Tri.YES, inputs, frozenset())
    found = inputs_for(state, state.attacker(account), Person(account, MYSELF), step, unchecked=False)
    return [({".".join(path[2:]): value for path, value in one.sent.items()}, one.sure, one.follow_up) for one in found]


def rows(*given: Any) -> dict[str, Any]:
    return {"create": list(given), "update": [], "delete": []}


CREATE, UPDATE = "item-create", "item-update"
KEY: Final = sent_to("key")


@each_case(
    ("table", "type_", "given", "key", "first"),
    [
        ("users", CREATE, {"role": SENT, "email": SENT}, None, {"role": NEW_ROLE, "email": EMAIL}),
        ("users", CREATE, {"role": SENT, "email": SENT, "password": SENT, "token": SENT}, None, {"role": NEW_ROLE, "email": EMAIL, "password": PASSWORD}),
        ("users", CREATE, {"role": SENT, "token": SENT}, None, {"role": NEW_ROLE, "token": TOKEN}),
        ("users", CREATE, {"policies": SENT, "email": SENT}, None, {"policies": rows({"policy": NEW_POLICY}), "email": EMAIL}),
        ("users", UPDATE, {"role": SENT}, KEY, {"role": NEW_ROLE, "key": ME}),
        ("users", UPDATE, {"role": SENT}, CallerIdentity(), {"role": NEW_ROLE}),
        ("users", UPDATE, {"token": SENT}, KEY, {"token": TOKEN, "key": SomeAdministrator()}),
        ("users", UPDATE, {"password": SENT}, KEY, {"password": PASSWORD, "key": SomeAdministrator()}),
        ("users", UPDATE, {"email": SENT}, RecordValue({"0": KEY}, ABSENT), {"email": EMAIL, "key": SomeAdministrator()}),
        ("users", UPDATE, {"email": SENT}, sent_to("keys"), {"email": EMAIL, "keys": [SomeAdministrator()]}),
        ("roles", CREATE, {"name": SENT, "users": SENT, "parent": SENT}, None, {"name": NAME, "users": [ME], "parent": NEW_ROLE}),
        ("roles", CREATE, {"name": "x", "users": SENT, "policies": SENT}, None, {"users": [ME], "policies": rows({"policy": NEW_POLICY})}),
        ("roles", UPDATE, {"parent": SENT}, KEY, {"parent": NEW_ROLE, "key": EDITOR}),
        ("roles", UPDATE, {"policies": SENT}, KEY, {"policies": rows({"policy": NEW_POLICY}), "key": EDITOR}),
        ("policies", CREATE, {"name": SENT, "admin_access": SENT, "users": SENT}, None, {"name": NAME, "admin_access": True, "users": rows({"user": ME})}),
        ("policies", CREATE, {"name": SENT, "admin_access": SENT, "roles": SENT}, None, {"name": NAME, "admin_access": True, "roles": rows({"role": EDITOR})}),
        ("policies", UPDATE, {"admin_access": SENT}, KEY, {"admin_access": True, "key": EDITOR_POLICY}),
        ("access", CREATE, {"policy": SENT, "user": SENT}, None, {"policy": NEW_POLICY, "user": ME}),
        ("access", CREATE, {"policy": SENT, "role": SENT}, None, {"policy": NEW_POLICY, "role": EDITOR}),
    ],
)  # fmt: skip
def test_the_surest_values(
    table: str, type_: str, given: dict[str, Any], key: Value | None, first: dict[str, Any]
) -> None:
    values, sure, follow_up = chosen(table, type_, given, key)[0]
    plain = {name: value.id if isinstance(value, Access) else value for name, value in values.items()}
    assert (plain, sure, follow_up) == (first, Tri.YES, "")


@each_case(
    ("table", "type_", "given", "key", "values"),
    [
        # A text: the key of a row that is there, where an object cannot be.
        ("users", CREATE, {"role": SENT, "email": SENT}, None, {"role": ADMIN, "email": EMAIL}),
        ("users", UPDATE, {"role": SENT}, KEY, {"role": ADMIN, "key": ME}),
        ("roles", UPDATE, {"parent": SENT}, KEY, {"parent": ADMIN, "key": EDITOR}),
        ("access", CREATE, {"policy": SENT, "user": SENT}, None, {"policy": ADMIN_POLICY, "user": ME}),
        ("access", CREATE, {"policy": SENT, "role": SENT}, None, {"policy": ADMIN_POLICY, "role": EDITOR}),
        ("access", UPDATE, {"policy": SENT}, KEY, {"policy": ADMIN_POLICY, "key": "access-2"}),
        ("access", UPDATE, {"user": SENT}, KEY, {"user": ME, "key": "access-1"}),
        ("access", UPDATE, {"role": SENT}, KEY, {"role": EDITOR, "key": "access-1"}),
        ("policies", UPDATE, {"admin_access": SENT}, KEY, {"admin_access": "true", "key": EDITOR_POLICY}),
        ("settings", UPDATE, {"public_registration": SENT, "public_registration_role": SENT}, None, {"public_registration": "true", "public_registration_role": ADMIN}),
    ],
)  # fmt: skip
def test_values_as_texts(
    table: str, type_: str, given: dict[str, Any], key: Value | None, values: dict[str, Any]
) -> None:
    found = chosen(table, type_, given, key, text=True)
    assert [
        {name: one.id if isinstance(one, Access) else one for name, one in sent.items()} for sent, _, _ in found
    ] == [values]
    assert [follow for *_, follow in found] == ["directus_settings" if table == "settings" else ""]


@each_case(
    ("table", "given", "values"),
    [
        ("roles", {"users": SENT}, {"users": {"create": [], "update": [{"id": ME, "role": ADMIN}], "delete": []}, "key": ADMIN}),
        ("policies", {"users": SENT}, {"users": rows({"user": ME}), "key": ADMIN_POLICY}),
        ("policies", {"roles": SENT}, {"roles": rows({"role": EDITOR}), "key": ADMIN_POLICY}),
    ],
)  # fmt: skip
def test_members_of_a_row_that_is_there(table: str, given: dict[str, Any], values: dict[str, Any]) -> None:
    assert values in [sent for sent, _, _ in chosen(table, UPDATE, given, KEY)]


def test_who_has_no_account_has_one_made() -> None:
    """They are a visitor, and have no role either."""
    made = chosen("roles", CREATE, {"name": SENT, "users": SENT, "parent": SENT}, account=ANONYMOUS)
    assert made[0][0] == {"name": NAME, "users": [NEW_ACCOUNT], "parent": NEW_ROLE}
    attached = [sent for sent, _, _ in chosen("access", CREATE, {"policy": SENT, "user": SENT}, account=ANONYMOUS)]
    assert {"policy": NEW_POLICY, "user": NEW_ACCOUNT} in attached
    listed = [sent for sent, _, _ in chosen("roles", UPDATE, {"users": SENT}, KEY, account=ANONYMOUS)]
    assert {"users": [NEW_ACCOUNT], "key": ADMIN} in listed


@each_case(
    ("table", "type_", "given", "key", "possible"),
    [
        # What else the operation writes must leave the row one that counts.
        ("users", CREATE, {"role": SENT, "email": SENT, "status": "active"}, None, True),
        ("users", CREATE, {"role": SENT, "email": SENT, "status": None}, None, True),
        ("users", CREATE, {"role": SENT, "email": SENT, "status": "suspended"}, None, False),
        ("users", CREATE, {"role": SENT, "email": SENT, "status": "draft"}, None, False),
        ("users", CREATE, {"role": SENT, "email": SENT, "policies": []}, None, True),
        ("users", CREATE, {"role": SENT, "email": SENT, "policies": "undefined"}, None, False),
        ("users", UPDATE, {"token": SENT, "role": ADMIN}, KEY, True),
        ("users", UPDATE, {"token": SENT, "role": CUSTOMER}, KEY, False),
        ("users", UPDATE, {"token": SENT, "role": None}, KEY, False),
        ("users", UPDATE, {"token": SENT, "status": "archived"}, KEY, False),
        ("users", CREATE, {"policies": SENT, "email": SENT, "role": CUSTOMER}, None, True),
        ("users", CREATE, {"policies": SENT, "email": SENT, "role": "nowhere"}, None, False),
        ("access", CREATE, {"policy": SENT, "role": SENT, "user": None}, None, True),
        ("access", CREATE, {"policy": SENT, "role": SENT, "user": "undefined"}, None, False),
        ("access", CREATE, {"policy": SENT, "role": SENT, "user": "44444444-4444-4444-8444-444444444444"}, None, True),
        ("access", CREATE, {"policy": SENT, "user": SENT, "role": CUSTOMER}, None, True),
        ("access", CREATE, {"policy": SENT, "user": SENT, "role": "undefined"}, None, False),
        ("roles", CREATE, {"users": SENT, "parent": SENT, "name": None}, None, False),
        ("roles", CREATE, {"users": SENT, "parent": SENT}, None, False),
        ("roles", UPDATE, {"parent": SENT, "users": "undefined"}, KEY, False),
        ("roles", UPDATE, {"parent": SENT, "users": None}, KEY, True),
        ("roles", UPDATE, {"parent": SENT, "policies": None}, KEY, True),
        ("roles", UPDATE, {"parent": SENT, "policies": "undefined"}, KEY, False),
    ],
)  # fmt: skip
def test_what_is_written_beside(
    table: str, type_: str, given: dict[str, Any], key: Value | None, possible: bool
) -> None:
    """Only of what decides: an object below a relation makes an administrator by itself."""
    found = [
        sent
        for sent, _, _ in chosen(
            table, type_, given, key, text=given.get("policies") is not SENT and given.get("users") is not SENT
        )
    ]
    names = {name for name, value in given.items() if value is SENT}
    assert any(names <= sent.keys() for sent in found) is possible


def test_keys_of_users_where_they_are_known() -> None:
    state = AccessState(World(users=(User("u1", CUSTOMER),)).export(), Work(1_000_000))
    for key, possible in (("u1", True), ("u2", False), ("44444444-4444-4444-8444-444444444444", False), (None, True)):
        found = chosen("access", CREATE, {"policy": SENT, "role": SENT, "user": key}, state=state, text=True)
        assert bool(found) is possible, key


def test_a_field_beside_that_is_sent_as_well() -> None:
    """It gets a value with which the row stays what it is."""
    found = chosen("users", CREATE, {"role": SENT, "email": SENT, "status": SENT, "policies": SENT})
    assert found[0][0] == {"role": NEW_ROLE, "email": EMAIL, "status": "active", "policies": []}
    found = chosen("users", UPDATE, {"token": SENT, "role": SENT, "status": SENT}, KEY)
    assert {"token": TOKEN, "role": NEW_ROLE, "status": "active", "key": SomeAdministrator()} in [
        sent for sent, _, _ in found
    ]
    found = chosen("access", CREATE, {"policy": SENT, "user": SENT, "role": SENT})
    assert {"policy": NEW_POLICY, "user": ME, "role": None} in [sent for sent, _, _ in found]


def test_what_is_computed_of_what_is_sent_is_not_sure() -> None:
    of_body = Computed(Tri.YES, frozenset({("$trigger", "body", "x")}))
    found = chosen("users", UPDATE, {"role": of_body}, CallerIdentity())
    assert [(sent, sure) for sent, sure, _ in found] == [({"x": NEW_ROLE}, Tri.UNKNOWN), ({"x": ADMIN}, Tri.UNKNOWN)]


def test_permissions_have_to_be_used_afterwards() -> None:
    """A row with all fields is surely worth something; which row is changed is not known."""
    given = {"collection": SENT, "action": SENT, "policy": SENT}
    whole = {"collection": "directus_users", "action": "update", "policy": EDITOR_POLICY}
    for more, sure in (({"fields": SENT}, Tri.YES), ({}, Tri.UNKNOWN)):
        found = chosen("permissions", CREATE, {**given, **more})
        fields: dict[str, Any] = {"fields": ["*"]} if more else {}
        assert ({**whole, **fields}, sure, "directus_permissions") in found
    found = chosen("permissions", UPDATE, {"fields": SENT}, KEY)
    assert found == [
        ({"fields": ["*"], "key": Chosen("the id of the row to change")}, Tri.UNKNOWN, "directus_permissions")
    ]
