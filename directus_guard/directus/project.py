"""Everything the checks may judge, in one frozen place."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct

from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.gaps import Gap, MatchPart, reason_of
from directus_guard.directus.instance import same_address
from directus_guard.finding import Context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from directus_guard.directus.access.promises import Promise
    from directus_guard.directus.code import HeldToken, Package
    from directus_guard.directus.export import Export
    from directus_guard.directus.instance import Extension, Instance
    from directus_guard.finding import Location

Item = TypeVar("Item")


class DatabaseFile(Struct, frozen=True):
    """A tracked file that is a Directus database or a dump of one. `holds` names what makes it dangerous."""

    location: Location
    kind: str
    holds: tuple[str, ...]
    """Empty only when not all of the file could be searched."""
    partial: bool
    """Whether only its beginning, or only its table of contents, was searched."""
    unread: str = ""
    """Why nothing of it was searched, a clause without its subject."""


class DeploymentMatch(Struct, frozen=True):
    """The deployments that an export belongs to, or may belong to: a check that joins the two judges every one."""

    environments: tuple[Environment, ...]
    gaps: tuple[Gap, ...] = ()

    @property
    def doubt(self) -> str:
        """Why it is not certain that they belong together, a sentence for findings; "" = it is."""
        return reason_of(self.gaps, MatchPart.CERTAINTY)

    @property
    def missing(self) -> str:
        """Why a deployment must be assumed that the repository does not show, a phrase: beside what `environments` gave,
        the export is *not evaluated*. "" = there is none."""
        return reason_of(self.gaps, MatchPart.DEPLOYMENT)


class Project(Struct, frozen=True, dict=True):
    """One repository: its Directus deployments, database files, exported configuration and code."""

    environments: tuple[Environment, ...]
    databases: tuple[DatabaseFile, ...] = ()
    exports: tuple[Export, ...] = ()
    """Those in files."""
    packages: tuple[Package, ...] = ()
    """Code that asks a Directus."""
    extensions: tuple[Extension, ...] = ()
    """Extensions of Directus in the repository."""
    instance: Instance | None = None
    manifest_tokens: tuple[HeldToken, ...] = ()
    """Tokens that manifests, pipelines and scripts give to clients of Directus."""
    promises: tuple[Promise, ...] = ()
    """What the config promises about access."""
    named_folders: tuple[str, ...] = ()
    """The folders that were named to be scanned: what they are called says nothing of what is in them."""

    @property
    def models(self) -> tuple[Export, ...]:
        """Every access model: those in files, and the instance's own."""
        live = self.instance.export if self.instance else None
        return (*self.exports, live) if live else self.exports

    def deployments_of(self, export: Export) -> DeploymentMatch:
        """The deployments of the folder nearest to the export that has some: its own folder, or the closest one above.

        A deployment with another export nearer to it is that one's. Of several candidates none is preferred: one
        export is applied to every stage of a project, and nothing in a repository tells which. Deployments in example
        files never answer for an export that is not an example, and without one that gates, what really runs is not in the
        repository.
        """
        return self._of_instance if export.live else self._matches[_place(export)]

    def exports_of(self, env: Environment) -> tuple[Export, ...]:
        """The other way round: the exports whose `deployments_of` has the deployment."""
        return tuple(
            export for export in self.exports if any(host is env for host in self._matches[_place(export)].environments)
        )

    def settings_of(self, env: Environment) -> Mapping[str, object] | None:
        """What directus_settings says of a deployment; None where no export, or not just one for sure, is known to be its own."""
        found = self.exports_of(env)
        if len(found) != 1 or found[0].settings is None or self.deployments_of(found[0]).doubt:
            return None
        return found[0].settings.values

    @cached_property
    def _hosting(self) -> tuple[Environment, ...]:
        """The deployments of which it is known what they run."""
        return tuple(env for env in self.environments if not env.deployment.partial)

    @cached_property
    def _of_instance(self) -> DeploymentMatch:
        """The deployments that may be the instance: those with its address, else those that name no other."""
        origin = self.instance.origin if self.instance else ""
        real = [env for env in self._hosting if env.context.gates]
        named = [env for env in real if env["PUBLIC_URL"].known and same_address(env["PUBLIC_URL"].text, origin)]
        if named:
            return DeploymentMatch(tuple(named))
        open_ = tuple(env for env in real if not env["PUBLIC_URL"].known or "://" not in env["PUBLIC_URL"].text)
        missing = "" if open_ else "no deployment in the repository has this PUBLIC_URL"
        return DeploymentMatch(open_, _match_gaps(_DOUBT_INSTANCE, missing))

    @cached_property
    def _matches(self) -> Mapping[tuple[str, bool], DeploymentMatch]:
        """By the folder of each export of the project, and whether it is an example."""
        environments = _by_folder((_folder(env), env) for env in self._hosting)
        real = [export for export in self.exports if not _is_example(export)]
        exports = _by_folder((export.name, export) for export in self.exports)
        gating = _by_folder((export.name, export) for export in real) if real else exports
        rivals = {
            place: _nearest(place[0], exports if place[1] else gating) for place in set(map(_place, self._hosting))
        }
        found: dict[tuple[str, bool], DeploymentMatch] = {}
        for export in self.exports:
            folder, near = _nearest(export.name, environments, None if _is_example(export) else _is_not_example)
            kept = [env for env in near if rivals[_place(env)][0] == folder]
            kept = [env for env in kept if any(rival is export for rival in rivals[_place(env)][1])]
            certain = len({_folder(env) for env in kept}) == 1 and all(len(rivals[_place(env)][1]) == 1 for env in kept)
            found[_place(export)] = DeploymentMatch(
                tuple(kept), _match_gaps("" if certain else _DOUBT, _missing(export, near, kept))
            )
        return found


