"""Writes a new check: its module, its page, and a folder of each kind of example. All of them fail until they are filled in.

`make new-check ID=log-level KIND=environment [CHAPTER=server]`
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Final, NamedTuple

from directus_guard.checks.modules import CHAPTERS

ROOT: Final = Path(__file__).resolve().parent.parent
ID: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
TO_FILL_IN: Final = "fill-in.txt"
"""Says what an example has to show; while it is there, the example's test fails."""
EXAMPLES: Final = {
    "fail-1": "A project in which the check finds something. `expect.txt` lists every `path:line` that it must name.",
    "pass-1": "A project that is right.",
    "unknown-1": "A project that does not show whether it is right.",
}


class Kind(NamedTuple):
    """What a check of one kind judges."""

    chapter: str
    """Where it is put unless another chapter is named."""
    parameters: str
    answer: str
    imports: str
    evidence: str = ""
    """What its decorator says besides, a line."""


KINDS: Final = {
    "environment": Kind(
        "server", "env: Environment", "CheckResult", "    from directus_guard.directus.environment.settings import Environment\n"
    ),
    "export": Kind("access", "export: Export", "CheckResult", "    from directus_guard.directus.export import Export\n"),
    "project": Kind(
        "code", "project: Project", "tuple[About, CheckResult]", "    from directus_guard.directus.project import Project\n",
        "    evidence=(ProjectPart.PACKAGES,),\n",
    ),
    "instance": Kind(
        "live", "instance: Instance, project: Project", "CheckResult",
        "    from directus_guard.directus.instance import Instance\n    from directus_guard.directus.project import Project\n",
    ),
}  # fmt: skip

MODULE: Final = '''"""Say in one sentence what must hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import {declared}
from directus_guard.finding import Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import {answers}
{imports}

@{kind}_check(
    "{id}",
{evidence}    severity=Severity.MEDIUM,
    title="Say what is wrong, in under 60 characters",
    summary="Say when it fails, in one or two sentences.",
    cwe=(Cwe.PROTECTION_FAILURE,),
    owasp=(OwaspRisk.API8,),
)
def {name}({parameters}) -> Iterator[{answer}]:
    # Yield a Failure for what is wrong, with what to change as its `fix`; NotEvaluated for what cannot be seen.
    # A check that yields nothing has passed.
    yield from ()
'''
PAGE: Final = """# {id}

**Title.** Summary.

## Why it matters

## What Directus does

## How to fix it

Fails:

Passes:

## Not evaluated
"""


def create(root: Path, name: str, kind: str, chapter: str = "") -> list[Path]:
    """Write the files of a check below `root`; the paths that were written.

    Raises `ValueError` where the id is no word of lower case, the kind or chapter is unknown, or the check exists.
    """
    if not ID.fullmatch(name):
        raise ValueError(f"`{name}` is no id: lower case words, joined by `-`")
    if kind not in KINDS:
        raise ValueError(f"`{kind}` is no kind of check: {', '.join(KINDS)}")
    of = KINDS[kind]
    chapter = chapter or of.chapter
    if chapter not in CHAPTERS:
        raise ValueError(f"`{chapter}` is no chapter: {', '.join(CHAPTERS)}")
    if list(root.glob(f"directus_guard/checks/*/{name}.md")):
        raise ValueError(f"there is a check `{name}` already")
    answers = "About, CheckResult" if "About" in of.answer else "CheckResult"
    function = name.replace("-", "_")
    folder, examples = root / "directus_guard" / "checks" / chapter, root / "tests" / "checks" / name
    files = {
        folder / f"{function}.py": MODULE.format(
            id=name,
            name=function,
            kind=kind,
            declared=f"ProjectPart, {kind}_check" if of.evidence else f"{kind}_check",
            evidence=of.evidence,
            answers=answers,
            answer=of.answer,
            parameters=of.parameters,
            imports=of.imports,
        ),
        folder / f"{name}.md": PAGE.format(id=name),
        examples / "fail-1" / "expect.txt": "",
        **{examples / example / TO_FILL_IN: f"{text}\n" for example, text in EXAMPLES.items()},
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def main() -> None:
    """Write the check that the arguments name."""
    parser = argparse.ArgumentParser(prog="make new-check", description=__doc__)
    parser.add_argument("--id", required=True)
    parser.add_argument("--kind", required=True)
    parser.add_argument("--chapter", default="")
    arguments = parser.parse_args()
    try:
        written = create(ROOT, arguments.id, arguments.kind, arguments.chapter)
    except ValueError as error:
        parser.error(str(error))
    print(*(path.relative_to(ROOT) for path in written), sep="\n")
    print(
        f"\nReplace each {TO_FILL_IN} by a project. Then: .venv/bin/python -m pytest tests/checks/test_examples.py -k {arguments.id}"
        "\nAt the end: make generate snapshots check"
    )


if __name__ == "__main__":
    main()
