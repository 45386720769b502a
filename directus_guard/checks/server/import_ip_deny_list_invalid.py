"""An entry of IMPORT_IP_DENY_LIST that cannot be parsed."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail, unjudged
from directus_guard.checks.server._deny_list import Kind, fix, judged
from directus_guard.checks.shared.variable_fixes import listed_as, set_to
from directus_guard.directus.disclosure import mask_urls, shorten
from directus_guard.directus.environment.casting import to_array
from directus_guard.directus.features import CHECKS_SOCKETS
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.finding import Fix


@environment_check(
    "import-ip-deny-list-invalid",
    variables=("IMPORT_IP_DENY_LIST",),
    unset="default",
    severity=Severity.MEDIUM,
    title="`IMPORT_IP_DENY_LIST` has an invalid entry",
    summary="IMPORT_IP_DENY_LIST holds an entry that cannot be parsed, so every import is refused; up to 10.8 ranges never match at all.",
    cwe=(Cwe.SERVER_SIDE_REQUEST_FORGERY,),
    owasp=(OwaspRisk.API7,),
    checklist=(30,),
)
def import_ip_deny_list_invalid(env: Environment) -> Iterator[CheckResult]:
    deny = env["IMPORT_IP_DENY_LIST"]
    if not deny.known:
        yield from unjudged(deny)
        return
    judgement = judged(deny)
    if judgement.kind is Kind.INVALID:
        entries = ", ".join(f"`{shorten(mask_urls(entry))}`" for entry in judgement.invalid[:5])
        if CHECKS_SOCKETS.of(env.version):
            yield fail(
                env,
                deny,
                message=f"Directus refuses every file import and flow request, because it cannot read {entries}.",
                expected="addresses, CIDR ranges or `first-last` without spaces, separated by commas",
                fix=_readable(deny, judgement.invalid)
                or listed_as(
                    deny,
                    f"Remove {entries} from `IMPORT_IP_DENY_LIST`, and write addresses or CIDR ranges instead.",
                    [str(entry) for entry in to_array(deny.js) if str(entry) not in judgement.invalid],
                ),
            )
        else:
            yield fail(
                env,
                deny,
                title="`IMPORT_IP_DENY_LIST` has entries without effect",
                message=(
                    f"File imports can reach the addresses in {entries}. Before 10.9.3 Directus compares the list as plain text, so "
                    "ranges never match."
                ),
                expected="Directus 10.9.3 or newer",
                fix=fix(deny),
            )
    elif env.hidden_version and any("/" in entry or "-" in entry for entry in deny.text.split(",")):
        yield NotEvaluated(
            f"before 10.9.3 Directus compares ranges as plain text, and its version is not known: {env.hidden_version}"
        )


def _readable(deny: Setting, invalid: Collection[str]) -> Fix | None:
    """The list with what its entries say, as Directus reads it; None where an entry says nothing certain."""
    entries = []
    for entry in map(str, to_array(deny.js)):
        written = _as_meant(entry) if entry in invalid else entry
        if written is None:
            return None
        entries.append(written)
    text = ",".join(entries)
    return set_to(deny.name, text, "That is what the entries say, as Directus reads them.", safe=True)


def _as_meant(entry: str) -> str | None:
    """An address, a CIDR range or `first-last` without quotes, brackets and spaces; `10.*` as a range; None for the rest."""
    text = "".join(entry.split()).strip("\"'`").removeprefix("[").removesuffix("]")
    octets = text.split(".")
    while octets[-1] == "*" and len(octets) > 1:
        octets.pop()
    if len(octets) < 4 and text.endswith(".*"):
        text = ".".join((*octets, *("0" for _ in range(4 - len(octets))))) + f"/{8 * len(octets)}"
    parts = text.split("-") if text.count("-") == 1 else [text]
    try:
        for part in parts:
            ip_network(part, strict=len(parts) == 1) if "/" in part else ip_address(part)
    except ValueError:
        return None
    return text
