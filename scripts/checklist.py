"""docs/checklist.md: what each bullet of Directus' checklist asks for, in our words, which checks answer it, and what that rests on."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from directus_guard.checks import catalogue
from directus_guard.escalation import steps
from scripts.contract_tables import table
from tests.support.prose import anchor

OFFICIAL: Final = "https://directus.io/docs/guides/security/best-practices"
LIMITS: Final = "https://directus.io/docs/configuration/security-limits"
HEAD: Final = f"""# Checklist

For everybody who works through Directus' [Security Best Practices]({OFFICIAL}). The page has 35 statements, counted from its
beginning. Each is summarised here in our words; each section links to the original.

- **Checks** answer the statement for your project. `directus-guard scan` runs them.
- **Proof** names the steps to administrator that were carried out on real servers ([Proof](proof.md)).
- **Facts** lead to what Directus does, with the file or the measurement.
- **Tests**: each check has small projects that are wrong, correct, and not decidable. Where nothing else is named, the answer rests
  on these.

Directus' page leaves some things to you, and so does directus-guard: [Limitations](limitations.md).
"""


class Bullet(Struct, frozen=True):
    """A statement of the checklist: in our words, and what the answer rests on besides the examples of its checks."""

    says: str
    steps: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


class Chapter(Struct, frozen=True):
    """A section of the official page, with its anchor there."""

    title: str
    address: str
    bullets: tuple[Bullet, ...]


def _access(heading: str) -> tuple[str, str]:
    return heading, f"model/access.md#{anchor(heading)}"


def _environment(heading: str) -> tuple[str, str]:
    return heading, f"model/environment.md#{anchor(heading)}"


def _flows(heading: str) -> tuple[str, str]:
    return heading, f"model/flows.md#{anchor(heading)}"


_SYSTEM: Final = (_access("System collections"),)
_LINKS: Final = (_access("Merging"), _access("Validation"))

CHAPTERS: Final = (
    Chapter("Flows", "#flows", (
        Bullet("Only administrators create, change or delete flows and operations.",
               ("operation-rewrite", "flow-build"), (_flows("Rights of operations"),)),
        Bullet("Anybody can call the address of a webhook. Ask for a token or a secret, and test what is sent.",
               ("flow-trigger", "flow-drive"), (_flows("Webhooks"), _flows("Templates"))),
        Bullet("Read every Run Script operation before its flow is switched on.", (), (_flows("Scripts"),)),
    )),
    Chapter("Settings", "#settings", (
        Bullet("Only administrators change settings.", ("public-registration", "registration-role"), _SYSTEM),
        Bullet("If others must change a setting, allow this field only, and set a strict Content-Security-Policy.", (), _SYSTEM),
    )),
    Chapter("Users, roles and policies", "#users-roles-policies", (
        Bullet("Only administrators create, change or delete users, roles and policies.",
               ("new-user", "promote-user", "role-parent", "child-role", "role-admin-access", "new-admin-role",
                "attach-policy", "reattach-policy", "policy-admin-access", "new-admin-policy", "delete-lock",
                "take-over-token", "take-over-password", "take-over-email"), _SYSTEM),
        Bullet("Users who edit their profile change their own record only, without `role` and `policies`.",
               ("own-role", "own-policies", "change-mentioned"), (_access("Dynamic variables"),)),
        Bullet("Users who invite others cannot choose the role, and cannot change `role` of existing users.",
               ("invite", "preset-not-locked", "foreign-key-deny-list"), (_access("Presets"), _access("Validation"))),
        Bullet("Anyone who may create users with any role can create an administrator.", ("new-user",), (_access("Presets"),)),
    )),
    Chapter("Permissions", "#permissions", (
        Bullet("Only administrators create, change or delete permissions.",
               ("permission-create", "permission-update", "public-permission"), _SYSTEM),
        Bullet("Anyone who may change permissions can give themselves any access.", ("permission-update",), _SYSTEM),
    )),
    Chapter("Extensions", "#extensions", (
        Bullet("Extensions run in the server. Anyone who switches them off can remove a protection.", (), _SYSTEM),
        Bullet("Only administrators change extensions.", (), _SYSTEM),
        Bullet("Keep `MARKETPLACE_TRUST` at `sandbox` in production, unless each extension was reviewed.",
               (), (_environment("Marketplace"),)),
        Bullet("Install extensions with the deployment, so that they are reviewed as code.", (), (_environment("Marketplace"),)),
    )),
    Chapter("Data model", "#data-model-fields-collections-relations", (
        Bullet("Only administrators change collections, fields and relations.", (), _SYSTEM),
    )),
    Chapter("Activity", "#activity", (
        Bullet("Only administrators read the activity log; users at most their own entries.", (), _SYSTEM),
    )),
    Chapter("Revisions and versions", "#revisions-versions", (
        Bullet("Only administrators read revisions and versions: both hold contents of items.", (), _SYSTEM),
        Bullet("If others read revisions of a collection, an item rule repeats what they may read there.",
               (), (_access("Item rules"),)),
    )),
    Chapter("Sessions and shares", "#sessions", (
        Bullet("Only administrators have access to sessions and shares: both hold tokens.", (), _SYSTEM),
    )),
    Chapter("Public role", "#minimize-the-public-role", (
        Bullet("The public has access only to what is meant for everybody. Try it as a visitor.",
               ("public-permission",), (_access("Principals"), ("Endpoints for visitors", "model/live.md#endpoints-for-visitors"))),
        Bullet("If only a part is public, limit the items and the fields.", (), (_access("Item rules"),)),
    )),
    Chapter("Junction collections", "#scope-junction-table-permissions", (
        Bullet("The permissions of a junction are as strict as those of the collections that it connects.", (), _LINKS),
        Bullet("Where it fits, users connect only what is theirs.", (), (_access("Dynamic variables"), *_LINKS)),
        Bullet("Limit which keys a connection may have.", (), _LINKS),
    )),
    Chapter("Public uploads", "#restrict-public-file-uploads", (
        Bullet("The public creates no files. A flow that tests the file may accept uploads.", (), _SYSTEM),
        Bullet("Limit the size and the types of uploads.", (), (_environment("Casting"),)),
    )),
    Chapter("Two-factor authentication", "#require-two-factor-authentication-for-administrators", (
        Bullet("Every administrator uses a second factor. Review the list of administrators.",
               (), (_access("Two-factor authentication"),)),
    )),
    Chapter("Server", LIMITS, (
        Bullet("Variables for tokens, cookies, headers and limits are on a page of their own, Security & Limits.",
               (), (_environment("Cookies, CORS and proxies"), _environment("Response headers"))),
    )),
    Chapter("File imports", "#block-internal-ips-for-file-imports", (
        Bullet("`IMPORT_IP_DENY_LIST` denies private networks and localhost, over IPv4 and IPv6.", (), (_environment("Import deny list"),)),
        Bullet("Before others import files, review the list, and add the metadata addresses of your cloud.",
               (), (_environment("The default list"),)),
    )),
    Chapter("Content-Security-Policy", "#harden-content-security-policy-when-using-custom-css", (
        Bullet("The directives for pictures, connections, fonts and styles name only hosts that you need.",
               (), (_environment("Content-Security-Policy"),)),
        Bullet("Uploaded files have a policy of their own.", (), (_environment("Content-Security-Policy"),)),
    )),
    Chapter("Asset requests", "#prefer-authorization-headers-for-asset-requests", (
        Bullet("Programs send tokens in the `Authorization` header, not in the address."),
        Bullet("Where no header can be sent, the token in the address is short-lived."),
    )),
)  # fmt: skip
"""In the order of the official page; the number of a bullet is its place, from 1."""


def checklist_page() -> str:
    """The whole page."""
    lines = [HEAD]
    number = 0
    for chapter in CHAPTERS:
        address = chapter.address if chapter.address.startswith("https:") else OFFICIAL + chapter.address
        rows = []
        for bullet in chapter.bullets:
            number += 1
            rows.append((str(number), bullet.says, _checks(number), _evidence(bullet)))
        lines += [
            f"## {chapter.title}",
            "",
            f"[This section on the page of Directus]({address})",
            "",
            table(("no.", "asks for", "checks", "rests on"), rows),
        ]
    return "\n".join(lines)


def section_of(number: int) -> str:
    """The anchor of the section that has a bullet."""
    last = 0
    for chapter in CHAPTERS:
        last += len(chapter.bullets)
        if number <= last:
            return anchor(chapter.title)
    raise ValueError(number)


def _checks(number: int) -> str:
    answering = [check for check in catalogue().values() if number in check.checklist]
    return ", ".join(f"[{check.id}](../directus_guard/checks/{check.chapter}/{check.id}.md)" for check in answering)


def _evidence(bullet: Bullet) -> str:
    """What the answer to a bullet rests on."""
    known = [kind.id for kind in steps()]
    unknown = set(bullet.steps) - {*known}
    assert not unknown, unknown
    proof = [f"[{step}](proof.md#{step})" for step in known if step in bullet.steps]
    facts = [f"[{title}]({target})" for title, target in bullet.facts]
    parts = [f"Proof: {', '.join(proof)}."] if proof else []
    parts += [f"Facts: {', '.join(facts)}."] if facts else []
    return " ".join(parts) or "Tests."
