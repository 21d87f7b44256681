"""Probabilities of events from facts: answers, refusals that name what is missing, contradictions that are shown."""

from __future__ import annotations

import pytest
import sympy as sp
from questions import report_of, same

ANSWERS: list[tuple[tuple[str, ...], str]] = [
    (("P(D|+) given P(+|D) = 0.99, P(+|not D) = 0.05, P(D) = 0.01",), "1/6"),
    (("P(D|-) given P(+|D) = 0.99, P(+|not D) = 0.05, P(D) = 0.01",), "1/9406"),
    (("P(not D|+) given P(+|D) = 0.99, P(+|not D) = 0.05, P(D) = 0.01",), "5/6"),
    (("P(D|+) given P(+|D) = 0.99, P(-|not D) = 0.95, P(D) = 1/100",), "1/6"),
    (("P(+) given P(+|D) = 0.99, P(+|not D) = 0.05, P(D) = 0.01",), "297/5000"),
    (("P(D, +) given P(+|D) = 0.99, P(D) = 0.01",), "99/10000"),
    (("P(A) = 0.3", "P(B) = 0.5", "P(A and B) = 0.2", "P(A or B)"), "3/5"),
    (("P(A) = 0.3", "P(B) = 0.5", "P(A and B) = 0.2", "P(A | B)"), "2/5"),
    (("P(A) = 0.3", "P(B) = 0.5", "P(A and B) = 0.2", "P(not A and not B)"), "2/5"),
    (("P(A) = 0.3", "P(B) = 0.5", "P(A and B) = 0.2", "P(A and not B)"), "1/10"),
    (("P(A) = 0.3", "P(B) = 0.5", "P(A and B) = 0.2", "P(A | A or B)"), "1/2"),
    (("P(A) = 0.3", "P(B) = 0.5", "P(A and B) = 0.2", "P(not A | not B)"), "4/5"),
    (("P(A) = 0.3", "P(B) = 0.5", "A indep B", "P(A or B)"), "13/20"),
    (("P(A) = a", "P(B) = b", "A indep B", "P(A or B)"), "a+b-a*b"),
    (("P(A) = a", "P(B) = b", "P(A | B) = c", "P(B | A)"), "c*b/a"),
    (("P(A) = p", "P(B|A) = q", "P(B|not A) = r", "P(B)"), "q*p+r*(1-p)"),
    (("P(A) = p", "P(B|A) = q", "P(B|not A) = r", "P(A | not B)"), "(1-q)*p/((1-q)*p+(1-r)*(1-p))"),
    (("\\Pr(D) = \\pi", "\\Pr(+ \\mid D) = s", "\\Pr(- \\mid \\neg D) = c", "\\Pr(D \\mid +)"), "s*pi0/(s*pi0+(1-c)*(1-pi0))"),
    (("P(A \\cap B) = \\frac{1}{10}", "P(B) = 0.5", "\\Pr(A \\mid B)"), "1/5"),
    (("P(\\overline{A} \\mid B) = 0.3", "P(A \\mid B)"), "7/10"),
    (("P(A^c) = 0.3", "P(A)"), "7/10"),
    (("P(A)=0.4", "P(B)=0.5", "P(A \\cup B)=0.7", "P(A \\cap B)"), "1/5"),
    (("P(A)=0.4", "P(B)=0.5", "P(A \\cup B)=0.7", "P(A \\mid B^c)"), "2/5"),
    (("P(E|H) / P(E|not H) = 20", "P(H) = 0.01", "P(H|E)"), "20/119"),
    (("\\frac{P(E \\mid H)}{P(E \\mid \\neg H)} = 20", "P(H) = 0.01", "P(H \\mid E)"), "20/119"),
    (("P(E|H) / P(E|not H) = r", "P(H) = p", "P(H|E)"), "r*p/(r*p+1-p)"),
    (
        ("P(T_1|D) = 0.9", "P(T_1|not D)=0.1", "P(T_2|D) = 0.9", "P(T_2|not D)=0.1", "P(D)=0.01", "T_1 indep T_2 | D", "P(D | T_1, T_2)"),
        "9/20",
    ),
    (
        (
            "P(T_1|D) = 0.9",
            "P(T_1|not D)=0.1",
            "P(T_2|D) = 0.9",
            "P(T_2|not D)=0.1",
            "P(D)=0.01",
            "T_1 indep T_2 | D",
            "P(D | T_1, not T_2)",
        ),
        "1/100",
    ),
    (("P(T_1|D) = 0.9", "P(T_1|not D)=0.1", "P(T_2|D) = 0.9", "P(T_2|not D)=0.1", "P(D)=0.01", "T_1 indep T_2 | D", "P(T_2 | T_1)"), "1/6"),
    (
        (
            "C \\in \\{1, 2, 3\\}",
            "P(C = 1) = \\frac{1}{3}",
            "P(C = 2) = \\frac{1}{3}",
            "P(C = 3) = \\frac{1}{3}",
            "P(H = 3 \\mid C = 1) = \\frac{1}{2}",
            "P(H = 3 \\mid C = 2) = 1",
            "P(H = 3 \\mid C = 3) = 0",
            "P(C = 2 \\mid H = 3)",
        ),
        "2/3",
    ),
    (("C in {1,2,3}", "P(C=1)=1/3", "P(C=2)=1/3", "P(H=3|C=1)=1/2", "P(H=3|C=2)=1", "P(H=3|C=3)=0", "P(C=2|H=3)"), "2/3"),
    (("A, B, C independent", "P(A) = 1/2", "P(B)=1/3", "P(C)=1/4", "P(A or B or C)"), "3/4"),
    (("A, B, C independent", "P(A) = 1/2", "P(B)=1/3", "P(C)=1/4", "P(A and B and C)"), "1/24"),
    (("A, B, C independent", "P(A) = a", "P(B)=b", "P(C)=c", "P(A or B or C)"), "1-(1-a)*(1-b)*(1-c)"),
    (("A, B, C partition", "P(A) = 0.5", "P(B) = 0.3", "P(C)=0.2", "P(D|A)=0.01", "P(D|B)=0.02", "P(D|C)=0.03", "P(A|D)"), "5/17"),
    (("A, B, C partition", "P(A) = 0.5", "P(B) = 0.3", "P(D|A)=0.01", "P(D|B)=0.02", "P(D|C)=0.03", "P(D)"), "17/1000"),
    (
        ("H_1, H_2, H_3 partition", "P(H_1)=p_1", "P(H_2)=p_2", "P(H_3)=p_3", "P(E|H_1)=a", "P(E|H_2)=b", "P(E|H_3)=c", "P(H_1|E)"),
        "a*p_1/(a*p_1+b*p_2+c*p_3)",
    ),
    (("P(H_1)=1/2", "P(H_2)=1/2", "P(E|H_1)=1/4", "P(E|H_2)=3/4", "P(H_1|E)"), "1/4"),
    (
        (
            "M in {A, B, C}",
            "P(M = A) = 0.5",
            "P(M=B) = 0.3",
            "P(M=C)=0.2",
            "P(D=1|M=A)=0.01",
            "P(D=1|M=B)=0.02",
            "P(D=1|M=C)=0.03",
            "P(M=A|D=1)",
        ),
        "5/17",
    ),
    (
        ("M in {A, B, C}", "P(M = A) = 0.5", "P(M=B) = 0.3", "P(M=C)=0.2", "P(D|M=A)=0.01", "P(D|M=B)=0.02", "P(D|M=C)=0.03", "P(D)"),
        "17/1000",
    ),
    (
        (
            "P(R = 1) = 0.2",
            "P(S = 1) = 0.1",
            "R indep S",
            "P(W=1|S=1,R=1)=0.99",
            "P(W=1|S=1,R=0)=0.9",
            "P(W=1|S=0,R=1)=0.8",
            "P(W=1|S=0,R=0)=0.01",
            "P(R = 1 | W = 1)",
        ),
        "0.2*(0.1*0.99+0.9*0.8)/(0.2*(0.1*0.99+0.9*0.8)+0.8*(0.1*0.9+0.9*0.01))",
    ),
    (
        (
            "P(R = 1) = 0.2",
            "P(S = 1) = 0.1",
            "R indep S",
            "P(W=1|S=1,R=1)=0.99",
            "P(W=1|S=1,R=0)=0.9",
            "P(W=1|S=0,R=1)=0.8",
            "P(W=1|S=0,R=0)=0.01",
            "P(R = 1 | W = 1, S = 1)",
        ),
        "0.2*0.99/(0.2*0.99+0.8*0.9)",
    ),
    (
        (
            "P(R = 1) = 0.2",
            "P(S = 1) = 0.1",
            "R indep S",
            "P(W=1|S=1,R=1)=0.99",
            "P(W=1|S=1,R=0)=0.9",
            "P(W=1|S=0,R=1)=0.8",
            "P(W=1|S=0,R=0)=0.01",
            "P(W = 1)",
        ),
        "0.2*(0.1*0.99+0.9*0.8)+0.8*(0.1*0.9+0.9*0.01)",
    ),
    (
        (
            "P(R = 1) = 0.2",
            "P(S = 1) = 0.1",
            "R \\perp S",
            "P(W = 1 \\mid S = 1, R = 1) = 0.99",
            "P(W = 1 \\mid S = 1, R = 0) = 0.9",
            "P(W = 1 \\mid S = 0, R = 1) = 0.8",
            "P(W = 1 \\mid S = 0, R = 0) = 0.01",
            "P(S = 1 \\mid W = 1)",
        ),
        "0.1*(0.2*0.99+0.8*0.9)/(0.2*(0.1*0.99+0.9*0.8)+0.8*(0.1*0.9+0.9*0.01))",
    ),
    (
        (
            "P(C=1)=0.5",
            "P(S=1|C=1)=0.1",
            "P(S=1|C=0)=0.5",
            "P(R=1|C=1)=0.8",
            "P(R=1|C=0)=0.2",
            "S indep R | C",
            "W indep C | S, R",
            "P(W=1|S=1,R=1)=0.99",
            "P(W=1|S=1,R=0)=0.9",
            "P(W=1|S=0,R=1)=0.9",
            "P(W=1|S=0,R=0)=0",
            "P(W = 1)",
        ),
        "0.6471",
    ),
    (
        (
            "P(C=1)=0.5",
            "P(S=1|C=1)=0.1",
            "P(S=1|C=0)=0.5",
            "P(R=1|C=1)=0.8",
            "P(R=1|C=0)=0.2",
            "S indep R | C",
            "W indep C | S, R",
            "P(W=1|S=1,R=1)=0.99",
            "P(W=1|S=1,R=0)=0.9",
            "P(W=1|S=0,R=1)=0.9",
            "P(W=1|S=0,R=0)=0",
            "P(S = 1 | W = 1)",
        ),
        "0.2781/0.6471",
    ),
    (
        (
            "P(C=1)=0.5",
            "P(S=1|C=1)=0.1",
            "P(S=1|C=0)=0.5",
            "P(R=1|C=1)=0.8",
            "P(R=1|C=0)=0.2",
            "S indep R | C",
            "W indep C | S, R",
            "P(W=1|S=1,R=1)=0.99",
            "P(W=1|S=1,R=0)=0.9",
            "P(W=1|S=0,R=1)=0.9",
            "P(W=1|S=0,R=0)=0",
            "P(C = 1 | S=1, R=1)",
        ),
        "0.08*0.5/(0.08*0.5+0.1*0.5)",
    ),
    (
        (
            "P(spam)=0.4",
            "P(w_1|spam)=0.3",
            "P(w_1|not spam)=0.1",
            "P(w_2|spam)=0.2",
            "P(w_2|not spam)=0.05",
            "w_1 indep w_2 | spam",
            "P(spam|w_1,w_2)",
        ),
        "0.4*0.06/(0.4*0.06+0.6*0.005)",
    ),
    (
        (
            "P(Y=1)=0.4",
            "P(x_1=1|Y=1)=0.8",
            "P(x_1=1|Y=0)=0.3",
            "P(x_2=1|Y=1)=0.6",
            "P(x_2=1|Y=0)=0.5",
            "x_1 indep x_2 | Y",
            "P(Y=1|x_1=1,x_2=0)",
        ),
        "0.4*0.8*0.4/(0.4*0.8*0.4+0.6*0.3*0.5)",
    ),
    (("A indep B", "P(A)=0.5", "P(A or B)=0.8", "P(B)"), "3/5"),
    (("P(+|D) = 0.9", "P(+|not D) = 0.1", "P(+)=0.2", "P(D)"), "1/8"),
    (("P(+|D) = 0.9", "P(D) = 0.1", "P(+)=0.2", "P(+|not D)"), "11/90"),
    (("P(X=0, Y=0) = 1/2", "P(X=0, Y=1) = 1/4", "P(X=1, Y=0) = 0", "P(X=1, Y=1) = 1/4", "P(X=1|Y=1)"), "1/2"),
    (("P(X=0, Y=0) = 1/2", "P(X=0, Y=1) = 1/4", "P(X=1, Y=0) = 0", "P(X=1, Y=1) = 1/4", "P(X=Y)"), "3/4"),
    (("\\Pr(D) = 0.01", "\\Pr(+ \\mid D) = 0.95", "\\Pr(+ \\mid \\neg D) = 0.1", "\\Pr(\\neg D \\mid -)"), "0.99*0.9/(0.99*0.9+0.01*0.05)"),
    (("P(D) = \\frac{1}{100}", "P(+ \\mid D) = \\frac{9}{10}", "P(+ \\mid \\bar{D}) = \\frac{1}{20}", "P(D \\mid +)"), "2/13"),
    (("P(D)=0.01", "P(+|D)=0.9", "P(+|D^c)=0.05", "P(D|+)"), "2/13"),
    (("P(B)=0.4", "P(A\\mid B)=0.5", "P(A \\mid \\overline{B})=0.25", "P(B \\mid A)"), "4/7"),
    (("P(B)=0.4", "P(A\\mid B)=0.5", "P(A \\mid \\overline{B})=0.25", "P(A \\cup B)"), "0.4+0.15"),
    (("P(B)=0.4", "P(A|B)=0.5", "P(A|not B)=0.25", "P(A and not B)"), "0.15"),
    (("P(B)=0.4", "P(A|B)=0.5", "P(A|not B)=0.25", "P(A or not B)"), "0.8"),
    (
        (
            "P(\\text{rain}) = 0.3",
            "P(\\text{wet} \\mid \\text{rain}) = 0.9",
            "P(\\text{wet} \\mid \\neg \\text{rain}) = 0.2",
            "P(\\text{rain} \\mid \\text{wet})",
        ),
        "27/41",
    ),
    (("P(spam) = 0.4", "P(free | spam) = 0.3", "P(free | not spam) = 0.01", "P(spam | free)"), "20/21"),
    (
        (
            "P(A)=1/2",
            "P(B)=1/3",
            "P(C)=1/4",
            "P(A and B)=1/6",
            "P(A and C)=1/8",
            "P(B and C)=1/12",
            "P(A and B and C)=1/24",
            "P(A or B or C)",
        ),
        "3/4",
    ),
    (
        (
            "P(A)=1/2",
            "P(B)=1/3",
            "P(C)=1/4",
            "P(A and B)=1/6",
            "P(A and C)=1/8",
            "P(B and C)=1/12",
            "P(A and B and C)=1/24",
            "P(C | A and B)",
        ),
        "1/4",
    ),
    (("P(A_1)=0.2", "P(A_2)=0.3", "P(A_3)=0.5", "P(B|A_1)=0.1", "P(B|A_2)=0.2", "P(B|A_3)=0.3", "P(A_3|B)"), "15/23"),
    (
        (
            "A_1, A_2, A_3 \\text{ partition}",
            "P(A_1)=0.2",
            "P(A_2)=0.3",
            "P(A_3)=0.5",
            "P(B \\mid A_1)=0.1",
            "P(B \\mid A_2)=0.2",
            "P(B \\mid A_3)=0.3",
            "P(B)",
        ),
        "0.23",
    ),
    (
        (
            "C \\in \\{1,2,3\\}",
            "P(C=1)=\\frac13",
            "P(C=2)=\\frac13",
            "P(C=3)=\\frac13",
            "P(M=3\\mid C=1)=q",
            "P(M=3\\mid C=2)=1",
            "P(M=3\\mid C=3)=0",
            "P(C=2\\mid M=3)",
        ),
        "1/(1+q)",
    ),
    (("P(E|H)/P(E|not H) = 5", "P(F|H)/P(F|not H) = 4", "E indep F | H", "P(H) = 0.1", "P(H|E, F)"), "20/29"),
    (("P(E|H) = 0.8", "P(E|not H) = 0.1", "P(H) = 0.2", "P(H|E)"), "2/3"),
    (("P(T_1|D) = 0.9", "P(T_1|not D)=0.1", "P(T_2|D) = 0.9", "P(T_2|not D)=0.1", "P(D)=0.01", "T_1 indep T_2 | D", "P(D | T_1)"), "1/12"),
    (
        ("P(T_1|D) = 0.9", "P(T_1|not D)=0.1", "P(T_2|D) = 0.9", "P(T_2|not D)=0.1", "P(D)=0.01", "T_1 indep T_2 | D", "P(T_1, T_2)"),
        "0.01*0.81+0.99*0.01",
    ),
    (
        ("P(T_1|D) = 0.9", "P(T_1|not D)=0.1", "P(T_2|D) = 0.9", "P(T_2|not D)=0.1", "P(D)=0.01", "T_1 indep T_2 | D", "P(T_1 or T_2)"),
        "2*(0.009+0.099)-0.018",
    ),
    (
        (
            "P(T_1 = 1 | D = 1) = s",
            "P(T_1 = 1 | D = 0) = f",
            "P(T_2 = 1 | D = 1) = s",
            "P(T_2 = 1 | D = 0) = f",
            "P(D = 1) = p",
            "T_1 indep T_2 | D",
            "P(D = 1 | T_1 = 1, T_2 = 1)",
        ),
        "s**2*p/(s**2*p+f**2*(1-p))",
    ),
    (
        (
            "P(Y=1)=0.5",
            "P(x_1=1|Y=1)=0.8",
            "P(x_1=1|Y=0)=0.3",
            "P(x_2=1|Y=1)=0.6",
            "P(x_2=1|Y=0)=0.5",
            "P(x_3=1|Y=1)=0.7",
            "P(x_3=1|Y=0)=0.2",
            "x_1 indep x_2 indep x_3 | Y",
            "P(Y=1|x_1=1,x_2=0,x_3=1)",
        ),
        "0.8*0.4*0.7/(0.8*0.4*0.7+0.3*0.5*0.2)",
    ),
    (("A indep B", "P(A)=0.6", "P(B)=0.5", "P(A|B)"), "3/5"),
    (("A indep B", "P(A)=0.6", "P(B)=0.5", "P(not A and not B)"), "1/5"),
    (("A indep B", "P(A)=0.6", "P(B)=0.5", "P(A and not B)"), "3/10"),
    (("A indep B", "P(A)=0.6", "P(A and B)=0.3", "P(B)"), "1/2"),
    (("A indep B | C", "P(A|C)=0.6", "P(B|C)=0.5", "P(A, B | C)"), "3/10"),
    (("A indep B | C", "P(A|C)=0.6", "P(B|C)=0.5", "P(A or B | C)"), "4/5"),
    (("A \\perp B \\mid C", "P(A \\mid C)=a", "P(B \\mid C)=b", "P(A \\cup B \\mid C)"), "a+b-a*b"),
    (("A indep B | C", "P(A|C)=0.6", "P(B|C)=0.5", "P(A | B, C)"), "3/5"),
    (("P(A|B) = P(A)", "P(A) = 0.3", "P(B) = 0.5", "P(A and B)"), "3/20"),
    (("P(A) = 2 P(B)", "P(A or B) = 0.9", "P(A and B) = 0", "P(A)"), "3/5"),
    (("P(A and B) = 0", "P(A) = 0.2", "P(B) = 0.3", "P(A or B)"), "1/2"),
    (("P(X=1)=0.2", "P(X=2)=0.3", "P(X=3)=0.5", "P(X>=2)"), "4/5"),
    (("X in {1,2,3}", "P(X=1)=0.2", "P(X=2)=0.3", "P(X=3)"), "1/2"),
    (("X in {1,2,3}", "P(X=1)=a", "P(X=2)=b", "P(X=3 | X >= 2)"), "(1-a-b)/(1-a)"),
    (("P(X=0,Y=0)=0.1", "P(X=0,Y=1)=0.2", "P(X=1,Y=0)=0.3", "P(X=1,Y=1)=0.4", "P(X=1)"), "7/10"),
    (("P(X=0,Y=0)=0.1", "P(X=0,Y=1)=0.2", "P(X=1,Y=0)=0.3", "P(X=1,Y=1)=0.4", "P(Y=1|X=0)"), "2/3"),
    (("P(W = 1, G = 0) = 0.2", "P(W = 1, G = 1) = 0.3", "P(G = 1 | W = 1)"), "3/5"),
    (
        (
            "P(B=1)=0.001",
            "P(E=1)=0.002",
            "B indep E",
            "P(A=1|B=1,E=1)=0.95",
            "P(A=1|B=1,E=0)=0.94",
            "P(A=1|B=0,E=1)=0.29",
            "P(A=1|B=0,E=0)=0.001",
            "P(B=1|A=1)",
        ),
        "0.001*(0.002*0.95+0.998*0.94)/(0.001*(0.002*0.95+0.998*0.94)+0.999*(0.002*0.29+0.998*0.001))",
    ),
    (
        (
            "P(B=1)=0.001",
            "P(E=1)=0.002",
            "B indep E",
            "P(A=1|B=1,E=1)=0.95",
            "P(A=1|B=1,E=0)=0.94",
            "P(A=1|B=0,E=1)=0.29",
            "P(A=1|B=0,E=0)=0.001",
            "P(B=1|A=1,E=1)",
        ),
        "0.001*0.95/(0.001*0.95+0.999*0.29)",
    ),
    (
        (
            "P(B)=0.001",
            "P(E)=0.002",
            "B indep E",
            "P(A|B,E)=0.95",
            "P(A|B,not E)=0.94",
            "P(A|not B,E)=0.29",
            "P(A|not B,not E)=0.001",
            "P(B|A)",
        ),
        "0.001*(0.002*0.95+0.998*0.94)/(0.001*(0.002*0.95+0.998*0.94)+0.999*(0.002*0.29+0.998*0.001))",
    ),
]

