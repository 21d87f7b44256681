"""Gradients through definitions, as backpropagation: a forward pass, then layer by layer the adjoints δ and the gradients over their names.

In: the reading of a gradient with its layers (`meaning.layers`). Out: its Solution, whose parts keep the names of the definitions and of
the adjoints; `bindings` say what these are. Every definition is taken by itself, so that the work is linear in their number. Where the
gradient is short with everything put in, it is given so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from derive.derivation import Derivation, Prose, Step
from derive.errors import NotSupported, TooLarge, WrongUse
from derive.expressions.plain import plain_name
from derive.expressions.term import Name, Term
from derive.graph.build import Builder
from derive.graph.calculus.adjoints.functions import KINKED
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.entries import entry, lettered
from derive.graph.calculus.raising import Raising
from derive.graph.calculus.recognition import recognised
from derive.graph.calculus.reverse import dependents, sweep
from derive.graph.graph import walk
from derive.graph.node import ArgumentType, Node
from derive.meaning.expand import substitute
from derive.meaning.layers import Layers, tree_size
from derive.meaning.scope import Reading
from derive.rules import matrix as rules
from derive.solution import Solution
from derive.solving.forms import form_of, moved, renamed
from derive.solving.intermediates import is_function
from derive.solving.matrices import EXTREMES, assumptions_of, solve_array_gradient, step, variables_of
from derive.solving.network_parts import adjoint_names, inner_parts, labelled, letters

__all__ = ["solve_gradient"]

SHORT = 80  # nodes of an answer that is given with everything put in
WORTH_TRYING = 120  # nodes of the function times variables: above it the answer is not short
LARGEST = 5000  # nodes of a function that is put together where the layers cannot be taken one by one
NORMALISED = frozenset(("softmax", "sigmoid", "exp"))  # functions whose logarithm is shorter than they are
SIMPLE = frozenset(("argument", "number", "size", "constant"))


def solve_gradient(reading: Reading) -> Solution:
    """∇L with respect to arrays: as one formula where that is short, else layer by layer."""
    layers: Layers | None = reading.options.get("layers")
    if layers is None or reading.expanded.head != "gradient":
        return solve_array_gradient(reading)
    if not layers.is_deep and layers.size * (len(reading.expanded.args) - 1) <= WORTH_TRYING:
        found = _as_one(reading)
        if found is not None:
            terms = [found.answer] if found.answer is not None else list(found.parts.values())
            if sum(tree_size(term, {}) for term in terms) <= SHORT:
                return found
    try:
        return Network(layers, reading).solution()
    except NotSupported:
        return solve_array_gradient(_put_together(layers, reading) if layers.is_deep else reading)


def _put_together(layers: Layers, reading: Reading) -> Reading:
    """The reading with all definitions put in."""
    if layers.size > LARGEST:
        raise TooLarge("the function is too large with its definitions put in")
    known: dict[Name, Term] = {}
    for name, body in layers.bindings:
        known[name] = substitute(body, known)
    task = layers.task
    return replace(reading, expanded=task.with_args((substitute(task.args[0], known), *task.args[1:])))


class Layer(NamedTuple):
    """A named value: its name, the node that stands for it, what it is over earlier names, whether it is the author's."""

    name: Name
    symbol: Node
    body: Node
    written: Term | None = None


def _as_one(reading: Reading) -> Solution | None:
    """The gradient with everything put in; None where that has no matrix form."""
    try:
        return solve_array_gradient(reading)
    except NotSupported:
        return None


