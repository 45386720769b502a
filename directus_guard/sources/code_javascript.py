"""Addresses with a token, and tokens, in JavaScript and TypeScript. Nothing is executed.

Only what stands around a telling word is looked at. An expression is read as pieces: texts, and holes for what is
computed, each with the names that stand there and what those were declared as.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from directus_guard.directus.code import Address, HeldToken, Holds, Place, TokenInAddress
from directus_guard.secret import Secret
from directus_guard.sources import syntax_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tree_sitter import Node

    from directus_guard.finding import Location
    from directus_guard.sources.syntax_tree import Grammar

PUBLIC_PREFIX: Final = (
    r"(?:NEXT_PUBLIC|NUXT_PUBLIC|VITE|PUBLIC|REACT_APP|GATSBY|EXPO_PUBLIC|VUE_APP|NUXT_ENV|STORYBOOK)_"
)
"""Beginnings of variables that the tools put into what browsers load: Next, Nuxt, Vite, SvelteKit and Astro, Create React
App, Gatsby, Expo, Vue CLI, Nuxt 2, Storybook."""
PUBLIC_NAME: Final = re.compile(rf"\b{PUBLIC_PREFIX}\w+")
NEEDLE: Final = re.compile(
    rf"access_token|staticToken|setToken|auth\.static|\bBearer |\bcreateDirectus\b|\bnew Directus\b|{PUBLIC_PREFIX}\w*TOKEN"
    rf"|{PUBLIC_PREFIX}\w*DIRECTUS|untimeConfig|directus\w*token",
    re.IGNORECASE,
)
"""Without one of these words a file has nothing to tell."""

_MAX_DEPTH: Final = 24
_MOST_STEPS: Final = 2000
"""Expressions that are followed for one word …"""
_MOST_STEPS_OF_ALL: Final = 300_000
"""… and for one text: names that stand for names many times over grow beyond any bound."""
_MAX_UP: Final = 100
_MAX_TEXT: Final = 4000
_HOLE: Final = "\x00"
_MARKUP: Final = frozenset({
    "src", "srcset", "srcSet", "href", "poster", "data", "background", "backgroundImage", "image", "style", "to", "xlinkHref",
    "content", "url", "uri",
})  # fmt: skip
"""Attributes and properties whose address the browser fetches by itself."""
_NAVIGATES: Final = re.compile(
    r"(?:window\.)?open|(?:window\.)?location\.(?:assign|replace)|Linking\.openURL|navigateTo|router\.push"
)
_COMPARES: Final = frozenset({
    "includes", "indexOf", "startsWith", "endsWith", "match", "split", "replace", "replaceAll", "test", "search", "get", "has",
    "delete", "getItem", "removeItem", "log", "error", "warn", "info", "debug",
})  # fmt: skip
"""Methods that look for a text or print it: no address is built."""
_CLIENTS: Final = re.compile(r"\b(?:createDirectus|Directus|DirectusSDK)\b")
_SPACE: Final = re.compile(r"\s+")
_INSIDE: Final = ("parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression",
                  "type_assertion")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A piece that is written down."""

    text: str


@dataclass(frozen=True, slots=True)
class Hole:
    """A piece that is computed: the names that stand there, and the texts it falls back to."""

    names: tuple[str, ...]
    literals: tuple[tuple[str, int, int], ...] = ()
    """Text, start and end of each fallback."""


Piece = Text | Hole


@dataclass(slots=True)
class Found:
    """What the code of one package told so far."""

    addresses: list[TokenInAddress]
    tokens: list[HeldToken]
    hosts: set[str]
    unread: list[Location]

    @classmethod
    def nothing(cls) -> Found:
        """An empty one."""
        return cls([], [], set(), [])


