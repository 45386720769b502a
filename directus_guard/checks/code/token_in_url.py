"""Programs request other endpoints of Directus with the token in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.code import _addresses
from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult, Failure
    from directus_guard.directus.code import Address, Package, TokenInAddress
    from directus_guard.directus.project import Project


@project_check(
    "token-in-url",
    evidence=(ProjectPart.PACKAGES,),
    without=_addresses.NO_CODE,
    severity=Severity.LOW,
    title="The address of a request contains the token",
    summary="A program sends `access_token=` in the query of an endpoint of Directus other than `/assets`.",
    cwe=(Cwe.SENSITIVE_QUERY_STRING,),
    owasp=(OwaspRisk.API2,),
    checklist=(34,),
)
def token_in_url(project: Project) -> Iterator[tuple[Package | None, CheckResult]]:
    return _addresses.judge(project, _wanted, _failure, loose=True)


def _wanted(_found: TokenInAddress, address: Address) -> bool:
    named = any("directus" in name.lower() for name in address.names)
    return not _addresses.is_asset(address) and (named or bool(address.origin) or _addresses.is_endpoint(address))


def _failure(token: TokenInAddress, address: Address) -> Failure:
    websocket = _is_websocket(address)
    instead = (
        '. Send `{"type": "auth", "access_token": "…"}` as the first message: this needs the authentication mode `handshake`, the default.'
        if websocket
        else ", and send the header `Authorization: Bearer …`."
    )
    return _addresses.token_failure(
        token,
        address,
        title="The address {} contains a token",
        message=(
            "Anyone who reads an access log, an error report or a copied address can use the token. "
            "Directus masks it in its own log only."
        ),
        expected="the token in the first message" if websocket else "the header `Authorization: Bearer …`",
        fix=f"Remove `access_token` from this address{instead}",
    )


def _is_websocket(address: Address) -> bool:
    return address.origin.startswith(("ws:", "wss:")) or address.path.rstrip("/").endswith("/websocket")
