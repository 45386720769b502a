"""What holds of generated instances: more rows never close a way, and no order matters."""

from __future__ import annotations

import os
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from msgspec.structs import replace

from directus_guard.directus.access.evaluation import evaluate
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.records import Access, Permission, Policy, Role
from directus_guard.escalation import Paths
from tests.support import generate_rules
from tests.support.random_escalations import instance, permission
from tests.support.sampling import EVERY_CASE

if TYPE_CHECKING:
    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.export import Export

pytestmark = pytest.mark.thorough

BATCHES: Final = int(os.environ.get("ESCALATION_BATCHES", "40" if EVERY_CASE else "10"))
"""Of twelve instances each; `make every` takes four times as many."""
BATCH: Final = 12
ROUNDS: Final = settings(
    max_examples=BATCHES, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
)
SEEDS: Final = st.integers(min_value=0, max_value=2**40)


def told(export: Export) -> dict[Principal, bool]:
    paths = Paths(export)
    return {one: paths.escalates(one) for one in export.model.principals() if not export.model.of(one).admin}


SEEN: Final[Counter[bool]] = Counter()


@ROUNDS
@given(SEEDS)
def test_the_closure_is_monotone(seed: int) -> None:
    """A further row without validation opens ways and closes none: who escalated still does."""
    for offset in range(BATCH):
        export, random = instance(seed * BATCH + offset)
        more = permission(random, 100, loose=True)
        while more.presets:
            more = permission(random, 100, loose=True)
        # A rule that is an empty group is dropped beside another one, the measured exception: none is generated.
        larger = replace(export, model=replace(export.model, permissions=(*export.model.permissions, more)))
        before, after = told(export), told(larger)
        SEEN.update(before.values())
        for principal, escalates in before.items():
            assert not escalates or after[principal], (seed * BATCH + offset, principal, more)


def test_generated_instances_escalate_and_do_not() -> None:
    found = Counter(answer for seed in range(300) for answer in told(instance(seed)[0]).values())
    assert found[True] > 100
    assert found[False] > 100


def shuffled(export: Export, random: Random) -> Export:
    model = export.model
    changed: dict[str, Any] = {
        name: tuple(random.sample(rows, len(rows)))
        for name in ("roles", "policies", "access", "permissions", "users")
        if (rows := getattr(model, name))
    }
    return replace(export, model=replace(model, **changed))


def written(export: Export) -> list[Any]:
    """Everything that is told of everybody."""
    paths = Paths(export)
    answers = []
    for principal in export.model.principals():
        path = paths.of(principal)
        shown = None if path is None else (path.name, path.steps, [row.id for row in path.rows], path.confidence)
        answers.append((principal, shown))
    return answers


@ROUNDS
@given(SEEDS)
def test_the_order_of_rows_never_matters(seed: int) -> None:
    for offset in range(BATCH):
        export, random = instance(seed * BATCH + offset)
        assert written(export) == written(shuffled(export, random)), seed * BATCH + offset


# --- adding a policy to effective access -------------------------------------------------------------------------------

PRINCIPAL: Final = "editor"


def content(random: Random, number: int, policy: str) -> Permission:
    return Permission(
        "posts",
        random.choice(("read", "update", "delete")),
        generate_rules.rule(random),
        None,
        None,
        random.choice((("*",), ("title",), ("title", "score"))),
        policy=policy,
        id=number,
    )


@ROUNDS
@given(SEEDS)
def test_adding_a_policy_takes_nothing_away_but_by_empty_groups_and_validations(seed: int) -> None:
    """The two measured ways are the only ones: they are left out here, and have tests of their own."""
    for offset in range(BATCH):
        random = Random(seed * BATCH + offset)
        rows = [content(random, number, "p-one") for number in range(random.choice((1, 2, 3)))]
        more = [content(random, number + 10, "p-two") for number in range(random.choice((1, 2)))]
        if any(_may_vanish(row.permissions) for row in (*rows, *more)):
            continue
        base = AccessModel(
            roles=(Role(PRINCIPAL),), policies=(Policy("p-one"), Policy("p-two")),
            access=(Access("p-one", PRINCIPAL),), permissions=(*rows, *more),
        )  # fmt: skip
        wider = replace(base, access=(*base.access, Access("p-two", PRINCIPAL)))
        first, second = base.of_account(PRINCIPAL), wider.of_account(PRINCIPAL)
        for _ in range(6):
            item, context = generate_rules.item(random), generate_rules.context(random)
            for action in ("read", "update", "delete"):
                for name in ("title", "score", "status"):
                    asked = None if action == "delete" else name
                    if evaluate(first.items("posts", action, asked), item, context):
                        assert evaluate(second.items("posts", action, asked), item, context), (seed, offset)


def _may_vanish(rule: Any) -> bool:
    """Whether some group in a rule may compile to nothing, which beside another row is dropped."""
    from directus_guard.directus.access.item_rules import is_unrestricted, parse

    return not is_unrestricted(rule) and parse(rule, major=12) is None


def test_the_first_measured_way_an_empty_group_beside_another_rule() -> None:
    empty = Permission("posts", "read", {"_or": []}, fields=("*",), policy="p-one", id=1)
    other = Permission("posts", "read", {"status": {"_eq": "a"}}, fields=("*",), policy="p-two", id=2)
    base = AccessModel(
        roles=(Role(PRINCIPAL),), policies=(Policy("p-one"), Policy("p-two")), access=(Access("p-one", PRINCIPAL),),
        permissions=(empty, other),
    )  # fmt: skip
    wider = replace(base, access=(*base.access, Access("p-two", PRINCIPAL)))
    item: dict[str, Any] = {"id": 1, "status": "b"}
    assert base.of_account(PRINCIPAL).may("read", "posts", "status", item)
    assert not wider.of_account(PRINCIPAL).may("read", "posts", "status", item)


def test_the_second_measured_way_a_validation() -> None:
    free = Permission("posts", "create", fields=("*",), policy="p-one", id=1)
    strict = Permission("posts", "create", validation={"status": {"_eq": "a"}}, fields=("*",), policy="p-two", id=2)
    base = AccessModel(
        roles=(Role(PRINCIPAL),), policies=(Policy("p-one"), Policy("p-two")), access=(Access("p-one", PRINCIPAL),),
        permissions=(free, strict),
    )  # fmt: skip
    wider = replace(base, access=(*base.access, Access("p-two", PRINCIPAL)))
    first, second = base.of_account(PRINCIPAL), wider.of_account(PRINCIPAL)
    assert first.grant("posts", "create").accepts({"status": "b"}, first.context())
    assert not second.grant("posts", "create").accepts({"status": "b"}, second.context())
