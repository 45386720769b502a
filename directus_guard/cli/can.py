"""`directus-guard can`: may this role or user do that?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.cli.questions import add_question, asked

if TYPE_CHECKING:
    import argparse

    from directus_guard.cli.arguments import Commands


def add_command(commands: Commands) -> None:
    """Add `can` and its arguments."""
    can = commands.add_parser("can", help="whether a role or user may do something, and why not", allow_abbrev=False)
    can.add_argument("who", metavar="PRINCIPAL", help="a role or user, by name or id, or `public`")
    add_question(can)
    can.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    return asked(args, args.who)
