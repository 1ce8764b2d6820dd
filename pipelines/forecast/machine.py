"""What this machine has left for a run: memory, and space where the ledger and temporary files lie."""

import os
import resource
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_GROUPS: Final = Path("/sys/fs/cgroup")
_PROC: Final = Path("/proc")


@dataclass(frozen=True)
class Machine:
    """Bytes left; None where it is not known or has no bound. *one_disk*: ledger and temporary files share it."""

    memory: int | None
    ledger: int | None
    temporary: int | None
    one_disk: bool
    temporary_folder: str


def machine_of(ledger: Path | None) -> Machine:
    """This machine, for a ledger in that folder; None: it lies on an object store."""
    folder = tempfile.gettempdir()
    temporary, mine = _space(Path(folder))
    if ledger is None:
        return Machine(free_memory(), None, temporary, one_disk=False, temporary_folder=folder)
    left, theirs = _space(ledger)
    return Machine(free_memory(), left, temporary, one_disk=mine == theirs, temporary_folder=folder)


def free_memory(proc: Path = _PROC, groups: Path = _GROUPS) -> int | None:
    """Bytes that processes started now may take: of the machine, and of the control group that holds this one.

    Linux' own estimate (`MemAvailable`), and what is left below the limits of cgroup v2 or v1, page cache that would be
    given up not counted. None where the system tells neither.
    """
    found = []
    with suppress(OSError, ValueError, IndexError):
        lines = (proc / "meminfo").read_text(encoding="ascii").splitlines()
        found += [int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:")]
    with suppress(OSError, ValueError):
        for line in (proc / "self" / "cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "memory" not in controllers.split(","):
                continue
            folder = groups / "memory" if controllers else groups
            names = (
                ("memory.limit_in_bytes", "memory.usage_in_bytes") if controllers else ("memory.max", "memory.current")
            )
            found += _left_in_groups(folder, path, names)
    return max(0, min(found)) if found else None


def used_memory() -> int:
    """The most bytes this process has held so far."""
    with suppress(OSError, ValueError, IndexError):
        for line in (_PROC / "self" / "status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak << 10)


def _left_in_groups(root: Path, path: str, names: tuple[str, str]) -> list[int]:
    """What is left below the limit of a group and of each group that holds it; in a container the path may not be there."""
    found = []
    inner = root / path.lstrip("/")
    for folder in (inner, *inner.parents):
        with suppress(OSError, ValueError):
            limit, used = ((folder / name).read_text(encoding="ascii").strip() for name in names)
            if limit != "max" and int(limit) < 1 << 60:
                found.append(int(limit) - int(used) + _cache(folder))
        if folder == root:
            break
    return found


def _cache(folder: Path) -> int:
    """Bytes of file pages that nobody used lately: they are given up before memory runs out."""
    with suppress(OSError, ValueError):
        told = dict(line.split() for line in (folder / "memory.stat").read_text(encoding="ascii").splitlines())
        return int(told.get("total_inactive_file", told.get("inactive_file", 0)))
    return 0


def _space(folder: Path) -> tuple[int | None, int | None]:
    """(bytes that this user may still write, device) where *folder* lies, or will lie."""
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        return shutil.disk_usage(there).free, os.stat(there).st_dev  # noqa: PTH116  # beside disk_usage
    except OSError:
        return None, None
