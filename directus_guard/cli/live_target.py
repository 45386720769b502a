"""The running instance that a command asks, and how; its token comes from the environment only."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from directus_guard.cli.errors import UsageError, variable_name
from directus_guard.secret import Secret

if TYPE_CHECKING:
    from directus_guard.cli.request import RunRequest
    from directus_guard.live.target import Target

_OF_INSTANCE: Final = ("token_env", "header_env", "timeout", "ca_file", "proxy", "allow_http", "probe")


def live_target(request: RunRequest) -> Target | None:
    """The instance to ask. Raises `UsageError` where it cannot be asked as the options say."""
    if not request.url:
        _refuse_unused(request)
        return None

    from directus_guard.live.target import TargetError, target

    name = variable_name("--token-env", request.token_env) if request.token_env else "DIRECTUS_TOKEN"
    token = os.environ.get(name, "").strip()
    if request.token_env and not token:
        raise UsageError(f"--token-env: the environment variable {name} is empty or not set")
    try:
        return target(
            request.url,
            token=Secret(token) if token else None,
            headers=dict(map(_header, request.header_env)),
            proxy=Secret(request.proxy) if request.proxy else None,
            ca_file=existing(request.ca_file),
            timeout=30.0 if request.timeout is None else request.timeout,
            allow_http=request.allow_http,
            probe_all=request.probe == "all",
        )
    except TargetError as error:
        raise UsageError(str(error)) from None


def _refuse_unused(request: RunRequest) -> None:
    """An option about an instance that is not asked has no effect: raises `UsageError`."""
    for name in _OF_INSTANCE:
        if getattr(request, name):
            option = name.replace("_", "-")
            raise UsageError(f"--{option} needs --url")


def _header(text: str) -> tuple[str, Secret]:
    header, _, variable = text.partition("=")
    if not variable:
        raise UsageError("--header-env: write NAME=VARIABLE, like --header-env CF-Access-Client-Secret=CF_SECRET")
    value = os.environ.get(variable_name("--header-env", variable), "")
    if not value:
        raise UsageError(f"--header-env: the environment variable {variable} is empty or not set")
    return header, Secret(value)


def existing(path: str | None) -> Path | None:
    """The file of `--ca-file`. Raises `UsageError` where there is none."""
    if path is not None and not Path(path).is_file():
        raise UsageError(f"--ca-file: {path}: no such file")
    return Path(path) if path else None
