"""Kustomize, where it is plain: resources, generators, strategic merge and JSON patches, images, names, replicas.

Nothing is run. What a kustomization does beyond that (replacements, transformers, charts) leaves the environment open.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard import limits
from directus_guard.directus.environment.deployment import Known
from directus_guard.directus.gaps import Gap, not_readable, unseen
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources.deployments import kubernetes_values
from directus_guard.sources.deployments.kubernetes_nodes import mappings
from directus_guard.sources.deployments.kubernetes_objects import ConfigStore, Resource
from directus_guard.sources.deployments.kubernetes_values import HeldValue, shown
from directus_guard.sources.deployments.kustomize_patches import (
    MAX_DEPTH,
    apply_patch,
    with_images,
    with_value,
)
from directus_guard.sources.formats import dotenv, yaml_document
from directus_guard.sources.formats.dotenv import Dialect
from directus_guard.sources.formats.yaml_document import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.sources.deployments.kubernetes_manifests import Manifests
    from directus_guard.sources.formats.yaml_document import Node


_MAX_COMPONENTS: Final = 1000
_NOT_FOLLOWED: Final = (
    "replacements", "vars", "transformers", "generators", "helmCharts", "helmChartInflationGenerator", "validators",
)  # fmt: skip


class Overlay(Struct, frozen=True):
    """What one outermost kustomization applies."""

    path: str
    resources: tuple[Resource, ...]
    stores: tuple[ConfigStore, ...]
    files: frozenset[str]


class _Built(Struct, frozen=True):
    resources: tuple[Resource, ...] = ()
    stores: tuple[ConfigStore, ...] = ()
    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()

    def with_(self, other: _Built) -> _Built:
        """Both together."""
        return _Built(
            (*self.resources, *other.resources),
            (*self.stores, *other.stores),
            self.files | other.files,
            self.folders | other.folders,
        )


def overlays(manifests: Manifests) -> tuple[Overlay, ...]:
    """Every kustomization that no other one builds upon, in the order of paths."""
    builder = _Builder(manifests)
    built = {path: builder.build(path, ()) for path in manifests.kustomizations}
    below = frozenset[str]().union(*(item.folders for item in built.values()))
    return tuple(
        Overlay(path, item.resources, item.stores, item.files)
        for path, item in built.items()
        if path.rpartition("/")[0] not in below
    )


class _Builder:
    def __init__(self, manifests: Manifests) -> None:
        self._manifests = manifests
        self._repository = manifests.repository
        self._folders = {path.rpartition("/")[0]: path for path in manifests.kustomizations}
        self._built: dict[str, _Built] = {}
        self._components = 0
        """How many were applied: each that is named in several places counts there again."""

    def build(self, path: str, trail: tuple[str, ...]) -> _Built:
        if path in trail or len(trail) > MAX_DEPTH:
            self._repository.problem(path, "builds upon itself", 1)
            return _Built()
        if path not in self._built:
            made = partial(self._build, path, (*trail, path), _Built())
            self._built[path] = made() if trail else self._repository.within(path, made, _Built())
        return self._built[path]

    def _build(self, path: str, trail: tuple[str, ...], onto: _Built) -> _Built:
        """What a kustomization makes; a component changes what the one that names it has so far (`onto`)."""
        root = next((node for node in self._manifests.documents(path) if isinstance(node, Mapping)), None)
        if root is None:
            return onto
        folder = path.rpartition("/")[0]
        found, missing = self._resources(root, folder, trail)
        found = self._with_components(root, folder, trail, onto.with_(found), missing)
        stores = list(found.stores)
        for behavior, store in self._generated(root, folder):
            if behavior in ("merge", "replace"):
                found = self._without(store, found, stores)
            _add(stores, store, behavior)
        gaps = [*missing, *(unseen(f"`{key}` of `{path}` is not followed") for key in _NOT_FOLLOWED if root.get(key))]
        resources, patched, unread = self._patched(root, folder, found.resources)
        resources = tuple(
            replace(self._renamed(root, self._with_images(root, self._scaled(root, resource))),
                    gaps=(*resource.gaps, *gaps, *unread), consumed=resource.consumed | {path} | patched)
            for resource in resources
        )  # fmt: skip
        return _Built(resources, tuple(stores), found.files | patched, found.folders)

    def _resources(self, root: Mapping, folder: str, trail: tuple[str, ...]) -> tuple[_Built, list[Gap]]:
        room = limits.Budget(limits.KUSTOMIZE)
        resources: list[Resource] = []
        stores: list[ConfigStore] = []
        files: set[str] = set()
        folders: set[str] = set()
        missing: list[Gap] = []
        for key in ("resources", "bases"):
            for item in _scalars(root, key):
                target = self._repository.resolve(folder, item.text)
                if target is not None and target in self._folders:
                    below = self.build(self._folders[target], trail)
                    room.spend(len(below.resources) + len(below.stores))
                    resources += below.resources
                    stores += below.stores
                    files |= below.files
                    folders |= below.folders | {target}
                elif target is not None and target in self._repository:
                    resources += self._manifests.resources(target)
                    files.add(target)
                else:
                    missing.append(
                        unseen(f"`{shown(item.text)}`, which the kustomization names, is not in the repository")
                    )
        return _Built(tuple(resources), tuple(stores), frozenset(files), frozenset(folders)), missing

    def _without(self, store: ConfigStore, built: _Built, stores: list[ConfigStore]) -> _Built:
        """The resources without the ConfigMap or Secret that a generator merges into, which joins what was generated."""
        same = [one for one in built.resources if one.kind == store.kind and store.name in one.names]
        for resource in same:
            held = self._manifests.store(resource)
            if held is not None:
                stores.append(replace(held, name=store.name))
        return replace(built, resources=tuple(one for one in built.resources if one not in same))

    def _with_components(
        self, root: Mapping, folder: str, trail: tuple[str, ...], built: _Built, missing: list[Gap]
    ) -> _Built:
        """`built` as the components of a kustomization change it."""
        for item in _scalars(root, "components"):
            target = self._repository.resolve(folder, item.text)
            path = self._folders.get(target) if target is not None else None
            if path is None or target is None:
                missing.append(unseen(f"`{shown(item.text)}`, which the kustomization names, is not in the repository"))
            elif path in trail or len(trail) > MAX_DEPTH or self._components >= _MAX_COMPONENTS:
                self._repository.problem(path, "builds upon itself", 1)
            else:
                self._components += 1
                made = self._build(path, (*trail, path), built)
                built = replace(made, folders=made.folders | {target})
        return built

    # --- generators ---

    def _generated(self, root: Mapping, folder: str) -> Iterator[tuple[str, ConfigStore]]:
        """What the generators make, each with its `behavior`."""
        for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for item in mappings(root.get(key)):
                yield item.text("behavior") or "create", self._store(kind, item, folder)

    def _store(self, kind: str, item: Mapping, folder: str) -> ConfigStore:
        entries: dict[str, HeldValue] = {}
        gaps: list[Gap] = []
        consumed: set[str] = set()
        single = item.scalar("env")
        for written in (*_scalars(item, "envs"), *((single,) if single else ())):
            path = self._repository.resolve(folder, written.text)
            text = self._repository.text(path) if path is not None and path in self._repository else None
            if path is not None and path in self._repository:
                consumed.add(path)
            if path is None or text is None:
                gaps.append(self._unseen(path, written.text))
                continue
            if unknown := dotenv.too_large(text):
                gaps.append(unseen(f"`{shown(written.text)}`: {unknown.reason}"))
            for statement in dotenv.parse(text, Dialect.LENIENT):
                place = Location(path, statement.line, statement.column, statement.end_line, statement.end_column)
                entries[statement.name] = HeldValue(Known(statement.text), place)
        for file in _scalars(item, "files"):
            name, _, given = file.text.rpartition("=")
            path = self._repository.resolve(folder, given)
            text = self._repository.text(path) if path is not None and path in self._repository else None
            if path is not None and path in self._repository:
                consumed.add(path)
            if path is None or text is None:
                gaps.append(self._unseen(path, given))
                continue
            entries[name or path.rpartition("/")[2]] = HeldValue(Known(Secret(text)), Location(path), (1, 0))
        for literal in _scalars(item, "literals"):
            name, sign, _ = literal.text.partition("=")
            if sign:
                entries[name.strip()] = self._literal(literal, len(name) + 1)
        return ConfigStore(kind, item.text("name") or "", entries, tuple(gaps), frozenset(consumed))

    def _unseen(self, path: str | None, written: str) -> Gap:
        """Why what a generator takes from a file is not known."""
        subject = f"`{shown(written)}`"
        return not_readable(subject) if path in self._repository else unseen(f"{subject} is not in the repository")

    def _literal(self, literal: Scalar, start: int) -> HeldValue:
        """`NAME=value`, where quotes round the value fall away."""
        text, place = literal.text[start:], literal.location
        inset = 1 if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else 0
        if place.line == place.end_line:
            end = max(place.end_column - inset, place.column)
            place = Location(place.path, place.line, min(place.column + start + inset, end), place.end_line, end)
        return HeldValue(kubernetes_values.value(text[inset : len(text) - inset]), place)

    # --- changes ---

    def _patched(
        self, root: Mapping, folder: str, resources: tuple[Resource, ...]
    ) -> tuple[tuple[Resource, ...], set[str], list[Gap]]:
        read: set[str] = set()
        unread: list[Gap] = []
        for item, target in self._patches(root):
            path = self._repository.resolve(folder, item.text) if "\n" not in item.text else None
            nodes: tuple[Node, ...] = ()
            if path is not None and path in self._repository:
                read.add(path)
                nodes = self._manifests.documents(path)
            elif "\n" in item.text or ":" in item.text:
                nodes = self._inline(item)
            if not nodes:
                unread.append(not_readable("a patch of the kustomization"))
            for node in nodes:
                patched = (apply_patch(resource, node, target) for resource in resources)
                resources = tuple(resource for resource in patched if resource is not None)
        return resources, read, unread

    def _patches(self, root: Mapping) -> Iterator[tuple[Scalar, Mapping | None]]:
        for item in _scalars(root, "patchesStrategicMerge"):
            yield item, None
        for key in ("patches", "patchesJson6902"):
            for patch in mappings(root.get(key)):
                written = patch.scalar("path") or patch.scalar("patch")
                if written is not None:
                    yield written, patch.mapping("target")

    def _inline(self, item: Scalar) -> tuple[Node, ...]:
        """A patch written into the kustomization itself, at its place there where the lines stand as they are."""
        inner = self._manifests.inner(item)
        line, indent = inner or (item.location.line, 0)
        padding = "\n" * (line - 1)
        text = "\n".join(" " * indent + part if part else part for part in item.text.split("\n"))
        try:
            return yaml_document.parse(item.location.path, padding + text)
        except yaml_document.YamlError:
            return ()

    def _renamed(self, root: Mapping, resource: Resource) -> Resource:
        prefix, suffix = root.text("namePrefix") or "", root.text("nameSuffix") or ""
        names = (*resource.names, f"{prefix}{resource.name}{suffix}") if prefix or suffix else resource.names
        return replace(resource, names=names, namespace=root.text("namespace") or resource.namespace)

    def _scaled(self, root: Mapping, resource: Resource) -> Resource:
        for item in mappings(root.get("replicas")):
            count = item.scalar("count")
            if count is not None and item.text("name") in resource.names:
                return replace(resource, node=with_value(resource.node, ("spec", "replicas"), count))
        return resource

    def _with_images(self, root: Mapping, resource: Resource) -> Resource:
        images = {item.text("name") or "": item for item in mappings(root.get("images"))}
        if not images:
            return resource
        return replace(resource, node=with_images(resource.node, images, 0))


def _add(stores: list[ConfigStore], store: ConfigStore, behavior: str) -> None:
    """Put a generated ConfigMap or Secret to those of the bases: merged into one of its name, or in its place."""
    for index, below in enumerate(stores):
        if (below.kind, below.name) != (store.kind, store.name) or behavior not in ("merge", "replace"):
            continue
        stores[index] = store
        if behavior == "merge":
            entries, gaps = {**below.entries, **store.entries}, (*below.gaps, *store.gaps)
            stores[index] = replace(store, entries=entries, gaps=gaps, consumed=below.consumed | store.consumed)
        return
    stores.append(store)


def _scalars(node: Mapping, key: str) -> tuple[Scalar, ...]:
    held = node.sequence(key)
    return tuple(item for item in held.items if isinstance(item, Scalar)) if held else ()
