"""The inputs of action.yml as the runner hands them over: `INPUT_` + the name in upper case, hyphens kept.

Unset and empty cannot be told apart, so an empty input means its default. Booleans are `true` and `false`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_OPTIONS: Final = ("fail-on", "min-severity", "config", "baseline", "directus-version", "edition")
"""Inputs that are options of the command line by the same name."""


class InputError(Exception):
    """An input cannot be used. The message says which and what it may be."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the workflow asks for."""

    path: str
    arguments: tuple[str, ...]
    """Options for `scan`."""
    sarif_file: str
    category: str
    annotations: bool
    summary: bool

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Inputs:
        """The inputs in a runner's environment. Raises `InputError`."""
        options = [f"--{name}={value}" for name in _OPTIONS if (value := _text(environ, name))]
        if _boolean(environ, "strict", default=False):
            options.append("--strict")
        return cls(
            path=_text(environ, "path") or ".",
            arguments=tuple(options),
            sarif_file=_text(environ, "sarif-file") or "directus-guard.sarif",
            category=_text(environ, "category"),
            annotations=_boolean(environ, "annotations", default=True),
            summary=_boolean(environ, "summary", default=True),
        )


def _text(environ: Mapping[str, str], name: str) -> str:
    return environ.get(f"INPUT_{name.upper()}", "").strip()


def _boolean(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = _text(environ, name).lower()
    if text in ("true", "false"):
        return text == "true"
    if text:
        raise InputError(f"input `{name}`: expected `true` or `false`")
    return default
