"""One plan, sent to the server that the access model was applied to: request by request, each as its account.

Nothing leaves the server, so what would send a letter is either replaced or not run: the registration is not confirmed by
mail, and whoever has an address gets its password from the administrator in place of a mailed link.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from directus_guard.checks.shared.rows import names as shown_as
from directus_guard.directus.access.principals import PrincipalKind
from directus_guard.escalation.reach.closure import NEWCOMER
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests import accounts
from directus_guard.escalation.requests.request import DELETE, INVITE, REGISTER, RESET, START, NewRow
from directus_guard.escalation.tables import FLOWS, OPERATIONS, ROLES, USERS
from directus_guard.finding import Confidence
from directus_guard.proof import Attempt, ProofStatus
from directus_guard.prove.caused_flows import caused
from directus_guard.prove.client import NeverSentError, segment
from directus_guard.prove.filling import Filling, NotRunError, inside, names
from directus_guard.prove.needed import unknown_keys
from directus_guard.secret import Secret
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export
    from directus_guard.escalation import Path
    from directus_guard.escalation.requests.request import Request
    from directus_guard.prove.applied import Applied, Json
    from directus_guard.prove.client import WriteAnswer, WriteClient
    from directus_guard.prove.state import ServerState

_LOADED: Final = 0.4
"""Seconds until a changed flow is loaded anew."""
_RUNS: Final = 3.0
"""Seconds until a flow that does not block, or one that starts by itself, has run."""
_PAUSE: Final = 0.2
_TRIES: Final = 10


class CarriedPlan:
    """One plan on one server."""

    def __init__(
        self,
        client: WriteClient,
        export: Export,
        applied: Applied,
        before: ServerState,
        principal: Principal,
        path: Path,
    ) -> None:
        self._client, self._export, self._applied = client, export, applied
        self._principal, self._path, self._before = principal, path, before
        self._lines: list[str] = []
        self._replaced: dict[str, None] = {}
        self._logins: dict[Person, Secret | str] = {}
        """The token, or the address, by which accounts are used that the plan gained."""
        self._emails: dict[str, None] = {}
        """Addresses of accounts whose password the plan knows."""
        self._filling: Filling | None = None

    @property
    def users(self) -> frozenset[str]:
        """The users who were named: their tokens may be others now."""
        return frozenset(self._filling.users) if self._filling else frozenset()

    def carry_out(self) -> Attempt:
        """Send every request, in order. Raises `ProveError` where the server does not answer."""
        name = shown_as(self._export, (self._principal,))[0]
        try:
            self._check()
            filling = self._filling = self._begun()
            for request in self._path.requests:
                if request is not None:
                    self._send(filling, request)
            status, reason = self._judged(self._is_won(filling))
        except (NotRunError, NeverSentError) as error:
            status, reason = ProofStatus.NOT_RUN, str(error)
        return Attempt(name, status, reason, tuple(self._lines), self._is_sure, tuple(self._replaced))

    # --- before and after ---

    def _begun(self) -> Filling:
        model, applied = self._export.model, self._applied
        named = {user.id: user.status in (None, "active") and model.of_user(user.id).admin for user in model.users}
        found = [one for key, one in applied.named.items() if named.get(key)]
        found += [applied.victim] if applied.victim else []
        found += [one for principal, one in applied.members.items() if model.of(principal).admin]
        takeable = tuple(dict.fromkeys(one.user for one in found))
        return Filling(self._client, self._applied, self._principal, self._before, takeable)

    def _check(self) -> None:
        """Raises `NotRunError` where what the plan rests on is not on the server."""
        for row in self._path.rows:
            if not row.system and self._applied.row(row) is None:
                named = f"{row.action} {row.collection}"
                left = (one.reason for one in self._applied.left_out if one.name == named)
                raise NotRunError(
                    f"it rests on a permission that is not on the server: {next(left, 'it was not stored')}"
                )
        requests = [one for one in self._path.requests if one is not None]
        for request in requests:
            if request.action == INVITE:
                raise NotRunError("it sends a letter to the address that is invited")
            if request.action == RESET:
                raise NotRunError("it needs the token of a mailed link")
            if request.action == START and request.item is None:
                raise NotRunError("its writes are not spelled out as requests")
            flow = request.item if request.action == START else None
            if isinstance(flow, str) and flow not in self._applied.flows:
                raise NotRunError("the flow that it starts could not be stored")
        writes_flows = any(one.collection in (FLOWS, OPERATIONS) and one.action != START for one in requests)
        if None in self._path.requests and not writes_flows:
            raise NotRunError("it waits for a schedule, and schedules are stored inactive")

    def _judged(self, won: bool) -> tuple[ProofStatus, str]:
        if won:
            return ProofStatus.PROVEN, ""
        failed = "the requests were sent, and no account is an administrator's"
        replaced = caused(self._export, self._path) & self._applied.stand_ins.keys()
        if replaced:
            model = self._export.flow_model
            flow = min(replaced, key=lambda key: model.name_of(model.by_id[key]))
            keys = ", ".join(f"`{escape_controls(key)[:80]}`" for key in self._applied.stand_ins[flow])
            name = model.name_of(model.by_id[flow])
            return (
                ProofStatus.NOT_RUN,
                f"it may start the flow `{name}`, in which something else is in the place of {keys} here",
            )
        if not self._is_sure and unknown_keys(self._path, self._known_keys()):
            return ProofStatus.NOT_RUN, "it rests on a rule that names a key which the export does not have"
        if not self._is_sure:
            notes = "; ".join(dict.fromkeys(step.note for step in self._path.plan if step.note))
            known = f": {notes}" if notes else ", because it rests on what the export does not show"
            failed += f". The way was reported with {self._path.confidence.value} confidence{known}"
        return ProofStatus.REFUTED, failed

    @property
    def _is_sure(self) -> bool:
        return self._path.confidence is Confidence.HIGH

    def _known_keys(self) -> frozenset[str]:
        """The keys of the export that are on the server."""
        model = self._export.model
        tables = (model.roles, model.policies, self._export.flows, self._export.operations)
        return frozenset((*(one.id for table in tables for one in table), *self._applied.named))

    # --- requests ---

    def _send(self, filling: Filling, request: Request) -> None:
        filling.begin(request)
        if request.action == REGISTER:
            self._without_confirmation()
        if request.action == DELETE and request.collection == ROLES and isinstance(request.item, str):
            self._empty(filling, request.item)
        tables = _needed(self._path)
        for item, administrator in filling.items(request):
            path = "/" + "/".join(map(segment, (*request.endpoint, *((item,) if request.names_item else ()))))
            answer = self._ask(filling, request, path, administrator)
            if answer.ok:
                filling.learn(tables, request, answer.data)
                self._gained(filling, request, item or None)
                if request.collection in (FLOWS, OPERATIONS) and request.action != START:
                    time.sleep(_LOADED)
                return
        # A flow may have run although its start was refused.
        filling.learn(tables, request, None)

    def _ask(self, filling: Filling, request: Request, path: str, administrator: str | None) -> WriteAnswer:
        body, query, headers = (
            {str(name): filling.value(value, administrator) for name, value in members.items()}
            for members in (request.body, request.query, request.headers)
        )
        for attempt in range(_TRIES):
            answer = self._client.send(
                request.method, path, body or None, token=self._token(filling, request.by), query=_texts(query),
                headers=_texts(headers),
            )  # fmt: skip
            # A flow that was changed a moment ago is loaded anew.
            if request.action != START or answer.status not in (403, 404) or attempt + 1 == _TRIES:
                break
            time.sleep(_PAUSE / 2)
        self._lines.append(f"{request.method} {path} → {answer.status}")
        return answer

    def _gained(self, filling: Filling, request: Request, user: str | None) -> None:
        """Note the account that a request gains: that of a person, or an administrator's."""
        person = request.signs_in or (request.by if request.action == REGISTER else None)
        if accounts.TOKEN in request.body.values():
            if person is not None:
                self._logins[person] = filling.tokens[-1]
        elif request.action == REGISTER:
            self._signs_in(person, filling.addresses[-1])
        elif accounts.PASSWORD in request.body.values():
            own = accounts.EMAIL in request.body.values()
            self._signs_in(person, filling.addresses[-1] if own else self._address_of(user))
        elif accounts.EMAIL in request.body.values():
            self._reset(filling, filling.addresses[-1])
            self._signs_in(person, filling.addresses[-1])

    def _signs_in(self, person: Person | None, address: str) -> None:
        if person is not None:
            self._logins[person] = address
        self._emails[address] = None

    def _empty(self, filling: Filling, role: str) -> None:
        """Take the users away who were made for a role that is deleted: the export has no such user, and the way says so."""
        for principal, member in self._applied.members.items():
            if (principal.kind, principal.id) == (PrincipalKind.ROLE, role) and member.user != filling.user:
                self._client.admin("DELETE", f"/users/{segment(member.user)}")
                filling.users.add(member.user)

    # --- in place of letters ---

    def _without_confirmation(self) -> None:
        """Registrations are not confirmed by a letter: the address is the attacker's own, who would follow its link."""
        settings = self._client.admin("GET", "/settings")
        if isinstance(settings, dict) and settings.get("public_registration_verify_email"):
            self._client.admin("PATCH", "/settings", {"public_registration_verify_email": False})
            self._replaced["the mailed link that confirms the registration"] = None

    def _reset(self, filling: Filling, address: str) -> None:
        """What the mailed link of a forgotten password does, for an address that the plan gave to an account."""
        query = {"filter[email][_eq]": address, "fields": "id,status,provider"}
        found = self._client.admin("GET", "/users", query=query)
        for user in found if isinstance(found, list) else ():
            if user.get("status") == "active" and user.get("provider") in (None, "default"):
                self._client.admin("PATCH", f"/users/{segment(user['id'])}", {"password": filling.password})
                filling.users.add(str(user["id"]))
                self._replaced["the mailed link that sets a new password"] = None

    def _address_of(self, user: str | None) -> str:
        if user is None:
            return ""
        query = {"filter[id][_eq]": user, "fields": "email"}
        found = self._client.admin("GET", "/users", query=query)
        (one,) = found if isinstance(found, list) and found else ({},)
        return str(one.get("email") or "")

    # --- accounts ---

    def _token(self, filling: Filling, person: Person | None) -> Secret | None:
        if person is None or person.account.public:
            return None
        login = self._logins.get(person, filling.start)
        return self._login(filling, login) if isinstance(login, str) else login

    def _login(self, filling: Filling, address: str) -> Secret | None:
        body = {"email": address, "password": filling.password}
        answer = self._client.send("POST", "/auth/login", body, token=None)
        token = answer.data.get("access_token") if answer.ok and isinstance(answer.data, dict) else None
        return Secret(token) if isinstance(token, str) else None

    def _is_won(self, filling: Filling) -> bool:
        """Whether an account of the attacker is an administrator's now."""
        # A flow that does not block runs after the answer to what started it.
        waits = bool(self._export.flows) or any(one is None or one.collection == FLOWS for one in self._path.requests)
        for address in filling.addresses:
            if address not in self._emails:
                self._reset(filling, address)
                self._emails[address] = None
        if any(names(one, accounts.PASSWORD) for one in self._path.requests if one is not None):
            # A flow may have given it to a user whom a request names.
            self._emails |= dict.fromkeys(map(self._address_of, sorted(filling.users)))
        until = time.monotonic() + (_RUNS if waits else 0.0)
        while True:
            tokens = [filling.start, *filling.tokens, *(self._login(filling, one) for one in self._emails if one)]
            if any(self._is_administrator(token) for token in tokens):
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(_PAUSE)

    def _is_administrator(self, token: Secret | None) -> bool:
        """By what only an administrator is served."""
        return self._client.send("GET", "/schema/snapshot", token=token).ok


def _needed(path: Path) -> frozenset[str]:
    """The tables whose new rows a plan names."""
    found: set[str] = set()
    for request in path.requests:
        if request is None:
            continue
        item = request.item if request.names_item else None
        for one in inside(request.by, request.body, request.query, item):
            if isinstance(one, NewRow):
                found.add(one.collection)
            elif isinstance(one, Person) and one.key == NEWCOMER:
                found.add(USERS)
    return frozenset(found)


def _texts(values: Mapping[str, Json]) -> Mapping[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
