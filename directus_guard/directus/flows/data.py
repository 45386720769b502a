"""The data of a running flow, as far as can be known without running it.

A flow's data is one object: `$trigger`, `$last`, `$accountability`, `$env` and the result of each operation under its
key (`executeFlow` in `flows.js` of `@directus/api`). For a security question each value in it is one of few kinds: it is
known, it is not there, whoever starts the flow chooses it, it is hidden from them, or it is something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.disclosure import is_secret_name
from directus_guard.directus.flows.templates import UNDEFINED, Template, parse
from directus_guard.directus.tri import Tri, any_of
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.flows.templates import Path


class KnownValue(Struct, frozen=True):
    """Exactly this value."""

    value: Json


class Absent(Struct, frozen=True):
    """No value; a template shows the word `undefined`."""


class CallerInput(Struct, frozen=True):
    """Whatever the caller sends at this path of the trigger. `text`: only text can be sent there (headers, query).
    `nests`: also objects and lists of text (a query such as `a[b]=c`, or text that is read as JSON)."""

    path: Path
    text: bool = False
    nests: bool = False


class SecretValue(Struct, frozen=True):
    """Something the caller neither knows nor chooses, such as an environment variable."""


class CallerIdentity(Struct, frozen=True):
    """The caller's own, not chosen and not known here: the key of their account, their role, their address."""


class Written(Struct, frozen=True):
    """The key of an item that the caller wrote: not chosen, but that item is the caller's."""


class UnknownEnv(Struct, frozen=True):
    """It depends on an environment that is not known. `carries`: whether data of the caller is in it, too."""

    carries: Tri = Tri.NO


class Computed(Struct, frozen=True):
    """What an operation made.

    `carries`: whether data of the caller is in it; `sent`: from which paths. `selected`: whether a value the caller may
    be proving something with (a token) decided which stored data this is. `chosen`: whether another value of theirs did.
    `stored_in`: the collections whose items are in it. `created`: whether it is the key of an item that the flow made.
    """

    carries: Tri = Tri.NO
    sent: frozenset[Path] = frozenset()
    selected: bool = False
    chosen: bool = False
    stored_in: frozenset[str] = frozenset()
    created: bool = False


class RecordValue(Struct, frozen=True):
    """An object whose members are known apart; `others` is the value of every other key."""

    members: Mapping[str, Value]
    others: Value


Value: TypeAlias = (
    "KnownValue | Absent | CallerInput | SecretValue | CallerIdentity | Written | UnknownEnv | Computed | RecordValue"
)

RELATED: Final = "(related)"
"""In `stored_in`: items that relations of those lead to."""
STORED: Final = Computed()
"""Stored data: not the caller's, as far as this run of the flow goes."""
CREATED: Final = Computed(created=True)
"""The key of an item that the flow made."""
NULL: Final = KnownValue(None)
ABSENT: Final = Absent()
UNKNOWN_ENV: Final = UnknownEnv()


def look_up(value: Value, path: Path) -> Value:
    """The value at a path below a value."""
    for index, component in enumerate(path):
        if isinstance(value, RecordValue):
            others = value.others
            if component not in value.members and isinstance(others, CallerInput):
                others = replace(others, path=(*others.path, component))
            value = value.members.get(component, others)
        elif isinstance(value, KnownValue):
            value = _member(value.value, component)
        elif isinstance(value, CallerInput):
            return replace(value, path=(*value.path, *path[index:]))
        elif isinstance(value, (SecretValue, CallerIdentity, Written)):
            return ABSENT
        else:
            return value
    return value


def _member(value: Json, component: str) -> Value:
    if isinstance(value, Mapping) and component in value:
        return KnownValue(value[component])
    if isinstance(value, (list, tuple)):
        if component == "length":
            return KnownValue(len(value))
        if component.isdecimal() and int(component[:9]) < len(value):
            return KnownValue(value[int(component[:9])])
    return ABSENT


def carries(value: Value) -> Tri:
    """Whether data of the caller is in it."""
    if isinstance(value, CallerInput):
        return Tri.YES
    if isinstance(value, (Computed, UnknownEnv)):
        return value.carries
    if isinstance(value, RecordValue):
        return any_of(carries(member) for member in (*value.members.values(), value.others))
    return Tri.NO


