"""A flow as Directus runs it: who starts it, which operations they reach, with whose rights, and with what of their data.

Rests on `flows.js`, `operations/*` and `utils/construct-flow-tree.js` of `@directus/api` 21.0.2, 28.0.2, 35.2.0 and
39.2.1. Directus runs one operation after another; each ends well or badly and is followed by its `resolve` or `reject`.
A flow has no authentication of its own: what stops a stranger is an operation on the way that ends differently for them,
and it stops them only on that way (facts §4).
"""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.directus.access import conditions
from directus_guard.directus.access.conditions import BOTH, OPEN_QUESTION, REJECTS, RESOLVES, Ways
from directus_guard.directus.access.rules import Answer
from directus_guard.directus.environment.casting import to_array
from directus_guard.directus.environment.known_secrets import is_example
from directus_guard.directus.flows.data import (
    ABSENT,
    MIN_SECRET,
    NULL,
    STORED,
    UNSEEN,
    Computed,
    Given,
    Hidden,
    Known,
    Record,
    Sent,
    Value,
    all_sent,
    as_object,
    better,
    can_know,
    carries,
    holds_hidden,
    is_selected,
    join,
    may_prove,
    paths_in,
    rendered,
    sent_paths,
    summary,
    texts_in,
    worse,
)
from directus_guard.directus.flows.templates import TemplateError
from directus_guard.directus.versions import NEWEST, Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.templates import Path

ITEM_ACTIONS: Final[Mapping[str, str]] = {
    "item-create": "create", "item-read": "read", "item-update": "update", "item-delete": "delete",
}  # fmt: skip
TYPES: Final = frozenset(
    {
        *ITEM_ACTIONS, "condition", "exec", "json-web-token", "log", "mail", "notification", "request", "sleep",
        "throw-error", "transform", "trigger",
    }
)  # fmt: skip
"""The operations Directus brings; every other type is an extension's."""

MANUAL_NEEDS_READ: Final = Version(11, 9, 0)
"""Before, a manual flow could be started by anybody (CVE-2025-53889)."""
MANUAL_NEEDS_SIGN_IN: Final = Version(12, 2, 0)
"""From 11.9 on the public could still start a manual flow for a collection it may read: the check asked only whether there is
an accountability at all (api 28.0.2 to 37.0.1)."""
TEMPLATES_REJECT: Final = Version(11, 7, 0)
"""Before, a template that cannot be rendered ended the whole flow (api 26.0.1; measured on 10.13.4)."""
MAX_OPERATIONS: Final = 2000
"""Of one flow; a larger one is not followed."""


class Rights(Enum):
    """With whose permissions an operation acts."""

    CALLER = "the caller's"
    PUBLIC = "the public's"
    ROLE = "a role's"
    FULL = "everything"
    CANNOT_TELL = "not known"

    @property
    def elevated(self) -> bool:
        """Whether they are more than the caller has."""
        return self in (Rights.ROLE, Rights.FULL)

    @property
    def unknown(self) -> bool:
        """Whether that is decided when the operation runs."""
        return self is Rights.CANNOT_TELL


def _cannot_tell(collection: str, action: str) -> Answer:  # noqa: ARG001 - the shape of every `may`
    return Answer.CANNOT_TELL


class Caller(Struct, frozen=True):
    """Who starts a flow. `may` tells whether they have any permission for an action on a collection.

    `role` is their role where that is known. Two callers are the same if they are one object.
    """

    signed_in: bool
    role: str | None = None
    may: Callable[[str, str], Answer] = _cannot_tell


class Graph(Struct, frozen=True):
    """The operations of one flow in an order in which each comes after those before it."""

    flow: Flow
    operations: tuple[Operation, ...]
    unreachable: tuple[Operation, ...]
    following: Mapping[str, tuple[Operation | None, Operation | None]]
    """By id: what follows when the operation ends well and when it ends badly."""
    broken: str = ""
    """Why Directus cannot load it, a clause. Then nothing of it runs."""


