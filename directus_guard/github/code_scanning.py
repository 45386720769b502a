"""Hands a SARIF log to GitHub's code scanning, waits for what comes of it, and says in one sentence why not.

Limits and answers: GitHub's "SARIF support for code scanning"; order of work and waiting as github/codeql-action
(`src/upload-lib.ts`). A refusal is never an error of the job: the findings decide it.
"""

from __future__ import annotations

import base64
import gzip
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from msgspec import Struct

from directus_guard.github.api import UnreachableError
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from directus_guard.github.api import Answer, Api
    from directus_guard.github.event import Event

MAX_BYTES: Final = 10 * 1000 * 1000
"""Of the log, compressed."""
MAX_RESULTS: Final = 25_000
MAX_RULES: Final = 25_000
MAX_TAGS: Final = 20
MAX_LOCATIONS: Final = 1_000
MAX_FLOW_LOCATIONS: Final = 10_000
WAITS: Final = (5.0, 10.0, 20.0, 40.0, 80.0)
"""Seconds between the looks at the processing: 5, 15, 35, 75 and 155 after the upload."""
PERMISSION: Final = "`security-events: write`"


class UploadOutcome(Struct, frozen=True):
    """What became of an upload: GitHub's id of it ("" = it took none), and what is to be said ("" = all is well)."""

    sarif_id: str = ""
    trouble: str = ""
    expected: bool = False
    """The trouble is how the repository is set up: worth a notice, not a warning."""


def upload(
    api: Api, event: Event, log: Mapping[str, object], text: str, *, head: str, root: str, started: datetime
) -> UploadOutcome:
    """Upload `log`, whose JSON is `text`. `head`: the commit that was judged; `root`: its folder, absolute."""
    ref, commit = event.analysed(head)
    if not ref.startswith("refs/") or not commit:
        return UploadOutcome(
            trouble=f"Code scanning: the event `{event.name}` belongs to no branch, so there was nothing to upload to.",
            expected=True,
        )
    packed = gzip.compress(text.encode(), 9, mtime=0)
    beyond = "; ".join(over_limits(log, len(packed)))
    if beyond:
        return UploadOutcome(
            trouble=f"Code scanning: GitHub would refuse the report, so it was not uploaded: {beyond}. Scan the parts of the repository in jobs of their own, each with its `category`."
        )
    body = {
        "commit_sha": commit,
        "ref": ref,
        "sarif": base64.b64encode(packed).decode(),
        "checkout_uri": f"file://{quote(root)}",
        "started_at": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tool_name": "directus-guard",
    }
    try:
        answer = api.call("POST", f"/repos/{event.repository}/code-scanning/sarifs", body)
        if not answer.ok:
            return UploadOutcome(
                trouble=f"Code scanning: {refusal(answer, event, ref, commit)}", expected=_is_setting(answer)
            )
        sarif_id = answer.text("id")
        if not sarif_id:
            return UploadOutcome(
                trouble="Code scanning: GitHub took the report but named no id, so its processing is not known."
            )
        return UploadOutcome(sarif_id, _processing(api, event, sarif_id))
    except UnreachableError as error:
        return UploadOutcome(
            trouble=f"Code scanning: GitHub gave no answer ({error}). The report was not uploaded; run the job again."
        )


def over_limits(log: Mapping[str, object], size: int) -> Iterator[str]:
    """Each of GitHub's limits that the log exceeds, with its measure."""
    runs = _list(log.get("runs"))
    if size > MAX_BYTES:
        yield f"{size / 1e6:.1f} MB compressed, at most {MAX_BYTES // 10**6}"
    for run in runs:
        results = _list(run.get("results"))
        rules = _list(_get(run, "tool", "driver", "rules"))
        flows = [_list(_get(thread, "locations")) for result in results for flow in _list(result.get("codeFlows"))
                 for thread in _list(flow.get("threadFlows"))]  # fmt: skip
        for what, number, most in (
            ("results", len(results), MAX_RESULTS),
            ("rules", len(rules), MAX_RULES),
            ("tags of a rule", _most(_get(rule, "properties", "tags") for rule in rules), MAX_TAGS),
            ("locations of a result", _most(result.get("locations") for result in results), MAX_LOCATIONS),
            ("steps of a result", _most(flows), MAX_FLOW_LOCATIONS),
        ):
            if number > most:
                yield f"{number:,} {what}, at most {most:,}"


