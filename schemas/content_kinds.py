"""The closed list of kinds of content, and how the kind of a record came to be known."""

from typing import Final

UNKNOWN: Final = "unknown"
CONTENT_KINDS: Final = (
    "news", "encyclopaedia", "forum", "social", "book", "academic", "law", "government", "education", "code", "dialogue",
    "commerce", "other",
)  # fmt: skip
"""What a source may declare. `forum`: questions and answers too; `government`: notices and documents of authorities that are
no rules of law; `education`: questions of examinations and teaching; `commerce`: offers and advertising."""
KINDS: Final = (*CONTENT_KINDS, UNKNOWN)
"""Those and `unknown`: nobody declared one, and nothing in address or text tells."""
DECLARED, LAYOUT, ADDRESS, TEXT, NONE = METHODS = ("declared", "layout", "address", "text", "none")
"""By the registry; by the roles that the reader gave the record; by its URL; by cues in its text; by nothing (`unknown`)."""

FINE_TUNING: Final = "fine-tuning"
FINE_TUNING_LAYOUTS: Final = ("alpaca", "sharegpt", "openai-chat", "preference")
"""Layouts of `schemas.source_lists.LAYOUTS` whose records are turns, prompts or preferences; others hold text that may serve either stage."""
