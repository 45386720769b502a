"""Many small cases as one test: a test of its own costs more than most of them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pytest
from _pytest.mark.structures import ParameterSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Case = TypeVar("Case")
_FAILURES: Final = (Exception, pytest.fail.Exception, pytest.skip.Exception)
"""What a case may raise; the last two are no `Exception`. A case that skips would leave out all that follow."""


def failing(cases: Iterable[Case], test: Callable[[Case], None]) -> list[str]:
    """The cases in which the test fails, each with what it says. None at all is an error: there is nothing to test."""
    found: list[str] = []
    number = 0
    for number, case in enumerate(cases, 1):  # noqa: B007 - how many there were is asked after the loop
        try:
            test(case)
        except AssertionError as error:
            found.append(f"{case}: {error}")
    assert number, "no cases"
    return found


def each_case(
    names: str | tuple[str, ...],
    cases: Iterable[Any],
    *,
    ids: Iterable[str] | Callable[[Any], object] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Like `pytest.mark.parametrize`, but one test for all cases: each is run, and each that fails is named.

    With `tmp_path`, each case has a folder of its own. Every other fixture is the same for all cases.
    """
    parameters = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    sets = [ParameterSet.extract_from(case, force_tuple=len(parameters) == 1) for case in cases]
    assert sets, "no cases"
    assert not any(case.marks for case in sets), "a case with a mark is a test of its own"

    written = None if ids is None or callable(ids) else list(ids)

    def described(number: int, case: ParameterSet) -> str:
        if isinstance(case.id, str):
            return case.id
        if written is not None:
            return written[number]
        if callable(ids):
            return "-".join(str(ids(value)) for value in case.values)
        return ", ".join(f"{name}={value!r}" for name, value in zip(parameters, case.values, strict=True))

    def together(test: Callable[..., None]) -> Callable[..., None]:
        def joined(**fixtures: Any) -> None:
            failures: list[BaseException] = []
            for number, case in enumerate(sets):
                own = {}
                if "tmp_path" in fixtures:
                    own["tmp_path"] = fixtures["tmp_path"] / str(number)
                    own["tmp_path"].mkdir()
                try:
                    test(**fixtures | own, **dict(zip(parameters, case.values, strict=True)))
                except _FAILURES as error:
                    error.add_note(f"in the case {described(number, case)}")
                    failures.append(error)
            if failures:
                message = f"{len(failures)} of {len(sets)} cases failed"
                raise BaseExceptionGroup(message, failures)

        joined.__name__, joined.__qualname__, joined.__doc__ = test.__name__, test.__qualname__, test.__doc__
        joined.__module__ = test.__module__
        asked = inspect.signature(test)
        assert set(parameters) <= set(asked.parameters), f"{test.__name__} does not take {names}"
        assert not hasattr(test, "pytestmark"), "marks go above the cases"
        assert "monkeypatch" not in asked.parameters, "what a case patches would be seen by the next"
        rest = [parameter for name, parameter in asked.parameters.items() if name not in parameters]
        joined.__dict__["__signature__"] = asked.replace(parameters=rest)
        return joined

    return together
