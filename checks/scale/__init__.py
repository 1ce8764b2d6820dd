"""Scale and type: characters, tokens by the customer's tokenizer, kinds of content, different runs of words."""

from checks.scale.check import CELLS, DRAWN, FULL, LANGUAGES, Scale
from checks.scale.tokens import opened, use_tokenizer

__all__ = ["CELLS", "DRAWN", "FULL", "LANGUAGES", "Scale", "opened", "use_tokenizer"]
