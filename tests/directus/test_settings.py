"""Settings as the types they have in Directus, however a database hands them out."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.settings import typed
from tests.support.each import each_case


@each_case(
    ("name", "given", "read"),
    [
        ("public_registration", True, True), ("public_registration", 0, False), ("public_registration", "1", True), ("auth_login_attempts", 25, 25), ("auth_login_attempts", "25", 25),
        ("auth_login_attempts", None, None), ("public_registration_role", "r1", "r1"), ("custom_css", "", ""),
        ("public_registration_email_filter", '{"email": {"_ends_with": "@example.com"}}', {"email": {"_ends_with": "@example.com"}}), ("public_registration_email_filter", {}, {}),
        ("ai_openai_compatible_headers", '[{"header": "x"}]', [{"header": "x"}]), ("project_name", 5, 5),
    ],
)  # fmt: skip
def test_a_setting_is_read_as_its_type(name: str, given: Any, read: Any) -> None:
    kept, odd = typed({name: given})
    assert (kept, odd) == ({name: read}, {})
    assert type(kept[name]) is type(read)


@each_case(
    ("name", "given", "expected"),
    [
        ("public_registration", None, "true or false"), ("public_registration", "yes", "true or false"), ("mcp_enabled", [], "true or false"), ("auth_login_attempts", True, "a whole number"),
        ("auth_login_attempts", "many", "a whole number"), ("auth_login_attempts", 2.5, "a whole number"), ("public_registration_role", "${ROLE}", "a text"), ("custom_css", ["a"], "a text"),
        ("public_registration_email_filter", "{broken", "an object"), ("public_registration_email_filter", "[" * 100_000, "an object"), ("public_registration_email_filter", "[]", "an object"),
        ("ai_openai_compatible_headers", "{}", "a list"), ("ai_openai_compatible_headers", 5, "a list"),
    ],
)  # fmt: skip
def test_what_is_something_else_is_left_out_and_named(name: str, given: Any, expected: str) -> None:
    assert typed({name: given, "project_name": "x"}) == ({"project_name": "x"}, {name: expected})


FLAGS: Final = (
    "public_registration", "public_registration_verify_email", "mcp_enabled", "mcp_allow_deletes", "mcp_oauth_enabled", "mcp_oauth_dcr_enabled",
)  # fmt: skip
OTHERS: Final = {
    "public_registration_role": "a text", "public_registration_email_filter": "an object", "auth_login_attempts": "a number",
    "auth_password_policy": "a text", "custom_css": "a text", "ai_openai_compatible_base_url": "a text", "ai_openai_compatible_headers": "a list",
}  # fmt: skip


@each_case("name", [*FLAGS, *OTHERS])
def test_a_setting_of_another_type_is_left_out(name: str) -> None:
    kept, odd = typed({name: {"$ref": "x"} if name != "public_registration_email_filter" else 7})
    assert list(kept) == []
    assert list(odd) == [name]


@each_case("name", FLAGS)
def test_a_flag_of_a_database_is_a_flag(name: str) -> None:
    assert typed({name: 1}) == ({name: True}, {})
    assert typed({name: "0"}) == ({name: False}, {})
    assert typed({name: None})[1] == {name: "true or false"}
