"""Functions, assignments and `if` of Python's tree: what is left is one term.

In: the source. Out: a `NumpyReading`.
"""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

from derive.derivation import Prose
from derive.errors import NotSupported, SyntaxProblem, TooLarge, UnknownName
from derive.expressions.term import Name, Term, number
from derive.meaning.numpy_notation.calls import read_call
from derive.meaning.numpy_notation.expressions import Expressions, what_it_is
from derive.meaning.numpy_notation.names import ALL_NAMES, CONSTANTS, MODULES, canonical_callable, nearest
from derive.meaning.numpy_notation.selections import with_choices
from derive.meaning.numpy_notation.terms import piecewise

__all__ = ["NumpyReading", "Reader"]

MOST_NODES = 20_000


class NumpyReading(NamedTuple):
    """What a piece of NumPy says.

    `term` is the value with every assignment put in; `body` is the returned expression as it was written and `definitions` the
    assignments before it, in order, each in terms of the earlier ones (a name that is assigned again gets a prime). `name` is the
    function's name (None for an expression or a lambda), `parameters` its parameters in order.
    """

    term: Term
    body: Term
    definitions: tuple[tuple[Name, Term], ...] = ()
    parameters: tuple[Name, ...] = ()
    name: Name | None = None
    notes: tuple[Prose, ...] = ()


