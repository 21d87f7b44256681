"""A function of NumPy is read, its term is evaluated exactly, and both are compared with what Python computes."""

from __future__ import annotations

import math
import sys
import types
from typing import Any

import numpy as np

from derive.expressions.term import Name, Term
from derive.graph.build import build
from derive.graph.evaluate import evaluate
from derive.graph.operations import Undefined
from derive.meaning.expand import substitute
from derive.meaning.numpy_notation.module import FunctionReading, read_function
from derive.meaning.numpy_notation.shaped import Shaped, settle_shapes
from derive.meaning.numpy_notation.shaped.extents import polynomial
from derive.meaning.scope import Type

TRIALS = 4
BITS = 100
LEAST = 3


def settled(source: str, function: str) -> tuple[FunctionReading, Shaped, list[Term]]:
    """The reading of a function, and its values with the assignments put in."""
    reading = read_function(source, function)
    shaped = settle_shapes(reading.definitions, reading.body, reading.types)
    values: dict[Name, Term] = {}
    for name, term in shaped.definitions:
        values[name] = substitute(term, values)
    return reading, shaped, [substitute(value, values) for value in shaped.values]


def loaded(source: str) -> types.ModuleType:
    """The module; tests may run what the reader never runs."""
    module = types.ModuleType("written")
    sys.modules["written"] = module
    exec(compile(source, "written.py", "exec"), module.__dict__)
    return module


def agrees(source: str, function: str, run: str = "") -> int:
    """At how many points the reading of `source` has the value that `run` (or the source itself) has. Fails where the two differ."""
    rng = np.random.default_rng(7)
    reading, shaped, values = settled(source, function)
    computed = getattr(loaded(run or source), function)
    graph = build(values[0] if len(values) == 1 else {f"value {k}": value for k, value in enumerate(values)}, shaped.types)
    points = 0
    for trial in range(TRIALS):
        sizes = sizes_of(shaped, trial)
        arguments = {name: drawn(name, shaped.types.get(name), sizes, rng, trial) for name in reading.parameters}
        sizes |= {name.key: value for name, value in arguments.items() if isinstance(value, int)}
        with np.errstate(all="ignore"):
            results = computed(*arguments.values())
        exact = {name.key: value.tolist() if isinstance(value, np.ndarray) else value for name, value in arguments.items()}
        for root, result in zip(graph.roots, results if len(values) > 1 else [results], strict=True):
            try:
                wanted = np.squeeze(numbers(evaluate(root, exact, sizes, BITS)))
            except Undefined:
                continue
            got = np.squeeze(np.asarray(result, float))
            if np.all(np.isfinite(got)):
                np.testing.assert_allclose(got, wanted, rtol=1e-8, atol=1e-10, err_msg=f"{function} at {exact}")
                assert got.shape == np.shape(wanted)
                points += 1
    return points


def numbers(value: Any) -> Any:
    return np.array([numbers(part) for part in value]) if isinstance(value, list | tuple) else float(value)


def sizes_of(shaped: Shaped, trial: int) -> dict[str, int]:
    keys = {part.data.key for kind in shaped.types.values() for size in kind.shape for part in size.walk() if part.head == "name"}
    return {key: LEAST + (place + trial) % 3 for place, key in enumerate(sorted(keys))}


def length(size: Term, sizes: dict[str, int]) -> int:
    found = polynomial(size)
    assert found is not None
    return sum(count * math.prod(sizes[part.data.key] for part in monomial) for monomial, count in found.items())


def drawn(name: Name, kind: Type | None, sizes: dict[str, int], rng: np.random.Generator, trial: int) -> Any:
    """An argument: of its shape, inside its declared bounds; positive numbers at the first trials, any at the others."""
    if name.key in sizes:
        return sizes[name.key]
    kind = kind or Type()
    shape = tuple(length(size, sizes) for size in kind.shape)
    if kind.domain in ("whole", "index", "natural"):
        return int(rng.integers(0, 3) if kind.domain == "index" else rng.integers(1, 5))
    if "labels" in kind.properties:
        return rng.integers(0, LEAST, size=shape)
    if kind.values:
        return rng.choice([float(v.value if v.head == "number" else -v.args[0].value) for v in kind.values], size=shape)
    if "positive-definite" in kind.properties or (len(shape) == 2 and name.key in ("S", "Sigma")):
        root = rng.normal(size=shape)
        return root @ root.T + np.eye(shape[0])
    if kind.upper is not None or trial == 0:
        value = rng.uniform(0.1, 0.9, size=shape)
    else:
        value = rng.uniform(0.1, 3.0, size=shape) if kind.lower is not None or trial == 1 else rng.normal(size=shape)
    return value if shape else float(value)
