"""Loops that add up or fill an array: `for i in range(n): s += …`, `for x, t in zip(X, y): …`, `D[i, j] = …`.

In: a `for` statement. Out: what the names stand for after it: sums and products over a running index, arrays by their entries. A loop whose
steps need the ones before, or that is left early, is refused with its place.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from derive.errors import SyntaxProblem
from derive.expressions.term import Name, Term, number
from derive.meaning.numpy_notation.names import from_identifier
from derive.meaning.numpy_notation.terms import combine, piecewise

if TYPE_CHECKING:
    from derive.meaning.numpy_notation.body import Body

__all__ = ["read_loop"]

NEUTRAL = {"+": 0, "-": 0, "*": 1}


class _Part(NamedTuple):
    """One contribution: to which name, by which operation (or "fill", "fill+" at the places `at`), what."""

    identifier: str
    operation: str
    term: Term
    node: ast.stmt
    at: tuple[Name, ...] = ()


class _Range(NamedTuple):
    """A running index with its first and last value on paper."""

    name: Name
    low: Term  # on paper
    high: Term


def read_loop(body: Body, statement: ast.For) -> None:
    """The names that the loop adds to, after it."""
    collected = set(_accumulators(statement))
    _refuse_carried(body, statement, collected)
    outer = dict(body.local), dict(body.bound), dict(body.statics), dict(body.running)
    known = [i for i in sorted(collected) if i in body.local or i in body.bound]
    standing = {i: body.name(ast.copy_location(ast.Name(i, ast.Load()), statement)) for i in known}
    body.conditional += 1
    try:
        parts = _contributions(body, statement, frozenset(collected), [])
    finally:
        body.conditional -= 1
        body.local, body.bound, body.statics, body.running = outer
    left = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - collected
    body.lost |= left
    for part in parts:
        if part.identifier not in standing:
            raise SyntaxProblem(f"{part.identifier} has no value before the loop", span=body.span(part.node))
    for identifier in dict.fromkeys(p.identifier for p in parts):
        mine = [p for p in parts if p.identifier == identifier]
        kinds = {"fill" if p.operation.startswith("fill") else "*" if p.operation == "*" else "+" for p in mine}
        if len(kinds) > 1 or (kinds == {"fill"} and len(mine) > 1):
            body.refuse(statement, f"a loop that changes {identifier} in two ways")
        total = standing[identifier]
        for part in mine:
            total = part.term if kinds == {"fill"} else combine(part.operation, total, part.term, body.span(part.node), flat=True)
            if kinds == {"fill"}:
                total = Term("numpy", (standing[identifier], *part.term.args), part.operation, body.span(part.node))
        total = _without_neutral(total)
        body.bind(ast.copy_location(ast.Name(identifier, ast.Store()), statement), total)


def _without_neutral(term: Term) -> Term:
    """0 + Σ is Σ, 1 · ∏ is ∏."""
    neutral = {"add": {"0", "0.0", "0."}, "mul": {"1", "1.0", "1."}}.get(term.head)
    if neutral is None or len(term.args) < 2 or term.args[0].head != "number" or term.args[0].data not in neutral:
        return term
    rest = term.args[1:]
    return rest[0] if len(rest) == 1 else Term(term.head, rest, term.data, term.span)


def _accumulators(statement: ast.For) -> list[str]:
    """The names that are added to, or filled."""
    found: list[str] = []
    for node in ast.walk(statement):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        for target in targets:
            if isinstance(node, ast.AugAssign) and isinstance(target, ast.Name):
                found.append(target.id)
            elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                found.append(target.value.id)
            elif isinstance(target, ast.Name) and isinstance(node, ast.Assign) and target.id in _loads(node.value):
                found.append(target.id)
    return found


def _refuse_carried(body: Body, statement: ast.For, collected: set[str]) -> None:
    """A name that is read before the round assigns it, or that only some rounds assign, has the value of an earlier round."""
    first: dict[str, tuple[int, int]] = {}
    under: set[str] = set()

    def stores(statements: list[ast.stmt], conditional: bool) -> None:
        for node in statements:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    for part in ast.walk(target):
                        stored = isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
                        if isinstance(part, ast.Name) and stored and part.id not in collected and part.id not in first:
                            first[part.id] = (node.end_lineno or node.lineno, node.end_col_offset or 0)
                            if conditional:
                                under.add(part.id)
            elif isinstance(node, ast.If):
                stores([*node.body, *node.orelse], True)
            elif isinstance(node, ast.For):
                stores(node.body, conditional)

    stores(statement.body, False)
    for part in ast.walk(statement):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id in first:
            known = part.id in body.local or part.id in body.bound or part.id in body.parameters
            if (part.lineno, part.col_offset) < first[part.id] or (part.id in under and known):
                body.refuse(part, f"a loop whose steps depend on the ones before ({part.id})")


def _loads(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


# ---------------------------------------------------------------------------------------------- what runs
def _running(body: Body, statement: ast.For) -> _Range:
    """The running index, with what the loop's names stand for put in force."""
    if statement.orelse:
        body.refuse(statement.orelse[0], "else behind a loop")
    target, over = statement.target, statement.iter
    called = over.func.id if isinstance(over, ast.Call) and isinstance(over.func, ast.Name) else ""
    if called == "range" and isinstance(over, ast.Call) and not over.keywords and len(over.args) in (1, 2):
        if not isinstance(target, ast.Name):
            body.refuse(target, "several running names")
        first = body.value(over.args[0]) if len(over.args) == 2 else number(0)
        index = _index(body, target.id)
        body.running[target.id] = index
        body.bound.pop(target.id, None)
        body.local.pop(target.id, None)
        low = combine("+", first, number(1), body.span(over)) if first != number(0) else number(1)
        return _Range(index, low, body.value(over.args[-1]))
    if called == "enumerate" and isinstance(over, ast.Call) and len(over.args) == 1 and not over.keywords:
        if not (isinstance(target, ast.Tuple) and len(target.elts) == 2 and isinstance(target.elts[0], ast.Name)):
            body.refuse(target, "this target of enumerate")
        index = _index(body, target.elts[0].id)
        high = _rows(body, index, target.elts[1], over.args[0])
        body.running[target.elts[0].id] = index
        body.bound.pop(target.elts[0].id, None)
        body.local.pop(target.elts[0].id, None)
        return _Range(index, number(1), high)
    if called and called != "zip":
        body.refuse(over, f"a loop over {called}(…)")
    index = _index(body, "i")
    return _Range(index, number(1), _rows(body, index, target, over))


