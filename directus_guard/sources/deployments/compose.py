"""Docker Compose: files, overrides, `extends` and `include` merged as Compose merges them, and the Directus services in them.

After the Compose Specification and compose-go's loader. Nothing is taken from our own process environment: what Compose
would take from it is unknown.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard.directus.environment import deployment as model
from directus_guard.directus.environment.deployment import (
    Deployment,
    FileContent,
    Known,
    Part,
    Platform,
    Unknown,
    Variable,
)
from directus_guard.directus.environment.recognise import is_directus_environment, is_directus_image, is_other_program
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources import command_line, embedded
from directus_guard.sources.deployments import application, compose_service, image_reference
from directus_guard.sources.deployments.compose_interpolation import interpolate, plain
from directus_guard.sources.deployments.compose_scope import ComposeScope, ComposeVariable, taken, value
from directus_guard.sources.deployments.compose_service import ComposeService, merge
from directus_guard.sources.files import registry
from directus_guard.sources.formats import dotenv, yaml_document
from directus_guard.sources.formats.dotenv import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.environment.deployment import Image, VersionEvidence
    from directus_guard.sources.deployments.compose_members import EnvFile, FileReference
    from directus_guard.sources.deployments.dockerfile import DockerfileFacts
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
_MAX_FILES: Final = 200
"""Files that one project may be put together from."""


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus services of every Compose project, in the order of paths."""
    return tuple(_Compose(repository).deployments())


def of_definition(repository: Repository, path: str, root: yaml_document.Mapping) -> tuple[Deployment, ...]:
    """The Directus services of a Compose file that is written inside of another file."""
    return tuple(_Compose(repository).inline(path, root))


class _File(Struct, frozen=True):
    """One file as written: its services, not yet extended, and its top-level secrets and configs."""

    path: str
    services: Mapping[str, ComposeService]
    sources: Mapping[tuple[str, str], tuple[str, str, Location]]
    """(kind, name) -> what kind of source, its text, its place."""
    open: tuple[str, ...] = ()
    consumed: frozenset[str] = frozenset()


class _Project(Struct, frozen=True):
    """A merged project."""

    path: str
    scope: ComposeScope
    services: Mapping[str, ComposeService]
    sources: Mapping[tuple[str, str], tuple[str, str, Location]]
    open: tuple[str, ...] = ()
    consumed: frozenset[str] = frozenset()
    hints: tuple[str, ...] = field(default=())
    started: tuple[str, ...] = ()
    """The files that Compose is given."""


