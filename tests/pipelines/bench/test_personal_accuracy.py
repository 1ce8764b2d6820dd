"""Scores count what they say; corrections of others' gold are published, small, and hold none of its text."""

from importlib import resources
from pathlib import Path

import pytest

from checks.personal.accuracy import LEAST_VALUES, Counts, accuracy_of, measured_counts, shown
from pipelines.bench import personal_accuracy, personal_gold, personal_record
from pipelines.bench.personal_accuracy import as_counts, figures_of, zh_ids
from pipelines.bench.personal_gold import EVAL, argus, cluener, corrections, presidio_research
from pipelines.bench.personal_labelled import Gold, Labelled
from pipelines.bench.personal_scores import Found, Tally, score

here = pytest.mark.skipif(not EVAL.is_dir(), reason="the shared labelled text is not on this machine")
TEXT = Labelled("one", "zh", "x" * 40, (Gold("CN_MOBILE", 2, 13), Gold("BANK_CARD", 20, 36)))
LABELS = frozenset(("CN_MOBILE", "BANK_CARD"))


def scored(*found: Found, text: Labelled = TEXT, labels=LABELS):
    return score([text], [found], labels)


def test_an_exact_span_counts_both_ways_and_a_longer_one_by_overlap_alone():
    told = scored(Found("CN_MOBILE", 2, 13), Found("BANK_CARD", 18, 36))
    assert told["CN_MOBILE", "zh"] == Tally(1, 1, 1, 1, 1, 1)
    assert told["BANK_CARD", "zh"] == Tally(1, 0, 1, 1, 0, 1)
    assert told["BANK_CARD", "zh"].f2 == 0 and told["BANK_CARD", "zh"].by_overlap == (1, 1, 1)


def test_what_is_nowhere_counts_against_its_own_entity():
    told = scored(Found("CN_MOBILE", 14, 19))
    assert told["CN_MOBILE", "zh"] == Tally(1, 0, 0, 1, 0, 0)
    assert told["BANK_CARD", "zh"] == Tally(1, 0, 0, 0, 0, 0)


def test_a_card_by_its_other_name_is_right_and_a_mobile_by_a_wider_name_is_not():
    assert scored(Found("CREDIT_CARD", 20, 36))["BANK_CARD", "zh"].right == 1
    wider = LABELS | {"PHONE_NUMBER"}
    told = scored(Found("PHONE_NUMBER", 2, 13), labels=wider)
    assert told["CN_MOBILE", "zh"].found == 0 and told["PHONE_NUMBER", "zh"] == Tally(0, 0, 0, 1, 0, 0)


def test_entities_that_nobody_labelled_are_left_out():
    assert all(tally.reported == 0 for tally in scored(Found("IP_ADDRESS", 2, 13)).values())


def test_unscored_places_count_neither_way():
    text = Labelled("two", "zh", TEXT.text, TEXT.gold, unscored=((0, 15),))
    told = scored(Found("CN_MOBILE", 2, 13), Found("BANK_CARD", 20, 36), text=text)
    assert set(told) == {("BANK_CARD", "zh")} and told["BANK_CARD", "zh"] == Tally(1, 1, 1, 1, 1, 1)


def test_f2_weighs_recall_more():
    careful, eager = Tally(10, 5, 5, 5, 5, 5), Tally(10, 10, 10, 20, 10, 10)
    assert careful.precision == eager.recall == 1 and careful.recall == eager.precision == 0.5
    assert careful.f2 == pytest.approx(5 / 9) and eager.f2 == pytest.approx(5 / 6)


def test_structured_identifiers_leave_other_languages_and_labels_out():
    english = Labelled("en", "en", TEXT.text, (Gold("CN_MOBILE", 2, 13),))
    other = Labelled("zh", "zh", TEXT.text, (Gold("EMAIL_ADDRESS", 2, 13),))
    told = zh_ids([TEXT, english, other], [[Found("CN_MOBILE", 2, 13)], [], [Found("EMAIL_ADDRESS", 2, 13)]], "zh")
    assert told == Tally(2, 1, 1, 1, 1, 1)


def test_figures_stand_for_each_label_and_language():
    told = figures_of("made", scored(Found("CN_MOBILE", 2, 13)))
    assert told["made_cn_mobile_zh_recall"] == (1, "share") and told["made_bank_card_zh_recall"] == (0, "share")
    assert told["made_bank_card_zh_reported"] == (0, "findings")


