"""Gradients through definitions as backpropagation: steps, answers over names, code, and work that is linear in the depth."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import derive
from derive.checking.verify import check_derivation, summarise
from derive.expressions.inline import inline
from derive.expressions.plain import plain
from derive.expressions.term import Term
from derive.meaning import read
from derive.meaning.layers import tree_size
from derive.meaning.scope import Reading
from derive.presenting.prose import plain_prose
from derive.report import Report
from derive.session import Session
from derive.solution import Solution
from derive.solving.dispatch import solve


def network(depth: int, activation: str = "tanh", task: str = "") -> list[str]:
    """The lines of a network with so many layers."""
    lines = ["x in R^d, y in R^h, W_1 in R^{h x d}, b_1 in R^h"]
    for layer in range(2, depth + 1):
        lines.append(f"W_{{{layer}}} in R^{{h x h}}, b_{{{layer}}} in R^h")
    for layer in range(1, depth + 1):
        below = "x" if layer == 1 else f"h_{{{layer - 1}}}"
        lines.append(f"h_{{{layer}}} = {activation}(W_{{{layer}}} {below} + b_{{{layer}}})")
    lines.append(f"L = ||h_{{{depth}}} - y||^2")
    return [*lines, task or "backprop L wrt " + ", ".join(f"W_{{{k}}}, b_{{{k}}}" for k in range(1, depth + 1))]


def reading_of(lines: list[str]) -> Reading:
    session = Session()
    for line in lines[:-1]:
        _, session = session.run(line, final=False)
    return read(lines[-1], session.scope)[0]


def shown(report: Report) -> list[str]:
    return [f"{inline(step.before)} = {inline(step.after)}" for step in report.steps]


def body_of(report: Report) -> list[str]:
    assert report.code is not None
    return report.code.source.split('"""\n')[-1].rstrip().replace("    ", "").split("\n")


def called(report: Report, arguments: dict[str, Any]) -> Any:
    assert report.code is not None
    module: dict[str, Any] = {"__name__": "emitted"}
    exec(report.code.source, module)  # our own code
    return module[report.code.function](**arguments)


def test_one_layer_is_one_formula() -> None:
    report = derive.solve(network(1))
    assert plain(report.parts["b_1"]) == "2 ((tanh(W_1 x + b_1) - y) .* (1 - tanh(W_1 x + b_1).^2))"
    assert report.solution is not None and not report.solution.bindings


def test_two_layers_are_steps_of_a_textbook() -> None:
    report = derive.solve(network(2))
    assert shown(report) == [
        "L = ‖h₂ − y‖²",
        "δ₂ = 2 ((h₂ − y) ⊙ (1 − h₂^(⊙2)))",
        "∇_(W₂) L = δ₂ h₁ᵀ",
        "∇_(b₂) L = δ₂",
        "δ₁ = (W₂ᵀ δ₂) ⊙ (1 − h₁^(⊙2))",
        "∇_(W₁) L = δ₁ xᵀ",
        "∇_(b₁) L = δ₁",
    ]
    assert [step.title for step in report.steps][:3] == ["Forward pass", "Layer 2", "Read off the gradient"]
    assert plain_prose(report.steps[0].because) == "h_1 = tanh(W_1 x + b_1), h_2 = tanh(W_2 h_1 + b_2)"
    assert {name: plain(part) for name, part in report.parts.items()} == {
        "W_1": "delta_1 x^T",
        "b_1": "delta_1",
        "W_2": "delta_2 h_1^T",
        "b_2": "delta_2",
    }
    assert report.verification is not None and report.verification.status == "verified"


def test_the_code_keeps_the_names_and_shares_the_forward_values() -> None:
    assert body_of(derive.solve(network(2)))[:4] == [
        "h_1 = np.tanh(W_1 @ x + b_1)",
        "h_2 = np.tanh(W_2 @ h_1 + b_2)",
        "delta_2 = 2 * (h_2 - y) * (1 - h_2 * h_2)",
        "delta_1 = W_2.T @ delta_2 * (1 - h_1 * h_1)",
    ]
    relu = body_of(derive.solve(network(3, "relu")))
    assert relu[:2] == ["z_1 = W_1 @ x + b_1", "h_1 = np.maximum(z_1, 0)"]
    assert sum(" @ " in line for line in relu if line.startswith(("z_", "h_"))) == 3  # no product twice


