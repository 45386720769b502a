"""The tables of docs/contract.md that come from the code: commands, options and keys of the config."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import BaseModel

from directus_guard import limits
from directus_guard.cli import parser
from directus_guard.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pydantic.fields import FieldInfo


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown; `|` in a cell is escaped."""
    shown = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    names = list(headings)
    return "".join(
        f"{line}\n"
        for line in (f"| {' | '.join(names)} |", "|---" * len(names) + "|", *(f"| {row} |" for row in shown))
    )


def _subparsers() -> argparse._SubParsersAction[argparse.ArgumentParser]:
    return next(action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))


def commands() -> str:
    """Each command with its arguments and its help."""
    listed = _subparsers()
    helps = {action.dest: action.help or "" for action in listed._choices_actions}
    return table(
        ("command", "does"), ((f"`{name}{_arguments(sub)}`", helps[name]) for name, sub in listed.choices.items())
    )


def _arguments(command: argparse.ArgumentParser) -> str:
    """The arguments that are no options, as in the usage."""
    return "".join(f" {_value(action)}" for action in command._actions if not action.option_strings)


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    name = "|".join(action.choices) if action.choices else str(action.metavar or action.dest.upper())
    return {"*": f"[{name}…]", "+": f"{name}…", "?": f"[{name}]"}.get(str(action.nargs), name)


def options() -> str:
    """Each option of each command; what several commands share is one row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for name, command in _subparsers().choices.items():
        for action in command._actions:
            if action.option_strings and action.dest != "help":
                shown = f"{', '.join(action.option_strings)} {_value(action)}".rstrip()
                rows.setdefault((f"`{shown}`", action.help or ""), []).append(f"`{name}`")
    return table(("option", "of", "does"), ((option, ", ".join(of), text) for (option, text), of in rows.items()))


def config_keys() -> str:
    """Each key of the config file; `ID` stands for a check, `[]` for an entry of a list."""
    return table(("key", "is"), ((f"`{key}`", text) for key, text in _keys(Config)))


def _keys(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        key = f"{before}{field.alias or name}"
        inner = _inner(field)
        if inner is None:
            yield f"{key}{'[]' if 'tuple' in str(field.annotation) else ''}", _text(field)
        else:
            kind = str(field.annotation)
            yield from _keys(inner, f"{key}{'.ID' if 'dict' in kind else '[]' if 'tuple' in kind else ''}.")


def _inner(field: FieldInfo) -> type[BaseModel] | None:
    """The model that a key holds, as such, in a list or by name."""
    found: tuple[Any, ...] = (field.annotation, *get_args(field.annotation))
    return next((one for one in found if isinstance(one, type) and issubclass(one, BaseModel)), None)


def _text(field: FieldInfo) -> str:
    words = [one for one in get_args(field.annotation) if isinstance(one, str)]
    words += [word for one in get_args(field.annotation) for word in get_args(one) if isinstance(word, str)]
    listed = f": {', '.join(f'`{word}`' for word in words)}" if words else ""
    default = f" (default: `{field.default}`)" if isinstance(field.default, str) else ""
    return f"{field.description}{listed}{default}"


def limit_rows() -> str:
    """Each limit of `limits.py`."""
    listed = [one for one in vars(limits).values() if isinstance(one, limits.Limit)]
    return table(("at most", "of", "of more"), ((one.shown, one.what, one.then) for one in listed))


TABLES: Final[dict[str, Callable[[], str]]] = {"commands": commands, "options": options, "config": config_keys}
"""By the name that stands in the page."""
