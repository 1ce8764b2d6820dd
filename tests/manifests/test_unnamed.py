"""An object while it is written: the same bytes under the same name, in memory or by a file, and nothing where it fails."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from manifests.parquet import write_parquet
from manifests.store import LocalStore
from manifests.unnamed import HELD_BYTES, Unnamed, put_written
from schemas.canonical import sha256_hex

PARTS = [b"one", memoryview(b"two"), b"", b"x" * 1000, b"end"]
WHOLE = b"".join(bytes(part) for part in PARTS)


@pytest.mark.parametrize("held_bytes", [0, 5, 1005, 1010, HELD_BYTES])
def test_wherever_the_file_begins_the_object_is_the_same(tmp_path, held_bytes):
    store = LocalStore(str(tmp_path / "ledger"))
    sink = Unnamed(tmp_path, held_bytes)
    for part in PARTS:
        assert sink.write(part) == len(part)
        assert sink.path.exists() == (sink.size_bytes > held_bytes)
    assert sink.tell() == len(WHOLE)
    digest = sink.keep(store)
    assert (digest, store.get_object(digest)) == (sha256_hex(WHOLE), WHOLE)
    assert not sink.path.exists()


@pytest.mark.parametrize("rows", [0, 10, 5_000_000])
def test_arrow_writes_to_it(tmp_path, rows):
    store, schema = LocalStore(str(tmp_path / "ledger")), pa.schema([pa.field("n", pa.uint64(), nullable=False)])
    table = pa.table([pa.array(np.arange(rows, dtype=np.uint64))], schema=schema)
    told = put_written(store, lambda sink: write_parquet(sink, [table], schema, "numbers", hashes=True))
    assert told["bytes"] == store.size(f"objects/{told['sha256'][:2]}/{told['sha256']}")
    assert pq.read_table(pa.BufferReader(store.get_object(told["sha256"]))).equals(table)
    assert told["rows"] == rows


def test_where_writing_fails_nothing_is_kept(tmp_path):
    store = LocalStore(str(tmp_path / "ledger"))

    def write(sink):
        sink.write(b"half")
        raise OSError(28, "no space")

    with pytest.raises(OSError, match="no space"):
        put_written(store, write)
    assert store.list() == []