@pytest.mark.parametrize(
    ("lines", "formulas"),
    [
        (
            [
                "x in R^d, y in R^k, W_1 in R^{h x d}, W_2 in R^{h x h}, W_3 in R^{k x h}",
                "h_1 = sigmoid(W_1 x)",
                "h_2 = sigmoid(W_2 h_1)",
                "p = softmax(W_3 h_2)",
                "L = -y^T log(p)",
                "backprop L wrt W_1, W_2, W_3",
            ],
            ["delta_z = (1^T y) p - y", "delta_2 = (W_3^T delta_z) .* h_2 .* (1 - h_2)", "W_3 = delta_z h_2^T"],
        ),
        (
            [
                "x_1 in R^d, x_2 in R^d, x_3 in R^d, h_0 in R^h, y in R^h, W in R^{h x h}, U in R^{h x d}",
                "h_1 = tanh(W h_0 + U x_1)",
                "h_2 = tanh(W h_1 + U x_2)",
                "h_3 = tanh(W h_2 + U x_3)",
                "L = ||h_3 - y||^2",
                "backprop L wrt W, U",
            ],
            ["W = delta_3 h_2^T + delta_2 h_1^T + delta_1 h_0^T"],
        ),
        (
            [
                "x in R^d, y in R^d, W_1 in R^{d x d}, W_2 in R^{d x d}, W_3 in R^{d x d}",
                "h_1 = x + tanh(W_1 x)",
                "h_2 = h_1 + tanh(W_2 h_1)",
                "h_3 = h_2 + tanh(W_3 h_2)",
                "L = ||h_3 - y||^2",
                "backprop L wrt W_1, W_2, W_3, x",
            ],
            ["delta_2 = delta_3 + W_3^T delta_z3", "delta_z2 = delta_2 .* (1 - a_2.^2)", "x = delta_1 + W_1^T delta_z1"],
        ),
        (
            [
                "X in R^{n x d}, W_Q in R^{d x p}, W_K in R^{d x p}, W_V in R^{d x q}, Y in R^{n x q}",
                "Q = X W_Q",
                "K = X W_K",
                "V = X W_V",
                "S = Q K^T / sqrt(p)",
                "A = softmax(S)",
                "O = A V",
                "L = ||O - Y||_F^2",
                "backprop L wrt W_Q, W_K, W_V",
            ],
            ["delta_O = 2 (O - Y)", "delta_V = A^T delta_O", "delta_A = delta_O V^T", "W_V = X^T delta_V"],
        ),
        (
            [
                "x in R^d, y in R^d, W in R^{d x d}, V in R^{d x d}, gamma in R^d, beta in R^d",
                "h = tanh(V x)",
                "a = W h",
                "mu = mean(a)",
                "v = mean((a - mu) .* (a - mu))",
                "u = gamma .* (a - mu)/sqrt(v + epsilon) + beta",
                "q = tanh(u)",
                "L = ||q - y||^2",
                "backprop L wrt W, V, gamma, beta",
            ],
            ["beta = delta_u", "W = delta_a h^T"],
        ),
    ],
    ids=["softmax cross-entropy", "recurrent", "residual", "attention", "layer norm"],
)
def test_other_networks(lines: list[str], formulas: list[str]) -> None:
    report = derive.solve(lines)
    assert report.solution is not None and report.verification is not None and report.code is not None and report.code.check is not None
    said = [f"{n.key} = {plain(t)}" for n, t in report.solution.bindings.items()]
    said += [f"{n} = {plain(t)}" for n, t in report.parts.items()]
    assert [f for f in formulas if f not in said] == []
    assert report.verification.status == "verified"
    assert report.code.check.status == "verified"


def test_labels_above_the_names() -> None:
    lines = [
        r"x \in \mathbb{R}^{d}, y \in \mathbb{R}^{h}, W^{(1)} \in \mathbb{R}^{h \times d}, W^{(2)} \in \mathbb{R}^{h \times h}",
        r"W^{(3)} \in \mathbb{R}^{h \times h}",
        r"h^{(1)} = \tanh(W^{(1)} x)",
        r"h^{(2)} = \tanh(W^{(2)} h^{(1)})",
        r"h^{(3)} = \tanh(W^{(3)} h^{(2)})",
        r"L = \|h^{(3)} - y\|^2",
        "backprop L wrt W^{(1)}, W^{(2)}, W^{(3)}",
    ]
    assert "δ⁽²⁾ = ((W⁽³⁾)ᵀ δ⁽³⁾) ⊙ (1 − (h⁽²⁾)^(⊙2))" in shown(derive.solve(lines))


def test_names_that_are_taken_are_left_alone() -> None:
    lines = [
        "x in R^d, W_1 in R^{h x d}, W_2 in R^{h x h}, W_3 in R^{h x h}, z_1 in R^h, delta_3 in R^h",
        "h_1 = tanh(W_1 x) .* z_1",
        "h_2 = tanh(W_2 h_1)",
        "h_3 = tanh(W_3 h_2)",
        "L = ||h_3 - delta_3||^2",
        "backprop L wrt W_1, W_2, W_3",
    ]
    report = derive.solve(lines)
    assert report.solution is not None and report.verification is not None and report.verification.status == "verified"
    assert not {"z_1", "delta_3"} & {name.key for name in report.solution.bindings}


@pytest.mark.parametrize("depth", [40, 120])
def test_a_single_gradient_through_a_deep_network(depth: int) -> None:
    report = derive.solve(network(depth, task="grad L wrt W_1"))
    assert plain(report.answer) == "delta_1 x^T"
    assert report.verification is not None and report.verification.status == "verified"


