"""Promises about access in words, and what goes beyond them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from directus_guard.checks.shared.row_fixes import listed
from directus_guard.directus.access.filters import EVERYTHING
from directus_guard.directus.access.item_rules import is_unrestricted, rule_of_row
from directus_guard.directus.access.principals import PUBLIC
from directus_guard.directus.access.promises import ANY, WRITE, WRITES, PromiseKind
from directus_guard.directus.access.rule_words import rule_words
from directus_guard.directus.disclosure import shorten
from directus_guard.text_safety import escape_controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from directus_guard.directus.access.filters import Filter, Json
    from directus_guard.directus.access.promises import Excess, Promise
    from directus_guard.directus.export import Export

MOST_NAMES: Final = 4
"""So many names of a list are written out."""


def name_of(promise: Promise) -> str:
    """What a promise is called in fingerprints: never its line. One word, as another promise may be about the same row."""
    parts = [",".join(promise.principals), ",".join(promise.fields), "" if is_unrestricted(promise.rule) else "rule"]
    return ":".join((promise.kind.value, *(escape_controls(part).replace(" ", "_") for part in parts if part)))


def promised(export: Export, promise: Promise) -> str:
    """The promise, as sentences."""
    what = allowed(promise)
    but = f" but {_principals(promise.excepted)}" if promise.excepted else ""
    everyone = ANY in promise.principals
    if promise.kind is PromiseKind.NEVER:
        whom = f"no role, user or visitor{but} may" if everyone else f"{_principals(promise.principals)}{but} may never"
        sentence = f"{whom} {what}"
    else:
        whom = f"every role, user and visitor{but}" if everyone else f"{_principals(promise.principals)}{but}"
        sentence = f"{whom} may only {what}{_where(export, promise)}"
    reason = f" Its reason: {shorten(escape_controls(promise.reason)).rstrip('.')}." if promise.reason else ""
    return f"`{escape_controls(promise.place)}` promises that {sentence}.{reason}"


def allowed(promise: Promise) -> str:
    """The access that a promise is about, to follow "may"."""
    return f"{_actions(promise.actions)} {_fields(promise)}{_collections(promise.collections)}"


def _fields(promise: Promise) -> str:
    return f"{listed(promise.fields, MOST_NAMES)} of " if promise.fields and ANY not in promise.fields else ""


def _where(export: Export, promise: Promise) -> str:
    if is_unrestricted(promise.rule):
        return ""
    rule = rule_of_row(promise.rule, major=export.model.version.major)
    return f" where {_rule(export, EVERYTHING if rule is None else rule)}"


def _rule(export: Export, rule: Filter) -> str:
    return shorten(rule_words(rule, export.mask.literal))


def _principals(names: Iterable[str]) -> str:
    shown = ["anonymous visitors" if name.casefold() == PUBLIC.name else f"`{escape_controls(name)}`" for name in names]
    return _and(shown)


def _actions(names: Iterable[str]) -> str:
    spelled = [one for name in names for one in (WRITES if name == WRITE else (name,))]
    if ANY in spelled:
        return "do anything with"
    return _and(list(dict.fromkeys(spelled)), "or")


def _collections(names: Iterable[str]) -> str:
    return "any collection" if ANY in names else _and([f"`{escape_controls(name)}`" for name in names], "or")


def _and(texts: list[str], word: str = "and") -> str:
    if len(texts) > MOST_NAMES:
        texts = [*texts[:MOST_NAMES], f"{len(texts) - MOST_NAMES} more"]
    return f" {word} ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def beyond(export: Export, promise: Promise, excess: Excess, whom: str) -> str:
    """What a permission gives beyond the promise, as sentences. `whom`: who has it."""
    reached = "every item" if excess.rule == EVERYTHING else f"items where {_rule(export, excess.rule)}"
    lets = f"This permission lets {whom} {excess.action}"
    if promise.kind is PromiseKind.NEVER:
        if excess.action == "create":
            return f"{lets} items."
        return f"{lets} {reached}{_example(export, excess.item) if excess.rule != EVERYTHING else ''}."
    texts = []
    if excess.fields:
        more = "every other field" if ANY in excess.fields else listed(excess.fields, MOST_NAMES)
        texts.append(f"{lets} {more}, too.")
    if excess.beyond_rule:
        other = "other items" if excess.action == "create" else reached
        texts.append(f"{lets} {other}{_example(export, excess.item)}.")
    return " ".join(texts)


def by_app_access(excesses: Iterable[Excess], owner: str, whom: str) -> str:
    """What `app_access` gives beyond a promise, as a sentence. `owner`: the policy that has it."""
    by_collection: dict[str, list[str]] = {}
    for one in excesses:
        by_collection.setdefault(escape_controls(one.collection), []).append(one.action)
    given = [f"{_and(list(dict.fromkeys(actions)))} `{name}`" for name, actions in by_collection.items()]
    return f"`app_access` of {owner} lets {whom} {_and(given)}."


def otherwise(promise: Promise, name: str) -> str:
    """What to change where the access is meant, a sentence."""
    if ANY not in promise.principals:
        return ""
    return f" If its users are meant to have this access, add `{escape_controls(name)}` to `not` of the promise."


def _example(export: Export, item: Mapping[str, Json] | None) -> str:
    if item is None:
        return ""
    shown = json.dumps(export.mask.values(item), ensure_ascii=False)
    return f", for example `{shorten(escape_controls(shown))}`"
