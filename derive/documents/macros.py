r"""The macros of a document: `\newcommand`, `\renewcommand`, `\providecommand`, `\def`, `\let`, `\DeclareMathOperator` and their like.

In: the text at a definition; a stretch of mathematics. Out: the table with the macro in it; the stretch with its macros expanded, each
character with the place that it came from. Expansion is bounded: a macro that is defined by itself is a `MacroProblem`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from derive.documents.formulas import Stretch

__all__ = ["DEFINITION", "Macro", "MacroProblem", "Macros", "read_definition"]

MOST_EXPANSIONS = 1000
LONGEST = 20_000
MOST_MACROS = 10_000
LONGEST_GROUP = 8_000

DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand|[gex]?def|let|DeclareMathOperator|DeclarePairedDelimiter"
    r"|(?:New|Renew|Provide|Declare)DocumentCommand)(?![A-Za-z@])\*?"
)
_NAME = re.compile(r"\\(?:[A-Za-z@]+|[^A-Za-z\s])")
_CONTROL = re.compile(r"\\(?:[A-Za-z@]+|.)", re.DOTALL)
_BRACES = re.compile(r"\\.|%[^\n]*|[{}]", re.DOTALL)
_SPACE = re.compile(r"\s*")
_PARAMETERS = re.compile(r"(?:#[1-9])*")
_OPTION = re.compile(r"\[([^\[\]]*)\]")
_PARAMETER = re.compile(r"#([1-9])")
_WORD_AT_END = re.compile(r"\\[A-Za-z@]+$")
_ONE_TOKEN = re.compile(r"\\[A-Za-z@]+|\\?.", re.DOTALL)
_OPERATOR = re.compile(
    r"(?:[_^]|\\(?:[dt]?frac|sqrt|hat|widehat|bar|overline|tilde|widetilde|vec|dot|math[a-z]+|bm|boldsymbol|operatorname))$"
)


class MacroProblem(Exception):
    """A macro cannot be expanded; the message says why, `offset` is its place in the file."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Macro(NamedTuple):
    """What a command stands for: how many arguments, the default of the first one if it is optional, the text with #1 … #9 in it.

    A final one is not expanded further (`\\let` of a command that is no macro); a delimiter may have a star or a size, which are dropped.
    """

    body: str
    arguments: int = 0
    default: str | None = None
    is_final: bool = False
    is_delimiter: bool = False


_BUILT_IN = {"\\ensuremath": Macro("#1", 1), "\\xspace": Macro(""), "\\protect": Macro(""), "\\numberthis": Macro("")}


# ---------------------------------------------------------------------------------------------- reading definitions
def group_end(text: str, start: int) -> int:
    """The offset behind the group that opens at `start`, or -1 where it is never closed, or so far away that it is none."""
    depth = 0
    for sign in _BRACES.finditer(text, start, start + LONGEST_GROUP):
        if sign[0] in "{}":
            depth += 1 if sign[0] == "{" else -1
            if depth == 0:
                return sign.end()
    return -1


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _group(text: str, place: int) -> tuple[str, int] | None:
    """The content of the group (or the single token) at a place, and the offset behind it."""
    place = _after_space(text, place)
    if text[place : place + 1] == "{":
        end = group_end(text, place)
        return None if end < 0 else (text[place + 1 : end - 1], end)
    token = _ONE_TOKEN.match(text, place)
    return None if token is None else (token[0], token.end())


def _without_comments(body: str) -> str:
    return re.sub(r"(?<!\\)%[^\n]*\n?[ \t]*", "", body)


def read_definition(text: str, start: int) -> tuple[str, Macro | None, int]:
    """The name, the macro and the offset behind a definition; no macro where its form is not understood, no name where it is none."""
    head = DEFINITION.match(text, start)
    if head is None:
        return "", None, start + 1
    command = head[0].strip("\\*")
    named = _group(text, head.end())
    if named is None or not _NAME.fullmatch(named[0].strip()):
        return "", None, head.end()
    name, place = named[0].strip(), named[1]
    if command == "let":
        return _read_let(text, name, place)
    if command.endswith("def"):
        return _read_def(text, name, place)
    if command == "DeclareMathOperator":
        operator = _group(text, place)
        if operator is None:
            return name, None, place
        return name, Macro(f"\\operatorname{'*' if head[0].endswith('*') else ''}{{{operator[0]}}}"), operator[1]
    if command == "DeclarePairedDelimiter":
        left = _group(text, place)
        right = _group(text, left[1]) if left else None
        if left is None or right is None:
            return name, None, place
        return name, Macro(f"\\left{left[0]} #1 \\right{right[0]}", 1, is_delimiter=True), right[1]
    if command.endswith("DocumentCommand"):
        return _read_document_command(text, name, place)
    return _read_command(text, name, place)


def _read_let(text: str, name: str, place: int) -> tuple[str, Macro | None, int]:
    place = _after_space(text, place)
    if text[place : place + 1] == "=":
        place = _after_space(text, place + 1)
    target = _ONE_TOKEN.match(text, place)
    return (name, None, place) if target is None else (name, Macro(target[0], is_final=True), target.end())


