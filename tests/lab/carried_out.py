"""The plan that directus-guard reports, sent to the server that it was made for: request by request, as it is written.

What only the server or the attacker knows is filled in: keys from the database, tokens, addresses and passwords.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from directus_guard.directus.access.records import Access, Permission
from directus_guard.escalation.reach.closure import NEWCOMER
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests import accounts
from directus_guard.escalation.requests.request import (
    INVITE,
    REGISTER,
    RESET,
    START,
    Chosen,
    ChosenKey,
    NewRow,
    SomeAdministrator,
)
from directus_guard.escalation.tables import ANY_ACCOUNT, FLOWS, ME, OPERATIONS, USERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx

    from directus_guard.escalation import Path
    from directus_guard.escalation.requests.request import Request
    from tests.lab.server import Server
    from tests.lab.stored_rows import Database

TOKEN: Final = "a-token-of-the-plan-{}"
PASSWORD: Final = "a password of the plan"
EMAIL: Final = "a-plan-{}@example.com"
_NUMBERS: Final = count()
"""No letter or token of another plan is taken for one of this."""
_ADDRESS: Final = "me@example.com"
_RUNS: Final = 3.0
"""Seconds until a flow that does not block, or one that starts by itself, has run, and the server has forgotten what it held."""
_LOADED: Final = 0.4
"""Seconds until a changed flow is loaded anew."""


class CannotFillInError(Exception):
    """A place that only somebody who knows the instance could fill in."""


@dataclass(slots=True)
class CarriedOut:
    """What was sent, and whether an account is an administrator's now."""

    lines: tuple[str, ...]
    won: bool
    unknown: str = ""
    """What could not be filled in; then nothing is proven."""


@dataclass(slots=True)
class _Login:
    token: str | None = None
    email: str | None = None


