"""No piece of a secret reaches any output, whatever format it is planted in and whatever form it is written in."""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING, Any, Final

import pytest

from directus_guard.audit import run as audit_run
from directus_guard.audit.options import Options
from directus_guard.report.writers import REPORT_WRITERS
from directus_guard.secret import Secret
from tests.live.servers import Answer, Loopback
from tests.support.all_outputs import all_outputs
from tests.support.cli import guard, guard_once, write
from tests.support.planted import PIECE, Planter, pieces_in
from tests.support.planted_forms import FORMS, INDICATORS, exports, manifests, pieces, programs
from tests.support.programs import ROOT
from tests.support.sampling import EVERY_CASE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tests.live.servers import Request

ANSWERS: Final = ROOT / "tests" / "checks" / "anonymous-read" / "pass-1" / "live" / "answers.json"
CRASHES: Final = 12 if EVERY_CASE else 6
"""Places in a run; `make every` takes 12."""
HELD: Final[dict[str, Any]] = {"manifests": manifests, "exports": exports, "programs": programs}


def leaked(texts: Mapping[str, str], plant: Planter) -> dict[str, list[str]]:
    """The outputs that hold a piece, and of which secrets."""
    known = {piece: secret for secret in plant.planted for piece in pieces(secret, PIECE)}
    return {name: sorted({known[piece] for piece in held}) for name, held in pieces_in(texts, known).items()}


@pytest.mark.parametrize("kind", [pytest.param("manifests", marks=pytest.mark.thorough), "exports", "programs"])
def test_no_piece_in_any_output(tmp_path: Path, kind: str) -> None:
    plant = Planter(len(kind))
    root = write(tmp_path / "repository", HELD[kind](plant))
    outputs = all_outputs(root, tmp_path / "kept")
    assert leaked(outputs, plant) == {}
    assert len(plant.planted) >= 50
    assert sum(len(text) for text in outputs.values()) > 100_000


def test_enough_is_planted() -> None:
    """At least 150 in each run of all three, every form and every sign among them."""
    plant = Planter(0)
    for make in HELD.values():
        make(plant)
    assert len(set(plant.planted)) == len(plant.planted) > 900
    assert len(FORMS) > 15
    assert len(INDICATORS) > 15


