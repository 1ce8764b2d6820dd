"""A decoded file whose bytes are searched for the names of an implicit label's fields as they pass."""

import io
from collections import deque

import numpy as np

from checks.authenticity.unmapped import LONGEST_NAME, field_places
from pipelines.read.codec import DecodedFile


class Searched(io.RawIOBase):
    """The bytes of *file* from where it stands, and where among them the names stood that were read so far."""

    def __init__(self, file: DecodedFile) -> None:
        self._file = file
        self._at = 0
        self._tail = b""  # a name may lie across two reads
        self._places = deque[int]()

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, into: memoryview, /) -> int:  # type: ignore[override]
        """As the file reads."""
        got = self._file.readinto(into)
        octets = np.frombuffer(into, np.uint8)[:got]
        across = self._tail + octets[: LONGEST_NAME - 1].tobytes()
        before = self._at - len(self._tail)
        self._places += (before + field_places(np.frombuffer(across, np.uint8))).tolist()
        self._places += (self._at + field_places(octets)).tolist()
        self._tail = (self._tail + octets[-(LONGEST_NAME - 1) :].tobytes())[-(LONGEST_NAME - 1) :]
        self._at += got
        return got

    def passed(self, end: int) -> bool:
        """Whether a name stood before byte *end*, and behind the *end* of the last time."""
        found = False
        while self._places and self._places[0] < end:
            self._places.popleft()
            found = True
        return found
