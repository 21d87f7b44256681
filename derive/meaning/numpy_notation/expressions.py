"""Expressions of Python's tree as terms, node by node; whatever is not on the list is refused by name with its place.

In: a node. Out: a term, with its place in the line.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Any, NoReturn

from derive.derivation import Prose
from derive.errors import SyntaxProblem, TooLarge, UnknownName
from derive.expressions.term import Name, Span, Term, number
from derive.meaning.numpy_notation.calls import read_call, read_method
from derive.meaning.numpy_notation.indexing import read_subscript
from derive.meaning.numpy_notation.names import ALL_NAMES, CONSTANTS, MODULES, canonical_callable, from_identifier, nearest, spelled
from derive.meaning.numpy_notation.selections import MADE
from derive.meaning.numpy_notation.terms import combine, piecewise

__all__ = ["Expressions", "what_it_is"]

MOST_DEPTH = 120
MOST_DIGITS = 400

RELATIONS: dict[type[ast.cmpop], str] = {ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@", ast.FloorDiv: "//", ast.Mod: "%",
}  # fmt: skip
ARRAY_ATTRIBUTES = frozenset({"T", "mT", "size", "shape"})
NO_READING = {
    ast.For: "a for loop", ast.While: "a while loop", ast.With: "a with block", ast.Try: "a try block", ast.ClassDef: "a class",
    ast.Raise: "raise", ast.Assert: "assert", ast.Global: "global", ast.Nonlocal: "nonlocal", ast.Delete: "del",
    ast.Match: "match",
    ast.AsyncFunctionDef: "an async function", ast.FunctionDef: "a function in a function", ast.Import: "an import here",
    ast.ImportFrom: "an import here", ast.JoinedStr: "a string", ast.Dict: "a dictionary", ast.Set: "a set",
    ast.DictComp: "a dictionary",
    ast.SetComp: "a set", ast.Await: "await", ast.Yield: "yield", ast.YieldFrom: "yield", ast.NamedExpr: "`:=`",
    ast.Starred: "`*`",
    ast.Lambda: "a lambda in an expression", ast.ListComp: "a list comprehension outside a sum", ast.Slice: "a slice",
    ast.GeneratorExp: "a comprehension outside a sum", ast.Break: "break", ast.Continue: "continue",
}  # fmt: skip


class Expressions:
    """One text on its way from Python's tree to terms; the other modules of this package call back into it."""

    shaped = False  # whether the shapes of names are known, so that positions are kept as in NumPy

    def __init__(self, source: str, offset: int, names: Collection[str], functions: Collection[str], sizes: Collection[str]) -> None:
        self.source = source
        self.offset = offset
        self.names, self.functions, self.sizes = frozenset(names), frozenset(functions), frozenset(sizes)
        self.notes: list[Prose] = []
        self.parameters: dict[str, Name] = {}
        self.local: dict[str, Name] = {}  # assigned names, as they stand now
        self.running: dict[str, Name] = {}  # variables of comprehensions
        self.positions: dict[str, Span] = {}  # free names used as positions, and as numbers: never both
        self.values: dict[str, Span] = {}
        self.definitions: list[tuple[Name, Term]] = []
        self.imported: dict[str, str] = {}
        self.identifiers: dict[Name, str] = {}
        self.depth = 0
        self.line_starts = [0]
        for row in source.split("\n"):
            self.line_starts.append(self.line_starts[-1] + len(row) + 1)

    # places and refusals

    def span(self, node: Any) -> Span:
        """Where the node stands in the line."""
        return (self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0))

    def _offset(self, line: int, column: int) -> int:
        start = self.line_starts[line - 1]
        row = self.source[start : self.line_starts[line]]
        return self.offset + start + (column if row.isascii() else len(row.encode()[:column].decode(errors="ignore")))

    def refuse(self, node: Any, what: str, suggestion: str | None = None) -> NoReturn:
        """Something that the notation does not read, by name."""
        raise SyntaxProblem(f"{what} is not read in NumPy notation", span=self.span(node), suggestion=suggestion)

    def fresh(self, identifier: str, node: Any) -> Name:
        """The name on paper of an identifier; two identifiers never share one."""
        if identifier.startswith("_"):
            raise UnknownName(f"{identifier}: names begin with a letter", span=self.span(node))
        paper = from_identifier(identifier)
        if not paper.key.isascii():
            raise UnknownName(f"{identifier}: names are Latin or Greek", span=self.span(node))
        other = self.identifiers.setdefault(paper, identifier)
        if other != identifier:
            raise SyntaxProblem(f"{identifier} and {other} are the same name on paper", span=self.span(node))
        return paper

    def note(self, text: str) -> None:
        """A choice that was made, said once."""
        if (text,) not in self.notes:
            self.notes.append((text,))

    # expressions

    def statement_value(self, node: ast.expr) -> Term:
        """The value of a whole expression; a comparison is a relation here, and an indicator inside."""
        if isinstance(node, ast.Tuple):
            return Term("tuple", tuple(self.value(part) for part in node.elts), None, self.span(node))
        if isinstance(node, (ast.Compare, ast.BoolOp)):
            return self.condition(node)
        return self.value(node)

    def value(self, node: ast.expr) -> Term:
        """The term of an expression that is a number or an array."""
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise TooLarge(f"the expression is nested deeper than {MOST_DEPTH}", span=self.span(node))
        try:
            return self._value(node)
        finally:
            self.depth -= 1

    def _value(self, node: ast.expr) -> Term:
        match node:
            case ast.BinOp():
                return self.operation(node)
            case ast.UnaryOp(op=ast.USub()):
                return Term("neg", (self.value(node.operand),), None, self.span(node))
            case ast.UnaryOp(op=ast.UAdd()):
                return self.value(node.operand)
            case ast.Constant():
                return self.constant(node)
            case ast.Name():
                return self.name(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Call():
                return self.call(node)
            case ast.Subscript():
                return read_subscript(self, node)
            case ast.BoolOp() if not all(_is_condition(part) for part in node.values):
                self.refuse(node, "`and`, `or` between what are no comparisons")
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp():
                return Term("indicator", (self.condition(node),), None, self.span(node))
            case ast.IfExp():
                condition = self.condition(node.test)
                return piecewise(((self.value(node.body), condition),), self.value(node.orelse), self.span(node))
            case ast.List():
                return self.literal(node)
        if not isinstance(node, ast.Tuple):
            self.refuse(node, what_it_is(node))
        return Term("tuple", tuple(self.value(part) for part in node.elts), None, self.span(node))

    def condition(self, node: ast.expr) -> Term:
        """The term of an expression that is true or false."""
        span = self.span(node)
        match node:
            case ast.Compare():
                terms = tuple(self.value(part) for part in (node.left, *node.comparators))
                names = []
                for op in node.ops:
                    if type(op) not in RELATIONS:
                        self.refuse(node, "`in`, `is`")
                    names.append(RELATIONS[type(op)])
                return Term("rel", terms, names[0], span) if len(names) == 1 else Term("chain", terms, tuple(names), span)
            case ast.BoolOp():
                return Term(
                    "and" if isinstance(node.op, ast.And) else "or", tuple(self.condition(part) for part in node.values), None, span
                )
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
                head = "and" if isinstance(node.op, ast.BitAnd) else "or"
                if self.shaped:
                    return Term(head, (self.value(node.left), self.value(node.right)), "bits", span)
                return Term(head, (self.condition(node.left), self.condition(node.right)), None, span)
            case ast.UnaryOp(op=ast.Invert()) if self.shaped:
                return Term("not", (self.value(node.operand),), "bits", span)
            case ast.UnaryOp(op=ast.Invert()) if not _is_condition(node.operand):
                self.refuse(node, "`~` of what is no comparison")
            case ast.UnaryOp(op=ast.Invert() | ast.Not()):
                return Term("not", (self.condition(node.operand),), None, span)
        term = self.value(node)
        if term.head == "indicator":
            return term.args[0]
        if term.head in ("rel", "chain", "and", "or", "not"):
            return term
        return Term("rel", (term, number(0)), "!=", span)  # truth of a number

    def operation(self, node: ast.BinOp) -> Term:
        """A run of operators of one level, leftmost first; long sums and products do not nest."""
        if isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            return Term("indicator", (self.condition(node),), None, self.span(node))
        spine = [node]
        while isinstance(spine[-1].left, ast.BinOp) and type(spine[-1].left.op) in OPERATORS:
            spine.append(spine[-1].left)
        spine.reverse()
        result = self.value(spine[0].left)
        for step in spine:
            operator = OPERATORS.get(type(step.op))
            if operator is None:
                exclusive = isinstance(step.op, ast.BitXor)
                self.refuse(step, "`^` (exclusive or)" if exclusive else "a bit operator", "**" if exclusive else None)
            parenthesised = step is spine[0] or self.parenthesised(step.left)
            result = combine(operator, result, self.value(step.right), self.span(step), flat=not parenthesised)
        return result

    def parenthesised(self, node: ast.expr) -> bool:
        """Whether brackets stand directly around the node."""
        end = self.span(node)[1] - self.offset
        return self.source[end : end + 40].lstrip().startswith(")") and self.source[: self.span(node)[0] - self.offset].rstrip().endswith(
            "("
        )

    def constant(self, node: ast.Constant) -> Term:
        """A number, with its digits as written."""
        span, value = self.span(node), node.value
        if node.kind == MADE and isinstance(value, int):
            return number(value, span)
        if isinstance(value, bool) or not isinstance(value, (int, float, complex)):
            self.refuse(node, "a string" if isinstance(value, (str, bytes)) else f"`{value}`")
        if isinstance(value, complex):
            unit = Term("constant", (), "i", span)
            return unit if value == 1j else Term("mul", (number(format(value.imag, "g")), unit), None, span)
        text = self.source[span[0] - self.offset : span[1] - self.offset].replace("_", "")
        if len(text) > MOST_DIGITS or value in (float("inf"), float("-inf")) or (isinstance(value, float) and value == 0 and "e" in text):
            raise TooLarge("the number is too long or too large", span=span)
        return (
            number(str(value), span) if isinstance(value, int) else number(text.rstrip(".") if text.endswith(".") else text.lower(), span)
        )

    def name(self, node: ast.Name) -> Term:
        """A variable: a parameter, an assigned name, a running index (which counts from 1 on paper), or a free name."""
        identifier, span = node.id, self.span(node)
        if identifier in self.running:
            index = Term("name", (), self.running[identifier], span)
            return Term("add", (index, Term("neg", (number(1, span),), None, span)), None, span)
        if identifier in self.local:
            return Term("name", (), self.local[identifier], span)
        if identifier in self.imported:
            return self.dotted_constant(node, self.imported[identifier])
        known = identifier in self.names or identifier in self.parameters
        if identifier in ("e", "pi") and not known:
            self.note(f"{identifier} is the constant")
            return Term("constant", (), identifier, span)
        if identifier in MODULES and not known:
            self.refuse(node, f"the module {identifier} by itself")
        self.values.setdefault(identifier, span)
        return Term("name", (), self.parameters.get(identifier) or self.fresh(identifier, node), span)

    def dotted_constant(self, node: ast.expr, path: str) -> Term:
        """`np.pi` and the like."""
        canonical = canonical_callable(path)
        if canonical in CONSTANTS:
            return Term("constant", (), CONSTANTS[canonical], self.span(node))
        if canonical in ALL_NAMES:
            raise SyntaxProblem(f"{path} is a function and needs its argument", span=self.span(node), expected=("(",))
        raise UnknownName(f"{path} is not among the names that are read", span=self.span(node), suggestion=nearest(path))

    def path(self, node: ast.expr) -> str | None:
        """The dotted name of something in a module, the module's alias resolved; None where it begins with a variable."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in self.local or node.id in self.parameters or node.id in self.names:
            return None
        root = self.imported.get(node.id, node.id)
        root = "np" if MODULES.get(root) == "np" else root
        if not parts:
            return root if node.id in self.imported else None
        path = ".".join([root, *reversed(parts)])
        if root in MODULES and root != "norm":
            return path
        return path if canonical_callable(path) in ALL_NAMES else None

    def called(self, function: ast.expr) -> str | None:
        """The canonical name of a function of a module, or None."""
        path = self.path(function)
        return None if path is None else canonical_callable(path)

    def attribute(self, node: ast.Attribute) -> Term:
        """`X.T`, `x.size`, `np.pi`."""
        path = self.path(node)
        if path is not None:
            return self.dotted_constant(node, path)
        if node.attr in ("T", "mT"):
            return Term("transpose", (self.value(node.value),), "np", self.span(node))
        if node.attr == "size":
            return Term("size", (self.value(node.value),), None, self.span(node))
        if node.attr == "logabsdet" and isinstance(node.value, ast.Call) and self.called(node.value.func) == "linalg.slogdet":
            return read_call(self, node.value, "linalg.slogdet", 1)
        raise UnknownName(
            f".{node.attr} is not among the attributes that are read",
            span=self.span(node), suggestion=nearest(node.attr, ARRAY_ATTRIBUTES), expected=(".T", ".shape[0]", ".size"),
        )  # fmt: skip

    def call(self, node: ast.Call) -> Term:
        """A function of a module, a function by itself, or a method of an array."""
        path = self.path(node.func)
        if path is not None:
            canonical = canonical_callable(path)
            if canonical not in ALL_NAMES:
                raise UnknownName(
                    f"{spelled(path)} is not among the functions that are read", span=self.span(node.func), suggestion=nearest(path)
                )
            return read_call(self, node, canonical)
        if isinstance(node.func, ast.Attribute):
            return read_method(self, node, node.func)
        if not isinstance(node.func, ast.Name):
            self.refuse(node.func, "a call of something that is not a name")
        identifier = node.func.id
        if identifier in self.functions or identifier in self.parameters:
            if node.keywords:
                self.refuse(node.keywords[0], "a keyword argument here")
            function = Term("name", (), self.parameters.get(identifier) or self.fresh(identifier, node.func), self.span(node.func))
            return Term("call", (function, *(self.value(argument) for argument in node.args)), None, self.span(node))
        canonical = canonical_callable(identifier)
        if canonical is None:
            raise UnknownName(
                f"{identifier} is not among the functions that are read", span=self.span(node.func), suggestion=nearest(identifier)
            )
        return read_call(self, node, canonical)

    def literal(self, node: ast.expr) -> Term:
        """A list of numbers or of rows: a vector or a matrix."""
        if not isinstance(node, (ast.List, ast.Tuple)):
            return self.value(node)
        span = self.span(node)
        if not node.elts:
            self.refuse(node, "an empty array")
        rows = [row for row in node.elts if isinstance(row, (ast.List, ast.Tuple))]
        if not rows:
            return Term("vector", tuple(self.value(entry) for entry in node.elts), None, span)
        widths = {len(row.elts) for row in rows}
        if len(rows) != len(node.elts) or len(widths) != 1 or 0 in widths:
            raise SyntaxProblem("the rows of the array do not have the same length", span=span)
        for row in rows:
            for entry in row.elts:
                if isinstance(entry, (ast.List, ast.Tuple)):
                    self.refuse(entry, "an array literal of more than two axes")
        return Term("matrix", tuple(self.value(entry) for row in rows for entry in row.elts), (len(rows), widths.pop()), span)


def _is_condition(node: ast.expr) -> bool:
    """Whether the node is true or false by its form."""
    if isinstance(node, ast.BoolOp):
        return all(_is_condition(part) for part in node.values)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not) or (isinstance(node.op, ast.Invert) and _is_condition(node.operand))
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, (ast.BitAnd, ast.BitOr)) and _is_condition(node.left) and _is_condition(node.right)
    if isinstance(node, ast.Call):
        function = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return function.startswith("logical_") or function in COMPARED
    return isinstance(node, ast.Compare)


COMPARED = frozenset(("greater", "greater_equal", "less", "less_equal", "equal", "not_equal"))


def what_it_is(node: ast.AST) -> str:
    """What a node that has no reading is called."""
    kind: type = type(node)
    return NO_READING.get(kind, f"`{kind.__name__.lower()}`")
