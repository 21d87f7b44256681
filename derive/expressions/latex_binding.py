"""LaTeX of what binds variables (sums, integrals, derivatives, optima), of relations, cases and probability.

In: terms. Out: writers for the notation of `latex`.
"""

from __future__ import annotations

from derive.expressions.latex_text import braced, enclose, environment, escape, latex_name, list_of_scripts, script
from derive.expressions.linear import STRUCTURE, Linear, Writer, Written, expect_under, logic
from derive.expressions.precedence import AND, ATOM, CALL, GIVEN, LIST, NOT, OPEN, OR, QUOTIENT, RELATION, SHORT, SUM
from derive.expressions.term import Name, Term, integer, listed_operands, number

__all__ = ["BINDING"]

_PROBABILITY = {"E": r"\mathbb{E}", "KL": r"D_{\mathrm{KL}}", "JS": r"D_{\mathrm{JS}}"}


def _big(p: Linear, term: Term) -> Written:
    sign = "\\" + term.head
    if term.data == "range":
        sign += f"_{{{script(p, term.args[1])}={script(p, term.args[2])}}}^{braced(script(p, term.args[3]))}"
    elif term.data == "cond":
        sign += f"_{{{script(p, term.args[-1])}}}"
    elif term.data == "bare":
        sign += "_" + braced(",".join(script(p, a) for a in term.args[1:]))
    return f"{sign} {p.body(term.args[0])}", OPEN


def _integral(p: Linear, term: Term) -> Written:
    body, x, *rest = term.args
    if term.data == "region":
        sign = {2: r"\iint", 3: r"\iiint"}.get(len(rest), r"\int") + f"_{{{script(p, x)}}}"
        variables = rest
    else:
        sign = r"\int" + (f"_{braced(script(p, rest[0]))}^{braced(script(p, rest[1]))}" if rest else "")
        variables = [x]
    measure = "".join(rf" \, d{p.text(v)}" for v in variables)
    return f"{sign} {p.body(body)}{measure}", OPEN


def _limit(p: Linear, term: Term) -> Written:
    body, x, point = term.args
    side = f"^{term.data}" if term.data else ""
    return rf"\lim_{{{p.text(x)} \to {script(p, point)}{side}}} {p.body(body)}", OPEN


def _derivative(p: Linear, term: Term) -> Written:
    body, *pairs = term.args
    variables = pairs[::2]
    orders = pairs[1::2] or [number(1)] * len(variables)
    known = [integer(order) for order in orders]
    total = str(sum(k for k in known if k is not None)) if None not in known else "+".join(script(p, o) for o in orders)
    power = "" if total == "1" else "^" + braced(total)
    d = "d" if term.data == "d" else r"\partial "
    below = []
    for variable, order, whole in zip(variables, orders, known, strict=True):
        text = p.at(variable, CALL)
        below.append(d + text + ("" if whole == 1 else "^" + braced(script(p, order))))
    under = (r" \, " if term.data == "d" else " ").join(below)
    if term.data != "d" and body.head == "name":
        return rf"\frac{{{d if not power else d.strip() + power + ' '}{p.text(body)}}}{{{under}}}", QUOTIENT
    return rf"\frac{{{d.strip()}{power}}}{{{under}}} {p.body(body, SHORT)}", OPEN


def _nabla(mark: str) -> Writer:
    def write(p: Linear, term: Term) -> Written:
        body, *variables = term.args
        below = f"_{{{', '.join(map(p.text, variables))}}}" if variables else ""
        return f"{mark}{below} {p.body(body, SHORT)}", OPEN

    return write


def _jacobian(p: Linear, term: Term) -> Written:
    body, *variables = term.args
    text = ", ".join(map(p.text, variables))
    if len(variables) > 1:
        text = f"({text})"
    return rf"\frac{{\partial}}{{\partial {text}}} {p.body(body, SHORT)}", OPEN


def _evaluated(p: Linear, term: Term) -> Written:
    body, *pairs = term.args
    values = ", ".join(f"{p.text(x)}={script(p, v)}" for x, v in zip(pairs[::2], pairs[1::2], strict=True))
    return rf"\left.{p.text(body)}\right|_{{{values}}}", QUOTIENT


def _optimum(p: Linear, term: Term) -> Written:
    body, variables, *constraints = term.args
    sign = {"argmin": r"\operatorname*{arg\,min}", "argmax": r"\operatorname*{arg\,max}"}.get(term.data, "\\" + term.data)
    below = variables.args if variables.head in ("tuple", "list", "blank") else (variables,)
    text = f"{sign}_{{{p.sequence(below)}}} {p.body(body)}" if below else f"{sign} {p.body(body)}"
    if constraints:
        return rf"{text} \quad \text{{s.t. }} {p.sequence(tuple(constraints))}", LIST
    return text, OPEN


