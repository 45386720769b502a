"""`csp-ineffective` names every CSP variable without which the header is the same, unless the header says what it spells."""

from __future__ import annotations

import pytest

from directus_guard.audit.judge import ask_environment
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import EnvironmentCheck
from directus_guard.checks.result import Failure
from directus_guard.directus.environment.csp import ASSETS, MAIN, Csp, directive_names, effective_csp
from directus_guard.directus.versions import Version
from tests.support.csp import variables
from tests.support.environments import environment, variable

SETS = (range(200), pytest.param(range(200, 600), marks=pytest.mark.thorough))


@pytest.mark.parametrize("version", [Version(10, 13, 4), Version(11, 17, 4), Version(12, 4, 1)])
@pytest.mark.parametrize("prefix", [MAIN, ASSETS])
@pytest.mark.parametrize("seeds", SETS, ids=["some", "many"])
def test_each_variable_that_does_nothing_is_named(version: Version, prefix: str, seeds: range) -> None:
    check = catalogue()["csp-ineffective"]
    assert isinstance(check, EnvironmentCheck)
    nothing = broken = 0
    for seed in seeds:
        texts = dict(sorted((name, text) for name, text in variables(seed, prefix).items() if name != "UNRELATED"))
        env = environment(*(variable(name, text) for name, text in texts.items()), version=version)
        named = {answer.subject.details[1][1] for answer in ask_environment(check, env) if isinstance(answer, Failure)}
        policy = effective_csp(texts, version, prefix=prefix)
        if not isinstance(policy, Csp):
            broken += 1
            assert named, (seed, texts)
            continue
        directives = dict(directive_names(texts, prefix))
        for name, text in texts.items():
            without = effective_csp({k: v for k, v in texts.items() if k != name}, version, prefix=prefix)
            same = isinstance(without, Csp) and without.header == policy.header
            directive = directives.get(name)
            if not same or name.upper().endswith(("_REPORT_ONLY", "_USE_DEFAULTS")):
                continue
            spelled = text.removeprefix("array:").removeprefix("string:").replace(",", " ").split()
            said = list(policy.directives.get(directive, ())) if directive else None
            if said is not None and (spelled == said or directive not in policy.directives):
                continue
            nothing += 1
            assert name in named, (seed, texts, policy.header)
    assert nothing > 20
    assert broken > 20
