"""Which files may be uploaded."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.directus.environment.casting import to_array
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment

ACTIVE: Final = (
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "application/xml",
    "text/javascript",
    "application/javascript",
    "application/x-msdownload",
    "application/x-sh",
)


def _matches(glob: str, kind: str) -> bool:
    """minimatch as Directus uses it on MIME types: `*` stays within one side of the slash, `**` does not."""
    if glob in ("*/*", "**", "**/*"):
        return True
    left, _, right = glob.partition("/")
    kind_left, _, kind_right = kind.partition("/")
    return bool(right) and fnmatch.fnmatchcase(kind_left, left) and fnmatch.fnmatchcase(kind_right, right)


@environment_check(
    "files-mime-type-allow-list",
    severity=Severity.MEDIUM,
    title="Upload types admit active content",
    summary="FILES_MIME_TYPE_ALLOW_LIST is set and still admits everything, or HTML, SVG, XML, JavaScript or executables.",
    checklist=(27,),
)
def files_mime_type_allow_list(env: Environment) -> Iterator[CheckResult]:
    allowed = env["FILES_MIME_TYPE_ALLOW_LIST"]
    if not allowed.known:
        yield from unjudged(allowed)
        return
    globs = [str(entry).strip().lower() for entry in to_array(allowed.js)]
    admitted = [kind for kind in ACTIVE if any(_matches(glob, kind) for glob in globs)]
    if admitted:
        yield fail(
            env,
            allowed,
            message=(
                f"This list still admits {', '.join(f'`{kind}`' for kind in admitted)}: content that runs as script in a browser or "
                "on a machine. Directus serves uploads from its own address."
            ),
            expected="the types your project needs, e.g. `image/jpeg,image/png,image/webp,application/pdf`",
        )