def names_written(value: Value) -> bool:
    """Whether a key is that of an item that the caller wrote, alone or in a list."""
    if isinstance(value, RecordValue):
        return any(map(names_written, value.members.values()))
    return isinstance(value, Written)


def sent_paths(value: Value) -> frozenset[Path]:
    """From which paths of the trigger the caller's data in it comes, as far as that is known."""
    if isinstance(value, CallerInput):
        return frozenset([value.path])
    if isinstance(value, Computed):
        return value.sent
    if isinstance(value, RecordValue):
        return all_sent((*value.members.values(), value.others))
    return frozenset()


def surely_sent(values: Iterable[Value]) -> frozenset[Path]:
    """The paths of the trigger whose data certainly is in these values."""
    found: set[Path] = set()
    for value in values:
        if isinstance(value, RecordValue):
            found |= surely_sent((*value.members.values(), value.others))
        elif carries(value) is Tri.YES:
            found |= sent_paths(value)
    return frozenset(found)


def all_sent(values: Iterable[Value]) -> frozenset[Path]:
    """`sent_paths` of several values."""
    found: frozenset[Path] = frozenset()
    for value in values:
        found |= sent_paths(value)
    return found


def is_selected(value: Value) -> bool:
    """Whether some of it was selected by what may be a proof of the caller's."""
    if isinstance(value, RecordValue):
        return any(is_selected(member) for member in (*value.members.values(), value.others))
    return isinstance(value, Computed) and value.selected


def is_chosen(value: Value) -> bool:
    """Whether some of it is stored data that the caller chose."""
    if isinstance(value, RecordValue):
        return any(is_chosen(member) for member in (*value.members.values(), value.others))
    return isinstance(value, Computed) and value.chosen


def is_created(value: Value) -> bool:
    """Whether some of it is the key of an item that the flow made."""
    if isinstance(value, RecordValue):
        return any(is_created(member) for member in (*value.members.values(), value.others))
    return isinstance(value, Computed) and value.created


def all_stored_in(values: Iterable[Value]) -> frozenset[str]:
    """The collections whose items are in some of the values."""
    found: frozenset[str] = frozenset()
    for value in values:
        if isinstance(value, RecordValue):
            found |= all_stored_in((*value.members.values(), value.others))
        elif isinstance(value, Computed):
            found |= value.stored_in
    return found


def may_be_sent(value: Value, written: frozenset[str]) -> Value:
    """The same where stored data may be the caller's: what they chose, and items of the collections that they write."""
    if isinstance(value, RecordValue):
        members = {name: may_be_sent(member, written) for name, member in value.members.items()}
        return RecordValue(members, may_be_sent(value.others, written))
    if isinstance(value, Computed) and value.carries is Tri.NO and (value.chosen or value.stored_in & written):
        return replace(value, carries=Tri.UNKNOWN)
    return value


Pins: TypeAlias = "frozenset[tuple[Path, tuple[str | None, ...]]]"
"""Paths of the caller's data, each with the values that it may have."""


def with_pins(value: Value, pins: Mapping[Path, str | None]) -> Value:
    """The same where the caller's data has these values at these paths."""
    if isinstance(value, RecordValue):
        members = {name: with_pins(member, pins) for name, member in value.members.items()}
        return RecordValue(members, value.others)
    if not isinstance(value, CallerInput):
        return value
    if value.path in pins:
        return KnownValue(pins[value.path])
    below = sorted({path[len(value.path)] for path in pins if path[: len(value.path)] == value.path})
    if not below:
        return value
    return RecordValue({name: with_pins(look_up(value, (name,)), pins) for name in below}, value)


def rests_on_environment(value: Value) -> bool:
    """Whether some of it is not known because no environment is in sight."""
    if isinstance(value, RecordValue):
        return any(rests_on_environment(member) for member in (*value.members.values(), value.others))
    return isinstance(value, UnknownEnv)


