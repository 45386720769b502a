"""A plain Node project that is a Directus server: package.json starts it, nothing else in the repository does."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Deployment, Platform, Unknown
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, loaded_files
from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_document
from directus_guard.sources.formats.values import ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.directus.environment.deployment import Variable
    from directus_guard.sources.files.repository import Repository

_GAP: Final = unseen("the environment of the process that starts it is not in the repository")
_STARTS: Final = lazy_pattern(r"(?:start|serve|production|prod)(?:[:_.-].{0,60})?", re.DOTALL)
_DEPENDENCIES: Final = ("dependencies", "optionalDependencies")
_EXAMPLE: Final = lazy_pattern(r"example|sample|template|dist|test", re.IGNORECASE)


def read(repository: Repository, others: Sequence[Deployment]) -> tuple[Deployment, ...]:
    """The servers, in the order of paths. `others` are the deployments that are known already."""
    found = []
    for path in registry.NODE_SERVER.paths(repository):
        folder = application.folder(path)
        if _is_server(repository, path) and not any(_covers(other, folder) for other in others):
            variables, gaps = by_script(repository, path)
            config, consumed = application.own_environment(repository, folder, variables)
            found.append(
                Deployment(
                    name=path,
                    platform=Platform.NODE,
                    location=Location(path),
                    variables=variables,
                    config_file=config,
                    gaps=gaps if config is not None else (*gaps, _GAP),
                    consumed=consumed | {path},
                )
            )
    return tuple(found)


def with_scripts(repository: Repository, deployment: Deployment) -> Deployment:
    """The deployment of an environment file that Directus reads itself, with what a script sets that starts it there."""
    folder, _, name = deployment.location.path.rpartition("/")
    path = f"{folder}/package.json".lstrip("/")
    if deployment.platform is not Platform.DOTENV or name != ".env" or path not in repository:
        return deployment
    variables, gaps = by_script(repository, path)
    if any(variable.name == "CONFIG_PATH" for variable in variables):
        return replace(deployment, config_file=Unknown("a script of package.json gives CONFIG_PATH"))
    # The file beats the environment.
    return replace(deployment, variables=(*variables, *deployment.variables), gaps=(*deployment.gaps, *gaps))


def by_script(repository: Repository, path: str) -> tuple[tuple[Variable, ...], tuple[Gap, ...]]:
    """What the scripts that start Directus set before it, and why there may be more."""
    commands = tuple(_starting(_scripts(repository, path)[1]))
    given, gaps = command_line.environment(commands, Location(path), repository)
    loaded, unread = loaded_files.variables(repository, application.folder(path), commands)
    return (*loaded, *given), (*gaps, *unread)


def _starting(scripts: Mapping[str, str]) -> Iterator[str]:
    """The scripts that start Directus, themselves or by another one, as they are run."""
    for name in scripts:
        command = _expanded(scripts, name, frozenset())
        if application.starts_directus(command):
            yield command


def _expanded(scripts: Mapping[str, str], name: str, within: frozenset[str]) -> str:
    """The command of a script, with the commands of the scripts that it runs in their places."""

    def other(run: re.Match[str]) -> str:
        inner = run[1]
        if inner not in scripts or inner in within or inner == name or len(within) >= _DEEPEST:
            return run[0]
        return f"sh -c {shlex.quote(_expanded(scripts, inner, within | {name}))}"

    return _RUN.sub(other, scripts[name][:_LONGEST], count=_MOST_RUN)


_DEEPEST: Final = 3
_MOST_RUN: Final = 4
"""Other scripts that one may run, and how deep."""
_LONGEST: Final = 4000
"""Characters of a script that are looked at."""
_RUN: Final = lazy_pattern(r"\b(?:npm|pnpm|yarn|bun)\s{1,4}(?:--?\S{1,40}\s{1,4}){0,4}(?:run\s{1,4})?([\w:.-]{1,80})")
"""What runs another script, and that script."""


def _scripts(repository: Repository, path: str) -> tuple[ObjectValue | None, dict[str, str]]:
    """A package.json and its scripts; nothing where it is not valid."""
    text = repository.text(path)
    try:
        root = json_document.parse(path, text or "")
    except json_document.JsonError:
        return None, {}  # `packages` says so
    scripts = root.object("scripts") if isinstance(root, ObjectValue) else None
    commands = {
        entry.key.text: entry.value.text
        for entry in (scripts.entries if scripts is not None else ())
        if isinstance(entry.value, Text) and entry.value.kind is TextKind.STRING
    }
    return root if isinstance(root, ObjectValue) else None, commands


def _is_server(repository: Repository, path: str) -> bool:
    """Whether a script starts Directus, or the package depends on it and has a script that starts something."""
    root, commands = _scripts(repository, path)
    if root is None:
        return False
    if any(map(application.starts_directus, commands.values())):
        return True
    depends = any(
        (held := root.object(name)) is not None and held.get("directus") is not None for name in _DEPENDENCIES
    )
    return depends and any(_STARTS.fullmatch(name) for name in commands)


def _covers(other: Deployment, folder: str) -> bool:
    """Whether a deployment that is known may be this server: it is in a folder above, below or the same."""
    path = other.location.path
    there = application.folder(path)
    if other.platform is Platform.DOTENV:
        return there == folder and not _EXAMPLE.search(path.rpartition("/")[2])
    folders = [there] if other.build_context is None else [there, other.build_context]
    return any(application.is_below(one, folder) or application.is_below(folder, one) for one in folders)
