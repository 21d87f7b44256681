"""Eigenvalues: characteristic and minimal polynomials, eigenvectors, diagonal forms, singular values, norms by them, principal components.

In: a SymPy matrix with numbers or symbols. Out: parts by name, steps in the journal. Eigenvalues ascend, each as often as its multiplicity.
Roots without a closed form are decimals, and the report says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import sympy as sp

from derive.errors import DoesNotExist, NotSupported, WrongUse
from derive.expressions.plain import plain
from derive.rules import linear_algebra as rules
from derive.solving.written_out.matrices import column_term, is_numeric, matrix_term, neat, square, term_of
from derive.solving.written_out.work import Work

__all__ = [
    "characteristic_polynomial", "condition_number", "covariance_matrix", "diagonalise", "eigen", "eigenvalues", "largest",
    "minimal_polynomial", "principal_components", "roots_of", "singular_values", "smallest", "spaces", "spectral_radius", "spectrum", "svd",
]  # fmt: skip

LAMBDA = sp.Symbol("lambda", real=True)
DIGITS = 30


class Space(NamedTuple):
    """An eigenvalue, its multiplicity and independent eigenvectors of length one."""

    value: Any
    multiplicity: int
    vectors: list[Any]


def _polynomial(a: Any, sign: int = 1) -> Any:
    return (LAMBDA * sp.eye(a.shape[0]) - a).det(method="berkowitz") * sign


def roots_of(a: Any) -> list[tuple[Any, int]]:
    """The eigenvalues with multiplicities, ascending (by their real, then their imaginary part)."""
    polynomial = sp.Poly(sp.expand(_polynomial(a)), LAMBDA)
    found: list[tuple[Any, int]] = []
    for factor, count in polynomial.factor_list()[1]:
        roots = _roots(factor)
        if roots is None:
            raise NotSupported("eigenvalues that have no closed form")
        found += [(r, m * count) for r, m in roots]
    merged: dict[Any, int] = {}
    for value, count in found:
        merged[value] = merged.get(value, 0) + count
    if not is_numeric(a):
        somewhere = {x: sp.Rational(3 * k + 4, k + 3) for k, x in enumerate(sorted(a.free_symbols, key=str))}
        return sorted(merged.items(), key=lambda p: float(sp.re(sp.N(p[0].subs(somewhere)))))
    return sorted(merged.items(), key=lambda p: tuple(float(part) for part in sp.N(p[0], 20).as_real_imag()))


def _roots(factor: Any) -> list[tuple[Any, int]] | None:
    if factor.degree() <= 2:
        return [(neat_root(r), m) for r, m in sp.roots(factor).items()]
    exact = sp.roots(factor, cubics=False, quartics=False)
    if sum(exact.values()) == factor.degree():
        return [(neat_root(r), m) for r, m in exact.items()]
    if factor.get_domain().is_Numerical and all(c.is_number for c in factor.all_coeffs()):
        return [(_decimal(r), 1) for r in factor.nroots(n=DIGITS, maxsteps=200)]
    return None


def neat_root(value: Any) -> Any:
    """A root, its square roots simplified."""
    return neat(value) if value.is_number else sp.simplify(value)


def _decimal(value: Any) -> Any:
    real, imaginary = value.as_real_imag()
    return sp.Float(real, DIGITS) if abs(imaginary) < sp.Float(10) ** (8 - DIGITS) else value


def is_approximate(value: Any) -> bool:
    """Whether the value holds decimals that stand for a root without a closed form."""
    return bool(value.atoms(sp.Float))


def spectrum(work: Work, a: Any) -> list[tuple[Any, int]]:
    """The eigenvalues with multiplicities, and the step of the characteristic polynomial."""
    square(a, "eigenvalues")
    found = roots_of(a)
    values = sp.Tuple(*(v for v, _ in found))
    polynomial = sp.factor((a - LAMBDA * sp.eye(a.shape[0])).det())
    places = range(a.shape[0] + 1)  # as many as decide a polynomial of this degree
    product = sp.Tuple(*(_expanded(sp.Mul(*((v - k) ** m for v, m in found))) for k in places))
    determinants = sp.Tuple(*(_expanded((a - k * sp.eye(a.shape[0])).det()) for k in places))
    work.step(rules.CHARACTERISTIC_POLYNOMIAL, LAMBDA, values, ("det(A − λI) = ", polynomial), (determinants, product))
    if any(is_approximate(v) for v, _ in found):
        work.note((("the roots of the characteristic polynomial have no simple closed form; they are decimals",),))
    if any(v.is_real is False for v, _ in found):
        work.note((("some eigenvalues are not real",),))
    if any((b - a).is_nonnegative is None for (a, _), (b, _) in pairwise(found)):
        work.note((("the order of the eigenvalues depends on the symbols: it is that of one choice of values",),))
    return found


def _expanded(value: Any) -> Any:
    """Approximate products lose their imaginary rounding."""
    value = sp.expand(value)
    if is_approximate(value):
        value = sp.Float(sp.re(sp.N(value, DIGITS)), 17)
    return value


def spaces(work: Work, a: Any) -> list[Space]:
    """Every eigenvalue with unit eigenvectors, orthogonal ones for symmetric matrices; a step for each vector."""
    found: list[Space] = []
    count = 0
    symmetric = a == a.T
    for value, multiplicity in spectrum(work, a):
        shifted = (a - value * sp.eye(a.shape[0])).applyfunc(neat)
        vectors = _null_decimals(a, value) if is_approximate(value) else shifted.nullspace(simplify=True)
        if not vectors:
            raise NotSupported("eigenvectors for which no form was found")
        if symmetric and len(vectors) > 1:
            vectors = sp.GramSchmidt(list(vectors))
        units = []
        for found_vector in vectors:
            vector = found_vector if is_approximate(value) else found_vector.applyfunc(neat)
            if not is_numeric(vector):
                vector = (vector * sp.denom(sp.together(sum(vector)))).applyfunc(neat)
            length = _length(vector, value)
            if length is None:
                work.note((("the eigenvectors are not of length one",),))
                length = sp.S.One
            unit = (vector / length).applyfunc(_surd)
            if unit.has(sp.oo, sp.zoo, sp.nan, -sp.oo) or unit.is_zero_matrix:
                raise NotSupported("eigenvectors for which no form was found")
            units.append(unit)
            count += 1
            left = (a * unit - value * unit).applyfunc(_residue)
            work.step(rules.EIGENVECTOR, sp.Symbol(f"v_{count}"), unit, ("for λ = ", value), (left, sp.zeros(*left.shape)))
        found.append(Space(value, multiplicity, units))
    return found


def _length(vector: Any, value: Any) -> Any:
    """The length of an eigenvector; None where it holds symbols that are not in front."""
    length = sp.sqrt(sum(sp.Abs(e) ** 2 for e in vector) if value.is_real is False else sum(e**2 for e in vector))
    if not is_numeric(vector):
        return None
    return length if is_approximate(length) else _surd(sp.sqrt(neat(length**2)))


def _residue(value: Any) -> Any:
    """What a check compares: as it is, for the check evaluates it; decimals lose their imaginary rounding, complex numbers are expanded."""
    if value.has(sp.I) and not is_approximate(value):
        return sp.simplify(sp.expand(value))
    return sp.Float(sp.re(sp.expand(value)), 17) if is_approximate(value) else value


def _surd(value: Any) -> Any:
    """A number with roots in a short form, without a search for one."""
    if not value.is_number:
        return sp.simplify(value)
    nested = any(p.exp.is_Integer is not True and not p.base.is_Rational for p in value.atoms(sp.Pow))
    if nested or is_approximate(value):
        return value
    return min((value, sp.radsimp(value), sp.sqrtdenest(sp.radsimp(sp.expand(value)))), key=lambda e: e.count_ops())


def _null_decimals(a: Any, value: Any) -> list[Any]:
    """An eigenvector to a decimal eigenvalue, simple: a row of cofactors of A − λI."""
    shifted = (a - value * sp.eye(a.shape[0])).evalf(DIGITS)
    adjugate = shifted.adjugate()
    columns = [adjugate[:, k] for k in range(a.shape[0])]
    best = max(columns, key=lambda c: float(sum(abs(complex(e)) ** 2 for e in c)))
    return [best] if any(abs(complex(e)) > 1e-12 for e in best) else []


def eigenvalues(work: Work, a: Any) -> Mapping[str, Any]:
    """The eigenvalues alone."""
    found = spectrum(work, a)
    return {"eigenvalues": column_term([v for v, m in found for _ in range(m)])}


def eigen(work: Work, a: Any) -> Mapping[str, Any]:
    """The eigenvalues and unit eigenvectors as columns; a defective matrix has fewer of them, which is noted."""
    found = spaces(work, a)
    for space in found:
        if len(space.vectors) < space.multiplicity:
            counted = f"{len(space.vectors)} independent eigenvector{'s' if len(space.vectors) > 1 else ''}"
            work.note(
                ((f"the matrix is defective: the eigenvalue {_shown(space.value)} of multiplicity {space.multiplicity} has {counted}",),)
            )
    values = [s.value for s in found for _ in range(s.multiplicity)]
    return {"eigenvalues": column_term(values), "eigenvectors": matrix_term(sp.Matrix.hstack(*(u for s in found for u in s.vectors)))}


def _shown(value: Any) -> str:
    return plain(term_of(value))


def diagonalise(work: Work, a: Any) -> Mapping[str, Any]:
    """A = P D P⁻¹ with eigenvectors of length one as columns of P. Raises DoesNotExist for defective matrices."""
    found = spaces(work, a)
    for space in found:
        if len(space.vectors) < space.multiplicity:
            raise DoesNotExist(
                f"the matrix is defective: the eigenvalue {_shown(space.value)} has multiplicity {space.multiplicity} and too few "
                f"eigenvectors ({len(space.vectors)}), so it is not diagonalisable"
            )
    p = sp.Matrix.hstack(*(u for s in found for u in s.vectors))
    d = sp.diag(*(s.value for s in found for _ in s.vectors))
    if not is_numeric(p):
        work.not_zero(neat(p.det()))
    work.step(
        rules.DIAGONAL,
        sp.MatMul(a, p),
        sp.MatMul(p, d),
        ("the eigenvectors are the columns of P",),
        ((a * p).applyfunc(_residue), (p * d).applyfunc(_residue)),
    )
    return {"P": matrix_term(p), "D": matrix_term(d)}


def characteristic_polynomial(work: Work, a: Any) -> Mapping[str, Any]:
    """det(λI − A), expanded."""
    square(a, "the characteristic polynomial")
    found = sp.collect(sp.expand(_polynomial(a)), LAMBDA)
    places = range(a.shape[0] + 1)
    values = sp.Tuple(*(sp.expand(found.subs(LAMBDA, k)) for k in places))
    determinants = sp.Tuple(*(sp.expand((k * sp.eye(a.shape[0]) - a).det()) for k in places))
    work.step(rules.POLYNOMIAL, sp.Symbol("p"), found, (), (determinants, values))
    return {"polynomial": found}


def minimal_polynomial(work: Work, a: Any) -> Mapping[str, Any]:
    """The monic polynomial of least degree with m(A) = 0."""
    square(a, "the minimal polynomial")
    powers = [sp.eye(a.shape[0])]
    for degree in range(1, a.shape[0] + 1):
        powers.append((powers[-1] * a).applyfunc(neat))
        columns = sp.Matrix.hstack(*(p.reshape(len(p), 1) for p in powers))
        kernel = columns.nullspace(simplify=True)
        if kernel:
            coefficients = [neat(c / kernel[0][degree]) for c in kernel[0]]
            break
    value = sp.zeros(*a.shape)
    for c, p in zip(coefficients, powers, strict=True):
        value += c * p
    polynomial = sp.Add(*(c * LAMBDA**k for k, c in enumerate(coefficients)))
    work.step(
        rules.MINIMAL_POLYNOMIAL,
        sp.Symbol("m"),
        polynomial,
        ("no power before depends on the lower ones",),
        (value.applyfunc(neat), sp.zeros(*a.shape)),
    )
    return {"polynomial": polynomial}


def _singular(work: Work, a: Any) -> list[tuple[Any, int]]:
    """The singular values that are not zero, descending, with multiplicities; from the smaller of AᵀA and AAᵀ."""
    gram = a.T * a if a.shape[1] <= a.shape[0] else a * a.T
    found = [(neat(sp.sqrt(v)), m) for v, m in reversed(spectrum(work, gram)) if v != 0]
    squares = sp.Tuple(*(neat(s**2) for s, m in found for _ in range(m)))
    total = sp.Tuple(sum(squares), sp.Integer(len(squares)))
    expected = sp.Tuple(neat(sum(e**2 for e in a)), sp.Integer(a.rank(simplify=True)))
    values = sp.Tuple(*(s for s, m in found for _ in range(m)))
    work.step(rules.SINGULAR_VALUES, sp.Symbol("S"), values, ("their squares sum to ‖A‖²",), (expected, total))
    return found


def singular_values(work: Work, a: Any) -> Mapping[str, Any]:
    """All min(m, n) singular values, descending, zeros too."""
    values = [s for s, m in _singular(work, a) for _ in range(m)]
    return {"S": column_term([*values, *[sp.S.Zero] * (min(a.shape) - len(values))])}


def condition_number(work: Work, a: Any) -> Mapping[str, Any]:
    """κ₂ = the largest singular value over the smallest."""
    square(a, "the condition number")
    if neat(a.det()) == 0:
        raise DoesNotExist("the matrix is singular: its smallest singular value is 0 and the condition number is infinite")
    values = [s for s, m in _singular(work, a) for _ in range(m)]
    found = neat(sp.sqrtdenest(values[0] / values[-1]))
    work.step(rules.SINGULAR_VALUES, sp.Symbol("kappa"), found, ("κ = σ₁/σₙ",), (neat((found * values[-1]) ** 2), neat(values[0] ** 2)))
    return {"condition": found}


def spectral_radius(work: Work, a: Any) -> Mapping[str, Any]:
    """The largest absolute value of an eigenvalue."""
    found = spectrum(work, a)
    largest = max((sp.Abs(v) for v, _ in found), key=float)
    return {"radius": neat(largest)}


def _extreme(work: Work, a: Any, place: int) -> Any:
    found = spectrum(work, a)
    if any(v.is_real is not True for v, _ in found):
        raise NotSupported("the largest or smallest of eigenvalues that are not all real")
    return found[place][0]


def largest(work: Work, a: Any) -> Mapping[str, Any]:
    """λ_max."""
    return {"lambda_max": _extreme(work, a, -1)}


def smallest(work: Work, a: Any) -> Mapping[str, Any]:
    """λ_min."""
    return {"lambda_min": _extreme(work, a, 0)}


def covariance_matrix(work: Work, data: Any) -> Mapping[str, Any]:
    """The sample covariance of rows, with n − 1."""
    _, covariance = _covariance(work, data)
    work.note((("the sample covariance divides by n − 1",),))
    return {"covariance": matrix_term(covariance)}


def _covariance(work: Work, data: Any) -> tuple[Any, Any]:
    """The mean of the rows and their covariance."""
    n, d = data.shape
    if n < 2:
        raise WrongUse("a covariance needs at least two rows")
    mean = sp.Matrix([neat(sum(data[:, k]) / n) for k in range(d)])
    centred = (data - sp.ones(n, 1) * mean.T).applyfunc(neat)
    work.step(rules.CENTRE, sp.Symbol("X_c"), centred, ("with the mean ", mean), (sp.ones(1, n) * centred, sp.zeros(1, d)))
    covariance = (centred.T * centred / (n - 1)).applyfunc(neat)
    work.step(rules.COVARIANCE, sp.Symbol("C"), covariance, (f"with n − 1 = {n - 1}",), (centred.T * centred, covariance * (n - 1)))
    return mean, covariance


def svd(work: Work, a: Any) -> Mapping[str, Any]:
    """The thin factorisation A = U diag(S) Vᵀ with min(m, n) singular values, zeros too."""
    wide = a.shape[1] > a.shape[0]
    matrix = a.T if wide else a
    pairs = [(s.value, u) for s in reversed(spaces(work, matrix.T * matrix)) for u in s.vectors]
    singular = [neat(sp.sqrt(v)) for v, _ in pairs]
    values = sp.Tuple(*singular)
    work.step(
        rules.SINGULAR_VALUES, sp.Symbol("S"), values, (), (sp.Tuple(*(v for v, _ in pairs)), sp.Tuple(*(neat(s**2) for s in singular)))
    )
    right = sp.Matrix.hstack(*(u for _, u in pairs))
    columns = [(matrix * u / s).applyfunc(_surd) for s, (_, u) in zip(singular, pairs, strict=True) if s != 0]
    missing = len(singular) - len(columns)
    if missing:
        work.note(((f"the rank is {len(columns)}: the columns of U to the singular value 0 are any that complete an orthonormal set",),))
        columns += _completion(columns, matrix.shape[0], missing)
    for value in singular:
        if value != 0:
            work.not_zero(value.args[0] if isinstance(value, sp.Abs) else value)
    left = sp.Matrix.hstack(*columns)
    u, v = (right, left) if wide else (left, right)
    product = (u * sp.diag(*singular) * v.T).applyfunc(_residue)
    identity = sp.eye(len(singular))
    grams = [(q.T * q).applyfunc(_residue) for q in (u, v)]
    claim = (sp.Tuple(*a, *grams[0], *grams[1]), sp.Tuple(*product, *identity, *identity))
    work.step(rules.SVD, a, sp.MatMul(u, sp.diag(*singular), v.T), ("UᵀU = VᵀV = I",), claim)
    work.note((("the columns of U and V are determined up to a common sign",),))
    return {"U": matrix_term(u), "S": column_term(singular), "V": matrix_term(v)}


def _completion(columns: list[Any], size: int, count: int) -> list[Any]:
    """Unit vectors that are orthogonal to the columns and to each other."""
    found: list[Any] = []
    for k in range(size):
        vector = sp.eye(size)[:, k]
        for q in (*columns, *found):
            vector = vector - (q.T * vector)[0] * q
        vector = vector.applyfunc(neat)
        square_length = neat(sum(e**2 for e in vector))
        if square_length != 0:
            found.append((vector / sp.sqrt(square_length)).applyfunc(neat))
        if len(found) == count:
            return found
    return found


def principal_components(work: Work, data: Any) -> Mapping[str, Any]:
    """The mean, the components as rows, the variances along them (with n − 1), and their shares."""
    mean, covariance = _covariance(work, data)
    pairs = [(s.value, u) for s in reversed(spaces(work, covariance)) for u in s.vectors]
    total = neat(sum(v for v, _ in pairs))
    work.step(
        rules.PRINCIPAL,
        sp.Symbol("lambda"),
        sp.Tuple(*(v for v, _ in pairs)),
        (),
        (sp.Tuple(covariance.trace()), sp.Tuple(_residue(total))),
    )
    work.note((("explained variances divide by n − 1; a component is determined up to its sign",),))
    ratios = [sp.simplify(v / total) if total != 0 else sp.S.Zero for v, _ in pairs]
    return {
        "mean": column_term(mean),
        "components": matrix_term(sp.Matrix.vstack(*(u.T for _, u in pairs))),
        "explained_variance": column_term([v for v, _ in pairs]),
        "explained_variance_ratio": column_term(ratios),
    }
