"""The made texts: enough of everything, spans that are exact, values that pass their standards, and nothing taken from checks."""

import ast
import random
from collections import Counter
from pathlib import Path

import pytest

from pipelines.bench import personal_decoys, personal_forms, personal_labelled, personal_values
from tests.kit.personal_frames import DECOYS, VALUES_A_TYPE, WAYS, generated, values_by_label

CORPUS = generated()
ZH_IDS = {"CN_RESIDENT_ID", "CN_MOBILE", "CN_LANDLINE", "BANK_CARD", "CN_USCC", "CN_VEHICLE_PLATE", "CN_PASSPORT", "CN_HKMO_PERMIT", "CN_TAIWAN_PERMIT"}  # fmt: skip


def test_at_least_so_many_values_of_each_label_and_as_many_look_alikes():
    values = values_by_label(CORPUS)
    assert VALUES_A_TYPE >= 300 and min(values.values()) >= VALUES_A_TYPE
    assert set(values) >= ZH_IDS
    assert sum(each.decoys for each in CORPUS) >= sum(values.values())
    old = [g for each in CORPUS for g in each.gold if g.form.startswith("15 digits")]
    glued = [g for each in CORPUS for g in each.gold if g.form == "no separator"]
    assert len(old) >= VALUES_A_TYPE // 3 and len(glued) >= VALUES_A_TYPE // 3


def test_equal_seeds_give_equal_texts_and_others_do_not():
    assert generated(1, 20) == generated(1, 20) != generated(2, 20)


def test_every_way_of_writing_and_every_frame_s_slots_are_used():
    forms = {(g.label, g.form) for each in CORPUS for g in each.gold}
    for label in (
        "CN_RESIDENT_ID",
        "CN_MOBILE",
        "BANK_CARD",
        "CN_USCC",
        "CN_PASSPORT",
        "CN_HKMO_PERMIT",
        "CN_TAIWAN_PERMIT",
    ):
        assert {(label, form) for form in ("plain", "spaced", "dashed", "full-width", "zero-width")} <= forms
    assert {("CN_MOBILE", "country code"), ("CN_LANDLINE", "brackets"), ("CN_RESIDENT_ID", "15 digits, plain")} <= forms
    assert {language for each in CORPUS for language in [each.language]} == {"zh", "en"}
    styles = Counter(each.key.split("/")[1] for each in CORPUS)
    assert min(styles[style] for style in ("formal", "chat", "form", "decoy")) > 300


def test_spans_hold_the_value_alone_and_do_not_meet():
    for each in CORPUS:
        at = 0
        for gold in each.gold:
            value = each.text[gold.start : gold.end]
            assert gold.start >= at and value and value == value.strip(), each.key
            at = gold.end
        assert "{" not in each.text.replace('{"', "").replace("{'", ""), each.text


def test_some_values_touch_han_characters_on_both_sides():
    def han(c):
        return "一" <= c <= "鿿"

    glued = sum(
        g.start > 0 and g.end < len(t.text) and han(t.text[g.start - 1]) and han(t.text[g.end])
        for t in CORPUS
        for g in t.gold
    )
    assert glued > 500


# Numbers printed as examples in the standards and by the issuers, none of them anybody's.
@pytest.mark.parametrize(
    ("found", "printed"),
    [
        (personal_values.id_digit("11010519491231002"), "X"),
        (personal_values.id_digit("44052418800101001"), "4"),
        (personal_values.uscc_digit("91350100M000100Y4"), "3"),
        (personal_values.luhn_digit("7992739871"), "3"),
        (personal_values.luhn_digit("411111111111111"), "1"),
    ],
)
def test_check_digits_are_those_of_the_standards(found, printed):
    assert found == printed


def test_identity_cards_of_hong_kong_and_taiwan_pass_their_rules():
    draw = random.Random(7)
    made = [personal_values.hk_id(draw) for _ in range(200)]
    for body, check in [("A123456", "3"), ("G123456", "A"), *made]:  # the first two are the printed examples
        places = body.rjust(8)
        values = [36 if c == " " else int(c, 36) for c in places]
        assert (sum(v * w for v, w in zip(values, range(9, 1, -1))) + int(check, 11)) % 11 == 0
    for value in ["A123456789", *(personal_values.tw_id(draw) for _ in range(200))]:
        letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(value[0]) + 10
        total = letter // 10 + letter % 10 * 9 + sum(int(c) * w for c, w in zip(value[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1)))
        assert total % 10 == 0


def test_an_iban_gives_one_modulo_97():
    draw = random.Random(7)
    for _ in range(200):
        value = personal_values.iban(draw)
        assert int("".join(str(int(c, 36)) for c in value[4:] + value[:4])) % 97 == 1


def test_broken_numbers_are_broken():
    draw = random.Random(7)
    for _ in range(300):
        card = "".join(str(int(c)) for c in personal_decoys.bad_card(draw) if c.isdigit())
        assert personal_values.luhn_digit(card[:-1]) != card[-1]
        number = personal_decoys.bad_resident_id(draw)
        day_is_real = number[10:12] in {f"{m:02}" for m in range(1, 13)} and number[12:14] not in {"00", "30", "31"}
        known = number[:2] in personal_values.PROVINCES
        born = "1900" <= number[6:10] <= "2099"
        assert not (known and born and day_is_real and personal_values.id_digit(number[:17]) == number[17])
        plate = personal_decoys.bad_plate(draw)
        legal = plate[0] in personal_values.PLATE_PROVINCES and not set(plate[1:]) & set("IO")
        assert not (legal and len(plate) in {7, 8}), plate


def test_no_text_without_slots_is_mistaken_for_one():
    names = set(WAYS) | set(DECOYS)
    assert all(name.split("/")[0].isupper() for name in WAYS) and all(name.islower() for name in DECOYS)
    assert len(names) == len(WAYS) + len(DECOYS)


@pytest.mark.parametrize("module", [personal_values, personal_forms, personal_decoys, personal_labelled])
def test_the_generator_takes_nothing_from_the_recognizers(module):
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    modules = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    modules += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert modules and not [name for name in modules if name.split(".")[0] == "checks"]
