"""Terraform and OpenTofu: environments that are written down. `local.x` is followed; `var.x` is known where a file of
the module gives it (`terraform.tfvars`), or the block that uses the module, else by its default.

Providers differ in where they put containers, so any block below a resource that has a Directus image or a Directus
environment counts (`docker_container`, `aws_ecs_task_definition`, `google_cloud_run_v2_service`, `heroku_app`, …).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.context import of_path
from directus_guard.directus.environment.deployment import Deployment, Platform
from directus_guard.finding import Context
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments import (
    application,
    containers,
    helm,
    manifest,
    terraform_helm,
    terraform_inputs,
    terraform_json,
    terraform_links,
)
from directus_guard.sources.deployments.terraform_stores import Stores
from directus_guard.sources.files import registry, signs
from directus_guard.sources.formats import hcl_document, json_document
from directus_guard.sources.formats.hcl_scope import HclScope
from directus_guard.sources.formats.values import ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import ObjectEntry, Value


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus containers of all modules, in the order of paths."""
    found: list[Deployment] = []
    for module, starts in started(repository, signs.concerns_directus):
        found += _variants(module, starts)
    return tuple(found)


def started(
    repository: Repository, wanted: Callable[[str], bool]
) -> Iterator[tuple[TerraformModule, Sequence[ModuleStart]]]:
    """The modules whose text and values are wanted, in the order of paths, each with the ways in which it is used."""
    modules = _by_folder(registry.TERRAFORM.paths(repository))
    values = _by_module(modules, registry.TERRAFORM_VALUES.named(repository)) if modules else {}
    callers: Mapping[str, Sequence[str]] | None = None
    inputs = terraform_inputs.read(repository) if modules else ()
    for folder, paths in modules.items():
        given = values.get(folder, [])
        if wanted("\n".join(repository.text(path) or "" for path in (*paths, *given))):
            callers = _callers(repository, modules) if callers is None else callers
            called = [
                start
                for caller in callers.get(folder, ())
                for start in _called(repository, caller, modules[caller], values.get(caller, ()), folder)
            ]
            if all(start.is_example for start in called):  # a module for others to use is judged by itself, too
                called = [*_starts(repository, given), *called]
            called = list(_with_inputs(inputs, folder, called, alone=len(modules) == 1))
            yield TerraformModule(repository, folder, paths), called


def _with_inputs(
    inputs: Sequence[tuple[str, str | None, Mapping[str, Value]]],
    folder: str,
    others: Sequence[ModuleStart],
    *,
    alone: bool,
) -> Sequence[ModuleStart]:
    """The ways in which a module is used, and those in which commands and Terragrunt start it, on top of its own values."""
    own = next((start.values for start in others if not start.name), {})
    given = [
        ModuleStart(name, {**own, **values}, name.rpartition("/")[2] if name.endswith((".sh", ".yml")) else name)
        for name, place, values in inputs
        if place == folder or (place is None and alone)
    ]
    return [*(start for start in others if start.name or not given), *given]


class ModuleStart(Struct, frozen=True):
    """One way in which a module is used: what gives its variables ("" where there is only one), and their values.

    `hint`: what the name says of it, without the folders that it shares with the module.
    """

    name: str
    values: Mapping[str, Value]
    hint: str = ""

    @property
    def is_example(self) -> bool:
        return of_path(self.hint) is Context.EXAMPLE


def _variants(module: TerraformModule, starts: Sequence[ModuleStart]) -> Iterator[Deployment]:
    """The containers of a module in all the ways in which it is used; what is the same in all of them comes once."""
    made = [(start, tuple(module.deployments(start.values))) for start in starts]
    first = made[0][1]
    if all(found == first for _, found in made):
        yield from first
        return
    for start, found in made:
        if not start.name:
            yield from found
            continue
        label, hint = application.plain(start.name), application.plain(start.hint or start.name)
        for one in found:
            yield replace(one, name=f"{one.name}@{label}", hints=(*one.hints, hint))


