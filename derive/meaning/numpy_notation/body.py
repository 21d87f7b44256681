"""The body of a Python function: assignments, `if`, early returns, calls of other functions of the file, loops that add up.

In: statements of Python's tree. Out: one term, and definitions before it. A condition that is known when the file is read (`x is None`, a
flag with its default) decides at once; every other one becomes cases.
"""

from __future__ import annotations

import ast
from typing import Any

from derive.errors import SyntaxProblem, TooLarge, UnknownName
from derive.expressions.term import Name, Term
from derive.meaning.numpy_notation.expressions import what_it_is
from derive.meaning.numpy_notation.loops import read_loop
from derive.meaning.numpy_notation.names import from_identifier, nearest
from derive.meaning.numpy_notation.statements import Reader, is_docstring
from derive.meaning.numpy_notation.terms import piecewise

__all__ = ["Body"]

MOST_CALLS = 400
DEEPEST_CALL = 24
MOST_BRANCHES = 200
LONGEST_UNROLLED = 64

Function = ast.FunctionDef | ast.Lambda


class Body(Reader):
    """Reads statements; `bound` are names that stand for a term, `statics` for what is known when the file is read (None, True, "a")."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.helpers: dict[str, Function] = {}
        self.constants: dict[str, ast.expr] = {}
        self.unsettled: set[str] = set()  # names at the top of the file that are bound more than once
        self.foreign: dict[str, str] = {}
        self.bound: dict[str, Term] = {}
        self.statics: dict[str, Any] = {}
        self.shapes: Any = {}
        self.used_names: set[Name] = set()
        self.calls: list[str] = []
        self.count = 0
        self.branches = 0
        self.conditional = 0
        self.resolving: list[str] = []
        self.lost: set[str] = set()  # names that a loop left with the value of its last round

    # ---------------------------------------------------------------------------------------------- names
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
            raise UnknownName(
                f"{identifier} has no value here", span=self.span(node), suggestion=nearest(identifier, [*self.parameters, *self.local])
            )
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

    # ---------------------------------------------------------------------------------------------- calls
    def call(self, node: ast.Call) -> Term:
        """A function of the file is put in; every other call is read as anywhere."""
        if isinstance(node.func, ast.Name):
            identifier = node.func.id
            if identifier in self.foreign:
                raise UnknownName(f"{identifier} comes from {self.foreign[identifier]}, which is not read", span=self.span(node.func))
            if identifier in self.unsettled and identifier in self.helpers:
                self.refuse(node.func, f"{identifier}, which the file binds more than once,")
            if identifier in self.helpers:
                return self.put_in(node, identifier, self.helpers[identifier])
        self.with_static_arguments(node)
        return super().call(node)

    def with_static_arguments(self, node: ast.Call) -> None:
        """`axis=axis` with a name whose value is known gets the value."""
        for keyword in node.keywords:
            if isinstance(keyword.value, ast.Name) and keyword.value.id in self.statics and keyword.value.id not in self.local:
                keyword.value = ast.copy_location(ast.Constant(self.statics[keyword.value.id]), keyword.value)

    def put_in(self, node: ast.Call, identifier: str, function: Function) -> Term:
        """The value of a function of the file at these arguments."""
        if identifier in self.calls:
            self.refuse(node, f"{identifier}, which calls itself,")
        if len(self.calls) >= DEEPEST_CALL or self.count >= MOST_CALLS:
            raise TooLarge("too many calls of functions of the file", span=self.span(node))
        self.count += 1
        terms, statics = self._arguments(node, function, identifier)
        nested = identifier in self.inner_helpers()
        outer = self.local, self.parameters, self.bound, self.statics, self.running, dict(self.helpers)
        self.parameters = {}
        self.local = dict(self.local) if nested else {}
        self.running = self.running if nested else {}
        self.bound = {**(self.bound if nested else {}), **{k: v for k, v in terms.items() if k not in statics}}
        self.statics = {**(self.statics if nested else {}), **statics}
        for parameter in (*terms, *statics):
            self.local.pop(parameter, None)
        for parameter in statics:
            self.bound.pop(parameter, None)
        for parameter in terms:
            self.statics.pop(parameter, None)
        self.calls.append(identifier)
        try:
            self._name_compound(function)
            if isinstance(function, ast.Lambda):
                return self.statement_value(function.body)
            return self.function_value(function)
        finally:
            self.calls.pop()
            self.local, self.parameters, self.bound, self.statics, self.running, self.helpers = outer

    def inner_helpers(self) -> set[str]:
        """Functions that stand inside of the function that is read: they see its names."""
        return getattr(self, "_inner", set())

    def _arguments(self, node: ast.Call, function: Function, identifier: str) -> tuple[dict[str, Term], dict[str, Any]]:
        """Parameter → the term that it stands for, or what is known of it."""
        given = function.args
        if given.vararg or given.kwarg:
            self.refuse(node, f"{identifier}, which takes any number of arguments,")
        plain = [*given.posonlyargs, *given.args]
        values: dict[str, ast.expr] = {}
        if len(node.args) > len(plain) or any(isinstance(a, ast.Starred) for a in node.args):
            raise SyntaxProblem(f"{identifier} takes {len(plain)} arguments", span=self.span(node))
        values.update({parameter.arg: value for parameter, value in zip(plain, node.args, strict=False)})
        names = {a.arg for a in (*plain, *given.kwonlyargs)}
        for keyword in node.keywords:
            if keyword.arg not in names or keyword.arg in values:
                raise SyntaxProblem(f"{identifier} takes no further argument {keyword.arg}", span=self.span(keyword.value))
            values[keyword.arg] = keyword.value
        defaults = _defaults(function)
        terms: dict[str, Term] = {}
        statics: dict[str, Any] = {}
        for parameter in (*plain, *given.kwonlyargs):
            value = values.get(parameter.arg)
            if value is None:
                default = defaults.get(parameter.arg)
                if default is None:
                    raise SyntaxProblem(f"{identifier} needs {parameter.arg}", span=self.span(node))
                value = default
            known, static = self._static_value(value)
            if known and not (isinstance(static, float) or (isinstance(static, int) and not isinstance(static, bool) and abs(static) > 8)):
                statics[parameter.arg] = static
            else:
                terms[parameter.arg] = self.value(value)
        return terms, statics

    def _name_compound(self, function: Function) -> None:
        """What is put in for a parameter and is used more than once gets the name of the parameter."""
        if self.conditional:
            return
        body = [function.body] if isinstance(function, ast.Lambda) else function.body
        loads = [n.id for part in body for n in ast.walk(part) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        for parameter in [a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]:
            term = self.bound.get(parameter)
            if term is None or loads.count(parameter) < 2 or _is_short(term):
                continue
            paper = self.unused(parameter, function)
            self.definitions.append((paper, term))
            self.bound[parameter] = Term("name", (), paper)

    # ---------------------------------------------------------------------------------------------- what is known
    def with_defaults(self, node: ast.FunctionDef) -> None:
        """Parameters with a default None, True, False or text have it; a note says so. Numbers stay variables."""
        for identifier, default in _defaults(node).items():
            known, value = self._static_value(default)
            if known and (value is None or isinstance(value, (bool, str)) or self._is_option(node, identifier, value)):
                self.statics[identifier] = value
                self.note(f"{identifier} is {value!r}, its default")
                if ("defaults of parameters are not put in",) in self.notes:
                    self.notes.remove(("defaults of parameters are not put in",))

    @staticmethod
    def _is_option(node: ast.FunctionDef, identifier: str, value: Any) -> bool:
        """Whether an integer default is an axis: the name stands behind `axis=` in some call."""
        if not isinstance(value, int):
            return False
        keywords = [k for part in ast.walk(node) if isinstance(part, ast.Call) for k in part.keywords]
        return any(k.arg in ("axis", "ddof", "ord", "k") and isinstance(k.value, ast.Name) and k.value.id == identifier for k in keywords)

    def _static_value(self, node: ast.expr) -> tuple[bool, Any]:
        """(True, value) of None, True, False, text and numbers that are written, or of a name that is known."""
        if isinstance(node, ast.Constant):
            return not isinstance(node.value, (complex, bytes)), node.value
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            value = node.operand.value
            return (True, -value) if isinstance(value, (int, float)) and not isinstance(value, bool) else (False, None)
        if isinstance(node, ast.Name) and node.id in self.statics and node.id not in self.local and node.id not in self.bound:
            return True, self.statics[node.id]
        return False, None

    def _is_word(self, node: ast.expr) -> bool:
        known, value = self._static_value(node)
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
            left, right = self._static_value(test.left), self._static_value(test.comparators[0])
            operator = test.ops[0]
            if isinstance(operator, (ast.Is, ast.IsNot)) and right == (True, None):
                same = left == (True, None)
                return same if isinstance(operator, ast.Is) else not same
            if left[0] and right[0] and isinstance(operator, (ast.Eq, ast.NotEq)):
                return (left[1] == right[1]) == isinstance(operator, ast.Eq)
            return None
        known, value = self._static_value(test)
        return bool(value) if known else None

    # ---------------------------------------------------------------------------------------------- statements
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
            self.import_or_note(statement)  # type: ignore[attr-defined]
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
            known, static = self._static_value(value)
            if isinstance(statement, ast.Assign) and known and (static is None or isinstance(static, (bool, str))):
                self.statics[targets[0].id] = static
                self.local.pop(targets[0].id, None)
                self.bound.pop(targets[0].id, None)
                return
        pair = statement.value if isinstance(statement, ast.Assign) and isinstance(targets[0], ast.Tuple) else None
        if isinstance(pair, ast.Tuple) and isinstance(targets[0], ast.Tuple) and any(map(self._is_word, pair.elts)):
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
        view = inner is not None and (
            inner.head in ("name", "slice", "transpose") or inner.data in ("np.reshape", "np.ravel", "np.squeeze")
        )
        if view:
            self.refuse(
                statement, f"an in-place change of {identifier}, which may be a part of another array ({identifier} = {identifier} + …),"
            )

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

    # ---------------------------------------------------------------------------------------------- branches
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

    # ---------------------------------------------------------------------------------------------- loops
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


def _defaults(function: Function) -> dict[str, ast.expr]:
    given = function.args
    plain = [*given.posonlyargs, *given.args]
    found = {a.arg: d for a, d in zip(plain[len(plain) - len(given.defaults) :], given.defaults, strict=True)}
    found.update({a.arg: d for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d is not None})
    return found


def _is_short(term: Term) -> bool:
    return term.head in ("name", "number", "constant", "size", "tuple") or (term.head == "neg" and _is_short(term.args[0]))


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
    return all(
        item.optional_vars is None and ast.unparse(item.context_expr).startswith(("np.errstate(", "numpy.errstate("))
        for item in statement.items
    )
