"""What versions of Directus have and do differently: every place that distinguishes versions names the difference here.

A new major is one row in `versions`, one in each data table, and whatever it changes below.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Feature(Struct, frozen=True):
    """Something that Directus has from version `since` on, up to, and without, `until`."""

    since: tuple[int, ...] = (0,)
    until: tuple[int, ...] = (9999,)

    def of(self, version: tuple[int, ...]) -> bool:
        """Whether this version has it. A bare major, `(11,)`, means its first version."""
        return self.since <= version < self.until

    def of_major(self, major: int) -> bool:
        """Whether the first version of a major has it: for differences between majors."""
        return self.of((major,))


ALWAYS: Final = Feature()
NEVER: Final = Feature(until=(0,))

# --- access (docs/model/access.md) ------------------------------------------------------------------------------------

HAS_POLICIES: Final = Feature(since=(11,))
"""Policies, attached to roles and users, hold the permissions. Before, the role itself did, and there was one."""
KEEPS_PERMISSIONS_IN_ROLES: Final = Feature(until=(11,))
"""The time before policies: `admin_access` is in the role."""
HAS_EDITIONS: Final = Feature(since=(12,))
"""Without a licence it runs as Core, which ignores rows with rules, validations, presets or named fields."""
READS_LINKED_ROWS_FIRST: Final = Feature(since=(12,))
"""Rows that a payload links are looked at first, as whoever asks: who may not read them cannot link them."""
REFUSES_LISTS_OF_KEYS: Final = Feature(since=(12,))
"""An operation that is given a list of keys within the list of keys fails (measured: 10.13.4 and 11.17.4 take it)."""
JUDGES_FIELDS_PER_ROW: Final = Feature(since=(11,))
"""A field may be read or written only on the items of the rows that name it."""
DELETES_WITHOUT_FIELDS: Final = Feature(since=(11,))
"""A row that names no field may allow to delete."""
GROUP_ENDS_QUANTIFIER: Final = Feature(since=(11,))
"""`_some` and `_none` over a group (`_and`, `_or`) without an operator of its own count as an empty rule."""
COMPARES_NUMBERS_AS_TEXT: Final = Feature(since=(11,))
"""Validation takes the text of a number for that number, too."""
HAS_COMMENTS: Final = Feature(since=(11, 1, 1))
"""Comments have a collection of their own; before, they stood in directus_activity."""
APP_READS_PROVIDER: Final = Feature(since=(11, 14))
"""App access reads `provider` of the own user."""
APP_READS_NAMED_SETTINGS: Final = Feature(since=(12, 2))
"""App access reads named fields of the settings, no longer all."""
RECOMMENDS_NAMED_SHARE_FIELDS: Final = Feature(since=(12, 3, 1))
"""The recommended rows on directus_shares name their fields."""
CONCEALS_IN_AGGREGATES: Final = Feature(since=(11, 17))
"""Concealed fields are not revealed by aggregates or searches (CVE-2026-35442, CVE-2025-64748)."""
SECOND_FACTOR_OF_EVERY_POLICY: Final = Feature(since=(12, 5))
"""A policy that enforces two-factor authentication does so also where it is inherited or attached to a user."""
# --- flows (docs/model/flows.md) --------------------------------------------------------------------------------------

RUNS_SCRIPTS_IN_VM2: Final = Feature(until=(10, 6))
"""Scripts run in vm2, and may load the modules that FLOWS_EXEC_ALLOWED_MODULES names; later in an isolate."""
VISITOR_HAS_ROLES: Final = Feature(since=(11,))
"""`$accountability` of an anonymous caller has `roles`; before, it had `permissions`."""
TEMPLATES_REJECT: Final = Feature(since=(11, 7))
"""Before, a template that cannot be rendered ended the whole flow (api 26.0.1; measured on 10.13.4)."""
PARSES_CONDITIONS: Final = Feature(since=(11, 7))
"""The rule of a condition is read like an item rule; before, it was compared as it is."""
MANUAL_NEEDS_READ: Final = Feature(since=(11, 9))
"""Before, a manual flow could be started by anybody (CVE-2025-53889)."""
MANUAL_NEEDS_SIGN_IN: Final = Feature(since=(12, 2))
"""From 11.9 on the public could still start a manual flow for a collection it may read: the check asked only whether there is
an accountability at all (api 28.0.2 to 37.0.1)."""

DELETES_AFTER_FLOWS: Final = Feature(since=(11,))
"""Blocking flows of `items.delete` run before permissions are asked for (measured: not on 10.13.4, on 11.17.4 and 12.4.1)."""

# --- environment (docs/model/environment.md) --------------------------------------------------------------------------

HAS_ENV_PACKAGE: Final = Feature(since=(10, 9))
"""@directus/env casts the variables; before, the API's own env.js did."""
KEY_IS_A_SECRET: Final = Feature(until=(11,))
"""KEY identifies the project; from 11 on it is not read (docs/model/environment.md#variables-by-version)."""
TRUSTS_PROXIES: Final = Feature(until=(12,))
"""IP_TRUST_PROXY is on by default."""
HAS_SESSION_COOKIES: Final = Feature(since=(10, 10))
"""SESSION_COOKIE_… is in api 18.0.0 (Directus 10.10.0), not in 17.1.0 (10.9.3)."""
HAS_MARKETPLACE: Final = Feature(since=(10, 10))
"""Administrators install extensions from a registry: in api 18.0.0 (Directus 10.10.0), not in 17.1.0 (10.9.3)."""
HAS_METRICS: Final = Feature(since=(11, 8))
HAS_AI: Final = Feature(since=(11, 15))
HAS_OPENAPI_SWITCH: Final = Feature(since=(11, 16))
"""OPENAPI_ENABLED exists."""
HAS_MCP_OAUTH: Final = Feature(since=(12,))
MAPS_ROLES: Final = Feature(since=(11,))
"""ROLE_MAPPING is not in `auth/drivers` of `@directus/api` 21.0.2 (Directus 10.13) and is in 35.2.0."""

