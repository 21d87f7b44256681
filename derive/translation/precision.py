"""float32 in, float32 out: parameters that a NumPy function meets alone get the dtype of the data first.

A Python float never widens float32 data, but `np.log(sigma)` of a Python float is a float64 that does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.translation import source as py
from derive.translation.arguments import Arguments
from derive.translation.emit import Program
from derive.translation.source import Source

__all__ = ["narrowed", "prelude"]

GREEK = frozenset(
    ("mu", "sigma", "lam", "alpha", "beta", "gamma", "theta", "tau", "nu", "kappa", "eta", "rho", "delta", "epsilon", "phi", "omega")
)


def prelude(arguments: Arguments, program: Program) -> list[str]:
    """Parameters of their own dtype would widen float32 data where a NumPy function meets them alone: they get the dtype of the data."""
    scalars = {arguments.names[k] for k, (kind, shape) in arguments.kinds.items() if not shape and kind.kind != "index"}
    data = [arguments.names[k] for k, (kind, shape) in arguments.kinds.items() if kind.kind == "real" or (shape and kind.kind == "integer")]
    if len(data) < 2 or not scalars:
        return []
    lone: dict[frozenset[str], None] = {}
    meaning: dict[str, frozenset[str]] = {}
    for name, source in (*program.assignments, *program.returns):
        meaning[name] = _dependencies(source, meaning, set(data), scalars, lone)
    has_arrays = arguments.dtype is not None or any(shape and kind.kind == "integer" for kind, shape in arguments.kinds.values())
    groups = [group for group in lone if has_arrays or all(name.split("_")[0] in GREEK for name in group)]
    chosen = [name for name in data if any(name in group for group in groups)]
    if all(any(name in group for group in lone) for name in data):
        return []
    return [f"{name} = np.asarray({name}, dtype=np.result_type({', '.join([d for d in data if d != name] + [name])}))" for name in chosen]


def narrowed(arguments: Arguments, sources: Sequence[Source]) -> list[Source]:
    """What is made of numbers alone by functions of SciPy, in the dtype of the arguments: those take a Python float for a float64."""
    data = {arguments.names[k] for k, (kind, _) in arguments.kinds.items() if kind.kind in ("real", "integer")}
    if len(data) < 2 or any(shape for _, shape in arguments.kinds.values()) or len(data) < len(arguments.names):
        return list(sources)
    dtype = py.apply("np.result_type", *(py.name(name) for name in arguments.names.values()), py.number(1.0))
    return [
        Source("method", "astype", (s, dtype, py.name("False")), ("copy",)) if _may_widen(s, data) and not _is_typed(s) else s
        for s in sources
    ]


def _may_widen(source: Source, data: set[str]) -> bool:
    """Whether a function of SciPy meets some of the arguments without the others: they may be Python's floats."""
    calls = [part for part in source.walk() if part.kind == "call" and part.text.startswith("special.")]
    met = [{name.text for name in argument.walk() if name.kind == "name"} & data for call in calls for argument in call.args]
    return any(names and names < data for names in met)


def _is_typed(source: Source) -> bool:
    return source.kind == "method" and source.text == "astype"


def _dependencies(
    source: Source, known: Mapping[str, frozenset[str]], data: set[str], scalars: set[str], lone: dict[frozenset[str], None]
) -> frozenset[str]:
    if source.kind == "name":
        return known.get(source.text, frozenset({source.text}) & data)
    found = frozenset[str]().union(*(_dependencies(a, known, data, scalars, lone) for a in source.args))
    if source.kind == "call" and not source.text.startswith("math.") and found and found <= scalars and found < data:
        lone[found] = None
    return found
