"""Templates and conditions of flows, as the recorded answers of Directus' own functions have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.flows.data import KnownValue, rendered
from directus_guard.directus.flows.templates import TemplateError
from tests.differential.cases import CONDITIONS, TEXTS
from tests.support.each import each_case
from tests.support.flow_cases import UTILS, conditions, possible, texts, trigger
from tests.support.recorded import load

if TYPE_CHECKING:
    from directus_guard.directus.flows.data import Value

ANSWERS: Final[dict[str, Any]] = load("flows")


@each_case("major", UTILS)
def test_templates_become_what_was_recorded(major: int) -> None:
    for (text, data), answer in zip(texts(TEXTS), ANSWERS[f"utils-{major}"]["texts"], strict=True):
        try:
            ours = rendered(text, {key: KnownValue(value) for key, value in data.items()})
        except TemplateError:
            assert "error" in answer, text
            continue
        assert answer == {"value": ours.value if isinstance(ours, KnownValue) else None}, (text, data)


@each_case("major", UTILS)
def test_conditions_end_as_recorded(major: int) -> None:
    """With everything known; and of what a caller chooses, nothing that happens may have been ruled out."""
    for (filter_, data, _), letter in zip(conditions(CONDITIONS), ANSWERS[f"utils-{major}"]["conditions"], strict=True):
        known: dict[str, Value] = {key: KnownValue(value) for key, value in data.items()}
        assert possible(filter_, known, major) == {letter == "T"}, (filter_, data)
        assert (letter == "T") in possible(filter_, {**known, "$trigger": trigger()}, major), (filter_, data)
