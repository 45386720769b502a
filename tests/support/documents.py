"""JSON that directus-guard writes, held against the schemas under docs/schemas/."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

import jsonschema_rs

from tests.support.programs import ROOT

SCHEMAS: Final = ROOT / "docs" / "schemas"
LARGEST: Final = 2_000_000
"""Characters of a document that is looked through wherever a test makes it: larger ones only have more of the same."""


@cache
def validator(name: str) -> jsonschema_rs.Validator:
    """Of a document, by its member `schema`."""
    return jsonschema_rs.validator_for(json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8")))


def faults(document: Any, name: str = "") -> list[str]:
    """What a document has that its schema does not, or the other way round. `name`: of the schema; "" = what it says itself."""
    return [str(error)[:500] for error in validator(name or document["schema"]).iter_errors(document)]


def assert_declared(text: str) -> None:
    """Raise `AssertionError` where an output is a document that does not match its schema (`scripts/json_documents.py`)."""
    if text.startswith('{\n  "schema": "') and len(text) < LARGEST:
        found = faults(json.loads(text))
        assert not found, found
