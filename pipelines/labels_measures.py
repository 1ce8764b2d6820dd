"""What the record of labelling counts, as policy may bound it; told of the run alone but for labelled_items."""

from typing import Final

from checks.base import Measure

LABELLING: Final = (
    Measure("tasks", "tasks", "tasks of labelling that the record declares; of the run alone, as all that follow but labelled_items"),
    Measure("batches", "batches", "batches that it declares, voided ones too"),
    Measure("voided_batches", "batches", "of these, voided ones"),
    Measure("labelled_items", "labelled items", "items with at least one label, once in each batch; of a source, those of the tasks that name it"),
    Measure("labels", "labels", "labels, reviews and second labels apart; of one annotator on one item the last"),
    Measure("annotators", "annotators", "annotators who are declared or labelled, models too"),
    Measure("rules_incomplete", "rules", "versions of rules in use that lack goal, data format, method or quality indicators"),
    Measure("rules_without_review", "rules", "versions of rules in use that do not say how labels are reviewed"),
    Measure("risks_unmapped", "risks", "of the 31 risks of TC260-003 Appendix A, those that a version of safety rules in use does not deal with; the most of any version"),
    Measure("rules_not_in_force", "batches", "batches that name no declared version of the rules, or one that was not in force on every day of theirs, or whose labels have no day"),
    Measure("role_conflicts", "annotators", "annotators who both label and review in one task, once a task"),
    Measure("unqualified_labels", "labels", "labels and reviews of annotators who on that day were not declared, not in that role, without training that names its part of the law, without a passed examination that still counts, or suspended; models need role alone"),
    Measure("batches_unsampled", "batches", "batches of functional labelling, not voided, of which no item was reviewed by a person who did not label it"),
    Measure("judged_items", "labelled items", "items of batches not voided that a person who did not label them reviewed"),
    Measure("wrong_items", "labelled items", "of these, items with a label that differs from the review"),
    Measure("error_upper_ppm", "ppm", "of the functional batches that were sampled, the greatest one-sided Clopper-Pearson upper bound (95 %) of the share of wrong items"),
    Measure("items_not_relabelled", "labelled items", "wrong items without a second label that agrees with the review"),
    Measure("batches_to_void", "batches", "functional batches, not voided, in which unlawful content was found, or of which the record does not say whether it was"),
    Measure("batches_without_rows", "batches", "batches, not voided, without a label in the files"),
    Measure("batches_unsupervised", "batches", "batches without a check among the events of supervision"),
    Measure("batches_of_many_errors", "batches", "batches whose upper bound of errors is above the task's own target"),
    Measure("safety_items", "labelled items", "items of safety labelling in batches not voided"),
    Measure("safety_unreviewed", "labelled items", "of these, items that nobody but those who labelled them reviewed"),
    Measure("tasks_without_agreement", "tasks", "tasks whose agreement cannot be worked out: no item has two labels, all labels are one, or there are too many values"),
    Measure("tasks_of_low_agreement", "tasks", "tasks with a Krippendorff alpha below their own target"),
    Measure("mixed_files", "files", "files that hold functional and safety labels together"),
    Measure("labels_unplaced", "labels", "rows of a batch that is not declared"),
    Measure("labels_unknown", "labels", "labels that their task does not declare"),
)  # fmt: skip
"""Measures beside those of the check `labels`; None where no record of labelling was given, or it says nothing for certain."""
