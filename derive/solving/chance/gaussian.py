"""Conditionals and marginals of jointly Gaussian variables: entries that are written out, blocks of vectors, and linear-Gaussian models.

In: `X | Y = y`, `p(x | y)`, `marginal of Y` with a joint Normal law. Out: a Solution with a Normal law, or None where there is no such law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from derive.derivation import Claim, Step
from derive.errors import NotSupported
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading, Type
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.laws import entries
from derive.probability.model import Joint, Model
from derive.rules.chance_expectation import COVARIANCE_OF_LINEAR, LINEARITY
from derive.rules.chance_transformations import GAUSSIAN_CONDITIONAL, GAUSSIAN_MARGINAL
from derive.solution import Solution
from derive.solving.chance.densities import quotient
from derive.solving.chance.matrix_terms import difference, inverse, negative, product, total, transpose
from derive.solving.chance.observations import question
from derive.solving.chance.steps import derivation, step
from derive.solving.chance.writing import conditional, follows
from derive.solving.journal import Journal

__all__ = ["solve_conditional", "solve_marginal"]


def solve_conditional(reading: Reading) -> Solution | None:
    """`X | Y = y` under a joint Normal law."""
    model = build(reading)
    term = reading.expanded
    asked = question(term if term.head != "task" else term.args[0]) if term.args and term.args[0].head == "given" else question(term)
    found = _joint(model, asked.unknowns, asked.given)
    if found is None:
        return None
    joint, wanted, known = found
    model = _with_shapes(model, joint)
    places = {m: k for k, m in enumerate(joint.members)}
    rows, columns = [places[n] for n in wanted], [places[n] for n in known]
    mean, covariance = _blocks(joint, model)
    scalar = all(isinstance(v, sp.Basic) for v in (*mean, *(c for row in covariance for c in row)))
    values = _values(asked.given, model, known, scalar)
    journal = Journal(reading.term)
    if scalar:
        law = _scalar(model, (mean, covariance), (rows, columns), values, (asked.unknowns, asked.given), journal)
    else:
        law = _block(model, (mean, covariance), (rows, columns), values, (asked.unknowns, asked.given), journal)
    return _finish(journal, law, conditional(asked.unknowns, asked.given), model) if law is not None else None


def solve_marginal(reading: Reading) -> Solution | None:
    """`marginal of Y`: of a member of a joint Normal law, or of a variable with a law of its own."""
    model = build(reading)
    asked = question(reading.expanded)
    if len(asked.unknowns) != 1 or asked.unknowns[0].head != "name":
        return None
    name = asked.unknowns[0].data
    joint = next((j for j in model.joints if name in j.members and j.law.name == "Normal"), None)
    journal = Journal(reading.term)
    if joint is None:
        return None
    place = joint.members.index(name)
    model = _with_shapes(model, joint)
    mean, covariance = _blocks(joint, model)
    law = _normal(mean[place], covariance[place][place])
    subject = Term("name", (), name)
    claim = Claim("distributed", subject, law) if isinstance(mean[place], sp.Basic) else None
    because = ("the entries of the mean and the covariance that belong to ", subject)
    journal.add(step(GAUSSIAN_MARGINAL, reading.term, follows(subject, law), "⇒", because, claim=claim))
    return _finish(journal, law, subject, model)


def _finish(journal: Journal, law: Distribution, subject: Term, model: Model) -> Solution:
    answer = follows(subject, law, model.types)
    journal.note(((law.family.says,),))
    return Solution(
        derivation(journal, answer, model), answer, dict(law.parameters), journal.notes, journal.assumptions, law, types=model.types
    )


def _joint(model: Model, unknowns: Sequence[Term], given: Sequence[Term]) -> tuple[Joint, list[Name], list[Name]] | None:
    wanted = [t.data for t in unknowns if t.head == "name"]
    known = [(g.args[0] if g.head == "rel" else g).data for g in given if (g.args[0] if g.head == "rel" else g).head == "name"]
    if len(wanted) != len(unknowns) or len(known) != len(given) or not wanted or not known:
        return None
    for joint in model.joints:
        if joint.law.name == "Normal" and set(wanted) | set(known) <= set(joint.members):
            return joint, wanted, known
    return None


def _blocks(joint: Joint, model: Model) -> tuple[list[Any], list[list[Any]]]:
    """Mean and covariance entry by entry: SymPy expressions for scalars, terms for blocks."""
    mean = joint.law.parameters["mean"]
    covariance = joint.law.parameters["covariance"]
    size = len(joint.members)
    scalar = all(not model.variables[m].shape for m in joint.members)
    written = entries(mean)
    if written is None and isinstance(mean, Term) and not _is_zero(mean):
        raise NotSupported("the mean of a joint law with its parts in one name: write its blocks out", expected=("[[m_1], [m_2]]",))
    means = list(written) if written is not None else [Term("number", (), "0")] * size
    cells = [list(covariance.args[k * size : (k + 1) * size]) for k in range(size)]
    if not scalar:
        return means, cells
    return [to_sympy(m, model.types) for m in means], [[to_sympy(c, model.types) for c in row] for row in cells]


def _values(given: Sequence[Term], model: Model, known: Sequence[Name], scalar: bool) -> list[Any]:
    """What the known members are: the value given, or the member itself."""
    values: list[Any] = []
    for condition, name in zip(given, known, strict=True):
        term = condition.args[1] if condition.head == "rel" else Term("name", (), name)
        values.append(to_sympy(term, model.types) if scalar else term)
    return values


def _normal(mean: Any, covariance: Any) -> Distribution:
    if isinstance(covariance, Term):
        return Distribution(FAMILIES["MultivariateNormal"], {"mean": mean, "covariance": covariance})
    return Distribution(FAMILIES["Normal"], {"mean": mean, "variance": covariance})


def _scalar(
    model: Model, law: tuple[list[Any], list[list[Any]]], places: tuple[list[int], list[int]], values: list[Any],
    asked: tuple[Sequence[Term], Sequence[Term]], journal: Journal,
) -> Distribution | None:  # fmt: skip
    mean, covariance = law
    rows, columns = places
    if len(rows) != 1:
        return None
    row = rows[0]
    known = sp.Matrix([[covariance[a][b] for b in columns] for a in columns])
    cross = sp.Matrix([[covariance[row][b] for b in columns]])
    gap = sp.Matrix([v - mean[c] for v, c in zip(values, columns, strict=True)])
    weights = cross * known.inv()
    centre = mean[row] + sp.Add(*(quotient(w) * g for w, g in zip(weights, gap, strict=True)))
    variance = covariance[row][row] - quotient((weights * cross.T)[0, 0])
    found = _normal(_shorter(centre), _shorter(variance))
    subject = conditional(asked[0], asked[1])
    joint = sp.Matrix([[covariance[a][b] for b in (row, *columns)] for a in (row, *columns)])
    x = sp.Dummy("x", real=True)
    vector = sp.Matrix([x - mean[row], *gap])
    exponent = -(vector.T * joint.inv() * vector)[0, 0] / 2
    own = found.family.log_density(x, *found.values)
    claim = Claim("proportional", sp.exp(exponent), sp.exp(own), (x,))
    shown = _formula(rows, columns, model, asked)
    answer = follows(subject, found)
    journal.add(step(GAUSSIAN_CONDITIONAL, subject, answer, "⇒", shown, claim=claim))
    return found


def _shorter(value: Any) -> Any:
    other = quotient(value) if value.is_rational_function() else value
    return other if other.count_ops() < value.count_ops() else value


def _formula(rows: list[int], columns: list[int], model: Model, asked: tuple[Sequence[Term], Sequence[Term]]) -> tuple[Any, ...]:
    unknown = plain(asked[0][0])
    known = ", ".join(plain(g.args[0] if g.head == "rel" else g) for g in asked[1])
    return (f"with the covariance of {unknown} and {known}, and the variance of {known}",)


def _block(
    model: Model, law: tuple[list[Any], list[list[Any]]], places: tuple[list[int], list[int]], values: list[Any],
    asked: tuple[Sequence[Term], Sequence[Term]], journal: Journal,
) -> Distribution | None:  # fmt: skip
    mean, covariance = law
    rows, columns = places
    if len(rows) != 1 or len(columns) != 1:
        return None
    row, column = rows[0], columns[0]
    cross, known = covariance[row][column], covariance[column][column]
    gap = difference(values[0], mean[column])
    centre = total(mean[row], product(cross, inverse(known), gap))
    spread = difference(
        covariance[row][row],
        product(cross, inverse(known), covariance[column][row] if not _is_zero(covariance[column][row]) else transpose(cross)),
    )
    found = _normal(centre, spread)
    subject = conditional(asked[0], asked[1])
    back = covariance[column][row] if not _is_zero(covariance[column][row]) else transpose(cross)
    claim, inner = _uncorrelated((cross, known, back, covariance[row][row]), spread, (asked[0][0], asked[1][0]))
    said = _formula(rows, columns, model, asked)
    gain = product(cross, inverse(known))
    shifted = total(mean[row], negative(product(gain, mean[column])), product(gain, values[0]))
    because = ("x − K y is independent of y: its mean does not depend on y, with K = ", gain)
    middle = step(LINEARITY, Term("probability", (subject,), "E"), centre, because=because, claim=Claim("equal", shifted, centre))
    journal.add(step(GAUSSIAN_CONDITIONAL, subject, follows(subject, found), "⇒", said, claim=claim, steps=(inner, middle)))
    return found


def _uncorrelated(blocks: tuple[Any, Any, Any, Any], spread: Any, names: tuple[Term, Term]) -> tuple[Claim, Step]:
    """x − K y with K = Σ_xy Σ_yy⁻¹ is uncorrelated with y, hence independent of it: its covariance is that of x given y."""
    cross, known, back, own = blocks
    x, y = (t.args[0] if t.head == "rel" else t for t in names)
    gain = product(cross, inverse(known))
    rest = difference(x, product(gain, y))
    both = Term("probability", (rest, y), "Cov")
    left, right = product(gain, known), cross
    inner = step(COVARIANCE_OF_LINEAR, both, difference(cross, left), because=("which is 0",), claim=Claim("equal", left, right))
    opened = total(own, negative(product(gain, back)), negative(product(cross, transpose(gain))), product(gain, known, transpose(gain)))
    return Claim("equal", opened, spread), inner


def _with_shapes(model: Model, joint: Joint) -> Model:
    """The model in which the blocks of the mean and the covariance have the shapes of the members."""
    mean, covariance = _blocks(joint, model)
    types = dict(model.types)
    for k, first in enumerate(joint.members):
        size = model.variables[first].shape
        if isinstance(mean[k], Term) and mean[k].head == "name" and size:
            types[mean[k].data] = replace(types.get(mean[k].data, Type()), shape=size)
        for j, second in enumerate(joint.members):
            block, other = covariance[k][j], model.variables[second].shape
            if isinstance(block, Term) and block.head == "name" and size and other:
                properties = frozenset(("symmetric", "positive-definite", "invertible")) if k == j else frozenset[str]()
                types[block.data] = replace(types.get(block.data, Type()), shape=(size[0], other[0]), properties=properties)
    return replace(model, types=types)


def _is_zero(term: Any) -> bool:
    return bool(isinstance(term, Term) and term.head == "number" and term.data == "0")
