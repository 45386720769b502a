"""Who looks at the settings that cannot be seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec import field

from directus_guard.directus.environment.deployment import Known, Unknown, Unset
from directus_guard.directus.environment.setting import Setting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.versions import Version


class UnseenError(Exception):
    """The text of a variable that is not visible was asked for."""


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


def watched(setting: Setting, value: Known | Unknown | Unset, watch: Watch) -> Setting:
    """The setting with another value, whose looks `watch` records."""
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
            return watched(Setting(name, Unset(), self._version), self._absent(name), self._watch)
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
