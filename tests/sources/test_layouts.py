"""Repositories as platforms' own pages and people lay them out: a variable is found at the line where it is written, or it is
said that it is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.sources import collect as evidence
from directus_guard.sources.deployments import kustomize_patches
from directus_guard.sources.files.repository import Repository
from tests.support.cli import guard, write
from tests.support.each import each_case
from tests.support.kubernetes import POD

if TYPE_CHECKING:
    from pathlib import Path

    from directus_guard.directus.environment.deployment import Deployment

COMPONENT: Final = """kind: Component
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: cms}
    spec:
      template:
        spec:
          containers:
          - name: cms
            env:
            - name: MARKETPLACE_TRUST
              value: all # here
"""
COMPOSE: Final = """services:
  directus:
    image: directus/directus:12.4.1
    environment: {PUBLIC_URL: "https://cms.example.com", SECRET: "${SECRET}"}
"""
RUN: Final = (
    "on: push\nenv:\n  IMAGE: directus/directus:12.4.1\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n"
)
FOUND: Final[dict[str, tuple[dict[str, str], str]]] = {
    "a Kustomize component with a patch": (
        {
            "base/kustomization.yaml": "resources: [cms.yaml]\n",
            "base/cms.yaml": POD,
            "open/kustomization.yaml": COMPONENT,
            "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../open]\n",
        },
        "open/kustomization.yaml",
    ),
    "a component of a component": (
        {
            "base/kustomization.yaml": "resources: [cms.yaml]\n",
            "base/cms.yaml": POD,
            "open/kustomization.yaml": COMPONENT,
            "all/kustomization.yaml": "kind: Component\ncomponents: [../open]\n",
            "prod/kustomization.yaml": "resources: [../base]\ncomponents: [../all]\n",
        },
        "open/kustomization.yaml",
    ),
    "a generator that merges into that of the base": (
        {
            "base/kustomization.yaml": "resources: [cms.yaml]\nconfigMapGenerator:\n- name: cms-env\n  literals: [MARKETPLACE_TRUST=sandbox]\n",
            "base/cms.yaml": POD,
            "prod/kustomization.yaml": "resources: [../base]\nconfigMapGenerator:\n- name: cms-env\n  behavior: merge\n  literals:\n"
            "  - MARKETPLACE_TRUST=all # here\n",
        },
        "prod/kustomization.yaml",
    ),
    "a container of an application chart": (
        {
            "values.yaml": "controllers:\n  cms:\n    containers:\n      app:\n        image: {repository: directus/directus, tag: 12.4.1}\n"
            "        env:\n          MARKETPLACE_TRUST: all # here\n"
        },
        "values.yaml",
    ),
    "an Application of the chart named directus": (
        {
            "cms.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: cms}\nspec:\n  sources:\n  - chart: directus\n"
            "    helm:\n      values: |\n        image: {tag: 12.4.1}\n        extraEnvVars:\n        - name: MARKETPLACE_TRUST\n"
            "          value: all # here\n"
        },
        "cms.yaml",
    ),
    "a values file named after the chart": (
        {"helm/directus-values.yaml": "image: {tag: 12.4.1}\nextraEnvVars:\n- name: MARKETPLACE_TRUST\n  value: all # here\n"},
        "helm/directus-values.yaml",
    ),
    "an image tag in a Terraform variable": (
        {
            "main.tf": 'variable "tag" {}\nresource "docker_container" "cms" {\n  image = "directus/directus:${var.tag}"\n'
            '  env = {\n    MARKETPLACE_TRUST = "all" # here\n  }\n}\n'
        },
        "main.tf",
    ),
    "a Directus that is put into the environment of a workflow": (
        {
            ".github/workflows/deploy.yml": f"{RUN}    - run: |\n        gcloud run deploy cms --image=$IMAGE \\\n"
            "          --set-env-vars=MARKETPLACE_TRUST=all # here\n"
        },
        ".github/workflows/deploy.yml",
    ),
    "an action that takes the image from `env`": (
        {
            ".github/workflows/deploy.yml": f"{RUN}    - uses: google-github-actions/deploy-cloudrun@v2\n      with:\n        service: cms\n"
            "        image: ${{ env.IMAGE }}\n        env_vars: |-\n          MARKETPLACE_TRUST=all # here\n"
        },
        ".github/workflows/deploy.yml",
    ),
    "an Upsun app with a stack": (
        {
            ".upsun/config.yaml": "applications:\n  cms:\n    stack: [nodejs@22]\n    variables:\n      env:\n"
            "        MARKETPLACE_TRUST: all # here\n    web: {commands: {start: npx directus start}}\n"
        },
        ".upsun/config.yaml",
    ),
    "a config that is written in the Compose file": (
        {
            "compose.yaml": f"{COMPOSE}    configs: [{{source: own, target: /directus/.env}}]\nconfigs:\n  own:\n    content: |\n"
            "      LOG_LEVEL=info\n      MARKETPLACE_TRUST=all # here\n"
        },
        "compose.yaml",
    ),
    "a config from a file, at CONFIG_PATH": (
        {
            "compose.yaml": COMPOSE.replace("{PUB", "{CONFIG_PATH: /own.yaml, PUB") + "    configs: [own.yaml]\n"
            "configs:\n  own.yaml:\n    file: cms.yaml\n",
            "cms.yaml": "MARKETPLACE_TRUST: all # here\n",
        },
        "cms.yaml",
    ),
    "a Dockerfile in the Compose file": (
        {
            "compose.yaml": "services:\n  cms:\n    build:\n      dockerfile_inline: |\n        FROM directus/directus:12.4.1\n"
            "        ENV LOG_LEVEL=info \\\n          MARKETPLACE_TRUST=all # here\n"
        },
        "compose.yaml",
    ),
    "a script of an action": (
        {
            ".github/workflows/deploy.yml": f"{RUN}    - uses: appleboy/ssh-action@v1\n      with:\n        script: |\n"
            "          docker run -d -e PUBLIC_URL=https://cms.example.com \\\n            -e MARKETPLACE_TRUST=all \\\n"
            "            directus/directus:12.4.1\n".replace("TRUST=all", "TRUST=all `# here`")
        },
        ".github/workflows/deploy.yml",
    ),
    "a recipe of a Justfile over several lines": (
        {
            "justfile": "up:\n    #!/usr/bin/env bash\n    docker run -d \\\n      -e MARKETPLACE_TRUST=all `# here` \\\n"
            "      directus/directus:12.4.1\n"
        },
        "justfile",
    ),
    "an app of DigitalOcean in Terraform": (
        {
            "main.tf": 'resource "digitalocean_app" "cms" {\n  spec {\n    env {\n      key = "MARKETPLACE_TRUST"\n      value = "all" # here\n    }\n'
            '    service {\n      image {\n        registry = "directus"\n        repository = "directus"\n        tag = "12.4.1"\n      }\n    }\n  }\n}\n'
        },
        "main.tf",
    ),
    "a generator that merges into a ConfigMap of the base": (
        {
            "base/kustomization.yaml": "resources: [cms.yaml, env.yaml]\n",
            "base/env.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cms-env}\ndata: {MARKETPLACE_TRUST: sandbox}\n",
            "base/cms.yaml": POD,
            "prod/kustomization.yaml": "resources: [../base]\nconfigMapGenerator:\n- name: cms-env\n  behavior: merge\n  literals:\n"
            "  - MARKETPLACE_TRUST=all # here\n",
        },
        "prod/kustomization.yaml",
    ),
    "a patch for every ConfigMap of a pattern": (
        {
            "base/kustomization.yaml": "resources: [cms.yaml, env.yaml]\n",
            "base/env.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cms-env}\ndata: {LOG_LEVEL: info}\n",
            "base/cms.yaml": POD,
            "prod/kustomization.yaml": "resources: [../base]\npatches:\n- target: {kind: ConfigMap, name: cms-.*}\n  patch: |-\n"
            "    - op: add\n      path: /data/MARKETPLACE_TRUST\n      value: all # here\n",
        },
        "prod/kustomization.yaml",
    ),
    "the stage of a Dockerfile that is built": (
        {
            "compose.yaml": "services:\n  cms:\n    build: {context: ., target: open}\n",
            "Dockerfile": "FROM directus/directus:12.4.1 AS base\nFROM base AS open\nENV MARKETPLACE_TRUST=all LOG_LEVEL='# here'\nFROM base\nENV LOG_LEVEL=info\n",
        },
        "Dockerfile",
    ),
    "the file that the stage of a Dockerfile copies": (
        {
            "compose.yaml": "services:\n  cms:\n    build: {context: ., target: cms}\n",
            "Dockerfile": "FROM directus/directus:12.4.1 AS cms\nCOPY cms.conf /directus/.env\nFROM nginx:1.27 AS web\n",
            "cms.conf": "LOG_LEVEL=info\nMARKETPLACE_TRUST=all # here\n",
        },
        "cms.conf",
    ),
    "the last of the files that COMPOSE_FILE names": (
        {
            ".env": "COMPOSE_FILE=compose.yaml:one.yaml:two.yaml\n",
            "compose.yaml": COMPOSE,
            "one.yaml": "services:\n  directus:\n    environment:\n      MARKETPLACE_TRUST: none\n",
            "two.yaml": "services:\n  directus:\n    environment:\n      MARKETPLACE_TRUST: all # here\n",
        },
        "two.yaml",
    ),
    "a file in the working folder of the service": (
        {
            "compose.yaml": f"{COMPOSE}    working_dir: /srv\n    volumes: [./own.env:/srv/.env]\n",
            "own.env": "MARKETPLACE_TRUST=all # here\n",
        },
        "own.env",
    ),
}  # fmt: skip
TERRAFORM: Final = 'resource "kubernetes_deployment" "cms" {\n  container {\n    image = "directus/directus:12.4.1"\n'
OPEN: Final[dict[str, dict[str, str]]] = {
    "a tool that gives the environment": {
        "compose.yaml": f"{COMPOSE}    command: [doppler, run, --, node, cli.js, start]\n"
    },
    "a script that is taken in": {"compose.yaml": f'{COMPOSE}    command: sh -c ". /secrets/env && node cli.js start"\n'},
    "a dynamic block": {
        "main.tf": TERRAFORM + '    dynamic "env" {\n      for_each = var.environment\n      content {\n        name = env.key\n'
        "        value = env.value\n      }\n    }\n  }\n}\n"
    },
    "variables of a ConfigMap": {
        "main.tf": TERRAFORM + '    env_from {\n      config_map_ref { name = "cms" }\n    }\n  }\n}\n'.replace("{ name", "{\n        name")
        .replace('"cms" }', '"cms"\n      }')
    },
    "an environment of another module": {
        "main.tf": TERRAFORM + "    env = concat(local.common, [])\n  }\n}\n",
    },
}  # fmt: skip


def deployments(folder: Path, files: dict[str, str]) -> tuple[Deployment, ...]:
    return evidence.collect(Repository(write(folder, files))).deployments


@each_case(("files", "path"), FOUND.values(), ids=FOUND)
def test_the_value_is_found_where_it_is_written(tmp_path: Path, files: dict[str, str], path: str) -> None:
    (deployment,) = deployments(tmp_path, files)
    config = deployment.config_file if isinstance(deployment.config_file, tuple) else ()
    found = [one for one in (*deployment.variables, *config) if one.name == "MARKETPLACE_TRUST"][-1]
    assert isinstance(found.value, Known)
    assert found.value.text.reveal().partition(" #")[0] == "all"
    line = next(number for number, text in enumerate(files[path].split("\n"), start=1) if "# here" in text)
    assert (found.location.path, found.location.line) == (path, line)
    text = files[path].split("\n")[line - 1]
    assert text[found.location.column - 1 :].lstrip("\"'").startswith("all")


@each_case("command", ["node cli.js start", "sh -c 'test x = y && node cli.js start'", "pm2-runtime start a.config.js"])
def test_other_commands_leave_nothing_open(tmp_path: Path, command: str) -> None:
    (plain,) = deployments(tmp_path / "plain", {"compose.yaml": COMPOSE})
    (started,) = deployments(tmp_path / "started", {"compose.yaml": f'{COMPOSE}    command: "{command}"\n'})
    assert (started.variables, started.gaps) == (plain.variables, plain.gaps)


@each_case("files", OPEN.values(), ids=OPEN)
def test_what_cannot_be_seen_leaves_the_environment_open(tmp_path: Path, files: dict[str, str]) -> None:
    (deployment,) = deployments(tmp_path, files)
    assert deployment.gaps
    answer = guard("scan", "-v", tmp_path).out
    assert "not-evaluated  marketplace-trust" in answer


def test_a_config_from_outside_is_not_known(tmp_path: Path) -> None:
    text = f"{COMPOSE}    configs: [{{source: own, target: /directus/.env}}]\nconfigs:\n  own: {{external: true}}\n"
    (deployment,) = deployments(tmp_path, {"compose.yaml": text})
    assert isinstance(deployment.config_file, Unknown)


def test_references_in_a_config_are_those_of_compose(tmp_path: Path) -> None:
    text = f"{COMPOSE}    configs: [{{source: own, target: /directus/.env}}]\nconfigs:\n  own:\n    content: |\n"
    text += "      LOG_LEVEL=${LEVEL}\n      EMAIL_FROM=$$x\n      CACHE_STORE=${STORE}\n"
    (deployment,) = deployments(tmp_path, {"compose.yaml": text, ".env": "LEVEL=debug\n"})
    assert isinstance(deployment.config_file, tuple)
    level, sender, store = deployment.config_file
    assert isinstance(level.value, Known)
    assert level.value.text.reveal() == "debug"
    assert isinstance(sender.value, Known)
    assert sender.value.text.reveal() == "$x"
    assert isinstance(store.value, Unknown)


def test_secrets_of_app_runner_are_set(tmp_path: Path) -> None:
    text = 'resource "aws_apprunner_service" "cms" {\n  image_configuration {\n    runtime_environment_variables = {\n      PUBLIC_URL = "https://cms.example.com"\n      DB_CLIENT = "pg"\n    }\n    runtime_environment_secrets = {\n      SECRET = "arn:aws:ssm:x"\n    }\n  }\n}\n'
    (deployment,) = deployments(tmp_path, {"main.tf": text})
    secret = next(one for one in deployment.variables if one.name == "SECRET")
    assert isinstance(secret.value, Unknown)


def test_the_text_of_an_image_with_a_default_is_its_fallback(tmp_path: Path) -> None:
    text = 'variable "tag" { default = "12.4.1" }\nresource "docker_container" "cms" {\n  image = "directus/directus:${var.tag}"\n}\n'
    (deployment,) = deployments(
        tmp_path, {"main.tf": text.replace("{ default", "{\n  default").replace('1" }', '1"\n}')}
    )
    assert deployment.image is not None
    assert (deployment.image.tag, bool(deployment.image.unknown)) == ("12.4.1", True)


def test_references_of_caprover_are_not_values(tmp_path: Path) -> None:
    text = "captainVersion: 4\nservices:\n  $$cap_appname:\n    image: directus/directus:$$cap_version\n    environment: {SECRET: $$cap_secret}\n"
    (deployment,) = deployments(tmp_path, {"directus.yml": text})
    assert isinstance(deployment.variables[0].value, Unknown)


@each_case("image", ["node:22", "python", "ruby:3.3-slim"])
def test_an_image_of_another_language_is_no_directus_where_nothing_speaks_of_one(tmp_path: Path, image: str) -> None:
    text = f"services:\n  app:\n    image: {image}\n    environment: {{KEY: x, SECRET: y}}\n"
    assert not deployments(tmp_path / "one", {"compose.yaml": text})
    package = {"package.json": '{"dependencies": {"directus": "12.4.1"}}'}
    assert deployments(tmp_path / "two", {"compose.yaml": text, **package})
    assert deployments(tmp_path / "three", {"compose.yaml": text.replace("app:", "directus:")})


@each_case(
    ("name", "text"),
    [
        ("deploy.yaml", "web:\n  start: npx directus start\n"),
        ("helm.tf", 'resource "helm_release" "cms" {\n  chart = "directus"\n}\n'),
        ("helmfile.yaml", "releases:\n- name: cms\n  chart: directus\n"),
        ("task.json.tpl", '[{"name": "directus", "environment": [{"name":"KEY","value":"x"},{"name":"PUBLIC_URL","value":"y"}]}]'),
    ],
)  # fmt: skip
def test_a_file_that_starts_directus_and_is_not_read_is_named(tmp_path: Path, name: str, text: str) -> None:
    answer = guard("scan", write(tmp_path, {name: text}))
    assert answer.code == 3
    assert f"Directus is named in a file that is not read: `{name}`" in answer.err


@each_case(
    ("base", "code"),
    [
        ("PUBLIC_URL: https://cms.example.com", 1),
        ("PUBLIC_URL: ${PUBLIC_URL}", 1),
        ("DB_HOST: db.example.com", 1),
        ("NODE_ENV: production", 1),
        ("PUBLIC_URL: ${PUBLIC_URL:-http://localhost:8055}", 0),
        ("PUBLIC_URL: http://localhost:8055", 0),
        ("LOG_LEVEL: info", 0),
    ],
)
def test_an_override_is_for_development_unless_the_base_is_a_server(tmp_path: Path, base: str, code: int) -> None:
    text = f"services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: ${{SECRET}}\n      {base}\n"
    over = "services:\n  directus:\n    environment:\n      MARKETPLACE_TRUST: all\n"
    assert guard("scan", write(tmp_path, {"compose.yaml": text, "compose.override.yaml": over})).code == code


@each_case(
    ("pattern", "name", "fits"),
    [("cms", "cms", True), ("cms", "cms2", False), ("cms.*", "cms-env", True), (".*", "x", True), ("^a.*b$", "ab", True),
     ("a.*b", "a", False), ("a.*b.*c", "axbxc", True), ("a.*b.*c", "axcxb", False), ("a.*ab", "ab", False), ("(a|b)", "z", True)],
)  # fmt: skip
def test_a_pattern_of_names(pattern: str, name: str, fits: bool) -> None:
    assert kustomize_patches.matches(pattern, name) is fits


def test_what_is_mounted_over_the_file_from_elsewhere_is_not_known(tmp_path: Path) -> None:
    mounted = (
        POD
        + "        volumeMounts: [{name: v, mountPath: /directus/.env, subPath: .env}]\n      volumes: [{name: v, hostPath: {path: /x}}]\n"
    )
    (deployment,) = deployments(tmp_path, {"cms.yaml": mounted})
    assert isinstance(deployment.config_file, Unknown)


def test_a_script_that_names_another_file_leaves_the_environment_unknown(tmp_path: Path) -> None:
    package = '{"dependencies": {"directus": "12.4.1"}, "scripts": {"start": "CONFIG_PATH=./own.json directus start"}}'
    (deployment,) = deployments(tmp_path, {"package.json": package, ".env": "KEY=a\nDB_CLIENT=pg\n"})
    assert isinstance(deployment.config_file, Unknown)


def test_an_override_that_no_project_takes_up_is_named(tmp_path: Path) -> None:
    over = "services:\n  directus:\n    environment:\n      MARKETPLACE_TRUST: all\n"
    answer = guard("scan", write(tmp_path, {"compose.yaml": COMPOSE, "deploy/open.yaml": over}))
    assert "Directus is named in a file that is not read: `deploy/open.yaml`" in answer.out + answer.err
