"""Records that a quality profile named for the run does not keep; judged by counts and language alone, so without their text."""

from checks.selection.check import Selection
from checks.selection.held import MOST_TOGETHER, use_profiles

__all__ = ["MOST_TOGETHER", "Selection", "use_profiles"]
