"""What a piece of a document can be, and what its terms look like: kinds of entries, left sides, fragments.

In: terms as they were read. Out: the values that the reading of a document consists of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from derive.derivation import Prose
from derive.documents.claims import Claim
from derive.documents.formulas import Place
from derive.documents.rows import Piece
from derive.expressions.inline import inline
from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Reading, Type

__all__ = [
    "DECLARED",
    "NEEDS",
    "NOTHING",
    "REFUSED",
    "TRANSLATED",
    "UNREADABLE",
    "WITHHELD",
    "Entry",
    "Job",
    "called",
    "has_primes",
    "is_fragment",
    "is_like",
    "is_single",
    "is_square",
    "name_of",
    "said",
]

TRANSLATED = "translated"
NEEDS = "needs a declaration"
NOTHING = "nothing to compute"
DECLARED = "taken in"
UNREADABLE = "not read"
REFUSED = "no code"
WITHHELD = "withheld"

_SINGLE = frozenset(
    "name call index apply gradient derivative hessian jacobian total_derivative prime probability norm abs inner at".split()
)
_MENTIONED = frozenset("name number constant word dots blank ones identity tuple set setbuilder interval".split())


class Job(NamedTuple):
    """What is to be translated: a term with its types, or a task that is solved first."""

    function: str
    summary: str
    target: Term | None
    types: Mapping[Name, Type]
    formula: Term | None = None
    first: tuple[Name, ...] = ()
    reading: Reading | None = None
    claims: tuple[Claim, ...] = ()


class Entry(NamedTuple):
    """One piece of the document and what was made of it; `left` is the left side, from which a function gets its name."""

    piece: Piece
    place: Place
    status: str
    reason: str = ""
    expected: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left: Term | None = None
    job: Job | None = None
    remarks: tuple[str, ...] = ()


def said(prose: Prose) -> str:
    return "".join(part if isinstance(part, str) else inline(part) if isinstance(part, Term) else str(part) for part in prose)


def is_fragment(term: Term) -> bool:
    """A name, a number, a sign: mentioned, not computed."""
    inner = term
    while inner.head in ("neg", "transpose", "paren") and inner.args:
        inner = inner.args[0]
    return inner.head in _MENTIONED


def name_of(head: Term) -> Name | None:
    inner = head.args[0] if head.head in ("call", "index") and head.args else head
    return inner.data if inner.head == "name" else None


def has_primes(head: Term) -> bool:
    name = name_of(head)
    return head.head == "call" and name is not None and name.primes > 0


def is_single(head: Term) -> bool:
    """Whether a left side is one quantity; a function of the table at anything but names is an identity, not a definition, but for the
    logarithm of a density or of a function that nobody defined."""
    if head.head == "apply":
        return (head.data == "log" and head.args[0].head in ("call", "probability")) or all(a.head in ("name", "index") for a in head.args)
    return head.head in _SINGLE


def called(text: str) -> Term | None:
    """The name in front of a bracket, from the text alone: `I(\\nu) = …` where I is an identity elsewhere."""
    found = re.match(r"\\?(?:operatorname|mathrm|text|mathbf|mathcal)?\*?\{?([A-Za-z]+)\}?(?:_\{?(?:\\mathrm\{)?([A-Za-z0-9]+))?", text)
    return Term("name", (), Name(found[1], sub=found[2] or "")) if found else None


def is_square(head: Term) -> bool:
    """`\\hat\\sigma^2`, `R^2`: one quantity, as papers write it."""
    return head.head == "pow" and head.args[0].head in ("name", "index") and head.args[1] == number(2)


def is_like(one: Type, other: Type) -> bool:
    """Whether a declaration says no more of a name than what it is: the same kind of thing with as many dimensions."""
    numbers = ("real", "index")
    return (one.domain == other.domain or (one.domain in numbers and other.domain in numbers)) and len(one.shape) == len(other.shape)
