"""Quality profiles: every shipped one reads, rules hold as written, and a sealed run is judged again without its corpus."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pytest

from checks.quality import COUNTS, FURTHER, Quality
from schemas.errors import ConfigError, StoreError
from schemas.profiles import Profile, ProfileRule, load, names
from schemas.profiles_judged import failing, judged
from schemas.words import Words
from tests.kit.command import here, lines, write_run
from tests.kit.records import texts

KNOWN = (*COUNTS, *FURTHER)
ENGLISH = "The cat sat on the mat and looked at the birds. "
GOOD_ENGLISH = (
    "Every spring the farmers of this valley open their wooden gates and let the water run down to the lower fields. "
    "Children follow it with paper boats, while older people sit in front of houses that have stood there for two hundred years. "
    "Nobody can say who dug these channels first, but a stone near the bridge names three families and asks travellers to be careful."
)
CHINESE = "山上树木长出新叶，河里水也多了。"
GOOD_CHINESE = (
    "春天来临时，山谷中的农民打开木闸，让清凉河水流进低处田地。孩子们追着纸船奔跑，老人坐在百年老屋门前聊天。\n"
    "没有谁知道最早挖渠者姓甚名谁，不过桥边石碑刻着三个家族，并提醒旅客小心慢行。"
)
CODE = "{ x = 1 } # # # # # # #\n" * 12


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profiles")
    sources = {
        "en": "paths: [corpus/en.jsonl]\nlicence: CC0-1.0\n",
        "zh": "paths: [corpus/zh.jsonl]\nlicence: CC0-1.0\n",
    }
    files = {
        "en.jsonl": lines({"text": GOOD_ENGLISH}, {"text": "The cat sat."}, {"text": CODE}),
        "zh.jsonl": lines({"text": GOOD_CHINESE}, {"text": CHINESE * 6}, {"text": "短。"}),
    }
    done = here("run", write_run(folder, sources, files, "checks: {quality: {signals: full}}\n"), "--json")
    shutil.rmtree(folder / "corpus")  # what comes next is answered from the ledger alone
    return done.result["run"], folder / "ledger"


def asked(sealed, profile):
    run, ledger = sealed
    done = here("query", "profile", run, "--ledger", ledger, "--profile", profile, "--json")
    assert done.code == 0, done.err
    return done.result


@pytest.mark.parametrize("name", names())
def test_every_shipped_profile_reads_and_gives_each_value_its_source(name):
    loaded = load(name, KNOWN)
    assert loaded.profile.profile == name
    assert len(loaded.digest) == 64
    assert loaded.profile.languages
    assert all(rule.source.strip() for rule in loaded.profile.rules)
    assert set(loaded.profile.columns()) <= set(KNOWN)


def test_the_profiles_that_the_guide_names_are_there():
    assert {"gopher", "c4", "fineweb2-cmn", "map-cc", "alpaca-zh"} <= set(names())


def columns(**counts):
    return {name: np.array(values, np.int64) for name, values in counts.items()}


@pytest.mark.parametrize(
    ("rule", "fails"),
    [
        (ProfileRule("a", ("words",), "x", least=50), [True, False, False, True]),
        (ProfileRule("b", ("words",), "x", most=50), [False, False, True, False]),
        (ProfileRule("c", ("hashes",), "x", per=("words",), most=100_000), [True, False, True, False]),
        (ProfileRule("d", ("hashes",), "x", per=("words",), least=100_000), [False, False, False, False]),
    ],
    ids=lambda value: getattr(value, "id", None),
)
def test_bounds_are_included_and_nothing_to_divide_by_passes(rule, fails):
    assert failing(columns(words=[49, 50, 51, 0], hashes=[5, 5, 6, 3]), rule).tolist() == fails


def test_rules_of_several_counts_add_them_up():
    rule = ProfileRule("mean", ("word_chars",), "x", per=("words",), least=3_000_000)
    letters = {name: [0, 0] for name in ("upper", "letters", "digits", "kana", "hangul", "thai")}
    assert failing(columns(words=[2, 2], lower=[6, 3], han=[0, 2], **letters), rule).tolist() == [False, True]


def test_first_and_any_failure_of_records_that_have_all_counts():
    profile = Profile(
        "p", "1", Words("a", "a"), "x", "H",
        (ProfileRule("words", ("words",), "x", least=3), ProfileRule("tokens", ("tokens",), "x", least=4)),
    )  # fmt: skip
    table = pa.table({"words": [9, 2, 2, 9, 2], "tokens": pa.array([9, 1, 9, None, None])})
    there, fails = judged(table, profile)
    assert there.tolist() == [True, True, True, False, False]
    assert fails.tolist() == [0, 0b11, 0b01, 0, 0]
    with pytest.raises(StoreError, match="no count 'tokens'; scan again"):
        judged(table.select(["words"]), profile)


def test_gopher_takes_all_chinese_and_says_that_it_is_not_made_for_it(sealed):
    told = asked(sealed, "gopher")
    assert (told["records"], told["judged"], told["dropped_in_the_run"]) == (6, 6, False)
    assert [(u["judged"], u["dropped"]) for u in told["unsuited"]] == [(2, 2)]
    by_source = {(row["source"], row["language"]): row for row in told["rows"]}
    assert by_source["en", "en"]["kept_records"] == 1
    assert by_source["en", "en"]["made_for"] is True
    assert not any(row["made_for"] for row in told["rows"] if row["language"].startswith("zh"))
    assert sum(row["kept_records"] for row in told["rows"]) == 1
    assert sum(row["kept_bytes"] for row in told["rows"]) == len(GOOD_ENGLISH.encode())
    rules = {(rule["rule"], rule["language"]): rule for rule in told["rules"]}
    assert rules["few_words", None]["any_fail"] >= 2
    assert sum(rule["first_fail"] for (_, language), rule in rules.items() if language is None) == 5


def test_a_profile_for_chinese_keeps_sound_chinese_and_drops_what_is_repeated(sealed):
    told = asked(sealed, "fineweb2-cmn")
    chinese = [row for row in told["rows"] if row["language"].startswith("zh")]
    assert all(row["made_for"] for row in chinese)
    assert sum(row["records"] for row in chinese) == 2
    assert sum(row["kept_records"] for row in chinese) == 1
    assert any("GlotLID" in line for line in told["left_out"])


def test_in_words_it_says_what_it_rests_on(sealed):
    run, ledger = sealed
    done = here("query", "profile", ledger / "runs" / run, "--profile", "gopher")
    assert done.code == 0
    assert "gopher: 6 of 6 records judged; nothing is dropped by this command" in done.out
    assert "made for en, not for zh" in done.out


def test_a_customer_s_own_profile_and_its_mistakes(tmp_path, sealed):
    run, ledger = sealed
    good = tmp_path / "ours.yaml"
    good.write_text(
        'profile: ours\nversion: "1"\ntitle: 自有\nsource: our own\nmark: H\nrules:\n'
        "  - {id: brackets, counts: [curly], most: 0, source: our own}\n",
        encoding="utf-8",
    )
    told = asked(sealed, str(good))
    assert (told["profile"], told["unsuited"]) == ("ours", [])
    assert {rule["rule"]: rule["any_fail"] for rule in told["rules"] if rule["language"] is None} == {"brackets": 1}
    bad = tmp_path / "bad.yaml"
    bad.write_text(good.read_text("utf-8").replace("curly], most: 0", "curley], least: 2, most: 1"), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(str(bad), KNOWN)
    assert "no count 'curley'; did you mean 'curly'" in str(raised.value)
    assert "least 2 is above most 1" in str(raised.value)
    assert "bad.yaml:7" in str(raised.value)
    unknown = here("query", "profile", run, "--ledger", ledger, "--profile", "gofer")
    assert unknown.code == 2
    assert "did you mean 'gopher'" in unknown.err


def test_a_sample_is_told_as_such():
    table = Quality(drawn_ppm=200_000).look(texts(*(f"{ENGLISH} {n}" for n in range(200)))).columns
    there, fails = judged(table, load("gopher", KNOWN).profile)
    assert 10 < there.sum() < 90
    assert not fails[~there].any()


def test_the_json_schema_knows_the_shape():
    from schemas.json_schemas import all_schemas

    assert {"profile", "rules", "languages"} <= set(
        json.loads(json.dumps(all_schemas()["quality_profile"]))["properties"]
    )


def test_the_languages_of_each_source_are_added_up_and_told_by_method(sealed):
    run, ledger = sealed
    told = here("query", "languages", run, "--ledger", ledger, "--json").result
    rows = {(row["source"], row["language"]): row for row in told["rows"]}
    assert rows["en", "en"]["records"] == 1
    assert sum(row["records"] for row in told["rows"] if row["source"] == "zh") == 3
    assert sum(row["share_ppm"] for row in told["rows"] if row["source"] == "zh") in range(999_998, 1_000_001)
    assert {row["method"] for row in told["methods"]} <= {"short", "gate", "script", "words", "model"}
    alone = here("query", "languages", run, "--ledger", ledger, "--source", "zh")
    assert alone.code == 0
    assert "script" in alone.out
    assert " en " not in alone.out
