"""Quality signals: raw integer counts of every document, so that ratios and thresholds need no second reading."""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.signs import Signs, signs_of
from checks.signs.classes import unicode_version

_CLASSES: Final = (
    ("lower", ("lower",)), ("upper", ("upper",)), ("letters", ("letters",)), ("digits", ("digits",)),
    ("han", ("han", "hans", "hant")), ("kana", ("kana",)), ("hangul", ("hangul",)), ("thai", ("thai",)),
    ("ascii_punct", ("ascii_punct",)), ("cjk_punct", ("cjk_punct",)), ("other_punct", ("other_punct",)),
    ("symbols", ("symbols",)), ("format", ("format",)), ("bad", ("bad",)), ("spaces", ("spaces",)),
    ("newlines", ("newlines",)),
)  # fmt: skip
COUNTS: Final = ("bytes", "chars", "lines", "inked_lines", "words", *(name for name, _ in _CLASSES), "mojibake")
"""The counts of each document; `checks/quality/reference.py` defines them in plain Python."""
HISTOGRAM_BINS: Final = 33
"""Bin 0: nothing; bin k: 2**(k-1) up to 2**k - 1. A count is below 2**32."""


@dataclass(frozen=True)
class Quality(Check):
    """Count characters by class, words without a dictionary, lines, damaged characters and mojibake.

    Chinese counts like English: a Han code point is a word where English has a run of letters.
    """

    name: ClassVar[str] = "quality"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 4096
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records looked at"),
        Measure("empty_records", "records", "records whose text holds nothing but white space"),
        Measure("bytes", "bytes", "UTF-8 bytes of text"),
        Measure("chars", "code points", "Unicode code points of text"),
        Measure("words", "words", "runs of letters and digits, and single Han, kana, Hangul and Thai code points"),
        Measure("lines", "lines", "pieces of text that end at a line feed or at the end of the text"),
        Measure("han_ppm", "ppm", "Han code points of all code points that are not white space"),
        Measure("punctuation_ppm", "ppm", "punctuation, symbols and ASCII signs of all that is not white space"),
        Measure("damaged_records", "records", "records with control, private, unassigned or replacement characters"),
        Measure("damaged_records_ppm", "ppm", "such records of all records"),
        Measure("mojibake_records", "records", "records with at least one place read in the wrong encoding"),
        Measure("mojibake_records_ppm", "ppm", "such records of all records"),
        Measure("median_words", "words", "lower bound of the power-of-two bin that holds the middle record's words"),
    )
    column_schema: ClassVar[pa.Schema | None] = pa.schema(
        [pa.field(name, pa.uint32(), nullable=False) for name in COUNTS]
    )

    def inputs(self) -> dict[str, str]:
        """Classes follow the Unicode version of the Python that runs."""
        return {"unicode": unicode_version()}

    def zero(self) -> Tally:
        """No records."""
        return {
            "records": 0, "empty_records": 0, "damaged_records": 0, "mojibake_records": 0,
            "sums": dict.fromkeys(COUNTS, 0),
            "chars_log2": [0] * HISTOGRAM_BINS, "words_log2": [0] * HISTOGRAM_BINS,
        }  # fmt: skip

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Counts of every record as columns; their sums and histograms as the tally."""
        counts = counts_of(signs_of(batch))
        blank = counts["chars"] == counts["spaces"] + counts["newlines"]
        total = {
            "records": batch.num_rows,
            "empty_records": int(np.count_nonzero(blank)),
            "damaged_records": int(np.count_nonzero(counts["bad"])),
            "mojibake_records": int(np.count_nonzero(counts["mojibake"])),
            "sums": {name: int(values.sum()) for name, values in counts.items()},
            "chars_log2": _log2_histogram(counts["chars"]),
            "words_log2": _log2_histogram(counts["words"]),
        }
        columns = pa.table([pa.array(v.astype(np.uint32)) for v in counts.values()], schema=self.column_schema)
        return Seen(total, columns=columns)

    def report(self, total: Tally) -> Measures:
        """Shares are of records, or of code points that are not white space; None where there are none."""
        records, sums = total["records"], total["sums"]
        inked = sums["chars"] - sums["spaces"] - sums["newlines"]
        signs = sum(sums[name] for name in ("ascii_punct", "cjk_punct", "other_punct", "symbols"))
        return {
            "records": records,
            "empty_records": total["empty_records"],
            **{name: sums[name] for name in ("bytes", "chars", "words", "lines")},
            "han_ppm": _ppm(sums["han"], inked),
            "punctuation_ppm": _ppm(signs, inked),
            "damaged_records": total["damaged_records"],
            "damaged_records_ppm": _ppm(total["damaged_records"], records),
            "mojibake_records": total["mojibake_records"],
            "mojibake_records_ppm": _ppm(total["mojibake_records"], records),
            "median_words": _median(total["words_log2"]),
        }


def counts_of(signs: Signs) -> dict[str, npt.NDArray[np.int64]]:
    """int64[n] for every name of COUNTS, in that order."""
    return {
        "bytes": signs.text_bytes, "chars": signs.chars, "lines": signs.lines, "inked_lines": signs.inked_lines,
        "words": signs.words,
        **{name: signs.of(*classes) for name, classes in _CLASSES},
        "mojibake": signs.mojibake,
    }  # fmt: skip


def _log2_histogram(values: npt.NDArray[np.int64]) -> list[int]:
    # frexp's exponent is the bit length, exact for whole numbers below 2**53.
    return [int(n) for n in np.bincount(np.frexp(values)[1], minlength=HISTOGRAM_BINS)]


def _median(histogram: list[int]) -> int | None:
    middle, seen = (sum(histogram) + 1) // 2, 0
    for bin_number, records in enumerate(histogram):
        seen += records
        if middle and seen >= middle:
            return 1 << (bin_number - 1) if bin_number else 0
    return None


def _ppm(part: int, whole: int) -> int | None:
    return part * 1_000_000 // whole if whole else None


__all__ = ["COUNTS", "Quality", "counts_of"]
