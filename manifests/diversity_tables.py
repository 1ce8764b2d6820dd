"""The axes of a sealed run's diversity whose parts are keys of a rollup: domain, licence, and author and url, whose keys are hashes.

Of authors and URLs no key is named, whoever asks: how many there are, and how evenly the run is spread over them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.diversity_rows import Axis, axis_row
from manifests.diversity_sums import Sums
from manifests.parquet import read_parquet
from manifests.store import Store, object_path
from manifests.tables import read_files
from schemas.content_kinds import UNKNOWN
from schemas.ledger import AUTHORS, DOMAINS, LICENCES, ROLLUP_DOMAIN, ROLLUP_LICENCES, URLS
from schemas.manifest import Manifest

NO_DOMAIN: Final = ("no-url", "no-host", "ip-address", "masked")
AUTHOR, URL = "author", "url"
NO_KEY, NOT_LOOKED_FOR, NOT_COUNTED = "no-key", "personal-off", "axis-not-recorded"
_PERSONAL: Final = "personal"
_COUNTED_FROM: Final = 3
"""The version of the check `personal` that first counts pages and authors."""
_NAMED: Final = (
    ("licence", LICENCES, ROLLUP_LICENCES, (UNKNOWN,)), ("domain", DOMAINS, ROLLUP_DOMAIN, NO_DOMAIN),
)  # fmt: skip
_HASHED: Final = ((AUTHOR, AUTHORS, ("records", "bytes")), (URL, URLS, ("records",)))


def unmeasured(manifest: Manifest) -> dict[str, str]:
    """Axis -> why nothing is known of it: `NO_KEY` in run.yaml, the check `personal` off, or of a version before."""
    check = next((c for c in manifest.checks if c.name == _PERSONAL), None)
    if check is None:
        return dict.fromkeys((AUTHOR, URL), NOT_LOOKED_FOR)
    if check.version < _COUNTED_FROM:
        return dict.fromkeys((AUTHOR, URL), NOT_COUNTED)
    return {AUTHOR: NO_KEY} if check.settings.get("key_id") is None else {}


def table_axes(store: Store, manifest: Manifest, sums: Mapping[str, Sums], source: str | None) -> Iterator[Axis]:
    """The axes that rollups tell, of *source* alone where given; none for what was not measured."""
    digests = {row["name"]: row["digest"] for row in read_files(store, manifest).to_pylist()}
    for axis, file, schema, unknown in _NAMED:
        if file in digests:
            rows = read_parquet(store.get_object(digests[file]), store.place(object_path(digests[file])), schema)
            if source is not None:
                rows = rows.filter(pc.equal(rows.column("source"), source))
            yield from (_of_names(rows, axis, by, unknown) for by in ("records", "bytes"))
    for axis, file, counts in _HASHED:
        if axis in unmeasured(manifest):
            continue
        for by in counts:
            sizes = sizes_of(_groups(store, digests.get(file), by), source)
            whole = sum(one.scale[by] for one in sums.values() if one.scale is not None)
            # A record that one check alone could not look at is in one of the sums alone.
            known = sum(size * many for size, many in sizes.items())
            yield axis_row(axis, by, None, sizes, max(whole, known))


def sizes_of(groups: Iterable[pa.Table], source: str | None) -> Counter[int]:
    """How many keys there are of each size: *groups* of rows (hash, source, count) in the order of hashes."""
    sizes: Counter[int] = Counter()
    last, held = b"", 0
    for group in groups:
        table = group if source is None else group.filter(pc.equal(group.column(1), source))
        if not table.num_rows:
            continue
        keys = _keys(table.column(0))
        starts = np.concatenate(([0], np.flatnonzero(keys[1:] != keys[:-1]) + 1))
        counts = np.add.reduceat(table.column(2).to_numpy(), starts)
        if held and keys[0].tobytes() == last:
            counts[0] += held
        elif held:
            sizes[held] += 1
        last, held = keys[-1].tobytes(), int(counts[-1])
        sizes.update(dict(zip(*(part.tolist() for part in np.unique(counts[:-1], return_counts=True)), strict=True)))
    if held:
        sizes[held] += 1
    return sizes


def _keys(column: pa.ChunkedArray) -> npt.NDArray[np.void]:
    array = column.combine_chunks()
    width = array.type.byte_width
    whole = np.frombuffer(array.buffers()[1], f"V{width}")
    return whole[array.offset : array.offset + len(array)]


def _groups(store: Store, digest: str | None, by: str) -> Iterator[pa.Table]:
    """Its rows, a row group at a time: there may be as many as the run has pages."""
    if digest is None:
        return
    local = store.local_path(object_path(digest))
    file = pq.ParquetFile(local if local is not None else pa.BufferReader(store.get_object(digest)))
    for group in range(file.num_row_groups):
        table = file.read_row_group(group, use_threads=False)
        yield table.select([table.column_names[0], "source", by])


def _of_names(rows: pa.Table, axis: str, by: str, unknown: Iterable[str]) -> Axis:
    """The spread over the first column of *rows*, of which there may be millions: sums in Arrow, sizes counted, no dict of keys."""
    key = rows.column_names[0]
    sums = rows.group_by(key, use_threads=False).aggregate([(by, "sum")])
    apart = pc.is_in(sums.column(key), pa.array(list(unknown), pa.string()))
    known = sums.filter(pc.invert(apart)).sort_by([(f"{by}_sum", "descending"), (key, "ascending")])
    sizes = pc.value_counts(known.column(f"{by}_sum")).to_pylist()
    whole = pc.sum(sums.column(f"{by}_sum")).as_py() or 0
    top = known.column(key)[0].as_py() if known.num_rows else None
    return axis_row(axis, by, top, {size["values"]: size["counts"] for size in sizes}, whole)
