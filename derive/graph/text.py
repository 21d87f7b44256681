"""A graph in one line, for tests and messages: `sum[i](mul(w_i, x_i))` is written `sum[i](mul(w[i], x[i]))`."""

from __future__ import annotations

from derive.graph.node import Axis, Node

__all__ = ["text"]


def _data(data: object) -> str:
    if isinstance(data, Axis):
        return data.name
    if isinstance(data, tuple):
        return ", ".join(_data(d) for d in data)
    return str(data) if isinstance(data, str | int) else ""


def text(node: Node) -> str:
    """The node as nested applications."""
    op, args = node.op, [text(a) for a in node.args]
    if op == "argument":
        return str(node.data[0].key)
    if op in {"number", "constant"}:
        return str(node.data)
    if op == "size":
        return str(node.data.text())
    if op == "index":
        return str(node.data.name)
    if op == "element":
        parts = []
        for spec in node.data:
            start = "" if spec[0] != "run" or spec[2].constant == 0 else f" from {spec[2].text()}"
            parts.append(":" if spec[0] == "all" else f"{spec[1].name}{start}" if spec[0] == "run" else args[spec[1]])
        return f"{args[0]}[{', '.join(parts)}]"
    shown = f"[{_data(node.data)}]" if node.data is not None and _data(node.data) else ""
    return f"{op}{shown}({', '.join(args)})"
