"""Extensions should not be writable in production."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import (
    NOT_PRODUCTION,
    CheckResult,
    Failure,
    NotApplicable,
    not_production,
)
from directus_guard.directus.disclosure import shorten
from directus_guard.directus.features import HAS_MARKETPLACE
from directus_guard.finding import Context, Fix, Severity, Subject
from directus_guard.setting_changes import MountReadOnly
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "extensions-writable",
    severity=Severity.LOW,
    title="The extensions folder is writable in production",
    summary="The extensions folder is mounted read-write in production while the marketplace is reachable.",
    cwe=(Cwe.CRITICAL_PERMISSIONS,),
    owasp=(OwaspRisk.API8,),
    checklist=(15,),
    feature=HAS_MARKETPLACE,
)
def extensions_writable(env: Environment) -> Iterator[CheckResult]:
    if env.context is not Context.PRODUCTION:
        yield not_production(env) if env.deployment.mounts else NotApplicable(NOT_PRODUCTION)
        return
    path = env["EXTENSIONS_PATH"].text if env["EXTENSIONS_PATH"].known else "./extensions"
    wanted = posixpath.normpath(posixpath.join("/directus", path))
    for mount in env.deployment.mounts:
        if not mount.read_only and posixpath.normpath(mount.target) == wanted:
            yield Failure(
                subject=Subject("service", f"{env.name} extensions", (("deployment", env.name),)),
                location=mount.location,
                message=(
                    "An administrator can install extensions without code review, and they survive restarts. The Data Studio writes them "
                    "into this folder."
                ),
                expected="extensions in the image, or the mount read-only (`:ro`)",
                fix=Fix(
                    f"Make the mount of `{shorten(mount.target)}` read-only, and ship extensions in the image. First put those that were installed from the Marketplace into the image.",
                    settings=(MountReadOnly(mount.target),),
                ),
                actual=shorten(f"{mount.target} read-write"),
            )
