"""Scale and type: tokens as the tokenizer has them, kinds by what says so, sketches and sums against plain Python."""

import hashlib
import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.language import Language
from checks.scale import LANGUAGES, Scale, opened, tokens, use_tokenizer
from checks.signs.drawn import drawn, marks
from schemas.errors import StoreError
from schemas.ratios import GROUPS
from tests.kit.records import shown, texts
from tests.kit.scale import EN, LAW, ZH, large, measures, some
from tests.kit.tokenizers import TOKENIZER, kit_counting, tokens_in

# Tokens


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=40), max_size=5))
def test_tokens_are_those_of_the_tokenizer_without_truncation_padding_and_special_ones(values):
    check = kit_counting()
    found = tokens.tokens_of(large(*values), check.tokenizer)
    plain = opened(TOKENIZER)
    assert found.tolist() == [len(plain.encode(value, add_special_tokens=False).ids) for value in values]


def test_the_kit_tokenizer_counts_as_plain_python_does():
    check = kit_counting()
    assert tokens.tokens_of(large(ZH, EN, "", "a-b c"), check.tokenizer).tolist() == [
        *map(tokens_in, (ZH, EN, "", "a-b c"))
    ]
    assert tokens_in(EN) > 3  # what the file's truncation would leave


@given(st.text("ab\n语", max_size=60), st.integers(1, 9))
def test_pieces_of_a_long_text_are_the_text_and_begin_at_line_feeds(text, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "PIECE", most)
        pieces = tokens.pieces(text)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= most for piece in pieces)
    for before, piece in pairwise(pieces):
        assert piece.startswith("\n") or "\n" not in before[1:]


def test_a_text_of_many_pieces_counts_like_its_lines():
    text = "\n".join(f"line {n} 汉字" for n in range(40_000))
    assert len(text) > 2 * tokens.PIECE
    assert tokens.tokens_of(large(text), kit_counting().tokenizer).tolist() == [tokens_in(text)]


@pytest.mark.parametrize("data", [b"", b"{}", b"\x80 not json", json.dumps({"model": {"type": "nothing"}}).encode()])
def test_what_is_no_tokenizer_is_told(data):
    with pytest.raises(StoreError, match=r"no tokenizer\.json that `tokenizers` reads"):
        use_tokenizer(hashlib.sha256(data).hexdigest(), lambda: data)


def test_a_missing_package_is_told_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(StoreError, match=r"pip install 'corpusledger\[tokens\]'"):
        opened(TOKENIZER)


def test_a_library_that_gives_up_ends_no_worker(monkeypatch):
    class PanicException(BaseException):
        """As pyo3 has it: no Exception."""

    class Broken:
        def encode_batch_fast(self, texts, **_):
            raise PanicException

    monkeypatch.setattr(tokens, "once", lambda key, build: Broken())
    with pytest.raises(ValueError, match="it gave up on a text"):
        tokens.tokens_of(large("a"), "x")


def test_a_tokenizer_that_no_process_loaded_is_told():
    with pytest.raises(StoreError, match="was not loaded here"):
        Scale(tokenizer="0" * 64, tokenizer_name="x.json", drawn_ppm=1_000_000, tokens_ppm=1_000_000).look(
            texts("a b c")
        )


def test_without_a_tokenizer_no_token_is_guessed():
    found = measures(Scale(drawn_ppm=1_000_000, tokens_ppm=1_000_000), texts(ZH, EN))
    assert [found[name] for name in ("tokens", "tokens_least", "tokens_most", "token_records")] == [None] * 4
    assert found["chars"] == len(ZH) + len(EN)


def test_a_drawn_share_estimates_what_all_of_them_hold_and_full_counts_it():
    corpus = some(4_000)
    truth = sum(map(tokens_in, corpus))
    full = measures(kit_counting(drawn_ppm=20_000, tokens="full"), texts(*corpus))
    assert (full["tokens"], full["tokens_least"], full["tokens_most"], full["token_records"]) == (truth,) * 3 + (4_000,)


def test_the_interval_of_drawn_texts_holds_what_is_there_in_nearly_every_corpus():
    check, held = kit_counting(drawn_ppm=1, tokens_ppm=100_000), 0
    for seed in range(24):
        corpus = some(600, seed)
        found = measures(check, texts(*corpus))
        held += found["tokens_least"] <= sum(map(tokens_in, corpus)) <= found["tokens_most"]
        assert 30 < found["token_records"] < 100
    assert held >= 19  # of 24 at 95 %: fewer once in a thousand times


