"""Code as people write it around Directus' SDK, and what the four checks of code say to each piece.

`code_idioms.txt` has one file per block: its name, `|`, and the expected answers: the letter of the check and the line,
`?` for *not evaluated*, `-` for nothing. `@REAL@` stands for a text that looks like a token.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.finding import Status
from tests.support.cli import write
from tests.support.each import each_case

LETTERS: Final = {
    "asset-token-in-url": "U",
    "asset-token-in-markup": "M",
    "token-in-url": "T",
    "public-token": "P",
}
BLOCKS: Final = Path(__file__).with_name("code_idioms.txt").read_text(encoding="utf-8").split("\n=====\n")


@each_case("block", BLOCKS)
def test_idiom(tmp_path: Path, block: str) -> None:
    head, _, text = block.partition("\n")
    name, _, expected = head.partition(" | ")
    files = {
        "package.json": '{"dependencies": {"@directus/sdk": "^17.0.0"}}',
        name: text.replace("@REAL@", "PqLh4sXlyNo3PeiJu8H5oMGSObdGZEnr"),
    }
    report = audit(Options(root=write(tmp_path, files)))
    found = {f"{LETTERS[item.check]}{item.location.line}" for item in (*report.findings, *report.nonproduction)}
    found |= {f"{LETTERS[item.check]}?" for item in report.outcomes if item.status is Status.NOT_EVALUATED}
    assert found == set(expected.split()) - {"-"}
