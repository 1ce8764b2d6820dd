"""Personal information: trigger scan, Presidio's recognizers on the hit lines, findings without values."""

from checks.personal.check import Personal

__all__ = ["Personal"]
