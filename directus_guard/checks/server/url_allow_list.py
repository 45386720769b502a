"""Allow lists for links must name your own https addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.enumerations import first_of
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import listed_as
from directus_guard.directus.context import is_local_host
from directus_guard.directus.disclosure import mask_urls, shorten
from directus_guard.directus.environment.casting import to_array
from directus_guard.finding import Confidence, Fix, Severity
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment


def _foreign(env: Environment, entries: Sequence[str]) -> str:
    """A host that shares no domain with what the environment calls its own, "" if there is none or nothing to compare with."""
    own = [
        env["PUBLIC_URL"].text,
        *(str(origin) for origin in to_array(env["CORS_ORIGIN"].js) if env["CORS_ORIGIN"].known),
    ]
    domains = {domain for text in own if (domain := _domain(text)) and not is_local_host(domain)}
    if not domains:
        return ""
    return next((entry for entry in entries if (domain := _domain(entry)) and domain not in domains), "")


def _removed(setting: Setting, entries: Sequence[str], otherwise: str = "") -> Fix:
    shown = first_of([f"`{shorten(mask_urls(entry))}`" for entry in entries], 4)
    sentence = f"Remove {shown} from `{escape_controls(setting.name)}`.{otherwise}"
    left = [entry for entry in _entries(setting) if entry not in entries]
    return listed_as(setting, sentence, left, safe=set(entries) == set(_examples(entries)))


def _without_http(env: Environment, setting: Setting, plain: Sequence[str]) -> Fix:
    """Entries of foreign hosts are best removed; the project's own pages get https."""
    if _examples(plain):
        return _removed(setting, plain)
    if _foreign(env, plain):
        yours = "If the page is yours, serve it over https instead, and change the address here and in your front end."
        return _removed(setting, plain, f" {yours}")
    return _over_https(setting, plain)


def _examples(entries: Sequence[str]) -> list[str]:
    return [entry for entry in entries if "example.com" in entry or "example.org" in entry]


def _over_https(setting: Setting, entries: Sequence[str]) -> Fix:
    change = "`http://` to `https://`"
    if len(entries) == 1:
        address = shorten(mask_urls(entries[0]))
        change = f"`{address}` to `https{address[4:]}`"
    return listed_as(
        setting,
        f"{_HTTPS_FIRST} Change {change} in `{escape_controls(setting.name)}` and in your front end.",
        [f"https{entry[4:]}" if entry in entries else entry for entry in _entries(setting)],
    )


def _entries(setting: Setting) -> list[str]:
    return [str(entry).strip() for entry in to_array(setting.js)]


_HTTPS_FIRST: Final = "Serve these pages over https first."


def _domain(text: str) -> str:
    """The last two labels of an address' host: coarse, which is why the finding has low confidence."""
    try:
        host = urlsplit(text.strip()).hostname or ""
    except ValueError:
        return ""
    return ".".join(host.rsplit(".", 2)[-2:])


@environment_check(
    "url-allow-list",
    variables=("*_URL_ALLOW_LIST", "*_REDIRECT_ALLOW_LIST"),
    severity=Severity.MEDIUM,
    title="Links with tokens may lead to an unsafe address",
    summary="An allow list for reset, invite, registration or sign-in links holds an http:// address or a foreign host.",
    cwe=(Cwe.OPEN_REDIRECT, Cwe.PASSWORD_RECOVERY),
    owasp=(OwaspRisk.API2,),
)
def url_allow_list(env: Environment) -> Iterator[CheckResult]:
    for setting in (
        env[name] for name in sorted(env.settings) if name.endswith(("_URL_ALLOW_LIST", "_REDIRECT_ALLOW_LIST"))
    ):
        if not setting.known:
            yield from unjudged(setting)
            continue
        entries = _entries(setting)
        plain = [entry for entry in entries if entry.lower().startswith("http://")]
        if plain:
            yield fail(
                env,
                setting,
                title=titled("{} allows plain http", setting.name),
                message=(
                    "Anyone on the network path can read the token in such a link, and take over an account. Directus adds tokens to the "
                    "addresses of this list."
                ),
                expected="only https addresses of your own",
                fix=_without_http(env, setting, plain),
            )
        elif foreign := _foreign(env, entries):
            yield fail(
                env,
                setting,
                title=titled("{} allows a foreign host", setting.name),
                message=(
                    "Links with tokens may lead to a site that is not yours. This host does not belong to the domain of "
                    "`PUBLIC_URL` or `CORS_ORIGIN`."
                ),
                expected="only https addresses of your own",
                fix=_removed(setting, [foreign], " If this host is yours, accept this finding."),
                confidence=Confidence.LOW,
            )
        elif examples := _examples(entries):
            yield fail(
                env,
                setting,
                title=titled("{} allows an example host", setting.name),
                message="Links with tokens may lead to a host that is not yours.",
                expected="only https addresses of your own",
                fix=_removed(setting, examples),
            )
