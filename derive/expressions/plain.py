"""Terms to the plain language: what a person types, read back by the reader as the same term.

In: a `Term`. Out: one line of text, ASCII except for ∂ (a derivative written with ∂) and · (a product written with a dot). Forms
that the language leaves open are written so:

    cases         {x if x > 0; 0 otherwise}            name            y_hat, x^*, W^{(l)}, theta_{t-1}; fonts are dropped
    binomial      binomial(n, k)                       indicator       1[x > 0]
    Kronecker     delta_{ij}                           root            x^(1/3)
    integral      int_0^1 x^2 dx, integrate f wrt x    limit           lim_{x -> 0+} f
    evaluation    f at x = 0, f at (x, y) = (0, 1)     optimum         minimize f over x subject to g = 0, argmin_{x} f
    pow           x^2, x^(n - 1), e^(-x)               inverse         A^(-1), pinv(A)
    lambda        x -> f                               Kronecker prod. kron(A, B)
"""

from __future__ import annotations

from functools import lru_cache

from derive.expressions.linear import Linear, Writer, Written, around, bounds_of, expect_under, infix, members
from derive.expressions.precedence import (
    ATOM,
    CALL,
    FUNCTION,
    GIVEN,
    LIST,
    OPEN,
    POWER,
    PRODUCT,
    QUOTIENT,
    RELATION,
    SIGN,
    SUM,
    may_apply,
)
from derive.expressions.term import Name, Term, integer, listed_operands, number

__all__ = ["PLAIN", "plain", "plain_ascii", "plain_name"]

_RELATIONS = {"given-iid": "iid ~", "notin": "not in", "approx": "~=", "equiv": "=="}
_IN_ASCII = str.maketrans({"∂": "d", "·": "*", "−": "-", "′": "'", "≤": "<=", "≥": ">=", "≠": "!="})
_SPELLED = {"gamma": "Gamma", "beta": "Betafn", "zeta": "zetafn"}  # the small letters are names in plain text
_NORMS = {"inf": "_inf", "": ""}


def plain(term: Term) -> str:
    """The term in the plain language."""
    return PLAIN.write(term)[0]


@lru_cache(maxsize=4096)
def plain_name(name: Name) -> str:
    """The name in the plain language; fonts are dropped."""
    text = "_".join((name.base, *name.accents))
    if name.sub:
        text += "_" + (name.sub if name.sub.isalnum() else f"{{{name.sub}}}")
    if name.sup:
        text += "^" + (name.sup if name.sup.isalnum() or len(name.sup) == 1 else f"{{{name.sup.replace('×', ' x ')}}}")
    return text + "'" * name.primes


def _enclose(text: str, left: str = "(", right: str = ")") -> str:
    return left + text + right


# ── atoms and arithmetic ─────────────────────────────────────────────────────────────────────────────────────────────


def _name(p: Linear, term: Term) -> Written:
    return plain_name(term.data), POWER if term.data.sup else ATOM


def _script(p: Linear, term: Term) -> str:
    """A term behind `_` or `^`: bare where it is one word, otherwise in braces and without spaces around + and −."""
    text = p.text(term)
    return text if text.isalnum() else f"{{{text.replace(' + ', '+').replace(' - ', '-')}}}"


def _join(before: Term, factor: Term, text_before: str, text: str, sign: object) -> str:
    """Between two factors: a space, or a sign where they would be read as something else than their product."""
    if sign == "·":
        return " · "
    if sign or text[0].isdigit() or text[0] == "[" or (text[0] == "(" and may_apply(before, factor)):
        return " * "
    if text_before[-1] == "|" or (factor.head == "abs" and before.head != "number" and text_before[-1] != ")"):
        return " * "
    return " "


def _div(p: Linear, term: Term) -> Written:
    above, below = term.args
    numerator = p.at(above, PRODUCT)
    if above.head == "div":
        numerator = _enclose(p.text(above))
    denominator = p.at(below, FUNCTION)
    loose = above.head == "mul"
    return f"{numerator} / {denominator}" if loose else f"{numerator}/{denominator}", QUOTIENT


