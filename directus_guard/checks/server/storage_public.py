"""Stored files must not be public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directus_guard.checks.declaration import environment_check
from directus_guard.checks.result import CheckResult, fail, unjudged
from directus_guard.checks.server._groups import is_in_use
from directus_guard.checks.shared.titles import titled
from directus_guard.checks.shared.variable_fixes import set_to
from directus_guard.finding import Severity
from directus_guard.text_safety import escape_controls
from directus_guard.weaknesses import Cwe, OwaspRisk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.environment.setting import Setting
    from directus_guard.directus.environment.settings import Environment


@environment_check(
    "storage-public",
    variables=("*_ACL", "*_ACCESS_MODE"),
    severity=Severity.HIGH,
    title="Stored files are public at the storage provider",
    summary="STORAGE_*_ACL is public-read or a Cloudinary location has access mode public: files are readable past Directus' permissions.",
    cwe=(Cwe.EXPOSED_FILES, Cwe.CRITICAL_PERMISSIONS),
    owasp=(OwaspRisk.API8, OwaspRisk.API1),
)
def storage_public(env: Environment) -> Iterator[CheckResult]:
    for name in sorted(env.settings):
        if not name.startswith("STORAGE_") or not name.endswith(("_ACL", "_ACCESS_MODE")):
            continue
        setting = env[name]
        if not setting.known:
            yield from unjudged(setting)
        elif _is_public(setting) and is_in_use(env, name):
            what, private = ("ACL", "private") if name.endswith("_ACL") else ("access mode", "authenticated")
            yield fail(
                env,
                setting,
                title=titled("{} makes stored files public", escape_controls(name)),
                message=(
                    "Anyone who knows or guesses the name of a file can read it at the storage provider. Permissions of Directus do "
                    "not count there."
                ),
                expected=f"`{private}`",
                fix=set_to(
                    name,
                    private,
                    "First let pages take files from `/assets` of Directus: addresses of the provider fail then. "
                    f"Change the {what} of the stored files at the provider too: the variable applies to new files only. "
                    "If all files are meant for everybody, accept this finding.",
                ),
            )


def _is_public(setting: Setting) -> bool:
    text = setting.text.lower()
    return text.startswith("public-read") or (setting.name.endswith("_ACCESS_MODE") and text == "public")
