"""What the checks on the content security policies share."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from directus_guard.directus.csp import effective_csp
from directus_guard.directus.deployment import Unset
from directus_guard.finding import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.csp import Csp, CspError
    from directus_guard.directus.environment import Environment, Setting
    from directus_guard.directus.versions import Version

MAIN: Final = "CONTENT_SECURITY_POLICY"
ASSETS: Final = "ASSETS_CONTENT_SECURITY_POLICY"


def variables(env: Environment, prefix: str) -> tuple[Setting, ...]:
    """The settings whose names begin with the prefix."""
    return tuple(env[name] for name in sorted(env.settings) if name.upper().startswith(prefix))


def policy(env: Environment, prefix: str) -> Csp | CspError | None:
    """The effective policy; None when a variable that takes part in it is not known."""
    settings = variables(env, prefix)
    if any(not setting.known for setting in settings):
        return None
    return _effective(tuple((setting.name, setting.text) for setting in settings), env.version, prefix)


@lru_cache(maxsize=256)
def _effective(variables: tuple[tuple[str, str], ...], version: Version, prefix: str) -> Csp | CspError:
    """Three checks ask for the same policy, one after the other."""
    return effective_csp(dict(variables), version, prefix=prefix)


def unseen(env: Environment, prefix: str) -> str:
    """Why the policy cannot be computed; "" if it can."""
    for setting in variables(env, prefix):
        if not setting.known and not isinstance(setting.value, Unset):
            return f"`{setting.name}`: {setting.unknown_reason}"
    return env.closed


def camel(directive: str) -> str:
    """`img-src` as it stands in variable names: `IMG_SRC`."""
    return directive.replace("-", "_").upper()


def setting_of(settings: Iterable[Setting], directive: str) -> Setting | None:
    """The variable that sets a directive."""
    wanted = camel(directive)
    return next(
        (setting for setting in settings if setting.name.upper().replace("-", "_").endswith(f"__{wanted}")), None
    )


def subject(env: Environment, prefix: str) -> Subject:
    """The policy of a deployment as the subject of a finding."""
    return Subject("setting", f"{env.name} {prefix}", (("deployment", env.name), ("name", prefix)))
