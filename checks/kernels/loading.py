"""Find the built library once a process, hold it to the source that lies beside it, and say why there is none."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from checks.kernels.build import LIBRARY_NAME, SOURCE, abi_of
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


def load(path: Path, source: Path = SOURCE) -> Loaded:
    """The library at *path*, if it was made of *source* as it is now: any other could count otherwise."""
    import ctypes

    if not path.exists():
        return Loaded(None, f"{path}: not built; {HOW}")
    try:
        found = ctypes.CDLL(str(path))
        answer = found.kernel_abi
        answer.restype, answer.argtypes = ctypes.c_uint32, ()
        made_of, wanted = answer(), abi_of(source)
    except (OSError, AttributeError) as error:
        return Loaded(None, f"{path}: cannot be loaded ({error}); {HOW}")
    if made_of != wanted:
        return Loaded(None, f"{path}: made of another {source.name} ({made_of:08x}, not {wanted:08x}); {HOW}")
    pointer, narrow, wide = ctypes.c_void_p, ctypes.c_int32, ctypes.c_int64
    array = (
        pointer,
        narrow,
        pointer,
        wide,
        pointer,
        wide,
        wide,
    )  # offsets, is_large, data, its size, validity, bit, rows
    found.count_signs.argtypes = (pointer, *array, pointer)
    found.count_words.argtypes = (
        *array, pointer, wide, *(pointer,) * 4, narrow, narrow, narrow, pointer, pointer,
    )  # fmt: skip
    found.count_signs.restype = found.count_words.restype = wide
    return Loaded(found, None)


def _of_this_process() -> Loaded:
    loaded = load(SOURCE.with_name(LIBRARY_NAME))
    if loaded.absence:
        logging.getLogger(__name__).warning(
            "%s; numpy and RE2 do its work, slower, with the same results", loaded.absence
        )
    return loaded
