"""One table: operation → how the adjoint of its value becomes the adjoints of its arguments.

An entry takes the algebra, the node and its adjoint G (dL = ⟨G, d node⟩) and gives one contribution an argument, None where there is
none. Entrywise contributions may be wider than the argument: reverse mode sums them over what the argument was broadcast along.
"""

from __future__ import annotations

from derive.graph.calculus.adjoints.arrays import ARRAYS
from derive.graph.calculus.adjoints.functions import SLOPES, entrywise
from derive.graph.calculus.adjoints.reductions import REDUCTIONS
from derive.graph.calculus.adjoints.types import Adjoint

__all__ = ["ADJOINTS", "Adjoint"]

ADJOINTS: dict[str, Adjoint] = {**{op: entrywise(slopes) for op, slopes in SLOPES.items()}, **ARRAYS, **REDUCTIONS}
