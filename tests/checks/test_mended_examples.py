"""Every example: where its finding has edits, they resolve it, change only what they name, and cause nothing else.

The table of docs/fixes.md is what comes out: `UPDATE_SNAPSHOTS=1` writes it.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from directus_guard.audit.mending import Mender
from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.checks import catalogue
from directus_guard.edits.edited_store import EditedStore
from directus_guard.sources.files.folder import Folder
from tests.support.check_examples import EXAMPLES, from_config, named
from tests.support.programs import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.finding import Finding

FAILING: Final = [path for path in EXAMPLES if path.name.startswith("fail")]
PAGE: Final = ROOT / "docs" / "fixes.md"
OF_ENVIRONMENTS: Final = ("server", "deployment")
REFUSED: Final[dict[str, str]] = {
    "csp-custom-css": "csp-directives asks for the other directives, too",
    "csp-ineffective": "csp-directives asks for the other directives, too",
    "import-ip-deny-list-invalid": "what is left blocks less than the default",
    "public-read-drafts": "public-read lists what visitors still read with all its fields",
    "public-url": "with https it is production, where a secret is missing",
}
"""Checks with an example whose edits `fix` does not make, because another finding would follow."""


def options_for(example: Path, root: Path) -> Options:
    """The options of a run on a copy outside of git."""
    shutil.copytree(example, root, dirs_exist_ok=True)
    return Options(root=root, include_nonproduction=True, **from_config(root))


KINDS: Final[dict[Path, tuple[tuple[str, str], ...]]] = {}
"""What `mender` found of the examples that were tried in this process: the check of each finding, and what its fix is."""


def mender(options: Options) -> tuple[Mender, tuple[Finding, ...]]:
    audited = run(options)
    found = Mender(audited, options)
    return found, tuple(map(found.edited, audited.report.findings))


def count(finding: Finding, findings: tuple[Finding, ...]) -> int:
    """How many findings have the same fingerprint."""
    return sum(one.fingerprint == finding.fingerprint for one in findings)


def kind(finding: Finding) -> str:
    if finding.fix is None or not finding.fix.edits:
        return "sentence"
    return "safe" if finding.fix.safe else "unsafe"


def kinds(findings: tuple[Finding, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((finding.check, kind(finding)) for finding in findings)


@pytest.mark.thorough
@pytest.mark.parametrize("example", FAILING, ids=named)
def test_edits_help(example: Path, tmp_path: Path) -> None:
    options = options_for(example, tmp_path)
    mend, findings = mender(options)
    KINDS[example] = kinds(findings)
    for finding in findings:
        if finding.check != example.parent.name:
            continue
        if kind(finding) == "sentence" or finding.fix is None:
            continue
        told = " ".join((finding.title, finding.fix.description, *finding.details))
        assert all(getattr(change, "name", "") in told for change in finding.fix.settings)
        why = mend.trouble([finding])
        if why:
            assert finding.check in REFUSED, why
            assert "another finding" in why
            continue
        files = mend.files([finding])
        for file in files:
            changed = sum(
                line[:1] in "+-" and line[:3] not in ("+++", "---")
                for line in difflib.unified_diff(file.before.split("\n"), file.after.split("\n"), n=0)
            )
            edits = [edit for edit in finding.fix.edits if edit.location.path == file.path]
            lines = sum(edit.text.count("\n") + edit.location.end_line - edit.location.line + 2 for edit in edits)
            assert 0 < changed <= lines
        store = EditedStore(Folder(tmp_path), {file.path: file.after for file in files})
        again, after = mender(replace(options, store=store))
        assert count(finding, after) < count(finding, findings)
        assert again.files([]) == ()


@pytest.mark.thorough
def test_the_table(tmp_path: Path) -> None:
    """Which checks have safe, unsafe or no edits, as the examples show."""
    found: dict[str, set[str]] = defaultdict(set)
    for number, example in enumerate(FAILING):
        if example not in KINDS:
            KINDS[example] = kinds(mender(options_for(example, tmp_path / str(number)))[1])
        for check_id, held_kind in KINDS[example]:
            found[check_id].add(held_kind)
    rows = []
    safe = edited = 0
    checks = sorted(catalogue().values(), key=lambda check: check.id)
    for check in checks:
        held = found[check.id]
        best = next((one for one in ("safe", "unsafe") if one in held), "sentence")
        also = sorted(held - {best}) if best != "sentence" else []
        rows.append(
            f"| [`{check.id}`](../directus_guard/checks/{check.chapter}/{check.id}.md) | {best} | {', '.join(also)} |"
        )
        if check.chapter in OF_ENVIRONMENTS:
            safe += best == "safe"
            edited += best != "sentence"
    count = sum(check.chapter in OF_ENVIRONMENTS for check in checks)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- table -->\n")
    _, _, after = rest.partition("<!-- end -->\n")
    figures = f"Of the {count} checks of environments and manifests {edited} have edits, {safe} of them safe ones.\n"
    table = "\n".join(("", figures, "| check | at best | also |", "|---|---|---|", *rows, "", ""))
    page = f"{before}<!-- table -->\n{table}<!-- end -->\n{after}"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page


def test_the_page_says_why_a_change_is_not_safe() -> None:
    text = PAGE.read_text(encoding="utf-8")
    _, _, rest = text.partition("## Why some have no safe change")
    reasons, _, table = rest.partition("## What each check has")
    named_there = re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| (`[^|]*) \|", reasons, re.MULTILINE)))
    best = dict(re.findall(r"^\| \[`([a-z-]+)`\]\S* \| (\w+) \|", table, re.MULTILINE))
    chapters = {check.id: check.chapter for check in catalogue().values()}
    assert sorted(named_there) == sorted(
        check for check, kind_ in best.items() if kind_ != "safe" and chapters[check] in OF_ENVIRONMENTS
    )
