"""Answers to "may this principal do that?" for exports, in words that help whoever debugs a refused request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from directus_guard.access_answers import AccessAnswer, Answers, GrantingPermission
from directus_guard.audit.access_known import HIDES_ACCESS, directus_of, may_have_more
from directus_guard.checks.shared.row_words import policy
from directus_guard.directus.access import question as access_question
from directus_guard.directus.access.filters import EVERYTHING, And, Condition, Opaque, conditions, to_json
from directus_guard.directus.access.item_rules import rule_of_row
from directus_guard.directus.access.model import FRAMEWORK
from directus_guard.directus.access.principals import PUBLIC, Principal, PrincipalKind, shown_names
from directus_guard.directus.access.question import (
    EVERY_FIELD,
    AdministratorsOnly,
    DependsOnDatabase,
    DependsOnUser,
    FieldsNotAllowed,
    NoPermission,
    NotMatched,
    NotSaid,
    PayloadRefused,
    Permitted,
    Question,
    RelatedRefused,
    RelatedWrites,
    RuleRefused,
)
from directus_guard.directus.access.related_writes import links_of
from directus_guard.directus.access.rule_words import rule_words
from directus_guard.directus.access.system_data import app_access_rows
from directus_guard.directus.features import HAS_POLICIES
from directus_guard.directus.tri import Tri
from directus_guard.escalation import Paths, may_escalate
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from directus_guard.directus.access.filters import Json
    from directus_guard.directus.access.grants import GrantRow
    from directus_guard.directus.access.principal_access import PrincipalAccess
    from directus_guard.directus.access.question import Obstacle, QuestionAnswer
    from directus_guard.directus.export import Export

MOST_NAMES: Final = 20
"""So many fields are named in a sentence."""


def principals_named(export: Export, name: str) -> tuple[Principal, ...]:
    """The principals of an export that a name means: by name, by id, or `public`; users without policies of their own
    too. Several where roles share a name."""
    if name.casefold() == PUBLIC.name:
        return (PUBLIC,)
    known = export.model.principals()
    shown = shown_names(known)
    found = [one for one in known if name in (one.name, one.id, shown[one]) and one != PUBLIC]
    if not found:
        found = [
            Principal(PrincipalKind.USER, user.id, user.name or user.id)
            for user in export.model.users
            if name in (user.id, user.name)
        ]
    return tuple(found)


def names_of_principals(exports: Sequence[Export]) -> frozenset[str]:
    """Every name that a question can have for a principal."""
    found: set[str | None] = {PUBLIC.name}
    for export in exports:
        for principal, name in shown_names(export.model.principals()).items():
            found |= {name, principal.name, principal.id}
        for user in export.model.users:
            found |= {user.id, user.name}
    return frozenset(name for name in found if name)


def fields_of(exports: Sequence[Export], collection: str) -> frozenset[str] | None:
    """The fields that a collection has; None where no data model tells all of them."""
    found: set[str] = set()
    for export in exports:
        known = export.model.fields.get(collection)
        if not known:
            return None
        found |= known
    return frozenset(found)


def answers(exports: Sequence[Export], question: Question, principal: str | None = None) -> Answers:
    """What a principal (None: everybody) may do, for each export. `principal` must be known to one of them."""
    listed: list[AccessAnswer] = []
    for export in exports:
        asked = export.model.principals() if principal is None else principals_named(export, principal)
        paths = Paths(export)
        listed += [_answered(export, one, question, escalates=may_escalate(paths, one)) for one in asked]
    return Answers(_question(question, principal), tuple(listed), every=principal is None)


def _question(question: Question, principal: str | None) -> str:
    who = f"May {escape_controls(principal)}" if principal else "Who may"
    what = escape_controls(question.collection + (f".{question.field}" if question.field else ""))
    beside = [name for name, given in (("item", question.item), ("payload", question.payload)) if given is not None]
    return f"{who} {question.action} {what}" + (f" with this {' and '.join(beside)}" if beside else "") + "?"


def _answered(export: Export, principal: Principal, question: Question, *, escalates: Tri) -> AccessAnswer:
    model = export.model
    access = model.of(principal)
    schema = export.schema
    fields = dict(schema.by_collection.get(question.collection, {})) if schema else {}
    relations = {one.field for one in schema.relations_of.get(question.collection, ())} if schema else set()
    given = access_question.answer(
        access,
        question,
        not_null=export.never_null(question.collection),
        plain=frozenset(name for name, field in fields.items() if field.type == "json") - relations,
        links=links_of(schema, question.collection),
    )
    verdict = given.verdict
    hidden = export.unknown(HIDES_ACCESS) if verdict is Permitted.NO and may_have_more(export, principal) else ()
    if hidden:
        verdict = Permitted.CANNOT_TELL
    name = escape_controls(shown_names(model.principals()).get(principal, principal.name))
    narrows = question.action != "create" and given.rule != EVERYTHING and verdict is not Permitted.NO
    return AccessAnswer(
        export=export.name,
        directus=directus_of(export),
        kind=principal.kind.value,
        principal_id=principal.id,
        principal=name,
        answer=verdict.value,
        sentence=_sentence(export, name, question, given, verdict),
        reasons=(
            *(sentence for one in given.obstacles for sentence in _reason(export, access, question, one)),
            *(f"The export does not show everything: {escape_controls(reason)}." for reason in hidden),
        ),
        rule=export.mask.rule(to_json(given.rule)) if narrows else None,
        rule_words=rule_words(given.rule, export.mask.literal) if narrows else "",
        validations=tuple(map(export.mask.rule, given.validations)) if verdict is not Permitted.NO else (),
        fields=given.fields,
        permissions=tuple(_permission(export, row) for row in given.rows),
        notes=tuple(_notes(export, access, question, given)),
        escalates=escalates is not Tri.NO and not given.admin,
        escalates_known=escalates is not Tri.UNKNOWN,
    )


# --- sentences -------------------------------------------------------------------------------------------------------


def _sentence(export: Export, name: str, question: Question, given: QuestionAnswer, verdict: Permitted) -> str:
    what = _what(question)
    if given.admin:
        return f"Yes: `{name}` is an administrator, and no permission limits administrators."
    if verdict is Permitted.YES:
        whole = question.action == "create" or question.item is not None
        return f"Yes: `{name}` may {question.action} {what if whole else f'every item of {what}'}."
    if verdict is Permitted.NO:
        return f"No: `{name}` may not {question.action} {what}."
    if verdict is Permitted.CANNOT_TELL:
        return f"Cannot tell whether `{name}` may {question.action} {what}."
    wheres = []
    item_decides = question.item is None or any(isinstance(one, (NotSaid, DependsOnUser)) for one in given.obstacles)
    if question.action != "create" and given.rule != EVERYTHING and item_decides:
        wheres.append(rule_words(given.rule, export.mask.literal))
    wheres += [
        f"what is sent satisfies the validation: {_validation_words(export, rule)}" for rule in given.validations
    ]
    return f"`{name}` may {question.action} {what} only where {'; and '.join(wheres)}."


def _what(question: Question) -> str:
    collection = f"`{escape_controls(question.collection)}`"
    if question.field == EVERY_FIELD:
        return f"{collection} with every field"
    return f"`{escape_controls(question.field)}` of {collection}" if question.field else collection


def _validation_words(export: Export, rule: Json) -> str:
    """A validation in words: it is written like an item rule, but has operators that these do not have."""
    read = rule_of_row(rule, major=export.model.version.major)
    if read is None or any(isinstance(leaf, Opaque) for leaf in conditions(read)):
        return f"`{to_text(export.mask.rule(rule))}`"
    return rule_words(read, export.mask.literal)


def to_text(rule: Json) -> str:
    """JSON on one line, safe to show."""
    return escape_controls(json.dumps(rule, ensure_ascii=False))


def _listed(names: Sequence[str]) -> str:
    shown = [f"`{escape_controls(name)}`" for name in names[:MOST_NAMES]]
    more = len(names) - len(shown)
    return ", ".join([*shown, *([f"{more} more"] if more else [])])


def _reason(export: Export, access: PrincipalAccess, question: Question, obstacle: Obstacle) -> Iterator[str]:
    match obstacle:
        case NoPermission():
            yield from _no_permission(export, access, question)
        case FieldsNotAllowed(names, allowed):
            wanted = "every field" if EVERY_FIELD in names else _listed(names)
            yield f"No permission for {question.action} has {wanted}."
            yield f"Its permissions have {_listed(allowed)}." if allowed else "Its permissions name no field at all."
            if question.action == "read":
                yield "A field that is only in a filter or a sort must be among them, too."
        case NotMatched(unmet):
            asked = And(unmet) if len(unmet) > 1 else unmet[0]
            words = rule_words(asked, export.mask.literal)
            item = "The item does not meet" if question.item is not None else "No item can meet"
            yield f"{item} the item rule: {words}."
        case NotSaid(fields):
            yield f"It depends on what the item has in {_listed(fields)}."
        case DependsOnUser():
            yield "It depends on who asks: write `$CURRENT_USER` where the item has that user."
        case DependsOnDatabase():
            yield "It depends on the database, and whether that tells capital letters from small ones."
        case PayloadRefused(rule, row):
            yield f"The payload does not satisfy the validation of {_owner(export, row)}: {_validation_words(export, rule)}."
            yield from _about_validation(access, question, rule)
            yield "Every validation must hold, also those of other policies."
        case RelatedWrites(fields):
            yield f"The payload also writes related items, in {_listed(fields)}: ask for their collections, too."
        case RelatedRefused(write):
            what = f"{_listed(write.names)} of `{escape_controls(write.collection)}`"
            yield f"In `{escape_controls(write.field)}` it writes related items: it may not {write.action} {what}."
        case AdministratorsOnly():
            yield f"Only administrators may {question.action} `{escape_controls(question.collection)}`: Directus ignores the permission."
        case RuleRefused(reason):
            yield f"Directus may refuse the item rule: {escape_controls(reason)}."


def _about_validation(access: PrincipalAccess, question: Question, rule: Json) -> Iterator[str]:
    """What a validation sees that is easily missed: what presets fill in, and keys in place of related items."""
    read = rule_of_row(rule, major=access.grant(question.collection, question.action).major)
    paths = sorted({leaf.path for leaf in conditions(read) if isinstance(leaf, Condition)}) if read is not None else []
    presets, sent = access.grant(question.collection, question.action).presets, question.payload or {}
    filled = tuple(dict.fromkeys(path[0] for path in paths if path[0] in presets and path[0] not in sent))
    if filled:
        yield f"A preset fills in {_listed(filled)}."
    behind = tuple(
        dict.fromkeys(path[0] for path in paths if len(path) > 1 and not isinstance(sent.get(path[0]), dict))
    )
    if behind:
        yield f"A validation sees only what is sent: it cannot look into the item behind {_listed(behind)}."


def _no_permission(export: Export, access: PrincipalAccess, question: Question) -> Iterator[str]:
    collection = escape_controls(question.collection)
    model = export.model
    if not access.holders and HAS_POLICIES.of(model.version):
        yield "No policy is attached to it."
    else:
        owners = [policy(export, export.holders.get(one, one)) for one in access.holders if one is not None]
        within = f" in {', '.join(owners)}" if owners else ""
        yield f"There is no permission for {question.action} on `{collection}`{within}."
    ignored = [
        row
        for row in model.dormant
        if (row.collection, row.action) == (question.collection, question.action) and (row.policy in access.policies)
    ]
    if ignored:
        yield "A permission is stored, but Directus 12 Core ignores it: it has a rule, or names fields."
    if not access.app and access.principal != PUBLIC:
        given = {(row.collection, row.action) for row in app_access_rows(model.version)}
        if (question.collection, question.action) in given:
            holder = "no policy of it switches" if HAS_POLICIES.of(model.version) else "the role does not switch"
            yield f"App access has a permission for it: {holder} `app_access` on."
    known = export.schema is not None and export.schema.complete
    if known and export.schema is not None and question.collection not in export.schema.by_collection:
        yield f"The data model has no collection `{collection}`: Directus gives the same answer, 403, for both."


def _owner(export: Export, row: GrantRow) -> str:
    return FRAMEWORK if row.granted_by == FRAMEWORK else policy(export, row.granted_by)


def _permission(export: Export, row: GrantRow) -> GrantingPermission:
    permission = row.permission
    fields = permission.fields or ()
    of = "every field" if EVERY_FIELD in fields else _listed(fields) if fields else "no field"
    where = "" if row.rule is None or row.rule == EVERYTHING else f" where {rule_words(row.rule, export.mask.literal)}"
    of = of if permission.fields_matter else "items" if where else "every item"
    text = f"{_owner(export, row)}: {permission.action} {of}{where}"
    return GrantingPermission(text, row.sources[0].location if row.sources else None)


def _notes(export: Export, access: PrincipalAccess, question: Question, given: QuestionAnswer) -> Iterator[str]:
    model = export.model
    if given.admin:
        return
    limited = [export.holders.get(one, one) for one in access.policies if one in model.limited]
    if limited:
        yield f"From some addresses only: {_listed(limited)} has `ip_access`."
    if question.collection == "directus_files" and question.action == "read":
        yield "`/assets/ID` asks for this permission, too, with the field `id`."
    if question.action == "share" and not access.grant("directus_shares", "create").rows:
        yield "To share, it also has to create `directus_shares`, which it may not."
    if given.verdict is Permitted.NO:
        return
    if question.item is not None:
        yield "Directus answers 403 for an item that does not exist, too."
    if question.action in ("create", "update") and not access.grant(question.collection, "read").rows:
        yield f"It may not read `{escape_controls(question.collection)}`: the answer to the request has no data."
    if question.action == "read":
        yield from _related(export, access, question)


def _related(export: Export, access: PrincipalAccess, question: Question) -> Iterator[str]:
    """What lies behind a relation needs a permission of its own: `fields=author.name` is refused without it."""
    by_collection: dict[str, list[str]] = {}
    for name, related in _relations(export, question.collection):
        asked = question.field in (None, EVERY_FIELD, name.partition(":")[0])
        if asked and not access.grant(related, "read").rows:
            by_collection.setdefault(related, []).append(name)
    for related, names in by_collection.items():
        listed = _listed([f"{name}.*" for name in names])
        yield f"It may not read `{escape_controls(related)}`: requests for {listed}, and filters on that, are refused."


def _relations(export: Export, collection: str) -> Iterator[tuple[str, str]]:
    """The fields of a collection that lead to others, and where; of many-to-any `field:collection`."""
    yield from _OF_THE_SYSTEM.get(collection, ())
    schema = export.schema
    yield from ((name, link.collection) for name, link in links_of(schema, collection).items())
    for relation in schema.relations_of.get(collection, ()) if schema else ():
        for one in relation.allowed_collections if not relation.related_collection else ():
            yield f"{relation.field}:{one}", one


_OF_THE_SYSTEM: Final = {
    "directus_files": (("folder", "directus_folders"), ("uploaded_by", "directus_users")),
    "directus_users": (("avatar", "directus_files"), ("role", "directus_roles")),
}
"""Relations that no snapshot has, and that the Data Studio follows."""
