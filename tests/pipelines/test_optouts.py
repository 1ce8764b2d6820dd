"""Opt-outs in a run: captures of the customer's crawler named in run.yaml, kept raw, joined by host and time, gated on."""

import gzip
import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from checks import BY_NAME
from checks.optouts import BYTES, CAPTURES
from manifests.runs import load_manifest, sealed_runs
from manifests.store import open_store
from manifests.tables import read_files
from pipelines import optouts
from pipelines.config import load_run
from schemas.errors import ConfigError
from tests.kit.command import command, here, lines, write_run

AT = "2024-05-18T02:00:00Z"
BEFORE, LATER = "2024-05-18T01:00:00Z", "2026-11-01T00:00:00Z"
FILLING = "The archive keeps a list of everything that came in, and nobody has to guess what stands on which shelf. "
ROBOTS = b"User-agent: *\nDisallow: /private/\n\nUser-agent: GPTBot\nUser-agent: CCBot\nDisallow: /news/\n"
SILENT = b"User-agent: *\nDisallow: /admin/\n"
WEB = "paths: [corpus/web.jsonl]\nclass: self-collected\ncolumns: {text: text, url: url, collected_at: collected_at}\n"
OPTOUTS = """\
optouts:
  then: [captures/then.jsonl.gz, captures/more.parquet, captures/pages.warc.gz]
  now: [captures/now*.jsonl]
  contracts: {paid.example: C-2024-117}
checks: {optouts: {needed: [robots], needed_now: [robots]}}
"""


def robots(host, body, at=BEFORE, status=200, kind="robots"):
    return {"kind": kind, "host": host, "fetched_at": at, "status": status, "body": body.decode()}


def record(kind, url, payload, ident, media="application/http; msgtype=response", at=AT, **more):
    head = {"WARC-Type": kind, "WARC-Target-URI": url, "WARC-Date": at, "WARC-Record-ID": f"<urn:uuid:{ident}>"}
    head |= {"Content-Type": media, "Content-Length": str(len(payload))} | more
    return (
        b"WARC/1.0\r\n" + b"".join(f"{k}: {v}\r\n".encode() for k, v in head.items()) + b"\r\n" + payload + b"\r\n\r\n"
    )


def response(url, body, ident, *headers, status="200 OK", at=AT):
    block = "".join(
        f"{line}\r\n" for line in (f"HTTP/1.1 {status}", "Content-Type: text/html", "Set-Cookie: who=zhang", *headers)
    )
    return record("response", url, block.encode() + b"\r\n" + body, ident, at=at)


def rows():
    return [
        {"text": f"news {FILLING}", "url": "https://news.example/news/1.html", "collected_at": AT},
        {"text": f"other {FILLING}", "url": "https://NEWS.example:443/other/1.html?a=b", "collected_at": AT},
        {"text": f"private {FILLING}", "url": "http://news.example/private/x", "collected_at": AT},
        {"text": f"paid {FILLING}", "url": "https://www.paid.example/1", "collected_at": AT},
        {"text": f"silent {FILLING}", "url": "https://silent.example/1", "collected_at": AT},
        {"text": f"since {FILLING}", "url": "https://since.example/1", "collected_at": AT},
        {"text": f"early {FILLING}", "url": "https://news.example/news/1.html", "collected_at": "2024-05-18T00:30:00Z"},
        {"text": f"nowhere {FILLING}", "url": "https://nobody.example/zhang-san", "collected_at": AT},
        {"text": f"noai {FILLING}", "url": "https://page.example/a", "collected_at": AT},
        {"text": f"no url {FILLING}"},
    ]


