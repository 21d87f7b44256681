"""Rules for events: Bayes' rule, total probability, complements, unions, independence. The strategy of `solving.chance` does the work."""

from __future__ import annotations

from typing import Any

from derive.derivation import Rewrite, Rule
from derive.expressions.term import Term
from derive.rules.moves import ARITHMETIC

__all__ = [
    "ARITHMETIC",
    "BALANCE",
    "BAYES",
    "CASE",
    "CHAPMAN",
    "COMPLEMENT",
    "CONDITIONAL",
    "DENSITY",
    "DIFFERENCE",
    "DIFFERENCE_OF_CDF",
    "DISJOINT",
    "DISTRIBUTION_FUNCTION",
    "ENUMERATE",
    "EXTREMES",
    "FACT",
    "FACTORS",
    "FROM_ODDS",
    "IMPOSSIBLE",
    "INSERT",
    "INTERSECTION",
    "IRRELEVANT",
    "MARGINAL",
    "MASS",
    "MIXTURE",
    "NETWORK",
    "NORMALISED",
    "ODDS",
    "POINT",
    "PRIOR",
    "PRIOR_ODDS",
    "PRODUCT",
    "QUOTIENT",
    "RACE",
    "RULES",
    "SHARED",
    "SIMPLIFY",
    "STANDARDISE",
    "STATIONARY",
    "SUM_LAW",
    "TABLE",
    "TOTAL",
    "UNION",
    "UNION_MANY",
]


def _by_the_strategy(*_: Any) -> Rewrite | None:
    return None


def _rule(identity: str, title: str, formula: str, statement: str = "", source: str = "") -> Rule:
    return Rule(identity, title, formula, statement, (Term,), _by_the_strategy, (), source)


_BLITZSTEIN = "Blitzstein and Hwang, Introduction to Probability, chapter 2"