class Step(Struct, frozen=True):
    """One operation in a run: whether the caller gets there, and what it works with."""

    flow: Flow
    operation: Operation
    reach: Answer
    rights: Rights | None
    """None: it acts on no items."""
    allowed: Answer
    """Whether these rights permit what it does at all."""
    inputs: Mapping[str, Value]
    """Its options after the templates were rendered; {} where they cannot be."""
    tested: frozenset[Path]
    """Paths of the caller's data that conditions tested on every way to here."""
    doubt: str = ""
    """Why `reach` is not known, a clause."""
    ends: Ways = BOTH
    """How it can end for the caller."""

    def takes(self, *options: str) -> Answer:
        """Whether data of the caller is in one of these options."""
        return worse(carries(self.inputs[name]) for name in options if name in self.inputs)


class Run(Struct, frozen=True):
    """What one caller can make of one flow, and of the flows that it starts."""

    flow: Flow
    starts: Answer
    """Whether the caller can start it."""
    steps: tuple[Step, ...]
    """In order; those of the flow itself first."""
    broken: str = ""

    @property
    def own(self) -> tuple[Step, ...]:
        """Without the flows that it starts."""
        return tuple(step for step in self.steps if step.flow is self.flow)


class _State(Struct, frozen=True):
    reach: Answer
    data: dict[str, Value]
    tested: frozenset[Path] = frozenset()
    doubt: str = ""


class FlowModel:
    """The flows of one export. `public_may` tells what the public is permitted, for operations with `$public`."""

    def __init__(
        self,
        flows: Sequence[Flow],
        operations: Sequence[Operation],
        *,
        version: Version = NEWEST,
        public_may: Callable[[str, str], Answer] = _cannot_tell,
    ) -> None:
        self.flows: Final = tuple(flows)
        self.version: Final = version
        self.public_may: Final = public_may
        self._operations: Final[dict[str | None, dict[str, Operation]]] = {}
        for operation in operations:
            self._operations.setdefault(operation.flow, {})[operation.id] = operation
        self._graphs: Final[dict[str, Graph]] = {}
        self._runs: Final[dict[tuple[str, int, str], tuple[Caller, Run]]] = {}

    @cached_property
    def by_id(self) -> Mapping[str, Flow]:
        """Flows by their key."""
        return {flow.id: flow for flow in self.flows}

    def named(self, name: str) -> int:
        """How many flows have a name."""
        return self._names[name]

    @cached_property
    def _names(self) -> Counter[str]:
        return Counter(flow.name for flow in self.flows)

    @cached_property
    def strays(self) -> tuple[Operation, ...]:
        """Operations of flows that are not here."""
        return tuple(
            operation
            for flow, held in self._operations.items()
            if flow is None or flow not in self.by_id
            for operation in held.values()
        )

    @cached_property
    def names_environment(self) -> bool:
        """Whether templates of some operation name `$env`."""
        return any(
            "$env" in text
            for held in self._operations.values()
            for one in held.values()
            for text in texts_in(one.options)
        )

    @cached_property
    def started_by_operations(self) -> tuple[Flow, ...]:
        """The flows that operations of type `trigger` can start."""
        return tuple(flow for flow in self.flows if flow.trigger == "operation" and flow.status == "active")

    def graph(self, flow: Flow) -> Graph:
        """The operations of a flow, in order."""
        if flow.id not in self._graphs:
            self._graphs[flow.id] = _graph(flow, self._operations.get(flow.id, {}))
        return self._graphs[flow.id]

    def elsewhere(self, flow: Flow) -> Operation | None:
        """An operation of a flow, or of one that it starts, which starts a flow that is not here."""
        waiting, seen = [flow], {flow.id}
        while waiting:
            for operation in self.graph(waiting.pop()).operations:
                target = operation.options.get("flow")
                if operation.type != "trigger" or not isinstance(target, str) or "{{" in target:
                    continue
                callee = self.by_id.get(target)
                if callee is None:
                    return operation
                if callee.id not in seen:
                    seen.add(callee.id)
                    waiting.append(callee)
        return None

    def starts(self, flow: Flow, caller: Caller) -> Answer:
        """Whether a caller can start a flow themselves, by a request."""
        if flow.status != "active":
            return Answer.NO
        if flow.trigger == "webhook":
            return Answer.YES if method(flow) in ("GET", "POST") else Answer.NO
        if flow.trigger == "manual":
            return self._starts_by_hand(flow, caller)
        if flow.trigger == "event":
            return _causes_event(flow, caller)
        return Answer.NO

    def _starts_by_hand(self, flow: Flow, caller: Caller) -> Answer:
        collections = flow.options.get("collections")
        names = [collections] if isinstance(collections, str) else collections
        if not isinstance(names, (list, tuple)) or not names:
            return Answer.NO
        if self.version < MANUAL_NEEDS_READ:
            return Answer.YES
        if not caller.signed_in and self.version >= MANUAL_NEEDS_SIGN_IN:
            return Answer.NO
        return worse(caller.may(name, "read") for name in names if isinstance(name, str))

    def run(self, flow: Flow, caller: Caller, environment: Value = UNSEEN) -> Run:
        """What a caller can make of a flow. `environment` is what stands in `$env` (`environment_of`)."""
        key = (flow.id, id(caller), "" if environment is UNSEEN else repr(environment))
        if key not in self._runs:
            # The caller is kept with it, so that its identity is not used again.
            self._runs[key] = (caller, self._run(flow, caller, environment))
        return self._runs[key][1]

    def _run(self, flow: Flow, caller: Caller, environment: Value) -> Run:
        starts = self.starts(flow, caller)
        broken = self.graph(flow).broken
        if starts is Answer.NO or broken:
            return Run(flow, starts, (), broken)
        pending: dict[str, _State] = {flow.id: _entry(flow, caller, self.version, environment, starts)}
        entered: dict[str, _State] = {}
        steps: dict[str, tuple[Step, ...]] = {}
        while pending:
            name, state = pending.popitem()
            before = entered.get(name)
            merged = state if before is None else _merged([before, state])
            if before is not None and merged == before:
                continue
            entered[name] = merged
            current = self.by_id[name]
            steps[name], started = _Walk(self, current, caller).walk(merged)
            for callee, entry in started:
                pending[callee.id] = _merged([pending[callee.id], entry]) if callee.id in pending else entry
        ordered = [*steps.pop(flow.id), *(step for name in sorted(steps) for step in steps[name])]
        return Run(flow, starts, tuple(ordered))


