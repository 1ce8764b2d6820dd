"""The words of fairness: the program's list, and a customer's grounds, groups and words by YAML alone, mistakes told."""

import json

import pytest

from checks.fairness import Fairness, lexicon_of
from checks.fairness.lexicon import GROUNDS, MOST_NAMES_BYTES
from schemas.errors import ConfigError
from tests.kit.records import texts

LEXICON = lexicon_of(())


def named(*values, lexicons):
    total = Fairness(read="full", lexicons=lexicons).look(texts(*values)).total
    return total["groups"], total


OWN = {
    "lexicon": "ours", "version": "1",
    "grounds": {
        "household": {
            "title": {"zh": "户籍", "en": "household registration"},
            "groups": {"rural-hukou": {"zh": ["农业户口"], "en": ["rural hukou"]}, "urban-hukou": {"zh": ["城镇户口"]}},
        },
        "occupation": {"groups": {"streamer": {"zh": ["主播"]}, "nurse": {"en": ["nursing staff"]}}},
    },
    "negative": {"zh": ["低端"]}, "not_counted": {"zh": ["网络主播大赛"]},
}  # fmt: skip


def own(**changes):
    return json.dumps({**OWN, **changes}, ensure_ascii=False)


def test_a_customer_adds_a_ground_a_group_and_words_by_yaml_alone():
    groups, total = named("农业户口的主播很低端", "网络主播大赛；nursing staff", lexicons=(own(),))
    assert groups["household"] == {"rural-hukou": [1, 1, 1, 1]}
    assert groups["occupation"] == {"streamer": [1, 1, 1, 1], "nurse": [1, 1, 1, 0]}
    check = Fairness(read="full", lexicons=(own(),))
    assert check.report(total)["grounds"] == 9
    assert Fairness(read="full").look(texts("农业户口")).total["groups"] == {}
    assert check.settings() != Fairness(read="full").settings()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"grounds": {"wealth": {"groups": {"poor": {"zh": ["穷人"]}}}}}, "the ground 'wealth' is new; give it a title"),
        ({"negative": {"zh": ["很bad"]}}, "cannot be sought"),
        ({"negative": {"en": ["b"]}}, "has one letter"),
        ({"negative": {"zh": ["长" * 11]}}, "is longer than 32 bytes"),
        ({"not_counted": {"zh": ["护士"]}}, "is a word of a list and not counted"),
        ({"negative": {"en": ["polish"]}}, "once with a capital and once without"),
        ({"pronouns": {"xe": {"en": ["xe"]}}}, "pronouns are the program's own"),
        ({"negativ": {"zh": ["低端"]}}, "did you mean 'negative'?"),
        ({"grounds": {"Wealth": {"groups": {}}}}, "an id of small letters"),
        ({"negative": {"zh": list("甲乙丙丁戊己庚辛")}}, "words of one character, at most 8"),
        ({"grounds": {"age": {"groups": {f"band-{n}": {} for n in range(700)}}}}, f"at most {MOST_NAMES_BYTES:,}"),
    ],
)  # fmt: skip
def test_mistakes_in_a_list_are_told(changes, says):
    with pytest.raises(ConfigError) as error:
        lexicon_of((own(**changes),))
    assert any(says in problem for problem in error.value.problems), error.value.problems


def test_the_program_s_list_names_the_eight_grounds_in_both_languages():
    assert LEXICON.grounds == GROUNDS
    for ground in GROUNDS:
        words = [
            w
            for w, of in LEXICON.words.items()
            for n in of
            if n < len(LEXICON.groups) and LEXICON.groups[n][0] == ground
        ]
        assert sum(word.isascii() for word in words) >= 5
        assert sum(not word.isascii() for word in words) >= 5
    assert len([1 for ground, _ in LEXICON.groups if ground == "ethnicity"]) >= 56
