"""The Content-Security-Policy that Directus sends, for one variable at a time."""

from __future__ import annotations

from typing import Any, Final

import pytest

from directus_guard.directus.environment.csp import (
    ASSETS,
    MAIN,
    Csp,
    _js,
    camelcase,
    default_csp,
    effective_csp,
    parse_header,
)
from directus_guard.directus.versions import Version
from tests.support.each import each_case
from tests.support.recorded import load

ANSWERS: Final[list[dict[str, Any]]] = load("csp")


@each_case("prefix", [MAIN, ASSETS])
@each_case("version", [Version(10, 13, 4), Version(11, 17, 4), Version(12, 4, 1)], ids=str)
def test_the_header_is_the_recorded_one(version: Version, prefix: str) -> None:
    cases = [case for case in ANSWERS if (case["version"], case["prefix"]) == (str(version), prefix)]
    assert len(cases) > 20
    for case in cases:
        found = effective_csp(case["variables"], version, prefix=prefix)
        if "error" in case:
            assert not isinstance(found, Csp), case
            continue
        assert isinstance(found, Csp), case
        assert found.header == case["value"], case
        assert found.report_only is case["header"].endswith("-Report-Only"), case


@pytest.mark.parametrize(
    ("version", "images", "media"),
    [
        (Version(10, 0, 0), "'self' data: blob: https://cdn.directus.io", "'self' https://cdn.directus.io"),
        (Version(10, 9, 0), "'self' data: blob:", "'self'"),
    ],
    ids=str,
)
def test_hosts_of_images_before_github(version: Version, images: str, media: str) -> None:
    policy = effective_csp({}, version, prefix=MAIN)
    assert isinstance(policy, Csp)
    assert (policy.directives["img-src"], policy.directives["media-src"]) == (
        tuple(images.split()),
        tuple(media.split()),
    )


def test_a_value_that_old_versions_lose_leaves_the_default() -> None:
    """Up to 10.8 `string:` counts anywhere in a text: of an address before it nothing is left, and `merge` skips that."""
    variables = {f"{MAIN}_DIRECTIVES__IMG_SRC": "https://cdn.example.com string:x"}
    policy = effective_csp(variables, Version(10, 0, 0), prefix=MAIN)
    assert policy == effective_csp({}, Version(10, 0, 0), prefix=MAIN)


def test_a_header_of_several_policies_has_no_empty_ones() -> None:
    policies = parse_header("default-src 'self';; IMG-SRC *; img-src 'none' , ,;, script-src 'none'")
    assert [dict(policy.directives) for policy in policies] == [
        {"default-src": ("'self'",), "img-src": ("*",)},
        {"script-src": ("'none'",)},
    ]


def test_long_lists_are_kept_and_far_places_are_not_filled_up() -> None:
    hosts = [f"h{number}.example" for number in range(2500)]
    name = f"{MAIN}_DIRECTIVES__FONT_SRC"
    policy = effective_csp({name: ",".join(hosts), f"{name}__900000000": "far.example"}, Version(12, 4, 1), prefix=MAIN)
    assert isinstance(policy, Csp)
    assert policy.directives["font-src"] == tuple(hosts)


@each_case("prefix", [MAIN, ASSETS])
@each_case("version", [Version(10, 0, 0), Version(11, 5, 0), Version(12, 4, 1)])
def test_the_default_is_the_policy_without_variables(version: Version, prefix: str) -> None:
    assert default_csp(version, prefix=prefix) == effective_csp({}, version, prefix=prefix)


@each_case(
    ("value", "text"),
    [(None, "null"), (True, "true"), (False, "false"), ("a", "a"), (7, "7"), (0.5, "0.5"), (float("inf"), "Infinity")],
)
def test_a_value_as_a_text_of_javascript(value: Any, text: str) -> None:
    assert _js(value) == text


@each_case(
    "keyword",
    [
        "none", "self", "strict-dynamic", "report-sample", "inline-speculation-rules", "unsafe-inline", "unsafe-eval",
        "unsafe-hashes", "wasm-unsafe-eval", "nonce-abc", "sha256-abc", "sha384-abc", "sha512-abc",
    ],
)  # fmt: skip
def test_a_keyword_without_its_quotes_is_refused(keyword: str) -> None:
    """helmet 8 throws (`lib/index.js`, `shouldDirectiveValueEntryBeQuoted`); a host that reads like one is none."""
    for text, refused in ((keyword, True), (f"'{keyword}'", False), (f"{keyword}.example.com", "-abc" in keyword)):
        found = effective_csp(
            {"CONTENT_SECURITY_POLICY_DIRECTIVES__SCRIPT_SRC": f"array:{text}"}, Version(12, 4, 1), prefix=MAIN
        )
        assert isinstance(found, Csp) is not refused, text


@each_case(
    ("name", "words"),
    [
        ("", ""), ("_", ""), (".", ""), ("-", ""), (" ", ""), ("A", "a"), ("a", "a"), ("7", "7"), ("IMG_SRC", "imgSrc"), ("IMG__SRC", "imgSrc"), ("_IMG_SRC", "imgSrc"), ("img-src", "imgSrc"), ("img.src", "imgSrc"), (" img src ", "imgSrc"),
        ("imgSrc", "imgSrc"), ("ImgSrc", "imgSrc"), ("imgSRC", "imgSrc"), ("IMGSrc", "imgSrc"), ("XMLHttpRequest", "xmlHttpRequest"), ("fooBarBAZQux", "fooBarBazQux"), ("ABcDEf", "abcDef"), ("abCDEf", "abCdEf"),
        ("foo_2bar", "foo2Bar"), ("a_b1_c", "aB1C"), ("1a", "1A"),
    ],
)  # fmt: skip
def test_names_of_variables_in_camel_case(name: str, words: str) -> None:
    """As npm camelcase 8 writes them."""
    assert camelcase(name) == words
