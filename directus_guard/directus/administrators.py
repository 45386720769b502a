"""Who is administrator, and through what: the list that the checklist asks to review (bullet 28)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from directus_guard.directus.access.principals import Principal, PrincipalKind
from directus_guard.directus.gaps import ExportPart
from directus_guard.finding import Administrator, Administrators
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directus_guard.directus.access.records import Role, User
    from directus_guard.directus.export import Export

_HIDES_ADMINISTRATORS: Final = (
    ExportPart.ATTACHMENTS,
    ExportPart.POLICIES,
    ExportPart.USER_POLICIES,
    ExportPart.PARENTS,
    ExportPart.POLICY,
)
_ORDER: Final = ("role", "policy", "user")


def administrators(export: Export) -> Administrators:
    """The roles, policies and users of an export that are or make administrators, in this order, by name."""
    found = list(_Review(export).all())
    missing = [escape_controls(reason) for reason in export.unknown(_HIDES_ADMINISTRATORS)]
    if not export.model.users:
        missing.append("the export has no users: who has these roles is not known")
    found.sort(key=lambda one: (_ORDER.index(one.kind), one.name, one.id))
    return Administrators(export.name, tuple(found), tuple(missing))


class _Review:
    """Look-ups made once, so that many roles and users cost little."""

    def __init__(self, export: Export) -> None:
        self._model = export.model
        self._roles = {role.id: _name(role.name, role.id) for role in self._model.roles}
        self._policies = {one.id: _name(one.name, one.id) for one in self._model.policies if one.admin_access}
        self._unsure = frozenset(filter(export.may_be_a_users, self._policies))
        self._of_role: dict[str, list[str]] = {}
        self._of_user: dict[str, list[str]] = {}
        self._holders: dict[str, list[str]] = {}
        for row in self._model.access:
            if row.assumed:
                continue
            if row.policy in self._policies and row.role:
                self._of_role.setdefault(row.role, []).append(self._policies[row.policy])
                self._holders.setdefault(row.policy, []).append(f"role {self._role(row.role)}")
            if row.policy in self._policies and row.user:
                self._of_user.setdefault(row.user, []).append(self._policies[row.policy])
                self._holders.setdefault(row.policy, []).append(f"user `{escape_controls(row.user)}`")

        unknown = any(row.assumed for row in self._model.access)
        self._unattached = "not attached, as far as the export says" if unknown else "not attached"

    def all(self) -> Iterator[Administrator]:
        """Every one, in no order."""
        for role in self._model.roles:
            if self._is_admin(role.id):
                yield Administrator("role", role.id, self._roles[role.id], self._role_through(role), role.location)
        for policy in self._model.policies if self._model.has_policies else ():
            if policy.admin_access:
                held = ", ".join(dict.fromkeys(self._holders.get(policy.id, ())))
                if policy.id in self._unsure:
                    held = f"{held} and " * bool(held) + "a user or the public (the export does not say)"
                through = f"attached to {held}" if held else self._unattached
                yield Administrator("policy", policy.id, self._policies[policy.id], through, policy.location)
        yield from self._users()

    def _users(self) -> Iterator[Administrator]:
        """Users whose record is there, and those who are only named by a policy of their own."""
        known = {user.id: user for user in self._model.users}
        named = {row.user: row.location for row in self._model.access if row.user and not row.assumed}
        for key in dict.fromkeys([*known, *named]):
            if self._model.of_user(key).admin:
                user = known.get(key)
                through = [f"its own policy `{name}`" for name in self._of_user.get(key, ())]
                if user and user.role and self._is_admin(user.role):
                    through.append(f"role {self._role(user.role)}")
                place = user.location if user else named.get(key)
                yield Administrator("user", key, escape_controls(key), " and ".join(through), place, _state(user))

    def _role_through(self, role: Role) -> str:
        """A flag of its own, a policy, or what an ancestor has."""
        if not self._model.has_policies:
            return "`admin_access` of its own"
        ways = [f"its policy `{name}`" for name in self._of_role.get(role.id, ())]
        for above in reversed(self._model.role_path(role.id)[:-1]):
            ways += [f"policy `{name}` of the role above, {self._role(above)}" for name in self._of_role.get(above, ())]
        return " and ".join(dict.fromkeys(ways))

    def _is_admin(self, role: str) -> bool:
        return self._model.of(Principal(PrincipalKind.ROLE, role)).admin

    def _role(self, key: str) -> str:
        return f"`{self._roles.get(key, escape_controls(key))}`"


def _state(user: User | None) -> tuple[str, ...]:
    """What a reviewer asks of an account: does it still count, and how does it sign in?"""
    if user is None:
        return ("its record is not in the export",)
    words = [user.status or "status not exported"]
    words += [f"signs in by {user.provider}"] if user.provider not in (None, "default") else []
    if user.has_second_factor is not None:
        words.append("second factor set" if user.has_second_factor else "no second factor")
    words += ["static token"] if user.has_token else []
    words += [f"last seen {user.last_access[:10]}"] if user.last_access else []
    return tuple(map(escape_controls, words))


def _name(name: str, key: str) -> str:
    return escape_controls(name or key)
