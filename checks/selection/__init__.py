"""Records that a quality profile named for the run does not keep; judged by counts and language alone, so without their text."""

from checks.selection.check import Selection
from checks.selection.rules import MOST_TOGETHER, RULES, profiles_of, rules_of, use_profiles

__all__ = ["MOST_TOGETHER", "RULES", "Selection", "profiles_of", "rules_of", "use_profiles"]