def method(flow: Flow) -> str:
    """The HTTP method of a webhook flow. Directus compares it exactly."""
    given = flow.options.get("method")
    return "GET" if given is None else str(given)


def is_answered(flow: Flow, operation: Operation) -> bool:
    """Whether the caller of a webhook gets what an operation of it made."""
    if flow.options.get("async"):
        return False
    returned = _returned(flow)
    if returned in ("$all", operation.key):
        return True
    return returned == "$last" and operation.resolve is None


def _returned(flow: Flow) -> str:
    """The member of its data from which a webhook answers: `return` is a path, such as `read.0.title`."""
    path = flow.options.get("return")
    return "$last" if path is None else _PATH_END.split(str(path).strip(), maxsplit=1)[0]


_PATH_END: Final = re.compile(r"[.\[\s]")


def answers_environment(run: Run, environment: Value) -> bool:
    """Whether a webhook hands out variables of the environment: its whole data, `$env` or a part of it, or what an
    operation made of them.

    The run is one with `environment` in `$env`, in which the variables asked about are `Hidden`. Scripts that pass on single
    variables are not followed.
    """
    flow = run.flow
    returned = _returned(flow)
    if returned == "$all" and not flow.options.get("async"):
        return True
    if returned == "$env" and not flow.options.get("async"):
        return holds_hidden(rendered(f"{{{{{flow.options['return']}}}}}", {"$env": environment}))
    return any(
        step.reach is not Answer.NO and is_answered(flow, step.operation) and _passes_environment_on(step)
        for step in run.own
    )


def _passes_environment_on(step: Step) -> bool:
    operation = step.operation
    if operation.type == "transform":
        return holds_hidden(as_object(step.inputs.get("json", ABSENT)))
    code = operation.options.get("code")
    if operation.type != "exec" or not isinstance(code, str):
        return False
    if _RETURNS_PROCESS_ENV.search(code) or _RETURNS_ENV.search(code):
        return True
    signature = _SIGNATURE.search(code)
    if signature is None:
        return False
    name = re.escape(signature[1])
    # `return data`, `return data.$env`, `=> ({ ...data })`
    given = rf"(?:\breturn|=>)[\s(]{{0,20}}(?:\{{\s{{0,20}}\.\.\.)?{name}(?:\??\.\$env)?\s{{0,20}}(?:[;}}),\n]|\Z)"
    return re.search(given, code) is not None


