"""What a page shows beside the report, as plain data: the audit computes it, the reports print it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from directus_guard.access_matrix import AccessMatrix
    from directus_guard.finding import Context, Finding, Location


class VariableState(StrEnum):
    """Whether Directus sees a variable."""

    SET = "set"
    UNKNOWN = "unknown"
    DEFAULT = "default"
    """Nothing sets it: its default counts."""


class SeenVariable(Struct, frozen=True):
    """One variable as Directus sees it. All texts are safe to show: secrets are masked."""

    name: str
    state: VariableState
    value: str
    """What it is, or why that is not known."""
    default: str | None
    """None: the table of defaults of Directus does not have it."""
    origin: str = ""
    """What sets it, a phrase."""
    location: Location | None = None
    shadowed: tuple[str, ...] = ()
    """Places that set it without effect."""


class SeenEnvironment(Struct, frozen=True):
    """The environment of one deployment."""

    name: str
    directus: str
    """The version it is judged by, and whether that is assumed."""
    context: Context
    closed: str
    """Why nothing can be said of variables that are not set; "" = the environment is wholly visible."""
    variables: tuple[SeenVariable, ...]


class WayNodeKind(StrEnum):
    """What a node of the graph is."""

    PRINCIPAL = "principal"
    STEP = "step"
    GOAL = "goal"


class WayNode(Struct, frozen=True):
    """A principal, a step that several ways may share, or the administrator."""

    kind: WayNodeKind
    text: str
    distance: int
    """Steps from here to the goal, the own step included."""
    ways: tuple[int, ...]
    """The ways that lead through it: indexes of `EscalationGraph.ways`."""


class EscalationGraph(Struct, frozen=True):
    """Every way to administrator in one export."""

    model: str
    ways: tuple[Finding, ...]
    """The findings, each with its steps."""
    nodes: tuple[WayNode, ...]
    """The goal is the first."""
    edges: tuple[tuple[int, int], ...]
    """From node to node, by their indexes."""


class ReportDetails(Struct, frozen=True):
    """Everything that a page shows beside the report."""

    matrices: tuple[AccessMatrix, ...] = ()
    environments: tuple[SeenEnvironment, ...] = ()
    graphs: tuple[EscalationGraph, ...] = ()
