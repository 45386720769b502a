"""The Content-Security-Policy that Directus sends, for one variable at a time."""

from __future__ import annotations

from typing import Any, Final

import pytest

from directus_guard.directus.environment.csp import ASSETS, MAIN, Csp, effective_csp
from directus_guard.directus.versions import Version
from tests.support.recorded import load

ANSWERS: Final[list[dict[str, Any]]] = load("csp")


@pytest.mark.parametrize("prefix", [MAIN, ASSETS])
@pytest.mark.parametrize("version", [Version(10, 13, 4), Version(11, 17, 4), Version(12, 4, 1)], ids=str)
def test_the_header_is_the_recorded_one(version: Version, prefix: str) -> None:
    cases = [case for case in ANSWERS if (case["version"], case["prefix"]) == (str(version), prefix)]
    assert len(cases) > 20
    for case in cases:
        found = effective_csp(case["variables"], version, prefix=prefix)
        if "error" in case:
            assert not isinstance(found, Csp), case
            continue
        assert isinstance(found, Csp), case
        assert found.header == case["value"], case
        assert found.report_only is case["header"].endswith("-Report-Only"), case
