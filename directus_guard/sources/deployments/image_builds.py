"""Arguments that commands and steps of pipelines give to the build of an image, wherever that image is started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known, Unknown, Variable
from directus_guard.secret import Secret
from directus_guard.sources import script_texts
from directus_guard.sources.deployments import application, docker_build, manifest
from directus_guard.sources.files import registry
from directus_guard.sources.formats import templates, values, yaml_document
from directus_guard.sources.formats.values import ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.sources.files.repository import Repository

_ACTION: Final = "docker/build-push-action"

Builds = dict[str, dict[str, tuple[Variable, ...]]]
"""By the path of a Dockerfile: the arguments that each file gives."""


def of(repository: Repository) -> Mapping[str, Mapping[str, tuple[Variable, ...]]]:
    """The builds in files that give arguments to some build."""
    found: Builds = {}
    for path in registry.BUILDS.paths(repository):
        for dockerfile, arguments in (*_of_commands(repository, path), *_of_steps(repository, path)):
            own = found.setdefault(dockerfile, {})
            own[path] = (*own.get(path, ()), *arguments)
    return found


def _of_commands(repository: Repository, path: str) -> Iterator[tuple[str, tuple[Variable, ...]]]:
    for script in script_texts.scripts(repository, path, lambda text: "build" in text):
        for _, built in docker_build.all_builds(script.commands):
            dockerfile = docker_build.located(repository, path, built)[1]
            if dockerfile is not None:
                yield dockerfile, built.arguments


def _of_steps(repository: Repository, path: str) -> Iterator[tuple[str, tuple[Variable, ...]]]:
    """`docker/build-push-action` in a GitHub workflow, whose paths count from the root of the repository."""
    documents = yaml_document.documents(repository, path) if path.lower().endswith((".yml", ".yaml")) else ()
    for document in documents:
        for node in values.walk(values.from_yaml(document)):
            given = node.object("with") if isinstance(node, ObjectValue) else None
            if given is None or not isinstance(node, ObjectValue) or not (node.text("uses") or "").startswith(_ACTION):
                continue
            context = given.text("context") or "."
            file = given.text("file") or f"{context}/Dockerfile"
            dockerfile = repository.resolve("", file)
            arguments = given.get("build-args")
            if dockerfile is not None and dockerfile in repository and isinstance(arguments, Text):
                yield dockerfile, tuple(_lines(repository, arguments))


def _lines(repository: Repository, written: Text) -> Iterator[Variable]:
    """`NAME=value`, one a line."""
    for number, line in enumerate(written.text.split("\n"), start=1):
        name, equals, text = line.strip().partition("=")
        if not equals or not name:
            continue
        first = len(line) - len(line.lstrip()) + len(name) + 2
        place = manifest.inside(repository, written, number, first, number, first + len(text))
        value = Unknown(templates.REASON) if templates.fills_in(text) else Known(Secret(text))
        yield Variable(application.plain(name), value, place, "build-args")
