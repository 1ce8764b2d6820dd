"""Answers about a use are a lattice; rows made of rows keep their alternatives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.uses import (
    AXES,
    MOST_CHOICES,
    UNKNOWN,
    USES,
    Answer,
    Row,
    all_of,
    any_of,
    both,
    chosen,
    duties_of,
    either,
    no_more_permissive,
    unknown,
)

ANSWERS = st.one_of(
    st.sampled_from([Answer("allow"), Answer("deny"), UNKNOWN]),
    st.sets(st.sampled_from("abcd"), max_size=4).map(lambda duties: Answer("conditional", tuple(sorted(duties)))),
)
ROWS = st.builds(
    lambda name, answers: Row(name, dict(zip(AXES, answers, strict=True)), "s", "M", "t"),
    st.sampled_from("PQRSTUVW"),
    st.lists(ANSWERS, min_size=len(AXES), max_size=len(AXES)),
)


@given(ANSWERS, ANSWERS, ANSWERS)
def test_both_and_either_are_meet_and_join_of_a_distributive_lattice(a, b, c):
    for fold in (both, either):
        assert fold(a, a) == a
        assert fold(a, b) == fold(b, a)
        assert fold(fold(a, b), c) == fold(a, fold(b, c))
    assert both(a, either(a, b)) == a == either(a, both(a, b))
    assert both(a, either(b, c)) == either(both(a, b), both(a, c))
    assert both(a, Answer("allow")) == a == either(a, Answer("deny"))
    assert no_more_permissive(both(a, b), a)
    assert no_more_permissive(a, either(a, b))
    assert no_more_permissive(a, b) == (either(a, b) == b)


@given(ANSWERS)
def test_unknown_never_becomes_permission_by_what_binds_beside_it(a):
    assert both(a, UNKNOWN).value in ("unknown", "deny")
    assert both(a, Answer("deny")) == Answer("deny")


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("allow", "conditional(x)", "conditional(x)", "allow"),
        ("conditional(x)", "conditional(y)", "conditional(x+y)", "conditional"),
        ("conditional(x+y)", "conditional(y)", "conditional(x+y)", "conditional(y)"),
        ("conditional(x)", "unknown", "unknown", "conditional(x)"),
        ("unknown", "deny", "deny", "unknown"),
    ],
)
def test_answers_by_hand(one, other, least, most):
    a, b = (
        Answer(t.partition("(")[0], tuple(t.partition("(")[2].rstrip(")").split("+")) if "(" in t else ())
        for t in (one, other)
    )
    assert str(both(a, b)) == least
    assert str(either(a, b)) == most


@given(st.lists(ROWS, min_size=1, max_size=4, unique_by=lambda row: row.id))
def test_a_row_of_rows_is_what_its_parts_come_to_on_every_axis(rows):
    binding, free = all_of(rows), any_of(rows)
    for axis in AXES:
        answers = [row.answers[axis] for row in rows]
        low = high = answers[0]
        for answer in answers[1:]:
            low, high = both(low, answer), either(high, answer)
        assert binding.answers[axis] == low
        assert free.answers[axis] == high
        assert max(one.answers[axis].rank for one in free.options()) == high.rank


@given(st.lists(ROWS, min_size=3, max_size=3, unique_by=lambda row: row.id), st.sampled_from(USES))
def test_what_is_chosen_is_one_whole_licence_and_brings_all_its_duties(rows, use):
    a, b, c = rows
    free = any_of([a, b])
    picked = chosen(free, use)
    assert picked in (a, b)
    assert picked.answers[use].rank == max(a.answers[use].rank, b.answers[use].rank)
    assert set(picked.answers[use].duties) <= set(duties_of(picked, use))
    spread = all_of([free, c])
    by_hand = any_of([all_of([a, c]), all_of([b, c])])
    assert spread.answers == by_hand.answers
    named, by_name = ({frozenset(one.id.split(" AND ")) for one in row.options()} for row in (spread, by_hand))
    assert named == by_name == {frozenset((a.id, c.id)), frozenset((b.id, c.id))}


def test_of_equals_the_one_with_the_fewest_duties_is_chosen_then_by_name():
    base = dict.fromkeys(AXES, Answer("allow"))
    heavy = Row("A", {**base, "attribution": Answer("conditional", ("x", "y"))}, "", "M", "")
    light = Row("B", {**base, "attribution": Answer("conditional", ("x",))}, "", "M", "")
    assert chosen(any_of([heavy, light]), "train").id == "B"
    assert chosen(any_of([Row("D", base, "", "M", ""), Row("C", base, "", "M", "")]), "train").id == "C"


def test_beyond_the_alternatives_that_are_worked_out_a_denial_stands_and_nothing_is_permitted():
    base = dict.fromkeys(AXES, Answer("allow"))
    pairs = [any_of([Row(f"A{i}", base, "", "M", ""), Row(f"B{i}", base, "", "M", "")]) for i in range(7)]
    assert 2 ** len(pairs) > MOST_CHOICES
    assert set(all_of(pairs).answers.values()) == {UNKNOWN}
    denied = Row("N", {**base, "train": Answer("deny")}, "", "M", "")
    assert all_of([*pairs, denied]).answers["train"] == Answer("deny")
    many = [Row(f"C{i}", base, "", "M", "") for i in range(MOST_CHOICES + 1)]
    assert any_of(many[:-1]).answers["train"] == Answer("allow")
    assert any_of(many).answers["train"] == UNKNOWN


def test_of_no_licence_everything_is_unknown():
    assert all_of([]).answers == any_of([]).answers == unknown("").answers == dict.fromkeys(AXES, UNKNOWN)
