"""Checks of steps about random variables: experiments with numbers for the parameters and a concrete law, sides evaluated by enumeration."""

from derive.checking.chance.verify import check_derivation

__all__ = ["check_derivation"]
