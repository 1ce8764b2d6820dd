"""The closed list of territories, and when a grant covers what is asked: known, known not to, or unknown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import SUPPORTED_REGIONS

from pipelines.config import load_sources
from schemas.errors import ConfigError
from schemas.territories import CODES, TERRITORIES, WORLDWIDE, covered

some = st.lists(st.sampled_from((*CODES[:6], WORLDWIDE, "中国大陆")), max_size=4)


def test_every_region_that_has_telephone_numbers_of_its_own_is_on_the_list_in_order_and_once():
    outside = {"AC", "TA", "XK"}  # reserved or user-assigned codes, none of ISO 3166-1
    assert set(SUPPORTED_REGIONS) - outside <= set(CODES)
    assert list(CODES) == sorted(set(CODES)) and len(CODES) == 249
    assert all(len(code) == 2 and code.isupper() for code in CODES)


@given(granted=some, asked=some, more=st.sampled_from(TERRITORIES))
def test_more_granted_never_takes_and_more_asked_never_gives(granted, asked, more):
    rank = {False: 0, None: 1, True: 2}
    before = rank[covered(granted, asked)]
    if granted:  # of nothing granted nothing is known, not that nothing is
        assert rank[covered([*granted, more], asked)] >= before
    if asked:
        assert rank[covered(granted, [*asked, more])] <= before


@given(granted=some, asked=some)
def test_only_what_is_declared_by_the_list_is_known(granted, asked):
    known = bool(granted and asked) and {*granted, *asked} <= {*TERRITORIES}
    assert (covered(granted, asked) is not None) == (known or WORLDWIDE in granted)


def written(folder: Path, territory: str) -> Path:
    (folder / "a.jsonl").write_text("{}\n")
    (folder / "s.yaml").write_text(
        f"id: s\npaths: [a.jsonl]\ncontract: {{id: C-1, territory: {territory}, territory_note: 中国大陆地区（不含港澳台）}}\n",
        encoding="utf-8",
    )
    return folder


def test_a_contract_names_codes_and_keeps_its_own_words_beside(tmp_path):
    ((source, _),) = load_sources(("s.yaml",), written(tmp_path, '[CN, "NO", worldwide]'), "2026-11-22")
    assert source.contract.territory == ("CN", "NO", "worldwide")
    assert source.contract.territory_note == "中国大陆地区（不含港澳台）"


@pytest.mark.parametrize("territory", ["[中国大陆]", "[cn]", "[EU]", "[CN, XK]", "CN", "[NO]"])
def test_a_word_that_is_not_on_the_list_is_told_with_its_line(tmp_path, territory):
    with pytest.raises(ConfigError, match=r"s\.yaml:3: source\.contract\.territory"):
        load_sources(("s.yaml",), written(tmp_path, territory), "2026-11-22")
