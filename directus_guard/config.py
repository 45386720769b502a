"""The config file, `directus-guard.yaml`: read, validated, explained when wrong. Only cli and audit know it."""

from __future__ import annotations

import re
from datetime import date  # noqa: TC003 - pydantic needs the class at run time
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from directus_guard import limits
from directus_guard.directus.access.filters import Opaque, conditions
from directus_guard.directus.access.item_rules import parse
from directus_guard.directus.environment import byte_size
from directus_guard.directus.environment.settings import LARGEST_UPLOAD
from directus_guard.directus.versions import NEWEST
from directus_guard.documentation import EXAMPLE, is_address
from directus_guard.sources.formats import yaml_document
from directus_guard.spelling import nearest

SeverityName = Literal["critical", "high", "medium", "low"]
ConfidenceName = Literal["high", "medium", "low"]
ContextName = Literal["production", "unknown", "development", "example"]
ActionName = Literal["create", "read", "update", "delete", "share", "write", "*"]

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic_core import ErrorDetails


class ConfigError(Exception):
    """The config file is wrong. The message has the place and what to do."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CheckConfig(_Part):
    """A check switched off or given another severity."""

    severity: Literal["off", "critical", "high", "medium", "low"] = Field(description="`off`, or the severity to use")
    reason: str = Field(min_length=1, description="why")
    paths: tuple[str, ...] = Field(default=(), description="globs of paths that it is for (default: all)")


class IgnoreConfig(_Part):
    """One accepted finding, by check and object."""

    check: str = Field(description="the id of the check")
    object: str = Field(description="the object of the finding's fingerprint: what follows `check|`")
    reason: str = Field(min_length=1, description="why")
    until: date | None = Field(default=None, description="last day on which the ignore applies")


class Thresholds(_Part):
    """Limits some checks judge by."""

    files_max_upload_size: str = Field(
        default=byte_size.shown(LARGEST_UPLOAD),
        alias="files-max-upload-size",
        description="largest FILES_MAX_UPLOAD_SIZE that passes",
    )

    @property
    def largest_upload(self) -> int:
        """Bytes."""
        return byte_size.parse(self.files_max_upload_size) or 0

    @field_validator("files_max_upload_size")
    @classmethod
    def _is_size(cls, text: str) -> str:
        if not byte_size.parse(text):
            raise ValueError("expected a size such as `500mb`")
        return text


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Name = Annotated[str, Field(min_length=1)]
_Names = Annotated[tuple[Name, ...], Field(min_length=1)]
_Actions = Annotated[tuple[ActionName, ...], Field(min_length=1)]
Names = Annotated[_Names, BeforeValidator(_as_list, json_schema_input_type=Name | _Names)]
"""A word, or a list of words."""
Actions = Annotated[_Actions, BeforeValidator(_as_list, json_schema_input_type=ActionName | _Actions)]


class NeverConfig(_Part):
    """Access that none of these principals has, nor a way to it."""

    principal: Names = Field(description="roles, policies and users by name or id, `public`, or `*` for all")
    excepted: Names | None = Field(default=None, alias="not", description="those whom it is not about")
    action: Actions = Field(description="actions; `write` is create, update and delete, `*` is all")
    collection: Names = Field(description="collections, or `*` for all")
    reason: str | None = Field(default=None, min_length=1, description="why: findings say it")
    severity: SeverityName | None = Field(default=None, description="severity of its findings (default: high)")


class OnlyConfig(NeverConfig):
    """What they have lies within these fields and this rule."""

    fields: Names | None = Field(default=None, description="fields that may be granted (default: all)")
    rule: dict[str, Any] | None = Field(
        default=None, description="an item rule: the items that may be reached; on create, what is sent"
    )

    @field_validator("rule")
    @classmethod
    def _is_rule(cls, rule: dict[str, Any] | None) -> dict[str, Any] | None:
        read = parse(rule, major=NEWEST.major) if rule else None
        if rule and read is None:
            raise ValueError("it restricts nothing; for example `{status: {_eq: published}}`")
        refused = next((leaf.reason for leaf in conditions(read) if isinstance(leaf, Opaque)), "") if read else ""
        if refused:
            raise ValueError(f"it is no item rule: {refused}")
        return rule


class PromiseConfig(_Part):
    """One promise about access: `never` or `only`."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["never"]}, {"required": ["only"]}]})

    never: NeverConfig | None = Field(default=None, description="access that none of them has")
    only: OnlyConfig | None = Field(default=None, description="the most that they have")

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.never is None) is (self.only is None):
            raise ValueError("expected one of `never` and `only`")
        return self


class FolderConfig(_Part):
    """The keys that `directus-guard.yaml` of any folder may have: they are for what lies in it."""

    context: dict[str, ContextName] = Field(
        default_factory=dict, description="what deployments are for, by a glob on their names"
    )
    thresholds: Thresholds = Field(default_factory=Thresholds)
    checks: dict[str, CheckConfig] = Field(default_factory=dict, description="check id: severity and reason")
    ignore: tuple[IgnoreConfig, ...] = Field(default=(), description="accepted findings")
    access: tuple[PromiseConfig, ...] = Field(default=(), description="what access never, or only, grants")
    _access_lines: tuple[int, ...] = PrivateAttr(default=())

    @property
    def promises(self) -> tuple[tuple[int, PromiseConfig], ...]:
        """The entries of `access`, each with its line."""
        return tuple(zip(self._access_lines, self.access, strict=True))


