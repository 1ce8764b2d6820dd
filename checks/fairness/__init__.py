"""Who is named in a drawn share of the records, by the grounds of Article 4(2), and beside which words: screening indicators."""

from checks.fairness.check import Fairness
from checks.fairness.lexicon import lexicon_of, plain_form

__all__ = ["Fairness", "lexicon_of", "plain_form"]