def _processing(api: Api, event: Event, sarif_id: str) -> str:
    """Wait for GitHub to process the report. What is wrong with it; "" if nothing, or nothing that is known yet."""
    for wait in WAITS:
        api.sleep(wait)
        try:
            answer = api.call("GET", f"/repos/{event.repository}/code-scanning/sarifs/{sarif_id}")
        except UnreachableError:
            continue
        status = answer.text("processing_status")
        if status == "complete":
            return ""
        if status == "failed":
            errors = answer.data.get("errors") if isinstance(answer.data, dict) else None
            return f"Code scanning: {rejection([str(error) for error in errors] if isinstance(errors, list) else [])}"
    return (
        "Code scanning: GitHub took the report and was still processing it after 155 seconds; its alerts appear later."
    )


_DISABLED: Final = lazy_pattern(
    r"(?:Code Security|Advanced Security) must be enabled|Code Scanning is not enabled", re.IGNORECASE
)
_NO_COMMIT: Final = lazy_pattern(r"commit not found|No commit found", re.IGNORECASE)
_NO_REF: Final = lazy_pattern(r"ref .{0,300}not found in this repository", re.IGNORECASE)
_RATE: Final = lazy_pattern(r"rate limit", re.IGNORECASE)


def _is_setting(answer: Answer) -> bool:
    return bool(_DISABLED.search(answer.message))


def refusal(answer: Answer, event: Event, ref: str, commit: str) -> str:
    """Why GitHub did not take the report, and what to change: one sentence or two."""
    said = answer.message
    if _DISABLED.search(said):
        return (
            "it is not enabled for this repository, so the findings are in the annotations, the summary and the SARIF"
            " file only. Private and internal repositories need GitHub Code Security: Settings > Advanced Security >"
            " Code scanning; or set the input `upload-sarif: false`."
        )
    if answer.status == 429 or _RATE.search(said):
        return "GitHub's rate limit for the token is used up; run the job again later."
    if "Resource not accessible" in said:
        why = event.cannot_write or f"the job's token may not upload; add {PERMISSION} to the job's `permissions`"
        return f"{why}."
    if answer.status == 401 or "Bad credentials" in said or "Requires authentication" in said:
        return f"GitHub did not accept the token. Leave the input `github-token` at its default and give the job {PERMISSION}."
    if _NO_COMMIT.search(said):
        return f"GitHub does not know the commit {commit}. Check out what the event is about: actions/checkout without `ref`, and no commits of the job's own."
    if _NO_REF.search(said):
        return f"`{ref}` is gone: the branch was deleted or the pull request closed meanwhile, or another `ref` was checked out."
    if answer.status == 404:
        return f"the token cannot see code scanning of {event.repository}. Give the job `contents: read` and {PERMISSION}; on a server of your own, code scanning must be enabled there."
    if answer.status == 403:
        return f"GitHub forbids the upload: {said or 'it gives no reason'}. The job needs {PERMISSION}."
    if answer.status == 413:
        return "GitHub found the report too large. Scan the parts of the repository in jobs of their own, each with its `category`."
    if answer.status >= 500:
        return f"GitHub failed ({answer.status}) four times; run the job again."
    return f"GitHub refused the report ({answer.status}: {said or 'no reason given'}). Please report this as a bug of directus-guard."


def rejection(errors: Sequence[str]) -> str:
    """Why GitHub's processing threw the report away."""
    said = "; ".join(errors) or "no reason given"
    if "too many logical alerts" in said:
        return "the repository has reached GitHub's limit of alerts, and all uploads are refused until GitHub's support clears it."
    if "unsuccessful execution" in said:
        return "GitHub takes the scan for a failed one. Please report this as a bug of directus-guard."
    if "advanced configurations" in said:
        return f"GitHub's default setup of CodeQL blocks the upload: {said}. Switch to the advanced setup, or switch it off."
    if "multiple runs with the same category" in said or "same category" in said:
        return "another report with the same category came with this one; give each step its own `category`."
    if re.search(r"rejecting SARIF|invalid URI|expected artifact location|could not convert", said):
        return f"GitHub cannot read the report ({said}). Please report this as a bug of directus-guard."
    return f"GitHub could not process the report: {said}."


def _list(value: object) -> list[Mapping[str, object]]:
    return value if isinstance(value, list) else []


def _get(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _most(lists: Iterator[object] | Sequence[object]) -> int:
    return max((len(item) for item in lists if isinstance(item, list)), default=0)
