"""Quality counts mean what they are called, in Chinese too, and equal the plain reference on any text."""

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks.quality import COUNTS, FURTHER, Quality, counts_of
from checks.quality.reference import COUNTED as CLASSES_COUNTED
from checks.quality.reference import class_of, count
from checks.signs import count as counting
from checks.signs import count_signs, signs_of
from tests.kit.record_corpus import kit_corpus
from tests.kit.records import records, texts

SHARP = "abZ 19\n\n \t.,中国檔档的のカ한ไà ÂÃéÉ…”»\x80½©锟斤拷烫烫烫屯\ufeff\u200b😀\U00020000\U0010ffff\u0301，（“—①\u200d\ufe0f\r々〇é\u2028"
any_text = st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from(SHARP), max_size=60)
columns_of_text = st.lists(any_text, max_size=6)


def counted(values, kind=None):
    counts = counts_of(count_signs(pa.array(values, kind or pa.large_string())))
    return [{name: int(column[i]) for name, column in counts.items()} for i in range(len(values))]


GOLDEN = [  # text -> what a person counts in it
    ("", {"bytes": 0, "chars": 0, "lines": 0, "inked_lines": 0, "words": 0}),
    ("Hello, World 42!\n", {"bytes": 17, "chars": 17, "lines": 1, "inked_lines": 1, "words": 3, "lower": 8, "upper": 2,
                            "digits": 2, "ascii_punct": 2, "spaces": 2, "newlines": 1}),
    ("你好，世界。", {"bytes": 18, "chars": 6, "lines": 1, "words": 4, "han": 4, "cjk_punct": 2, "spaces": 0}),
    ("用GPT4写2段 code", {"words": 6, "han": 3, "upper": 3, "lower": 4, "digits": 2, "spaces": 1}),
    ("カタカナとひらがな漢字", {"words": 11, "kana": 9, "han": 2}),
    ("한국어 문장", {"words": 5, "hangul": 5, "spaces": 1}),
    ("ภาษาไทย", {"words": 7, "thai": 7}),
    ("naïve Übermaß", {"words": 2, "letters": 3, "lower": 9, "upper": 0, "mojibake": 0}),
    ("हिन्दी", {"words": 1, "letters": 6}),  # signs within a word do not break it
    ("a\n\n  \n\tb\n", {"lines": 4, "inked_lines": 2, "newlines": 4, "spaces": 3}),
    ("　全角　空格", {"spaces": 2, "han": 4, "words": 4}),
    ("bell\x07\ufffd\ufeff\u200b\ue000", {"bad": 5, "words": 1}),
    ("ä½\u00a0å¥½", {"mojibake": 2}),  # 你好
    ("CafÃ©", {"mojibake": 1}),
    ("锟斤拷锟斤拷", {"mojibake": 2}),
    ("水很烫烫手", {"mojibake": 0}),
    ("« à », “café…”", {"mojibake": 0}),
    ("①②〇々", {"symbols": 2, "han": 2, "words": 2}),
    ("❤\ufe0f1\u20e3", {"symbols": 2, "format": 1, "digits": 1, "words": 1}),
    ("１２３ＡＢ", {"digits": 3, "letters": 2, "words": 1}),
    ("𠀀😀", {"bytes": 8, "chars": 2, "han": 1, "symbols": 1, "words": 1}),
    ("“”…—", {"other_punct": 4, "cjk_punct": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), GOLDEN, ids=[repr(text)[:20] for text, _ in GOLDEN])
def test_golden(text, expected):
    (fast,), slow = counted([text]), count(text)
    assert {name: fast[name] for name in expected} == expected
    assert fast == slow


@settings(max_examples=300)
@given(values=columns_of_text)
@example(values=["烫" * 9, "", "锟", "斤拷"])
@example(values=["ä½", "\u00a0å¥½"])
def test_equal_to_the_reference(values):
    assert counted(values) == [count(text) for text in values]
    assert counted(values, pa.string()) == counted(values)


@settings(max_examples=150)
@given(values=columns_of_text, piece_bytes=st.integers(4, 40))
def test_pieces_of_long_rows_join_without_a_seam(values, piece_bytes):
    before = counting.PIECE_BYTES
    counting.PIECE_BYTES = piece_bytes
    try:
        assert counted(values) == [count(text) for text in values]
    finally:
        counting.PIECE_BYTES = before


def test_every_code_point_has_the_class_of_the_reference():
    for plane in range(17):
        points = [chr(c) for c in range(plane << 16, (plane + 1) << 16) if not 0xD800 <= c < 0xE000]
        counts = counts_of(count_signs(pa.array(points, pa.large_string())))
        classes = np.array([class_of(point) for point in points])
        for name in CLASSES_COUNTED:
            assert np.array_equal(counts[name] == 1, classes == name), (plane, name)


def test_nulls_and_slices():
    array = pa.array(["ab", None, "", "中文", None, "c d"], pa.large_string())
    assert counts_of(count_signs(array))["words"].tolist() == [1, 0, 0, 2, 0, 2]
    assert counts_of(count_signs(array.slice(3)))["words"].tolist() == [2, 0, 2]
    assert counts_of(count_signs(array.slice(6)))["words"].tolist() == []
    assert counts_of(count_signs(pa.array([None, None], pa.string())))["bytes"].tolist() == [0, 0]


@settings(max_examples=150)
@given(values=st.lists(st.binary(max_size=12), max_size=5))
@example(values=[b"\x80\x80", b"\xe4a\xb8", b"\xf0\x9f", b"ok"])
def test_bytes_that_are_no_utf8_do_no_harm(values):
    offsets = np.cumsum([0, *map(len, values)]).astype(np.int64)
    array = pa.Array.from_buffers(
        pa.large_string(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(values))]
    )
    signs = count_signs(array)
    assert signs.text_bytes.tolist() == [len(value) for value in values]
    assert (signs.chars <= signs.text_bytes).all()
    assert (signs.classes >= 0).all()


