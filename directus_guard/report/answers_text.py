"""Answers to "may this principal do that?" for a terminal and as docs/contract.md#answers-v1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.report.terminal import wrapped
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.access_answers import AccessAnswer, Answers

_ORDER: Final = ("yes", "only where", "cannot tell", "no")


def text(answers: Answers) -> Iterator[str]:
    """The lines."""
    if answers.every:
        yield answers.question
        yield ""
    exports = dict.fromkeys(one.export for one in answers.listed)
    for export in exports:
        listed = [one for one in answers.listed if one.export == export]
        if len(exports) > 1 or answers.every:
            yield f"{escape_controls(export)} ({listed[0].directus})"
        if answers.every:
            yield from _everybody(listed)
        else:
            for one in listed:
                yield from _one(one)


def _one(answer: AccessAnswer) -> Iterator[str]:
    yield from wrapped(answer.sentence)
    for reason in (*answer.reasons, *answer.notes):
        yield from wrapped(reason, indent=2)
    if answer.permissions:
        yield "  Permissions:"
    for permission in answer.permissions:
        place = permission.location
        at = f"  ({escape_controls(place.path)}:{place.line})" if place else ""
        yield from wrapped(f"- {permission.text}{at}", indent=2, hanging=2)
    if answer.escalates and answer.answer != "yes":
        could = "It can become administrator, and do everything then"
        if not answer.escalates_known:
            could = "It may be able to become administrator: not every way could be followed"
        yield from wrapped(f"{could}: see `directus-guard scan`.", indent=2)


def _everybody(listed: list[AccessAnswer]) -> Iterator[str]:
    for wanted in _ORDER:
        for one in listed:
            if one.answer != wanted:
                continue
            where = f": {one.rule_words}" if wanted == "only where" and one.rule_words else ""
            could = (
                f"  ({'can' if one.escalates_known else 'perhaps can'} become administrator)" if one.escalates else ""
            )
            yield from wrapped(f"{wanted:<11}  {_named(one)}{where}{could}", indent=2, hanging=13)


def _named(answer: AccessAnswer) -> str:
    return "the public" if answer.kind == "public" else f"{answer.kind} {answer.principal}"


def as_json(answers: Answers) -> Mapping[str, object]:
    """As docs/contract.md#answers-v1 has it."""
    return {
        "schema": "answers-v1",
        "question": answers.question,
        "answers": [
            {
                "source": one.export,
                "directus": one.directus,
                "principal": {"kind": one.kind, "id": one.principal_id, "name": one.principal},
                "answer": one.answer,
                "sentence": one.sentence,
                "reasons": list(one.reasons),
                "notes": list(one.notes),
                "rule": one.rule,
                "rule_in_words": one.rule_words,
                "validations": list(one.validations),
                "fields": list(one.fields),
                "permissions": [
                    {
                        "text": permission.text,
                        "path": permission.location.path if permission.location else None,
                        "line": permission.location.line if permission.location else None,
                    }
                    for permission in one.permissions
                ],
                "escalates": one.escalates,
                "escalates_known": one.escalates_known,
            }
            for one in answers.listed
        ],
    }
