"""A reason why nothing is there is said once a row of a report, in both languages; what is there is not touched."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from manifests.article19 import article19
from manifests.disclose import report_html
from manifests.report import DITTO, Cell, missing, said_once, text
from manifests.report_lists import lists
from schemas.manifest import TableSet
from schemas.run import JOINED_LISTS
from tests.kit.ledgers import manifest

BASE = manifest("run-1", TableSet((), ""), TableSet((), ""))
NOBODY = {"list": "refusals", "state": "not-given"}
GIVEN = {"list": "takedowns", "state": "joined", "version": "7", "entries": 3, "hits": 0, "digest": "a" * 64}


def of_lists(*told: dict) -> tuple[tuple[Cell, ...], ...]:
    return lists(replace(BASE, settings={**BASE.settings, "lists": list(told)}))[0].rows  # type: ignore[union-attr]


def test_of_a_list_that_was_not_given_the_state_says_so_once() -> None:
    ((name, state, *rest),) = of_lists(NOBODY)
    assert (name.value, state.value, rest) == ("list.refusals", "list_state.not-given", [DITTO] * 6)
    page = report_html(
        article19(
            replace(BASE, settings={**BASE.settings, "lists": [{**NOBODY, "list": one} for one in JOINED_LISTS]}),
            "a" * 64,
            signed=True,
        )
    )
    assert page.count("未给出，未查对") == len(JOINED_LISTS)


def test_of_a_list_that_was_joined_every_number_stands_and_zero_is_a_number() -> None:
    (row,) = of_lists(GIVEN)
    assert [cell.kind for cell in row] == ["term", "term", "text", "missing", "text", "count", "count", "code"]
    assert (row[3], row[4], row[6].value) == (missing("not-recorded"), DITTO, 0)


cells = st.sampled_from([missing("not-declared"), missing("not-recorded"), text("甲"), Cell("count", 0)])


@given(st.lists(cells, max_size=6).map(tuple))
def test_what_was_said_can_be_read_back_and_only_reasons_are_left_out(row: tuple[Cell, ...]) -> None:
    told, read = said_once(row), []
    for cell in told:
        read.append(read[-1] if cell == DITTO else cell)
    assert tuple(read) == row
    assert [cell for cell in told if cell.kind != "missing" and cell != DITTO] == [
        c for c in row if c.kind != "missing"
    ]
    assert said_once(()) == ()


def test_a_source_that_declares_nothing_of_its_collection_says_so_once_in_its_row() -> None:
    page = report_html(article19(BASE, "a" * 64, signed=True))
    section = page[page.index("采集方式、时间范围") : page.index("境内、境外来源情况")]
    row = section[section.index("books-en") : section.index("</tr>", section.index("books-en"))]
    assert (row.count("登记未填写"), row.count("〃")) == (1, 4)
