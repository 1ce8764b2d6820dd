"""Files of this machine that are whole before they have their name: temporary name, fsync, rename, fsync of the folder."""

import errno
import os
import shutil
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Final

TEMPORARY: Final = ".tmp-"
"""How the names of unfinished files begin."""


def written_beside(target: Path, data: bytes | memoryview | Path) -> Path:
    """*data*, or what that file holds, on disk, synced, under a temporary name in *target*'s folder; nothing is left of it when that fails."""
    make_folder(target.parent)
    temporary = target.parent / f"{TEMPORARY}{uuid.uuid4().hex}"
    try:
        with temporary.open("xb") as file:
            if isinstance(data, Path):  # copied: it may lie in another file system
                with data.open("rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            else:
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:  # Ctrl-C too: an unfinished file must not stay
        forget(temporary)
        raise
    return temporary


def forget(temporary: Path) -> None:
    """Take away what was not finished."""
    with suppress(OSError):  # the error that brought us here is the one to report
        temporary.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Create *folder* and its missing parents, each synced in its own parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in *folder* last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network mounts cannot sync a folder
            raise
    finally:
        os.close(handle)
