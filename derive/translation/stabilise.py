from __future__ import annotations
from derive.graph.graph import Graph
def stabilise(graph: Graph) -> Graph:
    return graph
