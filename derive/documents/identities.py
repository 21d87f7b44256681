r"""What an equation claims besides what is computed, and whether an equation between two expressions holds: `\log\sigma(z) = …`.

In: readings of its members. Out: claims, to be compared with what is translated; for an identity, whether its sides agree, and where not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from derive.documents.claims import Claim, difference, is_claim
from derive.documents.formulas import Stretch
from derive.errors import DeriveError
from derive.expressions.term import Term
from derive.meaning.scope import Reading, Scope

if TYPE_CHECKING:
    from derive.answering import Settings

__all__ = ["HOLDS", "claims_of", "is_known_function", "verdict_on"]

HOLDS = "an identity: its sides are equal at random points"
FAILS = "an equation that does not hold"
Tried = Callable[[Stretch, int], tuple[Reading, Scope]]


def claims_of(tried: Tried, parts: list[Stretch], words: str, line: int) -> tuple[Claim, ...]:
    """The members of a chain, numbered from 2 where no words are given, that can be compared with the one that is computed."""
    found = []
    for number, part in enumerate(parts, 2):
        try:
            reading, _ = tried(part, line)
        except (DeriveError, RecursionError):
            continue
        if is_claim(reading):
            found.append(Claim(words or f"member {number}", reading))
    return tuple(found)


def is_known_function(reading: Reading, right: Term) -> bool:
    r"""Whether a left side is a function of the table at names of the right one: `\tanh x`; what it is does not depend on the document."""
    term = reading.expanded
    if not {n.data for n in term.walk() if n.head == "name"} <= {n.data for n in right.walk() if n.head == "name"}:
        return False
    return (
        term.head == "apply" and reading.kind == "task" and all(n.head in ("apply", "name", "index", "paren", "neg") for n in term.walk())
    )


def verdict_on(tried: Tried, parts: list[Stretch], line: int, settings: Settings) -> str | None:
    """Whether all members of an equation between expressions are equal, in words; None where they cannot be compared, or where the first
    has names that the last has not: then it is a condition on them."""
    try:
        last, _ = tried(parts[-1], line)
        first, _ = tried(parts[0], line)
    except (DeriveError, RecursionError):
        return None
    if not is_claim(last) or not is_claim(first):
        return None
    names = [{n.data for n in reading.expanded.walk() if n.head == "name"} for reading in (first, last)]
    if names[0] != names[1] or not names[0]:
        return None
    claims = claims_of(tried, parts[:1], "the left side", line) + claims_of(tried, parts[1:-1], "", line)
    if not claims or not first.expanded.has("apply", "pow"):
        return None
    for claim in claims:
        found = difference(last.expanded, last.types, claim, settings)
        if found is not None:
            return f"{FAILS}: {found.replace('what is computed', 'the last member' if len(parts) > 2 else 'the right side')}"
    return HOLDS