class Script:
    """One text in JavaScript or TypeScript: a file, or a part of one that begins at `base` of it.

    `place` makes a region of the file from offsets in it; `outer` is the script whose names the text may use.
    """

    def __init__(
        self,
        text: str,
        grammar: Grammar,
        place: Callable[[int, int], Location],
        *,
        base: int = 0,
        outer: Script | None = None,
        attribute: str | None = None,
    ) -> None:
        self._text, self._place, self._base, self._outer = text, place, base, outer
        self._attribute = attribute
        self._root = syntax_tree.parse(grammar, text)
        self._steps = 0
        self._most = 0

    def search(self, found: Found) -> None:
        """Add everything the text holds to `found`."""
        done: set[tuple[str, int]] = set()
        for match in NEEDLE.finditer(self._text):
            word = match[0].lower()
            node = self._root.descendant_for_byte_range(match.start(), match.end())
            if node is None or node.type in ("comment", "html_comment", "hash_bang_line", "regex_pattern"):
                continue
            self._most = min(self._steps + _MOST_STEPS, _MOST_STEPS_OF_ALL)
            if self._steps >= _MOST_STEPS_OF_ALL:
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
                self._in_text(node, found, done)
            elif (key := _named_key(node)) is not None:
                self._in_object(key, found, done)
            elif (call := _call_of_first(node)) is not None:
                self._in_call(call, found, done)
        elif node.type in ("property_identifier", "shorthand_property_identifier") and (
            node.type != "property_identifier" or _is_key(node)
        ):
            self._in_object(node, found, done)
        elif node.type == "ERROR":
            found.unread.append(self._place(self._base + at, self._base + at + len("access_token")))

    def _in_text(self, node: Node, found: Found, done: set[tuple[str, int]]) -> None:
        literal = _up(node, "string", "template_string")
        if literal is None or _compares(literal) or (literal.parent and literal.parent.type == "literal_type"):
            return
        whole = _whole(literal)
        pieces = self._pieces(whole, literal, 0)
        if not _addressed(pieces):
            # Only a query (`?access_token=…`): the address is where it is used.
            for use in self._uses(whole):
                larger = _whole(use)
                used = self._pieces(larger, use, 0)
                if _addressed(used):
                    whole, pieces = larger, used
                    break
        self._report(literal, pieces, whole, found, done)

    def _in_call(self, call: Node, found: Found, done: set[tuple[str, int]]) -> None:
        """`searchParams.set("access_token", …)` and `append`."""
        function = call.child_by_field_name("function")
        if function is None or function.type != "member_expression":
            return
        method, held = function.child_by_field_name("property"), function.child_by_field_name("object")
        if method is None or held is None or self._written(method) not in ("set", "append"):
            return
        literal = _arguments(call)[0]
        if held.type == "member_expression" and self._written(held).endswith("searchParams"):
            base = held.child_by_field_name("object")
            pieces = self._pieces(base, base, 0) if base is not None else []
            whole = base if base is not None else call
            place = Place.MARKUP if base is not None and self._navigated(base) else None
            self._report(literal, [*pieces, Text("?access_token="), Hole(())], whole, found, done, place)
            return
        name = self._written(held)
        for use in self._named(name):
            if use.start_byte != held.start_byte and not _is_method_object(use):
                larger = _whole(use)
                if larger.start_byte == use.start_byte and larger.end_byte == use.end_byte:
                    larger = self._search_of(use) or larger
                pieces = self._pieces(larger, use, 0, {name: [Text("access_token="), Hole(())]})
                if _addressed(pieces):
                    self._report(literal, pieces, larger, found, done)
                    return
        if self._is_query(held):
            self._report(literal, [Text("?access_token="), Hole(())], call, found, done)

    def _search_of(self, use: Node) -> Node | None:
        """`url` in `url.search = params`."""
        assignment = _up(use, "assignment_expression")
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
        held = _up(key, "object")
        owner: Node | None = held.parent if held is not None else None
        while owner is not None and owner.type in _INSIDE:
            owner = owner.parent
        if owner is None:
            return
        if owner.type == "arguments" and owner.parent is not None:
            called = owner.parent.child_by_field_name("function") or owner.parent.child_by_field_name("constructor")
            name = self._written(called) if called is not None else ""
            if name.endswith(("URLSearchParams", "stringify")):
                whole = _whole(owner.parent)
                pieces = self._pieces(whole, owner.parent, 0)
                if not _addressed(pieces):
                    for use in self._uses(owner.parent):
                        larger = _whole(use)
                        pieces = self._pieces(larger, use, 0)
                        if _addressed(pieces):
                            whole = larger
                            break
                self._report(key, pieces, whole, found, done)
            return
        if owner.type == "pair" and _key_text(owner, self._text) in ("params", "query", "searchParams"):
            asked, call = self._request(owner)
            if call is not None:
                self._report(key, [*asked, Text("?access_token="), Hole(())], call, found, done)

    def _request(self, options: Node) -> tuple[list[Piece], Node | None]:
        """The address of the call whose options hold a node, and the call; nothing where there is no call around it."""
        arguments = _up(options, "arguments")
        call = arguments.parent if arguments is not None else None
        if arguments is None or call is None:
            return [], None
        given = _arguments(call)
        called = call.child_by_field_name("function") or call.child_by_field_name("constructor")
        name = self._written(called) if called is not None else ""
        held = _up(options, "object")
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
        if _CLIENTS.search(name) and not pieces:
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
        declared = self._declared(name, called)
        if declared is not None:
            for argument in _arguments(_bare(declared)):
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
        else:
            self._named_token(node, found, done)

    def _public(self, node: Node, at: int, name: str, found: Found, done: set[tuple[str, int]]) -> None:
        """A variable that browsers get, by its whole name."""
        whole = node.type in ("identifier", "property_identifier", "shorthand_property_identifier", "string_fragment",
                              "shorthand_property_identifier_pattern")  # fmt: skip
        if not whole or self._written(node) != name or ("variable", at) in done:
            return
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
        given = _arguments(call)
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
        return declared is not None and bool(_CLIENTS.search(self._written(declared)))

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
            source = self._literal(value) or value
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

    def _literal(self, node: Node) -> Node | None:
        """The text that a name was declared as."""
        node = _bare(node)
        for _ in range(_MAX_DEPTH):
            if node.type in ("string", "template_string"):
                return node
            if node.type != "identifier":
                return None
            declared = self._declared(self._written(node), node)
            if declared is None:
                return None
            node = _bare(declared)
        return None

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
        if not token or ("literal", start) in done:
            return
        done.add(("literal", start))
        location = self._place(self._base + start, self._base + max(end, start))
        found.tokens.append(HeldToken(location, Holds.LITERAL, name, Secret(token), used=used, address=address))

    def _bearer(self, node: Node, at: int, found: Found, done: set[tuple[str, int]]) -> None:
        literal = _up(node, "string", "template_string")
        if literal is None or self._text[literal.start_byte + 1 : at] or _compares(literal):
            return
        whole = _whole(literal)
        pieces, call = self._request(whole)
        address = _address([*pieces, Text("?access_token=")]) if call is not None else None
        self._handed(whole, "Authorization", found, done, used=False, address=address, after="Bearer ")

    def _client(self, node: Node, found: Found) -> None:
        """The host a client is made for."""
        call = _up(node, "call_expression", "new_expression")
        given = _arguments(call) if call is not None else []
        if given:
            address = _address([*self._pieces(given[0], given[0], 0), Text("/?access_token=")])
            hosts = [address.origin] if address else []
            for piece in self._pieces(given[0], given[0], 0):
                if isinstance(piece, Hole):
                    hosts += [text for text, _, _ in piece.literals]
            found.hosts.update(host for text in hosts if (host := host_of(text)))

    def _runtime_config(self, node: Node, found: Found, done: set[tuple[str, int]]) -> None:
        """Nuxt's `runtimeConfig.public`, Next's `publicRuntimeConfig`: what stands there is shipped to browsers."""
        pair = _up(node, "pair")
        if pair is None:
            return
        name = _key_text(pair, self._text)
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

    def _leaves(self, node: Node, depth: int) -> Iterator[tuple[tuple[str, ...], Node]]:
        for pair in node.named_children:
            value = pair.child_by_field_name("value") if pair.type == "pair" else None
            if value is None or depth > _MAX_DEPTH:
                continue
            name = _key_text(pair, self._text)
            if value.type == "object":
                yield from (((name, *rest), leaf) for rest, leaf in self._leaves(value, depth + 1))
            else:
                yield (name,), value

    def _named_token(self, node: Node, found: Found, done: set[tuple[str, int]]) -> None:
        """`const directusToken = "…"`: a name says what the text is."""
        parent = node.parent
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
        value = _bare(value)
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

    # --- pieces -------------------------------------------------------------------------------------------------------

    def _pieces(
        self, node: Node | None, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None = None
    ) -> list[Piece]:
        """An expression as pieces. Of alternatives the one with `focus` counts; `given` stands for names."""
        self._steps += 1
        if node is None or depth > _MAX_DEPTH or self._steps > self._most:
            return [Hole(())]
        kind = node.type
        if kind == "string":
            return [Text(self._text[node.start_byte + 1 : node.end_byte - 1][:_MAX_TEXT])]
        if kind == "template_string":
            return self._template(node, focus, depth, given)
        if kind in _INSIDE and node.named_children:
            return self._pieces(node.named_children[0], focus, depth + 1, given)
        if kind == "binary_expression":
            return self._binary(node, focus, depth, given)
        if kind == "ternary_expression":
            first, second = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
            return self._pieces(second if _holds(second, focus) else first, focus, depth + 1, given)
        if kind == "identifier":
            return self._name(node, focus, depth, given)
        if kind in ("member_expression", "subscript_expression"):
            return self._member_pieces(node, focus, depth, given)
        if kind == "call_expression":
            return self._call(node, focus, depth, given)
        if kind == "new_expression":
            return self._new(node, focus, depth, given)
        return [Hole(())]

    def _template(
        self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None
    ) -> list[Piece]:
        pieces: list[Piece] = []
        at = node.start_byte + 1
        for child in node.named_children:
            if child.type == "template_substitution":
                pieces.append(Text(self._text[at : child.start_byte]))
                inner = [item for item in child.named_children if item.type != "comment"]
                pieces += self._pieces(inner[0], focus, depth + 1, given) if inner else []
                at = child.end_byte
        return [*pieces, Text(self._text[at : node.end_byte - 1])]

    def _binary(
        self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None
    ) -> list[Piece]:
        operator = node.child_by_field_name("operator")
        sign = self._written(operator) if operator is not None else ""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if sign == "+":
            # `a + b + c + …` nests to the left, as deep as it is long
            operands = []
            at: Node | None = node
            while at is not None and at.type == "binary_expression":
                operands.append(at.child_by_field_name("right"))
                at = at.child_by_field_name("left")
            operands.append(at)
            return [
                piece for item in reversed(operands[-200:]) for piece in self._pieces(item, focus, depth + 1, given)
            ]
        if sign == "&&" or _holds(right, focus):
            return self._pieces(right, focus, depth + 1, given)
        if sign not in ("||", "??"):
            return [Hole(())]
        first = self._pieces(left, focus, depth + 1, given)
        if all(isinstance(piece, Text) for piece in first) and "".join(
            piece.text for piece in first if isinstance(piece, Text)
        ):
            return first
        if len(first) > 1:
            return first
        second = self._pieces(right, focus, depth + 1, given)
        names = tuple(name for piece in (*first, *second) if isinstance(piece, Hole) for name in piece.names)
        literals = tuple(item for piece in (*first, *second) if isinstance(piece, Hole) for item in piece.literals)
        fallback = self._literal(right) if right is not None else None
        if fallback is not None and all(isinstance(piece, Text) for piece in second):
            text = "".join(piece.text for piece in second if isinstance(piece, Text))
            literals = (*literals, (text, fallback.start_byte + 1, fallback.end_byte - 1))
        return [Hole(names, literals)]

    def _name(self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        name = self._written(node)
        if given and name in given:
            return given[name]
        declared = self._declared(name, node)
        if declared is None:
            outer = self._outer.named_outside(name, depth + 1) if self._outer is not None else None
            return outer or [Hole((name, *self._imported.get(name, ())))]
        pieces = self._pieces(declared, focus, depth + 1, given)
        if len(pieces) == 1 and isinstance(pieces[0], Hole):
            return [Hole((name, *pieces[0].names), pieces[0].literals)]
        return pieces

    def named_outside(self, name: str, depth: int) -> list[Piece] | None:
        """What a name of this script stands for, seen from a part of the same file."""
        declared = self._declarations.get(name)
        self._most = self._steps + _MOST_STEPS
        if not declared:
            imported = self._imported.get(name)
            return [Hole((name, *imported))] if imported else None
        pieces = self._pieces(declared[0][1], None, depth + 1)
        if len(pieces) == 1 and isinstance(pieces[0], Hole):
            return [Hole((name, *pieces[0].names), pieces[0].literals)]
        return pieces

    def _member_pieces(
        self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None
    ) -> list[Piece]:
        held, name = node.child_by_field_name("object"), node.child_by_field_name("property")
        if held is not None and name is not None:
            if self._written(name) in ("href", "value"):
                inner = self._pieces(held, focus, depth + 1, given)
                if any(isinstance(piece, Text) for piece in inner):
                    return inner
            declared = self._declared(self._written(held), held) if held.type == "identifier" else None
            if declared is not None and _bare(declared).type == "object":
                value = self._member(_bare(declared), self._written(name))
                if value is not None:
                    return self._pieces(value, focus, depth + 1, given)
        return [Hole(self._names(node))]

    def _names(self, node: Node) -> tuple[str, ...]:
        """An expression as it is written, and what the name it begins with was declared as or imported from."""
        written = _SPACE.sub("", self._written(node))[:200]
        head = re.match(r"[\w$]+", written)
        if head is None:
            return (written,)
        declared = self._declared(head[0], node)
        more: tuple[str, ...] = self._imported.get(head[0], ())
        if declared is None and self._outer is not None:
            more += self._outer.outer_names(head[0])
        if declared is not None:
            text = _SPACE.sub("", self._written(_bare(declared)))
            if _CLIENTS.match(text.removeprefix("new")) or re.match(r"[\w$.?!()\[\]'\"]{1,120}\Z", text):
                more += (text[:200],)
        return (written, *more)

    def outer_names(self, name: str) -> tuple[str, ...]:
        """What a name was declared as or imported from, for a part of the same file."""
        declared = self._declarations.get(name)
        if not declared:
            return self._imported.get(name, ())
        return (_SPACE.sub("", self._written(_bare(declared[0][1])))[:200],)

    def _call(self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        function = node.child_by_field_name("function")
        if function is None:
            return [Hole(())]
        name, arguments = self._written(function), _arguments(node)
        if function.type == "member_expression":
            held, method = function.child_by_field_name("object"), self._written(function.named_children[-1])
            if method in ("toString", "trim", "trimEnd", "replace", "replaceAll", "toJSON", "slice"):
                return self._pieces(held, focus, depth + 1, given)
            if method == "concat":
                return [piece for item in (held, *arguments) for piece in self._pieces(item, focus, depth + 1, given)]
            if method == "join" and held is not None and held.type == "array":
                return self._joined(held, arguments, focus, depth, given)
            if method == "stringify" and arguments:
                return self._query(arguments[0])
        elif name == "String" and arguments:
            return self._pieces(arguments[0], focus, depth + 1, given)
        elif function.type == "identifier":
            body = self._body(function)
            if body is not None:
                pieces = self._pieces(body, focus, depth + 1, given)
                if any(isinstance(piece, Text) and "/" in piece.text for piece in pieces):
                    return pieces
        return [Hole(self._names(function))]

    def _joined(
        self, held: Node, arguments: Sequence[Node], focus: Node | None, depth: int,
        given: Mapping[str, list[Piece]] | None,
    ) -> list[Piece]:  # fmt: skip
        between = self._pieces(arguments[0], focus, depth + 1, given) if arguments else [Text(",")]
        pieces: list[Piece] = []
        for index, item in enumerate(child for child in held.named_children if child.type != "comment"):
            pieces += [*(between if index else []), *self._pieces(item, focus, depth + 1, given)]
        return pieces

    def _new(self, node: Node, focus: Node | None, depth: int, given: Mapping[str, list[Piece]] | None) -> list[Piece]:
        made = node.child_by_field_name("constructor")
        name, arguments = self._written(made) if made is not None else "", _arguments(node)
        if name.endswith("URLSearchParams") and arguments:
            return self._query(arguments[0])
        if name.endswith("URL") and arguments:
            pieces = self._pieces(arguments[0], focus, depth + 1, given)
            if len(arguments) > 1 and not (
                pieces and isinstance(pieces[0], Text) and re.match(r"[a-z]+://", pieces[0].text)
            ):
                base = self._pieces(arguments[1], focus, depth + 1, given)
                return [*base, Text("/"), *pieces]
            return pieces
        return [Hole((name,))] if _CLIENTS.search(name) else [Hole(())]

    def _query(self, node: Node) -> list[Piece]:
        """The text that an object becomes as a query."""
        if node.type == "identifier":
            declared = self._declared(self._written(node), node)
            node = _bare(declared) if declared is not None else node
        if node.type != "object":
            return [Hole(())]
        has = "access_token" in [_key_text(child, self._text) for child in node.named_children]
        return [Text("access_token="), Hole(())] if has else [Hole(())]

    # --- names --------------------------------------------------------------------------------------------------------

    @cached_property
    def _declarations(self) -> Mapping[str, Sequence[tuple[Node, Node]]]:
        """What each name was declared as: the declaration and the value, in the order of the text."""
        found: dict[str, list[tuple[Node, Node]]] = {}
        for node in _nodes(self._root):
            if node.type == "variable_declarator":
                name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
                if name is not None and value is not None and name.type == "identifier":
                    found.setdefault(self._written(name), []).append((node, value))
            elif node.type == "function_declaration":
                name = node.child_by_field_name("name")
                if name is not None:
                    found.setdefault(self._written(name), []).append((node, node))
        return found

    @cached_property
    def _imported(self) -> Mapping[str, tuple[str, ...]]:
        """The module each imported name comes from."""
        found: dict[str, tuple[str, ...]] = {}
        for node in self._root.named_children:
            source = node.child_by_field_name("source") if node.type == "import_statement" else None
            if source is not None:
                module = f"from {self._written(source)[:100]}"
                for name in _nodes(node):
                    if name.type == "identifier":
                        found[self._written(name)] = (self._written(name), module)
        return found

    @cached_property
    def _identifiers(self) -> Mapping[str, Sequence[Node]]:
        found: dict[str, list[Node]] = {}
        for node in _nodes(self._root):
            if node.type == "identifier":
                found.setdefault(self._written(node), []).append(node)
        return found

    def _named(self, name: str) -> Sequence[Node]:
        """Every place with that name (few: it bounds the work)."""
        return self._identifiers.get(name, ())[:50]

    def _declared(self, name: str, use: Node) -> Node | None:
        """The value of the declaration in the nearest block around a use; None for parameters and the like."""
        best: Node | None = None
        size = -1
        for declaration, value in self._declarations.get(name, ())[:50]:
            block = _up(declaration.parent or declaration, "statement_block", "program", "function_body") or self._root
            if declaration.start_byte <= use.start_byte < declaration.end_byte and value is not declaration:
                continue  # a name in its own declaration
            if block.start_byte <= use.start_byte < block.end_byte and block.start_byte > size:
                best, size = value, block.start_byte
        return best

    def _body(self, function: Node) -> Node | None:
        """The expression a function of this text returns, where it has one only."""
        declared = self._declared(self._written(function), function)
        body = declared.child_by_field_name("body") if declared is not None else None
        if body is None:
            return None
        if body.type != "statement_block":
            return body
        returned = [node for node in _nodes(body) if node.type == "return_statement" and node.named_children]
        return returned[0].named_children[0] if len(returned) == 1 else None

    def _uses(self, value: Node) -> Iterator[Node]:
        """Where the name is used that a value was declared with."""
        declarator = value.parent
        if declarator is None or declarator.type != "variable_declarator":
            return
        name = declarator.child_by_field_name("name")
        if name is None or name.type != "identifier":
            return
        for use in self._named(self._written(name)):
            if use.start_byte != name.start_byte and not _is_method_object(use):
                yield use

    def _member(self, node: Node, key: str) -> Node | None:
        for child in node.named_children:
            if child.type == "pair" and _key_text(child, self._text) == key:
                return child.child_by_field_name("value")
            if child.type == "shorthand_property_identifier" and self._written(child) == key:
                return self._declared(key, child) or child
        return None

    def _written(self, node: Node) -> str:
        return self._text[node.start_byte : min(node.end_byte, node.start_byte + _MAX_TEXT)]

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
        location = self._place(self._base + start, self._base + end)
        css = any(isinstance(piece, Text) and re.search(r"\burl\(", piece.text) for piece in pieces)
        if place is None:
            place = Place.MARKUP if css or self._in_markup(whole) else Place.CALL
        found.addresses.append(TokenInAddress(location, _address(pieces), place))
        written = "".join(piece.text if isinstance(piece, Text) else _HOLE for piece in pieces)
        after = re.search(r"access_token=([A-Za-z0-9_.~-]+)(?![^&#'\") ])", written)
        if after is not None:
            self._hold(literal, "access_token", after[1], found, done, used=False, address=_address(pieces))
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
                        found.tokens.append(HeldToken(location, Holds.VARIABLE, public, address=_address(pieces)))
                for text, start, end in piece.literals:
                    self._hold_at(start, end, "access_token", text, found, done, used=False, address=_address(pieces))
                seen = False

    def _in_markup(self, whole: Node) -> bool:
        if self._navigated(whole):
            return True
        uses = [use for use in self._uses(whole) if use.parent is not None]
        return bool(uses) and all(self._navigated(_whole(use)) for use in uses)

    def _navigated(self, node: Node) -> bool:
        """Whether the browser fetches the address of an expression by itself."""
        parent = node.parent
        while parent is not None and parent.type in (*_INSIDE, "jsx_expression"):
            node, parent = parent, parent.parent
        if parent is None or parent.type == "program" or (
            parent.type == "expression_statement" and self._attribute is not None
        ):  # fmt: skip
            return self._attribute in _MARKUP if self._attribute is not None else False
        if parent.type == "jsx_attribute":
            return self._written(parent.named_children[0]) in _MARKUP
        if parent.type == "pair":
            name = _key_text(parent, self._text)
            return name in ("src", "srcset", "srcSet", "href", "poster", "backgroundImage", "background")
        if parent.type == "assignment_expression":
            left = parent.child_by_field_name("left")
            target = self._written(left).rsplit(".", 1)[-1] if left is not None else ""
            return target in ("src", "srcset", "href", "poster", "backgroundImage", "background", "location")
        if parent.type == "arguments" and parent.parent is not None:
            function = parent.parent.child_by_field_name("function")
            return function is not None and _NAVIGATES.fullmatch(self._written(function)) is not None
        return False


# --- the tree --------------------------------------------------------------------------------------------------------


def _nodes(root: Node) -> Iterator[Node]:
    """Every named node below, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.named_children))


def _up(node: Node | None, *kinds: str) -> Node | None:
    """The node or the nearest above it of these kinds, within reach."""
    for _ in range(_MAX_UP):
        if node is None or node.type in kinds:
            return node
        node = node.parent
    return None


def _bare(node: Node) -> Node:
    """Without the parentheses and types around it."""
    while node.type in _INSIDE and node.named_children:
        node = node.named_children[0]
    return node


def _holds(node: Node | None, focus: Node | None) -> bool:
    return (
        node is not None
        and focus is not None
        and node.start_byte <= focus.start_byte
        and focus.end_byte <= node.end_byte
    )


_PARTS: Final = frozenset({
    "template_string", "template_substitution", "ternary_expression", *_INSIDE,
})  # fmt: skip


def _whole(node: Node) -> Node:
    """The largest expression of which a text is a part."""
    for _ in range(_MAX_UP):
        parent = node.parent
        if parent is None:
            break
        if parent.type in _PARTS and parent.child_by_field_name("condition") != node:
            node = parent
        elif parent.type == "binary_expression":
            operator = parent.child_by_field_name("operator")
            if operator is None or operator.type not in ("+", "||", "??", "&&"):
                break
            if operator.type in ("||", "??", "&&") and parent.child_by_field_name("left") == node:
                break
            node = parent
        elif (
            parent.type == "member_expression"
            and parent.parent is not None
            and parent.parent.type == "call_expression"
            and parent.child_by_field_name("object") == node
        ) and (parent.named_children[-1].text or b"") in (b"toString", b"concat", b"join", b"trim"):
            node = parent.parent
        elif parent.type == "array" and parent.parent is not None and parent.parent.type == "member_expression":
            node = parent
        elif parent.type == "arguments" and (call := parent.parent) is not None:
            made = call.child_by_field_name("constructor") or call.child_by_field_name("function")
            name = (made.text or b"") if made is not None else b""
            if name not in (b"URL", b"window.URL", b"String", b"encodeURI") and not name.endswith(b".concat"):
                break
            node = call
        else:
            break
    return node


def _is_key(node: Node) -> bool:
    return node.parent is not None and node.parent.type == "pair" and node.parent.child_by_field_name("key") == node


def _named_key(node: Node) -> Node | None:
    """The node of a quoted key (`"access_token": …`), else None."""
    string = _up(node, "string")
    return string if string is not None and _is_key(string) else None


def _call_of_first(node: Node) -> Node | None:
    """The call whose first argument a text is."""
    string = _up(node, "string", "template_string")
    arguments = string.parent if string is not None else None
    if arguments is None or arguments.type != "arguments" or arguments.parent is None:
        return None
    first = _arguments(arguments.parent)
    return arguments.parent if first and first[0] == string else None


def _compares(literal: Node) -> bool:
    """Whether a text is only looked for, or printed."""
    arguments = literal.parent
    if arguments is None or arguments.type != "arguments" or arguments.parent is None:
        return False
    function = arguments.parent.child_by_field_name("function")
    if function is None or function.type != "member_expression":
        return False
    method = function.named_children[-1].text or b""
    return method.decode("utf-8", "replace") in _COMPARES


def _is_method_object(node: Node) -> bool:
    """Whether a name stands before `.set(…)` and the like."""
    parent = node.parent
    return (
        parent is not None
        and parent.type == "member_expression"
        and (parent.named_children[-1].text or b"") in (b"set", b"append", b"delete", b"get", b"has", b"searchParams")
    )


def _arguments(call: Node) -> list[Node]:
    held = call.child_by_field_name("arguments")
    return [child for child in held.named_children if child.type != "comment"] if held is not None else []


def _key_text(pair: Node, text: str) -> str:
    key = pair.child_by_field_name("key") if pair.type == "pair" else pair
    return text[key.start_byte : key.end_byte].strip("\"'`") if key is not None else ""


# --- addresses -------------------------------------------------------------------------------------------------------

_QUERY: Final = re.compile(r"(?:[?&]|\A)access_token=")


def _addressed(pieces: Iterable[Piece]) -> bool:
    """Whether something stands before the query."""
    return _address(list(pieces)) is not None


def _address(pieces: Sequence[Piece]) -> Address | None:
    """The address before `?…access_token=`; None where nothing is."""
    holes = [piece for piece in pieces if isinstance(piece, Hole)]
    written = "".join(piece.text if isinstance(piece, Text) else _HOLE for piece in pieces)
    token = _QUERY.search(written.replace("&amp;", "&"))
    if token is None:
        # `?` may stand in a hole of its own: `${base}${separator}access_token=`
        at = written.find("access_token=")
        if at < 0:
            return None
        before = written[:at]
    else:
        before = written.replace("&amp;", "&")[: token.start()]
    css = before.rfind("url(")
    if css >= 0:
        holes = holes[before[: css + 4].count(_HOLE) :]
        before = before[css + 4 :].lstrip("\"'`")
    before = re.split(r"[?#]", before, maxsplit=1)[0]
    literal = re.match(r"(?:https?:|wss?:)?//([^/\x00]*)", before)
    if literal is not None and literal[1] and not literal[1].endswith((".", "-", "@", ":")):
        return Address(literal[0], path=_path(before[literal.end() :]))
    if literal is not None:
        end = before.find("/", literal.end())
        host = before[: end if end >= 0 else len(before)]
        names = tuple(name for hole in holes[: host.count(_HOLE)] for name in hole.names)
        return Address(names=names or ("",), path=_path(before[len(host) :]))
    if before.startswith(_HOLE):
        end = before.find("/")
        head = before[: end if end >= 0 else len(before)]
        names = tuple(name for hole in holes[: head.count(_HOLE)] for name in hole.names)
        return Address(names=names or ("",), path=_path(before[len(head) :]))
    if not before.strip():
        return None
    return Address(path=_path(before if before.startswith("/") else f"/{before}"))


def _path(text: str) -> str:
    return re.sub(r"/{2,}", "/", text.replace(_HOLE, "…"))[:300]


def address_of(pieces: Sequence[Piece]) -> Address | None:
    """The address before `?…access_token=` in pieces; None where nothing is."""
    return _address(pieces)


def host_of(text: str) -> str:
    """`host` or `host:port` of an absolute address, "" of anything else."""
    match = re.match(r"(?:https?:|wss?:)?//(?:[^/@\s]*@)?([A-Za-z0-9.\-\[\]:]+)", text.strip())
    return match[1].lower() if match else ""
