"""What every answer of Directus has in common, and how answers are checked.

Answers are checked, not trusted: a row of another shape makes the whole answer unusable, and the message names the place
in it, never a value.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Annotated, Final, Generic, TypeVar, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from directus_guard.live.client import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable


Model = TypeVar("Model", bound=BaseModel)
Row = TypeVar("Row", bound="ServerAnswer")
MAX_NAME: Final = 500


def _name(value: object) -> object:
    """Keys are texts in the model; 10 and 11 hand some out as numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _true(value: object) -> object:
    """SQLite hands booleans out as 0 and 1; what is not set is false."""
    return False if value is None else value


def _flag(value: object) -> object:
    """SQLite hands booleans out as 0 and 1. Anything else is no answer: it must not count as false."""
    if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise ValueError("not true or false")


def _rule(value: object) -> object:
    """An object, also one that the database hands out as text."""
    if isinstance(value, str):
        value = json.loads(value)
    if value is None or isinstance(value, dict):
        return value
    raise ValueError("no object")


def _list(value: object) -> object:
    """Lists that the database keeps as one text with commas."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _texts(value: object) -> object:
    """The same, where nothing means an empty list."""
    return [] if value is None else _list(value)


def _is_set(value: object) -> object:
    """Whether a secret is set: the API writes it as asterisks (docs/model/live.md#masks)."""
    if value is None or isinstance(value, str):
        return bool(value)
    raise ValueError("neither asterisks nor null")


Key = Annotated[str, BeforeValidator(_name), Field(max_length=MAX_NAME)]
Flag = Annotated[bool, BeforeValidator(_true)]
RequiredFlag = Annotated[bool, BeforeValidator(_flag)]
"""A flag that every row has."""
Rule = Annotated[dict[str, object] | None, BeforeValidator(_rule)]
Set = Annotated[bool, BeforeValidator(_is_set)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Fields = Annotated[tuple[str, ...] | None, BeforeValidator(_list)]
Anything = dict[str, object] | list[object] | str | int | float | bool | None


class ServerAnswer(BaseModel):
    """Base of all: unknown keys are dropped, nothing changes later."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Meta(ServerAnswer):
    """How many rows there are: that match and that the caller may see, or in all."""

    filter_count: int | None = None
    total_count: int | None = None


class Rows(ServerAnswer, Generic[Row]):
    """An answer with rows."""

    data: tuple[Row, ...]
    meta: Meta = Meta()


class One(ServerAnswer, Generic[Row]):
    """An answer with one object."""

    data: Row


@cache
def _of(answer: type[BaseModel], model: type[ServerAnswer]) -> object:
    """pydantic forgets such a model once nothing holds it, and to make it again costs more than to read a small answer."""
    return answer.__class_getitem__(model)


def rows_of(model: type[Row]) -> type[Rows[Row]]:
    """An answer with rows of this kind."""
    return cast("type[Rows[Row]]", _of(Rows, model))


def one_of(model: type[Row]) -> type[One[Row]]:
    """An answer with one object of this kind."""
    return cast("type[One[Row]]", _of(One, model))


class ObjectAnswer(ServerAnswer):
    """An answer with one object of which every key is kept."""

    data: dict[str, Anything]


class Items(ServerAnswer):
    """Items of a collection, of which only the names of the fields are kept; a singleton is one object."""

    data: list[dict[str, object]] | dict[str, object] | None
    meta: Meta = Meta()


def checked(model: Callable[..., Model], value: object) -> Model:
    """`value` as the model. Raises `Unanswered` with the place that does not fit, never its value."""
    if not isinstance(value, dict):
        raise Unanswered("answered JSON that is not from Directus")
    try:
        return model(**{str(key): item for key, item in value.items()})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) if isinstance(part, int) else part[:40] for part in first["loc"][:4])
        raise Unanswered(f"answered something unexpected at `{place}`") from None
