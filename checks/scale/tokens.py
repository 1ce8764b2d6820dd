"""Count tokens with the customer's own tokenizer: a `tokenizer.json` as Hugging Face's `tokenizers` reads it, offline.

Special tokens are not added, and truncation and padding that the file asks for are off: what is counted is the text. A text
of more than PIECE code points is cut before its line feeds (where it has none, at the limit), and the pieces are added up.
"""

import importlib.util
import os
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.loaded import installed, once
from schemas.errors import StoreError

PACKAGE: Final = "tokenizers"
PIECE: Final = 262_144
AT_ONCE: Final = 1 << 22
"""Code points that are encoded in one call: what it holds of them is many times their size."""


def use_tokenizer(digest: str, read: Callable[[], bytes]) -> None:
    """Keep the tokenizer whose file has that sha256 for this process. Raises `StoreError` where it is none."""
    once(("tokenizer", digest), lambda: opened(read()))


def opened(data: bytes) -> Any:
    """The tokenizer of a file's bytes. Raises `StoreError` where the package is missing, or cannot read them."""
    if importlib.util.find_spec(PACKAGE) is None:
        raise StoreError(f"tokenizer: the package {PACKAGE!r} is not installed; pip install 'corpusledger[tokens]'")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # a worker has the share of the machine that it was given
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_buffer(data)
    except Exception as error:  # the library raises bare Exception
        raise StoreError(
            "tokenizer: no tokenizer.json that `tokenizers` reads; export it with save_pretrained"
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def engine() -> str:
    """The version of the package: another one may cut a text otherwise."""
    return installed(PACKAGE)


def tokens_of(text: pa.Array, digest: str) -> npt.NDArray[np.int64]:
    """int64[n] tokens of each row, by the tokenizer that was kept under *digest*; a null row has none."""
    tokenizer = once(("tokenizer", digest), _missing(digest))
    counts = np.zeros(len(text), np.int64)
    held: list[str] = []
    rows: list[int] = []
    size = 0
    for row, value in enumerate(text):
        for piece in pieces(value.as_py() or ""):
            held.append(piece)
            rows.append(row)
            size += len(piece)
            if size >= AT_ONCE:
                _add(tokenizer, held, rows, counts)
                held, rows, size = [], [], 0
    _add(tokenizer, held, rows, counts)
    return counts


def pieces(text: str) -> list[str]:
    """The text in pieces of at most PIECE code points, each but the first beginning with a line feed where there is one."""
    found, start = [], 0
    while len(text) - start > PIECE:
        cut = text.rfind("\n", start + 1, start + PIECE)
        end = start + PIECE if cut < 0 else cut
        found.append(text[start:end])
        start = end
    return [*found, text[start:]] if start < len(text) else found


def _add(tokenizer: Any, held: list[str], rows: list[int], counts: npt.NDArray[np.int64]) -> None:
    if not held:
        return
    try:
        encoded = tokenizer.encode_batch_fast(held, add_special_tokens=False)
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        # What the library calls a panic is no Exception and would end the worker: the record is unread by this check.
        raise ValueError("tokenizer: it gave up on a text") from None
    np.add.at(counts, rows, [len(one) for one in encoded])


def _missing(digest: str) -> Callable[[], Any]:
    def refuse() -> Any:
        raise StoreError(f"tokenizer {digest[:12]}: it was not loaded here; start the run again with its run.yaml")

    return refuse