def test_corrections_hold_reasons_and_places_and_no_text():
    text = resources.files("pipelines.bench").joinpath("personal_gold.yaml").read_text(encoding="utf-8")
    assert text.isascii()
    told = corrections()
    for change in told["corrections"]:
        assert change["reason"] and change["kind"] in {"moved", "added", "removed", "unscored", "types"}
        assert ("types" in change) == (change["kind"] == "types")


@here
def test_every_correction_is_of_a_record_that_is_there_and_lies_in_its_text():
    records = {each.key: each for each in argus()}
    told = corrections()
    for key, places in [*told["spans"].items(), *((c["record"], c.get("places", ())) for c in told["corrections"])]:
        assert key in records, key
        for label, start, end in places:
            value = records[key].text[start:end]
            assert value == value.strip() != "", (key, label)


@here
def test_spans_of_others_lie_in_their_texts():
    for corpus in (argus(), presidio_research()):
        assert all(0 <= g.start < g.end <= len(t.text) for t in corpus for g in t.gold)
    names = [t for t in cluener() if t.gold]
    assert len(names) > 2000 and all(g.end <= len(t.text) for t in names for g in t.gold)


@here
def test_corrections_are_few_and_what_is_not_corrected_stays_as_published():
    plain, put_right = list(argus(corrected=False)), list(argus())
    assert [t.text for t in plain] == [t.text for t in put_right]
    listed = {c["record"] for c in corrections()["corrections"]}
    changed = {a.key for a, b in zip(plain, put_right) if a != b}
    assert changed <= listed and len(changed) < len(plain) / 5


def test_without_labelled_sets_the_made_texts_are_measured_alone(tmp_path: Path, monkeypatch):
    for module in (personal_accuracy, personal_gold):
        monkeypatch.setattr(module, "EVAL", tmp_path / "absent")
    told = personal_accuracy.judged(quick=True)
    assert set(told.scores) == set(told.zh_ids) == {"made"} and "not here" in told.read[-1]


def test_the_recorded_accuracy_is_whole_numbers_that_fit():
    counts = measured_counts()
    assert counts, "accuracy.yaml is empty: run python -m pipelines.bench.personal_record"
    for entity in counts:
        for languages in counts[entity].values():
            for c in languages.values():
                assert all(type(n) is int for n in c)
                assert c.found <= c.found_by_overlap <= c.gold and c.right <= c.right_by_overlap <= c.reported
        stands = shown(entity)
        assert stands is None or 0 <= (stands.recall_ppm or 0) <= 1_000_000


def test_a_count_is_corrected_by_the_set_on_which_the_entity_does_worst(monkeypatch):
    enough = LEAST_VALUES
    told = {
        "A": {
            "made": {"zh": Counts(enough, enough, enough, enough, enough, enough)},
            "real": {"zh": Counts(enough - 1, 1, 5, 1, 1, 1), "en": Counts(1, 0, 0, 0, 0, 0)},
            "few": {"zh": Counts(3, 0, 0, 0, 0, 0)},
        },
        "B": {"made": {"zh": Counts(0, 0, 4, 0, 0, 0)}},
    }
    monkeypatch.setattr("checks.personal.accuracy.measured_counts", lambda: told)
    name, counts = accuracy_of("A")
    assert name == "real" and (counts.gold, counts.found, counts.reported, counts.right) == (enough, 1, 5, 1)
    assert shown("A").precision_ppm == 200_000
    assert accuracy_of("B") is None and shown("C") is None


def test_the_page_and_the_file_are_written_from_the_same_counts(monkeypatch, tmp_path: Path):
    told = personal_accuracy.Judged({"made": scored(Found("CN_MOBILE", 2, 13))}, {"made": Tally(2, 1, 1, 1, 1, 1)}, [])
    text = personal_record.as_yaml(told)
    assert "  CN_MOBILE:\n    made: {zh: [1, 1, 1, 1, 1, 1]}\n" in text
    table = personal_record.as_table(told)
    assert "| CN_MOBILE | made | zh | 1 | 1 | 1.0000 | 1.0000 | 1.0000 | 1.0000 | 1.0000 | 1.0000 |" in table
    assert as_counts(told.scores["made"])["BANK_CARD", "zh"] == Counts(1, 0, 0, 0, 0, 0)
    assert "| BANK_CARD | made | zh | 1 | 0 | – | 0.0000 | – | – | 0.0000 | – |" in table
