"""What a pull request adds is shown in its diff, and is the same alert after the merge."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from directus_guard.audit.line_hashes import line_hashes
from directus_guard.audit.options import Base, Options
from directus_guard.audit.rules import rules
from directus_guard.audit.run import audit
from directus_guard.report import markdown, sarif
from directus_guard.report.github_annotations import annotation
from directus_guard.report.words import OUTSIDE_THE_DIFF
from directus_guard.sources.files.git import resolve
from tests.github.site import EDITOR, export, row
from tests.support.each import each_case
from tests.support.git import commit, git, new_repository

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.finding import Finding, Report

OWN = {"id": {"_eq": "$CURRENT_USER"}}
DRAFTS = {"_and": [{"author": {"_eq": "$CURRENT_USER"}}, {"status": {"_eq": "draft"}}]}
COMPOSE = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      KEY: k
      SECRET: ${SECRET:?}
      PUBLIC_URL: https://cms.example.com
"""


class Change:
    """A pull request on its merge commit, and the scans of it."""

    def __init__(self, folder: Path, before: dict[str, str], after: dict[str, str]) -> None:
        self.folder = new_repository(folder)
        self.base = commit(folder, before)
        git(folder, "switch", "-q", "-c", "change")
        commit(folder, after)
        git(folder, "switch", "-q", "main")
        git(folder, "merge", "-q", "--no-ff", "-m", "merge", "change")

    def pull(self) -> Report:
        """The report of the pull request."""
        tree = resolve(self.folder, self.base).tree()
        return audit(Options(root=self.folder, base=Base("main", tree)))

    def merged(self) -> Report:
        """The report of the push after the merge."""
        return audit(Options(root=self.folder))

    def new(self, check: str) -> Finding:
        """The new finding of a check."""
        (finding,) = (one for one in self.pull().findings if one.check == check and one.state.value == "new")
        return finding

    def result(self, report: Report, check: str) -> dict[str, Any]:
        """What the SARIF file says of a check."""
        log: Any = sarif.log(report, rules(), "", line_hashes(Options(root=self.folder), report))
        (result,) = (one for one in log["runs"][0]["results"] if one["ruleId"] == check)
        return dict(result)

    def line(self, finding: Finding) -> str:
        """The line that a finding is shown at."""
        text = (self.folder / finding.location.path).read_text(encoding="utf-8")
        return text.split("\n")[finding.location.line - 1].strip()


def region(result: dict[str, Any]) -> dict[str, Any]:
    place = result["locations"][0]["physicalLocation"]["region"]
    assert place["startLine"] == place["endLine"]
    return dict(place)


CHANGES = {
    "one word": (row("directus_users", "update", OWN, "email"), row("directus_users", "update", OWN, "email", "role"), "users-update", '"role"'),
    "a rule that is dropped": (row("articles", "update", DRAFTS), row("articles", "update", {"_or": [{}]}), "rule-without-effect", '"_or": ['),
    "the action": (row("directus_roles", "read", None), row("directus_roles", "update", None), "roles-write", '"action": "update",'),
    "the collection": (row("articles", "update", None), row("directus_roles", "update", None), "roles-write", '"collection": "directus_roles",'),
}  # fmt: skip


@each_case("name", CHANGES)
def test_a_new_finding_is_in_the_diff_and_the_same_alert_after_the_merge(tmp_path: Path, name: str) -> None:
    before, after, check, line = CHANGES[name]
    change = Change(tmp_path, export(before), export(after))
    finding = change.new(check)
    assert change.line(finding) == line
    assert finding.in_diff is True
    assert OUTSIDE_THE_DIFF not in annotation(finding)
    pull, merged = change.result(change.pull(), check), change.result(change.merged(), check)
    assert region(pull)["startLine"] == finding.location.line
    assert pull["partialFingerprints"] == merged["partialFingerprints"]
    assert region(merged)["startLine"] == (finding.home or finding.location).line
    assert finding.frame is not None
    assert finding.frame.line == finding.location.line
    places = {one.location for one in finding.related}
    assert finding.home is None or finding.home in places


def test_what_a_row_of_a_new_policy_allows_is_shown_where_it_is_attached(tmp_path: Path) -> None:
    before = export(row("directus_users", "update", OWN, "email", "role"))
    access = json.loads(before["directus/access.json"])
    without = [one for one in access if one["policy"] != EDITOR["id"]]
    change = Change(tmp_path, {**before, "directus/access.json": json.dumps(without, indent=2)}, before)
    finding = change.new("users-update")
    assert finding.in_diff is False
    assert OUTSIDE_THE_DIFF in annotation(finding)


def test_what_is_deleted_has_no_line(tmp_path: Path) -> None:
    change = Change(
        tmp_path,
        {"compose.yaml": COMPOSE},
        {"compose.yaml": COMPOSE.replace("      SECRET: ${SECRET:?}\n", "")},
    )
    finding = change.new("secret-missing")
    assert finding.in_diff is False
    assert OUTSIDE_THE_DIFF in annotation(finding)
    report = change.pull()
    page = io.StringIO()
    markdown.write(report, rules(), page)
    assert OUTSIDE_THE_DIFF in page.getvalue()
    assert (
        change.result(report, "secret-missing")["partialFingerprints"]
        == change.result(change.merged(), "secret-missing")["partialFingerprints"]
    )


def test_what_the_base_has_stays_where_it_is(tmp_path: Path) -> None:
    old = row("directus_users", "update", OWN, "email", "role")
    change = Change(tmp_path, export(old), export({**old, "fields": ["email", "role", "title"]}))
    (finding,) = (one for one in change.pull().findings if one.check == "users-update")
    assert finding.in_diff is None
    assert change.line(finding) == '"role",'


def test_a_file_that_moved_has_the_lines_that_changed(tmp_path: Path) -> None:
    before = export(row("directus_users", "update", OWN, "email"), row("articles", "read", None))
    after = export(row("directus_users", "update", OWN, "email", "role"), row("articles", "read", None))
    change = Change(tmp_path, before, {path.replace("directus/", "cms/"): text for path, text in after.items()})
    for path in before:
        git(tmp_path, "rm", "-q", path)
    git(tmp_path, "commit", "-q", "--amend", "-m", "merge")
    assert change.line(change.new("users-update")) == '"role"'
