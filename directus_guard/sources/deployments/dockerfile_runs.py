"""Files of the image that the commands of a RUN write: `RUN echo "SECRET=…" > .env`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from directus_guard.sources.formats import shell_commands, shell_output

if TYPE_CHECKING:
    from directus_guard.sources.deployments.dockerfile_stages import RunStep
    from directus_guard.sources.formats.traced import Traced


def lines(step: RunStep, target: str) -> tuple[Traced, ...]:
    """The lines that a RUN writes into the file at `target`, an absolute path; () where its commands do not tell them."""
    found: list[Traced] = []
    folder = step.workdir
    for command in shell_commands.commands(step.script):
        moved = command.arguments("cd")
        if moved and not moved[0].unknown:
            folder = posixpath.join(folder, moved[0].text)
        for written in shell_output.written(command):
            if not written.path.unknown and posixpath.normpath(posixpath.join(folder, written.path.text)) == target:
                found += written.lines
    return tuple(found)
