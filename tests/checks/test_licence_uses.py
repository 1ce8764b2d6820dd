"""What expressions permit: goldens by hand, and laws: AND never adds a permission, OR never takes one, unknown is no permission."""

from functools import reduce

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks.licence.names import ALIASES, OWN
from checks.licence.uses import AXES, USES, Row, chosen, duties_of, more_permissive, resolve, resolve_in, table
from schemas.uses import both, either, no_more_permissive

# train, fine_tune, commercial_service, redistribute, derive | attribution, share_alike, non_commercial, academic_only,
# no_compete, field_of_use, user_cap, territory
GOLDEN = [
    ("MIT", "allow allow allow conditional(keep-notices) conditional(keep-notices)",
     "conditional(keep-notices) allow allow allow allow allow allow allow"),
    ("CC0-1.0", "allow allow allow allow allow", "allow allow allow allow allow allow allow allow"),
    ("CC-BY-4.0", "allow allow allow conditional(credit) conditional(credit+indicate-changes)",
     "conditional(credit+indicate-changes) allow allow allow allow allow allow allow"),
    ("CC-BY-SA-4.0", "conditional(share-alike) conditional(share-alike) conditional(share-alike) conditional(credit+share-alike) "
     "conditional(credit+indicate-changes+share-alike)",
     "conditional(credit+indicate-changes) conditional(share-alike) allow allow allow allow allow allow"),
    ("CC-BY-NC-4.0", "conditional(non-commercial-purpose) conditional(non-commercial-purpose) deny "
     "conditional(credit+non-commercial-purpose) conditional(credit+indicate-changes+non-commercial-purpose)",
     "conditional(credit+indicate-changes) allow deny allow allow allow allow allow"),
    ("CC-BY-ND-4.0", "unknown unknown unknown conditional(credit+unchanged) deny",
     "conditional(credit) allow allow allow allow allow allow allow"),
    ("GPL-2.0-only", "conditional(copyleft) conditional(copyleft) conditional(copyleft) conditional(copyleft+keep-notices) "
     "conditional(copyleft+keep-notices)", "conditional(keep-notices) conditional(copyleft) allow allow allow allow allow allow"),
    ("Apache-2.0 AND CC-BY-NC-4.0", "conditional(non-commercial-purpose) conditional(non-commercial-purpose) deny "
     "conditional(credit+keep-notices+non-commercial-purpose) conditional(credit+indicate-changes+keep-notices+non-commercial-purpose)",
     "conditional(credit+indicate-changes+keep-notices) allow deny allow allow allow allow allow"),
    ("MIT OR GPL-2.0-only", "allow allow allow conditional(keep-notices) conditional(keep-notices)",
     "conditional(keep-notices) allow allow allow allow allow allow allow"),
    ("GPL-2.0-only WITH Classpath-exception-2.0", "conditional(copyleft) conditional(copyleft) conditional(copyleft) "
     "conditional(copyleft+keep-notices) conditional(copyleft+keep-notices)",
     "conditional(keep-notices) conditional(copyleft) allow allow allow allow allow allow"),
    ("LicenseRef-contract", "unknown unknown unknown unknown unknown", "unknown unknown unknown unknown unknown unknown unknown unknown"),
    ("no-repost", "deny deny deny deny deny", "unknown unknown unknown unknown unknown unknown unknown unknown"),  # 未经授权不得转载
    ("no-training", "deny deny deny unknown unknown", "unknown unknown unknown unknown unknown unknown unknown unknown"),  # 禁止用于训练
    ("repost-with-attribution", "unknown unknown unknown conditional(credit) unknown",
     "conditional(credit) unknown unknown unknown unknown unknown unknown unknown"),  # 转载请注明出处
    ("study-only", "conditional(research-purpose) conditional(research-purpose) deny unknown unknown",
     "unknown unknown deny conditional(research-purpose) unknown conditional(research-purpose) unknown unknown"),  # 仅供学习研究
    ("LicenseRef-Llama-2", "deny deny deny conditional(acceptable-use+keep-notices) conditional(acceptable-use+keep-notices)",
     "conditional(display-notice) allow allow allow deny conditional(acceptable-use) conditional(user-cap-700m) allow"),
    ("LicenseRef-OpenAI", "deny deny deny unknown unknown", "unknown allow unknown allow deny conditional(acceptable-use) unknown unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "uses", "limits"), GOLDEN, ids=[g[0] for g in GOLDEN])
def test_golden(expression, uses, limits):
    said = [str(resolve(expression).answers[axis]) for axis in AXES]
    assert said == [*uses.split(), *limits.split()]


@pytest.mark.parametrize("nothing", [None, "", "  ", "NONE", "NOASSERTION", "other", "no-such-licence", "LicenseRef-ours", "((", "MIT AND", "MIT/BSD", "Apache License, Version 2.0", "\ud800", "未经授权不得转载", "MIT OR " * 400 + "MIT"])  # fmt: skip
def test_what_is_not_known_or_cannot_be_read_is_unknown_on_every_axis_and_no_error(nothing):
    assert {answer.value for answer in resolve(nothing).answers.values()} == {"unknown"}


def test_an_exception_of_the_spdx_list_keeps_the_base_and_any_other_is_unknown():
    assert resolve("GPL-3.0-only WITH GCC-exception-3.1").answers == resolve("GPL-3.0-only").answers
    assert resolve("GPL-3.0-only WITH GCC-exception-3.1").id == "GPL-3.0-only WITH GCC-exception-3.1"
    for other in (
        "MIT WITH LicenseRef-scancode-commons-clause",
        "MIT WITH LicenseRef-our-exception",
        "MIT WITH Apache-2.0",
    ):
        assert resolve(other).answers["train"].value == "unknown", other


@pytest.mark.parametrize(
    ("written", "row"),
    [("GPL-2.0", "GPL-2.0-only"), ("GPL-2.0+", "GPL-2.0-or-later"), ("mit", "MIT"), ("MPL-2.0+", "MPL-2.0")],
)
def test_older_and_other_spellings_resolve(written, row):
    assert resolve(written).answers == resolve(row).answers


def test_of_licences_to_choose_from_one_is_chosen_whole_for_each_use():
    row = resolve("GPL-3.0-only OR CC-BY-NC-4.0")
    assert [one.id for one in row.choices] == ["GPL-3.0-only", "CC-BY-NC-4.0"]
    service = chosen(row, "commercial_service")
    assert service.id == "GPL-3.0-only"
    assert duties_of(service, "commercial_service") == ("copyleft", "keep-notices")
    # On each axis alone the best of both would be free of share-alike, which no choice of the two is.
    assert row.answers["share_alike"].value == "allow"


ATOMS = ["MIT", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "GPL-2.0-only", "Apache-2.0", "AGPL-3.0-only",
         "ODbL-1.0", "LicenseRef-contract", "LicenseRef-no-repost", "LicenseRef-Llama-3", "LicenseRef-Gemma", "LicenseRef-nowhere"]  # fmt: skip
EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.builds(lambda a, word, b: f"({a}) {word} ({b})", inner, st.sampled_from(["AND", "OR"]), inner),
    max_leaves=5,
)


@given(EXPRESSIONS, EXPRESSIONS)
@settings(deadline=None)
@example("LicenseRef-no-repost", "MIT OR LicenseRef-nowhere")
def test_a_further_and_never_adds_a_permission_and_a_further_or_never_takes_one(a, b):
    left = resolve(a)
    narrowed, widened = resolve(f"({a}) AND ({b})"), resolve(f"({a}) OR ({b})")
    assert more_permissive(narrowed, left) == ()
    assert more_permissive(left, widened) == ()
    for axis in AXES:
        assert no_more_permissive(narrowed.answers[axis], left.answers[axis])
        assert no_more_permissive(left.answers[axis], widened.answers[axis])
    for use in USES:
        assert chosen(narrowed, use).answers[use].rank <= chosen(left, use).answers[use].rank
        assert chosen(left, use).answers[use].rank <= chosen(widened, use).answers[use].rank


@given(EXPRESSIONS, EXPRESSIONS)
@settings(deadline=None)
def test_expressions_are_worked_out_axis_by_axis_as_the_lattice_says(a, b):
    for word, fold in (("AND", both), ("OR", either)):
        row = resolve(f"({a}) {word} ({b})")
        for axis in AXES:
            assert row.answers[axis] == fold(resolve(a).answers[axis], resolve(b).answers[axis])
            assert row.answers[axis] == reduce(either, (one.answers[axis] for one in row.options()))


@given(EXPRESSIONS)
@settings(deadline=None)
def test_beside_what_is_unknown_nothing_is_permitted(expression):
    for row in (resolve(f"({expression}) AND LicenseRef-nowhere"), resolve(f"LicenseRef-contract AND ({expression})")):
        assert {answer.value for answer in row.answers.values()} <= {"unknown", "deny"}


def test_more_permissive_names_the_axes_and_only_in_one_direction():
    mit, nc = resolve("MIT"), resolve("CC-BY-NC-4.0")
    assert more_permissive(mit, nc) == ("train", "fine_tune", "commercial_service", "non_commercial")
    assert more_permissive(nc, mit) == ()
    assert more_permissive(resolve("CC-BY-4.0"), resolve("no-repost"))[:5] == USES
    assert more_permissive(resolve(None), resolve("no-repost")) == USES
    assert more_permissive(resolve("MIT"), resolve("MIT")) == ()


def test_every_own_term_of_the_licence_check_has_a_row():
    terms = {*OWN, *(name for name in ALIASES.values() if not name.startswith("<"))}
    missing = [name for name in sorted(terms) if resolve(name).table == ""]
    assert missing == []


def test_a_customers_rows_do_not_stick_to_the_shipped_table(tmp_path):
    path = tmp_path / "ours.yaml"
    path.write_text(
        'table: ours\nversion: "1"\ncounsel: not reviewed\nlicences:\n  - {ids: [MIT], terms: withheld, source: s, mark: H}\n'
    )
    ours = table(path)
    assert resolve_in(ours, "MIT OR CC-BY-NC-4.0").answers["commercial_service"].value == "deny"
    assert resolve("MIT").answers["train"].value == "allow"
    assert table() is table()
    assert isinstance(resolve("MIT"), Row)
