"""The options of an audit: what is asked for, resolved.

Option before config before default; mistakes in the config are usage errors.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from directus_guard.cli.config_file import accepted_findings, config_path, effective_config, promised, promises
from directus_guard.cli.errors import UsageError, assigned_variable
from directus_guard.cli.live_target import live_target
from directus_guard.cli.revisions import git_errors, resolved, tree_of
from directus_guard.documentation import EXAMPLE, VARIABLE, is_address
from directus_guard.exit_code import OnIncomplete
from directus_guard.sources.files.paths import work_tree_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.audit.audited import Audited
    from directus_guard.audit.options import CheckSetting, Options
    from directus_guard.audit.suppression import Ignore
    from directus_guard.cli.request import RunRequest
    from directus_guard.config import Config
    from directus_guard.directus.access.records import Edition
    from directus_guard.directus.versions import Version
    from directus_guard.finding import Context, Severity, SwitchedOff
    from directus_guard.sources.files.git import Revision


def options_of(request: RunRequest) -> Options:
    """The options of the audit that is asked for. Raises `UsageError`."""
    from directus_guard.audit.options import Base
    from directus_guard.audit.promises import of_both

    if request.new_access and not request.new_since and request.needs_base:
        raise UsageError("--new-access needs --new-since: it is about what a change grants")
    root, paths = roots([Path(path) for path in request.paths] or [Path()])
    # A change cannot silence itself: with a base, config and baseline are read from there.
    revision = resolved(root, request.new_since) if request.new_since else None
    config, config_notices = effective_config(request.config, root, revision) if request.trusted else (None, ())
    accepted, baseline_notices = _accepted(request, root, revision)
    held = promised(config, config_path(request.config, root), root) if request.trusted else ()
    return replace(
        judging_options(request, config, root, paths),
        base=Base(str(revision), tree_of(revision, root), held) if revision else None,
        baseline=accepted,
        promises=of_both(promises(request.config, root), held) if revision and request.trusted else held,
        notices=(*config_notices, *baseline_notices),
        target=live_target(request),
    )


def _accepted(request: RunRequest, root: Path, revision: Revision | None) -> tuple[frozenset[str], tuple[str, ...]]:
    """What the baseline accepts, and notices about it. `--no-ignores` leaves out a baseline that it does not name."""
    if not request.trusted or (request.no_ignores and not request.baseline):
        return frozenset(), ()
    return accepted_findings(request.baseline, root, revision, starts_at(root))


def judging_options(request: RunRequest, config: Config | None, root: Path, paths: tuple[Path, ...]) -> Options:
    """How the files of a folder are read and judged: the part of the options that needs neither base nor instance."""
    from directus_guard.audit.options import Options
    from directus_guard.finding import Confidence, Severity

    default = Options()
    fail_on = request.fail_on or (config and config.fail_on)
    new_access = request.new_access or (config and config.new_access)
    minimum = request.min_severity or (config and config.min_severity)
    least_sure = request.min_confidence or (config and config.min_confidence)
    incomplete = request.incomplete or (config and config.incomplete)
    return Options(
        root=root,
        paths=paths,
        exclude=(*request.exclude, *(config.exclude if config else ())),
        directus_version=version_of(request.directus_version or (config.directus_version if config else None)),
        edition=edition_of(request.edition or (config.edition if config else None)),
        largest_upload=config.thresholds.largest_upload if config else default.largest_upload,
        fail_on=default.fail_on if not fail_on else None if fail_on == "none" else Severity(fail_on),
        new_access_from=Severity(new_access) if new_access and new_access != "none" else None,
        min_severity=Severity(minimum) if minimum else default.min_severity,
        min_confidence=Confidence(least_sure) if least_sure else default.min_confidence,
        strict=request.strict,
        incomplete_fails=incomplete == OnIncomplete.FAIL if incomplete else default.incomplete_fails,
        include_nonproduction=request.include_nonproduction,
        use_ignores=request.trusted and not request.no_ignores,
        ignores=_ignores(config),
        contexts=_contexts(config),
        severities=_severities(config),
        local=_local(config),
        folder_configs=request.trusted and request.config is None,
        switched_off=_switched_off(config),
        debug=request.debug,
        documentation=documentation_base() or (config and config.documentation) or request.documentation,
    )


def documentation_base() -> str:
    """Where the environment says that the documentation is; "" = it says nothing. Raises `UsageError`."""
    text = os.environ.get(VARIABLE, "")
    if text and not is_address(text):
        raise UsageError(f"{VARIABLE}: expected an address such as {EXAMPLE}")
    return text


def audited(options: Options) -> Audited:
    """The run. Raises `UsageError` where the base cannot be read."""
    from directus_guard.audit import run

    if options.base is None:
        return run.run(options)
    with git_errors():
        return run.run(options)


def roots(paths: Sequence[Path]) -> tuple[Path, tuple[Path, ...]]:
    """Where the names of files start, and what is read of it; () = everything.

    Names start at the top of the git work tree that holds the paths, else at the folder itself, or at the common folder
    of several paths.
    """
    folder, named = folder_of(paths)
    top = work_tree_of(folder)
    if top is None or top == Path(os.path.realpath(folder)):
        return folder, named
    return top, named or (Path(os.path.realpath(folder)),)


def folder_of(paths: Sequence[Path]) -> tuple[Path, tuple[Path, ...]]:
    """The folder that is named; of several paths, or of a file, the folder that holds them, and these paths."""
    for path in paths:
        if not path.exists():
            variable = assigned_variable(str(path))
            if variable:
                raise UsageError(
                    f"`{variable}=…` is not a path. A variable comes first: {variable}=… directus-guard scan"
                )
            raise UsageError(f"{path}: no such file or folder")
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0], ()
    real = [Path(os.path.realpath(path)) for path in paths]
    common = Path(os.path.commonpath([str(path if path.is_dir() else path.parent) for path in real]))
    return common, tuple(real)


def starts_at(root: Path) -> str:
    """Where paths start, as a baseline notes it."""
    real = Path(os.path.realpath(root))
    return "the top of the git work tree" if work_tree_of(real) == real else f"the folder {real.name or real}"


def version_of(text: str | None) -> Version | None:
    """The version that an option or the config names."""
    if text is None:
        return None
    from directus_guard.directus.versions import Version

    version = Version.parse(text)
    if version is None:
        raise UsageError(f"`{text}` is no Directus version; write it in full, like 11.17.4")
    return version


def edition_of(name: str | None) -> Edition | None:
    """The edition that an option or the config names."""
    if name is None:
        return None
    from directus_guard.directus.access.records import Edition

    return Edition(name)


def _ignores(config: Config | None) -> tuple[Ignore, ...]:
    from directus_guard.audit.suppression import Ignore

    return tuple(
        Ignore(item.check, item.reason, item.until, obj=item.object) for item in (config.ignore if config else ())
    )


def _contexts(config: Config | None) -> tuple[tuple[str, Context], ...]:
    from directus_guard.finding import Context

    return tuple((glob, Context(name)) for glob, name in config.context.items()) if config else ()


def _severities(config: Config | None) -> tuple[tuple[str, Severity | None], ...]:
    from directus_guard.finding import Severity

    return tuple(
        (check, None if given.severity == "off" else Severity(given.severity))
        for check, given in (config.checks.items() if config else ())
        if not given.paths
    )


def _local(config: Config | None) -> tuple[CheckSetting, ...]:
    """What the config at the root says of checks for some paths."""
    from directus_guard.audit.folder_config import settings_of

    return tuple(one for one in settings_of(config, "") if one.paths) if config else ()


def _switched_off(config: Config | None) -> tuple[SwitchedOff, ...]:
    from directus_guard.finding import SwitchedOff

    checks = config.checks.items() if config else ()
    return tuple(
        SwitchedOff(check, given.reason, ", ".join(given.paths)) for check, given in checks if given.severity == "off"
    )
