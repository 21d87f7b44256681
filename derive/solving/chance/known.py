"""What is known about chance on a line, asked for with SymPy expressions: who is random, with which law, moments, independence.

In: a Model and the expression that was asked about. Out: `Known`. Random atoms are symbols, members of samples (`Indexed`), and applied
functions under a hat. Nothing is assumed that was not declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy import S
from sympy.core.function import AppliedUndef

from derive.derivation import Prose
from derive.expressions.chance import Chance, Expectation, StandardDeviation, Variance
from derive.expressions.elementary import exp
from derive.expressions.term import Name, Term
from derive.expressions.to_sympy import to_sympy
from derive.probability.family import Distribution
from derive.probability.laws import entries
from derive.probability.model import Joint, Model, MomentFact, Sample
from derive.solving.chance.atoms import as_member, owner, symbols_of
from derive.solving.chance.independence import Independences
from derive.solving.chance.vector_entries import component_law

__all__ = ["Known", "as_member", "outermost", "owner", "symbols_of"]

_CAPITALS = frozenset("XYZUVW")
_SMALL = frozenset(("x", "y", "z", "u", "v", "w", "epsilon", "varepsilon", "xi", "eta"))
MEMBER = sp.Dummy("i", integer=True, positive=True)  # stands for the index of any member of a sample


def outermost(expression: Any) -> list[Any]:
    """The nodes of chance that stand in no other."""
    found: list[Any] = []
    walk = sp.preorder_traversal(expression)
    for node in walk:
        if isinstance(node, Chance):
            found.append(node)
            walk.skip()
    return found


class Known(Independences):
    """The model of a line, as one expression sees it."""

    def __init__(self, model: Model, expression: Any = S.Zero) -> None:
        self.model = model
        self.types = model.types
        self.notes: list[Prose] = []
        self._symbols = {v.symbol: v for v in model.variables.values() if v.symbol.is_Symbol and not v.shape}
        self._roots = {next(iter(v.symbol.free_symbols)): v for v in model.variables.values() if not v.symbol.is_Symbol}
        self._bare = self._bare_names(expression)
        self.moments: dict[Any, Any] = {}
        self.conditional: dict[Any, Any] = {}
        for fact in model.moments:
            self._take(fact)

    # ── who is random ────────────────────────────────────────────────────────────────────────────────────────────────

    def _bare_names(self, expression: Any) -> set[Any]:
        """Names of which nothing was said, and which are random all the same: X, Y, θ̂ inside an expectation."""
        inside: set[Any] = set()
        for node in expression.atoms(Chance) if isinstance(expression, sp.Basic) else ():
            for part in node.operands:
                inside |= part.free_symbols | part.atoms(AppliedUndef)
            inside |= {c for c in node.conditions if c.is_Symbol}
        unknown = {a for a in inside if isinstance(a, (sp.Symbol, AppliedUndef)) and not self._is_declared(a)}
        found = {a for a in unknown if "hat" in owner(a).accents or owner(a).base.endswith("hat") or self._is_capital(a)}
        conditions = (
            {c for n in expression.atoms(Chance) for c in n.conditions if c.is_Symbol} if isinstance(expression, sp.Basic) else set()
        )
        found |= conditions & unknown
        known = any(self.is_random(a) for a in inside)
        if not found and not known:
            found = {a for a in unknown if owner(a).base in _SMALL} or {a for a in unknown if isinstance(a, sp.Symbol)}
        if found and not known:
            listed: list[Any] = []
            for position, atom in enumerate(sorted(found, key=str)):
                listed += [", " if position else "", atom]
            rest = sorted((a for a in unknown - found if isinstance(a, sp.Symbol)), key=str)
            said: list[Any] = [*listed, " is random" if len(found) == 1 else " are random"]
            for position, atom in enumerate(rest):
                said += [", " if position else "; ", atom]
            if rest:
                said.append(" is a constant" if len(rest) == 1 else " are constants")
            self.notes.append(tuple(said))
        elif known:
            self._say_constants(unknown - found)
        return found

    def _say_constants(self, unknown: set[Any]) -> None:
        """Capitals that nothing declares beside what is random, and that no law names: that they are constants is a choice."""
        laws = [s.law_term for s in (*self.model.sources, *self.model.joints) if s.law_term is not None]
        said = [t for law in (*laws, *(m.value for m in self.model.moments)) for t in law.walk() if t.head == "name"]
        named = {t.data for t in said}
        for atom in sorted((a for a in unknown if isinstance(a, sp.Symbol)), key=str):
            if len(owner(atom).base) == 1 and owner(atom).base.isupper() and owner(atom) not in named:
                self.notes.append((atom, " is a constant: nothing says that it is random"))

    @property
    def bare(self) -> set[Any]:
        """The atoms of which nothing was said."""
        return self._bare

    def _is_declared(self, atom: Any) -> bool:
        name = owner(atom)
        if isinstance(atom, sp.Symbol) and (atom in self._symbols or atom in self._roots):
            return True
        if name in self.model.samples:
            return True
        kind = self.types.get(name)
        return kind is not None and (kind.domain not in ("random", "real") or kind.lower is not None or kind.upper is not None)

    @staticmethod
    def _is_capital(atom: Any) -> bool:
        name = owner(atom)
        return isinstance(atom, sp.Symbol) and name.base in _CAPITALS and not name.accents and not name.sup

    def is_random(self, atom: Any) -> bool:
        """Whether the atom is a random variable or a member of a sample."""
        if isinstance(atom, sp.Indexed):
            name = owner(atom)
            return name in self.model.samples or (name in self.model.variables and bool(self.model.variables[name].shape))
        if isinstance(atom, sp.Symbol):
            return atom in self._symbols or atom in self._roots or atom in getattr(self, "_bare", ())
        return isinstance(atom, AppliedUndef) and atom in getattr(self, "_bare", ())

    def atoms(self, expression: Any) -> set[Any]:
        """The random atoms in the expression; x_i under a sum counts as itself."""
        if not isinstance(expression, sp.Basic):
            return set()
        if expression.has(Chance):  # E[X | Y] is a function of Y, E[X] a number
            inner = outermost(expression)
            conditions = {a for n in inner for c in n.conditions for a in self.atoms(c)}
            return conditions | self.atoms(expression.xreplace({n: sp.Dummy() for n in inner}))
        found = {a for a in expression.atoms(sp.Symbol, sp.Indexed, AppliedUndef) if self.is_random(a)}
        hidden = {s for a in found if isinstance(a, AppliedUndef) for s in a.free_symbols}
        return found - hidden

    def is_tabulated(self, atom: Any) -> bool:
        """Whether facts about events compare the variable with values."""
        name = Term("name", (), owner(atom))
        parts = [p for f in self.model.events for p in (f.event, f.given, f.equation) if p is not None]
        return any(n.head == "rel" and n.args[0] == name for p in parts for n in p.walk())

    def is_bare(self, atom: Any) -> bool:
        """Whether nothing at all is known of the atom: then identities between its moments are the answer."""
        if atom in self._bare and not any(atom in n.free_symbols or atom in n.atoms(AppliedUndef) for n in self.moments):
            return True
        if isinstance(atom, sp.Symbol) and atom in self._symbols:
            variable = self._symbols[atom]
            said = any(atom in n.free_symbols for n in (*self.moments, *self.conditional))
            joint = any(variable.name in j.members for j in self.model.joints) or self.is_tabulated(atom)
            return variable.law is None and not variable.cases and not joint and not said
        if isinstance(atom, sp.Indexed):
            sample = self.model.samples.get(owner(atom)) or self.model.variables[owner(atom)]
            label = atom.base.label
            return sample.law is None and not any(label in n.free_symbols for n in (*self.moments, *self.conditional))
        return False

    # ── laws ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def law(self, atom: Any) -> Distribution | None:
        """The declared law of the atom, conditional on what its parameters hold."""
        if isinstance(atom, sp.Indexed):
            sample = self.model.samples.get(owner(atom))
            if sample is None:
                return component_law(self.model.variables[owner(atom)].law, atom, self.types)
            return None if sample.law is None else self._at_index(sample, sample.law, atom)
        variable = self._symbols.get(atom)
        return variable.law if variable is not None else None

    @staticmethod
    def _at_index(sample: Sample, law: Distribution, atom: Any) -> Distribution:
        if sample.index is None or len(atom.indices) != 1:
            return law
        index = next((s for s in symbols_of(law) if isinstance(s, sp.Symbol) and s.name == sample.index.key), None)
        if index is None:
            return law
        values = {k: v.xreplace({index: atom.indices[0]}) if isinstance(v, sp.Basic) else v for k, v in law.parameters.items()}
        return Distribution(law.family, values)

    def cases(self, atom: Any) -> tuple[tuple[Term, Distribution], ...]:
        """The laws that hold where another variable has a value."""
        variable = self._symbols.get(atom)
        return variable.cases if variable is not None else ()

    def parents(self, atom: Any) -> set[Any]:
        """The random atoms that the law of the atom is conditional on."""
        law = self.law(atom)
        found = set() if law is None else {s for s in symbols_of(law) if isinstance(s, sp.Symbol) and self.is_random(s)}
        for v in law.values if law is not None else ():
            found |= self.atoms(v)
        given = self._given(atom)
        for term in given:
            if term.head != "rel":
                found |= self.atoms(to_sympy(as_member(term, self.model), self.types))
        for condition, _ in self.cases(atom):
            found |= self.atoms(to_sympy(condition, self.types))
        return found - {atom}

    def _given(self, atom: Any) -> tuple[Term, ...]:
        if isinstance(atom, sp.Indexed):
            source = self.model.samples.get(owner(atom)) or self.model.variables[owner(atom)]
            return source.given
        variable = self._symbols.get(atom)
        return variable.given if variable is not None else ()

    def joint(self, *atoms: Any) -> Joint | None:
        """The declared joint law of scalar variables that all of the atoms belong to."""
        names = {owner(a) for a in atoms if isinstance(a, sp.Symbol)}
        if len(names) != len(atoms):
            return None
        return next((j for j in self.model.joints if names <= set(j.members)), None)

    def joint_entry(self, joint: Joint, left: Any, right: Any) -> Any:
        """Cov(left, right) under a joint law; None where the law does not write it out."""
        first, second = joint.members.index(owner(left)), joint.members.index(owner(right))
        count = len(joint.members)
        spread = joint.law.parameters.get("covariance")
        if isinstance(spread, Term) and spread.head == "matrix" and spread.data == (count, count):
            return to_sympy(spread.args[first * count + second], self.types)
        shares = entries(joint.law.parameters.get("p"))
        if shares is not None and joint.law.name == "Multinomial":
            p, q = (to_sympy(shares[k], self.types) for k in (first, second))
            trials = joint.law.parameters["n"]
            return trials * p * (1 - p) if first == second else -trials * p * q
        alphas = entries(joint.law.parameters.get("alpha"))
        if alphas is not None:
            values = [to_sympy(a, self.types) for a in alphas]
            total = sp.Add(*values)
            a, b = values[first], values[second]
            return (a * (total - a) if first == second else -a * b) / (total**2 * (total + 1))
        return None

    # ── moments that were stated ─────────────────────────────────────────────────────────────────────────────────────

    def _take(self, fact: MomentFact) -> None:
        terms = [as_member(a, self.model) for a in (*fact.arguments, *fact.given)]
        if any(self._is_array(t) for t in terms):
            return
        if fact.operator == "equation":
            return
        if fact.operator == "MGF":
            variable, argument = (to_sympy(t, self.types) for t in terms[:2])
            self._store(Expectation(exp(argument * variable)), to_sympy(fact.value, self.types), ())
            return
        inside = terms[: len(fact.arguments)]
        if len(terms) > len(inside):
            condition = Term("list", tuple(terms[len(inside) :])) if len(terms) > len(inside) + 1 else terms[-1]
            inside[-1] = Term("given", (inside[-1], condition))
        node = to_sympy(Term("probability", tuple(inside), fact.operator), self.types)
        given = node.conditions
        index = next((a.data.sub for a in fact.arguments if a.head == "name" and self.model.sample_of(a.data) is not None), "")
        value = to_sympy(_over(fact.value, index), self.types)
        if isinstance(node, StandardDeviation):
            node, value = Variance(*node.args), value**2
        self._store(node, value, given)

    def _is_array(self, term: Term) -> bool:
        return any(n.head == "name" and len(self._shape(n.data)) > (n.data in self.model.samples) for n in term.walk()) or term.has(
            "transpose"
        )

    def _shape(self, name: Name) -> tuple[Term, ...]:
        kind = self.types.get(name)
        return kind.shape if kind is not None else ()

    def _store(self, node: Any, value: Any, given: tuple[Any, ...]) -> None:
        node, value = self._canonical(node, value)
        table = self.conditional if given else self.moments
        table[node] = value
        atoms = self.atoms(node.operands[0]) if len(node.operands) == 1 else set()
        for twin in self.twins(next(iter(atoms))) if len(atoms) == 1 else ():
            table.setdefault(node.xreplace({next(iter(atoms)): twin}), value)

    def twins(self, atom: Any) -> set[Any]:
        """The variables that are declared to have the same law: X, Y iid."""
        found: set[Any] = set()
        for fact in self.model.independences:
            if fact.kind == "iid":
                members = {
                    self.model.variables[n].symbol for g in fact.groups for t in g if (n := self._owner_of(t)) in self.model.variables
                }
                found |= members if atom in members else set()
        return found - {atom}

    def _canonical(self, node: Any, value: Any = S.Zero) -> tuple[Any, Any]:
        """What is said of x_i, or of x_1 in an iid sample, is said of any member."""
        members = {a for a in node.atoms(sp.Indexed) if owner(a) in self.model.samples and len(a.indices) == 1}
        indices = {a.indices[0] for a in members}
        if len(indices) != 1:
            return node, value
        index = next(iter(indices))
        iid = all(self.model.samples[owner(a)].iid for a in members)
        if not (index.is_Symbol or (iid and len(members) == 1)):
            return node, value
        table = {a: a.base[MEMBER] for a in members}
        changed = value.xreplace({index: MEMBER}) if index.is_Symbol else value
        return node.xreplace(table), changed

    def stated(self, node: Any) -> Any:
        """The value that a fact gives the node; None where none does."""
        table = self.conditional if node.conditions else self.moments
        if not table:
            return None
        found = table.get(node)
        if found is not None:
            return found
        members = {a for a in node.atoms(sp.Indexed) if owner(a) in self.model.samples and len(a.indices) == 1}
        indices = {a.indices[0] for a in members}
        if len(indices) == 1:
            index = next(iter(indices))
            found = table.get(node.xreplace({a: a.base[MEMBER] for a in members}))
            if found is not None:
                return found.xreplace({MEMBER: index})
        if len(node.operands) == 2:
            swapped = type(node).of(*reversed(node.operands), given=node.conditions)
            return table.get(swapped)
        return None

    def mgf(self, atom: Any) -> tuple[Any, Any] | None:
        """M(t) as it was stated for the atom: (t, M(t))."""
        for node, value in self.moments.items():
            body = node.operands[0] if isinstance(node, Expectation) else None
            if isinstance(body, sp.exp) and atom in body.free_symbols:
                rest = body.args[0] / atom
                if rest.is_Symbol:
                    return rest, value
        return None

    def values(self, atom: Any) -> Mapping[Any, Any] | None:
        """Value → probability, for a variable of which a finite law is stated: Bernoulli, Categorical, facts P(Z = z)."""
        law = self.law(atom)
        if law is not None and law.name == "Bernoulli":
            (p,) = law.values
            return {S.One: p, S.Zero: 1 - p}
        if law is not None and law.name == "Categorical":
            listed = entries(law.values[0])
            return None if listed is None else {sp.Integer(k): to_sympy(e, self.types) for k, e in enumerate(listed, 1)}
        found: dict[Any, Any] = {}
        for fact in self.model.events:
            event = fact.event
            if event is not None and fact.given is None and event.head == "rel" and event.data == "=":
                left, right = (to_sympy(t, self.types) for t in event.args)
                if left == atom:
                    found[right] = to_sympy(fact.value, self.types)
        return found or None


def _over(term: Term, index: str) -> Term:
    """mu_i beside x_i is an entry of an array."""
    if not index or index.isdigit():
        return term

    def change(node: Term) -> Term:
        if node.head == "name" and node.data.sub == index:
            return Term("index", (Term("name", (), node.data._replace(sub="")), Term("name", (), Name.from_key(index))), None, node.span)
        return node

    return term.transform(change)
