"""Scale and type of what each source holds: characters, tokens, kinds of content, different runs of words, by drawn records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.language import Language
from checks.loaded import once
from checks.scale import distinct, tokens
from checks.scale.cues import PATTERNS
from checks.scale.kinds import KIND_READS, kinds_of
from checks.signs import signs_of
from checks.signs.drawn import PPM, marks
from checks.terms import VERSION, fold_digest
from schemas.content_kinds import ADDRESS, KINDS, METHODS, TEXT
from schemas.diversity import STANDARD_ERROR_PPM, distinct_seen, registers_of, written
from schemas.ratios import GROUPS, Drawn, Total, ratio_total
from schemas.shares import share_ppm
from schemas.tallies import added
from schemas.yaml_shape import Bounds, Choice

DRAWN, FULL = TOKENS = ("drawn", "full")
CELLS: Final = "cells"
"""Table of the drawn records: `language kind method`, and records, bytes, code points and tokens (0 without a tokenizer) of it."""
LANGUAGES: Final = "languages"
"""Table of the records whose tokens were counted: `language group`, and records, code points and tokens of it."""
_ERROR: Final = f"standard error {STANDARD_ERROR_PPM / 10_000:.2f} %"
_WIDTH_WORDS: Final = {1: "terms", 2: "pairs of terms", 3: "runs of three terms"}
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scale(Check):
    """Count code points, and of a drawn share tokens, kinds of content and different runs of words.

    *drawn_ppm*: the share of the different texts, drawn by the text alone, whose language, kind, runs of terms and
    compression are looked at. *tokenizer*: sha256 of the tokenizer that `tokenizer` of run.yaml names, *tokenizer_name* its
    file; *tokens*: of which records tokens are counted, a ``drawn`` share of *tokens_ppm*, or ``full``, all. Without a
    tokenizer no token is counted, and none is guessed.
    """

    name: ClassVar[str] = "scale"
    version: ClassVar[int] = 2
    tally_bytes: ClassVar[int] = 20_480
    reads: ClassVar[tuple[str, ...]] = KIND_READS
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records looked at"),
        Measure("bytes", "bytes", "UTF-8 bytes of text"),
        Measure("chars", "code points", "Unicode code points of text"),
        Measure(
            "tokens", "tokens",
            "by the tokenizer that run.yaml names, without special tokens: counted in all records, or the tokens a byte of the "
            "drawn ones times the bytes of all; of the run, the sum over its sources, those of which little was drawn by one ratio",
        ),
        Measure(
            "tokens_least", "tokens",
            "lower bound of its two-sided 95 % interval (ratio estimator, jackknife over groups of texts); the count itself where all "
            "were counted",
        ),
        Measure("tokens_most", "tokens", "upper bound of that interval"),
        Measure("token_records", "records", "records whose tokens were counted"),
        Measure("drawn_records", "records", "records drawn by their text, on which the shares below rest"),
        *(
            Measure(f"{kind}_ppm", "ppm", f"code points of drawn records of the kind `{kind}`, of those of all drawn records")
            for kind in KINDS
        ),
        Measure("guessed_kind_ppm", "ppm", "code points of drawn records whose kind is told by cues in address or text"),
        *(
            Measure(f"distinct_{n}grams", "terms", f"different {words} of the drawn records, by a sketch of 4,096 registers, {_ERROR}")
            for n, words in _WIDTH_WORDS.items()
        ),
        *(
            Measure(f"distinct_{n}grams_ppm", "ppm", f"such {words} of all of their {words}; falls as text grows, so compare like with like")
            for n, words in _WIDTH_WORDS.items()
        ),
        Measure("segment_distinct_ppm", "ppm", "different terms in segments of 100 terms within one record, of all their terms"),
        Measure("compressed_ppm", "ppm", "what blocks of 4,096 bytes within one record come to, each by zstd 3, of their bytes"),
    )  # fmt: skip
    table_schemas: ClassVar[dict[str, pa.Schema]] = {
        CELLS: pa.schema(
            [pa.field("cell", pa.string()), *(pa.field(n, pa.int64()) for n in ("records", "bytes", "chars", "tokens"))]
        ),
        LANGUAGES: pa.schema(
            [
                pa.field("language_group", pa.string()),
                *(pa.field(n, pa.int64()) for n in ("records", "chars", "tokens")),
            ]
        ),
    }

    drawn_ppm: Annotated[int, Bounds(1, PPM)] = 5_000
    tokens_ppm: Annotated[int, Bounds(1, PPM)] = 20_000
    tokenizer: str | None = None
    tokenizer_name: str | None = None
    tokens: Annotated[str, Choice(TOKENS)] = DRAWN

    def __post_init__(self) -> None:
        """Refuse what only `tokenizer` may set, and to compare texts that are not drawn."""
        if (self.tokenizer is None) != (self.tokenizer_name is None) or (
            self.tokenizer is None and self.tokens != DRAWN
        ):
            msg = "tokenizer, tokenizer_name and tokens follow from `tokenizer` of run.yaml; leave them out here"
            raise ValueError(msg)
        if self.drawn_ppm > self.tokens_ppm:
            msg = f"drawn_ppm is {self.drawn_ppm}, more than tokens_ppm, {self.tokens_ppm}; tokens are counted in all of them"
            raise ValueError(msg)

    @property
    def counted_ppm(self) -> int:
        """The share of the different texts whose tokens are counted."""
        return PPM if self.tokens == FULL else self.tokens_ppm

    def tokens_of(self, totals: Sequence[Tally]) -> Total | None:
        """The tokens of sources with these tallies, together; None without a tokenizer, or where nothing was drawn."""
        if self.tokenizer is None:
            return None
        return ratio_total([Drawn(t["bytes"], t["group_bytes"], t["group_tokens"]) for t in totals], self.counted_ppm)

    def inputs(self) -> dict[str, str]:
        """What tells languages, terms, cues and sizes; the tokenizer and the package that reads it, where one is named."""
        language = Language()
        found = {f"language {name}": value for name, value in language.inputs().items()}
        found |= {
            "language": f"version {language.version}", "terms": VERSION, "fold": fold_digest(), "cues": PATTERNS.digest,
            "zstd": once("checks.scale.zstd", distinct.compressor),
        }  # fmt: skip
        if self.tokenizer is not None:
            found |= {"tokenizer": self.tokenizer, "tokenizers": tokens.engine()}
        return found

    def zero(self) -> Tally:
        """No records; sketches as `schemas.diversity.written`."""
        return {
            **dict.fromkeys(("records", "bytes", "chars", "drawn_records", "drawn_bytes", "drawn_chars"), 0),
            **dict.fromkeys(("token_records", "guessed_chars"), 0),
            "group_bytes": [0] * GROUPS, "group_tokens": [0] * GROUPS,
            "kind_records": [0] * len(KINDS), "kind_chars": [0] * len(KINDS),
            "runs": [0] * len(distinct.WIDTHS), "sketches": {str(n): "" for n in distinct.WIDTHS},
            **dict.fromkeys(("segments", "different", "blocks", "block_bytes", "pressed_bytes"), 0),
        }  # fmt: skip

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Sums, sketches, the cells of the drawn records, and tokens by language and group of texts."""
        total, text, chars = self.zero(), batch.column("text"), signs_of(batch).chars
        sizes = np.asarray(pc.fill_null(pc.binary_length(text), 0), np.int64)
        total |= {"records": batch.num_rows, "bytes": int(sizes.sum()), "chars": int(chars.sum())}
        if not batch.num_rows:
            return Seen(total)
        mixed = marks(text)
        share = (mixed >> np.uint64(32)) * np.uint64(PPM) >> np.uint64(32)
        rows = np.flatnonzero(share < self.drawn_ppm)
        many, tables = np.zeros(len(rows), np.int64), {}
        if self.tokenizer is not None and len(counted := np.flatnonzero(share < self.counted_ppm)):
            groups = (mixed[counted] & np.uint64(GROUPS - 1)).astype(np.intp)
            of_all = self._tokens(total, _well_formed(text.take(pa.array(counted))), sizes[counted], groups)
            many = of_all[np.searchsorted(counted, rows)]
            tables[LANGUAGES] = self._languages(Language().labels(text, counted), groups, (chars[counted], of_all))
        if not len(rows):
            return Seen(total, tables=tables)
        at = pa.array(rows)
        taken = _well_formed(text.take(at))
        kinds, methods = kinds_of(batch, at, taken)
        sizes, chars = sizes[rows], chars[rows]
        total |= {"drawn_records": len(rows), "drawn_bytes": int(sizes.sum()), "drawn_chars": int(chars.sum())}
        total["kind_records"] = _sums(kinds, np.ones(len(rows), np.int64))
        total["kind_chars"] = _sums(kinds, chars)
        total["guessed_chars"] = int(chars[np.isin(methods, [METHODS.index(m) for m in (ADDRESS, TEXT)])].sum())
        _compare(total, distinct.shortened(taken))
        tables[CELLS] = self._cells(Language().labels(text, rows), kinds, methods, (sizes, chars, many))
        return Seen(total, tables=tables)

    def _tokens(self, total: Tally, text: pa.Array, sizes: Ints, groups: npt.NDArray[np.intp]) -> Ints:
        """int64[n] tokens of each text, which go to the tally by group."""
        assert self.tokenizer is not None
        many = tokens.tokens_of(text, self.tokenizer)
        total["token_records"] = len(text)
        total["group_bytes"] = _sums(groups, sizes, GROUPS)
        total["group_tokens"] = _sums(groups, many, GROUPS)
        return many

    def _cells(
        self,
        languages: pa.Array,
        kinds: npt.NDArray[np.int8],
        methods: npt.NDArray[np.int8],
        sums: tuple[Ints, ...],
    ) -> pa.Table:
        told, kind_count, method_count = languages.dictionary_encode(), len(KINDS), len(METHODS)
        codes = (np.asarray(told.indices, np.int64) * kind_count + kinds) * method_count + methods
        return self._summed(
            CELLS, codes, sums,
            lambda code: f"{told.dictionary[code // method_count // kind_count]} {KINDS[code // method_count % kind_count]} "
            f"{METHODS[code % method_count]}",
        )  # fmt: skip

    def _languages(self, languages: pa.Array, groups: npt.NDArray[np.intp], sums: tuple[Ints, ...]) -> pa.Table:
        told = languages.dictionary_encode()
        codes = np.asarray(told.indices, np.int64) * GROUPS + groups
        return self._summed(
            LANGUAGES, codes, sums, lambda code: f"{told.dictionary[code // GROUPS]} {code % GROUPS:02d}"
        )

    def _summed(self, table: str, codes: Ints, sums: tuple[Ints, ...], name: Callable[[int], str]) -> pa.Table:
        """Rows by code, with how many there are of each and their *sums*, in the order of the names of the codes."""
        found, places = np.unique(codes, return_inverse=True)
        counts = [_sums(places, values, len(found)) for values in (np.ones(len(places), np.int64), *sums)]
        columns = list(zip(*sorted(zip(map(name, found.tolist()), *counts, strict=True)), strict=True))
        return pa.table([pa.array(column) for column in columns], schema=self.table_schemas[table])

    def merge(self, a: Tally, b: Tally) -> Tally:
        """Counts added, sketches united."""
        merged: Tally = added(*({k: v for k, v in t.items() if k != "sketches"} for t in (a, b)))
        sketches = {n: distinct.united(a["sketches"][n], b["sketches"][n]) for n in a["sketches"]}
        return {**merged, "sketches": sketches}

    def report(self, total: Tally) -> Measures:
        """Counts, the estimate of tokens with its interval, and shares; None where nothing was drawn or no tokenizer named."""
        found = self.tokens_of([total])
        chars, texts = total["drawn_chars"], total["drawn_records"]
        kinds = {f"{kind}_ppm": share_ppm(total["kind_chars"][place], chars) for place, kind in enumerate(KINDS)}
        read = (distinct_seen(registers_of(total["sketches"][str(n)])) for n in distinct.WIDTHS)
        seen = [min(found, runs) for found, runs in zip(read, total["runs"], strict=True)]  # never more than there are
        of_runs = [share_ppm(d, runs) for d, runs in zip(seen, total["runs"], strict=True)]
        return {
            **{name: total[name] for name in ("records", "bytes", "chars")},
            "tokens": found and found.value, "tokens_least": found and found.low, "tokens_most": found and found.high,
            "token_records": total["token_records"] if self.tokenizer is not None else None,
            "drawn_records": total["drawn_records"], **kinds, "guessed_kind_ppm": share_ppm(total["guessed_chars"], chars),
            **{f"distinct_{n}grams": d if texts else None for n, d in zip(distinct.WIDTHS, seen, strict=True)},
            **{f"distinct_{n}grams_ppm": d for n, d in zip(distinct.WIDTHS, of_runs, strict=True)},
            "segment_distinct_ppm": share_ppm(total["different"], total["segments"] * distinct.SEGMENT),
            "compressed_ppm": share_ppm(min(total["pressed_bytes"], total["block_bytes"]), total["block_bytes"]),
        }  # fmt: skip


def _compare(total: Tally, text: pa.Array) -> None:
    """Add runs of terms and compression of these texts."""
    found, pressed = distinct.runs_of(text), distinct.compressed(text)
    total |= {
        "runs": list(found.runs), "segments": found.segments, "different": found.different,
        "sketches": {str(n): written(r.tobytes()) for n, r in zip(distinct.WIDTHS, found.registers, strict=True)},
        "blocks": pressed.blocks, "block_bytes": pressed.blocks * distinct.BLOCK, "pressed_bytes": pressed.size,
    }  # fmt: skip


def _well_formed(text: pa.Array) -> pa.Array:
    """The same, nulls as empty texts, each ill-formed part of a text that is not valid UTF-8 as U+FFFD."""
    text = pc.fill_null(text, "")
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        raw = text.cast(pa.large_binary() if pa.types.is_large_string(text.type) else pa.binary())
        return pa.array([value.as_py().decode("utf-8", "replace") for value in raw], pa.large_string())
    return text


def _sums(places: npt.NDArray[Any], values: Ints, count: int = len(KINDS)) -> list[int]:
    sums = np.zeros(count, np.int64)
    np.add.at(sums, places, values)
    found: list[int] = sums.tolist()
    return found
