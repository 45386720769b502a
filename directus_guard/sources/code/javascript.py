"""Addresses with a token, tokens and passwords, in JavaScript and TypeScript. Only the surroundings of a known word are parsed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.code import HeldToken, Holds, Place, TokenInAddress
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.code.expressions import MOST_STEPS, MOST_STEPS_OF_ALL
from directus_guard.sources.code.pieces import (
    PUBLIC_NAME,
    PUBLIC_PREFIX,
    Hole,
    WrittenText,
    address_of,
    addressed,
    text_of,
)
from directus_guard.sources.code.sign_ins import SignIns
from directus_guard.sources.code.syntax import (
    INSIDE,
    arguments_of,
    call_of_first,
    compares,
    is_key,
    is_method_object,
    key_text,
    named_key,
    up,
    whole_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from directus_guard.sources.code.pieces import CodeEvidence, Piece


NEEDLE: Final = lazy_pattern(
    rf"access_token|staticToken|setToken|auth\.static|\bBearer |\bcreateDirectus\b|\bnew Directus\b|{PUBLIC_PREFIX}\w{{0,100}}TOKEN"
    rf"|{PUBLIC_PREFIX}\w{{0,100}}DIRECTUS|untimeConfig|directus[\w.]{{0,60}}token|\bdirectus(?=[\"']?\s{{0,8}}:\s{{0,8}}\{{)"
    r"|\bauth/login\b|\blogin(?=\()",
    re.IGNORECASE,
)
"""The words that tell something."""
_PARTS: Final = ("token", "directus", "static", "bearer ", "untimeconfig", "login")
"""Each of them holds one of these, so that other lines need no closer look."""


def _needles(text: str) -> Iterator[re.Match[str]]:
    """The matches of `NEEDLE`, which never reach over a line's end."""
    lower = text.lower()
    if len(lower) != len(text):
        yield from NEEDLE.finditer(text)
        return
    lines: dict[int, int] = {}
    for part in _PARTS:
        at = lower.find(part)
        while at >= 0:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            lines[text.rfind("\n", 0, at) + 1] = end
            at = lower.find(part, end)
    for start in sorted(lines):
        yield from NEEDLE.finditer(text, start, lines[start])