_RETURNS_ENV: Final = re.compile(
    r"(?:\breturn\b|=>\s{0,20}\()[\s(]{0,20}(?:\{[^{};]{0,200}?)?(?<![\w.])\$env\s{0,20}(?:[;}),\n]|\Z)"
)
"""`return $env`, `=> ({ all: $env })`: the variables as a parameter of their own."""
_RETURNS_PROCESS_ENV: Final = re.compile(
    r"(?:\breturn|=>)[\s(]{0,20}(?:\{\s{0,20}\.\.\.)?process\.env\s{0,20}(?:[;}),\n]|\Z)"
)


def environment_of(env: Environment) -> Value:
    """What flows of a deployment find in `$env`: the variables that FLOWS_ENV_ALLOW_LIST names, and no others.

    A name that is not listed, or that nobody sets, is not there (`pick`; `*` has no effect).
    """
    allowed = env["FLOWS_ENV_ALLOW_LIST"]
    if not allowed.known:
        return UNSEEN if allowed.is_set else Record({}, ABSENT)
    names = [str(name) for name in to_array(allowed.js)] if allowed.js not in (False, "", None) else []
    return Record({name: _variable(env, name) for name in names}, ABSENT)


def _variable(env: Environment, name: str) -> Value:
    setting = env[name]
    if not setting.is_set:
        return ABSENT
    if not setting.known:
        return UNSEEN if env.closed and name not in env else Hidden()
    guessed = len(setting.text) < MIN_SECRET or is_example(setting.text)
    js = setting.js
    return Known(js) if guessed and (js is None or isinstance(js, (bool, int, float, str))) else Hidden()


# --- the graph -----------------------------------------------------------------------------------------------------


def _graph(flow: Flow, held: Mapping[str, Operation]) -> Graph:
    root = held.get(flow.operation) if flow.operation is not None else None
    following = {operation.id: _followers(operation, held) for operation in held.values()}
    ordered, circle = _ordered(root, following)
    reached = {operation.id for operation in ordered}
    broken = ""
    if circle is not None:
        broken = f"its operations run in a circle at `{circle.key}`"
    for operation in ordered:
        for name in (operation.resolve, operation.reject):
            if name is not None and name not in held:
                broken = broken or f"`{operation.key}` is followed by an operation that the flow does not have"
    if flow.operation is not None and root is None:
        # Directus takes the flow as one without operations; in an export something is missing.
        broken = "its first operation is not in the export"
    if len(ordered) > MAX_OPERATIONS:
        broken = broken or f"it has more than {MAX_OPERATIONS} operations"
    unreachable = tuple(operation for operation in held.values() if operation.id not in reached)
    return Graph(flow, ordered, unreachable, following, broken)


def _followers(operation: Operation, held: Mapping[str, Operation]) -> tuple[Operation | None, Operation | None]:
    resolve = held.get(operation.resolve) if operation.resolve is not None else None
    reject = held.get(operation.reject) if operation.reject is not None else None
    return resolve, reject


def _ordered(
    root: Operation | None, following: Mapping[str, tuple[Operation | None, Operation | None]]
) -> tuple[tuple[Operation, ...], Operation | None]:
    """Depth first without recursion: the order, and an operation that comes again after itself."""
    if root is None:
        return (), None
    finished: list[Operation] = []
    open_, done = {root.id}, set[str]()
    circle: Operation | None = None
    stack: list[tuple[Operation, Iterator[Operation | None]]] = [(root, iter(following[root.id]))]
    while stack:
        operation, rest = stack[-1]
        for successor in rest:
            if successor is None or successor.id in done:
                continue
            if successor.id in open_:
                circle = successor
                continue
            open_.add(successor.id)
            stack.append((successor, iter(following[successor.id])))
            break
        else:
            stack.pop()
            open_.discard(operation.id)
            done.add(operation.id)
            finished.append(operation)
    return tuple(reversed(finished)), circle


# --- the start -----------------------------------------------------------------------------------------------------


