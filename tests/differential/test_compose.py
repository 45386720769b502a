"""Compose: interpolation, merging, `extends`, `include` and `env_file`, equal to `docker-compose config` of Debian 13.

What comes from outside is unknown to us; the real one is run with an empty environment, so there it must equal our
fallback. Only where the real one refuses a file there is nothing to compare.
"""

from __future__ import annotations

import json
import random
import re
from itertools import chain
from typing import TYPE_CHECKING, Final

import pytest

from tests.differential.real import compose_program
from tests.fuzz.targets import NAMES as FUZZED
from tests.support.cli import write
from tests.support.compose import environment, ours, real
from tests.support.generated import found_by_fuzzing, seeds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PROJECTS: Final = 240
SEED: Final = 20261124
GIVEN: Final = ("A", "B", "EMPTY", "QUOTED")
OUTSIDE: Final = ("X", "Y")
ODD: Final = (
    "$",
    "$!",
    "$1",
    "$(x)",
    "$}",
    "\\",
    "\\$",
    "\\\\",
    "\\n",
    '"',
    "'",
    '\\"',
    "{ ",
    "é",
    "`",
    "=",
    ";",
    "\t",
    "${X:-$}",
)
"""What a password may hold."""
DIRECTUS: Final = re.compile(r"directus/directus(:[\w.-]+)?")
"""Fuzzing damages the name of the image as well."""
NAMES: Final = ("PUBLIC_URL", "CORS_ORIGIN", "LOG_LEVEL", "SECRET", "CACHE_TTL", "EMAIL_FROM")