class Config(FolderConfig):
    """All keys of `directus-guard.yaml` at the root."""

    fail_on: Literal["critical", "high", "medium", "low", "none"] | None = Field(
        default=None, alias="fail-on", description="severity from which a finding fails the run"
    )
    min_severity: SeverityName | None = Field(
        default=None, alias="min-severity", description="findings below are not reported"
    )
    min_confidence: ConfidenceName | None = Field(
        default=None, alias="min-confidence", description="findings that are less sure are not reported"
    )
    new_access: Literal["critical", "high", "medium", "low", "none"] | None = Field(
        default=None,
        alias="new-access",
        description="severity from which access that the base does not grant fails the run",
    )
    incomplete: Literal["fail", "warn"] | None = Field(
        default=None, description="whether a file of a Directus project that cannot be read fails the run"
    )
    exclude: tuple[str, ...] = Field(default=(), description="globs of paths that are not read")
    edition: Literal["core", "licensed"] | None = Field(default=None, description="edition of Directus 12")
    directus_version: str | None = Field(
        default=None, alias="directus-version", description="the Directus version, where no file has it"
    )
    documentation: str | None = Field(
        default=None, description=f"address of the files of directus-guard, for links, like `{EXAMPLE}`"
    )

    @field_validator("documentation")
    @classmethod
    def _is_address(cls, text: str | None) -> str | None:
        if text is not None and not is_address(text):
            raise ValueError(f"expected an address such as `{EXAMPLE}`")
        return text


def load(path: str, text: str, checks: Collection[str] | None = None) -> Config:
    """The config in `text`; `path` is for messages. Raises `ConfigError` naming the line and the nearest known key.

    `checks`: the ids of all checks, if they are to be looked at.
    """
    if len(text) > limits.CONFIG.number:
        raise ConfigError(f"{path}: {limits.over(limits.CONFIG)}")
    try:
        documents = yaml_document.parse(path, text)
    except yaml_document.YamlError as error:
        raise ConfigError(f"{path}:{error.line}: not valid YAML: {error}") from None
    if not documents or yaml_document.is_null(documents[0]):
        return Config()
    if not isinstance(documents[0], yaml_document.Mapping):
        raise ConfigError(f"{path}:1: expected `key: value` lines")
    try:
        config = Config.model_validate(_plain(documents[0]))
    except ValidationError as error:
        raise ConfigError(_explain(path, documents[0], error)) from None
    if _globs(config) > limits.GLOBS.number:
        raise ConfigError(f"{path}: {limits.over(limits.GLOBS)}")
    config._access_lines = tuple(  # noqa: SLF001 - of this module
        _find(documents[0], ["access", str(number)])[0] for number, _ in enumerate(config.access)
    )
    if checks is not None:
        _check_ids(path, documents[0], config, checks)
    return config


def _globs(config: Config) -> int:
    """How many globs it has. Each is compared with each path."""
    return len(config.exclude) + len(config.context) + sum(len(one.paths) for one in config.checks.values())


def only_at_root(config: Config) -> list[str]:
    """The keys of a config that count only at the root."""
    return [
        field.alias or name
        for name, field in Config.model_fields.items()
        if name in config.model_fields_set and name not in FolderConfig.model_fields
    ]


def _check_ids(path: str, root: yaml_document.Mapping, config: FolderConfig, check_ids: Collection[str]) -> None:
    """Raise `ConfigError` for an id that no check has."""
    named = [(["checks", check], check) for check in config.checks]
    named += [(["ignore", str(number), "check"], item.check) for number, item in enumerate(config.ignore)]
    for keys, check in named:
        if check not in check_ids:
            near = nearest(check, check_ids)
            hint = f" Did you mean `{near}`?" if near else " `directus-guard checks` lists them."
            raise ConfigError(f"{path}:{_find(root, keys)[0]}: unknown check `{check}`.{hint}")


def _plain(node: yaml_document.Node) -> object:
    """The node as plain data, without keys that have no value. Scalars stay texts: no key of the config is a number or a
    boolean (`off` is a word here), but for what is in a `rule`."""
    if isinstance(node, yaml_document.Mapping):
        return {
            entry.key.text: _typed(entry.value) if entry.key.text == "rule" else _plain(entry.value)
            for entry in node.entries
            if not yaml_document.is_null(entry.value)
        }
    if isinstance(node, yaml_document.Sequence):
        return [_plain(item) for item in node.items]
    return None if yaml_document.is_null(node) else node.text


_NUMBER: Final = re.compile(r"[-+]?\d{1,15}(\.\d{1,15})?")


