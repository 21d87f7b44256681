"""What a line asks about an optimum over arrays: the function to be made small, its variable, its constraints by their form.

In: a reading. Out: an `ArrayProgramme`. A maximum is the minimum of the negative function; what is declared of the variable (a simplex,
entries that are not negative) is a constraint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from derive.derivation import Claim, Prose, Rule, Step
from derive.errors import NotSupported, Undetermined, WrongUse
from derive.expressions.term import Name, Term
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.factors import factors, product
from derive.graph.calculus.linear import coefficient
from derive.graph.calculus.raising import Raising, size_term
from derive.graph.calculus.reverse import dependents, sweep
from derive.graph.graph import walk
from derive.graph.node import ArgumentType, Node, Shape
from derive.meaning.scope import Reading, Type
from derive.solving.matrices import ArrayTask, Gradient, Variable, variables_of

__all__ = [
    "ArrayProgramme",
    "Constraint",
    "Slope",
    "array_programme",
    "claim_step",
    "is_whole_space",
    "jacobian_of",
    "linked",
    "negative",
    "relation",
    "stated",
    "terms_of",
]

LARGEST = frozenset(("max", "argmax", "sup"))
SIGNS = {"=": "=", "<=": "<=", "<": "<", ">=": "<=", ">": "<"}


class Constraint(NamedTuple):
    """`gap` (left side minus right side, turned so that it is) = 0 or at most 0; the relation as it was written."""

    gap: Node
    sign: str
    written: Term


class Slope(NamedTuple):
    """The gradient, the steps that found it, what is to be remarked (kinks)."""

    node: Node
    steps: tuple[Step, ...]
    notes: tuple[Prose, ...]


class ArrayProgramme:
    """Make `root` small over one variable. `objective` is the term of it: what was written, or its negative for a maximum."""

    def __init__(self, reading: Reading, task: ArrayTask, written: Term, constraints: list[Constraint]) -> None:
        self.reading = reading
        self.task = task
        self.a = task.a
        self.variable: Variable = task.variables[0]
        self.x = self.variable.node
        self.written = written
        self.largest = reading.expanded.data in LARGEST
        self.objective = task.body
        self.root = task.root
        self.constraints = constraints
        self.raising = Raising(task.a)
        kind = reading.types.get(self.variable.name)
        self.kind = kind if kind is not None else Type()
        self.types: dict[Name, Type] = {}

    @property
    def word(self) -> str:
        """What is sought."""
        return "maximum" if self.largest else "minimum"

    @property
    def is_simplex(self) -> bool:
        """Whether the variable is declared on the simplex."""
        return "simplex" in self.kind.properties

    def term(self, node: Node) -> Term:
        """The term of a node, entry by entry where there is no other."""
        return self.raising.whole(node, self.task.taken)

    def zeros(self) -> Term:
        """Zeros of the shape of the variable."""
        return self.term(self.a.mul(self.a.number(0), self.a.ones(self.x.shape)))

    def at_zero(self, node: Node) -> Node:
        """The node where the variable is 0. Raises NotSupported where that has no value."""
        zero = self.a.number(0)
        entries = {n: zero for n in walk((node,)) if n.op == "element" and n.args[0] is self.x}
        return self.a.rebuilt(node, {**entries, self.x: zero})

    def put(self, node: Node, value: Node) -> Node:
        """The node with a value in the place of the variable."""
        return self.a.rebuilt(node, {self.x: value})

    def depends(self, node: Node) -> bool:
        """Whether the variable occurs."""
        return node in dependents((node,), (self.x,))

    def gradient(self) -> Slope:
        """∇f by differentials. Raises Undetermined where the variable does not occur."""
        worked = Gradient(self.task)
        found = worked.found.get(self.x)
        if found is None:
            message = f"{self.variable.name.key} does not occur in the function: every feasible point is optimal"
            raise Undetermined(message, span=self.written.span)
        _, more = worked.read_off(self.variable)
        node = self.a.full(self.task.settled(found, worked.parts, declared=False), self.x.shape)
        return Slope(node, (*worked.steps, *more), (*self.task.notes, *worked.notes))

    def multiplier(self, shape: Shape, *letters: str) -> Node:
        """A name of its own for a multiplier of this shape, which the types of the solution then hold."""
        name = self.task.fresh(*letters)
        self.types[name] = Type(shape=tuple(size_term(s) for s in shape))
        return self.a.nodes.argument(ArgumentType(name.key), shape)

    def optimum(self, value: Node) -> Claim:
        """That the value is the best feasible point."""
        under = tuple(c.written for c in self.constraints)
        return Claim("optimum", self.objective, (self.term(value),), (self.variable.term,), under)


def relation(left: Term, right: Term, sign: str = "=") -> Term:
    """left = right."""
    return Term("rel", (left, right), sign)


def terms_of(a: Algebra, node: Node) -> list[Node]:
    """The terms of a sum, with scalar factors in front of it put into each."""
    if node.op == "add":
        return [t for x in node.args for t in terms_of(a, x)]
    view = factors(node)
    inner = [b for b, q in view.powers.items() if b.op == "add" and b.shape and q == 1]
    if len(inner) != 1 or len(view.parted(False).powers) != 1:
        return [node]
    front = product(a.nodes, view.parted(True))
    return [a.mul(front, t) for t in terms_of(a, inner[0])]


def negative(term: Term) -> Term:
    """−f."""
    return term.args[0] if term.head == "neg" else Term("neg", (term,))


def claim_step(
    rule: Rule, before: Term, after: Term, claim: Claim, because: Prose = (), assumptions: tuple[Prose, ...] = (), sign: str = "⇒"
) -> Step:
    """A step between statements, with what it claims of arrays."""
    return Step(rule.id, rule.title, before, after, sign, because=because, formula=rule.formula, assumptions=assumptions, claim=claim)


def array_programme(reading: Reading, beside: Sequence[Term] = ()) -> ArrayProgramme:
    """The programme of a line; `beside` are terms that are built over the same nodes.

    Raises NotSupported for several variables, WrongUse for what is no scalar function.
    """
    term = reading.expanded
    body, variables, *written = term.args
    rest = [relation for constraint in (*written, *stated(reading)) for relation in linked(constraint)]
    names = variables_of(variables.args, reading)
    if len(names) != 1:
        raise NotSupported("an optimum over several arrays at once", span=variables.span or term.span)
    objective = negative(body) if term.data in LARGEST else body
    sides = [side for r in rest if r.head == "rel" and r.data in SIGNS for side in r.args]
    for constraint in rest:
        if constraint.head != "rel" or constraint.data not in (*SIGNS, "in"):
            raise NotSupported("a constraint of this form", span=constraint.span)
    task = ArrayTask(objective, names, reading, beside=[*sides, *beside])
    if task.root.shape or task.root.axes:
        raise WrongUse("an optimum of a value that is no scalar", span=body.span)
    programme = ArrayProgramme(reading, task, body, [])
    programme.constraints = [c for r in rest if r.data != "in" for c in _constraint(programme, r)]
    return programme


def stated(reading: Reading) -> list[Term]:
    """The equations of earlier lines that hold a variable of the problem."""
    variables = set(reading.expanded.args[1].args)
    return [c for c in reading.options.get("constraints", ()) if isinstance(c, Term) and variables & set(c.walk())]


def is_whole_space(where: Term) -> bool:
    """Whether the set is ℝ or ℝⁿ, or another that the declaration of the variable says all of."""
    base = where.args[0] if where.head == "pow" else where
    return base.head == "name" and base.data.base in ("R", "S", "Delta")


def linked(constraint: Term) -> list[Term]:
    """The relations of a chain, 0 ≤ x ≤ 1 or x, y ≥ 0; any other constraint is itself."""
    if constraint.head == "chain":
        sides = zip(constraint.args, constraint.args[1:], constraint.data, strict=False)
        return [Term("rel", (a, b), sign, constraint.span) for a, b, sign in sides]
    if constraint.head in ("and", "list"):
        return [relation for part in constraint.args for relation in linked(part)]
    return [constraint]


def _constraint(p: ArrayProgramme, written: Term) -> list[Constraint]:
    left, right = (p.task.built(side) for side in written.args)
    gap = p.a.sub(right, left) if written.data in (">=", ">") else p.a.sub(left, right)
    return [Constraint(gap, SIGNS[str(written.data)], written)]


def jacobian_of(p: ArrayProgramme, node: Node) -> Node:
    """The matrix ∂f/∂x of a vector, the gradient of a scalar; for a vector variable. Raises NotSupported where there is no matrix form."""
    a = p.a
    if len(p.x.shape) != 1:
        raise NotSupported("the slopes of such a constraint over a matrix")
    if not node.shape:
        found = sweep(a, [(node, a.number(1))], [p.x]).get(p.x)
        return a.number(0) if found is None else a.full(found, p.x.shape)
    u = a.nodes.argument(ArgumentType(p.task.fresh("u").key), node.shape)
    pulled = sweep(a, [(node, u)], [p.x]).get(p.x)
    if pulled is None:
        raise NotSupported("a constraint that does not hold the variable")
    return a.transpose(coefficient(a, a.full(pulled, p.x.shape), u))
