"""LaTeX (as our printer writes it) to MathML, by latex2mathml; what it cannot do is shown as LaTeX in `<code>`."""

from __future__ import annotations

import html
import re
from functools import lru_cache

__all__ = ["mathml"]

_UNREADABLE = re.compile(r"<m[iot][^>]*>\\")  # an unknown command that came through as a letter
_TABLES = {r"\begin{aligned}": r"\begin{array}{rl}", r"\end{aligned}": r"\end{array}"}


@lru_cache(maxsize=1024)
def mathml(latex: str, *, display: bool = False) -> str:
    """A `<math>` element, or `<code>` with the LaTeX where latex2mathml has no reading of it."""
    from latex2mathml import exceptions
    from latex2mathml.converter import convert

    failures: list[type[Exception]] = [IndexError, KeyError]
    failures += [kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    source = re.sub(r"\\operatorname\*?\{([^{}]*)\}", lambda m: rf"\operatorname{{{m[1].replace(chr(92) + ',', '')}}}", latex)
    for old, new in _TABLES.items():
        source = source.replace(old, new)
    try:
        made: str = convert(source, display="block" if display else "inline")
    except tuple(failures):
        return _code(latex)
    return _code(latex) if _UNREADABLE.search(made) or "<mi>&</mi>" in made else made


def _code(latex: str) -> str:
    return f"<code>{html.escape(latex)}</code>"
