"""One value in two variables, or in two deployments: what is one purpose or one instance, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.checks import catalogue
from directus_guard.checks.declaration import ProjectCheck
from directus_guard.checks.result import Failure, NotEvaluated
from directus_guard.directus.environment.deployment import Deployment, Platform, Unknown
from directus_guard.directus.environment.loading import gaps_of, load
from directus_guard.directus.environment.settings import Environment
from directus_guard.directus.project import Project
from directus_guard.directus.versions import NEWEST
from directus_guard.finding import Confidence, Context, Location
from directus_guard.secret import Secret
from tests.support.deployment_findings import HEX
from tests.support.each import each_case
from tests.support.environments import variable

if TYPE_CHECKING:
    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.environment.deployment import Value, Variable

OUTSIDE: Final = Unknown("`${S}` comes from outside the repository", Secret(HEX))
A, B = "https://a.acme.com", "https://b.acme.com"


def deployed(name: str, values: dict[str, str | Value], context: Context = Context.UNKNOWN) -> Environment:
    """A deployment with a place of its own for each value."""
    variables = tuple(
        replace(variable(key, value, line), location=Location(name.partition("#")[0], line))
        for line, (key, value) in enumerate(values.items(), 1)
    )
    return of_variables(name, variables, context)


def of_variables(name: str, variables: tuple[Variable, ...], context: Context = Context.UNKNOWN) -> Environment:
    deployment = Deployment(name, Platform.COMPOSE, Location(name), variables)
    return Environment(deployment, load(deployment, NEWEST), NEWEST, None, context, "", gaps=gaps_of(deployment))


def answers(*environments: Environment) -> list[CheckResult]:
    check = catalogue()["secret-reused"]
    assert isinstance(check, ProjectCheck)
    return [answer for _, answer in check.judge(Project(environments))]


def failures(*environments: Environment) -> list[Failure]:
    return [answer for answer in answers(*environments) if isinstance(answer, Failure)]


@each_case(
    ("values", "listed"),
    [
        ({"SECRET": HEX, "DB_PASSWORD": HEX}, "It is also the value of `DB_PASSWORD`: anyone"),
        ({"SECRET": HEX, "DB_PASSWORD": HEX, "ADMIN_PASSWORD": HEX}, "It is also the value of `ADMIN_PASSWORD` and `DB_PASSWORD`: anyone"),
        ({"SECRET": HEX, "DB_PASSWORD": HEX, "ADMIN_PASSWORD": HEX, "EMAIL_SMTP_PASSWORD": HEX},
         "It is also the value of `ADMIN_PASSWORD`, `DB_PASSWORD` and `EMAIL_SMTP_PASSWORD`: anyone"),
    ],
)  # fmt: skip
def test_the_other_variables_are_listed(values: dict[str, str], listed: str) -> None:
    (failure,) = failures(deployed("c.yaml", dict(values)))
    assert failure.message.startswith(listed)
    assert failure.title == "`SECRET` has the value of another secret"
    assert (failure.actual, failure.confidence) == ("********", Confidence.HIGH)
    others = [name for name in sorted(values) if name != "SECRET"]
    assert [one.message for one in failure.related] == [f"`{name}`, the same value" for name in others]


@each_case(
    "values",
    [
        # What Directus keeps in Redis is in one Redis, and what one variable is about is one purpose.
        {"REDIS_PASSWORD": HEX, "RATE_LIMITER_REDIS_PASSWORD": HEX},
        {"REDIS": f"redis://:{HEX}@cache", "RATE_LIMITER_REDIS": f"redis://:{HEX}@cache"},
        {"RATE_LIMITER_REDIS_PASSWORD": HEX, "RATE_LIMITER_GLOBAL_REDIS_PASSWORD": HEX},
        {"ADMIN_PASSWORD": HEX, "ADMIN_TOKEN": HEX},
        {"EMAIL_SMTP_PASSWORD": HEX, "EMAIL_MAILGUN_API_KEY": HEX},
        {"EMAIL_SENDGRID_API_KEY": HEX, "EMAIL_SES_CREDENTIALS__SECRET_ACCESS_KEY": HEX},
        {"DB_PASSWORD": HEX, "DB_CONNECTION_STRING": f"postgres://cms:{HEX}@db/cms"},
        # A value that is guessed is another check's, and so is a name that Directus does not read.
        {"SECRET": "changeme", "DB_PASSWORD": "changeme"},
        {"SECRET": HEX, "MY_OWN_PASSWORD": HEX},
    ],
)
def test_one_purpose(values: dict[str, str]) -> None:
    assert failures(deployed("c.yaml", dict(values))) == []


@each_case(
    ("values", "gives"),
    [
        ({"REDIS_PASSWORD": HEX, "DB_PASSWORD": HEX}, "`REDIS_PASSWORD` lets them read and write the cache."),
        ({"RATE_LIMITER_REDIS_PASSWORD": HEX, "DB_PASSWORD": HEX}, "`RATE_LIMITER_REDIS_PASSWORD` lets them read and write the cache."),
        ({"LANGFUSE_SECRET_KEY": HEX, "DB_PASSWORD": HEX}, "`LANGFUSE_SECRET_KEY` lets them use what it protects."),
        ({"LICENSE_TOKEN": HEX, "METRICS_TOKENS": HEX}, "`LICENSE_TOKEN` lets them use the licence."),
    ],
)  # fmt: skip
def test_two_purposes(values: dict[str, str], gives: str) -> None:
    (failure,) = failures(deployed("c.yaml", dict(values)))
    assert gives in failure.message


def test_a_password_within_an_address() -> None:
    values: dict[str, str | Value] = {"ADMIN_PASSWORD": HEX, "DB_CONNECTION_STRING": f"postgres://cms:{HEX}@db/cms"}
    (failure,) = failures(deployed("c.yaml", values))
    assert failure.title == "Password in `DB_CONNECTION_STRING` is used twice"


def test_what_is_only_a_fallback_is_assumed() -> None:
    """One value that is assumed is enough, and nothing of a value that is not seen is shown."""
    (failure,) = failures(deployed("c.yaml", {"DB_PASSWORD": HEX, "SECRET": OUTSIDE}))
    assert (failure.confidence, failure.actual) == (Confidence.MEDIUM, "********")
    assert "This assumes the fallback of `SECRET`: a value given at deployment" in failure.message
    (failure,) = failures(deployed("c.yaml", {"DB_PASSWORD": OUTSIDE, "SECRET": OUTSIDE}))
    assert "the fallback of `DB_PASSWORD` and `SECRET`:" in failure.message
    two = deployed("a.yaml", {"SECRET": HEX, "PUBLIC_URL": A}), deployed("b.yaml", {"SECRET": OUTSIDE, "PUBLIC_URL": B})
    (failure,) = failures(*two)
    assert (failure.confidence, failure.actual) == (Confidence.MEDIUM, "********")


def test_two_instances_with_one_secret() -> None:
    one, other = (deployed(f"{name}.yaml", {"SECRET": HEX, "PUBLIC_URL": url}) for name, url in (("a", A), ("b", B)))
    (failure,) = failures(one, other)
    assert failure.title == "Two instances have the same `SECRET`"
    assert "The other deployment is `a.yaml`." in failure.message
    assert [(place.location, place.message) for place in failure.related] == [
        (Location("a.yaml", 1), "`SECRET` of `a.yaml`, the same value")
    ]
    # A value that only an example has is not the secret of an instance.
    assert failures(one, replace(other, context=Context.EXAMPLE)) == []
    # A database, or an account for mail, may well be shared.
    assert failures(*(deployed(f"{n}.yaml", {"DB_PASSWORD": HEX, "PUBLIC_URL": n}) for n in (A, B))) == []


def test_two_services_of_one_file() -> None:
    """They are one instance, unless they have two addresses and no database in common."""

    def services(*values: dict[str, str]) -> list[Failure]:
        own = {"SECRET": HEX}
        return failures(*(deployed(f"c.yaml#{number}", {**own, **more}) for number, more in enumerate(values)))

    assert services({}, {}) == []
    assert services({"PUBLIC_URL": A}, {"PUBLIC_URL": A}) == []
    assert services({"PUBLIC_URL": A}, {}) == []
    assert len(services({"PUBLIC_URL": A}, {"PUBLIC_URL": B})) == 1
    shared = {"DB_HOST": "db.acme.com", "DB_DATABASE": "cms"}
    assert services({"PUBLIC_URL": A, **shared}, {"PUBLIC_URL": B, **shared}) == []
    assert len(services({"PUBLIC_URL": A, **shared}, {"PUBLIC_URL": B, **shared, "DB_DATABASE": "shop"})) == 1
    assert len(services({"PUBLIC_URL": A, **shared}, {"PUBLIC_URL": B, "DB_DATABASE": "cms"})) == 1


def test_one_place_that_two_instances_read() -> None:
    """The other place is not named where it is the same."""
    place = (variable("SECRET", HEX, 7),)
    one, other = (
        of_variables(name, (*place, variable("PUBLIC_URL", url))) for name, url in (("a.yaml", A), ("b.yaml", B))
    )
    (failure,) = failures(one, other)
    assert failure.related == ()
    alike = of_variables("b.yaml", (*place, variable("PUBLIC_URL", A)))
    assert failures(one, alike) == []


@each_case(
    ("value", "other", "asked"),
    [
        # A reference gives one value only where one file is read with one set of variables.
        ("${SECRET}", "a.yaml#b", True),
        ("${SECRET}", "b.yaml#b", False),
        (HEX, "a.yaml#b", True),
    ],
)
def test_an_address_that_is_not_seen(value: str, other: str, asked: bool) -> None:
    unseen = Unknown("given outside")
    found = answers(
        deployed("a.yaml#a", {"SECRET": value, "PUBLIC_URL": A}),
        deployed(other, {"SECRET": value, "PUBLIC_URL": unseen}),
    )
    said = "whether `a.yaml#a` is another instance is not known: given outside"
    assert [one.reason for one in found if isinstance(one, NotEvaluated)] == [said] * asked


def test_why_secrets_are_not_compared() -> None:
    def reasons(*environments: Environment) -> list[str]:
        return [one.reason for one in answers(*environments) if isinstance(one, NotEvaluated)]

    hidden = Unknown("given outside")
    assert reasons(deployed("a.yaml", {"SECRET": hidden})) == ["every secret comes from outside the repository"]
    assert reasons(deployed("a.yaml", {"SECRET": hidden, "DB_PASSWORD": HEX})) == [
        "some secrets come from outside the repository"
    ]
    assert reasons(deployed("a.yaml", {"SECRET": HEX})) == []
    assert reasons(deployed("a.yaml", {})) == []
