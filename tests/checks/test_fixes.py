"""What a finding about a variable says to change is carried out on its example: then the finding is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.audit.judge import ask_environment
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import EnvironmentCheck, ProjectCheck
from directus_guard.checks.result import Failure
from directus_guard.directus.environment.loading import gaps_of, load
from tests.support.check_examples import EXAMPLES, project
from tests.support.each import each_case, failing
from tests.support.fixes import carried_out, upgraded
from tests.support.prose import sentences, words
from tests.support.texts import MOST_WORDS, VERBS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from directus_guard.checks.declaration import Check
    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.project import Project
    from directus_guard.directus.versions import Version

SERVER: Final = {check.id: check for check in catalogue().values() if check.chapter == "server"}
OTHER_PLACES: Final = frozenset(
    {"csp-ineffective", "extensions-writable", "flows-env-allow-list", "hardening-defaults", "insecure-fallback", "shadowed-variable", "sso-registration"}
)  # fmt: skip
"""Checks whose findings may ask for a change of something else than a variable's value: a mount, a flow, a line, a role, names."""
FAILING: Final = [path for path in EXAMPLES if path.parent.name in SERVER and path.name.startswith("fail")]


def failures(
    check: EnvironmentCheck | ProjectCheck, project: Project, env: Environment
) -> Iterator[tuple[Environment, Failure]]:
    """What the check finds about the deployment."""
    if isinstance(check, EnvironmentCheck):
        yield from ((env, answer) for answer in ask_environment(check, env) if isinstance(answer, Failure))
    else:
        yield from ((env, answer) for about, answer in check.judge(project) if about is env and isinstance(answer, Failure))  # fmt: skip


def after(env: Environment, deployment: Deployment, version: Version) -> Environment:
    settings = load(deployment, version)
    return replace(env, deployment=deployment, settings=settings, gaps=gaps_of(deployment), version=version)


@each_case("example", FAILING, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_fix_helps(example: Path) -> None:
    check = SERVER[example.parent.name]
    assert isinstance(check, (EnvironmentCheck, ProjectCheck))
    whole = project(example)
    found = [item for env in whole.environments for item in failures(check, whole, env)]
    assert found
    for env, failure in found:
        if env.deployment.config_file is not None:
            continue
        assert failure.fix is not None
        fix = failure.fix.description
        deployment, versions = carried_out(fix, env.deployment), upgraded(fix)
        if deployment is None and not versions:
            assert check.id in OTHER_PLACES, fix
            continue
        for version in versions or [env.version]:
            better = after(env, deployment or env.deployment, version)
            others = tuple(better if other is env else other for other in whole.environments)
            left = failures(check, replace(whole, environments=others), better)
            assert failure.subject not in [answer.subject for _, answer in left], fix


def test_the_page_opens_with_what_to_do() -> None:
    assert failing(SERVER.values(), opens_with_advice) == []


def opens_with_advice(check: Check) -> None:
    page = check.page()
    assert f"\n**{check.title}.** {check.summary}\n" in page
    advice = page.split("## How to fix it\n\n")[1]
    assert advice.split()[0] in VERBS
    long = [sentence for sentence in sentences(page) if words(sentence) > MOST_WORDS]
    assert not long
