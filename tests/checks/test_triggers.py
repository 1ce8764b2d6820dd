"""The multi-pattern scan: the same lines from either engine, for every cut and form of a column."""

import pickle
import re
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.licence.evidence import TRIGGERS as LICENCE
from checks.personal.spot import TRIGGERS as PERSONAL
from checks.triggers import ENGINES, Hits, PatternSet, Places, engine, hit_lines, scan, scanned_together, scanning

WORDS = PatternSet(
    (
        ("digits", r"(?:^|[^0-9\n])[0-9]{3}"),
        ("at", "@"),
        ("owned", "版(?:权|權)所有"),
        ("case", "(?i)licence"),
    )
)
ENGINES_HERE = [name for name in ENGINES if name == "re2" or engine() == "hyperscan"]
ROWS = [
    "no match here",
    "first 123\nsecond\nthird a@b",
    None,
    "",
    "\n\n12",  # the next row begins with a digit: 12 and 3 are no 123
    "3",
    "本站版权所有，LICENCE",
    "版",  # the next row begins with the rest of the word
    "权所有\n@@@@ 456\r\n",
]
EXPECTED = [
    (1, 0, 9, 0b0001),
    (1, 17, 26, 0b0010),
    (6, 0, 28, 0b1100),
    (8, 10, 19, 0b0011),
]
ALPHABET = st.sampled_from(
    [
        *list("0123456789@ \n\r-.版权權所有licenceLICENCE未经许可转载©é😀"),
        "版权所有",
        "a@b.cn",
        "13800",
        "SPDX-License-Identifier: ",
    ]
)
TEXTS = st.lists(st.none() | st.lists(ALPHABET, max_size=12).map("".join), max_size=8)


def listed(hits: Hits) -> list[tuple[int, int, int, int]]:
    return list(zip(*(column.tolist() for column in hits)))


def by_hand(rows: list[str | None], patterns: PatternSet) -> list[tuple[int, int, int, int]]:
    """The definition: split every row at line feeds, try every expression on every line's bytes."""
    found = []
    for row, text in enumerate(rows):
        at = 0
        for line in (text or "").encode().split(b"\n"):
            mask = sum(1 << i for i, e in enumerate(patterns.expressions) if re.search(e.encode(), line))
            if mask:
                found.append((row, at, at + len(line), mask))
            at += len(line) + 1
    return found


@pytest.mark.parametrize("with_engine", ENGINES_HERE)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_hit_lines_of_a_column_with_nulls_and_empty_rows(with_engine, kind):
    array = pa.array(ROWS, kind)
    assert listed(scan(array, WORDS, with_engine)) == EXPECTED
    assert [line.value.decode() for line in hit_lines(array, scan(array, WORDS, with_engine))] == [
        "first 123", "third a@b", "本站版权所有，LICENCE", "@@@@ 456\r",
    ]  # fmt: skip


@pytest.mark.parametrize("with_engine", ENGINES_HERE)
def test_a_slice_is_read_from_its_offset(with_engine):
    array = pa.array(["@@", *ROWS, "@@"], pa.large_string())[1 : 1 + len(ROWS)]
    assert listed(scan(array, WORDS, with_engine)) == EXPECTED
    assert listed(scan(array[6:7], WORDS, with_engine)) == [(0, 0, 28, 0b1100)]
    assert [line.row for line in hit_lines(array[6:], scan(array[6:], WORDS, with_engine))] == [0, 2]


@pytest.mark.parametrize("with_engine", ENGINES_HERE)
@pytest.mark.parametrize("rows", [[], [None], [""], ["", None, ""]])
def test_nothing_in_nothing_out(with_engine, rows):
    assert listed(scan(pa.array(rows, pa.large_string()), WORDS, with_engine)) == []


@settings(max_examples=150, deadline=None)
@given(rows=TEXTS, cut=st.integers(0, 8))
@pytest.mark.parametrize("patterns", [WORDS, PERSONAL, LICENCE], ids=["words", "personal", "licence"])
def test_both_engines_say_what_the_definition_says(patterns, rows, cut):
    array = pa.array(rows, pa.large_string())[cut:]
    expected = by_hand(rows[cut:], patterns)
    for name in ENGINES_HERE:
        assert listed(scan(array, patterns, name)) == expected


@pytest.mark.parametrize("with_engine", ENGINES_HERE)
@pytest.mark.parametrize("line", ["1" * 400_000, "@" * 200_000, "1@" * 100_000, "版权所有" * 50_000, "@\n" * 50_000])
def test_hostile_lines_give_a_line_a_hit_and_no_more(with_engine, line):
    hits = scan(pa.array(["x", line, "y"], pa.large_string()), WORDS, with_engine)
    assert len(hits.row) == max(1, line.count("\n"))
    assert set(hits.row.tolist()) == {1}
    assert int(hits.end_byte[-1]) == len(line.encode().rstrip(b"\n"))


