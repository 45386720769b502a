from __future__ import annotations

import re
from typing import Final

from hypothesis import given, strategies as st

from directus_guard.directus.disclosure import MASK, is_secret_name, mask_urls, shown, shown_name
from tests.support.each import each_case


@each_case(
    "name",
    ["SECRET", "KEY", "ADMIN_PASSWORD", "ADMIN_TOKEN", "DB_PASSWORD", "DB_CONNECTION_STRING", "AUTH_GITHUB_CLIENT_SECRET",
     "STORAGE_S3_SECRET", "STORAGE_S3_KEY", "EMAIL_SMTP_PASSWORD", "REDIS_PASSWORD", "LICENSE_KEY", "METRICS_TOKENS", "FOO_API_KEY",
     "FTP_PASSWD", "SSH_PASSPHRASE", "DB_PASS", "DB_PWD", "CRM_TOKEN", "GCP_CREDENTIAL", "GCP_CREDENTIALS", "SENTRY_DSN", "JWT_PRIVATE",
     "TLS_CERT", "HASH_SALT", "TWILIO_SID", "BASIC_AUTH", "LICENSE_ID", "SLACK_WEBHOOK", "SLACK_WEBHOOK_URL", "SESSION_COOKIE",
     "BODY_HMAC", "BODY_SIGNATURE", "S3_ACCESS_KEY", "S3_ACCESSKEY", "MAP_APIKEY", "MAP_API_KEY_EU", "AWS_ACCESS_KEY_ID", "SECRET_OLD",
     "DB_PASSWORD_OLD", "CRM_TOKEN_OLD", "GCP_CREDENTIALS_JSON", "MAP_APIKEY_EU", "db_password"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)
    assert shown(name, "abc") == MASK


@each_case(
    "name",
    ["ACCESS_TOKEN_TTL", "REFRESH_TOKEN_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CORS_ORIGIN", "PUBLIC_URL", "CORS_CREDENTIALS",
     "CONTENT_SECURITY_POLICY_REPORT_ONLY", "ASSETS_CACHE_TTL", "HSTS_ENABLED", "RATE_LIMITER_POINTS", "PRESSURE_LIMITER_ENABLED",
     "IMPORT_IP_DENY_LIST", "MARKETPLACE_TRUST", "MARKETPLACE_REGISTRY", "EXTENSIONS_PATH", "FLOWS_EXEC_ALLOWED_MODULES",
     "WEBSOCKETS_ENABLED", "WEBSOCKETS_REST_AUTH", "GRAPHQL_INTROSPECTION", "OPENAPI_ENABLED", "QUERY_LIMIT_MAX", "QUERYSTRING_LIMIT_X",
     "FILES_MAX_UPLOAD_SIZE", "TUS_ENABLED", "FILE_METADATA_ALLOW_LIST", "IP_TRUST_PROXY", "HOST", "PORT", "NODE_ENV", "NODE_OPTIONS",
     "LOG_LEVEL", "TELEMETRY", "CACHE_ENABLED", "METRICS_ENABLED", "MCP_ENABLED", "AI_ENABLED", "AI_TELEMETRY_X", "AI_DEVTOOLS_ENABLED",
     "HASH_TIME_COST", "DB_CLIENT", "DB_HOST", "DB_PORT", "DB_DATABASE", "DB_SSL", "DB_SSL__REJECT_UNAUTHORIZED", "DB_FILENAME",
     "STORAGE_S3_ACL", "STORAGE_S3_DRIVER", "STORAGE_S3_ENDPOINT", "STORAGE_S3_ACCESS_MODE", "EMAIL_TRANSPORT", "EMAIL_SMTP_HOST",
     "EMAIL_SMTP_PORT", "EMAIL_SMTP_SECURE", "EMAIL_SMTP_IGNORE_TLS", "EMAIL_SMTP_POOL", "EMAIL_VERIFY_SETUP", "EMAIL_SMTP_TLS_X",
     "EMAIL_FROM", "AUTH_X_DRIVER", "AUTH_X_ALLOW_PUBLIC_REGISTRATION", "AUTH_X_REQUIRE_VERIFIED_EMAIL", "AUTH_X_REDIRECT_ALLOW_LIST",
     "AUTH_X_ISSUER_URL", "AUTH_X_CLIENT_URL", "AUTH_X_MODE", "AUTH_X_IDENTIFIER_KEY", "AUTH_X_EMAIL_KEY", "AUTH_X_COOKIE_NAME",
     "AUTH_X_CLIENT_HTTP_TIMEOUT", "AUTH_X_REJECT_UNAUTHORIZED", "AUTH_X_TLS_MIN", "AUTH_PROVIDERS", "AUTH_DISABLE_DEFAULT",
     "USER_INVITE_URL_ALLOW_LIST", "X_REDIRECT_ALLOW_LIST", "NODE_TLS_REJECT_UNAUTHORIZED", "USER_INVITE_TOKEN_TTL",
     "EMAIL_VERIFICATION_TOKEN_TTL", "ROOT_REDIRECT", "SERVE_APP", "CONFIG_PATH", "CROSS_ORIGIN_X", "MAX_PAYLOAD_SIZE",
     "USERS_ADMIN_ACCESS_LIMIT", "LOGIN_STALL_TIME", "REGISTER_STALL_TIME", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PERMISSIONS_X",
     "RETENTION_ENABLED", "SYNCHRONIZATION_STORE", "MESSENGER_STORE"],
)  # fmt: skip
def test_names_of_settings(name: str) -> None:
    assert not is_secret_name(name)
    assert shown(name, "abc") == "abc"


@each_case(
    "name", ["WHATEVER", "RATE_LIMITER_REDIS", "CACHE_REDIS", "METRICS_TOKENS", "HASH_SECRET", "HASH_SALT", "DB_USER", "PUBLIC_URL_X", "AUTH_X_CLIENT_ID"]
)  # fmt: skip
def test_an_unknown_name_is_masked(name: str) -> None:
    assert shown(name, "abc") == MASK


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
