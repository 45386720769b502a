"""Ways over a role that is worth nothing to anybody until it is given more, and over what starts a flow only after a change."""

from __future__ import annotations

import hashlib
import inspect
import time
from typing import Any, ClassVar, Final

from tests.lab.attack import NEW_EMAIL, NEW_PASSWORD, Attempt
from tests.lab.cases import ACCESS, ME, PERMISSIONS, POLICIES, ROLES, SETTINGS, USERS, Case, Rows, may
from tests.lab.derived_cases import CORE, NO_POLICIES, new_collection, new_flow, writing


def _only(name: str, key: str | None) -> dict[str, Any]:
    return {name: {"_eq": key}}


class _Grown(Case):
    """One permission leads into the role of others, another one changes that role."""

    majors: ClassVar[tuple[int, ...]] = (10, 11)
    absent = CORE
    victim_is_admin = False

    def granted(self, at: Attempt) -> Rows:
        return [*self.refused(at), self.change(at)]

    def refused(self, at: Attempt) -> Rows:
        return [self.entrance(at)]

    @property
    def digest(self) -> str:
        more = "".join(inspect.getsource(part) for part in (self.entrance, self.change))
        return hashlib.sha256((super().digest + more).encode()).hexdigest()[:12]

    def entrance(self, at: Attempt) -> dict[str, Any]:
        """What leads into the role."""
        raise NotImplementedError

    def change(self, at: Attempt) -> dict[str, Any]:
        """What changes it."""
        raise NotImplementedError


class NewUserOfAFlaggedRole(_Grown):
    step = "new-user"
    name = "a role that new users may have, whose access can be switched to administrator"

    def entrance(self, at: Attempt) -> dict[str, Any]:
        return may(USERS, "create", "email", "password", "role", validation=_only("role", at.victim.role))

    def change(self, at: Attempt) -> dict[str, Any]:
        if at.old:
            return may(ROLES, "update", "admin_access", permissions=_only("id", at.victim.role))
        return may(POLICIES, "update", "admin_access", permissions=_only("id", at.victim.policy))

    def attack(self, at: Attempt) -> str | None:
        flagged = f"/roles/{at.victim.role}" if at.old else f"/policies/{at.victim.policy}"
        at.request("PATCH", flagged, {"admin_access": True})
        at.request("POST", "/users", {"email": NEW_EMAIL, "password": NEW_PASSWORD, "role": at.victim.role})
        return at.sign_in()


class OwnRoleWithANewPermission(_Grown):
    step = "permission-create"
    name = "a harmless role that their own user may have gets a permission"

    def entrance(self, at: Attempt) -> dict[str, Any]:
        return may(USERS, "update", "role", permissions=ME, validation=_only("role", at.victim.role))

    def change(self, at: Attempt) -> dict[str, Any]:
        holder = _only("role", at.victim.role) if at.old else _only("policy", at.victim.policy)
        return may(PERMISSIONS, "create", validation=holder)

    def attack(self, at: Attempt) -> str | None:
        holder = {"role": at.victim.role} if at.old else {"policy": at.victim.policy}
        at.request("POST", "/permissions", {"collection": USERS, "action": "update", "fields": ["*"], **holder})
        at.request("PATCH", "/users/me", {"role": at.victim.role})
        at.become()
        return at.actor.token


class RegistrationOfAGrownRole(_Grown):
    step = "registration-role"
    name = "registration may only have a harmless role, which is then given more"

    def prepare(self, at: Attempt) -> None:
        at.server.admin.patch("/settings", {"public_registration": True, "public_registration_verify_email": False})

    def entrance(self, at: Attempt) -> dict[str, Any]:
        name = "public_registration_role"
        return may(SETTINGS, "update", name, validation=_only(name, at.victim.role))

    def change(self, at: Attempt) -> dict[str, Any]:
        if at.old:
            return may(ROLES, "update", "admin_access", permissions=_only("id", at.victim.role))
        return may(ACCESS, "create", "role", "policy", validation=_only("role", at.victim.role))

    def attack(self, at: Attempt) -> str | None:
        if at.old:
            at.request("PATCH", f"/roles/{at.victim.role}", {"admin_access": True})
        else:
            at.request("POST", "/access", {"role": at.victim.role, "policy": at.admin_policy})
        at.request("PATCH", "/settings", {"public_registration_role": at.victim.role})
        at.request("POST", "/users/register", {"email": NEW_EMAIL, "password": NEW_PASSWORD}, anonymous=True)
        return at.sign_in()


