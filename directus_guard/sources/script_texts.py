"""The shell texts of a repository: scripts, recipes of Makefiles and Justfiles, scripts of package.json, steps of pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources import jenkins_texts, pipelines, workflow_texts
from directus_guard.sources.deployments import build_recipes
from directus_guard.sources.formats import json_document, shell_commands, traced, values, yaml_document
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.values import List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced
    from directus_guard.sources.formats.values import Value

_TEMPLATE: Final = lazy_pattern(r"\$?\{\{[^{}\n]{0,300}\}\}|\$\[\[[^\]\n]{0,300}\]\]")
_PUT_IN: Final = "a template puts it in"


class ScriptText(Unprinted, frozen=True):
    """The commands of one shell: what one of them exports the later ones have."""

    path: str
    commands: tuple[Command, ...]
    environment: Mapping[str, Traced]
    """What whoever runs it gives to it, in texts of the same file."""
    hints: tuple[str, ...] = ()
    """Words that tell what it is for: the name of a job."""
    folder: str = ""
    """Where it runs, seen from the root, if a workflow says so."""
    trial: bool = False
    """Whether it is a job of a workflow that does not deploy."""


def scripts(repository: Repository, path: str, relevant: Callable[[str], bool]) -> Iterator[ScriptText]:
    """The shell texts of a file whose text may be relevant, in the order of their places."""
    text = repository.text(path) or ""
    name = path.rpartition("/")[2].lower()
    if name.endswith(".json"):
        for held in of_package(path, text):
            if relevant(held.text):
                yield ScriptText(path, shell_commands.commands(held), {})
        return
    if name.endswith((".yml", ".yaml")):
        yield from _of_yaml(repository, path, text, relevant)
        return
    if jenkins_texts.is_jenkins(path):
        for found in jenkins_texts.strings(path, text):
            if relevant(found.text.text):
                commands = shell_commands.commands(found.text, found.environment)
                trial = workflow_texts.tests(*found.stages)
                yield ScriptText(path, commands, found.environment, found.stages, trial=trial)
        return
    recipes = build_recipes.of(path, text)
    if recipes is None:
        yield ScriptText(path, shell_commands.commands(traced.whole(path, text)), {})
        return
    for held in recipes.scripts:
        if relevant(held.text):
            yield ScriptText(path, shell_commands.commands(held, recipes.exported), recipes.exported)


def of_package(path: str, text: str) -> Iterator[Traced]:
    """The scripts of a package.json, in their order."""
    try:
        root = json_document.parse(path, text)
    except json_document.JsonError:
        return  # `packages` says so
    held = root.object("scripts") if isinstance(root, ObjectValue) else None
    for entry in held.entries if held is not None else ():
        if isinstance(entry.value, Text) and entry.value.kind is TextKind.STRING:
            yield traced.scalar(path, text, entry.value.text, entry.value.location)


def _of_yaml(repository: Repository, path: str, text: str, relevant: Callable[[str], bool]) -> Iterator[ScriptText]:
    """The steps of a pipeline with its variables; of any other file each text, the items of a list as one script."""
    positions = Positions(path, text)
    for document in yaml_document.documents(repository, path):
        root = values.from_yaml(document)
        for step in _steps(path, text, positions, root):
            folder = repository.resolve("", step.folder) if "$" not in step.folder else None
            for held in _texts(step.part, relevant):
                made = [traced.scalar(path, text, one.text, one.location, positions) for one in held]
                filled = workflow_texts.filled(_joined(made), step.environment)
                commands = shell_commands.commands(filled.with_holes(_TEMPLATE, _PUT_IN), step.environment)
                yield ScriptText(path, commands, step.environment, step.hints, folder or "", step.trial)


class _Step(Unprinted, frozen=True):
    """A part of a file that holds scripts, and what is known of it; `folder` is as it is written."""

    part: Value
    environment: Mapping[str, Traced]
    hints: tuple[str, ...] = ()
    trial: bool = False
    folder: str = ""


def _steps(path: str, text: str, positions: Positions, root: Value) -> Iterator[_Step]:
    """Each step of a workflow or another pipeline; all of any other file."""
    if pipelines.is_pipeline(path):
        for found in pipelines.steps(path, text, positions, root):
            trial = workflow_texts.tests(*found.hints)
            yield _Step(found.part, found.environment, found.hints, trial)
        return
    jobs = root.object("jobs") if isinstance(root, ObjectValue) else None
    if jobs is None or not isinstance(root, ObjectValue):
        yield _Step(root, {})
        return
    for entry in jobs.entries:
        job = entry.value
        if not isinstance(job, ObjectValue):
            continue
        trial = not workflow_texts.deploys(path, root, entry.key.text, job)
        for step in job.objects("steps"):
            environment = workflow_texts.environment(path, text, positions, root, job, step)
            yield _Step(step, environment, (entry.key.text,), trial, _folder(root, job, step))


def _folder(root: ObjectValue, job: ObjectValue, step: ObjectValue) -> str:
    """`working-directory` of a step, or the default of its job or workflow."""
    for node in (job, root):
        defaults = node.object("defaults")
        held = defaults.object("run") if defaults is not None else None
        if held is not None and held.text("working-directory"):
            return step.text("working-directory") or held.text("working-directory") or ""
    return step.text("working-directory") or ""


def _texts(part: Value, relevant: Callable[[str], bool]) -> Iterator[tuple[Text, ...]]:
    """The texts of a part of a file that may be scripts."""
    inside: set[Text] = set()
    for value in values.walk(part):
        if isinstance(value, List):
            held = tuple(item for item in value.items if isinstance(item, Text) and item.kind is TextKind.STRING)
            if held and relevant("\n".join(item.text for item in held)):
                inside.update(held)
                yield held
        elif isinstance(value, Text) and value not in inside and relevant(value.text):
            yield (value,)


def _joined(lines: list[Traced]) -> Traced:
    first, *others = lines
    return first.joined(part for line in others for part in (_line_end(line), line))


def _line_end(line: Traced) -> Traced:
    start = line.pieces[0].start if line.pieces else 0
    return line.made([traced.Piece("\n", start, start)])
