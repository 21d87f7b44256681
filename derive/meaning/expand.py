"""Definitions put in: names by their bodies, applications by the body at the arguments, f′ by a derivative.

In: a term and the scope. Out: the term in which no defined name is left (bound names are left alone). Bounded in size and depth. The
body of a definition is put in as one shared object wherever its name stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from derive.errors import InconsistentInput, TooLarge, UnknownName, WrongUse
from derive.expressions.functions import FUNCTIONS
from derive.expressions.term import Name, Term, integer, number
from derive.meaning.scope import Definition, Expansion, Scope

__all__ = ["expand", "opened", "opened_definition", "substitute", "with_expansion"]

MAX_NODES = 200_000
_BINDERS = {"sum": 1, "prod": 1, "integral": 1, "limit": 1}


def substitute(term: Term, values: Mapping[Name, Term]) -> Term:
    """The term with names replaced, except where they are bound."""
    if not values:
        return term
    if term.head == "name":
        return values.get(term.data, term)
    if term.head == "index" and term.args[0].head == "name" and term.args[0].data in values:
        base = values[term.args[0].data]
        rest = tuple(substitute(a, values) for a in term.args[1:])
        if base.head == "vector" and len(rest) == 1 and rest[0].head == "number":
            place = int(rest[0].value) - 1
            if 0 <= place < len(base.args):
                return base.args[place]
        return Term("index", (base, *rest), term.data, term.span)
    if term.head in _BINDERS and term.data in ("range", "bare", "cond", "definite", "", "+", "-") and len(term.args) > 1:
        bound = term.args[1]
        if bound.head == "name" and bound.data in values:
            values = {k: v for k, v in values.items() if k != bound.data}
    return term.with_args(tuple(substitute(a, values) for a in term.args))


def _apart(term: Term, outer: frozenset[Name]) -> Term:
    """The term with its own running indices renamed where an outer one has the same letter."""
    clashes = {n.args[1].data for n in term.walk() if n.head in _BINDERS and len(n.args) > 1 and n.args[1].head == "name"} & outer
    if not clashes:
        return term
    taken = {n.data for n in term.walk() if n.head == "name"} | outer
    fresh: dict[Name, Term] = {}
    for clash in sorted(clashes):
        letter = next((Name(c) for c in "jklrstpq" if Name(c) not in taken), Name(clash.base, primes=clash.primes + 1))
        taken.add(letter)
        fresh[clash] = Term("name", (), letter)
    return term.transform(lambda n: fresh.get(n.data, n) if n.head == "name" else n)


def _array_of(definition: Definition, body: Term) -> Term:
    """[body]_ij for all i and j."""
    return Term("task", (body, *(Term("name", (), n) for n in definition.parameters)), "array")


def _as_power(term: Term) -> Term:
    """A name as it is, σ² as the power of σ."""
    if not term.data.sup.isdigit():
        return term
    return Term("pow", (Term("name", (), term.data._replace(sup="")), number(term.data.sup)), None, term.span)


class _Expander:
    def __init__(self, scope: Scope) -> None:
        self.definitions = scope.definitions
        self.results = scope.results
        self.expansions = scope.expansions
        self.active: list[Name] = []
        self.nodes = 0  # of the tree that the result stands for, shared parts counted wherever they stand
        self.done: dict[tuple[Name, frozenset[Name]], Expansion] = {}
        self.passing = False  # whether an answer was put in, which another line may change
        self.left: dict[Name, None] | None = None  # where names of definitions are left standing: those that were met

    def count(self, nodes: int) -> None:
        """So many more nodes of the tree."""
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise TooLarge("the definitions grow beyond the bound when they are put in")

    def run(self, term: Term, bound: frozenset[Name]) -> Term:
        self.count(1)
        if term.head == "name":
            definition = self.definitions.get(term.data)
            if term.data.base.startswith("_") and definition is None:
                return self.result(term)
            if definition is None:
                return self.root(term, bound)
            if term.data in bound or (term.data.sup.isdigit() and term.data._replace(sup="") in bound):
                return _as_power(term)
            if definition.indexed and self.left is None:
                return self.whole(definition, term, bound)
            if self.left is not None and (definition.indexed or not definition.parameters):
                self.left[term.data] = None
                return term
            return self.value(definition, term, bound)
        if term.head == "pow" and term.args[0].head == "name":
            squared = self._defining_power(term.args[0].data, bound)
            exponent = integer(term.args[1])
            if squared is not None and exponent is not None and exponent % int(squared.sup) == 0:
                times = exponent // int(squared.sup)
                power = Term("name", (), squared, term.span)
                return self.run(power if times == 1 else Term("pow", (power, number(times)), None, term.span), bound)
        if term.head == "call" and term.args[0].head == "name":
            definition = self.definitions.get(term.args[0].data)
            if definition is not None and definition.parameters:
                return self.applied(definition, term.args[1:], term, bound)
        if term.head == "prime":
            return self.prime(term, bound)
        if term.head == "index" and term.args[0].head == "name":
            definition = self.definitions.get(term.args[0].data)
            if definition is not None and definition.parameters and len(definition.parameters) == len(term.args) - 1:
                return self.applied(definition, term.args[1:], term, bound)
        if term.head in ("derivative", "gradient", "hessian", "jacobian", "optimum", "total_derivative", "directional"):
            held = frozenset(n.data for a in term.args[1:] for n in a.walk() if n.head == "name")
            function = term.args[0]
            if term.head in ("derivative", "total_derivative") and function.head == "name" and function.data not in self.definitions:
                held |= {function.data}  # dσ/dx where σ² is defined: an equation gives it
            variables = tuple(a if a.head in ("name", "index", "number", "tuple") else self.run(a, bound) for a in term.args[1:])
            return term.with_args((self.run(term.args[0], bound | held), *variables))
        if term.head in _BINDERS and len(term.args) > 1 and term.args[1].head == "name":
            inner = bound | {term.args[1].data}
            return term.with_args((self.run(term.args[0], inner), term.args[1], *(self.run(a, bound) for a in term.args[2:])))
        if term.head == "at":
            body = self.run(term.args[0], bound)
            rest = tuple(a if k % 2 == 0 else self.run(a, bound) for k, a in enumerate(term.args[1:]))
            return term.with_args((body, *rest))
        return term.with_args(tuple(self.run(a, bound) for a in term.args))

    def _defining_power(self, name: Name, bound: frozenset[Name]) -> Name | None:
        """σ² where that is what is defined, and σ by itself is not."""
        if name.sup or name.primes or name in bound or name in self.definitions:
            return None
        return next((n for n in (name._replace(sup="2"), name._replace(sup="3")) if n in self.definitions), None)

    def root(self, term: Term, bound: frozenset[Name]) -> Term:
        """σ where σ² is defined: its square root."""
        squared = self._defining_power(term.data, bound)
        if squared is None:
            return term
        inner = self.run(Term("name", (), squared, term.span), bound)
        return Term("sqrt", (inner,), None, term.span) if squared.sup == "2" else Term("root", (inner, number(3)), None, term.span)

    def whole(self, definition: Definition, place: Term, bound: frozenset[Name]) -> Term:
        """K where K_ij is defined: the array of its entries."""
        return _array_of(definition, self.body(definition, place, bound)).at(place.span)

    def result(self, term: Term) -> Term:
        """`_`, `_3`, `_3.2`: an answer or a step of an earlier line."""
        self.passing = True
        found = self.results.get(term.data.base)
        if found is None:
            raise UnknownName(
                f"there is no result {term.data.base}", span=term.span, expected=("_ for the last answer, _3 for that of line 3",)
            )
        if isinstance(found, Term):
            return found
        from derive.expressions.from_sympy import from_sympy

        return from_sympy(found)

    def value(self, definition: Definition, place: Term, bound: frozenset[Name]) -> Term:
        """The body of a definition with what it stands on put in; made once, however often its name stands."""
        known = self.done.get((definition.name, bound)) or (None if bound else self.expansions.get(definition.name))
        if known is not None:
            self.count(known.nodes)
            return known.term
        before = self.nodes
        term = self.body(definition, place, bound)
        self.done[definition.name, bound] = Expansion(term, self.nodes - before)
        return term

    def body(self, definition: Definition, place: Term, bound: frozenset[Name] = frozenset()) -> Term:
        if definition.name in self.active:
            chain = " → ".join(n.key for n in (*self.active[self.active.index(definition.name) :], definition.name))
            raise InconsistentInput(f"the definitions run in a circle: {chain}", span=place.span)
        self.active.append(definition.name)
        body = _apart(definition.body, bound - frozenset(definition.parameters))
        result = self.run(body, bound | frozenset(definition.parameters))
        self.active.pop()
        return result

    def applied(self, definition: Definition, arguments: tuple[Term, ...], term: Term, bound: frozenset[Name]) -> Term:
        if len(arguments) != len(definition.parameters):
            raise WrongUse(f"{definition.name.key} takes {len(definition.parameters)} argument(s), not {len(arguments)}", span=term.span)
        if any(a.head == "given" for a in arguments):
            raise WrongUse(f"{definition.name.key} is defined as a function, not as a conditional probability", span=term.span)
        body = self.body(definition, term, bound)
        values = dict(zip(definition.parameters, (self.run(a, bound) for a in arguments), strict=True))
        return substitute(body, values)

    def prime(self, term: Term, bound: frozenset[Name]) -> Term:
        function = term.args[0]
        if function.head != "name":
            return term.with_args(tuple(self.run(a, bound) for a in term.args))
        definition = self.definitions.get(function.data)
        order = number(int(term.data))
        if definition is not None and definition.parameters:
            if len(definition.parameters) != 1:
                raise WrongUse(f"{function.data.key}′ needs a function of one variable", span=term.span)
            variable = Term("name", (), definition.parameters[0])
            body = self.body(definition, term, bound)
            if len(term.args) == 1 or term.args[1] == variable:
                return Term("derivative", (body, variable, order), "d", term.span)
            argument = self.run(term.args[1], bound)
            return Term("at", (Term("derivative", (body, variable, order), "d", term.span), variable, argument), None, term.span)
        if definition is not None and not definition.parameters and len(term.args) == 1:
            names = {n.data for n in definition.body.walk() if n.head == "name"}
            if len(names) == 1:
                return Term("derivative", (self.body(definition, term, bound), Term("name", (), names.pop()), order), "d", term.span)
        if function.data.base in FUNCTIONS and definition is None and len(term.args) == 2:
            argument = self.run(term.args[1], bound)
            if argument.head == "name":
                return Term("derivative", (Term("apply", (argument,), function.data.base), argument, order), "d", term.span)
            place = Term("name", (), Name("u"))
            inner = Term("derivative", (Term("apply", (place,), function.data.base), place, order), "d", term.span)
            return Term("at", (inner, place, argument), None, term.span)
        return term.with_args((function, *(self.run(a, bound) for a in term.args[1:])))


def expand(term: Term, scope: Scope, held: Iterable[Name] = ()) -> Term:
    """The term with all definitions put in, but for names that are `held`; a circle of definitions is an error that names it."""
    if _is_plain(term, scope):
        return term
    return _Expander(scope).run(term, frozenset(held))


def with_expansion(term: Term, scope: Scope) -> tuple[Term, Expansion | None]:
    """`expand`, and what to remember of it for later lines: nothing where it takes an answer of an earlier line."""
    if _is_plain(term, scope):
        return term, Expansion(term, sum(1 for _ in term.walk()))
    expander = _Expander(scope)
    expanded = expander.run(term, frozenset())
    return expanded, None if expander.passing else Expansion(expanded, expander.nodes)


def opened(term: Term, scope: Scope, held: Iterable[Name]) -> tuple[Term, list[Name]]:
    """The term with functions applied and names of other definitions left standing, and those names; `held` are no such names."""
    expander = _Expander(scope)
    expander.left = {}
    return expander.run(term, frozenset(held)), list(expander.left)


def opened_definition(definition: Definition, scope: Scope, held: Iterable[Name]) -> tuple[Term, list[Name]]:
    """`opened` for what a definition says its name is; of K_ij the whole array K."""
    body, needed = opened(definition.body, scope, (*held, *definition.parameters))
    return (_array_of(definition, body) if definition.indexed else body), needed


def _is_plain(term: Term, scope: Scope) -> bool:
    if scope.definitions:
        return False
    return not any(n.head == "prime" or (n.head == "name" and n.data.base.startswith("_")) for n in term.walk())
