"""Undeclared capitals that can only be matrices: A⁻¹b, (K + σ²I)⁻¹, I − D W D, uvᵀ, W^{[l]} a^{[l−1]}, σ(W x + b).

In: what is known of ranks and a term. Out: nothing; ranks learn. A matrix that stayed a scalar would be multiplied entry by entry, and
NumPy says nothing of it.
"""

from __future__ import annotations

from derive.expressions.term import Name, Term, number
from derive.meaning.ranks import METHODS, Ranks, is_matrix_letter

__all__ = ["learn_capitals"]

_NUMBERS = frozenset("NTZ")  # capitals that count, or normalise
_RANDOM = frozenset("XYZ")  # capitals of random variables
_COVARIANCES = frozenset(("Sigma", "Lambda", "Omega"))
_SCALARS = frozenset(("c", "d", "e", "i", "j", "k", "l", "m", "n", "r", "t", "T"))
_ACTIVATIONS = frozenset(("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "elu", "selu", "silu", "softplus", "softmax", "log_softmax"))
_OF_NUMBERS = ("derivative", "integral", "limit", "total_derivative", "task")
_MINUS_ONE = Term("neg", (number(1),))


def learn_capitals(ranks: Ranks, term: Term) -> None:
    """Ranks learn from what the products, inverses and identities of the term show. Calculus of numbers is left alone."""
    if term.head == "task" and term.data in METHODS:
        term = term.args[0]
    if term.has(*_OF_NUMBERS) and not _by_weights(term):
        return
    for node in term.walk():
        if node.head == "mul" and node.data != "np":
            _product(ranks, node.args)
        elif node.args[:1] and node.args[0].head == "add" and _is_of_matrix(node):
            _identity(ranks, node.args[0])
        elif node.head == "abs" and node.args[0].head == "name" and node.args[0].data.base in _COVARIANCES:
            ranks.learn(node.args[0], 2)  # |Σ|
        elif node.head == "apply" and node.data == "log" and len(node.args) == 1 and node.args[0].head == "abs":
            inner = node.args[0].args[0]
            if _is_capital(ranks, inner) and inner.data.base not in _RANDOM:
                ranks.learn(inner, 2)  # log |K|
        elif node.head == "add":
            _beside_identity(ranks, node)
        elif node.head == "apply" and node.data in _ACTIVATIONS and len(node.args) == 1:
            _layer(ranks, node.args[0])
        elif node.head == "apply" and node.data == "max" and len(node.args) == 2 and number(0) in node.args:  # ReLU
            _layer(ranks, next((a for a in node.args if a != number(0)), node.args[0]))


def _by_weights(term: Term) -> bool:
    """∂L/∂W, ∂L/∂W^{[1]}: the derivative is by matrices of weights."""
    names = [v.data for v in term.args[1::2] if v.head == "name"] if term.head == "derivative" else []
    weights = bool(names) and all(n.base == "W" and is_matrix_letter(n) for n in names)
    return weights and not term.args[0].has(*_OF_NUMBERS)


def _is_of_matrix(node: Term) -> bool:
    return node.head in ("inverse", "pinv", "abs") or (node.head == "pow" and node.args[1] == _MINUS_ONE)


def _is_free(ranks: Ranks, term: Term) -> bool:
    return term.head == "name" and term.data not in ranks.ranks and term.data not in ranks.bound


def _is_capital(ranks: Ranks, term: Term) -> bool:
    """A name that is a matrix, or of which nothing is known and whose letter is one of matrices."""
    if term.head != "name" or not is_matrix_letter(term.data):
        return False
    return ranks.ranks.get(term.data) == 2 or (_is_free(ranks, term) and term.data.base not in _NUMBERS and term.data.base != "I")


def _is_small(ranks: Ranks, term: Term) -> bool:
    """A small Latin letter that is no usual number, and of which nothing else is known."""
    return _is_free(ranks, term) and len(term.data.base) == 1 and term.data.base.islower() and term.data.base not in _SCALARS


def _base(term: Term) -> Term:
    """What a power, a transposition or a pseudo-inverse is of."""
    return term.args[0] if term.head in ("pow", "inverse", "pinv", "transpose") else term


def _product(ranks: Ranks, args: tuple[Term, ...]) -> None:
    for place, (factor, following) in enumerate(zip(args, args[1:], strict=False)):
        inverted = factor.head in ("inverse", "pinv") or (factor.head == "pow" and factor.args[1] == _MINUS_ONE)
        if inverted and _is_capital(ranks, factor.args[0]) and (_is_small(ranks, following) or _rank(ranks, following) == 1):
            ranks.learn(factor.args[0], 2)
            ranks.learn(following, 1)
        elif inverted and factor.args[0].head == "add" and _is_small(ranks, following):
            inside = [f[0] for f in _terms(factor.args[0]) if len(f) == 1 and _is_capital(ranks, f[0])]
            if _identity(ranks, factor.args[0]) or len(inside) == len(factor.args[0].args):
                for capital in inside:
                    ranks.learn(capital, 2)  # (A + B)⁻¹ b
                ranks.learn(following, 1)
        elif following.head == "transpose" and place + 2 < len(args) and not _is_capital(ranks, _base(args[place + 2])):
            continue  # y wᵀx: an inner product, and what is in front of it is a number
        elif following.head == "transpose" and _is_small(ranks, factor) and _is_vector(ranks, following.args[0]):
            ranks.learn(factor, 1)
            ranks.learn(following.args[0], 1)
        elif _is_layer(factor) and _is_layer(following) and _is_capital(ranks, factor) and _is_free(ranks, following):
            ranks.learn(factor, 2)
            ranks.learn(following, 2 if is_matrix_letter(following.data) else 1)


def _rank(ranks: Ranks, term: Term) -> int | None:
    return ranks.ranks.get(term.data) if term.head == "name" else None


def _is_vector(ranks: Ranks, term: Term) -> bool:
    return _is_small(ranks, term) or _rank(ranks, term) == 1


def _is_layer(term: Term) -> bool:
    """Whether the name has a layer above: W^{[l]}, a^{(l−1)}."""
    return term.head == "name" and term.data.sup[:1] in ("[", "(")


def _terms(node: Term) -> list[tuple[Term, ...]]:
    """The summands as factors, their signs left out."""
    found = []
    for part in node.args:
        inner = part.args[0] if part.head == "neg" else part
        found.append(inner.args if inner.head == "mul" else (inner,))
    return found


def _is_identity(ranks: Ranks, factors: tuple[Term, ...]) -> bool:
    """`I`, `λ I`, `σ² I`: an I of which nothing is known, with numbers before it."""
    last = factors[-1]
    plain = last.head == "name" and last.data == Name("I") and _is_free(ranks, last)
    return plain and not any(_is_capital(ranks, _base(f)) for f in factors[:-1])


def _identity(ranks: Ranks, node: Term) -> bool:
    """(K + σ² I)⁻¹: whether an I in it is the identity; the capitals beside it are matrices then."""
    summands = _terms(node)
    identities = [f for f in summands if _is_identity(ranks, f)]
    others = [f for f in summands if not _is_identity(ranks, f)]
    if not identities:
        return any(len(f) == 1 and _rank(ranks, f[0]) == 2 for f in summands)
    capitals = [_base(f) for factors in others for f in factors if _is_capital(ranks, _base(f))]
    if not capitals or not all(any(_is_capital(ranks, _base(f)) for f in factors) for factors in others):
        return False
    for capital in capitals:
        ranks.learn(capital, 2)
    for factors in identities:
        ranks.learn(factors[-1], 2)
    return True


def _beside_identity(ranks: Ranks, node: Term) -> None:
    """I − D W D, A − λ I: capitals beside an I. S + I + R are three numbers."""
    summands = _terms(node)
    products = [f for f in summands if sum(1 for part in f if _is_capital(ranks, _base(part))) > 1]
    weighted = [f for f in summands if len(f) > 1 and _is_identity(ranks, f)]
    if products or weighted or len(summands) == 2:
        _identity(ranks, node)


def _is_of_vectors(ranks: Ranks, term: Term) -> bool:
    """A free name, r ⊙ h, or [h_{t-1}, x_t]: what a weight matrix is multiplied onto."""
    if term.head == "vector":
        return all(_is_free(ranks, a) and "t" in a.data.sub for a in term.args)
    return _is_free(ranks, term) or term.head == "hadamard"


def _layer(ranks: Ranks, inner: Term) -> None:
    """σ(W x + U h + b): what weights are multiplied onto is a vector, and so is the bias."""
    if inner.head != "add":
        return
    summands = _terms(inner)
    products = [f for f in summands if len(f) == 2 and _is_capital(ranks, f[0]) and _is_of_vectors(ranks, f[1])]
    alone = [f for f in summands if len(f) == 1 and f[0].head in ("name", "hadamard")]
    if len(products) + len(alone) != len(summands) or not products:
        return
    if len(products) == 1 and products[0][0].data.base != "W":
        return
    vectors = [(weights, v) for weights, values in products for v in (values.args if values.head in ("hadamard", "vector") else (values,))]
    if any(v.head != "name" or is_matrix_letter(v.data) for _, v in vectors):
        return
    for weights, values in vectors:
        ranks.learn(weights, 2)
        ranks.learn(values, 1)
