"""Small projects, each with one thing that a reader must not pass over: all that is read of them."""

from __future__ import annotations

import pytest

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.sources.collect import collect
from tests.support.each import each_case
from tests.support.in_memory import in_memory


def described(files: dict[str, str]) -> list[str]:
    """The deployments with their variables and gaps (`…`), tokens of clients, and problems (`!`)."""
    repository = in_memory(files)
    evidence = collect(repository)
    found = []
    for one in evidence.deployments:
        image = f" {one.image.reference}" if one.image is not None else ""
        found.append(f"{one.platform.name.lower()} {one.name}{image}")
        for variable in one.variables:
            value = f"<{variable.value.reason}>" if isinstance(variable.value, Unknown) else ""
            value = variable.value.text.reveal() if isinstance(variable.value, Known) else value
            found.append(f"  {variable.name}={value} {variable.location.path}:{variable.location.line}")
        found += [f"  … {gap.reason}" for gap in one.gaps]
    found += [f"token {token.location.path}:{token.location.line}" for token in evidence.manifest_tokens]
    return found + [f"! {one.path}:{one.line}: {one.message}" for one in repository.problems]


@each_case(
    ("files", "expected"),
    [
        pytest.param(
            {
                "tasks/main.yml": "- copy: {src: b.env, dest: /opt/b.env}\n- docker_container: {name: cms, image: 'directus/directus:12.4.1', env_files: [/opt/a.env, /opt/b.env]}\n",
                "files/b.env": "SECRET=abc\n",
            },
            [
                "ansible tasks/main.yml#cms directus/directus:12.4.1",
                "  SECRET=abc files/b.env:1",
                "  … an environment file of the machine is handed over",
            ],
            id="an environment file of the machine, and one that a task puts there",
        ),
        pytest.param(
            {
                "main.tf": 'resource "docker_container" "cms" {\n  image = "directus/directus:12.4.1"\n  dynamic "env" {\n    for_each = var.x\n    content {\n      name = upper(env.key)\n      value = env.value\n    }\n  }\n  dynamic "ports" {\n    for_each = var.x\n    content {}\n  }\n}\n'
            },
            [
                "terraform main.tf#docker_container/cms directus/directus:12.4.1",
                "  … `env`: a `dynamic` block makes it",
            ],
            id="a block that is made",
        ),
        pytest.param(
            {
                "a.yml": "---\n---\nfoo\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: cms}\nspec:\n  containers:\n  - image: directus/directus:12.4.1\n"
            },
            [
                "kubernetes a.yml#Pod/cms directus/directus:12.4.1",
                "! a.yml:3: a document is not a mapping: what it is is not known",
            ],
            id="documents of nothing",
        ),
        pytest.param(
            {
                "a.yml": "apiVersion: v1\nkind: Pod\nmetadata: {name: cms}\nspec:\n  containers:\n  - image: directus/directus:12.4.1\n    command: [{a: b}, npx, directus, start]\n    args: [{c: d}]\n"
            },
            ["kubernetes a.yml#Pod/cms directus/directus:12.4.1"],
            id="a command with a part that is no text",
        ),
        pytest.param(
            {
                "package.json": '{"scripts": {"start": "npm run start && directus start", "a": "npm run b", "b": "npm run a; SECRET=x directus start"}, "dependencies": {"directus": "12.4.1"}}',
                ".env": "DB_CLIENT=pg\nKEY=abc\n",
            },
            [
                "dotenv .env",
                "  SECRET=x package.json:1",
                "  DB_CLIENT=pg .env:1",
                "  KEY=abc .env:2",
                "script package.json#start",
                "  SECRET=x package.json:1",
                "  … what else the environment of the process holds is not in the repository",
            ],
            id="scripts that run each other",
        ),
        pytest.param(
            {
                ".github/workflows/d.yml": "on: push\njobs:\n  deploy:\n    steps:\n      - uses: google-github-actions/deploy-cloudrun@v2\n        with:\n          image: directus/directus:12.4.1\n          env_vars: [a]\n"
            },
            [
                "cloud_run .github/workflows/d.yml#deploy directus/directus:12.4.1",
                "  … variables that the service has from an earlier deployment are kept",
                "  … secrets that the service has from an earlier deployment are kept",
                "! .github/workflows/d.yml:8: `env_vars` is not a text: what it sets is not known",
            ],
            id="`env_vars` of the action is a list",
        ),
        pytest.param(
            {
                ".github/workflows/d.yml": "on: push\njobs:\n  deploy:\n    steps:\n      - uses: google-github-actions/deploy-cloudrun@v2\n        with:\n          image: directus/directus:12.4.1\n          env_vars_file: [a]\n"
            },
            [
                "cloud_run .github/workflows/d.yml#deploy directus/directus:12.4.1",
                "  … variables that the service has from an earlier deployment are kept",
                "  … secrets that the service has from an earlier deployment are kept",
                "! .github/workflows/d.yml:8: `env_vars_file` is not a text: what it sets is not known",
            ],
            id="`env_vars_file` of the action is a list",
        ),
        pytest.param(
            {
                ".github/workflows/d.yml": "on: push\njobs:\n  deploy:\n    steps:\n      - uses: google-github-actions/deploy-cloudrun@v2\n        with:\n          image: directus/directus:12.4.1\n          secrets: [a]\n"
            },
            [
                "cloud_run .github/workflows/d.yml#deploy directus/directus:12.4.1",
                "  … variables that the service has from an earlier deployment are kept",
                "  … secrets that the service has from an earlier deployment are kept",
                "! .github/workflows/d.yml:8: `secrets` is not a text: what it sets is not known",
            ],
            id="`secrets` of the action is a list",
        ),
        pytest.param(
            {
                ".github/workflows/d.yml": "on: push\njobs:\n  deploy:\n    steps:\n      - uses: google-github-actions/deploy-cloudrun@v2\n        with:\n          image: directus/directus:12.4.1\n          flags: [a]\n"
            },
            [
                "cloud_run .github/workflows/d.yml#deploy directus/directus:12.4.1",
                "  … variables that the service has from an earlier deployment are kept",
                "  … secrets that the service has from an earlier deployment are kept",
                "! .github/workflows/d.yml:8: `flags` is not a text: what it sets is not known",
            ],
            id="`flags` of the action is a list",
        ),
        pytest.param(
            {
                ".github/workflows/d.yml": "on: push\njobs:\n  deploy:\n    steps:\n      - uses: google-github-actions/deploy-cloudrun@v2\n        with:\n          image: [directus/directus]\n"
            },
            ["! .github/workflows/d.yml:7: `image` is not a text: what it sets is not known"],
            id="the image of the action is a list",
        ),
        pytest.param(
            {
                "compose.yaml": "include:\n- path: [a/one.yaml, b/two.yaml]\n",
                "a/one.yaml": "services:\n  cms:\n    image: directus/directus:12.4.1\n    env_file: own.env\n    environment: {SECRET: '${S}'}\n",
                "b/two.yaml": "services:\n  cms:\n    environment: {LOG_LEVEL: trace}\n",
                "a/.env": "S=abc\n",
                "b/.env": "S=def\n",
                "a/own.env": "KEY=a\n",
                "b/own.env": "KEY=b\n",
            },
            [
                "compose compose.yaml#cms directus/directus:12.4.1",
                "  KEY=a a/own.env:1",
                "  SECRET=abc a/.env:1",
                "  LOG_LEVEL=trace b/two.yaml:3",
            ],
            id="an include of two files",
        ),
        pytest.param(
            {
                "compose.yaml": "include:\n- path: a/one.yaml\n  project_directory: b\n",
                "a/one.yaml": "services:\n  cms:\n    image: directus/directus:12.4.1\n    env_file: own.env\n",
                "a/own.env": "KEY=a\n",
                "b/own.env": "KEY=b\n",
            },
            [
                "compose a/one.yaml#cms directus/directus:12.4.1",
                "  KEY=a a/own.env:1",
                "compose compose.yaml#cms directus/directus:12.4.1",
                "  KEY=b b/own.env:1",
            ],
            id="an include with a folder",
        ),
        pytest.param(
            {
                "compose.yaml": "services:\n  cms:\n    image: directus/directus:12.4.1\n    environment: ['SECRET=$A', 'KEY=$B']\n",
                "up.sh": "A=1 B=2 docker compose up\nB=2 A=1 docker compose up\n",
            },
            [
                "compose compose.yaml#cms directus/directus:12.4.1",
                "  SECRET=1 up.sh:1",
                "  KEY=2 up.sh:1",
                "compose compose.yaml#cms directus/directus:12.4.1",
                "  SECRET=<`${A}` comes from outside the repository> compose.yaml:4",
                "  KEY=<`${B}` comes from outside the repository> compose.yaml:4",
            ],
            id="the same start twice",
        ),
        pytest.param(
            {
                "compose.yaml": "services:\n  cms:\n    image: directus/directus:12.4.1\n    environment: ['SECRET=$A', 'KEY=$B']\n",
                "up.sh": "A=1 B=2 docker compose up\nB=3 A=1 docker compose up\n",
            },
            [
                "compose compose.yaml#cms directus/directus:12.4.1",
                "  SECRET=1 up.sh:1",
                "  KEY=2 up.sh:1",
                "compose compose.yaml#cms directus/directus:12.4.1",
                "  SECRET=1 up.sh:2",
                "  KEY=3 up.sh:2",
                "compose compose.yaml#cms directus/directus:12.4.1",
                "  SECRET=<`${A}` comes from outside the repository> compose.yaml:4",
                "  KEY=<`${B}` comes from outside the repository> compose.yaml:4",
            ],
            id="two starts",
        ),
        pytest.param(
            {
                "src/Config.PY": "DIRECTUS_TOKEN = 'Qx7mB2vTz9KpLw4RnY8cHs3DfG6jWa1E'\n",
                "conf/App.JSON": '{"directus": {"url": "https://cms.acme.com", "token": "Qx7mB2vTz9KpLw4RnY8cHs3DfG6jWa1E"}}',
                "conf/A.YAML": "directus:\n  token: Qx7mB2vTz9KpLw4RnY8cHs3DfG6jWa1E\n",
                "a.HTTP": "GET https://directus.acme.com/items/a\nAuthorization: Bearer Qx7mB2vTz9KpLw4RnY8cHs3DfG6jWa1E\n",
            },
            ["token a.HTTP:2", "token conf/A.YAML:2", "token conf/App.JSON:1", "token src/Config.PY:1"],
            id="code with capital letters",
        ),
        pytest.param(
            {
                "main.tf": 'resource "helm_release" "cms" {\n  name = "cms"\n  chart = "directus"\n  values = [yamlencode({ extraEnvVars = [{ name = "SECRET", value = "abc" }, { name = "KEY", value = var.k }], a = { b = { c = [1, true, null] } } })]\n}\n'
            },
            [
                "helm main.tf#helm_release/cms",
                "  SECRET=abc main.tf:4",
                "  KEY=<`${value}` is filled in before the manifest is applied> main.tf:4",
                "  … the chart's templates may set more variables",
            ],
            id="values of a template in the module of Helm",
        ),
        pytest.param(
            {
                "compose.yaml": "services:\n  cms:\n    image: directus/directus:12.4.1\n    command: [{a: b}, npx, directus, start]\n    environment: [KEY=x]\n"
            },
            [
                "compose compose.yaml#cms directus/directus:12.4.1",
                "  KEY=x compose.yaml:5",
                "  … `command` holds something else than a text or a list: what it sets is not known",
                "! compose.yaml:4: service `cms`: `command` holds something else than a text or a list: what it sets is not known",
            ],
            id="an object in a list of commands",
        ),
        pytest.param(
            {
                "appsettings.json": '// c\n{"Directus": {"Url": "https://cms.acme.com",\n"ApiKey": "Qx7mB2vTz9KpLw4RnY8cHs3DfG6jWa1E"}}'
            },
            ["token appsettings.json:3"],
            id="JSON with comments",
        ),
        pytest.param(
            {
                "infra/cms.json": '{"containerDefinitions": [{"name": "cms", "image": "directus/directus:12.4.1", "environment": [{"name": "SECRET", "value": "abc"}]}]}'
            },
            ["ecs infra/cms.json#cms directus/directus:12.4.1", "  SECRET=abc infra/cms.json:1"],
            id="a task of ECS by another name",
        ),
    ],
)
def test_what_is_read_of_small_projects(files: dict[str, str], expected: list[str]) -> None:
    assert described(files) == expected
