"""Presenting: a report as text, LaTeX, Markdown, HTML and JSON. Pure folds; nothing here computes or knows a rule."""
