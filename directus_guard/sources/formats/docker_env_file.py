"""Files given to `docker run --env-file` and `podman run --env-file`: each line as it is, quotes are part of the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known, Unknown, Variable
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_CHARACTERS: Final = 1024 * 1024
_NAME: Final = lazy_pattern(r"[^\s=#*][^\s=*]*\Z")


def read(path: str, text: str, origin: str) -> Iterator[Variable]:
    """The variables of a file. A name alone hands on what the shell has, which is not in the repository."""
    for number, raw in enumerate(text[:_MAX_CHARACTERS].split("\n"), 1):
        line = raw.rstrip("\r").removeprefix("\ufeff")
        name, sign, value = line.partition("=")
        if not _NAME.match(name.strip(" \t")):
            continue
        start = len(name) + len(sign) + 1
        place = Location(path, number, start, number, start + len(value))
        held = Known(Secret(value)) if sign else Unknown("it is handed on from the shell that starts the container")
        yield Variable(name.strip(" \t"), held, place, origin)
