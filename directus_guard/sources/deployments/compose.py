"""Docker Compose: the Directus services of each project, with everything that Compose gives them.

After the Compose Specification and compose-go's loader. Nothing is taken from our own process environment: what Compose
would take from it is unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard import limits
from directus_guard.directus.disclosure import is_secret_name
from directus_guard.directus.environment import deployment as model, known_secrets
from directus_guard.directus.environment.deployment import Deployment, Known, Platform, Variable
from directus_guard.directus.environment.recognise import is_directus_environment, is_directus_image, is_other_program
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, image_reference
from directus_guard.sources.deployments.compose_contents import config_file, contents
from directus_guard.sources.deployments.compose_env_files import env_files
from directus_guard.sources.deployments.compose_files import ComposeFiles
from directus_guard.sources.deployments.compose_project import ComposeLoader, ComposeProject
from directus_guard.sources.deployments.compose_starts import candidates, is_base, stands_below_others, starts
from directus_guard.sources.files import registry
from directus_guard.sources.formats import dotenv, yaml_document
from directus_guard.sources.formats.dotenv import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.environment.deployment import Image, VersionEvidence
    from directus_guard.sources.deployments.compose_commands import ComposeStart
    from directus_guard.sources.deployments.compose_scope import ComposeVariable
    from directus_guard.sources.deployments.compose_service import ComposeService
    from directus_guard.sources.deployments.dockerfile import DockerfileFacts
    from directus_guard.sources.files.repository import Repository


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus services of every Compose project, in the order of paths."""
    return tuple(_Compose(repository).deployments())


def of_definition(repository: Repository, path: str, root: yaml_document.Mapping) -> tuple[Deployment, ...]:
    """The Directus services of a Compose file that is written inside of another file."""
    return tuple(_Compose(repository).inline(path, root))


