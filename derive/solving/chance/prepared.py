"""A term of expectation algebra made ready: members of samples, sample means, expectations under a named distribution, vectors told apart.

In: a term and the model. Out: a term in which every random quantity stands for itself, and the model with variables that the line adds.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from derive.errors import Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import symbol
from derive.meaning.scope import Reading, Type
from derive.probability.domains import domains
from derive.probability.laws import distribution
from derive.probability.model import Model, Variable
from derive.solving.chance.known import as_member

__all__ = ["concerns_vectors", "prepared", "under"]

_ARRAY_HEADS = ("transpose", "norm", "inner", "inverse", "identity", "ones")


def under(term: Term, model: Model) -> tuple[Term, Model]:
    """E_{z ~ q}[…] with a law that is known: z is a variable with this law, and the subscript goes."""
    found: list[tuple[Name, Term]] = []

    def strip(node: Term) -> Term:
        if node.head != "probability" or not any(a.head == "expect_under" for a in node.args):
            return node
        kept = []
        for part in node.args:
            if part.head != "expect_under":
                kept.append(part)
                continue
            bound = _bound(part, model)
            if bound is not None:
                found.append(bound)
        return Term("probability", tuple(kept), node.data, node.span)

    stripped = term.transform(strip)
    for name, law_term in found:
        model = _with_variable(model, name, law_term)
    return stripped, model


def _bound(part: Term, model: Model) -> tuple[Name, Term] | None:
    """The variable and its law; None where the subscript only names variables that are random already."""
    variable, *rest = part.args
    if not rest and _is_density(variable):
        return variable.args[0].data, variable.args[-1]
    if variable.head == "given" or not rest:
        if variable.head == "name" and variable.data in model.named:
            raise Undetermined(
                f"which variable has the law {plain(variable)}?", span=part.span, expected=(f"E_{{x ~ {plain(variable)}}}[…]",)
            )
        return None
    law = rest[0].args[-1] if _is_density(rest[0]) else rest[0]
    if variable.head != "name":
        return None
    if law.head == "name" and law.data in model.named:
        return variable.data, law
    if law.head == "dist":
        return variable.data, law
    if law.head == "call" and law.args[0].head == "name" and law.args[0].data in model.named:
        return variable.data, law.args[0]
    raise Undetermined(
        f"the law {plain(law)} of {plain(variable)} is not declared", span=part.span, expected=(f"{plain(variable)} ~ Normal(0, 1)",)
    )


def _is_density(term: Term) -> bool:
    """Whether a name of a law was opened to its density, 𝒩(x; m, v)."""
    return term.head == "probability" and term.data == "p" and term.args[0].head == "name" and term.args[-1].head == "dist"


def _with_variable(model: Model, name: Name, law_term: Term) -> Model:
    types = dict(model.types)
    types.setdefault(name, Type("random"))
    if law_term.head == "dist":
        relation = Term("rel", (Term("name", (), name), law_term), "~")
        types = domains([relation], types)
        law = distribution(law_term, types)
    else:
        law = model.named[law_term.data]
    variable = Variable(name, symbol(name, types.get(name)), law, law_term=law_term)
    return replace(model, variables={**model.variables, name: variable}, types=types)


def prepared(term: Term, reading: Reading, model: Model) -> Term:
    """Members of samples as entries, x̄ as the mean of the sample x, S² as an equation of an earlier line says."""
    equations = [(c.args[0], c.args[1]) for c in reading.options.get("constraints", ()) if c.head == "rel" and c.args[0].head == "pow"]

    def change(node: Term) -> Term:
        for left, right in equations:
            if node == left:
                replaced: Term = right.transform(barred)
                return replaced
        return barred(node)

    def barred(node: Term) -> Term:
        name = node.args[0] if node.head == "index" else node
        if name.head == "name" and name.data.accents == ("bar",):
            return _mean(node, model, used)
        return node

    term = _with_densities(term, reading, model)
    used = {n.data for t in (term, *(r for _, r in equations)) for n in t.walk() if n.head == "name"}
    return as_member(term.transform(change), model)


def _with_densities(term: Term, reading: Reading, model: Model) -> Term:
    """p(x) of a variable x with a declared law is its density, where no line defines p."""
    taken = {*reading.options.get("definitions", {}), *reading.options.get("declarations", {}), *model.named}

    def change(node: Term) -> Term:
        logarithm = node.head == "apply" and node.data == "log" and len(node.args) == 1
        inner = opened(node.args[0], True) if logarithm else None
        if inner is not None:
            return inner
        found = opened(node, False)
        return found if found is not None else node.with_args(tuple(map(change, node.args))) if node.args else node

    def opened(node: Term, logarithm: bool) -> Term | None:
        if node.head != "call" or len(node.args) != 2 or node.args[0] != Term("name", (), Name("p")) or Name("p") in taken:
            return None
        variable = model.variables.get(node.args[1].data) if node.args[1].head == "name" else None
        law = variable.law if variable is not None and not variable.given else None
        if variable is None or law is None or law.family.density is None or not all(isinstance(v, sp.Expr) for v in law.values):
            return None
        value = (law.family.log_density if logarithm else law.family.density)(variable.symbol, *law.values)
        return from_sympy(value, model.types)

    return change(term)


def _mean(node: Term, model: Model, used: set[Name]) -> Term:
    """The sample mean, where nothing else was said of the barred name: x̄, or x̄ₙ of a sample of n."""
    name, written = _mean_of(node)
    if name in model.variables or name in model.defined or (node.head == "name" and node.data in model.defined):
        return node
    base = name._replace(accents=())
    sample = next((s for n, s in model.samples.items() if n == base or n == base._replace(base=base.base.upper())), None)
    if sample is None:
        return node
    size = sample.size
    if size is None or written not in (None, size):
        raise Undetermined(
            f"{plain(node)} is the mean of how many?", span=node.span, expected=(f"{plain(node)} = (1/n) sum_{{i=1}}^n {base.key}_i",)
        )
    index = next(Name(c) for c in "ijklmqr" if Name(c) not in used)
    entry = Term("index", (Term("name", (), sample.base), Term("name", (), index)))
    total = Term("sum", (entry, Term("name", (), index), number(1), size), "range")
    return Term("mul", (Term("div", (number(1), size)), total))


def _mean_of(node: Term) -> tuple[Name, Term | None]:
    """The barred name without its subscript, and the number of members that the subscript says: x̄ and n of x̄ₙ."""
    if node.head == "index":
        return node.args[0].data, node.args[1] if len(node.args) == 2 else Term("list", node.args[1:])
    name, label = node.data._replace(sub=""), node.data.sub
    if not label:
        return name, None
    return name, number(label) if label.isdigit() else Term("name", (), Name.from_key(label))


def concerns_vectors(term: Term, model: Model) -> bool:
    """Whether a vector or a matrix stands in the term as a whole."""
    if term.has(*_ARRAY_HEADS):
        return True
    return _whole_array(term, model)


def _whole_array(term: Term, model: Model) -> bool:
    if term.head == "name":
        kind = model.types.get(term.data)
        return kind is not None and bool(kind.shape)
    if term.head == "index":
        base = term.args[0]
        kind = model.types.get(base.data) if base.head == "name" else None
        taken = sum(1 for a in term.args[1:] if a.head not in ("blank", "range"))
        return (kind is not None and len(kind.shape) > taken) or any(_whole_array(a, model) for a in term.args[1:])
    return any(_whole_array(a, model) for a in term.args)
