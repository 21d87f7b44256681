"""Bayes' rule with numbers: the questions of `probability.py --only bayes`, for derive and for lea."""

from __future__ import annotations

import json
import statistics
import subprocess
import time

from derive.session import Session

__all__ = ["QUESTIONS", "by_derive", "by_lea"]

# name → lines for derive, and the same question for lea
QUESTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "diagnostic test": (
        ("P(D|+) given P(+|D) = 0.99, P(+|not D) = 0.05, P(D) = 0.01",),
        """d = lea.event('1/100')
t = lea.if_(d, lea.event('99/100'), lea.event('1/20'))
result = lea.P(d.given(t))""",
    ),
    "three doors": (
        (
            "C in {1, 2, 3}",
            "P(C = 1) = 1/3",
            "P(C = 2) = 1/3",
            "P(C = 3) = 1/3",
            "P(H = 3 | C = 1) = 1/2",
            "P(H = 3 | C = 2) = 1",
            "P(H = 3 | C = 3) = 0",
            "P(C = 2 | H = 3)",
        ),
        """c = lea.vals(1, 2, 3, prob_type='r')
h = c.switch({1: lea.event('1/2'), 2: lea.event('1'), 3: lea.event('0')})
result = lea.P((c == 2).given(h))""",
    ),
    "two tests": (
        (
            "P(D) = 0.01",
            "P(A|D) = 0.9",
            "P(A|not D) = 0.1",
            "P(B|D) = 0.8",
            "P(B|not D) = 0.2",
            "A indep B | D",
            "P(D | A, B)",
        ),
        """d = lea.event('1/100')
a = lea.if_(d, lea.event('9/10'), lea.event('1/10'))
b = lea.if_(d, lea.event('8/10'), lea.event('2/10'))
result = lea.P(d.given(a, b))""",
    ),
    "sprinkler": (
        (
            "P(R = 1) = 0.2",
            "P(S = 1) = 0.1",
            "R indep S",
            "P(W = 1 | S = 1, R = 1) = 0.99",
            "P(W = 1 | S = 1, R = 0) = 0.9",
            "P(W = 1 | S = 0, R = 1) = 0.8",
            "P(W = 1 | S = 0, R = 0) = 0.01",
            "P(R = 1 | W = 1)",
        ),
        """r = lea.event('2/10')
s = lea.event('1/10')
w = lea.joint(s, r).switch({(True, True): lea.event('99/100'), (True, False): lea.event('9/10'),
                            (False, True): lea.event('8/10'), (False, False): lea.event('1/100')})
result = lea.P(r.given(w))""",
    ),
}

_PROGRAM = """
import json, sys, time, statistics
import lea
questions, repeat = json.load(sys.stdin)
found = {}
for name, source in questions.items():
    code = compile(source, name, "exec")
    times = []
    for _ in range(repeat):
        scope = {"lea": lea}
        start = time.process_time()
        exec(code, scope)
        times.append(time.process_time() - start)
    found[name] = (statistics.median(times), str(scope["result"]))
print(json.dumps(found))
"""


def by_derive(name: str, repeat: int) -> tuple[float, str]:
    """Median seconds of the process for the question, the facts being known to the session, and its answer."""
    lines, _ = QUESTIONS[name]
    session = Session()
    for line in lines[:-1]:
        _, session = session.run(line)
    times = []
    answer = ""
    for _ in range(repeat + 2):
        start = time.process_time()
        report, _ = session.run(lines[-1])
        times.append(time.process_time() - start)
        assert report is not None and report.status == "solved" and report.code is not None, report
        answer = str(report.answer)
    return statistics.median(times[2:]), answer


def by_lea(python: str, repeat: int) -> dict[str, tuple[float, str]] | None:
    """Median seconds of the process and answers of lea, in a process of its own; None where it is not installed."""
    request = json.dumps([{name: source for name, (_, source) in QUESTIONS.items()}, repeat])
    done = subprocess.run([python, "-c", _PROGRAM], input=request, capture_output=True, text=True, timeout=300, check=False)
    return None if done.returncode else {name: (seconds, said) for name, (seconds, said) in json.loads(done.stdout).items()}