class ParentThatIsGivenAPolicy(_Grown):
    step = "role-parent"
    name = "a harmless role becomes the parent of their own, and gets the administrator policy"
    majors = (11,)
    absent = f"{NO_POLICIES}; {CORE}"

    def entrance(self, at: Attempt) -> dict[str, Any]:
        own, parent = _only("id", at.actor.role), _only("parent", at.victim.role)
        return may(ROLES, "update", "parent", permissions=own, validation=parent)

    def change(self, at: Attempt) -> dict[str, Any]:
        return may(ACCESS, "create", "role", "policy", validation=_only("role", at.victim.role))

    def attack(self, at: Attempt) -> str | None:
        at.request("POST", "/access", {"role": at.victim.role, "policy": at.admin_policy})
        at.request("PATCH", f"/roles/{at.actor.role}", {"parent": at.victim.role})
        return at.actor.token


class _Started(Case):
    """A flow makes whoever starts it an administrator, and only a permission that is made or changed lets the attacker start it."""

    step = "flow-drive"
    majors = (10, 11)
    absent = CORE

    def prepare(self, at: Attempt) -> None:
        self.set_up(at, full=True)

    def prepare_refused(self, at: Attempt) -> None:
        self.set_up(at, full=False)

    def set_up(self, at: Attempt, *, full: bool) -> None:
        """The collection and the flow."""
        new_collection(at, "requests", "title")
        options = {"type": "action", "scope": ["items.create"], "collections": ["requests"]}
        own = {"role": at.admin_role}
        promote = writing("item-update", USERS, own, full=full, key=["{{$accountability.user}}"], emitEvents=False)
        new_flow(at, {"trigger": "event", "options": options}, promote)

    def refused(self, at: Attempt) -> Rows:
        return self.granted(at)

    def ask(self, at: Attempt) -> str:
        """Start the flow."""
        at.request("POST", "/items/requests", {"title": "Please"})
        time.sleep(1)
        return at.actor.token


class StartWithANewPermission(_Started):
    name = "a new permission on a collection starts a flow"

    def granted(self, at: Attempt) -> Rows:
        return [may(PERMISSIONS, "create", validation=_only("collection", "requests"))]

    def attack(self, at: Attempt) -> str | None:
        row = {"collection": "requests", "action": "create", "fields": ["*"], **at.holder}
        at.request("POST", "/permissions", row)
        return self.ask(at)


class StartWithAChangedPermission(_Started):
    name = "a permission on a collection becomes one that starts a flow"

    def granted(self, at: Attempt) -> Rows:
        change = may(PERMISSIONS, "update", "action", permissions=_only("collection", "requests"))
        return [may("requests", "read"), change]

    def attack(self, at: Attempt) -> str | None:
        rows = at.server.admin.get("/permissions", **{"filter[collection][_eq]": "requests", "fields": "id"})
        key = at.made["OWN_PERMISSION"] = str(next(one["id"] for one in rows if one.get("id")))
        at.request("PATCH", f"/permissions/{key}", {"action": "create"})
        return self.ask(at)


class RoleThatStartsAFlow(_Grown):
    step = "flow-drive"
    name = "a harmless role that their own user may have starts a flow"

    def prepare(self, at: Attempt) -> None:
        new_collection(at, "requests", "title")
        options = {"type": "action", "scope": ["items.create"], "collections": ["requests"]}
        own = {"role": at.admin_role}
        promote = writing("item-update", USERS, own, key=["{{$accountability.user}}"], emitEvents=False)
        new_flow(at, {"trigger": "event", "options": options}, promote)
        holder = {"role": at.victim.role} if at.old else {"policy": at.victim.policy}
        at.server.permissions([may("requests", "create")], **holder)

    def granted(self, at: Attempt) -> Rows:
        return [self.entrance(at)]

    def refused(self, at: Attempt) -> Rows:
        return [self.change(at)]

    def entrance(self, at: Attempt) -> dict[str, Any]:
        return may(USERS, "update", "role", permissions=ME, validation=_only("role", at.victim.role))

    def change(self, at: Attempt) -> dict[str, Any]:
        return may(USERS, "update", "title", permissions=ME)

    def attack(self, at: Attempt) -> str | None:
        at.request("PATCH", "/users/me", {"role": at.victim.role})
        at.request("POST", "/items/requests", {"title": "Please"})
        time.sleep(1)
        return at.actor.token


GROWN: Final[tuple[Case, ...]] = (
    NewUserOfAFlaggedRole(),
    OwnRoleWithANewPermission(),
    RegistrationOfAGrownRole(),
    ParentThatIsGivenAPolicy(),
    StartWithANewPermission(),
    StartWithAChangedPermission(),
    RoleThatStartsAFlow(),
)
