"""Whether the sentences of one group hold a negative word more often than those of others: log-odds with a Dirichlet prior.

Monroe, Colaresi and Quinn, "Fightin' Words: Lexical Feature Selection and Evaluation for Identifying the Content of Political
Conflict" (Political Analysis 16, 2008), section 3.5: the log-odds ratio of a group against the others with an informative
Dirichlet prior, over its standard error, z. There are two kinds of sentences here, with a negative word and without, so the
variance has all four terms; their last approximation leaves two out, which are small where a vocabulary has thousands of words.

Decimals of 34 digits: the same on every machine. Values are whole thousandths, rounded half to even.
"""

from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from typing import Final

PPM: Final = 1_000_000
PRIOR_SENTENCES: Final = 100
"""The weight of the prior, a0: so many sentences of the share that all groups of all grounds have together."""
LEAST_SENTENCES: Final = 50
"""A group with fewer sentences is not marked."""
MARKED_Z_MILLI: Final = 3_000
"""From this z on a group is marked, on either side."""
MILLI: Final = 1_000
_CONTEXT: Final = Context(prec=34, Emin=MIN_EMIN, Emax=MAX_EMAX)


@dataclass(frozen=True, slots=True)
class Odds:
    """*log_odds_milli*: natural logarithm of the ratio, in thousandths; *z_milli*: over its standard error."""

    log_odds_milli: int
    z_milli: int

    def is_marked(self, sentences: int) -> bool:
        """Does the group, of so many *sentences*, stand out?"""
        return sentences >= LEAST_SENTENCES and abs(self.z_milli) >= MARKED_Z_MILLI


def odds(negative: int, sentences: int, other_negative: int, other_sentences: int, prior_ppm: int) -> Odds | None:
    """Of a group and the others of its ground: sentences with a negative word, and in all. None where one side has none.

    *prior_ppm*: the share of such sentences that the prior has; 0 and all are None too, for nothing can be held against them.
    Raises ``ValueError`` for counts that are no part of their whole.
    """
    if not (0 <= negative <= sentences and 0 <= other_negative <= other_sentences and 0 <= prior_ppm <= PPM):
        raise ValueError(
            f"odds: {negative} of {sentences}, {other_negative} of {other_sentences}; a part exceeds its whole"
        )
    if not sentences or not other_sentences or prior_ppm in (0, PPM):
        return None
    with localcontext(_CONTEXT):
        prior = Decimal(PRIOR_SENTENCES * prior_ppm) / PPM
        cells = (
            negative + prior, sentences - negative + PRIOR_SENTENCES - prior,
            other_negative + prior, other_sentences - other_negative + PRIOR_SENTENCES - prior,
        )  # fmt: skip
        ratio = (cells[0] / cells[1] / (cells[2] / cells[3])).ln()
        error = sum((1 / cell for cell in cells), Decimal(0)).sqrt()
        return Odds(_milli(ratio), _milli(ratio / error))


def _milli(of: Decimal) -> int:
    return int((of * MILLI).to_integral_value())
