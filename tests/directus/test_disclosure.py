from __future__ import annotations

import re
from typing import Final

from hypothesis import given, strategies as st

from directus_guard.directus.disclosure import MASK, is_secret_name, mask_urls, shown, shown_name
from tests.support.each import each_case


@each_case(
    "name",
    ["SECRET", "KEY", "ADMIN_PASSWORD", "ADMIN_TOKEN", "DB_PASSWORD", "DB_CONNECTION_STRING", "AUTH_GITHUB_CLIENT_SECRET",
     "STORAGE_S3_SECRET", "STORAGE_S3_KEY", "EMAIL_SMTP_PASSWORD", "REDIS_PASSWORD", "LICENSE_KEY", "METRICS_TOKENS", "FOO_API_KEY"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)
    assert shown(name, "abc") == MASK


@each_case(
    "name", ["ACCESS_TOKEN_TTL", "REFRESH_TOKEN_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CORS_ORIGIN", "PUBLIC_URL"]
)
def test_names_of_settings(name: str) -> None:
    assert not is_secret_name(name)
    assert shown(name, "abc") == "abc"


def test_an_unknown_name_is_masked() -> None:
    assert shown("WHATEVER", "abc") == MASK


@each_case(
    ("text", "expected"),
    [
        ("https://user:hunter2@example.com/a", f"https://{MASK}@example.com/a"),
        ("https://example.com/?token=hunter2#x", f"https://example.com/?{MASK}#{MASK}"),
        ("redis://:hunter2@cache:6379, 'self'", f"redis://{MASK}@cache:6379, 'self'"),
        ("'self' https://cdn.example.com", "'self' https://cdn.example.com"),
        ("a1b2c3d4e5f6a1b2c3d4e5f6a1b2", MASK),
        ("mysql://u:a/b@c,d'e@db/d", f"mysql://{MASK}@db/d"),
        ("http://a.example.com,http://u:p@b/x", f"http://a.example.com,http://{MASK}@b/x"),
        ("https://cdn.example.com/@scope/a.js", "https://cdn.example.com/@scope/a.js"),
        ("123456789012345678901234", MASK),
        ("86400000", "86400000"),
        ("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz"),
        ("abcdefghijklmnopqrstuvwxyz.1", f"{MASK}.1"),
        ("1.abcdefghijklmnopqrstuvwxyz", "1.abcdefghijklmnopqrstuvwxyz"),
        ("a.123456789012345678901234-/+", f"a.{MASK}-/+"),
    ],
)
def test_credentials_in_addresses_are_masked(text: str, expected: str) -> None:
    assert mask_urls(text) == expected


@each_case(
    ("name", "whole"),
    [
        ("DB_PASSWORD", True),
        ("AUTH_OPENID_2_CLIENT_SECRET_FILE", True),
        ("camelCase", True),
        ("a.b-c", True),
        ("dXNlcjo0WlZLUTdKOTRXSkJXWEJYMzRKNFFKOTc", False),
        ("dXNlcjo0WlZLUTdKOT_XSkJXWEJYMzRKNFFKOTc", False),
        ("WXKZ73XBV47BXXWZ79X9XJQX", False),
        ("?x", False),
        ("", False),
        ("a b", False),
    ],
)
def test_a_line_of_a_key_is_no_name(name: str, whole: bool) -> None:
    assert shown_name(name) == (name if whole else MASK)


@given(st.text(alphabet=st.characters(), max_size=200))
def test_what_is_shown_is_one_short_visible_line(text: str) -> None:
    out = shown("CORS_ORIGIN", text)
    assert len(out) <= 130
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E for c in out)


PLAIN_FORM: Final = re.compile(
    r"(?=[A-Za-z0-9+/_=-]{24,})(?=[^\s]*[0-9])(?=[^\s]*[A-Za-z])[A-Za-z0-9+/_=-]{24,}|[0-9]{24,}"
)
"""What is masked of a word, written down at once: its cost grows with the square of the length."""


@given(st.lists(st.sampled_from(["a" * 12, "Z" * 24, "1", "7" * 24, "-", ".", "é", "b3"]), max_size=8).map("".join))
def test_runs_are_masked_as_the_plain_form_says(word: str) -> None:
    assert mask_urls(word) == PLAIN_FORM.sub(MASK, word)


@given(st.from_regex(r"[A-Za-z0-9]{6,30}", fullmatch=True))
def test_the_password_of_an_address_is_never_shown(password: str) -> None:
    assert password not in shown("PUBLIC_URL", f"https://u:{password}@h.example/") or password in "https h example"


@each_case("name", ["CORS_CREDENTIALS", "WEBSOCKETS_REST_AUTH", "WEBSOCKETS_GRAPHQL_AUTH"])
def test_a_choice_of_directus_is_no_secret(name: str) -> None:
    assert shown(name, "public") == "public"