def _lambda(p: Linear, term: Term) -> Written:
    body, *variables = term.args
    left = p.text(variables[0]) if len(variables) == 1 else f"({p.sequence(tuple(variables))})"
    return rf"{left} \mapsto {p.at(body, SUM)}", RELATION


def _cases(p: Linear, term: Term) -> Written:
    rows = []
    for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
        rows.append(f"{p.text(value)} & {p.text(condition)}")
    return environment("cases", rows), QUOTIENT


def _probability(p: Linear, term: Term) -> Written:
    kind: str = term.data
    head = _PROBABILITY.get(kind, kind if len(kind) == 1 else rf"\operatorname{{{escape(kind)}}}")
    under = tuple(a for a in term.args if a.head == "expect_under")
    if under:
        head += f"_{{{p.sequence(under)}}}"
    inside = p.sequence(listed_operands(term), "; " if kind == "I" else ", ")
    return head + (enclose(inside, "[", "]") if kind == "E" else enclose(inside)), CALL


def _given(p: Linear, term: Term) -> Written:
    left, *right = term.args
    before = p.sequence(left.args) if left.head == "list" else p.at(left, GIVEN + 1)
    return rf"{before} \mid {p.sequence(right[0].args if right[0].head == 'list' else tuple(right))}", GIVEN


def _dist(p: Linear, term: Term) -> Written:
    head = r"\mathcal{N}" if term.data == "Normal" else rf"\operatorname{{{escape(term.data)}}}"
    return head + (enclose(p.sequence(term.args)) if term.args else ""), CALL


def _task(p: Linear, term: Term) -> Written:
    """Words; an estimate of one parameter is written with a hat: `\\hat{\\theta}_{\\mathrm{MLE}}`."""
    if term.data in ("mle", "map") and len(term.args) == 1 and term.args[0].head == "name":
        name: Name = term.args[0].data
        if not (name.accents or name.sub or name.sup or name.primes):
            return latex_name(name._replace(accents=("hat",), sub=term.data.upper())), ATOM
    return STRUCTURE["task"](p, term)


def _lines(p: Linear, term: Term) -> Written:
    rows = []
    for row in term.args:
        text = p.text(row)
        if row.head in ("rel", "chain") and row.args[0].head == "blank":
            text = "&" + text
        elif row.head in ("rel", "chain"):
            left = p.at(row.args[0], SUM) + " "
            if text.startswith(left):
                text = f"{left}&{text[len(left) :]}"
        rows.append(text)
    return environment("aligned", rows), LIST


BINDING: dict[str, Writer] = {
    "sum": _big,
    "prod": _big,
    "integral": _integral,
    "limit": _limit,
    "derivative": _derivative,
    "gradient": _nabla(r"\nabla"),
    "hessian": _nabla(r"\nabla^2"),
    "divergence": _nabla(r"\nabla \cdot"),
    "laplacian": _nabla(r"\Delta"),
    "jacobian": _jacobian,
    "differential": lambda p, term: ("d" + p.at(term.args[0], ATOM), OPEN),
    "total_derivative": lambda p, term: (rf"\frac{{d{p.text(term.args[0])}}}{{d{p.text(term.args[1])}}}", QUOTIENT),
    "at": _evaluated,
    "optimum": _optimum,
    "lambda": _lambda,
    "and": logic(r" \land ", r" \text{ and } ", AND),
    "or": logic(r" \lor ", r" \text{ or } ", OR),
    "not": lambda p, term: (rf"\lnot {p.at(term.args[0], NOT)}", NOT),
    "cases": _cases,
    "otherwise": lambda p, term: (r"\text{otherwise}", ATOM),
    "indicator": lambda p, term: (r"\mathbb{1}" + enclose(p.text(term.args[0]), "[", "]"), ATOM),
    "delta": lambda p, term: (rf"\delta_{{{list_of_scripts(p, term.args)}}}", ATOM),
    "probability": _probability,
    "expect_under": lambda p, term: expect_under(p, term, r"\sim"),
    "given": _given,
    "divergence_bar": lambda p, term: (rf"{p.at(term.args[0], GIVEN)} \,\|\, {p.at(term.args[1], GIVEN)}", GIVEN),
    "dist": _dist,
    "keyword": lambda p, term: (rf"\mathrm{{{escape(term.data)}}} = {p.text(term.args[0])}", RELATION),
    "task": _task,
    "lines": _lines,
}
