"""The index of licence texts: which licences' texts, notices and phrases lie in a text, and where."""

from checks.licence.texts.match import Match, matches
from checks.licence.texts.store import DIGEST
from checks.licence.texts.trigger import TRIGGER

__all__ = ["DIGEST", "TRIGGER", "Match", "matches"]
