"""What a Python function says of its parameters: annotations, comments beside them, the docstring (NumPy, Google, Sphinx style).

In: a function of Python's tree and the lines of its source. Out: types, as far as something says them: `X : ndarray, shape (n, d)`,
`X,  # (n, d)`, `X: Float[Array, "n d"]`, `lam : float, positive`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from derive.expressions.term import Term, number
from derive.meaning.numpy_notation.names import from_identifier
from derive.meaning.scope import Bound, Type

__all__ = ["comment_shapes", "declared_types"]

MOST_AXES = 8
_SIZE = re.compile(r"\s*(?:(\d{1,9})|([A-Za-z_]\w*)(?:\s*([+-])\s*(\d{1,9}))?)\s*")
_SHAPE = re.compile(r"\bshape\s*(?:is|of|[:=])?\s*`*\(([^()\[\]]*)\)")
_BRACKETS = re.compile(r"\(([^()\[\]]*,[^()\[\]]*)\)")
_COMMENT = re.compile(r"#\s*(?:shape\s*[:=]?\s*)?\(([^()]*)\)")
_ARRAY = re.compile(r"array|matrix|vector|tensor|\bshape\b", re.IGNORECASE)
_INTEGERS = re.compile(
    r"\b(?:array|ndarray|vector) of (?:int|integers|labels|classes)\b|\bint(?:eger)? (?:nd)?array\b|counted from 0|\blabels\b",
    re.IGNORECASE,
)
_SCALAR = re.compile(r"\b(float|scalar|real|number)\b", re.IGNORECASE)
_WHOLE = re.compile(r"\bint(eger)?\b", re.IGNORECASE)
_ONE_OF = re.compile(r"\bone of (-?\d+(?:, -?\d+)*)")


def size_terms(text: str) -> tuple[Term, ...] | None:
    """The sizes in `n, d`, `n`, `3, n - 1`; a leading `...` is dropped. None where it is no shape."""
    parts = [part.strip() for part in text.split(",")]
    if parts and parts[-1] == "":
        parts.pop()
    if parts and parts[0] in ("...", "…"):
        parts.pop(0)
    found: list[Term] = []
    for part in parts:
        match = _SIZE.fullmatch(part)
        if match is None:
            return None
        digits, word, sign, shift = match.groups()
        if digits is not None:
            found.append(number(int(digits)))
            continue
        size = Term("name", (), from_identifier(word))
        if sign is not None:
            size = Term("add", (size, number(int(shift) if sign == "+" else -int(shift))))
        found.append(size)
    return tuple(found) if len(found) <= MOST_AXES else None


def declared_types(function: ast.FunctionDef, lines: Sequence[str]) -> dict[str, Type]:
    """Identifier of a parameter → its type, for those of which something is said."""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    names = [a.arg for a in arguments]
    found: dict[str, Type] = {}
    for name, text in _described(ast.get_docstring(function) or "", names).items():
        kind = _in_words(text)
        if kind is not None:
            found[name] = kind
    for argument in arguments:
        annotated = _annotated(argument.annotation)
        if annotated is not None and (argument.arg not in found or annotated.shape):
            found[argument.arg] = annotated
        shape = _beside(argument, arguments, lines)
        if shape is not None:
            found[argument.arg] = replace(found.get(argument.arg, Type()), shape=shape)
    return found


def comment_shapes(lines: Sequence[str]) -> Mapping[int, tuple[Term, ...]]:
    """Line (from 1) → the shape in the comment at its end: `z = X @ w  # (n,)`."""
    found: dict[int, tuple[Term, ...]] = {}
    for count, line in enumerate(lines, 1):
        if "#" not in line:
            continue
        match = _COMMENT.match(line[line.rindex("#") :].rstrip())
        shape = size_terms(match.group(1)) if match is not None and "," in match.group(1) else None
        if shape is not None:
            found[count] = shape
    return found


def _beside(argument: ast.arg, arguments: Sequence[ast.arg], lines: Sequence[str]) -> tuple[Term, ...] | None:
    """The shape in the comment on the parameter's own line."""
    if sum(a.lineno == argument.lineno for a in arguments) != 1:
        return None
    return comment_shapes(lines[argument.lineno - 1 : argument.lineno]).get(1)


