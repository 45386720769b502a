"""Ways over rows that are made incomplete or harmless with one permission, and changed with another one; and over rows that
hold others back."""

from __future__ import annotations

import hashlib
import inspect
import time
import uuid
from typing import Any, ClassVar, Final

from tests.lab.attack import NEW_EMAIL, NEW_PASSWORD, Attempt
from tests.lab.cases import ACCESS, FLOWS, ME, OPERATIONS, PERMISSIONS, POLICIES, USERS, Case, Rows, may
from tests.lab.derived_cases import CORE, NO_POLICIES

DRAFT: Final = {"status": {"_eq": "draft"}}


class _Completed(Case):
    """A row is made and then changed. Its maker may read its key."""

    table: str
    majors: ClassVar[tuple[int, ...]] = (10, 11)
    absent = CORE
    victim_is_admin = False

    def granted(self, at: Attempt) -> Rows:
        return [*self.refused(at), *self.later(at)]

    def refused(self, at: Attempt) -> Rows:
        return [self.first(at), may(self.table, "read")]

    @property
    def digest(self) -> str:
        more = "".join(inspect.getsource(part) for part in (self.first, self.later, self.make, self.change))
        return hashlib.sha256((super().digest + more).encode()).hexdigest()[:12]

    def first(self, at: Attempt) -> dict[str, Any]:
        """The permission that makes the row."""
        raise NotImplementedError

    def later(self, at: Attempt) -> Rows:
        """Those that complete it."""
        raise NotImplementedError

    def make(self, at: Attempt, body: dict[str, Any]) -> str:
        """Make the row; its key."""
        made = at.request("POST", f"/{self.table.removeprefix('directus_')}", body)
        key = str(made["id"]) if isinstance(made, dict) else "0"
        at.made["NEW"] = key
        return key

    def change(self, at: Attempt, key: str, body: dict[str, Any]) -> None:
        at.request("PATCH", f"/{self.table.removeprefix('directus_')}/{key}", body)


def _holder(at: Attempt) -> str:
    return "role" if at.old else "policy"


def _harmless(at: Attempt) -> str | None:
    return at.victim.role if at.old else at.victim.policy


class CompleteFields(_Completed):
    step = "permission-create"
    name = "a permission without fields, which gets them by another permission"
    table = PERMISSIONS

    def first(self, at: Attempt) -> dict[str, Any]:
        return may(PERMISSIONS, "create", "collection", "action", _holder(at))

    def later(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "update", "fields", permissions={"collection": {"_eq": USERS}})]

    def attack(self, at: Attempt) -> str | None:
        key = self.make(at, {"collection": USERS, "action": "update", **at.holder})
        self.change(at, key, {"fields": ["*"]})
        at.become()
        return at.actor.token


class CompleteHolder(_Completed):
    step = "permission-create"
    name = "a permission of somebody else, which is then given to an own policy"
    table = PERMISSIONS

    def first(self, at: Attempt) -> dict[str, Any]:
        # On 10 a permission for which no role is sent is one of the public.
        sent = {"_and": [{_holder(at): {"_eq": _harmless(at)}}, {_holder(at): {"_submitted": True}}]}
        return may(PERMISSIONS, "create", validation=sent)

    def later(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "update", _holder(at), permissions={"collection": {"_eq": USERS}})]

    def attack(self, at: Attempt) -> str | None:
        body = {"collection": USERS, "action": "update", "fields": ["*"], _holder(at): _harmless(at)}
        self.change(at, self.make(at, body), at.holder)
        at.become()
        return at.actor.token


class CompleteCollection(_Completed):
    step = "permission-create"
    name = "a permission for another collection, which is then changed"
    table = PERMISSIONS

    def first(self, at: Attempt) -> dict[str, Any]:
        return may(PERMISSIONS, "create", validation={"collection": {"_eq": "articles"}})

    def later(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "update", "collection", permissions={"collection": {"_eq": "articles"}})]

    def attack(self, at: Attempt) -> str | None:
        key = self.make(at, {"collection": "articles", "action": "update", "fields": ["*"], **at.holder})
        self.change(at, key, {"collection": USERS})
        at.become()
        return at.actor.token


