"""What the fairness screening stores of a group, and how the groups of a ground are held against each other."""

from collections.abc import Mapping, Sequence
from typing import Final

from schemas.odds import Odds, odds
from schemas.shares import share_ppm

INDICATOR: Final = "screening indicator"
"""What every figure of this screening is called: none of them finds discrimination."""
RECORDS, MENTIONS, SENTENCES, NEGATIVE = range(4)
"""Places of a group's counts: records that name it, places where, sentences that name it, and those of them with a negative word."""
FEMALE, MALE = GENDERS = ("female", "male")
OF_GENDER: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    FEMALE: ("female", ("she", "zh-she", "zh-they-female")),
    MALE: ("male", ("he", "zh-he")),
}
"""Gender -> its group of the ground `gender`, and its pronouns; they and 他们 are of no one gender."""

Group = Mapping[str, Sequence[int]]
"""Group -> its counts."""


def prior_ppm(groups: Mapping[str, Group]) -> int:
    """The prior's share: sentences with a negative word, of those that name a group, over all groups of all grounds.

    *groups*: ground -> group -> counts.
    """
    every = [counts for of in groups.values() for counts in of.values()]
    return share_ppm(sum(counts[NEGATIVE] for counts in every), sum(counts[SENTENCES] for counts in every)) or 0


def odds_of(of: Group, prior: int) -> dict[str, Odds | None]:
    """Group -> its odds against the others of its ground together; *prior*: `prior_ppm`."""
    negative, sentences = sum(c[NEGATIVE] for c in of.values()), sum(c[SENTENCES] for c in of.values())
    return {
        group: odds(c[NEGATIVE], c[SENTENCES], negative - c[NEGATIVE], sentences - c[SENTENCES], prior)
        for group, c in of.items()
    }


def marked_groups(groups: Mapping[str, Group]) -> int:
    """How many groups stand out of their ground."""
    prior = prior_ppm(groups)
    return sum(
        found is not None and found.is_marked(of[group][SENTENCES])
        for of in groups.values()
        for group, found in odds_of(of, prior).items()
    )


def pronouns_of(pronouns: Mapping[str, Sequence[int]], gender: str) -> int:
    """Places of the pronouns of a gender; *pronouns*: id -> records and places."""
    return sum(pronouns[one][1] for one in OF_GENDER[gender][1] if one in pronouns)
