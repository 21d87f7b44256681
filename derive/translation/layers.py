"""Layers → NumPy: named values in order, each from a formula over the ones before, then the outputs over their names.

    translate_layers(parts, bindings, types, function="backprop", summary="…") → Code

Every formula is translated by itself, so the work is linear in their number; formulas of one form, equal but for names, are translated
once. The code keeps the names: `h_1 = np.tanh(W_1 @ x + b_1)`. It is run on samples and compared with the values of the formulas in double
precision. Raises NotSupported by name where there is no code; a Code whose check failed is to be withheld.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from derive.derivation import Check
from derive.errors import NotSupported
from derive.expressions.inline import inline
from derive.expressions.naming import assign_code_names
from derive.expressions.term import Name, Term
from derive.graph.argument import argument_type
from derive.graph.build import Builder
from derive.graph.floats import Floats
from derive.graph.graph import Graph, Nodes, walk
from derive.graph.node import FREE, ArgumentType, Node, Shape
from derive.graph.operations import Undefined
from derive.graph.sizes import Size, named_size
from derive.solution import Code
from derive.translation import source as py
from derive.translation.arguments import Arguments, shape_text
from derive.translation.emit import Program, emit, schedule
from derive.translation.lower import Lowering
from derive.translation.precision import prelude
from derive.translation.run import Outcome, run
from derive.translation.sample import Point, samples
from derive.translation.source import Source
from derive.translation.stabilise import stabilise
from derive.translation.trial import marked
from derive.translation.words import parameters_of

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["translate_layers"]

METHOD = "run against the formulas, layer by layer"
SAMPLES = 3
TOLERANCE = 1e-8
NO_VALUE = (Undefined, ValueError, ZeroDivisionError, OverflowError)


class Form(NamedTuple):
    """A formula over numbered names: its node, its code, the assignments that this needs first, and its names as keys and as code."""

    node: Node
    source: Source
    before: tuple[tuple[str, Source], ...]
    keys: tuple[str, ...]
    sizes: frozenset[str]
    placed: frozenset[str]  # the names in the code


class _Slots(Builder):
    """A builder whose names are slots: arguments of a kind and shape that is given."""

    def __init__(self, term: Term, types: Mapping[Name, Type], slots: Mapping[Name, tuple[ArgumentType, Shape]]) -> None:
        super().__init__([term], types)
        self.slots = {name: self.nodes.argument(kind, shape) for name, (kind, shape) in slots.items()}

    def value_of(self, name: Name) -> Node:
        if name in self.slots and name not in self.axes:
            return self.slots[name]
        return super().value_of(name)


class _Layers:
    """All formulas of one translation; what has one form is worked out once."""

    def __init__(self, types: Mapping[Name, Type]) -> None:
        self.types = types
        self.kinds: dict[Name, tuple[ArgumentType, Shape]] = {}
        self.forms: dict[Any, Form] = {}

    def input(self, name: Name) -> None:
        """A name that no formula defines."""
        declared = self.types.get(name)
        builder = Builder([], {name: declared} if declared is not None else {})
        self.kinds[name] = (argument_type(name, declared), builder.subscripts.shapes.get(name, ()))

    def form(self, term: Term, bound: frozenset[Name]) -> tuple[Form, list[Name]]:
        """The form of a formula and the names in its slots."""
        names = [n for n in dict.fromkeys(n.data for n in term.walk() if n.head == "name") if n in self.kinds and n not in bound]
        slots = {name: Name("slot", sub=str(k)) for k, name in enumerate(names)}
        shown = _renamed(term, slots)
        given = {slots[name]: (self.kinds[name][0]._replace(key=slots[name].key), self.kinds[name][1]) for name in names}
        key = (shown, tuple(given.values()))
        if key not in self.forms:
            self.forms[key] = self._made(shown, given)
        return self.forms[key], names

    def _made(self, term: Term, slots: Mapping[Name, tuple[ArgumentType, Shape]]) -> Form:
        builder = _Slots(term, {n: t for n, t in self.types.items() if t.domain == "size"}, slots)
        node = builder.column(term)
        if node.axes:
            raise NotSupported("a layer with a running index of its own", span=term.span)
        if any(kind.kind != "real" for kind, _ in slots.values()):
            raise NotSupported("layers over labels and indices")
        stable = stabilise(Graph(builder.nodes, (("", node),)))
        names = {slot.key: f"{{{slot.key}}}" for slot in slots}
        sizes = frozenset(name for n in walk((*stable.roots, node)) for size in _sizes(n) for name in size.names)
        lowering = Lowering(stable, names, {name: py.name(f"{{size {name}}}") for name in sizes}, None)
        lowering.scalars = [names[slot.key] for slot, (_, shape) in slots.items() if not shape]
        program = schedule([("", lowering.output(stable.roots[0]))], {"np", "math", "special"})
        source, before = program.returns[0][1], program.assignments
        placed = frozenset(part.text for s in (source, *(s for _, s in before)) for part in s.walk() if part.kind == "name")
        return Form(node, source, before, tuple(slot.key for slot in slots), sizes, placed)


def translate_layers(
    parts: Mapping[str, Term],
    bindings: Mapping[Name, Term],
    types: Mapping[Name, Type],
    *,
    function: str,
    summary: str,
    formula: Term | None = None,
    first: Sequence[Name] = (),
) -> Code:
    """The NumPy code of terms by label over bindings, run and compared; see the module. Arguments come in the order of `first`, then as
    they occur. A single part with the label "" is returned as it is."""
    layers = _Layers(types)
    terms = [*bindings.values(), *parts.values()]
    sizes = _names_of_sizes(types)
    running = frozenset(n.data for t in terms for node in t.walk() if node.head in ("sum", "prod") for n in node.args[1:2] if n.head == "name")
    order = [*first, *(n.data for t in terms for n in t.walk() if n.head == "name")]
    inputs = [n for n in dict.fromkeys(order) if n not in bindings and n not in sizes and n not in running]
    for name in inputs:
        layers.input(name)
    made: list[tuple[Name, Form, list[Name]]] = []
    for name, term in bindings.items():
        form, names = layers.form(term, running)
        made.append((name, form, names))
        layers.kinds[name] = (ArgumentType(name.key), form.node.shape)
    results = {label: layers.form(term, running) for label, term in parts.items()}
    forms = [form for _, form, _ in made] + [form for form, _ in results.values()]
    used = {n for _, _, names in made for n in names} | {n for _, names in results.values() for n in names}
    arguments = _arguments([n for n in inputs if n in used], layers, frozenset[str]().union(*(f.sizes for f in forms)))
    codes = _code_names(arguments, [*bindings], function)
    said = arguments.sizes(Graph(Nodes(), ()))
    size_lines, spelled = _said_sizes(said, forms, set(codes.values()))
    assignments: list[tuple[str, Source]] = [*size_lines]
    taken = set(codes.values()) | {name for name, _ in size_lines} | {"np", "math", "special", function}
    for name, form, names in made:
        assignments += _filled(form, names, codes, spelled, codes[name], taken)
    returns: list[tuple[str, Source]] = []
    labels = _labels(parts)
    for label, (form, names) in zip(labels, results.values(), strict=True):
        *before, (_, value) = _filled(form, names, codes, spelled, label or "result", taken)
        assignments += before
        returns.append((label, value))
    program = Program(tuple(assignments), tuple(returns))
    parameters = parameters_of(arguments)
    shapes = [form.node.shape for form, _ in results.values()]
    source = emit(
        function,
        program,
        parameters,
        summary=summary,
        formula=inline(formula) if formula is not None else "",
        prelude=prelude(arguments, program),
        returns=[(label, _returned(shape)) for label, shape in zip(labels, shapes, strict=True)],
        result=re.sub(r"(?:^|_)([a-z0-9])", lambda m: m.group(1).upper(), function) + "Parts",
        example=[],
    )
    points = [_calm(p, arguments) for p in samples(*arguments.drawn, SAMPLES)]
    check = _judged(source, function, points, arguments, made, list(results.values()))
    returned = shape_text(shapes[0]) if len(labels) == 1 else ()
    return Code(source, function, tuple(p.argument for p in parameters), returned, check)


# ---------------------------------------------------------------------------------------------- names and sizes
def _renamed(term: Term, names: Mapping[Name, Name]) -> Term:
    if term.head == "name":
        return Term("name", (), names[term.data], term.span) if term.data in names else term
    return term.with_args(tuple(_renamed(a, names) for a in term.args))


def _names_of_sizes(types: Mapping[Name, Type]) -> frozenset[Name]:
    found = {n for n, t in types.items() if t.domain == "size"}
    return frozenset(found | {p.data for t in types.values() for s in t.shape for p in s.walk() if p.head == "name"})


def _sizes(node: Node) -> list[Size]:
    """The sizes that the code of a node may have to say."""
    found: list[Size] = [node.data] if node.op == "size" else list(node.data) if node.op in ("identity", "ones") else []
    for axis in node.axes:
        found += [axis.lower, axis.upper]
    return [*found, *node.shape]


def _arguments(inputs: list[Name], layers: _Layers, sizes: frozenset[str]) -> Arguments:
    """The arguments of the code; none of them may be more than its shape says."""
    nodes = Nodes()
    roots = [nodes.argument(*layers.kinds[name]) for name in inputs]
    shaped = {name for _, shape in (layers.kinds[n] for n in inputs) for size in shape for name in size.names}
    roots += [nodes.size(named_size(name)) for name in sorted(sizes - shaped)]
    arguments = Arguments(Graph(nodes, tuple((str(k), root) for k, root in enumerate(roots))), inputs)
    arguments.spread = frozenset()
    arguments.batched = False
    return arguments


def _code_names(arguments: Arguments, bound: list[Name], function: str) -> dict[Name, str]:
    """Every name as code; arguments keep theirs."""
    known = {Name.from_key(key): text for key, text in arguments.names.items()}
    taken = {*known.values(), "np", "math", "special", function}
    for name, text in assign_code_names([*known, *bound]).items():
        if name in known:
            continue
        while text in taken:
            text += "_"
        taken.add(text)
        known[name] = text
    return known


def _said_sizes(said: Mapping[str, Source], forms: Sequence[Form], taken: set[str]) -> tuple[list[tuple[str, Source]], dict[str, Source]]:
    """How each size is said; one that several formulas need is a line of its own."""
    counts = Counter(name for form in forms for name in form.sizes if f"{{size {name}}}" in form.placed)
    lines: list[tuple[str, Source]] = []
    spelled = dict(said)
    for name, count in counts.items():
        label = said[name].hint if name in said else ""
        if count > 1 and label and label not in taken:
            lines.append((label, said[name]))
            spelled[name] = py.name(label)
    return lines, spelled


def _filled(
    form: Form, names: list[Name], codes: Mapping[Name, str], sizes: Mapping[str, Source], target: str, taken: set[str]
) -> list[tuple[str, Source]]:
    """The form with names in its slots, as assignments to temporaries and to the target."""
    known: dict[str, Source] = {f"{{{key}}}": py.name(codes[name]) for key, name in zip(form.keys, names, strict=True)}
    known.update({f"{{size {name}}}": source for name, source in sizes.items()})
    lines: list[tuple[str, Source]] = []
    for temporary, source in form.before:
        name = f"{temporary}_{target}"
        while name in taken:
            name += "_"
        taken.add(name)
        lines.append((name, _replaced(source, known)))
        known[temporary] = py.name(name)
    return [*lines, (target, _replaced(form.source, known))]


def _replaced(source: Source, known: Mapping[str, Source]) -> Source:
    if source.kind == "name":
        return known.get(source.text, source)
    args = tuple(_replaced(a, known) for a in source.args)
    return source if args == source.args else Source(source.kind, source.text, args, source.keywords, source.hint)


def _labels(parts: Mapping[str, Term]) -> list[str]:
    if list(parts) == [""]:
        return [""]
    names = assign_code_names([Name.from_key(label) for label in parts])
    return [names[Name.from_key(label)] for label in parts]


def _returned(shape: Shape) -> str:
    sizes = shape_text(shape)
    return f"array, shape ({', '.join(sizes)}{',' if len(sizes) == 1 else ''})" if shape else "float"


# ---------------------------------------------------------------------------------------------- run and compared
def _calm(point: Point, arguments: Arguments) -> Point:
    """The point with free arrays so small that values neither grow nor saturate over many layers."""
    values = dict(point.values)
    for key, (kind, shape) in arguments.kinds.items():
        if kind.bounds == FREE and not kind.properties and not kind.values and shape:
            columns = shape[-1].value(point.sizes) if len(shape) > 1 else 2
            values[key] = _scaled(values[key], 1 / (1.5 * columns))
    return Point(values, point.sizes)


def _scaled(value: Any, factor: float) -> Any:
    return [_scaled(v, factor) for v in value] if isinstance(value, list) else value * factor


def _judged(
    source: str,
    function: str,
    points: Sequence[Point],
    arguments: Arguments,
    made: Sequence[tuple[Name, Form, list[Name]]],
    results: Sequence[tuple[Form, list[Name]]],
) -> Check:
    """What the code gives at the points against the formulas."""
    wanted: list[tuple[Point, list[Any]]] = []
    for point in points:
        try:
            wanted.append((point, _values(point, made, results)))
        except NO_VALUE:
            continue
    given = [
        {
            **{arguments.names[key]: marked(point.values[key], kind) for key, (kind, _) in arguments.kinds.items()},
            **{arguments.names[name]: point.sizes[name] for name in arguments.whole},
        }
        for point, _ in wanted
    ]
    outcome: Outcome = run(source, function, given, [])
    if outcome.reason:
        return Check("failed" if "does not load" in outcome.reason else "unverified", METHOD, reason=outcome.reason)
    worst = 0.0
    for (point, values), result in zip(wanted, outcome.results, strict=True):
        shown = tuple(list(point.values.items())[:8])
        if result.error:
            return Check("failed", METHOD, reason=result.error, counterexample=shown)
        parts = list(result.value.values()) if isinstance(result.value, dict) else [result.value]
        error = max((_distance(got, value) for got, value in zip(parts, values, strict=True)), default=0.0)
        if not error <= TOLERANCE:
            return Check("failed", METHOD, max_error=min(error, 1e300), counterexample=shown)
        worst = max(worst, error)
    if not wanted:
        return Check("unverified", METHOD, reason="no sample at which the formulas have a value was found")
    return Check("verified", METHOD, len(wanted), worst)


def _values(
    point: Point, made: Sequence[tuple[Name, Form, list[Name]]], results: Sequence[tuple[Form, list[Name]]]
) -> list[Any]:
    """The values of all outputs, by the formulas."""
    floats = Floats(point.sizes)
    values = dict(point.values)

    def value(form: Form, names: list[Name]) -> Any:
        return floats.value(form.node, {key: values[name.key] for key, name in zip(form.keys, names, strict=True)})

    for name, form, names in made:
        values[name.key] = value(form, names)
    return [value(form, names) for form, names in results]


def _distance(got: Any, wanted: Any) -> float:
    """The largest difference of entries against the largest entry."""
    mine, other = _flat(got), _flat(wanted)
    if len(mine) != len(other):
        return float("inf")
    scale = max((abs(w) for w in other), default=0.0)
    worst = max((abs(g - w) for g, w in zip(mine, other, strict=True)), default=0.0)
    return 0.0 if worst == 0 else worst / scale if scale else float("inf")


def _flat(value: Any) -> list[float]:
    return [x for part in value for x in _flat(part)] if isinstance(value, list) else [value]
