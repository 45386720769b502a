"""What all checks say of an example with a small mistake in one of its files: a digest of the report is kept.

`tests/support/variants.py` draws the mistakes, `tests/support/kept_digests.py` says how two reports are compared.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from directus_guard.config import ConfigError
from tests.support.check_examples import EXAMPLES, audited, named
from tests.support.kept_answers import text_of_report
from tests.support.kept_digests import KeptDigests
from tests.support.sampling import one_in
from tests.support.variants import variants

VARIED: Final = KeptDigests(Path(__file__).with_name("varied_examples.txt"))
"""`UPDATE_SNAPSHOTS=1` takes today's."""


@pytest.mark.parametrize("example", tuple(one_in(4, EXAMPLES, "varied", every=False)), ids=named)
def test_an_example_with_a_mistake(tmp_path: Path, example: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(example, project)
    (project / "expect.txt").unlink(missing_ok=True)
    for file in variants(project, named(example), 1):
        root = tmp_path / "root"
        try:
            said = text_of_report(audited(project, root).report, root)
        except ConfigError as error:
            said = str(error)
        VARIED.assert_as_kept(named(example), f"{file} {said}")
