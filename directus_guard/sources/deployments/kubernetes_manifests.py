"""The Kubernetes files of a repository, and what ConfigMaps and Secrets give to a container.

Everything here is read once per repository and only where a cheap look at the text says that it can matter.
"""

from __future__ import annotations

import base64
import binascii
import re
import weakref
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.directus.environment.recognise import CORE
from directus_guard.directus.gaps import Gap, filled_in_later, unseen
from directus_guard.finding import Location
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.sources.deployments import helm_values
from directus_guard.sources.deployments.kubernetes_nodes import at, entries_of, items_of, text_at
from directus_guard.sources.deployments.kubernetes_objects import (
    MAKES_SECRETS,
    ConfigStore,
    Resource,
    resources,
    what_is_odd,
)
from directus_guard.sources.deployments.kubernetes_values import HeldValue, external, shown, value
from directus_guard.sources.files import registry, signs
from directus_guard.sources.formats import templates, yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.yaml_document import Node


_CORE: Final = lazy_pattern(rf"\b(?:{'|'.join(sorted(CORE))})\b")
_KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def is_marked(text: str) -> bool:
    """Whether a text can concern Directus: by its name, or by a core variable written as one."""
    return "directus" in text.lower() or _CORE.search(text) is not None or signs.has_escapes(text)


def _in_tasks(documents: tuple[Node, ...]) -> Iterator[Node]:
    """The objects that tasks of Ansible hold (`kubernetes.core.k8s`, `definition`)."""
    for document in documents if any(isinstance(document, Sequence) for document in documents) else ():
        for node in yaml_document.walk(document):
            for entry in node.entries if isinstance(node, Mapping) else ():
                if entry.key.text.rpartition(".")[2] != "k8s" or not isinstance(entry.value, Mapping):
                    continue
                for key in ("definition", "resource_definition"):
                    held = entry.value.get(key)
                    yield from (item for item in (items_of(held) or (held,)) if isinstance(item, Mapping))


