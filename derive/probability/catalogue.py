"""The families of distributions by name; a family's file is loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from derive.probability.family import Family

__all__ = ["FAMILIES"]

_FILES = {
    "counts": ("Bernoulli", "Binomial", "Geometric", "NegativeBinomial", "Poisson", "DiscreteUniform"),
    "real": ("Normal", "Laplace", "Logistic", "StudentT", "Cauchy"),
    "bounded": ("Uniform", "Beta"),
    "positive": ("Exponential", "Gamma", "InverseGamma", "ChiSquared", "Weibull", "Rayleigh", "HalfNormal", "Lognormal", "Pareto"),
    "extremes": ("Gumbel",),
    "vectors": ("Categorical", "Multinomial", "Dirichlet", "MultivariateNormal"),
}
_PLACES = {name: file for file, names in _FILES.items() for name in names}


class _Catalogue(Mapping[str, Family]):
    """Name → family. The multivariate Normal is under `MultivariateNormal`; its own name, as reports say it, is Normal."""

    def __getitem__(self, name: str) -> Family:
        families: Mapping[str, Family] = import_module(f"derive.probability.families.{_PLACES[name]}").FAMILIES
        return families[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


FAMILIES: Mapping[str, Family] = _Catalogue()
