"""Templates and conditions of flows against Directus' own functions, on generated data."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from directus_guard.directus.flows.data import KnownValue, rendered
from directus_guard.directus.flows.templates import TemplateError
from tests.differential import real
from tests.support.flow_cases import UTILS, conditions, possible, texts, trigger
from tests.support.generated import seeds


@pytest.mark.real
def test_templates_are_rendered_as_directus_renders_them() -> None:
    cases = texts(len(seeds(6000)))
    answers = real.flows(cases, [])
    for utils, (case, answer) in itertools.chain(
        (("utils-10", pair) for pair in zip(cases, answers["utils-10"]["texts"], strict=True)),
        (("utils-12", pair) for pair in zip(cases, answers["utils-12"]["texts"], strict=True)),
    ):
        text, data = case
        try:
            ours = rendered(text, {key: KnownValue(value) for key, value in data.items()})
        except TemplateError:
            assert "error" in answer, (utils, text)
            continue
        assert answer == {"value": ours.value if isinstance(ours, KnownValue) else None}, (utils, text, data)


@pytest.mark.real
def test_conditions_end_as_they_do_in_directus() -> None:
    """With everything known; and of what a caller chooses, nothing that happens may have been ruled out."""
    cases = conditions(len(seeds(12000)))
    answers = real.flows([], cases)
    wrong: list[Any] = []
    decided = 0
    for major in UTILS:
        for (filter_, data, _), answer in zip(cases, answers[f"utils-{major}"]["conditions"], strict=True):
            exact = possible(filter_, {key: KnownValue(value) for key, value in data.items()}, major)
            if exact != ({True} if answer else {False}):
                wrong.append((major, filter_, data, answer, exact))
            free = {**{key: KnownValue(value) for key, value in data.items()}, "$trigger": trigger()}
            chosen = possible(filter_, free, major)
            if answer not in chosen:
                wrong.append((major, "chosen", filter_, data, answer, chosen))
            decided += len(chosen) == 1
    assert not wrong, f"{len(wrong)} differ, such as {sorted(wrong, key=lambda case: len(str(case[:-2])))[:5]}"
    assert decided > len(cases) / 12
