"""`FILES_MAX_UPLOAD_SIZE` must be a size, and a sane one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.directus.environment import byte_size
from directus_guard.finding import Fix, Severity
from directus_guard.setting_changes import SetVariable
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "files-max-upload-size",
    variables=("FILES_MAX_UPLOAD_SIZE",),
    unset="default",
    severity=Severity.MEDIUM,
    title="Upload size limit is very high or invalid",
    summary="FILES_MAX_UPLOAD_SIZE is set above 1gb, or to something Directus cannot read as a size.",
    cwe=(Cwe.NO_LIMITS,),
    owasp=(OwaspRisk.API4,),
    checklist=(27,),
)
def files_max_upload_size(env: Environment) -> Iterator[CheckResult]:
    size = env["FILES_MAX_UPLOAD_SIZE"]
    if not size.known:
        yield from unjudged(size)
        return
    limit = byte_size.parse(size.text)
    if limit is None:
        yield fail(
            env,
            size,
            title="`FILES_MAX_UPLOAD_SIZE` is not a size",
            message="Uploads have no limit of size, so they can fill the storage. Directus cannot read this value as a size.",
            expected="a size such as `100mb`",
            fix=_readable(size) or _fix(size, _size(min(env.largest_upload, _EXAMPLE))),
        )
    elif limit > env.largest_upload:
        yield fail(
            env,
            size,
            title="`FILES_MAX_UPLOAD_SIZE` allows very large uploads",
            message="A few uploads of this size can fill the storage. The limit counts for plain and for resumable (TUS) uploads.",
            expected=f"at most {_size(env.largest_upload)}",
            fix=_fix(size, _size(min(env.largest_upload, _EXAMPLE))),
        )


def _readable(size: Setting) -> Fix | None:
    """The size that is written, without the quotes around it; None where none is."""
    text = size.text.strip().strip("\"'`").strip()
    if text == size.text or byte_size.parse(text) is None:
        return None
    return set_to(size.name, text, "The quotes are part of the value now.", safe=True)


def _fix(size: Setting, example: str) -> Fix:
    return Fix(
        f"Set `{size.name}` to the size of your largest real file, such as `{example}`.",
        settings=(SetVariable(size.name, example),),
    )


_EXAMPLE: Final = 100 * 2**20
_UNITS: Final = (("gb", 2**30), ("mb", 2**20), ("kb", 2**10))


def _size(count: int) -> str:
    """Bytes as Directus reads them, in the largest unit that is exact."""
    return next((f"{count // factor}{unit}" for unit, factor in _UNITS if count % factor == 0), f"{count}b")