class _Compose:
    def __init__(self, repository: Repository, stand_ins: Mapping[str, str] | None = None) -> None:
        """`stand_ins`: files that are read in the place of others (`.env.example` where `.env` is named)."""
        self._repository = repository
        self._stand_ins = stand_ins or {}
        self._environments: dict[str, Mapping[str, ComposeVariable]] = {}
        self._documents: dict[str, tuple[yaml_document.Mapping, ...]] = {}

    def deployments(self) -> Iterator[Deployment]:
        folders: dict[str, list[str]] = {}
        for path in self._candidates():
            folders.setdefault(_folder(path), []).append(path)
        for folder in sorted(folders):
            made: set[str] = set()
            for files in self._starts(folders[folder]):
                project = self._load(files)
                for name, service in project.services.items():
                    if any(map(self._repository.ignored, project.started)):
                        continue
                    if not service.startable and is_directus_image(name):
                        self._odd(project.path, f"service `{name}` has neither an image nor a build", service.location)
                    if self._is_directus(name, service):
                        yield self._deployment(project, name, service)
                for deployment in self._examples(folder, files):
                    if deployment.name not in made:
                        made.add(deployment.name)
                        yield deployment

    def _examples(self, folder: str, files: tuple[str, ...]) -> Iterator[Deployment]:
        """The same services with the values of an example of the project's `.env`: it is an input, not a server's own file."""
        wanted = {name for path in files for name in _REFERENCED.findall(self._repository.text(path) or "")}
        for path in registry.ENV_EXAMPLES.named(self._repository):
            text = self._repository.text(path) if _folder(path) == folder else None
            if text is None or wanted.isdisjoint(item.name for item in dotenv.parse(text, Dialect.COMPOSE)):
                continue
            other = _Compose(self._repository, {f"{folder}/.env".lstrip("/"): path})
            project = other._load(files)
            for name, service in project.services.items():
                if other._is_directus(name, service):
                    yield replace(other._deployment(project, name, service), name=f"{path}#{name}")

    def inline(self, path: str, root: yaml_document.Mapping) -> Iterator[Deployment]:
        """The Directus services of one definition."""
        self._documents[path] = (root,)
        project = self._load((path,))
        for name, service in project.services.items():
            if self._is_directus(name, service):
                yield self._deployment(project, name, service)

    def _candidates(self) -> Iterator[str]:
        """Compose files by name, and other YAML files that hold services or include some."""
        named = frozenset(registry.COMPOSE_FILES.named(self._repository))
        charts = {_folder(path) for path in registry.CHARTS.named(self._repository)}
        values = {path for path in registry.HELM_VALUES.named(self._repository) if _folder(path) in charts}
        for path in registry.COMPOSE.paths(self._repository):
            if path in named or (path not in values and self._holds_services(path)):
                text = self._repository.text(path)
                if "compose" in path.rpartition("/")[2].lower() and (
                    text is None or registry.concerns_directus(text.replace("\0", ""))
                ):
                    self._repository.belongs(path)
                yield path

    def _holds_services(self, path: str) -> bool:
        """Whether a YAML file of any name is a Compose file by what it says. That it is not valid is its reader's to tell."""
        text = self._repository.text(path)
        try:
            found, left_out = yaml_document.read(path, text or "")
        except yaml_document.YamlError:
            return registry.concerns_directus(text or "") and not _is_of_another_format(path)
        self._documents[path] = _mappings(found)
        if registry.concerns_directus(text or ""):
            self._repository.templated(path, left_out)
        services = self._services(path)
        if not services:
            return any(
                isinstance(root.get("include"), yaml_document.Sequence) and root.get("kind") is None
                for root in self._documents[path]
            )
        return any(map(_names_a_start, services.values()))

    # --- projects ---

    def _starts(self, paths: list[str]) -> Iterator[tuple[str, ...]]:
        """The ways the files of one folder are started: each that stands alone, and each override on top of the base."""
        by_name = {path.rsplit("/", 1)[-1]: path for path in paths}
        base = next((by_name[name] for name in _BASES if name in by_name), None)
        given = self._given_files(_folder(paths[0]))
        if given:
            yield given
        for path in paths:
            if path in given:
                continue
            alone = path == base or base is None or self._stands_alone(path, base)
            if alone:
                yield (path,)
            if path != base and base is not None and not alone:
                yield (base, path)

    def _given_files(self, folder: str) -> tuple[str, ...]:
        """What COMPOSE_FILE in the project's `.env` names; () where it does not, or names a file that is not here."""
        variables = self._environment(folder)
        given = variables.get("COMPOSE_FILE")
        if given is None or not given.text:
            return ()
        separator = variables.get("COMPOSE_PATH_SEPARATOR")
        names = given.text.split((separator.text if separator else None) or (";" if ";" in given.text else ":"))
        paths = [self._repository.resolve(folder, name) for name in names if name]
        known = tuple(path for path in paths if path is not None and path in self._repository)
        return known if len(known) == len(paths) else ()

    def _stands_alone(self, path: str, base: str) -> bool:
        """Whether a file can be started without the base: none of its services needs an image that only the base names.

        One that cannot be read may change what the base says.
        """
        name = path.rsplit("/", 1)[-1]
        if name in _OVERRIDES or not self._roots(path):
            return False
        own, below = self._services(path), self._services(base)
        return all(map(_names_a_start, own.values())) or not set(own) & set(below)

    def _services(self, path: str) -> dict[str, list[yaml_document.Entry]]:
        """The entries of each service: one for each document of the file that has it."""
        found: dict[str, list[yaml_document.Entry]] = {}
        for root in self._roots(path):
            services = root.mapping("services")
            for entry in services.entries if services else ():
                found.setdefault(entry.key.text, []).append(entry)
        return found

    def _load(self, paths: tuple[str, ...]) -> _Project:
        folder = _folder(paths[0])
        scope = ComposeScope(paths[0], folder, self._environment(folder))
        loaded = self._merge_files(paths, scope, ())
        hints = tuple(path.rsplit("/", 1)[-1] for path in paths[1:])
        return replace(loaded, hints=hints, started=paths)

    def _merge_files(self, paths: tuple[str, ...], scope: ComposeScope, trail: tuple[str, ...]) -> _Project:
        services: dict[str, ComposeService] = {}
        sources: dict[tuple[str, str], tuple[str, str, Location]] = {}
        open_: list[str] = []
        consumed: set[str] = set()
        for path in paths:
            file = self._file(path, replace(scope, path=path), trail)
            for name, service in file.services.items():
                services[name] = merge(services[name], service) if name in services else service
            sources |= file.sources
            open_ += file.open
            consumed |= file.consumed | {path}
        return _Project(paths[0], scope, services, sources, tuple(dict.fromkeys(open_)), frozenset(consumed))

    def _file(self, path: str, scope: ComposeScope, trail: tuple[str, ...]) -> _File:
        """The file with what it includes and extends."""
        if path in trail or len(trail) > _MAX_FILES:
            self._repository.problem(path, "includes itself", 1)
            return _File(path, {}, {}, (f"`{path}` includes itself",))
        roots = self._roots(path)
        if not roots:
            return _File(path, {}, {}, (f"`{path}` is not readable",))
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
                self._odd(path, "`services` is not a mapping: what runs is not known", written.location)
        for name in self._services(path):
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
            tuple(phrase for part in included for phrase in part.open),
            frozenset(consumed for part in included for consumed in part.consumed),
        )

    def _include(self, item: yaml_document.Node, scope: ComposeScope, trail: tuple[str, ...]) -> _Project:
        paths = [scope.resolve(text).text for text in _include_paths(item)]
        resolved = [None if path is None else self._repository.resolve(scope.folder, path) for path in paths]
        known = tuple(path for path in resolved if path is not None and path in self._repository)
        if not known or len(known) < len(resolved):
            reason = "a file that is included is not in the repository"
            return _Project(scope.path, scope, {}, {}, (reason,))
        folder = _folder(known[0])
        given = item.text("project_directory") if isinstance(item, yaml_document.Mapping) else None
        if given is not None:
            folder = self._repository.resolve(scope.folder, given) or folder
        variables = {**self._environment(folder), **scope.variables}
        return self._merge_files(known, ComposeScope(known[0], folder, variables), trail)

    def _service(
        self, path: str, name: str, scope: ComposeScope, trail: tuple[tuple[str, str], ...]
    ) -> ComposeService | None:
        """One service of one file, each document of it on top of the ones before."""
        found: ComposeService | None = None
        for entry in self._services(path).get(name, ()):
            if isinstance(entry.value, yaml_document.Mapping):
                own = compose_service.read(entry.value, entry.key.location, scope, self._repository.resolve)
                for place, message in own.odd:
                    self._odd(path, f"service `{name}`: {message}", place)
                own = self._extended(path, name, own, scope, trail)
                found = own if found is None else merge(found, own)
            elif not trail:
                self._odd(path, f"service `{name}` is not a mapping: what it runs is not known", entry.value.location)
        return found

    def _extended(
        self, path: str, name: str, own: ComposeService, scope: ComposeScope, trail: tuple[tuple[str, str], ...]
    ) -> ComposeService:
        """A service on top of what it extends."""
        if own.extends is None:
            return own
        file, base_name, place = own.extends
        target = self._repository.resolve(_folder(path) if trail else scope.folder, file) if file else path
        if (path, name) in trail:
            self._repository.problem(path, f"service `{base_name}` extends itself", place.line)
            return replace(own, open=(*own.open, "it extends itself"), extends=None)
        base = None
        if target is not None and (target in self._repository or target == path):
            self._repository.belongs(target)
            base_scope = scope if target == path else replace(scope, path=target, folder=_folder(target))
            base = self._service(target, base_name, base_scope, (*trail, (path, name)))
        if base is None:
            phrase = "what it extends is not in the repository"
            tried = {target} if target is not None and target in self._repository else set()
            return replace(own, open=(*own.open, phrase), extends=None, consumed=own.consumed | tried)
        merged = merge(replace(base, profiles=()), own)
        return replace(merged, location=own.location, consumed=merged.consumed | ({target} if target else set()))

    def _odd(self, path: str, message: str, place: Location) -> None:
        """Note a value of another type; the run is incomplete without it where the file is about Directus."""
        text = self._repository.text(path) or ""
        self._repository.problem(path, message, place.line, incomplete=registry.concerns_directus(text))

    def _roots(self, path: str) -> tuple[yaml_document.Mapping, ...]:
        """The documents of a file, which Compose merges like files; () if it is not readable."""
        if path not in self._documents:
            self._documents[path] = _mappings(yaml_document.documents(self._repository, path))
        return self._documents[path]

    def _own(self, path: str) -> str:
        """The file that is read for a path."""
        return self._stand_ins.get(path, path)

    def _environment(self, folder: str) -> Mapping[str, ComposeVariable]:
        """The project's `.env`: only an input of the interpolation."""
        if folder not in self._environments:
            path = self._own(f"{folder}/.env".lstrip("/"))
            text = self._repository.text(path) if path in self._repository else None
            self._environments[folder] = _given(path, text) if text else {}
        return self._environments[folder]

    # --- Directus ---

    def _is_directus(self, name: str, service: ComposeService) -> bool:
        image = service.image.unattended if service.image else None
        if service.image is not None and not image and is_directus_image(name):
            return True  # its image comes from outside, and its name says what it is
        if (
            image
            and not service.build_context
            and is_directus_image(image_reference.parse(image, service.location).repository)
        ):
            return True
        if service.build_context is not None and self._builds_directus(service):
            return True
        if image and (is_other_program(image) or self._is_something_else(image, service)):
            return False
        names = {*service.environment, *(variable.name for variable in self._env_files(service.env_files, {})[0])}
        return is_directus_environment(names) and ("SECRET" in names or "KEY" in names or "DB_CLIENT" in names)

    def _is_something_else(self, image: str, service: ComposeService) -> bool:
        """Whether it runs one of Docker's own images, which hold no Directus, where no text speaks of one."""
        if service.build_context is not None or "/" in image or "$" in image:
            return False
        paths = (service.location.path, *registry.PACKAGE.named(self._repository))
        return not any("directus" in (self._repository.text(path) or "").lower() for path in paths)

    def _builds_directus(self, service: ComposeService) -> bool:
        if service.inline is not None:
            return _FROM_DIRECTUS.search(service.inline.text) is not None
        path = service.dockerfile
        text = self._repository.text(path) if path is not None and path in self._repository else None
        return bool(text and _FROM_DIRECTUS.search(text))

    def _deployment(self, project: _Project, name: str, service: ComposeService) -> Deployment:
        variables, opened = self._env_files(service.env_files, project.scope.variables)
        open_ = [*service.open, *project.open, *opened]
        consumed: set[str] = {self._own(entry.path) for entry in service.env_files if entry.path}
        consumed |= service.consumed | project.consumed
        interpolated = self._own(f"{project.scope.folder}/.env".lstrip("/"))
        if interpolated in self._repository:
            consumed.add(interpolated)
        image = _image(service)
        by_command, taken_in = command_line.environment(
            (*service.entrypoint, *service.command), service.location, self._repository
        )
        open_ += taken_in
        given = (*variables, *service.environment.values(), *by_command)
        built = self._inline(service, project, given, open_)
        config = self._config_file(service, project, consumed, given)
        return Deployment(
            name=f"{project.path}#{name}",
            platform=Platform.COMPOSE,
            location=service.location,
            variables=(*(built.variables if built else ()), *given, *(built.by_command if built else ())),
            config_file=built.config_file if built and config is None else config,
            open=tuple(dict.fromkeys(open_)),
            image=image,
            version=built.version if built else _version(service, image),
            hints=(name, *project.hints, *service.profiles),
            build_context=service.build_context,
            dockerfile=service.dockerfile,
            build_target=service.target,
            services=tuple(
                self._neighbour(other, found, project.scope.variables)
                for other, found in project.services.items()
                if other != name
            ),
            ports=service.ports,
            mounts=tuple(service.mounts.values()),
            files=tuple(self._contents(service, project, consumed)),
            replicas=service.replicas,
            consumed=frozenset(consumed),
        )

    def _inline(
        self, service: ComposeService, project: _Project, given: tuple[Variable, ...], opened: list[str]
    ) -> DockerfileFacts | None:
        """What the service's `dockerfile_inline` makes. Its places are those in the Compose file."""
        if service.inline is None or service.build_context is None:
            return None
        from directus_guard.sources.deployments import dockerfile  # noqa: PLC0415 - few services are built so

        resolved = project.scope.resolve(service.inline.text)
        if resolved.text is None:
            opened.append(f"its `dockerfile_inline`: {resolved.reason}")
        place = embedded.places(self._repository, service.inline.location)
        pointer = next((one.value for one in reversed(given) if one.name == "CONFIG_PATH"), None)
        path, text = service.inline.location.path, resolved.text or service.inline.text
        facts = dockerfile.describe_text(self._repository, path, text, service.build_context, pointer, service.target)
        if facts is None:
            opened.append("its `dockerfile_inline` starts from no image")
            return None
        opened += facts.open
        held = facts.config_file
        return replace(
            facts,
            variables=tuple(replace(one, location=place(one.location)) for one in facts.variables),
            config_file=tuple(
                replace(one, location=place(one.location), via=tuple(map(place, one.via))) for one in held
            )
            if isinstance(held, tuple)
            else held,
            version=replace(facts.version, location=place(facts.version.location)) if facts.version else None,
        )

    def _neighbour(self, name: str, service: ComposeService, given: Mapping[str, ComposeVariable]) -> model.Service:
        variables, _ = self._env_files(service.env_files, given)
        return model.Service(
            name,
            _image(service),
            (*variables, *service.environment.values()),
            service.ports,
            service.location,
            service.command,
        )

    def _env_files(
        self, entries: tuple[EnvFile, ...], project: Mapping[str, ComposeVariable]
    ) -> tuple[list[Variable], list[str]]:
        """The variables of all `env_file`s in their order, and why there may be others. `project`: the variables of the
        project that is started; those of one it includes do not count here.
        """
        variables: list[Variable] = []
        opened: list[str] = []
        earlier: dict[str, ComposeVariable] = {}
        for entry in entries:
            found, phrase = self._env_file(entry, project, earlier)
            variables += found
            opened += [phrase] if phrase else []
            for variable in found:
                earlier[variable.name] = _as_given(variable.value, variable.location)
        return variables, opened

    def _env_file(
        self, entry: EnvFile, project: Mapping[str, ComposeVariable], earlier: Mapping[str, ComposeVariable]
    ) -> tuple[tuple[Variable, ...], str]:
        """The variables of an `env_file`, and why there may be others ("" = there are none)."""
        if entry.path is None:
            return (), f"env_file `{_plain(entry.written)}` comes from outside the repository"
        path = self._own(entry.path)
        text = self._repository.text(path) if path in self._repository else None
        if text is None:
            missing = "is not readable" if path in self._repository else "is not in the repository"
            return (), f"env_file `{_plain(entry.written)}` {missing}"
        origin = f"env_file {path.rsplit('/', 1)[-1]}"
        if entry.raw:
            return tuple(_raw(path, text, origin)), ""
        mistake = dotenv.mistake(text, Dialect.COMPOSE)
        if mistake:
            self._repository.problem(path, f"Compose refuses it: {mistake[1]}", mistake[0])
        made = tuple(
            Variable(
                read.statement.name,
                read.value,
                _location(path, read.statement),
                origin,
                parts=read.parts,
                literal=read.literal,
            )
            for read in _values(path, dotenv.parse(text, Dialect.COMPOSE), project, earlier)
        )
        return made, "" if not mistake else f"env_file `{_plain(entry.written)}` is not valid"

    def _config_file(
        self, service: ComposeService, project: _Project, consumed: set[str], variables: tuple[Variable, ...]
    ) -> tuple[Variable, ...] | Unknown | None:
        """Directus' own `.env`, where one is mounted: `/directus/.env`, or what CONFIG_PATH names."""
        pointer = next((variable for variable in reversed(variables) if variable.name == "CONFIG_PATH"), None)
        home = posixpath.join("/directus", service.working_dir)
        target = posixpath.join(home, ".env")
        if pointer is not None:
            if not isinstance(pointer.value, Known):
                return Unknown("CONFIG_PATH comes from outside the repository")
            target = posixpath.normpath(posixpath.join(home, pointer.value.text.reveal()))
        reference = next((one for one in reversed(service.references) if one.target == target), None)
        if reference is not None:
            return self._referenced(reference, target, project, consumed)
        mount, inside = service.mounts.get(target), ""
        if mount is None:
            # A folder of the repository over the working directory brings its file along.
            mount, inside = service.mounts.get(posixpath.dirname(target)), f"/{posixpath.basename(target)}"
            source = self._repository.resolve(project.scope.folder, f"{mount.source}{inside}") if mount else None
            mount = mount if source in self._repository else None
        if mount is None:
            if pointer is None or service.build_context is not None:
                return None  # the image may bring it
            return Unknown("the file that CONFIG_PATH names is not in the repository")
        path = self._repository.resolve(project.scope.folder, f"{mount.source}{inside}")
        if path is None or path not in self._repository:
            return Unknown(f"`{_plain(target)}` is mounted from a file that is not in the repository")
        found, read = application.config_variables(self._repository, path, target, "mounted .env")
        consumed |= read
        return found

    def _referenced(
        self, reference: FileReference, target: str, project: _Project, consumed: set[str]
    ) -> tuple[Variable, ...] | Unknown:
        """Directus' own file, where a config or secret of the project is put there."""
        outside = Unknown(f"`{_plain(target)}` is put there from outside the repository")
        kind, text, location = project.sources.get((reference.kind, reference.source), ("", "", reference.location))
        path = self._repository.resolve(project.scope.folder, text) if kind == "file" else None
        origin = f"the {reference.kind.removesuffix('s')} at {_plain(target)}"
        if path is not None and path in self._repository:
            found, read = application.config_variables(self._repository, path, target, origin)
            consumed |= read
            return found
        if kind != "content":
            return outside
        from directus_guard.sources.deployments import config_file  # noqa: PLC0415 - few projects have such a file

        place = embedded.places(self._repository, location)
        made = config_file.parse(location.path, text, target, origin, (), lambda message, line: (
            self._repository.problem(location.path, message, place(Location(location.path, line)).line)
        ))  # fmt: skip
        if isinstance(made, Unknown):
            return made
        return tuple(replace(_filled(one, project.scope), location=place(one.location)) for one in made)

    def _contents(self, service: ComposeService, project: _Project, consumed: set[str]) -> Iterator[FileContent]:
        """The files that secrets and configs put into the container."""
        for reference in service.references:
            kind, text, location = project.sources.get(
                (reference.kind, reference.source), ("external", "", reference.location)
            )
            if kind == "content":
                yield FileContent(reference.target, value(project.scope.resolve(text), text), location)
                continue
            if kind == "environment":
                given = project.scope.variables.get(text)
                known = given is not None and given.text is not None
                held: Known | Unknown = (
                    Known(Secret(given.text or "")) if given and known else Unknown("it is given from outside")
                )
                yield FileContent(reference.target, held, given.location if given else location)
                continue
            path = self._repository.resolve(project.scope.folder, text) if kind == "file" else None
            content = self._repository.text(path) if path is not None and path in self._repository else None
            if path is not None and path in self._repository:
                consumed.add(path)
            if path is None or content is None:
                yield FileContent(reference.target, Unknown("its file is not in the repository"), location)
            else:
                yield FileContent(reference.target, Known(Secret(content)), _whole(path, content))