CHAINS: list[tuple[tuple[str, ...], str]] = [
    (
        ("X_0, X_1, ... markov", "X_t in {0, 1}", "P(X_{t+1} = 1 | X_t = 0) = a", "P(X_{t+1} = 0 | X_t = 1) = b", "P(X_2 = 1 | X_0 = 0)"),
        "a*(1-b)+(1-a)*a",
    ),
    (
        ("X_0, X_1, ... markov", "X_t in {0, 1}", "P(X_{t+1} = 1 | X_t = 0) = a", "P(X_{t+1} = 0 | X_t = 1) = b", "P(X_3 = 1 | X_0 = 0)"),
        "a*(1-b-a+ (1-a)**0*0+1)*0 + a/(a+b)*(1-(1-a-b)**3)",
    ),
    (
        (
            "X_0, X_1, \\dots \\text{ markov}",
            "X_t \\in \\{0, 1\\}",
            "P(X_{t+1}=1 \\mid X_t=0) = 0.3",
            "P(X_{t+1}=0 \\mid X_t=1) = 0.1",
            "P(X_0 = 1) = 0.5",
            "P(X_2 = 1)",
        ),
        "0.66",
    ),
    (
        (
            "X_t in {S, R}",
            "X_0, X_1, ... markov",
            "P(X_{t+1} = S | X_t = R) = 0.3",
            "P(X_{t+1} = R | X_t = S) = 0.1",
            "P(X_2 = S | X_0 = R)",
        ),
        "0.48",
    ),
    (
        ("X_0, X_1, ... markov", "X_t in {0,1}", "P(X_{t+1}=1|X_t=0)=0.3", "P(X_{t+1}=1|X_t=1)=0.9", "P(X_0=1)=0.5", "P(X_1 = 1, X_2 = 1)"),
        "0.54",
    ),
    (
        (
            "X_0, X_1, ... markov",
            "X_t in {0,1}",
            "P(X_{t+1}=1|X_t=0)=0.3",
            "P(X_{t+1}=1|X_t=1)=0.9",
            "P(X_0=1)=0.5",
            "P(X_0 = 1 | X_1 = 1)",
        ),
        "3/4",
    ),
    (
        (
            "X_0, X_1, ... markov",
            "X_t in {1,2,3}",
            "P(X_{t+1}=1|X_t=1)=0.5",
            "P(X_{t+1}=2|X_t=1)=0.5",
            "P(X_{t+1}=1|X_t=2)=0.25",
            "P(X_{t+1}=2|X_t=2)=0.5",
            "P(X_{t+1}=2|X_t=3)=1",
            "P(X_2=3|X_0=1)",
        ),
        "1/8",
    ),
]

REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("P(T_1|D) = 0.9", "P(T_1|not D)=0.1", "P(T_2|D) = 0.9", "P(T_2|not D)=0.1", "P(D)=0.01", "P(D | T_1, T_2)"), "undetermined"),
    (("P(D|+) given P(+|D) = 0.9, P(D) = 0.01",), "undetermined"),
    (("P(A) = 0.3", "P(B) = 0.5", "P(A or B)"), "undetermined"),
    (("P(A) = 0.3", "P(B) = 0.5", "P(A and B)"), "undetermined"),
    (("P(A|B) = 0.3", "P(B|A)"), "undetermined"),
    (("P(A) = 0.2", "P(A and B) = 0.3", "P(B|A)"), "inconsistent"),
    (("P(A) = 0.2", "P(B) = 0.9", "P(A and B) = 0.05", "P(A or B)"), "inconsistent"),
    (("P(A) = 1.2", "P(not A)"), "inconsistent"),
    (("P(A) = 0.7", "P(not A) = 0.4", "P(A)"), "inconsistent"),
    (("A, B, C partition", "P(A) = 0.5", "P(B) = 0.3", "P(C)=0.3", "P(D|A)=0.01", "P(D|B)=0.02", "P(D|C)=0.03", "P(A|D)"), "inconsistent"),
    (("P(D|+) given P(+|D) = 0.9, P(D) = 0.5, P(+) = 0.1",), "inconsistent"),
    (("P(A) = 0", "P(B|A)"), "refused"),
    (("P(B) = 0", "P(A) = 0.5", "P(A|B)"), "refused"),
    (("X_t in {0, 1}", "P(X_{t+1} = 1 | X_t = 0) = a", "P(X_{t+1} = 0 | X_t = 1) = b", "P(X_2 = 1 | X_0 = 0)"), "undetermined"),
    (("P(A)=0.6", "P(B)=0.5", "P(A and B)"), "undetermined"),
    (("P(A)=0.6", "P(A|B)=0.5", "P(B|A)"), "undetermined"),
    (("P(D|+) given P(+|D) = 0.99, P(+|not D) = 0.05",), "undetermined"),
    (("P(A)=0.5", "P(A|B)=0.3", "P(B)=0.4", "P(A|not B)=0.9", "P(B|A)"), "inconsistent"),
    (("P(A)=0.6", "P(B)=0.7", "P(A and B)=0.1", "P(A|B)"), "inconsistent"),
    (("P(A)=-0.1", "P(not A)"), "inconsistent"),
    (("P(A)=0.3", "P(A)=0.4", "P(not A)"), "inconsistent"),
    (("A indep B", "P(A)=0.5", "P(B)=0.5", "P(A and B)=0.3", "P(A or B)"), "inconsistent"),
    (
        ("P(R=1)=0.2", "P(S=1)=0.1", "P(W=1|S=1,R=1)=0.99", "P(W=1|S=1,R=0)=0.9", "P(W=1|S=0,R=1)=0.8", "P(W=1|S=0,R=0)=0.01", "P(W=1)"),
        "undetermined",
    ),
    (("X ~ DiscreteUniform(1, 6)", "Y ~ DiscreteUniform(1, 6)", "P(X + Y = 7)"), "undetermined"),
    (
        ("P(spam)=0.4", "P(w_1|spam)=0.3", "P(w_1|not spam)=0.1", "P(w_2|spam)=0.2", "P(w_2|not spam)=0.05", "P(spam|w_1,w_2)"),
        "undetermined",
    ),
    (("P(A|B)",), "undetermined"),
    (("P(D|+,+) given P(+|D)=0.9, P(+|not D)=0.1, P(D)=0.01",), "refused"),
    (("X_0, X_1, ... markov", "X_t in {0,1}", "P(X_{t+1}=1|X_t=0)=0.3", "P(X_{t+1}=1|X_t=1)=0.9", "P(X_2 = 1)"), "undetermined"),
    (("X_0, X_1, ... markov", "X_t in {0,1}", "P(X_{t+1}=1|X_t=0)=0.3", "P(X_2=1|X_0=0)"), "undetermined"),
]

