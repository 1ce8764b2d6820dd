"""Items of evaluation sets in records: found where terms in a row are the same, told with set, item, span and overlap."""

from base64 import b64encode
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import kernels
from checks.base import encode_tally
from checks.contamination import ENTRIES, MOST_ITEMS, Contamination, use_index
from checks.contamination.index import byte_places
from checks.terms.reference import placed_terms, shingles
from schemas.errors import LedgerError
from tests.checks.whole import whole
from tests.kit.evaluation import seeking
from tests.kit.record_corpus import kit_corpus
from tests.kit.records import texts

EN = (
    "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. "
    "How many clips did Natalia sell altogether in April and May?"
)
ZH = "某商店第一天卖出苹果三十六千克，第二天卖出的苹果比第一天的两倍还多四千克，两天一共卖出苹果多少千克？请写出过程。"
PPM = 1_000_000


def found(check, *values):
    seen = check.look(texts(*values))
    return [(f["row"], f["rule"], f["item"], values[f["row"]][f["start"] : f["end"]], f["score_ppm"])
            for f in seen.findings.to_pylist()]  # fmt: skip


def words(count, first=0):
    return " ".join(f"w{i}" for i in range(first, first + count))


def han(count, first=0):
    return "".join(chr(0x4E00 + i) for i in range(first, first + count))


def test_a_copy_is_found_whatever_its_case_spacing_and_punctuation():
    check = seeking({"gsm8k": [EN], "ceval": [ZH]})
    copies = [
        EN,
        EN.upper().replace(" ", "\n\t"),
        "before: " + EN + " after",
        ZH,
        f"前文。{ZH}后文。",
        ZH.replace("，", " "),
    ]
    hits = found(check, "nothing of it " * 20, *copies)
    assert [(row, rule, item, ppm) for row, rule, item, _, ppm in hits] == [
        *((row, "contamination.gsm8k", 1, PPM) for row in (1, 2, 3)),
        *((row, "contamination.ceval", 1, PPM) for row in (4, 5, 6)),
    ]
    assert hits[0][3] == EN[:-1]  # the question mark is no term
    assert hits[2][3] == EN[:-1]
    assert hits[4][3] == ZH[:-1]


