"""Documents: LaTeX, Markdown, notebooks and lists of formulas become modules of NumPy functions.

In: files. Out: one module with a function a formula, and what became of each of them: `document.translate_document`, and `command` for
the command line. Nothing is imported here, so that the options of the command cost nothing.
"""
