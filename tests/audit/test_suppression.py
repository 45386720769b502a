from __future__ import annotations

from datetime import date

from directus_guard.audit import baseline, suppression
from directus_guard.checks import catalogue
from directus_guard.finding import Confidence, Context, Finding, Location, Severity, Subject
from tests.support.each import each_case

TODAY = date(2026, 6, 1)


def finding(check: str = "cors-any-origin", line: int = 3, key: str = "compose.yaml#cms CORS_ORIGIN") -> Finding:
    return Finding(
        check, Severity.HIGH, Confidence.HIGH, Context.PRODUCTION, "t", "m", "e", "a", Subject("setting", key), Location("compose.yaml", line)
    )  # fmt: skip


def outcome(text: str, *findings: Finding) -> suppression.Suppressions:
    return suppression.apply(suppression.inline({"compose.yaml": text}), findings, TODAY, catalogue())


@each_case(
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
    assert verdict.suppressed == {suppression.finding_key(finding()): "internal"}


@each_case(
    ("text", "word"),
    [
        ("\n\nx # directus-guard: ignore[cors-any-origin]", "no reason"),
        ("\n\nx # directus-guard: ignore[cors-any-origin] why (until 2026-05-31)", "expired"),
        ("\n\nx # directus-guard: ignore[cors-any-origin] why (until 2026-02-30)", "has an invalid last day"),
        ("\n\n\n\n\nx # directus-guard: ignore[cors-any-origin] why", "matches no finding"),
        ("\n\nx # directus-guard: ignore[cors-wildcard] why", "matches no finding"),
    ],
)
def test_what_has_no_effect_is_reported(text: str, word: str) -> None:
    verdict = outcome(text, finding())
    assert verdict.suppressed == {}
    assert len(verdict.notices) == 1
    assert word in verdict.notices[0]


@each_case(
    "comment",
    [
        "# directus-guard: ignore cors-any-origin internal",
        "# directus-guard: ignore[cors-any-origin internal",
        "# directus-guard: ignore cors-any-origin] internal",
        "# directus-guard: ignore(cors-any-origin) internal",
        "# directus-guard: ignore[] internal",
        "# directus-guard: ignore[ , ] internal",
        "# directus-guard: ignore[CORS_ANY_ORIGIN] internal",
        "# directus-guard ignore[cors-any-origin] internal",
        "# directus-guard:ignore[cors-any-origin] internal",
        "# Directus-Guard: Ignore[cors-any-origin] internal",
        "// directus-guard: disable cors-any-origin",
        "<!-- directus-guard: ignore-next-line cors-any-origin -->",
        "/* directus-guard-ignore cors-any-origin */",
        "# directus-guard: ignore",
    ],
)
def test_a_comment_that_means_to_be_an_ignore_is_reported(comment: str) -> None:
    verdict = outcome(f"\n\nCORS_ORIGIN: true {comment}", finding())
    assert verdict.suppressed == {}
    (notice,) = verdict.notices
    assert notice.startswith(
        "compose.yaml:3: an ignore comment cannot be parsed: write `directus-guard: ignore[check-id]"
    )


@each_case(
    "day",
    [
        "(until 2026-02-30)", "(until 31.12.2026)", "(until tomorrow)", "(until 2099-1-1)", "(until: 2099-01-01)", "(Until 2099-01-01)",
        "(until 2099-01-01", "until 2099-01-01", "(until 2099/01/01)", "( until 2099-01-01 )", "(until 2099-13-01)", "(until)",
    ],
)  # fmt: skip
def test_a_day_that_is_none_is_reported(day: str) -> None:
    verdict = outcome(f"\n\nx # directus-guard: ignore[cors-any-origin] internal {day}", finding())
    assert verdict.suppressed == {}
    (notice,) = verdict.notices
    assert "has an invalid last day" in notice
    assert "(until YYYY-MM-DD)" in notice


@each_case("check", ["cors-any-orign", "cors-anyorigin", "nonsense"])
def test_a_check_that_does_not_exist_is_reported(check: str) -> None:
    verdict = outcome(f"\n\nx # directus-guard: ignore[{check}] internal", finding())
    (notice,) = verdict.notices
    assert f"the ignore of `{check}` names no check" in notice
    assert ("did you mean `cors-any-origin`?" in notice) == (check != "nonsense")


@each_case(
    "text",
    [
        "# directus-guard checks this file",
        "# directus-guard: ignored findings are in the config",
        "# see directus-guard: ignored findings are listed in the config",
        "image: directus-guard # off the shelf",
        "# until 2026 this was directus-guard",
        "x # directus-guard: ignore[cors-any-origin] until we have moved",
    ],
)
def test_other_comments_are_no_ignores(text: str) -> None:
    notices = outcome(f"\n\n{text}", finding()).notices
    assert notices == ()


def test_an_ignore_of_the_config_names_the_object() -> None:
    ignore = suppression.Ignore("cors-any-origin", "why", obj="compose.yaml#cms CORS_ORIGIN")
    other = finding(key="compose.yaml#other CORS_ORIGIN")
    verdict = suppression.apply((ignore,), (finding(), other), TODAY, catalogue())
    assert set(verdict.suppressed) == {suppression.finding_key(finding())}


def test_the_word_alone_is_no_ignore() -> None:
    assert suppression.inline({"a": "VALUE=directus-guard: ignore[cors-any-origin] x"}) == ()


def test_a_baseline_accepts_what_it_was_written_from() -> None:
    findings = [finding(), finding(key="b\nSECRET"), finding(line=9)]
    text = baseline.write(findings)
    assert baseline.read(text) == {baseline.one_line(item.fingerprint) for item in findings}
    assert text.count("\n") == 3
    assert baseline.prune(text, [finding()]) == (baseline.write([finding()]), ["cors-any-origin|b\\nSECRET"])
