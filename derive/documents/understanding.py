r"""Reads the pieces of a document in order, each with what was said before it in force, and says what each of them is.

In: a `Piece`. Out: an `Entry`: something to translate (`job`), a declaration taken in, a statement or a fragment with nothing to compute,
or what cannot be read or needs a declaration, with its place. What a document says holds until it says something else:

- Displays and definitions in prose (“let $p = \sigma(z)$”) are put into the formulas after them; a later one of the same name supersedes.
- An equation in prose that is a condition (“if $x = y$”) defines nothing; a name that is given a number in prose stays an argument.
- A definition that has no code (an arg min) leaves its name an argument; one that cannot be read makes what rests on it unanswerable.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from derive.answering import Settings, summary_of
from derive.deadline import deadline
from derive.documents.formulas import DISPLAY, INLINE, LINE, Place, Stretch
from derive.documents.identities import HOLDS, claims_of, is_known_function, verdict_on
from derive.documents.kinds import (
    DECLARED,
    FAILED,
    FALSE,
    NEEDS,
    NOTHING,
    REFUSED,
    TRANSLATED,
    UNREADABLE,
    Entry,
    Job,
    called,
    has_primes,
    is_call,
    is_fragment,
    is_like,
    is_single,
    is_square,
    missing_name,
    name_of,
    problem_of,
    said,
)  # fmt: skip
from derive.documents.prose import Prose
from derive.documents.rows import Piece, members
from derive.documents.shadowing import bare_functions, index_letters, numbered_letters, parameters, restored, shadowed
from derive.errors import AmbiguousInput, DeriveError, Refusal, Undetermined
from derive.expressions.inline import inline
from derive.expressions.plain import plain_name
from derive.expressions.term import Name, Term
from derive.graph.build import build
from derive.graph.subscripts import left_indices
from derive.meaning import read
from derive.meaning.broken import broken_name
from derive.meaning.resting import with_inner_types
from derive.meaning.scope import Declaration, Reading, Scope, Type
from derive.reading import detect

__all__ = ["Understanding"]

_TASKS = ("derivative", "gradient", "hessian", "jacobian", "at", "task", "directional", "total_derivative", "prime", "integral", "limit")
_DERIVATIVE = re.compile(r"\\nabla|\\[dt]?frac\s*\{\s*(?:d|\\partial|\\mathrm\{d\})|[^=]*'")


class _Settled(NamedTuple):
    """A line as it was read, and the scope after it."""

    reading: Reading
    after: Scope
    stretch: Stretch
    notes: tuple[str, ...]


class Understanding:
    """The session of one document. `take` is called for each piece in reading order."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.scope = Scope()
        self.explicit: dict[Name, Declaration] = {}
        self.seen: set[Name] = set()
        self.defined_at: dict[Name, int] = {}
        self.prose = Prose()
        self._last = self.scope

    # ------------------------------------------------------------------ one piece
    def take(self, piece: Piece) -> Entry:
        """What a piece is. Nothing is raised: what cannot be read is an entry that says so."""
        self._last = self.scope
        return self._read_again(piece, self._once(piece))

    def _once(self, piece: Piece) -> Entry:
        formula = piece.formula
        place = formula.origin.place(piece.stretch.places[0])
        if formula.problem:
            return Entry(piece, formula.place, UNREADABLE, formula.problem)
        outer, text = self.scope, piece.stretch.text
        letters = index_letters(text, outer) | numbered_letters(text, outer, self.explicit)
        self.scope = shadowed(outer, letters, ()) if letters else outer
        try:
            with deadline(self.settings.time_limit):
                return self._entry(piece, place)
        except DeriveError as problem:
            return self._problem(piece, piece.stretch, problem)
        except RecursionError:
            return Entry(piece, place, UNREADABLE, "the formula is nested too deeply")
        finally:
            self.scope = restored(self.scope, outer, letters) if letters else self.scope

    def _read_again(self, piece: Piece, first: Entry) -> Entry:
        """A formula that does not go with the shapes which earlier formulas suggest of its letters: they may be other things here."""
        suggested = self.scope
        if first.status not in FAILED:
            return first
        own = parameters(piece.stretch.text.split("=")[0].strip(), self._last)
        leaner = [dict(self.explicit), {n: d for n, d in self.explicit.items() if n not in own}]
        found = None
        for declarations in leaner:
            if declarations != dict(self._last.declarations) and (found is None or found.status in FAILED):
                self.scope = replace(self._last, declarations=declarations, expansions={})
                found = self._once(piece)
        second = found or first
        if second.job is None:
            self.scope = suggested
            return second if second.status == NEEDS or second.status not in FAILED else first  # what is missing anyhow says more
        kept = {n: d for n, d in self._last.declarations.items() if n in self.explicit or n not in second.job.types}
        self.scope = replace(self.scope, declarations={**kept, **self.scope.declarations})
        return second._replace(notes=(*second.notes, "shapes that earlier formulas suggest are left aside"))

    def _entry(self, piece: Piece, place: Place) -> Entry:
        text = piece.stretch.text
        in_prose = piece.formula.kind == INLINE
        latex = piece.formula.kind != LINE or detect(text) == "latex"
        parts, relations = members(piece.stretch) if latex else ([piece.stretch], [])
        equation = bool(relations) and relations[0] != "other"
        if not equation:
            return self._plain(piece, place, in_prose)
        run = next((k for k, relation in enumerate(relations) if relation == "other"), len(relations))
        left, right = parts[0], parts[run]
        if not left.text or not right.text:
            return Entry(piece, place, NOTHING, "a fragment")
        remarks: tuple[str, ...] = ("a relation behind it is left out",) if run < len(relations) else ()
        remarks += (f"of its {run + 1} members the last is what is computed",) if run > 1 else ()
        sign = " \\leftarrow " if relations[0] == "<-" else " = "
        claims = claims_of(self._tried, parts[1:run], "", place.line)
        first = claims_of(self._tried, [left], "the left side", place.line) if relations[0] == "=" else ()
        entry = self._equation(piece, place, left, right, sign, in_prose, remarks)
        target = entry.job.target if entry.job is not None else None
        if _DERIVATIVE.match(left.text) or (target is not None and any(is_known_function(claim.reading, target) for claim in first)):
            claims += first
        if entry.status == NOTHING and entry.reason.startswith("a statement") and relations[0] == "=" and not in_prose:
            said = verdict_on(self._tried, parts[: run + 1], place.line, self.settings)
            entry = entry._replace(status=FALSE if said and said != HOLDS else NOTHING, reason=said or entry.reason)
        return entry._replace(job=entry.job._replace(claims=claims)) if entry.job is not None else entry

    # ------------------------------------------------------------------ reading
    def _read(self, stretch: Stretch, conditions: tuple[Stretch, ...], line: int) -> _Settled:
        """A line read with the conditions behind it in force, or without them where they are no declarations."""
        notes: list[str] = []
        whole = stretch
        for condition in conditions:
            whole = whole.joined(condition, " \\text{ where } " if whole is stretch else ", ")
        try:
            reading, after = self._tried(whole, line)
        except DeriveError as problem:
            if whole is stretch:
                raise
            try:
                reading, after = self._tried(stretch, line)
            except DeriveError:
                raise problem from None
            notes.append(f"the condition {', '.join(c.text for c in conditions)} is left out")
            whole = stretch
        return _Settled(reading, after, whole, (*notes, *(said(n) for n in reading.notes)))

    def _tried(self, stretch: Stretch, line: int) -> tuple[Reading, Scope]:
        reading, after = read(stretch.text, self.scope, line=line)
        bare = bare_functions(reading.term, self.scope)
        if bare:
            outer = self.scope
            lean = shadowed(outer, bare, self.explicit)
            reading, after = read(stretch.text, lean, line=line)
            return with_inner_types(reading, lean), restored(after, outer, bare)
        return with_inner_types(reading, self.scope), after

    # ------------------------------------------------------------------ expressions, declarations, statements
    def _plain(self, piece: Piece, place: Place, in_prose: bool) -> Entry:
        try:
            settled = self._read(piece.stretch, piece.conditions, place.line)
        except DeriveError as problem:
            if in_prose and not isinstance(problem, Undetermined):
                return Entry(piece, place, NOTHING, "a fragment")
            raise
        reading = settled.reading
        if reading.kind == "declaration" or (reading.kind == "fact" and reading.term.data != "="):
            return self._declared(piece, place, settled)
        if reading.kind == "definition" and reading.term.head == "rel":
            return self._definition(piece, place, settled, settled.stretch, in_force=True)
        if reading.kind in ("constraint", "fact", "update", "definition"):
            return self._from_relation(piece, place, settled)
        self._saw(reading.term)
        if reading.expanded.head in ("rel", "chain", "list", "and", "or", "not") and reading.task != "code":
            return Entry(piece, place, NOTHING, "a statement", notes=settled.notes)
        if is_fragment(reading.term) or in_prose:
            return Entry(piece, place, NOTHING, "a fragment: it is mentioned, not computed")
        return self._candidate(piece, place, None, settled, (), in_force=None)

    def _from_relation(self, piece: Piece, place: Place, settled: _Settled) -> Entry:
        """A relation of the plain notation that defines nothing: its right side where the left one is one thing."""
        term, expanded = settled.reading.term, settled.reading.expanded
        self._saw(term)
        if term.head != "rel" or term.data not in ("=", ":=") or not is_single(term.args[0]):
            return Entry(piece, place, NOTHING, "a statement", notes=settled.notes)
        right = replace(settled.reading, term=term.args[1], expanded=expanded.args[1], kind="task", task="expression")
        return self._candidate(piece, place, term.args[0], settled._replace(reading=right, after=self.scope), (), in_force=None)

    def _declared(self, piece: Piece, place: Place, settled: _Settled) -> Entry:
        """A declaration is in force; a definition of the name that does not fit it is not, from here on."""
        before, after = self.scope, settled.after
        said_before = {n: d for n, d in before.declarations.items() if n in self.explicit or after.declarations.get(n) is d}
        if len(said_before) < len(before.declarations):  # what is declared in words does not rest on what formulas suggest
            self.scope = before = replace(before, declarations=said_before, expansions={})
            settled = self._read(piece.stretch, piece.conditions, place.line)
            after = settled.after
        fresh = {n: d for n, d in after.declarations.items() if before.declarations.get(n) is not d}
        dropped = []
        for name, definition in before.definitions.items():
            free = {n.data for n in definition.body.walk() if n.head == "name"} - set(definition.parameters)
            for changed, declaration in fresh.items():
                known = before.declarations.get(changed)
                old = known.type if known is not None else None
                is_own = name == changed and not definition.parameters
                if (is_own and not is_like(old or Type(), declaration.type)) or (
                    changed in free and old is not None and not is_like(old, declaration.type)
                ):
                    dropped.append(name)
        if dropped:
            after = replace(after, definitions={n: d for n, d in after.definitions.items() if n not in dropped}, expansions={})
        self.explicit.update(fresh)
        self.seen |= set(fresh)
        self.scope = after
        remarks = tuple(
            f"{plain_name(n)} (line {self.defined_at.get(n, 0)}) is no longer in force: its names are declared anew" for n in dropped
        )
        return Entry(piece, place, DECLARED, "a declaration", notes=settled.notes, remarks=remarks)

    # ------------------------------------------------------------------ equations
    def _equation(
        self, piece: Piece, place: Place, left: Stretch, right: Stretch, sign: str, in_prose: bool, remarks: tuple[str, ...]
    ) -> Entry:
        """An equation. The parameters of a function on its left are names of their own, whatever they mean elsewhere."""
        names = parameters(left.text, self.scope)
        if not names:
            return self._equated(piece, place, left, right, sign, in_prose, remarks)
        outer = self.scope
        self.scope = shadowed(outer, names, self.explicit)
        entry = self._equated(piece, place, left, right, sign, in_prose, remarks)
        self.scope = restored(self.scope, outer, names)
        return entry

    def _equated(
        self, piece: Piece, place: Place, left: Stretch, right: Stretch, sign: str, in_prose: bool, remarks: tuple[str, ...]
    ) -> Entry:
        meant = self.prose.meant(piece.formula.before) if in_prose else "definition"
        joined = left.joined(right, sign)
        try:
            settled = self._read(joined, piece.conditions, place.line)
        except DeriveError as problem:
            if in_prose and meant == "condition":
                return Entry(piece, place, NOTHING, "a condition")
            return self._right_alone(piece, place, right, remarks, problem) or self._problem(piece, joined, problem, in_prose)
        reading = settled.reading
        term = reading.term
        if term.head != "rel" or term.data not in ("=", ":="):
            self._saw(term)
            return Entry(piece, place, NOTHING, "a statement", notes=settled.notes)
        head = term.args[0]
        if reading.kind == "definition" and not has_primes(head):
            known = name_of(head) in self.seen
            if in_prose and meant == "condition" and (head.head == "name" or known):
                self._saw(term)
                return Entry(piece, place, NOTHING, "a condition")
            if term.args[1].head == "number" and in_prose:
                self._saw(term)
                return Entry(piece, place, NOTHING, "a value: the name stays an argument")
            in_force = not in_prose or meant == "definition" or not known
            return self._definition(piece, place, settled, right, in_force, remarks)
        self._saw(term)
        if not (is_single(head) or is_square(head) or is_call(left.text)) or (in_prose and head.head == "apply"):
            return Entry(piece, place, NOTHING, "a statement: an equation between two expressions", notes=settled.notes)
        if term.args[1].head == "number" or (in_prose and meant == "condition"):
            return Entry(piece, place, NOTHING, "a condition", notes=settled.notes)
        alone = self._read(right, piece.conditions, place.line)
        if alone.reading.kind != "task":
            return Entry(piece, place, NOTHING, "a statement", notes=settled.notes)
        update = reading.kind == "update"
        shown = head if is_single(head) or is_square(head) else called(left.text)
        entry = self._candidate(piece, place, shown, alone._replace(after=self.scope), remarks, in_force=None)
        return entry._replace(remarks=(*entry.remarks, "an update: the name keeps its meaning")) if update else entry

    def _right_alone(self, piece: Piece, place: Place, right: Stretch, remarks: tuple[str, ...], problem: DeriveError) -> Entry | None:
        """The right side of a display whose left side is no mathematics (`\\cos(u, v) = …`), if that can be computed."""
        if piece.formula.kind != DISPLAY or isinstance(problem, Refusal):
            return None
        try:
            alone = self._read(right, piece.conditions, place.line)
        except DeriveError:
            return None
        if alone.reading.kind != "task" or is_fragment(alone.reading.term):
            return None
        said = f"its left side is not read: {problem.message}"
        shown = called(piece.stretch.text)
        entry = self._candidate(piece, place, shown, alone._replace(after=self.scope), (*remarks, said), in_force=None)
        return entry if entry.job is not None else None

    def _definition(
        self, piece: Piece, place: Place, settled: _Settled, right: Stretch, in_force: bool, remarks: tuple[str, ...] = ()
    ) -> Entry:
        """A definition: in force from here on where it has code; its right side is what is translated."""
        reading = settled.reading
        head, body = reading.term.args
        name = name_of(head)
        assert name is not None
        self._saw(reading.term)
        parameters = tuple(a.data for a in head.args[1:] if a.head == "name") if head.head == "call" else ()
        more = list(remarks)
        if name in self.scope.definitions and in_force:
            more.append(f"{plain_name(name)} was defined on line {self.defined_at.get(name, 0)}; this definition supersedes it")
        elif not in_force:
            more.append(f"{plain_name(name)} keeps its meaning: an equation in prose")
        if body.head in ("number", "name", "constant"):
            if in_force:
                self._enter(name, settled.after, place)
            reason = "a value" if body.head == "number" else "another name"
            return Entry(piece, place, DECLARED, reason, notes=settled.notes, remarks=tuple(more))
        if body.has(*_TASKS):
            alone = self._read(right, piece.conditions, place.line) if right is not settled.stretch else settled
            if alone.reading.kind == "task":
                settled = alone._replace(after=settled.after)
                reading = settled.reading
        is_optimum = reading.expanded.has("optimum")  # it has code by itself at best: where it is used it is an argument
        entered = name if in_force and not is_optimum else None
        entry = self._candidate(piece, place, head, settled, tuple(more), in_force=entered, first=parameters)
        if in_force and (entry.status in (REFUSED, NEEDS) or is_optimum):
            self._forget(name, place, is_broken=False)
        return entry

    # ------------------------------------------------------------------ what can be translated
    def _candidate(
        self, piece: Piece, place: Place, left: Term | None, settled: _Settled, remarks: tuple[str, ...],
        in_force: Name | None, first: tuple[Name, ...] = (),
    ) -> Entry:  # fmt: skip
        """A job where the mathematics is there to make one, else what is missing."""
        reading = settled.reading
        expanded = reading.expanded
        target = expanded.args[1] if reading.kind == "definition" else expanded
        whole = expanded if left_indices(expanded) else target  # D_ij = … is all of the array
        entry = Entry(piece, place, TRANSLATED, "", (), settled.notes, left, None, remarks)
        missing = missing_name(target, self.scope.broken)
        if missing is not None:
            return entry._replace(status=NEEDS, reason=missing[0], expected=missing[1])
        written = reading.term.args[1] if reading.kind == "definition" else reading.term
        summary = summary_of(reading) if left is None or reading.kind == "definition" else f"{inline(left)} = {inline(written)}"
        if target.has(*_TASKS) or target.head == "optimum":
            job = Job("", summary, None, reading.types, reading=reading)
        else:
            try:
                build(whole, reading.types)
            except Refusal as refusal:
                status = NEEDS if isinstance(refusal, Undetermined | AmbiguousInput) else REFUSED
                return entry._replace(status=status, reason=refusal.message, expected=refusal.expected)
            except RecursionError:
                return entry._replace(status=REFUSED, reason="the formula is nested too deeply")
            job = Job("", summary, whole, reading.types, None if target == written else target, first)
        if in_force is not None:
            self._enter(in_force, settled.after, place)
        return entry._replace(job=job)

    # ------------------------------------------------------------------ what is in force
    def _enter(self, name: Name, after: Scope, place: Place) -> None:
        self.scope = replace(after, constraints=self.scope.constraints)
        self.defined_at[name] = place.line

    def _forget(self, name: Name, place: Place, is_broken: bool) -> None:
        """A definition without code: the name is an argument, or, where nothing could be read, not known."""
        definitions = {n: d for n, d in self.scope.definitions.items() if n != name}
        broken = {**self.scope.broken, name: place.line} if is_broken else self.scope.broken
        self.scope = replace(self.scope, definitions=definitions, broken=broken, expansions={})

    def _saw(self, term: Term) -> None:
        self.seen |= {n.data for n in term.walk() if n.head == "name"}

    def _problem(self, piece: Piece, stretch: Stretch, problem: DeriveError, in_prose: bool = False) -> Entry:
        """What cannot be read, with its place; the name that it would have defined has no meaning from here on."""
        lost = broken_name(stretch.text) if not in_prose else None
        if lost is not None:
            self._forget(lost, piece.formula.origin.place(stretch.places[0]), is_broken=True)
        return problem_of(piece, stretch, problem)
