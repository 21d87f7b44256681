"""Whether a task is one over arrays or over named scalars.

In: a reading. Out: a truth value. A task is over arrays where a variable has a shape, or where its function has operations of arrays.
"""

from __future__ import annotations

from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Term, integer
from derive.meaning.scope import Reading

__all__ = ["concerns_arrays", "concerns_components", "concerns_entries", "differentiated_by", "holds_arrays"]

_TASKS = ("gradient", "hessian", "jacobian", "derivative", "directional")
MOST_COMPONENTS = 9
_OTHERS = ("rel", "chain", "task", "lines", "optimum", "integral", "limit")
_OPERATIONS = frozenset(("transpose", "norm", "inverse", "pinv", "matmul", "inner", "hadamard", "hadamard_div", "kron", "identity", "ones"))


def concerns_arrays(reading: Reading) -> bool:
    """Whether the task needs calculus over arrays."""
    whole = reading.expanded
    term = whole.args[0] if whole.head == "at" else whole
    if term.head == "differential" or (term.head == "task" and term.data in ("taylor", "differential")):
        return _over_arrays(term.args[0], reading) or any(_has_shape(v, reading) for v in term.args[1:2])
    if term.head not in _TASKS and (whole.head == "at" or _holds_derivative(term)):
        return _over_arrays(term, reading)
    if term.head not in _TASKS:
        return False
    body, *rest = term.args
    if any(v.head == "index" for v in _variables(rest)):
        return False  # an element of an array is a scalar
    if any(_has_shape(v, reading) for v in _variables(rest)):
        return True
    return _over_arrays(body, reading)


def concerns_entries(reading: Reading) -> bool:
    """Whether the variable is an element of an array, and arrays stand as a whole in the function."""
    variables = differentiated_by(reading.expanded)
    if not variables or any(v.head != "index" or v.args[0].head != "name" for v in variables):
        return False
    return _over_arrays(reading.expanded.args[0], reading)


def concerns_components(reading: Reading) -> bool:
    """Whether the variable is a vector of a few entries that stands in the function by these only: x_1² x_2 over x in R^2."""
    term = reading.expanded
    if term.head not in ("gradient", "jacobian", "hessian") or len(term.args) != 2 or not _has_shape(term.args[1], reading):
        return False
    body, variable = term.args
    size = integer(reading.types[variable.data].shape[0])
    if len(reading.types[variable.data].shape) != 1 or size is None or not 1 < size <= MOST_COMPONENTS or variable == body:
        return False

    def is_whole(node: Term) -> bool:
        if node.head == "index" and node.args[0] == variable:
            return integer(node.args[1]) is None
        return node == variable or any(map(is_whole, node.args))

    entries = body.args if body.head in ("tuple", "vector") else (body,)
    return not is_whole(body) and any(node == variable for node in body.walk()) and not any(_over_arrays(e, reading) for e in entries)


def holds_arrays(term: Term, reading: Reading) -> bool:
    """Whether an array stands as a whole in the term, so that it has no scalar form."""
    return _over_arrays(term, reading)


def differentiated_by(term: Term) -> list[Term]:
    """The variables of a derivative, gradient or Jacobian, each as often as it is differentiated by."""
    if term.head in ("gradient", "jacobian"):
        return _variables(list(term.args[1:]))
    if term.head != "derivative":
        return []
    orders = [integer(order) or 0 for order in term.args[2::2]]
    return [v for v, order in zip(term.args[1::2], orders, strict=True) for _ in range(order)]


def _holds_derivative(term: Term) -> bool:
    return term.head not in _OTHERS and term.has("gradient", "hessian", "jacobian")


def _variables(terms: list[Term]) -> list[Term]:
    return [inner for t in terms for inner in (t.args if t.head in ("tuple", "vector", "list") else (t,))]


def _has_shape(term: Term, reading: Reading) -> bool:
    kind = reading.types.get(term.data) if term.head == "name" else None
    return kind is not None and bool(kind.shape)


def _over_arrays(term: Term, reading: Reading) -> bool:
    """Whether an array stands as a whole in the expression."""
    if term.head in _OPERATIONS or (term.head == "task" and term.data == "array"):
        return True
    if term.head == "apply" and term.data in FUNCTIONS and FUNCTIONS[term.data].acts == "matrix" and term.data != "onehot":
        return True
    if term.head == "name":
        return _has_shape(term, reading)
    if term.head == "index":
        return _partial(term, reading) or any(_over_arrays(a, reading) for a in term.args[1:])
    if term.head == "apply" and term.data in ("softmax", "log_softmax", "logsumexp") and len(term.args) > 1:
        return False
    return any(_over_arrays(a, reading) for a in term.args)


def _partial(term: Term, reading: Reading) -> bool:
    """Whether the element is itself a vector: x_i of an array with a row for every i."""
    base = term.args[0]
    if base.head != "name":
        return _over_arrays(base, reading)
    kind = reading.types.get(base.data)
    given = sum(1 for a in term.args[1:] if a.head not in ("blank", "range"))
    return kind is not None and len(kind.shape) > given
