"""What the grammars make: a flat list of items with brackets nested and scripts attached. No meaning yet.

A juxtaposition is a list, a bar is just an item, a function name is just a name: the resolver in `meaning/` folds the list
once it knows what the names are. Both notations (LaTeX, plain) make the same items.

Kinds, their `text`, and their `children`:

    number    "3", "0.25", "1000" (group separators removed), "1e-5" written out as "1e-5"
    name      LaTeX: one letter, or the Greek letter's name (`\\alpha` → "alpha", `\\varepsilon` → "varepsilon"), `\\ell` → "ell",
              `\\infty` → "infty", `\\hbar` …;  plain: a run of letters and digits that starts with a letter ("x", "alpha", "m1",
              "Ax", "sigmoid", "hard_sigmoid" when that is a known function). A run of two and more letters in LaTeX (`exp`, `xy`)
              is ONE name item too, with `glued=True`: the resolver splits it. Unicode letters come as their name ("α" → "alpha").
    function  a function written as a command or operator (`\\sin`, `\\operatorname{softmax}`, `\\mathrm{tr}`, `\\Pr`): the word
    accent    "hat" "bar" "tilde" "vec" "dot" "ddot" "check" "breve"…   (item,)     (wide forms and over/underline are the same)
    font      "bf" "cal" "bb" "rm" "sf" "tt" "frak" "scr" "bs"          (items…)
    text      the raw text of \\text{…}, a quoted string …
    group     ""                      (items…)      braces that only group
    fence     opening + closing       (items…)      "()" "[]" "{}" "[)" "(]" "||" "‖‖" "<>" "⌊⌋" "⌈⌉" ".|" "().": as written;
                                                    `{}` is \\{ … \\} in LaTeX and { … } in plain text outside scripts
    bar       "|" or "‖" or "mid"     ()            a bar whose side is open; the resolver pairs it
    frac      "" (also "/" never)     (numerator group, denominator group)          binom the same
    sqrt      ""                      (body group, index group?)
    env       name ("pmatrix", "bmatrix", "vmatrix", "Bmatrix", "cases", "aligned" …)  (row, …); row → (cell, …); cell → (items…)
    big       "sum" "prod" "int" "iint" "iiint" "oint" "bigcup" "bigcap" "lim" "max" "min" "sup" "inf" "argmax" "argmin" "limsup" "liminf"
    op        one of  + - * / = != < > <= >= << >> := <- -> => <=> ~ , ; : . ! & ∝ ≈ ≡ ≅ in notin subset cup cap and or not forall exists
              cdot times odot otimes oplus circ .* ./ @ % pm mp perp to mapsto setminus succ succeq prec preceq star prime
              newline (\\\\ between lines)
    nabla, partial, dots, placeholder (·), degree

A group's `text` says where it came from: "" braces, "brace" \\underbrace (its label is dropped), "signed" an exponent such as
e^-x. `glued` on a bar "‖" says that it was typed as two | (`|x||y|` has two bars there that may belong apart).
Scripts hang on the item before them: `sub`, `sup` are items (a group, or the single item that followed), `primes` counts `'`.
A transposition (`^\\top`, `^T`, `.T`, `ᵀ`) is a `sup` like any other: `.T` and `ᵀ` come as a sup of kind op, text "top".
`start`, `end` are offsets into the line's text; `space` says whether white space came before (it matters in plain text).
"""

from __future__ import annotations

__all__ = ["Item"]


class Item:
    """One item of the concrete syntax; see the module's table."""

    __slots__ = ("children", "end", "glued", "kind", "primes", "space", "start", "sub", "sup", "text")

    def __init__(
        self,
        kind: str,
        text: str = "",
        children: tuple[Item, ...] = (),
        start: int = 0,
        end: int = 0,
        *,
        sub: Item | None = None,
        sup: Item | None = None,
        primes: int = 0,
        space: bool = False,
        glued: bool = False,
    ) -> None:
        self.kind = kind
        self.text = text
        self.children = children
        self.start = start
        self.end = end
        self.sub = sub
        self.sup = sup
        self.primes = primes
        self.space = space
        self.glued = glued

    def is_op(self, *texts: str) -> bool:
        """Whether this is an operator with one of these texts."""
        return self.kind == "op" and self.text in texts

    def is_bare(self) -> bool:
        """Whether no script and no prime hangs on this."""
        return self.sub is None and self.sup is None and not self.primes

    def __repr__(self) -> str:
        parts = [self.kind]
        if self.text:
            parts.append(repr(self.text))
        if self.children:
            parts.append("[" + ", ".join(map(repr, self.children)) + "]")
        if self.sub:
            parts.append(f"_{self.sub!r}")
        if self.sup:
            parts.append(f"^{self.sup!r}")
        if self.primes:
            parts.append("'" * self.primes)
        return "(" + " ".join(parts) + ")"
