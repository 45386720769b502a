"""GitHub Actions workflows that start a Directus: service containers, `docker run`, `npx directus start`.

Only what is plainly written counts: `${{ … }}` and `$X` are unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Deployment, Known, Platform, PublishedPort, Unknown, Variable
from directus_guard.directus.environment.recognise import is_directus_image
from directus_guard.directus.gaps import unseen
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources import workflow_texts
from directus_guard.sources.deployments import application, docker_command, docker_run, image_reference
from directus_guard.sources.files import registry
from directus_guard.sources.formats import shell_commands, traced, values, yaml_document
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.values import ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Image, Value
    from directus_guard.finding import Location
    from directus_guard.sources.files.repository import Repository

_EXPRESSION: Final = lazy_pattern(r"\$\{\{")
_SHELL_VARIABLE: Final = lazy_pattern(r"\$[A-Za-z_{(]|`")
_HINT: Final = "ci"
_INHERITED: Final = unseen("what the runner and earlier steps put into the environment is not in the workflow")


def read(repository: Repository) -> tuple[Deployment, ...]:
    """Every Directus that a workflow or a composite action starts, in the order of paths and positions."""
    found: list[Deployment] = []
    for path in registry.WORKFLOW.paths(repository):
        text = repository.text(path) or ""
        documents = yaml_document.documents(repository, path)
        root = values.from_yaml(documents[0]) if documents else None
        if isinstance(root, ObjectValue):
            found += _Workflow(repository, path, text, root).deployments()
    return tuple(found)


class _Workflow:
    def __init__(self, repository: Repository, path: str, text: str, root: ObjectValue) -> None:
        self._repository, self._path, self._text, self._root = repository, path, text, root
        self._positions = Positions(path, text)

    def deployments(self) -> Iterator[Deployment]:
        jobs = self._root.object("jobs")
        shared = _environment(self._root.object("env"))
        for entry in jobs.entries if jobs else ():
            if isinstance(entry.value, ObjectValue):
                job = entry.value
                yield from self._services(entry.key.text, job)
                yield from self._steps(entry.key.text, job, (*shared, *_environment(job.object("env"))))
        runs = self._root.object("runs")
        if runs is not None:
            yield from self._steps("runs", runs, ())

    def _services(self, job: str, node: ObjectValue) -> Iterator[Deployment]:
        services = node.object("services")
        for entry in services.entries if services else ():
            service = entry.value
            written = service.get("image") if isinstance(service, ObjectValue) else None
            if not isinstance(service, ObjectValue) or not isinstance(written, Text):
                continue
            image = _image(written.text, written.location)
            variables = _environment(service.object("env"))
            if is_directus_image(image.repository) or (
                application.configures_directus(variables) and "SECRET" in {item.name for item in variables}
            ):
                gaps = (_OPTIONS,) if "env" in (service.text("options") or "") else ()
                yield Deployment(
                    name=f"{self._path}#{job}/{entry.key.text}",
                    platform=Platform.WORKFLOW,
                    location=entry.key.location,
                    variables=variables,
                    gaps=gaps,
                    image=image,
                    version=image_reference.version(image),
                    hints=(_HINT, job, entry.key.text),
                    ports=tuple(_ports(service)),
                    consumed=frozenset({self._path}),
                )

    def _steps(self, job: str, node: ObjectValue, shared: tuple[Variable, ...]) -> Iterator[Deployment]:
        number = 0
        # Asked once: it looks at all steps of the job.
        deploys = self._root is not node and workflow_texts.deploys(self._path, self._root, job, node)
        for step in node.objects("steps"):
            yield from self._actions(job, step, (self._root, node, step))
            run = step.scalar("run")
            if run is None:
                continue
            given = (*shared, *_environment(step.object("env")))
            hints = (job,) if deploys else None
            for found in self._containers(job, run, given, (self._root, node, step), hints=hints):
                number += 1
                platform = Platform.DOCKER_RUN if deploys else found.platform
                yield replace(found, name=f"{self._path}#{job}/run-{number}", platform=platform)
            if application.starts_directus(run.text):
                number += 1
                yield Deployment(
                    name=f"{self._path}#{job}/run-{number}",
                    platform=Platform.WORKFLOW,
                    location=run.location,
                    variables=given,
                    gaps=(_INHERITED,),
                    hints=(_HINT, job),
                    consumed=frozenset({self._path}),
                )

    def _actions(self, job: str, step: ObjectValue, nodes: tuple[ObjectValue, ...]) -> Iterator[Deployment]:
        """The Directus containers that an action starts elsewhere (`with: script:` of an SSH action)."""
        given = step.object("with")
        for number, entry in enumerate(given.entries if given is not None else (), start=1):
            if isinstance(entry.value, Text):
                for found in self._containers(job, entry.value, (), nodes, hints=(job,)):
                    name = f"{self._path}#{job}/{application.plain(entry.key.text)}-{number}"
                    yield replace(found, name=name, platform=Platform.DOCKER_RUN)

    def _containers(
        self,
        job: str,
        run: Text,
        given: tuple[Variable, ...],
        nodes: tuple[ObjectValue, ...],
        hints: tuple[str, ...] | None = None,
    ) -> Iterator[Deployment]:
        """The Directus containers that the commands of a step start. `nodes`: whose `env` the step has."""
        if not docker_run.mentions(run.text):
            return
        environment = workflow_texts.environment(self._path, self._text, self._positions, *nodes)
        script = traced.scalar(self._path, self._text, run.text, run.location, self._positions)
        commands = shell_commands.commands(workflow_texts.filled(script, environment), environment)
        outer = {variable.name: variable for variable in given}
        runs = docker_command.Runs(self._repository, self._path, commands, outer)
        yield from runs.deployments(Platform.WORKFLOW, (_HINT, job) if hints is None else hints)


_OPTIONS: Final = unseen("the service's `options` may set further variables")


def _image(text: str, location: Location) -> Image:
    if _EXPRESSION.search(text) or _SHELL_VARIABLE.search(text):
        known = re.split(r"\$", text, maxsplit=1)[0].rstrip(":@")
        return image_reference.parse(known, location, "it is worked out when the workflow runs")
    return image_reference.parse(text, location)


def _environment(node: ObjectValue | None) -> tuple[Variable, ...]:
    found = []
    for variable in values.variables(node, "workflow env"):
        known = variable.value.text.reveal() if isinstance(variable.value, Known) else ""
        value: Value = (
            Unknown("`${{ … }}` is worked out when the workflow runs") if _EXPRESSION.search(known) else variable.value
        )
        found.append(Variable(variable.name, value, variable.location, variable.origin))
    return tuple(found)


def _ports(service: ObjectValue) -> Iterator[PublishedPort]:
    """`8055:8055` or `8055`; on the runner they are bound to every interface."""
    for item in service.items("ports"):
        if isinstance(item, Text):
            published, colon, target = item.text.rpartition(":")
            yield PublishedPort(target.split("/")[0], published if colon else "", "", item.location)
