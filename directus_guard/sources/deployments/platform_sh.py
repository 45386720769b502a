"""Platform.sh and Upsun: `.platform.app.yaml`, `.platform/applications.yaml`, `.upsun/*.yaml`.

After their reference: `variables.env` become environment variables with the lowest precedence; variables of the project
and of an environment, set in the console, beat them, and the script `.environment` in the app's folder runs last.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Deployment, Known, Platform, Unknown, Variable
from directus_guard.directus.gaps import unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments import application, manifest
from directus_guard.sources.files import registry
from directus_guard.sources.formats import dotenv, shell_commands, traced, values
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.dotenv import Dialect, Quote
from directus_guard.sources.formats.values import List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_GAP: Final = unseen("variables set in the Platform.sh console are not in the repository")
_SHELL: Final = lazy_pattern(r"[$`]")
_PREFIX: Final = "env:"
_FIRST_ADMINISTRATOR: Final = ("ADMIN_EMAIL", "ADMIN_PASSWORD", "ADMIN_TOKEN")
"""Variables that count only while `directus bootstrap` runs."""


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus apps, in the order of paths and apps."""
    found: list[Deployment] = []
    for path in registry.PLATFORM_SH.paths(repository):
        manifest.belonging(repository, path)
        for name, app in _apps(manifest.value(repository, path)):
            found += _deployments(repository, path, name, app)
    return tuple(found)


def _apps(root: Value | None) -> Iterator[tuple[str, ObjectValue]]:
    """One app, a list of apps, or apps by their names (`applications:` in Upsun's files)."""
    if isinstance(root, List):
        yield from (("", item) for item in root.items if isinstance(item, ObjectValue))
    if not isinstance(root, ObjectValue):
        return
    named = root.object("applications")
    if named is None and (isinstance(root.get("type"), Text) or isinstance(root.get("stack"), ObjectValue | List)):
        yield "", root
        return
    for entry in (named or root).entries:
        if isinstance(entry.value, ObjectValue) and (entry.value.get("type") or entry.value.get("stack")) is not None:
            yield entry.key.text, entry.value


def _deployments(repository: Repository, path: str, key: str, app: ObjectValue) -> Iterator[Deployment]:
    name = app.text("name") or key
    folder = _folder(repository, path, app)
    given = (*_variables(app), *_script(repository, folder))
    web = app.object("web")
    runs = [("", app, _texts(web.get("commands") if web else None) + _texts(app.get("hooks")))]
    workers = app.object("workers")
    for entry in workers.entries if workers else ():
        if isinstance(entry.value, ObjectValue):
            own = _texts(entry.value.get("commands"))
            runs.append((entry.key.text, entry.value, own))
    main = False
    for worker, node, commands in runs:
        starts = application.runs_directus(repository, folder, *commands)
        if not (starts or (not worker and application.configures_directus(given))):
            continue
        if worker and main:
            continue  # the same program with the same variables
        main = True
        scripts = (app.get("hooks"), (node if worker else web or node).get("commands"))
        of_commands = tuple(_of_commands(repository, path, *scripts))
        variables = (*given, *(_variables(node) if worker else ()), *of_commands)
        config, consumed = application.own_environment(repository, folder, variables)
        script = f"{folder}/.environment".lstrip("/")
        label = "/".join(filter(None, (name, worker)))
        yield Deployment(
            name=f"{path}#{label}" if label else path,
            platform=Platform.PLATFORM_SH,
            location=node.locate("name") if node.get("name") else Location(path, max(node.location.line, 1)),
            variables=variables,
            config_file=config,
            gaps=(_GAP,),
            hints=tuple(filter(None, (name, worker))),
            consumed=consumed | {path} | ({script} if script in repository else set()),
        )


def _folder(repository: Repository, path: str, app: ObjectValue) -> str:
    """The app's folder: `source.root` from the root of the repository; else where `.platform.app.yaml` lies."""
    source = app.object("source")
    root = source.text("root") if source else None
    above = application.folder(path)
    if above.rpartition("/")[2].lower() in (".platform", ".upsun"):
        above = application.folder(above)
    resolved = repository.resolve("" if root else above, (root or ".").lstrip("/") or ".")
    return above if resolved is None else resolved


def _variables(app: ObjectValue) -> tuple[Variable, ...]:
    held = app.object("variables")
    if held is None:
        return ()
    return tuple(map(_filled_in, _plain_variables(held)))


def _filled_in(variable: Variable) -> Variable:
    """Platform.sh replaces nothing in a value: `${X}` in one is filled in before it gets there."""
    if isinstance(variable.value, Known) and _REFERENCE.search(variable.value.text.reveal()):
        return replace(variable, value=Unknown("something fills it in before it is deployed"))
    return variable


_REFERENCE: Final = lazy_pattern(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")


def _plain_variables(block: ObjectValue) -> tuple[Variable, ...]:
    plain = (
        values.variable(entry.key.text.removeprefix(_PREFIX), entry.value, "variables", _render)
        for entry in block.entries
        if entry.key.text.startswith(_PREFIX)
    )
    return (
        *values.variables(block.object("env"), "variables.env", _render),
        *(variable for variable in plain if variable is not None),
    )


def _render(text: Text) -> str | None:
    """What is no text is handed on as JSON."""
    if text.kind is TextKind.NULL:
        return None
    return json.dumps(text.text.lower() == "true") if text.kind is TextKind.BOOLEAN else text.text


def _texts(value: Value | None) -> list[str]:
    return [part.text for part in values.walk(value) if isinstance(part, Text)] if value is not None else []


def _of_commands(repository: Repository, path: str, hooks: Value | None, commands: Value | None) -> Iterator[Variable]:
    """What commands that run Directus are given: `A=b npx directus start`, and what a hook sets for the first administrator.

    What else a hook sets is gone when the server starts.
    """
    text = repository.text(path) or ""
    positions = Positions(path, text)
    for origin, held in (("hooks", hooks), ("commands", commands)):
        for node in values.walk(held) if held is not None else ():
            if not isinstance(node, Text) or "directus" not in node.text:
                continue
            script = traced.scalar(path, text, node.text, node.location, positions)
            for command in shell_commands.commands(script):
                if not application.starts_directus(" ".join(word.text for word in command.words)):
                    continue
                if origin == "commands":
                    yield from (value.variable(name, origin) for name, value in command.before)
                else:
                    for name in _FIRST_ADMINISTRATOR:
                        set_ = command.variable(name)
                        if set_ is not None and set_.exported and set_.value is not None:
                            yield set_.value.variable(name, origin)


def _script(repository: Repository, folder: str) -> Iterator[Variable]:
    """The assignments of `.environment`, a shell script: only what is plainly written at the margin is known."""
    path = f"{folder}/.environment".lstrip("/")
    text = repository.text(path) if path in repository else None
    lines = repository.lines(path) if text is not None else ()
    for item in dotenv.parse(text or "", Dialect.LENIENT):
        place = Location(path, item.line, item.column, item.end_line, item.end_column)
        line = lines[item.line - 1] if item.line <= len(lines) else ""
        value: Known | Unknown = Known(item.text)
        if line[:1] in (" ", "\t"):
            value = Unknown("it is set under a condition")
        elif item.quote is not Quote.SINGLE and _SHELL.search(item.text.reveal()):
            value = Unknown("a script works it out")
        yield Variable(item.name, value, place, ".environment")
