"""What is known about the names of one line before it is resolved: what runs, what is applied, what has an index.

In: the items of the line and the scope. Out: a `Context` that the parser asks. One pass over the items.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.derivation import Prose
from derive.expressions.functions import canonical_function
from derive.expressions.term import FONTS, Name
from derive.meaning.scope import Scope, Type
from derive.meaning.vocabulary import GREEK, PROBABILITY
from derive.reading.item import Item

__all__ = ["BIG", "Context", "base_name", "index_and_number", "is_label_item", "label_text", "nearest", "walk_items"]

BIG = frozenset("sum prod int iint iiint oint lim max min sup inf argmax argmin limsup liminf bigcup bigcap".split())
_INDEX_BINDERS = frozenset(("sum", "prod", "max", "min", "argmax", "argmin", "bigcup", "bigcap"))
_LABEL_SUPS = frozenset("* + - † ' star dagger prime".split())
_ON_VECTORS = frozenset(("softmax", "log_softmax", "logsumexp"))
_PLAIN = frozenset(("name", "number", "op"))  # kinds of items whose text is what they say
_STYLE_FONTS = {"bs": "bf"}
_SIGMA = Name("sigma")
_NAMED = frozenset(("accent", "font", "group", "text", "function", "name"))  # kinds of items that may be a name


def walk_items(items: tuple[Item, ...]) -> Iterator[Item]:
    """Every item, children and scripts included."""
    order: list[Item] = []
    stack = list(items[::-1])
    while stack:
        item = stack.pop()
        order.append(item)
        if item.sup is not None:
            stack.append(item.sup)
        if item.sub is not None:
            stack.append(item.sub)
        if item.children:
            stack += item.children[::-1]
    return iter(order)


def label_text(item: Item) -> str:
    """The text of a subscript or superscript that is a label: "MLE", "t-1", "i,j", "(l)"."""
    if item.kind in _PLAIN and item.sub is None and item.sup is None and not item.primes:
        return item.text
    inner = "".join(label_text(child) for child in item.children)
    if item.kind in ("group", "font", "row", "cell"):
        text = inner
    elif item.kind == "fence":
        text = item.text[:1] + inner + item.text[-1:]
    elif item.kind == "accent":
        text = f"{item.text}({inner})"
    elif item.kind == "text":
        text = item.text.strip()
    elif item.kind == "placeholder":
        text = "·"
    elif item.kind == "dots":
        text = "..."
    elif item.kind in ("frac", "sqrt", "env", "binom"):
        text = item.kind
    else:
        text = item.text
    if item.sub is not None:
        text += "_" + label_text(item.sub)
    if item.sup is not None:
        text += "^" + label_text(item.sup)
    return text + "'" * item.primes


def is_label_item(item: Item) -> bool:
    """Whether a script can only be a label: roman text, not mathematics."""
    if item.kind in ("text", "function"):
        return True
    if item.kind == "font":
        return item.text in ("rm", "sf", "tt", "it")
    if item.kind == "group":
        return len(item.children) >= 1 and all(is_label_item(c) for c in item.children)
    return False


def base_name(item: Item) -> Name | None:
    """The name that an item is without its scripts, or None when it is no name."""
    if item.kind == "name":
        return Name(item.text)
    accents: list[str] = []
    font = ""
    while item.kind in ("accent", "font", "group"):
        if len(item.children) != 1:
            if item.kind == "font" and item.children and all(c.kind == "name" and not (c.sub or c.sup) for c in item.children):
                return Name("".join(c.text for c in item.children), "", tuple(accents))
            return None
        if item.kind == "accent":
            accents.insert(0, item.text)
        elif item.kind == "font" and item.text not in ("it", "up"):
            font = _STYLE_FONTS.get(item.text, item.text)
        inner = item.children[0]
        if inner.sub is not None or inner.sup is not None:
            return None
        item = inner
    if item.kind in ("text", "function"):
        word = item.text.strip()
        return Name(word, "", tuple(accents)) if word.replace("_", "").isalnum() else None
    if item.kind == "name":
        if len(item.text) > 1 and font in ("rm", "sf", "tt"):
            font = ""
        return Name(item.text, font if font in FONTS else "", tuple(accents))
    return None


def index_and_number(text: str) -> tuple[str, str] | None:
    """The letters and the number of a run such as `i1`, which is an index and a number where the letter runs."""
    letters = text.rstrip("0123456789")
    return (letters, text[len(letters) :]) if letters.isalpha() and len(letters) < len(text) else None


def _is_factor(fence: Item) -> bool:
    """Whether the bracket behind σ² is a factor: an inverse, or a sum without wᵀx."""
    if fence.sup is not None and label_text(fence.sup) == "-1":
        return True
    signs = any(i.is_op("+", "-") for i in fence.children[1:])
    return signs and not any(i.sup is not None and label_text(i.sup) in ("T", "top") for i in fence.children)


def _is_capital(script: Item) -> bool:
    """Whether the script of ∇ is a capital: a variable W is no function, so that W(x − y) is a product."""
    inner = script.children[0] if script.kind == "group" and len(script.children) == 1 else script
    name = base_name(inner)
    return name is not None and name.base[:1].isupper()


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of the words that is spelled most like `word`, when one is close."""
    from difflib import get_close_matches

    found = get_close_matches(word, list(words), 1, 0.75 if len(word) > 4 else 0.8)
    return found[0] if found else None


