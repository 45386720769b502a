"""The rule for variables that the repository does not show (an absent env_file, a Secret of the cluster, `${X}`).

They are judged at their defaults, in this one place; a check may look at its environment as if everything were visible:

- It fails whatever the unseen variables are: the finding as the check makes it.
- It fails at their defaults: the finding with at most medium confidence, and it names the variable that would undo it.
- It passes at their defaults, and looked at one of them: not evaluated.

A check that speaks of what is absent, or of literal values only, answers for unseen variables itself (`Check.itself`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.checks.result import Failure, NotApplicable, NotEvaluated
from directus_guard.directus.environment import variables
from directus_guard.directus.environment.watched import UnseenError, Watch
from directus_guard.finding import Confidence, Related
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.environment.settings import Environment

    Judge = Callable[[Environment], Iterable[CheckResult]]


def judge_at_defaults(env: Environment, judge: Judge) -> tuple[CheckResult, ...]:
    """The answers of a check about `env`, by the rule above. No answer means that it passed."""
    if env.wholly_visible:
        return tuple(judge(env))
    watch = Watch()
    found = _answered(judge(env.at_defaults(watch)), watch)
    if not watch.looked:
        return tuple(answer for answer, _ in found)
    failures = [(answer, looked) for answer, looked in found if isinstance(answer, Failure)]
    if not failures:
        return _not_evaluated(env, judge, watch, [answer for answer, _ in found])
    doubting = Watch(strict=True)
    certain = _certain(judge(env.watched(doubting)))
    judged: list[CheckResult] = []
    undoing: set[str] = set()
    for failure, looked in failures:
        sure = certain.get(_key(failure)) if looked else failure
        if sure is None:
            names = _undoing(env, judge, failure, tuple(dict.fromkeys((*looked, *doubting.names))))
            undoing.update(names)
            sure = _unsure(env, failure, names)
        judged.append(sure)
    judged += (answer for answer, _ in found if isinstance(answer, NotEvaluated))
    named = [name for name in watch.names if name in env.settings and name not in undoing]
    judged += _gaps(env, named)
    return tuple(judged)


def judge_itself(env: Environment, judge: Judge) -> tuple[CheckResult, ...]:
    """The answers of a check that knows about unseen variables; without an answer about a variable that is not visible, they did not pass."""
    if env.wholly_visible:
        return tuple(judge(env))
    watch = Watch()
    answers = tuple(judge(env.watched(watch)))
    answers += _failures_as_set(env, judge, {_key(answer) for answer in answers if isinstance(answer, Failure)})
    if not answers and env.gaps and watch.looked:
        return (NotEvaluated(env.unseen),)
    return answers


def _failures_as_set(env: Environment, judge: Judge, reported: set[tuple[object, ...]]) -> tuple[CheckResult, ...]:
    """The further failures, of medium confidence, if no file that cannot be read replaces a value that is set."""
    if not env.has_replaceable:
        return ()
    found = [answer for answer in judge(env.as_set()) if isinstance(answer, Failure) and _key(answer) not in reported]
    return tuple(_unsure(env, failure, _replaceable(env, failure)) for failure in found)


def _replaceable(env: Environment, failure: Failure) -> tuple[str, ...]:
    """The variables a failure speaks of whose value may be replaced."""
    return tuple(
        name
        for name, setting in env.settings.items()
        if setting.replaceable is not None and setting.location == failure.location
    )


def _answered(answers: Iterable[CheckResult], watch: Watch) -> list[tuple[CheckResult, tuple[str, ...]]]:
    """Each answer, and the unseen names that were looked at before it ("" = any name)."""
    return [(answer, (*watch.names, *([""] if watch.others else []))) for answer in answers]


def _key(failure: Failure) -> tuple[object, ...]:
    return failure.subject, failure.location, failure.title


def _certain(answers: Iterable[CheckResult]) -> dict[tuple[object, ...], Failure]:
    """The failures that a check finds before it needs a value that cannot be seen."""
    found: dict[tuple[object, ...], Failure] = {}
    with suppress(UnseenError):
        for answer in answers:
            if isinstance(answer, Failure):
                found[_key(answer)] = answer
    return found


def _undoing(env: Environment, judge: Judge, failure: Failure, looked: Sequence[str]) -> tuple[str, ...]:
    """The unseen variables each of which alone may undo the failure, and others that may do so together."""

    def undone(names: Iterable[str]) -> bool:
        return _key(failure) not in _certain(judge(env.at_defaults(Watch(strict=True), frozenset(names))))

    named = tuple(name for name in looked if name)
    alone = [name for name in named if undone({name})]
    together = [name for name in named if name not in alone]
    if not undone(together):
        return tuple(alone)
    for name in tuple(together):
        fewer = [other for other in together if other != name]
        together = fewer if undone(fewer) else together
    return (*alone, *together)


def _unsure(env: Environment, failure: Failure, names: Sequence[str]) -> Failure:
    confidence = Confidence.MEDIUM if failure.confidence is Confidence.HIGH else failure.confidence
    related = tuple(
        Related(place, f"`{escape_controls(name)}`, whose value comes from elsewhere")
        for name in names
        if (place := env[name].location) is not None and place != failure.location
    )
    message = " ".join((failure.message.rstrip(), *_sentences(env, names)))
    return replace(failure, message=message, confidence=confidence, related=(*failure.related, *related))


_MOST_NAMED: Final = 4


def _sentences(env: Environment, names: Sequence[str]) -> Iterator[str]:
    """What was assumed, and what would undo the finding."""
    for name in names:
        if env[name].fallback is not None:
            yield f"This assumes the fallback of `{escape_controls(name)}`: a value given at deployment may resolve this finding."
    replaceable = [name for name in names if env[name].replaceable is not None]
    if replaceable:
        reasons = "; ".join(dict.fromkeys(env[name].unknown_reason for name in replaceable))
        yield f"This assumes the value of {_listed(replaceable)} that is set here. Another may replace it ({reasons}) and resolve this finding."
    unseen = [name for name in names if env[name].fallback is None and env[name].replaceable is None]
    reasons = "; ".join(dict.fromkeys(env[name].unknown_reason for name in unseen))
    if len(unseen) == 1:
        default = variables.default(unseen[0], env.version)
        assumed = f"its default `{default}` is assumed" if default else "it is assumed not to be set"
        yield f"`{escape_controls(unseen[0])}` is not visible here ({reasons}), so {assumed}. Another value may resolve this finding."
    elif unseen:
        yield f"{_listed(unseen)} are not visible here ({reasons}). Their defaults are assumed; other values may resolve this finding."
    if not names:
        yield f"Other variables are not visible here ({env.unseen}). They may resolve this finding."


def _listed(names: Sequence[str]) -> str:
    """Names for a sentence, the first ones of many."""
    rest = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(f"`{escape_controls(name)}`" for name in names[:_MOST_NAMED]) + rest


def _not_evaluated(
    env: Environment, judge: Judge, watch: Watch, answers: Sequence[CheckResult]
) -> tuple[CheckResult, ...]:
    """No failure at the defaults, and an unseen variable was looked at: what a pass rests on cannot be seen."""
    with suppress(UnseenError):
        given = tuple(judge(env.watched(Watch(strict=True))))
        if given and all(isinstance(answer, NotApplicable) for answer in given):
            return given
    own = [answer for answer in answers if isinstance(answer, NotEvaluated)]
    gaps = list(_gaps(env, list(watch.names)))
    if watch.others and env.gaps:
        gaps.append(NotEvaluated(env.unseen))
    return tuple(dict.fromkeys((*own, *gaps)))


def _gaps(env: Environment, names: Iterable[str]) -> Iterator[NotEvaluated]:
    """Why the values of these names cannot be seen: of absent ones, which share one reason, once."""
    for name in names:
        setting = env[name]
        if name not in env.settings:
            yield NotEvaluated(env.unseen)
        else:
            yield NotEvaluated(f"`{escape_controls(name)}`: {setting.unknown_reason}", setting.location)
