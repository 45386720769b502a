"""`fix` on files as people and other programs write them: what it does not change stays, byte for byte."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any, Final

from tests.support.cli import guard
from tests.support.each import each_case
from tests.support.examples import EXPORT, PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD: Final = (
    "services:\n  directus:\n    image: directus/directus:12.4.1\n    environment:\n"
    "      PUBLIC_URL: https://cms.example.com\n      SECRET: ${SECRET:?}\n"
)
TRUST: Final = "      MARKETPLACE_TRUST: all\n"
TWO: Final = "".join(
    f"  d{number}:\n    image: directus/directus:12.4.1\n    env_file: s.env\n    environment:\n"
    f"      PUBLIC_URL: https://cms{number}.example.com\n      SECRET: ${{SECRET:?}}\n"
    for number in (1, 2)
)
MANIFEST: Final = """# first
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  MARKETPLACE_TRUST: all
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  template:
    spec:
      containers:
      - name: directus
        image: directus/directus:12.4.1
        envFrom: [{configMapRef: {name: c}}]
...
"""
FILES: Final[dict[str, dict[str, str]]] = {
    "a byte order mark": {"compose.yaml": "\ufeff" + HEAD + TRUST},
    "line ends of Windows": {"compose.yaml": (HEAD + TRUST).replace("\n", "\r\n")},
    "mixed line ends": {"compose.yaml": HEAD.replace("\n", "\r\n") + TRUST},
    "no end of line": {"compose.yaml": (HEAD + TRUST).rstrip()},
    "comments and spaces": {"compose.yaml": f"{HEAD}      MARKETPLACE_TRUST: all   # why: 'x' \"y\"\n   \n# end"},
    "tabs": {"compose.yaml": f"{HEAD}      MARKETPLACE_TRUST:\tall\t# t\n"},
    "quotes": {"compose.yaml": f'{HEAD}      "MARKETPLACE_TRUST": "all" # c\n'},
    "an explicit key": {"compose.yaml": f"{HEAD}      ? MARKETPLACE_TRUST\n      : all\n"},
    "a merge key": {
        "compose.yaml": "x: &x\n  MARKETPLACE_TRUST: all\n" + HEAD.replace("      PUBLIC", "      <<: *x\n      PUBLIC")
    },
    "one line": {
        "compose.yaml": "services: {directus: {image: 'directus/directus:12.4.1', environment: [PUBLIC_URL=https://cms.example.com, \"MARKETPLACE_TRUST=all\"]}}\n"
    },
    "several documents": {"k.yaml": MANIFEST},
    "a shared file": {"s.env": "# shared\nMARKETPLACE_TRUST=all\n", "compose.yaml": f"services:\n{TWO}"},
    "dotenv of Windows": {"d.env": "\ufeffDB_CLIENT=pg\r\nPUBLIC_URL=https://cms.example.com\r\nexport MARKETPLACE_TRUST='all' # c\r\n"},
    "set twice": {"d.env": "DB_CLIENT=pg\nMARKETPLACE_TRUST=sandbox\nPUBLIC_URL=https://cms.example.com\nMARKETPLACE_TRUST=all"},
    "continued lines": {"Dockerfile": "FROM directus/directus:12.4.1\nENV PUBLIC_URL=https://cms.example.com \\\n    MARKETPLACE_TRUST=all \\\n    # c\n    LOG_LEVEL=info\n"},
    "close JSON": {
        "task.json": '{"family":"x","containerDefinitions" : [ {"name":"d","image":"directus/directus:12.4.1","environment":[{"name":"PUBLIC_URL","value":"https://cms.example.com"},{ "value" :"all" , "name": "MARKETPLACE_TRUST"}]}]}'
    },
}  # fmt: skip


@each_case("kind", FILES)
def test_one_word_changes(tmp_path: Path, kind: str) -> None:
    for name, text in FILES[kind].items():
        (tmp_path / name).write_bytes(text.encode())
    assert guard("fix", tmp_path, "--apply", "--check=marketplace-trust").code == 0
    for name, text in FILES[kind].items():
        before, found, after = text.rpartition("all")
        expected = f"{before}sandbox{after}" if found else text
        assert (tmp_path / name).read_bytes() == expected.encode()
    assert guard("fix", tmp_path, "--check=marketplace-trust").err.startswith("Nothing to fix.")


ROWS: Final[dict[str, Callable[[Any], str]]] = {
    "one line": lambda data: json.dumps(data, separators=(",", ":")),
    "tabs": lambda data: json.dumps(data, indent="\t"),
    "Windows": lambda data: "\ufeff" + json.dumps(data, indent=2).replace("\n", "\r\n"),
    "wide": lambda data: "\n " + json.dumps(data, indent=1, separators=(" , ", " : ")) + "\n\n",
    "escapes": lambda data: json.dumps(data).replace('"role"', '"\\u0072ole"'),
}


@each_case("kind", ROWS)
def test_one_field_goes(tmp_path: Path, kind: str) -> None:
    shutil.copytree(EXPORT, tmp_path, dirs_exist_ok=True)
    path = tmp_path / PERMISSIONS
    data = json.loads(path.read_text(encoding="utf-8"))
    (row,) = [row for row in data["records"] if row["id"] == 5]
    row["fields"] = ["first_name", "role", "avatar"]
    before = ROWS[kind](data)
    path.write_bytes(before.encode())
    assert guard("fix", tmp_path, "--apply", "--unsafe-fixes").code == 0
    after = path.read_bytes().decode()
    row["fields"].remove("role")
    assert json.loads(after.lstrip("\ufeff")) == data
    same = next(number for number, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    assert before.endswith(after[same:])
    assert 7 <= len(before) - len(after) <= 40
