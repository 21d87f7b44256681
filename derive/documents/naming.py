r"""What the function of a formula is called: by its left side, else by its label, else by its role; no two alike.

In: the left side, the label, the role. Out: Python identifiers, in the order of the document: the same document gives the same names.

    \hat y = …  y_hat            L(w) = …  L                    \nabla_w L = …  grad_L_w
    p(y \mid x) = …  p_y_given_x      \frac{\partial L}{\partial z} = …  dL_dz
"""

from __future__ import annotations

import keyword
import re

from derive.expressions.naming import code_name
from derive.expressions.term import Term

__all__ = ["Names", "name_of"]

LONGEST = 40
_PREFIX = re.compile(r"^(?:eqn?|equation|eq|fml|def|thm|lem|prop)[:._-]+", re.IGNORECASE)
_MEASURES = {
    "P": "p", "p": "p", "E": "mean", "Var": "variance", "Cov": "covariance", "Corr": "correlation", "H": "entropy",
    "I": "mutual_information", "KL": "kl_divergence",
}  # fmt: skip
_TAKEN = frozenset(("np", "math", "special", "linalg", "scipy", "xp", "Any", "NamedTuple", "annotations"))
_BUILTINS = frozenset(
    "abs all any bin bool bytes callable chr complex dict dir divmod enumerate filter float format hash hex id input int iter len list map "
    "max min next object oct open ord pow print range repr reversed round set slice sorted str sum super tuple type vars zip".split()
)


def name_of(left: Term | None) -> str:
    """The identifier that the left side suggests, or "" where it suggests none."""
    if left is None:
        return ""
    if left.head == "name":
        return code_name(left.data)
    if left.head == "call" and any(a.head == "given" for a in left.args):
        return _conditional(name_of(left.args[0]), left.args[1:])
    if left.head in ("call", "index", "at") and left.args:
        return name_of(left.args[0])
    if left.head == "apply" and left.data == "log" and left.args[0].head in ("call", "probability", "name", "index"):
        return f"log_{name_of(left.args[0])}"
    if left.head == "apply":
        return _identifier(str(left.data))
    if left.head == "prime":
        inner = name_of(left.args[0])
        return f"{inner}_prime" if inner else ""
    if left.head == "derivative":
        return _derivative(left)
    if left.head == "total_derivative":
        over, under = (name_of(a) for a in left.args[:2])
        return f"d{over}_d{under}" if over and under else ""
    if left.head in ("gradient", "hessian", "jacobian"):
        parts = [{"gradient": "grad"}.get(left.head, left.head), *(name_of(a) for a in left.args)]
        return "_".join(p for p in parts if p)
    if left.head == "probability":
        return _probability(left)
    if left.head == "pow":
        inner = name_of(left.args[0])
        return f"{inner}_squared" if inner else ""
    if left.head in ("norm", "abs"):
        inner = name_of(left.args[0])
        return f"{left.head}_{inner}" if inner else left.head
    return ""


def _derivative(left: Term) -> str:
    over = name_of(left.args[0])
    names = [name_of(a) for a in left.args[1::2]]
    orders = [a.data if a.head == "number" else "" for a in left.args[2::2]]
    if not over or not all(names) or not all(orders):
        return "derivative"
    total = sum(int(o) for o in orders)
    below = "_".join(f"d{n}{o if o != '1' else ''}" for n, o in zip(names, orders, strict=False))
    return f"d{total if total > 1 else ''}{over}_{below}"


def _probability(left: Term) -> str:
    return _conditional(_MEASURES.get(str(left.data), _identifier(str(left.data).lower())), left.args)


def _conditional(head: str, arguments: tuple[Term, ...]) -> str:
    """`p(y | x, w)`: p_y_given_x_w; the head alone where an argument is no name."""
    words: list[str] = []
    for argument in arguments:
        parts = argument.args if argument.head in ("given", "divergence_bar") else (argument,)
        for place, part in enumerate(parts):
            if place and argument.head == "given":
                words.append("given")
            listed = [name_of(p) for p in part.args] if part.head in ("list", "tuple") else [name_of(part)]
            if not all(listed):
                return head
            words += listed
    whole = "_".join([head, *words])
    return whole if len(whole) <= LONGEST else head


def _identifier(text: str) -> str:
    made = re.sub(r"_+", "_", re.sub(r"\W", "_", text, flags=re.ASCII)).strip("_")
    return f"eq_{made}" if made[:1].isdigit() else made


class Names:
    """The names given so far."""

    def __init__(self) -> None:
        self.taken: set[str] = set(_TAKEN)

    def give(self, left: Term | None, label: str, role: str, suffix: str = "") -> str:
        """A name that nothing has yet: the left side, with the label where that is taken, then numbers."""
        own = name_of(left)[:LONGEST].rstrip("_")
        own = own and own + suffix
        by_label = _identifier(_PREFIX.sub("", label))[:LONGEST].rstrip("_")
        both = f"{own}_{by_label}" if own and by_label else ""
        base = own or by_label or role
        for name in (own, by_label if not own else "", both):
            if name and self._take(name):
                return self._last
        count = 1 if not (own or by_label) and base not in self.taken else 2
        while not self._take(base if count == 1 else f"{base.rstrip('_')}_{count}"):
            count += 1
        return self._last

    def _take(self, name: str) -> bool:
        safe = name + "_" if keyword.iskeyword(name) or name in _BUILTINS else name
        parts = re.sub(r"(?:^|_)([a-z0-9])", lambda m: m.group(1).upper(), safe) + "Parts"
        if safe in self.taken or parts in self.taken:
            return False
        self.taken |= {safe, parts}
        self._last = safe
        return True

    _last = ""
