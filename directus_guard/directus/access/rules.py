"""What can be said of item rules without knowing the items: implication, and the four questions built on it.

`implies(a, b)` asks whether every item that rule `a` matches is matched by `b`, by looking for a counterexample. Per
field path the conditions of both rules cut the values into finitely many cells (null, the constants, what lies
between them, strings by the patterns they match); one cell per path decides both rules, so a search over cells is
complete. Dynamic variables stay symbolic: each is tried as a value of its own and as every constant it is compared
with. A counterexample counts only after `filters.evaluate` has confirmed it; where that fails, or where the search
would not end, the answer is CANNOT_TELL, never a guess.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import combinations, pairwise, product
from typing import Final, NamedTuple, TypeAlias

from msgspec import Struct

from directus_guard.directus.access import strings
from directus_guard.directus.access.filters import (
    EVERYTHING,
    NEGATIONS,
    NOTHING,
    ORDER_OPERATORS,
    TEXT_OPERATORS,
    And,
    Condition,
    Context,
    Filter,
    Json,
    Opaque,
    Or,
    Path,
    Pattern,
    Quantified,
    Scalar,
    Variable,
    adjusted,
    among,
    bind,
    conditions,
    evaluate,
    holds,
    instant,
    merged,
    normalise,
    order_key,
    pattern,
    resolve,
    text,
)
from directus_guard.directus.decisions import Decisions


class Answer(Enum):
    """Three answers to a question about a rule. CANNOT_TELL is an answer: the check says so and does not guess."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot tell"


class Implication(Struct, frozen=True):
    """Whether every item matched by one rule is matched by the other.

    With NO, `item` is one that only the first rule matches, for somebody and at a time as `context` says.
    """

    answer: Answer
    item: Mapping[str, Json] | None = None
    context: Context | None = None


class Confinement(Struct, frozen=True):
    """Whether a rule lets through only items of the current user: in each, one of `fields` is the user's key."""

    answer: Answer
    fields: tuple[Path, ...] = ()
    item: Mapping[str, Json] | None = None


class FixedField(Struct, frozen=True):
    """Whether a rule lets through only items whose field has one of finitely many `values`."""

    answer: Answer
    values: tuple[Scalar | Variable, ...] = ()


MAX_STEPS: Final = 20_000
MAX_ASSIGNMENTS: Final = 96
MAX_UNKNOWN_LEAVES: Final = 6
MAX_QUANTIFIED: Final = 4
SMALL: Final = 50
"""Conditions that an item is tested against in the time of one step."""
MAX_TRUTHS: Final = 50_000
"""Conditions of one path times the values that are tried on them."""
MANY_VALUES: Final = 200
"""Values that a rule names for one field and that are tried one by one; of more, all count as possible."""
MANY: Final = 8
"""Values of a list from which on they are looked up."""

KEYS: Final = frozenset({"id"})
"""Fields that are never null unless told otherwise: the usual name of the primary key."""


# --- the questions -----------------------------------------------------------------------------------------------


def matches_everything(
    rule: Filter, *, not_null: frozenset[str] = KEYS, nullable: frozenset[str] = frozenset()
) -> Answer:
    """Whether a rule restricts nothing.

    `not_null` and `nullable`: what the schema says of the collection's fields. Where only a null in a field of unknown
    nullability would escape (`title _nnull true`), nobody can tell.
    """
    answer = implies(EVERYTHING, rule, not_null=not_null).answer
    if answer is not Answer.NO:
        return answer
    unknown = {leaf.path[0] for leaf in conditions(rule) if isinstance(leaf, Condition) and len(leaf.path) == 1}
    without_nulls = implies(EVERYTHING, rule, not_null=not_null | (unknown - nullable)).answer
    return Answer.NO if without_nulls is Answer.NO else Answer.CANNOT_TELL


