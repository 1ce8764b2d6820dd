"""Runs of terms, segments and compression of drawn records against plain Python and the libraries."""

import numpy as np
import pyarrow as pa
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.scale import Scale
from checks.scale.distinct import BLOCK, LEVEL, LONGEST, MOST_BLOCKS, SEGMENT, compressed, runs_of, shortened
from checks.terms.reference import terms
from schemas.diversity import STANDARD_ERROR_PPM, distinct_seen
from tests.kit.records import texts
from tests.kit.scale import large, measures, some
from tests.kit.tokenizers import kit_counting

# Runs of terms and compression


def plain_runs(values, width):
    return [tuple(t[i : i + width]) for t in map(terms, values) for i in range(len(t) - width + 1)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text("汉字abc 。\n", max_size=30), max_size=6))
def test_runs_are_those_of_plain_python(values):
    found = runs_of(large(*values))
    for place, width in enumerate((1, 2, 3)):
        runs = plain_runs(values, width)
        assert found.runs[place] == len(runs)
        # Below a thousand the sketch errs by registers that two share, seldom.
        assert abs(distinct_seen(found.registers[place].tobytes()) - len(set(runs))) <= max(2, len(set(runs)) // 20)


def test_the_sketch_of_real_terms_is_within_its_error():
    corpus = some(600, seed=8) + [
        "".join(chr(0x4E00 + (n * 7919 + i * 104729) % 20_000) for i in range(60)) for n in range(500)
    ]
    found = runs_of(large(*corpus))
    for place, width in enumerate((1, 2, 3)):
        different = len(set(plain_runs(corpus, width)))
        assert abs(distinct_seen(found.registers[place].tobytes()) / different - 1) < 3.5 * STANDARD_ERROR_PPM / 1e6


def test_segments_lie_within_one_text_and_count_different_terms():
    values = some(60, seed=3)
    found, whole, different = runs_of(large(*values)), 0, 0
    for text in values:
        found_terms = terms(text)
        for start in range(0, len(found_terms) - SEGMENT + 1, SEGMENT):
            whole, different = whole + 1, different + len(set(found_terms[start : start + SEGMENT]))
    assert (found.segments, found.different) == (whole, different)
    assert whole > 30


@pytest.mark.parametrize("narrow", [False, True])
def test_blocks_are_compressed_each_by_itself(narrow):
    random = np.random.default_rng(0)
    noise = "".join(map(chr, random.integers(33, 127, 3 * BLOCK + 5)))
    values = ["short", "一" * BLOCK, noise, "x" * (BLOCK * (MOST_BLOCKS + 3)), None]
    array = pa.array(values, pa.string() if narrow else pa.large_string())
    press = zstandard.ZstdCompressor(level=LEVEL, write_content_size=False, write_checksum=False, write_dict_id=False)
    blocks = [
        text.encode()[at : at + BLOCK]
        for text in values if text
        for at in range(0, min(len(text.encode()) // BLOCK, MOST_BLOCKS) * BLOCK, BLOCK)
    ]  # fmt: skip
    found = compressed(array.slice(1))
    assert (found.blocks, found.size) == (len(blocks), sum(len(press.compress(block)) for block in blocks))
    assert found.blocks == 3 + 3 + MOST_BLOCKS
    assert compressed(array.slice(0, 1)).blocks == 0


def test_repeated_wording_shows_in_every_measure_of_it():
    check = kit_counting()
    same = measures(check, texts(*(["同一句话反复出现。" * 300] * 50)))
    other = measures(
        check,
        texts(*("".join(chr(0x4E00 + (n * 7919 + i * i * 31) % 20_000) for i in range(2_700)) for n in range(50))),
    )
    for name in (
        "distinct_1grams_ppm",
        "distinct_2grams_ppm",
        "distinct_3grams_ppm",
        "segment_distinct_ppm",
        "compressed_ppm",
    ):
        assert same[name] < other[name] / 2, name


def test_a_long_text_is_cut_for_its_wording_and_counted_whole():
    text = "字" * (LONGEST + 10) + "尾"
    assert shortened(large(text, "短")).to_pylist() == [text[:LONGEST], "短"]
    found = Scale(drawn_ppm=1_000_000, tokens_ppm=1_000_000).look(texts(text)).total
    assert (found["chars"], found["runs"][0]) == (len(text), LONGEST)
