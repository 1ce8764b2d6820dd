"""What kinds of characters each document holds, counted once a batch for every check that asks.

``signs_of(batch)`` gives whole counts per row; quality and language both read them, so the last answer is kept for
each thread. Everything is a pure function of one row's text: no cut, order or neighbour changes a row's numbers.
"""

from checks.signs.count import Signs, count_signs, signs_of

__all__ = ["Signs", "count_signs", "signs_of"]