def matches_nothing(rule: Filter, *, not_null: frozenset[str] = KEYS, anonymous: bool = False) -> Answer:
    """Whether no item can ever meet a rule, so that its row grants nothing.

    `not_null`: what the schema says of the collection's fields. `anonymous`: asked for a visitor without an account.
    Some databases compare text without regard to case, accents and spaces at its end: where only that keeps two values
    apart, the answer is CANNOT_TELL.
    """
    if _surely_matches(rule, not_null, anonymous=anonymous):
        return Answer.NO
    answer = implies(rule, NOTHING, not_null=not_null, anonymous=anonymous).answer
    if answer is not Answer.YES:
        return answer
    loose = implies(_folded(rule), NOTHING, not_null=not_null, anonymous=anonymous).answer
    return Answer.YES if loose is Answer.YES else Answer.CANNOT_TELL


_SATISFIABLE: Final = frozenset({"_eq", "_neq", "_in", "_nin", "_nnull", "_nempty", "_gt", "_gte", "_lt", "_lte"})


def _surely_matches(rule: Filter, not_null: frozenset[str], *, anonymous: bool) -> bool:
    """The common rules of which this is plain: one condition for each field, and some value meets each of them."""
    if isinstance(rule, Or):
        return any(_surely_matches(branch, not_null, anonymous=anonymous) for branch in rule.branches)
    if isinstance(rule, And):
        heads = [branch.path[0] for branch in rule.branches if isinstance(branch, Condition)]
        if len(set(heads)) != len(rule.branches):
            return False
        return all(_surely_matches(branch, not_null, anonymous=anonymous) for branch in rule.branches)
    if not isinstance(rule, Condition) or "(" in rule.path[-1]:
        return False
    if rule.operator in ("_null", "_empty"):
        return len(rule.path) > 1 or rule.path[0] not in not_null
    values = _operands(rule)
    fixed = not any(isinstance(value, Variable) for value in values) or (
        not anonymous and values == (Variable("$CURRENT_USER"),)
    )
    return rule.operator in _SATISFIABLE and fixed and bool(values) and None not in values


def _folded(node: Filter) -> Filter:
    """A rule with its texts as the most lenient database compares them."""
    if isinstance(node, (And, Or)):
        kind: type[And | Or] = And if isinstance(node, And) else Or
        return kind(tuple(_folded(branch) for branch in node.branches))
    if isinstance(node, Quantified):
        return Quantified(node.path, node.some, _folded(node.filter))
    if isinstance(node, Opaque):
        return node
    operand = node.operand
    typed = NEGATIONS.get(node.operator, node.operator) not in TEXT_OPERATORS
    if isinstance(operand, tuple):
        return Condition(node.path, node.operator, tuple(_folded_text(value, typed=typed) for value in operand))
    return Condition(node.path, node.operator, _folded_text(operand, typed=typed))


def _folded_text(value: Scalar | Variable, *, typed: bool) -> Scalar | Variable:
    if not isinstance(value, str):
        return value
    kind, number = order_key(value)
    if typed and kind == 0:
        return number
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", value) if not unicodedata.combining(letter))
    return plain.casefold().rstrip()


def confined_to_current_user(rule: Filter, *, not_null: frozenset[str] = KEYS, anonymous: bool = False) -> Confinement:
    """Whether a rule lets through only what belongs to the user who asks, and by which fields.

    `anonymous`: judged for the public, to whom `$CURRENT_USER` is null and `_eq` means IS NULL (facts §3.4): nothing
    is confined then.
    """
    me = Variable("$CURRENT_USER")
    paths = sorted(
        {
            leaf.path
            for leaf in conditions(rule)
            if isinstance(leaf, Condition) and leaf.operator in ("_eq", "_in") and leaf.operand in (me, (me,))
        }
    )
    if anonymous or not paths:
        empty = implies(rule, NOTHING, not_null=not_null, anonymous=anonymous)
        return Confinement(empty.answer, (), empty.item)
    for chosen in _owners(rule, paths, me):
        mine = normalise(Or(tuple(Condition(path, "_eq", me) for path in chosen)))
        implication = implies(rule, mine, not_null=not_null)
        if implication.answer is Answer.YES:
            return Confinement(Answer.YES, chosen)
    return Confinement(implication.answer, (), implication.item)


FEW: Final = 8
"""Fields compared with the current user up to which each, and each pair, is tried as the owner."""


