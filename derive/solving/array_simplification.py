"""A bare expression over arrays in a shorter form, where the algebra of matrices has one: tr(A B) − tr(B A) is 0, (A B)ᵀ − Bᵀ Aᵀ is 0.

In: a reading with nothing to do in it. Out: a Solution of one checked step, or None when nothing gets shorter.
"""

from __future__ import annotations

from derive.derivation import Derivation, Step
from derive.errors import NotSupported
from derive.expressions.term import Name, Term
from derive.graph.build import Builder
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.chains import chain
from derive.graph.calculus.raising import Raising
from derive.graph.graph import walk
from derive.graph.node import Node
from derive.meaning.scope import Reading, Type
from derive.rules.matrix import MATRIX_ALGEBRA
from derive.solution import Solution
from derive.solving.array_identities import normal_form

__all__ = ["simplified"]


def simplified(reading: Reading) -> Solution | None:
    """The solution with the shorter form, when there is one."""
    term = reading.expanded
    if term.head in ("rel", "chain", "lines", "list", "task"):
        return None
    builder = Builder([term], reading.types)
    try:
        node = builder.build(term)
        algebra = Algebra(builder.nodes)
        answer: Term | None = Raising(algebra).term(_turned(algebra, algebra.rebuilt(node)))
    except NotSupported:
        answer = None
    found = [a for a in (answer, normal_form(term, reading.types)) if a is not None and _length(a) < _length(term)]
    if not found:
        return None
    answer = min(found, key=_length)
    step = Step(MATRIX_ALGEBRA.id, MATRIX_ALGEBRA.title, term, answer, formula=MATRIX_ALGEBRA.formula)
    return Solution(Derivation(term, answer, (step,)), answer=answer, types=_sizes(term, reading))


def _sizes(term: Term, reading: Reading) -> dict[Name, Type]:
    """The n of I_n where nothing else says that it is a size."""
    named = [n.args[0].data for n in term.walk() if n.head == "identity" and n.args and n.args[0].head == "name"]
    return {name: Type("size") for name in named if name not in reading.types}


def _length(term: Term) -> int:
    return 1 + sum(_length(a) for a in term.args)


def _turned(algebra: Algebra, node: Node) -> Node:
    """The node with the product under every trace turned to begin with its first factor."""
    replaced: dict[Node, Node] = {}
    for below in walk((node,)):
        if below.op != "trace":
            continue
        parts = chain(below.args[0])
        if len(parts) < 2:
            continue
        turns = [parts[k:] + parts[:k] for k in range(len(parts))]
        best = min(turns, key=lambda turn: [part.number for part in turn])
        product = best[-1]
        for part in reversed(best[:-1]):
            product = algebra.matmul(part, product)
        replaced[below] = algebra.nodes.make("trace", product)
    return algebra.rebuilt(node, replaced) if replaced else node
