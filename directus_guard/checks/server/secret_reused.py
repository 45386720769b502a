"""One secret, one purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec import Struct

from directus_guard.checks.declaration import ProjectPart, project_check
from directus_guard.checks.result import CheckResult, NotEvaluated, fail
from directus_guard.checks.shared.secrets import (
    after_rotation,
    bearing,
    from_outside,
    is_address,
    literal_of,
    password_name,
    renewal,
    secret_of,
)
from directus_guard.checks.shared.titles import deployment_words, titled
from directus_guard.directus import context
from directus_guard.directus.disclosure import MASK
from directus_guard.directus.environment.kept_elsewhere import kept_elsewhere
from directus_guard.directus.environment.known_secrets import is_example, is_placeholder
from directus_guard.directus.environment.variables import is_known_variable
from directus_guard.finding import Confidence, Context, Fix, Related, Severity
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.secret import Secret
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.checks.result import Failure
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment
    from directus_guard.directus.project import Project

_OWN: Final = ("SECRET", "ADMIN_PASSWORD", "ADMIN_TOKEN")
"""What belongs to one instance alone; two instances may well share a database server or a mail account."""


@project_check(
    "secret-reused",
    evidence=(ProjectPart.DEPLOYMENTS,),
    severity=Severity.HIGH,
    title="One secret serves two purposes",
    summary="Two variables or two deployments have the same value: anyone who learns it in one place has it in the other.",
    cwe=(Cwe.UNPROTECTED_CREDENTIALS,),
    owasp=(OwaspRisk.API8,),
)
def secret_reused(project: Project) -> Iterator[tuple[Environment | None, CheckResult]]:
    secret = {env.name: tuple(bearing(env)) for env in project.environments}
    held = {name: tuple(_held(settings)) for name, settings in secret.items()}
    for env in project.environments:
        yield from ((env, _within_failure(env, shared)) for shared in _within(env, held[env.name]))
    yield from (
        (None, NotEvaluated(reason))
        for reason in _unseen(project, [one for settings in secret.values() for one in settings])
    )
    seen: dict[tuple[str, str], tuple[Environment, _Held]] = {}
    for env in project.environments:
        for one in held[env.name]:
            name = one.setting.name
            if name not in _OWN or env.context is Context.EXAMPLE:
                continue
            # A reference gives the same value only where one file is read with one set of variables.
            scope = env.name.partition("#")[0] if one.reference else ""
            first, other = seen.setdefault((name, scope + one.value), (env, one))
            shared = other.setting.location == one.setting.location
            if first is env:
                continue
            if _are_two(first, env) if shared else not _same_instance(first, env):
                yield env, _across_failure(env, one, first, other)
            elif why := _unseen_address(first, env):
                yield env, NotEvaluated(f"whether `{first.name}` is another instance is not known: {why}")


class _Held(Struct, frozen=True):
    """A variable and what tells its value from others."""

    setting: Setting
    value: str
    reference: bool = False
    """Whether `value` is a reference (`${SECRET}`, `vault:…`): it gives one value, whichever that is."""
    assumed: bool = False
    """Whether `value` is only what the variable has when nothing is given from outside."""


def _held(settings: Iterable[Setting]) -> Iterator[_Held]:
    """Those of the secrets of a deployment whose values can be compared: those that are seen, and references."""
    for setting in settings:
        reference = secret_of(setting.name, setting.written)
        if kept_elsewhere(reference) or (not setting.known and _WHOLE.fullmatch(reference)):
            yield _Held(setting, _WHOLE.sub(r"${\1\2}", reference), reference=True)
        text = literal_of(setting)
        assumed = not text and setting.fallback is not None
        text = secret_of(setting.name, setting.fallback or "") if assumed else text
        if text and not is_example(text, password_name(setting.name, text)):
            yield _Held(setting, text, assumed=assumed)
        elif text and not assumed and not is_placeholder(text) and setting.name in _OWN:
            yield _Held(setting, text)


_WHOLE: Final = lazy_pattern(r"\$\{([_A-Za-z][_A-Za-z0-9]*)(?::?\?[^{}]*)?\}|\$([_A-Za-z][_A-Za-z0-9]*)")
"""Nothing but a reference without a fallback."""


def _unseen(project: Project, secrets: Sequence[Setting]) -> Iterator[str]:
    """Why a secret that cannot be seen may be the same as another; at most one reason. `secrets`: the secrets of all deployments."""
    if secrets and not any(setting.known for setting in secrets):
        yield "every secret comes from outside the repository"
    elif not all(setting.known for setting in secrets):
        yield "some secrets come from outside the repository"
    elif secrets:
        yield from [env.unseen for env in project.environments if env.gaps][:1]


def _across_failure(env: Environment, use: _Held, first: Environment, other: _Held) -> Failure:
    """One value in two instances."""
    name = use.setting.name
    apart = other.setting.location != use.setting.location
    return fail(
        env,
        use.setting,
        title=titled("Two instances have the same {}", name),
        message=_with_fallbacks(
            f"Anyone who learns it in one deployment can {_gives(name)} in both. The other deployment is {deployment_words(first.name)}.",
            (use, other),
        ),
        expected=f"a `{name}` of its own for each instance",
        fix=Fix(
            f"Generate a new `{name}` for {deployment_words(env.name)}. {from_outside(env, use.setting)}{after_rotation(env, name)} "
            "If both use one database, they are one instance and need the same value: keep it, and accept this finding."
        ),
        related=_related(other.setting, f"`{name}` of `{first.name}`, the same value") if apart else (),
        confidence=_confidence((use, other)),
        actual=None if use.setting.known else MASK,
        leak=Secret(use.value),
    )


def _within_failure(env: Environment, shared: Sequence[_Held]) -> Failure:
    """One value in several variables of a deployment, at the last of them, with what each of them opens."""
    *others, last = (one.setting for one in shared)
    names = [f"`{escape_controls(other.name)}`" for other in others]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    gives = " ".join(f"`{escape_controls(one.setting.name)}` lets them {_gives(one.setting.name)}." for one in shared)
    return fail(
        env,
        last,
        title=titled(
            "Password in {} is used twice" if is_address(last.written) else "{} has the value of another secret",
            last.name,
        ),
        message=_with_fallbacks(
            f"It is also the value of {listed}: anyone who learns it in one place can use it in the others. {gives}",
            shared,
        ),
        expected="a value of its own for each variable",
        fix=Fix(
            f"{renewal(last, f'Generate a new value for `{escape_controls(last.name)}`')}. {from_outside(env, last)}{after_rotation(env, last.name)}"
        ),
        related=tuple(related for other in others for related in _related(other, f"`{other.name}`, the same value")),
        confidence=_confidence(shared),
        actual=None if last.known else MASK,
    )


def _confidence(shared: Iterable[_Held]) -> Confidence:
    return Confidence.MEDIUM if any(one.assumed for one in shared) else Confidence.HIGH


def _with_fallbacks(message: str, shared: Iterable[_Held]) -> str:
    """The message, and which fallbacks it assumes."""
    names = dict.fromkeys(f"`{one.setting.name}`" for one in shared if one.assumed)
    if not names:
        return message
    return f"{message} This assumes the fallback of {' and '.join(names)}: a value given at deployment may resolve this finding."


_GIVES: Final = (
    (lazy_pattern(r"SECRET\Z"), "create access tokens for any user"),
    (lazy_pattern(r"(?:DIRECTUS_)?ADMIN_PASSWORD\Z"), "sign in as the first administrator"),
    (lazy_pattern(r"ADMIN_TOKEN\Z"), "act as the first administrator"),
    (lazy_pattern(r"DB_"), "read and write the database"),
    (lazy_pattern(r"REDIS|CACHE|RATE_LIMITER|SYNCHRONIZATION|MESSENGER"), "read and write the cache"),
    (lazy_pattern(r"EMAIL_"), "send e-mail in the name of the server"),
    (lazy_pattern(r"STORAGE_"), "read and write the stored files"),
    (lazy_pattern(r"AUTH_"), "act as this application at the identity provider"),
    (lazy_pattern(r"METRICS_"), "read the metrics"),
    (lazy_pattern(r"LICENSE_"), "use the licence"),
)


def _gives(name: str) -> str:
    """What anyone who knows the value of a variable can do, an infinitive."""
    return next((what for pattern, what in _GIVES if pattern.match(name)), "use what it protects")


def _within(env: Environment, uses: Iterable[_Held]) -> Iterator[Sequence[_Held]]:
    """Groups of variables of one deployment that serve different purposes with one value."""
    groups: dict[str, list[_Held]] = {}
    for one in uses:
        name = one.setting.name
        common = not one.reference and is_example(one.value, name)
        if not common and is_known_variable(name, env.version):
            groups.setdefault(one.value, []).append(one)
    for group in groups.values():
        first = group[0]
        shared = [first, *(one for one in group[1:] if _purpose(one.setting.name) != _purpose(first.setting.name))]
        if len(shared) > 1:
            yield shared


_ONE_STORE: Final = lazy_pattern(r"(?:REDIS|CACHE|RATE_LIMITER|SYNCHRONIZATION|MESSENGER)(?:_|\Z)")
"""What Directus keeps in Redis is in one Redis as a rule."""


def _purpose(name: str) -> str:
    return "REDIS" if _ONE_STORE.match(name) else name.partition("_")[0]


def _same_instance(first: Environment, other: Environment) -> bool:
    """Whether two deployments are one instance started in two ways (replicas, workers, a base and its override)."""
    address, data = _compared(first, other)
    if first.name.partition("#")[0] == other.name.partition("#")[0]:
        return not _are_two(first, other)
    if address and not context.is_local_host(urlsplit(first["PUBLIC_URL"].text).hostname or "localhost"):
        return False not in data
    return bool(address and all(data))


def _unseen_address(first: Environment, other: Environment) -> str:
    """Why it is not known whether two deployments have one address; "" if it is, or if both refer to one value."""
    pair = first["PUBLIC_URL"], other["PUBLIC_URL"]
    if pair[0].written == pair[1].written:
        return ""
    return next((setting.unknown_reason for setting in pair if setting.unknown_reason), "")


def _are_two(first: Environment, other: Environment) -> bool:
    """Whether two deployments are known to be two instances: two addresses, and no database that they share."""
    address, data = _compared(first, other)
    return address is False and not all(data)


def _compared(first: Environment, other: Environment) -> tuple[bool | None, list[bool | None]]:
    """Whether two deployments have one address, and one host and name of the database."""
    data = [_agree(first[name], other[name]) for name in ("DB_HOST", "DB_DATABASE")]
    return _agree(first["PUBLIC_URL"], other["PUBLIC_URL"]), data


def _agree(first: Setting, other: Setting) -> bool | None:
    """Whether two values are the same, None where one is not set or not seen, or is a host of the machine's own."""
    if not (first.known and other.known and first.text and other.text):
        return None
    if first.name == "DB_HOST" and not (context.is_remote_host(first.text) and context.is_remote_host(other.text)):
        return True if first.text == other.text else None
    return first.text == other.text


def _related(setting: Setting, message: str) -> tuple[Related, ...]:
    return (Related(setting.location, message),) if setting.location else ()