def _callers(repository: Repository, modules: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """By folder, the folders whose files name it as the source of a module."""
    found: dict[str, dict[str, None]] = {}
    for caller, paths in modules.items():
        for path in paths:
            for written in _SOURCE.findall(repository.text(path) or ""):
                folder = repository.resolve(caller, written)
                if folder is not None and folder != caller and folder in modules:
                    found.setdefault(folder, {})[caller] = None
    return {folder: tuple(callers) for folder, callers in found.items()}


_SOURCE: Final = lazy_pattern(r"\bsource\"?\s{0,40}[=:]\s{0,40}\"(\.[^\"\n$%]{0,300})\"")


def _called(
    repository: Repository, caller: str, paths: Sequence[str], values: Sequence[str], folder: str
) -> Iterator[ModuleStart]:
    """The blocks of a module that use another (`folder`), with what they give to its variables."""
    module = TerraformModule(repository, caller, paths)
    scope = module.scope(_given(repository, values))
    for block in module.blocks:
        source = block.body.text("source") if block.kind == "module" else None
        if source is not None and repository.resolve(caller, source) == folder:
            given = {entry.key.text: scope.resolve(entry.value) for entry in block.body.entries}
            name = ".".join(block.labels)
            own = posixpath.relpath(caller or ".", _shared(caller, folder) or ".")
            yield ModuleStart(f"{caller}:{name}".lstrip(":"), given, f"{own}/{name}")


def _shared(first: str, other: str) -> str:
    """The folder that two folders are in."""
    return posixpath.commonpath((f"/{first}", f"/{other}")).lstrip("/")


def _starts(repository: Repository, paths: Sequence[str]) -> tuple[ModuleStart, ...]:
    """The values of a module that is used by itself. Files that Terraform reads on request and that disagree are one each."""
    shared = _given(repository, paths)
    requested = [path for path in paths if _order(path) is None]
    held = {path: {entry.key.text: entry.value for entry in _values(repository, path)} for path in requested}
    found = tuple(
        ModuleStart(path.rpartition("/")[2].partition(".")[0], {**given, **shared})
        for path, given in held.items()
        if not given.keys() <= shared.keys()
    )
    return found or (ModuleStart("", shared),)


def _by_module(modules: Mapping[str, object], paths: Iterable[str]) -> dict[str, list[str]]:
    """The files of values by the folder of the module they are for: their own, or for `-var-file` one above it."""
    found: dict[str, list[str]] = {}
    for path in paths:
        folder = application.folder(path)
        while folder not in modules and folder and _order(path) is None:
            folder = application.folder(folder)
        found.setdefault(folder, []).append(path)
    return found


def _by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(application.folder(path), []).append(path)
    return folders


def _given(repository: Repository, paths: Sequence[str]) -> dict[str, Value]:
    """The values that files in a module's folder give to its variables, by name.

    Terraform reads some by itself, the later ones win. Another file it reads on request (`-var-file=prod.tfvars`): its
    values count where no other file says something else.
    """
    given: dict[str, Value] = {}
    doubtful: set[str] = set()
    for path in paths:
        if _order(path) is None:
            for entry in _values(repository, path):
                held = given.setdefault(entry.key.text, entry.value)
                if _text(held) != _text(entry.value):
                    doubtful.add(entry.key.text)
    given = {name: value for name, value in given.items() if name not in doubtful}
    for path in sorted((path for path in paths if _order(path) is not None), key=lambda path: _order(path) or (0, "")):
        given |= {entry.key.text: entry.value for entry in _values(repository, path)}
    return given


def _order(path: str) -> tuple[int, str] | None:
    """The place of a file among those that Terraform reads by itself, None for others."""
    name = path.rpartition("/")[2]
    if name in _READ_FIRST:
        return _READ_FIRST.index(name), ""
    return (len(_READ_FIRST), name) if name.endswith((".auto.tfvars", ".auto.tfvars.json")) else None


def _values(repository: Repository, path: str) -> tuple[ObjectEntry, ...]:
    if not path.lower().endswith(".json"):
        return hcl_document.attributes(repository, path)
    root = json_document.document(repository, path)
    return root.entries if isinstance(root, ObjectValue) else ()


def _text(value: Value) -> str | None:
    return value.text if isinstance(value, Text) else None


_READ_FIRST: Final = ("terraform.tfvars", "terraform.tfvars.json")


class TerraformModule:
    """The files of one folder, which share their variables and locals."""

    def __init__(self, repository: Repository, folder: str, paths: Sequence[str]) -> None:
        self._repository = repository
        self.folder = folder
        self._blocks = {path: _document(repository, path) for path in paths}

    @property
    def blocks(self) -> list[hcl_document.HclBlock]:
        """The blocks of all files."""
        return [block for found in self._blocks.values() for block in found]

    @property
    def files(self) -> Mapping[str, Sequence[hcl_document.HclBlock]]:
        """The blocks of each file."""
        return self._blocks

    def scope(self, values: Mapping[str, Value]) -> HclScope:
        """What its locals and variables are where it is given these values."""
        return HclScope(self.blocks, "comes from outside the repository", values)

    def deployments(self, values: Mapping[str, Value]) -> Iterator[Deployment]:
        """Its Directus containers where it is given these values."""
        stores = Stores(self.blocks, self.scope(values).resolve)
        links = terraform_links.linked(self.blocks)
        for path, blocks in self._blocks.items():
            for block in filter(None, (links.get(one, one) for one in blocks)):
                if block.labels[:1] == ("helm_release",):
                    release = terraform_helm.release(block.body, stores.resolve)
                    yield from helm.of_release(self._repository, path, release, "/".join(block.labels))
                elif block.kind in ("resource", "module"):
                    label = "/".join(block.labels)
                    yield from containers.deployments(block.body, Platform.TERRAFORM, path, label, stores.resolve)


def _document(repository: Repository, path: str) -> tuple[hcl_document.HclBlock, ...]:
    manifest.belonging(repository, path)
    if path.lower().endswith(".json"):
        return terraform_json.document(repository, path)
    return hcl_document.document(repository, path)
