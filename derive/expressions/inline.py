"""Terms to one line of Unicode, for prose: 1 + e⁻ˣ, σ(x)(1 − σ(x)), ‖A x − b‖², ∂L/∂wⱼ, ∑ᵢ xᵢ².

In: a `Term`. Out: one line for people; nobody reads it back. A script is raised or lowered where each of its characters has such a
form, else it stands behind `^` or `_`.
"""

from __future__ import annotations

from derive.expressions.linear import Linear, Writer, Written, around, bounds_of, expect_under, infix, logic, members
from derive.expressions.precedence import (
    AND,
    ATOM,
    CALL,
    FUNCTION,
    GIVEN,
    LIST,
    NOT,
    OPEN,
    OR,
    POWER,
    PRODUCT,
    QUOTIENT,
    RELATION,
    SIGN,
    SUM,
    TRIGONOMETRIC,
    may_apply,
)
from derive.expressions.term import Term, integer, listed_operands, number
from derive.expressions.typography import RELATION_SIGNS, columns, lowered, raised, unicode_name

__all__ = ["CONSTANTS", "FUNCTION_SIGNS", "INLINE", "PROBABILITY_SIGNS", "inline", "subscript", "superscript"]

CONSTANTS = {"e": "e", "pi": "π", "inf": "∞", "i": "i", "eulergamma": "γ"}
FUNCTION_SIGNS = {
    "sigmoid": "σ", "normal_cdf": "Φ", "gamma": "Γ", "loggamma": "log Γ", "digamma": "ψ", "trigamma": "ψ₁", "beta": "B",
    "zeta": "ζ", "log_sigmoid": "log σ", "logdet": "log det", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "normal_pdf": "φ",
    "eigenvalues": "eig", "relu": "ReLU", "leaky_relu": "LeakyReLU", "eigmax": "λ_max", "eigmin": "λ_min",
}  # fmt: skip
PROBABILITY_SIGNS = {"E": "𝔼", "KL": "KL"}
_ROOTS = {"3": "∛", "4": "∜"}


def inline(term: Term) -> str:
    """The term in one line of Unicode."""
    return INLINE.write(term)[0]


def _is_word(text: str) -> bool:
    return columns(text) == 1 or (text.isascii() and text.isalnum())


def superscript(text: str) -> str:
    """The text as a superscript: raised, or behind `^`, in brackets unless it is one sign or one word."""
    if (high := raised(text)) is not None:
        return high
    return f"^{text}" if _is_word(text) else f"^({text})"


def subscript(text: str) -> str:
    """The text as a subscript: lowered, or behind `_`, in brackets unless it is one sign or one word."""
    low = lowered(text)
    if low is not None:
        return low
    return f"_{text}" if _is_word(text) else f"_({text})"


def _enclose(text: str, left: str = "(", right: str = ")") -> str:
    return left + text + right


# ── atoms and arithmetic ─────────────────────────────────────────────────────────────────────────────────────────────


def _name(p: Linear, term: Term) -> Written:
    text, scripted = unicode_name(term.data)
    return text, POWER if scripted else ATOM


def _number(p: Linear, term: Term) -> Written:
    mantissa, mark, exponent = term.data.lower().partition("e")
    if not mark:
        return term.data, ATOM
    power = "10" + superscript(str(int(exponent)))
    return (power, POWER) if mantissa == "1" else (f"{mantissa} · {power}", PRODUCT)


def _join(before: Term, factor: Term, text_before: str, text: str, sign: object) -> str:
    """Between two factors: a space, nothing before a bracket that cannot be an argument, or a dot between numbers."""
    if sign or text[0].isdigit() or (text[0] == "(" and may_apply(before, factor)):
        return " · "
    if text[0] == "(" and (text_before[-1] == ")" or before.head == "transpose"):
        return ""
    return " "


def _div(p: Linear, term: Term) -> Written:
    above, below = term.args
    numerator = _enclose(p.text(above)) if above.head == "div" else p.at(above, PRODUCT)
    denominator = p.at(below, FUNCTION)
    return f"{numerator} / {denominator}" if above.head == "mul" and " " in numerator else f"{numerator}/{denominator}", QUOTIENT


def _pow(p: Linear, term: Term) -> Written:
    base, exponent = term.args
    power = superscript(_tight(p.text(exponent)))
    if base.head == "apply" and base.data in TRIGONOMETRIC and len(base.args) == 1:
        whole = integer(exponent)
        if whole is not None and whole > 1:
            return _apply(p, base, power)
    text = p.at(base, CALL)
    if base.head == "norm" and text[-1] != "‖" and power[0] == "^":
        text = f"({text})"
    return text + power, POWER


