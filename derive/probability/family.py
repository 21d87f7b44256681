"""What a family of distributions is: one record, from which solvers, checks and code take everything.

In: parameter values as SymPy expressions (scalars) in the order of `Family.parameters`. Out: SymPy expressions; for checks, numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["Distribution", "ExponentialForm", "Family", "Parameter", "Support"]


class Parameter(NamedTuple):
    """One parameter: its name in the report, the keywords that set it, and where it lives.

    domain  "real" "positive" "nonnegative" "probability" "natural" "whole" "integer"; "vector" "simplex" "positive-vector" "covariance"
    """

    name: str
    domain: str
    aliases: tuple[str, ...] = ()


class Support(NamedTuple):
    """Where the density is positive: from `lower` to `upper` (SymPy, may be ±oo); integers when discrete; other kinds by name.

    kind  "interval" "integers" "simplex" "vectors" "counts" "categories"
    """

    kind: str
    lower: Any = None
    upper: Any = None


class ExponentialForm(NamedTuple):
    """log p(x | parameters) = Σ_k natural_k T_k(x) + terms without x or without parameters, and the way back.

    `statistics(x)` gives the T_k; `natural(*parameters)` their coefficients as the log-density holds them (the part of it that depends
    on both); `parameters(*coefficients)` is the inverse: what the parameters are when a density is exp(Σ c_k T_k(x)) up to a factor.
    """

    statistics: Callable[..., tuple[Any, ...]]
    natural: Callable[..., tuple[Any, ...]]
    parameters: Callable[..., tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Family:
    """A family of distributions.

    `log_density(x, *parameters)` holds on the support. `mean`, `variance`, `entropy`, `mode`, `median` take the parameters and give an
    expression; None where there is no closed form. `moment(k, *parameters)` is the raw moment of order k (an int);
    `moment_exists(k, *parameters)` a SymPy condition (true, false or on the parameters) asked before any moment is used. `mgf(t, …)` holds
    where `mgf_exists(t, …)`; a family without one has `mgf=None`. `exponential` is its form as an exponential family, for conjugacy:
    of the variable itself. `quadrature(values, count)` gives nodes and weights in floats for numeric parameter values, exact or very near
    for smooth integrands (finite supports: enumeration; infinite discrete ones: until the tail is below 1e-17). `says` is the line that
    states the parametrisation. `source` cites.

    `density(x, *parameters)` is the density (or mass) as a textbook prints it, on the support. `mode` holds where `mode_condition(…)`
    does (always, where that is None); `quantile(u, …)` inverts the cdf for 0 < u < 1. `draw(values, random)` is one variate for numeric
    parameter values, by `random.Random`. A record for vectors takes and gives literal tuples (`sympy.Tuple`) or matrices.
    """

    name: str
    parameters: tuple[Parameter, ...]
    discrete: bool
    support: Callable[..., Support]
    log_density: Callable[..., Any]
    says: str
    source: str = ""
    mean: Callable[..., Any] | None = None
    variance: Callable[..., Any] | None = None
    moment: Callable[..., Any] | None = None
    moment_exists: Callable[..., Any] | None = None
    mgf: Callable[..., Any] | None = None
    mgf_exists: Callable[..., Any] | None = None
    cdf: Callable[..., Any] | None = None
    entropy: Callable[..., Any] | None = None
    mode: Callable[..., Any] | None = None
    median: Callable[..., Any] | None = None
    exponential: ExponentialForm | None = None
    quadrature: Callable[..., tuple[list[Any], list[float]]] | None = None
    density: Callable[..., Any] | None = None
    mode_condition: Callable[..., Any] | None = None
    quantile: Callable[..., Any] | None = None
    draw: Callable[..., Any] | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """A member of a family. `parameters` maps the family's names, in their order, to SymPy expressions (arrays: Terms)."""

    family: Family
    parameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The family's name, as in the report."""
        return self.family.name

    @property
    def values(self) -> tuple[Any, ...]:
        """The parameters in the family's order."""
        return tuple(self.parameters.values())
