"""`prove` in the Action: on the throw-away Directus that the inputs name, usually a container of the job's `services:`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.cli.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from directus_guard.action.state import ActionRun
    from directus_guard.audit.audited import Audited
    from directus_guard.live.target import Target

_INPUT: Final = "input `prove`"
_TIMEOUT: Final = 60.0
"""Seconds for each request: a runner does other work, too."""


def throw_away(run: ActionRun, environ: Mapping[str, str]) -> tuple[Target, bool] | None:
    """The server, and whether it is a container of the job; None where nothing is to be carried out. Nothing is sent yet.

    Raises `UsageError`.
    """
    from directus_guard.cli.prove import reached

    inputs = run.inputs
    if not inputs.prove:
        return None
    token = inputs.prove_token.reveal()
    if not token:
        raise UsageError(f"{_INPUT}: the token of its administrator is needed, in the input `prove-token`")
    try:
        return reached(inputs.prove, token, inputs.prove_destroy or None, environ, option=_INPUT, timeout=_TIMEOUT)
    except UsageError as error:
        raise UsageError(_named_for_inputs(str(error))) from None


def carried_out(run: ActionRun, audited: Audited, place: tuple[Target, bool], environ: Mapping[str, str]) -> Audited:
    """The run with what came of its ways. Raises `UsageError` where the server is not one to write to."""
    from directus_guard.cli.prove import proven

    server, is_service = place
    destroy = run.inputs.prove_destroy or None
    try:
        return proven(audited, server, destroy, is_service=is_service, environ=environ, option=_INPUT)
    except UsageError as error:
        raise UsageError(_named_for_inputs(str(error))) from None


def _named_for_inputs(message: str) -> str:
    """A workflow has inputs where a command line has options."""
    return message.replace("`--destroy ADDRESS`", "the input `prove-destroy`").replace("--destroy", "`prove-destroy`")
