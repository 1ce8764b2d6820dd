"""Markings of confidentiality: by their form and where they stand, told apart from texts that merely speak of secrets."""

from checks.confidentiality.check import STATE_SECRET_RULE, Confidentiality
from checks.confidentiality.marks import marks_in

__all__ = ["STATE_SECRET_RULE", "Confidentiality", "marks_in"]
