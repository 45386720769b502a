"""Variables of pipelines that are not GitHub's: a literal secret is found where it stands, whoever uses it in a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.sources import jenkins_texts, pipelines
from directus_guard.sources.files.repository import Repository
from directus_guard.sources.script_texts import scripts
from tests.support.cli import write
from tests.support.cost import grows_linearly
from tests.support.deployment_findings import HEX as S, committed
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PUBLISHED: Final = (
    "services:\n  directus:\n    image: directus/directus:11.5.0\n    environment:\n      SECRET: ${SECRET:?}\n"
    "      PUBLIC_URL: https://cms.example.com\n"
)
RUN: Final = "docker run -d -e SECRET={} -e PUBLIC_URL=https://cms.example.com directus/directus:11.5.0"
UP: Final = "docker compose up -d"
HELD: Final = (
    (".gitlab-ci.yml", f"variables:\n  SECRET: {S}\nup:\n  script:\n    - {RUN.replace('={}', '', 1)}\n"),
    (".gitlab-ci.yml", f"variables:\n  CMS_SECRET: '{S}'\nup:\n  script: [\"{RUN.format('$CMS_SECRET')}\"]\n"),
    (".gitlab-ci.yml", f"variables:\n  SECRET:\n    value: {S}\n    description: of the CMS\nup:\n  script:\n    - {UP}\n"),
    (".gitlab-ci.yml", f"up:\n  variables: {{SECRET: {S}}}\n  script:\n    - cd .\n    - {UP}\n"),
    (".gitlab-ci.yml", f".base:\n  variables:\n    SECRET: {S}\nup:\n  extends: .base\n  script: {UP}\n"),
    (".gitlab-ci.yml", f".a:\n  variables:\n    S: {S}\n.b:\n  extends: [.a]\nup:\n  extends: .b\n  script: {RUN.format('$S')}\n"),
    (".gitlab-ci.yml", f".env: &env\n  SECRET: {S}\nup:\n  variables: *env\n  script:\n    - {UP}\n"),
    ("ci/deploy.yml", f"up:\n  variables:\n    PART: {S}\n    SECRET: x\n  script:\n    - SECRET=$PART {UP}\n"),
    (".circleci/config.yml", f"jobs:\n  up:\n    environment:\n      SECRET: {S}\n    steps:\n      - checkout\n      - run: {UP}\n"),
    (".circleci/config.yml", f"jobs:\n  up:\n    steps:\n      - run:\n          environment:\n            S: {S}\n          command: |\n            {RUN.format('$S')}\n"),
    (".circleci/config.yml", f"jobs:\n  up:\n    environment:\n      - S: {S}\n    steps:\n      - run: {RUN.format('${S}')}\n"),
    (".woodpecker.yml", f"steps:\n  up:\n    environment:\n      - SECRET={S}\n    commands:\n      - {UP}\n"),
    (".woodpecker/deploy.yaml", f"steps:\n  - name: up\n    environment:\n      SECRET: {S}\n    commands:\n      - {UP}\n"),
    (".drone.yml", f"kind: pipeline\nsteps:\n  - name: up\n    environment:\n      SECRET: {S}\n    commands:\n      - {UP}\n"),
    ("azure-pipelines.yml", f"variables:\n  cmsSecret: {S}\nsteps:\n  - script: {RUN.format('$(cmsSecret)')}\n"),
    ("azure-pipelines.yml", f"variables:\n  - group: x\n  - name: cms.secret\n    value: {S}\nsteps:\n  - bash: {RUN.format('$CMS_SECRET')}\n"),
    ("azure-pipelines-cms.yml", f"jobs:\n  - job: up\n    variables:\n      SECRET: {S}\n    steps:\n      - script: {UP}\n"),
    ("azure-pipelines.yml", f"steps:\n  - script: {UP}\n    env:\n      SECRET: {S}\n"),
    (".buildkite/pipeline.yml", f"env:\n  SECRET: {S}\nsteps:\n  - command: {UP}\n"),
    ("Jenkinsfile", f"pipeline {{\n  environment {{\n    SECRET = '{S}'\n  }}\n  stages {{ stage('up') {{ steps {{ sh '{UP}' }} }} }}\n}}\n"),
    ("Jenkinsfile", f"pipeline {{\n stages {{ stage('Deploy') {{\n  environment {{ S = \"{S}\" }}\n  steps {{ sh \"\"\"\n   {RUN.format('${env.S}')}\n  \"\"\" }} }} }}\n}}\n"),
    ("ci/Jenkinsfile.deploy", f"node {{\n  withEnv(['A=b', 'SECRET={S}']) {{\n    sh(script: '{UP}')\n  }}\n}}\n"),
    ("deploy.groovy", f"pipeline {{ /* environment {{ */\n environment {{ // }}\n  S = '''{S}'''\n }}\n stages {{ sh \"{RUN.format(chr(92) + '$S')}\" }} }}\n"),
)  # fmt: skip
QUIET: Final = (
    (".gitlab-ci.yml", f"variables:\n  SECRET: $VAULT_SECRET\nup:\n  script:\n    - {UP}\n"),
    (".gitlab-ci.yml", f"variables:\n  STRIPE_SECRET: {S}\nup:\n  script:\n    - {UP}\n"),
    (".gitlab-ci.yml", f"build:\n  variables:\n    SECRET: {S}\n  script:\n    - ./build.sh\nup:\n  script:\n    - {UP}\n"),
    (".gitlab-ci.yml", f"e2e:\n  variables:\n    SECRET: {S}\n  script:\n    - {UP}\n"),
    (".circleci/config.yml", f"jobs:\n  integration-test:\n    environment:\n      SECRET: {S}\n    steps:\n      - run: {UP}\n"),
    (".woodpecker.yml", f"steps:\n  up:\n    environment:\n      SECRET:\n        from_secret: cms\n    commands:\n      - {UP}\n"),
    ("Jenkinsfile", f"pipeline {{\n environment {{ SECRET = credentials('{S}') }}\n stages {{ sh '{UP}' }} }}\n"),
    ("Jenkinsfile", f"pipeline {{\n stages {{ stage('a') {{ environment {{ SECRET = '{S}' }}\n sh 'make' }}\n stage('b') {{ sh '{UP}' }} }} }}\n"),
)  # fmt: skip


@each_case(("path", "text"), HELD)
def test_a_literal_secret_of_a_pipeline_is_found(tmp_path: Path, path: str, text: str) -> None:
    line = next(number for number, one in enumerate(text.split("\n"), start=1) if S in one)
    assert committed(write(tmp_path, {"compose.yaml": PUBLISHED, path: text})) == [f"{path}:{line}"]


@each_case(("path", "text"), QUIET)
def test_what_no_script_is_given_is_no_finding(tmp_path: Path, path: str, text: str) -> None:
    assert committed(write(tmp_path, {"compose.yaml": PUBLISHED, path: text})) == []


@each_case(
    ("path", "expected"),
    [
        (".gitlab-ci.yml", True), ("apps/cms/.gitlab-ci.prod.yaml", True), (".gitlab/ci/x.yml", True), (".drone.yml", True),
        (".github/workflows/azure-pipeline.yml", False), ("ci/docker-compose.yml", False), ("src/config.yml", False),
    ],
)  # fmt: skip
def test_pipelines_by_name(path: str, expected: bool) -> None:
    assert pipelines.is_pipeline(path) is expected


@pytest.mark.thorough
@pytest.mark.parametrize(
    "piece", ["{ ", "a { 'x' } ", "'''", '"', "/* ", "withEnv(['A=b'", "environment { A = 'b' } ", "stage('a') { "]
)
def test_the_cost_of_a_jenkinsfile_is_linear(piece: str) -> None:
    def work(size: int) -> Callable[[], object]:
        text = piece * (size // len(piece))
        return lambda: list(jenkins_texts.strings("Jenkinsfile", text))

    assert grows_linearly(work, 10_000)


def test_aliases_and_circles_end(tmp_path: Path) -> None:
    lines = ["a0: &a0 {script: [docker compose up]}"]
    lines += [f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}, *a{number - 1}]" for number in range(1, 20)]
    lines += ["x: {extends: y, script: docker compose up}", "y: {extends: x}"]
    repository = Repository(write(tmp_path, {".gitlab-ci.yml": "\n".join(lines)}))
    assert len(list(scripts(repository, ".gitlab-ci.yml", lambda text: "compose" in text))) <= 10_000
