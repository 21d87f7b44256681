"""From an item with scripts to a name, an element of an array, a power, a transpose: what each script of a name means here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.errors import SyntaxProblem, UnknownName
from derive.expressions.functions import ALIASES, canonical_function
from derive.expressions.term import Name, Span, Term, number
from derive.meaning.context import Context, base_name, index_and_number, is_label_item, label_text, nearest
from derive.meaning.vocabulary import CONSTANTS, GREEK, UNARY_TASKS, WORD_FORMS
from derive.reading.item import Item

if TYPE_CHECKING:
    from derive.meaning.cursor import Cursor
    from derive.meaning.parser import Parser

__all__ = ["index_terms", "label_of_sup", "resolve_name", "split_glued", "superscript"]

_PROGRAM_WORDS = frozenset("lr eps tol reg acc std err idx num den lam sig".split())
_COUNTED = (frozenset(("TP", "TN", "FP", "FN")), frozenset(("TPR", "TNR", "FPR", "FNR")), frozenset(("tf", "df", "idf")))
_ENGLISH = {"squared": "^2", "cubed": "^3", "times": "*", "plus": "+", "minus": "-", "divided": "/", "equals": "="}
_LABEL_OPS = {"star": "*", "*": "*", "+": "+", "-": "-", "dagger": "†", "prime": "'"}


def split_glued(item: Item, parser: Cursor) -> list[Item]:
    """A run of letters as the names it stands for: itself when it is known, else its parts, with a note."""
    text = item.text
    if item.kind != "name" or len(text) < 2 or text in GREEK:
        return [item]
    context = parser.context
    own = Name(text, sub=label_text(item.sub) if item.sub is not None else "")
    if canonical_function(text) or context.known(Name(text)) or context.known(own) or text in CONSTANTS or parser.is_word(text):
        return [item]
    if any(own in definition.parameters for definition in context.scope.definitions.values()):
        return [item]
    if context.notation == "plain" and (any(c.isdigit() for c in text) or "_" in text):
        return [item]
    if context.notation == "plain" and text in _PROGRAM_WORDS:
        return [item]
    if context.notation == "latex" and _is_one_word(text, context):
        context.note(f"{text} is read as one name")
        return [item]
    parts = _greek_parts(text) if context.notation == "plain" else list(text)
    alone = {n.base for n in context.bare | context.applied | context.indexed if n.base != text} | {
        n.base for n in context.scope.declarations
    }
    known = all(p in alone or p in CONSTANTS or p in GREEK for p in parts)
    if parser.events and context.notation == "plain" and len(text) > 2 and text.isalpha() and text[1:].islower() and not known:
        context.note(f"{text} is read as one name")  # what has a probability is an event: rain, wet
        return [item]
    following = parser.items[parser.position + 1] if parser.position + 1 < len(parser.items) else None
    applied = following is not None and following.kind == "fence" and following.text == "()" and not following.space
    if len(text) > 2 and applied and not known and context.notation == "plain":
        _misspelled(item, parser)
        return [item]
    if len(text) > 3 and not known:
        _misspelled(item, parser)
        if context.notation == "plain":
            context.note(f"{text} is read as one name")
            return [item]
    split: list[Item] = []
    offset = item.start
    for position, part in enumerate(parts):
        last = position == len(parts) - 1
        piece = Item("name", part, (), offset, item.end if last else offset + len(part), space=item.space and position == 0)
        if last:
            piece.sub, piece.sup, piece.primes = item.sub, item.sup, item.primes
        split.append(piece)
        offset += len(part)
    if context.notation == "plain" or len(text) > 2:
        context.note(f"{text} is read as the product {' '.join(parts)}")
    return split


def _is_one_word(text: str, context: Context) -> bool:
    """Whether letters without a space are a word: counts of a confusion matrix, tf and df, a word with an o, which nobody multiplies by."""
    if any(text in words and len(words & context.letters) > 1 for words in _COUNTED):
        return True
    return len(text) > 2 and text.islower() and "o" in text[1:] and "o" not in context.letters


def _misspelled(item: Item, parser: Cursor) -> None:
    """Raise when an unknown word is almost a word of the language and stands where such a word would."""
    following = parser.items[parser.position + 1] if parser.position + 1 < len(parser.items) else None
    if item.text not in _ENGLISH and (following is None or (following.kind == "op" and not following.is_op("|"))):
        return
    text = item.text
    words = (
        {w for w in ALIASES if len(w) > 3}
        | set(UNARY_TASKS)
        | set(WORD_FORMS)
        | {"grad", "gradient", "hessian", "jacobian", "derivative", "diff"}
    )
    close = nearest(text, words) or next((w for w in sorted(words, key=len) if len(text) > 3 and w.startswith(text)), None)
    if close is not None:
        raise UnknownName(
            f"unknown name {text}", span=(item.start, item.end), expected=("a declared name or a known function",), suggestion=close
        )


def _greek_parts(text: str) -> list[str]:
    parts: list[str] = []
    position = 0
    while position < len(text):
        for length in range(min(10, len(text) - position), 1, -1):
            if text[position : position + length] in GREEK and length > 2:
                parts.append(text[position : position + length])
                position += length
                break
        else:
            parts.append(text[position])
            position += 1
    return parts


_PROJECTIONS = ("Q", "K", "V", "O")  # of attention (Vaswani et al. 2017, section 3.2.2)


def index_terms(sub: Item, parser: Parser, base: Name) -> tuple[Term, ...] | None:
    """The subscript as indices of an array, or None when it is a label."""
    if is_label_item(sub):
        return None
    content = sub.children if sub.kind == "group" and sub.sub is None and sub.sup is None else (sub,)
    if not content:
        raise SyntaxProblem("an empty subscript", span=(sub.start, sub.end), expected=("an index or a label",))
    bars = [i for i in content if i.kind == "bar"]
    runs = any(map(parser.context.is_running, parser.context.script_letters(sub)))
    if bars and (len(bars) != 2 or any(b.text != "|" for b in bars) or not runs):
        return None  # x_{t|t−1} is a label, t_{|i−j|} an element
    if content[0].is_op("<") and len(content) > 1:
        return (Term("range", (Term("blank"), parser.sub_parser(content[1:]).expression()), content[0].text),)
    letters = parser.context.script_letters(sub)
    running = any(parser.context.is_running(c) for c in letters)
    array = parser.context.has_index(base)
    if not running and not array:
        return None
    if not running and not letters and array and content[0].text == "0" and len(content) == 1:
        return None
    context = parser.context
    groups: list[list[Item]] = [[]]
    for item in content:
        if item.is_op(","):
            groups.append([])
        else:
            groups[-1].append(item)
    terms: list[Term] = []
    for group in groups:
        if not group:
            raise SyntaxProblem("an empty index", span=(sub.start, sub.end))
        if len(group) == 1 and group[0].is_op(":"):
            terms.append(Term("blank"))
        elif len(group) > 1 and _stand_beside(group) and not _is_vector(base, parser):  # Z_{i y_i}: two indices
            terms += [parser.sub_parser((item,)).expression() for item in group]
        elif all(i.kind == "name" and not i.sub and not i.sup for i in group) and (len(group) > 1 or _splits(group[0], parser)):
            for item in group:
                terms.extend(_letter_terms(item, parser))
        elif len(groups) == 1 and len(group) == 1 and _is_digits_of(group[0], base, context):
            terms += [number(digit, (group[0].start, group[0].end)) for digit in group[0].text]
        elif len(group) == 1 and group[0].kind == "number" and len(group[0].text) > 1 and context.notation == "latex" and not sub.children:
            terms.append(number(group[0].text, (group[0].start, group[0].end)))
        elif all(i.kind in ("name", "number") and not i.sub for i in group) and len(group) > 1 and not _is_vector(base, parser):
            for item in group:
                terms.extend(_letter_terms(item, parser))
        else:
            terms.append(parser.sub_parser(tuple(group)).expression())
    return tuple(terms)


def _stand_beside(group: list[Item]) -> bool:
    """Whether names stand beside each other, some of them entries themselves: nobody writes the number of a row as a product of these."""
    return all(i.kind in ("name", "accent", "font") and i.sup is None for i in group) and any(i.sub is not None for i in group)


def _is_digits_of(item: Item, base: Name, context: Context) -> bool:
    """Whether A_{12} of a matrix is the entry in row 1, column 2."""
    kind = context.declared(base)
    definition = context.scope.definitions.get(base)
    rank = len(definition.parameters) if definition is not None and definition.indexed else len(kind.shape) if kind is not None else 0
    return item.kind == "number" and rank > 1 and len(item.text) == rank and item.text.isdigit() and "0" not in item.text


def _is_vector(base: Name, parser: Parser) -> bool:
    """Whether the name is declared as a vector: x_{2i} is then its element 2 i."""
    declared = parser.context.scope.declarations.get(base)
    return declared is not None and len(declared.type.shape) == 1


def _splits(item: Item, parser: Parser) -> bool:
    return item.kind == "name" and len(item.text) > 1 and item.text not in GREEK and not parser.context.is_running(item.text)


def _letter_terms(item: Item, parser: Parser) -> list[Term]:
    if item.kind == "number":
        return [number(item.text, (item.start, item.end))]
    if not _splits(item, parser) or parser.context.known(Name(item.text)):
        return [Term("name", (), Name(item.text), (item.start, item.end))]
    entry = index_and_number(item.text)
    letters, digits = entry if entry is not None else (item.text, "")
    found = [Term("name", (), Name(c), (item.start + k, item.start + k + 1)) for k, c in enumerate(letters)]
    return [*found, number(digits, (item.end - len(digits), item.end))] if digits else found


def label_of_sup(item: Item, parser: Parser, function: bool) -> str | None:
    """The superscript as a label of the name (`*`, `(l)`, `\\pi` on a function), or None when it is a power or a transposition."""
    if is_label_item(item):
        return None if label_text(item) in ("T", "t", "⊤") else label_text(item)
    content = item.children if item.kind == "group" else (item,)
    layer = _layer_label(content, parser)
    if layer is not None:
        return layer
    if len(content) != 1:
        return None
    only = content[0]
    if only.kind == "op" and only.text in _LABEL_OPS:
        return _LABEL_OPS[only.text]
    if only.kind == "fence" and only.text in ("()", "[]") and (item.kind == "group" or parser.context.notation == "latex"):
        return label_text(only)
    if function and only.kind == "name" and only.text in ("pi", "*", "mu", "theta"):
        return label_text(only)
    return None


def _layer_label(content: tuple[Item, ...], parser: Parser) -> str | None:
    """`z^l`, `a^{l-1}`, `w^{new}`: layers and words are labels, not powers, and the reading says so."""
    context = parser.context
    first = content[0] if content else None
    if (
        first is None
        or first.kind != "name"
        or context.notation != "latex"
        or context.is_running(first.text)
        or context.known(Name(first.text))
    ):
        return None
    text = "".join(label_text(i) for i in content)
    layer = first.text in ("l", "L") and (
        len(content) == 1 or (len(content) == 3 and content[1].is_op("+", "-") and content[2].kind == "number")
    )
    word = len(content) == 1 and first.glued and len(first.text) > 2 and first.text.isalpha()
    if not (layer or word):
        return None
    context.note(f"the superscript {text} is part of the name")
    return text


def superscript(sup: Item, parser: Parser, item_name: Name | None = None) -> tuple[str, Term | str | None]:
    """What a superscript that is no label is: ("transpose", None), ("power", exponent), ("pinv", None)…, after a leading label is taken."""
    content = sup.children if sup.kind == "group" and sup.sub is None and sup.sup is None else (sup,)
    if len(content) == 1:
        only = content[0]
        if only.is_op("top") or (only.kind == "name" and only.text == "top"):
            return "transpose", None
        if only.kind == "font" and only.text in ("sf", "rm", "bf") and label_text(only) in ("T", "t"):
            return "transpose", None
        if (only.kind == "text" or only.kind == "function") and only.text.strip() == "T":
            return "transpose", None
        if only.kind == "name" and only.text == "T" and only.sub is None and only.sup is None and parser.t_transposes(item_name):
            return "transpose", None
        if only.is_op("dagger"):
            return "pinv", None
    if len(content) == 2 and content[0].is_op("-") and (content[1].is_op("top") or label_text(content[1]) == "T"):
        return "inverse-transpose", None
    if content and content[0].is_op("odot", "circ") and len(content) > 1:
        return "hadamard-power", parser.sub_parser(content[1:]).expression()
    return "power", parser.sub_parser(content, whole=(sup.start, sup.end)).expression()


def resolve_name(item: Item, parser: Parser, applied: bool) -> tuple[Term, Item | None]:
    """The name, element or constant that the item is, and the superscript that is still to be applied (a power, a transposition)."""
    name = base_name(item)
    assert name is not None
    span: Span = (item.start, item.end)
    context = parser.context
    sup = item.sup
    indices: tuple[Term, ...] = ()
    # sup labels and running superscripts x^{(i)}
    label = ""
    if sup is not None:
        content = sup.children if sup.kind == "group" else (sup,)
        fence = content[0] if content and content[0].kind == "fence" and content[0].text in ("()", "[]") else None
        if context.notation == "plain" and sup.kind == "fence":
            fence = None  # x^(n + 1) is a power; a label is written W^{(l)}
        if (
            fence is not None
            and len(fence.children) >= 1
            and (len(content) == 1 or content[1].is_op("top") or label_text(content[1]) == "T")
        ):
            if context.has_index(name) and len(fence.children) in (1, 3) and context.is_running(fence.children[0].text):
                indices = (parser.sub_parser(fence.children).expression(),)
            else:
                label = label_text(fence)
            sup = None if len(content) == 1 else content[1]
        elif (power := _defined_power(name, item, context)) is not None:
            label, sup = power, None  # σ^2 where σ^2 = … defines it
        elif (word := _declared_word(name, item, context)) is not None:
            label, sup = word, content[1] if len(content) == 2 else None  # W^Q where W^Q is declared
        elif name in context.iterated and not _is_number(content):
            label, sup = label_text(sup), None
            context.note(f"the superscript {label} is part of the name")
        else:
            found = label_of_sup(sup, parser, applied or parser.is_function(name))
            if found in ("+", "†") and name.base[:1].isupper() and not applied:
                if found == "†":
                    context.note(f"{name.key}^† is read as the pseudo-inverse")
                found = None
                transposed = Term("pinv", (_atom(name, item, parser),), None, span)
                return transposed, None
            if found == "'":
                item.primes += 1
                sup = None
            elif found is not None:
                label, sup = found, None
    if item.sub is not None:
        full = Name(name.base, name.font, name.accents, label_text(item.sub), label)
        found_indices = None if context.known(full) else index_terms(item.sub, parser, name)
        if found_indices is None:
            name = full
        else:
            indices = indices + found_indices
            name = name._replace(sup=label)
    elif label:
        name = name._replace(sup=label)
    primes = item.primes
    if primes and not (applied or parser.is_function(name)):
        name = name._replace(primes=primes)
        primes = 0
    term = Term("name", (), name, span)
    if not indices and not primes:
        term = _atom(name, item, parser)
    if len(indices) == 1 and indices[0].head == "range" and indices[0].data in ("<", "<="):
        term = Term("index", (term, indices[0].args[1]), indices[0].data, span)
    elif indices:
        term = Term("index", (term, *indices), None, span)
    if primes:
        term = Term("prime", (term,), primes, span)
    return term, sup


def _defined_power(name: Name, item: Item, context: Context) -> str | None:
    """The power above the name where a definition says what that power of the name is."""
    power = label_text(item.sup) if item.sup is not None else ""
    if not power.isdigit():
        return None
    labelled = name._replace(sub=label_text(item.sub), sup=power) if item.sub is not None else name._replace(sup=power)
    known = context.scope.definitions
    return power if labelled in known or name._replace(sup=power) in known else None


def _declared_word(name: Name, item: Item, context: Context) -> str | None:
    """The letter or word above the name where it is declared or defined with it; a transposition may follow. So are W^Q, W^K, W^V, W^O."""
    assert item.sup is not None
    content = item.sup.children if item.sup.kind == "group" else (item.sup,)
    if not content or len(content) > 2 or (len(content) == 2 and not (content[1].is_op("top") or label_text(content[1]) in ("T", "top"))):
        return None
    word = label_text(content[0])
    if not word.isalpha() or content[0].sup is not None:
        return None
    whole = name._replace(sup=word)
    labelled = whole._replace(sub=label_text(item.sub)) if item.sub is not None else whole
    if any(n in known for n in (whole, labelled) for known in (context.scope.declarations, context.scope.definitions)):
        return word
    return word if context.notation == "latex" and name.base == "W" and word in _PROJECTIONS else None


def _is_number(content: tuple[Item, ...]) -> bool:
    return len(content) == 1 and (content[0].kind == "number" or content[0].is_op("top") or content[0].text == "T")


def _atom(name: Name, item: Item, parser: Parser) -> Term:
    """The name as a constant, the ones vector, the identity, or itself."""
    span: Span = (item.start, item.end)
    context = parser.context
    if not context.known(name):
        if name.font in ("", "rm") and not name.accents and not name.sub and not name.sup and not name.primes:
            if name.base in CONSTANTS and not (name.base == "e" and parser.as_variable("e")):
                return Term("constant", (), CONSTANTS[name.base], span)
            if name.base == "i" and name.font == "rm":
                return Term("constant", (), "i", span)
    if name.font == "rm" and len(name.base) == 1 and not context.known(name):
        name = name._replace(font="")
    return Term("name", (), name, span)
