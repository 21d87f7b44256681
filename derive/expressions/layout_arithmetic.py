"""Boxes of arithmetic, applications and brackets.

In: terms. Out: writers for a `Layout`.
"""

from __future__ import annotations

from derive.expressions.boxes import Box, above, fraction, grid, rooted, text_box
from derive.expressions.inline import FUNCTION_SIGNS
from derive.expressions.layout import Layout, Placed, Writer
from derive.expressions.precedence import ATOM, CALL, FUNCTION, GIVEN, OPEN, POWER, PRODUCT, QUOTIENT, SIGN, SUM, TRIGONOMETRIC
from derive.expressions.term import Term, integer
from derive.expressions.typography import columns, raised

__all__ = ["ARITHMETIC", "arguments_box", "factor_boxes", "function_text"]

# ── arithmetic ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _negated(p: Layout, term: Term) -> Box:
    """A minus before a term; a fraction keeps its distance."""
    gap = " " if term.head == "div" else ""
    return p.row("−" + gap, p.at(term, OPEN))


def _neg(p: Layout, term: Term) -> Placed:
    return _negated(p, term.args[0]), SIGN


def _add(p: Layout, term: Term) -> Placed:
    parts: list[Box | str] = [p.at(term.args[0], SIGN)]
    for part in term.args[1:]:
        if part.head == "neg":
            parts.extend((" − ", p.at(part.args[0], OPEN)))
        else:
            parts.extend((" " if part.head == "plusminus" else " + ", p.at(part, SIGN if part.head == "plusminus" else OPEN)))
    return p.row(*parts), SUM


def factor_boxes(p: Layout, term: Term) -> list[tuple[str, Box]]:
    """The factors of a product, each with what stands before it."""
    factors, sign = term.args, term.data if term.head == "mul" else None
    last = len(factors) - 1
    found: list[tuple[str, Box]] = []
    for position, factor in enumerate(factors):
        box, level = p.place(factor)
        if level < QUOTIENT and not (level == OPEN and position == last):
            if not (level == PRODUCT and position == 0 and bool(factor.data) != bool(sign)):
                box = p.enclose(box)
        found.append(("" if not found else _between(p, factors[position - 1], factor, found[-1][1], box, sign), box))
    return found


def _between(p: Layout, before: Term, factor: Term, left: Box, right: Box, sign: object) -> str:
    if sign or (before.head == factor.head == "div"):
        return " · "
    if left.height == right.height == 1:
        return p.linear.join(before, factor, left.lines[0], right.lines[0], sign)
    return " · " if right.lines[right.baseline][:1].isdigit() else " "


def _mul(p: Layout, term: Term) -> Placed:
    return p.row(*(part for gap, box in factor_boxes(p, term) for part in (gap, box) if part != "")), PRODUCT


def _div(p: Layout, term: Term) -> Placed:
    return fraction(p.place(term.args[0])[0], p.place(term.args[1])[0], p.style), QUOTIENT


def _pow(p: Layout, term: Term) -> Placed:
    base, exponent = term.args
    power = p.tight(exponent)
    if base.head == "apply" and base.data in TRIGONOMETRIC and len(base.args) == 1:
        whole = integer(exponent)
        if whole is not None and whole > 1:
            head = p.lifted(text_box(p.head(base.data)), power)
            return p.row(head, p.enclose(p.separated(base.args))), FUNCTION
    return p.lifted(p.at(base, CALL), power), POWER


def _superscript(mark: str) -> Writer:
    return lambda p, term: (p.lifted(p.at(term.args[0], CALL), mark), POWER)


def _infix(sign: str) -> Writer:
    return lambda p, term: (p.separated(term.args, f" {sign} ", QUOTIENT), PRODUCT)


def _root(p: Layout, term: Term) -> Placed:
    index = ""
    if term.head == "root":
        order = p.text(term.args[1])
        index = order if p.style.ascii else raised(order) or f"({order})"
    return rooted(p.place(term.args[0])[0], p.style, index), POWER


def _binomial(p: Layout, term: Term) -> Placed:
    return p.enclose(above([p.place(a)[0] for a in term.args], 0)), ATOM


# ── applications and brackets ────────────────────────────────────────────────────────────────────────────────────────


