"""What `:help` says: an overview, a topic, a rule. Text only; the rules themselves come from `derive.rules`."""

from __future__ import annotations

from difflib import get_close_matches

__all__ = ["TOPICS", "help_text"]

_OVERVIEW = """\
Type mathematics as LaTeX, plain text or NumPy; every line says how it was read, how it was derived, and what was checked.

  d/dx sigmoid(x)                        \\frac{d}{dx} \\frac{1}{1+e^{-x}}
  f(x) := x^2 exp(-x)                    f'(x)
  gradient of (1-x)^2 + 100 (y-x^2)^2    hessian f wrt x, y
  x in R^n                               d/dx_j sum_i x_i^2

  :help TOPIC   tasks, declarations, functions, code, keys, commands
  :help RULE    a rule that a step names, such as chain-rule"""

_TASKS = """\
  d/dx f · diff f wrt x · \\frac{d}{dx} f · f'(x)       derivative; `twice`, d^2/dx^2, d^2/(dx dy) for higher ones
  dy/dx                                                 from an equation on an earlier line (implicit), or from definitions
  grad f wrt x, y · hessian f · jacobian (f, g)         gradient, Hessian, Jacobian over named scalars
  directional derivative of f at p along v              v as it is given
  … at x = 2 · \\left. … \\right|_{x=2}                  at a point
  simplify f · expand f · factor f · solve eq for x     algebra
  code f · an expression alone                          its NumPy code"""

_DECLARATIONS = """\
  x in R · x in R^n · A in R^{m x n}       scalar, vector, matrix
  lambda > 0 · 0 < p < 1 · k in Z          scalar domains
  A symmetric · y onehot                   properties
  f(x) := x^2 · L = (y - w x)^2            definitions
  X ~ Normal(mu, sigma^2)                  random variables
What is not declared is inferred, and the reading says so. `where` puts declarations behind a task."""

_CODE = """\
Every answer comes with a NumPy function that was run and compared before it is shown; `:code` prints the last one as a module.
Scalars broadcast over arrays; indices are 1-based on paper and 0-based in code; \\lambda is `lam`, \\hat y is `y_hat`."""

_KEYS = """\
  Enter          runs the line when brackets and environments balance, else begins a new row
  Alt-Enter      begins a new row in any case
  Tab            completes; behind \\alpha it puts α
  → or Ctrl-E    takes the suggestion in grey
  Ctrl-R         searches the history
  Ctrl-C         clears the line; stops a computation
  Ctrl-D         leaves
`:vi` and `:emacs` choose the editing keys."""


def _functions() -> str:
    from derive.expressions.functions import FUNCTIONS

    rows: list[str] = []
    row = " "
    for function in FUNCTIONS.values():
        if len(row) + len(function.name) + 1 > 96:
            rows.append(row)
            row = " "
        row += " " + function.name
    return "\n".join([*rows, row])


def _commands() -> str:
    from derive.repl.commands import COMMANDS

    return "\n".join(f"  :{c.name + (' ' + c.argument if c.argument else ''):<27}{c.words}" for c in COMMANDS)


TOPICS = ("tasks", "declarations", "functions", "code", "keys", "commands")


def help_text(argument: str) -> str | None:
    """The help for a topic, a rule or (without argument) everything; None where there is no such topic."""
    wanted = argument.strip().lstrip(":").lower()
    fixed = {"": _OVERVIEW, "tasks": _TASKS, "declarations": _DECLARATIONS, "code": _CODE, "keys": _KEYS}
    if wanted in fixed:
        return fixed[wanted]
    if wanted == "functions":
        return _functions()
    if wanted == "commands":
        return _commands()
    return _rule(wanted)


def suggestion(argument: str) -> str | None:
    """The topic or rule whose name is closest to the argument."""
    from derive.rules import RULES

    close = get_close_matches(argument.strip().lower(), [*TOPICS, *RULES], 1)
    return close[0] if close else None


def _rule(wanted: str) -> str | None:
    from derive.rules import RULES

    rule = RULES.get(wanted.replace(" ", "-"))
    if rule is None:
        return None
    rows = [f"{rule.title}  ({rule.id})", "", f"  {rule.formula}"]
    if rule.examples:
        rows += ["", *(f"  {before}   →   {after}" for before, after in rule.examples)]
    if rule.source:
        rows += ["", f"  source: {rule.source}"]
    return "\n".join(rows)
