"""Words of 64 bits mixed, one to one, so that every bit hangs on all of them: splitmix64.

Steele, Lea and Flood: Fast splittable pseudorandom number generators, OOPSLA 2014.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

GOLDEN: Final = 0x9E3779B97F4A7C15
"""2**64 over the golden ratio, odd: the step from one word to the next."""

Words = npt.NDArray[np.uint64]


def finished(words: Words) -> Words:
    """The finaliser alone, which leaves 0 as it is; of an array of any shape."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(words ^ (words >> np.uint64(31)))


def mixed(words: Words, salt: int = 1) -> Words:
    """*words* moved on by *salt* steps, then finished: each salt is a hash of its own."""
    return finished(words + np.uint64(salt * GOLDEN % 2**64))
