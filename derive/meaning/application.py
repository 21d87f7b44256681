"""Functions applied: named ones with or without brackets, declared and unknown ones, their powers and primes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import AmbiguousInput, SyntaxProblem, UnknownName
from derive.expressions.functions import ALIASES, FUNCTIONS, canonical_function
from derive.expressions.plain import plain
from derive.expressions.term import Name, Span, Term, number
from derive.meaning.context import base_name, label_text, nearest
from derive.meaning.names import label_of_sup, superscript
from derive.meaning.scripts import scripts
from derive.meaning.vocabulary import APPLIED_FUNCTIONS, WORD_FORMS
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.parser import Parser

__all__ = ["argument", "arguments", "call", "follows", "named_function", "starts_named_function"]

_INVERTIBLE = {
    "sin": "asin",
    "cos": "acos",
    "tan": "atan",
    "sinh": "asinh",
    "cosh": "acosh",
    "tanh": "atanh",
    "normal_cdf": None,
    "sigmoid": "logit",
}


def follows(parser: Parser, item: Item) -> bool:
    """Whether the item is a bracket that directly follows (in plain text a space makes it a product)."""
    return item.kind == "fence" and item.text == "()" and (parser.context.notation == "latex" or not item.space)


def _function_of(parser: Parser, item: Item, name: Name) -> str | None:
    """The canonical function that the name stands for here."""
    if name.accents or name.font not in ("", "rm"):
        return None
    context = parser.context
    following = parser.peek()
    applied = following is not None and follows(parser, following)
    if name.base == "psi" and applied and item.sub is not None and label_text(item.sub) == "1" and Name("psi", sub="1") not in context.bare:
        item.sub = None
        return "trigamma"
    if name.base == "phi" and Name("Phi") not in context.applied:
        return None  # a feature map, unless Φ stands beside it
    if name.base in APPLIED_FUNCTIONS and item.kind != "function":
        if applied and following is not None:
            _refuse_power(parser, item, name, following)
        if not applied or Name(name.base) in context.bare or item.sub is not None:
            return None
        if name.base == "delta":
            return None
        return APPLIED_FUNCTIONS[name.base]
    canonical = canonical_function(name.base)
    if canonical is None:
        if item.kind in ("function", "text", "font") and applied and len(name.base) > 4 and not context.known(name):
            close = nearest(name.base, [w for w in ALIASES if len(w) > 4])
            if close is not None and close.lower() != name.base.lower():
                raise UnknownName(f"unknown function {name.base}", span=(item.start, item.end), suggestion=close)
        return None
    if name.base in ("beta", "zeta", "gamma", "Beta"):
        return canonical if _greek_function(parser, item, name, applied) else None
    if (
        canonical in ("span", "dim", "null", "re", "im", "mod", "square", "round", "mean", "sort", "vec", "cond", "step")
        and not applied
        and item.kind == "name"
    ):
        return None
    if canonical == "gelu" and item.sub is not None and label_text(item.sub) == "tanh":
        item.sub = None
        return "gelu_tanh"
    return canonical


def _refuse_power(parser: Parser, item: Item, name: Name, fence: Item) -> None:
    """σ²(x): the square of the logistic function, or a variance? Where σ is applied or stands alone elsewhere, that says it."""
    context = parser.context
    if fence not in context.scaled or name in context.bare or name in context.applied or context.known(name) or item.sup is None:
        return
    power = label_text(item.sup)
    inside = label_text(fence.children[0]) if len(fence.children) == 1 else "…"
    raise AmbiguousInput(
        f"is σ^{power}({inside}) a power of the logistic function, or a factor σ^{power}?",
        readings=(f"(σ({inside}))^{power}", f"σ^{power} · ({inside})"),
        span=(item.start, fence.end),
        expected=(f"(σ({inside}))^{power}", "sigma > 0 on an earlier line"),
    )


def _greek_function(parser: Parser, item: Item, name: Name, applied: bool) -> bool:
    """Whether a Greek letter that is also a function (`gamma(x)`, `beta(a, b)`, `Beta(a, b)`) is one here."""
    following = parser.peek()
    two = applied and following is not None and any(i.is_op(",") for i in following.children)
    if item.kind == "function":
        return two or name.base == "gamma"
    if not applied or name in parser.context.bare:
        return False
    if name.base == "gamma" and parser.context.notation != "latex":
        parser.context.note("gamma(…) is read as the gamma function")
        return True
    return two and name.base == "beta"


def starts_named_function(parser: Parser, item: Item | None) -> bool:
    """Whether the item begins an application by name, which ends the argument of the function before it."""
    if item is None:
        return False
    if item.kind == "function":
        return True
    if item.kind not in ("name", "text"):
        return item.kind == "big" or item.kind == "nabla"
    if parser.context.known(Name(item.text)):
        return False
    if item.text in APPLIED_FUNCTIONS:
        following = parser.peek(1)
        return following is not None and follows(parser, following) and Name(item.text) not in parser.context.bare
    return (
        canonical_function(item.text.strip()) is not None
        and (len(item.text) > 1)
        and item.text not in ("beta", "zeta", "gamma", "psi", "Phi", "Gamma")
    )


def word_form(parser: Parser, item: Item, name: Name) -> Term | None:
    """What has a notation of its own, written as a function: `sqrt(x)`, `abs(x)`, `norm(x)`, `binomial(n, k)`; `sqrt x` too."""
    entry = WORD_FORMS.get(name.base)
    following = parser.peek()
    if entry is None or name.accents or name.font or item.sub is not None or following is None:
        return None
    head, least, most, data = entry
    bracket = following.kind == "fence" and following.text == "()"
    if not bracket and (name.base not in ("sqrt", "abs", "norm", "inv", "transpose") or parser.stops(following) or following.kind == "op"):
        return None
    fence = parser.take() if bracket else None
    args = arguments(parser, fence) if fence is not None else (argument(parser, name.base),)
    if not least <= len(args) <= most:
        raise SyntaxProblem(
            f"{name.base} takes {least} argument{'s' if least > 1 else ''}, not {len(args)}", span=parser.span_from(item.start)
        )
    if name.base == "cbrt":
        args = (*args, Term("number", (), "3"))
    term = Term(head, args, data, parser.span_from(item.start))
    return scripts(parser, term, fence.sub, fence.sup, 0) if fence is not None else term


def named_function(parser: Parser, item: Item, name: Name) -> Term | None:
    """The application of a function of the table that starts here, or None."""
    form = word_form(parser, item, name)
    if form is not None:
        return form
    function = _function_of(parser, item, name)
    if function is None:
        return None
    start = item.start
    base: Term | None = None
    primes = item.primes
    exponent: Term | None = None
    sup = item.sup
    if item.sub is not None:
        if function == "log":
            content = item.sub.children if item.sub.kind == "group" else (item.sub,)
            base = parser.sub_parser(content, events=False).expression()
        elif function == "softmax" and FUNCTIONS[function].acts == "vector":
            parser.context.note(f"the subscript of {label_text(item)} is a label")
        elif function not in ("det", "tr", "max", "min", "normal_cdf"):
            raise SyntaxProblem(
                f"the subscript of {name.base} has no meaning", span=(item.sub.start, item.sub.end), expected=(f"{name.base}(…)",)
            )
    if sup is not None:
        label = label_of_sup(sup, parser, False)
        content = sup.children if sup.kind == "group" else (sup,)
        if label == "'":
            primes, sup = primes + 1, None
        elif label == "-1" or (len(content) == 2 and content[0].is_op("-") and content[1].text == "1"):
            inverse = _INVERTIBLE.get(function)
            if inverse is None:
                raise SyntaxProblem(
                    f"{name.base}^{{-1}} could be an inverse or a reciprocal",
                    span=(item.start, item.end),
                    expected=(f"1/{name.base}(…)",),
                )
            parser.context.note(f"{name.base}^(-1) is read as the inverse function {inverse}")
            function, sup = inverse, None
        elif label is not None and label.startswith("("):
            order = label[1:-1]
            if not order.isdigit():
                raise SyntaxProblem("the order of a derivative is a number", span=(sup.start, sup.end))
            primes, sup = int(order), None
        else:
            what, power = superscript(sup, parser)
            if what != "power":
                raise SyntaxProblem(f"{name.base} is a function and has no {what}", span=(sup.start, sup.end))
            exponent = power if isinstance(power, Term) else None
    following = parser.peek()
    bracket = following is not None and following.kind == "fence" and following.text in ("()", "[]", "{}")
    if following is not None and bracket and not _is_literal(following):
        fence = parser.take()
        args = arguments(parser, fence)
        outer = fence
    else:
        args = (argument(parser, name.base),)
        outer = None
    term = _apply(parser, function, name.base, args, base, primes, parser.span_from(start))
    if exponent is not None:
        term = Term("pow", (term, exponent), None, term.span)
    if outer is not None and (outer.sub is not None or outer.sup is not None):
        term = scripts(parser, term, outer.sub, outer.sup, 0)
    return term


def _is_literal(fence: Item) -> bool:
    """Whether the bracket is a matrix: `det [[1, 2], [3, 4]]`."""
    return fence.text == "[]" and bool(fence.children) and fence.children[0].kind == "fence" and fence.children[0].text == "[]"


def _apply(parser: Parser, function: str, spelled: str, args: tuple[Term, ...], base: Term | None, primes: int, span: Span) -> Term:
    least, most = FUNCTIONS[function].arity
    if len(args) == 1 and args[0].head in ("tuple", "set") and function in ("max", "min"):
        args = args[0].args
    if len(args) < least or (most >= 0 and len(args) > most):
        counted = str(least) if least == most else f"{least} to {most}" if most >= 0 else f"at least {least}"
        raise SyntaxProblem(f"{spelled} takes {counted} argument{'s' if counted != '1' else ''}, not {len(args)}", span=span)
    if function == "log" and base is not None:
        args = (args[0], base)
    elif function == "log" and spelled == "ln" and len(args) > 1:
        raise SyntaxProblem("ln takes 1 argument", span=span)
    if primes:
        return Term("prime", (Term("name", (), Name(function)), *args), primes, span)
    if function == "huber":
        return _huber(parser, args[0], args[1] if len(args) > 1 else number(1), span)
    if function == "log" and len(args) == 1 and args[0].head == "apply" and args[0].data == "det":
        return Term("apply", (args[0],), "log", span)
    return Term("apply", args, function, span)


def _huber(parser: Parser, x: Term, delta: Term, span: Span) -> Term:
    """x²/2 near 0, δ (|x| − δ/2) farther away."""
    half = Term("div", (number(1), number(2)))
    size = Term("abs", (x,), "np")
    near = Term("mul", (half, Term("apply", (x,), "square")))
    linear = Term("add", (size, Term("neg", (Term("mul", (half, delta)) if delta != number(1) else half,))))
    far = linear if delta == number(1) else Term("mul", (delta, linear))
    parser.context.note("huber(u) is u²/2 for |u| ≤ ", delta, " and linear farther away")
    return Term("cases", (near, Term("rel", (size, delta), "<="), far, Term("otherwise")), None, span)


def arguments(parser: Parser, fence: Item) -> tuple[Term, ...]:
    """What stands in the brackets of an application, between commas."""
    span = (fence.start, fence.end)
    if not fence.children:
        raise SyntaxProblem("an application without an argument", span=span, expected=("an argument",))
    return tuple(parser.sub_parser(fence.children, events=False, whole=span).sequence())


def argument(parser: Parser, spelled: str) -> Term:
    """The argument without brackets: the factors up to the next +, −, ·, /, relation or named function."""
    item = parser.peek()
    if item is None or (item.kind == "op" and not item.is_op("<")) or (parser.stops(item) and item.kind != "bar"):
        raise parser.missing(f"the argument of {spelled}")
    start = item.start
    factors = [parser.factor()]
    if factors[0] == number(1) and spelled in ("log", "ln") and parser.peek() is not None and parser.items[parser.position].is_op("/"):
        parser.take()  # log 1/n: nobody writes the logarithm of 1
        factors = [Term("div", (factors[0], parser.factor()), None, parser.span_from(start))]
    while True:
        item = parser.peek()
        if item is not None and _is_total(item) and not parser.stops(item):
            _refuse_two_scopes(parser, spelled, factors, item)
            factors.append(parser.factor())
            continue
        waiting = factors[-1].head == "transpose" and item is not None and not parser.stops(item)  # log 1ᵀ exp(x): 1ᵀ is of what follows
        if item is None or parser.stops(item) or item.kind == "op" or (starts_named_function(parser, item) and not waiting):
            if item is not None and item.is_op("/"):
                parser.context.note(spelled, " takes ", factors[0] if len(factors) == 1 else Term("mul", tuple(factors)), " only")
            break
        if factors[-1].head == "call" and applied_next(parser, item):
            parser.context.note(spelled, " takes ", factors[-1], " only")
            break
        factors.append(parser.factor())
    if len(factors) == 1:
        return factors[0]
    term = Term("mul", tuple(factors), None, parser.span_from(start))
    parser.context.note(f"{spelled} takes ", term)
    return term


def _is_total(item: Item) -> bool:
    """Whether a sum, product or integral stands here: a factor of the argument as any other."""
    word = item.kind == "name" and item.text in ("sum", "prod") and item.sub is not None
    return word or (item.kind == "big" and item.text in ("sum", "prod", "int", "iint", "iiint"))


def _refuse_two_scopes(parser: Parser, spelled: str, factors: list[Term], item: Item) -> None:
    """log (1/n) Σ is the log of a mean; log p Σ is written for (log p) Σ as well: whoever has a name there says which."""
    if item.text == "prod" or all(_is_weight(f) for f in factors):
        return
    shown = plain(factors[0] if len(factors) == 1 else Term("mul", tuple(factors)))
    sign = "∫" if item.kind == "big" and item.text.endswith("int") else "Σ"
    raise AmbiguousInput(
        f"does {spelled} take the {'integral' if sign == '∫' else 'sum'} behind {shown}?",
        readings=(f"{spelled}({shown} {sign} …)", f"{spelled}({shown}) {sign} …"),
        span=(item.start, item.end),
        expected=("brackets around the argument",),
    )


def _is_weight(term: Term) -> bool:
    """Whether the factor is a number or the reciprocal of something: 2, 1/n, 1/(2 m)."""
    return term.head == "number" or (term.head == "div" and term.args[0].head == "number")


def applied_next(parser: Parser, item: Item) -> bool:
    """Whether an unknown function is applied here."""
    name, fence = base_name(item), parser.peek(1)
    if name is None or fence is None or not follows(parser, fence):
        return False
    full = name if item.sub is None else name._replace(sub=label_text(item.sub))
    return parser.applies(full, fence)


_OF_SPECTRUM = {
    ("lambda", "max"): ("apply", "eigmax"),
    ("lambda", "min"): ("apply", "eigmin"),
    ("sigma", "max"): ("norm", "spectral"),
}


def _of_spectrum(name: Term, primes: int, args: list[Term], span: Span) -> Term | None:
    """λ_max(A), λ_min(A), σ_max(A)."""
    if name.head != "name" or primes or len(args) != 1 or args[0].head in ("given", "rel"):
        return None
    found = _OF_SPECTRUM.get((name.data.base, name.data.sub))
    return None if found is None or name.data.sup else Term(found[0], tuple(args), found[1], span)


def call(parser: Parser, function: Term, fence: Item, sup: Item | None) -> Term:
    """An unknown or declared function at its arguments; `;` separates parameters, a bar a condition."""
    from derive.meaning.probability import conditioned

    parser.take()
    span = (function.span[0] if function.span else fence.start, fence.end)
    if not fence.children:
        raise SyntaxProblem("an application without an argument", span=span, expected=("an argument",))
    groups: list[list[Item]] = [[]]
    for child in fence.children:
        if child.is_op(";"):
            groups.append([])
        else:
            groups[-1].append(child)
    if parser.unpaired_bar(tuple(groups[0])):
        args = [conditioned(parser, tuple(groups[0]), span)]
    else:
        args = parser.sub_parser(tuple(groups[0]), events=False, whole=span).sequence()
    if len(groups) > 1:
        parameters = [t for g in groups[1:] for t in parser.sub_parser(tuple(g), events=False, whole=span).sequence()]
        args.append(Term("semicolon", tuple(parameters)))
    name = function
    primes = 0
    if function.head == "prime":
        primes, name = function.data, function.args[0]
    extreme = _of_spectrum(name, primes, args, span)
    if extreme is not None and not parser.is_function(name.data):
        return scripts(parser, scripts(parser, extreme, None, sup, 0), fence.sub, fence.sup, 0)
    if name.head == "name" and name.data == Name("B") and len(args) == 2 and not primes and not parser.is_function(name.data):
        parser.context.note(name, " is the beta function")
        return scripts(parser, scripts(parser, Term("apply", tuple(args), "beta", span), None, sup, 0), fence.sub, fence.sup, 0)
    parser.context.note(name, " is read as a function") if name.head == "name" and not parser.is_function(name.data) else None
    term = Term("prime", (name, *args), primes, span) if primes else Term("call", (name, *args), None, span)
    if sup is not None:
        what, exponent = superscript(sup, parser)
        if what == "power" and isinstance(exponent, Term):
            if exponent == Term("neg", (Term("number", (), "1"),)):
                raise SyntaxProblem("f^{-1}(…) could be an inverse or a reciprocal", span=span, expected=("1/f(…)",))
            term = Term("pow", (term, exponent), None, span)
    return scripts(parser, term, fence.sub, fence.sup, 0)