def prepared(folder, more=OPTOUTS, source=WEB, corpus=None):
    run = write_run(folder, {"web": source}, {"web.jsonl": lines(*(corpus or rows()))}, more)
    captures = folder / "captures"
    captures.mkdir()
    then = [
        robots("news.example", ROBOTS), robots("silent.example", SILENT), robots("since.example", SILENT),
        robots("page.example", b"", status=404),
    ]  # fmt: skip
    (captures / "then.jsonl.gz").write_bytes(gzip.compress(lines(*then)))
    paid = {
        "kind": ["robots"],
        "host": ["www.paid.example"],
        "fetched_at": [BEFORE],
        "status": [200],
        "body": [b"User-agent: *\nDisallow: /\n"],
    }
    pq.write_table(pa.table(paid), captures / "more.parquet")
    page = response(
        "https://page.example/a",
        b"<html><head><title>t</title></head>zhang san</html>",
        "1",
        "X-Robots-Tag: noai",
        at=AT,
    )
    file = response("https://warc.example/robots.txt", SILENT, "2")
    (captures / "pages.warc.gz").write_bytes(gzip.compress(page) + gzip.compress(file))
    (captures / "now-1.jsonl").write_bytes(
        lines(robots("since.example", b"User-agent: *\nContent-Signal: ai-train=no\n", LATER))
    )
    (captures / "now-2.jsonl").write_bytes(lines(robots("silent.example", SILENT, LATER)))
    return run


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("optouts")
    result = here("run", prepared(folder), "--json")
    assert result.code in {0, 1}, result.err
    return folder, result.result


def measures(result):
    return {m["measure"]: m["value"] for m in result["measures"] if m["check"] == "optouts"}


def test_records_are_counted_by_what_their_sites_said_then_and_say_now(done):
    _, result = done
    found = measures(result)
    assert {name: value for name, value in found.items() if value} == {
        "records": 10, "no_url_records": 1, "evidence_records": 7, "disallowed_records": 3, "disallowed_records_ppm": 300_000,
        "contract_records": 1, "silent_records": 3, "unknown_records": 3, "unknown_records_ppm": 300_000,
        "robots_records": 3, "noai_records": 1, "evidence_now_records": 2, "disallowed_now_records": 1,
        "disallowed_now_records_ppm": 100_000, "newly_disallowed_records": 1, "unknown_now_records": 8, "files_then": 7,
        "files_now": 2,
    }  # fmt: skip
    assert all(value is not None for value in found.values())


def test_findings_name_signal_agent_and_bytes_and_never_an_address(done):
    folder, result = done
    asked = here(
        "query", "findings", result["run"], "--ledger", folder / "ledger", "--check", "optouts", "--json"
    ).result
    digest = hashlib.sha256(ROBOTS).hexdigest()
    agents = ROBOTS.index(b"Disallow: /news/")
    told = [(row["rule"], row["detail"]) for row in asked["rows"]]
    assert told[:2] == [
        ("optouts.robots", f"at fetch ({BEFORE}): disallow to agent CCBot and 1 more: bytes {agents}-{agents + 16} of sha256:{digest}"),
        ("optouts.robots", f"at fetch ({BEFORE}): disallow to everybody: bytes 14-33 of sha256:{digest}"),
    ]  # fmt: skip
    assert [rule for rule, _ in told[2:]] == [
        "optouts.robots",
        "optouts.now.robots-content-signal",
        "optouts.x-robots-tag-header",
    ]
    assert "example" not in "".join(detail for _, detail in told)


def test_an_opt_out_is_a_term_of_the_records_licence_and_query_uses_asks_for_its_removal(done):
    ledger = (done[1]["run"], "--ledger", done[0] / "ledger", "--json")
    found = here("query", "findings", *ledger, "--rule", "licence.optouts").result["rows"]
    said = "LicenseRef-site-opt-out (optouts 1: {})"
    assert sorted(r["detail"] for r in found) == [said.format(x) for x in ("robots", "robots", "x-robots-tag-header")]
    uses = here("query", "uses", *ledger, "--use", "train").result["rows"]
    assert {row["licence"]: (row["answer"], row["records"], row["remove"]) for row in uses} == {
        "LicenseRef-site-opt-out AND LicenseRef-unknown": ("deny", 3, True), "LicenseRef-unknown": ("unknown", 7, True),
    }  # fmt: skip


