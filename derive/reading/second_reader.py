"""The process in which latex2sympy2 reads: a script of its own, never imported by the rest of derive.

In: one JSON object a line, `{"latex": …, "points": [{name: number, …}, …]}`, names as derive's keys. Out: one JSON line for each,
`{"text": …, "names": […], "values": [[re, im] | null, …]}` or `{"problem": …}`. The process ends after a problem, because a formula
that latex2sympy2 cannot read breaks it for all later ones; a formula that takes too long ends it without a line.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from typing import Any

SECONDS = 5
MEGABYTES = 1024
LONGEST_TEXT = 500

STYLED = re.compile(r"\\(hat|bar|tilde|vec|dot|ddot|check|breve|mathbf|mathrm|mathcal|mathbb|mathsf|boldsymbol)\s*\{?([^{}]*)\}?")
FONTS = {"mathbf": "bf", "boldsymbol": "bs", "mathrm": "rm", "mathcal": "cal", "mathbb": "bb", "mathsf": "sf"}


def key(spelling: str) -> str:
    r"""derive's key for a symbol that latex2sympy2 names in its own way: `\hat{p}` is hat(p), `x_{10}` is x_10."""
    text = STYLED.sub(lambda m: f"{FONTS.get(m[1], m[1])}({m[2].strip()})", spelling)
    return text.replace("\\", "").replace("{", "").replace("}", "").replace(" ", "")


def value_at(expression: Any, point: dict[str, float]) -> list[float] | None:
    """The value of the expression at a point as [re, im], an undefined σ taken as the logistic function; None where it has none."""
    import sympy

    def put(name: str) -> Any:
        given = point[name]
        return sympy.Integer(int(given)) if float(given).is_integer() else sympy.Float(given, 20)

    def is_logistic(e: Any) -> bool:
        return isinstance(e, sympy.core.function.AppliedUndef) and key(e.func.__name__) == "sigma"

    expression = expression.replace(lambda e: isinstance(e, sympy.Derivative), lambda e: e.doit())
    expression = expression.replace(is_logistic, lambda e: 1 / (1 + sympy.exp(-e.args[0])))
    values = {symbol: put(key(symbol.name)) for symbol in expression.free_symbols if key(symbol.name) in point}
    try:
        found = complex(expression.subs(values).doit().evalf(20))
    except (TypeError, ValueError, OverflowError):
        return None
    return [found.real, found.imag]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The reply to one request; whatever goes wrong in the other reader is its problem, in its words."""
    import sympy
    from latex2sympy2 import latex2sympy

    try:
        expression = latex2sympy(request["latex"])
        text = str(expression)[:LONGEST_TEXT]
        if not isinstance(expression, sympy.Expr):
            return {"problem": f"it reads no scalar expression but {text}"}
        names = sorted({key(symbol.name) for symbol in expression.free_symbols})
        return {"text": text, "names": names, "values": [value_at(expression, point) for point in request["points"]]}
    except Exception as problem:  # a foreign parser raises whatever it likes; its words go into the reply
        words = str(problem).splitlines()[:1]
        return {"problem": ": ".join([type(problem).__name__, *words])[:LONGEST_TEXT]}


def main() -> int:
    """Answers line after line; what the other reader prints never mixes with the answers."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    for line in sys.stdin:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, SECONDS)
        reply = answer(json.loads(line))
        answers.write(json.dumps(reply) + "\n")
        answers.flush()
        if "problem" in reply:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
