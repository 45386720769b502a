"""Values of manifests: what YAML makes of a text, what is looked up in objects, and the variables that are made of them."""

from __future__ import annotations

import json

import pytest

from directus_guard.directus.environment.deployment import Known, Unknown
from directus_guard.finding import Location
from directus_guard.secret import Secret
from directus_guard.sources.formats import json_document, json_records, values, yaml_document
from directus_guard.sources.formats.values import Call, ComputedValue, List, ObjectValue, Text, TextKind
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.repositories import texts
from tests.support.shown_values import noted, shown, written

PLACE = Location("a", 1, 2, 1, 3)


def of_yaml(text: str) -> values.Value:
    (node,) = yaml_document.parse("a", text)
    return values.from_yaml(node)


def of_json(text: str) -> ObjectValue:
    value = json_document.parse("a", text)
    assert isinstance(value, ObjectValue)
    return value


def text(written_: str, kind: TextKind = TextKind.STRING) -> Text:
    return Text(written_, kind, PLACE)


@each_case(
    ("text", "expected"),
    [
        ('a: 1\nb: x\nc: \'y\'\nd: "z"\ne: |\n  f\ng: ~\nh:\ni: [1, [x]]\nj: {k: l}\n', [r"{a: 1, b: 'x', c: 'y', d: 'z', e: 'f\n', g: ~, h: , i: [1, ['x']], j: {k: 'l'}}"]),
        ('[null, Null, NULL, \'\', \'~\', ~, true, True, TRUE, false, False, FALSE, yes, no, on, 1, -1, +1, .5, 1e3, 0x1F, 0o17, 0b1, 1_0, 0xZ!, 012, .inf, nan, 1.2.3, -, +, \'1\', "true"]', ["[null, Null, NULL, '', '~', ~, true, True, TRUE, false, False, FALSE, 'yes', 'no', 'on', 1, -1, +1, .5, 1e3, 0x1F, 0o17, '0b1', '1_0', '0xZ!', 012, '.inf', 'nan', '1.2.3', '-', '+', '1', 'true']"]),
        ("a: !Ref x\nb: !Sub 'y'\nc: !x [1]\nd: !x {e: 1}\nf: !!str 1\ng: ! 2\nh: !!binary aGk=\n", ["{a: <it is worked out when it is deployed>, b: <it is worked out when it is deployed>, c: <it is worked out when it is deployed>, d: <it is worked out when it is deployed>, f: 1, g: 2, h: 'hi'}"]),
        ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\ne:\n  <<: [*x, {b: 4, f: 5}]\ng: {'<<': 1}\nh: *x\n", ["{a: {b: 1, c: 2}, d: {b: 1, c: 3}, e: {b: 1, c: 2, f: 5}, g: {<<: 1}, h: {b: 1, c: 2}}"]),
        ("a: 1\na: 2\n? [b]\n: c\n'': d\n1: e\nnull: f\n", ["{a: 2, : 'd', 1: 'e', null: 'f'}"]),
        ("a: {{ x }}\nb: {{ y }} z\nc: {% if q %}1{% endif %}\n", ["{a: '{{ }}', b: '{{ }} z', c: '{{ }}'}"]),
        ("--- a\n--- b\n---\n...\n---\n- c\n", ["'a'", "'b'", "", "['c']"]),
        ("<<: {a: 1}\n<<: {b: 2}\n", ["{a: 1, b: 2}"]),
        ("<<: [1, {a: 1}]\n", ["{a: 1}"]),
        ("&a a : 1\nb: *a\n", ["{a: 1, b: 'a'}"]),
        ("a: >\n  b\n   c\n\n  d\n", [r"{a: 'b\n c\n\nd\n'}"]),
    ],
)  # fmt: skip
def test_yaml(text: str, expected: list[str]) -> None:
    documents, _ = yaml_document.read("a", text)
    assert [shown(values.from_yaml(node)) for node in documents] == expected


