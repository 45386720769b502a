"""YAML: what is read of it, of which line it is said that it is none, and where the parts are."""

from __future__ import annotations

import pytest

from directus_guard import limits
from directus_guard.finding import Location
from directus_guard.sources.formats import values, yaml_document
from directus_guard.sources.formats.yaml_document import Mapping, Node, Scalar, Sequence
from tests.support.each import each_case
from tests.support.in_memory import in_memory
from tests.support.shown_values import nested, noted, shown, written


def described(node: Node) -> str:
    """`{a: 'b'} -a`: a text in quotes or a block, with the keys that were replaced."""
    if isinstance(node, Scalar):
        return f"{node.tag} ".lstrip() + (node.text if node.plain else repr(node.text))
    if isinstance(node, Sequence):
        return f"{node.tag}[{', '.join(map(described, node.items))}]"
    entries = ", ".join(f"{described(entry.key)}: {described(entry.value)}" for entry in node.entries)
    return f"{node.tag}{{{entries}}}" + "".join(f" -{entry.key.text}" for entry in node.duplicates)


@each_case(
    ("text", "expected", "problems"),
    [
        ('a: 1\nb: [x, "y", \'z\', |\n', [], ["a.yml:2: not valid YAML: found character that cannot start any token (broken)"]),
        ("a: |\n  b\n  c\nd: >\n e\n f\n", ["{a: 'b\\nc\\n', d: 'e f\\n'}"], []),
        ("a: &x {b: 1}\nc: *x\nd: {<<: *x, b: 2, e: 3}\nf: {<<: [*x, {b: 4, g: 5}]}", ["{a: {b: 1}, c: {b: 1}, d: {b: 2, e: 3}, f: {b: 1, g: 5}}"], []),
        ('a: {<<: {b: 1}, "<<": 2}', ["{a: {b: 1, '<<': 2}}"], []),
        ('a: {!!merge "<<": {b: 1}, ! <<: {c: 2}, !x <<: {d: 3}}', ["{a: {b: 1, c: 2, !x <<: {d: 3}}}"], []),
        ("a: 1\na: 2\na: 3", ["{a: 3} -a -a"], []),
        ("? [a]\n: b\nc: d", ["{c: d}"], []),
        ("a: *b", [], ["a.yml:1: not valid YAML: an alias has no anchor (broken)"]),
        ("a: &x 1\n---\nb: *x", [], ["a.yml:3: not valid YAML: an alias has no anchor (broken)"]),
        ("<<<<<<< a\nb: 1\n=======\nc: 1\n<<<<<<< d\n", [], ["a.yml:1: not valid YAML: it has the marks of a merge conflict (broken)"]),
        ("{{ if x }}\na: DirectUS\n{{ end }}\nb: c\n", ["{a: DirectUS, b: c}"], []),
        ("{{ if x }}\na: d\n{{ end }}\nb: c\n", ["{b: c}"], []),
        ("{% if x %}\nApiVersion: d\n{% endif %}\nb: c\n", ["{ApiVersion: d, b: c}"], []),
        ("a: &a [*a]", [], ["a.yml:1: not valid YAML: an anchor contains itself (broken)"]),
        ('a: !!binary YWI=\nb: !!binary "Y W\n I="\nc: !Ref x\nd: !!str 1', ["{a: tag:yaml.org,2002:binary ab, b: tag:yaml.org,2002:binary 'ab', c: !Ref x, d: tag:yaml.org,2002:str 1}"], []),
        ('a: 1\nb: !!binary "@"', [], ["a.yml:2: not valid YAML: a !!binary value is not base64 (broken)"]),
        ("a: 1\n---\nb\n---\n- c\n...\n", ["{a: 1}", "b", "[c]"], []),
        ("a:\n  - b\n c: d", [], ["a.yml:3: not valid YAML: did not find expected key (broken)"]),
        ("a: [\n", [], ["a.yml:2: not valid YAML: did not find expected node content (broken)"]),
        ("x: 1\n<<<<<<< HEAD\na: 1\n=======\n", [], ["a.yml:2: not valid YAML: it has the marks of a merge conflict (broken)"]),
        ('{\n\t"a":\t1,\n\t"b": [\t2]}', ["{'a': 1, 'b': [2]}"], []),
        ("a:\t1\n\tb: 2", [], ["a.yml:2: not valid YAML: found a tab character that violates indentation (broken)"]),
        ("\ufeff\ufeffa: 1", ["{a: 1}"], []),
        ("", [], []),
        ("# c\n", [], []),
        ('a: ~\nb: null\nc: ""\nd:\ne: Null\nf: NULL', ["{a: ~, b: null, c: '', d: , e: Null, f: NULL}"], []),
        ('a: "b\\qc"', [], ["a.yml:1: not valid YAML: found unknown escape character (broken)"]),
        ("a: \x01", [], ["a.yml:1: not valid YAML: unacceptable character #x0001: control characters are not allowed (broken)"]),
        ("- a: 1\n  b: {c: [d]}\n-\n- - e", ["[{a: 1, b: {c: [d]}}, , [e]]"], []),
    ],
)  # fmt: skip
def test_what_is_read_and_what_is_no_yaml(text: str, expected: list[str], problems: list[str]) -> None:
    repository = in_memory({"a.yml": text})
    assert [described(node) for node in yaml_document.documents(repository, "a.yml")] == expected
    assert noted(repository) == problems
    assert yaml_document.documents(repository, "b.yml") == ()


