"""Anyone who may create files can make the server fetch an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import CheckResult, NotEvaluated, Pass, unjudged
from directus_guard.checks.server import _joins
from directus_guard.checks.shared.rows import effective_rows, who
from directus_guard.directus.environment.casting import cast
from directus_guard.directus.features import USES_BLOCK_LIST
from directus_guard.finding import Related, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.checks.server._joins import About, Ground
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project

_DEFAULT: Final = "0.0.0.0,169.254.169.254"
_LIST: Final = "IMPORT_IP_DENY_LIST"
_ALSO_LOOPBACK: Final = ("0.0.0.0", "::", "::ffff:127.0.0.1")
"""Other spellings of the server itself: 11.17.4 fetches `http://0.0.0.0` (CVE-2026-61835), up to 11.15 mapped IPv6
addresses pass (CVE-2026-35409)."""


@project_check(
    "file-import-ssrf",
    evidence=(ProjectPart.EXPORTS,),
    without=_joins.NO_EXPORT,
    severity=Severity.HIGH,
    title="Users who may create files reach internal addresses",
    summary="A non-administrator may create files, and so import by URL, while IMPORT_IP_DENY_LIST allows what the default of Directus is meant to block.",
    cwe=(Cwe.SERVER_SIDE_REQUEST_FORGERY,),
    owasp=(OwaspRisk.API7,),
    checklist=(31,),
)
def file_import_ssrf(project: Project) -> Iterator[About]:
    yield from _joins.join(project, _creators, _judge, gaps=_joins.access_gaps)


def _creators(export: Export) -> Ground | None:
    rows = list(effective_rows(export, "directus_files", "create"))
    if not rows:
        return None
    principals = tuple(dict.fromkeys(principal for found in rows for principal in found.principals))
    related = tuple(Related(found.row.location, "may create files") for found in rows if found.row.location)
    return _joins.Ground(f"{who(export, principals)} may create files, and so import them by URL", related)


def _judge(env: Environment, ground: Ground) -> Iterator[CheckResult]:
    from directus_guard.checks.server import _deny_list  # noqa: PLC0415 - few runs have an export and its deployment
    from directus_guard.directus.environment.ip_deny_list import DenyList  # noqa: PLC0415 - the same

    setting = env[_LIST]
    if setting.is_set and not setting.known:
        yield from unjudged(setting)
        return
    default = DenyList.of(cast(_LIST, _DEFAULT, env.version), env.version)
    deny = DenyList.of(setting.js, env.version) if setting.known else default
    by_default = not deny.invalid and set(deny.rules) == set(default.rules)
    spellings = tuple(f"`{address}`" for address in _ALSO_LOOPBACK if not deny.denies(address))
    # A list that refuses all that the default refuses, and maybe more, is judged like the default: hardening-defaults and
    # import-ip-deny-list report the private ranges that it leaves open.
    weaker = tuple(deny.open_ranges(_deny_list.DEFAULT_BLOCKS))
    ranges = tuple(dict.fromkeys((*weaker, *deny.open_ranges(_deny_list.BASELINE)))) if weaker else ()
    if not spellings and not ranges and by_default and env.hidden_version:
        yield NotEvaluated(f"what the default list refuses depends on the version of Directus: {env.hidden_version}")
        return
    if not spellings and not ranges:
        left = deny.open_ranges(_deny_list.BASELINE)
        yield Pass(
            "hardening-defaults or import-ip-deny-list reports the private ranges that are left open" if left else ""
        )
        return
    opening = _deny_list.reachable(ranges) if ranges else f"the server itself as {_listed(spellings)}"
    if not ranges and "0.0.0.0" in ((setting.text if setting.known else _DEFAULT).split(",")):
        opening += ". The entry `0.0.0.0` denies the server's own addresses, but not these spellings"
    yield _joins.failure(
        env,
        _LIST,
        ground,
        message=(
            f"{ground.text[:1].upper()}{ground.text[1:]}. Directus {env.version} fetches the address and stores the answer as a file, which they can read. They can "
            f"reach {opening}."
        ),
        expected=_expected(env),
        fix=_deny_list.fix(setting, too_old=not USES_BLOCK_LIST.of(env.version)),
        actual=(setting.shown or "(empty)") if setting.known else f"the default {_DEFAULT}",
    )


def _listed(spellings: Sequence[str]) -> str:
    *first, last = spellings
    return f"{', '.join(first)} or {last}" if first else last


def _expected(env: Environment) -> str:
    """A list that leaves none of it open on this version."""
    from directus_guard.checks.server._recommended_deny_list import recommended  # noqa: PLC0415 - as in `_judge`

    if USES_BLOCK_LIST.of(env.version):
        return f"`{','.join(recommended(env.version))}`"
    return "Directus 12: no list closes this on an older version"
