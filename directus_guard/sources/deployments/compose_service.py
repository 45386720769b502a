"""One Compose service as one file writes it, and how two writings of it merge (compose-go's override rules)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from directus_guard.directus.gaps import Gap, unseen
from directus_guard.sources.deployments.compose_members import (
    EnvFile,
    FileReference,
    build,
    build_arguments,
    env_files,
    environment,
    extends,
    inline,
    mounts,
    ports,
    references,
    replicas,
    target,
    texts,
    unseen_build,
    unseen_entries,
)
from directus_guard.sources.deployments.compose_types import mistakes
from directus_guard.sources.formats import yaml_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from directus_guard.directus.environment.deployment import Mount, PublishedPort, Unknown, Variable
    from directus_guard.finding import Location
    from directus_guard.sources.deployments.compose_interpolation import Result
    from directus_guard.sources.deployments.compose_scope import ComposeScope


class ComposeService(Struct, frozen=True):
    """What is known of a service; a field that is None or empty is not written."""

    location: Location
    image: Result | None = None
    image_location: Location | None = None
    build_context: str | None = None
    dockerfile: str | None = None
    target: str = ""
    """The stage that is built."""
    inline: yaml_document.Scalar | None = None
    """`dockerfile_inline`."""
    build_args: Mapping[str, Variable] = field(default_factory=dict)
    environment: Mapping[str, Variable] = field(default_factory=dict)
    env_files: tuple[EnvFile, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    mounts: Mapping[str, Mount] = field(default_factory=dict)
    references: tuple[FileReference, ...] = ()
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    working_dir: str = ""
    profiles: tuple[str, ...] = ()
    replicas: int | Unknown | None = None
    gaps: tuple[Gap, ...] = ()
    consumed: frozenset[str] = frozenset()
    reset: frozenset[str] = frozenset()
    """Keys tagged `!reset` or `!override`: nothing of what is merged beneath them remains."""
    unset: frozenset[str] = frozenset()
    """Variables tagged `!reset`: those of a mapping beneath go."""
    listed: bool = False
    """Whether Compose holds `environment` as a list, as it is written or after a merge: it finds no name to reset in one."""
    odd: tuple[tuple[Location, str], ...] = ()
    """Members of another type than Compose takes, and what is wrong with each."""
    startable: bool = False
    """Whether an image or a build is written, of whatever form."""
    rests_on: frozenset[Location] = frozenset()
    """The places of the services that it extends, and theirs."""
    extends: tuple[str, str, Location] | None = None
    """File ("" = this one), service and place of an `extends`."""


_KEYS: Final = {
    "image": ("image",), "environment": ("environment",), "env_file": ("env_files",), "ports": ("ports",), "volumes": ("mounts",),
    "command": ("command",), "entrypoint": ("entrypoint",), "profiles": ("profiles",), "working_dir": ("working_dir",),
    "deploy": ("replicas",), "scale": ("replicas",), "build": ("build_context", "dockerfile", "target", "inline", "build_args"),
}  # fmt: skip
"""What is read of a member."""


def merge(base: ComposeService, over: ComposeService) -> ComposeService:
    """`over` on top of `base`: single values are replaced, mappings merged by key, lists of ports and files appended."""
    base = _without(base, over.reset)
    environment = {name: one for name, one in base.environment.items() if base.listed or name not in over.unset}
    same = {port.location for port in base.ports}
    return replace(
        base,
        location=base.location,
        image=over.image or base.image,
        image_location=over.image_location if over.image else base.image_location,
        build_context=base.build_context if over.build_context is None else over.build_context,
        dockerfile=base.dockerfile if over.dockerfile is None else over.dockerfile,
        target=over.target or base.target,
        inline=base.inline if over.inline is None else over.inline,
        build_args={**base.build_args, **over.build_args},
        environment={**environment, **over.environment},
        listed=base.listed or over.listed or bool(environment and over.environment),
        env_files=_unique((*base.env_files, *over.env_files)),
        ports=(*base.ports, *(port for port in over.ports if port.location not in same)),
        mounts={**base.mounts, **over.mounts},
        references=(*base.references, *over.references),
        command=over.command or base.command,
        entrypoint=over.entrypoint or base.entrypoint,
        working_dir=over.working_dir or base.working_dir,
        profiles=tuple(dict.fromkeys((*base.profiles, *over.profiles))),
        replicas=base.replicas if over.replicas is None else over.replicas,
        gaps=tuple(dict.fromkeys((*base.gaps, *over.gaps))),
        odd=tuple(dict.fromkeys((*base.odd, *over.odd))),
        startable=base.startable or over.startable,
        consumed=base.consumed | over.consumed,
        rests_on=base.rests_on | over.rests_on,
        extends=None,
    )


def _unique(entries: tuple[EnvFile, ...]) -> tuple[EnvFile, ...]:
    """Each file once, at its first place, as the last entry has it; `x.env` and `./x.env` are two to Compose
    (compose-go, override/uncity.go).
    """
    return tuple({(entry.scope.folder, entry.written): entry for entry in entries}.values())


def _without(service: ComposeService, keys: frozenset[str]) -> ComposeService:
    empty = ComposeService(service.location)
    names = [name for key in keys for name in _KEYS.get(key, ())]
    references = tuple(item for item in service.references if item.kind not in keys)
    return replace(service, references=references, **{name: getattr(empty, name) for name in names})


_RESET: Final = "!reset"
_RESET_INSIDE: Final = frozenset({"environment", "build", "env_file", "ports", "volumes", "secrets", "configs"})
"""Members whose own entries are tagged one by one."""


def _kept(node: yaml_document.Mapping, *, inside: frozenset[str] = frozenset()) -> yaml_document.Mapping:
    """A mapping without what is tagged `!reset`, nor the entries of the members in `inside` that are."""
    kept = []
    for entry in node.entries:
        value = entry.value
        if value.tag == _RESET:
            continue
        if entry.key.text in inside and isinstance(value, yaml_document.Mapping):
            value = _kept(value)
        elif entry.key.text in inside and isinstance(value, yaml_document.Sequence):
            items = tuple(item for item in value.items if item.tag != _RESET)
            value = yaml_document.Sequence(items, value.location, value.tag)
        kept.append(yaml_document.MappingEntry(entry.key, value))
    return yaml_document.Mapping(tuple(kept), node.location, node.duplicates, node.tag)


def read(
    node: yaml_document.Mapping, location: Location, scope: ComposeScope, resolve: Callable[[str, str], str | None]
) -> ComposeService:
    """The service as one file writes it. `resolve(folder, relative)` gives a path of the repository, None outside of it."""
    reset = frozenset(entry.key.text for entry in node.entries if entry.value.tag in {_RESET, "!override"})
    given = node.mapping("environment")
    unset = frozenset(entry.key.text for entry in given.entries if entry.value.tag == _RESET) if given else frozenset()
    node = _kept(node, inside=_RESET_INSIDE)
    context, dockerfile = build(node, scope, resolve)
    image = node.scalar("image")
    odd = tuple(mistakes(node))
    return ComposeService(
        location=location,
        odd=odd,
        gaps=(
            *(unseen(message) for _, message in odd),
            *unseen_build(node, scope),
            *unseen_entries(node.get("environment"), scope),
        ),
        startable=not (yaml_document.is_null(node.get("image")) and yaml_document.is_null(node.get("build"))),
        image=scope.resolve(image.text) if image else None,
        image_location=image.location if image else None,
        build_context=context,
        dockerfile=dockerfile,
        target=target(node, scope),
        inline=inline(node),
        build_args={variable.name: variable for variable in build_arguments(node, scope)},
        environment={variable.name: variable for variable in environment(node.get("environment"), scope)},
        env_files=tuple(env_files(node.get("env_file"), scope, resolve)),
        ports=tuple(ports(node.get("ports"), scope)),
        mounts={mount.target: mount for mount in mounts(node.get("volumes"), scope)},
        references=(*references(node.get("secrets"), "secrets"), *references(node.get("configs"), "configs")),
        command=tuple(texts(node.get("command"))),
        entrypoint=tuple(texts(node.get("entrypoint"))),
        working_dir=scope.resolve(node.text("working_dir") or "").unattended or "",
        profiles=tuple(texts(node.get("profiles"))),
        replicas=replicas(node),
        reset=reset,
        unset=unset,
        listed=isinstance(node.get("environment"), yaml_document.Sequence),
        extends=extends(node, location),
    )
