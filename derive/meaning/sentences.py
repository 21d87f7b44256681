"""Lines in words that are neither formula nor fact: questions about independence, subsets, `s known`.

In: the items of a line. Out: the statement that a line such as `sigma^2 known` makes, or a refusal of what would else be read as a product
of its words or as the opposite of what was meant: `are X and Y independent` asks, and declares nothing.
"""

from __future__ import annotations

from derive.errors import NotSupported
from derive.expressions.term import Term
from derive.meaning.context import Context, label_text
from derive.meaning.parser import Parser
from derive.meaning.statements import MODEL_WORDS, Statement
from derive.reading.item import Item

__all__ = ["sentence"]

_ASKING = frozenset(("are", "is", "do", "does"))
_SUBSETS = frozenset(("subset", "subseteq", "supset", "supseteq"))
_SETTLED = frozenset(("known", "unknown", "fixed", "constant"))


def _word(item: Item) -> str:
    return item.text.strip() if item.kind in ("name", "text") and item.sub is None and item.sup is None else ""


def sentence(items: tuple[Item, ...], context: Context) -> Statement | None:
    """The statement of `s known`; None for other lines. Raises NotSupported for a question and for a subset in words."""
    words = [_word(i) for i in items]
    span = (items[0].start, items[-1].end)
    if len(items) > 2 and words[0].lower() in _ASKING and "linearly" not in words and any(w in MODEL_WORDS for w in words):
        raise NotSupported(
            "a question about chance of this kind",
            span=span,
            expected=("are X and Y independent", "P(X=1, Y=1) - P(X=1) P(Y=1)", "I(X; Y), which is 0 for independent variables only"),
        )
    place = next((p for p, w in enumerate(words) if w in _SUBSETS and 0 < p < len(items) - 1), None)
    if place is not None:
        first, second = (label_text(Item("group", "", part)) for part in (items[:place], items[place + 1 :]))
        if words[place].startswith("sup"):
            first, second = second, first
        inside = f"P({first} and not {second}) = 0"
        raise NotSupported("a relation between events is said with probabilities", span=span, expected=(inside,))
    if len(items) > 1 and words[-1] in _SETTLED:
        rest = items[:-1] if words[-2] not in ("is", "are") else items[:-2]
        if rest and not any(i.is_op("=", "~", "<", ">") for i in rest):
            parser = Parser(rest, context)
            parts = parser.sequence()
            parser.leftover()
            if all(p.head in ("name", "pow", "index") for p in parts):
                subject = parts[0] if len(parts) == 1 else Term("list", tuple(parts))
                return Statement(Term("task", (subject, Term("word", (), words[-1])), "property", span), "declaration")
    return None
