"""splitmix64 gives the numbers that its authors' generator gives, word by word, in arrays of any shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.mixed import GOLDEN, finished, mixed

# The first words of java.util.SplittableRandom(0) and of the C reference with seed 1234567.
FIRST = {
    0: (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F),
    1234567: (6457827717110365317, 3203168211198807973, 9817491932198370423),
}
WORDS = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize("seed", FIRST)
def test_words_are_those_of_the_published_generator(seed):
    given_words = np.array([seed], np.uint64)
    assert [int(mixed(given_words, step)[0]) for step in (1, 2, 3)] == [*FIRST[seed]]
    assert mixed(given_words).tolist() == mixed(given_words, 1).tolist()


@given(st.lists(WORDS, max_size=6), st.integers(0, 2**70))
def test_steps_go_around_and_no_neighbour_changes_a_word(words, salt):
    column = np.array(words, np.uint64)
    whole = mixed(column, salt)
    moved = np.array([(word + salt * GOLDEN) % 2**64 for word in words], np.uint64)
    assert whole.tolist() == finished(moved).tolist()
    assert whole.tolist() == [int(mixed(column[at : at + 1], salt)[0]) for at in range(len(words))]
    assert len(set(whole.tolist())) == len(set(words))
    assert (finished(column.reshape(-1, 1)) == finished(column)[:, None]).all()
