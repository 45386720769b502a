"""Further ways to administrator, of two and more writes: what one account can bring about for itself, for others and for flows."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from typing import Any, ClassVar, Final

from tests.lab.attack import NEW_EMAIL, NEW_PASSWORD, NEW_TOKEN, Attempt
from tests.lab.cases import (
    ACCESS,
    FLOWS,
    ME,
    OPERATIONS,
    PERMISSIONS,
    ROLES,
    SETTINGS,
    USERS,
    Case,
    Rows,
    may,
)

CORE: Final = "12 Core takes no rows with rules or named fields"
NO_POLICIES: Final = "10 has no policies"


class _Limited(Case):
    """A way that needs rows with limits."""

    majors = (10, 11)
    absent = CORE


class _Attached(Case):
    """A way over attachments that needs rows with limits."""

    majors = (11,)
    absent = f"{NO_POLICIES}; {CORE}"


def _row(at: Attempt, holder: dict[str, str | None], name: str, one: dict[str, Any]) -> None:
    made = at.server.admin.post("/permissions", {**one, **holder})
    at.made[name] = str(made["id"])


def _and(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"_and": list(rules)}


def _harmless(at: Attempt) -> dict[str, str | None]:
    """Somebody's policy (10: role) without a dangerous row: that of the other account."""
    return {"role": at.victim.role} if at.old else {"policy": at.victim.policy}


# --- permissions -----------------------------------------------------------------------------------------------------


class WidenFields(_Limited):
    step = "permission-update"
    name = "only the fields of an own permission are changed"

    def prepare(self, at: Attempt) -> None:
        _row(at, at.holder, "OWN_PERMISSION", may(USERS, "update", "first_name", permissions=ME))

    def granted(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "update", "fields")]

    def refused(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "read")]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/permissions/{at.made['OWN_PERMISSION']}", {"fields": ["*"]})
        at.become()
        return at.actor.token


class WidenPresets(_Limited):
    step = "permission-update"
    name = "only the presets of an own permission are changed"

    def prepare(self, at: Attempt) -> None:
        _row(at, at.holder, "OWN_PERMISSION", may(USERS, "update", "first_name", permissions=ME))

    def granted(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "update", "presets", permissions={"collection": {"_eq": USERS}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "read")]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/permissions/{at.made['OWN_PERMISSION']}", {"presets": {"role": at.admin_role}})
        at.request("PATCH", "/users/me", {"first_name": "x"})
        return at.actor.token


class WidenRule(_Limited):
    step = "permission-update"
    takes_over = True
    name = "only the rule of an own permission is changed"

    def prepare(self, at: Attempt) -> None:
        _row(at, at.holder, "OWN_PERMISSION", may(USERS, "update", "password", permissions=ME))

    def granted(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "update", "permissions")]

    def refused(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "read")]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/permissions/{at.made['OWN_PERMISSION']}", {"permissions": {}})
        at.request("PATCH", f"/users/{at.victim.id}", {"password": NEW_PASSWORD})
        return at.sign_in(at.victim.email)


class MovePermission(_Limited):
    step = "permission-update"
    name = "the permission of another account is moved to their own policy"
    told = ("public-permission",)
    victim_is_admin = False

    def prepare(self, at: Attempt) -> None:
        _row(at, _harmless(at), "OTHER_PERMISSION", may(USERS, "update", "role"))

    def granted(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "update", *at.holder)]

    def refused(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "read")]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/permissions/{at.made['OTHER_PERMISSION']}", at.holder)
        at.become()
        return at.actor.token


class GrantOnlySettings(_Limited):
    step = "permission-create"
    told = ("public-permission",)
    name = "a permission on settings is granted, where those on accounts are refused"

    def prepare(self, at: Attempt) -> None:
        # Without a row of settings the first change creates it.
        at.server.admin.patch("/settings", {"public_registration": False})

    def granted(self, at: Attempt) -> Rows:
        tables = [USERS, ROLES, "directus_policies", ACCESS, PERMISSIONS]
        only = {"collection": {"_nin": tables}}
        return [may(PERMISSIONS, "create", "collection", "action", "fields", *at.holder, validation=only)]

    def refused(self, at: Attempt) -> Rows:
        only = {"collection": {"_in": ["articles", "directus_files"]}}
        return [may(PERMISSIONS, "create", "collection", "action", "fields", *at.holder, validation=only)]

    def attack(self, at: Attempt) -> str | None:
        wanted = {"collection": SETTINGS, "action": "update", "fields": ["*"], **at.holder}
        at.request("POST", "/permissions", wanted)
        registration = {"public_registration": True, "public_registration_role": at.admin_role}
        at.request("PATCH", "/settings", registration)
        return at.register()


