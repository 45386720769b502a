"""`gcloud run deploy` and `gcloud run services update`: what a command line gives to the service.

After gcloud's own flags: `--set-env-vars` and `--env-vars-file` replace all variables, `--update-env-vars` adds to those
that the service has, a list is split at commas or at the text between two `^` at its beginning, and a flag that is
given twice adds up. After `--container NAME` flags are that container's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from directus_guard.directus.environment.deployment import Unknown, Variable
from directus_guard.directus.gaps import Gap, unseen
from directus_guard.sources.formats import holes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.sources.formats.traced import Traced

_REPLACES: Final = frozenset({"--set-env-vars", "--env-vars-file", "--clear-env-vars"})
_ADDS: Final = frozenset({"--update-env-vars", "--remove-env-vars"})
_SECRETS: Final = frozenset({"--set-secrets", "--update-secrets"})
_KNOWS_SECRETS: Final = frozenset({"--set-secrets", "--clear-secrets"})
_COMMANDS: Final = (("run", "deploy"), ("run", "services", "update"))
_EARLIER: Final = "variables that the service has from an earlier deployment are kept"
_EARLIER_SECRETS: Final = "secrets that the service has from an earlier deployment are kept"
_STORE: Final = "Cloud Run takes it from Secret Manager"


class Container(Struct):
    """One container of a deployed service."""

    image: Traced | None = None
    variables: list[Variable] = field(default_factory=list)
    files: list[Traced] = field(default_factory=list)
    """`--env-vars-file`: read before what the variables say."""
    flags: set[str] = field(default_factory=set)
    others: list[str] = field(default_factory=list)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Why the service may have further variables."""
        found = list(self.others)
        if not self.flags & _REPLACES or self.flags & _ADDS:
            found.append(_EARLIER)
        if not self.flags & _KNOWS_SECRETS:
            found.append(_EARLIER_SECRETS)
        return tuple(map(unseen, dict.fromkeys(found)))


class Deploy(Struct):
    """A service that a command deploys. The first container has the flags before any `--container`."""

    service: Traced | None
    source: Traced | None
    containers: list[Container]


def deploy(arguments: Sequence[Traced]) -> Deploy | None:
    """What `gcloud` with these arguments deploys, None if it does something else."""
    plain = [word.text for word in arguments if not word.text.startswith("-")]
    start = 1 if plain[:1] in (["alpha"], ["beta"]) else 0
    command = next((words for words in _COMMANDS if tuple(plain[start : start + len(words)]) == words), None)
    if command is None:
        return None
    found = Deploy(None, None, [Container()])
    words = iter(arguments[_index(arguments, command[-1]) + 1 :])
    for word in words:
        flag, equals, value = word.partition("=")
        if not flag.text.startswith("-"):
            if found.service is None:
                found.service = word
            else:
                # A flag may hide behind a variable, here or where the name of the service was read.
                found.containers[0].others.append("an argument of the command comes from outside")
            continue
        if not equals and flag.text in _TAKES_VALUE:
            following = next(words, None)
            if following is None:
                break
            value = following
        _take(found, flag.text, value)
    return found


def _index(arguments: Sequence[Traced], word: str) -> int:
    return next(index for index, argument in enumerate(arguments) if argument.text == word)


_TAKES_VALUE: Final = frozenset({
    "--add-cloudsql-instances", "--add-custom-audiences", "--add-volume", "--add-volume-mount", "--args", "--base-image", "--binary-authorization",
    "--build-env-vars-file", "--build-service-account", "--build-worker-pool", "--clear-cloudsql-instances", "--command", "--concurrency",
    "--container", "--cpu", "--depends-on", "--description", "--encryption-key-shutdown-hours", "--env-vars-file", "--execution-environment",
    "--function", "--gpu", "--gpu-type", "--image", "--ingress", "--key", "--labels", "--liveness-probe", "--max", "--max-instances", "--memory",
    "--min", "--min-instances", "--network", "--network-tags", "--platform", "--port", "--post-key-revocation-action-type", "--project",
    "--region", "--remove-env-vars", "--remove-secrets", "--revision-suffix", "--scaling", "--service-account", "--set-build-env-vars",
    "--set-cloudsql-instances", "--set-custom-audiences", "--set-env-vars", "--set-secrets", "--source", "--startup-probe", "--subnet", "--tag",
    "--timeout", "--update-build-env-vars", "--update-env-vars", "--update-labels", "--update-secrets", "--vpc-connector", "--vpc-egress",
    "--account", "--billing-project", "--configuration", "--flags-file", "--format", "--impersonate-service-account", "--verbosity", "--zone",
    "--access-token-file", "--filter", "--flatten", "--trace-token", "--user-output-enabled", "--cluster", "--cluster-location", "--context",
    "--kubeconfig", "--namespace", "--readiness-probe", "--mesh", "--domain", "--volume", "--threat-detection",
})  # fmt: skip
"""Flags whose value may be the next word; the others are switches."""


def _take(deploy: Deploy, flag: str, value: Traced) -> None:
    if flag == "--container":
        deploy.containers.append(Container())
        return
    container = deploy.containers[-1]
    container.flags.add(flag)
    if flag == "--image":
        container.image = value
    elif flag == "--source":
        deploy.source = value
    elif flag == "--env-vars-file":
        container.files.append(value)
    elif flag in ("--set-env-vars", "--update-env-vars"):
        for item in items(value):
            name, sign, text = item.partition("=")
            if not sign or holes.are_in(name.text):
                container.others.append(f"`{flag}` takes further variables from outside")
            else:
                container.variables.append(text.variable(name.text.strip(), flag))
    elif flag in _SECRETS:
        for item in items(value):
            name, sign, _ = item.partition("=")
            if sign and not name.text.startswith("/") and not holes.are_in(name.text):
                container.variables.append(Variable(name.text.strip(), Unknown(_STORE), item.location, flag))
    elif flag == "--flags-file":
        container.others.append("a `--flags-file` gives further flags")
    elif holes.are_in(flag):
        container.others.append("further flags come from outside")


def items(value: Traced) -> Iterator[Traced]:
    """The items of a list. `^:^a:b` is split at `:`."""
    delimiter = ","
    if value.text.startswith("^") and "^" in value.text[1:]:
        end = value.text.index("^", 1)
        delimiter, value = value.text[1:end] or ",", value.cut(end + 1)
    yield from (item for item in value.split(delimiter) if item.text)
