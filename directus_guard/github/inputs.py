"""The inputs of action.yml as the runner hands them over: `INPUT_` + the name in upper case, hyphens kept.

Unset and empty cannot be distinguished, so an empty input means its default. Booleans are `true` and `false`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, cast

from msgspec import Struct

from directus_guard.deadline import LONGEST, MAX_TIME
from directus_guard.directus.access.records import Edition
from directus_guard.exit_code import OnIncomplete
from directus_guard.finding import Confidence, Severity
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

Upload = Literal["auto", "true", "false"]

_EDITIONS: Final = tuple(edition.value for edition in Edition)
_SEVERITIES: Final = tuple(severity.value for severity in Severity)
_CONFIDENCES: Final = tuple(confidence.value for confidence in Confidence)


class InputError(Exception):
    """An input cannot be used. The message says which and what it may be."""


class Inputs(Struct, frozen=True):
    """What the workflow asks for."""

    path: str
    url: str
    token: Secret
    """Of the instance; empty = none."""
    fail_on: str | None
    new_access: str | None
    min_severity: str | None
    min_confidence: str | None
    incomplete: str | None
    strict: bool
    max_time: float
    """Seconds for the whole run."""
    config: str | None
    baseline: str | None
    directus_version: str | None
    edition: str | None
    new_only: bool
    prove: str
    """The address of a throw-away Directus; "" = nothing is carried out."""
    prove_token: Secret
    prove_destroy: str
    """The e-mail address of its only user."""
    upload_sarif: Upload
    json_file: str
    """"" = none is written."""
    sarif_file: str
    category: str
    annotations: bool
    summary: bool
    comment: bool
    suggestions: bool
    github_token: Secret

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Inputs:
        """The inputs in a runner's environment. Raises `InputError`."""
        return cls(
            path=_text(environ, "path") or ".",
            url=_text(environ, "url"),
            token=Secret(_text(environ, "token")),
            fail_on=_word(environ, "fail-on", (*_SEVERITIES, "none")),
            new_access=_word(environ, "new-access", (*_SEVERITIES, "none")),
            min_severity=_word(environ, "min-severity", _SEVERITIES),
            min_confidence=_word(environ, "min-confidence", _CONFIDENCES),
            incomplete=_word(environ, "incomplete", tuple(OnIncomplete)),
            strict=_boolean(environ, "strict", default=False),
            max_time=_seconds(environ, "max-time", MAX_TIME),
            config=_text(environ, "config") or None,
            baseline=_text(environ, "baseline") or None,
            directus_version=_text(environ, "directus-version") or None,
            edition=_word(environ, "edition", _EDITIONS),
            new_only=_boolean(environ, "new-only", default=False),
            prove=_text(environ, "prove"),
            prove_token=Secret(_text(environ, "prove-token")),
            prove_destroy=_text(environ, "prove-destroy"),
            upload_sarif=cast("Upload", _choice(environ, "upload-sarif", ("auto", "true", "false"), "auto")),
            json_file=_text(environ, "json-file"),
            sarif_file=_text(environ, "sarif-file") or "directus-guard.sarif",
            category=_text(environ, "category"),
            annotations=_boolean(environ, "annotations", default=True),
            summary=_boolean(environ, "summary", default=True),
            comment=_boolean(environ, "comment", default=False),
            suggestions=_boolean(environ, "suggestions", default=False),
            github_token=Secret(_text(environ, "github-token")),
        )


SECRETS: Final = ("INPUT_TOKEN", "INPUT_PROVE-TOKEN", "INPUT_GITHUB-TOKEN")
"""Variables that no program started from here has to see."""


def _text(environ: Mapping[str, str], name: str) -> str:
    return environ.get(f"INPUT_{name.upper()}", "").strip()


def _choice(environ: Mapping[str, str], name: str, words: tuple[str, ...], default: str) -> str:
    """One of `words`, in whatever case; empty means the default."""
    return _expected(name, _text(environ, name).lower() or default, words)


def _word(environ: Mapping[str, str], name: str, words: tuple[str, ...]) -> str | None:
    """One of `words`, or None: then the config or the command line's default decides."""
    text = _text(environ, name)
    return _expected(name, text, words) if text else None


def _expected(name: str, text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        listed = ", ".join(f"`{word}`" for word in words[:-1])
        raise InputError(f"input `{name}`: expected {listed} or `{words[-1]}`")
    return text


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = _text(environ, name)
    try:
        found = float(text) if text else default
    except ValueError:
        found = 0.0
    if not 0 < found <= LONGEST:
        raise InputError(f"input `{name}`: expected a number of seconds, more than 0 and at most {LONGEST:g}")
    return found


def _boolean(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    return _choice(environ, name, ("true", "false"), "true" if default else "false") == "true"
