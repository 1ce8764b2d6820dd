"""What `bench licence` judges by: Debian's licence notices with their maintainers' labels, and the check's answers to texts."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import yaml

from checks.licence import Licence
from pipelines.bench.inputs import CORPORA
from schemas.record import RECORD

DEBIAN: Final = CORPORA.parent / "eval/licence/debian_dep5_truth.jsonl"
_BATCH: Final = 512
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_OPERATORS: Final = frozenset(("AND", "OR"))
_LATER: Final = re.compile(r"-(?:only|or-later)\Z")


class Labelled(NamedTuple):
    """A text and the SPDX ids that it stands for."""

    text: str
    truth: frozenset[str]


class Answer(NamedTuple):
    """What the check decided of a text. *licence*: an SPDX expression, None where it has none; *found*: its evidence."""

    licence: str | None
    licence_class: str
    found: int

    @property
    def row(self) -> str:
        """What schemas/licences.yaml is asked for: the expression, else the class."""
        return self.licence or self.licence_class


def debian(corrected: bool = True) -> tuple[Labelled, ...]:
    """The notices, in the file's order. *corrected*: with the labels of `licence_gold.yaml`.

    Raises ``ValueError`` where a text is not the one that was corrected.
    """
    told = {each["path"]: each for each in corrections()} if corrected else {}
    found = []
    with DEBIAN.open(encoding="utf-8") as lines:
        for line in lines:
            each = json.loads(line)
            change = told.get(each["path"])
            if change is not None and hashlib.sha256(each["text"].encode()).hexdigest() != change["sha256"]:
                raise ValueError(f"{each['path']}: not the text that licence_gold.yaml corrects; take that line out")
            found.append(Labelled(each["text"], frozenset((change or {}).get("truth", each["spdx_truth"]))))
    return tuple(found)


def corrections() -> list[dict[str, Any]]:
    """The labels that are corrected, each with its reason."""
    told = yaml.safe_load(resources.files(__package__).joinpath("licence_gold.yaml").read_text(encoding="utf-8"))
    listed: list[dict[str, Any]] = told["corrections"]
    return listed


def answers(texts: Sequence[str], check: Licence | None = None) -> list[Answer]:
    """What the check decides of each text, as a run would: a record of a source that declares nothing, with nothing but its text."""
    looked, found = check or Licence(), list[Answer]()
    for first in range(0, len(texts), _BATCH):
        columns = looked.look(batch(texts[first : first + _BATCH])).columns
        if columns is None:
            raise ValueError("check licence gives no columns; without them there is nothing to judge")
        found += [
            Answer(*each)
            for each in zip(
                *(columns.column(name).to_pylist() for name in ("licence", "licence_class", "evidence_count")),
                strict=True,
            )
        ]
    return found


def batch(texts: Sequence[str]) -> pa.RecordBatch:
    """A batch of records with these texts and nothing else."""
    rows = pa.array(range(len(texts)), pa.uint32())
    columns = [
        rows if f.name == "row" else pa.array(texts, f.type) if f.name == "text" else
        pa.nulls(len(texts), f.type) if f.nullable else pa.array(np.zeros(len(texts), np.int64), f.type) for f in RECORD
    ]  # fmt: skip
    return pa.RecordBatch.from_arrays(columns, schema=RECORD)


def ids(expression: str | None) -> frozenset[str]:
    """The SPDX ids in an expression; of `X WITH exception` X."""
    if not expression:
        return frozenset()
    return frozenset(_ID.findall(re.sub(r" WITH \S+", "", expression))) - _OPERATORS


def families(of: Iterable[str]) -> frozenset[str]:
    """The same without -only and -or-later."""
    return frozenset(_LATER.sub("", each) for each in of)
