"""The table of advisories: its form, its ranges, and what attacks need."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit, run
from directus_guard.directus.advisories import (
    ADVISORIES,
    LAST_REVIEWED,
    PRECONDITIONS,
    RANGE_UNKNOWN,
    TABLE,
    Advisory,
    affecting,
    bounds,
    table,
)
from directus_guard.directus.environment.certainty import Certainty
from directus_guard.directus.versions import NEWEST, NEWEST_OF, Version, floating, newest_matching
from directus_guard.finding import Confidence, Status
from scripts.advisories import merged, text
from tests.support.cli import write
from tests.support.each import each_case, failing
from tests.support.exports import FORMATS

if TYPE_CHECKING:
    from pathlib import Path


RANGES = [(advisory, part) for advisory in ADVISORIES for part in advisory.affected.split(" || ")]


def test_form() -> None:
    assert failing(ADVISORIES, has_form) == []


def has_form(advisory: Advisory) -> None:
    assert re.fullmatch(r"GHSA(-[23456789cfghjmpqrvwx]{4}){3}", advisory.id)
    assert advisory.cve == "" or re.fullmatch(r"CVE-20\d\d-\d{4,6}", advisory.cve)
    for part in advisory.affected.split(" || "):
        assert re.fullmatch(r"(>=\d+\.\d+\.\d+ )?<\d+\.\d+\.\d+", part)
    assert not advisory.gist.endswith(".")


def test_both_ends_of_each_range() -> None:
    assert failing(RANGES, ends_there) == []


def ends_there(affected: tuple[Advisory, str]) -> None:
    advisory, part = affected
    ends = dict(bounds(part))
    first, end = ends.get(">=", Version(9, 0, 0)), ends["<"]
    assert first < end
    assert advisory.affects(first)
    assert advisory.fixed(first) == end
    assert advisory.affects(before(end))
    assert not any(_within_one(end, other) for other in advisory.affected.split(" || "))
    if ">=" in ends:
        earlier = before(first)
        assert advisory.affects(earlier) is any(_within_one(earlier, o) for o in advisory.affected.split(" || "))
        assert not _within_one(earlier, part)


def before(version: Version) -> Version:
    """A version just below."""
    major, minor, patch = version
    return (
        Version(major, minor, patch - 1)
        if patch
        else Version(major, minor - 1, 9999)
        if minor
        else Version(major - 1, 9999, 0)
    )


def _within_one(version: Version, part: str) -> bool:
    return all(version >= bound if sign == ">=" else version < bound for sign, bound in bounds(part))


def test_the_last_patch_of_a_minor_is_not_older_than_a_fix_in_it() -> None:
    for advisory, part in RANGES:
        end = dict(bounds(part))["<"]
        last = newest_matching(f"{end.major}.{end.minor}")
        assert last is not None
        assert last >= end, advisory.id


def test_the_table_is_as_the_script_writes_it() -> None:
    whole = table()
    assert text(whole) == TABLE.read_text(encoding="utf-8")
    assert merged(whole, [], whole["last_reviewed"])[0] == whole


def test_ids_are_unique() -> None:
    assert len({advisory.id for advisory in ADVISORIES}) == len(ADVISORIES)
    cves = [advisory.cve for advisory in ADVISORIES if advisory.cve]
    assert len(set(cves)) == len(cves)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", LAST_REVIEWED)


def test_the_newest_version_is_not_affected() -> None:
    assert affecting(NEWEST) == ()


@each_case(
    ("version", "id_", "affected"),
    [
        ("11.9.2", "GHSA-mv33-9f6j-pfmc", True),
        ("11.9.3", "GHSA-mv33-9f6j-pfmc", False),
        ("10.7.9", "GHSA-mv33-9f6j-pfmc", False),
        ("10.8.0", "GHSA-mv33-9f6j-pfmc", True),
        ("10.13.3", "GHSA-68g8-c275-xf2m", False),
        ("11.0.2", "GHSA-68g8-c275-xf2m", True),
        ("12.0.9", "GHSA-97xr-jchp-xm3c", True),
        ("12.1.0", "GHSA-97xr-jchp-xm3c", False),
    ],
)
def test_ranges(version: str, id_: str, affected: bool) -> None:
    parsed = Version.parse(version)
    assert parsed is not None
    assert (id_ in {advisory.id for advisory in affecting(parsed)}) is affected


def test_fixed_version_is_the_end_of_the_range_it_lies_in() -> None:
    advisory = next(item for item in ADVISORIES if item.id == "GHSA-68g8-c275-xf2m")
    assert str(advisory.fixed(Version(10, 13, 0))) == "10.13.3"
    assert str(advisory.fixed(Version(11, 0, 0))) == "11.1.0"


COMPOSE = "services:\n  directus:\n    image: directus/directus:{version}\n    environment:\n      PUBLIC_URL: https://cms.example.com\n{more}"


def severity_of(root: Path, id_: str, version: str, more: str = "") -> str:
    """The severity of the finding that names the advisory, "" if none does."""
    write(root, {"compose.yaml": COMPOSE.format(version=version, more=more)})
    report = audit(Options(root=root))
    found = [
        finding.severity.value
        for finding in report.findings
        if any(id_ in line and "May apply" not in line for line in finding.details)
        and finding.check.startswith("vulnerable-version-")
    ]
    assert len(found) <= 1
    return found[0] if found else ""


@each_case(
    ("more", "severity"),
    [
        ("", "low"),
        ("      WEBSOCKETS_ENABLED: 'true'\n", "low"),
        ("      WEBSOCKETS_ENABLED: 'true'\n      WEBSOCKETS_REST_AUTH: public\n", "critical"),
        ("      WEBSOCKETS_ENABLED: 'true'\n      WEBSOCKETS_REST_AUTH: ${MODE}\n", ""),
        ("      WEBSOCKETS_ENABLED: ${WS}\n      WEBSOCKETS_GRAPHQL_AUTH: public\n", ""),
        ("    env_file: production.env\n", ""),
        (
            "      WEBSOCKETS_ENABLED: 'true'\n      WEBSOCKETS_REST_AUTH: public\n      WEBSOCKETS_REST_ENABLED: 'false'\n",
            "low",
        ),
        (
            "      WEBSOCKETS_ENABLED: 'true'\n      WEBSOCKETS_REST_AUTH: public\n    env_file: production.env\n",
            "critical",
        ),
        ("      WEBSOCKETS_ENABLED: ${WS:-true}\n      WEBSOCKETS_REST_AUTH: public\n", "critical"),
        ("      WEBSOCKETS_ENABLED: ${WS:-false}\n      WEBSOCKETS_REST_AUTH: public\n", ""),
    ],
)
def test_what_an_attack_needs(tmp_path: Path, more: str, severity: str) -> None:
    assert severity_of(tmp_path, "GHSA-97xr-jchp-xm3c", "12.0.0", more) == severity


PRESENT = {
    "cache": "CACHE_ENABLED: 'true'",
    "cache-and-oauth": "{CACHE_ENABLED: 'true', AUTH_GITHUB_DRIVER: oauth2}",
    "graphql-websockets": "WEBSOCKETS_ENABLED: 'true'",
    "mysql": "DB_CLIENT: mysql",
    "postgres": "DB_CLIENT: pg",
    "raw-logs": "LOG_STYLE: raw",
    "reset-url-list": "PASSWORD_RESET_URL_ALLOW_LIST: https://cms.example.com/reset",
    "s3": "STORAGE_MAIN_DRIVER: s3",
    "saml": "AUTH_COMPANY_DRIVER: saml",
    "sso": "AUTH_PROVIDERS: company",
    "tus": "TUS_ENABLED: 'true'",
    "websockets": "WEBSOCKETS_ENABLED: 'true'",
    "websockets-public": "{WEBSOCKETS_ENABLED: 'true', WEBSOCKETS_GRAPHQL_AUTH: public}",
}
IN_PROJECT = {"ai-chat", "registration"}


@each_case("name", sorted(PRECONDITIONS))
def test_every_precondition_present_absent_and_not_visible(tmp_path: Path, name: str) -> None:
    def holds(environment: str, more: str = "") -> Certainty:
        compose = f"services:\n  directus:\n    image: directus/directus:12.0.0\n{more}    environment: {environment}\n"
        project = run(Options(root=write(tmp_path, {"compose.yaml": compose}))).project
        return PRECONDITIONS[name].certainty(project.environments[0])

    unseen = "    env_file: production.env\n"
    if name in IN_PROJECT:  # see `test_what_the_settings_of_the_project_tell`
        assert holds("{LOG_LEVEL: info}") is Certainty.UNSEEN
        return
    present = PRESENT[name] if PRESENT[name].startswith("{") else f"{{{PRESENT[name]}}}"
    assert holds(present) is Certainty.YES
    assert holds("{LOG_LEVEL: info}") is Certainty.NO
    assert holds("{LOG_LEVEL: info}", unseen) is Certainty.UNSEEN
    assert holds(present, unseen) in (Certainty.YES, Certainty.BY_DEFAULT)


KEYS: Final = ("ai_openai_api_key", "ai_anthropic_api_key", "ai_google_api_key", "ai_openai_compatible_api_key")
NO_KEYS: Final[dict[str, object]] = dict.fromkeys(KEYS)
CHAT, REGISTRATION = "GHSA-4jw7-6mqj-vrhq", "GHSA-8xp8-xrh2-88vr"


@each_case(
    ("advisory", "settings", "more", "severity"),
    [
        (REGISTRATION, {"public_registration": True}, "", "medium"),
        (REGISTRATION, {"public_registration": 1}, "    env_file: production.env\n", "medium"),
        (REGISTRATION, {"public_registration": False}, "", "low"),
        (REGISTRATION, {"public_registration": "${REGISTRATION}"}, "", ""),
        (REGISTRATION, {"public_note": None}, "", ""),
        (REGISTRATION, None, "", ""),
        (CHAT, {**NO_KEYS, "ai_openai_api_key": "**********"}, "", "high"),
        (CHAT, {**NO_KEYS, "ai_openai_api_key": "**********"}, "      AI_ENABLED: 'false'\n", "low"),
        (CHAT, {**NO_KEYS, "ai_openai_api_key": "${KEY}"}, "", ""),
        (CHAT, {"ai_google_api_key": "**********"}, "", "high"),
        (CHAT, NO_KEYS, "", "low"),
        (CHAT, {"ai_google_api_key": None}, "", ""),
        (CHAT, {"public_registration": False}, "", ""),
    ],
)
def test_what_the_settings_of_the_project_tell(
    tmp_path: Path, advisory: str, settings: dict[str, object] | None, more: str, severity: str
) -> None:
    """An attack that needs something which an exported setting switches on; what no export tells is no finding."""
    files = {name: json.dumps(data) for name, data in FORMATS["the API"].items()}
    if settings is not None:
        files["dump/settings.json"] = json.dumps({"project_name": "x", "auth_login_attempts": 5, **settings})
    assert severity_of(write(tmp_path, files), advisory, "12.0.0", more) == severity


def test_which_of_two_exports_runs_is_not_known(tmp_path: Path) -> None:
    for name in ("a", "b"):
        files = {path.replace("dump", name): json.dumps(data) for path, data in FORMATS["the API"].items()}
        write(tmp_path, files | {f"{name}/settings.json": json.dumps({"public_registration": True})})
    assert severity_of(tmp_path, REGISTRATION, "12.0.0", "") == ""


def test_a_precondition_that_holds_by_default_makes_the_finding_less_sure(tmp_path: Path) -> None:
    more = "      WEBSOCKETS_ENABLED: 'true'\n      WEBSOCKETS_REST_AUTH: public\n"
    sure, unsure = tmp_path / "sure", tmp_path / "unsure"
    for root, environment in ((sure, more), (unsure, f"{more}    env_file: production.env\n")):
        write(root, {"compose.yaml": COMPOSE.format(version="12.0.0", more=environment)})
        (found,) = [item for item in audit(Options(root=root)).findings if item.check == "vulnerable-version-critical"]
        assert found.confidence is (Confidence.HIGH if root is sure else Confidence.MEDIUM)
        assert ("on by default" in found.details[0]) is (root is unsure)


def test_what_is_not_visible_is_not_evaluated_and_listed_beside_others(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE.format(version="12.0.0", more="    env_file: production.env\n")})
    report = audit(Options(root=tmp_path))
    critical = [item for item in report.outcomes if item.check == "vulnerable-version-critical"]
    assert [item.status for item in critical] == [Status.NOT_EVALUATED]
    assert "GHSA-97xr-jchp-xm3c needs WebSockets" in critical[0].reason
    high = next(item for item in report.findings if item.check == "vulnerable-version-high")
    assert any(line.startswith("May apply, too: GHSA-3742-46gx-c8cc") for line in high.details)


def test_one_target_version_for_all_severities(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE.format(version="10.12.0", more="")})
    found = [item for item in audit(Options(root=tmp_path)).findings if item.check.startswith("vulnerable-version-")]
    assert len(found) == 4
    assert {item.expected for item in found} == {f"Directus {NEWEST}"}
    for item in found:
        count = sum("May apply" not in line for line in item.details)
        assert item.fix is not None
        assert item.fix.description.startswith(f"Upgrade Directus to {NEWEST}, which fixes ")
        severity = item.check.rsplit("-", 1)[1]
        rated = {"low": "low-risk", "critical": "critical"}.get(severity, f"{severity}-severity")
        assert f"has {count} {rated} " in item.title
        assert len(item.title) <= 60
        assert "Directus 11 and 12 have breaking changes" in item.fix.description


@each_case(
    ("version", "severity", "fixes"),
    [
        ("11.5.0", "critical", "it and the other that may apply"),
        ("11.15.0", "high", "these 9 and the {} that may apply"),
        ("11.17.4", "high", "these 5 and the {} that may apply"),
        ("12.3.0", "medium", "it and the other that may apply"),
    ],
)
def test_what_the_upgrade_fixes_with_and_without_a_licence(
    tmp_path: Path, version: str, severity: str, fixes: str
) -> None:
    """The figures are those of the list, also for the newest version without the limits of Core."""
    write(tmp_path, {"compose.yaml": COMPOSE.format(version=version, more="    env_file: production.env\n")})
    report = audit(Options(root=tmp_path))
    (item,) = [one for one in report.findings if one.check == f"vulnerable-version-{severity}"]
    assert item.fix is not None
    text, count = item.fix.description, len(item.details)
    others = sum(line.startswith("May apply") for line in item.details)
    upgrade = f"which fixes {fixes.format(others)}."
    if version == "12.3.0":  # its own patch release fixes them
        assert text == f"Upgrade Directus to 12.3.1, {upgrade} It is a patch release of the same minor version."
        return
    assert text.startswith(f"Upgrade Directus to {NEWEST}, {upgrade} Back up the database")
    earlier = sum("Fixed in 11." in line for line in item.details)
    if version == "11.17.4":
        assert text.endswith("If that is too little, the project needs a licence: Directus 11 gets no fix.")
    else:
        assert text.endswith(f"upgrade to 11.17.4 for now, which fixes {earlier} of the {count}.")


@pytest.mark.parametrize("version", ["12.0.2", "12.1.1"])
def test_versions_with_high_advisories_that_need_nothing(tmp_path: Path, version: str) -> None:
    assert severity_of(tmp_path, "GHSA-gwvv-rr68-cmv6", version) == "high"


def test_advisories_without_a_known_range_judge_no_version() -> None:
    assert RANGE_UNKNOWN
    assert not {item["id"] for item in RANGE_UNKNOWN} & {item.id for item in ADVISORIES}


@each_case(
    ("tag", "id_", "severity"),
    [
        ("11.8", "GHSA-mv33-9f6j-pfmc", "critical"),
        ("11.9", "GHSA-mv33-9f6j-pfmc", ""),
        ("v11.8", "GHSA-mv33-9f6j-pfmc", "critical"),
        ("11", "GHSA-mv33-9f6j-pfmc", ""),
        ("12.1", "GHSA-gwvv-rr68-cmv6", "high"),
        ("12.2", "GHSA-gwvv-rr68-cmv6", ""),
        ("9", "GHSA-gwvv-rr68-cmv6", "high"),
        ("9.26.0", "GHSA-gwvv-rr68-cmv6", "high"),
        ("8.8.1", "GHSA-gwvv-rr68-cmv6", ""),
    ],
)
def test_a_minor_tag_is_the_last_of_that_minor(tmp_path: Path, tag: str, id_: str, severity: str) -> None:
    assert severity_of(tmp_path, id_, tag) == severity


@each_case(
    ("text_", "version"),
    [
        ("11.8", "11.8.0"),
        ("12.1", "12.1.1"),
        ("~12.1.0", "12.1.1"),
        ("12.1.x", "12.1.1"),
        ("^12.1.0", str(NEWEST_OF[12])),
        ("12", str(NEWEST_OF[12])),
        ("11.x", str(NEWEST_OF[11])),
        ("10-slim", str(NEWEST_OF[10])),
        ("9", "9.26.0"),
        ("11.99", "11.99.0"),
        ("8", "8.0.0"),
        ("latest", None),
        (">=11 <12", None),
    ],
)
def test_newest_matching(text_: str, version: str | None) -> None:
    found = newest_matching(text_)
    assert (str(found) if found else None) == version


@each_case("version", ["9", "9.26.0", "9.0.0"])
def test_directus_9_is_judged_as_the_oldest_known_version(tmp_path: Path, version: str) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE.format(version=version, more="      SECRET: changeme\n")})
    report = audit(Options(root=tmp_path))
    assert "secret-weak" in {finding.check for finding in report.findings}


def test_directus_8_is_another_product(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": COMPOSE.format(version="8.8.1", more="      SECRET: changeme\n")})
    report = audit(Options(root=tmp_path))
    assert {finding.check for finding in report.findings} <= {
        "end-of-life-version",
        "unpinned-image",
        "secret-committed",
    }


def test_a_major_tag_is_judged_by_its_newest_version(tmp_path: Path) -> None:
    assert severity_of(tmp_path, "GHSA-j5h6-vqc3-phqh", "11") == "high"
    assert severity_of(tmp_path, "GHSA-wv3h-5fx7-966h", "11") == ""
    assert severity_of(tmp_path, "GHSA-j5h6-vqc3-phqh", "latest") == ""


@each_case(
    ("text", "major"),
    [
        ("11", 11),
        ("v10", 10),
        ("^11.2.0", 11),
        ("~10.13", 10),
        ("11.x", 11),
        ("10-slim", 10),
        ("latest", None),
        ("", None),
        ("main", None),
        (">=10", None),
    ],
)
def test_floating(text: str, major: int | None) -> None:
    assert floating(text) == major


def test_what_another_program_reads_of_an_advisory() -> None:
    told = [advisory.as_json() for advisory in ADVISORIES]
    assert [one["id"] for one in told] == [advisory.id for advisory in ADVISORIES]
    for advisory, one in zip(ADVISORIES, told, strict=True):
        assert one["severity"] in ("low", "medium", "high", "critical")
        assert one["affected"] == advisory.affected
        assert bool(one["needs"]) is (advisory.precondition is not None)
