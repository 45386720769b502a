"""What the texts of a Compose file are read against, and what replacing their references gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import Known, Part, Unknown
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret, Unprinted
from directus_guard.sources.deployments.compose_interpolation import Result, interpolate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from directus_guard.directus.environment.deployment import Value
    from directus_guard.finding import Location
    from directus_guard.limits import Budget


class ComposeVariable(Unprinted, frozen=True):
    """A variable of the project's `.env` or of an `env_file`.

    `text` is None when it refers to something outside; `fallback` is what it then is in an empty environment.
    """

    text: str | None
    location: Location
    fallback: str = ""
    unknown: Unknown | None = None
    """Why the text is not known."""


class ComposeScope(Struct, frozen=True):
    """What a file's texts are read against: where relative paths begin, and the project's `.env`."""

    path: str
    folder: str
    variables: Mapping[str, ComposeVariable]
    room: Budget
    """How much references may still be replaced with."""

    def lookup(self, name: str) -> str | None:
        """For the interpolation: the text of a variable, None if the repository does not tell it."""
        given = self.variables.get(name)
        return given.text if given else None

    def resolve(self, text: str) -> Result:
        """A text of the file with its references replaced."""
        return within(self.room, interpolate(text, self.lookup))


def within(room: Budget, result: Result) -> Result:
    """What an interpolation gave, counted: texts that double each other grow past any memory."""
    if result.names:
        room.spend(len(result.unattended or ""))
    return result


def taken(result: Result, find: Callable[[str], ComposeVariable | None]) -> tuple[Part, ...]:
    """The texts that an interpolation put in."""
    given = (find(name) for name in result.names)
    return tuple(Part(one.location, Secret(one.text)) for one in given if one is not None and one.text is not None)


def value(result: Result, template: str) -> Value:
    """What the interpolation of a template gave, as a variable's value."""
    if result.text is not None:
        return Known(Secret(result.text))
    if result.template:
        return Unknown(result.reason, written=Secret(template))
    return Unknown(
        result.reason,
        # `${X:-}` is empty without X, and Directus takes an empty text for a value; of `${X}` it is not what is meant.
        Secret(result.fallback) if result.fallback is not None and (result.fallback or result.defaulted) else None,
        result.defaulted,
        Secret(template),
        result.accident,
    )


REFERENCE: Final = lazy_pattern(r"\$\{[^{}]*\}|\$\w+")
