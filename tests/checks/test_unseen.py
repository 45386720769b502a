"""The rule for unseen variables (`directus_guard/checks/unseen.py`), on every check that judges an environment.

Every example of every such check is made partly unseen. What the answer has to be is found by trying: the same check on
the same environment, wholly visible, with the unseen variable at its default and at every value that it has in any example.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace

from directus_guard.audit.judge import ask_environment
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import EnvironmentCheck, ProjectCheck
from directus_guard.checks.result import Failure, NotApplicable, NotEvaluated, fail
from directus_guard.checks.unseen import judge_at_defaults, judge_itself
from directus_guard.directus.environment.certainty import Certainty, certainty
from directus_guard.directus.environment.deployment import Unknown
from directus_guard.directus.environment.loading import gaps_of, load
from directus_guard.directus.gaps import unseen
from directus_guard.finding import Confidence, Location
from directus_guard.secret import Secret
from tests.support.check_examples import EXAMPLES, project
from tests.support.each import each_case
from tests.support.environments import environment, variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.project import Project

GONE: Final = "env_file `gone.env` is not in the repository"
OUTSIDE: Final = Unknown("`${X}` comes from outside the repository")


# --- the rule itself -------------------------------------------------------------------------------------------------


def both(env: Environment) -> Iterator[CheckResult]:
    """A check in two variables: it fails at B's default, `on`, and passes where B is `off`."""
    if env["A"].text == "bad" and env["B"].text != "off":
        yield fail(env, env["A"], message="A is bad.", expected="good")


def each(env: Environment) -> Iterator[CheckResult]:
    """A check that judges its variables one by one."""
    for name in ("A", "B"):
        if env[name].known and env[name].text == "bad":
            yield fail(env, env[name], message="It is bad.", expected="good")


def undone_together(env: Environment) -> Iterator[CheckResult]:
    if env["A"].text == "bad" and not (env["B"].is_set and env["C"].is_set):
        yield fail(env, env["A"], message="A is bad.", expected="good")


def listed(env: Environment) -> Iterator[CheckResult]:
    yield from (fail(env, s, message="", expected="") for s in dict(env.settings.items()).values() if s.text == "bad")


def elsewhere(env: Environment) -> Iterator[CheckResult]:
    """A check that answers for unseen variables itself, and names another place than the value's."""
    if env["A"].known and env["A"].text == "bad":
        yield fail(env, env["B"], message="A is bad.", expected="good")


def literal(env: Environment) -> Iterator[CheckResult]:
    """A check that answers for unseen variables itself."""
    if not env["A"].known:
        yield NotEvaluated("A is not known")
    elif env["A"].text == "bad":
        yield fail(env, env["A"], message="A is bad.", expected="good")


def test_visible_environments_are_judged_as_they_are() -> None:
    (found,) = judge_at_defaults(environment(variable("A", "bad")), both)
    assert isinstance(found, Failure)
    assert (found.confidence, found.message) == (Confidence.HIGH, "A is bad.")


@pytest.mark.parametrize(
    "env",
    [
        environment(variable("A", "bad"), gaps=(unseen(GONE),)),
        environment(variable("A", "bad"), variable("B", OUTSIDE, 7)),
    ],
)
def test_a_failure_at_the_defaults_names_what_would_undo_it(env: Environment) -> None:
    (found,) = judge_at_defaults(env, both)
    assert isinstance(found, Failure)
    assert found.confidence is Confidence.MEDIUM
    assert "`B`" in found.message
    assert env["B"].unknown_reason in found.message
    assert [item.location.line for item in found.related] == ([7] if "B" in env else [])


def test_a_failure_whatever_is_unseen_stays_certain() -> None:
    found = judge_at_defaults(environment(variable("A", "bad"), gaps=(unseen(GONE),)), each)
    assert [item.confidence for item in found if isinstance(item, Failure)] == [Confidence.HIGH]
    found = judge_at_defaults(environment(variable("A", OUTSIDE), variable("B", "bad")), each)
    assert [item.confidence for item in found if isinstance(item, Failure)] == [Confidence.HIGH]
    assert NotEvaluated(f"`A`: {OUTSIDE.reason}", Location("f", 1)) in found