class Manifests:
    """The Kubernetes files of one repository. Use `of`, so that each file is read once for all sources."""

    def __init__(self, repository: Repository) -> None:
        # The repository keeps no reference to these objects, so the cache of these objects may be weak on it.
        self._repository = weakref.ref(repository)
        self._documents: dict[str, tuple[Node, ...]] = {}
        self._resources: dict[str, tuple[Resource, ...]] = {}
        self._lines: dict[str, list[str]] = {}
        self.skipped: Final[set[str]] = set()
        """Templates of a chart of which not even the plain part can be read."""

    @property
    def repository(self) -> Repository:
        repository = self._repository()
        if repository is None:
            raise RuntimeError("the repository is gone")
        return repository

    @cached_property
    def charts(self) -> frozenset[str]:
        """The folders that hold a Helm chart."""
        return frozenset(path.rpartition("/")[0] for path in registry.CHARTS.named(self.repository))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Files that look like Kubernetes objects; Helm's templates are none."""
        return registry.KUBERNETES.paths(self.repository)

    @cached_property
    def marked(self) -> tuple[str, ...]:
        """Those of `paths` whose text can concern Directus."""
        return tuple(path for path in self.paths if is_marked(self.repository.text(path) or ""))

    @cached_property
    def kustomizations(self) -> tuple[str, ...]:
        """Kustomize's own files, one per folder."""
        found: dict[str, str] = {}
        for path in self.repository.files:
            folder, _, name = path.rpartition("/")
            if name in _KUSTOMIZATIONS and (
                folder not in found
                or _KUSTOMIZATIONS.index(name) < _KUSTOMIZATIONS.index(found[folder].rpartition("/")[2])
            ):
                found[folder] = path
        return tuple(found.values())

    def lines(self, path: str) -> list[str]:
        """The file's lines, without their ends."""
        if path not in self._lines:
            self._lines[path] = (self.repository.text(path) or "").removeprefix("\ufeff").split("\n")
        return self._lines[path]

    def is_template(self, path: str) -> bool:
        """Whether the file is a template of a chart: below its `templates` folder and with `{{` in it."""
        folders = path.split("/")[:-1]
        below = any(
            part == "templates" and "/".join(folders[:index]) in self.charts for index, part in enumerate(folders)
        )
        return below and "{{" in (self.repository.text(path) or "")

    def unrendered(self, path: str) -> tuple[Gap, ...]:
        """Why a file may set more than was read of it: it is a template of a chart. () if it is none."""
        return (unseen("the chart's templates are not rendered"),) if self.is_template(path) else ()

    def documents(self, path: str) -> tuple[Node, ...]:
        """The documents of a file, of a template those of its plain part; () for what is no YAML (then a problem is noted)."""
        if path not in self._documents:
            self._documents[path] = self._parse(path)
        return self._documents[path]

    def _parse(self, path: str) -> tuple[Node, ...]:
        text = self.repository.text(path) if path in self.repository else None
        if text is None:
            return ()
        template = self.is_template(path)
        try:
            found, left_out = yaml_document.read(path, text)
        except yaml_document.YamlError as error:
            if template:
                self.skipped.add(path)
                return ()
            incomplete = signs.is_broken_part(text)
            self.repository.problem(path, f"not valid YAML: {error}", error.line, incomplete=incomplete, broken=True)
            return ()
        if is_marked(text) and not template:
            self.repository.templated(path, left_out)
        return (*found, *_in_tasks(found)) if "k8s" in text else found

    def resources(self, path: str) -> tuple[Resource, ...]:
        """Every object of a file, those inside of lists too."""
        if path not in self._resources:
            documents = self.documents(path)
            if not self.is_template(path):
                self._note_odd(path, documents)
            self._resources[path] = tuple(map(self._named, resources(path, documents)))
        return self._resources[path]

    def _named(self, resource: Resource) -> Resource:
        """The object of a template also under the expression of its name: a reference by the same one means it."""
        written = at(resource.node, "metadata", "name")
        name = helm_values.raw(self, written) if isinstance(written, Scalar) else ""
        return replace(resource, names=(name, *resource.names)) if "{{" in name else resource

    def inner(self, scalar: Scalar) -> tuple[int, int] | None:
        """The first line of a text and the columns it is set in, where every line of it is kept as it is (`|`)."""
        location = scalar.location
        if scalar.plain or location.path not in self.repository:
            return None
        return yaml_document.block_text(self.lines(location.path), location)

    def region(self, scalar: Scalar) -> Location:
        """The text's place on one line: of a text over several lines its first."""
        location = scalar.location
        if location.end_line == location.line or location.path not in self.repository:
            return location
        lines = self.lines(location.path)
        number, column = location.line, location.column
        header = lines[number - 1][column - 1 :] if number <= len(lines) else ""
        if header[:1] in ("|", ">") and not scalar.plain:
            number += 1
            while number < min(len(lines), location.end_line) and not lines[number - 1].strip():
                number += 1
            line = lines[number - 1] if number <= len(lines) else ""
            column = len(line) - len(line.lstrip(" ")) + 1
        end = len(lines[number - 1].rstrip("\r")) + 1 if number <= len(lines) else column
        return Location(location.path, number, column, number, max(end, column))

    def held(self, scalar: Scalar) -> HeldValue:
        """What a scalar of a manifest gives."""
        filled = helm_values.value(self, scalar) if templates.FILLED in scalar.text else None
        return filled or HeldValue(value(scalar.text), self.region(scalar), self.inner(scalar))

    def store(self, resource: Resource) -> ConfigStore | None:
        """The ConfigMap or Secret that an object is, or becomes in the cluster; None if it is none."""
        if resource.kind in ("ConfigMap", "Secret"):
            return self._plain_store(resource)
        if resource.kind in MAKES_SECRETS:
            return self._foreign_store(resource)
        return None

    def _plain_store(self, resource: Resource) -> ConfigStore:
        entries: dict[str, HeldValue] = {}
        gaps: list[Gap] = []
        encrypted = resource.node.get("sops") is not None
        for section in ("binaryData", "data", "stringData"):
            if section == "stringData" and resource.kind != "Secret":
                continue
            written = resource.node.get(section)
            node = written if isinstance(written, Mapping) else None
            if node is None and not yaml_document.is_null(written):
                gaps.append(self._odd(resource, f"`{section}` is not a mapping", written))
            for entry in node.entries if node else ():
                if not isinstance(entry.value, Scalar):
                    gaps.append(self._odd(resource, f"`{section}` holds something that is not a text", entry.value))
                    continue
                if section == "binaryData" and resource.kind == "Secret":
                    continue
                encoded = section == "binaryData" or (section == "data" and resource.kind == "Secret")
                entries[entry.key.text] = self._decoded(entry.value) if encoded else self._literal(entry.value)
        if encrypted and not entries:
            gaps.append(unseen(f"Secret `{shown(resource.name)}` is encrypted with SOPS"))
        return ConfigStore(resource.kind, resource.name, entries, (*resource.gaps, *gaps), resource.consumed)

    def _note_odd(self, path: str, documents: tuple[Node, ...]) -> None:
        """Note documents that are no objects beside others that are, where the file can concern Directus."""
        if not any(isinstance(node, Mapping) and node.text("kind") for node in documents):
            return
        for node in documents:
            if yaml_document.is_null(node):
                continue
            what = what_is_odd(node)
            if what:
                whole = is_marked(self.repository.text(path) or "")
                self.repository.problem(
                    path, f"a document {what}: what it is is not known", node.location.line, incomplete=whole
                )

    def _odd(self, resource: Resource, message: str, node: Node | None) -> Gap:
        """Note a value of another type than Kubernetes takes: the run is incomplete without it."""
        place = (node or resource.node).location
        if isinstance(node, Scalar) and external(node.text):
            return filled_in_later(f"{resource.kind} `{shown(resource.name)}`")
        text = f"{resource.kind} `{shown(resource.name)}`: {message}: what it gives is not known"
        self.repository.problem(place.path, text, place.line, incomplete=True)
        return unseen(text)

    def _literal(self, scalar: Scalar) -> HeldValue:
        if yaml_document.is_null(scalar):
            return HeldValue(Known(Secret("")), scalar.location)
        return self.held(scalar)

    def _decoded(self, scalar: Scalar) -> HeldValue:
        if yaml_document.is_null(scalar):
            return HeldValue(Known(Secret("")), scalar.location)
        outside = external(scalar.text)
        filled = helm_values.value(self, scalar, encoded=True) if templates.FILLED in scalar.text else None
        if filled is not None:
            return filled
        if outside is not None:
            return HeldValue(Unknown(outside), self.region(scalar))
        try:
            # Go's decoder, which the API server uses, passes over line ends and nothing else.
            data = base64.b64decode(re.sub(r"[\r\n]", "", scalar.text), validate=True)
        except (binascii.Error, ValueError):
            return HeldValue(Unknown("it is not valid base64"), self.region(scalar))
        return HeldValue(Known(Secret(data.decode("utf-8", "replace"))), self.region(scalar))

    def _foreign_store(self, resource: Resource) -> ConfigStore:
        """A Secret that an operator makes: its keys may be known, its values never are."""
        made = unseen(f"Secret `{shown(resource.name)}` is made by a {resource.kind}")
        spec = resource.node.mapping("spec")
        entries: dict[str, HeldValue] = {}
        if spec is None:
            return ConfigStore("Secret", resource.name, entries, (made,))
        if resource.kind == "SealedSecret":
            for entry in entries_of(spec.get("encryptedData")):
                if isinstance(entry.value, Scalar):
                    entries[entry.key.text] = HeldValue(Unknown.of(made), self.region(entry.value))
            for entry in entries_of(at(spec, "template", "data")):
                if isinstance(entry.value, Scalar):
                    entries[entry.key.text] = self._literal(entry.value)
            return ConfigStore("Secret", resource.name, entries, () if entries else (made,))
        written = at(spec, "target", "template", "data")
        if isinstance(written, Mapping) and text_at(spec, "target", "template", "mergePolicy") != "Merge":
            return self._made_by_template(resource, spec, written, made)
        for item in items_of(spec.get("data")):
            key = item.scalar("secretKey") if isinstance(item, Mapping) else None
            if key is not None:
                entries[key.text] = HeldValue(Unknown.of(made), key.location)
        for entry in entries_of(written):
            if isinstance(entry.value, Scalar):
                entries[entry.key.text] = self._literal(entry.value)
        target = spec.mapping("target")
        more = bool(items_of(spec.get("dataFrom"))) or (target is not None and target.get("template") is not None)
        return ConfigStore("Secret", resource.name, entries, (made,) if more or not entries else ())

    def _made_by_template(self, resource: Resource, spec: Mapping, written: Mapping, made: Gap) -> ConfigStore:
        """What the template of an ExternalSecret gives: its plain texts are known, and there are no other keys."""
        entries = {
            entry.key.text: self._literal(entry.value) for entry in written.entries if isinstance(entry.value, Scalar)
        }
        more = at(spec, "target", "template", "templateFrom") is not None
        return ConfigStore("Secret", resource.name, entries, (made,) if more else ())


_MANIFESTS: Final[weakref.WeakKeyDictionary[Repository, Manifests]] = weakref.WeakKeyDictionary()


def of(repository: Repository) -> Manifests:
    """The Kubernetes files of the repository."""
    found = _MANIFESTS.get(repository)
    if found is None:
        found = _MANIFESTS[repository] = Manifests(repository)
    return found
