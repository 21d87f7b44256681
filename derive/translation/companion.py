"""The test module that stands beside emitted code: values, extremes, shapes, single precision, gradients against differences.

In: what the code was tried on and the reference values. Out: the text of `test_<function>.py`, which runs under pytest as it is, beside
`<function>.py`. Its expectations are numbers of the high-precision reference, written out; gradients are also compared with central
differences of the function that was differentiated, as its own plain code. It is run before it is handed over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from derive.derivation import Check
from derive.expressions.plain import plain_name
from derive.expressions.term import Name
from derive.graph.graph import Graph
from derive.graph.node import Node
from derive.solution import Code
from derive.translation.arguments import Arguments
from derive.translation.prove import HUGE, ORDINARY_BITS, Case, References
from derive.translation.run import run
from derive.translation.sample import Point

__all__ = ["Companion", "Differentiated", "Row", "companion", "differentiated_by", "failure_of", "is_counted", "tested", "with_companion"]

MOST_POINTS = 6
MOST_EXTREMES = 12
MOST_ENTRIES = 64  # of the arrays of a point that is written out
WIDTH = 110


class Differentiated(NamedTuple):
    """The function whose derivative the code is: a module with the function `objective`, its arguments, and the variables by field."""

    source: str
    arguments: tuple[str, ...]
    variables: Mapping[str, str]  # field of the result ("" for a single one) → argument


class Row(NamedTuple):
    """A point, and the value of every output there."""

    point: Point
    values: list[Any]


Companion = Callable[[Differentiated | None], str]


# ---------------------------------------------------------------------------------------------- numbers in the text
def _literal(value: Any) -> str:
    """A number, or nested lists of numbers as an array."""
    if isinstance(value, list):
        return f"np.array({_listed(value)})"
    return _number(value)


def _listed(value: Any) -> str:
    return f"[{', '.join(map(_listed, value))}]" if isinstance(value, list) else _number(value)


def _number(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "math.nan" if math.isnan(value) else "math.inf" if value > 0 else "-math.inf"
    return repr(value)


def _entries(value: Any) -> int:
    return sum(map(_entries, value)) if isinstance(value, list) else 1


def _shaped(entries: list[float], shape: tuple[int, ...]) -> Any:
    if not shape:
        return entries[0]
    step = len(entries) // shape[0] if shape[0] else 0
    return [_shaped(entries[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])]


def shaped_values(graph: Graph, point: Point, found: Sequence[Any] | None) -> list[Any] | None:
    """The values of all outputs at a point, shaped; None where one is not there, is none that a float holds, or is all but 0."""
    if found is None:
        return None
    entries = [float(e) if abs(e) < HUGE else math.inf for e in found]
    if any(not math.isfinite(e) or 0 < abs(e) < 1e-290 for e in entries):
        return None
    values, start = [], 0
    for root in graph.roots:
        shape = tuple(size.value(point.sizes) for size in root.shape)
        count = math.prod(shape)
        values.append(_shaped(entries[start : start + count], shape))
        start += count
    return values


def _given(arguments: Arguments, point: Point) -> dict[str, Any]:
    given = {arguments.names[key]: point.values[key] for key in arguments.kinds}
    return given | {arguments.names[name]: point.sizes[name] for name in arguments.whole}


def _written(arguments: Arguments, row: Row, labels: Sequence[str]) -> list[str]:
    given = [f'"{name}": {_literal(value)}' for name, value in _given(arguments, row.point).items()]
    wanted = [f'"{label}": {_literal(value)}' for label, value in zip(labels, row.values, strict=True)]
    line = f"    ({{{', '.join(given)}}}, {{{', '.join(wanted)}}}),"
    if len(line) <= WIDTH:
        return [line]
    inner, outer = ([f"            {part}," for part in parts] for parts in (given, wanted))
    return ["    (", "        {", *inner, "        },", "        {", *outer, "        },", "    ),"]


# ---------------------------------------------------------------------------------------------- the module
HEAD = '''
def parts(result):
    """The parts of a result by name; a single one is called value."""
    return result._asdict() if hasattr(result, "_asdict") else {"value": result}


def assert_close(got, wanted):
    """Every part is as wanted; the entries of an array also against its largest."""
    for label, value in wanted.items():
        scale = np.max(np.abs(value), initial=0.0)
        np.testing.assert_allclose(got[label], value, rtol=1e-9, atol=1e-12 * scale, err_msg=label)
'''

VALUES = '''
def test_values():
    """Random points against high-precision values; the shape is that of the mathematics."""
    for given, wanted in POINTS:
        got = parts({function}(**given))
        assert_close(got, wanted)
        for label, value in wanted.items():
            assert np.shape(got[label]) == np.shape(value), label
'''

EXTREME = '''
def test_extremes():
    """Far out and close to zero: right, and without a warning."""
    for given, wanted in EXTREMES:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            assert_close(parts({function}(**given)), wanted)
'''

BROADCAST = '''
def test_arrays_of_numbers():
    """Numbers that come as arrays give the same, entry by entry, in any shape."""
    first = POINTS[0][0]
    for shape in ((6,), (2, 3)):
        rows = [{{**first, **{{key: POINTS[k % len(POINTS)][0][key] for key in SPREAD}}}} for k in range(6)]
        stacked = {{**first, **{{key: np.array([row[key] for row in rows], dtype=float).reshape(shape) for key in SPREAD}}}}
        got = parts({function}(**stacked))
        for label in POINTS[0][1]:
            single = np.array([parts({function}(**row))[label] for row in rows])
            wanted = single.reshape(shape + single.shape[1:])
            found = np.broadcast_to(got[label], wanted.shape)  # what does not depend on them stays as it is
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-15, err_msg=label)
'''

SINGLE = '''
def test_single_precision():
    """float32 in, float32 out, and close to the value in double precision."""
    for given, wanted in POINTS:
        narrow = {{key: np.asarray(value, dtype=np.float32) if key in REAL else value for key, value in given.items()}}
        with np.errstate(all="ignore"):
            got = parts({function}(**narrow))
        for label, value in wanted.items():
            assert np.asarray(got[label]).dtype == np.float32, label
            scale = np.max(np.abs(value), initial=0.0)
            np.testing.assert_allclose(got[label], value, rtol=1e-2, atol=1e-2 * scale, err_msg=label)
'''

DIFFERENCES = '''
def test_gradient_by_differences():
    """Every derivative against the central difference of the function that was differentiated."""
    for given, _ in POINTS:
        got = parts({function}(**given))
        plain = {{key: given[key] for key in {arguments}}}
        for label, variable in {variables}:
            at = np.asarray(plain[variable], dtype=float)
            wanted = np.empty(at.shape)
            for place in np.ndindex(at.shape):
                step = 1e-5 * max(1.0, abs(at[place]))
                moved = [at.copy(), at.copy()]
                moved[0][place] += step
                moved[1][place] -= step
                high, low = (objective(**{{**plain, variable: m if at.shape else float(m)}}) for m in moved)
                wanted[place] = (high - low) / (moved[0][place] - moved[1][place])
            scale = max(1.0, np.max(np.abs(wanted), initial=0.0))
            np.testing.assert_allclose(got[label], wanted, rtol=1e-4, atol=1e-5 * scale, err_msg=label)
'''

OUT = '''
def test_out():
    """An array that is given is filled and returned; one that is an argument, too, is read before it is written."""
    given, _ = POINTS[0]
    shape = (3, 40000)  # more than a block
    rng = np.random.default_rng(0)
    factors = {{key: 1.0 + 1e-3 * rng.random(shape if k == 0 else shape[1:]) for k, key in enumerate(SPREAD)}}
    large = {{key: given[key] * factors[key] if key in SPREAD else given[key] for key in given}}
    wanted = {function}(**large)
    out = np.empty_like(wanted)
    assert {function}(**large, out=out) is out
    np.testing.assert_array_equal(out, wanted)
    for column in (0, 17000, 39999):
        one = {{key: np.broadcast_to(value, shape)[1, column] if key in SPREAD else value for key, value in large.items()}}
        np.testing.assert_allclose(wanted[1, column], {function}(**one), rtol=1e-12)
    first = SPREAD[0]
    overlapping = np.array(large[first])
    np.testing.assert_array_equal({function}(**{{**large, first: overlapping}}, out=overlapping), wanted)
'''


def rows_of(references: References, cases: Sequence[Case], bits: int, most: int) -> list[Row]:
    """The first points of the cases at which there are values."""
    rows: list[Row] = []
    for point in (point for case in cases for point in case.points):
        if len(rows) < most and sum(map(_entries, point.values.values())) <= MOST_ENTRIES:
            values = shaped_values(references.graph, point, references.value(point, bits))
            rows += [Row(point, values)] if values is not None else []
    return rows


def tested(references: References, tried: Sequence[Case], trusted: bool) -> tuple[list[Row], list[Row]]:
    """Ordinary and extreme points with their values; extremes only where the code is right there (`trusted`)."""
    ordinary = [c for c in tried if not c.extreme and not c.stacked]
    far = [c for c in tried if c.extreme] if trusted else []
    return rows_of(references, ordinary, ORDINARY_BITS, MOST_POINTS), rows_of(references, far, references.extreme_bits, MOST_EXTREMES)


def companion(
    function: str,
    labels: Sequence[str],
    arguments: Arguments,
    rows: tuple[Sequence[Row], Sequence[Row]],
    *,
    whole: bool = False,
    differentiated: Differentiated | None = None,
    blocked: bool = False,
) -> str:
    """The text of the test module, "" where there is no point that could be written out.

    `rows` are ordinary and extreme points, `whole` says that the result is a count or a place, `blocked` that there is an argument `out`.
    """
    names = [label or "value" for label in labels]
    points, extremes = ([line for row in part for line in _written(arguments, row, names)] for part in rows)
    if not points:
        return ""
    spread = [arguments.names[key] for key, (kind, _) in arguments.kinds.items() if key in arguments.spread and kind.kind == "real"]
    real = _narrowed(arguments)
    pieces = [HEAD, VALUES.format(function=function)]
    constants = ["POINTS = [  # arguments, values", *points, "]"]
    if extremes:
        constants += ["EXTREMES = [", *extremes, "]"]
        pieces.append(EXTREME.format(function=function))
    if spread:
        constants.append(f"SPREAD = [{', '.join(map(_quoted, spread))}]")
        pieces.append(BROADCAST.format(function=function))
    if real and not whole:
        constants.append(f"REAL = [{', '.join(map(_quoted, real))}]")
        pieces.append(SINGLE.format(function=function))
    if blocked and spread:
        pieces.append(OUT.format(function=function))
    imports = ["import warnings"] if extremes else []
    if differentiated is not None:
        objective, more = _objective(differentiated)
        imports += more
        said = [f"({_quoted(label or 'value')}, {_quoted(name)})" for label, name in differentiated.variables.items()]
        listed = ", ".join(map(_quoted, differentiated.arguments))
        pieces.insert(1, objective)
        pieces.append(DIFFERENCES.format(function=function, variables=f"[{', '.join(said)}]", arguments=f"[{listed}]"))
    body = "\n\n".join(["\n".join(constants) + "\n", *(piece.strip("\n") + "\n" for piece in pieces)])
    if re.search(r"\bmath\.", body) and "import math" not in imports:
        imports.insert(0, "import math")
    third = ["import numpy as np", *(line for line in imports if line.startswith("from scipy"))]
    standard = sorted(line for line in imports if not line.startswith("from scipy") and line)
    head = [f'"""Tests of {function}."""', "", *standard, *([""] if standard else []), *third, "", f"from {function} import {function}", ""]
    return "\n".join([*head, body]).rstrip("\n") + "\n"


def _narrowed(arguments: Arguments) -> list[str]:
    """The arguments that come in single precision: real ones, and beside them arrays of whole numbers, which would widen the result."""
    kinds = [(name, arguments.kinds[key], key in arguments.spread) for key, name in arguments.names.items() if key in arguments.kinds]
    if not any(kind.kind == "real" and (shape or spread) for _, (kind, shape), spread in kinds):
        return []
    return [
        name for name, (kind, shape), spread in kinds if (kind.kind == "real" and (shape or spread)) or (kind.kind == "integer" and shape)
    ]


def _quoted(name: str) -> str:
    return f'"{name}"'


def is_counted(roots: Sequence[Node]) -> bool:
    """Whether a result is a whole number, whose dtype nothing decides: a count, a place."""
    plain = [root.args[0] if root.op == "stack" else root for root in roots]
    return any(root.op in {"argmax", "argmin"} or (root.op == "sum" and root.args[0].op == "indicator") for root in plain)


def _objective(differentiated: Differentiated) -> tuple[str, list[str]]:
    """The function that was differentiated without its documentation, and what it imports."""
    lines = differentiated.source.split("\n")
    start = next(k for k, line in enumerate(lines) if line.startswith("def objective("))
    body = re.sub(r'"""(?:.|\n)*?"""', '"""The function that was differentiated."""', "\n".join(lines[start:]), count=1)
    signature, rest = body.split('"""', 1)
    signature = re.sub(r": (?:float|int|np\.ndarray)(?: \| np\.ndarray)?(?=[,)\n])", "", signature)
    signature = re.sub(r" -> [^:]+:", ":", signature)
    imports = [line for line in lines[:start] if line.startswith(("import math", "from scipy"))]
    return signature + '"""' + rest, imports


