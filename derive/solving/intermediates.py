"""Names for the parts of a function: r = A x − b, z_i = x_iᵀ w, S = XᵀC X, as a textbook would name them before differentiating.

In: the graph of a scalar or array function and its variables. Out: definitions in order, each over the ones before, and the function
over their names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from derive.expressions.term import Name, Term
from derive.graph.calculus.algebra import Algebra
from derive.graph.calculus.factors import factors, is_number
from derive.graph.calculus.raising import Raising
from derive.graph.calculus.reverse import dependents
from derive.graph.graph import walk
from derive.graph.node import ArgumentType, Node
from derive.graph.operations import OPERATIONS
from derive.graph.sizes import ONE, ZERO

__all__ = ["INNER", "LEAVES", "Definition", "Parts", "bare", "is_function", "named_parts"]

INNER = frozenset(
    ("softmax", "log_softmax", "logsumexp", "inverse", "logdet", "det", "norm", "pow", "amax", "amin", "matrix_power", "prod")
)
LEAVES = frozenset(("argument", "element", "number", "constant", "size", "index", "identity", "ones"))
WRAPPERS = frozenset(("neg", "transpose", "row"))


class Definition(NamedTuple):
    """A named part: its name, the node that stands for it, what it is over earlier names."""

    name: Name
    symbol: Node
    body: Node


class Parts(NamedTuple):
    """The definitions in order and the function over their names."""

    definitions: tuple[Definition, ...]
    output: Node


def named_parts(a: Algebra, root: Node, variables: Iterable[Node], taken: set[str]) -> Parts:
    """The function taken apart; `taken` are the keys of names that are in use, new ones join it."""
    variables = list(variables)
    depends = dependents((root,), variables)
    chosen = _chosen(root, depends, set(variables))
    done: dict[Node, Node] = {}
    definitions: list[Definition] = []
    for node in walk((root,)):
        body = a.remade(node, tuple(done[x] for x in node.args)) if node.args else node
        if node in chosen and len(body.axes) + len(body.shape) <= 2 and all(x.lower == ONE for x in body.axes):
            name = _letter(node, chosen[node], taken)
            properties = frozenset(("symmetric",)) if a.is_symmetric(body) else frozenset[str]()
            shape = (*(x.size for x in body.axes), *body.shape)
            whole = a.nodes.argument(ArgumentType(name.key, "real", body.bounds, (), properties), shape)
            specs = (*(("run", x, ZERO) for x in body.axes), *(("all",) for _ in body.shape))
            symbol = a.element(whole, specs)
            definitions.append(Definition(name, symbol, body))
            done[node] = symbol
        else:
            done[node] = body
    return Parts(tuple(definitions), done[root])


def _chosen(root: Node, depends: set[Node], variables: set[Node]) -> dict[Node, str]:
    """The nodes that get a name, with the operation that takes them up."""
    found: dict[Node, str] = {}
    for node in walk((root,)):
        if node not in depends or node in variables:
            continue
        for argument in node.args:
            target = bare(argument)
            if target not in depends or target in variables or target.op in LEAVES or target is root:
                continue
            if node.op == "pow" and target.op == "norm" and is_number(node.args[1], 2):  # ‖r‖² has a differential of its own, also at r = 0
                continue
            if not (target.shape or target.axes):
                continue
            if node.op in INNER or is_function(node):
                found.setdefault(target, node.op)
            elif node.op in ("matmul", "mul") and _is_worth_a_name(target, depends) and not _is_tail(node, depends):
                found.setdefault(target, "factor")
    return found


def is_function(node: Node) -> bool:
    """Whether the node is a function applied entry by entry, no arithmetic."""
    operation = OPERATIONS[node.op]
    return operation.elementwise and node.op not in ("add", "mul", "neg", "div", "pow", "sqrt", "delta", "indicator")


def bare(node: Node) -> Node:
    """The node without signs, transpositions and scalar factors."""
    while node.op in WRAPPERS:
        node = node.args[0]
    if node.op in ("mul", "div"):
        arrays = [b for b in factors(node).powers if b.shape or b.axes]
        if len(arrays) == 1 and arrays[0].op in LEAVES:
            return arrays[0]
    return node


def _is_worth_a_name(node: Node, depends: set[Node]) -> bool:
    """A function of more than a variable."""
    if not (is_function(node) or node.op == "softmax"):
        return False
    return any(bare(x).op not in LEAVES for x in node.args if x in depends)


def _is_tail(node: Node, depends: set[Node]) -> bool:
    """Whether the product has only one factor that depends on the variables."""
    return node.op == "mul" and sum(1 for x in node.args if x in depends) == 1


PREFERENCES: dict[str, tuple[str, ...]] = {
    "norm": ("r", "u", "v"),
    "pow": ("r", "u", "v"),
    "softmax": ("z", "s", "u"),
    "log_softmax": ("z", "s", "u"),
    "logsumexp": ("z", "s", "u"),
    "inverse": ("S", "M", "K"),
    "logdet": ("S", "M", "K"),
    "det": ("S", "M", "K"),
    "matrix_power": ("S", "M", "K"),
    "factor": ("h", "q", "a"),
}


def _letter(node: Node, use: str, taken: set[str]) -> Name:
    """A letter that nobody uses; capital for a matrix."""
    wanted = PREFERENCES.get(use, ("z", "u", "a"))
    if use == "factor" and node.op == "softmax":
        wanted = ("p", "q", "h")
    matrix = len(node.shape) == 2
    letters = [w.upper() if matrix else w.lower() for w in wanted]
    for letter in letters:
        if letter not in taken and not any(key.startswith(f"{letter}_") for key in taken):
            taken.add(letter)
            return Name(letter)
    count = 1
    while True:
        name = Name(letters[0], sub=str(count))
        if name.key not in taken:
            taken.add(name.key)
            return name
        count += 1


def definition_term(raising: Raising, definition: Definition) -> Term:
    """`r = A x − b`."""
    return Term("rel", (raising.term(definition.symbol), raising.whole(definition.body, set())), "=")
