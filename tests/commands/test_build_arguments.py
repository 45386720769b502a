"""What a manifest gives for the `ARG`s of a Dockerfile decides the base image and the `ENV`; a default is a literal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.finding import Status
from tests.support.deployment_findings import HEX, answered, named, scanned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ENVIRONMENT: Final = (
    "    environment:\n      SECRET: ${SECRET}\n      PUBLIC_URL: https://cms.harbour-books.com\n      DB_CLIENT: pg\n"
)
VERSIONED: Final = "ARG DIRECTUS_VERSION=12.4.1\nFROM directus/directus:${DIRECTUS_VERSION}\n"
"""What is built by default passes."""


def service(build: str) -> str:
    return f"services:\n  cms:\n    build:\n{build}{ENVIRONMENT}"


OLD: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "mapping": (
        "compose.yaml:6",
        {"compose.yaml": service("      context: .\n      args:\n        DIRECTUS_VERSION: 10.8.3\n")},
    ),
    "list": (
        "compose.yaml:6",
        {"compose.yaml": service('      context: .\n      args:\n        - "DIRECTUS_VERSION=10.8.3"\n')},
    ),
    "from .env": (
        ".env:1",
        {
            "compose.yaml": service("      context: .\n      args:\n        DIRECTUS_VERSION: ${V}\n"),
            ".env": "V=10.8.3\n",
        },
    ),
    "handed on": (
        ".env:1",
        {
            "compose.yaml": service("      context: .\n      args: [DIRECTUS_VERSION]\n"),
            ".env": "DIRECTUS_VERSION=10.8.3\n",
        },
    ),
    "override": (
        "compose.override.yaml:5",
        {
            "compose.yaml": f"services:\n  cms:\n    build: .\n{ENVIRONMENT}",
            "compose.override.yaml": (
                "services:\n  cms:\n    build:\n      args:\n        DIRECTUS_VERSION: '10.8.3'\n"
            ),
        },
    ),
    "fly": (
        "fly.toml:5",
        {
            "fly.toml": (
                'app = "pelican"\n[build]\n  dockerfile = "Dockerfile"\n  [build.args]\n'
                '    DIRECTUS_VERSION = "10.8.3"\n[env]\n  PUBLIC_URL = "https://pelican.fly.dev"\n'
            )
        },
    ),
    "heroku": (
        "heroku.yml:5",
        {
            "heroku.yml": (
                "build:\n  docker:\n    web: Dockerfile\n  config:\n    DIRECTUS_VERSION: 10.8.3\n"
                "setup:\n  config:\n    PUBLIC_URL: https://pelican.herokuapp.com\n    DB_CLIENT: pg\n"
            )
        },
    ),
    "render's variables": (
        "render.yaml:6",
        {
            "render.yaml": (
                "services:\n  - type: web\n    runtime: docker\n    envVars:\n      - key: DIRECTUS_VERSION\n"
                "        value: 10.8.3\n      - key: DB_CLIENT\n        value: pg\n"
            )
        },
    ),
    "a build-time variable": (
        ".do/app.yaml:8",
        {
            ".do/app.yaml": (
                "name: cms\nservices:\n  - name: directus\n    dockerfile_path: Dockerfile\n    http_port: 8055\n    envs:\n"
                "      - key: DIRECTUS_VERSION\n        value: 10.8.3\n        scope: BUILD_TIME\n"
            )
        },
    ),
    "make": (
        "Makefile:2",
        {
            "Makefile": (
                "image:\n\tdocker build --build-arg DIRECTUS_VERSION=10.8.3 -t pelican/cms .\n"
                "up: image\n\tdocker run -d -e PUBLIC_URL=https://cms.pelican.io -e SECRET pelican/cms\n"
            )
        },
    ),
    "buildx": (
        "deploy.sh:2",
        {
            "deploy.sh": (
                "#!/bin/sh\ndocker buildx build --push --no-cache --build-arg=DIRECTUS_VERSION=10.8.3 -t pelican/cms .\n"
                "docker run -d -e PUBLIC_URL=https://cms.pelican.io -e DB_CLIENT=pg pelican/cms\n"
            )
        },
    ),
    "cloud build": (
        "cloudbuild.yaml:3",
        {
            "cloudbuild.yaml": (
                "steps:\n  - name: gcr.io/cloud-builders/docker\n    args: [build, --build-arg, DIRECTUS_VERSION=10.8.3, "
                "-t, gcr.io/pelican/directus, .]\n  - name: gcr.io/google.com/cloudsdktool/cloud-sdk\n"
                "    entrypoint: gcloud\n    args: [run, deploy, directus, --image=gcr.io/pelican/directus]\n"
            )
        },
    ),
}


@pytest.mark.parametrize("case", OLD)
def test_the_version_that_is_given_is_built(case: str, tmp_path: Path) -> None:
    place, files = OLD[case]
    report = scanned(tmp_path, {"Dockerfile": VERSIONED, **files})
    assert named(report, "vulnerable-version-high") == {f"{place} high"}


def test_the_default_is_not_judged_where_another_version_is_given(tmp_path: Path) -> None:
    old = "ARG BASE\nARG V=10.8.3\nFROM ${BASE}:${V}\n"
    text = service("      context: .\n      args:\n        BASE: directus/directus\n        V: 12.4.1\n")
    report = scanned(tmp_path, {"Dockerfile": old, "compose.yaml": text})
    assert answered(report, "end-of-life-version") == {Status.PASS}


def test_a_version_from_outside_is_not_evaluated(tmp_path: Path) -> None:
    text = service("      context: .\n      args:\n        DIRECTUS_VERSION: ${V}\n")
    report = scanned(tmp_path, {"Dockerfile": VERSIONED.replace("12.4.1", "10.8.3"), "compose.yaml": text})
    assert answered(report, "vulnerable-version-high") == {Status.NOT_EVALUATED}
    report = scanned(tmp_path, {"compose.yaml": text.replace("${V}", "${V:-10.8.3}")})
    assert named(report, "vulnerable-version-high") == {"compose.yaml:6 medium"}


def test_who_builds_a_dockerfile_alone_may_give_another_version(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"Dockerfile": VERSIONED})
    assert answered(report, "end-of-life-version") == {Status.NOT_EVALUATED}
    report = scanned(tmp_path, {"Dockerfile": VERSIONED.replace("12.4.1", "10.8.3")})
    assert named(report, "end-of-life-version") == {"Dockerfile:2 medium"}


ELSEWHERE: Final[Mapping[str, tuple[str, str, str]]] = {
    "make": (
        "Makefile",
        "image:\n\tdocker build --build-arg DIRECTUS_VERSION=10.8.3 -t ghcr.io/pelican/cms .\n\tdocker push ghcr.io/pelican/cms\n",
        "2",
    ),
    "script without a name": ("ci.sh", "docker build \\\n  --build-arg DIRECTUS_VERSION=10.8.3 \\\n  .\n", "2"),
    "file and folder": (
        "build/image.sh",
        "podman build -f ../Dockerfile --build-arg=DIRECTUS_VERSION=10.8.3 ..\n",
        "1",
    ),
    "run of a workflow": (
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  image:\n    steps:\n      - run: docker build --build-arg DIRECTUS_VERSION=10.8.3 -t cms .\n",
        "5",
    ),
    "step of a workflow": (
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  image:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          build-args: |\n            NODE_ENV=production\n            DIRECTUS_VERSION=10.8.3\n",
        "9",
    ),
    "GitLab": (
        ".gitlab-ci.yml",
        "image:\n  script:\n    - docker build --build-arg DIRECTUS_VERSION=10.8.3 -t $CI_REGISTRY_IMAGE .\n",
        "3",
    ),
    "package.json": (
        "package.json",
        '{"name": "cms", "scripts": {\n"image": "docker build --build-arg DIRECTUS_VERSION=10.8.3 -t cms ."}}\n',
        "2",
    ),
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_who_builds_the_image_gives_its_version_wherever_it_runs(case: str, tmp_path: Path) -> None:
    path, text, line = ELSEWHERE[case]
    report = scanned(tmp_path, {"Dockerfile": VERSIONED, path: text})
    assert named(report, "vulnerable-version-high") == {f"{path}:{line} high"}
    assert report.scanned.deployments == ("Dockerfile",)


def test_a_variable_of_the_console_may_give_another_version(tmp_path: Path) -> None:
    _, files = OLD["render's variables"]
    named_otherwise = {path: text.replace("DIRECTUS_VERSION", "OTHER") for path, text in files.items()}
    report = scanned(tmp_path, {"Dockerfile": VERSIONED, **named_otherwise})
    assert answered(report, "end-of-life-version") == {Status.NOT_EVALUATED}


def test_two_builds_are_two_images(tmp_path: Path) -> None:
    build = "docker build --build-arg DIRECTUS_VERSION=%s -t cms .\n"
    report = scanned(tmp_path, {"Dockerfile": VERSIONED, "old.sh": build % "10.8.3", "new.sh": build % "12.4.1"})
    assert named(report, "vulnerable-version-high") == {"old.sh:1 high"}
    assert report.scanned.deployments == ("Dockerfile@new.sh", "Dockerfile@old.sh")


def test_an_argument_of_a_workflow_that_is_worked_out_is_unknown(tmp_path: Path) -> None:
    step = (
        "on: push\njobs:\n  image:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n"
        "          build-args: DIRECTUS_VERSION=${{ inputs.version }}\n"
    )
    report = scanned(tmp_path, {"Dockerfile": VERSIONED.replace("12.4.1", "10.8.3"), ".github/workflows/a.yml": step})
    assert answered(report, "vulnerable-version-high") == {Status.NOT_EVALUATED}


def test_an_argument_fills_the_environment(tmp_path: Path) -> None:
    image = "FROM directus/directus:12.4.1\nARG TRUST=sandbox\nARG APP_SECRET\nENV MARKETPLACE_TRUST=${TRUST}\nENV SECRET=$APP_SECRET\n"
    text = service(f"      context: .\n      args:\n        TRUST: all\n        APP_SECRET: {HEX}\n").replace(
        "      SECRET: ${SECRET}\n", ""
    )
    report = scanned(tmp_path, {"Dockerfile": image, "compose.yaml": text})
    assert named(report, "marketplace-trust") == {"compose.yaml:6 high"}
    assert named(report, "secret-committed") == {"compose.yaml:7 high"}


def test_an_argument_names_the_base_image(tmp_path: Path) -> None:
    text = "services:\n  cms:\n    build:\n      context: .\n      args:\n        IMAGE: directus/directus:10.8.3\n"
    report = scanned(tmp_path, {"Dockerfile": "ARG IMAGE\nFROM ${IMAGE}\n", "compose.yaml": text})
    assert named(report, "vulnerable-version-high") == {"compose.yaml:6 high"}


@pytest.mark.parametrize("reference", ["$KEPT", "${KEPT}", '"${KEPT}"', "${KEPT:-x}"])
def test_the_default_of_an_argument_is_a_literal(reference: str, tmp_path: Path) -> None:
    image = f"FROM directus/directus:12.4.1\nARG KEPT={HEX}\nENV SECRET={reference} DB_CLIENT=pg\n"
    report = scanned(tmp_path, {"Dockerfile": image})
    assert named(report, "secret-committed") == {"Dockerfile:2 medium"}
    assert not named(report, "insecure-fallback")
    report = scanned(tmp_path, {"Dockerfile": image.replace(HEX, "supersecret")})
    assert named(report, "secret-weak") == {"Dockerfile:2 medium"}
    assert not named(report, "insecure-fallback")


def test_an_example_password_stays_a_fallback(tmp_path: Path) -> None:
    image = "FROM directus/directus:12.4.1\nARG PW=password\nENV DB_PASSWORD=$PW DB_CLIENT=pg\n"
    report = scanned(tmp_path, {"Dockerfile": image})
    assert named(report, "insecure-fallback") == {"Dockerfile:2 high"}


def test_an_argument_without_a_default_is_no_secret(tmp_path: Path) -> None:
    report = scanned(tmp_path, {"Dockerfile": "FROM directus/directus:12.4.1\nARG S\nENV SECRET=$S DB_CLIENT=pg\n"})
    for check in ("secret-weak", "secret-committed", "insecure-fallback"):
        assert not named(report, check)


def test_places_of_arguments_of_an_inline_dockerfile(tmp_path: Path) -> None:
    build = (
        "      context: .\n      dockerfile_inline: |\n        ARG V=12.4.1\n        FROM directus/directus:$$V\n"
        "      args:\n        V: 10.8.3\n"
    )
    assert named(scanned(tmp_path, {"compose.yaml": service(build)}), "end-of-life-version") == {"compose.yaml:9 high"}