def _entry(flow: Flow, caller: Caller, version: Version, environment: Value, starts: Answer) -> _State:
    trigger = _trigger(flow, version)
    data: dict[str, Value] = {
        "$trigger": trigger,
        "$last": trigger,
        "$accountability": _accountability(caller, version),
        "$env": environment,
    }
    doubt = "" if starts is Answer.YES else "whether the caller may start the flow is not known"
    return _State(starts, data, frozenset(), doubt)


def _accountability(caller: Caller, version: Version) -> Value:
    """`createDefaultAccountability`, with what the `authenticate` middleware adds."""
    mine: dict[str, Value] = {
        "admin": Known(value=False),
        "ip": Given(),
        "userAgent": Sent(("$accountability", "userAgent"), text=True),
        "origin": Sent(("$accountability", "origin"), text=True),
    }
    if caller.signed_in:
        role: Value = Given() if caller.role is None else Known(caller.role)
        other = Computed(Answer.CANNOT_TELL)
        return Record({**mine, "user": Given(), "role": role, "roles": other, "app": other}, other)
    nobody: dict[str, Value] = {"user": NULL, "role": NULL, "app": Known(value=False)}
    nobody |= {"roles": Known([])} if version >= (11,) else {"permissions": STORED}
    return Record({**mine, **nobody}, ABSENT)


def _trigger(flow: Flow, version: Version) -> Value:
    """What stands in `$trigger`."""
    top = ("$trigger",)
    if flow.trigger in ("webhook", "manual"):
        body: Value = Sent((*top, "body"))
        if flow.trigger == "manual":
            body = _body_by_hand(flow, version)
        members: dict[str, Value] = {
            "path": Given(),
            "query": Sent((*top, "query"), text=True),
            "headers": Sent((*top, "headers"), text=True),
            "method": Known("POST" if flow.trigger == "manual" else method(flow)),
            "body": body,
        }
        return Record(members, ABSENT)
    if flow.trigger == "event":
        return Record({"payload": Sent((*top, "payload"))}, STORED)
    return NULL


def _body_by_hand(flow: Flow, version: Version) -> Value:
    """The caller of a manual flow names a collection of the flow and, since 11.9, items that they may read.

    Keys are looked at only where they are a list: without `requireSelection` they may be anything.
    """
    top = ("$trigger", "body")
    members: dict[str, Value] = {"collection": STORED}
    if version >= MANUAL_NEEDS_READ and flow.options.get("requireSelection") in (None, True):
        members["keys"] = STORED
    else:
        members["keys"] = Sent((*top, "keys"))
    return Record(members, Sent(top))


_EVENTS: Final = re.compile(r"items\.(create|update|delete)\Z")


def _causes_event(flow: Flow, caller: Caller) -> Answer:
    scope, collections = flow.options.get("scope"), flow.options.get("collections")
    scopes = [scope] if isinstance(scope, str) else scope if isinstance(scope, (list, tuple)) else []
    names = [collections] if isinstance(collections, str) else collections
    answers = [Answer.NO]
    for one in scopes:
        matched = _EVENTS.match(one) if isinstance(one, str) else None
        if matched is None:
            answers.append(Answer.CANNOT_TELL)
        elif isinstance(names, (list, tuple)):
            answers.extend(caller.may(name, matched[1]) for name in names if isinstance(name, str))
    return worse(answers)


# --- the run -------------------------------------------------------------------------------------------------------


def _merged(states: Sequence[_State]) -> _State:
    """Where several ways come together. Those that the caller cannot take say nothing of what arrives."""
    states = [state for state in states if state.reach is not Answer.NO] or states
    if len(states) == 1:
        return states[0]
    first = states[0]
    data: dict[str, Value] = dict(first.data)
    tested = first.tested
    for state in states[1:]:
        for key in data.keys() | state.data.keys():
            data[key] = join(data.get(key, ABSENT), state.data.get(key, ABSENT))
        tested &= state.tested
    reach = worse(state.reach for state in states)
    doubt = next((state.doubt for state in states if state.reach is reach), "")
    return _State(reach, data, tested, "" if reach is not Answer.CANNOT_TELL else doubt)


class _Ending(Struct, frozen=True):
    """How an operation can end, what it then leaves, and why the former is not known."""

    ways: Ways
    result: Value = STORED
    doubt: str = ""
    started: tuple[tuple[Flow, Value], ...] = ()
    rights: Rights | None = None
    allowed: Answer = Answer.YES


