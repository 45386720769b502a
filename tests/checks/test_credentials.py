"""Literal credentials in the options of an operation."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.checks.flows._credentials import credentials, is_credential
from directus_guard.directus.flows.records import Operation
from tests.support.each import each_case
from tests.support.flows import HERE

TOKEN: Final = "kT7vWq2zLp9xR4mN8bY3cF6h"


def held(type_: str = "request", **options: Any) -> list[str]:
    return list(credentials(Operation("a", "a", type_, "f", options, None, None, HERE)))


FORMS: Final = (
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk_live_", "rk_live_", "whsec_", "xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "sk-ant-", "SG.a1B2c3D4e5F6g7H8i9.", "re_a1B2c3D4e5_", "AIza", "eyJa1B2c3D4e5.eyJa1B2c3D4e5.",
)  # fmt: skip


@each_case("form", FORMS)
def test_forms_that_are_known(form: str) -> None:
    text = f"{form}{'a1B2c3D4e5' * 4}"
    assert held("mail", body=f"use {text} here") == ["body"]
    assert held("mail", body=f"x{text}"[:8]) == []
    assert held("mail", body=f"{form}{'x' * 40}") == []


def test_other_forms() -> None:
    assert held("mail", body="AKIA1B2C3D4E5F6G7H8I") == ["body"]
    assert held("mail", body="-----BEGIN RSA PRIVATE KEY-----") == ["body"]
    assert held("mail", body="-----BEGIN PRIVATE KEY-----") == ["body"]
    assert held("mail", body="-----BEGIN PUBLIC KEY-----") == []
    assert held("mail", body=["x", {"y": "AKIA1B2C3D4E5F6G7H8I"}]) == ["body.y"]


@each_case(
    ("text", "is_one"),
    [
        (TOKEN, True), (f"Bearer {TOKEN}", True), (f"basic {TOKEN}", True), (f"Token {TOKEN}", True), (f"apikey={TOKEN}", True), (f"key: {TOKEN}", True), (f"HMAC {TOKEN}", True), (f"Digest {TOKEN}", True), (f" {TOKEN} ", True),
        ("Bearer {{$env.TOKEN}}", False), ("Bearer some words of text", False), ("some.words-of_text", False), ("$API_TOKEN", False), ("${API_TOKEN}", False), ("process.env.API_TOKEN_1", False), ("data.x1.token", False), ("data[0].tok3n", False), (f"https://a.b/{TOKEN}", False),
        ("short1", False), ("changeme", False), ("Bearer", False), ("", False),
    ],
)  # fmt: skip
def test_what_is_a_credential(text: str, is_one: bool) -> None:
    assert is_credential(text) is is_one


@each_case(
    ("headers", "places"),
    [
        ([{"header": "Authorization", "value": f"Bearer {TOKEN}"}], ["headers.Authorization"]), ([{"header": "proxy-authorization", "value": TOKEN}], ["headers.proxy-authorization"]), ([{"header": "Cookie", "value": TOKEN}], ["headers.Cookie"]),
        ({"X-Api-Key": TOKEN}, ["headers.X-Api-Key"]), ([{"header": "Accept", "value": TOKEN}], []), ([{"header": "Accept", "value": "AKIA1B2C3D4E5F6G7H8I"}], ["headers.Accept"]), ([{"header": "Authorization", "value": 5}, "x", {"value": TOKEN}], []), ("x", []),
        ([{"header": "Authorization", "value": TOKEN}, {"header": "Authorization", "value": TOKEN}], ["headers.Authorization"]),
    ],
)  # fmt: skip
def test_headers(headers: Any, places: list[str]) -> None:
    assert held(headers=headers) == places


@each_case(
    ("url", "places"),
    [
        (f"https://u:{TOKEN}@api.acme.com", ["url (password)"]), ("https://u:{{$env.PW}}@api.acme.com", []), (f"https://api.acme.com/?token={TOKEN}&a=1", ["url (token)"]), (f"https://api.acme.com/?a={TOKEN}", []), ("https://api.acme.com/?a=AKIA1B2C3D4E5F6G7H8I", ["url (a)"]),
        ("https://api.acme.com/AKIA1B2C3D4E5F6G7H8I/x", ["url"]), (f"https://hooks.slack.com/services/T0/B0/{TOKEN}", ["url"]), (f"https://hooks.slack.com/x/T0/B0/{TOKEN}", []), (f"https://discord.com/api/webhooks/1/{TOKEN}", ["url"]), (f"https://discordapp.com/api/webhooks/1/{TOKEN}", ["url"]),
        ("https://discord.com/api/webhooks/1", []), (f"https://discord.org/api/webhooks/1/{TOKEN}", []), ("https://api.telegram.org/bot123456:AAbbCCddEEffGGhhIIjjKK1/sendMessage", ["url"]), ("https://api.telegram.org/bot12:AAbb/x", []), ("https://[broken", []), ("https://discord.com/api/webhooks/1/<token>", []),
    ],
)  # fmt: skip
def test_addresses(url: str, places: list[str]) -> None:
    assert held(url=url) == places


@each_case(
    ("type_", "options", "places"),
    [
        ("json-web-token", {"secret": "a secret"}, ["secret"]), ("json-web-token", {"secret": "{{$env.KEY}}"}, []), ("json-web-token", {"secret": " {{$env.KEY}} "}, []), ("json-web-token", {"secret": "<secret>"}, []), ("json-web-token", {"secret": 5}, []),
        ("json-web-token", {"token": "x"}, []), ("json-web-token", {"token": "eyJa1B2c3D4e5.eyJa1B2c3D4e5.a1B2c3D4e5F6g7H8i9"}, ["token"]), ("json-web-token", {"secret": "a secret", "token": "eyJa1B2c3D4e5.eyJa1B2c3D4e5.a1B2c3D4e5F6g7H8i9"}, ["secret", "token"]),
        ("request", {"body": {"password": TOKEN, "name": TOKEN}}, ["body.password"]), ("request", {"body": f'{{"token": "{TOKEN}"}}'}, ["body (token)"]), ("request", {"body": f"api_key = '{TOKEN}'"}, ["body (api_key)"]), ("request", {"body": {"key": TOKEN, "token_type": TOKEN, "resolve": TOKEN, "reject": TOKEN}}, []),
        ("condition", {"filter": {"$trigger": {"headers": {"x-token": {"_eq": TOKEN}}}}}, ["filter.$trigger.headers.x-token"]), ("condition", {"filter": {"x": {"_eq": TOKEN}}}, []), ("exec", {"code": f'const secret = "{TOKEN}"; fetch("x")'}, ["code (secret)"]), ("exec", {"code": f"secret: `{TOKEN}`"}, ["code (secret)"]),
        ("mail", {"body": [{"token": TOKEN}, {"token": TOKEN}]}, ["body.token"]),
    ],
)  # fmt: skip
def test_where_credentials_are(type_: str, options: dict[str, Any], places: list[str]) -> None:
    assert held(type_, **options) == places
