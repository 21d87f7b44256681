"""Values at a point: the derivative is found first, then the values are put in.

In: an expression with `Subs` nodes whose derivatives are worked out. Out: the expression with the values put in, as steps.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import S

from derive.derivation import Prose, Rewrite
from derive.errors import DoesNotExist
from derive.expressions.from_sympy import from_sympy
from derive.expressions.inline import inline
from derive.expressions.nodes import DefinedFunction
from derive.rules.moves import INSERT
from derive.rules.piecewise import meetings
from derive.solving.cost import cost
from derive.solving.journal import Journal
from derive.solving.places import is_stuck, with_replaced
from derive.solving.simplification import shortened

__all__ = ["put_in", "refuse_kinks", "tidied"]

_UNDEFINED = (S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity)


def put_in(whole: Any, journal: Journal) -> Any:
    """The whole with every value put in; raises DoesNotExist where the expression has no value there."""
    while True:
        node = next((n for n in whole.atoms(sp.Subs) if not n.args[0].has(sp.Subs) and not _is_formal(n)), None)
        if node is None:
            return whole
        value = _value(node)
        new = with_replaced(whole, node, value, set())
        journal.record(INSERT, Rewrite(new, _instance(node)), whole, new, (node, value))
        whole = new


def _is_formal(node: Any) -> bool:
    """Whether it is f′(u) of an unknown function, which is its own value."""
    return isinstance(node.args[0], sp.Derivative) and is_stuck(node.args[0])


def _instance(node: Any) -> Prose:
    prose: list[Any] = []
    for variable, value in zip(node.variables, node.point, strict=True):
        prose += [", " if prose else "with ", sp.Eq(variable, value, evaluate=False)]
    return tuple(prose)


def _value(node: Any) -> Any:
    table = dict(zip(node.variables, node.point, strict=True))
    expression = node.args[0]
    value = expression.xreplace(table) if all(v.is_number for v in table.values()) else expression.subs(table, simultaneous=True)
    if value.has(*_UNDEFINED):
        places = ", ".join(f"{inline(from_sympy(x))} = {inline(from_sympy(v))}" for x, v in table.items())
        raise DoesNotExist(f"there is no value at {places}: {inline(from_sympy(expression))} is not defined there")
    if isinstance(value, sp.Piecewise):
        value = sp.Piecewise(*value.args)
    return tidied(value)


def tidied(value: Any) -> Any:
    """An exact value in its shortest form; named functions at numbers are worked out where that is shorter."""
    if value.is_number and not value.is_real and value.is_real is not None:
        raise DoesNotExist(f"the value {value} is not real")
    written_out = value.replace(
        lambda e: isinstance(e, DefinedFunction) and e.is_number, lambda e: e.definition() if cost(e.definition()) <= cost(e) else e
    )
    if written_out.has(*_UNDEFINED):
        raise DoesNotExist(f"{value} is not defined")
    value = shortened(written_out)
    if value.is_number and value.count_ops() < 60:
        other = sp.radsimp(sp.expand(value))
        if cost(other) < cost(value):
            value = other
    return value


def refuse_kinks(body: Any, table: dict[Any, Any]) -> None:
    """Raises DoesNotExist where cases are differentiated at a jump or a kink of theirs."""
    for cases in body.atoms(sp.Piecewise):
        for x, value in table.items():
            if x not in cases.free_symbols:
                continue
            others = {k: v for k, v in table.items() if k != x}
            for meeting in meetings(cases.xreplace(others), x):
                if sp.expand(meeting.point - value) != 0 or meeting.gap is None:
                    continue
                if not meeting.gap.is_zero:
                    raise DoesNotExist(f"the function jumps at {x} = {value}: it has no derivative there")
                if meeting.bend is None or not meeting.bend.is_zero:
                    raise DoesNotExist(
                        f"the function has a kink at {x} = {value}: the derivatives from the two sides differ by {meeting.bend}"
                    )
