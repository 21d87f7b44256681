"""Random variables as they are declared: `X ~ Normal(mu, s^2)`, samples, conditional models, independence. Read and kept as facts."""

from __future__ import annotations

from dataclasses import replace

from derive.errors import UnknownName
from derive.expressions.term import Name, Term
from derive.meaning.context import Context, base_name, label_text, nearest
from derive.meaning.lettered_laws import lettered_law
from derive.meaning.parser import Parser
from derive.meaning.scope import Declaration, Type
from derive.meaning.statements import (
    MODEL_WORDS,
    Statement,
    split_commas,
)
from derive.meaning.vocabulary import DISTRIBUTIONS
from derive.reading.item import Item

__all__ = ["independence", "model", "separates"]


def model(items: tuple[Item, ...], tilde: int, context: Context, line: int) -> Statement:
    """`X ~ Normal(mu, sigma^2)`, `X_1, …, X_n iid ~ …`, `y_i | w ~ … for i = 1, …, n`."""
    left = tuple(i for i in items[:tilde] if not (i.kind in ("name", "text") and i.text.strip() in MODEL_WORDS))
    iid = len(left) < tilde or items[tilde].kind == "accent" or items[tilde].sup is not None
    right = items[tilde + 1 :]
    rest: tuple[Item, ...] = ()
    for place, item in enumerate(right):
        if item.is_op(",") or (item.kind in ("name", "text") and item.text.strip() in ("for", "iid", "independently", "independent")):
            right, rest = right[:place], right[place:]
            break
    from derive.meaning.probability import conditioned

    subject = conditioned(Parser(left, context), left, (items[0].start, items[tilde].end))
    value = lettered_law(right, context) or _law(items[: tilde + 1], right, context)
    variables = subject.args[0] if subject.head == "given" else subject
    declarations = []
    for node in variables.args if variables.head in ("list", "tuple") else (variables,):
        target = node.args[0] if node.head == "index" else node
        if target.head == "name":
            known = context.declared(target.data) or Type(shape=_shape_of(value, context) if variables.head != "list" else ())
            declarations.append(Declaration(target.data, replace(known, domain="random"), line))
    term = Term("rel", (subject, value), "~", (items[0].start, items[-1].end))
    _note_replaced(subject, context)
    if iid:
        context.note("independent and identically distributed")
        term = Term("task", (term,), "iid", term.span)
    if rest:
        term = Term("task", (term, Term("word", (), "".join(label_text(i) for i in rest).strip(","))), "for-each", term.span)
    return Statement(term, "fact", tuple(declarations), facts=(term,))


def _law(before: tuple[Item, ...], right: tuple[Item, ...], context: Context) -> Term:
    """The law behind the tilde, as it is written."""
    _known_distribution(right, context)
    law = Parser(before + right, context, events=True)
    law.position = len(before)
    value = law.statement()
    law.leftover()
    return value


def _note_replaced(subject: Term, context: Context) -> None:
    """A law that an earlier line gave the same variable no longer counts, and that is said."""
    for stated in context.scope.facts:
        fact = stated
        while fact.head == "task" and fact.args:
            fact = fact.args[0]
        if fact.head == "rel" and fact.data == "~" and fact.args[0] == subject:
            context.note(subject, " had a law on an earlier line; this one replaces it")
            return


def _shape_of(law: Term, context: Context) -> tuple[Term, ...]:
    """The shape of a variable as its law shows it: a declared mean or covariance, a Sigma, an identity; () for a scalar."""
    if law.head != "dist" or law.data != "Normal" or len(law.args) < 2:
        return ()
    mean, spread = (a.args[0] if a.head == "keyword" else a for a in law.args[:2])
    for part in (mean, spread):
        known = context.declared(part.data) if part.head == "name" else None
        if known is not None and known.shape:
            return known.shape[:1]
    last = spread.args[-1] if spread.head == "mul" else spread
    if last.head == "pow" and last.args[1].head == "neg" and last.args[0].head == "name" and last.args[0].data.base in ("Sigma", "Lambda"):
        last = last.args[0]
    if last.head == "identity" or (last.head == "name" and last.data.base == "I" and context.declared(last.data) is None):
        size = Name(last.data.sub) if last.head == "name" and last.data.sub else None
        return (Term("name", (), size),) if size is not None else (Term("blank"),)
    if last.head == "name" and last.data.base in ("Sigma", "Lambda") and context.declared(last.data) is None:
        return (Term("blank"),)
    return ()


def _known_distribution(items: tuple[Item, ...], context: Context) -> None:
    """Raise when an unknown distribution is applied; a bare name (`x ~ p`) is a distribution of its own."""
    if len(items) < 2 or items[1].kind != "fence":
        return
    name = base_name(items[0])
    known = name is None or name.base in DISTRIBUTIONS or context.known(name) or items[0].sub is not None
    if known or name is None or (len(name.base) < 3 and name.font != "cal"):
        return
    close = nearest(name.base, [d for d in DISTRIBUTIONS if len(d) > 2])
    span = (items[0].start, items[0].end)
    raise UnknownName(
        f"{name.base} is no distribution that is known", span=span, expected=("a distribution such as Normal(mu, s^2)",), suggestion=close
    )


