"""Fairness counts who is named as a person would count it, in Chinese and English, equal to a plain reference on any text."""

import json
import math
import re
from functools import cache

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import entropy

from checks.base import encode_tally
from checks.fairness import Fairness, lexicon_of, places
from checks.fairness.lexicon import GROUNDS, MOST_NAMES_BYTES
from checks.fairness.places import found_in
from checks.fairness.table import table_of
from checks.safety.scripts import TRADITIONAL
from tests.kit.records import records, texts

LEXICON = lexicon_of(())
TABLE = table_of(LEXICON)
WORDS = list(LEXICON.words)
ENDS = re.compile(r"[!?\n。！？]|\.(?=[\x00-\x20]|$)")


def places_in(array):
    """Row, sentence and word of every place; each word stands at the byte that is told."""
    parts = list(found_in(array, TABLE)) or [np.zeros((4, 0), np.int64)]
    row, sentence, word, at = (np.concatenate(column).tolist() for column in zip(*parts, strict=True))
    octets = [
        value or b""
        for value in array.cast(pa.large_binary() if array.type == pa.large_string() else pa.binary()).to_pylist()
    ]
    for of, number, place in zip(row, word, at, strict=True):
        wanted = {WORDS[number], WORDS[number].translate(TRADITIONAL)}
        assert any(
            octets[of][place : place + 40].replace(b"-", b" ").lower().startswith(one.lower().encode())
            for one in wanted
        )
    return [row, sentence, word]


def found(*values, kind=None):
    """Row by row the words found, each with the number of its sentence in the row."""
    rows = [[] for _ in values]
    for row, sentence, word in zip(*places_in(pa.array(values, kind or pa.large_string())), strict=True):
        rows[row].append((sentence, WORDS[word]))
    return [ranked(row) for row in rows]


@cache
def expression(word):
    inner = "[ -]".join(map(re.escape, word.split(" ")))
    return re.compile(rf"(?<![0-9A-Za-z_]){inner}(?![0-9A-Za-z_])", re.I | re.A)


def reference(text):
    """The same by regular expressions, one word after the other."""
    is_letter = re.compile(r"[\u00c0-\u037f\u1e00-\u1eff]")
    hits = []
    small = text.lower()
    for word in WORDS:
        if word.isascii():
            for hit in expression(word).finditer(text) if word.split(" ")[0].lower() in small else ():
                beside = text[max(hit.start() - 1, 0) : hit.start()] + text[hit.end() : hit.end() + 1]
                if not is_letter.search(beside) and (word[0].islower() or not word[0].isalpha() or hit[0][0].isupper()):
                    hits.append((hit.start(), hit.end(), word))
            continue
        for written in {word, word.translate(TRADITIONAL)}:
            hits += (
                [(i, i + len(word), word) for i in range(len(text)) if text.startswith(written, i)]
                if written in text
                else []
            )
    kept = []
    for start, end, word in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, word))
    ends = [m.start() for m in ENDS.finditer(text)]
    return ranked([(sum(at < start for at in ends), word) for start, _, word in kept])


def ranked(row):
    order = sorted({sentence for sentence, _ in row})
    return [(order.index(sentence), word) for sentence, word in row]


def named(*values, **settings):
    total = Fairness(read="full", **settings).look(texts(*values)).total
    return total["groups"], total


