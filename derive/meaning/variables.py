"""The variables of a derivative: found when they are left out, placed when arguments say where, total when an equation holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from derive.derivation import Prose
from derive.errors import AmbiguousInput, Undetermined, WrongUse
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number
from derive.meaning.differentiation import parameters_of
from derive.meaning.expand import expand
from derive.meaning.inference import shape_of
from derive.meaning.programmes import implied_variables
from derive.meaning.scope import Scope, Type

__all__ = [
    "refuse_hidden_dependence",
    "refuse_mixed_gradient",
    "refuse_other_members",
    "refuse_primed_transpose",
    "refuse_unused_equations",
    "total_derivatives",
    "with_variables",
]

_NEEDS_VARIABLE = ("derivative", "gradient", "hessian", "jacobian")


def with_variables(term: Term, scope: Scope, options: dict[str, object]) -> tuple[Term, list[Prose]]:
    """`grad f` without `wrt`: the one free variable, when there is one."""
    if term.head == "at" and term.args[0].head in _NEEDS_VARIABLE:
        inner, notes = with_variables(term.args[0], scope, options)
        return term.with_args((inner, *term.args[1:])), notes
    if term.head == "optimum" and len(term.args) == 2 and term.args[1] == Term("tuple"):
        return _optimised_over(term, scope)
    if term.head == "optimum" and term.args[1] == Term("tuple"):
        return implied_variables(term, scope)
    if term.head not in _NEEDS_VARIABLE:
        return _placed_inside(term, scope), []
    if len(term.args) > 1:
        return term, []
    placed = _at_arguments(term, scope)
    if placed is not None:
        return placed, []
    parameters = tuple(Term("name", (), p) for p in parameters_of(term.args[0], scope))
    if parameters and (len(parameters) == 1 or term.head != "derivative"):
        order = options.get("order", number(1))
        args = tuple(a for p in parameters for a in ((p, order) if term.head == "derivative" else (p,)))
        return Term(term.head, (term.args[0], *args), term.data, term.span), []  # type: ignore[arg-type]
    body = expand(term.args[0], scope)
    bound = {
        a.data for n in body.walk() if n.head in ("sum", "prod", "integral") and len(n.args) > 1 for a in n.args[1:2] if a.head == "name"
    }
    indices = {a.data for n in body.walk() if n.head == "index" for a in n.args[1:] if a.head == "name"}
    ranges = [n.args[2:] for n in body.walk() if n.head in ("sum", "prod") and n.data == "range"]
    lengths = {a.data for ends in ranges for end in ends for a in end.walk() if a.head == "name"}  # how many terms: nothing to vary
    free = []
    for node in body.walk():
        if node.head == "name" and node.data not in free and node.data not in bound | indices | lengths:
            free.append(node.data)
    declared = scope.declarations
    candidates = [n for n in free if not (n in declared and declared[n].type.domain in ("natural", "integer", "size", "function"))]
    if len(candidates) == 1 or (
        candidates
        and term.head in ("gradient", "hessian", "jacobian")
        and not any(n in declared and declared[n].type.shape for n in candidates)
    ):
        variables = tuple(Term("name", (), n) for n in candidates)
        order = options.get("order", number(1))
        args = tuple(a for v in variables for a in (v, order)) if term.head == "derivative" else variables
        listed: list[object] = ["with respect to "]
        for place, v in enumerate(variables):
            listed += [", " if place else "", v]
        return Term(term.head, (term.args[0], *args), term.data or ("d" if term.head == "derivative" else None), term.span), [tuple(listed)]  # type: ignore[arg-type]
    if not candidates:
        raise WrongUse("there is no variable to differentiate with respect to", span=term.span, expected=("wrt and a variable",))
    names = ", ".join(n.key for n in candidates)
    raise Undetermined(
        f"with respect to which variable? {names} are free", span=term.span, expected=tuple(f"wrt {n.key}" for n in candidates)
    )


def _optimised_over(term: Term, scope: Scope) -> tuple[Term, list[Prose]]:
    """`minimize f` without a variable: the one free name of f. Raises Undetermined when there are several, WrongUse when there is none."""
    declared = scope.declarations
    names = dict.fromkeys(n.data for n in expand(term.args[0], scope).walk() if n.head == "name" and isinstance(n.data, Name))
    free = [n for n in names if not (n in declared and declared[n].type.domain in ("natural", "integer", "size", "function"))]
    if not free:
        raise WrongUse("there is no variable to optimise over", span=term.span, expected=("over and a variable",))
    if len(free) > 1:
        raise Undetermined(
            f"over which variable? {', '.join(n.key for n in free)} are free", span=term.span, expected=tuple(f"over {n.key}" for n in free)
        )
    over = Term("tuple", (Term("name", (), free[0]),))
    return term.with_args((term.args[0], over)), [("over ", Term("name", (), free[0]))]


def _placed_inside(term: Term, scope: Scope) -> Term:
    """`∇f(x)ᵀd` with f(x) defined: the gradient inside is taken at the arguments."""
    if not term.has(*_NEEDS_VARIABLE):
        return term
    return term.transform(lambda node: _at_arguments(node, scope) or node if node.head in _NEEDS_VARIABLE and len(node.args) == 1 else node)


def _at_arguments(term: Term, scope: Scope) -> Term | None:
    """`∇f(1, 2)` with f(x, y) defined: the gradient over the parameters, at the arguments."""
    body = term.args[0]
    definition = scope.definitions.get(body.args[0].data) if body.head == "call" and body.args[0].head == "name" else None
    if definition is None or len(definition.parameters) != len(body.args) - 1 or term.head == "derivative":
        return None
    parameters = tuple(Term("name", (), p) for p in definition.parameters)
    inner = Term(term.head, (body.args[0], *parameters), term.data, term.span)
    if parameters == body.args[1:]:
        return inner
    return Term("at", (inner, *(a for pair in zip(parameters, body.args[1:], strict=True) for a in pair)), None, term.span)


def total_derivatives(term: Term, scope: Scope, options: dict[str, object]) -> Term:
    """`dy/dx`: from the definition of y, or from an equation that holds."""

    def holding(function: Term, variable: Term) -> list[Term]:
        return [c for c in scope.constraints if c.head == "rel" and c.data == "=" and {function, variable} <= set(c.walk())]

    def resolve(node: Term) -> Term:
        if node.head == "derivative" and node.data == "d" and len(node.args) == 3 and node.args[0].head == "name":
            equations = holding(node.args[0], node.args[1])
            if equations and node.args[0] != node.args[1]:
                options["equation"] = expand(equations[-1], scope, _names_in(node.args[:2]))
            return node
        if node.head != "total_derivative":
            return node
        function, variable = node.args
        if function.head != "name":
            return Term("derivative", (function, variable, number(1)), "d", node.span)
        equations = holding(function, variable)
        if equations:
            options["equation"] = expand(equations[-1], scope, _names_in((function, variable)))
            return node
        if function == variable:
            return number(1)
        raise Undetermined(
            f"d{function.data.key}/d{variable.data.key if variable.head == 'name' else ''}: {function.data.key} is not defined",
            span=node.span, expected=(f"{function.data.key} = … on an earlier line", "an equation that holds"),
        )  # fmt: skip

    if not term.has("total_derivative") and not scope.constraints:
        return term
    return term.transform(resolve)


def _names_in(terms: Iterable[Term]) -> set[Name]:
    return {n.data for term in terms for n in term.walk() if n.head == "name"}


def refuse_mixed_gradient(term: Term, types: Mapping[Name, Type]) -> None:
    """`∇_w f + λ‖w‖²`: a vector and a number. The sign ∇ takes everything only in brackets, and that is what was meant or not."""
    if term.head != "add":
        return
    first = term.args[0]
    if first.head == "derivative" and first.args[1].head == "index":
        array = first.args[1].args[0]
        if any(node == array for r in term.args[1:] if not r.has("derivative", "gradient") for node in r.walk()):
            message = f"the derivative ends before the + and {plain(array)} stands behind it, too: does it take the whole sum?"
            _refuse_shorter(term, first, term.args[1:], message)
        return
    if first.head not in ("gradient", "hessian") or not first.args[1:]:
        return
    variable = first.args[1]
    arrays = variable.head == "name" and variable.data in types and bool(types[variable.data].shape)
    rest = term.args[1:]
    if not arrays or any(shape_of(r, types) for r in rest) or all(r.head == "number" for r in rest):
        return
    _refuse_shorter(term, first, rest, "the gradient is an array and what is added to it a number: does ∇ take the whole sum?")


def _refuse_shorter(term: Term, first: Term, rest: tuple[Term, ...], message: str) -> None:
    whole = Term(first.head, (Term("add", (first.args[0], *rest)), *first.args[1:]), first.data, term.span)
    sign = "∇" if first.head in ("gradient", "hessian") else "the derivative"
    raise AmbiguousInput(message, readings=(plain(whole), plain(term)), span=term.span, expected=(f"brackets around what {sign} takes",))


def refuse_other_members(term: Term, scope: Scope) -> None:
    """∂h_t/∂h_k with h_t over h_{t−1}, ∂/∂w_j where only w stands: the variable does not occur, but another member of its family does.
    That the derivative is 0 is one reading; that the one depends on the other is the likelier."""
    for node in term.walk():
        if node.head not in ("derivative", "gradient", "hessian", "jacobian"):
            continue
        names = {n.data for n in node.args[0].walk() if n.head == "name"}
        for variable in node.args[1 :: 2 if node.head == "derivative" else 1]:
            if variable.head != "name" or variable.data in names or not _is_member(variable.data):
                continue
            if variable.data in scope.declarations or variable.data in scope.definitions:
                continue
            whole = variable.data._replace(sub="")
            others = sorted((n for n in names if n._replace(sub="") == whole and (not n.sub or _is_member(n))), key=lambda n: n.key)
            if others:
                raise Undetermined(
                    f"{variable.data.key} does not occur, and nothing says how {others[0].key} depends on it",
                    span=variable.span or node.span,
                    expected=(f"{whole.key} in R^n on an earlier line, for entries", f"wrt {others[0].key}"),
                )  # fmt: skip


def refuse_unused_equations(term: Term, equations: Sequence[Term]) -> None:
    """P² = X Xᵀ and ∇_X tr(P X): an equation ties P to X, and a gradient that holds P constant would not be what was meant."""
    for node in term.walk():
        if node.head not in ("derivative", "gradient", "hessian", "jacobian") or node.data == "partial":
            continue
        variables = _names_in(node.args[1 :: 2 if node.head == "derivative" else 1])
        names = _names_in(node.args[:1])
        for equation in equations:
            inside = _names_in((equation,))
            tied = sorted((inside & names) - variables, key=lambda n: n.key)
            if tied and variables & inside:
                variable = next(v for v in sorted(variables, key=lambda n: n.key) if v in inside)
                raise Undetermined(
                    f"{tied[0].key} is tied to {variable.key} by {plain(equation)}, which does not say what {tied[0].key} is",
                    span=node.span, expected=(f"{tied[0].key} = … on an earlier line", f"∂ for {tied[0].key} held constant"),
                )  # fmt: skip


def refuse_primed_transpose(term: Term, scope: Scope) -> None:
    """`∇_x x'Ax`: econometricians write the transpose so; here a prime is part of the name, and x' would be a constant."""
    for node in term.walk():
        if node.head not in ("derivative", "gradient", "hessian", "jacobian"):
            continue
        for variable in node.args[1 :: 2 if node.head == "derivative" else 1]:
            if variable.head != "name" or variable.data.primes:
                continue
            primed = variable.data._replace(primes=1)
            if primed in scope.declarations or primed in scope.definitions:
                continue
            for product in node.args[0].walk():
                if product.head == "mul" and product.args[0] == Term("name", (), primed) and variable in product.args[1:]:
                    rest = product.args[1:]
                    transposed = Term("mul", (Term("transpose", (variable,)), *rest))
                    raise AmbiguousInput(
                        f"{plain(product.args[0])} is a name of its own here, or the transpose of {plain(variable)}",
                        readings=(plain(transposed), f"{plain(product)}, with {plain(product.args[0])} a constant"),
                        span=product.args[0].span or product.span,
                        expected=(f"{plain(variable)}^T", f"{plain(product.args[0])} in R on an earlier line"),
                    )


def _is_member(name: Name) -> bool:
    """Whether the subscript is an index: k, t−1, ij."""
    return re.fullmatch(r"[a-z]{1,2}([+-]\d+)?|[a-z],[a-z]", name.sub) is not None


def refuse_hidden_dependence(term: Term) -> None:
    """`d/dθ log p_θ(x)`: the subscript says that p depends on θ, and nothing says how. The derivative is not 0."""
    for node in term.walk():
        if node.head not in ("derivative", "gradient", "hessian", "jacobian", "total_derivative"):
            continue
        variables = {v.data.base for a in node.args[1:] for v in a.walk() if v.head == "name"}
        for below in node.args[0].walk():
            if below.head in ("call", "prime"):
                owners: tuple[Term, ...] = (below.args[0],)
            elif below.head == "expect_under":
                owners = tuple(n for n in below.args[-1].walk() if n.head == "name")
            else:
                continue
            for owner in owners:
                if owner.head == "name" and variables & set(re.findall(r"[A-Za-z]+", owner.data.sub)):
                    raise Undetermined(
                        f"{plain(owner)} depends on what its subscript names, and nothing says how",
                        span=below.span, expected=(f"a definition of {plain(owner)}",),
                    )  # fmt: skip
