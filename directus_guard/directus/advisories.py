"""Published security advisories of Directus: a floor, not a ceiling. The table is `advisories.json` beside this module.

Identifiers, severities and ranges are as published; the gist is in our own words. `python -m scripts.advisories` compares
the table with an OSV export.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypedDict, cast

from msgspec import Struct

from directus_guard.directus.environment import variables
from directus_guard.directus.environment.certainty import Certainty, certainty
from directus_guard.directus.placeholders import is_filled_in
from directus_guard.directus.versions import Version
from directus_guard.finding import Severity
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from directus_guard.directus.environment.settings import Environment

TABLE: Final = Path(__file__).with_name("advisories.json")


class Precondition(Struct, frozen=True):
    """What an attack needs besides the version."""

    words: str
    certainty: Callable[[Environment], Certainty]


class Advisory(Struct, frozen=True):
    """One advisory. `affected` is written `>=10.8.0 <11.9.3`, several ranges joined by ` || `."""

    id: str
    cve: str
    severity: Severity
    affected: str
    gist: str
    precondition: Precondition | None
    """None: the version alone is enough."""

    def affects(self, version: Version) -> bool:
        """Whether the version lies in the affected range."""
        return any(_within(version, part) for part in self.affected.split(" || "))

    def fixed(self, version: Version) -> Version:
        """The first version without the fault, seen from an affected `version`."""
        part = next(part for part in self.affected.split(" || ") if _within(version, part))
        return next(bound for sign, bound in bounds(part) if sign == "<")

    @property
    def name(self) -> str:
        """The id, with the CVE where there is one."""
        return f"{self.id} ({self.cve})" if self.cve else self.id

    def certainty(self, env: Environment) -> Certainty:
        """Whether the deployment has what the attack needs."""
        if self.precondition is None:
            return Certainty.YES
        # Several advisories need the same, and four checks ask.
        known = env.certainties
        found = known.get(self.precondition.words)
        if found is None:
            found = known[self.precondition.words] = self.precondition.certainty(env)
        return found

    def as_json(self) -> dict[str, str]:
        """For `advisories --json`."""
        return {
            "id": self.id,
            "cve": self.cve,
            "severity": self.severity.value,
            "affected": self.affected,
            "gist": self.gist,
            "needs": self.precondition.words if self.precondition else "",
        }


_BOUND: Final = lazy_pattern(r"(>=|<)(\d+)\.(\d+)\.(\d+)")


@cache
def bounds(text: str) -> tuple[tuple[str, Version], ...]:
    """The bounds of one range: `>=` or `<` and the version."""
    return tuple((sign, Version(int(a), int(b), int(c))) for sign, a, b, c in _BOUND.findall(text))


def _within(version: Version, text: str) -> bool:
    return all(version >= bound if sign == ">=" else version < bound for sign, bound in bounds(text))


# --- preconditions ---


_Condition: TypeAlias = "Callable[[Environment], Certainty]"


def _text(env: Environment, name: str) -> str:
    """The text that counts: what is set, or the version's default."""
    setting = env[name]
    return setting.text if setting.is_set else variables.default(name, env.version) or ""


def _is_on(name: str) -> _Condition:
    return _judged(lambda env: _text(env, name).strip().lower() in ("true", "1"))


def _is_one_of(name: str, *texts: str) -> _Condition:
    return _judged(lambda env: _text(env, name).strip() in texts)


def _is_set(name: str) -> _Condition:
    return _judged(lambda env: bool(_text(env, name).strip()))


def _driver(group: str, *drivers: str) -> _Condition:
    """A provider or a storage location with one of the drivers."""
    return _judged(lambda env: any(setting.text in drivers for setting in env.matching(f"{group}_", "_DRIVER")))


def _judged(condition: Callable[[Environment], bool]) -> _Condition:
    return lambda env: certainty(env, condition)


def _all(*parts: _Condition) -> _Condition:
    return lambda env: min((part(env) for part in parts), key=_RANK.index)


def _any(*parts: _Condition) -> _Condition:
    return lambda env: max((part(env) for part in parts), key=_RANK.index)


_RANK: Final = (Certainty.NO, Certainty.UNSEEN, Certainty.BY_DEFAULT, Certainty.YES)


def _in_project(holds: Callable[[Mapping[str, object]], bool | None]) -> _Condition:
    """A condition on the project's settings, which an export tells; None: this one does not tell it."""

    def judge(env: Environment) -> Certainty:
        found = None if env.project_settings is None else holds(env.project_settings)
        return _TOLD[found]

    return judge


_TOLD: Final[Mapping[bool | None, Certainty]] = {True: Certainty.YES, False: Certainty.NO, None: Certainty.UNSEEN}


def _registers(settings: Mapping[str, object]) -> bool | None:
    registration = settings.get("public_registration")
    return registration if isinstance(registration, bool) else None


