"""Writes on fields that a rule mentions: what the rule said of the item is no obstacle any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from directus_guard.escalation.reach.facts import Changed
from directus_guard.escalation.reach.flows import row_of_flow, row_of_operation
from directus_guard.escalation.reach.people import gain, policy_title
from directus_guard.escalation.reach.permissions import deed, key_of, row_of_permission
from directus_guard.escalation.requests.request import Chosen, SomeAdministrator
from directus_guard.escalation.requests.rights import change
from directus_guard.escalation.tables import ACCESS, FLOWS, FREE, OPERATIONS, PERMISSIONS, PLAIN, POLICIES, ROLES, USERS
from directus_guard.escalation.telling import role_name
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.filters import Scalar
    from directus_guard.escalation.reach.closure import Basis, Closure, UsableAccount
    from directus_guard.escalation.reach.people import Gains
    from directus_guard.escalation.requests.request import Item, Value
    from directus_guard.escalation.state import AccessState
    from directus_guard.escalation.tables import Known

_MENTIONED: Final = (
    (USERS, ("status",)),
    (ROLES, ("name",)),
    (POLICIES, ("name", "app_access")),
    (ACCESS, ("policy", "role", "user")),
    (PERMISSIONS, ("collection", "action", "policy", "role")),
    (FLOWS, ("status", "trigger", "name")),
    (OPERATIONS, ("type", "flow", "key")),
)
"""Fields that rules mention. What they give by themselves is another channel's."""
_MOST: Final = 20
"""So many values of rules are tried for a field."""
_COMPARED: Final[WeakKeyDictionary[AccessState, Mapping[tuple[str, str], tuple[Scalar, ...]]]] = WeakKeyDictionary()


def renames(closure: Closure, acting: UsableAccount) -> Gains:
    """PATCH of a field that a rule of its table mentions."""
    for collection, names in _MENTIONED:
        if not closure.may_use(acting, collection, "update"):
            continue
        for name in names:
            sent = _sent(closure, acting, collection, name)
            values = tuple(sent)
            for key, known, title, item in _items(closure, collection) if sent else ():
                if Changed(collection, key, name, values) in closure.facts:
                    continue
                allowed = closure.allowed(acting, collection, "update", name, known, key)
                if allowed is not None:
                    does = f"change `{name}` of {title}"
                    gives = "a rule that mentions it does not hold any more"
                    where = collection, "update", name
                    changed = change(collection, item, name, _values(closure, name))
                    cause = closure.cause(
                        acting, "change-mentioned", does, gives, where, allowed, sent[values[0]], requests=changed
                    )
                    yield from gain(Changed(collection, key, name, values), cause)


def _sent(closure: Closure, acting: UsableAccount, collection: str, name: str) -> dict[Scalar, Basis]:
    """The values that a field can be sent with, as far as they make a difference, and what lets each through: those that a
    rule names, or any other one (`FREE`), and then all."""
    compared = _compared(closure.state).get((collection, name))
    if compared is None and not (collection in (USERS, ROLES, POLICIES) and closure.state.mentions(name)):
        return {}
    found: dict[Scalar, Basis] = {}
    only = None if name in PLAIN else closure.only_values(acting, collection, "update", name)
    tried = dict.fromkeys((FREE, *(compared or ())) if only is None else (*(compared or ()), *only))
    for value in tried:
        sent = closure.send(acting, collection, "update", name, value, relation=name in _KEYS)
        if sent is not None:
            found[value] = sent
            if value == FREE or len(tried) > _MOST:
                return {FREE: sent}
    return found


def _values(closure: Closure, name: str) -> tuple[Value, ...]:
    """Values of a field that rules name, or any other one."""
    groups = (values for (_, compared), values in _compared(closure.state).items() if compared == name)
    named = map(closure.state.values_in_order, groups)
    found = dict.fromkeys(value for values in named for value in values if isinstance(value, (str, int, bool)))
    if name in _KEYS:
        return (*found, None)
    return (Chosen("any other value"), *found) if name in ("name", "key") else (*found, Chosen("any other value"))


_KEYS: Final = ("policy", "role", "user", "flow")


def _compared(state: AccessState) -> Mapping[tuple[str, str], tuple[Scalar, ...]]:
    """The values that rules on the access tables compare fields with, by collection and field."""
    if state not in _COMPARED:
        tables = {collection for collection, _ in _MENTIONED}
        found: dict[tuple[str, str], dict[Scalar, None]] = {}
        for rows in state.model.stored.values():
            for row in rows:
                if row.collection in tables and row.permissions:
                    for name, value in _leaves(row.permissions):
                        found.setdefault((row.collection, name), {None: None})[value] = None
        _COMPARED[state] = {key: tuple(values)[:_MOST] for key, values in found.items()}
    return _COMPARED[state]


def _leaves(rule: object) -> Iterator[tuple[str, Scalar]]:
    """The fields of a rule, each with a value that it is compared with."""
    waiting: list[tuple[str, object]] = [("", rule)]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(name if key.startswith("_") else key, below) for key, below in value.items()]
        elif isinstance(value, (list, tuple)):
            waiting += [(name, below) for below in value]
        elif name and isinstance(value, (str, int, bool)):
            yield name, value


def _items(closure: Closure, collection: str) -> Iterator[tuple[str, Known, str, Item]]:
    """The items of a collection: their keys, what is known of them, what they are called, and as requests name them."""
    state = closure.state
    match collection:
        case "directus_roles":
            for key in state.in_order((*state.roles, *state.admin_roles)):
                yield key, state.row_of_role(key), role_name(state, key), key
        case "directus_policies":
            for key in state.in_order(policy.id for policy in state.model.policies):
                yield key, state.row_of_policy(key), policy_title(state, key), key
        case "directus_access":
            for row in state.attachments_in_order:
                title = f"the attachment of {policy_title(state, row.policy)}"
                yield row.id or "", state.row_of_attachment(row), title, row
        case "directus_permissions":
            for holder in state.in_order(state.model.stored):
                for one in state.stored(holder):
                    yield key_of(one.id), row_of_permission(state, one), f"the permission to {deed(one)}", one
        case "directus_flows":
            for flow in state.flows:
                yield flow.id, row_of_flow(flow), f"the flow `{escape_controls(flow.name)}`", flow.id
        case "directus_operations":
            for _, operation in state.operations:
                title = f"the operation `{escape_controls(operation.key)}`"
                yield operation.id, row_of_operation(operation), title, operation.id
        case _:
            for known in state.administrators():
                yield str(known["id",]), known, "an administrator", SomeAdministrator()
