"""One run with a tokenizer, a mirror and dates: the query, the manifest and the report tell the same, whoever works it out."""

import json
from dataclasses import asdict
from decimal import Decimal, localcontext

import pytest

from manifests.diversity import diversity_of
from manifests.diversity_rows import merged_sources, years_of
from manifests.runs import load_manifest, sealed_runs
from manifests.store import open_store
from manifests.verify import verify_run
from pipelines.assemble import SourceFiles
from pipelines.commands.diversity import _shown
from pipelines.measures import SourceTotals
from pipelines.tokens import with_tokens
from schemas.errors import StoreError
from schemas.manifest import Measured
from tests.kit.command import here, lines, write_run
from tests.kit.records import shown, texts
from tests.kit.tokenizers import TOKENIZER, kit_counting, tokens_in

LAW = "第一条　为了规范第{n}类活动，制定本法。\n第二条　本法适用于境内第{n}处。\n第三条　主管部门负责第{n}项工作，每年公布一次。\n"
TALE = "Story number {n} tells of a keeper of lists who lived by harbour {n} and counted {n} ships in the evening of day {n}.\n"
LAWS = [LAW.format(n=n) * 2 for n in range(120)]
TALES = [
    TALE.format(n=n) + f"The word of the day was {n * 7919}, and nobody forgot it for {n} years after."
    for n in range(90)
]
CHATS = [(f"第{n}个问题是什么？请说明理由。", f"这是第{n}个回答，理由有{n}条。") for n in range(40)]
SOURCES = {
    "laws": "paths: [corpus/laws.jsonl]\ncolumns: {url: url, collected_at: day}\nlicence: CC0-1.0\norigin: domestic\n",
    "tales": "paths: [corpus/tales.jsonl]\nstage: pre-training\ncontent_kind: book\norigin: foreign\n",
    "mirror": "paths: [corpus/mirror.jsonl]\n",
    "chats": "paths: [corpus/chats.jsonl]\nlayout: alpaca\n",
}
MORE = "tokenizer: {path: secret/tok.json, share: %s}\nchecks: {scale: {drawn_ppm: 1000000, tokens_ppm: 1000000}}\n"


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("diversity")
    files = {
        "laws.jsonl": lines(*({"text": text, "url": f"https://flk.npc.gov.cn/{n}", "day": f"{2001 + n % 3 * 2}-05-01"} for n, text in enumerate(LAWS))),
        "tales.jsonl": lines(*({"text": text} for text in TALES)),
        "mirror.jsonl": lines(*({"text": text} for text in TALES[:60])),
        "chats.jsonl": lines(*({"instruction": ask, "input": "", "output": answer} for ask, answer in CHATS)),
        "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
    }  # fmt: skip
    run = write_run(folder, SOURCES, files, MORE % "full")
    (folder / "secret").mkdir()
    (folder / "secret" / "tok.json").write_bytes(TOKENIZER)
    done = here("run", run, "--json")
    assert done.code in (0, 1), done.err
    return folder, done.result


@pytest.fixture(scope="module")
def told(ran):
    folder, result = ran
    asked = here("query", "diversity", result["run"], "--ledger", folder / "ledger", "--json")
    assert asked.code == 0, asked.err
    return json.loads(asked.out)


def rows_of(told, name, **having):
    return [row for row in told[name] if all(row[key] == value for key, value in having.items())]