def _owners(rule: Filter, paths: Sequence[Path], me: Variable) -> Iterator[tuple[Path, ...]]:
    """The sets of fields that may make a rule one about the user's own items, the smallest first and all of them last."""
    if len(paths) <= FEW:
        for count in range(1, min(len(paths), 3)):
            yield from combinations(paths, count)
    elif isinstance(rule, And):
        # One that stands alone is enough. Every pair of thousands would take hours.
        yield from ((path,) for path in paths if Condition(path, "_eq", me) in rule.branches[:MANY_VALUES])
    yield tuple(paths)


def fixes(rule: Filter, path: Path, *, not_null: frozenset[str] = KEYS) -> FixedField:
    """Whether every item a rule matches has one of finitely many values at `path`, and which (None = null)."""
    named: dict[str, Scalar | Variable] = {}
    for leaf in conditions(rule):
        if not isinstance(leaf, Condition) or leaf.path != path:
            continue
        if leaf.operator in ("_null", "_empty"):
            named["None"] = None
        if leaf.operator == "_empty":
            named["''"] = ""
        if leaf.operator in ("_eq", "_in"):
            operands = leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)
            named.update((repr(value), value) for value in operands)
    values = [named[key] for key in sorted(named)]
    answer = implies(rule, _one_of(path, values), not_null=not_null).answer
    if answer is not Answer.YES:
        return FixedField(answer)
    if len(values) > MANY_VALUES:
        return FixedField(Answer.YES, tuple(values))
    possible = [
        value
        for value in values
        if implies(And((rule, _one_of(path, [value]))), NOTHING, not_null=not_null).answer is not Answer.YES
    ]
    return FixedField(Answer.YES, tuple(possible))


def _one_of(path: Path, values: Sequence[Scalar | Variable]) -> Filter:
    return normalise(
        Or(tuple(Condition(path, "_null") if value is None else Condition(path, "_eq", value) for value in values))
    )


class Reach(Enum):
    """Whether a rule matches an item of which only some fields are known."""

    ALWAYS = "always"
    """Whatever the other fields hold."""
    SOMETIMES = "sometimes"
    """The other fields decide."""
    NEVER = "never"
    CANNOT_TELL = "cannot tell"


def reach(rule: Filter, known: Mapping[Path, Scalar], value: Callable[[Variable], Json | Variable]) -> Reach:
    """Whether `rule` matches an item with these values, for a known asker.

    `known`: values by path; the key of a related row may be known as `("role",)` and asked as `("role", "id")`.
    `value`: what a variable stands for, or the variable itself where nobody knows. What is not known stays open.
    """
    bound = bind(rule, value)
    told = _decided(bound, known)
    if told is not None:
        return Reach.ALWAYS if told else Reach.NEVER
    facts = tuple(
        Condition(path, "_null") if held is None else Condition(path, "_eq", held) for path, held in known.items()
    )
    contradiction = implies(And((*facts, bound)), NOTHING).answer
    return {Answer.NO: Reach.SOMETIMES, Answer.YES: Reach.NEVER}.get(contradiction, Reach.CANNOT_TELL)


_UNKNOWN: Final = object()


def _decided(node: Filter, known: Mapping[Path, Scalar]) -> bool | None:
    """Three-valued evaluation: None where a field or a variable that is not known decides."""
    if isinstance(node, (And, Or)):
        absorbing = isinstance(node, Or)
        told: bool | None = not absorbing
        for branch in node.branches:
            value = _decided(branch, known)
            if value is absorbing:
                return absorbing
            if value is None:
                told = None
        return told
    if not isinstance(node, Condition) or any(isinstance(operand, Variable) for operand in _operands(node)):
        return None
    held = _known(node.path, known)
    if held is _UNKNOWN:
        return None
    either = [
        holds(node.operator, node.operand, held, ignore_case=ignore_case)  # type: ignore[arg-type]  # not _UNKNOWN
        for ignore_case in (True, False)
    ]
    return either[0] if either[0] is either[1] else None


def _known(path: Path, known: Mapping[Path, Scalar]) -> object:
    """The value at a path; a related row's `id` is the foreign key, and what lies beyond null is null."""
    if path in known:
        return known[path]
    for length in range(len(path) - 1, 0, -1):
        if path[:length] in known:
            above = known[path[:length]]
            return None if above is None else above if path[length:] == ("id",) else _UNKNOWN
    return _UNKNOWN


