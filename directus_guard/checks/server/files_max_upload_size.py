"""`FILES_MAX_UPLOAD_SIZE` must be a size, and a sane one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.directus.environment import byte_size
from directus_guard.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "files-max-upload-size",
    severity=Severity.MEDIUM,
    title="Upload size limit is huge or unreadable",
    summary="FILES_MAX_UPLOAD_SIZE is set above 1gb, or to something Directus cannot read as a size.",
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
            message="Directus cannot read this as a size, so uploads are not limited as meant.",
            expected="a size such as `50mb`",
        )
    elif limit > env.largest_upload:
        yield fail(
            env,
            size,
            message="One upload may be this large; a few of them fill the storage. The limit holds for multipart and TUS uploads.",
            expected=f"at most {env.largest_upload:,} bytes, better what your largest real file needs",
        )
