"""Distribution functions without elementary form: regularised incomplete gamma and beta functions, and that of Student's t law.

Each has a `definition` in SymPy's own functions, as those of `nodes` have.
Source: NIST Digital Library of Mathematical Functions, §8.2 and §8.17.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.expressions.nodes import DefinedFunction, define

__all__ = ["DISTRIBUTION_FUNCTIONS", "beta_cdf", "gamma_cdf", "gamma_tail", "student_cdf"]


def _student(nu: Any, x: Any) -> Any:
    half = sp.Rational(1, 2)
    slope = sp.gamma((nu + 1) / 2) / (sp.sqrt(sp.pi * nu) * sp.gamma(nu / 2))
    return half + x * slope * sp.hyper((half, (nu + 1) / 2), (sp.Rational(3, 2),), -(x**2) / nu)


gamma_cdf = define("gamma_cdf", lambda a, x: sp.lowergamma(a, x) / sp.gamma(a), positive=True, arguments=2)
gamma_tail = define("gamma_tail", lambda a, x: sp.uppergamma(a, x) / sp.gamma(a), positive=True, arguments=2)
beta_cdf = define("beta_cdf", lambda a, b, x: sp.betainc_regularized(a, b, 0, x), positive=True, arguments=3)
student_cdf = define("student_cdf", _student, positive=True, arguments=2)

DISTRIBUTION_FUNCTIONS: dict[str, type[DefinedFunction]] = {f.__name__: f for f in (gamma_cdf, gamma_tail, beta_cdf, student_cdf)}
