"""The container's entry: with arguments the command line, without and on a GitHub runner the Action."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

# The image starts Python with -I, which leaves out the folder of the script, and keeps the packages beside it.
sys.path.insert(0, str(Path(__file__).resolve().parent / "packages"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from directus_guard import cli
from directus_guard.exit_code import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

WORK = Path("/work")
"""The folder that the image starts in. It is empty unless something is mounted there."""
NOTHING_MOUNTED = (
    f"directus-guard: nothing is mounted at {WORK}, so there was nothing to read. Mount the project:\n"
    f'directus-guard:   docker run --rm -v "$PWD:{WORK}:ro" IMAGE scan'
)


def nothing_is_mounted(arguments: Sequence[str], work: Path = WORK) -> bool:
    """Whether the command looked at the image's own empty folder and at no other."""
    if Path.cwd() != work or any(work.iterdir()):
        return False
    named = (Path(argument) for argument in arguments if not argument.startswith("-"))
    return not any(path.exists() and path.resolve() != work for path in named)


if __name__ == "__main__":
    if len(sys.argv) == 1 and os.environ.get("GITHUB_ACTIONS") == "true":
        from directus_guard.action import run as action

        raise SystemExit(action.main(os.environ))
    code = cli.main()
    if code == ExitCode.NOTHING_FOUND and nothing_is_mounted(sys.argv[1:]):
        print(NOTHING_MOUNTED, file=sys.stderr)  # noqa: T201 - a program for the terminal
    raise SystemExit(code)
