"""Shares in parts per million, in whole numbers alone: rounded down, or half up."""

from typing import Final

PPM: Final = 1_000_000


def share_ppm(part: int, whole: int) -> int | None:
    """Parts per million, rounded down; None of nothing."""
    return part * PPM // whole if whole else None


def rounded_ppm(part: int, whole: int) -> int | None:
    """Parts per million, rounded half up; None of nothing."""
    return (2 * part * PPM + whole) // (2 * whole) if whole else None