def test_tokens_characters_and_bytes_are_those_of_the_texts_by_source_and_in_all(told):
    texts = {"laws": LAWS, "tales": TALES, "mirror": TALES[:60], "chats": [f"{ask}\n{answer}" for ask, answer in CHATS]}
    for source, values in texts.items():
        [row] = rows_of(told, "rows", source=source)
        assert (row["records"], row["chars"]) == (len(values), sum(map(len, values)))
        assert row["text_bytes"] == sum(len(value.encode()) for value in values)
        assert row["tokens"] == row["tokens_least"] == row["tokens_most"] == sum(map(tokens_in, values))
        [language] = [row for row in rows_of(told, "languages", source=source) if row["language"] in ("en", "zh-Hans")]
        assert language["tokens"] == language["tokens_least"] == language["tokens_most"] == sum(map(tokens_in, values))
        assert language["token_records"] == language["records"]
    [whole] = rows_of(told, "rows", source="run")
    stages = {row["stage"]: row["tokens"] for row in told["stages"]}
    fine_tuning = sum(map(tokens_in, texts["chats"]))
    assert stages == {"fine-tuning": fine_tuning, "pre-training": whole["tokens"] - fine_tuning}
    of_run = {row["language"]: row["tokens"] for row in rows_of(told, "stage_languages", stage="several")}
    assert sum(of_run.values()) == whole["tokens"]
    assert of_run["en"] == sum(map(tokens_in, [*TALES, *TALES[:60]]))
    for name in ("records", "stored_bytes", "text_bytes", "chars", "tokens"):
        assert whole[name] == sum(row[name] for row in told["rows"] if row["source"] != "run")


def test_stage_format_and_kind_stand_with_what_they_are_told_by(told):
    stages = {row["source"]: (row["stage"], row["stage_by"]) for row in told["rows"]}
    assert stages == {
        "laws": ("pre-training", "run"), "tales": ("pre-training", "declared"), "mirror": ("pre-training", "run"),
        "chats": ("fine-tuning", "layout"), "run": ("several", "sources"),
    }  # fmt: skip
    kinds = {(row["source"], row["kind"], row["method"]): row["records"] for row in told["kinds"]}
    assert kinds == {
        ("laws", "law", "address"): 120, ("tales", "book", "declared"): 90, ("mirror", "unknown", "none"): 60,
        ("chats", "dialogue", "layout"): 40,
    }  # fmt: skip
    assert [row["layout"] for row in rows_of(told, "formats", source="chats")] == ["alpaca"]
    [picture] = rows_of(told, "formats", source="unregistered")
    assert (picture["modality"], picture["format"], picture["status"]) == ("image", None, "not-looked-at")


def test_a_mirror_is_no_second_source(told):
    assert told["merged"]["mirror"] == told["merged"]["tales"] == "mirror"
    [cell] = rows_of(told, "cells", language="zh-Hans", kind="law")
    assert (cell["sources"], cell["narrow"], cell["records"]) == (1, True, 120)
    [axis] = rows_of(told, "axes", axis="source", by="records")
    assert axis["parts"] == 3
    shares = [Decimal(n) / 310 for n in (150, 120, 40)]
    with localcontext(prec=40):
        assert axis["hill1_milli"] == round(1000 * (-sum(p * p.ln() for p in shares)).exp())
        assert axis["hill2_milli"] == round(1000 / sum(p * p for p in shares))


