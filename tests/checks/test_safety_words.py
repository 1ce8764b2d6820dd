"""Words of a lexicon: base forms, ways of writing, places; the plain search and hyperscan find the same."""

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks.safety.literals import word_places
from checks.safety.scripts import SIMPLIFIED, TRADITIONAL
from checks.safety.words import LEAST_BYTES, WordSet, base_form, stands_alone, written
from checks.triggers import ENGINES


def found(words, *texts, engine=None):
    return [
        tuple(map(int, one))
        for one in zip(*word_places(pa.array(texts, pa.large_string()), WordSet(words), engine), strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("ＡＢＣ　赌场", "abc 赌场"), ("賭場", "赌场"), ("赌\u200b场", "赌场"), ("Hacker\tTool\n", "hacker tool"), ("\x00\x07", ""), ("", ""),
        ("ﬁx", "fix"), ("ß", "ss"), ("  a  b ", "a b"), ("\ufeff\u00ad", ""), ("｡＊［", "。*["),
    ],
)  # fmt: skip
def test_a_word_has_one_base_form_however_it_is_written(text, base):
    assert base_form(text) == base
    assert base_form(base_form(text)) == base


@given(st.text(max_size=40))
@example("㎏①ﬀ")
def test_a_base_form_is_its_own_and_holds_nothing_that_shows_nothing(text):
    base = base_form(text)
    assert base_form(base) == base
    assert "\n" not in base
    assert base == base.strip()


def test_pairs_of_scripts_are_characters_of_either_national_set_and_go_both_ways():
    for simplified, traditional in TRADITIONAL.items():
        assert chr(simplified).encode("gb2312")
        assert traditional.encode("big5")
        assert SIMPLIFIED[ord(traditional)] == chr(simplified)
    assert len(TRADITIONAL) > 700


def test_a_word_is_found_in_every_way_it_is_sought():
    words = ("网上赌场", "ai脱衣", "hacker tool")
    texts = ("在網上賭場玩", "ＡＩ脱衣 AI脱衣", "HACKER Tool.", "hacker tools", "xhacker tool", "网上 赌场")
    for engine in ENGINES:
        assert found(words, *texts, engine=engine) == [(0, 3, 15, 0), (1, 0, 12, 1), (1, 13, 21, 1), (2, 0, 11, 2)]


def test_without_hyperscan_the_same_is_found():
    texts = ("在網上賭場玩 HACKER Tool hacker tools", "", "网上赌场网上赌场")
    words = ("网上赌场", "赌场", "hacker tool", "网上赌场网")
    assert found(words, *texts, engine="re2") == found(words, *texts, engine="hyperscan")
    assert len(found(words, *texts, engine="re2")) == 8


_words = st.lists(
    st.text("ab赌博*. (\\[", min_size=3, max_size=5).filter(lambda w: len(w.encode()) >= LEAST_BYTES),
    min_size=1,
    max_size=5,
    unique=True,
)


@settings(max_examples=60, deadline=None)
@given(words=_words, texts=st.lists(st.text("abＡ赌賭博*. (\\[\n\x00é", max_size=30), max_size=4))
def test_both_engines_find_equal_places(words, texts):
    words = tuple(dict.fromkeys(base for word in words if len((base := base_form(word)).encode()) >= LEAST_BYTES)) or (
        "赌博",
    )
    assert found(words, *texts, engine="hyperscan") == found(words, *texts, engine="re2")
    for row, start, end, word in found(words, *texts):
        assert texts[row].encode()[start:end].decode().lower() in {form.lower() for form in written(words[word])}


def test_no_match_straddles_two_rows_and_none_is_lost_at_an_edge():
    assert found(("赌博网",), "赌博", "网", "赌博网", "x赌博网") == [(2, 0, 9, 0), (3, 1, 10, 0)]


def test_a_slice_and_nulls_are_read_as_they_stand():
    column = pa.array(["赌博网", None, "a赌博网", "赌博网"], pa.large_string())
    places = word_places(column[1:3], WordSet(("赌博网",)))
    assert places.row.tolist() == [1]
    assert places.start_byte.tolist() == [1]
    narrow = word_places(pa.array(["赌博网", None], pa.string()), WordSet(("赌博网",)))
    assert narrow.row.tolist() == [0]


def test_metacharacters_are_characters():
    assert found((".*[", "a+)("), "x.*[y a+)( aa", engine="hyperscan") == [(0, 1, 4, 0), (0, 6, 10, 1)]


def test_too_short_a_word_is_refused_and_none_are_sought_in_nothing():
    with pytest.raises(ValueError, match="shorter than 3 bytes"):
        WordSet(("ab",))
    assert found((), "abc") == []
    assert found(("abc",)) == []


def test_words_with_letters_at_an_end_stand_alone():
    assert stands_alone(b"a hacker b", 2, 8)
    assert not stands_alone(b"hackers", 0, 6)
    assert not stands_alone(b"1abc", 1, 4)
    assert stands_alone("的abc的".encode(), 3, 6)
