"""Tasks in words: `grad f wrt x`, `solve eq for x`, `taylor f at x = a order k`, `minimize f over x subject to g = 0`, and the rest.

In: the items of a line. Out: a `Wording` (the term of the task, its name in the report, its method and options), or None when the
line begins with no task word. What no solver exists for is read all the same: its term is a `task`.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.errors import SyntaxProblem
from derive.expressions.term import Name, Term, number
from derive.meaning.clauses import Items, Wording, Words, is_word
from derive.meaning.context import Context
from derive.meaning.matrix_tasks import read_matrix_task
from derive.meaning.parser import Parser
from derive.meaning.probability import conditioned
from derive.meaning.programmes import optimum
from derive.meaning.questions import read_question
from derive.meaning.vocabulary import UNARY_TASKS
from derive.reading.item import Item

__all__ = ["read_task"]

_MATRIX_TASKS = frozenset("inverse rref nullspace lu qr cholesky eig svd pca diagonalise columnspace".split())


def read_task(items: Items, context: Context) -> Wording | None:
    """The task that the line words, or None."""
    if not items or items[0].kind not in ("name", "function", "big", "text", "number"):
        return None
    first = items[0].text.strip()
    if len(items) > 1 and items[1].kind == "fence" and (about_matrix := read_matrix_task(items, context)) is not None:
        return about_matrix
    words = [i.text.strip() if i.kind in ("name", "function", "text", "number") else "" for i in items[:8]]
    if items[0].sub is not None or items[0].sup is not None or context.known(Name(first)):
        return None
    bracketed = first.lower() in _TABLE_BRACKET or (first in ("sum", "prod", "product") and any(is_word(i, "for") for i in items[2:]))
    if len(items) > 1 and (items[1].is_op("=", ":=", ",") or (items[1].kind == "fence" and not bracketed)):
        return None
    if (about_matrix := read_matrix_task(items, context)) is not None:
        return about_matrix
    for parts, handler in _BY_FIRST_WORD.get(words[0].lower(), ()):
        phrase = " ".join(parts)
        if words[1 : len(parts)] == parts[1:] and len(items) > len(parts) - 1:
            found = handler(Words(items[len(parts) :], context), parts) if len(items) > len(parts) else None
            if found is None and len(items) == len(parts) and phrase == "code":
                return Wording(Term("name", (), Name("_"), (items[0].start, items[0].end)), "expression")
            if found is None and len(items) == len(parts) and phrase in ("evidence", "elbo", "posterior", "mle", "map"):
                return Wording(Term("task", (), phrase), phrase)
            if found is not None:
                return found
    if words[1:4] == ["confidence", "interval", "for"] or (
        len(items) > 4 and items[1].is_op("%") and words[2:4] == ["confidence", "interval"]
    ):
        return _confidence(items, context)
    return None


# ------------------------------------------------------------------ calculus
def _derivative(words: Words, phrase: list[str]) -> Wording | None:
    orders = {"second": 2, "third": 3, "fourth": 4}
    order = number(orders.get(phrase[0], 1))
    head = words.head
    if "twice" in words.clauses or any(is_word(i, "twice") for i in head[-1:]):
        order = number(2)
        head = tuple(i for i in head if not is_word(i, "twice"))
        words.clauses["wrt"] = words.clauses.get("wrt", ()) or words.clauses.get("twice", ())
    if "order" in words.clauses:
        order = words.expression(words.clauses["order"])
    wrt = words.clauses.get("wrt", ())
    if wrt and is_word(wrt[-1], "twice"):
        words.clauses["wrt"], order = wrt[:-1], number(2)
    if "times" in words.clauses and wrt and wrt[-1].kind == "number":
        order = number(wrt[-1].text)
        words.clauses["wrt"] = wrt[:-1]
    body = words.expression(head)
    variables = words.variables()
    if not variables and body.head == "tuple" and all(a.head == "name" for a in body.args[1:]):
        variables, body = list(body.args[1:]), body.args[0]  # diff(f, x)
    kind = "partial" if "partial" in phrase else "d"
    args: list[Term] = []
    for variable in variables:
        args += [variable, order if len(variables) == 1 else number(1)]
    return words.wording(words.placed(Term("derivative", (body, *args), kind)), "derivative", order=order)


def _gradient_like(head: str) -> Callable[[Words, list[str]], Wording | None]:
    def handler(words: Words, phrase: list[str]) -> Wording | None:
        body = words.expression(words.head)
        term = words.placed(Term(head, (body, *words.variables())))
        return words.wording(term, "backprop" if phrase[0] == "backprop" else head)

    return handler


def _directional(words: Words, phrase: list[str]) -> Wording | None:
    body = words.expression(words.head)
    along = words.listed("along")
    if not along:
        raise SyntaxProblem("a direction is expected", span=(words.items[0].start, words.items[-1].end), expected=("along v",))
    direction = along[0] if len(along) == 1 else Term("tuple", tuple(along))
    point = words.listed("at")
    args: list[Term] = [body]
    if point:
        args.append(point[0] if len(point) == 1 else Term("tuple", tuple(point)))
    return words.wording(Term("directional", (*args, direction)), "directional-derivative", variables=tuple(words.variables()))


def _along(head: str) -> Callable[[Words, list[str]], Wording | None]:
    """`hvp f wrt x along v`: ∇²f v; `jvp f wrt x along v`: J v; `vjp f wrt x along u`: uᵀJ."""

    def handler(words: Words, phrase: list[str]) -> Wording | None:
        body = words.expression(words.head)
        along = words.listed("along")
        if len(along) != 1:
            raise SyntaxProblem("a direction is expected", span=(words.items[0].start, words.items[-1].end), expected=("along v",))
        operator = words.placed(Term("hessian" if head == "hvp" else "jacobian", (body, *words.variables())))
        parts = (Term("transpose", (along[0],)), operator) if head == "vjp" else (operator, along[0])
        return words.wording(words.placed(Term("mul", parts)), "expression")

    return handler


def _integrate(words: Words, phrase: list[str]) -> Wording | None:
    body = words.expression(words.head)
    variables = words.variables()
    ends = [words.expression(words.clauses[k]) for k in ("from", "to") if k in words.clauses]
    if not variables:
        names = list(dict.fromkeys(n for n in body.walk() if n.head == "name"))
        variables = names if len(names) == 1 else variables
    if len(variables) == 1 and len(ends) == 2:
        return words.wording(Term("integral", (body, variables[0], *ends), "definite"), "integral")
    if len(variables) == 1:
        return words.wording(Term("integral", (body, variables[0]), "indefinite"), "integral")
    return words.wording(Term("task", (body, *variables, *ends), "integrate"), "integral")


def _running(head: str) -> Callable[[Words, list[str]], Wording | None]:
    def handler(words: Words, phrase: list[str]) -> Wording | None:
        if "for" not in words.clauses:
            return None
        index = words.expression(words.clauses["for"])
        ends = [words.expression(words.clauses[k]) for k in ("from", "to") if k in words.clauses]
        if index.head == "rel" and index.data in ("=", "in") and not ends:
            ends = list(index.args[1].args) if index.args[1].head == "range" else [index.args[1]]
            index = index.args[0]
        if index.head == "rel" and index.data == "=" and len(ends) == 1:
            ends, index = [index.args[1], ends[0]], index.args[0]
        if index.head != "name" or len(ends) != 2:
            raise SyntaxProblem("a range is expected", span=index.span, expected=("for i from 1 to n",))
        body = words.expression(words.head)
        return words.wording(Term(head, (body, index, *ends), "range"), head if head == "sum" else "product")

    return handler


def _limit(words: Words, phrase: list[str]) -> Wording | None:
    if "as" not in words.clauses:
        return None
    from derive.meaning.binders import approach

    body = words.expression(words.head)
    inner = Parser(words.clauses["as"], words.context)
    variable, point, side = approach(inner, inner.whole or (0, 0), whole=True)
    following = inner.peek()
    if following is not None and not side and following.is_op("+", "-"):
        side = inner.take().text
    inner.leftover()
    return words.wording(Term("limit", (body, variable, point), side), "limit")


def _taylor(words: Words, phrase: list[str]) -> Wording | None:
    body = words.expression(words.head)
    points = words.listed("at") or [*words.listed("around")]
    order = words.expression(words.clauses["order"]) if "order" in words.clauses else number(2)
    placed = [a for p in points for a in (p.args if p.head == "rel" and p.data == "=" else (p,))]
    if body.head == "rel":
        raise SyntaxProblem("a Taylor polynomial is of an expression, not of an equation", span=body.span, expected=("at x = 0",))
    if len(placed) < 2:
        names = dict.fromkeys(Term("name", (), n.data) for n in body.walk() if n.head == "name")
        if len(names) != 1 and placed:
            names = dict.fromkeys(words.variables())  # wrt x at 0
        if len(names) != 1:
            raise SyntaxProblem("the point of a Taylor polynomial is not said", span=body.span, expected=("at x = 0",))
        placed = [*names, *(placed or [number(0)])]
    if placed[0].head not in ("name", "index", "tuple", "vector"):
        raise SyntaxProblem("the variable of a Taylor polynomial is a name", span=placed[0].span, expected=("at x = 0",))
    return words.wording(Term("task", (body, *placed, order), "taylor"), "taylor")


# ------------------------------------------------------------------ algebra, optimisation, linear algebra
def _solve(words: Words, phrase: list[str]) -> Wording | None:
    equations = Parser(words.head, words.context).sequence()
    unknowns = words.listed("for")
    args: tuple[Term, ...] = (equations[0] if len(equations) == 1 else Term("list", tuple(equations)), *unknowns)
    return words.wording(Term("task", args, "solve"), "solve")


def _unary(task: str) -> Callable[[Words, list[str]], Wording | None]:
    def handler(words: Words, phrase: list[str]) -> Wording | None:
        head = words.head
        if task == "code":
            return words.wording(words.placed(words.expression(head)), "expression")
        if task == "differential" and "wrt" not in words.clauses:
            return words.wording(Term("differential", (words.expression(head),)), "differential")
        if task in ("posterior", "predictive", "mle", "map", "density", "marginal") or "given" in words.clauses:
            if head and is_word(head[0], "of"):
                head = head[1:]
            subject = conditioned(Parser(head, words.context), head, (head[0].start, head[-1].end)) if head else Term("blank")
            args: tuple[Term, ...] = (subject, *words.listed("given"))
            return words.wording(Term("task", args, task), task)
        body = words.expression(head)
        if task == "expression":
            return words.wording(words.placed(body), task)
        if task in _MATRIX_TASKS and body.head in ("list", "tuple"):
            return words.wording(Term("task", body.args, task), task)
        if "wrt" in words.clauses:
            return words.wording(Term("task", (body, *words.variables()), task), task)
        return words.wording(Term("task", (words.placed(body),), task), task)

    return handler


def _optimise(kind: str) -> Callable[[Words, list[str]], Wording | None]:
    def handler(words: Words, phrase: list[str]) -> Wording | None:
        return optimum(words, kind)

    return handler


def _generic(task: str, *keys: str) -> Callable[[Words, list[str]], Wording | None]:
    def handler(words: Words, phrase: list[str]) -> Wording | None:
        items = words.head
        if items and is_word(items[0], "of"):
            items = items[1:]
        parts = Parser(items, words.context, events=True).sequence_of_events() if items else []
        extra: list[Term] = []
        for key, content in words.clauses.items():
            if key in ("by", "using"):
                inner = [Term("word", (), " ".join(i.text for i in content))]
            else:
                inner = Parser(content, words.context).sequence() if content else []
            extra.append(Term("keyword", tuple(inner), key))
        return words.wording(Term("task", (*parts, *extra), task), task)

    return handler


def _moment(words: Words, phrase: list[str]) -> Wording | None:
    """`moment 4 of X`, `central moment 3 of X`."""
    place = next((p for p, i in enumerate(words.items) if is_word(i, "of")), None)
    if not place or place + 1 >= len(words.items):
        return None
    order = words.expression(words.items[:place])
    subject = words.items[place + 1 :]
    variable = conditioned(Parser(subject, words.context), subject, (subject[0].start, subject[-1].end))
    task = "-".join(phrase)
    return words.wording(Term("task", (order, variable), task), task)


def _measure(kind: str, task: str) -> Callable[[Words, list[str]], Wording | None]:
    """`standard deviation of X`, `covariance of X and Y`."""

    def handler(words: Words, phrase: list[str]) -> Wording | None:
        items = words.items
        if len(items) < 2 or not is_word(items[0], "of"):
            return None
        parts: list[list[Item]] = [[]]
        for item in items[1:]:
            if is_word(item, "and") or item.is_op(",", "and"):
                parts.append([])
            else:
                parts[-1].append(item)
        if not all(parts):
            return None
        operands = tuple(conditioned(Parser(tuple(p), words.context), tuple(p), (p[0].start, p[-1].end)) for p in parts)
        return words.wording(Term("probability", operands, kind), task)

    return handler


def _spelled(item: Item) -> str:
    """A name with its scripts: s^2, theta_0."""
    scripts = [f"{sign}{script.text}" for sign, script in (("_", item.sub), ("^", item.sup)) if script is not None and script.text]
    return item.text + "".join(scripts)


def _confidence(items: Items, context: Context) -> Wording:
    return Wording(
        Term("task", (Term("word", (), " ".join(_spelled(i) for i in items if i.text)),), "confidence-interval"), "confidence-interval"
    )


def _mean_variance(words: Words, phrase: list[str]) -> Wording | None:
    return _generic("-".join(phrase[:3]))(words, phrase)


_TABLE_BRACKET = frozenset(
    """simplify expand factor grad gradient hessian jacobian det inverse rank solve code diff differentiate derivative evaluate integrate
    minimize maximize is are limit taylor""".split()
)

_PHRASES: dict[str, Callable[[Words, list[str]], Wording | None]] = {
    "diff": _derivative, "differentiate": _derivative, "derivative": _derivative, "partial derivative": _derivative,
    "second derivative": _derivative, "third derivative": _derivative, "second partial derivative": _derivative,
    "directional derivative": _directional, "hvp": _along("hvp"), "jvp": _along("jvp"), "vjp": _along("vjp"),
    "hessian vector product": _along("hvp"),
    "gradient descent": _generic("gradient-descent"), "newton": _generic("newton"), "newton's method": _generic("newton"),
    "grad": _gradient_like("gradient"), "gradient": _gradient_like("gradient"), "hessian": _gradient_like("hessian"),
    "jacobian": _gradient_like("jacobian"), "backprop": _gradient_like("gradient"),
    "integrate": _integrate, "integral": _integrate, "sum": _running("sum"), "prod": _running("prod"), "product": _running("prod"),
    "limit": _limit, "taylor": _taylor, "series": _taylor, "solve": _solve,
    "minimize": _optimise("min"), "minimise": _optimise("min"), "maximize": _optimise("max"), "maximise": _optimise("max"),
    "argmin": _optimise("argmin"), "argmax": _optimise("argmax"), "stationary points": _generic("stationary-points"),
    "stationary distribution": _generic("stationary-distribution"), "critical points": _generic("stationary-points"),
    "least squares": _generic("least-squares"), "project": _generic("project"), "fisher information": _generic("fisher-information"),
    "moment": _moment, "central moment": _moment, "skewness": _generic("skewness"), "kurtosis": _generic("kurtosis"),
    "standard deviation": _measure("SD", "sd"), "covariance": _measure("Cov", "covariance"),
    "correlation": _measure("Corr", "correlation"), "expected value": _measure("E", "expectation"),
    "mgf": _generic("mgf"), "MGF": _generic("mgf"), "mean": _generic("mean"),
    "variance": _generic("variance"), "median of": _generic("median"), "mode of": _generic("mode"),
    "mean and variance": _mean_variance, "entropy": _generic("entropy"), "bound": _generic("bound"),
    "is": read_question, "are": read_question,
    "characteristic polynomial": _generic("characteristic-polynomial"), "gram schmidt": _generic("gram-schmidt"),
    "power iteration": _generic("power-iteration"), "expectation": _generic("expectation"),
    "responsibilities": _generic("responsibilities"),
    **{w: _unary(t) for w, t in UNARY_TASKS.items()},
}  # fmt: skip


# longer phrases first: "gradient descent" before "gradient"
_ORDERED = sorted(((p.split(), h) for p, h in _PHRASES.items()), key=lambda entry: -len(entry[0]))
_BY_FIRST_WORD = {first: [entry for entry in _ORDERED if entry[0][0] == first] for first in {parts[0] for parts, _ in _ORDERED}}
