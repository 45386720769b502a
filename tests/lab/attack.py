"""One attempt to become administrator over HTTP, and what it did, as `docs/proof.md` tells it."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.lab.server import Actor, Server

NEW_EMAIL: Final = "attacker@example.com"
NEW_PASSWORD: Final = "a password of the attacker"
NEW_TOKEN: Final = "a-token-of-the-attacker"
_NOT_LOADED: Final = (403, 404)
_LOADED: Final = 3.0
"""Seconds within which a flow that was written is loaded."""
PUBLIC_POLICY: Final = "abf8a154-5b1c-4a46-ac9c-7300570f4f17"


@dataclass
class Attempt:
    """Somebody (an actor, or the anonymous visitor) in front of a server. Refusals are answers here, not errors."""

    server: Server
    actor: Actor
    admin_role: str
    admin_policy: str | None
    victim: Actor
    """Another account; an administrator's, unless the case says otherwise."""
    anonymous: bool = False
    patience: float = 20.0
    """Seconds to wait for a letter."""
    made: dict[str, str] = field(default_factory=dict)
    """Keys of what the case prepared."""
    trace: list[str] = field(default_factory=list)

    @property
    def core(self) -> bool:
        """Whether the server is the edition that takes no rules."""
        return self.server.major >= 12

    @property
    def old(self) -> bool:
        """Whether permissions belong to roles instead of policies."""
        return self.server.major < 11

    @property
    def holder(self) -> dict[str, str | None]:
        """What an own permission row belongs to."""
        return {"role": self.actor.role} if self.old else {"policy": self.actor.policy}

    @property
    def public_holder(self) -> dict[str, str | None]:
        """What a row of the public belongs to."""
        return {"role": None} if self.old else {"policy": PUBLIC_POLICY}

    def request(self, method: str, path: str, body: object = None, *, anonymous: bool = False) -> Any:
        """A request of the attacker; the `data` of its answer, None if there is none or it is refused."""
        token = None if self.anonymous or anonymous else self.actor.token
        more = {} if body is None else {"json": body}
        until = time.monotonic() + (min(self.patience, _LOADED) if path.startswith("/flows/trigger/") else 0.0)
        while True:
            answer = self.server.ask(method, path, token=token, follow_redirects=False, **more)
            # The server answers a write of a flow before it has loaded its flows anew: till then it does not know it.
            if answer.status_code not in _NOT_LOADED or time.monotonic() >= until:
                break
            time.sleep(0.05)
        shown = "" if body is None else " " + json.dumps(body, ensure_ascii=False)
        who = "anonymously: " if token is None else ""
        self.trace.append(f"{who}{method} {path}{shown} → {answer.status_code}")
        try:
            given = answer.json() if answer.is_success and answer.content else None
        except ValueError:
            return None
        return given.get("data") if isinstance(given, dict) else given

    def sign_in(self, email: str = NEW_EMAIL, password: str = NEW_PASSWORD) -> str | None:
        """The token of a session, if the account exists and is active."""
        data = self.request("POST", "/auth/login", {"email": email, "password": password}, anonymous=True)
        return data["access_token"] if isinstance(data, dict) else None

    def become(self, **more: Any) -> None:
        """Give their own user the administrator role."""
        self.request("PATCH", "/users/me", {"role": self.admin_role, **more})

    def letter(self, address: str) -> str | None:
        """The token of the link in the newest letter to an address."""
        return self.server.mail.token_for(address, self.patience)

    def reset_password(self, address: str) -> str | None:
        """Have a reset mailed to an address of the attacker, use it, and sign in."""
        self.request("POST", "/auth/password/request", {"email": address}, anonymous=True)
        token = self.letter(address)
        if token is None:
            return None
        self.request("POST", "/auth/password/reset", {"token": token, "password": NEW_PASSWORD}, anonymous=True)
        return self.sign_in(address)

    def register(self) -> str | None:
        """Register, confirm the address, sign in."""
        self.request("POST", "/users/register", {"email": NEW_EMAIL, "password": NEW_PASSWORD}, anonymous=True)
        token = self.letter(NEW_EMAIL)
        if token is None:
            return None
        self.request("GET", f"/users/register/verify-email?token={quote(token)}", anonymous=True)
        return self.sign_in()

    def names(self) -> Mapping[str, str]:
        """What keys are called in the trace."""
        named = {
            self.admin_role: "ADMINISTRATOR_ROLE", self.admin_policy or "": "ADMINISTRATOR_POLICY", self.actor.id: "ME",
            self.actor.role: "OWN_ROLE", self.actor.policy or "": "OWN_POLICY", self.victim.id: "OTHER_USER",
            self.victim.email: "OTHER_EMAIL", self.victim.role: "OTHER_ROLE", PUBLIC_POLICY: "PUBLIC_POLICY",
            **{key: name for name, key in self.made.items()},
        }  # fmt: skip
        if self.victim.role == self.admin_role:
            named[self.admin_role] = "ADMINISTRATOR_ROLE"
        return {key: name for key, name in named.items() if key}

    def named(self, text: str) -> str:
        """A text with names for keys and without secrets: the same in every run."""
        for key, name in self.names().items():
            text = re.sub(rf"(?<![\w-]){re.escape(key)}(?![\w-])", name, text)
        return re.sub(r'(token=|"token": ")[\w.%-]{60,}', r"\1FROM_THE_LETTER", text)

    def told(self) -> tuple[str, ...]:
        """What was asked, and the answers."""
        return tuple(map(self.named, self.trace))