def _tight(text: str) -> str:
    return text.replace(" + ", "+").replace(" − ", "−")


def _superscript(mark: str) -> Writer:
    return lambda p, term: (p.at(term.args[0], CALL) + mark, POWER)


def _root(p: Linear, term: Term) -> Written:
    order = p.text(term.args[1])
    sign = _ROOTS.get(order) or (raised(order) or f"({order})") + "√"
    return sign + p.at(term.args[0], ATOM), POWER


# ── applications ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _apply(p: Linear, term: Term, power: str = "") -> Written:
    name: str = term.data
    head = FUNCTION_SIGNS.get(name, name)
    arguments = term.args
    if name == "log" and len(arguments) == 2:
        head += subscript(p.text(arguments[1]))
        arguments = arguments[:1]
    if not arguments:
        return head + power, ATOM
    return f"{head}{power}({p.sequence(arguments)})", CALL


def _function(p: Linear, term: Term) -> str:
    if term.head == "name":
        key = term.data.key
        return FUNCTION_SIGNS[key] if key in FUNCTION_SIGNS and key not in ("gamma", "beta", "zeta") else unicode_name(term.data)[0]
    return p.at(term, ATOM)


def _call(p: Linear, term: Term) -> Written:
    function, *arguments = term.args
    if arguments and arguments[-1].head == "semicolon":
        inside = f"{p.sequence(tuple(arguments[:-1]))}; {p.text(arguments[-1])}"
    else:
        inside = p.sequence(tuple(arguments))
    return f"{_function(p, function)}({inside})", CALL


def _prime(p: Linear, term: Term) -> Written:
    text = _function(p, term.args[0]) + "′" * (term.data or 1)
    return text + (f"({p.text(term.args[1])})" if len(term.args) > 1 else ""), CALL


def _indices(p: Linear, terms: tuple[Term, ...]) -> str:
    """Indices as a subscript: ᵢ, ᵢⱼ, ᵢ₊₁, or `_(i, j+1)`."""
    texts = [":" if t.head == "blank" else _tight(p.text(t)) for t in terms]
    if len(terms) == 1 and terms[0].head == "range" and terms[0].args[0].head == "blank":
        return f"_{{{texts[0]}}}"
    return subscript(("" if all(columns(t) == 1 for t in texts) else ",").join(texts))


def _index(p: Linear, term: Term) -> Written:
    array, *indices = term.args
    below = f"_{{<{_tight(p.text(indices[0]))}}}" if term.data == "<" else _indices(p, tuple(indices))
    if array.head == "name" and array.data.sub:
        return f"({p.text(array)}){below}", ATOM
    return p.at(array, POWER) + below, ATOM


# ── brackets ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _norm(p: Linear, term: Term) -> Written:
    order = p.text(term.args[1]) if len(term.args) > 1 else {"inf": "∞", "2": ""}.get(term.data, term.data)
    return f"‖{p.text(term.args[0])}‖{subscript(order) if order else ''}", ATOM


def _matrix(p: Linear, term: Term) -> Written:
    columns_ = term.data[1]
    cells = [p.text(a) for a in term.args]
    rows = [f"[{', '.join(cells[k : k + columns_])}]" for k in range(0, len(cells), columns_)]
    return f"[{', '.join(rows)}]", ATOM


def _interval(p: Linear, term: Term) -> Written:
    left, right = term.data or "[]"
    return left + p.sequence(term.args) + right, ATOM


# ── binding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _limits(p: Linear, lower: str, upper: str) -> str:
    low, high = lowered(lower), raised(upper)
    if low is not None and high is not None:
        return low + high
    below, over = (text if _is_word(text) else f"({text})" for text in (lower, upper))
    return f"_{below}^{over}"


def _big(p: Linear, term: Term) -> Written:
    sign = "∑" if term.head == "sum" else "∏"
    if term.data == "range":
        _, i, lower, upper = term.args
        sign += _limits(p, f"{p.text(i)}={_tight(p.text(lower))}", _tight(p.text(upper)))
    elif term.data == "cond":
        sign += subscript(p.text(term.args[-1]).replace(" ", ""))
    elif term.data == "bare":
        sign += subscript(",".join(p.text(a) for a in term.args[1:]))
    return f"{sign} {p.body(term.args[0])}", OPEN


