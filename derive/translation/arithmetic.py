"""Sums, products, quotients and powers as a person writes them: signs as subtractions, numbers first, small powers by multiplication."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.errors import TooLarge
from derive.graph.graph import walk
from derive.graph.node import Axis, Node
from derive.graph.sizes import ZERO, Size, constant_size
from derive.translation import source as py
from derive.translation.source import Source
from derive.translation.stability.forms import is_long_decimal, terms
from derive.translation.values import Value, aligned, merged

if TYPE_CHECKING:
    from derive.translation.lower import Lowering

__all__ = ["METHODS", "literal"]

LARGEST_PRODUCT = 8
HIGHEST_POWER, LEAST_DEGREE, FEWEST_TERMS = 16, 3, 3  # of a polynomial that is nested
LARGEST = 10**308
SHORTEST = 9  # digits of a decimal that is written out


def literal(value: Fraction) -> Source:
    """A rational number: an integer, a short decimal, or a quotient."""
    if value < 0:
        return py.unary("-", literal(-value))
    if value > LARGEST:
        raise TooLarge("a number is beyond what a float holds")
    if value.denominator == 1:
        return py.number(int(value)) if value < 10**15 else py.number(float(value))
    if _is_short(value):
        return py.number(float(value))
    if max(value.numerator, value.denominator) > 10**15:
        return py.number(float(value))
    return py.binary("/", py.number(value.numerator), py.number(value.denominator))


def _is_short(value: Fraction) -> bool:
    if is_long_decimal(value):
        return True
    shown = repr(float(value))
    return len(shown) <= SHORTEST and Fraction(shown) == value


def _shifted_index(lowering: Lowering, node: Node) -> Value | None:
    """Running indices plus sizes: ranges that take the sizes up; of several, each from 0."""
    indices = [a for a in node.args if a.op == "index"]
    sizes = [size for a in node.args if (size := _size(a)) is not None]
    if not indices or not sizes:
        return None
    start = indices[0].data.lower
    for size in sizes:
        start = start + size
    for other in indices[1:]:
        start = start + other.data.lower
    total = lowering.arange(indices[0].data, start, value=True)
    rest = [(False, lowering.arange(other.data, ZERO, value=True)) for other in indices[1:]]
    for part in (a for a in node.args if a.op != "index" and _size(a) is None):
        rest.append((part.op == "neg", lowering.value(part.args[0] if part.op == "neg" else part)))
    for negative, value in rest:
        dims = merged([total, value], lowering.order)
        total = Value(py.binary("-" if negative else "+", aligned(total, dims), aligned(value, dims)), dims)
    return total


def _size(node: Node) -> Size | None:
    if node.op == "neg":
        inner = _size(node.args[0])
        return None if inner is None else -inner
    if node.op == "number" and node.data.denominator == 1:
        return constant_size(int(node.data))
    return node.data if node.op == "size" else None


def _add(lowering: Lowering, node: Node) -> Value:
    shifted = _shifted_index(lowering, node)
    if shifted is not None:
        return shifted
    nested = _nested(lowering, node)
    if nested is not None:
        return nested
    values = [lowering.value(a.args[0] if a.op == "neg" else a) for a in node.args]
    signs = [a.op == "neg" for a in node.args]
    dims = merged(values, lowering.order)
    parts = [(aligned(v, dims), s) for v, s in zip(values, signs, strict=True)]
    first = next((k for k, (_, sign) in enumerate(parts) if not sign), None)
    if first is None:
        total = py.unary("-", parts.pop(0)[0])
    else:
        total = parts.pop(first)[0]
    for source, negative in parts:
        total = py.binary("-" if negative else "+", total, source)
    return Value(total, dims, all(v.host for v in values))


def _nested(lowering: Lowering, node: Node) -> Value | None:
    """A polynomial in one argument by Horner's rule: ((3 x² − 2) x + 1) x² − 7."""
    found: dict[int, Fraction] = {}
    variable: Node | None = None
    for weight, part in terms(lowering.nodes, node):
        base, power = (part.args[0], part.args[1].data) if part.op == "pow" and part.args[1].op == "number" else (part, Fraction(1))
        if part.op == "number":
            power = Fraction(0)
        elif base.op not in {"argument", "element"} or (variable is not None and base is not variable):
            return None
        else:
            variable = base
        if power.denominator != 1 or not 0 <= power <= HIGHEST_POWER or int(power) in found:
            return None
        found[int(power)] = weight
    powers = sorted(found, reverse=True)
    if variable is None or len(powers) < FEWEST_TERMS or powers[0] < LEAST_DEGREE:
        return None
    x = lowering.value(variable)
    total, at = literal(abs(found[powers[0]])), powers[0]
    total = py.unary("-", total) if found[powers[0]] < 0 else total
    for power in powers[1:]:
        for _ in range(at - power):
            total = py.binary("*", total, x.source)
        total = py.binary("-" if found[power] < 0 else "+", total, literal(abs(found[power])))
        at = power
    for _ in range(at):
        total = py.binary("*", total, x.source)
    return Value(total, x.dims, x.host)


