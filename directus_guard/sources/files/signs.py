"""What a file must hold to matter to a source that reads names which many files have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.directus.environment.recognise import CORE, ITS_OWN
from directus_guard.directus.environment.variables import is_known_variable, is_open_group
from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

_ESCAPE: Final = lazy_pattern(r"\\(?:[xuU]|\r?\n|[\r\x85\u2028\u2029])|!!b|!!%|!<|^%TAG", re.MULTILINE)
"""What spells a letter in another way: an escape of YAML, JSON, TOML, HCL or JavaScript, a line that goes on after `\\`, a
YAML tag that may mean `!!binary`."""
_NAMES: Final = lazy_pattern(rf"(?<![A-Za-z0-9_])(?:{'|'.join(sorted({*CORE, *ITS_OWN}))})(?![A-Za-z0-9_])")


def has_escapes(text: str) -> bool:
    """Whether a word of the text may be spelled so that a search for it fails."""
    return ("\\" in text or "!" in text or "%TAG" in text) and _ESCAPE.search(text) is not None


def says(*words: str) -> Callable[[str], bool]:
    """A filter for texts that hold one of the words, or may hold it in another spelling."""
    return lambda text: any(word in text for word in words) or has_escapes(text)


def names_directus(text: str) -> bool:
    """Whether a text says Directus, or names two of the variables that mean a Directus server."""
    return "directus" in text or "directus" in text.lower() or len(set(_NAMES.findall(text))) > 1


def is_broken_part(text: str) -> bool:
    """Whether a manifest that cannot be parsed is part of a Directus project: it names Directus, and is no template."""
    return names_directus(text) and not any(mark in text for mark in _TEMPLATE_MARKS)


_TEMPLATE_MARKS: Final = ("{{", "{%", "[[", "<%")


def concerns_directus(text: str) -> bool:
    """Whether a text can configure a Directus: it names it, or may name it in another spelling."""
    return names_directus(text) or has_escapes(text)


def starts_container(text: str) -> bool:
    """Whether a command in a text may start a Directus in a container."""
    if "docker" in text or "podman" in text or "nerdctl" in text:
        return ("run" in text or "create" in text) and concerns_directus(text)
    return has_escapes(text) and concerns_directus(text)


def may_be_compose(text: str) -> bool:
    """Whether YAML has a key for services, in whatever spelling. Many files have the word in a text."""
    if "services" not in text and "include" not in text:
        return has_escapes(text)
    return _SERVICES.search(text) is not None or has_escapes(text)


_SERVICES: Final = lazy_pattern(
    r"""(?m)(?:(?:^|[\x85\u2028\u2029])\ufeff{0,3}(?:---)?|[{,])[ \t]*(?:\?[ \t]+)?(?:[&!]\S{0,80}[ \t]+){0,2}"""
    r"""(?:\*[^\s:]{1,80}[ \t]+:|["']?(?:services|include)["']?[ \t]*(?::|[\r\x85\u2028\u2029]|$))"""
)
"""With the line breaks that YAML 1.1 knows, and an alias in the place of the key."""
_LETTER: Final = lazy_pattern(rb"\\u00[4-7]")


def may_be_object(data: bytes) -> bool:
    """Whether JSON may hold an object of Kubernetes: it has the key, or may have it in another spelling."""
    return b'"apiVersion"' in data or _is_spelled_otherwise(data)


def may_be_export(data: bytes) -> bool:
    """Whether JSON may hold policies, roles or permissions of Directus: it has their columns, or may have them in another
    spelling."""
    if b'"admin_access"' in data and b'"app_access"' in data:
        return True
    return all(key in data for key in _OF_PERMISSIONS) or _is_spelled_otherwise(data)


_OF_PERMISSIONS: Final = (b'"presets"', b'"validation"', b'"permissions"', b'"collection"', b'"action"')


def begins_snapshot(data: bytes) -> bool:
    """Whether a text, JSON or YAML, has what a schema snapshot begins with: the version of Directus, and two members beside
    it. It need not be valid."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.replace(b"\0", b"")
    if b"directus" not in data or _SNAPSHOT_VERSION.search(data) is None:
        return False
    return len({match[1] or b"version" for match in _SNAPSHOT_MEMBERS.finditer(data)}) > 1


def is_snapshot(text: str) -> bool:
    """`begins_snapshot` of a text."""
    return "directus" in text and begins_snapshot(text.encode())


def is_only_a_snapshot(text: str) -> bool:
    """Whether YAML is a schema snapshot and holds nothing beside it: each line at the margin is one of its members."""
    return _SNAPSHOT_BEGINS.match(text) is not None and _BESIDE_SNAPSHOT.search(text) is None and is_snapshot(text)


_MEMBER: Final = r"(?:version|directus|vendor|collections|fields|relations|systemFields)[ \t]*:(?:[ \t\r]|$)"
_SNAPSHOT_BEGINS: Final = lazy_pattern(rf"(?m)\ufeff?(?:---[ \t\r]*\n)?{_MEMBER}")
_BESIDE_SNAPSHOT: Final = lazy_pattern(rf"(?m)^(?!\A\ufeff|[ \t\r\n#]|- |---[ \t\r]*$|\Z|{_MEMBER})")
_SNAPSHOT_VERSION: Final = lazy_pattern(rb"""(?m)(?:^["']?|")directus["']?[ \t]*:\s*["']?\d+\.\d+\.\d""")
_SNAPSHOT_MEMBERS: Final = lazy_pattern(
    rb"""(?m)(?:^["']?|")(?:version["']?[ \t]*:[ \t]*[12][ \t\r]*(?:,|$)|(vendor|collections|fields|relations)["']?[ \t]*:)"""
)


def is_cloud_config(data: bytes) -> bool:
    """Whether a file is cloud-init's, alone or in a message of several parts, or the Butane that Ignition's is made of."""
    start = data.lstrip(b"\xef\xbb\xbf \r\n")
    return start.startswith((b"#cloud-config", b"Content-Type: multipart", b"MIME-Version:")) or b"variant:" in data


def is_terraform_output(data: bytes) -> bool:
    """Whether JSON may be a plan or a state as `terraform show -json` prints it."""
    return b'"terraform_version"' in data and b'"root_module"' in data


def _is_spelled_otherwise(data: bytes) -> bool:
    """Whether JSON has letters written as escapes, or is UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\\u00" in data and _LETTER.search(data) is not None


_SETS: Final = lazy_pattern(
    r"\b(?:kubectl|oc|flyctl|fly|heroku|dokku|scalingo|railway|gh|glab|aws|az|gcloud|helm|eb|convox|koyeb|doppler|infisical|vault|docker|docker-compose"
    r"|netlify|vercel|clever|cf|platform|upsun)[ \t]|GITHUB_ENV|config:(?:set|add)|secret create|env\b|directus|export[ \t]|=\S+[ \t]+\S*(?:node|np[mx]|pnpm|yarn)\b"
)
"""What a command says that gives variables to a program."""
_NAME: Final = lazy_pattern(r"(?:(?<![A-Za-z0-9_])|(?<=\\n))[A-Z][A-Z0-9_]{2,100}(?![A-Za-z0-9])")
_SECRET: Final = lazy_pattern(r"SECRET|PASSWORD|PASSPHRASE|TOKEN|KEY|CONNECTION_STRING|CREDENTIALS|REDIS")
_STORES: Final = lazy_pattern(
    r"from-literal|put-parameter|secretsmanager|keyvault|secrets? (?:create|versions|set)|variable:create"
)
"""Commands whose names of variables people write in small letters, too."""


def sets_variables(text: str) -> bool:
    """Whether a command in a text may set a secret or a core variable of Directus."""
    if _SETS.search(text) is None:
        return False
    if _STORES.search(text) is not None:
        return True
    names = {name.removeprefix("DIRECTUS_") for name in _NAME.findall(text)}
    return any(name in CORE or (_SECRET.search(name) and is_directus_variable(name)) for name in names)


def is_directus_variable(name: str) -> bool:
    """Whether Directus reads a variable, or hands it on with its group."""
    return is_known_variable(name) or is_open_group(name)


_IN_PIPELINES: Final = lazy_pattern(
    r"\b(?:run|script|scripts|command|commands|cmds|cmd|inline|runcmd|shell|args|steps)[\"']?[ \t]*:"
)
"""Keys under which YAML has commands."""
_OF_COMMANDS: Final = ("run", "script", "command", "cmd", "inline", "shell", "args", "steps")
"""One of these is in each of those keys. Most files have none, and to look for the keys takes longer."""


def has_commands(text: str) -> bool:
    """Whether YAML has a key for commands."""
    return any(word in text for word in _OF_COMMANDS) and _IN_PIPELINES.search(text) is not None


_OF_HOSTS: Final = lazy_pattern(r"(?m)\b(?:hosts|children)[\"']?[ \t]*:[ \t]*(?:[{&!#]|\r?$)")


def gives_variables(text: str) -> bool:
    """Whether YAML may be a play or an inventory of Ansible that has variables."""
    return (
        has_escapes(text) or _OF_HOSTS.search(text) is not None or ("vars" in text and says("hosts", "children")(text))
    )


_TOKEN_NAMES: Final = lazy_pattern(
    r"TOKEN|API_?KEY|ACCESS_?KEY|--directus-?[a-z-]{0,20}[tT]oken|[\"'\s_](?:[\w-]{0,40}(?:[tT]oken|[kK]ey))[\"']?\s{0,8}[:=]"
)


def may_hold_token(text: str) -> bool:
    """Whether a text may give a token of Directus to a client."""
    lower = text.lower()
    if "directus" not in lower and ":8055" not in lower:
        return False
    if is_request(text):
        return True
    return ("token" in lower or "key" in lower) and _TOKEN_NAMES.search(text) is not None


def is_request(text: str) -> bool:
    """Whether a text may hold a request with a token: in a header, or in the address. Or one with a password."""
    lower = text.lower()
    return any(word in lower for word in ("bearer ", '"bearer"', "access_token=", "auth/login"))


def may_name_directus(data: bytes) -> bool:
    """Whether the bytes of a file name Directus."""
    return b"irectus" in data or b"DIRECTUS" in data


def depends_on_client(data: bytes) -> bool:
    """Whether the manifest of a package names Directus' SDK, or another client that is on npm."""
    return b"irectus" in data and _CLIENT.search(data) is not None


_CLIENT: Final = lazy_pattern(rb'@directus/sdk\b|"(?:@[\w.-]{1,60}/)?(?:nuxt|refine|gatsby-source)-directus"\s*:')


def sends_token(text: str) -> bool:
    """Whether a command in a text may send a token or password to a Directus."""
    lower = text.lower()
    asks = "bearer" in lower or "access_token=" in lower or ("auth/login" in lower and "password" in lower)
    return (asks and any(word in lower for word in _ASKING)) or ("directus" in lower and "-token" in lower)


_ASKING: Final = ("curl", "wget", "http", "xh")
"""Programs that send requests."""


def gives_to_terraform(text: str) -> bool:
    """Whether a command in a text may give a value to a variable of Terraform."""
    return "TF_VAR_" in text or ("-var" in text and any(word in text for word in ("terraform", "tofu", "terragrunt")))


_COMPOSES: Final = lazy_pattern(
    r"(?:docker|podman|nerdctl)(?:\.exe)?[ -]compose|stack (?:deploy|up)|COMPOSE_FILE|compose(?:\.exe)? +-"
)


def starts_compose(text: str) -> bool:
    """Whether a command in a text may start a Compose project."""
    return _COMPOSES.search(text) is not None


_SAYS_MORE: Final = lazy_pattern(
    r"COMPOSE_FILE|stack (?:deploy|up)|compose(?:\\\r?\n|[^\n]){0,300}?(?:[ \t](?:-f|--file|--env-file|--project-directory)\b|\$)"
)


def names_compose_files(text: str) -> bool:
    """Whether a command that starts a Compose project may name files, by itself or by a variable."""
    return _SAYS_MORE.search(text) is not None


_MANIFEST: Final = lazy_pattern(
    r"(?:services|apiVersion|image|containers|releases|write_files|runcmd)\\*[\"']?[ \t]*:|\[(?:Service|Container)\]|\bFROM[ \t]"
    r"|container_definitions|docker_container|#!.{0,40}sh\b"
)
"""What begins a manifest, a unit, a Dockerfile or a script."""


def writes_files(text: str) -> bool:
    """Whether a command in a text may write a manifest of Directus, or hand one on."""
    return (
        ("<<" in text or "echo" in text or "printf" in text)
        and _MANIFEST.search(text) is not None
        and concerns_directus(text)
    )


_GIVES_FILES: Final = lazy_pattern(r"(?:contents?|inline|source)[\"']?[ \t]*:")


def gives_files(text: str) -> bool:
    """Whether YAML may hold files of its own, with their paths, and one of them is about Directus."""
    return (
        _GIVES_FILES.search(text) is not None
        and ("path" in text or "dest" in text)
        and (concerns_directus(text) or "base64" in text or "b64" in text)
    )
