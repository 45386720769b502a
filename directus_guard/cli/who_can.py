"""`directus-guard who-can`: who may do that?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.cli.questions import add_question, asked

if TYPE_CHECKING:
    import argparse

    from directus_guard.cli.arguments import Commands


def add_command(commands: Commands) -> None:
    """Add `who-can` and its arguments."""
    who_can = commands.add_parser("who-can", help="who may do something, and who could get there", allow_abbrev=False)
    add_question(who_can)
    who_can.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    return asked(args, None)
