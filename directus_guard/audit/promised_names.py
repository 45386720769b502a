"""Names in the promises of the config that nothing has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.audit.options import AuditError
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.promises import ANY, knows, subjects
from directus_guard.directus.access.system_data import SYSTEM_COLLECTIONS
from directus_guard.spelling import nearest
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from directus_guard.directus.access.promises import Promise
    from directus_guard.directus.export import Export


def refuse_unknown(promises: Iterable[Promise], exports: Sequence[Export]) -> None:
    """Raise `AuditError` for a name that no export has, with the nearest known name. Where an export does not say which
    names there are, and in promises that only the base has, nothing is refused."""
    for promise in promises:
        about = [export for export in exports if promise.covers("" if export.live else export.name)]
        if about and not promise.of_base:
            _refuse_principals(promise, about)
            _refuse_collections(promise, about)


def _refuse_principals(promise: Promise, exports: Sequence[Export]) -> None:
    for key, names in (("principal", promise.principals), ("not", promise.excepted)):
        for name in names:
            if any(not subjects(export.model, (name,)).is_empty for export in exports):
                continue
            hidden = any(not knows(export.gaps, name) for export in exports)
            if not hidden:
                raise _unknown(promise, key, "there is no role, policy or user", name, _names(exports))


def _names(exports: Sequence[Export]) -> set[str]:
    found = {PUBLIC.name, ANY}
    for export in exports:
        model = export.model
        for records in (model.roles, model.policies, model.users):
            found |= {text for record in records for text in (record.id, record.name)}
    return found - {""}


def _refuse_collections(promise: Promise, exports: Sequence[Export]) -> None:
    known = frozenset(SYSTEM_COLLECTIONS).union(*(export.collections for export in exports))
    whole = all(export.schema is not None and export.schema.complete and not export.schema.broken for export in exports)
    for name in promise.collections:
        if name not in known and name != ANY and whole:
            raise _unknown(promise, "collection", "there is no collection", name, known)
    fields = _fields(promise, exports)
    for name in promise.fields:
        if fields is not None and name not in fields and name != ANY:
            raise _unknown(promise, "fields", f"{_listed(promise.collections)} has no field", name, fields)


def _fields(promise: Promise, exports: Sequence[Export]) -> set[str] | None:
    """The fields of the collections of a promise; None where they are not known."""
    found: set[str] = set()
    for export in exports:
        whole = export.schema.whole_collections if export.schema else frozenset()
        for collection in promise.collections:
            if collection in whole and export.schema:
                found |= set(export.schema.by_collection[collection])
            elif collection not in whole and not (export.schema and export.schema.complete):
                return None
    return found or None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{escape_controls(name)}`" for name in names)


def _unknown(promise: Promise, key: str, what: str, name: str, names: Collection[str]) -> AuditError:
    near = nearest(name, names)
    hint = f" Did you mean `{escape_controls(near)}`?" if near else ""
    return AuditError(f"{promise.place}: `{promise.kind.value}.{key}`: {what} `{escape_controls(name)}`.{hint}")
