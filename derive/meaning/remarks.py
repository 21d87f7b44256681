"""What a reading says about how it was taken: constants, functions, norms, capitals that stayed scalars."""

from __future__ import annotations

from collections.abc import Mapping

from derive.derivation import Prose
from derive.errors import AmbiguousInput
from derive.expressions.term import Name, Term, number
from derive.meaning.inference import shape_of
from derive.meaning.scope import Scope, Type

__all__ = ["absent_variables", "kind_notes", "numbers_beside_arrays", "refuse_matrix_functions", "refuse_share", "scalar_capitals"]


_ALONG_ROWS = "softmax of a matrix acts on its last axis: every row sums to 1"
_BOUND = Term("name", (), Name("ELBO"))  # of the declared model, whose parameters it holds
_ENTRYWISE = {"exp": "expm", "log": "logm"}


def absent_variables(term: Term, types: Mapping[Name, Type]) -> list[Prose]:
    """Scalar variables that do not occur in what is differentiated: the derivative is 0, and is said to be."""
    notes: list[Prose] = []
    for node in term.walk():
        if node.head not in ("derivative", "gradient", "hessian", "jacobian") or node.args[0].has("probability", "dist", "call"):
            continue  # a law or an unknown function may hold the variable
        occurring = {n.data for n in node.args[0].walk() if n.head == "name"}
        for variable in node.args[1:]:
            scalar = variable.head == "name" and not (variable.data in types and types[variable.data].shape)
            if scalar and variable.data not in occurring:
                notes.append((variable, " does not occur: the derivative with respect to it is 0"))
    return notes


def scalar_capitals(term: Term, types: Mapping[Name, Type], scope: Scope) -> list[Prose]:
    """Undeclared capitals that multiply something and stayed scalars: a reader might have meant matrices."""
    found: list[Term] = []
    for node in term.walk():
        if node.head != "mul":
            continue
        for factor, following in zip(node.args, node.args[1:], strict=False):
            capital = factor.head == "name" and factor.data.base.isupper() and len(factor.data.base) == 1 and following.head == "name"
            known = capital and (factor.data in scope.declarations or (factor.data in types and types[factor.data].shape))
            if capital and not known and factor not in found:
                found.append(factor)
    if not found:
        return []
    listed: list[object] = []
    for place, name in enumerate(found):
        listed += [", " if place else "", name]
    return [
        (
            *listed,
            " is" if len(found) == 1 else " are",
            " taken as a scalar: nothing says otherwise" if len(found) == 1 else " taken as scalars: nothing says otherwise",
        )
    ]


def numbers_beside_arrays(term: Term, types: Mapping[Name, Type], scope: Scope) -> list[Prose]:
    """Undeclared names of a program that stayed numbers where an array would broadcast as well: γ in γ * x."""
    found: dict[Name, Term] = {}
    for node in term.walk():
        if node.head not in ("add", "mul", "div", "hadamard"):
            continue
        parts = [a.args[0] if a.head == "neg" else a for a in node.args]
        names = [a for a in parts if a.head == "name" and a.data not in scope.declarations and a.data.base not in ("eps", "epsilon")]
        numbers = [n for n in names if n.data not in types or (not types[n.data].shape and types[n.data].domain in ("real", "unknown"))]
        if numbers and any(shape_of(a, types) for a in parts if a not in numbers):
            found.update((n.data, n) for n in numbers)
    listed: list[object] = []
    for name in found.values():
        listed += [", " if listed else "", name]
    return [(*listed, " is taken as a number" if len(found) == 1 else " are taken as numbers")] if found else []


def refuse_matrix_functions(term: Term, types: Mapping[Name, Type]) -> None:
    """tr(log X): entry by entry, or the logarithm of the matrix? Under a trace, a determinant or an inverse both are plausible."""
    waiting = [(term, False)]
    while waiting:
        node, of_matrix = waiting.pop()
        if of_matrix and (node.head == "sqrt" or (node.head == "apply" and node.data in _ENTRYWISE and len(node.args) == 1)):
            name = "sqrt" if node.head == "sqrt" else str(node.data)
            shape = shape_of(node.args[0], types)
            of_softmax = node.args[0].head == "apply" and node.args[0].data == "softmax"  # log softmax is the function of the field
            if len(shape) == 2 and shape[0] == shape[1] and not node.args[0].has("index") and not of_softmax:
                from derive.expressions.plain import plain

                argument, own = plain(node.args[0]), _ENTRYWISE.get(name, "sqrtm")
                raise AmbiguousInput(
                    f"{name}({argument}) can be taken entry by entry or as the function of the matrix",
                    readings=(f"{name} of every entry of {argument}", f"the function of the matrix, {own}({argument})"),
                    span=node.span,
                    expected=(f"{own}({argument})", f"a sum over entries, as sum_i {name}(({argument})_{{ii}})"),
                )
        if node.head == "inverse" or (node.head == "apply" and node.data in ("tr", "det", "logdet")):
            of_matrix = True
        elif node.head not in ("mul", "add", "neg", "transpose", "div", "apply"):
            of_matrix = False
        waiting.extend((a, of_matrix) for a in node.args)


def refuse_share(term: Term) -> None:
    """1 − π: the number 3.14159…, or a probability that is called π? Nobody subtracts the number from 1."""
    share = Term("neg", (Term("constant", (), "pi"),))
    for node in term.walk():
        if node.head == "add" and node.args == (number(1), share):
            raise AmbiguousInput(
                "is π in 1 − π the number 3.14159…, or a probability?",
                readings=("1 − 3.14159…", "1 − π with 0 < π < 1"),
                span=node.span,
                expected=("pi in (0, 1) on an earlier line", "-pi + 1 for the number"),
            )


def kind_notes(term: Term, types: Mapping[Name, Type]) -> list[Prose]:
    """What the reading should say about how things were taken."""
    notes: list[Prose] = []
    for node in term.walk():
        if node.head == "apply" and node.data in _ENTRYWISE and node.args[0].head == "name":
            kind = types.get(node.args[0].data)
            if kind is not None and len(kind.shape) == 2 and kind.shape[0] == kind.shape[1]:
                notes.append(
                    (str(node.data), " of ", node.args[0], " acts entry by entry; of the matrix it would be ", _ENTRYWISE[str(node.data)])
                )
        if node.head == "apply" and node.data in ("softmax", "log_softmax") and len(node.args) == 1 and not node.args[0].has("index"):
            if len(shape_of(node.args[0], types)) == 2 and (_ALONG_ROWS,) not in notes:
                notes.append((_ALONG_ROWS,))
        if node.head == "constant" and node.data == "e" and ("e is Euler's number",) not in notes:
            notes.append(("e is Euler's number",))
        elif node.head == "apply" and node.data == "sigmoid" and ("σ is the logistic function",) not in notes and node.span is not None:
            notes.append(("σ is the logistic function",))
        elif node.head == "norm" and node.data in ("F", "2", "spectral"):
            words = {
                "F": "‖·‖ of a matrix is the Frobenius norm",
                "2": "‖·‖ is the 2-norm",
                "spectral": "‖·‖_2 of a matrix is the spectral norm",
            }
            if (words[node.data],) not in notes:
                notes.append((words[node.data],))
    return notes
