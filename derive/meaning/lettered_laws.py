"""Laws that are written by a letter: `t_5`, `t(ν)`, `\\chi^2_k`, `\\chi^2(k)`, `chi2_k`.

In: the items to the right of a tilde. Out: the law as a `dist` term; None for whatever else stands there.
"""

from __future__ import annotations

from derive.expressions.term import Term
from derive.meaning.context import Context, base_name
from derive.meaning.parser import Parser
from derive.reading.item import Item

__all__ = ["lettered_law"]


def lettered_law(items: tuple[Item, ...], context: Context) -> Term | None:
    """The law of Student or the chi-squared law with its degrees of freedom."""
    if not items or len(items) > 2:
        return None
    name = base_name(items[0])
    if name is None or name.accents or context.known(name):
        return None
    family = _family(name.base, items[0])
    if family is None:
        return None
    degrees = _degrees(items)
    if degrees is None:
        return None
    term = Parser(degrees, context).expression()
    return Term("dist", (term,), family, (items[0].start, items[-1].end))


def _family(letter: str, item: Item) -> str | None:
    if letter == "t" and item.sup is None:
        return "StudentT"
    squared = item.sup is not None and item.sup.text.strip() in ("2", "") and _text(item.sup) == "2"
    if (letter == "chi" and squared) or (letter in ("chi2", "chisq") and item.sup is None):
        return "ChiSquared"
    return None


def _text(item: Item) -> str:
    return item.text.strip() or "".join(_text(i) for i in item.children)


def _degrees(items: tuple[Item, ...]) -> tuple[Item, ...] | None:
    """What stands below the letter, or in the brackets behind it."""
    below = items[0].sub
    if below is not None and len(items) == 1:
        return below.children if below.kind == "group" else (below,)
    if below is None and len(items) == 2 and items[1].kind == "fence" and items[1].text == "()":
        inside = items[1].children
        return inside if inside and not any(i.is_op(",") for i in inside) else None
    return None
