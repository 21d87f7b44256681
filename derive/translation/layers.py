"""Layers → NumPy: named values in order, each from a formula over the ones before, then the outputs over their names.

    translate_layers(parts, bindings, types, function="backprop", summary="…") → Code

Every formula is translated by itself, so the work is linear in their number; formulas of one form, equal but for names, are translated
once. The code keeps the names: `h_1 = np.tanh(W_1 @ x + b_1)`. It is run on samples and compared with the values of the formulas in double
precision. Raises NotSupported by name where there is no code; a Code whose check failed is to be withheld.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from derive.derivation import Check
from derive.errors import Refusal
from derive.expressions.inline import inline
from derive.expressions.naming import assign_code_names
from derive.expressions.term import Name, Term
from derive.graph.floats import Floats
from derive.graph.forms import Form, Forms, sizes_in
from derive.graph.graph import Graph, Nodes, walk
from derive.graph.node import FREE, Shape
from derive.graph.operations import Undefined
from derive.graph.sizes import named_size
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
from derive.translation.target import ARRAY_API, PLAIN, RESERVED, Target
from derive.translation.translate import WHOLE, standard_of
from derive.translation.trial import marked
from derive.translation.words import parameters_of

if TYPE_CHECKING:
    from derive.meaning.scope import Type
    from derive.translation.companion import Differentiated, Row

__all__ = ["translate_layers"]

METHOD = "run against the formulas, layer by layer"
SAMPLES = 3
SAMPLES_OF_MANY = 2  # where there are more than MANY names
MANY = 100
TOLERANCE = 1e-8
NO_VALUE = (Undefined, ValueError, ZeroDivisionError, OverflowError)


class Written(NamedTuple):
    """The code of a form: its source over slots, the assignments that this needs first, the names in both."""

    source: Source
    before: tuple[tuple[str, Source], ...]
    placed: frozenset[str]


class Formula(NamedTuple):
    """A form with names in its slots, and its code."""

    form: Form
    names: list[Name]
    code: Written


class _Writer:
    """The code of forms, each written once."""

    def __init__(self, library: str) -> None:
        self.library = library
        self.known: dict[Form, Written] = {}

    def formula(self, form: Form, names: list[Name]) -> Formula:
        """The form with these names, and its code."""
        if form not in self.known:
            self.known[form] = self._written(form)
        return Formula(form, names, self.known[form])

    def _written(self, form: Form) -> Written:
        stable = stabilise(Graph(form.nodes, (("", form.node),)))
        names = {key: f"{{{key}}}" for key in form.keys}
        sizes = form.sizes | sizes_in(stable.roots[0])
        lowering = Lowering(stable, names, {name: py.name(f"{{size {name}}}") for name in sizes}, None)
        lowering.scalars = [names[n.data[0].key] for n in walk(stable.roots) if n.op == "argument" and not n.shape]
        lowering.standard = self.library == ARRAY_API
        program = schedule([("", lowering.output(stable.roots[0]))], set(RESERVED[self.library]))
        source, before = program.returns[0][1], program.assignments
        placed = frozenset(part.text for s in (source, *(s for _, s in before)) for part in s.walk() if part.kind == "name")
        return Written(source, before, placed)


def translate_layers(
    parts: Mapping[str, Term],
    bindings: Mapping[Name, Term],
    types: Mapping[Name, Type],
    *,
    function: str,
    summary: str,
    formula: Term | None = None,
    first: Sequence[Name] = (),
    wanted: Target = PLAIN,
    derivative_of: tuple[Term, Sequence[Name]] | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Code:
    """The NumPy code of terms by label over bindings, run and compared; see the module. Arguments come in the order of `first`, then as
    they occur. A single part with the label "" is returned as it is. `derivative_of`, `meanwhile`: as for `translate`."""
    terms = [*bindings.values(), *parts.values()]
    forms, writer = Forms(terms, types), _Writer(wanted.library)
    made = [(name, writer.formula(*forms.define(name, term))) for name, term in bindings.items()]
    results = [writer.formula(*forms.form(term)) for term in parts.values()]
    formulas = [*(formula for _, formula in made), *results]
    used = dict.fromkeys(n for formula in formulas for n in formula.names if n not in bindings)
    order = [*(n for n in first if n in used), *(n for n in used if n not in first)]
    arguments = _arguments(order, forms, frozenset[str]().union(*(f.form.sizes for f in formulas)))
    codes = _code_names(arguments, [*bindings], function)
    said = arguments.sizes(Graph(Nodes(), ()))
    size_lines, spelled = _said_sizes(said, formulas, set(codes.values()))
    assignments: list[tuple[str, Source]] = [*size_lines]
    taken = set(codes.values()) | {name for name, _ in size_lines} | {function, *RESERVED[wanted.library]}
    for name, formula_of in made:
        assignments += _filled(formula_of, codes, spelled, codes[name], taken)
    returns: list[tuple[str, Source]] = []
    labels = _labels(parts)
    for label, result in zip(labels, results, strict=True):
        *before, (_, value) = _filled(result, codes, spelled, label or "result", taken)
        assignments += before
        returns.append((label, value))
    standard = standard_of(arguments) if wanted.library == ARRAY_API else None
    if standard is not None:
        assignments = [(name, standard.converted(value)) for name, value in assignments]
        returns = [(label, standard.converted(value)) for label, value in returns]
    program = Program(tuple(assignments), tuple(returns))
    opening = prelude(arguments, program) if standard is None else [standard.first_line]
    parameters = parameters_of(arguments, opening)
    shapes = [result.form.node.shape for result in results]
    source = emit(
        function,
        program,
        parameters,
        summary=summary,
        formula=inline(formula) if formula is not None else "",
        prelude=opening,
        returns=[(label, _returned(shape)) for label, shape in zip(labels, shapes, strict=True)],
        result=re.sub(r"(?:^|_)([a-z0-9])", lambda m: m.group(1).upper(), function) + "Parts",
        frame=None if standard is None else standard.frame(program),
    ).text([])
    points = [_calm(p, arguments) for p in samples(*arguments.drawn, SAMPLES if len(made) <= MANY else SAMPLES_OF_MANY)]
    check = _judged(source, function, points, arguments, made, results, meanwhile)
    returned = shape_text(shapes[0]) if len(labels) == 1 else ()
    notes = ((WHOLE,),) if wanted.inplace else ()
    code = Code(source, function, tuple(p.argument for p in parameters), returned, check, notes)
    if not wanted.tests:
        return code
    from derive.translation.companion import companion, with_companion

    rows = _rows(points, made, results)
    differentiated = _objective(derivative_of, bindings, types, labels)
    return with_companion(code, lambda d: companion(function, labels, arguments, (rows, ()), differentiated=d), differentiated)


def _rows(points: Sequence[Point], made: Sequence[tuple[Name, Formula]], results: Sequence[Formula]) -> list[Row]:
    """The points with the values of the formulas there."""
    from derive.translation.companion import Row

    rows = []
    for point in points:
        with suppress(*NO_VALUE):
            rows.append(Row(point, _values(point, made, results)))
    return rows


def _objective(
    derivative_of: tuple[Term, Sequence[Name]] | None, bindings: Mapping[Name, Term], types: Mapping[Name, Type], labels: Sequence[str]
) -> Differentiated | None:
    """The code of the function that was differentiated, over the layers that it needs."""
    if derivative_of is None:
        return None
    from derive.translation.companion import differentiated_by

    term, names = derivative_of
    needed = {n.data for n in term.walk() if n.head == "name"}
    kept: dict[Name, Term] = {}
    for name, value in reversed(list(bindings.items())):
        if name in needed:
            kept[name] = value
            needed |= {n.data for n in value.walk() if n.head == "name"}
    try:
        code = translate_layers({"": term}, dict(reversed(list(kept.items()))), types, function="objective", summary="The function")
    except Refusal:
        return None
    fields = [label for label in labels if label != "value"]
    return differentiated_by(code, names, fields)


# ---------------------------------------------------------------------------------------------- names and sizes
def _arguments(inputs: list[Name], forms: Forms, sizes: frozenset[str]) -> Arguments:
    """The arguments of the code; none of them may be more than its shape says."""
    nodes = Nodes()
    roots = [nodes.argument(*forms.kinds[name]) for name in inputs]
    shaped = {name for _, shape in (forms.kinds[n] for n in inputs) for size in shape for name in size.names}
    roots += [nodes.size(named_size(name)) for name in sorted(sizes - shaped)]
    arguments = Arguments(Graph(nodes, tuple((str(k), root) for k, root in enumerate(roots))), inputs)
    arguments.spread = frozenset()
    arguments.batched = False
    arguments.leading = frozenset()
    return arguments


def _code_names(arguments: Arguments, bound: list[Name], function: str) -> dict[Name, str]:
    """Every name as code; arguments keep theirs."""
    known = {Name.from_key(key): text for key, text in arguments.names.items()}
    taken = {*known.values(), "np", "math", "special", function}
    for name, text in assign_code_names([*known, *bound]).items():
        if name in known:
            continue
        free = text if text not in taken else next(f"{text}_{k}" for k in count(2) if f"{text}_{k}" not in taken)
        taken.add(free)
        known[name] = free
    return known


def _said_sizes(
    said: Mapping[str, Source], formulas: Sequence[Formula], taken: set[str]
) -> tuple[list[tuple[str, Source]], dict[str, Source]]:
    """How each size is said; one that several formulas need is a line of its own."""
    counts = Counter(text[len("{size ") : -1] for f in formulas for text in f.code.placed if text.startswith("{size "))
    lines: list[tuple[str, Source]] = []
    spelled = dict(said)
    for name, uses in counts.items():
        label = said[name].hint if name in said else ""
        if uses > 1 and label and label not in taken:
            lines.append((label, said[name]))
            spelled[name] = py.name(label)
    return lines, spelled


def _filled(
    formula: Formula, codes: Mapping[Name, str], sizes: Mapping[str, Source], target: str, taken: set[str]
) -> list[tuple[str, Source]]:
    """The code with names in its slots, as assignments to temporaries and to the target."""
    form, code = formula.form, formula.code
    known: dict[str, Source] = {f"{{{key}}}": py.name(codes[name]) for key, name in zip(form.keys, formula.names, strict=True)}
    known.update({f"{{size {name}}}": source for name, source in sizes.items()})
    lines: list[tuple[str, Source]] = []
    for temporary, source in code.before:
        name = f"{temporary}_{target}"
        while name in taken:
            name += "_"
        taken.add(name)
        lines.append((name, _replaced(source, known)))
        known[temporary] = py.name(name)
    return [*lines, (target, _replaced(code.source, known))]


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
    made: Sequence[tuple[Name, Formula]],
    results: Sequence[Formula],
    meanwhile: Callable[[], None] | None,
) -> Check:
    """What the code gives at the points against the formulas."""
    wanted: list[list[Any] | None] = []  # None where the formulas have no value

    def evaluate() -> None:
        if meanwhile is not None:
            meanwhile()
        for point in points:
            try:
                wanted.append(_values(point, made, results))
            except NO_VALUE:
                wanted.append(None)

    given = [
        {
            **{arguments.names[key]: marked(point.values[key], kind) for key, (kind, _) in arguments.kinds.items()},
            **{arguments.names[name]: point.sizes[name] for name in arguments.whole},
        }
        for point in points
    ]
    outcome: Outcome = run(source, function, given, [], meanwhile=evaluate)
    if outcome.reason:
        return Check("failed" if "does not load" in outcome.reason else "unverified", METHOD, reason=outcome.reason)
    worst, compared = 0.0, 0
    for point, values, result in zip(points, wanted, outcome.results, strict=True):
        if values is None:
            continue
        compared += 1
        shown = tuple(list(point.values.items())[:8])
        if result.error:
            return Check("failed", METHOD, reason=result.error, counterexample=shown)
        parts = list(result.value.values()) if isinstance(result.value, dict) else [result.value]
        error = max((_distance(got, value) for got, value in zip(parts, values, strict=True)), default=0.0)
        if not error <= TOLERANCE:
            return Check("failed", METHOD, max_error=min(error, 1e300), counterexample=shown)
        worst = max(worst, error)
    if not compared:
        return Check("unverified", METHOD, reason="no sample at which the formulas have a value was found")
    return Check("verified", METHOD, compared, worst)


def _values(point: Point, made: Sequence[tuple[Name, Formula]], results: Sequence[Formula]) -> list[Any]:
    """The values of all outputs, by the formulas."""
    floats = Floats(point.sizes)
    values = dict(point.values)

    def value(formula: Formula) -> Any:
        given = {key: values[name.key] for key, name in zip(formula.form.keys, formula.names, strict=True)}
        return floats.value(formula.form.node, given)

    for name, formula in made:
        values[name.key] = value(formula)
    return [value(result) for result in results]


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
