"""One Compose project in many spellings of YAML: the same data, written as people and programs write it."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from directus_guard.audit.audited import Audited

Data: TypeAlias = "str | dict[str, Data] | list[Data]"
IMAGE: Final = "directus/directus:12.4.1"
ENVIRONMENT: Final[dict[str, Data]] = {
    "PUBLIC_URL": "https://cms.example.com",
    "SECRET": "changeme",
    "MARKETPLACE_TRUST": "all",
    "CORS_ENABLED": "true",
    "CORS_ORIGIN": "*",
}
PROJECT: Final[dict[str, Data]] = {
    "services": {
        "directus": {"image": IMAGE, "environment": ENVIRONMENT, "ports": ["8055:8055"]},
        "database": {"image": "postgres:16", "environment": {"POSTGRES_PASSWORD": "changeme"}},
    }
}
LINE_ENDS: Final = ("\n", "\n", "\n", "\r\n", "\r", "\x85", "\u2028", "\u2029")
ENCODINGS: Final = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16")


class Speller:
    """Writes data as YAML, in styles chosen by one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.hoisted: list[str] = []
        self.anchors = 0
        self.flowing = self.chance(0.2)
        self.quoting = self.random.choice((0.1, 0.5, 0.9))
        self.asking = self.random.choice((0.0, 0.0, 0.3))
        self.sharing = self.random.choice((0.0, 0.15, 0.3))
        self.tagging = self.random.choice((0.0, 0.0, 0.2))
        self.remarking = self.random.choice((0.0, 0.2))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    # --- the file ---

    def file(self) -> bytes:
        """The whole project."""
        encoding = self.random.choice(ENCODINGS)
        if self.chance(0.08):
            return self._json().encode(encoding)
        parts = [self._document(part) for part in self._documents()]
        text = parts[0] if len(parts) == 1 else "---\n".join(("", *parts))
        if len(parts) == 1 and self.chance(0.25):
            text = f"{self.random.choice(('', '%YAML 1.1', '%TAG !y! tag:yaml.org,2002:'))}\n---\n{text}".lstrip("\n")
        elif self.chance(0.1):
            text = f"# services:\n\n{text}"
        if self.chance(0.1):
            text += "...\n"
        if self.chance(0.2):
            text = text.rstrip("\n")
        if encoding == "utf-8-sig" and self.chance(0.3):
            text = f"\ufeff{text}"
        return text.replace("\n", self.random.choice(LINE_ENDS)).encode(encoding)

    def _json(self) -> str:
        style = self.random.choice((None, 2, "\t"))
        text = json.dumps(
            PROJECT, indent=style, separators=self.random.choice(((",", ":"), (", ", ": "), (",", ":\t")))
        )
        return text.replace("services", "\\u0073ervices") if self.chance(0.3) else text

    def _documents(self) -> list[dict[str, Data]]:
        """The project in one document, or with a part of it in a second one."""
        if not self.chance(0.15):
            return [PROJECT]
        names = list(ENVIRONMENT)
        later = {name: ENVIRONMENT[name] for name in names[2:]}
        services = PROJECT["services"]
        assert isinstance(services, dict)
        directus: dict[str, Data] = {
            "image": IMAGE,
            "environment": {name: ENVIRONMENT[name] for name in names[:2]},
            "ports": ["8055:8055"],
        }
        first: dict[str, Data] = {"services": {"directus": directus, "database": services["database"]}}
        return [first, {"services": {"directus": {"environment": later}}}]

    def _document(self, data: dict[str, Data]) -> str:
        self.hoisted = []
        if self.chance(0.15):
            name = self._anchor()
            below = self._mapping(data, 1)
            return f"{self._hoists()}x-{name}: &{name}\n{below}{self._merge_key(name, 0)}"
        if self.flowing and self.chance(0.5):
            return f"{self._flow(data)}\n"
        body = self._mapping(data, 0)
        return self._hoists() + body

    def _hoists(self) -> str:
        return "".join(self.hoisted)

    def _anchor(self) -> str:
        self.anchors += 1
        return f"{self.random.choice('abcxyz')}{self.anchors}"

    def _merge_key(self, name: str, level: int) -> str:
        form = self.random.choice(("<<: *%s", "<<: [*%s]", "<<: [ *%s ]", "!!merge <<: *%s", "<<: [*%s, {x-none: {}}]"))
        if level and "x-none" in form:
            form = "<<: [*%s]"
        return "  " * level + form.replace("%s", name) + "\n"

    # --- blocks ---

    def _mapping(self, data: dict[str, Data], level: int) -> str:
        """A mapping in block style; what it shares is hoisted to the top of the document."""
        indent = "  " * level
        text = ""
        rest = dict(data)
        if len(rest) > 1 and level > 1 and self.chance(self.sharing):
            name = self._anchor()
            taken = {key: rest.pop(key) for key in list(rest)[: self.random.randint(1, len(rest) - 1)]}
            self.hoisted.append(f"x-{name}: &{name} {self._flow(taken)}\n")
            text += self._merge_key(name, level)
        for key, value in rest.items():
            if self.chance(self.remarking):
                text += self.random.choice((f"{indent}# services: {{}}\n", "\n", f"{indent}   \n"))
            text += self._entry(key, value, level)
        return text

    def _entry(self, key: str, value: Data, level: int) -> str:
        indent = "  " * level
        written = self._key(key)
        if self.chance(self.asking):
            if self.chance(0.2):
                written = f"{self.random.choice(('|-', '>-'))}\n{indent}  {key}"
            return f"{indent}? {written}\n{indent}:{self._value(value, level)}"
        colon = self.random.choice((":", ":", ":", " :"))
        if written.startswith("*"):
            colon = " :"
        return f"{indent}{written}{colon}{self._value(value, level)}"

    def _value(self, value: Data, level: int) -> str:
        """What follows a colon, with the line's end."""
        if not isinstance(value, str) and self.chance(self.sharing / 2):
            name = self._anchor()
            self.hoisted.append(f"x-{name}: &{name} {self._flow(value)}\n")
            return f" *{name}\n"
        mark = self._mark(value)
        if isinstance(value, str):
            if not mark and self.chance(0.1):
                return f" {self.random.choice(('|-', '>-', '|-2', '>-2'))}\n{'  ' * (level + 1)}{value}\n"
            remark = "  # all" if self.chance(self.remarking) else ""
            return f" {mark}{self._scalar(value)}{remark}\n"
        if self.flowing or self.chance(0.1):
            return f" {mark}{self._flow(value)}\n"
        remark = " # services" if self.chance(self.remarking) else ""
        if isinstance(value, dict):
            return f" {mark}{remark}\n".replace("  ", " ") + self._mapping(value, level + 1)
        items = "".join(f"{'  ' * (level + 1)}- {self._scalar(str(item))}\n" for item in value)
        return f" {mark}{remark}\n".replace("  ", " ") + items

    def _mark(self, value: Data) -> str:
        """Properties before a node: an anchor, a tag."""
        mark = f"&{self._anchor()} " if self.chance(self.tagging) else ""
        if self.chance(self.tagging):
            mark += "!!str " if isinstance(value, str) else "!!map " if isinstance(value, dict) else "!!seq "
        return mark

    # --- flow and scalars ---

    def _flow(self, value: Data) -> str:
        space = self.random.choice(("", " "))
        if isinstance(value, dict):
            entries = (
                f"{self._quoted(key)}:{self.random.choice((' ', '  '))}{self._flow(item)}"
                for key, item in value.items()
            )
            return f"{{{space}{f',{space or chr(32)}'.join(entries)}{space}}}"
        if isinstance(value, list):
            return f"[{space}{', '.join(self._flow(item) for item in value)}{space}]"
        return self._quoted(value)

    def _key(self, text: str) -> str:
        if self.chance(self.sharing / 3):
            name = self._anchor()
            self.hoisted.append(f"x-{name}: &{name} {text}\n")
            return f"*{name}"
        if self.chance(self.tagging):
            return self.random.choice(
                (f"!!str {text}", f"!<tag:yaml.org,2002:str> {text}", f"! {text}", f"!word {text}", f"&{self._anchor()} {text}",
                 f"!!binary {base64.b64encode(text.encode()).decode()}")
            )  # fmt: skip
        return self._scalar(text)

    def _scalar(self, text: str) -> str:
        plain = text not in ("true", "false") and text[0] not in "*&!{[" and ": " not in text and " #" not in text
        return text if plain and not self.chance(self.quoting) else self._quoted(text)

    def _quoted(self, text: str) -> str:
        form = self.random.randint(0, 3)
        if form == 0:
            return "'" + text.replace("'", "''") + "'"
        if form == 1:
            return json.dumps(text)
        place = self.random.randrange(len(text))
        escape = self.random.choice(("\\x%02x", "\\u%04x", "\\U%08x")) % ord(text[place])
        return json.dumps(text[:place])[:-1] + escape + json.dumps(text[place + 1 :])[1:]


def keys(audited: Audited) -> list[tuple[str, str, str]]:
    """What was found, without where."""
    return sorted((found.check, found.severity.value, found.subject.key) for found in audited.report.findings)
