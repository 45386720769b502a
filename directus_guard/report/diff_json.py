"""`directus-guard diff --output json`: `diff-v1` (docs/diff.md). Fields are only ever added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard import __version__
from directus_guard.report.diff_words import counts
from directus_guard.report.json_v1 import step_json

if TYPE_CHECKING:
    from directus_guard.new_access import AccessDiff, NewAccess
    from directus_guard.report.diff_words import Compared


def as_json(diff: AccessDiff, compared: Compared) -> dict[str, object]:
    """`diff-v1`. Fields are only ever added."""
    return {
        "schema": "diff-v1",
        "tool": {"name": "directus-guard", "version": __version__},
        "base": compared.base,
        "head": compared.head,
        "access_models": list(compared.models),
        "new_access": [_as_json(entry) for entry in diff.new],
        "narrowed": diff.narrowed,
        "not_told": [{"side": side, "model": model, "reason": reason} for side, model, reason in diff.unknown],
        "problems": list(compared.problems),
        "notices": list(diff.notices),
        "summary": {**counts(diff), "exit_code": compared.exit_code},
    }


def _as_json(entry: NewAccess) -> dict[str, object]:
    location = entry.location
    return {
        "kind": entry.kind.value,
        "model": entry.model,
        "principals": list(entry.principals),
        "severity": entry.severity.value,
        "check": entry.check or None,
        "confidence": entry.confidence.value,
        "context": entry.context.value,
        "message": entry.message,
        "title": entry.title or None,
        "subject": None
        if entry.subject is None
        else {
            "kind": entry.subject.kind,
            **{name: value if isinstance(value, str) else list(value) for name, value in entry.subject.details},
        },
        "collection": entry.collection or None,
        "action": entry.action or None,
        "fields": list(entry.fields),
        "excluded_fields": list(entry.excluded),
        "rule": entry.rule,
        "rule_in_words": entry.rule_words or None,
        "before": entry.before,
        "before_in_words": entry.before_words or None,
        "example": dict(entry.example) if entry.example is not None else None,
        "granted_by": list(entry.granted_by),
        "location": {"path": location.path, "line": location.line, "column": location.column},
        "steps": [step_json(step) for step in entry.steps],
    }