# --- texts -----------------------------------------------------------------------------------------------------------

_REFERENCED: Final = re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]{0,200})")
_FROM_DIRECTUS: Final = re.compile(r"^[ \t]*FROM[ \t][^\n]{0,200}directus", re.MULTILINE | re.IGNORECASE)


def _version(service: ComposeService, image: Image | None) -> VersionEvidence | None:
    """The version of an image that is taken as it is."""
    return image_reference.version(image) if service.build_context is None else None


def _filled(variable: Variable, scope: ComposeScope) -> Variable:
    """A variable of a config that is written in the Compose file, whose references Compose replaces."""
    if not isinstance(variable.value, Known):
        return variable
    text = variable.value.text.reveal()
    return replace(variable, value=value(scope.resolve(text), text)) if "$" in text else variable


def _mappings(documents: tuple[yaml_document.Node, ...]) -> tuple[yaml_document.Mapping, ...]:
    return tuple(root for root in documents if isinstance(root, yaml_document.Mapping))


def _names_a_start(entries: list[yaml_document.Entry]) -> bool:
    """Whether the entries of a service say what it is started from."""
    nodes = (entry.value for entry in entries)
    return any(isinstance(node, yaml_document.Mapping) and any(map(node.get, _STARTS_FROM)) for node in nodes)


