"""The requests of a way in a Markdown report: in order, and nothing of a name leaves its place."""

from __future__ import annotations

import re
from typing import Final

from hypothesis import given, settings, strategies as st

from directus_guard.finding import Confidence, Context, Finding, HttpRequest, Location, Severity, Step, Subject
from directus_guard.report.markdown import requests_of

LINE: Final = re.compile(r"\d+\. <code>(?:[\w ./,]|&#\d+;)*</code> as .*")
HOSTILE: Final = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["</code>", "`x`", "a\nb", "</details>", "| x |", "@team", "\u202egnp", "{{{", "&lt;", "https://x.example"]
    ),
)


def finding(*steps: Step) -> Finding:
    return Finding(
        "escalation-path", Severity.CRITICAL, Confidence.HIGH, Context.PRODUCTION, "t", "m", "e", "a",
        Subject("principal", "key", ()), Location("x"), steps=steps,
    )  # fmt: skip


def step(request: HttpRequest | None) -> Step:
    return Step("does", "permission", "gives", request=request)


@settings(max_examples=100)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_name_leaves_its_place(path: str, body: str, sender: str, header: str) -> None:
    sent = HttpRequest("POST", f"/{path}", body, sender, ((header, header),))
    lines = list(requests_of(finding(step(sent))))
    assert len(lines) == 2
    assert LINE.fullmatch(lines[1]), lines[1]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", lines[1])


def test_steps_that_wait_have_no_request() -> None:
    first = HttpRequest("POST", "/flows", "", "their own account")
    lines = list(requests_of(finding(step(first), step(None))))
    assert lines == ["\nRequests, in this order:\n", "1. <code>POST /flows</code> as their own account"]
    assert list(requests_of(finding(step(None)))) == []