def test_a_huge_document_takes_bounded_memory():
    batch = texts("word 字\n" * 3_000_000)  # 27 MB
    tracemalloc.start()
    counts = counts_of(count_signs(batch.column("text")))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert counts["words"].tolist() == [6_000_000]
    assert counts["inked_lines"].tolist() == [3_000_000]
    assert peak_bytes < 40 << 20


def test_the_memo_answers_for_the_same_rows_alone():
    batch = texts("one two", "three", "four five six")
    first = signs_of(batch)
    assert signs_of(batch) is first
    assert signs_of(batch.select(["text"])) is first  # the same buffers under another wrapper
    assert signs_of(batch.slice(1)).words.tolist() == [1, 3]
    assert signs_of(texts("other")).words.tolist() == [1]


def test_tally_of_the_kit_chinese():
    check = Quality()
    seen = check.look(kit_corpus()["zh"])
    assert seen.columns.column_names == [*COUNTS, *FURTHER]
    for name in COUNTS:
        assert seen.total["sums"][name] == sum(seen.columns.column(name).to_pylist())
    report = check.report(seen.total)
    assert report["records"] == 5
    assert 700_000 < report["han_ppm"] < 900_000


def test_report_by_hand():
    check = Quality()
    report = check.report(check.look(texts("", "  \n", "a b", "坏\ufffd", "CafÃ©", "一二三四五")).total)
    assert report["records"] == 6
    assert report["empty_records"] == 2
    assert (report["damaged_records"], report["damaged_records_ppm"]) == (1, 166_666)
    assert (report["mojibake_records"], report["mojibake_records_ppm"]) == (1, 166_666)
    assert report["median_words"] == 1
    assert check.report(check.zero())["median_words"] is None
    assert check.report(check.zero())["han_ppm"] is None


def test_histograms_are_by_bit_length():
    total = Quality().look(records([{"text": "字" * n} for n in (0, 1, 2, 3, 4, 1023, 1024)])).total
    assert total["words_log2"][:12] == [1, 1, 2, 1, 0, 0, 0, 0, 0, 0, 1, 1]
    assert sum(total["words_log2"]) == sum(total["chars_log2"]) == 7
