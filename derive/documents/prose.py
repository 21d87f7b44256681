"""How an equation in prose is meant: “let $p = q$” defines, “if $p = q$” is a condition.

In: the words in front of the formula. Out: "definition", "condition", or "" where they do not say, or where the formula is a conclusion
(“so that $p = q$”), which is computed and compared.
"""

from __future__ import annotations

import re

__all__ = ["Prose"]

_DEFINES = frozenset(
    "let define defined denote denoted denotes set setting put write writing where with using by namely introduce introducing take "
    "is are be equals becomes".split()
)
_CONDITION = frozenset("if when whenever unless for at since because then that iff until while only case as under".split())
_CONCLUDES = frozenset("so hence thus therefore implies".split())
_WORD = re.compile(r"[A-Za-z]+")
_SENTENCE = re.compile(r"[.;:!?](?=\s|$)|\n[ \t]*\n")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?(?:\[[^\]]*\])?|[{}~]")


class Prose:
    """The words of one document as they go by: what `and` joins is meant like what stands before it."""

    def __init__(self) -> None:
        self._follows = ""

    def meant(self, before: str) -> str:
        """How an equation in prose is meant, by the last word in front of it that says so: "definition", "condition" or ""."""
        sentence = _SENTENCE.split(before)[-1]
        words = [w.lower() for w in _WORD.findall(_COMMAND.sub(" ", sentence))]
        place = next((k for k in reversed(range(len(words))) if words[k] in _DEFINES | _CONDITION | _CONCLUDES), None)
        said = "" if place is None else words[place]
        if said in _CONCLUDES or (said == "that" and place and words[place - 1] == "so"):
            self._follows = ""
        elif said:
            self._follows = "definition" if said in _DEFINES else "condition"
        elif _SENTENCE.search(before) or words not in ([], ["and"], ["or"]):
            self._follows = ""
        return self._follows
