"""The changes that a kustomization makes to objects: strategic merge and JSON patches, and images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.directus.gaps import unseen
from directus_guard.sources.deployments.kubernetes_nodes import mappings, text_at
from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, MappingEntry, Scalar, Sequence

if TYPE_CHECKING:
    from directus_guard.sources.deployments.kubernetes_objects import Resource
    from directus_guard.sources.formats.yaml_document import Node


MAX_DEPTH: Final = 30


def with_images(node: Mapping, images: dict[str, Mapping], depth: int) -> Mapping:
    """The node with `image` of every container replaced as `images` says."""
    if depth > MAX_DEPTH:
        return node
    entries: list[MappingEntry] = []
    for entry in node.entries:
        value = entry.value
        if isinstance(value, Mapping):
            value = with_images(value, images, depth + 1)
        elif isinstance(value, Sequence) and entry.key.text in ("containers", "initContainers"):
            items = tuple(_with_image(item, images) if isinstance(item, Mapping) else item for item in value.items)
            value = replace(value, items=items)
        entries.append(MappingEntry(entry.key, value))
    return replace(node, entries=tuple(entries))


def _with_image(container: Mapping, images: dict[str, Mapping]) -> Mapping:
    written = container.scalar("image")
    if written is None:
        return container
    name = written.text.partition("@")[0]
    colon = name.rfind(":")
    name, tag = (name[:colon], name[colon + 1 :]) if colon > name.rfind("/") else (name, "")
    change = images.get(name)
    if change is None:
        return container
    digest, place = change.text("digest"), change.scalar("newTag") or change.scalar("newName") or written
    text = change.text("newName") or name
    tag = change.text("newTag") or tag
    text += f"@{digest}" if digest else f":{tag}" if tag else ""
    return with_value(container, ("image",), Scalar(text, False, "", place.location))


def apply_patch(resource: Resource, patch: Node, target: Mapping | None) -> Resource | None:
    """The object as a patch leaves it: one that is not its target stays as it is. None: it is deleted."""
    if isinstance(patch, Sequence):
        return _json_patch(resource, patch) if target is not None and _targets(target, resource) else resource
    if not isinstance(patch, Mapping):
        return resource
    if target is not None:
        if not _targets(target, resource):
            return resource
    elif patch.text("kind") != resource.kind or text_at(patch, "metadata", "name") not in resource.names:
        return resource
    if patch.text("$patch") == "delete":
        return None
    names = [entry for entry in patch.entries if entry.key.text not in ("apiVersion", "kind", "metadata", "$patch")]
    merged = _merged(resource.node, replace(patch, entries=tuple(names)), 0)
    return replace(resource, node=merged)


def _targets(target: Mapping, resource: Resource) -> bool:
    """Whether a patch is for this object; selectors by label are taken as "yes", other fields must be equal."""
    kind, name = target.text("kind"), target.text("name")
    return (kind is None or kind == resource.kind) and (
        name is None or any(matches(name, one) for one in resource.names)
    )


def matches(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern of Kustomize, a whole regular expression: of those with more than `.*` it is taken so."""
    first, *others = pattern.removeprefix("^").removesuffix("$").split(".*")
    if any(character in "\\[](){}|+?^$*" for part in (first, *others) for character in part):
        return True
    if not others:
        return name == first
    if not name.startswith(first):
        return False
    at = len(first)
    for part in others[:-1]:
        found = name.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(name) - at >= len(others[-1]) and name.endswith(others[-1])


_MERGE_KEYS: Final = {
    "containers": "name", "initContainers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath",
    "ports": "containerPort",
}  # fmt: skip
"""Lists that are merged by a key of their items (`patchMergeKey` of the API types); all others are replaced."""