def _read_def(text: str, name: str, place: int) -> tuple[str, Macro | None, int]:
    found = _PARAMETERS.match(text, _after_space(text, place))
    assert found is not None
    opening = text.find("{", found.end())
    end = group_end(text, opening) if opening >= 0 else -1
    if end < 0:
        return name, None, place
    if text[found.end() : opening].strip():  # a delimited parameter text
        return name, None, end
    return name, Macro(_without_comments(text[opening + 1 : end - 1]), len(found[0]) // 2), end


def _read_command(text: str, name: str, place: int) -> tuple[str, Macro | None, int]:
    count, default = 0, None
    option = _OPTION.match(text, _after_space(text, place))
    if option is not None:
        count = int(option[1]) if option[1].strip().isdigit() else 0
        place = option.end()
        option = _OPTION.match(text, _after_space(text, place))
        if option is not None:
            default, place = option[1], option.end()
    body = _group(text, place)
    return (name, None, place) if body is None else (name, Macro(_without_comments(body[0]), count, default), body[1])


def _read_document_command(text: str, name: str, place: int) -> tuple[str, Macro | None, int]:
    wanted = _group(text, place)
    body = _group(text, wanted[1]) if wanted else None
    if wanted is None or body is None:
        return name, None, place
    letters = wanted[0].replace(" ", "")
    optional = re.fullmatch(r"(?:O\{([^{}]*)\}|o)?(m*)", letters)
    if optional is None or optional[0].startswith("o"):
        return name, None, body[1]
    default = optional[1] if letters.startswith("O") else None
    count = len(optional[2]) + (default is not None)
    return name, Macro(_without_comments(body[0]), count, default), body[1]


# ---------------------------------------------------------------------------------------------- expansion
class Macros:
    """The macros in force at a place of the document."""

    def __init__(self) -> None:
        self.table = dict(_BUILT_IN)

    def define(self, name: str, macro: Macro) -> None:
        """A macro is in force from here on; `\\let` of a macro is a copy of it."""
        if macro.is_final and macro.body in self.table:
            macro = self.table[macro.body]
        if len(self.table) < MOST_MACROS:
            self.table[name] = macro

    def expand(self, stretch: Stretch) -> Stretch:
        """The stretch with all macros replaced. Raises MacroProblem."""
        place = count = 0
        while True:
            found = self._next(stretch.text, place)
            if found is None:
                return stretch
            count += 1
            macro = self.table[found[0]]
            if count > MOST_EXPANSIONS:
                raise MacroProblem(f"the macro {found[0]} is defined by itself, or far too long", stretch.places[found.start()])
            length = len(stretch.text)
            stretch, end = _expanded(stretch, found, macro)
            if len(stretch.text) > max(LONGEST, length):
                raise MacroProblem(f"the macro {found[0]} makes the formula too long", stretch.places[found.start()])
            place = end if macro.is_final else found.start()

    def _next(self, text: str, place: int) -> re.Match[str] | None:
        return next((found for found in _CONTROL.finditer(text, place) if found[0] in self.table), None)


def _expanded(stretch: Stretch, found: re.Match[str], macro: Macro) -> tuple[Stretch, int]:
    """The stretch with one macro replaced, and the offset behind what was put in."""
    text, place, here = stretch.text, found.end(), stretch.places[found.start()]
    arguments: list[tuple[int, int] | str] = []
    if macro.is_delimiter:
        place += text[place : place + 1] == "*"
        option = _OPTION.match(text, place)
        place = option.end() if option else place
    if macro.default is not None:
        option = _OPTION.match(text, _after_space(text, place))
        arguments.append((option.start() + 1, option.end() - 1) if option else macro.default)
        place = option.end() if option else place
    while len(arguments) < macro.arguments:
        start = _after_space(text, place)
        given = _group(text, start)
        if given is None:
            raise MacroProblem(f"{found[0]} takes {macro.arguments} argument{'s' * (macro.arguments > 1)}", here)
        inner = start + (text[start] == "{")
        arguments.append((inner, inner + len(given[0])))
        place = given[1]
    characters: list[str] = []
    places: list[int] = []

    def put(piece: str, where: list[int] | None = None) -> None:
        if characters and piece[:1].isalpha() and _WORD_AT_END.search("".join(characters[-24:])):
            characters.append(" ")
            places.append(here)
        characters.extend(piece)
        places.extend(where if where is not None else [here] * len(piece))

    last = 0
    for parameter in _PARAMETER.finditer(macro.body):
        put(macro.body[last : parameter.start()])
        which = int(parameter[1]) - 1
        if which < len(arguments):
            argument = arguments[which]
            if isinstance(argument, str):
                put(argument)
            else:
                put(text[argument[0] : argument[1]], list(stretch.places[argument[0] : argument[1]]))
        last = parameter.end()
    put(macro.body[last:])
    made = "".join(characters)
    before, after = text[: found.start()], text[place:]
    if _OPERATOR.search(before.rstrip()[-24:]) and not _is_one_token(made):
        made, places = f"{{{made}}}", [here, *places, here]
    if _WORD_AT_END.search(before[-24:]) and made[:1].isalpha():
        made, places = f" {made}", [here, *places]
    if _WORD_AT_END.search(made[-24:]) and after[:1].isalpha():
        made, places = f"{made} ", [*places, here]
    return Stretch(before + made + after, [*stretch.places[: found.start()], *places, *stretch.places[place:]]), found.start() + len(made)


def _is_one_token(text: str) -> bool:
    if text.startswith("{"):
        return group_end(text, 0) == len(text)
    return _ONE_TOKEN.fullmatch(text) is not None
