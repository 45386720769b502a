"""How a running instance and an export of it differ where security depends on it, and which side allows more.

Access is compared by what it lets each principal do (`access_change`), never by how the rows spell it. Flows, settings and
the protections of policies are compared by what Directus reads of them.
"""

from __future__ import annotations

import json
from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from directus_guard.directus.access.change import Comparison
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import Edition
from directus_guard.directus.content import content_key
from directus_guard.directus.gaps import ExportPart
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from directus_guard.directus.access.change import Gain
    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.model import AccessModel
    from directus_guard.directus.access.records import Permission, Policy, Role
    from directus_guard.directus.export import Export
    from directus_guard.directus.flows.records import Flow
    from directus_guard.finding import Location


class Side(Enum):
    """The side that allows more."""

    INSTANCE = "instance"
    REPOSITORY = "repository"
    NEITHER = "neither"


class Difference(Struct, frozen=True):
    """One thing that differs. `kind` is a word of docs/contract.md#json-v1; texts are safe to show."""

    kind: str
    about: str
    """The name of the collection, role, policy, flow or setting."""
    name: str
    """What identifies the difference."""
    wider: Side
    message: str
    location: Location
    certain: bool = True
    """Whether it is known that one side allows more."""
    values: tuple[str, str] | None = None
    """What the repository and the instance have, where it can be shown: switches and numbers."""
    policies: tuple[str, ...] = ()
    """The names of the policies (10: roles) whose permissions differ."""


ACCESS: Final = (ExportPart.ATTACHMENTS, ExportPart.PERMISSIONS, ExportPart.POLICIES, ExportPart.POLICY)
"""Without these access cannot be compared."""

_SETTINGS: Final[Mapping[str, Json]] = {
    "public_registration": False,
    "public_registration_verify_email": True,
    "public_registration_role": None,
    "public_registration_email_filter": None,
    "auth_login_attempts": 25,
    "auth_password_policy": None,
    "custom_css": None,
    "mcp_enabled": False,
    "mcp_allow_deletes": False,
    "storage_asset_transform": "all",
    "ai_openai_compatible_base_url": None,
}
"""Settings that security depends on, and what Directus takes where they are not set."""
_WIDER_IF_TRUE: Final = frozenset({"public_registration", "mcp_enabled", "mcp_allow_deletes"})


def best_match(instance: Export, exports: tuple[Export, ...]) -> Export | None:
    """The export that describes the instance: the only one, or the one that shares most roles and policies with it.

    None where that is not known.
    """
    if len(exports) == 1:
        return exports[0]
    known = _ids(instance.model)
    shared = sorted(((len(known & _ids(one.model)), index) for index, one in enumerate(exports)), reverse=True)
    return exports[shared[0][1]] if shared and shared[0][0] > shared[1][0] else None


def _ids(model: AccessModel) -> set[str]:
    return {role.id for role in model.roles} | {policy.id for policy in model.policies}


def differences(instance: Export, export: Export) -> Iterator[Difference]:
    """All differences, in no order; without access where either side does not have all of it (`ACCESS`)."""
    if instance.model.edition is Edition.CORE:  # what Core ignores is no difference
        export = replace(export, model=replace(export.model, edition=Edition.CORE))
    compared = _Compared(instance, export)
    if not instance.unknown(ACCESS) and not export.unknown(ACCESS):
        yield from compared.access()
        yield from compared.protections()
    if not instance.lacks(ExportPart.FLOWS) and not instance.lacks(ExportPart.OPERATIONS):
        yield from compared.flows()
    yield from compared.settings()


