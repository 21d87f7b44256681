"""The list of items being read and the questions a reader asks of its names; order and precedence are in `parser`.

In: items and the `Context` of the line. Out: the item at the cursor, with glued letters taken apart, and what a name is here.
"""

from __future__ import annotations

from typing import Self

from derive.errors import InputError, SyntaxProblem
from derive.expressions.term import Name, Span
from derive.meaning.context import Context, base_name
from derive.meaning.names import split_glued
from derive.meaning.vocabulary import DISTRIBUTIONS, FUNCTION_LETTERS, GREEK, KEYWORDS, OPERATOR_WORDS, PROBABILITY, WORD_FORMS
from derive.reading.item import Item

__all__ = ["Cursor"]

_LOSSES = frozenset(("rho", "phi", "varphi", "psi", "ell"))  # letters of functions, where a Greek letter below says which
MAX_DEPTH = 150
_SHOWN = {"times": "×", "cdot": "·", "setminus": "∖", "newline": "the line break", "odot": "⊙", "top": "ᵀ", "neg": "¬"}


class Cursor:
    """One list of items. `events`: a bar separates a condition. `whole` is the place to blame for what is missing."""

    def __init__(
        self, items: tuple[Item, ...], context: Context, *, events: bool = False, whole: Span | None = None, depth: int = 0
    ) -> None:
        self.items = list(items)
        self.context = context
        self.events = events
        self.position = 0
        self.depth = depth
        self.bars: list[str] = []
        self.function_depth = 0
        self.in_integral = 0
        self.expecting_set = False
        if depth > MAX_DEPTH:
            raise InputError(f"brackets are nested more than {MAX_DEPTH} deep", span=whole)
        if whole is None:
            whole = (items[0].start, items[-1].end) if items else None
        self.whole = whole

    # ------------------------------------------------------------------ the cursor
    def sub_parser(self, items: tuple[Item, ...], *, events: bool | None = None, whole: Span | None = None) -> Self:
        """A parser for a nested list of items, one level deeper."""
        return type(self)(
            items, self.context, events=self.events if events is None else events, whole=whole or self.whole if not items else whole,
            depth=self.depth + 1,
        )  # fmt: skip

    def peek(self, ahead: int = 0) -> Item | None:
        """The item at the cursor (with glued letters taken apart), or None at the end."""
        place = self.position + ahead
        if place >= len(self.items):
            return None
        item = self.items[place]
        if item.kind == "bar" and item.text == "‖" and item.glued and self.bars and self.bars[-1] == "|":
            middle = (item.start + item.end) // 2
            second = Item("bar", "|", (), middle, item.end, sub=item.sub, sup=item.sup)
            self.items[place : place + 1] = [Item("bar", "|", (), item.start, middle), second]
            return self.items[place]
        if item.kind == "name" and len(item.text) > 1 and (item.glued or self.context.notation != "latex"):
            following = self.items[place + 1] if place + 1 < len(self.items) else None
            if item.text[0] == "d" and (self.in_integral or (following is not None and following.is_op("/"))):
                return item
            parts = split_glued(item, self)
            if len(parts) > 1:
                self.items[place : place + 1] = parts
            return self.items[place]
        return item

    def take(self) -> Item:
        """The item at the cursor, which moves on."""
        item = self.peek()
        if item is None:
            raise self.missing("an expression")
        self.position += 1
        return item

    def missing(self, what: str) -> SyntaxProblem:
        """The error for something that should stand at the cursor and does not."""
        item = self.items[self.position] if self.position < len(self.items) else None
        if item is not None:
            spelled = item.kind in ("op", "name", "number", "bar", "function", "big")
            found = _SHOWN.get(item.text, item.text) if spelled else f"this {item.kind}"
            return SyntaxProblem(f"{what} is expected before {found}", span=(item.start, item.end), expected=(what,))
        if self.items:
            last = self.items[-1]
            shown = f" after {last.text}" if last.text and last.kind in ("op", "name", "function", "number", "big") else ""
            return SyntaxProblem(f"{what} is expected{shown}", span=(last.start, last.end), expected=(what,))
        return SyntaxProblem(f"{what} is expected here", span=self.whole, expected=(what,))

    def leftover(self) -> None:
        """Raise unless everything was read."""
        item = self.peek()
        if item is not None:
            text = item.text or item.kind
            raise SyntaxProblem(f"{text} is left over: the expression is complete before it", span=(item.start, self.items[-1].end))

    def span_from(self, start: int) -> Span:
        """From `start` to the end of the last item taken."""
        end = self.items[self.position - 1].end if self.position else start
        return (start, max(end, start))

    # ------------------------------------------------------------------ questions about names
    def is_word(self, text: str) -> bool:
        """Whether a run of letters is a word of the language, not a product of letters."""
        if text == "in" or text in KEYWORDS or text in WORD_FORMS or text in OPERATOR_WORDS or text in PROBABILITY:
            return True
        return len(text) > 2 and text in DISTRIBUTIONS

    def is_keyword(self, item: Item | None) -> bool:
        """Whether the item is a word that ends an expression."""
        return (
            item is not None and item.kind in ("name", "text") and item.text.strip() in KEYWORDS and item.sub is None and item.sup is None
        )

    def is_function(self, name: Name) -> bool:
        """Whether the name is a declared or defined function."""
        definition = self.context.scope.definitions.get(name)
        if definition is not None and definition.parameters:
            return True
        declared = self.context.declared(name)
        return declared is not None and declared.domain == "function"

    def applies(self, name: Name, fence: Item) -> bool:
        """Whether `name(…)` is an application: a declared function, a list of arguments, or a letter that is a function of the field."""
        context = self.context
        if self.is_function(name):
            return True
        if context.known(name) or context.has_index(name) or self._is_member(name):
            return False
        inside = fence.children
        if any(i.is_op(",", ";") or (i.kind == "bar" and i.text != "‖" and self.unpaired_bar(inside)) for i in inside):
            return True
        plain = Name(name.base, name.font, name.accents, name.sub)
        if plain in context.bare:
            return False
        if name.base in _LOSSES and name.sub in GREEK and not self._single_argument(inside):
            return True  # ρ_τ(y − x): nobody's weight
        if self._is_element(name) and not self._single_argument(inside):
            return False  # f_{ij} (w_i + b_j): a weight times a bracket
        if len(plain.base) > 2 and plain.base not in GREEK and not plain.accents:
            return True
        if name.sub in ("max", "min") or (plain.base in ("lambda", "sigma") and name.sub and self._single_argument(inside)):
            return True
        if self._single_argument(inside) and plain.base not in ("a", "b", "c", "e"):
            return True
        if plain.base in FUNCTION_LETTERS or name.font == "cal" or name.sup:
            return plain.base not in ("u", "v", "k", "mu", "r", "s", "w", "pi") or self._name_list(inside)
        return bool(name.base == "lambda" and name.sub in ("max", "min"))

    def _is_member(self, name: Name) -> bool:
        """Whether the name is a member V_i of a family that is declared as an array."""
        declared = self.context.declared(name._replace(sub="")) if name.sub else None
        return declared is not None and bool(declared.shape) and self.context.is_running(name.sub)

    def _is_element(self, name: Name) -> bool:
        """Whether the subscript is made of indices that run on the line."""
        letters = name.sub.split(",") if "," in name.sub else list(name.sub)
        return len(letters) > 1 and all(c in self.context.running for c in letters) and name._replace(sub="") in self.context.indexed

    def _single_argument(self, items: tuple[Item, ...]) -> bool:
        """Whether the bracket holds one name or one application, as the arguments of functions are written."""
        if not items or base_name(items[0]) is None or (items[0].sup is not None and not items[0].sup.is_op("top")):
            return False
        return len(items) == 1 or self._nested_call(items)

    @staticmethod
    def _nested_call(items: tuple[Item, ...]) -> bool:
        return len(items) == 2 and base_name(items[0]) is not None and items[1].kind == "fence" and items[1].text == "()"

    def _name_list(self, items: tuple[Item, ...]) -> bool:
        return len(items) == 1 and base_name(items[0]) is not None

    def unpaired_bar(self, items: tuple[Item, ...]) -> bool:
        """Whether one bar stands alone among the items: a condition."""
        return sum(1 for i in items if i.kind == "bar" and i.text == "|") % 2 == 1 or any(
            i.kind == "bar" and i.text == "mid" for i in items
        )

    def t_transposes(self, name: Name | None = None) -> bool:
        """Whether `^T` is a transposition: T is no number on this line, or what it stands on is no number."""
        context = self.context
        if context.known(Name("T")) or "T" in context.letters - context.script_only("T"):
            return False
        return not (context.counts_to_t and name is not None and (name.base in GREEK or name.base in ("p", "q", "r")))

    def as_variable(self, letter: str) -> bool:
        """Whether a constant's letter is used as a name here."""
        return self.context.known(Name(letter))
