"""How a fix says which sources a Content Security Policy needs, and how the value is written."""

from __future__ import annotations

from typing import Final

from directus_guard.directus.environment.csp import STUDIO_SOURCES

MORE_HOSTS: Final = "Add the hosts that your project needs, separated by spaces."
NOTATION: Final = (
    "In a `.env` file, YAML or a Dockerfile write double quotes around the value. "
    "In a Compose entry `- NAME=value` and for `docker run --env-file` write none."
)
"""Measured with Node's dotenv, Compose and Docker: see docs/model/environment.md#dotenv-quoting."""
NEEDED: Final = {
    **STUDIO_SOURCES,
    "script-src": "'self' 'unsafe-eval'",
    "worker-src": "'self' blob:",
    "child-src": "'self' blob:",
}
"""Sources without which the Data Studio does not work."""


def with_needed(directive: str, sources: list[str]) -> list[str]:
    """The sources and those that the Data Studio needs in a directive."""
    return list(dict.fromkeys((*sources, *NEEDED.get(directive, "").split())))
