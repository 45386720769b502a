"""Which files may be uploaded."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.enumerations import first_of
from directus_guard.checks.shared.variable_fixes import listed_as
from directus_guard.directus.environment.casting import to_array
from directus_guard.finding import Fix, Severity
from directus_guard.setting_changes import SetVariable
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from directus_guard.directus.environment.setting import Setting
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
    variables=("FILES_MIME_TYPE_ALLOW_LIST",),
    unset="default",
    severity=Severity.MEDIUM,
    title="Upload types include active content",
    summary="FILES_MIME_TYPE_ALLOW_LIST is set and still allows everything, or HTML, SVG, XML, JavaScript or executables.",
    cwe=(Cwe.DANGEROUS_UPLOAD,),
    owasp=(OwaspRisk.API8,),
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
            title="`FILES_MIME_TYPE_ALLOW_LIST` allows active content",
            message=(
                f"An uploaded file can run scripts in a browser or on a computer: the list allows {_listed(admitted)}. Directus serves "
                "uploads from its own address."
            ),
            expected="the types that your project needs, e.g. `image/jpeg,image/png,image/webp,application/pdf`",
            fix=_fix(allowed, globs, admitted),
        )


_SAFE: Final = "image/jpeg,image/png,image/webp,application/pdf"


def _fix(setting: Setting, globs: Sequence[str], admitted: Iterable[str]) -> Fix:
    """Which entries to remove, or what to write in place of patterns."""
    patterns = [glob for glob in globs if any(_matches(glob, kind) for kind in admitted)]
    if any("*" in glob for glob in patterns):
        sentence = f"Set `FILES_MIME_TYPE_ALLOW_LIST` to the types that your project needs, such as `{_SAFE}`."
        return Fix(sentence, settings=(SetVariable(setting.name, _SAFE),))
    left = [glob for glob in globs if glob not in patterns]
    return listed_as(setting, f"Remove {_listed(patterns)} from `FILES_MIME_TYPE_ALLOW_LIST`.", left or [_SAFE])


def _listed(types: Iterable[str]) -> str:
    """The first types, for a sentence."""
    return first_of([f"`{escape_controls(kind)}`" for kind in types], 4)