def test_what_is_looked_up_in_an_object() -> None:
    held = of_json('{"a": 1, "n": null, "l": [1, {"b": 2}, {"c": 3}], "o": {"d": 4}, "a": "x", "t": true}')
    assert [shown(held.get(key)) for key in "anlz"] == ["'x'", "null", "[1, {b: 2}, {c: 3}]", "none"]
    assert [held.text(key) for key in "anlotz"] == ["x", None, None, None, "true", None]
    assert [shown(held.object(key)) for key in ("a", "l", "o")] == ["none", "none", "{d: 4}"]
    assert [list(map(shown, held.items(key))) for key in ("a", "l", "o")] == [[], ["1", "{b: 2}", "{c: 3}"], []]
    assert [list(map(shown, held.objects(key))) for key in ("a", "l", "o")] == [[], ["{b: 2}", "{c: 3}"], ["{d: 4}"]]
    assert [held.locate(key).column for key in "anz"] == [67, 11, 1]
    assert [shown(one) for one in values.walk(held)] == [
        shown(held), "1", "null", "[1, {b: 2}, {c: 3}]", "1", "{b: 2}", "2", "{c: 3}", "3", "{d: 4}", "4", "'x'", "true",
    ]  # fmt: skip


def test_the_same_lookups_of_yaml() -> None:
    (held,) = yaml_document.parse("a", "a: x\nn: ~\nl: [1]\no: {d: 4}\nq: 'null'\na: y\n")
    assert isinstance(held, yaml_document.Mapping)
    assert [held.text(key) for key in "anloqz"] == ["y", None, None, None, "null", None]
    assert [held.mapping(key) is not None for key in ("a", "l", "o")] == [False, False, True]
    assert [held.sequence(key) is not None for key in ("a", "l", "o")] == [False, True, False]
    assert [held.locate(key).line for key in "aoz"] == [6, 4, 1]
    assert [entry.value.location.line for entry in held.duplicates] == [1]
    assert [yaml_document.is_null(held.get(key)) for key in "anqz"] == [False, True, False, True]
    assert [type(node).__name__ for node in yaml_document.walk(held)].count("Scalar") == 5


@each_case(
    ("text", "place"),
    [
        ("a: b", "b"), ("a: 'b'", "b"), ('a: "b"', "b"), ("a: [b,\n c]", "[b,\n c]"), ("\ufeffa: b", "b"), ("# \u2028\na: b", "b"), ("x: \x85\na: 'b'", "b"), ("a: ''", ""),
        ('{"x":\t1, "a":\t"b"}', "b"),
    ],
)  # fmt: skip
def test_places_in_yaml(text: str, place: str) -> None:
    (held,) = yaml_document.parse("f", text)
    assert isinstance(held, yaml_document.Mapping)
    node = held.get("a")
    assert node is not None
    assert node.location.path == "f"
    assert written(text, node.location) == place
    assert written(text, held.locate("a")).strip('"') == "a"


@each_case(
    ("text", "expected"),
    [
        ("a: |\n  b\n  c\n", (2, 2)), ("a: |\n\n    b\n", (2, 4)), ("a: >\n  b\n", None), ("a: b\n", None), ("a: |-\r\n   b\r\n", (2, 3)), ("a: |\n", None),
    ],
)  # fmt: skip
def test_where_the_text_of_a_block_begins(text: str, expected: tuple[int, int] | None) -> None:
    (held,) = yaml_document.parse("f", text)
    assert isinstance(held, yaml_document.Mapping)
    node = held.get("a")
    assert node is not None
    assert yaml_document.block_text(text.split("\n"), node.location) == expected
    assert yaml_document.block_text([], node.location) is None


