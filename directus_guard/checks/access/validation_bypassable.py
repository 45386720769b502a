"""A validation of a foreign key can be walked around."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import export_check
from directus_guard.checks.result import CheckResult, NotEvaluated
from directus_guard.checks.shared.row_fixes import without_fields
from directus_guard.checks.shared.row_words import policy_title
from directus_guard.checks.shared.rows import every, failure, unpinned
from directus_guard.directus.access.system_data import system_fields
from directus_guard.finding import PinFields, RemoveFields, Severity
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import Export
    from directus_guard.finding import RowChange


_DENY: Final = frozenset({"_neq", "_nin", "_ncontains", "_nicontains", "_nstarts_with", "_nends_with", "_nbetween"})


@export_check(
    "validation-bypassable",
    severity=Severity.MEDIUM,
    title="A validation of a foreign key can be walked around",
    summary="A validation of a foreign key lists refused values, or looks behind the key: the key sent as an object passes it.",
    cwe=(Cwe.INCOMPLETE_DENY_LIST, Cwe.MASS_ASSIGNMENT),
    owasp=(OwaspRisk.API3,),
    checklist=(8, 25),
)
def validation_bypassable(export: Export) -> Iterator[CheckResult]:
    for granted in every(export, "create", "update"):
        collection = granted.row.collection
        for name, kind in sorted(_weak(granted.row.validation).items()):
            if not unpinned(export, granted, name):
                continue
            key = True if kind == "nested" else _is_foreign_key(export, collection, name)
            if key is None:
                yield NotEvaluated(
                    f"no schema snapshot says whether `{escape_controls(collection)}.{escape_controls(name)}` is a foreign key",
                    granted.row.location,
                )
            elif key:
                shown = escape_controls(name)
                what = "is a condition on the related item" if kind == "nested" else "only refuses some values"
                yield failure(
                    export,
                    granted,
                    title=policy_title(
                        export, export.holder(granted.row), "does not protect {} of {}", name, collection
                    ),
                    message=(
                        f"Users can set `{shown}` to any value: the validation {what}."
                        f' A request can send an object in place of the key, such as `{{"{shown}": {{"id": …}}}}`, which passes.'
                    ),
                    expected="no such permission",
                    rule="a validation with `_eq` or `_in` on the key itself",
                    changes=(changes := _changes(export, granted.row, name)),
                    note=_note(changes[0], granted.row, shown),
                )
                break


def _changes(export: Export, row: Permission, name: str) -> tuple[RowChange, ...]:
    """A named field is taken away where others are left; else only allowed keys are let through."""
    changes = without_fields(row, (name,))
    if isinstance(changes[0], RemoveFields):
        return changes
    return (PinFields((name,), "$CURRENT_USER" if _points_at_users(export, row.collection, name) else ""),)


def _note(change: RowChange, row: Permission, name: str) -> str:
    """What else the change of a field needs, a sentence; "" for nothing."""
    if isinstance(change, RemoveFields):
        return (
            f"If `{name}` needs a value then, put it into the preset of this permission."
            if row.action == "create"
            else ""
        )
    return f"If `{name}` names a user, and users may only enter themselves, the allowed value is `$CURRENT_USER`."


def _points_at_users(export: Export, collection: str, name: str) -> bool:
    """Whether a field names a user, as far as the data model says so."""
    relations = export.schema.relations_of.get(collection, ()) if export.schema else ()
    return any(one.field == name and one.related_collection == "directus_users" for one in relations)


def _weak(rule: Json) -> dict[str, str]:
    """The fields that a validation only names values to refuse of, or only looks behind: `deny` or `nested`."""
    found: dict[str, str] = {}
    waiting: list[Json] = [rule]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, Mapping):
            for key, value in node.items():
                if key in ("_and", "_or"):
                    waiting.append(value)
                elif not key.startswith(("_", "$")) and "(" not in key and isinstance(value, Mapping):
                    if any(not inner.startswith("_") for inner in value) or "_some" in value or "_none" in value:
                        found[key] = "nested"
                    elif _DENY.intersection(value):
                        found.setdefault(key, "deny")
    return found


def _is_foreign_key(export: Export, collection: str, name: str) -> bool | None:
    """Whether a field points at another collection; None where nothing tells."""
    own = system_fields(export.model.version).get(collection, {}).get(name)
    if own is not None:
        return own
    schema = export.schema
    if schema is None or name not in schema.by_collection.get(collection, {}):
        return None
    return schema.is_foreign_key(collection, name) or (None if schema.broken else False)
