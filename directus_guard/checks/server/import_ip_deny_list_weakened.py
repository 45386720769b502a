"""IMPORT_IP_DENY_LIST lets through an address that Directus' own default blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.server._deny_list import Kind, fix, judged
from directus_guard.checks.server._recommended_deny_list import recommended
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.features import CHECKS_SOCKETS
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.server._deny_list import Judgement
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "import-ip-deny-list-weakened",
    variables=("IMPORT_IP_DENY_LIST",),
    unset="default",
    severity=Severity.HIGH,
    title="File imports reach what Directus blocks by default",
    summary="IMPORT_IP_DENY_LIST lets through an address that Directus' own default blocks: setting it replaces the default.",
    cwe=(Cwe.SERVER_SIDE_REQUEST_FORGERY,),
    owasp=(OwaspRisk.API7,),
    checklist=(30,),
)
def import_ip_deny_list_weakened(env: Environment) -> Iterator[CheckResult]:
    deny = env["IMPORT_IP_DENY_LIST"]
    if not deny.known:
        yield from unjudged(deny)
        return
    judgement = judged(deny)
    if judgement.kind is Kind.WEAKENED:
        yield fail(
            env,
            deny,
            title="`IMPORT_IP_DENY_LIST` blocks less than the default",
            message=(
                f"File imports and flow requests can reach {judgement.reaches}, which the default blocks. A list of your own "
                "replaces the default `0.0.0.0,169.254.169.254`, in which `0.0.0.0` means the server's own addresses."
                f"{_left(judgement)}{_unread(env, deny)}"
            ),
            fix=fix(deny),
            expected=f"`{','.join(recommended(env.version))}`",
        )


def _left(judgement: Judgement) -> str:
    """What the default leaves open, too, a sentence."""
    rest = judgement.reaches_too
    return f" Like the default, the list leaves open {rest}." if rest else ""


def _unread(env: Environment, deny: Setting) -> str:
    """Why ranges in the list do not count, a sentence."""
    ranges = [entry for entry in deny.text.split(",") if "/" in entry]
    if CHECKS_SOCKETS.of(env.version) or not ranges:
        return ""
    return f" Before 10.9.3 Directus reads no ranges, so `{shorten(ranges[0].strip())}` has no effect."
