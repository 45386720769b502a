"""An edit is tried once, however many findings ask for it, and trials end."""

from __future__ import annotations

from directus_guard.edits.tried_editor import LEAST, TriedEditor
from directus_guard.finding import Edit, Location
from directus_guard.limits import Budget, Limit
from tests.support.each import each_case

PLACE = Location(".env", 1, 1, 1, 2)


class Recorder:
    """An editor that answers with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def _answer(self, *asked: str) -> Edit:
        self.asked.append(asked)
        return Edit(PLACE, " ".join(asked))

    def written(self, place: Location) -> str:
        return f"written at {place.line}"

    def set(self, place: Location, value: str) -> Edit:
        return self._answer("set", place.path, value)

    def remove(self, place: Location, name: str) -> Edit:
        return self._answer("remove", place.path, name)

    def rename(self, place: Location, name: str, to: str) -> Edit:
        return self._answer("rename", place.path, name, to)

    def add(self, beside: Location, name: str, value: str) -> Edit | None:
        self._answer("add", beside.path, name, value)
        return None


def ask(editor: TriedEditor, kind: str) -> Edit | None:
    if kind == "set":
        return editor.set(PLACE, "v")
    if kind == "remove":
        return editor.remove(PLACE, "A")
    return editor.rename(PLACE, "A", "B") if kind == "rename" else editor.add(PLACE, "A", "v")


@each_case("kind", ["set", "remove", "rename", "add"])
def test_what_was_tried_is_not_tried_again(kind: str) -> None:
    recorder = Recorder()
    editor = TriedEditor(recorder, 10, Budget(Limit(2 * LEAST, "characters")))
    first = ask(editor, kind)
    assert [ask(editor, kind) for _ in range(5)] == [first] * 5
    (asked,) = recorder.asked
    assert asked[0] == kind
    assert first is None or first.text == " ".join(asked)
    assert editor.written(PLACE) == "written at 1"


def test_without_room_nothing_is_tried() -> None:
    recorder = Recorder()
    editor = TriedEditor(recorder, LEAST + 1, Budget(Limit(2 * LEAST + 1, "characters")))
    assert editor.set(PLACE, "one") is not None
    assert editor.set(PLACE, "two") is None
    assert editor.set(PLACE, "one") is not None
    assert len(recorder.asked) == 1


def test_a_small_file_counts_as_a_larger_one() -> None:
    editor = TriedEditor(Recorder(), 1, Budget(Limit(2 * LEAST, "characters")))
    assert [editor.set(PLACE, value) is not None for value in ("one", "two", "three")] == [True, True, False]