class Script(SignIns):
    """One text, searched."""

    def search(self, evidence: CodeEvidence) -> None:
        """Add everything the text holds to `evidence`."""
        done: set[tuple[str, int]] = set()
        for match in _needles(self._text):
            word = match[0].lower()
            node = self._root.descendant_for_byte_range(match.start(), match.end())
            if node is None or node.type in ("comment", "html_comment", "hash_bang_line", "regex_pattern"):
                continue
            self._most = min(self._steps + MOST_STEPS, MOST_STEPS_OF_ALL)
            if self._steps >= MOST_STEPS_OF_ALL:
                evidence.unread.append(self._place(self._base + match.start(), self._base + match.end()))
                return
            if word == "access_token":
                self._access_token(node, match.start(), evidence, done)
            elif word == "auth/login":
                self._login_request(node, evidence, done)
            elif word == "login":
                self._login_of_client(node, evidence, done)
            else:
                self._token(node, match.start(), word, evidence, done)

    def _access_token(self, node: Node, at: int, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        if node.type in ("string_fragment", "template_string", "string", "escape_sequence"):
            written = self._text[at + len("access_token") : at + len("access_token") + 1]
            if written == "=":
                self._in_text(node, at, evidence, done)
            elif (key := named_key(node)) is not None:
                self._in_object(key, evidence, done)
            elif (call := call_of_first(node)) is not None:
                self._in_call(call, evidence, done)
        elif node.type == "shorthand_property_identifier" or is_key(node):
            self._in_object(node, evidence, done)
        elif node.type == "ERROR":
            evidence.unread.append(self._place(self._base + at, self._base + at + len("access_token")))

    def _in_text(self, node: Node, at: int, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        literal = up(node, "string", "template_string")
        if literal is None:
            # a text of a type, or one that is never closed
            if up(node, "ERROR") is not None:
                evidence.unread.append(self._place(self._base + at, self._base + at + len("access_token")))
            return
        if compares(literal) or (literal.parent is not None and literal.parent.type == "literal_type"):
            return
        whole = whole_of(literal)
        self._report(literal, *self._addressed(whole, literal), evidence, done)

    def _in_call(self, call: Node, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        """`searchParams.set("access_token", …)` and `append`."""
        function = call.child_by_field_name("function")
        if function is None or function.type != "member_expression":
            return
        method, held = function.child_by_field_name("property"), function.child_by_field_name("object")
        if method is None or held is None or self._written(method) not in ("set", "append"):
            return
        literal = arguments_of(call)[0]
        if held.type == "member_expression" and self._written(held).endswith("searchParams"):
            url = held.child_by_field_name("object") or held
            whole = self._declared(self._written(url), url) or url
            self._report(literal, [*self._pieces(url, url), WrittenText("?access_token=")], whole, evidence, done)
        else:
            self._in_query(held, literal, call, evidence, done)

    def _in_query(
        self, params: Node, literal: Node, call: Node, evidence: CodeEvidence, done: set[tuple[str, int]]
    ) -> None:
        """`params.set("access_token", …)`: the address is where `params` is used."""
        name = self._written(params)
        query: list[Piece] = [WrittenText("access_token="), Hole(())]
        for use in self._named(name):
            if use.start_byte != params.start_byte and not is_method_object(use):
                base = self._search_of(use)
                larger = base or whole_of(use)
                pieces = self._pieces(larger, use, {name: query})
                if base is not None:
                    pieces = [*pieces, WrittenText("?"), *query]
                if addressed(pieces):
                    self._report(literal, pieces, larger, evidence, done)
                    return
        if self._is_query(params):
            self._report(literal, [WrittenText("?"), *query], call, evidence, done)

    def _is_query(self, node: Node) -> bool:
        """Whether a name was declared as URLSearchParams (a Headers or FormData has `set` and `append`, too)."""
        declared = self._declared(self._written(node), node)
        return declared is not None and "URLSearchParams" in self._written(declared)[:80]

    def _in_object(self, key: Node, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        """`{ access_token: … }`: only where it becomes a query."""
        held = up(key, "object")
        owner: Node | None = held.parent if held is not None else None
        while owner is not None and owner.type in INSIDE:
            owner = owner.parent
        if owner is None:
            return
        if owner.type == "arguments" and owner.parent is not None:
            called = owner.parent.child_by_field_name("function") or owner.parent.child_by_field_name("constructor")
            name = self._written(called) if called is not None else ""
            if name.endswith(("URLSearchParams", "stringify")) and name != "JSON.stringify":
                self._report(key, *self._addressed(whole_of(owner.parent), owner.parent), evidence, done)
        elif owner.type == "pair" and key_text(owner, self._text) in ("params", "query", "searchParams"):
            asked, call = self._request(owner)
            if call is not None:
                self._report(key, [*asked, WrittenText("?access_token=")], call, evidence, done)

    def _report(
        self,
        literal: Node,
        pieces: Sequence[Piece],
        whole: Node,
        evidence: CodeEvidence,
        done: set[tuple[str, int]],
    ) -> None:
        if ("address", literal.start_byte) in done:
            return
        done.add(("address", literal.start_byte))
        inset = 1 if literal.type in ("string", "template_string") else 0
        start, end = literal.start_byte + inset, literal.end_byte - inset
        if "\n" in self._text[start:end]:
            start = max(self._text.find("access_token", start, end), start)
            end = start + len("access_token")
        location = self._place(self._base + start, self._base + end)
        css = any(isinstance(piece, WrittenText) and re.search(r"\burl\(", piece.text) for piece in pieces)
        place = Place.MARKUP if css or self._in_markup(whole) else Place.CALL
        evidence.addresses.append(TokenInAddress(location, address_of(pieces), place))
        after = re.search(r"access_token=([A-Za-z0-9_.~-]+)(?![^&#'\") ])", text_of(pieces))
        if after is not None:
            self._hold(literal, "access_token", after[1], evidence, done, used=False, address=address_of(pieces))
        else:
            self._public_in(literal, pieces, evidence, done)

    def _public_in(
        self, literal: Node, pieces: Sequence[Piece], evidence: CodeEvidence, done: set[tuple[str, int]]
    ) -> None:
        """A public variable as the token of the address."""
        seen = False
        for piece in pieces:
            if isinstance(piece, WrittenText):
                seen = piece.text.endswith("access_token=") or (seen and not piece.text)
            elif seen:
                for name in piece.names:
                    for public in PUBLIC_NAME.findall(name):
                        location = self._place(self._base + literal.start_byte, self._base + literal.end_byte)
                        evidence.tokens.append(HeldToken(location, Holds.VARIABLE, public, address=address_of(pieces)))
                for text, start, end in piece.literals:
                    self._hold_at(
                        start, end, "access_token", text, evidence, done, used=False, address=address_of(pieces)
                    )
                seen = False
