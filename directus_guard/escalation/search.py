"""From what a principal may do to administrator: named steps with their preconditions, the shortest path first.

Steps rest on measurements on 10.13.4, 11.17.4 and 12.4.1 (`tests/truth/escalations.json`) and on Directus' code (facts §3.6);
what was not carried out on a server has a lower confidence. A step that needs a value nobody showed the attacker says where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from directus_guard.directus.filters import NOTHING, And, Condition, Filter, Or
from directus_guard.directus.principals import PrincipalKind
from directus_guard.directus.rules import Answer, confined_to_current_user, implies
from directus_guard.directus.validation import pins
from directus_guard.finding import Confidence, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from directus_guard.directus.access import AccessModel, Grant, Permission, PrincipalAccess
    from directus_guard.directus.export import Export


@dataclass(frozen=True, slots=True)
class Path:
    """A way to administrator: its steps, the rows that allow it, and how sure it is."""

    name: str
    steps: tuple[Step, ...]
    rows: tuple[Permission, ...]
    confidence: Confidence = Confidence.HIGH


def shortest(export: Export, access: PrincipalAccess) -> Path | None:
    """The shortest way to administrator that the principal's permissions allow; None if the model knows none.

    Administrators need no way.
    """
    if access.admin:
        return None
    actor = _Actor(export, access)
    found = [path for step in STEPS for path in step(actor)]
    return min(found, key=lambda path: (len(path.steps), _CONFIDENCES.index(path.confidence)), default=None)


_CONFIDENCES: Final = (Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)


class _Actor:
    """A principal, and the questions the steps ask about it."""

    def __init__(self, export: Export, access: PrincipalAccess) -> None:
        self.export = export
        self.model: AccessModel = export.model
        self.access = access
        self.major = export.model.version.major
        self.admin_roles: tuple[str, ...] = export.admin_roles
        self.admin_policies: tuple[str, ...] = tuple(policy.id for policy in self.model.policies if policy.admin_access)

    def grant(self, collection: str, action: str) -> Grant:
        return self.access.grant(collection, action)

    def reaches(self, collection: str, action: str, *names: str) -> bool:
        grant = self.grant(collection, action)
        return bool(grant.rows) and all(grant.reaches(name) for name in names)

    def pinned(self, collection: str, action: str, name: str, wanted: tuple[str, ...]) -> bool:
        """Whether the validations leave only values for a field that are not the wanted ones. Presets never pin."""
        pin = pins(
            self.grant(collection, action).validations,
            name,
            anonymous=self.access.principal.anonymous,
            major=self.major,
        )
        return pin.answer is not Answer.NO and not any(value in wanted for value in pin.values)

    def matches(self, collection: str, action: str, field: str, also: Filter | None = None) -> bool:
        """Whether an item can be reached with that field, one for which `also` holds."""
        rule = self.access.items(collection, action, field)
        if rule == NOTHING:
            return False
        wanted = rule if also is None else And((rule, also))
        return implies(wanted, NOTHING, anonymous=self.access.principal.anonymous).answer is not Answer.YES

    def reaches_own_row(self, field: str) -> bool:
        """Whether the user's own row may be updated with that field. The public has no row."""
        if self.access.principal.kind is PrincipalKind.PUBLIC:
            return False
        user = self.access.principal.id if self.access.principal.kind is PrincipalKind.USER else None
        rule = self.access.items("directus_users", "update", field)
        if rule == NOTHING:
            return False
        if confined_to_current_user(rule).answer is Answer.YES:
            return True
        own = Condition(("id",), "_eq", user or "00000000-0000-0000-0000-00000000000a")
        roles = tuple(Condition(("role",), "_eq", role) for role in self.access.roles[-1:])
        return self.matches("directus_users", "update", field, And((own, *roles)))

    def reaches_administrator(self, field: str) -> bool:
        """Whether some administrator's row may be updated with that field."""
        rule = self.access.items("directus_users", "update", field)
        if (
            rule == NOTHING
            or confined_to_current_user(rule, anonymous=self.access.principal.anonymous).answer is Answer.YES
        ):
            return False
        roles = tuple(Condition(("role",), "_eq", role) for role in self.admin_roles)
        return self.matches("directus_users", "update", field, Or(roles) if roles else None)

    def rows(self, collection: str, action: str, field: str | None = None) -> tuple[Permission, ...]:
        return tuple(
            source
            for row in self.grant(collection, action).rows
            if field is None or row.reaches(field)
            for source in row.sources
        )

    def step(self, collection: str, action: str, field: str | None, does: str, gives: str) -> Step:
        rows = self.rows(collection, action, field)
        shown = f"{action} on {collection}" + (f" with `{field}`" if field else "")
        return Step(does, shown, gives, next((row.location for row in rows if row.location), None))

    def path(
        self, name: str, *steps: tuple[str, str, str | None, str, str], confidence: Confidence = Confidence.HIGH
    ) -> Path:
        rows = tuple(row for collection, action, field, _, _ in steps for row in self.rows(collection, action, field))
        return Path(name, tuple(self.step(*step) for step in steps), _distinct(rows), confidence)


