"""The secret that signs every session must not be guessable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, NotApplicable, NotEvaluated, fail, unjudged
from directus_guard.checks.shared.secrets import DOLLAR, NEW_SECRET, after_rotation, default_of, from_outside, untold
from directus_guard.directus.disclosure import MASK
from directus_guard.directus.environment.deployment import Platform, Unknown
from directus_guard.directus.environment.kept_elsewhere import is_variable, kept_elsewhere
from directus_guard.directus.environment.known_secrets import MIN_BYTES, weakness
from directus_guard.finding import Confidence, Fix, Severity
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.checks.result import Failure
    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "secret-weak",
    severity=Severity.CRITICAL,
    title="`SECRET` can be guessed",
    summary="SECRET is shorter than 32 bytes, a published example, or of low entropy: anyone who guesses it can sign in as any user.",
    cwe=(Cwe.WEAK_CREDENTIALS, Cwe.INSUFFICIENT_ENTROPY),
    owasp=(OwaspRisk.API2,),
    itself=True,
)
def secret_weak(env: Environment) -> Iterator[CheckResult]:
    setting = env["SECRET"]
    text = setting.text
    if setting.dropped and (why := weakness(_left(setting))):
        yield _failure(env, setting, f"without the part after `$`, {why}", DOLLAR)
    elif not setting.known:
        default = default_of(setting)
        if default and not kept_elsewhere(default) and (why := weakness(default)):
            remark = f"It is a default, which counts where no other value is given ({setting.unknown_reason})."
            yield _failure(env, setting, why, remark, Confidence.MEDIUM)
        yield from unjudged(setting)
    elif not text:
        yield NotApplicable("SECRET is empty; see secret-missing")
    elif is_variable(text) and env.deployment.platform is Platform.RENDER:
        yield _failure(
            env,
            setting,
            "Render does not replace `${…}`: `SECRET` is this text itself",
        )
    elif elsewhere := untold(env, setting):
        yield NotEvaluated(elsewhere, setting.location)
    elif why := weakness(text):
        yield _failure(env, setting, why)


def _failure(
    env: Environment, setting: Setting, why: str, remark: str = "", confidence: Confidence = Confidence.HIGH
) -> Failure:
    message = (
        "Anyone who guesses it can create a token for any administrator, without signing in. Directus signs every access token, "
        "invite and password reset with it."
    )
    reason = f"`SECRET` {why[3:]}." if why.startswith("it ") else f"{why[:1].upper()}{why[1:]}."
    return fail(
        env,
        setting,
        message=f"{reason} {message} {remark}".rstrip(),
        expected=f"at least {MIN_BYTES} random bytes from outside the repository",
        fix=Fix(f"{NEW_SECRET} {from_outside(env, setting)}{after_rotation(env, 'SECRET')}"),
        actual=None if setting.known else MASK,
        confidence=confidence,
    )


def _left(setting: Setting) -> str:
    """What Directus gets where the name behind the `$` is not set."""
    unknown = setting.value
    if isinstance(unknown, Unknown) and unknown.fallback:
        return unknown.fallback.reveal()
    return setting.written.replace(f"${setting.dropped}", "")