def _pow(p: Linear, term: Term) -> Written:
    base, exponent = term.args
    text, level = p.write(exponent)
    below = p.at(base, FUNCTION) if base.head in ("apply", "call") else p.at(base, CALL)
    if exponent.head in ("number", "constant", "name") and level == ATOM and text.isalnum():
        return f"{below}^{text}", POWER
    return f"{below}^({text.replace(' / ', '/')})", POWER


def _superscript(mark: str) -> Writer:
    return lambda p, term: (f"{p.at(term.args[0], CALL)}^{mark}", POWER)


# ── applications ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _apply(p: Linear, term: Term) -> Written:
    name: str = _SPELLED.get(term.data, term.data)
    arguments = term.args
    if name == "log" and len(arguments) == 2:
        name += "_" + _script(p, arguments[1])
        arguments = arguments[:1]
    if not arguments:
        return name, ATOM
    return f"{name}({p.sequence(arguments)})", CALL


def _call(p: Linear, term: Term) -> Written:
    function, *arguments = term.args
    if arguments and arguments[-1].head == "semicolon":
        inside = f"{p.sequence(tuple(arguments[:-1]))}; {p.text(arguments[-1])}"
    else:
        inside = p.sequence(tuple(arguments))
    return f"{p.at(function, ATOM) if function.head != 'name' else p.text(function)}({inside})", CALL


def _prime(p: Linear, term: Term) -> Written:
    text = p.at(term.args[0], ATOM) + "'" * (term.data or 1)
    return text + (f"({p.text(term.args[1])})" if len(term.args) > 1 else ""), CALL


def _indices(p: Linear, terms: tuple[Term, ...], sign: str = "") -> str:
    """Indices behind `_`: `i`, `{ij}`, `{i,j+1}`, `{<t}`."""
    texts = [":" if t.head == "blank" else p.text(t).replace(" + ", "+").replace(" - ", "-") for t in terms]
    text = ("" if all(len(t) == 1 for t in texts) else ",").join(texts)
    return text if len(texts) == 1 and text.isalnum() and not sign else f"{{{sign}{text}}}"


def _index(p: Linear, term: Term) -> Written:
    array, *indices = term.args
    below = "_" + _indices(p, tuple(indices), "<" if term.data == "<" else "")
    if array.head == "name":
        text = p.text(array)
        return (f"({text})" if array.data.sub else text) + below, ATOM
    return p.at(array, CALL) + below, ATOM


# ── brackets ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _abs(p: Linear, term: Term) -> Written:
    text = p.text(term.args[0])
    return (f"abs({text})" if "|" in text else f"|{text}|"), ATOM


def _norm(p: Linear, term: Term) -> Written:
    text = p.text(term.args[0])
    order = "_" + _script(p, term.args[1]) if len(term.args) > 1 else _NORMS.get(term.data, f"_{term.data}")
    return f"||{text}||{order}", ATOM


def _matrix(p: Linear, term: Term) -> Written:
    columns = term.data[1]
    cells = [p.text(a) for a in term.args]
    rows = [f"[{', '.join(cells[k : k + columns])}]" for k in range(0, len(cells), columns)]
    return f"[{', '.join(rows)}]", ATOM


def _interval(p: Linear, term: Term) -> Written:
    left, right = term.data or "[]"
    return left + p.sequence(term.args) + right, ATOM


# ── binding ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _big(p: Linear, term: Term) -> Written:
    head = term.head
    if term.data == "range":
        _, i, lower, upper = term.args
        head += f"_{{{p.text(i)}={p.text(lower).replace(' + ', '+').replace(' - ', '-')}}}^{_script(p, upper)}"
    elif term.data == "cond":
        head += f"_{{{p.text(term.args[-1])}}}"
    elif term.data == "bare":
        names = ",".join(p.text(a) for a in term.args[1:])
        head += f"_{names}" if names.isalnum() else f"_{{{names}}}"
    return f"{head} {p.body(term.args[0])}", OPEN


def _integral(p: Linear, term: Term) -> Written:
    body, x, *rest = term.args
    if term.data == "region":
        head = {2: "iint", 3: "iiint"}.get(len(rest), "int") + f"_{{{p.text(x)}}}"
        return f"{head} {p.body(body)} {' '.join('d' + p.text(v) for v in rest)}", OPEN
    if not rest:
        return f"integrate {p.at(body, SUM)} wrt {p.text(x)}", LIST
    head = f"int_{_script(p, rest[0])}^{_script(p, rest[1])}"
    return f"{head} {p.body(body)} d{p.text(x)}", OPEN