class GrantPresets(_Limited):
    step = "permission-create"
    name = "a permission without fields is granted, whose presets make the user"
    told = ("public-permission",)

    def granted(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "create", "collection", "action", "presets", *at.holder)]

    def refused(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "create", "collection", "action", *at.holder)]

    def attack(self, at: Attempt) -> str | None:
        user = {"email": NEW_EMAIL, "password": NEW_PASSWORD, "role": at.admin_role, "status": "active"}
        wanted = {"collection": USERS, "action": "create", "presets": user, **at.holder}
        at.request("POST", "/permissions", wanted)
        at.request("POST", "/users", {})
        return at.sign_in()


class GrantOther(_Limited):
    step = "permission-create"
    name = "another account is granted a permission, and taken over"
    victim_is_admin = False

    def granted(self, at: Attempt) -> Rows:
        ((name, key),) = _harmless(at).items()
        return [
            may(USERS, "update", "token", permissions={"role": {"_eq": at.victim.role}}),
            may(
                PERMISSIONS,
                "create",
                "collection",
                "action",
                "fields",
                name,
                validation=_and({name: {"_eq": key}}, {name: {"_submitted": True}}),
            ),
        ]

    def refused(self, at: Attempt) -> Rows:
        return self.granted(at)[1:]

    def attack(self, at: Attempt) -> str | None:
        wanted = {"collection": USERS, "action": "update", "fields": ["*"], **_harmless(at)}
        at.request("POST", "/permissions", wanted)
        at.request("PATCH", f"/users/{at.victim.id}", {"token": NEW_TOKEN})
        at.server.ask("PATCH", "/users/me", token=NEW_TOKEN, json={"role": at.admin_role})
        return NEW_TOKEN


# --- locks -----------------------------------------------------------------------------------------------------------


class DeleteLock(_Attached):
    step = "delete-lock"
    name = "the permission whose validation locks the role is deleted"

    def prepare(self, at: Attempt) -> None:
        lock = may(USERS, "update", "first_name", permissions=ME, validation={"role": {"_eq": at.actor.role}})
        policy = at.server.policy([])
        at.server.attach(policy, role=at.actor.role)
        at.made["LOCK_POLICY"] = policy
        _row(at, {"policy": policy}, "LOCK", lock)

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", permissions=ME), may(PERMISSIONS, "delete")]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", permissions=ME), may(PERMISSIONS, "read")]

    def attack(self, at: Attempt) -> str | None:
        at.request("DELETE", f"/permissions/{at.made['LOCK']}")
        at.become()
        return at.actor.token


class DetachLock(DeleteLock):
    name = "what attaches the policy with the validation is deleted"

    def prepare(self, at: Attempt) -> None:
        super().prepare(at)
        (found,) = at.server.admin.get("/access", **{"filter[policy][_eq]": at.made["LOCK_POLICY"]})
        at.made["LOCK_ATTACHMENT"] = found["id"]

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", permissions=ME), may(ACCESS, "delete")]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", permissions=ME), may(ACCESS, "read")]

    def attack(self, at: Attempt) -> str | None:
        at.request("DELETE", f"/access/{at.made['LOCK_ATTACHMENT']}")
        at.become()
        return at.actor.token


class RenameRole(_Limited):
    step = "change-mentioned"
    takes_over = True
    name = "the administrator role is renamed, which a rule tells by its name"

    def granted(self, at: Attempt) -> Rows:
        rule = {"role": {"name": {"_neq": "Administrator"}}}
        return [may(USERS, "update", "token", permissions=rule), may(ROLES, "update", "name")]

    def refused(self, at: Attempt) -> Rows:
        return self.granted(at)[:1]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/roles/{at.admin_role}", {"name": "Others"})
        at.request("PATCH", f"/users/{at.victim.id}", {"token": NEW_TOKEN})
        at.server.admin.patch(f"/roles/{at.admin_role}", {"name": "Administrator"})
        return NEW_TOKEN


