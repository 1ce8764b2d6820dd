"""Lines and paragraphs are cut, hashed and counted as the plain reference says, on any bytes, with the kernel or without."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import kernels
from checks.kernels.line_calls import lines_of_rows
from checks.repetition import LINE, PARAGRAPH, Repetition
from checks.repetition.pieces import counted, pieces_of
from checks.repetition.reference import pieces
from checks.terms.fold import fold
from checks.terms.fold_rules import IGNORED, KIND_SHIFT
from checks.terms.reference import shingles
from tests.checks.whole import whole
from tests.kit.compiled import LARGE, strings
from tests.kit.records import records, texts

pytestmark = pytest.mark.usefixtures("library")

BLANK = ["\n", "\r\n", "\r", "\n\n", " ", "\t", "\u3000", "\u200b", "\ufeff", "\u2028", "\x85", "\x1c", "\xa0"]
INKED = ["word", "Words and words ", "a" * 17, "B" * 40, "中文", "第一条", "ガ", "ｶﾞ", "ﷺ", "㍿", "é", "e\u0301", "ﬁ", "1234 ", "-----", "。", "}", "😀", "ไทย"]  # fmt: skip
ILL_FORMED = [
    b"\x80",
    b"\xc2",
    b"\xe4",
    b"\xe4\xb8",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x98",
    b"\xf4\x90\x80\x80",
    b"\xff",
    b"\xe2\x80",
]
parts = st.one_of(
    st.sampled_from(BLANK + INKED).map(str.encode), st.sampled_from(ILL_FORMED), st.binary(max_size=3),
    st.characters(exclude_categories=("Cs",)).map(str.encode),
    st.integers(0, 80).map(lambda n: b"Ab 1 " * (n // 5) + b"z" * (n % 5)),
)  # fmt: skip
any_bytes = st.one_of(st.lists(parts, max_size=40).map(b"".join), st.binary(max_size=300))
columns = st.lists(st.none() | any_bytes, max_size=6)


def told(found):
    return list(zip(*(found[name].tolist() for name in ("row", "hash", "start", "end", "terms")), strict=True))


@settings(max_examples=400)
@given(values=columns, shortest=st.integers(1, 6))
@example(values=[b"a b c d e\r\nf g h i j\r\n\r\nk l m n o"], shortest=5)
@example(values=[b"a b c d e\rf g h i j", b"\n\n\n", b"\n", None, b"one\n"], shortest=1)
@example(values=["ﷺ\n㍿㍿\n\n第一条甲乙\u3000\n\u3000\n第一条甲乙".encode()], shortest=5)
@example(values=[b"x" * 5000 + b" y\n" + b"w " * 3000 + b"\n" + b"z" * 2047 + "é\n".encode()], shortest=1)
@example(values=["中".encode() * 5000 + b"\n\xe4\xb8\n\xed\xa0\x80" + "中".encode() * 9 + b"\nabcdefgh\n"], shortest=1)
@example(values=[b"a\n" * 3000, b"a b\n" * 3000 + b"\xff\n" * 9], shortest=1)
@example(values=[b"abcdefg\n" * 300 + b"abcdefgh" + "é\n".encode() + b"ij"], shortest=1)
def test_kernel_and_reference_agree_on_any_bytes(values, shortest):
    expected = [pieces(value or b"", shortest) for value in values]
    for kind in (LARGE, pa.string()):
        for which, found in enumerate(pieces_of(strings(values, kind), shortest)):
            assert told(found) == [
                (row, piece.hash, piece.start, piece.end, piece.terms)
                for row, both in enumerate(expected)
                for piece in both[which]
            ]


@settings(max_examples=120)
@given(values=columns)
@example(values=[b"x" * 5000 + b" y\n" + b"w " * 3000 + b"\n" + b"z" * 2047 + "é\n".encode()])
@example(values=["中".encode() * 5000 + b"\n\xe4\xb8\n" + b"a\n" * 3000 + b"abcdefgh\n"])
def test_every_set_of_instructions_gives_the_same(values):
    library, tables = kernels.library(), (fold().table, fold().expansions)
    best = [told(found) for found in lines_of_rows(library, strings(values), tables, 2)]
    for level in range(library.best_level()):
        assert [told(found) for found in lines_of_rows(library, strings(values), tables, 2, level)] == best
    with pytest.raises(ValueError, match="its source and its callers differ"):
        lines_of_rows(library, strings([b""]), tables, 2, library.best_level() + 1)


@settings(max_examples=60)
@given(values=columns, data=st.data())
def test_slices_are_read_from_their_own_first_row_and_the_fallback_is_equal(values, data):
    start = data.draw(st.integers(0, len(values)))
    part = strings(values).slice(start, data.draw(st.integers(0, len(values))))
    by_kernel = pieces_of(part, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "library", lambda: None)
        by_reference = pieces_of(part, 1)
    assert [told(found) for found in by_kernel] == [told(found) for found in by_reference]
    rows = np.arange(len(part), dtype=np.uint32)
    assert counted(by_kernel[0], rows).equals(counted(by_reference[0], rows))


def test_what_is_blank_is_white_space_and_what_shows_nothing_over_every_code_point():
    points = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and c != 0x0A]
    _, paragraphs = pieces_of(pa.array([f"a\n{chr(c)}\nb" for c in points], LARGE), 1)
    cut_in_two = np.bincount(paragraphs["row"], minlength=len(points)) == 2
    expected = {c for c in points if chr(c).isspace() or fold().table[c] >> KIND_SHIFT == IGNORED}
    assert {points[row] for row in np.flatnonzero(cut_in_two)} == expected
    assert {c for c in (0x20, 0x09, 0x200B, 0x3000, 0xFEFF, 0x2D, 0x41, 0x4E00) if len(pieces(f"a\n{chr(c)}\nb".encode(), 1)[1]) == 2} == {
        0x20, 0x09, 0x200B, 0x3000, 0xFEFF,
    }  # fmt: skip


def test_one_long_line_many_lines_and_room_that_runs_out():
    rng = np.random.default_rng(4)
    line = b"all work and no play " * (100 * (1 << 20) // 21)
    many = b"".join(b"%d %d %d %d %d\n" % tuple(row) for row in rng.integers(0, 1 << 30, (65_536, 5)).tolist())
    short = b"1 2 3 4 5\n" * 200_000  # more lines than the first room holds
    lines, paragraphs = pieces_of(strings([line, many, short, many]), 5)
    assert (lines["row"] == 0).sum() == 0
    (whole_line,) = paragraphs[paragraphs["row"] == 0]
    assert (whole_line["start"], whole_line["end"], whole_line["terms"]) == (0, len(line), 5 * (len(line) // 21))
    assert [(lines["row"] == row).sum() for row in (1, 2, 3)] == [65_536, 200_000, 65_536]
    table = counted(lines, np.arange(10, 14, dtype=np.uint32))
    assert table.num_rows == 65_537
    told = {row.pop("hash"): row for row in table.to_pylist()}
    five = told.pop(shingles(["1", "2", "3", "4", "5"], 5)[0])
    assert five == {"records": 1, "places": 200_000, "bytes": 9 * 200_000, "row": 12}
    assert {(t["records"], t["places"], t["row"]) for t in told.values()} == {(2, 2, 11)}


@pytest.mark.parametrize("offsets", [[0, 99, 3], [0, -1, 3], [0, 1 << 40, 3], [2, 1, 3]], ids=str)
def test_offsets_outside_the_data_are_refused(offsets, monkeypatch):
    text = pa.Array.from_buffers(LARGE, 2, [None, pa.py_buffer(np.array(offsets, np.int64)), pa.py_buffer(b"abc")])
    with pytest.raises(ValueError, match="offsets lie outside the data"):
        pieces_of(text, 1)
    monkeypatch.setattr(kernels, "library", lambda: None)
    with pytest.raises(ValueError, match="offsets lie outside the data"):
        pieces_of(text, 1)


def test_writing_in_another_width_case_or_punctuation_is_the_same_line():
    same = [
        "本网站版权所有：某某公司 2023 年", "本网站版权所有:某某公司2023年", "本網站版權所有", "本网站【版权所有】某某公司　２０２３年。",
        "Subscribe to our Newsletter — today!", "SUBSCRIBE to our newsletter, today", "Ｓｕｂｓｃｒｉｂｅ to\tour newsletter: today...",
    ]  # fmt: skip
    found = Repetition().look(texts(*same)).tables[PARAGRAPH].to_pylist()
    assert sorted((row["records"], row["row"]) for row in found) == [(1, 2), (3, 0), (3, 4)]
    assert {row["bytes"] for row in found if row["row"] == 0} == {sum(len(same[i].encode()) for i in (0, 1, 3))}


def test_hashes_never_change():
    golden = {
        "本网站内容版权所有，未经许可不得转载。": 0xAA59A9E647945F16,
        "２０２３年，共收录 1,204 份文件（其中 3 份无来源）": 0xCDE0C61574623886,
        "Subscribe to our Newsletter — today!": 0x8E53C03D2C199065,
    }
    assert {text: int(pieces_of(pa.array([text], LARGE), 5)[1]["hash"][0]) for text in golden} == golden


def test_a_paragraph_wrapped_anew_is_the_same_and_a_line_alone_is_no_line():
    wrapped = texts(
        "One two three four five six seven.", "One two three\nfour five six seven.\r\n\r\n", "\n \none two three four five\nsix seven",
    )  # fmt: skip
    seen = Repetition().look(wrapped)
    (paragraph,) = seen.tables[PARAGRAPH].to_pylist()
    assert (paragraph["records"], paragraph["places"]) == (3, 3)
    (line,) = seen.tables[LINE].to_pylist()
    assert (line["records"], line["row"], line["bytes"]) == (1, 2, len("one two three four five"))


def test_measures_count_what_is_long_enough():
    seen = Repetition().look(texts("一二三四五\n一二三四\n一二三四五六", "short", "一二三四五\n\n一二三四五"))
    assert Repetition().report(seen.total) == {
        "bytes": 15 + 1 + 12 + 1 + 18 + 5 + 32, "lines": 2, "line_bytes": 33, "paragraphs": 3, "paragraph_bytes": 47 + 30,
    }  # fmt: skip
    two = next(row for row in seen.tables[PARAGRAPH].to_pylist() if row["places"] == 2)
    assert (two["records"], two["row"], two["bytes"]) == (1, 2, 30)
    assert (
        Repetition(shortest_terms=4).report(Repetition(shortest_terms=4).look(texts("一二三四\n五六七八")).total)[
            "lines"
        ]
        == 2
    )


@settings(max_examples=60)
@given(values=st.lists(st.lists(st.sampled_from(["一二三四五", "a b c d e", "", "x y", "A B C, d e"]), max_size=6).map("\n".join), max_size=8),
       data=st.data())  # fmt: skip
def test_records_are_counted_once_however_the_rows_are_cut(values, data):
    batch = records([{"text": value} for value in values], first_row=7)
    cut = data.draw(st.integers(0, len(values)))
    check = Repetition()
    assert whole(check, [batch.slice(0, cut), batch.slice(cut)])["tables"] == whole(check, [batch])["tables"]
    for which, kind in enumerate((LINE, PARAGRAPH)):
        expected = {}
        for row, value in enumerate(values, 7):
            for piece in pieces(value.encode(), 5)[which]:
                told = expected.setdefault(piece.hash, {"rows": set(), "places": 0, "bytes": 0})
                told["rows"].add(row)
                told["places"] += 1
                told["bytes"] += piece.end - piece.start
        assert check.look(batch).tables[kind].to_pylist() == [
            {"hash": h, "records": len(t["rows"]), "places": t["places"], "bytes": t["bytes"], "row": min(t["rows"])}
            for h, t in sorted(expected.items())
        ]


@pytest.mark.parametrize("settings_", [{"shortest_terms": 0}, {"repeated_from": 1}])
def test_settings_that_count_nothing_or_everything_are_refused(settings_):
    with pytest.raises(ValueError, match="at least"):
        Repetition(**settings_)