@pytest.mark.parametrize(("make", "width"), [(words, 13), (han, 30)])
def test_a_copy_of_as_many_terms_as_the_width_is_found_and_of_one_less_is_not(make, width):
    check = seeking({"set": [make(width + 20)]})
    for start in (0, 7, 20):
        whole_shingle, one_less = make(width, start), make(width - 1, start)
        assert [hit[3] for hit in found(check, whole_shingle)] == [whole_shingle]
        assert found(check, one_less) == []
        assert [hit[4] for hit in found(check, f"的 {whole_shingle} x")] == [PPM // 21]
    assert found(check, make(width - 1) + "的 x " + make(width - 1, width)) == []


@pytest.mark.parametrize(("make", "width"), [(words, 13), (han, 30)])
def test_an_item_one_term_short_of_the_width_is_counted_and_not_sought(make, width):
    check = seeking({"set": [make(width - 1), make(width, 100), "", make(width - 1) + "！"]})
    assert (check.items, check.sought, check.too_short, check.repeated, check.wording) == ((4,), (1,), (3,), (0,), (0,))
    assert [hit[2] for hit in found(check, make(width - 1), make(width, 100))] == [2]
    assert check.report(check.zero())["items_too_short"] == 3


def test_thirteen_han_characters_are_no_evidence_in_chinese_text_and_thirty_are():
    check = seeking({"laws": [han(60)]})
    assert found(check, han(29) + "而且" + han(29, 30)) == []
    assert [hit[4] for hit in found(check, han(30))] == [PPM // 31]
    quoting = words(200) + " " + han(13) + " " + words(200)
    assert [hit[3] for hit in found(check, quoting)] == [han(13)]  # a text that is mostly English has 13-term shingles


def test_an_english_item_in_chinese_text_wants_thirty_terms():
    check = seeking({"long": [words(40)], "short": [words(20, 100)]})
    long, short = han(300, 1000) + words(40) + "。", han(300, 1000) + words(20, 100) + "。"
    assert [(hit[1], hit[4]) for hit in found(check, long, short)] == [("contamination.long", PPM)]


def test_an_edited_copy_gives_the_spans_on_either_side_and_the_share_that_is_left():
    check = seeking({"set": [words(60)]})
    edited = words(30) + " changed " + words(29, 31)
    hits = found(check, edited)
    assert [hit[3] for hit in hits] == [words(30), words(29, 31)]
    assert {hit[4] for hit in hits} == {(18 + 17) * PPM // 48}


def test_several_items_and_sets_in_one_record_each_have_their_own_span():
    check = seeking({"a": [words(20), words(20, 20)], "b": [words(25, 10)]})
    hits = found(check, words(40))
    assert hits == [
        (0, "contamination.a", 1, words(20), PPM),
        (0, "contamination.a", 2, words(20, 20), PPM),
        (0, "contamination.b", 1, words(25, 10), PPM),
    ]


def test_a_repeated_item_is_sought_once_and_wording_of_the_set_not_at_all():
    prefix = words(40)
    items = [EN, EN.lower(), *(f"{prefix} {words(15, 1000 * n)}" for n in range(1, 31)), prefix]
    check = seeking({"set": items})
    assert (check.items, check.sought, check.repeated, check.wording) == ((33,), (31,), (1,), (1,))
    assert found(check, prefix) == []  # thirty items share these shingles, so they tell of none
    assert [hit[2] for hit in found(check, EN)] == [1]
    assert [(hit[2], hit[4]) for hit in found(check, words(15, 5000))] == [(7, 3 * PPM // 15)]
    assert check.report(check.zero())["items_set_aside"] == 2


def test_of_one_item_in_one_record_so_many_spans_are_listed_and_all_counted():
    check = seeking({"set": [EN]})
    seen = check.look(texts("\n".join(f"{n} {EN} {n}!" for n in range(40)), EN))
    assert Counter(f["row"] for f in seen.findings.to_pylist()) == {0: 16, 1: 1}
    assert seen.total["spans"] == 41
    assert seen.total["contaminated"] == 2


def test_bytes_and_code_points_name_the_same_place():
    check = seeking({"gsm8k": [EN], "ceval": [ZH]})
    values = [f"😀é {EN} 😀", f"《书》{ZH}😀后", EN, "é" * 3_000_000 + " " + EN + " 😀"]
    for f in check.look(texts(*values)).findings.to_pylist():
        text = values[f["row"]]
        assert text.encode()[f["start_byte"] : f["end_byte"]].decode() == text[f["start"] : f["end"]]
    assert len(found(check, *values)) == 4


def test_nulls_slices_and_bytes_that_are_no_utf_8_do_no_harm():
    check = seeking({"gsm8k": [EN]})
    broken = pa.array([b"\xff\xf0\x9f " + EN.encode()], pa.large_binary())
    text = pa.concat_arrays([pa.array([None, EN, "", None, EN], pa.large_string()), broken.view(pa.large_string())])
    batch = texts(*[""] * 6)
    batch = pa.RecordBatch.from_arrays(
        [text if name == "text" else batch.column(name) for name in batch.schema.names], names=batch.schema.names
    )
    whole_batch, later = check.look(batch), check.look(batch.slice(3))
    assert whole_batch.findings.column("row").to_pylist() == [1, 4, 5]
    assert later.findings.column("row").to_pylist() == [4, 5]
    last = whole_batch.findings.to_pylist()[-1]
    assert (last["start"], last["start_byte"], last["end_byte"]) == (3, None, None)  # two parts ill-formed, and a space
    assert last["end"] - last["start"] == len(EN) - 1


def test_a_huge_record_is_searched_to_both_its_ends():
    check = seeking({"gsm8k": [EN], "ceval": [ZH]})
    for item, filling in ((EN, words(300_000, 10)), (ZH, han(19_000) * 40)):
        hits = found(check, f"{item}\n{filling}\n{item}")
        assert [hit[3] for hit in hits] == [item[:-1]] * 2


def test_without_the_kernels_it_finds_the_same(monkeypatch):
    batches = [*kit_corpus().values(), texts(EN, f"前文。{ZH}", words(13), han(30))]
    sets = {"gsm8k": [EN, words(40)], "ceval": [ZH, han(50)]}
    seen = whole(seeking(sets), batches)
    monkeypatch.setattr(kernels, "library", lambda: None)
    slow = seeking(sets, Contamination(most_spans=17))  # an index of its own, made without them
    assert whole(slow, batches) == seen
    assert seen["measures"]["contaminated_records"] == 4


def test_no_sets_give_no_number_and_read_nothing():
    check = Contamination()
    batch = texts(EN)
    seen = check.look(batch)
    assert encode_tally(seen.total) == encode_tally(check.zero())
    assert set(check.report(seen.total).values()) == {None}
    assert list(check.report(seen.total)) == [m.name for m in check.measures]
    assert (seen.findings, check.inputs()) == (None, {})
    assert check.look(pa.RecordBatch.from_pylist([{"none": 1}])).total == seen.total


def test_sets_without_a_record_are_zero_and_not_nothing():
    check = seeking({"gsm8k": [EN, "too short"]})
    assert check.report(check.zero()) == {
        "records": 0, "contaminated_records": 0, "contaminated_records_ppm": None, "contaminated_spans": 0, "items_found": 0,
        "items_found_ppm": 0, "sets": 1, "items": 2, "items_sought": 1, "items_too_short": 1, "items_set_aside": 0,
    }  # fmt: skip


def test_items_found_are_counted_once_over_batches_and_sources():
    check = seeking({"a": [words(20, 100 * n) for n in range(50)], "b": [words(20, 100 * n) for n in range(50, 99)]})
    values = [words(20, 100 * n) for n in (3, 98, 3, 50, 49, 98)]
    report = whole(check, [texts(value) for value in values])["measures"]
    assert (report["items_found"], report["items_found_ppm"]) == (4, 4 * PPM // 99)
    assert (report["contaminated_records"], report["records"]) == (6, 6)
    left, right = (check.look(texts(v)).total for v in (values[0], values[1]))
    assert check.merge(left, right) == check.merge(right, left)


def test_the_tally_has_room_for_every_item_there_may_be():
    check = seeking({"set": [EN]})
    full = {**dict.fromkeys(("records", "contaminated", "spans"), 2**53 - 1), "found": ""}
    last = np.zeros(MOST_ITEMS // 8, np.uint8)
    last[-1] = 128
    full["found"] = b64encode(last.tobytes()).decode()
    assert len(encode_tally(full)) <= check.tally_bytes
    assert check.merge(full, check.zero()) == full


def test_an_index_that_this_process_does_not_hold_is_told():
    check = Contamination(
        sets=("a",), index="0" * 64, items=(1,), sought=(1,), too_short=(0,), repeated=(0,), wording=(0,)
    )
    with pytest.raises(LedgerError, match="not loaded in this process"):
        check.look(texts(EN))


@pytest.mark.parametrize(
    "given_settings",
    [{"terms": 4}, {"terms_han": 65}, {"most_items": 0}, {"most_spans": 0}, {"index": "a" * 64}, {"sets": ("a",)}],
)
def test_settings_that_cannot_be_are_refused(given_settings):
    with pytest.raises(ValueError, match=r"at least|take|leave them out"):
        Contamination(**given_settings)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_it_finds_what_the_plain_search_finds(data):
    letters = st.lists(st.sampled_from(["a", "é", "山", "水"]), max_size=60)
    joined = letters.map(" ".join)
    items, values = data.draw(st.lists(joined, min_size=1, max_size=4)), data.draw(st.lists(joined, max_size=4))
    check = seeking({"set": items}, Contamination(terms=5, terms_han=7, most_items=2, most_spans=10_000))
    seen = check.look(texts(*values)).findings.to_pylist()
    assert [(f["row"], f["item"], f["start"], f["end"], f["score_ppm"]) for f in seen] == plain(items, values, check)


def plain(items, values, check):
    """The same by sets of shingles and one loop a record."""
    kept, seen = {}, set()
    for number, item in enumerate(items, 1):
        terms = [t.text for t in placed_terms(item)]
        if len(terms) < width_of(item, check) or tuple(terms) in seen:
            continue
        seen.add(tuple(terms))
        for width in (5, 7):
            if len(terms) >= width:
                kept[number, width] = set(shingles(terms, width))
    owners = Counter((width, h) for (_, width), hashes in kept.items() for h in hashes)
    kept = {key: {h for h in hashes if owners[key[1], h] <= 2} for key, hashes in kept.items()}
    result = []
    for row, value in enumerate(values):
        width, terms = width_of(value, check), placed_terms(value)
        hashes = shingles([t.text for t in terms], width) if len(terms) >= width else []
        for number in range(1, len(items) + 1):
            own, spans = kept.get((number, width), set()), []
            for at, h in enumerate(hashes):
                if h in own:
                    start, end = terms[at].start, terms[at + width - 1].end
                    if spans and start <= spans[-1][1]:
                        spans[-1][1] = end
                    else:
                        spans.append([start, end])
            ppm = len(own & set(hashes)) * PPM // max(len(own), 1)
            result += [(row, number, start, end, ppm) for start, end in spans]
    return sorted(result, key=lambda f: (f[0], f[2], f[3], f[1]))


def width_of(text, check):
    terms = placed_terms(text)
    return check.terms_han if 2 * sum(t.text in "山水" for t in terms) > len(terms) else check.terms


def test_byte_places_over_several_blocks():
    text = pa.array(["x", "é😀a" * 400_000, ""], pa.string())
    points = np.array([[0, 1], [1_199_999, 1_200_000], [600_000, 600_001]])
    value = text[1].as_py()
    expected = [[len(value[:p].encode()) for p in pair] for pair in points.tolist()]
    assert byte_places(text, np.array([1, 1, 1]), points).tolist() == expected


def test_entries_are_sorted_hashes_and_numbers_alone():
    check = seeking({"gsm8k": [EN], "ceval": [ZH, EN]})
    index = use_index(check.index, lambda: pytest.fail("it is held already"))
    assert ENTRIES.names == ["width", "hash", "set", "item"]
    assert all(pa.types.is_unsigned_integer(field.type) for field in ENTRIES)
    assert sorted(index.shelves) == [13, 30]
    assert check.shingles == sum(len(shelf.hashes) for shelf in index.shelves.values())
    assert all((np.diff(shelf.hashes.astype(object)) >= 0).all() for shelf in index.shelves.values())
