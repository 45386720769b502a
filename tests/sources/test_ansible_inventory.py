"""Variables of hosts and groups that stand in Ansible's inventory itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources import collect
from directus_guard.sources.deployments import ansible
from tests.support.each import each_case
from tests.support.repositories import cut, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

PLAY = """- hosts: cms
  tasks:
    - community.docker.docker_container:
        name: cms
        image: directus/directus:12.4.1
        env:
          SECRET: "{{ directus_secret }}"
"""


@each_case(
    ("path", "text"),
    [
        ("hosts.ini", "[cms]\ncms1.acme.example directus_secret=VALUE\n"),
        ("hosts", "cms1 ansible_host=10.0.0.1 directus_secret=VALUE ansible_user=root # the only one\n"),
        ("inventory", "[cms]\ncms[01:03].acme.example\n\n[cms:vars]\ndirectus_secret=VALUE\n"),
        ("inventory/production", "[cms:vars]\n; a comment\ndirectus_secret = VALUE\n"),
        ("inventories/prod/hosts", "[all:vars]\ndirectus_secret='VALUE'\n"),
        ("inventory.ini", '[cms]\ncms1 directus_secret="VALUE" note=\'a b\'\n'),
        ("inventory.ini", '[cms:vars]\r\ndirectus_secret = "VALUE"  # ours\r\n'),
        ("production", "[web]\nweb1\n\n[cms]\ncms1 directus_secret=VALUE\n"),
        ("production.ini", "[cms:children]\nlive\n[live]\ncms1 directus_secret=VALUE\n"),
        ("hosts.yml", "all:\n  hosts:\n    cms1.acme.example:\n      directus_secret: VALUE\n"),
        ("inventory.yaml", "all:\n  children:\n    cms:\n      hosts:\n        cms1:\n      vars:\n        directus_secret: VALUE\n"),
        ("inventory/prod.yml", "cms:\n  hosts:\n    cms1: {ansible_host: 10.0.0.1, directus_secret: VALUE}\n"),
        ("inventories/live/hosts.yaml", "all:\n  vars:\n    directus_secret: 'VALUE'\n  hosts: {cms1: }\n"),
        ("hosts.yml", "all:\n  children: {cms: {hosts: {cms1: {directus_secret: VALUE}}}}\n"),
        ("hosts.yml", "ungrouped:\n  hosts:\n    cms1: &one\n      directus_secret: VALUE\n    cms2: *one\n"),
    ],
)  # fmt: skip
def test_a_value_is_known_and_stands_where_it_is_written(tmp_path: Path, path: str, text: str) -> None:
    (made,) = ansible.read(repository(tmp_path, {"site.yml": PLAY, path: text.replace("VALUE", "written-down")}))
    assert texts(made.variables) == [("SECRET", "written-down")]
    assert cut(tmp_path, made.variables[0].location) == "written-down"


@each_case(
    ("path", "text"),
    [
        ("hosts.ini", "[cms]\ncms1 # directus_secret=x\n#cms2 directus_secret=x\n"),
        ("hosts.ini", "[cms]\ncms1 directus_secret={{ vault_secret }}\n"),
        ("hosts.ini", "[cms]\ncms1 directus_secret=a'b'c\n"),
        ("hosts.ini", "[cms:children]\ndirectus_secret=x\n"),
        ("php.ini", "directus_secret = x\n"),
        ("hosts.yml", "all:\n  hosts:\n    cms1:\n      directus_secret: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        6162\n"),
        ("hosts.yml", "all:\n  hosts:\n    cms1:\n      directus_secret: '{{ vault_secret }}'\n"),
        ("hosts.yml", "all:\n  hosts:\n    directus_secret: x\n"),
    ],
)  # fmt: skip
def test_anything_else_is_not(tmp_path: Path, path: str, text: str) -> None:
    (made,) = ansible.read(repository(tmp_path, {"site.yml": PLAY, path: text}))
    assert texts(made.variables) == [("SECRET", None)]


@each_case(
    "files",
    [
        {"hosts.ini": "[cms]\na directus_secret=one\nb directus_secret=two\n"},
        {"hosts.ini": "[live:vars]\ndirectus_secret=one\n[stage:vars]\ndirectus_secret=two\n"},
        {"hosts.yml": "cms:\n  hosts:\n    a: {directus_secret: one}\n    b: {directus_secret: two}\n"},
        {"prod/hosts.yml": "all: {vars: {directus_secret: one}, hosts: {a: }}\n", "stage/hosts.yml": "all: {vars: {directus_secret: two}, hosts: {a: }}\n"},
        {"inventory/prod": "a directus_secret=one\n", "inventory/stage": "a directus_secret=two\n"},
    ],
)  # fmt: skip
def test_hosts_that_differ_are_a_deployment_each(tmp_path: Path, files: dict[str, str]) -> None:
    found = collect.collect(repository(tmp_path, {"site.yml": PLAY, **files})).deployments
    assert sorted(texts(made.variables) for made in found) == [[("SECRET", "one")], [("SECRET", "two")]]
