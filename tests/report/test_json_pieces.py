"""JSON is written in pieces, as `json.dumps(…, indent=2)` writes it."""

from __future__ import annotations

import io
import json
from typing import Final

import pytest

from directus_guard.report import json_v1

ODD: Final[dict[str, object]] = {
    "text": 'é "\\\n\t\x00 😀',
    "numbers": [0, -1, 10**30, 1e22, 1e-7, -0.0],
    "empty": [{}, []],
    "none": None,
}


@pytest.mark.parametrize("number", [0, 1, json_v1._AT_ONCE, json_v1._AT_ONCE + 1, 3 * json_v1._AT_ONCE])
def test_a_list_of_any_length(number: int) -> None:
    data = {"findings": [{**ODD, "number": one} for one in range(number)], "inner": {"list": [ODD] * number}, "a": ODD}
    assert written(data) == json.dumps(data, indent=2, ensure_ascii=False)
    assert written([ODD] * number) == json.dumps([ODD] * number, indent=2, ensure_ascii=False)


@pytest.mark.parametrize("odd", [float("inf"), "\ud800", [], {}, ()])
def test_what_is_no_strict_json(odd: object) -> None:
    data = {"a": [odd, {"b": odd}], "c": odd}
    assert written(data) == json.dumps(data, indent=2, ensure_ascii=False)


def written(data: object) -> str:
    stream = io.StringIO()
    json_v1.write_data(data, stream)
    return stream.getvalue().removesuffix("\n")
