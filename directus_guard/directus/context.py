"""What a deployment is for: production, development, an example, or unknown. First match wins (the catalogue's order)."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from directus_guard.directus.environment.deployment import Platform
from directus_guard.finding import Context
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from directus_guard.directus.environment.deployment import Deployment
    from directus_guard.directus.environment.setting import Setting

_EXAMPLE_WORDS: Final = frozenset(
    {"example", "examples", "sample", "samples", "dist", "e2e", "fixture", "fixtures", "test", "tests", "testing"}
)
_EXAMPLE_FOLDERS: Final = frozenset(
    {"test", "tests", "__tests__", "fixtures", "__fixtures__", "examples", "example", "samples", "e2e", "testdata"}
)
_COPY: Final = lazy_pattern(
    r"(?:[._ -](?:bak|orig|old|copy|backup|save)[\d._ -]*|~)\Z"
    r"|(?:compose|\benv\b).*[._ -](?:bak|orig|old|copy)[\d._ -]*\.(?:local|env|ya?ml)\Z"
)
"""How the name of a copy ends. It may keep the ending of its kind where files are loaded by their names alone: of other
kinds, such as workflows and manifests, all in a folder may be loaded."""
_DEVELOPMENT_WORDS: Final = frozenset({"dev", "devel", "development", "local", "localhost", "ci", "devcontainer"})
_TEMPLATE_ENDINGS: Final = (".template", ".tmpl", ".tpl")
_PRODUCTION_WORDS: Final = frozenset({"prod", "production", "live"})
_RUNS_ON: Final = {
    Platform.KUBERNETES: "Kubernetes", Platform.FLY: "Fly.io", Platform.RENDER: "Render", Platform.ECS: "Amazon ECS",
    Platform.DIGITALOCEAN: "DigitalOcean", Platform.PLATFORM_SH: "Platform.sh", Platform.ZEROPS: "Zerops", Platform.NOMAD: "Nomad",
    Platform.CLOUD_RUN: "Cloud Run", Platform.AZURE: "Azure", Platform.APP_RUNNER: "App Runner", Platform.COPILOT: "AWS Copilot",
    Platform.APP_ENGINE: "App Engine",
}  # fmt: skip
"""Platforms that serve the internet, by their names."""

_SET_IN_PIPELINES: Final = frozenset({Platform.FLY, Platform.HEROKU, Platform.RAILWAY})
"""Hosts that commands of a pipeline (`ci.yml`) give variables to: what it is called says nothing of them."""


def below(path: str, named: Sequence[str]) -> str:
    """The path seen from the innermost of the folders that were named to be scanned: whoever names one wants it judged,
    whatever it is called."""
    holding = max((folder for folder in named if path == folder or path.startswith(f"{folder}/")), key=len, default="")
    return path[len(holding) :].lstrip("/")


def classify(deployment: Deployment, settings: Mapping[str, Setting], asked: Sequence[str] = ()) -> tuple[Context, str]:
    """The context and the reason for it, a phrase. `asked`: the folders that were named to be scanned."""
    path = below(deployment.name.partition("#")[0], asked)
    folders, file = path.split("/")[:-1], path.rpartition("/")[2]
    # GitLab gives its pipelines that name, whatever they do.
    words = _words(file.replace("gitlab-ci", "gitlab")) | {word for hint in deployment.hints for word in _words(hint)}
    if file.endswith(_TEMPLATE_ENDINGS) or words & _EXAMPLE_WORDS or _EXAMPLE_FOLDERS.intersection(folders):
        return Context.EXAMPLE, "its name says it is an example or a test"
    if is_copy(file):
        return Context.EXAMPLE, "its name says it is a copy, which nothing reads"
    public_url = settings.get("PUBLIC_URL")
    host = _host(public_url.text) if public_url and public_url.known else None
    public = host is not None and public_url is not None and public_url.text.lower().startswith("https://")
    piped = file.endswith((".yml", ".yaml")) and deployment.platform in _SET_IN_PIPELINES
    if deployment.platform is Platform.CLOUD_RUN or piped or (public and deployment.platform is Platform.DOCKER_RUN):
        words -= {"ci"}  # the pipeline that deploys it
    if deployment.platform is Platform.WORKFLOW:
        if not (public or _has_remote_database(settings)):
            return Context.DEVELOPMENT, "it is started in a workflow"
        words -= {"ci"}  # what it is given is production's
    if words & _DEVELOPMENT_WORDS:
        return Context.DEVELOPMENT, "its name says it is for development"
    named = words & _PRODUCTION_WORDS or any(_words(folder) & _PRODUCTION_WORDS for folder in folders)
    if host is not None and is_local_host(host):
        if named:
            return Context.PRODUCTION, "its name says it is for production"
        if _has_remote_database(settings):
            return Context.UNKNOWN, "PUBLIC_URL names this very machine, but the database is on another"
        if deployment.platform in _RUNS_ON:
            return (
                Context.UNKNOWN,
                f"PUBLIC_URL names this very machine, but it runs on {_RUNS_ON[deployment.platform]}",
            )
        return Context.DEVELOPMENT, "PUBLIC_URL names this very machine"
    if public:
        return Context.PRODUCTION, "PUBLIC_URL is an https address"
    node_env = settings.get("NODE_ENV")
    if node_env is not None and node_env.text == "production":
        return Context.PRODUCTION, "NODE_ENV is production"
    if named:
        return Context.PRODUCTION, "its name says it is for production"
    if "override" in words and not _has_remote_database(settings) and not _is_given(public_url):
        # Compose loads it wherever the base is started: what says "a server" of the base says it of both.
        return Context.DEVELOPMENT, "its name says it is for development"
    if deployment.platform in _RUNS_ON:
        return Context.PRODUCTION, f"it runs on {_RUNS_ON[deployment.platform]}"
    return Context.UNKNOWN, "its purpose is not known"


def is_copy(file: str) -> bool:
    """Whether the name of a file says that it is a copy, kept beside the one that counts: `.env.bak`, `compose copy.yml`.
    `main-old.tf` and `directus-old.yaml` are none: whoever loads their folder loads them, too."""
    return _COPY.search(file.lower()) is not None


def of_path(path: str) -> Context:
    """What exported configuration is for, as far as its folder tells: an example or a test, else unknown."""
    folders = path.split("/")
    return Context.EXAMPLE if _EXAMPLE_FOLDERS.intersection(folders) else Context.UNKNOWN


def of_name(path: str) -> Context:
    """What a file that could not be read is for, as far as its path tells."""
    *folders, file = path.split("/")
    words = _words(file)
    if (
        _EXAMPLE_FOLDERS.intersection(folders)
        or words & _EXAMPLE_WORDS
        or file.endswith(_TEMPLATE_ENDINGS)
        or is_copy(file)
    ):
        return Context.EXAMPLE
    # An override is put on top of a file that may be production's.
    return Context.DEVELOPMENT if words & (_DEVELOPMENT_WORDS - {"override"}) else Context.UNKNOWN


_TRIAL: Final = lazy_pattern(
    r"[._-](?:test|tests|spec|stories|story|cy|e2e|mock|mocks|example|sample|template|dist)(?=\.|\Z)"
)
_TRIAL_FOLDERS: Final = _EXAMPLE_FOLDERS | {
    "testing",
    "__mocks__",
    "mocks",
    "cypress",
    "playwright",
    "stories",
    ".storybook",
}


def of_code(path: str) -> Context:
    """What a file of code or of its variables is for: a test or an example by its folders or its name, else unknown."""
    *folders, file = path.lower().split("/")
    trial = _TRIAL_FOLDERS.intersection(folders) or _TRIAL.search(file)
    return Context.EXAMPLE if trial else Context.UNKNOWN


def is_local_host(host: str) -> bool:
    """Whether a host name or address means the machine itself."""
    host = host.strip("[]").lower()
    if host in ("localhost", "0.0.0.0", "::", "host.docker.internal") or host.endswith(
        (".localhost", ".test", ".local", ".ddev.site", ".lndo.site")
    ):
        return True
    if host.endswith(_LOCAL_DOMAINS) or f".{host}" in _LOCAL_DOMAINS:
        return True
    wildcard = _WILDCARD.search(host)
    try:
        return ipaddress.ip_address(_address(wildcard) if wildcard else host).is_loopback
    except ValueError:
        return False


_LOCAL_DOMAINS: Final = (".localtest.me", ".lvh.me", ".vcap.me", ".localhost.direct")
"""Public domains all of whose names are 127.0.0.1."""
_WILDCARD: Final = lazy_pattern(
    r"(?:\A|[.-])(?:((?:[0-9]{1,3}[.-]){3}[0-9]{1,3})|([0-9a-f]{8})|((?:[0-9a-f]{0,4}-){2,7}[0-9a-f]{0,4}))\.(?:nip|sslip|xip)\.io\Z"
)
"""Domains whose names hold the address that they are: `cms.127-0-0-1.nip.io`, `7f000001.nip.io`, `--1.sslip.io`."""


def _address(wildcard: re.Match[str]) -> str:
    """The address in the name of such a domain, as text."""
    if wildcard[2]:
        return str(ipaddress.ip_address(int(wildcard[2], 16)))
    return wildcard[1].replace("-", ".") if wildcard[1] else wildcard[3].replace("-", ":")


def is_remote_host(host: str) -> bool:
    """Whether a host is known to be another machine: a full name or a public address, no service of the same stack."""
    host = host.strip().strip("[]").lower()
    if "." not in host.rstrip(".") or is_local_host(host):
        return ":" in host and _is_public(host)
    return _is_public(host) if re.fullmatch(r"[\d.]+", host) else True


def is_remote_address(text: str) -> bool:
    """Whether a text is an address of another machine."""
    host = _host(text) if "://" in text else None
    return host is not None and is_remote_host(host)


def is_local_address(text: str) -> bool:
    """Whether a text is an address of this very machine."""
    host = _host(text) if "://" in text else None
    return host is not None and is_local_host(host)


def _is_given(public_url: Setting | None) -> bool:
    """Whether PUBLIC_URL comes from outside, without a fallback that is this very machine's."""
    if public_url is None or public_url.known or not public_url.is_set:
        return False
    host = _host(public_url.fallback or "")
    return host is None or not is_local_host(host)


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _has_remote_database(settings: Mapping[str, Setting]) -> bool:
    host, address = settings.get("DB_HOST"), settings.get("DB_CONNECTION_STRING")
    return (host is not None and is_remote_host(host.text)) or (
        address is not None and is_remote_address(address.written)
    )


def _words(text: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", text.lower()))


def _host(url: str) -> str | None:
    """The host of an absolute URL, None for `/` and other relative ones."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
