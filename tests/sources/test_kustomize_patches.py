"""What a patch of Kustomize makes of an object: each row is an object, a patch and what is left, as `kustomize build` gives it."""

from __future__ import annotations

from textwrap import dedent
from typing import Any, Final

import pytest
import yaml

from directus_guard.sources.deployments.kubernetes_objects import Resource
from directus_guard.sources.deployments.kustomize_patches import MAX_DEPTH, apply_patch, matches, with_images
from directus_guard.sources.formats import yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, Node, Scalar, Sequence

OBJECT: Final = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: cms, labels: {a/b: x, c~d: y}}
spec:
  replicas: 1
  template:
    spec:
      volumes: [{name: v, emptyDir: {}}]
      containers:
        - name: web
          image: directus/directus:11
          args: [one, two]
          env: [{name: A, value: a}, {name: B, value: b}]
          ports: [{containerPort: 80}]
        - name: side
          image: busybox
"""
WEB: Final = ("spec", "template", "spec", "containers", 0)


def read(text: str) -> Node:
    (found,) = yaml_document.parse("a.yaml", dedent(text))
    return found


def mapping(text: str) -> Mapping:
    found = read(text)
    assert isinstance(found, Mapping)
    return found


def plain(node: Node) -> Any:
    """The node as texts, lists and dicts, in their order."""
    match node:
        case Scalar():
            return node.text
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {entry.key.text: plain(entry.value) for entry in node.entries}


def patched(
    patch: str, target: str | None = "{}", object_: str = OBJECT, names: tuple[str, ...] = ("cms",)
) -> Resource | None:
    node = mapping(object_)
    resource = Resource(node, node.text("kind") or "", names, "default", "a.yaml")
    return apply_patch(resource, read(patch), mapping(target) if target is not None else None)


def left(patch: str, *path: str | int, target: str | None = "{}") -> Any:
    """What a patch leaves at a path of the object."""
    resource = patched(patch, target)
    assert resource is not None
    assert not resource.gaps
    found = plain(resource.node)
    for step in path:
        found = found[step]
    return found


UNCHANGED: Final = yaml.load(OBJECT, yaml.BaseLoader)


@pytest.mark.parametrize(
    ("operation", "path", "expected"),
    [
        ("{op: replace, path: /spec/replicas, value: 3}", ("spec",), {"replicas": "3", "template": UNCHANGED["spec"]["template"]}),
        ("{op: add, path: /spec/paused, value: true}", ("spec", "paused"), "true"),
        ("{op: remove, path: /spec/replicas}", ("spec",), {"template": UNCHANGED["spec"]["template"]}),
        ("{op: remove, path: /spec/nothing}", (), UNCHANGED),
        ("{op: remove, path: /metadata/labels/a~1b}", ("metadata", "labels"), {"c~d": "y"}),
        ("{op: remove, path: /metadata/labels/c~0d}", ("metadata", "labels"), {"a/b": "x"}),
        ("{op: add, path: /spec/new/deep, value: {a: [b]}}", ("spec", "new"), {"deep": {"a": ["b"]}}),
        ("{op: remove, path: /spec/template/spec/containers/0/args/0}", (*WEB, "args"), ["two"]),
        ("{op: remove, path: /spec/template/spec/containers/0/args/1}", (*WEB, "args"), ["one"]),
        ("{op: remove, path: /spec/template/spec/containers/0/args/2}", (*WEB, "args"), ["one", "two"]),
        ("{op: remove, path: /spec/template/spec/containers/0/args/7}", (*WEB, "args"), ["one", "two"]),
        ("{op: remove, path: /spec/template/spec/containers/0/args/x}", (*WEB, "args"), ["one", "two"]),
        ("{op: replace, path: /spec/template/spec/containers/0/args/0, value: 1}", (*WEB, "args"), ["1", "two"]),
        ("{op: replace, path: /spec/template/spec/containers/0/args/1, value: 2}", (*WEB, "args"), ["one", "2"]),
        ("{op: add, path: /spec/template/spec/containers/0/args/0, value: 1}", (*WEB, "args"), ["1", "one", "two"]),
        ("{op: add, path: /spec/template/spec/containers/0/args/1, value: 1}", (*WEB, "args"), ["one", "1", "two"]),
        ("{op: add, path: /spec/template/spec/containers/0/args/2, value: 1}", (*WEB, "args"), ["one", "two", "1"]),
        ("{op: add, path: /spec/template/spec/containers/0/args/-, value: 1}", (*WEB, "args"), ["one", "two", "1"]),
        ("{op: add, path: /spec/template/spec/containers/0/args/3, value: 1}", (*WEB, "args"), ["one", "two"]),
        ("{op: replace, path: /spec/template/spec/containers/0/env/1/value, value: z}", (*WEB, "env", 1), {"name": "B", "value": "z"}),
        ("{op: replace, path: /spec/template/spec/containers/2/env/1/value, value: z}", (), UNCHANGED),
        ("{op: replace, path: /spec/replicas/deep/er, value: z}", (), UNCHANGED),
    ],
)  # fmt: skip
def test_operations_of_a_json_patch(operation: str, path: tuple[str | int, ...], expected: Any) -> None:
    assert left(f"[{operation}]", *path) == expected


def test_the_operations_follow_each_other() -> None:
    path = "/spec/template/spec/containers/0/args"
    assert left(f"[{{op: remove, path: {path}/0}}, {{op: add, path: {path}/-, value: x}}]", *WEB, "args") == [
        "two",
        "x",
    ]


@pytest.mark.parametrize(
    "operation",
    [
        "{op: move, from: /spec/a, path: /spec/b}", "{op: copy, from: /spec/a, path: /spec/b, value: x}", "{op: remove}", "{op: remove, path: spec}",
        "{op: add, path: /spec/a}", "{op: replace, path: /spec/a}", "{path: /spec/a, value: b}", "{op: add, path: '', value: b}",
    ],
)  # fmt: skip
def test_other_operations_leave_the_environment_open(operation: str) -> None:
    resource = patched(f"[{operation}, {{op: remove, path: /spec/replicas}}]")
    assert resource is not None
    assert [gap.reason for gap in resource.gaps] == ["a JSON patch moves or copies values"]
    assert "replicas" not in plain(resource.node)["spec"]


def test_a_json_patch_without_a_target_is_for_no_object() -> None:
    assert left("[{op: remove, path: /spec/replicas}]", target=None) == UNCHANGED
    assert left("a text") == UNCHANGED


@pytest.mark.parametrize(
    ("target", "hit"),
    [
        ("{}", True), ("{kind: Deployment}", True), ("{kind: Service}", False), ("{name: cms}", True), ("{name: other}", False),
        ("{kind: Deployment, name: cms}", True), ("{kind: Deployment, name: other}", False), ("{kind: Service, name: cms}", False),
        ("{name: c.*}", True), ("{name: former}", True), ("{labelSelector: a=b}", True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("patch", ["[{op: remove, path: /spec/replicas}]", "{spec: {replicas: null}}"])
def test_the_target_of_a_patch(patch: str, target: str, hit: bool) -> None:
    resource = patched(patch, target, names=("former", "cms"))
    assert resource is not None
    assert ("replicas" not in plain(resource.node)["spec"]) is hit


@pytest.mark.parametrize(
    ("head", "hit"),
    [
        ("kind: Deployment, metadata: {name: cms}", True), ("kind: Deployment, metadata: {name: former}", True), ("kind: Service, metadata: {name: cms}", False),
        ("kind: Deployment, metadata: {name: x}", False), ("kind: Deployment", False), ("metadata: {name: cms}", False),
    ],
)  # fmt: skip
def test_a_patch_without_a_target_names_its_object(head: str, hit: bool) -> None:
    resource = patched(f"{{{head}, spec: {{replicas: 5}}}}", None, names=("former", "cms"))
    assert resource is not None
    assert plain(resource.node)["spec"]["replicas"] == ("5" if hit else "1")


def test_what_names_the_object_is_not_merged() -> None:
    patch = "{apiVersion: other/v1, kind: Deployment, metadata: {name: cms, labels: {new: x}}, spec: {replicas: 5}}"
    assert {**left(patch, target=None), "spec": None} == {**UNCHANGED, "spec": None}


def test_an_object_is_deleted() -> None:
    assert patched("{$patch: delete, kind: Deployment, metadata: {name: cms}}", None) is None
    assert patched("{$patch: delete}") is None
    assert patched("{$patch: delete}", "{kind: Service}") is not None


@pytest.mark.parametrize(
    ("patch", "path", "expected"),
    [
        ("{spec: {replicas: null}}", ("spec",), {"template": UNCHANGED["spec"]["template"]}),
        ("{spec: {replicas: 'null'}}", ("spec", "replicas"), "null"),
        ("{spec: {nothing: ~}}", (), UNCHANGED),
        ("{spec: {paused: true, replicas: 2}}", ("spec",), {"replicas": "2", "template": UNCHANGED["spec"]["template"], "paused": "true"}),
        ("{spec: {$patch: replace, replicas: 2}}", ("spec", "replicas"), "2"),
        ("{spec: {template: text}}", ("spec", "template"), "text"),
        ("{spec: {replicas: {a: b}}}", ("spec", "replicas"), {"a": "b"}),
    ],
)  # fmt: skip
def test_a_merge_of_mappings(patch: str, path: tuple[str | int, ...], expected: Any) -> None:
    assert left(patch, *path) == expected


def test_what_is_replaced_is_not_merged() -> None:
    assert "template" not in left("{spec: {$patch: replace, replicas: 2}}", "spec")


@pytest.mark.parametrize(
    ("change", "key", "expected"),
    [
        ("env: [{name: B, value: z}, {name: C, value: c}]", "env", [{"name": "A", "value": "a"}, {"name": "B", "value": "z"}, {"name": "C", "value": "c"}]),
        ("env: [{name: A, $patch: delete}]", "env", [{"name": "B", "value": "b"}]),
        ("env: [{name: B, value: null, valueFrom: x}]", "env", [{"name": "A", "value": "a"}, {"name": "B", "valueFrom": "x"}]),
        ("env: [{value: no name}, text]", "env", [{"name": "A", "value": "a"}, {"name": "B", "value": "b"}, {"value": "no name"}, "text"]),
        ("env: text", "env", "text"),
        ("ports: [{containerPort: 80, name: http}]", "ports", [{"containerPort": "80", "name": "http"}]),
        ("ports: [{containerPort: 81}]", "ports", [{"containerPort": "80"}, {"containerPort": "81"}]),
        ("args: [three]", "args", ["three"]),
        ("volumeMounts: [{mountPath: /a}]", "volumeMounts", [{"mountPath": "/a"}]),
    ],
)  # fmt: skip
def test_a_merge_of_lists(change: str, key: str, expected: Any) -> None:
    patch = f"{{spec: {{template: {{spec: {{containers: [{{name: web, {change}}}]}}}}}}}}"
    assert left(patch, *WEB, key) == expected
    assert left(patch, "spec", "template", "spec", "containers", 1) == {"name": "side", "image": "busybox"}


@pytest.mark.parametrize(
    ("list_", "key"),
    [
        ("containers", "name"),
        ("initContainers", "name"),
        ("volumes", "name"),
        ("volumeMounts", "mountPath"),
        ("env", "name"),
    ],
)
def test_items_are_known_by_a_key(list_: str, key: str) -> None:
    resource = patched(
        f"{{spec: {{{list_}: [{{{key}: one, b: c}}]}}}}",
        object_=f"{{kind: Deployment, spec: {{{list_}: [{{{key}: one, a: b}}, {{{key}: two}}]}}}}",
    )
    assert resource is not None
    assert plain(resource.node)["spec"][list_] == [{key: "one", "a": "b", "b": "c"}, {key: "two"}]


def test_what_is_no_object_in_a_list_stays() -> None:
    resource = patched("{env: [{name: A, b: c}]}", object_="{kind: Deployment, env: [text, {name: A}]}")
    assert resource is not None
    assert plain(resource.node)["env"] == ["text", {"name": "A", "b": "c"}]


def nested(levels: int, last: str) -> str:
    return "{a: " * levels + last + "}" * levels


def test_a_merge_ends_at_some_depth() -> None:
    """Deeper than any object is, the patch takes the place of what is there."""
    for levels, merged in ((MAX_DEPTH, True), (MAX_DEPTH + 1, False)):
        resource = patched(nested(levels, "{y: 2}"), object_=nested(levels, "{x: 1}"))
        assert resource is not None
        found = plain(resource.node)
        for _ in range(levels):
            found = found["a"]
        assert found == ({"x": "1", "y": "2"} if merged else {"y": "2"})


@pytest.mark.parametrize(
    ("pattern", "name", "hit"),
    [
        ("cms", "cms", True), ("cms", "cms2", False), ("cms", "xcms", False), ("^cms$", "cms", True), ("^cms", "cms", True), ("cms$", "cms", True), ("^cms", "other", False), ("cms$", "other", False), ("^cms$", "other", False),
        ("cms.*", "cms-web", True), ("cms.*", "cms", True), ("cms.*", "xcms", False), (".*cms", "my-cms", True), (".*cms", "cms-x", False), (".*", "any", True),
        ("a.*b", "ab", True), ("a.*b", "axb", True), ("a.*b", "axbc", False), ("a.*a", "a", False), ("a.*b.*c", "abc", True), ("a.*b.*c", "axbxc", True),
        ("a.*b.*c", "axc", False), ("a.*bb.*b", "abb", False), ("a.*bb.*b", "abbb", True), ("a.*b.*b", "ab", False), ("c(m)s", "other", True), ("c[m]s", "other", True), ("a|b", "other", True),
        ("cm+", "other", True), ("cm?", "other", True), ("c\\w", "other", True), ("c{2}", "other", True), ("a^b", "other", True), ("a*", "other", True), ("a$b", "other", True),
    ],
)  # fmt: skip
def test_names_and_patterns(pattern: str, name: str, hit: bool) -> None:
    assert matches(pattern, name) is hit


@pytest.mark.parametrize(
    ("image", "change", "expected"),
    [
        ("directus:11", "newTag: '12'", "directus:12"),
        ("directus", "newTag: '12'", "directus:12"),
        ("directus:11", "newName: other", "other:11"),
        ("directus:11", "newName: other, newTag: '1'", "other:1"),
        ("directus:11", "digest: 'sha256:ab'", "directus@sha256:ab"),
        ("directus:11", "digest: 'sha256:ab', newTag: '12'", "directus@sha256:ab"),
        ("directus@sha256:cd", "newTag: '12'", "directus:12"),
        ("directus", "newName: other", "other"),
        ("directus:11", "x: y", "directus:11"),
    ],
)
def test_images_are_replaced(image: str, change: str, expected: str) -> None:
    for name in ("directus", "registry.local:5000/directus"):
        written = image.replace("directus", name)
        changed = expected.replace("directus", name)
        for list_ in ("containers", "initContainers"):
            node = mapping(
                f"{{spec: {{template: {{spec: {{{list_}: [{{image: '{written}'}}, text, {{name: x}}]}}}}}}}}"
            )
            found = plain(with_images(node, {name: mapping(f"{{{change}}}")}, 0))
            assert found["spec"]["template"]["spec"][list_] == [{"image": changed}, "text", {"name": "x"}]


def test_other_images_stay() -> None:
    node = mapping("{containers: [{image: 'directus:11'}], other: [{image: 'cms:1'}]}")
    assert plain(with_images(node, {"cms": mapping("{newTag: '2'}")}, 0)) == plain(node)


def test_the_place_of_an_image_is_that_of_the_change() -> None:
    node = mapping("containers: [{image: 'directus:11'}]")
    for change, column in (("{newTag: '12'}", 11), ("{newName: 'x'}", 12), ("{name: y}", 23)):
        containers = with_images(node, {"directus": mapping(change)}, 0).sequence("containers")
        assert containers is not None
        (container,) = containers.items
        assert isinstance(container, Mapping)
        image = container.scalar("image")
        assert image is not None
        assert (image.location.column, image.plain) == (column, False)


def test_images_are_sought_to_some_depth() -> None:
    inner = "{containers: [{image: directus}]}"
    for levels, replaced in ((MAX_DEPTH, True), (MAX_DEPTH + 1, False)):
        found = plain(with_images(mapping(nested(levels, inner)), {"directus": mapping("{newTag: x}")}, 0))
        for _ in range(levels):
            found = found["a"]
        assert found == {"containers": [{"image": "directus:x" if replaced else "directus"}]}
