"""`docker build` (podman and nerdctl alike) taken apart, and the options that all commands of these programs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import Unknown, Variable
from directus_guard.sources.deployments import application
from directus_guard.sources.formats import holes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.sources.files.repository import Repository
    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced

PROGRAMS: Final = ("docker", "podman", "nerdctl", "docker.exe")

_SWITCHES: Final = frozenset({
    "detach", "interactive", "tty", "rm", "init", "privileged", "read-only", "publish-all", "no-healthcheck", "oom-kill-disable", "sig-proxy",
    "quiet", "disable-content-trust", "help", "use-api-socket", "replace", "http-proxy", "no-hosts", "no-hostname", "read-only-tmpfs", "rmi",
    "tls-verify", "env-host", "rootfs", "no-resolve-image", "with-registry-auth", "insecure", "debug", "tls", "tlsverify", "unsetenv-all", "passwd",
})  # fmt: skip
"""Long options that take no value in the next word."""
_SHORT_SWITCHES: Final = frozenset({"d", "i", "t", "P", "q", "D", "R"})
_SHORT_BUILD_SWITCHES: Final = frozenset({"q", "D"})
_BUILD_SWITCHES: Final = _SWITCHES | {
    "push",
    "load",
    "no-cache",
    "pull",
    "compress",
    "force-rm",
    "squash",
    "check",
    "layers",
}
_ALIASES: Final = {"e": "env", "p": "publish", "v": "volume", "w": "workdir"}


class DockerBuild(Struct, frozen=True):
    """What `docker build` gets: the folder, the Dockerfile if it is named, and the build arguments."""

    folder: Traced
    file: Traced | None
    arguments: tuple[Variable, ...]


def argument(written: Traced) -> Variable:
    """`NAME=value`, or `NAME` alone, whose value is that of the environment."""
    name, equals, value = written.partition("=")
    if equals:
        return value.variable(name.text, "--build-arg")
    return Variable(
        name.text, Unknown("it is handed on from the environment of the build"), name.location, "--build-arg"
    )


def builds(commands: Sequence[Command]) -> Iterator[tuple[str, DockerBuild]]:
    """Images that `docker build -t NAME FOLDER` makes, by their names without a tag."""
    for tags, made in all_builds(commands):
        yield from ((tag, made) for tag in tags if tag and not holes.are_in(tag))


def located(repository: Repository, path: str, built: DockerBuild) -> tuple[str | None, str | None]:
    """The folder and the Dockerfile that a command in the file `path` builds from; it is run there or in a folder above."""
    if built.folder.unknown:
        return None, None
    base, wanted = application.folder(path), built.file
    while True:
        folder = repository.resolve(base, built.folder.text)
        named = "Dockerfile" if wanted is None else wanted.text
        found = repository.resolve(base if wanted is not None else folder or "", named)
        if folder is not None and found is not None and found in repository:
            return folder, found
        if not base:
            return None, None
        base = application.folder(base)


def all_builds(commands: Sequence[Command]) -> Iterator[tuple[tuple[str, ...], DockerBuild]]:
    """Every `docker build FOLDER`, with the names of the image without their tags."""
    for command in commands:
        given = command.arguments(*PROGRAMS)
        if given is None or not any(word.text == "build" for word in given[:3]):
            continue
        tags: list[str] = []
        arguments: list[Variable] = []
        folder, file, index = None, None, [word.text for word in given[:3]].index("build") + 1
        while index < len(given):
            word = given[index]
            if word.text.startswith("-") and len(word.text) > 1:
                following = given[index + 1] if index + 1 < len(given) else None
                found, used = option(word, following, _SHORT_BUILD_SWITCHES, _BUILD_SWITCHES)
                tags += [value.text.partition(":")[0] for name, value in found if name in ("t", "tag")]
                file = next((value for name, value in found if name in ("f", "file")), file)
                arguments += [argument(value) for name, value in found if name == "build-arg"]
                index += used
            else:
                folder = word
            index += 1
        if folder is not None:
            yield tuple(tags), DockerBuild(folder, file, tuple(arguments))


def option(
    word: Traced,
    following: Traced | None,
    switches: frozenset[str] = _SHORT_SWITCHES,
    long_switches: frozenset[str] = _SWITCHES,
) -> tuple[list[tuple[str, Traced]], int]:
    """What an option word sets, and how many further words it takes."""
    if word.text.startswith("--"):
        name, equals, value = word.cut(2).partition("=")
        if equals:
            return [(name.text, value)], 0
        if name.text in long_switches or following is None:
            return [(name.text, value)], 0
        return [(name.text, following)], 1
    for index, letter in enumerate(word.text[1:], start=1):
        if letter in switches:
            continue
        name_ = _ALIASES.get(letter, letter)
        rest = word.cut(index + 1)
        if rest.text:
            return [(name_, rest.cut(1) if rest.text.startswith("=") else rest)], 0
        return ([(name_, following)], 1) if following is not None else ([], 0)
    return [], 0
