"""What the checks of code share: whether an address belongs to Directus, and to which endpoint."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from directus_guard.checks.result import Failure, NotEvaluated, Pass
from directus_guard.checks.shared.titles import titled
from directus_guard.directus import context
from directus_guard.directus.disclosure import mask_urls
from directus_guard.finding import Confidence, Context, Fix, Subject
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.code import Address, Package, TokenInAddress
    from directus_guard.directus.project import Project
    from directus_guard.finding import Location, Related
    from directus_guard.secret import Secret


class Whose(Enum):
    """Whether an address belongs to Directus."""

    DIRECTUS = auto()
    OTHER = auto()
    UNKNOWN = auto()


_NAMES_DIRECTUS: Final = lazy_pattern(r"directus", re.IGNORECASE)
_PUBLIC_URL: Final = lazy_pattern(r"(?:\A|[.'\"\[])PUBLIC_URL\b")
_NAMES_OTHERS: Final = lazy_pattern(
    r"mapbox|contentful|storyblok|strapi|sanity|facebook|instagram|graph_?api|wechat|weixin|google|github|gitlab|stripe|shopify|supabase"
    r"|firebase|spotify|twitch|twitter|slack|linkedin|cesium|maptiler|auth0|mercadoli[bv]re|keycloak|prismic|wordpress|algolia|openai",
    re.IGNORECASE,
)
_ASSETS: Final = lazy_pattern(r"/assets/|/assets\Z")
_FILE: Final = lazy_pattern(
    r"/assets/(?:…|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE
)
_ENDPOINTS: Final = lazy_pattern(
    r"/(?:items|files|users|graphql|folders|collections|fields|relations|roles|policies|permissions|revisions|activity|flows|operations"
    r"|panels|dashboards|presets|notifications|shares|server|utils|schema|versions|comments|translations|websocket)(?:/|\Z)"
)
_OWN_ENDPOINTS: Final = lazy_pattern(r"/(?:items|assets)(?:/|\Z)|/directus/")
"""Paths that on the program's own host can only be Directus behind a proxy; `/users` may be its own."""
_DEFAULT_PORT: Final = ":8055"
NO_CODE: Final = "no code depends on Directus or names its address"
"""Why the checks of code are not applicable."""


def whose(address: Address, package: Package, project: Project) -> Whose:
    """Whose the host of an address is. A relative address is Directus' if its path is."""
    if address.relative:
        return Whose.DIRECTUS if _OWN_ENDPOINTS.search(address.path) else Whose.OTHER
    named = _whose_named(address, package, project)
    if named is not Whose.UNKNOWN or not address.origin:
        return named
    # A package with the SDK takes its files from Directus, whatever the host is called.
    may_be = package.depends and not _NAMES_OTHERS.search(_host(address.origin))
    if may_be and _FILE.search(address.path):
        return Whose.DIRECTUS
    return Whose.UNKNOWN if may_be and _OWN_ENDPOINTS.search(address.path) else Whose.OTHER


def _whose_named(address: Address, package: Package, project: Project) -> Whose:
    """Whose an address is by its host, or by the names in its place."""
    host = _host(address.origin)
    if any(_NAMES_DIRECTUS.search(name) or _PUBLIC_URL.search(name) for name in address.names):
        return Whose.DIRECTUS
    if host and (host in package.hosts or host in _public_hosts(project) or _is_called_directus(host)):
        return Whose.DIRECTUS
    return Whose.OTHER if any(_NAMES_OTHERS.search(name) for name in address.names) else Whose.UNKNOWN


def _is_called_directus(host: str) -> bool:
    return "directus" in re.split(r"[.:-]", host) or host.endswith(_DEFAULT_PORT)


def whose_token(address: Address, package: Package, project: Project) -> Whose:
    """Whose a literal token is that a package with the SDK sends to `/items` of a host: Directus', if no other host is known.

    Another name of the same site may be a second Directus (`staging.acme.com`); another site is another program.
    """
    named = _whose_named(address, package, project)
    known = {one for one in package.hosts if not context.is_local_host(one.partition(":")[0])} | _public_hosts(project)
    if named is not Whose.UNKNOWN or not known:
        return Whose.OTHER if named is Whose.OTHER else Whose.DIRECTUS
    site = _site(_host(address.origin))
    return Whose.UNKNOWN if any(_site(one) == site for one in known) else Whose.OTHER


_COUNTRY: Final = lazy_pattern(r"\.[a-z]{2,3}\.[a-z]{2}(?::|\Z)")


def _host(origin: str) -> str:
    return origin.split("//", 1)[-1].rpartition("@")[2].lower()


