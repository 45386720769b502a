"""`docker build` taken apart, and the options of these programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.directus.environment.deployment import Known
from directus_guard.sources.deployments import docker_build
from directus_guard.sources.formats import shell_commands, traced
from tests.support.each import each_case
from tests.support.repositories import repository

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced


def commands(script: str) -> Sequence[Command]:
    return shell_commands.commands(traced.whole("x.sh", script))


def words(script: str) -> list[Traced]:
    return list(commands(f"x {script}")[0].words)[1:]


@each_case(
    ("written", "found", "used"),
    [
        ("-d", [], 0), ("-dit", [], 0), ("-e A=b", [("env", "A=b")], 1), ("-eA=b", [("env", "A=b")], 0), ("-e=A=b", [("env", "A=b")], 0), ("-dite A=b", [("env", "A=b")], 1), ("-diteA", [("env", "A")], 0), ("-p 80:80", [("publish", "80:80")], 1),
        ("-v a:b", [("volume", "a:b")], 1), ("-w /x", [("workdir", "/x")], 1), ("-x y", [("x", "y")], 1), ("-e", [], 0), ("--rm", [("rm", "")], 0), ("--rm x", [("rm", "")], 0), ("--name x", [("name", "x")], 1), ("--name=x", [("name", "x")], 0), ("--name=", [("name", "")], 0), ("--name", [("name", "")], 0),
        *((f"-{letter} x", [], 0) for letter in "ditPqDR"),
    ],
)  # fmt: skip
def test_an_option(written: str, found: list[tuple[str, str]], used: int) -> None:
    word, *rest = words(written)
    options, taken = docker_build.option(word, rest[0] if rest else None)
    assert ([(name, value.text) for name, value in options], taken) == (found, used)


@each_case(
    ("script", "expected"),
    [
        ("docker build .", [((), ".", None, [])]), ("docker build -t a:1 --tag=b -q -f x/Dockerfile dir", [(("a", "b"), "dir", "x/Dockerfile", [])]), ("docker build --file=x --build-arg A=b --build-arg=C . ", [((), ".", "x", [("A", "b"), ("C", None)])]),
        ("docker buildx build --push --load -t a .", [(("a",), ".", None, [])]), ("podman build -D .", [((), ".", None, [])]), ("nerdctl build .", [((), ".", None, [])]), ("docker.exe image build .", [((), ".", None, [])]), ("docker build -", [((), "-", None, [])]),
        *((f"docker build --{name} dir", [((), "dir", None, [])]) for name in ("no-cache", "pull", "compress", "force-rm", "squash", "check", "layers", "push", "load", "rm", "quiet")),
        ("docker build -t a", []), ("docker build", []), ("docker a b c build .", []), ("docker ps", []), ("other build .", []), ("docker build a\ndocker build b", [((), "a", None, []), ((), "b", None, [])]), ("docker build -f a -f b .", [((), ".", "b", [])]),
    ],
)  # fmt: skip
def test_a_build(script: str, expected: list[object]) -> None:
    made = [
        (tags, one.folder.text, one.file and one.file.text, [(item.name, item.value.text.reveal() if isinstance(item.value, Known) else None) for item in one.arguments])
        for tags, one in docker_build.all_builds(commands(script))
    ]  # fmt: skip
    assert made == expected


def test_images_by_their_names() -> None:
    made = docker_build.builds(commands('docker build -t a:1 -t $X -t "" -t b .\n'))
    assert [(name, one.folder.text) for name, one in made] == [("a", "."), ("b", ".")]


@each_case(
    ("path", "command", "expected"),
    [
        ("up.sh", "docker build .", ("", "Dockerfile")), ("up.sh", "docker build cms", ("cms", "cms/Dockerfile")), ("up.sh", "docker build -f cms/Own cms", ("cms", "cms/Own")), ("cms/up.sh", "docker build .", ("cms", "cms/Dockerfile")), ("bin/up.sh", "docker build .", ("", "Dockerfile")),
        ("bin/up.sh", "docker build cms", ("cms", "cms/Dockerfile")), ("bin/up.sh", "docker build -f cms/Own .", ("", "cms/Own")), ("up.sh", "docker build gone", (None, None)), ("up.sh", "docker build $X", (None, None)), ("up.sh", "docker build -f gone .", (None, None)), ("up.sh", "docker build /srv", (None, None)),
    ],
)  # fmt: skip
def test_the_folder_and_the_file(
    tmp_path: Path, path: str, command: str, expected: tuple[str | None, str | None]
) -> None:
    made = repository(
        tmp_path, {"Dockerfile": "FROM a\n", "cms/Dockerfile": "FROM b\n", "cms/Own": "FROM c\n", path: command}
    )
    ((_, built),) = docker_build.all_builds(commands(command))
    assert docker_build.located(made, path, built) == expected
