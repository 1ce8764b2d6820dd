"""Union-find gives the least node of each component, as a plain search does, however the edges come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import kernels, pairs
from tests.checks.test_pairs import by_both, seeds

pytestmark = pytest.mark.usefixtures("library")

LARGE = 1_000_000


def plain_labels(count, edges):
    """Breadth first from each node that no smaller one reached."""
    beside = [[] for _ in range(count)]
    for a, b in edges:
        beside[a].append(b)
        beside[b].append(a)
    labels = [-1] * count
    for start in range(count):
        if labels[start] < 0:
            labels[start], open_nodes = start, [start]
            while open_nodes:
                for node in beside[open_nodes.pop()]:
                    if labels[node] < 0:
                        labels[node] = start
                        open_nodes.append(node)
    return labels


def labels_of(count, *streams, kind=np.uint32):
    forest = pairs.parents(count).astype(kind)
    for first, second in streams:
        pairs.join(forest, first, second)
    assert (forest <= np.arange(count, dtype=kind)).all()
    return pairs.labels(forest)


@given(
    st.integers(1, 60),
    st.data(),
    st.sampled_from([np.uint32, np.uint64]),
    st.sampled_from([np.uint32, np.int64, np.uint64]),
)
def test_labels_are_the_least_nodes_of_the_components(count, data, kind, kind_of_edges):
    node = st.integers(0, count - 1)
    edges = data.draw(st.lists(st.tuples(node, node), max_size=90))
    cut = data.draw(st.integers(0, len(edges)))
    streams = [(np.array([e[0] for e in part], kind_of_edges), np.array([e[1] for e in part], kind_of_edges))
               for part in (edges[:cut], edges[cut:])]  # fmt: skip
    found = by_both(lambda: labels_of(count, *streams, kind=kind))
    assert found.dtype == kind
    assert found.tolist() == plain_labels(count, edges)


@given(seeds, st.integers(2, 4000), st.integers(1, 10))
def test_random_graphs_in_many_parts(seed, count, parts):
    random = np.random.default_rng(seed)
    edges = random.integers(0, count, (random.integers(0, 2 * count), 2))
    found = by_both(lambda: labels_of(count, *(part.T for part in np.array_split(edges, parts))))
    assert found.tolist() == plain_labels(count, edges.tolist())


CHAIN = np.arange(LARGE - 1)
ENDS = {
    "chain": (CHAIN, CHAIN + 1),
    "chain backwards": (CHAIN[::-1], CHAIN[::-1] + 1),
    "chain shuffled": (np.random.default_rng(1).permutation(CHAIN), np.random.default_rng(1).permutation(CHAIN) + 1),
    "star, centre first": (np.zeros(LARGE - 1, np.int64), CHAIN + 1),
    "star, centre last": (np.full(LARGE - 1, LARGE - 1), CHAIN),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_million_nodes_in_one_tree(name):
    assert not by_both(lambda: labels_of(LARGE, ENDS[name])).any()


def test_a_chain_of_a_million_that_comes_in_two_interleaved_halves():
    first, second = ENDS["chain backwards"]
    halves = [(first[at::2], second[at::2]) for at in (0, 1)]
    assert not by_both(lambda: labels_of(LARGE, *halves)).any()


def test_no_nodes_and_no_edges():
    none = np.empty(0, np.int64)
    assert by_both(lambda: labels_of(0, (none, none))).tolist() == []
    assert by_both(lambda: labels_of(3, (none, none))).tolist() == [0, 1, 2]
    assert pairs.parents(3).dtype == np.uint32
    with pytest.raises(ValueError, match="-1"):
        pairs.parents(-1)


@pytest.mark.parametrize("bad", [-1, 5, 2**62])
def test_a_node_that_is_not_there_is_refused_and_nothing_is_joined(bad, library):
    forest, good, wrong = pairs.parents(5), np.array([0, 1]), np.array([1, bad])
    for first, second in ((good, wrong), (wrong, good)):
        with pytest.raises(ValueError, match="there are 5 nodes"):
            pairs.join(forest, first, second)
        assert forest.tolist() == [0, 1, 2, 3, 4]
        for kind in (np.uint32, np.uint64):
            with pytest.raises(ValueError, match="number 1 lies outside"):
                kernels.pair_calls.join(
                    library, pairs.parents(5).astype(kind), first.astype(np.uint64), second.astype(np.uint64)
                )


@pytest.mark.parametrize("kind", [np.uint32, np.uint64])
@pytest.mark.parametrize("parents", [[1, 1], [0, 2, 1], [0, 2**32 - 1], [0, 0, 3, 3]])
def test_parents_that_no_join_made_are_refused(parents, kind, monkeypatch):
    last = np.array([len(parents) - 1]), np.array([0])
    for absent in (False, True):
        if absent:
            monkeypatch.setattr(kernels, "library", lambda: None)
        with pytest.raises(ValueError, match="lies outside"):
            pairs.labels(np.array(parents, kind))
    forest = np.array(parents, kind)
    with pytest.raises(ValueError, match="lies outside"):
        pairs.join(forest, *last)


def test_arrays_that_cannot_be_joined_in_place_are_refused():
    edge = np.array([0]), np.array([1])
    frozen = pairs.parents(4)
    frozen.flags.writeable = False
    for forest in (pairs.parents(8)[::2], frozen, pairs.parents(4).reshape(2, 2)):
        with pytest.raises(ValueError, match="parents"):
            pairs.join(forest, *edge)
    for forest in (np.arange(4), [0, 1]):
        with pytest.raises(TypeError, match="parents"):
            pairs.join(forest, *edge)
    with pytest.raises(TypeError, match="first: float64"):
        pairs.join(pairs.parents(4), edge[0] * 1.0, edge[1])
    with pytest.raises(ValueError, match="1 and 2 nodes"):
        pairs.join(pairs.parents(4), edge[0], np.array([1, 2]))
