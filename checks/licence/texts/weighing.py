"""Which rules a stretch of shingles has enough of, and whether a text that names very many is worth another look."""

from typing import Final

import numpy as np
import numpy.typing as npt

from checks.licence.texts.store import Index

MANY, MOST = 1 << 24, 1 << 28
"""Places of rules in one text: from the first on, stretches that say nothing new are passed over; from the second on, all."""
_FEW_RULES: Final = 256  # of one shingle, or of one stretch: so few are soon sorted or counted one by one
_MOST_WAITING: Final = 1 << 16  # shingles
_KNOWN: Final = (9, 10)  # of a stretch's shingles, those that earlier stretches had

Places = npt.NDArray[np.int64]


class Spent:
    """What a text has cost so far. A collection of licences may name each often; a hostile text may name nothing else."""

    def __init__(self) -> None:
        self.places = 0
        self.seen: list[Places] = []  # not in `known` yet: of most texts it is never asked
        self.waiting = 0
        self.known: npt.NDArray[np.bool_] | None = None

    def allows(self, texts: Index, which: Places) -> bool:
        """Whether to look at a stretch with these shingles: always, until they are many."""
        if self.places > MANY and (self.places > MOST or self._is_old(texts, which)):
            return False
        self.seen.append(which)
        self.waiting += len(which)
        if self.waiting > _MOST_WAITING:
            self._all_known(texts)
        self.places += int((texts.first[which + 1].astype(np.int64) - texts.first[which]).sum())
        return True

    def _is_old(self, texts: Index, which: Places) -> bool:
        """Whether earlier stretches had nearly all of these shingles."""
        known = self._all_known(texts)
        return bool(np.count_nonzero(known[which]) * _KNOWN[1] >= len(which) * _KNOWN[0])

    def _all_known(self, texts: Index) -> npt.NDArray[np.bool_]:
        if self.known is None:
            self.known = np.zeros(len(texts.shingles), np.bool_)
        for earlier in self.seen:
            self.known[earlier] = True
        self.seen, self.waiting = [], 0
        return self.known


def has_enough(texts: Index, which: list[int]) -> bool:
    """Whether a rule has enough of these shingles; counted one by one, for that is soon done where there are few."""
    counts: dict[int, int] = {}
    for shingle in set(which):
        first, end = int(texts.first[shingle]), int(texts.first[shingle + 1])
        if end - first > _FEW_RULES:
            return True  # more than are soon counted: the arrays will tell
        for rule in texts.rules[first:end].tolist():
            counts[rule] = counts.get(rule, 0) + 1
    return any(count > 1 and count >= texts.needed[rule] for rule, count in counts.items())


def counted(texts: Index, rules: npt.NDArray[np.uint16]) -> tuple[Places, Places]:
    """Those of *rules* that are there often enough, in order, and how often each is."""
    if len(rules) < _FEW_RULES:
        there, counts = np.unique(rules, return_counts=True)
        enough = np.flatnonzero(counts >= texts.needed[there])
        return there[enough].astype(np.int64), counts[enough]
    counts = np.bincount(rules, minlength=len(texts.sizes))
    enough = np.flatnonzero(counts >= texts.needed)
    return enough, counts[enough]
