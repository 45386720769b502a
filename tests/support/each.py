"""Many small cases as one test: a test of its own costs more than most of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Case = TypeVar("Case")


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
