"""Authenticity of records: marks of text that a machine wrote, labels that say so, and dates that cannot be."""

from checks.authenticity.check import Authenticity
from checks.authenticity.labels import LABEL_KEY, ImplicitLabel, labels_in, page_labels
from checks.authenticity.marks import CANDIDATE_KINDS, KINDS, marks_in

__all__ = [
    "CANDIDATE_KINDS",
    "KINDS",
    "LABEL_KEY",
    "Authenticity",
    "ImplicitLabel",
    "labels_in",
    "marks_in",
    "page_labels",
]
