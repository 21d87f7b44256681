"""Documents: LaTeX, Markdown, notebooks and lists of formulas become modules of NumPy functions.

In: files. Out: a `Translation`: one module with a function a formula, and what became of each of them.
"""

from __future__ import annotations

from derive.documents.document import DocumentProblem, Outcome, Translation, translate_document

__all__ = ["DocumentProblem", "Outcome", "Translation", "translate_document"]
