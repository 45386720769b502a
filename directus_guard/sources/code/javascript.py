"""Addresses with a token, and tokens, in JavaScript and TypeScript. Only what stands around a telling word is looked at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.code import Address, HeldToken, Holds, Place, TokenInAddress
from directus_guard.secret import Secret
from directus_guard.sources.code.expressions import (
    CLIENTS,
    INSIDE,
    MAX_DEPTH,
    MOST_STEPS,
    MOST_STEPS_OF_ALL,
    Expressions,
    arguments_of,
    bare,
    call_of_first,
    compares,
    is_key,
    is_method_object,
    key_text,
    named_key,
    up,
    whole_of,
)
from directus_guard.sources.code.pieces import (
    HOLE,
    PUBLIC_NAME,
    PUBLIC_PREFIX,
    Hole,
    Text,
    address_of,
    addressed,
    host_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

    from directus_guard.sources.code.pieces import Found, Piece

NEEDLE: Final = re.compile(
    rf"access_token|staticToken|setToken|auth\.static|\bBearer |\bcreateDirectus\b|\bnew Directus\b|{PUBLIC_PREFIX}\w{{0,100}}TOKEN"
    rf"|{PUBLIC_PREFIX}\w{{0,100}}DIRECTUS|untimeConfig|directus[\w.]{{0,60}}token|\bdirectus(?=[\"']?\s{{0,8}}:\s{{0,8}}\{{)",
    re.IGNORECASE,
)
"""The words that tell something."""
_PARTS: Final = ("token", "directus", "static", "bearer ", "untimeconfig")
"""Each of them holds one of these, so that other lines need no closer look."""
_MARKUP: Final = frozenset({
    "src", "srcset", "srcSet", "href", "poster", "data", "background", "backgroundImage", "image", "style", "to", "xlinkHref",
    "content", "url", "uri",
})  # fmt: skip
"""Attributes and properties whose address the browser fetches by itself."""
_NAVIGATES: Final = re.compile(
    r"(?:window\.)?open|(?:window\.)?location\.(?:assign|replace)|Linking\.openURL|navigateTo|router\.push"
)


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


class Script(Expressions):
    """One text, searched."""

    def search(self, found: Found) -> None:
        """Add everything the text holds to `found`."""
        done: set[tuple[str, int]] = set()
        for match in _needles(self._text):
            word = match[0].lower()
            node = self._root.descendant_for_byte_range(match.start(), match.end())
            if node is None or node.type in ("comment", "html_comment", "hash_bang_line", "regex_pattern"):
                continue
            self._most = min(self._steps + MOST_STEPS, MOST_STEPS_OF_ALL)
            if self._steps >= MOST_STEPS_OF_ALL:
                found.unread.append(self._place(self._base + match.start(), self._base + match.end()))
                return
            if word == "access_token":
                self._access_token(node, match.start(), found, done)
            else:
                self._token(node, match.start(), word, found, done)

    # --- access_token -------------------------------------------------------------------------------------------------

    def _access_token(self, node: Node, at: int, found: Found, done: set[tuple[str, int]]) -> None:
        if node.type in ("string_fragment", "template_string", "string", "escape_sequence"):
            written = self._text[at + len("access_token") : at + len("access_token") + 1]
            if written == "=":
                self._in_text(node, at, found, done)
            elif (key := named_key(node)) is not None:
                self._in_object(key, found, done)
            elif (call := call_of_first(node)) is not None:
                self._in_call(call, found, done)
        elif node.type in ("property_identifier", "shorthand_property_identifier") and (
            node.type != "property_identifier" or is_key(node)
        ):
            self._in_object(node, found, done)
        elif node.type == "ERROR":
            found.unread.append(self._place(self._base + at, self._base + at + len("access_token")))

    def _in_text(self, node: Node, at: int, found: Found, done: set[tuple[str, int]]) -> None:
        literal = up(node, "string", "template_string")
        if literal is None:
            # a text of a type, or one that is never closed
            if up(node, "ERROR") is not None:
                found.unread.append(self._place(self._base + at, self._base + at + len("access_token")))
            return
        if compares(literal) or (literal.parent is not None and literal.parent.type == "literal_type"):
            return
        whole = whole_of(literal)
        self._report(literal, *self._addressed(whole, literal), found, done)

    def _addressed(self, whole: Node, part: Node) -> tuple[list[Piece], Node]:
        """The pieces of an expression; of one that is a query only (`?access_token=…`) those of where it is used."""
        pieces = self._pieces(whole, part, 0)
        if addressed(pieces):
            return pieces, whole
        base = self._search_of(whole)
        if base is not None:
            return [*self._pieces(base, base, 0), Text("?"), *pieces], base
        for use in self._uses(whole):
            larger = whole_of(use)
            used = self._pieces(larger, use, 0)
            if addressed(used):
                return used, larger
        return pieces, whole

    def _in_call(self, call: Node, found: Found, done: set[tuple[str, int]]) -> None:
        """`searchParams.set("access_token", …)` and `append`."""
        function = call.child_by_field_name("function")
        if function is None or function.type != "member_expression":
            return
        method, held = function.child_by_field_name("property"), function.child_by_field_name("object")
        if method is None or held is None or self._written(method) not in ("set", "append"):
            return
        literal = arguments_of(call)[0]
        if held.type == "member_expression" and self._written(held).endswith("searchParams"):
            base = held.child_by_field_name("object")
            pieces = self._pieces(base, base, 0) if base is not None else []
            whole = base if base is not None else call
            place = Place.MARKUP if base is not None and self._navigated(base) else None
            self._report(literal, [*pieces, Text("?access_token="), Hole(())], whole, found, done, place)
            return
        name = self._written(held)
        for use in self._named(name):
            if use.start_byte != held.start_byte and not is_method_object(use):
                larger = whole_of(use)
                if larger.start_byte == use.start_byte and larger.end_byte == use.end_byte:
                    larger = self._search_of(use) or larger
                pieces = self._pieces(larger, use, 0, {name: [Text("access_token="), Hole(())]})
                if addressed(pieces):
                    self._report(literal, pieces, larger, found, done)
                    return
        if self._is_query(held):
            self._report(literal, [Text("?access_token="), Hole(())], call, found, done)

    def _search_of(self, use: Node) -> Node | None:
        """`url` in `url.search = params`."""
        assignment = whole_of(use).parent
        left = assignment.child_by_field_name("left") if assignment is not None else None
        if left is not None and left.type == "member_expression" and self._written(left).endswith(".search"):
            return left.child_by_field_name("object")
        return None

    def _is_query(self, node: Node) -> bool:
        """Whether a name was declared as URLSearchParams (a Headers or FormData has `set` and `append`, too)."""
        declared = self._declared(self._written(node), node)
        return declared is not None and "URLSearchParams" in self._written(declared)[:80]

    def _in_object(self, key: Node, found: Found, done: set[tuple[str, int]]) -> None:
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
                self._report(key, *self._addressed(whole_of(owner.parent), owner.parent), found, done)
            return
        if owner.type == "pair" and key_text(owner, self._text) in ("params", "query", "searchParams"):
            asked, call = self._request(owner)
            if call is not None:
                self._report(key, [*asked, Text("?access_token="), Hole(())], call, found, done)

    def _request(self, options: Node) -> tuple[list[Piece], Node | None]:
        """The address of the call whose options hold a node, and the call; nothing where there is no call around it."""
        arguments = up(options, "arguments")
        call = arguments.parent if arguments is not None else None
        if arguments is None or call is None:
            return [], None
        given = arguments_of(call)
        called = call.child_by_field_name("function") or call.child_by_field_name("constructor")
        name = self._written(called) if called is not None else ""
        held = up(options, "object")
        url = next(
            (
                value
                for node in (held, *(item for item in given if item.type == "object"))
                if node is not None
                for key in ("url", "baseURL", "baseUrl", "path")
                if (value := self._member(node, key)) is not None
            ),
            None,
        )
        first = given[0] if given and given[0].type != "object" else url
        pieces = self._pieces(first, first, 0) if first is not None else []
        base = self._base_of(called, given)
        if base and not (isinstance(pieces[0], Text) and "://" in pieces[0].text if pieces else False):
            slash = (
                [] if not pieces or (isinstance(pieces[0], Text) and pieces[0].text.startswith("/")) else [Text("/")]
            )
            return [*base, *slash, *pieces], call
        if CLIENTS.search(name) and not pieces:
            return [Hole(("Directus",)), Text("/")], call
        return pieces, call

    def _base_of(self, called: Node | None, given: Sequence[Node]) -> list[Piece]:
        """What a client puts before its addresses: `baseURL` of its options, or of `axios.create({ baseURL })`."""
        for options in given:
            value = self._member(options, "baseURL") if options.type == "object" else None
            if value is not None:
                return self._pieces(value, value, 0)
        if called is None:
            return []
        name = self._written(called).split(".", 1)[0].split("(", 1)[0]
        if re.fullmatch(
            r"axios|fetch|\$?o?fetch|useFetch|useLazyFetch|useSWR|ky|got|request|needle|superagent|http|window|\$http|this",
            name,
        ):
            return []
        if CLIENTS.search(self._written(called)):
            return [Hole(("Directus",))]
        declared = self._declared(name, called)
        if declared is not None:
            for argument in arguments_of(bare(declared)):
                for key in ("baseURL", "baseUrl", "prefixUrl"):
                    value = self._member(argument, key) if argument.type == "object" else None
                    if value is not None:
                        return self._pieces(value, value, 0)
        return [Hole(self._names(called))]

    # --- tokens -------------------------------------------------------------------------------------------------------

    def _token(self, node: Node, at: int, word: str, found: Found, done: set[tuple[str, int]]) -> None:
        public = PUBLIC_NAME.match(self._text, at)
        if public is not None:
            self._public(node, at, public[0], found, done)
        elif word in ("statictoken", "settoken", "auth.static"):
            self._sdk(node, found, done)
        elif word == "bearer ":
            self._bearer(node, at, found, done)
        elif word in ("createdirectus", "new directus"):
            self._client(node, found)
        elif word == "untimeconfig":
            self._runtime_config(node, found, done)
        elif word == "directus":
            self._nuxt_module(node, found, done)
        else:
            self._named_token(node, found, done)

    def _public(self, node: Node, at: int, name: str, found: Found, done: set[tuple[str, int]]) -> None:
        """A variable that browsers get, by its whole name."""
        whole = node.type in ("identifier", "property_identifier", "shorthand_property_identifier", "string_fragment",
                              "shorthand_property_identifier_pattern")  # fmt: skip
        if not whole or self._written(node) != name or ("variable", at) in done:
            return
        if node.parent is not None and node.parent.type == "property_signature":
            return  # a type says how it is called, not that it is used
        done.add(("variable", at))
        found.tokens.append(HeldToken(self._place(self._base + at, self._base + at + len(name)), Holds.VARIABLE, name))

    def _sdk(self, node: Node, found: Found, done: set[tuple[str, int]]) -> None:
        """`staticToken(…)`, `client.setToken(…)`, `directus.auth.static(…)`."""
        function = node
        while function.parent is not None and function.parent.type == "member_expression":
            function = function.parent
        call = function.parent
        if call is None or call.type != "call_expression" or call.child_by_field_name("function") != function:
            return
        given = arguments_of(call)
        names = self._names(function)
        if not given or not (
            self._written(node) == "staticToken"
            or any("directus" in name.lower() for name in names)
            or (self._declares_client(function))
        ):
            return
        self._handed(given[0], self._written(node), found, done, used=True)

    def _declares_client(self, function: Node) -> bool:
        name = self._written(function).split(".", 1)[0]
        declared = self._declared(name, function)
        return declared is not None and bool(CLIENTS.search(self._written(declared)))

    def _handed(
        self,
        value: Node,
        name: str,
        found: Found,
        done: set[tuple[str, int]],
        *,
        used: bool,
        address: Address | None = None,
        after: str = "",
    ) -> None:
        """A token handed to something: a literal, or a public variable behind a name. `after`: what stands before it."""
        pieces = self._pieces(value, value, 0)
        text = "".join(piece.text for piece in pieces if isinstance(piece, Text))
        if all(isinstance(piece, Text) for piece in pieces):
            token = text.removeprefix(after)
            source = self._origin(value, token, 0) or self._literal(value) or value
            self._hold(source, name, token, found, done, used=used, address=address)
            return
        for piece in pieces:
            if not isinstance(piece, Hole):
                continue
            for literal, start, end in piece.literals:
                self._hold_at(start, end, name, literal, found, done, used=used, address=address)
            for held in piece.names:
                for public in PUBLIC_NAME.findall(held):
                    if ("handed " + public, value.start_byte) not in done:
                        done.add(("handed " + public, value.start_byte))
                        location = self._place(self._base + value.start_byte, self._base + value.end_byte)
                        found.tokens.append(HeldToken(location, Holds.VARIABLE, public, used=used, address=address))

    def _origin(self, node: Node | None, token: str, depth: int) -> Node | None:
        """The literal that gives a token its text, behind names, templates and sums."""
        if node is None or depth > MAX_DEPTH:
            return None
        node = bare(node)
        literal = self._literal(node)
        if literal is not None and self._written(literal)[1:-1] == token:
            return literal
        if node.type == "identifier":
            return self._origin(self._declared(self._written(node), node), token, depth + 1)
        if node.type not in ("template_string", "binary_expression", "template_substitution"):
            return None
        inner = (self._origin(child, token, depth + 1) for child in node.named_children[:20])
        return next((found for found in inner if found is not None), None)

    def _hold(
        self, node: Node, name: str, token: str, found: Found, done: set[tuple[str, int]], *, used: bool,
        address: Address | None,
    ) -> None:  # fmt: skip
        inset = 1 if node.type in ("string", "template_string") else 0
        self._hold_at(
            node.start_byte + inset, node.end_byte - inset, name, token, found, done, used=used, address=address
        )

    def _hold_at(
        self, start: int, end: int, name: str, token: str, found: Found, done: set[tuple[str, int]], *, used: bool,
        address: Address | None,
    ) -> None:  # fmt: skip
        # A second use of the same text counts where it tells who gets it.
        key = "literal" if address is None and not used else "literal with address"
        if not token or (key, start) in done:
            return
        done.add((key, start))
        location = self._place(self._base + start, self._base + max(end, start))
        found.tokens.append(HeldToken(location, Holds.LITERAL, name, Secret(token), used=used, address=address))

    def _bearer(self, node: Node, at: int, found: Found, done: set[tuple[str, int]]) -> None:
        literal = up(node, "string", "template_string")
        if literal is None or self._text[literal.start_byte + 1 : at] or compares(literal):
            return
        whole = whole_of(literal)
        pieces, call = self._request(whole)
        address = address_of([*pieces, Text("?access_token=")]) if call is not None else None
        self._handed(whole, "Authorization", found, done, used=False, address=address, after="Bearer ")

    def _client(self, node: Node, found: Found) -> None:
        """The host a client is made for."""
        call = up(node, "call_expression", "new_expression")
        given = arguments_of(call) if call is not None else []
        if given:
            address = address_of([*self._pieces(given[0], given[0], 0), Text("/?access_token=")])
            hosts = [address.origin] if address else []
            for piece in self._pieces(given[0], given[0], 0):
                if isinstance(piece, Hole):
                    hosts += [text for text, _, _ in piece.literals]
            found.hosts.update(host for text in hosts if (host := host_of(text)))

    def _runtime_config(self, node: Node, found: Found, done: set[tuple[str, int]]) -> None:
        """Nuxt's `runtimeConfig.public`, Next's `publicRuntimeConfig`: what stands there is shipped to browsers."""
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
        for path, held in self._leaves(value, 0):
            joined = ".".join(path)
            if re.search(r"directus.*token", joined, re.IGNORECASE) and ("variable", held.start_byte) not in done:
                done.add(("variable", held.start_byte))
                location = self._place(self._base + held.start_byte, self._base + held.end_byte)
                found.tokens.append(HeldToken(location, Holds.VARIABLE, f"public.{joined}"))

    def _nuxt_module(self, node: Node, found: Found, done: set[tuple[str, int]]) -> None:
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
            pieces = self._pieces(value, value, 0)
            text = "".join(piece.text for piece in pieces if isinstance(piece, Text))
            known = all(isinstance(piece, Text) for piece in pieces)
            secret = Secret(text) if known else None
            found.tokens.append(HeldToken(location, Holds.VARIABLE, "public.directus.token", secret, used=True))

    def _public_config(self, node: Node, found: Found, done: set[tuple[str, int]]) -> None:
        """`useRuntimeConfig().public.directusToken`."""
        while node.parent is not None and node.parent.type == "member_expression":
            node = node.parent
        written = re.fullmatch(
            r"[\w$.()]*[cC]onfig(?:\(\))?\.(public\.directus[\w.]*[tT]oken)(?:\.value)?", self._written(node)[:300]
        )
        if written is not None and ("variable", node.start_byte) not in done:
            done.add(("variable", node.start_byte))
            location = self._place(self._base + node.start_byte, self._base + node.end_byte)
            found.tokens.append(HeldToken(location, Holds.VARIABLE, written[1]))

    def _leaves(self, node: Node, depth: int) -> Iterator[tuple[tuple[str, ...], Node]]:
        for pair in node.named_children:
            value = pair.child_by_field_name("value") if pair.type == "pair" else None
            if value is None or depth > MAX_DEPTH:
                continue
            name = key_text(pair, self._text)
            if value.type == "object":
                yield from (((name, *rest), leaf) for rest, leaf in self._leaves(value, depth + 1))
            else:
                yield (name,), value

    def _named_token(self, node: Node, found: Found, done: set[tuple[str, int]]) -> None:
        """`const directusToken = "…"`: a name says what the text is."""
        parent = node.parent
        held = node if node.type == "member_expression" else parent
        if held is not None and held.type == "member_expression":
            self._public_config(held, found, done)
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
        pieces = (
            self._pieces(value, value, 0) if value.type in ("string", "template_string", "binary_expression") else []
        )
        if pieces and all(isinstance(piece, Text) for piece in pieces):
            self._hold(value, name, "".join(piece.text for piece in pieces if isinstance(piece, Text)), found, done,
                       used=True, address=None)  # fmt: skip
        for piece in pieces:
            if isinstance(piece, Hole):
                for literal, start, end in piece.literals:
                    self._hold_at(start, end, name, literal, found, done, used=True, address=None)

    # --- reports ------------------------------------------------------------------------------------------------------

    def _report(
        self,
        literal: Node,
        pieces: Sequence[Piece],
        whole: Node,
        found: Found,
        done: set[tuple[str, int]],
        place: Place | None = None,
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
        css = any(isinstance(piece, Text) and re.search(r"\burl\(", piece.text) for piece in pieces)
        if place is None:
            place = Place.MARKUP if css or self._in_markup(whole) else Place.CALL
        found.addresses.append(TokenInAddress(location, address_of(pieces), place))
        written = "".join(piece.text if isinstance(piece, Text) else HOLE for piece in pieces)
        after = re.search(r"access_token=([A-Za-z0-9_.~-]+)(?![^&#'\") ])", written)
        if after is not None:
            self._hold(literal, "access_token", after[1], found, done, used=False, address=address_of(pieces))
        else:
            self._public_in(literal, pieces, found, done)

    def _public_in(self, literal: Node, pieces: Sequence[Piece], found: Found, done: set[tuple[str, int]]) -> None:
        """A public variable as the token of the address."""
        seen = False
        for piece in pieces:
            if isinstance(piece, Text):
                seen = piece.text.endswith("access_token=") or (seen and not piece.text)
            elif seen:
                for name in piece.names:
                    for public in PUBLIC_NAME.findall(name):
                        location = self._place(self._base + literal.start_byte, self._base + literal.end_byte)
                        found.tokens.append(HeldToken(location, Holds.VARIABLE, public, address=address_of(pieces)))
                for text, start, end in piece.literals:
                    self._hold_at(start, end, "access_token", text, found, done, used=False, address=address_of(pieces))
                seen = False

    def _in_markup(self, whole: Node) -> bool:
        if self._navigated(whole):
            return True
        uses = [use for use in self._uses(whole) if use.parent is not None]
        return bool(uses) and all(self._navigated(whole_of(use)) for use in uses)

    def _navigated(self, node: Node) -> bool:
        """Whether the browser fetches the address of an expression by itself."""
        parent = node.parent
        while parent is not None and parent.type in (*INSIDE, "jsx_expression"):
            node, parent = parent, parent.parent
        if parent is None or parent.type == "program" or (
            parent.type == "expression_statement" and self._attribute is not None
        ):  # fmt: skip
            return self._attribute in _MARKUP if self._attribute is not None else False
        if parent.type == "jsx_attribute":
            return self._written(parent.named_children[0]) in _MARKUP
        if parent.type == "pair":
            name = key_text(parent, self._text)
            return name in ("src", "srcset", "srcSet", "href", "poster", "backgroundImage", "background")
        if parent.type == "assignment_expression":
            left = parent.child_by_field_name("left")
            target = self._written(left).rsplit(".", 1)[-1] if left is not None else ""
            return target in ("src", "srcset", "href", "poster", "backgroundImage", "background", "location")
        if parent.type == "arguments" and parent.parent is not None:
            function = parent.parent.child_by_field_name("function")
            return function is not None and _NAVIGATES.fullmatch(self._written(function)) is not None
        return False
