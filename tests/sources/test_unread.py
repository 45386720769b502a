"""A Directus in a format that is not read is named; documentation, lock files and code that only uses it are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.audit.options import Options
from directus_guard.audit.run import audit
from tests.support.cli import guard, write
from tests.support.each import each_case

if TYPE_CHECKING:
    from pathlib import Path

IMAGE = "directus/directus:11.5.1"
NAMED = {
    "flake.dhall": f'virtualisation.oci-containers.containers.directus = {{ image = "{IMAGE}"; }};\n',
    "vars.dhall": 'services.directus.environment = {\n  DB_CLIENT = "pg";\n  SECRET = "x";\n};\n',
    "azuredeploy.json": f'{{"resources": [{{"image": "{IMAGE}"}}]}}\n',
    "infra/index.ts": f'import * as docker from "@pulumi/docker";\nnew docker.Container("directus", {{ image: "{IMAGE}" }});\n',
    "infra/stack.py": f'ecs.ContainerImage.from_registry("{IMAGE}")\n',
    "infra/app.go": 'import "pulumi"\n// directus\nenv := Map{"SECRET": x, "DB_CLIENT": y}\n',
    "cms.jsonnet": f"{{ image: '{IMAGE}' }}\n",
    "cms.cue": f'image: "{IMAGE}"\n',
    "cms.dhall": f'{{ image = "{IMAGE}" }}\n',
    "cms.pkl": f'image = "{IMAGE}"\n',
    "Earthfile": "FROM ghcr.io/directus/directus:11\n",
    "Vagrantfile": f'd.run "{IMAGE}"\n',
    "Jenkinsfile": f"docker.image('{IMAGE}').run()\n",
    "Tiltfile": f"docker_build('x', only=['{IMAGE}'])\n",
    "docker-bake.hcl": f'target "cms" {{ args = {{ BASE = "{IMAGE}" }} }}\n',
    "skaffold.yaml": f"build:\n  artifacts:\n    - image: {IMAGE}\n",
    "deploy.nu": f"docker run -e SECRET=abc {IMAGE}\n",
    "deploy.tcl": f"docker run \\\n  {IMAGE}\n",
    ".devcontainer/devcontainer.json": f'{{"image": "{IMAGE}"}}\n',
    "cms.xml": f"<image>{IMAGE} </image> image='{IMAGE}'\n",
    "install.sh": f"cat > compose.yaml <<END\nimage: {IMAGE}\nEND\n",
    "mirror.yml": "image: registry.example.com:5000/directus/directus@sha256:abc\n",
}
NOT_NAMED = {
    "README.md": f"docker run {IMAGE}\n",
    "docs/setup.mdx": f"image: {IMAGE}\n",
    "CHANGELOG": f"- {IMAGE}\n",
    "package-lock.json": f'{{"x": "{IMAGE}"}}\n',
    "node_modules/x/compose.dhall": f'image = "{IMAGE}"\n',
    "renovate.json": '{"packageNames": ["directus/directus"]}\n',
    "a.ts": "// see https://github.com/directus/directus/issues/1\nimport x from '@directus/sdk';\n",
    "b.ts": "// directus/directus#123\nexport const KEY = 1, SECRET = 2; // directus\n",
    "c.yml": f"# image: {IMAGE}\nx: https://github.com/directus/directus\n",
    "d.json": '{"url": "https://raw.githubusercontent.com/directus/directus/main/x"}\n',
    "e.dhall": 'SECRET = "a"; KEY = "b";\n',
    "g.sh": "sed -i 's|directus/directus:latest|x|' a.yaml\n",
    "f.png": f"{IMAGE}\n",
}


def report_of(root: Path, files: dict[str, str]) -> str:
    return " ".join(audit(Options(root=write(root, files))).notices)


@each_case("path", NAMED)
def test_what_is_named(tmp_path: Path, path: str) -> None:
    assert f"`{path}`" in report_of(tmp_path, {path: NAMED[path]})


@each_case("path", NOT_NAMED)
def test_what_is_not_named(tmp_path: Path, path: str) -> None:
    assert "is named in" not in report_of(tmp_path, {path: NOT_NAMED[path]})


@each_case(
    ("path", "text"),
    [
        ("compose.yaml", f"services:\n  directus:\n    image: {IMAGE}\n"),
        ("Dockerfile", f"FROM {IMAGE}\n"),
        ("deploy.sh", f"docker run -e A=b {IMAGE}\n"),
        ("Makefile", f"up:\n\tdocker run {IMAGE}\n"),
        ("tasks.yml", f"- docker_container: {{name: cms, image: '{IMAGE}'}}\n"),
    ],
)
def test_what_is_read_is_not_named(tmp_path: Path, path: str, text: str) -> None:
    assert "is named in" not in report_of(tmp_path, {path: text})


def test_templates_of_a_chart_are_not_named(tmp_path: Path) -> None:
    files = {"chart/Chart.yaml": "name: cms\n", "chart/templates/a.yaml": f"image: {IMAGE}\n"}
    assert "is named in" not in report_of(tmp_path, files)


def test_nothing_found_lists_them(tmp_path: Path) -> None:
    found = guard("scan", write(tmp_path, {"flake.dhall": NAMED["flake.dhall"]}))
    assert found.code == 3
    assert "`flake.dhall`" in found.err
    assert "--url" in found.err


def test_many_are_counted(tmp_path: Path) -> None:
    said = report_of(tmp_path, {f"{number:02}.dhall": NAMED["flake.dhall"] for number in range(30)})
    assert "`00.dhall`" in said
    assert "and 20 more" in said
    assert "`15.dhall`" not in said


def test_a_hostile_file(tmp_path: Path) -> None:
    assert report_of(tmp_path, {"a.dhall": "directus/directus" * 10_000 + "a.a." * 50_000 + "SECRET" * 10_000}) == ""


def test_the_package_of_a_plain_project_is_read(tmp_path: Path) -> None:
    package = '{"scripts": {"start": "npx directus start"}, "dependencies": {"directus": "12.4.1"}}'
    root = write(tmp_path, {"package.json": package, ".env": "SECRET=${A}\nDB_CLIENT=pg\n"})
    assert "is not read" not in guard("scan", root).out


def test_the_package_of_a_server_that_a_manifest_starts_is_read(tmp_path: Path) -> None:
    package = '{"scripts": {"start": "directus start"}, "dependencies": {"directus": "12.4.1"}}'
    compose = (
        "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n      SECRET: ${SECRET:?}\n"
    )
    root = write(tmp_path, {"apps/cms/package.json": package, "compose.yaml": compose})
    assert "is not read" not in guard("scan", root).out


def test_a_file_with_conflicts_is_named_once(tmp_path: Path) -> None:
    """What could not be read is said as that, and in the verdict; not as a file that nothing reads, too."""
    conflict = (
        "services:\n  cms:\n    image: directus/directus:12.4.1\n<<<<<<< HEAD\n    a: 1\n=======\n    a: 2\n>>>>>>> x\n"
    )
    (tmp_path / "compose.yaml").write_text(conflict, encoding="utf-8")
    run = guard("scan", tmp_path)
    assert run.code == 4
    assert run.out.count("compose.yaml") == 1


def test_a_merge_that_was_not_finished_is_called_so(tmp_path: Path) -> None:
    text = (
        "services:\n  cms:\n    image: directus/directus:12.4.1\n<<<<<<< HEAD\n    a: 1\n=======\n    a: 2\n>>>>>>> x\n"
    )
    root = write(tmp_path, {"compose.yaml": text, "first.yaml": f"<<<<<<< HEAD\n{text}"})
    said = [(one.path, one.line, one.message) for one in audit(Options(root=root)).problems]
    marks = "not valid YAML: it has the marks of a merge conflict"
    assert said == [("compose.yaml", 4, marks), ("first.yaml", 1, marks)]
