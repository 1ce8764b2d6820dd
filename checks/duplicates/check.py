"""The check that names every record by its content, its folded terms and its signature. Copies themselves are found later."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check, Measure, Measures, Seen, Tally, registry_value
from checks.duplicates.content import CONTENT_ID_BYTES, ids_of
from checks.duplicates.parts import PARTS, has_parts, parts_of
from checks.duplicates.sketches import MOST_BANDS, SIGNATURE_BYTES, named, scheme_of, sketch_type, sketched

_STAGE: Final = "source.stage"


@dataclass(frozen=True)
class Duplicates(Check):
    """Name every record by its content, so that its copies are found wherever they lie; of a record that says who speaks,
    prompt and response apart too, unless its source is for pre-training.

    *bands* times *rows* slots of the signature decide who is compared: 16 x 8 finds a pair of Jaccard 0.80 with
    probability 0.947 and one of 0.85 with 0.994 (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, §3.4.2).
    Records of fewer than *shortest_terms* terms are compared byte by byte alone: one term more or less changes too much.
    """

    name: ClassVar[str] = "duplicates"
    version: ClassVar[int] = 2
    tally_bytes: ClassVar[int] = 256
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records given a content id"),
        Measure("bytes", "bytes", "UTF-8 bytes of their text"),
        Measure(
            "terms",
            "terms",
            "terms of their text: single Han, kana, Hangul or Thai code points, and runs of letters and digits",
        ),
        Measure(
            "short_records",
            "records",
            "records of fewer terms than `shortest_terms` (20): looked at for exact copies alone",
        ),
    )
    column_schema: ClassVar[pa.Schema | None] = pa.schema(
        [
            pa.field("content_id", pa.binary(CONTENT_ID_BYTES), nullable=False),
            pa.field("terms", pa.uint32(), nullable=False),
        ]
    )

    reads: ClassVar[tuple[str, ...]] = (_STAGE,)

    bands: int = 16
    rows: int = 8
    shortest_terms: int = 20

    def __post_init__(self) -> None:
        """Refuse what does not fit a signature."""
        if not (0 < self.bands <= MOST_BANDS and self.rows > 0 and self.bands * self.rows <= SIGNATURE_BYTES):
            msg = f"{self.bands} bands of {self.rows} rows: at most {MOST_BANDS} bands, and {SIGNATURE_BYTES} slots in all"
            raise ValueError(msg)
        if self.shortest_terms < 1:
            msg = f"shortest_terms is {self.shortest_terms}; at least 1"
            raise ValueError(msg)

    @property
    def sketch_type(self) -> np.dtype[np.void]:
        """Of records that are long enough."""
        return sketch_type(self.bands)

    @property
    def scheme(self) -> dict[str, Any]:
        """What two signatures must share to be compared."""
        return scheme_of(self.bands, self.rows, self.shortest_terms)

    def inputs(self) -> dict[str, str]:
        """The scheme of its signatures: name, seed, slots, shingle, and the digest of the frozen fold table."""
        return {name: str(value) for name, value in self.scheme.items()}

    def zero(self) -> Tally:
        """No records."""
        return {"records": 0, "bytes": 0, "terms": 0, "short": 0}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Content id and terms of every record, a sketch of each that is long enough; a null text counts as an empty one."""
        text = batch.column("text")
        row = np.asarray(batch.column("row").to_numpy(zero_copy_only=False), np.uint32)
        numbers = (self.bands, self.rows, self.shortest_terms)
        ids, sketches, terms = named(text, row, *numbers)
        records = len(sketches)
        if has_parts(batch) and registry_value(batch, _STAGE) != "pre-training":
            parts = parts_of(batch)
            apart = (sketched(parts[p], row, ids_of(ids), *numbers, n)[0] for n, p in enumerate(PARTS, 1))
            sketches = np.concatenate([sketches, *apart])
        total = {
            "records": batch.num_rows, "bytes": pc.sum(pc.binary_length(text)).as_py() or 0, "terms": int(terms.sum()),
            "short": batch.num_rows - records,
        }  # fmt: skip
        columns = pa.table([ids, pa.array(terms.astype(np.uint32))], schema=self.column_schema)
        return Seen(total, columns=columns, sketches=sketches)

    def report(self, total: Tally) -> Measures:
        """Records, bytes, terms, and how many are too short to be compared but byte by byte."""
        return {
            "records": total["records"], "bytes": total["bytes"], "terms": total["terms"], "short_records": total["short"],
        }  # fmt: skip
