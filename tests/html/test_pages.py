"""The page in a real Chromium: nothing planted runs, axe finds nothing, the keyboard reaches everything, and it stays small."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest

from tests.support.browser import pages
from tests.support.cli import guard, write
from tests.support.examples import ESCALATION, EXAMPLES, EXPORT, HOSTILE
from tests.support.page_projects import crowded, many_findings
from tests.support.planted import Planter, pieces_in, pieces_of, repository
from tests.support.sampling import EVERY_CASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

pytestmark = pytest.mark.real

State = dict[str, Any]
MOST_BYTES: Final = 3_000_000
SCHEMES: Final = ("light", "dark")
WIDTHS: Final = (1440, 390)
CELL: Final = "[role=gridcell]"
BIDI: Final = "\u202e\u2066\u200f"
MARKUP: Final = (
    "</script><script>window.owned=1</script>",
    "<img src=x onerror=window.owned=2>",
    "\"'><svg onload=window.owned=3>",
    "{{ 7*7 }}{% raw %}",
    "javascript:window.owned=4",
    f"a{BIDI}b\x1b[31m\x07 &amp; ]]>",
)


def page(root: Path, target: Path, command: str = "scan") -> Path:
    run = guard(command, root, "--output", f"html={target}", "--debug")
    assert run.code in (0, 1, 4), run.err
    return target


class Opened(Protocol):
    """What happened in each state of a page. Nothing is fetched, nothing planted runs, nothing fails, nothing is wider than the window."""

    def __call__(self, file: Path, states: Sequence[State], *, axe: bool = False) -> list[State]: ...


@pytest.fixture(scope="module")
def opened() -> Iterator[Opened]:
    """All pages in one Chromium."""
    with pages() as asked:

        def opened(file: Path, states: Sequence[State], *, axe: bool = False) -> list[State]:
            answers: Any = asked({"file": str(file), "states": list(states), "axe": axe})
            for answer in answers:
                assert answer["requests"] == 1, answer
                assert answer["errors"] == [], answer
                assert answer["dialogs"] == [], answer
                assert answer.get("refused", []) == [], answer
                assert answer.get("owned") is None, answer
                assert answer.get("wide", 0) <= 0, answer
                assert answer.get("violations", []) == [], "\n".join([answer["name"], *answer["violations"]])
            return list(answers)

        yield opened


def combined(tmp_path: Path) -> Path:
    """A project with everything that a page can show: deployments, an export, a way to administrator, a broken file."""
    root = tmp_path / "project"
    shutil.copytree(EXAMPLES / "flawed", root)
    shutil.copytree(ESCALATION / "directus", root / "directus")
    return write(root, {"broken.yaml": "services:\n  directus: [\n"})


def looks(**state: Any) -> list[State]:
    """A state of the page in each colour scheme and each width together."""
    return [
        {"name": f"{scheme} {width}", "scheme": scheme, "width": width, **state}
        for scheme in SCHEMES
        for width in WIDTHS
    ]


def crossed(states: Sequence[list[State]]) -> list[State]:
    """One look of each state, in turn; of a state alone both schemes and both widths. `make every` takes all four of each."""
    if EVERY_CASE:
        return [look for four in states for look in four]
    return states[0][1:3] if len(states) == 1 else [four[number % 4] for number, four in enumerate(states)]


def test_axe_finds_nothing(opened: Opened, tmp_path: Path) -> None:
    opened(page(combined(tmp_path), tmp_path / "page.html"), crossed([looks()]), axe=True)


def test_axe_finds_nothing_in_any_state_of_20_by_20(opened: Opened, tmp_path: Path) -> None:
    file = page(crowded(tmp_path / "project", 20, 20), tmp_path / "page.html")
    search = "[name=text]"
    states = [
        looks(),
        looks(steps=[{"click": "#unfold"}]),
        looks(steps=[{"click": ".chip"}, {"focus": search}, {"type": "role 00"}]),
        looks(steps=[{"focus": search}, {"type": "no such finding"}]),
        looks(steps=[{"focus": CELL}]),
        looks(steps=[{"hover": CELL}]),
        looks(steps=[{"focus": CELL}, {"press": "Enter"}]),
        looks(steps=[{"focus": "[name=collection]"}, {"type": "no such collection"}]),
        looks(steps=[{"focus": CELL}, {"press": "Control+End"}]),
    ]
    opened(file, crossed(states), axe=True)
    opened(page(tmp_path / "project", tmp_path / "access.html", "access"), crossed([looks()]), axe=True)


def test_axe_finds_nothing_on_an_empty_page(opened: Opened, tmp_path: Path) -> None:
    opened(page(EXAMPLES / "hardened", tmp_path / "page.html"), crossed([looks()]), axe=True)


def test_axe_finds_nothing_on_a_page_of_results(opened: Opened, tmp_path: Path) -> None:
    planted = [{"check": text, "severity": "high", "state": "new"} for text in MARKUP]
    result = {"schema": "json-v1", "tool": {"version": "1"}, "scanned": {}, "findings": planted, "incomplete": False,
              "summary": {"exit_code": 1}}  # fmt: skip
    jobs = {"schema": "projects-v1", "matrix": {"include": [{"name": text} for text in MARKUP]}}
    files = [tmp_path / name for name in ("flawed.json", "hardened.json", "planted.json", "list.json", "damaged.json")]
    for file in files[:2]:
        guard("scan", EXAMPLES / file.stem, f"--output=json={file}")
    for file, text in zip(files[2:], (json.dumps(result), json.dumps(jobs), "{"), strict=True):
        file.write_text(text, encoding="utf-8")
    target = tmp_path / "page.html"
    assert guard("merge", *files, f"--output=html={target}", "--debug").code == 1
    opened(target, crossed([looks()]), axe=True)


def test_200_by_200_stays_small(opened: Opened, tmp_path: Path) -> None:
    root = crowded(tmp_path / "project", 200, 200)
    for command in ("scan", "access"):
        file = page(root, tmp_path / f"{command}.html", command)
        assert file.stat().st_size <= MOST_BYTES
    far = [{"focus": CELL}, {"press": "Control+End"}, {"active": ""}, {"drawn": CELL}]
    (answer,) = opened(tmp_path / "access.html", [{"name": "far", "steps": far}], axe=True)
    active, drawn = answer["steps"]
    assert (active["row"], active["column"]) == (200, 199)  # directus_users is there, too
    assert drawn < 1000
    assert answer["nodes"] < 10_000


def test_460_findings_stay_small(opened: Opened, tmp_path: Path) -> None:
    file = page(many_findings(tmp_path / "project"), tmp_path / "page.html")
    assert file.stat().st_size <= MOST_BYTES
    steps = [
        {"count": ".finding"},
        {"focus": "[name=text]"}, {"type": "site-7/ secret-weak"}, {"count": ".finding"}, {"text": "#shown"},
        {"click": "button[type=reset]"}, {"frame": ""}, {"count": ".finding"},
    ]  # fmt: skip
    (answer,) = opened(file, [{"name": "filter", "steps": steps}])
    every, some, shown, again = answer["steps"]
    assert every == again >= 460
    assert 1 <= some <= 3
    assert shown == f"{some} of {every} findings shown"


def test_the_keyboard_reaches_every_rule(opened: Opened, tmp_path: Path) -> None:
    file = page(EXPORT, tmp_path / "page.html", "access")
    steps = [
        {"press": "Tab"}, {"active": ""},  # skip link
        {"press": "Tab", "times": 3}, {"active": ""},  # two filters, then the matrix: one stop
        {"press": "End"}, {"active": ""},
        {"press": "ArrowDown"}, {"active": ""}, {"text": ".peek"},
        {"press": "Enter"}, {"text": "dialog"},
        {"press": "Escape"}, {"active": ""},
        {"press": "Shift+Tab"}, {"active": ""},
    ]  # fmt: skip
    (answer,) = opened(file, [{"name": "keyboard", "steps": steps}])
    skip, first, last, below, peek, dialog, closed, back = answer["steps"]
    assert skip["label"] == "Skip to the report"
    assert (first["role"], first["row"], first["column"]) == ("gridcell", 0, 0)
    assert (last["row"], last["column"]) == (0, 2)
    assert (below["row"], below["column"]) == (1, 2)
    assert "read: items where" in below["label"] or "read: every item" in below["label"]
    assert "Editor on posts" in peek
    assert "Editor on posts" in dialog
    assert "policy" not in dialog.split("\n")[0]
    assert "directus-permissions_0b260eeb2c129ffe.json:" in dialog
    assert closed == below
    assert back["role"] == "input"


def test_paper_has_everything(opened: Opened, tmp_path: Path) -> None:
    file = page(crowded(tmp_path / "project", 20, 20), tmp_path / "page.html")
    (answer,) = opened(file, [{"name": "paper", "paper": True}])
    assert answer["pages"] >= 3


def test_without_a_script_the_findings_are_there(opened: Opened, tmp_path: Path) -> None:
    file = page(combined(tmp_path), tmp_path / "page.html")
    (answer,) = opened(
        file, [{"name": "plain", "script": False, "steps": [{"count": ".finding"}, {"text": "noscript"}]}]
    )
    assert answer["steps"][0] > 20
    assert "needs JavaScript" in answer["steps"][1]


def test_nothing_planted_runs(opened: Opened, tmp_path: Path) -> None:
    """Markup in every text that a repository can supply: names, rules, files, comments, values."""
    root = hostile(tmp_path / "project")
    for command in ("scan", "access"):
        file = page(root, tmp_path / f"{command}.html", command)
        text = file.read_text(encoding="utf-8")
        assert not set(text) & set(f"{BIDI}\x1b\x07")
        every = [{"focus": CELL}, {"press": "Enter"}, {"press": "Escape"}, {"press": "Control+End"}, {"press": "Enter"}]
        unfold = [{"click": "#unfold"}] if command == "scan" else []
        (answer,) = opened(file, [{"name": command, "steps": [*unfold, *every, {"text": "dialog"}]}])
        assert "<img src=x" in text.replace("&lt;", "<").replace("\\u003c", "<")
        assert answer["foreign"] == ["style", "script", "script"]


def hostile(root: Path) -> Path:
    """Every name, rule, path, value and comment begins or ends markup."""
    rows: list[dict[str, Any]] = []
    for number, text in enumerate(MARKUP):
        rows += [
            {"id": number * 10 + step, "policy": f"p{number}", "collection": f"{text} {step}", "action": action,
             "permissions": {text: {"_eq": text}}, "validation": {text: {"_eq": text}}, "presets": {text: text}, "fields": [text, "*"]}
            for step, action in enumerate(("create", "read", "update"))
        ]  # fmt: skip
        rows.append({"id": number * 10 + 5, "policy": f"p{number}", "collection": "directus_users", "action": "update",
                     "permissions": None, "validation": None, "presets": None, "fields": ["role", text]})  # fmt: skip
    tables = {
        "permissions": rows,
        "policies": [
            {"id": f"p{number}", "name": text, "admin_access": number == 0, "app_access": True, "enforce_tfa": False,
             "description": text} for number, text in enumerate(MARKUP)
        ],
        "roles": [{"id": f"r{number}", "name": text, "icon": text, "parent": None} for number, text in enumerate(MARKUP)],
        "access": [{"id": f"a{number}", "policy": f"p{number}", "role": f"r{number}", "user": None, "sort": 1} for number in range(len(MARKUP))],
        "users": [{"id": text, "role": "r0", "email": text, "first_name": text, "status": "active"} for text in MARKUP[:2]],
        "flows": [{"id": text, "name": text, "trigger": "webhook", "status": "active", "accountability": "all",
                   "options": {"method": "POST"}} for text in MARKUP],
    }  # fmt: skip
    values = "".join(f"      X_{number}: {json.dumps(text)}\n" for number, text in enumerate(MARKUP))
    named = "".join(
        f"      {name}: {json.dumps(text)} # {MARKUP[0]}\n"
        for name, text in zip(
            ("CORS_ORIGIN", "PUBLIC_URL", "LOG_LEVEL", "MARKETPLACE_TRUST", "DB_CLIENT"), MARKUP, strict=False
        )
    )
    service = json.dumps(MARKUP[1])
    files = {f"<img src=x onerror=window.owned=5>/{name}.json": json.dumps(rows) for name, rows in tables.items()}
    return write(
        root,
        {
            **HOSTILE,
            **files,
            "'\"><script>window.owned=6</script>.env": f"DB_CLIENT=pg\nSECRET=x # {MARKUP[1]}\nKEY={MARKUP[0]}\n",
            "sub/compose.yaml": f"services:\n  {service}:\n    image: directus/directus:11.5.0\n    environment:\n{named}{values}",
        },
    )


def test_no_piece_of_a_secret_is_in_a_page(tmp_path: Path) -> None:
    plant = Planter(3)
    root = repository(tmp_path / "repository", plant)
    text = page(root, tmp_path / "page.html").read_text(encoding="utf-8")
    assert pieces_in({"page": text}, pieces_of(plant.planted)) == {}
    assert "AUTH_GITHUB_CLIENT_SECRET" in text
