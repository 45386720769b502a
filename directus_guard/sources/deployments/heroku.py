"""Heroku (and Dokku, Scalingo, …): app.json, heroku.yml and Procfile. Config vars set by hand are not in the repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Deployment, Platform, Unknown, Variable
from directus_guard.directus.gaps import unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources import command_line
from directus_guard.sources.deployments import application, dockerfile, node_server
from directus_guard.sources.files import registry
from directus_guard.sources.formats import json_document, values, yaml_document
from directus_guard.sources.formats.values import ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.files.repository import Repository

_FIRST: Final = ("app.json", "heroku.yml", "procfile")
"""The file that a deployment is named after, where there are several: the first of these."""
_GAP: Final = unseen("config vars set at the host are not in the repository")
_PROCESS: Final = lazy_pattern(r"^([A-Za-z0-9_-]{1,60}):[ \t]*([^\r\n]*)", re.MULTILINE)


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus apps, one for each folder, and one more for each environment that app.json describes."""
    folders: dict[str, dict[str, str]] = {}
    for path in registry.HEROKU.paths(repository):
        folders.setdefault(application.folder(path), {})[path.rsplit("/", 1)[-1].lower().replace(".yaml", ".yml")] = (
            path
        )
    return tuple(
        found for folder in sorted(folders) for found in _App(repository, folder, folders[folder]).deployments()
    )


class _App:
    """The files of one folder."""

    def __init__(self, repository: Repository, folder: str, paths: dict[str, str]) -> None:
        self._repository, self._folder, self._paths = repository, folder, paths
        self._json = self._app_json()
        self._yaml = self._heroku_yml()
        self._procfile = repository.text(paths["procfile"]) if "procfile" in paths else None

    def deployments(self) -> Iterator[Deployment]:
        built = self._dockerfile()
        variables = (*_variables(self._json, "app.json env"), *self._setup())
        commands = tuple(self._commands())
        variables += self._commanded(commands)
        if not (
            application.runs_directus(self._repository, self._folder, *commands)
            or dockerfile.builds_directus(self._repository, built)
            or application.configures_directus(variables)
        ):
            return
        path = next(self._paths[name] for name in _FIRST if name in self._paths)
        environments = self._json.object("environments") if self._json else None
        yield self._deployment(path, path, variables, built, ())
        for entry in environments.entries if environments else ():
            name = entry.key.text
            own = _variables(
                entry.value if isinstance(entry.value, ObjectValue) else None,
                f"app.json environments.{application.plain(name)}",
            )
            if own:
                yield self._deployment(f"{path}#{name}", path, (*variables, *own), built, (name,))

    def _deployment(
        self, name: str, path: str, variables: tuple[Variable, ...], built: str | None, hints: tuple[str, ...]
    ) -> Deployment:
        config, consumed = None, frozenset[str]()
        if built is None:
            config, consumed = application.own_environment(self._repository, self._folder, variables)
        return Deployment(
            name=name,
            platform=Platform.HEROKU,
            location=Location(path),
            variables=variables,
            config_file=config,
            gaps=(_GAP,),
            hints=hints,
            build_context=self._folder if built else None,
            dockerfile=built,
            build_args=self._build_args(),
            replicas=self._replicas(),
            consumed=consumed | set(self._paths.values()),
        )

    def _app_json(self) -> ObjectValue | None:
        """`app.json` is also a name of Expo's; only one with `env`, `formation` or the like is Heroku's."""
        path = self._paths.get("app.json")
        text = self._repository.text(path) if path else None
        if (
            path is None
            or text is None
            or '"expo"' in text
            or not any(f'"{key}"' in text for key in ("env", "environments", "formation", "scripts"))
        ):
            return None
        root = json_document.document(self._repository, path)
        return root if isinstance(root, ObjectValue) else None

    def _heroku_yml(self) -> ObjectValue | None:
        path = self._paths.get("heroku.yml")
        documents = yaml_document.documents(self._repository, path) if path else ()
        root = values.from_yaml(documents[0]) if documents else None
        return root if isinstance(root, ObjectValue) else None

    def _setup(self) -> tuple[Variable, ...]:
        """`setup.config` of heroku.yml: config vars that are set when the app is created."""
        setup = self._yaml.object("setup") if self._yaml else None
        return values.variables(setup.object("config") if setup else None, "heroku.yml setup.config")

    def _dockerfile(self) -> str | None:
        build = self._yaml.object("build") if self._yaml else None
        docker = build.object("docker") if build else None
        named = (docker.text("web") if docker else None) or None
        path = self._repository.resolve(self._folder, named) if named else None
        return path if path is not None and path in self._repository else None

    def _build_args(self) -> tuple[Variable, ...]:
        """`build.config` of heroku.yml."""
        build = self._yaml.object("build") if self._yaml else None
        return values.variables(build.object("config") if build else None, "heroku.yml build.config")

    def _commands(self) -> Iterator[str]:
        for match in _PROCESS.finditer(self._procfile or ""):
            yield match[2]
        run = self._yaml.object("run") if self._yaml else None
        for value in values.walk(run) if run else ():
            if isinstance(value, Text):
                yield value.text

    def _commanded(self, commands: tuple[str, ...]) -> tuple[Variable, ...]:
        """What the commands that start Directus set before it, themselves or in a script of package.json."""
        made: tuple[Variable, ...] = ()
        for command in filter(application.starts_directus, commands):
            for name in ("procfile", "heroku.yml"):
                path = self._paths.get(name)
                if path is not None and command in (self._repository.text(path) or ""):
                    made += command_line.environment((command,), Location(path), self._repository)[0]
        package = f"{self._folder}/package.json".lstrip("/")
        direct = any(map(application.starts_directus, commands))
        if direct or not application.runs_directus(self._repository, self._folder, *commands):
            return made
        return (*made, *node_server.by_script(self._repository, package)[0])

    def _replicas(self) -> int | None:
        formation = self._json.object("formation") if self._json else None
        web = formation.object("web") if formation else None
        return values.count(web.text("quantity") if web else None)


def _variables(root: ObjectValue | None, origin: str) -> tuple[Variable, ...]:
    """`env`: a text, or an object with `value`, `generator` or nothing, which asks whoever installs the app."""
    environment = root.object("env") if root else None
    return tuple(_variable(entry.key, entry.value, origin) for entry in environment.entries) if environment else ()


def _variable(key: Text, value: values.Value, origin: str) -> Variable:
    if isinstance(value, ObjectValue):
        written = value.scalar("value")
        if written is not None and value.get("generator") is None:
            value = written
        else:
            reason = (
                "the host generates it"
                if value.get("generator") is not None
                else "it is asked for when the app is installed"
            )
            return Variable(key.text, Unknown(reason), key.location, origin)
    made = None if isinstance(value, Text) and value.kind is TextKind.NULL else values.variable(key.text, value, origin)
    return made or Variable(key.text, Unknown("it is asked for when the app is installed"), key.location, origin)
