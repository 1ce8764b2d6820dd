"""Compiled databases kept on this machine between processes: named by all that they follow from, believed if they are ours.

Compiling some sixty expressions takes a second of every process; reading what it came to takes a millisecond. The folder,
`corpusledger` in ``$XDG_CACHE_HOME`` or in ``~/.cache``, may be deleted at any time. Never pickled, never part of a ledger.
"""

import os
import platform
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from checks.loaded import installed
from schemas.canonical import digest_of

FOLDER: Final = "corpusledger"
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


def kept_database(expressions: tuple[str, ...], numbers: tuple[int, ...], build: Callable[[], Any]) -> Any:
    """The hyperscan database of *expressions*: read where an earlier process of this user kept it, else built and kept.

    A file that is damaged, of another processor, or that others may write to, is not used; a folder that cannot be written
    to only means that the next process compiles again.
    """
    import hyperscan

    made_of = [list(expressions), list(numbers), installed("hyperscan"), platform.machine()]
    path = _folder() / f"hyperscan-{digest_of(made_of)[:32]}.db"
    kept = _loaded(_read(path))
    if kept is not None:
        return kept
    database = build()
    _keep(path, hyperscan.dumpb(database))
    return database


def _loaded(data: bytes | None) -> Any | None:
    import hyperscan

    if data is None:
        return None
    try:
        return hyperscan.loadb(data, mode=hyperscan.HS_MODE_BLOCK)
    except (
        hyperscan.error
    ):  # it holds a checksum: what is damaged, or of another version, is compiled anew and replaced
        return None


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / FOLDER


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            told = os.fstat(file.fileno())
            if told.st_uid != os.getuid() or told.st_mode & _WRITABLE_BY_OTHERS:
                return None
            return file.read()
    except OSError:  # not there, or not ours to read: it is compiled
        return None


def _keep(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except OSError:  # a cache is a convenience: a machine without a home folder works without it
        return
