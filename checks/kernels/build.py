"""Compile `signs.c` into the library beside it; ``python -m checks.kernels`` and the build hook both call this.

The standard library alone is used, for the build hook loads this file before anything is installed.
"""

import os
import shlex
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parent / "signs.c"
LIBRARY_NAME: Final = "libsigns.so.1"
"""No suffix that Python takes for an extension module: nothing here can be imported."""
FLAGS: Final = ("-O3", "-std=c11", "-fPIC", "-shared")
LONGEST_S: Final = 300


class BuildError(Exception):
    """The library cannot be made here; the text says why and is fit to print."""


def abi_of(source: Path) -> int:
    """The number a library answers with that was made of *source*: the CRC-32 of its bytes."""
    return zlib.crc32(source.read_bytes())


def build(folder: Path | None = None, extra_flags: Sequence[str] = (), source: Path = SOURCE) -> Path:
    """Compile *source* with ``$CC`` (else ``cc``) into *folder* (else beside it); the library's path.

    It is moved into its place whole: a process that runs keeps the one it has loaded. Raises ``BuildError``.
    """
    target = (folder or source.parent) / LIBRARY_NAME
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    compiler = shlex.split(os.environ.get("CC") or "cc")
    command = [*compiler, *FLAGS, *extra_flags, f"-DKERNEL_ABI={abi_of(source)}u", str(source), "-o", str(unfinished)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LONGEST_S, check=False
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()
            problem = next((line for line in said if "error" in line), said[-1] if said else "no message")
            raise BuildError(f"{source.name}: {compiler[0]} failed ({done.returncode}): {problem}")
        unfinished.replace(target)
    except FileNotFoundError as error:
        raise BuildError(
            f"{source.name}: no C compiler {compiler[0]!r} here; install gcc, or name one in CC"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"{target}: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return target