# --- implication -------------------------------------------------------------------------------------------------


def implies(a: Filter, b: Filter, *, not_null: frozenset[str] = KEYS, anonymous: bool = False) -> Implication:
    """Whether every item that `a` matches is matched by `b`, whoever asks and however the database compares case.

    `not_null`: fields that are never null. `anonymous`: the asker is nobody, and variables are null.
    """
    a, b = merged(normalise(a)), merged(normalise(b))
    if a in (NOTHING, b) or b == EVERYTHING:
        return Implication(Answer.YES)
    weakest = Answer.YES
    assignments = _assignments(And((a, b)), anonymous)
    if assignments is None:
        return Implication(Answer.CANNOT_TELL)
    for context in assignments.contexts:
        counterexample = _counterexample(a, b, context, not_null)
        if counterexample.answer is Answer.YES:
            return Implication(Answer.NO, counterexample.item, context)
        if counterexample.answer is Answer.CANNOT_TELL:
            weakest = Answer.CANNOT_TELL
    return Implication(weakest if assignments.complete else Answer.CANNOT_TELL)


class _Found(NamedTuple):
    """Whether an item exists, and one."""

    answer: Answer
    item: Mapping[str, Json] | None = None


class _Assignments(NamedTuple):
    contexts: tuple[Context, ...]
    complete: bool


_SOME_DAY: Final = datetime(2035, 1, 1, tzinfo=UTC)


def _assignments(node: Filter, anonymous: bool) -> _Assignments | None:
    """Every way to give the variables values that matters to the conditions; None if they are too many."""
    scalars: dict[str, set[Scalar]] = {}
    lists: dict[str, set[Scalar]] = {}
    moments: dict[str, set[Scalar]] = {}
    case_matters = False
    leaves = list(_all_conditions(node))
    constants: dict[Path, set[Scalar]] = {}
    for leaf in leaves:
        constants.setdefault(leaf.path, set()).update(
            value for value in _operands(leaf) if not isinstance(value, Variable) and value is not None
        )
    for leaf in leaves:
        case_matters = case_matters or leaf.operator.removeprefix("_n").strip("_") in (
            "contains",
            "starts_with",
            "ends_with",
        )
        for value in _operands(leaf):
            if isinstance(value, Variable):
                kind = moments if value.name.startswith("$NOW") else lists if _is_list(value, leaf) else scalars
                kind.setdefault(value.name, set()).update(constants[leaf.path])
    if anonymous:
        choices: list[list[Json]] = []
        names: list[str] = []
        nobody: dict[str, Json] = {**dict.fromkeys(scalars), **dict.fromkeys(lists, ())}
    else:
        nobody = {}
        names = sorted(scalars) + sorted(lists)
        fresh = [f"({name})" for name in sorted(scalars)]
        choices = [_scalar_choices(name, scalars[name], fresh) for name in sorted(scalars)]
        choices += [_list_choices(name, lists[name]) for name in sorted(lists)]
    times = _moments(moments)
    total = len(times) * (2 if case_matters else 1)
    for choice in choices:
        total *= len(choice)
    if total > MAX_ASSIGNMENTS:
        choices = [choice[:1] for choice in choices]
    contexts = tuple(
        Context(now=now, variables={**nobody, **dict(zip(names, values, strict=True))}, ignore_case=ignore_case)
        for ignore_case in ((True, False) if case_matters else (True,))
        for now in times
        for values in product(*choices)
    )
    return _Assignments(contexts, total <= MAX_ASSIGNMENTS) if len(contexts) <= MAX_ASSIGNMENTS else None


def _all_conditions(node: Filter) -> Iterator[Condition]:
    for leaf in conditions(node):
        if isinstance(leaf, Condition):
            yield leaf
        elif isinstance(leaf, Quantified):
            for inner in _all_conditions(leaf.filter):
                yield Condition((*leaf.path, *inner.path), inner.operator, inner.operand)


def _operands(leaf: Condition) -> tuple[Scalar | Variable, ...]:
    return leaf.operand if isinstance(leaf.operand, tuple) else (leaf.operand,)


