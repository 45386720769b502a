"""Exported configuration: the access model of one export, and what is beside it (flows, settings)."""

from __future__ import annotations

from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind, shown_names
from directus_guard.directus.access.records import Edition
from directus_guard.directus.features import HAS_EDITIONS
from directus_guard.directus.gaps import ExportPart, Gap
from directus_guard.directus.tri import Tri
from directus_guard.finding import Context

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.directus.access.filters import Filter, Json
    from directus_guard.directus.access.grants import AccessEntry
    from directus_guard.directus.access.model import AccessModel
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.access.records import Access, Permission, Policy, Role, User
    from directus_guard.directus.access.schema import Schema
    from directus_guard.directus.flows.model import FlowModel
    from directus_guard.directus.flows.records import Flow, Operation
    from directus_guard.directus.flows.start import Caller
    from directus_guard.directus.gaps import Part
    from directus_guard.directus.masks import Mask
    from directus_guard.finding import Location


class Settings(Struct, frozen=True):
    """directus_settings, as far as the export has them."""

    values: Mapping[str, Json]
    location: Location
    places: Mapping[str, Location] = MappingProxyType({})
    """Where each of them is; those of an instance are nowhere."""

    def place(self, name: str) -> Location:
        """Where a setting is, or where all of them are."""
        return self.places.get(name, self.location)


class EffectiveRow(Struct, frozen=True, gc=False):
    """One stored row that alone can allow something, and the principals it gives that to.

    `rule` is its item rule as it works by itself; it is never read on create.
    """

    row: Permission
    principals: tuple[Principal, ...]
    rule: Filter
    alike: Filter
    """The same rule for rows whose rules differ in the texts that they compare with only."""
    public: bool
    """Whether anonymous visitors are among them. The public alone among the principals, and this not: accounts without a
    role have the public's rows, too, and variables are set for them."""


_SYSTEM_KEYS: Final = {
    "directus_collections": "collection",
    "directus_sessions": "token",
    "directus_migrations": "version",
}
"""Primary keys of system collections that are not called `id` (@directus/system-data)."""


@lru_cache(maxsize=65536)
def _is_empty(rule: Filter, never_null: frozenset[str], anonymous: bool) -> bool:
    from directus_guard.directus.access.rules import matches_nothing  # noqa: PLC0415 - see `Export`

    return matches_nothing(rule, not_null=never_null, anonymous=anonymous) is Tri.YES


@lru_cache(maxsize=4096)
def _is_plainly_met(rule: Filter, never_null: frozenset[str], anonymous: bool) -> bool:
    from directus_guard.directus.access.rules import surely_matches  # noqa: PLC0415 - see `Export`

    return surely_matches(rule, never_null, anonymous=anonymous)


