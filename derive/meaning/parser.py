"""The resolver: a flat list of items becomes a term, by operator precedence, once it is known what the names are.

In: items and the `Context` of the line. Out: a `Term`. Levels, loosest first: `;` `,` · ⇔ ⇒ · or, and, not · relations (chains) · + − ·
⊙ ⊗ · products and quotients · unary minus · application, big operators · scripts. What a primary is stands in `atoms`,
`binders`, `differentiation` and `probability`; this module owns order and precedence only.
"""

from __future__ import annotations

from derive.errors import NotSupported, SyntaxProblem
from derive.expressions.term import Name, Term
from derive.meaning import atoms, brackets
from derive.meaning.context import label_text
from derive.meaning.cursor import Cursor
from derive.meaning.points import around_product
from derive.meaning.vocabulary import RELATIONS
from derive.reading.item import Item

__all__ = ["Parser"]

_TIMES = ("*", "cdot", "times")
_HADAMARD = ("odot", ".*", "circ", "otimes", "./", "star", "ast", "mod")
_CLOSERS = ("+", "-", "pm", "mp", ",", ";", ":", "&", "newline", "and", "or", "cap", "cup", "wedge", "vee", "forall", "exists")


class Parser(Cursor):
    """One list of items being read. `events`: a bar separates a condition. `whole` is the place to blame for what is missing."""

    # ------------------------------------------------------------------ levels
    def expression(self) -> Term:
        """Everything, as one expression without commas."""
        if not self.items:
            raise self.missing("an expression")
        term = self.statement()
        self.leftover()
        return term

    def statement_or_list(self) -> Term:
        """Everything, as one statement or a `list` of statements between commas."""
        parts = self.sequence()
        return parts[0] if len(parts) == 1 else Term("list", tuple(parts))

    def statement_or_list_as_tuple(self) -> Term:
        """Everything, as one statement or a `tuple` of them."""
        parts = self.sequence()
        return parts[0] if len(parts) == 1 else Term("tuple", tuple(parts))

    def sequence_of_events(self) -> list[Term]:
        """Everything, as events or expressions between commas, with conditions behind bars."""
        from derive.meaning.probability import conditioned

        parts: list[list[Item]] = [[]]
        for item in self.items:
            if item.is_op(","):
                parts.append([])
            else:
                parts[-1].append(item)
        return [conditioned(self, tuple(p), (p[0].start, p[-1].end)) for p in parts if p]

    def indices(self) -> list[Term]:
        """Everything, as indices: between commas, or letters side by side."""
        parts = self.sequence()
        if len(parts) == 1 and parts[0].head == "mul" and all(a.head in ("name", "number") for a in parts[0].args):
            return list(parts[0].args)
        return parts

    def set_expected(self) -> bool:
        """Whether a set stands here: the item before the bracket says `in`."""
        if self.expecting_set:
            return True
        before = self.items[self.position - 2] if self.position >= 2 else None
        return before is not None and (before.is_op("in", "notin", "subset") or before.text == "in")

    def sequence(self) -> list[Term]:
        """Everything, as expressions between commas."""
        terms: list[Term] = []
        if not self.items:
            return terms
        while True:
            terms.append(self.statement())
            item = self.peek()
            if item is None:
                return terms
            if not item.is_op(","):
                self.leftover()
            self.take()
            if self.peek() is None:
                return terms

    def statement(self) -> Term:
        """Implications between logical combinations."""
        left = self.disjunction()
        item = self.peek()
        while item is not None and item.is_op("=>", "<=>"):
            self.take()
            right = self.disjunction()
            left = Term("rel", (left, right), item.text, left.span and (left.span[0], self.span_from(item.start)[1]))
            item = self.peek()
        return left

    def _word(self, *words: str) -> bool:
        item = self.peek()
        if item is None:
            return False
        symbols = {"or": ("or", "vee", "cup"), "and": ("and", "wedge", "cap"), "not": ("not", "neg", "~")}
        for word in words:
            if item.kind in ("name", "text") and item.text.strip() == word:
                return True
            if item.kind == "op" and item.text in symbols.get(word, ()) and (item.text != "~" or self.events):
                return True
        return False

    def disjunction(self) -> Term:
        """`A or B`."""
        parts = [self.conjunction()]
        while self._word("or"):
            self.take()
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Term("or", tuple(parts))

    def conjunction(self) -> Term:
        """`A and B`."""
        parts = [self.negation()]
        while self._word("and"):
            self.take()
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else Term("and", tuple(parts))

    def negation(self) -> Term:
        """`not A`."""
        if self._word("not"):
            start = self.take().start
            inner = self.negation()
            return Term("not", (inner,), None, self.span_from(start))
        return self.relation()

    def relation(self) -> Term:
        """A chain of relations between sums."""
        first = self.peek()
        start = first.start if first is not None else 0
        terms = [self.sum()]
        signs: list[str] = []
        while True:
            item = self.peek()
            if item is None:
                break
            sign = self._relation_sign(item)
            if sign is None:
                break
            self.take()
            if self.peek() is not None and item.is_op("perp") and self.events:
                sign = "indep"
            signs.append(sign)
            terms.append(self.sum())
        if not signs:
            return terms[0]
        span = self.span_from(start)
        if len(signs) == 1:
            return Term("rel", tuple(terms), signs[0], span)
        return Term("chain", tuple(terms), tuple(signs), span)

    def _relation_sign(self, item: Item) -> str | None:
        if item.kind == "op":
            return RELATIONS.get(item.text) if item.text not in ("=>", "<=>") else None
        if item.kind == "name" and item.text in ("in", "indep") and item.sub is None:
            return item.text
        if item.kind == "accent" and item.children and item.children[0].is_op("~"):
            return "~"
        return None

    def sum(self) -> Term:
        """Terms between + and −."""
        first = self.peek()
        if first is None:
            raise self.missing("an expression")
        start = first.start
        terms: list[Term] = []
        sign = self._sign()
        while True:
            term = self.hadamard()
            if sign == "-":
                term = Term("neg", (term,), None, (start, self.span_from(start)[1]))
            elif sign in ("pm", "mp"):
                term = Term("plusminus", (term,), sign, (start, self.span_from(start)[1]))
            terms.append(term)
            item = self.peek()
            if item is None or not item.is_op("+", "-", "pm", "mp"):
                break
            if self.events and self.position + 1 >= len(self.items):
                break
            start = item.start
            sign = self._sign()
        if len(terms) == 1:
            return terms[0]
        return Term("add", tuple(terms), None, self.span_from(first.start))

    def _sign(self) -> str:
        sign = "+"
        item = self.peek()
        count = 0
        while item is not None and item.is_op("+", "-", "pm", "mp"):
            count += 1
            if count > 2:
                raise SyntaxProblem("three signs in a row", span=(item.start, item.end), expected=("an expression",))
            if item.is_op("pm", "mp"):
                sign = item.text
            elif item.text == "-":
                sign = "+" if sign == "-" else "-"
            self.take()
            item = self.peek()
        return sign

    def hadamard(self) -> Term:
        """Elementwise and Kronecker products, and remainders, of ordinary products."""
        left = self.product()
        item = self.peek()
        while item is not None and item.kind == "op" and item.text in _HADAMARD:
            self.take()
            right = self.product()
            if item.text == "mod":
                left = Term("apply", (left, right), "mod", self.span_from(left.span[0] if left.span else item.start))
                item = self.peek()
                continue
            head = {"otimes": "kron", "./": "hadamard_div"}.get(item.text, "hadamard")
            joined = (*left.args, right) if left.head == head and head != "hadamard_div" and left.span is not None else (left, right)
            left = Term(head, joined, None, self.span_from(left.span[0] if left.span else item.start))
            item = self.peek()
        if item is not None and item.is_op(":") and self.position + 1 < len(self.items) and not self.events and left.head != "number":
            self.take()
            left = Term("inner", (left, self.product()), None, self.span_from(left.span[0] if left.span else item.start))
            self.context.note(left, " is the inner product of matrices, the sum of the products of their entries")
        return left

    def stops(self, item: Item | None) -> bool:
        """Whether a product ends before the item."""
        if item is None:
            return True
        if item.kind == "op":
            return item.text in _CLOSERS or item.text in RELATIONS or item.text in _HADAMARD
        if item.kind == "bar":
            if (self.bars and self.bars[-1] == item.text) or item.text == "mid":
                return True
            left = sum(1 for i in self.items[self.position :] if i.kind == "bar" and i.text == "|")
            return self.events and item.text == "|" and "|" not in self.bars and left % 2 == 1
        if item.kind == "name" and item.text in ("in", "indep") and item.sub is None and not self.context.known(Name(item.text)):
            return True
        return self.is_keyword(item) or bool(self.in_integral and atoms.is_differential(self, self.position))

    def product(self, *, tight: bool = False) -> Term:
        """Factors side by side, with ·, × or / between them, from left to right."""
        first = self.peek()
        start = first.start if first is not None else 0
        factors = [self.factor()]
        pending_dot = False
        while True:
            item = self.peek()
            if item is None:
                break
            if item.kind == "op" and item.text in _TIMES:
                self.take()
                factors.append(self.factor(signed=True))
                pending_dot = pending_dot or item.text == "cdot"
                if item.text == "cdot" and len(factors) >= 2:
                    right = factors.pop()
                    left = self._join(factors, start)
                    factors = [Term("mul", (left, right), "·", self.span_from(start))]
                continue
            if item.is_op("/"):
                self.take()
                atoms.check_slash(self, item)
                denominator = self.factor(signed=True)
                numerator = self._join(factors, start)
                factors = [Term("div", (numerator, denominator), None, self.span_from(start))]
                continue
            if item.kind == "name" and item.text == "choose" and item.sub is None and not self.context.known(Name("choose")):
                self.take()
                right = self.factor()
                factors = [*factors[:-1], Term("binomial", (factors[-1], right), None, self.span_from(start))]
                continue
            if item.is_op("@"):
                self.take()
                right = self.factor(signed=True)
                factors = [Term("matmul", (self._join(factors, start), right), None, self.span_from(start))]
                continue
            if item.is_op("setminus", "vartriangle") and self.events:
                self.take()
                left, right = self._join(factors, start), self.factor()
                only = Term("and", (left, Term("not", (right,))), None, self.span_from(start))
                other = Term("and", (Term("not", (left,)), right), None, self.span_from(start))
                factors = [only if item.is_op("setminus") else Term("or", (only, other), None, self.span_from(start))]
                continue
            if item.is_op("setminus", "ominus", "rtimes", "ltimes"):
                raise NotSupported("differences of sets are not supported", span=(item.start, item.end))
            if self.stops(item) or (item.kind == "op" and item.text in ("!", ".", "%")):
                break
            transposed = item.sup is not None and (item.sup.is_op("top") or label_text(item.sup) in ("T", "top"))  # 1 1^T
            if item.kind == "number" and not transposed and factors[-1].head == "number" and self._is_number(self.position - 1):
                raise SyntaxProblem("two numbers side by side", span=(item.start, item.end), expected=("an operator between them",))
            factors.append(self.factor())
        return around_product(self._join(factors, start))

    def _is_number(self, place: int) -> bool:
        return place >= 0 and self.items[place].kind == "number" and self.items[place].sup is None

    def _ends_after_percent(self) -> bool:
        """Whether nothing follows the percent sign that it could be an operator for."""
        after = self.items[self.position + 1] if self.position + 1 < len(self.items) else None
        operators = ("+", "-", "*", "cdot", "times", ",", "=", "<", ">", "<=", ">=")
        return after is None or after.kind == "bar" or (after.kind == "op" and after.text in operators)

    def _join(self, factors: list[Term], start: int) -> Term:
        if len(factors) == 1:
            return factors[0]
        return Term("mul", tuple(factors), None, self.span_from(start))

    def factor(self, *, signed: bool = False) -> Term:
        """One factor: a primary with its postfixes; after an operator also with a sign."""
        item = self.peek()
        if item is None:
            raise self.missing("an expression")
        if signed and item.is_op("-", "+"):
            self.take()
            inner = self.factor(signed=True)
            return inner if item.text == "+" else Term("neg", (inner,), None, self.span_from(item.start))
        term = atoms.primary(self)
        while True:
            item = self.peek()
            if item is not None and item.is_op("!"):
                self.take()
                if term.head == "factorial" and self.items[self.position - 2].is_op("!"):
                    raise SyntaxProblem(
                        "!! could be a double factorial or a factorial twice", span=(item.start, item.end), expected=("(x!)!",)
                    )
                term = Term("factorial", (term,), None, self.span_from(term.span[0] if term.span else item.start))
            elif item is not None and item.is_op("%") and term.head == "number" and self._ends_after_percent():
                self.take()
                term = Term("div", (term, Term("number", (), "100")), None, self.span_from(term.span[0] if term.span else item.start))
            elif item is not None and item.is_op(".^"):
                self.take()
                exponent = self.factor(signed=True)
                term = Term("hadamard_pow", (term, exponent), None, self.span_from(term.span[0] if term.span else item.start))
            elif item is not None and item.kind == "bar" and item.sub is not None and not self.bars and _has_ends(item):
                self.take()
                term = brackets.evaluated_at(self, term, item)
            else:
                return term


def _has_ends(bar: Item) -> bool:
    """Whether values hang under the bar, or both ends of an antiderivative."""
    return bool(bar.sub is not None and (bar.sup is not None or label_text(bar.sub).count("=")))
