"""Names from a repository in a diagram: nothing of them leaves its label, the diagram or the fence."""

from __future__ import annotations

import re
from typing import Final

from hypothesis import given, settings, strategies as st

from directus_guard.finding import Confidence, Context, Finding, Location, Severity, Step, Subject
from directus_guard.report.mermaid import diagram

LABEL: Final = r"(?:[\w ,.\-/…]|#\d+;)*"
LINES: Final = (
    re.compile(r"```mermaid"),
    re.compile(r"flowchart TD"),
    re.compile(rf'  s0\["{LABEL}"\]'),
    re.compile(rf'  s\d+ -->\|"{LABEL}"\| s\d+\["{LABEL}"\]'),
    re.compile(r"  style s\d+ fill:#[0-9a-f]{6},color:#[0-9a-f]{6},stroke:#[0-9a-f]{6}"),
    re.compile(r"```"),
)
HOSTILE: Final = st.one_of(
    st.text(max_size=30),
    st.sampled_from([
        '"] --> s9["', "```\n# heading", "end", "-->", "a; b", "%% comment", "<script>alert(1)</script>", "#quot;", "`code`",
        "\u202egnp.exe", "a\nb", "a\r\nclick s0 href", "| x |", "&lt;b&gt;", "\\", "{{{", "subgraph", "1. list", "- list",
    ]),
)  # fmt: skip


def finding(names: tuple[str, ...], steps: tuple[Step, ...]) -> Finding:
    return Finding(
        "escalation-path", Severity.CRITICAL, Confidence.HIGH, Context.PRODUCTION, "t", "m", "e", "a",
        Subject("principal", "key", (("principals", names),)), Location("x"), steps=steps,
    )  # fmt: skip


@settings(max_examples=300)
@given(
    st.lists(HOSTILE, min_size=1, max_size=3), st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), min_size=1, max_size=3)
)
def test_no_name_ever_leaves_its_label(names: list[str], told: list[tuple[str, str, str]]) -> None:
    lines = list(diagram(finding(tuple(names), tuple(Step(*one) for one in told))))
    assert len(lines) == 5 + len(told)
    kinds = [LINES[0], LINES[1], LINES[2], *[LINES[3]] * len(told), LINES[4], LINES[5]]
    for line, kind in zip(lines, kinds, strict=True):
        assert kind.fullmatch(line), line
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f]", line)


def test_what_a_path_looks_like() -> None:
    step = Step("set the role of their own user", "update on directus_users", "administrator")
    assert list(diagram(finding(("Editor",), (step,))))[2:4] == [
        '  s0["Editor"]',
        '  s0 -->|"set the role of their own user"| s1["administrator"]',
    ]