class _Running(Struct, frozen=True):
    """An operation with what it finds."""

    operation: Operation
    inputs: Mapping[str, Value]
    state: _State
    version: Version


class _Walk(Struct):
    """One pass through one flow."""

    model: FlowModel
    flow: Flow
    caller: Caller
    waiting: dict[str, list[_State]] = field(default_factory=dict)

    def walk(self, entry: _State) -> tuple[tuple[Step, ...], list[tuple[Flow, _State]]]:
        """The steps, and the flows that they start, each with its state at the start."""
        graph = self.model.graph(self.flow)
        steps: list[Step] = []
        started: list[tuple[Flow, _State]] = []
        if graph.broken or not graph.operations:
            return (), started
        self.waiting[graph.operations[0].id] = [entry]
        for operation in graph.operations:
            state = _merged(self.waiting[operation.id])
            inputs, ending = self._operation(operation, state)
            steps.append(
                Step(
                    self.flow,
                    operation,
                    state.reach,
                    ending.rights,
                    ending.allowed,
                    inputs,
                    state.tested,
                    state.doubt,
                    ending.ways,
                )
            )
            for callee, payload in ending.started:
                data = {**self._globals(state), "$trigger": payload, "$last": payload}
                started.append((callee, _State(state.reach, data, state.tested, state.doubt)))
            resolve, reject = graph.following[operation.id]
            failure = Computed(_perhaps(worse(map(carries, inputs.values()))), all_sent(inputs.values()))
            for successor, way, left, met in (
                (resolve, ending.ways.resolve, ending.result, True),
                (reject, ending.ways.reject, failure, False),
            ):
                if successor is not None:
                    tested = state.tested | self._tested(operation, inputs, state, met=met)
                    reach = better((state.reach, way))
                    data = {**state.data, operation.key: left, "$last": left}
                    doubt = state.doubt or ending.doubt if reach is Answer.CANNOT_TELL else ""
                    self.waiting.setdefault(successor.id, []).append(_State(reach, data, tested, doubt))
        return tuple(steps), started

    def _tested(
        self, operation: Operation, inputs: Mapping[str, Value], state: _State, *, met: bool
    ) -> frozenset[Path]:
        if operation.type != "condition" or not inputs:
            return frozenset()
        return conditions.tested(operation.options.get("filter"), state.data, self.model.version, met=met)

    @staticmethod
    def _globals(state: _State) -> dict[str, Value]:
        return {key: state.data[key] for key in ("$accountability", "$env")}

    def _operation(self, operation: Operation, state: _State) -> tuple[dict[str, Value], _Ending]:
        try:
            inputs = {name: rendered(option, state.data) for name, option in operation.options.items()}
            return inputs, self._ending(operation, inputs, state)
        except TemplateError:
            return {}, _Ending(REJECTS if self.model.version >= TEMPLATES_REJECT else Ways(Answer.NO, Answer.NO))

    def _ending(self, operation: Operation, inputs: Mapping[str, Value], state: _State) -> _Ending:
        kind = operation.type
        if kind in ITEM_ACTIONS:
            return self._items(ITEM_ACTIONS[kind], inputs)
        if kind == "notification":
            rights = _rights(inputs.get("permissions"))
            return _Ending(BOTH, rights=rights, allowed=self._may(rights, Known("directus_notifications"), "create"))
        if kind == "trigger":
            return self._trigger(operation, inputs)
        if kind not in TYPES:
            worst = worse(map(carries, state.data.values()))
            result = Computed(_perhaps(worst), all_sent(state.data.values()))
            return _Ending(OPEN_QUESTION, result, f"`{operation.key}` is an extension's operation (`{kind}`)")
        if kind in _ALWAYS:
            return _ALWAYS[kind]
        return _JUDGED[kind](_Running(operation, inputs, state, self.model.version))

    def _items(self, action: str, inputs: Mapping[str, Value]) -> _Ending:
        rights = _rights(inputs.get("permissions"))
        allowed = self._may(rights, inputs.get("collection", ABSENT), action)
        key, query = inputs.get("key", ABSENT), inputs.get("query", ABSENT)
        if action == "read":
            asked = sent_paths(key) | sent_paths(query)
            result: Value = Computed(sent=frozenset(), selected=any(map(may_prove, asked)))
        elif action == "create":
            result = STORED
        else:
            result = key if carries(key) is not Answer.NO else STORED
        if allowed is Answer.YES:
            return _Ending(BOTH, result, rights=rights)
        doubt = "whether the permissions of an operation on the way let the caller through is not known"
        if allowed is Answer.NO and _surely_asks(action, inputs):
            return _Ending(REJECTS, result, rights=rights, allowed=allowed)
        return _Ending(Ways(Answer.CANNOT_TELL, Answer.YES), result, doubt, rights=rights, allowed=allowed)

    def _may(self, rights: Rights, collection: Value, action: str) -> Answer:
        """Whether rights permit an action on a collection at all."""
        if rights in (Rights.FULL, Rights.ROLE):
            return Answer.YES
        if rights is Rights.CANNOT_TELL:
            return Answer.CANNOT_TELL
        if isinstance(collection, Known) and isinstance(collection.value, str):
            may = self.model.public_may if rights is Rights.PUBLIC else self.caller.may
            return may(collection.value, action)
        return Answer.CANNOT_TELL

    def _trigger(self, operation: Operation, inputs: Mapping[str, Value]) -> _Ending:
        target = inputs.get("flow", ABSENT)
        unknown = isinstance(target, Known) and isinstance(target.value, str) and target.value not in self.model.by_id
        if isinstance(target, Known):
            callee = self.model.by_id.get(target.value) if isinstance(target.value, str) else None
            callees: tuple[Flow, ...]
            callees = () if callee is None or callee.trigger != "operation" or callee.status != "active" else (callee,)
        else:
            callees = self.model.started_by_operations
        payload = as_object(inputs.get("payload", NULL))
        if isinstance(operation.options.get("payload"), (list, tuple)) and isinstance(payload, Record):
            payload = summary(payload.members.values())
        elif isinstance(payload, Known) and isinstance(payload.value, list):
            payload = summary(map(Known, payload.value))
        result = Computed(_perhaps(carries(payload)), sent_paths(payload), selected=is_selected(payload))
        return _Ending(
            RESOLVES, result if callees or unknown else NULL, started=tuple((callee, payload) for callee in callees)
        )