MESSAGES: list[tuple[tuple[str, ...], str]] = [
    (("P(D|+) given P(+|D) = 0.9, P(D) = 0.01",), "P(+|¬D) (or P(+)) is needed"),
    (("P(A) = 0.3", "P(B) = 0.5", "P(A and B)"), "A ⫫ B"),
    (("P(A) = 0.3", "P(B) = 0.5", "P(A or B)"), "between 1/2 and 4/5"),
    (("P(A) = 0.2", "P(A and B) = 0.3", "P(B|A)"), "P(A ∧ B)"),
    (("P(A) = 0.7", "P(not A) = 0.4", "P(A)"), "contradict"),
    (("P(A) = 1.2", "P(not A)"), "between 0 and 1"),
    (("P(A) = 0", "P(B|A)"), "P(A) = 0"),
    (("P(T_1|D) = 0.9", "P(T_1|not D) = 0.1", "P(T_2|D) = 0.9", "P(T_2|not D) = 0.1", "P(D) = 0.01", "P(D|T_1, T_2)"), "T₁ ⫫ T₂ | D"),
]


@pytest.mark.parametrize(("lines", "expected"), [*ANSWERS, *CHAINS])
def test_answers_with_steps_checks_and_code(lines: tuple[str, ...], expected: str) -> None:
    report = report_of(lines)
    assert report.status == "solved", report
    assert same(sp.sympify(report.answer), expected)
    assert report.verification is not None
    assert report.verification.status == "verified"
    assert report.code is not None


