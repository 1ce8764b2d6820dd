"""The taxonomy of risks: 31, 29 and 17 leaves, each in its own text; crosswalks that point somewhere; files that are wrong."""

import pytest

from schemas.errors import ConfigError
from schemas.risks import PATH, read_taxonomy, risk_ids, taxonomy, taxonomy_digest

TEXT = PATH.read_text(encoding="utf-8")


def test_the_three_counts_are_those_of_their_texts():
    counts = {scope.id: len(risk_ids(scope.id)) for scope in taxonomy().scopes}
    assert counts == {"tc260-003": 31, "gbt-45654": 31, "gbt-45652": 29, "keywords": 17}
    groups = [leaf.partition(".")[0] for leaf in risk_ids()]
    assert [groups.count(group) for group in ("A1", "A2", "A3", "A4", "A5")] == [8, 9, 5, 7, 2]
    assert risk_ids()[0] == "A1.a"
    assert risk_ids()[-1] == "A5.b"


def test_leaves_are_lettered_as_the_appendix_letters_them():
    for group in ("A1", "A2", "A3", "A4", "A5"):
        letters = [leaf[-1] for leaf in risk_ids() if leaf.startswith(f"{group}.")]
        assert letters == list("abcdefghi")[: len(letters)]


def test_both_crosswalks_hold_together():
    kinds = [kind.id for kind in taxonomy().kinds]
    assert len([kind for kind in kinds if kind.startswith("E6.")]) == 11
    assert len([kind for kind in kinds if kind.startswith("E7.")]) == 9
    assert [kind for kind in kinds if not taxonomy().touched_by(kind)] == ["E7.3", "E7.9"]
    assert taxonomy().touched_by("E6.5") == ("A1.d",)
    assert set(taxonomy().touched_by("E7.6")) == {f"A2.{letter}" for letter in "abcdefghi"}


def test_floors_are_given_for_the_17_alone():
    assert [taxonomy().floor(leaf) for leaf in ("A1.a", "A2.i", "A3.a", "A5.b")] == [200, 100, None, None]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("- {id: A1.b,", "- {id: A1.a,", "risk 'A1.a' stands twice"),
        ("kinds: [E6.5]", "kinds: [E6.12]", "names the kind 'E6.12', which is not listed"),
        ("count: 29", "count: 28", "says 28 leaves, its groups have 29"),
        ("{id: A5.b,", "{id: A6.b,", "is of no group that is listed"),
        ("mark: D", "mark: Q", "mark"),
    ],
)
def test_what_is_wrong_is_told(old, new, told):
    with pytest.raises(ConfigError) as raised:
        read_taxonomy(TEXT.replace(old, new, 1).encode(), "risks.yaml")
    assert told in str(raised.value)


def test_a_scope_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(KeyError, match="did you mean"):
        risk_ids("gbt-4565")
    assert len(taxonomy_digest()) == 64