def _is_list(variable: Variable, leaf: Condition) -> bool:
    """Whether a variable stands for a list: the two that always do, and paths used where a list is wanted."""
    always = variable.name in ("$CURRENT_ROLES", "$CURRENT_POLICIES")
    return always or ("." in variable.name and leaf.operator in ("_in", "_nin"))


def _scalar_choices(name: str, constants: set[Scalar], fresh: Sequence[str]) -> list[Json]:
    mine = f"({name})"
    others: list[Json] = [value for value in fresh if value < mine]
    nothing: list[Json] = [] if name == "$CURRENT_USER" else [None]
    return [mine, *sorted(constants, key=repr), *others, *nothing]


def _list_choices(name: str, constants: set[Scalar]) -> list[Json]:
    known = sorted(constants, key=repr)
    if len(known) > 3:
        return [(f"({name})",), (), *[(value,) for value in known], (f"({name})", *known)] * 2
    subsets = [subset for size in range(len(known) + 1) for subset in combinations(known, size)]
    return [*((f"({name})", *subset) for subset in subsets), *subsets]


def _moments(moments: Mapping[str, set[Scalar]]) -> tuple[datetime, ...]:
    """Times of asking: one of its own, and for each date in the rule the moments around where `$NOW(…)` meets it."""
    times = {_SOME_DAY}
    for name, constants in moments.items():
        offset = adjusted(_SOME_DAY, name) - _SOME_DAY
        for constant in constants:
            moment = instant(constant) if isinstance(constant, str) else None
            if moment is not None:
                times.update(moment - offset + timedelta(seconds=shift) for shift in (-1, 0, 1))
    return tuple(sorted(times))


# --- the search for a counterexample -----------------------------------------------------------------------------


class _Cell(NamedTuple):
    """One class of values: which of the group's leaves hold on it, a value of that class, and whether one exists.

    `or_null`: null is in the class too; with `value` None it is all there is.
    """

    truth: tuple[bool, ...]
    value: Json
    certain: bool
    or_null: bool = False


Leaf: TypeAlias = "Condition | Quantified | Opaque"


class _Group(Struct):
    """The leaves that depend on the same thing (a path, a relation, something opaque), and the cells of that thing."""

    leaves: list[Leaf]
    cells: list[_Cell]
    place: Path | None
    complete: bool = True


class _ExhaustedError(Exception):
    """The search takes too many steps."""


def _counterexample(a: Filter, b: Filter, context: Context, not_null: frozenset[str]) -> _Found:
    """An item that `a` matches and `b` does not. YES with one, NO if there is none, or CANNOT_TELL."""
    a, b = normalise(resolve(a, context)), normalise(resolve(b, context))
    if a == NOTHING or b == EVERYTHING:
        return _Found(Answer.NO)
    try:
        search = _Search(a, b, context, not_null)
        item = search.run()
    except _ExhaustedError:
        return _Found(Answer.CANNOT_TELL)
    if item is not None:
        return _Found(Answer.YES, item)
    return _Found(Answer.CANNOT_TELL if search.doubtful else Answer.NO)


