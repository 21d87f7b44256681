"""Term → NumPy: build, stabilise, lower, emit, run and compare.

    translate(target, types, function="gradient", summary="…") → Code

Several parts make a function that returns a named tuple with the code names of the labels as fields.
Raises NotSupported by name where there is no code; a Code whose check failed is to be withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from derive.expressions.inline import inline
from derive.expressions.naming import assign_code_names, code_name
from derive.expressions.plain import plain_name
from derive.expressions.term import Name, Term
from derive.graph.build import build
from derive.graph.graph import Graph, walk
from derive.graph.node import ArgumentType, Node, Shape
from derive.graph.sizes import Size
from derive.solution import Argument, Code
from derive.translation import source as py
from derive.translation.emit import Parameter, Program, emit, schedule
from derive.translation.lower import Lowering
from derive.translation.prove import Case, judge
from derive.translation.run import Outcome, run
from derive.translation.sample import Point, extremes, samples
from derive.translation.source import Source
from derive.translation.stabilise import stabilise

if TYPE_CHECKING:
    from derive.meaning.scope import Type

__all__ = ["translate"]

SAMPLES = 5


class _Arguments:
    """The arguments of the code: arrays and scalars by key, sizes that some shape gives, sizes that none gives."""

    def __init__(self, graph: Graph, order: list[Name]) -> None:
        self.kinds: dict[str, tuple[ArgumentType, Shape]] = {}
        needed: dict[str, None] = {}
        for node in walk(graph.roots):
            if node.op == "argument":
                kind, shape = node.data
                self.kinds[kind.key] = (kind, shape)
            for size in _sizes_of(node):
                needed.update(dict.fromkeys(sorted(size.names)))
        rank = {name.key: k for k, name in enumerate(order)}
        self.kinds = dict(sorted(self.kinds.items(), key=lambda pair: rank.get(pair[0], len(rank))))
        self.solved: dict[str, tuple[str, int, Size]] = {}  # size → array, dimension, what is to be taken away
        for key, (_, shape) in self.kinds.items():
            for place, size in enumerate(shape):
                for name in size.names - self.solved.keys():
                    rest = size - Size({(name,): 1})
                    if rest.names <= self.solved.keys() and dict(size.terms).get((name,)) == 1 and name not in rest.names:
                        self.solved[name] = (key, place, rest)
        free = {key for key, (kind, _) in self.kinds.items() if kind.kind == "index"}
        shaped = {name for _, shape in self.kinds.values() for size in shape for name in size.names}
        self.whole = [name for name in needed if name not in self.solved and name not in free]
        self.size_names = sorted(shaped | set(needed))
        keys = [*self.kinds, *self.whole]
        assigned = assign_code_names([Name.from_key(key) for key in keys])
        self.names = {key: assigned[Name.from_key(key)] for key in keys}
        arrays = [key for key, (kind, shape) in self.kinds.items() if shape and kind.kind == "real" and not kind.values]
        self.dtype = self.names[arrays[0]] if arrays else None

    def sizes(self, graph: Graph) -> dict[str, Source]:
        """How each size is said: from the shape of an array, or as an argument."""
        said: dict[str, Source] = {}
        lowering = Lowering(graph, self.names, said, None)
        for name, (key, place, rest) in self.solved.items():
            here = py.item(py.attribute(py.name(self.names[key]), "shape"), py.number(place))
            label = code_name(Name.from_key(name)) if "." not in name else "n"
            said[name] = (here if rest.constant == 0 else py.binary("-", here, lowering.size(rest))).named(label)
        said.update({name: py.name(self.names[name]) for name in self.whole})
        for key, (kind, _) in self.kinds.items():
            if kind.kind == "index":
                said.setdefault(key, py.binary("+", py.name(self.names[key]), py.number(1)))
        return said


def _sizes_of(node: Node) -> Iterator[Size]:
    if node.op == "size":
        yield node.data
    elif node.op == "index":
        yield from node.data[1:]
    elif node.op in {"identity", "ones"}:
        yield from node.data
    elif node.op == "element":
        for spec in node.data:
            if spec[0] == "run":
                yield from (spec[1].lower, spec[1].upper, spec[2])
    for axis in node.axes:
        yield axis.lower
        yield axis.upper


def _names_in_order(*terms: Term | None) -> list[Name]:
    return list(dict.fromkeys(n.data for term in terms if term is not None for n in term.walk() if n.head == "name"))


def _shape_text(shape: Shape) -> tuple[str, ...]:
    return tuple(size.text() for size in shape)


# ---------------------------------------------------------------------------------------------- the arguments in words
def _parameters(arguments: _Arguments) -> list[Parameter]:
    made = []
    for key, (kind, shape) in arguments.kinds.items():
        argument = Argument(arguments.names[key], plain_name(Name.from_key(key)), _shape_text(shape))
        if kind.kind == "index":
            made.append(Parameter(argument, "int", "int, an index that counts from 0"))
        elif shape:
            shown = ", ".join(argument.shape) + ("," if len(shape) == 1 else "")
            words = f"array of integers, shape ({shown}), counted from 0" if kind.kind == "label" else f"array, shape ({shown})"
            made.append(Parameter(argument, "np.ndarray", words))
        else:
            made.append(Parameter(argument, "np.ndarray | float", "float or array" + _domain(kind)))
    for name in arguments.whole:
        made.append(Parameter(Argument(arguments.names[name], name, ()), "int", "int"))
    return made


def _domain(kind: ArgumentType) -> str:
    low, high = kind.bounds.low, kind.bounds.high
    if kind.values:
        return f", one of {', '.join(f'{v:g}' for v in kind.values)}"
    if kind.bounds.positive and high == float("inf"):
        return ", positive"
    if low == 0 and high == 1:
        return ", between 0 and 1"
    return ""


def _returned(label: str, node: Node) -> tuple[str, str]:
    if node.shape:
        shown = ", ".join(_shape_text(node.shape)) + ("," if len(node.shape) == 1 else "")
        return label, f"array, shape ({shown})"
    return label, "float or array"


# ---------------------------------------------------------------------------------------------- running
def _marked(value: Any, kind: ArgumentType) -> Any:
    if not isinstance(value, list):
        return value
    shape: list[int] = []
    inner = value
    while isinstance(inner, list):
        shape.append(len(inner))
        inner = inner[0] if inner else 0.0
    entries: list[Any] = value
    for _ in shape[1:]:
        entries = [entry for part in entries for entry in part]
    whole = kind.kind == "label"
    return ("array", "int64" if whole else "float64", tuple(shape), [int(e) if whole else float(e) for e in entries])


def _given(arguments: _Arguments, point: Point) -> dict[str, Any]:
    given = {}
    for key, (kind, _) in arguments.kinds.items():
        given[arguments.names[key]] = _marked(point.values[key], kind)
    given.update({arguments.names[name]: point.values[name] for name in arguments.whole})
    return given


def _stacked(arguments: _Arguments, points: list[Point], extreme: bool) -> Case:
    """All points at once: every scalar an array."""
    given: dict[str, Any] = {}
    for key, (kind, _) in arguments.kinds.items():
        entries = [point.values[key] for point in points]
        dtype = "int64" if kind.kind in {"index", "label"} else "float64"
        given[arguments.names[key]] = ("array", dtype, (len(points),), [float(e) if dtype == "float64" else e for e in entries])
    return Case(points, given, extreme, True)


def _cases(arguments: _Arguments, elementwise: bool) -> list[Case]:
    points = samples(arguments.kinds, arguments.size_names, arguments.whole, SAMPLES)
    cases = [Case([p], _given(arguments, p)) for p in points]
    if elementwise and arguments.kinds:
        cases = cases[:2] + [_stacked(arguments, points, False)]
        far = extremes(arguments.kinds, points[0])
        if far:
            cases.append(_stacked(arguments, far, True))
    return cases if arguments.kinds or arguments.whole else cases[:1]


def _example(function: str, arguments: _Arguments, elementwise: bool, several: str) -> tuple[str, str]:
    """The call of the example as it is shown, and as it is run."""
    (point,) = samples(arguments.kinds, arguments.size_names, arguments.whole, 1, seed=7)
    shown = []
    first = True
    for key, (kind, shape) in arguments.kinds.items():
        value = point.values[key]
        if shape:
            shown.append(f"{arguments.names[key]}=np.array({value!r})")
        elif elementwise and first and kind.kind == "real" and not kind.values:
            shown.append(f"{arguments.names[key]}=np.array({[value, *_more(kind, value)]!r})")
        else:
            shown.append(f"{arguments.names[key]}={value!r}")
        first = False
    shown += [f"{arguments.names[name]}={point.values[name]!r}" for name in arguments.whole]
    call = f"{function}({', '.join(shown)}){several}"
    return call, call


def _more(kind: ArgumentType, value: float) -> list[float]:
    low, high = kind.bounds.low, kind.bounds.high
    if low == 0 and high == 1:
        return [0.5, 0.75]
    if high < float("inf"):
        return [value - 1.0, value - 2.0]
    return [value + 1.0, value + 2.0]


def translate(
    target: Term | Mapping[str, Term],
    types: Mapping[Name, Type],
    *,
    function: str,
    summary: str,
    formula: Term | None = None,
) -> Code:
    """The NumPy code of a term, or of several by label, run and compared; see the module."""
    reference = build(target, types)
    parts = [target] if isinstance(target, Term) else list(target.values())
    stable = stabilise(reference)
    arguments = _Arguments(stable, _names_in_order(*([formula] if formula is not None else []), *parts))
    lowering = Lowering(stable, arguments.names, arguments.sizes(stable), arguments.dtype)
    lowering.scalars = [arguments.names[k] for k, (kind, shape) in arguments.kinds.items() if not shape and kind.kind != "index"]
    labels = _fields(reference)
    elementwise = not any(shape for _, shape in arguments.kinds.values()) and _is_elementwise(stable)
    outputs = []
    for label, node in zip(labels, stable.roots, strict=True):
        source = lowering.output(node)
        outputs.append((label, _scalar_out(source) if elementwise else source))
    taken = {*arguments.names.values(), "np", "math", "special", function}
    program = schedule(outputs, taken)
    several = f".{labels[0]}" if labels[0] else ""
    result = re.sub(r"(?:^|_)([a-z0-9])", lambda m: m.group(1).upper(), function) + "Parts"
    prelude = _prelude(arguments, program)
    call, ran = _example(function, arguments, elementwise, several)
    wrapped = f"np.round({ran}, 6)" if _shaped_example(stable, elementwise, arguments) else f"round(float({ran}), 6)"

    def module(example: list[str]) -> str:
        return emit(
            function,
            program,
            _parameters(arguments),
            summary=summary,
            formula=inline(formula) if formula is not None else "",
            prelude=prelude,
            returns=[_returned(label, node) for label, node in zip(labels, stable.roots, strict=True)],
            result=result,
            example=example,
        )

    bare = module([])
    cases = _cases(arguments, elementwise)
    outcome = run(bare, function, [case.arguments for case in cases], [wrapped])
    proof = judge(reference, cases, outcome, lambda point: _spelled(arguments, point))
    source = module(_shown_example(wrapped, outcome)) if outcome.examples else bare
    return Code(
        source,
        function,
        tuple(p.argument for p in _parameters(arguments)),
        _shape_text(stable.roots[0].shape) if len(labels) == 1 else (),
        proof.check,
        tuple((note,) for note in proof.notes),
    )


def _shaped_example(graph: Graph, elementwise: bool, arguments: _Arguments) -> bool:
    first = next(iter(arguments.kinds.values()), None)
    varied = elementwise and first is not None and first[0].kind == "real" and not first[0].values
    return bool(graph.roots[0].shape) or varied


def _shown_example(call: str, outcome: Outcome) -> list[str]:
    shown = outcome.examples[0]
    if not shown or shown.endswith("Error") or "nan" in shown or "inf" in shown:
        return []
    return [f">>> {call}", *shown.split("\n")]


def _spelled(arguments: _Arguments, point: Point) -> str:
    return ", ".join(f"{arguments.names[k]} = {v:g}" for k, v in point.values.items() if isinstance(v, float | int))


def _fields(graph: Graph) -> list[str]:
    labels = [label for label, _ in graph.outputs]
    if labels == [""]:
        return labels
    names = assign_code_names([Name.from_key(label) for label in labels])
    return [names[Name.from_key(label)] for label in labels]


def _is_elementwise(graph: Graph) -> bool:
    return all(not node.shape and not node.axes for node in walk(graph.roots))


def _scalar_out(source: Source) -> Source:
    """A choice made by np.where gives a 0-d array for scalars; [()] makes it a scalar again."""
    if (source.kind == "call" and source.text == "np.where") or (source.kind == "method" and source.text == "astype"):
        return py.item(source, py.tuple_())
    return source


GREEK = frozenset(("mu", "sigma", "lam", "alpha", "beta", "gamma", "theta", "tau", "nu", "kappa", "eta", "rho", "delta", "epsilon", "phi", "omega"))


def _prelude(arguments: _Arguments, program: Program) -> list[str]:
    """Parameters of their own dtype would widen float32 data where a NumPy function meets them alone: they get the dtype of the data."""
    scalars = {arguments.names[k] for k, (kind, shape) in arguments.kinds.items() if not shape and kind.kind != "index"}
    data = [arguments.names[k] for k, (kind, _) in arguments.kinds.items() if kind.kind == "real"]
    if len(data) < 2 or not scalars:
        return []
    lone: dict[str, None] = {}
    meaning: dict[str, frozenset[str]] = {}
    for name, source in (*program.assignments, *program.returns):
        meaning[name] = _dependencies(source, meaning, set(data), scalars, lone)
    has_arrays = arguments.dtype is not None
    chosen = [name for name in data if name in lone and (has_arrays or name.split("_")[0] in GREEK)]
    if not has_arrays and all(name in chosen for name in data):
        return []
    return [f"{name} = np.asarray({name}, dtype=np.result_type({', '.join([d for d in data if d != name] + [name])}))" for name in chosen]


def _dependencies(
    source: Source, known: Mapping[str, frozenset[str]], data: set[str], scalars: set[str], lone: dict[str, None]
) -> frozenset[str]:
    if source.kind == "name":
        return known.get(source.text, frozenset({source.text}) & data)
    found = frozenset[str]().union(*(_dependencies(a, known, data, scalars, lone) for a in source.args))
    if source.kind == "call" and not source.text.startswith("math.") and found and found <= scalars and found < data:
        lone.update(dict.fromkeys(sorted(found)))
    return found