@pytest.mark.parametrize("kind", HELD)
def test_no_piece_in_what_a_crash_shows(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug anywhere ends with a traceback, if --debug is given: the text of each error in the chain."""
    plant = Planter(len(kind))
    root = write(tmp_path / "repository", HELD[kind](plant))
    reveal = Secret.reveal
    calls = 0

    def count(secret: Secret) -> str:
        nonlocal calls
        calls += 1
        return reveal(secret)

    monkeypatch.setattr(Secret, "reveal", count)
    guard("scan", root)
    total = calls
    texts: dict[str, str] = {}
    for last in sorted({total * part // CRASHES for part in range(CRASHES)}):

        def crash(secret: Secret, last: int = last) -> str:
            nonlocal calls
            calls += 1
            if calls > last:
                raise RuntimeError(f"{secret!r} {secret.__class__.__name__}")
            return reveal(secret)

        calls = 0
        monkeypatch.setattr(Secret, "reveal", crash)
        try:
            run = guard("scan", root, "--debug")
            texts[str(last)] = run.out + run.err
        except RuntimeError as error:
            texts[str(last)] = "".join(traceback.format_exception(error))
    assert texts
    assert leaked(texts, plant) == {}


@pytest.mark.parametrize("kind", HELD)
def test_no_piece_in_the_text_form_of_a_report(tmp_path: Path, kind: str) -> None:
    """A message, a log line or an assertion may show any object: `repr` of all that reports are made of has no secret."""
    plant = Planter(len(kind))
    root = write(tmp_path / "repository", HELD[kind](plant))
    assert leaked({"report": repr(audit_run.run(Options(root=root)).report)}, plant) == {}


# --- a running instance ---


def _planted_answers(plant: Planter) -> dict[str, Any]:
    """The answers of a server, with secrets wherever a row may have one, and with more than was asked for."""
    recorded: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    rows = _more(plant)
    for path, answer in recorded.items():
        body = answer["body"]
        if isinstance(body, dict) and "data" in body:
            name = path.rpartition("/")[2]
            if name in rows and isinstance(body["data"], list):
                body["data"] = [*body["data"], *rows[name]]
                body["meta"] = {"filter_count": len(body["data"])}
            _fill(body["data"], plant)
        answer["headers"] = {
            **answer["headers"],
            "x-secret": plant(),
            "set-cookie": f"session={plant()}",
            "server": plant(),
        }
    return recorded


def _more(plant: Planter) -> dict[str, list[dict[str, Any]]]:
    from tests.support import planted_forms

    return {name: rows for name, rows in planted_forms.rows(plant).items() if name in ("flows", "operations", "users")}


def _fill(data: object, plant: Planter) -> None:
    """A secret in each row, in members that nobody asked for."""
    for row in data if isinstance(data, list) else [data]:
        if isinstance(row, dict):
            row |= {
                "token": plant(),
                "secret": {"nested": [plant()]},
                "note": f"https://u:{plant()}@x/?t={plant()}",
                "password": plant(),
            }


def _faults(plant: Planter) -> Iterable[tuple[str, Answer]]:
    yield (
        "error",
        Answer(500, {}, json.dumps({"errors": [{"message": plant(), "extensions": {"reason": plant()}}]}).encode()),
    )
    yield "no JSON", Answer(200, {"content-type": f"text/{plant()}"}, f"<html>{plant()}".encode())
    yield "half", Answer(200, {}, f'{{"data": [{{"token": "{plant()}"'.encode())
    yield "redirect", Answer(302, {"location": f"https://u:{plant()}@elsewhere.example.com/{plant()}?t={plant()}"})
    yield (
        "wrong types",
        Answer(
            200, {}, json.dumps({"data": [{"id": plant(), "admin_access": plant(), "fields": {plant(): 1}}]}).encode()
        ),
    )
    yield "a text", Answer(200, {}, json.dumps({"data": plant()}).encode())
    yield "wait", Answer(429, {"retry-after": plant()}, plant().encode())


def _outputs_of(server: Loopback, root: Path, kept: Path) -> dict[str, str]:
    found = all_outputs(root, kept, scan=("--url", server.url, "--header-env", "X-Gate=GATE"))
    run = guard("diff", root, "live", "--url", server.url)
    return {**found, "diff live": run.out + run.err}


@pytest.mark.thorough
def test_no_piece_of_what_an_instance_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant = Planter(7)
    monkeypatch.setenv("DIRECTUS_TOKEN", plant())
    monkeypatch.setenv("GATE", plant())
    recorded = _planted_answers(plant)

    def answer(request: Request) -> Answer:
        found = recorded.get(f"{'token ' if request.token else ''}{request.path}")
        if found is None:
            return Answer(403, {}, json.dumps({"errors": [{"message": plant()}]}).encode())
        body = found["body"]
        return Answer(found["status"], found["headers"], (body if isinstance(body, str) else json.dumps(body)).encode())

    root = write(tmp_path / "repository", exports(plant))
    with Loopback(answer) as server:
        outputs = _outputs_of(server, root, tmp_path / "kept")
    assert len(server.requests) > 20
    assert leaked(outputs, plant) == {}
    assert len(plant.planted) > 150


@pytest.mark.parametrize("kind", [kind for kind, _ in _faults(Planter(0))])
def test_no_piece_of_what_an_instance_answers_in_vain(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant = Planter(9)
    monkeypatch.setenv("DIRECTUS_TOKEN", plant())
    monkeypatch.setattr("directus_guard.live.client.PATIENCE", 0.0)
    answer = dict(_faults(plant))[kind]
    with Loopback(lambda _: answer) as server:
        asked = ("scan", tmp_path, "--url", server.url, "--verbose", "--debug")
        run, texts = guard_once(*asked, formats=REPORT_WRITERS, folder=tmp_path)
        assert run.code in (1, 3, 4)
    assert server.requests
    assert leaked({"stderr": run.err, **texts}, plant) == {}


def test_no_piece_of_what_names_the_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens and passwords in options, where they must not be: the message that refuses them does not repeat them."""
    plant = Planter(3)
    monkeypatch.setenv("BAD", f"{plant()}\n{plant()}")
    texts: dict[str, str] = {}
    for number, options in enumerate((
        ("--url", f"https://u:{plant()}@cms.example.com"),
        ("--url", f"https://cms.example.com/?access_token={plant()}"),
        ("--url", f"https://cms.example.com/#{plant()}"),
        ("--url", "https://127.0.0.1:1", "--proxy", f"http://u:{plant()}@[", "--timeout", "1"),
        ("--url", "https://127.0.0.1:1", "--proxy", f"http://u:{plant()}@127.0.0.1:1", "--timeout", "1"),
        ("--url", "https://127.0.0.1:1", "--proxy", f"socks5://u:{plant()}@x"),
        ("--url", "https://127.0.0.1:1", "--token", plant()),
        ("--url", "https://127.0.0.1:1", "--token-env", plant().lower()),
        ("--url", "https://127.0.0.1:1", "--token-env", "BAD"),
        ("--url", "https://127.0.0.1:1", "--header-env", f"X-Key={plant()}"),
        ("--url", "https://127.0.0.1:1", "--header-env", "X-Key=BAD"),
    )):  # fmt: skip
        run = guard("scan", tmp_path, *options, "--debug")
        texts[f"{number} {options[0]}"] = run.out + run.err
    assert leaked(texts, plant) == {}
