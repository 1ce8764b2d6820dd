"""Content ids are plain sha256 of the text; sketches are datasketch's bits; bands are in order, whatever the batches."""

import hashlib

import numpy as np
import pyarrow as pa
import pytest

from checks.duplicates import BANDS, Duplicates, bands, content_ids, scheme_of
from checks.duplicates.content import ids_of
from checks.terms import signatures
from checks.terms.banding import datasketch_bands
from checks.terms.reference import terms
from tests.kit.records import texts

LONG = "提供者应当对生成式人工智能服务的预训练数据、优化训练数据来源的合法性负责。"
LATIN = "The provider is responsible for the legality of the sources of the data it trains on, and for each of the copies that it keeps."


def test_golden():
    seen = Duplicates().look(texts("abc", "", "你好", "abc", LONG))
    ids = [value.hex() for value in seen.columns.column("content_id").to_pylist()]
    assert ids[0] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
    assert ids[1] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert ids[2] == hashlib.sha256("你好".encode()).hexdigest()
    assert ids[3] == ids[0]
    assert seen.columns.column("terms").to_pylist() == [1, 0, 2, 1, len(terms(LONG))]
    assert seen.total == {"records": 5, "bytes": 12 + len(LONG.encode()), "terms": 4 + len(terms(LONG)), "short": 4}
    assert seen.sketches["row"].tolist() == [4]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_slices_nulls_and_both_widths(kind):
    array = pa.array(["x", "中文", None, "", "y" * 1000, "x"], kind)
    for start in range(len(array) + 1):
        part = array.slice(start)
        assert content_ids(part).to_pylist() == [hashlib.sha256((v or "").encode()).digest() for v in part.to_pylist()]


def test_a_sketch_keeps_the_low_bytes_of_the_signature_and_the_folded_terms_by_hand():
    seen = Duplicates().look(texts("short", LATIN, LONG))
    assert seen.sketches["row"].tolist() == [1, 2]
    slots, _ = signatures(pa.array([LATIN, LONG], pa.large_string()))
    assert np.array_equal(seen.sketches["slots"], (slots & 0xFF).astype(np.uint8))
    by_hand = [hashlib.sha256(" ".join(terms(t)).encode()).digest()[:16] for t in (LATIN, LONG)]
    assert [bytes(f) for f in seen.sketches["folded"]] == by_hand


def test_case_width_and_punctuation_fold_away_but_words_do_not():
    alike = Duplicates().look(texts(LATIN, LATIN.upper().replace(",", " ;"), LATIN.replace("provider", "consumer")))
    first, same, other = (bytes(f) for f in alike.sketches["folded"])
    assert first == same != other
    assert np.array_equal(alike.sketches["hashes"][0], alike.sketches["hashes"][1])
    assert not np.array_equal(alike.sketches["hashes"][0], alike.sketches["hashes"][2])


def test_the_length_from_which_records_are_compared_is_a_setting():
    just = " ".join(f"word{i}" for i in range(20))
    assert Duplicates().look(texts(just, just.rsplit(" ", 1)[0])).sketches["row"].tolist() == [0]
    assert Duplicates(shortest_terms=19).look(texts(just.rsplit(" ", 1)[0])).sketches["row"].tolist() == [0]


@pytest.mark.parametrize(("bad", "told"), [({"bands": 33}, "at most 32 bands"), ({"rows": 9}, "128 slots"), ({"shortest_terms": 0}, "at least 1")])  # fmt: skip
def test_bands_that_do_not_fit_are_refused(bad, told):
    with pytest.raises(ValueError, match=told):
        Duplicates(**bad)


def test_the_scheme_says_all_that_two_signatures_must_share():
    assert scheme_of(16, 8, 20) == Duplicates().scheme
    assert {
        "name",
        "seed",
        "slots",
        "shingle_terms",
        "fold",
        "bands",
        "rows",
        "shortest_terms",
    } <= Duplicates().scheme.keys()
    assert Duplicates().inputs() != Duplicates(bands=9, rows=13).inputs()


def test_the_datasketch_profile_is_what_datasketch_works_out():
    from datasketch import MinHashLSH

    index = MinHashLSH(threshold=0.8, num_perm=128)
    assert datasketch_bands(800_000) == (index.b, index.r) == (9, 13)


def test_bands_are_sorted_by_hash_then_row():
    columns = Duplicates().look(texts(*"badcab")).columns
    table = bands(ids_of(columns.column("content_id")), np.arange(6, dtype=np.uint32))
    assert table.schema.equals(BANDS)
    rows = list(zip(*table.to_pydict().values(), strict=True))
    assert rows == sorted(rows)
    assert {row: value for value, row in rows} == {
        row: value[:16] for row, value in enumerate(columns.column("content_id").to_pylist())
    }


def test_bands_take_the_row_numbers_they_are_given():
    columns = Duplicates().look(texts("a", "b")).columns
    chunked = pa.concat_tables([columns.slice(0, 1), columns.slice(1, 1)])
    ids = ids_of(chunked.column("content_id"))
    assert sorted(bands(ids, np.array([7, 9], np.uint32)).column("row").to_pylist()) == [7, 9]
    assert bands(ids[:0], np.zeros(0, np.uint32)).num_rows == 0
