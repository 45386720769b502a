"""The truth of rules by that of some of their conditions, however these were decided and opened again."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from directus_guard.directus.access.decisions import Decisions
from directus_guard.directus.access.filters import And, Condition, Or
from tests.support.each import failing

if TYPE_CHECKING:
    from directus_guard.directus.access.filters import Filter

LEAVES = [Condition((f"f{number}",), "_eq", number) for number in range(6)]


def made(random: Random, depth: int = 0) -> Filter:
    if depth == 4 or random.random() < 0.3:
        return random.choice(LEAVES)
    branches = tuple(made(random, depth + 1) for _ in range(random.randint(0, 4)))
    return random.choice((And, Or))(branches)


def decided(rule: Filter, truths: dict[Filter, bool]) -> bool | None:
    if not isinstance(rule, (And, Or)):
        return truths.get(rule)
    absorbing = isinstance(rule, Or)
    held = [decided(branch, truths) for branch in rule.branches]
    if absorbing in held:
        return absorbing
    return None if None in held else not absorbing


def first_open(rule: Filter, truths: dict[Filter, bool]) -> Filter | None:
    if not isinstance(rule, (And, Or)):
        return rule
    return next((first_open(one, truths) for one in rule.branches if decided(one, truths) is None), None)


def test_it_agrees_with_a_decision_from_scratch() -> None:
    assert failing(range(300), agrees) == []


def agrees(seed: int) -> None:
    random = Random(seed)
    rules = (made(random), And((made(random), Or(tuple(LEAVES)))))
    decisions = Decisions(*rules)
    known = [leaf for leaf in LEAVES if leaf in {*_leaves(rules[0]), *_leaves(rules[1])}]
    truths: dict[Filter, bool] = {}
    for _ in range(60):
        some = random.sample(known, random.randint(1, min(3, len(known))))
        numbers = tuple(map(decisions.number, some))
        if random.random() < 0.4:
            decisions.reopen(numbers)
            for leaf in some:
                truths.pop(leaf, None)
        else:
            values = [random.random() < 0.5 for _ in some]
            decisions.decide(numbers, values)
            truths.update(zip(some, values, strict=True))
        for number, rule in enumerate(rules):
            expected = decided(rule, truths)
            assert decisions[number] is expected
            if expected is None:
                assert decisions.first_open(number) == first_open(rule, truths)


def _leaves(rule: Filter) -> list[Filter]:
    if isinstance(rule, (And, Or)):
        return [leaf for branch in rule.branches for leaf in _leaves(branch)]
    return [rule]