@each_case(
    ("text", "items", "whole"),
    [
        ("[]", [], []),
        ("{}", [], ["`env` is of another type than the platform takes: what it sets is not known"]),
        ("x", [], ["`env` is of another type than the platform takes: what it sets is not known"]),
        ("[{name: a}]", [], []),
        ("[{name: '${a}'}]", ["`env` holds a variable whose name is filled in later"], []),
        ("[a]", ["`env` holds something that names no variable: what it sets is not known"], []),
        ("[[1]]", ["`env` holds something that names no variable: what it sets is not known"], []),
        ("[{name: [1]}]", ["`env` holds something that names no variable: what it sets is not known"], []),
        ("[{name: {a: 1}}]", ["`env` holds something that names no variable: what it sets is not known"], []),
        ("[{a: 1}]", [], []),
        ("[{name: a}, {name: '${b}'}]", ["`env` holds a variable whose name is filled in later"], []),
        ("[{name: 1}]", [], []),
        ("[!x y]", [], []),
    ],
)  # fmt: skip
def test_what_is_of_another_type(text: str, items: list[str], whole: list[str]) -> None:
    value = of_yaml(text)
    assert [gap.reason for gap in values.misread(value, "env", List)] == whole
    assert values.misread(value, "env", List, ObjectValue, Text) == ()
    if isinstance(value, List):
        assert [gap.reason for gap in values.misread_items(value.items, "env")] == items


def test_what_is_no_value_is_not_misread() -> None:
    assert values.misread(None, "env", List) == ()
    assert values.misread(text("null", TextKind.NULL), "env", List) == ()
    assert values.misread(ComputedValue("why", PLACE), "env", List) == ()


