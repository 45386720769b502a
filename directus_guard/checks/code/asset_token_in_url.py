"""Programs request files with the token in the address instead of a header."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.code import _addresses
from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.directus.code import Place
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import CheckResult, Failure
    from directus_guard.directus.code import Address, Package, TokenInAddress
    from directus_guard.directus.project import Project


@project_check(
    "asset-token-in-url",
    evidence=(ProjectPart.PACKAGES,),
    without=_addresses.NO_CODE,
    severity=Severity.MEDIUM,
    title="The address of an asset contains the token",
    summary="A program builds `/assets/…?access_token=…` where it could send an Authorization header.",
    cwe=(Cwe.SENSITIVE_QUERY_STRING,),
    owasp=(OwaspRisk.API2,),
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
        title="The address {} contains a token",
        message=(
            "Anyone who reads an access log, an error report or a copied address can use the token. "
            "Directus masks it in its own log only."
        ),
        expected="the header `Authorization: Bearer …` (with Directus' SDK: `readAssetRaw`, `readAssetBlob`)",
        fix=(
            "Remove `access_token` from this address, and send the header `Authorization: Bearer …`. "
            "Directus' SDK does this with `readAssetRaw`."
        ),
    )
