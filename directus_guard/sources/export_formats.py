"""What each exporter always writes. What is missing of that was taken away, and the export is incomplete without it.

Read from the exporters: Environment Sync (`RESOURCE_LIST` and `writeDataFiles` of `@directus/cli` 12.2.1), directus-sync 3.4.1
(`dist/lib/services/collections/*/data-mapper.js`), schema-sync 4.0.0 (`install/schema-sync/directus_config.js`),
directus-template-cli (`src/lib/extract`, `src/lib/utils/system-fields.ts`) and GET answers; docs/model/exports.md.
Every exporter can be set to leave out users, flows, operations and settings: without them what they say is not
evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.lazy_pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from directus_guard.sources.exports.records import ExportRecord


class ExportFormat(Struct, frozen=True):
    """One exporter."""

    name: str
    tables: frozenset[str]
    """Tables that are always there where one about access is."""
    leaves_out: frozenset[str] = frozenset()
    """Members that it may leave out, as `roles.parent`; every other column that is read of those tables is always there."""
    metadata: str = ""
    """A file that it always writes beside the tables."""
    push: str = ""
    """The command that brings edited files to a server; "" = the exporter only reads."""

    def writes(self, member: str) -> bool:
        """Whether it always writes a member of a table, as `roles.parent`."""
        return member not in self.leaves_out


_ALL: Final = frozenset({"permissions", "policies", "access", "roles"})
ENVIRONMENT_SYNC: Final = ExportFormat(
    "Environment Sync", _ALL - {"roles"}, metadata="metadata.json", push="d6s sync push --to PROFILE"
)
"""`--only policies` brings permissions and access, and no roles; where there are any, `metadata.json` lists them."""
DIRECTUS_SYNC: Final = ExportFormat("directus-sync", _ALL - {"access"}, push="npx directus-sync push")
"""Who has which policy is a member of the policies."""
SCHEMA_SYNC: Final = ExportFormat(
    "schema-sync", _ALL, push="npx directus schema-sync hash && npx directus schema-sync import"
)
"""It imports only what its hashes say has changed."""
TEMPLATE: Final = ExportFormat(
    "directus-template-cli",
    _ALL,
    frozenset({"roles.parent", "policies.ip_access"}),
    push="npx directus-template-cli apply",
)
"""Its list of fields of roles is older than `parent`; templates that people put together have no `ip_access`."""
ANSWERS: Final = ExportFormat("the API", _ALL)
"""Where roles, policies or users name the attachments, `access` may be left out."""

_HASHED: Final = lazy_pattern(r"directus-[a-z]+_[0-9a-f]{16}\.json")
_IN_FULL: Final = lazy_pattern(r"(?:.*_)?directus_[a-z]+\.json")


def format_of(folder: str, records: Iterable[ExportRecord]) -> ExportFormat:
    """The exporter that wrote the records of a folder, by the names of the files and the kind of keys."""
    paths: set[str] = set()
    for record in records:
        if record.has("_syncId"):
            return DIRECTUS_SYNC
        paths.add(record.location.path)
    names = {path.rpartition("/")[2].lower() for path in paths}
    if any(map(_HASHED.fullmatch, names)):
        return ENVIRONMENT_SYNC
    if any(map(_IN_FULL.fullmatch, names)):
        return SCHEMA_SYNC
    return TEMPLATE if folder.rpartition("/")[2].lower() == "src" else ANSWERS