BAYES = _rule(
    "bayes",
    "Bayes’ rule",
    "P(A|B) = P(B|A) P(A) / P(B)",
    r"P(A \mid B) = \frac{P(B \mid A)\,P(A)}{P(B)}",
    _BLITZSTEIN,
)
TOTAL = _rule("total-probability", "Total probability", "P(B) = Σₖ P(B|Aₖ) P(Aₖ)", r"P(B) = \sum_k P(B \mid A_k)\,P(A_k)", _BLITZSTEIN)
COMPLEMENT = _rule("complement", "Complement", "P(¬A) = 1 − P(A)", r"P(\neg A) = 1 - P(A)")
CONDITIONAL = _rule(
    "conditional-probability", "Conditional probability", "P(A|B) = P(A ∧ B) / P(B)", r"P(A \mid B) = \frac{P(A \cap B)}{P(B)}"
)
PRODUCT = _rule("product-rule-events", "Product rule", "P(A ∧ B) = P(A|B) P(B)", r"P(A \cap B) = P(A \mid B)\,P(B)", _BLITZSTEIN)
QUOTIENT = _rule("product-rule-solved", "Product rule, solved", "P(B) = P(A ∧ B) / P(A|B)", r"P(B) = \frac{P(A \cap B)}{P(A \mid B)}")
UNION = _rule(
    "inclusion-exclusion",
    "Inclusion–exclusion",
    "P(A ∨ B) = P(A) + P(B) − P(A ∧ B)",
    r"P(A \cup B) = P(A) + P(B) - P(A \cap B)",
    _BLITZSTEIN,
)
UNION_MANY = _rule(
    "inclusion-exclusion-many",
    "Inclusion–exclusion",
    "P(A ∨ B ∨ C) = Σ P(A) − Σ P(A ∧ B) + P(A ∧ B ∧ C)",
    r"P\big(\bigcup_i A_i\big) = \sum_i P(A_i) - \sum_{i<j} P(A_i \cap A_j) + \dots",
    _BLITZSTEIN,
)
INTERSECTION = _rule(
    "intersection-from-union",
    "Inclusion–exclusion, solved",
    "P(A ∧ B) = P(A) + P(B) − P(A ∨ B)",
    r"P(A \cap B) = P(A) + P(B) - P(A \cup B)",
)
DISJOINT = _rule("disjoint-events", "Disjoint events", "P(A ∨ B) = P(A) + P(B), A ∧ B impossible", r"P(A \cup B) = P(A) + P(B)")
DIFFERENCE = _rule("difference", "Part of an event", "P(A ∧ ¬B) = P(A) − P(A ∧ B)", r"P(A \cap \neg B) = P(A) - P(A \cap B)")
MARGINAL = _rule("marginal", "Sum over the table", "P(A) = Σₖ P(A ∧ Bₖ)", r"P(A) = \sum_k P(A \cap B_k)")
FACTORS = _rule("independent-events", "Independence", "P(A ∧ B) = P(A) P(B), A ⫫ B", r"P(A \cap B) = P(A)\,P(B)", _BLITZSTEIN)
IRRELEVANT = _rule("independence-drops", "Independence", "P(A|B, C) = P(A|C), A ⫫ B | C", r"P(A \mid B, C) = P(A \mid C)")
PRIOR = _rule(
    "total-probability-solved",
    "Total probability, solved",
    "P(A) = (P(B) − P(B|¬A)) / (P(B|A) − P(B|¬A))",
    r"P(A) = \frac{P(B) - P(B \mid \neg A)}{P(B \mid A) - P(B \mid \neg A)}",
)
CASE = _rule(
    "other-case",
    "Total probability, solved",
    "P(B|A) = (P(B) − P(B|¬A) P(¬A)) / P(A)",
    r"P(B \mid A) = \frac{P(B) - P(B \mid \neg A)\,P(\neg A)}{P(A)}",
)
SHARED = _rule("independence-solved", "Independence, solved", "P(B) = P(A ∧ B) / P(A), A ⫫ B", r"P(B) = \frac{P(A \cap B)}{P(A)}")
NETWORK = _rule(
    "network-factorisation",
    "Factorisation of the network",
    "P(x₁, …, xₙ) = Πᵢ P(xᵢ | parents of xᵢ)",
    r"P(x_1, \dots, x_n) = \prod_i P(x_i \mid \mathrm{pa}(x_i))",
    "Bishop 2006, (8.5)",
)
ODDS = _rule(
    "odds-form",
    "Odds form of Bayes’ rule",
    "P(H|E)/P(¬H|E) = P(E|H)/P(E|¬H) · P(H)/P(¬H)",
    r"\frac{P(H \mid E)}{P(\neg H \mid E)} = \frac{P(E \mid H)}{P(E \mid \neg H)} \cdot \frac{P(H)}{P(\neg H)}",
    _BLITZSTEIN,
)
PRIOR_ODDS = _rule("prior-odds", "Prior odds", "P(H)/P(¬H) with P(¬H) = 1 − P(H)", r"\frac{P(H)}{P(\neg H)} = \frac{P(H)}{1 - P(H)}")
FROM_ODDS = _rule("from-odds", "From odds to a probability", "P(A) = o/(1 + o) with o = P(A)/P(¬A)", r"P(A) = \frac{o}{1 + o}")
TABLE = _rule("joint-table", "Joint table", "the facts are linear equations in the cells; they settle the cells that are asked for")
FACT = _rule("given-fact", "Given", "as it was stated")
INSERT = _rule("insert-probabilities", "Insert", "the probabilities that are known")
SIMPLIFY = _rule("shortest-form", "Simplify", "the rational function in its shortest form")
ENUMERATE = _rule("enumeration", "Enumeration", "P(A) = Σ P(ω) over the outcomes ω in A", r"P(A) = \sum_{\omega \in A} P(\omega)")
CHAPMAN = _rule(
    "chapman-kolmogorov",
    "Chapman–Kolmogorov",
    "P(Xₜ₊₁ = j | X₀ = i) = Σₖ P(Xₜ = k | X₀ = i) P(Xₜ₊₁ = j | Xₜ = k)",
    r"P(X_{t+1} = j \mid X_0 = i) = \sum_k P(X_t = k \mid X_0 = i)\,P(X_{t+1} = j \mid X_t = k)",
    "Norris, Markov Chains, theorem 1.1.3",
)
STATIONARY = _rule(
    "stationary", "Stationary distribution", "π P = π, Σ π = 1", r"\pi P = \pi,\quad \sum_i \pi_i = 1", "Norris, Markov Chains, section 1.7"
)
NORMALISED = _rule("normalised", "Probabilities sum to one", "Σ πᵢ = 1", r"\sum_i \pi_i = 1")
BALANCE = _rule("solve-balance", "Solve", "the linear equations of the stationary distribution")
DISTRIBUTION_FUNCTION = _rule("distribution-function", "Distribution function", "P(X ≤ x) = F(x)", r"P(X \le x) = F(x)")
DENSITY = _rule("point-probability", "Continuous law", "P(X = x) = 0", "P(X = x) = 0")
MASS = _rule("mass-function", "Probability mass", "P(X ∈ A) = Σ p(k) over k in A", r"P(X \in A) = \sum_{k \in A} p(k)")
STANDARDISE = _rule(
    "standardise", "Standardise", "X ~ Normal(μ, σ²): P(X ≤ x) = Φ((x − μ)/σ)", r"P(X \le x) = \Phi\Big(\frac{x - \mu}{\sigma}\Big)"
)
MIXTURE = _rule(
    "mixture", "Total probability", "P(X ∈ A) = Σₖ P(X ∈ A | Z = k) P(Z = k)", r"P(X \in A) = \sum_k P(X \in A \mid Z = k)\,P(Z = k)"
)

