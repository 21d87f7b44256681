"""The one table of operations, split by field: each says in one place its shape, its reference value, its bounds and its NumPy."""

from __future__ import annotations

from derive.graph.operations.activations import ACTIVATIONS
from derive.graph.operations.arithmetic import ARITHMETIC
from derive.graph.operations.distribution_functions import DISTRIBUTION_FUNCTIONS
from derive.graph.operations.eigenvalues import EIGENVALUES
from derive.graph.operations.functions import FUNCTIONS_OF_NUMBERS
from derive.graph.operations.indexing import INDEXING
from derive.graph.operations.joining import JOINING
from derive.graph.operations.linear_algebra import LINEAR_ALGEBRA
from derive.graph.operations.quantiles import QUANTILES
from derive.graph.operations.record import Operation, Undefined
from derive.graph.operations.singular_vectors import SINGULAR_VECTORS

__all__ = ["OPERATIONS", "Operation", "Undefined"]

OPERATIONS: dict[str, Operation] = {
    operation.name: operation
    for operation in (
        *ARITHMETIC,
        *FUNCTIONS_OF_NUMBERS,
        *QUANTILES,
        *DISTRIBUTION_FUNCTIONS,
        *ACTIVATIONS,
        *INDEXING,
        *LINEAR_ALGEBRA,
        *SINGULAR_VECTORS,
        *EIGENVALUES,
        *JOINING,
    )
}