def differentiated_by(code: Code, variables: Sequence[Name], fields: Sequence[str]) -> Differentiated | None:
    """The code of a function as what was differentiated; None where it was not verified or lacks a variable."""
    symbols = {argument.symbol: argument.name for argument in code.arguments}
    known = [symbols[plain_name(name)] for name in variables if plain_name(name) in symbols]
    if len(known) < len(variables) or len(fields) != len(variables) or code.check is None or code.check.status != "verified":
        return None
    return Differentiated(code.source, tuple(a.name for a in code.arguments), dict(zip(fields, known, strict=True)))


def with_companion(code: Code, made: Companion, differentiated: Differentiated | None) -> Code:
    """The code with its test module, which was run on it; tests that fail are withheld, and the code says so."""
    if code.check is None or code.check.status != "verified":
        return code
    given = {argument.name for argument in code.arguments}
    usable = differentiated is not None and set(differentiated.arguments) <= given
    tests = made(differentiated if usable else None)
    if not tests:
        return replace(code, notes=(*code.notes, ("no tests: no point at which the result is finite is small enough to be written out",)))
    problem = failure_of(tests, code.source, code.function)
    if problem:
        doubtful = Check("unverified", code.check.method, code.check.points, reason=f"its tests failed: {problem}")
        return replace(code, check=doubtful, notes=(*code.notes, (f"the tests are withheld, they failed: {problem}",)))
    return replace(code, tests=tests)


def failure_of(tests: str, source: str, function: str) -> str:
    """What goes wrong when the tests run on the code; "" where all pass."""
    body = tests.replace(f"from {function} import {function}\n", "")
    found = re.findall(r"^def (test_\w+)", body, re.MULTILINE)
    calls = "\n".join(f"    {name}()" for name in found)
    outcome = run(f"{source}\n\n{body}\n\ndef run_all():\n{calls}\n    return 1.0\n", "run_all", [{}])
    return outcome.reason or outcome.results[0].error