def _neg(lowering: Lowering, node: Node) -> Value:
    inner = node.args[0]
    if inner.op == "add" and len(inner.args) == 2 and lowering.uses[inner] <= 1:  # −(a − b) reads better as b − a
        positive = [a for a in inner.args if a.op != "neg"]
        if len(positive) == 1:
            (other,) = (a for a in inner.args if a.op == "neg")
            return lowering.value(lowering.nodes.add(other.args[0], lowering.nodes.neg(positive[0])))
    value = lowering.value(inner)
    return Value(py.unary("-", value.source), value.dims, value.host)


def _fraction(node: Node) -> tuple[list[Node], list[Node]]:
    """The factors above and below of a product or quotient."""
    top: list[Node] = []
    bottom: list[Node] = []
    if node.op == "mul":
        for argument in node.args:
            above, below = _fraction(argument)
            top += above
            bottom += below
    elif node.op == "div":
        above, below = _fraction(node.args[0])
        other_above, other_below = _fraction(node.args[1])
        top, bottom = above + other_below, below + other_above
    else:
        top = [node]
    return top, bottom


def _quotient(lowering: Lowering, node: Node) -> Value:
    """A product with everything that divides it below one bar; numbers and scalars meet before arrays do."""
    if lowering.contracts(node):
        return lowering.product(node)
    shared = [a for a in node.args if a.op in {"mul", "div"} and lowering.uses[a] > 1]
    top, bottom = _taken_apart(node, shared)
    coefficient = Fraction(1)
    for factor in [f for f in top if f.op == "number"]:
        coefficient *= factor.data
        top.remove(factor)
    for factor in [f for f in bottom if f.op == "number" and f.data]:
        coefficient /= factor.data
        bottom.remove(factor)
    above = [lowering.value(f) for f in top]
    below = [lowering.value(f) for f in bottom]
    if coefficient.denominator != 1 and not _is_short(coefficient) and (above or below):
        below.insert(0, Value(literal(Fraction(coefficient.denominator)), (), True))
        coefficient = Fraction(coefficient.numerator)
    above.sort(key=lambda v: (not v.host, bool(v.dims)))
    if coefficient != 1 or not above:
        above.insert(0, Value(literal(coefficient), (), True))
    numbers = [v for v in above if not v.dims]
    if numbers and below and len(numbers) < len(above) and not any(v.dims for v in below):  # numbers meet before arrays do
        return _times([_over(_times(numbers), _times(below)), *above[len(numbers) :]], lowering.order)
    core = lowering.nodes.mul(*top) if coefficient != 1 and not below and len(top) > 1 else None
    if core is not None and lowering.is_shared(core):
        return _times([above[0], lowering.value(core)])
    total = _times(above, lowering.order)
    return _over(total, _times(below, lowering.order), lowering.order) if below else total


def _taken_apart(node: Node, shared: list[Node]) -> tuple[list[Node], list[Node]]:
    """The factors above and below; what is used elsewhere too stays whole."""
    parts = [([a], []) if a in shared else _fraction(a) for a in node.args]
    if node.op == "div":
        (top, bottom), (other_top, other_bottom) = parts
        return top + other_bottom, bottom + other_top
    return [f for above, _ in parts for f in above], [f for _, below in parts for f in below]


def _times(values: list[Value], wanted: Sequence[Axis] = ()) -> Value:
    total, here = values[0].source, values[0]
    for value in values[1:]:
        inner = value.source
        if here.dims in {(), value.dims} and (count := _same_factors(inner)):
            for _ in range(count):
                total = py.binary("*", total, inner.args[1])
            here = Value(total, here.dims or value.dims)
        elif not value.dims or not here.dims or value.dims == here.dims:
            total, here = py.binary("*", total, value.source), Value(total, here.dims or value.dims)
        else:
            order = merged([Value(total, here.dims), value], wanted)
            left = aligned(Value(total, here.dims), order)
            total, here = py.binary("*", left, aligned(value, order)), Value(total, order)
    final = here.dims if len(values) > 1 else values[0].dims
    return Value(total, final, all(v.host for v in values))