def test_the_ledger_holds_the_raw_bytes_by_digest_and_nothing_of_a_page_but_its_signals(done):
    folder, _ = done
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, sealed_runs(store)[0])
    files = {r["name"]: r for r in read_files(store, manifest).to_pylist()}
    entry = next(c for c in manifest.checks if c.name == "optouts")
    objects = folder / "ledger/objects"
    captures = pq.read_table(objects / files["optouts/captures"]["digest"][:2] / files["optouts/captures"]["digest"])
    raw = pq.read_table(objects / files["optouts/bytes"]["digest"][:2] / files["optouts/bytes"]["digest"])
    assert (captures.schema.names, raw.schema.names) == (CAPTURES.names, BYTES.names)
    assert entry.inputs["opt-out captures"] == entry.settings["captures"] == files["optouts/captures"]["digest"]
    assert entry.inputs["opt-out bytes"] == entry.settings["raw"] == files["optouts/bytes"]["digest"]
    held = dict(zip(*(c.to_pylist() for c in raw.columns), strict=True))
    assert all(hashlib.sha256(data).hexdigest() == digest for digest, data in held.items())
    assert ROBOTS in held.values()
    assert b"x-robots-tag: noai\r\n" in held.values()
    given = hashlib.sha256((folder / "captures/more.parquet").read_bytes()).hexdigest()
    assert f"then sha256:{given}" in entry.settings["files"]
    assert entry.settings["contracts"] == ["paid.example: C-2024-117"]
    whole = b"".join(p.read_bytes() for p in (folder / "ledger").rglob("*") if p.is_file())
    for text in (b"zhang", b"page.example/a", b"zhang-san"):
        assert text not in whole
    assert command("verify", folder / "ledger").code == 0


def test_without_captures_nothing_is_known_and_a_run_that_names_some_looks_again(tmp_path):
    run = prepared(tmp_path)
    first = here("run", run, "--json").result
    again = here("run", run, "--json").result
    assert again["made"] == {}
    (tmp_path / "captures/now-2.jsonl").write_bytes(
        lines(robots("silent.example", b"User-agent: *\nDisallow: /", LATER))
    )
    changed = here("run", run, "--json").result
    assert changed["made"] == {name: first["made"][name] for name in ("licence", "optouts")}
    assert measures(changed)["disallowed_now_records"] == 2
    run.write_text(run.read_text().replace(OPTOUTS, ""))
    without = here("run", run, "--json").result
    assert set(measures(without).values()) == {None}


def test_a_warc_brings_its_pages_words_and_a_wet_is_joined_to_its_warc(tmp_path):
    page = "<html><head><title>t</title>{}</head><body><p>" + FILLING * 3 + "</p></body></html>"
    noai, quiet = (page.format(m).encode() for m in ('<meta name="robots" content="noindex, NoAI">', ""))
    corpus = [
        response("https://news.example/a", noai, "a"), response("https://news.example/b", quiet, "b"),
        response("https://news.example/c", quiet, "c", "TDM-Reservation: 1"),
    ]  # fmt: skip
    texts = [
        record("conversion", "https://else.example/d", FILLING.encode(), "t1", "text/plain", **{"WARC-Refers-To": "<urn:uuid:d>"}),
        record("conversion", "https://wet.example/e", FILLING.encode() * 2, "t2", "text/plain", **{"WARC-Refers-To": "<urn:uuid:gone>"}),
        record("conversion", "https://wet.example/f", FILLING.encode() * 3, "t3", "text/plain"),
    ]  # fmt: skip
    files = {"w.warc.gz": b"".join(map(gzip.compress, corpus)), "t.warc.wet.gz": b"".join(map(gzip.compress, texts))}
    more = "optouts: {then: [captures.warc.gz]}\nchecks: {optouts: {needed: [page]}}\n"
    sources = {"warc": "paths: [corpus/w.warc.gz]\n", "wet": "paths: [corpus/t.warc.wet.gz]\n"}
    run = write_run(tmp_path, sources, files, more)
    of_wet = [
        response("https://wet.example/d", quiet, "d", "X-Robots-Tag: noai"),
        response("https://wet.example/f", quiet, "f"),
    ]
    (tmp_path / "captures.warc.gz").write_bytes(b"".join(map(gzip.compress, of_wet)))
    result = here("run", run, "--json").result
    asked = here(
        "query", "findings", result["run"], "--ledger", tmp_path / "ledger", "--check", "optouts", "--json"
    ).result
    assert sorted((r["source"], r["rule"], r["offset"]) for r in asked["rows"]) == [
        ("warc", "optouts.robots-meta", 0), ("warc", "optouts.tdmrep-header", len(corpus[0]) + len(corpus[1])),
        ("wet", "optouts.x-robots-tag-header", 0),
    ]  # fmt: skip
    found = {
        name: value
        for name, value in measures(result).items()
        if name.split("_")[0] in {"silent", "unknown", "disallowed"}
    }
    assert found == {
        "disallowed_records": 3, "disallowed_records_ppm": 500_000, "silent_records": 2, "unknown_records": 1,
        "unknown_records_ppm": 166_666, "disallowed_now_records": None, "disallowed_now_records_ppm": None,
        "unknown_now_records": 6,
    }  # fmt: skip