class _Search:
    """Backtracking over one cell per group, deciding both rules as early as three-valued logic allows."""

    def __init__(self, a: Filter, b: Filter, context: Context, not_null: frozenset[str]) -> None:
        self.a, self.b, self.context = a, b, context
        self.steps = 0
        self.groups = _groups((*conditions(a), *conditions(b)), context, not_null)
        self.doubtful = not all(group.complete for group in self.groups)
        self.chosen: dict[int, _Cell] = {}
        self.decisions = Decisions(a, b)
        self.numbers = [tuple(map(self.decisions.number, group.leaves)) for group in self.groups]
        self.group_of = {leaf: index for index, group in enumerate(self.groups) for leaf in group.leaves}
        self.doubts = 0

    def run(self) -> Mapping[str, Json] | None:
        """The item, None if there is none. A loop with a stack: a rule may name more paths than Python nests calls."""
        stack: list[tuple[int, Iterator[_Cell]]] = []
        while True:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise _ExhaustedError
            holds_a, holds_b = self.decisions[0], self.decisions[1]
            if holds_a is True and holds_b is False:
                item = self._witness()
                if item is not None:
                    return item
            elif holds_a is not False and holds_b is not True:
                open_leaf = self.decisions.first_open(0 if holds_a is None else 1)
                if open_leaf is None:
                    raise _ExhaustedError
                index = self.group_of[open_leaf]
                stack.append((index, iter(self.groups[index].cells)))
            while stack and not self._advance(*stack[-1]):
                stack.pop()
            if not stack:
                return None

    def _advance(self, index: int, cells: Iterator[_Cell]) -> bool:
        """Put the next cell of a group in the place of the one that was tried; without a next one leave it open."""
        tried = self.chosen.pop(index, None)
        self.doubts -= tried is not None and not tried.certain
        cell = next(cells, None)
        if cell is None:
            self.decisions.reopen(self.numbers[index])
            return False
        self.chosen[index] = cell
        self.decisions.decide(self.numbers[index], cell.truth)
        self.doubts += not cell.certain
        return True

    def _witness(self) -> Mapping[str, Json] | None:
        if self.doubts:
            self.doubtful = True
            return None
        # It is evaluated as a whole: as much work as many steps.
        self.steps += len(self.group_of) // SMALL
        item: dict[str, Json] = {}
        for index in sorted(self.chosen, key=lambda one: len(self.groups[one].place or ())):
            place, cell = self.groups[index].place, self.chosen[index]
            if place is None:
                continue
            if _below_null(item, place):
                # A relation that leads nowhere has null at its end: another value there cannot be.
                if cell.value is not None and not cell.or_null:
                    return None
            elif not _place(item, place, cell.value):
                self.doubtful = True
                return None
        if not evaluate(self.a, item, self.context) or evaluate(self.b, item, self.context):
            self.doubtful = True
            return None
        return item


def _below_null(item: Mapping[str, Json], path: Path) -> bool:
    holder: Json = item
    for component in path[:-1]:
        if not isinstance(holder, Mapping) or component not in holder:
            return False
        holder = holder[component]
        if holder is None:
            return True
    return False


def _place(item: dict[str, Json], path: Path, value: Json) -> bool:
    """Put a value into the item; False if another value is in the way."""
    if "_json" in path:
        path = (*path[: path.index("_json")], *path[-1].split("."))
    holder = item
    for component in path[:-1]:
        below = holder.get(component)
        if below is None:
            below = {}
        elif not isinstance(below, dict):
            if isinstance(below, (list, tuple)):
                return False
            below = {"id": below}
        holder[component] = below
        holder = below
    known = holder.get(path[-1], value)
    if known != value:
        return False
    holder[path[-1]] = value
    return True


def _groups(leaves: Sequence[Leaf], context: Context, not_null: frozenset[str]) -> list[_Group]:
    by_key: dict[tuple[str, Path | str], list[Leaf]] = {}
    for leaf in dict.fromkeys(leaves):
        key: tuple[str, Path | str]
        if isinstance(leaf, Opaque):
            key = ("opaque", leaf.source)
        else:
            key = ("rows" if isinstance(leaf, Quantified) else "value", leaf.path)
        by_key.setdefault(key, []).append(leaf)
    groups: list[_Group] = []
    for group in by_key.values():
        conditions_ = [leaf for leaf in group if isinstance(leaf, Condition)]
        quantified = [leaf for leaf in group if isinstance(leaf, Quantified)]
        if conditions_:
            cells, complete = _value_cells(conditions_, context, not_null)
            groups.append(_Group(group, cells, conditions_[0].path, complete))
        elif quantified:
            groups.append(_Group(group, _row_cells(quantified, context), quantified[0].path))
        else:
            truths = [(True,) * len(group), (False,) * len(group)]
            groups.append(_Group(group, [_Cell(truth, None, certain=False) for truth in truths], None))
    return groups


# --- cells -------------------------------------------------------------------------------------------------------


