"""Validation of what is sent, as 500 requests to real servers of three versions were answered."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from directus_guard.directus.access.evaluation import QueryContext
from directus_guard.directus.access.validation import accepts
from tests.support.recorded import TRUTH

MEASURED: Final[list[dict[str, Any]]] = [
    json.loads(line) for line in (TRUTH / "validation.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("version", ["10.13.4", "11.17.4", "12.4.1"])
def test_what_is_sent_is_accepted_as_measured(version: str) -> None:
    context, major = QueryContext(user="U"), int(version.split(".", maxsplit=1)[0])
    wrong = [
        case for case in MEASURED if accepts(case["rule"], case["payload"], context, major=major) is not case[version]
    ]
    assert wrong == []
    assert len(MEASURED) == 500