class Reactivate(_Limited):
    step = "take-over-token"
    name = "a suspended administrator is made active and taken over"

    def prepare(self, at: Attempt) -> None:
        at.server.admin.patch(f"/users/{at.victim.id}", {"status": "suspended"})

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "token", "status", permissions={"status": {"_eq": "suspended"}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "first_name", permissions={"status": {"_eq": "suspended"}})]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/users/{at.victim.id}", {"token": NEW_TOKEN, "status": "active"})
        return NEW_TOKEN


# --- attachments -----------------------------------------------------------------------------------------------------


class AttachByPreset(_Attached):
    step = "attach-policy"
    name = "a preset names the user, and the policy is free"

    def granted(self, at: Attempt) -> Rows:
        return [may(ACCESS, "create", "policy", presets={"user": "$CURRENT_USER"})]

    def refused(self, at: Attempt) -> Rows:
        only = {"policy": {"_eq": at.actor.policy}}
        return [may(ACCESS, "create", "policy", presets={"user": "$CURRENT_USER"}, validation=only)]

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/access", {"policy": at.admin_policy})
        return at.actor.token


class AttachToOther(_Attached):
    step = "attach-policy"
    name = "the administrator policy is attached to another role, and an account with it is taken over"
    victim_is_admin = False

    def granted(self, at: Attempt) -> Rows:
        return [
            may(USERS, "update", "token", permissions={"role": {"_eq": at.victim.role}}),
            may(ACCESS, "create", "policy", "role", validation={"role": {"_eq": at.victim.role}}),
        ]

    def refused(self, at: Attempt) -> Rows:
        return self.granted(at)[:1]

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/access", {"policy": at.admin_policy, "role": at.victim.role})
        at.request("PATCH", f"/users/{at.victim.id}", {"token": NEW_TOKEN})
        return NEW_TOKEN


class AttachTwoPolicies(_Attached):
    step = "child-role"
    name = "two policies are attached: one makes a role, the other sets their own role"

    def prepare(self, at: Attempt) -> None:
        deny = {"_and": [{"role": {"_neq": at.admin_role}}, {"role": {"id": {"_neq": at.admin_role}}}]}
        at.made["ROLE_MAKERS"] = at.server.policy([may(ROLES, "create", "id", "name", "parent")])
        at.made["ROLE_SETTERS"] = at.server.policy([may(USERS, "update", "role", permissions=ME, validation=deny)])

    def granted(self, at: Attempt) -> Rows:
        both = [at.made["ROLE_MAKERS"], at.made["ROLE_SETTERS"]]
        return [may(ACCESS, "create", "policy", "user", validation={"policy": {"_in": both}})]

    def refused(self, at: Attempt) -> Rows:
        one = {"policy": {"_eq": at.made["ROLE_SETTERS"]}}
        return [may(ACCESS, "create", "policy", "user", validation=one)]

    def attack(self, at: Attempt) -> str | None:
        role = str(uuid.uuid4())
        at.made["NEW_ROLE"] = role
        for policy in ("ROLE_MAKERS", "ROLE_SETTERS"):
            at.request("POST", "/access", {"policy": at.made[policy], "user": at.actor.id})
        at.request("POST", "/roles", {"id": role, "name": "mine", "parent": at.admin_role})
        at.request("PATCH", "/users/me", {"role": {"id": role}})
        return at.actor.token


class AttachNestedPolicy(_Attached):
    step = "attach-policy"
    name = "a policy is made within the attachment, where the known policy is refused"

    def granted(self, at: Attempt) -> Rows:
        refuse = [{"policy": {"_neq": at.admin_policy}}, {"policy": {"id": {"_neq": at.admin_policy}}}]
        return [
            may("directus_policies", "create", "name", "admin_access"),
            may(ACCESS, "create", "policy", "user", validation={"_and": refuse}),
        ]

    def refused(self, at: Attempt) -> Rows:
        return [may("directus_policies", "create", "name"), *self.granted(at)[1:]]

    def attack(self, at: Attempt) -> str | None:
        wanted = {"policy": {"name": "mine", "admin_access": True}, "user": at.actor.id}
        at.request("POST", "/access", wanted)
        return at.actor.token


