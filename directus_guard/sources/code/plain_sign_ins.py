"""Passwords with which Python and PHP sign in to a Directus: `"password": "…"`, in Python also `dict(password="…")`, near the
address `/auth/login`."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.code import PASSWORD, HeldToken, Holds
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.code import plain_headers, plain_texts
from directus_guard.sources.code.pieces import LOGIN, PASSWORD_IN_JSON

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.code import Address
    from directus_guard.sources.code.pieces import CodeEvidence, Lines

_MOST_LINES: Final = 15
"""Lines between an address and the password that is sent to it."""
_KEY_ENDS: Final = lazy_pattern(r"[\"']\s*(?::|=>)\s*")
"""What follows the key `password`."""
_KEYWORD: Final = lazy_pattern(r"[(,]\s*password\s*=(?!=)\s*")
"""An argument of that name."""
_NAME: Final = lazy_pattern(r"(\$?[A-Za-z_]\w{0,80})\s*[,}\])\n]")
_LITERAL: Final = lazy_pattern(r"[rRbBuU]?([\"'])((?:(?!\1)[^\\\n]){1,200})\1")
_OF_ENVIRONMENT: Final = lazy_pattern(
    r"\b(?:environ\.get|getenv|env)\(\s*[\"'](?P<called>\w{1,100})[\"']\s*(?:,\s*([\"'])(?P<default>(?:(?!\2)[^\\\n]){1,200})\2)?"
    r"|\$_(?:ENV|SERVER)\[[\"'](?P<held>\w{1,100})[\"']\]|\benviron\[[\"'](?P<asked>\w{1,100})[\"']\]"
)
"""A variable of the environment, and what counts without it."""
_LONGEST: Final = 300
"""Characters of an expression that are looked at."""


def read(text: str, ending: str, lines: Lines, evidence: CodeEvidence) -> None:
    """Add the passwords that are sent to an address of a sign-in, each with the nearest one."""
    if "auth/login" not in text or "password" not in text.lower():
        return
    given = plain_headers.declarations(text)
    asked: list[tuple[int, Address]] = []
    held: list[HeldToken] = []
    for value, first, last in plain_texts.texts(text, ending):
        address = plain_headers.address_at(text, value, (first, last), given) if "auth/login" in value else None
        if address is not None and LOGIN.search(address.path):
            asked.append((lines.location(first, last).line or 0, address))
        elif value == "password" and (key := _KEY_ENDS.match(text, last)) is not None:
            held += _held(text, key.end(), lines, given)
        elif (written := PASSWORD_IN_JSON.search(text, first, last)) is not None:
            held.append(_literal(lines, written, 1))
    for argument in _KEYWORD.finditer(text) if ending == "py" else ():
        held += _held(text, argument.end(), lines, given)
    for token in held:
        line = token.location.line or 0
        at = bisect_left(asked, line, key=lambda one: one[0])
        near = min(asked[max(at - 1, 0) : at + 1], key=lambda one: abs(one[0] - line), default=None)
        if near is not None and abs(near[0] - line) <= _MOST_LINES:
            evidence.tokens.append(replace(token, address=near[1]))


def _held(text: str, at: int, lines: Lines, given: Mapping[str, tuple[int, int]]) -> Iterator[HeldToken]:
    """What is given as the password from `at` on: a literal, or a variable with one."""
    name = _NAME.match(text, at)
    start = given[name[1]][0] if name is not None and name[1] in given else at
    literal = _LITERAL.match(text, start)
    if literal is not None:
        yield _literal(lines, literal, 2)
        return
    for variable in _OF_ENVIRONMENT.finditer(text, start, _end_of_line(text, start)):
        name_of = next(one for one in variable.group("called", "held", "asked") if one)
        yield HeldToken(lines.location(*variable.span()), Holds.SERVER, name_of)
        if variable["default"]:
            yield _literal(lines, variable, "default")


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start, start + _LONGEST)
    return end if end >= 0 else start + _LONGEST


def _literal(lines: Lines, match: re.Match[str], group: int | str) -> HeldToken:
    return HeldToken(lines.location(*match.span(group)), Holds.LITERAL, PASSWORD, Secret(match[group]))
