"""What Terraform keeps of the things it made (`terraform.tfstate`), and plans and states as `terraform show -json` prints them.

A state holds every value in clear text, what came from a variable or a generator included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.disclosure import is_secret_name
from directus_guard.directus.environment.deployment import Deployment, Platform
from directus_guard.directus.gaps import unseen
from directus_guard.sources.deployments import application, containers, helm, host_commands, manifest, terraform_helm
from directus_guard.sources.deployments.terraform_stores import Stores
from directus_guard.sources.files import registry, signs
from directus_guard.sources.files.inner_file import InnerFile, stretches
from directus_guard.sources.formats import json_document, traced, values
from directus_guard.sources.formats.dockerfile_syntax import Positions
from directus_guard.sources.formats.hcl_document import HclBlock
from directus_guard.sources.formats.values import List, ObjectEntry, ObjectValue, Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.values import Value

_MAX_DEPTH: Final = 60
_MAX_MODULES: Final = 1_000


def read(repository: Repository) -> tuple[Deployment, ...]:
    """The Directus containers that states and plans hold, in the order of paths."""
    return tuple(found for path in registry.TERRAFORM_STATES.paths(repository) for found in _file(repository, path))


def _file(repository: Repository, path: str) -> Iterator[Deployment]:
    manifest.belonging(repository, path)
    root = json_document.document(repository, path)
    if not isinstance(root, ObjectValue):
        return
    reader = _Reader(repository, path)
    blocks = [
        HclBlock("resource", (kind, name), body)
        for kind, name, held in _resources(root)
        if isinstance(body := reader.value(held, 0), ObjectValue)
    ]
    stores = Stores(blocks, lambda value: value)
    found = tuple(_deployments(repository, path, blocks, stores))
    yield from found or _stored(path, blocks)


def _deployments(repository: Repository, path: str, blocks: Sequence[HclBlock], stores: Stores) -> Iterator[Deployment]:
    for block in blocks:
        label = "/".join(block.labels)
        if block.labels[0] == "helm_release":
            release = terraform_helm.release(block.body, stores.resolve)
            yield from helm.of_release(repository, path, release, label)
        else:
            yield from containers.deployments(block.body, Platform.TERRAFORM, path, label, stores.resolve)


def _stored(path: str, blocks: Sequence[HclBlock]) -> Iterator[Deployment]:
    """The secrets of Directus in stores that say so by their names, for a server that is made elsewhere."""
    for block in blocks:
        kind, label = block.labels
        metadata = block.body.object("metadata")
        named = (metadata or block.body).text("name") or ""
        data = block.body.object("data")
        if kind.startswith("kubernetes_secret") and data is not None:
            given = [(entry.key.text, entry.value) for entry in data.entries]
        elif kind == "aws_ssm_parameter" and (held := block.body.get("value")) is not None:
            given = [(named, held)]
        else:
            continue
        about = "directus" in f"{label} {named}".lower()
        variables = [
            made
            for name, value in given
            if about and is_secret_name(own := host_commands.own_name(name)) and signs.is_directus_variable(own)
            and (made := values.variable(own, value, f"`{kind}`")) is not None
        ]  # fmt: skip
        if variables:
            yield Deployment(
                name=f"{path}#{application.plain(f'{kind}/{label}')}",
                platform=Platform.TERRAFORM,
                location=block.body.location,
                variables=tuple(variables),
                gaps=(unseen("what else the server is given is not in the state"),),
                hints=(application.plain(named or label),),
                consumed=frozenset({path}),
                partial=True,
            )


def _resources(root: ObjectValue) -> Iterator[tuple[str, str, ObjectValue]]:
    """Kind, name and attributes of each thing; of a plan those that it leads to."""
    for resource in root.objects("resources"):
        for instance in resource.objects("instances"):
            held = instance.object("attributes")
            if held is not None:
                yield resource.text("type") or "", resource.text("name") or "", held
    for key in ("planned_values", "values"):
        values = root.object(key)
        modules = [values.object("root_module")] if values is not None else []
        count = 0
        while modules and count < _MAX_MODULES:
            count += 1
            module = modules.pop()
            for resource in module.objects("resources") if module is not None else ():
                held = resource.object("values")
                if held is not None:
                    yield resource.text("type") or "", resource.text("name") or "", held
            modules.extend(module.objects("child_modules") if module is not None else ())


class _Reader:
    """Makes of the attributes of a state what the blocks of a module look like."""

    def __init__(self, repository: Repository, path: str) -> None:
        self._repository, self._path = repository, path
        self._text = repository.text(path) or ""
        self._positions = Positions(path, self._text)

    def value(self, source: Value, depth: int) -> Value:
        """The same with a block for a list of one, and with the text of JSON read."""
        if depth > _MAX_DEPTH:
            return source
        if isinstance(source, Text):
            return self._opened(source) if source.kind is TextKind.STRING and _is_json(source.text) else source
        if isinstance(source, List):
            items = tuple(self.value(item, depth + 1) for item in source.items)
            alone = items[0] if len(items) == 1 else None
            return alone if isinstance(alone, ObjectValue) else List(items, source.location)
        if isinstance(source, ObjectValue):
            return ObjectValue(tuple(self._entries(source, depth)), source.location)
        return source

    def _entries(self, block: ObjectValue, depth: int) -> Iterator[ObjectEntry]:
        """The members; of a variable that is taken from elsewhere the empty text beside that is none."""
        elsewhere = any(_is_filled(block.get(name)) for name in ("value_from", "value_source", "secret_name"))
        for entry in block.entries:
            empty = isinstance(entry.value, Text) and entry.value.text in ("", "null")
            unset = isinstance(entry.value, List) and not entry.value.items
            if not unset and not (entry.key.text == "value" and elsewhere and empty):
                yield ObjectEntry(entry.key, self.value(entry.value, depth + 1))

    def _opened(self, written: Text) -> Value:
        """The value of a text that is JSON; its places are found through a file of its own."""
        place = written.location
        inner = f"{self._path}/{place.line}-{place.column}"
        runs = stretches(traced.scalar(self._path, self._text, written.text, place, self._positions), self._text)
        self._repository.hold((InnerFile(inner, self._path, runs),))
        try:
            return json_document.parse(inner, written.text)
        except json_document.JsonError:
            return written


def _is_json(text: str) -> bool:
    """Whether a text may be definitions of containers."""
    return text[:1] in ("[", "{") and '"image"' in text


def _is_filled(value: Value | None) -> bool:
    if isinstance(value, Text):
        return value.text not in ("", "null")
    return value is not None and not (isinstance(value, List) and not value.items)