def _is_of_another_format(path: str) -> bool:
    """Whether a YAML file that cannot be parsed is none of Compose, by its folders."""
    folders = path.lower().split("/")[:-1]
    return not {"templates", "charts", "k8s", "kubernetes", "manifests", "helm"}.isdisjoint(folders)


def _image(service: ComposeService) -> Image | None:
    if service.image is None or service.image_location is None:
        return None
    text = service.image.unattended
    if service.image.text is not None:
        return image_reference.parse(service.image.text, service.image_location)
    return image_reference.parse(
        text or "", service.image_location, service.image.reason, from_fallback=service.image.defaulted
    )


def _given(path: str, text: str) -> Mapping[str, ComposeVariable]:
    """The variables of the project's environment file, for the interpolation."""
    found: dict[str, ComposeVariable] = {}
    for read in _values(path, dotenv.parse(text, Dialect.COMPOSE), {}, {}):
        found[read.statement.name] = _as_given(read.value, _location(path, read.statement))
    return found


def _as_given(held: Known | Unknown, location: Location) -> ComposeVariable:
    if isinstance(held, Known):
        return ComposeVariable(held.text.reveal(), location)
    return ComposeVariable(None, location, held.fallback.reveal() if held.fallback else "", held)


class _Read(Struct, frozen=True):
    """A statement of an environment file and its value; `parts` and `literal` as in `Variable`."""

    statement: dotenv.Statement
    value: Known | Unknown
    parts: tuple[Part, ...] = ()
    literal: Secret | None = None


