"""Objectivity of a corpus: how much of it is reference, reporting, opinion, promotional and user-generated text."""

from checks.objectivity.check import Objectivity
from checks.objectivity.cues import MANNERS, manners_of

__all__ = ["MANNERS", "Objectivity", "manners_of"]