def _index(body: Body, identifier: str) -> Name:
    """A running index that nothing around it has."""
    paper = from_identifier(identifier.lstrip("_") or "i")
    count = 1
    taken = {*body.used_names, *body.running.values()}
    while paper in taken:
        count += 1
        paper = from_identifier(identifier.lstrip("_") or "i")._replace(sub=str(count))
    body.used_names.add(paper)
    return paper


def _rows(body: Body, index: Name, target: ast.expr, over: ast.expr) -> Term:
    """The rows of what is gone through; the number of them is given back."""
    zipped = isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "zip"
    if zipped and isinstance(over, ast.Call) and any(k.arg != "strict" for k in over.keywords):
        body.refuse(over, "zip with this keyword")
    arrays = list(over.args) if zipped and isinstance(over, ast.Call) else [over]
    targets = list(target.elts) if zipped and isinstance(target, ast.Tuple) else [target]
    if len(arrays) != len(targets) or not all(isinstance(t, ast.Name) for t in targets) or not arrays:
        body.refuse(target, "this target of a loop")
    position = Term("add", (Term("name", (), index), Term("neg", (number(1),))))
    sizes: list[Term] = []
    for part, array in zip(targets, arrays, strict=True):
        assert isinstance(part, ast.Name)
        if not isinstance(array, (ast.Name, ast.Attribute)):
            body.refuse(array, "a loop over this")
        value = body.value(array)
        sizes.append(Term("size", (value, number(0)), None, body.span(array)))
        body.bound[part.id] = Term("slice", (value, position), None, body.span(part))
        body.local.pop(part.id, None)
    return sizes[0] if len(sizes) == 1 else Term("numpy", tuple(sizes), "same_size", body.span(over))


# ---------------------------------------------------------------------------------------------- what is added
def _contributions(body: Body, statement: ast.For, collected: frozenset[str], around: list[_Range]) -> list[_Part]:
    """What the loop adds, summed over its running index."""
    for node in ast.walk(statement.iter):
        if isinstance(node, ast.Name) and node.id in collected:
            body.refuse(node, "a loop over what it changes")
    span = _running(body, statement)
    parts = _of(body, statement.body, collected, [*around, span])
    return [_over(body, part, span) for part in parts]


def _over(body: Body, part: _Part, span: _Range) -> _Part:
    """The contribution over the whole range of the index."""
    index = Term("name", (), span.name)
    if part.operation.startswith("fill") and span.name in part.at:
        return part._replace(term=Term("numpy", (*part.term.args, index, span.low, span.high), part.operation))
    if part.operation == "fill":
        body.refuse(part.node, "an entry that is set more than once")
    if part.operation == "fill+":
        value, *ranges = part.term.args
        return part._replace(term=Term("numpy", (Term("sum", (value, index, span.low, span.high), "range"), *ranges), "fill+"))
    head = "prod" if part.operation == "*" else "sum"
    return part._replace(term=Term(head, (part.term, index, span.low, span.high), "range", body.span(part.node)))


