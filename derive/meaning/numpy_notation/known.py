"""What names stand for in a Python function: terms, constants of the file, and what is known when the file is read.

In: names of Python's tree. Out: terms. `x is None`, a flag with its default and text are known, so that a condition on them decides at
once.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from derive.errors import UnknownName
from derive.expressions.term import Name, Term
from derive.meaning.numpy_notation.names import from_identifier, nearest
from derive.meaning.numpy_notation.statements import Reader

__all__ = ["Function", "Known"]

Function = ast.FunctionDef | ast.Lambda


class Known(Reader):
    """Names: `bound` are those that stand for a term, `statics` those that are known when the file is read (None, True, "a")."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.helpers: dict[str, Function] = {}
        self.records: dict[str, tuple[str, ...]] = {}  # tuples with named fields
        self.constants: dict[str, ast.expr] = {}
        self.unsettled: set[str] = set()  # names at the top of the file that are bound more than once
        self.foreign: dict[str, str] = {}
        self.bound: dict[str, Term] = {}
        self.statics: dict[str, Any] = {}
        self.shapes: Mapping[int, tuple[Term, ...]] = {}
        self.used_names: set[Name] = set()
        self.calls: list[str] = []
        self.count = 0
        self.branches = 0
        self.conditional = 0
        self.resolving: list[str] = []
        self.lost: set[str] = set()  # names that a loop left with the value of its last round

    def name(self, node: ast.Name) -> Term:
        """A name: what it stands for in the function, else a constant of the file."""
        identifier = node.id
        if identifier in self.lost:
            self.refuse(node, f"{identifier}, which a loop leaves with the value of its last round,")
        if identifier in self.bound:
            return self.bound[identifier].at(self.span(node))
        if identifier in self.statics and identifier not in self.local:
            return self._static_term(node, self.statics[identifier])
        known = identifier in self.local or identifier in self.parameters or identifier in self.running
        if not known and identifier in self.foreign:
            raise UnknownName(f"{identifier} comes from {self.foreign[identifier]}, which is not read", span=self.span(node))
        if not known and identifier in self.unsettled:
            self.refuse(node, f"{identifier}, which the file binds more than once,")
        if not known and identifier in self.constants:
            return self._constant_of(node, identifier)
        if not known and identifier in self.helpers:
            self.refuse(node, f"the function {identifier} as a value")
        if not known and identifier not in self.imported:
            close = nearest(identifier, [*self.parameters, *self.local])
            raise UnknownName(f"{identifier} has no value here", span=self.span(node), suggestion=close)
        return super().name(node)

    def _constant_of(self, node: ast.Name, identifier: str) -> Term:
        if identifier in self.resolving:
            self.refuse(node, f"{identifier}, which is made of itself,")
        self.resolving.append(identifier)
        outer = self.local, self.parameters, self.bound, self.statics, self.running
        self.local, self.parameters, self.bound, self.statics, self.running = {}, {}, {}, {}, {}
        try:
            return self.literal(self.constants[identifier]).at(self.span(node))
        finally:
            self.local, self.parameters, self.bound, self.statics, self.running = outer
            self.resolving.pop()

    def _static_term(self, node: ast.Name, value: Any) -> Term:
        if value is None or isinstance(value, (bool, str)):
            self.refuse(node, f"{node.id}, which is {value!r} here,")
        return self.value(ast.copy_location(ast.Constant(value), node))

    def path(self, node: ast.expr) -> str | None:
        """The dotted name of something in a module; a name that the file itself binds is no module."""
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name) and root.id not in self.imported:
            if root.id in self.bound or root.id in self.statics or root.id in self.helpers or root.id in self.constants:
                return None
            if root.id in self.foreign:
                raise UnknownName(f"{root.id} is {self.foreign[root.id]}, which is not read", span=self.span(root))
        return super().path(node)

    def _value(self, node: ast.expr) -> Term:
        """A value; one whose condition is known when the file is read is that branch, `x or y` with a known x the one that counts."""
        if isinstance(node, ast.IfExp) and (decided := self.decided(node.test)) is not None:
            return self.value(node.body if decided else node.orelse)
        if isinstance(node, ast.BoolOp) and len(node.values) == 2 and (known := self.decided(node.values[0])) is not None:
            return self.value(node.values[1] if known == isinstance(node.op, ast.And) else node.values[0])
        return super()._value(node)

    def static_value(self, node: ast.expr) -> tuple[bool, Any]:
        """(True, value) of None, True, False, text and numbers that are written, or of a name that is known."""
        if isinstance(node, ast.Constant):
            return not isinstance(node.value, (complex, bytes)), node.value
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            value = node.operand.value
            return (True, -value) if isinstance(value, (int, float)) and not isinstance(value, bool) else (False, None)
        if isinstance(node, ast.Name) and node.id in self.statics and node.id not in self.local and node.id not in self.bound:
            return True, self.statics[node.id]
        return False, None

    def is_word(self, node: ast.expr) -> bool:
        """Whether the node is None, True, False or text."""
        known, value = self.static_value(node)
        return known and (value is None or isinstance(value, (bool, str)))

    def decided(self, test: ast.expr) -> bool | None:
        """Whether a condition holds, where that is known when the file is read."""
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.decided(test.operand)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp):
            found = [self.decided(part) for part in test.values]
            stops = isinstance(test.op, ast.Or)
            if stops in found:
                return stops
            return None if None in found else not stops
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            left, right = self.static_value(test.left), self.static_value(test.comparators[0])
            operator = test.ops[0]
            if isinstance(operator, (ast.Is, ast.IsNot)) and right == (True, None):
                same = left == (True, None)
                return same if isinstance(operator, ast.Is) else not same
            if left[0] and right[0] and isinstance(operator, (ast.Eq, ast.NotEq)):
                return bool(left[1] == right[1]) == isinstance(operator, ast.Eq)
            return None
        known, value = self.static_value(test)
        return bool(value) if known else None

    def unused(self, identifier: str, node: Any) -> Name:
        """A name on paper that nothing in the function has."""
        if identifier.startswith("_"):
            identifier = identifier.lstrip("_") or "v"
        paper = from_identifier(identifier)
        if not paper.key.isascii():
            raise UnknownName(f"{identifier}: names are Latin or Greek", span=self.span(node))
        count = 1
        while paper in self.used_names or paper in self.parameters.values():
            count += 1
            plain = from_identifier(identifier)
            paper = plain._replace(sub=f"{plain.sub}{'_' if plain.sub else ''}{count}")
        self.used_names.add(paper)
        return paper
