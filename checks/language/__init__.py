"""Language of every document: by script, by stop words, else by a small model; unsure is `und`, never a guess."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.language.model import guesses, model_inputs
from checks.language.rules import CHINESE, by_script, chinese_script, english, gated, second_script_ppm, weight
from checks.loaded import per_thread, place_of
from checks.signs import Signs, signs_of
from checks.signs.classes import unicode_version
from schemas.shares import share_ppm

UNDETERMINED: Final = "und"  # ISO 639-2
METHODS: Final = ("short", "gate", "script", "words", "model")
_SHORT, _GATE, _SCRIPT, _WORDS, _MODEL = range(len(METHODS))
_NAMES: Final = (*CHINESE, "ja", "ko", "en", UNDETERMINED)  # what is told without the model
Codes = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Language(Check):
    """Give each document one language (BCP 47) or `und`, and say by which method.

    *shortest_letters*: below it a document is too short to tell (a Han code point counts as three letters);
    *least_score_ppm*: the model's word counts from this score on; *most_signs_ppm*, *most_signs_for_model_ppm*: documents
    with a greater share of digits, punctuation and symbols are no prose, and the model would name a false language. *mixed_ppm*:
    from this share of a second script on a document is mixed; two languages of one script in one document are not told.
    """

    name: ClassVar[str] = "language"
    version: ClassVar[int] = 2
    tally_bytes: ClassVar[int] = 16_384
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records looked at"),
        Measure("determined_records", "records", "records given a language"),
        Measure("determined_records_ppm", "ppm", "records given a language, of all records"),
        Measure("languages", "languages", "different languages found; the scripts of Chinese are one"),
        Measure("zh_records", "records", "records in Chinese of either script"),
        Measure("zh_hans_records", "records", "records in Chinese, simplified"),
        Measure("zh_hant_records", "records", "records in Chinese, traditional"),
        Measure("en_records", "records", "records in English"),
        Measure("other_records", "records", "records in a language that is neither Chinese nor English"),
        Measure(
            "mixed_records",
            "records",
            "records of which a second script (alphabets; Han and kana; Hangul; Thai) has a fifth or more of the letters, a Han code point counting as three",
        ),
        Measure("mixed_records_ppm", "ppm", "such records of all records"),
        Measure("zh_chars_ppm", "ppm", "code points of the records in Chinese, of all code points"),
        Measure("en_chars_ppm", "ppm", "code points of the records in English, of all code points"),
        Measure("largest_chars_ppm", "ppm", "code points of the commonest language, of all code points"),
    )
    column_schema: ClassVar[pa.Schema | None] = pa.schema(
        [
            pa.field("language", pa.string(), nullable=False),
            pa.field("language_score_ppm", pa.int32()),  # the model's; null where no model was asked
            pa.field("language_method", pa.string(), nullable=False),  # METHODS
            pa.field("second_script_ppm", pa.int32(), nullable=False),  # of the letters, as `weight` counts them
        ]
    )

    shortest_letters: int = 20
    least_score_ppm: int = 500_000
    most_signs_ppm: int = 500_000
    most_signs_for_model_ppm: int = 250_000
    mixed_ppm: int = 200_000

    def inputs(self) -> dict[str, str]:
        """The model, its engine, and the Unicode version behind the counts."""
        return {**model_inputs(), "unicode": unicode_version()}

    def zero(self) -> Tally:
        """No records; languages appear as they are found, of the model's 176 and three names for Chinese."""
        return {"records": {}, "chars": {}, "methods": {}, "mixed": {}}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Language, score and method of every record; records and code points by language."""
        signs = signs_of(batch)
        names, labels, methods, scores = self._decide(signs, batch.column("text"))
        records, chars = np.bincount(labels, minlength=len(names)), np.zeros(len(names), np.int64)
        np.add.at(chars, labels, signs.chars)
        found = np.flatnonzero(records).tolist()
        second = second_script_ppm(signs)
        is_mixed = (second >= self.mixed_ppm) & (weight(signs) >= self.shortest_letters)
        mixed = np.bincount(labels[is_mixed], minlength=len(names))
        total = {
            "records": {names[place]: int(records[place]) for place in found},
            "chars": {names[place]: int(chars[place]) for place in found},
            "methods": {METHODS[place]: int(n) for place, n in enumerate(np.bincount(methods)) if n},
            "mixed": {names[place]: int(mixed[place]) for place in np.flatnonzero(mixed).tolist()},
        }
        named = _named(names, labels)
        memo: dict[str, Any] = per_thread("checks.language.last", dict)
        memo.update(check=self, text=batch.column("text"), named=named)
        columns = pa.table(
            [named, scores, _named(METHODS, methods), pa.array(second, pa.int32())],
            schema=self.column_schema,
        )
        return Seen(total, columns=columns)

    def labels(self, text: pa.Array, rows: npt.NDArray[np.intp]) -> pa.Array:
        """The languages (string[k]) of these rows; the thread's last answer, where it was this check's on the same array."""
        memo: dict[str, Any] = per_thread("checks.language.last", dict)
        if memo.get("check") == self and place_of(memo["text"]) == place_of(text):
            return memo["named"].take(pa.array(rows))
        seen = self.look(pa.record_batch([text.take(pa.array(rows))], ["text"])).columns
        assert seen is not None
        return seen.column("language").combine_chunks()

    def _decide(self, signs: Signs, text: pa.Array) -> tuple[tuple[str, ...], Codes, Codes, pa.Array]:
        """The languages there may be, then for each row: the place of its language, of its method, its score."""
        rows = len(text)
        labels = np.full(rows, _NAMES.index(UNDETERMINED), np.int16)
        methods = np.full(rows, _MODEL, np.int16)
        short = weight(signs) < self.shortest_letters
        gate = ~short & gated(signs, self.most_signs_ppm)
        methods[short], methods[gate] = _SHORT, _GATE
        left = ~(short | gate)
        script = chinese_script(signs)
        for label, fits in by_script(signs).items():
            found = fits & left
            labels[found] = script[found] if label == "zh" else _NAMES.index(label)
            methods[found] = _SCRIPT
            left &= ~found
        words = english(signs, text, left)
        labels[words], methods[words] = _NAMES.index("en"), _WORDS
        left &= ~words
        no_prose = left & gated(signs, self.most_signs_for_model_ppm)
        methods[no_prose] = _GATE
        asked = np.flatnonzero(left & ~no_prose)
        guessed, score_ppm = guesses(text, asked)
        # The model's weak spot: a short Chinese text is no Japanese without a kana.
        sure = (score_ppm >= self.least_score_ppm) & ((guessed != "ja") | (signs.of("kana")[asked] > 0))
        told, named = asked[sure], guessed[sure]
        names = (*_NAMES, *sorted({*named.tolist()} - {*_NAMES}))
        labels[told] = np.where(named == "zh", script[told], _places(names, named))
        scores, unasked = np.zeros(rows, np.int32), np.ones(rows, np.bool_)
        scores[asked], unasked[asked] = score_ppm, False
        return names, labels, methods, pa.array(scores, pa.int32(), mask=unasked)

    def report(self, total: Tally) -> Measures:
        """Counts of records and shares of code points; None where there are none."""
        records, chars = total["records"], total["chars"]
        all_records, all_chars = sum(records.values()), sum(chars.values())
        chinese = sum(records.get(label, 0) for label in CHINESE)
        determined = all_records - records.get(UNDETERMINED, 0)
        by_language = Counter[str]()
        for label, count in chars.items():
            by_language["zh" if label in CHINESE else label] += count
        known = {label: count for label, count in by_language.items() if label != UNDETERMINED}
        return {
            "records": all_records,
            "determined_records": determined,
            "determined_records_ppm": share_ppm(determined, all_records),
            "languages": len(known),
            "zh_records": chinese,
            "zh_hans_records": records.get("zh-Hans", 0),
            "zh_hant_records": records.get("zh-Hant", 0),
            "en_records": records.get("en", 0),
            "other_records": determined - chinese - records.get("en", 0),
            "mixed_records": sum(total["mixed"].values()),
            "mixed_records_ppm": share_ppm(sum(total["mixed"].values()), all_records),
            "zh_chars_ppm": share_ppm(by_language["zh"], all_chars),
            "en_chars_ppm": share_ppm(by_language["en"], all_chars),
            "largest_chars_ppm": share_ppm(max(known.values(), default=0), all_chars),
        }


def _places(names: tuple[str, ...], values: npt.NDArray[np.str_]) -> Codes:
    """int16[n]: where each of the values stands among the names."""
    return np.array([names.index(value) for value in values.tolist()], np.int16)


def _named(names: tuple[str, ...], places: Codes) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(places))


__all__ = ["CHINESE", "METHODS", "UNDETERMINED", "Language"]
