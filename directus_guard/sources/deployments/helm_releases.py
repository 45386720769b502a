"""Releases that a tool installs with values of its own: those of helmfile, whose `values` and `set` stand in its file, and
those of Kustomize (`helmCharts`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.sources.deployments.kubernetes_nodes import mappings
from directus_guard.sources.formats.yaml_document import Mapping, MappingEntry, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.sources.formats.yaml_document import Node

_KEY: Final = lazy_pattern(r"(?:[^.\[\]\\]|\\.)+|\[\d{1,3}\]")
_MAX_KEYS: Final = 20


class Release(Struct, frozen=True):
    """A chart that is installed: its name or folder as it is written, and the values it is given."""

    name: str
    chart: str
    values: tuple[Mapping, ...]


def of_helmfile(root: Node) -> Iterator[Release]:
    """The releases of one document of a helmfile."""
    for item in mappings(root.get("releases") if isinstance(root, Mapping) else None):
        if item.text("installed") == "false":
            continue
        pairs = [(pair.text("name"), pair.get("value")) for pair in mappings(item.get("set"))]
        made = of_set((name, value) for name, value in pairs if name and value is not None)
        yield Release(item.text("name") or "", item.text("chart") or "", (*mappings(item.get("values")), *made))


def of_kustomization(root: Node) -> Iterator[Release]:
    """The charts of one document of a kustomization."""
    for item in mappings(root.get("helmCharts") if isinstance(root, Mapping) else None):
        chart = item.text("name") or ""
        held = item.get("valuesInline")
        yield Release(item.text("releaseName") or chart, chart, (held,) if isinstance(held, Mapping) else ())


def of_set(pairs: Iterable[tuple[str, Node]]) -> tuple[Mapping, ...]:
    """The values that `--set a.b[0].c=d` makes of names and values; () of none."""
    split = [([match[0] for match in _KEY.finditer(name)][:_MAX_KEYS], value) for name, value in pairs]
    made = _tree([(keys, value) for keys, value in split if keys])
    return (made,) if isinstance(made, Mapping) else ()


def _tree(written: list[tuple[list[str], Node]]) -> Node | None:
    """The values at some paths of keys, of which the last one wins where there are several of one."""
    below: dict[str, list[tuple[list[str], Node]]] = {}
    for keys, value in written:
        if keys:
            below.setdefault(keys[0], []).append((keys[1:], value))
    if not below:
        return written[-1][1] if written else None
    place = written[0][1].location
    inner = [(key, node) for key, held in below.items() if (node := _tree(held)) is not None]
    if all(key.startswith("[") for key in below):
        return Sequence(tuple(node for _, node in inner), place)
    entries = (
        MappingEntry(Scalar(key.replace("\\", ""), plain=False, tag="", location=place), node) for key, node in inner
    )
    return Mapping(tuple(entries), place)
