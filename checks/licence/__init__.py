"""Licence evidence of records, normalised to SPDX, and its most restrictive class."""

from checks.licence.check import Licence

__all__ = ["Licence"]
