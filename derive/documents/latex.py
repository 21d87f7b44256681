r"""The formulas of a LaTeX document: displayed and inline mathematics, in the order in which they stand.

In: the text of a file. Out: `Formula`s with their macros expanded, and remarks. Comments are cut out; verbatim material, pictures and
what stands behind `\end{document}` are passed over; `\input` is left alone and said. What is never closed is a formula with a problem,
and the document goes on behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.documents.formulas import DISPLAY, INLINE, Formula, Remark, Stretch, Text
from derive.documents.macros import DEFINITION, MacroProblem, Macros, read_definition

__all__ = ["DISPLAYED", "formula", "latex_formulas", "mathematics_end", "uncommented"]

DISPLAYED = frozenset(
    "equation align alignat flalign gather multline eqnarray displaymath dmath dgroup darray IEEEeqnarray xalignat xxalignat".split()
)
_SKIPPED = frozenset(
    "verbatim Verbatim BVerbatim LVerbatim lstlisting minted alltt comment filecontents tikzpicture pgfpicture asy thebibliography".split()
)
_TOKEN = re.compile(
    r"(?P<comment>%[^\n]*)"
    r"|(?P<open>\\\[|\\\(|\$\$|\$)"
    r"|(?P<escape>\\[^A-Za-z@])"
    r"|\\begin\s*\{(?P<begin>[^{}\n]+)\}"
    r"|(?P<finish>\\end\s*\{document\})"
    r"|\\(?:verb|lstinline)(?![A-Za-z])\*?(?:\[[^\]\n]*\])?(?P<mark>[^A-Za-z\s*\[])[^\n]*?(?P=mark)"
    r"|(?P<input>\\(?:input|include|subfile|subimport|import)(?![A-Za-z])\s*(?:\{[^{}\n]*\}|[^\s{}\\]+)?)"
    r"|(?P<unused>\\iffalse(?![A-Za-z]))"
    r"|(?P<definition>" + DEFINITION.pattern + ")"
    r"|\\(?:label|ref|eqref|cite[a-z]*|url|href|includegraphics)(?![A-Za-z])\*?(?:\[[^\]\n]*\])*\{[^{}\n]*\}"
    r"|\\[A-Za-z@]+|(?P<blank>\n[ \t]*\n)"
)
_PART = ("\\section", "\\subsection", "\\chapter", "\\end{document}")
_INSIDE = re.compile(
    r"%[^\n]*|\\[\[\]]|\\\)|\\begin\s*\{[^{}\n]*\}|\\end\s*\{[^{}\n]*\}|\\[A-Za-z@]+|\\.|\$\$|\$|[{}]|\n[ \t]*\n", re.DOTALL
)
_CLOSING = {"\\[": "\\]", "\\(": "\\)", "$": "$", "$$": "$$"}
_COMMENT = re.compile(r"\\.|%[^\n]*(?:\n[ \t]*)?", re.DOTALL)
_CLOSED_BY_FI = re.compile(r"\\(?:if[A-Za-z@]*|fi)(?![A-Za-z@])")


def latex_formulas(origin: Text, macros: Macros) -> Iterator[Formula | Remark]:
    """Every formula of a LaTeX file, and remarks, in order; `macros` takes in what the file defines."""
    text = origin.text
    body = re.search(r"(?<!\\)(?:^|\n)[^%\n]*\\begin\s*\{document\}", text)
    start = body.end() if body else 0
    place, spoken = 0, start  # `spoken`: where the words in front of the next formula begin
    while (token := _TOKEN.search(text, place)) is not None:
        place = token.end()
        if token["definition"]:
            name, macro, place = read_definition(text, token.start())
            place = max(place, token.end())
            if macro is not None:
                macros.define(name, macro)
            elif name:
                yield Remark(origin.place(token.start()), f"the definition of {name} is of a form that is not read", True)
        elif token["comment"] or token["escape"]:
            continue
        elif token["unused"]:
            place = _after_fi(text, place)
        elif token["finish"]:
            return
        elif token.start() < start:
            continue
        elif token["blank"]:
            spoken = token.end()
        elif token["input"]:
            yield Remark(origin.place(token.start()), f"{token['input'].strip()} is left alone: give that file, too")
        elif (opening := token["open"]) or (token["begin"] and token["begin"].rstrip("*") in DISPLAYED | {"math"}):
            environment = token["begin"] or ""
            end, after = mathematics_end(text, token.end(), opening or "", environment)
            inline = opening in ("$", "\\(") or environment == "math"
            before = uncommented(origin, spoken, token.start()).text
            if end < 0:
                sign = opening or f"\\begin{{{environment}}}"
                shown = text[token.start() : after]
                empty = Stretch("", range(token.start(), token.start() + 1))
                problem = f"{sign} is never closed"
                yield Formula(empty, INLINE if inline else DISPLAY, environment, origin, token.start(), shown, before, problem)
            else:
                yield formula(origin, macros, token.end(), end, INLINE if inline else DISPLAY, environment, before)
            place = spoken = after
        elif token["begin"] and token["begin"].rstrip("*") in _SKIPPED:
            closing = text.find(f"\\end{{{token['begin']}}}", place)
            place = len(text) if closing < 0 else closing + len(token["begin"]) + 6


def formula(origin: Text, macros: Macros, start: int, end: int, kind: str, environment: str, before: str) -> Formula:
    """What stands between two offsets as a formula, its comments cut out and its macros expanded."""
    stretch = uncommented(origin, start, end).stripped()
    first = stretch.places[0]
    source = origin.text[start:end].strip()
    try:
        inner = macros.expand(_defining(stretch, macros))
        inner = Stretch(inner.text.replace("\n", " "), inner.places)  # a new line is a space: rows end in \\\\
        return Formula(inner, kind, environment, origin, first, source, before)
    except MacroProblem as problem:
        return Formula(stretch, kind, environment, origin, problem.offset, source, before, problem.message)


def _defining(stretch: Stretch, macros: Macros) -> Stretch:
    """The stretch without the definitions in it, which are taken in (MathJax and KaTeX have them inside the mathematics)."""
    while (found := DEFINITION.search(stretch.text)) is not None:
        name, macro, end = read_definition(stretch.text, found.start())
        if macro is None:
            raise MacroProblem(f"the definition of {name or 'a macro'} is of a form that is not read", stretch.places[found.start()])
        macros.define(name, macro)
        stretch = stretch.replaced(found.start(), end, "")
    return stretch.stripped()


def mathematics_end(text: str, start: int, opening: str, environment: str) -> tuple[int, int]:
    """Where the mathematics ends and where the text goes on; (-1, where the paragraph ends) when it is never closed."""
    closing = _CLOSING.get(opening, f"\\end{{{environment}}}")
    depth = nested = 0
    may_break = bool(environment) or opening in ("\\[", "$$")
    closed_in = opening in ("$", "\\(") or environment.rstrip("*") in DISPLAYED - {"dgroup"}  # no display may begin inside
    stop = -1  # where something begins that cannot stand inside
    for token in _INSIDE.finditer(text, start):
        sign = token[0]
        if sign[0] == "%":
            continue
        if sign == "{" or sign == "}":
            depth += 1 if sign == "{" else -1
            if depth < 0 and not environment:
                stop = token.start()
                break
        elif environment and sign.startswith("\\end") and sign.replace(" ", "") == closing:
            if nested == 0:
                return token.start(), token.end()
            nested -= 1
        elif environment and sign.startswith("\\begin") and sign.replace(" ", "") == f"\\begin{{{environment}}}":
            nested += 1
        elif sign == closing and depth == 0:
            return token.start(), token.end()
        elif sign == closing and not environment:  # a brace is missing: the same sign ends it, or it would eat what follows
            return -1, token.end()
        elif sign == "$$" and closing == "$" and depth == 0:
            return token.start(), token.start() + 1
        elif sign == "\\[" or (sign[0] == "\n" and not may_break) or sign.startswith(_PART) or (closed_in and _displays(sign)):
            stop = token.start()
            break
    if stop >= 0:
        return -1, stop
    blank = re.compile(r"\n[ \t]*\n").search(text, start)
    return -1, blank.start() if blank else len(text)


def _displays(sign: str) -> bool:
    """Whether a displayed environment begins."""
    found = re.match(r"\\begin\s*\{([^{}\n]*)\}", sign)
    return found is not None and found[1].rstrip("*") in DISPLAYED


def uncommented(origin: Text, start: int, end: int) -> Stretch:
    """The text between two offsets without its comments."""
    text = origin.text[start:end]
    if "%" not in text:
        return Stretch.of(origin.text, start, end)
    kept: list[str] = []
    places: list[int] = []
    last = 0
    for found in _COMMENT.finditer(text):
        if found[0][0] == "%":
            kept.append(text[last : found.start()])
            places.extend(range(start + last, start + found.start()))
            last = found.end()
    kept.append(text[last:])
    places.extend(range(start + last, end + 1))
    return Stretch("".join(kept), places)


def _after_fi(text: str, place: int) -> int:
    depth = 1
    for found in _CLOSED_BY_FI.finditer(text, place):
        depth += -1 if found[0] == "\\fi" else 1
        if depth == 0:
            return found.end()
    return len(text)