class CompleteAttachment(_Completed):
    step = "reattach-policy"
    name = "a harmless policy is attached, and then exchanged"
    table = ACCESS
    majors = (11,)
    absent = f"{NO_POLICIES}; {CORE}"

    def first(self, at: Attempt) -> dict[str, Any]:
        return may(ACCESS, "create", "policy", "user", validation={"policy": {"_eq": at.victim.policy}})

    def later(self, at: Attempt) -> Rows:
        return [may(ACCESS, "update", "policy", permissions={"user": {"_eq": "$CURRENT_USER"}})]

    def attack(self, at: Attempt) -> str | None:
        key = self.make(at, {"policy": at.victim.policy, "user": at.actor.id})
        self.change(at, key, {"policy": at.admin_policy})
        return at.actor.token


class CompleteStatus(_Completed):
    step = "new-user"
    name = "a user that cannot sign in yet, and is then made active"
    table = USERS

    def first(self, at: Attempt) -> dict[str, Any]:
        sent = {"_and": [DRAFT, {"status": {"_submitted": True}}]}
        return may(USERS, "create", "email", "password", "role", "status", validation=sent)

    def later(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "status", permissions=DRAFT)]

    def granted(self, at: Attempt) -> Rows:
        return [self.first(at), *self.refused(at)]

    def refused(self, at: Attempt) -> Rows:
        """Without the user: as a draft it would be an administrator already."""
        return [may(USERS, "read"), *self.later(at)]

    def attack(self, at: Attempt) -> str | None:
        body = {"email": NEW_EMAIL, "password": NEW_PASSWORD, "role": at.admin_role, "status": "draft"}
        self.change(at, self.make(at, body), {"status": "active"})
        return at.sign_in()