def test_what_is_not_known_is_told_apart_and_years_have_gaps(told):
    [origin] = rows_of(told, "axes", axis="origin", by="records")
    assert (origin["parts"], origin["top"], origin["unknown_ppm"]) == (2, "domestic", 100 * 1_000_000 // 310)
    [year] = rows_of(told, "axes", axis="year", by="records")
    assert (year["parts"], year["unknown_ppm"]) == (3, 190 * 1_000_000 // 310)
    [laws] = rows_of(told, "years", source="laws")
    assert (laws["first"], laws["last"], laws["years"], laws["missing"], laws["undated_records"]) == (
        2001,
        2005,
        3,
        2,
        0,
    )
    assert {row["axis"] for row in told["axes"]} == {
        "source",
        "origin",
        "language",
        "kind",
        "year",
        "format",
        "licence",
        "domain",
        "url",
    }
    [pages] = rows_of(told, "axes", axis="url")
    assert (pages["parts"], pages["top"], pages["unknown_ppm"]) == (120, None, 190 * 1_000_000 // 310)
    assert told["unmeasured"] == {"author": "no-key"}  # never counted without one


def test_the_manifest_says_the_same_and_nothing_of_the_tokenizer_but_name_and_digest(ran, told):
    folder, result = ran
    measures = {m["measure"]: m["value"] for m in result["measures"] if m["check"] == "scale" and m["source"] is None}
    [whole] = rows_of(told, "rows", source="run")
    [wording] = rows_of(told, "wording", source=None)
    assert [measures[name] for name in ("tokens", "tokens_least", "tokens_most", "chars")] == [whole[name] for name in ("tokens", "tokens_least", "tokens_most", "chars")]  # fmt: skip
    assert [measures[f"distinct_{n}grams"] for n in (1, 2, 3)] == wording["distinct"]
    assert measures["segment_distinct_ppm"] == wording["segment_distinct_ppm"]
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, sealed_runs(store)[-1])
    settings = next(c.settings for c in manifest.checks if c.name == "scale")
    assert (settings["tokenizer_name"], settings["tokens"]) == ("tok.json", "full")
    for path in (folder / "ledger").rglob("*"):
        assert not path.is_file() or TOKENIZER not in path.read_bytes(), path
    assert verify_run(store, result["run"], []).problem is None


def test_it_is_the_same_when_asked_again_and_of_one_source(ran, told):
    folder, result = ran
    again = here("query", "diversity", result["run"], "--ledger", folder / "ledger", "--json")
    assert json.loads(again.out) == told
    one = here("query", "diversity", result["run"], "--ledger", folder / "ledger", "--source", "laws", "--json")
    assert rows_of(json.loads(one.out), "rows", source="laws") == rows_of(told, "rows", source="laws")
    assert {row["source"] for row in json.loads(one.out)["rows"]} == {"laws", "run"}
    wrong = here("query", "diversity", result["run"], "--ledger", folder / "ledger", "--source", "lawz")
    assert (wrong.code, "the run read no such source" in wrong.err) == (2, True)
    plain = here("query", "diversity", result["run"], "--ledger", folder / "ledger")
    assert "tokens: by tok.json" in plain.out
    assert "merged as copies: tales" in plain.out
    assert " 2001 " in plain.out
    assert "author: not measured: no key (`keys.hmac` in run.yaml)" in plain.out


def test_the_report_has_the_rows_of_scale_and_type(ran):
    folder, result = ran
    done = here(
        "disclose", result["run"], "--ledger", folder / "ledger", "--format", "json", "--output", folder / "r.json"
    )
    assert done.code == 0, done.err
    report = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    items = {item["number"]: item["blocks"] for section in report["sections"] for item in section["items"]}
    captions = {number: [block.get("caption") for block in blocks] for number, blocks in items.items()}
    assert {"tokens_by_source", "scale_by_stage", "scale_by_language", "scale_by_stage_language"} <= set(
        captions["2.2"]
    )
    languages = next(block for block in items["2.2"] if block.get("caption") == "scale_by_stage_language")
    assert languages["columns"][-3:] == ["tokens", "tokens_least", "tokens_most"]
    assert all(len({cell["value"] for cell in row[-3:]}) == 1 for row in languages["rows"])  # counted, so one figure
    assert "formats" in captions["3.1"]
    assert "content_kinds" in captions["3.2"]
    totals = next(block for block in items["2.1"] if block.get("caption") == "scale")
    tokens = next(row for row in totals["rows"] if row[0]["value"] == "quantity.tokens")
    truth = sum(map(tokens_in, [*LAWS, *TALES, *TALES[:60], *(f"{ask}\n{answer}" for ask, answer in CHATS)]))
    assert tokens[1] == {"kind": "count", "value": truth}
    assert done.out.strip().endswith("r.json")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("tokenizer: nothing.json\n", "tokenizer: 'nothing.json' cannot be read"),
        ("tokenizer: s3://bucket/tok.json\n", "is no file of this machine"),
        ("tokenizer: run.yaml\n", "no tokenizer.json that `tokenizers` reads"),
        ("tokenizer: tok.json\nchecks: {scale: off}\n", "the check `scale` is off"),
        ("checks: {scale: {tokens: full}}\n", "follow from `tokenizer` of run.yaml"),
        ("tokenizer: {path: tok.json, share: half}\n", "share"),
    ],
)
def test_a_tokenizer_that_is_wrong_is_told(tmp_path, more, said):
    run = write_run(tmp_path, {"web": "paths: [corpus/web.jsonl]\n"}, {"web.jsonl": lines({"text": "a"})}, more)
    (tmp_path / "tok.json").write_bytes(TOKENIZER)
    done = here("plan", run)
    assert done.code == 2
    assert said in done.err


