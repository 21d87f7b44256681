"""What is in force where: “where …” behind a display, letters that are indices or parameters, arrays by their entries; what does not hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from derive.documents.document import Outcome, Translation, translate_document
from derive.documents.report import as_text


def translated(folder: Path, text: str) -> Translation:
    path = folder / "a.tex"
    path.write_text(text, encoding="utf-8")
    return translate_document([path])


def functions(made: Translation) -> dict[str, object]:
    space: dict[str, object] = {}
    exec(compile(made.source, "module.py", "exec"), space)
    return space


def only(made: Translation, part: str) -> Outcome:
    (found,) = [o for o in made.outcomes if part in o.text]
    return found


def test_where_behind_a_display_ends_with_it(tmp_path: Path) -> None:
    made = translated(
        tmp_path,
        "\\[ q = -\\frac12 (x-\\mu)^\\top \\Sigma^{-1}(x-\\mu), \\]\nwhere $x,\\mu\\in\\mathbb{R}^d$ and $\\Sigma \\succ 0$. The mean is\n"
        "\\[ \\mu = \\frac1n\\sum_{i=1}^n a_i \\]\nand\n\\[ v = \\frac1n\\sum_{i=1}^n (a_i-\\mu)^2. \\]",
    )
    a = np.array([1.0, 2.0, 6.0])
    assert functions(made)["v"](a=a) == pytest.approx(np.var(a))  # type: ignore[operator]


def test_what_where_replaces_comes_back(tmp_path: Path) -> None:
    made = translated(
        tmp_path,
        "Let $A \\in \\mathbb{R}^{m \\times n}$.\n\\[ f = 2 A, \\]\nwhere $A > 0$ is a number.\n\\[ g = \\mathrm{tr}(A^\\top A) \\]",
    )
    assert "A : array, shape (m, n)" in made.source


def test_an_entry_on_the_left_defines_the_whole_array(tmp_path: Path) -> None:
    made = translated(
        tmp_path,
        "Let $x_i \\in \\mathbb{R}^d$, $w_k \\in \\mathbb{R}^d$ and $y \\in \\{1,\\dots,K\\}^n$. \\[ z_{ik} = w_k^\\top x_i + b_k \\] "
        "\\[ p_{ik} = \\frac{\\exp(z_{ik})}{\\sum_{l=1}^K \\exp(z_{il})} \\] \\[ D_{ij} = \\|x_i - x_j\\|_2^2 \\]",
    )
    x, w, b = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 0.0]]), np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0.1, 0.2])
    space = functions(made)
    z = x @ w.T + b
    np.testing.assert_allclose(space["z"](w=w, x=x, b=b), z)  # type: ignore[operator]
    np.testing.assert_allclose(space["p"](w=w, x=x, b=b), np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))  # type: ignore[operator]
    np.testing.assert_allclose(space["D"](x=x), np.sum((x[:, None] - x) ** 2, axis=2), atol=1e-15)  # type: ignore[operator]


def test_a_letter_in_a_subscript_is_an_index_also_where_it_was_a_vector(tmp_path: Path) -> None:
    made = translated(
        tmp_path, "For targets $t \\in \\mathbb{R}^n$. \\[ \\bar\\alpha_t = \\prod_{s=1}^t (1-\\beta_s) \\] \\[ f = t^\\top t \\]"
    )
    beta = np.array([0.1, 0.2, 0.3])
    space = functions(made)
    np.testing.assert_allclose(space["alpha_bar"](beta=beta), np.cumprod(1 - beta))  # type: ignore[operator]
    assert space["f"](t=np.array([3.0, 4.0])) == 25.0  # type: ignore[operator]


@pytest.mark.parametrize("left", ["H_\\delta(r)", "H_\\delta'(r)", "g(r)"])
def test_parameters_are_names_of_their_own(tmp_path: Path, left: str) -> None:
    made = translated(tmp_path, rf"\[ r = \sum_{{i=1}}^n h_i^2 \] \[ {left} = \max(-\delta, \min(\delta, r)) \]")
    function = functions(made)[only(made, "max").function]
    assert function(delta=1.0, r=0.5) == 0.5  # type: ignore[operator]


def test_a_parameter_with_a_subscript_shadows_the_array(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ p_k = \frac{e^{z_k}}{\sum_j e^{z_j}} \] \[ \mathrm{FL}(p_t) = -(1-p_t)^\gamma\log p_t \]")
    assert functions(made)["FL"](p_t=0.5, gamma=2.0) == pytest.approx(-0.25 * np.log(0.5))  # type: ignore[operator]


def test_what_is_declared_does_not_rest_on_what_formulas_suggest(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ s = \sum_{i=1}^n \delta_i^2 \] \[ f = \delta x^2 \] with $\delta > 0$.")
    assert functions(made)["f"](delta=2.0, x=3.0) == 18.0  # type: ignore[operator]


def test_a_function_of_the_table_is_compared_with_what_it_is(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ \tanh x = \frac{e^{x}+e^{-x}}{e^x-e^{-x}} \]")
    assert any("the left side is not equal to what is computed" in n and "x = " in n for n in only(made, "tanh").notes)


def test_an_equation_that_does_not_hold_is_said_on_the_terminal(tmp_path: Path) -> None:
    text = as_text(translated(tmp_path, r"\[ \log\sigma(u) = -\log(1+e^{u}) \]"))
    assert "Do not hold" in text
    assert "at u = " in text


def test_a_difference_of_arrays_has_its_entry_and_its_point(tmp_path: Path) -> None:
    made = translated(tmp_path, "Let $A \\in \\mathbb{R}^{m\\times n}$. \\[ \\nabla_x \\|A x - b\\|^2 = A^\\top(Ax-b) \\]")
    (note,) = [n for n in only(made, "nabla").notes if "not equal" in n]
    assert "in entry 1 at A = [[" in note
    assert "b = [" in note


def test_remarks_are_those_of_the_command_line(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ a = \sigma(w x + b) \] \[ r = \|A\|_F + \|x - y\| \]")
    assert "σ is the logistic function" in only(made, "sigma").notes
    assert "‖·‖ of a matrix is the Frobenius norm" in only(made, "A").notes


def test_a_density_is_written_as_one(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ \log \mathcal{N}(x \mid m, v) = -\frac12\log(2\pi v) - \frac{(x-m)^2}{2v} \]")
    assert "log(𝒩(x; m, v)) = " in made.source


def test_a_size_that_nobody_named_has_a_letter(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ z_k = a_k x + b_k \]")
    assert "shape[0]" not in made.source


def test_the_end_of_a_sum_is_a_number_also_where_the_letter_was_a_matrix(tmp_path: Path) -> None:
    made = translated(
        tmp_path,
        r"Let $X \in \mathbb{R}^{n\times d}$, $W \in \mathbb{R}^{d\times k}$ and $K = X W$. \[ H = -\sum_{k=1}^K \pi_k \log \pi_k \]",
    )
    assert functions(made)["H"](pi=np.array([0.5, 0.5])) == pytest.approx(np.log(2))  # type: ignore[operator]


def test_the_name_of_a_function_without_its_parameter_is_another_letter(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ g(u) = u \Phi(u) \] \[ \tilde g = g\min\left(1, \frac{c}{\|g\|}\right) \] \[ h = g(u) + u \]")
    space = functions(made)
    np.testing.assert_allclose(space["g_tilde"](g=np.array([3.0, 4.0]), c=1.0), [0.6, 0.8])  # type: ignore[operator]
    assert space["h"](u=0.0) == 0.0  # type: ignore[operator]


def test_the_logarithm_of_a_name_is_no_claim_about_it(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ \log L = \sum_{i=1}^N (c_i - \lambda \tau_i) \]")
    found = only(made, "log L")
    assert found.function == "log_L"
    assert not any("not equal" in n for n in found.notes)


def test_a_letter_with_a_number_is_no_entry_of_what_is_only_suggested(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ y_i = \beta_i + x_i \] \[ m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t \]")
    assert functions(made)["m_t"](beta_1=0.5, m_t_minus_1=2.0, g_t=4.0) == 3.0  # type: ignore[operator]


def test_a_network_layer_is_a_product_of_matrices(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ F(x) = W_2\max(0, W_1 x + b_1) + b_2 \]")
    given = {"x": np.array([1.0, 2.0]), "W_1": np.eye(2), "b_1": np.zeros(2), "W_2": np.ones((1, 2)), "b_2": np.zeros(1)}
    np.testing.assert_allclose(functions(made)["F"](**given), [3.0])  # type: ignore[operator]


def test_a_name_without_a_suffix_is_a_folder(tmp_path: Path) -> None:
    from derive.documents.command import run

    (tmp_path / "a.tex").write_text(r"\[ f = x + 1 \]", encoding="utf-8")
    assert run([str(tmp_path / "a.tex"), "-o", str(tmp_path / "made"), "--no-cache", "--quiet"]) == 0
    assert (tmp_path / "made" / "a.py").is_file()


def test_the_end_of_a_sum_is_a_number_after_an_array_of_that_name(tmp_path: Path) -> None:
    made = translated(
        tmp_path,
        "Let $y \\in \\{-1,1\\}^n$ and $w \\in \\mathbb{R}^d$. The margins are\n\\[ m_i = y_i w^\\top x_i. \\]\n"
        "Another mean is\n\\[ v = \\frac{1}{m^2}\\sum_{i=1}^m\\sum_{j=1}^m b_i b_j. \\]",
    )
    b = np.array([1.0, 2.0, 6.0])
    assert functions(made)["v"](b=b) == pytest.approx(9.0)  # type: ignore[operator]