def _value_cells(leaves: Sequence[Condition], context: Context, not_null: frozenset[str]) -> tuple[list[_Cell], bool]:
    """The classes of values that the conditions of one path tell apart, and whether these are all that matter."""
    candidates, complete = _candidates(leaves, context)
    path = leaves[0].path
    if not (len(path) == 1 and path[0] in not_null) and not path[-1].startswith("count("):
        candidates = [*candidates, None]
    cells: dict[tuple[bool, ...], _Cell] = {}
    if len(candidates) * len(leaves) > MAX_TRUTHS:
        raise _ExhaustedError
    judges = [_judge(leaf, context) for leaf in leaves]
    for value in candidates:
        truth = tuple(judge(value) for judge in judges)
        known = cells.get(truth)
        if known is None or value is None:
            cells[truth] = _Cell(truth, known.value if known else value, certain=True, or_null=value is None)
    if complete or len(leaves) > MAX_UNKNOWN_LEAVES:
        return list(cells.values()), complete
    # Values may exist that no candidate stands for: every other combination, as a doubtful cell.
    every = product((True, False), repeat=len(leaves))
    return [*cells.values(), *(_Cell(truth, None, certain=False) for truth in every if truth not in cells)], True


def _judge(leaf: Condition, context: Context) -> Callable[[Scalar], bool]:
    """Whether a condition holds on a value, prepared for many values."""
    operand = leaf.operand
    if isinstance(operand, tuple) and leaf.operator in ("_in", "_nin") and len(operand) > MANY and None not in operand:
        found = among(operand)
        return found if leaf.operator == "_in" else lambda value: value is not None and not found(value)
    return lambda value: holds(leaf.operator, operand, value, ignore_case=context.ignore_case)


def _candidates(leaves: Sequence[Condition], context: Context) -> tuple[list[Scalar], bool]:
    """Values of every class, and whether that is certain."""
    operators = {NEGATIONS.get(leaf.operator, leaf.operator) for leaf in leaves} | {leaf.operator for leaf in leaves}
    states = {"_null", "_nnull", "_empty", "_nempty"}
    constants = [
        value
        for leaf in leaves
        if leaf.operator not in states
        for value in _operands(leaf)
        if value is not None and not isinstance(value, Variable)
    ]
    textual = bool(operators & TEXT_OPERATORS)
    ordered = bool(operators & ORDER_OPERATORS)
    blank: list[Scalar] = [""] if operators & {"_empty", "_nempty"} else []
    if textual:
        return _text_candidates(leaves, context, constants, ordered)
    if ordered:
        values, complete = _ordered_candidates(constants)
        return [*values, *blank], complete and not blank
    if constants and all(isinstance(value, bool) for value in constants):
        return [True, False], True
    return [*_distinct(constants), *blank, _another(constants)], True


def _distinct(values: Sequence[Scalar]) -> list[Scalar]:
    return [value for _, value in sorted({repr(value): value for value in values}.items())]


def _another(constants: Sequence[Scalar]) -> Scalar:
    """A value that equals none of the constants, of their kind."""
    numbers = [value for value in constants if isinstance(value, (int, float))]
    if numbers and len(numbers) == len(constants):
        return max(numbers) + 1
    taken = {text(value) for value in constants}
    return next(name for name in ("other", *(f"other {n}" for n in range(len(taken) + 1))) if name not in taken)


def _text_candidates(
    leaves: Sequence[Condition], context: Context, constants: Sequence[Scalar], ordered: bool
) -> tuple[list[Scalar], bool]:
    patterns: dict[tuple[Pattern, bool], None] = {((), False): None}
    plain = all(isinstance(value, str) and instant(value) is None for value in constants)
    for leaf in leaves:
        operator = NEGATIONS.get(leaf.operator, leaf.operator)
        for value in _operands(leaf):
            if value is None or isinstance(value, Variable) or operator in ("_null", "_empty", "_nempty"):
                continue
            if operator in TEXT_OPERATORS:
                insensitive = operator.startswith("_i") or context.ignore_case
                patterns[pattern(operator, text(value)), insensitive] = None
            else:
                patterns[tuple(text(value)), False] = None
    found = strings.samples(tuple(patterns))
    extra = list(constants) if ordered else []
    return [*found.strings, *extra], found.complete and not ordered and (plain or not _compared(leaves))


def _compared(leaves: Sequence[Condition]) -> bool:
    """Whether the path is also compared by value, where numbers and dates have more than one spelling."""
    return any(leaf.operator in ("_eq", "_neq", "_in", "_nin") for leaf in leaves)


