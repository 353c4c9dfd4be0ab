"""Finds circles: among teams, supported key results and parents."""

from collections.abc import Iterable, Mapping


def circles(edges: Mapping[str, Iterable[str]]) -> list[frozenset[str]]:
    """The groups of names that reach each other along the edges, a name that leads to itself included."""
    found: list[frozenset[str]] = []
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    open_names: list[str] = []
    is_open: set[str] = set()
    for root in edges:
        if root in number:
            continue
        path = [(root, iter(edges[root]))]
        number[root] = low[root] = len(number)
        open_names.append(root)
        is_open.add(root)
        while path:
            name, ahead = path[-1]
            for following in ahead:
                if following not in number:
                    number[following] = low[following] = len(number)
                    open_names.append(following)
                    is_open.add(following)
                    path.append((following, iter(edges.get(following, ()))))
                    break
                if following in is_open:
                    low[name] = min(low[name], number[following])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[name])
                if low[name] == number[name]:
                    _close(name, open_names, is_open, edges, found)
    return found


def _close(
    name: str,
    open_names: list[str],
    is_open: set[str],
    edges: Mapping[str, Iterable[str]],
    found: list[frozenset[str]],
) -> None:
    """Take a finished group off the open names; keep it where it is a circle."""
    start = open_names.index(name) if open_names[-1] != name else len(open_names) - 1
    group = open_names[start:]
    del open_names[start:]
    is_open.difference_update(group)
    if len(group) > 1 or name in edges.get(name, ()):
        found.append(frozenset(group))
