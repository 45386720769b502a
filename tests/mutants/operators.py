"""The mistakes that are made: each operator yields what one node could be instead."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.mutants.regex_parts import without_one_alternative
from tests.mutants.source import Module, Mutant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Edit(NamedTuple):
    """What is replaced by what, and the operator's name."""

    operator: str
    start: int
    end: int
    text: str


_COMPARED: Final = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.Is: ("is", "is not"), ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"), ast.NotIn: ("not in", "in"),
}  # fmt: skip
_CALLED: Final = {
    "any": "all", "all": "any", "min": "max", "max": "min", "sorted": "list",
    "startswith": "endswith", "endswith": "startswith", "removeprefix": "removesuffix", "removesuffix": "removeprefix",
    "find": "rfind", "rfind": "find", "partition": "rpartition", "rpartition": "partition",
}  # fmt: skip
_LEFT_OUT: Final = frozenset({"lower", "casefold", "upper", "strip", "lstrip", "rstrip"})
_PATTERNS: Final = frozenset({"lazy_pattern", "compile", "match", "search", "fullmatch", "sub", "finditer", "findall"})
_ARITHMETIC: Final = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+"}
_SETS: Final = (ast.BitOr, ast.BitAnd, ast.Sub)


def mutants_of(module: Module) -> list[Mutant]:
    """Every mistake that the operators make in a module."""
    found = set()
    for edit in _edits(module):
        line = module.line_of(edit.start)
        found.add(Mutant(module.path, line, edit.start, edit.end, edit.text, edit.operator, module.function_at(line)))
    return sorted(found)


