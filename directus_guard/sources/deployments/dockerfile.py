"""Dockerfiles: the environment, the base image and the `.env` of the image that the last stage builds.

An `.env` copied to Directus' working folder beats every variable the container is given later
(docs/model/environment.md#loading).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.directus.environment.deployment import (
    Deployment,
    Known,
    Platform,
    Unknown,
    Variable,
    VersionEvidence,
)
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.finding import Location
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, config_file, image_reference
from directus_guard.sources.deployments.dockerfile_image_files import ImageFiles
from directus_guard.sources.deployments.dockerfile_stages import BuildStage, StageReader, stage_named
from directus_guard.sources.files import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from directus_guard.directus.environment.deployment import Image, Value
    from directus_guard.sources.files.inner_file import InnerFile
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.dockerfile_syntax import Heredoc


class DockerfileFacts(Struct, frozen=True):
    """What the image of a Dockerfile's last stage brings along."""

    is_directus: bool
    image: Image | None
    """The image the last stage rests on, followed through the stages; None for `scratch`."""
    version: VersionEvidence | None
    variables: tuple[Variable, ...]
    """Its `ENV`, in order; what the base image itself sets is not among them."""
    config_file: tuple[Variable, ...] | Unknown | None
    location: Location
    consumed: frozenset[str]
    """Paths of the Dockerfile and of the environment file it copies."""
    by_command: tuple[Variable, ...]
    """What its `CMD` and `ENTRYPOINT` set."""
    gaps: tuple[Gap, ...]
    """Why there may be more variables."""


def read(repository: Repository) -> tuple[Deployment, ...]:
    """Every Dockerfile whose image is a Directus, in the order of paths; the caller drops those a manifest builds."""
    found: list[Deployment] = []
    builds = _builds(repository)
    for path in registry.DOCKERFILE.paths(repository):
        given = builds.get(path) or {"": None}
        for builder, arguments in given.items():
            facts = describe(repository, path, arguments=arguments)
            if facts is not None and facts.is_directus:
                name = path if len(given) == 1 else f"{path}@{builder}"
                found.append(_alone(path, name, facts))
    return tuple(found)


def _builds(repository: Repository) -> Mapping[str, Mapping[str, tuple[Variable, ...] | None]]:
    """By the path of a Dockerfile: what each file gives that builds it with arguments."""
    if not registry.BUILDS.is_present(repository):
        return {}
    from directus_guard.sources.deployments import image_builds  # noqa: PLC0415 - few repositories have such commands

    return image_builds.of(repository)


def _alone(path: str, name: str, facts: DockerfileFacts) -> Deployment:
    """The image of a Dockerfile as a deployment of its own."""
    return Deployment(
        name=name,
        platform=Platform.DOCKERFILE,
        location=facts.location,
        variables=(*facts.variables, *facts.by_command),
        config_file=facts.config_file,
        gaps=(unseen("what the container is given when it is started is not in the Dockerfile"), *facts.gaps),
        image=facts.image,
        version=facts.version,
        dockerfile=path,
        consumed=facts.consumed,
    )


def describe(
    repository: Repository,
    path: str,
    context: str | None = None,
    config_path: Value | None = None,
    target: str = "",
    arguments: tuple[Variable, ...] | None = None,
) -> DockerfileFacts | None:
    """The facts of one Dockerfile; None if it is not readable or has no `FROM`.

    `context` is the folder the image is built from. Without it, it is the nearest folder at or above the Dockerfile
    that has everything the Dockerfile copies. `config_path` is CONFIG_PATH as the container is given it at its start.
    `target`: the stage that is built, "" for the last. `arguments`: what a manifest gives for the build arguments; None
    if none is known to build it.
    """
    text = repository.text(path)
    if text is None:
        return None
    return _Dockerfile(repository, path, text, context, arguments).facts(config_path, target)


def describe_text(
    repository: Repository,
    path: str,
    text: str,
    context: str,
    config_path: Value | None,
    target: str,
    arguments: tuple[Variable, ...],
) -> DockerfileFacts | None:
    """The facts of a Dockerfile that is written inside of the file `path`; its places are those in `text`."""
    return _Dockerfile(repository, path, text, context, arguments).facts(config_path, target)