def _annotated(node: ast.expr | None) -> Type | None:
    """`float`, `int`, `Float[Array, "n d"]`, `Annotated[np.ndarray, "(n, d)"]`."""
    if node is None:
        return None
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part is not node:
            text = part.value.strip().strip("()")
            shape = size_terms(text if "," in text else ", ".join(text.split()))
            if shape is not None:
                whole = any(isinstance(n, ast.Name) and n.id.startswith(("Int", "UInt")) for n in ast.walk(node))
                return Type("integer" if whole else "real", shape, properties=frozenset({"labels"}) if whole else frozenset())
    if isinstance(node, ast.Name) and node.id in ("float", "int"):
        return Type("whole" if node.id == "int" else "real")
    return None


def _described(docstring: str, names: Sequence[str]) -> dict[str, str]:
    """What the docstring says of each parameter."""
    found: dict[str, str] = {}
    current: list[str] = []
    indent = 0
    for line in docstring.splitlines():
        depth = len(line) - len(line.lstrip())
        match = re.match(r"\s*(?::param\s+)?([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*(\([^()]*(?:\([^()]*\)[^()]*)*\))?\s*:(.*)$", line)
        listed = [part.strip() for part in match.group(1).split(",")] if match is not None else []
        if match is not None and all(name in names for name in listed):
            current, indent = listed, depth
            for name in listed:
                found[name] = f"{match.group(2) or ''} {match.group(3)}"
        elif current and line.strip() and depth > indent:
            for name in current:
                found[name] += " " + line.strip()
        elif line.strip():
            current = []
    return found


def _in_words(text: str) -> Type | None:
    """The type in a description: `ndarray, shape (n, d)`, `(n,) array`, `float, positive`."""
    stated = _SHAPE.search(text)
    match = stated or (_BRACKETS.search(text) if _ARRAY.search(text) or text.strip().startswith("(") else None)
    shape = size_terms(match.group(1)) if match is not None else None
    if shape is None and not _SCALAR.search(text) and not _WHOLE.search(text):
        return None
    if shape is None and _ARRAY.search(text) and not re.search(r"\b(?:float|scalar) or\b", text):
        return None
    if shape and _INTEGERS.search(text):
        return Type("integer", shape, Bound(number(1), strict=False), properties=frozenset({"labels"}))
    words = text.lower()
    properties: set[str] = set()
    if shape is not None and len(shape) == 2 and ("positive definite" in words or "positive-definite" in words):
        properties |= {"symmetric", "positive-definite", "invertible"}
    elif shape is not None and len(shape) == 2 and re.search(r"\bsymmetric\b", words):
        properties.add("symmetric")
    lower, upper = _bounds(words) if not properties else (None, None)
    values = _ONE_OF.search(text)
    if values is not None:
        return Type("integer", shape or (), values=tuple(number(int(v)) for v in values.group(1).split(",")))
    whole = not shape and _WHOLE.search(text) is not None and not _SCALAR.search(text)
    if whole:
        return Type("index" if "index" in words else "whole")
    return Type("real", shape or (), lower, upper, properties=frozenset(properties))


def _bounds(words: str) -> tuple[Bound | None, Bound | None]:
    if "between 0 and 1" in words:
        return Bound(number(0)), Bound(number(1))
    if re.search(r"\b(?:non-?negative|not negative)\b|>= ?0", words):
        return Bound(number(0), strict=False), None
    return (Bound(number(0)), None) if re.search(r"\bpositive\b|> ?0(?![.\d])", words) else (None, None)