def test_members_of_a_mapping() -> None:
    text = "a: ~\nb: [1]\nc: {d: e}\nf: g\nh: '~'\n"
    (root,) = yaml_document.parse("a.yml", text)
    assert isinstance(root, Mapping)
    names = "abcfhz"
    assert [root.text(name) for name in names] == [None, None, None, "g", "~", None]
    assert [root.scalar(name) is not None for name in names] == [False, False, False, True, True, False]
    assert [root.sequence(name) is not None for name in names] == [False, True, False, False, False, False]
    assert [root.mapping(name) is not None for name in names] == [False, False, True, False, False, False]
    assert [root.get(name) is not None for name in names] == [True, True, True, True, True, False]
    assert [written(text, root.locate(name)) for name in "abcfh"] == ["a", "b", "c", "f", "h"]
    assert root.locate("z") == root.location
    assert [yaml_document.is_null(root.get(name)) for name in names] == [True, False, False, False, False, True]
    below = [written(text, node.location) for node in yaml_document.walk(root)]
    assert below[1:] == ["~", "[1]", "1", "{d: e}", "e", "g", "~"]


@each_case(
    ("text", "places"),
    [
        ("a: b\n\"c\": 'd e'\n", [(1, 1, 1, 2), (1, 4, 1, 5), (2, 2, 2, 3), (2, 7, 2, 10)]),
        ("a:\rb: c\n", [(1, 1, 1, 2), (1, 3, 1, 3), (1, 4, 1, 5), (1, 7, 1, 8)]),
        ("a: b\u2028\nc: d\n", [(1, 1, 1, 2), (1, 4, 1, 5), (2, 1, 2, 2), (2, 4, 2, 5)]),
        ("é: |\n  x\n  y\nb: ''\n", [(1, 1, 1, 2), (1, 4, 4, 1), (4, 1, 4, 2), (4, 5, 4, 5)]),
    ],
)
def test_places(text: str, places: list[tuple[int, int, int, int]]) -> None:
    """Only a line feed ends a line, as in the reports; quotes do not belong to a text."""
    (root,) = yaml_document.parse("a.yml", text)
    assert isinstance(root, Mapping)
    found = [node.location for entry in root.entries for node in (entry.key, entry.value)]
    assert found == [Location("a.yml", *place) for place in places]


@each_case(
    ("text", "expected"),
    [
        ("a: |\n  b\n  c\n", (2, 2)), ("a: |-\n\n   b\n", (2, 3)), ("a: >\n  b\n", None), ("a: b\n", None), ("a: '|'\n", None),
        ("a: |\n  ~b\n", (2, 2)), ("a: |\r\n \r\n    b\r\n", (2, 4)), ("a: |2\n   b\n", (2, 3)), ("a: |", None),
    ],
)  # fmt: skip
def test_texts_that_are_written_as_a_block(text: str, expected: tuple[int, int] | None) -> None:
    (root,) = yaml_document.parse("a.yml", text)
    assert isinstance(root, Mapping)
    value = root.entries[0].value
    assert yaml_document.block_text(text.split("\n"), value.location) == expected


@each_case(("shape", "deepest"), [("[{}]", 99), ("{{a: {}}}", 99)])
def test_what_is_nested_too_deeply_is_not_known(shape: str, deepest: int) -> None:
    for times, is_read in ((deepest, True), (deepest + 1, False)):
        (root,) = yaml_document.parse("a.yml", nested(shape, "MARK", times))
        found = shown(values.from_yaml(root))
        assert ("MARK" in found, "<it is nested too deeply to be read>" in found) == (is_read, not is_read)
    for shape_of_yaml in ("[", "{a: "):
        with pytest.raises(yaml_document.YamlError, match="nested too deeply"):
            yaml_document.parse("a.yml", shape_of_yaml * 201)


def test_tags_keep_what_they_are_of() -> None:
    (root,) = yaml_document.parse("a.yml", "[!Sub x, !Ref [y]]")
    found = values.from_yaml(root)
    assert isinstance(found, values.List)
    assert [one.source for one in found.items if isinstance(one, values.ComputedValue)] == ["!Sub x", "!Ref "]


def test_what_grows_past_any_memory_is_refused() -> None:
    doubled = "".join(f"a{number + 1}: &a{number + 1} [*a{number}, *a{number}]\n" for number in range(20))
    many = "".join(f"  k{number}: 1\n" for number in range(1_000))
    merged = "".join(f"m{number}: {{<<: *a}}\n" for number in range(230))
    shown_tags = "{{ x }}\n" * limits.TEMPLATE_TAGS.number
    for text, line, reason in (
        (f"a0: &a0 [x]\n{doubled}", 17, "aliases and merge keys add too many entries"),
        (f"a: &a\n{many}{merged}", 1_069, "aliases and merge keys add too many entries"),
        (f"{shown_tags}b: {{{{ x }}}}\n", 1, limits.over(limits.TEMPLATE_TAGS)),
    ):
        with pytest.raises(yaml_document.YamlError) as caught:
            yaml_document.read("a.yml", text)
        assert (str(caught.value), caught.value.line) == (reason, line)
    assert yaml_document.read("a.yml", f"{shown_tags}b: c\n")[0]
