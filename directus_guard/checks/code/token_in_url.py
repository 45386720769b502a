"""Other endpoints of Directus are requested with the token in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.code import _addresses
from directus_guard.checks.declaration import project_check
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult, Failure
    from directus_guard.directus.code import Address, Package, TokenInAddress
    from directus_guard.directus.project import Project


@project_check(
    "token-in-url",
    severity=Severity.LOW,
    title="A request to Directus carries the token in its address",
    summary="A program sends `access_token=` in the query of an endpoint of Directus other than `/assets`.",
    checklist=(34,),
)
def token_in_url(project: Project) -> Iterator[tuple[Package | None, CheckResult]]:
    return _addresses.judge(project, _wanted, _failure, loose=True)


def _wanted(_found: TokenInAddress, address: Address) -> bool:
    named = any("directus" in name.lower() for name in address.names)
    return not _addresses.is_asset(address) and (named or bool(address.origin) or _addresses.is_endpoint(address))


def _failure(token: TokenInAddress, address: Address) -> Failure:
    return _addresses.token_failure(
        token,
        address,
        message=(
            "The token becomes part of the address and with that of access logs, histories and error reports. Directus takes the same token from "
            "an `Authorization` header; a WebSocket may send it in its first message."
        ),
        expected="the header `Authorization: Bearer …`",
    )