def test_query_domains_lists_those_that_most_text_came_from(done):
    folder, result = done
    asked = here("query", "domains", result["run"], "--ledger", folder / "ledger", "--top", "50", "--json").result
    sizes = {}
    for row in rows()[:-1]:
        domain = row["url"].lower().split("/")[2].split(":")[0].removeprefix("www.")
        sizes[domain] = sizes.get(domain, 0) + len(row["text"])
    whole = sum(sizes.values())
    largest = sorted(sizes, key=lambda one: (-sizes[one], one))[:3]
    assert [(r["domain"], r["bytes"], r["bytes_ppm"]) for r in asked["rows"]] == [
        (one, sizes[one], sizes[one] * 1_000_000 // whole) for one in largest
    ]
    assert (asked["domains"], asked["bytes"], asked["other_records"]) == (6, whole, 1)
    small = here("query", "domains", result["run"], "--ledger", folder / "ledger", "--sme", "--source", "web")
    assert small.out.splitlines()[1].split()[0] == "news.example"
    assert "1 of 6 domains" in small.out


def wrong(folder, more=OPTOUTS, **files):
    run = prepared(folder, more)
    for name, data in files.items():
        (folder / "captures" / name).write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_run(run, BY_NAME, "2026-11-22")
    return [p.replace(f"{folder}/", "") for p in caught.value.problems if "sources/" not in p]


def test_every_mistake_is_told_with_its_place(tmp_path):
    bad = lines({"kind": "robots", "host": "a.example", "fetched_at": "yesterday"}, {"kind": "page"}) + b"[]\n\xff\n"
    told = wrong(
        tmp_path, OPTOUTS, **{"then.jsonl.gz": gzip.compress(bad), "more.parquet": b"PAR1", "now-3.jsonl": b"\n"}
    )
    parquet = next(line for line in told if "more.parquet" in line)
    assert parquet.startswith("run.yaml:8: optouts.then: 'more.parquet' cannot be read (")
    assert [line for line in told if line != parquet] == [
        "captures/then.jsonl.gz:1: fetched_at is no time: write ISO 8601 or 14 digits; mend the row, or take it out",
        "captures/then.jsonl.gz:2: a page has no url; mend the row, or take it out",
        "captures/then.jsonl.gz:3: no JSON object; a file of captures has one object a line; mend the row, or take it out",
        "captures/then.jsonl.gz:4: no JSON; a file of captures has one object a line; mend the row, or take it out",
        "run.yaml:9: optouts.now: 'now-3.jsonl' holds nothing of a site; name another file, or take it out",
    ]


@pytest.mark.parametrize(("more", "told"), [
    ("optouts: {then: [captures/none.jsonl]}\n", "no file matches 'captures/none.jsonl'"),
    ("optouts: {then: [s3://b/x.jsonl]}\n", "is no file of this machine"),
    ("optouts: {then: [captures/*.gz, run.yaml]}\n", "'run.yaml' is of no kind that is read"),
    ("optouts: {contracts: {a.example: C-1}}\n", "there is no file that a contract could stand against"),
    ("optouts: {then: [captures/then.jsonl.gz], contracts: {https://a.example/x: C-1}}\n", "is no host or domain"),
    ("optouts: {then: [captures/then.jsonl.gz]}\nchecks: {optouts: off}\n", "the check `optouts` is off"),
    ("optouts: {then: [captures/then.jsonl.gz]}\nchecks: {optouts: {needed: [humans]}}\n", "needed has 'humans'"),
    (f"checks: {{optouts: {{captures: {'a' * 64}}}}}\n", "leave them out here"),
])  # fmt: skip
def test_a_wrong_setting_is_refused(tmp_path, more, told):
    problems = wrong(tmp_path, more)
    assert any(told in problem for problem in problems), problems


def test_more_files_than_processes_can_hold_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(optouts, "MOST_FILES", 3)
    assert any("run the corpus in parts" in problem for problem in wrong(tmp_path))
