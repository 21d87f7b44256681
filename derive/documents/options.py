"""The options of `derive translate`: one table from which parsing, `--help` and shell completion come.

In: the arguments behind `translate`. Out: `TranslateOptions`, or WrongOptions with the sentence for the user.
"""

from __future__ import annotations

from derive.options import Option, WrongOptions

__all__ = ["MOST_JOBS", "TRANSLATE_OPTIONS", "TranslateOptions", "parse_translate", "translate_usage"]

MOST_JOBS = 64

TRANSLATE_OPTIONS = (
    Option("-o --output", "output", "the module; with several documents a folder/ gets one module each", metavar="MODULE.py"),
    Option("--target", "target", "what the code is written for (default numpy)", choices="numpy array-api"),
    Option("--inplace", "inplace", "code for large arrays: an out argument, work in blocks", flag=True),
    Option("--with-tests", "with_tests", "write test_MODULE.py, too", flag=True),
    Option("--report", "report", "write the whole report, as Markdown or JSON", metavar="FILE.md|FILE.json"),
    Option("-j --jobs", "jobs", "how many processes translate (default: by the number of formulas)", metavar="N"),
    Option("--no-cache", "cache", "neither use nor write MODULE.derive-cache", flag=False),
    Option("--no-progress", "progress", "no progress bar", flag=False),
    Option("-q --quiet", "quiet", "report only what was not translated", flag=True),
    Option("--time-limit", "time_limit", "seconds for one formula (default 20)", metavar="SECONDS"),
    Option("-h --help", "help", "show this help", flag=True),
)


class TranslateOptions:
    """The options in force and the documents in the order in which they were given."""

    def __init__(self) -> None:
        self.output = ""
        self.report = ""
        self.target = "numpy"
        self.inplace = False
        self.with_tests = False
        self.jobs = 0
        self.cache = True
        self.progress = True
        self.quiet = False
        self.time_limit = 20.0
        self.help = False
        self.files: list[str] = []

    def set(self, option: Option, name: str, value: str | None) -> None:
        """Sets what the option says. Raises WrongOptions for a value that it does not take."""
        if option.flag is not None:
            if value is not None:
                raise WrongOptions(f"{name} takes no value")
            setattr(self, option.field, option.flag)
        elif value is None:
            raise WrongOptions(f"{name} needs a value: {option.metavar}")
        elif option.choices and value not in option.choices:
            raise WrongOptions(f"{name} is one of {', '.join(option.choices)}, not {value!r}")
        elif option.field == "jobs":
            if not value.isascii() or not value.isdigit() or not 1 <= int(value[:4]) <= MOST_JOBS or len(value) > 4:
                raise WrongOptions(f"{name} is a number from 1 to {MOST_JOBS}, not {value!r}")
            self.jobs = int(value)
        elif option.field == "time_limit":
            try:
                self.time_limit = float(value)
            except ValueError:
                self.time_limit = 0.0
            if not 0.0 < self.time_limit < 1e9:
                raise WrongOptions(f"{name} is a positive number of seconds, not {value!r}")
        elif option.field == "report" and not value.lower().endswith((".md", ".json")):
            raise WrongOptions(f"{name} is a file that ends in .md or .json, not {value!r}")
        else:
            setattr(self, option.field, value)


def parse_translate(arguments: list[str]) -> TranslateOptions:
    """The options that the arguments say; what begins with `-` and is no option is an error, `--` ends the options."""
    table = {name: option for option in TRANSLATE_OPTIONS for name in option.names}
    options = TranslateOptions()
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            options.files.extend(waiting)
            break
        name, equals, value = argument.partition("=")
        option = table.get(argument) or (table.get(name) if name.startswith("--") else None)
        if option is not None:
            given = value if equals and argument not in table else None
            options.set(option, name, given if option.flag is not None or given is not None else next(waiting, None))
        elif argument.startswith("-") and argument != "-":
            raise WrongOptions(f"unknown option {argument}: see derive translate --help")
        else:
            options.files.append(argument)
    return options


def translate_usage() -> str:
    """The text of `derive translate --help`."""
    rows = []
    for option in TRANSLATE_OPTIONS:
        left = ", ".join(option.names) + (f" {option.metavar}" if option.flag is None else "")
        rows.append(f"  {left:<32}{option.words}" if len(left) <= 30 else f"  {left}\n{'':34}{option.words}")
    return (
        "usage: derive translate [OPTION…] FILE…\n\n"
        "Finds the formulas of documents (.tex .md .ipynb, or .txt with one formula a line), reads each with the definitions before it in\n"
        "force, and writes one module of NumPy functions, each proved, with its formula and its place in the docstring.\n\n"
        "  derive translate paper.tex -o paper.py\n"
        "  derive translate notes.md lecture.ipynb -o functions/ --report report.md\n\n"
        "options\n" + "\n".join(rows) + "\n\n"
        "Without -o the module goes to standard output. The report goes to standard error.\n"
        "exit status: 0 every formula that computes something was translated · 1 some were not · 2 wrong use · 130 interrupted\n"
    )
