"""Short ways to write terms, for the tests of the printers."""

from __future__ import annotations

from derive.expressions.term import Name, Term, call_name, name, number


def n(value):
    return number(value)


def v(key):
    return name(key)


def add(*terms):
    return Term("add", terms)


def neg(term):
    return Term("neg", (term,))


def mul(*terms, sign=None):
    return Term("mul", terms, sign)


def div(a, b):
    return Term("div", (a, b))


def power(a, b):
    return Term("pow", (a, b))


def at(array, *indices):
    return Term("index", (array, *indices))


def sigma(body, i, lower, upper):
    return Term("sum", (body, i, lower, upper), "range")


def d(body, *pairs, kind="d"):
    return Term("derivative", (body, *pairs), kind)


def rel(a, sign, b):
    return Term("rel", (a, b), sign)


def named(base, **parts):
    return Term("name", (), Name(base, **parts))


f = call_name
e = Term("constant", (), "e")
pi = Term("constant", (), "pi")
inf = Term("constant", (), "inf")
a, b, c, x, y, z, w, A, B, X, Y = map(name, "a b c x y z w A B X Y".split())
i, j, k, m, t = map(name, "i j k m t".split())
size = name("n")
mu, theta, lam, s = name("mu"), name("theta"), name("lambda"), name("sigma")
logistic = f("sigmoid", x)
decay = power(e, neg(x))
otherwise = Term("otherwise")
