"""What a record of labelling comes to: what is missing is named, errors and agreement are counted from its rows."""

import pytest

from schemas.labels import PARTS
from schemas.labels_told import FIGURES, NO_FIGURE
from tests.kit.labels import ANN, BO, CHEN, read, said, write


def standing(folder, change=None, rows=None, **more):
    record, problems = read(write(folder, change, rows), **more)
    assert problems == []
    return record.standing


def gaps(found):
    return sorted((gap.code, gap.what, gap.count) for gap in found.gaps)


def test_a_whole_record_has_no_gap_and_its_figures_are_those_of_its_rows(tmp_path):
    found = standing(tmp_path)
    assert gaps(found) == []
    measures = found.measures
    assert {name: measures[name] for name in ("tasks", "batches", "voided_batches", "labelled_items", "labels", "annotators")} == {
        "tasks": 2, "batches": 3, "voided_batches": 1, "labelled_items": 7, "labels": 13, "annotators": 3,
    }  # fmt: skip
    assert (measures["judged_items"], measures["wrong_items"], measures["items_not_relabelled"]) == (4, 1, 0)
    assert (measures["safety_items"], measures["safety_unreviewed"]) == (2, 0)
    q1 = found.batches[0]
    assert (q1.id, q1.done, q1.judged, q1.wrong) == ("q1", 4, 2, 1)
    assert q1.upper_ppm == measures["error_upper_ppm"] == 974_680  # 1 of 2 wrong: the root of .95
    people = {one.id: (one.done, one.judged, one.wrong) for one in found.annotators}
    assert people == {ANN: (7, 4, 1), BO: (6, 4, 0), CHEN: (0, 0, 0)}
    assert dict(q1.events) == {"check": 1}


def test_agreement_is_of_labels_alone_without_voided_batches_and_second_labels(tmp_path):
    qa, risk = standing(tmp_path).tasks
    # Four items by two: gg, bb, gb, bb. Nominal alpha: 1 - 7 * 2 / (3 * 5 * 2) = 16/30; Cohen: (3/4 - 1/2) / (1/2).
    assert (qa.items, qa.shared, qa.labels) == (4, 4, 8)
    assert [getattr(qa, name).ppm for name in FIGURES] == [533_333, 500_000, 466_666, 750_000, 625_000]
    assert {(getattr(qa, name).low_ppm, getattr(qa, name).high_ppm) for name in FIGURES} == {
        (None, None)
    }  # of four items
    assert (qa.replicates, qa.seed) == (0, 5)
    assert (risk.alpha.ppm, risk.alpha.low_ppm, risk.shared) == (1_000_000, None, 2)
    # Both of two agreed: with .975 fewer than 1 - sqrt(.025) of such items differ.
    assert (risk.raw.ppm, risk.raw.low_ppm, risk.raw.high_ppm) == (1_000_000, 158_113, 1_000_000)


def many(items, people=(ANN, BO)):
    """Items of q1 labelled by *people*; of each seven one is said otherwise by the last of them, of each five all say bad."""
    return [
        {"item": f"m{n}", "annotator": who, "batch": "q1", "time": "2026-03-02", "role": "label",
         "label": "good" if (n % 5 == 0) == (n % 7 == 0 and who == people[-1]) else "bad"}
        for n in range(items) for who in people
    ]  # fmt: skip


@pytest.mark.parametrize("people", [(ANN, BO), (ANN, BO, CHEN)])
def test_every_figure_of_agreement_has_its_interval_by_the_same_resamples(tmp_path, people):
    qa = standing(tmp_path, rows=many(60, people)).tasks[0]
    assert (qa.shared, qa.replicates, len(people)) == (60, 100, qa.annotators)
    for name in FIGURES:
        figure = getattr(qa, name)
        if name == "cohen" and len(people) > 2:
            assert figure == NO_FIGURE
        else:
            assert figure.low_ppm < figure.ppm < figure.high_ppm, name
    assert qa.raw.ppm == (60 - 9) * 1_000_000 // 60 if len(people) == 2 else qa.raw.ppm > 850_000
    assert standing(tmp_path, rows=many(60, people)[::-1]).tasks[0] == qa