def _of(body: Body, statements: list[ast.stmt], collected: frozenset[str], around: list[_Range]) -> list[_Part]:
    """The contributions of the statements of one round."""
    parts: list[_Part] = []
    for place, statement in enumerate(statements):
        rest = statements[place + 1 :]
        if isinstance(statement, ast.For):
            outer = dict(body.local), dict(body.bound), dict(body.running)
            parts += _contributions(body, statement, collected, around)
            body.local, body.bound, body.running = outer
        elif isinstance(statement, ast.If):
            decided = body.decided(statement.test)
            if decided is not None:
                return [*parts, *_of(body, [*(statement.body if decided else statement.orelse), *rest], collected, around)]
            _refuse_reads(body, statement.test, collected)
            condition = body.condition(statement.test)
            ends = isinstance(statement.body[-1], ast.Continue)
            first = statement.body[:-1] if ends else [*statement.body, *rest]
            second = [*statement.orelse, *rest]
            for branch, holds in ((first, condition), (second, Term("not", (condition,), None, condition.span))):
                outer = dict(body.local), dict(body.bound), dict(body.running)
                parts += [_where(body, part, holds) for part in _of(body, branch, collected, around)]
                body.local, body.bound, body.running = outer
            return parts
        elif (part := _part(body, statement, collected, around)) is not None:
            parts.append(part)
        elif isinstance(statement, ast.Assign):
            _refuse_reads(body, statement.value, collected)
            body.assign(statement)
        elif not isinstance(statement, ast.Pass):
            body.refuse(statement, f"{_what(statement)} in a loop that adds up")
    return parts


def _what(statement: ast.stmt) -> str:
    from derive.meaning.numpy_notation.expressions import what_it_is

    return what_it_is(statement)


def _where(body: Body, part: _Part, condition: Term) -> _Part:
    if part.operation not in NEUTRAL:
        body.refuse(part.node, "an entry that is set under a condition")
    return part._replace(term=piecewise(((part.term, condition),), number(NEUTRAL[part.operation]), body.span(part.node)))


def _refuse_reads(body: Body, node: ast.expr, collected: frozenset[str]) -> None:
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in collected:
            body.refuse(part, f"a loop whose steps depend on the ones before ({part.id})")


def _part(body: Body, statement: ast.stmt, collected: frozenset[str], around: list[_Range]) -> _Part | None:
    """The contribution of one statement; None where it is none."""
    operators = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
    if isinstance(statement, ast.AugAssign):
        operation = operators.get(type(statement.op))
        if operation is None:
            body.refuse(statement, "a loop that neither adds up nor multiplies")
        _refuse_reads(body, statement.value, collected)
        if isinstance(statement.target, ast.Name):
            return _Part(statement.target.id, operation, body.value(statement.value), statement)
        return _filled(body, statement.target, statement.value, statement, "fill+" if operation == "+" else "", around)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
        if isinstance(target, ast.Subscript):
            _refuse_reads(body, value, collected)
            return _filled(body, target, value, statement, "fill", around)
        if isinstance(target, ast.Name) and target.id in collected:
            left = value.left if isinstance(value, ast.BinOp) else None
            operation = operators.get(type(value.op)) if isinstance(value, ast.BinOp) else None
            if operation is None or not (isinstance(left, ast.Name) and left.id == target.id) or not isinstance(value, ast.BinOp):
                body.refuse(statement, f"a loop whose steps depend on the ones before ({target.id})")
            _refuse_reads(body, value.right, collected)
            return _Part(target.id, operation, body.value(value.right), statement)
    return None


def _filled(body: Body, target: ast.expr, value: ast.expr, statement: ast.stmt, operation: str, around: list[_Range]) -> _Part:
    """`D[i, j] = …` with running indices."""
    if not operation or not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
        body.refuse(statement, "an assignment to a part of an array")
    places = target.slice.elts if isinstance(target.slice, ast.Tuple) else [target.slice]
    running = {span.name for span in around}
    names: list[Name] = []
    for place in places:
        index = body.running.get(place.id) if isinstance(place, ast.Name) else None
        if index is None or index not in running or index in names:
            body.refuse(place, "an entry that is set at a place other than a running one")
        names.append(index)
    order = Term("tuple", tuple(Term("name", (), n) for n in names))
    return _Part(target.value.id, operation, Term("numpy", (body.value(value), order), operation), statement, tuple(names))
