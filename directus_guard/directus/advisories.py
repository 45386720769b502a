"""Published security advisories of Directus: a floor, not a ceiling. Facts §7; identifiers and ranges as published there.

What could not be read in an advisory or its record is left out rather than guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from directus_guard.directus.versions import Version
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.directus.environment import Environment

LAST_REVIEWED: Final = "2026-11-16"
"""The date up to which advisories were looked for."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """One advisory. `affected` is written `>=10.8.0 <11.9.3`, several ranges joined by ` || `."""

    id: str
    cve: str
    severity: Severity
    affected: str
    gist: str
    precondition: Callable[[Environment], bool | None] | None = None
    """Whether this deployment has what the attack needs; None = it cannot be told. Without one it always has."""
    needs: str = ""
    """The precondition in words."""

    def affects(self, version: Version) -> bool:
        """Whether the version lies in the affected range."""
        return any(_within(version, part) for part in self.affected.split(" || "))

    def fixed(self, version: Version) -> Version:
        """The first version without the fault, seen from an affected `version`."""
        part = next(part for part in self.affected.split(" || ") if _within(version, part))
        return next(bound for sign, bound in _bounds(part) if sign == "<")

    def as_json(self) -> dict[str, str]:
        """For `advisories --json`."""
        return {
            "id": self.id,
            "cve": self.cve,
            "severity": self.severity.value,
            "affected": self.affected,
            "gist": self.gist,
            "needs": self.needs,
        }


_BOUND: Final = re.compile(r"(>=|<)(\d+)\.(\d+)\.(\d+)")


@cache
def _bounds(text: str) -> tuple[tuple[str, Version], ...]:
    return tuple((sign, Version(int(a), int(b), int(c))) for sign, a, b, c in _BOUND.findall(text))


def _within(version: Version, text: str) -> bool:
    return all(version >= bound if sign == ">=" else version < bound for sign, bound in _bounds(text))


# --- what an attack needs ---


def _is_on(name: str) -> Callable[[Environment], bool | None]:
    def judge(env: Environment) -> bool | None:
        setting = env[name]
        if setting.known:
            return setting.text.strip().lower() in ("true", "1")
        return None if setting.is_set else False

    return judge


def _websocket_public(env: Environment) -> bool | None:
    modes = [env[name] for name in ("WEBSOCKETS_REST_AUTH", "WEBSOCKETS_GRAPHQL_AUTH")]
    enabled = _is_on("WEBSOCKETS_ENABLED")(env)
    if enabled is False:
        return False
    if any(mode.known and mode.text == "public" for mode in modes):
        return enabled
    return None if any(mode.unknown_reason for mode in modes) else False


def _sso(env: Environment) -> bool | None:
    providers = env["AUTH_PROVIDERS"]
    if providers.known:
        return bool(providers.text.strip())
    return None if providers.is_set else False


def _driver(group: str, driver: str) -> Callable[[Environment], bool | None]:
    def judge(env: Environment) -> bool | None:
        drivers = env.matching(f"{group}_", "_DRIVER")
        if any(setting.text == driver for setting in drivers):
            return True
        unsure = not env.complete or any(not setting.known for setting in drivers)
        return None if unsure else False

    return judge


def _mysql(env: Environment) -> bool | None:
    client = env["DB_CLIENT"]
    if client.known:
        return client.text in ("mysql", "mysql2", "mariadb")
    return None if client.is_set else False


def _is_set(name: str) -> Callable[[Environment], bool | None]:
    def judge(env: Environment) -> bool | None:
        setting = env[name]
        if setting.known:
            return bool(setting.text)
        return None if setting.is_set else False

    return judge


_C, _H, _M, _L = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW
_WS: Final = (_websocket_public, "WebSockets on with the authentication mode `public`")
_SSO: Final = (_sso, "an SSO provider")
_S3: Final = (_driver("STORAGE", "s3"), "a storage location on S3")

ADVISORIES: Final[tuple[Advisory, ...]] = (
    Advisory("GHSA-7h45-q5jx-7r87", "CVE-2026-129239", _M, "<12.3.1", "A share can be updated to another role, up to administrator"),
    Advisory("GHSA-97xr-jchp-xm3c", "CVE-2026-126539", _C, "<12.1.0", "A failed WebSocket authentication message grants everything", *_WS),
    Advisory("GHSA-c6w9-5g5j-jh2p", "CVE-2026-61836", _H, "<12.0.0", "Cached answers are served across shares, roles and policies", _is_on("CACHE_ENABLED"), "CACHE_ENABLED"),
    Advisory("GHSA-j5h6-vqc3-phqh", "CVE-2026-61835", _H, "<12.0.0", "Imports reach this very server through 0.0.0.0"),
    Advisory("GHSA-mvv8-v4jj-g47j", "CVE-2026-39943", _M, "<11.17.0", "Secrets stay in plain text in revisions"),
    Advisory("GHSA-393c-p46r-7c95", "CVE-2026-39942", _H, "<11.17.0", "A file update overwrites other files on disk"),
    Advisory("GHSA-38hg-ww64-rrwc", "CVE-2026-35442", _H, "<11.17.0", "min and max reveal concealed fields"),
    Advisory("GHSA-ph52-67fq-75wj", "CVE-2026-35441", _M, "<11.17.0", "GraphQL aliases multiply the work of one request"),
    Advisory("GHSA-6q22-g298-grjh", "", _H, "<11.17.0", "Anonymous health checks in GraphQL exhaust the server"),
    Advisory("GHSA-8m32-p958-jg99", "CVE-2026-35408", _H, "<11.17.0", "The sign-in window can be taken over by the page that opened it", *_SSO),
    Advisory("GHSA-wxwm-3fxv-mrvx", "CVE-2026-35413", _M, "<11.16.1", "The GraphQL schema is served although introspection is off"),
    Advisory("GHSA-qqmv-5p3g-px89", "CVE-2026-35412", _H, "<11.16.1", "Resumable uploads overwrite any file", _is_on("TUS_ENABLED"), "TUS_ENABLED"),
    Advisory("GHSA-q75c-4gmv-mg9x", "CVE-2026-35411", _M, "<11.16.1", "Open redirect after the set-up of the second factor"),
    Advisory("GHSA-cf45-hxwj-4cfj", "CVE-2026-35410", _M, "<11.16.1", "The redirect allow list of SSO can be passed", *_SSO),
    Advisory("GHSA-wv3h-5fx7-966h", "CVE-2026-35409", _H, "<11.16.0", "Imports pass the deny list with IPv4-mapped addresses"),
    Advisory("GHSA-jr94-gj3h-c8rf", "CVE-2026-26185", _M, "<11.14.1", "Password resets tell by their time which accounts exist"),
    Advisory("GHSA-3573-4c68-g8cc", "CVE-2026-22032", _M, "<11.14.0", "Open redirect through SAML's RelayState", _driver("AUTH", "saml"), "a SAML provider"),
    Advisory("GHSA-cph6-524f-3hgr", "CVE-2025-64749", _M, "<11.13.0", "Errors tell which collections exist"),
    Advisory("GHSA-8jpw-gpr4-8cmh", "CVE-2025-64748", _M, "<11.13.0", "Concealed fields can be searched"),
    Advisory("GHSA-vv2v-pw69-8crf", "CVE-2025-64747", _M, "<11.13.0", "Stored script in the block editor"),
    Advisory("GHSA-9x5g-62gj-wqf2", "CVE-2025-64746", _M, "<11.13.0", "Permissions of a deleted field apply to a new one of its name"),
    Advisory("GHSA-mv33-9f6j-pfmc", "CVE-2025-55746", _C, ">=10.8.0 <11.9.3", "Anyone can overwrite and upload files"),
    Advisory("GHSA-7cvf-pxgp-42fc", "CVE-2025-53889", _M, "<11.9.0", "Flows with a manual trigger start without authentication"),
    Advisory("GHSA-rmjh-cf9q-pv7q", "CVE-2025-53887", _M, "<11.9.0", "The API description tells the exact version"),
    Advisory("GHSA-f24x-rm6g-3w5v", "CVE-2025-53886", _M, "<11.9.0", "Logs of webhook flows hold tokens"),
    Advisory("GHSA-x3vm-88hf-gpxp", "CVE-2025-53885", _M, ">=9.0.0 <11.9.0", "The log operation writes personal data"),
    Advisory("GHSA-fm3h-p9wm-h74h", "CVE-2025-30353", _H, ">=9.12.0 <11.5.0", "A webhook flow that fails returns environment and accountability"),
    Advisory("GHSA-7wq3-jr35-275c", "CVE-2025-30352", _M, ">=9.0.0 <11.5.0", "`search` finds values of fields that may not be read"),
    Advisory("GHSA-56p6-qw3c-fq2g", "", _L, ">=10.10.0 <11.5.0", "Sessions of suspended users stay valid"),
    Advisory("GHSA-rv78-qqrq-73m5", "CVE-2025-30350", _M, ">=9.22.0 <11.5.0", "Many HEAD requests exhaust the connections to S3", *_S3),
    Advisory("GHSA-j8xj-7jff-46mx", "CVE-2025-30225", _M, ">=9.22.0 <11.5.0", "Many transformations exhaust the connections to S3", *_S3),
    Advisory("GHSA-99vm-5v2h-h6r6", "CVE-2025-27089", _M, ">=11.0.0 <11.1.2", "Fields of overlapping update policies add up"),
    Advisory("GHSA-pmf4-v838-29hg", "CVE-2025-24353", _M, "<11.2.0", "A share can be made with any role"),
    Advisory("GHSA-849r-qrwj-8rv4", "CVE-2024-54151", _H, ">=11.0.0 <11.3.0", "Anonymous WebSocket connections act as administrator", *_WS),
    Advisory("GHSA-r6wx-627v-gh2f", "CVE-2024-54128", _M, ">=10.10.0 <10.13.4 || >=11.0.0 <11.2.2", "HTML in comments"),
    Advisory("GHSA-vw58-ph65-6rxp", "CVE-2024-47822", _M, "<10.13.2", "Access tokens in the query are logged"),
    Advisory("GHSA-68g8-c275-xf2m", "CVE-2024-46990", _M, "<10.13.3 || >=11.0.0 <11.1.0", "Imports reach this very server through 127.0.0.2"),
    Advisory("GHSA-cff8-x7jv-4fm8", "CVE-2024-45596", _H, "<10.13.3 || >=11.0.0 <11.1.0", "Sessions of SSO users are cached and served to others", *_SSO),
    Advisory("GHSA-3fff-gqw3-vj86", "CVE-2024-6534", _M, "<10.13.2", "Presets of other users can be changed"),
    Advisory("GHSA-jgf4-vwc3-r46v", "CVE-2024-39896", _H, ">=9.11.0 <10.13.0", "Sign-in tells which SSO accounts exist", *_SSO),
    Advisory("GHSA-7hmh-pfrp-vcx4", "CVE-2024-39895", _M, "<10.12.0", "Repeated GraphQL fields multiply the work of one request"),
    Advisory("GHSA-hxgm-ghmv-xjjm", "CVE-2024-39701", _H, ">=9.23.0 <10.6.0", "An empty `_in` or `_nin` in a rule matches everything"),
    Advisory("GHSA-8p72-rcq4-h6pw", "CVE-2024-39699", _M, "<10.9.3", "Imports pass the deny list with a redirect"),
    Advisory("GHSA-632p-p495-25m5", "CVE-2024-36128", _H, "<10.11.2", "One request makes all random values empty"),
    Advisory("GHSA-g65h-35f3-x2w3", "CVE-2024-34709", _M, ">=10.10.0 <10.11.0", "Sessions stay valid after signing out"),
    Advisory("GHSA-p8v3-m643-4xqx", "CVE-2024-34708", _M, "<10.11.0", "Aliases show redacted fields"),
    Advisory("GHSA-fr3w-2p22-6w7p", "CVE-2024-28239", _M, "<10.10.0", "Open redirect after SSO sign-in", *_SSO),
    Advisory("GHSA-5mhg-wv8w-p59j", "CVE-2024-27296", _M, "<10.8.3", "The Data Studio's files tell the exact version"),
    Advisory("GHSA-qw9g-7549-7wg5", "CVE-2024-27295", _H, "<10.8.3", "A password reset reaches a look-alike address", _mysql, "a MySQL or MariaDB database"),
    Advisory("GHSA-hmgw-9jrg-hf2m", "CVE-2023-45820", _H, ">=10.4.0 <10.6.2", "One invalid WebSocket frame stops the server", _is_on("WEBSOCKETS_ENABLED"), "WEBSOCKETS_ENABLED"),
    Advisory("GHSA-22rr-f3p8-5gf8", "", _H, "<10.6.0", "Flow scripts leave the vm2 sandbox"),
    Advisory("GHSA-gggm-66rh-pp98", "CVE-2023-38503", _M, ">=10.3.0 <10.5.0", "GraphQL subscriptions ignore permissions", _is_on("WEBSOCKETS_ENABLED"), "WEBSOCKETS_ENABLED"),
    Advisory("GHSA-8vg2-wf3q-mwv7", "CVE-2023-28443", _M, "<9.23.3", "Refresh tokens are logged"),
    Advisory("GHSA-4hmq-ggrm-qfc6", "CVE-2023-27474", _H, "<9.23.0", "HTML in reset mails through the allow list", _is_set("PASSWORD_RESET_URL_ALLOW_LIST"), "PASSWORD_RESET_URL_ALLOW_LIST"),
    Advisory("GHSA-m5q3-8wgf-x8xf", "CVE-2023-27481", _M, "<9.16.0", "Exports give away password hashes"),
    Advisory("GHSA-77qm-wvqq-fg79", "CVE-2022-36031", _M, "<9.15.0", "A file name stops the server"),
    Advisory("GHSA-xmjj-3c76-5w84", "CVE-2022-24814", _H, "<9.7.0", "Uploaded HTML and scripts run in the Data Studio's origin"),
    Advisory("GHSA-g27j-74fp-xfpr", "CVE-2022-26969", _C, "<9.7.0", "CORS admits every origin by default"),
)  # fmt: skip
"""Newest first."""


@lru_cache(maxsize=1024)
def affecting(version: Version) -> tuple[Advisory, ...]:
    """The advisories whose range holds the version."""
    return tuple(advisory for advisory in ADVISORIES if advisory.affects(version))
