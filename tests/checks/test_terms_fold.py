"""The fold table is the one that its script makes, folds once and for all, and cuts every script as the definition says."""

import hashlib
import unicodedata

import numpy as np
import pytest

from checks.terms import SCHEME, fold_digest
from checks.terms import fold as folding
from checks.terms.fold_rules import (
    ALONE,
    EXPANDED,
    IGNORED,
    KIND_SHIFT,
    SEPARATOR,
    UNICODE,
    VALUE_MASK,
    WORD,
    fold_table,
)
from checks.terms.reference import placed_terms, shingles, term_hash, terms

GOLDEN = {
    "Ｈello, Ｗorld! ﬁne naïve 5㎏ don't ½ ①": "hello world fine naive 5kg don t 1 2 1",
    "Straße STRASSE ſtraße İzmir ΌΣΟΣ όσος": "strasse strasse strasse izmir οσοσ οσοσ",
    "re\u0301sume\u0301 résumé co\u00adop a\u200bb \u202eab": "resume resume coop ab ab",
    "中华人民共和国，第１条。": "中 华 人 民 共 和 国 第 1 条",
    "國国 臺台 \uf9d0 \U0002f800 \U00020000 〇々": "國 国 臺 台 類 丽 \U00020000 〇 々",
    "ガイド か\u3099 ｶﾞｲﾄﾞ が ー ㍿": "カ イ ト か カ イ ト か ー 株 式 会 社",
    "한국어 \u1112\u1161\u11ab": "한 국 어 \u1112\u1161\u11ab",
    "ภาษาไทย ที่ ๑๒": "ภ า ษ า ไ ท ย ท ๑๒",
    "ພາສາ ភាសាខ្មែរ བོད་ မြန်မာ": "ພ າ ສ າ ភ ស ខ ម រ བ ད မ န မ",
    "हिन्दी العَرَبِيَّة ﷺ": "हनद العربية صلى الله عليه وسلم",
    "x86_64 3.14 snake_case e-mail": "x86 64 3 14 snake case e mail",
    "😀 … “” \ufffd \ud7ff \ue000": "",
    "a😀b": "a b",
}


@pytest.mark.parametrize(("text", "expected"), GOLDEN.items(), ids=lambda text: text[:12])
def test_terms_are_these(text, expected):
    assert terms(text) == expected.split(" ") * bool(expected)
    assert terms(" ".join(terms(text))) == terms(text), "folding folded text changes nothing"


def test_hashes_and_shingles_are_these():
    """Frozen: an index of signatures that was written once must be comparable for good."""
    assert hex(term_hash("abc")) == "0x37c613b328ffbc72"
    assert [hex(h) for h in map(term_hash, ("中", "seventeen letters", "é" * 40))] == [
        "0xdefd7733fea427a6", "0x5f1dcbfef6762f9b", "0x32bbaff3c6bdc3d4",
    ]  # fmt: skip
    assert shingles(["a"]) == [6873789278612583365]
    assert shingles(list("abcde")) == shingles(list("abcdef"))[:1]
    assert len(shingles(list("abcdef"))) == 2
    assert shingles([]) == []


def test_places_are_code_points_of_the_text():
    found = placed_terms(" a\u0301b 中\u00ad©\ufb01")
    assert [(term.start, term.end) for term in found] == [(1, 4), (5, 6), (8, 9)]


@pytest.mark.skipif(unicodedata.unidata_version != UNICODE, reason=f"the table is made with Unicode {UNICODE}")
def test_the_file_is_what_the_script_makes(capsys):
    content = folding.canonical(*fold_table())
    assert content == folding.unpacked(folding.PATH.read_bytes())
    assert hashlib.sha256(content).hexdigest() == fold_digest() == SCHEME.as_json()["fold"]


def test_a_file_that_was_changed_is_refused(tmp_path, monkeypatch):
    content = bytearray(folding.unpacked(folding.PATH.read_bytes()))
    content[4 * ord("a")] ^= 1
    for file in (folding.packed(bytes(content)), b"no table", folding.PATH.read_bytes()[:-1]):
        (tmp_path / "table").write_bytes(file)
        monkeypatch.setattr(folding, "PATH", tmp_path / "table")
        with pytest.raises(ValueError, match="take the file of this version again"):
            folding._frozen()


def test_folding_twice_is_folding_once():
    table, expansions = folding.fold().table, folding.fold().expansions
    kinds, values = table >> KIND_SHIFT, table & VALUE_MASK
    kept = (kinds == WORD) | (kinds == ALONE)
    assert np.array_equal(table[values[kept]], table[kept])
    assert not values[(kinds == SEPARATOR) | (kinds == IGNORED)].any()
    for place in set(values[kinds == EXPANDED].tolist()):
        inner = expansions[place + 1 : place + 1 + expansions[place]]
        assert len(inner) == expansions[place] > 1
        assert set((inner >> KIND_SHIFT).tolist()) <= {SEPARATOR, WORD, ALONE}
        assert all(table[entry & VALUE_MASK] == entry for entry in inner if entry >> KIND_SHIFT)


def test_ascii_is_folded_as_the_kernel_folds_it_by_arithmetic():
    table = folding.fold().table[:128]
    for byte in range(128):
        char = chr(byte)
        assert table[byte] == (WORD << KIND_SHIFT | ord(char.lower()) if char.isalnum() else 0), char


def test_what_the_kernel_takes_three_bytes_at_a_time_has_three():
    """No term of its own is shorter, and no code point makes more terms than the kernel keeps room for."""
    frozen = folding.fold()
    alone = frozen.table[frozen.table >> KIND_SHIFT == ALONE] & VALUE_MASK
    assert alone.min() >= 0x800
    places = set((frozen.table[frozen.table >> KIND_SHIFT == EXPANDED] & VALUE_MASK).tolist())
    assert max(int(frozen.expansions[place]) for place in places) < 64