def test_cohens_kappa_is_of_the_items_that_each_of_two_labelled_once(tmp_path):
    def accept(y):
        y["batches"][1].pop("voided")
        y["batches"][1].update(state="accepted")

    twice = [{**row, "batch": "q2", "label": "bad"} for row in many(30) if row["annotator"] == ANN][:4]
    held = standing(tmp_path, accept, [*many(30), *twice]).tasks[0]
    rest = standing(tmp_path, rows=[row for row in many(30) if row["item"] not in {one["item"] for one in twice}]).tasks[0]  # fmt: skip
    assert held.cohen.ppm == rest.cohen.ppm
    assert held.fleiss.ppm is None


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_rules_lack_is_named(tmp_path, part):
    found = standing(tmp_path, lambda y: y["rules"][0]["versions"][0]["covers"].pop(part))
    assert (part, "qa-rules 1.0", 1) in gaps(found)
    assert found.measures["rules_incomplete"] == 1


def test_risks_that_safety_rules_leave_out_are_named_by_their_leaves(tmp_path):
    def change(y):
        for leaf in ("A1.a", "A5.b"):
            y["rules"][1]["versions"][0]["risks"].pop(leaf)

    found = standing(tmp_path, change)
    assert next(gap.named for gap in found.gaps if gap.code == "risks") == ("A1.a", "A5.b")
    assert found.measures["risks_unmapped"] == 2


