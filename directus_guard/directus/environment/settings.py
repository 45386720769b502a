"""The environment Directus really sees: a deployment's variables after Directus' own loading (facts §1.1-1.2).

DEFAULTS < process environment < config file; `X_FILE` stands for X; an empty string is a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard.directus import disclosure
from directus_guard.directus.environment.casting import JsValue, cast
from directus_guard.directus.environment.deployment import Known, Unknown, Unset, Variable
from directus_guard.directus.environment.variables import supports_file_variable
from directus_guard.directus.versions import NEWEST, OLDEST, Version, floating, newest_matching
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from directus_guard.directus.environment.deployment import Deployment, Part, VersionEvidence
    from directus_guard.finding import Context, Location


class Setting(Struct, frozen=True, dict=True):
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
    def assumed(self) -> bool:
        """Whether the value cannot be seen here: what it has is its default."""
        return False

    @property
    def text(self) -> str:
        """The raw text; "" when it is not known. For judging only."""
        return self.value.text.reveal() if isinstance(self.value, Known) else ""

    @property
    def fallback(self) -> str | None:
        """The `:-fallback` of an unknown value. For judging only."""
        unknown = self.value
        return (
            unknown.fallback.reveal()
            if isinstance(unknown, Unknown) and unknown.fallback and unknown.defaulted and not unknown.replaceable
            else None
        )

    @property
    def replaceable(self) -> str | None:
        """The text that is set unless a file that cannot be read sets another; None without one. For judging only."""
        unknown = self.value
        found = isinstance(unknown, Unknown) and unknown.replaceable and unknown.fallback
        return found.reveal() if found else None

    @property
    def written(self) -> str:
        """The text as it stands in the repository, with its references, as far as that is known. For judging only."""
        unknown = self.value
        return unknown.written.reveal() if isinstance(unknown, Unknown) and unknown.written else self.text

    @property
    def dropped(self) -> str:
        """The name behind a `$` that reads like a part of the text; "" if there is none."""
        return self.value.dropped if isinstance(self.value, Unknown) else ""

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


class UnseenError(Exception):
    """The text of a variable was asked for that nobody can see."""


class Watch:
    """Records which values were looked at, of those that the repository does not show.

    A strict watch raises `UnseenError` at a look at the text of an unknown value: no judgement can go on from there.
    """

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict
        self.names: dict[str, None] = {}
        """The names, in the order of the first look."""
        self.others = False
        """Whether all names were gone through although some cannot be seen."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Watch)  # who looked at a setting is no part of what it is

    def __hash__(self) -> int:
        return 0

    @property
    def looked(self) -> bool:
        """Whether anything that cannot be seen was looked at."""
        return self.others or bool(self.names)


class _WatchedSetting(Setting, frozen=True):
    """A setting that cannot be seen; it records each look at its value."""

    watch: Watch = field(default_factory=Watch)

    @property
    def assumed(self) -> bool:
        """Whether the value cannot be seen here: what it has is its default."""
        return True

    def __getattribute__(self, name: str) -> object:
        if name == "value":
            self.watch.names.setdefault(self.name)
        elif name in _TEXTS and self.watch.strict and not self.known:
            raise UnseenError(self.name)
        return super().__getattribute__(name)


_TEXTS: Final = frozenset({"text", "js", "shown"})


def _watched(setting: Setting, value: Known | Unknown | Unset, watch: Watch) -> Setting:
    return _WatchedSetting(
        setting.name, value, setting.version, setting.location, setting.origin, setting.via, setting.shadowed,
        setting.parts, setting.literal, watch,
    )  # fmt: skip


class WatchedSettings(Mapping[str, Setting]):
    """Settings of a world in which some values cannot be seen.

    Where further variables may be set elsewhere (`absent` is given), every other name has a setting too, with that value.
    """

    def __init__(
        self,
        settings: Mapping[str, Setting],
        watch: Watch,
        version: Version,
        absent: Callable[[str], Unknown | Unset] | None,
    ) -> None:
        self._settings = settings
        self._watch = watch
        self._version = version
        self._absent = absent

    def __getitem__(self, name: str) -> Setting:
        found = self._settings.get(name)
        if found is None and self._absent is not None:
            return _watched(Setting(name, Unset(), self._version), self._absent(name), self._watch)
        return self._settings[name] if found is None else found

    def __contains__(self, name: object) -> bool:
        found = name in self._settings
        if not found and self._absent is not None and isinstance(name, str):
            self._watch.names.setdefault(name)
        return found

    def __iter__(self) -> Iterator[str]:
        self._watch.others = self._watch.others or self._absent is not None
        return iter(self._settings)

    def __len__(self) -> int:
        self._watch.others = self._watch.others or self._absent is not None
        return len(self._settings)