def _distinct(rows: tuple[Permission, ...]) -> tuple[Permission, ...]:
    """Each row once, by identity: rows hold JSON and do not hash."""
    return tuple({id(row): row for row in rows}.values())


# --- the steps -------------------------------------------------------------------------------------------------------

_USERS: Final = "directus_users"
_BECOMES: Final = "the account is an administrator's"
_SIGN_IN: Final = "sign in as the new administrator"


def _own_role(actor: _Actor) -> Iterator[Path]:
    """PATCH /users/me {"role": ADMIN}: works even where the answer is 403 (measured)."""
    if actor.reaches_own_row("role") and not actor.pinned(_USERS, "update", "role", actor.admin_roles):
        yield actor.path(
            "own role", (_USERS, "update", "role", "set the own user's role to the administrator role", _BECOMES)
        )


def _new_user(actor: _Actor) -> Iterator[Path]:
    """POST /users or /users/invite with a role of one's choice. Presets do not lock (measured)."""
    usable = actor.reaches(_USERS, "create", "token") or actor.reaches(_USERS, "create", "email")
    if (
        actor.reaches(_USERS, "create", "role")
        and usable
        and not actor.pinned(_USERS, "create", "role", actor.admin_roles)
    ):
        yield actor.path(
            "user with a role",
            (_USERS, "create", "role", "create a user with the administrator role and a known password", _SIGN_IN),
        )


def _take_over(actor: _Actor) -> Iterator[Path]:
    """Another user's token, password or e-mail address (then a password reset)."""
    for field, does in (
        ("token", "set the static token of an administrator"),
        ("password", "set the password of an administrator"),
        ("email", "set an administrator's e-mail address and ask for a new password"),
    ):
        if actor.reaches_administrator(field):
            yield actor.path("take over", (_USERS, "update", field, does, "use the administrator's account"))
            return


def _own_policies(actor: _Actor) -> Iterator[Path]:
    """The many-to-many `policies` of a user writes directus_access, which must be allowed too (measured)."""
    if actor.major >= 11 and actor.reaches_own_row("policies") and actor.reaches("directus_access", "create", "policy"):
        yield actor.path(
            "own policies",
            (_USERS, "update", "policies", "add the administrator policy to the own user", _BECOMES),
        )


def _attach(actor: _Actor) -> Iterator[Path]:
    """POST /access {"policy": ADMIN, "user": me}. Attached to the public the flag has no effect, so a user is needed."""
    if actor.major < 11:
        return
    collection = "directus_access"
    wanted = actor.admin_policies
    free = not actor.pinned(collection, "create", "policy", wanted)
    if (
        actor.reaches(collection, "create", "policy")
        and free
        and (actor.reaches(collection, "create", "user") or actor.reaches(collection, "create", "role"))
    ):
        yield actor.path(
            "attach",
            (collection, "create", "policy", "attach the administrator policy to an own user or role", _BECOMES),
        )
    if (
        actor.reaches(collection, "update", "policy")
        and actor.matches(collection, "update", "policy")
        and not actor.pinned(collection, "update", "policy", wanted)
    ):
        yield actor.path(
            "re-attach",
            (collection, "update", "policy", "point the own attachment to the administrator policy", _BECOMES),
            confidence=Confidence.MEDIUM,
        )


def _own_policy(actor: _Actor) -> Iterator[Path]:
    """PATCH /policies/OWN {"admin_access": true}."""
    if actor.major < 11 or actor.access.principal.kind is PrincipalKind.PUBLIC:
        return
    own = Or(tuple(Condition(("id",), "_eq", policy) for policy in actor.access.policies))
    if actor.matches("directus_policies", "update", "admin_access", own) and not actor.pinned(
        "directus_policies", "update", "admin_access", ()
    ):
        yield actor.path(
            "own policy",
            ("directus_policies", "update", "admin_access", "switch on `admin_access` of an own policy", _BECOMES),
        )


