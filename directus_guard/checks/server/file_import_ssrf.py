"""Anyone who may create files can make the server fetch an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import project_check
from directus_guard.checks.result import CheckResult, NotEvaluated, Pass, unjudged
from directus_guard.checks.server import _joins
from directus_guard.checks.server._deny_list import BASELINE, DEFAULT_BLOCKS, added, reachable
from directus_guard.checks.shared.rows import effective_rows, who
from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.ip_deny_list import DenyList
from directus_guard.directus.features import CHECKS_SOCKETS, DENIES_UNSPECIFIED, USES_BLOCK_LIST
from directus_guard.finding import Fix, Related, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    severity=Severity.HIGH,
    title="Users who may create files reach internal addresses",
    summary="A non-administrator may create files, and so import by URL, while IMPORT_IP_DENY_LIST allows what the default of Directus is meant to block.",
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
    weaker = tuple(deny.open_ranges(DEFAULT_BLOCKS))
    ranges = tuple(dict.fromkeys((*weaker, *deny.open_ranges(BASELINE)))) if weaker else ()
    if not spellings and not ranges and by_default and env.hidden_version:
        yield NotEvaluated(f"what the default list refuses depends on the version of Directus: {env.hidden_version}")
        return
    if not spellings and not ranges:
        left = deny.open_ranges(BASELINE)
        yield Pass(
            "hardening-defaults or import-ip-deny-list reports the private ranges that are left open" if left else ""
        )
        return
    opening = reachable(ranges) if ranges else f"the server itself as {', '.join(spellings)}"
    yield _joins.failure(
        env,
        _LIST,
        ground,
        message=(
            f"{ground.text}. Directus {env.version} fetches the address and stores the answer as a file, which they can read. They can "
            f"reach {opening}."
        ),
        expected=_expected(env),
        fix=_fix(env),
        actual=setting.shown if setting.known else f"the default {_DEFAULT}",
    )


_WHOLE: Final = "0.0.0.0,127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10"
_MAPPED: Final = "::ffff:0:0/96"


def _expected(env: Environment) -> str:
    """A list that leaves none of it open on this version."""
    if DENIES_UNSPECIFIED.of(env.version):
        return f"`{_WHOLE}`"
    if USES_BLOCK_LIST.of(env.version):
        return f"Directus 12, or `{_WHOLE},0.0.0.0/8,::`"
    if CHECKS_SOCKETS.of(env.version):
        return f"Directus 12, or `{_WHOLE},::,{_MAPPED}` (the last entry denies everything from 11.16 on)"
    return "Directus 12: this version compares the list as plain text and reads no ranges"


def _fix(env: Environment) -> Fix:
    """The entries that the list has not; a list of an old version cannot help."""
    if not CHECKS_SOCKETS.of(env.version):
        return Fix("Upgrade Directus to 12. This version compares the list as plain text and reads no ranges.")
    more = (
        ""
        if DENIES_UNSPECIFIED.of(env.version)
        else ",0.0.0.0/8,::"
        if USES_BLOCK_LIST.of(env.version)
        else f",::,{_MAPPED}"
    )
    listed = env[_LIST].js if env[_LIST].known else ()
    present = listed if isinstance(listed, tuple) else ()
    fix = added(env[_LIST], [entry for entry in f"{_WHOLE}{more}".split(",") if entry not in present])
    if _MAPPED not in more:
        return fix
    return Fix(f"{fix.description} Remove `{_MAPPED}` when you upgrade: from 11.16 on it denies every address.")