class Reader(Expressions):
    """One text on its way from Python's tree to a `NumpyReading`."""

    def parse(self) -> ast.Module:
        """Python's tree of the source."""
        try:
            return with_choices(ast.parse(self.source))
        except SyntaxError as problem:
            lines = len(self.line_starts) - 1
            line = min(problem.lineno or 1, lines)
            start = self.line_starts[line - 1] + max((problem.offset or 1) - 1, 0)
            end = start + 1
            if problem.end_lineno and problem.end_offset and problem.end_lineno <= lines:
                end = max(end, self.line_starts[problem.end_lineno - 1] + problem.end_offset - 1)
            limit = max(len(self.source), 1)
            start = min(start, limit - 1)
            raise SyntaxProblem(
                f"not Python: {problem.msg}", span=(self.offset + start, self.offset + max(min(end, limit), start + 1))
            ) from None
        except ValueError:
            raise SyntaxProblem("not Python") from None
        except (RecursionError, MemoryError):
            raise TooLarge("the NumPy code is nested too deeply") from None

    def module(self, tree: ast.Module) -> NumpyReading:
        """The reading of a whole text."""
        statements = list(tree.body)
        while statements and isinstance(statements[0], (ast.Import, ast.ImportFrom)):
            self.import_names(statements.pop(0))
        if not statements:
            raise SyntaxProblem("there is no expression", expected=("a NumPy expression",))
        name: Name | None = None
        first = statements[0]
        if isinstance(first, ast.FunctionDef):
            if len(statements) > 1:
                self.refuse(statements[1], "a statement after the function")
            if first.decorator_list:
                self.refuse(first.decorator_list[0], "a decorator")
            name = self.fresh(first.name, first)
            self.read_parameters(first.args)
            body = self.block(first.body, first)
        elif isinstance(first, ast.Expr) and isinstance(first.value, ast.Lambda) and len(statements) == 1:
            self.read_parameters(first.value.args)
            body = self.statement_value(first.value.body)
        else:
            body = self.block(statements, first)
        for identifier, place in self.positions.items():
            if identifier in self.values:
                raise NotSupported(
                    f"{identifier} is a position, which counts from 0 in NumPy and from 1 on paper, and a number as well",
                    span=place,
                )
        if self.positions:
            self.note(f"{', '.join(self.positions)}: counted from 0 in the code and from 1 on paper, x[i] is x_i")
        definitions = tuple(self.definitions)
        return NumpyReading(self.expand(body), body, definitions, tuple(self.parameters.values()), name, tuple(self.notes))

    def import_names(self, node: ast.stmt) -> None:
        """`import numpy as np`, `from scipy.special import expit`: only modules that are known here."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name not in MODULES:
                    raise UnknownName(f"the module {alias.name} is not read", span=self.span(node), expected=("numpy", "scipy", "math"))
                self.imported[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full not in MODULES and canonical_callable(full) not in ALL_NAMES and canonical_callable(full) not in CONSTANTS:
                    raise UnknownName(f"{full} is not read", span=self.span(node), suggestion=nearest(full))
                self.imported[alias.asname or alias.name] = full

    def read_parameters(self, arguments: ast.arguments) -> None:
        """The parameters of a function; annotations are dropped, a default is not put in, and a note says so."""
        for extra in (arguments.vararg, arguments.kwarg):
            if extra is not None:
                self.refuse(extra, "a parameter with a star")
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for argument in every:
            self.parameters[argument.arg] = self.fresh(argument.arg, argument)
        if any(default is not None for default in (*arguments.defaults, *arguments.kw_defaults)):
            self.note("defaults of parameters are not put in")

    def block(self, statements: list[ast.stmt], owner: Any) -> Term:
        """Assignments, then a value: `return`, an expression at the end, or an `if` whose branches return."""
        for place, statement in enumerate(statements):
            rest = statements[place + 1 :]
            if isinstance(statement, ast.Return) or (isinstance(statement, ast.Expr) and not rest and not is_docstring(statement)):
                if rest:
                    self.refuse(rest[0], "code after return")
                if statement.value is None:
                    self.refuse(statement, "return without a value")
                return self.statement_value(statement.value)
            if is_docstring(statement):
                continue
            if isinstance(statement, ast.If):
                condition = self.condition(statement.test)
                before, locals_before = len(self.definitions), dict(self.local)
                value = self.block(statement.body, statement)
                self.local = dict(locals_before)
                otherwise = self.block([*statement.orelse, *rest], statement)
                if len(self.definitions) > before:
                    self.refuse(statement, "an assignment under a condition")
                return piecewise(((value, condition),), otherwise, self.span(statement))
            self.assign(statement)
        raise SyntaxProblem("the function returns nothing", span=self.span(owner), expected=("return",))

    def assign(self, statement: ast.stmt) -> None:
        """One assignment."""
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
            if isinstance(target, ast.Tuple):
                values = self.several(value, len(target.elts))
                for part, term in zip(target.elts, values, strict=True):
                    self.bind(part, term)
                return
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target, value = statement.target, statement.value
        elif isinstance(statement, ast.AugAssign):
            target = statement.target
            load = ast.copy_location(ast.Name(target.id, ast.Load()), target) if isinstance(target, ast.Name) else target
            value = ast.copy_location(ast.BinOp(load, statement.op, statement.value), statement)
        else:
            self.refuse(statement, what_it_is(statement))
        self.bind(target, self.value(value))

    def several(self, node: ast.expr, count: int) -> list[Term]:
        """The values of a tuple assignment: a tuple, or the pair of `np.linalg.slogdet`."""
        if isinstance(node, ast.Tuple) and len(node.elts) == count:
            return [self.value(part) for part in node.elts]
        if self.shaped and isinstance(node, ast.Attribute) and node.attr == "shape" and self.path(node) is None:
            array = self.value(node.value)
            return [Term("size", (array, number(k)), None, self.span(node)) for k in range(count)]
        if not (isinstance(node, ast.Call) and self.called(node.func) == "linalg.slogdet" and count == 2):
            self.refuse(node, "an assignment to several names")
        return [read_call(self, node, "linalg.slogdet", part) for part in (0, 1)]

    def bind(self, target: ast.expr, value: Term) -> None:
        """`name = value`; a name that is assigned again gets a prime."""
        if not isinstance(target, ast.Name):
            self.refuse(target, "an assignment to a part of an array")
        identifier = target.id
        if identifier == "_":
            return
        earlier = self.local.get(identifier) or self.parameters.get(identifier)
        paper = earlier._replace(primes=earlier.primes + 1) if earlier else self.fresh(identifier, target)
        if not earlier and (identifier in self.values or identifier in self.positions):
            raise SyntaxProblem(f"{identifier} is used before it is assigned", span=self.span(target))
        if self.identifiers.setdefault(paper, identifier) != identifier:
            raise SyntaxProblem(f"{identifier} and {self.identifiers[paper]} are the same name on paper", span=self.span(target))
        self.local[identifier] = paper
        self.definitions.append((paper, value))

    def expand(self, term: Term) -> Term:
        """The term with the assignments put in; bounded, for squaring a name twenty times is a million factors."""
        values: dict[Name, Term] = {}
        counts: dict[int, int] = {}

        def put(node: Term) -> Term:
            made = values.get(node.data, node) if node.head == "name" else node.with_args(tuple(put(a) for a in node.args))
            count = counts.get(id(made)) or 1 + sum(counts.get(id(a), 1) for a in made.args)
            counts[id(made)] = count
            kept.append(made)
            if count > MOST_NODES:
                raise TooLarge(f"with its assignments put in, the expression has more than {MOST_NODES} parts")
            return made

        kept: list[Term] = []  # keeps every counted node alive, so that no identity is used twice
        for paper, value in self.definitions:
            values[paper] = put(value)
        return put(term)


def is_docstring(statement: ast.stmt) -> bool:
    """Whether the statement is a string by itself."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
