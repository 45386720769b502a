"""What only the server or the attacker knows, filled into the requests of a plan: keys, tokens, addresses, passwords."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.principals import PrincipalKind
from directus_guard.directus.access.records import Access, Permission
from directus_guard.escalation.reach.closure import NEWCOMER
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests import accounts
from directus_guard.escalation.requests.request import Chosen, ChosenKey, NewRow, SomeAdministrator
from directus_guard.escalation.tables import (
    ACCESS,
    ANY_ACCOUNT,
    FLOWS,
    FREE,
    ME,
    OPERATIONS,
    PERMISSIONS,
    POLICIES,
    ROLES,
    USERS,
)
from directus_guard.prove.client import ProveError
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.principals import Principal
    from directus_guard.escalation.requests.request import Request
    from directus_guard.prove.applied import Applied, Json
    from directus_guard.prove.client import WriteClient
    from directus_guard.prove.state import ServerState

EMAIL: Final = "directus-guard-plan-{}@example.com"
_CHOSEN_KEYS: Final = {
    table: f"9a9a9a9a-0000-4000-8000-{number:012d}"
    for number, table in enumerate((FLOWS, OPERATIONS, ROLES, POLICIES, ACCESS))
}
_ITEM_OF: Final = " item of "


class NotRunError(ProveError):
    """A plan cannot be carried out here. The message is the reason, a phrase."""


class Filling:
    """The values of one plan. `start`: the principal that it begins with; `before`: what the server had before the plan."""

    def __init__(
        self,
        client: WriteClient,
        applied: Applied,
        start: Principal,
        before: ServerState,
        administrators: tuple[str, ...],
    ) -> None:
        self._client, self._applied, self._before = client, applied, before
        member = applied.members.get(start)
        if member is None and not start.anonymous:
            raise NotRunError("no user could be made for it")
        self.start: Final = None if member is None else member.token
        """The token of the account that it begins with; None: none."""
        self.user: Final = None if member is None else member.user
        self.administrators: Final = administrators
        """Users who are administrators, and may be taken over."""
        self.password: Final = secrets.token_urlsafe(18)
        self.addresses: Final[list[str]] = []
        """One for each request that takes an address."""
        self.tokens: Final[list[Secret]] = []
        """The same for static tokens."""
        self.made: Final[dict[str, str]] = {}
        """The keys of new rows, by table."""
        self.users: Final[set[str]] = set()
        """The users who were named: something of theirs may have changed."""
        self._seen: dict[str, set[str]] = {}
        self._others: dict[str | None, str] = {}

    def begin(self, request: Request) -> None:
        """Make up what a request takes anew."""
        if names(request, accounts.EMAIL):
            self.addresses.append(EMAIL.format(secrets.token_hex(8)))
        if names(request, accounts.TOKEN):
            self.tokens.append(Secret(secrets.token_urlsafe(24)))

    def items(self, request: Request) -> Iterator[tuple[str, str | None]]:
        """The keys that the item of a request may be; the administrator that it is."""
        item = request.item
        if isinstance(item, SomeAdministrator):
            for key in self.administrators:
                self.users.add(key)
                yield key, key
        elif request.names_item:
            yield str(self.value(item, None)), None
        else:
            yield "", None

    def value(self, value: object, administrator: str | None) -> Json:
        """JSON without places to fill in. Raises `NotRunError` for what only those who know the instance could fill in."""
        match value:
            case Mapping():
                return {_name(name): self.value(one, administrator) for name, one in value.items()}
            case list() | tuple():
                return [self.value(one, administrator) for one in value]
            case str() if value == ANY_ACCOUNT:
                raise NotRunError("it names an account that the export does not have")
            case str():
                return self._applied.key(value)
            case None | bool() | int() | float():
                return value
            case Chosen():
                return self._chosen(value)
            case ChosenKey(table):
                if table not in _CHOSEN_KEYS:
                    raise NotRunError(f"it chooses the key of a row of {table}")
                return _CHOSEN_KEYS[table]
            case NewRow(table):
                return self._new(table)
            case SomeAdministrator():
                return administrator or self._administrator()
            case Person():
                return self.person(value)
            case Permission() | Access():
                return self._row(value)
        raise NotRunError("a value that cannot be filled in")

    def person(self, person: Person) -> str:
        """The key of a user."""
        key = self._person(person)
        self.users.add(key)
        return key

    def learn(self, tables: frozenset[str], request: Request, data: object) -> None:
        """Take the keys of new rows, from the answer to a request or from what the server has now."""
        for table in tables:
            key = data.get("id") if isinstance(data, dict) and request.collection == table else None
            if key is not None and request.method == "POST":
                self.made[table] = str(key)
                self._seen.setdefault(table, set()).add(str(key))
                continue
            new = self._keys(table) - self._seen.get(table, set())
            if new:
                self.made[table] = min(new)
                self._seen.setdefault(table, set()).update(new)

    # --- keys ---

    def _keys(self, table: str) -> set[str]:
        endpoint = table.removeprefix("directus_")
        found = self._client.admin("GET", f"/{endpoint}", query={"limit": "-1", "fields": "id"})
        keys = (
            {str(one["id"]) for one in found if isinstance(one, dict) and one.get("id")}
            if isinstance(found, list)
            else set()
        )
        return keys - self._before.rows.get(endpoint, {}).keys()

    def _new(self, table: str) -> Json:
        if table not in self.made:
            raise NotRunError(f"the key of the new row of {table} is not known")
        return int(self.made[table]) if table == PERMISSIONS else self.made[table]

    def _administrator(self) -> str:
        if not self.administrators:
            raise NotRunError("there is no administrator who may be taken over")
        self.users.add(self.administrators[0])
        return self.administrators[0]

    def _row(self, row: Permission | Access) -> Json:
        key = self._applied.row(row) if isinstance(row, Permission) else self._applied.attachment(row)
        if key is None:
            raise NotRunError("a row that it changes could not be stored")
        return key

    def _person(self, person: Person) -> str:
        account = person.account
        if account.user is not None:
            if account.user not in self._applied.named:
                raise NotRunError("a user whom it names could not be made")
            return self._applied.named[account.user].user
        if person.key == NEWCOMER:
            return str(self._new(USERS))
        if person.key == ME and self.user is not None:
            return self.user
        if account.role == FREE:
            raise NotRunError("it names an account that the export does not have")
        return self._other(account.role)

    def _other(self, role: str | None) -> str:
        """Another user of a role: the one that was made for it, one whom a rule names, else a new one."""
        members = self._applied.members.items()
        more = {principal.id for principal, _ in members if principal.kind is PrincipalKind.USER}
        found = [one for principal, one in members if (principal.kind, principal.id) == (PrincipalKind.ROLE, role)]
        found += [one for key, one in self._applied.named.items() if key not in more and one.role == role]
        for member in found:
            if member.user != self.user:
                return member.user
        if role not in self._others:
            body: dict[str, Json] = {
                "email": EMAIL.format(secrets.token_hex(8)), "status": "active",
                "role": None if role is None else self._applied.key(role),
            }  # fmt: skip
            answer = self._client.send("POST", "/users", body, token=self._client.administrator)
            key = answer.data.get("id") if answer.ok and isinstance(answer.data, dict) else None
            if key is None:
                raise NotRunError(
                    f"another user of the role could not be made: {answer.status} {answer.reason}".rstrip()
                )
            self._others[role] = str(key)
            self._seen.setdefault(USERS, set()).add(str(key))
        return self._others[role]

    def _chosen(self, value: Chosen) -> Json:
        if value == accounts.TOKEN:
            return self.tokens[-1].reveal()
        if value == accounts.EMAIL:
            return self.addresses[-1]
        if value == accounts.PASSWORD:
            return self.password
        if value == accounts.ADDRESS:
            return next((one.email for one in (self._applied.victim,) if one), EMAIL.format("unknown"))
        if _ITEM_OF in value.what:
            return self._item(value.what.rpartition(_ITEM_OF)[2])
        if value.what.startswith(("the id of", "an object", "what makes", "the token of")):
            raise NotRunError(f"it needs {value.what}")
        return next(iter(sorted(self._applied.items)), "articles") if "collection" in value.what else "chosen"

    def _item(self, collection: str) -> Json:
        if collection == USERS:
            return self.user or self._administrator()
        found = self._applied.items.get(collection)
        if found is None:
            raise NotRunError(f"there is no item of {collection}")
        return found


def names(request: Request, value: Chosen) -> bool:
    """Whether a place is in a request."""
    return any(one == value for one in inside(request.body, request.query, request.headers))


def inside(*values: object) -> Iterator[object]:
    """The values, and everything that they hold."""
    waiting = list(values)
    while waiting:
        one = waiting.pop()
        yield one
        match one:
            case Mapping():
                waiting += one.values()
            case list() | tuple():
                waiting += one


def _name(name: object) -> str:
    if str(name).startswith("<"):
        raise NotRunError(f"it needs {str(name).strip('<>')}")
    return str(name)