# --- IMPORT_IP_DENY_LIST (docs/model/environment.md#import-deny-list) -------------------------------------------------

CHECKS_SOCKETS: Final = Feature(since=(10, 9, 3))
"""Each connection is checked, with ip-matching; before, addresses were compared as texts."""
LOOPBACK_IS_A_SUBNET: Final = (Feature(since=(10, 13, 3), until=(11,)), Feature(since=(11, 1)))
"""`0.0.0.0` denies 127.0.0.0/8; without, the addresses of the interfaces only."""
ENCRYPTS_WITH_SECRET: Final = Feature(since=(11, 16))
"""`SECRET` encrypts stored keys: those of AI providers, of deployments, the licence."""
USES_BLOCK_LIST: Final = Feature(since=(11, 16))
"""Node's BlockList decides, which also covers mapped addresses."""
DENIES_UNSPECIFIED: Final = Feature(since=(12,))
"""`0.0.0.0` as a target counts as the machine itself."""

# --- Content-Security-Policy (docs/model/environment.md#content-security-policy) --------------------------------------

THROWS_AT_UNQUOTED_KEYWORDS: Final = Feature(since=(11, 1, 2))
"""helmet 8 is a dependency of @directus/api."""
LEAVES_OUT_THE_CDN: Final = Feature(since=(10, 8))
"""Images and media of cdn.directus.io are no longer allowed."""
ALLOWS_GITHUB_IMAGES: Final = Feature(since=(10, 10))
"""The Studio shows pictures of extensions and their authors from GitHub."""
ALLOWS_WEBSOCKETS: Final = Feature(since=(11, 1))
"""`connect-src` has `wss://*`."""
QUOTES_NONE: Final = Feature(since=(11, 2))
"""The assets policy begins with a quoted `'none'`; before, with a host of that name."""