@pytest.mark.parametrize(("lines", "kind"), REFUSED)
def test_refusals(lines: tuple[str, ...], kind: str) -> None:
    report = report_of(lines)
    assert report.error is not None
    assert report.error.kind == kind or (kind == "refused" and report.status == "refused")


@pytest.mark.parametrize(("lines", "said"), MESSAGES)
def test_refusals_say_what_is_wrong(lines: tuple[str, ...], said: str) -> None:
    report = report_of(lines)
    assert report.error is not None
    assert said in report.error.message


def test_bayes_is_written_as_a_teacher_does() -> None:
    report = report_of(("P(D|+) given P(+|D) = 0.99, P(+|not D) = 0.05, P(D) = 0.01",))
    assert [s.rule for s in report.steps] == ["bayes", "total-probability", "complement", "insert-probabilities"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("P(D|+) = 0.2", "P(D|+)/P(not D|+)"), "1/4"),
        (("P(D) = 0.01", "P(+|D) = 0.9", "P(+|not D) = 0.05", "1 - P(D|+)"), "11/13"),
        (("P(A) = 0.2", "P(B) = 0.3", "P(A) + P(B)"), "1/2"),
    ],
)
def test_expressions_over_probabilities(lines: tuple[str, ...], expected: str) -> None:
    report = report_of(lines)
    assert same(sp.sympify(report.answer), expected)
    assert report.verification is not None
    assert report.verification.status == "verified"


def test_stationary_distribution() -> None:
    lines = ("X_0, X_1, ... markov", "X_t in {0, 1}", "P(X_{t+1} = 1 | X_t = 0) = a", "P(X_{t+1} = 0 | X_t = 1) = b")
    report = report_of((*lines, "stationary distribution of X"))
    assert list(report.parts) == ["pi_0", "pi_1"]
    assert same(report.parts["pi_0"], "b/(a + b)")
    assert report.verification is not None
    assert report.verification.status == "verified"
