"""Compile the C files beside it into one library; ``python -m checks.kernels`` and the build hook both call this.

The standard library alone is used, for the build hook loads this file before anything is installed.
"""

import os
import shlex
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
LIBRARY_NAME: Final = "libkernels.so.1"
"""No suffix that Python takes for an extension module: nothing here can be imported."""
FLAGS: Final = ("-O3", "-std=c11", "-fPIC", "-shared")
LIBRARIES: Final = ("-lm",)  # after the files that need them
LONGEST_S: Final = 300


class BuildError(Exception):
    """The library cannot be made here; the text says why and is fit to print."""


def sources(folder: Path = FOLDER) -> tuple[Path, ...]:
    """The C files of *folder* by name: each is compiled on its own, all go into one library."""
    return tuple(sorted(folder.glob("*.c")))


def abi_of(folder: Path) -> int:
    """The number a library answers with that was made in *folder*: the CRC-32 of all its sources and headers by name."""
    crc = 0
    for path in sorted([*folder.glob("*.c"), *folder.glob("*.h")], key=lambda path: path.name):
        content = path.read_bytes()
        crc = zlib.crc32(b"%s\0%d\0" % (path.name.encode(), len(content)) + content, crc)
    return crc


def build(folder: Path | None = None, extra_flags: Sequence[str] = (), source_folder: Path = FOLDER) -> Path:
    """Compile the sources of *source_folder* with ``$CC`` (else ``cc``) into *folder* (else beside them); the library's path.

    It is moved into its place whole: a process that runs keeps the one it has loaded. Raises ``BuildError``.
    """
    target = (folder or source_folder) / LIBRARY_NAME
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    compiler = shlex.split(os.environ.get("CC") or "cc")
    files = [str(path) for path in sources(source_folder)]
    command = [
        *compiler, *FLAGS, *extra_flags, f"-DKERNEL_ABI={abi_of(source_folder)}u", *files, *LIBRARIES,
        "-o", str(unfinished),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LONGEST_S, check=False
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()
            problem = next((line for line in said if "error" in line), said[-1] if said else "no message")
            raise BuildError(f"{source_folder}: {compiler[0]} failed ({done.returncode}): {problem}")
        unfinished.replace(target)
    except FileNotFoundError as error:
        raise BuildError(
            f"{source_folder}: no C compiler {compiler[0]!r} here; install gcc, or name one in CC"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BuildError(f"{target}: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return target
