"""Ranks and shapes around probability: E[x] has the shape of x, Cov(x) is square, a law of a vector has a mean and a covariance.

In: a probability operator, or `x ~ Normal(mu, Sigma)`, and the inference of the line. Out: ranks that names learn, and unified sizes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from derive.errors import InconsistentInput
from derive.expressions.plain import plain
from derive.expressions.term import Term

if TYPE_CHECKING:
    from derive.meaning.ranks import Ranks
    from derive.meaning.shapes import Shapes

__all__ = ["chance_rank", "chance_shape", "law_shape", "learn_law", "learn_moment"]

_SQUARES = ("Var", "Cov")
_DIVERGENCES = ("KL", "JS", "H")
_MATRICES = ("cov", "covariance", "prec", "precision")  # keywords that are a matrix where the variable is a vector


def _subject(term: Term) -> Term:
    """What the operator is taken of, without its condition."""
    first = term.args[0]
    return first.args[0] if first.head == "given" else first


def _operands(term: Term) -> tuple[Term, ...]:
    subject = _subject(term)
    if subject.head == "list":
        return subject.args
    rest = tuple(a.args[0] if a.head == "given" else a for a in term.args[1:] if a.head not in ("expect_under", "keyword"))
    return (subject, *rest)


def _laws_between(term: Term) -> tuple[Term, ...]:
    """P and Q of KL(P ‖ Q), H(P, Q)."""
    first = term.args[0] if term.args else None
    return first.args if first is not None and first.head == "divergence_bar" else term.args


def chance_rank(ranks: Ranks, term: Term) -> int | None:
    """The rank of E[…] is that of its operand; of a covariance, the sum of those of its two sides."""
    for part in term.args:
        ranks.rank(part)
    if term.data in _DIVERGENCES:
        _learn_divergence(ranks, _laws_between(term))
        return 0
    if term.data == "E":
        return ranks.rank(_subject(term))
    if term.data in _SQUARES:
        found = [ranks.rank(o) for o in _operands(term)]
        if all(found):
            return 2 if len(found) == 1 else sum(r or 0 for r in found)
        return 0 if all(r == 0 for r in found) else None
    return None


def learn_law(ranks: Ranks, relation: Term) -> None:
    """`x ~ Normal(mu, Sigma)`: what is known of one of the three says it of the others."""
    left, law = relation.args
    for part in (left, law):
        ranks.rank(part)
    if law.head != "dist" or law.data != "Normal" or len(law.args) < 2 or law.args[0].head == "keyword":
        return
    if law.args[1].head == "keyword" and law.args[1].data not in _MATRICES:
        return
    variable = left.args[0] if left.head == "given" else left
    if variable.head in ("tuple", "matrix", "vector"):
        _learn_blocks(ranks, variable, *law.args[:2])
        return
    members = variable.args if variable.head == "list" else (variable,)
    mean, spread = law.args[0], law.args[1].args[0] if law.args[1].head == "keyword" else law.args[1]
    known = [ranks.rank(m) for m in members if m.head in ("name", "index")]
    if 1 in known or ranks.rank(mean) == 1 or ranks.rank(spread) == 2:
        for member in members:
            ranks.learn(member, 1)
        ranks.learn(mean, 1)
        _learn_matrix(ranks, spread)


def _learn_divergence(ranks: Ranks, operands: tuple[Term, ...]) -> None:
    """`KL(Normal(m, S) || Normal(0, I))`: both laws are of vectors of one length."""
    laws = _normals(operands)
    for law in laws:
        ranks.rank(law)
    if any(ranks.rank(law.args[0]) == 1 or ranks.rank(law.args[1]) == 2 for law in laws):
        for law in laws:
            ranks.learn(law.args[0], 1)
            _learn_matrix(ranks, law.args[1])


def _normals(operands: tuple[Term, ...]) -> list[Term]:
    """The Normal laws among the operands whose parameters stand by position."""
    plainly = (o for o in operands if o.head == "dist" and o.data == "Normal" and len(o.args) == 2)
    return [o for o in plainly if not any(a.head == "keyword" for a in o.args)]


def _learn_blocks(ranks: Ranks, variable: Term, mean: Term, spread: Term) -> None:
    """(x, y) of vectors: the mean is a column of vectors, the covariance a matrix of matrices."""
    if spread.head != "matrix":
        return
    entries = mean.args if mean.head in ("tuple", "matrix", "vector") else ()
    blocks = any(ranks.rank(b) == 2 for b in spread.args) or any(ranks.rank(v) == 1 for v in (*variable.args, *entries))
    if not blocks and not all(b.head == "name" and b.data.base in ("Sigma", "Lambda") for b in spread.args):
        return
    for vector in (*variable.args, *entries):
        ranks.learn(vector, 1)
    for block in spread.args:
        ranks.learn(block.args[0] if block.head == "transpose" else block, 2)


def _learn_matrix(ranks: Ranks, spread: Term) -> None:
    """What a covariance is made of: Λ⁻¹, A S Aᵀ + R, s² I."""
    if spread.head == "name":
        ranks.learn(spread, 2)
    elif spread.head in ("add", "neg"):
        for part in spread.args:
            _learn_matrix(ranks, part)
    elif _is_inverse(spread) or spread.head == "transpose":
        _learn_matrix(ranks, spread.args[0])
    elif spread.head == "mul" and ranks.rank(spread) in (None, 0):
        last = spread.args[-1]
        if last.head == "name" or _is_inverse(last):
            _learn_matrix(ranks, last)
        for factor in spread.args if last.head == "transpose" else ():
            _learn_matrix(ranks, factor)
    elif spread.head == "div" and ranks.rank(spread.args[0]) in (None, 0) and spread.args[0].head in ("name", "mul"):
        _learn_matrix(ranks, spread.args[0])


def _is_inverse(term: Term) -> bool:
    """A⁻¹, by either notation."""
    return term.head == "inverse" or (term.head == "pow" and term.args[1].head == "neg")


def learn_moment(ranks: Ranks, relation: Term) -> None:
    """`Cov(x) = s^2 I`, `E[x] = m`: the value is as the moment of the vector."""
    left, value = relation.args
    operands = _operands(left)
    rank = ranks.rank(left)
    if left.data in _SQUARES and rank == 2 and len(operands) == 1:
        _learn_matrix(ranks, value)
    elif left.data == "E" and rank == 1:
        ranks.learn(value, 1)


def chance_shape(shapes: Shapes, term: Term) -> tuple[Term, ...]:
    """The shape of E[…], Var(…) and Cov(…); their operands are unified."""
    if term.data in _DIVERGENCES:
        return _divergence_shape(shapes, _laws_between(term))
    if term.data not in ("E", *_SQUARES):
        return ()
    found = [shapes.shape(o) for o in _operands(term)]
    if term.data == "E":
        return found[0]
    plain = [tuple(s for s in f if s != Term("word", (), "row")) for f in found]
    if not all(len(f) == 1 for f in plain):
        return ()
    return (plain[0][0], plain[-1][0])


def _divergence_shape(shapes: Shapes, operands: tuple[Term, ...]) -> tuple[Term, ...]:
    """The means and the covariances of the laws of one divergence have one size; the divergence is a number."""
    for operand in operands:
        shapes.shape(operand)
    found = [size for law in _normals(operands) for a in law.args for size in shapes.shape(a) if size != Term("word", (), "row")]
    for law in _normals(operands):
        for size in (s for a in law.args for s in shapes.shape(a)):
            own, other = (found[0],), size
            shapes.sizes.unify(found[0], size, partial(_sizes_differ, shapes, law, own, other))
    return ()


def _sizes_differ(shapes: Shapes, law: Term, own: tuple[Term, ...], size: Term) -> InconsistentInput:
    return InconsistentInput(f"{plain(law)}: {shapes.describe(own)} and {shapes.describe((size,))} in one divergence", span=law.span)


def law_shape(shapes: Shapes, relation: Term) -> tuple[Term, ...]:
    """The sizes of a variable, its mean and its covariance are one."""
    left, law = relation.args
    variable = left.args[0] if left.head == "given" else left
    if law.head != "dist" or law.data != "Normal" or len(law.args) < 2:
        for part in law.args:
            shapes.shape(part.args[0] if part.head == "keyword" else part)
        return ()
    mean, spread = (shapes.shape(a.args[0] if a.head == "keyword" else a) for a in law.args[:2])
    if variable.head in ("tuple", "matrix", "vector"):
        _unify_blocks(shapes, relation, variable, *law.args[:2])
    if law.args[1].head == "keyword" and law.args[1].data not in _MATRICES:
        return ()
    own = _own_shape(shapes, variable)
    if len(own) == 1:
        for size in (*mean[:1], *spread):
            shapes.sizes.unify(own[0], size, partial(_mismatch, shapes, relation, own, size))
    return ()


def _own_shape(shapes: Shapes, variable: Term) -> tuple[Term, ...]:
    """The shape of the variable; of x_1, …, x_n that of a member."""
    if variable.head in ("name", "index"):
        return shapes.shape(variable)
    first = variable.args[0] if variable.head == "list" else None
    if first is None or first.head not in ("name", "index") or variable.args[1:2] == ():
        return ()
    if first.head == "index":
        return shapes.shape(first)
    base = Term("name", (), first.data._replace(sub=""))
    return shapes.shape(base)[1:] if base.data in shapes.types else ()


def _unify_blocks(shapes: Shapes, relation: Term, variable: Term, mean: Term, spread: Term) -> None:
    count = len(variable.args)
    if spread.head != "matrix" or spread.data != (count, count):
        return
    for row, member in enumerate(variable.args):
        own = shapes.shape(member)
        if len(own) != 1:
            continue
        entry = mean.args[row] if mean.head in ("tuple", "matrix", "vector") and len(mean.args) == count else member
        sizes = [*shapes.shape(entry)[:1]]
        for column in range(count):
            sizes += shapes.shape(spread.args[row * count + column])[:1]
            sizes += shapes.shape(spread.args[column * count + row])[1:]
        for size in sizes:
            shapes.sizes.unify(own[0], size, partial(_mismatch, shapes, relation, own, size))


def _mismatch(shapes: Shapes, relation: Term, own: tuple[Term, ...], size: Term) -> InconsistentInput:
    found = shapes.describe(own), shapes.describe((size,))
    return InconsistentInput(f"{plain(relation)}: the variable is {found[0]}, its law is of {found[1]}", span=relation.span)
