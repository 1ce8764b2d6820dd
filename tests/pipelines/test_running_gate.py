"""What the terminal says of the gate: each line by its own case's effect, nothing twice, commands to paste, sources left out."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from checks import BY_NAME, CHECKS
from manifests.ledger import open_ledger
from pipelines.built_in import BUILT_IN, COUNTED
from pipelines.citations import citation
from pipelines.config import load_run
from pipelines.gate_words import UNITS, asked_zh, number, number_zh
from pipelines.held import Held
from pipelines.policy import PACKS, known_measures, load_policy
from pipelines.running_gate import _of_copies, gate_again, shown_lines, told_of_gate
from schemas.manifest import Measured
from schemas.words import Words
from tests.kit.ledgers import small_ledger
from tests.pipelines.test_gate import ASKS, R, gate, measured

PACK = load_policy(("cn-genai",), PACKS, known_measures(BY_NAME))
COMMANDS = ("corpusledger query files", "corpusledger query findings", "corpusledger query unread")


def test_each_line_has_the_effect_of_its_own_case() -> None:
    rule = replace(R, effect="block")
    held = gate(
        rule,
        rows=[measured("a", 60_000), measured("b", None), measured("c", 70_000), measured("d", None)],
        a={},
        b={},
        c={},
        d={},
    )
    assert [line.split(": ")[0] for line in held.lines] == ["block", "block", "hold", "hold"]
    shown = shown_lines(held)
    assert [line.split(": ")[0] for line in shown] == ["block", "hold"]
    assert "source 'a': not met" in shown[0] and shown[0].endswith("[R, IM 7(2)] [also: c]")
    assert "source 'b': insufficient evidence" in shown[1] and shown[1].endswith("[also: d]")


def test_a_state_behind_the_lines_that_are_kept_is_still_told() -> None:
    rows = [measured(f"s{i:02}", 60_000) for i in range(25)] + [measured("z", None)]
    held = gate(replace(R, effect="block"), rows=rows, **{f"s{i:02}": {} for i in range(25)}, z={})
    shown = shown_lines(held)
    assert shown[0].endswith("[also: s01, s02, s03, s04, s05, s06 and 18 more]")
    assert shown[1] == "hold: unknown licences: insufficient evidence [R] [also: z]"
    assert held.lines[-1] == "block: R: and 6 more sources; `--json` lists them all"


def test_what_stops_without_any_source_says_so() -> None:
    held = gate(replace(R, effect="hold"))
    assert shown_lines(held) == list(held.lines) == [
        "hold: unknown licences: insufficient evidence (on 0 of 0 sources); asked: licence.unknown_ppm <= 50,000 ppm (5 %) [H]; declare the licence [R]"
    ]  # fmt: skip


def _files(source: str, not_looked_at: int) -> Measured:
    values = {
        "files_listed": 2,
        "files_read": 2 - not_looked_at,
        "files_not_looked_at": not_looked_at,
        "files_unreadable": 0,
    }
    return Measured(source, "files", 2, 0, values)


def test_a_built_in_line_is_told_only_where_no_rule_of_the_policy_says_it() -> None:
    built_in = next(rule for rule in BUILT_IN if rule.id == "CL-NOT-LOOKED-AT")
    own = replace(R, id="OWN", check="files", measure="files_not_looked_at", threshold=0, effect="hold")
    rows = [_files("a", 1), _files("b", 1)]
    for held, ids in (
        (gate(built_in, rows=rows, a={}, b={}), ["CL-NOT-LOOKED-AT"]),
        (gate(built_in, own, rows=rows, a={}, b={}), ["OWN"]),
        (gate(built_in, replace(own, threshold=1), rows=rows, a={}, b={}), ["CL-NOT-LOOKED-AT"]),
        (
            gate(built_in, replace(own, excused_by=("contract",)), rows=rows, a={"contract": "c"}, b={}),
            ["OWN", "CL-NOT-LOOKED-AT"],
        ),
    ):
        assert [re.findall(r"\[([A-Z-]+), ", line)[-1] for line in shown_lines(held)] == ids
        assert {one.rule.id for one in held.outcomes} >= set(ids)  # the JSON and the manifest hold them all


def test_commands_name_this_run_and_this_source() -> None:
    rule = replace(R, guidance=Words("", "see `corpusledger query unread RUN --ledger LEDGER --source SOURCE`"))
    held = gate(rule, rows=[measured("a", 60_000)], a={})
    files = {"listed": 1, "read": 1, "not_looked_at": 0, "unreadable": 0}
    result = {
        "run": "run-1", "ledger": "/tmp/my ledger", "made": {}, "reused": {}, "unreadable": [], "signed": True, "manifest_sha256": "0" * 64,
        "log_index": 1, "counts": {"files": files, "records": {"read": 1, "looked_at": 1, "unread": 0}, "decisions": None},
    }  # fmt: skip
    said = "\n".join(told_of_gate(result, held))
    assert "see `corpusledger query unread run-1 --ledger '/tmp/my ledger' --source a`" in said


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    """run.yaml beside a ledger whose run-1 knows books-en and news-zh; the registry has one source more."""
    small_ledger(tmp_path)
    (tmp_path / "sources").mkdir()
    for name in ("books-en", "later", "news-zh"):
        (tmp_path / "corpus" / name).mkdir(parents=True)
        (tmp_path / "corpus" / name / "a.jsonl").touch()
        (tmp_path / "sources" / f"{name}.yaml").write_text(f"id: {name}\npaths: [corpus/{name}/*.jsonl]\n")
    text = "provider: {name: {zh: 甲, en: A}}\nmodel: {name: m, version: '1', stage: pre-training, commercial: no}\n"
    (tmp_path / "run.yaml").write_text(
        text + "corpus: [corpus]\nsources: [sources/*.yaml]\nledger: ledger\npolicies: [cn-genai]\n"
    )
    return tmp_path / "run.yaml"


def test_a_source_registered_since_the_run_is_left_out_and_told_once(registry: Path) -> None:
    held, path = gate_again(load_run(registry, BY_NAME, "2026-11-21"), "run-1")
    about = [line for line in (*held.lines, *shown_lines(held)) if "later" in line]
    assert set(about) == {
        "info: 1 source is registered since this run and left out here ('later'); `corpusledger run` reads and holds them"
    }
    assert len(about) == 2
    assert held.left_out == ("later",)
    assert not any(case.scope == "later" for outcome in held.outcomes for case in outcome.cases)
    assert any(case.scope == "news-zh" for outcome in held.outcomes for case in outcome.cases)
    assert b'"left_out":["later"]' in open_ledger(str(registry.parent / "ledger")).store.get(path)


def test_the_manifest_gets_no_path_and_both_languages() -> None:
    held = gate(R, ASKS, rows=[measured("a", 60_000)], a={})
    failed, asked = held.as_manifest().rules
    for rule in (failed, asked):
        assert "/" not in f"{rule.title} {rule.summary} {rule.sources}"
        assert rule.summary.zh.startswith(rule.title.zh) and rule.summary.en.startswith(rule.title.en)
    assert (failed.sources, asked.sources) == (("a",), ())  # no source: the run as a whole
    unknown = gate(R, rows=[measured("a", None), measured("b", 0)], a={}, b={}).as_manifest().rules[0]
    assert (unknown.state, unknown.sources) == ("insufficient_evidence", ("a",))


@pytest.mark.parametrize(("rule_id", "zh", "en"), [
    ("CN-IP-030", "《生成式人工智能服务管理暂行办法》第七条第（二）项 [T]", "Interim Measures Art. 7(2) [T]"),
    ("CN-PI-080", "《中华人民共和国个人信息保护法》第三十八条 [T]", "PIPL Art. 38 [T]"),
    ("CN-TRC-011", "《生成式人工智能服务安全基本要求》 5.1 c) 1) [S2]", "TC260-003, 5.1 c) 1) [S2]"),
    ("CN-SCALE-010", "本规则包自定的要求（查看范围） [H]", "This pack's own requirements (coverage) [H]"),
])  # fmt: skip
def test_a_ground_is_cited_as_each_language_does(rule_id: str, zh: str, en: str) -> None:
    rule = next(rule for rule in PACK.rules if rule.id == rule_id)
    assert citation(rule, PACK.instruments[rule.instrument]) == Words(zh, en)
    assert citation(rule, None).en == f"{rule.instrument} {rule.article} [{rule.mark}]"


def test_numbers_in_words() -> None:
    assert [number(n, "records") for n in (0, 1, 1000)] == ["0 records", "1 record", "1,000 records"]
    assert [number_zh(n, "files") for n in (0, 1)] == ["0 个文件", "1 个文件"]
    assert (number(12_000, "ppm"), number_zh(12_000, "ppm")) == ("12,000 ppm (1.2 %)", "1.2%（12,000 ppm）")
    units = {m.unit for m in (*(m for c in CHECKS for m in c.measures), *(m for ms in COUNTED.values() for m in ms))}
    assert units <= {*UNITS, "ppm"}


def test_rules_say_what_they_require_and_guidance_says_the_same_in_both_languages() -> None:
    for rule in PACK.rules:
        for banned in ("未看", "已看", "无法解码", "策略", "入训", "对不上"):
            assert banned not in rule.title.zh + rule.guidance.zh, rule.id
        assert "foundation model" not in rule.title.en + rule.guidance.en
        assert "=" in rule.title.en or not rule.title.en.startswith(("records ", "files ", "there are ", "share of "))
        assert [c in rule.guidance.zh for c in COMMANDS] == [c in rule.guidance.en for c in COMMANDS], rule.id
        # An article that gives no number marks none as read; what the program holds of itself is exact.
        if rule.threshold is not None:
            assert rule.threshold_mark == ("T" if rule.instrument == "CORPUSLEDGER" else "H"), rule.id
        words = asked_zh(rule, PACK.units[rule.id])
        assert " records" not in words and " files " not in words, rule.id


def test_held_of_nothing_tells_nothing() -> None:
    assert Held((), "pass", PACK).lines == ()


@pytest.mark.parametrize(
    ("dropped", "told"),
    [
        (7, "copies   7 marked to drop: 4 exact, 1 folded and 2 near ones"),
        (9, "copies   7 marked to drop: 4 exact, 1 folded and 2 near ones; 2 more dropped for another reason"),
    ],
)
def test_what_a_list_takes_out_is_not_told_as_a_copy(dropped: int, told: str) -> None:
    result = {"counts": {"decisions": {"dropped": dropped}}, "copies": {"exact": 4, "folded": 1, "near": 2}}
    assert _of_copies(result) == told
