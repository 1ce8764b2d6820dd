"""Files of lists: every form of them read alike, every mistake told with its place, and never with what stands there."""

import csv
import io
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from checks import BY_NAME
from checks.listed import STATES
from pipelines.config import load_run
from schemas.errors import ConfigError
from tests.kit.command import Done, here, lines
from tests.kit.listed_run import (
    AGAIN,
    GONE,
    KEY,
    KEY_ID,
    LATER,
    LEDGER,
    LIVE,
    MAIL,
    NAMED_RUN,
    OTHER,
    OVER,
    PHONE,
    agreed,
    made,
    prepared,
)


def test_the_day_of_the_run_decides_who_is_live(tmp_path):
    run = prepared(tmp_path)
    states = {}
    for day in ("2025-05-31", "2025-06-01", "2025-06-02", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"):
        run.write_text(NAMED_RUN.replace("DAY", day))
        loaded = load_run(run, BY_NAME, "2026-11-23")
        table = pq.read_table(pa.BufferReader(loaded.lists.data)).to_pylist()
        words = {r["key"].hex(): STATES[r["state"]] for r in table}
        states[day] = [words[made("AUTHOR", user)] for user in (LIVE, AGAIN, GONE, OVER, OTHER, LATER)]
    none = "not-yet"
    assert states == {
        "2025-05-31": [none, "live", none, none, "other-purpose", none], "2025-06-01": [none, none, none, none, "other-purpose", none],
        "2025-06-02": [none, "live", none, none, "other-purpose", none], "2026-11-20": ["live"] * 4 + ["other-purpose", none],
        "2026-11-21": ["live"] * 4 + ["other-purpose", none], "2026-11-22": ["live", "live", "withdrawn", "expired", "other-purpose", none],
        "2026-11-23": ["expired", "live", "withdrawn", "expired", "other-purpose", "live"],
    }  # fmt: skip


def test_csv_jsonl_and_parquet_with_ids_or_pseudonyms_are_one(tmp_path):
    rows = list(csv.DictReader(LEDGER.splitlines()[3:]))
    names = {made("AUTHOR", user): user for user in (LIVE, AGAIN, GONE, OVER, OTHER, LATER)}
    plain = [{"user_id": names[r["user"]], **{k: v or None for k, v in r.items() if k != "user"}} for r in rows]
    head = {"version": "2026-47", "as_of": "2026-11-20"}
    run = prepared(tmp_path)
    table = pa.Table.from_pylist(plain)
    for name in ("granted", "withdrawn", "retain_until"):
        table = table.set_column(table.column_names.index(name), name, pc.cast(table.column(name), pa.date32()))
    pq.write_table(table.replace_schema_metadata(head), tmp_path / "lists/a.parquet")
    (tmp_path / "lists/a.jsonl").write_bytes(lines(head, *plain))
    (tmp_path / "lists/b.jsonl").write_bytes(lines(*rows))
    text = NAMED_RUN.replace("DAY", "2026-11-22")
    found = []
    for given in (
        "lists/authorisations.csv",
        "lists/a.parquet",
        "lists/a.jsonl",
        f"{{path: lists/b.jsonl, key_id: {KEY_ID}}}",
    ):
        run.write_text(text.replace("lists/authorisations.csv", given))
        lists = load_run(run, BY_NAME, "2026-11-23").lists
        found.append((lists.data, lists.told[0].entries))
    assert found == [found[0]] * 4


def wrong(folder: Path, text: str = "", **lists: str) -> list[str]:
    run = prepared(folder, **lists)
    run.write_text(run.read_text().replace(*text.split(" -> ")) if text else run.read_text())
    with pytest.raises(ConfigError) as caught:
        load_run(run, BY_NAME, "2026-11-23")
    assert "canary" not in str(caught.value) and PHONE not in str(caught.value)
    return [p.replace(f"{folder}/", "") for p in caught.value.problems]


def test_every_mistake_in_a_list_is_told_with_its_place_and_without_what_stands_there(tmp_path):
    ledger = (
        LEDGER
        + "canary,training,v1,2026-01-01,,\n"
        + agreed("x", "2026-02-30")
        + "\n"
        + f"{made('AUTHOR', 'y')},,v1,canary,,\n"
    )
    told = wrong(tmp_path, refusals_txt=f"# key_id: {KEY_ID}\n{PHONE}\ncanary\n", blocked_txt="com.cn\nhttps://canary.example/\n好 好\n",
                 takedowns_txt="canary\n", authorisations_csv=ledger)  # fmt: skip
    rows = len(LEDGER.splitlines()) - 4
    assert told == [
        f"lists/authorisations.csv: row {rows + 1}: `user` is no pseudonym (32 hexadecimal digits); ids as records have them stand in `user_id`",
        f"lists/authorisations.csv: row {rows + 3}: names no purpose; say what was agreed to",
        f"lists/authorisations.csv: row {rows + 2}: `granted` is no date such as 2026-11-22; write days so",
        f"lists/authorisations.csv: row {rows + 3}: `granted` is no date such as 2026-11-22; write days so",
        *(f"lists/refusals.txt: line {n}: no fingerprint (32 hexadecimal digits); make it with `corpusledger subject fingerprint`" for n in (2, 3)),
        *(f"lists/blocked.txt: line {n}: no host or registrable domain; write names such as example.com.cn, without scheme, path and port" for n in (1, 2, 3)),
        "lists/takedowns.txt: line 1: no content id (64 hexadecimal digits); take it from `corpusledger query copies`",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("keys: {hmac: keys/hmac.key} -> ", "run.yaml:10: lists.authorisations: its fingerprints need a key; give keys.hmac"),
        ("lists/blocked.txt -> s3://b/x.txt", "run.yaml:12: lists.blocked_domains: 's3://b/x.txt' is no file of this machine"),
        ("version: first -> as_of: 2026-11-24", "run.yaml:13: lists.takedowns: as_of is 2026-11-24, which is still to come"),
        ("max_age_days: 31 -> as_of: 2026-10-23", "run.yaml:12: lists.blocked_domains: as_of is '2026-10-23' here and '2026-10-22' at the head"),
        ("lists/takedowns.txt -> lists", "run.yaml:13: lists.takedowns: 'lists' cannot be read (Is a directory)"),
        ("version: first -> purposes: [x]", "run.yaml:13: lists.takedowns: purposes are those of authorisations"),
        ("lists/authorisations.csv -> lists/takedowns.txt", "lists/takedowns.txt: name: no ledger that is read; write it as .csv, .jsonl or .parquet"),
        ("as_of: 2026-11-22 -> checks: {listed: off}", "run.yaml:10: lists.authorisations: the check `listed` is off; take one of the two out"),
        ("as_of: 2026-11-22 -> checks: {personal: off}", "run.yaml:11: lists.refusals: the check `personal` is off"),
    ],
)  # fmt: skip
def test_mistakes_in_run_yaml_are_told_with_their_line(tmp_path, change, problem):
    told = wrong(tmp_path, change)
    assert any(one.startswith(problem) for one in told), told


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe", b"user,purpose,granted\ncanary\n", b'user,purpose,granted\n"canary,x,2026-01-01\n', b"user,canary\n", b"", b"\xef\xbb\xbfcanary"],
)  # fmt: skip
def test_a_ledger_that_is_none_is_told_without_its_text(tmp_path, data):
    run = prepared(tmp_path)
    for name in ("authorisations.csv", "a.jsonl", "a.parquet"):
        (tmp_path / "lists" / name).write_bytes(data)
        run.write_text(NAMED_RUN.replace("DAY", "2026-11-22").replace("authorisations.csv", name))
        if not data and name == "a.jsonl":
            load_run(run, BY_NAME, "2026-11-23")
            continue
        with pytest.raises(ConfigError) as caught:
            load_run(run, BY_NAME, "2026-11-23")
        assert "canary" not in str(caught.value)