@dataclass(slots=True)
class Run:
    """One plan on one server. `start`: the token of the account that it begins with; None: none."""

    server: Server
    database: Database
    start: str | None
    user: str
    lines: list[str] = field(default_factory=list)
    logins: dict[Person, _Login] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    """The keys of new rows, by table."""
    chosen: dict[str, str] = field(default_factory=dict)
    """Keys of the attacker's choice, by table."""
    keys: dict[str, set[str]] = field(default_factory=dict)
    flows: str = ""
    addresses: list[str] = field(default_factory=list)
    """One for each request that takes an address."""
    tokens: list[str] = field(default_factory=list)
    """The same for static tokens."""

    def carry_out(self, path: Path) -> CarriedOut:
        """Send every request of a plan, in order."""
        self.keys = {table: self._keys(table) for table in self._tables()}
        self.flows = repr(self.database.flows())
        try:
            for request in path.requests:
                if request is not None:
                    self._send(request)
        except CannotFillInError as error:
            return CarriedOut(tuple(self.lines), won=False, unknown=str(error))
        until = time.monotonic() + _RUNS
        while not (won := self._is_won()) and time.monotonic() < until:
            time.sleep(0.1)
        return CarriedOut(tuple(self.lines), won)

    # --- requests ---

    def _send(self, request: Request) -> None:
        if request.action == RESET:
            self.server.ask("POST", "/auth/password/request", json={"email": _ADDRESS})
        if request.action == START and request.item is None:
            raise CannotFillInError("writes that are not spelled out")
        if _names(request, accounts.EMAIL):
            self.addresses.append(EMAIL.format(next(_NUMBERS)))
        if _names(request, accounts.TOKEN):
            self.tokens.append(TOKEN.format(next(_NUMBERS)))
        for item, person in self._items(request):
            path = "/" + "/".join((*request.endpoint, *((item,) if request.names_item else ())))
            if self._ask(request, path, person).is_success:
                self._note(request, person)
                return
        self._note(None, None)

    def _ask(self, request: Request, path: str, person: str | None) -> httpx.Response:
        body, query, headers = (
            {name: self._value(value, person) for name, value in members.items()}
            for members in (request.body, request.query, request.headers)
        )
        if request.action == RESET:
            body["token"] = self.server.mail.token_for(_ADDRESS)
        more: dict[str, Any] = {"json": body} if body else {}
        for _ in range(10):
            answer = self.server.ask(
                request.method, path, token=self._token(request.by), params=query, headers=headers, **more
            )
            # A flow that was changed a moment ago is loaded anew.
            if request.action != START or answer.status_code not in (403, 404):
                break
            time.sleep(0.1)
        shown = json.dumps(body, ensure_ascii=False)
        self.lines.append(f"{request.method} {path} {query or ''} {shown} -> {answer.status_code} {answer.text[:160]}")
        return answer

    def _items(self, request: Request) -> Iterator[tuple[str, str | None]]:
        """The keys that the item of the request may be; the person that it is."""
        item = request.item
        if isinstance(item, SomeAdministrator):
            for key in self._administrators():
                yield key, key
        elif isinstance(item, Chosen) and " item of " in item.what:
            collection = item.what.rpartition(" of ")[2]
            for (key,) in self.database.ask(f'SELECT id FROM "{collection}"'):
                yield str(key), None
        elif request.names_item:
            yield str(self._value(item, None)), None
        else:
            yield "", None

    def _note(self, request: Request | None, administrator: str | None) -> None:
        """Take the keys of new rows, and the accounts that were gained by a request that was accepted."""
        for table in self._tables():
            new = self._keys(table) - self.keys[table]
            self.keys[table] |= new
            if new:
                self.made[table] = min(new)
        if (now := repr(self.database.flows())) != self.flows:
            self.flows = now
            time.sleep(_LOADED)
        if request is None:
            return
        email = self.addresses[-1] if _names(request, accounts.EMAIL) else None
        person = request.signs_in or (request.by if request.action == REGISTER else None)
        if person is None:
            return
        if accounts.TOKEN in request.body.values():
            self.logins[person] = _Login(token=self.tokens[-1])
        elif request.action == REGISTER:
            rows = self.database.ask(f"SELECT status FROM {USERS} WHERE email = ?", email)
            letter = self.server.mail.token_for(email or "") if rows == [("unverified",)] else None
            if letter:
                path = f"/users/register/verify-email?token={quote(letter)}"
                self.server.ask("GET", path, follow_redirects=False)
            self.logins[person] = _Login(email=email)
        elif request.action == INVITE:
            letter = self.server.mail.token_for(email or "")
            self.server.ask("POST", "/users/invite/accept", json={"token": letter, "password": PASSWORD})
            self.logins[person] = _Login(email=email)
        elif accounts.PASSWORD in request.body.values():
            key = self.made.get(USERS) if email else str(self._value(request.item, administrator))
            for (address,) in self.database.ask(f"SELECT email FROM {USERS} WHERE id = ?", key):
                self.logins[person] = _Login(email=str(address))
        elif email:
            self._reset(email)
            self.logins[person] = _Login(email=email)

    def _reset(self, address: str) -> None:
        self.server.ask("POST", "/auth/password/request", json={"email": address})
        letter = self.server.mail.token_for(address)
        self.server.ask("POST", "/auth/password/reset", json={"token": letter, "password": PASSWORD})

    # --- accounts ---

    def _token(self, person: Person | None) -> str | None:
        if person is None or person.account.public:
            return None
        login = self.logins.get(person)
        if login is None:
            return self.start
        return login.token or (self._login(login.email) if login.email else None)

    def _login(self, email: str) -> str | None:
        answer = self.server.ask("POST", "/auth/login", json={"email": email, "password": PASSWORD})
        return str(answer.json()["data"]["access_token"]) if answer.is_success else None

    def _is_won(self) -> bool:
        tokens: Sequence[str | None] = [
            self.start,
            *self.tokens,
            *(self._login(address) for address in self._addresses()),
        ]
        return any(token is not None and self.server.is_admin(token) for token in tokens)

    def _addresses(self) -> list[str]:
        """Addresses that the plan gave to somebody; their password is reset, where it is not known."""
        for address in self.addresses:
            if self._login(address) is None:
                self._reset(address)
        everybody = self.database.ask(f"SELECT email FROM {USERS} WHERE email IS NOT NULL")
        return [str(email) for (email,) in everybody]

    # --- what is filled in ---

    def _tables(self) -> tuple[str, ...]:
        more = ("directus_policies", "directus_access") if self.server.major >= 11 else ()
        return (USERS, "directus_roles", "directus_permissions", FLOWS, OPERATIONS, *more)

    def _keys(self, table: str) -> set[str]:
        return {str(key) for (key,) in self.database.ask(f"SELECT id FROM {table}")}

    def _administrators(self) -> list[str]:
        role = self.server.admin_role
        rows = self.database.ask(f"SELECT id FROM {USERS} WHERE role = ? ORDER BY status, id", role)
        return [str(key) for (key,) in rows]

    def _value(self, value: object, administrator: str | None) -> Any:
        match value:
            case dict():
                return {self._name(name): self._value(one, administrator) for name, one in value.items()}
            case list() | tuple():
                return [self._value(one, administrator) for one in value]
            case str() if value == ANY_ACCOUNT:
                raise CannotFillInError(value)
            case None | bool() | int() | float() | str():
                return value
            case Chosen():
                return self._chosen(value)
            case ChosenKey(table):
                return self.chosen.setdefault(table, _KEYS[table])
            case NewRow(table):
                if table not in self.made:
                    raise CannotFillInError(table)
                return int(self.made[table]) if table == "directus_permissions" else self.made[table]
            case SomeAdministrator():
                return administrator or self._administrators()[0]
            case Person():
                return self._person(value)
            case Permission(id=None):
                return self._row(value)
            case Permission() | Access():
                if value.id is None:
                    raise CannotFillInError("the id of a stored row")
                return value.id
        raise CannotFillInError(repr(value))

    def _row(self, row: Permission) -> object:
        """The key of a permission that 10 tells merged with others, without its key."""
        query = "SELECT id FROM directus_permissions WHERE collection = ? AND action = ? AND role IS ? ORDER BY id"
        rows = self.database.ask(query, row.collection, row.action, row.role)
        if not rows:
            raise CannotFillInError("the id of a stored row")
        return rows[0][0]

    @staticmethod
    def _name(name: str) -> str:
        if name.startswith("<"):
            raise CannotFillInError(name)
        return name

    def _person(self, person: Person) -> str:
        if person.account.user is not None:
            return person.account.user
        if person.key == NEWCOMER:
            return self.made.get(USERS, "")
        if person.key == ME:
            return self.user
        role = person.account.role
        rows = self.database.ask(f"SELECT id FROM {USERS} WHERE role IS ? AND id != ? ORDER BY id", role, self.user)
        if not rows:
            raise CannotFillInError("a user with that role")
        return str(rows[0][0])

    def _chosen(self, value: Chosen) -> object:
        address = self.addresses[-1] if self.addresses else ""
        token = self.tokens[-1] if self.tokens else ""
        known = {accounts.TOKEN: token, accounts.EMAIL: address, accounts.PASSWORD: PASSWORD}
        if value in known:
            return known[value]
        if value.what == "the e-mail address of an account":
            return "admin@example.com"
        if " item of " in value.what:
            collection = value.what.rpartition(" of ")[2]
            ((key,), *_) = self.database.ask(f'SELECT id FROM "{collection}" ORDER BY id')
            return key
        if value.what.startswith(("the id of", "an object", "what makes")):
            raise CannotFillInError(value.what)
        return "articles" if "collection" in value.what else "chosen"


def _names(request: Request, value: Chosen) -> bool:
    return repr(value) in repr((request.body, request.query, request.headers))


_KEYS: Final = {
    FLOWS: "9a9a9a9a-0000-4000-8000-000000000001",
    OPERATIONS: "9a9a9a9a-0000-4000-8000-000000000002",
    "directus_roles": "9a9a9a9a-0000-4000-8000-000000000003",
    "directus_policies": "9a9a9a9a-0000-4000-8000-000000000004",
    "directus_access": "9a9a9a9a-0000-4000-8000-000000000005",
}
