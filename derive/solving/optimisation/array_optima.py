"""Optima over one array: which solver the form of the function and of the constraints calls for.

In: a reading of an optimum whose variable is a vector or a matrix. Out: a Solution.
"""

from __future__ import annotations

from derive.meaning.scope import Reading
from derive.solution import Solution
from derive.solving.optimisation.array_balls import solve_in_ball, solve_in_box
from derive.solving.optimisation.array_covariances import solve_covariance
from derive.solving.optimisation.array_programmes import array_programme
from derive.solving.optimisation.array_proximal import solve_proximal
from derive.solving.optimisation.array_quadratics import solve_quadratic
from derive.solving.optimisation.array_simplex import solve_on_simplex

__all__ = ["solve_array_optimum"]


def solve_array_optimum(reading: Reading) -> Solution:
    """The optimum. Raises NotSupported with what is not of a form that is solved, DoesNotExist where it is not attained."""
    p = array_programme(reading)
    return (
        solve_on_simplex(p)
        or solve_in_ball(p)
        or solve_in_box(p)
        or solve_covariance(p)
        or solve_proximal(p, reading)
        or solve_quadratic(p)
    )
