"""What a line declares, as a value, and how the names of declarations are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from derive.errors import SyntaxProblem
from derive.expressions.term import Name, Term
from derive.meaning.context import Context, base_name, label_text
from derive.meaning.scope import Declaration, Definition, Scope
from derive.reading.item import Item

__all__ = [
    "FAMILY",
    "INDICES",
    "MODEL_WORDS",
    "Statement",
    "declared_name",
    "declared_names",
    "is_labelled",
    "is_name_item",
    "is_word",
    "split_commas",
    "top_level",
]

FAMILY = frozenset("ijkn")
INDICES = frozenset("ijklmn")
MODEL_WORDS = ("iid", "independent", "markov", "partition", "mutually", "disjoint", "exclusive")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a line declares: its term, its kind ("declaration", "definition", "fact"), and what it adds."""

    term: Term
    kind: str
    declarations: tuple[Declaration, ...] = ()
    definition: Definition | None = None
    facts: tuple[Term, ...] = ()
    constraints: tuple[Term, ...] = ()

    def apply(self, scope: Scope) -> Scope:
        """The scope with this statement in force."""
        scope = scope.declare(*self.declarations) if self.declarations else scope
        if self.definition is not None:
            scope = scope.define(self.definition)
        if not self.facts and not self.constraints:
            return scope
        return replace(scope, facts=scope.facts + self.facts, constraints=scope.constraints + self.constraints)


def top_level(items: tuple[Item, ...], *texts: str) -> int | None:
    """The place of the first operator or word with one of these texts."""
    for place, item in enumerate(items):
        if item.kind in ("op", "name", "text", "function") and item.text.strip() in texts:
            if (item.sub is None and item.sup is None) or item.is_op("~"):
                return place
        if item.kind == "accent" and len(item.children) == 1 and item.children[0].kind == "op" and item.children[0].text in texts:
            return place
    return None


def split_commas(items: tuple[Item, ...], *also: str) -> list[tuple[Item, ...]]:
    """The stretches between top-level commas (and semicolons where asked)."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if item.is_op(",", *also):
            parts.append([])
        else:
            parts[-1].append(item)
    return [tuple(p) for p in parts]


def is_name_item(part: tuple[Item, ...]) -> bool:
    return len(part) == 1 and base_name(part[0]) is not None and is_labelled(part[0])


def is_labelled(item: Item) -> bool:
    """Whether what stands above the name, if anything does, is part of it: W^{(1)}, x^*, W^Q."""
    return item.sup is None or label_text(item.sup).startswith(("(", "*", "[")) or is_word(label_text(item.sup))


def is_word(label: str) -> bool:
    """Whether the superscript is a letter or a word that can be part of a name: W^Q, X^{train}, and no transposition."""
    return label.isalpha() and label not in ("T", "t", "top", "dagger", "prime")


def _has_labelled_sibling(name: Name, beside: Iterable[Name], context: Context) -> bool:
    """Whether W_f or W_o is declared too: then the i of W_i names a gate and is no index."""
    known = (*context.scope.declarations, *beside)
    return any(n.sub.isalpha() and n.sub not in INDICES and n._replace(sub="") == name for n in known)


def declared_name(item: Item, context: Context, beside: Iterable[Name] = ()) -> tuple[Name, bool]:
    """The declared name; whether it is a family `x_i` (an array with one entry per i)."""
    name = base_name(item)
    assert name is not None
    if item.sup is not None and is_labelled(item):
        name = name._replace(sup=label_text(item.sup))
    if item.sub is None:
        return name._replace(primes=item.primes), False
    label = label_text(item.sub)
    if len(label) == 1 and (label in FAMILY or context.is_running(label)) and not _has_labelled_sibling(name, beside, context):
        return name, True
    return name._replace(sub=label, primes=item.primes), False


def declared_names(parts: list[tuple[Item, ...]], context: Context) -> list[tuple[Name, bool, Item]]:
    found: list[tuple[Name, bool, Item]] = []
    labelled = [(base_name(i), label_text(i.sub)) for part in parts for i in part if i.sub is not None]
    beside = [name._replace(sub=label) for name, label in labelled if name is not None]
    for part in parts:
        for item in part:
            if item.kind == "dots" or item.is_op(","):
                continue
            if base_name(item) is None:
                raise SyntaxProblem("a name is expected in a declaration", span=(item.start, item.end), expected=("a name",))
            found.append((*declared_name(item, context, beside), item))
    return found
