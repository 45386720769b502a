"""The files that `init` writes: a workflow and a config in which every key is explained."""

from __future__ import annotations

import json
from typing import Final

from directus_guard.lazy_pattern import lazy_pattern

CHECKOUT: Final = "actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1"
_PLAIN: Final = lazy_pattern(r"[A-Za-z][\w./-]*\Z")
_WORDS: Final = frozenset({"on", "off", "yes", "no", "true", "false", "null", "y", "n"})
"""What YAML takes for a boolean, or for nothing."""
_WORKFLOW: Final = """\
# The findings of directus-guard in pull requests: only what a change brings along fails the job.
# Make the job `directus-guard` a required check, and it blocks the merge.
name: directus-guard

on:
  pull_request:
  merge_group:
  push:
    branches: [{branch}]

permissions: {{}}

concurrency:
  group: directus-guard-${{{{ github.ref }}}}
  cancel-in-progress: true

jobs:
  directus-guard:
    name: directus-guard
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read
      security-events: write # code scanning gets the report
    steps:
      - uses: {checkout}
        with:
          fetch-depth: 2 # the merge commit and its first parent, the base
          persist-credentials: false
      - uses: {uses}
        with:
          new-only: true
"""
_CONFIG: Final = """\
# How directus-guard judges this repository. Every key is optional, and all of them are explained here.
# In a pull request the config of the base counts: a change cannot weaken its own gate.

# Severity from which a finding fails the run: critical, high, medium, low or none.
# fail-on: high

# Severity from which access that a pull request grants, and its base does not, fails the run, too.
# new-access: medium

# Findings below are not reported: critical, high, medium or low.
# min-severity: low

# Findings that are less sure are not reported: high, medium or low.
# min-confidence: low

{incomplete}

# Paths that are not read.
# exclude: [legacy/**]

# The version and the edition of Directus (core or licensed), if no file has them.
# directus-version: 12.4.1
# edition: core

# What deployments are for: production, unknown, development or example. The first two fail the run.
# context:
#   staging/**: development

# Limits that some checks judge by.
# thresholds:
#   files-max-upload-size: 1gb

# Where the files of directus-guard are on the web: reports then link to the pages of the checks.
# documentation: https://github.com/OWNER/directus-guard/blob/COMMIT

# A check with another severity, or off. `directus-guard checks` lists them.
# checks:
#   script-operation: {{severity: off, reason: reviewed each quarter}}

# Access that is never, or only, granted. A permission that grants more is a finding.
# access:
#   - never: {{principal: "*", not: [Administrator], action: delete, collection: invoices, reason: bookkeeping law}}
#   - only: {{principal: public, action: read, collection: posts, fields: [id, title]}}

# Findings that are right as they are. The object is what follows `|` in the fingerprint.
# ignore:
#   - check: database-exposed
#     object: compose.yaml#directus database
#     reason: firewalled host
#     until: 2027-06-30
"""
_INCOMPLETE: Final = """\
# What happens if a file of the Directus project cannot be read: fail or warn.
"""


def workflow(uses: str, branch: str, path: str) -> str:
    """The workflow. `uses`: the Action with its revision; `path`: the folder to scan, "" = everything."""
    text = _WORKFLOW.format(checkout=CHECKOUT, uses=uses, branch=_scalar(branch))
    return f"{text}          path: {_scalar(path)}\n" if path else text


def config(unread: tuple[str, ...] = ()) -> str:
    """The config. `unread`: files of the project that cannot be read today, for which the run only warns."""
    if not unread:
        return _CONFIG.format(incomplete=f"{_INCOMPLETE}# incomplete: fail")
    listed = "".join(f"# - {json.dumps(path)[1:-1]}\n" for path in unread)
    return _CONFIG.format(
        incomplete=f"{_INCOMPLETE}# Today these cannot be read. Repair them, then remove this key:\n{listed}incomplete: warn"
    )


def _scalar(text: str) -> str:
    """The text as a YAML scalar that stays a text."""
    return text if _PLAIN.match(text) and text.lower() not in _WORDS else json.dumps(text)
