"""Which variables bear a secret, and what the checks on them share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment, Setting

_BEARS: Final = re.compile(
    r"(?:\w+_)?(?:SECRET|TOKEN|PASSWORD|PASSPHRASE)|DB_CONNECTION_STRING|LICENSE_(?:KEY|TOKEN)|METRICS_TOKENS"
    r"|\w+_(?:SECRET_KEY|SECRET_ACCESS_KEY|PRIVATE_KEY|API_KEY|APIKEY|ACCOUNT_KEY|CREDENTIALS|SECRET_KEY_ID|CLIENT_SECRET_\w+)"
)
_NOT: Final = re.compile(r"CORS_CREDENTIALS|(?:PASSWORD_RESET|NEXT_PUBLIC|VITE|NUXT_PUBLIC)_\w+|\w+_FILE")


def bears_secret(name: str, env: Environment) -> bool:
    """Whether a variable of this name holds a secret. KEY is one only on Directus 10 (facts §1.3)."""
    if name == "KEY":
        return env.version < (11,)
    return _BEARS.fullmatch(name.upper()) is not None and _NOT.fullmatch(name.upper()) is None


def bearing(env: Environment) -> Iterator[Setting]:
    """The settings that hold a secret, in the order of their names."""
    return (env[name] for name in sorted(env.settings) if bears_secret(name, env))


def secret_of(name: str, text: str) -> str:
    """The secret in a value: of an address the password in it, "" if it holds none."""
    if "://" not in text:
        return "" if name == "DB_CONNECTION_STRING" and "password=" not in text.lower() else text.strip()
    try:
        return urlsplit(text).password or ""
    except ValueError:
        return ""
