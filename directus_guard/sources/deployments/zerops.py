"""Zerops: `zerops.yaml` says how services are built and run, an import file creates them with their secret variables.

After its reference: `run.envVariables` beat secret variables of the same name, `${key}` is another variable of the same
service, `${hostname_key}` one of another service, and `<@…>` in an import file is generated.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import Deployment, Known, Platform, Unknown, Variable
from directus_guard.directus.gaps import unseen
from directus_guard.sources.deployments import application, manifest
from directus_guard.sources.files import registry
from directus_guard.sources.formats import dotenv, references, values
from directus_guard.sources.formats.dotenv import Dialect
from directus_guard.sources.formats.values import ObjectValue, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.sources.files.repository import Repository

_GAP: Final = unseen("secret variables set in Zerops are not in the repository")
_WHO: Final = "Zerops"
_MAX_EXTENDS: Final = 10


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus services, in the order of paths: what an import file says of a service is added to its setup."""
    setups: list[_Setup] = []
    imports: list[_Import] = []
    for path in registry.ZEROPS.paths(repository):
        manifest.belonging(repository, path)
        root = manifest.root(repository, path)
        if root is not None:
            setups += _setups(path, root)
            if any(service.get("hostname") for service in root.objects("services")):
                imports.append(_Import(repository, path, root))
                setups += [setup for service in root.objects("services") for setup in _inline(path, service)]
    found: list[Deployment] = []
    used: set[_Created] = set()
    created = [_Created(held, service) for held in imports for service in held.services]
    for setup in setups:
        of_setup: list[_Created | None] = [item for item in created if item.setup == setup.name]
        for item in of_setup or [None]:
            made = _deployment(repository, setup, item, several=len(of_setup) > 1)
            if made is not None:
                found.append(made)
                used |= {item} if item is not None else set()
    alone = [_without_setup(item) for item in created if item not in used]
    found += [made for made in alone if made is not None]
    return tuple(sorted(found, key=lambda item: item.name))


class _Setup(Struct, frozen=True):
    """One entry of `zerops:`. `base` are the entries that it extends, the nearest last."""

    path: str
    name: str
    node: ObjectValue
    base: tuple[ObjectValue, ...]

    @property
    def runs(self) -> tuple[ObjectValue, ...]:
        """The `run` sections, a later one over an earlier one."""
        return tuple(run for node in (*self.base, self.node) if (run := node.object("run")) is not None)


class _Import:
    def __init__(self, repository: Repository, path: str, root: ObjectValue) -> None:
        self.path: Final = path
        self.services: Final = tuple(service for service in root.objects("services") if service.get("hostname"))
        project = root.object("project")
        self.shared: Final = _generated(values.variables(project.object("envVariables") if project else None, "project envVariables"))  # fmt: skip
        self._own: Final = {
            service.text("hostname") or "": tuple(_own(repository, service)) for service in self.services
        }

    def of(self, service: ObjectValue) -> tuple[Variable, ...]:
        """The variables that a service is created with."""
        return self._own[service.text("hostname") or ""]

    @cached_property
    def others(self) -> Mapping[str, Variable]:
        """Every service's variables as other services name them: `hostname_key`."""
        return {
            f"{hostname}_{variable.name}": variable
            for hostname, variables in self._own.items()
            for variable in variables
        }


