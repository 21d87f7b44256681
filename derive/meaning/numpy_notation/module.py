"""A file of Python: which functions it has, and what one of them computes. It is read through `ast` and never imported or run.

In: the source and a function's name. Out: a `FunctionReading`: its value and its assignments as terms whose positions count from 0, what is
said of its parameters. Functions of the same file are put in where they are called, bounded. What has no reading is refused with its place.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any, NamedTuple

from derive.derivation import Prose
from derive.errors import DeriveError, SyntaxProblem, TooLarge, UnknownName
from derive.expressions.term import Name, Span, Term
from derive.meaning.numpy_notation.body import Body
from derive.meaning.numpy_notation.declared import comment_shapes, declared_types
from derive.meaning.numpy_notation.names import MODULES
from derive.meaning.numpy_notation.statements import is_docstring
from derive.meaning.scope import Type

__all__ = ["FunctionReading", "functions_of", "place_in", "read_function"]

MOST_CHARACTERS = 2_000_000


class FunctionReading(NamedTuple):
    """What a function of a file says.

    `body` is what it returns (a `tuple` where it returns several values), `definitions` the assignments before it, positions counted
    from 0; `parameters` are those that are variables, in order, `types` what the file says of them. `span` is where the function stands.
    """

    name: Name
    parameters: tuple[Name, ...]
    types: Mapping[Name, Type]
    definitions: tuple[tuple[Name, Term], ...]
    body: Term
    notes: tuple[Prose, ...] = ()
    span: Span = (0, 0)


def functions_of(source: str) -> tuple[tuple[str, Span], ...]:
    """The functions of the file with their places, in order."""
    reader = _reader(source)
    return tuple((node.name, reader.span(node)) for node in reader.tree().body if isinstance(node, ast.FunctionDef))


def read_function(source: str, function: str) -> FunctionReading:
    """What the function of the file computes. Raises a DeriveError with its place in the file."""
    reader = _reader(source)
    try:
        return reader.read(function)
    except RecursionError:
        raise TooLarge("the code is nested too deeply") from None


def place_in(source: str, span: Span | None) -> tuple[int, int]:
    """Line and column, both from 1."""
    start = min(span[0], len(source)) if span is not None else 0
    before = source[:start]
    return before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1


def _reader(source: str) -> ModuleReader:
    if len(source) > MOST_CHARACTERS:
        raise TooLarge(f"a file of {len(source)} characters: at most {MOST_CHARACTERS} are read")
    if "\0" in source:
        raise SyntaxProblem("not Python", span=(0, 1))
    return ModuleReader(source.replace("\r\n", "\n").replace("\r", "\n"))


class ModuleReader(Body):
    """One file on its way from Python's tree to the reading of one function."""

    shaped = True

    def __init__(self, source: str) -> None:
        super().__init__(source, 0, (), (), ())
        self.lines = source.split("\n")
        self._tree: ast.Module | None = None

    def tree(self) -> ast.Module:
        """Python's tree of the file."""
        if self._tree is None:
            self._tree = self.parse()
        return self._tree

    def read(self, function: str) -> FunctionReading:
        """The reading of the function of this name."""
        self._survey()
        node = self.helpers.get(function)
        if not isinstance(node, ast.FunctionDef):
            known = [n for n, f in self.helpers.items() if isinstance(f, ast.FunctionDef)]
            from difflib import get_close_matches

            close = get_close_matches(function, known, 1, 0.5)
            raise UnknownName(
                f"the file has no function {function} at its top level", suggestion=close[0] if close else None, expected=tuple(known[:8])
            )
        self.shapes = comment_shapes(self.lines)
        self._refuse_signature(node)
        types = declared_types(node, self.lines)
        self.read_parameters(node.args)
        self.used_names |= set(self.parameters.values())
        self.with_defaults(node)
        try:
            body = self.function_value(node)
        except DeriveError as error:
            raise error.at(self.span(node)) from None
        variables = {identifier: name for identifier, name in self.parameters.items() if identifier not in self.statics}
        named = {name: types[i] for i, name in variables.items() if i in types}
        return FunctionReading(
            self.fresh_function(node), tuple(variables.values()), named, tuple(self.definitions), body, tuple(self.notes), self.span(node)
        )

    def fresh_function(self, node: ast.FunctionDef) -> Name:
        """The function's own name on paper."""
        from derive.meaning.numpy_notation.names import from_identifier

        return from_identifier(node.name.lstrip("_") or "f")

    def _refuse_signature(self, node: ast.FunctionDef) -> None:
        harmless = ("jit", "njit", "jax.jit", "numba.njit", "numba.jit", "staticmethod", "lru_cache", "functools.lru_cache", "cache")
        for decorator in node.decorator_list:
            inner = decorator.func if isinstance(decorator, ast.Call) else decorator
            if ast.unparse(inner) not in harmless:
                self.refuse(decorator, "a decorator")

    def _survey(self) -> None:
        """What stands at the top of the file: imports, constants, functions; the rest is not looked at."""
        assigned: dict[str, int] = {}
        for node in self.tree().body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self.import_or_note(node)
            elif isinstance(node, ast.FunctionDef):
                self.helpers[node.name] = node
                assigned[node.name] = assigned.get(node.name, 0) + 1
            elif isinstance(node, ast.ClassDef) and _is_record(node):
                fields = [f.target.id for f in node.body if isinstance(f, ast.AnnAssign) and isinstance(f.target, ast.Name)]
                self.records[node.name] = tuple(fields)
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                identifier = node.targets[0].id
                assigned[identifier] = assigned.get(identifier, 0) + 1
                if isinstance(node.value, ast.Lambda):
                    self.helpers[identifier] = node.value
                else:
                    self.constants[identifier] = node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                assigned[node.target.id] = assigned.get(node.target.id, 0) + 1
                self.constants[node.target.id] = node.value
            else:
                for identifier in _bound_in(node):
                    assigned[identifier] = 2
        for identifier, count in assigned.items():
            if count > 1:
                self.unsettled.add(identifier)

    def import_or_note(self, node: ast.Import | ast.ImportFrom) -> None:
        """Names of modules that are known; every other imported name is foreign, and is refused where it is used."""
        for alias in node.names:
            bound = alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)
            if isinstance(node, ast.Import) and alias.name in MODULES:
                if alias.asname or "." not in alias.name:
                    self.imported[bound] = alias.name
                continue
            try:
                if isinstance(node, ast.Import) or node.level:
                    raise UnknownName("foreign")
                self.import_names(ast.copy_location(ast.ImportFrom(node.module, [alias], 0), node))
            except (UnknownName, SyntaxProblem):
                if bound != "annotations":
                    self.foreign[bound] = f"{getattr(node, 'module', None) or ''}.{alias.name}".strip(".")


def _is_record(node: ast.ClassDef) -> bool:
    """A NamedTuple or a dataclass with fields and nothing else."""
    plain = all(isinstance(part, ast.AnnAssign) or is_docstring(part) for part in node.body)
    bases = [ast.unparse(base) for base in node.bases]
    decorators = [ast.unparse(d).partition("(")[0] for d in node.decorator_list]
    named = bases in (["NamedTuple"], ["typing.NamedTuple"]) and not decorators
    return plain and (named or (not bases and decorators in (["dataclass"], ["dataclasses.dataclass"])))


def _bound_in(node: Any) -> set[str]:
    """Names that a statement at the top of the file may bind."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.add(part.id)
        elif isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            found.add(part.name)
    return found