DIFFERENCE_OF_CDF = _rule(
    "between", "Between two values", "P(a < X ≤ b) = P(X ≤ b) − P(X ≤ a)", r"P(a < X \le b) = P(X \le b) - P(X \le a)"
)
POINT = _rule("point-mass", "Mass function", "P(X = k) = p(k)", r"P(X = k) = p(k)")
IMPOSSIBLE = _rule("outside-support", "Outside the support", "P(X ∈ A) = 0 where A holds no value of X", r"P(X \in A) = 0")
EXTREMES = _rule("minimum-maximum", "Minimum and maximum", "min(X, Y) > t ⇔ X > t and Y > t", r"\min(X, Y) > t \iff X > t,\ Y > t")
SUM_LAW = _rule(
    "law-of-a-sum",
    "Law of a linear combination",
    "sums of independent Gaussians (of counts, of waiting times of one rate) stay in their family",
    "",
    "Wasserman 2004, theorem 2.44",
)
RACE = _rule(
    "exponential-race",
    "Race of exponentials",
    "P(X < Y) = a/(a + b)",
    r"P(X < Y) = \frac{a}{a + b}",
    "Ross, Introduction to Probability Models, section 5.2",
)

RULES: tuple[Rule, ...] = (
    BAYES,
    TOTAL,
    COMPLEMENT,
    CONDITIONAL,
    PRODUCT,
    QUOTIENT,
    UNION,
    UNION_MANY,
    INTERSECTION,
    DISJOINT,
    DIFFERENCE,
    MARGINAL,
    FACTORS,
    IRRELEVANT,
    PRIOR,
    CASE,
    SHARED,
    NETWORK,
    ODDS,
    PRIOR_ODDS,
    FROM_ODDS,
    TABLE,
    FACT,
    INSERT,
    SIMPLIFY,
    ENUMERATE,
    CHAPMAN,
    STATIONARY,
    NORMALISED,
    BALANCE,
    DISTRIBUTION_FUNCTION,
    DENSITY,
    MASS,
    STANDARDISE,
    MIXTURE,
    DIFFERENCE_OF_CDF,
    POINT,
    IMPOSSIBLE,
    EXTREMES,
    SUM_LAW,
    RACE,
)