def builds_directus(repository: Repository, path: str | None) -> bool:
    """Whether there is a Dockerfile at `path` and its image is a Directus."""
    facts = describe(repository, path) if path is not None and path in repository else None
    return facts is not None and facts.is_directus


class _Dockerfile:
    def __init__(
        self,
        repository: Repository,
        path: str,
        text: str,
        context: str | None,
        arguments: tuple[Variable, ...] | None = None,
    ) -> None:
        self._repository, self._path, self._text = repository, path, text
        reader = StageReader(repository, path, text, arguments)
        self._positions, self._stages = reader.positions, reader.stages
        self._files = ImageFiles(repository, path, self._stages, context)

    def facts(self, config_path: Value | None = None, target: str = "") -> DockerfileFacts | None:
        if not self._stages:
            return None
        number = stage_named(self._stages, target) if target else None
        stages = self._stages if number is None else self._stages[: number + 1]
        stage = stages[-1]
        words = tuple(word for key in ("ENTRYPOINT", "CMD") for word in stage.command.get(key, ()))
        by_command, gaps = command_line.environment(words, stage.location, self._repository)
        config, consumed, rest = self._config_file(stages, config_path)
        directus = stage.home or stage.starts or application.configures_directus(stage.variables)
        version = stage.default_version or image_reference.version(stage.image) or stage.installed
        return DockerfileFacts(
            is_directus=directus,
            image=stage.image,
            version=version,
            variables=tuple(stage.variables),
            config_file=config,
            location=stage.location,
            consumed=consumed | {self._path},
            by_command=by_command,
            gaps=(*gaps, *rest),
        )

    def _config_file(
        self, stages: Sequence[BuildStage], given: Value | None
    ) -> tuple[tuple[Variable, ...] | Unknown | None, frozenset[str], tuple[Gap, ...]]:
        """What Directus' own file holds in the image of the last of these stages, and why it may hold more."""
        stage = stages[-1]
        pointer = given or stage.environment.get("CONFIG_PATH")
        if isinstance(pointer, Unknown):
            return Unknown("CONFIG_PATH comes from outside the repository"), frozenset(), ()
        name = pointer.text.reveal() if pointer else ".env"
        target = posixpath.normpath(posixpath.join(stage.workdir, name))
        held = self._files.at(len(stages) - 1, target)
        if held is None:
            missing = Unknown("the file that CONFIG_PATH names is not in the repository")
            return (missing if pointer else None), frozenset(), ()
        if isinstance(held, Unknown):
            return held, frozenset(), ()
        origin = f"`{application.plain(target)}` in the image"
        if held.inner is not None:
            read = config_file.parse(held.inner.path, held.inner.text, target, origin)
            placed = read if isinstance(read, Unknown) else tuple(_outside(held.inner, item) for item in read)
            return placed, frozenset({held.path}), (unseen(held.rest),) if held.rest else ()
        if held.heredoc is None:
            return *application.config_variables(self._repository, held.path, target, origin, (held.via,)), ()
        found = config_file.parse(self._path, held.heredoc.text, target, origin)
        made = found if isinstance(found, Unknown) else tuple(self._placed(held.heredoc, found))
        return made, frozenset({held.path}), ()

    def _placed(self, heredoc: Heredoc, variables: tuple[Variable, ...]) -> Iterator[Variable]:
        """Variables of a here-document with their places in the Dockerfile."""
        first = self._positions.region(heredoc.offset, heredoc.offset).line
        lines = self._text.split("\n")
        for item in variables:
            line = first + item.location.line - 1
            written, kept = lines[line - 1].removesuffix("\r"), heredoc.text.split("\n")[item.location.line - 1]
            shift = max(len(written) - len(kept), 0)  # the tabs that `<<-` takes away
            location = Location(self._path, line, item.location.column + shift, line + item.location.end_line - item.location.line,
                                item.location.end_column + shift)  # fmt: skip
            value = item.value
            if not heredoc.quoted and isinstance(value, Known) and "$" in value.text.reveal():
                value = Unknown("its variables are replaced when the image is built")
            yield Variable(item.name, value, location, item.origin)


def _outside(inner: InnerFile, item: Variable) -> Variable:
    """A variable of a text that instructions put together, with its place where that part is written."""
    return Variable(item.name, item.value, inner.outside(item.location)[0], item.origin)