def _limit(p: Linear, term: Term) -> Written:
    body, x, point = term.args
    return f"lim_{{{p.text(x)} -> {p.text(point)}{term.data or ''}}} {p.body(body)}", OPEN


def _derivative(p: Linear, term: Term) -> Written:
    body, *pairs = term.args
    d = "d" if term.data == "d" else "∂"
    variables = pairs[::2]
    orders = pairs[1::2] or [number(1)] * len(variables)
    known = [integer(order) for order in orders]
    total = str(sum(k for k in known if k is not None)) if None not in known else "+".join(p.text(o) for o in orders)
    above = d + ("" if total == "1" else f"^{total if total.isalnum() else f'({total})'}")
    below = []
    for variable, order, whole in zip(variables, orders, known, strict=True):
        below.append(d + p.at(variable, CALL) + ("" if whole == 1 else f"^{_script(p, order)}"))
    if term.data != "d" and body.head == "name":
        return f"{above}{' ' if total != '1' else ''}{p.text(body)}/{' '.join(below)}", QUOTIENT
    return f"{above}/{' '.join(below)} {p.body(body, FUNCTION)}", OPEN


def _phrase(word: str) -> Writer:
    def write(p: Linear, term: Term) -> Written:
        body, *variables = term.args
        return f"{word} {p.at(body, SUM)}" + (f" wrt {p.sequence(tuple(variables))}" if variables else ""), LIST

    return write


def _evaluated(p: Linear, term: Term) -> Written:
    body, *pairs = term.args
    names, values = tuple(pairs[::2]), tuple(pairs[1::2])
    if len(names) == 1:
        return f"{p.at(body, SUM)} at {p.text(names[0])} = {p.text(values[0])}", LIST
    return f"{p.at(body, SUM)} at ({p.sequence(names)}) = ({p.sequence(values)})", LIST


def _optimum(p: Linear, term: Term) -> Written:
    body, variables, *constraints = term.args
    over = variables.args if variables.head in ("tuple", "list", "blank") else (variables,)
    word = {"min": "minimize", "max": "maximize"}.get(term.data)
    if word or constraints:
        word = word or term.data
        text = f"{word} {p.at(body, SUM)}" + (f" over {p.sequence(over)}" if over else "")
    else:
        return term.data + (f"_{{{p.sequence(over)}}}" if over else "") + f" {p.body(body)}", OPEN
    return text + (f" subject to {p.sequence(tuple(constraints))}" if constraints else ""), LIST


def _lambda(p: Linear, term: Term) -> Written:
    body, *variables = term.args
    left = p.text(variables[0]) if len(variables) == 1 else f"({p.sequence(tuple(variables))})"
    return f"{left} -> {p.at(body, SUM)}", RELATION


def _cases(p: Linear, term: Term) -> Written:
    rows = []
    for value, condition in zip(term.args[::2], term.args[1::2], strict=True):
        said = "otherwise" if condition.head == "otherwise" else f"if {p.text(condition)}"
        rows.append(f"{p.text(value)} {said}")
    return f"{{{'; '.join(rows)}}}", ATOM


# ── probability ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _probability(p: Linear, term: Term) -> Written:
    head: str = term.data
    under = tuple(a for a in term.args if a.head == "expect_under")
    if under:
        below = p.sequence(under)
        head += f"_{below}" if below.isalnum() else f"_{{{below}}}"
    inside = p.sequence(listed_operands(term), "; " if head == "I" else ", ")
    return (f"{head}[{inside}]" if term.data == "E" else f"{head}({inside})"), CALL


def _given(p: Linear, term: Term) -> Written:
    left, *right = term.args
    before = p.sequence(left.args) if left.head == "list" else p.at(left, GIVEN + 1)
    return f"{before} | {p.sequence(right[0].args if right[0].head == 'list' else tuple(right))}", GIVEN


