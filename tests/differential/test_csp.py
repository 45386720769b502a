"""helmet, lodash, camelcase and @directus/env, joined by Directus' own code, against our header."""

from __future__ import annotations

from pathlib import Path

import pytest

from directus_guard.directus.environment.csp import ASSETS, MAIN, Csp, effective_csp
from directus_guard.directus.versions import Version
from tests.support.csp import variables
from tests.support.programs import node, npm, npm_tarball

pytestmark = pytest.mark.real

SETS = 400


GENERATIONS = [
    (Version(10, 13, 4), "21.0.2", "helmet-7", "env-1"),
    (Version(11, 17, 4), "35.2.0", "helmet-8", "env-5"),
    (Version(12, 4, 1), "39.2.1", "helmet-8", "env-6"),
]


def test_the_header_is_the_one_directus_sends() -> None:
    modules = npm(
        "helmet-7@npm:helmet@7.1.0", "helmet-8@npm:helmet@8.1.0", "lodash-es@4.18.1", "camelcase@8.0.0",
        "env-1@npm:@directus/env@1.3.2", "env-5@npm:@directus/env@5.8.0", "env-6@npm:@directus/env@6.3.0",
        "utils-39@npm:@directus/utils@13.5.5",
    )  # fmt: skip
    groups = [
        {
            "api": str(npm_tarball(f"@directus/api@{api}")),
            "helmet": helmet,
            "env": env,
            "prefix": f"{prefix}_" if prefix == MAIN else prefix,
            "cases": [variables(seed, prefix) for seed in range(SETS)],
        }
        for _, api, helmet, env in GENERATIONS
        for prefix in (MAIN, ASSETS)
    ]
    answers = node(Path(__file__).with_name("csp.mjs"), groups, modules)
    assert isinstance(answers, list)
    wanted = [(version, prefix) for version, *_ in GENERATIONS for prefix in (MAIN, ASSETS)]
    sent = refused = 0
    for (version, prefix), group, answer in zip(wanted, groups, answers, strict=True):
        for case, theirs in zip(group["cases"], answer, strict=True):
            ours = effective_csp(case, version, prefix=prefix)  # type: ignore[arg-type]  # made above
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
