"""Where the line of a byte starts and ends, found without reading the text again from its beginning."""

from typing import Final

import numpy as np

_LINE_FEED: Final = b"\n"


def line_start(view: np.ndarray, byte: int) -> int:
    """Where the line of the byte at *byte* starts; looks back in doubling steps."""
    step = 256
    while byte > 0:
        low = max(0, byte - step)
        at = view[low:byte].tobytes().rfind(_LINE_FEED)
        if at >= 0:
            return low + at + 1
        byte, step = low, step * 2
    return 0


def line_end(view: np.ndarray, byte: int) -> int:
    """The line feed at or after *byte*, or the end of the text; looks ahead in doubling steps."""
    step = 256
    while byte < len(view):
        at = view[byte : byte + step].tobytes().find(_LINE_FEED)
        if at >= 0:
            return byte + at
        byte, step = byte + step, step * 2
    return len(view)