def _ordered_candidates(constants: Sequence[Scalar]) -> tuple[list[Scalar], bool]:
    """The constants, what lies between two of them, and what lies outside."""
    points = sorted({order_key(value): value for value in _distinct(constants)}.items(), key=lambda point: point[0])
    kinds = {key[0] for key, _ in points}
    if len(kinds) != 1:
        return [value for _, value in points], not points
    values = _distinct(constants)
    between: Callable[[Sequence[tuple[int, float | str]]], list[Scalar]] = (
        _between_numbers if kinds == {0} else _between_moments if kinds == {1} else _between_texts
    )
    return [*values, *between([key for key, _ in points])], True


def _between_numbers(keys: Sequence[tuple[int, float | str]]) -> list[Scalar]:
    numbers = [float(key[1]) for key in keys]
    middles: list[Scalar] = []
    for left, right in pairwise(numbers):
        whole = float(int(left) + 1) if abs(left) < 2**53 else left
        middle = whole if left < whole < right else (left + right) / 2
        middles.append(int(middle) if middle.is_integer() else middle)
    bounds = numbers[0] - 1, numbers[-1] + 1
    return [*middles, *(int(bound) if bound.is_integer() else bound for bound in bounds)]


def _between_moments(keys: Sequence[tuple[int, float | str]]) -> list[Scalar]:
    stamps = [float(key[1]) for key in keys]
    middles = [(left + right) / 2 for left, right in pairwise(stamps)]
    moments = [*middles, stamps[0] - 86400, stamps[-1] + 86400]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    written: list[Scalar] = []
    for stamp in moments:
        try:
            written.append((epoch + timedelta(seconds=stamp)).isoformat(timespec="microseconds"))
        except OverflowError:
            continue
    return written


def _between_texts(keys: Sequence[tuple[int, float | str]]) -> list[Scalar]:
    texts = [str(key[1]) for key in keys]
    return ["", *(value + "\x01" for value in texts)]


def _row_cells(leaves: Sequence[Quantified], context: Context) -> list[_Cell]:
    """Which of the inner filters some related row matches: every union of what single rows can match."""
    inner = list(dict.fromkeys(leaf.filter for leaf in leaves))
    if len(inner) > MAX_QUANTIFIED:
        raise _ExhaustedError
    rows: list[_Cell] = []
    for truth in product((True, False), repeat=len(inner)):
        if not any(truth):
            continue
        matched = And(tuple(node for node, true in zip(inner, truth, strict=True) if true))
        others = Or(tuple(node for node, true in zip(inner, truth, strict=True) if not true))
        found = _counterexample(matched, others, context, KEYS)
        if found.answer is not Answer.NO:
            rows.append(_Cell(truth, found.item, found.answer is Answer.YES))
    unions: dict[tuple[bool, ...], tuple[list[Json], bool]] = {(False,) * len(inner): ([], True)}
    for row in sorted(rows, key=lambda cell: not cell.certain):
        for truth, (items, certain) in list(unions.items()):
            joined = tuple(left or right for left, right in zip(truth, row.truth, strict=True))
            sure = certain and row.certain
            if joined not in unions or (sure and not unions[joined][1]):
                unions[joined] = ([*items, row.value], sure)
    return [
        _Cell(
            tuple(leaf.some == truth[inner.index(leaf.filter)] for leaf in leaves),
            items,
            certain,
        )
        for truth, (items, certain) in unions.items()
    ]


def example(implication: Implication) -> Mapping[str, Json] | None:
    """The item of a NO with made-up values of variables named after them, ready to be shown."""
    if implication.item is None or implication.context is None:
        return None
    names = {f"({name})": name for name in implication.context.variables}
    shown: Mapping[str, Json] = _renamed(implication.item, names)
    return shown


def _renamed(item: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    def rename(value: Json) -> Json:
        if isinstance(value, str):
            return names.get(value, value)
        if isinstance(value, Mapping):
            return _renamed(value, names)
        return [rename(entry) for entry in value] if isinstance(value, (list, tuple)) else value

    return {key: rename(value) for key, value in sorted(item.items())}


__all__ = [
    "Answer",
    "Confinement",
    "FixedField",
    "Implication",
    "Reach",
    "confined_to_current_user",
    "example",
    "fixes",
    "implies",
    "matches_everything",
    "matches_nothing",
    "reach",
]
