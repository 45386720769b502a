"""`${NAME}` inside of values, for the platforms that fill them in when they deploy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.disclosure import is_secret_name
from directus_guard.directus.environment.deployment import Known, Part, Unknown, Variable
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.deployments.application import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from directus_guard.finding import Location

_REFERENCE: Final = lazy_pattern(r"\$\{([^{}\s]{1,200})\}")
_MAX_STEPS: Final = 20
_MAX_LENGTH: Final = 128 * 1024
"""Linux takes no longer text in an environment; values that double each other grow past any memory."""


def unknown(variables: Iterable[Variable], who: str) -> tuple[Variable, ...]:
    """The variables; a value with a `${…}` in it is unknown, because only the platform (`who`) can fill it in."""
    return resolved(variables, lambda _: None, who)


def whole(variables: Iterable[Variable]) -> tuple[Variable, ...]:
    """The variables; one that is nothing but `${NAME}` is unknown where the platform itself fills nothing in.

    Something replaces it before it gets there, or it stays that text: which one cannot be known. Text beside a reference is
    left as it is, because a password may be written there; so is a variable that holds a secret, because the checks of
    secrets judge references themselves.
    """
    return tuple(map(_whole, variables))


def _whole(variable: Variable) -> Variable:
    text = variable.value.text.reveal() if isinstance(variable.value, Known) else ""
    found = _REFERENCE.fullmatch(text)
    if found is None or is_secret_name(variable.name):
        return variable
    reason = f"`${{{shown(found[1])}}}` is replaced before it gets there, or taken as that very text"
    return replace(variable, value=Unknown(reason))


def resolved(variables: Iterable[Variable], find: Callable[[str], Variable | None], who: str) -> tuple[Variable, ...]:
    """The variables with every `${NAME}` replaced by the value of the variable that `find` gives for it.

    A value is unknown where one of its names is not found: then `who` (a platform) fills it in.
    """
    filler = _Filler(find, who)
    return tuple(filler.fill(variable, _MAX_STEPS) for variable in variables)


def shown(name: str) -> str:
    """A reference as a reason may repeat it: its name only, because a default behind it (`${X:-text}`) is a value."""
    found = _PLAIN.match(name)
    return plain(found[0] + ("" if found.end() == len(name) else "…")) if found else "…"


_PLAIN: Final = lazy_pattern(
    r"[A-Za-z_][A-Za-z0-9_-]*\.[A-Za-z_][A-Za-z0-9_]*\Z|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
)


class _Filler:
    def __init__(self, find: Callable[[str], Variable | None], who: str) -> None:
        self._find, self._who = find, who
        self._made: dict[tuple[str, Location], Variable] = {}

    def fill(self, variable: Variable, steps: int) -> Variable:
        text = variable.value.text.reveal() if isinstance(variable.value, Known) else ""
        if "${" not in text:
            return variable
        key = variable.name, variable.location
        if key not in self._made:
            # While it is being filled in it has no value: a variable that refers to itself stays unknown.
            self._made[key] = replace(variable, value=self._outside(variable.name))
            self._made[key] = self._fill(variable, text, steps)
        return self._made[key]

    def _fill(self, variable: Variable, text: str, steps: int) -> Variable:
        held: dict[str, Variable] = {}
        for name in dict.fromkeys(_REFERENCE.findall(text)):
            found = self._find(name) if steps else None
            found = self.fill(found, steps - 1) if found is not None else None
            if found is None or not isinstance(found.value, Known):
                return replace(variable, value=self._outside(name))
            held[name] = found
        if "${" in _REFERENCE.sub("", text):
            return replace(variable, value=Unknown(f"it holds a reference that {self._who} fills in"))
        return _put_together(variable, text, held)

    def _outside(self, name: str) -> Unknown:
        return Unknown(f"`${{{shown(name)}}}` is filled in by {self._who}")


def _put_together(variable: Variable, text: str, variables: Mapping[str, Variable]) -> Variable:
    texts = {name: found.value.text.reveal() for name, found in variables.items() if isinstance(found.value, Known)}
    whole = _REFERENCE.fullmatch(text)
    if whole is not None:
        found = variables[whole[1]]
        via = (variable.location, *found.via)
        return replace(
            variable, value=found.value, location=found.location, via=via, parts=found.parts, literal=found.literal
        )
    if sum(len(texts[name]) for name in _REFERENCE.findall(text)) > _MAX_LENGTH:
        return replace(variable, value=Unknown("it is longer than an environment can hold"))
    parts = [part for found in variables.values() for part in _parts(found)]
    made, own = _REFERENCE.sub(lambda match: texts[match[1]], text), _REFERENCE.sub("", text)
    return replace(variable, value=Known(Secret(made)), parts=tuple(parts), literal=Secret(own))


def _parts(variable: Variable) -> tuple[Part, ...]:
    if variable.parts or not isinstance(variable.value, Known):
        return variable.parts
    return (Part(variable.location, variable.value.text),)
