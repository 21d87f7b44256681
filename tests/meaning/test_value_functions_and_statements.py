"""Value functions, convolutions, quantifiers, laws beside equations, weights on joined vectors: read as papers mean them."""

from __future__ import annotations

import pytest

import derive

READINGS = {
    r"V^\pi(s) = R(s) + \gamma V^\pi(s')": "V^pi(s) = R(s) + gamma V^pi(s')",
    r"V(s) = \max_a Q(s,a)": "V(s) = (maximize Q(s, a) over a)",
    r"(f*g)(t) = \int_{-\infty}^{\infty} f(\tau)g(t-\tau)\,d\tau": "(f * g)(t) = int_{-inf}^inf f(tau) g(t - tau) dtau",
    r"z = \mu + \sigma \epsilon,\quad \epsilon\sim\mathcal{N}(0,1)": "z = mu + sigma epsilon, epsilon ~ Normal(0, 1)",
    r"f\sim\mathcal{GP}(m(x),k(x,x'))": "f ~ GaussianProcess(m(x), k(x, x'))",
    r"x^\top A x > 0 \quad \forall x\ne 0": "x^T A x > 0",
    r"\Sigma_* = K_{**} - K_*^\top K_*": "Sigma_{*} = K_{**} - K_{*}^T K_{*}",
    r"f_t = \sigma(W_f\cdot[h_{t-1},x_t]+b_f)": "f_t = sigmoid(W_f concat(h_{t-1}, x_t) + b_f)",
}


@pytest.mark.parametrize("formula", READINGS)
def test_readings(formula: str) -> None:
    assert derive.solve([formula]).to_dict()["reading"]["plain"] == READINGS[formula]


def test_an_antiderivative_between_its_ends_is_a_difference() -> None:
    term = derive.read(r"\left.\frac{x^3}{3}\right|_{x=0}^{1}").term
    assert term.head == "add" and term.has("at")


def test_the_variance_is_said_beside_an_equation() -> None:
    report = derive.solve([r"z = \mu + \sigma \epsilon,\quad \epsilon\sim\mathcal{N}(0,1)"]).to_dict()
    assert "variance" in str(report["reading"]["notes"])


def test_what_an_equation_and_a_law_declare_is_known_later() -> None:
    report = derive.solve([r"z = \mu + \sigma \epsilon, \epsilon\sim\mathcal{N}(0,1)", r"\operatorname{Var}(z)"]).to_dict()
    assert report["answer"]["plain"] == "sigma^2"


def test_a_dagger_on_a_matrix_is_the_pseudo_inverse() -> None:
    report = derive.solve([r"A = \begin{pmatrix} 1 & 2 \\ 2 & 4 \end{pmatrix}", r"A^{\dagger}"]).to_dict()
    assert report["answer"]["plain"] == "[[1/25, 2/25], [2/25, 4/25]]"


def test_the_slope_of_an_unknown_function_is_not_zero() -> None:
    report = derive.solve([r"J_{ij} = \frac{\partial f_i}{\partial x_j}"]).to_dict()
    assert report["status"] == "refused" and "not defined" in report["error"]["message"]
