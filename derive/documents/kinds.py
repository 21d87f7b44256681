"""What a piece of a document can be, and what its terms look like: kinds of entries, left sides, fragments.

In: terms as they were read. Out: the values that the reading of a document consists of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from derive.derivation import Prose
from derive.documents.claims import Claim
from derive.documents.formulas import Place, Stretch
from derive.documents.rows import Piece
from derive.errors import AmbiguousInput, DeriveError, Refusal, TooLarge, Undetermined
from derive.expressions.inline import inline
from derive.expressions.plain import plain_name
from derive.expressions.term import Name, Term, number
from derive.meaning.scope import Reading, Type

__all__ = [
    "DECLARED",
    "FAILED",
    "FALSE",
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
    "is_call",
    "is_fragment",
    "is_like",
    "is_single",
    "is_square",
    "missing_name",
    "name_of",
    "problem_of",
    "said",
]

TRANSLATED = "translated"
NEEDS = "needs a declaration"
NOTHING = "nothing to compute"
DECLARED = "taken in"
UNREADABLE = "not read"
REFUSED = "no code"
WITHHELD = "withheld"
FALSE = "does not hold"
FAILED = (REFUSED, NEEDS, UNREADABLE)

_ARGUMENT = r"\\?[A-Za-z]+(?:\{[A-Za-z]+\})?(?:_(?:\{[^{}]*\}|\w))?"
_CALL = re.compile(
    r"\\?[A-Za-z]+(?:\{[^{}]*\})?(?:[_^](?:\{[^{}]*\}|\\[A-Za-z]+|\w))*\s*(?:\\left)?\(\s*"
    rf"{_ARGUMENT}(?:\s*(?:[,;|]|\\mid)\s*{_ARGUMENT})*\s*(?:\\right)?\)"
)
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


def is_call(text: str) -> bool:
    """Whether a left side is a function at names, from the text alone."""
    return _CALL.fullmatch(text) is not None


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
    text, log = re.subn(r"^\s*\\log(?![A-Za-z])\s*", "", text)
    found = re.match(r"\\?(?:operatorname|mathrm|text|mathbf|mathcal)?\*?\{?([A-Za-z]+)\}?(?:_\{?(?:\\mathrm\{)?([A-Za-z0-9]+))?", text)
    return Term("name", (), Name(f"log_{found[1]}" if log else found[1], sub=found[2] or "")) if found else None


def is_square(head: Term) -> bool:
    """`\\hat\\sigma^2`, `R^2`: one quantity, as papers write it."""
    return head.head == "pow" and head.args[0].head in ("name", "index") and head.args[1] == number(2)


def is_like(one: Type, other: Type) -> bool:
    """Whether a declaration says no more of a name than what it is: the same kind of thing with as many dimensions."""
    numbers = ("real", "index")
    return (one.domain == other.domain or (one.domain in numbers and other.domain in numbers)) and len(one.shape) == len(other.shape)


def missing_name(target: Term, broken: Mapping[Name, int]) -> tuple[str, tuple[str, ...]] | None:
    """The name without which there is nothing to compute: an unknown function, or one whose formula could not be read (`broken` has its
    line); why, and what would settle it."""
    for node in target.walk():
        if node.head == "name" and node.data in broken:
            name = plain_name(node.data)
            return f"{name} is not known: its formula on line {broken[node.data]} could not be read", (f"{name} = …",)
        if node.head == "call" and node.args[0].head == "name":
            name = plain_name(node.args[0].data)
            return f"{name} is not defined: there is nothing to compute", (f"{name}(…) := …",)
    return None


def problem_of(piece: Piece, stretch: Stretch, problem: DeriveError) -> Entry:
    """What cannot be read or needs a declaration, at its place in the file."""
    offset = stretch.places[0]
    if problem.span is not None and problem.source is None:
        offset = stretch.places[min(max(problem.span[0], 0), len(stretch.text))]
    needs = isinstance(problem, Undetermined | AmbiguousInput)
    status = NEEDS if needs else REFUSED if isinstance(problem, Refusal) and not isinstance(problem, TooLarge) else UNREADABLE
    suggestion = f" (did you mean {problem.suggestion}?)" if problem.suggestion else ""
    return Entry(piece, piece.formula.origin.place(offset), status, problem.message + suggestion, problem.expected if needs else ())
