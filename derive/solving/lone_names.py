"""Names that nothing defines, or that hold an index: questions about them would be answered as if they were constants.

In: the reading of a task. Out: nothing, or a refusal that says which declaration settles it.
"""

from __future__ import annotations

import re

from derive.errors import NotSupported, Undetermined
from derive.expressions.term import Term
from derive.meaning.scope import Reading

__all__ = ["refuse_lone_names", "refuse_running_labels"]

_DERIVATIVES = ("derivative", "gradient", "hessian", "jacobian", "directional")


def refuse_lone_names(reading: Reading) -> None:
    """∂L/∂p where nothing says what L is."""
    if reading.options.get("equation") is not None:
        return
    for node in reading.expanded.walk():
        if node.head not in _DERIVATIVES or not node.args:
            continue
        body, *variables = node.args
        if body.head == "index" and body.args[0].head == "name":  # ∂f_i/∂x_j where nothing says what f is
            body, variables = body.args[0], [v.args[0] if v.head == "index" else v for v in _flat(variables)]
        if body.head == "name" and body not in _flat(variables):
            name = body.data.key
            for constraint in reading.options.get("constraints", ()):
                if constraint.args[0] == body:
                    message = f"{name} is given by an equation that it stands on both sides of; over arrays that is not solved"
                    raise NotSupported(message, span=body.span or node.span)
            raise Undetermined(
                f"{name} is not defined, so its derivative is not determined (that of a constant is 0)",
                span=body.span or node.span,
                expected=(f"{name} = … on an earlier line", f"{name}(…) with its arguments"),
            )


def refuse_running_labels(reading: Reading) -> None:
    """t_{|i−j|+1} under a sum over i and j: a subscript that runs and was read as a label would be taken for a constant."""
    for total in reading.expanded.walk():
        if total.head not in ("sum", "prod") or len(total.args) < 2:
            continue
        index = total.args[1]
        running = {n.data.key for n in (index.args if index.head in ("tuple", "list") else (index,)) if n.head == "name"}
        for node in total.args[0].walk():
            if node.head == "name" and node.data.sub in running:
                raise Undetermined(
                    f"{node.data.key} was read as a name of its own, and the sum runs over {node.data.sub}", span=node.span,
                    expected=(f"{node.data.base}_{node.data.sub} in R or in R^n before it is used",),
                )  # fmt: skip
            if node.head == "name" and not node.data.sub.isalnum() and running & set(re.findall(r"[A-Za-z]+", node.data.sub)):
                raise NotSupported(
                    f"the subscript {node.data.sub} of {node.data.base}", span=node.span, expected=("an index plus a number",)
                )


def _flat(terms: list[Term]) -> list[Term]:
    found: list[Term] = []
    for term in terms:
        found.extend(term.args if term.head in ("tuple", "vector", "list") else (term,))
    return found
