"""The config file and the baseline that count. A change cannot silence itself: with a base both are read from there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard import limits
from directus_guard.cli.errors import UsageError
from directus_guard.cli.named_paths import refuse_led_out
from directus_guard.cli.revisions import committed, text_of

if TYPE_CHECKING:
    from directus_guard.config import Config
    from directus_guard.directus.access.promises import Promise
    from directus_guard.sources.files.git import Revision

CONFIG_FILES: Final = (
    "directus-guard.yaml",
    "directus-guard.yml",
    ".github/directus-guard.yaml",
    ".github/directus-guard.yml",
)


BASELINE_FILES: Final = ("directus-guard.baseline", ".github/directus-guard.baseline")


def effective_config(given: str | None, root: Path, revision: Revision | None) -> tuple[Config | None, tuple[str, ...]]:
    """The config that applies, and notices about it; with a revision, the config there."""
    path = config_path(given, root)
    own = _loaded(path, text_of(path, limits.CONFIG)) if path is not None else None
    if revision is None:
        return own, ()
    candidates = (path,) if given is not None and path is not None else [root / name for name in CONFIG_FILES]
    for candidate in candidates:
        text = committed(candidate, revision)
        if text is not None:
            break
    else:
        return None, (f"{path} is not on {revision}, so the defaults apply",) if path is not None else ()
    if isinstance(text, Path):
        return own, ()
    notices = (
        (f"{candidate} is read from {revision}",) if candidate != path or text != text_of(path, limits.CONFIG) else ()
    )
    try:
        return _loaded(candidate, text), notices
    except UsageError as error:
        return None, (f"on {revision} the config is invalid, so the defaults apply: {error}",)


def promises(given: str | None, root: Path) -> tuple[Promise, ...]:
    """What the config of today promises about access, whatever the base has."""
    path = config_path(given, root)
    return () if path is None else promised(_loaded(path, text_of(path, limits.CONFIG)), path, root)


def promised(config: Config | None, path: Path | None, root: Path) -> tuple[Promise, ...]:
    """What a config promises about access. `path`: where it is today, None = nowhere."""
    from directus_guard.audit.promises import promises_of

    name = CONFIG_FILES[0] if path is None else _relative(path, root)
    return tuple(promises_of(config, name)) if config else ()


def _relative(path: Path, root: Path) -> str:
    """The path from where paths start; as it is given if it lies elsewhere."""
    return os.path.relpath(path, root) if path.is_relative_to(root) else str(path)


def _loaded(path: Path, text: str) -> Config:
    from directus_guard.checks import catalogue
    from directus_guard.config import ConfigError, load

    try:
        return load(str(path), text, catalogue())
    except ConfigError as error:
        raise UsageError(str(error)) from None


def config_path(given: str | None, root: Path) -> Path | None:
    """The config file that is named, else the one found; None = there is none. Raises `UsageError`."""
    if given is not None:
        path = Path(given)
        if not path.is_file():
            raise UsageError(f"config file {given}: no such file")
    else:
        found = next((root / name for name in CONFIG_FILES if os.path.lexists(root / name)), None)
        if found is None:
            return None
        path = found
    refuse_led_out(path, root, "config file")
    if not path.is_file():
        raise UsageError(f"config file {path} is not a file that can be read")
    return path


def refuse_other_files(name: str, text: str, *, written: bool = False) -> None:
    """Raise `UsageError` for a text that is no baseline: one of another kind would accept nothing, or be overwritten.

    `written`: whether it will be. Then comments alone are not enough: a config may have nothing else.
    """
    from directus_guard.audit import baseline

    line = baseline.wrong_line(text)
    if not line and written and text.strip() and not baseline.read(text) and not text.startswith(baseline.HEADER):
        line = 1
    if line:
        raise UsageError(
            f"{name}:{line}: no line of a baseline; expected `check|object`. `directus-guard baseline write FILE` makes one."
        )


def _baseline_path(root: Path, revision: Revision | None) -> Path | None:
    """The baseline that is found by its name; with a revision, one that is there counts before one of today."""
    paths = [root / name for name in BASELINE_FILES]
    there = (path for path in paths if revision is not None and committed(path, revision) is not None)
    return next(there, None) or next((path for path in paths if path.is_file()), None)


def accepted_findings(
    given: str | None, root: Path, revision: Revision | None, starts: str
) -> tuple[frozenset[str], tuple[str, ...]]:
    """The accepted findings, and notices about the file; with a revision, the file there. `starts`: where paths start."""
    from directus_guard.audit import baseline

    path = Path(given) if given else _baseline_path(root, revision)
    if path is None:
        return frozenset(), ()
    refuse_led_out(path, root, "baseline")
    try:
        own = text_of(path) if given or path.is_file() else ""
    except UsageError as error:
        if given and not path.exists():
            raise UsageError(
                f"--baseline: {given}: no such file. `directus-guard baseline write {given}` makes it."
            ) from None
        raise UsageError(f"baseline {error}") from None
    text = path if revision is None else committed(path, revision)
    if text is None:
        return frozenset(), (f"{path} is not on {revision}, so no finding is accepted",)
    notices: tuple[str, ...] = ()
    if isinstance(text, Path):
        text = own
    elif text != own:
        notices = (f"{path} is read from {revision}",)
    try:
        refuse_other_files(str(path), text)
    except UsageError as error:
        if revision is None:
            raise
        return frozenset(), (f"on {revision}: {error} No finding is accepted.",)
    noted = baseline.starts_of(text)
    if noted and noted != starts:
        start = f"the paths of the baseline {path} start at {noted}, those of this run at {starts}"
        notices += (f"{start}: write it again where it is used",)
    return baseline.read(text), notices
