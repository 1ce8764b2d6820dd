"""Union-find over an array: one parent a node, edges streamed through it, the least node of a tree as its label."""

from typing import Any

import numpy as np
import numpy.typing as npt

from checks import kernels
from checks.kernels import pair_calls

Nodes = npt.NDArray[Any]


def parents(count: int) -> Nodes:
    """uint32[count], or uint64[count] from 2**32 nodes on: a forest of single nodes, to be passed to `join`."""
    if count < 0:
        raise ValueError(f"nodes: {count}; wants none or more")
    return np.arange(count, dtype=np.uint32 if count < 2**32 else np.uint64)


def join(parents: Nodes, first: Nodes, second: Nodes) -> None:
    """Join the trees of node first[p] and node second[p] for each p, in place; any number of calls, in any order.

    By least node, with path halving (Tarjan & van Leeuwen 1984). *first*, *second*: whole numbers [m]. What `labels`
    gives afterwards follows from the edges alone; the parents on the way do not. Raises ``ValueError`` for a node that is
    not there (then nothing is joined) and for parents that no `join` made.
    """
    _hold(parents)
    first, second = _indices("first", first, len(parents)), _indices("second", second, len(parents))
    if len(first) != len(second):
        raise ValueError(f"first, second: {len(first)} and {len(second)} nodes; wants as many of each")
    if not len(first):
        return
    if (library := kernels.library()) is not None:
        pair_calls.join(library, parents, first, second)
        return
    _hold_order(parents)
    while True:
        one, other = _roots(parents, first), _roots(parents, second)
        apart = one != other
        if not apart.any():
            return
        first, second = one[apart], other[apart]
        np.minimum.at(parents, np.maximum(first, second), np.minimum(first, second))


def labels(parents: Nodes) -> Nodes:
    """The least node of each node's tree, in the type of *parents*. Raises ``ValueError`` for parents that no `join` made."""
    _hold(parents)
    if (library := kernels.library()) is not None:
        return pair_calls.label(library, parents)
    _hold_order(parents)
    found = parents.copy()
    while True:
        above = found[found]
        if np.array_equal(above, found):
            return found
        found = above


def _roots(parents: Nodes, nodes: Nodes) -> Nodes:
    """The roots of these nodes; each ends as a child of its root."""
    while True:
        parent = parents[nodes]
        above = parents[parent]
        if np.array_equal(parent, above):
            return parent
        parents[nodes] = above


def _hold(parents: Nodes) -> None:
    if not isinstance(parents, np.ndarray) or parents.dtype not in {np.dtype(np.uint32), np.dtype(np.uint64)}:
        raise TypeError(f"parents: {getattr(parents, 'dtype', type(parents).__name__)}; wants what parents() made")
    if parents.ndim != 1 or not parents.flags.c_contiguous or not parents.flags.writeable:
        raise ValueError(f"parents: shape {parents.shape}, or not contiguous or writable; wants what parents() made")


def _hold_order(parents: Nodes) -> None:
    wrong = np.flatnonzero(parents > np.arange(len(parents), dtype=parents.dtype))
    if len(wrong):
        raise ValueError(f"parents: number {wrong[0]} lies outside the arrays")


def _indices(name: str, nodes: Nodes, count: int) -> npt.NDArray[np.uint64]:
    if not isinstance(nodes, np.ndarray) or nodes.dtype.kind not in "ui":
        raise TypeError(f"{name}: {getattr(nodes, 'dtype', type(nodes).__name__)}; wants an array of whole numbers")
    if nodes.ndim != 1:
        raise ValueError(f"{name}: shape {nodes.shape}; wants (m,)")
    if len(nodes) and (int(nodes.min()) < 0 or int(nodes.max()) >= count):
        raise ValueError(f"{name}: {nodes.min()}..{nodes.max()}; there are {count} nodes, from 0 on")
    return np.ascontiguousarray(nodes, np.uint64)
