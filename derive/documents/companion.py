"""The test modules of single functions become one test module beside the module: what they share once, the rest under their own names.

In: the test module of each function as the translator made it. Out: the text of one that imports the functions from their module.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from derive.documents.module import import_block, statements_of

__all__ = ["companion"]


def companion(tests: Sequence[tuple[str, str]], module_name: str) -> str:
    """The text of a test module for functions with their tests, in order."""
    imports: set[str] = set()
    shared: dict[str, str] = {}
    bodies: list[str] = []
    for function, source in tests:
        needed, body = _taken_apart(function, source, shared)
        imports |= needed
        bodies += body
    names = "".join(f"    {name},\n" for name in sorted(function for function, _ in tests))
    head = f'"""Tests of {module_name}."""'
    own = f"from {module_name} import (\n{names})" if tests else ""
    return (
        "\n\n".join(part for part in (head, import_block(imports), own) if part)
        + "\n\n\n"
        + "\n\n\n".join([*shared.values(), *bodies])
        + "\n"
    )


def _taken_apart(function: str, source: str, shared: dict[str, str]) -> tuple[set[str], list[str]]:
    """The imports, and the statements with names of their own; functions that are the same everywhere are shared."""
    lines = source.split("\n")
    imports: set[str] = set()
    texts: list[str] = []
    renamed: dict[str, str] = {}
    for node in ast.parse(source).body:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        text = "\n".join(lines[first - 1 : node.end_lineno])
        if isinstance(node, ast.ImportFrom) and node.module == function:
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports |= statements_of(node)
        elif isinstance(node, ast.FunctionDef):
            if not node.name.startswith("test_") and shared.setdefault(node.name, text) == text:
                continue
            renamed[node.name] = f"test_{function}{node.name[4:]}" if node.name.startswith("test_") else f"{node.name}_{function}"
            texts.append(text)
        elif isinstance(node, ast.Assign):
            renamed.update({t.id: f"{t.id}_{function}" for t in node.targets if isinstance(t, ast.Name)})
            texts.append(text)
        elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            texts.append(text)
    if not renamed:
        return imports, texts
    names = re.compile(rf"\b(?:{'|'.join(map(re.escape, renamed))})\b(?!\")")
    return imports, [names.sub(lambda m: renamed[m[0]], text) for text in texts]
