"""Flags of programs that start Directus: which take the next word, and which are switches, as their help says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from directus_guard.sources.deployments import cloud_run, docker_run
from tests.support.cli import guard, write
from tests.support.repositories import repository, texts

if TYPE_CHECKING:
    from pathlib import Path

GCLOUD_VALUES: Final = [
    "add-cloudsql-instances",
    "add-custom-audiences",
    "add-volume",
    "add-volume-mount",
    "args",
    "base-image",
    "binary-authorization",
    "build-env-vars-file",
    "build-service-account",
    "build-worker-pool",
    "clear-cloudsql-instances",
    "command",
    "concurrency",
    "cpu",
    "depends-on",
    "description",
    "encryption-key-shutdown-hours",
    "execution-environment",
    "function",
    "gpu",
    "gpu-type",
    "ingress",
    "key",
    "labels",
    "liveness-probe",
    "max",
    "max-instances",
    "memory",
    "min",
    "min-instances",
    "network",
    "network-tags",
    "platform",
    "port",
    "post-key-revocation-action-type",
    "project",
    "region",
    "remove-env-vars",
    "remove-secrets",
    "revision-suffix",
    "scaling",
    "service-account",
    "set-build-env-vars",
    "set-cloudsql-instances",
    "set-custom-audiences",
    "startup-probe",
    "subnet",
    "tag",
    "timeout",
    "update-build-env-vars",
    "update-labels",
    "vpc-connector",
    "vpc-egress",
    "account",
    "billing-project",
    "configuration",
    "format",
    "impersonate-service-account",
    "verbosity",
    "zone",
    "access-token-file",
    "filter",
    "flatten",
    "trace-token",
    "user-output-enabled",
    "cluster",
    "cluster-location",
    "context",
    "kubeconfig",
    "namespace",
    "readiness-probe",
    "mesh",
    "domain",
    "volume",
    "threat-detection",
]
GCLOUD_SWITCHES: Final = (
    "quiet",
    "no-traffic",
    "allow-unauthenticated",
    "cpu-boost",
    "async",
    "clear-env-vars",
    "use-http2",
)
DOCKER_SWITCHES: Final = [
    "detach",
    "interactive",
    "tty",
    "rm",
    "init",
    "privileged",
    "read-only",
    "publish-all",
    "no-healthcheck",
    "oom-kill-disable",
    "sig-proxy",
    "quiet",
    "disable-content-trust",
    "replace",
    "http-proxy",
    "no-hosts",
    "no-hostname",
    "read-only-tmpfs",
    "rmi",
    "tls-verify",
    "env-host",
    "rootfs",
    "unsetenv-all",
    "passwd",
    "use-api-socket",
]
DOCKER_VALUES: Final = (
    "name",
    "network",
    "volume",
    "publish",
    "user",
    "restart",
    "memory",
    "label",
    "hostname",
    "add-host",
)


def deployed(tmp_path: Path, command: str) -> dict[str, str]:
    """What the only deployment of a script sets."""
    (made,) = docker_run.read(repository(tmp_path, {"deploy.sh": f"#!/bin/sh\n{command}\n"}))
    return {name: text for name, text in texts(made.variables) if text is not None}


@pytest.mark.parametrize("flag", GCLOUD_VALUES)
def test_values_of_gcloud(tmp_path: Path, flag: str) -> None:
    line = f"gcloud run deploy --{flag} cms other --image=directus/directus:12.4.1 --set-env-vars=SECRET=changeme"
    assert names(tmp_path, line) == ["deploy.sh#other"]


@pytest.mark.parametrize("flag", GCLOUD_SWITCHES)
def test_switches_of_gcloud(tmp_path: Path, flag: str) -> None:
    line = f"gcloud run deploy --{flag} cms --image=directus/directus:12.4.1 --set-env-vars=SECRET=changeme"
    assert names(tmp_path, line) == ["deploy.sh#cms"]


def names(tmp_path: Path, line: str) -> list[str]:
    return [made.name for made in cloud_run.read(repository(tmp_path, {"deploy.sh": f"#!/bin/sh\n{line}\n"}))]


@pytest.mark.parametrize("switch", DOCKER_SWITCHES)
def test_switches_of_docker_run(tmp_path: Path, switch: str) -> None:
    found = deployed(tmp_path, f"docker run --{switch} -e SECRET=changeme directus/directus:12.4.1")
    if switch != "env-host":
        assert found["SECRET"] == "changeme"


@pytest.mark.parametrize("name", DOCKER_VALUES)
def test_values_of_docker_run(tmp_path: Path, name: str) -> None:
    assert (
        deployed(tmp_path, f"docker run --{name} x -e SECRET=changeme directus/directus:12.4.1")["SECRET"] == "changeme"
    )


@pytest.mark.parametrize("switches", ["d", "i", "t", "P", "it", "dit", "itd", "q"])
def test_short_switches_of_docker_run(tmp_path: Path, switches: str) -> None:
    assert (
        deployed(tmp_path, f"docker run -{switches} -e SECRET=changeme directus/directus:12.4.1")["SECRET"]
        == "changeme"
    )
    assert (
        deployed(tmp_path, f"docker run -{switches}e SECRET=changeme directus/directus:12.4.1")["SECRET"] == "changeme"
    )


@pytest.mark.parametrize("program", ["docker", "podman", "nerdctl", "docker.exe"])
@pytest.mark.parametrize("verb", ["run", "create", "container run", "container create"])
def test_programs_and_verbs(tmp_path: Path, program: str, verb: str) -> None:
    assert deployed(tmp_path, f"{program} {verb} -e SECRET=changeme directus/directus:12.4.1")["SECRET"] == "changeme"


@pytest.mark.parametrize(
    "switch", ["push", "load", "no-cache", "pull", "compress", "force-rm", "squash", "check", "quiet"]
)
def test_switches_of_docker_build(tmp_path: Path, switch: str) -> None:
    script = f"docker build --{switch} -t cms ./cms\ndocker run -e SECRET=abc -e DB_CLIENT=pg cms\n"
    files = {"up.sh": script, "cms/Dockerfile": "FROM directus/directus:12.4.1\n"}
    (made,) = docker_run.read(repository(tmp_path, files))
    assert (made.build_context, made.dockerfile) == ("cms", "cms/Dockerfile")


COMPOSE_VALUES: Final = (
    "-p", "--project-name", "--profile", "--ansi", "--parallel", "--progress", "-H", "--host", "--context", "--log-level", "-l", "--config",
    "--tlscacert", "--tlscert", "--tlskey",
)  # fmt: skip
COMPOSE: Final = {
    "prod.yaml": "services: {cms: {image: 'directus/directus:12.4.1', environment: {SECRET: changeme}}}\n",
    "up.yaml": "services: {cms: {environment: {PUBLIC_URL: 'https://cms.example.com'}}}\n",
}


@pytest.mark.parametrize("program", ["docker-compose", "podman-compose", "docker compose", "podman compose", "nerdctl compose", "docker-compose.exe", "docker.exe compose"])  # fmt: skip
def test_programs_of_compose(tmp_path: Path, program: str) -> None:
    write(tmp_path, {**COMPOSE, "deploy.sh": f"#!/bin/sh\n{program} -f prod.yaml -f up.yaml up -d\n"})
    assert '"context": "production"' in guard("scan", tmp_path, "--output", "json").out


@pytest.mark.parametrize("flag", COMPOSE_VALUES)
def test_values_of_compose(tmp_path: Path, flag: str) -> None:
    """A value that is named as a command would end the options."""
    command = f"docker compose -f prod.yaml {flag} up -f up.yaml up -d"
    write(tmp_path, {**COMPOSE, "deploy.sh": f"#!/bin/sh\n{command}\n"})
    assert '"context": "production"' in guard("scan", tmp_path, "--output", "json").out
