"""Gradients of functions of vectors and matrices, by differentials.

In: the reading of a task whose variables, or whose body, have shapes. Out: its Solution: the parts are named, the differential is taken
part by part, the gradient read off and the parts put back. Answers and steps are terms; every step is an equality that
`checking.arrays` evaluates without knowing a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from derive.derivation import Derivation, Prose, Rule, Step
from derive.errors import WrongUse
from derive.expressions.term import Name, Term, number
from derive.graph.build import Builder
from derive.graph.calculus.adjoints.functions import KINKED
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.polish import polished
from derive.graph.calculus.raising import Raising
from derive.graph.calculus.recognition import recognised
from derive.graph.calculus.reverse import dependents
from derive.graph.graph import walk
from derive.graph.node import Node
from derive.meaning.scope import Reading, Type
from derive.rules import matrix as rules
from derive.solution import Solution
from derive.solving.differentials import Stage, differentiated, pairing, part_differential
from derive.solving.intermediates import Definition, Parts, definition_term, named_parts

__all__ = ["ArrayTask", "solve_array_gradient", "variables_of"]


EXTREMES = {"amax": "max", "amin": "min", "sort": "sort"}


class Variable:
    """A variable of the task: its name, its term, its node, and the same argument with the properties that were declared."""

    __slots__ = ("declared", "name", "node", "term")

    def __init__(self, name: Name, term: Term, node: Node, declared: Node) -> None:
        self.name = name
        self.term = term
        self.node = node
        self.declared = declared


def variables_of(terms: Sequence[Term], reading: Reading) -> list[Term]:
    """The names to differentiate with respect to; what is no variable is WrongUse."""
    found: list[Term] = []
    for term in terms:
        for inner in term.args if term.head in ("tuple", "vector", "list") else (term,):
            if inner.head != "name":
                raise WrongUse("a derivative is taken with respect to a variable", span=inner.span, expected=("a name",))
            kind = reading.types.get(inner.data)
            if kind is not None and (kind.domain in ("size", "index", "natural", "integer", "whole") or "onehot" in kind.properties):
                raise WrongUse(f"{inner.data.key} is no real variable: it cannot be varied", span=inner.span)
            found.append(inner)
    if not found:
        raise WrongUse("there is no variable to differentiate with respect to", expected=("wrt and a variable",))
    return found


class ArrayTask:
    """One function of arrays on its way: its graph, its variables, the names of its parts."""

    def __init__(self, body: Term, variables: Sequence[Term], reading: Reading, derivative: str = "", beside: Sequence[Term] = ()) -> None:
        self.body = body
        self.derivative = derivative  # "d" or "partial" where the task is written as a derivative
        self.reading = reading
        names = [v.data for v in variables]
        free = {n: _without_properties(t) if n in names else t for n, t in reading.types.items()}
        builder = self.builder = Builder([body, *beside], free)
        self.written = builder.column(body)
        self.a = Algebra(builder.nodes)
        self.root = recognised(self.a, self.written)
        self.variables: list[Variable] = []
        for term in variables:
            node = builder.value_of(term.data)
            if node.op != "argument" or node.data[0].kind != "real":
                raise WrongUse(f"{term.data.key} is no real variable: it cannot be varied", span=term.span)
            kind = reading.types.get(term.data)
            properties = node.data[0].properties | (kind.properties if kind is not None else frozenset())
            declared = builder.nodes.argument(node.data[0]._replace(properties=properties), node.data[1])
            self.variables.append(Variable(term.data, term, node, declared))
        self.taken = {n.key for n in reading.types} | {n.data.key for n in body.walk() if n.head == "name"}
        self.notes: list[Prose] = list(self._kinks())

    @property
    def nodes(self) -> list[Node]:
        """The nodes of the variables."""
        return [v.node for v in self.variables]

    def built(self, term: Term) -> Node:
        """The tidy node of one of the terms beside the function."""
        return recognised(self.a, self.builder.column(term))

    def target(self, variable: Variable) -> Term:
        """What is sought: ∇_x f, or df/dt for the derivative with respect to a scalar."""
        if self.derivative and not variable.node.shape:
            return Term("derivative", (self.body, variable.term, number(1)), self.derivative)
        return Term("gradient", (self.body, variable.term))

    def fresh(self, *letters: str) -> Name:
        """The first letter that is not in use."""
        for letter in letters:
            if letter not in self.taken:
                self.taken.add(letter)
                return Name(letter)
        count = 1
        while f"{letters[0]}_{count}" in self.taken:
            count += 1
        self.taken.add(f"{letters[0]}_{count}")
        return Name(letters[0], sub=str(count))

    def settled(self, node: Node, parts: Parts | None = None, declared: bool = True) -> Node:
        """The node with the parts put back and the declared properties of the variables used, as far as they are wanted."""
        replaced: dict[Node, Node] = {}
        if parts is not None:
            for definition in parts.definitions:
                body = self._replaced(definition.body, replaced)
                replaced[definition.symbol] = body
                if definition.symbol.op == "element":
                    replaced[definition.symbol.args[0]] = self.a.stack(body, body.axes)
            node = self._replaced(node, replaced)
        known = {v.node: v.declared for v in self.variables if v.node is not v.declared} if declared else {}
        return polished(self.a, self._replaced(node, known) if known else node)

    def _replaced(self, node: Node, replaced: dict[Node, Node]) -> Node:
        return self.a.rebuilt(node, replaced) if replaced else node

    def _kinks(self) -> list[Prose]:
        depends = dependents((self.root,), self.nodes)
        kinks = dict.fromkeys(n.op for n in walk((self.root,)) if n in depends and (n.op in KINKED or n.op in EXTREMES))
        spelled = [EXTREMES.get(op, op.replace("_", " ")) for op in kinks]
        return [(f"{words} has a kink; its derivative there is taken by convention",) for words in spelled]


def _without_properties(kind: Type) -> Type:
    return replace(kind, properties=frozenset())


# ---------------------------------------------------------------------------------------------- gradients
def solve_array_gradient(reading: Reading, derivative: str = "") -> Solution:
    """∇f with respect to vectors, matrices and scalars: the shape of each variable."""
    term = reading.expanded
    task = ArrayTask(term.args[0], variables_of(term.args[1:], reading), reading, derivative)
    if task.root.shape or task.root.axes:
        if len(task.variables) == 1 and len(task.root.shape) == 1 and len(task.variables[0].node.shape) < 2:
            from derive.solving.jacobians import solve_array_jacobian

            return solve_array_jacobian(reading)
        message = "the gradient of a value that is no scalar; a Jacobian may be meant"
        raise WrongUse(message, span=term.args[0].span, expected=("jacobian of …",))
    gradient = Gradient(task)
    steps = [*gradient.steps]
    answers: dict[str, Term] = {}
    for variable in task.variables:
        found, more = gradient.read_off(variable)
        steps += more
        answers[variable.name.key] = found
    refuse_unreadable(list(answers.values()), reading)
    notes = (*task.notes, *gradient.notes)
    answer = next(iter(answers.values())) if len(answers) == 1 else None
    derivation = Derivation(term, answer if answer is not None else Term("tuple", tuple(answers.values())), tuple(steps))
    return Solution(derivation, answer, {} if answer is not None else answers, notes, tuple(gradient.assumptions))


class Gradient:
    """The differential of a scalar function and the steps that lead to it."""

    def __init__(self, task: ArrayTask) -> None:
        self.task = task
        a = task.a
        self.notes: list[Prose] = []
        self.steps: list[Step] = []
        self.parts = named_parts(a, task.root, task.nodes, task.taken)
        self.raising = Raising(a)
        self.found, stages = differentiated(a, self.parts, a.number(1), task.nodes)
        self.output = self.raising.term(self.parts.output)
        self._name_step()
        self._differential_steps(stages)
        self.assumptions = assumptions_of(a)

    def _name_step(self) -> None:
        if not self.parts.definitions:
            return
        because: list[object] = []
        for definition in self.parts.definitions:
            because += [", " if because else "", definition_term(self.raising, definition)]
        self.steps.append(step(rules.NAME, self.task.body, self.output, because=tuple(because), formula=""))

    def _differential_steps(self, stages: list[Stage]) -> None:
        before = Term("differential", (self.output,))
        for stage in stages:
            after = self._sum(stage.adjoints.items())
            if after == before:
                continue
            loose = self._sum(stage.loose) if stage.loose else after
            because: tuple[object, ...] = ()
            inner: tuple[Step, ...] = ()
            if stage.part is not None:
                because, inner = self._part(stage, stage.part)
            chief = stage.rules[0]
            title = chief.title if len(stage.rules) == 1 else f"{chief.title}, {stage.rules[1].title[0].lower()}{stage.rules[1].title[1:]}"
            formula = ",  ".join(rule.formula for rule in stage.rules[:2])
            self.steps.append(Step(chief.id, title, before, loose, because=because, formula=formula, steps=inner))
            if loose != after:
                self.steps.append(step(rules.GATHER, loose, after, formula=""))
            before = after

    def _part(self, stage: Stage, part: Definition) -> tuple[Prose, tuple[Step, ...]]:
        """With r = A x − b: dr = A dx; a differential that stands by itself is a step of its own."""
        said: Prose = ("with ", definition_term(self.raising, part))
        symbol = self.raising.term(part.symbol)
        targets = [*self.task.nodes, *(d.symbol for d in self.parts.definitions)]
        found = part_differential(self.raising, self.task.a, part, targets, self.task.taken)
        if found is None or found == Term("differential", (self.raising.term(part.body),)):
            return said, ()
        change = Term("differential", (symbol,))
        chief = stage.rules[0]
        inner = () if part.body.axes else (step(chief, change, found),)
        return (*said, ", so ", Term("rel", (change, found), "=")), inner

    def _sum(self, found: Iterable[tuple[Node, Node]]) -> Term:
        a = self.task.a
        reached = sorted(found, key=lambda item: -item[0].number)
        terms = [pairing(self.raising, a, g, z, self.task.taken) for z, g in reached]
        if not terms:
            return number(0)
        return terms[0] if len(terms) == 1 else Term("add", tuple(terms))

    def read_off(self, variable: Variable) -> tuple[Term, list[Step]]:
        """The gradient with respect to one variable, and the steps that read it off and put the parts back."""
        a = self.task.a
        target = self.task.target(variable)
        g = self.found.get(variable.node)
        if g is None:
            zero = self._zero(variable)
            self.notes.append((variable.term, " does not occur: its gradient is zero"))
            return zero, [step(rules.READ_OFF, target, zero, because=(variable.term, " does not occur"))]
        over_names = a.full(g, variable.node.shape)
        whole = a.full(self.task.settled(over_names, self.parts), variable.node.shape)
        named = self.raising.whole(over_names, self.task.taken)
        final = named if whole is over_names else self.raising.whole(whole, self.task.taken)
        steps = [step(rules.READ_OFF, target, named, formula="")]
        if final != named:
            rule = rules.PUT_BACK if self.parts.definitions else rules.TIDY
            steps.append(step(rule, named, final, formula=""))
        return final, steps

    def _zero(self, variable: Variable) -> Term:
        if not variable.node.shape:
            return number(0)
        return Raising(self.task.a).term(self.task.a.nodes.mul(self.task.a.number(0), self.task.a.ones(variable.node.shape)))


def refuse_unreadable(answers: Sequence[Term], reading: Reading) -> None:
    """An answer that cannot be read back as an array could not be checked: it is refused, by the name of what is missing."""
    builder = Builder(list(answers), reading.types)
    for answer in answers:
        builder.column(answer)


def step(rule: Rule, before: Term, after: Term, *, because: Prose = (), formula: str | None = None) -> Step:
    """A step that is an equality of arrays."""
    return Step(rule.id, rule.title, before, after, because=because, formula=rule.formula if formula is None else formula)


DECOMPOSED = {
    "polarfactor": "no singular value is 0: polarfactor(A) is U Vᵀ of the singular value decomposition A = U S Vᵀ",
    "leadingeigen": "the largest eigenvalue is simple: leadingeigen(A) is v vᵀ of its unit eigenvector",
    "trailingeigen": "the smallest eigenvalue is simple: trailingeigen(A) is v vᵀ of its unit eigenvector",
    "leadingpair": "the largest singular value is simple: leadingpair(A) is u vᵀ of its singular vectors",
}


def assumptions_of(a: Algebra) -> list[Prose]:
    """The declared properties that were used, in words."""
    words = {
        "onehot": (" is one-hot: its entries sum to 1",),
        "simplex": (" is on the simplex: its entries sum to 1",),
        "orthogonal": (" is orthogonal",),
    }
    made: list[Prose] = []
    for name, key in a.used:
        if name in DECOMPOSED:
            made.append((DECOMPOSED[name],))
        if name in words:
            made.append((Term("name", (), Name.from_key(key)), *words[name]))
    return made
