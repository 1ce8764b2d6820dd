"""Quality signals: raw integer counts of every document, so that ratios and thresholds need no second reading."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.quality.forms import FORMS, NOT_ADDED_UP, REPEATS, count_forms
from checks.signs import Signs, signs_of
from checks.signs.classes import unicode_version
from checks.signs.drawn import PPM, drawn
from schemas.shares import share_ppm
from schemas.yaml_shape import Bounds, Choice

_CLASSES: Final = (
    ("lower", ("lower",)), ("upper", ("upper",)), ("letters", ("letters",)), ("digits", ("digits",)),
    ("han", ("han", "hans", "hant")), ("kana", ("kana",)), ("hangul", ("hangul",)), ("thai", ("thai",)),
    ("ascii_punct", ("ascii_punct",)), ("cjk_punct", ("cjk_punct",)), ("other_punct", ("other_punct",)),
    ("symbols", ("symbols",)), ("format", ("format",)), ("bad", ("bad",)), ("spaces", ("spaces",)),
    ("newlines", ("newlines",)),
)  # fmt: skip
COUNTS: Final = ("bytes", "chars", "lines", "inked_lines", "words", *(name for name, _ in _CLASSES), "mojibake")
"""The counts of each document; `checks/quality/reference.py` defines them in plain Python."""
FURTHER: Final = (*FORMS, *REPEATS)
"""Those that take longer than reading; `checks/quality/forms_reference.py` defines them in plain Python."""
DRAWN, FULL, COUNTS_ALONE = SIGNALS = ("drawn", "full", "counts")
_ADDED_UP: Final = tuple(name for name in FURTHER if name not in NOT_ADDED_UP)
_OF_A_WORD: Final = ("lower", "upper", "letters", "digits", "han", "kana", "hangul", "thai")
_SHARES_OF: Final = ("chars", "inked_lines", "words", "word_chars")
"""What the further counts are shares of; added up over the same records."""
HISTOGRAM_BINS: Final = 33
"""Bin 0: nothing; bin k: 2**(k-1) up to 2**k - 1. A count is below 2**32."""


@dataclass(frozen=True)
class Quality(Check):
    """Count characters by class, words without a dictionary, lines, damaged characters and mojibake.

    Chinese counts like English: a Han code point is a word where English has a run of letters. *signals*: which records get
    the further counts, of tokens, lines and repetition, which take longer than all else here: ``drawn``, a share of
    *drawn_ppm* by their text alone; ``full``, all, as a profile that drops needs it; ``counts``, none. Where a record has
    none, the columns are null, and shares are of those that have them.
    """

    name: ClassVar[str] = "quality"
    version: ClassVar[int] = 2
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
        Measure(
            "further_records",
            "records",
            "records with counts of tokens, lines and repetition; the shares below are of these",
        ),
        Measure("further_records_ppm", "ppm", "such records of all records: what the shares below rest on"),
        Measure("letter_tokens_ppm", "ppm", "tokens with a letter, of all runs of code points that are no white space"),
        Measure("short_lines_ppm", "ppm", "lines of at most 30 code points, of the lines that show something"),
        Measure(
            "unended_lines_ppm", "ppm", "lines that end with no terminal punctuation, of the lines that show something"
        ),
        Measure(
            "repeated_in_record_ppm",
            "ppm",
            "code points of lines that stand in the same record before, of all code points",
        ),
        Measure("top_2gram_ppm", "ppm", "code points of each record's commonest pair of words, of all that words have"),
        Measure(
            "duplicate_5gram_ppm",
            "ppm",
            "code points of runs of five words that the same record has before, of all that words have",
        ),
        Measure("duplicate_10gram_ppm", "ppm", "the same for runs of ten words"),
    )
    column_schema: ClassVar[pa.Schema | None] = pa.schema(
        [pa.field(name, pa.uint32(), nullable=False) for name in COUNTS]
        + [pa.field(name, pa.uint32()) for name in FURTHER]
    )

    signals: Annotated[str, Choice(SIGNALS)] = DRAWN
    drawn_ppm: Annotated[int, Bounds(1, PPM)] = 20_000

    def inputs(self) -> dict[str, str]:
        """Classes follow the Unicode version of the Python that runs."""
        return {"unicode": unicode_version()}

    def zero(self) -> Tally:
        """No records."""
        return {
            "records": 0, "empty_records": 0, "damaged_records": 0, "mojibake_records": 0,
            "sums": dict.fromkeys(COUNTS, 0),
            "chars_log2": [0] * HISTOGRAM_BINS, "words_log2": [0] * HISTOGRAM_BINS,
            "further_records": 0, "further": dict.fromkeys((*_SHARES_OF, *_ADDED_UP), 0),
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
        arrays = [pa.array(v.astype(np.uint32)) for v in counts.values()]
        rows, further = self._further(batch.column("text"))
        total["further_records"] = len(rows)
        total["further"] = _further_sums(counts, rows, further)
        arrays += [_at(values, rows, batch.num_rows) for values in further.values()]
        return Seen(total, columns=pa.table(arrays, schema=self.column_schema))

    def _further(self, text: pa.Array) -> tuple[npt.NDArray[np.intp], dict[str, npt.NDArray[np.uint32]]]:
        """The rows that get the further counts, and those of each."""
        if self.signals == FULL:
            return np.arange(len(text)), count_forms(text)
        rows = drawn(text, self.drawn_ppm if self.signals == DRAWN else 0)
        return rows, count_forms(text.take(pa.array(rows)))

    def report(self, total: Tally) -> Measures:
        """Shares are of records, or of code points that are not white space; None where there are none."""
        records, sums = total["records"], total["sums"]
        inked = sums["chars"] - sums["spaces"] - sums["newlines"]
        signs = sum(sums[name] for name in ("ascii_punct", "cjk_punct", "other_punct", "symbols"))
        return {
            "records": records,
            "empty_records": total["empty_records"],
            **{name: sums[name] for name in ("bytes", "chars", "words", "lines")},
            "han_ppm": share_ppm(sums["han"], inked),
            "punctuation_ppm": share_ppm(signs, inked),
            "damaged_records": total["damaged_records"],
            "damaged_records_ppm": share_ppm(total["damaged_records"], records),
            "mojibake_records": total["mojibake_records"],
            "mojibake_records_ppm": share_ppm(total["mojibake_records"], records),
            "median_words": _median(total["words_log2"]),
            **self._report_further(total["further"], total["further_records"], records),
        }

    def _report_further(self, sums: dict[str, int], further: int, records: int) -> Measures:
        lines, word_chars = sums["inked_lines"], sums["word_chars"]
        return {
            "further_records": further,
            "further_records_ppm": share_ppm(further, records),
            "letter_tokens_ppm": share_ppm(sums["letter_tokens"], sums["tokens"]),
            "short_lines_ppm": share_ppm(sums["short_lines"], lines),
            "unended_lines_ppm": share_ppm(lines - sums["terminal_lines"], lines),
            "repeated_in_record_ppm": share_ppm(sums["duplicate_line_chars"], sums["chars"]),
            "top_2gram_ppm": share_ppm(sums["top_2gram_chars"], word_chars),
            "duplicate_5gram_ppm": share_ppm(sums["duplicate_5gram_chars"], word_chars),
            "duplicate_10gram_ppm": share_ppm(sums["duplicate_10gram_chars"], word_chars),
        }


def counts_of(signs: Signs) -> dict[str, npt.NDArray[np.int64]]:
    """int64[n] for every name of COUNTS, in that order."""
    return {
        "bytes": signs.text_bytes, "chars": signs.chars, "lines": signs.lines, "inked_lines": signs.inked_lines,
        "words": signs.words,
        **{name: signs.of(*classes) for name, classes in _CLASSES},
        "mojibake": signs.mojibake,
    }  # fmt: skip


def _further_sums(
    counts: dict[str, npt.NDArray[np.int64]], rows: npt.NDArray[np.intp], further: dict[str, npt.NDArray[np.uint32]]
) -> dict[str, int]:
    shared = {name: int(counts[name][rows].sum()) for name in _SHARES_OF if name in counts}
    shared["word_chars"] = sum(int(counts[name][rows].sum()) for name in _OF_A_WORD)
    return shared | {name: int(further[name].sum(dtype=np.int64)) for name in _ADDED_UP}


def _at(values: npt.NDArray[np.uint32], rows: npt.NDArray[np.intp], length: int) -> pa.Array:
    """*values* at their rows, null elsewhere."""
    if len(rows) == length:
        return pa.array(values)
    placed, absent = np.zeros(length, np.uint32), np.ones(length, np.bool_)
    placed[rows], absent[rows] = values, False
    return pa.array(placed, mask=absent)


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


__all__ = ["COUNTS", "FURTHER", "SIGNALS", "Quality", "counts_of"]
