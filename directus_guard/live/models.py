"""What Directus answers, as far as it is used: everything else is dropped here. Each row becomes a record of the model.

Answers are checked, not trusted: a row of another shape makes the whole answer unusable, and the message names the place
in it, never a value.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Final, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from directus_guard.directus.access import records as access, schema
from directus_guard.directus.instance import Extension, Sandbox, Share
from directus_guard.live.client import Unanswered

if TYPE_CHECKING:
    from collections.abc import Callable

    from directus_guard.directus.access.filters import Json

Model = TypeVar("Model", bound=BaseModel)
Row = TypeVar("Row", bound="Answer")

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
    """Whether a secret is set: the API writes it as asterisks (facts §5)."""
    if value is None or isinstance(value, str):
        return bool(value)
    raise ValueError("neither asterisks nor null")


Key = Annotated[str, BeforeValidator(_name), Field(max_length=MAX_NAME)]
Flag = Annotated[bool, BeforeValidator(_true)]
Told = Annotated[bool, BeforeValidator(_flag)]
"""A flag that every row has."""
Rule = Annotated[dict[str, object] | None, BeforeValidator(_rule)]
Set = Annotated[bool, BeforeValidator(_is_set)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Fields = Annotated[tuple[str, ...] | None, BeforeValidator(_list)]
Anything = dict[str, object] | list[object] | str | int | float | bool | None


class Answer(BaseModel):
    """Base of all: unknown keys are dropped, nothing changes later."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Meta(Answer):
    """How many rows there are: that match and that the caller may see, or in all."""

    filter_count: int | None = None
    total_count: int | None = None


class Rows(Answer, Generic[Row]):
    """An answer with rows."""

    data: tuple[Row, ...]
    meta: Meta = Meta()


class One(Answer, Generic[Row]):
    """An answer with one object."""

    data: Row


class Object(Answer):
    """An answer with one object of which every key is kept."""

    data: dict[str, Anything]


class QueryLimit(Answer):
    """QUERY_LIMIT_MAX, -1 for none."""

    max: int = -1


class Websocket(Answer):
    """How one kind of WebSocket asks who is there."""

    authentication: str = ""


class Websockets(Answer):
    """Both kinds; false where one is off."""

    rest: Websocket | bool | None = None
    graphql: Websocket | bool | None = None


class License(Answer):
    """12: where the licence comes from, null without one."""

    source: str | None = None


class Info(Answer):
    """/server/info. `setup` is there while nobody owns the instance (12); 11.13.4 to 11.17 say `setupCompleted`."""

    project: dict[str, object]
    version: str | None = None
    query_limit: QueryLimit | None = Field(None, alias="queryLimit")
    websocket: Websockets | bool | None = None
    license: License | None = None
    setup: dict[str, object] | None = None
    setup_completed: bool | None = Field(None, alias="setupCompleted")


class AccessOf(Answer):
    """How much of one action: `none`, `partial` (a rule hides rows) or `full`."""

    access: str = "none"
    fields: Texts = ()


class OwnAccess(Answer):
    """/permissions/me, from 11 on: collection → action → how much."""

    data: dict[str, dict[str, AccessOf]]


class Globals(Answer):
    """/policies/me/globals, from 11 on."""

    admin_access: Told


class OwnRole(Answer):
    """The caller's role on 10."""

    id: Key
    admin_access: Told


class Me(Answer):
    """/users/me on 10, where there is no /permissions/me."""

    id: Key
    role: OwnRole | Key | None = None


class RoleRow(Answer):
    """directus_roles, from 11 on."""

    id: Key
    name: str | None
    parent: Key | None

    def record(self) -> access.Role:
        """The record of the model."""
        return access.Role(self.id, self.name or "", self.parent)


class OldRoleRow(Answer):
    """directus_roles on 10, where the role carries what policies carry since."""

    id: Key
    name: str | None
    admin_access: Told
    app_access: Told
    enforce_tfa: Told
    ip_access: Texts

    def record(self) -> access.Role:
        """The record of the model."""
        return access.Role(
            self.id, self.name or "", None, self.admin_access, self.app_access,
            enforce_tfa=self.enforce_tfa, ip_access=self.ip_access,
        )  # fmt: skip


class PolicyRow(Answer):
    """directus_policies."""

    id: Key
    name: str | None
    admin_access: Told
    app_access: Told
    enforce_tfa: Told
    ip_access: Texts

    def record(self) -> access.Policy:
        """The record of the model."""
        return access.Policy(
            self.id, self.name or "", self.admin_access, self.app_access, self.enforce_tfa, self.ip_access
        )


class AccessRow(Answer):
    """directus_access."""

    id: Key
    policy: Key
    role: Key | None
    user: Key | None
    sort: int | None = None

    def record(self) -> access.Access:
        """The record of the model."""
        return access.Access(self.policy, self.role, self.user, self.sort, self.id)


class PermissionRow(Answer):
    """Rows of the framework that the endpoint adds for callers with app access have `system`, or no id (facts §5)."""

    id: int | str | None = None
    collection: str
    action: Literal["create", "read", "update", "delete", "share"]
    permissions: Rule
    validation: Rule
    presets: Rule
    fields: Fields
    policy: Key | None = None
    role: Key | None = None
    system: Flag = False

    def record(self, rules: dict[str, Json]) -> access.Permission:
        """`rules` makes equal rules one object, so that each is judged once."""
        return access.Permission(
            self.collection, self.action, _one(self.permissions, rules), _one(self.validation, rules),
            _one(self.presets, rules), self.fields, self.policy, self.role, self.id, self.system,
        )  # fmt: skip


