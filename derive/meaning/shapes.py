"""Shapes by unification: what every name on a line must be, from norms, transposes, products and declarations.

In: a term, the declared types. Out: a type for every name, the notes that say what was inferred, and the term with what depends on
shapes settled (|A| is a determinant, ‖x‖ a 2-norm, A^{-1} an inverse, x · y an inner product, I an identity).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from derive.derivation import Prose
from derive.errors import InconsistentInput, WrongUse
from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Name, Term, number
from derive.meaning.blocks import JOINING, as_joined, joined_shape
from derive.meaning.chance import chance_shape, law_shape
from derive.meaning.lengths import reaches_back
from derive.meaning.ranks import MATRIX_FUNCTIONS, METHODS, OPAQUE, Ranks, points_of
from derive.meaning.scope import Type
from derive.meaning.sizes import Sizes, size_text

__all__ = ["ROW", "Shapes"]

Shape = tuple[Term, ...]
ROW = Term("word", (), "row")  # marks a transposed vector: (ROW, n)


SQUARE = frozenset(("symmetric", "positive-definite", "positive-semidefinite", "diagonal", "invertible", "square"))


class Shapes(Ranks):
    """The inference for one line. `ranks` is what is known of each name; sizes are unified in `sizes`."""

    def __init__(self, types: Mapping[Name, Type]) -> None:
        super().__init__(types)
        self.types = dict(types)
        self.sizes = Sizes()
        self.ranges: dict[Name, tuple[Term, bool]] = {}  # how far an index runs, and whether a name has it
        self.remarks: list[Prose] = []  # what was taken so that it has a shape
        self._shapes: dict[int, tuple[Shape, Term]] = {}

    # ------------------------------------------------------------------ sizes
    def shape(self, term: Term) -> Shape:
        """The shape of the term with its sizes unified; a mismatch is an error that names both."""
        if not term.args:
            return self._shape(term)
        if id(term) not in self._shapes:
            self._shapes[id(term)] = (self._shape(term), term)
        return self._shapes[id(term)][0]

    def _shape(self, term: Term) -> Shape:
        head, args = term.head, term.args
        if head == "name":
            return self._name_shape(term)
        if head == "probability":
            return chance_shape(self, term)
        if head == "rel" and term.data == "~":
            return law_shape(self, term)
        if head in ("add", "rel", "hadamard", "hadamard_div", "chain"):
            return self._join(term, list(args))
        if head in ("mul", "matmul"):
            return self._product(term)
        if head == "transpose":
            inner = self.shape(args[0])
            if len(inner) == 1:
                return (ROW, inner[0])
            return (inner[1],) if inner and inner[0] is ROW else tuple(reversed(inner))
        if head in ("inverse",):
            inner = self.shape(args[0])
            self._square(inner, term)
            return inner
        if head == "pinv":
            return tuple(reversed(self.shape(args[0])))
        if head == "identity":
            size = args[0] if args else self.sizes.fresh()
            return (size, size)
        if head == "ones":
            return (args[0],) if args else (self.sizes.fresh(),)
        if head in ("matrix", "vector") and (block := as_joined(term, self.rank)) is not None:
            return self.shape(block)
        if head == "matrix":
            for a in args:
                self.shape(a)
            return (number(term.data[0]), number(term.data[1]))
        if head in ("vector", "tuple"):
            for a in args:
                self.shape(a)
            return (number(len(args)),)
        if head == "index":
            return self._index_shape(term)
        if head == "kron":
            factors = [self.shape(a) for a in args]
            if all(len(s) == 2 and s[0] is not ROW and all(x.head in ("name", "number") for x in map(self.sizes.find, s)) for s in factors):
                return tuple(Term("mul", tuple(self.sizes.find(s[k]) for s in factors)) for k in (0, 1))
        if head in ("sum", "prod"):
            return self._sum_shape(term)
        if head == "inner":
            left, right = self.shape(args[0]), self.shape(args[1])
            if len(left) == len(right) and ROW not in (*left, *right):
                for a, b in zip(left, right, strict=True):
                    self.sizes.unify(a, b, lambda: self._mismatch(term, args[0], args[1], left, right))
            return ()
        if head == "apply":
            return self._apply_shape(term)
        if head in ("gradient", "hessian", "jacobian"):
            self.shape(args[0])
            found = [self.shape(v) for v in args[1:]]
            return found[0] if head == "gradient" and len(found) == 1 else ()
        if head == "norm":
            self.shape(args[0])
            return ()
        if head == "cases":
            shapes = [self.shape(a) for a in args]
            return max(shapes[::2], key=len)
        if head == "directional" and len(args) == 3 and args[1].head == "name":
            self._like(args[1], args[2], term)
        for variable, value in points_of(term):
            left, right = self.shape(variable), self.shape(value)
            if len(left) == len(right) and ROW not in (*left, *right):
                for a, b in zip(left, right, strict=True):
                    self.sizes.unify(a, b, partial(self._mismatch, term, variable, value, left, right))
        if head == "task" and term.data == "differential":
            shapes = [self.shape(a) for a in args]
            return shapes[0]
        if head == "task" and term.data == "entries":
            self.bound.update(index.data for index in args[1::3])
            self.shape(args[0])
            return tuple(args[3::3])
        if head == "task" and term.data == "array":
            self.bound.update(index.data for index in args[1:])
            inner = self.shape(args[0])
            return (*(self._range(args[0], index.data, None) or self.sizes.fresh() for index in args[1:]), *inner)
        if head == "task" and term.data in METHODS:
            self.shape(args[0])  # the function alone: starts and rates are given
            return ()
        if head in OPAQUE:
            return ()
        shapes = [self.shape(a) for a in args]
        if head in ("pow", "neg", "abs", "sqrt", "hadamard_pow", "div", "plusminus") and shapes:
            if head == "div" and len(shapes[1]) and shapes[1] and not (len(args) == 2 and self.rank(args[1]) == self.rank(args[0])):
                raise WrongUse("division by a vector or matrix", span=args[1].span, suggestion="elementwise division is written ./")
            return shapes[1] if head == "pow" and args[0].head == "constant" and shapes[1] else shapes[0]
        return ()

    def _name_shape(self, term: Term) -> Shape:
        n: Name = term.data
        if n in self.bound:
            return ()
        kind = self.types.get(n)
        if kind is not None and kind.shape:
            if any(s.head == "blank" for s in kind.shape):
                sizes = [self.sizes.fresh() if s.head == "blank" else s for s in kind.shape]
                if kind.properties & SQUARE and len(sizes) > 1:
                    self.sizes.unify(sizes[-2], sizes[-1], lambda: InconsistentInput(f"{n.key} is square", span=term.span))
                self.types[n] = kind = _with_shape(kind, tuple(sizes))
            return kind.shape
        rank = self.ranks.get(n) or (
            1
            if n.font == "bf" and n.base[:1].islower() and n not in self.declared
            else 2
            if n.font == "bf" and n not in self.declared
            else 0
        )
        if not rank:
            return ()
        shape = tuple(self.sizes.fresh() for _ in range(rank))
        self.inferred.setdefault(n, rank)
        self.types[n] = _with_shape(kind or Type(), shape)
        return shape

    def _join(self, term: Term, parts: list[Term]) -> Shape:
        shapes = [self.shape(p) for p in parts]
        best: Shape = ()
        owner = parts[0]
        for part, shape in zip(parts, shapes, strict=True):
            if not shape:
                continue
            if not best:
                best, owner = shape, part
                continue
            if len(best) == len(shape) and (best[0] is ROW) == (shape[0] is ROW):
                for a, b in zip(best, shape, strict=True):
                    self.sizes.unify(a, b, partial(self._mismatch, term, owner, part, best, shape))
            elif (best[0] is ROW) != (shape[0] is ROW) and term.head == "add":
                raise self._mismatch(term, owner, part, best, shape)
            elif len(shape) > len(best):
                best, owner = shape, part
        return best

    def _product(self, term: Term) -> Shape:
        if term.data == "np":
            return self._join(term, list(term.args))
        result: Shape = ()
        left_term = term.args[0]
        if len(term.args) == 2 and left_term.head in ("hessian", "jacobian") and len(left_term.args) == 2:
            self._like(left_term.args[1], term.args[1], term)
        if len(term.args) == 2 and left_term.head == "transpose" and term.args[1].head == "jacobian":
            self._like(term.args[1].args[0], left_term.args[0], term)
        for part in term.args:
            block = as_joined(part, self.rank, behind_matrix=True) if len(result) == 2 else None
            shape = self.shape(part if block is None else block)
            if not shape and part.head in ("call", "prime") and result and result[0] is ROW:
                result = ()
                continue
            if not shape:
                continue
            if not result:
                result, left_term = shape, part
                continue
            result = self._multiply(term, left_term, part, result, shape)
            left_term = part if result else left_term
        return result

    def _like(self, variable: Term, direction: Term, term: Term) -> None:
        """A direction has the shape of its variable."""
        left, right = self.shape(variable), self.shape(direction)
        if len(left) == len(right) and ROW not in (*left, *right):
            for a, b in zip(left, right, strict=True):
                self.sizes.unify(a, b, partial(self._mismatch, term, variable, direction, left, right))

    def _multiply(self, term: Term, left_term: Term, right_term: Term, left: Shape, right: Shape) -> Shape:
        def mismatch() -> InconsistentInput:
            return self._mismatch(term, left_term, right_term, left, right)

        left_row, right_row = left[0] is ROW, right[0] is ROW
        if term.data == "·" and len(left) == len(right) == 1 and not left_row and not right_row:
            self.sizes.unify(left[0], right[0], mismatch)
            return ()
        if left_row:
            self.sizes.unify(left[1], right[0] if not right_row else right[1], mismatch)
            return () if len(right) == 1 else (ROW, right[1])
        if len(left) == 1:
            if right_row:
                return (left[0], right[1])
            if term.head == "matmul":
                self.sizes.unify(left[0], right[0], mismatch)
                return right[1:]
            raise mismatch()
        if right_row:
            raise mismatch()
        self.sizes.unify(left[-1], right[0], mismatch)
        return (*left[:-1], *right[1:])

    def _square(self, shape: Shape, term: Term) -> None:
        if len(shape) == 2 and shape[0] is not ROW:
            self.sizes.unify(
                shape[0], shape[1],
                lambda: InconsistentInput(f"a square matrix is needed here, this one is {self.describe(shape)}", span=term.span),
            )  # fmt: skip

    def _index_shape(self, term: Term) -> Shape:
        base = self.shape(term.args[0])
        left: list[Term] = []
        for a in term.args[1:]:
            if a.head not in ("blank", "range"):
                left += self.shape(a)
        for place, size in enumerate(base):
            index = term.args[place + 1] if place + 1 < len(term.args) else Term("blank")
            if index.head == "blank":
                left.append(size)
            elif index.head == "range":
                left.append(self.sizes.fresh())
        return tuple(left)

    def _sum_shape(self, term: Term) -> Shape:
        if term.data in ("range", "bare") or (term.data == "cond" and len(term.args) > 2):
            index = term.args[1]
            if index.head == "name":
                self.bound.add(index.data)
                upper = term.args[3] if term.data == "range" and len(term.args) > 3 else None
                starts_at_one = term.data != "range" or term.args[2] == number(1)
                shape = self.shape(term.args[0])
                place = self.types.get(upper.data) if upper is not None and upper.head == "name" else None
                if upper is not None and upper.head == "name" and (upper.data in self.bound or (place and place.domain == "index")):
                    return shape  # Σ_{j=1}^i with a running i: i is no size
                self._range(
                    term.args[0],
                    index.data,
                    upper if starts_at_one and upper is not None and upper.head in ("name", "number") else None,
                )
                return shape
        shapes = [self.shape(a) for a in term.args[:1]]
        return shapes[0] if shapes else ()

    def _range(self, body: Term, index: Name, upper: Term | None) -> Term | None:
        """All arrays that the index runs over have the size of its range, which is given back where it is known."""
        size = upper
        for node in body.walk():
            if node.head != "index":
                continue
            named = node.args[0].head == "name"
            shape = self._name_shape(node.args[0]) if named else self.shape(node.args[0])
            for place, i in enumerate(node.args[1:]):
                if i.head == "name" and i.data == index and place < len(shape) and not (named and reaches_back(body, node, place)):
                    size = shape[place] if size is None else size
                    self.ranges[index] = (size, named or self.ranges.get(index, (size, False))[1])
                    here = size
                    self.sizes.unify(shape[place], here, partial(self._too_short, node, index, shape[place], here))
        return size

    def _too_short(self, node: Term, index: Name, entries: Term, size: Term) -> InconsistentInput:
        from derive.expressions.plain import plain

        has = size_text(self.sizes.find(entries))
        return InconsistentInput(
            f"{index.key} runs to {size_text(size)}, but {plain(node.args[0])} has {has} entries along it", span=node.span
        )

    def _apply_shape(self, term: Term) -> Shape:
        function = str(term.data)
        if function in ("max", "min") and len(term.args) == 1:
            self.shape(term.args[0])
            return ()
        if term.args and term.args[-1].head == "keyword":
            from derive.meaning.numpy_notation.settling import reduced_shape

            return reduced_shape(self.shape(term.args[0]), term)
        shapes = [self.shape(a) for a in term.args]
        if function == "vec" and len(shapes[0]) == 2:
            sizes = tuple(map(self.sizes.find, shapes[0]))
            return (self.sizes.fresh(),) if any(s.head == "word" for s in sizes) else (Term("mul", sizes),)
        if function == "unvec":
            return term.args[1:]
        if function in JOINING:
            return joined_shape(function, term.args, [tuple(map(self.sizes.find, s)) for s in shapes])
        if function in ("det", "tr", "logdet"):
            if len(shapes[0]) == 1 or (shapes[0] and shapes[0][0] is ROW):
                raise WrongUse(f"the {FUNCTIONS[function].words or function} of a vector", span=term.span, expected=("a square matrix",))
            self._square(shapes[0], term)
            return ()
        acts = FUNCTIONS[function].acts if function in FUNCTIONS else "elementwise"
        if acts == "vector":
            if function in ("softmax", "log_softmax", "sort", "cumsum", "layernorm"):
                return shapes[0] if len(shapes) == 1 else (number(len(shapes)),)
            return shapes[0][:-1] if function == "logsumexp" else ()
        if function == "diag":
            return (shapes[0][0], shapes[0][0]) if len(shapes[0]) == 1 else shapes[0][:1]
        if function in MATRIX_FUNCTIONS:
            return (
                shapes[0]
                if function.startswith("matrix") or function in ("polarfactor", "leadingpair", "leadingeigen", "trailingeigen")
                else ()
            )
        return max(shapes, key=len)

    def _mismatch(self, term: Term, left: Term, right: Term, left_shape: Shape, right_shape: Shape) -> InconsistentInput:
        from derive.expressions.plain import plain

        return InconsistentInput(
            f"{plain(term)}: {plain(left)} is {self.describe(left_shape)} and {plain(right)} {self.describe(right_shape, verb='has')}"
            + self._needed(term, left_shape, right_shape),
            span=term.span,
        )

    def _needed(self, term: Term, left: Shape, right: Shape) -> str:
        if term.head in ("mul", "matmul") and left and right and right[0] is not ROW:
            a, b = size_text(self.sizes.find(left[-1])), size_text(self.sizes.find(right[0]))
            if a != b:
                return f"; {a} = {b} is needed"
        return ""

    def describe(self, shape: Shape, verb: str = "is") -> str:
        """A shape in words: "m × n", "length k", "a row of length n"."""
        found = [size_text(self.sizes.find(s)) for s in shape if s is not ROW]
        if not shape:
            return "is a scalar" if verb == "has" else "a scalar"
        if shape[0] is ROW:
            return ("is " if verb == "has" else "") + f"a row of length {found[0]}"
        if len(shape) == 1:
            return ("has" if verb == "has" else "a vector of") + f" length {found[0]}"
        return ("is " if verb == "has" else "") + " × ".join(found)


def _with_shape(kind: Type, shape: Shape) -> Type:
    return replace(kind, domain=kind.domain if kind.domain != "unknown" else "real", shape=shape)