class _Compose:
    def __init__(self, repository: Repository, stand_ins: Mapping[str, str] | None = None) -> None:
        """`stand_ins`: as in `ComposeFiles`."""
        self._files = ComposeFiles(repository, stand_ins)
        self._loader = ComposeLoader(self._files)
        self._around: tuple[ComposeProject, Mapping[str, int], tuple[model.Service, ...]] | None = None

    def deployments(self) -> Iterator[Deployment]:
        """The Directus services of all projects; a service that another project takes over as it is comes once, and one
        that is only there to be extended does not come.
        """
        found = tuple(self._services())
        takers: dict[Location, list[Deployment]] = {}
        for one in found:
            for place in one.covered:
                takers.setdefault(place, []).append(one.deployment)
        extended = frozenset(place for one in found for place in one.rests_on)
        for one in found:
            base = one.template and one.place in extended
            if not base and not any(_holds(other, one.deployment) for other in takers.get(one.place, ())):
                yield one.deployment

    def _services(self) -> Iterator[_Service]:
        """The Directus services. Only a project that Compose starts by itself takes over another's."""
        folders: dict[str, list[str]] = {}
        for path in candidates(self._files):
            folders.setdefault(application.folder(path), []).append(path)
        commanded = self._commanded()
        for start in commanded:
            yield from (replace(one, template=False) for one in self._started(self._loader.load_start(start), None))
        covered = {start.files for start in commanded if start.whole}
        added = frozenset(path for start in commanded if start.whole for path in start.files[1:])
        named = [start.files for start in commanded if not start.trial]
        for folder in sorted(folders):
            made: set[str] = set()
            below = stands_below_others(self._files, folders[folder], named, self._started_by_default)
            for files in starts(self._files, folders[folder], added):
                if files == (below,):
                    yield from self._secrets(files)
                    continue
                if files not in covered:
                    yield from self._started(self._loader.load(files), files if is_base(files[0]) else None)
                for deployment in self._examples(folder, files):
                    if deployment.name not in made:
                        made.add(deployment.name)
                        yield _Service(deployment.location, deployment)

    def _secrets(self, files: tuple[str, ...]) -> Iterator[_Service]:
        """What a base that is not started by itself says of secrets: one that is written there stays committed."""
        for one in self._started(self._loader.load(files), None):
            held = tuple(filter(_is_real_secret, one.deployment.variables))
            if held:
                reason = "what is put on it is judged by itself"
                part = Deployment(
                    name=one.deployment.name,
                    platform=Platform.COMPOSE,
                    location=one.place,
                    variables=held,
                    gaps=(unseen(reason),),
                    hints=one.deployment.hints,
                    partial=True,
                    consumed=one.deployment.consumed,
                )
                yield _Service(one.place, part)

    def _started_by_default(self) -> frozenset[str]:
        if not registry.COMPOSE_COMMANDS.is_present(self._files.repository):
            return frozenset()
        from directus_guard.sources.deployments import compose_commands  # noqa: PLC0415 - few repositories have commands

        return compose_commands.started_by_default(self._files)

    def _commanded(self) -> tuple[ComposeStart, ...]:
        """What commands of the repository start."""
        if not registry.COMPOSE_COMMANDS.is_present(self._files.repository):
            return ()
        from directus_guard.sources.deployments import compose_commands  # noqa: PLC0415 - few repositories have commands

        return compose_commands.read(self._files)

    def _started(self, project: ComposeProject, files: tuple[str, ...] | None) -> Iterator[_Service]:
        """The Directus services of a project. `files`: what Compose starts by itself, if it does."""
        servers = 0
        for name, service in project.services.items():
            if any(map(self._files.repository.ignored, project.started)):
                continue
            if not service.startable and is_directus_image(name):
                self._files.note(project.path, f"service `{name}` has neither an image nor a build", service.location)
            if self._is_directus(name, service):
                servers += 1
                if servers > limits.DEPLOYMENTS.number:
                    reason = f"{limits.over(limits.DEPLOYMENTS)}; the others were not evaluated"
                    self._files.repository.problem(project.path, reason, incomplete=True)
                    return
                bases = service.rests_on | {service.location} if files is not None else ()
                covered = frozenset(place for place in bases if place.path not in (files or ()))
                made = self._deployment(project, name, service)
                # Not started by this file: of another file, or with a profile of its own.
                apart = bool(service.profiles) if files is not None else True
                template = apart and _TEMPLATE.search(f"{_file_name(service)}/{name}") is not None
                yield _Service(service.location, made, covered, service.rests_on, template)

    def _examples(self, folder: str, files: tuple[str, ...]) -> Iterator[Deployment]:
        """The same services with the values of an example of the project's `.env`: it is an input, not a server's own file."""
        wanted = {name for path in files for name in _REFERENCED.findall(self._files.repository.text(path) or "")}
        for path in registry.ENV_EXAMPLES.named(self._files.repository):
            text = self._files.repository.text(path) if application.folder(path) == folder else None
            if text is None or wanted.isdisjoint(item.name for item in dotenv.parse(text, Dialect.COMPOSE)):
                continue
            other = _Compose(self._files.repository, {f"{folder}/.env".lstrip("/"): path})
            project = other._loader.load(files)
            for name, service in project.services.items():
                if other._is_directus(name, service):
                    yield replace(other._deployment(project, name, service), name=f"{path}#{name}")

    def inline(self, path: str, root: yaml_document.Mapping) -> Iterator[Deployment]:
        """The Directus services of one definition."""
        self._files.put(path, (root,))
        project = self._loader.load((path,))
        for name, service in project.services.items():
            if self._is_directus(name, service):
                yield self._deployment(project, name, service)

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
        names = {
            *service.environment,
            *(variable.name for variable in env_files(self._files, service.env_files, {})[0]),
        }
        return is_directus_environment(names) and ("SECRET" in names or "KEY" in names or "DB_CLIENT" in names)

    def _is_something_else(self, image: str, service: ComposeService) -> bool:
        """Whether it runs one of Docker's own images, which hold no Directus, where no text speaks of one."""
        if service.build_context is not None or "/" in image or "$" in image:
            return False
        paths = (service.location.path, *registry.PACKAGE.named(self._files.repository))
        return not any("directus" in (self._files.repository.text(path) or "").lower() for path in paths)

    def _builds_directus(self, service: ComposeService) -> bool:
        given = (one.value for one in service.build_args.values())
        if any(isinstance(held, Known) and _names_directus(held.text.reveal()) for held in given):
            return True
        if service.inline is not None:
            return _FROM_DIRECTUS.search(service.inline.text) is not None
        path = service.dockerfile
        text = self._files.repository.text(path) if path is not None and path in self._files.repository else None
        return bool(text and _FROM_DIRECTUS.search(text))

    def _deployment(self, project: ComposeProject, name: str, service: ComposeService) -> Deployment:
        variables, of_files = env_files(self._files, service.env_files, project.scope.variables)
        gaps = [*service.gaps, *project.gaps, *of_files]
        consumed: set[str] = {self._files.own(entry.path) for entry in service.env_files if entry.path}
        consumed |= service.consumed | project.consumed
        interpolated = self._files.own(f"{project.scope.folder}/.env".lstrip("/"))
        if interpolated in self._files.repository:
            consumed.add(interpolated)
        image = _image(service)
        by_command, taken_in = command_line.environment(
            (*service.entrypoint, *service.command), service.location, self._files.repository
        )
        gaps += taken_in
        runs_once = application.runs_once((*service.entrypoint, *service.command))
        gaps += runs_once
        given = (*variables, *service.environment.values(), *by_command)
        built = self._inline(service, project, given, gaps)
        consumed |= built.consumed if built else frozenset()
        config = config_file(self._files, service, project, consumed, given)
        return Deployment(
            name=f"{project.path}#{name}",
            platform=Platform.COMPOSE,
            location=service.location,
            variables=(*(built.variables if built else ()), *given, *(built.by_command if built else ())),
            config_file=built.config_file if built and config is None else config,
            gaps=tuple(dict.fromkeys(gaps)),
            image=image,
            version=built.version if built else _version(service, image),
            hints=(name, *project.hints, *service.profiles),
            build_context=service.build_context,
            dockerfile=service.dockerfile,
            build_target=service.target,
            build_args=tuple(service.build_args.values()),
            services=self._neighbours(project, name),
            ports=service.ports,
            mounts=tuple(service.mounts.values()),
            files=tuple(contents(self._files, service, project, consumed)),
            replicas=service.replicas,
            partial=bool(runs_once),
            consumed=frozenset(consumed),
        )

    def _inline(
        self, service: ComposeService, project: ComposeProject, given: tuple[Variable, ...], gaps: list[Gap]
    ) -> DockerfileFacts | None:
        """What the service's `dockerfile_inline` makes. Its places are those in the Compose file."""
        if service.inline is None or service.build_context is None:
            return None
        from directus_guard.sources.deployments import dockerfile  # noqa: PLC0415 - few services are built so

        resolved = project.scope.resolve(service.inline.text)
        if resolved.text is None:
            gaps.append(unseen(f"its `dockerfile_inline`: {resolved.reason}"))
        from directus_guard.sources import embedded  # noqa: PLC0415 - the same

        inner = embedded.places(self._files.repository, service.inline.location)
        given_here = {one.location for one in service.build_args.values()}

        def place(location: Location) -> Location:
            return location if location in given_here else inner(location)

        pointer = next((one.value for one in reversed(given) if one.name == "CONFIG_PATH"), None)
        path, text = service.inline.location.path, resolved.text or service.inline.text
        facts = dockerfile.describe_text(
            self._files.repository,
            path,
            text,
            service.build_context,
            pointer,
            service.target,
            tuple(service.build_args.values()),
        )
        if facts is None:
            gaps.append(unseen("its `dockerfile_inline` starts from no image"))
            return None
        gaps += facts.gaps
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

    def _neighbours(self, project: ComposeProject, name: str) -> tuple[model.Service, ...]:
        """The other services of a project; they are worked out once for all of its Directus servers."""
        if self._around is None or self._around[0] is not project:
            given = project.scope.variables
            made = tuple(self._neighbour(other, one, given) for other, one in project.services.items())
            self._around = project, {other: number for number, other in enumerate(project.services)}, made
        _, numbers, made = self._around
        return made[: numbers[name]] + made[numbers[name] + 1 :]

    def _neighbour(self, name: str, service: ComposeService, given: Mapping[str, ComposeVariable]) -> model.Service:
        variables, _ = env_files(self._files, service.env_files, given)
        return model.Service(
            name,
            _image(service),
            (*variables, *service.environment.values()),
            service.ports,
            service.location,
            (*service.entrypoint, *service.command),
        )


