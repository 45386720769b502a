"""What sources hand over: one `Deployment` per Directus that a repository starts, as written down, before Directus reads it.

A source resolves its own platform's rules (interpolation, merging, references); `environment.resolve` then applies
what Directus itself does with the result.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.directus.gaps import DeploymentPart, Gap

if TYPE_CHECKING:
    from directus_guard.directus.versions import Version
    from directus_guard.finding import Location
    from directus_guard.secret import Secret


class Known(Struct, frozen=True):
    """The exact text the platform hands to the process."""

    text: Secret


class Unknown(Struct, frozen=True):
    """A value that the repository does not tell.

    `reason` is a phrase for people ("`${SECRET}` comes from outside the repository") and never holds a value.
    `fallback` is what the platform uses when nothing is given from outside (`${SECRET:-change-me}`); `defaulted` tells
    whether it is written as such, and is not only what is left around a reference (`string:${SECRET}`).
    """

    reason: str
    fallback: Secret | None = None
    defaulted: bool = True
    written: Secret | None = None
    """The text as it is written, where it holds more than a reference."""
    dropped: str = ""
    """The name behind a `$` in it that reads like a part of the text and not like a reference (`ab1$Word&q`)."""
    replaceable: bool = False
    """Whether `fallback` is the value that is set, which only a file that cannot be read may replace."""
    unread: bool = False
    """Whether the repository has the text that gives it, and it could not be read."""

    @classmethod
    def of(cls, gap: Gap) -> Unknown:
        """A value that is not known for the reason of a gap."""
        return cls(gap.reason, unread=gap.part is DeploymentPart.UNREAD)

    @property
    def gap(self) -> Gap:
        """The same as a gap of a deployment."""
        return Gap(DeploymentPart.UNREAD if self.unread else DeploymentPart.VARIABLES, self.reason)


class Unset(Struct, frozen=True):
    """Not set anywhere that is visible."""


Value = Known | Unknown


class Part(Struct, frozen=True):
    """A text that another value takes in, and its place."""

    location: Location
    text: Secret


class Variable(Struct, frozen=True):
    """One environment variable as one place sets it."""

    name: str
    value: Value
    location: Location
    """Region of the value of its text (the `.env` line behind a plain `${X}`; quotes not included)."""
    origin: str
    """Which mechanism sets it, for people: `environment`, `env_file prod.env`, `ConfigMap app`, `Dockerfile ENV`, …"""
    via: tuple[Location, ...] = ()
    """Places that hand the value on, nearest to Directus first (the Compose line that says `${X}`)."""
    parts: tuple[Part, ...] = ()
    """Texts of other places that are put into this one (`postgres://directus:${DB_PASSWORD}@db`)."""
    literal: Secret | None = None
    """The text at `location` itself, without the `parts`; None = all of the value."""


class Platform(Enum):
    """What starts the deployment."""

    DOTENV = auto()
    COMPOSE = auto()
    KUBERNETES = auto()
    HELM = auto()
    DOCKERFILE = auto()
    FLY = auto()
    RENDER = auto()
    RAILWAY = auto()
    HEROKU = auto()
    PM2 = auto()
    ECS = auto()
    TERRAFORM = auto()
    PULUMI = auto()
    WORKFLOW = auto()
    DIGITALOCEAN = auto()
    PLATFORM_SH = auto()
    ZEROPS = auto()
    NOMAD = auto()
    SYSTEMD = auto()
    CLOUD_RUN = auto()
    AZURE = auto()
    APP_RUNNER = auto()
    COPILOT = auto()
    APP_ENGINE = auto()
    CAPROVER = auto()
    DOCKER_RUN = auto()
    NODE = auto()
    ANSIBLE = auto()
    NIXOS = auto()
    SCRIPT = auto()
    """Commands that set variables, for a host that no other platform names."""
    INSTANCE = auto()
    """A server that runs already: only what it tells is known."""


class Image(Struct, frozen=True):
    """A container image reference, as far as it is known.

    `tag` and `digest` are "" when absent. `unknown` names the reason when a part comes from outside; the parts that
    are known (also from a `:-fallback`) are still filled in.
    """

    repository: str
    tag: str
    digest: str
    location: Location
    unknown: str = ""
    from_fallback: bool = False

    @property
    def reference(self) -> str:
        """The reference as one would write it."""
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")


class VersionOrigin(Enum):
    """What a version was read from."""

    IMAGE_TAG = auto()
    BUILD_ARGUMENT = auto()
    INSTALLED = auto()
    CHART = auto()
    PACKAGE = auto()
    LOCK = auto()
    INSTANCE = auto()
    OPTION = auto()


class VersionEvidence(Struct, frozen=True):
    """Where a version was read. `version` is None when the text does not pin one (`^11`, `latest`)."""

    version: Version | None
    text: str
    location: Location
    origin: VersionOrigin
    reference: str = ""
    """The image reference at the location, if the version is its tag; "" if only the text is there."""
    assumed: str = ""
    """Why another version may run: what is read here is the default, for when no other is given; "" = none may."""


class PublishedPort(Struct, frozen=True):
    """A port of a container reachable from outside the host's own network namespace.

    `target` is the port in the container ("" = not known); `host` the address it is bound to ("" = every interface);
    `published` the host port ("" = a random one).
    """

    target: str
    published: str
    host: str
    location: Location
    unknown: str = ""
    """Why neither address nor port is known; "" if they can."""


class Mount(Struct, frozen=True):
    """A volume or bind mount of the Directus container."""

    source: str
    target: str
    read_only: bool
    location: Location


class Service(Struct, frozen=True):
    """Another workload of the same stack (the database, Redis, …), for the checks on what runs beside Directus."""

    name: str
    image: Image | None
    variables: tuple[Variable, ...]
    ports: tuple[PublishedPort, ...]
    location: Location
    command: tuple[str, ...] = ()


class FileContent(Struct, frozen=True):
    """The text of a file inside the container that the repository determines (Compose `secrets`/`configs`, …)."""

    path: str
    value: Value
    location: Location


class Deployment(Struct, frozen=True):
    """One Directus and what runs beside it, as the repository describes it."""

    name: str
    """The name (docs/contract.md#names): `PATH`, `PATH#service`, `PATH#Kind/name/container`."""
    platform: Platform
    location: Location
    """The service's key, the workload's record, the file's first line."""
    variables: tuple[Variable, ...] = ()
    """The process environment in order of rising precedence: of two with one name the later wins."""
    config_file: tuple[Variable, ...] | Unknown | None = None
    """Directus' own `.env` (or CONFIG_PATH file), which beats the process environment; None = there is none that we know."""
    gaps: tuple[Gap, ...] = ()
    """Why the environment is not wholly visible; empty = it is."""
    image: Image | None = None
    version: VersionEvidence | None = None
    hints: tuple[str, ...] = ()
    """Words that tell what it is for: file names, profile names, environment names. The path in `name` need not be repeated."""
    build_context: str | None = None
    """Repository folder the image is built from, if it is (`""` = the root)."""
    dockerfile: str | None = None
    build_target: str = ""
    """The stage of the Dockerfile that is built, "" for the last."""
    build_args: tuple[Variable, ...] = ()
    """What the build is given for the arguments (`ARG`) of the Dockerfile; of two with one name the later wins."""
    services: tuple[Service, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    mounts: tuple[Mount, ...] = ()
    files: tuple[FileContent, ...] = ()
    replicas: int | Unknown | None = None
    partial: bool = False
    """Whether only some of its variables are written here, and what runs with them is elsewhere."""
    consumed: frozenset[str] = frozenset()
    """Paths of further files that this deployment was put together from (env_file, overrides, ConfigMaps)."""
