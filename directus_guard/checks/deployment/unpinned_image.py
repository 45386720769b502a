"""The version that runs should be the version that was tested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.deployment._versions import LAST_PATCHED
from directus_guard.checks.result import CheckResult, Failure, NotApplicable, NotEvaluated
from directus_guard.checks.shared.titles import titled
from directus_guard.directus.environment.deployment import Image, Platform, VersionOrigin
from directus_guard.directus.versions import NEWEST, newest_matching
from directus_guard.finding import Fix, Severity, Subject
from directus_guard.lazy_pattern import lazy_pattern
from directus_guard.setting_changes import SetVersion
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment
    from directus_guard.finding import Location

_FLOATING: Final = lazy_pattern(r"v?\d{1,3}(?:-[a-z]+)?|latest|main|next|nightly|edge|stable|canary|rc|beta|alpha")


@environment_check(
    "unpinned-image",
    severity=Severity.LOW,
    title="Directus image is not pinned",
    summary="The image, or the base image of a Dockerfile, has no tag, `latest`, or only a major version: another version may start.",
    cwe=(Cwe.NO_INTEGRITY_CHECK,),
    owasp=(OwaspRisk.API8, OwaspRisk.API9),
)
def unpinned_image(env: Environment) -> Iterator[CheckResult]:
    evidence = env.version_evidence
    if evidence is not None and evidence.origin is VersionOrigin.INSTALLED:
        if evidence.version is None:
            yield _failure(
                env,
                evidence.location,
                title="Directus is not pinned in this Dockerfile",
                message=f"The next build may install another version, {_WHY}",
                expected=f"an exact version, such as `npm install directus@{NEWEST}`",
                fix=f"Write the exact version that runs now in place of `directus@{escape_controls(evidence.text)}`, such as `directus@{_exact(evidence.text)}`.{_unpatched(evidence.text)}",
                actual=f"directus@{evidence.text}",
                name="directus",
            )
        return
    image = _base(env) or (None if env.deployment.build_context is not None else env.deployment.image)
    if image is None:
        yield NotApplicable("it does not use a published image")
    elif image.unknown and not (image.from_fallback and image.repository):
        yield NotEvaluated(f"the image: {image.unknown}", image.location)
    elif not image.digest and (not image.tag or _FLOATING.fullmatch(image.tag)):
        base = _is_base(env, image.location)
        latest = "" if image.tag else " Without a tag Docker takes `latest`."
        default = " This image is used if the variable is not set." if image.from_fallback else ""
        what = f"{image.repository}:{_exact(image.tag)}"
        yield _failure(
            env,
            image.location,
            title=titled("The base image {} is not pinned" if base else "The image {} is not pinned", image.reference),
            message=f"The next {'build' if base else 'pull'} may take another version, {_WHY}{latest}{default}",
            expected=f"an exact version, such as `directus/directus:{NEWEST}`, or a digest",
            version=_exact(image.tag),
            fix=f"Pin the {'base image' if base else 'image'} to the exact version that you tested, such as `{what}`.{_unpatched(image.tag)}",
            actual=image.reference,
            name=image.repository,
        )


_WHY: Final = "whose migrations cannot be undone."


def _exact(tag: str) -> str:
    """An exact version in place of a floating tag: the newest that it can mean, or of all."""
    return str(newest_matching(tag) or NEWEST)


def _unpatched(tag: str) -> str:
    """That the version to pin is no place to stay, a sentence with a space before it; "" where it gets fixes."""
    major = (newest_matching(tag) or NEWEST).major
    return f" Directus {major} gets no security fixes: plan the upgrade to {NEWEST}." if major < LAST_PATCHED else ""


def _failure(
    env: Environment, location: Location, *, title: str, message: str, expected: str, actual: str, name: str, fix: str,
    version: str = "",
) -> Failure:  # fmt: skip
    return Failure(
        subject=Subject("image", f"{env.name} image", (("deployment", env.name), ("name", name))),
        location=location,
        title=title,
        message=message,
        expected=expected,
        actual=actual,
        shown=actual,
        fix=Fix(
            fix,
            # No version follows the newest one of a major that is not maintained any more: the tag means it already.
            safe=version != "" and version != str(NEWEST),
            settings=(SetVersion(version),) if version else (),
        ),
    )


def _base(env: Environment) -> Image | None:
    """The image that the deployment's Dockerfile builds on, as far as its tag was read."""
    evidence = env.version_evidence
    if env.deployment.build_context is None or evidence is None or evidence.origin not in _BASE_TAGS:
        return None
    by_default = evidence.origin is VersionOrigin.BUILD_ARGUMENT
    return Image("directus/directus", evidence.text, "", evidence.location, from_fallback=by_default)


_BASE_TAGS: Final = (VersionOrigin.IMAGE_TAG, VersionOrigin.BUILD_ARGUMENT)
"""The origins of a version that is the tag of a base image."""


def _is_base(env: Environment, location: Location) -> bool:
    """Whether the image is what a Dockerfile builds on."""
    deployment = env.deployment
    return deployment.platform is Platform.DOCKERFILE or (
        deployment.build_context is not None and location.path != deployment.location.path
    )
