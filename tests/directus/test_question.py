"""`may this principal do that?`: asked about every request that real servers answered."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.question import NotMatched, Permitted, Question, answer
from directus_guard.directus.access.records import Access, Permission, Policy, Role
from directus_guard.directus.access.rule_words import rule_words
from directus_guard.directus.versions import Version
from tests.support.truth import KEY, model_of, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.principal_access import PrincipalAccess


def asked(principal: Mapping[str, Any], record: Mapping[str, Any], major: int) -> Iterator[tuple[Question, bool]]:
    """The requests of a principal as questions, with what the server did."""
    items = {item[KEY]: item for item in record["items"]}
    for key, field, value, done in principal["update"]:
        yield Question("update", "docs", None, items[key], {field: value}), done
    for payload, done in principal["create"]:
        yield Question("create", "docs", None, None, payload), done
    for key, gone in principal["delete"]:
        yield Question("delete", "docs", None, items[key]), gone
    for field, (status, data) in principal["read"].items():
        if field == "*" or (major < 11 and field == KEY):
            continue  # a list of what may be read, whatever it is; 10 answers with bare keys where no field is allowed
        if status == 200:
            yield from _shown(field, data, items)
        elif principal["read"][KEY][0] == 200:
            # The request sorts by the key: where that may not be read, the answer tells nothing of the field.
            yield Question("read", "docs", field), False


def _shown(field: str, data: list[Any], items: Mapping[Any, Any]) -> Iterator[tuple[Question, bool]]:
    """One item after the other: which of them was shown with the field. An answer without keys tells only of values
    that one item alone has."""
    values = Counter(str(item[field]) for item in items.values() if item[field] is not None)
    if any(not isinstance(row, dict) or field not in row for row in data):
        return
    seen = {str(row[field]) for row in data if row[field] is not None}
    for item in items.values():
        if item[field] is not None and values[str(item[field])] == 1:
            yield Question("read", "docs", field, item), str(item[field]) in seen


def test_every_recorded_request_is_answered() -> None:
    """None of them with "cannot tell": everything is known of each."""
    answered: Counter[tuple[str, Permitted]] = Counter()
    wrong = []
    for parameters in records():
        record: Any = parameters.values[0]
        model = model_of(record)
        for principal in record["principals"]:
            user = principal["user"]
            access: PrincipalAccess = model.of(PUBLIC) if user is None else model.of_user(user)
            for question, done in asked(principal, record, model.version.major):
                given = answer(access, question, user=user)
                answered[question.action, given.verdict] += 1
                if given.verdict is not (Permitted.YES if done else Permitted.NO):
                    wrong.append((parameters.id, user, question, given))
    assert not wrong
    assert {action for action, verdict in answered if verdict is Permitted.YES} == {
        "create",
        "read",
        "update",
        "delete",
    }
    assert {action for action, verdict in answered if verdict is Permitted.NO} == {"create", "read", "update", "delete"}
    assert answered.total() > 3_000


EDITOR = Principal(PrincipalKind.ROLE, "editor", "Editor")


def editor(rule: Any, action: str = "read", **row: Any) -> PrincipalAccess:
    """What an editor may do who has one permission on posts."""
    return AccessModel(
        version=Version(11, 17, 4),
        roles=(Role("editor", "Editor"),),
        policies=(Policy("p", "P"),),
        access=(Access("p", "editor", None),),
        permissions=(Permission("posts", action, rule, fields=("*",), policy="p", **row),),
    ).of(EDITOR)


MINE = {"author": {"_eq": "$CURRENT_USER"}}
TAGGED = {"tags": {"name": {"_eq": "a"}}}
MARKED = {"tags": {"_some": {"owner": {"_eq": "$CURRENT_USER"}}}}
ITEMS: list[tuple[Any, Any, Permitted]] = [
    ({"status": {"_nnull": True}}, None, Permitted.ONLY_WHERE),
    ({"id": {"_in": []}}, None, Permitted.NO),
    ({"_or": [{"a": {"_null": True}}, {"a": {"_nnull": True}}]}, None, Permitted.YES),
    ({"a": {"_unknown": 1}}, {"a": 1}, Permitted.CANNOT_TELL),
    (MINE, {"author": "$CURRENT_USER"}, Permitted.YES),
    (MINE, {"author": {"id": "$CURRENT_USER"}}, Permitted.YES),
    (MINE, {"author": "somebody"}, Permitted.ONLY_WHERE),
    (MINE, {"author": None}, Permitted.NO),
    (MINE, {}, Permitted.ONLY_WHERE),
    ({"author": {"name": {"_eq": "a"}}}, {"author": "key"}, Permitted.ONLY_WHERE),
    ({"author": {"name": {"_eq": "a"}}}, {"author": {"name": "b"}}, Permitted.NO),
    ({"author": {"name": {"_eq": "a"}}}, {"author": None}, Permitted.NO),
    ({"title": {"_contains": "A"}}, {"title": "a"}, Permitted.CANNOT_TELL),
    (TAGGED, {"tags": [{"name": "b"}, {"name": "a"}]}, Permitted.YES),
    (TAGGED, {"tags": [{"name": "b"}]}, Permitted.NO),
    (TAGGED, {"tags": []}, Permitted.NO),
    ({**TAGGED, "status": {"_eq": 1}}, {"tags": [{"name": "a"}]}, Permitted.ONLY_WHERE),
    ({"tags": {"name": {"_contains": "A"}}}, {"tags": [{"name": "a"}]}, Permitted.CANNOT_TELL),
    (MARKED, {"tags": [{"owner": "somebody"}]}, Permitted.ONLY_WHERE),
    (MARKED, {"tags": [{"owner": "$CURRENT_USER"}]}, Permitted.YES),
    ({"role": {"_eq": "$CURRENT_ROLE"}}, {"role": "editor"}, Permitted.YES),
    ({"team": {"_eq": "$CURRENT_USER.team"}}, {"team": 1}, Permitted.ONLY_WHERE),
]


def test_items_of_which_something_is_known() -> None:
    wrong = [
        (rule, item, given, wanted)
        for rule, item, wanted in ITEMS
        if (given := answer(editor(rule), Question("read", "posts", None, item)).verdict) is not wanted
    ]
    assert not wrong


def test_several_conditions_and_the_one_that_fails() -> None:
    access = editor({"status": {"_eq": "published"}, **MINE})
    given = answer(access, Question("read", "posts", None, {"status": "draft", "author": "$CURRENT_USER"}))
    (obstacle,) = given.obstacles
    assert isinstance(obstacle, NotMatched)
    assert list(map(rule_words, obstacle.unmet)) == ['status is "published"']


def test_payloads() -> None:
    validation = {"author": {"_eq": "$CURRENT_USER"}}
    access = editor(None, "create", validation=validation)
    ask: list[tuple[dict[str, Any] | None, Permitted]] = [
        (None, Permitted.ONLY_WHERE),
        ({"author": "$CURRENT_USER"}, Permitted.YES),
        ({"author": "somebody"}, Permitted.NO),
        ({"author": "$CURRENT_USER", "tags": [{"name": "a"}]}, Permitted.CANNOT_TELL),
        ({"author": "$CURRENT_USER", "tags": [1, 2]}, Permitted.YES),
        ({"author": "$CURRENT_USER", "meta": {"a": 1}}, Permitted.YES),
    ]
    plain = frozenset({"meta"})
    given = [(sent, answer(access, Question("create", "posts", payload=sent), plain=plain).verdict) for sent, _ in ask]
    assert given == ask
    own = answer(editor(None, "create", presets=MINE, validation=None), Question("create", "posts", payload={}))
    assert own.verdict is Permitted.YES


def test_fields_of_several_permissions_are_reached_together() -> None:
    """Each field by the permission that has it: the item must meet the rules of both."""
    one = Permission("posts", "update", {"a": {"_eq": 1}}, fields=("title",), policy="p")
    other = Permission("posts", "update", {"b": {"_eq": 1}}, fields=("body",), policy="p")
    model = AccessModel(
        version=Version(11, 17, 4),
        roles=(Role("editor", "Editor"),),
        policies=(Policy("p", "P"),),
        access=(Access("p", "editor", None),),
        permissions=(one, other),
    )
    sent = {"title": "x", "body": "y"}
    for item, verdict in (({"a": 1, "b": 1}, Permitted.YES), ({"a": 1, "b": 2}, Permitted.NO)):
        assert answer(model.of(EDITOR), Question("update", "posts", None, item, sent)).verdict is verdict


def test_administrators_may_do_everything() -> None:
    model = AccessModel(
        version=Version(11, 17, 4),
        roles=(Role("editor", "Editor"),),
        policies=(Policy("p", "P", admin_access=True),),
        access=(Access("p", "editor", None),),
    )
    given = answer(model.of(EDITOR), Question("delete", "posts"))
    assert (given.verdict, given.admin, given.fields) == (Permitted.YES, True, ("*",))
