"""The rules of tail bounds and of confidence intervals: the inequality, what it needs, what it gives."""

from __future__ import annotations

from derive.derivation import Rule
from derive.rules.moves import move

__all__ = [
    "CANTELLI",
    "CHEBYSHEV",
    "CHERNOFF",
    "CHERNOFF_OPTIMUM",
    "HOEFFDING",
    "JENSEN",
    "MARKOV",
    "MOMENT_OF",
    "PIVOT",
    "QUANTILE",
    "RULES",
    "SOLVE_PIVOT",
    "WALD",
    "WILSON",
]

MARKOV = move("markov", "Markov's inequality", "P(X ≥ c) ≤ E[X]/c for X ≥ 0, c > 0", r"P(X \ge c) \le \frac{\mathbb{E}[X]}{c}")
CHEBYSHEV = move(
    "chebyshev",
    "Chebyshev's inequality",
    "P(|X − E[X]| ≥ t) ≤ Var(X)/t²",
    r"P(|X - \mathbb{E}[X]| \ge t) \le \frac{\operatorname{Var}(X)}{t^2}",
)
CANTELLI = move(
    "cantelli",
    "Cantelli's inequality",
    "P(X − E[X] ≥ t) ≤ Var(X)/(Var(X) + t²)",
    r"P(X - \mathbb{E}[X] \ge t) \le \frac{\operatorname{Var}(X)}{\operatorname{Var}(X) + t^2}",
)
HOEFFDING = move(
    "hoeffding",
    "Hoeffding's inequality",
    "P(X̄ − μ ≥ t) ≤ exp(−2nt²/(b − a)²)",
    r"P(\bar X - \mu \ge t) \le \exp\left(-\frac{2 n t^2}{(b - a)^2}\right)",
)
CHERNOFF = move("chernoff", "Chernoff's bound", "P(X ≥ c) ≤ e^(−tc) M(t) for every t > 0", r"P(X \ge c) \le e^{-tc} M(t),\quad t > 0")
CHERNOFF_OPTIMUM = move(
    "chernoff-optimum", "The best t", "log M(t) − tc is least where its derivative is 0", r"\frac{d}{dt}(\log M(t) - tc) = 0"
)
JENSEN = move(
    "jensen",
    "Jensen's inequality",
    "f concave: E[f(X)] ≤ f(E[X]); f convex: ≥",
    r"f \text{ concave}: \mathbb{E}[f(X)] \le f(\mathbb{E}[X])",
)
MOMENT_OF = move("moment-of", "The moment", "of the declared law or as stated", r"\mathbb{E}[X], \operatorname{Var}(X)")
PIVOT = move(
    "pivot", "Pivot", "a function of data and parameter with a known law", r"\frac{\bar x - \mu}{\sigma/\sqrt n} \sim \mathcal{N}(0, 1)"
)
QUANTILE = move("quantile", "Quantile", "P(|Z| ≤ z) = level", r"P(|Z| \le z) = 1 - \alpha")
SOLVE_PIVOT = move(
    "solve-pivot",
    "Solve for the parameter",
    "|x̄ − μ| ≤ z·se ⇔ x̄ − z·se ≤ μ ≤ x̄ + z·se",
    r"|\bar x - \mu| \le z\,\mathrm{se} \Leftrightarrow \bar x - z\,\mathrm{se} \le \mu \le \bar x + z\,\mathrm{se}",
)
WALD = move("wald-interval", "Wald interval", "θ̂ ± z / √(n I(θ̂))", r"\hat\theta \pm \frac{z}{\sqrt{n I(\hat\theta)}}")
WILSON = move("wilson", "Wilson interval", "the p with |p̂ − p| ≤ z √(p(1 − p)/n)", r"|\hat p - p| \le z \sqrt{p(1-p)/n}")

RULES: tuple[Rule, ...] = (
    MARKOV, CHEBYSHEV, CANTELLI, HOEFFDING, CHERNOFF, CHERNOFF_OPTIMUM, JENSEN, MOMENT_OF, PIVOT, QUANTILE, SOLVE_PIVOT, WALD, WILSON,
)  # fmt: skip