def _own_parent(actor: _Actor) -> Iterator[Path]:
    """PATCH /roles/OWN {"parent": ADMIN}; on 10 {"admin_access": true}."""
    if not actor.access.roles:
        return
    field = "parent" if actor.major >= 11 else "admin_access"
    own = Condition(("id",), "_eq", actor.access.roles[-1])
    if actor.matches("directus_roles", "update", field, own) and not actor.pinned(
        "directus_roles", "update", field, actor.admin_roles
    ):
        does = (
            "make the administrator role the parent of the own role"
            if field == "parent"
            else "switch on `admin_access` of the own role"
        )
        yield actor.path("own role's rights", ("directus_roles", "update", field, does, _BECOMES))


def _permissions(actor: _Actor) -> Iterator[Path]:
    """POST /permissions grants any row to an own policy (10: role), or to the public one."""
    collection = "directus_permissions"
    holder = "policy" if actor.major >= 11 else "role"
    then = (
        collection,
        "create",
        "collection",
        "set the own user's role to the administrator role with the new permission",
        _BECOMES,
    )
    if actor.reaches(collection, "create", "collection", "action", holder) and not actor.pinned(
        collection, "create", "collection", (_USERS, "directus_access")
    ):
        yield actor.path(
            "grant",
            (collection, "create", "collection", f"give the own {holder} `update` on directus_users", "any permission"),
            then,
        )
    widened = "collection" if actor.reaches(collection, "update", "collection") else "fields"
    own = Or(
        tuple(
            Condition((holder,), "_eq", one)
            for one in (actor.access.policies if actor.major >= 11 else actor.access.roles[-1:])
        )
    )
    holds_users = bool(actor.grant(_USERS, "update").rows)
    if actor.matches(collection, "update", widened, own) and (widened == "collection" or holds_users):
        yield actor.path(
            "widen",
            (
                collection,
                "update",
                widened,
                "turn an own permission into `update` on directus_users with all fields",
                "any permission",
            ),
            (collection, "update", widened, "set the own user's role to the administrator role with it", _BECOMES),
        )


def _registration(actor: _Actor) -> Iterator[Path]:
    """PATCH /settings, then POST /users/register. The mail is one's own, so its verification is no obstacle."""
    values = actor.export.settings.values if actor.export.settings else {}
    on = values.get("public_registration") is True or actor.reaches(
        "directus_settings", "update", "public_registration"
    )
    if (
        actor.reaches("directus_settings", "update", "public_registration_role")
        and on
        and not actor.pinned("directus_settings", "update", "public_registration_role", actor.admin_roles)
    ):
        yield actor.path(
            "registration",
            (
                "directus_settings",
                "update",
                "public_registration_role",
                "make the administrator role the role of public registration",
                "registration as administrator",
            ),
            ("directus_settings", "update", "public_registration_role", "register", _SIGN_IN),
        )


def _flows(actor: _Actor) -> Iterator[Path]:
    """An operation with the permissions `$full` acts as administrator, whoever made it."""
    flows, operations = "directus_flows", "directus_operations"
    if actor.reaches(flows, "create", "trigger") and actor.reaches(operations, "create", "type", "options", "flow"):
        yield actor.path(
            "build a flow",
            (flows, "create", "trigger", "create a flow with a webhook", "a URL that runs operations"),
            (
                operations,
                "create",
                "options",
                "add an operation that creates an administrator with the permissions `$full`",
                _SIGN_IN,
            ),
        )
    if actor.reaches(operations, "update", "options", "type") and actor.matches(operations, "update", "options"):
        known = actor.export.flows
        active = [
            flow
            for flow in known
            if flow.status == "active" and flow.trigger in ("webhook", "manual", "event", "schedule")
        ]
        retrigger = actor.reaches(flows, "update", "trigger")
        if active or retrigger or not known:
            yield actor.path(
                "rewrite an operation",
                (
                    operations,
                    "update",
                    "options",
                    "turn an operation of a running flow into one that creates an administrator with `$full`",
                    "code of one's choice as administrator",
                ),
                (operations, "update", "options", "trigger the flow", _SIGN_IN),
                confidence=Confidence.MEDIUM if active else Confidence.LOW,
            )


STEPS: Final[tuple[Callable[[_Actor], Iterator[Path]], ...]] = (
    _own_role, _new_user, _attach, _own_policy, _own_parent, _own_policies, _take_over, _permissions, _registration, _flows,
)  # fmt: skip
