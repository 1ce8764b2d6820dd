"""Pages and authors are counted by keys that name nobody: ways of writing one name are one, masked URLs are what is hashed."""

import hashlib
import hmac

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import kernels
from checks.personal import Personal
from checks.personal.keys import use_key
from checks.personal.tables import AUTHOR_KEY, SCHEMAS, authors, canonical_author, pages
from schemas.errors import LedgerError
from tests.checks.test_personal_validators import a_mobile, an_email
from tests.kit.records import records

ALIKE = [
    ("张伟", "张 伟", "张\u3000伟", "\u3000张伟 ", "张\u00a0伟"),
    ("阿卜杜拉·买买提", "阿卜杜拉•买买提"),
    ("Zhang Wei", "ＺＨＡＮＧ Ｗｅｉ", "zhang  wei", " Zhang Wei\n"),
    ("writer_7@example", "ｗｒｉｔｅｒ＿７＠ｅｘａｍｐｌｅ"),
]
APART = ["张伟", "章伟", "张伟民", "Zhang Wei", "zhangwei", "Wei Zhang"]


@pytest.fixture(scope="module")
def key_id(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "hmac.key"
    path.write_bytes(b"tables of authors" * 2)
    return use_key(path)


def counts(table, name):
    """Key in hexadecimal digits -> its counts, added up."""
    found = {}
    for row in table.to_pylist():
        key = row.pop(name).hex()
        found[key] = [a + b for a, b in zip(found.get(key, [0] * len(row)), row.values(), strict=True)]
    return found


def expected_key(author):
    """By the standard library alone: RFC 2104 with SHA-256 over the form that all ways of writing share."""
    return hmac.digest(b"tables of authors" * 2, f"{AUTHOR_KEY}\0{author}".encode(), "sha256")[:16].hex()


@pytest.mark.parametrize("ways", ALIKE)
def test_ways_of_writing_one_name_are_one_author(ways, key_id):
    batch = records([{"text": "一" * (n + 1), "author": way} for n, way in enumerate(ways)])
    found = counts(Personal(key_id=key_id).look(batch).tables["author"], "author")
    assert list(found.values()) == [[len(ways), 3 * len(ways) * (len(ways) + 1) // 2]]


def test_names_that_differ_are_apart():
    assert len({canonical_author(name) for name in APART}) == len(APART)


def test_the_table_of_authors_is_what_its_definition_says(key_id):
    long = "作者" * 5_000
    rows = [
        (long, "己"),
        ("张 伟", "甲乙"),
        (None, "丙"),
        ("  ", "丁"),
        ("ＬＩ Lei", "abc"),
        ("张伟", ""),
        ("li lei", "de"),
    ]
    batch = records([{"text": text, "author": author} for author, text in rows])
    table = authors(batch.column("author"), batch.column("text"), key_id)
    assert table.schema == SCHEMAS["author"]
    assert counts(table, "author") == {
        expected_key("张伟"): [2, 6],
        expected_key("li lei"): [2, 5],
        expected_key(long): [1, 3],
    }


def test_without_a_key_there_is_no_table_of_authors_and_another_key_makes_another(key_id, tmp_path):
    batch = records([{"text": "x", "author": "张伟", "url": "https://example.org/"}])
    assert list(Personal().look(batch).tables) == ["url"]
    (tmp_path / "other.key").write_bytes(b"another key of 32 bytes, or more")
    other = use_key(tmp_path / "other.key")
    one, two = (counts(Personal(key_id=k).look(batch).tables["author"], "author") for k in (key_id, other))
    assert one.keys().isdisjoint(two)
    with pytest.raises(LedgerError, match="key 00000000deadbeef is set but not loaded"):
        Personal(key_id="00000000deadbeef").look(batch)


def test_the_key_of_a_list_or_a_finding_is_another(key_id):
    from checks.listed.people import fingerprints, pseudonyms
    from checks.personal.entities import BUILT_IN

    batch = records([{"text": "x", "author": "zhang wei"}])
    (found,) = counts(Personal(key_id=key_id).look(batch).tables["author"], "author")
    elsewhere = {*pseudonyms(["zhang wei"], key_id), *fingerprints(["zhang wei"], key_id, BUILT_IN)[0]}
    assert bytes.fromhex(found) not in elsewhere


def test_pages_are_hashed_as_masked_and_those_that_differ_in_a_value_alone_are_one():
    mobiles = [a_mobile(138_000), a_mobile(138_001)]
    urls = [
        *(f"https://example.org/u?tel={mobile}" for mobile in mobiles), f"https://example.org/?m={an_email()}",
        "https://example.org/a", "https://example.org/a", "https://example.org/A", None, " ", "https://档案.中国/目录",
    ]  # fmt: skip
    seen = Personal().look(records([{"text": "x", "url": url} for url in urls]))
    masked = [url for url in seen.columns.column("url_masked").to_pylist() if url and url.strip()]
    expected = {}
    for url in masked:
        key = hashlib.sha256(url.encode()).hexdigest()[:32]
        expected[key] = [expected.get(key, [0])[0] + 1]
    assert seen.tables["url"].schema == SCHEMAS["url"]
    assert counts(seen.tables["url"], "url") == expected
    assert sorted(n for (n,) in expected.values()) == [1, 1, 1, 2, 2]
    plain = {hashlib.sha256(url.encode()).hexdigest()[:32] for url in urls[:3]}
    assert plain.isdisjoint(expected)  # whoever guesses a number cannot try it


@given(
    urls=st.lists(st.none() | st.text(st.characters(exclude_categories=("Cs",)), max_size=12), max_size=12),
    cut=st.integers(0, 12),
)
def test_slices_types_and_the_kernel_make_no_difference(urls, cut):
    column = pa.array(urls, pa.string())
    whole = counts(pages(column), "url")
    parts = counts(pa.concat_tables([pages(column.slice(0, cut)), pages(column.slice(cut))]), "url")
    wide = counts(pages(column.cast(pa.large_string())), "url")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "library", lambda: None)
        plain = counts(pages(column), "url")
    assert whole == parts == wide == plain
    assert sum(n for (n,) in whole.values()) == sum(1 for url in urls if url and url.strip())
