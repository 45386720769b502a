"""Variables of hosts and groups that stand in Ansible's inventory itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.sources import collect
from directus_guard.sources.deployments import ansible, ansible_inventory
from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, Scalar
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


@each_case(
    ("path", "text", "found"),
    [
        ("hosts", "a a=b\n", [("hosts:a", "a", "b", 5)]),
        ("hosts", "a xa=b a=c\n", [("hosts:a", "xa", "b", 6), ("hosts:a", "a", "c", 10)]),
        ("hosts", "  h:22 x='a b' y=\"c\\\" z={{ v }} w=d#e f=g,h\n", [("hosts:h:22", "x", "a b", 11), ("hosts:h:22", "z", "{{ v }}", 25), ("hosts:h:22", "w", "d", 35), ("hosts:h:22", "f", "g,h", 41)]),
        ("hosts", "a x=b # y=c\n", [("hosts:a", "x", "b", 5)]),
        ("hosts", "\ufeffa x=b\n", [("hosts:a", "x", "b", 5)]),
        ("hosts", "#a x=b\n;a x=b\n\n   \n", []),
        ("hosts", "[g]\na x=b\n[g:vars]\n y = c d # e\n z='f' # g\nw=\"h\"\nv=\nbroken\n[g:children]\nx=y\n[]\n", [("hosts:a", "x", "b", 5), ("hosts:g", "y", "c d # e", 6), ("hosts:g", "z", "f", 5), ("hosts:g", "w", "h", 4), ("hosts:g", "v", "", 3)]),
        ("hosts", "[all:vars]\nx=y\n[:vars]\n", [("hosts", "x", "y", 3)]),
    ],
)  # fmt: skip
def test_each_variable_of_a_text(path: str, text: str, found: list[tuple[str, str, str, int]]) -> None:
    made = []
    for who, name, node in ansible_inventory.of_text(path, text):
        assert isinstance(node, Scalar)
        assert (node.plain, node.tag, node.location.path) == (False, "", path)
        assert node.location.end_column - node.location.column == len(node.text)
        assert (
            text.splitlines()[node.location.line - 1]
            .removeprefix("\ufeff")[node.location.column - 1 :]
            .startswith(node.text)
        )
        made.append((who, name, node.text, node.location.column))
    assert made == found


def test_each_variable_of_a_document() -> None:
    text = "all:\n  vars: {a: 1}\n  hosts: {h: {b: 2}, i: }\n  children:\n    g: {vars: {c: 3}, hosts: {j: {d: 4}}, children: {k: {vars: {e: 5}}, l: text}}\nother: {vars: [f]}\n"
    (root,) = yaml_document.parse("hosts.yml", text)
    assert isinstance(root, Mapping)
    made = [
        (who, name, node.text)
        for who, name, node in ansible_inventory.of_document("hosts.yml", root)
        if isinstance(node, Scalar)
    ]
    assert made == [
        ("hosts.yml", "a", "1"),
        ("hosts.yml:h", "b", "2"),
        ("hosts.yml:g", "c", "3"),
        ("hosts.yml:j", "d", "4"),
        ("hosts.yml:k", "e", "5"),
    ]


@each_case(("depth", "known"), [(30, True), (31, False)])
def test_groups_are_nested_so_deep(depth: int, *, known: bool) -> None:
    text = "{children: {g: " * depth + "{vars: {a: 1}}" + "}}" * depth
    (root,) = yaml_document.parse("hosts.yml", f"all: {text}\n")
    assert isinstance(root, Mapping)
    assert [name for _, name, _ in ansible_inventory.of_document("hosts.yml", root)] == (["a"] if known else [])
