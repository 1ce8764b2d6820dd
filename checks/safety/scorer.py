"""What a customer's classifier of risks is to this program: texts in, scores by leaf out; held to that, and to nothing else.

It sees samples and candidates after a run, never every record: the best of those measured read 2 to 9 MB a CPU-second.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.errors import RunError
from schemas.risks import risk_ids

PPM: Final = 1_000_000
RiskScorer = Callable[[Sequence[str]], Sequence[Mapping[str, float]]]
"""Texts -> for each of them leaf -> score from 0 to 1; a leaf that is left out was not scored."""


@dataclass(frozen=True)
class NamedScorer:
    """A scorer and what it is. *digest*: sha256 of the file it was loaded from; a model it loads itself is not covered."""

    name: str
    version: str
    digest: str
    scorer: RiskScorer

    def scores_ppm(self, texts: Sequence[str]) -> list[dict[str, int]]:
        """Leaf -> ppm for each text. Raises `RunError` for another number of answers, a leaf or a score that is none.

        Of what the scorer raises only type and place are told: its message may hold a text.
        """
        place = f"scorer {self.name} {self.version}"
        try:
            given = list(self.scorer(list(texts)))
        except Exception as error:  # noqa: BLE001  # a customer's code may raise anything, and its message may hold text
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            line = trace.tb_lineno if trace is not None else 0
            raise RunError(f"{place}: {type(error).__name__} at its line {line}; mend the scorer") from None
        if len(given) != len(texts):
            raise RunError(f"{place}: {len(given)} answers for {len(texts)} texts; give one for each, in order")
        return [{leaf: _ppm(place, leaf, score) for leaf, score in one.items()} for one in given]


def _ppm(place: str, leaf: object, score: object) -> int:
    if leaf not in risk_ids():
        raise RunError(f"{place}: scores what is no leaf of the taxonomy; write leaves such as A1.f")
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score) or not 0 <= score <= 1:
        raise RunError(f"{place}: a score of {leaf} that is no number from 0 to 1; mend the scorer")
    return round(score * PPM)
