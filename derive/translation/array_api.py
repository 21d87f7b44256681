"""NumPy source → the array API standard: what NumPy alone has is said with what every library has, or refused by name.

In: the sources of the outputs, as the lowering says them in NumPy. Out: sources over the namespace `xp` of the arguments, which
array-api-compat finds: NumPy, PyTorch, JAX, CuPy or dask arrays. The namespace has no special functions; those come along in the module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from derive.derivation import Check
from derive.errors import NotSupported
from derive.translation import source as py
from derive.translation.arguments import Arguments
from derive.translation.emit import Frame, Program
from derive.translation.prove import METHOD, Case, Proof, References, judge
from derive.translation.run import run
from derive.translation.source import COMPARISONS, Source, text
from derive.translation.standard_functions import FUNCTIONS, functions_for
from derive.translation.target import ARRAY_API, RESERVED

__all__ = ["MISSING", "Standard"]

MISSING = "array-api-compat is not installed (the extra array-api brings it)"
NAMESPACE = "xp"
SAME = frozenset(
    (
        *("exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "floor", "ceil", "round"),
        *("sign", "hypot", "logaddexp", "maximum", "minimum", "clip", "where", "prod", "max", "min", "abs", "square", "isfinite"),
        *("broadcast_to", "broadcast_arrays", "expand_dims", "stack", "moveaxis", "argmax", "argmin", "logical_not", "sort", "var"),
        *("linalg.solve", "linalg.inv", "linalg.det", "linalg.pinv", "linalg.matrix_power", "linalg.slogdet", "linalg.cholesky"),
    )
)
RENAMED = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "mod": "remainder",
    "transpose": "permute_dims",
    "concatenate": "concat",
    "trace": "linalg.trace",
    "outer": "linalg.outer",
    "diag": "linalg.diagonal",
    "diagonal": "linalg.diagonal",
}
CREATION = frozenset(("arange", "eye", "ones", "zeros", "full"))
CONSTANTS = {"np.inf": "math.inf", "np.euler_gamma": "0.5772156649015329", "np.pi": "math.pi", "np.nan": "math.nan"}


def _call(name: str, *args: Source, **keywords: Source) -> Source:
    return py.apply(f"{NAMESPACE}.{name}", *args, **keywords)


def _is_boolean(source: Source) -> bool:
    if source.kind == "binary":
        return source.text in COMPARISONS or source.text in {"&", "|"}
    return (source.kind == "unary" and source.text in {"~", "not"}) or source.text == f"{NAMESPACE}.logical_not"


def _is_plain(source: Source) -> bool:
    """Whether it is a plain Python number."""
    if source.kind == "number" or source.text in {"math.pi", "math.e", "math.inf", "math.nan"}:
        return True
    if source.kind == "call":
        return source.text.startswith("math.") or source.text == "float"
    if source.kind == "item":
        return source.args[0].kind == "attribute" and source.args[0].text == "shape"
    return source.kind in {"binary", "unary"} and all(_is_plain(a) for a in source.args)


class Standard:
    """The conversion of one function; `arguments` are those of the code. Collects the special functions that it needs."""

    def __init__(self, arguments: Arguments) -> None:
        real = [arguments.names[key] for key, (kind, _) in arguments.kinds.items() if kind.kind in {"real", "integer"}]
        arrays = [arguments.names[key] for key, (_, shape) in arguments.kinds.items() if shape]
        if not real and not arrays:
            raise NotSupported("array-API code for a formula without arrays")
        taken = RESERVED[ARRAY_API] & set(arguments.names.values())
        if taken:
            raise NotSupported(f"array-API code with an argument called {min(taken)}")
        self.real = real
        self.like = real[0] if real else ""
        self.first = [*real, *arrays][0]
        self.special: dict[str, None] = {}
        self.uses_device = False
        self._done: dict[Source, Source] = {}

    @property
    def dtype(self) -> Source:
        """The dtype that all real arguments have."""
        return py.name(f"{self.like}.dtype") if self.like else py.attribute(_call("asarray", py.number("0.0")), "dtype")

    def converted(self, source: Source) -> Source:
        """The same value over the namespace. Raises NotSupported for a function that no array library but NumPy has."""
        if source not in self._done:
            self._done[source] = self._converted(source)
        return self._done[source]

    def _converted(self, source: Source) -> Source:
        if source.kind == "name":
            if source.text in CONSTANTS:
                return py.name(CONSTANTS[source.text])
            return self.dtype if source.text.endswith(".dtype") else source
        if source.is_atom or not source.args:
            return source
        if source.kind == "item" and source.args[0].text == "np.linalg.lstsq":
            return self._least_squares(source.args[0])
        args = tuple(self.converted(a) for a in source.args)
        if source.kind == "item" and len(args) == 2 and args[1].kind == "tuple" and not args[1].args:
            return args[0]  # x[()] makes a NumPy scalar; other arrays have none
        if source.kind == "binary" and source.text == "*" and any(map(_is_boolean, args)):
            args = tuple(self._number(a) for a in args)
        if source.kind == "method" and source.text == "astype":
            return _call("astype", *args)
        if source.kind == "method" and source.text == "reshape":
            return _call("reshape", args[0], py.tuple_(*args[1:]))
        if source.kind == "call":
            return self._function(source, args)
        return Source(source.kind, source.text, args, source.keywords, source.hint)

    @property
    def first_line(self) -> str:
        """The first line of the function."""
        if not self.real:
            return f"{NAMESPACE} = array_namespace({self.first})"
        return f"{NAMESPACE}, {', '.join(self.real)} = _arrays({', '.join(self.real)})"

    def frame(self, program: Program) -> Frame:
        """What stands around the code."""
        imported = ["array_namespace"] + (["device"] if self.real or self.uses_device else [])
        imported += ["is_array_api_obj", "numpy"] if self.real else []
        said = " ".join(text(source) for _, source in (*program.assignments, *program.returns))
        several = len(program.returns) > 1 or program.returns[0][0] != ""
        lines = ["import math"] if re.search(r"\bmath\.", said) else []
        lines += [f"from typing import Any{', NamedTuple' if several else ''}", "", f"from array_api_compat import {', '.join(imported)}"]
        return Frame(tuple(lines), (*([ARRAYS.strip("\n")] if self.real else []), *functions_for(self.special)), "Any")

    @staticmethod
    def proved_elsewhere(proof: Proof, source: str, function: str, tried: Sequence[Case], references: References) -> Proof:
        """The proof on NumPy arrays, and the same on arrays of array-api-strict, where that is installed: the standard and no more."""
        if "array_api_compat" in proof.check.reason:
            return Proof(Check("unverified", METHOD, reason=MISSING))
        if proof.check.status != "verified":
            return proof
        ordinary = [case for case in tried if not case.extreme]
        outcome = run(source, function, [case.arguments for case in ordinary], namespace="array_api_strict")
        if "No module named" in outcome.reason:
            return proof
        strict = judge(references.graph, ordinary, outcome, references=references)
        return proof if strict.check.status == "verified" else strict

    # ------------------------------------------------------------------------------------------ calls
    def _function(self, source: Source, args: tuple[Source, ...]) -> Source:
        module, _, name = source.text.partition(".")
        count = len(args) - len(source.keywords)
        keywords = dict(zip(source.keywords, args[count:], strict=True))
        positional = args[:count]
        if module == "special":
            return self._special(name, positional)
        if source.text == "int":
            return positional[0]
        if module != "np":
            return Source(source.kind, source.text, args, source.keywords, source.hint)
        if name in CREATION:
            return self._created(name, positional, keywords).named(source.hint)
        method: Callable[[Standard, tuple[Source, ...], dict[str, Source]], Source] | None = METHODS.get(name)
        if method is not None:
            return method(self, positional, keywords).named(source.hint)
        if name in {"where", "maximum", "minimum", "hypot", "logaddexp", "arctan2"} and all(map(_is_plain, positional[-2:])):
            positional = (*positional[:-2], self._array(positional[-2]), self._array(positional[-1]))
        if name in {"maximum", "minimum"}:
            positional = tuple(map(self._number, positional))
        if name in SAME or name in RENAMED:
            return _call(RENAMED.get(name, name), *positional, **keywords).named(source.hint)
        raise NotSupported(f"array-API code with {source.text}: the standard has no such function")

    def _number(self, source: Source) -> Source:
        """Truth values as numbers."""
        return _call("astype", source, self.dtype) if _is_boolean(source) else source

    def _array(self, source: Source) -> Source:
        """A plain number as an array."""
        if not _is_plain(source):
            return source
        return _call("asarray", source, dtype=self.dtype, device=self._device())

    def _device(self) -> Source:
        self.uses_device = True
        return py.apply("device", py.name(self.first))

    def _created(self, name: str, args: tuple[Source, ...], keywords: dict[str, Source]) -> Source:
        if name == "full" and not _is_plain(args[1]):
            return _call("broadcast_to", args[1], args[0])
        if name != "arange" or "dtype" in keywords:
            keywords = {**keywords, "dtype": self.dtype}
        return _call(name, *args, **keywords, device=self._device())

    def _special(self, name: str, args: tuple[Source, ...]) -> Source:
        if name == "polygamma" and args[0].text == "1":
            name, args = "trigamma", args[1:]
        if name == "binom":
            n, k = args
            one = py.number("1.0")
            logs = [self._special("gammaln", (py.binary("+", a, one),)) for a in (n, k, py.binary("-", n, k))]
            return _call("exp", py.binary("-", py.binary("-", logs[0], logs[1]), logs[2]))
        if name == "beta":
            return _call("exp", self._special("betaln", args))
        if name == "poch":  # Γ(x + a)/Γ(x)
            return _call("exp", py.binary("-", *(self._special("gammaln", (a,)) for a in (py.binary("+", *args), args[0]))))
        if name not in FUNCTIONS:
            raise NotSupported(f"array-API code with special.{name}: the standard has no such function")
        self.special[name] = None
        return py.apply(f"_{name}", py.name(NAMESPACE), *(self._array(a) for a in args))

    def _least_squares(self, call: Source) -> Source:
        """By the QR decomposition: R⁻¹ Qᵀ y."""
        x, y = (self.converted(a) for a in call.args[:2])
        qr = _call("linalg.qr", x).named("qr")
        q, r = py.item(qr, py.number(0)), py.item(qr, py.number(1))
        return _call("linalg.solve", r, py.binary("@", py.attribute(q, "T"), y))


# ---------------------------------------------------------------------------------------------- what is said in another way
def _reduced(name: str) -> Callable[[Standard, tuple[Source, ...], dict[str, Source]], Source]:
    def made(standard: Standard, args: tuple[Source, ...], keywords: dict[str, Source]) -> Source:
        return _call(name, standard._number(args[0]), *args[1:], **keywords)

    return made


def _norm(standard: Standard, args: tuple[Source, ...], keywords: dict[str, Source]) -> Source:
    if len(args) == 1:
        return _call("linalg.vector_norm", args[0], **keywords)
    return _call("linalg.matrix_norm", args[0], ord=args[1])


def _cbrt(standard: Standard, args: tuple[Source, ...], keywords: dict[str, Source]) -> Source:
    third = py.binary("/", py.number("1.0"), py.number("3.0"))
    return py.binary("*", _call("sign", args[0]), py.binary("**", _call("abs", args[0]), third))


def _delete(standard: Standard, args: tuple[Source, ...], keywords: dict[str, Source]) -> Source:
    x, place = args
    axis = keywords.get("axis", py.number(0))
    before, after = py.slice_(None, place), py.slice_(py.binary("+", place, py.number(1)))
    colons = [py.slice_()] * int(axis.text)
    return _call("concat", py.list_(py.item(x, *colons, before), py.item(x, *colons, after)), axis=axis)


def _listed(standard: Standard, args: tuple[Source, ...], keywords: dict[str, Source]) -> Source:
    """A vector or matrix that is written out."""
    entries = args[0].args
    if all(e.kind == "list" for e in entries):
        return _call("stack", py.list_(*(_listed(standard, (row,), {}) for row in entries)))
    return _call("stack", py.list_(*(standard._array(e) for e in entries)))


def _einsum(standard: Standard, args: tuple[Source, ...], keywords: dict[str, Source]) -> Source:
    """A product of two arrays by broadcasting, summed."""
    letters = args[0].text.strip('"')
    inputs, result = letters.split("->")
    left, right = inputs.split(",")
    order = result + "".join(dict.fromkeys(c for c in left + right if c not in result))
    factors = []
    for one, array in ((left, args[1]), (right, args[2])):
        wanted = [c for c in order if c in one]
        turned = array
        if list(one) != wanted:
            turned = _call("permute_dims", array, py.tuple_(*(py.number(one.index(c)) for c in wanted)))
        missing = [c in one for c in order]
        factors.append(turned if all(missing) else py.item(turned, *(py.slice_() if here else py.name("None") for here in missing)))
    places = tuple(py.number(k) for k in range(len(result), len(order)))
    return _call("sum", py.binary("*", *factors), axis=places[0] if len(places) == 1 else py.tuple_(*places))


def _kron(standard: Standard, args: tuple[Source, ...], keywords: dict[str, Source]) -> Source:
    colon, none = py.slice_(), py.name("None")
    a, b = args
    sizes = [py.binary("*", *(py.item(py.attribute(x, "shape"), py.number(k)) for x in (a, b))) for k in (0, 1)]
    spread = py.binary("*", py.item(a, colon, none, colon, none), py.item(b, none, colon, none, colon))
    return _call("reshape", spread, py.tuple_(*sizes))


METHODS: dict[str, Callable[[Standard, tuple[Source, ...], dict[str, Source]], Source]] = {
    "sum": _reduced("sum"),
    "mean": _reduced("mean"),
    "linalg.norm": _norm,
    "cbrt": _cbrt,
    "heaviside": lambda standard, args, keywords: _call("astype", py.binary(">", args[0], py.number(0)), standard.dtype),
    "float_power": lambda standard, args, keywords: py.binary("**", args[0], args[1]),
    "count_nonzero": lambda standard, args, keywords: _reduced("sum")(standard, (py.binary("!=", args[0], py.number(0)),), keywords),
    "delete": _delete,
    "array": _listed,
    "dot": lambda standard, args, keywords: py.binary("@", *args),
    "einsum": _einsum,
    "kron": _kron,
    "cumsum": lambda standard, args, keywords: _call("cumulative_sum", args[0], **keywords),
    "result_type": lambda standard, args, keywords: standard.dtype,
    "real": lambda standard, args, keywords: args[0],
}

# ---------------------------------------------------------------------------------------------- the module around it
ARRAYS = '''
def _arrays(*values: Any) -> tuple[Any, ...]:
    """The namespace of the arrays among the values, and all values as arrays of one floating dtype on one device."""
    given = [value for value in values if is_array_api_obj(value)]
    xp: Any = array_namespace(*given) if given else numpy
    floating = [value.dtype for value in given if xp.isdtype(value.dtype, "real floating")]
    dtype = xp.result_type(*floating) if floating else xp.asarray(0.0).dtype
    where = {"device": device(given[0])} if given else {}
    made = [xp.astype(v, dtype) if is_array_api_obj(v) else xp.asarray(v, dtype=dtype, **where) for v in values]
    return (xp, *made)
'''
