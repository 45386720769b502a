"""Templates of Ansible, filled in with the variables that files of the repository give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.finding import Status
from tests.support.deployment_findings import HEX, answered, named, scanned
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

ROLE: Final = "roles/directus"
COMPOSE: Final = f"{ROLE}/templates/docker-compose.yml.j2"
ENVIRONMENT: Final = f"{ROLE}/templates/directus.env.j2"


def compose(secret: str = "{{ directus_secret }}", image: str = "directus/directus:{{ directus_version }}") -> str:
    return (
        f'services:\n  directus:\n    image: "{image}"\n    environment:\n      SECRET: "{secret}"\n'
        "      PUBLIC_URL: https://{{ directus_domain }}\n      DB_CLIENT: pg\n"
    )


@each_case(
    "place",
    [
        f"{ROLE}/defaults/main.yml",
        f"{ROLE}/vars/main.yaml",
        "group_vars/all.yml",
        "group_vars/all/cms.yml",
        "inventories/live/group_vars/web.yml",
        "host_vars/cms1.yml",
    ],
)
def test_a_compose_template_has_the_values_of_every_place(place: str, tmp_path: Path) -> None:
    values = f'directus_version: "10.8.3"\ndirectus_secret: {HEX}\n'
    report = scanned(tmp_path, {COMPOSE: compose(), place: values})
    assert named(report, "vulnerable-version-high") == {f"{place}:1 high"}
    assert named(report, "secret-committed") == {f"{place}:2 high"}


@each_case("name", ["docker-compose.yml.j2", "compose.yaml.jinja2", "compose.j2", "docker-compose.j2"])
def test_names_of_templates(name: str, tmp_path: Path) -> None:
    files = {f"{ROLE}/templates/{name}": compose(), "group_vars/all.yml": f"directus_secret: {HEX}\n"}
    assert named(scanned(tmp_path, files), "secret-committed") == {"group_vars/all.yml:1 high"}


def test_an_environment_template(tmp_path: Path) -> None:
    text = "SECRET={{ cms.secret }}\nPUBLIC_URL={{ url }}\nMARKETPLACE_TRUST='{{ trust }}'\nCORS_ENABLED={{ cors | lower }}\nCORS_ORIGIN={{ cors|string|lower }}\n"
    values = f"cms:\n  secret: {HEX}\ntrust: all\nurl: https://cms.pelican.io\ncors: true\n"
    report = scanned(tmp_path, {ENVIRONMENT: text, "group_vars/cms.yml": values})
    assert named(report, "secret-committed") == {"group_vars/cms.yml:2 high"}
    assert named(report, "marketplace-trust") == {"group_vars/cms.yml:3 high"}
    assert named(report, "cors-any-origin") == {"group_vars/cms.yml:5 medium"}


def test_jinja_writes_a_boolean_as_python_does(tmp_path: Path) -> None:
    text = "SECRET={{ s }}\nDB_CLIENT=pg\nRATE_LIMITER_ENABLED={{ limited }}\nPUBLIC_URL=https://cms.pelican.io\n"
    report = scanned(tmp_path, {ENVIRONMENT: text, "group_vars/all.yml": "limited: yes\n"})
    assert named(report, "rate-limiter") == {"group_vars/all.yml:1 high"}


@each_case(
    "expression",
    [
        "{{ directus_version | default('10.8.3') }}",
        '{{ directus_version | default("10.8.3") }}',
        "{{ directus_version | default('10.8.3', true) }}",
        "{{ directus_version|default( '10.8.3' )|string }}",
    ],
)
def test_the_default_of_an_expression(expression: str, tmp_path: Path) -> None:
    text = compose(image=f"directus/directus:{expression}")
    report = scanned(tmp_path, {COMPOSE: text})
    assert named(report, "vulnerable-version-high") == {f"{COMPOSE}:3 medium"}
    report = scanned(tmp_path, {"group_vars/all.yml": "directus_version: 12.4.1\n"})
    assert answered(report, "vulnerable-version-high") == {Status.PASS}


def test_other_files_beat_the_defaults_of_a_role(tmp_path: Path) -> None:
    files = {
        COMPOSE: compose(),
        f"{ROLE}/defaults/main.yml": "directus_version: 12.4.1\ndirectus_secret: changeme\n",
        "group_vars/live.yml": "directus_version: 10.8.3\n",
    }
    report = scanned(tmp_path, files)
    assert named(report, "vulnerable-version-high") == {"group_vars/live.yml:1 high"}
    assert named(report, "secret-weak") == {f"{ROLE}/defaults/main.yml:2 high"}


def test_hosts_with_values_of_their_own_are_a_deployment_each(tmp_path: Path) -> None:
    files = {
        COMPOSE: compose(),
        "group_vars/all.yml": "directus_version: 12.4.1\n",
        "host_vars/a.yml": f"directus_secret: {HEX}\n",
        "host_vars/b/main.yml": f"directus_secret: {HEX[::-1]}\ndirectus_version: 10.8.3\n",
    }
    report = scanned(tmp_path, files)
    assert named(report, "secret-committed") == {"host_vars/a.yml:1 high", "host_vars/b/main.yml:1 high"}
    assert named(report, "vulnerable-version-high") == {"host_vars/b/main.yml:2 high"}
    assert f"{COMPOSE}#directus@b" in report.scanned.deployments


@each_case(
    "values",
    [
        "$ANSIBLE_VAULT;1.1;AES256\n62383137\n",
        "directus_secret: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  62383137\n",
        'directus_secret: "{{ vault_directus_secret }}"\n',
        "directus_secret: \"{{ lookup('env', 'SECRET') }}\"\n",
        "other: x\n",
    ],
)
def test_what_is_not_plain_stays_unseen(values: str, tmp_path: Path) -> None:
    report = scanned(tmp_path, {COMPOSE: compose(), "group_vars/all.yml": values})
    assert answered(report, "secret-weak") == {Status.NOT_EVALUATED}
    assert not named(report, "secret-committed")


def test_a_task_with_a_compose_definition(tmp_path: Path) -> None:
    play = (
        "- hosts: cms\n  tasks:\n    - community.docker.docker_compose_v2:\n        project_name: cms\n        definition:\n"
        "          services:\n            directus:\n              image: 'directus/directus:{{ tag }}'\n"
        "              environment:\n                SECRET: '{{ secret }}'\n                DB_CLIENT: pg\n"
    )
    values = f"tag: 10.8.3\nsecret: {HEX}\n"
    report = scanned(tmp_path, {"play.yml": play, "group_vars/cms.yml": values})
    assert named(report, "secret-committed") == {"group_vars/cms.yml:2 high"}
    assert named(report, "vulnerable-version-high") == {"group_vars/cms.yml:1 high"}


def test_of_many_hosts_some_are_followed_and_the_others_not_evaluated(tmp_path: Path) -> None:
    hosts = {f"host_vars/h{number}.yml": f"directus_secret: {HEX}{number}\n" for number in range(30)}
    report = scanned(tmp_path, {COMPOSE: compose(), **hosts})
    assert len(report.scanned.deployments) == 21
    assert Status.NOT_EVALUATED in answered(report, "secret-weak")
    assert len(named(report, "secret-committed")) == 20


@each_case(
    ("place", "files"),
    [
        ("play.yml:3", {"play.yml": f"- hosts: cms\n  vars:\n    directus_secret: {HEX}\n  roles: [directus]\n"}),
        (
            "secrets.yml:1",
            {
                "play.yml": "- hosts: cms\n  vars_files: [secrets.yml]\n  roles: [directus]\n",
                "secrets.yml": f"directus_secret: {HEX}\n",
            },
        ),
        (
            "conf/live.yml:1",
            {
                "plays/play.yml": "- hosts: cms\n  vars_files:\n    - ../conf/live.yml\n",
                "conf/live.yml": f"directus_secret: {HEX}\n",
            },
        ),
        ("hosts.yml:3", {"hosts.yml": f"all:\n  vars:\n    directus_secret: {HEX}\n  children:\n    web: {{}}\n"}),
        (
            "inventory/hosts.yml:5",
            {
                "inventory/hosts.yml": (
                    f"all:\n  children:\n    web:\n      vars:\n        directus_secret: {HEX}\n      hosts:\n        a:\n"
                )
            },
        ),
    ],
)
def test_plays_and_inventories_give_values(place: str, files: dict[str, str], tmp_path: Path) -> None:
    report = scanned(tmp_path, {COMPOSE: compose(), **files})
    assert named(report, "secret-committed") == {f"{place} high"}


def test_another_role_tells_nothing(tmp_path: Path) -> None:
    files = {COMPOSE: compose(), "roles/nginx/defaults/main.yml": f"directus_secret: {HEX}\n"}
    report = scanned(tmp_path, files)
    assert answered(report, "secret-weak") == {Status.NOT_EVALUATED}
    report = scanned(tmp_path, {"roles/directus/vars/main.yml": "directus_secret: changeme\n"})
    assert named(report, "secret-weak") == {"roles/directus/vars/main.yml:1 high"}
