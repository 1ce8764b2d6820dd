"""Tables whose keys may be personal, so that none stands plain: pages by a digest of the masked URL, authors by keyed HMAC.

A page is told apart by its URL as it is written, found values masked; pages that differ in such a value alone are one.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks import kernels
from checks.kernels import digest_calls
from checks.loaded import once
from checks.personal.keys import hmac_begun
from checks.personal.named import as_written
from checks.personal.names import canonical_name

URL: Final = "url"
AUTHOR: Final = "author"
KEY_BYTES: Final = 16
AUTHOR_KEY: Final = "AUTHOR OF A TABLE"
"""What the HMAC is over, in the place of an entity: no list of authors or findings has the same."""
_KEPT_CHARS: Final = 100
"""Longer names than that are worked out anew: what this process keeps of them stays small."""
_KEY: Final = pa.binary(KEY_BYTES)
SCHEMAS: Final[Mapping[str, pa.Schema]] = {
    AUTHOR: pa.schema([
        pa.field(AUTHOR, _KEY, nullable=False),  # HMAC(key, AUTHOR_KEY NUL canonical author), its first 16 bytes
        pa.field("records", pa.int64()), pa.field("bytes", pa.int64()),
    ]),
    URL: pa.schema([
        pa.field(URL, _KEY, nullable=False),  # sha256 of `url_masked`, its first 16 bytes
        pa.field("records", pa.int64()),
    ]),
}  # fmt: skip


def tables_of(batch: pa.RecordBatch, masked: pa.Array, key_id: str | None) -> dict[str, pa.Table]:
    """Rows of both tables, not yet added up, of *batch* with its *masked* URLs (string); without a key none of authors."""
    found = {URL: pages(masked)}
    return found if key_id is None else {AUTHOR: authors(batch.column("author"), batch.column("text"), key_id), **found}


def pages(masked: pa.Array) -> pa.Table:
    """One row a URL that is not blank, in their order."""
    given = masked.filter(_is_given(masked))
    return pa.Table.from_arrays([_first_bytes(given), pa.array(np.ones(len(given), np.int64))], schema=SCHEMAS[URL])


def authors(author: pa.Array, text: pa.Array, key_id: str) -> pa.Table:
    """One row a spelling of an author, with the UTF-8 bytes of its records' text; the HMAC is worked out once a spelling.

    ``LedgerError`` where the key is not loaded in this process.
    """
    is_given = _is_given(author)
    coded = author.filter(is_given).cast(pa.string()).dictionary_encode()
    names = coded.dictionary.to_pylist()
    keys = b"".join([(_kept if len(name) <= _KEPT_CHARS else _keyed)(key_id, name) for name in names])
    codes = coded.indices.to_numpy()
    text_bytes = pc.fill_null(pc.binary_length(text), 0).cast(pa.int64()).filter(is_given).to_numpy()
    size = len(coded.dictionary)
    sums = np.zeros(size, np.int64)
    np.add.at(sums, codes, text_bytes)
    columns = [_binary(keys, size), pa.array(np.bincount(codes, minlength=size)), pa.array(sums)]
    return pa.Table.from_arrays(columns, schema=SCHEMAS[AUTHOR])


def canonical_author(author: str) -> str:
    """One text for the ways of writing one name: full-width letters and digits narrow, Han names without blanks, others casefolded."""
    return canonical_name(author if author.isascii() else as_written(author))  # which folding leaves as it is


def _keyed(key_id: str, author: str) -> bytes:
    made = once((AUTHOR_KEY, key_id), lambda: hmac_begun(key_id, AUTHOR_KEY)).copy()
    made.update(canonical_author(author).encode())
    return made.digest()[:KEY_BYTES]


_kept = lru_cache(maxsize=65_536)(_keyed)


def _is_given(column: pa.Array) -> pa.Array:
    return pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(column), ""), False)


def _first_bytes(values: pa.Array) -> pa.FixedSizeBinaryArray:
    """The first bytes of the sha256 of each value."""
    library = kernels.library()
    if library is not None and digest_calls.is_quicker(library, values):
        digests = digest_calls.digests_of_rows(library, values)[:, :KEY_BYTES]
        return _binary(np.ascontiguousarray(digests).tobytes(), len(values))
    written = values.cast(pa.binary()).to_pylist()
    return _binary(b"".join([hashlib.sha256(value).digest()[:KEY_BYTES] for value in written]), len(written))


def _binary(data: bytes, rows: int) -> pa.FixedSizeBinaryArray:
    return pa.FixedSizeBinaryArray.from_buffers(_KEY, rows, [None, pa.py_buffer(data)])
