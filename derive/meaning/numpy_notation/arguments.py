"""The arguments of a call in NumPy notation, and the axis of a reduction.

In: a call of Python's tree. Out: its arguments in order; what nothing reads is refused by name.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from derive.errors import SyntaxProblem
from derive.expressions.term import Span, Term, number
from derive.meaning.numpy_notation.indexing import integer_of
from derive.meaning.numpy_notation.names import spelled

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.expressions import Expressions as Reader

__all__ = ["Arguments", "CallReader", "axis_of", "reduce"]


class Arguments:
    """The arguments of a call: by position, by keyword; what is left over is refused."""

    def __init__(self, reader: Reader, node: ast.Call, name: str, first: Sequence[ast.expr] = ()) -> None:
        self.reader, self.node, self.name = reader, node, spelled(name)
        self.positional = [*first, *node.args]
        self.keywords: dict[str, ast.expr] = {}
        for part in node.args:
            shape = isinstance(part, ast.Starred) and isinstance(part.value, ast.Attribute) and part.value.attr == "shape"
            if isinstance(part, ast.Starred) and not (shape and reader.shaped):
                reader.refuse(part, "an argument with a star")
        for keyword in node.keywords:
            if keyword.arg is None:
                reader.refuse(keyword.value, "an argument with two stars")
            self.keywords[keyword.arg] = keyword.value

    def take(self, *keywords: str, least: int = 1, most: int = 1) -> list[ast.expr]:
        """The positional arguments, and the values of the named keywords behind them in order (as positions `least`…)."""
        given = list(self.positional)
        for keyword in keywords:
            if keyword in self.keywords:
                given.append(self.keywords.pop(keyword))
        self.done()
        if not least <= len(given) <= most:
            count = str(least) if least == most else f"{least} to {most}"
            raise SyntaxProblem(
                f"{self.name} takes {count} argument{'s' if count != '1' else ''}, not {len(given)}",
                span=self.reader.span(self.node),
            )
        return given

    def done(self) -> None:
        """Refuses a keyword that nothing has read."""
        for keyword, value in self.keywords.items():
            self.reader.refuse(value, f"{self.name} with {keyword}=")

    def flag(self, keyword: str) -> bool:
        """The value of a True/False keyword, False where it is absent."""
        value = self.keywords.pop(keyword, None)
        if value is None:
            return False
        if not (isinstance(value, ast.Constant) and isinstance(value.value, bool)):
            self.reader.refuse(value, f"{self.name} with {keyword}= other than True or False")
        return value.value


OVER_ALL = frozenset({"sum", "mean", "prod"})
OVER_LAST = frozenset({"softmax", "log_softmax", "logsumexp", "cumsum"})


def reduce(function: str, value: Term, axis: Term, keepdims: bool, span: Span) -> Term:
    """The application of a reduction, with its axis and whether that axis stays as one of length 1; as on paper where it is so there."""
    options = [Term("keyword", (axis,), "axis", span)]
    if keepdims:
        options.append(Term("keyword", (number(1),), "keepdims", span))
    elif (function in OVER_ALL and axis.head == "word") or (function in OVER_LAST and axis == number(-1)):
        options = []
    return Term("apply", (value, *options), function, span)


def axis_of(reader: Reader, node: ast.expr | None, name: str) -> Term:
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return Term("word", (), "all")
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    axes: list[Term] = []
    for part in parts:
        axis = integer_of(part)
        if axis is None or not -8 <= axis < 8:
            reader.refuse(part, f"{name} with an axis that is not a small number")
        axes.append(number(axis, reader.span(part)))
    return axes[0] if len(axes) == 1 else Term("tuple", tuple(axes), None, reader.span(node))


CallReader = Callable[["Reader", Arguments, Span], Term]
