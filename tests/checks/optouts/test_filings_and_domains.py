"""Filing numbers as hints of origin; the domains most of a crawl came from; the watch list as a file."""

import pyarrow as pa
import pytest

from checks.optouts import built_in_list, list_digest, top_domains, watch_list
from checks.optouts.agents import PATH
from checks.optouts.top_domains import SME_MOST, SME_TOP_PPM
from checks.origin_hints import filings
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError

TEXT = "版权所有 京ICP备05000001号-1 京ICP证030173号 粤B2-20090191 京公网安备 11000002000001号"


def test_filing_numbers_are_found_with_kind_province_and_bytes():
    found = filings(TEXT)
    data = TEXT.encode()
    assert [(one.kind, one.province) for one in found] == [
        ("icp-filing", "京"), ("icp-licence", "京"), ("telecom-licence", "粤"), ("police-filing", "京")]  # fmt: skip
    assert data[found[0].start : found[0].end].decode() == "京ICP备05000001号-1"
    assert data[found[3].start : found[3].end].decode() == "京公网安备 11000002000001号"


@pytest.mark.parametrize(("text", "kinds"), [
    ("沪icp备 2021012345 号", ["icp-filing"]), ("滬ICP備05000001號", ["icp-filing"]), ("粤ICP备05000001号粤ICP备05000002号", ["icp-filing"] * 2),
    ("ICP备05000001号", []), ("京ICP备12345号", []), ("京ICP备号", []), ("X京ICP备05000001号", []), ("京ICP备案", []), ("京B2-2009019", []),
    ("京ICP备123456789012号", []), ("", []), ("北京", []), ("京津冀", []),
])  # fmt: skip
def test_what_is_and_what_is_not_a_filing_number(text, kinds):
    assert [one.kind for one in filings(text)] == kinds


def table(rows):
    schema = pa.schema([("domain", pa.string()), ("records", pa.int64()), ("bytes", pa.int64())])
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def test_the_top_tenth_by_bytes_is_rounded_up_and_ties_go_by_name():
    rows = [(f"d{i:02}.cn", 1, 100 + (i == 7) * 100) for i in range(20)] + [
        ("no-url", 5, 9000),
        ("ip-address", 1, 1),
        ("masked", 2, 7),
    ]
    found = top_domains(table(rows))
    assert found.rows.column("domain").to_pylist() == ["d07.cn", "d00.cn"]
    assert found.rows.column("bytes_ppm").to_pylist() == [200 * 1_000_000 // 2100, 100 * 1_000_000 // 2100]
    assert (found.domains, found.bytes, found.other_records, found.other_bytes) == (20, 2100, 8, 9008)
    assert top_domains(table(rows[:1])).rows.num_rows == 1


def test_rows_of_several_sources_are_one_domain_and_order_does_not_matter():
    rows = [("a.cn", 1, 5), ("b.cn", 1, 8), ("a.cn", 1, 5)]
    assert top_domains(table(rows)).rows.to_pylist() == [
        {"domain": "a.cn", "records": 2, "bytes": 10, "bytes_ppm": 555_555}
    ]
    assert top_domains(table(rows[::-1])) == top_domains(table(rows))


def test_small_providers_list_fewer_and_nothing_gives_nothing():
    rows = [(f"d{i}.cn", 1, 1) for i in range(30_000)]
    assert top_domains(table(rows), SME_TOP_PPM, SME_MOST).rows.num_rows == 1000
    assert top_domains(table(rows[:100]), SME_TOP_PPM, SME_MOST).rows.num_rows == 5
    empty = top_domains(table([]))
    assert (empty.rows.num_rows, empty.domains, empty.bytes) == (0, 0, 0)
    assert top_domains(table([("a.cn", 1, 0)])).rows.column("bytes_ppm").to_pylist() == [0]
    with pytest.raises(ValueError, match="share_ppm is 0"):
        top_domains(table([]), 0)


def test_the_list_that_comes_along_is_whole_and_dated():
    found = built_in_list()
    assert list_digest() == sha256_hex(PATH.read_bytes())
    assert {"GPTBot", "ClaudeBot", "CCBot", "Google-Extended", "Applebot-Extended", "Bytespider"} <= set(
        found.tokens("train")
    )
    assert {"PetalBot", "Baiduspider"} <= set(found.tokens("search"))
    assert [agent.token for agent in found.agents if agent.source not in {source.id for source in found.sources}] == []


def test_a_wrong_list_is_refused_with_every_problem():
    good = PATH.read_text(encoding="utf-8")
    bad = good.replace("purpose: train, source: airt}", "purpose: trian, source: airt}", 1)
    with pytest.raises(ConfigError, match="trian"):
        watch_list(bad.encode(), "mine.yaml")
    with pytest.raises(ConfigError, match="stands twice") as told:
        watch_list(
            good.replace("token: GPTBot", "token: ccbot")
            .replace("operator: Ai2, purpose: train, source: airt", "operator: Ai2, purpose: train, source: x", 1)
            .encode(),
            "m",
        )
    assert "names the source 'x'" in str(told.value)
    with pytest.raises(ConfigError):
        watch_list(b"", "empty.yaml")
