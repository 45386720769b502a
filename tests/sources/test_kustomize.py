"""Kustomizations: what they build upon, generate and change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.sources.deployments import kubernetes
from tests.support.each import each_case
from tests.support.repositories import reasons, repository, texts

if TYPE_CHECKING:
    from pathlib import Path

POD: Final = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cms}
spec: {template: {spec: {containers: [{name: d, image: "directus/directus:12.4.1", envFrom: [{configMapRef: {name: settings}}]}]}}}
"""


@each_case(
    ("text", "gap"),
    [
        *((f"{key}: [x]", f"`{key}` of `kustomization.yaml` is not followed") for key in ("replacements", "vars", "transformers", "generators", "helmCharts", "helmChartInflationGenerator", "validators")),
        ("resources: [gone.yaml]", "`gone.yaml`, which the kustomization names, is not in the repository"), ("bases: [gone]", "`gone`, which the kustomization names, is not in the repository"), ("resources: ['https://x/y']", "`https://x/y`, which the kustomization names, is not in the repository"),
        ("components: [gone]", "`gone`, which the kustomization names, is not in the repository"), ("patches: [{path: gone.yaml}]", "a patch of the kustomization is not readable"), ("patchesJson6902: [{path: gone.yaml}]", "a patch of the kustomization is not readable"),
        ("patchesStrategicMerge: [gone.yaml]", "a patch of the kustomization is not readable"), ("patches: [{patch: 'a: ['}]", "a patch of the kustomization is not readable"), ("namespace: live", None), ("commonLabels: {a: b}", None), ("patches: [{target: {kind: x}}]", None),
        ("configMapGenerator: [{name: settings, env: gone.env}]", "`gone.env` is not in the repository"), ("configMapGenerator: [{name: settings, envs: [gone.env]}]", "`gone.env` is not in the repository"), ("configMapGenerator: [{name: settings, files: [a=gone.txt]}]", "`gone.txt` is not in the repository"),
    ],
)  # fmt: skip
def test_what_is_not_followed_or_missing(tmp_path: Path, text: str, gap: str | None) -> None:
    resources = "" if text.startswith("resources") else "resources: [pod.yaml]\n"
    generator = "" if text.startswith("configMap") else "configMapGenerator: [{name: settings, literals: [A=b]}]\n"
    listed = text.replace("resources: [", "resources: [pod.yaml, ")
    (made,) = kubernetes.read(repository(tmp_path, {"pod.yaml": POD, "kustomization.yaml": f"{resources}{generator}{listed}\n"}))  # fmt: skip
    assert reasons(made) == (() if gap is None else (gap,))


@each_case(
    ("files", "path"),
    [
        ({"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n"}, "a/kustomization.yaml"), ({"a/kustomization.yaml": "resources: [../a]\n"}, "a/kustomization.yaml"), ({"a/kustomization.yaml": "components: [../a]\n"}, "a/kustomization.yaml"),
        ({"a/kustomization.yaml": "components: [../b]\n", "b/kustomization.yaml": "components: [../a]\n"}, "a/kustomization.yaml"),
    ],
)  # fmt: skip
def test_one_that_builds_upon_itself(tmp_path: Path, files: dict[str, str], path: str) -> None:
    made = repository(tmp_path, {**files, "pod.yaml": POD})
    kubernetes.read(made)
    assert (path, "builds upon itself", 1) in [(one.path, one.message, one.line) for one in made.problems]


@each_case(
    ("names", "used"),
    [("kustomization.yaml kustomization.yml", "kustomization.yaml"), ("Kustomization kustomization.yml", "kustomization.yml"), ("Kustomization", "Kustomization")],
)  # fmt: skip
def test_the_file_of_a_folder(tmp_path: Path, names: str, used: str) -> None:
    files = {
        name: f"resources: [pod.yaml]\nconfigMapGenerator: [{{name: settings, literals: [NAME={name}]}}]\n"
        for name in names.split()
    }
    (made,) = kubernetes.read(repository(tmp_path, {"pod.yaml": POD, **files}))
    assert texts(made.variables) == [("NAME", used)]


@each_case(
    ("below", "behavior", "found"),
    [
        ("literals: [A=1, B=1]", "", [("A", "2")]), ("literals: [A=1, B=1]", "behavior: merge, ", [("A", "2"), ("B", "1")]), ("literals: [A=1, B=1]", "behavior: replace, ", [("A", "2")]), ("literals: ['A=\"1\"']", "behavior: merge, ", [("A", "2")]),
    ],
)  # fmt: skip
def test_a_generator_on_top_of_another(tmp_path: Path, below: str, behavior: str, found: list[tuple[str, str]]) -> None:
    files = {
        "base/pod.yaml": POD, "base/kustomization.yaml": f"resources: [pod.yaml]\nconfigMapGenerator: [{{name: settings, {below}}}]\n",
        "live/kustomization.yaml": f"resources: [../base]\nconfigMapGenerator: [{{name: settings, {behavior}literals: [A=2]}}]\n",
    }  # fmt: skip
    (made,) = kubernetes.read(repository(tmp_path, files))
    assert sorted(texts(made.variables)) == (found if behavior else [("A", "1"), ("B", "1")])


@each_case(
    ("written", "name", "text"),
    [("A=b", "A", "b"), ("A=", "A", ""), ("A='b c'", "A", "b c"), ('A="b"', "A", "b"), ("A='b", "A", "'b"), (" A =b", "A", "b"), ("A=b=c", "A", "b=c"), ("A='", "A", "'"), ("A=${X}", "A", None)],
)  # fmt: skip
def test_a_literal(tmp_path: Path, written: str, name: str, text: str | None) -> None:
    quoted = "'" + written.replace("'", "''") + "'"
    files = {
        "pod.yaml": POD,
        "kustomization.yaml": f"resources: [pod.yaml]\nconfigMapGenerator: [{{name: settings, literals: [{quoted}]}}]\n",
    }
    (made,) = kubernetes.read(repository(tmp_path, files))
    assert texts(made.variables) == [(name, text)]


@each_case(
    ("base", "overlay", "replicas", "image", "namespace"),
    [
        ("", "replicas: [{name: cms, count: 3}]", 3, "12.4.1", ()), ("", "replicas: [{name: other, count: 3}]", None, "12.4.1", ()), ("", "namePrefix: x-\nreplicas: [{name: cms, count: 3}]", 3, "12.4.1", ()), ("namePrefix: x-", "replicas: [{name: x-cms, count: 4}]", 4, "12.4.1", ()),
        ("", "images: [{name: directus/directus, newTag: 12.0.0}]", None, "12.0.0", ()), ("", "images: [{name: other, newTag: 12.0.0}]", None, "12.4.1", ()), ("", "namespace: live", None, "12.4.1", ("live",)), ("namespace: base", "resources: []", None, "12.4.1", ("base",)), ("namespace: base", "namespace: live", None, "12.4.1", ("live",)),
    ],
)  # fmt: skip
def test_what_an_overlay_changes(
    tmp_path: Path, base: str, overlay: str, replicas: int | None, image: str, namespace: tuple[str, ...]
) -> None:
    files = {
        "base/pod.yaml": POD,
        "base/kustomization.yaml": f"resources: [pod.yaml]\n{base}\n",
        "live/kustomization.yaml": f"{overlay}\nbases: [../base]\n",
    }
    (made,) = kubernetes.read(repository(tmp_path, files))
    assert made.image is not None
    assert (made.replicas, made.image.tag, made.hints) == (replicas, image, (*namespace, "live"))