def _same_factors(source: Source) -> int:
    """How many times a name is multiplied by itself, 0 for anything else: x * x * x is taken into a longer product."""
    count, last = 1, source.args[1] if source.kind == "binary" else source
    while source.kind == "binary" and source.text == "*" and source.args[1] == last and last.is_atom:
        source, count = source.args[0], count + 1
    return count if source == last and count > 1 else 0


def _over(top: Value, bottom: Value, wanted: Sequence[Axis] = ()) -> Value:
    dims = merged([top, bottom], wanted)
    return Value(py.binary("/", aligned(top, dims), aligned(bottom, dims)), dims, top.host and bottom.host)


def repeated(base: Source, times: int) -> Source:
    """base·base·… by multiplication; from the fourth power on through squares."""
    if times == 1:
        return base
    if times == 2:
        return py.binary("*", base, base) if base.is_atom else py.binary("**", base, py.number(2))
    if times == 3:
        return py.binary("*", py.binary("*", base, base), base)
    half = py.binary("*", base, base)
    inner = repeated(half, times // 2) if times // 2 != 2 else py.binary("*", half, half)
    return py.binary("*", inner, base) if times % 2 else inner


def folded(size: Source) -> Source:
    """(len(a) − 1) + 1 as len(a): whole numbers at the end of a size are one."""
    if size.kind != "binary" or size.text not in {"+", "-"} or not size.args[1].text.isdigit():
        return size
    inner, last = size.args[0], int(size.args[1].text) * (1 if size.text == "+" else -1)
    if inner.kind != "binary" or inner.text not in {"+", "-"} or not inner.args[1].text.isdigit():
        return size
    last += int(inner.args[1].text) * (1 if inner.text == "+" else -1)
    return py.binary("+" if last > 0 else "-", inner.args[0], py.number(abs(last))) if last else inner.args[0]


def _as_floats(source: Source) -> Source:
    """Exponents that run in the dtype of data that may be whole numbers: in floats, which do not wrap around."""
    if source.kind == "call" and source.text == "np.arange" and source.keywords == ("dtype",) and source.args[-1].text.endswith(".dtype"):
        array = py.name(source.args[-1].text.removesuffix(".dtype"))
        return py.apply("np.arange", *source.args[:-1], dtype=py.apply("np.result_type", array, py.number(1.0)))
    return Source(source.kind, source.text, tuple(map(_as_floats, source.args)), source.keywords, source.hint)


def _pow(lowering: Lowering, node: Node) -> Value:
    base, exponent = node.args
    if exponent.op == "number":
        power: Fraction = exponent.data
        value = lowering.value(base)
        if power.denominator == 1 and 1 <= power <= LARGEST_PRODUCT:
            if power == 2 and base.op == "norm" and (base.data == "F" or (base.data == "2" and len(base.args[0].shape) == 1)):
                return lowering.value(lowering.nodes.make("sum", lowering.nodes.pow(base.args[0], exponent), data="all"))
            return Value(repeated(value.source, int(power)), value.dims, value.host)
        if power.denominator == 2 and 1 < power < LARGEST_PRODUCT:
            whole = repeated(value.source, int(power - Fraction(1, 2)))
            function = "math.sqrt" if value.host else "np.sqrt"
            return Value(py.binary("*", whole, py.apply(function, value.source)), value.dims, value.host)
        return Value(py.binary("**", value.source, literal(power)), value.dims, value.host)
    left, right = lowering.value(base), lowering.value(exponent)
    if left.host and left.source.kind == "number" and "." not in left.source.text:
        left = Value(py.number(left.source.text + ".0"), (), True)
    if any(n.op == "index" for n in walk((exponent,))):
        right = Value(_as_floats(right.source), right.dims, right.host)
    dims = merged([left, right], lowering.order)
    return Value(py.binary("**", aligned(left, dims), aligned(right, dims)), dims, left.host and right.host)


METHODS: dict[str, Callable[[Lowering, Node], Value]] = {
    "add": _add,
    "neg": _neg,
    "mul": _quotient,
    "div": _quotient,
    "pow": _pow,
}
