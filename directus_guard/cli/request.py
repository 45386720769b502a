"""What a person or a workflow asks for, typed: the command line fills it from arguments, the Action from its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, convert

from directus_guard.cli.path_list import with_listed

if TYPE_CHECKING:
    import argparse


class RunRequest(Struct, frozen=True, kw_only=True):
    """What a person or a workflow asks for, before the config is read. Fields are named like the options."""

    paths: tuple[str, ...] = ()
    config: str | None = None
    exclude: tuple[str, ...] = ()
    directus_version: str | None = None
    edition: str | None = None
    fail_on: str | None = None
    new_access: str | None = None
    min_severity: str | None = None
    min_confidence: str | None = None
    incomplete: str | None = None
    baseline: str | None = None
    new_since: str | None = None
    strict: bool = False
    include_nonproduction: bool = False
    no_ignores: bool = False
    debug: bool = False
    needs_base: bool = True
    """False: that there is nothing to compare with is no mistake of who asks."""
    trusted: bool = True
    """False: what is judged may not excuse itself, so ignores, config file and baseline play no part."""
    documentation: str = ""
    """Where the documentation is, if neither the environment nor the config names a place."""
    url: str | None = None
    token_env: str | None = None
    header_env: tuple[str, ...] = ()
    timeout: float | None = None
    ca_file: str | None = None
    proxy: str | None = None
    allow_http: bool = False
    probe: str | None = None


def requested(args: argparse.Namespace) -> RunRequest:
    """The request of a parsed command line; options that its command does not have keep their defaults.

    `-` among the paths is read from the standard input, so this is called once in a run.
    """
    given = vars(args)
    return convert(given | {"paths": with_listed(given.get("paths", ()))}, RunRequest)