@pytest.mark.parametrize("with_engine", ENGINES_HERE)
def test_eight_threads_agree(with_engine):
    array = pa.array(ROWS * 200, pa.large_string())
    expected = listed(scan(array, WORDS, with_engine))
    with ThreadPoolExecutor(8) as pool:
        assert all(listed(hits) == expected for hits in pool.map(lambda _: scan(array, WORDS, with_engine), range(32)))


def test_a_column_past_one_scan_is_halved(monkeypatch):
    monkeypatch.setattr("checks.triggers.scanning._LONGEST_SCAN_BYTES", 16)
    assert listed(scan(pa.array(ROWS, pa.large_string()), WORDS)) == EXPECTED


@given(st.lists(TEXTS, min_size=1, max_size=3))
@settings(deadline=None, max_examples=40)
def test_sets_that_are_scanned_together_find_what_each_finds_alone(columns):
    sets = (WORDS, PERSONAL, LICENCE)  # more patterns than one mask has bits
    alone = [[listed(scan(pa.array(rows, pa.string()), one)) for one in sets] for rows in columns]
    with scanned_together(sets):
        arrays = [pa.array(rows, pa.string()) for rows in columns]
        assert [[listed(scan(array, one)) for one in sets] for array in arrays] == alone
        other = PatternSet((("b", "b"),))  # one that nobody named is looked for by itself
        assert listed(scan(arrays[0], other)) == by_hand(columns[0], other)
        with scanned_together([]):
            assert listed(scan(arrays[-1], WORDS)) == alone[-1][0]
        assert [listed(scan(arrays[-1], one)) for one in reversed(sets)] == alone[-1][::-1]


def test_one_walk_serves_all_sets_that_are_scanned_together(monkeypatch):
    walks = []
    whole = scanning.lines_by_hyperscan
    monkeypatch.setattr(scanning, "lines_by_hyperscan", lambda view, e: walks.append(len(e)) or whole(view, e))
    array = pa.array(ROWS, pa.string())
    with scanned_together((WORDS, LICENCE)):
        first, second = scan(array, WORDS, "hyperscan"), scan(array, LICENCE, "hyperscan")
    assert walks == [len(WORDS.patterns) + len(LICENCE.patterns)]
    assert listed(first) == EXPECTED
    assert listed(second) == by_hand(ROWS, LICENCE)


def test_a_set_pickles_and_keeps_its_digest():
    again = pickle.loads(pickle.dumps(WORDS))
    assert (again, again.digest) == (WORDS, WORDS.digest)
    assert WORDS.digest != PatternSet(WORDS.patterns[1:]).digest


def test_masks_are_found_by_name_and_family():
    patterns = PatternSet((("a.one", "1"), ("b", "2"), ("a.two", "3")))
    assert (patterns.mask("a."), patterns.mask("b"), patterns.mask("b", "a.two")) == (0b101, 0b010, 0b110)
    with pytest.raises(KeyError, match="none of"):
        patterns.mask("c")


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [("[权權]", "beyond ASCII"), ("[^。]x", "beyond ASCII"), ("权?", "quantifier"), ("权{2}", "quantifier")],
)
def test_expressions_that_bytes_would_change_are_refused(expression, complaint):
    with pytest.raises(ValueError, match=complaint):
        PatternSet((("bad", expression),))


def test_more_patterns_than_a_mask_holds_are_refused():
    with pytest.raises(ValueError, match="at most 63"):
        PatternSet(tuple((str(n), str(n)) for n in range(64)))


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.text(max_size=20), min_size=1, max_size=5), data=st.data())
def test_places_are_code_points(rows, data):
    places = Places(pa.array(["x", *rows], pa.large_string())[1:])
    for row, text in enumerate(rows):
        assert places.length(row) == len(text)
        for point in sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4))):
            assert places.at(row, len(text[:point].encode())) == point


def test_a_column_is_scanned_once_for_all_whatever_short_texts_are_looked_at_between(monkeypatch):
    walked = []
    plain = scanning.lines_by_hyperscan
    monkeypatch.setattr(
        scanning, "lines_by_hyperscan", lambda view, expressions: walked.append(len(view)) or plain(view, expressions)
    )
    first, second = PatternSet((("a", "b"),)), PatternSet((("c", "d"),))
    column = pa.array(["ab" * 999, "cd" * 999])
    with scanned_together((first, second)):
        scan(column, first, "hyperscan")
        for number in range(3):
            scan(pa.array([f"short {number}"]), first, "hyperscan")
        assert len(scan(column, second, "hyperscan").row) == 1
    assert sum(size > 99 for size in walked) == 1
