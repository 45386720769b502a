"""A Compose project: files, overrides, `extends` and `include` merged as Compose merges them (compose-go's loader)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard import limits
from directus_guard.directus.gaps import Gap, not_readable, unseen
from directus_guard.sources.deployments import application, compose_service
from directus_guard.sources.deployments.compose_members import texts
from directus_guard.sources.deployments.compose_scope import ComposeScope
from directus_guard.sources.deployments.compose_service import ComposeService, merge
from directus_guard.sources.formats import yaml_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.finding import Location
    from directus_guard.sources.deployments.compose_commands import ComposeStart
    from directus_guard.sources.deployments.compose_files import ComposeFiles
    from directus_guard.sources.deployments.compose_scope import ComposeVariable
    from directus_guard.sources.files.repository import Repository


class _File(Struct, frozen=True):
    """One file as written: its services, not yet extended, and its top-level secrets and configs."""

    path: str
    services: Mapping[str, ComposeService]
    sources: Mapping[tuple[str, str], tuple[str, str, Location]]
    """(kind, name) -> what kind of source, its text, its place."""
    gaps: tuple[Gap, ...] = ()
    consumed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    """Services tagged `!reset`: those of files before it go."""


class ComposeProject(Struct, frozen=True):
    """A merged project."""

    path: str
    scope: ComposeScope
    services: Mapping[str, ComposeService]
    sources: Mapping[tuple[str, str], tuple[str, str, Location]]
    gaps: tuple[Gap, ...] = ()
    consumed: frozenset[str] = frozenset()
    hints: tuple[str, ...] = field(default=())
    started: tuple[str, ...] = ()
    """The files that Compose is given."""


class ComposeLoader:
    """Puts projects together."""

    def __init__(self, files: ComposeFiles) -> None:
        self._files = files

    def load(self, paths: tuple[str, ...]) -> ComposeProject:
        folder = application.folder(paths[0])
        scope = ComposeScope(paths[0], folder, self._files.environment(folder), self._files.room)
        loaded = self._loaded(paths, scope)
        hints = tuple(path.rsplit("/", 1)[-1] for path in paths[1:])
        return replace(loaded, hints=hints, started=paths)

    def load_start(self, start: ComposeStart) -> ComposeProject:
        """The project that a command starts. Its environment beats the environment files."""
        held = self._files.environment(start.folder)
        if start.env_files is not None:
            held = {name: one for path in start.env_files for name, one in self._files.variables(path).items()}
        scope = ComposeScope(start.files[0], start.folder, {**held, **start.variables}, self._files.room)
        loaded = self._loaded(start.files, scope)
        script = (
            () if start.script.lower().endswith((".yml", ".yaml")) else (start.script,)
        )  # no pipeline tells by its name
        named = (*start.files[1:], *(start.env_files or ()), *script)
        hints = (*(path.rsplit("/", 1)[-1] for path in named), *(("ci",) if start.trial else ()))
        consumed = loaded.consumed | {start.script, *(start.env_files or ())}
        return replace(loaded, hints=hints, started=start.files, consumed=consumed)

    def _loaded(self, paths: tuple[str, ...], scope: ComposeScope) -> ComposeProject:
        nothing = ComposeProject(paths[0], scope, {}, {})
        return self._files.repository.within(paths[0], partial(self._merge_files, paths, scope, ()), nothing)

    def _merge_files(self, paths: tuple[str, ...], scope: ComposeScope, trail: tuple[str, ...]) -> ComposeProject:
        services: dict[str, ComposeService] = {}
        sources: dict[tuple[str, str], tuple[str, str, Location]] = {}
        gaps: list[Gap] = []
        consumed: set[str] = set()
        for path in paths:
            file = self._file(path, replace(scope, path=path), trail)
            services = {name: one for name, one in services.items() if name not in file.removed}
            for name, service in file.services.items():
                services[name] = merge(services[name], service) if name in services else service
            sources |= file.sources
            gaps += file.gaps
            consumed |= file.consumed | {path}
        return ComposeProject(paths[0], scope, services, sources, tuple(dict.fromkeys(gaps)), frozenset(consumed))

    def _file(self, path: str, scope: ComposeScope, trail: tuple[str, ...]) -> _File:
        """The file with what it includes and extends."""
        self._files.repository.budgets.again(limits.COMPOSE_AGAIN, path)
        if len(trail) > limits.COMPOSE_INCLUDES.number:
            raise limits.OverBudgetError(limits.over(limits.COMPOSE_INCLUDES))
        if path in trail:
            self._files.repository.problem(path, "includes itself", 1)
            return _File(path, {}, {}, (unseen(f"`{path}` includes itself"),))
        roots = self._files.roots(path)
        if not roots:
            return _File(path, {}, {}, (not_readable(f"`{path}`"),))
        trail = (*trail, path)
        included = [self._include(item, scope, trail) for root in roots for item in _items(root.get("include"))]
        services: dict[str, ComposeService] = {}
        sources: dict[tuple[str, str], tuple[str, str, Location]] = {}
        for part in included:
            services |= part.services
            sources |= part.sources
        for root in roots:
            written = root.get("services")
            if not isinstance(written, yaml_document.Mapping | None) and not yaml_document.is_null(written):
                self._files.note(path, "`services` is not a mapping: what runs is not known", written.location)
        removed = frozenset(
            name for name, entries in self._files.services(path).items() if _is_reset(entries[-1].value)
        )
        for name in self._files.services(path):
            if name in removed:
                services.pop(name, None)
                continue
            own = self._service(path, name, scope, ())
            if own is not None:
                services[name] = merge(services[name], own) if name in services else own
        for root in roots:
            for kind in ("secrets", "configs"):
                sources |= _sources(root.mapping(kind), kind, scope)
        return _File(
            path,
            services,
            sources,
            tuple(gap for part in included for gap in part.gaps),
            frozenset(consumed for part in included for consumed in part.consumed),
            removed,
        )

    def _include(self, item: yaml_document.Node, scope: ComposeScope, trail: tuple[str, ...]) -> ComposeProject:
        paths = [scope.resolve(text).text for text in _include_paths(item)]
        resolved = [None if path is None else self._files.repository.resolve(scope.folder, path) for path in paths]
        known = tuple(path for path in resolved if path is not None and path in self._files.repository)
        if not known or len(known) < len(resolved):
            reason = "a file that is included is not in the repository"
            return ComposeProject(scope.path, scope, {}, {}, (unseen(reason),))
        folder = application.folder(known[0])
        given = item.text("project_directory") if isinstance(item, yaml_document.Mapping) else None
        if given is not None:
            named = self._files.repository.resolve(scope.folder, given)
            folder = folder if named is None else named
        own, read = self._own_variables(item, scope)
        variables = {**(self._files.environment(folder) if own is None else own), **scope.variables}
        made = self._merge_files(known, ComposeScope(known[0], folder, variables, scope.room), trail)
        return replace(made, consumed=made.consumed | read)

    def _own_variables(
        self, item: yaml_document.Node, scope: ComposeScope
    ) -> tuple[Mapping[str, ComposeVariable] | None, frozenset[str]]:
        """What the `env_file` of an `include` gives in the place of a `.env`, None where none is written; the files that
        were read. What a file that is not here gives stays unknown.
        """
        node = item.get("env_file") if isinstance(item, yaml_document.Mapping) else None
        written = [scope.resolve(text).text for text in texts(node)]
        if not written:
            return None, frozenset()
        paths = [None if text is None else self._files.repository.resolve(scope.folder, text) for text in written]
        own = [self._files.own(path) for path in paths if path is not None]
        found = {name: held for path in own for name, held in self._files.variables(path).items()}
        return found, frozenset(path for path in own if path in self._files.repository)

    def _service(
        self, path: str, name: str, scope: ComposeScope, trail: tuple[tuple[str, str], ...]
    ) -> ComposeService | None:
        """One service of one file, each document of it on top of the ones before."""
        self._files.repository.budgets.again(limits.COMPOSE_AGAIN, (path, name))
        found: ComposeService | None = None
        for entry in self._files.services(path).get(name, ()):
            if isinstance(entry.value, yaml_document.Mapping):
                own = compose_service.read(entry.value, entry.key.location, scope, self._files.repository.resolve)
                for place, message in own.odd:
                    self._files.note(path, f"service `{name}`: {message}", place)
                own = self._extended(path, name, own, scope, trail)
                found = own if found is None else merge(found, own)
            elif not trail:
                self._files.note(
                    path, f"service `{name}` is not a mapping: what it runs is not known", entry.value.location
                )
        return found

    def _extended(
        self, path: str, name: str, own: ComposeService, scope: ComposeScope, trail: tuple[tuple[str, str], ...]
    ) -> ComposeService:
        """A service on top of what it extends."""
        if own.extends is None:
            return own
        file, base_name, place = own.extends
        target = (
            self._files.repository.resolve(application.folder(path) if trail else scope.folder, file) if file else path
        )
        if (path, name) in trail:
            self._files.repository.problem(path, f"service `{base_name}` extends itself", place.line)
            return replace(own, gaps=(*own.gaps, unseen("it extends itself")), extends=None)
        if len(trail) >= limits.COMPOSE_EXTENDS.number:
            reason = limits.over(limits.COMPOSE_EXTENDS)
            self._files.repository.problem(path, reason, place.line, incomplete=True)
            return replace(own, gaps=(*own.gaps, unseen(reason)), extends=None)
        base = None
        if target is not None and (target in self._files.repository or target == path):
            self._files.repository.belongs(target)
            base_scope = scope if target == path else replace(scope, path=target, folder=application.folder(target))
            base = self._service(target, base_name, base_scope, (*trail, (path, name)))
        if base is None:
            gap = unseen("what it extends is not in the repository")
            tried = {target} if target is not None and target in self._files.repository else set()
            return replace(own, gaps=(*own.gaps, gap), extends=None, consumed=own.consumed | tried)
        merged = merge(replace(base, profiles=()), own)
        consumed = merged.consumed | ({target} if target else set())
        return replace(merged, location=own.location, consumed=consumed, rests_on=merged.rests_on | {base.location})


def unread_include(repository: Repository, path: str, documents: Iterable[yaml_document.Node]) -> Location | None:
    """Where a Compose file includes one that is not in the repository."""
    folder = application.folder(path)
    for root in documents:
        items = _items(root.get("include")) if isinstance(root, yaml_document.Mapping) else ()
        for item in items:
            paths = [repository.resolve(folder, text) for text in _include_paths(item)]
            if any(found is None or found not in repository for found in paths):
                return item.location
    return None


def _sources(
    node: yaml_document.Mapping | None, kind: str, scope: ComposeScope
) -> dict[tuple[str, str], tuple[str, str, Location]]:
    found: dict[tuple[str, str], tuple[str, str, Location]] = {}
    for entry in node.entries if node else ():
        if not isinstance(entry.value, yaml_document.Mapping):
            continue
        for word in ("file", "content", "environment"):
            scalar = entry.value.scalar(word)
            if scalar is not None:
                text = scalar.text if word == "content" else scope.resolve(scalar.text).text or ""
                found[kind, entry.key.text] = (word, text, scalar.location)
                break
    return found


def _is_reset(node: yaml_document.Node) -> bool:
    return node.tag == "!reset"


def _items(node: yaml_document.Node | None) -> tuple[yaml_document.Node, ...]:
    return node.items if isinstance(node, yaml_document.Sequence) else ()


def _include_paths(item: yaml_document.Node) -> list[str]:
    if isinstance(item, yaml_document.Scalar):
        return [item.text]
    path = item.get("path") if isinstance(item, yaml_document.Mapping) else None
    if isinstance(path, yaml_document.Scalar):
        return [path.text]
    return [part.text for part in _items(path) if isinstance(part, yaml_document.Scalar)]
