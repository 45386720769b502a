"""Who may create files makes the server fetch addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import project_check
from directus_guard.checks.result import CheckResult, NotEvaluated, Pass, unjudged
from directus_guard.checks.server import _joins
from directus_guard.checks.server._deny_list import BASELINE, DEFAULT_BLOCKS, names
from directus_guard.checks.shared.rows import effective_rows, who
from directus_guard.directus.environment.casting import cast
from directus_guard.directus.environment.ip_deny_list import DenyList
from directus_guard.directus.features import CHECKS_SOCKETS, DENIES_UNSPECIFIED, USES_BLOCK_LIST
from directus_guard.finding import Related, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.server._joins import About, Ground
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project

_DEFAULT: Final = "0.0.0.0,169.254.169.254"
_LIST: Final = "IMPORT_IP_DENY_LIST"
_ALSO_LOOPBACK: Final = ("0.0.0.0", "::", "::ffff:127.0.0.1")
"""Targets that reach the machine itself by another spelling: 11.17.4 fetches `http://0.0.0.0` (measured; CVE-2026-61835),
up to 11.15 mapped IPv6 addresses pass (CVE-2026-35409)."""


@project_check(
    "file-import-ssrf",
    severity=Severity.HIGH,
    title="Who may create files reaches the internal network",
    summary="A non-administrator may create files, and so import by URL, while IMPORT_IP_DENY_LIST lets through what Directus' default is meant to block.",
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
    return _joins.Ground(f"{who(export, principals)} may create files, and with that import by URL", related)


def _judge(env: Environment, ground: Ground) -> Iterator[CheckResult]:
    setting = env[_LIST]
    if setting.is_set and not setting.known:
        yield from unjudged(setting)
        return
    default = DenyList.of(cast(_LIST, _DEFAULT, env.version), env.version)
    deny = DenyList.of(setting.js, env.version) if setting.known else default
    by_default = not deny.invalid and set(deny.rules) == set(default.rules)
    spellings = tuple(f"`{address}`" for address in _ALSO_LOOPBACK if not deny.denies(address))
    # A list that refuses all that the default refuses, and maybe more, is judged as the default is: which private ranges
    # are left open is what hardening-defaults and import-ip-deny-list list.
    weaker = tuple(deny.open_ranges(DEFAULT_BLOCKS))
    ranges = tuple(dict.fromkeys((*weaker, *deny.open_ranges(BASELINE)))) if weaker else ()
    if not spellings and not ranges and by_default and env.hidden_version:
        yield NotEvaluated(f"what the default list refuses depends on the version of Directus: {env.hidden_version}")
        return
    if not spellings and not ranges:
        left = deny.open_ranges(BASELINE)
        yield Pass(
            "hardening-defaults or import-ip-deny-list lists the private ranges that are left open" if left else ""
        )
        return
    reasons = [f"{names(ranges)}"] if ranges else []
    if spellings:
        reasons.append(f"this very machine as {', '.join(spellings)}")
    yield _joins.failure(
        env,
        _LIST,
        ground,
        message=(
            f"{ground.text}. Directus {env.version} then fetches any address that the list does not refuse, and keeps the answer as a "
            f"file they can read: {' and '.join(reasons)} can be reached."
        ),
        expected=_expected(env),
        actual=setting.shown if setting.known else f"the default {_DEFAULT}",
    )


def _expected(env: Environment) -> str:
    """A list that leaves none of it open on this version."""
    whole = "0.0.0.0,127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10"
    if DENIES_UNSPECIFIED.of(env.version):
        return f"`{whole}`"
    if USES_BLOCK_LIST.of(env.version):
        return f"Directus 12, or `{whole},0.0.0.0/8,::`"
    if CHECKS_SOCKETS.of(env.version):
        return f"Directus 12, or `{whole},::,::ffff:0:0/96` (the last entry denies everything from 11.16 on)"
    return "Directus 12: this version compares the list text by text and knows no ranges"
