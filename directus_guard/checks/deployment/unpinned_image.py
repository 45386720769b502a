"""What runs should be what was tried."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from directus_guard.checks.answers import Answer, Failure, NotApplicable, NotEvaluated, check
from directus_guard.directus.deployment import Image
from directus_guard.finding import Severity, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment import Environment

_FLOATING: Final = re.compile(r"v?\d{1,3}(?:-[a-z]+)?|latest|main|next|nightly|edge|stable|canary|rc|beta|alpha")


@check(
    "unpinned-image",
    severity=Severity.LOW,
    title="Directus image is not pinned",
    summary="The image has no tag, `latest`, or only a major version: another version may start tomorrow, with migrations and other defaults.",
)
def unpinned_image(env: Environment) -> Iterator[Answer]:
    image = _image(env)
    if image is None:
        yield NotApplicable("it is not started from a published image")
    elif image.unknown and not (image.from_fallback and image.repository):
        yield NotEvaluated(f"the image: {image.unknown}", image.location)
    elif not image.digest and (not image.tag or _FLOATING.fullmatch(image.tag)):
        how = f"the tag `{image.tag}`" if image.tag else "no tag, which means `latest`,"
        default = " It is the default that is used when nothing else is given." if image.from_fallback else ""
        yield Failure(
            subject=Subject("image", f"{env.name} image", (("deployment", env.name), ("name", image.repository))),
            location=image.location,
            message=(
                f"The image is named by {how} so what is pulled next may be another version, whose migrations cannot be taken "
                f"back, and no check can tell which advisories apply.{default}"
            ),
            expected="an exact version, e.g. `directus/directus:12.4.1`, or a digest",
            actual=image.reference,
            shown=image.reference,
        )


def _image(env: Environment) -> Image | None:
    """The image that is pulled: the deployment's, or the one its Dockerfile begins with."""
    deployment, evidence = env.deployment, env.version_evidence
    if evidence is not None and evidence.origin.startswith("Dockerfile") and evidence.version is None:
        return Image("directus/directus", "" if evidence.text == "latest" else evidence.text, "", evidence.location)
    return None if deployment.build_context is not None else deployment.image
