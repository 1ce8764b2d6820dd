"""The estimate of a Jaccard similarity is as good as theory allows: no error of our hashes adds to it."""

from itertools import pairwise

import numpy as np
import pyarrow as pa

from checks import terms

SEEDS = range(1, 25)


def pairs_of_documents():
    """Pairs whose second document has a share of its terms drawn anew: Jaccard from 0 to 1, in English and Chinese."""
    random = np.random.default_rng(5)
    letters = np.array(list("etaoinshrdlu"))
    words = ["".join(letters[random.integers(0, 12, random.integers(2, 9))]) for _ in range(3000)]
    characters = [chr(0x4E00 + int(i)) for i in random.permutation(0x51A5)[:3000]]
    documents = []
    for vocabulary, join in ((words, " ".join), (characters, "".join)):
        for length in (40, 150, 600):
            for share in np.linspace(0.002, 0.2, 25):
                first = random.zipf(1.3, length) % len(vocabulary)
                second = np.where(random.random(length) < share, random.integers(0, len(vocabulary), length), first)
                documents += [join(vocabulary[i] for i in row) for row in (first, second)]
    return pa.array(documents)


def test_error_over_theory_is_at_most_1_05_over_24_seeds():
    text = pairs_of_documents()
    values, offsets = terms.shingle_sets(text, np.arange(len(text)))
    sets = [set(values[a:b].tolist()) for a, b in pairwise(offsets)]
    exact = np.array([len(a & b) / len(a | b) for a, b in zip(sets[::2], sets[1::2], strict=True)])
    usable = (exact > 0.02) & (exact < 0.98)
    assert usable.sum() > 100
    assert np.histogram(exact[usable], 4, (0, 1))[0].min() >= 10, "pairs lie in every quarter"
    squares, differences = [], []
    for seed in SEEDS:
        signatures, _ = terms.signatures(text, seed)
        difference = (signatures[::2] == signatures[1::2]).mean(axis=1) - exact
        squares.append(difference[usable] ** 2 / (exact * (1 - exact) / 128)[usable])
        differences.append(difference[usable])
    ratio = float(np.sqrt(np.mean(squares)))
    assert 0.8 < ratio <= 1.05, ratio
    assert abs(np.mean(differences)) < 0.004