class Environment(Struct, frozen=True, dict=True):
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

    @cached_property
    def wholly_visible(self) -> bool:
        """Whether every value and every name is visible."""
        return not self.closed and all(setting.known for setting in self.settings.values())

    def as_set(self) -> Environment:
        """The environment in which no file that cannot be read replaces a value that is set."""
        settings = {
            name: setting if (text := setting.replaceable) is None else replace(setting, value=Known(Secret(text)))
            for name, setting in self.settings.items()
        }
        return replace(self, settings=settings)

    def watched(self, watch: Watch) -> Environment:
        """The same environment; `watch` records who looks at what cannot be seen."""
        return self._world(watch, None)

    def at_defaults(self, watch: Watch, doubted: frozenset[str] = frozenset()) -> Environment:
        """The environment in which every unseen variable has its default; those in `doubted` stay unknown.

        The default is a manifest's own fallback (`${X:-fallback}`), else Directus' default. `watch` records who looks
        at an unseen variable.
        """
        return self._world(watch, doubted)

    def _world(self, watch: Watch, doubted: frozenset[str] | None) -> Environment:
        """The world in which the unseen variables in `doubted` (None: all) are unknown, and the others at their defaults."""

        def stays(name: str) -> bool:
            return doubted is None or name in doubted

        def absent(name: str) -> Unknown | Unset:
            return Unknown(self.closed) if stays(name) else Unset()

        settings = {
            name: setting
            if setting.known
            else _watched(setting, setting.value if stays(name) else _default(setting.value), watch)
            for name, setting in self.settings.items()
        }
        watching = WatchedSettings(settings, watch, self.version, absent if self.closed else None)
        return replace(self, settings=watching, closed=self.closed if doubted is None else "")

    @property
    def version_shown(self) -> str:
        """What stands where the version was read: the whole image reference, or the version's text."""
        image, evidence = self.deployment.image, self.version_evidence
        if evidence is None:
            return ""
        return image.reference if image is not None and image.location == evidence.location else evidence.text

    @property
    def hidden_version(self) -> str:
        """Why the version cannot be seen, where the image comes from outside: then it may be any."""
        image = self.deployment.image
        return "" if self.version_known or image is None else image.unknown

    @property
    def version_known(self) -> bool:
        """Whether a version was read somewhere."""
        return self.version_evidence is not None and self.version_evidence.version is not None


def _default(unseen: Known | Unknown | Unset) -> Known | Unset:
    """What an unseen variable has where nothing else is given for it."""
    if isinstance(unseen, Known):
        return unseen
    fallback = unseen.fallback if isinstance(unseen, Unknown) else None
    return Unset() if fallback is None else Known(fallback)


class Certainty(Enum):
    """Whether a condition holds, where not every variable can be seen."""

    YES = "yes"
    """It holds by what is seen."""
    BY_DEFAULT = "by default"
    """It holds where the variables that cannot be seen have their defaults."""
    UNSEEN = "unseen"
    """It does not hold at the defaults, but a variable that cannot be seen may make it hold."""
    NO = "no"
    """It does not hold by what is seen."""


def certainty(env: Environment, condition: Callable[[Environment], bool]) -> Certainty:
    """Whether `condition` holds in `env`. The condition sees every unseen variable at its default.

    It should look at as few variables as it needs: what it looked at and could not be seen makes the answer unsure.
    """
    if env.wholly_visible:
        return Certainty.YES if condition(env) else Certainty.NO
    watch = Watch()
    if condition(env.at_defaults(watch)):
        return Certainty.BY_DEFAULT if watch.looked else Certainty.YES
    return Certainty.UNSEEN if watch.looked else Certainty.NO


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
    config = deployment.config_file
    reasons = (*deployment.open, config.reason) if isinstance(config, Unknown) else deployment.open
    closed = "; ".join(filter(None, dict.fromkeys(reasons)))
    if isinstance(config, Unknown):
        # Directus' own file beats every variable: while it is not readable, nothing is certain.
        settings = {name: _unsure(setting, config.reason) for name, setting in settings.items()}
    elif config is not None:
        for name, own in _settings(config, version).items():
            settings[name] = _over(own, settings.get(name))
    return _read_files(settings, deployment, version), closed


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
