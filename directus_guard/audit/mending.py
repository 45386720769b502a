"""Mend what can be mended by rule. What is handed out was judged: the findings are gone, and no other has come."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.audit.run import run
from directus_guard.audit.variants import apart
from directus_guard.edits.edited_store import EditedStore
from directus_guard.edits.file_texts import FileTexts
from directus_guard.edits.json_masking import JsonLineMask
from directus_guard.edits.masking import LineMask
from directus_guard.edits.remedies import edited
from directus_guard.edits.row_remedies import edited_rows
from directus_guard.edits.text import OverlapError, after
from directus_guard.finding import State
from directus_guard.sources.files.folder import Folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from directus_guard.audit.audited import Audited
    from directus_guard.audit.options import Options
    from directus_guard.directus.export import Export
    from directus_guard.directus.project import Project
    from directus_guard.edits.patch import Patch
    from directus_guard.finding import Edit, Finding, Report


class EditedFile(Struct, frozen=True):
    """A file before and after."""

    path: str
    before: str
    after: str


class Mending(Struct, frozen=True):
    """What can be done about the findings of a run."""

    report: Report
    project: Project
    files: tuple[EditedFile, ...]
    """In the order of their paths."""
    mended: tuple[Finding, ...]
    unsafe: tuple[Finding, ...]
    """Those whose edits were not asked for."""
    left: tuple[tuple[Finding, str], ...]
    """Those whose edits do not help here, and why, a phrase."""
    by_hand: tuple[Finding, ...]
    """Those that no rule can mend."""
    mask: LineMask
    mask_of_exports: JsonLineMask

    def patches(self) -> tuple[Patch, ...]:
        """The patch of each file."""
        from directus_guard.edits.patch import patch  # noqa: PLC0415 - only where it is printed

        return tuple(patch(file.path, file.before, file.after, self.mask_of(file.path)) for file in self.files)

    def exports(self) -> tuple[Export, ...]:
        """The exports that change: a server does not have the changes yet."""
        named = {str(dict(one.subject.details).get("model", "")) for one in self.mended if one.fix and one.fix.rows}
        return tuple(export for export in self.project.exports if export.name in named)

    def mask_of(self, path: str) -> LineMask | JsonLineMask:
        """What hides the secrets in lines of a file."""
        rows = (patch.row.path for one in self.mended if one.fix for patch in one.fix.rows)
        return self.mask_of_exports if path in rows else self.mask


def with_edits(audited: Audited, options: Options) -> Report:
    """The report with the edits of its fixes. They are tested by themselves, not by another run.

    An edit of an exported row repeats what the row has: where that may be secret or personal, the report has no edits, and
    `fix --apply` makes them.
    """
    mender = Mender(audited, options)
    mask = JsonLineMask(audited.project.exports)
    report = audited.report
    return replace(
        report,
        findings=tuple(_without_hidden(mender.edited(one), mask) for one in report.findings),
        nonproduction=tuple(_without_hidden(mender.edited(one), mask) for one in report.nonproduction),
    )


def _without_hidden(finding: Finding, mask: JsonLineMask) -> Finding:
    """The finding without edits of rows that hold something which is not shown."""
    fix = finding.fix
    if fix is None or not fix.rows:
        return finding
    written = [line for edit in fix.edits for line in edit.text.splitlines()]
    return finding if all(mask.line(line) == line for line in written) else replace(finding, fix=replace(fix, edits=()))


def mend(options: Options, checks: Collection[str] = (), *, unsafe: bool = False) -> Mending:
    """Mend the findings of a run that are new, of some checks or of all. Nothing is written."""
    audited = run(options)
    mender = Mender(audited, options)
    new = [
        one for one in apart(audited.report.findings) if one.state is State.NEW and (not checks or one.check in checks)
    ]
    found = [mender.edited(one) for one in new]
    ready = [one for one in found if one.fix is not None and one.fix.edits and (unsafe or one.fix.safe)]
    held = [one for one in found if one.fix is not None and one.fix.edits and not (unsafe or one.fix.safe)]
    mended, left = mender.helping(ready)
    # Those whose place another fix changes may be gone with it.
    remaining = mender.remaining(mended)
    return Mending(
        report=audited.report,
        project=audited.project,
        files=mender.files(mended),
        mended=tuple(mended),
        unsafe=tuple(held),
        left=tuple((one, why) for one, why in left if one.fingerprint in remaining),
        by_hand=tuple(one for one in found if one.fix is None or not one.fix.edits),
        mask=LineMask(audited.project.environments),
        mask_of_exports=JsonLineMask(audited.project.exports),
    )


class Mender:
    """Edits of the findings of one run."""

    def __init__(self, audited: Audited, options: Options) -> None:
        self._audited = audited
        self._options = options
        self._store = options.store or Folder(options.root)
        self._texts = FileTexts(self._store)
        self._environments = {env.name: env for env in audited.project.environments}
        self._before = Counter(finding.fingerprint for finding in audited.findings)

    def edited(self, finding: Finding) -> Finding:
        """The finding with the edits of its fix."""
        if finding.fix is not None and finding.fix.rows:
            return replace(finding, fix=edited_rows(finding, self._texts))
        return replace(finding, fix=edited(finding, self._environments, self._texts))

    def files(self, findings: Iterable[Finding]) -> tuple[EditedFile, ...]:
        """The files that the findings' edits change. Raises `OverlapError`."""
        edits: dict[str, list[Edit]] = {}
        for finding in findings:
            for edit in finding.fix.edits if finding.fix else ():
                edits.setdefault(edit.location.path, []).append(edit)
        found = []
        for path in sorted(edits):
            before = self._texts.text(path) or ""
            found.append(EditedFile(path, before, after(path, before, edits[path])))
        return tuple(found)

    def helping(self, findings: list[Finding]) -> tuple[list[Finding], list[tuple[Finding, str]]]:
        """The findings whose edits help together, and the others, each with the reason."""
        kept: list[Finding] = []
        left: list[tuple[Finding, str]] = []
        waiting = [findings] if findings else []
        while waiting:
            group = waiting.pop(0)
            why = self.trouble([*kept, *group])
            if not why:
                kept += group
            elif len(group) == 1:
                left.append((group[0], self.trouble(group) or "it changes with the others: run `fix` again after them"))
            else:
                middle = len(group) // 2
                waiting[:0] = [group[:middle], group[middle:]]
        return kept, left

    def remaining(self, findings: list[Finding]) -> frozenset[str]:
        """What is found after the edits of some findings, by fingerprint."""
        if not findings:
            return frozenset(self._before)
        return frozenset(finding.fingerprint for finding in self._after(findings).findings)

    def _after(self, findings: list[Finding]) -> Audited:
        texts = {file.path: file.after for file in self.files(findings)}
        return run(replace(self._options, store=EditedStore(self._store, texts), target=None))

    def trouble(self, findings: list[Finding]) -> str:
        """Why the edits of these findings do not help, a phrase; "" if they do."""
        try:
            judged = self._after(findings)
        except OverlapError:
            return "its edits change one place twice"
        # Rows that say nearly the same have one fingerprint.
        there = Counter(finding.fingerprint for finding in judged.findings)
        left = self._before - Counter(finding.fingerprint for finding in findings)
        if any(there[finding.fingerprint] > left[finding.fingerprint] for finding in findings):
            return "the edit alone does not resolve it"
        caused = sorted({one.check for one in judged.findings if one.fingerprint not in self._before})
        if caused:
            return f"the edit would cause another finding: {', '.join(caused)}"
        if set(judged.report.problems) - set(self._audited.report.problems) or self._names(judged) != self._names(
            self._audited
        ):
            return "after the edit a file could not be read"
        return ""

    @staticmethod
    def _names(audited: Audited) -> frozenset[str]:
        return frozenset(env.name for env in audited.project.environments)
