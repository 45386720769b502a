"""How each step of the escalation model is carried out: what is granted, what the attacker does, what is taken away.

A case grants a fresh user that is no administrator exactly the precondition of a step (`granted`) and attacks; it counts
when the attacker then holds a token that a server answers as an administrator's. The same attack is made with the
precondition taken away (`refused`). Keys the attacker needs are given: where they come from is the model's business.

12 Core takes no rows with rules or named fields: there the rows of `granted` have no limits, and taken away they become
rows that may only read (`proof.rows`).
"""

from __future__ import annotations

import hashlib
import inspect
import time
import uuid
from typing import Any, ClassVar, Final

from tests.lab.attack import NEW_EMAIL, NEW_PASSWORD, NEW_TOKEN, PUBLIC_POLICY, Attempt
from tests.lab.install import MAJORS
from tests.lab.server import row

USERS, ROLES, POLICIES, ACCESS = "directus_users", "directus_roles", "directus_policies", "directus_access"
PERMISSIONS, SETTINGS = "directus_permissions", "directus_settings"
FLOWS, OPERATIONS = "directus_flows", "directus_operations"
ME: Final = {"id": {"_eq": "$CURRENT_USER"}}

Rows = list[dict[str, Any]]


class Case:
    """One way to take one step.

    `told`: steps the model may name instead, where the same rows allow a shorter way; `core_told`: the same on 12, where
    the rows have no limits. `majors`: where it can be set up; `absent` says why not elsewhere.
    """

    step: ClassVar[str]
    name: ClassVar[str]
    majors: ClassVar[tuple[int, ...]] = tuple(sorted(MAJORS))
    absent: ClassVar[str] = ""
    told: ClassVar[tuple[str, ...]] = ()
    core_told: ClassVar[tuple[str, ...]] = ()
    anonymous: ClassVar[bool] = False
    victim_is_admin: ClassVar[bool] = True
    takes_over: ClassVar[bool] = False
    """Whether the attacker gets the account of an administrator, and nobody becomes one."""

    def prepare(self, at: Attempt) -> None:
        """What an administrator sets up before."""

    def prepare_refused(self, at: Attempt) -> None:
        """The same where the precondition is taken away."""
        self.prepare(at)

    def granted(self, at: Attempt) -> Rows:
        """The precondition: the only permissions the attacker has."""
        return []

    def refused(self, at: Attempt) -> Rows:
        """The permissions without it."""
        return []

    def attack(self, at: Attempt) -> str | None:
        """Carry it out; the token that should now be an administrator's."""
        raise NotImplementedError

    @property
    def id(self) -> str:
        return f"{self.step}: {self.name}"

    @property
    def digest(self) -> str:
        """Changes with what the case does: a recorded outcome of another digest is stale."""
        parts = (self.prepare, self.prepare_refused, self.granted, self.refused, self.attack)
        source = "".join(inspect.getsource(part) for part in parts)
        return hashlib.sha256(source.encode()).hexdigest()[:12]


def may(collection: str, action: str, *fields: str, **more: Any) -> dict[str, Any]:
    """A permission with these fields (none: all)."""
    return row(collection, action, fields=list(fields) or ["*"], **more)


# --- their own account -------------------------------------------------------------------------------------------------


class OwnRole(Case):
    step = "own-role"
    name = "the role of their own user is set"

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", permissions=ME)]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "first_name", permissions=ME)]

    def attack(self, at: Attempt) -> str | None:
        at.become()
        return at.actor.token


class OwnRoleValidated(Case):
    step = "own-role"
    name = "a validation names the roles that may be chosen"
    majors = (10, 11)
    absent = "12 Core takes no validations"

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", validation={"role": {"_in": [at.actor.role, at.admin_role]}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", validation={"role": {"_in": [at.actor.role]}})]

    def attack(self, at: Attempt) -> str | None:
        at.become()
        at.request("PATCH", "/users/me", {"role": {"id": at.admin_role}})
        return at.actor.token


