"""Which variables bear a secret, and what the checks on them share."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlsplit

from directus_guard.directus.environment.deployment import Platform
from directus_guard.directus.environment.kept_elsewhere import is_variable, kept_elsewhere
from directus_guard.directus.features import ENCRYPTS_WITH_SECRET, KEY_IS_A_SECRET
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment

_BEARS: Final = lazy_pattern(
    r"(?:\w+_)?(?:SECRET|TOKEN|PASSWORD|PASSPHRASE)|DB_CONNECTION_STRING|LICENSE_(?:KEY|TOKEN)|METRICS_TOKENS"
    r"|\w+_(?:SECRET_KEY|SECRET_ACCESS_KEY|PRIVATE_KEY|API_KEY|APIKEY|ACCOUNT_KEY|CREDENTIALS|SECRET_KEY_ID|CLIENT_SECRET_\w+)"
)
_MAY_HOLD_AN_ADDRESS: Final = lazy_pattern(
    r"REDIS|(?:\w+_)?(?:URL|URI|DSN|CONNECTION_STRING|ENDPOINT|REDIS|PROXY|HOSTS?|SERVERS?)"
)
"""Variables whose addresses may have a password in them."""
_NOT: Final = lazy_pattern(r"CORS_CREDENTIALS|(?:PASSWORD_RESET|NEXT_PUBLIC|VITE|NUXT_PUBLIC)_\w+|\w+_FILE")
_PAIR: Final = lazy_pattern(
    r"(?:\A|[;\s,])(?:password|pwd)\s{0,3}=\s{0,3}(?:'([^']{0,500})'|\"([^\"]{0,500})\"|\{([^{}]{0,500})\}|([^\s;,'\"]{0,500}))",
    re.IGNORECASE,
)
"""The password in a connection string of `name=value` pairs."""
DOLLAR: Final = "The value contains `$`: Compose reads what follows as the name of a variable and drops it."
NEW_SECRET: Final = "Set `SECRET` to the output of `openssl rand -hex 32`."
_REFERENCE: Final = lazy_pattern(r"\$(?:\{|\(|[A-Za-z_])")


@lru_cache(maxsize=4096)
def _bears_secret(name: str) -> bool:
    """Whether a variable of this name, other than KEY, holds a secret. Most deployments of a repository have the same names."""
    return _BEARS.fullmatch(name.upper()) is not None and _NOT.fullmatch(name.upper()) is None


@lru_cache(maxsize=4096)
def holds_address(name: str) -> bool:
    """Whether a variable of this name holds an address that may have a password in it (`REDIS`, `DB_CONNECTION_STRING`)."""
    return _MAY_HOLD_AN_ADDRESS.fullmatch(name.upper()) is not None


def bearing(env: Environment) -> Iterator[Setting]:
    """The settings that hold a secret, or an address with a password in it, in the order of their names.

    KEY is a secret only on Directus 10: docs/model/environment.md#variables-by-version.
    """
    key_is_a_secret = KEY_IS_A_SECRET.of(env.version)
    for name in sorted(env.settings):
        setting = env[name]
        written = setting.written
        if (key_is_a_secret if name == "KEY" else _bears_secret(name)) or _has_password(name, written):
            yield setting


def _has_password(name: str, written: str) -> bool:
    """Whether a value is an address with a password in it."""
    addressed = ("://" in written and ("@" in written or "password=" in written)) or holds_address(name)
    return addressed and is_address(written) and bool(secret_of(name, written))


def literal_of(setting: Setting) -> str:
    """The secret as it is written in the repository, also where other parts of the value come from outside
    (`postgres://cms:secret@${HOST}/cms`), or where a `$` in it is no reference; "" where there is none."""
    secret = secret_of(setting.name, setting.written)
    if setting.known or kept_elsewhere(secret):
        return secret if setting.known else ""
    without = secret.replace(f"${setting.dropped}", "") if setting.dropped else secret
    return "" if _REFERENCE.search(without) and setting.dropped != "…" else secret


def secret_of(name: str, text: str) -> str:
    """The secret in a value: of an address or a connection string the password in it, "" if it holds none."""
    text = text.strip()
    if "://" in text and not kept_elsewhere(text):
        return _password_of(text)
    if not holds_address(name):
        return text
    pair = _PAIR.search(text)
    return next((group for group in pair.groups() if group is not None), "") if pair else ""


def default_of(setting: Setting) -> str:
    """The text that is written as a value's default (`ARG SECRET=…`, `default = …` of a Terraform variable), and that nothing
    given from outside replaces; "" where there is none. A fallback beside a reference (`${X:-…}`) is none.
    """
    fallback = setting.fallback
    return fallback if fallback and fallback == setting.written else ""


def is_address(text: str) -> bool:
    """Whether a value is an address or a connection string, so that only a part of it is secret."""
    return "://" in text or _PAIR.search(text) is not None


def password_name(name: str, text: str) -> str:
    """The name by which the secret in a value is judged: an address holds a password."""
    return f"{name}_PASSWORD" if is_address(text) else name


def _password_of(text: str) -> str:
    for address in text.split(","):
        try:
            url = urlsplit(address.strip())
            held = parse_qs(url.query).get("password", [""])  # the driver for PostgreSQL reads one there
            password = unquote(url.password or "") or held[-1]
        except ValueError:
            continue
        if password:
            return password
    return ""


_OUTSIDE: Final = {
    Platform.COMPOSE: "Write `${{{name}:?}}` in the Compose file, and set the value in an `.env` file beside it that git ignores.",
    Platform.KUBERNETES: "Store the value in a Kubernetes Secret whose manifest is not in git.",
    Platform.HELM: "Store the value in a Kubernetes Secret whose manifest is not in git.",
    Platform.DOCKERFILE: "Give the value when the container starts, not in the image.",
    Platform.DOCKER_RUN: "Give the value with `--env-file` from a file that git ignores.",
    Platform.FLY: "Store the value with `fly secrets set`.",
    Platform.RENDER: "Write `sync: false` instead of the value, and set the value in the dashboard of Render.",
    Platform.RAILWAY: "Store the value in the variables of the service at Railway.",
    Platform.HEROKU: "Store the value with `heroku config:set`.",
    Platform.ECS: "Store the value in AWS Secrets Manager and name it under `secrets`.",
    Platform.TERRAFORM: "Take the value from a `sensitive` variable without a default.",
    Platform.PULUMI: "Store the value with `pulumi config set --secret`.",
    Platform.WORKFLOW: "Store the value in the secrets of the repository and write `${{{{ secrets.{name} }}}}` in the workflow.",
    Platform.CLOUD_RUN: "Store the value in Secret Manager and name it with `--set-secrets`.",
    Platform.AZURE: "Store the value in Azure Key Vault.",
    Platform.APP_RUNNER: "Store the value in AWS Secrets Manager.",
    Platform.NOMAD: "Take the value from Nomad's variables with a `template` block.",
    Platform.SYSTEMD: "Read the value with `EnvironmentFile=` from a file that git ignores.",
    Platform.NIXOS: "Read the value from one of the `environmentFiles`, which sops-nix or agenix decrypts on the server.",
    Platform.ANSIBLE: "Encrypt the value with `ansible-vault`.",
}
"""How a secret reaches Directus from outside the repository, for each platform that has a way of its own."""
_ENV_FILE: Final = lazy_pattern(r"(?:\A|/)[^/]*\.env[^/]*\Z|(?:\A|/)env\Z")


def from_outside(env: Environment, setting: Setting) -> str:
    """How to give the secret from outside the repository, a sentence: by the file that it is written in, and the platform."""
    path = setting.location.path if setting.location else ""
    if path.endswith((".tfvars", ".tfvars.json")) or _ENV_FILE.search(path):
        return "Store the value in a file that git ignores." if path in env.untracked else _untrack(path)
    sentence = _OUTSIDE.get(env.deployment.platform, "Store the value in the secret store of your platform.")
    return sentence.format(name=escape_controls(setting.name))


def _untrack(path: str) -> str:
    """How a file that git tracks gets a value that is not in git, a sentence."""
    name = escape_controls(path)
    file = name.rpartition("/")[2]
    return (
        f"Add `{file}` to `.gitignore` and run `git rm --cached {shlex.quote(name)}`, which leaves the file in place: "
        "only then write the new value into it. "
        "Other clones delete the file when they pull this commit: copy it away there first, also on servers, and put it back."
    )


def after_rotation(env: Environment, name: str) -> str:
    """What a new value of a variable ends, sentences with a space before them; "" for nothing.

    See docs/model/environment.md#variables-by-version. Refresh tokens stay valid: they are not signed.
    """
    if name != "SECRET":
        return ""
    keys = " Enter stored keys again, such as those of AI providers: Directus encrypts them with `SECRET`."
    return f" Users then have to sign in again, and open invitations and password resets end.{keys if ENCRYPTS_WITH_SECRET.of(env.version) else ''}"


_KEPT_BY: Final = (
    (lazy_pattern(r"DB_(?:PASSWORD|CONNECTION_STRING)\Z"), "in the database"),
    (lazy_pattern(r"REDIS(?:_PASSWORD)?\Z"), "in Redis"),
    (lazy_pattern(r"EMAIL_SMTP_PASSWORD\Z"), "at the mail server"),
)
"""Who else has to know a new password, and first."""


def renewal(setting: Setting, otherwise: str) -> str:
    """How to change a secret, a clause: where another server checks it, there first; else `otherwise`."""
    where = next((where for pattern, where in _KEPT_BY if pattern.match(setting.name)), "")
    return f"Change the password {where}, then in `{escape_controls(setting.name)}`" if where else otherwise


def untold(env: Environment, setting: Setting) -> str:
    """Why the value that Directus gets is not known although a text is written: a ciphertext, a reference, a mark; else ""."""
    text = secret_of(setting.name, setting.text)
    why = kept_elsewhere(text)
    if not why:
        return ""
    if is_variable(text) and env.deployment.platform is Platform.RENDER:
        return f"`{setting.name}`: Render does not replace `${{…}}`, so Directus gets this text: use `fromService`, `fromDatabase` or `sync: false`"
    return f"`{setting.name}`: {why}, so that what Directus gets is not known"