def test_groups_part_the_texts_evenly_and_copies_go_together():
    corpus = pa.array(some(3_000, seed=4), pa.large_string())
    mixed = marks(corpus)
    groups = np.bincount((mixed & np.uint64(GROUPS - 1)).astype(int), minlength=GROUPS)
    assert ((groups - 3_000 / GROUPS) ** 2 / (3_000 / GROUPS)).sum() < 103  # chi squared of 63 degrees, 0.1 %
    twice = pa.concat_arrays([corpus, corpus])
    assert marks(twice).tolist() == [*mixed.tolist()] * 2
    assert set(drawn(corpus, 5_000)) <= set(drawn(corpus, 20_000))


@pytest.mark.parametrize("more", [{"tokens": "full"}, {"tokens_ppm": 300_000}])
def test_tokens_by_language_and_group_are_those_of_the_texts_counted(more):
    corpus = [*some(60), *(f"{ZH}{n}" * 3 for n in range(40)), *(f"{EN} {n}" for n in range(40)), "", None]
    check, column = kit_counting(drawn_ppm=1, **more), large(*corpus)
    batch = texts(*["x"] * len(corpus))
    batch = batch.set_column(1, batch.schema.field(1), column)
    mixed = marks(column)
    counted = range(len(corpus)) if "tokens" in more else drawn(column, 300_000)
    languages = Language().look(shown(Language(), batch)).columns.column("language").to_pylist()
    expected = {}
    for row in counted:
        sums = expected.setdefault(f"{languages[row]} {int(mixed[row]) % GROUPS:02d}", [0, 0, 0])
        text = corpus[row] or ""
        sums[:] = [sums[0] + 1, sums[1] + len(text), sums[2] + tokens_in(text)]
    seen = check.look(shown(check, batch))
    told = {row.pop("language_group"): [*row.values()] for row in seen.tables[LANGUAGES].to_pylist()}
    assert told == expected
    assert {"zh-Hans", "en"} <= {name.split(" ")[0] for name in told}
    assert [*told] == sorted(told)
    by_group = [sum(row[2] for name, row in told.items() if int(name.split(" ")[1]) == n) for n in range(GROUPS)]
    assert by_group == seen.total["group_tokens"]


def test_without_a_tokenizer_nothing_is_told_by_group():
    assert LANGUAGES not in Scale(drawn_ppm=1_000_000, tokens_ppm=1_000_000).look(texts(ZH, EN)).tables


@pytest.mark.parametrize(
    "given_settings", [{"tokenizer": "ab"}, {"tokens": "full"}, {"drawn_ppm": 30_000}, {"tokenizer_name": "x"}]
)
def test_settings_that_contradict_each_other_are_refused(given_settings):
    with pytest.raises(ValueError, match=r"follow from `tokenizer`|more than tokens_ppm"):
        Scale(**given_settings)


def test_the_tokenizer_and_its_package_are_part_of_the_work_id():
    check = kit_counting()
    assert check.inputs()["tokenizer"] == check.tokenizer
    assert set(Scale().inputs()) == set(check.inputs()) - {"tokenizer", "tokenizers"}


# Hostile input


def test_text_that_is_not_utf_8_is_read_with_the_replacement_sign():
    raw = [LAW.encode() + b"\xff\xfe", b"\xe4\xb8", b"ok \x80 ok"]
    data = b"".join(raw)
    offsets = np.cumsum([0, *map(len, raw)]).astype(np.int64)
    broken = pa.LargeStringArray.from_buffers(len(raw), pa.py_buffer(offsets), pa.py_buffer(data))
    mended = large(*(one.decode("utf-8", "replace") for one in raw))
    check = kit_counting()
    batch = texts(*["x"] * len(raw))
    seen, same = (check.look(batch.set_column(1, batch.schema.field(1), column)) for column in (broken, mended))
    for name in ("chars", "runs", "sketches", "kind_chars", "group_tokens"):
        assert seen.total[name] == same.total[name] or name == "group_tokens"
    assert sum(seen.total["group_tokens"]) == sum(same.total["group_tokens"])


def test_what_is_drawn_does_not_hang_on_the_tokenizer():
    corpus = texts(*some(2_000))
    bare, with_one = Scale(), replace(kit_counting(), drawn_ppm=5_000, tokens_ppm=20_000)
    one, other = (check.look(corpus).total for check in (bare, with_one))
    assert {k: v for k, v in one.items() if "token" not in k and k != "group_bytes"} == {
        k: v for k, v in other.items() if "token" not in k and k != "group_bytes"
    }
