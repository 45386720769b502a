"""Small instances: an administrator, two roles, the public, and the rows a test gives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from directus_guard.directus.access.model import AccessModel
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind
from directus_guard.directus.access.records import PUBLIC_POLICY, Access, Edition, Permission, Policy, Role, User
from directus_guard.directus.access.schema import Schema
from directus_guard.directus.export import Export, Settings
from directus_guard.directus.flows.records import Flow, Operation
from directus_guard.directus.versions import Version
from directus_guard.escalation import Path, Paths, Unplanned
from directus_guard.finding import Location

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ADMIN: Final = "11111111-1111-4111-8111-111111111111"
EDITOR: Final = "22222222-2222-4222-8222-222222222222"
CUSTOMER: Final = "33333333-3333-4333-8333-333333333333"
ADMIN_POLICY: Final = "aaaaaaaa-1111-4111-8111-111111111111"
EDITOR_POLICY: Final = "aaaaaaaa-2222-4222-8222-222222222222"
CUSTOMER_POLICY: Final = "aaaaaaaa-3333-4333-8333-333333333333"
ME: Final = {"id": {"_eq": "$CURRENT_USER"}}
PLACE: Final = Location("export.json")


@dataclass(frozen=True)
class Row:
    """A permission row, in short."""

    collection: str
    action: str
    fields: tuple[str, ...] = ("*",)
    rule: Any = None
    validation: Any = None
    presets: Any = None


@dataclass(frozen=True)
class World:
    """Who has which rows, and what stands beside them."""

    editor: Sequence[Row] = ()
    public: Sequence[Row] = ()
    customer: Sequence[Row] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    users: tuple[User, ...] = ()
    access: tuple[Access, ...] = ()
    flows: tuple[Flow, ...] = ()
    operations: tuple[Operation, ...] = ()

    def export(
        self, version: str = "11.17.4", edition: Edition = Edition.LICENSED, schema: Schema | None = None
    ) -> Export:
        """As an export of that version."""
        parsed = Version.parse(version)
        assert parsed is not None
        old = parsed.major < 11
        held = [(EDITOR_POLICY, EDITOR, row) for row in self.editor]
        held += [(PUBLIC_POLICY, None, row) for row in self.public]  # type: ignore[misc]  # 10: no role is the public
        held += [(CUSTOMER_POLICY, CUSTOMER, row) for row in self.customer]
        permissions = tuple(
            Permission(
                row.collection, row.action, row.rule, row.validation, row.presets, row.fields,
                policy=None if old else policy, role=role if old else None, id=number,
                location=Location("permissions.json", number + 1),
            )
            for number, (policy, role, row) in enumerate(held, start=1)
        )  # fmt: skip
        attached = (
            Access(ADMIN_POLICY, ADMIN, id="access-1"), Access(EDITOR_POLICY, EDITOR, id="access-2"),
            Access(CUSTOMER_POLICY, CUSTOMER, id="access-3"), Access(PUBLIC_POLICY, id="access-4"), *self.access,
        )  # fmt: skip
        policies = (
            Policy(ADMIN_POLICY, "Administrator", admin_access=True), Policy(EDITOR_POLICY, "Editor"),
            Policy(CUSTOMER_POLICY, "Customer"), Policy(PUBLIC_POLICY, "Public"),
        )  # fmt: skip
        model = AccessModel(
            version=parsed,
            edition=edition,
            roles=(Role(ADMIN, "Administrator", admin_access=old), Role(EDITOR, "Editor"), Role(CUSTOMER, "Customer")),
            policies=() if old else policies,
            access=() if old else attached,
            permissions=permissions,
            users=self.users,
        )
        settings = Settings(self.settings, Location("settings.json", 3)) if self.settings else None
        return Export(
            "test", PLACE, model, flows=self.flows, operations=self.operations, settings=settings, schema=schema
        )


THE_EDITOR: Final = Principal(PrincipalKind.ROLE, EDITOR, "Editor")
THE_CUSTOMER: Final = Principal(PrincipalKind.ROLE, CUSTOMER, "Customer")
THE_PUBLIC: Final = PUBLIC


SQLITE: Final = Schema(vendor="sqlite", broken=True)
"""Of the data model it is only known that the database compares keys as texts."""


def path_of(
    world: World, principal: Principal = THE_EDITOR, version: str = "11.17.4", schema: Schema | None = None
) -> Path | None:
    """The path of one principal."""
    return Paths(world.export(version, schema=schema)).of(principal)


def answer_of(
    world: World, principal: Principal = THE_EDITOR, version: str = "11.17.4", schema: Schema | None = None
) -> Path | Unplanned | None:
    """What is said of one principal: a path, or that something is reached for which there is no plan."""
    return Paths(world.export(version, schema=schema)).answer(principal)


def confidence(world: World, version: str, *, visitor: bool = False) -> str:
    """What is said of the editor, or of a visitor: how sure a path is, `not evaluated`, or `nothing`."""
    answer = answer_of(world, THE_PUBLIC if visitor else THE_EDITOR, version)
    if isinstance(answer, Path):
        return answer.confidence.value
    return "not evaluated" if isinstance(answer, Unplanned) else "nothing"


def names(path: Path | None) -> list[str] | None:
    """The ids of a path's steps, in order; None without a path."""
    return None if path is None else [step.id for step in path.steps]


def flow(trigger: str = "webhook", status: str = "active", **options: Any) -> Flow:
    """A flow of one operation."""
    return Flow("flow-1", "Sign up", status, trigger, options, "operation-1", Location("flows.json", 2))


def operation(type_: str = "item-create", **options: Any) -> Operation:
    """Its operation."""
    place = Location("operations.json", 2)
    return Operation("operation-1", "make", type_, "flow-1", options, None, None, place)
