"""What each formula of a document is, and what is in force for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from derive.documents.document import Outcome, Translation, translate_document


def translated(folder: Path, text: str, name: str = "a.tex") -> Translation:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return translate_document([path])


def functions(made: Translation) -> dict[str, object]:
    space: dict[str, object] = {}
    exec(compile(made.source, "module.py", "exec"), space)
    return space


def only(made: Translation, part: str) -> Outcome:
    (found,) = [o for o in made.outcomes if part in o.text]
    return found


KINDS = [
    (r"\[ f(x) = x^2 \]", "f(x)", "translated", ""),
    (r"$x \in \mathbb{R}^n$", "x", "taken in", "a declaration"),
    (r"$x$", "x", "nothing to compute", "fragment"),
    (r"$O(n^2)$", "O", "nothing to compute", "fragment"),
    (r"\[ f(x) \ge x^2 \]", "ge", "nothing to compute", "statement"),
    (r"\[ A x = b \]", "A x", "nothing to compute", "equation between two expressions"),
    (r"\[ \sigma(-z) = 1 - \sigma(z) \]", "sigma", "nothing to compute", "an identity"),
    (r"\[ \sigma(-z) = \sigma(z) \]", "sigma", "does not hold", "not equal to the right side"),
    (r"\[ \log\sigma(z) = -\log(1 + e^{-z}) = z - \log(1 + e^z) \]", "sigma", "nothing to compute", "an identity"),
    (r"\[ \log\sigma(z) = -\log(1 + e^{-z}) = -\log(1 + e^z) \]", "sigma", "does not hold", "the last member"),
    (r"\[ \nabla f(x) = 0 \]", "nabla", "nothing to compute", "condition"),
    (r"if $x = y$ then", "x = y", "nothing to compute", "condition"),
    (r"with $\lambda = 0.1$", "lambda", "nothing to compute", "value"),
    (r"\[ f(t) = h(t)^2 \]", "h(t)", "needs a declaration", "h is not defined"),
    (r"\[ a = \frobnicate{x} \]", "a =", "not read", "frobnicate"),
    (r"\[ a = \frac{x}{ \]", "a =", "not read", ""),
    (r"\[ \hat{x} = \arg\min_x g(x) \]", "hat", "needs a declaration", "g is not defined"),
    (r"\[ \hat\sigma^2 = \frac{1}{n} \sum_{i=1}^n r_i^2 \]", "sigma", "translated", ""),
    (r"\[ x \]", "x", "nothing to compute", "fragment"),
    (r"\[ \|a - b\|_2 \]", "a - b", "translated", ""),
]


@pytest.mark.parametrize(("text", "part", "status", "reason"), KINDS)
def test_kinds_of_formulas(tmp_path: Path, text: str, part: str, status: str, reason: str) -> None:
    found = only(translated(tmp_path, text), part)
    assert found.status == status
    assert reason in found.reason


def test_broken_latex_in_the_middle_has_its_place_and_the_rest_goes_on(tmp_path: Path) -> None:
    made = translated(tmp_path, "\\[ f = x^2 \\]\n\\[ g = x + \\foo{y} \\]\n\\[ h = x + 1 \\]\n$ never closed\n\n\\[ k = 2 x \\]")
    assert [(o.function, o.status) for o in made.outcomes if o.function] == [(n, "translated") for n in "fhk"]
    broken = [o for o in made.outcomes if o.status == "not read"]
    assert [(str(o.place)) for o in broken] == ["a.tex:2:12", "a.tex:4:1"]


def test_definitions_before_a_formula_are_in_force_and_shapes_come_with_them(tmp_path: Path) -> None:
    made = translated(
        tmp_path,
        r"Let $A \in \mathbb{R}^{m \times n}$, $x \in \mathbb{R}^n$ and $b \in \mathbb{R}^m$. \[ r = A x - b \] \[ L = \|r\|_2^2 + 1 \]",
    )
    loss = functions(made)["L"]
    a, x, b = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.0, -1.0]), np.array([0.0, 1.0, 2.0])
    assert loss(A=a, x=x, b=b) == np.sum((a @ x - b) ** 2) + 1  # type: ignore[operator]


def test_where_behind_a_display_is_in_force_for_it(tmp_path: Path) -> None:
    made = translated(
        tmp_path, "\\[ L = \\|A x - b\\|^2, \\]\nwhere $A \\in \\mathbb{R}^{m \\times n}$ and $b \\in \\mathbb{R}^m$. Then $A$."
    )
    assert "A : array, shape (m, n)" in made.source


def test_where_inside_a_display_is_in_force_for_it(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ p = \sigma(z) \quad \text{where} \quad z = 2 t \]")
    assert functions(made)["p"](t=0.0) == 0.5  # type: ignore[operator]


def test_a_later_definition_supersedes_and_the_report_says_so(tmp_path: Path) -> None:
    made = translated(tmp_path, "\\[ z = 2 x \\]\n\\[ f = z + 1 \\]\n\\[ z = 3 x \\]\n\\[ g = z + 1 \\]")
    space = functions(made)
    assert (space["f"](x=1.0), space["g"](x=1.0)) == (3.0, 4.0)  # type: ignore[operator]
    assert any("line 1; this definition supersedes it" in n for o in made.outcomes for n in o.notes)


def test_conditions_and_values_in_prose_define_nothing(tmp_path: Path) -> None:
    made = translated(tmp_path, r"We use $\lambda = 0.1$, and if $x = y$, then \[ f = \lambda x \]")
    assert functions(made)["f"](lam=2.0, x=3.0) == 6.0  # type: ignore[operator]


def test_definitions_in_prose_are_in_force(tmp_path: Path) -> None:
    made = translated(tmp_path, r"Let $z = 2 x$ and $q = z + 1$. \[ f = q^2 \]")
    assert functions(made)["f"](x=1.0) == 9.0  # type: ignore[operator]


def test_a_definition_without_code_leaves_its_name_an_argument(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ \hat{w} = \arg\min_w \|X w - y\|_1 \] \[ f = 2 \hat{w} + 1 \]")
    assert functions(made)["f"](w_hat=1.0) == 3.0  # type: ignore[operator]


def test_what_rests_on_a_formula_that_cannot_be_read_is_not_computed(tmp_path: Path) -> None:
    made = translated(tmp_path, "\\[ z = \\foo{x} \\]\n\\[ f = z + 1 \\]")
    found = only(made, "f = z")
    assert (found.status, found.expected) == ("needs a declaration", ("z = …",))
    assert "line 1" in found.reason


def test_declaring_a_name_anew_ends_its_definition(tmp_path: Path) -> None:
    made = translated(tmp_path, "\\[ p = 2 x \\]\nLet $p \\in \\mathbb{N}$.\n\\[ f = p + 1 \\]")
    assert functions(made)["f"](p=1) == 2  # type: ignore[operator]
    assert any("no longer in force" in n for o in made.outcomes for n in o.notes)


def test_an_update_does_not_define_its_name(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ \theta \leftarrow \theta - \eta g \] \[ f = \theta^2 \]")
    space = functions(made)
    assert space["theta_update"](theta=1.0, eta=0.5, g=1.0) == 0.5  # type: ignore[operator]
    assert space["f"](theta=3.0) == 9.0  # type: ignore[operator]


def test_shapes_that_other_formulas_suggest_do_not_spoil_a_formula(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ s = \sum_{i=1}^n a_i b_i^2 \] \[ f = a (b + 1) a^3 \]")
    assert only(made, "f =").status == "translated"
    assert functions(made)["f"](a=2.0, b=1.0) == 32.0  # type: ignore[operator]


def test_tasks_are_derived_before_they_are_translated(tmp_path: Path) -> None:
    made = translated(tmp_path, r"\[ g = \nabla_w \|X w - y\|_2^2 \]")
    x, w, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 1.0]), np.array([0.0, 1.0])
    np.testing.assert_allclose(functions(made)["g"](X=x, w=w, y=y), 2 * x.T @ (x @ w - y))  # type: ignore[operator]


def test_lines_of_a_text_are_a_session(tmp_path: Path) -> None:
    made = translated(tmp_path, "a = 2\nf(x) := a x^2\nd/dx f(x)\nx in R^n\ngrad ||x||^2 wrt x\nnp.maximum(t, 0)\n", "a.txt")
    assert [o.status for o in made.outcomes] == ["taken in", "translated", "translated", "taken in", "translated", "translated"]
    assert functions(made)["f"](x=3.0) == 18.0  # type: ignore[operator]
    assert functions(made)["derivative"](x=3.0) == 12.0  # type: ignore[operator]


CLAIMS = [
    (r"\[ L(w) = \|X w - y\|_2^2 \] \[ \nabla_w L = 2 X^\top (X w - y) \]", ""),
    (r"\[ L(w) = \|X w - y\|_2^2 \] \[ \nabla_w L = X^\top (X w - y) \]", "the left side"),
    (r"\[ f(x) = x^3 \] \[ f'(x) = 3 x^2 \]", ""),
    (r"\[ f(x) = x^3 \] \[ f'(x) = 2 x^2 \]", "the left side"),
    (r"\[ f(x) = x^3 \] \[ \frac{d f}{d x} = 3 x \]", "the left side"),
    (r"\[ \frac{\partial M}{\partial x} = 3 x \]", ""),
    (r"\begin{align} f(x) &= (x + 1)^2 \\ &= x^2 + 2 x + 1 \end{align}", ""),
    (r"\begin{align} f(x) &= (x + 1)^2 \\ &= x^2 + x + 1 \end{align}", "member 2"),
    (r"\[ f = \sum_{i=1}^n (a_i - b_i)^2 = \|a - b\|_2^2 \]", ""),
    (r"\[ f = \sum_{i=1}^n (a_i - b_i)^2 = \|a + b\|_2^2 \]", "member 2"),
]


@pytest.mark.parametrize(("text", "wrong"), CLAIMS)
def test_what_an_equation_claims_besides_is_compared(tmp_path: Path, text: str, wrong: str) -> None:
    made = translated(tmp_path, text)
    said = [n for o in made.outcomes for n in o.notes if "not equal to" in n]
    assert [n.split(" is ")[0] for n in said] == ([wrong] if wrong else [])
    assert ("not equal to" in " ".join(made.source.split())) == bool(wrong)


@pytest.mark.parametrize("words", ["so that", "hence", "Therefore,"])
def test_a_conclusion_in_prose_is_compared(tmp_path: Path, words: str) -> None:
    loss = r"Let $z, y \in \mathbb{R}^n$. \[ \ell(z) = \sum_{i=1}^n \left( \log(1 + e^{z_i}) - y_i z_i \right) \]"
    for claim, differs in ((r"\sigma(z) - y", False), (r"y - \sigma(z)", True)):
        made = translated(tmp_path, rf"{loss} {words} $\frac{{\partial \ell}}{{\partial z}} = {claim}$.", f"{differs}.tex")
        assert any("not equal to" in note for outcome in made.outcomes for note in outcome.notes) is differs


def test_parameters_of_a_function_are_names_of_their_own(tmp_path: Path) -> None:
    made = translated(
        tmp_path,
        r"Let $X \in \mathbb{R}^{n \times n}$. \[ K = X X^\top \] "
        r"\[ \mathrm{Attention}(Q, K, V) = \mathrm{softmax}\left(\frac{Q K^\top}{\sqrt{d}}\right) V \] \[ T = \operatorname{tr}(K) \]",
    )
    space = functions(made)
    rng = np.random.default_rng(0)
    q, k, v, x = rng.normal(size=(4, 3)), rng.normal(size=(5, 3)), rng.normal(size=(5, 2)), rng.normal(size=(3, 3))
    scores = np.exp(q @ k.T / np.sqrt(3.0))
    np.testing.assert_allclose(space["Attention"](Q=q, K=k, V=v, d=3.0), scores / scores.sum(1, keepdims=True) @ v)
    np.testing.assert_allclose(space["T"](X=x), np.trace(x @ x.T))


def test_the_logarithm_of_a_density_is_a_function(tmp_path: Path) -> None:
    made = translated(
        tmp_path,
        r"Let $x, \mu \in \mathbb{R}^d$ and $\Sigma \succ 0$. "
        r"\[ \log \mathcal{N}(x \mid \mu,\Sigma) = -\frac{1}{2}(x-\mu)^\top \Sigma^{-1}(x-\mu) - \frac12 \log\det(2\pi\Sigma) \] "
        r"\[ \log p(x\mid\theta) = \sum_{i=1}^d x_i \log\theta_i \] \[ \log\sigma(z) = -\log(1+e^{-z}) \]",
    )
    space = functions(made)
    x, mu, sigma = np.array([1.0, 2.0]), np.array([0.5, -1.0]), np.array([[2.0, 0.3], [0.3, 1.0]])
    expected = -0.5 * (x - mu) @ np.linalg.solve(sigma, x - mu) - 0.5 * np.linalg.slogdet(2 * np.pi * sigma)[1]
    np.testing.assert_allclose(space["log_p"](x=x, mu=mu, Sigma=sigma), expected)
    np.testing.assert_allclose(space["log_p_x_given_theta"](x=x, theta=np.array([0.2, 0.8])), x @ np.log([0.2, 0.8]))
    assert only(made, "sigma(z)").status == "nothing to compute"
