"""Sources → a module: common subexpressions once, temporaries with names, one documented function.

In: the outputs as NumPy source, the arguments, the prose of the docstring. Out: the text of the module, free of lint.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from derive.solution import Argument
from derive.translation import source as py
from derive.translation.source import Source, text

__all__ = ["Frame", "Module", "Parameter", "Program", "emit", "schedule"]

WIDTH = 100
ROLES = {
    "np.exp": "e",
    "np.sum": "total",
    "np.mean": "mean",
    "np.max": "top",
    "np.sqrt": "root",
    "np.linalg.norm": "length",
    "np.linalg.solve": "solution",
    "np.log": "log",
    "np.arange": "positions",
    "np.where": "chosen",
    "np.abs": "magnitude",
    "device": "place",
    "np.result_type": "dtype",
    "np.clip": "limited",
}


KINDS = {"float": "float", "int": "int", "array of integers": "np.ndarray", "array": "np.ndarray", "float or array": "float | np.ndarray"}


class Parameter(NamedTuple):
    """An argument of the function: what it is called, what it is, and its annotation."""

    argument: Argument
    annotation: str
    description: str


class Frame(NamedTuple):
    """What stands around the code where it is not plain NumPy: imports, functions before it, the annotation of everything, its body."""

    imports: tuple[str, ...]
    functions: tuple[str, ...] = ()
    annotation: str = ""
    body: tuple[str, ...] = ()
    keywords: tuple[tuple[str, str, str], ...] = ()  # parameters after the others: name, annotation with default, description


class Program(NamedTuple):
    """Assignments in order, and what is returned: one source, or several by field name."""

    assignments: tuple[tuple[str, Source], ...]
    returns: tuple[tuple[str, Source], ...]


# ---------------------------------------------------------------------------------------------- what is computed once
def _is_cheap(source: Source) -> bool:
    """Whether writing it twice costs nothing: a name, a view, a sign, arithmetic of plain numbers."""
    if source.is_atom or source.kind in {"slice", "none", "tuple", "list"}:
        return True
    if source.kind == "attribute":
        return _is_cheap(source.args[0])
    if source.kind == "item":
        return source.args[0].is_atom and all(a.kind in {"slice", "none", "name", "number"} for a in source.args[1:])
    if source.kind == "unary":
        return source.args[0].is_atom
    if source.kind == "binary":
        return all(a.kind == "number" or a.text in {"math.pi", "math.e"} for a in source.args)
    return source.kind == "call" and source.text.startswith("math.") and all(_is_cheap(a) for a in source.args)


def _always(root: Source) -> Iterator[Source]:
    """The parts that are evaluated whatever the conditions are; an arm that takes elements is left alone, they may not exist."""
    stack = [root]
    while stack:
        source = stack.pop()
        yield source
        stack += source.args if source.kind != "ifelse" else [a for k, a in enumerate(source.args) if k == 1 or not _takes_elements(a)]


def _takes_elements(source: Source) -> bool:
    """Whether an element or a part of an array is taken at a place that is computed."""
    return any(part.kind == "item" or part.text == "np.delete" for part in source.walk())


def _counts(roots: list[Source]) -> tuple[Counter[Source], dict[Source, Source]]:
    counts: Counter[Source] = Counter(roots)
    known: dict[Source, Source] = {}
    stack = list(roots)
    while stack:
        source = stack.pop()
        if source in known:
            if source.hint and not known[source].hint:
                known[source] = source
            continue
        known[source] = source
        counts.update(source.args)
        stack.extend(source.args)
    return counts, known


class _Namer:
    def __init__(self, taken: set[str]) -> None:
        self.taken = taken
        self.numbered = 0

    def name(self, source: Source) -> str:
        hint = source.hint or _role(source)
        if not hint:
            while True:
                self.numbered += 1
                if f"t{self.numbered}" not in self.taken:
                    hint = f"t{self.numbered}"
                    break
        name, count = hint, 1
        while name in self.taken:
            count += 1
            name = f"{hint}{count}"
        self.taken.add(name)
        return name


def _role(source: Source) -> str:
    if source.kind == "call":
        return ROLES.get(source.text, "")
    if source.kind == "binary" and source.text == "*" and source.args[0] == source.args[1] and source.args[0].kind == "name":
        return f"{source.args[0].text}_squared" if source.args[0].text.isidentifier() else "squared"
    if source.kind == "binary" and source.text == "-" and source.args[0].kind == "binary" and source.args[0].text == "@":
        return "residual"
    if source.kind == "binary" and source.text == "-" and source.args[1].kind == "binary" and source.args[1].text == "@":
        return "residual"
    if source.kind == "binary" and source.text == "-" and all(a.is_atom or a.kind == "item" for a in source.args):
        return "difference"
    return ""


def schedule(outputs: list[tuple[str, Source]], taken: set[str]) -> Program:
    """What occurs twice is assigned once, before its first use; long lines are cut at their largest part."""
    roots = [source for _, source in outputs]
    counts, known = _counts(roots)
    conditional = set(known) - {part for root in roots for part in _always(root)} if any(s.kind == "ifelse" for s in known) else set()
    namer = _Namer(set(taken))
    assignments: list[tuple[str, Source]] = []
    done: dict[Source, Source] = {}

    def place(source: Source) -> Source:
        if source in done:
            return done[source]
        args = tuple(place(a) for a in source.args)
        made = source if args == source.args else Source(source.kind, source.text, args, source.keywords, source.hint)
        if counts[source] > 1 and not _is_cheap(source) and not (source in conditional and _takes_elements(source)):
            made = keep(made, known[source])
        done[source] = made
        return made

    def keep(made: Source, like: Source) -> Source:
        made = shortened(made)
        name = namer.name(like)
        assignments.append((name, made))
        return py.name(name)

    def shortened(source: Source, budget: int = WIDTH) -> Source:
        while len(text(source)) > budget:
            part = _largest_part(source)
            if part is None:
                return source
            name = keep(part, part)
            source = _replaced(source, part, name)
        return source

    returns = [(label, shortened(place(source))) for label, source in outputs]
    return Program(tuple(assignments), tuple(returns))


def _largest_part(source: Source) -> Source | None:
    """A part of at most the width, the largest that is worth a name."""
    best: tuple[int, Source] | None = None
    for part in _always(source):
        if part is source or _is_cheap(part) or part.kind in {"slice", "tuple", "list", "none"}:
            continue
        length = len(text(part)) + (WIDTH if part.hint else 0)
        if 12 < length <= WIDTH * (2 if part.hint else 1) and (best is None or length > best[0]):
            best = length, part
    return best[1] if best else None


def _replaced(source: Source, part: Source, by: Source) -> Source:
    if source == part:
        return by
    args = tuple(_replaced(a, part, by) for a in source.args)
    return source if args == source.args else Source(source.kind, source.text, args, source.keywords, source.hint)


# ---------------------------------------------------------------------------------------------- the module
def _imports(body: str, several: bool) -> list[str]:
    lines = ["import math"] if "math." in body else []
    lines += ["from typing import NamedTuple"] if several else []
    lines += [""] if lines else []
    lines += ["import numpy as np"]
    lines += ["from scipy import special"] if "special." in body else []
    return lines


class Module(NamedTuple):
    """The text of a module in two parts: an example stands between them, at the end of the docstring."""

    before: str
    after: str

    def text(self, example: list[str]) -> str:
        """The module with an example of these lines, or with none."""
        if not example:
            return self.before + self.after
        lines = _indented("\n".join(["", "Examples", "--------", *example])).split("\n")
        return self.before + "\n".join(line.rstrip() for line in lines) + "\n" + self.after


def emit(
    function: str,
    program: Program,
    parameters: list[Parameter],
    *,
    summary: str,
    formula: str,
    prelude: list[str],
    returns: list[tuple[str, str]],
    result: str,
    frame: Frame | None = None,
) -> Module:
    """The module. `returns` are pairs (field, description); `result` names the tuple of several outputs."""
    if frame is not None and frame.annotation:
        parameters = [p._replace(annotation=frame.annotation if "np." in p.annotation else p.annotation) for p in parameters]
    several = len(program.returns) > 1 or program.returns[0][0] != ""
    body = [*prelude, *(f"{name} = {text(source)}" for name, source in program.assignments)]
    if several:
        fields = ", ".join(f"{label}={text(source)}" for label, source in program.returns)
        line = f"return {result}({fields})"
        if len(line) > WIDTH:
            line = f"return {result}(\n" + "".join(f"    {label}={text(source)},\n" for label, source in program.returns) + ")"
        body.append(line)
    else:
        body.append(f"return {text(program.returns[0][1])}")
    if frame is not None and frame.body:
        body = list(frame.body)
    code = "\n".join(body)
    keywords = frame.keywords if frame is not None else ()
    signed = [f"{p.argument.name}: {p.annotation}" for p in parameters] + [f"{name}: {annotation}" for name, annotation, _ in keywords]
    signature = ", ".join(signed)
    kind = result if several else (frame is not None and frame.annotation) or KINDS[returns[0][1].split(",")[0]]
    header = f"def {function}({signature}) -> {kind}:"
    if len(header) > WIDTH:
        inner = "".join(f"    {part},\n" for part in signed)
        header = f"def {function}(\n{inner}) -> {kind}:"
    lines = [*(frame.imports if frame is not None else _imports(code, several)), "", ""]
    for helper in frame.functions if frame is not None else ():
        lines += [helper, "", ""]
    if several:
        field = (frame is not None and frame.annotation) or "float | np.ndarray"
        lines += [f"class {result}(NamedTuple):", f'    """The parts of {function}."""', ""]
        lines += [f"    {label}: {field}" for label, _ in program.returns] + ["", ""]
    described = [*((p.argument.name, p.description) for p in parameters), *((name, words) for name, _, words in keywords)]
    lines += [header, _indented(_docstring(summary, formula, described, returns))]
    return Module(_stripped("\n".join(lines)), _stripped(_indented('"""\n' + code)))


def _stripped(text: str) -> str:
    return "\n".join([line.rstrip() for line in text.split("\n")]) + "\n"


def _indented(text: str) -> str:
    return "\n".join([f"    {line}" if line.strip() else line for line in text.split("\n")])


def _wrapped(text: str) -> list[str]:
    """The text as indented lines; one that is short is taken as it is."""
    if len(text) <= WIDTH - 4 and text == " ".join(text.split()):
        return [f"    {text}"]
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False)


def _docstring(summary: str, formula: str, parameters: list[tuple[str, str]], returns: list[tuple[str, str]]) -> str:
    """The docstring without its end."""
    lines = [_safe(summary).rstrip(".") + "."]
    if formula:
        lines += ["", *_wrapped(_safe(formula))]
    if parameters:
        lines += ["", "Parameters", "----------"]
        lines += [f"{name} : {words}" for name, words in parameters]
    lines += ["", "Returns", "-------"]
    lines += [f"{label} : {words}" if label else words for label, words in returns]
    return '"""' + "\n".join(lines)


def _safe(prose: str) -> str:
    return prose.replace("\\", "/").replace('"""', "'''")
