"""Tokens in JavaScript and TypeScript: literals and public variables that are handed to Directus or to a browser."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from directus_guard.directus.code import Address, HeldToken, Holds
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.code.expressions import CLIENTS
from directus_guard.sources.code.pieces import PUBLIC_NAME, Hole, WrittenText, address_of, host_of
from directus_guard.sources.code.syntax import arguments_of, bare, call_of, compares, is_key, key_text, up, whole_of
from directus_guard.sources.code.traces import Origin, Traces, Trail

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

    from directus_guard.finding import Location
    from directus_guard.sources.code.pieces import CodeEvidence, Piece


_OF_ENVIRONMENT: Final = lazy_pattern(
    r"\b(?:env\.get\(|env(?:\?\.)?\[|[cC]onfig(?:Service|service)?\.get(?:OrThrow)?(?:<\w+>)?\()[\"']([A-Za-z_]\w{2,100})[\"']"
    r"|\benv\??\.(?!get\b)([A-Za-z_]\w{2,100})\b"
)
"""`process.env.CMS_KEY`, `env["CMS_KEY"]`, `Deno.env.get("CMS_KEY")`, `config.get("CMS_KEY")`."""


_MOST_PARTS: Final = 200
"""Parts of an expression, and of what its names stand for, among which a token is looked for."""


class Tokens(Traces):
    """The tokens of a text: literals, and public variables, behind names."""

    @cached_property
    def _bases(self) -> dict[tuple[int, int], tuple[str, ...]]:
        """The addresses that were followed into other files, by the place of the expression."""
        return {}

    def _name(self, node: Node, focus: Node | None, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        return self._based(node, super()._name(node, focus, given))

    def _member_pieces(self, node: Node, focus: Node | None, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        return self._based(node, super()._member_pieces(node, focus, given))

    def _based(self, node: Node, pieces: list[Piece]) -> list[Piece]:
        """A hole with the addresses that it is in other files."""
        hole = pieces[0] if len(pieces) == 1 else None
        head = re.match(r"[\w$]+", self._written(node))
        if (
            not isinstance(hole, Hole)
            or hole.bases
            or head is None
            or head[0] not in self._imported
            or self._modules is None
        ):
            return pieces
        place = (node.start_byte, node.end_byte)
        if place not in self._bases:
            texts = (origin.text.reveal() for origin in self.trace(node, (), Trail()) if origin.text is not None)
            found = dict.fromkeys(text for text in texts if host_of(text))
            self._bases[place] = tuple(sorted(found, key=lambda text: not text.startswith("https://")))
        return [Hole(hole.names, hole.literals, self._bases[place])]

    def _token(self, node: Node, at: int, word: str, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        public = PUBLIC_NAME.match(self._text, at)
        if public is not None:
            self._public(node, at, public[0], evidence, done)
        elif word in ("statictoken", "settoken", "auth.static"):
            self._sdk(node, evidence, done)
        elif word == "bearer ":
            self._bearer(node, at, evidence, done)
        elif word in ("createdirectus", "new directus"):
            self._client(node, evidence)
        elif word == "untimeconfig":
            self._runtime_config(node, evidence, done)
        elif word == "directus":
            self._nuxt_module(node, evidence, done)
        else:
            self._named_token(node, evidence, done)

    def _public(self, node: Node, at: int, name: str, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        """A variable that browsers get, by its whole name."""
        whole = node.type in ("identifier", "property_identifier", "shorthand_property_identifier", "string_fragment",
                              "shorthand_property_identifier_pattern")  # fmt: skip
        if not whole or self._written(node) != name or ("variable", at) in done:
            return
        if node.parent is not None and node.parent.type == "property_signature":
            return  # a type says how it is called, not that it is used
        done.add(("variable", at))
        evidence.tokens.append(
            HeldToken(self._place(self._base + at, self._base + at + len(name)), Holds.VARIABLE, name)
        )

    def _sdk(self, node: Node, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        """`staticToken(…)`, `client.setToken(…)`, `directus.auth.static(…)`, and `auth: { staticToken: … }` of older clients."""
        if is_key(node) or node.type == "shorthand_property_identifier":
            around = key_text(up(up(node, "object"), "pair", "arguments") or node, self._text)
            value = node.parent.child_by_field_name("value") if is_key(node) and node.parent is not None else node
            if around == "auth" and value is not None:
                self._handed(value, self._written(node), evidence, done, used=True)
            return
        function = node
        while function.parent is not None and function.parent.type == "member_expression":
            function = function.parent
        call = call_of(function)
        if call is None:
            return
        given = arguments_of(call)
        names = self._names(function)
        if not given or not (
            self._written(node) == "staticToken"
            or any("directus" in name.lower() for name in names)
            or (self._declares_client(function))
        ):
            return
        self._handed(given[0], self._written(node), evidence, done, used=True)

    def _declares_client(self, function: Node) -> bool:
        name = self._written(function).split(".", 1)[0]
        declared = self._declared(name, function)
        return declared is not None and bool(CLIENTS.search(self._written(declared)))

    def _handed(
        self,
        value: Node,
        name: str,
        evidence: CodeEvidence,
        done: set[tuple[str, int]],
        *,
        used: bool,
        address: Address | None = None,
        after: str = "",
    ) -> None:
        """A token handed to something: a literal, or a public variable behind a name. `after`: the text before it."""
        pieces = self._pieces(value, value)
        text = "".join(piece.text for piece in pieces if isinstance(piece, WrittenText))
        if text and all(isinstance(piece, WrittenText) for piece in pieces):
            token = text.removeprefix(after)
            source = self._origin(value, token) or self._literal(value) or value
            self._hold(source, name, token, evidence, done, used=used, address=address)
            return
        for piece in pieces:
            if not isinstance(piece, Hole):
                continue
            for literal, start, end in piece.literals:
                self._hold_at(start, end, name, literal, evidence, done, used=used, address=address)
            for held in piece.names:
                for public in PUBLIC_NAME.findall(held):
                    if ("handed " + public, value.start_byte) not in done:
                        done.add(("handed " + public, value.start_byte))
                        location = self._place(self._base + value.start_byte, self._base + value.end_byte)
                        evidence.tokens.append(HeldToken(location, Holds.VARIABLE, public, used=used, address=address))
        self._follow(value, name, evidence, done, used=used, address=address)

    def _follow(
        self, value: Node, name: str, evidence: CodeEvidence, done: set[tuple[str, int]], *, used: bool,
        address: Address | None,
    ) -> None:  # fmt: skip
        """A token that names, members and imports lead to."""
        here = self._place(self._base + value.start_byte, self._base + value.end_byte)
        # What is written at the place itself tells, too: `env.CMS_KEY` of a package that checks variables.
        for origin in (Origin(names=self._names(bare(value))), *self.trace(value, (), Trail())):
            place = origin.location or here
            if origin.lost:
                evidence.tokens.append(HeldToken(here, Holds.ELSEWHERE, name, used=used, address=address))
            elif origin.text is not None:
                self._hold_in(place, name, origin.text, evidence, done, used=used, address=address)
            publics = {public for written in origin.names for public in PUBLIC_NAME.findall(written)}
            servers = {match[1] or match[2] for written in origin.names for match in _OF_ENVIRONMENT.finditer(written)}
            for variable in (*sorted(publics), origin.variable, *sorted(servers)):
                if variable and ("handed " + variable, value.start_byte) not in done:
                    done.add(("handed " + variable, value.start_byte))
                    holds = Holds.SERVER if variable in servers - publics else Holds.VARIABLE
                    evidence.tokens.append(HeldToken(place, holds, variable, used=used, address=address))

    def _origin(self, node: Node, token: str) -> Node | None:
        """The literal that gives a token its text, behind names, templates and sums."""
        waiting = [node]
        for _ in range(_MOST_PARTS):
            if not waiting:
                break
            one = bare(waiting.pop())
            literal = self._literal(one)
            if literal is not None and self._written(literal)[1:-1] == token:
                return literal
            declared = self._declared(self._written(one), one) if one.type == "identifier" else None
            if declared is not None:
                waiting.append(declared)
            elif one.type in ("template_string", "binary_expression", "template_substitution"):
                waiting += reversed(one.named_children)
        return None

    def _hold(
        self, node: Node, name: str, token: str, evidence: CodeEvidence, done: set[tuple[str, int]], *, used: bool,
        address: Address | None,
    ) -> None:  # fmt: skip
        inset = 1 if node.type in ("string", "template_string") else 0
        self._hold_at(
            node.start_byte + inset, node.end_byte - inset, name, token, evidence, done, used=used, address=address
        )

    def _hold_at(
        self, start: int, end: int, name: str, token: str, evidence: CodeEvidence, done: set[tuple[str, int]], *, used: bool,
        address: Address | None,
    ) -> None:  # fmt: skip
        location = self._place(self._base + start, self._base + max(end, start))
        self._hold_in(location, name, Secret(token), evidence, done, used=used, address=address)

    def _hold_in(
        self, location: Location, name: str, token: Secret, evidence: CodeEvidence, done: set[tuple[str, int]], *, used: bool,
        address: Address | None,
    ) -> None:  # fmt: skip
        # A second use of the same text counts where it tells who gets it.
        key = "literal" if address is None and not used else "literal with address"
        place = (f"{key} {location.path} {location.line}", location.column)
        if token.reveal() and place not in done:
            done.add(place)
            evidence.tokens.append(HeldToken(location, Holds.LITERAL, name, token, used=used, address=address))

    def _bearer(self, node: Node, at: int, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        literal = up(node, "string", "template_string")
        if literal is None or self._text[literal.start_byte + 1 : at] or compares(literal):
            return
        whole = whole_of(literal)
        pieces, call = self._sent_to(whole)
        address = address_of([*pieces, WrittenText("?access_token=")]) if call is not None else None
        self._handed(whole, "Authorization", evidence, done, used=False, address=address, after="Bearer ")

    def _client(self, node: Node, evidence: CodeEvidence) -> None:
        """The host a client is made for."""
        call = up(node, "call_expression", "new_expression")
        given = arguments_of(call) if call is not None else []
        if given:
            address = address_of([*self._pieces(given[0], given[0]), WrittenText("/?access_token=")])
            hosts = [address.origin] if address else []
            for piece in self._pieces(given[0], given[0]):
                if isinstance(piece, Hole):
                    hosts += [*(text for text, _, _ in piece.literals), *piece.bases]
            evidence.hosts.update(host for text in hosts if (host := host_of(text)))

    def _runtime_config(self, node: Node, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        """Nuxt's `runtimeConfig.public`, Next's `publicRuntimeConfig`: browsers get its values."""
        pair = up(node, "pair")
        if pair is None:
            return
        name = key_text(pair, self._text)
        value = pair.child_by_field_name("value")
        if name == "runtimeConfig" and value is not None and value.type == "object":
            value = self._member(value, "public")
        elif name != "publicRuntimeConfig":
            return
        if value is None or value.type != "object":
            return
        for joined, held in self._leaves(value):
            if re.search(r"directus.*token", joined, re.IGNORECASE) and ("variable", held.start_byte) not in done:
                done.add(("variable", held.start_byte))
                location = self._place(self._base + held.start_byte, self._base + held.end_byte)
                evidence.tokens.append(HeldToken(location, Holds.VARIABLE, f"public.{joined}"))

    def _nuxt_module(self, node: Node, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        """`directus: { token: … }` of the module nuxt-directus, which puts its options into the public part of the config."""
        pair = up(node, "pair")
        options = pair.child_by_field_name("value") if pair is not None else None
        path = self._place(self._base, self._base).path.rpartition("/")[2]
        if options is None or options.type != "object" or not path.startswith("nuxt.config."):
            return
        value = self._member(options, "token")
        if value is None or self._written(value) in ("undefined", "null", "''", '""', "``"):
            return
        if ("variable", value.start_byte) not in done:
            done.add(("variable", value.start_byte))
            location = self._place(self._base + value.start_byte, self._base + value.end_byte)
            pieces = self._pieces(value, value)
            text = "".join(piece.text for piece in pieces if isinstance(piece, WrittenText))
            known = all(isinstance(piece, WrittenText) for piece in pieces)
            secret = Secret(text) if known else None
            evidence.tokens.append(HeldToken(location, Holds.VARIABLE, "public.directus.token", secret, used=True))

    def _public_config(self, node: Node, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        """`useRuntimeConfig().public.directusToken`."""
        while node.parent is not None and node.parent.type == "member_expression":
            node = node.parent
        written = re.fullmatch(
            r"[\w$.()]*[cC]onfig(?:\(\))?\.(public\.directus[\w.]*[tT]oken)(?:\.value)?", self._written(node)[:300]
        )
        if written is not None and ("variable", node.start_byte) not in done:
            done.add(("variable", node.start_byte))
            location = self._place(self._base + node.start_byte, self._base + node.end_byte)
            evidence.tokens.append(HeldToken(location, Holds.VARIABLE, written[1]))

    def _leaves(self, node: Node) -> Iterator[tuple[str, Node]]:
        """The members of an object and of those in it, each with its path."""
        waiting = [("", node)]
        while waiting:
            above, held = waiting.pop()
            for pair in held.named_children:
                value = pair.child_by_field_name("value") if pair.type == "pair" else None
                if value is None:
                    continue
                path = f"{above}{key_text(pair, self._text)}"
                if value.type == "object":
                    waiting.append((f"{path}.", value))
                else:
                    yield path, value

    def _named_token(self, node: Node, evidence: CodeEvidence, done: set[tuple[str, int]]) -> None:
        """`const directusToken = "…"`: a name says what the text is."""
        parent = node.parent
        held = node if node.type == "member_expression" else parent
        if held is not None and held.type == "member_expression":
            self._public_config(held, evidence, done)
            return
        if parent is None or node.type not in ("identifier", "property_identifier", "string_fragment"):
            return
        if parent.type == "string":
            parent = parent.parent or parent
        if parent.type not in (
            "variable_declarator",
            "pair",
            "assignment_expression",
            "public_field_definition",
            "field_definition",
        ):
            return
        name = self._written(node)
        if not re.search(r"directus_?\w*token\w*\Z", name, re.IGNORECASE):
            return
        value = parent.child_by_field_name("value") or parent.child_by_field_name("right")
        if value is None or value.start_byte <= node.start_byte:
            return
        value = bare(value)
        pieces = self._pieces(value, value) if value.type in ("string", "template_string", "binary_expression") else []
        if pieces and all(isinstance(piece, WrittenText) for piece in pieces):
            self._hold(value, name, "".join(piece.text for piece in pieces if isinstance(piece, WrittenText)), evidence, done,
                       used=True, address=None)  # fmt: skip
        for piece in pieces:
            if isinstance(piece, Hole):
                for literal, start, end in piece.literals:
                    self._hold_at(start, end, name, literal, evidence, done, used=True, address=None)