def _chats(settings: Mapping[str, object]) -> bool | None:
    """Whether a provider has a key, which exports mask or leave out."""
    keys = [settings.get(name) for name in _PROVIDERS]
    if any(isinstance(key, str) and key and not is_filled_in(key) for key in keys):
        return True
    return False if not any(keys) and settings.keys() >= set(_PROVIDERS) else None


_PROVIDERS: Final = ("ai_openai_api_key", "ai_anthropic_api_key", "ai_google_api_key", "ai_openai_compatible_api_key")


_WEBSOCKETS: Final = _is_on("WEBSOCKETS_ENABLED")
_PUBLIC_WEBSOCKETS: Final = _all(
    _WEBSOCKETS,
    _any(
        _all(_is_on("WEBSOCKETS_REST_ENABLED"), _is_one_of("WEBSOCKETS_REST_AUTH", "public")),
        _all(_is_on("WEBSOCKETS_GRAPHQL_ENABLED"), _is_one_of("WEBSOCKETS_GRAPHQL_AUTH", "public")),
    ),
)

PRECONDITIONS: Final[Mapping[str, Precondition]] = {
    "ai-chat": Precondition(
        "the AI chat, which the project's settings switch on", _all(_is_on("AI_ENABLED"), _in_project(_chats))
    ),
    "cache": Precondition("CACHE_ENABLED", _is_on("CACHE_ENABLED")),
    "cache-and-oauth": Precondition(
        "CACHE_ENABLED and an OpenID or OAuth 2.0 provider",
        _all(_is_on("CACHE_ENABLED"), _driver("AUTH", "openid", "oauth2")),
    ),
    "graphql-websockets": Precondition(
        "WEBSOCKETS_ENABLED with GraphQL", _all(_WEBSOCKETS, _is_on("WEBSOCKETS_GRAPHQL_ENABLED"))
    ),
    "mysql": Precondition("a MySQL or MariaDB database", _is_one_of("DB_CLIENT", "mysql", "mysql2", "mariadb")),
    "postgres": Precondition("a PostgreSQL database", _is_one_of("DB_CLIENT", "pg", "postgres", "postgresql")),
    "raw-logs": Precondition("LOG_STYLE=raw", _is_one_of("LOG_STYLE", "raw")),
    "registration": Precondition(
        "public registration, which the project's settings switch on", _in_project(_registers)
    ),
    "reset-url-list": Precondition("PASSWORD_RESET_URL_ALLOW_LIST", _is_set("PASSWORD_RESET_URL_ALLOW_LIST")),
    "s3": Precondition("a storage location on S3", _driver("STORAGE", "s3")),
    "saml": Precondition("a SAML provider", _driver("AUTH", "saml")),
    "sso": Precondition("a single sign-on provider", _is_set("AUTH_PROVIDERS")),
    "tus": Precondition("TUS_ENABLED", _is_on("TUS_ENABLED")),
    "websockets": Precondition("WEBSOCKETS_ENABLED", _WEBSOCKETS),
    "websockets-public": Precondition("WebSockets with the authentication mode `public`", _PUBLIC_WEBSOCKETS),
}
"""By the word in the table's column `needs`."""


# --- the table ---


class AdvisoryRow(TypedDict):
    """One row of `advisories.json`."""

    id: str
    cve: str
    severity: str
    affected: str
    gist: str
    needs: str
    """A key of `PRECONDITIONS`, or ""."""


class UnknownRange(TypedDict):
    """An advisory whose affected versions could not be read: no version can be judged by it."""

    id: str
    gist: str


class Table(TypedDict):
    """The whole of `advisories.json`."""

    last_reviewed: str
    """The date up to which advisories were looked for."""
    range_unknown: list[UnknownRange]
    advisories: list[AdvisoryRow]


def table(path: Path = TABLE) -> Table:
    """The table as it is written."""
    return cast("Table", json.loads(path.read_text(encoding="utf-8")))


def _advisory(row: AdvisoryRow) -> Advisory:
    needs = PRECONDITIONS[row["needs"]] if row["needs"] else None
    return Advisory(row["id"], row["cve"], Severity(row["severity"]), row["affected"], row["gist"], needs)


_TABLE: Final = table()
LAST_REVIEWED: Final = _TABLE["last_reviewed"]
RANGE_UNKNOWN: Final = tuple(_TABLE["range_unknown"])
ADVISORIES: Final[tuple[Advisory, ...]] = tuple(map(_advisory, _TABLE["advisories"]))
"""The latest fix first."""


@lru_cache(maxsize=1024)
def affecting(version: Version) -> tuple[Advisory, ...]:
    """The advisories whose range holds the version."""
    return tuple(advisory for advisory in ADVISORIES if advisory.affects(version))
