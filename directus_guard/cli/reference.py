"""Commands that show what is built in: `explain`, `checks`, `advisories` and `auditor-policy`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from directus_guard.cli.arguments import EDITIONS, add_debug
from directus_guard.cli.errors import UsageError, did_you_mean
from directus_guard.exit_code import ExitCode

if TYPE_CHECKING:
    import argparse

    from directus_guard.cli.arguments import Commands


def add_command(commands: Commands) -> None:
    """Add each of these commands and its arguments."""
    _add_auditor_policy(commands)
    _add_explain(commands)
    _add_checks(commands)
    _add_advisories(commands)


def _add_auditor_policy(commands: Commands) -> None:
    auditor = commands.add_parser(
        "auditor-policy", help="the least-privileged policy that --url needs, as JSON", allow_abbrev=False
    )
    auditor.add_argument("--directus-version", metavar="V", help="of the instance (default: the newest known)")
    auditor.add_argument("--edition", choices=EDITIONS, default="core", help="licensed: fields by name (default: core)")
    add_debug(auditor)
    auditor.set_defaults(run=_auditor_policy)


def _auditor_policy(args: argparse.Namespace) -> int:
    from directus_guard.cli.options import version_of
    from directus_guard.directus.access.records import Edition
    from directus_guard.directus.versions import NEWEST
    from directus_guard.live.auditor import policy

    print(json.dumps(policy(version_of(args.directus_version) or NEWEST, Edition(args.edition)), indent=2))
    return ExitCode.OK


def _add_explain(commands: Commands) -> None:
    explain = commands.add_parser("explain", help="the documentation page of a check", allow_abbrev=False)
    explain.add_argument("check", metavar="CHECK", help="the id of a check, or `export` or `diff`")
    add_debug(explain)
    explain.set_defaults(run=_explain)


def _explain(args: argparse.Namespace) -> int:
    from directus_guard.checks import catalogue
    from directus_guard.documentation import GUIDES, guide

    if args.check in GUIDES:
        print(guide(args.check).rstrip())
        return ExitCode.OK
    check = catalogue().get(args.check)
    if check is None:
        known = (*catalogue(), *GUIDES)
        raise UsageError(
            f"unknown check `{args.check}`.{did_you_mean(args.check, known)} `directus-guard checks` lists them."
        )
    bullets = ", ".join(str(number) for number in check.checklist) or "none (not in the checklist)"
    print(f"{check.page().rstrip()}\n\n---\nSeverity: {check.severity.value}. Checklist bullets: {bullets}.")
    print(*(f"{weakness.id}: {weakness.title}." for weakness in check.cwe), sep="\n")
    print(*(f"OWASP {risk.id}: {risk.title}." for risk in check.risks), sep="\n")
    return ExitCode.OK


def _add_checks(commands: Commands) -> None:
    checks = commands.add_parser("checks", help="the list of checks", allow_abbrev=False)
    checks.add_argument("--json", action="store_true", help="as JSON")
    add_debug(checks)
    checks.set_defaults(run=_checks)


def _checks(args: argparse.Namespace) -> int:
    from directus_guard.checks import catalogue
    from directus_guard.cli.options import documentation_base
    from directus_guard.documentation import address

    if args.json:
        base = documentation_base()
        rows = [
            {"id": check.id, "severity": check.severity.value, "chapter": check.chapter, "title": check.title,
             "checklist": list(check.checklist), "cwe": [one.id for one in check.cwe], "owasp": [one.id for one in check.risks],
             "documentation": address(base, check.path)}
            for check in catalogue().values()
        ]  # fmt: skip
        print(json.dumps(rows, indent=2))
    else:
        width = max(len(check) for check in catalogue())
        for check in catalogue().values():
            print(f"{check.id:<{width}}  {check.severity.value:<8}  {check.title}")
    return ExitCode.OK


def _add_advisories(commands: Commands) -> None:
    advisories = commands.add_parser(
        "advisories", help="the built-in table of Directus advisories and its date", allow_abbrev=False
    )
    advisories.add_argument("--json", action="store_true", help="as JSON")
    add_debug(advisories)
    advisories.set_defaults(run=_advisories)


def _advisories(args: argparse.Namespace) -> int:
    from directus_guard.directus.advisories import ADVISORIES, LAST_REVIEWED, RANGE_UNKNOWN

    if args.json:
        listed = [item.as_json() for item in ADVISORIES]
        whole = {"last_reviewed": LAST_REVIEWED, "advisories": listed, "range_unknown": RANGE_UNKNOWN}
        print(json.dumps(whole, indent=2))
        return ExitCode.OK
    print(f"Directus advisories, last reviewed {LAST_REVIEWED}. The list may lack some: also run `npm audit`.")
    for item in ADVISORIES:
        print(f"{item.id:<20} {item.cve:<16} {item.severity.value:<8} {item.affected:<28} {item.gist}")
    print("\nAdvisories without known affected versions; no version is judged by them:")
    for unknown in RANGE_UNKNOWN:
        print(f"{unknown['id']:<20} {unknown['gist']}")
    return ExitCode.OK
