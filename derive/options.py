"""The options of the command line: one table from which parsing, `--help` and shell completion come.

In: the arguments. Out: an `Options` value, or WrongOptions with the sentence for the user. Nothing is imported that costs
time: `derive 'd/dx x^2'` pays for SymPy, not for its options.
"""

from __future__ import annotations

__all__ = ["OPTIONS", "Option", "Options", "WrongOptions", "parse", "usage"]


class WrongOptions(Exception):
    """The command was used wrongly; the message is one sentence."""


class Option:
    """An option: its spellings, the field that it sets, the value of a flag or the values that it takes (`()`: any), its help."""

    __slots__ = ("choices", "field", "flag", "metavar", "names", "words")

    def __init__(self, names: str, field: str, words: str, *, flag: object = None, choices: str = "", metavar: str = "") -> None:
        self.names = tuple(names.split())
        self.field = field
        self.words = words
        self.flag = flag
        self.choices = tuple(choices.split())
        self.metavar = metavar or "|".join(self.choices)


OPTIONS = (
    Option("--json", "json", "one JSON object per task, one per line (docs/report.schema.json)", flag=True),
    Option("--format", "format", "how the report is written", choices="text latex markdown"),
    Option("--detail", "detail", "how much of the derivation is shown", choices="brief normal full"),
    Option("--code", "only_code", "print only the NumPy code", flag=True),
    Option("--value-and-grad", "value_and_grad", "the code of a gradient returns the value of the function, too", flag=True),
    Option("-q --quiet", "quiet", "print only the answer", flag=True),
    Option("--check", "check", "check every step numerically (the default)", flag=True),
    Option("--no-check", "check", "do not check the steps", flag=False),
    Option("--color --colour", "color", "colours in the output", choices="auto always never"),
    Option("--ascii", "ascii", "no characters beyond ASCII", flag=True),
    Option("--time-limit", "time_limit", "seconds for one task (default 20)", metavar="SECONDS"),
    Option("--target", "target", "what the code is written for (default numpy)", choices="numpy array-api"),
    Option("--inplace", "inplace", "code for large arrays: an out argument, work in blocks", flag=True),
    Option("--with-tests", "with_tests", "a test module with the code", flag=True),
    Option("--second-opinion", "second_opinion", "have latex2sympy2 read scalar LaTeX, too, and compare", flag=True),
    Option("--completion", "completion", "print a completion script for the shell", choices="bash zsh fish"),
    Option("-h --help", "help", "show this help", flag=True),
    Option("--version", "version", "show the version", flag=True),
)


class Options:
    """The options in force, and the lines and files in the order in which they were given."""

    def __init__(self) -> None:
        self.json = False
        self.format = "text"
        self.detail = "normal"
        self.only_code = False
        self.value_and_grad = False
        self.quiet = False
        self.check = True
        self.color = "auto"
        self.ascii = False
        self.time_limit = 20.0
        self.target = "numpy"
        self.inplace = False
        self.with_tests = False
        self.second_opinion = False
        self.completion = ""
        self.help = False
        self.version = False
        self.lines: list[str] = []

    def set(self, option: Option, name: str, value: str | None) -> None:
        """Sets what the option says. Raises WrongOptions for a value that it does not take."""
        if option.flag is not None:
            if value is not None:
                raise WrongOptions(f"{name} takes no value")
            setattr(self, option.field, option.flag)
            return
        if value is None:
            raise WrongOptions(f"{name} needs a value: {option.metavar}")
        if option.choices and value not in option.choices:
            raise WrongOptions(f"{name} is one of {', '.join(option.choices)}, not {value!r}")
        setattr(self, option.field, _seconds(name, value) if option.field == "time_limit" else value)


def _seconds(name: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds < 1e9:
        raise WrongOptions(f"{name} is a positive number of seconds, not {value!r}")
    return seconds


def parse(arguments: list[str]) -> Options:
    """The options that the arguments say. An argument that begins with `-` and is no option is a line; `--` ends the options."""
    table = {name: option for option in OPTIONS for name in option.names}
    options = Options()
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            options.lines.extend(waiting)
            break
        name, equals, value = argument.partition("=")
        option = table.get(argument) or (table.get(name) if name.startswith("--") else None)
        if option is None:
            _reject_misspelling(argument, name, table)
            options.lines.append(argument)
        elif equals and argument not in table:
            options.set(option, name, value)
        elif option.flag is not None:
            options.set(option, name, None)
        else:
            options.set(option, name, next(waiting, None))
    return options


def _reject_misspelling(argument: str, name: str, table: dict[str, Option]) -> None:
    """`--jsn` is a misspelt option, `--x` the line −(−x)."""
    if not (name.startswith("--") and len(name) > 4 and name[2:].replace("-", "").isalpha()):
        return
    from difflib import get_close_matches

    close = get_close_matches(name, table, 1, 0.75) or [n for n in table if n.startswith(name)]
    if close:
        raise WrongOptions(f"unknown option {argument}: did you mean {close[0]}? (behind -- it is a line)")


def usage() -> str:
    """The text of `--help`."""
    rows = []
    for option in OPTIONS:
        left = ", ".join(option.names) + (f" {option.metavar}" if option.flag is None else "")
        rows.append(f"  {left:<32}{option.words}" if len(left) <= 30 else f"  {left}\n{'':34}{option.words}")
    return (
        "usage: derive [OPTION…] [--] [LINE | FILE.derive]…\n\n"
        "Reads LaTeX, plain mathematics or NumPy; shows the derivation, checks every step, prints the NumPy code.\n"
        "Without lines: a prompt at a terminal, else the lines of standard input.\n\n"
        "  derive 'd/dx sigmoid(x)'\n"
        "  derive 'A in R^{m x n}' 'grad ||A x - b||^2 wrt x'\n"
        "  derive '\\frac{d}{dx} x^x' --json\n\n"
        "options\n" + "\n".join(rows) + "\n\n"
        "An argument that begins with - and is no option is a line (-x^2).\n"
        "exit status: 0 solved · 1 partial, refused or a check that failed · 2 input error or wrong use · 130 interrupted\n"
    )