def test_a_pass_at_the_defaults_is_not_evaluated() -> None:
    for check in (both, each, undone_together, listed):
        assert judge_at_defaults(environment(gaps=(unseen(GONE),)), check) == (NotEvaluated(GONE),)
    assert judge_at_defaults(environment(variable("A", OUTSIDE)), both) == (
        NotEvaluated(f"`A`: {OUTSIDE.reason}", Location("f", 1)),
    )


def test_a_pass_by_what_is_seen_stays_one() -> None:
    assert judge_at_defaults(environment(variable("A", "good"), gaps=(unseen(GONE),)), both) == ()
    assert judge_at_defaults(environment(variable("A", "good"), variable("B", OUTSIDE)), both) == ()


def test_variables_that_undo_it_only_together_are_all_named() -> None:
    (found,) = judge_at_defaults(environment(variable("A", "bad"), gaps=(unseen(GONE),)), undone_together)
    assert isinstance(found, Failure)
    assert "`B`, `C` are not visible here" in found.message


def test_a_fallback_is_a_value_that_is_seen() -> None:
    env = environment(variable("A", Unknown("`${X}` comes from outside the repository", Secret("bad"))))
    (found,) = judge_at_defaults(env, both)
    assert isinstance(found, Failure)
    assert found.confidence is Confidence.MEDIUM
    assert "fallback of `A`" in found.message


def test_a_value_that_an_unreadable_file_may_replace_is_seen() -> None:
    env = environment(variable("A", "bad"), config_file=OUTSIDE)
    for answers in (judge_at_defaults(env, both), judge_itself(env, literal)):
        (found,) = (answer for answer in answers if isinstance(answer, Failure))
        assert found.confidence is Confidence.MEDIUM
        assert "the value of `A` that is set here" in found.message
    fine = environment(variable("A", "good"), config_file=OUTSIDE)
    for answers in (judge_at_defaults(fine, both), judge_itself(fine, literal)):
        assert answers
        assert all(isinstance(answer, NotEvaluated) for answer in answers)


def test_a_failure_at_another_place_than_what_may_be_replaced() -> None:
    env = environment(variable("A", "bad", 3), config_file=OUTSIDE)
    (found,) = (answer for answer in judge_itself(env, elsewhere) if isinstance(answer, Failure))
    assert found.confidence is Confidence.MEDIUM
    assert (
        found.message
        == f"A is bad. Other variables are not visible here ({env.unseen}). They may resolve this finding."
    )


def test_certainty() -> None:
    def condition(env: Environment) -> bool:
        return env["A"].text == "on" and env["B"].text != "off"

    on, off = variable("A", "on"), variable("B", "off")
    assert certainty(environment(on), condition) is Certainty.YES
    assert certainty(environment(on, off), condition) is Certainty.NO
    assert certainty(environment(on, off, gaps=(unseen(GONE),)), condition) is Certainty.NO
    assert certainty(environment(on, gaps=(unseen(GONE),)), condition) is Certainty.BY_DEFAULT
    assert certainty(environment(gaps=(unseen(GONE),)), condition) is Certainty.UNSEEN
    assert certainty(environment(variable("A", OUTSIDE)), condition) is Certainty.UNSEEN


# --- every check -----------------------------------------------------------------------------------------------------

JOINS: Final = frozenset({"csp-custom-css", "file-import-ssrf", "sso-registration"})
"""Checks on a whole project that judge an environment by the rule."""
CHECKS: Final = {
    check.id: check
    for check in catalogue().values()
    if isinstance(check, EnvironmentCheck) or (isinstance(check, ProjectCheck) and check.id in JOINS)
}
MORE: Final = (
    "true", "false", "", "0", "1", "none", "lax", "public", "strict", "redis", "memory", "debug", "info", "'self'", "*", "null",
    "https://cms.example.com", "http://cms.example.com", "ldap", "google",
)  # fmt: skip
"""Values that any variable may have, besides those of the examples."""


