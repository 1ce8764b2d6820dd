"""A tokenizer.json whose every token is a run of word characters or of other signs, so that plain Python counts them too."""

import hashlib
import json
import re
from typing import Any

from checks.scale import Scale, use_tokenizer

TOKENIZER = json.dumps(
    {
        "version": "1.0",
        # What is counted is the whole text: truncation and padding that a file asks for must be off.
        "truncation": {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 50}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
                    "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [], "normalizer": None, "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {"type": "TemplateProcessing",
                           "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
                           "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
                           "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}},
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "[PAD]": 1, "[CLS]": 2}, "unk_token": "[UNK]"},
    }
).encode()  # fmt: skip


def tokens_in(text: str) -> int:
    """What that tokenizer makes of *text*: its pre-tokenizer's rule."""
    return len(re.findall(r"\w+|[^\w\s]+", text))


def kit_counting(**settings: Any) -> Scale:
    """The check `scale` with that tokenizer, kept for this process; it looks at every record unless *settings* say otherwise."""
    digest = hashlib.sha256(TOKENIZER).hexdigest()
    use_tokenizer(digest, lambda: TOKENIZER)
    return Scale(
        tokenizer=digest, tokenizer_name="kit.json", **{"drawn_ppm": 1_000_000, "tokens_ppm": 1_000_000, **settings}
    )
