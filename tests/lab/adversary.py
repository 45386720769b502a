"""An adversary that knows nothing of the model: it tries every move on a real server until it is administrator.

It gets a server and an account (or none), and reads keys from the database. Whatever changes something is followed by
further moves; what may also cost it something is undone in half of the cases. Each try begins with the same rows.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from tests.lab.adversary_moves import Move, Relation, moves
from tests.lab.adversary_payloads import AUTHORITY, MARK, PASSWORD, PERMISSIONS, USERS, Known

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from tests.lab.server import Server
    from tests.lab.stored_rows import Database, Rows, Snapshot

ENVIRONMENT: Final = {"LOG_LEVEL": "error", "USER_INVITE_URL_ALLOW_LIST": "", "RATE_LIMITER_ENABLED": "false"}
"""Settings of a server under attack: what only costs time is off."""
SECONDS: Final = 20.0
"""So long an attack takes at most."""
_PASSES: Final = 3
_ACCOUNTS: Final = 3
"""How many of the gained accounts act in one pass."""
_LETTER: Final = 0.4
"""Seconds to wait for a letter."""
_FIRST: Final = 0.5
"""This share of an attack is for the moves by themselves."""


@dataclass(slots=True, eq=False)
class Account:
    """An account of the adversary: a static token, or an address and a password. Neither: no account at all."""

    token: str | None = None
    email: str | None = None
    name: str = "attacker"


Chain = list[tuple[Account, Move]]
"""Moves, one after the other, and who makes each."""


@dataclass(slots=True)
class Attack:
    """What came of it. `way`: the requests that changed something, if one of the accounts is an administrator's now."""

    way: tuple[str, ...] | None
    requests: int
    seconds: float
    exhausted: bool
    """Whether there was nothing left to try."""


@dataclass(slots=True)
class _Try:
    """One try from the beginning."""

    accounts: list[Account]
    log: list[str] = field(default_factory=list)
    asked: set[tuple[object, ...]] = field(default_factory=set)
    """What was looked into already: passwords, addresses, letters."""