def _perhaps(answer: Answer) -> Answer:
    return Answer.NO if answer is Answer.NO else Answer.CANNOT_TELL


def _rights(permissions: Value | None) -> Rights:
    if permissions is None or permissions == ABSENT:
        return Rights.CALLER
    if isinstance(permissions, Sent):
        return Rights.FULL  # the caller may send `$full`
    if not isinstance(permissions, Known):
        return Rights.CANNOT_TELL
    if not permissions.value or permissions.value == "$trigger":
        return Rights.CALLER
    if permissions.value == "$full":
        return Rights.FULL
    return Rights.PUBLIC if permissions.value == "$public" else Rights.ROLE


def _surely_asks(action: str, inputs: Mapping[str, Value]) -> bool:
    """Whether the operation comes as far as asking for permission: writing nothing, or nowhere, ends well before."""
    if action == "read":
        return True
    payload = as_object(inputs.get("payload", NULL))
    filled = isinstance(payload, Record) or (isinstance(payload, Known) and bool(payload.value))
    if action == "create":
        return filled
    somewhere = any(
        isinstance(place, Record) or (isinstance(place, Known) and bool(place.value))
        for place in (as_object(inputs.get(name, NULL)) for name in ("key", "query"))
    )
    return somewhere and (filled or action == "delete")


# --- operations that act on no items -------------------------------------------------------------------------------


def _condition(one: _Running) -> _Ending:
    ways = conditions.ways(one.operation.options.get("filter"), one.state.data, one.version)
    doubt = f"whether the condition `{one.operation.key}` stops a stranger is not known"
    if _names_environment(one.operation.options.get("filter")) and one.state.data["$env"] == UNSEEN:
        doubt = f"`{one.operation.key}` compares with a variable of the environment, and that is not in sight"
    return _Ending(ways, NULL, doubt)


def _names_environment(option: Json) -> bool:
    return bool(variables_in(option))


def variables_in(option: Json) -> tuple[str, ...]:
    """The variables of the environment that templates of an option name."""
    try:
        return tuple(dict.fromkeys(path[1] for path in paths_in(option) if len(path) > 1 and path[0] == "$env"))
    except TemplateError:
        return ()


