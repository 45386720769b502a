"""Directus' own loading of a deployment's variables (docs/model/environment.md#loading,
docs/model/environment.md#casting).

DEFAULTS < process environment < config file; `X_FILE` sets X; an empty string is a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Known, Unknown, Unset, Variable
from directus_guard.directus.environment.setting import Setting
from directus_guard.directus.environment.variables import supports_file_variable
from directus_guard.directus.versions import NEWEST, OLDEST, Version, floating, newest_matching

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from directus_guard.directus.environment.deployment import Deployment, VersionEvidence
    from directus_guard.directus.gaps import Gap


def judged_version(evidence: VersionEvidence | None) -> Version:
    """The version whose behaviour is modelled: unknown or too new = the newest measured, too old = the oldest.

    A tag or range that stays on one major or minor (`11`, `^11.2.0`, `11.8`) is the newest of that.
    """
    version = (evidence.version or newest_matching(evidence.text)) if evidence else None
    return min(max(version or NEWEST, OLDEST), NEWEST)


def major(evidence: VersionEvidence | None) -> int | None:
    """The major version, where at least that is known."""
    if evidence is None:
        return None
    return evidence.version.major if evidence.version else floating(evidence.text)


def gaps_of(deployment: Deployment) -> tuple[Gap, ...]:
    """Why the environment is not wholly visible, Directus' own file included."""
    config = deployment.config_file
    return tuple(dict.fromkeys((*deployment.gaps, config.gap) if isinstance(config, Unknown) else deployment.gaps))


def load(deployment: Deployment, version: Version) -> dict[str, Setting]:
    """The settings of a deployment by name."""
    settings = _settings(deployment.variables, version)
    config = deployment.config_file
    if isinstance(config, Unknown):
        # Directus' own file beats every variable: while it is not readable, nothing is certain.
        settings = {name: _unsure(setting, config.reason) for name, setting in settings.items()}
    elif config is not None:
        for name, own in _settings(config, version).items():
            settings[name] = _over(own, settings.get(name))
    return _read_files(settings, deployment, version)


def _settings(variables: Iterable[Variable], version: Version) -> dict[str, Setting]:
    places: dict[str, list[Variable]] = {}
    for variable in variables:
        places.setdefault(variable.name, []).append(variable)
    return {name: _last(held, version) for name, held in places.items()}


def _last(places: Sequence[Variable], version: Version) -> Setting:
    """What the last of several places sets, with the others noted as shadowed."""
    own = places[-1]
    shadowed = [
        Variable(other.name, other.value, other.location, other.origin, other.via) for other in reversed(places[:-1])
    ]
    return Setting(
        own.name, own.value, version, own.location, own.origin, own.via, tuple(shadowed), own.parts, own.literal
    )


def _over(winner: Setting, loser: Setting | None) -> Setting:
    """`winner` with `loser` noted as shadowed."""
    if loser is None or loser.location is None or isinstance(loser.value, Unset):
        return winner
    shadowed = Variable(loser.name, loser.value, loser.location, loser.origin, loser.via)
    return replace(winner, shadowed=(shadowed, *loser.shadowed))


def _unsure(setting: Setting, reason: str) -> Setting:
    """A setting that a file which cannot be read may replace: its own value, or fallback, holds where that file does not."""
    value = setting.value
    if isinstance(value, Known):
        return replace(setting, value=Unknown(reason, value.text, written=value.text, replaceable=True))
    return replace(setting, value=replace(value, reason=reason)) if isinstance(value, Unknown) else setting


_FILE: Final = "_FILE"


def _read_files(settings: dict[str, Setting], deployment: Deployment, version: Version) -> dict[str, Setting]:
    """`X_FILE` gives X the file's text, untrimmed (docs/model/environment.md#file-variables); of X and X_FILE together
    the later would win: unknown."""
    contents = {content.path: content for content in deployment.files}
    result = dict(settings)
    for name, pointer in settings.items():
        target = name.removesuffix(_FILE)
        if not name.endswith(_FILE) or not supports_file_variable(target, version):
            continue
        content = contents.get(pointer.text.removeprefix("string:")) if pointer.known else None
        if target in settings:
            value: Known | Unknown = Unknown(
                f"both `{target}` and `{name}` are set, and the order of the process environment decides"
            )
            result[target] = Setting(target, value, version, settings[target].location, settings[target].origin)
        elif content is not None:
            result[target] = Setting(
                target,
                content.value,
                version,
                content.location,
                f"file named by `{name}`",
                (pointer.location,) if pointer.location else (),
            )
        else:
            result[target] = Setting(
                target,
                Unknown(f"it is read at start from the file that `{name}` names"),
                version,
                pointer.location,
                f"file named by `{name}`",
            )
    return result