class Context:
    """What is known about one line. `notes` gathers the choices made while it is resolved."""

    def __init__(self, items: tuple[Item, ...], scope: Scope, notation: str) -> None:
        self.scope = scope
        self.notation = notation
        self.items = items
        self.notes: list[Prose] = []
        self.types: dict[Name, Type] = {}  # what this line itself declares or binds
        self.running: set[str] = set()
        self.indexed: set[Name] = set()  # on this line; `has_index` asks the declarations too
        self.applied: set[Name] = set()
        self.bare: set[Name] = set()
        self.letters: set[str] = set()
        self.iterated: set[Name] = set()
        self.scaled: list[Item] = []  # the brackets behind powers of σ
        self.counts_to_t = False  # T is a number somewhere: in a subscript, a bound, an exponent
        self.scan(items)

    def scan(self, items: tuple[Item, ...]) -> None:
        """Find what runs, what has an index and what is applied."""
        self._scan_running(items)
        defines = len(items) > 3 and items[1].kind == "fence" and items[1].text == "()" and items[2].is_op("=", ":=")
        self._scan_names(items[2:] if defines else items)  # the parameters of a definition are used on its right
        if self.scaled and _SIGMA not in self.applied and not self.known(_SIGMA) and _SIGMA not in self.bare:
            if any(map(_is_factor, self.scaled)):
                self.bare.add(_SIGMA)  # σ²(1 + r) where nothing else is σ(…)
        self._scan_iterates(items)
        for item in walk_items(items):
            for script in (item.sub, item.sup):
                if script is not None and script.kind == "group" and len(script.children) > 1:
                    self.counts_to_t = self.counts_to_t or any(c.kind == "name" and c.text == "T" for c in script.children)
            if item.sub is not None and not self.counts_to_t and label_text(item.sub) == "T":
                self.counts_to_t = True

    def _scan_iterates(self, items: tuple[Item, ...]) -> None:
        """`x^{k+1} = …`: nobody defines a power, so the superscripts of x are part of its name."""
        if len(items) > 2 and items[1].is_op("=", ":=", "<-") and items[0].sup is not None:
            name = base_name(Item(items[0].kind, items[0].text, items[0].children))
            above = items[0].sup
            content = above.children if above.kind == "group" else (above,)
            letters = any(i.kind == "name" for i in content) and label_text(above) not in ("T", "top")
            if name is None or not letters or any(i.kind == "fence" for i in content):
                return
            others = {label_text(i.sup) for i in walk_items(items[2:]) if i.sup is not None and i.text == items[0].text}
            counted = any(i.is_op("+") for i in content)
            if name.base != "e" and (counted or any(not o.isdigit() and o != label_text(above) for o in others)):
                self.iterated.add(name)

    def note(self, *prose: object) -> None:
        """Record a choice, once."""
        entry: Prose = tuple(prose)
        if entry not in self.notes:
            self.notes.append(entry)

    def _scan_running(self, items: tuple[Item, ...]) -> None:
        listed = list(walk_items(items))
        for position, item in enumerate(listed):
            if item.text in _INDEX_BINDERS and item.kind in ("big", "name", "function") and item.sub is not None:
                self._bind(item.sub)
            elif item.kind == "name" and item.text == "for" and position + 2 < len(listed):
                following = listed[position + 1]
                after = [i.text for i in listed[position + 2 : position + 4]]
                if following.kind == "name" and after and after[0] in ("from", "=", "in"):
                    self.running.add(following.text)

    def _bind(self, sub: Item) -> None:
        content = sub.children if sub.kind == "group" else (sub,)
        expecting = True
        for position, item in enumerate(content):
            if item.kind == "name" and expecting:
                following = content[position + 1] if position + 1 < len(content) else None
                if following is None or following.kind == "op":
                    if item.glued and self.notation == "latex" and len(item.text) > 1 and item.text.isalpha() and len(item.text) <= 3:
                        self.running.update(item.text)
                    else:
                        self.running.add(item.text)
                expecting = False
            elif item.is_op(","):
                expecting = True
            elif item.is_op("<", "<=", "!=") and position + 1 < len(content) and content[position + 1].kind == "name":
                expecting = item.text != "!=" and expecting

    def script_letters(self, sub: Item) -> list[str]:
        """The letters in a subscript, glued ones apart."""
        letters: list[str] = []
        for item in walk_items((sub,)):
            if item.kind == "name":
                entry = index_and_number(item.text)
                if entry is not None and item.text not in self.running and set(entry[0]) <= self.running:
                    letters.extend(entry[0])
                    continue
                apart = len(item.text) > 1 and item.text.isalpha() and item.text not in self.running and item.text not in GREEK
                if apart and item.glued:
                    apart = len(item.text) <= 3 or all(c in self.running for c in item.text)
                elif apart:
                    apart = all(c in self.running for c in item.text) or (len(item.text) == 2 and any(c in self.running for c in item.text))
                letters.extend(item.text if apart else [item.text])
        return letters

    def _scan_names(self, items: tuple[Item, ...], inside_script: bool = False, measure: bool = False) -> None:
        before: Name | None = None
        for position, item in enumerate(items):
            name = base_name(item) if item.kind in _NAMED else None
            if name is not None:
                self.letters.add(name.base)
                self._scan_name(name, item, items[position + 1] if position + 1 < len(items) else None, inside_script, measure)
            following_measure = before is not None and (before.base in PROBABILITY or before.base == "D")
            before = name
            if item.kind == "frac" and self._is_ratio_of_differentials(item):
                continue
            if item.kind not in ("accent", "font") or name is None:
                self._scan_names(item.children, inside_script, following_measure)
            for script in (item.sub, item.sup):
                if script is not None and not is_label_item(script):
                    self._scan_names((script,), item.kind != "nabla" or not _is_capital(script))

    @staticmethod
    def _is_ratio_of_differentials(item: Item) -> bool:
        """Whether a fraction is `dσ/dx`: the names in it are not used there as numbers."""
        tops = [g.children[0] if g.kind == "group" and g.children else g for g in item.children]
        partial = all(t.kind == "partial" for t in tops)
        upright = all(t.kind == "font" and label_text(Item("group", "", t.children)) == "d" for t in tops)
        slanted = all(t.kind == "name" and t.text.startswith("d") and (t.glued or t.text == "d") for t in tops)
        return partial or upright or (slanted and all(g.kind == "group" for g in item.children))

    def _scan_name(self, name: Name, item: Item, following: Item | None, inside_script: bool, measure: bool) -> None:
        if item.sub is not None and not is_label_item(item.sub) and any(c in self.running for c in self.script_letters(item.sub)):
            self.indexed.add(name)
        if item.sup is not None and item.sup.kind in ("group", "fence"):
            inside = item.sup.children
            if item.sup.kind == "group" and len(inside) == 1 and inside[0].kind == "fence":
                inside = inside[0].children
            elif item.sup.kind == "group":
                inside = ()
            shifted = len(inside) == 3 and inside[1].is_op("+", "-") and inside[2].kind == "number"
            if (len(inside) == 1 or shifted) and inside[0].kind == "name" and inside[0].text in self.running:
                self.indexed.add(name)
        applied = following is not None and following.kind == "fence" and following.text in ("()", "[]")
        applied = applied and following is not None and (self.notation == "latex" or not following.space)
        labelled = Name(name.base, name.font, name.accents, label_text(item.sub) if item.sub else "")
        if applied and following is not None and canonical_function(name.base) in _ON_VECTORS and len(following.children) == 1:
            argument = base_name(following.children[0])
            if argument is not None and following.children[0].sub is None:
                self.indexed.add(argument)
        if applied and following is not None and labelled == _SIGMA and item.sup is not None and label_text(item.sup).isdigit():
            self.scaled.append(following)
        elif applied:
            self.applied.add(labelled)
        elif not inside_script and not measure:
            self.bare.add(labelled)

    def has_index(self, name: Name) -> bool:
        """Whether the name has an index somewhere on the line, or is declared as an array."""
        if name in self.indexed:
            return True
        definition = self.scope.definitions.get(name)
        if definition is not None and definition.indexed:
            return True
        declaration = self.scope.declarations.get(name)
        return declaration is not None and bool(declaration.type.shape)

    def is_running(self, letter: str) -> bool:
        """Whether the letter is bound as an index somewhere on the line, or declared as one."""
        if letter in self.running:
            return True
        declaration = self.scope.declarations.get(Name(letter))
        return declaration is not None and declaration.type.domain == "index"

    def declared(self, name: Name) -> Type | None:
        """The declared type of the name, if any."""
        if name in self.types:
            return self.types[name]
        declaration = self.scope.declarations.get(name)
        return declaration.type if declaration is not None else None

    def known(self, name: Name) -> bool:
        """Whether earlier lines or this one say what the name is."""
        return name in self.types or name in self.scope.declarations or name in self.scope.definitions

    def script_only(self, letter: str) -> set[str]:
        """The letter in a set, when it stands nowhere but in superscripts by itself; the empty set otherwise."""
        name = Name(letter)
        return set() if name in self.bare or name in self.applied or letter in self.running or self.has_index(name) else {letter}