_DOUBT: Final = "It is not known which deployment uses this export, so each candidate is judged."
_DOUBT_INSTANCE: Final = "It is not known which deployment this instance is, so each candidate is judged."
_ONLY_TRIALS: Final = "the production deployment of this export is not in the repository, only development or tests"


def _match_gaps(doubt: str, missing: str) -> tuple[Gap, ...]:
    reasons = ((MatchPart.CERTAINTY, doubt), (MatchPart.DEPLOYMENT, missing))
    return tuple(Gap(part, reason) for part, reason in reasons if reason)


def _missing(export: Export, near: Sequence[Environment], kept: Sequence[Environment]) -> str:
    if not kept:
        taken = "; the deployments near it have an export of their own" if near else ""
        return f"the deployment that runs this export is not in the repository{taken}"
    return "" if _is_example(export) or any(env.context.gates for env in kept) else _ONLY_TRIALS


def _is_example(item: Environment | Export) -> bool:
    return item.context is Context.EXAMPLE


def _is_not_example(env: Environment) -> bool:
    return not _is_example(env)


def _place(item: Environment | Export) -> tuple[str, bool]:
    """What decides who belongs to it: its folder, and whether it is an example."""
    return _folder(item) if isinstance(item, Environment) else item.name, _is_example(item)


def _folder(env: Environment) -> str:
    return env.name.partition("#")[0].rpartition("/")[0]


def _upwards(folder: str) -> Iterator[str]:
    """The folder and those above it, up to the root ("")."""
    folder = "" if folder == "." else folder
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def _by_folder(items: Iterable[tuple[str, Item]]) -> Mapping[str, Sequence[Item]]:
    """Things by every folder that is theirs or above it."""
    found: dict[str, list[Item]] = {}
    for folder, item in items:
        for above in _upwards(folder):
            found.setdefault(above, []).append(item)
    return found


def _nearest(
    folder: str, items: Mapping[str, Sequence[Item]], wanted: Callable[[Item], bool] | None = None
) -> tuple[str, Sequence[Item]]:
    """The nearest folder, upwards, that has something below it, and what that is."""
    for above in _upwards(folder):
        found = items.get(above, ())
        found = found if wanted is None else [item for item in found if wanted(item)]
        if found:
            return above, found
    return "", ()