class Adversary:
    """One attack on one server. `start`: the token to begin with; None: none. `relations`: those of the data model."""

    def __init__(
        self, server: Server, database: Database, start: str | None, random: Random, relations: Sequence[Relation]
    ) -> None:
        self._server, self._database, self._random = server, database, random
        self._relations = relations
        self._root = str(server.admin.get("/users/me", fields="id")["id"])
        self._first: Snapshot = {}
        self._passwords: dict[str, object] = {}
        self._requests = 0
        self._began, self._seconds, self._most = 0.0, 0.0, 0.0
        self._won = False
        self._try = _Try([Account(start, name="attacker" if start else "anonymous")])
        self._gained: list[Account] = []
        self._asked: set[tuple[object, ...]] = set()

    def attack(self, requests: float = math.inf, seconds: float = SECONDS) -> Attack:
        """Try for so many seconds, and with so many requests at most."""
        self._began, self._seconds, self._most = time.monotonic(), seconds, requests
        empty = self._database.take()
        self._passwords = {
            str(key): password for key, password in self._database.ask(f"SELECT id, password FROM {USERS}")
        }
        # Registration that is on is the same for all tries.
        self._notice()
        self._gained, self._asked, self._first = list(self._try.accounts), set(self._try.asked), self._database.take()
        lively = [] if self._won else self._first_level()
        exhausted = not self._is_over(_FIRST)
        for chain, careful in self._chains(lively):
            if self._is_over():
                exhausted = False
                break
            self._further(chain, careful=careful)
        way = tuple(self._try.log) if self._won else None
        self._database.put(empty)
        return Attack(way, self._requests, time.monotonic() - self._began, exhausted=exhausted)

    def _begin(self) -> None:
        self._database.put(self._first)
        self._try = _Try(list(self._gained), asked=set(self._asked))

    def _is_over(self, share: float = 1.0) -> bool:
        """Whether this is won, or that share of the requests or of the time is used up."""
        used = time.monotonic() - self._began
        return self._won or self._requests > share * self._most or used > share * self._seconds

    def _first_level(self) -> Chain:
        """Every move by itself, as far as half of the attack goes. Those that changed something."""
        found: Chain = []
        for account in self._acting():
            for move in self._moves(account, stray=0.05):
                if self._is_over(_FIRST):
                    return found
                if self._send(account, move):
                    if self._is_over():
                        return found
                    found.append((account, move))
                    self._begin()
        return found

    def _chains(self, lively: Chain) -> Iterator[tuple[Chain, bool]]:
        """One or two of the moves that change something, in random order and mostly one; whether to be careful then."""
        chains: list[Chain] = [[one] for one in lively] + [list(pair) for pair in combinations(lively, 2)]
        tries = [(chain, careful) for chain in chains for careful in (True, False)]
        yield from sorted(tries, key=lambda one: self._random.random() + (0.0 if len(one[0]) == 1 else 0.6))

    def _further(self, chain: Chain, *, careful: bool) -> None:
        """Some moves; then everything, again and again, as every account there is."""
        self._begin()
        for account, move in chain:
            self._send(account, move)
        for _ in range(_PASSES):
            before = self._database.version()
            for account in self._acting():
                for move in self._moves(account, stray=0.0):
                    if self._is_over():
                        return
                    if not (move.hurts and (careful or self._random.random() < 0.5)):
                        self._send(account, move)
            if self._database.version() == before:
                return

    def _acting(self) -> list[Account]:
        first, *gained = self._try.accounts
        visitor = [Account(name="anonymous")] if first.token else []
        return [first, *gained[-_ACCOUNTS:], *visitor]

    def _moves(self, account: Account, *, stray: float) -> list[Move]:
        known = self._known()
        return moves(known, self._random, self._relations, self._pairs(account), stray)

    def _known(self) -> Known:
        tokens = [one.token for one in self._try.accounts if one.token]
        emails = [one.email for one in self._try.accounts if one.email]
        rows = self._database.ask(f"SELECT id, token, email FROM {USERS}")
        by_token = {token: str(key) for key, token, _ in rows}
        by_email = {email: str(key) for key, _, email in rows}
        mine = [by_token[token] for token in tokens if token in by_token]
        mine += [by_email[email] for email in emails if email in by_email]
        return Known(self._database, self._server.major, list(dict.fromkeys(mine)), self._root)

    def _pairs(self, account: Account) -> frozenset[tuple[str, str]]:
        """What the server says that an account may do; where it does not say, everything that any permission names."""
        answer = self._server.ask("GET", "/permissions/me", token=self._bearer(account))
        if answer.status_code == 200 and self._server.major >= 11:
            told: dict[str, dict[str, dict[str, Any]]] = answer.json()["data"]
            return frozenset(
                (name, action)
                for name, actions in told.items()
                for action, one in actions.items()
                if one["access"] != "none"
            )
        return frozenset(
            (name, action)
            for name, action in self._database.ask(f"SELECT DISTINCT collection, action FROM {PERMISSIONS}")
        )

    def _bearer(self, account: Account) -> str | None:
        """What an account signs its requests with; signed in anew, where it is by password."""
        if account.token or not account.email:
            return account.token
        return self._login(account.email)

    def _login(self, email: str) -> str | None:
        answer = self._server.ask("POST", "/auth/login", json={"email": email, "password": PASSWORD})
        return str(answer.json()["data"]["access_token"]) if answer.is_success else None

    def _send(self, account: Account, move: Move) -> bool:
        """Make a move. Whether it changed something."""
        before = self._database.version()
        bearer = self._bearer(account)
        # A login of our own is no change.
        before = before if bearer == account.token else self._database.version()
        more: dict[str, Any] = {} if move.body is None else {"json": move.body}
        answer = self._server.ask(move.method, move.path, token=bearer, params=dict(move.params), **more)
        self._requests += 1
        if self._database.version() == before:
            return False
        self._try.log.append(f"{account.name}: {move} -> {answer.status_code}")
        self._notice()
        return True

    # --- what came of a move ---

    def _notice(self) -> None:
        """Take the accounts that were gained, load flows that were changed, and see whether this is an administrator."""
        flows = self._digest()
        if ("flows", flows) not in self._try.asked:
            if any(what[0] == "flows" for what in self._try.asked):
                self._database.load_flows()
            self._try.asked.add(("flows", flows))
        self._gained_tokens()
        self._gained_passwords()
        self._letters()
        self._register()
        for account in self._try.accounts:
            if account.token is None and account.email is None:
                continue
            # Only an administrator may do this, and it does nothing.
            if self._server.ask("POST", "/utils/cache/clear", token=self._bearer(account)).status_code == 200:
                self._try.log.append(f"{account.name} is administrator")
                self._won = True
                return

    def _digest(self) -> str:
        flows: Rows = self._database.flows()
        return repr(flows)

    def _gain(self, account: Account) -> None:
        self._try.accounts.append(account)

    def _gained_tokens(self) -> None:
        held = {one.token for one in self._try.accounts}
        for key, token in self._database.ask(f"SELECT id, token FROM {USERS} WHERE token LIKE ?", f"{MARK}%"):
            if token not in held:
                self._gain(Account(token, name=f"as {key}"))

    def _gained_passwords(self) -> None:
        for key, email, password in self._database.ask(
            f"SELECT id, email, password FROM {USERS} WHERE password IS NOT NULL"
        ):
            mark = ("password", key, password, email)
            if email is None or password == self._passwords.get(str(key)) or mark in self._try.asked:
                continue
            self._try.asked.add(mark)
            if self._login(str(email)) and not any(one.email == email for one in self._try.accounts):
                self._gain(Account(email=str(email), name=f"as {key}"))

    def _letters(self) -> None:
        """Reset the password of an account that has the adversary's address; accept an invitation."""
        rows = self._database.ask(f"SELECT email, status, token FROM {USERS} WHERE email LIKE ?", f"{MARK}%")
        for email, status, token in rows:
            mark = ("letter", email, status)
            if (
                mark in self._try.asked
                or (token or "").startswith(MARK)
                or any(one.email == email for one in self._try.accounts)
            ):
                continue
            self._try.asked.add(mark)
            if status == "invited":
                self._answer_letter(str(email), "/users/invite/accept")
            elif status == "active":
                self._server.ask("POST", "/auth/password/request", json={"email": email})
                self._answer_letter(str(email), "/auth/password/reset")
            elif status == "unverified":
                letter = self._server.mail.token_for(str(email), _LETTER)
                if letter:
                    self._server.ask(
                        "GET", f"/users/register/verify-email?token={quote(letter)}", follow_redirects=False
                    )
        self._gained_passwords()

    def _answer_letter(self, email: str, path: str) -> None:
        letter = self._server.mail.token_for(email, _LETTER)
        if letter:
            self._server.ask("POST", path, json={"token": letter, "password": PASSWORD})

    def _register(self) -> None:
        columns = "public_registration, public_registration_role" if self._registers else "0, 0"
        ((on, role),) = self._database.ask(f"SELECT {columns} FROM directus_settings LIMIT 1") or [(0, 0)]
        mark = ("registration", role)
        if not on or mark in self._try.asked:
            return
        self._try.asked.add(mark)
        email = f"{MARK}-{self._random.randrange(10**9)}@example.com"
        answer = self._server.ask("POST", "/users/register", json={"email": email, "password": PASSWORD})
        if answer.is_success:
            self._try.log.append(f"anonymous: POST /users/register {email}")
            self._gained_passwords()
            self._letters()

    @property
    def _registers(self) -> bool:
        return any(
            name == "public_registration" for _, name, *_ in self._database.ask("PRAGMA table_info(directus_settings)")
        )


__all__ = ["AUTHORITY", "Account", "Adversary", "Attack"]
