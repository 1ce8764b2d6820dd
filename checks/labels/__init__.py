"""Items of voided batches of labels, sought among the records: labelling that was thrown out must not be trained on."""

from checks.labels.check import Labels
from checks.labels.index import CONTENT, ENTRIES, ITEM, KINDS, entries_of, use_voided

__all__ = ["CONTENT", "ENTRIES", "ITEM", "KINDS", "Labels", "entries_of", "use_voided"]
