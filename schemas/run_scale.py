"""The part of run.yaml on scale: the tokenizer that tokens are counted with."""

from dataclasses import dataclass
from typing import Annotated

from schemas.yaml_shape import Choice, Text


@dataclass(frozen=True)
class TokenizerFile:
    """The tokenizer of the model that is trained.

    *path*: a `tokenizer.json` of this machine, as Hugging Face's `tokenizers` writes it; its bytes stay in the run's work
    folder, the manifest holds name and digest. *share*: tokens are counted in a ``drawn`` share of the texts and estimated for
    all with an interval, or in ``full``, in every record.
    """

    path: Text
    share: Annotated[str, Choice(("drawn", "full"))] = "drawn"

    @classmethod
    def from_text(cls, text: str) -> "TokenizerFile":
        """``tokenizer: models/tokenizer.json``."""
        return cls(text)
