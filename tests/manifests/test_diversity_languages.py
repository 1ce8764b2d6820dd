"""Tokens by language from group sums: exact where all is counted, an interval that covers, and none from too few texts."""

import numpy as np
import pytest

from manifests.diversity_languages import RUN, SEVERAL, by_source, by_stage
from manifests.diversity_sums import COUNTED, Sums
from manifests.report import DITTO, Cell
from manifests.report_scale import _language
from schemas.ratios import GROUPS, LEAST_GROUPS

STAGES = {"laws": "pre-training", "tales": "pre-training", "chats": "fine-tuning"}
RATES = {"zh-Hans": 0.7, "en": 0.25, "th": 0.9}
HELD = {"laws": {"zh-Hans": 900, "en": 40}, "tales": {"en": 1_500, "th": 300}, "chats": {"zh-Hans": 400, "th": 2}}
PPM = 1_000_000


def corpus(random):
    """source -> language -> (code points, tokens) of its texts: lengths log-normal, tokens a code point as the source has them."""
    found = {}
    for place, (source, languages) in enumerate(HELD.items()):
        found[source] = {}
        for language, texts in languages.items():
            chars = np.maximum(random.lognormal(6, 0.8, texts).astype(np.int64), 1)
            rate = RATES[language] * (1 + place / 4) * random.normal(1, 0.2, texts)
            found[source][language] = chars, np.maximum((chars * rate).astype(np.int64), 1)
    return found


def sums_of(texts, random, share):
    found = {}
    for source, languages in texts.items():
        one = Sums()
        for language, (chars, tokens) in languages.items():
            one.languages["records"][language] = len(chars)
            one.languages["chars"][language] = int(chars.sum())
            chosen, group = random.random(len(chars)) < share, random.integers(0, GROUPS, len(chars))
            if chosen.any():
                columns = np.ones(len(chars), np.int64), chars, tokens
                one.counted[language] = {
                    name: np.bincount(group[chosen], values[chosen], GROUPS).astype(int).tolist()
                    for name, values in zip(COUNTED, columns, strict=True)
                }
        found[source] = one
    return found


def truth_of(texts, sources, language):
    return sum(int(texts[s][language][1].sum()) for s in sources if language in texts[s])


def test_the_intervals_of_a_language_cover_as_they_say_by_source_by_stage_and_in_the_run():
    random, rounds = np.random.default_rng(11), 60
    covered, given = {}, {}
    for _ in range(rounds):
        texts = corpus(random)
        sums = sums_of(texts, random, 0.06)
        for row in (*by_source(sums, STAGES, 60_000), *by_stage(sums, STAGES, 60_000)):
            sources = [s for s in HELD if s == row.source or (row.source == RUN and row.stage in (SEVERAL, STAGES[s]))]
            key = row.source, row.stage, row.language
            if row.tokens_least is not None:
                truth = truth_of(texts, sources, row.language)
                given[key] = given.get(key, 0) + 1
                covered[key] = covered.get(key, 0) + (row.tokens_least <= truth <= row.tokens_most)
    often = {key: covered[key] / times for key, times in given.items() if times > rounds / 2}
    assert len(often) >= 9
    assert all(0.85 <= share <= 1 for share in often.values()), often
    assert 0.91 <= sum(covered.values()) / sum(given.values()) <= 0.98
    assert ("laws", "pre-training", "en") not in often  # two or three of its texts are drawn
    assert ("chats", "fine-tuning", "th") not in given


def test_what_is_counted_in_every_record_is_exact_and_adds_up():
    random = np.random.default_rng(4)
    texts = corpus(random)
    sums = sums_of(texts, random, 1.1)
    rows = by_source(sums, STAGES, PPM)
    assert [(row.source, row.language) for row in rows][:2] == [("laws", "zh-Hans"), ("laws", "en")]
    for row in rows:
        truth = truth_of(texts, [row.source], row.language)
        assert (row.tokens, row.tokens_least, row.tokens_most, row.token_records) == (truth,) * 3 + (row.records,)
    whole = by_stage(sums, STAGES, PPM)
    assert [row.stage for row in whole] == [SEVERAL] * 3 + ["fine-tuning"] * 2 + ["pre-training"] * 3
    for language in RATES:
        told = [row.tokens for row in whole if row.language == language]
        assert told[0] == sum(told[1:]) == sum(row.tokens for row in rows if row.language == language)
    assert {row.stage for row in by_stage(sums, dict.fromkeys(HELD, "pre-training"), PPM)} == {"pre-training"}


def test_from_too_few_texts_the_estimate_has_no_interval_and_the_report_says_of_how_many():
    texts = corpus(np.random.default_rng(2))
    rows = by_source(sums_of(texts, np.random.default_rng(3), 0.06), STAGES, 60_000)
    few = next(row for row in rows if (row.source, row.language) == ("laws", "en"))
    assert 0 < few.token_groups < LEAST_GROUPS
    assert (few.tokens is None, few.tokens_least, few.tokens_most) == (False, None, None)
    *_, tokens, least, most = _language(few)
    assert (tokens, most) == (Cell("count", few.tokens), DITTO)
    assert f"no interval: {few.token_records} records drawn, {few.token_groups} groups of texts" in least.value.en
    assert f"无区间：抽到 {few.token_records} 条" in least.value.zh
    enough = next(row for row in rows if (row.source, row.language) == ("laws", "zh-Hans"))
    assert [cell.value for cell in _language(enough)[-3:]] == [enough.tokens, enough.tokens_least, enough.tokens_most]


@pytest.mark.parametrize(("share", "records"), [(None, None), (20_000, 0)])
def test_without_a_tokenizer_or_without_a_text_drawn_there_is_no_figure(share, records):
    one = Sums()
    one.languages["records"].update(en=3, und=2)
    one.languages["chars"].update(en=90)
    en, empty = by_source({"web": one}, {}, share)
    assert (en.stage, en.tokens, en.tokens_least, en.token_records) == ("unknown", None, None, records)
    assert _language(en)[-3:] == (Cell("missing", "tokens-not-counted"), DITTO, DITTO)
    assert empty.tokens == (None if share is None else 0)  # empty texts have no tokens


def test_a_source_that_nobody_read_has_no_rows():
    assert by_source({"web": Sums()}, {}, 20_000) == by_stage({"web": Sums()}, {}, 20_000) == ()