@each_case(
    ("parts", "expected"),
    [
        (["a", "b"], "'ab'"), (["a", "?x"], "<why x | 'ax'>"), (["a", "!x"], "<why x || 'ax'>"), (["a", "-"], "<whole ('a', <none>)>"),
        (["!x", "?y"], "<why x | 'xy'>"), (["!x", "!y"], "<why x || 'xy'>"), (["a"], "'a'"), (["a", "b" * 131_072], "whole"),
    ],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
def test_texts_that_are_put_together(parts: list[str], expected: str) -> None:
    def made(name: str) -> values.Value:
        if name[0] in "?!":
            return ComputedValue(f"why {name[1:]}", PLACE, name[1:], written=name[0] == "!", variable=name[1:])
        return ComputedValue("none", PLACE) if name == "-" else text(name)

    value = ComputedValue("whole", PLACE, parts=tuple(map(made, parts)))
    found = values.joined(value, lambda part: part)
    if expected == "whole":
        assert found is value
        return
    assert shown(found).replace(f" ({', '.join(map(shown, value.parts))})", "") == expected or shown(found) == expected
    if isinstance(found, ComputedValue) and found is not value:
        assert found.variable == next(name[1:] for name in parts if name[0] in "?!")
    called = ComputedValue("whole", PLACE, parts=value.parts, call=Call.JOIN)
    assert values.joined(called, lambda part: part) is called


def test_variables_of_objects_and_lists() -> None:
    held = of_json('{"A": "x", "B": 1, "C": null, "D": [], "E": {"F": 1}}')
    made = values.variables(held, "o")
    assert texts(made) == [("A", "x"), ("B", "1"), ("C", "null"), ("D", None), ("E", None)]
    assert [one.value.reason for one in made if isinstance(one.value, Unknown)] == ["it is not written as one text"] * 2
    assert {one.origin for one in made} == {"o"}
    assert made[0].location.column == 8
    strings = values.variables(held, "o", lambda one: one.text if one.kind is TextKind.STRING else None)
    assert texts(strings) == [("A", "x"), ("D", None), ("E", None)]
    assert values.variables(None, "o") == ()
    listed = of_json(
        '{"l": [{"name": "A", "value": "x"}, {"name": "B"}, {"value": "y"}, 1, {"name": 2, "value": null}, {"k": "C", "v": "z"}]}'
    )
    assert texts(values.pairs(listed.items("l"), "o")) == [("A", "x"), ("2", "null")]
    assert texts(values.pairs(listed.items("l"), "o", "k", "v")) == [("C", "z")]
    assert texts(values.pairs(listed.items("l"), "o", render=lambda _: None)) == []
    computed = values.variable("A", ComputedValue("why", PLACE, "x", written=True), "o")
    assert computed is not None
    assert computed.value == Unknown("why", Secret("x"), written=Secret("x"))
    plain = values.variable("A", ComputedValue("why", PLACE, "x"), "o")
    assert plain is not None
    assert plain.value == Unknown("why", Secret("x"))
    assert values.variable("A", text("x"), "o", lambda _: "y") == values.variable("A", text("y"), "o")
    assert isinstance(made[0].value, Known)


@each_case(
    ("text", "number"), [("1", 1), ("0", 0), ("99999", 99_999), ("100000", None), ("", None), (None, None), ("-1", None), ("²", None), ("1.0", None), ("٣", None)]
)  # fmt: skip
def test_small_numbers(text: str | None, number: int | None) -> None:
    assert values.count(text) == number


RECORDS = '{"a": [1, {"b": [2]}, "x\\ny"],\n "c": {"d": 3},\n  "e\\u0066": "z"}'


def test_records_and_where_they_are() -> None:
    decoder = json.JSONDecoder()
    members = list(json_records.keyed_members(decoder, RECORDS, 0))
    assert [key for key, *_ in members] == ["a", "c", "ef"]
    assert [RECORDS[at : at + 2] for _, at, *_ in members] == ['"a', '"c', '"e']
    assert [json.loads(RECORDS[begin:end]) for _, _, _, begin, end in members] == [held for _, _, held, _, _ in members]
    places = json_records.places_of_members("f", RECORDS, 0)
    assert {key: written(RECORDS, place) for key, place in places.items()} == {
        "a": '[1, {"b": [2]}, "x\\ny"]', "c": '{"d": 3}', "ef": '"z"',
    }  # fmt: skip
    assert [key for key, *_ in json_records.members(decoder, RECORDS, 0)] == ["a", "c", "ef"]


@each_case(
    "items",
    ["[]", "[ ]", "[1]", "[1,2]", "[1, 2]", '[\n  {"a": 1},\n  {"b":\n 2},\n  3\n]', '[ {"a": [1,\n2]} ,\n\n "x", null]', "[1,2 ,  3,\n4]"],
)  # fmt: skip
def test_items_of_a_list_and_where_they_are(items: str) -> None:
    before = '{"x": \n  '
    whole = f"{before}{items}"
    raws = json_records.raw_items(whole, len(before), len(whole))
    assert raws is not None
    begin = Location("f", 5, 3, 5, 4)
    places = json_records.Places(begin, whole)
    listed = list(json_records.items(json.JSONDecoder(), whole, len(before)))
    found = list(places.items(raws, len(before)))
    assert [(json.loads(bytes(raw)), start, end) for raw, start, end, _ in found] == listed
    others = json_records.Places(begin, whole)
    assert [place for *_, place in found] == [others.region(start, end) for _, start, end in listed]
    assert [written("\n" * 4 + "  " + whole, place) for *_, place in found] == [whole[a:b] for _, a, b in listed]
    assert json_records.raw_items(items, 0) is not None
    assert json_records.raw_items(f"{items}x", 0) is None


@each_case("text", ["[1 2]", "[1,", "[", "[1]x", "[1] ]"])
def test_what_is_no_list_is_said(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        list(json_records.listed(json.JSONDecoder(), text, 0))


@each_case(
    ("data", "expected", "problems"),
    [
        (b'{"a": 1}', '{"a": 1}', []), (b"\xef\xbb\xbfa", "a", []), ("a é".encode("utf-16"), "a é", []), (b"b", None, []), (b"\\u0061", "\\u0061", []),
        (b"a\xff", None, ["f:0: not valid UTF-8 (byte 2) (broken)"]), (b"version https://git-lfs.github.com/spec/v1\na", None, ["f:0: stored with Git LFS and not fetched (`git lfs pull`; in actions/checkout `lfs: true`); it was not read"]),
        ("a".encode("utf-16") + b"\0", "a\ufffd", []),
    ],
)  # fmt: skip
def test_texts_of_exports(data: bytes, expected: str | None, problems: list[str]) -> None:
    repository = in_memory({"f": data})
    assert json_records.text(repository, "f", (b"x", b"a")) == expected
    assert noted(repository) == problems
    if expected is not None:
        assert "".join(json_records.blocks(repository, "f")) == expected
        assert json_records.text(repository, "f", ()) == expected
