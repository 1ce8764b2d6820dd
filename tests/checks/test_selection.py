"""Selection: a record goes under a profile of its language alone, by whole counts, and what no profile speaks of is left alone."""

import pickle
from dataclasses import replace

import pyarrow as pa
import pytest

from checks.quality import COUNTS, FURTHER
from checks.selection import Selection, use_profiles
from pipelines.selection import joined_profiles
from schemas.errors import LedgerError
from schemas.profile_rules import RULES, profiles_of, rules_of
from schemas.profiles import NOT_TOLD, Loaded, Profile, ProfileRule, load, names
from schemas.words import Words
from tests.kit.derived import dropping_under
from tests.kit.records import shown, texts

KNOWN = (*COUNTS, *FURTHER)
HAN = ProfileRule("few_han", ("han",), "board", per=("chars",), least=300_000)
SHORT = ProfileRule("short", ("chars",), "board", least=40)
LONG = ProfileRule("long", ("chars",), "board", most=60)
ZH = Profile("ours", "1", Words("自有规则", "our rules"), "board", "H", (SHORT, HAN), ("zh",))
EN = Profile("english", "2", Words("英文规则", "English rules"), "board", "H", (SHORT,), ("en",))
ANY = Profile("any", "1", Words("不限语种", "any language"), "board", "H", (LONG,))
LONG_ZH = "春天来临时，山谷中的农民打开木闸，让清凉河水流进低处田地。孩子们追着纸船奔跑，老人坐在百年老屋门前聊天。"
SHORT_ZH = "春天来临时，山谷中的农民打开木闸。"
SIGNS_ZH = "春天来了，山谷中的农民说：" + "1234567890 " * 8
SHORT_EN = "The farmers of the valley open a gate."
GERMAN = "Der Fluss ist heute sehr hoch, und niemand geht über die Brücke."


def under(*profiles: Profile) -> Selection:
    made = joined_profiles(Selection(), [Loaded(one, f"{n:064d}") for n, one in enumerate(profiles)])
    made.use()
    return made.check


def seen(check, *values):
    return check.look(shown(check, texts(*values)))


@pytest.mark.parametrize(
    ("profiles", "text", "rules"),
    [
        ((ZH,), LONG_ZH, []),
        ((ZH,), SHORT_ZH, ["selection.ours.short"]),
        ((ZH,), SHORT_EN, []),  # of another language: left alone
        ((EN,), SHORT_EN, ["selection.english.short"]),
        ((EN,), SHORT_ZH, []),
        ((ZH, EN), SHORT_ZH, ["selection.ours.short"]),
        ((ANY, ZH), SIGNS_ZH * 2, ["selection.any.long"]),  # the first of several is told
        ((ZH, EN), "短。", []),  # too short for a language to be told
        ((ANY,), GERMAN, ["selection.any.long"]),
        ((ZH, EN), GERMAN, []),
    ],
)
def test_what_goes_and_by_which_rule(profiles, text, rules):
    found = seen(under(*profiles), text).findings
    assert found.column("rule").to_pylist() == rules
    assert found.column("row").to_pylist() == [0] * len(rules)


def test_what_is_counted_before_and_after():
    check = under(ZH, EN)
    total = seen(check, LONG_ZH, SHORT_ZH, SHORT_EN, GERMAN, "短。").total
    long, short, english = (len(t.encode()) for t in (LONG_ZH, SHORT_ZH, SHORT_EN))
    told = check.report(total)
    assert told == {
        "records": 5, "judged_records": 3, "judged_records_ppm": 600_000, "unsuited_records": 2, "uncounted_records": 0,
        "judged_bytes": long + short + english, "unfit_records": 2, "unfit_records_ppm": 666_666,
        "unfit_bytes": short + english, "unfit_bytes_ppm": (short + english) * 1_000_000 // (long + short + english),
    }  # fmt: skip
    assert check.rules == ("ours.short", "ours.few_han", "english.short")
    assert (total["first"], total["every"]) == ([1, 0, 1], [1, 0, 1])


def test_by_language_all_what_was_judged_and_what_goes():
    table = seen(under(ZH), LONG_ZH, SHORT_ZH, SHORT_EN).tables["language"].to_pylist()
    rows = {
        row["language"]: (row["records"], row["judged_records"], row["unfit_records"], row["unfit_chars"])
        for row in table
    }
    assert rows == {"en": (1, 0, 0, 0), "zh-Hans": (2, 2, 1, len(SHORT_ZH))}


def test_a_record_that_fails_two_rules_is_counted_under_both_and_goes_for_the_first():
    total = seen(under(replace(ZH, languages=())), "山谷" + " " * 26).total
    assert (total["first"], total["every"]) == ([1, 0], [1, 1])


def test_a_record_without_counts_or_language_is_left_alone_and_counted():
    check = under(ZH, ANY)
    whole = shown(check, texts(SHORT_ZH, SHORT_ZH))
    counts = {name: whole.column(name) for name in whole.schema.names if name.startswith("quality.")}
    blank = {name: pa.array([None, value[1].as_py()], value.type) for name, value in counts.items()}
    batch = pa.table({"row": whole.column("row"), **blank, "language.language": whole.column("language.language")})
    total = check.look(batch.combine_chunks().to_batches()[0]).total
    assert (total["uncounted"], total["judged"][0], total["unfit"][0]) == (1, 1, 1)
    nobody = pa.table({"row": whole.column("row"), **counts, "language.language": pa.nulls(2, pa.string())})
    told = under(ZH).look(nobody.combine_chunks().to_batches()[0])
    assert (told.total["unsuited"], told.findings.num_rows) == (2, 0)
    assert told.tables["language"].column("language").to_pylist() == [NOT_TOLD]


def test_it_reads_nothing_but_what_it_says_it_follows_from():
    check = dropping_under("gopher", "fineweb2-cmn")
    whole = shown(check, texts(LONG_ZH, SHORT_ZH, SHORT_EN, GERMAN))
    wanted = ["row", *(f"{name}.{column}" for name, columns in check.derives.items() for column in columns)]
    assert check.look(whole.select(wanted)).findings == check.look(whole).findings


def test_without_a_profile_nothing_is_looked_at_and_nothing_is_zero():
    check = Selection()
    assert check.derives == {}
    assert set(check.report(seen(check, LONG_ZH).total).values()) == {None}


def test_the_shipped_profiles_come_back_from_the_table_of_rules_but_for_their_notes():
    found = [load(name, KNOWN) for name in names()]
    bare = [
        replace(
            one.profile, rules=tuple(replace(rule, note=None) for rule in one.profile.rules), left_out=(), note=None
        )
        for one in found
    ]
    assert rules_of(found).schema.equals(RULES)
    assert profiles_of(rules_of(found)) == tuple(
        Loaded(profile, one.digest) for profile, one in zip(bare, found, strict=True)
    )


def test_settings_that_only_run_yaml_may_make_are_refused():
    with pytest.raises(ValueError, match="follow from `drop_under`"):
        Selection(profiles=("gopher 1",))


def test_a_process_that_was_not_given_the_rules_says_so():
    check = pickle.loads(pickle.dumps(under(ZH)))
    other = Selection("0" * 64, check.profiles, check.files, check.rules, check.counts)
    with pytest.raises(LedgerError, match=r"drop_under: 0000.* is set but not loaded"):
        other.look(shown(other, texts(LONG_ZH)))
    use_profiles("0" * 64, lambda: rules_of([Loaded(ZH, "0" * 64)]))
    assert other.look(shown(other, texts(SHORT_ZH))).findings.num_rows == 1