def _integral(p: Linear, term: Term) -> Written:
    body, x, *rest = term.args
    if term.data == "region":
        head = "∫" * max(1, len(rest)) + subscript(p.text(x).replace(" ", ""))
        return f"{head} {p.body(body)} {' '.join('d' + p.text(v) for v in rest)}", OPEN
    head = "∫" + (_limits(p, _tight(p.text(rest[0])), _tight(p.text(rest[1]))) if rest else "")
    return f"{head} {p.body(body)} d{p.text(x)}", OPEN


def _limit(p: Linear, term: Term) -> Written:
    body, x, point = term.args
    side = {"+": "⁺", "-": "⁻"}.get(term.data or "", "")
    return f"lim_({p.text(x)}→{p.text(point)}{side}) {p.body(body)}", OPEN


def _derivative(p: Linear, term: Term) -> Written:
    body, *pairs = term.args
    d = "d" if term.data == "d" else "∂"
    variables = pairs[::2]
    orders = pairs[1::2] or [number(1)] * len(variables)
    known = [integer(order) for order in orders]
    total = str(sum(k for k in known if k is not None)) if None not in known else "+".join(p.text(o) for o in orders)
    above = d + ("" if total == "1" else superscript(total))
    below = "".join(
        d + p.at(x, CALL) + ("" if whole == 1 else superscript(p.text(order)))
        for x, order, whole in zip(variables, orders, known, strict=True)
    )
    if body.head in ("name", "index"):
        return f"{above}{p.text(body)}/{below}", QUOTIENT
    return f"{above}/{below} {p.body(body, FUNCTION)}", OPEN


def _nabla(sign: str) -> Writer:
    def write(p: Linear, term: Term) -> Written:
        body, *variables = term.args
        below = subscript(",".join(p.text(v) for v in variables)) if variables else ""
        return f"{sign}{below} {p.body(body, FUNCTION)}", OPEN

    return write


def _jacobian(p: Linear, term: Term) -> Written:
    body, *variables = term.args
    text = ", ".join(p.text(v) for v in variables)
    return f"∂/∂{f'({text})' if len(variables) > 1 else text} {p.body(body, FUNCTION)}", OPEN


def _evaluated(p: Linear, term: Term) -> Written:
    body, *pairs = term.args
    values = ", ".join(f"{p.text(x)} = {p.text(v)}" for x, v in zip(pairs[::2], pairs[1::2], strict=True))
    return f"{p.at(body, SUM)} at {values}", LIST


def _optimum(p: Linear, term: Term) -> Written:
    body, variables, *constraints = term.args
    word = {"argmin": "arg min", "argmax": "arg max"}.get(term.data, term.data)
    over = variables.args if variables.head in ("tuple", "list", "blank") else (variables,)
    text = word + (subscript(",".join(p.text(v) for v in over)) if over else "") + f" {p.body(body)}"
    return (f"{text} s.t. {p.sequence(tuple(constraints))}", LIST) if constraints else (text, OPEN)


def _lambda(p: Linear, term: Term) -> Written:
    body, *variables = term.args
    left = p.text(variables[0]) if len(variables) == 1 else f"({p.sequence(tuple(variables))})"
    return f"{left} ↦ {p.at(body, SUM)}", RELATION


def _cases(p: Linear, term: Term) -> Written:
    rows = []
    for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
        rows.append(f"{p.text(value)} {'otherwise' if condition.head == 'otherwise' else f'if {p.text(condition)}'}")
    return f"{{{'; '.join(rows)}}}", ATOM


# ── probability ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _probability(p: Linear, term: Term) -> Written:
    if term.data == "p" and len(term.args) == 2 and term.args[1].head == "dist" and term.args[1].args:  # a density: 𝒩(x; μ, Σ)
        head, inside = _dist(p, term.args[1])[0].split("(", 1)
        return f"{head}({p.text(term.args[0])}; {inside}", CALL
    head = PROBABILITY_SIGNS.get(term.data, term.data)
    under = tuple(a for a in term.args if a.head == "expect_under")
    if under:
        head += subscript(p.sequence(under).replace(" ", ""))
    inside = p.sequence(listed_operands(term), "; " if term.data == "I" else ", ")
    return (f"{head}[{inside}]" if term.data == "E" else f"{head}({inside})"), CALL


