"""Commands that give variables to a program that a host runs: `fly secrets set`, `kubectl create secret`, `heroku config:set`, …"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.environment.deployment import Platform
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Unprinted
from directus_guard.sources.formats import shell_output

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.sources.formats.shell_commands import Command
    from directus_guard.sources.formats.traced import Traced

_PAIR: Final = lazy_pattern(r"(?:--?[A-Za-z][A-Za-z-]*=)?(?:[A-Za-z0-9_-]+[.:])*([A-Za-z_][A-Za-z0-9_-]*)=", re.ASCII)
_WORD: Final = lazy_pattern(r"[A-Za-z0-9_-]+")
_JSON: Final = lazy_pattern(r'"([A-Za-z_][A-Za-z0-9_-]*)"\s{0,20}:\s{0,20}"((?:[^"\\]|\\.)*)"')


class HostVariable(Unprinted, frozen=True):
    """One variable that a command sets at a host. `target` is the application or secret that the command names."""

    platform: Platform
    target: str
    name: str
    value: Traced


class _Pairs(Struct, frozen=True):
    """A program that takes `NAME=value` words after one of these subcommands."""

    platform: Platform
    subcommands: tuple[tuple[str, ...], ...]
    targets: tuple[str, ...] = ()
    """Options that name the application."""


_PAIRS: Final[dict[str, _Pairs]] = {
    "fly": _Pairs(Platform.FLY, (("secrets", "set"), ("secrets", "import"), ("deploy",), ("machine", "run")), ("-a", "--app")),
    "heroku": _Pairs(Platform.HEROKU, (("config:set",), ("config:add",)), ("-a", "--app")),
    "dokku": _Pairs(Platform.HEROKU, (("config:set",), ("config:bulk-set",))),
    "scalingo": _Pairs(Platform.HEROKU, (("env-set",),), ("-a", "--app")),
    "railway": _Pairs(Platform.RAILWAY, (("variables",), ("variable",), ("vars",)), ("-s", "--service")),
    "kubectl": _Pairs(Platform.KUBERNETES, (("create", "secret"), ("create", "configmap"), ("set", "env"), ("create", "cm"))),
    "helm": _Pairs(Platform.KUBERNETES, (("install",), ("upgrade",), ("template",))),
    "az": _Pairs(
        Platform.AZURE,
        (("containerapp",), ("webapp", "config"), ("functionapp", "config"), ("webapp", "create"), ("container", "create")),
        ("-n", "--name"),
    ),
    "eb": _Pairs(Platform.SCRIPT, (("setenv",),), ("-e", "--environment")),
    "convox": _Pairs(Platform.SCRIPT, (("env", "set"),), ("-a", "--app")),
    "koyeb": _Pairs(Platform.SCRIPT, (("service",), ("services",), ("app",), ("apps",)), ("-a", "--app")),
    "doppler": _Pairs(Platform.SCRIPT, (("secrets", "set"),), ("-p", "--project")),
    "infisical": _Pairs(Platform.SCRIPT, (("secrets", "set"),)),
    "vault": _Pairs(Platform.SCRIPT, (("kv", "put"), ("kv", "patch"), ("write",))),
    "docker": _Pairs(Platform.SCRIPT, (("compose", "run"), ("compose", "exec"), ("service", "update"))),
    "docker-compose": _Pairs(Platform.SCRIPT, (("run",), ("exec",))),
    "gcloud": _Pairs(Platform.CLOUD_RUN, (("functions", "deploy"), ("compute", "instances"))),
}  # fmt: skip
"""By the name of the program; others are the same by another name."""
_ALIASES: Final = {"flyctl": "fly", "oc": "kubectl", "k3s": "kubectl", "microk8s": "kubectl"}


class _Named(Struct, frozen=True):
    """A program that takes the name of one variable and its value apart.

    `name` and `value` are options, or the position among the words that are no options. What no word gives is read from
    the standard input.
    """

    platform: Platform
    subcommands: tuple[tuple[str, ...], ...]
    name: tuple[str, ...] | int
    value: tuple[str, ...] | int = ()


_NAMED: Final[dict[str, _Named]] = {
    "gh": _Named(Platform.SCRIPT, (("secret", "set"), ("variable", "set")), 0, ("-b", "--body")),
    "glab": _Named(Platform.SCRIPT, (("variable", "set"), ("variable", "create"), ("variable", "update")), 0, 1),
    "aws": _Named(
        Platform.ECS,
        (("ssm", "put-parameter"), ("secretsmanager", "create-secret"), ("secretsmanager", "put-secret-value"),
         ("secretsmanager", "update-secret")),
        ("--name", "--secret-id"),
        ("--value", "--secret-string"),
    ),
    "az": _Named(Platform.AZURE, (("keyvault", "secret", "set"),), ("-n", "--name"), ("--value",)),
    "gcloud": _Named(Platform.CLOUD_RUN, (("secrets", "create"), ("secrets", "versions", "add")), 0),
    "netlify": _Named(Platform.SCRIPT, (("env:set",),), 0, 1),
    "vercel": _Named(Platform.SCRIPT, (("env", "add"),), 0),
    "clever": _Named(Platform.SCRIPT, (("env", "set"),), 0, 1),
    "cf": _Named(Platform.SCRIPT, (("set-env",),), 1, 2),
    "platform": _Named(Platform.PLATFORM_SH, (("variable:create",), ("variable:update",)), ("--name",), ("--value",)),
    "koyeb": _Named(Platform.SCRIPT, (("secret", "create"), ("secrets", "create")), 0, ("-v", "--value")),
    "docker": _Named(Platform.SCRIPT, (("secret", "create"),), 0),
}  # fmt: skip
_NAMED_ALIASES: Final = {"upsun": "platform", "podman": "docker"}
_OPTIONS: Final = frozenset(
    [
        "-a",
        "--app",
        "-R",
        "--repo",
        "-o",
        "--org",
        "-e",
        "--env",
        "-g",
        "--resource-group",
        "-n",
        "--namespace",
        "--name",
        "-c",
        "--config",
        "--context",
        "-s",
        "--service",
        "-p",
        "--project",
        "--scope",
        "--type",
        "--region",
        "--profile",
        "--environment",
        "--visibility",
        "--app-name",
        "--account",
        "--kubeconfig",
        "-f",
        "--file",
        "--replication-policy",
        "--data-file",
        "--labels",
        "--vault-name",
        "--subscription",
        "--alias",
    ]
)
"""Options whose value may be the next word."""


def variables(command: Command) -> Iterator[HostVariable]:
    """What a command sets, names as Directus knows them (`directus-db-password` is DB_PASSWORD)."""
    programs = {word.text.rpartition("/")[2] for word in command.words[:_MAX_WRAPPING]}
    if programs.isdisjoint(_PROGRAMS):
        return
    for name, pairs in _PAIRS.items():
        given = command.arguments(name, *(alias for alias, of in _ALIASES.items() if of == name))
        if given is not None and _runs(given, pairs.subcommands):
            yield from _paired(command, given, pairs)
    for name, named in _NAMED.items():
        given = command.arguments(name, *(alias for alias, of in _NAMED_ALIASES.items() if of == name))
        if given is not None and _runs(given, named.subcommands):
            yield from _apart(command, given, named)
    if not command.words or command.words[0].text.rpartition("/")[2] != "ssh":
        return
    if any(word.text in ("config:set", "config:add") for word in command.words):  # `ssh dokku@host config:set`
        yield from _paired(command, command.words[1:], _PAIRS["dokku"])


_MAX_WRAPPING: Final = 16
"""Words in which the name of the program is looked for, as `Command.arguments` does."""
_PROGRAMS: Final = frozenset({*_PAIRS, *_ALIASES, *_NAMED, *_NAMED_ALIASES, "ssh"})


def _runs(given: Sequence[Traced], subcommands: tuple[tuple[str, ...], ...]) -> bool:
    """Whether the words that are no options begin with one of the subcommands; options may come before."""
    plain = [word.text for word in _plain(given)[: _MAX_BEFORE + 3]]
    return any(
        tuple(plain[start : start + len(names)]) == names
        for names in subcommands
        for start in range(min(len(plain), _MAX_BEFORE))
    )


_MAX_BEFORE: Final = 4
"""Words that may come before a subcommand: values of options."""


def _plain(given: Sequence[Traced], options: Sequence[str] = ()) -> list[Traced]:
    """The words that are neither options nor their values. `options`: further ones that take a value."""
    found: list[Traced] = []
    words = iter(given)
    for word in words:
        if word.text in _OPTIONS or word.text in options:
            next(words, None)
        elif not word.text.startswith("-") or word.text == "-":
            found.append(word)
    return found


def _option(given: Sequence[Traced], names: tuple[str, ...]) -> Traced | None:
    """The value of the last of these options: the next word, or what follows `=`."""
    found = None
    for index, word in enumerate(given):
        option, equals, value = word.partition("=")
        if option.text in names:
            found = value if equals else given[index + 1] if index + 1 < len(given) else None
    return found


def _paired(command: Command, given: Sequence[Traced], pairs: _Pairs) -> Iterator[HostVariable]:
    target = _target(given, pairs)
    lines = shell_output.standard_input(command) if any(word.text == "import" for word in given[:4]) else ()
    held: dict[str, Traced] = {}
    for word in (*given, *lines):
        for part in _parts(word):
            match = _PAIR.match(part.text)
            if match is not None:
                held[match[1]] = shell_output.without_quotes(part.cut(match.end()))
    for name, value in held.items():
        stored = held.get(value.text.removeprefix(_STORED)) if value.text.startswith(_STORED) else value
        yield HostVariable(
            pairs.platform,
            target,
            own_name(name),
            value.with_holes(_ALL, "the host keeps it") if stored is None else stored,
        )


_STORED: Final = "secretref:"
"""Azure: the value of a secret that the same command, or an earlier one, gives a name."""
_ALL: Final = lazy_pattern(r".+", re.DOTALL)


def _parts(word: Traced) -> tuple[Traced, ...]:
    """`--set a=b,c=d` of Helm holds several."""
    return word.split(",") if "," in word.text and word.text.count("=") > 1 else (word,)


def _target(given: Sequence[Traced], pairs: _Pairs) -> str:
    named = _option(given, pairs.targets)
    if named is None and pairs.platform is Platform.KUBERNETES:
        # `create secret generic NAME`, `set env deployment/NAME`
        later = [word for word in _plain(given)[2:] if word.text != "generic"]
        named = later[0] if later else None
    return named.text if named is not None and not named.unknown and _WORD.match(named.text) else ""


def _apart(command: Command, given: Sequence[Traced], named: _Named) -> Iterator[HostVariable]:
    length = max(len(names) for names in named.subcommands if _runs(given, (names,)))
    plain = _plain(given, named.value if isinstance(named.value, tuple) else ())[length:]
    name = _at(given, plain, named.name)
    if name is None or name.unknown:
        return
    value = _at(given, plain, named.value)
    if value is None:
        lines = tuple(line for line in shell_output.standard_input(command) if line.text)
        value = lines[0] if len(lines) == 1 else None
    if value is None:
        return
    held = tuple(_JSON.finditer(value.text)) if value.text.lstrip().startswith("{") else ()
    for match in held:
        yield HostVariable(named.platform, name.text, own_name(match[1]), value.cut(*match.span(2)))
    if not held:
        yield HostVariable(named.platform, "", own_name(name.text), value)


def _at(given: Sequence[Traced], plain: Sequence[Traced], where: tuple[str, ...] | int) -> Traced | None:
    if isinstance(where, int):
        return plain[where] if where < len(plain) else None
    return _option(given, where)


def own_name(written: str) -> str:
    """The variable of Directus that a name means: of a path its last part, without a prefix that says Directus."""
    name = re.split(r"[/:.]", written)[-1].upper().replace("-", "_")
    return name.removeprefix("DIRECTUS_")
