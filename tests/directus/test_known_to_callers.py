"""What a caller of a flow can know: which texts that a condition expects are secrets, and where secrets are sent."""

from __future__ import annotations

import pytest

from directus_guard.directus.flows.data import can_know, is_secretive, may_prove
from directus_guard.directus.tri import Tri

PUBLIC = (
    "accept", "accept-encoding", "accept-language", "cache-control", "connection", "content-length", "content-type", "host", "origin", "referer",
    "user-agent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "x-requested-with",
)  # fmt: skip
HEADERS = ("$trigger", "headers")
QUERY = ("$trigger", "query")
RANDOM = "kT7vWq2zLp9xR4mN"


@pytest.mark.parametrize(
    "name",
    [
        *PUBLIC,
        "Accept",
        "X-GitHub-Event",
        "x-topic",
        "x-type",
        "x-action",
        "x-version",
        "x-request-id",
        "x-source",
        "x-name",
    ],
)
def test_headers_that_prove_nothing(name: str) -> None:
    assert not may_prove((*HEADERS, name))
    assert can_know((*HEADERS, name), RANDOM) is Tri.YES


@pytest.mark.parametrize("name", ["x-signature", "x-acme", "x-types", "x-api-key", "x-token-id", "authorization"])
def test_headers_that_may_prove_it(name: str) -> None:
    assert may_prove((*HEADERS, name))
    assert can_know((*HEADERS, name), RANDOM) is Tri.NO


@pytest.mark.parametrize(
    ("path", "may"),
    [(HEADERS, True), (("$trigger",), False), ((), False), ((*QUERY, "token"), True), ((*QUERY, "page"), False), (("$trigger", "body", "apiKey"), True), (("$trigger", "body", "secret", "a"), False)],
)  # fmt: skip
def test_where_a_secret_is_sent(path: tuple[str, ...], may: bool) -> None:
    assert may_prove(path) is may


@pytest.mark.parametrize(
    ("name", "secretive"),
    [
        ("x-api-key", True), ("apiKey", True), ("hook_token", True), ("webhookSecret", True), ("password", True), ("token", True), ("monkey", False), ("keyboard", False),
        ("page", False), ("status", False), ("tokenized", False),
    ],
)  # fmt: skip
def test_names_of_secrets(name: str, secretive: bool) -> None:
    assert is_secretive(name) is secretive


@pytest.mark.parametrize(
    ("path", "literal", "answer"),
    [
        # Fewer than eight characters can be tried out.
        ((*QUERY, "token"), "kT7vWq2", Tri.YES), ((*QUERY, "token"), "kT7vWq2z", Tri.NO), ((*HEADERS, "authorization"), "Bearer kT7vWq2", Tri.YES), ((*HEADERS, "authorization"), "Bearer kT7vWq2z", Tri.UNKNOWN),
        *(((*HEADERS, "authorization"), f"{scheme} kT7vWq2", Tri.YES) for scheme in ("Bearer", "BASIC", "token", "ApiKey", "hmac", "sha256")), ((*HEADERS, "x-signature"), "sha256=kT7vWq2", Tri.YES),
        # What examples have, anyone tries.
        ((*QUERY, "token"), "changeme-please", Tri.YES),
        # Words may be a name or a secret.
        ((*QUERY, "token"), "horse battery", Tri.UNKNOWN), ((*QUERY, "key"), "horse battery", Tri.YES), ((*QUERY, "KEY"), "horse battery", Tri.YES), ((*QUERY, "key"), RANDOM, Tri.NO),
        ((*QUERY, "state"), "horse battery", Tri.YES), ((*HEADERS, "x-acme"), "horse battery", Tri.YES),
        # A random text is a secret in a header, and may be one elsewhere: from sixteen characters on.
        ((*HEADERS, "x-acme"), RANDOM, Tri.NO), ((*HEADERS, "x-acme"), RANDOM[:-1], Tri.UNKNOWN), ((*QUERY, "state"), RANDOM, Tri.UNKNOWN), ((*QUERY, "state"), RANDOM[:-1], Tri.YES),
        ((*HEADERS, "x-acme"), "31415926535897932384", Tri.UNKNOWN), ((*QUERY, "state"), "31415926535897932384", Tri.YES),
        # Not an identifier.
        ((*HEADERS, "x-acme"), "kT7v Wq2z Lp9x R4mN!", Tri.UNKNOWN), ((*QUERY, "state"), "kT7v Wq2z Lp9x R4mN!", Tri.YES), ((), RANDOM, Tri.UNKNOWN), (HEADERS, RANDOM, Tri.NO),
    ],
)  # fmt: skip
def test_what_a_caller_can_know(path: tuple[str, ...], literal: str, answer: Tri) -> None:
    assert can_know(path, literal) is answer
