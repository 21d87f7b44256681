"""Every stability rule with two assertions: the graph that it makes, and its value at points where the plain formula has one."""

from __future__ import annotations

import pytest

from derive.graph.build import build
from derive.graph.evaluate import evaluate
from derive.graph.graph import Graph, Nodes
from derive.graph.node import Node
from derive.graph.operations import Undefined
from derive.graph.text import text
from derive.graph.validate import validate
from derive.meaning import read
from derive.meaning.scope import Scope
from derive.translation import stabilise as passes
from derive.translation.arguments import Arguments
from derive.translation.sample import samples
from derive.translation.stabilise import RULES, stabilise

X = "x in R^n ;; "
Z = "z in R^n ;; "
CASES = [
    ("hyperbolic-tangent", "(exp(x) - exp(-x))/(exp(x) + exp(-x))", "tanh(x)"),
    ("hyperbolic-tangent", "(exp(2 x) - 1)/(exp(2 x) + 1)", "tanh(x)"),
    ("hyperbolic-tangent", "(1 - exp(-2 x))/(1 + exp(-2 x))", "tanh(x)"),
    ("logistic-form", "1/(1 + exp(-x))", "sigmoid(x)"),
    ("logistic-form", "exp(x)/(1 + exp(x))", "sigmoid(x)"),
    ("logistic-form", "exp(-x)/(1 + exp(-x))^2", "sigmoid_slope(neg(x))"),
    ("logistic-form", "exp(a)/(exp(a) + exp(b))", "sigmoid(add(neg(b), a))"),
    ("logistic-slope", "sigma(x) (1 - sigma(x))", "sigmoid_slope(x)"),
    ("one-exponential", "exp(x) exp(-x^2)", "exp(add(x, neg(pow(x, 2))))"),
    ("one-exponential", "exp(x)/exp(y)", "exp(add(x, neg(y)))"),
    ("logistic-times-exponential", "exp(-x) sigma(x)", "sigmoid(neg(x))"),
    ("logistic-quotient", "(1 - sigma(x))/sigma(x)", "exp(neg(x))"),
    ("tanh-from-logistic", "2 sigma(x) - 1", "tanh(div(x, 2))"),
    ("hyperbolic-sine", "(exp(x) - exp(-x))/2", "sinh(x)"),
    ("difference-from-one", "1 - sigma(x)", "sigmoid(neg(x))"),
    ("difference-from-one", "1 - tanh(x)^2", "mul(4, sigmoid_slope(mul(2, x)))"),
    ("difference-from-one", "1 - tanh(x)", "mul(2, sigmoid(neg(mul(2, x))))"),
    ("difference-from-one", "exp(x) - 1", "expm1(x)"),
    ("difference-from-one", "1 - cos(x)", "mul(2, pow(sin(div(x, 2)), 2))"),
    ("difference-from-one", "cosh(x) - 1", "mul(2, pow(sinh(div(x, 2)), 2))"),
    ("difference-from-one", "1 - erf(x)", "erfc(x)"),
    ("difference-from-one", "1 - Phi(x)", "normal_cdf(neg(x))"),
    ("hyperbolic-ratio", "1/cosh(x)", "sech(x)"),
    ("normal-distribution-function", "(1 + erf(x/sqrt(2)))/2", "normal_cdf(x)"),
    ("log-of-one", "log(1) + x", "x"),
    ("log-of-exponential", "log(exp(x))", "x"),
    ("log-of-exponentials", "log(1 + exp(x))", "softplus(x)"),
    ("log-of-exponentials", "log(exp(x) + exp(y))", "logaddexp(x, y)"),
    ("log-of-exponentials", "log(1 - exp(-x))", "log1mexp(neg(x))"),
    ("log-of-exponentials", "log(exp(x) - 1)", "add(x, log1mexp(neg(x)))"),
    ("inverse-hyperbolic-tangent", "log((1 + x)/(1 - x))", "mul(2, atanh(x))"),
    ("root-less", "log(x + sqrt(x^2 + 1))", "asinh(x)"),
    ("logit", "log(p/(1 - p))", "logit(p)"),
    ("logit", "log((1 - p)/p)", "neg(logit(p))"),
    ("log-of-product", "log(sigma(x))", "neg(softplus(neg(x)))"),
    ("log-of-product", "log(1 - sigma(x))", "neg(softplus(x))"),
    ("log-of-product", "log(tanh(x)^2)", "mul(2, log(abs(tanh(x))))"),
    ("log-of-product", "log(x^3)", "mul(3, log(x))"),
    ("log-of-product", "x > 0 ;; y > 0 ;; log(x y^2)", "add(log(x), mul(2, log(y)))"),
    ("log-of-product", "log(x exp(y))", "add(y, log(x))"),
    ("through-logarithms", "log(Gamma(a) Gamma(b)/Gamma(a + b))", "add(loggamma(a), loggamma(b), neg(loggamma(add(a, b))))"),
    ("log-of-product", "log(cosh(x))", "log_cosh(x)"),
    ("log-of-product", "log(Phi(x))", "log_normal_cdf(x)"),
    ("log-of-product", "A in R^{n x n} ;; log det A", "logdet(A)"),
    ("log-of-product", Z + "log sum_{k=1}^n exp(z_k)", "logsumexp[k](z[k])"),
    ("log-of-product", X + "log prod_{i=1}^n x_i", "sum[i](log(x[i]))"),
    ("log-of-sums", Z + "log(1 + sum_{k=1}^n exp(z_k))", "softplus(logsumexp[k](z[k]))"),
    ("log-of-sums", Z + "log(exp(a) + 2 sum_{k=1}^n exp(z_k))", "logaddexp(a, add(logsumexp[k](z[k]), log(2)))"),
    ("log-logistic-difference", "log(sigma(a) - sigma(b))", "add(log1mexp(add(b, neg(a))), neg(softplus(neg(a))), neg(softplus(b)))"),
    ("gamma-quotient", "Gamma(x + 1/2)/Gamma(x)", "rising(x, 1/2)"),
    ("log-gamma-difference", "x > 0 ;; log Gamma(x + 1/2) - log Gamma(x)", "log(rising(x, 1/2))"),
    (
        "density-in-logarithms",
        "S in S^n_{++} ;; x in R^n ;; exp(-x^T S^{-1} x/2)/sqrt((2 pi)^n det S)",
        "exp(neg(add(mul(1/2, matmul(solve(S, x), x)), mul(1/2, n, log(mul(2, pi))), mul(1/2, logdet(S)))))",
    ),
    ("square-and-slope", "sigma(x)^2 + sigma(x) (1 - sigma(x))", "sigmoid(x)"),
    ("root-of-product", X + "(prod_{i=1}^n x_i)^{1/n}", "prod[i](pow(x[i], div(1, n)))"),
    ("root-less", "sqrt(x^2 + 1) - x", "exp(neg(asinh(x)))"),
    ("power-near-one", "nu > 0 ;; (1 + x^2/nu)^{-nu}", "exp(neg(mul(nu, log1p(div(pow(x, 2), nu)))))"),
    ("complement-of-power", "1 - (1 - p)^n", "neg(expm1(xlog1py(n, neg(p))))"),
    ("complement-of-power", "p in R^n ;; 0 < p < 1 ;; 1 - prod_{i=1}^n (1 - p_i)", "neg(expm1(sum[i](log1p(neg(p[i])))))"),
    ("logistic-of-log-sum", Z + "exp(s)/(exp(s) + sum_{k=1}^n exp(z_k))", "sigmoid(neg(add(logsumexp[k](z[k]), neg(s))))"),
    ("factor-outside-mask", X + "sum_{i=1}^n sum_{j<i} x_i x_j", "sum[i](mul(x[i], sum[j](where(less(j, i), x[j], 0))))"),
    ("mean-of-sums", "\\frac{1}{n m} \\sum_{i=1}^n \\sum_{j=1}^m k_{ij}", "mean[i](mean[j](k[i, j]))"),
    ("log1p", "log(1 + x)", "log1p(x)"),
    ("log1p-of-exponential", "log1p(exp(x))", "softplus(x)"),
    ("log-sigmoid", "log_sigmoid(x)", "neg(softplus(neg(x)))"),
    ("x-log-x-inside", "p (1 + log(p))", "add(xlogy(p, p), p)"),
    ("x-log-x-inside", "p (log(p) - log(q))", "rel_entr(p, q)"),
    ("x-log-y", "p log(q)", "xlogy(p, q)"),
    ("x-log-y", "p log(1 - q)", "xlog1py(p, neg(q))"),
    ("x-log-y", "p log(p/q)", "xlogy(p, div(p, where(equal(p, 0), 1, q)))"),
    ("sifting", X + "sum_{i=1}^n delta_{ij} x_i", "x[j]"),
    ("constant-term", X + "sum_{i=1}^n (x_i + c)", "add(sum[i](x[i]), mul(n, c))"),
    ("constant-factor", X + "sum_{i=1}^n c x_i", "mul(c, sum[i](x[i]))"),
    ("mean", X + "(1/n) sum_{i=1}^n x_i", "mean[i](x[i])"),
    ("two-pass-variance", X + "(1/n) sum_{i=1}^n x_i^2 - ((1/n) sum_{i=1}^n x_i)^2", "variance[i](x[i])"),
    ("variance", X + "(1/n) sum_{i=1}^n (x_i - (1/n) sum_{j=1}^n x_j)^2", "variance[i](x[i])"),
    ("softmax", Z + "exp(z_j)/(sum_{k=1}^n exp(z_k))", "pick[k](softmax[k](z[k]), add(j, 1))"),
    ("shift-invariance", Z + "log sum_{k=1}^n exp(z_k + c)", "add(logsumexp[k](z[k]), c)"),
    ("indicator-factor", "x 1[x > 0]", "where(greater(x, 0), x, 0)"),
    ("power-of-exponential", "(e^x)^y", "exp(mul(x, y))"),
    ("root-of-square", "sqrt(x^2)", "abs(x)"),
    ("hypot", "sqrt(x^2 + y^2)", "hypot(x, y)"),
    ("conjugate-roots", "sqrt(x + 1) - sqrt(x)", "div(1, add(sqrt(add(x, 1)), sqrt(x)))"),
    ("conjugate-roots", "1 - sqrt(1 - x^2)", "div(pow(x, 2), add(1, sqrt(add(1, neg(pow(x, 2))))))"),
    (
        "through-logarithms",
        "lambda > 0 ;; lambda^k exp(-lambda)/k!",
        "exp(add(neg(lambda), mul(k, log(lambda)), neg(loggamma(add(k, 1)))))",
    ),
    ("scaled-complementary-error-function", "exp(x^2) erfc(x)", "erfcx(x)"),
    ("cancel", "x y/x", "y"),
    ("common-sign", "-x - y", "neg(add(x, y))"),
    ("product-without-one", X + "(prod_{k=1}^n x_k)/x_j", "prod[k](where(not_equal(k, add(j, 1)), x[k], 1))"),
    (
        "masked-exponentials",
        "u, v in R^n ;; \\sum_{i=1}^n \\sum_{j=1}^i e^{u_j} v_j",
        "sum[i](sum[j](mul(v[j], exp(where(less_equal(j, i), u[j], neg(inf))))))",
    ),
    ("like-terms", "f - g - g + f", "add(mul(2, f), neg(mul(2, g)))"),
    ("square-of-quotient", "sin(x)^2/x^2", "pow(div(sin(x), x), 2)"),
    ("square-of-quotient", "sin(a x)^2/x^2", "pow(div(sin(mul(a, x)), x), 2)"),
    ("square-of-quotient", "x^2/sin(x)^2", "pow(div(x, sin(x)), 2)"),
    (
        "length-below-choice",
        "a in R^n ;; 1[norm(a) > c] b/norm(a)",
        "where(greater(norm[2](a), c), div(b, where(greater(norm[2](a), c), norm[2](a), 1)), 0)",
    ),
    ("bose-quotient", "exp(x)/(exp(x) - 1)^2", "div(exp(neg(abs(x))), pow(expm1(neg(abs(x))), 2))"),
    ("bose-quotient", "exp(x)/(exp(x) - 1)", "neg(div(1, expm1(neg(x))))"),
    ("mills-ratio", "exp(-x^2/2)/Phi(x)", "div(2, erfcx(neg(div(x, sqrt(2)))))"),
    ("quotient-by-distribution", "(x Phi(x) + e^{-x^2/2})/Phi(x)", "add(x, div(2, erfcx(neg(div(x, sqrt(2))))))"),
    ("polynomial-times-logistic", "(e^x - 1) e^x/(1 + e^x)^3", "mul(tanh(div(x, 2)), sigmoid_slope(x))"),
    ("polynomial-times-logistic", "(3 + e^x)/(1 + e^x)", "add(mul(3, sigmoid(neg(x))), sigmoid(x))"),
    ("polynomial-times-logistic", "(1 + e^x) sigma(-x)^2", "sigmoid(neg(x))"),
    (
        "into-damped-terms",
        "(3 + e^x)/(1 + e^x)^{5/2}",
        "add(mul(3, exp(neg(mul(5/2, softplus(x))))), exp(add(neg(mul(5/2, softplus(x))), x)))",
    ),
    (
        "into-damped-terms",
        "(e^x - 1)/(1 + e^x)^{5/2}",
        "mul(tanh(mul(1/2, x)), add(exp(add(neg(mul(5/2, softplus(x))), x)), exp(neg(mul(5/2, softplus(x))))))",
    ),
    ("into-each-term", "e^{-a} (p e^a + q e^b) sigma(a - b)", "add(mul(p, sigmoid(add(a, neg(b)))), mul(q, sigmoid(neg(add(a, neg(b))))))"),
    ("logistic-over-softplus", "e^x/((1 + e^x) \\log(1 + e^x))", "div(sigmoid(maximum(x, neg(37))), softplus(maximum(x, neg(37))))"),
    ("logistic-root", "e^x/sqrt(1 + e^x)", "exp(add(x, neg(mul(1/2, softplus(x)))))"),
    ("partition-sum", "e^a/(e^a + e^b + e^c)", "exp(add(a, neg(logaddexp(logaddexp(a, b), c))))"),
    ("log-of-several-exponentials", "log(e^a + e^b + e^c)", "logaddexp(logaddexp(a, b), c)"),
    ("log-of-softplus", "log log(1 + e^x)", "where(less(x, neg(37)), x, log(softplus(maximum(x, neg(37)))))"),
    ("beside-log-sum", "x + log(1 + exp(-x))", "softplus(x)"),
    ("beside-log-sum", "log(exp(a) + exp(b)) - a", "softplus(add(b, neg(a)))"),
    ("beside-log-sum", "log(exp(x) + exp(-x)) - log(2)", "log_cosh(x)"),
    ("log-softmax", Z + "z_j - log sum_{k=1}^n exp(z_k)", "pick[k](log_softmax[k](z[k]), add(j, 1))"),
    ("logistic-minus-square", "sigma(x) - sigma(x)^2", "sigmoid_slope(x)"),
    ("square-of-difference", "(exp(x) + exp(-x))/2 - 1", "mul(2, pow(sinh(mul(1/2, x)), 2))"),
    ("slope-inside", "sigma(x) (1 + y (1 - sigma(x)))", "add(sigmoid(x), mul(y, sigmoid_slope(x)))"),
    ("vanishing-product", "x sigma(x) (1 - sigma(x))", "mul(clip(x, neg(746), 746), sigmoid_slope(x))"),
    ("inverse-hyperbolic-cosine", "x > 1 ;; log(x + sqrt(x^2 - 1))", "acosh(x)"),
    ("logit-of-odds", "log(1/p - 1)", "neg(logit(p))"),
    ("other-bases", "log_2(1 + x)", "div(log1p(x), log(2))"),
    ("other-bases", "p log_2(p)", "div(xlogy(p, p), log(2))"),
    ("binomial-from-factorials", "n in N ;; k in N ;; n!/(k! (n - k)!)", "binomial(n, k)"),
    ("low-rank", "v in R^n ;; B in R^{n x m} ;; (I - 2 v v^T) B", "add(B, neg(mul(2, matmul(outer(v, v), B))))"),
    (
        "weights-inside",
        "k_i in R^d ;; q in R^d ;; x in R^n ;; \\frac{\\sum_{i=1}^n e^{q^T k_i} x_i}{\\sum_{j=1}^n e^{q^T k_j}}",
        "sum[i](mul(x[i], softmax[i](matmul(q, k[i, :]))))",
    ),
    (
        "shifted-weights",
        "x in R^n ;; p in R^n ;; p > 0 ;; \\frac{e^{y}}{\\sum_{j=1}^n p_j^2 (1 + p_j) e^{x_j}}",
        "div(exp(add(y, neg(amax[j](x[j])))), sum[j](mul(pow(p[j], 2), add(1, p[j]), exp(add(x[j], neg(amax[j](x[j])))))))",
    ),
    ("ones-product", X + "1^T x", "sum[all](x)"),
    ("entropy-product", X + "y in R^n ;; y^T log(x)", "sum[all](xlogy(y, x))"),
    ("log-absolute-determinant", "A in R^{n x n} ;; \\log|\\det (A A^T)|", "logdet(matmul(A, transpose(A)))"),
    ("log-determinant-of-inverse", "A in R^{n x n} ;; log det A^{-1}", "neg(logdet(A))"),
    ("ridge", "X in R^{n x d} ;; y in R^n ;; lambda > 0 ;; (X^T X + lambda I)^{-1} X^T y", "ridge(X, y, sqrt(lambda))"),
    ("transpose-of-symmetric", "A in R^{n x n} ;; B in R^{n x m} ;; (A + A^T + B B^T)^T", "add(A, transpose(A), matmul(B, transpose(B)))"),
    ("double-inverse", "A in R^{n x n} ;; (A^{-1})^{-1}", "A"),
    ("solve", "A in R^{n x n} ;; b in R^n ;; A^{-1} b", "solve(A, b)"),
    ("solve-last", "A in R^{n x n} ;; B in R^{n x m} ;; v in R^m ;; A^{-1} B v", "solve(A, matmul(B, v))"),
    ("least-squares", "X in R^{n x d} ;; y in R^n ;; (X^T X)^{-1} X^T y", "lstsq(X, y)"),
]