def independence(items: tuple[Item, ...], context: Context, line: int) -> Statement:
    """`A indep B | C`, `X_1, …, X_n iid`, `A, B and C independent | D`, `A, B, C partition`, `X_0, X_1, … markov`, `A, B disjoint`."""
    worded = any(i.kind in ("name", "text") and i.text.strip() in MODEL_WORDS for i in items)
    related = None if worded else _related(items, context)
    if related is not None:
        return Statement(related, "fact", facts=(related,))
    several = () if worded else tuple(_related(p, context) for p in split_commas(items))
    if len(several) > 1 and None not in several:
        stated = tuple(t for t in several if t is not None)
        return Statement(Term("list", stated, None, (items[0].start, items[-1].end)), "fact", facts=stated)
    names = [p for part in split_commas(items) for p in (_split_words(part, "and") if worded else [part])]
    shown = []
    words = []
    for part in names:
        kept = tuple(i for i in part if not (i.kind in ("name", "text") and i.text.strip() in (*MODEL_WORDS, "are", "is", "mutually")))
        words += [i.text.strip() for i in part if i not in kept]
        if kept and kept[0].kind != "dots":
            from derive.meaning.probability import conditioned

            kept = tuple(Item("bar", "|", (), i.start, i.end) if i.text.strip() == "given" else i for i in kept)
            shown.append(conditioned(Parser(kept, context), kept, (kept[0].start, kept[-1].end)))
        elif kept:
            shown.append(Term("dots"))
    label = next((_LABELS[w] for w in reversed(words) if w in _LABELS), words[-1] if words else "independent")
    condition: Term | None = None
    if worded and len(shown) == 1 and shown[0].head == "tuple":
        shown = list(shown[0].args)
    if len(shown) > 1 and worded and shown[-1].head == "given":
        shown[-1], condition = shown[-1].args  # `A, B independent | C`: the condition is that of all
    subject = shown[0] if len(shown) == 1 else Term("list", tuple(shown))
    if condition is not None:
        subject = Term("given", (subject, condition), None, subject.span)
    term = Term("task", (subject,), label, (items[0].start, items[-1].end)) if label != "independent" or len(shown) > 1 else subject
    declarations = tuple(
        Declaration(t.data, Type("random"), line)
        for t in shown
        if t.head == "name" and context.declared(t.data) is None and label in ("iid",)
    )
    return Statement(term, "fact", declarations, facts=(term,))


def separates(items: tuple[Item, ...]) -> bool:
    """Whether the line states independence `… given …`: the word is no clause of a task there."""
    before = items[: next((p for p, i in enumerate(items) if i.text.strip() == "given"), 0)]
    stated = any(_is_sign(i) or (i.kind in ("name", "text") and i.text.strip() in MODEL_WORDS) for i in before)
    return stated and not any(i.kind == "fence" or i.is_op("~") for i in before)


def _is_sign(item: Item) -> bool:
    return item.kind in ("op", "name", "text", "function") and item.text.strip() in ("perp", "indep")


def _related(items: tuple[Item, ...], context: Context) -> Term | None:
    """`X, Y indep Z | V, W`: commas belong to the groups and to the condition; None where the line says something else."""
    from derive.meaning.probability import conditioned

    bar = next((p for p, i in enumerate(items) if (i.kind == "bar" and i.text in ("|", "mid")) or i.text.strip() == "given"), len(items))
    left, right = items[:bar], items[bar + 1 :]
    if any(_is_sign(i) for i in right) or (bar < len(items) and not right):
        return None
    groups: list[list[Item]] = [[]]
    for item in left:
        if _is_sign(item):
            groups.append([])
        else:
            groups[-1].append(item)
    if len(groups) < 2 or not all(groups) or any(i.kind == "bar" for i in right):
        return None
    if len(groups) > 2 and any(len(split_commas(tuple(g))) > 1 for g in groups[1:-1]):
        return None  # `X indep Y, Y indep Z`: two statements
    span = (items[0].start, items[-1].end)
    members = tuple(conditioned(Parser(tuple(g), context), tuple(g), (g[0].start, g[-1].end)) for g in groups)
    term = Term("rel", members, "indep", span) if len(members) == 2 else Term("chain", members, ("indep",) * (len(members) - 1), span)
    if not right:
        return term
    return Term("given", (term, conditioned(Parser(right, context), right, (right[0].start, right[-1].end))), None, span)


_LABELS = {
    "iid": "iid",
    "independent": "independent",
    "markov": "markov",
    "partition": "partition",
    "disjoint": "disjoint",
    "exclusive": "disjoint",
}


def _split_words(part: tuple[Item, ...], word: str) -> list[tuple[Item, ...]]:
    """The stretches between the words."""
    parts: list[list[Item]] = [[]]
    for item in part:
        if item.text.strip() == word and item.kind in ("name", "text", "op"):
            parts.append([])
        else:
            parts[-1].append(item)
    return [tuple(p) for p in parts if p]
