"""PM2: ecosystem files. `env` is what an app gets, `env_NAME` is laid over it by `pm2 start --env NAME`.

PM2 starts programs in a folder of the machine, so Directus also reads the `.env` that lies there
(docs/model/environment.md#loading).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Deployment, Platform
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.sources.deployments import application
from directus_guard.sources.files import registry, signs
from directus_guard.sources.formats import javascript_document, json_document, values, yaml_document
from directus_guard.sources.formats.values import ComputedValue, List, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.deployment import Variable
    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_GAP: Final = unseen("the environment of the shell that starts PM2 is not in the repository")


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus apps of all ecosystem files: one for `env`, one more for each `env_NAME`."""
    found: list[Deployment] = []
    for path in registry.PM2.paths(repository):
        root = _root(repository, path)
        computed = _computed(root)
        if computed and signs.concerns_directus(repository.text(path) or ""):
            repository.problem(path, "its apps are computed when it is loaded; they were not read", computed)
        for index, app in enumerate(_apps(root)):
            found += _deployments(repository, path, app, index)
    return tuple(found)


def _root(repository: Repository, path: str) -> Value | None:
    lower = path.lower()
    if lower.endswith(".json"):
        return json_document.document(repository, path, comments=True)  # PM2 evaluates it as JavaScript
    if lower.endswith((".yml", ".yaml")):
        documents = yaml_document.documents(repository, path)
        return values.from_yaml(documents[0]) if documents else None
    return javascript_document.document(repository, path)


def _apps(root: Value | None) -> tuple[ObjectValue, ...]:
    """`{apps: [...]}`, `{apps: {...}}`, a list of apps, or one app."""
    if isinstance(root, List):
        return tuple(item for item in root.items if isinstance(item, ObjectValue))
    if not isinstance(root, ObjectValue):
        return ()
    return (root,) if root.get("script") is not None else root.objects("apps")


def _computed(root: Value | None) -> int:
    """The line of an expression in place of apps, 0 if all of them are written down."""
    held = root.get("apps") if isinstance(root, ObjectValue) else root
    if isinstance(held, List) and not held.computed:
        held = next((item for item in held.items if isinstance(item, ComputedValue)), None)
    return held.location.line if isinstance(held, ComputedValue) or (isinstance(held, List) and held.computed) else 0


def _deployments(repository: Repository, path: str, app: ObjectValue, index: int) -> Iterator[Deployment]:
    base = _environment(app.get("env"), "env")
    named = [(entry.key.text[4:], entry) for entry in app.entries if entry.key.text.startswith("env_")]
    sections = {name: _environment(entry.value, entry.key.text) for name, entry in named}
    folder = repository.resolve(application.folder(path), (app.text("cwd") or ".").removeprefix("./") or ".")
    command = " ".join(text for key in ("interpreter", "script", "args") for text in _words(app.get(key)))
    everything = (*base[0], *(variable for section in sections.values() for variable in section[0]))
    if not (
        application.runs_directus(repository, folder or "", command) or application.configures_directus(everything)
    ):
        return
    name = app.text("name") or f"apps-{index + 1}"
    for section, (variables, gaps) in {"": ((), ()), **sections}.items():
        given = (*base[0], *variables)
        config, consumed = None, frozenset[str]()
        if folder is not None:
            config, consumed = application.own_environment(repository, folder, given)
        yield Deployment(
            name=f"{path}#{name}" + (f"/{section}" if section else ""),
            platform=Platform.PM2,
            location=app.locate("name"),
            variables=given,
            config_file=config,
            gaps=(_GAP, *base[1], *gaps),
            hints=tuple(filter(None, (name, section))),
            replicas=_instances(app),
            consumed=consumed | {path},
        )


def _environment(value: Value | None, origin: str) -> tuple[tuple[Variable, ...], tuple[Gap, ...]]:
    """The variables of an `env` section, and why there may be others."""
    if isinstance(value, ObjectValue):
        return values.variables(value, f"PM2 {origin}", _render), ((unseen(value.computed),) if value.computed else ())
    if isinstance(value, ComputedValue):
        return (), (unseen(value.reason),)
    return (), ()


def _render(text: Text) -> str | None:
    """Node makes texts of numbers and booleans; null and undefined are not handed on."""
    return None if text.kind is TextKind.NULL else text.text


def _words(value: Value | None) -> Iterator[str]:
    return (part.text for part in values.walk(value) if isinstance(part, Text)) if value is not None else iter(())


def _instances(app: ObjectValue) -> int | None:
    instances = values.count(app.text("instances"))
    return instances if instances and instances > 1 else None