def holds_hidden(value: Value) -> bool:
    """Whether something the caller does not know is in it, such as a variable of the environment."""
    if isinstance(value, RecordValue):
        return any(holds_hidden(member) for member in (*value.members.values(), value.others))
    return isinstance(value, SecretValue)


def join(left: Value, right: Value) -> Value:
    """The value where it may be either."""
    return left if left == right else summary((left, right))


def summary(values: Iterable[Value]) -> Value:
    """Several values taken together, their places forgotten."""
    held = tuple(values)
    if any(rests_on_environment(value) for value in held):
        return UnknownEnv(any_of(carries(value) for value in held))
    return Computed(
        any_of(carries(value) for value in held),
        all_sent(held),
        selected=any(is_selected(value) for value in held),
        chosen=any(is_chosen(value) for value in held),
        stored_in=all_stored_in(held),
        created=any(is_created(value) for value in held),
    )


# --- templates -----------------------------------------------------------------------------------------------------


MAX_DEPTH: Final = 64
_MAX_WEIGHT: Final = 2000
"""Members (or each 64 characters) of one value that are kept apart: templates can double a value again and again."""


def rendered(option: Json, data: Mapping[str, Value], depth: int = 0) -> Value:
    """An option after Directus put the flow's data into it. Raises `TemplateError` where Directus would."""
    if isinstance(option, str):
        return _light(_text(parse(option), data)) if "{{" in option else KnownValue(option)
    if not isinstance(option, (Mapping, list, tuple)):
        return KnownValue(option)
    if depth > MAX_DEPTH:
        return Computed(Tri.UNKNOWN)
    entries = option.items() if isinstance(option, Mapping) else enumerate(option)
    members = {str(key): rendered(value, data, depth + 1) for key, value in entries}
    known = {key: member.value for key, member in members.items() if isinstance(member, KnownValue)}
    if len(known) == len(members):
        return _light(KnownValue(known if isinstance(option, Mapping) else list(known.values())))
    return _light(RecordValue(members, ABSENT))


def as_object(value: Value) -> Value:
    """A text that is read as JSON where an object is expected (`optionToObject`): the caller's, too."""
    if isinstance(value, CallerInput) and value.text:
        return replace(value, nests=True)
    if isinstance(value, KnownValue) and isinstance(value.value, str):
        try:
            return _light(KnownValue(json.loads(value.value)))
        except (ValueError, RecursionError):
            return STORED
    return value


