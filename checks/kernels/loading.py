"""Find the built library once a process, hold it to the sources that lie beside it, and say why there is none."""

import importlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from checks.kernels.build import FOLDER, LIBRARY_NAME, abi_of
from checks.loaded import once

HOW: Final = "run `python -m checks.kernels` (needs a C compiler)"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The library (a ``ctypes.CDLL``), or why there is none."""

    library: Any | None
    absence: str | None


def library() -> Any | None:
    """The process's kernels; None where they were not built, which is logged once, as a warning."""
    return once("checks.kernels", _of_this_process).library


def absence() -> str | None:
    """Why there are no kernels here and what to do, in one line; None where there are."""
    return once("checks.kernels", _of_this_process).absence


def load(path: Path, source_folder: Path = FOLDER) -> Loaded:
    """The library at *path*, if it was made of the sources in *source_folder* as they are now: any other could count otherwise.

    Each module here whose name ends in `calls` declares the argument types of the functions it calls.
    """
    import ctypes

    if not path.exists():
        return Loaded(None, f"{path}: not built; {HOW}")
    try:
        found = ctypes.CDLL(str(path))
        answer = found.kernel_abi
        answer.restype, answer.argtypes = ctypes.c_uint32, ()
        made_of, wanted = answer(), abi_of(source_folder)
        if made_of != wanted:
            return Loaded(None, f"{path}: made of other sources ({made_of:08x}, not {wanted:08x}); {HOW}")
        for module in sorted(FOLDER.glob("*calls.py")):
            importlib.import_module(f"checks.kernels.{module.stem}").declare(found)
    except (OSError, AttributeError) as error:
        return Loaded(None, f"{path}: cannot be loaded ({error}); {HOW}")
    return Loaded(found, None)


def _of_this_process() -> Loaded:
    loaded = load(FOLDER / LIBRARY_NAME)
    if loaded.absence:
        logging.getLogger(__name__).warning(
            "%s; numpy, RE2 and datasketch do its work, slower, with the same results", loaded.absence
        )
    return loaded