def _one(value: dict[str, object] | None, rules: dict[str, Json]) -> Json:
    rule: Json = value  # type: ignore[assignment]  # what the decoder gives is JSON
    return None if rule is None else rules.setdefault(repr(rule), rule)


class FlowRow(Answer):
    """directus_flows."""

    id: Key
    name: str | None
    status: str
    trigger: str | None
    accountability: str | None = None
    options: Rule
    operation: Key | None


class OperationRow(Answer):
    """directus_operations."""

    id: Key
    key: str
    type: str
    flow: Key | None
    options: Rule
    resolve: Key | None
    reject: Key | None


class UserRow(Answer):
    """Never a name or an address: they are not asked for."""

    id: Key
    status: str
    role: Key | None
    provider: str | None = None
    last_access: str | None = None
    token: Set = False
    tfa_secret: Set = False

    def record(self) -> access.User:
        """The record of the model."""
        sent = self.model_fields_set
        return access.User(
            self.id, self.role, self.status, provider=self.provider, last_access=self.last_access,
            has_token=self.token if "token" in sent else None,
            has_second_factor=self.tfa_secret if "tfa_secret" in sent else None,
        )  # fmt: skip


class ShareRow(Answer):
    """directus_shares without the id, which opens it."""

    collection: str
    password: Set
    date_end: str | None
    max_uses: int | None

    def record(self) -> Share:
        """The record of the model."""
        return Share(self.collection, self.password, self.date_end is not None, self.max_uses is not None)


class ExtensionMeta(Answer):
    """What directus_extensions keeps."""

    enabled: Flag = False
    source: str | None = None
    folder: str | None = None


class RequestScope(Answer):
    """What sandboxed code may fetch."""

    methods: Texts = ()
    urls: Texts = ()


class Scopes(Answer):
    """What a sandbox hands out."""

    request: RequestScope | None = None


class SandboxOf(Answer):
    """`directus:extension.sandbox`."""

    enabled: Flag = False
    requested_scopes: Scopes | None = Field(None, alias="requestedScopes")


class ExtensionSchema(Answer):
    """What the extension's package says; null where the server has not loaded it."""

    name: str | None = None
    type: str | None = None
    sandbox: SandboxOf | None = None


class ExtensionRow(Answer):
    """One row of /extensions."""

    name: str | None = None  # 10.9 and older
    bundle: Key | None = None
    schema_: ExtensionSchema | None = Field(None, alias="schema")
    meta: ExtensionMeta

    def record(self) -> Extension:
        """The record of the model."""
        told = self.schema_ or ExtensionSchema()
        scope = told.sandbox.requested_scopes.request if told.sandbox and told.sandbox.requested_scopes else None
        sandbox = (
            Sandbox(told.sandbox.enabled, *((scope.urls, scope.methods) if scope else ())) if told.sandbox else None
        )
        name = told.name or self.name or self.meta.folder or ""
        return Extension(name, told.type or "", self.meta.source or "", self.meta.enabled, sandbox)


class CollectionMeta(Answer):
    """directus_collections."""

    hidden: Flag = False
    singleton: Flag = False
    accountability: str | None = None
    system: Flag = False


class CollectionRow(Answer):
    """One row of /collections; without a schema it is a folder."""

    collection: str
    meta: CollectionMeta | None = None
    schema_: dict[str, object] | None = Field(None, alias="schema")

    def record(self) -> schema.Collection:
        """The record of the model."""
        meta = self.meta or CollectionMeta(accountability="all")
        return schema.Collection(self.collection, meta.hidden, meta.singleton, meta.accountability)


class FieldMeta(Answer):
    """directus_fields."""

    special: Texts = ()


class Column(Answer):
    """The column in the database."""

    is_nullable: bool | None = None
    is_primary_key: Flag = False


class FieldRow(Answer):
    """One row of /fields."""

    collection: str
    field: str
    type: str = "unknown"
    meta: FieldMeta | None = None
    schema_: Column | None = Field(None, alias="schema")

    def record(self) -> schema.Field:
        """The record of the model."""
        special = self.meta.special if self.meta else ()
        column = self.schema_ or Column()
        return schema.Field(self.collection, self.field, self.type, special, column.is_nullable, column.is_primary_key)


class RelationMeta(Answer):
    """directus_relations."""

    one_field: str | None = None
    junction_field: str | None = None
    one_collection_field: str | None = None
    one_allowed_collections: Texts = ()


class RelationRow(Answer):
    """One row of /relations."""

    collection: str
    field: str
    related_collection: str | None = None
    meta: RelationMeta | None = None

    def record(self) -> schema.Relation:
        """The record of the model."""
        meta = self.meta or RelationMeta()
        return schema.Relation(
            self.collection, self.field, self.related_collection, meta.one_field, meta.junction_field,
            meta.one_collection_field, meta.one_allowed_collections,
        )  # fmt: skip


class OpenApi(Answer):
    """/server/specs/oas: path → method → anything."""

    openapi: str
    paths: dict[str, dict[str, object]]


class Items(Answer):
    """Items of a collection, of which only the names of the fields are kept; a singleton is one object."""

    data: list[dict[str, object]] | dict[str, object] | None
    meta: Meta = Meta()


def checked(model: Callable[..., Model], value: object) -> Model:
    """`value` as the model. Raises `Unanswered` with the place that does not fit, never its value."""
    if not isinstance(value, dict):
        raise Unanswered("answered JSON that is no answer of Directus")
    try:
        return model(**{str(key): item for key, item in value.items()})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(str(part) if isinstance(part, int) else part[:40] for part in first["loc"][:4])
        raise Unanswered(f"answered something unexpected at `{place}`") from None