_TEMPLATE: Final = lazy_pattern(
    r"(?:\A|[/._-])(?:base|common|shared|defaults?|templates?|abstract|parent|extends?|fragments?|partials?)(?=[/._-]|\Z)",
    re.IGNORECASE,
)
"""In the name of a service or of its file: it is there to be extended."""


def _is_real_secret(variable: Variable) -> bool:
    """Whether a variable holds a secret that is no stand-in for one."""
    if not isinstance(variable.value, Known) or not is_secret_name(variable.name):
        return False
    text = variable.value.text.reveal()
    if variable.name in ("SECRET", "KEY"):
        return not known_secrets.weakness(text, variable.name)
    return (
        len(text) >= _SHORTEST
        and not known_secrets.is_placeholder(text)
        and not known_secrets.is_example(text, variable.name)
    )


_SHORTEST: Final = 8
"""Characters of a password that people may really use."""


class _Service(Struct, frozen=True):
    """A Directus service of a project."""

    place: Location
    deployment: Deployment
    covered: frozenset[Location] = frozenset()
    """The places of services elsewhere that it includes or extends, where it takes them over."""
    rests_on: frozenset[Location] = frozenset()
    """The places of all services that it extends."""
    template: bool = False
    """Whether, by its name, it is no server where another extends it."""


def _file_name(service: ComposeService) -> str:
    return service.location.path.rpartition("/")[2]


def _holds(whole: Deployment, part: Deployment) -> bool:
    """Whether a deployment is given all that another is given."""
    if whole is part or (
        part.image is not None and (whole.image is None or whole.image.reference != part.image.reference)
    ):
        return False
    given = {one.name: one.value for one in whole.variables}
    return all(given.get(one.name) == one.value for one in part.variables) and set(part.gaps) <= set(whole.gaps)


def _names_directus(text: str) -> bool:
    """Whether a text is the reference of a Directus image."""
    return is_directus_image(image_reference.parse(text, Location("")).repository)


_REFERENCED: Final = lazy_pattern(r"\$\{?([A-Za-z_][A-Za-z0-9_]{0,200})")
_FROM_DIRECTUS: Final = lazy_pattern(r"^[ \t]*FROM[ \t][^\n]{0,200}directus", re.MULTILINE | re.IGNORECASE)


def _version(service: ComposeService, image: Image | None) -> VersionEvidence | None:
    """The version of an image that is taken as it is."""
    return image_reference.version(image) if service.build_context is None else None


def _image(service: ComposeService) -> Image | None:
    if service.image is None or service.image_location is None:
        return None
    text = service.image.unattended
    if service.image.text is not None:
        return image_reference.parse(service.image.text, service.image_location)
    return image_reference.parse(
        text or "", service.image_location, service.image.reason, from_fallback=service.image.defaulted
    )