class Network:
    """One function through definitions on its way."""

    def __init__(self, layers: Layers, reading: Reading) -> None:
        body, *variables = layers.task.args
        self.layers = layers
        self.reading = reading
        self.body = body
        self.loss = reading.term.args[0]
        self.variables = variables_of(variables, reading)
        held = {v.data for v in self.variables}
        free = {n: replace(t, properties=frozenset()) if n in held else t for n, t in layers.types.items()}
        self.builder = Builder([body, *(b for _, b in layers.bindings)], free)
        self.a = Algebra(self.builder.nodes)
        self.raising = Raising(self.a)
        written = (layers.task, *(body for _, body in layers.bindings))
        self.taken = {n.key for n in layers.types} | {n.key for n, _ in layers.bindings}
        self.taken |= {n.data.key for term in written for n in term.walk() if n.head == "name"}
        self.nodes = {v.data: self._variable(v) for v in self.variables}
        self.active: set[Node] = set(self.nodes.values())  # what depends on a variable: variables and names of layers
        self.entered: dict[Any, tuple[list[Node], list[tuple[Node, Node]], Node]] = {}
        self.opened: dict[Node, Node] = {}  # softmax(z) where it was put in for p, with p
        self.forward: list[Layer] = []
        self.owner: dict[Node, Layer] = {}
        self.above: dict[Node, list[Layer]] = {}  # the layers whose bodies hold a part
        for name, term in layers.bindings:
            self._enter(name, term)
        self.root = recognised(self.a, self._opened(self.builder.column(body)))
        if self.root.shape or self.root.axes:
            message = "the gradient of a value that is no scalar; a Jacobian may be meant"
            raise WrongUse(message, span=body.span, expected=("jacobian of …",))
        self.pending: dict[Node, list[Node]] = {}
        self.bindings: dict[Name, Term] = {}
        self.adjoints: dict[Name, Term] = {}
        self.sent: dict[Any, tuple[list[Node], list[tuple[Node, Node]]]] = {}  # what layers of one form hand on
        self.raised: dict[Any, tuple[list[Node], Term]] = {}
        self.steps: list[Step] = []
        self.parts: dict[str, Term] = {}
        self.notes: list[Prose] = []
        self.shown: set[Node] = set()  # symbols of parts that a formula of the answer uses

    def _variable(self, term: Term) -> Node:
        node = self.builder.value_of(term.data)
        if node.op != "argument" or node.data[0].kind != "real":
            raise WrongUse(f"{term.data.key} is no real variable: it cannot be varied", span=term.span)
        return node

    # ------------------------------------------------------------------------------------------ the forward pass
    def _enter(self, name: Name, term: Term) -> None:
        """A definition, taken apart into the arguments of its functions and itself."""
        symbol = self.builder.value_of(name)
        written = self._opened(self.builder.column(term))
        if written.shape != symbol.shape or written.axes or symbol.op != "argument":
            raise NotSupported("a definition that is no array of one shape", span=term.span)
        key, slots = form_of((written,), self.active)
        known = self.entered.get(key)
        if known is None:
            parts, root = self._taken_apart(name, written)
            self.entered[key] = slots, parts, root
        else:
            there = dict(zip(known[0], slots, strict=True))
            parts = []
            for inner, body in known[1]:
                there[inner] = self._fresh(labelled(name, letters(body), len(body.shape) == 2), body.shape)
                parts.append((there[inner], moved(self.a.nodes, body, there)))
            root = moved(self.a.nodes, known[2], there)
        for inner, body in parts:
            self.active.add(inner)
            self._keep(Layer(Name.from_key(inner.data[0].key), inner, body))
        if any(n in self.active for n in walk((root,))):
            self.active.add(symbol)
        self._keep(Layer(name, symbol, root, term))

    def _opened(self, node: Node) -> Node:
        """log p with p = softmax(z): p is put in, so that the derivative of the logarithm is not that of p divided by p."""
        inside: dict[Node, Node] = {}
        for log in walk((node,)):
            inner = log.args[0] if log.op == "log" else log
            symbol = inner.args[0] if inner.op == "element" else inner
            if log.op == "log" and symbol in self.owner and self.owner[symbol].body.op in NORMALISED:
                inside[symbol] = self.owner[symbol].body
        for symbol, body in inside.items():
            self.opened[body] = symbol
        return self.a.rebuilt(node, inside) if inside else node

    def _taken_apart(self, name: Name, written: Node) -> tuple[list[tuple[Node, Node]], Node]:
        """The parts of a definition, each with the name that stands for it, and the definition over their names."""
        root = recognised(self.a, written)
        chosen = inner_parts(root, dependents((root,), [n for n in walk((root,)) if n in self.active]))
        parts: list[tuple[Node, Node]] = []
        done: dict[Node, Node] = {}
        for node in walk((root,)):
            made = self.a.remade(node, tuple(done[x] for x in node.args)) if node.args else node
            if node in chosen and node is not root:
                inner = self._fresh(labelled(name, letters(made), len(made.shape) == 2), made.shape)
                parts.append((inner, made))
                made = inner
            done[node] = made
        return parts, done[root]

    def _keep(self, layer: Layer) -> None:
        self.forward.append(layer)
        self.owner[layer.symbol] = layer
        for part in walk((layer.body,)):
            if part in self.owner and self.owner[part].written is None:
                self.above.setdefault(part, []).append(layer)

    def _fresh(self, candidates: Iterable[Name], shape: tuple[object, ...]) -> Node:
        """An argument with the first name that is not in use."""
        name = next(n for n in candidates if n.key not in self.taken)
        self.taken.add(name.key)
        return self.a.nodes.argument(ArgumentType(name.key), shape)  # type: ignore[arg-type]

    # ------------------------------------------------------------------------------------------ the backward pass
    def _send(self, body: Node, g: Node, symbol: Node | None) -> None:
        """The adjoint of a body handed on to the names in it."""
        put_in = [self.opened[n] for n in walk((body, g)) if n in self.opened]
        key, slots = form_of((body, g, *([] if symbol is None else [symbol]), *put_in), self.active)
        known = self.sent.get(key)
        if known is None:
            known = self.sent[key] = slots, self._contributions(body, g, symbol)
        before, contributions = known
        there = dict(zip(before, slots, strict=True))
        for node, found in contributions:
            made = found if before == slots else moved(self.a.nodes, found, there)
            self.pending.setdefault(there[node], []).append(made)

    def _contributions(self, body: Node, g: Node, symbol: Node | None) -> list[tuple[Node, Node]]:
        names = [n for n in walk((body,)) if n in self.active]
        found = sweep(self.a, [(body, g)], names)
        known = {n: self.opened[n] for part in found.values() for n in walk((part,)) if n in self.opened}
        if symbol is not None and body.op not in SIMPLE and not body.axes:
            known[body] = symbol
        return [(node, self.a.rebuilt(part, known) if known else part) for node, part in found.items()]

    def _collected(self, node: Node) -> Node | None:
        parts = self.pending.pop(node, None)
        if not parts:
            return None
        total = self.a.add(*parts) if len(parts) > 1 else parts[0]
        return None if self.a.zero(total) else self.a.full(total, node.shape)

    def run(self) -> None:
        """The forward pass as a step, the adjoints from the output back to the first layer."""
        first = self._first_uses()
        self._send(self.root, self.a.number(1), None)
        self._read_off(first.get(None, ()))
        for layer in reversed(self.forward):
            g = self._collected(layer.symbol)
            if g is not None:
                if g.op not in SIMPLE and self._is_handed_on(layer):
                    g = self._named(layer, g)
                self._send(layer.body, g, layer.symbol)
            self._read_off(first.get(layer.symbol, ()))
        self._read_off([v for v in self.variables if v.data.key not in self.parts])

    def _first_uses(self) -> dict[Node | None, list[Term]]:
        """The layer that each variable enters first, None for the output: behind it, its gradient is complete."""
        terms = {self.nodes[v.data]: v for v in self.variables}
        found: dict[Node | None, list[Term]] = {}
        for symbol, body in (*((x.symbol, x.body) for x in self.forward), (None, self.root)):
            for node in walk((body,)):
                if node in terms:
                    found.setdefault(symbol, []).append(terms.pop(node))
        return found

    def _read_off(self, variables: Iterable[Term]) -> None:
        """The gradients of these variables, which nothing adds to any more."""
        for term in variables:
            node = self.nodes[term.data]
            target = Term("gradient", (self.loss, term))
            g = self._collected(node)
            if g is None:
                found = self.raising.term(self._zero(node))
                self.notes.append((term, " does not occur: its gradient is zero"))
                self.steps.append(step(rules.READ_OFF, target, found, because=(term, " does not occur")))
            else:
                found = self._term(g)
                self.steps.append(step(rules.READ_OFF, target, found, formula=""))
            self.parts[term.data.key] = found

    def _is_handed_on(self, layer: Layer) -> bool:
        """Whether the adjoint is used in several places, so that it is worth a name: not that of h in h = σ(z)."""
        return not (is_function(layer.body) and sum(1 for x in layer.body.args if x in self.active) == 1)

    def _named(self, layer: Layer, g: Node) -> Node:
        """δ for the adjoint of a layer."""
        symbol = self._fresh(adjoint_names(layer.name), g.shape)
        name = Name.from_key(symbol.data[0].key)
        formula = self._term(g)
        self.adjoints[name] = formula
        shown, value = Term("name", (), name), Term("name", (), layer.name)
        because: list[object] = [Term("rel", (shown, Term("gradient", (self.loss, value))), "=")]
        if layer.written is None:
            because += [" with ", Term("rel", (value, self._term(layer.body, quiet=True)), "=")]
            for above in self.above.get(layer.symbol, ()):
                because += [", ", Term("rel", (Term("name", (), above.name), self._term(above.body, quiet=True)), "=")]
        label = (name.sub or name.sup).strip("()")
        title = f"Layer {label}" if label.isdigit() else f"Back to {plain_name(layer.name)}"
        self.steps.append(Step(rules.BACKWARD.id, title, shown, formula, because=tuple(because), formula=""))
        return symbol

    def _term(self, node: Node, quiet: bool = False) -> Term:
        """The term of a node; the parts that it names are shown in the forward pass."""
        key, slots = form_of((node,), self.active)
        if not quiet:
            self.shown.update(n for n in slots if n in self.owner and self.owner[n].written is None)
        known = self.raised.get(key)
        if known is None:
            self.raised[key] = slots, (term := self._raised(node))
            return term
        before, term = known
        names = {Name.from_key(a.data[0].key): b.data[0].key for a, b in zip(before, slots, strict=True)}
        return renamed(term, {n: Term("name", (), Name.from_key(k)) for n, k in names.items()})

    def _raised(self, node: Node) -> Term:
        """The term; a number that has no matrix notation is written with indices."""
        try:
            return self.raising.term(node)
        except NotSupported:
            if node.shape or node.axes:
                raise
        return self.raising.term(lettered(self.a, entry(self.a, node, ()), (), self.taken))

    # ------------------------------------------------------------------------------------------ the answer
    def solution(self) -> Solution:
        """Forward pass, adjoints, gradients."""
        self.run()
        parts = {v.data.key: self.parts[v.data.key] for v in self.variables}
        first = self._forward_step()
        answer = next(iter(parts.values())) if len(parts) == 1 else None
        whole = answer if answer is not None else Term("tuple", tuple(parts.values()))
        start = self.reading.term if self.reading.term.head == "gradient" else self.layers.task
        derivation = Derivation(start, whole, (first, *self.steps))
        return Solution(
            derivation,
            answer,
            {} if answer is not None else parts,
            (*self._kinks(), *self.notes),
            tuple(assumptions_of(self.a)),
            bindings={**self.bindings, **self.adjoints},
        )

    def _zero(self, node: Node) -> Node:
        return self.a.nodes.mul(self.a.number(0), self.a.ones(node.shape)) if node.shape else self.a.number(0)

    def _forward_step(self) -> Step:
        """The definitions as they were written; where a formula needs the argument of a function, with its name."""
        opened: set[Node] = set()
        for layer in self.forward:
            if any(n in self.shown for n in walk((layer.body,))):
                opened.add(layer.symbol)
        because: list[object] = []
        for layer in self.forward:
            if layer.written is None and layer.symbol not in self.shown:
                continue
            keeps = layer.written is not None and layer.symbol not in opened
            term = layer.written if keeps and layer.written is not None else self.raising.term(self._without_hidden(layer.body))
            self.bindings[layer.name] = term
            because += [", " if because else "", Term("rel", (Term("name", (), layer.name), term), "=")]
        return step(rules.FORWARD, self.loss, self.body, because=tuple(because), formula="")

    def _without_hidden(self, body: Node) -> Node:
        """The body with parts that no formula names put back."""
        hidden = {n: self._without_hidden(self.owner[n].body) for n in walk((body,)) if self._is_hidden(n)}
        return self.a.rebuilt(body, hidden) if hidden else body

    def _is_hidden(self, node: Node) -> bool:
        return node in self.owner and self.owner[node].written is None and node not in self.shown

    def _kinks(self) -> list[Prose]:
        bodies = (self.root, *(x.body for x in self.forward if x.symbol in self.active))
        kinks = dict.fromkeys(n.op for n in walk(bodies) if n.op in KINKED or n.op in EXTREMES)
        spelled = [EXTREMES.get(op, op.replace("_", " ")) for op in kinks]
        return [(f"{words} has a kink; its derivative there is taken by convention",) for words in spelled]
