"""The closed lists of words that a source's YAML may use."""

from typing import Final

CLASSES: Final = ("open-source", "self-collected", "commercial", "user-input", "own-production", "synthetic")
CATEGORIES: Final = (
    "public-dataset", "licensed", "third-party-private", "web-crawl", "user-interaction", "user-service", "synthetic",
    "own-labelled", "other",
)  # fmt: skip  # EU AI Act Art. 53(1)(d) template
STAGES: Final = ("pre-training", "fine-tuning")
FORMATS: Final = ("auto", "jsonl", "csv", "parquet", "arrow", "warc", "wet", "text", "markdown", "code")
LAYOUTS: Final = ("plain", "alpaca", "sharegpt", "openai-chat", "preference")
REVIEW_DECISIONS: Final = ("approved", "rejected", "pending")
PERSONAL_BASES: Final = (
    "consent", "contract", "legal-duty", "emergency", "news-supervision", "lawfully-published", "other-law",
)  # fmt: skip  # PIPL Art. 13(1)-(7), in its order
LABELLING_METHODS: Final = ("human", "model", "hybrid", "none")
ORIGINS: Final = ("domestic", "foreign", "mixed")
CONFIDENTIALITY: Final = ("clear", "green", "amber", "red")
GRADES: Final = ("general", "important", "core", "undetermined")
"""Of data security law (PRC Data Security Law Art. 21): general, important, core data; `undetermined` is written, not assumed."""