class Generator:
    """Random projects of the shapes people write, from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def reference(self, depth: int = 0) -> str:
        name = self.random.choice(GIVEN + OUTSIDE)
        word = (
            self.reference(depth + 1) if depth < 2 and self.chance(0.2) else self.random.choice(["d", "", "a b", "x-y"])
        )
        form = self.random.choice(
            ["${%s}", "$%s", "${%s:-%w}", "${%s-%w}", "${%s:+%w}", "${%s+%w}", "${%s:-%w}", "$$%s", "$${%s}"]
        )
        return form.replace("%s", name).replace("%w", word)

    def value(self) -> str:
        pieces = [
            self.reference()
            if self.chance(0.5)
            else self.random.choice(["text", "https://a.b/c", "a,b", "1", "'self'", "%", " ", "#x", *ODD])
            for _ in range(self.random.randint(1, 3))
        ]
        return "".join(pieces)

    def scalar(self) -> str:
        """A value of a mapping, as YAML."""
        kind = self.random.randint(0, 7)
        if kind == 0:
            return self.random.choice(["true", "yes", "8055", "no", "null", "~", "1.5", "off", "-3", ""])
        if kind == 1:
            return "|-\n        " + self.value().strip().replace("\n", " ")
        if kind == 2:
            return "'" + self.value().replace("'", "''") + "'"
        return json.dumps(self.value())

    def environment(self) -> str:
        names = self.random.sample(NAMES, self.random.randint(1, 4))
        if self.chance(0.4):
            items = [
                f"      - {json.dumps(f'{name}={self.value()}')}" if self.chance(0.85) else f"      - {name}"
                for name in names
            ]
            return "    environment:\n" + "\n".join(items) + "\n"
        return "    environment:\n" + "".join(f"      {name}: {self.scalar()}\n" for name in names)

    def env_line(self) -> str:
        name = self.random.choice(NAMES + GIVEN)
        value = self.random.choice(["plain", "a b", "${A}", "${X:-y}", "$B", "a#b", "a # b", "", "https://x/y?z=1"])
        if self.chance(0.3):
            value += self.random.choice(ODD) + self.random.choice(["", "A", "b", *ODD])
        form = self.random.choice(["%s=%v", "%s=%v", "%s='%v'", '%s="%v"', "export %s=%v", "%s: %v", "%s = %v"])
        return form.replace("%s", name).replace("%v", value)

    def env_file(self) -> str:
        return "# comment\n" + "\n".join(self.env_line() for _ in range(self.random.randint(1, 5))) + "\n"

    def service(self, files: dict[str, str], prefix: str, *, image: bool = True) -> str:
        text = (
            f"    image: {self.random.choice(['directus/directus:11.5.0', 'directus/directus:${TAG:-12.4.1}'])}\n"
            if image
            else ""
        )
        if self.chance(0.35):
            name = f"{prefix}one.env"
            files[name] = self.env_file()
            form = self.random.randint(0, 2)
            base = name.rpartition("/")[2]
            if form == 0:
                text += f"    env_file: {base}\n"
            elif form == 1:
                files[f"{prefix}two.env"] = self.env_file()
                text += f"    env_file:\n      - ./{base}\n      - two.env\n"
            else:
                text += f"    env_file:\n      - path: {base}\n      - path: absent.env\n        required: false\n"
        return text + self.environment()

    def project(self) -> dict[str, str]:
        files = {".env": "A=aa\nB=b b\nEMPTY=\nQUOTED='q $A'\n"} if self.chance(0.8) else {}
        head = foot = ""
        body = "services:\n  directus:\n"
        shape = self.random.randint(0, 6)
        if shape == 1:
            head = "x-env: &shared\n" + "".join(
                f"  {name}: {json.dumps(self.value())}\n" for name in self.random.sample(NAMES, 2)
            )
            body += "    image: directus/directus:11.5.0\n    environment:\n      <<: *shared\n"
            body += f"      {self.random.choice(NAMES)}: {json.dumps(self.value())}\n"
        elif shape == 2:
            body += self.service(files, "", image=False) + "    extends: base\n  base:\n" + self.service(files, "")
        elif shape == 3:
            folder = self.random.choice(["", "common/"])
            files[f"{folder}common.yaml"] = "services:\n  base:\n" + self.service(files, folder)
            body += f"    extends:\n      file: {folder}common.yaml\n      service: base\n" + self.environment()
        elif shape == 4:
            files["more/compose.yaml"] = "services:\n  directus:\n" + self.service(files, "more/")
            if self.chance(0.5):
                files["more/.env"] = "A=inner\nC=c\n"
            head, body = "include:\n  - more/compose.yaml\n", "services:\n  other:\n    image: busybox\n"
        else:
            body += self.service(files, "")
        if shape == 5:
            override = "services:\n  directus:\n" + self.service(files, "over", image=self.chance(0.3))
            files["compose.override.yaml"] = override
        files["compose.yaml"] = head + body + foot
        return files


def found_projects() -> Iterator[Mapping[str, str | bytes]]:
    """Projects that fuzzing found, with names that both read."""
    for data in found_by_fuzzing("compose"):
        yield dict(zip(FUZZED["compose"], data.split(b"\0"), strict=False))


@pytest.mark.real
def test_generated_projects_equal_docker_compose(tmp_path: Path) -> None:
    program = compose_program()
    compared, different = 0, []
    projects: list[Mapping[str, str | bytes]] = [Generator(SEED + seed).project() for seed in seeds(PROJECTS)]
    for number, project in enumerate(chain(projects, found_projects())):
        folder = write(tmp_path / str(number), project)
        expected = real(program, folder)
        if expected is None or not DIRECTUS.fullmatch(expected.get("image", "")):
            continue
        deployment = ours(folder)
        wanted = {name: (text or "").replace("$$", "$") for name, text in (expected.get("environment") or {}).items()}
        compared += 1
        if environment(deployment) != wanted:
            different.append((number, {name: (environment(deployment).get(name, "absent"), wanted.get(name, "absent"))
                                       for name in {*environment(deployment), *wanted}
                                       if environment(deployment).get(name, "absent") != wanted.get(name, "absent")}))  # fmt: skip
        image = deployment.image
        if image is not None and image.reference != expected.get("image"):
            different.append((number, {"image": (image.reference, expected.get("image"))}))
    print(f"{compared} of {len(projects)} projects compared")
    for item in different:
        print(item)
    assert not different
    assert compared >= len(projects) / 2