def _merged(node: Mapping, patch: Mapping, depth: int) -> Mapping:
    """A strategic merge: mappings merge, null deletes, lists with a merge key merge item by item."""
    if depth > MAX_DEPTH or patch.text("$patch") == "replace":
        return patch
    entries = {entry.key.text: entry for entry in node.entries}
    for entry in patch.entries:
        key, new = entry.key.text, entry.value
        old = entries[key].value if key in entries else None
        if isinstance(new, Scalar) and yaml_document.is_null(new):
            entries.pop(key, None)
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            entries[key] = MappingEntry(entry.key, _merged(old, new, depth + 1))
        elif isinstance(old, Sequence) and isinstance(new, Sequence) and key in _MERGE_KEYS:
            entries[key] = MappingEntry(entry.key, _merged_list(old, new, _MERGE_KEYS[key], depth + 1))
        else:
            entries[key] = entry
    return replace(node, entries=tuple(entries.values()))


def _merged_list(old: Sequence, new: Sequence, key: str, depth: int) -> Sequence:
    items = list(old.items)
    places = {item.text(key): index for index, item in enumerate(items) if isinstance(item, Mapping)}
    gone: set[int] = set()
    added: list[Node] = []
    for item in new.items:
        index = places.get(item.text(key)) if isinstance(item, Mapping) else None
        before = items[index] if index is not None else None
        if not isinstance(item, Mapping) or index is None or not isinstance(before, Mapping):
            added.append(item)
        elif item.text("$patch") == "delete":
            gone.add(index)
        else:
            items[index] = _merged(before, item, depth)
    kept = [item for index, item in enumerate(items) if index not in gone]
    return replace(old, items=(*kept, *added))


def _json_patch(resource: Resource, operations: Sequence) -> Resource:
    """A JSON patch (RFC 6902): add, replace and remove; anything else leaves the environment open."""
    for operation in mappings(operations):
        kind, path = operation.text("op"), operation.text("path") or ""
        steps = tuple(part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:])
        value = operation.get("value")
        if kind == "remove" and steps:
            resource = replace(resource, node=with_value(resource.node, steps, None))
        elif kind in ("add", "replace") and value is not None and steps:
            resource = replace(resource, node=with_value(resource.node, steps, value, insert=kind == "add"))
        else:
            resource = replace(resource, gaps=(*resource.gaps, unseen("a JSON patch moves or copies values")))
    return resource


def with_value(node: Mapping, steps: tuple[str, ...], value: Node | None, *, insert: bool = False) -> Mapping:
    """The mapping with the value at `steps` replaced, inserted (in lists) or, for None, removed."""
    changed = _changed(node, steps, value, insert=insert)
    return changed if isinstance(changed, Mapping) else node


def _changed(node: Node, steps: tuple[str, ...], value: Node | None, *, insert: bool) -> Node:
    if isinstance(node, Mapping):
        return _changed_mapping(node, steps, value, insert=insert)
    if not isinstance(node, Sequence):
        return node
    items = list(node.items)
    step, last = steps[0], len(steps) == 1
    index = len(items) if step == "-" else int(step) if step.isascii() and step.isdigit() else -1
    if not 0 <= index <= len(items):
        return node
    if last:
        end = index if insert and value is not None else index + 1
        items[index:end] = [] if value is None else [value]
    elif index < len(items):
        items[index] = _changed(items[index], steps[1:], value, insert=insert)
    return replace(node, items=tuple(items))


def _changed_mapping(node: Mapping, steps: tuple[str, ...], value: Node | None, *, insert: bool) -> Mapping:
    entries = {entry.key.text: entry for entry in node.entries}
    step, place = steps[0], value.location if value is not None else node.location
    old = entries.get(step)
    key = old.key if old else Scalar(step, False, "", place)
    if len(steps) > 1:
        below = old.value if old else Mapping((), place)
        entries[step] = MappingEntry(key, _changed(below, steps[1:], value, insert=insert))
    elif value is None:
        entries.pop(step, None)
    else:
        entries[step] = MappingEntry(key, value)
    return replace(node, entries=tuple(entries.values()))
