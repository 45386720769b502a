"""Which files are Compose files, and which of them are started together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.context import of_name
from directus_guard.finding import Context
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments import application
from directus_guard.sources.files import registry, signs
from directus_guard.sources.formats import yaml_document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from directus_guard.sources.deployments.compose_files import ComposeFiles
    from directus_guard.sources.files.repository import Repository


_BASES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""What Compose looks for, the preferred first (compose-go cli/options.go)."""
_OVERRIDES: Final = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
_STARTS_FROM: Final = ("image", "build", "extends")


def default_files(repository: Repository, folder: str) -> tuple[str, ...]:
    """What Compose reads in a folder where no files are named: the base and its override; () without a base."""
    found = []
    for names in (_BASES, _OVERRIDES):
        paths = (f"{folder}/{name}".lstrip("/") for name in names)
        path = next((path for path in paths if path in repository), None)
        if path is None:
            break
        found.append(path)
    return tuple(found)


def candidates(files: ComposeFiles) -> Iterator[str]:
    """Compose files by name, and other YAML files that hold services or include some."""
    named = frozenset(registry.COMPOSE_FILES.named(files.repository))
    charts = {application.folder(path) for path in registry.CHARTS.named(files.repository)}
    values = {path for path in registry.HELM_VALUES.named(files.repository) if application.folder(path) in charts}
    for path in registry.COMPOSE.paths(files.repository):
        if path in named or (path not in values and _holds_services(files, path)):
            text = files.repository.text(path)
            if "compose" in path.rpartition("/")[2].lower() and (
                text is None or signs.concerns_directus(text.replace("\0", ""))
            ):
                files.repository.belongs(path)
            yield path


def _holds_services(files: ComposeFiles, path: str) -> bool:
    """Whether a YAML file of any name is a Compose file by what it says. That it is not valid is its reader's to tell."""
    text = files.repository.text(path)
    try:
        found, left_out = yaml_document.read(path, text or "")
    except yaml_document.YamlError:
        return signs.concerns_directus(text or "") and not _is_of_another_format(path)
    files.put(path, found)
    if signs.concerns_directus(text or ""):
        files.repository.templated(path, left_out)
    services = files.services(path)
    if not services:
        return any(
            isinstance(root.get("include"), yaml_document.Sequence) and root.get("kind") is None
            for root in files.roots(path)
        )
    return any(map(_names_a_start, services.values()))


def starts(files: ComposeFiles, paths: list[str], added: frozenset[str] = frozenset()) -> Iterator[tuple[str, ...]]:
    """The ways the files of one folder are started: each by itself, and each override on top of the base.

    `added`: files that commands put on top of others.
    """
    by_name = {path.rsplit("/", 1)[-1]: path for path in paths}
    base = next((by_name[name] for name in _BASES if name in by_name), None)
    given = _given_files(files, application.folder(paths[0]))
    if given:
        yield given
    for path in paths:
        if path in given:
            continue
        if path in added and path != base:
            continue
        alone = path == base or base is None or _stands_alone(files, path, base)
        if alone:
            yield (path,)
        if path != base and base is not None and not alone:
            yield (base, path)


def stands_below_others(
    files: ComposeFiles,
    paths: list[str],
    commanded: Sequence[tuple[str, ...]],
    by_default: Callable[[], frozenset[str]],
) -> str | None:
    """The base of a folder where nothing here starts it by itself, else None.

    Compose puts a committed override on it wherever no file is named, or commands put others on it. What is put on it for
    development says nothing of production, where the base is started without it. `commanded`: the files that commands
    name; `by_default` gives the bases that commands start without naming files.
    """
    names = {path.rsplit("/", 1)[-1]: path for path in paths}
    base = next((names[name] for name in _BASES if name in names), None)
    if base is None or (base,) in commanded:
        return None
    override = next((names[name] for name in _OVERRIDES if name in names), None)
    if override is not None and files.repository.tracked(override):
        return None if _FOR_DEVELOPMENT.search(files.repository.text(override) or "") else base
    put = [path for path in paths if path != base and any(base == one[0] and path in one for one in commanded)]
    others = [path for path in put if of_name(path) is Context.UNKNOWN]
    return base if others and base not in by_default() else None


_FOR_DEVELOPMENT: Final = lazy_pattern(
    r"localhost|//127\.|\bdev|debug|\blocal|\bmailhog|\bmailpit|\badminer|[\"']?(?:build|develop|ports|volumes|command|profiles)[\"']?[ \t]*:(?![ \t]*!reset)",
    re.IGNORECASE,
)
"""What an override says that changes how the base runs on a machine of its developers."""


def is_base(path: str) -> bool:
    """Whether Compose finds a file by itself."""
    return path.rpartition("/")[2] in _BASES


def _given_files(files: ComposeFiles, folder: str) -> tuple[str, ...]:
    """What COMPOSE_FILE in the project's `.env` names; () where it does not, or names a file that is not here."""
    variables = files.environment(folder)
    given = variables.get("COMPOSE_FILE")
    if given is None or not given.text:
        return ()
    separator = variables.get("COMPOSE_PATH_SEPARATOR")
    names = given.text.split((separator.text if separator else None) or (";" if ";" in given.text else ":"))
    paths = [files.repository.resolve(folder, name) for name in names if name]
    known = tuple(path for path in paths if path is not None and path in files.repository)
    return known if len(known) == len(paths) else ()


def _stands_alone(files: ComposeFiles, path: str, base: str) -> bool:
    """Whether a file can be started without the base: none of its services needs an image that only the base names.

    One that cannot be read may change what the base says.
    """
    name = path.rsplit("/", 1)[-1]
    if name in _OVERRIDES or not files.roots(path):
        return False
    own, below = files.services(path), files.services(base)
    return all(map(_names_a_start, own.values())) or not set(own) & set(below)


def _names_a_start(entries: list[yaml_document.MappingEntry]) -> bool:
    """Whether the entries of a service say what it is started from."""
    nodes = (entry.value for entry in entries)
    return any(isinstance(node, yaml_document.Mapping) and any(map(node.get, _STARTS_FROM)) for node in nodes)


def _is_of_another_format(path: str) -> bool:
    """Whether a YAML file that cannot be parsed is none of Compose, by its folders."""
    folders = path.lower().split("/")[:-1]
    return not {"templates", "charts", "k8s", "kubernetes", "manifests", "helm"}.isdisjoint(folders)