PLAIN = Linear(
    {
        "number": lambda p, term: (term.data, ATOM),
        "constant": lambda p, term: ("1j" if term.data == "i" else term.data, ATOM),
        "name": _name,
        "word": lambda p, term: (term.data, ATOM),
        "dots": lambda p, term: ("...", ATOM),
        "ones": lambda p, term: ("1", ATOM),
        "identity": lambda p, term: ("I" + (f"_{_script(p, term.args[0])}" if term.args else ""), ATOM),
        "blank": lambda p, term: (".", ATOM),
        "plusminus": lambda p, term: (f"{'+-' if term.data == 'pm' else '-+'}{p.at(term.args[0], OPEN)}", SIGN),
        "div": _div,
        "pow": _pow,
        "sqrt": lambda p, term: (f"sqrt({p.text(term.args[0])})", CALL),
        "root": lambda p, term: (f"{p.at(term.args[0], CALL)}^(1/{p.at(term.args[1], FUNCTION)})", POWER),
        "factorial": lambda p, term: (p.at(term.args[0], ATOM) + "!", POWER),
        "binomial": lambda p, term: (f"binomial({p.sequence(term.args)})", CALL),
        "hadamard": infix(".*"),
        "hadamard_div": infix("./"),
        "hadamard_pow": lambda p, term: (f"{p.at(term.args[0], CALL)}.^{_script(p, term.args[1])}", POWER),
        "kron": lambda p, term: (f"kron({p.sequence(term.args)})", CALL),
        "apply": _apply,
        "call": _call,
        "prime": _prime,
        "index": _index,
        "range": lambda p, term: bounds_of(p, term, ".."),
        "transpose": _superscript("T"),
        "inverse": _superscript("(-1)"),
        "pinv": lambda p, term: (f"pinv({p.text(term.args[0])})", CALL),
        "abs": _abs,
        "norm": _norm,
        "inner": around("<", ">"),
        "matrix": _matrix,
        "vector": around("[", "]"),
        "set": lambda p, term: (_enclose(members(p, term), "{", "}"), ATOM),
        "setbuilder": lambda p, term: (f"{{{p.text(term.args[0])} : {p.text(term.args[1])}}}", ATOM),
        "interval": _interval,
        "sum": _big,
        "prod": _big,
        "integral": _integral,
        "limit": _limit,
        "derivative": _derivative,
        "gradient": _phrase("grad"),
        "hessian": _phrase("hessian"),
        "jacobian": _phrase("jacobian"),
        "divergence": _phrase("divergence"),
        "laplacian": _phrase("laplacian"),
        "differential": lambda p, term: ("d" + p.at(term.args[0], ATOM), OPEN),
        "total_derivative": lambda p, term: (f"d{p.text(term.args[0])}/d{p.text(term.args[1])}", QUOTIENT),
        "at": _evaluated,
        "optimum": _optimum,
        "lambda": _lambda,
        "cases": _cases,
        "otherwise": lambda p, term: ("otherwise", ATOM),
        "indicator": lambda p, term: (f"1[{p.text(term.args[0])}]", ATOM),
        "delta": lambda p, term: ("delta_" + _indices(p, term.args), ATOM),
        "probability": _probability,
        "expect_under": lambda p, term: expect_under(p, term, "~"),
        "given": _given,
        "divergence_bar": lambda p, term: (f"{p.at(term.args[0], GIVEN)} || {p.at(term.args[1], GIVEN)}", GIVEN),
        "dist": lambda p, term: (term.data + (f"({p.sequence(term.args)})" if term.args else ""), CALL),
        "keyword": lambda p, term: (f"{term.data}={p.text(term.args[0])}", RELATION),
        "lines": lambda p, term: ("\n".join(map(p.text, term.args)), LIST),
    },
    enclose=_enclose,
    join=_join,
    closed=lambda p, term: p.write(term),
    relations=_RELATIONS,
    words=str,
    factor=FUNCTION,
    fenced=frozenset({"derivative"}),
)


def plain_ascii(term: Term) -> str:
    """The plain language for a terminal without Unicode: ∂ is written d, and what has no ASCII form `?`."""
    text = plain(term)
    return text if text.isascii() else text.translate(_IN_ASCII).encode("ascii", "replace").decode()