@pytest.mark.parametrize("activation", ["tanh", "relu", "softplus"])
def test_forty_layers_against_differences(activation: str) -> None:
    report = derive.solve(network(40, activation))
    assert report.verification is not None and report.verification.status == "verified"
    rng = np.random.default_rng(3)
    given: dict[str, Any] = {"x": rng.uniform(0.2, 1, 3), "y": rng.normal(size=4)}
    for layer in range(1, 41):
        given[f"W_{layer}"] = rng.uniform(-0.1, 0.5, (4, 3 if layer == 1 else 4))
        given[f"b_{layer}"] = rng.uniform(-0.1, 0.3, 4)

    def loss(values: dict[str, Any]) -> float:
        h = values["x"]
        for layer in range(1, 41):
            z = values[f"W_{layer}"] @ h + values[f"b_{layer}"]
            h = np.tanh(z) if activation == "tanh" else np.maximum(z, 0) if activation == "relu" else np.logaddexp(0, z)
        return float(np.sum((h - values["y"]) ** 2))

    gradients = called(report, given)._asdict()
    for name in ("W_40", "b_40", "b_39", "W_20", "b_1"):
        along = rng.normal(size=given[name].shape)
        step = 1e-6
        ahead, behind = ({**given, name: given[name] + s * step * along} for s in (1, -1))
        found = (loss(ahead) - loss(behind)) / (2 * step)
        assert math.isclose(float(np.sum(gradients[name] * along)), found, rel_tol=1e-5, abs_tol=1e-8)


# ---------------------------------------------------------------------------------------------- wrong adjoints are caught
def solution_of(lines: list[str]) -> tuple[Reading, Solution]:
    reading = reading_of(lines)
    return reading, solve(reading)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_wrong_adjoint_or_gradient_fails(activation: str) -> None:
    reading, solution = solution_of(network(10, activation))
    derivation = solution.derivation
    assert derivation is not None
    assert summarise(check_derivation(derivation, reading.types)).status == "verified"
    for place in range(1, len(derivation.steps)):
        right = derivation.steps[place]
        wrong = replace(right, after=Term("mul", (Term("number", (), "1.001"), right.after)))
        steps = (*derivation.steps[:place], wrong, *derivation.steps[place + 1 :])
        checked = check_derivation(replace(derivation, steps=steps), reading.types)
        check = checked.steps[place].check
        assert check is not None and check.status == "failed", right.title


def test_a_wrong_forward_pass_fails() -> None:
    reading, solution = solution_of(network(10))
    derivation = solution.derivation
    assert derivation is not None
    first = derivation.steps[0]
    because = tuple(
        Term("rel", (p.args[0], Term("neg", (p.args[1],))), "=") if isinstance(p, Term) and plain(p.args[0]) == "h_5" else p
        for p in first.because
    )
    steps = (replace(first, because=because), *derivation.steps[1:])
    assert summarise(check_derivation(replace(derivation, steps=steps), reading.types)).status != "verified"


# ---------------------------------------------------------------------------------------------- linear in the depth
def size_of(solution: Solution) -> int:
    assert solution.derivation is not None
    terms = [*solution.bindings.values(), *solution.parts.values()]
    terms += [t for step in solution.derivation.steps for t in (step.before, step.after, *step.because) if isinstance(t, Term)]
    return sum(tree_size(term, {}) for term in terms)


def test_steps_and_code_grow_with_the_depth_and_no_faster() -> None:
    depths = (20, 40, 60)
    reports = [derive.solve(network(depth)) for depth in depths]
    sizes = [size_of(r.solution) for r in reports if r.solution is not None]
    lines = [len(r.code.source.split("\n")) for r in reports if r.code is not None]
    products = [r.code.source.count(" @ ") for r in reports if r.code is not None]
    assert all(b - a == c - b for (a, b), (_, c) in pairwise(list(pairwise(sizes))))
    assert products == [2 * depth - 1 for depth in depths]
    assert lines[1] - lines[0] == lines[2] - lines[1]


def test_what_branches_does_not_multiply() -> None:
    lines = ["x in R^d, y in R^d, W in R^{d x d}", "h_1 = x + tanh(W x)"]
    lines += [f"h_{{{k}}} = h_{{{k - 1}}} + tanh(W h_{{{k - 1}}})" for k in range(2, 41)]
    report = derive.solve([*lines, "L = ||h_{40} - y||^2", "backprop L wrt W, x"])  # 2^40 paths
    assert report.solution is not None and report.verification is not None and report.verification.status == "verified"
    assert size_of(report.solution) < 5000


def test_definitions_are_shared_where_they_are_put_in() -> None:
    session = Session()
    for line in ("a = x^2 + 1", "b = a + a^2", "c = b + b^2"):
        _, session = session.run(line, final=False)
    expanded = read("c", session.scope)[0].expanded
    assert sum(1 for _ in expanded.walk()) < tree_size(expanded, {}) / 2


def test_a_later_definition_replaces_what_was_put_in() -> None:
    session = Session()
    for line in ("a = x^2", "b = a + 1", "a = x^3"):
        _, session = session.run(line, final=False)
    assert plain(read("b", session.scope)[0].expanded) == "x^3 + 1"
