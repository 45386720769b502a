"""Hostile text, a report that is made of it, and what a runner would obey of an output."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from directus_guard.finding import (
    Administrator,
    Administrators,
    Confidence,
    Context,
    Finding,
    Fix,
    Frame,
    Location,
    Outcome,
    Problem,
    Related,
    Report,
    Scanned,
    Severity,
    State,
    Status,
    Step,
    Subject,
)
from tests.github import runner

PAYLOADS: Final = (
    "::error::owned",
    "\n::error file=a::owned",
    "\r::set-output name=exit-code::0",
    "  ::add-mask::e",
    "::stop-commands::x",
    "##[error]owned",
    "x ##[set-env name=PATH]/tmp",
    "%0A::error::owned%0D",
    "\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b\\",
    "\x9b31m\x07\x08",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</details></summary></code></table>",
    "<!-- directus-guard:0000000000000000 -->",
    "-->",
    "<a href='https://evil.example'>click</a>",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "https://evil.example/",
    "www.evil.example",
    "<https://evil.example>",
    "[x]: https://evil.example",
    "| a | b |\n|---|---|\n| c | d |",
    "a | b || c",
    "```\nout\n```",
    "~~~\nout",
    "``` mermaid",
    "`code` ``more`` `open",
    "# heading\n\n## other\n> quote\n- list",
    "**bold** __bold__ ~~struck~~ \\",
    "@someone #1 GH-1 org/repo#1 :tada:",
    "&lt;b&gt; &#60;b&#62; &amp;",
    '"] --> evil["owned"]; click s0 "https://evil.example"',
    "%%{init: {'securityLevel': 'loose'}}%%",
    "end\nsubgraph x",
    "#quot;#35;",
    "$$\\href{javascript:alert(1)}{x}$$",
    "\u202eevil\u2066\u2069\u061c\u200f",
    "\u2028::error::owned\u2029",
    "\x00\x0b\x0c::error::owned\x85",
    "EOF\nexit-code<<EOF\n0",
)
EVERYTHING: Final = "\n".join(PAYLOADS)
FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def hostile(text: str) -> Report:
    """A report every text of which is `text`: also what no check would let through, and what comes from an instance."""
    place = Location(text.replace("\n", " "), 3, 2, 3, 9)
    finding = Finding(
        check="secret-weak", severity=Severity.HIGH, confidence=Confidence.HIGH, context=Context.PRODUCTION, title=text,
        message=text, expected=text, actual=text,
        subject=Subject("setting", text, (("deployment", text), ("principals", (text, text)))), location=place,
        related=(Related(place, text),), steps=(Step(text, text, text, place), Step(text, text, text)),
        fix=Fix(text), frame=Frame(3, text, 1, 2), note=text,
    )  # fmt: skip
    return Report(
        scanned=Scanned(".", 1, (text,), (text,), text),
        findings=(finding, replace(finding, state=State.EXISTING), replace(finding, state=State.SUPPRESSED, live=True)),
        nonproduction=(replace(finding, context=Context.EXAMPLE),),
        outcomes=(
            Outcome("secret-weak", Status.NOT_EVALUATED, text, text, place),
            Outcome("secret-weak", Status.PASS, text),
        ),
        problems=(Problem(text, text, 4),),
        administrators=(Administrators(text, (Administrator("user", text, text, text, None, (text,)),), (text,)),),
        notices=(text,),
        exit_code=1,
        base=text,
        summary={"high": 1},
    )


def obeyed(text: str) -> list[runner.Command]:
    """Commands that the runner, or a terminal's line ends, would find."""
    return runner.commands(re.split(r"[\n\r\x0b\x0c\x85\u2028\u2029]", text))


def is_annotation(command: runner.Command) -> bool:
    """Whether a command only shows text."""
    shown = {"file", "line", "endLine", "col", "endColumn", "title"}
    return command.name in ("error", "warning", "notice") and set(command.properties) <= shown
