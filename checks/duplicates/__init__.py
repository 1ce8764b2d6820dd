"""Copies: what every record is known by (content id, folded terms, signature, bands), so that copies are found wherever they lie."""

from checks.duplicates.check import Duplicates
from checks.duplicates.content import BANDS, CONTENT_ID_BYTES, bands, content_ids
from checks.duplicates.parts import PARTS
from checks.duplicates.sketches import SIGNATURE_BYTES, scheme_of, sketch_type

__all__ = [
    "BANDS", "CONTENT_ID_BYTES", "PARTS", "SIGNATURE_BYTES", "Duplicates", "bands", "content_ids", "scheme_of",
    "sketch_type",
]  # fmt: skip
