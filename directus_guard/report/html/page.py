"""Writes the page: the template is filled, every text made harmless, and the policy names what may run."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from directus_guard import __version__
from directus_guard.report.html.findings import FindingsView
from directus_guard.report.html.graph import drawing
from directus_guard.report.html.matrix_data import matrix_data
from directus_guard.report.html.summary import ReportView
from directus_guard.text_safety import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.access_matrix import AccessMatrix
    from directus_guard.finding import Report, Rule
    from directus_guard.report_details import ReportDetails

FOLDER: Final = Path(__file__).parent
_LINK: Final = re.compile(r"https?://[^\s<>\"'`]+")


def write_report(report: Report, rules: Sequence[Rule], details: ReportDetails, stream: IO[str]) -> None:
    """The page of `scan`."""
    view = ReportView(report)
    _write(
        stream,
        {
            "title": view.title,
            "view": view,
            "report": report,
            "findings": FindingsView(report, rules, details.graphs),
            "matrices": details.matrices,
            "environments": details.environments,
            "graphs": [(graph, drawing(graph)) for graph in details.graphs],
        },
    )


def write_access(matrices: Sequence[AccessMatrix], stream: IO[str]) -> None:
    """The page of `access`: the matrix alone."""
    _write(stream, {"title": "Who can do what", "view": None, "matrices": matrices})


def _write(stream: IO[str], values: Mapping[str, object]) -> None:
    style, script = (asset(name) for name in ("page.css", "page.js"))
    matrices = values["matrices"]
    page = templates().get_template("page.html.jinja")
    for piece in page.generate(
        **values,
        version=__version__,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=policy(style, script),
        data=matrix_data(matrices),  # type: ignore[arg-type] # both callers give matrices
    ):
        stream.write(piece)


@cache
def asset(name: str) -> str:
    """A style or a script of this folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


def policy(style: str, script: str) -> str:
    """The content security policy: nothing is fetched, and of scripts and styles only these two count."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; base-uri 'none';"
        " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def templates() -> Environment:
    """The templates of this folder. Each text that they put into a page is made harmless."""
    templates = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_harmless,
    )
    templates.filters["prose"] = prose
    templates.filters["is_link"] = is_link
    return templates


def _harmless(value: object) -> object:
    """What is put into the page: control and bidirectional characters as escapes. The template escapes HTML afterwards."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def prose(text: str) -> Markup:
    """A sentence; what is in backquotes is code."""
    parts = clean(text).split("`")
    if len(parts) % 2 == 0:
        return escape("`".join(parts))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


def is_link(text: str) -> bool:
    """Whether a text is an address of the web, and no script."""
    return _LINK.fullmatch(text) is not None
