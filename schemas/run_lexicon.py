"""The part of run.yaml on risks: the keyword library that a run seeks, and the classifier that a person lets see samples."""

from dataclasses import dataclass
from typing import Annotated

from schemas.yaml_shape import Bounds, Text


@dataclass(frozen=True)
class KeywordLibrary:
    """The keyword library that candidates of risks are sought by.

    *file*: a file of this machine that `corpusledger lexicon import` made. Its words stay in the run's work folder.
    """

    file: Text

    @classmethod
    def from_text(cls, text: str) -> "KeywordLibrary":
        """``keywords: lexicons/library.jsonl``."""
        return cls(text)


@dataclass(frozen=True)
class ScorerFile:
    """A classifier of risks that `corpusledger lexicon score` shows samples and candidates of a sealed run, never a run itself.

    *file*: a Python file of this machine; *sample*: records of each source, and as many candidates; *threshold_ppm*: of a score.
    """

    file: Text
    sample: Annotated[int, Bounds(1, 1_000_000)] = 500
    threshold_ppm: Annotated[int, Bounds(0, 1_000_000)] = 500_000

    @classmethod
    def from_text(cls, text: str) -> "ScorerFile":
        """``scorer: scorers/risks.py``."""
        return cls(text)
