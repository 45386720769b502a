"""What a fix changes in what starts a deployment, as data. `directus_guard.edits` finds the places and makes the edits."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class SetVariable(Struct, frozen=True):
    """Give a variable of the deployment this whole value; where nothing sets it, add it."""

    name: str
    value: str
    """Never a secret."""


class RemoveVariable(Struct, frozen=True):
    """Take a variable out of the deployment."""

    name: str


class RemoveShadowed(Struct, frozen=True):
    """Take a variable out of the places that say something else for it, without effect."""

    name: str


class RenameVariable(Struct, frozen=True):
    """Give a variable another name, and leave its value."""

    name: str
    to: str


class RequireVariable(Struct, frozen=True):
    """Take away what a reference falls back to (`${X:-known}`), so that the start fails without a value."""

    name: str


class SetVersion(Struct, frozen=True):
    """Let the deployment run this version of Directus: the tag of its image."""

    version: str


class CloseToHost(Struct, frozen=True):
    """Publish the ports of another service of the stack on the loopback address only."""

    service: str


class MountReadOnly(Struct, frozen=True):
    """Mount what is mounted at this path read-only."""

    target: str


SettingChange: TypeAlias = (
    SetVariable
    | RemoveVariable
    | RemoveShadowed
    | RenameVariable
    | RequireVariable
    | SetVersion
    | CloseToHost
    | MountReadOnly
)
"""One such change."""
