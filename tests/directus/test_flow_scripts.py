"""What scripts of flows hand on, whether they stop a caller, and whether they may look at everything."""

from __future__ import annotations

import pytest

from directus_guard.directus.flows.scripts import may_throw, returns_environment, uses_whole

ARROW = "module.exports = async (data) => { BODY }"
FUNCTION = "module.exports = async function(data) { BODY }"
NAMED = "module.exports = function run(data) { BODY }"


@pytest.mark.parametrize(
    ("body", "returns"),
    [
        ("return $env;", True), ("return $env", True), ("return ($env)", True), ("return { all: $env };", True), ("return { ...$env, a: 1 };", False), ("return {a: 1, b: $env}", True), ("return $env.A;", False), ("return x.$env;", False),
        ("return process.env;", True), ("return process.env", True), ("return { ...process.env };", True), ("return (process.env)", True), ("return process.env.A;", False), ("const a = process.env;", False), ("returns process.env", False),
        ("return data;", True), ("return data", True), ("return { ...data };", True), ("return (data)", True), ("return data.$env;", True), ("return data?.$env;", True), ("return data.$trigger;", False), ("return database;", False),
        ("return { a: data };", False), ("return other;", False), ("data;", False),
    ],
)  # fmt: skip
def test_what_a_script_returns(body: str, returns: bool) -> None:
    for form in (ARROW, FUNCTION, NAMED):
        assert returns_environment(form.replace("BODY", body)) is returns, form


@pytest.mark.parametrize(
    ("code", "returns"),
    [
        ("module.exports = data => data", True), ("module.exports = (data) => ({ ...data })", True), ("module.exports = async data => data.$env", True), ("module.exports = ({ $env }) => ({ all: $env })", True),
        ("module.exports = ({ $env }) => ({ all: $env.A })", False), ("module.exports = () => process.env", True), ("module.exports = () => ({ ...process.env })", True), ("module.exports = ({ $trigger }) => $trigger", False), ("", False),
        ("module.exports = data => data.x", False), ("module.exports = function (data) { return data }", True),
    ],
)  # fmt: skip
def test_short_scripts(code: str, returns: bool) -> None:
    assert returns_environment(code) is returns


@pytest.mark.parametrize(
    ("body", "throws"),
    [("throw new Error('x')", True), ("return Promise.reject(1)", True), ("assert(a)", True), ("assertSomething(a)", True), ("rethrown()", False), ("rejected()", False), ("return 1", False), ("myassert()", False)],
)  # fmt: skip
def test_scripts_that_stop(body: str, throws: bool) -> None:
    assert may_throw(ARROW.replace("BODY", body)) is throws


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        ("return data;", True), ("return data.$trigger;", False), ("return data?.$trigger;", False), ("return data['a'];", False), ('return data["a"];', False), ("return data?.['a'];", False), ("return data[`a`];", False),
        ("return data[name];", True), ("return data . $trigger;", False), ("return Object.keys(data);", True), ("return x.data;", False), ("return metadata;", False), ("return $data;", False), ("return data2;", False),
        ("return arguments[0].a;", True), ("const { a } = data;", True), ("f({ ...data })", True), ("return data.a + data;", True), ("return 1;", False), ("return data\n.a", False),
    ],
)  # fmt: skip
def test_scripts_that_may_look_at_everything(body: str, whole: bool) -> None:
    for form in (ARROW, FUNCTION, NAMED):
        assert uses_whole(form.replace("BODY", body)) is whole, form


@pytest.mark.parametrize(
    ("code", "whole"),
    [
        ("module.exports = async ({ $trigger }) => $trigger.body", False), ("module.exports = async ({ $trigger, ...rest }) => rest", True), ("module.exports = function ({ a }) { return arguments }", True), ("module.exports = async (\n  { a }) => a", False),
        ("module.exports = other", True), ("", True), ("module.exports = data => data.a", False), ("module.exports = data => data", True),
    ],
)  # fmt: skip
def test_scripts_that_take_members(code: str, whole: bool) -> None:
    assert uses_whole(code) is whole