def _site(host: str) -> tuple[str, ...]:
    """What the hosts of one owner share: the end of the name, as far as it is not a country's `co.uk`."""
    parts = host.partition(":")[0].split(".")
    return tuple(parts[-3:] if _COUNTRY.search(host) else parts[-2:])


def is_of_project(address: Address, project: Project) -> bool:
    """Whether a literal address is one of a Directus of the repository: by its host, or where there is one by its path."""
    host = _host(address.origin)
    known = {one for package in project.packages for one in package.hosts} | _public_hosts(project)
    if host in known or _is_called_directus(host):
        return True
    about = bool(project.packages or project.environments)
    return about and _COMMANDED.match(address.path) is not None and _NAMES_OTHERS.search(host) is None


_COMMANDED: Final = lazy_pattern(r"/(?:items/|assets/|schema/(?:snapshot|diff|apply)|flows/trigger/|server/specs/)")
"""Paths of Directus that programs request; `/users` and `/files` may belong to any program."""


def _public_hosts(project: Project) -> frozenset[str]:
    """Hosts of the repository's deployments, without names of the machine itself."""
    found: set[str] = set()
    for env in project.environments:
        try:
            url = urlsplit(env["PUBLIC_URL"].text)
            if url.hostname and not context.is_local_host(url.hostname):
                found.add(url.netloc.rpartition("@")[2].lower())
        except ValueError:
            continue
    return frozenset(found)


def is_asset(address: Address) -> bool:
    """Whether it is an address below `/assets`."""
    named = any(re.search(r"asset", name, re.IGNORECASE) for name in address.names)
    return bool(_ASSETS.search(address.path)) or (named and not _ENDPOINTS.search(address.path))


def is_endpoint(address: Address) -> bool:
    """Whether the path, as far as it is known, is an endpoint of Directus."""
    return not address.path.strip("/…") or bool(_ENDPOINTS.search(address.path))


def shown(address: Address) -> str:
    """An address as people may see it."""
    head = address.origin
    if address.names:
        name = re.match(r"[\w$.?!]{1,60}", address.names[0])
        head = f"${{{name[0] if name else '…'}}}"
    return escape_controls(mask_urls(f"{head}{address.path}"))[:100]


def judge(
    project: Project,
    wanted: Callable[[TokenInAddress, Address], bool],
    failure: Callable[[TokenInAddress, Address], Failure],
    *,
    loose: bool = False,
) -> Iterator[tuple[Package | None, CheckResult]]:
    """Fail where a wanted address is Directus'; not evaluated where that is not known.

    `loose`: a query without any address is not evaluated, too.
    """
    for package in project.packages:
        answers: list[CheckResult] = []
        for found in package.addresses:
            if found.address is None:
                if loose:
                    answers.append(NotEvaluated("it is not known which address this query belongs to", found.location))
                continue
            if not wanted(found, found.address):
                continue
            owner = whose(found.address, package, project)
            if owner is Whose.DIRECTUS:
                answers.append(failure(found, found.address))
            elif owner is Whose.UNKNOWN:
                reason = f"it is not known whether `{shown(found.address)}` is Directus"
                answers.append(NotEvaluated(reason, found.location))
        answers += (NotEvaluated("this code could not be read or parsed", place) for place in package.unread)
        yield from ((package, answer) for answer in answers or (Pass(),))


_RENEWED: Final = "If it is a static token, generate a new token afterwards: logs and pages hold the old token."


def token_failure(
    token: TokenInAddress, address: Address, *, title: str, message: str, expected: str, fix: str
) -> Failure:
    """A failure at an address that contains a token. `title` has `{}` for the address."""
    text = f"{shown(address)}?access_token=…"
    return code_failure(
        token.location,
        text,
        title=titled(title, shown(address)),
        message=message,
        expected=expected,
        actual=text,
        fix=Fix(f"{fix} {_RENEWED}"),
        purpose=token.context,
    )


def code_failure(
    location: Location,
    name: str,
    *,
    message: str,
    expected: str,
    actual: str,
    title: str,
    fix: Fix,
    confidence: Confidence = Confidence.HIGH,
    related: tuple[Related, ...] = (),
    purpose: Context,
    real: bool = False,
    leak: Secret | None = None,
) -> Failure:
    """A failure in code. `name` identifies it within its file; `purpose`: what the file is for; `real`: the value counts
    also in an example.
    """
    purpose = Context.UNKNOWN if real else purpose
    return Failure(
        subject=Subject("source", f"{location.path} {name}", (("path", location.path), ("name", name))),
        location=location,
        message=message,
        expected=expected,
        actual=actual,
        title=title,
        confidence=confidence,
        related=related,
        fix=fix,
        leak=leak,
        context=purpose if purpose in (Context.EXAMPLE, Context.DEVELOPMENT) else None if not real else Context.UNKNOWN,
    )