def test_a_run_that_did_not_look_is_told_so(ran):
    folder, _ = ran
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, sealed_runs(store)[-1])
    without = type(manifest)(**{**{f: getattr(manifest, f) for f in manifest.__dataclass_fields__}, "checks": ()})
    with pytest.raises(StoreError, match="did not measure scale"):
        diversity_of(store, without)
    assert asdict(diversity_of(store, manifest))["run"] == manifest.run


def test_the_run_s_tokens_are_the_sum_of_its_sources_each_by_its_own_ratio():
    def of(text, n):
        return text.format(n=n) * (n % 7 + 1) + f" {n * 7919 % 99_991}"

    check = kit_counting(drawn_ppm=1, tokens_ppm=200_000)
    tallies = {
        name: check.look(shown(check, texts(*(of(text, n) for n in range(700))))).total
        for name, text in (("laws", LAW), ("tales", TALE))
    }
    nothing = [Measured(None, name, 0, 0, {"tokens": 1, "records": 5}) for name in ("scale", "quality")]
    sources = {
        name: SourceTotals({"scale": {"tally": tally, "unread": 0}}, SourceFiles()) for name, tally in tallies.items()
    }
    told, other = with_tokens(nothing, sources, [check])
    apart = [check.report(tally) for tally in tallies.values()]
    truth = sum(tokens_in(of(text, n)) for text in (LAW, TALE) for n in range(700))
    assert abs(told.values["tokens"] - sum(row["tokens"] for row in apart)) <= 1  # each is rounded
    assert told.values["tokens_least"] <= truth <= told.values["tokens_most"]
    assert told.values["tokens_most"] - told.values["tokens_least"] < sum(
        row["tokens_most"] - row["tokens_least"] for row in apart
    )
    assert (told.values["records"], other) == (5, nothing[1])
    assert with_tokens(nothing, sources, []) == nothing


def test_too_few_texts_are_told_where_a_bound_would_stand():
    row = {"tokens": 700, "tokens_least": None, "tokens_most": None, "token_records": 1_200, "token_groups": 3}
    assert _shown(row, "tokens_least") == "no interval: 1,200 records in 3 groups of texts"
    assert (_shown(row, "tokens"), _shown(row, "tokens_most")) == (700, "-")
    none = dict.fromkeys(row)
    assert {_shown(none, column) for column in none} == {"not provided"}


def test_sources_are_one_through_others_and_names_do_not_matter():
    shared = [("b", "a", 60, 100), ("c", "b", 10, 20), ("a", "c", 1, 500), ("d", "x", 90, 90), ("e", "e", 50, 50)]
    assert merged_sources(shared, "abcde", 500_000) == {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e"}
    assert merged_sources(shared, "abcde", 600_001) == dict(zip("abcde", "abcde", strict=True))


def test_years_without_any_date():
    row = years_of("s", {"undated": 3, "unreadable": 2})
    assert (row.first, row.years, row.missing, row.undated_records, row.unreadable_records) == (None, 0, 0, 3, 2)


def test_what_goes_of_a_mixture_is_told_in_tokens_too(ran, told):
    folder, result = ran
    asked = here("query", "uses", result["run"], "--ledger", folder / "ledger", "--use", "commercial_service", "--json")
    assert asked.code == 0, asked.err
    removal = asked.result["removal"]
    rows = {row["source"]: row for row in told["rows"]}
    assert removal["sources"], "a source without a licence bars the use whole"
    assert removal["bytes"] == sum(rows[source]["text_bytes"] for source in removal["sources"])
    assert removal["tokens"] == sum(rows[source]["tokens"] for source in removal["sources"])
    plain = here("query", "uses", result["run"], "--ledger", folder / "ledger", "--use", "commercial_service")
    assert f"about {removal['tokens']:,} tokens" in plain.out
