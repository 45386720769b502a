"""The config of folders: a `directus-guard.yaml` below the root speaks of what lies in its folder, the nearest one first."""

from __future__ import annotations

import glob
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.audit.options import AuditError, CheckSetting
from directus_guard.audit.promises import of_both, promises_of
from directus_guard.audit.suppression import Ignore
from directus_guard.checks import catalogue
from directus_guard.finding import Context, Severity, SwitchedOff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.audit.options import Options
    from directus_guard.config import FolderConfig
    from directus_guard.directus.access.promises import Promise
    from directus_guard.sources.files.repository import Repository

NAMES: Final = ("directus-guard.yaml", "directus-guard.yml")


class FolderSettings(Struct, frozen=True):
    """What the configs of folders say, the innermost folder first."""

    checks: tuple[CheckSetting, ...] = ()
    contexts: tuple[tuple[str, Context], ...] = ()
    uploads: tuple[tuple[str, int], ...] = ()
    ignores: tuple[Ignore, ...] = ()
    texts: Mapping[str, str] = {}
    """The files, by their paths."""
    promises: tuple[Promise, ...] = ()
    notices: tuple[str, ...] = ()
    """What has no effect there."""
    mistakes: tuple[str, ...] = ()
    """Of files that have no effect."""


def read(repository: Repository) -> FolderSettings:
    """The configs of the folders that are read, and of those above them."""
    texts = {path: repository.text(path) or "" for path in _paths(repository)}
    if not texts:
        return FolderSettings()
    return _settings(texts)


def _paths(repository: Repository) -> list[str]:
    """The files, the innermost first; of two in one folder the first counts. Workflows may have such a name, too."""
    below = set(repository.files)
    named = [path for path in repository.named(*NAMES) if path in below]
    found: dict[str, str] = {}
    for path in sorted((*named, *repository.above(NAMES)), key=lambda path: (-path.count("/"), path)):
        folder = path.rpartition("/")[0]
        if folder and ".github" not in folder.split("/"):
            found.setdefault(folder, path)
    return list(found.values())


def _settings(texts: Mapping[str, str]) -> FolderSettings:
    from directus_guard import config  # noqa: PLC0415 - pydantic is slow to load, and few projects have such a file

    made = FolderSettings(texts=texts)
    for path, text in texts.items():
        folder = path.rpartition("/")[0]
        try:
            content = config.load(path, text, catalogue())
        except config.ConfigError as error:
            made = replace(made, mistakes=(*made.mistakes, str(error)))
            continue
        useless = ", ".join(f"`{key}`" for key in config.only_at_root(content))
        notices = (f"{path}: {useless} only has an effect in the config at the root",) if useless else ()
        prefix = f"{glob.escape(folder)}/"
        made = replace(
            made,
            checks=(*made.checks, *settings_of(content, folder)),
            contexts=(
                *made.contexts,
                *((prefix + name, Context(purpose)) for name, purpose in content.context.items()),
            ),
            uploads=(*made.uploads, *((folder, size) for size in _uploads(content))),
            ignores=(*made.ignores, *_ignores(content, folder, path)),
            promises=(*made.promises, *promises_of(content, path, folder)),
            notices=(*made.notices, *notices),
        )
    return made


def settings_of(content: FolderConfig, folder: str) -> Iterator[CheckSetting]:
    """What a config says of checks."""
    for check, given in content.checks.items():
        severity = None if given.severity == "off" else Severity(given.severity)
        yield CheckSetting(check, severity, given.reason, folder, given.paths)


def _uploads(content: FolderConfig) -> Iterator[int]:
    if "files_max_upload_size" in content.thresholds.model_fields_set:
        yield content.thresholds.largest_upload


def _ignores(content: FolderConfig, folder: str, path: str) -> Iterator[Ignore]:
    for item in content.ignore:
        yield Ignore(item.check, item.reason, item.until, obj=item.object, folder=folder, config=path)


def applied(options: Options, settings: FolderSettings) -> Options:
    """The options with what the configs of folders say, before what the root's config says."""
    off = (SwitchedOff(one.check, one.reason, one.where) for one in settings.checks if one.severity is None)
    return replace(
        options,
        notices=(*options.notices, *settings.notices),
        local=(*settings.checks, *options.local),
        contexts=(*settings.contexts, *options.contexts),
        largest_uploads=(*settings.uploads, *options.largest_uploads),
        ignores=(*settings.ignores, *options.ignores),
        promises=(*settings.promises, *options.promises),
        switched_off=(*options.switched_off, *off),
    )


def configured(options: Options, repository: Repository, base: FolderSettings | None) -> tuple[Options, FolderSettings]:
    """The options of a run, and what the configs of folders say that count. `base`: those of the base, which a change
    cannot weaken. Raises `AuditError` for a mistake in a file of today.
    """
    if not options.folder_configs:
        return options, FolderSettings()
    own = read(repository)
    if base is None:
        if own.mistakes and not options.is_base:
            raise AuditError(own.mistakes[0])
        return applied(options, own), own
    if own.mistakes:
        raise AuditError(own.mistakes[0])
    name = options.base.name if options.base else "the base"
    changed = sorted(path for path in {*own.texts, *base.texts} if own.texts.get(path) != base.texts.get(path))
    notices = (
        *(
            f"{path} is read from {name}" if path in base.texts else f"{path} is not on {name}, so it has no effect"
            for path in changed
        ),
        *(f"on {name} the config has no effect: {mistake}" for mistake in base.mistakes),
    )
    both = replace(base, promises=of_both(own.promises, base.promises))
    return applied(replace(options, notices=(*options.notices, *notices)), both), base
