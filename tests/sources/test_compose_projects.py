"""Which services of Compose files are deployments: each counts once, however many files put it together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.finding import Status
from tests.support.deployment_findings import named, scanned
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

COMMON: Final = (
    "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: ${SECRET}\n"
    "      DB_CLIENT: pg\n      MARKETPLACE_TRUST: all\n"
)
URL: Final = "    environment:\n      PUBLIC_URL: https://cms.pelican.io\n"


def extending(file: str, more: str = URL) -> str:
    return f"services:\n  cms:\n    extends: {{file: {file}, service: directus}}\n{more}"


ONE: Final[Mapping[str, Mapping[str, str]]] = {
    "extends": {"compose.yaml": extending("common.yml"), "common.yml": COMMON},
    "extends from a folder": {"docker-compose.yml": extending("base/cms.yaml"), "base/cms.yaml": COMMON},
    "extends twice": {
        "compose.yaml": extending("middle.yml"),
        "middle.yml": "services:\n  directus:\n    extends: {file: common.yml, service: directus}\n",
        "common.yml": COMMON,
    },
    "includes": {"compose.yaml": "include: [cms/compose.yaml]\n", "cms/compose.yaml": COMMON},
    "includes another name": {"compose.yaml": "include:\n  - path: directus.yml\n", "directus.yml": COMMON},
    "includes and adds": {
        "compose.yaml": f"include: [directus.yml]\nservices:\n  directus:\n{URL}",
        "directus.yml": COMMON,
    },
}


@each_case("case", ONE)
def test_one_service_is_one_deployment(case: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, ONE[case])
    assert len(report.scanned.deployments) == 1
    assert len(named(report, "marketplace-trust")) == 1


@each_case(
    "files",
    [
        {"compose.yaml": extending("live.yml", "    environment:\n      MARKETPLACE_TRUST: sandbox\n"), "live.yml": COMMON},
        {"dev.yaml": extending("live.yml"), "live.yml": COMMON},
        {
            "compose.yaml": extending("live.yml", "    image: directus/directus:12.3.0\n"),
            "live.yml": COMMON,
        },
        {"compose.yaml": "include: [cms/compose.yaml]\n", "cms/compose.yaml": COMMON, "cms/.env": "SECRET=x\n", ".env": "SECRET=y\n"},
    ],
)  # fmt: skip
def test_what_another_project_changes_hides_nothing(files: Mapping[str, str], tmp_path: Path) -> None:
    report = scanned(tmp_path, files)
    assert len(report.scanned.deployments) == 2
    assert named(report, "marketplace-trust")


@each_case("name", ["compose.json", "docker-compose.json", "docker-compose.prod.json"])
def test_a_compose_file_may_be_json(name: str, tmp_path: Path) -> None:
    text = '{\n"services": {"directus": {"image": "directus/directus:12.4.1", "environment": {\n"MARKETPLACE_TRUST": "all"}}}}\n'
    assert named(scanned(tmp_path, {name: text}), "marketplace-trust") == {f"{name}:3 high"}


PART: Final = (
    "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: ${SECRET:?}\n"
    "      PUBLIC_URL: https://cms.pelican.io\n      MARKETPLACE_TRUST: ${TRUST:-sandbox}\n"
)
LAX: Final = "TRUST=all\n"
TIGHT: Final = "TRUST=sandbox\n"


@each_case(
    ("entry", "others", "place"),
    [
        ("env_file: cms/a.env", {"cms/a.env": LAX}, "cms/a.env:1 high"),
        ("env_file: ./cms/a.env", {"cms/a.env": LAX, "cms/.env": TIGHT}, "cms/a.env:1 high"),
        ("env_file: [cms/a.env, cms/b.env]", {"cms/a.env": TIGHT, "cms/b.env": LAX}, "cms/b.env:1 high"),
        ("env_file:\n      - shared.env\n    project_directory: .", {"shared.env": LAX}, "shared.env:1 high"),
        ("env_file: ${WHERE:-cms}/a.env", {"cms/a.env": LAX, ".env": "WHERE=cms\n"}, "cms/a.env:1 high"),
        ("env_file: cms/a.env", {"cms/a.env": TIGHT, ".env": LAX}, ".env:1 high"),
        ("env_file: cms/a.env", {"cms/a.env": LAX, ".env": TIGHT}, None),
        ("env_file: [cms/a.env, cms/b.env]", {"cms/a.env": LAX, "cms/b.env": TIGHT}, None),
    ],
)
def test_an_include_is_filled_in_from_its_own_environment_file(
    entry: str, others: Mapping[str, str], place: str | None, tmp_path: Path
) -> None:
    files = {"compose.yaml": f"include:\n  - path: cms/part.yaml\n    {entry}\n", "cms/part.yaml": PART, **others}
    assert named(scanned(tmp_path, files), "marketplace-trust") == ({place} if place else set())


OPEN: Final = (
    "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: ${SECRET:?}\n"
    "      MARKETPLACE_TRUST: all\n"
)
LISTED: Final = OPEN.replace("SECRET: ", "- SECRET=").replace("TRUST: ", "TRUST=").replace("      M", "      - M")
RESET: Final = "services:\n  directus:\n    environment:\n"


@each_case(
    ("base", "override", "found"),
    [
        (OPEN, f"{RESET}      MARKETPLACE_TRUST: !reset null\n", False),
        (OPEN, f"{RESET}      MARKETPLACE_TRUST: !reset\n", False),
        (OPEN, f"{RESET}      MARKETPLACE_TRUST: !reset sandbox\n", False),
        (OPEN, f"{RESET}      MARKETPLACE_TRUST: !reset ''\n      QUERY_LIMIT_MAX: 100\n", False),
        (OPEN, "services:\n  directus:\n    environment: {MARKETPLACE_TRUST: !reset all}\n", False),
        (OPEN.replace("trust: all", ""), "services:\n  directus: !reset null\n", False),
        (OPEN, f"{RESET}      MARKETPLACE_TRUST: !override sandbox\n", False),
        (OPEN.replace("all", "sandbox"), f"{RESET}      MARKETPLACE_TRUST: !reset all\n", False),
        (OPEN.replace("all", "sandbox"), f"{RESET}      MARKETPLACE_TRUST: !override all\n", True),
        (OPEN, f"{RESET}      OTHER: !reset null\n", True),
        (OPEN, "services:\n  directus:\n    ports: !reset []\n", True),
        (LISTED, f"{RESET}      MARKETPLACE_TRUST: !reset null\n", True),
        (OPEN, f"{RESET}      - !reset MARKETPLACE_TRUST=sandbox\n", True),
    ],
)  # fmt: skip
def test_what_is_tagged_reset_is_gone_where_compose_finds_it(
    base: str, override: str, found: bool, tmp_path: Path
) -> None:
    """As `docker compose config` resolves them: in a list nothing is found by its name."""
    together = {".env": "COMPOSE_FILE=docker-compose.one.yml:docker-compose.two.yml\n"}
    files = {"docker-compose.one.yml": base, "docker-compose.two.yml": override, **together}
    assert bool(named(scanned(tmp_path, files), "marketplace-trust")) is found


TIGHTER: Final = "    environment:\n      MARKETPLACE_TRUST: sandbox\n"


def based(name: str) -> str:
    return COMMON.replace("  directus:", f"  {name}:")


def on_top(file: str, name: str, more: str = TIGHTER) -> str:
    return f"services:\n  cms:\n    extends: {{file: {file}, service: {name}}}\n{more}"


@each_case(
    ("files", "count", "found"),
    [
        ({"compose.yaml": on_top("common.yml", "directus"), "common.yml": COMMON}, 1, False),
        ({"compose.yaml": on_top("parts/cms.yml", "directus-base"), "parts/cms.yml": based("directus-base")}, 1, False),
        ({"docker-compose.prod.yml": on_top("common/services.yml", "base"), "common/services.yml": based("base")}, 1, False),
        ({"compose.yaml": on_top("compose.base.yaml", "directus"), "compose.base.yaml": COMMON}, 1, False),
        ({"dev.yml": on_top("cms_template.yml", "directus"), "prod.yml": on_top("cms_template.yml", "directus"), "cms_template.yml": COMMON}, 2, False),
        ({"compose.yaml": f"{based('base')}    profiles: [never]\n  cms:\n    extends: {{service: base}}\n    profiles: !reset []\n{TIGHTER}"}, 1, False),
        # The base is started by itself, or nothing extends it.
        ({"compose.yaml": f"{based('base')}  cms:\n    extends: {{service: base}}\n{TIGHTER}"}, 2, True),
        ({"compose.yaml": "services:\n  web: {image: nginx}\n", "common.yml": COMMON}, 1, True),
        ({"compose.yaml": on_top("common.yml", "directus"), "common.yml": COMMON, "up.sh": "docker compose -f common.yml up -d\n"}, 2, True),
    ],
)  # fmt: skip
def test_a_service_that_is_only_there_to_be_extended_is_no_server(
    files: Mapping[str, str], count: int, found: bool, tmp_path: Path
) -> None:
    report = scanned(tmp_path, files)
    assert len(report.scanned.deployments) == count
    assert bool(named(report, "marketplace-trust")) is found


ENTRY: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment:
      - SECRET=${{SECRET}}
      - {entry}
"""