def _given(p: Linear, term: Term) -> Written:
    left, *right = term.args
    before = p.sequence(left.args) if left.head == "list" else p.at(left, GIVEN + 1)
    after = p.sequence(right[0].args if right[0].head == "list" else tuple(right))
    return (f"{before}|{after}" if " " not in before + after else f"{before} | {after}"), GIVEN


def _dist(p: Linear, term: Term) -> Written:
    return ("𝒩" if term.data == "Normal" else term.data) + (f"({p.sequence(term.args)})" if term.args else ""), CALL


INLINE = Linear(
    {
        "number": _number,
        "constant": lambda p, term: (CONSTANTS[term.data], ATOM),
        "name": _name,
        "word": lambda p, term: (term.data, ATOM),
        "dots": lambda p, term: ("…", ATOM),
        "ones": lambda p, term: ("𝟏", ATOM),
        "identity": lambda p, term: ("I" + (subscript(p.text(term.args[0])) if term.args else ""), ATOM),
        "blank": lambda p, term: ("·", ATOM),
        "plusminus": lambda p, term: (f"{'±' if term.data == 'pm' else '∓'}{p.at(term.args[0], OPEN)}", SIGN),
        "div": _div,
        "pow": _pow,
        "sqrt": lambda p, term: ("√" + p.at(term.args[0], ATOM), POWER),
        "root": _root,
        "factorial": lambda p, term: (p.at(term.args[0], ATOM) + "!", POWER),
        "binomial": lambda p, term: (f"C({p.sequence(term.args)})", CALL),
        "hadamard": infix("⊙"),
        "hadamard_div": infix("⊘"),
        "hadamard_pow": lambda p, term: (f"{p.at(term.args[0], CALL)}^(⊙{p.text(term.args[1])})", POWER),
        "kron": infix("⊗"),
        "apply": _apply,
        "call": _call,
        "prime": _prime,
        "index": _index,
        "range": lambda p, term: bounds_of(p, term, ", …, "),
        "transpose": _superscript("ᵀ"),
        "inverse": _superscript("⁻¹"),
        "pinv": _superscript("⁺"),
        "abs": lambda p, term: (f"|{p.text(term.args[0])}|", ATOM),
        "norm": _norm,
        "inner": around("⟨", "⟩"),
        "matrix": _matrix,
        "vector": around("[", "]"),
        "set": lambda p, term: (_enclose(members(p, term), "{", "}"), ATOM),
        "setbuilder": lambda p, term: (f"{{{p.text(term.args[0])} | {p.text(term.args[1])}}}", ATOM),
        "interval": _interval,
        "sum": _big,
        "prod": _big,
        "integral": _integral,
        "limit": _limit,
        "derivative": _derivative,
        "gradient": _nabla("∇"),
        "hessian": _nabla("∇²"),
        "divergence": _nabla("∇ ·"),
        "laplacian": _nabla("Δ"),
        "jacobian": _jacobian,
        "differential": lambda p, term: ("d" + p.at(term.args[0], ATOM), OPEN),
        "total_derivative": lambda p, term: (f"d{p.text(term.args[0])}/d{p.text(term.args[1])}", QUOTIENT),
        "at": _evaluated,
        "optimum": _optimum,
        "lambda": _lambda,
        "and": logic(" ∧ ", " and ", AND),
        "or": logic(" ∨ ", " or ", OR),
        "not": lambda p, term: (f"¬{p.at(term.args[0], NOT)}", NOT),
        "cases": _cases,
        "otherwise": lambda p, term: ("otherwise", ATOM),
        "indicator": lambda p, term: (f"𝟙[{p.text(term.args[0])}]", ATOM),
        "delta": lambda p, term: ("δ" + _indices(p, term.args), ATOM),
        "probability": _probability,
        "expect_under": lambda p, term: expect_under(p, term, "∼"),
        "given": _given,
        "divergence_bar": lambda p, term: (f"{p.at(term.args[0], GIVEN)} ‖ {p.at(term.args[1], GIVEN)}", GIVEN),
        "dist": _dist,
        "keyword": lambda p, term: (f"{term.data} = {p.text(term.args[0])}", RELATION),
        "lines": lambda p, term: ("; ".join(map(p.text, term.args)), LIST),
    },
    enclose=_enclose,
    join=_join,
    closed=lambda p, term: p.write(term),
    relations=RELATION_SIGNS,
    words=str,
    minus="−",
    factor=FUNCTION,
)
