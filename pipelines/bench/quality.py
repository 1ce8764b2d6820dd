"""`bench quality`: the quality counts against datatrove's filters and a pass of expressions in polars; decisions; languages.

Speed and decisions are the work of `quality_speed`, a program of its own on one core, in interleaved rounds; the accuracy of
the language check is measured here. The counts are those of every record (`signals: full`), whatever a run's setting.
"""

import json
from collections import Counter
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from checks.kernels.loading import absence
from checks.language import UNDETERMINED, Language
from pipelines.bench.figures import Result, result
from pipelines.bench.inputs import CORPORA
from pipelines.bench.licence_truth import batch
from pipelines.bench.used import python, use_of
from schemas.errors import RunError

LANGUAGES: Final = CORPORA.parent / "eval/language"
LEXICON: Final = "pipelines.bench.quality_lexicon"
"""What measures the lexicons: ``figures(quick)`` gives name -> (value, unit)."""
_NEVER_UNDER: Final = 5
Measured = dict[str, tuple[float, str]]


def bench(quick: bool = False) -> Result:
    """Measure; *quick*: little text, for a look and not for a verdict. Without ../shared/data no languages: `RunError`."""
    if (why := absence()) is not None:
        raise RunError(f"bench quality: the C kernel is not there: {why}")
    files = sorted(LANGUAGES.glob("*.txt"))
    if len(files) < _NEVER_UNDER:
        raise RunError(f"bench quality: {LANGUAGES} is not here; there is nothing to judge languages by")
    used = use_of(python("pipelines.bench.quality_speed", "quick" if quick else "whole"))
    told: dict[str, Any] = json.loads(used.output.strip().splitlines()[-1])
    measured: Measured = {name: (value, unit) for name, (value, unit) in told["figures"].items()}
    measured |= languages(files, 100 if quick else None)
    if find_spec(LEXICON) is not None:
        measured |= import_module(LEXICON).figures(quick)
    return result("quality", measured, f"{told['read']}; sentences of {len(files)} languages")


def languages(files: list[Path], most: int | None = None) -> Measured:
    """Share of sentences told rightly, of those told at all, and every confusion: ``language_de_as_nl``.

    *files*: one a language, a sentence a line. Chinese of either script is zh. What is left undetermined is no confusion.
    """
    check, told, right, total = Language(), 0, 0, 0
    confused, undetermined = Counter[str](), Counter[str]()
    for file in files:
        sentences = [line for line in file.read_text("utf-8").splitlines() if line.strip()][:most]
        columns = check.look(batch(sentences)).columns
        names = columns.column("language").to_pylist() if columns is not None else []
        found = Counter(name.partition("-")[0] for name in names)
        total += len(sentences)
        right += found[file.stem]
        told += len(sentences) - found[UNDETERMINED]
        undetermined[file.stem] += found[UNDETERMINED]
        confused.update(
            {f"{file.stem}_as_{name}": n for name, n in found.items() if name not in (file.stem, UNDETERMINED)}
        )
    return {
        "language_accuracy": (right / total, "share"),
        "language_precision": (right / told, "share"),
        "language_undetermined": (1 - told / total, "share"),
        **{f"language_undetermined_{name}": (n, "sentences") for name, n in sorted(undetermined.items()) if n},
        **{f"language_{name}": (n, "sentences") for name, n in sorted(confused.items())},
    }
