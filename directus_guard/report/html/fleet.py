"""`directus-guard merge --output html`: the projects and what each check found in them, on a page of its own."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from markupsafe import Markup

from directus_guard import __version__
from directus_guard.exit_code import ExitCode
from directus_guard.finding import Severity
from directus_guard.report.fleet_text import verdict
from directus_guard.report.html.page import asset, policy, templates

if TYPE_CHECKING:
    from directus_guard.fleet import Fleet


def write_fleet(fleet: Fleet, stream: IO[str]) -> None:
    """The page of `merge`: tables alone, without a script."""
    style = asset("page.css") + asset("fleet.css")
    tones = {int(ExitCode.OK): "passed", int(ExitCode.FINDINGS): "blocked"}
    page = templates().get_template("fleet.html.jinja")
    for piece in page.generate(
        fleet=fleet,
        verdict=verdict(fleet),
        tone=tones.get(fleet.exit_code, "unclear"),
        counts=[(one.value, sum(result.counts.get(one, 0) for result in fleet.results)) for one in Severity],
        severities=[one.value for one in Severity],
        by_name={one.value: one for one in Severity},
        version=__version__,
        style=Markup(style),  # noqa: S704 - our own files
        policy=policy(style, ""),
    ):
        stream.write(piece)