class OwnPolicies(Case):
    step = "own-policies"
    name = "a policy is added to their own user"
    majors = (11, 12)
    absent = "10 has no policies"
    core_told = ("own-role", "attach-policy")

    def granted(self, at: Attempt) -> Rows:
        # 12 looks at the attachments first, as whoever asks.
        read = [may(ACCESS, "read", "id")] if at.core else []
        return [may(USERS, "update", "policies", permissions=ME), may(ACCESS, "create", "policy", "user"), *read]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "policies", permissions=ME), may(ACCESS, "create", "sort")]

    def attack(self, at: Attempt) -> str | None:
        # The form {"create": […]} makes Directus set `sort` too, which would have to be allowed as well.
        at.request("PATCH", "/users/me", {"policies": [{"policy": at.admin_policy}]})
        return at.actor.token


# --- other accounts --------------------------------------------------------------------------------------------------


class NewUser(Case):
    step = "new-user"
    name = "a user with the administrator role is created"

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "create", "email", "password", "role")]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "create", "email", "password")]

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/users", {"email": NEW_EMAIL, "password": NEW_PASSWORD, "role": at.admin_role})
        return at.sign_in()


class NewUserAnonymously(NewUser):
    step = "new-user"
    name = "by an anonymous visitor"
    anonymous = True


class NewUserToken(Case):
    step = "new-user"
    name = "with a static token"
    core_told = ("new-user",)

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "create", "token", "role")]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "create", "token")]

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/users", {"token": NEW_TOKEN, "role": at.admin_role})
        return NEW_TOKEN


class NewUserReset(Case):
    step = "new-user"
    name = "with an e-mail address only, and a password reset"

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "create", "email", "role")]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "create", "email")]

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/users", {"email": NEW_EMAIL, "role": at.admin_role})
        return at.reset_password(NEW_EMAIL)


class Invite(Case):
    step = "invite"
    name = "an own address is invited"
    told = ("new-user",)

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "create", "email", "role", "status")]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "create", "email", "status")]

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/users/invite", {"email": NEW_EMAIL, "role": at.admin_role})
        token = at.letter(NEW_EMAIL)
        if token is None:
            return None
        at.request("POST", "/users/invite/accept", {"token": token, "password": NEW_PASSWORD}, anonymous=True)
        return at.sign_in()


class InviteOnly(Invite):
    step = "invite"
    name = "where only invited users may be created"
    majors = (10, 11)
    absent = "12 Core takes no validations"

    def granted(self, at: Attempt) -> Rows:
        only = {"status": {"_submitted": True, "_eq": "invited"}}
        return [may(USERS, "create", "email", "role", "status", validation=only)]

    def refused(self, at: Attempt) -> Rows:
        only = {"status": {"_submitted": True, "_eq": "invited"}, "role": {"_eq": at.actor.role}}
        return [may(USERS, "create", "email", "role", "status", validation=only)]


def _another_user(at: Attempt) -> dict[str, Any]:
    return {"id": {"_neq": "$CURRENT_USER"}}


class Token(Case):
    step = "take-over-token"
    name = "an administrator's static token is set"
    core_told = ("own-role",)

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "token", permissions=_another_user(at))]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "token", permissions=ME)]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/users/{at.victim.id}", {"token": NEW_TOKEN})
        return NEW_TOKEN


class Password(Case):
    step = "take-over-password"
    name = "an administrator's password is set"
    core_told = ("own-role",)

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "password", permissions=_another_user(at))]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "password", permissions=ME)]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/users/{at.victim.id}", {"password": NEW_PASSWORD})
        return at.sign_in(at.victim.email)


class Email(Case):
    step = "take-over-email"
    name = "an administrator's e-mail address is set, and its password reset"
    core_told = ("own-role",)

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "email", permissions=_another_user(at))]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "email", permissions=ME)]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/users/{at.victim.id}", {"email": NEW_EMAIL})
        return at.reset_password(NEW_EMAIL)