def test_fingerprints_that_no_key_is_told_of_are_a_mistake(tmp_path):
    told = wrong(tmp_path, refusals_txt=made("AUTHOR", "x") + "\n")
    assert told == [
        f"run.yaml:11: lists.refusals: the key of its fingerprints is not told; give key_id (this run's key is {KEY_ID})"
    ]


def test_the_command_makes_the_fingerprints_that_a_run_finds(tmp_path, monkeypatch):
    (tmp_path / "key").write_bytes(KEY)

    def asked(values: str, *words: str) -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(values.encode())))
        return here("subject", "fingerprint", "--key", tmp_path / "key", *words)

    made_here = asked(f" 138 1234 5678\n\n{MAIL.upper()}\n")
    assert made_here.out.splitlines() == [
        f"# key_id: {KEY_ID}", f"{made('CN_MOBILE', '+86' + PHONE)}  # CN_MOBILE", f"{made('EMAIL_ADDRESS', MAIL)}  # EMAIL_ADDRESS",
    ]  # fmt: skip
    assert asked("王小明\n", "--entity", "AUTHOR").out.splitlines()[1] == f"{made('AUTHOR', '王小明')}  # AUTHOR"
    refused = asked("canary 你好\n")
    assert (refused.code, "canary" in refused.err, "line 1" in refused.err) == (2, False, True)
    assert asked("", "canary").code == 2
