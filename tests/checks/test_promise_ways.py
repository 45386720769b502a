"""Ways to access that a promise forbids: what an account can bring about, on every version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from directus_guard.checks.access._promise_ways import MOST_GOALS, ways
from directus_guard.checks.access.access_promise import access_promise
from directus_guard.checks.result import Failure, NotEvaluated
from directus_guard.directus.access.promises import Promise, PromiseKind
from directus_guard.directus.access.records import Access, User
from directus_guard.directus.project import Project
from tests.support.each import each_case
from tests.support.worlds import CUSTOMER, CUSTOMER_POLICY, EDITOR, EDITOR_POLICY, ME, Row, World, flow, operation

if TYPE_CHECKING:
    from directus_guard.directus.export import Export

PROMISE: Final = Promise(
    PromiseKind.NEVER, ("*",), ("delete",), ("invoices",), excepted=("Administrator", "Customer"), place="c.yaml:2"
)
CUSTOMERS: Final = (Row("invoices", "delete", rule={"state": {"_eq": "draft"}}),)
"""Customers may delete invoices: they are excepted."""
OWN_ROLE: Final = Row("directus_users", "update", ("role",), ME, {"role": {"_in": [CUSTOMER, EDITOR]}})
NOT_ADMIN: Final[Any] = {"policy": {"_in": [CUSTOMER_POLICY, EDITOR_POLICY]}}


def found(export: Export, promise: Promise = PROMISE) -> list[Failure]:
    answers = list(ways(export, promise, ()))
    assert all(isinstance(one, Failure) for one in answers), answers
    return [one for one in answers if isinstance(one, Failure)]


WAYS: Final[dict[str, tuple[World, str, str]]] = {
    "a role that has it": (World([OWN_ROLE], customer=CUSTOMERS), "11.17.4", "set the role of their own user to the role `Customer`"),
    "on 10": (World([OWN_ROLE], customer=CUSTOMERS), "10.13.4", "set the role of their own user to the role `Customer`"),
    "a permission": (
        World([Row("directus_permissions", "create", validation={"collection": {"_eq": "invoices", "_nnull": True}})]),
        "11.17.4",
        "`delete` on invoices",
    ),
    "a permission on 10": (
        World([Row("directus_permissions", "create", validation={"collection": {"_eq": "invoices", "_nnull": True}})]),
        "10.13.4",
        "`delete` on invoices",
    ),
    "a permission that is changed": (
        World([
            Row("directus_permissions", "update", ("action",), {"collection": {"_eq": "invoices"}}),
            Row("invoices", "read"),
        ]),
        "11.17.4",
        "`delete` on invoices",
    ),
    "an attachment": (
        World([Row("directus_access", "create", validation=NOT_ADMIN)], customer=CUSTOMERS),
        "11.17.4",
        "Customer",
    ),
    "an account": (
        World(
            [Row("directus_users", "update", ("password",), {"role": {"_eq": CUSTOMER}})],
            customer=CUSTOMERS,
            users=(User("c", CUSTOMER, "active"),),
        ),
        "11.17.4",
        "password",
    ),
    "administrator": (World([Row("directus_users", "update", ("role",), ME)]), "11.17.4", "administrator role"),
}  # fmt: skip


@each_case(("world", "version", "says"), WAYS.values(), ids=WAYS)
def test_a_way_breaks_the_promise(world: World, version: str, says: str) -> None:
    (failure,) = found(world.export(version))
    assert says in failure.message
    assert failure.message.endswith("Then `Editor` may delete `invoices`.")
    assert "c.yaml:2" in failure.message
    assert failure.fix
    assert failure.fix.description
    assert failure.subject.key.endswith(" never:*")
    assert failure.title == "`Editor` can get to `invoices` against a promise"


CLOSED: Final[dict[str, World]] = {
    "a role that has other things": World([OWN_ROLE]),
    "a permission on other collections": World(
        [Row("directus_permissions", "create", validation={"collection": {"_eq": "posts", "_nnull": True}})]
    ),
    "a role whose permission reaches nothing": World(
        [OWN_ROLE], customer=[Row("invoices", "delete", rule={"state": {"_in": []}})]
    ),
    "a role whose permission has no field": World([OWN_ROLE], customer=[Row("invoices", "read", ())]),
    "nothing": World(customer=CUSTOMERS),
}


@each_case("world", CLOSED.values(), ids=CLOSED)
@each_case("version", ["10.13.4", "11.17.4"])
def test_no_way(world: World, version: str) -> None:
    assert found(world.export(version), replace(PROMISE, actions=("delete", "read"))) == []


def test_visitors_have_ways_too() -> None:
    row = Row("directus_permissions", "create", validation={"collection": {"_eq": "invoices", "_nnull": True}})
    (failure,) = found(World(public=[row]).export())
    assert failure.title == "Anonymous visitors can get to `invoices` against a promise"


def test_what_visitors_may_do_is_no_way_of_others() -> None:
    public = World(public=[Row("invoices", "delete")]).export()
    assert found(public, replace(PROMISE, excepted=("Administrator", "public"))) == []
    row = Row("directus_permissions", "create", validation={"collection": {"_eq": "posts", "_nnull": True}})
    assert (
        found(World([row], public=[Row("invoices", "delete")]).export(), replace(PROMISE, principals=("Editor",))) == []
    )


def test_who_has_it_already_needs_no_way() -> None:
    export = World([OWN_ROLE, Row("invoices", "delete")], customer=CUSTOMERS).export()
    answers = [one for _, one in access_promise.judge(Project((), exports=(export,), promises=(PROMISE,)))]
    assert [isinstance(one, Failure) and one.title for one in answers] == [
        "Policy `Editor` can delete `invoices` against a promise"
    ]


def test_a_policy_of_ones_own_that_is_excepted() -> None:
    attached = Access(CUSTOMER_POLICY, user="u1")
    export = World([OWN_ROLE], customer=CUSTOMERS, users=(User("u1", EDITOR),), access=(attached,)).export()
    assert [one.title for one in found(export)] == ["`Editor` can get to `invoices` against a promise"]


def test_all_collections_are_followed_unless_they_are_too_many() -> None:
    rows = [Row(f"c{number}", "delete", rule={"id": {"_in": []}}) for number in range(MOST_GOALS + 1)]
    promise = replace(PROMISE, collections=("*",), principals=("Editor",))
    world = World([OWN_ROLE], customer=CUSTOMERS)
    (failure,) = found(world.export(), promise)
    assert failure.title == "`Editor` can get to `all` against a promise"
    (open_,) = ways(replace_rows(world, rows), promise, ())
    assert isinstance(open_, NotEvaluated)
    assert "too many collections" in open_.reason


def replace_rows(world: World, rows: list[Row]) -> Export:
    return World(world.editor, customer=[*world.customer, *rows]).export()


def test_names_of_collections_are_escaped() -> None:
    row = Row("directus_permissions", "create", validation={"collection": {"_eq": "in\x1bvoices", "_nnull": True}})
    (failure,) = found(World([row]).export(), replace(PROMISE, collections=("in\x1bvoices",)))
    assert "\x1b" not in repr(failure.message).replace("\\x1b", "")
    assert "\x1b" not in failure.message + failure.title + failure.subject.key


def test_a_promise_about_administrators_only_has_no_ways() -> None:
    rows = [Row(f"c{number}", "delete", rule={"id": {"_in": []}}) for number in range(MOST_GOALS + 1)]
    export = replace_rows(World(), rows)
    promise = replace(PROMISE, collections=("*",), principals=("Administrator",), excepted=())
    assert list(ways(export, promise, ())) == []


def test_the_first_of_several_collections_is_named() -> None:
    (failure,) = found(
        World([OWN_ROLE], customer=CUSTOMERS).export(), replace(PROMISE, collections=("invoices", "posts"))
    )
    assert failure.title == "`Editor` can get to `invoices` against a promise"


def test_a_way_without_a_plan_is_open() -> None:
    """An operation that a flow makes, and then goes on with, may give what the promise forbids."""
    made = {"collection": "directus_users", "permissions": "$full", "payload": "{{$trigger.body}}"}
    operations = (
        replace(operation("item-create", **made), resolve="operation-2"),
        replace(
            operation("item-update", **{**made, "key": "{{$last}}", "payload": {"role": CUSTOMER}}),
            id="operation-2",
            key="next",
        ),
    )
    world = World(customer=CUSTOMERS, flows=(flow("webhook", method="POST"),), operations=operations)
    for answer in ways(world.export(), replace(PROMISE, excepted=("Administrator", "Customer", "Editor")), ()):
        assert isinstance(answer, (Failure, NotEvaluated))