def _values(
    path: str,
    statements: tuple[dotenv.Statement, ...],
    project: Mapping[str, ComposeVariable],
    earlier: Mapping[str, ComposeVariable],
) -> Iterator[_Read]:
    """Each statement with its value. References see the files before, then the project's variables, then what stands
    above (compose-go, Project.WithServicesEnvironmentResolved and dotenv.expandVariables).
    """
    above: dict[str, ComposeVariable] = {}

    def find(name: str) -> ComposeVariable | None:
        if name in earlier:
            return earlier[name]
        # The process environment is asked before what stands above; that it names the variable cannot be seen here.
        if name in project and project[name].text is not None:
            return project[name]
        return above.get(name)

    def lookup(name: str) -> str | None:
        found = find(name)
        return found.text if found else None

    def unattended(name: str) -> str:
        found = find(name)
        return "" if found is None else found.fallback if found.text is None else found.text

    for statement in statements:
        if statement.inherited:
            given = project.get(statement.name)
            if given is not None and given.text is not None:
                yield _Read(
                    statement, Known(Secret(given.text)), (Part(given.location, Secret(given.text)),), Secret("")
                )
            else:
                yield _Read(statement, Unknown(f"`{statement.name}` is handed on from outside the repository"))
            continue
        if statement.quote is dotenv.Quote.SINGLE:
            held: Known | Unknown = Known(statement.text)
            result = plain(statement.text.reveal())
        else:
            text = statement.text.reveal().replace("\\$", "$$")
            result = interpolate(text, lookup)
            held = value(result, statement.text.reveal())
            if isinstance(held, Unknown):
                fallback = interpolate(text, unattended).text
                held = replace(held, fallback=Secret(fallback) if fallback else None)
        parts = taken(result, find)
        above[statement.name] = _as_given(held, _location(path, statement))
        yield _Read(statement, held, parts, Secret(result.literal) if parts else None)


