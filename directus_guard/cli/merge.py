"""`directus-guard merge`: the results of many projects in one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from directus_guard.cli.arguments import add_appearance, add_debug, add_outputs
from directus_guard.cli.errors import UsageError
from directus_guard.cli.output import appearance_for, opened, output_specs
from directus_guard.report.writers import FLEET_WRITERS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from directus_guard.cli.arguments import Commands


def add_command(commands: Commands) -> None:
    """Add `merge` and its arguments."""
    merge = commands.add_parser("merge", help="the JSON results of many projects in one table", allow_abbrev=False)
    merge.add_argument(
        "files", nargs="+", metavar="FILE", help="files that `scan --output json=FILE` or `projects` wrote"
    )
    add_outputs(merge, formats=FLEET_WRITERS)
    add_appearance(merge)
    add_debug(merge)
    merge.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from directus_guard.audit.merging import MergeError, merged

    specs = output_specs(args.output, FLEET_WRITERS)
    try:
        fleet = merged(_contents(args.files))
    except MergeError as error:
        raise UsageError(str(error)) from None
    for spec in specs:
        with opened(spec.path) as stream:
            FLEET_WRITERS[spec.format](fleet, stream, appearance_for(args, stream))
    return fleet.exit_code


def _contents(names: Sequence[str]) -> dict[str, bytes]:
    """What the files hold. Raises `UsageError` for a file that cannot be opened, or is named twice."""
    contents: dict[str, bytes] = {}
    seen: dict[Path, str] = {}
    for name in names:
        path = Path(name)
        same = seen.setdefault(path.resolve(), name)
        if same != name or name in contents:
            raise UsageError(f"{name} is named twice" + (f": as {same}, too" if same != name else ""))
        try:
            contents[name] = path.read_bytes()
        except OSError as error:
            raise UsageError(f"cannot read {name}: {error.strerror}") from None
    return contents
