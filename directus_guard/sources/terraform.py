"""Terraform and OpenTofu: environments that are written down. `local.x` is followed, `var.x` is known by its default.

Providers differ in where they put containers, so any block below a resource that has a Directus image or a Directus
environment counts (`docker_container`, `aws_ecs_task_definition`, `google_cloud_run_v2_service`, `heroku_app`, …).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.deployment import Deployment, Platform
from directus_guard.sources import application, containers, hcl_document, manifest, registry, terraform_json
from directus_guard.sources.hcl_scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.repository import Repository


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus containers of all modules, in the order of paths."""
    modules: dict[str, list[str]] = {}
    for path in registry.TERRAFORM.paths(repository):
        modules.setdefault(application.folder(path), []).append(path)
    found: list[Deployment] = []
    for paths in modules.values():
        if registry.concerns_directus("\n".join(repository.text(path) or "" for path in paths)):
            found += _Module(repository, paths).deployments()
    return tuple(found)


class _Module:
    """The files of one folder, which share their variables and locals."""

    def __init__(self, repository: Repository, paths: list[str]) -> None:
        self._blocks = {path: _document(repository, path) for path in paths}
        blocks = [block for found in self._blocks.values() for block in found]
        self._scope = Scope(blocks, "comes from outside the repository")

    def deployments(self) -> Iterator[Deployment]:
        for path, blocks in self._blocks.items():
            for block in blocks:
                if block.kind in ("resource", "module"):
                    label = "/".join(block.labels)
                    yield from containers.deployments(block.body, Platform.TERRAFORM, path, label, self._scope.resolve)


def _document(repository: Repository, path: str) -> tuple[hcl_document.Block, ...]:
    manifest.belonging(repository, path)
    if path.lower().endswith(".json"):
        return terraform_json.document(repository, path)
    return hcl_document.document(repository, path)