def graph_of(lines: str) -> Graph:
    scope = Scope()
    for number, line in enumerate(lines.split(" ;; "), 1):
        reading, scope = read(line, scope, line=number)
    return build(reading.expanded, reading.types)


def flat(value: object) -> list[float]:
    return [entry for part in value for entry in flat(part)] if isinstance(value, list) else [float(value)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("rule", "lines", "expected"), CASES, ids=[f"{rule}: {lines}" for rule, lines, _ in CASES])
def test_rule(rule: str, lines: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fired: list[str] = []

    def once(nodes: Nodes, node: Node) -> Node | None:
        for candidate in passes.BY_OPERATION.get(node.op, ()):
            changed = candidate.apply(nodes, node)
            if changed is not None and changed is not node:
                fired.append(candidate.name)
                return changed
        return None

    monkeypatch.setattr(passes, "_once", once)
    reference = graph_of(lines)
    validate(reference)
    stable = stabilise(reference)
    validate(stable)
    assert text(stable.roots[0]) == expected
    assert rule in fired
    arguments = Arguments(reference, [])
    compared = 0
    for point in samples(*arguments.drawn, 9):
        try:
            wanted = flat(evaluate(reference.roots[0], point.values, point.sizes, 400))
        except Undefined:
            continue
        assert flat(evaluate(stable.roots[0], point.values, point.sizes, 400)) == pytest.approx(wanted, rel=1e-14, abs=1e-40)
        compared += 1
    assert compared


def test_every_rule_is_tested() -> None:
    assert {rule.name for rule in RULES} == {rule for rule, _, _ in CASES}


def test_rules_state_themselves() -> None:
    assert all(rule.statement and rule.ops for rule in RULES)
    assert len({rule.name for rule in RULES}) == len(RULES)


GUARDED = [
    (
        "alpha > 0 ;; \\begin{cases} x & x > 0 \\\\ \\alpha (e^x - 1) & x \\le 0 \\end{cases}",
        "where(greater(x, 0), x, mul(alpha, expm1(minimum(x, 0))))",
    ),
    ("\\begin{cases} \\sqrt{x} & x \\ge 0 \\\\ 0 & \\text{otherwise} \\end{cases}", "where(greater_equal(x, 0), sqrt(maximum(x, 0)), 0)"),
    (
        "\\begin{cases} \\frac{\\sin x}{x} & x \\ne 0 \\\\ 1 & \\text{otherwise} \\end{cases}",
        "where(not_equal(x, 0), div(sin(x), where(not_equal(x, 0), x, 1)), 1)",
    ),
    (
        "\\begin{cases} e^{-x} & x > 0 \\\\ e^{x} & \\text{otherwise} \\end{cases}",
        "where(greater(x, 0), exp(neg(maximum(x, 0))), exp(minimum(x, 0)))",
    ),
]


@pytest.mark.parametrize(("lines", "expected"), GUARDED)
def test_arms_are_guarded(lines: str, expected: str) -> None:
    stable = stabilise(graph_of(lines))
    validate(stable)
    assert text(stable.roots[0]) == expected
