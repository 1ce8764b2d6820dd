"""Supplied files as the ledger keeps them, and the evidence that a process holds of them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import pyarrow as pa

from checks.loaded import once
from checks.optouts.evidence import Evidence, Supplied, place_of
from checks.optouts.rows import objects_of
from schemas.errors import LedgerError

THEN: Final = "then"
NOW: Final = "now"
CAPTURES: Final = pa.schema(
    [
        pa.field("side", pa.string(), nullable=False),  # THEN or NOW
        pa.field("kind", pa.string(), nullable=False),  # checks.optouts.evidence.KINDS
        pa.field("host", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),  # the host again, or sha256 of a page's address
        pa.field("fetched_at", pa.string(), nullable=False),  # as supplied
        pa.field("status", pa.int32()),  # of HTTP; null: not supplied
        pa.field("record_id", pa.string()),  # of the WARC record that a page is
        pa.field("body", pa.string()),  # sha256 hex of bytes in BYTES; null: not kept
        pa.field("headers", pa.string()),
    ]
)
"""One row a supplied file, sorted by all columns: the order of the customer's files is of no account."""
BYTES: Final = pa.schema(
    [pa.field("sha256", pa.string(), nullable=False), pa.field("bytes", pa.binary(), nullable=False)]
)
"""Raw bytes by their digest, sorted by it, each once."""
_PLACE: Final = "opt-out captures"


class Sides(NamedTuple):
    """The evidence of both times."""

    then: Evidence
    now: Evidence


class Kept(NamedTuple):
    """What goes into the ledger: `CAPTURES` and `BYTES`."""

    captures: pa.Table
    raw: pa.Table


def kept(then: Sequence[Supplied], now: Sequence[Supplied]) -> Kept:
    """The tables of both sides."""
    objects: dict[str, bytes] = {}
    rows = []
    for side, files in ((THEN, then), (NOW, now)):
        for one in files:
            objects |= objects_of(one)
            body, headers = one.digests
            rows.append(
                (side, one.kind, one.host, place_of(one), one.fetched_at, one.status, one.record_id, body, headers)
            )
    rows.sort(key=lambda row: [(value is not None, value) for value in row])
    columns = list(zip(*rows, strict=True)) or [()] * len(CAPTURES)
    captures = pa.Table.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, CAPTURES, strict=True)], schema=CAPTURES
    )
    digests = sorted(objects)
    raw = pa.table([pa.array(digests, pa.string()), pa.array([objects[d] for d in digests], pa.binary())], schema=BYTES)
    return Kept(captures, raw)


def sides_of(tables: Kept) -> Sides:
    """The evidence of the tables; equal bytes are held once."""
    held = dict(zip(*(column.to_pylist() for column in tables.raw.columns), strict=True))

    def files(side: str) -> Iterable[Supplied]:
        for row in tables.captures.to_pylist():
            if row["side"] == side:
                yield Supplied(
                    row["kind"], row["host"], row["fetched_at"], row["status"], held.get(row["body"]),
                    held.get(row["headers"]), row["place"] if row["place"] != row["host"] else None, row["record_id"],
                )  # fmt: skip

    return Sides(Evidence.of(files(THEN)), Evidence.of(files(NOW)))


def use_evidence(digest: str, tables: Callable[[], Kept]) -> Sides:
    """Keep for this process the evidence that *digest*, of the captures object, names; every process calls this before it
    looks at records.
    """
    return once((_PLACE, digest), lambda: sides_of(tables()))


def held_evidence(digest: str) -> Sides:
    """The evidence that this process keeps under *digest*; ``LedgerError`` where it has none."""
    return once((_PLACE, digest), lambda: _missing(digest))


def _missing(digest: str) -> Sides:
    raise LedgerError(f"optouts: captures {digest[:16]} are set but not loaded in this process; run again with --fresh")
