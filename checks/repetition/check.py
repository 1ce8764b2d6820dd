"""Lines and paragraphs counted by a hash of their folded terms; which of them the run repeats is found when all are counted."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.repetition.pieces import COUNTED, counted, pieces_of
from checks.terms import VERSION, fold_digest

LINE: Final = "line"
PARAGRAPH: Final = "paragraph"


@dataclass(frozen=True)
class Repetition(Check):
    """Count every line and every paragraph of at least *shortest_terms* terms by a 64-bit hash of its folded terms.

    One that is in at least *repeated_from* records of the run is told as repeated: navigation, notices, templates.
    """

    name: ClassVar[str] = "repetition"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 256
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("bytes", "bytes", "UTF-8 bytes of the text of the records looked at"),
        Measure(
            "lines", "lines",
            "lines of at least `shortest_terms` (5) terms; a line that is its whole paragraph counts as a paragraph alone",
        ),
        Measure("line_bytes", "bytes", "UTF-8 bytes of those lines, without their line feeds"),
        Measure(
            "paragraphs", "paragraphs",
            "paragraphs of at least `shortest_terms` (5) terms: runs of lines that are not blank",
        ),
        Measure("paragraph_bytes", "bytes", "UTF-8 bytes of those paragraphs"),
    )  # fmt: skip
    table_schemas: ClassVar[dict[str, pa.Schema]] = {LINE: COUNTED, PARAGRAPH: COUNTED}

    shortest_terms: int = 5
    repeated_from: int = 10

    def __post_init__(self) -> None:
        """Refuse what would count nothing, or everything."""
        if self.shortest_terms < 1:
            msg = f"shortest_terms is {self.shortest_terms}; at least 1"
            raise ValueError(msg)
        if self.repeated_from < 2:
            msg = f"repeated_from is {self.repeated_from}; at least 2, for what is in one record is not repeated"
            raise ValueError(msg)

    def inputs(self) -> dict[str, str]:
        """The definition of terms, and the digest of the frozen fold table."""
        return {"terms": VERSION, "fold": fold_digest()}

    def zero(self) -> Tally:
        """No records."""
        return {"bytes": 0, **{kind: {"places": 0, "bytes": 0} for kind in (LINE, PARAGRAPH)}}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Records, places and bytes by hash, of lines and of paragraphs; a null text counts as an empty one."""
        text = batch.column("text")
        rows = np.asarray(batch.column("row").to_numpy(zero_copy_only=False), np.uint32)
        total: dict[str, Any] = {"bytes": pc.sum(pc.binary_length(text)).as_py() or 0}
        tables = {}
        for kind, found in zip((LINE, PARAGRAPH), pieces_of(text, self.shortest_terms), strict=True):
            total[kind] = {"places": len(found), "bytes": int((found["end"] - found["start"]).sum())}
            tables[kind] = counted(found, rows)
        return Seen(total, tables=tables)

    def report(self, total: Tally) -> Measures:
        """How much there is to compare."""
        return {
            "bytes": total["bytes"], "lines": total[LINE]["places"], "line_bytes": total[LINE]["bytes"],
            "paragraphs": total[PARAGRAPH]["places"], "paragraph_bytes": total[PARAGRAPH]["bytes"],
        }  # fmt: skip
