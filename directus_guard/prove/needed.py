"""What the plans of an access model name: it has to be on the server under the keys of the export, or a right plan would fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from directus_guard.directus.access.principals import PrincipalKind
from directus_guard.escalation.reach.facts import Person
from directus_guard.escalation.requests.request import START
from directus_guard.prove.applied import is_uuid
from directus_guard.prove.filling import inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from directus_guard.directus.access.principals import Principal
    from directus_guard.directus.access.records import Permission, User
    from directus_guard.directus.export import Export
    from directus_guard.escalation import Path


class Needed(Struct, frozen=True):
    """What comes first, or is more than one user for each principal."""

    flows: frozenset[str] = frozenset()
    """The flows that are started: an edition may not take all."""
    own: Mapping[Principal, User] = {}
    """Which user of its role a role is carried out as, where a rule of the way names one."""
    users: tuple[User, ...] = ()
    """Further users whose keys rules, flows and ways name."""


def needed(export: Export, plans: Mapping[Principal, Path]) -> Needed:
    """What these plans need of an export."""
    flows = {
        request.item
        for path in plans.values()
        for request in path.requests
        if request is not None and request.action == START and isinstance(request.item, str)
    }
    own: dict[Principal, User] = {}
    for principal, path in plans.items():
        texts = frozenset(_of_rows(path.rows))
        if principal.kind is PrincipalKind.ROLE:
            found = (one for one in export.model.users if one.role == principal.id and one.id in texts)
            if (user := next((one for one in found if one.status in (None, "active")), None)) is not None:
                own[principal] = user
    named = frozenset((*_of_export(export), *(key for path in plans.values() for key in _people(path))))
    there = {one.id for one in own.values()} | {one.id for one in export.model.principals()}
    return Needed(frozenset(flows), own, tuple(one for one in export.model.users if one.id in named - there))


def unknown_keys(path: Path, stored: Iterable[str]) -> bool:
    """Whether a rule that a way rests on compares with a key that is none of these."""
    return any(map(is_uuid, frozenset(_of_rows(path.rows)) - frozenset(stored)))


def _of_export(export: Export) -> Iterator[str]:
    yield from _of_rows(export.model.permissions)
    yield from _texts(*(one.options for one in export.flows), *(one.options for one in export.operations))


def _of_rows(rows: Iterable[Permission]) -> Iterator[str]:
    for row in rows:
        if not row.system:
            yield from _texts(row.permissions, row.validation, row.presets)


def _texts(*values: object) -> Iterator[str]:
    return (one for one in inside(*values) if isinstance(one, str))


def _people(path: Path) -> Iterator[str]:
    """The users of the export that the requests of a way are about."""
    for request in path.requests:
        if request is not None:
            for one in inside(request.item, request.by, request.signs_in, request.body, request.query):
                if isinstance(one, Person) and one.account.user is not None:
                    yield one.account.user
