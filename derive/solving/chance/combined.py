"""Laws of sums, maxima, minima and order statistics of independent variables.

In: `density of X + Y`, `X + Y`, `density of max(X, Y)`, `density of U_(k)`. Out: a Solution with the density (and the law where it has a
name), or None where the target is none of these. Independence is used only where it is declared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sympy as sp

from derive.deadline import limited
from derive.derivation import Claim
from derive.errors import NotSupported, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.meaning.scope import Reading
from derive.probability.build import build
from derive.probability.catalogue import FAMILIES
from derive.probability.family import Distribution
from derive.probability.model import Model, Sample
from derive.rules.chance_transformations import (
    CLOSED_UNDER_SUMS,
    CONVOLUTION,
    DERIVATIVE_OF_CDF,
    LINEAR_COMBINATION,
    MAXIMUM,
    MGF_PRODUCT,
    MINIMUM,
    ORDER_STATISTIC,
)
from derive.solution import Solution
from derive.solving.chance.known import Known
from derive.solving.chance.steps import step
from derive.solving.chance.transformations import Target, finished, named, target_of
from derive.solving.chance.writing import follows
from derive.solving.journal import Journal
from derive.solving.simplification import shortened

__all__ = ["solve_combined"]
