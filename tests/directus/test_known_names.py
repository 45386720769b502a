"""Names that decide something by themselves, each once: files, images, variables, fields, directives and operators."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from directus_guard.directus.access.evaluation import QueryContext, evaluate
from directus_guard.directus.access.filters import EVERYTHING
from directus_guard.directus.access.grants import Grant, GrantRow
from directus_guard.directus.access.payload_implication import accepts_no_more
from directus_guard.directus.access.records import Permission
from directus_guard.directus.access.schema import Collection, Field, Schema
from directus_guard.directus.access.sensitive import sensitive_fields
from directus_guard.directus.access.values import adjusted
from directus_guard.directus.advisories import PRECONDITIONS
from directus_guard.directus.context import classify, of_code, of_name
from directus_guard.directus.environment.csp import FETCH, OTHER, chain
from directus_guard.directus.environment.deployment import Deployment, Platform
from directus_guard.directus.environment.loading import load
from directus_guard.directus.environment.recognise import (
    is_directus_environment,
    is_directus_image,
    is_official_image,
    is_other_program,
)
from directus_guard.directus.environment.variables import closest, is_known_variable, is_open_group
from directus_guard.directus.flows import conditions
from directus_guard.directus.flows.data import ABSENT, CallerInput, RecordValue
from directus_guard.directus.tri import Tri
from directus_guard.directus.versions import NEWEST, NEWEST_OF, Version, newest_matching
from directus_guard.finding import Context, Location
from tests.support.each import each_case
from tests.support.generate_rules import effective

YES, NO, UNKNOWN = Tri.YES, Tri.NO, Tri.UNKNOWN


# --- what a file or a platform is for ------------------------------------------------------------------------------------


def context_of(name: str, platform: Platform = Platform.COMPOSE) -> Context:
    deployment = Deployment(name, platform, Location(name))
    return classify(deployment, load(deployment, NEWEST))[0]


@each_case("word", ["example", "examples", "sample", "samples", "dist", "e2e", "fixture", "fixtures", "test", "tests", "testing"])  # fmt: skip
def test_words_of_examples(word: str) -> None:
    assert context_of(f"compose.{word}.yaml") is of_name(f"compose.{word}.yaml") is Context.EXAMPLE
    assert context_of(f"compose.{word}x.yaml") is Context.UNKNOWN


@each_case("folder", ["test", "tests", "__tests__", "fixtures", "__fixtures__", "examples", "example", "samples", "e2e", "testdata"])  # fmt: skip
def test_folders_of_examples(folder: str) -> None:
    path = f"app/{folder}/x"
    assert (
        context_of(f"{path}/compose.yaml")
        is of_name(f"{path}/compose.yaml")
        is of_code(f"{path}/a.ts")
        is Context.EXAMPLE
    )
    assert context_of(f"app/{folder}x/compose.yaml") is Context.UNKNOWN


@each_case("ending", [".template", ".tmpl", ".tpl"])
def test_endings_of_templates(ending: str) -> None:
    assert context_of(f"compose.yaml{ending}") is of_name(f"compose.yaml{ending}") is Context.EXAMPLE


@each_case("word", ["dev", "devel", "development", "local", "localhost", "ci", "devcontainer"])
def test_words_of_development(word: str) -> None:
    assert context_of(f"compose.{word}.yaml") is of_name(f"compose.{word}.yaml") is Context.DEVELOPMENT
    assert context_of(f"compose.{word}x.yaml") is Context.UNKNOWN


@each_case("word", ["prod", "production", "live"])
def test_words_of_production(word: str) -> None:
    assert context_of(f"compose.{word}.yaml") is context_of(f"{word}/compose.yaml") is Context.PRODUCTION
    assert context_of(f"compose.{word}x.yaml") is Context.UNKNOWN


@each_case(
    ("platform", "name"),
    [
        (Platform.KUBERNETES, "Kubernetes"), (Platform.FLY, "Fly.io"), (Platform.RENDER, "Render"), (Platform.ECS, "Amazon ECS"), (Platform.DIGITALOCEAN, "DigitalOcean"), (Platform.PLATFORM_SH, "Platform.sh"), (Platform.ZEROPS, "Zerops"),
        (Platform.NOMAD, "Nomad"), (Platform.CLOUD_RUN, "Cloud Run"), (Platform.AZURE, "Azure"), (Platform.APP_RUNNER, "App Runner"), (Platform.COPILOT, "AWS Copilot"), (Platform.APP_ENGINE, "App Engine"),
    ],
)  # fmt: skip
def test_platforms_that_serve_the_internet(platform: Platform, name: str) -> None:
    deployment = Deployment("x", platform, Location("x"))
    assert classify(deployment, load(deployment, NEWEST)) == (Context.PRODUCTION, f"it runs on {name}")


@each_case(("platform", "context"), [(Platform.FLY, Context.PRODUCTION), (Platform.HEROKU, Context.UNKNOWN), (Platform.RAILWAY, Context.UNKNOWN), (Platform.COMPOSE, Context.DEVELOPMENT)])  # fmt: skip
def test_variables_that_a_pipeline_sets(platform: Platform, context: Context) -> None:
    assert context_of("ci.yml", platform) is context_of("ci.yaml", platform) is context


# --- images, variables -------------------------------------------------------------------------------------------------


@each_case("image", ["directus/directus", "docker.io/directus/directus", "index.docker.io/directus/directus", "registry.hub.docker.com/directus/directus", "ghcr.io/directus/directus", "Directus/Directus"])  # fmt: skip
def test_official_images(image: str) -> None:
    assert is_official_image(image)
    assert is_directus_image(image)
    assert not is_official_image(f"x{image}")
    assert is_directus_image(f"acme/{image.rpartition('/')[2]}-cms")


@each_case("word", ["sync", "backup", "backups", "proxy", "nginx", "exporter", "worker", "migrate", "cli", "frontend", "client", "web", "website", "postgres", "db", "redis", "mcp", "docs", "cache"])  # fmt: skip
def test_images_beside_directus(word: str) -> None:
    assert not is_directus_image(f"acme/directus-{word}")
    assert not is_directus_image(f"acme/{word}_directus")
    assert is_directus_image(f"acme/directus-{word}x")


@each_case("program", ["postgres", "postgis", "mysql", "mariadb", "redis", "mongo", "minio", "keycloak", "nginx", "traefik", "caddy"])  # fmt: skip
def test_other_programs(program: str) -> None:
    assert is_other_program(program)
    assert is_other_program(f"acme/{program.upper()}-12")
    assert not is_other_program(f"acme/x{program}")


@each_case("name", ["SECRET", "KEY", "DB_CLIENT", "PUBLIC_URL", "ADMIN_EMAIL"])
def test_core_variables(name: str) -> None:
    assert is_directus_environment([name, "SECRET" if name == "KEY" else "KEY"])
    assert not is_directus_environment([name])
    assert is_directus_environment([name, "CORS_ORIGIN"], beside=True)
    assert not is_directus_environment([name, "EXTENSIONS_PATH"])


OWN: Final = (
    "ASSETS_TRANSFORM_MAX_CONCURRENT", "AUTH_DISABLE_DEFAULT", "CACHE_AUTO_PURGE", "EXTENSIONS_AUTO_RELOAD", "EXTENSIONS_PATH", "FILES_MAX_UPLOAD_SIZE", "FILES_MIME_TYPE_ALLOW_LIST", "FLOWS_ENV_ALLOW_LIST", "IMPORT_IP_DENY_LIST",
    "MARKETPLACE_REGISTRY", "MARKETPLACE_TRUST", "PASSWORD_RESET_URL_ALLOW_LIST", "REFRESH_TOKEN_COOKIE_NAME", "REFRESH_TOKEN_COOKIE_SECURE", "STORAGE_LOCATIONS", "USER_INVITE_URL_ALLOW_LIST", "USER_REGISTER_URL_ALLOW_LIST",
    "WEBSOCKETS_GRAPHQL_AUTH", "WEBSOCKETS_REST_AUTH",
)  # fmt: skip


@each_case("name", OWN)
def test_variables_of_directus_alone(name: str) -> None:
    other = "EXTENSIONS_PATH" if name != "EXTENSIONS_PATH" else "MARKETPLACE_TRUST"
    assert is_directus_environment([name, other])
    assert not is_directus_environment([name])
    assert is_known_variable(name)


@each_case("name", ["DB_X", "REDIS", "REDIS_X", "LOGGER_X", "SERVER_X", "HASH_X", "HSTS_X", "CONTENT_SECURITY_POLICY_X", "ASSETS_CONTENT_SECURITY_POLICY_X", "RATE_LIMITER_X", "CACHE_X", "STORAGE_X", "AUTH_X", "EMAIL_SES_X", "EMAIL_SMTP_TLS_X", "EMAIL_MAILTRAP_X", "SYNCHRONIZATION_X", "WEBSOCKETS_X", "db_x"])  # fmt: skip
def test_groups_that_take_any_name(name: str) -> None:
    assert is_open_group(name)
    assert not is_open_group(f"X{name}")


@each_case("name", ["KEY", "CONFIG_PATH", "NODE_ENV", "NODE_OPTIONS", "NODE_TLS_REJECT_UNAUTHORIZED", "LOG_STYLE", "SECRET"])  # fmt: skip
def test_variables_that_are_read_elsewhere(name: str) -> None:
    assert is_known_variable(name)
    assert not is_known_variable(f"{name}S_X")


@each_case(("name", "meant"), [("SEC_RET", "SECRET"), ("sec-ret", "SECRET"), ("K_EY", None), ("PO_RT", None), ("DIRECTUS_KEY", "KEY"), ("directus_public_url", "PUBLIC_URL"), ("DIRECTUS_OTHER_X", None)])  # fmt: skip
def test_which_known_variable_is_meant(name: str, meant: str | None) -> None:
    assert closest(name) == meant


@each_case("word", sorted(PRECONDITIONS))
def test_a_precondition_names_variables_that_there_are(word: str) -> None:
    names = [part for part in PRECONDITIONS[word].words.replace("=", " ").split() if part.isupper() and "_" in part]
    assert all(map(is_known_variable, names))
    assert names or word in ("ai-chat", "mysql", "postgres", "registration", "s3", "saml", "sso", "websockets-public")


# --- fields ------------------------------------------------------------------------------------------------------------


@each_case("name", ["password", "passwd", "secret", "token", "api_key", "apikey", "private_key", "privatekey", "password_hash", "token_value", "client_secret", "API_KEY", "email", "e_mail", "email_address", "phone", "telephone", "phone_number", "phonenumber", "phone_no", "mobile", "iban", "ssn", "passport", "passport_no", "passport_number", "birthday", "birth_day", "birthdate", "birth_date", "date_of_birth", "salary", "credit_card", "creditcard", "credit_card_no", "credit_card_number", "tax_id", "taxid", "user_email"])  # fmt: skip
def test_names_of_fields_that_are_private(name: str) -> None:
    assert sensitive_fields(None, "people", [name]) == (name,)
    assert sensitive_fields(None, "people", [f"{name}x", "title"]) == ()
    assert "_" in name or sensitive_fields(None, "people", [f"x{name}"]) == ()


def test_fields_of_which_the_schema_says_more() -> None:
    fields = (
        *(Field("people", name, special=(name,)) for name in ("hash", "conceal", "encrypt", "json")), Field("people", "email", type="boolean"),
        Field("people", "token", type="alias"), Field("people", "phone", type="string"), Field("page", "email", type="string"), Field("page", "secret", type="string"),
    )  # fmt: skip
    schema = Schema(collections=(Collection("people"), Collection("page", singleton=True)), fields=fields)
    assert sensitive_fields(schema, "people", ["*"]) == ("conceal", "encrypt", "hash", "phone")
    assert sensitive_fields(schema, "people", ["email", "hash", "json"]) == ("hash",)
    # The address of the project itself is not personal data.
    assert sensitive_fields(schema, "page", ["*"]) == ("secret",)
    assert sensitive_fields(None, "people", ["*"]) == ()


# --- directives --------------------------------------------------------------------------------------------------------


def test_where_a_directive_falls_back_to() -> None:
    """CSP level 3, 6.8.3: `worker-src` looks at `child-src` and `script-src` first; what is about no fetch at nothing."""
    more = {
        "script-src-elem": ("script-src",), "script-src-attr": ("script-src",), "style-src-elem": ("style-src",), "style-src-attr": ("style-src",), "worker-src": ("child-src", "script-src"), "frame-src": ("child-src",),
    }  # fmt: skip
    for name in FETCH:
        assert chain(name) == (name, *more.get(name, ()), *(("default-src",) if name != "default-src" else ())), name
    for name in (*OTHER, "nonsense"):
        assert chain(name) == (name,), name
    assert {"img-src", "connect-src", "font-src", "media-src", "object-src", "manifest-src", "child-src"} <= set(FETCH)
    assert {"base-uri", "form-action", "frame-ancestors", "sandbox", "report-uri", "report-to"} <= set(OTHER)


# --- operators ---------------------------------------------------------------------------------------------------------

MET: Final = ("_eq", "_in", "_contains", "_icontains", "_starts_with", "_istarts_with", "_ends_with", "_iends_with", "_gt", "_gte", "_lt", "_lte", "_between", "_nbetween", "_regex", "_null", "_empty")  # fmt: skip
UNMET: Final = ("_neq", "_nin", "_ncontains", "_nstarts_with", "_nistarts_with", "_nends_with", "_niends_with", "_nnull", "_nempty")  # fmt: skip


@each_case("operator", [*MET, *UNMET, "_submitted", "_unknown"])
def test_which_conditions_restrict_what_is_sent(operator: str) -> None:
    """That something is there, or is not some value, restricts nothing."""
    sent = ("$trigger", "body", "a")
    data = {"$trigger": RecordValue({"body": CallerInput(sent[:2])}, ABSENT)}
    filter_: Any = {
        "$trigger": {"body": {"a": {operator: ["1", "2"] if "in" in operator or "between" in operator else "1"}}}
    }
    assert conditions.tested(filter_, data, NEWEST, met=True) == ({sent} if operator in MET else set())
    assert conditions.tested(filter_, data, NEWEST, met=False) == ({sent} if operator in UNMET else set())


@each_case("operator", ["_eq", "_neq", "_in", "_nin", "_null", "_nnull", "_empty", "_nempty", "_submitted", "_gt", "_contains", "_regex"])  # fmt: skip
def test_validations_whose_values_are_all_tried(operator: str) -> None:
    def grant(rule: Any) -> Grant:
        row = Permission("posts", "create", None, rule, None, ("*",))
        return Grant("posts", "create", (GrantRow(row, "Editing", (row,), EVERYTHING),), 12)

    one: Any = {"a": {operator: 5 if operator in ("_eq", "_neq", "_gt") else [5, 6] if "in" in operator else "x" if operator in ("_contains", "_regex") else True}}  # fmt: skip
    wider = grant({"_or": [one, {"b": {"_eq": 2}}]})
    decided = operator not in ("_gt", "_contains", "_regex")
    assert accepts_no_more(grant(one), wider).answer is (YES if decided else UNKNOWN)


OPPOSITES: Final = {
    "_neq": "_eq", "_nin": "_in", "_nbetween": "_between", "_nnull": "_null", "_nempty": "_empty", "_ncontains": "_contains", "_nstarts_with": "_starts_with", "_nends_with": "_ends_with",
    "_nistarts_with": "_istarts_with", "_niends_with": "_iends_with",
}  # fmt: skip


@each_case("negated", OPPOSITES)
def test_an_operator_and_its_opposite(negated: str) -> None:
    """On a value one of them holds; on null neither does, but those that ask for null."""
    operator = OPPOSITES[negated]
    operand: Any = ["a", "ab"] if operator in ("_in", "_between") else True if operator in ("_null", "_empty") else "Ab"
    positive, negative = effective({"x": {operator: operand}}), effective({"x": {negated: operand}})
    for value in ("a", "ab", "Ab", "AB", "xab", "abx", "b", ""):
        item = {"x": value}
        assert evaluate(positive, item, QueryContext()) is not evaluate(negative, item, QueryContext()), value
    null = evaluate(positive, {"x": None}, QueryContext()), evaluate(negative, {"x": None}, QueryContext())
    assert null == ((True, False) if operator in ("_null", "_empty") else (False, False))


@each_case(
    ("operator", "meets", "fails"),
    [
        ("_lt", 4, 5), ("_lte", 5, 6), ("_gt", 6, 5), ("_gte", 5, 4), ("_contains", "15x", "1x"), ("_icontains", "5", "1"), ("_starts_with", "51", "15"), ("_istarts_with", "51", "15"), ("_ends_with", "15", "51"), ("_iends_with", "15", "51"),
    ],
)  # fmt: skip
def test_an_operator_that_compares(operator: str, meets: Any, fails: Any) -> None:
    operand = "5" if isinstance(meets, str) else 5
    rule = effective({"x": {operator: operand}})
    assert evaluate(rule, {"x": meets}, QueryContext())
    assert not evaluate(rule, {"x": fails}, QueryContext())
    assert not evaluate(rule, {"x": None}, QueryContext())


@each_case(
    ("units", "seconds"),
    [
        ("millisecond milliseconds msec msecs ms", 0.001), ("second seconds sec secs s", 1), ("minute minutes min mins m", 60), ("hour hours hr hrs h", 3600), ("day days d", 86400), ("week weeks w", 604800),
        ("month months mth mths mo", 2629800), ("year years yr yrs y Year YEARS", 31557600),
    ],
)  # fmt: skip
def test_units_of_time(units: str, seconds: float) -> None:
    now = datetime(2035, 1, 1, tzinfo=UTC)
    for unit in units.split():
        assert adjusted(now, f"$NOW(+2 {unit})") == now + timedelta(seconds=2 * seconds), unit
        assert adjusted(now, f"$NOW(-1{unit})") == now - timedelta(seconds=seconds), unit
    assert adjusted(now, "$NOW(-1)") == now - timedelta(days=1)
    assert adjusted(now, "$NOW(-1.5 day)") == now - timedelta(hours=36)


def test_the_last_versions_are_whole() -> None:
    """Of each major that is modelled every minor is known, and none is newer than the newest."""
    for major, newest in NEWEST_OF.items():
        assert (
            newest_matching(str(major)) == newest_matching(f"^{major}.0.0") == newest_matching(f"{major}.x") == newest
        )
        assert newest_matching(f"{major}.{newest.minor}") == newest
    for text, version in (
        ("11.13", Version(11, 13, 4)),
        ("~11.13.1", Version(11, 13, 4)),
        ("v10.9", Version(10, 9, 3)),
        ("8", Version(8, 0, 0)),
        ("8.3", Version(8, 3, 0)),
        ("latest", None),
        ("11-slim", NEWEST_OF[11]),
    ):
        assert newest_matching(text) == version, text
