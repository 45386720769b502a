"""What a change says of the purpose of its files: what gates on the base still does, whatever the change calls it.

Names, profiles and a PUBLIC_URL of this very machine tell what a deployment is for. A change writes all of them, so it
could declare its own findings harmless. Only the config of the base may say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.audit.renames import Renames, renames
from directus_guard.sources.files.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.audit.options import Options
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project
    from directus_guard.finding import Context
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.files.store import Store

BY_CONFIG: Final = "the config says so"
_AS_ON_BASE: Final = "it was that on the base"


class BaseProject(Struct, frozen=True):
    """What a change is compared with, and where its files are read from."""

    project: Project
    store: Store


def as_on_base(project: Project, base: BaseProject, repository: Repository, options: Options) -> Project:
    """The project, whatever gates on the base with the purpose that it has there."""
    if not any(map(_is_declared, project.environments)) and _gate(project.exports):
        return project
    here = (options.store or Folder(options.root), project, ())
    moved = renames((base.store, base.project, ()), here, frozenset(repository.files))
    before = _purposes(base.project, frozenset(moved.name_on_base(env.name) for env in project.environments), moved)
    return replace(
        project,
        environments=tuple(before.of_deployment(env) for env in project.environments),
        exports=tuple(before.of_export(export) for export in project.exports),
    )


class _Purposes(Struct, frozen=True):
    """What the deployments and exports that gate on the base are for, by their names there."""

    deployments: Mapping[str, Context]
    gone: Mapping[str, Context]
    """Of deployments that the change does not have any more, by their files."""
    others: frozenset[str]
    """Deployments of the base that do not gate there."""
    exports: Mapping[str, Context]
    moved: Renames

    def of_deployment(self, env: Environment) -> Environment:
        """One with a name that the base does not know takes the place of one of its file that is gone."""
        name = self.moved.name_on_base(env.name)
        context = self.deployments.get(name) or self.gone.get(_file(name))
        if context is None or name in self.others or not _is_declared(env):
            return env
        return replace(env, context=context, context_reason=_AS_ON_BASE)

    def of_export(self, export: Export) -> Export:
        context = self.exports.get(self.moved.name_on_base(export.name))
        return replace(export, context=context) if context and not export.context.gates else export


def _purposes(base: Project, present: frozenset[str], moved: Renames) -> _Purposes:
    """`present`: the deployments of the change, as the base calls them."""
    deployments = {env.name: env.context for env in base.environments if env.context.gates}
    return _Purposes(
        deployments,
        {_file(name): context for name, context in deployments.items() if name not in present},
        frozenset(env.name for env in base.environments) - deployments.keys(),
        {export.name: export.context for export in base.exports if export.context.gates},
        moved,
    )


def _is_declared(env: Environment) -> bool:
    """Whether a deployment does not gate, be it by a glob of the config: a move must not put it below one."""
    return not env.context.gates


def _gate(exports: tuple[Export, ...]) -> bool:
    return all(export.context.gates for export in exports)


def _file(name: str) -> str:
    return name.partition("#")[0]
