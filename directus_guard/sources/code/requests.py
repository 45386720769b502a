"""Requests in JavaScript and TypeScript: their addresses, and whether the browser makes them by itself."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.code.expressions import CLIENTS, Expressions
from directus_guard.sources.code.pieces import Hole, WrittenText, addressed
from directus_guard.sources.code.syntax import INSIDE, arguments_of, bare, key_text, up, whole_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from directus_guard.sources.code.pieces import Piece


_MARKUP: Final = frozenset({
    "src", "srcset", "srcSet", "href", "poster", "data", "background", "backgroundImage", "image", "style", "to", "xlinkHref",
    "content", "url", "uri",
})  # fmt: skip
"""Attributes and properties whose address the browser fetches by itself."""
_NAVIGATES: Final = lazy_pattern(
    r"(?:window\.)?open|(?:window\.)?location\.(?:assign|replace)|Linking\.openURL|navigateTo|router\.push"
)
_MAKES_HEADERS: Final = lazy_pattern(r"\bHeaders\Z|(?:Http|Axios)Headers\b|\.(?:set|append|setRequestHeader)\Z")
"""What makes headers, or a header, of what it is given."""
_MOST_AROUND: Final = 6
_MOST_USES: Final = 10
_MOST_LOOKED: Final = 100
"""Names of headers of one text whose uses are looked for."""


class Requests(Expressions):
    """The requests of a text: their addresses, and who makes them."""

    _looked = 0

    def _addressed(self, whole: Node, part: Node) -> tuple[list[Piece], Node]:
        """The pieces of an expression; of one that is a query only (`?access_token=…`) those of where it is used."""
        pieces = self._pieces(whole, part)
        if addressed(pieces):
            return pieces, whole
        base = self._search_of(whole)
        if base is not None:
            return [*self._pieces(base, base), WrittenText("?"), *pieces], base
        for use in self._uses(whole):
            larger = whole_of(use)
            used = self._pieces(larger, use)
            if addressed(used):
                return used, larger
        return pieces, whole

    def _search_of(self, use: Node) -> Node | None:
        """`url` in `url.search = params`."""
        assignment = whole_of(use).parent
        left = assignment.child_by_field_name("left") if assignment is not None else None
        if left is not None and left.type == "member_expression" and self._written(left).endswith(".search"):
            return left.child_by_field_name("object")
        return None

    def _request(self, options: Node) -> tuple[list[Piece], Node | None]:
        """The address of the call whose options hold a node, and the call; nothing where there is no call around it."""
        arguments = up(options, "arguments", "statement_block", "class_body")
        call = arguments.parent if arguments is not None else None
        if arguments is None or call is None or arguments.type != "arguments":
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
                for key in ("url", "uri", "endpoint", "baseURL", "baseUrl", "prefixUrl", "path")
                if (value := self._member(node, key)) is not None
            ),
            None,
        )
        first = given[0] if given and given[0].type != "object" else url
        pieces = self._pieces(first, first) if first is not None else []
        whole = pieces and call.type == "new_expression" and not CLIENTS.search(name)
        base = [] if whole else self._base_of(called, given)
        head = pieces[0].text if pieces and isinstance(pieces[0], WrittenText) else ""
        if base and pieces != base and "://" not in head:
            return [*base, *([WrittenText("/")] if pieces else []), *pieces], call
        return pieces, call

    def _sent_to(self, header: Node) -> tuple[list[Piece], Node | None]:
        """The address that the value of a header is sent to, and the call; nothing where that is not known."""
        pair = up(header, "pair", "object")
        if pair is not None and pair.parent is not None and self._member(pair.parent, "header") is not None:
            # `{ header, value }` is how an operation of a flow has it: another server gets what its `url` names.
            options = up(up(pair.parent, "array"), "object")
            url = self._member(options, "url") if options is not None else None
            return (self._pieces(url, url), options) if url is not None else ([], None)
        node = header
        for _ in range(_MOST_AROUND):
            pieces, call = self._request(node)
            called = call.child_by_field_name("function") or call.child_by_field_name("constructor") if call else None
            if call is None or called is None:
                return self._request_with(up(node, "variable_declarator", "statement_block"))
            if not _MAKES_HEADERS.search(self._written(called)):
                return pieces, call
            held = called.child_by_field_name("object")
            if held is not None and held.type == "identifier":
                return self._request_of(self._written(held), call.end_byte)
            if held is not None and held.type == "call_expression" and not _MAKES_HEADERS.search(self._written(held)):
                held = self._before_headers(held)
                first = arguments_of(held)[:1]  # `request.get(url).set("Authorization", …)`
                return (self._pieces(first[0], first[0]) if first else []), held
            node = call
        return [], None

    def _before_headers(self, call: Node) -> Node:
        """`request.get(url)` in `request.get(url).set("Accept", …)`."""
        for _ in range(_MOST_AROUND):
            called = call.child_by_field_name("function")
            is_header = called is not None and _MAKES_HEADERS.search(self._written(called)) is not None
            held = called.child_by_field_name("object") if called is not None and is_header else None
            if held is None or held.type != "call_expression":
                return call
            call = held
        return call

    def _request_with(self, declarator: Node | None) -> tuple[list[Piece], Node | None]:
        """The address of the first call that is handed a declared name (`const headers = {…}; fetch(url, { headers })`)."""
        name = declarator.child_by_field_name("name") if declarator is not None else None
        if declarator is None or name is None or name.type != "identifier":
            return [], None
        return self._request_of(self._written(name), declarator.end_byte)

    def _request_of(self, name: str, start: int) -> tuple[list[Piece], Node | None]:
        """The address of the first call behind a place that is handed a name, or that opens it (`xhr.open("GET", url)`)."""
        self._looked += 1
        if self._looked > _MOST_LOOKED:
            return [], None
        opened = re.search(rf"\b{re.escape(name)}\.open\(", self._text)
        if opened is not None:
            call = up(self._root.descendant_for_byte_range(opened.end() - 1, opened.end()), "call_expression")
            given = arguments_of(call)[1:2] if call is not None else []
            return (self._pieces(given[0], given[0]) if given else []), call
        for use in islice(re.finditer(rf"\b{re.escape(name)}\b", self._text[start:]), _MOST_USES):
            node = self._root.descendant_for_byte_range(start + use.start(), start + use.end())
            if node is not None and node.type in ("identifier", "shorthand_property_identifier"):
                pieces, call = self._request(node)
                if call is not None:
                    return pieces, call
        return [], None

    def _base_of(self, called: Node | None, given: Sequence[Node]) -> list[Piece]:
        """What a client puts before its addresses: `baseURL` of its options, or of `axios.create({ baseURL })`."""
        made = called.child_by_field_name("object") if called is not None else None
        base = self._base_in(given) or (self._base_in(arguments_of(made)) if made is not None else [])
        if base or called is None:
            return base
        name = self._written(called).split(".", 1)[0].split("(", 1)[0]
        if re.fullmatch(
            r"axios|fetch|\$?o?fetch|useFetch|useLazyFetch|useSWR|ky|got|request|needle|superagent|http|window|\$http|this",
            name,
        ):
            return []
        if CLIENTS.search(self._written(called)):
            return [Hole(("Directus",))]
        declared = self._declared(name, called)
        base = self._base_in(arguments_of(bare(declared))) if declared is not None else []
        return base or [Hole(self._names(called))]

    def _base_in(self, given: Sequence[Node]) -> list[Piece]:
        """The address that options say all others begin with."""
        keys = ("baseURL", "baseUrl", "prefixUrl")
        values = (value for options in given for key in keys if (value := self._member(options, key)) is not None)
        value = next(values, None)
        return self._pieces(value, value) if value is not None else []

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
