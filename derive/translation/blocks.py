"""Code for large arrays: an elementwise formula in blocks that stay in the cache, every step written into memory that is there already.

In: the program of one output that is elementwise in its arguments. Out: the body of a function with an argument `out`. `np.nditer` cuts
what is broadcast into blocks; within a block every operation is a ufunc that writes to a row of one small array, and a row is used again
as soon as its value is not needed. What depends on parameters alone is computed once, before the blocks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from derive.graph.graph import Graph, walk
from derive.graph.operations import OPERATIONS
from derive.translation.arguments import Arguments
from derive.translation.emit import Frame, Program
from derive.translation.precision import GREEK
from derive.translation.prove import Case, Proof, References, judge
from derive.translation.run import run
from derive.translation.source import COMPARISONS, Source, text

__all__ = ["BLOCK", "blocked", "is_blockable", "proved_in_small_blocks"]

BLOCK = "BLOCK = 1 << 14"
LEAVES = frozenset(("argument", "number", "constant"))
UFUNCS = {
    "+": "np.add",
    "-": "np.subtract",
    "*": "np.multiply",
    "/": "np.divide",
    "**": "np.power",
    "%": "np.remainder",
    "<": "np.less",
    "<=": "np.less_equal",
    ">": "np.greater",
    ">=": "np.greater_equal",
    "==": "np.equal",
    "!=": "np.not_equal",
    "&": "np.logical_and",
    "|": "np.logical_or",
}
BOOLEAN = frozenset(("&", "|", "~", "not", *COMPARISONS))
PLAIN = frozenset(
    (
        *("exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "floor", "ceil", "sign"),
        *("arcsin", "arccos", "arctan", "arctan2", "arcsinh", "arccosh", "arctanh", "hypot", "maximum", "minimum", "abs", "square"),
        *("heaviside", "cbrt", "mod", "logical_not", "logaddexp", "float_power", "clip", "round"),
    )
)


class Unblockable(Exception):
    """Something in the program is no elementwise operation."""


class Operand(NamedTuple):
    """What an instruction takes: text, or the number of the instruction that makes it."""

    said: str
    made_by: int = -1


class Instruction(NamedTuple):
    """One ufunc (or `where`, `copy`) over operands; `boolean` where its value is a truth value."""

    function: str
    operands: tuple[Operand, ...]
    boolean: bool = False


def is_blockable(graph: Graph) -> bool:
    """Whether one value is computed entry by entry from real arguments."""
    nodes = list(walk(graph.roots))
    if len(graph.roots) != 1 or any(node.axes for node in nodes):
        return False
    if not any(node.op == "argument" for node in nodes):
        return False
    return all(
        (node.op in LEAVES and (node.op != "argument" or node.data[0].kind in {"real", "integer"}))
        or node.op == "where"
        or OPERATIONS[node.op].elementwise
        for node in nodes
    )


# ---------------------------------------------------------------------------------------------- instructions
class _Instructions:
    """A program taken apart, operation by operation."""

    def __init__(self, program: Program, arguments: Arguments) -> None:
        self.program = program
        self.names = set(arguments.names.values())
        self.parameters = {n for n in self.names if n.split("_")[0] in GREEK}
        if self.parameters == self.names:
            self.parameters = set()
        self.before: dict[str, Source] = {}  # computed once
        self.streams: dict[str, None] = {}  # what is cut into blocks
        self.made: list[Instruction] = []
        self.meaning: dict[str, Operand] = {}
        self.dependencies: dict[str, set[str]] = {}
        for name, source in program.assignments:
            depends = self._depends(source)
            self.dependencies[name] = depends
            if depends and depends <= self.parameters:
                self.before[name] = source
            else:
                self.meaning[name] = self.operand(source)
        self.result = self.operand(program.returns[0][1])

    def _depends(self, source: Source) -> set[str]:
        found: set[str] = set()
        for part in source.walk():
            if part.kind == "name":
                found |= self.dependencies.get(part.text, {part.text} & self.names)
        return found

    def operand(self, source: Source) -> Operand:
        depends = self._depends(source)
        if not depends:
            return Operand(text(source))
        if source.kind == "name":
            if source.text in self.meaning:
                return self.meaning[source.text]
            return self._stream(source.text)
        if depends <= self.parameters and source.kind != "item":
            name = next((n for n, s in self.before.items() if s == source), None)
            if name is None:
                name = f"fixed{len(self.before) + 1}"
                self.before[name] = source
            return self._stream(name)
        return self._operation(source)

    def _stream(self, name: str) -> Operand:
        self.streams[name] = None
        return Operand(f"{name}_block")

    def _add(self, function: str, operands: Sequence[Operand], boolean: bool = False) -> Operand:
        made = Instruction(function, tuple(operands), boolean)
        if made in self.made:
            return Operand("", self.made.index(made))
        self.made.append(made)
        return Operand("", len(self.made) - 1)

    def _operation(self, source: Source) -> Operand:
        kind, args = source.kind, source.args
        if kind == "item" and len(args) == 2 and args[1].kind == "tuple" and not args[1].args:
            return self.operand(args[0])
        if kind == "method" and source.text == "astype":
            return self.operand(args[0])
        if kind == "unary":
            return self._add("np.negative" if source.text == "-" else "np.logical_not", [self.operand(args[0])], source.text in BOOLEAN)
        if kind == "binary" and source.text in UFUNCS:
            left, right = (self.operand(a) for a in args)
            if source.text == "**" and args[1].text == "2":
                return self._add("np.multiply", [left, left])
            return self._add(UFUNCS[source.text], [left, right], source.text in BOOLEAN)
        if kind == "call" and not source.keywords:
            return self._call(source)
        raise Unblockable

    def _call(self, source: Source) -> Operand:
        name = source.text.removeprefix("np.")
        if name == "where":
            return self._add("where", [self.operand(a) for a in source.args])
        if name == "logaddexp" and source.args[0].text == "0.0":  # max(u, 0) + log(1 + e^(−|u|)), whose parts are vectorised
            u = self.operand(source.args[1])
            tail = self._add("np.exp", [self._add("np.negative", [self._add("np.abs", [u])])])
            return self._add("np.add", [self._add("np.log1p", [tail]), self._add("np.maximum", [u, Operand("0.0")])])
        operands = [self.operand(a) for a in source.args]
        if name == "hypot":
            return self._hypot(*operands)
        if name in {"special.xlogy", "special.xlog1py"}:
            return self._xlogy("np.log" if name == "special.xlogy" else "np.log1p", *operands)
        if name in PLAIN or source.text.startswith("special."):
            return self._add(source.text, operands, name == "logical_not")
        raise Unblockable

    def _hypot(self, x: Operand, y: Operand) -> Operand:
        """m √(1 + (s/m)²) of the larger m and the smaller s: neither overflows, and all of it is vectorised."""
        sizes = [self._add("np.abs", [operand]) for operand in (x, y)]
        large = self._add("np.maximum", sizes)
        above = self._add("np.minimum", [self._add("np.minimum", sizes), Operand("np.finfo(dtype).max")])
        ratio = self._add("np.divide", [above, self._add("np.maximum", [large, Operand("np.finfo(dtype).tiny")])])
        root = self._add("np.sqrt", [self._add("np.add", [self._add("np.multiply", [ratio, ratio]), Operand("1.0")])])
        return self._add("np.multiply", [large, root])

    def _xlogy(self, logarithm: str, x: Operand, y: Operand) -> Operand:
        """x log y, 0 where x is 0."""
        nothing = self._add("np.equal", [x, Operand("0.0")], True)
        inside = self._add("where", [nothing, Operand("1.0" if logarithm == "np.log" else "0.0"), y])
        return self._add("np.multiply", [x, self._add(logarithm, [inside])])


# ---------------------------------------------------------------------------------------------- rows
class _Rows:
    """Which row of the work space holds the value of which instruction."""

    def __init__(self, instructions: list[Instruction], result: Operand) -> None:
        self.left = Counter(o.made_by for i in instructions for o in i.operands if o.made_by >= 0)
        self.left[result.made_by] += 1
        self.free: dict[bool, list[str]] = {False: [], True: []}
        self.rows: dict[bool, list[str]] = {False: [], True: []}
        self.of: dict[int, str] = {}
        self.lines: list[str] = []
        self.chosen = 0
        for number, instruction in enumerate(instructions):
            self._place(number, instruction)

    def said(self, operand: Operand) -> str:
        """The operand as text."""
        return operand.said if operand.made_by < 0 else self.of[operand.made_by]

    def _new(self, boolean: bool) -> str:
        if self.free[boolean]:
            return self.free[boolean].pop()
        name = f"{'mask' if boolean else 'row'}{len(self.rows[boolean]) + 1}"
        self.rows[boolean].append(name)
        return name

    def _place(self, number: int, instruction: Instruction) -> None:
        given = [self.said(o) for o in instruction.operands]
        dying: list[int] = []
        for made_by, uses in Counter(o.made_by for o in instruction.operands if o.made_by >= 0).items():
            self.left[made_by] -= uses
            dying += [made_by] if not self.left[made_by] else []
        rows = [self.of[d] for d in dying]
        if instruction.function == "where":
            self.of[number] = self._where(given)
        else:
            kept = next((r for r in rows if r.startswith("mask") == instruction.boolean), None)
            self.of[number] = kept or self._new(instruction.boolean)
            self.lines.append(f"{instruction.function}({', '.join(given)}, out={self.of[number]})")
        for row in rows:
            if row != self.of[number]:
                self.free[row.startswith("mask")].append(row)

    def _where(self, given: list[str]) -> str:
        """A choice makes a new array: two masked copies would take longer."""
        self.chosen += 1
        self.lines.append(f"chosen{self.chosen} = np.where({', '.join(given)})")
        return f"chosen{self.chosen}"


# ---------------------------------------------------------------------------------------------- the body
def blocked(program: Program, arguments: Arguments) -> Frame | None:
    """What stands around the code in blocks, its body included; None where some operation cannot write into memory that is there."""
    try:
        parts = _Instructions(program, arguments)
    except Unblockable:
        return None
    rows = _Rows(parts.made, parts.result)
    lines = list(rows.lines)
    last = rows.said(parts.result)
    names = list(rows.rows[False])
    if last in names:
        names.remove(last)
        lines = [re.sub(rf"\b{last}\b", "out_block", line) for line in lines]
    else:
        lines.append(f"np.copyto(out_block, {last})")
    streams = list(parts.streams)
    real = [n for n in arguments.names.values() if n in streams or any(n in parts._depends(s) for s in parts.before.values())]
    count = len(streams)
    body = [f"dtype = np.result_type({', '.join(real)}, 1.0)"]
    body += [f"{name} = {text(source)}" for name, source in parts.before.items()]
    body += [f"work = np.empty(({len(names)}, BLOCK), dtype)"] if names else []
    body += [f"masks = np.empty(({len(rows.rows[True])}, BLOCK), bool)"] if rows.rows[True] else []
    flags = ", ".join(['["readonly"]'] * count + ['["writeonly", "allocate"]'])
    body += [
        "with np.nditer(",
        f"    [{', '.join([*streams, 'out'])}],",
        '    flags=["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],',
        f"    op_flags=[{flags}],",
        f"    op_dtypes=[dtype] * {count + 1},",
        "    buffersize=BLOCK,",
        '    casting="same_kind",',
        ") as blocks:",
        f"    for {', '.join(f'{s}_block' for s in streams)}, out_block in blocks:",
    ]
    body += [f"        {_unpacked(names)} = work[:, : out_block.size]"] if names else []
    body += [f"        {_unpacked(rows.rows[True])} = masks[:, : out_block.size]"] if rows.rows[True] else []
    body += [f"        {line}" for line in lines]
    body.append("    result = blocks.operands[-1] if out is None else out")
    body.append("return result[()] if result.ndim == 0 and out is None else result")
    joined = "\n".join(body)
    imports = ["import math", ""] if "math." in joined else []
    imports += ["import numpy as np"] + (["from scipy import special"] if "special." in joined else [])
    constant = f"{BLOCK}  # entries: so many of every array that is worked on stay in the cache"
    keyword = ("out", "np.ndarray | None = None", "array for the result, of its shape; a new one by default")
    return Frame((*imports, "", constant), (), "", tuple(body), (keyword,))


def _unpacked(names: Sequence[str]) -> str:
    return f"({names[0]},)" if len(names) == 1 else ", ".join(names)


def proved_in_small_blocks(proof: Proof, source: str, function: str, tried: Sequence[Case], references: References) -> Proof:
    """The proof, and the same with blocks so small that every sample has several."""
    stacked = [case for case in tried if case.stacked and not case.extreme]
    if proof.check.status != "verified" or not stacked:
        return proof
    outcome = run(source.replace(BLOCK, "BLOCK = 4"), function, [case.arguments for case in stacked])
    small = judge(references.graph, stacked, outcome, references=references)
    return proof if small.check.status == "verified" else small
