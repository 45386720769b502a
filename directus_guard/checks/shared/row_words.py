"""How findings about permissions name things: the policy of a row, who holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.checks.shared.titles import titled
from directus_guard.directus.access.principals import PUBLIC, PrincipalKind
from directus_guard.directus.access.records import PUBLIC_LABEL
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.access.records import Permission
    from directus_guard.directus.export import EffectiveRow, Export

_ACTIONS: Final = {"create": "create", "read": "read", "update": "change", "delete": "delete", "share": "share"}
_MOST_HOLDERS: Final = 5


def policy_title(export: Export, policy: str, rest: str, *names: str) -> str:
    """A title about a policy (10: role): its name, then `rest` with a name for each `{}`."""
    if policy == PUBLIC_LABEL:
        return titled(f"Public policy {rest}", *names)
    if not export.model.has_policies:
        return (
            titled(f"Public role {rest}", *names) if policy == "public" else titled(f"Role {{}} {rest}", policy, *names)
        )
    return titled(f"Policy {{}} {rest}", policy, *names)


def can(export: Export, row: Permission, what: str, *names: str) -> str:
    """The title of a finding about what a row allows: who may do its action to what."""
    return policy_title(export, export.holder(row), f"can {_ACTIONS.get(row.action, row.action)} {what}", *names)


def policy(export: Export, name: str) -> str:
    """A policy (10: role) in a sentence."""
    if name == PUBLIC_LABEL:
        return "the Public policy"
    if not export.model.has_policies:
        return "the public role" if name == "public" else f"role `{escape_controls(name)}`"
    return f"policy `{escape_controls(name)}`"


def they(granted: EffectiveRow) -> str:
    """Who can do what a row allows, to begin a sentence."""
    return "Anonymous visitors" if granted.public else "Its users"


def held(export: Export, name: str, principals: tuple[Principal, ...]) -> str:
    """The sentence that says to which policy a permission belongs, and who holds that."""
    key = name, principals
    if key not in export.holder_sentences:
        export.holder_sentences[key] = _held(export, name, principals)
    return export.holder_sentences[key]


def _held(export: Export, name: str, principals: Sequence[Principal]) -> str:
    owner = policy(export, name)
    if not export.model.has_policies:
        return f"The permission belongs to {owner}."
    known = [one for one in principals if one.kind is not PrincipalKind.USER or one.id not in export.model.assumed]
    if not known:
        return f"The permission is in {owner}."
    if name == PUBLIC_LABEL and tuple(known) == (PUBLIC,):
        return f"The permission is in {owner}, which applies to every visitor."
    return f"The permission is in {owner}, held by {holders(export, known)}."


def holders(export: Export, principals: Sequence[Principal]) -> str:
    """Principals in a sentence: `the public`, roles, users."""
    shown = principals[:_MOST_HOLDERS]
    parts = ["the public"] if PUBLIC in shown else []
    for kind in (PrincipalKind.ROLE, PrincipalKind.USER):
        names = [f"`{escape_controls(export.names.get(one, one.name))[:80]}`" for one in shown if one.kind is kind]
        if names:
            parts.append(f"{kind.value}{'s' if len(names) > 1 else ''} {', '.join(names)}")
    if len(principals) > _MOST_HOLDERS:
        parts.append(f"{len(principals) - _MOST_HOLDERS} more")
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
