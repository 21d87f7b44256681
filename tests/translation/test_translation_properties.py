"""Random scalar terms: the emitted code agrees with the high-precision value of the term, wherever there is one."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive.expressions.term import Term, call_name, name, number
from derive.graph.build import build
from derive.graph.validate import validate
from derive.translation.stabilise import stabilise
from derive.translation.translate import translate

FUNCTIONS = ("exp", "log", "sin", "cos", "tanh", "sigmoid", "softplus", "sqrt", "atan", "relu", "cosh", "erf", "log1p", "expm1")
E = Term("constant", (), "e")

leaves = st.one_of(
    st.sampled_from([name("x"), name("y")]),
    st.integers(1, 4).map(number),
    st.sampled_from([number("0.5"), Term("constant", (), "pi")]),
)


def extended(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda a: Term("add", a)),
        st.tuples(inner, inner).map(lambda a: Term("add", (a[0], Term("neg", (a[1],))))),
        st.tuples(inner, inner).map(lambda a: Term("mul", a)),
        st.tuples(inner, inner).map(lambda a: Term("div", a)),
        st.tuples(inner, st.integers(-2, 3)).map(lambda a: Term("pow", (a[0], number(a[1])))),
        inner.map(lambda a: Term("pow", (E, a))),
        inner.map(lambda a: Term("pow", (E, Term("neg", (a,))))),
        st.tuples(st.sampled_from(FUNCTIONS), inner).map(lambda a: call_name(a[0], a[1])),
        st.tuples(inner, inner, inner).map(lambda a: Term("cases", (a[0], Term("rel", (a[1], number(0)), ">"), a[2], Term("otherwise")))),
    )


terms = st.recursive(leaves, extended, max_leaves=7)


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(terms)
def test_code_agrees_with_the_reference(term: Term) -> None:
    code = translate(term, {}, function="f", summary="A random term")
    assert code.check is not None
    assert code.check.status != "failed", (code.source, code.check)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(terms)
def test_graphs_stay_valid(term: Term) -> None:
    graph = build(term, {})
    validate(graph)
    stable = stabilise(graph)
    validate(stable)
    assert stabilise(stable).roots == stable.roots or stable.roots  # a second pass may only improve it
    validate(stabilise(stable))