class Export(Struct, frozen=True, dict=True):
    """Everything one export says. Runs without an export ask whether something is one: what it computes is imported then."""

    name: str
    """The name of an access model (docs/contract.md#names): the export's folder."""
    location: Location
    model: AccessModel
    flows: tuple[Flow, ...] = ()
    operations: tuple[Operation, ...] = ()
    settings: Settings | None = None
    schema: Schema | None = None
    """The data model, where the export or a snapshot beside it tells it."""
    gaps: tuple[Gap, ...] = ()
    """What the format or this export does not tell; the tables that exporters may leave out come last."""
    possibly_public: frozenset[str] = frozenset()
    """Policies attached to the public or to a user, and the export does not say which: judged as both."""
    exporter: str = ""
    """What wrote it, by name."""
    push: str = ""
    """The command that brings it to a server; "" = there is none."""
    context: Context = Context.UNKNOWN
    live: bool = False
    """Whether it is of a running instance: then its records are in no file, and all their places are one anchor."""

    @cached_property
    def actors(self) -> tuple[tuple[Principal, PrincipalAccess], ...]:
        """Every principal that is no administrator, with its effective access."""
        pairs = ((principal, self.model.of(principal)) for principal in self.model.principals())
        return tuple((principal, access) for principal, access in pairs if not access.admin)

    @cached_property
    def public_access(self) -> Mapping[str, frozenset[str]]:
        """What anonymous visitors may do at all: actions by collection."""
        found: dict[str, frozenset[str]] = {}
        for entry in self.model.of(PUBLIC).entries():
            if self.level(entry, anonymous=True) != "none":
                found[entry.collection] = found.get(entry.collection, frozenset()) | {entry.action}
        return found

    @property
    def public_reads(self) -> frozenset[str]:
        """Collections of which they may read something."""
        return frozenset(name for name, actions in self.public_access.items() if "read" in actions)

    @cached_property
    def collections(self) -> frozenset[str]:
        """The collections that it names: those of permissions, and those of the data model."""
        modelled = frozenset(self.schema.by_collection) if self.schema else frozenset()
        return modelled | self.model.collections | frozenset(self.model.fields)

    @cached_property
    def names(self) -> Mapping[Principal, str]:
        """How principals are shown."""
        return shown_names(self.model.principals())

    @cached_property
    def holder_sentences(self) -> dict[tuple[str, tuple[Principal, ...]], str]:
        """What checks have said about who holds a policy, by its name and the holders: rows are many, holders few."""
        return {}

    @cached_property
    def mask(self) -> Mask:
        """What hides the literals of rules and presets from those who read a report."""
        from directus_guard.directus.masks import Mask, keys_of  # noqa: PLC0415 - see `Export`

        return Mask(keys_of(self.model))

    @property
    def tables(self) -> tuple[tuple[Permission | Policy | Role | Access | User | Flow | Operation, ...], ...]:
        """The records of each table that the export has, settings apart."""
        model = self.model
        return (
            model.permissions, model.policies, model.roles, model.access, model.users, self.flows, self.operations,
        )  # fmt: skip

    @cached_property
    def holders(self) -> Mapping[str | None, str]:
        """The name of each policy (10: role) by its id."""
        known: tuple[Policy | Role, ...] = self.model.policies if self.model.has_policies else self.model.roles
        return {holder.id: holder.name or holder.id for holder in known}

    def holder(self, row: Permission) -> str:
        """The name of the policy (10: role) that a row belongs to."""
        key = row.policy if self.model.has_policies else row.role
        return "public" if key is None else self.holders.get(key, key)

    @cached_property
    def admin_roles(self) -> tuple[str, ...]:
        """The keys of roles whose members are administrators."""
        roles = (Principal(PrincipalKind.ROLE, role.id) for role in self.model.roles)
        return tuple(role.id for role in roles if role.id and self.model.of(role).admin)

    @cached_property
    def effective_rows(self) -> Mapping[tuple[str, str], tuple[EffectiveRow, ...]]:
        """By collection and action, in the order of the file: the stored rows that give something to a principal that is
        no administrator."""
        holders: dict[str | None, dict[Principal, None]] = {}
        for principal, access in self.actors:
            for holder in access.holders:
                holders.setdefault(holder, {})[principal] = None
        rows: dict[tuple[str, str], list[EffectiveRow]] = {}
        stored, rule_alone, alike_of, is_empty = (
            self.model.stored,
            self.model.rule_alone,
            self.model.alike,
            self.is_empty,
        )
        for holder, held in holders.items():
            principals, public = tuple(held), PUBLIC in held
            for row in stored.get(holder, ()):
                if not row.fields and row.fields_matter:
                    continue
                collection, action = key = row.collection, row.action
                rule, alike = rule_alone(row), alike_of(row)
                if not is_empty(collection, action, rule, alike):
                    visible = public and not is_empty(collection, action, rule, alike, anonymous=True)
                    found = rows.get(key)
                    if found is None:
                        found = rows[key] = []
                    found.append(EffectiveRow(row, principals, rule, alike, visible))
        return {
            key: tuple(sorted(found, key=lambda one: one.row.location or self.location)) for key, found in rows.items()
        }

    @property
    def users(self) -> tuple[User, ...]:
        """The users, as far as it has them."""
        return self.model.users

    @cached_property
    def is_fixed(self) -> bool:
        """Whether only administrators can change permissions: no permission is on a collection of Directus, there is no flow,
        and registration is off. App access alone changes nothing of that."""
        registers = self.settings is not None and self.settings.values.get("public_registration") is True
        if registers or self.flows or self.operations:
            return False
        return not any(collection.startswith("directus_") for collection in self.model.collections)

    @cached_property
    def granted_collections(self) -> frozenset[str]:
        """The collections on which a principal who is not an administrator has a stored row that gives something."""
        return frozenset(collection for collection, _ in self.effective_rows)

    def level(self, entry: AccessEntry, *, anonymous: bool = False) -> str:
        """`Entry.level` with what the schema knows: a rule that no item can meet grants nothing."""
        none = entry.level == "none" or self.is_empty(entry.collection, entry.action, entry.rule, anonymous=anonymous)
        return "none" if none else entry.level

    def is_empty(
        self, collection: str, action: str, rule: Filter, alike: Filter | None = None, *, anonymous: bool = False
    ) -> bool:
        """Whether an item rule surely lets no item through. It is never read on create. `alike`: as `EffectiveRow` has it."""
        from directus_guard.directus.access.filters import EVERYTHING  # noqa: PLC0415 - see the class

        if action == "create" or rule == EVERYTHING:
            return False
        never_null = self.never_null(collection)
        if alike is not None and _is_plainly_met(alike, never_null, anonymous):
            return False
        return _is_empty(rule, never_null, anonymous)

    def never_null(self, collection: str) -> frozenset[str]:
        """Fields of a collection that no item has a null in: what the schema says, and the key, which is usually `id`."""
        if collection not in self._never_null:
            self._never_null[collection] = self._sure_of(collection)
        return self._never_null[collection]

    @cached_property
    def _never_null(self) -> dict[str, frozenset[str]]:
        """What `never_null` has answered, by collection: rows are many, collections few."""
        return {}

    def _sure_of(self, collection: str) -> frozenset[str]:
        from directus_guard.directus.access.counterexample import KEYS  # noqa: PLC0415 - see the class

        known = self.schema.by_collection.get(collection, {}) if self.schema else {}
        sure = {field.name for field in known.values() if field.primary_key or field.nullable is False}
        if collection.startswith("directus_"):
            sure.add(_SYSTEM_KEYS.get(collection, "id"))
        elif not any(field.primary_key for field in known.values()):
            sure |= {name for name in KEYS if name not in known or known[name].nullable is None}
        return frozenset(sure)

    @cached_property
    def anonymous_caller(self) -> Caller:
        """Whoever calls without signing in."""
        from directus_guard.directus.flows.start import Caller  # noqa: PLC0415 - see the class

        return Caller(signed_in=False, may=self._public_may)

    @cached_property
    def flow_model(self) -> FlowModel:
        """The flows as Directus runs them."""
        from directus_guard.directus.flows.model import FlowModel  # noqa: PLC0415 - see the class

        return FlowModel(self.flows, self.operations, version=self.model.version, public_may=self._public_may)

    def _public_may(self, collection: str, action: str) -> Tri:
        """Whether the public has any permission for an action on a collection."""
        if self.model.of(PUBLIC).grant(collection, action).rows:
            return Tri.YES
        unsure = self.unknown(
            (
                ExportPart.ATTACHMENTS,
                ExportPart.POLICIES,
                ExportPart.POLICY,
                ExportPart.PERMISSIONS,
                ExportPart.HIDDEN_ROWS,
            )
        )
        return Tri.UNKNOWN if unsure else Tri.NO

    @property
    def edition_known(self) -> bool:
        """Whether something tells the edition, or it does not matter before 12."""
        return not self.lacks(ExportPart.EDITION)

    @property
    def is_core(self) -> bool:
        """Whether rows with rules, validations, presets or named fields are ignored (docs/model/access.md#editions)."""
        return self.model.edition is Edition.CORE and HAS_EDITIONS.of(self.model.version)

    @property
    def notices(self) -> tuple[str, ...]:
        """What was decided where the export left a choice, for the reader of a report."""
        found = []
        found += [f"{self.name}: {gap.reason}" for gap in self.gaps if gap.part is ExportPart.EDITION]
        if self.possibly_public:
            names = ", ".join(sorted(f"`{self.holders.get(policy, policy)}`" for policy in self.possibly_public))
            found.append(f"{self.name}: attached to the public or to a user, judged as both: {names}")
        if self.schema is not None and self.schema.others:
            left_out = ", ".join(self.schema.others)
            found.append(f"{self.name}: the data model is read from {self.schema.source}; left out: {left_out}")
        return tuple(found)

    def may_be_a_users(self, policy: str) -> bool:
        """Whether a policy is attached to the public or to a user, and the export does not say to which."""
        return any(gap.part is ExportPart.POLICY and gap.subject == policy for gap in self.gaps)

    def unknown(self, needs: Iterable[ExportPart]) -> tuple[str, ...]:
        """Why what rests on these parts is not known, each reason once; files that could not be read hide every part."""
        wanted = {*needs, ExportPart.UNREAD_FILES}
        return tuple(dict.fromkeys(gap.reason for gap in self.gaps if gap.part in wanted))

    def lacks(self, part: ExportPart) -> bool:
        """Whether all of a part is not known."""
        return part in self._lacking

    @cached_property
    def _lacking(self) -> frozenset[Part]:
        return frozenset(gap.part for gap in self.gaps if not gap.subject)

    @property
    def version_known(self) -> bool:
        """Whether the version of Directus was read somewhere, rather than taken from the format."""
        return not self.lacks(ExportPart.VERSION)
