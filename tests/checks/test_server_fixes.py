"""What the server checks say to change, for each kind of value: carried out, the finding is gone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace

from directus_guard.audit.judge import ask_environment
from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from directus_guard.checks import catalogue
from directus_guard.checks.declaration import EnvironmentCheck
from directus_guard.checks.result import Failure
from directus_guard.checks.server import _csp
from directus_guard.checks.server._deny_list import PRICE
from directus_guard.checks.server.csp_ineffective import broken_policy_fix
from directus_guard.checks.shared.secrets import from_outside
from directus_guard.directus.environment.deployment import Platform, Unknown
from directus_guard.directus.environment.loading import gaps_of, load
from directus_guard.directus.versions import NEWEST, Version
from directus_guard.finding import Location
from directus_guard.secret import Secret
from tests.support.cli import write
from tests.support.each import each_case
from tests.support.environments import environment, variable
from tests.support.fixes import carried_out, upgraded
from tests.support.rows import ACCESS, POLICIES, ROLES, flow, operations, permission
from tests.support.texts import VERBS

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.finding import Finding

CSP: Final = "CONTENT_SECURITY_POLICY"
DENY: Final = "IMPORT_IP_DENY_LIST"
SELF: Final = {f"{CSP}_DIRECTIVES__{name}": "'self'" for name in ("IMG_SRC", "FONT_SRC", "STYLE_SRC")}


def failures(check: str, env: Environment) -> list[Failure]:
    found = catalogue()[check]
    assert isinstance(found, EnvironmentCheck)
    return [answer for answer in ask_environment(found, env) if isinstance(answer, Failure)]


def fixed(check: str, texts: dict[str, str], version: Version = NEWEST) -> str:
    """The fix of the only failure; carried out, the check passes."""
    env = environment(*(variable(name, text) for name, text in texts.items()), version=version)
    (failure,) = failures(check, env)
    assert failure.fix is not None
    fix = failure.fix.description
    deployment = carried_out(fix, env.deployment) or env.deployment
    for newer in upgraded(fix) or [version]:
        settings = load(deployment, newer)
        better = replace(env, deployment=deployment, settings=settings, gaps=gaps_of(deployment), version=newer)
        assert better != env, fix
        assert failures(check, better) == [], fix
    return fix


# --- lists of addresses ------------------------------------------------------------------------------------------------


@each_case("version", [Version(10, 9, 3), Version(10, 13, 4), Version(11, 17, 4), NEWEST])
@each_case("text", ["169.254.169.254", "0.0.0.0", "10.0.0.0/8,192.168.0.0/16", ""])
def test_a_list_that_blocks_less_than_the_default(version: Version, text: str) -> None:
    fix = fixed("import-ip-deny-list-weakened", {DENY: text}, version)
    assert fix.startswith("Add `" if text else f"Set `{DENY}` to `")


def test_ranges_that_an_old_version_cannot_read() -> None:
    fix = fixed("import-ip-deny-list-weakened", {DENY: "127.0.0.0/8,169.254.169.254"}, Version(10, 8, 3))
    assert fix.startswith("Upgrade Directus to 12.4.1, and add `0.0.0.0,")
    assert "upgrade to 11.17.4 for now, with the same list" in fix
    assert fixed("import-ip-deny-list-invalid", {DENY: "0.0.0.0,169.254.169.254,10.0.0.0/8"}, Version(10, 8, 3))


@each_case("missing", ["10.0.0.0/8", "172.16.0.0/12", "fe80::/10"])
def test_a_list_that_lacks_a_private_network(missing: str) -> None:
    whole = "0.0.0.0,127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,fc00::/7,fe80::/10,100.64.0.0/10,168.63.129.16,192.0.0.0/24,198.18.0.0/15"
    text = ",".join(entry for entry in whole.split(",") if entry != missing)
    assert fixed("import-ip-deny-list", {DENY: text}) == f"Add `{missing}` to `{DENY}`.{PRICE}"


def test_metadata_is_named_where_it_is_open() -> None:
    (open_,) = failures("import-ip-deny-list-weakened", environment(variable(DENY, "0.0.0.0")))
    assert "cloud metadata (`169.254.0.0/16`)" in open_.message
    (closed,) = failures("import-ip-deny-list-weakened", environment(variable(DENY, "169.254.169.254")))
    assert "Like the default, the list leaves open link-local addresses (`169.254.0.0/16`)" in closed.message


@each_case(
    ("version", "fix"),
    [
        ("10.5.0", "Upgrade Directus to 12.4.1"),
        ("10.13.4", "Upgrade Directus to 12.4.1"),
        ("11.17.4", ",0.0.0.0/8,::`"),
        ("12.4.1", f"to `{DENY}`.{PRICE}"),
    ],
)
def test_users_who_may_import(tmp_path: Path, version: str, fix: str) -> None:
    (found,) = of(tmp_path, "file-import-ssrf", importing(version, f"{DENY}: 8.8.8.8"))
    assert found.fix is not None
    assert fix in found.fix.description
    if not fix.startswith("Upgrade"):
        text = found.fix.description.split("`")[1]
        assert not of(tmp_path / "after", "file-import-ssrf", importing(version, f"{DENY}: '8.8.8.8,{text}'"))


def importing(version: str, *lines: str) -> dict[str, str]:
    """A deployment and its export, in which the policy Editor may create files."""
    listed = "".join(f"      {line}\n" for line in lines)
    compose = f"services:\n  directus:\n    image: directus/directus:{version}\n    environment:\n      PUBLIC_URL: https://cms.example.com\n{listed}"  # fmt: skip
    return {"compose.yaml": compose, **exported(permission("editor", "directus_files", "create"))}


# --- content security policies -----------------------------------------------------------------------------------------


@each_case(
    ("name", "text", "fix"),
    [
        (f"{CSP}_DIRECTIVES__IMG_SRC", "array:'self',https://a.example.com", "Set `{}` to `'self' https://a.example.com data: blob:`. The Data Studio needs `data:` and `blob:`."),
        (f"{CSP}_DIRECTIVES__IMG_SRC", "self https://a.example.com data: blob:", "Set `{}` to `'self' https://a.example.com data: blob:`. In a `.env` file"),
        (f"{CSP}_DIRECTIVES__IMG_SRC", 'json:{"a": 1}', "Write the sources in `{}` with spaces"),
        (f"{CSP}_DIRECTIVES__IMG_SOURCE", "'self'", f"Rename `{{}}` to `{CSP}_DIRECTIVES__IMG_SRC`. Set `{CSP}_DIRECTIVES__IMG_SRC` to `'self' data: blob:`."),
        (f"{CSP}_DIRECTIVES__OBJECT_SOURCE", "'none'", f"Rename `{{}}` to `{CSP}_DIRECTIVES__OBJECT_SRC`."),
        (f"{CSP}_DIRECTIVES_STYLE_SRC", "'self'", f"Rename `{{}}` to `{CSP}_DIRECTIVES__STYLE_SRC`. Set `{CSP}_DIRECTIVES__STYLE_SRC` to `'self' 'unsafe-inline'`."),
        (f"{CSP}_VALUE", "'self'", "Replace `{}` with a variable for each directive"),
        (f"{CSP}_DIRECTIVES__DEFAULT_SRC", "null", "Remove `{}`."),
        (f"{CSP}_DIRECTIVES__IMG_SRC", "'self'; https://a.example.com", "Set `{}` to"),
        (f"{CSP}_USE_DEFAULTS", "false", f"Set `{CSP}_DIRECTIVES__DEFAULT_SRC` to"),
    ],
)  # fmt: skip
def test_variables_of_a_policy(name: str, text: str, fix: str) -> None:
    (failure,) = failures("csp-ineffective", environment(variable(name, text)))
    assert failure.fix is not None
    assert failure.fix.description.startswith(fix.replace("{}", name))
    if "`" in fix[5:] and not fix.startswith(("Write", "Replace")):
        fixed("csp-ineffective", {name: text})


def test_two_names_of_a_directive() -> None:
    names = (f"{CSP}_DIRECTIVES__IMG_SRC", f"{CSP}_DIRECTIVES__img_src")
    env = environment(*(variable(name, f"'self' https://{place}.example.com") for place, name in enumerate(names)))
    (failure,) = failures("csp-ineffective", env)
    assert failure.fix is not None
    assert failure.fix.description in [f"Remove `{name}`." for name in names]


def test_errors_of_a_policy_without_a_variable_of_that_directive() -> None:
    """Errors that depend on how names are spelled."""
    settings = tuple(environment(variable(f"{CSP}_DIRECTIVES__A.B", "x"), variable(f"{CSP}_X", "y")).settings.values())
    assert broken_policy_fix(settings, CSP, "an invalid directive name").description.startswith(
        f"Replace `{CSP}_DIRECTIVES__A.B`"
    )
    assert (
        broken_policy_fix(settings, CSP, "a duplicate directive `img-src`").description
        == f"Remove `{CSP}_DIRECTIVES__A.B`."
    )


def test_scripts() -> None:
    name = f"{CSP}_DIRECTIVES__SCRIPT_SRC"
    assert fixed("csp-unsafe-script", {name: "'self' 'unsafe-inline' https:"}).startswith(
        f"Set `{name}` to `'self' 'unsafe-eval'`."
    )
    assert fixed("csp-unsafe-script", {name: "'self' https: https://cdn.acme.io"}).startswith(
        f"Set `{name}` to `'self' 'unsafe-eval' https://cdn.acme.io`."
    )
    assert fixed("csp-unsafe-script", {name: "array:'self','unsafe-inline'"}).startswith(f"Set `{name}` to")
    default = f"{CSP}_DIRECTIVES__DEFAULT_SRC"
    assert fixed("csp-unsafe-script", {name: "null", default: "*"}).startswith(f"Set `{name}` to")


def test_custom_css_and_a_policy_that_only_reports(tmp_path: Path) -> None:
    row = permission("editor", "directus_settings", "update", fields=["custom_css"])
    compose = f"services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      {CSP}_REPORT_ONLY: 'true'\n"
    (found,) = of(tmp_path, "csp-custom-css", {"compose.yaml": compose, **exported(row)})
    assert found.fix is not None
    assert found.fix.description.startswith(f"Remove `{CSP}_REPORT_ONLY`. Set `{CSP}_DIRECTIVES__IMG_SRC` to")
    assert "Policy" not in found.title


def test_directives_are_closed_one_by_one() -> None:
    fix = _csp.closed(environment(), ["img-src"]).description
    assert fix.startswith(f"Set `{CSP}_DIRECTIVES__IMG_SRC` to `'self' data: blob:`. Add")


# --- secrets -----------------------------------------------------------------------------------------------------------


@each_case("platform", Platform)
def test_every_platform_has_a_place_for_secrets(platform: Platform) -> None:
    env = environment(variable("SECRET", "secret"))
    env = replace(env, deployment=replace(env.deployment, platform=platform))
    sentence = from_outside(env, env["SECRET"])
    assert sentence.split()[0] in VERBS | {"Encrypt", "Read", "Take"}
    assert "{name}" not in sentence
    assert sentence.endswith(".")


def test_a_secret_in_an_environment_file() -> None:
    env = environment(variable("SECRET", "secret"))
    setting = replace(env["SECRET"], location=Location("cms/.env.production", 1))
    tracked = from_outside(env, setting)
    assert tracked.startswith("Add `.env.production` to `.gitignore` and run `git rm --cached cms/.env.production`")
    env = replace(env, untracked=frozenset(["cms/.env.production"]))
    assert from_outside(env, setting) == "Store the value in a file that git ignores."
    variables = replace(setting, location=Location("infra/prod.tfvars", 1))
    assert from_outside(env, variables).startswith("Add `prod.tfvars` to `.gitignore`")
    assert from_outside(env, replace(setting, location=None)) == "Store the value in the secret store of your platform."


def test_a_fallback_beside_other_text() -> None:
    value = Unknown(
        "`${X}` comes from outside the repository", Secret("postgres://cms:directus@db/cms"), defaulted=True
    )
    (failure,) = failures("insecure-fallback", environment(variable("DB_CONNECTION_STRING", value)))
    assert failure.fix is not None
    assert failure.fix.description.startswith("Remove the fallback of `DB_CONNECTION_STRING`")


# --- defaults ----------------------------------------------------------------------------------------------------------


@each_case("version", ["10.13.4", "11.17.4", "12.4.1"])
def test_the_lines_that_are_missing(tmp_path: Path, version: str) -> None:
    """A `.env` file takes them as they are, and what they may stop is a comment to it."""
    compose = f"services:\n  directus:\n    image: directus/directus:{version}\n    env_file: cms.env\n"
    text = "PUBLIC_URL=https://cms.example.com\nSECRET=${SECRET}\n"
    (found,) = of(tmp_path, "hardening-defaults", {"compose.yaml": compose, "cms.env": text})
    assert any("  # " in line for line in found.details)
    assert len(found.details) >= 14
    better = {"compose.yaml": compose, "cms.env": text + "\n".join(found.details)}
    assert not of(tmp_path / "after", "hardening-defaults", better)
    report = audit(Options(root=tmp_path / "after"))
    assert {
        one.check for one in report.findings if one.check.startswith(("csp-", "import-ip", "query-", "files-"))
    } == set()


# --- others ------------------------------------------------------------------------------------------------------------


@each_case(
    ("check", "texts", "fix"),
    [
        ("storage-public", {"STORAGE_LOCATIONS": "s3", "STORAGE_S3_ACL": "public-read"}, "Set `STORAGE_S3_ACL` to `private`."),
        ("storage-public", {"STORAGE_LOCATIONS": "c", "STORAGE_C_ACCESS_MODE": "public"}, "Set `STORAGE_C_ACCESS_MODE` to `authenticated`."),
        ("files-mime-type-allow-list", {"FILES_MIME_TYPE_ALLOW_LIST": "image/png,text/html,image/svg+xml"}, "Remove `text/html`, `image/svg+xml` from `FILES_MIME_TYPE_ALLOW_LIST`."),
        ("files-max-upload-size", {"FILES_MAX_UPLOAD_SIZE": "2gb"}, "Set `FILES_MAX_UPLOAD_SIZE` to the size of your largest real file, such as `100mb`."),
        ("url-allow-list", {"USER_INVITE_URL_ALLOW_LIST": "https://example.com/a,https://cms.acme.io/b"}, "Remove `https://example.com/a` from `USER_INVITE_URL_ALLOW_LIST`."),
        ("url-allow-list", {"USER_INVITE_URL_ALLOW_LIST": ",".join(f"http://{n}.acme.io" for n in range(6))}, "Serve these pages over https first. Change `http://` to `https://` in `USER_INVITE_URL_ALLOW_LIST` and"),
        ("cors-any-origin", {"CORS_ENABLED": "true", "CORS_ORIGIN": r"regex:acme\.io"}, "Set `CORS_ORIGIN` to the addresses of your front ends, such as `https://www.example.com`."),
        ("url-allow-list", {"USER_INVITE_URL_ALLOW_LIST": "http://www.acme.io/a"}, "Serve these pages over https first. Change `http://www.acme.io/a` to `https://www.acme.io/a` in `USER_INVITE_URL_ALLOW_LIST` and"),
        ("cors-any-origin", {"CORS_ENABLED": "true", "CORS_ORIGIN": "true"}, "Set `CORS_ORIGIN` to the addresses of your front ends, such as"),
        ("tls-verification", {"AUTH_LDAP_CLIENT_URL": "ldap://ldap.acme.io"}, "Change `ldap://` to `ldaps://` in `AUTH_LDAP_CLIENT_URL`."),
        ("tls-verification", {"EMAIL_TRANSPORT": "smtp", "EMAIL_SMTP_IGNORE_TLS": "true"}, "Remove `EMAIL_SMTP_IGNORE_TLS`."),
        ("unknown-variable", {"DIRECTUS_CORS_ENABLED": "true"}, "Rename `DIRECTUS_CORS_ENABLED` to `CORS_ENABLED`."),
        ("boolean-spelling", {"RATE_LIMITER_GLOBAL_ENABLED": "yes"}, "Set `RATE_LIMITER_GLOBAL_ENABLED` to `false`. The project has run without this limit so far."),
        ("assets-csp", {"ASSETS_CONTENT_SECURITY_POLICY_REPORT_ONLY": "true"}, "Remove `ASSETS_CONTENT_SECURITY_POLICY_REPORT_ONLY`."),
    ],
)  # fmt: skip
def test_a_fix_names_what_is_at_hand(check: str, texts: dict[str, str], fix: str) -> None:
    if "Change `http://` to" in fix:
        (failure,) = failures(check, environment(*(variable(name, text) for name, text in texts.items())))
        assert failure.fix is not None
        assert failure.fix.description.startswith(fix)
    else:
        assert fixed(check, texts).startswith(fix)


@each_case(
    ("kind", "is_active"),
    [
        *(
            (kind, True)
            for kind in ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/xml")
        ),
        *(
            (kind, True)
            for kind in ("text/javascript", "application/javascript", "application/x-msdownload", "application/x-sh")
        ),
        *((kind, True) for kind in ("*/*", "**", "**/*", "text/*", "image/s*", "*/html", " TEXT/HTML ")),
        *((kind, False) for kind in ("image/png", "text/plain", "*", "html", "text/", "/html", "audio/*", "*/png")),
    ],
)
def test_which_uploads_are_active_content(kind: str, is_active: bool) -> None:
    env = environment(variable("FILES_MIME_TYPE_ALLOW_LIST", kind))
    assert bool(failures("files-mime-type-allow-list", env)) is is_active


@each_case(("limit", "shown"), [(2**30, "1gb"), (3 * 2**20, "3mb"), (5 * 2**10, "5kb"), (1_500_001, "1500001b")])
def test_the_largest_upload_as_people_write_it(limit: int, shown: str) -> None:
    env = replace(environment(variable("FILES_MAX_UPLOAD_SIZE", "20gb")), largest_upload=limit)
    (failure,) = failures("files-max-upload-size", env)
    assert failure.expected == f"at most {shown}"


def test_replicas_and_redis() -> None:
    texts = {"RATE_LIMITER_ENABLED": "true", "REDIS": "redis://redis"}
    env = environment(*(variable(name, text) for name, text in texts.items()), replicas=3)
    (failure,) = failures("rate-limiter-store", env)
    assert failure.fix is not None
    assert failure.fix.description == "Set `RATE_LIMITER_STORE` to `redis`."


@pytest.mark.parametrize(
    ("driver", "fix"),
    [("openid", "Set `AUTH_G_REQUIRE_VERIFIED_EMAIL` to `true`."), ("oauth2", "Set `AUTH_G_ALLOW_PUBLIC_REGISTRATION` to `false`, and create each user in the Data Studio, with this provider and the external identifier. Only the driver `openid` reads `AUTH_G_REQUIRE_VERIFIED_EMAIL`.")],
)  # fmt: skip
def test_unverified_addresses(tmp_path: Path, driver: str, fix: str) -> None:
    lines = f"AUTH_PROVIDERS=g\nAUTH_G_DRIVER={driver}\nAUTH_G_ALLOW_PUBLIC_REGISTRATION=true\n"
    text = f"PUBLIC_URL=https://cms.example.com\nDB_CLIENT=pg\n{lines}"
    (found,) = of(tmp_path, "sso-registration", {".env": text})
    assert found.fix is not None
    assert found.fix.description == fix


def test_several_secrets_and_several_flows(tmp_path: Path) -> None:
    text = "PUBLIC_URL=https://cms.example.com\nDB_CLIENT=pg\nFLOWS_ENV_ALLOW_LIST=SECRET,DB_PASSWORD\n"
    (found,) = of(tmp_path, "flows-env-allow-list", {".env": text})
    assert found.title == "Flows can read 2 secrets"
    assert found.fix is not None
    assert found.fix.description.startswith("Remove `SECRET` and `DB_PASSWORD` from `FLOWS_ENV_ALLOW_LIST`.")


@each_case(
    ("returned", "fix"),
    [
        ("$all", "Set `return` of flow `Orders` to the key of the operation whose result callers need."),
        ("$env.HOOK_SECRET", "Set `return` of flow `Orders` to the key of the operation whose result callers need."),
        (
            "o0",
            "Remove `$env` from the result of operation `o0` in flow `Orders`: let it return only what callers need.",
        ),
        (
            "$last",
            "Remove `$env` from the result of the last operation in flow `Orders`: let it return only what callers need.",
        ),
    ],
)
def test_flows_that_return_a_secret(tmp_path: Path, returned: str, fix: str) -> None:
    compose = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      FLOWS_ENV_ALLOW_LIST: HOOK_SECRET\n"
    flows = flow(**{"return": returned})
    rows = {"flows": flows, "operations": operations(("transform", {"json": {"all": "{{ $env }}"}}))}
    (found,) = of(tmp_path, "flows-env-allow-list", {"compose.yaml": compose, **exported(**rows)})
    assert found.title == "Webhook flow `Orders` returns its environment"
    assert found.fix is not None
    assert found.fix.description == f"{fix} Give `HOOK_SECRET` a new value: callers may know the old value."


def test_several_flows_that_return_a_secret(tmp_path: Path) -> None:
    compose = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      FLOWS_ENV_ALLOW_LIST: HOOK_SECRET\n"
    (first,) = flow(**{"return": "$env"})
    flows = [first, {**first, "id": "g", "name": "Returns", "operation": None}]
    (found,) = of(tmp_path, "flows-env-allow-list", {"compose.yaml": compose, **exported(flows=flows, operations=[])})
    assert found.fix is not None
    assert found.fix.description.endswith(
        "Do the same for `Orders`, `Returns`. Give `HOOK_SECRET` a new value: callers may know the old value."
    )


# --- inputs ------------------------------------------------------------------------------------------------------------


def exported(*rows: dict[str, Any], **more: Any) -> dict[str, str]:
    """An export as a folder of files."""
    tables = {"permissions": list(rows), "policies": POLICIES, "roles": ROLES, "access": ACCESS} | more
    return {f"directus/{name}.json": json.dumps(table, indent=1) for name, table in tables.items()}


def of(root: Path, check: str, files: dict[str, str]) -> list[Finding]:
    return [item for item in audit(Options(root=write(root, files))).findings if item.check == check]


@each_case(
    ("image", "lines", "status"),
    [
        ("directus/directus:v8.8.1", "", "not-applicable"),
        ("directus/directus:10.5.0", "", "pass"),
        ("directus/directus:10.5.0", "      FLOWS_EXEC_ALLOWED_MODULES: axios\n", "fail"),
        ("directus/directus:10.5.0", "      FLOWS_EXEC_ALLOWED_MODULES: 'false'\n", "pass"),
        ("directus/directus:12.4.1", "      FLOWS_EXEC_ALLOWED_MODULES: axios\n", "not-applicable"),
    ],
)
def test_scripts_in_vm2_are_of_some_versions(tmp_path: Path, image: str, lines: str, status: str) -> None:
    root = write(
        tmp_path,
        {
            "compose.yaml": f"services:\n  directus:\n    image: {image}\n    environment:\n      PUBLIC_URL: https://cms.example.com\n{lines}"
        },
    )
    outcomes = {one.check: one.status.value for one in audit(Options(root=root)).outcomes}
    assert (outcomes["flows-exec-modules"], outcomes["flows-env-allow-list"] == "not-applicable") == (
        status,
        "v8" in image,
    )


@each_case(
    ("check", "texts", "says"),
    [
        ("csp-directives", {f"{CSP}_DIRECTIVES__CONNECT_SRC": "'self',*"}, "Add the hosts"),
        ("csp-directives", {f"{CSP}_DIRECTIVES__CONNECT_SRC": "'self',https://a.example.com", **SELF}, "Directus merges what commas"),
        ("files-max-upload-size", {"FILES_MAX_UPLOAD_SIZE": "'100mb'"}, "The quotes are part of the value"),
        ("files-max-upload-size", {"FILES_MAX_UPLOAD_SIZE": "'much'"}, "largest real file"),
        (DENY.lower().replace("_", "-") + "-invalid", {DENY: "0.0.0.0,10.*.*.*"}, "That is what the entries say"),
        (DENY.lower().replace("_", "-") + "-invalid", {DENY: "0.0.0.0,intranet"}, "Remove `intranet`"),
        (DENY.lower().replace("_", "-") + "-invalid", {DENY: "0.0.0.0,10.0.0.1/8"}, ""),
        ("marketplace-registry", {"MARKETPLACE_REGISTRY": "https://user@registry.directus.io"}, "If this registry is yours"),
        ("marketplace-registry", {"MARKETPLACE_REGISTRY": "HTTP://registry.directus.io:80"}, "The default is the same"),
    ],
)  # fmt: skip
def test_a_value_that_only_has_to_be_readable(check: str, texts: dict[str, str], says: str) -> None:
    """Safe only where it is certain what the value says."""
    env = environment(*(variable(name, text) for name, text in texts.items()))
    fixes = [failure.fix for failure in failures(check, env)]
    assert [fix.safe for fix in fixes if fix] == [says.startswith(("Directus", "The ", "That"))] * bool(says)
    assert all(fix and says in fix.description for fix in fixes)
