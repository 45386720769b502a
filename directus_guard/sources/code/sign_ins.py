"""Passwords in JavaScript and TypeScript with which a program signs in to a Directus.

Directus takes them at `POST /auth/login`, and its SDK as `client.login(…)` or `client.request(login(…))`, each of them
as `{ email, password }`, older versions also as two arguments (`@directus/sdk`, `login`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.code import PASSWORD
from directus_guard.sources.code.pieces import LOGIN, PASSWORD_IN_JSON, WrittenText, address_of
from directus_guard.sources.code.syntax import arguments_of, bare, call_of, up, whole_of
from directus_guard.sources.code.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from directus_guard.directus.code import Address
    from directus_guard.sources.code.pieces import CodeEvidence

_MOST_USES: Final = 10
_MOST_CHAINED: Final = 5
_MOST_PARTS: Final = 200
"""Parts of what one call is given."""


class SignIns(Tokens):
    """The passwords of a text that are given to Directus."""

    def _login_request(self, node: Node, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        """`fetch(url + "/auth/login", { body: JSON.stringify({ email, password }) })`, and other programs that send."""
        literal = up(node, "string", "template_string")
        if literal is None:
            return
        for call, address in self._logins(literal):
            for asking in _chained(call):
                if ("sign-in", asking.end_byte) not in done:
                    done.add(("sign-in", asking.end_byte))
                    seen: set[int] = set()
                    for argument in arguments_of(asking):
                        self._given(argument, evidence, done, address, seen)

    def _logins(self, literal: Node) -> Iterator[tuple[Node, Address]]:
        """The calls that ask the address in a text, also behind a name."""
        uses = [use for use, _ in zip(self._uses(whole_of(literal)), range(_MOST_USES), strict=False)]
        for place in (literal, *uses):
            pieces, call = self._request(place)
            address = address_of([*pieces, WrittenText("?access_token=")])
            if call is not None and address is not None and LOGIN.search(address.path):
                yield call, address

    def _login_of_client(self, node: Node, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        """`client.login(…)`, `directus.auth.login(…)` and `client.request(login(…))` of the SDK."""
        function = node
        if node.parent is not None and node.parent.type == "member_expression":
            function = node.parent
        call = call_of(function)
        if call is None:
            return
        known = self._imported.get("login", ()) if function is node else self._names(function)
        if not any("directus" in name.lower() for name in known) and not self._declares_client(function):
            return
        given = arguments_of(call)
        if given and bare(given[0]).type != "object" and len(given) > 1 and bare(given[1]).type != "object":
            self._handed(given[1], PASSWORD, evidence, done, used=True)
        elif given:
            self._given(given[0], evidence, done, None, set())

    def _given(
        self, node: Node, evidence: CodeEvidence, done: set[tuple[str, int]], address: Address | None, seen: set[int]
    ) -> None:
        """The member `password` of what a call is given, however it is wrapped: `body: JSON.stringify(credentials)`. `seen`:
        where the nodes begin that were looked at, so that none is looked at twice."""
        node = bare(node)
        if node.start_byte in seen or len(seen) > _MOST_PARTS or node.type in ("arrow_function", "function_expression"):
            return
        seen.add(node.start_byte)
        if node.type in ("string", "template_string"):
            written = PASSWORD_IN_JSON.search(self._written(node))
            if written is not None:
                start = node.start_byte + written.start(1)
                self._hold_at(start, start + len(written[1]), PASSWORD, written[1], evidence, done,
                              used=address is None, address=address)  # fmt: skip
            return
        if node.type == "identifier":
            declared = self._declared(self._written(node), node)
            inner = [declared] if declared is not None else []
        elif node.type in ("call_expression", "new_expression"):
            inner = arguments_of(node)
        elif node.type == "object":
            password = self._member(node, "password")
            if password is not None:
                self._handed(password, PASSWORD, evidence, done, used=address is None, address=address)
                return
            inner = [
                value for child in node.named_children if (value := child.child_by_field_name("value")) is not None
            ]
        else:
            return
        for one in inner:
            self._given(one, evidence, done, address, seen)


def _chained(call: Node) -> Iterator[Node]:
    """A call, and those of what it gives: `request.post(url).send({ email, password })`."""
    yield call
    for _ in range(_MOST_CHAINED):
        member = call.parent
        follower = call_of(member) if member is not None and member.type == "member_expression" else None
        if follower is None:
            return
        call = follower
        yield call
