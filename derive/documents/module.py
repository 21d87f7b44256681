r"""Functions become one module: imports and helpers once, `__all__`, each function with its place and its formula in its docstring.

In: the modules of the single functions as the translator made them, with where each formula stands. Out: the text of one module; the
same functions give the same bytes.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Function", "import_block", "module", "statements_of"]

WIDTH = 96


class Function(NamedTuple):
    """One function: its module, its name, where its formula stands and how it is written there, and what it rests on."""

    source: str
    name: str
    place: str
    written: str
    notes: tuple[str, ...] = ()


def module(functions: Sequence[Function], documents: Sequence[str]) -> str:
    """The text of a module with these functions, in order."""
    imports: set[str] = set()
    helpers: dict[str, str] = {}
    bodies: list[str] = []
    for function in functions:
        needed, body = _taken_apart(function, helpers)
        imports |= needed
        bodies.append(body)
    text = "\n\n\n".join([*helpers.values(), *bodies])
    names = ", ".join(documents)
    title = textwrap.wrap(f"The formulas of {names} as NumPy functions." if functions else f"No formula of {names} was translated.", WIDTH)
    head = _quoted("\n".join([*title, "", "Written by `derive translate`; each function says where its formula stands."]))
    exported = (
        "\n".join(["__all__ = [", *(f'    "{name}",' for name in sorted((f.name for f in functions), key=_order)), "]"])
        if functions
        else ""
    )
    exported = exported or "__all__: list[str] = []"
    parts = [head, import_block(imports), exported]
    return "\n\n".join(p for p in parts if p) + (f"\n\n\n{text}\n" if text else "\n")


def _order(name: str) -> tuple[int, list[tuple[int, str]]]:
    """As isort has `__all__`: constants, classes, the rest, numbers by their value."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return kind, [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name) if part]


def _quoted(text: str) -> str:
    safe = text.replace("\\", "/").replace('"""', "'''")
    return f'"""{safe}\n"""'


# ---------------------------------------------------------------------------------------------- one function
def _taken_apart(function: Function, helpers: dict[str, str]) -> tuple[set[str], str]:
    """The imports and the text of a function; what else its module holds becomes a helper, once for all functions that have the same."""
    tree = ast.parse(function.source)
    lines = function.source.split("\n")
    imports: set[str] = set()
    own, renamed = "", {}
    for node in tree.body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        text = "\n".join(lines[first - 1 : node.end_lineno])
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports |= statements_of(node)
        elif isinstance(node, ast.FunctionDef) and node.name == function.name:
            own = _documented(text, node, first, function)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign):
            name = _defined(node)
            if name == "__all__":
                continue
            free, count = name, 2
            while free in helpers and helpers[free] != _with_name(text, name, free):
                free, count = f"{name}_{count}", count + 1
            if free != name:
                renamed[name] = free
            helpers[free] = _with_name(text, name, free)
    for old, new in renamed.items():
        own = _with_name(own, old, new)
    return imports, own


def _defined(node: ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign) -> str:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return target.id if isinstance(target, ast.Name) else ast.unparse(target)


def _with_name(text: str, old: str, new: str) -> str:
    return text if old == new else re.sub(rf"\b{re.escape(old)}\b", new, text)


def statements_of(node: ast.Import | ast.ImportFrom) -> set[str]:
    """The names that a statement imports, each as a statement."""
    if isinstance(node, ast.Import):
        return {f"import {a.name}" + (f" as {a.asname}" if a.asname else "") for a in node.names}
    return {f"from {node.module} import {a.name}" + (f" as {a.asname}" if a.asname else "") for a in node.names}


def import_block(statements: set[str]) -> str:
    """Imports as isort has them: the standard library, then the rest; `from` statements of one module are one."""
    merged: dict[str, set[str]] = {}
    plain: set[str] = set()
    for statement in statements:
        if statement.startswith("from "):
            module_name, _, name = statement[5:].partition(" import ")
            merged.setdefault(module_name, set()).add(name)
        else:
            plain.add(statement)
    froms = [f"from {name} import {', '.join(sorted(merged[name]))}" for name in sorted(merged)]
    groups: tuple[list[str], ...] = ([], [], [])
    for statement in [*sorted(plain), *froms]:
        root = statement.split()[1].split(".")[0]
        groups[0 if root == "__future__" else 1 if root in sys.stdlib_module_names else 2].append(statement)
    return "\n\n".join("\n".join(group) for group in groups if group)


def _documented(text: str, node: ast.FunctionDef, first: int, function: Function) -> str:
    """The function with the place of its formula, and the formula as it is written there, among the notes of its docstring."""
    docstring = node.body[0]
    if not (isinstance(docstring, ast.Expr) and isinstance(docstring.value, ast.Constant) and isinstance(docstring.value.value, str)):
        return text
    rows = text.split("\n")
    start, end = docstring.lineno - first, (docstring.end_lineno or docstring.lineno) - first
    said = ast.get_docstring(node) or ""
    notes = ["Notes", "-----", f"{function.place}:", "", *_written(function.written), *_remarks(function.notes)]
    if "\nExamples\n--------" in said:
        head, _, tail = said.partition("\nExamples\n--------")
        said = "\n".join([head.rstrip("\n"), "", *notes, "", "Examples\n--------" + tail])
    else:
        said = "\n".join([said.rstrip(), "", *notes])
    raw = "r" if "\\" in said else ""
    body = textwrap.indent(f'{raw}"""{said.rstrip()}\n"""', "    ").split("\n")
    return "\n".join(row.rstrip() for row in [*rows[:start], *body, *rows[end + 1 :]])


def _written(text: str) -> list[str]:
    """The formula as its author wrote it, as a block."""
    safe = text.replace('"""', "'''").replace("\t", "    ").replace("\r", "")
    safe = "".join(c for c in safe if c.isprintable() or c == "\n")
    rows: list[str] = []
    for row in textwrap.dedent(safe.strip()).split("\n"):
        if row.strip():
            rows += textwrap.wrap(row.strip(), WIDTH - 8, break_long_words=False, break_on_hyphens=False)
    return [f"    {row}" for row in rows] or ["    (empty)"]


def _remarks(notes: Sequence[str]) -> list[str]:
    if not notes:
        return []
    lines = [""]
    for note in notes:
        safe = note.replace("\\", "/").replace('"""', "'''").replace("\n", " ")
        lines += textwrap.wrap(f"{safe}.", WIDTH - 4, break_long_words=False)
    return lines
