"""Term → NumPy: build, stabilise, lower, emit, run and compare.

    translate(target, types, function="gradient", summary="…") → Code

Several parts make a function that returns a named tuple with the code names of the labels as fields.
Raises NotSupported by name where there is no code; a Code whose check failed is to be withheld.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from derive.errors import Refusal, TooLarge
from derive.expressions.inline import inline
from derive.expressions.naming import assign_code_names
from derive.expressions.plain import plain_name
from derive.expressions.term import Name, Term
from derive.graph.build import build
from derive.graph.graph import Graph, walk
from derive.graph.node import Node
from derive.solution import Code
from derive.translation import constants
from derive.translation import source as py
from derive.translation.arguments import Arguments, drawn_for, shape_text
from derive.translation.emit import Frame, Program, emit, schedule
from derive.translation.lower import Lowering
from derive.translation.precision import narrowed, prelude
from derive.translation.prove import References, flat, judge
from derive.translation.run import run
from derive.translation.sample import Point
from derive.translation.source import Source
from derive.translation.stabilise import stabilise
from derive.translation.target import ARRAY_API, PLAIN, RESERVED, Target
from derive.translation.trial import Example, cases, example
from derive.translation.words import parameters_of

if TYPE_CHECKING:  # what only some targets need is loaded when it is asked for
    from derive.meaning.scope import Type
    from derive.translation.array_api import Standard
    from derive.translation.companion import Companion, Differentiated

__all__ = ["WHOLE", "standard_of", "translate"]

PLACE = "int, an index that counts from 0"
WHOLE = "the code works on whole arrays, not in blocks: it is not one elementwise formula"
OTHER = "the code works on whole arrays, not in blocks: blocks are NumPy's"


# ---------------------------------------------------------------------------------------------- the arguments in words
def _returned(label: str, node: Node, arguments: Arguments) -> tuple[str, str]:
    """What comes back: the entries of a vector or matrix stand behind the dimensions of scalars that come as arrays."""
    keys = {n.data[0].key for n in walk((node,)) if n.op == "argument"}
    counted = node.args[0] if node.op == "stack" else node
    if counted.op in {"argmax", "argmin"}:
        return label, f"array of integers, shape ({', '.join(shape_text(node.shape))},), counted from 0" if node.shape else PLACE
    if node.shape:
        lead = ("...",) if keys & (arguments.batch | arguments.leading) else ()
        sizes = (*lead, *shape_text(node.shape))
        return label, f"array, shape ({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
    return label, "float or array" if keys & arguments.spread else "float"


# ---------------------------------------------------------------------------------------------- the translation
def translate(
    target: Term | Mapping[str, Term],
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
    """The NumPy code of a term, or of several by label, run and compared; see the module. Arguments come in the order of `first`, then as
    they stand in the formula, or where there is none in the target. `derivative_of` says which function the target is the gradient of, with
    respect to what: its test module then compares differences. `meanwhile` may be called while the code runs; it raises nothing."""
    try:
        code, companion_of = _translated(target, types, function, summary, formula, first, wanted, meanwhile)
        if not wanted.tests:
            return code
        from derive.translation.companion import with_companion

        return with_companion(code, companion_of, _objective(derivative_of, types, target))
    except RecursionError:
        raise TooLarge("the expression is nested too deeply to translate") from None


def _translated(
    target: Term | Mapping[str, Term],
    types: Mapping[Name, Type],
    function: str,
    summary: str,
    formula: Term | None,
    first: Sequence[Name],
    wanted: Target,
    meanwhile: Callable[[], None] | None,
) -> tuple[Code, Companion]:
    reference = build(target, types)
    parts = [target] if isinstance(target, Term) else list(target.values())
    stable = stabilise(reference)
    order = [*first, *_names_in_order(formula, *parts)]
    arguments = Arguments(stable, order)
    labels = _fields(reference)
    lowering = Lowering(stable, arguments.names, arguments.sizes(stable), arguments.dtype)
    lowering.scalars = arguments.scalars
    lowering.batch = arguments.batch
    lowering.leading = arguments.leading
    standard = standard_of(arguments) if wanted.library == ARRAY_API else None
    lowering.standard = standard is not None
    sources = [lowering.output(node) for node in stable.roots]
    sources = [s if node.shape else _scalar_out(s) for node, s in zip(stable.roots, sources, strict=True)]
    if standard is None and not wanted.inplace:
        bare_program = schedule(list(zip(labels, sources, strict=True)), set())
        sources = sources if prelude(arguments, bare_program) else narrowed(arguments, sources)
    outputs = list(zip(labels, sources if standard is None else map(standard.converted, sources), strict=True))
    program = schedule(outputs, {*arguments.names.values(), function, *RESERVED[wanted.library]})
    in_blocks = _in_blocks(program, arguments, stable) if wanted.inplace and standard is None else None
    frame = in_blocks if standard is None else standard.frame(program)
    before = prelude(arguments, program) if standard is None else [standard.first_line]
    parameters = parameters_of(arguments, before)
    drawn = drawn_for(reference, order)
    tried = cases(reference, arguments, drawn)
    references = References(reference)
    shown = example(references, arguments, drawn, function, f".{labels[0]}" if labels[0] else "")

    module = emit(
        function,
        program,
        parameters,
        summary=summary,
        formula=inline(formula) if formula is not None else "",
        prelude=before,
        returns=[_returned(label, node, arguments) for label, node in zip(labels, stable.roots, strict=True)],
        result=re.sub(r"(?:^|_)([a-z0-9])", lambda m: m.group(1).upper(), function) + "Parts",
        frame=frame,
    )
    bare = module.text([])
    examples = [shown.run] if shown is not None else []
    is_constant = not parameters and len(tried) == 1 and wanted.library == PLAIN.library
    outcome = constants.outcome(bare, function, examples) if is_constant else None
    if outcome is None:
        outcome = run(bare, function, [case.arguments for case in tried], examples, meanwhile=lambda: references.prepare(tried, meanwhile))
    proof = judge(reference, tried, outcome, lambda point: _spelled(arguments, point), references)
    if standard is not None:
        proof = standard.proved_elsewhere(proof, bare, function, tried, references)
    if in_blocks is not None:
        from derive.translation.blocks import proved_in_small_blocks

        proof = proved_in_small_blocks(proof, bare, function, tried, references)
    lines = _example_lines(shown, outcome.examples)
    if lines and standard is not None:
        lines = [">>> import numpy as np", *lines]
    notes = [OTHER if standard is not None else WHOLE] if wanted.inplace and in_blocks is None else []
    code = Code(
        module.text(lines),
        function,
        tuple(p.argument for p in parameters),
        shape_text(stable.roots[0].shape) if len(labels) == 1 else (),
        proof.check,
        tuple((note,) for note in (*_taken(reference), *proof.notes, *notes)),
    )

    def companion_of(differentiated: Differentiated | None) -> str:
        from derive.translation.companion import companion, is_counted, tested

        clear = [case for case in tried if not any(point in proof.cancelling for point in case.points)]
        rows, whole = tested(references, clear, not proof.notes), is_counted(stable.roots)
        return companion(function, labels, arguments, rows, whole=whole, differentiated=differentiated, blocked=in_blocks is not None)

    return code, companion_of


def standard_of(arguments: Arguments) -> Standard:
    """What makes NumPy source array-API source; loaded when it is asked for."""
    from derive.translation.array_api import Standard

    return Standard(arguments)


def _in_blocks(program: Program, arguments: Arguments, graph: Graph) -> Frame | None:
    from derive.translation.blocks import blocked, is_blockable

    return blocked(program, arguments) if is_blockable(graph) else None


def _objective(
    derivative_of: tuple[Term, Sequence[Name]] | None, types: Mapping[Name, Type], target: Term | Mapping[str, Term]
) -> Differentiated | None:
    """The code of the function that was differentiated; None where there is none."""
    if derivative_of is None:
        return None
    from derive.translation.companion import differentiated_by

    term, names = derivative_of
    try:
        code = translate(term, types, function="objective", summary="The function that was differentiated")
    except Refusal:
        return None
    if isinstance(target, Term):
        return differentiated_by(code, names, [""])
    labels = assign_code_names([Name.from_key(label) for label in target])
    return differentiated_by(code, names, [labels[Name.from_key(label)] for label in target if label != "value"])


def _taken(graph: Graph) -> list[str]:
    """What undeclared names were taken to be."""
    return [f"{plain_name(Name.from_key(key))} is taken to be {words}" for key, words in graph.assumptions]


def _names_in_order(*terms: Term | None) -> list[Name]:
    return list(dict.fromkeys(n.data for term in terms if term is not None for n in term.walk() if n.head == "name"))


def _example_lines(shown: Example | None, results: tuple[str, ...]) -> list[str]:
    """The example as a doctest; none where its value says nothing."""
    if shown is None or not results or results[0].endswith("Error") or "nan" in results[0] or "inf" in results[0]:
        return []
    return [*(f">>> {line}" for line in shown.lines), f">>> {shown.call}", *results[0].split("\n")]


def _spelled(arguments: Arguments, point: Point) -> str:
    said = []
    for key, value in point.values.items():
        if key not in arguments.names:
            continue
        name = arguments.names[key]
        size = max((abs(entry) for entry in flat(value)), default=0.0)
        said.append(f"{name} = {value:g}" if isinstance(value, float | int) else f"{name} with entries up to {size:g}")
    return ", ".join(said)


def _fields(graph: Graph) -> list[str]:
    labels = [label for label, _ in graph.outputs]
    if labels == [""]:
        return labels
    names = assign_code_names([Name.from_key(label) for label in labels])
    return [names[Name.from_key(label)] for label in labels]


def _scalar_out(source: Source) -> Source:
    """A choice made by np.where gives a 0-d array for scalars; [()] makes it a scalar again."""
    if (source.kind == "call" and source.text == "np.where") or (source.kind == "method" and source.text == "astype"):
        return py.item(source, py.tuple_())
    if source.kind == "call" and source.text in {"np.argmax", "np.argmin"}:
        return py.apply("int", source)
    return source