_THROWS: Final = re.compile(r"\bthrow\b|\breject\b|\bassert")
_SIGNATURE: Final = re.compile(
    r"(?:function[ ]{0,3}\w{0,40}[ ]{0,3}\([ ]{0,3}|=[ ]{0,3}(?:async[ ]{1,3})?\(?[ ]{0,3})(\w{1,40})[ ]{0,3}\)?[ ]{0,3}(?:=>|\{)"
)

_DESTRUCTURED: Final = re.compile(r"\([ \n\t]{0,20}\{")


def _exec(one: _Running) -> _Ending:
    """A script may look at everything and may throw: what it makes of that is not followed."""
    code = one.operation.options.get("code")
    text = code if isinstance(code, str) else ""
    whole = _uses_whole(text)
    held = [value for key, value in one.state.data.items() if whole or key in text]
    mine = any(carries(value) is not Answer.NO or is_selected(value) for value in held)
    looks = whole or mine or "$accountability" in text
    result = Computed(_perhaps(worse(map(carries, held))), all_sent(held), selected=looks)
    if looks and _THROWS.search(text):
        return _Ending(OPEN_QUESTION, result, f"the script `{one.operation.key}` may stop a stranger")
    return _Ending(BOTH, result)


def _uses_whole(code: str) -> bool:
    """Whether a script may use the data otherwise than by naming members of it."""
    signature = _SIGNATURE.search(code)
    if signature is None:
        return not _DESTRUCTURED.search(code) or "..." in code or "arguments" in code
    if "arguments" in code:
        return True
    rest = code[: signature.start()] + code[signature.end() :]
    name = re.escape(signature[1])
    named = r"\s{0,20}(?:(?:\?\.|\.)\s{0,20}[\w$]|(?:\?\.)?\[\s{0,20}['\"`])"
    return re.search(rf"(?<![\w$.]){name}(?![\w$])(?!{named})", rest) is not None


def _json_web_token(one: _Running) -> _Ending:
    what, secret, token = (one.inputs.get(name, ABSENT) for name in ("operation", "secret", "token"))
    sent = sent_paths(token)
    if what == Known("verify"):
        # Only who knows the secret can make a token that is accepted.
        doubt = f"whether a stranger knows the secret of `{one.operation.key}` is not known"
        return _Ending(Ways(_knows(secret), Answer.YES) if sent else BOTH, STORED, doubt)
    if what == Known("decode"):
        return _Ending(BOTH, Computed(carries(token), sent))
    return _Ending(BOTH, STORED)


def _knows(secret: Value) -> Answer:
    """Whether a caller can know a secret."""
    if isinstance(secret, Known):
        return can_know(("secret",), secret.value) if isinstance(secret.value, str) else Answer.YES
    if isinstance(secret, (Sent, Given)):
        return Answer.YES
    return Answer.NO if isinstance(secret, Hidden) else Answer.CANNOT_TELL


def _request(one: _Running) -> _Ending:
    """Another service may be asked who the caller is, and answer an error."""
    sent = all_sent(one.inputs.values())
    asks = any(map(may_prove, sent))
    url = one.inputs.get("url", ABSENT)
    own = Answer.YES if isinstance(url, Sent) else Answer.NO
    doubt = f"the service that `{one.operation.key}` asks may refuse a stranger"
    way = Ways(Answer.CANNOT_TELL, Answer.YES) if asks else BOTH
    return _Ending(way, Computed(own, sent if own is Answer.YES else frozenset(), selected=asks), doubt)


def _transform(one: _Running) -> _Ending:
    return _Ending(BOTH, as_object(one.inputs.get("json", ABSENT)))


_JUDGED: Final[Mapping[str, Callable[[_Running], _Ending]]] = {
    "condition": _condition, "exec": _exec, "json-web-token": _json_web_token, "request": _request,
    "transform": _transform,
}  # fmt: skip
_ALWAYS: Final[Mapping[str, _Ending]] = {
    "log": _Ending(RESOLVES, NULL), "sleep": _Ending(RESOLVES, NULL), "mail": _Ending(BOTH, NULL),
    "throw-error": _Ending(REJECTS),
}  # fmt: skip
