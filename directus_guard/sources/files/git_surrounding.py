"""What git is started with, so that nothing a repository brings along can start a program or lead git elsewhere.

A `.git` may come from anybody: an unpacked archive, a cache, another job. Against each way to a program there are two
bars that do not rest on each other (`tests/sources/test_git_hostile.py` takes away either).
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_OVERRIDDEN: Final = (
    ("core.fsmonitor", "false"),  # a program that is asked which files changed
    ("core.untrackedCache", "false"),
    ("core.excludesFile", os.devnull),  # without it git reads the user's own ~/.config/git/ignore
    ("core.attributesFile", os.devnull),
    ("core.hooksPath", os.devnull),
    (
        "protocol.allow",
        "never",
    ),  # `protocol.ext.allow` of the repository beats it: that is what GIT_ALLOW_PROTOCOL is for
)
"""Keys that count more than those of the repository. Each is given on the command line and in the environment."""

OPTIONS: Final = (
    *(part for key, value in _OVERRIDDEN for part in ("-c", f"{key}={value}")),
    "--no-pager", "--no-optional-locks", "--no-replace-objects", "--literal-pathspecs",
)  # fmt: skip


def program() -> str | None:
    """The git of the machine; None = there is none. A relative part of PATH would find one in the scanned folder."""
    return shutil.which("git", path=_absolute_path())


def environ(top: Path) -> dict[str, str]:
    """The environment of one call. `top`: the root of the work tree.

    git looks for no repository itself: it would take a bare one in a folder for the real one, and a work tree that the
    configuration names (`core.worktree`) for the scanned one.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    keys = {f"GIT_CONFIG_KEY_{number}": key for number, (key, _) in enumerate(_OVERRIDDEN)}
    values = {f"GIT_CONFIG_VALUE_{number}": value for number, (_, value) in enumerate(_OVERRIDDEN)}
    return kept | keys | values | {
        "PATH": _absolute_path(),
        "LC_ALL": "C",
        "GIT_DIR": str(top / ".git"),
        "GIT_WORK_TREE": str(top),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": str(len(_OVERRIDDEN)),
        "GIT_NO_LAZY_FETCH": "1",  # not every git knows it
        "GIT_ALLOW_PROTOCOL": "",  # a list of the allowed ones, which no configuration changes: none
        "GIT_TERMINAL_PROMPT": "0",
    }  # fmt: skip


def _absolute_path() -> str:
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if folder.startswith("/"))