def _light(value: Value) -> Value:
    """The value, or a summary of one that is too large or too deep to keep."""
    if not isinstance(value, (KnownValue, RecordValue)):
        return value
    weight = 0
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        weight += 1 + (len(one) // 64 if isinstance(one, str) else 0)
        if weight > _MAX_WEIGHT or depth > 2 * MAX_DEPTH:
            return STORED if isinstance(value, KnownValue) else summary([*value.members.values(), value.others])
        if isinstance(one, KnownValue):
            waiting.append((one.value, depth))
        elif isinstance(one, RecordValue):
            waiting.extend((member, depth + 1) for member in one.members.values())
        elif isinstance(one, Mapping):
            waiting.extend((member, depth + 1) for member in one.values())
        elif isinstance(one, (list, tuple)):
            waiting.extend((member, depth + 1) for member in one)
    return value


def at(path: Path, data: Mapping[str, Value]) -> Value:
    """What a path of a template finds in the flow's data."""
    return look_up(data.get(path[0], ABSENT), path[1:]) if path else ABSENT


def _text(template: Template, data: Mapping[str, Value]) -> Value:
    values = [KnownValue(part) if isinstance(part, str) else at(part, data) for part in template.parts]
    if template.whole and not isinstance(values[0], Absent):
        return values[0]
    texts = [_shown(value) for value in values]
    if None not in texts:
        return KnownValue("".join(text for text in texts if text is not None))
    unknown = [value for value in values if not isinstance(value, (KnownValue, Absent))]
    if all(isinstance(value, (SecretValue, CallerIdentity)) for value in unknown):
        return SecretValue() if any(isinstance(value, SecretValue) for value in unknown) else CallerIdentity()
    return summary(unknown)


def _shown(value: Value) -> str | None:
    """A known value as a template writes it."""
    if isinstance(value, Absent):
        return UNDEFINED
    if not isinstance(value, KnownValue):
        return None
    if isinstance(value.value, bool) or value.value is None:
        return json.dumps(value.value)
    if isinstance(value.value, (int, float, str)):
        return str(value.value)
    return json.dumps(value.value, separators=(",", ":"), ensure_ascii=False)


def paths_in(option: Json) -> Iterator[Path]:
    """Every path that templates somewhere in an option name. Raises `TemplateError` as Directus would."""
    for text in texts_in(option):
        yield from parse(text).paths


def texts_in(option: Json, *, keys: bool = False) -> Iterator[str]:
    """Every text somewhere in an option, in order; with the names of members if `keys`."""
    waiting = [option]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting.extend(reversed(list(one.values())))
            waiting.extend(one if keys else ())
        elif isinstance(one, (list, tuple)):
            waiting.extend(reversed(one))


# --- what a caller can know ----------------------------------------------------------------------------------------

_WORDS: Final = lazy_pattern(r"[A-Za-z]+([ ._:/-][A-Za-z]+)*\Z")
_IDENTIFIER: Final = lazy_pattern(r"[A-Za-z0-9_./:@-]*\Z")
_SCHEME: Final = lazy_pattern(r"(?:bearer|basic|token|apikey|hmac|sha256)[ =:]+", re.IGNORECASE)
_PUBLIC_HEADERS: Final = frozenset(
    {
        "accept", "accept-encoding", "accept-language", "cache-control", "connection", "content-length", "content-type",
        "host", "origin", "referer", "user-agent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
        "x-requested-with",
    }
)  # fmt: skip
_EVENT_HEADER: Final = lazy_pattern(r"(?:event|topic|type|action|version|id|source|name)\Z")
MIN_SECRET: Final = 8
"""Characters below which a value can be tried out."""
_MIN_TOKEN: Final = 16


def may_prove(path: Path) -> bool:
    """Whether callers may be sending a secret at this path of the trigger, by its name."""
    if path[:2] == ("$trigger", "headers"):
        return len(path) < 3 or not _is_public_header(path[2].lower())
    return bool(path) and is_secretive(path[-1])


def _is_public_header(name: str) -> bool:
    return name in _PUBLIC_HEADERS or (not is_secretive(name) and _EVENT_HEADER.search(name) is not None)


@lru_cache(maxsize=4096)
def is_secretive(name: str) -> bool:
    """Whether a header, parameter or member of this name holds a secret (`x-api-key`, `apiKey`, `hook_token`)."""
    spelled = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").upper()
    return is_secret_name(spelled) or is_secret_name(name.replace("-", "_").upper())


@lru_cache(maxsize=4096)
def can_know(path: Path, literal: str) -> Tri:
    """Whether a caller may know the text that a condition expects at a path of the trigger.

    A secret written down is one for callers, too, as long as they cannot read the repository. Names of events, kinds and
    states are none, and neither is the word `undefined` for a missing value. Between the two: cannot tell.
    """
    from directus_guard.directus.environment.known_secrets import is_example  # noqa: PLC0415 - few flows have conditions

    value = _SCHEME.sub("", literal.replace(UNDEFINED, "").strip())
    if len(value) < MIN_SECRET or is_example(value):
        return Tri.YES
    header = path[:2] == ("$trigger", "headers")
    if path and is_secretive(path[-1]) and (path[-1].lower() != "key" or not _WORDS.match(value)):
        return Tri.UNKNOWN if _WORDS.match(value) else Tri.NO
    if header and path[2:] and _is_public_header(path[2].lower()):
        return Tri.YES
    if _WORDS.match(value) or not _IDENTIFIER.match(value):
        return Tri.UNKNOWN if header and not _WORDS.match(value) else Tri.YES
    mixed = any(character.isdigit() for character in value) and any(character.isalpha() for character in value)
    if header and mixed and len(value) >= _MIN_TOKEN:
        return Tri.NO
    return Tri.UNKNOWN if header or (mixed and len(value) >= _MIN_TOKEN) else Tri.YES
