"""Commands that give variables to a program at a host: where they go, by which names, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources.deployments import host_commands
from directus_guard.sources.formats import shell_commands, traced
from tests.support.each import each_case

if TYPE_CHECKING:
    from collections.abc import Iterator


def found(script: str) -> Iterator[tuple[str, str, str, str]]:
    """Platform, target, name and text; of a part that is not known the text is `?`."""
    for command in shell_commands.commands(traced.whole("x.sh", script)):
        for one in host_commands.variables(command):
            yield one.platform.name, one.target, one.name, "?" if one.value.unknown else one.value.text


@each_case(
    ("script", "expected"),
    [
        # NAME=value words behind a subcommand
        ("fly secrets set -a cms A=b C='d e' F=$X", [("FLY", "cms", "A", "b"), ("FLY", "cms", "C", "d e"), ("FLY", "cms", "F", "?")]),
        ("flyctl secrets set --app=cms A=b", [("FLY", "cms", "A", "b")]),
        ("fly deploy --env A=b -e C=d", [("FLY", "", "A", "b"), ("FLY", "", "C", "d")]),
        ("fly deploy --env=A=b", [("FLY", "", "A", "b")]),
        ("fly machine run image -e A=b", [("FLY", "", "A", "b")]),
        ("printf 'A=b\\nC=d\\n' | fly secrets import -a cms", [("FLY", "cms", "A", "b"), ("FLY", "cms", "C", "d")]),
        ("printf 'A=b\\n' | fly secrets set -a cms", []),
        ("fly secrets list A=b", []),
        ("heroku config:set A=b -a cms", [("HEROKU", "cms", "A", "b")]),
        ("heroku config:add A=b --app $X", [("HEROKU", "", "A", "b")]),
        ("heroku config:get A=b", []),
        ("dokku config:set cms A=b", [("HEROKU", "", "A", "b")]),
        ("dokku config:bulk-set cms A=b", [("HEROKU", "", "A", "b")]),
        ("ssh dokku@host config:set cms A=b", [("HEROKU", "", "A", "b")]),
        ("ssh dokku@host config:add cms A=b", [("HEROKU", "", "A", "b")]),
        ("ssh dokku@host ps cms A=b", []),
        ("scalingo --app cms env-set A=b", [("HEROKU", "cms", "A", "b")]),
        ("railway variables --set A=b -s cms", [("RAILWAY", "cms", "A", "b")]),
        ("railway variable set A=b", [("RAILWAY", "", "A", "b")]),
        ("railway vars --service=cms --set=A=b", [("RAILWAY", "cms", "A", "b")]),
        ("kubectl create secret generic cms --from-literal=A=b --from-literal C=d", [("KUBERNETES", "cms", "A", "b"), ("KUBERNETES", "cms", "C", "d")]),
        ("kubectl create secret generic $NAME --from-literal=A=b", [("KUBERNETES", "", "A", "b")]),
        ("oc create configmap cms --from-literal=A=b", [("KUBERNETES", "cms", "A", "b")]),
        ("kubectl create cm cms --from-literal=A=b", [("KUBERNETES", "cms", "A", "b")]),
        ("kubectl set env deployment/cms A=b", [("KUBERNETES", "deployment/cms", "A", "b")]),
        ("kubectl -n site create secret generic cms --from-literal=directus-key=k", [("KUBERNETES", "cms", "KEY", "k")]),
        ("kubectl get secret A=b", []),
        ("helm install cms ./chart --set env.A=b,env.C=d --set x=y", [("KUBERNETES", "", "A", "b"), ("KUBERNETES", "", "C", "d"), ("KUBERNETES", "", "X", "y")]),
        ("helm upgrade --install cms x/cms --set-string directus.secret=a", [("KUBERNETES", "x/cms", "SECRET", "a")]),
        ("helm template cms . --set a=b,c", [("KUBERNETES", "", "A", "b,c")]),
        ("az containerapp update -n cms --set-env-vars A=b", [("AZURE", "cms", "A", "b")]),
        ("az containerapp create --name cms --secrets s=b --env-vars A=secretref:s C=secretref:gone", [("AZURE", "cms", "S", "b"), ("AZURE", "cms", "A", "b"), ("AZURE", "cms", "C", "?")]),
        ("az webapp config appsettings set -n cms --settings A=b", [("AZURE", "cms", "A", "b")]),
        ("az functionapp config appsettings set -n cms --settings A=b", [("AZURE", "cms", "A", "b")]),
        ("az webapp create -n cms --settings A=b", [("AZURE", "cms", "A", "b")]),
        ("az container create -n cms --secure-environment-variables A=b", [("AZURE", "cms", "A", "b")]),
        ("az webapp list A=b", []),
        ("eb setenv -e live A=b", [("SCRIPT", "live", "A", "b")]),
        ("convox env set -a cms A=b", [("SCRIPT", "cms", "A", "b")]),
        ("koyeb service update cms --env A=b", [("SCRIPT", "", "A", "b")]),
        ("koyeb services create cms -a site --env A=b", [("SCRIPT", "site", "A", "b")]),
        ("koyeb app init cms --env A=b", [("SCRIPT", "", "A", "b")]),
        ("koyeb apps init cms --env A=b", [("SCRIPT", "", "A", "b")]),
        ("doppler secrets set -p cms A=b", [("SCRIPT", "cms", "A", "b")]),
        ("infisical secrets set A=b", [("SCRIPT", "", "A", "b")]),
        ("vault kv put secret/cms A=b", [("SCRIPT", "", "A", "b")]),
        ("vault kv patch secret/cms A=b", [("SCRIPT", "", "A", "b")]),
        ("vault write secret/cms A=b", [("SCRIPT", "", "A", "b")]),
        ("vault kv get A=b", []),
        ("docker compose run -e A=b cms", [("SCRIPT", "", "A", "b")]),
        ("docker compose exec -e A=b cms", [("SCRIPT", "", "A", "b")]),
        ("docker service update --env-add A=b cms", [("SCRIPT", "", "A", "b")]),
        ("docker-compose run -e A=b cms", [("SCRIPT", "", "A", "b")]),
        ("docker-compose exec -e A=b cms", [("SCRIPT", "", "A", "b")]),
        ("docker-compose up A=b", []),
        ("gcloud functions deploy cms --set-env-vars=A=b", [("CLOUD_RUN", "", "A", "b")]),
        ("gcloud compute instances create-with-container cms --container-env=A=b,C=d", [("CLOUD_RUN", "", "A", "b"), ("CLOUD_RUN", "", "C", "d")]),
        # the name and the value apart
        ("gh secret set A --body b", [("SCRIPT", "", "A", "b")]),
        ("gh variable set -R acme/cms A -b b", [("SCRIPT", "", "A", "b")]),
        ("gh secret set A --body=b --body=c", [("SCRIPT", "", "A", "c")]),
        ("echo b | gh secret set A", [("SCRIPT", "", "A", "b")]),
        ("printf 'b\\n\\n' | gh secret set A", [("SCRIPT", "", "A", "b")]),
        ("printf 'b\\nc\\n' | gh secret set A", []),
        ("gh secret set A", []),
        ("gh secret set $NAME --body b", []),
        ("gh secret set --body b", []),
        ("gh secret set --body b A", [("SCRIPT", "", "A", "b")]),
        ("gh secret set -b b -R acme/cms A", [("SCRIPT", "", "A", "b")]),
        ("gh secret list A", []),
        ("glab variable set A b", [("SCRIPT", "", "A", "b")]),
        ("glab variable create A b", [("SCRIPT", "", "A", "b")]),
        ("glab variable update A b", [("SCRIPT", "", "A", "b")]),
        ("aws ssm put-parameter --name /live/directus-secret --value b", [("ECS", "", "SECRET", "b")]),
        ("aws --region eu secretsmanager create-secret --name cms --secret-string '{\"A\": \"b\", \"c-d\":\"e\\\"f\"}'", [("ECS", "cms", "A", "b"), ("ECS", "cms", "C_D", 'e\\"f')]),
        ("aws secretsmanager put-secret-value --secret-id cms/A --secret-string b", [("ECS", "", "A", "b")]),
        ("aws secretsmanager update-secret --secret-id A --secret-string '{b'", [("ECS", "", "A", "{b")]),
        ("aws ssm get-parameter --name A --value b", []),
        ("az keyvault secret set --vault-name v -n A --value b", [("AZURE", "", "A", "b")]),
        ("echo b | gcloud secrets create A --data-file=-", [("CLOUD_RUN", "", "A", "b")]),
        ("echo b | gcloud secrets versions add A --data-file -", [("CLOUD_RUN", "", "A", "b")]),
        ("netlify env:set A b", [("SCRIPT", "", "A", "b")]),
        ("echo b | vercel env add A production", [("SCRIPT", "", "A", "b")]),
        ("clever env set A b", [("SCRIPT", "", "A", "b")]),
        ("cf set-env cms A b", [("SCRIPT", "", "A", "b")]),
        ("platform variable:create --name env:A --value b", [("PLATFORM_SH", "", "A", "b")]),
        ("upsun variable:update --name=A --value=b", [("PLATFORM_SH", "", "A", "b")]),
        ("koyeb secret create A -v b", [("SCRIPT", "", "A", "b")]),
        ("koyeb secrets create A --value b", [("SCRIPT", "", "A", "b")]),
        ("echo b | docker secret create A -", [("SCRIPT", "", "A", "b")]),
        ("echo b | podman secret create A -", [("SCRIPT", "", "A", "b")]),
        # other programs
        ("other secrets set A=b", []),
        ("sudo -u cms fly secrets set A=b", [("FLY", "", "A", "b")]),
        ("echo fly", []),
    ],
)  # fmt: skip
def test_what_a_command_sets(script: str, expected: list[tuple[str, str, str, str]]) -> None:
    assert list(found(script)) == expected


@each_case(
    "option",
    [
        "-R", "--repo", "-o", "--org", "-e", "--env", "-g", "--resource-group", "--context", "-c", "--config", "-p", "--project", "--scope", "--type", "--region", "--profile",
        "--environment", "--visibility", "--app-name", "--account", "--kubeconfig", "-f", "--file", "--labels", "--vault-name", "--subscription", "--alias", "-a", "--app", "-s", "--service",
        "--replication-policy", "--namespace", "-n", "--name",
    ],
)  # fmt: skip
def test_the_value_of_an_option_is_no_name(option: str) -> None:
    assert list(found(f"gh secret {option} x set {option} y A {option} z --body b")) == [("SCRIPT", "", "A", "b")]


@each_case(
    ("command", "options"),
    [
        ("fly secrets set {} A=b", "-a --app"), ("heroku config:set {} A=b", "-a --app"), ("scalingo {} env-set A=b", "-a --app"), ("railway variables {} --set A=b", "-s --service"),
        ("az containerapp update {} --set-env-vars A=b", "-n --name"), ("eb setenv {} A=b", "-e --environment"), ("convox env set {} A=b", "-a --app"), ("koyeb service update {} --env A=b", "-a --app"),
        ("doppler secrets set {} A=b", "-p --project"),
    ],
)  # fmt: skip
def test_options_that_name_the_application(command: str, options: str) -> None:
    for option in options.split():
        for given in (f"{option} cms", f"{option}=cms"):
            assert [(target, name, text) for _, target, name, text in found(command.format(given))] == [
                ("cms", "A", "b")
            ], given


@each_case("program", ["oc", "k3s kubectl", "microk8s kubectl", "sudo k3s kubectl"])
def test_other_names_of_kubectl(program: str) -> None:
    for command in (
        "create secret generic cms --from-literal=A=b",
        "create cm cms --from-literal=A=b",
        "set env deployment/cms A=b",
    ):
        assert [(name, text) for _, _, name, text in found(f"{program} {command}")] == [("A", "b")]


@each_case(
    ("before", "known"),
    [("", True), ("one ", True), ("one two three ", True), ("one two three four ", False), ("--x one -y ", True)],
)
def test_words_before_a_subcommand(before: str, *, known: bool) -> None:
    assert list(found(f"fly {before}secrets set A=b")) == ([("FLY", "", "A", "b")] if known else [])


@each_case(
    ("written", "name"),
    [
        ("DB_PASSWORD", "DB_PASSWORD"), ("directus-db-password", "DB_PASSWORD"), ("/live/cms/secret", "SECRET"), ("env.directus.key", "KEY"), ("env:KEY", "KEY"), ("DIRECTUS_KEY", "KEY"),
        ("MY_DIRECTUS_KEY", "MY_DIRECTUS_KEY"),
    ],
)  # fmt: skip
def test_the_variable_that_a_name_means(written: str, name: str) -> None:
    assert host_commands.own_name(written) == name
