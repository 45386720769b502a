"""Fields as an instance tells them."""

from __future__ import annotations

from typing import Any, Final

from directus_guard.live.schema_rows import FieldRow
from tests.support.each import each_case

EMPTY: Final = {"is_nullable": False, "default_value": None}


@each_case(
    ("column", "meta", "required"),
    [
        (EMPTY, None, True),
        (EMPTY, {"special": ["hash"]}, True),
        (EMPTY, {"special": ["uuid"]}, False),
        (EMPTY, {"system": True}, False),
        ({**EMPTY, "is_nullable": True}, None, False),
        ({**EMPTY, "default_value": 0}, None, False),
        ({**EMPTY, "is_primary_key": True}, None, False),
        ({**EMPTY, "has_auto_increment": True}, None, False),
        ({**EMPTY, "is_generated": True}, None, False),
        (None, None, False),
    ],
)
def test_a_column_that_must_be_given_a_value(column: Any, meta: Any, required: bool) -> None:
    row = FieldRow.model_validate({"collection": "posts", "field": "branch", "meta": meta, "schema": column})
    assert row.record().required is required
