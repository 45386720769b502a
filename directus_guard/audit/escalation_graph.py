"""The ways to administrator of each export as a graph. Ways that end with the same steps share them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from directus_guard.finding import State
from directus_guard.report_details import EscalationGraph, WayNode, WayNodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from directus_guard.finding import Finding, Step

_Key = tuple[str, ...]
_GOAL = "Administrator"


def escalation_graphs(findings: Iterable[Finding]) -> tuple[EscalationGraph, ...]:
    """A graph for each export that has ways, in order of their names. Ignored findings are in none."""
    by_model: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.steps and finding.state is not State.SUPPRESSED:
            by_model.setdefault(_text_of(finding, "model"), []).append(finding)
    return tuple(_graph(model, ways) for model, ways in sorted(by_model.items()))


def _graph(model: str, ways: Sequence[Finding]) -> EscalationGraph:
    # Ways with the same end come after each other, so that no lines cross.
    ways = sorted(ways, key=lambda way: [_identity(step) for step in reversed(way.steps)])
    through: dict[_Key, list[int]] = {}
    texts: dict[_Key, tuple[WayNodeKind, str, int]] = {(): (WayNodeKind.GOAL, _GOAL, 0)}
    edges: dict[tuple[_Key, _Key], None] = {}
    for number, way in enumerate(ways):
        keys = list(_keys(way))
        for key, (kind, text), distance in zip(keys, _texts(way), range(len(keys) - 1, -1, -1), strict=True):
            through.setdefault(key, []).append(number)
            texts.setdefault(key, (kind, text, distance))
        edges |= dict.fromkeys(pairwise(keys))
    index: Mapping[_Key, int] = {key: number for number, key in enumerate(texts)}
    nodes = tuple(WayNode(*texts[key], tuple(dict.fromkeys(through[key]))) for key in texts)
    return EscalationGraph(model, tuple(ways), nodes, tuple((index[start], index[end]) for start, end in edges))


def _keys(way: Finding) -> Iterator[_Key]:
    """What identifies each node of a way: the way itself, for who begins it, then what is left of it from each step on."""
    yield ("", way.fingerprint)
    for number in range(len(way.steps)):
        yield tuple(part for step in way.steps[number:] for part in _identity(step))
    yield ()


def _texts(way: Finding) -> Iterator[tuple[WayNodeKind, str]]:
    yield WayNodeKind.PRINCIPAL, ", ".join(_principals(way))
    yield from ((WayNodeKind.STEP, step.action) for step in way.steps)
    yield WayNodeKind.GOAL, _GOAL


def _identity(step: Step) -> _Key:
    return step.id, step.action, step.gives


def _principals(way: Finding) -> Sequence[str]:
    """Who has the way, as the finding names them."""
    names = dict(way.subject.details).get("principals", ())
    return (names,) if isinstance(names, str) else names or (way.subject.key,)


def _text_of(finding: Finding, detail: str) -> str:
    text = dict(finding.subject.details).get(detail, "")
    return text if isinstance(text, str) else ", ".join(text)
