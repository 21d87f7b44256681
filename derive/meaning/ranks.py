"""Ranks: which names of a line are vectors or matrices, learnt from norms, transposes, products and what they are added to.

In: a term and the declared types. Out: `Ranks.ranks` (what is known) and `Ranks.inferred` (what was not declared).
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Name, Term, number
from derive.meaning.array_names import (
    SCALAR_LETTERS,
    inside_matrix,
    inside_norm,
    inverse_applied,
    is_bias,
    is_matrix_letter,
    multiplied,
    must_be_array,
    numbers_below,
)
from derive.meaning.blocks import JOINING, rank_of_block
from derive.meaning.chance import chance_rank, learn_law, learn_moment
from derive.meaning.scope import Type

__all__ = ["MATRIX_FUNCTIONS", "METHODS", "OPAQUE", "Ranks", "is_matrix_letter", "points_of"]

MATRIX_FUNCTIONS = frozenset(
    "det logdet tr rank matrix_exp matrix_log polarfactor leadingpair eigenvalues adj null cond "
    "eigmax eigmin leadingeigen trailingeigen".split()
)
METHODS = frozenset(("gradient-descent", "newton", "question", "stationary-points", "taylor"))  # their function says what its names are
OPAQUE = frozenset(("probability", "dist", "word", "task", "setbuilder", "set", "call", "prime", "given", "expect_under", "interval"))


def points_of(term: Term) -> list[tuple[Term, Term]]:
    """The variables that have values in the term, with the values: `f at x = a`, `taylor f at x = a`."""
    if term.head == "at":
        return list(zip(term.args[1::2], term.args[2::2], strict=False))
    return [(term.args[1], term.args[2])] if term.head == "task" and term.data == "taylor" and len(term.args) > 2 else []


class Ranks:
    """What is known of the rank of each name; a bound name has rank 0."""

    def __init__(self, types: Mapping[Name, Type]) -> None:
        self.ranks: dict[Name, int] = {n: len(t.shape) for n, t in types.items() if t.domain != "unknown"}
        self.declared = set(self.ranks)
        self.inferred: dict[Name, int] = {}
        self.bound: set[Name] = set()
        self.changed = False
        self._known: dict[int, tuple[int | None, Term]] = {}  # by identity, until something is learnt; the term is kept alive

    def forget(self) -> None:
        """What is known of terms is asked anew: names may have learnt from what stands beside them."""
        self._known.clear()

    def learn(self, term: Term, rank: int) -> None:
        """`term` must have this rank: when it is a name that nothing was known of, now it is known."""
        target = term
        if target.head == "neg":
            target = target.args[0]
        if target.head != "name" or target.data in self.ranks or target.data in self.bound or rank <= 0:
            return
        self.ranks[target.data] = rank
        self.inferred[target.data] = rank
        self.changed = True
        self._known.clear()

    def rank(self, term: Term) -> int | None:
        """The rank of the term as far as it is known; names learn from what stands around them."""
        if not term.args:
            return self._rank(term)
        if id(term) not in self._known:
            found = self._rank(term)
            self._known[id(term)] = (found, term)
        return self._known[id(term)][0]

    def _rank(self, term: Term) -> int | None:
        head, args = term.head, term.args
        if head == "name":
            return self.ranks.get(
                term.data, 1 if term.data.font == "bf" and term.data.base[:1].islower() else 2 if term.data.font == "bf" else None
            )
        if head == "task" and term.data == "differential":
            return max((self.rank(a) or 0 for a in args), default=0)
        if head == "task" and term.data == "entries":
            return len(args) // 3
        if head == "task" and term.data == "array":
            return (self.rank(args[0]) or 0) + len(args) - 1
        if head in ("number", "constant", "delta", "indicator", "inner", "factorial", "binomial", "otherwise", "total_derivative"):
            ranks = [self.rank(a) for a in args]
            if head == "inner":
                capitals = all(a.head == "name" and is_matrix_letter(a.data) for a in args) and 1 not in ranks
                for a in args:
                    self.learn(a, 2 if 2 in ranks or capitals else 1)
            return 0
        if head == "ones":
            return 1
        if head == "identity":
            return 2
        if head == "index":
            return self._index_rank(term)
        if head == "probability":
            return chance_rank(self, term)
        if head == "rel" and term.data == "~":
            learn_law(self, term)
            return 0
        if head == "rel" and term.data == "=" and args[0].head == "probability":
            learn_moment(self, term)
        if head in ("add", "hadamard", "hadamard_div", "rel", "chain", "cases"):
            return self._joint_rank(term)
        if head in ("mul", "matmul"):
            return self._product_rank(term)
        if head == "transpose":
            inner = self.rank(args[0])
            if inner is None and args[0].head == "add":
                inside_norm(self, args[0], "2")
            if inner is None:
                self.learn(args[0], 2 if args[0].head == "name" and is_matrix_letter(args[0].data) else 1)
            return self.rank(args[0])
        if head in ("inverse", "pinv"):
            self.learn(args[0], 2)
            return self.rank(args[0])
        if head == "norm":
            return self._norm_rank(term)
        if head == "matrix":
            return 2 if (block := rank_of_block(term, self.rank)) is None else block
        if head in ("vector", "tuple"):
            block = rank_of_block(term, self.rank) if head == "vector" else None
            return 1 if block is None else block
        if head == "apply":
            return self._apply_rank(term)
        if head in ("gradient", "hessian", "jacobian"):
            return self._gradient_rank(term)
        if head == "directional" and len(args) == 3 and args[1].head == "name":
            self.rank(args[0])
            self.learn(args[2], self.rank(args[1]) or 0)
        for variable, value in points_of(term):
            self.rank(args[0])  # what the function says of its variable comes first
            self.learn(value, self.rank(variable) or 0)
        if head in ("sum", "prod", "integral", "limit", "derivative", "at", "optimum", "directional", "differential"):
            ranks = [self.rank(a) for a in args]
            return ranks[0]
        if head == "sqrt":
            self.ranks.update({name: 0 for name in numbers_below(args[0]) if name not in self.ranks})
        if head in ("neg", "abs", "pow", "sqrt", "root", "hadamard_pow", "plusminus", "div", "kron"):
            ranks = [self.rank(a) for a in args]
            if head == "pow":
                return ranks[1] if args[0].head == "constant" and ranks[1] else ranks[0]  # e^z, entry by entry
            known = [r for r in ranks if r is not None]
            return max(known) if known else None
        for a in args:
            self.rank(a)
        return None if head in OPAQUE else 0

    def _index_rank(self, term: Term) -> int | None:
        base = self.rank(term.args[0])
        rows = sum(self.rank(a) or 0 for a in term.args[1:] if a.head not in ("blank", "range"))  # E[t]: a row for every label
        taken = sum(1 for a in term.args[1:] if a.head not in ("blank", "range")) - rows
        if base is None and len(term.args) == 2 and term.args[0].head in ("add", "mul", "apply"):
            must_be_array(self, term.args[0])  # (W x + b)_k
            base = self.rank(term.args[0])
        if base is None:
            self.learn(term.args[0], len(term.args) - 1)
            return len(term.args) - 1 - taken
        return max(base - taken, 0)

    def _joint_rank(self, term: Term) -> int | None:
        values = term.args if term.head != "cases" else term.args[::2]
        if term.head == "add" and any(self.rank(a) == 1 for a in values if a.head != "mul"):
            for a in values:
                inner = a.args[0] if a.head == "neg" else a
                last = inner.args[-1] if inner.head == "mul" else None
                if last is not None and last.head == "name" and self.rank(last) is None and self.rank(inner.args[-2]) == 2:
                    self.learn(last, 1)  # y − X β
        ranks = [self.rank(a) for a in values]
        if term.head == "cases":
            for condition in term.args[1::2]:
                self.rank(condition)
        known = [r for r in ranks if r]
        if known and max(known) == 2 and term.head == "add":
            for a in values:
                self._identity(a)
        if known and max(known) == 2 and term.head == "add":
            for a, r in zip(values, ranks, strict=True):
                if (
                    r is None
                    and a.head == "name"
                    and (a.data.base.rstrip("0123456789") in ("b", "beta", "mu", "bias") or is_bias(a.data.base))
                    and any(v.head in ("mul", "matmul") for v in values)
                ):
                    self.learn(a, 1)  # X W + b: a bias for every row
        if known and any(self.is_row(a) for a in values):
            known = []  # wᵀX + b: what is added to a row is no column
        if known and (term.head != "rel" or term.data in ("=", ":=")):
            for a, r in zip(values, ranks, strict=True):
                name = a.args[0] if a.head == "neg" else a
                if (r is None and max(known) < 2) or (r is None and name.head == "name" and is_matrix_letter(name.data)):
                    self.learn(a, max(known))
        if term.head == "hadamard" and not known:
            return None
        if term.head in ("rel", "chain"):
            return 0
        settled = [r for r in ranks if r is not None]
        return max(settled) if settled and (known or len(settled) == len(ranks)) else None

    def is_row(self, term: Term) -> bool:
        """Whether the term is a transposed vector, perhaps times a matrix."""
        inner = term.args[0] if term.head == "neg" else term
        if inner.head == "transpose":
            return self.rank(inner.args[0]) == 1
        if inner.head != "mul":
            return False
        parts = [(a, self.rank(a)) for a in inner.args]
        arrays = [(a, r) for a, r in parts if r]
        return bool(arrays) and self.is_row(arrays[0][0]) and all(r == 2 for _, r in arrays[1:])

    def _identity(self, term: Term) -> None:
        """An undeclared I added to a matrix is the identity: `A − λ I`."""
        inner = term.args[0] if term.head == "neg" else term
        last = inner.args[-1] if inner.head == "mul" else inner
        if last.head == "name" and last.data.base == "I" and last.data not in self.ranks:
            self.learn(last, 2)

    def _product_rank(self, term: Term) -> int | None:
        args = term.args
        self._along(args)
        if term.data == "np":
            ranks = [self.rank(a) for a in args]
            for a, r in zip(args, ranks, strict=True):
                if r is None and 2 in ranks and a.head == "name" and len(a.data.base) == 1 and is_matrix_letter(a.data):
                    self.learn(a, 2)  # W * (R - U @ V.T): weights of the entries
            return max((r for r in ranks if r is not None), default=0)
        if term.head == "matmul":
            for a in args:
                made = self.rank(a)
                for operand in [n for n in a.walk() if n.head == "name"] if a.head in ("apply", "neg", "transpose") else [a]:
                    if made and operand is not a and operand.head == "name" and operand.data.base in (*SCALAR_LETTERS, "tau"):
                        continue  # tanh(X @ W / τ) @ V is a matrix without it
                    self.learn(operand, 2 if operand.head == "name" and is_matrix_letter(operand.data) else 1)
        for k in range(1, len(args) - 1):
            base = args[k].args[0] if args[k].head in ("pow", "inverse") else None
            between = args[k - 1].head == "transpose" and self.rank(args[k + 1]) != 0
            inverted = base is not None and base.head == "name" and args[k].args[-1].head in ("neg", "name")
            if between and inverted and base is not None and is_matrix_letter(base.data):
                self.learn(base, 2)
        for k in range(len(args) - 1, -1, -1):
            rank = self.rank(args[k])
            following = args[k + 1] if k + 1 < len(args) else None
            if rank is None and args[k].head == "name" and following is not None and is_matrix_letter(args[k].data):
                after = self.rank(following)
                if after is not None and after >= 1 and not (following.head == "transpose" and after == 1):
                    self.learn(args[k], 2)
            previous = args[k - 1] if k else None
            if rank is None and previous is not None and previous.head == "transpose" and args[k].head == "apply":
                must_be_array(self, args[k])  # 1ᵀexp(A x)
                rank = self.rank(args[k])
            if rank is None and previous is not None and previous.head == "transpose":
                matrix = args[k].head == "name" and is_matrix_letter(args[k].data)
                self.learn(args[k], 2 if matrix else 1)
            elif rank is None and previous is not None and args[k].head == "name" and self._is_matrix(previous):
                if is_matrix_letter(args[k].data):
                    self.learn(args[k], 2)
                elif args[k].data.base not in SCALAR_LETTERS:
                    self.learn(args[k], 1)
            if rank is None and following is not None and following.head == "transpose" and args[k].head == "name" and len(args) == 2:
                if self.rank(following) == 2 and is_matrix_letter(args[k].data):
                    self.learn(args[k], 2)
        ranks = [self.rank(a) for a in args]
        if len(args) > 1 and args[-1] == number(1) and ranks[-2] == 2:
            ranks[-1] = 1  # A 1: the vector of ones
        for k, following in enumerate(args[1:]):
            row = following.head == "transpose" and ranks[k + 1] == 1
            if row and args[k] == number(1) and (k == 0 or following.args[0].head == "ones"):
                ranks[k] = 1  # 1 bᵀ, (1/n) 1 1ᵀ
        for k in range(1, len(args)):  # wᵀφ(x): what a transposed vector is applied to is a vector
            if args[k].head in ("call", "prime") and args[k - 1].head == "transpose" and self.rank(args[k - 1].args[0]) == 1:
                ranks[k] = 1
        if any(r is None for r in ranks) and not any(r for r in ranks):
            return None
        return self._fold_ranks(args, [r or 0 for r in ranks])

    def _along(self, args: tuple[Term, ...]) -> None:
        """∇²f v: the vector is like the variable."""
        if len(args) == 2 and args[0].head in ("hessian", "jacobian") and len(args[0].args) == 2:
            self.rank(args[0])
            self.learn(args[1], self.rank(args[0].args[1]) or 0)
        if len(args) == 2 and args[0].head == "transpose" and args[1].head == "jacobian":
            self.learn(args[0].args[0], self.rank(args[1].args[0]) or 0)

    def _is_matrix(self, term: Term) -> bool:
        return term.head in ("name", "inverse", "pinv", "pow", "index", "apply", "add") and self.rank(term) == 2

    def _fold_ranks(self, args: tuple[Term, ...], ranks: list[int]) -> int:
        parts = [("row" if a.head == "transpose" and r == 1 else r) for a, r in zip(args, ranks, strict=True) if r]
        while len(parts) > 1:
            left, right = parts[0], parts[1]
            if left == "row":
                merged: list[object] = [] if right == 1 else ["row"]
            elif left == 1:
                merged = [2] if right == "row" else [1]
            elif isinstance(left, int) and isinstance(right, int) and left > 2:
                merged = [left + right - 2]
            else:
                merged = [1] if right == 1 else [2]
            parts[:2] = merged  # type: ignore[assignment]
        if not parts:
            return 0
        return 1 if parts[0] == "row" else int(parts[0])

    def _norm_rank(self, term: Term) -> int:
        inner = term.args[0]
        inside_norm(self, inner, term.data)
        self.rank(inner)
        return 0

    def _apply_rank(self, term: Term) -> int | None:
        function = str(term.data)
        if term.args and term.args[-1].head == "keyword":
            from derive.meaning.numpy_notation.settling import reduced_rank

            axis = next((a.args[0] for a in term.args if a.head == "keyword" and a.data == "axis"), None)
            if axis == number(1) or (axis == number(0) and term.args[0].head == "name" and is_matrix_letter(term.args[0].data)):
                self.learn(term.args[0], 2)
            return reduced_rank(self.rank(term.args[0]), term)
        if function in ("max", "min") and len(term.args) == 1:
            self.rank(term.args[0])
            return 0
        if function in JOINING:
            return max((self.rank(a) or 0 for a in term.args), default=0)
        if function in MATRIX_FUNCTIONS:
            self.learn(term.args[0], 2)
            for a in term.args:
                if function in ("det", "tr", "logdet"):
                    inside_matrix(self, a)
                self.rank(a)
            return (
                1
                if function == "eigenvalues"
                else 2
                if function.startswith("matrix") or function in ("adj", "polarfactor", "leadingpair", "leadingeigen", "trailingeigen")
                else 0
            )
        acts = FUNCTIONS[function].acts if function in FUNCTIONS else "elementwise"
        ranks = [self.rank(a) for a in term.args]
        if acts == "vector":
            if function in ("sum", "mean", "prod", "sort", "cumsum") and not any(a.head == "keyword" for a in term.args[1:]):
                must_be_array(self, term.args[0])  # sum(exp(A x))
            if len(term.args) == 1 and function in ("softmax", "log_softmax", "logsumexp"):
                self.learn(term.args[0], 1)
                if self.rank(term.args[0]) is None:
                    inside_norm(self, term.args[0], "2")
                inner = self.rank(term.args[0])
                return inner if function != "logsumexp" else max((inner or 1) - 1, 0)
            return 1 if function in ("softmax", "log_softmax", "sort", "cumsum", "layernorm") else 0
        if function == "diag" and len(term.args) == 1 and term.args[0].head == "name" and not is_matrix_letter(term.args[0].data):
            self.learn(term.args[0], 1)
            ranks = [self.rank(term.args[0])]
        if function == "diag":
            return {1: 2, 2: 1}.get(ranks[0] or 0)
        if function == "vec":
            inside_matrix(self, term.args[0])
            return 1
        if function == "unvec":
            return 2
        known = [r for r in ranks if r is not None]
        return max(known) if known else None

    def _gradient_rank(self, term: Term) -> int | None:
        for variable in term.args[1:]:
            if term.head == "gradient" and variable.head == "name" and variable.data not in self.ranks:
                self.rank(term.args[0])
        if term.head == "jacobian" and term.args[0].head == "mul":
            inverse_applied(self, term.args[0].args)
        if term.head == "jacobian" and len(term.args) == 2:
            multiplied(self, term.args[0], term.args[1])
        self.rank(term.args[0])
        ranks = [self.rank(v) for v in term.args[1:]]
        if not ranks:
            return None
        base = ranks[0] or 0
        return base if term.head == "gradient" else 2 * base if term.head == "hessian" else base + (self.rank(term.args[0]) or 0)