GOLDEN = [  # text -> words that a person would mark
    ("她是护士，他是医生。", ["她", "护士", "他", "医生"]),
    ("其他人弹吉他。", ["其他", "吉他"]),  # which are not counted
    ("他们说她们的狗是它", ["他们", "她们", "它"]),
    ("一个讲道德国家", ["道德国"]),
    ("德国与法国", ["德国", "法国"]),
    ("黄河南岸的河南人", ["黄河南", "河南"]),
    ("父母亲带着子女", ["父母", "子女"]),
    ("中國人、維吾爾族與護士", ["中国人", "维吾尔族", "护士"]),
    ("农民工和农民", ["农民工", "农民"]),
    ("确保安全的保安", ["保安全", "保安"]),
    ("上海南站", ["上海"]),
    ("残疾人坐轮椅", ["残疾人", "轮椅"]),
    ("Polish people polish tables", ["Polish"]),
    ("THE GERMANS; germans", ["Germans"]),
    ("An African-American nurse", ["African American", "nurse"]),
    ("people with disabilities", ["people with disabilities"]),
    ("womanhood, man_made, man2, men's", ["men"]),
    ("héros, hé, he", ["he"]),
    ("他说she很lazy啊man的", ["他", "she", "lazy", "man"]),
    ("ophelia: her", ["her"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "expected"), GOLDEN, ids=[text[:16] or "empty" for text, _ in GOLDEN])
def test_golden(text, expected):
    (fast,) = found(text)
    assert [word for _, word in fast] == expected
    assert fast == reference(text)


pieces = st.sampled_from(WORDS) | st.sampled_from([word.translate(TRADITIONAL) for word in WORDS if not word.isascii()])
between = st.sampled_from(
    ["", " ", "-", "。", "！", "？", ". ", ".", "\n", "的", "é", "ế", "s", "_", "7", "\u3002x", "\x81", "龥", "🀄", "'"]
)
mixed = st.lists(
    st.tuples(pieces | pieces.map(str.upper) | pieces.map(lambda w: w[: len(w) // 2]), between), max_size=8
).map(lambda parts: "".join(a + b for a, b in parts))


@settings(max_examples=120, deadline=None)
@given(values=st.lists(mixed | st.text(max_size=12), max_size=3))
@example(values=["middle-agedé middle aged people", "criminals criminal criminally"])
@example(values=["orthodox church Orthodox Church", "新教徒弟新教徒"])
def test_equal_to_the_reference(values):
    values = [value.encode("utf-8", "replace").decode() for value in values]
    assert found(*values) == [reference(value) for value in values]
    assert found(*values, kind=pa.string()) == found(*values)


def test_every_word_of_the_list_is_found_by_itself_and_written_traditionally():
    for word, row in zip(WORDS, found(*WORDS), strict=True):
        assert (0, word) in row
    assert found(*(word.translate(TRADITIONAL) for word in WORDS)) == found(*WORDS)


def test_bytes_that_are_no_utf8_hold_no_word_and_hide_none():
    values = [b"\xe5\xa5", b"\xe5\xe5\xa5\xb9\xff she\x80", b"\xe5\xa5\xb9\xe5", b"\xf0\x9f her"]
    offsets = np.cumsum([0, *map(len, values)]).astype(np.int64)
    array = pa.Array.from_buffers(
        pa.large_string(), len(values), [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(values))]
    )
    of_row, _, of_word = places_in(array)
    expected = [[word for _, word in reference(value.decode("utf-8", "replace"))] for value in values]
    rows = [[WORDS[w] for r, w in zip(of_row, of_word, strict=True) if r == i] for i in range(4)]
    assert rows == expected == [[], ["她", "she"], ["她"], ["her"]]


def test_nulls_slices_and_pieces_change_nothing(monkeypatch):
    values = ["她 nurse. he\n" * 7, None, "", "男人和女人！护士", None, "she\n" * 40, "壮族"]
    whole = found(*values)
    assert [len(row) for row in whole] == [21, 0, 0, 3, 0, 40, 1]
    assert len(places_in(pa.array(["她", *values], pa.large_string())[1:])[0]) == 65
    counts = named(*(value or "" for value in values))[1]
    monkeypatch.setattr(places, "PIECE_BYTES", 24)
    assert found(*values) == whole
    assert named(*(value or "" for value in values))[1] == counts


def test_a_long_line_without_end_is_read_in_pieces_that_follow_from_its_row():
    long = "她" * 300_000  # 900 kB, no line feed
    alone = found(long)
    assert found("护士", long, "x")[1] == alone[0]
    assert len(alone[0]) == 300_000  # no cut goes through a character


def test_counts_of_a_group_are_records_places_sentences_and_those_with_a_negative_word():
    groups, total = named("壮族人来了。壮族与汉族，很懒惰！壮族", "他说壮族是危险的", "Nothing here")
    assert groups["ethnicity"] == {"zhuang": [2, 4, 4, 2], "han": [1, 1, 1, 1]}
    assert total["grounds"] == {"ethnicity": 2}
    assert total["mention_records"] == 2
    assert total["negative_sentences"] == 2
    assert total["pronouns"] == {"zh-he": [1, 1]}


def test_occupations_stand_with_gender_words_and_pronouns_of_the_same_sentence_alone():
    _, total = named(
        "The nurse took her bag. A man came.",
        "护士是男性，她不是。护士",
        "The engineers and their wives? He is an engineer.",
    )
    assert total["occupations"] == {"nurse": [2, 1], "engineer": [1, 1]}


def test_the_measures_are_what_a_person_computes():
    check = Fairness(read="full")
    report = check.report(check.look(texts("男人男人女人", "德国、法国、日本、日本。日本很落后")).total)
    assert report["gender_mentions"] == 3
    assert report["gender_effective_groups_milli"] == round(1000 * math.exp(entropy([2, 1])))
    assert report["gender_top_ppm"] == 666_667
    assert report["country_effective_groups_milli"] == round(1000 * math.exp(entropy([1, 1, 3])))
    assert report["country_groups"] == 3
    assert report["country_negative_ppm"] == 250_000  # of four pairs of sentence and group one
    assert report["belief_records"] == 0
    assert report["belief_effective_groups_milli"] is None
    assert report["grounds"] == len(GROUNDS) == 8


def test_by_default_few_records_are_read_and_figures_say_how_many():
    values = [f"护士 {n}" for n in range(4000)]
    check = Fairness()
    report = check.report(check.look(texts(*values)).total)
    assert 40 <= report["drawn_records"] <= 130  # 80 expected
    assert report["occupation_records"] == report["drawn_records"] == report["mention_records"]
    assert report["drawn_records_ppm"] == report["drawn_records"] * 250
    nothing = check.report(check.look(texts("护士")).total)
    assert nothing["records"] == 1
    assert nothing["drawn_records"] == 0
    assert nothing["occupation_records"] is None
    assert check.look(records([])).total == check.zero()


def test_a_tally_holds_ids_of_the_lexicon_and_nothing_of_a_text():
    ids = {part for group in LEXICON.groups for part in group} | set(LEXICON.pronouns)
    _, total = named("张伟明 is a nurse, she lives in 上海 at secret-place 4711", "secret-place 她 engineer")
    told = json.loads(encode_tally(total))
    assert told["groups"]
    keys = (
        {k for of in told["groups"].values() for k in of}
        | set(told["groups"])
        | set(told["pronouns"])
        | set(told["occupations"])
    )
    assert keys <= ids
    assert "secret" not in json.dumps(told)


def test_the_tally_of_every_group_at_its_most_is_within_its_bound():
    check = Fairness()
    ids = [(ground, f"g{'x' * 28}{n:03d}") for n, ground in enumerate(GROUNDS * 28)]
    assert sum(len(group) + 8 for _, group in ids) <= MOST_NAMES_BYTES
    most = 10**12
    tally = check.zero() | dict.fromkeys(
        ("records", "drawn_records", "drawn_bytes", "mention_records", "negative_sentences"), most
    )
    tally["grounds"] = dict.fromkeys(GROUNDS, most)
    for ground, group in ids:
        tally["groups"].setdefault(ground, {})[group] = [most] * 4
    tally["pronouns"] = {name: [most] * 2 for name in LEXICON.pronouns}
    tally["occupations"] = {group: [most] * 2 for ground, group in ids if ground == "occupation"}
    assert len(encode_tally(tally)) <= check.tally_bytes