# --- registration ----------------------------------------------------------------------------------------------------


class RegistrationSwitch(_Limited):
    step = "registration-role"
    name = "registration is switched on, whose role is the administrators' already"

    def prepare(self, at: Attempt) -> None:
        at.server.admin.patch("/settings", {"public_registration": False, "public_registration_role": at.admin_role})

    def granted(self, at: Attempt) -> Rows:
        return [may(SETTINGS, "update", "public_registration")]

    def refused(self, at: Attempt) -> Rows:
        return [may(SETTINGS, "update", "project_name")]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", "/settings", {"public_registration": True})
        return at.register()


# --- flows -----------------------------------------------------------------------------------------------------------


def new_collection(at: Attempt, name: str, *fields: str, user_created: bool = False) -> None:
    made = [
        {"field": "id", "type": "integer", "schema": {"is_primary_key": True, "has_auto_increment": True}, "meta": {}}
    ]
    made += [{"field": one, "type": "string", "schema": {}, "meta": {}} for one in fields]
    if user_created:
        made.append({"field": "user_created", "type": "uuid", "schema": {}, "meta": {"special": ["user-created"]}})
    at.server.admin.post("/collections", {"collection": name, "schema": {}, "meta": {}, "fields": made})
    if user_created:
        link: dict[str, Any] = {
            "collection": name,
            "field": "user_created",
            "related_collection": USERS,
            "schema": {},
            "meta": None,
        }
        at.server.admin.post("/relations", link)


def new_flow(at: Attempt, flow: dict[str, Any], *operations: dict[str, Any], name: str = "FLOW") -> None:
    """A flow with operations one after the other."""
    asked = {"name": "Newsletter", "status": "active", "accountability": "all", "options": {}, **flow}
    made = at.server.admin.post("/flows", asked)
    following = None
    for number, one in reversed(list(enumerate(operations, start=1))):
        place = {"position_x": number, "position_y": 1, "resolve": following}
        kept = at.server.admin.post("/operations", {"flow": made["id"], "name": "Step", **place, **one})
        following = kept["id"]
        at.made[f"{name}_OPERATION_{number}"] = following
    at.server.admin.patch(f"/flows/{made['id']}", {"operation": following})
    at.made[name] = made["id"]


def writing(type_: str, collection: str, payload: object, *, full: bool = True, **options: Any) -> dict[str, Any]:
    rights = "$full" if full else "$trigger"
    return {"key": "write", "type": type_, "options": {"collection": collection, "permissions": rights, "payload": payload, **options}}  # fmt: skip


def _administrator(at: Attempt) -> dict[str, Any]:
    return {"email": NEW_EMAIL, "password": NEW_PASSWORD, "role": at.admin_role, "status": "active"}


class _Webhook(Case):
    """A webhook whose operation writes what a visitor sends."""

    step = "flow-drive"
    anonymous = True

    def operation(self, at: Attempt, *, full: bool) -> dict[str, Any]:
        """What the flow does."""
        raise NotImplementedError

    def prepare(self, at: Attempt) -> None:
        new_flow(at, {"trigger": "webhook", "options": {"method": "POST"}}, self.operation(at, full=True))

    def prepare_refused(self, at: Attempt) -> None:
        new_flow(at, {"trigger": "webhook", "options": {"method": "POST"}}, self.operation(at, full=False))

    def send(self, at: Attempt, body: object) -> None:
        at.request("POST", f"/flows/trigger/{at.made['FLOW']}", body)
        time.sleep(0.5)


