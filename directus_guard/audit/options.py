"""What a run is asked to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.directus.environment.settings import LARGEST_UPLOAD
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from datetime import date

    from directus_guard.audit import suppression
    from directus_guard.directus.access.records import Edition
    from directus_guard.directus.versions import Version
    from directus_guard.finding import Context, SwitchedOff
    from directus_guard.live.target import Target
    from directus_guard.sources.files.store import Store


class Base(Struct, frozen=True):
    """What a change is compared with: the same folder at another revision."""

    name: str
    store: Store


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
    switched_off: tuple[SwitchedOff, ...] = ()
    """The checks that are off, with the reasons that the config gives."""
    largest_upload: int = LARGEST_UPLOAD
    """Bytes: the config's `thresholds.files-max-upload-size`."""
    target: Target | None = None
    """The running instance to ask too."""
    today: date | None = None
    notices: tuple[str, ...] = ()
    """What is to be said about the options."""
    documentation: str = ""
    """The address before the path of a page of the documentation; "" = not known."""
    debug: bool = False
    """Whether a bug in a check ends the run with its traceback."""
