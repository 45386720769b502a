"""Environments of a few variables, without a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import (
    Deployment,
    Known,
    Platform,
    Variable,
)
from directus_guard.directus.environment.loading import gaps_of, load
from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.versions import NEWEST, Version
from directus_guard.finding import Context, Location
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from directus_guard.directus.environment.deployment import Value


def variable(name: str, value: str | Value, line: int = 1) -> Variable:
    known = Known(Secret(value)) if isinstance(value, str) else value
    return Variable(name, known, Location("f", line), "environment")


def environment(*variables: Variable, version: Version = NEWEST, **rest: object) -> Environment:
    deployment = Deployment("f", Platform.DOTENV, Location("f"), variables, **rest)  # type: ignore[arg-type]  # the test names fields
    settings = load(deployment, version)
    return Environment(deployment, settings, version, None, Context.UNKNOWN, "", gaps=gaps_of(deployment))
