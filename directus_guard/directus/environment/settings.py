"""The environment Directus really sees: all variables of a deployment, and what can be said where some cannot be seen."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Known, Unknown, Unset
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.environment.setting import Setting
from directus_guard.directus.environment.watched import Watch, WatchedSettings, watched
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.directus.environment.certainty import Certainty
    from directus_guard.directus.environment.deployment import Deployment, Service, VersionEvidence
    from directus_guard.directus.gaps import Gap
    from directus_guard.directus.versions import Version
    from directus_guard.finding import Context, Location


LARGEST_UPLOAD: Final = 2**30
"""Bytes: the largest FILES_MAX_UPLOAD_SIZE that passes, where the config names no other."""


class Environment(Struct, frozen=True, dict=True):
    """Every variable of one deployment as Directus of `version` sees it. Index by name; a name that is not set is `Unset`."""

    deployment: Deployment
    settings: Mapping[str, Setting]
    version: Version
    """The version judged: the deployment's own, or the newest known."""
    version_evidence: VersionEvidence | None
    context: Context
    context_reason: str
    untracked: frozenset[str] = frozenset()
    """Paths that git does not track: their content is not committed."""
    largest_upload: int = LARGEST_UPLOAD
    """The config's threshold in place of that."""
    gaps: tuple[Gap, ...] = ()
    """Why nothing can be said of variables that are not set; empty: they are really missing."""
    project_settings: Mapping[str, object] | None = None
    """What directus_settings says, where it is known which export the deployment runs; None: it is not visible."""

    def __getitem__(self, name: str) -> Setting:
        setting = self.settings.get(name)
        if setting is not None:
            return setting
        value = Unknown(self.unseen) if self.gaps else Unset()
        return Setting(name, value, self.version)

    def __contains__(self, name: object) -> bool:
        return name in self.settings

    def committed(self, setting: Setting, secret: str) -> bool:
        """Whether `secret`, which the setting's text holds, is in a file that git tracks.

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
        return not self.gaps

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the variables that are set, in capitals."""
        return _in_capitals(tuple(self.settings))

    @cached_property
    def unseen(self) -> str:
        """The reasons of the gaps, as findings and reports say them; "" without any."""
        return "; ".join(dict.fromkeys(gap.reason for gap in self.gaps))

    def matching(self, prefix: str = "", suffix: str = "") -> tuple[Setting, ...]:
        """The settings whose names begin and end so, in order of their names."""
        return tuple(
            self.settings[name]
            for name in sorted(self.settings)
            if name.startswith(prefix) and name.endswith(suffix) and len(name) > len(prefix) + len(suffix) - 1
        )

    @cached_property
    def for_others(self) -> frozenset[Location]:
        """The places whose text other programs take, too, as from an `env_file` that several services have."""
        others = (service for service in self.deployment.services if not _is_directus(service))
        return frozenset(one.location for service in others for one in service.variables)

    @cached_property
    def wholly_visible(self) -> bool:
        """Whether every value and every name is visible."""
        return not self.gaps and all(setting.known for setting in self.settings.values())

    @cached_property
    def _unknown(self) -> tuple[tuple[str, Setting], ...]:
        """The settings whose text is not known, with their names: most worlds share the others."""
        return tuple((name, setting) for name, setting in self.settings.items() if not setting.known)

    @cached_property
    def certainties(self) -> dict[str, Certainty]:
        """Whether it has what attacks need, by the words for that: worked out by who asks first."""
        return {}

    @cached_property
    def has_replaceable(self) -> bool:
        """Whether a file that cannot be read may replace a value that is set."""
        return any(setting.replaceable is not None for setting in self.settings.values())

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
            return Unknown(self.unseen) if stays(name) else Unset()

        settings = dict(self.settings)
        for name, setting in self._unknown:
            settings[name] = watched(setting, setting.value if stays(name) else _default(setting.value), watch)
        watching = WatchedSettings(settings, watch, self.version, absent if self.gaps else None)
        return replace(self, settings=watching, gaps=self.gaps if doubted is None else ())

    @property
    def version_shown(self) -> str:
        """The text from which the version was read: the whole image reference, or the version's text; "" if none was."""
        evidence = self.version_evidence
        return "" if evidence is None else evidence.reference or evidence.text

    @property
    def hidden_version(self) -> str:
        """Why the version cannot be seen, where the image comes from outside: then it may be any."""
        image, evidence = self.deployment.image, self.version_evidence
        if evidence is not None and evidence.assumed:
            return evidence.assumed
        return "" if self.version_known or image is None else image.unknown

    @property
    def version_known(self) -> bool:
        """Whether a version was read somewhere."""
        return self.version_evidence is not None and self.version_evidence.version is not None


@lru_cache(maxsize=1024)
def _in_capitals(names: tuple[str, ...]) -> frozenset[str]:
    """The names in capitals: one set for all deployments that have the same."""
    return frozenset(map(str.upper, names))


def _default(unseen: Known | Unknown | Unset) -> Known | Unset:
    """What an unseen variable has where nothing else is given for it."""
    fallback = unseen.fallback if isinstance(unseen, Unknown) else None
    return Unset() if fallback is None else Known(fallback)


def _is_directus(service: Service) -> bool:
    """Whether a neighbour is a Directus, too, by its image or, where it is built here, by its name."""
    return is_directus_image(service.image.repository) if service.image else "directus" in service.name.lower()
