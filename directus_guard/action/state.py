"""One run of the Action: what it was started with, and what it has to say itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from directus_guard.github.event import Event
    from directus_guard.github.inputs import Inputs


class ActionLog(Struct):
    """What the Action has to say itself, beside the findings: level and text, in order."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, level: str, text: str) -> None:
        """Add a line of the level `warning` or `notice` to the log; an empty text adds none."""
        if text:
            self.lines.append((level, text))


class ActionRun(Struct, frozen=True):
    """One run of the Action, before anything was read."""

    inputs: Inputs
    event: Event
    workspace: Path
    root: Path
    """The repository: paths in reports start there."""
    target: Path
    """What is to be scanned, in it."""
    head: str
    """The commit that is checked out; "" = unknown."""
    started: datetime
    sleep: Callable[[float], None]
    reports: Path | None = None
    """Where the SARIF and the JSON report are written; None = in the workspace."""
    debug: bool = False
    """Whether a bug ends the run with its traceback."""
    documentation: str = ""
    """Where the runner says that the files of the Action are; "" = it does not say it."""

    @property
    def folder(self) -> str:
        """Where the repository lies in the workspace, "" or with a slash at its end."""
        relative = self.root.relative_to(self.workspace).as_posix()
        return "" if relative == "." else f"{relative}/"
