"""Terms to LaTeX that an author would write: it compiles with amsmath, and the reader reads it back as the same term.

In: a `Term`. Out: text without delimiters. Brackets are `\\left(…\\right)` only around tall contents. This module holds atoms,
arithmetic, applications and brackets; `latex_binding` holds what binds variables, relations and probability.
"""

from __future__ import annotations

from derive.expressions.functions import FUNCTIONS
from derive.expressions.latex_binding import BINDING
from derive.expressions.latex_text import bars, braced, enclose, environment, escape, label, latex_name, list_of_scripts, script, unscripted
from derive.expressions.linear import Linear, Writer, Written, bounds_of, infix, members
from derive.expressions.precedence import (
    ATOM,
    CALL,
    FUNCTION,
    OPEN,
    POWER,
    PRODUCT,
    QUOTIENT,
    SHORT,
    SIGN,
    TRIGONOMETRIC,
    may_apply,
)
from derive.expressions.term import Term, integer
from derive.expressions.typography import GREEK

__all__ = ["latex", "latex_name"]

_RELATIONS = {
    "!=": r"\ne", "<=": r"\le", ">=": r"\ge", "in": r"\in", "notin": r"\notin", "~": r"\sim", "propto": r"\propto", "approx": r"\approx",
    "->": r"\to", "<=>": r"\Leftrightarrow", "=>": r"\Rightarrow", "subset": r"\subseteq", "indep": r"\perp", "succ": r"\succ",
    "succeq": r"\succeq", "prec": r"\prec", "preceq": r"\preceq", "given-iid": r"\overset{\text{iid}}{\sim}", "equiv": r"\equiv",
    "<<": r"\ll", ">>": r"\gg",
}  # fmt: skip
_CONSTANTS = {"e": "e", "pi": r"\pi", "inf": r"\infty", "i": r"\mathrm{i}", "eulergamma": r"\gamma_{\mathrm{E}}"}
_NORMS = {"inf": r"\infty"}
_WITHOUT_BRACKETS = frozenset((
    "log", "sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan", "sinh", "cosh", "tanh", "coth", "det", "logdet",
    "dim",
))  # fmt: skip


def latex(term: Term) -> str:
    """The LaTeX of the term, without `$`."""
    return LATEX.write(term)[0]


# ── atoms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _number(p: Linear, term: Term) -> Written:
    text: str = term.data
    mantissa, mark, exponent = text.lower().partition("e")
    if mark:
        power = f"10^{braced(str(int(exponent)))}"
        return (power, POWER) if mantissa == "1" else (rf"{mantissa} \cdot {power}", PRODUCT)
    return text, ATOM


def _name(p: Linear, term: Term) -> Written:
    return latex_name(term.data), POWER if term.data.sup else ATOM


def _word(p: Linear, term: Term) -> Written:
    text: str = term.data
    return (text if text in ("+", "-") or (len(text) == 1 and text.isalnum()) else rf"\text{{{escape(text)}}}"), ATOM


def _identity(p: Linear, term: Term) -> Written:
    return (f"I_{braced(script(p, term.args[0]))}" if term.args else "I"), ATOM


# ── arithmetic ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _join(before: Term, factor: Term, text_before: str, text: str, sign: object) -> str:
    """Between two factors: a space, or a dot where they would be read as something else than their product."""
    if sign or text[0].isdigit() or text[0] == "[":
        return r" \cdot "
    numbers = before.head == "number" and factor.head == "div" and all(a.head == "number" for a in factor.args)
    if numbers:  # 2 · ½ is no mixed number
        return r" \cdot "
    if text.startswith(("(", r"\left(")) and may_apply(before, factor):
        return r" \cdot "
    return " "


def _div(p: Linear, term: Term) -> Written:
    return rf"\frac{{{p.text(term.args[0])}}}{{{p.text(term.args[1])}}}", QUOTIENT


def _pow(p: Linear, term: Term) -> Written:
    base, exponent = term.args
    power = "^" + braced(script(p, exponent))
    if base.head == "apply" and base.data in TRIGONOMETRIC and len(base.args) == 1:
        whole = integer(exponent)
        if whole is not None and whole > 1:
            return _apply(p, base, power, short=False)[0], FUNCTION
        return enclose(_closed(p, base)[0]) + power, POWER
    return p.at(base, CALL) + power, POWER


def _superscript(mark: str) -> Writer:
    def write(p: Linear, term: Term) -> Written:
        inner = term.args[0]
        if inner.head == "name" and inner.data.sup and mark == r"\top":  # a^{(l)\top}
            name = inner.data._replace(sup="")
            return f"{latex_name(name)}^{{{label(inner.data.sup)}{mark}}}", POWER
        return f"{p.at(inner, CALL)}^{{{mark}}}", POWER

    return write


def _root(p: Linear, term: Term) -> Written:
    return rf"\sqrt[{script(p, term.args[1])}]{{{p.text(term.args[0])}}}", ATOM


def _binomial(p: Linear, term: Term) -> Written:
    return rf"\binom{{{p.text(term.args[0])}}}{{{p.text(term.args[1])}}}", QUOTIENT


