"""Calls of functions of the same file: put in where they are called, bounded, with the names of each kept apart.

In: a call of Python's tree. Out: the term that the function returns at these arguments.
"""

from __future__ import annotations

import ast
from typing import Any

from derive.errors import SyntaxProblem, TooLarge, UnknownName
from derive.expressions.term import Term
from derive.meaning.numpy_notation.known import Function, Known

__all__ = ["Calling"]

MOST_CALLS = 400
DEEPEST_CALL = 24


class Calling(Known):
    """Puts functions of the file in."""

    def function_value(self, function: ast.FunctionDef) -> Term:
        """What the function returns."""
        raise NotImplementedError

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
            if identifier in self.records:
                return self.record(node, self.records[identifier])
        self.with_static_arguments(node)
        return super().call(node)

    def record(self, node: ast.Call, fields: tuple[str, ...]) -> Term:
        """A tuple with named fields, as the tuple of its values."""
        values = dict(zip(fields, node.args, strict=False)) | {k.arg: k.value for k in node.keywords if k.arg is not None}
        if len(node.args) + len(node.keywords) != len(fields) or set(values) != set(fields):
            raise SyntaxProblem(f"the fields are {', '.join(fields)}", span=self.span(node))
        return Term("tuple", tuple(self.value(values[field]) for field in fields), None, self.span(node))

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
            known, static = self.static_value(value)
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

    def with_defaults(self, node: ast.FunctionDef) -> None:
        """Parameters with a default None, True, False or text have it; a note says so. Numbers stay variables."""
        for identifier, default in _defaults(node).items():
            known, value = self.static_value(default)
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


def _defaults(function: Function) -> dict[str, ast.expr]:
    given = function.args
    plain = [*given.posonlyargs, *given.args]
    found = {a.arg: d for a, d in zip(plain[len(plain) - len(given.defaults) :], given.defaults, strict=True)}
    found.update({a.arg: d for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d is not None})
    return found


def _is_short(term: Term) -> bool:
    return term.head in ("name", "number", "constant", "size", "tuple") or (term.head == "neg" and _is_short(term.args[0]))