def _apply(p: Layout, term: Term) -> Placed:
    head, arguments = text_box(p.head(term.data)), term.args
    if term.data == "log" and len(arguments) == 2:
        head, arguments = p.lowered(head, p.tight(arguments[1])), arguments[:1]
    return (p.row(head, p.enclose(p.separated(arguments))), CALL) if arguments else (head, ATOM)


def arguments_box(p: Layout, arguments: tuple[Term, ...]) -> Box:
    """The arguments of a call, parameters behind a semicolon."""
    if arguments and arguments[-1].head == "semicolon":
        return p.row(p.separated(arguments[:-1]), "; ", p.separated(arguments[-1].args))
    return p.separated(arguments)


def function_text(p: Layout, term: Term) -> str:
    """A function without its arguments: `f`, `σ′`."""
    function = term.args[0]
    if term.head == "prime":
        if function.head == "name" and (sign := function.data.key) in FUNCTION_SIGNS and sign not in ("gamma", "beta", "zeta"):
            return p.head(sign) + p.sign("′") * (term.data or 1)
        return p.text(function) + p.sign("′") * (term.data or 1)
    return p.text(function)


def _call(p: Layout, term: Term) -> Placed:
    head = function_text(p, term)
    if term.head == "prime" and len(term.args) == 1:
        return text_box(head), CALL
    return p.row(text_box(head), p.enclose(arguments_box(p, term.args[1:]))), CALL


def _index(p: Layout, term: Term) -> Placed:
    array, *indices = term.args
    texts = [":" if i.head == "blank" else p.tight(i) for i in indices]
    script = ("<" if term.data == "<" else "") + ("" if all(columns(t) == 1 for t in texts) else ", ").join(texts)
    base = p.enclose(p.place(array)[0]) if array.head == "name" and array.data.sub else p.at(array, CALL)
    return p.lowered(base, script), ATOM


def _around(left: str, right: str) -> Writer:
    return lambda p, term: (p.enclose(p.separated(term.args), left, right), ATOM)


def _set(p: Layout, term: Term) -> Placed:
    parts: list[Box | str] = []
    for position, member in enumerate(term.args):
        parts += [", "] if position else []
        parts.append(p.place(member)[0] if member.head == "range" else p.at(member, GIVEN))
    return p.enclose(p.row(*parts), "{", "}"), ATOM


def _interval(p: Layout, term: Term) -> Placed:
    left, right = term.data or "[]"
    return p.enclose(p.separated(term.args), left, right), ATOM


def _norm(p: Layout, term: Term) -> Placed:
    order = p.text(term.args[1]) if len(term.args) > 1 else {"inf": p.sign("∞"), "2": ""}.get(term.data, term.data)
    box = p.enclose(p.place(term.args[0])[0], "‖", "‖")
    return (p.lowered(box, order) if order else box), ATOM


def _matrix(p: Layout, term: Term) -> Placed:
    count = term.data[1] if term.head == "matrix" else 1
    cells = [p.place(a)[0] for a in term.args]
    rows = [cells[k : k + count] for k in range(0, len(cells), count)]
    return p.enclose(grid(rows), "[", "]"), ATOM


def _setbuilder(p: Layout, term: Term) -> Placed:
    return p.enclose(p.row(p.place(term.args[0])[0], " | ", p.place(term.args[1])[0]), "{", "}"), ATOM


ARITHMETIC: dict[str, Writer] = {
    "neg": _neg,
    "add": _add,
    "mul": _mul,
    "matmul": _mul,
    "div": _div,
    "pow": _pow,
    "sqrt": _root,
    "root": _root,
    "factorial": lambda p, term: (p.row(p.at(term.args[0], ATOM), "!"), POWER),
    "binomial": _binomial,
    "hadamard": _infix("⊙"),
    "hadamard_div": _infix("⊘"),
    "kron": _infix("⊗"),
    "apply": _apply,
    "call": _call,
    "prime": _call,
    "index": _index,
    "transpose": lambda p, term: (p.lifted(p.at(term.args[0], CALL), "T"), POWER),
    "inverse": _superscript("-1"),
    "pinv": _superscript("+"),
    "abs": _around("|", "|"),
    "norm": _norm,
    "inner": _around("⟨", "⟩"),
    "matrix": _matrix,
    "vector": _matrix,
    "tuple": _around("(", ")"),
    "set": _set,
    "setbuilder": _setbuilder,
    "interval": _interval,
}