class Promote(Case):
    step = "promote-user"
    name = "another account is taken over and given the administrator role"
    victim_is_admin = False
    core_told = ("own-role",)

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", "token", permissions={"role": {"_eq": at.victim.role}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "token", permissions={"role": {"_eq": at.victim.role}})]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/users/{at.victim.id}", {"token": NEW_TOKEN})
        at.request("PATCH", f"/users/{at.victim.id}", {"role": at.admin_role})
        return NEW_TOKEN


# --- policies and their attachments ----------------------------------------------------------------------------------


class Attach(Case):
    step = "attach-policy"
    name = "the administrator policy is attached to their own user"
    majors = (11, 12)
    absent = "10 has no policies"

    def granted(self, at: Attempt) -> Rows:
        return [may(ACCESS, "create", "policy", "user")]

    def refused(self, at: Attempt) -> Rows:
        return [may(ACCESS, "create", "policy", "user", validation={"policy": {"_eq": at.actor.policy}})]

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/access", {"policy": at.admin_policy, "user": at.actor.id})
        at.request("POST", "/access", {"policy": {"id": at.admin_policy}, "user": at.actor.id})
        return at.actor.token


class AttachToRole(Case):
    step = "attach-policy"
    name = "the administrator policy is attached to their own role"
    majors = (11, 12)
    absent = "10 has no policies"

    def granted(self, at: Attempt) -> Rows:
        return [may(ACCESS, "create", "policy", "role")]

    def refused(self, at: Attempt) -> Rows:
        return [may(ACCESS, "create", "role")]

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/access", {"policy": at.admin_policy, "role": at.actor.role})
        return at.actor.token


def _find_attachments(at: Attempt) -> None:
    rows = at.server.admin.get("/access", limit=-1)
    at.made["OWN_ATTACHMENT"] = next(one["id"] for one in rows if one["role"] == at.actor.role)
    at.made["ADMINISTRATOR_ATTACHMENT"] = at.server.attach(at.admin_policy or "", user=at.victim.id)


