"""What a run is asked to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.checks import catalogue
from directus_guard.directus.environment.settings import LARGEST_UPLOAD
from directus_guard.finding import Confidence, Severity
from directus_guard.sources.files.globs import covering

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from directus_guard.audit import suppression
    from directus_guard.directus.access.promises import Promise
    from directus_guard.directus.access.records import Edition
    from directus_guard.directus.versions import Version
    from directus_guard.finding import Context, SwitchedOff
    from directus_guard.live.target import Target
    from directus_guard.sources.files.store import Store


class AuditError(Exception):
    """The run cannot be made as it is asked for. The message says what to change."""


class CheckSetting(Struct, frozen=True):
    """What a config says of a check, for a folder or for some paths."""

    check: str
    severity: Severity | None
    """None: it is off."""
    reason: str
    folder: str = ""
    """Where it applies, and what its globs are relative to; "" = the root."""
    paths: tuple[str, ...] = ()
    """Globs; () = everything in the folder."""

    @property
    def where(self) -> str:
        """Where it applies, for people; "" = everywhere."""
        prefix = f"{self.folder}/" if self.folder else ""
        return ", ".join(f"{prefix}{path}" for path in self.paths) or self.folder

    def covers(self, path: str) -> bool:
        """Whether it speaks of a path."""
        if self.folder and path != self.folder and not path.startswith(f"{self.folder}/"):
            return False
        relative = path[len(self.folder) :].lstrip("/")
        return not self.paths or covering(self.paths).match(relative) is not None


class Base(Struct, frozen=True):
    """What a change is compared with: the same folder at another revision."""

    name: str
    store: Store
    promises: tuple[Promise, ...] = ()
    """What its config promises about access."""


class Options(Struct, frozen=True):
    """What a run is asked to do; the defaults are the command line's."""

    root: Path = Path()
    store: Store | None = None
    """Where the files of `root` are read from; None = the folder itself."""
    base: Base | None = None
    """What the other options were read from where files tell them. Ignore comments count only if it has them too."""
    new_only: bool = True
    """Findings that the base has too are not new."""
    paths: tuple[Path, ...] = ()
    exclude: tuple[str, ...] = ()
    directus_version: Version | None = None
    edition: Edition | None = None
    """None: what the exports tell."""
    fail_on: Severity | None = Severity.HIGH
    new_access_from: Severity | None = None
    """Severity from which access that the base does not grant fails the run; None = it fails none."""
    min_severity: Severity = Severity.LOW
    min_confidence: Confidence = Confidence.LOW
    strict: bool = False
    incomplete_fails: bool = True
    """Whether a part of a Directus project that could not be read ends the run with exit code 4."""
    include_nonproduction: bool = False
    use_ignores: bool = True
    ignores: tuple[suppression.Ignore, ...] = ()
    baseline: frozenset[str] = frozenset()
    contexts: tuple[tuple[str, Context], ...] = ()
    """Globs on deployment names and what such deployments are for; the first that matches counts."""
    severities: tuple[tuple[str, Severity | None], ...] = ()
    """Check id and its severity by the config; None = off."""
    local: tuple[CheckSetting, ...] = ()
    """What counts before `severities`: of folders and paths, the nearest first."""
    switched_off: tuple[SwitchedOff, ...] = ()
    """The checks that are off, with the reasons that the config gives."""
    promises: tuple[Promise, ...] = ()
    """What the config promises about access; with a base also what that one promises."""
    largest_upload: int = LARGEST_UPLOAD
    """Bytes: the config's `thresholds.files-max-upload-size`."""
    largest_uploads: tuple[tuple[str, int], ...] = ()
    """The same of folders, the nearest first."""
    came_from: Mapping[str, tuple[str, ...]] = {}
    """Where deployments, exports and code of a change were on the base: the stricter config counts."""
    folder_configs: bool = False
    """Whether config files of folders count."""
    is_base: bool = False
    """Whether this is what a change is compared with: mistakes in its files are none of the change."""
    target: Target | None = None
    """The running instance to ask too."""
    today: date | None = None
    notices: tuple[str, ...] = ()
    """What is to be said about the options."""
    documentation: str = ""
    """The address before the path of a page of the documentation; "" = not known."""
    debug: bool = False
    """Whether a bug in a check ends the run with its traceback."""

    def severities_at(self, path: str, name: str = "") -> dict[str, Severity | None]:
        """What the config says of checks, for what lies at a path: the nearest counts. `name`: of a deployment or export."""
        found = self._severities_at(path)
        for place in self.came_from.get(name or path, ()):
            there = self._severities_at(place)
            for check in found.keys() | there.keys():
                found[check] = _stricter(check, found, there)
        return found

    def _severities_at(self, path: str) -> dict[str, Severity | None]:
        found = dict(self.severities)
        for setting in reversed(self.local):
            if setting.covers(path):
                found[setting.check] = setting.severity
        return found

    def largest_upload_at(self, name: str) -> int:
        """Bytes that an upload may have, for a deployment."""
        return min(map(self._largest_upload_at, (name, *self.came_from.get(name, ()))))

    def _largest_upload_at(self, path: str) -> int:
        return next(
            (size for folder, size in self.largest_uploads if path.startswith(f"{folder}/")), self.largest_upload
        )


def _stricter(check: str, here: Mapping[str, Severity | None], there: Mapping[str, Severity | None]) -> Severity | None:
    """The higher of two severities of a check; a config that does not name it leaves its own, None is off."""
    usual = catalogue()[check].severity
    given = [found for found in (here.get(check, usual), there.get(check, usual)) if found is not None]
    return max(given, key=lambda severity: severity.rank, default=None)
