"""The model that the facts of a session make: from what was written about chance to variables, samples, laws, moments, events.

In: a Reading (`options["facts"]`, `options["definitions"]`, `options["declarations"]` of the lines before, and the facts that its own
`given` states). Out: a `Model`, with the types of every name. Facts that contradict each other are an InconsistentInput.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from derive.errors import DeriveError, SyntaxProblem
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number
from derive.expressions.to_sympy import symbol, to_sympy
from derive.meaning.expand import expand
from derive.meaning.scope import Definition, Reading, Scope, Type
from derive.probability.contradictions import refuse_contradictions
from derive.probability.domains import typed
from derive.probability.family import Distribution
from derive.probability.formula_facts import formula_variables, is_formula, positive_parameters
from derive.probability.latent_facts import with_latent_laws
from derive.probability.laws import distribution, entries
from derive.probability.model import EventFact, Independence, Joint, Model, MomentFact, Sample, Variable
from derive.probability.statements import Subject, as_blocks, columns, over_index, range_of, split_given, subject_of

__all__ = ["build"]

_OPERATORS = ("E", "Var", "Cov", "Corr", "SD", "MGF")
_CAPITALS = frozenset("XYZUVW")  # random inside a moment, where nothing else is said
_STATED = ("given", "conditional")
_RUNNING_INDICES = ("i", "j", "k", "t")
_RUNNING = ("t", "i", "n", "k")  # X_t ∈ {0, 1} says it of every X_0, X_1, …


def build(reading: Reading) -> Model:
    """The model in force on the line. Raises InconsistentInput where two facts contradict each other, and what `distribution` raises."""
    known = reading.options.get("model")
    return known if isinstance(known, Model) else _Builder(reading).model()


class _Builder:
    """One model in the making."""

    def __init__(self, reading: Reading) -> None:
        stated = reading.expanded.args[1:] if reading.expanded.head == "task" and reading.expanded.data in _STATED else ()
        self.definitions: Mapping[Name, Definition] = reading.options.get("definitions", {})
        self.scope = Scope(declarations=reading.options.get("declarations", {}), definitions=self.definitions)
        self.reading = reading
        facts = tuple(_split(f) for f in (*reading.options.get("facts", ()), *stated))
        self.formulas = tuple(f for f in facts if is_formula(f))
        facts = tuple(f for f in facts if not is_formula(f))
        self.facts = tuple(over_index(f) for f in with_latent_laws(facts) if f.head in ("rel", "chain", "task", "given"))
        self.laws = {n: d for n, d in self.definitions.items() if _law_of(d.body) is not None}
        self.types, settled = typed(reading, self.facts, self.definitions, self.scope)
        self.facts = tuple(as_blocks(f) for f in settled)
        self.variables: dict[Name, Variable] = {}
        self.samples: dict[Name, Sample] = {}
        self.joints: list[Joint] = []
        self.moments: list[MomentFact] = []
        self.events: list[EventFact] = []
        self.independences: list[Independence] = []

    def model(self) -> Model:
        """All facts taken in."""
        for line, fact in enumerate(self.facts, 1):
            try:
                self._fact(fact, line)
            except DeriveError as error:
                error.span = None  # the place is on another line
                raise
        for name, definition in self.definitions.items():
            self._mgf(name, definition)
        declared = {n: d.type for n, d in self.scope.declarations.items()}
        through = [d.body for d in self.definitions.values() if not d.parameters]
        for written in formula_variables(self.formulas, self.reading.expanded, {**declared, **self.types}, through):
            self.variables.setdefault(written.variable.name, written.variable)
            self.types = {**self.types, **positive_parameters(written.variable, self.types), written.variable.name: Type("random")}
        self._supports()
        defined = {n: d.body for n, d in self.definitions.items() if not d.parameters and n not in self.laws and self._is_chance(d.body)}
        bodies = {n: _law_of(d.body) for n, d in self.laws.items()}
        named = {n: distribution(_expanded(law, self.scope), self.types) for n, law in bodies.items() if law is not None}
        self._twins()
        self._sizes()
        self._ranges()
        model = Model(
            self.variables, self.samples, tuple(self.joints), tuple(self.moments), tuple(self.events), tuple(self.independences),
            defined, named, self.types,
        )  # fmt: skip
        refuse_contradictions(model)
        return model

    # ── one fact ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _fact(self, fact: Term, line: int) -> None:
        if fact.head == "task":
            return self._worded(fact, line)
        if fact.head == "given" or (fact.head == "rel" and fact.data == "indep"):
            return self._independent(fact, line)
        if fact.head == "chain":
            return self._chain(fact, line)
        if fact.data == "~":
            return self._law(fact, line, iid=False, index=None, size=None)
        if fact.data in ("=", ":="):
            return self._equation(fact, line)
        return None

    def _worded(self, fact: Term, line: int) -> None:
        """`… iid`, `… for i = 1, …, n`, `A, B independent`, `… partition`, `… markov`."""
        kind, inner = str(fact.data), fact.args[0]
        index, size, iid = None, None, kind == "iid"
        while inner.head == "task" and inner.data in ("iid", "for-each"):
            iid = iid or inner.data == "iid"
            inner, fact = inner.args[0], inner if inner.data == "for-each" else fact
        if fact.data == "for-each":
            index, size, words = range_of(fact.args[1])
            iid = iid or "iid" in words
        if inner.head == "rel" and inner.data == "~":
            return self._law(inner, line, iid=iid, index=index, size=size)
        subject, given = split_given(inner)
        members = subject.args if subject.head == "list" else (subject,)
        if kind == "iid" or any(m.head == "dots" for m in members):
            found = subject_of(subject)
            if found.base is not None:
                known = self.samples.get(found.base)
                if kind in ("iid", "independent") and known is None:
                    self.samples[found.base] = Sample(found.base, found.size, given=given, iid=kind == "iid", line=line)
                self.independences.append(Independence((members,), given, kind, line))
                return None
        if kind == "iid":
            for member in members:
                self._known(member, line)
        self.independences.append(Independence(tuple((m,) for m in members), given, kind, line))
        return None

    def _independent(self, fact: Term, line: int) -> None:
        relation, given = (fact.args[0], _listed(fact.args[1])) if fact.head == "given" else (fact, ())
        if relation.head == "rel" and relation.data == "indep":
            groups = tuple(_listed(a) for a in relation.args)
            self.independences.append(Independence(groups, given, "independent", line))
        elif relation.head == "chain" and set(relation.data) == {"indep"}:
            self.independences.append(Independence(tuple(_listed(a) for a in relation.args), given, "independent", line))

    def _chain(self, fact: Term, line: int) -> None:
        if all(sign == "=" for sign in fact.data):
            for part in fact.args[:-1]:
                self._equation(Term("rel", (part, fact.args[-1]), "=", fact.span), line)
        elif all(sign == "indep" for sign in fact.data):
            self.independences.append(Independence(tuple(_listed(a) for a in fact.args), (), "independent", line))

    def _equation(self, fact: Term, line: int) -> None:
        left, value = fact.args
        if left.head != "probability" and value.head == "probability":
            left, value = value, left
        if left.head != "probability" or left.data not in (*_OPERATORS, "P"):
            if any(n.head == "probability" and n.data == "P" for n in fact.walk()):
                self.events.append(EventFact(None, None, value, fact, line))
            elif any(n.head == "probability" for n in fact.walk()):
                self.moments.append(MomentFact("equation", (left,), value, (), line))
            return
        subject, given = split_given(left.args[0])
        if left.data == "P":
            condition = given[0] if len(given) == 1 else Term("list", given) if given else None
            event = subject if len(left.args) == 1 else Term("list", (subject, *left.args[1:]))
            self.events.append(EventFact(event, condition, value, None, line))
            return
        last, also = split_given(left.args[-1])
        arguments = (*left.args[:-1], last) if len(left.args) > 1 else _listed(subject)
        self.moments.append(MomentFact(str(left.data), arguments, value, (*given, *also) if len(left.args) > 1 else given, line))
        for argument in arguments:
            self._known(argument, line)
            for node in argument.walk() if argument.head != "name" else ():
                if node.head == "name" and node.data.base in _CAPITALS and node.data not in self.scope.declarations:
                    self._known(node, line)

    def _known(self, term: Term, line: int) -> None:
        """A name of which something is said as of a random variable is one."""
        if term.head == "name" and term.data not in self.variables and term.data not in self.definitions:
            sample = self.samples.get(term.data._replace(sub="")) if term.data.sub else None
            if sample is None and term.data not in self.samples:
                self.variables[term.data] = self._variable(term.data, line=line)

    def _variable(self, name: Name, **also: Any) -> Variable:
        kind = self.types.get(name)
        declared = self.scope.declarations
        family = (d for n, d in declared.items() if name.sub and n.sub in _RUNNING and n == name._replace(sub=n.sub))
        said = declared.get(name) or next(family, None)
        values = said.type.values if said is not None else ()
        return Variable(name, symbol(name, kind), shape=kind.shape if kind is not None else (), values=values, **also)

    # ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _law(self, relation: Term, line: int, *, iid: bool, index: Name | None, size: Term | None) -> None:
        subject, given = split_given(relation.args[0])
        law_term = relation.args[1]
        law = self._distribution(law_term)
        found = subject_of(subject, index)
        if found.base is not None:
            return self._sample(found, law, law_term, given, line, iid=iid, size=size)
        members = columns(subject)
        if members is not None and len(members) > 1:
            return self._joint(members, law, law_term, given, line)
        for name, value in self._single(subject):
            self._declare(name, value, law, law_term, given, line)
        if subject.head == "list" and iid:
            self.independences.append(Independence(tuple((a,) for a in subject.args), given, "iid", line))
        return None

    def _distribution(self, term: Term) -> Distribution | None:
        """The law that was written, or that a name stands for; None for a name of which nothing is known."""
        if term.head == "name" and term.data in self.laws:
            found = _law_of(self.laws[term.data].body)
            return None if found is None else distribution(_expanded(found, self.scope), self.types)
        return distribution(_expanded(term, self.scope), self.types) if term.head == "dist" else None

    def _single(self, subject: Term) -> Iterable[tuple[Name, Any]]:
        """The names that one law is declared for; σ² is a variable of its own, σ² on paper."""
        for member in subject.args if subject.head == "list" else (subject,):
            if member.head == "name":
                yield member.data, symbol(member.data, self.types.get(member.data))
            elif member.head == "pow" and member.args[0].head == "name" and member.args[1].head == "number":
                yield member.args[0].data._replace(sup=str(member.args[1].data)), to_sympy(member, self.types)
            elif member.head == "index":
                yield Name.from_key(plain(member)), to_sympy(member, self.types)
            else:
                raise SyntaxProblem(f"{plain(member)} cannot have a law: a name is expected", expected=("X ~ …",))

    def _declare(self, name: Name, value: Any, law: Distribution | None, law_term: Term, given: tuple[Term, ...], line: int) -> None:
        known = self.variables.get(name)
        conditions = tuple(g for g in given if g.head == "rel")
        if conditions and law is not None:
            base = known or self._variable(name, line=line)
            case = (conditions[0] if len(conditions) == 1 else Term("and", conditions), law)
            cases = (*(c for c in base.cases if c[0] != case[0]), case)
            others = tuple(g for g in given if g.head != "rel")
            self.variables[name] = replace(base, symbol=value, cases=cases, given=others or base.given, line=line)
            return
        fresh = self._variable(name, line=line)
        self.variables[name] = replace(fresh, symbol=value, law=law, given=given, law_term=law_term)

    def _sample(
        self, found: Subject, law: Distribution | None, law_term: Term, given: tuple[Term, ...], line: int, *, iid: bool, size: Term | None
    ) -> None:
        assert found.base is not None
        varies = found.running is not None and any(n.head == "name" and n.data == found.running for n in law_term.walk())
        self.samples[found.base] = Sample(
            found.base, found.size if found.size is not None else size, law, given, law_term, found.running, iid or not varies, line
        )

    def _joint(self, members: tuple[Name, ...], law: Distribution | None, law_term: Term, given: tuple[Term, ...], line: int) -> None:
        if law is None:
            return
        self.joints.append(Joint(members, law, given, law_term, line))
        for place, name in enumerate(members):
            own = self._marginal(law, place, len(members))
            self.variables[name] = self._variable(name, law=own, given=given, law_term=law_term, line=line)

    def _marginal(self, law: Distribution, place: int, count: int) -> Distribution | None:
        """The law of one scalar member of a joint one."""
        if "covariance" in law.parameters:
            means, spread = entries(law.parameters["mean"]), law.parameters["covariance"]
            if means is None or len(means) != count or spread.head != "matrix" or spread.data != (count, count):
                return None
            variance = spread.args[place * count + place]
            names = [n.data for part in (means[place], variance) for n in part.walk() if n.head == "name"]
            if any(n in self.types and self.types[n].shape for n in names):
                return None
            return distribution(Term("dist", (means[place], variance), "Normal"), self.types)
        shares = entries(law.parameters.get("p"))
        if law.name == "Multinomial" and shares is not None and len(shares) == count:
            trials = law.parameters["n"]
            from derive.expressions.from_sympy import from_sympy

            return distribution(Term("dist", (from_sympy(trials), shares[place]), "Binomial"), self.types)
        return None

    # ── the rest ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _mgf(self, name: Name, definition: Definition) -> None:
        """`M_X(t) = …` of a variable X."""
        if name.base != "M" or not name.sub or len(definition.parameters) != 1:
            return
        variable = Term("name", (), Name.from_key(name.sub))
        argument = Term("name", (), definition.parameters[0])
        self.moments.append(MomentFact("MGF", (variable, argument), definition.body, (), definition.line))
        self._known(variable, definition.line)

    def _twins(self) -> None:
        """What is said of one of X, Y iid is said of the other."""
        stated = {(f.operator, f.arguments, f.given) for f in self.moments}
        for independence in self.independences:
            members = [g[0] for g in independence.groups if independence.kind == "iid" and len(g) == 1 and g[0].head == "name"]
            for fact in list(self.moments):
                if len(members) == len(independence.groups) and len(fact.arguments) == 1 and fact.arguments[0] in members:
                    for other in members:
                        if (fact.operator, (other,), fact.given) not in stated:
                            stated.add((fact.operator, (other,), fact.given))
                            self.moments.append(replace(fact, arguments=(other,)))

    def _supports(self) -> None:
        """Names with a declared finite support, and names that events compare with values, are variables."""
        for name, declaration in self.scope.declarations.items():
            if declaration.type.values and name not in self.variables and not declaration.type.shape:
                self.variables[name] = self._variable(name, line=declaration.line)
        for fact in self.events:
            for part in (fact.event, fact.given, fact.equation):
                for node in part.walk() if part is not None else ():
                    if node.head == "rel" and node.args[0].head == "name" and node.data in ("=", "<", "<=", ">", ">="):
                        self._known(node.args[0], fact.line)
        for independence in self.independences:
            for group in independence.groups:
                for member in group:
                    if member.head == "name" and self.types.get(member.data, Type()).domain == "random":
                        self._known(member, independence.line)

    def _sizes(self) -> None:
        """A sample without a stated size has as many members as the line sums over or lists: n of sum_{i=1}^n m_i w_i, of m_1, …, m_n."""
        for base, sample in self.samples.items():
            if sample.size is not None:
                continue
            ends = {n.args[3] for n in self.reading.expanded.walk() if _runs_over(n, base)} | _listed_ends(self.reading.expanded, base)
            if len(ends) == 1:
                (size,) = ends
                if not any(n.head == "name" and (n.data in self.variables or n.data in self.samples) for n in size.walk()):
                    self.samples[base] = replace(sample, size=size)

    def _ranges(self) -> None:
        """What is declared of a member, X_i in [a, b], is the range of all members of a sample."""
        for base in self.samples:
            said = (
                d.type
                for n, d in self.scope.declarations.items()
                if n == base or (n == base._replace(sub=n.sub) and n.sub in _RUNNING_INDICES)
            )
            kind = next((t for t in said if t.lower is not None or t.upper is not None), None)
            known = self.types.get(base, Type("random"))
            if kind is not None and known.lower is None and known.upper is None:
                self.types = {**self.types, base: replace(known, lower=kind.lower, upper=kind.upper)}

    def _is_chance(self, body: Term) -> bool:
        """Whether random names occur in the body, through definitions too."""
        for node in _expanded(body, self.scope).walk():
            if node.head != "name":
                continue
            sample = node.data._replace(sub="") if node.data.sub else node.data
            if node.data in self.variables or sample in self.samples:
                return True
        return False


def _runs_over(node: Term, base: Name) -> bool:
    """Whether the term is a sum or a product from 1 on over members of the sample."""
    if node.head not in ("sum", "prod") or node.data != "range" or len(node.args) != 4 or node.args[2] != number(1):
        return False
    member = Term("name", (), base._replace(sub=node.args[1].data.key)) if node.args[1].head == "name" else None
    inside = list(node.args[0].walk())
    return member in inside or any(n.head == "index" and n.args[0] == Term("name", (), base) and node.args[1] in n.args[1:] for n in inside)


def _listed_ends(term: Term, base: Name) -> set[Term]:
    """Where lists x_1, …, x_n of members of the sample end: n."""
    found: set[Term] = set()
    for node in term.walk():
        for first, dots, last in zip(node.args, node.args[1:], node.args[2:], strict=False):
            members = dots.head == "dots" and all(t.head == "name" and t.data == base._replace(sub=t.data.sub) for t in (first, last))
            if members and first.data.sub == "1" and last.data.sub.isidentifier():
                found.add(Term("name", (), Name(last.data.sub)))
    return found


def _split(fact: Term) -> Term:
    """A fact without the brackets of a statement around it."""
    return fact.args[0] if fact.head in ("tuple", "list") and len(fact.args) == 1 else fact


def _expanded(term: Term, scope: Scope) -> Term:
    return expand(term, scope)


def _law_of(body: Term) -> Term | None:
    """The distribution that a definition names: Normal(m, v), 𝒩(x; m, v)."""
    if body.head == "dist":
        return body
    if body.head == "probability" and body.data == "p" and body.args[-1].head == "dist":
        return body.args[-1]
    return None


def _listed(term: Term) -> tuple[Term, ...]:
    return term.args if term.head in ("list", "tuple") else (term,)