class Reattach(Case):
    step = "reattach-policy"
    name = "their own attachment is pointed to the administrator policy"
    majors = (11, 12)
    absent = "10 has no policies"

    def prepare(self, at: Attempt) -> None:
        _find_attachments(at)

    def granted(self, at: Attempt) -> Rows:
        return [may(ACCESS, "update", "policy", permissions={"role": {"_eq": at.actor.role}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(ACCESS, "update", "sort", permissions={"role": {"_eq": at.actor.role}})]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/access/{at.made['OWN_ATTACHMENT']}", {"policy": at.admin_policy})
        return at.actor.token


class ReattachUser(Case):
    step = "reattach-policy"
    name = "an attachment of the administrator policy is pointed to their own user"
    majors = (11, 12)
    absent = "10 has no policies"

    def prepare(self, at: Attempt) -> None:
        _find_attachments(at)

    def granted(self, at: Attempt) -> Rows:
        return [may(ACCESS, "update", "user", permissions={"policy": {"_eq": at.admin_policy}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(ACCESS, "update", "user", permissions={"policy": {"_eq": at.actor.policy}})]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/access/{at.made['ADMINISTRATOR_ATTACHMENT']}", {"user": at.actor.id})
        return at.actor.token


class PolicyFlag(Case):
    step = "policy-admin-access"
    name = "`admin_access` of their own policy is switched on"
    majors = (11, 12)
    absent = "10 has no policies"

    def granted(self, at: Attempt) -> Rows:
        return [may(POLICIES, "update", "admin_access", permissions={"id": {"_eq": at.actor.policy}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(POLICIES, "update", "name", "ip_access", "app_access")]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/policies/{at.actor.policy}", {"admin_access": True})
        return at.actor.token


class NewPolicy(Case):
    step = "new-admin-policy"
    name = "a policy with `admin_access` is created within its attachment"
    majors = (11, 12)
    absent = "10 has no policies"
    told = ("attach-policy",)

    def granted(self, at: Attempt) -> Rows:
        return [
            may(POLICIES, "create", "name", "admin_access"),
            may(ACCESS, "create", "policy", "user", validation={"policy": {"_neq": at.admin_policy}}),
        ]

    def refused(self, at: Attempt) -> Rows:
        return [
            may(POLICIES, "create", "name", "admin_access"),
            may(ACCESS, "create", "policy", "user", validation={"policy": {"_eq": at.actor.policy}}),
        ]

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/access", {"policy": {"name": "mine", "admin_access": True}, "user": at.actor.id})
        return at.actor.token


# --- permissions -----------------------------------------------------------------------------------------------------


class Grant(Case):
    core_told = ("public-permission",)
    step = "permission-create"
    name = "a permission to set their own role is granted"

    def granted(self, at: Attempt) -> Rows:
        own = {name: {"_eq": key} for name, key in at.holder.items()}
        return [may(PERMISSIONS, "create", "collection", "action", "fields", *at.holder, validation=own)]

    def refused(self, at: Attempt) -> Rows:
        only = {"collection": {"_eq": "directus_files"}}
        return [may(PERMISSIONS, "create", "collection", "action", "fields", *at.holder, validation=only)]

    def attack(self, at: Attempt) -> str | None:
        wanted = {"collection": USERS, "action": "update", "fields": ["*"], **at.holder}
        at.request("POST", "/permissions", wanted)
        at.become()
        return at.actor.token


def _harmless_row(at: Attempt) -> None:
    made = at.server.admin.post("/permissions", {**row("directus_files", "read"), **at.holder})
    at.made["OWN_PERMISSION"] = str(made["id"])


class Widen(Case):
    step = "permission-update"
    told = ("public-permission",)
    name = "an own permission is turned into one to set their own role"

    def prepare(self, at: Attempt) -> None:
        _harmless_row(at)

    def granted(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "update", "collection", "action")]

    def refused(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "update", "fields", "presets", permissions={"collection": {"_eq": "directus_files"}})]

    def attack(self, at: Attempt) -> str | None:
        # 12 Core wants the fields, too: without them it takes the row for one with limits.
        wanted = {"collection": USERS, "action": "update", **({"fields": ["*"]} if at.core else {})}
        at.request("PATCH", f"/permissions/{at.made['OWN_PERMISSION']}", wanted)
        at.become()
        return at.actor.token


class GrantPublic(Case):
    step = "public-permission"
    name = "the public is granted to create users"
    core_told = ("permission-create",)

    def granted(self, at: Attempt) -> Rows:
        only = {"role": {"_null": True}} if at.old else {"policy": {"_eq": PUBLIC_POLICY}}
        return [may(PERMISSIONS, "create", "collection", "action", "fields", *at.holder, validation=only)]

    def refused(self, at: Attempt) -> Rows:
        only = {"action": {"_eq": "read"}}
        return [may(PERMISSIONS, "create", "collection", "action", "fields", *at.holder, validation=only)]

    def attack(self, at: Attempt) -> str | None:
        wanted = {"collection": USERS, "action": "create", "fields": ["*"], **at.public_holder}
        at.request("POST", "/permissions", wanted)
        user = {"email": NEW_EMAIL, "password": NEW_PASSWORD, "role": at.admin_role}
        at.request("POST", "/users", user, anonymous=True)
        return at.sign_in()


# --- roles -----------------------------------------------------------------------------------------------------------


class Parent(Case):
    step = "role-parent"
    name = "the administrator role becomes the parent of their own role"
    majors = (11, 12)
    absent = "10 has no role tree"

    def granted(self, at: Attempt) -> Rows:
        return [may(ROLES, "update", "parent", permissions={"id": {"_eq": at.actor.role}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(ROLES, "update", "name", "icon")]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/roles/{at.actor.role}", {"parent": at.admin_role})
        return at.actor.token


class RoleFlag(Case):
    step = "role-admin-access"
    name = "`admin_access` of their own role is switched on"
    majors = (10,)
    absent = "from 11 on roles have no `admin_access`"

    def granted(self, at: Attempt) -> Rows:
        return [may(ROLES, "update", "admin_access", permissions={"id": {"_eq": at.actor.role}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(ROLES, "update", "name", "icon")]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/roles/{at.actor.role}", {"admin_access": True})
        return at.actor.token


def _not_the_administrator_role(at: Attempt) -> dict[str, Any]:
    """Neither its key nor an object with its key: a new role passes, whose object has no key."""
    return {"_and": [{"role": {"_neq": at.admin_role}}, {"role": {"id": {"_neq": at.admin_role}}}]}


class ChildRole(Case):
    step = "child-role"
    name = "a child of the administrator role is created within their own user"
    majors = (11, 12)
    absent = "10 has no role tree"
    core_told = ("own-role",)

    def granted(self, at: Attempt) -> Rows:
        into = may(USERS, "update", "role", permissions=ME, validation=_not_the_administrator_role(at))
        return [may(ROLES, "create", "name", "parent"), into]

    def refused(self, at: Attempt) -> Rows:
        into = may(USERS, "update", "role", permissions=ME, validation=_not_the_administrator_role(at))
        return [may(ROLES, "create", "name"), into]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", "/users/me", {"role": {"name": "mine", "parent": at.admin_role}})
        return at.actor.token


class NewAdminRole(Case):
    step = "new-admin-role"
    name = "a role with `admin_access` is created within their own user"
    majors = (10,)
    absent = "from 11 on roles have no `admin_access`"

    def granted(self, at: Attempt) -> Rows:
        into = may(USERS, "update", "role", permissions=ME, validation=_not_the_administrator_role(at))
        return [may(ROLES, "create", "name", "admin_access"), into]

    def refused(self, at: Attempt) -> Rows:
        into = may(USERS, "update", "role", permissions=ME, validation=_not_the_administrator_role(at))
        return [may(ROLES, "create", "name"), into]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", "/users/me", {"role": {"name": "mine", "admin_access": True}})
        return at.actor.token


# --- registration ----------------------------------------------------------------------------------------------------


def _registration_as_administrator(at: Attempt) -> None:
    at.server.admin.patch("/settings", {"public_registration": True, "public_registration_role": at.admin_role})


def _registration_off(at: Attempt) -> None:
    at.server.admin.patch("/settings", {"public_registration": False, "public_registration_role": at.admin_role})


class Registration(Case):
    step = "public-registration"
    name = "everybody registers as administrator"
    anonymous = True

    def prepare(self, at: Attempt) -> None:
        _registration_as_administrator(at)

    def prepare_refused(self, at: Attempt) -> None:
        _registration_off(at)

    def attack(self, at: Attempt) -> str | None:
        return at.register()


class RegistrationRole(Case):
    step = "registration-role"
    name = "registration is switched on, with the administrator role"

    def granted(self, at: Attempt) -> Rows:
        return [may(SETTINGS, "update", "public_registration", "public_registration_role")]

    def refused(self, at: Attempt) -> Rows:
        return [may(SETTINGS, "update", "public_registration_role")]

    def attack(self, at: Attempt) -> str | None:
        wanted = {"public_registration": True, "public_registration_role": at.admin_role}
        at.request("PATCH", "/settings", wanted)
        return at.register()


# --- flows -----------------------------------------------------------------------------------------------------------


def _new_administrator(at: Attempt) -> dict[str, Any]:
    """Options of an operation that makes one, with the rights of an administrator."""
    user = {"email": NEW_EMAIL, "password": NEW_PASSWORD, "role": at.admin_role, "status": "active"}
    return {"collection": USERS, "permissions": "$full", "payload": user}


def _new_operation(at: Attempt) -> dict[str, Any]:
    return {"key": "mine", "type": "item-create", "position_x": 1, "position_y": 1, "options": _new_administrator(at)}


def _flow(at: Attempt, *, status: str = "active", operation: dict[str, Any], **options: Any) -> None:
    flow = at.server.admin.post(
        "/flows", {"name": "Newsletter", "status": status, "trigger": "webhook", "accountability": None, "options": options}
    )  # fmt: skip
    made = at.server.admin.post(
        "/operations",
        {"flow": flow["id"], "name": "Step", "key": "step", "position_x": 20, "position_y": 20, **operation},
    )
    at.server.admin.patch(f"/flows/{flow['id']}", {"operation": made["id"]})
    at.made |= {"FLOW": flow["id"], "OPERATION": made["id"]}


def _logging_flow(at: Attempt) -> None:
    _flow(at, operation={"type": "log", "options": {"message": "hello"}}, method="GET")


class Rewrite(Case):
    step = "operation-rewrite"
    name = "an operation of a webhook is turned into an operation that makes an administrator"

    def prepare(self, at: Attempt) -> None:
        _logging_flow(at)

    def granted(self, at: Attempt) -> Rows:
        return [may(OPERATIONS, "update", "type", "options")]

    def refused(self, at: Attempt) -> Rows:
        return [may(OPERATIONS, "update", "type", "name")]

    def attack(self, at: Attempt) -> str | None:
        wanted = {"type": "item-create", "options": _new_administrator(at)}
        at.request("PATCH", f"/operations/{at.made['OPERATION']}", wanted)
        at.request("GET", f"/flows/trigger/{at.made['FLOW']}", anonymous=True)
        return at.sign_in()


_PLACE: Final = ("position_x", "position_y")
"""Directus refuses an operation without a place in the drawing."""


class Build(Case):
    step = "flow-build"
    name = "a webhook is built that makes an administrator, with keys of the attacker's choice"

    def granted(self, at: Attempt) -> Rows:
        return [
            may(FLOWS, "create", "id", "name", "trigger", "operation"),
            may(OPERATIONS, "create", "id", "flow", "key", "type", "options", *_PLACE),
        ]

    def refused(self, at: Attempt) -> Rows:
        return [
            may(FLOWS, "create", "id", "name", "trigger", "operation"),
            may(OPERATIONS, "create", "id", "flow", "key", "type", *_PLACE),
        ]

    def attack(self, at: Attempt) -> str | None:
        flow, operation = str(uuid.uuid4()), str(uuid.uuid4())
        at.made |= {"NEW_FLOW": flow, "NEW_OPERATION": operation}
        at.request("POST", "/flows", {"id": flow, "name": "mine", "trigger": "webhook", "operation": operation})
        at.request("POST", "/operations", {"id": operation, "flow": flow, **_new_operation(at)})
        at.request("GET", f"/flows/trigger/{flow}", anonymous=True)
        return at.sign_in()


class BuildAndRead(Case):
    step = "flow-build"
    name = "a webhook is built with keys that may be read"

    def granted(self, at: Attempt) -> Rows:
        return [
            may(FLOWS, "create", "name", "trigger"),
            may(FLOWS, "read", "id"),
            may(FLOWS, "update", "operation"),
            may(OPERATIONS, "create", "flow", "key", "type", "options", *_PLACE),
            may(OPERATIONS, "read", "id"),
        ]

    def refused(self, at: Attempt) -> Rows:
        return [
            may(FLOWS, "create", "name", "trigger"),
            may(FLOWS, "update", "operation"),
            may(OPERATIONS, "create", "flow", "key", "type", "options", *_PLACE),
        ]

    def attack(self, at: Attempt) -> str | None:
        flow = at.request("POST", "/flows", {"name": "mine", "trigger": "webhook"})
        if flow is None:
            return None
        operation = at.request("POST", "/operations", {"flow": flow["id"], **_new_operation(at)})
        at.made |= {"NEW_FLOW": flow["id"], "NEW_OPERATION": operation["id"]}
        at.request("PATCH", f"/flows/{flow['id']}", {"operation": operation["id"]})
        at.request("GET", f"/flows/trigger/{flow['id']}", anonymous=True)
        return at.sign_in()


class BuildSchedule(Case):
    step = "flow-build"
    name = "a schedule is built in one request, and no key of a flow is needed"

    def granted(self, at: Attempt) -> Rows:
        return [
            may(FLOWS, "create", "name", "trigger", "options", "operation", "operations"),
            may(OPERATIONS, "create", "id", "flow", "key", "type", "options", *_PLACE),
            # 12 looks at the operations first, as whoever asks.
            *([may(OPERATIONS, "read", "id")] if at.core else []),
        ]

    def refused(self, at: Attempt) -> Rows:
        return [
            may(FLOWS, "create", "name", "trigger", "options", "operation"),
            may(OPERATIONS, "create", "id", "flow", "key", "type", "options", *_PLACE),
        ]

    def attack(self, at: Attempt) -> str | None:
        operation = str(uuid.uuid4())
        at.made["NEW_OPERATION"] = operation
        flow = {"name": "mine", "trigger": "schedule", "options": {"cron": "* * * * * *"}, "operation": operation}
        at.request("POST", "/flows", {**flow, "operations": [{"id": operation, **_new_operation(at)}]})
        time.sleep(3)
        return at.sign_in()


def _driven(permissions: str) -> dict[str, Any]:
    options = {"collection": USERS, "permissions": permissions, "payload": "{{$trigger.body}}"}
    return {"type": "item-create", "options": options}


def _inactive_flow(at: Attempt) -> None:
    _flow(at, status="inactive", operation=_driven("$full"), method="POST")


def _active_flow(at: Attempt) -> None:
    _flow(at, operation=_driven("$full"), method="POST")


def _flow_as_caller(at: Attempt) -> None:
    _flow(at, operation=_driven("$trigger"), method="POST")


def _drive(at: Attempt) -> str | None:
    user = {"email": NEW_EMAIL, "password": NEW_PASSWORD, "role": at.admin_role, "status": "active"}
    at.request("POST", f"/flows/trigger/{at.made['FLOW']}", user, anonymous=True)
    return at.sign_in()


class Trigger(Case):
    step = "flow-trigger"
    name = "a flow that writes what its trigger sends is switched on"

    def prepare(self, at: Attempt) -> None:
        _inactive_flow(at)

    def granted(self, at: Attempt) -> Rows:
        return [may(FLOWS, "update", "status")]

    def refused(self, at: Attempt) -> Rows:
        return [may(FLOWS, "update", "name", "color")]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/flows/{at.made['FLOW']}", {"status": "active"})
        return _drive(at)


class Drive(Case):
    step = "flow-drive"
    name = "a webhook writes what the visitor sends, with full access"
    anonymous = True

    def prepare(self, at: Attempt) -> None:
        _active_flow(at)

    def prepare_refused(self, at: Attempt) -> None:
        _flow_as_caller(at)

    def attack(self, at: Attempt) -> str | None:
        return _drive(at)


# --- locks that do not lock ------------------------------------------------------------------------------------------


class DenyList(Case):
    step = "foreign-key-deny-list"
    name = "the refused role is sent as an object"
    majors = (10, 11)
    absent = "12 Core takes no validations"
    told = ("own-role",)

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", permissions=ME, validation={"role": {"_neq": at.admin_role}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", permissions=ME, validation={"role": {"_eq": at.actor.role}})]

    def attack(self, at: Attempt) -> str | None:
        at.become()
        at.request("PATCH", "/users/me", {"role": {"id": at.admin_role}})
        return at.actor.token


class Preset(NewUser):
    step = "preset-not-locked"
    name = "another role is sent than the preset's"
    majors = (10, 11)
    absent = "12 Core takes no presets"
    told = ("new-user",)

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "create", "email", "password", "role", presets={"role": at.actor.role})]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "create", "email", "password", presets={"role": at.actor.role})]


CASES: Final[tuple[Case, ...]] = tuple(kind() for kind in (
    OwnRole, OwnRoleValidated, NewUser, NewUserAnonymously, NewUserToken, NewUserReset, OwnPolicies, Attach, AttachToRole,
    Reattach, ReattachUser, PolicyFlag, NewPolicy, Grant, Widen, GrantPublic, Parent, RoleFlag, ChildRole, NewAdminRole,
    Promote, Token, Password, Email, Invite, InviteOnly, Registration, RegistrationRole, Rewrite, Build, BuildAndRead, BuildSchedule, Trigger, Drive,
    DenyList, Preset,
))  # fmt: skip
"""In the order of the catalogue."""
