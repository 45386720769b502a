"""Markup requests images and other files with the token in the address."""

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
    "asset-token-in-markup",
    evidence=(ProjectPart.PACKAGES,),
    without=_addresses.NO_CODE,
    severity=Severity.LOW,
    title="Markup requests an asset with a token in its address",
    summary="An attribute such as `src` has `/assets/…?access_token=…`: only short-lived tokens belong there.",
    cwe=(Cwe.SENSITIVE_QUERY_STRING,),
    owasp=(OwaspRisk.API2,),
    checklist=(35,),
)
def asset_token_in_markup(project: Project) -> Iterator[tuple[Package | None, CheckResult]]:
    return _addresses.judge(
        project, lambda found, address: found.place is Place.MARKUP and _addresses.is_asset(address), _failure
    )


def _failure(token: TokenInAddress, address: Address) -> Failure:
    return _addresses.token_failure(
        token,
        address,
        title="Markup has a token in the address {}",
        message=(
            "Anyone who sees the page, a log or a copied address can use the token, and a static token never expires. "
            "Browsers request such addresses by themselves and send no `Authorization` header."
        ),
        expected="public files without a token, an address of your own server that adds the header, or a token that lives for minutes",
        fix=(
            "Remove `access_token` from this address. "
            "Give the public policy read on public files; serve private files through your own server, which adds the header."
        ),
    )