class LeaveRegistrationRole(_Limited):
    step = "registration-role"
    name = "the role of registration is deleted, so that whoever registers has the permissions of the public"

    def prepare(self, at: Attempt) -> None:
        at.server.grant_public([may(USERS, "update", "role", permissions=ME)])
        at.made["SPARE_ROLE"] = str(at.server.admin.post("/roles", {"name": "Spare"})["id"])
        wanted = {"public_registration": True, "public_registration_role": at.made["SPARE_ROLE"]}
        at.server.admin.patch("/settings", wanted)

    def granted(self, at: Attempt) -> Rows:
        return [may(ROLES, "delete", permissions={"id": {"_eq": at.made["SPARE_ROLE"]}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(ROLES, "read")]

    def attack(self, at: Attempt) -> str | None:
        at.request("DELETE", f"/roles/{at.made['SPARE_ROLE']}")
        token = at.register()
        if token is None:
            return None
        at.actor = replace(at.actor, token=token)
        at.become()
        # The token of a session still has the role of before.
        return at.sign_in()


class DriveNested(_Webhook):
    name = "a webhook saves what it is sent, with the user below the field for who created it"

    def operation(self, at: Attempt, *, full: bool) -> dict[str, Any]:
        new_collection(at, "leads", "name", user_created=True)
        return writing("item-create", "leads", "{{$trigger.body}}", full=full)

    def attack(self, at: Attempt) -> str | None:
        self.send(at, {"name": "x", "user_created": _administrator(at)})
        return at.sign_in()


def _store_settings(at: Attempt) -> None:
    """A new 10 has no row of settings that an operation could change."""
    at.server.admin.patch("/settings", {"project_name": "Lab"})


class DriveSettings(_Webhook):
    name = "a webhook changes the settings as the request says"

    def prepare(self, at: Attempt) -> None:
        _store_settings(at)
        super().prepare(at)

    def prepare_refused(self, at: Attempt) -> None:
        _store_settings(at)
        super().prepare_refused(at)

    def operation(self, at: Attempt, *, full: bool) -> dict[str, Any]:
        return writing("item-update", SETTINGS, "{{$trigger.body}}", full=full, key="1")

    def attack(self, at: Attempt) -> str | None:
        self.send(at, {"public_registration": True, "public_registration_role": at.admin_role})
        return at.register()


class DriveRole(_Webhook):
    name = "a webhook creates a role, with its users"

    def operation(self, at: Attempt, *, full: bool) -> dict[str, Any]:
        return writing("item-create", ROLES, "{{$trigger.body}}", full=full)

    def attack(self, at: Attempt) -> str | None:
        given: dict[str, Any] = {"admin_access": True} if at.old else {"parent": at.admin_role}
        user = {"email": NEW_EMAIL, "password": NEW_PASSWORD, "status": "active"}
        self.send(at, {"name": "mine", "users": [user], **given})
        return at.sign_in()


class DrivePolicies(_Webhook):
    name = "a webhook creates a user with the policies that the request names"
    majors: ClassVar[tuple[int, ...]] = (11, 12)
    absent = NO_POLICIES

    def operation(self, at: Attempt, *, full: bool) -> dict[str, Any]:
        sent = {name: f"{{{{$trigger.body.{name}}}}}" for name in ("email", "password", "policies")}
        return writing("item-create", USERS, sent, full=full)

    def attack(self, at: Attempt) -> str | None:
        self.send(at, {"email": NEW_EMAIL, "password": NEW_PASSWORD, "policies": [{"policy": at.admin_policy}]})
        return at.sign_in()


class DriveUpdateEvent(Case):
    step = "flow-drive"
    name = "a blocking flow runs before the update that starts it is refused"
    anonymous = True

    def operation(self, *, full: bool) -> dict[str, Any]:
        sent = {name: f"{{{{$trigger.payload.{name}}}}}" for name in ("email", "password", "role")}
        return writing("item-create", USERS, sent, full=full)

    def prepare(self, at: Attempt) -> None:
        self.set_up(at, full=True)

    def prepare_refused(self, at: Attempt) -> None:
        self.set_up(at, full=False)

    def set_up(self, at: Attempt, *, full: bool) -> None:
        """The collection and the flow."""
        new_collection(at, "requests", "email", "password", "role")
        options = {"type": "filter", "scope": ["items.update"], "collections": ["requests"]}
        new_flow(at, {"trigger": "event", "options": options}, self.operation(full=full))

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", "/items/requests/1", _administrator(at))
        time.sleep(0.5)
        return at.sign_in()


class DriveReadBack(_Limited):
    step = "flow-drive"
    takes_over = True
    name = "a flow reads the new item again and writes its values"

    def prepare(self, at: Attempt) -> None:
        self.set_up(at, full=True)

    def prepare_refused(self, at: Attempt) -> None:
        self.set_up(at, full=False)

    def set_up(self, at: Attempt, *, full: bool) -> None:
        """The collection and the flow."""
        new_collection(at, "requests", "user", "password")
        options = {"type": "action", "scope": ["items.create"], "collections": ["requests"]}
        read = {"key": "read", "type": "item-read", "options": {"collection": "requests", "permissions": "$full", "key": ["{{$trigger.key}}"]}}  # fmt: skip
        write = writing("item-update", USERS, {"password": "{{read.password}}"}, full=full, key=["{{read.user}}"])
        new_flow(at, {"trigger": "event", "options": options}, read, write)

    def granted(self, at: Attempt) -> Rows:
        return [may("requests", "create")]

    def refused(self, at: Attempt) -> Rows:
        return [may("requests", "create")]

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/items/requests", {"user": at.victim.id, "password": NEW_PASSWORD})
        time.sleep(1)
        return at.sign_in(at.victim.email)


class DriveOwnKeys(_Limited):
    step = "flow-drive"
    name = "a flow writes a field of their own account into its role"

    def prepare(self, at: Attempt) -> None:
        self.set_up(at, {"role": "{{$trigger.payload.title}}"})

    def prepare_refused(self, at: Attempt) -> None:
        self.set_up(at, {"description": "{{$trigger.payload.title}}"})

    def set_up(self, at: Attempt, payload: dict[str, str]) -> None:
        """The flow."""
        options = {"type": "action", "scope": ["items.update"], "collections": [USERS]}
        write = writing("item-update", USERS, payload, key="{{$trigger.keys}}", emitEvents=False)
        new_flow(at, {"trigger": "event", "options": options}, write)

    def granted(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "title", permissions=ME)]

    def refused(self, at: Attempt) -> Rows:
        return self.granted(at)

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", "/users/me", {"title": at.admin_role})
        time.sleep(0.7)
        return at.actor.token


class DriveRegistration(Case):
    step = "flow-drive"
    name = "a flow on new users writes with the rights of its trigger, and registration has none"
    anonymous = True

    def prepare(self, at: Attempt) -> None:
        self.set_up(at, {"role": "{{$trigger.payload.first_name}}"})

    def prepare_refused(self, at: Attempt) -> None:
        self.set_up(at, {"title": "{{$trigger.payload.first_name}}"})

    def set_up(self, at: Attempt, payload: dict[str, str]) -> None:
        """Registration without confirmation, and the flow."""
        at.server.admin.patch(
            "/settings",
            {"public_registration": True, "public_registration_role": None, "public_registration_verify_email": False},
        )
        options = {"type": "action", "scope": ["items.create"], "collections": [USERS]}
        new_flow(
            at,
            {"trigger": "event", "options": options},
            writing("item-update", USERS, payload, full=False, key=["{{$trigger.key}}"]),
        )

    def attack(self, at: Attempt) -> str | None:
        wanted = {"email": NEW_EMAIL, "password": NEW_PASSWORD, "first_name": at.admin_role}
        at.request("POST", "/users/register", wanted)
        time.sleep(1)
        return at.sign_in()


class DriveLastPage(Case):
    step = "flow-drive"
    name = "a flow on changed users writes with the rights of its trigger, and a visited page has none"

    def prepare(self, at: Attempt) -> None:
        self.set_up(at, {"role": "{{$trigger.payload.last_page}}"})

    def prepare_refused(self, at: Attempt) -> None:
        self.set_up(at, {"title": "{{$trigger.payload.last_page}}"})

    def set_up(self, at: Attempt, payload: dict[str, str]) -> None:
        """The flow."""
        options = {"type": "action", "scope": ["items.update"], "collections": [USERS]}
        write = writing("item-update", USERS, payload, full=False, key="{{$trigger.keys}}", emitEvents=False)
        new_flow(at, {"trigger": "event", "options": options}, write)

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", "/users/me/track/page", {"last_page": at.admin_role})
        time.sleep(1)
        return at.actor.token


class RewriteInner(_Limited):
    step = "operation-rewrite"
    name = "an operation of a flow that another flow starts is rewritten"

    def prepare(self, at: Attempt) -> None:
        log = {"key": "log", "type": "log", "options": {"message": "hello"}}
        new_flow(at, {"trigger": "operation"}, log, name="INNER")
        start = {"key": "start", "type": "trigger", "options": {"flow": at.made["INNER"], "payload": "{}"}}
        new_flow(at, {"trigger": "webhook", "options": {"method": "POST"}}, start)

    def granted(self, at: Attempt) -> Rows:
        return [may(OPERATIONS, "update", "type", "options", permissions={"flow": {"_eq": at.made["INNER"]}})]

    def refused(self, at: Attempt) -> Rows:
        return [may(OPERATIONS, "update", "name", permissions={"flow": {"_eq": at.made["INNER"]}})]

    def attack(self, at: Attempt) -> str | None:
        wanted = {"type": "item-create", "options": writing("", USERS, _administrator(at))["options"]}
        at.request("PATCH", f"/operations/{at.made['INNER_OPERATION_1']}", wanted)
        time.sleep(0.5)
        at.request("POST", f"/flows/trigger/{at.made['FLOW']}", {}, anonymous=True)
        return at.sign_in()


class BuildIntoFlow(_Limited):
    step = "flow-build"
    name = "an operation is made, and a flow begins with it"

    def prepare(self, at: Attempt) -> None:
        log = {"key": "log", "type": "log", "options": {"message": "hello"}}
        new_flow(at, {"trigger": "webhook", "options": {"method": "POST"}}, log)

    def granted(self, at: Attempt) -> Rows:
        made = may(OPERATIONS, "create", "id", "flow", "key", "type", "options", "position_x", "position_y")
        return [made, may(FLOWS, "update", "operation")]

    def refused(self, at: Attempt) -> Rows:
        return self.granted(at)[:1]

    def attack(self, at: Attempt) -> str | None:
        key = str(uuid.uuid4())
        at.made["NEW_OPERATION"] = key
        place = {"flow": at.made["FLOW"], "key": "mine", "position_x": 5, "position_y": 5}
        write = {**writing("item-create", USERS, _administrator(at)), **place}
        at.request("POST", "/operations", {"id": key, **write})
        at.request("PATCH", f"/flows/{at.made['FLOW']}", {"operation": key})
        time.sleep(0.5)
        at.request("POST", f"/flows/trigger/{at.made['FLOW']}", {}, anonymous=True)
        return at.sign_in()


class TriggerEvent(_Limited):
    step = "flow-trigger"
    name = "the options of a flow are changed to a collection of the attacker's"

    def prepare(self, at: Attempt) -> None:
        new_collection(at, "internal", "role")
        new_collection(at, "feedback", "role")
        options = {"type": "action", "scope": ["items.create"], "collections": ["internal"]}
        sent = {"role": "{{$trigger.payload.role}}"}
        write = writing("item-update", USERS, sent, key=["{{$accountability.user}}"])
        new_flow(at, {"trigger": "event", "options": options}, write)

    def granted(self, at: Attempt) -> Rows:
        return [may("feedback", "create"), may(FLOWS, "update", "options")]

    def refused(self, at: Attempt) -> Rows:
        return [may("feedback", "create"), may(FLOWS, "update", "name")]

    def attack(self, at: Attempt) -> str | None:
        options = {"type": "action", "scope": ["items.create"], "collections": ["feedback"]}
        at.request("PATCH", f"/flows/{at.made['FLOW']}", {"options": options})
        time.sleep(0.5)
        at.request("POST", "/items/feedback", {"role": at.admin_role})
        time.sleep(0.7)
        return at.actor.token


DERIVED: Final[tuple[Case, ...]] = tuple(kind() for kind in (
    WidenFields, WidenPresets, WidenRule, MovePermission, GrantOnlySettings, GrantPresets, GrantOther, DeleteLock, DetachLock, RenameRole,
    Reactivate, AttachByPreset, AttachToOther, AttachTwoPolicies, AttachNestedPolicy, RegistrationSwitch,
    LeaveRegistrationRole, DriveNested,
    DriveSettings, DriveRole, DrivePolicies, DriveUpdateEvent, DriveReadBack, DriveOwnKeys, DriveRegistration, DriveLastPage, RewriteInner, BuildIntoFlow,
    TriggerEvent,
))  # fmt: skip
