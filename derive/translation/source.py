"""Python expressions as small shared values, and their text with as few parentheses as possible.

In: the lowering builds them, partly from the NumPy source that the table of operations states (`parse`). Out: text.
Equal expressions are equal values, so what occurs twice is seen by counting.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

__all__ = ["Source", "apply", "attribute", "binary", "item", "name", "number", "parse", "slice_", "text", "tuple_", "unary"]


class Source:
    """One expression: a kind, a text (an operator, a name, a called function), arguments. `hint` suggests a name for a temporary."""

    __slots__ = ("_hash", "args", "hint", "keywords", "kind", "text")

    def __init__(self, kind: str, text: str, args: tuple[Source, ...] = (), keywords: tuple[str, ...] = (), hint: str = "") -> None:
        self.kind = kind
        self.text = text
        self.args = args
        self.keywords = keywords  # names of the last arguments of a call
        self.hint = hint
        self._hash = hash((kind, text, args, keywords))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Source) or self._hash != other._hash:
            return False
        return (self.kind, self.text, self.keywords, self.args) == (other.kind, other.text, other.keywords, other.args)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"<{text(self)}>"

    @property
    def is_atom(self) -> bool:
        """A name or a number."""
        return self.kind in {"name", "number"}

    def named(self, hint: str) -> Source:
        """The same expression with a suggestion for its name."""
        return Source(self.kind, self.text, self.args, self.keywords, hint)

    def walk(self) -> Iterator[Source]:
        """Every part, this one first."""
        yield self
        for argument in self.args:
            yield from argument.walk()


_ONE = Source("number", "1")


def name(text: str) -> Source:
    """A name."""
    return Source("name", text)


def number(text: str | int | float) -> Source:
    """A literal; a negative one is a negation."""
    shown = repr(text) if isinstance(text, int | float) else text
    return unary("-", Source("number", shown[1:])) if shown.startswith("-") else Source("number", shown)


def apply(function: str, *args: Source, **keywords: Source) -> Source:
    """A call of a dotted name."""
    if function == "np.abs" and args[0].kind == "unary" and args[0].text == "-":
        args = args[0].args
    return Source("call", function, (*args, *keywords.values()), tuple(keywords))


def binary(operator: str, left: Source, right: Source) -> Source:
    """left ∘ right; a factor 1 is dropped."""
    if operator == "*" and left == _ONE:
        return right
    if operator in {"*", "/"} and right == _ONE:
        return left
    return Source("binary", operator, (left, right))


def unary(operator: str, argument: Source) -> Source:
    """−x, ~x, not x."""
    if operator == "-" and argument.kind == "unary" and argument.text == "-":
        return argument.args[0]
    return Source("unary", operator, (argument,))


def attribute(argument: Source, text: str) -> Source:
    """x.T, x.shape."""
    return Source("attribute", text, (argument,))


def item(argument: Source, *indices: Source) -> Source:
    """x[i, j]."""
    return Source("item", "", (argument, *indices))


def slice_(start: Source | None = None, stop: Source | None = None, step: Source | None = None) -> Source:
    """start:stop, or start:stop:step."""
    none = Source("none", "")
    return Source("slice", "", (start or none, stop or none, *([step] if step is not None else [])))


def tuple_(*args: Source) -> Source:
    """(a, b)."""
    return Source("tuple", "", args)


def list_(*args: Source) -> Source:
    """[a, b]."""
    return Source("list", "", args)


# ---------------------------------------------------------------------------------------------- printing
PRECEDENCE = {
    "or": 1,
    "and": 2,
    "not": 3,
    "compare": 4,
    "|": 5,
    "&": 6,
    "+": 8,
    "-": 8,
    "*": 9,
    "/": 9,
    "@": 9,
    "%": 9,
    "unary": 10,
    "**": 11,
}
COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))
ATOM, LOOSEST = 20, 0


def _level(source: Source) -> int:
    if source.kind == "binary":
        return PRECEDENCE["compare"] if source.text in COMPARISONS else PRECEDENCE[source.text]
    if source.kind == "unary":
        if source.text == "-" and _factors_only(source.args[0]):
            return PRECEDENCE["*"]
        return PRECEDENCE["not"] if source.text == "not" else PRECEDENCE["unary"]
    return LOOSEST if source.kind == "ifelse" else ATOM


def _inside(source: Source, least: int) -> str:
    shown = text(source)
    return f"({shown})" if _level(source) < least else shown


def text(source: Source) -> str:
    """The expression as Python."""
    kind, args = source.kind, source.args
    if kind in {"name", "number", "none"}:
        return source.text
    if kind == "binary":
        return _binary(source)
    if kind == "unary":
        if source.text == "-" and _factors_only(args[0]):
            return "-" + text(args[0])
        space = " " if source.text == "not" else ""
        return source.text + space + _inside(args[0], _level(source))
    if kind == "call":
        plain = len(args) - len(source.keywords)
        shown = [text(a) for a in args[:plain]]
        shown += [f"{key}={text(a)}" for key, a in zip(source.keywords, args[plain:], strict=True)]
        return f"{source.text}({', '.join(shown)})"
    if kind == "method":
        plain = len(args) - len(source.keywords)
        shown = [text(a) for a in args[1:plain]] + [f"{key}={text(a)}" for key, a in zip(source.keywords, args[plain:], strict=True)]
        return f"{_inside(args[0], ATOM)}.{source.text}({', '.join(shown)})"
    if kind == "attribute":
        return f"{_inside(args[0], ATOM)}.{source.text}"
    if kind == "item":
        return f"{_inside(args[0], ATOM)}[{', '.join(text(a) for a in args[1:])}]"
    if kind == "star":
        return f"*{_inside(args[0], ATOM)}"
    if kind == "slice":
        return ":".join(map(text, args))
    if kind == "ifelse":
        yes, condition, no = args
        return f"{_inside(yes, 1)} if {_inside(condition, 1)} else {_inside(no, LOOSEST)}"
    inner = ", ".join(text(a) for a in args)
    if kind == "list":
        return f"[{inner}]"
    return f"({inner},)" if len(args) == 1 else f"({inner})"


def _is_simple(source: Source) -> bool:
    """Whether a power of it is written without spaces."""
    inner = source.args[0] if source.kind in {"unary", "attribute"} else source
    return inner.is_atom


def _factors_only(source: Source) -> bool:
    """A product or quotient whose sign may stand before its first factor."""
    return source.kind == "binary" and source.text in {"*", "/"} and (source.args[0].kind != "binary" or _factors_only(source.args[0]))


def _binary(source: Source) -> str:
    level, operator = _level(source), source.text
    left, right = source.args
    if operator == "**":
        sign = "**" if _is_simple(left) and _is_simple(right) else " ** "
        return f"{_inside(left, level + 1)}{sign}{_inside(right, PRECEDENCE['unary'])}"
    if operator in COMPARISONS:
        return f"{_inside(left, level + 1)} {operator} {_inside(right, level + 1)}"
    parts: list[str] = []
    while True:  # along the left spine: long sums do not recurse deeply
        left, right = source.args
        parts += [_inside(right, level if source.text in {"and", "or"} else level + 1), source.text]
        scaled = source.text == "@" and left.kind == "binary" and left.text != "@"  # (a / b) @ c reads better with parentheses
        source = left
        if source.kind != "binary" or _level(source) != level or scaled:
            return " ".join([_inside(source, level + scaled), *reversed(parts)])


# ---------------------------------------------------------------------------------------------- reading the table
_OPERATORS: dict[type[Any], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**", ast.Mod: "%", ast.BitAnd: "&", ast.BitOr: "|",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.USub: "-", ast.Invert: "~", ast.Not: "not",
    ast.And: "and", ast.Or: "or",
}  # fmt: skip


@lru_cache(maxsize=256)
def _statements(code: str) -> tuple[ast.stmt, ...]:
    return tuple(ast.parse(code).body)


def parse(code: str, values: Mapping[str, Source]) -> Source:
    """The value of NumPy source from the table of operations, its names replaced by `values`; assigned names become hints."""
    known = dict(values)
    result = name("None")
    for statement in _statements(code):
        if isinstance(statement, ast.Assign):
            (target,) = statement.targets
            assert isinstance(target, ast.Name)
            known[target.id] = _read(statement.value, known).named(target.id)
        else:
            assert isinstance(statement, ast.Expr)
            result = _read(statement.value, known)
    return result


def _read(node: ast.expr, known: Mapping[str, Source]) -> Source:
    if isinstance(node, ast.Name):
        return known.get(node.id) or name(node.id)
    if isinstance(node, ast.Constant):
        return Source("number", repr(node.value)) if not isinstance(node.value, str) else Source("number", f'"{node.value}"')
    if isinstance(node, ast.BinOp):
        return binary(_OPERATORS[type(node.op)], _read(node.left, known), _read(node.right, known))
    if isinstance(node, ast.UnaryOp):
        return unary(_OPERATORS[type(node.op)], _read(node.operand, known))
    if isinstance(node, ast.Compare):
        return binary(_OPERATORS[type(node.ops[0])], _read(node.left, known), _read(node.comparators[0], known))
    if isinstance(node, ast.BoolOp):
        return binary(_OPERATORS[type(node.op)], _read(node.values[0], known), _read(node.values[1], known))
    if isinstance(node, ast.Call):
        args = [_read(a, known) for a in node.args]
        return apply(ast.unparse(node.func), *args, **{k.arg: _read(k.value, known) for k in node.keywords if k.arg})
    if isinstance(node, ast.Subscript):
        return item(_read(node.value, known), _read(node.slice, known))
    if isinstance(node, ast.Attribute):
        inner = _read(node.value, known)
        return name(f"{inner.text}.{node.attr}") if inner.text in {"np", "math"} else attribute(inner, node.attr)
    raise TypeError(f"the table of operations holds {ast.dump(node)}")
