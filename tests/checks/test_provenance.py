"""Where records come from: sites by registrable domain, dates as far as given, unknown counted as unknown."""

import pyarrow as pa
import pytest

from checks.addresses import dates, domains, registrable_domain
from checks.provenance import Provenance
from tests.kit.record_corpus import kit_corpus
from tests.kit.records import address, records, shown, with_registry

URLS = [
    ("https://www.example.com.cn/a?b", "example.com.cn"),
    ("http://user:pw@sub.news.163.com:80/", "163.com"),  # short digits are a site's name
    ("https://kyfw.12306.cn/otn", "12306.cn"),
    ("HTTP://Example.COM", "example.com"),
    ("//cdn.site.co.uk/x", "site.co.uk"),
    ("www.gov.cn/zhengce", "www.gov.cn"),  # gov.cn itself is a public suffix
    ("https://中国.cn/路径", "xn--fiqs8s.cn"),
    ("https://档案.中国/目录", "xn--dyv4b.xn--fiqs8s"),
    ("https://somebody.github.io/x", "github.io"),  # the name before it may be a person's
    ("ftp://192.0.2.1/x", "ip-address"),
    ("http://[2001:db8::1]:80/", "ip-address"),
    ("http://2130706433/", "ip-address"),
    ("http://0x7f.1/", "ip-address"),
    ("http://" + "138" + "00138" + "000" + ".com/", "masked"),
    ("http://138-" + "0013" + "-8000.com/", "masked"),
    ("http://１３８００１３８０００.com/", "masked"),
    ("http://localhost/", "no-host"),
    ("file:///etc/hosts", "no-host"),
    ("mailto:" + address("who", "example.org"), "no-host"),
    ("no url at all", "no-host"),
    ("http://com/", "no-host"),
    ("", "no-url"),
    ("   ", "no-url"),
    (None, "no-url"),
]
DATES = [
    ("2023", "2023"), ("2023-08", "2023-08"), ("2023-08-15T01:02:03Z", "2023-08-15"), ("2023-08-15 09:00", "2023-08-15"),
    ("2023/8/5", "2023-08-05"), ("2023.8.5", "2023-08-05"), ("20230815", "2023-08-15"), ("20230815120000", "2023-08-15"),
    ("2023年8月15日", "2023-08-15"), ("2023年", "2023"), (" 2021-01-02 ", "2021-01-02"),
    ("2023-13-01", None), ("2023-02-40", None), ("15 Aug 2023", None), ("1692057600", None), ("20231", None),
    ("1066-10-14", None), ("昨天", None), ("", None), (None, None),
]  # fmt: skip


@pytest.mark.parametrize(("url", "domain"), URLS)
def test_domain_of_a_url(url, domain):
    seen = Provenance().look(records([{"text": "x", "url": url}]))
    assert seen.columns.column("domain").to_pylist() == [domain]


@pytest.mark.parametrize(("given", "date"), DATES)
def test_date_as_far_as_it_is_given(given, date):
    assert dates(pa.array([given, given], pa.string())).to_pylist() == [date, date]


def test_tables_by_domain_and_year():
    seen = Provenance().look(records([
        {"text": "一二", "url": "https://a.example.org/1", "collected_at": "2020-01-01"},
        {"text": "abc", "url": "https://b.example.org/2", "collected_at": "2020"},
        {"text": "", "url": None, "collected_at": "soon"},
        {"text": "z", "url": None},
    ]))  # fmt: skip
    assert seen.tables["domain"].to_pylist() == [
        {"domain": "example.org", "records": 2, "bytes": 9},
        {"domain": "no-url", "records": 2, "bytes": 1},
    ]
    assert seen.tables["year"].to_pylist() == [
        {"year": "2020", "records": 2, "bytes": 9},
        {"year": "undated", "records": 1, "bytes": 1},
        {"year": "unreadable", "records": 1, "bytes": 0},
    ]
    assert seen.columns.column("date").to_pylist() == ["2020-01-01", "2020", None, None]
    assert seen.findings is None


@pytest.mark.parametrize(
    ("registry", "unregistered", "unreviewed"),
    [
        ({"source.registered": "yes", "source.review": "approved"}, 0, 0),
        ({"source.registered": "yes", "source.review": "pending"}, 0, 5),
        ({"source.registered": "yes"}, 0, 5),
        ({"source.registered": "no"}, 5, 5),
        ({}, 5, 5),  # what nobody declared is never fine
    ],
)
def test_what_the_registry_does_not_say_counts_against_the_records(registry, unregistered, unreviewed):
    check = Provenance()
    report = check.report(check.look(shown(check, kit_corpus()["en"], registry)).total)
    assert (report["unregistered_records"], report["unreviewed_records"]) == (unregistered, unreviewed)
    assert report["unregistered_records_ppm"] == unregistered * 200_000


def test_report_by_hand():
    check = Provenance()
    report = check.report(check.look(shown(check, kit_corpus()["en"])).total)
    assert report == {
        "records": 5, "bytes": 1032, "unregistered_records": 0, "unregistered_records_ppm": 0, "unreviewed_records": 0,
        "url_records": 5, "dated_records": 3, "dated_records_ppm": 600_000, "licence_records": 1, "author_records": 1,
    }  # fmt: skip
    assert check.report(check.zero())["dated_records_ppm"] is None


def test_a_batch_without_the_optional_columns():
    batch = with_registry(kit_corpus()["en"].select(["row", "text"]), [], False, {}, "")
    assert Provenance().look(batch).total["url"] == 0


def test_no_part_of_a_host_but_the_registered_name_is_kept():
    host = "zhang-san-1990.blog.example.com"
    assert registrable_domain(host) == "example.com"
    assert domains(pa.array([f"https://{host}/", None], pa.string())).to_pylist() == ["example.com", "no-url"]
