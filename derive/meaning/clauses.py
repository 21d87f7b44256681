"""The words of a task line: what stands before and behind `wrt`, `from`, `at`, `subject to` and the like."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from derive.errors import SyntaxProblem, WrongUse
from derive.expressions.term import Term
from derive.meaning.brackets import at_values
from derive.meaning.context import Context
from derive.meaning.differentiation import parameters_of
from derive.meaning.parser import Parser
from derive.reading.item import Item

__all__ = ["Items", "Wording", "Words", "has_clause", "is_word", "split_clauses"]

Items = tuple[Item, ...]
_CLAUSES = (
    "wrt",
    "from",
    "to",
    "for",
    "over",
    "at",
    "around",
    "order",
    "as",
    "using",
    "by",
    "given",
    "subject",
    "st",
    "s.t.",
    "along",
    "rate",
    "steps",
    "onto",
    "starting",
    "twice",
    "times",
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What the words of a line ask for."""

    term: Term
    task: str
    using: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


def is_word(item: Item, *texts: str) -> bool:
    """Whether the item is one of these words, without scripts."""
    return (
        item.kind in ("name", "text", "function", "big")
        and item.text.strip().rstrip(":") in texts
        and item.sub is None
        and item.sup is None
        and not item.primes
    )


def split_clauses(items: Items, latex: bool, *only: str) -> tuple[Items, dict[str, Items]]:
    """The part before the first clause word, and what stands behind each clause word."""
    words = only or _CLAUSES
    head: list[Item] = []
    clauses: dict[str, list[Item]] = {}
    current = head
    place = 0
    while place < len(items):
        item = items[place]
        word = item.text.strip() if item.kind in ("name", "text") else ""
        if word == "with" and place + 2 < len(items) and items[place + 1].text == "respect":
            current = clauses.setdefault("wrt", [])
            place += 3
            continue
        if word in ("subject", "such", "starting") and place + 1 < len(items) and items[place + 1].text in ("to", "that", "from", "at"):
            current = clauses.setdefault("from" if word == "starting" else "subject", [])
            place += 2
            continue
        if word in words and _is_clause(items, place, latex, bool(head)):
            current = clauses.setdefault({"st": "subject", "s.t.": "subject", "subject to": "subject"}.get(word, word), [])
        elif item.kind == "text" and word in ("subject to", "such that", "w.r.t.", "with respect to"):
            current = clauses.setdefault("subject" if word.startswith("su") else "wrt", [])
        else:
            current.append(item)
        place += 1
    return tuple(head), {k: tuple(v) for k, v in clauses.items()}


def _is_clause(items: Items, place: int, latex: bool, after: bool) -> bool:
    item = items[place]
    if item.sub is not None or item.sup is not None or item.primes or not after:
        return False
    if item.kind == "text" or item.text in ("wrt", "twice", "using"):
        return True
    if latex and item.text in ("at", "as", "to", "by", "st"):
        return item.space and place + 1 < len(items) and (items[place + 1].space or item.text == "at")
    return place + 1 < len(items) or item.text in ("times",)


def has_clause(items: Items, latex: bool) -> bool:
    """Whether the line carries a task's clause: it declares nothing then."""
    words = ("wrt", "given", "using", "subject", "st", "s.t.", "at")
    return bool(split_clauses(items, latex, *words)[1])


class Words:
    """The reader of one task line."""

    def __init__(self, items: Items, context: Context) -> None:
        self.context = context
        self.latex = context.notation == "latex"
        self.items = items
        self.head, self.clauses = split_clauses(items, self.latex)
        self.using = "".join(("-" if k else "") + i.text for k, i in enumerate(self.clauses.get("using", ()))) or None

    def expression(self, items: Items, what: str = "an expression") -> Term:
        if not items:
            end = self.items[-1].end
            raise SyntaxProblem(f"{what} is expected", span=(self.items[0].start, end), expected=(what,))
        if items[0].text == "of" and len(items) > 1 and items[0].kind in ("name", "text"):
            items = items[1:]
        return Parser(items, self.context).statement_or_list_as_tuple()

    def listed(self, key: str) -> list[Term]:
        items = self.clauses.get(key, ())
        return Parser(items, self.context).sequence() if items else []

    def variables(self) -> list[Term]:
        variables: list[Term] = []
        for word in ("wrt", "over"):
            if word in self.clauses and not self.clauses[word]:
                raise SyntaxProblem(
                    f"a variable is expected after {word}", span=(self.items[-1].start, self.items[-1].end), expected=("a variable",)
                )
        for term in self.listed("wrt") or self.listed("over"):
            variables += term.args if term.head in ("tuple", "vector", "list") else (term,)
        for variable in variables:
            target = variable.args[0] if variable.head == "transpose" else variable
            if target.head not in ("name", "index"):
                raise WrongUse("a derivative is taken with respect to a variable", span=variable.span, expected=("a name",))
        return variables

    def placed(self, term: Term) -> Term:
        """The term evaluated where `at` says."""
        items = self.clauses.get("at")
        if not items:
            return term
        values = Parser(items, self.context).sequence()
        if all(v.head != "rel" for v in values):
            variables = [v for v in term.args[1:] if v.head == "name"]
            if not variables:
                variables = [Term("name", (), p) for p in parameters_of(term.args[0], self.context.scope)]
            if len(values) == 1 and values[0].head in ("tuple", "vector"):
                values = list(values[0].args)
            if len(values) == len(variables):
                values = [Term("rel", (v, x), "=") for v, x in zip(variables, values, strict=True)]
        return at_values(term, values, None)

    def wording(self, term: Term, task: str, **options: Any) -> Wording:
        return Wording(term, task, self.using, options)
