"""The states of findings: accepted by an ignore or a baseline, on the base too, or new.

With a base a change cannot silence itself: an ignore comment counts only for what such a comment (or the base's config)
already suppressed there. Findings are compared by their fingerprints, each as often as the base has it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.audit import baseline, suppression, variants
from directus_guard.audit.renames import Renames
from directus_guard.checks import catalogue
from directus_guard.finding import Finding, State

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from directus_guard.audit.options import Options
    from directus_guard.finding import Location, Report
    from directus_guard.new_access import AccessDiff
    from directus_guard.sources.files.repository import Repository


_NOTHING_MOVED: Final = Renames()


def triaged(
    findings: tuple[Finding, ...],
    repository: Repository,
    options: Options,
    base: Report | None,
    access: AccessDiff | None,
    moved: Renames,
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The findings with their states, and what is to be said about ignores and the base."""
    today = options.today or datetime.now(UTC).date()
    inline = suppression.inline(repository.read_texts()) if options.use_ignores else ()
    comments = suppression.apply(inline, findings, today, catalogue())
    config = suppression.apply(
        options.ignores if options.use_ignores else (), findings, today, catalogue(), sees_all=_sees_all(options)
    )
    notices = (*comments.notices, *config.notices)
    if base is None or options.base is None:
        return without_base(findings, {**comments.suppressed, **config.suppressed}, options.baseline), notices
    name = options.base.name
    settled = against_base(
        variants.apart((*base.findings, *base.nonproduction)),
        name,
        findings,
        by_config=config.suppressed,
        by_comment=comments.suppressed,
        accepted=options.baseline,
        known_counts=not options.new_only,
        wider=access.triggered if access else frozenset(),
        moved=moved,
    )
    unread = (f"{problem.path} on {name}: {problem.message}; findings in it are new" for problem in base.problems)
    return settled, (*notices, *unread)


def _sees_all(options: Options) -> Callable[[suppression.Ignore], bool]:
    """Whether a run can find what an ignore of the config is about: not of another folder, nor of an instance that it
    does not ask."""
    return lambda ignore: (
        not options.paths and (options.target is not None or not ignore.obj.startswith(("http://", "https://")))
    )


def unmatched_notice(options: Options, findings: Iterable[Finding]) -> tuple[str, ...]:
    """That lines of the baseline match nothing, where the run looks at everything. `findings`: all, of any severity."""
    if options.base is not None or options.paths:
        return ()
    lines = baseline.unmatched(options.baseline, findings)
    if options.target is None:
        lines = [line for line in lines if "|http://" not in line and "|https://" not in line]
    if not lines:
        return ()
    more = f" and {len(lines) - _MOST_LINES} more" if len(lines) > _MOST_LINES else ""
    listed = ", ".join(f"`{line}`" for line in lines[:_MOST_LINES])
    verb = "line of the baseline matches" if len(lines) == 1 else "lines of the baseline match"
    return (f"{len(lines)} {verb} no finding: {listed}{more}. `directus-guard baseline prune` removes what is mended",)


_MOST_LINES: Final = 3
"""Lines of a baseline that a notice names."""


def without_base(
    findings: Iterable[Finding], ignored: Mapping[str, str], accepted: frozenset[str]
) -> tuple[Finding, ...]:
    """The findings of a run without a base. `ignored`: the reason by `suppression.finding_key`; `accepted`: the baseline."""
    return tuple(_without_base(finding, ignored, accepted) for finding in findings)


def _without_base(finding: Finding, ignored: Mapping[str, str], accepted: frozenset[str]) -> Finding:
    reason = ignored.get(suppression.finding_key(finding))
    if reason is not None:
        return replace(finding, state=State.SUPPRESSED, note=reason)
    if baseline.one_line(finding.fingerprint) in accepted:
        return replace(finding, state=State.EXISTING, note="accepted by the baseline")
    return finding


