"""Parts of a graph whose nodes all lead to each other (Tarjan's algorithm, without recursion)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

N = TypeVar("N")


def components(edges: Mapping[N, Sequence[N]]) -> Iterator[list[N]]:
    """The strongly connected components of a graph, each after those that it leads to. What is no node of it is passed over."""
    order: dict[N, int] = {}
    lowest: dict[N, int] = {}
    path: dict[N, None] = {}  # of nodes whose component is not known yet
    for start in edges:
        if start not in order:
            yield from _from(start, edges, order, lowest, path)


def _from(
    start: N, edges: Mapping[N, Sequence[N]], order: dict[N, int], lowest: dict[N, int], path: dict[N, None]
) -> Iterator[list[N]]:
    entered: list[tuple[N, Iterator[N]]] = [_enter(start, edges[start], order, lowest, path)]
    while entered:
        node, left = entered[-1]
        following = next((each for each in left if each in edges and (each not in order or each in path)), None)
        if following is None:
            entered.pop()
            if entered:
                lowest[entered[-1][0]] = min(lowest[entered[-1][0]], lowest[node])
            if lowest[node] == order[node]:
                yield _taken_off(path, node)
        elif following not in order:
            entered.append(_enter(following, edges[following], order, lowest, path))
        else:
            lowest[node] = min(lowest[node], order[following])


def _enter(
    node: N, targets: Iterable[N], order: dict[N, int], lowest: dict[N, int], path: dict[N, None]
) -> tuple[N, Iterator[N]]:
    order[node] = lowest[node] = len(order)
    path[node] = None
    return node, iter(targets)


def _taken_off(path: dict[N, None], until: N) -> list[N]:
    found = []
    while until in path:
        node, _ = path.popitem()
        found.append(node)
    return found
