"""An object while it is written: in memory as long as it is small, from there in a local file, and then kept under its name."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

from manifests.store import Store

HELD_BYTES: Final = 32 << 20
"""A small object is written once, to its place; a larger one first to a local file."""


class Unnamed:
    """A file to write to, as Arrow's writers take one. Its bytes are in `folder` once there are more than *held_bytes*."""

    def __init__(self, folder: Path, held_bytes: int = HELD_BYTES) -> None:
        """*folder*: where it may make one file."""
        self.path = folder / "object"
        self.size_bytes = 0
        self.closed = False
        self._held_bytes = held_bytes
        self._held = io.BytesIO()
        self._file: IO[bytes] | None = None

    def write(self, data: bytes | memoryview) -> int:
        """Add *data* at the end."""
        octets = memoryview(data).nbytes
        self.size_bytes += octets
        if self._file is None and self.size_bytes > self._held_bytes:
            self._file = self.path.open("wb")
            self._file.write(self._held.getbuffer())
            self._held = io.BytesIO()
        (self._file or self._held).write(data)
        return octets

    def tell(self) -> int:
        """How many bytes it has."""
        return self.size_bytes

    def flush(self) -> None:
        """Nothing is promised of what has no name yet."""

    def close(self) -> None:
        """No more will be written."""
        self.closed = True
        if self._file is not None:
            self._file.close()

    def keep(self, store: Store) -> str:
        """What was written as an object of *store*; gives its digest."""
        self.close()
        return store.put_object(self._held.getvalue()) if self._file is None else store.put_object_of(self.path)


def put_written(store: Store, write: Callable[[Unnamed], int]) -> dict[str, Any]:
    """What *write* writes, which gives its number of rows, as one object; nothing is kept where it raises.

    Gives {sha256, bytes, rows}.
    """
    with tempfile.TemporaryDirectory(prefix="corpusledger-") as folder:
        sink = Unnamed(Path(folder))
        rows = write(sink)
        return {"sha256": sink.keep(store), "bytes": sink.size_bytes, "rows": rows}
