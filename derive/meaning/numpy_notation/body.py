"""The body of a Python function: assignments, `if`, early returns, calls of other functions of the file, loops that add up.

In: statements of Python's tree. Out: one term, and definitions before it. A condition that is known when the file is read (`x is None`, a
flag with its default) decides at once; every other one becomes cases.
"""

from __future__ import annotations

import ast

from derive.errors import SyntaxProblem, TooLarge
from derive.expressions.term import Term
from derive.meaning.numpy_notation.calling import Calling
from derive.meaning.numpy_notation.expressions import what_it_is
from derive.meaning.numpy_notation.loops import read_loop
from derive.meaning.numpy_notation.statements import is_docstring
from derive.meaning.numpy_notation.terms import piecewise

__all__ = ["Body"]

MOST_BRANCHES = 80
LONGEST_UNROLLED = 64
VIEWS = ("np.reshape", "np.ravel", "np.squeeze", "np.transpose", "np.swapaxes")


class Body(Calling):
    """Reads statements."""

    def import_or_note(self, node: ast.Import | ast.ImportFrom) -> None:
        """An import."""
        raise NotImplementedError

    def function_value(self, function: ast.FunctionDef) -> Term:
        """What the function returns."""
        value = self.run(list(function.body))
        if value is None:
            raise SyntaxProblem(f"{function.name} returns nothing", span=self.span(function), expected=("return",))
        return value

    def run(self, statements: list[ast.stmt]) -> Term | None:
        """Statements in order; the value that is returned, None where the end is reached."""
        for place, statement in enumerate(statements):
            rest = statements[place + 1 :]
            match statement:
                case ast.Return():
                    if statement.value is None:
                        self.refuse(statement, "return without a value")
                    return self.statement_value(statement.value)
                case ast.If():
                    decided = self.decided(statement.test)
                    if decided is not None:
                        return self.run([*(statement.body if decided else statement.orelse), *rest])
                    if _only_raises(statement):
                        self.note("errors that the function raises are not read")
                    elif _returns(statement):
                        return self._split(statement, rest)
                    else:
                        self._merged(statement)
                case ast.With() if _is_errstate(statement):
                    return self.run([*statement.body, *rest])
                case ast.For():
                    self._loop(statement)
                case _:
                    self.statement(statement)
        return None

    def statement(self, statement: ast.stmt) -> None:
        """A statement that neither branches nor returns."""
        if is_docstring(statement) or isinstance(statement, (ast.Pass, ast.Assert)):
            return
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            self.import_or_note(statement)
        elif isinstance(statement, ast.FunctionDef):
            self._inner = {*self.inner_helpers(), statement.name}
            self.helpers = {**self.helpers, statement.name: statement}
            self.unsettled.discard(statement.name)
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda) and isinstance(statement.targets[0], ast.Name):
            self._inner = {*self.inner_helpers(), statement.targets[0].id}
            self.helpers = {**self.helpers, statement.targets[0].id: statement.value}
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) and ast.unparse(statement.value.func) == "print":
            return
        elif isinstance(statement, ast.Expr):
            self.refuse(statement, "a statement whose value is not used")
        elif isinstance(statement, ast.Assign) and len(statement.targets) > 1:
            for target in statement.targets:
                self.assign(ast.copy_location(ast.Assign([target], statement.value), statement))
        elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            self.assign(statement)
        else:
            self.refuse(statement, what_it_is(statement))

    def assign(self, statement: ast.stmt) -> None:
        """One assignment, with the shape in the comment behind it."""
        if isinstance(statement, ast.AnnAssign) and statement.value is None:
            return
        if isinstance(statement, ast.AugAssign):
            self._refuse_view(statement)
        value = getattr(statement, "value", None)
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if len(targets) == 1 and isinstance(targets[0], ast.Name) and value is not None:
            known, static = self.static_value(value)
            if isinstance(statement, ast.Assign) and known and (static is None or isinstance(static, (bool, str))):
                self.statics[targets[0].id] = static
                self.local.pop(targets[0].id, None)
                self.bound.pop(targets[0].id, None)
                return
        pair = statement.value if isinstance(statement, ast.Assign) and isinstance(targets[0], ast.Tuple) else None
        if isinstance(pair, ast.Tuple) and isinstance(targets[0], ast.Tuple) and any(map(self.is_word, pair.elts)):
            for target, part in zip(targets[0].elts, pair.elts, strict=True):
                self.assign(ast.copy_location(ast.Assign([target], part), statement))
            return
        super().assign(statement)

    def _refuse_view(self, statement: ast.AugAssign) -> None:
        """`y += 1` where y is another name of x, or a part of it, changes x as well."""
        if not isinstance(statement.target, ast.Name):
            return
        identifier = statement.target.id
        term = self.bound.get(identifier)
        if identifier in self.local:
            term = next((t for n, t in reversed(self.definitions) if n == self.local[identifier]), None)
        inner = term.args[0] if term is not None and term.data == "shaped_as" else term
        view = inner is not None and (inner.head in ("name", "slice", "transpose") or inner.data in VIEWS)
        if view:
            suggestion = f"{identifier} = {identifier} + …"
            self.refuse(statement, f"an in-place change of {identifier}, which may be a part of another array,", suggestion)

    def several(self, node: ast.expr, count: int) -> list[Term]:
        """The values of a tuple assignment; a function of the file may return them."""
        if isinstance(node, ast.Call) and self.called(node.func) == "linalg.cho_factor" and count == 2:
            return [self.value(node), Term("word", (), "low", self.span(node))]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.helpers:
            term = self.call(node)
            if term.head == "tuple" and len(term.args) == count:
                return list(term.args)
            raise SyntaxProblem(f"{node.func.id} does not return {count} values", span=self.span(node))
        return super().several(node, count)

    def bind(self, target: ast.expr, value: Term) -> None:
        """`name = value`; a name that is assigned again gets a number."""
        if not isinstance(target, ast.Name):
            self.refuse(target, "an assignment to a part of an array")
        identifier = target.id
        if identifier == "_":
            return
        self.lost.discard(identifier)
        shape = self.shapes.get(target.lineno)
        if shape is not None and value.head != "tuple":
            value = Term("numpy", (value, *shape), "shaped_as", value.span)
        self.statics.pop(identifier, None)
        if self.conditional or value.head in ("tuple", "word") or (value.head in ("name", "number") and shape is None):
            self.bound[identifier] = value
            self.local.pop(identifier, None)
            return
        paper = self.unused(identifier, target)
        self.bound.pop(identifier, None)
        self.local[identifier] = paper
        self.definitions.append((paper, value))

    def _counted(self, statement: ast.stmt) -> None:
        self.branches += 1
        if self.branches > MOST_BRANCHES:
            raise TooLarge("too many branches", span=self.span(statement))

    def _branch(self, statements: list[ast.stmt]) -> tuple[Term | None, dict[str, Term]]:
        """The value of a branch, and what the names stand for at its end."""
        outer = dict(self.local), dict(self.bound), dict(self.statics)
        self.conditional += 1
        try:
            value = self.run(statements)
            return value, self._standing()
        finally:
            self.conditional -= 1
            self.local, self.bound, self.statics = outer

    def _standing(self) -> dict[str, Term]:
        return {**{i: Term("name", (), n) for i, n in (*self.parameters.items(), *self.local.items())}, **self.bound}

    def _split(self, statement: ast.If, rest: list[ast.stmt]) -> Term:
        """An `if` one of whose branches returns: what follows belongs to both."""
        self._counted(statement)
        condition = self.condition(statement.test)
        value, _ = self._branch([*statement.body, *rest])
        otherwise, _ = self._branch([*statement.orelse, *rest])
        if value is None or otherwise is None:
            raise SyntaxProblem("the function does not return in every case", span=self.span(statement), expected=("return",))
        if "tuple" in (value.head, otherwise.head):
            self.refuse(statement, "a condition on which several values depend")
        return piecewise(((value, condition),), otherwise, self.span(statement))

    def _merged(self, statement: ast.If) -> None:
        """An `if` that assigns: a name is the one or the other afterwards."""
        self._counted(statement)
        condition = self.condition(statement.test)
        before = self._standing()
        _, first = self._branch(statement.body)
        _, second = self._branch(statement.orelse)
        for identifier in dict.fromkeys((*first, *second)):
            left, right = first.get(identifier), second.get(identifier)
            if left == right and left == before.get(identifier):
                continue
            if left is None or right is None:
                self.local.pop(identifier, None)
                self.bound.pop(identifier, None)
                continue
            if "tuple" in (left.head, right.head):
                self.refuse(statement, "a condition on which several values depend")
            target = ast.copy_location(ast.Name(identifier, ast.Store()), statement)
            self.bind(target, piecewise(((left, condition),), right, self.span(statement)))

    def _loop(self, statement: ast.For) -> None:
        """A loop over a list that is written is run through; a loop over a range or over data must add up."""
        self._counted(statement)
        if isinstance(statement.iter, (ast.List, ast.Tuple)) and len(statement.iter.elts) <= LONGEST_UNROLLED and not statement.orelse:
            if _leaves(statement.body):
                self.refuse(statement, "a loop that is left early")
            for element in statement.iter.elts:
                self.assign(ast.copy_location(ast.Assign([statement.target], element), statement))
                if self.run(list(statement.body)) is not None:
                    self.refuse(statement, "return in a loop")
            return
        read_loop(self, statement)


def _returns(statement: ast.If) -> bool:
    return any(isinstance(part, ast.Return) for inner in (*statement.body, *statement.orelse) for part in _own(inner))


def _leaves(statements: list[ast.stmt]) -> bool:
    return any(isinstance(part, (ast.Return, ast.Break, ast.Continue)) for inner in statements for part in _own(inner))


def _own(node: ast.AST) -> list[ast.AST]:
    """The node and what is below it, without functions inside."""
    found = [node]
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.Lambda)):
            found += _own(child)
    return found


def _only_raises(statement: ast.If) -> bool:
    return not statement.orelse and isinstance(statement.body[-1], ast.Raise)


def _is_errstate(statement: ast.With) -> bool:
    names = ("np.errstate(", "numpy.errstate(")
    return all(item.optional_vars is None and ast.unparse(item.context_expr).startswith(names) for item in statement.items)
