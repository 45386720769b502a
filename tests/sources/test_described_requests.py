"""Requests that JSON and files of HTTP clients describe: which token goes to which address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.code import request_tokens
from directus_guard.sources.formats import json_document, traced
from directus_guard.sources.formats.dockerfile_syntax import Positions
from tests.support.code_evidence import marked, shown
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.directus.code import HeldToken

JSON: Final[tuple[tuple[str, list[str]], ...]] = (
    ('{"url": "https://b.c/x", "headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"a": "https://b.c/x", "Authorization": "Bearer PqLh4sXlyNo3"}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"directus": {"headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}}', ["Authorization = PqLh4sXlyNo3 of Directus: PqLh4sXlyNo3", "Authorization = PqLh4sXlyNo3 of Directus: PqLh4sXlyNo3"]),
    ('{"my-Directus-cms": {"a": {"b": {"headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}}}}', ["Authorization = PqLh4sXlyNo3 of Directus: PqLh4sXlyNo3", "Authorization = PqLh4sXlyNo3 of Directus: PqLh4sXlyNo3"]),
    ('{"other": {"headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}}', []),
    ('{"list": ["https://b.c/x"], "headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"https://b.c/x": {"headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": {"raw": "https://b.c/x"}, "headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": {"other": "https://b.c/x"}, "headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}', []),
    ('{"other": {"raw": "https://b.c/x"}, "headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}', []),
    ('{"url": {"raw": 1}, "headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}', []),
    ('{"url": "https://b.c/x", "headers": [{"name": "Authorization", "value": "Bearer PqLh4sXlyNo3"}]}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": "https://b.c/x", "headers": [{"key": "authorization", "value": "Bearer PqLh4sXlyNo3"}]}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": "https://b.c/x", "headers": [{"name": "other", "value": "Bearer PqLh4sXlyNo3"}]}', []),
    ('{"url": "https://b.c/x", "headers": [{"name": "Authorization"}]}', []),
    ('{"url": "https://b.c/x", "headers": ["Authorization"]}', []),
    ('{"url": "https://b.c/x", "headers": {"AUTHORIZATION": " bearer\\tPqLh4sXlyNo3 "}}', []),
    ('{"url": "https://b.c/x", "headers": {"Authorization": "Basic PqLh4sXlyNo3"}}', []),
    ('{"url": "https://b.c/x", "headers": {"Authorization": "Bearer 1234567"}}', []),
    ('{"url": "https://b.c/x", "headers": {"Authorization": "Bearer ${T_OF_MINE}"}}', []),
    ('{"url": "https://b.c/x", "headers": {"Authorization": 1}}', []),
    ('{"url": "https://b.c/x", "headers": {"Authorization": "PqLh4sXlyNo3"}}', []),
    ('{"url": "https://b.c/x", "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "PqLh4sXlyNo3"}]}}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": "https://b.c/x", "auth": {"bearer": [{"key": "other", "value": "PqLh4sXlyNo3"}]}}', []),
    ('{"url": "https://b.c/x", "auth": {"other": [{"key": "token", "value": "PqLh4sXlyNo3"}]}}', []),
    ('{"url": "https://b.c/x", "auth": [{"key": "token", "value": "PqLh4sXlyNo3"}]}', []),
    ('{"url": "https://b.c/x", "other": {"bearer": [{"key": "token", "value": "PqLh4sXlyNo3"}]}}', []),
    ('{"url": "https://b.c/x?access_token=PqLh4sXlyNo3"}', ["access_token = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3", "access_token = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": "https://b.c/x?a=b&access_token=PqLh4sXlyNo3&c=d"}', ["access_token = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": "https://b.c/x?access_token=1234567"}', ["access_token = 1234567 to https://b.c/x: 1234567"]),
    ('{"url": "xhttps://b.c/x?access_token=PqLh4sXlyNo3"}', []),
    ('{"url": "https://b.c/x?access_token=${T}1234567"}', []),
    ('{"url": "https://b.c/x", "args": ["--header", "Authorization: Bearer PqLh4sXlyNo3"]}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": "https://b.c/x", "args": ["--header=Authorization:Bearer PqLh4sXlyNo3"]}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": "https://b.c/x", "args": ["\\"Authorization: Bearer PqLh4sXlyNo3\\""]}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": "https://b.c/x", "args": ["x Authorization: Bearer PqLh4sXlyNo3"]}', []),
    ('{"url": "https://b.c/x", "args": [["Authorization: Bearer PqLh4sXlyNo3"]]}', []),
    ('{"url": "https://b.c/auth/login", "body": "{\\"password\\": \\"Secret-1\\"}"}', ["password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ('{"url": "https://b.c/auth/login", "body": {"raw": "{\\"password\\": \\"Secret-1\\"}"}}', ["password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ('{"url": "https://b.c/auth/login", "body": "{\\"password\\": \\"{{p}}\\"}"}', []),
    ('{"url": "https://b.c/auth/login", "body": "{\\"password\\": \\"$P\\"}"}', []),
    ('{"url": "https://b.c/x", "body": "{\\"password\\": \\"Secret-1\\"}"}', []),
    ('{"url": "https://b.c/auth/login", "other": "{\\"password\\": \\"Secret-1\\"}"}', []),
    ('{"url": "https://b.c/auth/login", "body": {"other": "{\\"password\\": \\"Secret-1\\"}"}}', []),
    ('{"url": "https://b.c/auth/login", "body": 1}', []),
    ("{\"allow\": \"Bash(curl -H 'Authorization: Bearer PqLh4sXlyNo3' https://b.c/x)\"}", ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("{\"allow\": \"curl -H 'Authorization: Bearer PqLh4sXlyNo3' https://b.c/x\"}", ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"allow": ["Bash(curl https://b.c/x?access_token=PqLh4sXlyNo3)"]}', ["access_token = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("{\"allow\": \"Bash(curl -H 'Authorization: Bearer PqLh4sXlyNo3' https://b.c/x) x\"}", ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": " https://b.c/x", "headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ('{"url": "https://b.c/x", "a": {"headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}}', []),
    ('{"url": "https://b.c/x", "directus": {"headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}}', ["Authorization = PqLh4sXlyNo3 of Directus: PqLh4sXlyNo3", "Authorization = PqLh4sXlyNo3 of Directus: PqLh4sXlyNo3"]),
    ('[{"url": "https://b.c/x", "headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}, {"url": "https://d.e", "headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}]', ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3", "Authorization = PqLh4sXlyNo3 to https://d.e: PqLh4sXlyNo3"]),
    ('{"directus": [{"headers": {"Authorization": "Bearer PqLh4sXlyNo3"}}]}', ["Authorization = PqLh4sXlyNo3 of Directus: PqLh4sXlyNo3", "Authorization = PqLh4sXlyNo3 of Directus: PqLh4sXlyNo3"]),
)  # fmt: skip
HTTP: Final[tuple[tuple[str, list[str]], ...]] = (
    ("GET https://b.c/x\nAuthorization: Bearer PqLh4sXlyNo3\n", ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("https://b.c/x\nAuthorization: Bearer PqLh4sXlyNo3", ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("  PATCH  https://b.c/x\r\n  authorization : bearer PqLh4sXlyNo3 \r\n", ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("GET https://b.c/x?access_token=PqLh4sXlyNo3", ["access_token = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("GET https://b.c/x?a=b&access_token=PqLh4sXlyNo3&c=d", ["access_token = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("GET https://b.c/x?access_token=PqLh4sXlyNo3#x", ["access_token = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("Authorization: Bearer PqLh4sXlyNo3\n", []),
    ("get https://b.c/x\nAuthorization: Bearer PqLh4sXlyNo3\n", []),
    ("GET https://b.c/x\nAuthorization: Bearer 1234567\n", []),
    ("GET https://b.c/x\nX-Authorization: Bearer PqLh4sXlyNo3\n", []),
    ("@h = https://b.c/x\nGET {{h}}/y\nAuthorization: Bearer PqLh4sXlyNo3\n", ["Authorization = PqLh4sXlyNo3 to https://b.c/x/y: PqLh4sXlyNo3"]),
    ("@t=PqLh4sXlyNo3\nGET https://b.c/x\nAuthorization: Bearer {{t}}\n", ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("@t=PqLh4sXlyNo3\nGET https://b.c/x?access_token={{ t }}\n", ["access_token = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("@t = PqLh4sXlyNo3\nGET https://b.c/x\nAuthorization: Bearer {{$t}}\n", ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("GET https://b.c/x\nAuthorization: Bearer {{t}}\n", []),
    ("@t = {{u}}\nGET https://b.c/x\nAuthorization: Bearer {{t}}\n", []),
    ("GET {{h}}/y\nAuthorization: Bearer PqLh4sXlyNo3\n", []),
    ("@t-a = PqLh4sXlyNo3\nGET https://b.c/x\nAuthorization: Bearer {{t-a}}\n", ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3"]),
    ("GET https://b.c/x\nAuthorization: Bearer PqLh4sXlyNo3\n### two\nGET https://d.e/y\nAuthorization: Bearer 3oNylXs4hLqP\n", ["Authorization = PqLh4sXlyNo3 to https://b.c/x: PqLh4sXlyNo3", "Authorization = 3oNylXs4hLqP to https://d.e/y: 3oNylXs4hLqP"]),
    ("GET https://b.c/x\n###\nAuthorization: Bearer PqLh4sXlyNo3\n", []),
    ("###\nGET https://b.c/x\n\n###\n###\nGET https://d.e\nAuthorization: Bearer PqLh4sXlyNo3\n", ["Authorization = PqLh4sXlyNo3 to https://d.e: PqLh4sXlyNo3"]),
    ('POST https://b.c/auth/login\n\n{"password": "Secret-1"}', ["password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ('POST https://b.c/auth/login\n\n{"password": "{{p}}"}', []),
    ('POST https://b.c/auth/login\n\n{"password": "${p}"}', []),
    ('POST https://b.c/users\n\n{"password": "Secret-1"}', []),
    ('POST https://b.c/auth/login\n###\n{"password": "Secret-1"}', []),
    ('@h = https://b.c\nPOST {{h}}/auth/login\n\n{"email": "a", "password" : "Secret-1"}', ["password = Secret-1 to https://b.c/auth/login: Secret-1"]),
    ('POST {{h}}/auth/login\n\n{"password": "Secret-1"}', []),
)  # fmt: skip


def listed(text: str, tokens: Iterable[HeldToken]) -> list[str]:
    """Each token with its name, who gets it, and what is marked."""
    return [
        f"{token.name} = {token.value.reveal() if token.value else ''}"
        f"{' of Directus' if token.used else ''}{f' to {shown(token.address)}' if token.address else ''}"
        f": {marked(text, token.location)}"
        for token in tokens
    ]


@each_case(("text", "expected"), JSON)
def test_requests_in_json(text: str, expected: list[str]) -> None:
    root = json_document.parse("a.json", text)
    assert listed(text, request_tokens.of_value("a.json", text, Positions("a.json", text), root)) == expected


@each_case(("text", "expected"), HTTP)
def test_requests_of_an_http_client(text: str, expected: list[str]) -> None:
    whole = traced.part(Positions("a.http", text), text, 0, len(text))
    assert listed(text, request_tokens.of_http(whole)) == expected
