"""CSS that comes from the database must not carry data away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import CheckResult, NotApplicable, Pass
from directus_guard.checks.server import _joins
from directus_guard.checks.shared.enumerations import first_of
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.environment.casting import is_truthy
from directus_guard.directus.tri import Tri
from directus_guard.finding import Fix, Related, Severity
from directus_guard.setting_changes import RemoveVariable
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from directus_guard.checks.server._joins import About, Ground
    from directus_guard.directus.environment.csp import Csp
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project

JUDGED: Final = ("img-src", "font-src", "style-src")
"""What a style sheet can load from another host. `connect-src` is about scripts: see csp-directives."""
_OF_ALL: Final = ("custom_css", "project_color", "theme_light_overrides", "theme_dark_overrides")
"""Settings whose text the Studio writes into a style sheet as it is (`@directus/themes` 3.0.0, `@directus/app` 18.0.0).
`default_theme_light` and `default_theme_dark` only choose an installed theme."""
_OF_ONE: Final = ("theme_light_overrides", "theme_dark_overrides")
"""The same of one user: dangerous where another user may write them."""


@project_check(
    "csp-custom-css",
    evidence=(ProjectPart.EXPORTS,),
    without=_joins.NO_EXPORT,
    severity=Severity.HIGH,
    title="Custom CSS can send data to any host",
    summary="Custom CSS is set, or a non-administrator may write it, and img-src, font-src or style-src allow any host.",
    cwe=(Cwe.PROTECTION_FAILURE, Cwe.CROSS_SITE_SCRIPTING),
    owasp=(OwaspRisk.API8,),
    checklist=(32,),
)
def csp_custom_css(project: Project) -> Iterator[About]:
    yield from _joins.join(project, _grounds, _judge, gaps=_gaps)


def _grounds(export: Export) -> Ground | None:
    found: list[tuple[str, tuple[Related, ...]]] = []
    from directus_guard.checks.shared.rows import effective_rows, who  # noqa: PLC0415 - few runs have an export
    from directus_guard.directus.access.rules import confined_to_current_user  # noqa: PLC0415 - the same

    settings = export.settings
    css = settings.values.get("custom_css") if settings else None
    if settings and isinstance(css, str) and css.strip():
        found.append(
            (
                "the project setting `custom_css` is in use",
                (Related(settings.place("custom_css"), "`custom_css` is set"),),
            )
        )
    for collection, names, whose in (
        ("directus_settings", _OF_ALL, "of all users"),
        ("directus_users", _OF_ONE, "of other users"),
    ):
        for row in effective_rows(export, collection, "update"):
            fields = row.row.fields or ()
            held = "*" in fields or any(name in fields for name in names)
            own = collection == "directus_users" and (
                confined_to_current_user(row.rule, anonymous=row.public).answer is Tri.YES
            )
            if held and not own:
                place = row.row.location
                related = (Related(place, f"may write CSS for the Data Studio {whose}"),) if place else ()
                found.append((f"{who(export, row.principals)} may write CSS for the Data Studio {whose}", related))
    if not found:
        return None
    clauses = list(dict.fromkeys(text for text, _ in found))
    return _joins.Ground(first_of(clauses, 3, "; "), tuple(item for _, related in found for item in related))


def _gaps(export: Export) -> tuple[str, ...]:
    unseen = (
        ()
        if export.settings and "custom_css" in export.settings.values
        else ("the export does not hold `custom_css`: export `directus_settings` too",)
    )
    return (*unseen, *_joins.access_gaps(export))


def _judge(env: Environment, ground: Ground) -> Iterator[CheckResult]:
    serves = env["SERVE_APP"]
    if serves.is_set and not is_truthy(serves.js):
        yield Pass("this deployment does not serve the Data Studio")
        return
    from directus_guard.checks.server import _csp  # noqa: PLC0415 - few runs have an export and its deployment
    from directus_guard.directus.environment import csp  # noqa: PLC0415 - the same

    effective = _csp.policy(env, _csp.MAIN)
    if not isinstance(effective, csp.Csp):
        yield NotApplicable("Directus does not start with this policy; see csp-ineffective")
        return
    settings = _csp.known(env, _csp.MAIN)
    loose = _csp.loose(env, effective, JUDGED)
    if effective.report_only:
        loose = {name: None for name in JUDGED}  # noqa: C420 - a type checker wants the values' type
    if loose:
        shown = "; ".join(
            f"{name} {'(unrestricted)' if sources is None else ' '.join(sources)}" for name, sources in loose.items()
        )
        own = (_csp.setting_of(settings, name, _csp.MAIN) for name in loose)
        anchor = next(filter(None, own), None)
        yield _joins.failure(
            env,
            _csp.MAIN,
            ground,
            message=(
                "CSS can read what a page shows and send it away in the address of an image, a font or a style sheet. "
                f"{ground.text[:1].upper()}{ground.text[1:]}. {_csp.listed(loose)} {'allow' if len(loose) > 1 else 'allows'} any host"
                f"{', because the policy only reports' if effective.report_only else '' if settings else ' by default'}."
            ),
            expected="`'self'` and the exact hosts, separated by spaces, in each of the three directives",
            fix=_fix(env, effective, loose),
            actual=shorten(shown),
            anchor=anchor.name if anchor else "",
        )


def _fix(env: Environment, effective: Csp, loose: Iterable[str]) -> Fix:
    """A policy that only reports has to be enforced, too."""
    from directus_guard.checks.server import _csp  # noqa: PLC0415 - as in `_judge`

    fix = _csp.closed(env, loose)
    reporting = _csp.reporting(_csp.known(env, _csp.MAIN), _csp.MAIN) if effective.report_only else None
    if reporting is None:
        return fix
    return replace(
        fix,
        description=f"Remove `{escape_controls(reporting.name)}`. {fix.description}",
        settings=(RemoveVariable(reporting.name), *fix.settings),
    )