class _Created(Struct, frozen=True):
    """One service of an import file."""

    file: _Import
    service: ObjectValue

    @property
    def hostname(self) -> str:
        return self.service.text("hostname") or ""

    @property
    def setup(self) -> str:
        """The entry of `zerops:` that it is built by."""
        return self.service.text("zeropsSetup") or self.hostname

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What it is created with."""
        return (*self.file.shared, *self.file.of(self.service))

    @property
    def replicas(self) -> int | None:
        return values.count(self.service.text("minContainers"))


def _setups(path: str, root: ObjectValue) -> Iterator[_Setup]:
    by_name: dict[str, ObjectValue] = {}
    for index, entry in enumerate(root.objects("zerops")):
        by_name.setdefault(entry.text("setup") or f"zerops-{index + 1}", entry)
    extended = {name for entry in by_name.values() for name in _extends(entry)}
    for name, entry in by_name.items():
        setup = _Setup(path, name, entry, tuple(_bases(entry, by_name)))
        # What others extend and nothing starts is no service, only what services have in common.
        if name not in extended or any(run.get(key) for run in setup.runs for key in ("start", "startCommands")):
            yield setup


def _extends(entry: ObjectValue) -> tuple[str, ...]:
    single = entry.text("extends")
    return (single,) if single else tuple(item.text for item in entry.items("extends") if isinstance(item, Text))


def _bases(entry: ObjectValue, by_name: Mapping[str, ObjectValue]) -> list[ObjectValue]:
    """What an entry extends, the farthest first."""
    found: list[ObjectValue] = []
    waiting = list(_extends(entry))
    while waiting and len(found) < _MAX_EXTENDS:
        base = by_name.get(waiting.pop())
        if base is None or base is entry or any(base is other for other in found):
            continue
        found.append(base)
        waiting += _extends(base)
    return found[::-1]


def _inline(path: str, service: ObjectValue) -> Iterator[_Setup]:
    """`zeropsYaml` of an import file."""
    held = service.object("zeropsYaml")
    if held is not None:
        yield from _setups(path, held)


def _deployment(repository: Repository, setup: _Setup, created: _Created | None, *, several: bool) -> Deployment | None:
    own = [
        variable for run in setup.runs for variable in values.variables(run.object("envVariables"), "run.envVariables")
    ]
    folder = application.folder(setup.path)
    commands = [
        part.text
        for run in setup.runs
        for key in ("start", "startCommands", "initCommands")
        if (value := run.get(key)) is not None
        for part in values.walk(value)
        if isinstance(part, Text)
    ]
    given = created.variables if created is not None else ()
    variables = _filled((*given, *own), created)
    if not (application.configures_directus(variables) or application.runs_directus(repository, folder, *commands)):
        return None
    config, consumed = application.own_environment(repository, folder, variables)
    hostname = created.hostname if created is not None else ""
    return Deployment(
        name=f"{setup.path}#{setup.name}" + (f"/{hostname}" if several else ""),
        platform=Platform.ZEROPS,
        location=setup.node.locate("setup"),
        variables=variables,
        config_file=config,
        gaps=(_GAP,),
        hints=tuple(dict.fromkeys(filter(None, (setup.name, hostname)))),
        replicas=created.replicas if created is not None else None,
        consumed=consumed | {setup.path} | ({created.file.path} if created is not None else set()),
    )


def _without_setup(created: _Created) -> Deployment | None:
    """A service whose code is in another repository: only what it is created with is here."""
    variables = _filled(created.variables, created)
    if not application.configures_directus(variables):
        return None
    return Deployment(
        name=f"{created.file.path}#{created.hostname}",
        platform=Platform.ZEROPS,
        location=created.service.locate("hostname"),
        variables=variables,
        gaps=(_GAP, unseen("the service's zerops.yaml is not in the repository")),
        hints=(created.hostname,),
        replicas=created.replicas,
        consumed=frozenset({created.file.path}),
    )


def _own(repository: Repository, service: ObjectValue) -> Iterator[Variable]:
    for key in ("envVariables", "envSecrets"):
        yield from _generated(values.variables(service.object(key), key))
    written = service.scalar("dotEnvSecrets")
    if written is not None:
        made = (
            Variable(
                item.name,
                Known(item.text),
                manifest.inside(repository, written, item.line, item.column, item.end_line, item.end_column),
                "dotEnvSecrets",
            )
            for item in dotenv.parse(written.text, Dialect.LENIENT)
        )
        yield from _generated(tuple(made))


def _generated(variables: tuple[Variable, ...]) -> tuple[Variable, ...]:
    return tuple(
        Variable(item.name, Unknown("Zerops generates it"), item.location, item.origin)
        if isinstance(item.value, Known) and "<@" in item.value.text.reveal()
        else item
        for item in variables
    )


def _filled(variables: tuple[Variable, ...], created: _Created | None) -> tuple[Variable, ...]:
    own = {variable.name: variable for variable in variables}
    others = created.file.others if created is not None else {}
    return references.resolved(variables, lambda name: own.get(name) or others.get(name), _WHO)