def is_another_program(module: Module, mutant: Mutant) -> bool:
    """Whether Python can compile it, and it is not the same program, written in another way."""
    try:
        tree = ast.parse(module.mutated(mutant))
        compile(tree, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return ast.dump(tree) != ast.dump(module.tree)


def _edits(module: Module) -> Iterator[Edit]:
    for node in _mutable(module.tree):
        for operator in _OPERATORS:
            yield from operator(module, node)


def _mutable(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes without those that say nothing at run time: types, docstrings, assertions, formats, sizes of caches."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(child for child in ast.iter_child_nodes(node) if not _is_idle(child, node))


def _is_idle(node: ast.AST, above: ast.AST) -> bool:
    match node, above:
        case ast.Import() | ast.ImportFrom() | ast.Assert() | ast.JoinedStr(), _:
            return True
        case ast.Expr(value=ast.Constant()), _:
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")), _:
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"))), _:
            return True
        case ast.Call(func=ast.Name(id="assert_never" | "TypeVar" | "NewType")), _:
            return True
        case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")), _:
            return True
        case ast.keyword(arg="maxsize"), ast.Call(func=ast.Name(id="lru_cache")):
            return True  # How much is kept changes what it costs, not what is answered.
        case ast.keyword(arg="cache_hash"), ast.ClassDef():
            return True
        case ast.Constant(value=str()), ast.Call(func=ast.Attribute(attr="encode" | "decode"), args=[encoding, *_]):
            return node is encoding  # Python ignores the other signs in the name of an encoding.
        case _, ast.arg():
            return True
        case _, ast.AnnAssign(annotation=type_) | ast.FunctionDef(returns=type_) if node is type_:
            return True
        case _, ast.Call(func=ast.Name(id="cast"), args=[type_, *_]) if node is type_:
            return True
        case _, ast.Subscript(slice=type_, value=ast.Name(id="Literal" | "Generic" | "tuple" | "list" | "dict")):
            return node is type_
    return False


def _comparison(module: Module, node: ast.AST) -> Iterator[Edit]:
    if not isinstance(node, ast.Compare):
        return
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        was, now = _COMPARED[type(operator)]
        pattern = rb"\s+".join(re.escape(word.encode()) for word in was.split())
        yield from _between(module, left, right, pattern, now, "comparison")
        left = right
    if len(node.ops) == 1 and isinstance(node.ops[0], ast.In):
        start, end = module.span(node)
        yield Edit("swapped in", start, end, f"({module.text(left)}) in ({module.text(node.left)})")


def _between(module: Module, left: ast.expr, right: ast.expr, pattern: bytes, now: str, name: str) -> Iterator[Edit]:
    """The operator between two operands, without what is said in comments."""
    first, last = module.span(left)[1], module.span(right)[0]
    gap = re.sub(rb"#[^\n]*", lambda comment: b" " * len(comment[0]), module.source[first:last])
    if found := re.search(pattern, gap):
        yield Edit(name, first + found.start(), first + found.end(), now)


def _boolean(module: Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.BoolOp):
        was, now = (rb"\band\b", "or") if isinstance(node.op, ast.And) else (rb"\bor\b", "and")
        for left, right in pairwise(node.values):
            yield from _between(module, left, right, was, now, "and/or")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        start, _ = module.span(node)
        yield Edit("not", start, start + 3, "")
    elif isinstance(node, ast.If | ast.IfExp | ast.While) and isinstance(
        node.test, ast.Name | ast.Attribute | ast.Call
    ):
        start, end = module.span(node.test)
        yield Edit("not", start, end, f"(not {module.text(node.test)})")
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield Edit("condition", *module.span(test), "True")


def _constant(module: Module, node: ast.AST) -> Iterator[Edit]:
    if not isinstance(node, ast.Constant):
        return
    start, end = module.span(node)
    match node.value:
        case bool() as value:
            yield Edit("constant", start, end, str(not value))
        case int() | float() as number:
            yield Edit("constant", start, end, repr(number + 1))
            yield Edit("constant", start, end, f"({number - 1!r})")
        case str() as text:
            before = len(text) - len(text.lstrip())
            yield Edit("text", start, end, repr(f"{text[:before]}~{text[before:]}"))
        case bytes() as data:
            yield Edit("text", start, end, repr(b"~" + data))
        case _:
            pass


def _absent(module: Module, node: ast.AST) -> Iterator[Edit]:
    """`None` where it is a value: an argument, a default, what is returned or assigned."""
    values: list[ast.expr | None] = []
    match node:
        case ast.Call(func=ast.Attribute(attr="pop")):
            pass  # What is popped in vain is mostly not looked at.
        case ast.Call(args=args, keywords=keywords):
            values = [*args, *(keyword.value for keyword in keywords)]
        case ast.Return(value=value) | ast.AnnAssign(value=value) | ast.Assign(value=value):
            values = [value]
        case ast.arguments(defaults=defaults, kw_defaults=named):
            values = [*defaults, *named]
    for one in values:
        if isinstance(one, ast.Constant) and one.value is None:
            yield Edit("constant", *module.span(one), "True")


def _returned(module: Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
        span = module.span(node.value)
        yield Edit("return", *span, "None")
        if isinstance(node.value, ast.Compare | ast.BoolOp | ast.UnaryOp):
            yield Edit("return", *span, "True")
    elif isinstance(node, ast.IfExp):
        start, end = module.span(node)
        yield Edit("condition", start, end, f"({module.text(node.body)})")
        yield Edit("condition", start, end, f"({module.text(node.orelse)})")


def _statement(module: Module, node: ast.AST) -> Iterator[Edit]:
    match node:
        case ast.Expr(value=ast.Yield() | ast.YieldFrom()):
            yield Edit("yield", *module.span(node), "yield from ()")
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Delete() | ast.Return(value=None):
            yield Edit("statement", *module.span(node), "pass")
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield Edit("statement", *module.span(node), "pass")
        case ast.Break():
            yield Edit("loop", *module.span(node), "continue")
        case ast.Continue():
            yield Edit("loop", *module.span(node), "break")
        case _:
            pass


def _called(module: Module, node: ast.AST) -> Iterator[Edit]:
    match node:
        case ast.Call(func=ast.Name(id=name) as function) if name in _CALLED and not node.keywords:
            yield Edit("call", *module.span(function), _CALLED[name])
        case ast.Call(func=ast.Attribute(attr=name, value=subject)):
            end = module.span(node.func)[1]
            if name in _CALLED:
                yield Edit("call", end - len(name), end, _CALLED[name])
            elif name in _LEFT_OUT:
                yield Edit("call", *module.span(node), f"({module.text(subject)})")
        case _:
            pass


def _arithmetic(module: Module, node: ast.AST) -> Iterator[Edit]:
    if not isinstance(node, ast.BinOp):
        return
    numbers = any(isinstance(one, ast.Constant) and isinstance(one.value, int) for one in (node.left, node.right))
    if numbers and type(node.op) in _ARITHMETIC:
        now = _ARITHMETIC[type(node.op)]
        yield from _between(module, node.left, node.right, rb"[-+*]", now, "arithmetic")
    elif isinstance(node.op, _SETS) and not _is_type(node):
        start, end = module.span(node)
        yield Edit("alternative", start, end, f"({module.text(node.left)})")
        if not isinstance(node.op, ast.Sub):
            yield Edit("alternative", start, end, f"({module.text(node.right)})")


def _is_type(node: ast.expr) -> bool:
    """Whether a union is one of types: a name of it is written as those of classes are."""
    names = (one.id for one in ast.walk(node) if isinstance(one, ast.Name))
    return any(name in {"str", "int", "bool", "float", "bytes"} or (name.istitle() and len(name) > 1) or
               re.fullmatch(r"_?[A-Z]\w*[a-z]\w*", name) for name in names)  # fmt: skip


def _slice(module: Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Slice):
        for bound in (node.lower, node.upper):
            if bound is not None:
                yield Edit("slice", *module.span(bound), "")


def _matched(module: Module, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.MatchOr):
        yield from _elements(module, list(node.patterns), rb"\s*\|\s*")
    elif isinstance(node, ast.Match):
        for case in node.cases:
            if case.guard is not None:
                yield Edit("case", *module.span(case.guard), "False")
                yield Edit("case", *module.span(case.guard), "True")
                continue
            _, end = module.span(case.pattern)
            colon = module.source.index(b":", end)
            default = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            if not default:
                yield Edit("case", colon, colon, " if False")
            elif not isinstance(case.body[0], ast.Pass):
                yield Edit("default", module.span(case.body[0])[0], module.span(case.body[-1])[1], "pass")


def _elements(module: Module, parts: list[ast.expr] | list[ast.pattern], comma: bytes) -> Iterator[Edit]:
    """A sequence without one of its parts."""
    spans = [module.span(part) for part in parts]
    for number, (start, end) in enumerate(spans):
        if number + 1 < len(spans):
            yield Edit("alternative", start, spans[number + 1][0], "")
        elif number and comma:
            yield Edit("alternative", spans[number - 1][1], end, "")


def _collection(module: Module, node: ast.AST) -> Iterator[Edit]:
    match node:
        case ast.Set(elts=parts) | ast.List(elts=parts):
            yield from _elements(module, parts, b",")
        case ast.Tuple(elts=parts) if all(isinstance(part, ast.Constant | ast.Attribute) for part in parts):
            yield from _elements(module, parts, b",")
        case ast.Dict(keys=keys, values=values) if all(keys):
            spans = [
                (module.span(key)[0], module.span(value)[1]) for key, value in zip(keys, values, strict=True) if key
            ]
            for (start, _), (after, _) in pairwise(spans):
                yield Edit("alternative", start, after, "")
            for (_, before), (_, end) in zip(spans[-2:], spans[-1:], strict=False):
                yield Edit("alternative", before, end, "")
        case _:
            pass


def _regex(module: Module, node: ast.AST) -> Iterator[Edit]:
    match node:
        case ast.Call(
            func=ast.Name(id=name) | ast.Attribute(attr=name),
            args=[ast.Constant(value=str() as pattern) as text, *_],
        ) if name in _PATTERNS:
            for now in without_one_alternative(pattern):
                yield Edit("regex", *module.span(text), repr(now))
        case _:
            pass


_OPERATORS: Final[tuple[Callable[[Module, ast.AST], Iterator[Edit]], ...]] = (
    _comparison, _boolean, _constant, _absent, _returned, _statement, _called, _arithmetic, _slice, _matched, _collection,
    _regex,
)  # fmt: skip
