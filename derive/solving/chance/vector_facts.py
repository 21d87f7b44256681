"""Means and covariances of random vectors as the line has them, and linear forms of them.

In: a model, and terms over vectors. Out: terms. A mean or a covariance of which nothing is said stays as E[x] or Cov(x) where nothing at
all is said of x, and is refused by name where something is.
"""

from __future__ import annotations

import sympy as sp

from derive.derivation import Prose
from derive.errors import DoesNotExist, Undetermined
from derive.expressions.from_sympy import from_sympy
from derive.expressions.plain import plain
from derive.expressions.term import Name, Term, number
from derive.meaning.inference import shape_of
from derive.probability.model import Model, Variable
from derive.solving.chance.vector_terms import ONE, ZERO, added, inverted, is_zero, negated, product, sized, trace, transposed

__all__ = ["VectorFacts"]


class VectorFacts:
    """What is known about the random vectors of one line."""

    def __init__(self, model: Model, term: Term) -> None:
        self.model = model
        self.notes: list[Prose] = []
        self.assumed: list[Prose] = []
        self._values: dict[Term, Term] = {}
        self._absent: set[Term] = set()
        self._names = {n for n in model.variables} | {n for n in model.samples}
        self._said = {n.data for f in model.moments for a in f.arguments for n in a.walk() if n.head == "name"}
        if not any(n.head == "name" and n.data in self._names for n in term.walk()):
            self._names |= self._guessed(term)
        self.symmetric: set[Term] = {
            Term("name", (), n) for n, k in model.types.items() if "symmetric" in k.properties or "diagonal" in k.properties
        }
        self._facts()

    def _guessed(self, term: Term) -> set[Name]:
        """Nothing is declared random: the vectors named x, y, z are."""
        names = [n.data for n in term.walk() if n.head == "name" and len(self._shape(n.data)) == 1]
        chosen = [n for n in names if n.base in ("x", "y", "z", "X", "Y", "Z", "r")] or names[-1:]
        if chosen:
            listed: list[object] = []
            for k, n in enumerate(dict.fromkeys(chosen)):
                listed += [", " if k else "", Term("name", (), n)]
            self.notes.append((*listed, " is random" if len(set(chosen)) == 1 else " are random"))
        return set(chosen)

    def _shape(self, name: Name) -> tuple[Term, ...]:
        kind = self.model.types.get(name)
        return kind.shape if kind is not None else ()

    def _facts(self) -> None:
        """Stated moments, and those of declared laws, by the node that they are the value of."""
        for fact in self.model.moments:
            if fact.operator in ("E", "Cov", "Var") and not fact.given:
                operator = "Cov" if fact.operator == "Var" else fact.operator
                shape = self._shape(fact.arguments[0].data) if fact.arguments[0].head == "name" else ()
                self._values[Term("probability", fact.arguments, operator)] = sized(fact.value, shape)
                if len(fact.arguments) == 1 and operator == "Cov" and fact.value.head == "name":
                    self.symmetric.add(fact.value)
                if len(fact.arguments) == 2:
                    back = Term("probability", fact.arguments[::-1], operator)
                    self._values.setdefault(back, transposed(fact.value, self.symmetric))
        for variable in self.model.variables.values():
            if variable.law is None or variable.given:
                continue
            if "covariance" not in variable.law.parameters:
                self._scalar_law(variable)
                continue
            name = Term("name", (), variable.name)
            mean, cov = variable.law.parameters["mean"], sized(variable.law.parameters["covariance"], self._shape(variable.name))
            self._values.setdefault(Term("probability", (name,), "E"), mean)
            self._values.setdefault(Term("probability", (name,), "Cov"), cov)
            if cov.head == "name":
                self.symmetric.add(cov)
            if (variable.law.family.says,) not in self.notes:
                self.notes.append((variable.law.family.says,))
        for joint in self.model.joints:
            self._blocks(joint.members, joint.law.parameters.get("mean"), joint.law.parameters.get("covariance"))

    def _scalar_law(self, variable: Variable) -> None:
        """Mean and variance of a number with a law, the noise beside wᵀx, where they exist."""
        law = variable.law
        if law is None or variable.shape or not all(isinstance(v, sp.Expr) for v in law.values):
            return
        name = Term("name", (), variable.name)
        for order, operator, formula in ((1, "E", law.family.mean), (2, "Cov", law.family.variance)):
            exists = law.family.moment_exists(order, *law.values) if law.family.moment_exists is not None else None
            if exists in (False, sp.false):
                self._absent.add(Term("probability", (name,), operator))
            value = formula(*law.values) if formula is not None and exists in (True, sp.true) else None
            if isinstance(value, sp.Expr):
                self._values.setdefault(Term("probability", (name,), operator), from_sympy(value, self.model.types))

    def _blocks(self, members: tuple[Name, ...], mean: Term | None, spread: Term | None) -> None:
        count = len(members)
        if mean is None or spread is None or spread.head != "matrix" or spread.data != (count, count) or len(mean.args) != count:
            return
        names = [Term("name", (), n) for n in members]
        for k, name in enumerate(names):
            self._values.setdefault(Term("probability", (name,), "E"), mean.args[k])
            for j, other in enumerate(names):
                arguments = (name,) if j == k else (name, other)
                self._values.setdefault(Term("probability", arguments, "Cov"), spread.args[k * count + j])

    # ── who is random, what is linear ────────────────────────────────────────────────────────────────────────────────

    def random(self, term: Term) -> bool:
        """Whether a random name stands in the term (outside of moments)."""
        if term.head == "probability":
            return False
        if term.head == "name":
            return term.data in self._names
        return any(self.random(a) for a in term.args)

    def scalars(self, term: Term) -> set[Term]:
        """The scalar names and parts in the term."""
        return {n for n in term.walk() if n.head in ("name", "div", "pow", "sqrt", "index") and self.rank(n) == 0 and not self.random(n)}

    def rank(self, term: Term) -> int:
        """The number of axes."""
        if term.head == "name":
            return len(self._shape(term.data))
        return len(shape_of(term, self.model.types))

    def is_scalar(self, term: Term) -> bool:
        """Whether the term is a number: x of a scalar variable, aᵀx."""
        return not self.is_row(term) and self.rank(term) == 0

    def is_row(self, term: Term) -> bool:
        """Whether the term is a transposed vector, perhaps times matrices."""
        if term.head == "transpose":
            return self.rank(term.args[0]) == 1
        if term.head == "neg":
            return self.is_row(term.args[0])
        if term.head == "add":
            return self.is_row(term.args[0])
        if term.head == "mul":
            parts = [a for a in term.args if self.rank(a) or self.is_row(a)]
            return bool(parts) and self.is_row(parts[0]) and not any(self.rank(p) == 1 and not self.is_row(p) for p in parts[1:])
        return False

    def is_linear(self, term: Term) -> bool:
        """Whether the term is affine in the random vectors."""
        if not self.random(term) or term.head == "name":
            return True
        if term.head in ("add", "neg", "transpose"):
            return all(self.is_linear(a) for a in term.args)
        if term.head == "mul":
            inside = [a for a in term.args if self.random(a)]
            return len(inside) == 1 and self.is_linear(inside[0])
        if term.head == "div":
            return not self.random(term.args[1]) and self.is_linear(term.args[0])
        return term.head == "apply" and term.data == "tr" and self.is_linear(term.args[0])

    def written(self, term: Term) -> Term:
        """‖v‖² as vᵀv, inner products as products."""

        def change(node: Term) -> Term:
            if node.head == "pow" and node.args[0].head == "norm" and node.args[0].data == "2" and node.args[1] == number(2):
                inner = node.args[0].args[0]
                return Term("mul", (self._turned(inner), inner))
            if node.head == "inner":
                return Term("mul", (self._turned(node.args[0]), node.args[1]))
            if node.head == "transpose" and node.args[0].head == "mul":
                return transposed(node.args[0], self.symmetric)
            return node

        changed = term.transform(change)
        if changed.head == "mul" and any(a.head == "mul" for a in changed.args):
            changed = Term("mul", tuple(b for a in changed.args for b in (a.args if a.head == "mul" else (a,))))
        return changed

    def _turned(self, term: Term) -> Term:
        return Term("transpose", (term,)) if term.head in ("add", "neg") else transposed(term, self.symmetric)

    # ── laws given other vectors ─────────────────────────────────────────────────────────────────────────────────────

    def given_others(self, term: Term) -> dict[Term, tuple[Term, Term]]:
        """The vectors of the term whose law is conditional on other vectors, with its mean and its covariance."""
        found = {}
        for name in dict.fromkeys(n for n in term.walk() if n.head == "name"):
            variable = self.model.variables.get(name.data)
            law = variable.law if variable is not None and variable.given else None
            if law is None or "covariance" not in law.parameters or Term("probability", (name,), "E") in self._values:
                continue
            mean, spread = law.parameters["mean"], sized(law.parameters["covariance"], self._shape(name.data))
            if self.is_linear(mean) and not self.random(spread):
                found[name] = (mean, spread)
        return found

    def spread_of(self, left: Term, right: Term, name: Term, spread: Term) -> Term:
        """A R Bᵀ of A y + … and B y + …, where R is the covariance of y."""
        found = []
        for before, x, after in self.parts(left):
            for other, y, beyond in self.parts(right):
                if x == y == name:
                    scalars = self.scalars(Term("list", (*before, *after, *other, *beyond, spread)))
                    turned = [transposed(f, self.symmetric) for f in (*reversed(other),)]
                    rest = [transposed(f, self.symmetric) for f in reversed(beyond)]
                    found.append(product([*before, spread, *turned, *after, *rest], scalars))
        return added(found)

    # ── moments ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def mean(self, term: Term) -> Term:
        """E of an affine term: the means in the place of the vectors."""
        if not self.random(term):
            return term
        if term.head == "name":
            return self._mean_of(term)
        if term.head == "add":
            return added(self.mean(a) for a in term.args)
        if term.head == "neg":
            return negated(self.mean(term.args[0]))
        if term.head == "transpose":
            inner = self.mean(term.args[0])
            return inner if is_zero(inner) else transposed(inner, self.symmetric)
        if term.head == "mul":
            return product([self.mean(a) for a in term.args], self.scalars(term))
        return term.with_args(tuple(self.mean(a) for a in term.args))

    def _mean_of(self, name: Term) -> Term:
        node = Term("probability", (name,), "E")
        known = self._value_of(node)
        if known is not None:
            return known if is_zero(known) else node
        if self._said_of(name):
            raise Undetermined(f"E[{plain(name)}] is needed", expected=(f"E[{plain(name)}] = …",))
        return node

    def _value_of(self, node: Term) -> Term | None:
        if node in self._absent:
            raise DoesNotExist(f"{plain(node)} does not exist for the declared law")
        return self._values.get(node)

    def _said_of(self, name: Term) -> bool:
        variable = self.model.variables.get(name.data)
        return name.data in self._said or (variable is not None and variable.law is not None)

    def parts(self, term: Term) -> list[tuple[list[Term], Term, list[Term]]]:
        """The affine term as Σ before · x · after, without its constant."""
        if not self.random(term):
            return []
        if term.head == "name":
            return [([], term, [])]
        if term.head == "add":
            return [p for a in term.args for p in self.parts(a)]
        if term.head == "neg":
            return [([Term("neg", (ONE,)), *b], x, a) for b, x, a in self.parts(term.args[0])]
        if term.head == "transpose":
            turned = self.parts(term.args[0])
            return [
                ([transposed(f, self.symmetric) for f in reversed(a)], x, [transposed(f, self.symmetric) for f in reversed(b)])
                for b, x, a in turned
            ]
        if term.head == "div":
            return [([Term("div", (ONE, term.args[1])), *b], x, a) for b, x, a in self.parts(term.args[0])]
        place = next(k for k, a in enumerate(term.args) if self.random(a))
        inner = term.args[place]
        if inner.head == "transpose" and self.is_scalar(term):  # xᵀa = aᵀx
            flipped = transposed(term, self.symmetric)
            return self.parts(flipped)
        before, after = list(term.args[:place]), list(term.args[place + 1 :])
        return [([*before, *b], x, [*a, *after]) for b, x, a in self.parts(inner)]

    def traced(self, term: Term) -> Term:
        """tr(t); tr(u wᵀ) is wᵀu, tr(A⁻¹ A) the size of A."""
        if term.head == "mul" and len(term.args) == 2 and Term("inverse", (term.args[0],)) == term.args[1]:
            return shape_of(term.args[0], self.model.types)[0]
        if term.head == "mul" and len(term.args) == 2 and Term("inverse", (term.args[1],)) == term.args[0]:
            return shape_of(term.args[1], self.model.types)[0]
        if term.head == "mul" and self.is_row(term.args[-1]) and self.rank(term.args[0]) == 1:
            return product([term.args[-1], *term.args[:-1]], self.scalars(term))
        if term.head == "add":
            return added(self.traced(a) for a in term.args)
        arrays = [f for f in term.args if self.rank(f)] if term.head == "mul" else []
        if len(arrays) == 2 and (inverted(arrays[0]) == arrays[1] or inverted(arrays[1]) == arrays[0]):
            size = shape_of(arrays[0], self.model.types)[0]
            if size.head in ("name", "number"):
                return product([*(f for f in term.args if f not in arrays), size], self.scalars(term))  # tr(A⁻¹A)
        return trace(term, self.scalars(term))

    def covariance(self, left: Term, right: Term) -> Term:
        """Cov of two affine terms: A Cov(x, y) Bᵀ over all pairs."""
        found = []
        for before, x, after in self.parts(left):
            for other, y, beyond in self.parts(right):
                cov = self._covariance_of(x, y)
                scalars = self.scalars(Term("list", (*before, *after, *other, *beyond, cov)))
                turned = [transposed(f, self.symmetric) for f in reversed(other)]
                rest = [transposed(f, self.symmetric) for f in reversed(beyond)]
                found.append(product([*before, cov, *turned, *after, *rest], scalars))
        return added(found)

    def _covariance_of(self, x: Term, y: Term) -> Term:
        node = Term("probability", (x,) if x == y else (x, y), "Cov")
        known = self._value_of(node)
        if known is not None:
            return known if is_zero(known) else node
        if x != y and self._independent(x, y):
            for single in (x, y):
                self._value_of(Term("probability", (single,), "E"))  # 0 only where the means exist
            self._assume_independent(x, y)
            return ZERO
        if self._said_of(x) or self._said_of(y):
            expected = (f"{plain(node)} = …",) if x == y else (f"{plain(x)} indep {plain(y)}", f"{plain(node)} = …")
            raise Undetermined(f"{plain(node)} is needed", expected=expected)
        return node

    def are_independent(self, left: Term, right: Term) -> bool:
        """Whether every random vector of the one is independent of every one of the other, by declaration; what was used is noted."""
        pairs = [(x, y) for _, x, _ in self.parts(left) for _, y, _ in self.parts(right)]
        if any(x == y or not self._independent(x, y) for x, y in pairs):
            return False
        for x, y in pairs:
            self._assume_independent(x, y)
        return True

    def _assume_independent(self, x: Term, y: Term) -> None:
        first, second = sorted((x, y), key=plain)
        said: Prose = (first, " and ", second, " are independent (declared)")
        if said not in self.assumed:
            self.assumed.append(said)

    def _independent(self, x: Term, y: Term) -> bool:
        for fact in self.model.independences:
            if fact.kind in ("independent", "iid") and not fact.given:
                groups = [{t for t in g} for g in fact.groups]
                if any(x in g for g in groups) and any(y in g for g in groups) and not any(x in g and y in g for g in groups):
                    return True
        return False

    def is_gaussian(self, term: Term) -> bool:
        """Whether the random vectors of the term are jointly Gaussian."""
        names = [n.data for n in term.walk() if n.head == "name" and n.data in self._names]
        laws = {n: self.model.variables[n].law if n in self.model.variables else None for n in names}
        if any(law is None or law.name != "Normal" for law in laws.values()):
            return False
        terms = [Term("name", (), n) for n in laws]
        joined = any(set(laws) <= set(j.members) for j in self.model.joints)
        return joined or all(self._independent(a, b) for k, a in enumerate(terms) for b in terms[k + 1 :])

    def quadratic_form(self, term: Term) -> tuple[Term, list[Term]] | None:
        """(x, A) of xᵀ A x, where x is an affine term."""
        written = self.written(term)
        if written.head != "mul":
            return None
        places = [k for k, f in enumerate(written.args) if self.random(f)]
        if len(places) != 2:
            return None
        i, j = places
        left, right = written.args[i], written.args[j]
        if (
            not self.is_row(left)
            or transposed(left, self.symmetric) != right
            or any(self.rank(f) for f in (*written.args[:i], *written.args[j + 1 :]))
        ):
            return None
        return right, [*written.args[:i], *written.args[j + 1 :], *written.args[i + 1 : j]]

    def symmetrised(self, factors: list[Term]) -> tuple[int, list[Term]]:
        """(2, A) for a symmetric A, (1, A + Aᵀ) for another."""
        front = [f for f in factors if self.rank(f) == 0]
        inner = [f for f in factors if self.rank(f)]
        if not inner or (len(inner) == 1 and transposed(inner[0], self.symmetric) == inner[0]):
            return 2, factors
        whole = inner[0] if len(inner) == 1 else Term("mul", tuple(inner))
        turned = transposed(whole, self.symmetric)
        if turned == whole:
            return 2, factors
        return 1, [*front, Term("add", (whole, turned))]

    def with_values(self, term: Term) -> Term:
        """The stated values in the place of the nodes, products put in order again."""

        def change(node: Term) -> Term:
            if node.head == "probability":
                return self._values.get(node, node)
            if node.head == "apply" and node.data == "tr":
                return self.traced(node.args[0])
            if node.head == "mul":
                return product(node.args, self.scalars(node))
            if node.head == "add":
                return added(node.args)
            if node.head == "transpose":
                inner = node.args[0]
                return node if inner.head in ("add", "neg") and not is_zero(inner) else transposed(inner, self.symmetric)
            return node

        return term.transform(change)