@dataclass(frozen=True)
class Case:
    """One environment of an example, and how to judge it with its check."""

    example: Path
    check: EnvironmentCheck | ProjectCheck
    project: Project
    env: Environment
    known: dict[str, list[bool]] = field(default_factory=dict)
    """What `tried` found before, by variable."""

    def answers(self, deployment: Deployment) -> list[CheckResult]:
        """The check's answers where the deployment is this one. What it is for stays: only its variables are varied."""
        settings = load(deployment, self.env.version)
        env = replace(self.env, deployment=deployment, settings=settings, gaps=gaps_of(deployment))
        if isinstance(self.check, EnvironmentCheck):
            return list(ask_environment(self.check, env))
        others = tuple(env if other is self.env else other for other in self.project.environments)
        answers = self.check.judge(replace(self.project, environments=others))
        return [answer for about, answer in answers if about is env]

    @property
    def itself(self) -> bool:
        """Whether the check answers for unseen variables itself."""
        return isinstance(self.check, EnvironmentCheck) and self.check.itself

    def variants(self, name: str) -> Iterator[Deployment]:
        """The deployment, wholly visible, with each value that the variable may have; first its default."""
        deployment = replace(self.env.deployment, gaps=())
        rest = tuple(item for item in deployment.variables if item.name != name)
        yield replace(deployment, variables=rest)
        for text in (*values_of(name), *MORE):
            yield replace(deployment, variables=(*rest, variable(name, text)))

    def tried(self, name: str) -> list[bool]:
        """Whether the check fails for each value of the variable; values with which the check has no meaning are left out."""
        if name not in self.known:
            self.known[name] = self._try(name)
        return self.known[name]

    def _try(self, name: str) -> list[bool]:
        default, *others = (self.answers(deployment) for deployment in self.variants(name))
        meant = [answers for answers in others if not any(isinstance(answer, NotApplicable) for answer in answers)]
        return [bool(failures(answers)) for answers in (default, *meant)]

    def unseen(self, name: str, value: Unknown = OUTSIDE) -> Deployment:
        """The deployment whose variable comes from outside."""
        variables = (
            replace(item, value=value) if item.name == name else item for item in self.env.deployment.variables
        )
        return replace(self.env.deployment, variables=tuple(variables))


@cache
def cases() -> Mapping[str, list[Case]]:
    """The environments of all examples, by check. Those with an own configuration file of Directus are left out."""
    found: dict[str, list[Case]] = defaultdict(list)
    for example in EXAMPLES:
        check = CHECKS.get(example.parent.name)
        if check is None or example.name.startswith("unknown") or (example / "answers.json").exists():
            continue
        found[check.id] += (
            Case(example, check, project(example), env)
            for env in project(example).environments
            if env.wholly_visible or all(name == "SECRET" for name, item in env.settings.items() if not item.known)
            if env.deployment.config_file is None
        )
    return found