def against_base(
    base: Sequence[Finding],
    name: str,
    findings: Sequence[Finding],
    *,
    by_config: Mapping[str, str],
    by_comment: Mapping[str, str],
    accepted: frozenset[str],
    known_counts: bool = False,
    wider: Collection[tuple[str, Location]] = (),
    moved: Renames = _NOTHING_MOVED,
) -> tuple[Finding, ...]:
    """The findings of a run with a base, in their order.

    `known_counts`: what the base has too is new all the same.
    `wider`: checks and places of permissions that grant more than on the base, where that alone fails the check: such a
    finding is new although the base has one of the same object.
    `moved`: what the base has under another name.
    `base`: what was found there, with its states; `name` is how it is called. `by_config` and `accepted` were read from
    the base, `by_comment` from what is judged.
    """
    there = Counter(map(_key, base))
    listed: dict[tuple[str, bool], list[Finding]] = {}
    for one in base:
        listed.setdefault(_key(one), []).append(one)
    suppressed = Counter(_key(finding) for finding in base if finding.state is State.SUPPRESSED)
    settled: dict[int, Finding] = {}
    for index in _unchanged_first(base, findings):
        finding = findings[index]
        there_named = moved.on_base(finding.fingerprint)
        key = there_named, finding.context.gates
        place = suppression.finding_key(finding)
        worse = ""
        if (finding.check, finding.row) in wider:
            worse = f"grants more than on {name}"
        elif _is_worse(finding, listed.get(key, ())):
            worse = f"worse than on {name}"
        known = there[key] > 0 and not worse
        there[key] -= known
        if place in by_config:
            settled[index] = replace(finding, state=State.SUPPRESSED, note=by_config[place])
        elif place in by_comment and known and suppressed[key] > 0:
            suppressed[key] -= 1
            settled[index] = replace(finding, state=State.SUPPRESSED, note=by_comment[place])
        else:
            settled[index] = _active(
                finding, known and not known_counts, name, accepted, there_named, ignored=place in by_comment
            )
            if worse:
                note = "; ".join(filter(None, (worse, settled[index].note)))
                settled[index] = replace(settled[index], note=note)
    return tuple(settled[index] for index in range(len(findings)))


def _is_worse(finding: Finding, there: Sequence[Finding]) -> bool:
    """Whether a finding is more severe than all that the base has of the same object, or lists something that none of
    these lists (an older version has further advisories), and no less. What lists nothing is not compared.
    """
    if not there:
        return False
    if finding.severity.rank > max(one.severity.rank for one in there):
        return True
    return all(
        one.details and len(finding.details) >= len(one.details) and not {*finding.details} <= {*one.details}
        for one in there
    )


def _active(
    finding: Finding, recognised: bool, name: str, accepted: frozenset[str], there_named: str, *, ignored: bool
) -> Finding:
    """The finding with its state. `there_named`: its fingerprint on the base, another one where its file moved."""
    notes = [f"ignored on head: an ignore counts once {name} has it"] if ignored else []
    state = State.NEW
    if recognised:
        state = State.EXISTING
        before = "" if there_named == finding.fingerprint else f", there as `{there_named.partition('|')[2]}`"
        notes.append(f"also on {name}{before}")
    elif baseline.one_line(there_named) in accepted or baseline.one_line(finding.fingerprint) in accepted:
        state = State.EXISTING
        notes.append("accepted by the baseline")
    return replace(finding, state=state, note="; ".join(notes))


def _unchanged_first(base: Sequence[Finding], findings: Sequence[Finding]) -> list[int]:
    """Where several findings share a fingerprint, those that say the same as on the base are the ones it has."""
    same = Counter(map(_text, base))
    unchanged: list[int] = []
    changed: list[int] = []
    for index, finding in enumerate(findings):
        text = _text(finding)
        (unchanged if same[text] > 0 else changed).append(index)
        same[text] -= 1
    return [*unchanged, *changed]


def _key(finding: Finding) -> tuple[str, bool]:
    """What is compared: one in a development file is not the one that gates."""
    return finding.fingerprint, finding.context.gates


def _text(finding: Finding) -> tuple[tuple[str, bool], str, str, str]:
    return _key(finding), finding.location.path, finding.message, finding.actual
