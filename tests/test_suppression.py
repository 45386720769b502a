from __future__ import annotations

from datetime import date

import pytest

from directus_guard import baseline, suppression
from directus_guard.finding import Confidence, Context, Finding, Location, Severity, Subject

TODAY = date(2026, 6, 1)


def finding(check: str = "cors-any-origin", line: int = 3, key: str = "compose.yaml#cms CORS_ORIGIN") -> Finding:
    return Finding(
        check, Severity.HIGH, Confidence.HIGH, Context.PRODUCTION, "t", "m", "e", "a", Subject("setting", key), Location("compose.yaml", line)
    )  # fmt: skip


def outcome(text: str, *findings: Finding) -> suppression.Verdict:
    return suppression.apply(suppression.inline({"compose.yaml": text}), findings, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "\n\nCORS_ORIGIN: true # directus-guard: ignore[cors-any-origin] internal",
        "\n# directus-guard: ignore[cors-any-origin] internal\nCORS_ORIGIN: true",
        "\n\nx // directus-guard: ignore[cors-any-origin] internal",
        "\n\nx <!-- directus-guard: ignore[cors-any-origin] internal -->",
        "\n\nx /* directus-guard: ignore[cors-any-origin] internal */",
        "\n{/* directus-guard: ignore[cors-any-origin] internal */}\n<img />",
        "\n\nx # directus-guard: ignore[cors-wildcard, cors-any-origin] internal",
        "\n\nx # directus-guard: ignore[cors-any-origin] internal (until 2026-06-01)",
    ],
)
def test_a_comment_on_the_line_or_above_suppresses(text: str) -> None:
    verdict = outcome(text, finding())
    assert verdict.suppressed == {suppression.place(finding()): "internal"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("\n\nx # directus-guard: ignore[cors-any-origin]", "no reason"),
        ("\n\nx # directus-guard: ignore[cors-any-origin] why (until 2026-05-31)", "expired"),
        ("\n\nx # directus-guard: ignore[cors-any-origin] why (until 2026-02-30)", "expired"),
        ("\n\n\n\n\nx # directus-guard: ignore[cors-any-origin] why", "matches no finding"),
        ("\n\nx # directus-guard: ignore[cors-wildcard] why", "matches no finding"),
    ],
)
def test_what_has_no_effect_is_reported(text: str, word: str) -> None:
    verdict = outcome(text, finding())
    assert verdict.suppressed == {}
    assert len(verdict.notices) == 1
    assert word in verdict.notices[0]


def test_an_ignore_of_the_config_names_the_object() -> None:
    ignore = suppression.Ignore("cors-any-origin", "why", obj="compose.yaml#cms CORS_ORIGIN")
    other = finding(key="compose.yaml#other CORS_ORIGIN")
    verdict = suppression.apply((ignore,), (finding(), other), TODAY)
    assert set(verdict.suppressed) == {suppression.place(finding())}


def test_the_word_alone_is_no_ignore() -> None:
    assert suppression.inline({"a": "VALUE=directus-guard: ignore[cors-any-origin] x"}) == ()


def test_a_baseline_accepts_what_it_was_written_from() -> None:
    findings = [finding(), finding(key="b\nSECRET"), finding(line=9)]
    text = baseline.write(findings)
    assert baseline.read(text) == {baseline.one_line(item.fingerprint) for item in findings}
    assert text.count("\n") == 3
    assert baseline.prune(text, [finding()]) == (baseline.write([finding()]), 1)
