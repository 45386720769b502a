"""Files are requested with the token in the address, where a header could carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.code import _addresses
from directus_guard.checks.declaration import project_check
from directus_guard.directus.code import Place
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult, Failure
    from directus_guard.directus.code import Address, Package, TokenInAddress
    from directus_guard.directus.project import Project


@project_check(
    "asset-token-in-url",
    severity=Severity.MEDIUM,
    title="An asset's address carries the token",
    summary="A program builds `/assets/…?access_token=…` where it could send an Authorization header.",
    checklist=(34,),
)
def asset_token_in_url(project: Project) -> Iterator[tuple[Package | None, CheckResult]]:
    return _addresses.judge(
        project, lambda found, address: found.place is Place.CALL and _addresses.is_asset(address), _failure
    )


def _failure(token: TokenInAddress, address: Address) -> Failure:
    return _addresses.token_failure(
        token,
        address,
        message=(
            "The token becomes part of the address: it is written into the access logs of every proxy on the way, into the browser's history, "
            "and into what is copied and shared. Directus takes the same token from an `Authorization` header."
        ),
        expected="the header `Authorization: Bearer …` (with Directus' SDK: `readAssetRaw`, `readAssetBlob`)",
    )