# ── applications ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _apply(p: Linear, term: Term, power: str = "", *, short: bool = True) -> Written:
    name: str = term.data
    head = FUNCTIONS[name].latex if name in FUNCTIONS else rf"\operatorname{{{escape(name)}}}"
    arguments = term.args
    if name == "log" and len(arguments) == 2:
        head += "_" + braced(script(p, arguments[1]))
        arguments = arguments[:1]
    if not arguments:
        return head + power, ATOM
    if short and name in _WITHOUT_BRACKETS and len(arguments) == 1 and arguments[0].head in ("name", "index", "number", "constant"):
        text, level = p.write(arguments[0])
        if level == ATOM:
            return f"{head}{power} {text}", SHORT
    level = FUNCTION if name in TRIGONOMETRIC or head.count("\\") > 1 else CALL
    return head + power + enclose(p.sequence(arguments)), level


def _closed(p: Linear, term: Term) -> Written:
    return _apply(p, term, short=False) if term.head == "apply" else p.write(term)


def _function(p: Linear, term: Term) -> str:
    """A function that is named without its arguments."""
    if term.head != "name":
        return p.at(term, ATOM)
    base = term.data.base
    if base in FUNCTIONS and base not in GREEK and term.data == (base, "", (), "", "", 0):
        return FUNCTIONS[base].latex
    return latex_name(term.data)


def _call(p: Linear, term: Term) -> Written:
    function, *arguments = term.args
    if arguments and arguments[-1].head == "semicolon":
        inside = f"{p.sequence(tuple(arguments[:-1]))}; {p.text(arguments[-1])}"
    else:
        inside = p.sequence(tuple(arguments))
    return _function(p, function) + enclose(inside), CALL


def _prime(p: Linear, term: Term) -> Written:
    order = term.data or 1
    text = _function(p, term.args[0]) + ("'" * order if order < 4 else f"^{{({order})}}")
    return text + (enclose(p.text(term.args[1])) if len(term.args) > 1 else ""), CALL


def _index(p: Linear, term: Term) -> Written:
    array, *indices = term.args
    below = "_" + braced(("<" if term.data == "<" else "") + list_of_scripts(p, tuple(indices)))
    if array.head == "name":
        name = array.data
        if name.sub:
            return f"{{{latex_name(name)}}}{below}", ATOM
        if name.sup:
            return f"{unscripted(name)}{chr(39) * name.primes}^{braced(label(name.sup))}{below}", POWER
        return latex_name(name) + below, ATOM
    return p.at(array, CALL) + below, ATOM


# ── brackets ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _norm(p: Linear, term: Term) -> Written:
    order = script(p, term.args[1]) if len(term.args) > 1 else _NORMS.get(term.data, term.data)
    return bars(p.text(term.args[0]), "V") + (f"_{braced(order)}" if order else ""), ATOM


def _inner(p: Linear, term: Term) -> Written:
    return enclose(f" {p.sequence(term.args)} ", r"\langle", r"\rangle"), ATOM


def _matrix(p: Linear, term: Term) -> Written:
    columns = term.data[1] if term.head == "matrix" else 1
    cells = [p.text(a) for a in term.args]
    return environment("pmatrix", [" & ".join(cells[k : k + columns]) for k in range(0, len(cells), columns)]), ATOM


def _setbuilder(p: Linear, term: Term) -> Written:
    return enclose(rf"{p.text(term.args[0])} \mid {p.text(term.args[1])}", r"\{", r"\}"), ATOM


def _interval(p: Linear, term: Term) -> Written:
    left, right = term.data or "[]"
    return enclose(p.sequence(term.args), left, right), ATOM


def _words(text: str) -> str:
    """Words in upright text; a comma or a sign stays mathematics."""
    return text if text.strip() in (",", "=", ":") else rf"\text{{{escape(text)}}}"


LATEX = Linear(
    {
        "number": _number,
        "constant": lambda p, term: (_CONSTANTS[term.data], ATOM),
        "name": _name,
        "word": _word,
        "dots": lambda p, term: (r"\dots", ATOM),
        "ones": lambda p, term: (r"\mathbf{1}", ATOM),
        "identity": _identity,
        "blank": lambda p, term: (r"\cdot", ATOM),
        "plusminus": lambda p, term: (rf"\{term.data} {p.at(term.args[0], OPEN)}", SIGN),
        "div": _div,
        "pow": _pow,
        "sqrt": lambda p, term: (rf"\sqrt{{{p.text(term.args[0])}}}", ATOM),
        "root": _root,
        "factorial": lambda p, term: (p.at(term.args[0], ATOM) + "!", POWER),
        "binomial": _binomial,
        "hadamard": infix(r"\odot"),
        "hadamard_div": infix(r"\oslash"),
        "hadamard_pow": lambda p, term: (rf"{p.at(term.args[0], CALL)}^{{\odot {script(p, term.args[1])}}}", POWER),
        "kron": infix(r"\otimes"),
        "apply": _apply,
        "call": _call,
        "prime": _prime,
        "index": _index,
        "range": lambda p, term: bounds_of(p, term, r", \dots, "),
        "transpose": _superscript(r"\top"),
        "inverse": _superscript("-1"),
        "pinv": _superscript("+"),
        "abs": lambda p, term: (bars(p.text(term.args[0]), "v"), ATOM),
        "norm": _norm,
        "inner": _inner,
        "matrix": _matrix,
        "vector": _matrix,
        "set": lambda p, term: (enclose(members(p, term), r"\{", r"\}"), ATOM),
        "setbuilder": _setbuilder,
        "interval": _interval,
        **BINDING,
    },
    enclose=enclose,
    join=_join,
    closed=_closed,
    relations=_RELATIONS,
    words=_words,
)