@pytest.mark.parametrize(
    ("change", "gap", "measure"),
    [
        (lambda y: y["batches"][0].update(rules_version="9"), ("no-version", "q1", 1), "rules_not_in_force"),
        (lambda y: y["rules"][0]["versions"][0].update({"until": "2026-03-01"}), ("not-in-force", "q1", 1), "rules_not_in_force"),
        (lambda y: y["batches"][0].update({"until": "2025-12-31", "from": "2025-12-01"}), ("not-in-force", "q1", 1), "rules_not_in_force"),
        (lambda y: y["rules"][0]["versions"][0].pop("review"), ("review", "qa-rules 1.0", 1), "rules_without_review"),
        (lambda y: y["batches"][0].update(illegal_found=True), ("to-void", "q1", 1), "batches_to_void"),
        (lambda y: y["batches"][0].pop("illegal_found"), ("illegal-not-stated", "q1", 1), "batches_to_void"),
        (lambda y: y["supervision"].pop(0), ("unsupervised", "q1", 1), "batches_unsupervised"),
        (lambda y: y["tasks"][0].update(agreement_least_ppm=800_000), ("low-agreement", "qa", 1), "tasks_of_low_agreement"),
        (lambda y: y["tasks"][0].update(error_most_ppm=50_000), ("many-errors", "q1", 1), "batches_of_many_errors"),
        (lambda y: y["tasks"][0].update(values=["good"]), ("unknown-label", "qa", 5), None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_rules_batches_and_tasks_is_named(tmp_path, change, gap, measure):
    found = standing(tmp_path, change)
    assert gap in gaps(found)
    assert measure is None or found.measures[measure] >= 1


def without(role=None, batch=None):
    return [row for row in said() if (row["role"], row["batch"]) != (role, batch)]


def test_a_functional_batch_of_which_nobody_else_reviewed_an_item_is_unsampled(tmp_path):
    found = standing(tmp_path, rows=without("review", "q1"))
    assert ("unsampled", "q1", 1) in gaps(found)
    assert found.batches[0].upper_ppm == 1_000_000
    own = [{**row, "annotator": ANN} if row["role"] == "review" and row["batch"] == "q1" else row for row in said()]
    found = standing(tmp_path, rows=own)  # who reviews what they labelled reviews nothing
    assert ("unsampled", "q1", 1) in gaps(found)
    assert ("both-roles", ANN, 1) in gaps(found)
    assert ("no-role", ANN, 2) in gaps(found)


def test_every_safety_item_needs_a_reviewer(tmp_path):
    found = standing(tmp_path, rows=[row for row in said() if (row["item"], row["role"]) != ("s2", "review")])
    assert ("unreviewed", "s1", 1) in gaps(found)
    assert found.measures["safety_unreviewed"] == 1


def test_a_safety_batch_without_rows_leaves_the_unreviewed_items_unknown(tmp_path):
    found = standing(tmp_path, rows=[*without("label", "s1")][:1] + [row for row in said() if row["batch"] != "s1"])
    assert ("no-rows", "s1", 1) in gaps(found)
    assert found.measures["safety_unreviewed"] is None


def test_a_wrong_item_is_relabelled_as_the_review_says(tmp_path):
    rows = [{**row, "label": "good"} if row["role"] == "relabel" else row for row in said()]
    assert ("not-relabelled", "q1", 1) in gaps(standing(tmp_path, rows=rows))


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        (lambda y: y["annotators"].pop(1), ("no-record", BO, 6)),
        (lambda y: y["annotators"][1].update(roles=["reviewer"]), ("no-role", BO, 6)),
        (lambda y: y["annotators"][1].pop("training"), ("no-training", BO, 6)),
        (lambda y: y["annotators"][1]["training"][0].update(on="2026-03-03"), ("no-training", BO, 6)),
        (lambda y: y["annotators"][1]["training"][0].pop("law"), ("no-law", BO, 6)),
        (lambda y: y["annotators"][1]["examinations"][0].update(passed=False), ("no-examination", BO, 6)),
        (lambda y: y["annotators"][1]["examinations"][0].update(expires="2026-03-01"), ("no-examination", BO, 6)),
        (lambda y: y["supervision"].append({"on": "2026-03-02", "event": "suspension", "by": CHEN, "annotator": BO}), ("suspended", BO, 6)),
    ],
)  # fmt: skip
def test_labels_of_annotators_who_were_not_qualified_that_day_are_counted(tmp_path, change, gap):
    found = standing(tmp_path, change)
    assert gap in gaps(found)
    assert found.measures["unqualified_labels"] == 6


def test_a_passed_re_examination_ends_a_suspension_and_a_failed_one_does_not(tmp_path):
    def events(passed):
        return lambda y: y["supervision"].extend([
            {"on": "2026-02-01", "event": "suspension", "by": CHEN, "annotator": BO},
            {"on": "2026-02-09", "event": "re-examination", "by": CHEN, "annotator": BO, "passed": passed},
        ])  # fmt: skip

    assert standing(tmp_path, events(True)).measures["unqualified_labels"] == 0
    assert ("suspended", BO, 6) in gaps(standing(tmp_path, events(False)))


def test_a_model_needs_no_examination_but_its_labels_count(tmp_path):
    def change(y):
        y["annotators"][1] = {"id": BO, "roles": ["labeller"], "model": {"name": "judge-7B", "version": "2"}}

    assert standing(tmp_path, change).measures["unqualified_labels"] == 0


def test_labels_of_both_kinds_in_one_file_are_told(tmp_path):
    path = write(tmp_path)
    one = tmp_path / "rows" / "functional.jsonl"
    one.write_text(one.read_text() + (tmp_path / "rows" / "safety.jsonl").read_text())
    (tmp_path / "rows" / "safety.jsonl").unlink()
    record, _ = read(path)
    assert ("mixed-file", "file 1", 1) in gaps(record.standing)


def test_rows_without_a_day_and_of_no_batch_are_told(tmp_path):
    rows = [{**row, "time": None} if row["item"] == "i1" else row for row in said()]
    rows.append({**rows[0], "batch": "elsewhere"})
    found = standing(tmp_path, rows=rows)
    assert ("undated", "q1", 3) in gaps(found)
    assert ("unplaced", "rows", 1) in gaps(found)


def test_the_later_of_two_labels_of_one_person_counts_and_order_changes_nothing_else(tmp_path):
    rows = said()
    twice = standing(tmp_path, rows=[{**rows[0], "label": "bad"}, *rows])
    assert twice.measures == standing(tmp_path, rows=rows).measures
    turned = standing(tmp_path, rows=rows[::-1])
    assert turned == standing(tmp_path, rows=rows)


def test_too_many_values_and_values_that_are_no_numbers_leave_no_agreement(tmp_path):
    found = standing(tmp_path, lambda y: (y["tasks"][0].pop("values"), y["tasks"][0].update(scale="interval")))
    assert ("no-agreement", "qa", 1) in gaps(found)
    assert found.tasks[0].alpha.ppm is None