class CompleteRole(_Completed):
    step = "promote-user"
    name = "a user with a harmless role, which is then exchanged"
    table = USERS

    def first(self, at: Attempt) -> dict[str, Any]:
        locked = {"role": {"_eq": at.victim.role}}
        return may(USERS, "create", "email", "password", "role", "status", validation=locked)

    def later(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", "status", permissions=DRAFT)]

    def attack(self, at: Attempt) -> str | None:
        body = {"email": NEW_EMAIL, "password": NEW_PASSWORD, "role": at.victim.role, "status": "draft"}
        key = self.make(at, body)
        self.change(at, key, {"role": at.admin_role})
        self.change(at, key, {"status": "active"})
        return at.sign_in()


def _administrator(at: Attempt) -> dict[str, Any]:
    account = {"email": NEW_EMAIL, "password": NEW_PASSWORD, "role": at.admin_role, "status": "active"}
    return {"collection": USERS, "permissions": "$full", "payload": account}


class CompleteOperation(_Completed):
    step = "flow-build"
    name = "an operation without options, which gets them by another permission"
    table = OPERATIONS

    def prepare(self, at: Attempt) -> None:
        made = at.server.admin.post("/flows", {
            "name": "Newsletter", "status": "active", "trigger": "webhook", "accountability": "all", "options": {"method": "POST"},
        })  # fmt: skip
        at.made["FLOW"] = made["id"]

    def first(self, at: Attempt) -> dict[str, Any]:
        return may(OPERATIONS, "create", "id", "flow", "key", "type", "position_x", "position_y")

    def refused(self, at: Attempt) -> Rows:
        return [*super().refused(at), may(FLOWS, "update", "operation")]

    def later(self, at: Attempt) -> Rows:
        return [may(OPERATIONS, "update", "options", permissions={"key": {"_eq": "mine"}})]

    def attack(self, at: Attempt) -> str | None:
        place = {"flow": at.made["FLOW"], "key": "mine", "position_x": 5, "position_y": 5}
        key = self.make(at, {"id": str(uuid.uuid4()), "type": "item-create", **place})
        self.change(at, key, {"options": _administrator(at)})
        at.request("PATCH", f"/flows/{at.made['FLOW']}", {"operation": key})
        time.sleep(0.5)
        at.request("POST", f"/flows/trigger/{at.made['FLOW']}", {}, anonymous=True)
        return at.sign_in()


class CompleteFlow(_Completed):
    step = "flow-build"
    name = "a flow without a trigger, which gets it by another permission"
    table = FLOWS

    def first(self, at: Attempt) -> dict[str, Any]:
        return may(FLOWS, "create", "id", "name", "options")

    def refused(self, at: Attempt) -> Rows:
        place = ("id", "flow", "key", "type", "options", "position_x", "position_y")
        return [*super().refused(at), may(OPERATIONS, "create", *place)]

    def later(self, at: Attempt) -> Rows:
        return [may(FLOWS, "update", "trigger", "operation", permissions={"name": {"_eq": "mine"}})]

    def attack(self, at: Attempt) -> str | None:
        flow = self.make(at, {"id": str(uuid.uuid4()), "name": "mine", "options": {"method": "POST"}})
        key = str(uuid.uuid4())
        at.made["NEW_OPERATION"] = key
        write = {"type": "item-create", "options": _administrator(at), "key": "mine", "position_x": 5, "position_y": 5}
        at.request("POST", "/operations", {"id": key, "flow": flow, **write})
        self.change(at, flow, {"trigger": "webhook", "operation": key})
        time.sleep(0.5)
        at.request("POST", f"/flows/trigger/{flow}", {}, anonymous=True)
        return at.sign_in()


class LockElsewhere(Case):
    """A permission whose validation holds others back."""

    step = "permission-update"
    name = "the permission whose validation locks the role is made one to read"
    majors = (11,)
    absent = f"{NO_POLICIES}; {CORE}"

    def prepare(self, at: Attempt) -> None:
        lock = may(USERS, "update", "first_name", permissions=ME, validation={"role": {"_eq": at.actor.role}})
        policy = at.server.policy([])
        at.server.attach(policy, role=at.actor.role)
        at.made["LOCK"] = str(at.server.admin.post("/permissions", {**lock, "policy": policy})["id"])

    def granted(self, at: Attempt) -> Rows:
        change = may(PERMISSIONS, "update", "action", permissions={"id": {"_eq": int(at.made["LOCK"])}})
        return [may(USERS, "update", "role", permissions=ME), change]

    def refused(self, at: Attempt) -> Rows:
        return [may(USERS, "update", "role", permissions=ME), may(PERMISSIONS, "read")]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/permissions/{at.made['LOCK']}", {"action": "read"})
        at.become()
        return at.actor.token


class LockByPreset(LockElsewhere):
    name = "a preset makes the permission whose validation locks the role one to read"

    def granted(self, at: Attempt) -> Rows:
        rule = {"id": {"_eq": int(at.made["LOCK"])}}
        change = may(PERMISSIONS, "update", "presets", permissions=rule, presets={"action": "read"})
        return [may(USERS, "update", "role", permissions=ME), change]

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", f"/permissions/{at.made['LOCK']}", {"presets": {"title": "x"}})
        at.become()
        return at.actor.token


class DeletePolicyOfLock(LockElsewhere):
    step = "delete-lock"
    name = "the policy with the validation is deleted"

    def prepare(self, at: Attempt) -> None:
        super().prepare(at)
        at.made["LOCK_POLICY"] = at.server.admin.get(f"/permissions/{at.made['LOCK']}")["policy"]

    def granted(self, at: Attempt) -> Rows:
        gone = may(POLICIES, "delete", permissions={"id": {"_eq": at.made["LOCK_POLICY"]}})
        return [may(USERS, "update", "role", permissions=ME), gone]

    def attack(self, at: Attempt) -> str | None:
        at.request("DELETE", f"/policies/{at.made['LOCK_POLICY']}")
        at.become()
        return at.actor.token


COMPLETED: Final[tuple[Case, ...]] = tuple(kind() for kind in (
    CompleteFields, CompleteHolder, CompleteCollection, CompleteAttachment, CompleteStatus, CompleteRole,
    CompleteOperation, CompleteFlow, LockElsewhere, LockByPreset, DeletePolicyOfLock,
))  # fmt: skip
