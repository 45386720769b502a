"""Members of a Compose service of another type than Compose takes."""

from __future__ import annotations

from directus_guard.sources.deployments.compose_types import mistakes
from directus_guard.sources.formats import yaml_document
from tests.support.each import each_case

NOT: dict[str, str] = {
    "image": "a text", "build": "a text or a mapping", "environment": "a mapping or a list of texts", "env_file": "a text or a list", "ports": "a list", "volumes": "a list", "secrets": "a list", "configs": "a list",
    "deploy": "a mapping", "command": "a text or a list",
}  # fmt: skip


def found(text: str) -> list[tuple[int, str]]:
    (node,) = yaml_document.parse("c", text)
    assert isinstance(node, yaml_document.Mapping)
    return [(place.column, message) for place, message in mistakes(node)]


@each_case(
    "member",
    [
        "image: x", "image: '5'", "image: null", "build: .", "build: {a: b}", "environment: {A: b}", "environment: [A=b, A]", "environment: {A: null}", "env_file: a", "env_file: [a, {path: b}]", "ports: [80, '80:80', {target: 80}, '${PORT}']", "volumes: [a:b, {target: /x}, /x]",
        "secrets: [a, {source: b}]", "configs: [a]", "deploy: {}", "command: x", "command: [a, 5, true]", "command: null", "ports: []", "other: 5", "secrets: [true]",
    ],
)  # fmt: skip
def test_what_compose_takes(member: str) -> None:
    assert found(member) == []


@each_case(
    "member",
    [
        "image: [x]", "image: {a: b}", "build: [a]", "environment: x", "env_file: {a: b}", "ports: x", "ports: {a: b}", "volumes: 5", "secrets: x", "configs: {a: b}", "deploy: x", "deploy: [a]", "command: {a: b}",
    ],
)  # fmt: skip
def test_a_member_of_another_type(member: str) -> None:
    key = member.partition(":")[0]
    assert found(member) == [(len(key) + 3, f"`{key}` is not {NOT[key]}: what it sets is not known")]


@each_case(
    ("member", "column"),
    [
        ("environment: [A=b, {C: d}]", 20), ("environment: {A: b, C: [d]}", 24), ("env_file: [a, [b]]", 15), ("env_file: [a, {required: true}]", 15), ("env_file: [null]", 12), ("env_file: [true]", 12), ("ports: [80, [81]]", 13), ("ports: [{published: 80}]", 9), ("ports: [true]", 9), ("ports: [null]", 9),
        ("volumes: [a:b, [c]]", 16), ("volumes: [{source: a}]", 11), ("volumes: [5]", 11), ("volumes: ['${V}']", 12), ("volumes: [$V]", 11), ("secrets: [{target: a}]", 11), ("secrets: [[a]]", 11), ("configs: [{target: a}]", 11), ("command: [a, {b: c}]", 14), ("command: [[a]]", 11),
    ],
)  # fmt: skip
def test_an_item_of_another_type(member: str, column: int) -> None:
    key = member.partition(":")[0]
    assert found(member) == [(column, f"`{key}` holds something else than {NOT[key]}: what it sets is not known")]


@each_case("image", ["5", "1.0", "true", "0x1F"])
def test_an_image_that_is_no_text(image: str) -> None:
    assert found(f"image: {image}") == [(8, "`image` is a number or a boolean, not a text: what runs is not known")]
