"""Carry out what a finding about variables says: `Fix.description` is read as an administrator reads it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.directus.versions import Version
from tests.support.environments import variable

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.directus.environment.deployment import Deployment, Variable

    Texts = dict[str, str | None]

OUTSIDE: Final = Unknown("`${X}` comes from outside the repository")
RANDOM: Final = "8f1d60a7c93be2540b7fd91c6e3aa258d47c10f95be8367201acd94f5e6b3820"
"""What `openssl rand -hex 32` may print."""
_GIVEN: Final = "given from outside the repository"
_NAME: Final = r"`([A-Za-z_][\w.-]*)`"


def carried_out(fix: str, deployment: Deployment) -> Deployment | None:
    """The deployment after the fix; None where the fix is about something else than the value of a variable."""
    texts: Texts = {
        item.name: item.value.text.reveal() if isinstance(item.value, Known) else None for item in deployment.variables
    }
    before = dict(texts)
    for sentence in re.split(r"(?<=[.:]) (?=[A-Z])", fix):
        for pattern, change in _CHANGES:
            match = pattern.match(sentence)
            if match:
                change(match, texts)
                break
    if texts == before:
        return None
    kept = [item for item in deployment.variables if item.name in texts and texts[item.name] == before.get(item.name)]
    new = [_variable(name, text, deployment) for name, text in texts.items() if before.get(name, "") != text]
    return replace(deployment, variables=(*kept, *new), gaps=())


def upgraded(fix: str) -> list[Version]:
    """The versions that the fix asks for: the newest, and what helps a project without a licence."""
    return [Version(*map(int, match)) for match in re.findall(r"[Uu]pgrade (?:Directus )?to (\d+)\.(\d+)\.(\d+)", fix)]


def _variable(name: str, text: str | None, deployment: Deployment) -> Variable:
    value = OUTSIDE if text in (None, _GIVEN) else text
    return replace(variable(name, value), location=deployment.location)


def _set(match: re.Match[str], texts: Texts) -> None:
    for name, value in re.findall(_NAME + r" to `([^`]+)`", match[0]):
        texts[name] = value.strip('"')


def _set_to_example(match: re.Match[str], texts: Texts) -> None:
    texts[match[1]] = match[2].strip('"')


def _generate(match: re.Match[str], texts: Texts) -> None:
    texts[match[1]] = RANDOM


def _remove(match: re.Match[str], texts: Texts) -> None:
    for name in re.findall(_NAME, match[0]):
        texts.pop(name, None)


def _remove_entries(match: re.Match[str], texts: Texts) -> None:
    name, gone = match[2], re.findall(r"`([^`]+)`", match[1])
    if name not in texts:
        return  # a file, not a variable
    text = texts[name] or ""
    for comma in (",", " "):
        parts = text.split(comma)
        text = comma.join(part for part in parts if part.strip() not in gone)
    texts[name] = text


def _add(match: re.Match[str], texts: Texts) -> None:
    texts[match[2]] = f"{texts[match[2]]},{match[1]}"


def _rename(match: re.Match[str], texts: Texts) -> None:
    texts[match[2]] = texts.pop(match[1])


def _change(match: re.Match[str], texts: Texts) -> None:
    texts[match[3]] = (texts[match[3]] or "").replace(match[1], match[2])


def _outside(match: re.Match[str], texts: Texts) -> None:
    texts[match[1]] = _GIVEN


_CHANGES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Texts], None]], ...]] = tuple(
    (re.compile(pattern), change)
    for pattern, change in (
        (rf"Set {_NAME} to the output of `openssl", _generate),
        (rf"Set {_NAME} to a random password", _generate),
        (rf"Replace each short token in {_NAME} with the output of `openssl", _generate),
        (rf"(?:Set|Upgrade .* and set) {_NAME} to `.+", _set),
        (rf"Set {_NAME} to [^`]*, such as `([^`]+)`", _set_to_example),
        (
            r"Write the pattern .* such as `(?P<value>[^`]+)`",
            lambda match, texts: texts.update(CORS_ORIGIN=match["value"]),
        ),
        (rf"Remove ((?:`[^`]+`(?:, | and )?)+) from {_NAME}", _remove_entries),
        (rf"(?:Then r|R)emove {_NAME}", _remove),
        (rf"(?:Add|Upgrade .* and add) `([^`]+)` to {_NAME}", _add),
        (rf"Rename {_NAME} to {_NAME}", _rename),
        (rf"(?:Change|Serve .*change) `([^`]+)` to `([^`]+)` in {_NAME}", _change),
        (rf"Change the password (?:in|at) [^`]+, then in {_NAME}", _outside),
        (rf"(?:Rotate|Generate a new) (?:the password in |value for )?{_NAME}", _outside),
    )
)
