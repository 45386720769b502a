"""The environment Directus really sees: a deployment's variables after Directus' own loading (facts §1.1-1.2).

DEFAULTS < process environment < config file; `X_FILE` stands for X; an empty string is a value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from directus_guard.directus import disclosure
from directus_guard.directus.casting import JsValue, cast
from directus_guard.directus.deployment import Known, Unknown, Unset, Variable
from directus_guard.directus.variables import supports_file_variable
from directus_guard.directus.versions import NEWEST, OLDEST, Version, floating, newest_matching

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.deployment import Deployment, Part, VersionEvidence
    from directus_guard.finding import Context, Location
    from directus_guard.secret import Secret


@dataclass(frozen=True)
class Setting:
    """One variable as Directus sees it. `value` tells whether its text is known, unknown, or not set at all."""

    name: str
    value: Known | Unknown | Unset
    version: Version
    location: Location | None = None
    origin: str = ""
    via: tuple[Location, ...] = ()
    shadowed: tuple[Variable, ...] = ()
    """What other places say for the same name, without effect: the strongest first."""
    parts: tuple[Part, ...] = ()
    """Texts of other places that are put into the value."""
    literal: Secret | None = None
    """What stands at `location` itself; None = all of the value."""

    @property
    def known(self) -> bool:
        """Whether the text is known; then `text`, `js` and `shown` have it."""
        return isinstance(self.value, Known)

    @property
    def is_set(self) -> bool:
        """Whether something sets it, known or not."""
        return not isinstance(self.value, Unset)

    @property
    def text(self) -> str:
        """The raw text; "" when it is not known. For judging only."""
        return self.value.text.reveal() if isinstance(self.value, Known) else ""

    @property
    def fallback(self) -> str | None:
        """The `:-fallback` of an unknown value. For judging only."""
        unknown = self.value
        return unknown.fallback.reveal() if isinstance(unknown, Unknown) and unknown.fallback else None

    @cached_property
    def js(self) -> JsValue:
        """What Directus' code sees after casting. Meaningful only when `known`."""
        return cast(self.name, self.text, self.version)

    @property
    def shown(self) -> str:
        """The value as people may see it."""
        return disclosure.shown(self.name, self.text)

    @property
    def unknown_reason(self) -> str:
        """Why the value is not known; "" when it is."""
        return self.value.reason if isinstance(self.value, Unknown) else ""


class NotedSettings(dict[str, Setting]):
    """Settings that note whether somebody asked for a name that is not there, or for all names."""

    missed = False

    def __iter__(self) -> Iterator[str]:
        self.missed = True
        return super().__iter__()

    def __contains__(self, name: object) -> bool:
        found = super().__contains__(name)
        self.missed = self.missed or not found
        return found

    def get(self, name: str, default: Setting | None = None) -> Setting | None:  # type: ignore[override]  # dict has more overloads
        """The setting; a miss is noted."""
        found = super().get(name)
        self.missed = self.missed or found is None
        return default if found is None else found


@dataclass(frozen=True)
class Environment:
    """Every variable of one deployment as Directus of `version` sees it. Index by name; a name nobody sets is `Unset`."""

    deployment: Deployment
    settings: Mapping[str, Setting]
    version: Version
    """The version judged: the deployment's own, or the newest known."""
    version_evidence: VersionEvidence | None
    context: Context
    context_reason: str
    untracked: frozenset[str] = frozenset()
    """Paths that git does not track: what stands there is not committed."""
    largest_upload: int = 1024**3
    """Bytes: the largest FILES_MAX_UPLOAD_SIZE that passes (the config's threshold)."""
    closed: str = ""
    """Why nothing can be said of variables that are not set ("" = the environment is wholly visible)."""

    def __getitem__(self, name: str) -> Setting:
        setting = self.settings.get(name)
        if setting is not None:
            return setting
        value = Unknown(self.closed) if self.closed else Unset()
        return Setting(name, value, self.version)

    def __contains__(self, name: object) -> bool:
        return name in self.settings

    def committed(self, setting: Setting, secret: str) -> bool:
        """Whether `secret`, which the setting's text holds, stands in a file that git tracks.

        Of a value that takes its secret from elsewhere (`postgres://directus:${DB_PASSWORD}@db`) that place counts.
        """
        if setting.location is None:
            return False
        if setting.literal is None or secret in setting.literal.reveal():
            return setting.location.path not in self.untracked
        holding = [part for part in setting.parts if secret in part.text.reveal()] or setting.parts
        return all(part.location.path not in self.untracked for part in holding)

    @property
    def name(self) -> str:
        """The deployment's name."""
        return self.deployment.name

    @property
    def complete(self) -> bool:
        """Whether every variable is visible, so that a missing one is really missing."""
        return not self.closed

    def matching(self, prefix: str = "", suffix: str = "") -> tuple[Setting, ...]:
        """The settings whose names begin and end so, in order of their names."""
        return tuple(
            self.settings[name]
            for name in sorted(self.settings)
            if name.startswith(prefix) and name.endswith(suffix) and len(name) > len(prefix) + len(suffix) - 1
        )

    @property
    def version_shown(self) -> str:
        """What stands where the version was read: the whole image reference, or the version's text."""
        image, evidence = self.deployment.image, self.version_evidence
        if evidence is None:
            return ""
        return image.reference if image is not None and image.location == evidence.location else evidence.text

    @property
    def version_known(self) -> bool:
        """Whether a version was read somewhere."""
        return self.version_evidence is not None and self.version_evidence.version is not None


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


def load(deployment: Deployment, version: Version) -> tuple[dict[str, Setting], str]:
    """The settings of a deployment by name, and why absent ones are unknown ("" = they are not)."""
    settings = _settings(deployment.variables, version)
    closed = "; ".join(dict.fromkeys(deployment.open))
    config = deployment.config_file
    if isinstance(config, Unknown):
        # Directus' own file beats every variable: while it is not readable, nothing is certain.
        closed = "; ".join(filter(None, (closed, config.reason)))
        settings = {name: _unsure(setting, config.reason) for name, setting in settings.items()}
    elif config is not None:
        for name, own in _settings(config, version).items():
            settings[name] = _over(own, settings.get(name))
    return _read_files(settings, deployment, version), closed


def _settings(variables: Iterable[Variable], version: Version) -> dict[str, Setting]:
    settings: dict[str, Setting] = {}
    for variable in variables:
        own = Setting(
            variable.name, variable.value, version, variable.location, variable.origin, variable.via,
            parts=variable.parts, literal=variable.literal,
        )  # fmt: skip
        settings[variable.name] = _over(own, settings.get(variable.name))
    return settings


def _over(winner: Setting, loser: Setting | None) -> Setting:
    """`winner` with `loser` noted as shadowed."""
    if loser is None or loser.location is None or isinstance(loser.value, Unset):
        return winner
    shadowed = Variable(loser.name, loser.value, loser.location, loser.origin, loser.via)
    return replace(winner, shadowed=(shadowed, *loser.shadowed))


def _unsure(setting: Setting, reason: str) -> Setting:
    return replace(setting, value=Unknown(reason))


_FILE: Final = "_FILE"


def _read_files(settings: dict[str, Setting], deployment: Deployment, version: Version) -> dict[str, Setting]:
    """`X_FILE` gives X the file's text, untrimmed (facts §1.1); of X and X_FILE together the later would win: unknown."""
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
