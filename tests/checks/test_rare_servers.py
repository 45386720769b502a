"""Answers of checks on single values of a deployment, and on running instances, that few projects get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from directus_guard.audit.judge import ask_environment
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import EnvironmentCheck, InstanceCheck, ProjectCheck
from directus_guard.checks.result import Failure, NotApplicable, NotEvaluated, Pass
from directus_guard.checks.shared.secrets import secret_of
from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.schema import Field, Schema
from directus_guard.directus.environment.deployment import Mount, Unknown, VersionEvidence, VersionOrigin
from directus_guard.directus.export import Export
from directus_guard.directus.gaps import ExportPart, Gap, InstancePart
from directus_guard.directus.instance import Extension, Instance, Probe, Sandbox
from directus_guard.directus.project import DatabaseFile, Project
from directus_guard.directus.versions import NEWEST, Version
from directus_guard.finding import Context, Location
from directus_guard.secret import Secret
from directus_guard.setting_changes import SetVariable
from tests.support.each import each_case
from tests.support.environments import environment, variable

if TYPE_CHECKING:
    from directus_guard.checks.result import CheckResult
    from directus_guard.directus.environment.deployment import Value
    from directus_guard.directus.environment.settings import Environment

OUTSIDE: Final = Unknown("`${X}` comes from outside the repository")
HERE: Final = Location("f", 1)


def answers(check: str, env: Environment) -> list[CheckResult]:
    found = catalogue()[check]
    assert isinstance(found, EnvironmentCheck)
    return list(ask_environment(found, env))


def of_project(check: str, project: Project) -> list[CheckResult]:
    found = catalogue()[check]
    assert isinstance(found, ProjectCheck)
    return [answer for _, answer in found.judge(project)]


def of(values: dict[str, str | Value], version: Version = NEWEST) -> Environment:
    variables = (variable(name, value, line) for line, (name, value) in enumerate(values.items(), 1))
    return environment(*variables, version=version)


def failure_of(found: list[CheckResult]) -> Failure:
    (failure,) = (answer for answer in found if isinstance(answer, Failure))
    return failure


# --- deployments -------------------------------------------------------------------------------------------------------


@each_case(
    ("first", "second", "said"),
    [("a", OUTSIDE, True), (OUTSIDE, "a", True), (OUTSIDE, OUTSIDE, True), ("a", "b", False), ("a", "a", False)],
)
def test_a_variable_that_is_set_twice(first: str | Value, second: str | Value, said: bool) -> None:
    env = environment(variable("PUBLIC_URL", first, 1), variable("PUBLIC_URL", second, 2))
    found = answers("shadowed-variable", env)
    reason = NotEvaluated("`PUBLIC_URL` is set twice, and a value comes from outside the repository", Location("f", 2))
    assert (reason in found) is said
    assert any(isinstance(answer, Failure) for answer in found) is ((first, second) == ("a", "b"))
    other = environment(variable("MY_OWN", first, 1), variable("MY_OWN", second, 2))
    assert not any(
        isinstance(answer, Failure) or "twice" in str(answer) for answer in answers("shadowed-variable", other)
    )


@each_case("check", ["sso-registration", "flows-exec-modules"])
def test_a_generation_that_is_not_judged(check: str) -> None:
    evidence = VersionEvidence(Version(8, 2, 0), "8.2.0", HERE, VersionOrigin.IMAGE_TAG)
    old = replace(environment(), version_evidence=evidence)
    too_old = NotApplicable("this version is too old; see end-of-life-version")
    found = of_project(check, Project((old, environment(), old)))
    assert found.count(too_old) == 2
    assert len(found) == 3


@each_case(
    ("text", "named"),
    [
        ("fs", "`fs`."),
        ("fs, path", "`fs` and `path`."),
        ("fs,path,os", "`fs`, `path` and `os`."),
        ("string:fs", "`string:fs`."),
    ],
)
def test_the_modules_that_scripts_may_load(text: str, named: str) -> None:
    env = of({"FLOWS_EXEC_ALLOWED_MODULES": text}, Version(10, 5, 0))
    failure = failure_of(of_project("flows-exec-modules", Project((env,))))
    assert failure.message.endswith(f"Scripts may also load {named}")


def test_where_the_extensions_are() -> None:
    mounts = (Mount("./x", "/directus/extensions", read_only=False, location=HERE),)
    for value, failures in ((OUTSIDE, 1), ("./extensions", 1), ("/directus/extensions/", 1), ("/other", 0)):
        env = replace(environment(variable("EXTENSIONS_PATH", value, 4), mounts=mounts), context=Context.PRODUCTION)
        found = answers("extensions-writable", env)
        assert len([answer for answer in found if isinstance(answer, Failure)]) == failures
    trial = replace(environment(mounts=mounts), context=Context.DEVELOPMENT)
    assert not any(isinstance(answer, Failure) for answer in answers("extensions-writable", trial))


@each_case(
    ("text", "left", "removed"),
    [
        ("image/png,text/html", "image/png", "`text/html`"),
        ("text/html,image/png,image/svg+xml,application/pdf", "image/png,application/pdf", "`text/html`, `image/svg+xml`"),
        ("text/html", "image/jpeg,image/png,image/webp,application/pdf", "`text/html`"),
        ("image/png,*/*", "image/jpeg,image/png,image/webp,application/pdf", ""),
    ],
)  # fmt: skip
def test_which_types_of_files_are_left(text: str, left: str, removed: str) -> None:
    fix = failure_of(answers("files-mime-type-allow-list", of({"FILES_MIME_TYPE_ALLOW_LIST": text}))).fix
    assert fix is not None
    assert fix.settings == (SetVariable("FILES_MIME_TYPE_ALLOW_LIST", left),)
    assert fix.description.startswith(f"Remove {removed} from" if removed else "Set `FILES_MIME_TYPE_ALLOW_LIST` to")


@each_case(
    ("locations", "judged"),
    [("s3", True), ("local", False), (OUTSIDE, True), ("local, S3", True), (None, False)],
)
def test_secrets_of_places_that_may_be_in_use(locations: str | Value | None, judged: bool) -> None:
    """Directus itself reads these variables, so they are not credentials of a flow. Which locations exist may come from outside."""
    values: dict[str, str | Value] = {"FLOWS_ENV_ALLOW_LIST": "STORAGE_S3_SECRET", "STORAGE_S3_SECRET": "kT7vWq2zLp9x"}
    if locations is not None:
        values["STORAGE_LOCATIONS"] = locations
    found = of_project("flows-env-allow-list", Project((of(values),)))
    assert any(not isinstance(answer, Pass) for answer in found) is judged


def test_a_fallback_after_a_default() -> None:
    """A default is a literal that other checks judge; the fallback of the next variable is still looked at."""
    default = Unknown("a variable of Terraform", Secret("Kv9xQ2mZ"), written=Secret("Kv9xQ2mZ"))
    fallback = Unknown("`${S}` comes from outside", Secret("changeme"), written=Secret("${S:-changeme}"))
    found = answers("insecure-fallback", of({"ADMIN_PASSWORD": default, "SECRET": fallback}))
    assert failure_of(found).subject.key.endswith("SECRET")
    assert failure_of(found).actual == "${S:-********}"


@each_case(
    ("url", "plain"),
    [
        ("http://cms.acme.com", True), ("HTTP://cms.acme.com", True), ("https://cms.acme.com", False), ("http://localhost:8055", False), ("http://directus", False),
        ("http://directus.", False), ("http://[broken", False), ("/", False), ("http://", False), ("ftp://cms.acme.com", False),
    ],
)  # fmt: skip
def test_addresses_without_tls(url: str, plain: bool) -> None:
    found = answers("public-url", of({"PUBLIC_URL": url}))
    assert [isinstance(answer, Failure) for answer in found] == [plain]


@each_case("text", ["ldap://ad.acme.com", "LDAP://ad.acme.com"])
def test_a_directory_without_tls(text: str) -> None:
    fix = failure_of(answers("tls-verification", of({"AUTH_PROVIDERS": "ad", "AUTH_AD_CLIENT_URL": text}))).fix
    assert fix is not None
    assert fix.settings == (SetVariable("AUTH_AD_CLIENT_URL", "ldaps://ad.acme.com"),)
    assert fix.description == "Change `ldap://` to `ldaps://` in `AUTH_AD_CLIENT_URL`."
    assert answers("tls-verification", of({"AUTH_PROVIDERS": "ad", "AUTH_AD_CLIENT_URL": "ldaps://x"})) == [Pass()]


def test_several_databases_are_each_judged() -> None:
    files = (
        DatabaseFile(Location("a.db"), "SQLite database", (), partial=True),
        DatabaseFile(Location("b.db"), "SQLite database", (), partial=True, unread="is too large"),
        DatabaseFile(Location("c.db"), "SQLite database", ("accounts", "sessions"), partial=False),
    )
    first, second, third = of_project("committed-database", Project((), databases=files))
    assert first == NotEvaluated("`a.db` could only be searched in part", Location("a.db"))
    assert second == NotEvaluated("`b.db` is too large", Location("b.db"))
    assert isinstance(third, Failure)
    assert third.actual == "accounts, sessions"


# --- instances ---------------------------------------------------------------------------------------------------------

ASKED: Final = Instance("https://cms.example.com", HERE, environment())
GAP: Final = (Gap(ExportPart.PERMISSIONS, "the permissions were not answered"),)


def of_instance(check: str, instance: Instance) -> list[CheckResult]:
    found = catalogue()[check]
    assert isinstance(found, InstanceCheck)
    return list(found.judge(instance, Project(())))


def known(*, gaps: tuple[Gap, ...] = GAP, schema: Schema | None = None) -> Export:
    return Export("https://cms.example.com", HERE, AccessModel(), gaps=gaps, schema=schema, live=True)


@each_case(("count", "more"), [(1, ""), (8, ""), (9, " and 1 more"), (11, " and 3 more")])
def test_many_collections_that_nothing_declares(count: int, more: str) -> None:
    names = [f"c{number:02}" for number in range(count)]
    listed = ", ".join(f"`{name}`" for name in names[:8])
    probes = tuple(Probe(name, count=1) for name in names)
    found = of_instance("anonymous-read", replace(ASKED, export=known(), probes=probes))
    assert found == [NotEvaluated(f"the permissions were not answered. Readable without a token: {listed}{more}")]
    described = replace(ASKED, export=known(), listed=dict.fromkeys(names, ("read",)))
    assert of_instance("anonymous-schema", described) == [
        NotEvaluated(f"the permissions were not answered. The API description lists: {listed}")
    ]


def test_what_nobody_lists_is_not_compared() -> None:
    gaps = (Gap(InstancePart.LISTED, "it did not answer"),)
    held = replace(ASKED, export=known(), listed={"posts": ("read",)}, gaps=gaps)
    assert of_instance("anonymous-schema", held) == [NotEvaluated("it did not answer")]


def test_fields_that_the_schema_calls_secret_are_private() -> None:
    """Without a declaration only what is private for sure is reported."""
    schema = Schema(fields=(Field("posts", "code", special=("conceal",)), Field("pages", "code")))
    probes = tuple(Probe(name, count=1, fields=("code",)) for name in ("posts", "pages", "directus_roles"))
    found = of_instance("anonymous-read", replace(ASKED, export=known(schema=schema), probes=probes))
    failures = [answer for answer in found if isinstance(answer, Failure)]
    assert [failure.subject.details[-1] for failure in failures] == [
        ("collection", "posts"),
        ("collection", "directus_roles"),
    ]
    assert failures[0].message.endswith("Its fields look personal or secret.")
    assert found[-1] == NotEvaluated("the permissions were not answered. Readable without a token: `pages`")


@each_case(
    ("urls", "actual"),
    [
        (("*",), "*"), ((" ** ",), " ** "), (("https://*", "**"), "https://*, **"), (("https://**/*",), "https://**/*"), (("https://api.acme.com", "*"), "*"),
        (("https://*.acme.com/**",), ""), ((), ""),
    ],
)  # fmt: skip
def test_a_sandbox_that_allows_any_address(urls: tuple[str, ...], actual: str) -> None:
    held = Extension(
        "x", "operation", "registry", enabled=True, sandbox=Sandbox(enabled=True, urls=urls), location=HERE
    )
    found = of_project("extension-source", Project((), extensions=(held,)))
    assert [answer.actual.strip() for answer in found if isinstance(answer, Failure)] == [actual.strip()] * bool(actual)
    off = replace(held, enabled=False)
    assert of_project("extension-source", Project((), extensions=(off,))) == []


@each_case(
    ("text", "secret"),
    [
        ("redis://:pw1@a", "pw1"), ("redis://[x,redis://:pw1@a", "pw1"), ("redis://a,redis://:pw1@b,redis://:pw2@c", "pw1"), ("postgres://u:p%40w@db/d", "p@w"),
        ("postgres://db/d?password=pw1", "pw1"), ("postgres://u@db/d?user=x&password=a&password=pw1", "pw1"), ("postgres://u:pw1@db/d?password=pw2", "pw1"), ("redis://a", ""), ("redis://[x", ""),
    ],
)  # fmt: skip
def test_which_password_an_address_holds(text: str, secret: str) -> None:
    assert secret_of("REDIS", f" {text} ") == secret


@each_case("name", ["access", "activity", "flows", "notifications", "operations", "permissions", "policies", "presets", "revisions", "roles", "settings", "shares", "users", "versions"])  # fmt: skip
def test_system_collections_that_are_never_public(name: str) -> None:
    probes = (Probe(f"directus_{name}", 1), Probe("directus_files", 1))
    found = of_instance("anonymous-read", replace(ASKED, export=known(), probes=probes))
    assert failure_of(found).subject.details[-1] == ("collection", f"directus_{name}")
