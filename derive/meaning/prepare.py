"""Items put in order before names are looked at: spellings that say the same thing become one.

In: the items of a line and its text. Out: items in which `x^TAx` is x, ᵀ, A, x; Σᵢ is the sum sign; `{(x)}` is `(x)`; a line
break in a subscript is a comma; the root sign over `tr` reaches over its brackets; the prime of `max_a'` belongs to a.
"""

from __future__ import annotations

from derive.expressions.functions import canonical_function
from derive.meaning.scope import Scope
from derive.meaning.vocabulary import GREEK, OPERATOR_WORDS
from derive.reading.item import Item

__all__ = ["prepare"]

_BIG_WORDS = frozenset(("max", "min", "argmax", "argmin", "sup", "inf", "sum", "prod"))


def prepare(items: tuple[Item, ...], text: str, notation: str, scope: Scope) -> tuple[Item, ...]:
    """The items in order."""
    return _Preparation(text, notation, scope).items(items)


class _Preparation:
    def __init__(self, text: str, notation: str, scope: Scope) -> None:
        self.text = text
        self.notation = notation
        self.scope = scope

    def is_known(self, letter: str) -> bool:
        """Whether a declared or defined name is this letter, perhaps with a label."""
        return any(name.base == letter for names in (self.scope.declarations, self.scope.definitions) for name in names)

    def items(self, items: tuple[Item, ...], script: bool = False) -> tuple[Item, ...]:
        result: list[Item] = []
        for place, item in enumerate(items):
            found = self.item(item)
            if script and found.is_op("newline"):
                found = Item("op", ",", (), found.start, found.end)
            following = items[place + 1] if place + 1 < len(items) else None
            before = result[-1] if result else None
            if before is not None and self._reaches(before) and found.kind == "fence":
                inner = before.children[0]
                group = Item("group", "", (*inner.children, found), inner.start, found.end)
                result[-1] = _copy(before, children=(group, *before.children[1:]))
                result[-1].end = found.end
                continue
            if before is not None and before.kind != "op" and following is not None and following.kind != "op" and not _is_list(following):
                found = self._remainder(found)
            for part in self._split_subscripts(found):
                result += self._split_transposition(self._summation(part, following))
        return tuple(result)

    def _remainder(self, item: Item) -> Item:
        """`x mod 2` is a remainder where nobody declared a mod."""
        is_word = item.kind in ("name", "function", "text") and item.text.strip() == "mod" and item.sub is None and item.sup is None
        return Item("op", "mod", (), item.start, item.end) if is_word and not self.is_known("mod") else item

    def item(self, item: Item, script: bool = False) -> Item:
        """One item with its children and scripts in order."""
        children = self.items(item.children) if item.children else item.children
        sub = self._script(item.sub)
        sup = self.item(item.sup, script=True) if item.sup is not None else None
        found = item
        if children is not item.children or sub is not item.sub or sup is not item.sup:
            found = _copy(item, children=children, sub=sub, sup=sup)
        if not script and found.kind == "group" and len(found.children) == 1 and found.children[0].kind == "fence" and found.text == "":
            fence = found.children[0]
            if fence.sub is None and fence.sup is None:
                found = _copy(fence, sub=found.sub, sup=found.sup)
        if found.primes and found.sub is not None and found.text in _BIG_WORDS:
            moved = _copy(found.sub, primes=found.sub.primes + found.primes)
            found = _copy(found, sub=moved, primes=0)
        return found

    def _script(self, sub: Item | None) -> Item | None:
        if sub is None:
            return None
        found = self.item(sub, script=True)
        if found.kind == "group" and any(i.is_op("newline") for c in (found, *found.children) for i in c.children):
            flat: list[Item] = []
            for child in found.children:
                flat += child.children if child.kind == "group" and any(i.is_op("newline") for i in child.children) else (child,)
            found = _copy(found, children=tuple(Item("op", ",", (), i.start, i.end) if i.is_op("newline") else i for i in flat))
        return found

    @staticmethod
    def _reaches(item: Item) -> bool:
        """Whether a root stands over the name of a function whose brackets come behind it."""
        if item.kind != "sqrt" or item.sup is not None or not item.children:
            return False
        inside = item.children[0].children
        return (
            len(inside) == 1
            and inside[0].kind in ("name", "function")
            and len(inside[0].text) > 1
            and canonical_function(inside[0].text) is not None
        )

    def _summation(self, item: Item, following: Item | None) -> Item:
        """A capital sigma with an index below is the sum sign when something stands behind it."""
        if item.kind != "name" or item.text != "Sigma" or item.sub is None or following is None or self.is_known("Sigma"):
            return item
        if self.text[item.start : item.start + 1] != "Σ" or following.kind in ("op", "bar"):
            return item
        return _copy(item, kind="big", text="sum")

    def _split_subscripts(self, item: Item) -> list[Item]:
        """`w_1x_1` in plain text: the second subscript belongs to a name of its own."""
        sub = item.sub
        braces = sub is None or self.text[sub.start - 1 : sub.start] == "{" or self.text[sub.start : sub.start + 1] == "{"
        if self.notation != "plain" or item.kind != "name" or sub is None or sub.kind != "group" or braces:
            return [item]
        comma = next((p for p, i in enumerate(sub.children) if i.is_op(",")), None)
        if comma is None or comma == 0:
            return [item]
        last = sub.children[comma - 1]
        before, after = sub.children[:comma], sub.children[comma + 1 :]
        if last.kind != "name" or (comma == 1 and (len(last.text) != 2 or not last.text.isalpha())):
            return [item]
        letter = last.text[-1]
        kept = (*before[:-1], Item("name", last.text[:-1], (), last.start, last.end - 1)) if len(last.text) > 1 else before[:-1]
        left = _copy(item, sub=kept[0] if len(kept) == 1 else Item("group", "", kept, sub.start, last.end - 1), sup=None, primes=0)
        left.end = last.end - 1
        below = after[0] if len(after) == 1 else Item("group", "", after, after[0].start, after[-1].end)
        right = Item("name", letter, (), last.end - 1, item.end, sub=below, sup=item.sup, primes=item.primes)
        return [left, *self._split_subscripts(right)]

    def _split_transposition(self, item: Item) -> list[Item]:
        """`x^TAx` in plain text: the T alone is raised."""
        sup = item.sup
        if self.notation != "plain" or sup is None or sup.kind != "name" or len(sup.text) < 2 or sup.text[0] != "T":
            return [item]
        rest = sup.text[1:]
        if self.is_known(sup.text) or sup.text in GREEK or rest in OPERATOR_WORDS or canonical_function(sup.text):
            return [item]
        raised = Item("name", "T", (), sup.start, sup.start + 1)
        left = _copy(item, sup=raised)
        left.end = sup.start + 1
        right = Item("name", rest, (), sup.start + 1, sup.end, sub=sup.sub, sup=sup.sup, primes=sup.primes)
        return [left, *self._split_transposition(right)]


def _is_list(item: Item) -> bool:
    return item.kind == "fence" and any(i.is_op(",") for i in item.children)


def _copy(item: Item, **changes: object) -> Item:
    values = {slot: getattr(item, slot) for slot in Item.__slots__} | changes
    return Item(
        values["kind"], values["text"], values["children"], values["start"], values["end"], sub=values["sub"], sup=values["sup"],
        primes=values["primes"], space=values["space"], glued=values["glued"],
    )  # fmt: skip