def _typed(node: yaml_document.Node) -> object:
    """The node as JSON has it: numbers, booleans and null are what they are, unless they are in quotes."""
    if isinstance(node, yaml_document.Mapping):
        return {entry.key.text: _typed(entry.value) for entry in node.entries}
    if isinstance(node, yaml_document.Sequence):
        return [_typed(item) for item in node.items]
    if yaml_document.is_null(node) or not node.plain:
        return None if node.plain else node.text
    if node.text in ("true", "false"):
        return node.text == "true"
    number = _NUMBER.fullmatch(node.text)
    return node.text if number is None else float(node.text) if number[1] else int(node.text)


def _explain(path: str, root: yaml_document.Mapping, error: ValidationError) -> str:
    """The first thing wrong, with its line and, for an unknown key, the nearest known one."""
    errors = error.errors(include_url=False)
    first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
    keys = [str(part) for part in first["loc"]]
    line, known = _find(root, keys)
    name = ".".join(keys)
    if first["type"] != "extra_forbidden":
        return f"{path}:{line}: {_mistake(keys, first)}"
    near = nearest(keys[-1], known)
    hint = f" Did you mean `{near}`?" if near else f" Known keys: {', '.join(known)}."
    return f"{path}:{line}: unknown key `{name}`.{hint}"


_EXAMPLES: Final = {
    "context": 'context: {"staging/**": development}',
    "thresholds": "thresholds: {files-max-upload-size: 2gb}",
    "checks": "checks: {token-lifetime: {severity: low, reason: kiosks}}",
    "ignore": "ignore: [{check: secret-weak, object: compose.yaml#directus SECRET, reason: reviewed}]",
    "exclude": 'exclude: ["legacy/**"]',
    "access": "access: [{never: {principal: public, action: write, collection: '*'}}]",
    "never": "never: {principal: public, action: write, collection: '*'}",
    "only": "only: {principal: public, action: read, collection: posts, fields: [id, title]}",
    "principal": "principal: public",
    "not": "not: [Administrator]",
    "action": "action: [update, delete]",
    "collection": "collection: invoices",
    "fields": "fields: [id, title]",
    "rule": "rule: {status: {_eq: published}}",
    "paths": 'paths: ["apps/shop/**"]',
    "check": "check: secret-weak",
    "object": "object: compose.yaml#directus SECRET",
    "reason": "reason: reviewed in May",
    "severity": "severity: low",
    "until": "until: 2027-01-31",
    "directus-version": "directus-version: 11.17.4",
}
"""How each key is written that has no fixed words."""

_SAYS: Final = {
    "missing": "is missing",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "tuple_type": "must be a list",
    "dict_type": "must hold `key: value` lines",
    "model_type": "must hold `key: value` lines",
    "string_type": "must be a text",
}
"""What is wrong, by the type of the mistake; all others are a date."""


def _mistake(keys: list[str], first: ErrorDetails) -> str:
    """A value that cannot be used, in a sentence with an example."""
    name = "`" + ".".join(keys) + "`"
    if first["type"] == "literal_error":
        words = re.findall(r"'([^']+)'", first["ctx"]["expected"])
        near = nearest(str(first["input"]), words)
        known = ", ".join(f"`{word}`" for word in words)
        return f"{name} must be one of {known}.{f' Did you mean `{near}`?' if near else ''}"
    if first["type"] == "value_error":
        return f"{name}: {first['msg'].removeprefix('Value error, ')}."
    says = _SAYS.get(first["type"], "must be a date")
    if keys[-1].isdecimal() and keys[0] == "ignore":
        example = "{check: secret-weak, object: compose.yaml#directus SECRET, reason: reviewed}"
    elif len(keys) == 2 and keys[0] == "checks":
        example = f"{keys[1]}: {{severity: low, reason: reviewed}}"
    else:
        key = next((key for key in reversed(keys) if not key.isdecimal()), keys[-1])
        example = _EXAMPLES.get(key, "")
    return f"{name} {says}{f'; for example `{example}`' if example else ''}."


def _find(root: yaml_document.Mapping, keys: list[str]) -> tuple[int, list[str]]:
    """The line of the key path, and the keys known beside its last part."""
    node: yaml_document.Node = root
    line = root.location.line
    for key in keys:
        if isinstance(node, yaml_document.Mapping):
            line = node.locate(key).line
            child = node.get(key)
        elif isinstance(node, yaml_document.Sequence) and key.isdigit() and int(key) < len(node.items):
            child = node.items[int(key)]
            line = child.location.line
        else:
            break
        if child is None:
            break
        node = child
    return line, [field.alias or name for name, field in _model(keys).model_fields.items()]


def _model(keys: list[str]) -> type[BaseModel]:
    """What the last of some keys is in."""
    if keys[0] == "access" and len(keys) > 2:
        return PromiseConfig if len(keys) == 3 else OnlyConfig if keys[2] == "only" else NeverConfig
    models: dict[str, type[BaseModel]] = {"thresholds": Thresholds, "checks": CheckConfig, "ignore": IgnoreConfig}
    return models.get(keys[0], Config) if len(keys) > 1 else Config
