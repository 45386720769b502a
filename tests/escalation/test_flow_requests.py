"""Requests of a flow that carry a token: whose it is, and where it is sent."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.directus.flows.data import ABSENT, CallerInput, KnownValue, Value
from directus_guard.directus.flows.rights import Rights
from directus_guard.directus.flows.steps import FlowStep
from directus_guard.directus.tri import Tri
from directus_guard.escalation.flow_requests import has_token, holds_token, lends_token
from tests.support.each import each_case
from tests.support.worlds import flow, operation

BEARER: Final = ({"header": "Authorization", "value": "Bearer kT7vWq2zLp9x"},)
OF_ENV: Final = ({"header": " authorization ", "value": "Bearer {{$env.TOKEN}}"},)
SENT: Final = CallerInput(("$trigger", "body", "x"))


def request(url: Any, headers: Any = (), type_: str = "request") -> Any:
    return operation(type_, url=url, headers=list(headers) if isinstance(headers, tuple) else headers)


@each_case(
    ("url", "headers", "has", "holds"),
    [
        ("http://directus:8055/users", BEARER, True, True), ("http://directus:8055/users", OF_ENV, True, False), ("https://api.acme.com", BEARER, True, False), ("http://directus:8055/users", (), False, False),
        ("http://directus:8055/users?access_token=kT7vWq2z", (), True, True), ("http://directus:8055/users?a=b&access_token=kT7vWq2z", (), True, True), ("http://directus:8055/users?access_token={{$env.TOKEN}}", (), True, False),
        ("http://directus:8055/{{$trigger.body.x}}?access_token=kT7vWq2z", (), True, True), ("http://directus:8055/users?access_token=", (), False, False), ("http://directus:8055/users?token=x", (), False, False),
        # Of the caller themselves.
        ("http://directus:8055/users", ({"header": "Authorization", "value": "{{$trigger.headers.authorization}}"},), False, False), ("http://directus:8055/users", ({"header": "Authorization", "value": "Bearer {{ $last.token }}"},), False, False),
        ("http://directus:8055/users", ({"header": "Authorization", "value": "Bearer {{ $accountability.x }}"},), False, False), ("http://directus:8055/users", ({"header": "Authorization", "value": "Bearer {{ read.token }}"},), True, False),
        # The webhook of a flow may be guarded by any header, or by a part of its query.
        ("http://directus:8055/flows/trigger/x", ({"header": "x-hook", "value": "kT7vWq2z"},), True, True), ("https://cms.acme.com/flows/trigger/x", ({"header": "x-hook", "value": "kT7vWq2z"},), True, True),
        ("http://directus:8055/users", ({"header": "x-hook", "value": "kT7vWq2z"},), False, False), ("http://directus:8055/flows/trigger/x", ({"header": "Accept", "value": "text/html"}, {"header": "User-Agent", "value": "x"}), False, False),
        ("/flows/trigger/x?key=kT7vWq2z", (), True, True), ("/flows/trigger/x?key={{$trigger.query.key}}", (), False, False), ("/flows/trigger/x?a={{$trigger.query.a}}&key=kT7vWq2z", (), True, True), ("/flows/trigger/x?a=b=c", (), True, True),
        ("/flows/trigger/x?a={{$trigger.query.a}}&b={{$trigger.query.b}}", (), False, False), ("/flows/trigger/x?", (), False, False), ("/flows/trigger/x?a", (), False, False), ("/flows/trigger/x?a={{$trigger.query.x}}=1", (), False, False),
        ("/flows/trigger/x?a={{$env.KEY}}", (), True, False), ("/flows/trigger/x#a=b", (), False, False),
        # Entries that are not headers are ignored.
        ("http://directus:8055/users", ("x", {"header": 5, "value": "x"}, {"header": "a"}, *BEARER), True, True), ("http://directus:8055/users", "x", False, False), ("http://directus:8055/users", ({"header": "Authorization", "value": " "},), False, False),
        (None, BEARER, True, False), (5, BEARER, True, False),
    ],
)  # fmt: skip
def test_whose_token_it_is(url: Any, headers: Any, has: bool, holds: bool) -> None:
    assert has_token(request(url, headers)) is has
    assert holds_token(request(url, headers)) is holds
    assert not has_token(request(url, headers, "mail"))
    assert not holds_token(request(url, headers, "mail"))


@each_case(
    ("url", "ours"),
    [
        ("http://directus:8055/users", True), ("https://directus.acme.com/x", True), ("https://my-directus.acme.com", True), ("http://localhost:8055/x", True), (" HTTP://DIRECTUS/x", True), ("{{$env.PUBLIC_URL}}/x", True), ("{{ $env.MY_DIRECTUS_URL }}/x", True),
        ("https://acme.com/directus", False), ("https://api.acme.com/items/posts", False),
        # A neighbour, if the path is one of Directus' API, in any case and with whatever follows.
        ("http://cms/items/posts", True), ("http://cms/ITEMS/posts", True), ("http://cms/items?a=b", True), ("http://cms/items#a", True), ("http://cms/ items ", False), ("http://cms/items ", True), ("http://cms/orders", False), ("http://cms/api/users/me", True), ("http://cms/api/?x=/items", False),
        ("http://cms/orders#/items", False), ("http://cms/orders?x=/items/y", False), ("http://10.0.0.5:3000/items", True), ("http://[::1]/items", True), ("http://cms.internal/items", True), ("http://cms.svc/items", True), ("https://cms.acme.com/items", True), ("https://shop.acme.com/items", False),
        # Of which nothing is known.
        ("http://cms", True), ("http://cms/", True), ("http://cms?a", True), ("http://cms/{{ read.path }}", True), ("http://cms/{{ read.path }}/x", True), ("http://cms/x/{{ read.path }}", False), ("http://cms/x/{{$env.PATH}}", True), ("{{$env.API}}/items", True), ("{{$env.API}}/orders", False), ("{{$env.API}}", True),
    ],
)  # fmt: skip
def test_where_directus_is(url: str, ours: bool) -> None:
    assert holds_token(request(url, BEARER)) is ours
    assert lent(url, body=SENT) is (Tri.UNKNOWN if ours else Tri.NO)


def lent(url: str, headers: Any = BEARER, *, given: Value | None = None, body: Value = ABSENT) -> Tri:
    inputs = {"url": KnownValue(url) if given is None else given, "body": body}
    return lends_token(FlowStep(flow(), request(url, headers), Tri.YES, Rights.FULL, Tri.YES, inputs, frozenset()))


def test_what_the_caller_decides_of_it() -> None:
    """What is sent to Directus, or where it is sent."""
    ours, other = "http://directus:8055/items/x", "https://api.acme.com"
    assert lent(ours) is Tri.NO
    assert lent(ours, body=KnownValue("x")) is Tri.NO
    assert lent(ours, body=SENT) is Tri.UNKNOWN
    assert lent(ours, (), body=SENT) is Tri.NO
    assert lent(other, body=SENT) is Tri.NO
    assert lent(other, given=SENT) is Tri.UNKNOWN
    # Who decides a part of the path can leave it by `..`.
    part = CallerInput(("$trigger", "body", "x"), text=True)
    assert lent("http://cms/orders/{{$trigger.body.x}}", given=part) is Tri.UNKNOWN
    assert lent("https://cms.acme.com/flows/trigger/x", ({"header": "x-hook", "value": "k"},), body=SENT) is Tri.UNKNOWN
