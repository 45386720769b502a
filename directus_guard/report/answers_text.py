"""Answers to "may this principal do that?" for a terminal and as docs/contract.md#answers-v1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.report.terminal import WIDTH, Paint, Tone, wrapped
from directus_guard.text_safety import clean, escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.access_answers import AccessAnswer, Answers
    from directus_guard.report.writers import Appearance

_ORDER: Final = ("yes", "only where", "cannot tell", "no")


def text(answers: Answers, appearance: Appearance) -> Iterator[str]:
    """The lines. Off a terminal they have 80 columns."""
    width = appearance.width or WIDTH
    paint = Paint(color=appearance.color)
    if answers.every and not appearance.quiet:
        yield from _painted(wrapped(answers.question, width=width), paint)
        yield ""
    exports = dict.fromkeys(one.export for one in answers.listed)
    for export in exports:
        listed = [one for one in answers.listed if one.export == export]
        if len(exports) > 1 or answers.every:
            yield f"{clean(export)} ({listed[0].directus})"
        if answers.every:
            yield from _everybody(listed, width, paint)
            continue
        for one in listed:
            yield from _painted(wrapped(one.sentence, width=width), paint)
            yield from () if appearance.quiet else _why(one, width, paint)


def _painted(lines: Iterator[str], paint: Paint, tone: Tone = Tone.BOLD) -> Iterator[str]:
    return (paint(line, tone) for line in lines)


def _why(answer: AccessAnswer, width: int, paint: Paint) -> Iterator[str]:
    """What an answer rests on."""
    for reason in (*answer.reasons, *answer.notes):
        yield from wrapped(reason, 2, 0, width)
    if answer.permissions:
        yield "  Permissions:"
    for permission in answer.permissions:
        place = permission.location
        at = f"  ({escape_controls(place.path)}:{place.line})" if place else ""
        yield from wrapped(f"- {permission.text}{at}", 2, 2, width)
    if answer.escalates and answer.answer != "yes":
        could = "It can become administrator, and do everything then"
        if not answer.escalates_known:
            could = "It may be able to become administrator: not every way could be followed"
        yield from _painted(wrapped(f"{could}: see `directus-guard scan`.", 2, 0, width), paint, Tone.RED)


def _everybody(listed: list[AccessAnswer], width: int, paint: Paint) -> Iterator[str]:
    for wanted in _ORDER:
        for one in listed:
            if one.answer != wanted:
                continue
            where = f": {one.rule_words}" if wanted == "only where" and one.rule_words else ""
            could = (
                f"  ({'can' if one.escalates_known else 'perhaps can'} become administrator)" if one.escalates else ""
            )
            lines = wrapped(f"{wanted:<11}  {_named(one)}{where}{could}", 2, 13, width)
            yield from _painted(lines, paint, Tone.RED) if one.escalates else lines


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