class _Compared:
    def __init__(self, instance: Export, export: Export) -> None:
        self.instance, self.export = instance, export

    def access(self) -> Iterator[Difference]:
        pairs = tuple(self._principals())
        comparison = Comparison(self._sure_of)
        for here, there in pairs:
            live = self.instance.model.of(here) if here else None
            exported = self.export.model.of(there) if there else None
            name = escape_controls((here or there or PUBLIC).name)
            admin = live is not None and live.admin, exported is not None and exported.admin
            if admin[0] != admin[1]:
                wider = Side.INSTANCE if admin[0] else Side.REPOSITORY
                yield self._of(
                    "role",
                    f"{name} administrator",
                    wider,
                    f"`{name}` is administrator in the {wider.value} only.",
                    there,
                    about=name,
                )
            elif live is None or exported is None:
                wider = Side.REPOSITORY if live is None else Side.INSTANCE
                yield self._of("role", name, wider, f"The role `{name}` is in the {wider.value} only.", there)
            elif not any(admin):
                yield from self._gains(here or there or PUBLIC, comparison.gains(exported, live), Side.INSTANCE)
                yield from self._gains(
                    here or there or PUBLIC, comparison.gains(live, exported, backwards=True), Side.REPOSITORY
                )

    def _gains(self, principal: Principal, gains: tuple[Gain, ...], wider: Side) -> Iterator[Difference]:
        """One difference per collection: what a principal may do there on one side only."""
        by_collection: dict[tuple[str, bool], list[Gain]] = {}
        for gain in gains:
            by_collection.setdefault((gain.collection, gain.certain), []).append(gain)
        for (collection, certain), found in sorted(by_collection.items()):
            name = escape_controls(collection)
            actions = ", ".join(sorted({gain.action for gain in found}))
            rows = [row.permission for gain in found for row in gain.rows]
            granted = ", ".join(sorted({f"`{escape_controls(row.granted_by)}`" for gain in found for row in gain.rows}))
            difference = self._of(
                "permission",
                f"{escape_controls(principal.name)} {name}",
                wider,
                f"In the {wider.value} {_who(principal)} may {actions} more of `{name}`{_fields(found)}, through {granted}.",
                about=name,
                rows=rows,
                certain=certain,
            )
            yield replace(difference, policies=tuple(sorted({row.granted_by for gain in found for row in gain.rows})))

    def _principals(self) -> Iterator[tuple[Principal | None, Principal | None]]:
        """The public and the roles of both sides, by id, else by a unique name. Users have no records in most exports, so
        they are not compared."""
        live = [one for one in self.instance.model.principals() if one.kind is PrincipalKind.ROLE]
        exported = [one for one in self.export.model.principals() if one.kind is PrincipalKind.ROLE]
        by_id = {one.id: one for one in exported}
        names = Counter(one.name for one in exported)
        by_name = {one.name: one for one in exported if names[one.name] == 1}
        left = dict.fromkeys(exported)
        yield PUBLIC, PUBLIC
        for one in live:
            other = by_id.get(one.id) or by_name.get(one.name)
            if other is not None and other in left:
                del left[other]
                yield one, other
            else:
                yield one, None
        yield from ((None, one) for one in left)

    def protections(self) -> Iterator[Difference]:
        """Two-factor authentication and IP addresses that policies (10: roles) require."""
        exported = {one.id: one for one in _holders(self.export.model)}
        for one in _holders(self.instance.model):
            other = exported.get(one.id)
            if other is None:
                continue
            name = escape_controls(one.name or one.id)
            if one.enforce_tfa != other.enforce_tfa:
                wider = Side.REPOSITORY if one.enforce_tfa else Side.INSTANCE
                text = f"In the {wider.value} `{name}` does not require two-factor authentication."
                yield self._of("policy", f"{name} enforce_tfa", wider, text, about=name, location=other.location)
            if set(one.ip_access) != set(other.ip_access):
                wider = (
                    Side.NEITHER
                    if one.ip_access and other.ip_access
                    else Side.INSTANCE
                    if other.ip_access
                    else Side.REPOSITORY
                )
                text = f"`{name}` allows other IP addresses in the instance than in the repository."
                yield self._of("policy", f"{name} ip_access", wider, text, about=name, location=other.location)

    def flows(self) -> Iterator[Difference]:
        if not self.export.flows:
            return  # the format may have no flows at all
        exported = {flow.id: flow for flow in self.export.flows}
        for flow in self.instance.flows:
            name, other = escape_controls(flow.name or flow.id), exported.pop(flow.id, None)
            if other is None:
                if flow.status == "active":
                    text = f"The active flow `{name}` ({escape_controls(flow.trigger)}) is in the instance only."
                    yield self._of("flow", name, Side.INSTANCE, text)
                continue
            if flow.status != other.status:
                wider = Side.INSTANCE if flow.status == "active" else Side.REPOSITORY
                text = f"The flow `{name}` is active in the {wider.value} only."
                yield self._of("flow", f"{name} status", wider, text, about=name, location=other.location)
            if self._content(self.instance, flow) != self._content(self.export, other):
                text = f"The trigger or the operations of the flow `{name}` differ between the instance and the repository."
                yield self._of("flow", f"{name} content", Side.NEITHER, text, about=name, location=other.location)
        for flow in exported.values():
            if flow.status == "active":
                name = escape_controls(flow.name or flow.id)
                text = f"The active flow `{name}` is in the repository only."
                yield self._of("flow", name, Side.REPOSITORY, text, location=flow.location)

    def _content(self, export: Export, flow: Flow) -> str:
        operations = sorted(
            (one.key, one.type, content_key(_sorted(dict(one.options))), one.resolve or "", one.reject or "")
            for one in export.operations
            if one.flow == flow.id
        )
        return content_key((flow.trigger, _sorted(dict(flow.options)), flow.operation, operations))

    def settings(self) -> Iterator[Difference]:
        live, exported = self.instance.settings, self.export.settings
        if live is None or exported is None:
            return
        for key, default in _SETTINGS.items():
            if key not in live.values or key not in exported.values:
                continue
            here, there = (default if held.values[key] is None else held.values[key] for held in (live, exported))
            if _sorted(here) == _sorted(there):
                continue
            wider = Side.NEITHER
            if key in _WIDER_IF_TRUE:
                wider = Side.INSTANCE if here else Side.REPOSITORY
            elif key == "public_registration_verify_email":
                wider = Side.REPOSITORY if here else Side.INSTANCE
            elif isinstance(here, int) and isinstance(there, int):
                wider = Side.INSTANCE if here > there else Side.REPOSITORY
            text = f"The setting `{key}` differs between the instance and the repository."
            found = self._of("settings", key, wider, text, location=exported.location)
            plain = isinstance(here, (bool, int)) and isinstance(there, (bool, int))
            yield replace(found, values=(json.dumps(there), json.dumps(here))) if plain else found

    def _sure_of(self, collection: str) -> frozenset[str] | None:
        known = self.instance.schema.by_collection.get(collection) if self.instance.schema else None
        if known is None:
            return None
        return frozenset(field.name for field in known.values() if field.primary_key or field.nullable is False)

    def _of(
        self,
        kind: str,
        name: str,
        wider: Side,
        message: str,
        principal: Principal | None = None,
        *,
        about: str = "",
        rows: list[Permission] | None = None,
        location: Location | None = None,
        certain: bool = True,
    ) -> Difference:
        """Its place is in the export: the row that allows more, the policy or role concerned, or the beginning."""
        places = sorted(row.location for row in rows or () if row.location)
        concerned = {row.policy or row.role for row in rows or ()}
        places += sorted(one.location for one in _holders(self.export.model) if one.id in concerned and one.location)
        if principal is not None:
            places += [role.location for role in self.export.model.roles if role.id == principal.id and role.location]
        place = location or (places[0] if places else self.export.location)
        return Difference(kind, about or name, name, wider, message, place, certain)


def _holders(model: AccessModel) -> tuple[Policy | Role, ...]:
    return model.policies if model.has_policies else model.roles


def _who(principal: Principal) -> str:
    return "anonymous visitors" if principal == PUBLIC else f"role `{escape_controls(principal.name)}`"


def _fields(gains: list[Gain]) -> str:
    """The fields concerned, in brackets with a space before them; "" where all are."""
    names = sorted({name for gain in gains for name in gain.fields})
    if not names or "*" in names:
        return ""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f" ({', '.join(f'`{escape_controls(name)}`' for name in names[:_NAMED])}{more})"


_NAMED: Final = 5
"""How many fields a text names."""


def _sorted(value: object) -> object:
    """JSON with its keys in order, without null: equal for two exports of the same thing."""
    if isinstance(value, dict):
        return tuple((key, _sorted(item)) for key, item in sorted(value.items()) if item is not None)
    if isinstance(value, list | tuple):
        return tuple(map(_sorted, value))
    return value
