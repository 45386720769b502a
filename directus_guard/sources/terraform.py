"""Terraform and OpenTofu: environments that are written down. `local.x` is followed, `var.x` is known by its default.

Providers differ in where they put containers, so any block below a resource that has a Directus image or a Directus
environment counts (`docker_container`, `aws_ecs_task_definition`, `google_cloud_run_v2_service`, `heroku_app`, …).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.deployment import Deployment, Platform
from directus_guard.sources import application, containers, hcl_document, registry
from directus_guard.sources.values import Computed, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.repository import Repository
    from directus_guard.sources.values import Value

_REFERENCE: Final = re.compile(r"(var|local)\.([A-Za-z_][A-Za-z0-9_-]*)\Z")
_MAX_STEPS: Final = 20


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
        self._blocks = {path: hcl_document.document(repository, path) for path in paths}
        self._locals: dict[str, Value] = {}
        self._defaults: dict[str, Value | None] = {}
        for blocks in self._blocks.values():
            for block in blocks:
                if block.kind == "locals":
                    self._locals |= {entry.key.text: entry.value for entry in block.body.entries}
                elif block.kind == "variable" and block.labels:
                    self._defaults[block.labels[0]] = block.body.get("default")

    def deployments(self) -> Iterator[Deployment]:
        for path, blocks in self._blocks.items():
            for block in blocks:
                if block.kind in ("resource", "module"):
                    label = "/".join(block.labels)
                    yield from containers.deployments(block.body, Platform.TERRAFORM, path, label, self._resolve)

    def _resolve(self, value: Value) -> Value:
        """The value behind `local.x`; for `var.x` what is known without asking anybody."""
        for _ in range(_MAX_STEPS):
            match = _REFERENCE.match(value.source) if isinstance(value, Computed) else None
            if match is None:
                return value
            kind, name = match.groups()
            if kind == "var":
                default = self._defaults.get(name)
                text = default.text if isinstance(default, Text) else None
                return Computed(f"`var.{name}` comes from outside the repository", value.location, text)
            if name not in self._locals:
                return value
            value = self._locals[name]
        return value
