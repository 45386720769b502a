"""helmet, lodash, camelcase and @directus/env, joined by Directus' own code, against our header."""

from __future__ import annotations

import pytest

from directus_guard.directus.environment.csp import ASSETS, MAIN, Csp, effective_csp
from tests.differential import real
from tests.support.csp import variables
from tests.support.generated import seeds

pytestmark = pytest.mark.real

SETS = 400


def test_the_header_is_the_one_directus_sends() -> None:
    cases = [(prefix, [variables(seed, prefix) for seed in seeds(SETS)]) for prefix in (MAIN, ASSETS)]
    sent = refused = 0
    answers = [
        (version, prefix, case, theirs)
        for (version, *_), groups in zip(real.POLICIES, real.csp(cases), strict=True)
        for (prefix, environments), group in zip(cases, groups, strict=True)
        for case, theirs in zip(environments, group, strict=True)
    ]
    for version, prefix, case, theirs in answers:
        ours = effective_csp(case, version, prefix=prefix)
        if "error" in theirs:
            refused += 1
            assert not isinstance(ours, Csp), (str(version), case, theirs, ours)
        else:
            sent += 1
            assert isinstance(ours, Csp), (str(version), case, theirs, ours)
            assert ours.header == theirs["value"], (str(version), case)
            assert ours.report_only is theirs["header"].endswith("-Report-Only"), (str(version), case)
    assert sent > 500
    assert refused > 200
