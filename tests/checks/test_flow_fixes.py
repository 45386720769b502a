"""What a finding about a flow says to change is changed, word for word; then the finding is gone."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.check_examples import EXAMPLES, first_of_each, judged

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from directus_guard.finding import Finding

CHECKS: Final = (
    "flow-injection", "script-injection", "webhook-get-mutates", "webhook-open", "webhook-privileged", "webhook-returns-all",
    "webhook-unvalidated",
)  # fmt: skip
FAILING: Final = [path for path in EXAMPLES if path.parent.name in CHECKS and path.name.startswith("fail")]
ROUNDS: Final = 4
"""How often what is found is changed: behind the first opening there may be another."""


class Configuration:
    """The flows, operations and variables of an example."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.flows: Any = json.loads((root / "directus/flows.json").read_text(encoding="utf-8"))
        self.operations: Any = json.loads((root / "directus/operations.json").read_text(encoding="utf-8"))

    def save(self) -> None:
        (self.root / "directus/flows.json").write_text(json.dumps(self.flows, indent=1), encoding="utf-8")
        (self.root / "directus/operations.json").write_text(json.dumps(self.operations, indent=1), encoding="utf-8")

    def operation(self, key: str) -> Any:
        (found,) = [one for one in self.operations if one["key"] == key]
        return found

    def insert_before(self, key: str, rule: str) -> None:
        """A condition whose `resolve` is this operation."""
        after = self.operation(key)
        new = f"condition{len(self.operations)}"
        for row in (*self.flows, *self.operations):
            for name in ("operation", "resolve", "reject"):
                if row.get(name) == after["id"]:
                    row[name] = new
        options = {"filter": json.loads(rule)}
        self.operations.append(
            {"id": new, "key": new, "type": "condition", "options": options, "resolve": after["id"], "reject": None, "flow": after["flow"]}
        )  # fmt: skip

    def move_behind_resolve(self, key: str) -> None:
        condition = self.operation(key)
        condition["resolve"], condition["reject"] = condition["reject"], None

    def read_data(self, key: str, template: str, reading: str) -> None:
        options = self.operation(key)["options"]
        spaced = r"\s*".join(re.escape(part) for part in ("{{", template, "}}"))
        options["code"] = re.sub(rf"(['\"`]?){spaced}\1", reading.replace("\\", r"\\"), options["code"])

    def variable(self, name: str, value: str) -> None:
        path = self.root / "compose.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(rf"\n( +){name}: .*", "", text), encoding="utf-8")
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"( +)environment:\n", rf"\g<0>\1  {name}: {value}\n", text), encoding="utf-8")


def apply(made: Configuration, finding: Finding) -> None:
    """Do what its fix says."""
    assert finding.fix is not None
    text = finding.fix.description
    key = dict(finding.subject.details).get("operation", "")
    done = 0
    for pattern, change in CHANGES.items():
        found = re.search(pattern, text)
        if found:
            change(made, key, *found.groups())
            done += 1
    assert done, text
    made.save()


CHANGES: Final[dict[str, Callable[..., None]]] = {
    r"Add a condition before `(\w+)`, and connect .+? Give it the filter `([^`]+)`": lambda made, _, key, rule: made.insert_before(key, rule),
    r"condition before operation `(\w+)`, and connect .+? Give it a filter such as `([^`]+)`": lambda made, _, key, rule: made.insert_before(key, rule),
    r"Give condition `(\w+)` the filter `([^`]+)`": lambda made, _, key, rule: made.operation(key)["options"].update(
        filter=json.loads(rule)
    ),
    r"Move `\w+` from `reject` of condition `(\w+)` to its `resolve`": lambda made, _, key: made.move_behind_resolve(key),
    r"Set `permissions` of operation `(\w+)` to `(.+?)`": lambda made, _, key, value: made.operation(key)["options"].update(
        permissions=value
    ),
    r"Write a fixed value in place of .* in `url` of operation `(\w+)`": lambda made, _, key: made.operation(key)["options"].update(
        url="https://api.example.org/orders"
    ),
    r"Write fixed recipients into `(\w+)` of operation `(\w+)`": lambda made, _, option, key: made.operation(key)["options"].update(
        {option: ["3f2b8a52-9d4c-4c1e-8f0a-1b2c3d4e5f60"]}
    ),
    r"Set `method` of this flow to `POST`": lambda made, _: made.flows[0]["options"].update(method="POST"),
    r"Set `return` of this flow .*such as `(\w+)`": lambda made, _, key: made.flows[0]["options"].update({"return": key}),
    r"Replace `\{\{ (.+?) \}\}` by `(data.+?)` in the code": lambda made, key, *reading: made.read_data(key, *reading),
    r"Replace `\{\{ (.+?) \}\}` in operation `(\w+)` by single fields": lambda made, _, whole, key: made.operation(key)[
        "options"
    ].update(payload={"note": f"{{{{ {whole}.note }}}}"}),
    r"Add `(\w+)` to `FLOWS_ENV_ALLOW_LIST`": lambda made, _, name: made.variable("FLOWS_ENV_ALLOW_LIST", name),
    r"Replace `\*` by `(\w+)` in `FLOWS_ENV_ALLOW_LIST`": lambda made, _, name: made.variable("FLOWS_ENV_ALLOW_LIST", name),
    r"^(?:Add .+\. )?Set `(\w+)` to the output of `openssl": lambda made, _, name: made.variable(name, "Zp3vK8qLw2RtYx91Bn5m"),
}  # fmt: skip
"""By what a fix says: how to do it, given the configuration, the operation of the finding, and what the pattern captures."""


@pytest.mark.parametrize("example", first_of_each(FAILING))
def test_what_a_fix_says_helps(example: Path, tmp_path: Path) -> None:
    source, check = example, example.parent.name
    for number in range(ROUNDS):
        root = tmp_path / str(number) / check / example.name
        report, _ = judged(source, root)
        found = [one for one in (*report.findings, *report.nonproduction) if one.check == check]
        assert found or number
        if not found:
            return
        made = Configuration(root)
        for finding in found:
            apply(made, finding)
        source = root
    pytest.fail(f"still found: {found}")


@pytest.mark.parametrize("example", ["webhook-privileged/fail-4", "webhook-open/fail-5"])
def test_a_variable_that_flows_cannot_read_and_anyone_can_guess_is_one_finding(example: str, tmp_path: Path) -> None:
    source = next(path for path in FAILING if f"{path.parent.name}/{path.name}" == example)
    check = source.parent.name
    root = tmp_path / check / source.name
    judged(source, root)
    compose = root / "compose.yaml"
    compose.write_text(compose.read_text(encoding="utf-8").replace("${HOOK_SECRET}", "changeme"), encoding="utf-8")
    report, _ = judged(root, tmp_path / "guessed" / check / source.name)
    (found,) = [one for one in report.findings if one.check == check]
    made = Configuration(root)
    apply(made, found)
    report, _ = judged(root, tmp_path / "after" / check / source.name)
    assert check not in {one.check for one in report.findings}
