"""Checks of steps about random variables: experiments with numbers for parameters and a concrete law, by enumeration."""

from derive.checking.chance.verify import check_derivation

__all__ = ["check_derivation"]
