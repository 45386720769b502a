"""Anonymous visitors may read what is not theirs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.access._rows import failure, reached
from directus_guard.checks.answers import Answer, export_check
from directus_guard.directus.filters import EVERYTHING
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.export import Export

SENSITIVE: Final = re.compile(
    r"(?i)(?:\A|_)(?:password|secret|token|api_?key|iban|ssn|e_?mail|phone|birth\w*|salary|passport|credit_?card)(?:_|\Z)"
)
HARMLESS: Final = frozenset({"directus_translations", "directus_folders"})


@export_check(
    "public-read-sensitive",
    severity=Severity.HIGH,
    title="Anonymous visitors may read what is not theirs",
    summary="The public may read system collections, all files, or fields that look personal or secret.",
    checklist=(21,),
    needs=("attachments", "permissions", "policies", "hidden rows", "policy "),
)
def public_read_sensitive(export: Export) -> Iterator[Answer]:
    for collection in sorted({row.collection for row in export.model.permissions}):
        for found in reached(export, collection, "read"):
            fields = found.row.fields or ()
            held = [name for name in fields if SENSITIVE.search(name)]
            system = collection.startswith("directus_") and collection not in HARMLESS
            files = collection == "directus_files" and found.rule == EVERYTHING
            if found.public and ((system and collection != "directus_files") or files or held):
                what = (
                    "system data"
                    if system and not files
                    else "every file, drafts and private ones too"
                    if files
                    else ", ".join(f"`{name}`" for name in held[:5])
                )
                yield failure(
                    export,
                    found,
                    f"Everybody on the internet reads {what}.",
                    "only the items and fields that are meant for everybody",
                )
