"""What four variants of one deployment repeat is one finding, and stays four for baselines, ignores and a base."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit import baseline, variants
from directus_guard.audit.options import Base, Options
from directus_guard.audit.run import audit
from directus_guard.finding import Confidence, Context, Finding, Location, Severity, State, Step, Subject
from directus_guard.sources.files.folder import Folder
from tests.support.cli import write

if TYPE_CHECKING:
    from pathlib import Path

STAGES: Final = ("eu", "prod", "staging", "us-east-1")


def task(stage: str, **variables: str) -> str:
    environment = {
        "PUBLIC_URL": f"https://{stage}.example.com",
        "CORS_ENABLED": "true",
        "CORS_ORIGIN": "true",
        **variables,
    }
    container = {
        "name": "directus",
        "image": "directus/directus:12.4.1",
        "environment": [{"name": name, "value": value} for name, value in environment.items()],
    }
    return json.dumps({"family": f"cms-{stage}", "containerDefinitions": [container]}, indent=2)


def tasks(*stages: str) -> dict[str, str]:
    return {f"task-definition-{stage}.json": task(stage) for stage in stages}


def overlay(stage: str) -> str:
    return (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cms}\nspec:\n  template:\n    spec:\n      containers:\n"
        "        - name: directus\n          image: directus/directus:12.4.1\n          env:\n"
        f"            - {{name: PUBLIC_URL, value: https://{stage}.example.com}}\n"
        "            - {name: MARKETPLACE_TRUST, value: all}\n"
    )


def found(root: Path, check: str, **rest: object) -> list[Finding]:
    report = audit(Options(root=root, **rest))  # type: ignore[arg-type]  # the test names fields
    return [finding for finding in report.findings if finding.check == check]


def test_task_definitions(tmp_path: Path) -> None:
    (finding,) = found(write(tmp_path, tasks(*STAGES)), "cors-any-origin")
    places = [finding.location.path, *(item.location.path for item in finding.related)]
    assert sorted(places) == sorted(tasks(*STAGES))


def test_a_stage_and_a_region_and_no_stage_at_all(tmp_path: Path) -> None:
    names = ["-staging", "-prod", "-prod-eu", "-prod_us-east-1", ""]
    files = {f"task-definition{name}.json": task(name.strip("-") or "main") for name in names}
    (finding,) = found(write(tmp_path, files), "cors-any-origin")
    assert len(finding.related) == len(names) - 1


@pytest.mark.parametrize("folder", ["overlays/{}", "deploy/environments/{}", "k8s/{}"])
def test_overlays(tmp_path: Path, folder: str) -> None:
    files = {f"{folder.format(stage)}/directus.yaml": overlay(stage) for stage in ("prod", "staging", "qa")}
    (finding,) = found(write(tmp_path, files), "marketplace-trust")
    assert len(finding.related) == 2


def test_other_values_and_other_projects_stay_apart(tmp_path: Path) -> None:
    files = tasks("eu", "us") | {"task-definition-prod.json": task("prod", CORS_ORIGIN="1")}
    assert len(found(write(tmp_path / "values", files), "cors-any-origin")) == 2
    files = {f"{name}/task-definition.json": task(name) for name in ("shop", "blog")}
    assert len(found(write(tmp_path / "projects", files), "cors-any-origin")) == 2


def test_compose_files_stay_apart(tmp_path: Path) -> None:
    text = "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment: {MARKETPLACE_TRUST: all}\n"
    files = {"prod/compose.yaml": text, "staging/compose.yaml": text}
    assert len(found(write(tmp_path, files), "marketplace-trust")) == 2


def test_a_baseline_accepts_all_of_them(tmp_path: Path) -> None:
    root = write(tmp_path, tasks(*STAGES))
    accepted = baseline.read(baseline.write(found(root, "cors-any-origin")))
    assert len(accepted) == len(STAGES)
    (root / "task-definition-eu.json").unlink()
    (left,) = found(root, "cors-any-origin", baseline=accepted)
    assert left.state is State.EXISTING


def test_what_the_base_has_is_not_new_when_the_first_is_mended(tmp_path: Path) -> None:
    base = write(tmp_path / "base", tasks(*STAGES))
    head = write(tmp_path / "head", tasks(*STAGES) | {"task-definition-eu.json": task("eu", CORS_ENABLED="false")})
    (left,) = found(head, "cors-any-origin", base=Base("main", Folder(base)))
    assert left.state is State.EXISTING
    assert len(left.related) == len(STAGES) - 2


def test_a_password_filled_in_at_two_places_is_one_finding(tmp_path: Path) -> None:
    compose = (
        "services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: ${DB_PASSWORD}\n"
        "  cms:\n    image: directus/directus:12.4.1\n    environment:\n      PUBLIC_URL: https://cms.example.com\n"
        "      DB_CLIENT: pg\n      DB_PASSWORD: ${DB_PASSWORD}\n"
    )
    root = write(tmp_path, {"compose.yaml": compose, ".env": "DB_PASSWORD=changeme\n"})
    found = [one for one in audit(Options(root=root)).findings if one.check == "datastore-credentials"]
    assert [one.location.line for one in found] == [1]
    assert [place.message for place in found[0].related] == ["`POSTGRES_PASSWORD` of `db`"]


def way(
    model: str, name: str = "Editor update directus_users", *, live: bool = False, step: str = "own-role"
) -> Finding:
    return Finding(
        check="escalation-path",
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        context=Context.UNKNOWN,
        title="Editor can become administrator",
        message="",
        expected="",
        actual="",
        subject=Subject("principal", f"{model} {name}", (("model", model),)),
        location=Location("directus/permissions.json", 2),
        steps=(Step("set the own role", "", "", id=step),),
        live=live,
    )


def test_a_way_of_an_instance_is_shown_at_the_rows_of_its_export() -> None:
    stored, running = way("directus"), way("https://cms.example.com", live=True)
    (shown,) = variants.merged([running, stored], ())
    assert shown.fingerprint == stored.fingerprint
    assert shown.details == ("The instance `https://cms.example.com` has the same way.",)
    assert shown.variants == (running,)
    assert {one.fingerprint for one in variants.apart((shown,))} == {stored.fingerprint, running.fingerprint}


def test_other_ways_of_an_instance_are_shown() -> None:
    stored = way("directus")
    others = [
        way("https://cms.example.com", "Author update directus_users", live=True),
        way("https://cms.example.com", live=True, step="take-over-token"),
    ]
    assert set(variants.merged([stored, *others], ())) == {stored, *others}
    assert len(variants.merged([stored, way("other")], ())) == 2
