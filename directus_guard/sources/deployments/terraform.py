"""Terraform and OpenTofu: environments that are written down. `local.x` is followed; `var.x` is known where a file of
the module gives it (`terraform.tfvars`), else by its default.

Providers differ in where they put containers, so any block below a resource that has a Directus image or a Directus
environment counts (`docker_container`, `aws_ecs_task_definition`, `google_cloud_run_v2_service`, `heroku_app`, …).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Deployment, Platform
from directus_guard.sources.deployments import application, containers, manifest, terraform_json
from directus_guard.sources.files import registry
from directus_guard.sources.formats import hcl_document, json_document
from directus_guard.sources.formats.hcl_scope import HclScope
from directus_guard.sources.formats.values import ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import ObjectEntry, Value


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus containers of all modules, in the order of paths."""
    modules = _by_folder(registry.TERRAFORM.paths(repository))
    values = _by_folder(registry.TERRAFORM_VALUES.named(repository)) if modules else {}
    found: list[Deployment] = []
    for folder, paths in modules.items():
        given = values.get(folder, [])
        if registry.concerns_directus("\n".join(repository.text(path) or "" for path in (*paths, *given))):
            found += _Module(repository, paths, given).deployments()
    return tuple(found)


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


class _Module:
    """The files of one folder, which share their variables and locals."""

    def __init__(self, repository: Repository, paths: Sequence[str], values: Sequence[str]) -> None:
        self._blocks = {path: _document(repository, path) for path in paths}
        blocks = [block for found in self._blocks.values() for block in found]
        self._scope = HclScope(blocks, "comes from outside the repository", _given(repository, values))

    def deployments(self) -> Iterator[Deployment]:
        for path, blocks in self._blocks.items():
            for block in blocks:
                if block.kind in ("resource", "module"):
                    label = "/".join(block.labels)
                    yield from containers.deployments(block.body, Platform.TERRAFORM, path, label, self._scope.resolve)


def _document(repository: Repository, path: str) -> tuple[hcl_document.HclBlock, ...]:
    manifest.belonging(repository, path)
    if path.lower().endswith(".json"):
        return terraform_json.document(repository, path)
    return hcl_document.document(repository, path)