@cache
def _values() -> Mapping[str, list[str]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for listed_cases in cases().values():
        for case in listed_cases:
            for setting in case.env.settings.values():
                if setting.known:
                    found[setting.name].setdefault(setting.text)
    return {name: list(texts) for name, texts in found.items()}


def values_of(name: str) -> list[str]:
    """What a variable is set to in any example."""
    return _values().get(name, [])


def failures(answers: list[CheckResult]) -> list[Failure]:
    return [answer for answer in answers if isinstance(answer, Failure)]


def passed(answers: list[CheckResult]) -> bool:
    """Whether the check says that all is well."""
    return not any(isinstance(answer, (Failure, NotEvaluated, NotApplicable)) for answer in answers)


SEEN_ANYWAY: Final = frozenset({"secret-committed"})
"""What is not in the repository is not committed."""
BY_NAME: Final = frozenset({"unknown-variable"})
"""The name is what is wrong, and the name is seen."""
NOTHING_SEEN: Final = frozenset({"csp-directives"})
"""It may also fail at a default alone, beside any other CSP variable: where that default is unseen, nothing seen causes it."""


def judged_by_trying(case: Case, name: str, answers: list[CheckResult]) -> None:
    """Compare the answers where `name` is unseen with those for each of its values."""
    tried = case.tried(name)
    found = failures(answers)
    where = (case.example, name, answers)
    if all(tried):
        assert found or case.itself, where
    elif not tried[0]:
        assert not found or case.check.id in BY_NAME, where
        if any(tried) and case.check.id not in SEEN_ANYWAY:
            assert not passed(answers), where
    elif case.itself:
        assert not passed(answers) or case.check.id in SEEN_ANYWAY, where
    else:
        assert found or case.check.id in NOTHING_SEEN, where
        assert not passed(answers), where
        for failure in found:
            # The failure of another place may stay whatever this variable is.
            if failure.confidence is Confidence.HIGH:
                assert any(other.location != failure.location for other in found), where
            else:
                assert f"`{name}`" in failure.message, where


@pytest.mark.thorough
@pytest.mark.parametrize("check", CHECKS)
def test_a_variable_from_outside(check: str) -> None:
    for case in cases()[check]:
        for name in case.env.settings:
            judged_by_trying(case, name, case.answers(case.unseen(name)))


@each_case("check", CHECKS)
def test_an_environment_that_others_may_add_to(check: str) -> None:
    for case in cases()[check]:
        before, after = (case.answers(replace(case.env.deployment, gaps=gaps)) for gaps in ((), (unseen(GONE),)))
        where = (case.example, after)
        if failures(before):
            assert failures(after) or case.itself or check in NOTHING_SEEN, where
            assert not passed(after), where
        else:
            assert not failures(after), where


@pytest.mark.thorough
@pytest.mark.parametrize("check", CHECKS)
def test_each_variable_that_may_come_from_there(check: str) -> None:
    """An absent variable that may be set elsewhere is as unseen as one whose value comes from outside."""
    for case in cases()[check]:
        names = {name for other in cases()[check] for name in other.env.settings}
        answers = case.answers(replace(case.env.deployment, gaps=(unseen(GONE),)))
        for name in sorted(names - set(case.env.settings)):
            tried = case.tried(name)
            if not case.itself and any(tried) and not all(tried):
                assert not passed(answers), (case.example, name, answers)
            if tried[0] and not all(tried) and not case.itself:
                found = failures(answers)
                where = (case.example, name, answers)
                assert found or case.check.id in NOTHING_SEEN, where
                assert all(item.confidence is not Confidence.HIGH for item in found) or len(found) > 1, where


@each_case("check", CHECKS)
def test_a_fallback_counts_as_the_default(check: str) -> None:
    """`${X:-value}` is judged as `value`; what fails only with it has less confidence."""
    for case in cases()[check]:
        if case.itself or check in BY_NAME:
            continue
        before = failures(case.answers(case.env.deployment))
        for name, setting in case.env.settings.items():
            if not setting.known or setting.shadowed:
                continue
            value = Unknown(OUTSIDE.reason, Secret(setting.text))
            after = failures(case.answers(case.unseen(name, value)))
            where = (case.example, name, before, after)
            assert {item.location.path for item in after} == {item.location.path for item in before}, where
            assert len(after) == len(before), where
            # Whether a removal is safe depends on what else is seen.
            same = [replace(failure, fix=None) for failure in before]
            for failure in after:
                sure = failure.confidence is Confidence.HIGH
                assert sure or replace(failure, fix=None) in same or f"the fallback of `{name}`" in failure.message, (
                    where
                )
                others = len(case.tried(name)) - sum(case.tried(name))
                assert not (sure and others and len(after) == 1), where


@each_case("check", CHECKS)
def test_nothing_seen_is_no_finding(check: str) -> None:
    for case in cases()[check]:
        answers = case.answers(replace(case.env.deployment, variables=(), gaps=(unseen(GONE),)))
        seen_elsewhere = {
            "file-import-ssrf",
            "csp-custom-css",
            "database-exposed",
            "datastore-credentials",
            "extensions-writable",
        }
        if failures(answers) and check not in seen_elsewhere:
            assert case.check.chapter == "deployment", (case.example, answers)


def test_there_are_many_cases() -> None:
    assert len(CHECKS) > 50
    varied = sum(len(case.env.settings) for listed_cases in cases().values() for case in listed_cases)
    assert varied > 600


def test_examples_are_judged_as_in_a_run() -> None:
    for listed_cases in cases().values():
        for case in listed_cases:
            if case.example.name.startswith("pass"):
                assert not failures(case.answers(case.env.deployment))