def _raw(path: str, text: str, origin: str) -> Iterator[Variable]:
    """`format: raw`: the text behind the first `=`, as it stands."""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        name, equals, held = line.partition("=")
        if equals and name.strip() and not name.lstrip().startswith("#"):
            location = Location(path, number, len(name) + 2, number, len(line) + 1)
            yield Variable(name.strip(), Known(Secret(held)), location, origin)


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


def _items(node: yaml_document.Node | None) -> tuple[yaml_document.Node, ...]:
    return node.items if isinstance(node, yaml_document.Sequence) else ()


def _include_paths(item: yaml_document.Node) -> list[str]:
    if isinstance(item, yaml_document.Scalar):
        return [item.text]
    path = item.get("path") if isinstance(item, yaml_document.Mapping) else None
    if isinstance(path, yaml_document.Scalar):
        return [path.text]
    return [part.text for part in _items(path) if isinstance(part, yaml_document.Scalar)]


def _location(path: str, statement: dotenv.Statement) -> Location:
    return Location(path, statement.line, statement.column, statement.end_line, statement.end_column)


def _whole(path: str, text: str) -> Location:
    first = text.split("\n", 1)[0]
    return Location(path, 1, 1, 1, len(first) + 1)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _plain(text: str) -> str:
    """A file name as people may see it: the default of a reference may be a secret."""
    return re.sub(r"\$\{([A-Za-z0-9_]*)[^}]*\}", r"${\1}", text)[:200]