@each_case(
    "entry", ["${HIDDEN}", "$HIDDEN", "${NAME}=all", "${HIDDEN:?}", "X_${HIDDEN}=1", "${OTHER:-MARKETPLACE_TRUST=all}"]
)
def test_an_entry_named_from_outside_may_set_any_variable(entry: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {"compose.yaml": ENTRY.format(entry=entry)})
    (outcome,) = [one for one in report.outcomes if one.check == "marketplace-trust"]
    assert outcome.status is Status.NOT_EVALUATED
    assert "an entry of `environment` is not known" in outcome.reason


@each_case("entry", ["${HIDDEN}", "${NAME}=all", "${NAME}_TRUST=all"])
def test_compose_puts_values_in_before_it_splits_an_entry(entry: str, tmp_path: Path) -> None:
    name = "MARKETPLACE" if "_TRUST" in entry and "NAME" in entry else "MARKETPLACE_TRUST"
    env = f"SECRET=x\nHIDDEN=MARKETPLACE_TRUST=all\nNAME={name}\n"
    report = scanned(tmp_path, {"compose.yaml": ENTRY.format(entry=entry), ".env": env})
    assert len(named(report, "marketplace-trust")) == 1


def test_a_build_argument_named_from_outside_may_set_any(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services:\n  directus:\n    build: {context: ., args: ['${HIDDEN}']}\n    environment: {SECRET: x}\n",
        "Dockerfile": "FROM directus/directus:12.4.1\nARG TRUST=sandbox\nENV MARKETPLACE_TRUST=$TRUST\n",
    }
    (outcome,) = [one for one in scanned(tmp_path, files).outcomes if one.check == "marketplace-trust"]
    assert outcome.status is Status.NOT_EVALUATED
