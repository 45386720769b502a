"""Variables that commands set: a secret that is written down is found where it is written, references stay quiet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.audit.options import Options
from directus_guard.audit.run import run
from directus_guard.sources.deployments import compose, dotenv_files, script_settings
from directus_guard.sources.files.repository import Repository
from tests.support.cli import write
from tests.support.cost import grows_linearly
from tests.support.deployment_findings import committed
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

S: Final = "Zk8vQ2mXr7LpWc4TnB9sYd3HfG6jKa1E"
OTHER: Final = "b7Qe9Xw2Rk5Lm8Zt3Vc6Np1Hs4Jd0Fga"
COMPOSE: Final = (
    "services:\n  directus:\n    image: directus/directus:11.5.0\n    environment:\n      SECRET: ${SECRET:?}\n"
)


HOSTS: Final = (
    f"fly secrets set SECRET={S}",
    f"flyctl secrets set --stage -a acme-cms 'SECRET={S}'",
    f"fly secrets import <<END\nKEY=$KEY\nSECRET={S}\nEND",
    f"heroku config:set -a cms LOG_LEVEL=info SECRET={S}",
    f'ssh -t dokku@host.example config:set --no-restart cms SECRET="{S}"',
    f"dokku config:set cms SECRET={S}",
    f"scalingo --app cms env-set SECRET={S}",
    f'railway variables --set "LOG_LEVEL=info" --set "SECRET={S}"',
    f"railway variables set SECRET={S}",
    f"kubectl create secret generic directus --from-literal=SECRET={S} --dry-run=client -o yaml | kubectl apply -f -",
    f"kubectl -n cms create secret generic cms --from-literal secret={S}",
    f"oc set env deployment/directus SECRET={S}",
    f"heroku config:set DB_CONNECTION_STRING=postgres://cms:{S}@db.example.com/cms",
    f"helm upgrade --install cms ./chart --set env.LOG_LEVEL=info,env.SECRET={S}",
    f"az containerapp update -n cms -g rg --set-env-vars LOG_LEVEL=info SECRET={S}",
    f"az containerapp create -n cms --secrets app={S} --env-vars SECRET=secretref:app",
    f"az webapp config appsettings set -g rg -n cms --settings SECRET={S}",
    f"az keyvault secret set --vault-name kv --name directus-secret --value {S}",
    f"aws ssm put-parameter --name /directus/prod/SECRET --type SecureString --value {S}",
    f'aws secretsmanager create-secret --name directus --secret-string \'{{"SECRET": "{S}"}}\'',
    f"printf '%s' '{S}' | gcloud secrets create directus-secret --data-file=-",
    f"gh secret set DIRECTUS_SECRET --body {S}",
    f"gh secret set -R acme/cms SECRET -b '{S}'",
    f"echo -n {S} | gh secret set SECRET",
    f"gh secret set SECRET <<< {S}",
    f"glab variable set SECRET {S} --masked",
    f"npx netlify env:set SECRET {S}",
    f"echo {S} | vercel env add SECRET production",
    f"doppler secrets set SECRET={S}",
    f"vault kv put secret/directus SECRET={S}",
    f"eb setenv SECRET={S}",
    f"upsun variable:create --level environment --name env:SECRET --value {S}",
    f"fly deploy -a cms --env SECRET={S}",
    f"fly machine run . --env SECRET={S}",
    f"heroku config:add SECRET={S}",
    f"dokku config:bulk-set cms SECRET={S}",
    f"railway variable set SECRET={S}",
    f"railway vars set SECRET={S}",
    f"kubectl create configmap directus --from-literal=SECRET={S}",
    f"k3s kubectl create cm directus --from-literal=SECRET={S}",
    f"microk8s kubectl set env deployment/directus SECRET={S}",
    f"helm install cms ./chart --set env.SECRET={S}",
    f"helm template cms ./chart --set env.SECRET={S}",
    f"az functionapp config appsettings set -g rg -n cms --settings SECRET={S}",
    f"az webapp create -g rg -n cms --settings SECRET={S}",
    f"az container create -g rg -n cms --environment-variables SECRET={S}",
    f"convox env set -a cms SECRET={S}",
    f"koyeb service update cms --env SECRET={S}",
    f"koyeb services update cms --env SECRET={S}",
    f"koyeb app init cms --env SECRET={S}",
    f"koyeb apps init cms --env SECRET={S}",
    f"infisical secrets set SECRET={S}",
    f"vault kv patch secret/directus SECRET={S}",
    f"vault write secret/directus SECRET={S}",
    f"docker compose exec -e SECRET={S} directus npx directus bootstrap",
    f"docker service update --env-add SECRET={S} cms",
    f"docker-compose run -e SECRET={S} directus npx directus bootstrap",
    f"docker-compose exec -e SECRET={S} directus npx directus bootstrap",
    f"gcloud functions deploy cms --set-env-vars SECRET={S}",
    f"glab variable create SECRET {S}",
    f"glab variable update SECRET {S}",
    f"aws secretsmanager put-secret-value --secret-id directus/SECRET --secret-string {S}",
    f"aws secretsmanager update-secret --secret-id directus/SECRET --secret-string {S}",
    f"printf '%s' '{S}' | gcloud secrets versions add directus-secret --data-file=-",
    f"clever env set SECRET {S}",
    f"cf set-env cms SECRET {S}",
    f"platform variable:update --name env:SECRET --value {S}",
    f"koyeb secret create SECRET --value {S}",
    f"koyeb secrets create SECRET -v {S}",
    f"printf '%s' '{S}' | docker secret create directus_secret -",
    f"printf '%s' '{S}' | podman secret create directus_secret -",
)
VALUED: Final = (
    "-a", "--app", "-R", "--repo", "-o", "--org", "-e", "--env", "-g", "--resource-group", "-n", "--namespace", "--name", "-c", "--config",
    "--context", "-s", "--service", "-p", "--project", "--scope", "--type", "--region", "--profile", "--environment", "--visibility",
    "--app-name", "--account", "--kubeconfig", "-f", "--file", "--replication-policy", "--labels", "--vault-name", "--subscription", "--alias",
)  # fmt: skip
"""Options of these programs that take the next word."""
FILES: Final = (
    f"echo SECRET={S} >> .env",
    f'echo "SECRET={S}" > /srv/cms/.env',
    f"echo -e 'LOG_LEVEL=info\\nSECRET={S}' >.env",
    f"cat > .env.production <<END\nKEY=$(uuidgen)\nSECRET={S}\nEND",
    f"cat <<'END' | sudo tee -a $TARGET/.env > /dev/null\nSECRET={S}\nEND",
    f"tee prod.env <<END\nSECRET={S}\nEND",
    f"printf 'LOG_LEVEL=info\\nSECRET={S}\\n' > .env",
    f"printf 'SECRET=%s\\n' {S} > .env",
    f"{{ echo LOG_LEVEL=info; echo SECRET={S}; }} > .env",
    f'value={S}\necho "SECRET=$value" >> .env',
    f"sed -i 's|^SECRET=.*|SECRET={S}|' .env",
    f'echo "SECRET={S}" >> "$GITHUB_ENV"',
    f"bash -c 'echo SECRET={S} >> .env'",
)
STARTS: Final = (
    f"export SECRET={S}\nnpx directus start",
    f"set -a\nSECRET='{S}'\nset +a\nexec node node_modules/directus/cli.js start",
    f"cd cms && SECRET={S} npx directus start",
    f"exec env -i PATH=$PATH SECRET={S} npx directus start",
    f"npx cross-env SECRET={S} directus start",
    f"SECRET={S} node server.js",
    f"export LOG_LEVEL=info SECRET={S}",
    f"LOG_LEVEL=info\nexport SECRET='{S}'\n./more.sh",
    f"docker compose -f compose.yaml run --rm -e SECRET={S} directus npx directus bootstrap",
)
QUIET: Final = (
    "fly secrets set SECRET=$SECRET",
    "heroku config:set SECRET=$(openssl rand -hex 32)",
    'gh secret set SECRET --body "$SECRET"',
    'kubectl create secret generic directus --from-literal=SECRET="$(cat secret)"',
    "kubectl create secret generic directus --from-env-file=prod.env",
    "az containerapp update -n cms --set-env-vars SECRET=secretref:app",
    "fly secrets set SECRET=<your-secret>",
    "heroku config:set SECRET=replace-with-a-random-value",
    "echo SECRET=changeme >> .env",
    "echo SECRET=${SECRET} >> .env",
    f"echo 'run: export SECRET={S}'",
    f"echo {S} > secret.txt",
    f"# fly secrets set SECRET={S}",
    f"fly secrets set STRIPE_SECRET={S}",
    f"fly secrets unset SECRET={S}",
    "gh secret set SECRET < secret.txt",
)


@each_case("option", VALUED)
def test_the_value_of_an_option_is_not_the_name_of_a_variable(tmp_path: Path, option: str) -> None:
    script = f"gh secret set {option} KEY SECRET --body {S}"
    assert committed(write(tmp_path, {"compose.yaml": COMPOSE, "set.sh": f"{script}\n"})) == ["set.sh:1"]


@each_case("script", [*HOSTS, *FILES, *STARTS])
def test_a_literal_secret_is_found_where_it_is_written(tmp_path: Path, script: str) -> None:
    line = next(number for number, text in enumerate(script.split("\n"), start=1) if S in text)
    assert committed(write(tmp_path / "beside", {"compose.yaml": COMPOSE, "setup.sh": script})) == [f"setup.sh:{line}"]
    alone = f"# The host of directus\n{script}\n"
    assert committed(write(tmp_path / "alone", {"scripts/setup": f"#!/bin/sh\n{alone}"})) == [
        f"scripts/setup:{line + 2}"
    ]


@each_case("script", QUIET)
def test_what_is_not_written_down_is_no_finding(tmp_path: Path, script: str) -> None:
    assert committed(write(tmp_path, {"compose.yaml": COMPOSE, "setup.sh": f"{script}\n"})) == []


@each_case(
    ("path", "text", "line"),
    [
        ("Makefile", f"SECRET := {S}\nsecrets:\n\t@fly secrets set SECRET=$(SECRET)\n", 1),
        ("justfile", f"secrets:\n  fly secrets set SECRET={S}\n", 2),
        ("package.json", f'{{"scripts": {{\n"secrets": "heroku config:set SECRET={S}"}}}}\n', 2),
        ("package.json", f'{{"scripts": {{\n"start": "cross-env SECRET={S} directus start"}}}}\n', 2),
        (".github/workflows/deploy.yml", f"on: push\njobs:\n  a:\n    steps:\n      - run: |\n          cd x\n          fly secrets set SECRET={S}\n", 7),
        (".github/workflows/deploy.yml", f"on: push\nenv: {{S: {S}}}\njobs:\n  a:\n    steps:\n      - run: fly secrets set SECRET=$S\n", 2),
        (".gitlab-ci.yml", f"deploy:\n  script:\n    - export SECRET={S}\n    - echo SECRET=$SECRET > .env\n", 3),
        ("bitbucket-pipelines.yml", f"pipelines:\n  default:\n    - step:\n        script:\n          - echo SECRET={S} > .env\n", 5),
        ("Taskfile.yml", f"version: '3'\ntasks:\n  up:\n    cmds:\n      - fly secrets set SECRET={S}\n", 5),
        (".circleci/config.yml", f"jobs:\n  a:\n    steps:\n      - run:\n          command: heroku config:set SECRET={S}\n", 5),
    ],
)  # fmt: skip
def test_where_commands_are_written(tmp_path: Path, path: str, text: str, line: int) -> None:
    assert committed(write(tmp_path, {"compose.yaml": COMPOSE, path: text})) == [f"{path}:{line}"]


STEP: Final = "docker run -e SECRET={S} -e DB_CLIENT=pg directus/directus:11.5.0"


@each_case(
    ("path", "job", "step", "gates"),
    [
        ("test.yml", "e2e:", STEP, False),
        ("ci.yml", "build:", "SECRET={S} npx directus start", False),
        ("build.yml", "check:", "echo SECRET={S} >> .env", False),
        ("build.yml", "check:", "SECRET={S} docker compose up -d", False),
        ("build.yml", "check:", "fly secrets set SECRET={S}", True),
        ("deploy.yml", "cms:", STEP, True),
        ("main.yml", "production:", "echo SECRET={S} >> .env", True),
        ("main.yml", "cms:\n    environment: live", "SECRET={S} docker compose up -d", True),
        ("main.yml", "cms:", STEP.replace("-e DB", "-e PUBLIC_URL=https://cms.example.com -e DB"), True),
        ("main.yml", "cms:", STEP.replace("-e DB", "-e PUBLIC_URL=http://localhost:8055 -e DB"), False),
    ],
)
def test_a_workflow_that_tests_is_development_and_one_that_deploys_is_not(
    tmp_path: Path, path: str, job: str, step: str, gates: bool
) -> None:
    text = f"on: push\njobs:\n  {job}\n    steps:\n      - run: {step.replace('{S}', S)}\n"
    files = {"compose.yaml": COMPOSE, f".github/workflows/{path}": text}
    assert bool(committed(write(tmp_path, files))) is gates


MAIN: Final = "on: {push: {branches: [main]}}"


@each_case(
    ("on", "runner", "job", "step", "gates"),
    [
        (MAIN, "[self-hosted]", "d:", "", True),
        (MAIN, "ubuntu-latest", "d:", "", True),
        ("on: {push: {tags: ['v*']}}", "ubuntu-latest", "d:", "", True),
        ("on: push", "self-hosted", "up:", "", True),
        ("on: [push, workflow_dispatch]", "{group: a, labels: [self-hosted, linux]}", "up:", "curl http://localhost:8055", True),
        ("on: push", "ubuntu-latest", "up:", "", False),
        ("on: {push: {branches: [main]}, pull_request: {}}", "ubuntu-latest", "up:", "", False),
        (MAIN, "ubuntu-latest", "e2e:", "", False),
        (MAIN, "ubuntu-latest", "build:", "npm run test:unit", False),
        (MAIN, "ubuntu-latest", "build:", "npx playwright test", False),
        (MAIN, "ubuntu-latest", "build:", "curl --retry 9 http://localhost:8055/server/ping", False),
        (MAIN, "self-hosted", "build:", "pnpm vitest", False),
        (MAIN, "ubuntu-latest", "build:\n    services: {db: {image: postgres}}", "", False),
    ],
)  # fmt: skip
def test_a_workflow_for_a_branch_or_on_a_machine_of_its_own_deploys(
    tmp_path: Path, on: str, runner: str, job: str, step: str, gates: bool
) -> None:
    text = f"{on}\nenv:\n  SECRET: {S}\njobs:\n  {job}\n    runs-on: {runner}\n    steps:\n      - run: docker compose up -d\n"
    text += f"      - run: {step}\n" if step else ""
    assert bool(committed(write(tmp_path, {"compose.yaml": COMPOSE, ".github/workflows/x.yml": text}))) is gates


def test_two_values_for_one_place_are_two_findings(tmp_path: Path) -> None:
    script = f"fly secrets set SECRET={S}\nfly secrets set SECRET={OTHER}\n"
    assert committed(write(tmp_path, {"compose.yaml": COMPOSE, "a.sh": script})) == ["a.sh:1", "a.sh:2"]


def test_one_value_for_two_places_is_one_finding(tmp_path: Path) -> None:
    script = f"fly secrets set SECRET={S}\necho SECRET={S} >> .env\n"
    report = run(Options(root=write(tmp_path, {"compose.yaml": COMPOSE, "a.sh": script}))).report
    assert len([finding for finding in report.findings if finding.check == "secret-committed"]) == 1


def test_a_script_of_another_program_is_not_read(tmp_path: Path) -> None:
    beside = {"cms/compose.yaml": COMPOSE, "api/deploy.sh": f"fly secrets set SECRET={S}\n"}
    assert committed(write(tmp_path / "a", beside)) == []
    beside["api/Makefile"] = f"run:\n\tSECRET={S} KEY=x node server.js\n"
    assert committed(write(tmp_path / "c", beside)) == []
    assert not run(Options(root=write(tmp_path / "b", {"deploy.sh": f"fly secrets set SECRET={S}\n"}))).report.findings


def test_enough_variables_are_a_deployment(tmp_path: Path) -> None:
    command = "fly secrets set SECRET=$SECRET PUBLIC_URL=https://cms.example.com CORS_ENABLED=true CORS_ORIGIN=true\n"
    report = run(Options(root=write(tmp_path, {"deploy.sh": command}))).report
    assert report.scanned.deployments == ("deploy.sh#fly",)
    assert "cors-any-origin" in {finding.check for finding in report.findings}


def test_a_part_of_a_deployment_does_not_answer_for_an_export(tmp_path: Path) -> None:
    policy = {"id": "p", "name": "Editor", "admin_access": False, "app_access": True}
    files = {"compose.yaml": COMPOSE, "export/policies.json": json.dumps([policy])}
    (without,) = (run(Options(root=write(tmp_path / "a", files))).project,)
    files["a.sh"] = f"fly secrets set SECRET={S}\n"
    (beside,) = (run(Options(root=write(tmp_path / "b", files))).project,)
    assert [len(project.deployments_of(project.exports[0]).environments) for project in (without, beside)] == [1, 1]


@each_case(
    ("name", "expected"),
    [(".env", True), ("prod.env", True), (".env.local", True), ("env.ts", False), ("a.txt", False)],
)
def test_environment_files_by_name(name: str, expected: bool) -> None:
    assert dotenv_files.is_environment_file(name) is expected


@pytest.mark.thorough
@pytest.mark.parametrize(
    "piece",
    [
        "fly secrets set SECRET=a{} KEY=b\n", "echo SECRET=a{} >> .env\n", "SECRET=a{} npx directus start\n", "export DB_X{}=a\n",
        "{{ echo a; }} > .env\n", "{{ ", "cat <<E | ", "tee .env .env <<< SECRET=a{}\n", "> .env ", "env A=b ", "SECRET=a ",
        "az webapp config SECRET=secretref:a ", "$(echo SECRET=a > .env ", "printf '%s%s' a b c d > .env\n", "( a ) > x ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("separator", ["", " ; "])
def test_the_cost_is_linear(tmp_path: Path, piece: str, separator: str) -> None:
    def work(size: int) -> Callable[[], object]:
        lines = "".join(piece.format(number) for number in range(size // len(piece)))
        lines = lines.replace("\n", separator) if separator else lines
        root = write(tmp_path / str(size), {"a.sh": f"export SECRET=directus\n{lines}"})
        return lambda: script_settings.read(Repository(root), ())

    assert grows_linearly(work, 3_000)


@each_case(
    ("script", "expected"),
    [
        ("fly secrets set SECRET=a", ["fly"]), ("fly secrets set -a x SECRET=a\nfly secrets set -a y SECRET=b", ["fly-x", "fly-y"]), ("fly secrets set SECRET=a\nfly secrets set SECRET=b", ["fly", "fly-2"]), ("fly secrets set SECRET=a\nfly secrets set SECRET=a KEY=c", ["fly"]),
        ("fly secrets set SECRET=$X", []), ("fly secrets set LOG_LEVEL=info", []), ("fly secrets set OTHER=x", []), ("echo SECRET=a > .env", [".env"]), ("echo SECRET=a > conf/x.env", ["x.env"]), ("echo SECRET=a > .env.$STAGE", [".env."]), ("echo SECRET=a >> $GITHUB_ENV", ["GITHUB_ENV"]), ("echo SECRET=a > notes.md", []), ("echo SECRET=a > $X", []),
        ("echo DIRECTUS_SECRET=a > .env", [".env"]), ("echo ' export SECRET=a ' > .env", [".env"]), ("echo SECRET > .env", []), ("export SECRET=a", ["export"]), ("SECRET=a", []), ("SECRET=a npx directus start", ["start"]), ("env SECRET=a npx directus start", ["start"]), ("/usr/bin/env -i SECRET=a x", ["start"]),
        ("cross-env SECRET=a x", ["start"]), ("cross-env-shell SECRET=a x", ["start"]), ("env x SECRET=a", []), ("DIRECTUS_SECRET=a x", ["start"]), ("OTHER=a npx directus start", []), ("LOG_LEVEL=info x", []),
    ],
)  # fmt: skip
def test_where_a_secret_goes(tmp_path: Path, script: str, expected: list[str]) -> None:
    made = script_settings.read(Repository(write(tmp_path, {"up.sh": f"# directus\n{script}\n"})), ())
    assert [one.name for one in made] == [f"up.sh#{label}" for label in expected]


@each_case(
    ("path", "near"),
    [
        ("cms/up.sh", True), ("cms/scripts/up.sh", True), ("up.sh", True), ("web/up.sh", False), ("cms/web/up.sh", True), ("web/scripts/up.sh", False),
        *((f"{folder}/up.sh", True) for folder in ("script", "scripts", "bin", "deploy", "deployment", "ops", "infra", "infrastructure", "ci", "tools", "hack", ".github", "docs", ".gitlab", ".circleci", "setup", "docker", "Scripts/bin")),
    ],
)  # fmt: skip
def test_a_script_near_a_deployment(tmp_path: Path, path: str, *, near: bool) -> None:
    repository = Repository(write(tmp_path, {"cms/compose.yaml": COMPOSE, path: f"fly secrets set SECRET={S}\n"}))
    others = compose.read(repository)
    assert [one.name for one in script_settings.read(repository, others)] == ([f"{path}#fly"] if near else [])
